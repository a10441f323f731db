// SPDX-License-Identifier: GPL-2.0-or-later
/* lookup.c - finds a netdev, a PF or a VF in what was read of this host; does no I/O. */
#include <string.h>

#include "inventory_priv.h"

const struct nfp_link *nfp_links_by_ifindex(const struct nfp_link *links, size_t num, int ifindex)
{
	for (size_t i = 0; i < num; i++)
		if (links[i].ifindex == ifindex)
			return &links[i];
	return NULL;
}

bool nfp_link_is_child(const struct nfp_link *link, const struct nfp_link *lower)
{
	return link->link == lower->ifindex && link->ifindex != lower->ifindex &&
	       strcmp(link->kind, "veth") != 0;
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

int nfp_compare_ifindex(const void *a, const void *b)
{
	const struct nfp_link *x = a, *y = b;

	return NFP_ORDER(x->ifindex, y->ifindex);
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
