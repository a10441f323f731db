// SPDX-License-Identifier: GPL-2.0-or-later
/* runner.c - a ladder as a whole: its steps, what is tested after them, and the verdict. */
#include <stdio.h>
#include <string.h>

#include "announce.h"
#include "runner.h"

static int open_ladder(struct runner *r, const struct nfp_runner_config *config,
		       struct nfp_style_result *ret_result, struct nfp_err *err)
{
	struct nfp_external_changes changes;
	struct nfp_wire_stats stats = {0};
	int ret = runner_begin(r, config, ret_result, err, &changes);

	*ret_result = (struct nfp_style_result) {.style = config->style,
						 .address = config->address,
						 .unannounced = !config->announce,
						 .pf_silent = config->pf_silent};
	snprintf(ret_result->via, sizeof(ret_result->via), "%s", config->via ?: "");
	nfp_accounting_reset(config->wire.accounting);
	runner_emit(r, NFP_EVENT_LADDER, 0, 0);
	/*
	 * Events before this ladder do not count against it, unless they last: if another process
	 * has made the PF promiscuous since the run began, for example, no later ladder can show
	 * what the PF's filter does.
	 */
	if (changes.lasts)
		memcpy(r->tainted, changes.change, sizeof(r->tainted));
	runner_note_groups(r, &changes);
	r->wire.ops->stats(r->wire.ctx, &stats);
	r->drops = stats.drops;
	r->slowed = stats.slowed;
	r->strangers = stats.strangers;
	if (r->host.ops->asked)
		(void)r->host.ops->asked(r->host.ctx);
	runner_vlan_begin(r);
	runner_reflections_begin(r);
	return ret;
}

/* Asks a question after the last step. If the host refuses, the answer stays open. */
static int ask_behind(struct runner *r, int (*question)(struct runner *r))
{
	struct nfp_step_result *last = r->step;
	int ret;

	r->no_step = (struct nfp_step_result) {.step = NFP_STEP_VF_FIRST_UNPLUG};
	r->step = &r->no_step;
	ret = question(r);
	r->step = last;
	return ret < 0 ? ret : 0;
}

/* Tests what the steps leave open, and judges. @ret: of the steps. */
static int conclude_ladder(struct runner *r, int ret)
{
	const struct nfp_runner_config *config = r->config;
	struct nfp_style_result *result = r->result;
	/* The run judges again, by what the user expects and allows. */
	static const struct nfp_settings none;
	const struct nfp_criteria criteria = {
		.settings = &none, .ifname = config->ifname, .vf = config->vf};
	struct nfp_wire_stats stats = {0};

	ret = ret ?: ask_behind(r, runner_vlan_check);
	result->stopped = ret != 0;
	/* A refusal here leaves the verdict as the steps have it. */
	ret = ret ?: ask_behind(r, runner_check_learning);
	r->wire.ops->stats(r->wire.ctx, &stats);
	result->address_in_use = stats.strangers > r->strangers;
	runner_reflections_conclude(r);
	nfp_judge_ladder(result, &config->source->shows, config->multicast, &criteria);
	runner_keep_shown(r);
	runner_stop_traffic(r);
	runner_emit(r, NFP_EVENT_JUDGED, 0, 0);
	return ret;
}

int nfp_ladder_run(const struct nfp_runner_config *config, struct nfp_style_result *ret_result,
		   struct nfp_err *err)
{
	struct nfp_err own_err = {0};
	struct runner r;
	int ret = open_ladder(&r, config, ret_result, err ? err : &own_err);

	ret = ret ?: run_steps(&r, NFP_STEP_COUNT - 1);
	ret = conclude_ladder(&r, ret);
	/* Refusals are in the result. An error is only what ends the run. */
	if (!ret)
		*r.err = (struct nfp_err) {0};
	return ret;
}
