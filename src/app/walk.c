// SPDX-License-Identifier: GPL-2.0-or-later
/* walk.c - the ladders of a run, one after the other: of each VF, from each source, in each style.
 */
#include "nfprobe/probe.h"
#include "run_priv.h"

static struct nfp_place place_at(const struct nfp_run *run, size_t index)
{
	const struct nfp_request *request = run->request;
	size_t style = index / request->repeat, source = style / NFP_STYLE_COUNT;

	return (struct nfp_place) {
		.vf = source / request->num_from,
		.source = source % request->num_from,
		.style = (enum nfp_style)(style % NFP_STYLE_COUNT),
		.round = (unsigned int)(index % request->repeat),
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

/* A VF that has failed is not probed any more. */
static bool is_due(const struct nfp_run *run, const struct nfp_place *place)
{
	return run->result->vfs[place->vf].status == NFP_VF_PROBED &&
	       run->request->styles[place->style];
}

bool nfp_walk_next(struct nfp_walk *walk, const struct nfp_run *run, int ret)
{
	size_t num = run->result->num_vfs * run->request->num_from * NFP_STYLE_COUNT *
		     run->request->repeat;
	struct nfp_place next = walk->place;
	bool ends;

	for (; walk->index < num; walk->index++) {
		next = place_at(run, walk->index);
		if (is_due(run, &next))
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

uint64_t nfp_run_estimate(const struct nfp_run *run)
{
	uint64_t each_ns = nfp_ladder_estimate(run->settle_ns, NFP_STEP_CONTROL);
	uint64_t ladders = 0;

	for (size_t i = 0; i < run->result->num_vfs; i++) {
		for (unsigned int s = 0; s < NFP_STYLE_COUNT; s++) {
			if (run->request->styles[s] && run->result->vfs[i].status == NFP_VF_PROBED)
				ladders += run->request->repeat * run->request->num_from;
		}
	}
	return each_ns * ladders;
}
