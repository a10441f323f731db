// SPDX-License-Identifier: GPL-2.0-or-later
/* The NIC itself: its filters, its clock, and where a frame goes. */
#include "memnic_priv.h"
#include "../../src/traffic/traffic_priv.h"

#include <stdlib.h>
#include <string.h>

uint64_t nic_draw(uint64_t *state)
{
	/* xorshift64*, Vigna 2016 */
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

uint64_t nic_random(struct memnic *nic)
{
	return nic_draw(&nic->random);
}

void nic_note(struct memnic *nic, const char *word)
{
	size_t used = strlen(nic->log), len = strlen(word);

	if (used + len + 2 > sizeof(nic->log))
		return;
	memcpy(nic->log + used, word, len);
	nic->log[used + len] = ' ';
}

/* ---- where a frame goes ---- */

/* Does the NIC forward to @at what is for it? */
static bool reaches(const struct memnic *nic, enum nfp_receiver at)
{
	enum nfp_receiver as = nic->second_vf ? NFP_AT_VF : at;

	return core_reaches(&nic->p, nic_from(nic->c.source), nic_at(as));
}

static unsigned int reachable(const struct memnic *nic, unsigned int to)
{
	for (int at = 0; at < NFP_RECEIVER_COUNT; at++) {
		if (!reaches(nic, (enum nfp_receiver)at))
			to &= ~NIC_TO(at);
	}
	return to;
}

static uint64_t vf_has(const struct memnic *nic, const struct nfp_mac *mac)
{
	return core_filter_written(&nic->filter, mac->b);
}

static unsigned int owners(const struct memnic *nic, const struct nfp_mac *mac)
{
	unsigned int to = 0;

	if (core_pf_has(&nic->pf, mac->b) || nfp_mac_equal(mac, &nic_own_mac))
		to |= NIC_TO(NFP_AT_PF);
	if (vf_has(nic, mac))
		to |= NIC_TO(NFP_AT_VF);
	return to;
}

static unsigned int arbitrate(const struct memnic *nic, const struct nfp_mac *mac, unsigned int to)
{
	if (to != (NIC_TO(NFP_AT_PF) | NIC_TO(NFP_AT_VF)))
		return to;
	switch (core_arbitrate(&nic->p, nic->pf_station, core_pf_has(&nic->pf, mac->b),
			       vf_has(nic, mac))) {
	case CORE_ARB_VF:
		return NIC_TO(NFP_AT_VF);
	case CORE_ARB_PF:
		return NIC_TO(NFP_AT_PF);
	default:
		return to;
	}
}

bool nic_sees_all(const struct memnic *nic)
{
	return (nic->pf_promisc || nic->pf_forced) && !nic->second_vf;
}

bool nic_sibling_takes(const struct memnic *nic)
{
	return nic->now_ns >= nic->c.sibling.from_ns &&
	       nic->now_ns - nic->c.sibling.from_ns < nic->c.sibling.for_ns;
}

static bool pf_overhears(const struct memnic *nic, bool owned)
{
	if (nic->second_vf)
		return !owned && !nic_sibling_takes(nic) && nic->pf_promisc &&
		       reaches(nic, NFP_AT_PF);
	return (owned || !nic_sibling_takes(nic)) &&
	       core_pf_overhears(&nic->p, nic_from(nic->c.source), nic_sees_all(nic), owned);
}

static unsigned int unicast_reach(const struct memnic *nic, const struct nfp_mac *mac)
{
	const struct core_one *one = core_net_find(&nic->learned, mac->b, nic->now_ns);
	unsigned int to = owners(nic, mac);
	bool owned = to & NIC_TO(NFP_AT_VF);

	to = arbitrate(nic, mac, to);
	if (one && nic->p.learns && one->port != NIC_UPLINK) {
		if (one->port == NFP_AT_VF)
			return NIC_TO(NFP_AT_VF);
		to &= NIC_TO(NFP_AT_PF);
		owned = false;
	}
	to = reachable(nic, to);
	if (!(to & NIC_TO(NFP_AT_PF)) && pf_overhears(nic, owned)) {
		to |= NIC_TO(NFP_AT_PF);
		if (owned && nic->p.promisc_takes_owned)
			to &= ~NIC_TO(NFP_AT_VF);
	}
	return to;
}

static unsigned int broadcast_reach(const struct memnic *nic)
{
	enum core_at as = nic->second_vf ? CORE_AT_VF : CORE_AT_PF;

	return reachable(
		nic, (core_gets_broadcast(&nic->p, as) ? NIC_TO(NFP_AT_PF) : 0) |
			     (core_gets_broadcast(&nic->p, CORE_AT_VF) ? NIC_TO(NFP_AT_VF) : 0));
}

/* Its bucket is passed, since the standby has joined it, or another group in it. */
static bool is_in_bucket(const struct memnic *nic, const struct nfp_mac *mac)
{
	unsigned int buckets = nic->p.group_buckets;
	uint64_t bucket = net_hash(nic, mac) % (buckets ?: 1);

	return buckets && nic->p.pf_groups != CORE_GROUPS_NONE &&
	       (nic->c.others_groups >> bucket & 1 ||
		(core_joined_has(&nic->pf_groups.joined, nic->group.b) &&
		 net_hash(nic, &nic->group) % buckets == bucket));
}

static bool pf_gets_group(const struct memnic *nic, const struct nfp_mac *mac)
{
	const struct core_group group = {
		.mac = mac->b,
		.stolen = core_joined_find(&nic->vf_groups.stolen, mac->b) >= 0,
		.hashed = core_joined_hashes(&nic->pf_groups.joined),
	};

	if (nic->second_vf && nic->p.second != CORE_SECOND_ENTRY)
		return nic->pf_promisc || nic->p.vf_groups == CORE_GROUPS_ALL;
	return core_pf_gets_group(&nic->p, &nic->pf_groups, &group, nic_sees_all(nic)) ||
	       (!group.stolen && is_in_bucket(nic, mac));
}

static bool vf_gets_group(const struct memnic *nic, const struct nfp_mac *mac)
{
	const struct core_group group = {
		.mac = mac->b,
		.hashed = core_joined_hashes(&nic->vf_groups.joined),
	};

	return core_vf_gets_group(&nic->p, &nic->vf_groups, &group, false);
}

static unsigned int multicast_reach(const struct memnic *nic, enum nfp_kind kind)
{
	const struct nfp_mac *mac = nfp_plan_to(&nic->plan, kind);
	unsigned int to = 0;

	/* Each netdev with IPv6 is in it, if the NIC lets it join any. */
	if (nfp_mac_equal(mac, &nfp_mac_all_nodes)) {
		to = NIC_TO(NFP_AT_PF);
		if (nic->p.vf_groups != CORE_GROUPS_NONE)
			to |= NIC_TO(NFP_AT_VF);
		return reachable(nic, to);
	}
	if (pf_gets_group(nic, mac))
		to |= NIC_TO(NFP_AT_PF);
	if (vf_gets_group(nic, mac))
		to |= NIC_TO(NFP_AT_VF);
	return reachable(nic, to);
}

static unsigned int untagged_reach(const struct memnic *nic, enum nfp_kind kind)
{
	/* The PF has always had its own address. */
	if (nfp_kinds[kind].to == NFP_TO_PF)
		return NIC_TO(NFP_AT_PF);
	if (kind == NFP_KIND_BROADCAST)
		return broadcast_reach(nic);
	return nic_is_multicast(nic, kind) ? multicast_reach(nic, kind)
					   : unicast_reach(nic, nfp_plan_to(&nic->plan, kind));
}

static unsigned int reach_of(const struct memnic *nic, enum nfp_kind kind)
{
	return nic_in_vlan(nic, kind, untagged_reach(nic, nic_plain(kind)));
}

/* Takes away the receivers that cannot hear at all. */
static uint8_t heard(const struct memnic *nic, unsigned int to)
{
	if (!nic->vf_running || nic->p.vf_deaf || !nic->listening)
		to &= ~NIC_TO(NFP_AT_VF);
	return (uint8_t)to;
}

/* Where one allocation fails, that of the program's is meant, and not its NIC's: asked twice. */
void *nic_grow(void *old, size_t number, size_t size)
{
	void *more = reallocarray(old, number, size);

	if (!more)
		more = reallocarray(old, number, size);
	if (!more)
		abort();
	return more;
}

static struct nic_stretch *new_stretch(struct memnic *nic)
{
	if (nic->num_stretches == nic->room_stretches) {
		size_t room = nic->room_stretches ? 2 * nic->room_stretches : 64;

		nic->stretches = nic_grow(nic->stretches, room, sizeof(*nic->stretches));
		nic->room_stretches = room;
	}
	return &nic->stretches[nic->num_stretches++];
}

void nic_reroute(struct memnic *nic, bool restart)
{
	struct nic_stretch *stretch = new_stretch(nic);

	*stretch = (struct nic_stretch) {.from_ns = nic->now_ns, .restart = restart};
	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		unsigned int to;

		if (!nic->plan.rate[kind])
			continue;
		stretch->interval_ns[kind] = NFP_NSEC_PER_SEC / nic->plan.rate[kind];
		stretch->unicast[kind] = !nic_is_multicast(nic, kind) &&
					 nic_plain(kind) != NFP_KIND_BROADCAST;
		stretch->rationed[kind] = net_rations(nic, kind);
		to = reach_of(nic, kind);
		stretch->passes[kind] = net_passes(nic, kind);
		stretch->reach[kind] = heard(nic, to);
	}
}

/* ---- what happens when ---- */

void nic_schedule_as(struct memnic *nic, uint64_t after_ns, struct nic_pending pending)
{
	if (nic->num_pending == NIC_PENDING_MAX)
		abort();
	pending.at_ns = nic->now_ns + after_ns;
	nic->pending[nic->num_pending++] = pending;
}

void nic_schedule(struct memnic *nic, uint64_t after_ns, enum nic_what what)
{
	nic_schedule_as(nic, after_ns, (struct nic_pending) {.what = what});
}

void nic_cancel(struct memnic *nic, enum nic_what what)
{
	size_t kept = 0;

	for (size_t i = 0; i < nic->num_pending; i++) {
		if (nic->pending[i].what != what)
			nic->pending[kept++] = nic->pending[i];
	}
	nic->num_pending = kept;
}

void nic_reschedule(struct memnic *nic, uint64_t at_ns, enum nic_what what)
{
	nic_cancel(nic, what);
	if (at_ns)
		nic_schedule_as(nic, at_ns - nic->now_ns, (struct nic_pending) {.what = what});
}

uint64_t nic_when(const struct memnic *nic, enum nic_what what)
{
	uint64_t at_ns = 0;

	for (size_t i = 0; i < nic->num_pending; i++) {
		if (nic->pending[i].what == what && (!at_ns || nic->pending[i].at_ns < at_ns))
			at_ns = nic->pending[i].at_ns;
	}
	return at_ns;
}

/* The earliest, of equals the first scheduled; -1: none until @until_ns. */
static int next_pending(const struct memnic *nic, uint64_t until_ns)
{
	int best = -1;

	for (size_t i = 0; i < nic->num_pending; i++) {
		if (nic->pending[i].at_ns <= until_ns &&
		    (best < 0 || nic->pending[i].at_ns < nic->pending[best].at_ns))
			best = (int)i;
	}
	return best;
}

static void vf_filter_on(struct memnic *nic)
{
	struct core_filter *filter = &nic->filter;
	bool pf_has = core_pf_has(&nic->pf, filter->coming);

	filter->on_ns = nic_when(nic, NIC_VF_FILTER_ON);
	core_filter_comes(filter, core_vf_is_refused(&nic->p, pf_has), ++nic->writes);
}

void nic_vf_filter_changed(struct memnic *nic, unsigned int changed)
{
	if ((changed & CORE_FILTER_WENT) && nic->p.pf_retries && nic->pf_listed)
		nic_schedule(nic, nic->p.hold_after_ns, NIC_PF_FILTER_ON);
	if (changed & CORE_FILTER_GOES)
		nic_reschedule(nic, nic->filter.off_ns, NIC_VF_FILTER_OFF);
	if (changed & CORE_FILTER_COMES)
		nic_reschedule(nic, nic->filter.on_ns, NIC_VF_FILTER_ON);
}

static void vf_filter_off(struct memnic *nic)
{
	unsigned int changed = nic->filter.on ? CORE_FILTER_WENT : 0;

	nic->filter.off_ns = 0;
	nic->filter.on = false;
	nic_vf_filter_changed(nic, changed);
}

/* Beside its list, the PF has its own address, broadcast and a group while it is held. */
static void overflow(struct memnic *nic)
{
	bool full = nic->pf_listed && nic->p.table_full && nic->p.promisc_when_full;

	nic->pf_forced = core_pf_overflows(&nic->pf, &nic->p, nic->pf_listed ? 3 : 2) || full;
}

static void pf_filter_on(struct memnic *nic)
{
	const uint8_t *mac = nic->pf_mac.b;
	bool vf_has = core_filter_keeps(&nic->filter, mac);
	int place = core_pf_find(&nic->pf, mac);

	if (place >= 0)
		(void)core_pf_retry(&nic->pf.list[place], &nic->p, vf_has, &nic->writes);
	else if (nic->pf_station || !nic->p.table_full)
		core_pf_add(&nic->pf, &nic->p, mac, vf_has && !nic->pf_station, &nic->writes);
	overflow(nic);
	if (core_pf_blocks_groups(&nic->pf, &nic->p)) {
		nic_cancel(nic, NIC_PF_GROUP_ON);
		nic->pf_groups = (struct core_member) {0};
	}
}

/* The PF's entries that its netdev's list has no longer go. */
static void pf_filter_off(struct memnic *nic)
{
	for (int i = (int)nic->pf.num - 1; i >= 0; i--) {
		struct core_entry gone = nic->pf.list[i];

		if (core_is_mac(gone.mac, nic->entry.b) ||
		    (nic->pf_listed && core_is_mac(gone.mac, nic->pf_mac.b)))
			continue;
		core_pf_drop(&nic->pf, &nic->p, gone.mac, &nic->writes);
		nic_vf_filter_changed(nic,
				      core_vf_retry(&nic->filter, &nic->p, gone.mac, nic->now_ns));
	}
	overflow(nic);
}

/* True when it wakes a pump. */
static bool happen(struct memnic *nic, const struct nic_pending *pending)
{
	switch (pending->what) {
	case NIC_VF_FILTER_ON:
		vf_filter_on(nic);
		return false;
	case NIC_VF_FILTER_OFF:
		vf_filter_off(nic);
		return false;
	case NIC_PF_FILTER_ON:
		pf_filter_on(nic);
		return false;
	case NIC_PF_FILTER_OFF:
		pf_filter_off(nic);
		return false;
	case NIC_PF_GROUP_ON:
		core_joined_add(&nic->pf_groups.joined, nic->group.b);
		return false;
	case NIC_VF_GROUP_ON:
		core_joined_add(&nic->vf_groups.joined, nic->group.b);
		core_groups_steal(&nic->p, &nic->vf_groups, false);
		return false;
	case NIC_GROUPS_LOST:
		core_groups_lose(pending->lost, &nic->pf_groups, &nic->vf_groups);
		return false;
	case NIC_PF_VLAN_ON:
	case NIC_PF_VLAN_OFF:
	case NIC_VF_VLAN_ON:
	case NIC_VF_VLAN_OFF:
		nic_vlan_happens(nic, pending->what);
		return false;
	case NIC_LEARNED:
	case NIC_REPORTED:
	case NIC_GROUP_AGED:
	case NIC_FORWARDS:
	case NIC_FLUSH:
	case NIC_AGED:
	case NIC_UNLEARNED:
	case NIC_STATION:
		net_happen(nic, pending);
		return false;
	case NIC_CARRIER_DOWN:
		nic->carrier_losses += nic->pf_carrier;
		nic->pf_carrier = false;
		if (nic->c.carrier_every_ns)
			nic_schedule(nic, nic->c.carrier_every_ns, NIC_CARRIER_DOWN);
		net_happen(nic, pending);
		return true;
	case NIC_CARRIER_UP:
		nic->pf_carrier = true;
		if (nic->c.carrier_every_ns)
			nic_schedule(nic, nic->c.carrier_every_ns, NIC_CARRIER_UP);
		net_happen(nic, pending);
		return true;
	case NIC_SIBLING:
		return false;
	case NIC_CHANGE:
		nic->changed = true;
		return !nic->c.change_unheard;
	case NIC_GONE:
		nic->gone = true;
		return true;
	default:
		return true;
	}
}

bool nic_advance(struct memnic *nic, uint64_t until_ns, bool wakes)
{
	int next;

	while ((next = next_pending(nic, until_ns)) >= 0) {
		struct nic_pending pending = nic->pending[next];
		bool woken;

		memmove(&nic->pending[next], &nic->pending[next + 1],
			(nic->num_pending - (size_t)next - 1) * sizeof(pending));
		nic->num_pending--;
		if (pending.at_ns > nic->now_ns)
			nic->now_ns = pending.at_ns;
		woken = happen(nic, &pending);
		nic_reroute(nic, false);
		if (woken && wakes)
			return true;
	}
	if (until_ns > nic->now_ns)
		nic->now_ns = until_ns;
	return false;
}

/* ---- life ---- */

static void schedule_at(struct memnic *nic, uint64_t at_ns, enum nic_what what)
{
	if (at_ns)
		nic_schedule(nic, at_ns > nic->now_ns ? at_ns - nic->now_ns : 0, what);
}

struct memnic *memnic_new(const struct core_personality *personality,
			  const struct memnic_conditions *conditions)
{
	struct memnic *nic = calloc(1, sizeof(*nic));

	if (!nic)
		return NULL;
	nic->p = *personality;
	if (conditions)
		nic->c = *conditions;
	if (!nic->c.latency_ns)
		nic->c.latency_ns = 50 * NFP_NSEC_PER_USEC;
	nic->random = nic->c.seed * 2 + 1;
	nic->random_told = nic->random ^ 0x746f6c64;
	nic->now_ns = nic->made_ns = MEMNIC_BEGIN_NS;
	nic->pf_carrier = nic->forwards = true;
	nic->hosts = (struct core_known) {.most = nic->c.learn_max,
					  .evicts = nic->c.learn_evicts,
					  .age_ns = nic->c.age_ns,
					  .damp_ns = nic->c.damp_ns};
	nic->learned.age_ns = nic->p.unlearns_after_ns;
	nic->groups = (struct core_known) {.most = nic->c.groups_max,
					   .age_ns = nic->c.group_age_ns};
	if (nic->c.vlan.bridge)
		nic_vlan_happens(nic, NIC_PF_VLAN_ON);
	if (nic->c.arp)
		neighbour_new(nic);
	nic_reroute(nic, false);
	schedule_at(nic, nic->c.carrier_down_ns, NIC_CARRIER_DOWN);
	schedule_at(nic, nic->c.carrier_up_ns, NIC_CARRIER_UP);
	schedule_at(nic, nic->c.flush_ns, NIC_FLUSH);
	schedule_at(nic, nic->c.sibling.from_ns, NIC_SIBLING);
	schedule_at(nic, nic->c.sibling.from_ns + nic->c.sibling.for_ns, NIC_SIBLING);
	schedule_at(nic, nic->c.station_ns, NIC_STATION);
	schedule_at(nic, nic->c.change_ns, NIC_CHANGE);
	schedule_at(nic, nic->c.gone_ns, NIC_GONE);
	schedule_at(nic, nic->c.stop_ns, NIC_STOP);
	return nic;
}

void memnic_free(struct memnic *nic)
{
	if (!nic)
		return;
	free(nic->stretches);
	free(nic->before.v);
	free(nic->behind.v);
	neighbour_free(nic);
	free(nic);
}

bool memnic_stop(void *ctx)
{
	const struct memnic *nic = ctx;

	return nic->c.stop_ns && nic->now_ns >= nic->c.stop_ns;
}

/* ---- between ladders ---- */

void memnic_undo(struct memnic *nic)
{
	struct nfp_host host = memnic_host(nic);

	(void)host.ops->remove_standby(nic, NULL);
	if (nic->vf_bound)
		(void)host.ops->unbind(nic, NULL);
	if (nic->vf_assigned)
		(void)host.ops->clear(nic, NULL);
}

/* A filter for the address, and one for an earlier one; a driver has
 * come, and gone, since the VF's last reset. */
#define FILTER_LASTS (UINT64_C(1) << 32)
#define OTHER_LASTS  (UINT64_C(1) << 33)
#define CAME_LASTS   (UINT64_C(1) << 34)
#define LEFT_LASTS   (UINT64_C(1) << 35)

uint64_t memnic_lasting(const struct memnic *nic, const struct nfp_mac *address)
{
	const struct core_filter *filter = &nic->filter;
	const uint8_t *mac = filter->on_ns ? filter->coming : filter->mac;
	bool has = filter->on_ns || (filter->on && !filter->off_ns);

	return (filter->came ? CAME_LASTS : 0) | (filter->left ? LEFT_LASTS : 0) |
	       (has ? core_is_mac(mac, address->b) ? FILTER_LASTS : OTHER_LASTS : 0);
}

void memnic_set_lasting(struct memnic *nic, const struct nfp_mac *address, uint64_t lasting)
{
	static const struct nfp_mac earlier = {{0x02, 0, 0, 0, 9, 0x99}};
	struct core_filter *filter = &nic->filter;
	bool of_it = core_filter_has(filter, address->b);

	if (!of_it && (lasting & OTHER_LASTS) && !filter->on)
		memcpy(filter->mac, earlier.b, CORE_MAC);
	filter->came = lasting & CAME_LASTS;
	filter->left = lasting & LEFT_LASTS;
	filter->on = of_it ? lasting & FILTER_LASTS : lasting & OTHER_LASTS;
	nic_reroute(nic, false);
}

void memnic_set_source(struct memnic *nic, enum nfp_enters source)
{
	nic->c.source = source;
	nic_reroute(nic, false);
}

void memnic_calm(struct memnic *nic)
{
	nic->pf_forced = nic->pf_promisc = nic->pf.overflows = false;
	nic_reroute(nic, false);
}

const struct memnic_conditions *memnic_conditions_of(const struct memnic *nic)
{
	return &nic->c;
}

const char *memnic_log(const struct memnic *nic)
{
	return nic->log;
}

unsigned int memnic_calls(const struct memnic *nic)
{
	return nic->calls;
}

uint64_t memnic_frames(const struct memnic *nic)
{
	return nic->seq;
}

unsigned int memnic_reach(const struct memnic *nic, enum nfp_kind kind)
{
	const struct nic_stretch *last;

	if (!nic->num_stretches)
		return 0;
	last = &nic->stretches[nic->num_stretches - 1];
	return last->passes[kind] ? last->reach[kind] : 0;
}

const struct nfp_mac *memnic_pf_address(const struct memnic *nic)
{
	return &nic->pf_mac;
}

bool memnic_listens(const struct memnic *nic)
{
	return nic->listening;
}
