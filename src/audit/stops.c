// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stops.c - what each hop of a standby's way drops: the one table of it, and the questions.
 */
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if_bridge.h>

#include "way_priv.h"

#define CUT_OFF	       "nothing passes: a guest behind it is cut off on its standby, and on that alone"
#define NO_SECOND_PATH "no second path leads around the bridge, by which frames would go in circles"
#define JOINED_BY_VF                                                                               \
	"the guest has joined its groups by its VF alone, so that on its standby it is not found " \
	"by IPv6; the command gives it all groups, which costs it some load"

/* The rows, in the order of the report; the function of the kernel that drops, or a report. */
const struct nfp_stop_row nfp_stop_rows[NFP_STOP_COUNT] = {
	/* macvtap_dellink; containernetworking/plugins#439 */
	[NFP_STOP_GONE] =
		{NFP_FINDING_NOT_FORWARDING, NFP_STOPS_OWN, false, false,
		 "has a macvtap that is no more",
		 "its guest has no standby until its interface is detached and attached again "
		 "(virsh detach-interface, attach-interface): the netdev below it was made anew",
		 "", NULL, NULL},
	/* tp-libvirt#3701, incus-os#687, ganeti#336 */
	[NFP_STOP_ALONE] =
		{NFP_FINDING_NOT_FORWARDING, NFP_STOPS_OWN, false, false, "is in no bridge",
		 "its guest is cut off on its standby: it may have been in one before the "
		 "network of this host was restarted (virsh domiflist GUEST says in which: ip "
		 "link set .. master BRIDGE)",
		 "", NULL, NULL},
	/* macvlan_handle_frame, tun_get_user; plugins#439 */
	[NFP_STOP_DOWN] = {NFP_FINDING_NOT_FORWARDING, NFP_STOPS_OWN, false, true, "is down",
			   CUT_OFF, "", NULL, NULL},
	/* br_stp_disable_bridge */
	[NFP_STOP_BRIDGE_DOWN] = {NFP_FINDING_NOT_FORWARDING, NFP_STOPS_OWN, false, true, "is down",
				  CUT_OFF, "nobody keeps it down, as to break a loop", NULL, NULL},
	/* vlan_do_receive, __dev_forward_skb */
	[NFP_STOP_HOP_DOWN] = {NFP_FINDING_NOT_FORWARDING, NFP_STOPS_OWN, false, true, "is down",
			       CUT_OFF, "", NULL, NULL},
	[NFP_STOP_NIC_DOWN] = {NFP_FINDING_NOT_FORWARDING, NFP_STOPS_OWN, false, true, "is down",
			       CUT_OFF, "", NULL, NULL},
	/* void-packages#59772 */
	[NFP_STOP_NO_WAY] =
		{NFP_FINDING_NOT_FORWARDING, NFP_STOPS_OWN, false, false,
		 "has no port that leads out",
		 "its guests are cut off on their standbys: a NIC may have left it when the "
		 "network of this host was restarted",
		 "", NULL, NULL},
	/* the same, and the bridge has an address of the host's own */
	[NFP_STOP_ROUTED] =
		{NFP_FINDING_NOT_FORWARDING, NFP_STOPS_OWN, false, false,
		 "has no port that leads out",
		 "by their standbys its guests reach this host and what it routes, and not the "
		 "network of their VFs: a NIC may have left it when the network of this host was "
		 "restarted",
		 "", NULL, NULL},
	/* __allowed_ingress; lxd#11013 */
	[NFP_STOP_NO_VLAN] =
		{NFP_FINDING_NOT_FORWARDING, NFP_STOPS_OWN, false, false, "is in no VLAN",
		 "its bridge filters VLANs, and drops what the guest sends without a tag", "", NULL,
		 NULL},
	/* br_allowed_egress; TAPPaaS#65 */
	[NFP_STOP_LACKS_VLAN] =
		{NFP_FINDING_NOT_FORWARDING, NFP_STOPS_OWN, false, false, "is not in VLAN",
		 "the bridge filters VLANs, so that nothing of the guest's passes this port", "",
		 NULL, NULL},
	/* harvester#2903 */
	[NFP_STOP_OTHER_VLAN] =
		{NFP_FINDING_NOT_FORWARDING, NFP_STOPS_OWN, false, false, "leads to another VLAN",
		 "the guest is in one network by its VF, and in another by its standby", "", NULL,
		 NULL},
	/* macvlan_hash_lookup; kubevirt#2935 */
	[NFP_STOP_OTHER_ADDRESS] =
		{NFP_FINDING_NOT_FORWARDING, NFP_STOPS_OWN, false, false,
		 "has not its guest's address",
		 "the kernel gives the guest broadcasts there, and no unicast: it is "
		 "found by ARP, and then hears nothing",
		 "", NULL, NULL},
	[NFP_STOP_HELD] =
		{NFP_FINDING_NOT_FORWARDING, NFP_STOPS_ANY, false, false, "does not forward",
		 "a guest behind it is cut off on its standby, and on that alone: its VF passes "
		 "by the bridge",
		 NO_SECOND_PATH, "state", "3"},
	[NFP_STOP_ISOLATED] =
		{NFP_FINDING_NOT_FORWARDING, NFP_STOPS_ANY, false, false, "is isolated from the PF",
		 "two ports that are isolated pass each other nothing: a guest behind them is "
		 "cut off on its standby alone",
		 "", "isolated", "off"},
	[NFP_STOP_NO_BROADCAST] = {NFP_FINDING_NOT_FORWARDING, NFP_STOPS_PAIR, false, false,
				   "gets no broadcasts",
				   "nobody finds a guest by ARP there, once it is on its standby",
				   "", "bcast_flood", "on"},
	[NFP_STOP_PROXY_ARP] =
		{NFP_FINDING_NOT_FORWARDING, NFP_STOPS_PAIR, false, false,
		 "has proxy_arp, and gets no broadcasts",
		 "nothing is flooded to such a port: nobody finds a guest by ARP there, once "
		 "it is on its standby",
		 "", NULL, NULL},
	[NFP_STOP_NO_GROUPS] =
		{NFP_FINDING_NOT_FORWARDING, NFP_STOPS_PAIR, true, false,
		 "gets no groups but those that were joined by it",
		 "the guest has joined its groups, as those of IPv6, by its VF alone", "",
		 "mcast_flood", "on"},
	[NFP_STOP_NO_FLOOD] =
		{NFP_FINDING_NOT_FORWARDING, NFP_STOPS_PAIR, true, false,
		 "gets nothing for an address that the bridge does not have",
		 "a guest on its standby that is silent is forgotten, and then loses what is "
		 "sent to it",
		 "", "flood", "on"},
	/* br_manage_promisc in net/bridge/br_if.c: with vlan_filtering, a port of a bridge that has
	 * one other port at most which learns or is flooded to is not promiscuous. */
	[NFP_STOP_AUTO_PORT] =
		{NFP_FINDING_NOT_FORWARDING, NFP_STOPS_PAIR, true, false,
		 "learns or is flooded to, and the port towards the PF does not learn",
		 "so the PF is promiscuous, and its filter is not that of static-bridge: a tap "
		 "that was out of its bridge, as when the host's network is restarted, lacks what "
		 "libvirt has set there",
		 "", NULL, NULL},
	[NFP_STOP_LOCKED] =
		{NFP_FINDING_NOT_FORWARDING, NFP_STOPS_PAIR, true, false, "is locked",
		 "what a guest sends by its standby is dropped there, unless the bridge has its "
		 "address at that port",
		 "the guest may send without having been let in (802.1X)", "locked", "off"},
	/* is_skb_forwardable; lxd#18006, atmosphere#949 */
	[NFP_STOP_SMALL_MTU] =
		{NFP_FINDING_MTU, NFP_STOPS_OWN, true, false, "takes smaller frames than the PF",
		 "a guest that sends larger ones by its VF loses them on its standby", "", NULL,
		 NULL},
	[NFP_STOP_DELAYS_PORTS] =
		{NFP_FINDING_STP_DELAY, NFP_STOPS_ANY, true, false,
		 "holds each new port back (STP)",
		 "a guest that starts here, or migrates here, is deaf on its standby for "
		 "so long, and nothing is logged",
		 NO_SECOND_PATH, NULL, NULL},
	[NFP_STOP_SNOOPED] =
		{NFP_FINDING_BRIDGE_SNOOPS, NFP_STOPS_PAIR, true, false,
		 "gets only groups that were joined by it: the bridge snoops, and there is a "
		 "querier",
		 JOINED_BY_VF, "", "mcast_router", "2"},
	[NFP_STOP_MAY_SNOOP] =
		{NFP_FINDING_BRIDGE_SNOOPS, NFP_STOPS_PAIR, true, false,
		 "gets only groups that were joined by it if a querier is on the wire, which "
		 "this kernel does not say: the bridge snoops",
		 JOINED_BY_VF, "", "mcast_router", "2"},
	[NFP_STOP_FILTERED] =
		{NFP_FINDING_BRIDGE_NETFILTER, NFP_STOPS_PAIR, true, false,
		 "gives the frames between its ports to netfilter",
		 "its rules, which are not read, may drop them on the standby alone: the VF "
		 "passes by the bridge",
		 "nobody needs these rules (Docker, Kubernetes, libvirt's nwfilter and "
		 "firewalls of guests set this)",
		 NULL, NULL},
	/* containernetworking/plugins#639, cilium#36830 */
	[NFP_STOP_RULES] =
		{NFP_FINDING_BRIDGE_NETFILTER, NFP_STOPS_OWN, true, false, "has rules",
		 "they are not read, and see a guest's frames on its standby alone: its VF passes "
		 "by them",
		 "", NULL, NULL},
};

/* ---- the hops ---- */

static bool is_kind(const struct nfp_link *link, const char *kind)
{
	return strcmp(link->kind, kind) == 0;
}

static bool is_down(const struct nfp_link *link)
{
	return !(link->flags & IFF_UP);
}

/* One standby, and where its stops go. */
struct look {
	const struct nfp_paths *paths;
	const struct nfp_standby *standby;
	struct nfp_stops *stops;
	bool is_own;  /* standby and VF are one guest's, and its process has taken the VF */
	bool reaches; /* the PF */
};

static bool is_pf(const struct look *look, const struct nfp_placed *at)
{
	return at->netns == look->paths->facts->netns &&
	       at->link->ifindex == look->paths->pf->info.ifindex;
}

static void add(const struct look *look, struct nfp_stop stop)
{
	/* Only root must be able to cause a finding. */
	if (!stop.netns || !stop.netns->users)
		*nfp_grow(look->stops->v, look->stops->n) = stop;
}

static struct nfp_stop stop_of(const struct look *look, enum nfp_stop_what what)
{
	const struct nfp_standby *standby = look->standby;

	return (struct nfp_stop) {.what = what,
				  .standby = standby->at.link,
				  .vf = standby->vf,
				  .pairing = standby->pairing,
				  .pid = standby->pid};
}

/* A stop of the netdev itself, and of the port where it is one. */
static struct nfp_stop stop_at(const struct look *look, size_t step, enum nfp_stop_what what)
{
	const struct nfp_step_at *hop = &look->standby->steps.v[step];
	struct nfp_stop stop = stop_of(look, what);

	stop.step = step;
	stop.netns = hop->at.netns;
	stop.hop = hop->at.link;
	stop.bridge = hop->bridge;
	return stop;
}

static void add_at(const struct look *look, size_t step, enum nfp_stop_what what)
{
	add(look, stop_at(look, step, what));
}

/* Adds a stop of its bridge. */
static void add_bridge(const struct look *look, size_t step, enum nfp_stop_what what)
{
	struct nfp_stop stop = stop_at(look, step, what);

	stop.hop = stop.bridge;
	stop.bridge = NULL;
	add(look, stop);
}

static unsigned int vf_vlan(const struct nfp_vf_info *vf)
{
	return vf->attr.have_mac ? vf->attr.vlan.vid : 0;
}

/* @vid: 0: any. */
static bool port_has_vlan(const struct nfp_placed *at, unsigned int vid)
{
	nfp_for_each (vlan, at->netns->port_vlans, at->netns->num_port_vlans)
		if (vlan->ifindex == at->link->ifindex && (!vid || vlan->vid == vid))
			return true;
	return false;
}

/* A port of a bridge that filters VLANs. A guest whose VF is in no VLAN may tag its frames. */
static void look_at_vlans(const struct look *look, size_t step)
{
	const struct nfp_step_at *hop = &look->standby->steps.v[step];
	unsigned int vid = vf_vlan(look->standby->vf);

	if (!hop->lacks)
		return;
	if (hop->inward && !hop->in_bridge && (vid || !port_has_vlan(&hop->at, 0)))
		add_at(look, step, NFP_STOP_NO_VLAN);
	if (!hop->inward && vid && hop->in_bridge == vid && !hop->beside) {
		struct nfp_stop stop = stop_at(look, step, NFP_STOP_LACKS_VLAN);

		stop.vlan = vid;
		add(look, stop);
	}
}

static void look_at_state(const struct look *look, size_t step)
{
	const struct nfp_step_at *hop = &look->standby->steps.v[step];
	const struct nfp_facts_guest *guest = nfp_facts_guest_of(look->paths->facts,
								 look->standby->pid);
	const struct nfp_link *link = hop->at.link;

	/* One time for both ports. */
	if (hop->bridge && is_kind(hop->bridge, "bridge") && is_down(hop->bridge) &&
	    (hop->inward || (!hop->beside && (step == 0 || hop[-1].bridge != hop->bridge))))
		add_bridge(look, step, NFP_STOP_BRIDGE_DOWN);
	if (!is_down(link))
		return;
	if (step == 0 && !(guest && guest->stopped))
		add_at(look, step, NFP_STOP_DOWN);
	else if (step > 0 && !hop->beside && !is_pf(look, &hop->at))
		add_at(look, step, NFP_STOP_HOP_DOWN);
	else if (step > 0 && !hop->beside && look->standby->vf->at_rest)
		add_at(look, step, NFP_STOP_NIC_DOWN);
}

/* Looks at a hop of a standby that is one NIC with the VF. */
static void look_at_own(const struct look *look, size_t step)
{
	const struct nfp_standby *standby = look->standby;
	const struct nfp_step_at *hop = &standby->steps.v[step];
	const struct nfp_link *link = hop->at.link;

	look_at_state(look, step);
	if (hop->bridge && hop->bridge->vlan_filtering)
		look_at_vlans(look, step);
	if (step == 0 && is_kind(link, "macvtap") && !link->passthru &&
	    !nfp_mac_is_zero(&standby->tap->mac) &&
	    !nfp_mac_equal(&standby->tap->mac, &link->address)) {
		struct nfp_stop stop = stop_at(look, step, NFP_STOP_OTHER_ADDRESS);

		stop.address = standby->tap->mac;
		add(look, stop);
	}
	if ((is_kind(link, "vlan") || is_kind(link, "veth") ||
	     (is_kind(link, "tun") && hop->bridge)) &&
	    link->mtu && link->mtu < look->paths->pf->info.mtu)
		add_at(look, step, NFP_STOP_SMALL_MTU);
}

static void look_at_rules(const struct look *look, size_t step)
{
	const struct nfp_step_at *hop = &look->standby->steps.v[step];
	const struct nfp_link *links[] = {hop->at.link, hop->bridge};

	nfp_for_each (link, links, hop->bridge ? 2 : 1) {
		size_t num = 0;
		const struct nfp_rules *rules = nfp_rules_at(hop->at.netns, *link, &num);

		if (num) {
			struct nfp_stop stop = stop_at(look, step, NFP_STOP_RULES);

			stop.hop = *link;
			stop.bridge = NULL;
			stop.rules = rules;
			add(look, stop);
		}
	}
}

/* ---- bridges and their ports ---- */

static bool is_running(const struct nfp_link *port)
{
	return port->flags & IFF_UP && port->carrier;
}

/* Returns whether the port is held back. A port that is down, or without carrier, is disabled, as
 * is its guest's link. */
static bool is_held(const struct nfp_step_at *hop)
{
	const struct nfp_link *port = hop->at.link;

	return hop->bridge->flags & IFF_UP && port->port.known &&
	       port->port.state != BR_STATE_FORWARDING && is_running(port);
}

/* Flooded frames reach both ports. A note on both of them, or on the guest's groups, is said of the
 * one towards the guest. */
static void look_at_flood(const struct look *look, size_t step, bool is_static)
{
	const struct nfp_bridge_port *port = &look->standby->steps.v[step].at.link->port;

	if (port->no_bcast_flood)
		add_at(look, step, NFP_STOP_NO_BROADCAST);
	if (port->proxy_arp)
		add_at(look, step, NFP_STOP_PROXY_ARP);
	if (port->no_mcast_flood && port->mcast_router != 2)
		add_at(look, step, NFP_STOP_NO_GROUPS);
	if (port->no_flood && !is_static)
		add_at(look, step, NFP_STOP_NO_FLOOD);
}

static void look_at_inward(const struct look *look, size_t step, bool is_static)
{
	const struct nfp_step_at *hop = &look->standby->steps.v[step];
	const struct nfp_bridge_port *port = &hop->at.link->port;
	const struct nfp_bridge *bridge = &hop->bridge->bridge;

	if (is_static && !(port->no_learning && port->no_flood))
		add_at(look, step, NFP_STOP_AUTO_PORT);
	if (port->locked)
		add_at(look, step, NFP_STOP_LOCKED);
	if (bridge->snoops && bridge->has_querier && port->mcast_router != 2)
		add_at(look, step, NFP_STOP_SNOOPED);
	if (bridge->snoops && bridge->querier_unknown && port->mcast_router != 2)
		add_at(look, step, NFP_STOP_MAY_SNOOP);
}

/* A port of a bridge on a way that leads to the PF. */
static void look_at_port(const struct look *look, size_t step)
{
	const struct nfp_steps *steps = &look->standby->steps;
	const struct nfp_step_at *hop = &steps->v[step], *other = NULL;
	bool is_static;

	if (hop->inward && step + 1 < steps->n)
		other = &steps->v[step + 1];
	/* libvirt keeps the table of a bridge that does not learn at the PF, as static-bridge has
	 * it. */
	is_static = other && other->at.link->port.no_learning && hop->bridge->vlan_filtering;
	if (is_held(hop) && !(hop->beside && !hop->inward))
		add_at(look, step, NFP_STOP_HELD);
	if (other && hop->at.link->port.isolated && other->at.link->port.isolated) {
		struct nfp_stop stop = stop_at(look, step, NFP_STOP_ISOLATED);

		stop.other = other->at.link;
		add(look, stop);
	}
	if (look->standby->pairing == NFP_PAIR_NONE)
		return;
	look_at_flood(look, step, is_static);
	if (hop->inward)
		look_at_inward(look, step, is_static);
	if (!hop->inward && (hop->bridge->bridge.netfilter || hop->at.netns->netfilter))
		add_bridge(look, step, NFP_STOP_FILTERED);
}

/* ---- the end ---- */

/* The way ends in this host. What this host has beside a bridge, a bond or a tap is not judged. */
static void look_at_end(const struct look *look)
{
	const struct nfp_steps *steps = &look->standby->steps;
	const size_t step = steps->n - 1;
	const struct nfp_step_at *last = &steps->v[step];
	const struct nfp_link *link = last->at.link, *bridge = last->bridge;

	if (step == 0 && is_kind(link, "tun") && !link->master && !link->has_address) {
		/* In a pod, tc may take the frames of a tap that is in no bridge. */
		if (look->standby->pairing == NFP_PAIR_SURE ||
		    last->at.netns == look->paths->facts->netns)
			add_at(look, step, NFP_STOP_ALONE);
	} else if (bridge && last->inward && is_kind(bridge, "bridge")) {
		add_bridge(look, step, bridge->has_address ? NFP_STOP_ROUTED : NFP_STOP_NO_WAY);
	} else if (is_kind(link, "bond") || is_kind(link, "team")) {
		add_at(look, step, NFP_STOP_NO_WAY);
	}
}

/* Returns whether VF and standby both take the tags of a guest that tags its frames itself. */
static bool may_tag(const struct nfp_standby *standby)
{
	const struct nfp_netns *netns = standby->at.netns;

	nfp_for_each (vlan, netns->port_vlans, vf_vlan(standby->vf) ? 0 : netns->num_port_vlans)
		if (vlan->ifindex == standby->at.link->ifindex && !vlan->untagged)
			return true;
	return false;
}

/* The way leads to the PF, and nothing stops its frames. */
static void look_at_wire(const struct look *look)
{
	const struct nfp_standby *standby = look->standby;
	const struct nfp_step_at *last = &standby->steps.v[standby->steps.n - 1];
	struct nfp_stop stop;
	unsigned int vid = vf_vlan(standby->vf), wire = last->has_vid ? last->vid : 0;

	if (last->any_vlan || last->beside || standby->pairing != NFP_PAIR_SURE || wire == vid ||
	    may_tag(standby))
		return;
	stop = stop_at(look, 0, NFP_STOP_OTHER_VLAN);
	stop.vlan = vid;
	stop.wire_vlan = wire;
	stop.uplink_has_vlan = last->bridge && port_has_vlan(&last->at, vid);
	add(look, stop);
}

void nfp_stops_find(const struct nfp_paths *paths, const struct nfp_standby *standby,
		    struct nfp_stops *stops)
{
	const struct nfp_steps *steps = &standby->steps;
	struct look look = {.paths = paths, .standby = standby, .stops = stops};
	size_t before = stops->n;

	if (!standby->at.link) {
		add(&look, stop_of(&look, NFP_STOP_GONE));
		return;
	}
	if (steps->is_cut)
		return;
	look.is_own = standby->has_taken && standby->pairing >= NFP_PAIR_PRESUMED;
	look.reaches = steps->reaches && is_pf(&look, &steps->v[steps->n - 1].at);
	for (size_t i = 0; i < steps->n; i++) {
		const struct nfp_link *bridge = steps->v[i].bridge;

		if (look.is_own)
			look_at_own(&look, i);
		if (look.reaches && bridge && is_kind(bridge, "bridge"))
			look_at_port(&look, i);
	}
	if (!look.is_own)
		return;
	while (before < stops->n && nfp_stop_rows[stops->v[before].what].remark)
		before++;
	if (!steps->reaches)
		look_at_end(&look);
	else if (look.reaches && before == stops->n)
		look_at_wire(&look);
	for (size_t i = 0; i < steps->n; i++)
		look_at_rules(&look, i);
}

void nfp_stops_find_delays(const struct nfp_paths *paths, struct nfp_stops *stops)
{
	const struct nfp_standby standby = {.pid = 0};
	const struct look look = {.paths = paths, .standby = &standby, .stops = stops};
	const struct nfp_facts *facts = paths->facts;

	nfp_for_each (netns, facts->netns, facts->num_netns)
		nfp_for_each (link, netns->links, netns->users ? 0 : netns->num_links) {
			struct nfp_path path;

			if (is_kind(link, "bridge") && link->bridge.stp_delay_ms &&
			    nfp_path_find(paths, netns, link, &path) && !path.vf) {
				struct nfp_stop stop = stop_of(&look, NFP_STOP_DELAYS_PORTS);

				stop.netns = netns;
				stop.hop = link;
				add(&look, stop);
			}
		}
}
