// SPDX-License-Identifier: GPL-2.0-or-later
/* life.c - does a guest get its frames while it comes, stays and goes? A cell for each of that. */
#include "report_priv.h"

#include <string.h>

const struct nfp_names nfp_life_cell_names = {
	(const char *const[]) {"lost", "refused", "slow", "unknown", "ok", "untested"},
	NFP_CELL_COUNT};

/* The steps behind each column, but for what stands in where the VF has no reset. */
static const enum nfp_step columns[NFP_LIFE_IPV6][2] = {
	[NFP_LIFE_ATTACH] = {NFP_STEP_ATTACH, NFP_STEP_COUNT},
	[NFP_LIFE_UP] = {NFP_STEP_UP, NFP_STEP_VF_FIRST_UP},
	[NFP_LIFE_UNPLUG] = {NFP_STEP_UNPLUG, NFP_STEP_VF_FIRST_UNPLUG},
	[NFP_LIFE_DETACH] = {NFP_STEP_DETACH, NFP_STEP_COUNT},
	[NFP_LIFE_CLEAR] = {NFP_STEP_CLEAR, NFP_STEP_COUNT},
	[NFP_LIFE_REASSIGN] = {NFP_STEP_REASSIGN, NFP_STEP_COUNT},
	[NFP_LIFE_VF_FIRST] = {NFP_STEP_VF_FIRST, NFP_STEP_COUNT},
};

static enum nfp_life_cell worse(enum nfp_life_cell a, enum nfp_life_cell b)
{
	return a < b ? a : b;
}

static enum nfp_life_cell cell_of(enum nfp_answer fit)
{
	static const enum nfp_life_cell cells[] = {
		[NFP_NO] = NFP_CELL_LOST,
		[NFP_YES] = NFP_CELL_OK,
		[NFP_UNKNOWN] = NFP_CELL_UNKNOWN,
	};

	return cells[fit];
}

static bool is_left_out(const struct nfp_style_result *style, enum nfp_step which)
{
	const struct nfp_step_result *step = nfp_style_step(style, which);

	return step && step->status == NFP_STATUS_SKIPPED && step->skip_allowed;
}

/* Nothing is demanded in `assign`, so it has no fit: the PF decides, if broadcast shows that it
 * could hear. */
static enum nfp_life_cell cell_of_assign(const struct nfp_evidence *e)
{
	const struct nfp_observation *obs = &e->step[NFP_STEP_ASSIGN];
	enum nfp_answer served = nfp_served(obs, NFP_AT_PF);

	if (served == NFP_NO && nfp_reaches(obs->landing[NFP_KIND_BROADCAST], NFP_AT_PF) != NFP_YES)
		return NFP_CELL_UNKNOWN;
	return cell_of(served);
}

static enum nfp_life_cell cell_of_step(const struct nfp_style_result *style,
				       const struct nfp_evidence *e, enum nfp_step which)
{
	const struct nfp_step_result *step = nfp_style_step(style, which);
	const struct nfp_step_result *assign = nfp_style_step(style, NFP_STEP_ASSIGN);

	if (which == NFP_STEP_ATTACH && assign && assign->status == NFP_STATUS_REFUSED)
		return e->assign_refused_duplicate ? NFP_CELL_REFUSED : NFP_CELL_UNKNOWN;
	if (which == NFP_STEP_ATTACH && is_left_out(style, which) && assign &&
	    assign->status == NFP_STATUS_DONE)
		return cell_of_assign(e);
	if (which == NFP_STEP_DETACH && is_left_out(style, which))
		return cell_of_step(style, e, NFP_STEP_UNPLUG);
	if (!step || step->status == NFP_STATUS_SKIPPED)
		return NFP_CELL_UNTESTED;
	if (step->status == NFP_STATUS_REFUSED)
		return NFP_CELL_REFUSED;
	return nfp_unfit_by_multicast(step) ? NFP_CELL_OK : cell_of(step->fit);
}

/* Such a ladder shows nothing of the NIC: host or run were disturbed, or the VF never worked. */
static bool shows_no_loss(const struct nfp_style_result *style, const struct nfp_judgement *j)
{
	if (style->verdict != NFP_VERDICT_INCONCLUSIVE)
		return false;
	switch (j->why) {
	case NFP_WHY_CHANGED:
	case NFP_WHY_CARRIER:
	case NFP_WHY_DROPS:
	case NFP_WHY_PROMISCUOUS:
	case NFP_WHY_STOPPED:
	case NFP_WHY_VF_SILENT:
	case NFP_WHY_UNSPOKEN:
		return true;
	default:
		return false;
	}
}

/* The standby itself was tried, and is not served: no other step shows anything. */
static bool is_standby_unserved(const struct nfp_style_result *style, const struct nfp_judgement *j)
{
	const struct nfp_step_result *standby = nfp_style_step(style, NFP_STEP_STANDBY);

	return j->step == NFP_STEP_STANDBY && j->verdict >= NFP_VERDICT_INCONCLUSIVE && standby &&
	       standby->status != NFP_STATUS_SKIPPED;
}

static enum nfp_life_cell cell_of_multicast(enum nfp_multicast multicast)
{
	static const enum nfp_life_cell cells[NFP_MULTICAST_COUNT] = {
		[NFP_MULTICAST_NONE] = NFP_CELL_UNTESTED,
		[NFP_MULTICAST_UNTESTED] = NFP_CELL_UNTESTED,
		[NFP_MULTICAST_UNPROVEN] = NFP_CELL_UNKNOWN,
		[NFP_MULTICAST_OK] = NFP_CELL_OK,
		[NFP_MULTICAST_LOST] = NFP_CELL_LOST,
	};

	return cells[multicast];
}

enum nfp_life_column nfp_life_column_of(enum nfp_step to)
{
	switch (to) {
	case NFP_STEP_ASSIGN:
		return NFP_LIFE_ATTACH;
	case NFP_STEP_DRIVER:
	case NFP_STEP_ALONE:
		return NFP_LIFE_UP;
	case NFP_STEP_DOWN:
		return NFP_LIFE_UNPLUG;
	default:
		break;
	}
	for (enum nfp_life_column c = 0; c < NFP_LIFE_IPV6; c++) {
		if (columns[c][0] == to || columns[c][1] == to)
			return c;
	}
	return NFP_LIFE_COUNT;
}

static void mark_slow(const struct nfp_style_result *style, unsigned int limit_ms,
		      struct nfp_life *life)
{
	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *t = &style->transitions[i];
		enum nfp_life_column c = nfp_life_column_of(t->to);

		if (c < NFP_LIFE_COUNT && nfp_gap_is_over(t, UINT64_C(1000) * limit_ms))
			life->cells[c] = worse(life->cells[c], NFP_CELL_SLOW);
	}
}

void nfp_life_of(const struct nfp_style_result *style, unsigned int gap_limit_ms,
		 struct nfp_life *ret_life)
{
	struct nfp_life life = {.style = style->style};
	const struct nfp_judgement j = nfp_judgement_of(style);
	struct nfp_evidence evidence;

	nfp_evidence_of(style, &nfp_sources[style->from.by].shows, &evidence);
	for (enum nfp_life_column c = 0; c < NFP_LIFE_IPV6; c++) {
		life.cells[c] = cell_of_step(style, &evidence, columns[c][0]);
		if (columns[c][1] < NFP_STEP_COUNT)
			life.cells[c] = worse(life.cells[c],
					      cell_of_step(style, &evidence, columns[c][1]));
		if (is_standby_unserved(style, &j))
			life.cells[c] = NFP_CELL_UNKNOWN;
	}
	life.cells[NFP_LIFE_IPV6] = cell_of_multicast(style->multicast);
	if (style->verdict == NFP_VERDICT_SLOW)
		mark_slow(style, gap_limit_ms, &life);
	for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++) {
		if (life.cells[c] == NFP_CELL_LOST && shows_no_loss(style, &j))
			life.cells[c] = NFP_CELL_UNKNOWN;
	}
	*ret_life = life;
}
