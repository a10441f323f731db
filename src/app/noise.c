// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * noise.c - frames that a run heard and did not send, or not so often. None of them counts, so that
 * no verdict is bent; but a network that loops, or somebody who sends them again, is worth a word.
 */
#include <inttypes.h>
#include <stdio.h>

#include "run_priv.h"

/* One frame in so many is worth a word. Fewer may be damaged, or sent twice by a NIC. */
#define NOISE_SHARE 20
/* Answers to earlier questions that may still arrive. */
#define FOREIGN_FEW 3

static struct nfp_count count_all(const struct nfp_vf_result *vf)
{
	struct nfp_count all = {.sent = 0};

	nfp_for_each (style, vf->styles, vf->num_styles)
		nfp_for_each (step, style->steps, style->num_steps)
			for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
				nfp_count_add(&all, &step->w.count[kind]);
	return all;
}

struct nfp_noise nfp_noise_of(const struct nfp_vf_result *vf, uint64_t foreign,
			      const struct nfp_ladder_source *from, bool has_id)
{
	const struct nfp_count all = count_all(vf);
	uint64_t arrived = all.at[NFP_AT_PF] + all.at[NFP_AT_VF];
	struct nfp_noise noise = {.copies = ""};

	if (all.duplicates * NOISE_SHARE > arrived)
		snprintf(noise.copies, sizeof(noise.copies),
			 "VF %u: %" PRIu64 " of the %" PRIu64
			 " frames that arrived did so once more: the network loops, or somebody "
			 "sends them again",
			 vf->vf, all.duplicates, arrived);
	if (has_id && foreign > FOREIGN_FEW && foreign * NOISE_SHARE > all.sent)
		snprintf(noise.foreign, sizeof(noise.foreign),
			 "VF %u: %" PRIu64 " frames with this run's id came too late to count (a "
			 "busy host), or were damaged or forged; it sent %" PRIu64,
			 vf->vf, foreign, all.sent);
	else if (!has_id && foreign > FOREIGN_FEW)
		snprintf(noise.foreign, sizeof(noise.foreign),
			 "VF %u: %" PRIu64 " answers were not requested: another host answers "
			 "as %s, or answers were forged",
			 vf->vf, foreign, from->name);
	return noise;
}
