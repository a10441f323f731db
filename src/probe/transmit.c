// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Do frames that the standby sends with X as their source leave the NIC while the VF has X, or does
 * the NIC drop them as spoofed? Evidence beside the landings: no verdict and no window depends on
 * it.
 *
 * A step is "dropped" only if no test frame was heard although every control was, on a wire that
 * loses little, and only if the standby's frames were heard while it alone had X.
 */
#include <stdio.h>
#include <string.h>

#include "runner_priv.h"

/* A round is sent again when the landing changes after it, but a landing may keep changing. */
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
	/* By half the settling time a late change is over. */
	if (runner_now(r) < from_ns + config->settle_ns / 2)
		return;
	r->transmit_rounds++;
	r->transmit_from_ns = from_ns;
	r->wire.ops->transmit(r->wire.ctx, &r->address);
}

void runner_transmit_end(struct runner *r, uint64_t from_ns)
{
	struct nfp_step_result *step = r->step;
	const struct nfp_count *broadcast = &step->count[NFP_KIND_BROADCAST];
	struct nfp_transmit_count count;

	if (!is_of_interest(step->step))
		return;
	step->transmit = NFP_TRANSMIT_UNTESTED;
	if (!r->transmit_rounds || r->transmit_from_ns != from_ns)
		return;
	r->wire.ops->transmitted(r->wire.ctx, &count);
	if (count.heard_tests)
		step->transmit = NFP_TRANSMIT_OK;
	/*
	 * While the PF alone has X, silence is not the doing of a VF's address. And if more than 5
	 * % of the broadcasts are lost on the way, three test frames may be, too.
	 */
	if (step->step == NFP_STEP_STANDBY)
		r->transmit_shown = count.heard_tests > 0;
	else if (!count.heard_tests && !count.drops && count.tests >= NFP_TRANSMIT_TESTS &&
		 count.heard_controls >= NFP_TRANSMIT_CONTROLS && broadcast->sent &&
		 broadcast->at[NFP_AT_PF] * 20 >= broadcast->sent * 19)
		step->transmit = NFP_TRANSMIT_DROPPED;
}

/* ---- the style ---- */

void runner_transmit_conclude(struct runner *r)
{
	const struct nfp_runner_config *config = r->config;
	struct nfp_style_result *result = r->result;
	char *note = result->transmit_note;
	const char *why = NULL;
	bool any = false;

	result->transmit = NFP_TRANSMIT_UNTESTED;
	if (!config->transmit)
		why = "--no-transmit";
	else if (!config->announce)
		why = "--no-announce keeps the address off the wire";
	else if (config->source->deaf)
		why = config->source->deaf;
	else if (!r->transmit_shown)
		why = "what the standby sent was not heard even before the VF had the address";
	for (size_t i = 0; i < result->num_steps && !why; i++) {
		const struct nfp_step_result *step = &result->steps[i];

		if (step->step == NFP_STEP_STANDBY || step->transmit == NFP_TRANSMIT_NONE)
			continue;
		any = true;
		if (step->transmit == NFP_TRANSMIT_DROPPED) {
			result->transmit = NFP_TRANSMIT_DROPPED;
			note[0] = '\0';
			return;
		}
		if (step->transmit == NFP_TRANSMIT_UNTESTED && !note[0])
			snprintf(note, sizeof(result->transmit_note),
				 "in step %s the control was not heard either, or not all of it",
				 nfp_step_name(step->step));
	}
	if (!why && !any)
		why = "no step in which the VF had the address was made";
	if (why)
		snprintf(note, sizeof(result->transmit_note), "%s", why);
	else if (!note[0])
		result->transmit = NFP_TRANSMIT_OK;
}
