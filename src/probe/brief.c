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
	       landing[NFP_KIND_BROADCAST] == made->landing[NFP_KIND_BROADCAST];
}

static bool unicast_reaches_pf(const struct nfp_step_result *made)
{
	return at_pf(made->landing[NFP_KIND_UNICAST]);
}

/* Nothing that is said of the NIC depends on this step. */
static bool is_moot(const struct runner *r, const struct nfp_ladder_row *row)
{
	const struct nfp_step_result *clear = made_step(r, NFP_STEP_CLEAR);

	return nfp_shows_early(made_step(r, NFP_STEP_ATTACH)) &&
	       nfp_shows_early(made_step(r, row->if_early)) && clear && unicast_reaches_pf(clear);
}

/*
 * Nothing was late in the earlier steps. And the PF had X in all of them or in none: where one
 * takes X away from the VF that the next gives to it, that one could do so late and nobody would
 * see it.
 */
static bool acted_at_once(const struct runner *r, const struct nfp_ladder_row *row)
{
	const struct nfp_step_result *last = made_step(r, row->like_last);

	for (enum nfp_step step = row->like_first; step <= row->like_last; step++) {
		const struct nfp_step_result *made = made_step(r, step);

		if (step == NFP_STEP_ALONE)
			continue;
		if (!made || !last || r->late[step] ||
		    unicast_reaches_pf(made) != unicast_reaches_pf(last))
			return false;
	}
	return true;
}

bool runner_may_be_cut(const struct runner *r, const struct nfp_ladder_row *row,
		       const struct nfp_observation *obs)
{
	const struct nfp_step_result *before = made_before(r, row->like_first);

	if (row->like_last == NFP_STEP_CONTROL || r->config->in_full)
		return false;
	if (made_step(r, NFP_STEP_ALONE) || (row->if_early && !is_moot(r, row)))
		return false;
	return acted_at_once(r, row) && before && lands_as(before->landing, r->before) &&
	       lands_as(obs->landing, made_step(r, row->like_last));
}

/* Clearing gives the address back, or it stays where it was. */
static bool is_expected(const struct runner *r, const struct nfp_step_result *cut)
{
	return r->step->step != NFP_STEP_CLEAR ||
	       lands_as(r->step->landing, made_step(r, NFP_STEP_STANDBY)) ||
	       lands_as(r->step->landing, cut);
}

bool runner_is_surprised(const struct runner *r)
{
	const struct nfp_step_result *cut = made_before(r, r->step->step);

	/* The last step is as moot as the one before it. */
	if (!cut || !r->cut[cut->step] || r->step->status != NFP_STATUS_DONE ||
	    r->step->step == NFP_STEP_VF_FIRST_UNPLUG)
		return false;
	/* Nobody could call that NIC safe anyway, and another process may have the VF by now. */
	if (r->over || r->step->changed || r->step->carrier_lost)
		return false;
	return r->late[r->step->step] || !is_expected(r, cut);
}
