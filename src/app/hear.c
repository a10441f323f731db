// SPDX-License-Identifier: GPL-2.0-or-later
/* hear.c - --hear: which netdevs each PF hears, and which addresses of its VFs. */
#include <errno.h>
#include <linux/capability.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "run_priv.h"

/* Can --from name this netdev? Some names mean something else there, and a comma ends a name. */
static bool can_be_named(const struct nfp_link *link)
{
	static const char *const others[] = {"auto", "arp", "peer", "pf"};
	struct nfp_ipv4 ip;

	for (size_t i = 0; i < NFP_NUM(others); i++) {
		if (strcmp(link->ifname, others[i]) == 0)
			return false;
	}
	return !strchr(link->ifname, ',') && !nfp_ipv4_parse(link->ifname, &ip);
}

/* The first VF that would be tested in a VLAN of its own; NULL: there is none. */
static const struct nfp_vf_info *find_tagged(const struct nfp_request *request,
					     const struct nfp_pf *pf)
{
	for (size_t i = 0; i < pf->num_vfs && !request->have_vlan; i++) {
		if (pf->vfs[i].attr.vlan.vid)
			return &pf->vfs[i];
	}
	return NULL;
}

/* The netdevs that the PF hears in this VLAN (NULL: none), and --from can name. 0 or -errno. */
static int ask_in_vlan(const struct nfp_frame_id *id, const struct nfp_vlan *vlan,
		       const struct nfp_topology *topology, const struct nfp_pf *pf,
		       const struct nfp_link *ret_links[NFP_CANDIDATES_MAX], size_t *ret_num,
		       struct nfp_err *err)
{
	size_t num = nfp_source_candidates(topology, pf, ret_links, NFP_CANDIDATES_MAX);
	bool heard[NFP_CANDIDATES_MAX];
	int ret = nfp_source_hello(id, vlan, pf, ret_links, num, heard, err);

	*ret_num = 0;
	for (size_t i = 0; i < num && ret == 0; i++) {
		if (heard[i] && can_be_named(ret_links[i]))
			ret_links[(*ret_num)++] = ret_links[i];
	}
	return ret;
}

/* Can it be asked as it is? */
static int check_asked(const struct nfp_request *request, const struct nfp_pf *pf,
		       struct nfp_err *err)
{
	const struct nfp_vf_info *tagged = find_tagged(request, pf);
	const char *name = pf->info.ifname;

	if (!(pf->flags & IFF_UP)) {
		nfp_err_set(err, -ENETDOWN, NFP_E_PF_DOWN, "it is down");
		nfp_err_try(err, "ip link set %s up", name);
		return -ENETDOWN;
	}
	if (!pf->carrier)
		return nfp_err_set(err, -ENETDOWN, NFP_E_PF_NO_CARRIER, "it has no carrier");
	if (!tagged)
		return 0;
	/* It may be heard in one and not in the other. */
	nfp_err_set(err, -EINVAL, NFP_E_UNSUPPORTED,
		    "a run on VF %u is in VLAN %u, and others are not", tagged->vf,
		    tagged->attr.vlan.vid);
	nfp_err_hint(err, "name one: --vlan %u, or 0 for none", tagged->attr.vlan.vid);
	return -EINVAL;
}

static void hear_in_vlan(const struct nfp_request *request, const struct nfp_frame_id *id,
			 const struct nfp_topology *topology, const struct nfp_pf *pf,
			 struct nfp_heard *heard, struct nfp_ear **ret_ear)
{
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	size_t num = 0;

	*heard = (struct nfp_heard) {.netdevs = {.n = 0}};
	memcpy(heard->ifname, pf->info.ifname, sizeof(heard->ifname));
	memcpy(heard->parentdev, pf->info.parentdev, sizeof(heard->parentdev));
	(void)(check_asked(request, pf, &heard->error)
		       ?: nfp_ear_open(topology, pf, ret_ear, &heard->error)
		       ?: ask_in_vlan(id, request->have_vlan ? &request->vlan : NULL, topology, pf, links,
			      &num, &heard->error));
	for (size_t i = 0; i < num; i++)
		nfp_strv_addf(&heard->netdevs, "%s", links[i]->ifname);
}

/* At all PFs at one time, which had their ears open while netdevs said hello. */
static void listen_for_vfs(struct nfp_hearing *hearing, struct nfp_ear *const ears[])
{
	bool heard = false;

	for (size_t i = 0; i < hearing->num_pfs; i++) {
		struct nfp_heard *pf = &hearing->pfs[i];

		if (ears[i] && pf->error.code == NFP_E_NONE)
			(void)nfp_ear_listen(ears[i], &heard, &pf->error);
	}
	if (!heard || nfp_ear_wait() < 0)
		return;
	for (size_t i = 0; i < hearing->num_pfs; i++) {
		if (ears[i] && hearing->pfs[i].error.code == NFP_E_NONE)
			nfp_ear_judge(ears[i], &hearing->pfs[i]);
	}
}

static void hear_all(const struct nfp_request *request, const struct nfp_frame_id *id,
		     const struct nfp_topology *topology, const struct nfp_strv *names,
		     struct nfp_hearing *hearing)
{
	struct nfp_ear **ears = nfp_calloc(topology->num_pfs, sizeof(struct nfp_ear *));

	hearing->pfs = nfp_calloc(topology->num_pfs, sizeof(*hearing->pfs));
	for (size_t i = 0; i < topology->num_pfs; i++) {
		const struct nfp_pf *pf = &topology->pfs[i];
		size_t k = hearing->num_pfs;

		if (!pf->info.ifindex || (names->n && !nfp_strv_has(names, pf->info.ifname)))
			continue;
		hearing->num_pfs++;
		hear_in_vlan(request, id, topology, pf, &hearing->pfs[k], &ears[k]);
	}
	listen_for_vfs(hearing, ears);
	for (size_t i = 0; i < hearing->num_pfs; i++) {
		nfp_ear_close(ears[i]);
		if (hearing->pfs[i].error.code != NFP_E_NONE)
			hearing->exit_status = NFP_EXIT_UNKNOWN;
	}
	free(ears);
}

static int refuse_away(struct nfp_topology *topology, ssize_t pf, struct nfp_err *err)
{
	struct nfp_uppers uppers;

	nfp_uppers_read(topology->root, nfp_clock_now() + NFP_UPPERS_NS, &uppers);
	nfp_topology_place(topology, &uppers);
	nfp_uppers_fini(&uppers);
	return nfp_err_set(err, -ENODEV, NFP_E_NO_INTERFACE, "%s is not here: %s",
			   topology->pfs[pf].info.parentdev, topology->pfs[pf].where);
}

int nfp_asked_pfs(const struct nfp_request *request, struct nfp_strv *ret_names,
		  struct nfp_err *err)
{
	const struct nfp_sysroot *root = nfp_sysroot_default();
	int ret = 0;

	for (size_t i = 0; i < request->devices.n && ret == 0; i++) {
		const char *name = request->devices.v[i];
		struct nfp_topology topology = {.num_pfs = 0};
		ssize_t pf;

		ret = nfp_topology_list(root, name, NFP_READ_PFS, 0, &topology, &pf, err);
		if (ret == 0 && !topology.pfs[pf].info.ifindex)
			ret = refuse_away(&topology, pf, err);
		if (ret == 0)
			nfp_strv_addf(ret_names, "%s", topology.pfs[pf].info.ifname);
		nfp_topology_fini(&topology);
	}
	return ret;
}

int nfp_run_hear(const struct nfp_request *request, struct nfp_hearing *ret_hearing,
		 struct nfp_err *err)
{
	struct nfp_topology topology = {.num_pfs = 0};
	struct nfp_strv names = {.n = 0};
	struct nfp_frame_id id;
	ssize_t pf;
	int ret = 0;

	*ret_hearing = (struct nfp_hearing) {.num_pfs = 0};
	if (!nfp_has_capability(CAP_NET_RAW)) {
		ret = nfp_err_set(
			err, -EPERM, NFP_E_PERMISSION,
			"no permission to send and hear frames: nfprobe lacks CAP_NET_RAW");
		nfp_err_hint(err, "Run it as root (sudo nfprobe ..).");
	}
	ret = ret ?: nfp_draw_id(&id, sizeof(id), err) ?: nfp_asked_pfs(request, &names, err);
	if (ret == 0)
		ret = nfp_topology_list(nfp_sysroot_default(), names.n == 1 ? names.v[0] : "",
					NFP_READ_VFS, 0, &topology, &pf, err);
	if (ret == 0)
		hear_all(request, &id, &topology, &names, ret_hearing);
	nfp_topology_fini(&topology);
	nfp_strv_fini(&names);
	if (ret < 0)
		ret_hearing->exit_status = NFP_EXIT_CANNOT;
	return ret;
}
