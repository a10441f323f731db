// SPDX-License-Identifier: GPL-2.0-or-later
/* compared.c - what of a result can be compared with another. */
#include "nfprobe/verdict.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nfprobe/result.h"

static void take_step(const struct nfp_step_result *from, struct nfp_past_step *to)
{
	to->step = from->step;
	to->status = from->status;
	memcpy(to->landing, from->landing, sizeof(to->landing));
}

/* Without memory there is nothing to be had of several ladders, and the worst stands for them. */
static void take_gap(const struct nfp_transition *from, const struct nfp_repeats *repeats,
		     struct nfp_past_style *style)
{
	const struct nfp_span *gap = &from->count[NFP_KIND_UNICAST].gap;
	struct nfp_summary s = {0};
	struct nfp_past_gap past = {
		.from = from->from,
		.to = from->to,
		.us = gap->us,
		.error_us = gap->error_us,
		.min_us = gap->us,
		.max_us = gap->us,
	};

	if (!gap->known)
		return;
	if (repeats && nfp_repeats_summary(repeats, from->to, NFP_QUANTITY_GAP, &s) == 0 && s.num) {
		past.us = s.median;
		past.min_us = s.min;
		past.max_us = s.max;
	}
	style->gaps[style->num_gaps++] = past;
}

static void take_style(const struct nfp_style_result *from, struct nfp_past_style *to)
{
	to->style = from->style;
	to->verdict = from->verdict;
	to->allowed = from->allowed;
	to->num_steps = from->num_steps;
	for (size_t i = 0; i < from->num_steps; i++)
		take_step(&from->steps[i], &to->steps[i]);
	for (size_t i = 0; i < from->num_transitions; i++)
		take_gap(&from->transitions[i], from->repeats, to);
}

static void take_vf(const struct nfp_vf_result *from, struct nfp_past_vf *to)
{
	to->vf = from->vf;
	for (size_t i = 0; i < from->num_styles; i++)
		take_style(&from->styles[i], &to->styles[to->num_styles++]);
}

static void take_texts(const struct nfp_result *result, struct nfp_past *past)
{
	time_t start = (time_t)(result->start_unix_ms / 1000);
	struct tm tm;

	if (result->start_unix_ms > 0 && gmtime_r(&start, &tm))
		strftime(past->start, sizeof(past->start), "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(past->driver, sizeof(past->driver), "%s", result->pf.driver);
	snprintf(past->driver_version, sizeof(past->driver_version), "%s",
		 result->pf.driver_version);
	snprintf(past->firmware, sizeof(past->firmware), "%s", result->pf.firmware);
	snprintf(past->kernel, sizeof(past->kernel), "%s", result->kernel);
}

int nfp_past_of(const struct nfp_result *result, struct nfp_past *ret_past)
{
	*ret_past = (struct nfp_past) {
		.vendor = result->pf.vendor,
		.device = result->pf.device,
		.have_source = result->settings.have_source,
		.source = result->settings.source,
		.vlan = result->settings.vlan.vid,
	};
	take_texts(result, ret_past);
	ret_past->vfs = nfp_calloc(result->num_vfs ? result->num_vfs : 1, sizeof(*ret_past->vfs));
	if (!ret_past->vfs)
		return -ENOMEM;
	ret_past->num_vfs = result->num_vfs;
	for (size_t i = 0; i < result->num_vfs; i++)
		take_vf(&result->vfs[i], &ret_past->vfs[i]);
	return 0;
}

void nfp_past_fini(struct nfp_past *past)
{
	if (!past)
		return;
	free(past->vfs);
	past->vfs = NULL;
	past->num_vfs = 0;
}
