// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recording FILE PERSONALITY [STOP_MS|no-multicast] - a run on a NIC in memory, written down in
 * FILE, its result as JSON on standard output. Few frames and short windows: the file is small.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "verdict/verdict.h"
#include "unit/sample_recorder.h"
#include "../../src/verdict/judge.h"

#define VF 3

static const struct nfp_frame_id id = {.run = "a recorded run", .key = "its key"};

static void run_ladder(struct nfp_recorder *recorder, const struct core_personality *personality,
		       const struct memnic_conditions *conditions, bool multicast,
		       struct nfp_style_result *ret_style)
{
	struct nfp_tap tap = nfp_recorder_tap(recorder);
	struct bed bed;

	bed_open(&bed, personality, conditions, NFP_STYLE_MACVTAP);
	memnic_tap(bed.nic, &tap, &id);
	bed.config.events = (struct nfp_events) {nfp_recorder_event, recorder};
	bed.config.vf = VF;
	bed.config.rate = 20;
	bed.config.multicast = multicast;
	bed.config.settle_ns = 500 * NFP_NSEC_PER_MSEC;
	nfp_emit(&bed.config.events,
		 &(struct nfp_event) {.what = NFP_EVENT_CHANGE,
				      .text = "ip link set eth0 vf 3 mac 02:00:00:00:00:11"});
	(void)bed_run(&bed);
	*ret_style = bed.result;
	ret_style->from = (struct nfp_ladder_source) {
		.known = true, .source = NFP_ENTERS_WIRE, .name = "eth1"};
	bed_close(&bed);
}

static void conclude(struct nfp_result *result, bool multicast)
{
	struct nfp_settings *settings = &result->settings;

	memcpy(result->id, id.run, sizeof(result->id));
	snprintf(result->pf.ifname, sizeof(result->pf.ifname), "eth0");
	snprintf(settings->from, sizeof(settings->from), "eth1");
	result->source = (struct nfp_ladder_source) {.known = true, .name = "eth1"};
	settings->rate = 20;
	settings->settle_ns = 500 * NFP_NSEC_PER_MSEC;
	settings->styles[NFP_STYLE_MACVTAP] = true;
	settings->multicast = multicast;
	nfp_judge_alone(result, &result->vf.styles[0]);
	nfp_judge_vf(&result->vf);
	result->have_verdict = true;
	result->verdict = nfp_judge_run(result);
	result->exit_status = nfp_verdict_exit(result->verdict);
}

static int record(const char *path, const struct core_personality *personality,
		  const struct memnic_conditions *conditions, bool multicast)
{
	struct nfp_result result;
	struct nfp_err err = {0};
	struct nfp_recorder *recorder = sample_recorder(path, &err);
	int ret = recorder ? 0 : -1;

	nfp_result_init(&result);
	result.have_vf = true;
	result.vf.status = NFP_VF_PROBED;
	result.vf.vf = VF;
	if (ret == 0) {
		run_ladder(recorder, personality, conditions, multicast,
			   nfp_vf_add_style(&result.vf));
		conclude(&result, multicast);
		ret = nfp_recorder_close(recorder, &err);
	}
	if (ret == 0)
		ret = nfp_report_json(&result, stdout);
	else
		fprintf(stderr, "%s\n", err.message);
	nfp_result_fini(&result);
	return ret ? 1 : 0;
}

int main(int argc, char **argv)
{
	const struct core_personality *personality = argc > 2 ? memnic_archetype(argv[2]) : NULL;
	bool multicast = argc < 4 || strcmp(argv[3], "no-multicast") != 0;
	struct memnic_conditions conditions = {0};

	if (!personality || argc > 4) {
		fputs("recording FILE PERSONALITY [STOP_MS|no-multicast]\n", stderr);
		return 2;
	}
	if (argc == 4 && multicast)
		conditions.stop_ns = MEMNIC_BEGIN_NS +
				     strtoull(argv[3], NULL, 10) * NFP_NSEC_PER_MSEC;
	return record(argv[1], personality, &conditions, multicast);
}
