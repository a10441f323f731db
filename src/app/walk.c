// SPDX-License-Identifier: GPL-2.0-or-later
/* walk.c - the ladders of a run, one after the other: of each VF, from each source, in each style.
 */
#include "run_priv.h"

static struct nfp_place place_at(const struct nfp_run *run, size_t index)
{
	const struct nfp_request *request = run->request;
	size_t source = index / NFP_STYLE_COUNT;

	return (struct nfp_place) {
		.vf = source / request->num_from,
		.source = source % request->num_from,
		.style = (enum nfp_style)(index % NFP_STYLE_COUNT),
	};
}

/* The outermost level at which the two differ. */
static enum nfp_level first_difference(const struct nfp_place *a, const struct nfp_place *b)
{
	if (a->vf != b->vf)
		return NFP_LEVEL_VF;
	if (a->source != b->source)
		return NFP_LEVEL_SOURCE;
	return a->style != b->style ? NFP_LEVEL_STYLE : NFP_LEVEL_LADDER;
}

bool nfp_may_test(const struct nfp_run *run, enum nfp_style style)
{
	uint32_t asked = 0;

	for (enum nfp_style s = 0; s < NFP_STYLE_COUNT; s++)
		asked |= run->request->styles[s] ? NFP_STYLE_BIT(s) : 0;
	return (asked & NFP_STYLE_BIT(style)) ||
	       (run->request->remedy && (nfp_styles[style].mends & asked) &&
		(nfp_styles[style].needs_safe & ~asked) == 0);
}

static size_t num_places(const struct nfp_run *run)
{
	return run->result->num_vfs * run->request->num_from * NFP_STYLE_COUNT;
}

/* Can a remedy be over before --timeout, with time for all that is asked for? */
static bool has_time(const struct nfp_walk *walk, const struct nfp_run *run)
{
	size_t ladders = 1;

	for (size_t i = walk->index; i < num_places(run); i++)
		ladders += run->request->styles[place_at(run, i).style];
	return !run->deadline_ns ||
	       nfp_clock_now() + ladders * nfp_ladder_estimate(run->settle_ns, NFP_STEP_CONTROL,
							       false) <=
		       run->deadline_ns;
}

/* A VF that has failed is not probed any more; a remedy is, if it is worth it. */
static bool is_due(const struct nfp_walk *walk, const struct nfp_run *run,
		   const struct nfp_place *place)
{
	const struct nfp_vf_result *vf = &run->result->vfs[place->vf];
	bool begun = walk->entered > NFP_LEVEL_STYLE &&
		     first_difference(place, &walk->place) == NFP_LEVEL_LADDER;

	if (vf->status != NFP_VF_PROBED || !nfp_may_test(run, place->style))
		return false;
	if (run->request->styles[place->style] || begun)
		return true;
	return nfp_remedy_is_due(vf, place->style, run->sources[place->source].from.name) &&
	       has_time(walk, run);
}

bool nfp_walk_next(struct nfp_walk *walk, const struct nfp_run *run, int ret)
{
	size_t num = num_places(run);
	struct nfp_place next = walk->place;
	bool ends;

	for (; walk->index < num; walk->index++) {
		next = place_at(run, walk->index);
		if (is_due(walk, run, &next))
			break;
	}
	ends = ret || walk->index == num;
	walk->leaves = walk->entered >
		       (ends ? NFP_LEVEL_VF : first_difference(&next, &walk->place));
	if (walk->leaves) {
		walk->level = --walk->entered;
		return true;
	}
	if (ends)
		return false;
	walk->place = next;
	walk->level = walk->entered;
	if (walk->level == NFP_LEVEL_LADDER)
		walk->index++;
	else
		walk->entered++;
	return true;
}

uint64_t nfp_run_estimate(const struct nfp_run *run, bool remedies)
{
	uint64_t each_ns = nfp_ladder_estimate(run->settle_ns, NFP_STEP_CONTROL, false);
	uint64_t ladders = 0, windows = 0;
	size_t ignored;

	for (size_t i = 0; i < run->result->num_vfs; i++) {
		for (unsigned int s = 0; s < NFP_STYLE_COUNT; s++) {
			if ((run->request->styles[s] || (remedies && nfp_may_test(run, s))) &&
			    run->result->vfs[i].status == NFP_VF_PROBED)
				ladders += run->request->num_from;
		}
		windows += run->result->vfs[i].status == NFP_VF_PROBED;
	}
	if (!nfp_near_source(run, &ignored))
		windows = 0;
	return each_ns * ladders +
	       (nfp_ladder_estimate(run->settle_ns, NFP_STEP_CONTROL, true) - each_ns) * windows;
}
