/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sample_recorder.h - a recording that begins on the NIC in memory: its host, and its one stream.
 */
#ifndef TESTS_SAMPLE_RECORDER_H
#define TESTS_SAMPLE_RECORDER_H

#include "memnic/bed.h"
#include "report/report.h"

#define RUN_BEGAN_NS \
	UINT64_C(1793868000123456789) /* since 1970; the NIC's clock says MEMNIC_BEGIN_NS */

/* Returns a recorder. NULL: the file cannot be written, as @err says. */
static inline struct nfp_recorder *sample_recorder(const char *path, struct nfp_err *err)
{
	const struct nfp_recorder_host host = {
		.hostname = "hv3",
		.kernel = "6.12.95",
		.machine = "x86_64",
		.clock = {.mono_ns = MEMNIC_BEGIN_NS, .real_ns = RUN_BEGAN_NS},
	};
	const struct nfp_recorder_stream stream = {
		.sender = "eth1",
		.pf = "eth0",
		.sender_mac = {{0x02, 0, 0, 0, 0, 0x44}},
		.pf_mac = {{0x02, 0, 0, 0, 0, 0x55}},
		.what = "another netdev on the segment",
		.vf = 3,
	};
	struct nfp_recorder *recorder = NULL;

	if (nfp_recorder_open(path, &host, &recorder, err) == 0)
		nfp_recorder_stream(recorder, &stream);
	return recorder;
}

#endif
