/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recording_fixture.h - a run on the NIC in memory that is recorded. */
#ifndef TESTS_RECORDING_FIXTURE_H
#define TESTS_RECORDING_FIXTURE_H

#include "memnic/truth.h"
#include "verdict/result.h"
#include "report/report.h"
#include "verdict/verdict.h"
#include "unit/sample_recorder.h"
#include "unit/sample_result.h"
#include "../../src/verdict/judge.h"

static const struct nfp_frame_id id = {
	.run = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
	.key = {16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1},
};

struct fixture {
	char path[64];
	struct nfp_recorder *recorder;
	struct nfp_result result;
	struct nfp_err err;
	enum nfp_answer unregistered; /* as the runner has it for all ladders from a source */
	bool no_multicast;
};

static inline void open_fixture(struct fixture *f)
{
	*f = (struct fixture) {.unregistered = NFP_UNKNOWN};
	snprintf(f->path, sizeof(f->path), "/tmp/nfprobe-recording.%d", (int)getpid());
	nfp_result_init(&f->result);
	memcpy(f->result.id, id.run, sizeof(id.run));
	f->recorder = sample_recorder(f->path, &f->err);
	assert_non_null(f->recorder);
}

static inline void close_fixture(struct fixture *f)
{
	nfp_result_fini(&f->result);
	(void)unlink(f->path);
}

static inline struct nfp_vf_result *add_vf(struct fixture *f, unsigned int number)
{
	struct nfp_result *result = &f->result;
	struct nfp_vf_result *vf = &result->vf;

	result->have_vf = true;
	*vf = (struct nfp_vf_result) {
		.vf = number, .trust = -1, .spoofchk = 1, .vlan = {.vid = 100, .proto = 0x8100}};
	snprintf(vf->parentdev, sizeof(vf->parentdev), "0000:01:10.%u", number);
	snprintf(vf->driver, sizeof(vf->driver), "igbvf");
	return vf;
}

static inline void open_bed(struct fixture *f, struct bed *bed, unsigned int vf,
			    const struct core_personality *personality,
			    const struct memnic_conditions *conditions, enum nfp_style style)
{
	struct nfp_tap tap = nfp_recorder_tap(f->recorder);

	bed_open(bed, personality, conditions, style);
	memnic_tap(bed->nic, &tap, &id);
	bed->config.events = (struct nfp_events) {nfp_recorder_event, f->recorder};
	bed->config.vf = vf;
	bed->config.unregistered = &f->unregistered;
	bed->config.multicast = !f->no_multicast;
	nfp_emit(&bed->config.events,
		 &(struct nfp_event) {.what = NFP_EVENT_CHANGE,
				      .text = "ip link set eth0 vf 3 mac 02:00:00:00:00:11"});
}

/* Records one ladder. */
static inline void run_ladder(struct fixture *f, struct nfp_vf_result *vf,
			      const struct core_personality *personality,
			      const struct memnic_conditions *conditions, enum nfp_style style)
{
	struct nfp_style_result *result = nfp_vf_add_style(vf);
	struct bed bed;
	int ret;

	open_bed(f, &bed, vf->vf, personality, conditions, style);
	ret = bed_run(&bed);
	*result = bed.result;
	if (ret) {
		vf->status = NFP_VF_FAILED;
		vf->error = bed.err;
	}
	/* After the last ladder; frames between ladders do not count. */
	(void)nfp_hears_unregistered(&bed.config);
	bed_close(&bed);
}

/* Concludes as a run does. */
static inline void conclude(struct fixture *f)
{
	struct nfp_result *result = &f->result;
	struct nfp_vf_result *vf = &result->vf;

	snprintf(result->pf.ifname, sizeof(result->pf.ifname), "eth0");
	snprintf(result->pf.driver, sizeof(result->pf.driver), "igb");
	snprintf(result->hostname, sizeof(result->hostname), "hv3");
	result->pf.vendor = 0x8086;
	result->pf.address = (struct nfp_mac) {{0x02, 0, 0, 0, 0, 0x55}};
	result->settings.rate = 1000;
	result->settings.settle_ns = 1500 * NFP_NSEC_PER_MSEC;
	result->source = (struct nfp_ladder_source) {
		.known = true, .source = NFP_ENTERS_VF, .by = NFP_SOURCE_VF, .name = "vf:1"};
	result->settings.styles[NFP_STYLE_MACVTAP] = true;
	result->settings.multicast = !f->no_multicast;
	result->start_unix_ms = 1793868000123;
	result->duration_ns = UINT64_C(38123456789);
	nfp_strv_addf(&result->warnings, "100 %% \"odd\", \xc3\xbc");
	for (size_t i = 0; i < vf->num_styles; i++) {
		struct nfp_style_result *style = &vf->styles[i];

		style->from = result->source;
	}
	(void)nfp_judge_vf_of(result, vf);
	result->have_verdict = true;
	result->verdict = nfp_judge_run(result);
	result->exit_status = nfp_verdict_exit(result->verdict);
	assert_int_equal(nfp_recorder_failure(f->recorder), 0);
	assert_int_equal(nfp_recorder_close(f->recorder, &f->err), 0);
}

#endif
