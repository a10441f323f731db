// SPDX-License-Identifier: GPL-2.0-or-later
/* macuse.c - finds who on this host has a MAC address already. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_priv.h"

static bool is_of(const struct nfp_link *link, const char *parentdev)
{
	return parentdev && link->parentdev[0] && strcmp(link->parentdev, parentdev) == 0;
}

/* The owner among the netdevs. */
static bool is_of_link(const struct nfp_netns *netns, const struct nfp_mac *mac, const char *except,
		       char who[NFP_USER_LEN])
{
	for (size_t i = 0; i < netns->num_links; i++) {
		if (!nfp_mac_equal(&netns->links[i].address, mac) ||
		    is_of(&netns->links[i], except))
			continue;
		snprintf(who, NFP_USER_LEN, "%s", netns->links[i].ifname);
		return true;
	}
	return false;
}

static void name_of(const struct nfp_netns *netns, int ifindex, char buf[32])
{
	const struct nfp_link *link = nfp_links_by_ifindex(netns->links, netns->num_links, ifindex);

	if (link)
		snprintf(buf, 32, "%s", link->ifname);
	else
		snprintf(buf, 32, "netdev %d", ifindex);
}

static bool is_of_entry(const struct nfp_netns *netns, const struct nfp_neigh *n,
			const struct nfp_mac *mac, const char *except, char who[NFP_USER_LEN])
{
	char dev[32], bridge[32], dst[INET6_ADDRSTRLEN] = "";
	const struct nfp_link *link;

	if (!nfp_mac_equal(&n->mac, mac))
		return false;
	link = nfp_links_by_ifindex(netns->links, netns->num_links, n->ifindex);
	if (link && is_of(link, except))
		return false;
	if (n->have_dst)
		inet_ntop(n->family, n->dst, dst, sizeof(dst));
	name_of(netns, n->ifindex, dev);
	name_of(netns, n->master, bridge);
	if (n->family != AF_BRIDGE)
		snprintf(who, NFP_USER_LEN, "the neighbour %s on %s", dst, dev);
	else if (n->master && n->master != n->ifindex)
		snprintf(who, NFP_USER_LEN, "the FDB of %s on port %s", bridge, dev);
	else if (link && !link->kind[0])
		snprintf(who, NFP_USER_LEN, "the filter of %s", dev);
	else
		snprintf(who, NFP_USER_LEN, "the FDB of %s", dev);
	return true;
}

bool nfp_netns_owner(const struct nfp_netns *netns, const struct nfp_mac *mac, const char *except,
		     char who[NFP_USER_LEN])
{
	bool found = is_of_link(netns, mac, except, who);

	for (size_t i = 0; i < netns->num_entries && !found; i++)
		found = is_of_entry(netns, &netns->entries[i], mac, except, who);
	return found;
}

/* ---- asking the kernel ---- */

struct mac_search {
	const struct nfp_sysroot *root;
	const struct nfp_mac *mac;
	const char *except;
	bool found;
	char *who;
};

static bool is_of_vf(struct mac_search *s, const struct nfp_pf *pf, const struct nfp_vf_attr *attr,
		     const struct nfp_vf_info *except)
{
	if (!attr->have_mac || !nfp_mac_equal(&attr->mac, s->mac) ||
	    (except && nfp_pf_vf(pf, attr->vf) == except))
		return false;
	snprintf(s->who, NFP_USER_LEN, "VF %u of %s", attr->vf, pf->info.ifname);
	return true;
}

/* The VFs of the PF that was read in detail are known. The VFs of the others are read here. */
static int search_vfs(struct mac_search *s, const struct nfp_pf *pf,
		      const struct nfp_vf_info *except, struct nfp_err *err)
{
	const struct nfp_rt_dev dev = {pf->info.ifindex, pf->info.ifname};
	struct nfp_vf_attr *attrs = NULL;
	struct nfp_nl *nl = NULL;
	size_t num = 0;
	int r = 0;

	for (size_t k = 0; k < pf->num_vfs && pf->vfs_ns && !s->found; k++)
		s->found = is_of_vf(s, pf, &pf->vfs[k].attr, except);
	if (pf->info.num_vfs && !pf->vfs_ns)
		r = nfp_nl_open(NETLINK_ROUTE, -1, &nl, err)
			    ?: nfp_vf_attrs_read(nl, &dev, false, &attrs, &num, err);
	for (size_t k = 0; k < num && !s->found; k++)
		s->found = is_of_vf(s, pf, &attrs[k], except);
	free(attrs);
	nfp_nl_close(nl);
	/* VFs that the kernel cannot list are not searched. */
	return r == -EMSGSIZE || r == -ENODEV ? 0 : r;
}

#define SEE_OWNERS (NFP_SEE_FDBS | NFP_SEE_NEIGHBOURS)

/* A namespace that cannot be entered is not searched. 1: the owner is there. */
static int search_netns(int fd, const char *name, pid_t pid, void *ctx)
{
	const struct nfp_reading how = {.netns_fd = fd};
	const struct mac_search *s = ctx;
	char process[NFP_PROCESS_LEN], who[NFP_USER_LEN];
	struct nfp_netns netns = {.num_links = 0};
	bool found;

	(void)nfp_netns_read(NFP_SEE_LINKS | SEE_OWNERS, &how, &netns, NULL);
	found = nfp_netns_owner(&netns, s->mac, s->except, who);
	nfp_netns_fini(&netns);
	if (found && !name)
		nfp_process_name(s->root, pid, process);
	if (found)
		snprintf(s->who, NFP_USER_LEN, "%.120s in %s %s", who,
			 name ? "network namespace" : "the network namespace of",
			 name ? name : process);
	return found;
}

int nfp_mac_owner(const struct nfp_topology *topology, const struct nfp_mac *mac,
		  const struct nfp_vf_info *except, char who[NFP_USER_LEN], struct nfp_err *err)
{
	const struct nfp_reading how = {.netns_fd = -1};
	struct mac_search s = {
		.root = topology->root,
		.mac = mac,
		.except = except ? except->parentdev : NULL,
		.who = who,
	};
	struct nfp_netns own = {.links = topology->links, .num_links = topology->num_links};
	bool closed;
	int r = 0;

	s.found = is_of_link(&own, mac, s.except, who);
	for (size_t i = 0; i < topology->num_pfs && r == 0 && !s.found; i++)
		r = search_vfs(&s, &topology->pfs[i], except, err);
	if (r == 0 && !s.found) {
		r = nfp_netns_read(SEE_OWNERS, &how, &own, err);
		s.found = r == 0 && nfp_netns_owner(&own, mac, s.except, who);
	}
	own.links = NULL;
	nfp_netns_fini(&own);
	if (r < 0 || s.found)
		return r < 0 ? r : 1;
	return nfp_netns_each(topology->root, search_netns, &s, &closed);
}

bool nfp_mac_is_free(const struct nfp_mac *mac)
{
	const struct nfp_reading how = {.netns_fd = -1};
	struct nfp_netns own = {.num_links = 0};
	char who[NFP_USER_LEN];
	bool is_free = nfp_netns_read(NFP_SEE_LINKS | NFP_SEE_NEIGHBOURS, &how, &own, NULL) == 0 &&
		       !nfp_netns_owner(&own, mac, NULL, who);

	nfp_netns_fini(&own);
	return is_free;
}
