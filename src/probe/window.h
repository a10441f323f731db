/* SPDX-License-Identifier: GPL-2.0-or-later */
/* window.h - the windows of a ladder, and the wait in each. */
#ifndef NFPROBE_PROBE_WINDOW_H
#define NFPROBE_PROBE_WINDOW_H

#include "runner.h"
#include "settle.h"

/*
 * The runner watches frames on one wire until they decide, or time is up. A struct window_spec says
 * what a window is for, a struct window what came of it.
 */

struct window;

struct window_spec {
	/* How long a landing must be stable; it also needs a few frames of the rarest kind. */
	uint64_t stable_ns;
	bool early; /* a clear landing may be enough */
	bool keeps; /* the caller makes the accounting forget what precedes the end */

	/*
	 * These may be NULL.
	 *
	 * Announces what is due, and sets w->announce_ns to when the next is.
	 */
	int (*announce)(struct runner *r, struct window *w);
	/* True if the frames of the window decide. Not called while the window is disturbed. NULL:
	 * they do as soon as they are stable. */
	bool (*enough)(const struct runner *r, const struct window *w);
	/* Called when the carrier is back and the window begins anew. */
	void (*again)(struct runner *r, struct window *w);
	void *data; /* for these functions */
};

struct window {
	const struct window_spec *spec;
	struct nfp_settle settle;
	bool early;	      /* as in the spec, at first */
	uint64_t announce_ns; /* when the next announcement is due; UINT64_MAX: never */
	enum nfp_settle_state state;
	unsigned int flaps; /* how often the carrier came back */
	unsigned int holes; /* how often this process did not run for longer than settle.hole_ns */
	/* For how long it did not run otherwise, and at which sum the window ends. */
	uint64_t delays_ns, delays_most_ns;
	bool starved;	   /* the window ended since the host kept this process from running */
	uint64_t given_ns; /* by so much the deadline was moved because this process did not run */
	/* Set when the window is over. */
	struct nfp_count count[NFP_KIND_COUNT];
	enum nfp_landing landing[NFP_KIND_COUNT];
	bool shows; /* its frames decided, the PF had its carrier, and nobody changed the host */
};

/* Waits and counts. 0, or what ends the run. r->over, a lost carrier and a change by others are in
 * @r. */
int run_window(struct runner *r, const struct window_spec *spec, struct window *ret_window);
/* The parts of run_window: begin, runner_wait, count. */
void window_open(struct runner *r, const struct window_spec *spec, struct window *ret_window);
void window_close(const struct runner *r, struct window *w);
/* Begins the window anew, with its whole time. */
void window_begin(struct runner *r, struct window *w);
/* Counts the window as it is now. */
void window_count(const struct runner *r, const struct window *w,
		  struct nfp_count ret_count[NFP_KIND_COUNT]);
/* True if the frames of the window decide. */
bool window_is_enough(const struct runner *r, const struct window *w);
/* True if it has been clear for a moment that unicast lands nowhere, while broadcast arrives. */
bool window_is_lost(const struct window *w);
/* The loop of a window. 0 once it may end, or what ends the run. */
int runner_wait(struct runner *r, struct window *w);
/* Begins the window anew once the link is back: frames lost while it was away show nothing. */
void runner_link_is_back(struct runner *r, struct window *w);
/* Reads what has arrived by now, and what others did meanwhile. 0, or what ends the run. */
int runner_catch_up(struct runner *r);
/* Marks the time in the accounting, and returns it. */
uint64_t runner_mark(const struct runner *r);
/* Begins the window anew. */
void runner_restart(struct runner *r, struct window *w);
/* True if the step may end as soon as it is clear that the address is lost. */
bool runner_may_cut_short(const struct runner *r);

#endif
