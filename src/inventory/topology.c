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

static bool wanted(const struct reading *rd, const struct nfp_link *link)
{
	return rd->only[0] == '\0' || strcmp(rd->only, link->ifname) == 0;
}

/* Attributes by number: a driver may describe fewer VFs than the bus has. */
static int fill_attrs(struct reading *rd, struct nfp_pf *pf, struct nfp_err *err)
{
	const struct nfp_rt_dev dev = {pf->info.ifindex, pf->info.ifname};
	struct nfp_vf_attr *attrs = NULL;
	size_t num = 0, i;
	int r = nfp_vf_attrs_read(rd->nl, &dev, &attrs, &num, err);

	/* More VFs than this kernel can list: they are shown without what their PF says of them. */
	if (r == -EMSGSIZE)
		return 0;
	if (r < 0)
		return r;
	for (i = 0; i < pf->num_vfs; i++)
		if (pf->vfs[i].vf < num)
			pf->vfs[i].attr = attrs[pf->vfs[i].vf];
	free(attrs);
	return 0;
}

static int fill_use(struct reading *rd, struct nfp_pf *pf, struct nfp_err *err)
{
	size_t i;
	int r = 0;

	for (i = 0; i < pf->num_vfs && r == 0; i++) {
		r = nfp_vfuse_find(&rd->use, &pf->vfs[i]);
		if (r < 0)
			nfp_err_errno(err, r, NFP_E_KERNEL, "cannot find out who uses VF %u of %s",
				      pf->vfs[i].vf, pf->info.ifname);
	}
	return r;
}

/* A list can do without what devlink does not tell, and a probe of legacy mode can, too. */
static void warn(struct reading *rd, const struct nfp_err *why, const char *so)
{
	if (rd->only[0])
		nfp_strv_addf(&rd->t.warnings, "%s%s", why->message, so);
}

/* Whether a refusal to tell the mode forbids a probe is for nfp_pf_check to say. */
static void fill_eswitch(struct reading *rd, struct nfp_pf *pf)
{
	struct nfp_err why = {0};
	int r = nfp_devlink_eswitch(pf->bus, pf->info.parentdev, pf->info.eswitch_mode,
				    sizeof(pf->info.eswitch_mode), &why);

	pf->eswitch_errno = -r;
	if (r != 0 && r != -EPERM && r != -EOPNOTSUPP)
		warn(rd, &why, "; legacy mode is assumed");
}

/* The versions come from devlink; what ethtool said stands where devlink says nothing. */
static void fill_firmware(struct reading *rd, struct nfp_pf *pf)
{
	struct nfp_err why = {0};
	int r = nfp_devlink_firmware(pf->bus, pf->info.parentdev, &pf->info, &why);

	if (r != 0 && r != -EPERM)
		warn(rd, &why, "");
}

static int read_pf(struct reading *rd, const struct nfp_link *link, struct nfp_pf *pf,
		   struct nfp_err *err)
{
	bool in_detail = wanted(rd, link);
	int r = nfp_topo_fill_pf(rd->root, rd->t.links, rd->t.num_links, link, pf);

	if (r < 0)
		return nfp_err_errno(err, r, NFP_E_KERNEL, "cannot read the device of %s",
				     link->ifname);
	nfp_ethtool_drvinfo(link->ifname, &pf->info);
	nfp_promisc_words(rd->root, rd->t.links, rd->t.num_links, &rd->sockets, link,
			  pf->promisc_by, sizeof(pf->promisc_by));
	if (!in_detail)
		return 0;
	pf->l2_fwd_offload = nfp_ethtool_feature(link->ifname, "l2-fwd-offload");
	fill_eswitch(rd, pf);
	fill_firmware(rd, pf);
	r = fill_attrs(rd, pf, err);
	return r < 0 ? r : fill_use(rd, pf, err);
}

static int read_pfs(struct reading *rd, struct nfp_err *err)
{
	size_t i;

	for (i = 0; i < rd->t.num_links; i++) {
		const struct nfp_link *link = &rd->t.links[i];
		struct nfp_pf *pfs;
		int r;

		if (!link->physical || !nfp_topo_is_pf(rd->root, link))
			continue;
		pfs = nfp_reallocarray(rd->t.pfs, rd->t.num_pfs + 1, sizeof(*pfs));
		if (!pfs)
			return nfp_err_errno(err, -ENOMEM, NFP_E_MEMORY, "cannot list the PFs");
		rd->t.pfs = pfs;
		memset(&pfs[rd->t.num_pfs], 0, sizeof(*pfs));
		r = read_pf(rd, link, &pfs[rd->t.num_pfs++], err);
		/* Another one that goes away just now is no concern of the PF asked for. */
		if (r < 0 && !wanted(rd, link))
			free(pfs[--rd->t.num_pfs].vfs);
		else if (r < 0)
			return r;
	}
	return 0;
}

/* The PF that an interface is made of, by whichever relation: NULL when there is none. */
static const struct nfp_pf *pf_behind(const struct nfp_topology *t, const struct nfp_link *link)
{
	const struct nfp_link *lower = nfp_topology_ifindex(t, link->link);
	size_t i;

	for (i = 0; i < t->num_pfs; i++)
		if (strcmp(t->pfs[i].info.master, link->ifname) == 0)
			return &t->pfs[i];
	return lower ? nfp_topology_pf(t, lower->ifname) : NULL;
}

/* Why an interface that exists is none to probe, and which one is meant instead. */
static int not_a_pf(const struct nfp_topology *t, const struct nfp_link *link, struct nfp_err *err)
{
	const struct nfp_pf *behind = pf_behind(t, link);
	size_t i, k;

	for (i = 0; i < t->num_pfs; i++) {
		for (k = 0; link->physfn[0] && k < t->pfs[i].num_vfs; k++) {
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
	int r = nfp_nl_open(NETLINK_ROUTE, -1, &rd->nl, err);

	if (r == 0)
		r = nfp_links_read(rd->nl, &rd->t.links, &rd->t.num_links, err);
	if (r < 0)
		return r;
	nfp_links_sysfs(rd->root, rd->t.links, rd->t.num_links);
	rd->use = (struct nfp_usectx) {
		.root = rd->root, .links = rd->t.links, .num_links = rd->t.num_links};
	/* Without sock_diag a capture that made a PF promiscuous is not named, no more. */
	nfp_promisc_sockets_read(&rd->sockets);
	r = read_pfs(rd, err);
	if (r == 0)
		r = check_wanted(rd, err);
	if (r == 0 && nfp_shared_addresses(&rd->t, &rd->t.shared) < 0)
		r = nfp_err_errno(err, -ENOMEM, NFP_E_MEMORY, "cannot compare addresses");
	return r;
}

int nfp_topology_read(const char *pf, struct nfp_topology *ret_topology, struct nfp_err *err)
{
	struct reading rd = {.root = nfp_sysroot_default(), .only = pf ? pf : ""};
	int r = read_all(&rd, err);

	nfp_nl_close(rd.nl);
	nfp_usectx_fini(&rd.use);
	nfp_promisc_sockets_fini(&rd.sockets);
	if (r < 0) {
		nfp_topology_fini(&rd.t);
		return r;
	}
	*ret_topology = rd.t;
	return 0;
}

void nfp_topology_fini(struct nfp_topology *topology)
{
	size_t i;

	if (!topology)
		return;
	for (i = 0; i < topology->num_pfs; i++)
		free(topology->pfs[i].vfs);
	free(topology->pfs);
	free(topology->links);
	nfp_strv_fini(&topology->shared);
	nfp_strv_fini(&topology->warnings);
	memset(topology, 0, sizeof(*topology));
}

const struct nfp_pf *nfp_topology_pf(const struct nfp_topology *topology, const char *ifname)
{
	size_t i;

	for (i = 0; i < topology->num_pfs; i++)
		if (strcmp(topology->pfs[i].info.ifname, ifname) == 0)
			return &topology->pfs[i];
	return NULL;
}

const struct nfp_link *nfp_topology_link(const struct nfp_topology *topology, const char *ifname)
{
	size_t i;

	for (i = 0; i < topology->num_links; i++)
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
	size_t i;

	for (i = 0; i < pf->num_vfs; i++)
		if (pf->vfs[i].vf == vf)
			return &pf->vfs[i];
	return NULL;
}
