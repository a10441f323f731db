// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * port.c - do two netdevs share a port of one NIC? Frames between two functions on one port (NPAR,
 * multi-host, socket direct) need not leave the NIC.
 *
 * Drivers tell in one of two ways: a phys_port_id (i40e, bnx2x, be2net, mlx4, sfc), or a
 * phys_switch_id with a phys_port_name, which is that of a devlink port (ice, mlx5, bnxt, nfp;
 * Documentation/networking/switchdev.rst).
 */
#include <string.h>

#include "run_priv.h"

static bool same_id(const struct nfp_phys_id *a, const struct nfp_phys_id *b)
{
	return a->len == b->len && memcmp(a->b, b->b, a->len) == 0;
}

/* A VF sends through the port of its PF, and seldom has an id of its own. */
static const struct nfp_link *function_of(const struct nfp_topology *topology,
					  const struct nfp_link *link)
{
	for (size_t i = 0; link->physfn[0] && i < topology->num_links; i++) {
		const struct nfp_link *pf = &topology->links[i];

		if (pf->physical && strcmp(pf->parentdev, link->physfn) == 0)
			return pf;
	}
	return link;
}

enum nfp_port nfp_port_shared(const struct nfp_topology *topology, const struct nfp_pf *pf,
			      const struct nfp_link *link)
{
	const struct nfp_link *own = nfp_topology_ifindex(topology, pf->info.ifindex);
	const struct nfp_link *other = function_of(topology, link);
	const struct nfp_driver *driver = nfp_driver(pf->info.driver);
	bool same = false, one_card;
	size_t len;

	if (!own || !link->physical || own->ifindex == other->ifindex)
		return NFP_PORT_OTHER;
	/* 0000:01:00.0 and 0000:01:00.1 are two functions of one PCI device. */
	len = strcspn(own->parentdev, ".") + 1;
	one_card = strncmp(own->parentdev, other->parentdev, len) == 0 &&
		   strcmp(own->parentdev, other->parentdev) != 0;
	if (own->phys_port_id.len && other->phys_port_id.len)
		same = same_id(&own->phys_port_id, &other->phys_port_id);
	else if (own->phys_switch_id.len && other->phys_switch_id.len && own->phys_port_name[0] &&
		 other->phys_port_name[0] && !driver->port_name_of_function)
		same = same_id(&own->phys_switch_id, &other->phys_switch_id) &&
		       strcmp(own->phys_port_name, other->phys_port_name) == 0;
	else if (one_card && !driver->own_port)
		return NFP_PORT_UNKNOWN;
	return same ? NFP_PORT_SAME : NFP_PORT_OTHER;
}

void nfp_jobs_find_ports(const struct nfp_topology *topology, struct nfp_jobs *jobs)
{
	for (size_t i = 0; i < jobs->num; i++) {
		struct nfp_job *job = &jobs->v[i];
		const struct nfp_link *link = nfp_topology_ifindex(topology, job->pf.ifindex);

		for (size_t k = 0; k < i && job->port == i && link; k++) {
			if (nfp_port_shared(topology, &topology->pfs[k], link) != NFP_PORT_OTHER ||
			    strcmp(jobs->v[k].pf.parentdev, job->pf.parentdev) == 0)
				job->port = jobs->v[k].port;
		}
	}
}
