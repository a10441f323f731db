// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * transmit.c - do frames that the standby sends with X as their source leave the NIC while the VF
 * has X, or does the NIC drop them as spoofed? Evidence beside the landings: no verdict and no
 * window depends on it.
 *
 * A step is "dropped" only if no test frame was heard although every control was, on a wire that
 * loses little, and only if such frames are heard both under the address that the VF no longer has
 * and under one that nobody had before: a port that has no room for another address drops them,
 * too.
 */
#include <stdio.h>
#include <sys/param.h>

#include "runner_priv.h"

/* How long the frames may be under way, and how often it is looked whether one has come. */
#define HEARD_NS   (100 * NFP_NSEC_PER_MSEC)
#define LOOK_NS	   (5 * NFP_NSEC_PER_MSEC)
#define LOSS_SHOWS 60U /* frames */

/* A test frame that is heard is the answer; silence has its whole time, unless something else needs
 * attention. */
static int send_round(struct runner *r, const struct nfp_mac *mac,
		      struct nfp_transmit_count *ret_count)
{
	const struct nfp_wire *wire = &r->wire;
	uint64_t end_ns;
	int ret;

	wire->ops->transmit(wire->ctx, NFP_AT_PF, mac, NULL);
	end_ns = runner_now(r) + HEARD_NS;
	do {
		ret = wire->ops->pump(wire->ctx, MIN(end_ns, runner_now(r) + LOOK_NS),
				      wire->accounting, r->err);
		wire->ops->transmitted(wire->ctx, ret_count);
	} while (!ret && !ret_count->heard_tests && runner_now(r) < end_ns);
	return ret < 0 ? ret : 0;
}

/* If more than 5 % of the broadcasts are lost on the way, three test frames may be, too. A short
 * window alone has too few of them. */
static bool loses_little(const struct runner *r)
{
	struct nfp_count broadcast = {0};

	for (size_t i = r->result->num_steps; i-- > 0 && broadcast.sent < LOSS_SHOWS;)
		nfp_count_add(&broadcast, &r->result->steps[i].w.count[NFP_KIND_BROADCAST]);
	return broadcast.sent && broadcast.at[NFP_AT_PF] * 20 >= broadcast.sent * 19;
}

int runner_transmit(struct runner *r)
{
	const struct nfp_runner_config *config = r->config;
	struct nfp_step_result *step = r->step;
	struct nfp_transmit_count count;
	int ret;

	/* Only where no later step has the same address: a NIC may learn from these frames that
	 * the address is at the PF, and the standby of a guest that uses its VF sends none. */
	if (!runner_row(r)->transmits)
		return 0;
	step->transmit = NFP_TRANSMIT_UNTESTED;
	if (!config->transmit || !config->announce || config->pf_silent || config->source->deaf ||
	    !r->held || !r->assigned)
		return 0;
	ret = send_round(r, &r->address, &count);
	if (ret)
		return ret;
	if (count.heard_tests)
		step->transmit = NFP_TRANSMIT_OK;
	else if (!count.drops && count.tests >= NFP_TRANSMIT_TESTS &&
		 count.heard_controls >= NFP_TRANSMIT_CONTROLS && loses_little(r))
		r->unheard |= 1U << (unsigned int)step->step;
	return 0;
}

/* Is @mac heard at all? */
static int hears(struct runner *r, const struct nfp_mac *mac, bool *ret_hears)
{
	struct nfp_transmit_count count;
	int ret = send_round(r, mac, &count);

	*ret_hears = !ret && count.heard_tests;
	return ret;
}

/* A fresh address, and the first one, once the VF has the second: then silence is neither the
 * network's doing nor that of a VF's address. */
int runner_transmit_control(struct runner *r)
{
	const struct nfp_runner_config *config = r->config;
	const struct nfp_step_result *first = nfp_style_step(r->result, NFP_STEP_VF_FIRST);
	bool heard = false;
	int ret;

	if (!r->unheard || r->over || !r->carrier || !first || first->w.status != NFP_STATUS_DONE ||
	    nfp_mac_equal(&config->address, &config->address_first))
		return 0;
	ret = hears(r, &config->spare[NFP_SPARE_FRESH], &heard);
	if (!ret && heard)
		ret = hears(r, &config->address, &heard);
	nfp_for_each (step, r->result->steps, r->result->num_steps) {
		if (!ret && heard && r->unheard & 1U << (unsigned int)step->step)
			step->transmit = NFP_TRANSMIT_DROPPED;
	}
	return ret;
}

/* ---- the style ---- */

static const char *why_untested(const struct runner *r, const struct nfp_step_result *step)
{
	if (!(r->unheard & 1U << (unsigned int)step->step))
		return "the control was not heard either, or not all of it";
	return nfp_mac_equal(&r->config->address, &r->config->address_first)
		       ? "nothing was heard, and with --mac no other address can show why"
		       : "nothing was heard, nor under an address that no VF had: a switch may "
			 "drop "
			 "new addresses";
}

void runner_transmit_conclude(struct runner *r)
{
	const struct nfp_runner_config *config = r->config;
	struct nfp_style_result *result = r->result;
	char *note = result->transmit_note;
	const char *why = NULL;
	bool any = false;

	result->transmit = NFP_TRANSMIT_UNTESTED;
	if (!config->transmit)
		why = "--skip transmit";
	else if (config->pf_silent)
		why = config->pf_silent;
	else if (!config->announce)
		why = "--skip announce keeps the address off the wire";
	else if (config->source->deaf)
		why = config->source->deaf;
	nfp_for_each (step, result->steps, result->num_steps) {
		if (why || step->transmit == NFP_TRANSMIT_NONE)
			continue;
		any = true;
		if (step->transmit == NFP_TRANSMIT_DROPPED) {
			result->transmit = NFP_TRANSMIT_DROPPED;
			note[0] = '\0';
			return;
		}
		if (step->transmit == NFP_TRANSMIT_UNTESTED && !note[0])
			snprintf(note, sizeof(result->transmit_note), "in step %s %s",
				 nfp_step_name(step->step), why_untested(r, step));
	}
	if (!why && !any)
		why = "no step in which the VF had the address was made";
	if (why)
		snprintf(note, sizeof(result->transmit_note), "%s", why);
	else if (!note[0])
		result->transmit = NFP_TRANSMIT_OK;
}
