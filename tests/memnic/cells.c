// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cells: what is drawn of networks, NICs and runs. NICs are of two families: of components,
 * each with its own delay, and tables of landings, which no component explains.
 */
#include "cells_priv.h"

#include <string.h>

/* ---- NICs ---- */

static uint64_t draw_delay(uint64_t *state)
{
	switch (draw(state, 4)) {
	case 0:
		return draw(state, LATE) * MS;
	case 1:
		return draw(state, 100) * MS;
	default:
		return 0;
	}
}

/* The VF's filter comes and goes as in drivers that are fit, or nearly so. */
static void draw_fit(struct core_personality *p, uint64_t *state)
{
	static const uint32_t comes[] = {ON(UP), ON(UP), ON(UP) | ON(BIND), ON(BIND),
					 ON(UP) | ON(RESET)};
	static const uint32_t goes[] = {ON(DOWN) | ON(UNBIND) | ON(RESET) | ON(CLEAR),
					ON(UNBIND) | ON(RESET) | ON(CLEAR), ON(DOWN) | ON(CLEAR),
					ON(RESET) | ON(CLEAR), ON(DOWN)};

	p->comes_on = comes[draw(state, 5)];
	p->goes_on = goes[draw(state, 5)];
	p->winner = (enum core_arb)(draw(state, 5) % 4);
	if (one_in(state, 4))
		return;
	p->needs_reset_first = p->forgets_on_down = p->clear_wipes_pf = p->assign_ignored =
		p->hold_ignored = p->promisc_when_refused = p->vf_deaf = p->vf_no_broadcast = false;
	if (one_in(state, 3))
		return;
	p->pf_groups = p->vf_groups = CORE_GROUPS_JOINED;
	p->pf_wiped_on = 0;
	p->vf_steals_group = p->allmulti_ignored = false;
}

void cells_draw_components(struct core_personality *p, uint64_t *state)
{
	*p = memnic_random(draw(state, UINT64_MAX));
	if (!one_in(state, 3))
		draw_fit(p, state);
	for (int event = 0; event < CORE_EVENTS; event++) {
		p->comes_after_ns[event] = draw_delay(state);
		p->goes_after_ns[event] = draw_delay(state);
		/* A filter that goes and comes with one event goes first. */
		if (p->goes_after_ns[event] > p->comes_after_ns[event] &&
		    p->comes_on & p->goes_on & CORE_BIT(event))
			p->goes_after_ns[event] = p->comes_after_ns[event];
	}
	p->hold_after_ns = draw_delay(state);
	p->release_after_ns = one_in(state, 4) ? draw_delay(state) : 0;
	p->join_after_ns = draw_delay(state);
	p->group_lost_ns = draw_delay(state);
	p->promisc_stays = p->promisc_when_refused && one_in(state, 2);
	p->no_reset = one_in(state, 12);
	if (one_in(state, 12))
		p->period_ns = draw_between(state, 100, 1000) * MS;
	/* Late and periodic together would be later than any settling time. */
	for (int event = 0; event < CORE_EVENTS && p->period_ns; event++)
		p->comes_after_ns[event] = p->goes_after_ns[event] = 0;
	if (p->period_ns) {
		p->hold_after_ns = p->release_after_ns = p->join_after_ns = p->group_lost_ns = 0;
		/* Which of two filters is written last is a matter of phase: both may be in one
		 * tick. */
		if (p->winner == CORE_ARB_LAST)
			p->winner = CORE_ARB_VF;
		/* Whether the VF's filter is there when the PF asks would be one, too. */
		p->hold_ignored = p->promisc_when_refused = p->promisc_stays = false;
	}
}

static void draw_table(struct core_personality *p, uint64_t *state)
{
	static const uint32_t odds[] = {0, 0, 1, 1, 3, 7, 15};

	*p = (struct core_personality) {
		.name = "table",
		.table = draw(state, UINT32_MAX) + 1,
		.table_odd = odds[draw(state, sizeof(odds) / sizeof(odds[0]))],
		.no_reset = one_in(state, 12),
		.promisc_from_inside = one_in(state, 2),
	};
}

static void draw_nic(struct core_personality *p, uint64_t *state)
{
	if (draw(state, 5) < 3)
		cells_draw_components(p, state);
	else
		draw_table(p, state);
}

/* A cell that draws as others do, but for these arguments. */
#define VARIANT(name_, draw_, ...)                                        \
	static void name_(struct adversary_scene *scene, uint64_t *state) \
	{                                                                 \
		draw_(scene, state, __VA_ARGS__);                         \
	}

/* ---- runs ---- */

static enum nfp_enters draw_source(uint64_t *state)
{
	static const enum nfp_enters sources[] = {NFP_ENTERS_WIRE, NFP_ENTERS_WIRE, NFP_ENTERS_WIRE,
						  NFP_ENTERS_VF, NFP_ENTERS_PF};

	return sources[draw(state, 5)];
}

/* One ladder. */
void cells_draw_one(struct adversary_scene *scene, uint64_t *state)
{
	draw_nic(&scene->p, state);
	scene->num_ladders = 1;
	scene->ladder[0].style = (enum nfp_style)draw(state, NFP_STYLE_COUNT);
	scene->ladder[0].source = NFP_ENTERS_WIRE;
	scene->same_mac = one_in(state, 8);
	scene->c.openvswitch = one_in(state, 16);
	scene->c.seed = draw(state, UINT32_MAX);
	scene->c.jitter_ns = one_in(state, 4) ? draw(state, 5 * MS) : 0;
}

/* Both styles. */
void cells_draw_both(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	scene->num_ladders = 2;
	scene->ladder[0].style = NFP_STYLE_MACVTAP;
	scene->ladder[1].style = NFP_STYLE_BRIDGE;
	scene->ladder[1].source = scene->ladder[0].source;
}

/* ---- the cells ---- */

static void clean(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	scene->ladder[0].source = draw_source(state);
}

static void both(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_both(scene, state);
	scene->ladder[0].source = scene->ladder[1].source = draw_source(state);
}

/* A bridge, and then what is to fix it. */
static void styles(struct adversary_scene *scene, uint64_t *state)
{
	static const enum nfp_style others[] = {NFP_STYLE_BRIDGE_FDB, NFP_STYLE_STATIC_BRIDGE,
						NFP_STYLE_VF_BRIDGE};

	cells_draw_both(scene, state);
	scene->num_ladders = 3;
	scene->ladder[2] = scene->ladder[0];
	scene->ladder[2].style = others[draw(state, 3)];
}

static void drivers(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_both(scene, state);
	do
		scene->p = memnic_archetypes[draw(state, memnic_num_archetypes)];
	while (scene->p.clear_errno || scene->p.assign_errno);
	scene->c.suppress_unknown = one_in(state, 2);
}

/* `learning` leaves out the first and the last. */
static const uint32_t unlearns[] = {0,
				    ON(DOWN),
				    ON(UNBIND),
				    ON(RESET),
				    ON(DOWN) | ON(UNBIND),
				    ON(CLEAR),
				    ON(DOWN) | ON(UNBIND) | ON(RESET)};

static void learning(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_both(scene, state);
	cells_draw_components(&scene->p, state);
	scene->p.learns = true;
	scene->p.unlearns_on = unlearns[1 + draw(state, 5)];
	scene->c.suppress_unknown = one_in(state, 2);
}

static void losing(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	scene->c.loss_permille = (unsigned int)draw_between(state, 5, 100);
	scene->c.duplicate_permille = (unsigned int)draw(state, 20);
	scene->c.jitter_ns = draw(state, 20 * MS);
}

static void loss10(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	scene->c.loss_permille = 100;
}

static void late(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	scene->c.before_ns = draw(state, 400 * MS);
	scene->c.before_jitter_ns = one_in(state, 2) ? draw(state, 100 * MS) : 0;
}

static void security(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	scene->c.suppress_unknown = true;
	scene->c.learn_max = (unsigned int)draw_between(state, 1, 3);
	scene->c.learn_evicts = one_in(state, 4);
}

/* As all switches of a spanning tree do when its topology changes. */
static void flushed(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	scene->c.suppress_unknown = true;
	scene->c.mld_snooping = one_in(state, 2);
	scene->c.flush_ns = MEMNIC_BEGIN_NS + draw(state, 30000) * MS;
}

static void slowly(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	scene->c.suppress_unknown = true;
	scene->c.learn_after_ns = draw(state, 2000) * MS;
}

static void draw_blinks(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	for (int i = 0; i < 2; i++)
		scene->p.blinks_on |= CORE_BIT(draw(state, CORE_EVENTS));
	scene->p.blink_after_ns = draw(state, 950) * MS;
	scene->p.blink_for_ns = draw_between(state, 20, 1500) * MS;
	scene->c.forward_after_ns = one_in(state, 2) ? draw(state, 2000) * MS : 0;
}

static void blinks(struct adversary_scene *scene, uint64_t *state)
{
	draw_blinks(scene, state);
	scene->c.suppress_unknown = true;
}

static void groups(struct adversary_scene *scene, uint64_t *state)
{
	draw_blinks(scene, state);
	scene->c.mld_snooping = true;
}

static void reports(struct adversary_scene *scene, uint64_t *state)
{
	static const unsigned int lost[] = {10, 30, 100};

	cells_draw_both(scene, state);
	scene->c.mld_snooping = true;
	scene->c.report_loss_permille = lost[draw(state, 3)];
}

static void draw_pause(struct adversary_scene *scene, uint64_t *state, int i, uint64_t from_ms,
		       uint64_t to_ms)
{
	scene->c.pauses[i] = (struct core_outage) {
		.from_ns = MEMNIC_BEGIN_NS + draw(state, 40000) * MS,
		.for_ns = draw_between(state, from_ms, to_ms) * MS,
	};
}

static void pause_once(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	draw_pause(scene, state, 0, 300, 2500);
}

static void pause_long(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	draw_pause(scene, state, 0, 2500, 2500);
}

static void pause_unicast(struct adversary_scene *scene, uint64_t *state)
{
	pause_once(scene, state);
	scene->c.pauses[0].unicast_alone = true;
}

static void pauses(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	draw_pause(scene, state, 0, 100, 2500);
	if (one_in(state, 2))
		draw_pause(scene, state, 1, 100, 2500);
	scene->c.pauses[0].unicast_alone = one_in(state, 3);
}

static void arp(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	scene->c.arp = true;
	scene->c.arp_trip_ns = draw_between(state, NO_MS, 20) * MS;
}

static void arp_losing(struct adversary_scene *scene, uint64_t *state)
{
	arp(scene, state);
	scene->c.loss_permille = (unsigned int)draw_between(state, 2, 50); /* each way */
}

static void arp_policed(struct adversary_scene *scene, uint64_t *state)
{
	arp(scene, state);
	scene->c.arp_police = (unsigned int)draw_between(state, 2, 10);
}

/* Some of all that. */
static void all(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_both(scene, state);
	scene->c.suppress_unknown = one_in(state, 2);
	scene->c.mld_snooping = one_in(state, 2);
	scene->c.learn_max = one_in(state, 4) ? (unsigned int)draw_between(state, 2, 5) : 0;
	scene->c.learn_after_ns = one_in(state, 4) ? draw(state, 1000) * MS : 0;
	scene->c.report_loss_permille = one_in(state, 4) ? 30 : 0;
	scene->c.loss_permille = one_in(state, 2) ? (unsigned int)draw(state, 50) : 0;
	scene->c.before_ns = one_in(state, 4) ? draw(state, 300 * MS) : 0;
	if (one_in(state, 3))
		draw_pause(scene, state, 0, 100, 2500);
	if (one_in(state, 4)) {
		scene->p.blinks_on = CORE_BIT(draw(state, CORE_EVENTS));
		scene->p.blink_after_ns = draw(state, 800) * MS;
		scene->p.blink_for_ns = draw_between(state, 20, 1000) * MS;
	}
}

/* ---- NICs that learn, that write late, and networks that withhold for long ---- */

/*
 * A switch that floods to PF and VF, to the PF alone, or by its filters, for as long as it has not
 * learned the address.
 */
static void draw_learner(struct adversary_scene *scene, uint64_t *state)
{
	uint64_t sort;

	cells_draw_both(scene, state);
	cells_draw_components(&scene->p, state);
	sort = draw(state, 6);
	if (sort < 3) {
		scene->p.comes_on = sort ? ON(UP) : 0;
		scene->p.goes_on = ON(DOWN) | ON(UNBIND) | ON(RESET) | ON(CLEAR);
		scene->p.winner = CORE_ARB_BOTH;
	}
	scene->p.learns = true;
	scene->p.unlearns_on = unlearns[draw(state, sizeof(unlearns) / sizeof(unlearns[0]))];
	scene->c.suppress_unknown = one_in(state, 2);
}

static void draw_learner_from(struct adversary_scene *scene, uint64_t *state,
			      enum nfp_enters source)
{
	draw_learner(scene, state);
	scene->ladder[0].source = scene->ladder[1].source = source;
}

VARIANT(learner_wire, draw_learner_from, NFP_ENTERS_WIRE)
VARIANT(learner_vf, draw_learner_from, NFP_ENTERS_VF)
VARIANT(learner_pf, draw_learner_from, NFP_ENTERS_PF)

/* With --skip announce. */
static void draw_quiet_from(struct adversary_scene *scene, uint64_t *state, enum nfp_enters source)
{
	draw_learner_from(scene, state, source);
	scene->no_announce = true;
}

VARIANT(quiet_wire, draw_quiet_from, NFP_ENTERS_WIRE)
VARIANT(quiet_vf, draw_quiet_from, NFP_ENTERS_VF)
VARIANT(quiet_pf, draw_quiet_from, NFP_ENTERS_PF)

static void learner_blinks(struct adversary_scene *scene, uint64_t *state)
{
	static const uint32_t events[] = {ON(UNBIND), ON(RESET), ON(BIND)};

	draw_learner(scene, state);
	scene->p.blinks_on = events[draw(state, 3)] | events[draw(state, 3)];
	scene->p.blink_after_ns = draw(state, 950) * MS;
	scene->p.blink_for_ns = draw_between(state, 20, 1500) * MS;
	scene->c.forward_after_ns = one_in(state, 2) ? draw(state, 2000) * MS : 0;
}

/* Half of the writes are at once, one in six at the last moment. */
static uint64_t draw_write(uint64_t *state, uint64_t last_ms)
{
	switch (draw(state, 6)) {
	case 0:
		return last_ms * MS;
	case 1:
		return (last_ms - draw(state, 60)) * MS;
	case 2:
		return draw_between(state, 0, last_ms) * MS;
	default:
		return 0;
	}
}

/* No write is later than @last_ms; one of 20 may be as late as @rare_ms. */
static void draw_writes(struct adversary_scene *scene, uint64_t *state, uint64_t last_ms,
			uint64_t rare_ms)
{
	static const unsigned int rates[] = {20, 100, 1000};
	struct core_personality *p = &scene->p;
	uint64_t *const writes[] = {&p->hold_after_ns, &p->release_after_ns, &p->join_after_ns,
				    &p->group_lost_ns};

	cells_draw_one(scene, state);
	do
		cells_draw_components(p, state);
	while (p->period_ns);
	scene->rate = rates[draw(state, 3)];
	for (int event = 0; event < CORE_EVENTS; event++) {
		p->comes_after_ns[event] = draw_write(state, one_in(state, 20) ? rare_ms : last_ms);
		p->goes_after_ns[event] = draw_write(state, one_in(state, 20) ? rare_ms : last_ms);
		if (p->goes_after_ns[event] > p->comes_after_ns[event] &&
		    p->comes_on & p->goes_on & CORE_BIT(event))
			p->goes_after_ns[event] = p->comes_after_ns[event];
	}
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
		*writes[i] = draw_write(state, one_in(state, 20) ? rare_ms : last_ms);
}

VARIANT(writes, draw_writes, SETTLE, SETTLE)

static void writes_2s(struct adversary_scene *scene, uint64_t *state)
{
	draw_writes(scene, state, 2000, 2000);
	scene->apart = true;
}

static void writes_3s(struct adversary_scene *scene, uint64_t *state)
{
	draw_writes(scene, state, SETTLE, 3000);
	scene->apart = true;
}

/* A reset takes the VF's address, and gives it back up to @last_ms later. */
static void draw_back(struct adversary_scene *scene, uint64_t *state, uint64_t last_ms)
{
	struct core_personality *p = &scene->p;

	cells_draw_one(scene, state);
	do
		cells_draw_components(p, state);
	while (p->period_ns || p->no_reset);
	p->comes_on |= ON(RESET);
	p->goes_on |= ON(RESET);
	p->goes_after_ns[CORE_ON_RESET] = 0;
	p->comes_after_ns[CORE_ON_RESET] = one_in(state, 4) ? last_ms * MS
							    : draw_between(state, 0, last_ms) * MS;
}

VARIANT(back, draw_back, SETTLE)

static void back_4s(struct adversary_scene *scene, uint64_t *state)
{
	draw_back(scene, state, 4000);
	scene->apart = true;
}

/* Within a time that differs by address. */
static void draw_learns(struct adversary_scene *scene, uint64_t *state, uint64_t from_ms,
			uint64_t to_ms)
{
	cells_draw_one(scene, state);
	scene->c.suppress_unknown = true;
	scene->c.learn_within_ns = draw_between(state, from_ms, to_ms) * MS;
}

VARIANT(learns_2s, draw_learns, NO_MS, 2000)
VARIANT(learns_10s, draw_learns, 2000, 10000)
VARIANT(learns_30s, draw_learns, 10000, 30000)

static void evpn(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	scene->c.suppress_unknown = true;
	scene->c.learn_after_ns = draw(state, 500) * MS;
	scene->c.advertise_ns = 30000 * MS;
}

static void unicast_away(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	scene->c.suppress_unknown = one_in(state, 2);
	draw_pause(scene, state, 0, 100, 5000);
	scene->c.pauses[0].unicast_alone = true;
}

/* The member dies for 3 to 90 s, or for good. */
static void bond(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	scene->c.suppress_unknown = one_in(state, 2);
	scene->c.bond.members = (unsigned int)draw_between(state, 2, 4);
	scene->c.bond.dead = (unsigned int)draw(state, scene->c.bond.members);
	scene->c.bond.from_ns = one_in(state, 8) ? 0 : MEMNIC_BEGIN_NS + draw(state, 40000) * MS;
	scene->c.bond.for_ns = one_in(state, 4) ? 0 : draw_between(state, 3000, 90000) * MS;
}

/* For 0.5 to 20 s, or for good. */
static void sibling(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	scene->ladder[0].source = draw_source(state);
	scene->c.suppress_unknown = one_in(state, 2);
	scene->c.sibling.from_ns = MEMNIC_BEGIN_NS +
				   (one_in(state, 8) ? 0 : draw(state, 40000) * MS);
	scene->c.sibling.for_ns = one_in(state, 4) ? ALWAYS_NS
						   : draw_between(state, 500, 20000) * MS;
}

static void forgets(struct adversary_scene *scene, uint64_t *state)
{
	security(scene, state);
	scene->c.age_ns = draw_between(state, 3000, 60000) * MS;
}

static void storm(struct adversary_scene *scene, uint64_t *state)
{
	static const unsigned int passed[] = {1, 2, 4, 10, 20, 40, 70, 100};

	cells_draw_one(scene, state);
	scene->c.suppress_unknown = true;
	scene->c.flood_permille = passed[draw(state, sizeof(passed) / sizeof(passed[0]))];
	scene->c.learn_after_ns = one_in(state, 3) ? draw(state, 2000) * MS : 0;
	if (one_in(state, 2))
		scene->c.flush_ns = MEMNIC_BEGIN_NS + draw(state, 30000) * MS;
}

static void storm_ages(struct adversary_scene *scene, uint64_t *state)
{
	storm(scene, state);
	scene->c.learn_after_ns = scene->c.flush_ns = 0;
	scene->c.age_ns = draw_between(state, 2000, 15000) * MS;
}

static void reports_age(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_both(scene, state);
	scene->c.mld_snooping = true;
	scene->c.report_loss_permille = (unsigned int)draw_between(state, 100, 300);
	scene->c.group_age_ns = 8000 * MS;
}

static void plain(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	scene->c.learn_after_ns = draw(state, 50) * MS;
	scene->c.age_ns = draw_between(state, 10000, 300000) * MS;
}

/* ---- the guest's VLAN ---- */

/* Filters of any sort, written up to @late_ms late. */
void cells_draw_vlan(struct adversary_scene *scene, uint64_t *state, uint64_t late_ms)
{
	scene->guest_vlan = true;
	scene->p.vlan = memnic_random_vlans(draw(state, UINT32_MAX));
	scene->p.vlan.after_ns = one_in(state, 2) ? 0 : draw(state, late_ms + 1) * MS;
}

/* It may not come to this port, another VF may have it, or a netdev on the PF. */
static void draw_vlan_around(struct adversary_scene *scene, uint64_t *state)
{
	scene->c.vlan.blocked = one_in(state, 5);
	scene->c.vlan.free_blocked = one_in(state, 3);
	scene->vf_in_use = one_in(state, 3);
	scene->c.vlan.sibling = scene->vf_in_use && one_in(state, 2);
	scene->c.vlan.swallowed = one_in(state, 12);
	scene->c.vlan.search_errno = one_in(state, 16) ? 1 : 0;
}

static void vlan(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_both(scene, state);
	cells_draw_vlan(scene, state, 0);
}

static void vlan_late(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	cells_draw_vlan(scene, state, SETTLE / 2 - 50);
}

static void vlan_around(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_both(scene, state);
	cells_draw_vlan(scene, state, 0);
	draw_vlan_around(scene, state);
}

static void vlan_lossy(struct adversary_scene *scene, uint64_t *state)
{
	losing(scene, state);
	cells_draw_vlan(scene, state, 100);
	draw_vlan_around(scene, state);
}

static void vlan_pauses(struct adversary_scene *scene, uint64_t *state)
{
	pauses(scene, state);
	cells_draw_vlan(scene, state, 100);
	draw_vlan_around(scene, state);
}

static void vlan_blinks(struct adversary_scene *scene, uint64_t *state)
{
	draw_blinks(scene, state);
	scene->c.suppress_unknown = one_in(state, 2);
	scene->c.mld_snooping = one_in(state, 2);
	cells_draw_vlan(scene, state, 100);
	draw_vlan_around(scene, state);
}

static void vlan_all(struct adversary_scene *scene, uint64_t *state)
{
	all(scene, state);
	cells_draw_vlan(scene, state, 100);
	draw_vlan_around(scene, state);
}

/* No effect waits for a timer. */
static bool is_quick(const struct core_personality *p)
{
	uint64_t late_ns = p->hold_after_ns | p->release_after_ns | p->join_after_ns |
			   p->group_lost_ns | p->period_ns;

	for (int event = 0; event < CORE_EVENTS; event++)
		late_ns |= p->comes_after_ns[event] | p->goes_after_ns[event];
	return !late_ns && !p->clear_errno && !p->assign_errno;
}

static void quick(struct adversary_scene *scene, uint64_t *state)
{
	size_t most = 0;

	/* Those before this one. */
	while (adversary_cells[most].draw != quick)
		most++;
	adversary_cells[draw(state, most)].draw(scene, state);
	do
		scene->p = memnic_archetypes[draw(state, memnic_num_archetypes)];
	while (!is_quick(&scene->p));
	scene->apart = false;
	scene->quick = true;
}

const struct adversary_cell adversary_cells[] = {
	{"clean", "one ladder on a clean wire, from each source", clean, 0},
	{"both", "both styles, one after the other", both, 0},
	{"styles", "a bridge, and then what is to fix it", styles, 0},
	{"drivers", "both styles on the archetypes of drivers.def", drivers, 0},
	{"learning", "both styles on NICs that learn from what is sent", learning, 6},
	{"lossy", "loss of 0.5 to 10 %, duplicates, disorder", losing, 0},
	{"loss10", "loss of 10 %", loss10, 0},
	{"late", "up to 500 ms before the NIC", late, 0},
	{"security", "port security, one to three addresses, unknown unicast suppressed", security,
	 0},
	{"slow", "a switch that learns in up to 2 s, unknown unicast suppressed", slowly, 0},
	{"flush", "a switch that forgets once, with the carrier there", flushed, 3},
	{"blinks", "a carrier that blinks, a switch that forgets addresses", blinks, 0},
	{"groups", "a carrier that blinks, a switch that forgets groups", groups, 0},
	{"reports", "MLD snooping, 1, 3 or 10 % of the reports lost; both styles", reports, 0},
	{"pause", "one pause of everything, 0.3 to 2.5 s", pause_once, 0},
	{"pause25", "one pause of everything, 2.5 s", pause_long, 0},
	{"unicast", "one pause of unicast alone, 0.3 to 2.5 s", pause_unicast, 0},
	{"pauses", "one or two pauses of up to 2.5 s", pauses, 0},
	{"arp", "a neighbour that answers ARP", arp, 0},
	{"arp-lossy", "the same, with loss of 0.2 to 5 % each way", arp_losing, 0},
	{"arp-slow", "the same, policed to 2 to 10 a second", arp_policed, 0},
	{"all", "some of all that, both styles", all, 0},
	{"learn-wire", "NICs that learn, from the wire; both styles", learner_wire, 23},
	{"learn-vf", "the same from another VF", learner_vf, 0},
	{"learn-pf", "the same from the PF", learner_pf, 0},
	{"quiet-wire", "NICs that learn, --skip announce, from the wire; both styles", quiet_wire,
	 281},
	{"quiet-vf", "the same from another VF", quiet_vf, 409},
	{"quiet-pf", "the same from the PF", quiet_pf, 178},
	{"learn-blnk", "NICs that learn, a carrier that blinks; both styles", learner_blinks, 7},
	{"writes", "filters written up to the settling time late", writes, 0},
	{"writes-2s", "the same, up to 2 s late", writes_2s, 1600},
	{"writes-3s", "the same, one of 20 up to 3 s late", writes_3s, 130},
	{"back", "a reset gives the address back within the settling time", back, 0},
	{"back-4s", "the same, within 4 s", back_4s, 4000},
	{"learns-2s", "a switch that learns each address within up to 2 s", learns_2s, 0},
	{"learns-10s", "the same, within 2 to 10 s", learns_10s, 80},
	{"learns-30s", "the same, within 10 to 30 s", learns_30s, 5},
	{"evpn", "an EVPN with an advertisement interval of 30 s", evpn, 4},
	{"unicast5", "one pause of unicast alone, 0.1 to 5 s", unicast_away, 6},
	{"bond", "a dead member of a bond upstream, for 3 to 90 s or always", bond, 125},
	{"sibling", "another VF that turns promiscuous, and takes unknown unicast", sibling, 13},
	{"forgets", "port security that forgets a silent station", forgets, 12},
	{"storm", "storm control passes 0.1 to 10 % of unknown unicast, and a flush", storm, 0},
	{"storm-ages", "the same, and a switch that forgets within 2 to 15 s", storm_ages, 0},
	{"mld-ages", "10 to 30 % of the reports lost, groups forgotten after 8 s; both styles",
	 reports_age, 1},
	{"plain", "a plain learning switch, which floods unknown unicast", plain, 0},
	{"vlan", "the guest's VLAN, which PF and VF filter in any way; both styles", vlan, 0},
	{"vlan-late", "filters of VLANs written up to half the settling time late", vlan_late, 0},
	{"vlan-round", "a network without the VLAN, VFs and netdevs that have it", vlan_around, 0},
	{"vlan-lossy", "the same, with loss of 0.5 to 10 %, duplicates, disorder", vlan_lossy, 0},
	{"vlan-pause", "the same, with one or two pauses of up to 2.5 s", vlan_pauses, 0},
	{"vlan-blink", "the same, with a carrier that blinks", vlan_blinks, 0},
	{"vlan-all", "the same, with some of all that; both styles", vlan_all, 1},
	{"plugged", "the last owner that was written wins, and a reset writes the VF",
	 cells_plugged, 0},
	{"returns", "a VF whose driver has gone works again only behind a reset", cells_returns, 0},
	{"rewritten", "the PF writes its whole list anew, and the last written wins",
	 cells_rewritten, 0},
	{"cleared", "clearing waits for a reset where a driver was", cells_cleared, 0},
	{"room", "MLD snooping with room for one to four groups; both styles", cells_room, 0},
	{"proofs", "groups that fall silent once, when a fix is proved; both styles", cells_proofs,
	 5},
	{"trips", "storm control that trips, and a switch that forgets or ages", cells_trips, 30},
	{"talks", "a guest that talks behind a bridge that learns, loss of up to 10 %", cells_talks,
	 0},
	{"elsewhere", "--mac, and another station has that address", cells_elsewhere, 0},
	{"learn-arp", "NICs that learn from ARP and RARP alone; both styles", cells_learn_arp, 0},
	{"learn-ip", "NICs that learn from IPv4, or IP, alone, and --skip multicast; both styles",
	 cells_learn_ip, 0},
	{"learn-quiet",
	 "NICs that learn, --skip announce, what nobody announced arrives; both styles",
	 cells_learn_quiet, 0},
	{"learn-ages", "NICs that learn, and forget who is silent for 1 to 2.5 s", cells_learn_ages,
	 0},
	{"vlan-sleep", "filters of VLANs that sleep until one is registered; both styles",
	 cells_vlan_sleeps, 0},
	{"hash", "groups hashed to 64 buckets, others have joined some; both styles", cells_hash,
	 30},
	{"quick", "drivers that act at once, at their own settling time, in any network", quick, 0},
	{"resets", "resets that act 0.6 to 1.4 s later, at 0.5 s", cells_late_resets, 0},
	{"races", "the PF's address is written late, and the last written wins", cells_races, 0},
	{"bonded", "a PF by which nothing leaves, in any network; both styles", cells_bonded, 60},
	{"bond-learn", "the same, of NICs that learn", cells_bonded_learn, 0},
};
const size_t adversary_num_cells = sizeof(adversary_cells) / sizeof(adversary_cells[0]);

const struct adversary_cell *adversary_cell(const char *name)
{
	for (size_t i = 0; i < adversary_num_cells; i++) {
		if (strcmp(adversary_cells[i].name, name) == 0)
			return &adversary_cells[i];
	}
	return NULL;
}

void adversary_draw(const struct adversary_cell *cell, uint64_t seed,
		    struct adversary_scene *ret_scene)
{
	uint64_t state = seed;

	memset(ret_scene, 0, sizeof(*ret_scene));
	cell->draw(ret_scene, &state);
}
