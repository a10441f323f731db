// SPDX-License-Identifier: GPL-2.0-or-later
/* hear.c - which netdev sends for which run of --all. */
#include <net/if.h>
#include <string.h>
#include <sys/random.h>

#include "run_priv.h"

/* Can --from name this netdev? Some names mean something else there, and a comma ends a name. */
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
			   struct nfp_signals *signals, struct nfp_jobs *jobs)
{
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	bool heard[NFP_CANDIDATES_MAX];
	struct nfp_frame_id id;

	if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id))
		return;
	for (size_t i = 0; i < jobs->num && !nfp_signals_poll(signals); i++) {
		const struct nfp_pf *pf = &topology->pfs[i];
		const struct nfp_link *link = nfp_topology_ifindex(topology, pf->info.ifindex);
		size_t num = nfp_source_candidates(topology, pf, links, NFP_CANDIDATES_MAX);
		size_t num_heard = 0;

		if (jobs->v[i].state != NFP_JOB_WAITS || !is_untagged(request, pf) || !link ||
		    nfp_link_other_medium(link) || !(link->flags & IFF_UP) || !link->carrier ||
		    nfp_source_hello(&id, NULL, pf, links, num, heard, NULL) < 0)
			continue;
		for (size_t k = 0; k < num; k++) {
			if (heard[k] && can_be_named(links[k]))
				links[num_heard++] = links[k];
		}
		nfp_jobs_tell(jobs, i, links, num_heard);
	}
}
