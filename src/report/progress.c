// SPDX-License-Identifier: GPL-2.0-or-later
/* progress.c - one line on a terminal, overwritten. */
#include "nfprobe/report.h"
#include "report_priv.h"

#include <inttypes.h>

#define WIPE "\r\033[K"

void nfp_report_progress(FILE *out, unsigned int columns, unsigned int vf, enum nfp_style style,
			 enum nfp_step step, uint64_t remaining_ns)
{
	uint64_t seconds = (remaining_ns + NFP_NSEC_PER_SEC - 1) / NFP_NSEC_PER_SEC;
	char line[128];
	int width = (int)sizeof(line);

	/* The last column stays free: some terminals wrap there, and the line could not be wiped.
	 */
	if (columns > 1 && columns < sizeof(line))
		width = (int)columns - 1;
	snprintf(line, sizeof(line), "VF %u %s: %s (%u of %u), %" PRIu64 " s left", vf,
		 nfp_style_label(style), nfp_step_name(step), (unsigned int)step + 1,
		 (unsigned int)NFP_STEP_COUNT, seconds);
	fprintf(out, WIPE "%.*s", width, line);
	fflush(out);
}

void nfp_report_progress_clear(FILE *out)
{
	fputs(WIPE, out);
	fflush(out);
}
