/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recount.h - a ladder that was climbed before, counted and judged again from its frames and marks
 * (runner.h). Pure.
 *
 * Whoever replays enters frames into the ledger and tells of the marks, in the order in which the
 * run had them. Windows, transitions and verdict are then the runner's own arithmetic. What no
 * frame shows (what was changed and refused, carrier, drops, what others did) is in the steps that
 * the style brings along.
 */
#ifndef NFPROBE_RECOUNT_H
#define NFPROBE_RECOUNT_H

#include "nfprobe/runner.h"

struct nfp_recount;

/*
 * @config: style, source, addresses, rate, settle_ns, ifname, vf and the ledger, which is reset; it
 * and @style outlive the recount. Counts, landings, transitions and the verdict of @style are
 * forgotten; the rest of its steps stays. NULL when out of memory.
 */
struct nfp_recount *nfp_recount_new(const struct nfp_runner_config *config,
				    struct nfp_style_result *style);
void nfp_recount_free(struct nfp_recount *recount);

/*
 * LADDER, STEP and END are passed over. -EBADMSG with words for a mark that no run sets there: a
 * window of a step that was not made, two of one, or a time that goes back.
 */
int nfp_recount_mark(struct nfp_recount *recount, const struct nfp_mark *mark, struct nfp_err *err);

/*
 * Judges. -EBADMSG when a step that was made has no window; the style is then judged as one that
 * was stopped.
 */
int nfp_recount_end(struct nfp_recount *recount, struct nfp_err *err);

#endif
