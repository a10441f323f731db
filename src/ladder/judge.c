// SPDX-License-Identifier: GPL-2.0-or-later
/* judge.c - a whole result, from what its ladders have shown. */
#include <stdio.h>

#include "nfprobe/verdict.h"

void nfp_judge_ladder(struct nfp_style_result *ladder, const struct nfp_shows *shows,
		      bool multicast, const char *ifname, unsigned int vf)
{
	struct nfp_judgement judgement;

	nfp_judge_style(ladder, shows, &judgement);
	nfp_judge_near(&ladder->neighbours);
	ladder->multicast_note[0] = '\0';
	if (multicast)
		nfp_multicast_text(&judgement, ladder, ifname, vf, ladder->multicast_note,
				   sizeof(ladder->multicast_note));
	else
		ladder->multicast = NFP_MULTICAST_UNTESTED;
	ladder->why_len = nfp_reason_text(&judgement, ladder, ifname, vf, ladder->reason,
					  sizeof(ladder->reason));
}

bool nfp_judge_demands(struct nfp_style_result *ladder, const struct nfp_settings *settings,
		       enum nfp_step *ret_step)
{
	bool unsure = settings->gap_limit_ms &&
		      nfp_gap_limit(ladder, UINT64_C(1000) * settings->gap_limit_ms, ret_step);

	if (settings->require_neighbours)
		nfp_require_near(ladder);
	ladder->allowed = settings->allow[ladder->verdict];
	return unsure;
}

/* A style without a step was not begun or is not applicable: what it says already is a fact. */
static void judge_style(struct nfp_style_result *style, const struct nfp_result *run,
			unsigned int vf)
{
	const struct nfp_settings *settings = &run->settings;
	const struct nfp_shows *shows = &nfp_sources[style->from.by].shows;
	enum nfp_step step;

	if (!style->num_steps)
		return;
	nfp_judge_ladder(style, shows, settings->multicast && shows->group, run->pf.ifname, vf);
	(void)nfp_judge_demands(style, settings, &step);
}

/* A style that was asked for was not begun, whatever ended the run. */
static bool lacks_style(const struct nfp_vf_result *vf, const struct nfp_settings *settings)
{
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		bool found = !settings->styles[style];

		for (size_t i = 0; i < vf->num_styles && !found; i++)
			found = vf->styles[i].style == style;
		if (!found)
			return true;
	}
	return false;
}

uint32_t nfp_judge_vf_of(const struct nfp_result *run, struct nfp_vf_result *vf)
{
	uint32_t changed;

	for (size_t i = 0; i < vf->num_styles; i++)
		judge_style(&vf->styles[i], run, vf->vf);
	changed = nfp_judge_across_styles(vf, run->pf.ifname, run->settings.allow);
	nfp_judge_vf(vf);
	if (lacks_style(vf, &run->settings) && vf->verdict > NFP_VERDICT_INCONCLUSIVE)
		vf->verdict = NFP_VERDICT_INCONCLUSIVE;
	return changed;
}

static bool was_stopped(const struct nfp_result *result)
{
	return result->error.code == NFP_E_INTERRUPTED || result->error.code == NFP_E_TIMEOUT;
}

static int exit_status_of(const struct nfp_result *result)
{
	if (!result->restored)
		return NFP_EXIT_NOT_RESTORED;
	if (was_stopped(result))
		return result->exit_status;
	if (result->error.code != NFP_E_NONE || !result->have_verdict)
		return NFP_EXIT_CANNOT;
	return nfp_verdict_exit(result->verdict);
}

void nfp_judge_result(struct nfp_result *result)
{
	if (result->have_vf)
		(void)nfp_judge_vf_of(result, &result->vf);
	result->verdict = NFP_VERDICT_INCONCLUSIVE;
	if (result->have_verdict && !was_stopped(result))
		result->verdict = nfp_judge_run(result);
	result->exit_status = exit_status_of(result);
}
