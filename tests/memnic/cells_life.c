// SPDX-License-Identifier: GPL-2.0-or-later
/* Cells of NICs that do wrong in few moments of a guest's life. */
#include "cells_priv.h"

#include <string.h>

/* A NIC of components whose two owners are served as from the wire by @winner, with a filter of the
 * VF that comes and goes with a few events, at once. */
static void draw_pair(struct adversary_scene *scene, uint64_t *state, uint32_t comes_on,
		      uint32_t goes_on, enum core_arb winner)
{
	cells_draw_one(scene, state);
	do
		cells_draw_components(&scene->p, state);
	while (scene->p.period_ns);
	scene->p.comes_on = comes_on;
	scene->p.goes_on = goes_on;
	scene->p.winner = winner;
	scene->p.needs_reset_first = scene->p.no_reset = false;
}

/* The last of two owners to be written gets the frames, and a reset writes the VF. */
void cells_plugged(struct adversary_scene *scene, uint64_t *state)
{
	uint32_t on = one_in(state, 2) ? ON(ASSIGN) : 0;

	draw_pair(scene, state, on | ON(RESET) | ON(UP), ON(RESET) | ON(CLEAR) | ON(UNBIND),
		  CORE_ARB_LAST);
}

/* The VF's filter comes with a driver, but once one has gone only behind a reset. */
void cells_returns(struct adversary_scene *scene, uint64_t *state)
{
	draw_pair(scene, state, ON(UP), ON(UNBIND) | ON(RESET) | ON(CLEAR),
		  one_in(state, 2) ? CORE_ARB_BOTH : CORE_ARB_VF);
	scene->p.back_needs_reset = one_in(state, 2);
}

/* The last of two owners to be written gets the frames, and the PF writes its whole list anew. */
void cells_rewritten(struct adversary_scene *scene, uint64_t *state)
{
	draw_pair(scene, state, ON(UP), ON(UNBIND) | ON(RESET) | ON(CLEAR), CORE_ARB_LAST);
	scene->p.rewrites = one_in(state, 2);
	/* A ladder that shows it answers for the others, too. */
	scene->num_ladders = ADVERSARY_LADDERS;
	for (unsigned int n = 1; n < ADVERSARY_LADDERS; n++) {
		scene->ladder[n].style = (enum nfp_style)draw(state, NFP_STYLE_COUNT);
		scene->ladder[n].source = scene->ladder[0].source;
	}
}

/* Clearing gives the address back, but not from when a driver has come until the next reset. */
void cells_cleared(struct adversary_scene *scene, uint64_t *state)
{
	uint32_t early = one_in(state, 2) ? ON(ASSIGN) : 0;

	draw_pair(scene, state, early | ON(UP), ON(CLEAR), CORE_ARB_VF);
	scene->p.clear_needs_reset = one_in(state, 2);
}

/* Nothing leaves by the PF, so that a netdev on the wire sends, or another VF. */
static void draw_bonded(struct adversary_scene *scene, uint64_t *state)
{
	scene->c.bonded = true;
	scene->c.arp = false;
	for (unsigned int n = 0; n < scene->num_ladders; n++)
		scene->ladder[n].source = one_in(state, 8) ? NFP_ENTERS_VF : NFP_ENTERS_WIRE;
}

void cells_bonded(struct adversary_scene *scene, uint64_t *state)
{
	const struct adversary_scene fresh = *scene;
	size_t most = 0;

	while (adversary_cells[most].draw != cells_room)
		most++;
	do {
		*scene = fresh;
		adversary_cells[draw(state, most)].draw(scene, state);
	} while (scene->apart);
	draw_bonded(scene, state);
}

void cells_bonded_learn(struct adversary_scene *scene, uint64_t *state)
{
	static const uint32_t sorts[] = {CORE_BIT(CORE_SORT_ANY), CORE_BIT(CORE_SORT_ARP),
					 CORE_BIT(CORE_SORT_IPV4),
					 CORE_BIT(CORE_SORT_IPV4) | CORE_BIT(CORE_SORT_IPV6)};

	cells_learn_ages(scene, state);
	if (!one_in(state, 4))
		scene->p.unlearns_after_ns = 0;
	scene->p.learns = sorts[draw(state, sizeof(sorts) / sizeof(sorts[0]))];
	draw_bonded(scene, state);
}

/* ---- what only enough time shows ---- */

/* At the drivers' settling time, and later within the network's, or at the network's. */
static void draw_pace(struct adversary_scene *scene, uint64_t *state)
{
	struct core_personality *p = &scene->p;

	scene->quick |= one_in(state, 2);
	for (int event = 0; scene->quick && event < CORE_EVENTS; event++) {
		p->comes_after_ns[event] %= 400 * MS;
		p->goes_after_ns[event] %= 400 * MS;
		if (p->goes_after_ns[event] > p->comes_after_ns[event] &&
		    p->comes_on & p->goes_on & CORE_BIT(event))
			p->goes_after_ns[event] = p->comes_after_ns[event];
	}
	if (!scene->quick)
		return;
	p->hold_after_ns %= 400 * MS;
	p->release_after_ns %= 400 * MS;
	p->join_after_ns %= 400 * MS;
	p->group_lost_ns %= 400 * MS;
}

/* Both styles, or a bridge and what is to fix it. */
void cells_late_resets(struct adversary_scene *scene, uint64_t *state)
{
	static const uint32_t on[] = {ON(UP), ON(UP) | ON(RESET), ON(UP) | ON(ASSIGN) | ON(RESET)};
	uint64_t late_ns = draw_between(state, 600, 1400) * MS;
	enum core_arb winner = (enum core_arb)draw(state, 4);

	draw_pair(scene, state, on[draw(state, 3)], ON(UNBIND) | ON(RESET) | ON(CLEAR), winner);
	scene->quick = true;
	draw_pace(scene, state);
	scene->p.comes_after_ns[CORE_ON_RESET] = scene->p.goes_after_ns[CORE_ON_RESET] = late_ns;
	scene->num_ladders = ADVERSARY_LADDERS;
	scene->ladder[0].style = NFP_STYLE_MACVTAP;
	scene->ladder[1].style = NFP_STYLE_BRIDGE;
	scene->ladder[2].style = one_in(state, 2) ? NFP_STYLE_BRIDGE_FDB : NFP_STYLE_STATIC_BRIDGE;
	for (unsigned int n = 1; n < ADVERSARY_LADDERS; n++)
		scene->ladder[n].source = scene->ladder[0].source;
}

/* The PF's driver writes its addresses by a timer. */
void cells_races(struct adversary_scene *scene, uint64_t *state)
{
	struct core_personality *p = &scene->p;

	cells_plugged(scene, state);
	scene->quick = one_in(state, 2);
	memset(p->comes_after_ns, 0, sizeof(p->comes_after_ns));
	memset(p->goes_after_ns, 0, sizeof(p->goes_after_ns));
	p->release_after_ns = 0;
	p->hold_after_ns = draw_between(state, 50, scene->quick ? 400 : 1250) * MS;
	p->join_after_ns = p->group_lost_ns = 0;
	p->rewrites = false;
}
