// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * candidate.c - why a netdev, a reflector or a neighbour cannot send to a PF, each with a hint.
 *
 * It also says whether two netdevs share a port of one NIC: frames between two functions on one
 * port (NPAR, multi-host, socket direct) need not leave the NIC. Drivers tell by a phys_port_id
 * (i40e, bnx2x, be2net, mlx4, sfc), or by a phys_switch_id with a phys_port_name, which is that of
 * a devlink port (ice, mlx5, bnxt, nfp; Documentation/networking/switchdev.rst).
 */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "candidate.h"

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
	const struct nfp_link *pf_link = nfp_topology_ifindex(topology, pf->info.ifindex);
	const struct nfp_link *other = function_of(topology, link);
	const struct nfp_driver *driver = nfp_driver(pf->info.driver);
	bool same = false, one_card;
	size_t len;

	if (!pf_link || !link->physical || pf_link->ifindex == other->ifindex)
		return NFP_PORT_OTHER;
	/* 0000:01:00.0 and 0000:01:00.1 are two functions of one PCI device. */
	len = strcspn(pf_link->parentdev, ".") + 1;
	one_card = strncmp(pf_link->parentdev, other->parentdev, len) == 0 &&
		   strcmp(pf_link->parentdev, other->parentdev) != 0;
	if (pf_link->phys_port_id.len && other->phys_port_id.len)
		same = same_id(&pf_link->phys_port_id, &other->phys_port_id);
	else if (pf_link->phys_switch_id.len && other->phys_switch_id.len &&
		 pf_link->phys_port_name[0] && other->phys_port_name[0] &&
		 !driver->port_name_of_function)
		same = same_id(&pf_link->phys_switch_id, &other->phys_switch_id) &&
		       strcmp(pf_link->phys_port_name, other->phys_port_name) == 0;
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

static bool is_vf_of(const struct nfp_pf *pf, const struct nfp_link *link)
{
	return link->physfn[0] && strcmp(link->physfn, pf->info.parentdev) == 0;
}

const struct nfp_link *nfp_lower_on_port(const struct nfp_topology *topology,
					 const struct nfp_pf *pf, const struct nfp_link *link,
					 enum nfp_port port)
{
	const struct nfp_sendings all = nfp_sends_by(topology, link);

	nfp_for_each (sending, all.v, all.n)
		if (nfp_port_shared(topology, pf, sending->by) == port)
			return sending->by;
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

/* True if frames of both come to the switch at one port. They may then have one address, as a
 * bridge and its port, or a bond and its members have. */
static bool leave_alike(const struct nfp_topology *topology, const struct nfp_link *link,
			const struct nfp_link *other)
{
	const struct nfp_sendings all = nfp_sends_by(topology, link);

	nfp_for_each (sending, all.v, all.n)
		if (nfp_sends_through(topology, other, sending->by))
			return true;
	return other->link == link->ifindex;
}

int nfp_source_refuse(const struct nfp_topology *topology, const struct nfp_pf *pf,
		      const struct nfp_link *link, struct nfp_err *err)
{
	const struct nfp_link *inside = nfp_lower_on_port(topology, pf, link, NFP_PORT_SAME);
	const struct nfp_link *pf_link = nfp_topology_ifindex(topology, pf->info.ifindex);
	const struct nfp_sendings all = nfp_sends_by(topology, link);
	int ret = nfp_link_refuse(link, "send", "name another source with --from", err);

	if (ret == -EBUSY && pf_link && pf_link->master == link->master)
		nfp_err_hint(err, "%s is a port of it, too: name another source with --from.",
			     pf->info.ifname);
	if (ret < 0)
		return ret;
	if (pf_link && nfp_sends_through(topology, link, pf_link))
		return nfp_err_set(
			err, -EINVAL, NFP_E_SOURCE_UNUSABLE,
			"%s sends through %s itself, so its frames do not come from the wire",
			link->ifname, pf->info.ifname);
	nfp_for_each (sending, all.v, all.n) {
		if (is_vf_of(pf, sending->by))
			return nfp_err_set(err, -EINVAL, NFP_E_SOURCE_UNUSABLE,
					   "%s sends through %s, a VF of %s, so its frames do not "
					   "come from the wire",
					   link->ifname, sending->by->ifname, pf->info.ifname);
	}
	nfp_for_each (other, topology->links, topology->num_links) {
		if (other->ifindex != link->ifindex && (other->flags & IFF_UP) &&
		    nfp_mac_equal(&other->address, &link->address) &&
		    !leave_alike(topology, link, other))
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
	for (size_t i = 0; i < pf->num_vfs && !nfp_mac_is_zero(mac); i++) {
		const struct nfp_vf_info *vf = &pf->vfs[i];
		const struct nfp_link *link = vf->ifindex
						      ? nfp_topology_ifindex(topology, vf->ifindex)
						      : NULL;

		/* The host has set the address, or the netdev has it. */
		if (!(vf->attr.have_mac && nfp_mac_equal(&vf->attr.mac, mac)) &&
		    !(link && nfp_mac_equal(&link->address, mac)))
			continue;
		nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE,
			    "%s has the address of VF %u of %s (%s): its frames would come through "
			    "the NIC's own switch, not from the wire",
			    name, vf->vf, pf->info.ifname, nfp_mac_str(mac).text);
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

/* ---- what the wire has said ---- */

#define FILTER_LEN 96

/* In a VLAN the PF's own filter comes before cable and switch: its table may be full, or lack what
 * nobody on the host has registered. */
static const char *own_filter(const struct nfp_roles_input *c, char buf[FILTER_LEN])
{
	buf[0] = '\0';
	if (c->vid)
		snprintf(buf, FILTER_LEN,
			 "Does the VLAN filter of %s (rx-vlan-filter) let VLAN %u in? ",
			 c->pf->info.ifname, c->vid);
	return buf;
}

int nfp_refuse_unheard(const struct nfp_roles_input *c, struct nfp_err *err)
{
	char filter[FILTER_LEN];

	nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE,
		    "%s does not hear %s: a broadcast test frame sent there did not arrive",
		    c->pf->info.ifname, c->request->from.ifname);
	nfp_err_hint(
		err,
		"%sAre both on one segment%s? nfprobe without --from looks for a netdev that is "
		"heard.",
		own_filter(c, filter),
		c->vid ? ", and is the VLAN allowed on both switch ports" : "");
	return -ENOLINK;
}

int nfp_refuse_peer(const struct nfp_roles_input *c, struct nfp_err *err)
{
	const struct nfp_mac *named = &c->request->from.peer;
	bool any = nfp_mac_is_zero(named);
	char filter[FILTER_LEN];

	if (c->found->peer_answers)
		return nfp_source_refuse_inside(c->topology, c->pf, "the reflector",
						&c->found->peer, err);
	nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE, "no reflector with this id answers %s%s%s",
		    c->pf->info.ifname, any ? "" : " from ", any ? "" : nfp_mac_str(named).text);
	nfp_err_hint(err,
		     "%sIs nfprobe --reflect running there, with this id, and is its interface on "
		     "the segment of %s%s?",
		     own_filter(c, filter), c->pf->info.ifname,
		     c->vid ? ", with the VLAN allowed on both switch ports" : "");
	return -ENOLINK;
}

int nfp_refuse_neighbour(const struct nfp_roles_input *c, const struct nfp_neighbour *neighbour,
			 const struct nfp_arp_reply *said, struct nfp_err *err)
{
	const char *ifname = c->pf->info.ifname;
	const struct nfp_ipv4_text ip = nfp_ipv4_str(&neighbour->ip);
	char where[32] = "";

	if (said->what == NFP_ARP_ANSWERS || said->what == NFP_ARP_ANSWERS_ALL)
		return nfp_source_refuse_inside(c->topology, c->pf, ip.text, &said->mac, err);
	if (said->what == NFP_ARP_TO_SENDER) {
		nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE,
			    "%s answers ARP, but always to the sender of the frame, not to the "
			    "hardware address that a probe names: no answer of it would go to the "
			    "test address",
			    ip.text);
		nfp_err_hint(err, "Name another neighbour on the segment of %s: --from arp:IP.",
			     ifname);
		return -ENOLINK;
	}
	if (c->vid)
		snprintf(where, sizeof(where), ", VLAN %u", c->vid);
	nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE, "%s does not answer ARP probes%s from %s%s",
		    ip.text, said->what == NFP_ARP_SILENT_ALONE ? " that are sent to it alone" : "",
		    ifname, where);
	nfp_err_hint(err,
		     "Is it on the segment of %s, and does it answer arping -0 %s? --from arp:IP "
		     "names another neighbour.",
		     ifname, ip.text);
	return -ENOLINK;
}

int nfp_refuse_no_gateway(const struct nfp_roles_input *c, struct nfp_err *err)
{
	const char *ifname = c->pf->info.ifname;

	nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE,
		    "--from arp: no default gateway is reached through %s", ifname);
	nfp_err_hint(err, "Name a neighbour on the segment of %s: --from arp:IP.", ifname);
	return -ENOLINK;
}

int nfp_refuse_all(const struct nfp_roles_input *c, size_t num, struct nfp_err *err)
{
	const char *ifname = c->pf->info.ifname;
	const bool asks = !nfp_why_pf_silent(&c->pf->info);

	nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE,
		    "there is no source of test frames for %s: it does not hear the %zu other "
		    "netdev%s, %s, and no idle VF has a driver of this host",
		    ifname, num, num == 1 ? "" : "s",
		    asks ? "no known neighbour answers ARP probes"
			 : "nobody else is asked from a member of a bond by which nothing is sent");
	if (!asks)
		nfp_err_hint(err, "Connect a second port of this host to the segment of %s.",
			     ifname);
	else
		nfp_err_hint(err,
			     "Name a neighbour on its segment with --from arp:IP, run nfprobe "
			     "--reflect on another host there, or connect a second port of this "
			     "host to the segment of %s.",
			     ifname);
	return -ENOLINK;
}

/*
 * A VLAN netdev on the bond makes its members pass the VLAN. One that the run made on a member
 * would take the VLAN from the bond: vlan_do_receive in net/8021q comes first.
 */
static int refuse_vlan(const struct nfp_roles_input *c, const struct nfp_roles *roles,
		       struct nfp_err *err)
{
	const struct nfp_topology *t = c->topology;
	const struct nfp_pf_info *pf = &c->pf->info;
	const struct nfp_link *bond = nfp_topology_link(t, pf->master);
	const unsigned int vid = c->request->have_vlan ? c->request->settings.vlan.vid
				 : roles->vf	       ? roles->vf->attr.vlan.vid
						       : 0;
	bool has = !vid || !nfp_is_bonded(pf) || !bond;

	for (size_t i = 0; i < t->num_links && !has; i++)
		has = strcmp(t->links[i].kind, "vlan") == 0 && t->links[i].link == bond->ifindex &&
		      t->links[i].vlan_id == vid;
	if (has)
		return 0;
	nfp_err_set(err, -EBUSY, NFP_E_PF_ENSLAVED,
		    "VF %u is in VLAN %u, in which %s has no netdev: its members do not let it in",
		    roles->number, vid, pf->master);
	nfp_err_hint(err,
		     "A standby of such a guest stands on a netdev of that VLAN on %s. A run makes "
		     "none, since its own, on %s, would take the VLAN from who has it now.",
		     pf->master, pf->ifname);
	return -EBUSY;
}

/*
 * An inactive member of balance-alb nevertheless hands its bond unicast
 * (bond_should_deliver_exact_match in drivers/net/bonding/bond_main.c), even frames for others once
 * it is promiscuous.
 */
static int refuse_bridge(const struct nfp_roles_input *c, struct nfp_err *err)
{
	const struct nfp_topology *t = c->topology;
	const struct nfp_pf_info *pf = &c->pf->info;
	const struct nfp_link *pf_link = nfp_topology_ifindex(t, pf->ifindex);

	if (!nfp_is_bonded(pf) || !pf->bond_backup || strcmp(pf->bond_mode, "balance-alb") != 0 ||
	    !pf_link)
		return 0;
	nfp_for_each (link, t->links, t->num_links) {
		if (!link->master || link->master == pf_link->master ||
		    !nfp_sends_through(t, link, pf_link))
			continue;
		nfp_err_set(err, -EBUSY, NFP_E_PF_ENSLAVED,
			    "%s is an inactive member of %s (bond, balance-alb), and %s is a port "
			    "of a bridge",
			    pf->ifname, pf->master, link->ifname);
		nfp_err_hint(err,
			     "%s takes unicast of inactive members as well. If a run made %s "
			     "promiscuous, that bridge would get there what its own guests have "
			     "sent, and would look for them outside. Probe the active member.",
			     pf->master, pf->ifname);
		return -EBUSY;
	}
	return 0;
}

int nfp_refuse_bonded(const struct nfp_roles_input *c, const struct nfp_roles *roles,
		      struct nfp_err *err)
{
	return refuse_vlan(c, roles, err) ?: refuse_bridge(c, err);
}

/* The PF asks these sources, or is the source. */
int nfp_refuse_asked(const struct nfp_roles_input *c, const char *source, struct nfp_err *err)
{
	const struct nfp_pf_info *pf = &c->pf->info;

	if (!nfp_why_pf_silent(pf))
		return 0;
	nfp_err_set(err, -EBUSY, NFP_E_SOURCE_UNUSABLE,
		    "--from %s: %s is a member of %s (bond, %s) by which a run sends nothing, not "
		    "even a question",
		    source, pf->ifname, pf->master, pf->bond_mode);
	nfp_err_hint(err,
		     "The switch must not learn at its port where the host is. Name a netdev of "
		     "this host on the segment of %s, or another VF: --from vf:M.",
		     pf->ifname);
	return -EBUSY;
}
