// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * candidate.c - which netdevs and VFs can send to a PF, as far as is known before a frame is sent.
 *
 * Do two netdevs share a port of one NIC? Frames between two functions on one port (NPAR,
 * multi-host, socket direct) need not leave the NIC. Drivers tell in one of two ways: a
 * phys_port_id (i40e, bnx2x, be2net, mlx4, sfc), or a phys_switch_id with a phys_port_name, which
 * is that of a devlink port (ice, mlx5, bnxt, nfp; Documentation/networking/switchdev.rst).
 */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
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

void nfp_ports_find(const struct nfp_topology *topology, size_t ret_ports[])
{
	for (size_t i = 0; i < topology->num_pfs; i++) {
		const struct nfp_pf_info *pf = &topology->pfs[i].info;
		const struct nfp_link *link = nfp_topology_ifindex(topology, pf->ifindex);

		ret_ports[i] = i;
		for (size_t k = 0; k < i && ret_ports[i] == i && link; k++) {
			if (nfp_port_shared(topology, &topology->pfs[k], link) != NFP_PORT_OTHER ||
			    strcmp(topology->pfs[k].info.parentdev, pf->parentdev) == 0)
				ret_ports[i] = ret_ports[k];
		}
	}
}

/* ---- what may send on the wire ---- */

/* Is @link the netdev @lower, or stacked on it (IFLA_LINK: a VLAN, a macvlan)? */
static bool is_above(const struct nfp_topology *topology, const struct nfp_link *link, int lower)
{
	/* Stacks deeper than this do not exist: the kernel allows 8 (MAX_NEST_DEV). */
	for (int depth = 0; link && depth < 8; depth++) {
		if (link->ifindex == lower)
			return true;
		link = link->link ? nfp_topology_ifindex(topology, link->link) : NULL;
	}
	return false;
}

bool nfp_sends_through(const struct nfp_topology *topology, const struct nfp_link *link,
		       const struct nfp_link *lower)
{
	return is_above(topology, link, lower->ifindex) ||
	       (lower->master && is_above(topology, link, lower->master));
}

static bool is_vf_of(const struct nfp_pf *pf, const struct nfp_link *link)
{
	return link->physfn[0] && strcmp(link->physfn, pf->info.parentdev) == 0;
}

const struct nfp_link *nfp_lower_on_port(const struct nfp_topology *topology,
					 const struct nfp_pf *pf, const struct nfp_link *link,
					 enum nfp_port port)
{
	for (size_t i = 0; i < topology->num_links; i++) {
		const struct nfp_link *lower = &topology->links[i];

		if (nfp_sends_through(topology, link, lower) &&
		    nfp_port_shared(topology, pf, lower) == port)
			return lower;
	}
	return NULL;
}

int nfp_link_refuse(const struct nfp_link *link, const char *verb, const char *instead,
		    struct nfp_err *err)
{
	if (nfp_link_other_medium(link)) {
		nfp_err_set(err, -ENOTSUP, NFP_E_SOURCE_UNUSABLE,
			    "%s cannot %s Ethernet frames: it is %s", link->ifname, verb,
			    nfp_link_other_medium(link));
		nfp_err_hint(err, "Instead, %s.", instead);
		return -ENOTSUP;
	}
	if (!(link->flags & IFF_UP) || !link->carrier) {
		nfp_err_set(err, -ENETDOWN, NFP_E_SOURCE_UNUSABLE, "%s cannot %s: it is %s",
			    link->ifname, verb, link->flags & IFF_UP ? "without carrier" : "down");
		nfp_err_hint(err, "Set it up, plug in its cable, or %s.", instead);
		if (!(link->flags & IFF_UP))
			nfp_err_try(err, "ip link set %s up", link->ifname);
		return -ENETDOWN;
	}
	if (!link->master)
		return 0;
	nfp_err_set(err, -EBUSY, NFP_E_SOURCE_UNUSABLE,
		    "%s is a port of a %s, and cannot %s frames itself", link->ifname,
		    link->master_kind, verb);
	nfp_err_hint(err,
		     "Frames from one port of a %s make switches learn its address there: name "
		     "that %s, or %s.",
		     link->master_kind, link->master_kind, instead);
	return -EBUSY;
}

int nfp_source_refuse(const struct nfp_topology *topology, const struct nfp_pf *pf,
		      const struct nfp_link *link, struct nfp_err *err)
{
	const struct nfp_link *inside = nfp_lower_on_port(topology, pf, link, NFP_PORT_SAME);
	const struct nfp_link *own = nfp_topology_ifindex(topology, pf->info.ifindex);
	int ret = nfp_link_refuse(link, "send", "name another source with --from", err);

	if (ret == -EBUSY && own && own->master == link->master)
		nfp_err_hint(err, "%s is a port of it, too: name another source with --from.",
			     pf->info.ifname);
	if (ret < 0)
		return ret;
	if (own && nfp_sends_through(topology, link, own))
		return nfp_err_set(
			err, -EINVAL, NFP_E_SOURCE_UNUSABLE,
			"%s sends through %s itself, so its frames do not come from the wire",
			link->ifname, pf->info.ifname);
	for (size_t i = 0; i < topology->num_links; i++) {
		const struct nfp_link *vf = &topology->links[i];

		if (is_vf_of(pf, vf) && nfp_sends_through(topology, link, vf))
			return nfp_err_set(err, -EINVAL, NFP_E_SOURCE_UNUSABLE,
					   "%s sends through %s, a VF of %s, so its frames do not "
					   "come from the wire",
					   link->ifname, vf->ifname, pf->info.ifname);
	}
	for (size_t i = 0; i < topology->num_links; i++) {
		const struct nfp_link *other = &topology->links[i];

		if (other->ifindex != link->ifindex && (other->flags & IFF_UP) &&
		    nfp_mac_equal(&other->address, &link->address) &&
		    !is_above(topology, other, link->ifindex))
			return nfp_err_set(err, -EADDRINUSE, NFP_E_SOURCE_UNUSABLE,
					   "%s has the same MAC address as %s, which is up: a "
					   "switch would learn the address on the wrong port",
					   link->ifname, other->ifname);
	}
	if (!inside)
		return 0;
	nfp_err_set(err, -EXDEV, NFP_E_SOURCE_UNUSABLE,
		    "%s is on the same port of the NIC as %s, so frames of %s do not come from the "
		    "wire",
		    inside->ifname, pf->info.ifname, link->ifname);
	nfp_err_hint(err, "Name another source with --from; ip -d link shows the ports: portid, or "
			  "switchid and portname.");
	return -EXDEV;
}

int nfp_source_refuse_inside(const struct nfp_topology *topology, const struct nfp_pf *pf,
			     const char *name, const struct nfp_mac *mac, struct nfp_err *err)
{
	char text[NFP_MAC_STRLEN];

	for (size_t i = 0; i < pf->num_vfs && !nfp_mac_is_zero(mac); i++) {
		const struct nfp_vf_info *vf = &pf->vfs[i];
		const struct nfp_link *link = vf->ifindex
						      ? nfp_topology_ifindex(topology, vf->ifindex)
						      : NULL;

		/* Set by the host, or as its netdev's own. */
		if (!(vf->attr.have_mac && nfp_mac_equal(&vf->attr.mac, mac)) &&
		    !(link && nfp_mac_equal(&link->address, mac)))
			continue;
		nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE,
			    "%s has the address of VF %u of %s (%s): its frames would come through "
			    "the NIC's own switch, not from the wire",
			    name, vf->vf, pf->info.ifname, nfp_mac_str(mac, text));
		nfp_err_hint(err, "Name one that is not a guest on this NIC.");
		return -ENOLINK;
	}
	return 0;
}

size_t nfp_source_candidates(const struct nfp_topology *topology, const struct nfp_pf *pf,
			     const struct nfp_link *ret_links[], size_t max)
{
	size_t num = 0;

	for (size_t i = 0; i < topology->num_links && num < max; i++) {
		const struct nfp_link *link = &topology->links[i];

		if (!link->physical || link->ifindex == pf->info.ifindex || is_vf_of(pf, link))
			continue;
		if (nfp_source_refuse(topology, pf, link, NULL) == 0)
			ret_links[num++] = link;
	}
	return num;
}

bool nfp_is_probed(const struct nfp_result *result, unsigned int vf)
{
	return result->have_vf && result->vf.vf == vf && result->vf.status == NFP_VF_PROBED;
}

static bool is_spare(const struct nfp_result *result, const struct nfp_vf_info *vf)
{
	return vf->use == NFP_USE_IDLE && vf->ifname[0] && !nfp_is_probed(result, vf->vf);
}

bool nfp_vf_is_better(const struct nfp_vf_info *vf, const struct nfp_vf_info *found)
{
	int loses = found ? (found->has_settings - vf->has_settings) : 1;

	return loses > 0 || (loses == 0 && found->up && !vf->up);
}

const struct nfp_vf_info *nfp_source_sibling(const struct nfp_run *run)
{
	const struct nfp_request *request = run->request;
	const struct nfp_vf_info *found = NULL;

	for (size_t i = run->pf->num_vfs; i-- > 0;) {
		const struct nfp_vf_info *vf = &run->pf->vfs[i];

		if (is_spare(run->result, vf) && !(request->have_via && request->via == vf->vf) &&
		    !(request->have_neighbour && request->neighbour == vf->vf) &&
		    nfp_vf_is_better(vf, found))
			found = vf;
	}
	return found;
}

bool nfp_vf_sleeps(const struct nfp_vf_info *vf)
{
	return vf->use == NFP_USE_IDLE && !vf->ifname[0] && !vf->driver[0] &&
	       !vf->driver_override[0];
}

static bool may_live_beside(const struct nfp_run *run, const struct nfp_vf_info *vf)
{
	const struct nfp_request *request = run->request;

	if (nfp_is_probed(run->result, vf->vf) || vf == run->source.sibling)
		return false;
	if (request->have_neighbour)
		return vf->vf == request->neighbour;
	/* Whether one was restored that the PF's driver does not report, nobody can tell. */
	return vf->attr.have_mac && nfp_source_named_vf(run, &request->from) != vf;
}

/* Those that lose nothing come before those that do, and those that sleep last. */
#define ROUNDS 4
static int round_of(const struct nfp_vf_info *vf)
{
	return nfp_vf_sleeps(vf) ? ROUNDS - 1 : vf->has_settings ? 2 : vf->up;
}

const struct nfp_vf_info *nfp_beside_vf(const struct nfp_run *run, const struct nfp_vf_info *before,
					const struct nfp_vf_info *via)
{
	size_t end = before ? (size_t)(before - run->pf->vfs) : run->pf->num_vfs;

	for (int round = before ? round_of(before) : 0; round < ROUNDS; round++) {
		for (size_t i = end; i-- > 0;) {
			const struct nfp_vf_info *vf = &run->pf->vfs[i];

			if (round_of(vf) == round &&
			    (nfp_vf_sleeps(vf) || is_spare(run->result, vf)) && vf != via &&
			    may_live_beside(run, vf))
				return vf;
		}
		end = run->pf->num_vfs;
	}
	return NULL;
}

const struct nfp_vf_info *nfp_source_named_vf(const struct nfp_run *run,
					      const struct nfp_from *from)
{
	for (size_t i = 0; i < run->pf->num_vfs; i++) {
		const struct nfp_vf_info *vf = &run->pf->vfs[i];

		if ((from->kind == NFP_FROM_VF && vf->vf == from->vf) ||
		    (from->kind == NFP_FROM_IFACE && strcmp(vf->ifname, from->ifname) == 0))
			return vf;
	}
	return NULL;
}

bool nfp_is_source(const struct nfp_run *run, const struct nfp_vf_info *vf)
{
	/* A neighbour sends, too. */
	if (run->request->have_neighbour && vf && run->request->neighbour == vf->vf)
		return true;
	return run->source.sibling == vf || nfp_source_named_vf(run, &run->request->from) == vf;
}

const struct nfp_vf_info *nfp_via(const struct nfp_run *run)
{
	const struct nfp_vf_info *found = NULL;

	if (run->request->have_via)
		return nfp_pf_vf(run->pf, run->request->via);
	for (size_t i = 0; i < run->pf->num_vfs; i++) {
		const struct nfp_vf_info *vf = &run->pf->vfs[i];

		if (is_spare(run->result, vf) && !nfp_is_source(run, vf) &&
		    nfp_vf_is_better(vf, found))
			found = vf;
	}
	return found;
}
