// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does what the standby sends with X as its source leave the NIC while the VF has X, or does the
 * NIC take it for spoofed? Evidence beside the landings: no verdict and no window depends on it.
 *
 * "dropped" is said only of a step in which no test frame was heard though every control was, on a
 * wire that loses little, and only if the standby's were heard while it had X alone.
 */
#include <stdio.h>
#include <string.h>

#include "runner_priv.h"

/* The round is sent anew when the landing changes after it; a landing that goes on changing is
 * none. */
#define ROUNDS_MAX 3U

static bool is_of_interest(enum nfp_step step)
{
	return step >= NFP_STEP_STANDBY && step <= NFP_STEP_UNPLUG && step != NFP_STEP_ALONE;
}

void runner_transmit(struct runner *r, const struct nfp_ladder_row *row, uint64_t from_ns)
{
	const struct nfp_runner_config *config = r->config;

	if (!config->transmit || !config->announce || config->source->deaf ||
	    !is_of_interest(row->step) || !r->held ||
	    (row->step != NFP_STEP_STANDBY && !(r->transmit_shown && r->assigned)))
		return;
	if (r->transmit_rounds == ROUNDS_MAX ||
	    (r->transmit_rounds && r->transmit_from_ns == from_ns))
		return;
	/* What a driver does late it has done by half the settling time; a brief step has no half.
	 */
	if (!row->is_brief && runner_now(r) < from_ns + config->settle_ns / 2)
		return;
	r->transmit_rounds++;
	r->transmit_from_ns = from_ns;
	r->wire.ops->transmit(r->wire.ctx, &r->address);
}

/* Where more than 5 % of the broadcasts are lost on the way, so may three frames be. */
static bool is_lossy(const struct nfp_count *broadcast)
{
	return !broadcast->sent || broadcast->at[NFP_AT_PF] * 20 < broadcast->sent * 19;
}

static enum nfp_transmit answer(const struct nfp_step_result *step,
				const struct nfp_transmit_count *count)
{
	if (count->heard_tests)
		return NFP_TRANSMIT_OK;
	if (count->drops || count->tests < NFP_TRANSMIT_TESTS ||
	    count->heard_controls < NFP_TRANSMIT_CONTROLS ||
	    is_lossy(&step->count[NFP_KIND_BROADCAST]))
		return NFP_TRANSMIT_UNTESTED;
	return NFP_TRANSMIT_DROPPED;
}

void runner_transmit_end(struct runner *r, uint64_t from_ns)
{
	struct nfp_step_result *step = r->step;
	struct nfp_transmit_count count;

	if (!is_of_interest(step->step))
		return;
	step->transmit = NFP_TRANSMIT_UNTESTED;
	if (!r->transmit_rounds || r->transmit_from_ns != from_ns)
		return;
	r->wire.ops->transmitted(r->wire.ctx, &count);
	step->transmit = answer(step, &count);
	if (step->step != NFP_STEP_STANDBY)
		return;
	/* Nobody but the PF has X here: silence is not the doing of a VF's address. */
	r->transmit_shown = step->transmit == NFP_TRANSMIT_OK;
	if (!r->transmit_shown)
		step->transmit = NFP_TRANSMIT_UNTESTED;
}

/* ---- the style ---- */

/* Why there can be no answer at all; NULL: there may be one. */
static const char *why_none(const struct runner *r)
{
	if (!r->config->transmit)
		return "--no-transmit";
	if (!r->config->announce)
		return "--no-announce keeps the address off the wire";
	if (r->config->source->deaf)
		return r->config->source->deaf;
	if (!r->transmit_shown)
		return "what the standby sent was not heard even before the VF had the address";
	return NULL;
}

static void untested(struct nfp_style_result *result, const char *why)
{
	result->transmit = NFP_TRANSMIT_UNTESTED;
	snprintf(result->transmit_note, sizeof(result->transmit_note), "%s", why);
}

void runner_transmit_conclude(struct runner *r)
{
	struct nfp_style_result *result = r->result;
	const char *why = why_none(r);
	bool any = false;

	if (why) {
		untested(result, why);
		return;
	}
	for (size_t i = 0; i < result->num_steps; i++) {
		const struct nfp_step_result *step = &result->steps[i];

		if (step->step == NFP_STEP_STANDBY || step->transmit == NFP_TRANSMIT_NONE)
			continue;
		any = true;
		if (step->transmit == NFP_TRANSMIT_DROPPED) {
			result->transmit = NFP_TRANSMIT_DROPPED;
			result->transmit_note[0] = '\0';
			return;
		}
		if (step->transmit == NFP_TRANSMIT_UNTESTED && !result->transmit) {
			untested(result, "");
			snprintf(result->transmit_note, sizeof(result->transmit_note),
				 "in step %s the control was not heard either, or not all of it",
				 nfp_step_name(step->step));
		}
	}
	if (!any)
		untested(result, "no step in which the VF had the address was made");
	else if (!result->transmit)
		result->transmit = NFP_TRANSMIT_OK;
}
