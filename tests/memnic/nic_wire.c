// SPDX-License-Identifier: GPL-2.0-or-later
/* The wire side: frames made in bulk for the time that went by, and their sightings. */
#include "memnic_priv.h"
#include "../../src/traffic/traffic_priv.h"

#include <stdlib.h>
#include <string.h>

static uint64_t wire_now(void *ctx)
{
	const struct memnic *nic = ctx;

	return nic->now_ns;
}

static void wire_plan(void *ctx, const struct nfp_plan *plan)
{
	struct memnic *nic = ctx;

	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (plan->rate[kind] && nfp_mac_is_zero(nfp_plan_to(plan, kind)))
			abort(); /* a frame that is for nobody */
	}
	nic->plan = *plan;
	if (nic->arp.ops)
		nic->arp.ops->plan(nic->arp.ctx, plan);
	nic_reroute(nic, true);
}

/* ---- the tap ---- */

void memnic_tap(struct memnic *nic, const struct nfp_tap *tap, const struct nfp_frame_id *id)
{
	nic->tap = *tap;
	nic->id = *id;
}

static void build_tapped(const struct memnic *nic, const struct nic_flight *flight,
			 enum nfp_tap_what what)
{
	uint8_t data[NFP_FRAME_LEN_MAX];
	const struct nfp_frame frame = {
		.dst = *nfp_plan_to(&nic->plan, flight->kind),
		.src = {{0x02, 0, 0, 0, 0, 0x44}},
		.kind = flight->kind,
		.seq = flight->seq,
		.sent_ns = flight->sent_ns,
	};
	const struct nfp_tap_event tapped = {
		.what = what,
		.seq = flight->seq,
		.ns = what == NFP_TAP_SENT ? flight->sent_ns : flight->seen_ns,
		.kind = flight->kind,
		.at = flight->at,
		.data = data,
		.len = nfp_frame_build(&nic->id, &frame, data),
	};

	nic->tap.frame(nic->tap.ctx, &tapped);
}

/* The buffer is cleared by the compiler, which takes longer than the rest of a frame's way. */
static inline void tap_frame(const struct memnic *nic, const struct nic_flight *flight,
			     enum nfp_tap_what what)
{
	if (nic->tap.frame)
		build_tapped(nic, flight, what);
}

/* ---- sightings ---- */

static void see(const struct memnic *nic, const struct nic_flight *flight)
{
	nfp_accounting_seen(flight->accounting, flight->seq, flight->kind, flight->at,
			    flight->seen_ns);
	tap_frame(nic, flight, NFP_TAP_SEEN);
}

void nic_put(struct nic_flights *flights, const struct nic_flight *flight)
{
	if (flights->num == flights->room) {
		size_t room = flights->room ? 2 * flights->room : 256;

		flights->v = nic_grow(flights->v, room, sizeof(*flights->v));
		flights->room = room;
	}
	flights->v[flights->num++] = *flight;
}

static void land(struct memnic *nic)
{
	struct nic_flights *flights = &nic->behind;
	size_t kept = 0;

	for (size_t i = 0; i < flights->num; i++) {
		if (flights->v[i].seen_ns <= nic->now_ns)
			see(nic, &flights->v[i]);
		else
			flights->v[kept++] = flights->v[i];
	}
	flights->num = kept;
}

static void deliver(struct memnic *nic, const struct nic_flight *flight)
{
	if (nic->drops < nic->c.drop_frames && flight->seen_ns >= nic->c.drop_ns) {
		nic->drops++;
		return;
	}
	if (flight->seen_ns <= nic->now_ns)
		see(nic, flight);
	else
		nic_put(&nic->behind, flight);
}

bool nic_happens(struct memnic *nic, unsigned int permille)
{
	return permille && nic_random(nic) % 1000 < permille;
}

static bool is_within(uint64_t ns, uint64_t from_ns, uint64_t for_ns, uint64_t every_ns)
{
	uint64_t since_ns = ns - from_ns;

	if (ns < from_ns)
		return false;
	if (every_ns)
		since_ns %= every_ns;
	return since_ns < for_ns;
}

bool net_loses(struct memnic *nic, uint64_t sent_ns, bool unicast)
{
	const struct memnic_conditions *c = &nic->c;

	for (int i = 0; i < MEMNIC_PAUSES; i++) {
		if (core_net_pauses(&c->pauses[i], unicast, sent_ns))
			return true;
	}
	return is_within(sent_ns, c->mute_ns, c->mute_for_ns, c->mute_every_ns) ||
	       nic_happens(nic, c->loss_permille);
}

static bool is_stalled(const struct memnic *nic, uint64_t sent_ns)
{
	return is_within(sent_ns, nic->c.stall_ns, nic->c.stall_for_ns, nic->c.stall_every_ns);
}

void nic_arrive(struct memnic *nic, struct nfp_frame_accounting *accounting,
		struct nic_flight *flight, uint8_t reach)
{
	int copies = 1;

	flight->accounting = accounting;
	flight->seen_ns += nic->c.latency_ns;
	if (nic->c.jitter_ns)
		flight->seen_ns += nic_random(nic) % nic->c.jitter_ns;
	if (nic_happens(nic, nic->c.duplicate_permille))
		copies++;
	for (; copies; copies--) {
		for (int at = 0; at < NFP_RECEIVER_COUNT; at++) {
			flight->at = (enum nfp_receiver)at;
			if (reach & NIC_TO(at))
				deliver(nic, flight);
		}
	}
}

/* Counts the frames that have met the NIC until @until_ns, which ends @stretch. */
static void arrive_late(struct memnic *nic, struct nfp_frame_accounting *accounting,
			const struct nic_stretch *stretch, uint64_t until_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < nic->before.num; i++) {
		struct nic_flight flight = nic->before.v[i];
		uint8_t reach = stretch->reach[flight.kind];

		if (flight.seen_ns >= until_ns)
			nic->before.v[kept++] = flight;
		else if (reach)
			nic_arrive(nic, accounting, &flight, reach);
	}
	nic->before.num = kept;
}

static bool is_on_dead_member(const struct memnic *nic, const struct nfp_mac *to, uint64_t sent_ns)
{
	const struct memnic_bond *bond = &nic->c.bond;

	return bond->members && nic->c.source == NFP_ENTERS_WIRE &&
	       is_within(sent_ns, bond->from_ns, bond->for_ns ?: UINT64_MAX, 0) &&
	       net_hash(nic, to) % bond->members == bond->dead;
}

static bool is_lost(struct memnic *nic, const struct nic_stretch *stretch,
		    const struct nic_flight *flight)
{
	const struct nfp_mac to = *nfp_plan_to(&nic->plan, flight->kind);

	return is_on_dead_member(nic, &to, flight->sent_ns) ||
	       net_loses(nic, flight->sent_ns, stretch->unicast[flight->kind]);
}

static void make_frame(struct memnic *nic, struct nfp_frame_accounting *accounting,
		       enum nfp_kind kind, uint64_t sent_ns, const struct nic_stretch *stretch)
{
	const struct memnic_conditions *c = &nic->c;
	bool soon = !c->before_ns && !c->before_jitter_ns;
	struct nic_flight flight = {
		.seq = ++nic->seq,
		.sent_ns = sent_ns,
		.seen_ns = sent_ns + c->before_ns,
		.kind = kind,
		.at = NFP_AT_PF,
	};

	uint8_t reach = stretch->reach[kind];

	if (nfp_accounting_sent(accounting, flight.seq, kind, sent_ns))
		abort();
	tap_frame(nic, &flight, NFP_TAP_SENT);
	if (!stretch->passes[kind] || (soon && !reach) ||
	    (stretch->rationed[kind] && !net_lets(nic, sent_ns)) || is_lost(nic, stretch, &flight))
		return;
	if (c->before_jitter_ns && !soon)
		flight.seen_ns += nic_random(nic) % c->before_jitter_ns;
	if (soon)
		nic_arrive(nic, accounting, &flight, reach);
	else
		nic_put(&nic->before, &flight);
}

/* ---- the schedule ---- */

static void begin_stretch(struct memnic *nic, const struct nic_stretch *stretch)
{
	nic->num_kinds = 0;
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		nic->interval_ns[kind] = stretch->interval_ns[kind];
		if (nic->interval_ns[kind])
			nic->kinds[nic->num_kinds++] = kind;
		if (!nic->interval_ns[kind])
			nic->next_ns[kind] = UINT64_MAX;
		else if (stretch->restart)
			/* Staggered, so that kinds do not go out in one burst. */
			nic->next_ns[kind] = stretch->from_ns +
					     (uint64_t)kind * nic->interval_ns[kind] / 4;
	}
}

static int earliest_kind(const struct memnic *nic)
{
	int best = nic->num_kinds ? nic->kinds[0] : 0;

	for (int i = 1; i < nic->num_kinds; i++) {
		if (nic->next_ns[nic->kinds[i]] < nic->next_ns[best])
			best = nic->kinds[i];
	}
	return best;
}

static void make_frames(struct memnic *nic, struct nfp_frame_accounting *accounting,
			const struct nic_stretch *stretch, uint64_t until_ns)
{
	for (;;) {
		int kind = earliest_kind(nic);
		uint64_t sent_ns = nic->next_ns[kind];

		if (sent_ns >= until_ns)
			return;
		if (!is_stalled(nic, sent_ns))
			make_frame(nic, accounting, (enum nfp_kind)kind, sent_ns, stretch);
		nic->next_ns[kind] += nic->interval_ns[kind];
	}
}

/* Counts the frames since the last pump, stretch by stretch; the last stretch goes on. */
static void catch_up(struct memnic *nic, struct nfp_frame_accounting *accounting)
{
	for (size_t i = 0; i < nic->num_stretches; i++) {
		const struct nic_stretch *stretch = &nic->stretches[i];
		bool last = i + 1 == nic->num_stretches;
		uint64_t until_ns = last ? nic->now_ns : nic->stretches[i + 1].from_ns;

		if (stretch->from_ns >= nic->made_ns)
			begin_stretch(nic, stretch);
		if (nic->arp.ops) {
			neighbour_make(nic, accounting, stretch, until_ns);
			continue;
		}
		make_frames(nic, accounting, stretch, until_ns);
		arrive_late(nic, accounting, stretch, until_ns);
	}
	if (nic->num_stretches) {
		nic->stretches[0] = nic->stretches[nic->num_stretches - 1];
		nic->stretches[0].restart = false;
		nic->num_stretches = 1;
	}
	nic->made_ns = nic->now_ns;
}

static uint64_t stall_end(const struct memnic *nic, uint64_t now_ns)
{
	const struct memnic_conditions *c = &nic->c;
	uint64_t since_ns = now_ns - c->stall_ns;

	if (c->stall_every_ns)
		since_ns %= c->stall_every_ns;
	return now_ns - since_ns + c->stall_for_ns;
}

static int wire_pump(void *ctx, uint64_t until_ns, struct nfp_frame_accounting *accounting,
		     struct nfp_err *err)
{
	struct memnic *nic = ctx;
	bool woken = nic_advance(nic, until_ns, true);

	(void)err;
	if (nic->c.stall_stops_us && is_stalled(nic, nic->now_ns))
		(void)nic_advance(nic, stall_end(nic, nic->now_ns), false);
	catch_up(nic, accounting);
	land(nic);
	return woken ? 1 : 0;
}

/* ---- the rest ---- */

/* By the bytes that an announcement has. */
static uint32_t sorts_of_announcement(const struct memnic *nic, const struct nfp_mac *mac)
{
	const struct nfp_frame frame = {
		.dst = nfp_mac_broadcast, .src = *mac, .kind = NFP_KIND_ANNOUNCE, .seq = 1};
	struct nfp_packet packets[NFP_ANNOUNCEMENT_PACKETS];
	uint32_t sorts = NIC_SORT(ANY);

	nfp_announcement_build(&nic->id, &frame, packets);
	for (size_t i = 0; i < NFP_ANNOUNCEMENT_PACKETS; i++) {
		if (packets[i].data[12] == 0x08)
			sorts |= packets[i].data[13] ? NIC_SORT(ARP) : NIC_SORT(IPV4);
	}
	return sorts;
}

/* The frames of an announcement have lots of their own, so that these change no other. */
/* A PF of a bond that has its address elsewhere is silent. */
static void check_speaker(const struct memnic *nic, enum nfp_receiver at)
{
	if (nic->c.bonded && at == NFP_AT_PF && !nic->second_vf)
		abort();
}

static void tell(struct memnic *nic, enum nfp_receiver at, const struct nfp_mac *mac)
{
	const struct memnic_conditions *c = &nic->c;
	struct nfp_announced_count *count = nic->announced;
	bool runs = at == NFP_AT_PF || nic->vf_running;
	/* A frame of the VF's to the host. */
	bool host = at == NFP_AT_VF && (core_reaches(&nic->p, CORE_FROM_VF, CORE_AT_PF) ||
					(nic->pf_promisc && nic->p.promisc_from_inside));
	bool heard = !c->source_deaf && nic_draw(&nic->random_told) % 1000 >= c->loss_permille;
	bool left = net_send(nic, at, mac, sorts_of_announcement(nic, mac));

	nic_reroute(nic, false);
	if (!nfp_mac_equal(mac, &nic->told))
		memset(count, 0, sizeof(nic->announced));
	nic->told = *mac;
	count[at].sent++;
	if (runs && (nic->p.returns[at] || host))
		count[at].at_pf++;
	else if (left && heard)
		count[at].at_source_only++;
}

static void wire_announced(void *ctx, const struct nfp_mac *mac,
			   struct nfp_announced_count ret_count[NFP_RECEIVER_COUNT])
{
	struct memnic *nic = ctx;

	memset(ret_count, 0, sizeof(nic->announced));
	if (nfp_mac_equal(mac, &nic->told))
		memcpy(ret_count, nic->announced, sizeof(nic->announced));
	memset(nic->announced, 0, sizeof(nic->announced));
}

static int wire_announce(void *ctx, enum nfp_receiver at, const struct nfp_mac *mac,
			 struct nfp_err *err)
{
	struct memnic *nic = ctx;

	(void)err;
	check_speaker(nic, at);
	nic_note(nic, "announce");
	if (nic->c.announce_kills_carrier)
		nic_schedule(nic, 40 * NFP_NSEC_PER_MSEC, NIC_CARRIER_DOWN);
	tell(nic, at, mac);
	nic_vlan_speak(nic, at, mac);
	return 0;
}

/* The report of a member, for a switch that snoops on MLD. */
static int wire_report(void *ctx, enum nfp_receiver at, const struct nfp_mac *mac,
		       const struct nfp_mac *group, struct nfp_err *err)
{
	struct memnic *nic = ctx;

	(void)err;
	check_speaker(nic, at);
	nic_note(nic, "report");
	if (nfp_mac_equal(group, &nic->group))
		(void)net_send(nic, at, at == NFP_AT_PF ? &nic_own_mac : mac, NIC_JOINS);
	nic_reroute(nic, false);
	return 0;
}

static int wire_listen(void *ctx, const struct nfp_netdev *vf, bool early, struct nfp_err *err)
{
	struct memnic *nic = ctx;

	(void)early;
	(void)err;
	if (vf && nic->tap.listens)
		nic->tap.listens(nic->tap.ctx, vf);
	nic->listening = vf != NULL;
	nic_reroute(nic, false);
	return 0;
}

static void wire_stats(void *ctx, struct nfp_wire_stats *ret_stats)
{
	const struct memnic *nic = ctx;

	*ret_stats = (struct nfp_wire_stats) {.drops = nic->drops, .strangers = nic->strangers};
	if (nic->arp.ops)
		nic->arp.ops->stats(nic->arp.ctx, ret_stats);
}

struct nfp_wire memnic_wire(struct memnic *nic, struct nfp_frame_accounting *accounting)
{
	static const struct nfp_wire_ops ops = {
		.now = wire_now,
		.plan = wire_plan,
		.pump = wire_pump,
		.announce = wire_announce,
		.announced = wire_announced,
		.report = wire_report,
		.listen_vf = wire_listen,
		.stats = wire_stats,
	};

	return (struct nfp_wire) {&ops, nic, accounting};
}
