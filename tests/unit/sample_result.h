/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_result.h - results made by hand, for the tests of what is printed. The landings are those
 * of Linux 6.12's igb driver on QEMU's 82576, frames from the wire.
 */
#ifndef TESTS_SAMPLE_RESULT_H
#define TESTS_SAMPLE_RESULT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "verdict/result.h"
#include "verdict/verdict.h"
#include "../../src/verdict/judge.h"

#define SAMPLE_P    NFP_LANDING_PF
#define SAMPLE_V    NFP_LANDING_VF
#define SAMPLE_B    NFP_LANDING_BOTH
#define SAMPLE_N    NFP_LANDING_NOWHERE
#define SAMPLE_X    NFP_LANDING_NONE /* the step was not needed */
#define SAMPLE_RATE 1500U

static inline struct nfp_count sample_count(enum nfp_landing landing, uint64_t sent)
{
	struct nfp_count c = {.sent = sent};

	if (landing == NFP_LANDING_PF || landing == NFP_LANDING_BOTH)
		c.at[NFP_AT_PF] = sent;
	if (landing == NFP_LANDING_VF || landing == NFP_LANDING_BOTH)
		c.at[NFP_AT_VF] = sent;
	if (landing == NFP_LANDING_BOTH)
		c.both = sent;
	if (landing == NFP_LANDING_MIXED)
		c.at[NFP_AT_PF] = sent / 3;
	return c;
}

static inline void sample_step(struct nfp_style_result *style, enum nfp_step step,
			       enum nfp_landing unicast, enum nfp_landing broadcast)
{
	struct nfp_step_result *s = &style->steps[style->num_steps++];
	const enum nfp_landing landing[NFP_KIND_COUNT] = {
		[NFP_KIND_UNICAST] = unicast,
		[NFP_KIND_BROADCAST] = broadcast,
		/* In the control, nobody has joined a group yet. */
		[NFP_KIND_MULTICAST] = step == NFP_STEP_CONTROL ? NFP_LANDING_NOWHERE : broadcast,
		[NFP_KIND_UNREGISTERED] = NFP_LANDING_PF,
		[NFP_KIND_ALL_NODES] = broadcast,
		[NFP_KIND_UNJOINED] = style->style == NFP_STYLE_MACVTAP ? NFP_LANDING_NOWHERE
									: NFP_LANDING_PF,
	};

	*s = (struct nfp_step_result) {
		.step = step,
		.w.status = NFP_STATUS_DONE,
		.start_ns = style->num_steps * UINT64_C(1600000000),
		.duration_ns = UINT64_C(1540000000),
		.window_ns = UINT64_C(1500000000),
	};
	memcpy(s->w.landing, landing, sizeof(landing));
	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (nfp_kinds[kind].tagged)
			continue;
		s->w.count[kind] = sample_count(landing[kind], kind == NFP_KIND_UNICAST
								       ? SAMPLE_RATE
							       : kind < NFP_KINDS_SETTLE ? 30
											 : 8);
	}
}

/* Nothing that was announced comes back at the standby's port. */
#define SAMPLE_NOT_BACK                       \
	{                                     \
		{.sent = 6, .shown = 6},      \
		{                             \
			.sent = 4, .shown = 4 \
		}                             \
	}

/* Fills unicast landings in the order of the ladder; broadcast reaches the PF, and a VF that is up.
 */
static inline void sample_ladder(struct nfp_style_result *style, enum nfp_style which,
				 const enum nfp_landing landings[NFP_STEP_COUNT])
{
	*style = (struct nfp_style_result) {
		.style = which,
		.from = {.known = true, .source = NFP_ENTERS_WIRE, .name = "eth1"},
		.address = {{0x02, 0x11, 0x22, 0x33, 0x44, (uint8_t)which}},
		.multicast = NFP_STATE_OK,
		.reflections = SAMPLE_NOT_BACK,
		.uplink_hears = {NFP_NO, NFP_NO},
		.bridge_verdict = nfp_styles[which].learns ? NFP_VERDICT_SAFE
							   : NFP_VERDICT_NOT_APPLICABLE,
	};
	for (unsigned int i = 0; i < NFP_STEP_COUNT; i++) {
		bool up = i == NFP_STEP_UP || i == NFP_STEP_ALONE || i == NFP_STEP_VF_FIRST_UP ||
			  i == NFP_STEP_VF_FIRST_REWRITTEN || i == NFP_STEP_VF_FIRST_BACK;

		if (landings[i] != NFP_LANDING_NONE)
			sample_step(style, (enum nfp_step)i, landings[i],
				    up ? NFP_LANDING_BOTH : NFP_LANDING_PF);
	}
	if (which == NFP_STYLE_MACVTAP)
		style->transitions[style->num_transitions++] = (struct nfp_transition) {
			.from = NFP_STEP_UP,
			.to = NFP_STEP_UNPLUG,
			.unicast = {.gap = {true, 0, 1120}, .gap_from_request = true},
		};
	style->transitions[style->num_transitions++] = (struct nfp_transition) {
		.from = NFP_STEP_ATTACH,
		.to = NFP_STEP_UP,
		.request_ns = 9000 * NFP_NSEC_PER_MSEC,
		.unicast = {.lost = 312, .gap = {true, 312000, 1040}, .gap_from_request = true},
	};
}

/* On a network that delivers every address a silence that comes again is the NIC's. */
static inline void sample_recurs(struct nfp_style_result *style)
{
	style->floods = true;
}

/* Judges by the program's own rules, so that no sample contradicts itself. */
static inline void sample_judge(struct nfp_style_result *style, enum nfp_source_id source,
				unsigned int vf)
{
	static const struct nfp_settings none;
	const struct nfp_criteria criteria = {.settings = &none, .ifname = "eth0", .vf = vf};

	sample_recurs(style);
	nfp_judge_ladder(style, &nfp_sources[source].shows, true, &criteria);
	nfp_run_checks(style, &criteria, NFP_CHECK_LIMIT, NFP_CHECK_BRIDGE);
}

static inline void sample_pf(struct nfp_pf_info *pf)
{
	*pf = (struct nfp_pf_info) {
		.ifname = "eth0",
		.ifindex = 2,
		.parentdev = "0000:01:00.0",
		.driver = "igb",
		.driver_version = "6.12.95",
		.firmware = "2.1.0",
		.vendor = 0x8086,
		.device = 0x10c9,
		.subsystem_vendor = 0x8086,
		.subsystem_device = 0xa04c,
		.num_vfs = 4,
		.total_vfs = 7,
		.mtu = 1500,
		.address = {{0x52, 0x54, 0, 0x12, 0x34, 0x56}},
	};
}

static inline void sample_head(struct nfp_result *result)
{
	nfp_result_init(result);
	for (size_t i = 0; i < sizeof(result->id); i++)
		result->id[i] = (uint8_t)(i * 17);
	result->start_unix_ms = INT64_C(1795168800123);
	result->duration_ns = UINT64_C(48100000000);
	result->settle_total_ns = UINT64_C(42000000000);
	strcpy(result->hostname, "hv1");
	strcpy(result->kernel, "6.12.95");
	sample_pf(&result->pf);
	result->settings = (struct nfp_settings) {
		.from = "auto",
		.rate = 1000,
		.settle_ns = NFP_NSEC_PER_SEC * 3 / 2,
		.styles = {true, true},
		.multicast = true,
	};
	result->source = (struct nfp_ladder_source) {
		.known = true, .source = NFP_ENTERS_WIRE, .by = NFP_SOURCE_NETDEV, .name = "eth1"};
	result->changed_host = true;
}

static inline void sample_vf(struct nfp_vf_result *vf, unsigned int number)
{
	*vf = (struct nfp_vf_result) {
		.vf = number,
		.driver = "igbvf",
		.driver_version = "6.12.95",
		.address = {{0x52, 0x54, 0, 0xaa, 0xbb, (uint8_t)number}},
		.trust = 0,
		.spoofchk = 1,
		.status = NFP_VF_PROBED,
	};
	snprintf(vf->parentdev, sizeof(vf->parentdev), "0000:01:10.%u", number * 2);
}

static inline void sample_igb_vf(struct nfp_vf_result *vf, unsigned int number)
{
	static const enum nfp_landing filter[NFP_STEP_COUNT] = {
		SAMPLE_P, SAMPLE_P, SAMPLE_P, SAMPLE_P, SAMPLE_B, SAMPLE_X, SAMPLE_P, SAMPLE_P,
		SAMPLE_P, SAMPLE_P, SAMPLE_B, SAMPLE_B, SAMPLE_P, SAMPLE_B, SAMPLE_P,
	};
	static const enum nfp_landing promisc[NFP_STEP_COUNT] = {
		SAMPLE_P, SAMPLE_P, SAMPLE_N, SAMPLE_N, SAMPLE_V, SAMPLE_X, SAMPLE_N, SAMPLE_N,
		SAMPLE_P, SAMPLE_N, SAMPLE_V, SAMPLE_V, SAMPLE_N, SAMPLE_V, SAMPLE_P,
	};

	sample_vf(vf, number);
	sample_ladder(nfp_vf_add_style(vf), NFP_STYLE_MACVTAP, filter);
	sample_ladder(nfp_vf_add_style(vf), NFP_STYLE_BRIDGE, promisc);
	sample_judge(&vf->styles[0], NFP_SOURCE_NETDEV, number);
	sample_judge(&vf->styles[1], NFP_SOURCE_NETDEV, number);
	nfp_judge_vf(vf);
}

/* Sets multicast in both styles. Unproven: the network does not pass it. Lost: the VF does not get
 * it with a macvtap. None: an older version did not know it. */
static inline void sample_multicast(struct nfp_result *result, enum nfp_check_state how)
{
	bool sent = how >= NFP_STATE_UNPROVEN;

	result->settings.multicast = sent;
	for (size_t i = 0; i < result->vf.num_styles; i++) {
		struct nfp_style_result *style = &result->vf.styles[i];

		for (size_t j = 0; j < style->num_steps; j++) {
			struct nfp_step_result *s = &style->steps[j];
			enum nfp_landing *multicast = &s->w.landing[NFP_KIND_MULTICAST];

			if (!sent)
				*multicast = s->w.landing[NFP_KIND_ALL_NODES] =
					s->w.landing[NFP_KIND_UNJOINED] = NFP_LANDING_NONE;
			else if (how == NFP_STATE_UNPROVEN)
				*multicast = NFP_LANDING_NOWHERE;
			else if (how == NFP_STATE_LOST && i == 0 && *multicast == NFP_LANDING_BOTH)
				*multicast = NFP_LANDING_PF;
			s->w.count[NFP_KIND_MULTICAST] = sample_count(*multicast, sent ? 30 : 0);
			if (!sent)
				s->w.count[NFP_KIND_ALL_NODES] = s->w.count[NFP_KIND_UNJOINED] =
					(struct nfp_count) {0};
		}
		sample_judge(style, NFP_SOURCE_NETDEV, result->vf.vf);
		if (sent)
			continue;
		style->multicast = how;
		style->multicast_note[0] = '\0';
	}
	nfp_judge_vf(&result->vf);
	result->verdict = nfp_judge_run(result);
	result->exit_status = nfp_verdict_exit(result->verdict);
}

/* Makes the result of `nfprobe eth0 --vf 3` on that machine. */
static inline void sample_igb(struct nfp_result *result)
{
	sample_head(result);
	result->have_vf = true;
	sample_igb_vf(&result->vf, 3);
	result->have_verdict = true;
	result->verdict = nfp_judge_run(result);
	result->exit_status = nfp_verdict_exit(result->verdict);
}

static inline void sample_tagged_window(struct nfp_window *window, enum nfp_landing tagged)
{
	*window = (struct nfp_window) {.status = NFP_STATUS_DONE};
	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		window->landing[kind] = nfp_kinds[kind].tagged ? tagged : NFP_LANDING_PF;
		if (kind == NFP_KIND_VLAN_FREE)
			window->landing[kind] = NFP_LANDING_NOWHERE;
		window->count[kind] = sample_count(window->landing[kind], 30);
	}
}

/* Tests the guest's VLAN: what the PF gets of it without having registered it, with a first style
 * that then gets nothing of it. */
static inline void sample_guest_vlan(struct nfp_result *result, enum nfp_landing registered)
{
	result->settings.guest_vlan = 100;
	for (size_t i = 0; i < result->vf.num_styles; i++) {
		struct nfp_style_result *style = &result->vf.styles[i];

		style->guest_vlan = (struct nfp_guest_vlan_result) {.vid = 100, .free_vid = 2930};
		for (size_t k = 0; k < style->num_steps; k++) {
			struct nfp_step_result *s = &style->steps[k];

			for (enum nfp_kind kind = NFP_KIND_VLAN_UNICAST; kind <= NFP_KIND_VLAN_FREE;
			     kind++) {
				enum nfp_kind plain = kind - NFP_KIND_VLAN_UNICAST;
				enum nfp_landing to = kind < NFP_KIND_VLAN_OWN ? s->w.landing[plain]
									       : NFP_LANDING_PF;

				if (kind == NFP_KIND_VLAN_FREE || (i == 0 && to == NFP_LANDING_PF))
					to = NFP_LANDING_NOWHERE;
				else if (i == 0 && to == NFP_LANDING_BOTH)
					to = NFP_LANDING_VF;
				s->w.landing[kind] = to;
				s->w.count[kind] = sample_count(to, 30);
			}
		}
		sample_tagged_window(&style->guest_vlan.registered, registered);
		sample_tagged_window(&style->guest_vlan.unregistered,
				     i ? NFP_LANDING_PF : NFP_LANDING_NOWHERE);
		sample_judge(style, NFP_SOURCE_NETDEV, result->vf.vf);
	}
	nfp_judge_vf(&result->vf);
	result->verdict = nfp_judge_run(result);
	result->exit_status = nfp_verdict_exit(result->verdict);
}

/* Returns the result as --json writes it; the caller frees it. Inlined, gcc takes what it returns
 * for its own &text. */
static __attribute__((noinline, unused)) char *sample_json(const struct nfp_result *result)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(nfp_report_json(result, out), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* Keeps the document @text as the file @name of the folder in the variable @folder, if that is set.
 */
static inline void sample_keep(const char *folder, const char *name, const char *text)
{
	const char *dir = getenv(folder);
	char path[512];
	FILE *f;

	if (!dir)
		return;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

#endif
