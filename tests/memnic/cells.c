// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cells: what is drawn of networks, and of the NICs and runs in them. NICs alone are drawn in
 * tests/nfsim/lots.py.
 */
#include "adversary.h"

#include <string.h>

#define MS	  NFP_NSEC_PER_MSEC
#define LATE	  1300U			    /* ms: the latest that a NIC acts */
#define NO_MS	  1			    /* ms; for what must not be 0 */
#define ALWAYS_NS (1000 * NFP_NSEC_PER_SEC) /* no ladder takes that long */
#define ON(event) CORE_BIT(CORE_ON_##event)

static uint64_t draw(uint64_t *state, uint64_t below)
{
	/* splitmix64, Steele et al. 2014 */
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

static bool one_in(uint64_t *state, unsigned int n)
{
	return draw(state, n) == 0;
}

static uint64_t draw_between(uint64_t *state, uint64_t from, uint64_t to)
{
	return from + draw(state, to - from + 1);
}

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

static void draw_nic(struct core_personality *p, uint64_t *state)
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
}

/* ---- runs ---- */

static enum nfp_enters draw_source(uint64_t *state)
{
	static const enum nfp_enters sources[] = {NFP_ENTERS_WIRE, NFP_ENTERS_WIRE, NFP_ENTERS_WIRE,
						  NFP_ENTERS_VF, NFP_ENTERS_PF};

	return sources[draw(state, 5)];
}

/* One ladder. */
static void draw_one(struct adversary_scene *scene, uint64_t *state)
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
static void draw_both(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
	scene->num_ladders = 2;
	scene->ladder[0].style = NFP_STYLE_MACVTAP;
	scene->ladder[1].style = NFP_STYLE_BRIDGE;
	scene->ladder[1].source = scene->ladder[0].source;
}

/* ---- networks ---- */

static void losing(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
	scene->c.loss_permille = (unsigned int)draw_between(state, 5, 100);
	scene->c.duplicate_permille = (unsigned int)draw(state, 20);
	scene->c.jitter_ns = draw(state, 20 * MS);
}

static void late(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
	scene->c.before_ns = draw(state, 400 * MS);
	scene->c.before_jitter_ns = one_in(state, 2) ? draw(state, 100 * MS) : 0;
}

static void security(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
	scene->c.suppress_unknown = true;
	scene->c.learn_max = (unsigned int)draw_between(state, 1, 3);
	scene->c.learn_evicts = one_in(state, 4);
}

/* As all switches of a spanning tree do when its topology changes. */
static void flushed(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
	scene->c.suppress_unknown = true;
	scene->c.mld_snooping = one_in(state, 2);
	scene->c.flush_ns = MEMNIC_BEGIN_NS + draw(state, 30000) * MS;
}

static void slowly(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
	scene->c.suppress_unknown = true;
	scene->c.learn_after_ns = draw(state, 2000) * MS;
}

static void draw_blinks(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
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

	draw_both(scene, state);
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

static void pauses(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
	draw_pause(scene, state, 0, 100, 2500);
	if (one_in(state, 2))
		draw_pause(scene, state, 1, 100, 2500);
	scene->c.pauses[0].unicast_alone = one_in(state, 3);
}

static void arp(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
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
	draw_both(scene, state);
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

/* ---- networks that withhold for long ---- */

/* Within a time that differs by address. */
static void learns_10s(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
	scene->c.suppress_unknown = true;
	scene->c.learn_within_ns = draw_between(state, 2000, 10000) * MS;
}

static void learns_30s(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
	scene->c.suppress_unknown = true;
	scene->c.learn_within_ns = draw_between(state, 10000, 30000) * MS;
}

static void evpn(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
	scene->c.suppress_unknown = true;
	scene->c.learn_after_ns = draw(state, 500) * MS;
	scene->c.advertise_ns = 30000 * MS;
}

static void unicast_away(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
	scene->c.suppress_unknown = one_in(state, 2);
	draw_pause(scene, state, 0, 100, 5000);
	scene->c.pauses[0].unicast_alone = true;
}

/* The member dies for 3 to 90 s, or for good. */
static void bond(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
	scene->c.suppress_unknown = one_in(state, 2);
	scene->c.bond.members = (unsigned int)draw_between(state, 2, 4);
	scene->c.bond.dead = (unsigned int)draw(state, scene->c.bond.members);
	scene->c.bond.from_ns = one_in(state, 8) ? 0 : MEMNIC_BEGIN_NS + draw(state, 40000) * MS;
	scene->c.bond.for_ns = one_in(state, 4) ? 0 : draw_between(state, 3000, 90000) * MS;
}

/* For 0.5 to 20 s, or for good. */
static void sibling(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
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

	draw_one(scene, state);
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
	draw_both(scene, state);
	scene->c.mld_snooping = true;
	scene->c.report_loss_permille = (unsigned int)draw_between(state, 100, 300);
	scene->c.group_age_ns = 8000 * MS;
}

static void plain(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
	scene->c.learn_after_ns = draw(state, 50) * MS;
	scene->c.age_ns = draw_between(state, 10000, 300000) * MS;
}

/* ---- where another is to blame ---- */

static void room(struct adversary_scene *scene, uint64_t *state)
{
	draw_both(scene, state);
	scene->c.mld_snooping = true;
	scene->c.groups_max = (unsigned int)draw_between(state, 1, 4);
}

/* Reports that are lost, groups that age, or a carrier that blinks. */
static void proofs(struct adversary_scene *scene, uint64_t *state)
{
	draw_both(scene, state);
	scene->c.mld_snooping = true;
	scene->c.report_loss_permille = (unsigned int)draw(state, 4) * 100;
	scene->c.group_age_ns = one_in(state, 2) ? draw_between(state, 4000, 12000) * MS : 0;
	if (one_in(state, 3))
		return;
	scene->p.blinks_on = CORE_BIT(draw(state, CORE_EVENTS));
	scene->p.blink_after_ns = draw(state, 950) * MS;
	scene->p.blink_for_ns = draw_between(state, 20, 1500) * MS;
}

/* It floods until then, so that what it does not know arrives at first: by the second, for a while,
 * or for good. */
static void trips(struct adversary_scene *scene, uint64_t *state)
{
	static const unsigned int frames[] = {10, 100, 400, 1000, 5000};

	draw_one(scene, state);
	scene->c.suppress_unknown = true;
	scene->c.flood_permille = 1000;
	scene->c.storm_frames = frames[draw(state, sizeof(frames) / sizeof(frames[0]))];
	scene->c.storm_ns = one_in(state, 3) ? 0 : draw_between(state, 500, 20000) * MS;
	if (one_in(state, 2))
		scene->c.flush_ns = MEMNIC_BEGIN_NS + draw(state, 40000) * MS;
	else
		scene->c.age_ns = draw_between(state, 2000, 15000) * MS;
}

static void elsewhere(struct adversary_scene *scene, uint64_t *state)
{
	draw_one(scene, state);
	scene->same_mac = true;
	scene->c.suppress_unknown = one_in(state, 2);
	scene->c.station = (struct nfp_mac) {{0x02, 0, 0, 0, 1, 0}};
	scene->c.station_ns = MEMNIC_BEGIN_NS + draw(state, 20000) * MS;
	scene->c.station_every_ns = draw_between(state, 500, 20000) * MS;
}

/* ---- the guest's VLAN ---- */

/* Filters of any sort, written up to 100 ms late. */
static void draw_vlan(struct adversary_scene *scene, uint64_t *state)
{
	scene->guest_vlan = true;
	scene->p.vlan = memnic_random_vlans(draw(state, UINT32_MAX));
	scene->p.vlan.after_ns = one_in(state, 2) ? 0 : draw(state, 101) * MS;
	/* It may not come to this port, another VF may have it, or a netdev on the PF. */
	scene->c.vlan.blocked = one_in(state, 5);
	scene->c.vlan.free_blocked = one_in(state, 3);
	scene->vf_in_use = one_in(state, 3);
	scene->c.vlan.sibling = scene->vf_in_use && one_in(state, 2);
	scene->c.vlan.swallowed = one_in(state, 12);
	scene->c.vlan.search_errno = one_in(state, 16) ? 1 : 0;
}

static void vlan_around(struct adversary_scene *scene, uint64_t *state)
{
	draw_both(scene, state);
	draw_vlan(scene, state);
}

static void vlan_all(struct adversary_scene *scene, uint64_t *state)
{
	all(scene, state);
	draw_vlan(scene, state);
}

/* ---- the host ---- */

/* No effect waits for a timer. */
static bool is_quick(const struct core_personality *p)
{
	uint64_t late_ns = p->hold_after_ns | p->release_after_ns | p->join_after_ns |
			   p->group_lost_ns;

	for (int event = 0; event < CORE_EVENTS; event++)
		late_ns |= p->comes_after_ns[event] | p->goes_after_ns[event];
	return !late_ns && !p->clear_errno && !p->assign_errno;
}

static void quick(struct adversary_scene *scene, uint64_t *state);

/* Any network above. */
static void draw_any(struct adversary_scene *scene, uint64_t *state)
{
	size_t most = 0;

	while (adversary_cells[most].draw != quick)
		most++;
	adversary_cells[draw(state, most)].draw(scene, state);
}

static void quick(struct adversary_scene *scene, uint64_t *state)
{
	draw_any(scene, state);
	do
		scene->p = memnic_archetypes[draw(state, memnic_num_archetypes)];
	while (!is_quick(&scene->p));
	scene->quick = true;
}

/* Nothing leaves by the PF, so that a netdev on the wire sends, or another VF. */
static void bonded(struct adversary_scene *scene, uint64_t *state)
{
	draw_any(scene, state);
	scene->c.bonded = true;
	scene->c.arp = false;
	for (unsigned int n = 0; n < scene->num_ladders; n++)
		scene->ladder[n].source = one_in(state, 8) ? NFP_ENTERS_VF : NFP_ENTERS_WIRE;
}

const struct adversary_cell adversary_cells[] = {
	{"lossy", "loss of 0.5 to 10 %, duplicates, disorder", losing, 0},
	{"late", "up to 500 ms before the NIC", late, 0},
	{"security", "port security, one to three addresses, unknown unicast suppressed", security,
	 0},
	{"slow", "a switch that learns in up to 2 s, unknown unicast suppressed", slowly, 0},
	{"flush", "a switch that forgets once, with the carrier there", flushed, 3},
	{"blinks", "a carrier that blinks, a switch that forgets addresses", blinks, 0},
	{"groups", "a carrier that blinks, a switch that forgets groups", groups, 0},
	{"reports", "MLD snooping, 1, 3 or 10 % of the reports lost; both styles", reports, 0},
	{"pauses", "one or two pauses of up to 2.5 s", pauses, 0},
	{"arp", "a neighbour that answers ARP", arp, 0},
	{"arp-lossy", "the same, with loss of 0.2 to 5 % each way", arp_losing, 0},
	{"arp-slow", "the same, policed to 2 to 10 a second", arp_policed, 0},
	{"all", "some of all that, both styles", all, 0},
	{"learns-10s", "a switch that learns each address within 2 to 10 s", learns_10s, 80},
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
	{"room", "MLD snooping with room for one to four groups; both styles", room, 0},
	{"proofs", "groups that fall silent once, when a fix is proved; both styles", proofs, 5},
	{"trips", "storm control that trips, and a switch that forgets or ages", trips, 30},
	{"elsewhere", "--mac, and another station has that address", elsewhere, 0},
	{"vlan", "a network without the guest's VLAN, VFs and netdevs that have it; both styles",
	 vlan_around, 0},
	{"vlan-all", "the same, and some of all the rest; both styles", vlan_all, 1},
	{"quick", "drivers that act at once, at their own settling time, in any network", quick, 0},
	{"bonded", "a PF by which nothing leaves, in any network; both styles", bonded, 60},
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
