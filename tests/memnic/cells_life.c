// SPDX-License-Identifier: GPL-2.0-or-later
/* Cells of NICs that do wrong in few moments of a guest's life, or beside another VF. */
#include "cells_priv.h"

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
	scene->p.needs_reset_first = scene->p.reset_needs_up = scene->p.no_reset = false;
}

/* Both get what comes from the wire, and the VF alone what another VF sends, until a reset. */
void cells_near_one(struct adversary_scene *scene, uint64_t *state)
{
	draw_pair(scene, state, ON(UP), ON(RESET) | ON(CLEAR), CORE_ARB_BOTH);
	scene->p.inside_winner = CORE_ARB_VF;
	scene->here = true;
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

/* Half of the NICs do otherwise beside another VF. */
static void draw_beside(struct adversary_scene *scene, uint64_t *state)
{
	scene->beside = true;
	scene->p.promisc_yields = one_in(state, 2);
	scene->p.others_wipe_pf = one_in(state, 4);
	scene->p.beside_comes_on = one_in(state, 4) ? ON(ASSIGN) : 0;
}

/* Another VF comes up behind the standby of each style, on a clean wire. */
void cells_beside(struct adversary_scene *scene, uint64_t *state)
{
	cells_draw_both(scene, state);
	cells_draw_components(&scene->p, state);
	draw_beside(scene, state);
}

/* The same, in any network that a cell above draws in which no verdict is wrong. */
void cells_beside_net(struct adversary_scene *scene, uint64_t *state)
{
	const struct adversary_scene fresh = *scene;
	const struct adversary_cell *cell;
	size_t most = 0;

	while (adversary_cells[most].draw != cells_beside)
		most++;
	do {
		*scene = fresh;
		cell = &adversary_cells[draw(state, most)];
		cell->draw(scene, state);
	} while (scene->apart || cell->wrong);
	draw_beside(scene, state);
}
