// SPDX-License-Identifier: GPL-2.0-or-later
/* Which steps may end before the settling time is over (ladder.c says why), and was that right? */
#include "runner_priv.h"

static const struct nfp_step_result *made_step(const struct runner *r, enum nfp_step step)
{
	const struct nfp_step_result *made = nfp_style_step(r->result, step);

	return made && made->status == NFP_STATUS_DONE ? made : NULL;
}

/* The newest that was made before @step. */
static const struct nfp_step_result *made_before(const struct runner *r, enum nfp_step step)
{
	const struct nfp_step_result *made = NULL;

	while (!made && step > 0)
		made = made_step(r, --step);
	return made;
}

static bool lands_as(const enum nfp_landing landing[NFP_KIND_COUNT],
		     const struct nfp_step_result *made)
{
	return made && landing[NFP_KIND_UNICAST] == made->landing[NFP_KIND_UNICAST] &&
	       landing[NFP_KIND_BROADCAST] == made->landing[NFP_KIND_BROADCAST] &&
	       landing[NFP_KIND_MULTICAST] == made->landing[NFP_KIND_MULTICAST];
}

/*
 * Nothing was late in the earlier steps, and the PF had X in all of them or in none: if one step
 * takes X from the VF and the next gives it back, the first could act late without being noticed.
 */
static bool acted_at_once(const struct runner *r, const struct nfp_ladder_row *row)
{
	const struct nfp_step_result *last = made_step(r, row->like_last);

	for (enum nfp_step step = row->like_first; step <= row->like_last; step++) {
		const struct nfp_step_result *made = made_step(r, step);

		if (step == NFP_STEP_ALONE)
			continue;
		if (!made || !last || r->late[step] ||
		    at_pf(made->landing[NFP_KIND_UNICAST]) !=
			    at_pf(last->landing[NFP_KIND_UNICAST]))
			return false;
	}
	return true;
}

bool runner_may_be_cut(const struct runner *r, const struct nfp_ladder_row *row,
		       const struct nfp_observation *obs)
{
	const struct nfp_step_result *before = made_before(r, row->like_first);
	const struct nfp_step_result *attach = made_step(r, NFP_STEP_ATTACH);
	const struct nfp_step_result *early = made_step(r, row->if_early);
	const struct nfp_step_result *clear = made_step(r, NFP_STEP_CLEAR);
	/* Nothing that is reported about the NIC depends on this step: not the verdict, nor where
	 * multicast goes now that the PF has joined the group again. */
	bool moot = nfp_shows_early(attach) && nfp_shows_early(early) && clear &&
		    at_pf(clear->landing[NFP_KIND_UNICAST]) &&
		    at_pf(attach->landing[NFP_KIND_MULTICAST]) ==
			    at_pf(early->landing[NFP_KIND_MULTICAST]);

	if (row->like_last == NFP_STEP_CONTROL || r->config->in_full)
		return false;
	if (made_step(r, NFP_STEP_ALONE) || (row->if_early && !moot))
		return false;
	return acted_at_once(r, row) && before && lands_as(before->landing, r->before) &&
	       lands_as(obs->landing, made_step(r, row->like_last));
}

bool runner_is_surprised(const struct runner *r)
{
	const struct nfp_step_result *step = r->step, *cut = made_before(r, step->step);
	bool expected;

	/* The last step is as moot as the one before it. */
	if (!cut || !r->cut[cut->step] || step->status != NFP_STATUS_DONE ||
	    step->step == NFP_STEP_VF_FIRST_UNPLUG)
		return false;
	/* Such a NIC cannot be called safe anyway, and another process may have the VF by now. */
	if (r->over || step->changed || step->carrier_lost)
		return false;
	/* Clearing gives the address back, or it stays where it was. */
	expected = step->step != NFP_STEP_CLEAR ||
		   lands_as(step->landing, made_step(r, NFP_STEP_STANDBY)) ||
		   lands_as(step->landing, cut);
	return r->late[step->step] || !expected;
}
