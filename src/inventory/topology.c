// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/inventory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/netlink.h"
#include "inventory_priv.h"

/* What one reading needs; the topology grows in it. */
struct reading {
	const struct nfp_sysroot *root;
	struct nfp_nl *nl;
	const char *only; /* this PF's VFs; empty: all */
	struct nfp_usectx use;
	struct nfp_promisc_sockets sockets;
	struct nfp_topology t;
};

/* What devlink does not tell, a list can do without, and a probe of legacy mode can, too. */
static void read_devlink(struct reading *rd, struct nfp_pf *pf)
{
	struct nfp_err why = {0};
	int r = nfp_devlink_eswitch(pf->bus, pf->info.parentdev, &pf->info, &why);

	/* Whether a refusal to tell the mode forbids a probe is for nfp_pf_check to say. */
	pf->eswitch_errno = -r;
	if (r < 0 && r != -EPERM && r != -EOPNOTSUPP && rd->only[0])
		nfp_strv_addf(&rd->t.warnings, "%s; legacy mode is assumed", why.message);
	/* What ethtool said of the firmware stands where devlink says nothing. */
	r = nfp_devlink_firmware(pf->bus, pf->info.parentdev, &pf->info, &why);
	if (r < 0 && r != -EPERM && rd->only[0])
		nfp_strv_addf(&rd->t.warnings, "%s", why.message);
}

static int read_pf(struct reading *rd, const struct nfp_link *link, bool in_detail,
		   struct nfp_pf *pf, struct nfp_err *err)
{
	const struct nfp_rt_dev dev = {link->ifindex, link->ifname};
	struct nfp_vf_attr *attrs = NULL;
	size_t num = 0;
	int r = nfp_topo_fill_pf(rd->root, rd->t.links, rd->t.num_links, link, pf);

	if (r < 0)
		return nfp_err_errno(err, r, NFP_E_KERNEL, "cannot read the device of %s",
				     link->ifname);
	nfp_ethtool_drvinfo(link->ifname, &pf->info);
	nfp_promisc_words(&rd->use, &rd->sockets, link, pf->promisc_by, sizeof(pf->promisc_by));
	if (!in_detail)
		return 0;
	pf->l2_fwd_offload = nfp_ethtool_feature(link->ifname, "l2-fwd-offload");
	read_devlink(rd, pf);
	/* More VFs than this kernel can list: they are shown without what their PF says of them. */
	r = nfp_vf_attrs_read(rd->nl, &dev, &attrs, &num, err);
	if (r < 0 && r != -EMSGSIZE)
		return r;
	for (size_t i = 0; i < pf->num_vfs; i++) {
		struct nfp_vf_info *vf = &pf->vfs[i];

		/* By number: a driver may describe fewer VFs than the bus has. */
		if (vf->vf < num)
			vf->attr = attrs[vf->vf];
		r = nfp_vfuse_find(&rd->use, vf);
		if (r < 0) {
			nfp_err_errno(err, r, NFP_E_KERNEL, "cannot find out who uses VF %u of %s",
				      vf->vf, pf->info.ifname);
			break;
		}
	}
	free(attrs);
	return r == -EMSGSIZE ? 0 : r;
}

/* The PF that an interface is made of, by whichever relation: NULL when there is none. */
static const struct nfp_pf *pf_behind(const struct nfp_topology *t, const struct nfp_link *link)
{
	const struct nfp_link *lower = nfp_topology_ifindex(t, link->link);

	for (size_t i = 0; i < t->num_pfs; i++)
		if (strcmp(t->pfs[i].info.master, link->ifname) == 0)
			return &t->pfs[i];
	return lower ? nfp_topology_pf(t, lower->ifname) : NULL;
}

/* Why an interface that exists is none to probe, and which one is meant instead. */
static int not_a_pf(const struct nfp_topology *t, const struct nfp_link *link, struct nfp_err *err)
{
	const struct nfp_pf *behind = pf_behind(t, link);

	for (size_t i = 0; i < t->num_pfs; i++) {
		for (size_t k = 0; link->physfn[0] && k < t->pfs[i].num_vfs; k++) {
			if (strcmp(t->pfs[i].vfs[k].parentdev, link->parentdev) != 0)
				continue;
			nfp_err_set(err, -ENOTSUP, NFP_E_NOT_PF, "%s is VF %u of %s, not a PF",
				    link->ifname, t->pfs[i].vfs[k].vf, t->pfs[i].info.ifname);
			nfp_err_hint(err, "nfprobe %s --vf %u", t->pfs[i].info.ifname,
				     t->pfs[i].vfs[k].vf);
			return -ENOTSUP;
		}
	}
	if (link->physfn[0])
		nfp_err_set(err, -ENOTSUP, NFP_E_NOT_PF, "%s is a VF of %s, not a PF", link->ifname,
			    link->physfn);
	else if (link->kind[0])
		nfp_err_set(err, -ENOTSUP, NFP_E_NOT_PF, "%s is a %s, not an SR-IOV PF",
			    link->ifname, link->kind);
	else
		nfp_err_set(err, -ENOTSUP, NFP_E_NOT_PF, "%s is not an SR-IOV PF: %s", link->ifname,
			    link->physical ? "its device has no virtual functions"
					   : "there is no device behind it");
	if (behind)
		nfp_err_hint(err, "the PF behind it is %s", behind->info.ifname);
	else
		nfp_err_hint(err, "nfprobe --list shows the SR-IOV PFs of this machine");
	return -ENOTSUP;
}

/* The PF that was asked for is there. */
static int check_wanted(const struct reading *rd, struct nfp_err *err)
{
	const struct nfp_link *link;

	if (rd->only[0] == '\0' || nfp_topology_pf(&rd->t, rd->only))
		return 0;
	link = nfp_topology_link(&rd->t, rd->only);
	if (link)
		return not_a_pf(&rd->t, link, err);
	nfp_err_set(err, -ENODEV, NFP_E_NO_INTERFACE, "there is no interface %s", rd->only);
	nfp_err_hint(err, "nfprobe --list shows the SR-IOV PFs of this machine");
	return -ENODEV;
}

static int read_all(struct reading *rd, struct nfp_err *err)
{
	int r = nfp_links_read(rd->nl, &rd->t.links, &rd->t.num_links, err);

	if (r < 0)
		return r;
	nfp_links_sysfs(rd->root, rd->t.links, rd->t.num_links);
	rd->use = (struct nfp_usectx) {
		.root = rd->root, .links = rd->t.links, .num_links = rd->t.num_links};
	/* Without sock_diag a capture that made a PF promiscuous is not named, no more. */
	nfp_promisc_sockets_read(&rd->sockets);
	for (size_t i = 0; i < rd->t.num_links; i++) {
		const struct nfp_link *link = &rd->t.links[i];
		bool wanted = rd->only[0] == '\0' || strcmp(rd->only, link->ifname) == 0;
		struct nfp_pf *pf;

		if (!link->physical || !nfp_topo_is_pf(rd->root, link))
			continue;
		rd->t.pfs = nfp_reallocarray(rd->t.pfs, rd->t.num_pfs + 1, sizeof(*rd->t.pfs));
		pf = &rd->t.pfs[rd->t.num_pfs++];
		*pf = (struct nfp_pf) {0};
		r = read_pf(rd, link, wanted, pf, err);
		if (r < 0 && wanted)
			return r;
		/* Another one that goes away just now is no concern of the PF asked for. */
		if (r < 0) {
			free(pf->vfs);
			rd->t.num_pfs--;
		}
	}
	nfp_shared_addresses(&rd->t, &rd->t.shared);
	return check_wanted(rd, err);
}

int nfp_topology_read(const char *pf, struct nfp_topology *ret_topology, struct nfp_err *err)
{
	struct reading rd = {.root = nfp_sysroot_default(), .only = pf ? pf : ""};
	int r = nfp_nl_open(NETLINK_ROUTE, -1, &rd.nl, err);

	if (r < 0)
		return r;
	r = read_all(&rd, err);
	nfp_nl_close(rd.nl);
	nfp_usectx_fini(&rd.use);
	nfp_promisc_sockets_fini(&rd.sockets);
	if (r < 0)
		nfp_topology_fini(&rd.t);
	else
		*ret_topology = rd.t;
	return r;
}

void nfp_topology_fini(struct nfp_topology *topology)
{
	for (size_t i = 0; i < topology->num_pfs; i++)
		free(topology->pfs[i].vfs);
	free(topology->pfs);
	free(topology->links);
	nfp_strv_fini(&topology->shared);
	nfp_strv_fini(&topology->warnings);
	memset(topology, 0, sizeof(*topology));
}

const struct nfp_pf *nfp_topology_pf(const struct nfp_topology *topology, const char *ifname)
{
	for (size_t i = 0; i < topology->num_pfs; i++)
		if (strcmp(topology->pfs[i].info.ifname, ifname) == 0)
			return &topology->pfs[i];
	return NULL;
}

const struct nfp_link *nfp_topology_link(const struct nfp_topology *topology, const char *ifname)
{
	for (size_t i = 0; i < topology->num_links; i++)
		if (strcmp(topology->links[i].ifname, ifname) == 0)
			return &topology->links[i];
	return NULL;
}

const struct nfp_link *nfp_topology_ifindex(const struct nfp_topology *topology, int ifindex)
{
	return nfp_links_by_ifindex(topology->links, topology->num_links, ifindex);
}

const struct nfp_vf_info *nfp_pf_vf(const struct nfp_pf *pf, unsigned int vf)
{
	for (size_t i = 0; i < pf->num_vfs; i++)
		if (pf->vfs[i].vf == vf)
			return &pf->vfs[i];
	return NULL;
}
