// SPDX-License-Identifier: GPL-2.0-or-later
/* under_way.c - what every part of the runner does in a step: looks at the clock and at what others
 * do to the host, takes notes, tells. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "runner_priv.h"

#define GRACE_NS     (20 * NFP_NSEC_PER_MSEC)
#define OWN_BLINK_NS NFP_NSEC_PER_SEC /* a driver may take the carrier for so long */

uint64_t runner_now(const struct runner *r)
{
	return r->wire.ops->now(r->wire.ctx);
}

int runner_check_stop(struct runner *r)
{
	const struct nfp_runner_config *config = r->config;

	if (config->stop && config->stop(config->stop_ctx))
		return nfp_err_set(r->err, -EINTR, NFP_E_INTERRUPTED, "interrupted");
	if (config->deadline_ns && runner_now(r) >= config->deadline_ns)
		return nfp_err_set(r->err, -ETIME, NFP_E_TIMEOUT, "the time of --timeout is up");
	return 0;
}

void runner_note(struct runner *r, const char *fmt, ...)
{
	char words[NFP_NOTE_LEN], *note = r->step->note;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	if (!strstr(note, words))
		nfp_appendf(note, NFP_NOTE_LEN, "%s%s", note[0] ? "; " : "", words);
}

uint64_t nfp_ladder_estimate(uint64_t settle_ns, enum nfp_step from, bool idle)
{
	unsigned int steps = NFP_STEP_COUNT - (unsigned int)from - (from <= NFP_STEP_ALONE);

	if (idle)
		steps += NFP_IDLE_COUNT - (unsigned int)(from > NFP_STEP_CONTROL) -
			 (unsigned int)(from > NFP_STEP_VF_FIRST);
	return steps * (GRACE_NS + settle_ns);
}

void runner_tell(const struct runner *r, enum nfp_event_what what, uint64_t from_ns, uint64_t to_ns)
{
	const struct nfp_runner_config *config = r->config;
	const struct nfp_style_result *result = r->result;
	enum nfp_step step = r->step ? r->step->step : 0;
	const struct nfp_event event = {
		.what = what,
		.where = {config->vf, config->style, config->from},
		.step = step,
		.remaining_ns = nfp_ladder_estimate(config->settle_ns, step, r->near != NULL),
		.from_ns = from_ns,
		.to_ns = to_ns,
		.address = &r->address,
		.config = config,
		.landing = r->step,
		.transition = result->num_transitions
				      ? &result->transitions[result->num_transitions - 1]
				      : NULL,
		.style = result,
	};

	nfp_tell(&config->events, &event);
}

int runner_check_changes(struct runner *r)
{
	struct nfp_external_changes changes = {.carrier = true};
	int ret = r->host.ops->changes(r->host.ctx, &changes, r->err);

	if (ret)
		return ret;
	if (changes.gone && !changes.change[0])
		snprintf(changes.change, sizeof(changes.change), "the VF or its PF went away");
	if (changes.changed || changes.gone) {
		r->step->changed = true;
		runner_note(r, "%s", changes.change);
	}
	r->over |= changes.ended || changes.gone;
	if (changes.gone)
		return nfp_err_set(r->err, -ENODEV, NFP_E_KERNEL, "%s", changes.change);
	if (changes.carrier_losses > r->losses || (r->carrier && !changes.carrier)) {
		/* Until the change is made, and for a moment after it, the change itself did it. */
		uint64_t since_ns = r->action_ns ? runner_now(r) - r->action_ns : 0;
		bool late = since_ns > OWN_BLINK_NS;
		/* .. or a switch that saw a new address, unless the driver is known to do that. */
		bool shut = r->announced && !r->blinks;

		r->blinked = r->step->blinked = true;
		r->blinks |= !r->announced && !late;
		r->step->carrier_lost |= shut || late;
		r->over |= shut;
		if (shut)
			runner_note(r,
				    "%s lost its carrier right after the address was announced: "
				    "does the switch have port security?",
				    r->config->ifname);
		else if (late)
			runner_note(r, "%s lost its carrier %u ms after the change",
				    r->config->ifname,
				    (unsigned int)(since_ns / NFP_NSEC_PER_MSEC));
		else
			runner_note(r, "%s lost its carrier for a moment: its driver did that",
				    r->config->ifname);
	}
	r->losses = changes.carrier_losses;
	r->carrier = changes.carrier;
	return 0;
}

void runner_look_at_bus(struct runner *r)
{
	struct nfp_step_result *step = r->step;
	struct nfp_span *change = &step->bus_master_change;
	uint64_t last_ns = MAX(r->bus_ns, r->asked_ns), now_ns;
	int is = r->host.ops->bus_master ? r->host.ops->bus_master(r->host.ctx) : -ENODATA;

	now_ns = runner_now(r);
	if (is >= 0 && step->have_bus_master && step->bus_master != is && !change->known &&
	    r->asked_ns)
		*change = (struct nfp_span) {
			.known = true,
			.us = (int64_t)(((last_ns - r->asked_ns) + (now_ns - r->asked_ns)) / 2 /
					NFP_NSEC_PER_USEC),
			.error_us = (int64_t)((now_ns - last_ns) / 2 / NFP_NSEC_PER_USEC) + 1,
		};
	step->have_bus_master = is >= 0;
	step->bus_master = is > 0;
	r->bus_ns = now_ns;
}
