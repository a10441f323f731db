// SPDX-License-Identifier: GPL-2.0-or-later
/* Cells of worlds in which a switch, another station or another group is to blame, and not the NIC;
 * and of NICs that act on what a run does not say by itself. */
#include "cells_priv.h"

void cells_room(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_both(scene, state);
	scene->c.mld_snooping = true;
	scene->c.groups_max = (unsigned int)draw_between(state, 1, 4);
}

/* Reports that are lost, groups that age, or a carrier that blinks. */
void cells_proofs(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_both(scene, state);
	cells_draw_components(&scene->p, state);
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
void cells_trips(struct adversary_scene *scene, uint64_t *state)
{
	static const unsigned int frames[] = {10, 100, 400, 1000, 5000};

	cells_draw_one(scene, state);
	scene->c.suppress_unknown = true;
	scene->c.flood_permille = 1000;
	scene->c.storm_frames = frames[draw(state, sizeof(frames) / sizeof(frames[0]))];
	scene->c.storm_ns = one_in(state, 3) ? 0 : draw_between(state, 500, 20000) * MS;
	if (one_in(state, 2))
		scene->c.flush_ns = MEMNIC_BEGIN_NS + draw(state, 40000) * MS;
	else
		scene->c.age_ns = draw_between(state, 2000, 15000) * MS;
}

void cells_elsewhere(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_one(scene, state);
	scene->same_mac = true;
	scene->c.suppress_unknown = one_in(state, 2);
	scene->c.station = (struct nfp_mac) {{0x02, 0, 0, 0, 1, 0}};
	scene->c.station_ns = MEMNIC_BEGIN_NS + draw(state, 20000) * MS;
	scene->c.station_every_ns = draw_between(state, 500, 20000) * MS;
}

/* It forgets what it learned at the VF with one event or another, or never. */
static void draw_learner(struct adversary_scene *scene, uint64_t *state)
{
	static const uint32_t unlearns[] = {0, ON(DOWN) | ON(UNBIND), ON(RESET), ON(CLEAR)};

	cells_draw_both(scene, state);
	scene->p = (struct core_personality) {
		.name = "learner",
		.comes_on = ON(UP),
		.goes_on = ON(DOWN) | ON(UNBIND) | ON(RESET) | ON(CLEAR),
		.promisc_from_inside = one_in(state, 2),
		.learns = CORE_BIT(CORE_SORT_ANY),
		.unlearns_on = unlearns[draw(state, sizeof(unlearns) / sizeof(unlearns[0]))],
	};
	scene->c.suppress_unknown = one_in(state, 2);
}

void cells_learn_arp(struct adversary_scene *scene, uint64_t *state)
{
	draw_learner(scene, state);
	scene->p.learns = CORE_BIT(CORE_SORT_ARP);
}

/* Without multicast no IPv6 is sent. */
void cells_learn_ip(struct adversary_scene *scene, uint64_t *state)
{
	draw_learner(scene, state);
	scene->no_multicast = one_in(state, 2);
	scene->p.learns = CORE_BIT(CORE_SORT_IPV4) |
			  (one_in(state, 2) ? CORE_BIT(CORE_SORT_IPV6) : 0);
}

void cells_learn_quiet(struct adversary_scene *scene, uint64_t *state)
{
	draw_learner(scene, state);
	scene->no_announce = true;
	/* The address must arrive although nobody announces it. */
	scene->c.suppress_unknown = false;
}

void cells_learn_ages(struct adversary_scene *scene, uint64_t *state)
{
	draw_learner(scene, state);
	scene->p.unlearns_on = 0;
	scene->p.unlearns_after_ns = draw_between(state, 1000, 2500) * MS;
}

void cells_vlan_sleeps(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_both(scene, state);
	cells_draw_vlan(scene, state, 0);
	scene->p.vlan.filters = scene->p.vlan.from_first = true;
	scene->c.vlan.free_blocked = one_in(state, 2);
}

void cells_hash(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_both(scene, state);
	cells_draw_components(&scene->p, state);
	scene->p.pf_groups = CORE_GROUPS_JOINED;
	scene->p.group_buckets = 64;
	for (unsigned int joined = (unsigned int)draw_between(state, 1, 16); joined; joined--)
		scene->c.others_groups |= UINT64_C(1) << draw(state, 64);
}

/* From each source, on NICs whose PF gets what PF and VF send, or not. */
void cells_talks(struct adversary_scene *scene, uint64_t *state)
{
	static const enum nfp_style bridges[] = {NFP_STYLE_BRIDGE, NFP_STYLE_BRIDGE_FDB,
						 NFP_STYLE_VF_BRIDGE};

	cells_draw_both(scene, state);
	cells_draw_components(&scene->p, state);
	scene->ladder[1].style = bridges[draw(state, 3)];
	scene->p.returns[NFP_AT_PF] = one_in(state, 3);
	scene->p.returns[NFP_AT_VF] = one_in(state, 2);
	scene->p.no_loop[NFP_ENTERS_VF][NFP_AT_PF] = one_in(state, 2);
	scene->c.loss_permille = one_in(state, 2) ? (unsigned int)draw(state, 100) : 0;
	scene->talks = true;
}
