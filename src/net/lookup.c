// SPDX-License-Identifier: GPL-2.0-or-later
/* lookup.c - finds a netdev, a PF or a VF in what was read of this host; does no I/O. */
#include <string.h>

#include "inventory_priv.h"

const struct nfp_link *nfp_links_by_ifindex(const struct nfp_link *links, size_t num, int ifindex)
{
	nfp_for_each (link, links, num)
		if (link->ifindex == ifindex)
			return link;
	return NULL;
}

struct nfp_mac nfp_libvirt_tap_mac(const struct nfp_mac *guest)
{
	struct nfp_mac tap = *guest;

	tap.b[0] = guest->b[0] == 0xfe ? 0xfa : 0xfe;
	return tap;
}

bool nfp_link_is_child(const struct nfp_link *link, const struct nfp_link *lower)
{
	return link->link == lower->ifindex && link->ifindex != lower->ifindex &&
	       strcmp(link->kind, "veth") != 0;
}

const struct nfp_pf *nfp_topology_pf(const struct nfp_topology *topology, const char *ifname)
{
	nfp_for_each (pf, topology->pfs, topology->num_pfs)
		if (strcmp(pf->info.ifname, ifname) == 0)
			return pf;
	return NULL;
}

const struct nfp_link *nfp_topology_link(const struct nfp_topology *topology, const char *ifname)
{
	nfp_for_each (link, topology->links, topology->num_links)
		if (strcmp(link->ifname, ifname) == 0)
			return link;
	return NULL;
}

const struct nfp_link *nfp_topology_ifindex(const struct nfp_topology *topology, int ifindex)
{
	return nfp_links_by_ifindex(topology->links, topology->num_links, ifindex);
}

const struct nfp_vf_info *nfp_pf_vf(const struct nfp_pf *pf, unsigned int vf)
{
	nfp_for_each (info, pf->vfs, pf->num_vfs)
		if (info->vf == vf)
			return info;
	return NULL;
}

int nfp_compare_ifindex(const void *a, const void *b)
{
	const struct nfp_link *x = a, *y = b;

	return NFP_ORDER(x->ifindex, y->ifindex);
}

bool nfp_link_is_tap(const struct nfp_link *link)
{
	return strcmp(link->kind, "tun") == 0 || strcmp(link->kind, "macvtap") == 0;
}

size_t nfp_lower_bound(const void *key, const void *list, size_t num, size_t size,
		       int (*compare)(const void *, const void *))
{
	size_t from = 0, to = num;

	while (from < to) {
		size_t half = from + (to - from) / 2;

		if (compare((const char *)list + half * size, key) < 0)
			from = half + 1;
		else
			to = half;
	}
	return from;
}
