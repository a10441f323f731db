/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recording.h - reads what recorder.h wrote, and counts and judges the run again.
 *
 * Landings, transitions, verdicts and what they require come from the packets; from the facts comes
 * what no packet shows. Nobody vouches for the file: each test frame's tag is checked against the
 * run's key, an ARP reply against the probe that it answers, the packets received against the
 * statistics. Whoever made the file can make up packets too: it is evidence, not proof.
 */
#ifndef NFPROBE_RECORDING_H
#define NFPROBE_RECORDING_H

#include <stdio.h>

#include "nfprobe/result.h"

/* What is asked of the verdicts; what is not given is as the run had it. */
struct nfp_criteria {
	const bool *allow;	   /* NFP_VERDICT_COUNT of them, NULL: not given */
	unsigned int gap_limit_ms; /* 0: not given */
};

/*
 * Reads @in, which must be seekable, twice. *result (nfp_result_init before) is then as the run's,
 * as far as that is not what the packets say: verdict, exit_status and what both follow from. 0, or
 * -EBADMSG (NFP_E_INPUT) for what is not a whole recording, -ENOMEM, or -errno of the stream; @name
 * is the file's, for words.
 */
int nfp_recording_read(FILE *in, const char *name, const struct nfp_criteria *criteria,
		       struct nfp_result *result, struct nfp_err *err);

#endif
