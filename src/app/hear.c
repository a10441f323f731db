// SPDX-License-Identifier: GPL-2.0-or-later
/* hear.c - which netdev sends for which run of --all. */
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "run_priv.h"

/* The netdevs that say hello, or listen. */
struct party {
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	struct nfp_netdev netdevs[NFP_CANDIDATES_MAX];
	struct nfp_mac macs[NFP_CANDIDATES_MAX];
	size_t num;
};

static void invite(struct party *party, const struct nfp_link *link)
{
	struct nfp_netdev netdev = {.ifindex = link->ifindex, .netns_fd = -1};

	for (size_t i = 0; i < party->num; i++) {
		if (party->links[i] == link)
			return;
	}
	if (party->num == NFP_CANDIDATES_MAX)
		return;
	memcpy(netdev.ifname, link->ifname, sizeof(netdev.ifname));
	party->links[party->num] = link;
	party->netdevs[party->num] = netdev;
	party->macs[party->num++] = link->address;
}

/* A netdev may be called what --from calls something else. */
static bool can_be_named(const struct nfp_link *link)
{
	static const char *const others[] = {"auto", "arp", "pf"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (strcmp(link->ifname, others[i]) == 0)
			return false;
	}
	return !strchr(link->ifname, ',');
}

/* Does its run test without a VLAN, whichever VF it takes? */
static bool is_untagged(const struct nfp_request *request, const struct nfp_pf *pf)
{
	for (size_t i = 0; i < pf->num_vfs && !request->have_vlan; i++) {
		if (pf->vfs[i].attr.vlan.vid)
			return false;
	}
	return !request->have_vlan || request->vlan.vid == 0;
}

void nfp_jobs_find_sources(const struct nfp_request *request, const struct nfp_topology *topology,
			   struct nfp_jobs *jobs)
{
	struct party pfs = {.num = 0}, senders = {.num = 0};
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	struct nfp_frame_id id;
	bool *heard;

	for (size_t i = 0; i < jobs->num; i++) {
		const struct nfp_pf *pf = &topology->pfs[i];
		const struct nfp_link *link = nfp_topology_ifindex(topology, pf->info.ifindex);
		size_t num = nfp_source_candidates(topology, pf, links, NFP_CANDIDATES_MAX);

		if (jobs->v[i].state != NFP_JOB_WAITS || !is_untagged(request, pf) || !link ||
		    nfp_link_other_medium(link) || !(link->flags & IFF_UP) || !link->carrier)
			continue;
		invite(&pfs, link);
		for (size_t k = 0; k < num; k++)
			invite(&senders, links[k]);
	}
	heard = nfp_calloc(pfs.num * senders.num + 1, sizeof(*heard));
	if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id) ||
	    nfp_hello(&id, NULL, pfs.netdevs, pfs.num, senders.netdevs, senders.macs, senders.num,
		      heard, NULL) < 0)
		pfs.num = 0;
	for (size_t i = 0; i < pfs.num; i++) {
		size_t index = 0, num = 0;

		while (topology->pfs[index].info.ifindex != pfs.netdevs[i].ifindex)
			index++;
		for (size_t k = 0; k < senders.num; k++) {
			if (heard[i * senders.num + k] && can_be_named(senders.links[k]) &&
			    nfp_source_refuse(topology, &topology->pfs[index], senders.links[k],
					      NULL) == 0)
				links[num++] = senders.links[k];
		}
		nfp_jobs_tell(jobs, index, links, num);
	}
	free(heard);
}
