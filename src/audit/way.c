// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * way.c - the way of a guest's standby to the wire, hop by hop, and where it stops. The walk begins
 * at the guest, so that a tap from which nothing leads to the PF is looked at as well; forward.c
 * asks the bridges on a way that is whole.
 *
 * A standby is a tap or macvtap of a process that also holds a VF of the PF. Whether the two are
 * one NIC is known by their address alone; where none is known, a remark is all that is said.
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_priv.h"
#include "net/steps.h"

enum pairing { PAIR_NONE, PAIR_PRESUMED, PAIR_SURE };

/* A hop that stops the frames of a standby, or loses some of them. */
struct stop {
	const struct row *row;
	const struct nfp_netns *netns; /* of the hop */
	const struct nfp_link *hop;    /* NULL: a macvtap that is no more */
	const struct nfp_link *bridge; /* of which the hop is a port here; NULL: of none */
	const struct nfp_link *standby;
	const struct nfp_guest_tap *tap;
	const struct nfp_vf_info *vf;
	int pid;
	enum pairing pairing;
	unsigned int vlan, wire_vlan;
	bool uplink_has_vlan;
	struct nfp_mac address;
	const struct nfp_rules *rules;
};

/* A process that holds a VF of the PF. */
struct holder {
	int pid;
	const struct nfp_vf_info *vf;
	size_t standbys; /* that were looked at */
};
#define STANDBYS_MAX 32U /* of one process: anybody who has a VF can open any number of taps */

struct stops {
	const struct nfp_paths *paths;
	struct holder *holders; /* owned, sorted */
	size_t num_holders;
	bool is_cut, way_is_cut;
	struct stop *v;
	size_t n;
};

enum what {
	GONE,
	ALONE,
	STANDBY_DOWN,
	BRIDGE_DOWN,
	HOP_DOWN,
	NIC_DOWN,
	NO_WAY,
	ROUTED,
	NO_VLAN,
	LACKS_VLAN,
	OTHER_VLAN,
	OTHER_ADDRESS,
	SMALL_MTU,
	RULES,
};

#define CUT_OFF "nothing passes: a guest behind it is cut off on its standby, and on that alone"

/* The rows, in the order of the report; the function of the kernel that drops. @up: the command is
 * "ip link set HOP up". */
static const struct row {
	enum nfp_finding_code code;
	bool remark, up;
	const char *what, *why, *after;
} rows[] = {
	/* macvtap_dellink; containernetworking/plugins#439 */
	[GONE] = {NFP_FINDING_NOT_FORWARDING, false, false, "has a macvtap that is no more",
		  "its guest has no standby until its interface is detached and attached again "
		  "(virsh detach-interface, attach-interface): the netdev below it was made anew",
		  ""},
	/* tp-libvirt#3701, incus-os#687, ganeti#336 */
	[ALONE] = {NFP_FINDING_NOT_FORWARDING, false, false, "is in no bridge",
		   "its guest is cut off on its standby: it may have been in one before the "
		   "network of this host was restarted (virsh domiflist GUEST says in which: ip "
		   "link set .. master BRIDGE)",
		   ""},
	/* macvlan_handle_frame, tun_get_user; plugins#439 */
	[STANDBY_DOWN] = {NFP_FINDING_NOT_FORWARDING, false, true, "is down", CUT_OFF, ""},
	/* br_stp_disable_bridge */
	[BRIDGE_DOWN] = {NFP_FINDING_NOT_FORWARDING, false, true, "is down", CUT_OFF,
			 "nobody keeps it down, as to break a loop"},
	/* vlan_do_receive, __dev_forward_skb */
	[HOP_DOWN] = {NFP_FINDING_NOT_FORWARDING, false, true, "is down", CUT_OFF, ""},
	[NIC_DOWN] = {NFP_FINDING_NOT_FORWARDING, false, true, "is down", CUT_OFF, ""},
	/* void-packages#59772 */
	[NO_WAY] = {NFP_FINDING_NOT_FORWARDING, false, false, "has no port that leads out",
		    "its guests are cut off on their standbys: a NIC may have left it when the "
		    "network of this host was restarted",
		    ""},
	/* the same, and the bridge has an address of the host's own */
	[ROUTED] =
		{NFP_FINDING_NOT_FORWARDING, false, false, "has no port that leads out",
		 "by their standbys its guests reach this host and what it routes, and not the "
		 "network of their VFs: a NIC may have left it when the network of this host was "
		 "restarted",
		 ""},
	/* __allowed_ingress; lxd#11013 */
	[NO_VLAN] = {NFP_FINDING_NOT_FORWARDING, false, false, "is in no VLAN",
		     "its bridge filters VLANs, and drops what the guest sends without a tag", ""},
	/* br_allowed_egress; TAPPaaS#65 */
	[LACKS_VLAN] = {NFP_FINDING_NOT_FORWARDING, false, false, "is not in VLAN",
			"the bridge filters VLANs, so that nothing of the guest's passes this port",
			""},
	/* harvester#2903 */
	[OTHER_VLAN] = {NFP_FINDING_NOT_FORWARDING, false, false, "leads to another VLAN",
			"the guest is in one network by its VF, and in another by its standby", ""},
	/* macvlan_hash_lookup; kubevirt#2935 */
	[OTHER_ADDRESS] = {NFP_FINDING_NOT_FORWARDING, false, false, "has not its guest's address",
			   "the kernel gives the guest broadcasts there, and no unicast: it is "
			   "found by ARP, and then hears nothing",
			   ""},
	/* is_skb_forwardable; lxd#18006, atmosphere#949 */
	[SMALL_MTU] = {NFP_FINDING_MTU, true, false, "takes smaller frames than the PF",
		       "a guest that sends larger ones by its VF loses them on its standby", ""},
	/* containernetworking/plugins#639, cilium#36830 */
	[RULES] =
		{NFP_FINDING_BRIDGE_NETFILTER, true, false, "has rules",
		 "they are not read, and see a guest's frames on its standby alone: its VF passes "
		 "by them",
		 ""},
};

/* ---- the pair ---- */

static bool is_kind(const struct nfp_link *link, const char *kind)
{
	return strcmp(link->kind, kind) == 0;
}

/* A VF that its guest has not taken yet has a standby that may be down on purpose. */
static bool holds(const struct nfp_vf_info *vf, int pid)
{
	return vf->user_pid == pid && (vf->use == NFP_USE_VFIO || vf->use == NFP_USE_OTHER);
}

/* Is it that tap or macvtap, as far as its name or ifindex tells? */
static bool is_named(const struct nfp_guest_tap *tap, const struct nfp_link *link)
{
	return tap->ifindex ? tap->ifindex == link->ifindex
			    : strcmp(tap->ifname, link->ifname) == 0;
}

/*
 * Returns the process's descriptor of it, one with its guest's address if there is any. NULL: a
 * descriptor of it was handed over to the process, and another namespace has a netdev of that name
 * or ifindex as well.
 */
static const struct nfp_guest_tap *tap_of(const struct nfp_facts *facts, int pid,
					  const struct nfp_placed *at)
{
	const struct nfp_guest_tap *own = NULL, *handed = NULL;
	size_t namesakes = 0;

	nfp_for_each (tap, facts->taps, facts->num_taps) {
		if (tap->pid != pid || !is_named(tap, at->link))
			continue;
		if (!tap->in_netns)
			handed = tap;
		else if (&facts->netns[tap->netns] == at->netns &&
			 (!own || !nfp_mac_is_zero(&tap->mac)))
			own = tap;
	}
	if (own)
		return own;
	nfp_for_each (netns, facts->netns, handed ? facts->num_netns : 0)
		nfp_for_each (link, netns->links, netns->num_links)
			namesakes += strcmp(link->kind, at->link->kind) == 0 &&
				     is_named(handed, link);
	return namesakes == 1 ? handed : NULL;
}

static bool has_entry(const struct nfp_paths *paths, const struct nfp_netns *netns,
		      const struct nfp_link *link, const struct nfp_mac *mac)
{
	const struct nfp_entries entries = nfp_entries_of(paths->index, mac);

	nfp_for_each (e, entries.v, entries.n)
		if (e->netns == netns && e->entry->ifindex == link->ifindex)
			return true;
	return false;
}

/* @tap: NULL: not known which the process has open. */
static enum pairing pairing_of(const struct nfp_paths *paths, const struct nfp_placed *at,
			       const struct nfp_guest_tap *tap, const struct nfp_vf_info *vf)
{
	const struct nfp_mac *mac = &vf->attr.mac;
	const struct nfp_link *link = at->link;

	if (!tap)
		return PAIR_NONE;
	if (!vf->attr.have_mac || nfp_mac_is_nobodys(mac))
		return PAIR_PRESUMED;
	if (!nfp_mac_is_zero(&tap->mac))
		return nfp_mac_equal(&tap->mac, mac) ? PAIR_SURE : PAIR_NONE;
	if (nfp_mac_equal(&link->address, mac) || has_entry(paths, at->netns, link, mac))
		return PAIR_SURE;
	/* libvirt's tap: fe, and the rest of the guest's. */
	if (is_kind(link, "tun") && link->address.b[0] == 0xfe)
		return memcmp(&link->address.b[1], &mac->b[1], 5) == 0 ? PAIR_SURE : PAIR_NONE;
	return PAIR_PRESUMED;
}

/* Counts the taps and macvtaps that the process has open, and the VFs of this host that it holds.
 */
static size_t halves_of(const struct nfp_facts *facts, int pid)
{
	size_t taps = 0, vfs = 0;

	nfp_for_each (tap, facts->taps, facts->num_taps)
		taps += tap->pid == pid;
	nfp_for_each (pf, facts->topology.pfs, facts->topology.num_pfs)
		nfp_for_each (vf, pf->vfs, pf->num_vfs)
			vfs += vf->user_pid == pid;
	return taps + vfs;
}

/* ---- the hops ---- */

static void add(struct stops *stops, enum what what, const struct stop *like,
		const struct nfp_placed *at, const struct nfp_link *bridge)
{
	struct stop stop = *like;

	stop.row = &rows[what];
	stop.netns = at ? at->netns : like->netns;
	stop.hop = at ? at->link : NULL;
	stop.bridge = bridge;
	/* Only root must be able to cause a finding. */
	if (!stop.netns || !stop.netns->users)
		*nfp_grow(stops->v, stops->n) = stop;
}

static bool is_down(const struct nfp_link *link)
{
	return !(link->flags & IFF_UP);
}

static bool is_pf(const struct nfp_paths *paths, const struct nfp_placed *at)
{
	return at->netns == paths->facts->netns && at->link->ifindex == paths->pf->info.ifindex;
}

static uint16_t vf_vlan(const struct stop *like)
{
	return like->vf->attr.have_mac ? like->vf->attr.vlan.vid : 0;
}

static bool port_has_vlan(const struct nfp_placed *at, uint16_t vid)
{
	nfp_for_each (vlan, at->netns->port_vlans, at->netns->num_port_vlans)
		if (vlan->ifindex == at->link->ifindex && (!vid || vlan->vid == vid))
			return true;
	return false;
}

/* Do VF and standby both take the tags of a guest that tags its frames itself? */
static bool may_tag(const struct stop *like, const struct nfp_placed *standby)
{
	nfp_for_each (vlan, standby->netns->port_vlans,
		      vf_vlan(like) ? 0 : standby->netns->num_port_vlans)
		if (vlan->ifindex == standby->link->ifindex && !vlan->untagged)
			return true;
	return false;
}

/* A port of a bridge that filters VLANs. */
static void look_at_vlans(struct stops *stops, const struct nfp_step_at *hop, struct stop *like)
{
	uint16_t vid = vf_vlan(like);

	if (!hop->lacks)
		return;
	if (hop->inward && !hop->in_bridge && (vid || !port_has_vlan(&hop->at, 0)))
		add(stops, NO_VLAN, like, &hop->at, hop->bridge);
	if (!hop->inward && vid && hop->in_bridge == vid && !hop->beside) {
		like->vlan = vid;
		add(stops, LACKS_VLAN, like, &hop->at, hop->bridge);
		like->vlan = 0;
	}
}

static void look_at_hop(struct stops *stops, const struct nfp_step_at *hop, struct stop *like)
{
	const struct nfp_pf *pf = stops->paths->pf;
	const struct nfp_link *link = hop->at.link;
	const struct nfp_facts_guest *guest = nfp_facts_guest_of(stops->paths->facts, like->pid);
	bool is_standby = link == like->standby;

	if (hop->bridge && is_kind(hop->bridge, "bridge") && is_down(hop->bridge) &&
	    (hop->inward || !hop->beside)) {
		const struct nfp_placed at = {hop->at.netns, hop->bridge};

		add(stops, BRIDGE_DOWN, like, &at, NULL);
	}
	if (is_down(link) && is_standby && !(guest && guest->stopped))
		add(stops, STANDBY_DOWN, like, &hop->at, hop->bridge);
	else if (is_down(link) && is_pf(stops->paths, &hop->at) && like->vf->at_rest &&
		 !hop->beside)
		add(stops, NIC_DOWN, like, &hop->at, hop->bridge);
	else if (is_down(link) && !is_standby && !is_pf(stops->paths, &hop->at) && !hop->beside)
		add(stops, HOP_DOWN, like, &hop->at, hop->bridge);
	if (hop->bridge && hop->bridge->vlan_filtering)
		look_at_vlans(stops, hop, like);
	if (is_standby && is_kind(link, "macvtap") && !link->passthru &&
	    !nfp_mac_is_zero(&like->tap->mac) && !nfp_mac_equal(&like->tap->mac, &link->address)) {
		like->address = like->tap->mac;
		add(stops, OTHER_ADDRESS, like, &hop->at, NULL);
	}
	if ((is_kind(link, "vlan") || is_kind(link, "veth") ||
	     (is_kind(link, "tun") && hop->bridge)) &&
	    link->mtu && link->mtu < pf->info.mtu)
		add(stops, SMALL_MTU, like, &hop->at, hop->bridge);
}

static void look_at_rules(struct stops *stops, const struct nfp_step_at *hop, struct stop *like)
{
	const struct nfp_placed places[] = {hop->at, {hop->at.netns, hop->bridge}};

	nfp_for_each (at, places, hop->bridge ? 2 : 1) {
		size_t num = 0;
		const struct nfp_rules *rules = nfp_rules_at(at->netns, at->link, &num);

		like->rules = rules;
		if (num)
			add(stops, RULES, like, at, NULL);
	}
	like->rules = NULL;
}

/* The way ends in this host. What this host has beside a bridge, a bond or a tap is not judged. */
static void look_at_end(struct stops *stops, const struct nfp_steps *steps, struct stop *like)
{
	const struct nfp_step_at *last = &steps->v[steps->n - 1];
	const struct nfp_link *link = last->at.link;
	const struct nfp_placed at = {last->at.netns, last->bridge};

	if (steps->n == 1 && is_kind(link, "tun") && !link->master && !link->has_address) {
		/* In a pod, tc may take the frames of a tap that is in no bridge. */
		if (like->pairing == PAIR_SURE || last->at.netns == stops->paths->facts->netns)
			add(stops, ALONE, like, &last->at, NULL);
	} else if (last->bridge && last->inward && is_kind(last->bridge, "bridge")) {
		add(stops, last->bridge->has_address ? ROUTED : NO_WAY, like, &at, NULL);
	} else if (is_kind(link, "bond") || is_kind(link, "team")) {
		add(stops, NO_WAY, like, &last->at, last->bridge);
	}
}

static void look_at_pair(struct stops *stops, const struct nfp_placed *standby, int pid,
			 const struct nfp_vf_info *vf)
{
	const struct nfp_paths *paths = stops->paths;
	struct stop like = {.standby = standby->link,
			    .tap = tap_of(paths->facts, pid, standby),
			    .vf = vf,
			    .pid = pid,
			    .netns = standby->netns};
	const struct nfp_step_at *last;
	struct nfp_steps steps;
	size_t before = stops->n;

	like.pairing = pairing_of(paths, standby, like.tap, vf);
	if (like.pairing == PAIR_NONE ||
	    (like.pairing == PAIR_PRESUMED && halves_of(paths->facts, pid) != 2))
		return;
	nfp_steps_find(paths->index, standby, paths->pf, &steps);
	stops->way_is_cut |= steps.is_cut;
	if (!steps.n)
		return;
	for (size_t i = 0; i < steps.n; i++) {
		look_at_hop(stops, &steps.v[i], &like);
		look_at_rules(stops, &steps.v[i], &like);
	}
	if (!steps.reaches) {
		look_at_end(stops, &steps, &like);
		return;
	}
	last = &steps.v[steps.n - 1];
	like.wire_vlan = last->has_vid ? last->vid : 0;
	like.vlan = vf_vlan(&like);
	like.uplink_has_vlan = last->bridge && port_has_vlan(&last->at, vf_vlan(&like));
	for (; before < stops->n && stops->v[before].row->remark;)
		before++;
	if (stops->n == before && !last->any_vlan && !last->beside && is_pf(paths, &last->at) &&
	    like.pairing == PAIR_SURE && like.wire_vlan != like.vlan && !may_tag(&like, standby))
		add(stops, OTHER_VLAN, &like, &steps.v[0].at, steps.v[0].bridge);
}

static int compare_holders(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid) ?: (x->vf > y->vf) - (x->vf < y->vf);
}

static void find_holders(struct stops *stops)
{
	const struct nfp_pf *pf = stops->paths->pf;

	nfp_for_each (vf, pf->vfs, pf->num_vfs)
		if (vf->user_pid && holds(vf, vf->user_pid))
			*nfp_grow(stops->holders, stops->num_holders) =
				(struct holder) {.pid = vf->user_pid, .vf = vf};
	if (stops->num_holders)
		qsort(stops->holders, stops->num_holders, sizeof(*stops->holders), compare_holders);
}

/* Returns the first holder of that process, or of one behind it. */
static size_t holder_at(const struct stops *stops, int pid)
{
	size_t low = 0, high = stops->num_holders;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (stops->holders[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void look_at_standby(struct stops *stops, const struct nfp_placed *standby)
{
	int pids[NFP_SAME_MAX];
	size_t num = nfp_tap_pids(stops->paths->index, standby->netns, standby->link, pids);

	for (size_t i = 0; i < num; i++) {
		for (size_t k = holder_at(stops, pids[i]);
		     k < stops->num_holders && stops->holders[k].pid == pids[i]; k++) {
			struct holder *holder = &stops->holders[k];

			stops->is_cut |= holder->standbys == STANDBYS_MAX;
			if (holder->standbys == STANDBYS_MAX)
				continue;
			holder->standbys++;
			look_at_pair(stops, standby, pids[i], holder->vf);
		}
	}
}

/* A dead macvtap has no netdev, and no namespace. */
static void look_at_dead(struct stops *stops)
{
	const struct nfp_pf *pf = stops->paths->pf;
	const struct nfp_facts *facts = stops->paths->facts;

	nfp_for_each (tap, facts->taps, facts->num_taps)
		nfp_for_each (vf, pf->vfs, tap->dead ? pf->num_vfs : 0)
			if (holds(vf, tap->pid) && halves_of(facts, tap->pid) == 2) {
				const struct stop like = {
					.vf = vf, .pid = tap->pid, .pairing = PAIR_SURE};

				add(stops, GONE, &like, NULL, NULL);
			}
}

/* ---- the findings ---- */

static int compare_stops(const void *a, const void *b)
{
	const struct stop *x = a, *y = b;

#define ORDER(member) ((x->member > y->member) - (x->member < y->member))
	return ORDER(row) ?: -ORDER(pairing) ?: ORDER(netns) ?: ORDER(hop) ?: ORDER(vlan)
	       ?: ORDER(standby) ?: ORDER(pid);
#undef ORDER
}

static bool is_same(const struct stop *a, const struct stop *b)
{
	return a->row == b->row && a->hop == b->hop && a->vlan == b->vlan &&
	       (a->hop || a->pid == b->pid);
}

static void tell(const struct stops *stops, const struct stop *stop, struct nfp_finding *f)
{
	const enum what what = (enum what)(stop->row - rows);
	const bool is_first = !f->what[0];
	const size_t size = sizeof(f->what);

	nfp_appendf(f->what, size, "%s", is_first ? "" : "; ");
	if (!stop->hop)
		nfp_appendf(f->what, size, "process %d, who holds VF %u,", stop->pid, stop->vf->vf);
	else
		nfp_appendf(f->what, size, "%s%s%s%s%.60s", stop->hop->ifname,
			    stop->bridge ? " of " : "", stop->bridge ? stop->bridge->ifname : "",
			    stop->netns->name[0] ? " in " : "", stop->netns->name);
	nfp_appendf(f->what, size, " %s", stop->row->what);
	if (what == LACKS_VLAN)
		nfp_appendf(f->what, size, " %u", stop->vlan);
	else if (what == OTHER_VLAN)
		nfp_appendf(f->what, size, ": %s%.0u there, and %s%.0u by VF %u",
			    stop->wire_vlan ? "VLAN " : "none", stop->wire_vlan,
			    stop->vlan ? "VLAN " : "none", stop->vlan, stop->vf->vf);
	else if (what == OTHER_ADDRESS)
		nfp_appendf(f->what, size, ": %s, and not %s",
			    nfp_mac_str(&stop->hop->address).text,
			    nfp_mac_str(&stop->address).text);
	else if (what == RULES)
		nfp_appendf(f->what, size, " (%.40s)", stop->rules->name);
	else if (what == SMALL_MTU)
		nfp_appendf(f->what, size, ": %u, and not %u bytes", stop->hop->mtu,
			    stops->paths->pf->info.mtu);
	if (stop->hop && stop->standby != stop->hop && what != RULES)
		nfp_appendf(f->what, size, ", and %s is behind it", stop->standby->ifname);
	if (is_first) {
		f->remark = stop->row->remark || stop->pairing == PAIR_PRESUMED;
		nfp_finding_name(f, stops->paths, stop->vf);
		snprintf(f->why, sizeof(f->why), "%s", stop->row->why);
		snprintf(f->after, sizeof(f->after), "%s", stop->row->after);
	}
}

static void fix(const struct stop *stop, const struct nfp_pf *pf, struct nfp_commands *commands)
{
	const enum what what = (enum what)(stop->row - rows);

	if (stop->row->up || what == OTHER_ADDRESS || what == SMALL_MTU) {
		nfp_fix_begin(commands, stop->netns, stop->hop, "set");
		if (stop->row->up)
			nfp_command_more(commands, "up");
		else if (what == OTHER_ADDRESS)
			nfp_command_more(commands, "address %s", nfp_mac_str(&stop->address).text);
		else
			nfp_command_more(commands, "mtu %u", pf->info.mtu);
		nfp_fix_end(commands, stop->netns);
	}
	if (what != LACKS_VLAN && !(what == OTHER_VLAN && stop->uplink_has_vlan && stop->vlan &&
				    stop->bridge && stop->bridge->vlan_filtering))
		return;
	nfp_fix_tool(commands, stop->netns, "bridge");
	nfp_command_more(commands, "vlan add vid %u dev %s", stop->vlan, stop->hop->ifname);
	if (what == OTHER_VLAN)
		nfp_command_more(commands, "pvid untagged");
	nfp_fix_end(commands, stop->netns);
}

static void note_cut(const struct stops *stops, struct nfp_audit *audit)
{
	struct nfp_unread unread = {.needs = ""};
	const char *ifname = stops->paths->pf->info.ifname;

	snprintf(unread.pf, sizeof(unread.pf), "%s", ifname);
	snprintf(unread.what, sizeof(unread.what),
		 "the ways of all standbys of processes that have VFs of %s: more than ", ifname);
	if (stops->is_cut)
		nfp_appendf(unread.what, sizeof(unread.what), "%u taps of one", STANDBYS_MAX);
	if (stops->way_is_cut)
		nfp_appendf(unread.what, sizeof(unread.what), "%s%u netdevs on a way",
			    stops->is_cut ? ", and " : "", NFP_STEPS_MAX);
	*nfp_grow(audit->unread, audit->num_unread) = unread;
}

void nfp_find_ways(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	struct stops stops = {.paths = paths};
	const struct nfp_facts *facts = paths->facts;
	const struct stop *last = NULL;
	size_t num = 0;

	find_holders(&stops);
	if (!stops.num_holders)
		return;
	nfp_for_each (netns, facts->netns, facts->num_netns)
		nfp_for_each (link, netns->links, netns->users ? 0 : netns->num_links)
			if (is_kind(link, "tun") || is_kind(link, "macvtap"))
				look_at_standby(&stops, &(const struct nfp_placed) {netns, link});
	look_at_dead(&stops);
	if (stops.is_cut || stops.way_is_cut)
		note_cut(&stops, audit);
	if (stops.n)
		qsort(stops.v, stops.n, sizeof(*stops.v), compare_stops);
	for (size_t i = 0; i < stops.n; i++) {
		const struct stop *stop = &stops.v[i];
		struct nfp_finding *f;

		if (last && is_same(stop, last))
			continue;
		if (!last || last->row != stop->row || last->pairing != stop->pairing) {
			nfp_finding_add(audit, stop->row->code, paths->pf);
			num = 0;
		}
		last = stop;
		f = &audit->findings[audit->num_findings - 1];
		if (++num <= COMMANDS_MAX) {
			tell(&stops, stop, f);
			fix(stop, paths->pf, &f->commands);
		} else if (num == COMMANDS_MAX + 1) {
			nfp_appendf(f->what, sizeof(f->what), "; and others");
		}
	}
	free(stops.v);
	free(stops.holders);
}
