/* SPDX-License-Identifier: GPL-2.0-or-later */
/* announce.h - what the PF and the VF announce, and when. */
#ifndef NFPROBE_PROBE_ANNOUNCE_H
#define NFPROBE_PROBE_ANNOUNCE_H

#include "window.h"

/* Notes whether the test MAC arrives before anything has been announced. */
void runner_look_for_flood(struct runner *r);
/* True if the receiver may announce: any but a PF that is to be silent. */
static inline bool runner_may_speak(const struct runner *r, enum nfp_receiver at)
{
	return at == NFP_AT_VF || !r->config->pf_silent;
}
/* Announces by the VF, as a guest sends until its VF is gone: a NIC may learn from that, and forget
 * later. */
void runner_announce_last(struct runner *r);
/* Plans the announcements of this step, whose window begins at @now_ns. */
void runner_announce_begin(struct runner *r, enum nfp_step step, uint64_t now_ns);
/* Sends what is due. For struct window_spec. */
int announce_due(struct runner *r, struct window *w);
/*
 * Reports the group anew, once per step, since the carrier is back and switches may have forgotten.
 * Does not announce the address, which has not stayed away yet: a NIC may learn from that.
 */
void announce_anew(struct runner *r, struct window *w);
/*
 * Count the announcements that came back in at the standby's port: when the ladder begins, when a
 * window was counted, and when the ladder is over.
 */
void runner_reflections_begin(struct runner *r);
void runner_reflections_count(struct runner *r);
void runner_reflections_conclude(struct runner *r);
#define RUNNER_KIND(kind) (1U << (unsigned int)(kind))
/*
 * Announces the address or reports the group once more, before the step condemns: whichever a
 * switch may have forgotten if the kinds in @lacks do not arrive. False: neither would help.
 */
bool runner_announce_again(struct runner *r, unsigned int lacks, int *ret);

#endif
