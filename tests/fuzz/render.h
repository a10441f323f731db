/* SPDX-License-Identifier: GPL-2.0-or-later */
/* render.h - whatever was read, each output shows it, through the door. */
#ifndef TESTS_FUZZ_RENDER_H
#define TESTS_FUZZ_RENDER_H

#include "fuzz/fuzz.h"
#include "nfprobe/output.h"
#include "nfprobe/report.h"

static inline void render_all(const struct nfp_result *result)
{
	static const unsigned int widths[] = {0, 20, 80};
	FILE *to = fopen("/dev/null", "we"), *out;
	struct nfp_door door;

	require(to != NULL);
	out = nfp_door_open(&door, to, NFP_MARKUP_NONE, false);
	require(out != NULL);
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		const struct nfp_report_opts opts = {.verbose = i != 1,
						     .quiet = i == 1,
						     .timeline = i == 2,
						     .color = i == 2,
						     .utf8 = i == 2,
						     .columns = widths[i]};

		require(nfp_report_text(result, &opts, out) == 0);
	}
	for (unsigned int format = 0; format < NFP_EXPORT_COUNT; format++)
		require(nfp_report_export(format, result, out) == 0);
	require(fclose(out) == 0);
	fclose(to);
}

#endif
