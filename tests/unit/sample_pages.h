/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_pages.h - results that are hard to draw: short steps, many gaps, long words, words that
 * look like markup, no steps at all.
 */
#ifndef TESTS_SAMPLE_PAGES_H
#define TESTS_SAMPLE_PAGES_H

#include <errno.h>

#include "verdict/verdict.h"
#include "verdict/result.h"
#include "unit/sample_result.h"
#include "../../src/verdict/judge.h"

/* Makes steps as long as they are on igb: short ones, usual ones, one that waits for a carrier. */
static inline void sample_times(struct nfp_style_result *style)
{
	uint64_t now_ns = 2 * NFP_NSEC_PER_SEC;

	style->num_transitions = 0;
	for (size_t i = 0; i < style->num_steps; i++) {
		struct nfp_step_result *s = &style->steps[i];
		bool brief = s->step == NFP_STEP_CONTROL || s->step == NFP_STEP_STANDBY;
		bool carrier = s->step == NFP_STEP_UP || s->step == NFP_STEP_VF_FIRST_UP ||
			       s->step == NFP_STEP_VF_FIRST_REWRITTEN ||
			       s->step == NFP_STEP_VF_FIRST_BACK;

		s->window_ns = (brief ? 150 : 1500) * NFP_NSEC_PER_MSEC;
		s->start_ns = now_ns;
		s->duration_ns = s->window_ns + (carrier ? 2800 : 40) * NFP_NSEC_PER_MSEC;
		now_ns += s->duration_ns;
		if (i == 0)
			continue;
		style->transitions[style->num_transitions++] = (struct nfp_transition) {
			.from = style->steps[i - 1].step,
			.to = s->step,
			.unicast = {.lost = 12 * i, .gap = {true, carrier ? 2801234 : 12345, 1045}},
		};
	}
}

static inline void sample_brief(struct nfp_result *result)
{
	sample_igb(result);
	for (size_t i = 0; i < result->vf.num_styles; i++)
		sample_times(&result->vf.styles[i]);
}

/* Makes steps that were skipped, refused, mixed; with words about what others did. */
static inline void sample_odd(struct nfp_result *result)
{
	struct nfp_style_result *filter;

	sample_igb(result);
	filter = &result->vf.styles[0];
	filter->steps[3] =
		(struct nfp_step_result) {.step = NFP_STEP_ATTACH,
					  .w.status = NFP_STATUS_SKIPPED,
					  .w.skip_allowed = true,
					  .w.note = "this VF has no function-level reset"};
	filter->steps[8] = (struct nfp_step_result) {
		.step = NFP_STEP_VF_FIRST,
		.w.status = NFP_STATUS_REFUSED,
		.errnum = EBUSY,
		.hint = "wait until it is reset",
		.w.note = "cannot set the address: Device or resource busy: VF is resetting"};
	filter->steps[5].w.landing[NFP_KIND_UNICAST] = NFP_LANDING_MIXED;
	filter->steps[6].w.landing[NFP_KIND_BROADCAST] = NFP_LANDING_NOWHERE;
	filter->steps[1].drops = 7;
	filter->steps[4].carrier_lost = true;
	filter->steps[7].changed = true;
	filter->steps[9].promiscuous = true;
	strcpy(filter->steps[9].w.note, "eth0 has become promiscuous");
	sample_judge(filter, NFP_SOURCE_NETDEV, 3);
	nfp_judge_vf(&result->vf);
	strcpy(result->pf.eswitch_mode, "legacy");
	result->pf.fw[0] = (struct nfp_fw_version) {"fw", "2.1.0", "2.2.0"};
	result->pf.fw[1] = (struct nfp_fw_version) {"fw.mgmt", "", "7"};
	result->pf.num_fw = 2;
	strcpy(result->pf.master, "br0");
	strcpy(result->pf.master_kind, "bridge");
	result->vf.trust = -1;
	result->settings.forced = true;
	nfp_strv_addf(&result->warnings, "a warning");
	nfp_strv_addf(&result->changes_seen, "somebody set the MTU of eth0 to 9000");
	result->vf.address_after = (struct nfp_mac) {{0x52, 0x54, 0, 0xaa, 0xbb, 0x66}};
	(void)nfp_hints_addf(&result->left_behind,
			     "VF 3 keeps igb's flag \"administratively set\"");
	result->settings.settle_ns = NFP_NSEC_PER_SEC / 2;
	result->settings.settle_source = NFP_SETTLE_SOURCE_OPTION;
	result->settings.settle_short = true;
	result->settings.rate = 50;
	result->settings.vlan = (struct nfp_vlan) {.vid = 100, .proto = 0x88a8};
	strcpy(result->source.note, "eth1 is on the same segment");
}

static inline void sample_not_begun(struct nfp_result *result)
{
	nfp_result_init(result);
	nfp_err_set(&result->error, 0, NFP_E_PERMISSION, "not permitted");
}

#endif
