// SPDX-License-Identifier: GPL-2.0-or-later
/* macuse.c - finds who on this host already has a MAC address. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_priv.h"
#include "net/owner.h"

static bool is_of(const struct nfp_link *link, const char *parentdev)
{
	return parentdev && link && link->parentdev[0] && strcmp(link->parentdev, parentdev) == 0;
}

static void name_of(const struct nfp_index *index, const struct nfp_netns *netns, int ifindex,
		    char buf[32])
{
	const struct nfp_link *link = nfp_index_link(index, netns, ifindex);

	if (link)
		snprintf(buf, 32, "%s", link->ifname);
	else
		snprintf(buf, 32, "netdev %d", ifindex);
}

static void describe_entry(const struct nfp_index *index, const struct nfp_entry *of,
			   char who[NFP_USER_LEN])
{
	const struct nfp_neigh *n = of->entry;
	const struct nfp_link *link = nfp_index_link(index, of->netns, n->ifindex);
	char dev[32], bridge[32], dst[INET6_ADDRSTRLEN] = "";

	if (n->have_dst)
		inet_ntop(n->family, n->dst, dst, sizeof(dst));
	name_of(index, of->netns, n->ifindex, dev);
	name_of(index, of->netns, n->master, bridge);
	if (n->family != AF_BRIDGE)
		snprintf(who, NFP_USER_LEN, "the neighbour %s on %s", dst, dev);
	else if (n->master && n->master != n->ifindex)
		snprintf(who, NFP_USER_LEN, "the FDB of %s on port %s", bridge, dev);
	else if (link && !link->kind[0])
		snprintf(who, NFP_USER_LEN, "the filter of %s", dev);
	else
		snprintf(who, NFP_USER_LEN, "the FDB of %s", dev);
}

/* Finds a netdev, a VF, or an entry of a table, in this order. */
static bool find_owner(const struct nfp_facts *facts, const struct nfp_mac *mac, const char *except,
		       char who[NFP_USER_LEN])
{
	struct nfp_index *index = nfp_index_new(facts);
	const struct nfp_netdevs with = nfp_netdevs_with(index, mac);
	const struct nfp_vfs vfs = nfp_vfs_with(index, mac);
	const struct nfp_entries of = nfp_entries_of(index, mac);
	bool found = false;

	for (size_t i = 0; i < with.n && !found; i++) {
		found = !is_of(with.v[i].link, except);
		if (found)
			snprintf(who, NFP_USER_LEN, "%s", with.v[i].link->ifname);
	}
	for (size_t i = 0; i < vfs.n && !found; i++) {
		const struct nfp_vf_info *vf = vfs.v[i].vf;

		found = vf->attr.have_mac && !(except && strcmp(vf->parentdev, except) == 0);
		if (found)
			snprintf(who, NFP_USER_LEN, "VF %u of %s", vf->vf,
				 vfs.v[i].pf->info.ifname);
	}
	for (size_t i = 0; i < of.n && !found; i++) {
		/* An address with more entries than are looked at is somebody else's. */
		found = i + 1 == NFP_SAME_MAX ||
			!is_of(nfp_index_link(index, of.v[i].netns, of.v[i].entry->ifindex),
			       except);
		if (found)
			describe_entry(index, &of.v[i], who);
	}
	nfp_index_free(index);
	return found;
}

bool nfp_netns_owner(const struct nfp_netns *netns, const struct nfp_mac *mac, const char *except,
		     char who[NFP_USER_LEN])
{
	struct nfp_netns one = *netns;
	const struct nfp_facts facts = {.netns = &one, .num_netns = 1};

	return find_owner(&facts, mac, except, who);
}

/* ---- asking the kernel ---- */

struct mac_search {
	const struct nfp_mac *mac;
	const char *except;
	char *who;
};

/* Reads the addresses of the VFs of a PF that was not read in detail. VFs that the kernel cannot
 * list are not searched. */
static int read_vfs(struct nfp_pf *pf, struct nfp_err *err)
{
	const struct nfp_rt_dev dev = {pf->info.ifindex, pf->info.ifname};
	struct nfp_vf_attr *attrs = NULL;
	struct nfp_nl *nl = NULL;
	size_t num = 0;
	int r = nfp_nl_open(NETLINK_ROUTE, -1, &nl, err)
			?: nfp_vf_attrs_read(nl, &dev, &attrs, &num, err);

	pf->vfs = nfp_calloc(num + 1, sizeof(*pf->vfs));
	pf->num_vfs = num;
	for (size_t k = 0; k < num; k++)
		pf->vfs[k] = (struct nfp_vf_info) {.vf = attrs[k].vf, .attr = attrs[k]};
	free(attrs);
	nfp_nl_close(nl);
	return r == -EMSGSIZE || r == -ENODEV ? 0 : r;
}

#define SEE_OWNERS (NFP_SEE_FDBS | NFP_SEE_NEIGHBOURS)

/* A namespace that cannot be entered is not searched. 1: the owner is there. */
static int search_netns(const struct nfp_visited *visited, void *ctx)
{
	const struct nfp_reading how = {.netns_fd = visited->fd};
	const struct mac_search *s = ctx;
	char who[NFP_USER_LEN];
	struct nfp_netns netns = {.num_links = 0};
	bool found;

	(void)nfp_netns_read(NFP_SEE_LINKS | SEE_OWNERS, &how, &netns, NULL);
	found = nfp_netns_owner(&netns, s->mac, s->except, who);
	nfp_netns_fini(&netns);
	if (found)
		snprintf(s->who, NFP_USER_LEN, "%.120s in %s", who, visited->called);
	return found;
}

int nfp_mac_owner(const struct nfp_topology *topology, const struct nfp_mac *mac,
		  const struct nfp_vf_info *except, char who[NFP_USER_LEN], struct nfp_err *err)
{
	const struct nfp_reading how = {.netns_fd = -1};
	struct mac_search s = {.mac = mac, .except = except ? except->parentdev : NULL, .who = who};
	struct nfp_netns own = {.links = topology->links, .num_links = topology->num_links};
	struct nfp_facts facts = {.netns = &own, .num_netns = 1};
	struct nfp_topology *t = &facts.topology;
	bool closed, found;
	int r = 0;

	t->pfs = nfp_calloc(topology->num_pfs + 1, sizeof(*t->pfs));
	t->num_pfs = topology->num_pfs;
	for (size_t i = 0; i < t->num_pfs; i++) {
		t->pfs[i] = topology->pfs[i];
		if (!t->pfs[i].vfs_ns && r == 0 && t->pfs[i].info.num_vfs)
			r = read_vfs(&t->pfs[i], err);
	}
	if (r == 0)
		r = nfp_netns_read(SEE_OWNERS, &how, &own, err);
	found = find_owner(&facts, mac, s.except, who);
	for (size_t i = 0; i < t->num_pfs; i++)
		if (t->pfs[i].vfs != topology->pfs[i].vfs)
			free(t->pfs[i].vfs);
	free(t->pfs);
	own.links = NULL;
	nfp_netns_fini(&own);
	if (found || r < 0)
		return found ? 1 : r;
	return nfp_netns_each(topology->root, search_netns, &s, &closed);
}
