/* SPDX-License-Identifier: GPL-2.0-or-later */
/* window.h - the windows of a ladder, and the wait in each. */
#ifndef NFPROBE_PROBE_WINDOW_H
#define NFPROBE_PROBE_WINDOW_H

#include "runner.h"
#include "settle.h"

/*
 * Frames are watched on one wire until they decide, or time is up: each wait of
 * the runner is a struct window_spec, and what came of it a struct window.
 */

struct window;

struct window_spec {
	/* A landing must stay the same for so long, and for a few frames of the rarest kind. */
	uint64_t stable_ns;
	bool early; /* a landing that is clear may be enough */
	bool keeps; /* the caller makes the accounting forget what was before its end */

	/* Each may be NULL. Announces what is due, and sets w->announce_ns to when the next is. */
	int (*announce)(struct runner *r, struct window *w);
	/* Do the frames of the window decide? Asked only while it is not disturbed. NULL: as soon
	 * as they have held for long enough. */
	bool (*enough)(const struct runner *r, const struct window *w);
	/* The carrier is back, and the window begins anew. */
	void (*again)(struct runner *r, struct window *w);
	void *of; /* for these functions */
};

struct window {
	const struct window_spec *spec;
	struct nfp_settle settle;
	bool early;	      /* of the spec, at first */
	uint64_t announce_ns; /* when that is due; UINT64_MAX: never */
	enum nfp_settle_state state;
	/* When it is over. */
	struct nfp_count count[NFP_KIND_COUNT];
	enum nfp_landing landing[NFP_KIND_COUNT];
	bool shows; /* its frames decided, the PF had its carrier, and nobody changed the host */
};

/* Watches. 0, or what ends the run. r->over, a lost carrier and a change by others are in @r. */
int run_window(struct runner *r, const struct window_spec *spec, struct window *ret_window);
/* Its parts: it begins, runner_wait, and it is counted. */
void window_open(struct runner *r, const struct window_spec *spec, struct window *ret_window);
void window_close(const struct runner *r, struct window *w);
/* It begins anew, with its whole time. */
void window_begin(struct runner *r, struct window *w);
/* Its counts as they are now. */
void window_count(const struct runner *r, const struct window *w,
		  struct nfp_count ret_count[NFP_KIND_COUNT]);
/* Do its frames decide? */
bool window_is_enough(const struct runner *r, const struct window *w);
/* Has it been clear for a moment that unicast lands nowhere, while broadcast arrives? */
bool window_is_lost(const struct window *w);
/* The loop of a window. 0 once it may end, or what ends the run. */
int runner_wait(struct runner *r, struct window *w);
/* Frames lost while the link was away show nothing: once it is back, the window begins anew. */
void runner_link_is_back(struct runner *r, struct window *w);
/* Takes in what has arrived by now, and what others did meanwhile. 0, or what ends the run. */
int runner_catch_up(struct runner *r);
/* Marks the time in its accounting. */
uint64_t runner_mark(const struct runner *r);
/* The window begins anew. */
void runner_restart(struct runner *r, struct window *w);
/* May the step be over as soon as it is clear that the address is lost? */
bool runner_may_cut_short(const struct runner *r);

#endif
