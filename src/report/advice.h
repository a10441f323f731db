/* SPDX-License-Identifier: GPL-2.0-or-later */
/* advice.h - private to src/report: what results mean for a person, in sentences. */
#ifndef NFPROBE_REPORT_ADVICE_H
#define NFPROBE_REPORT_ADVICE_H

#include "nfprobe/result.h"

#define NFP_ADVICE_MAX 4

struct nfp_advice {
	char label[64];
	char text[800];
};

/*
 * A few words on a step whose landing is unfit, such as "the guest boots deaf"; NULL when it is
 * fit or nothing is demanded there.
 */
const char *nfp_advice_unfit(const struct nfp_step_result *step);

/*
 * The advice on a VF, best first; returns how many. @vfs is the list for --vf ("3", "0,2-5").
 * None is given for a VF without styles.
 */
size_t nfp_advice_of(const struct nfp_result *result, const struct nfp_vf_result *vf,
		     const char *vfs, struct nfp_advice advice[NFP_ADVICE_MAX]);

/*
 * Where what the standby sends is dropped: that, and in which steps; else empty. It is beside the
 * verdict, which is about what the guest receives. Returns @buf.
 */
#define NFP_MUTE_LEN 320
const char *nfp_advice_mute(const struct nfp_style_result *style, const char *ifname,
			    char buf[NFP_MUTE_LEN]);

#endif
