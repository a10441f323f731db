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

bool nfp_mac_of_link(const struct nfp_link *links, size_t num, const struct nfp_mac *mac,
		     const char *except, char who[NFP_USER_LEN])
{
	for (size_t i = 0; i < num; i++) {
		if (!nfp_mac_equal(&links[i].address, mac) || is_of(&links[i], except))
			continue;
		snprintf(who, NFP_USER_LEN, "%s", links[i].ifname);
		return true;
	}
	return false;
}

static void name_of(const struct nfp_link *links, size_t num, int ifindex, char buf[32])
{
	const struct nfp_link *link = nfp_links_by_ifindex(links, num, ifindex);

	if (link)
		snprintf(buf, 32, "%s", link->ifname);
	else
		snprintf(buf, 32, "netdev %d", ifindex);
}

bool nfp_mac_of_neigh(const struct nlmsghdr *nlh, const struct nfp_link *links, size_t num,
		      const struct nfp_mac *mac, const char *except, char who[NFP_USER_LEN])
{
	char dev[32], bridge[32], dst[INET6_ADDRSTRLEN] = "";
	const struct nfp_link *link;
	struct nfp_neigh n;

	if (!nfp_neigh_parse(nlh, &n) || !n.have_mac || !nfp_mac_equal(&n.mac, mac))
		return false;
	link = nfp_links_by_ifindex(links, num, n.ifindex);
	if (link && is_of(link, except))
		return false;
	if (n.have_dst)
		inet_ntop(n.family, n.dst, dst, sizeof(dst));
	name_of(links, num, n.ifindex, dev);
	name_of(links, num, n.master, bridge);
	if (n.family != AF_BRIDGE)
		snprintf(who, NFP_USER_LEN, "the neighbour %s on %s", dst, dev);
	else if (n.master && n.master != n.ifindex)
		snprintf(who, NFP_USER_LEN, "the FDB of %s on port %s", bridge, dev);
	else if (link && !link->kind[0])
		snprintf(who, NFP_USER_LEN, "the filter of %s", dev);
	else
		snprintf(who, NFP_USER_LEN, "the FDB of %s", dev);
	return true;
}

/* ---- asking the kernel ---- */

/* The search of one network namespace. */
struct mac_search {
	const struct nfp_sysroot *root;
	const struct nfp_mac *mac;
	const char *except;
	const struct nfp_link *links;
	size_t num;
	bool found;
	char *who;
};

static int search_tables(struct nfp_nl *nl, struct mac_search *s, struct nfp_err *err)
{
	/* A dump of AF_UNSPEC has ARP and ND entries, but none of an FDB. */
	static const uint8_t families[] = {AF_BRIDGE, AF_UNSPEC};
	const struct nlmsghdr *nlh = NULL;
	int r = 0;

	for (size_t i = 0; i < sizeof(families) && r == 0 && !s->found; i++) {
		r = nfp_neigh_dump(nl, families[i], err);
		while (r == 0 && !s->found && (nlh = nfp_nl_next(nl, nlh, 0)))
			s->found = nfp_mac_of_neigh(nlh, s->links, s->num, s->mac, s->except,
						    s->who);
	}
	return r;
}

static bool is_of_vf(struct mac_search *s, const struct nfp_pf *pf, const struct nfp_vf_attr *attr,
		     const struct nfp_vf_info *except)
{
	if (!attr->have_mac || !nfp_mac_equal(&attr->mac, s->mac) ||
	    (except && nfp_pf_vf(pf, attr->vf) == except))
		return false;
	snprintf(s->who, NFP_USER_LEN, "VF %u of %s", attr->vf, pf->info.ifname);
	return true;
}

/* The VFs of the PF that was read in detail are known; those of the others are read here. */
static int search_vfs(struct nfp_nl *nl, struct mac_search *s, const struct nfp_pf *pf,
		      const struct nfp_vf_info *except, struct nfp_err *err)
{
	const struct nfp_rt_dev dev = {pf->info.ifindex, pf->info.ifname};
	struct nfp_vf_attr *attrs = NULL;
	size_t num = 0;
	int r = 0;

	for (size_t k = 0; k < pf->num_vfs && pf->vfs_ns && !s->found; k++)
		s->found = is_of_vf(s, pf, &pf->vfs[k].attr, except);
	if (pf->info.num_vfs && !pf->vfs_ns)
		r = nfp_vf_attrs_read(nl, &dev, false, &attrs, &num, err);
	for (size_t k = 0; k < num && !s->found; k++)
		s->found = is_of_vf(s, pf, &attrs[k], except);
	free(attrs);
	/* VFs that the kernel cannot list are not searched. */
	return r == -EMSGSIZE || r == -ENODEV ? 0 : r;
}

/* ---- other network namespaces ---- */

/* A namespace that cannot be entered is not searched. 1: the owner is there. */
static int search_netns(int fd, const char *name, pid_t pid, void *ctx)
{
	const struct mac_search *of = ctx;
	char process[NFP_PROCESS_LEN], who[NFP_USER_LEN];
	struct mac_search s = *of;
	struct nfp_link *links = NULL;
	struct nfp_nl *nl = NULL;

	if (nfp_nl_open(NETLINK_ROUTE, fd, &nl, NULL) == 0 &&
	    nfp_links_read(nl, &links, &s.num, NULL) == 0) {
		s.links = links;
		s.who = who;
		s.found = nfp_mac_of_link(s.links, s.num, s.mac, s.except, who);
		(void)search_tables(nl, &s, NULL);
	}
	if (s.found && !name)
		nfp_process_name(of->root, pid, process);
	if (s.found)
		snprintf(of->who, NFP_USER_LEN, "%.120s in %s %s", who,
			 name ? "network namespace" : "the network namespace of",
			 name ? name : process);
	free(links);
	nfp_nl_close(nl);
	return s.found;
}

int nfp_mac_owner(const struct nfp_topology *topology, const struct nfp_mac *mac,
		  const struct nfp_vf_info *except, char who[NFP_USER_LEN], struct nfp_err *err)
{
	struct mac_search s = {
		.root = topology->root,
		.mac = mac,
		.except = except ? except->parentdev : NULL,
		.links = topology->links,
		.num = topology->num_links,
		.who = who,
	};
	struct nfp_nl *nl;
	bool closed;
	int r = nfp_nl_open(NETLINK_ROUTE, -1, &nl, err);

	if (r < 0)
		return r;
	s.found = nfp_mac_of_link(s.links, s.num, mac, s.except, who);
	for (size_t i = 0; i < topology->num_pfs && r == 0 && !s.found; i++)
		r = search_vfs(nl, &s, &topology->pfs[i], except, err);
	if (r == 0)
		r = search_tables(nl, &s, err);
	nfp_nl_close(nl);
	if (r < 0 || s.found)
		return r < 0 ? r : 1;
	return nfp_netns_each(topology->root, search_netns, &s, &closed);
}

bool nfp_mac_is_free(const struct nfp_mac *mac)
{
	const struct nlmsghdr *nlh = NULL;
	struct nfp_link *links = NULL;
	struct nfp_nl *nl = NULL;
	char who[NFP_USER_LEN];
	size_t num = 0;
	bool found = nfp_nl_open(NETLINK_ROUTE, -1, &nl, NULL) < 0 ||
		     nfp_links_read(nl, &links, &num, NULL) < 0 ||
		     nfp_mac_of_link(links, num, mac, NULL, who) ||
		     nfp_neigh_dump(nl, AF_UNSPEC, NULL) < 0;

	while (!found && (nlh = nfp_nl_next(nl, nlh, 0)))
		found = nfp_mac_of_neigh(nlh, links, num, mac, NULL, who);
	free(links);
	nfp_nl_close(nl);
	return !found;
}
