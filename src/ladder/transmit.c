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

#include "runner_priv.h"

/* How long the frames may be under way. */
#define HEARD_NS (100 * NFP_NSEC_PER_MSEC)

/*
 * Only where no later step has the same address, or the PF alone had it so far: a NIC may learn
 * from these frames that the address is at the PF, and the standby of a guest that uses its VF
 * sends none.
 */
static bool is_of_interest(enum nfp_step step)
{
	return step == NFP_STEP_STANDBY || step == NFP_STEP_REASSIGN ||
	       step == NFP_STEP_VF_FIRST_UNPLUG;
}

int runner_transmit(struct runner *r)
{
	const struct nfp_runner_config *config = r->config;
	struct nfp_step_result *step = r->step;
	const struct nfp_count *broadcast = &step->count[NFP_KIND_BROADCAST];
	struct nfp_transmit_count count;
	int ret;

	if (!is_of_interest(step->step))
		return 0;
	step->transmit = NFP_TRANSMIT_UNTESTED;
	if (!config->transmit || !config->announce || config->source->deaf || !r->held ||
	    (step->step != NFP_STEP_STANDBY && !(r->transmit_shown && r->assigned)))
		return 0;
	r->wire.ops->transmit(r->wire.ctx, &r->address);
	ret = r->wire.ops->pump(r->wire.ctx, runner_now(r) + HEARD_NS, config->accounting, r->err);
	if (ret < 0)
		return ret;
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
	return 0;
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
