/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ladder.h - the steps as a table: what is done to enter each, what it stands for, which landing
 * is fit, whether it decides. The runner, the verdict, --dry-run and the text result all read it.
 */
#ifndef NFPROBE_LADDER_H
#define NFPROBE_LADDER_H

#include "nfprobe/types.h"

/* One thing to do, in the order of a row. */
enum nfp_action {
	NFP_DO_NOTHING,
	NFP_DO_HOLD,	 /* the PF takes X */
	NFP_DO_RELEASE,	 /* the PF lets X go */
	NFP_DO_ANNOUNCE, /* one frame with X as source (from the wire only, unless --no-announce) */
	NFP_DO_NEW_ADDRESS, /* X becomes another address */
	NFP_DO_ASSIGN,
	NFP_DO_RESET,
	NFP_DO_BIND,
	NFP_DO_UP,
	NFP_DO_DOWN,
	NFP_DO_UNBIND,
	NFP_DO_CLEAR,
};
#define NFP_ACTIONS_MAX 6

enum nfp_fit {
	NFP_FIT_RECORDED, /* nothing is demanded */
	NFP_FIT_PF,
	NFP_FIT_VF,
};

/* What a guest with net_failover listens to: the standby until its VF driver has registered a
 * netdev (net_failover_handle_frame in drivers/net/net_failover.c), then the VF, if it is up. */
enum nfp_listens {
	NFP_LISTENS_PF,
	NFP_LISTENS_VF,
	NFP_LISTENS_NOWHERE,
};

/* State of the VF that a step needs in order to be made at all: bits. */
#define NFP_NEEDS_ADDRESS 0x1U /* X was assigned */
#define NFP_NEEDS_DRIVER  0x2U /* the driver was bound and has X */
#define NFP_NEEDS_UP	  0x4U /* the netdev was up */

struct nfp_ladder_row {
	enum nfp_step step;
	const char *meaning;			  /* what it stands for, as the manual says it */
	enum nfp_action actions[NFP_ACTIONS_MAX]; /* ended by NFP_DO_NOTHING */
	enum nfp_action after[2]; /* when the window is decided (alone: the PF takes X back) */
	/* The first whose request counts as that of the step; NFP_DO_NOTHING: the first of all. */
	enum nfp_action change;
	enum nfp_fit fit;
	enum nfp_listens listens;
	bool decides;  /* a verdict needs it */
	bool is_brief; /* it ends as soon as the landing is clear */
	/*
	 * The earlier steps, from the first to the last, that made the same changes one by one. If
	 * none of them acted late, this one may end as soon as frames land as they did in the last.
	 * CONTROL: there are none, and it is watched in full.
	 */
	enum nfp_step like_first, like_last;
	/* .. only where this step and `attach` have shown EARLY, so that the verdict is certain and
	 * does not depend on this one. CONTROL: in any ladder. */
	enum nfp_step if_early;
	unsigned int needs;
};

extern const struct nfp_ladder_row nfp_ladder[NFP_STEP_COUNT];

#endif
