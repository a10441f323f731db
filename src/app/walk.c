// SPDX-License-Identifier: GPL-2.0-or-later
/* walk.c - the ladders of a run, one after the other: of each VF, from each source, in each style.
 */
#include <string.h>

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

/* How many levels the two have in common. */
static size_t common(const struct nfp_place *a, const struct nfp_place *b)
{
	if (a->vf != b->vf)
		return NFP_LEVEL_VF;
	if (a->source != b->source)
		return NFP_LEVEL_SOURCE;
	return a->style != b->style ? NFP_LEVEL_STYLE : NFP_LEVEL_LADDER;
}

/* Leaves what was entered, down to level @to. */
static int leave(const struct nfp_walk *walk, void *ctx, size_t *level, size_t to, int ret)
{
	while (*level > to) {
		--*level;
		ret = walk->leave[*level] ? walk->leave[*level](ctx, ret) : ret;
	}
	return ret;
}

int nfp_walk_ladders(const struct nfp_run *run, const struct nfp_walk *walk, void *ctx)
{
	const struct nfp_result *result = run->result;
	size_t num = result->num_vfs * run->request->num_from * NFP_STYLE_COUNT *
		     run->request->repeat;
	struct nfp_place last = {.vf = result->num_vfs};
	size_t level = 0; /* entered so far */
	int ret = 0;

	for (size_t i = 0; i <= num && ret == 0; i++) {
		struct nfp_place place = place_at(run, i);
		size_t same = common(&place, &last);

		/* A VF that has failed is not probed any more. */
		if (i < num && (result->vfs[place.vf].status != NFP_VF_PROBED ||
				!run->request->styles[place.style]))
			continue;
		ret = leave(walk, ctx, &level, same, ret);
		if (i == num)
			break;
		for (; level < NFP_LEVELS && ret == 0; level++)
			ret = walk->enter[level](ctx, &place);
		last = place;
		if (ret)
			ret = leave(walk, ctx, &level, 0, ret);
	}
	return ret;
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
