/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events.h - what happens in a run, for whoever watches it: the terminal, the stream of JSON, the
 * recorder, --dry-run.
 *
 * Two more interfaces watch a run, and stay their own: struct nfp_tap (traffic.h) has every frame,
 * thousands a second, and struct nfp_observer (base.h) every message to the kernel. Both lie below
 * anything that knows of ladders, and only the recorder listens.
 */
#ifndef NFPROBE_EVENTS_H
#define NFPROBE_EVENTS_H

#include "nfprobe/base.h"

struct nfp_result;
struct nfp_runner_config;
struct nfp_step_result;
struct nfp_style_result;
struct nfp_transition;

/* Identifies a ladder of a run. */
struct nfp_where {
	unsigned int vf;
	enum nfp_style style;
	unsigned int ladder; /* of --repeat, from 1; 0: all of them */
	const char *from;    /* the source of the frames: "eth1" */
};

enum nfp_event_what {
	/*
	 * The calls of a ladder to the frame accounting besides entering frames: a replay of these
	 * and of the frames, in their order, counts the same.
	 */
	NFP_EVENT_LADDER, /* a ladder begins: no frame is accounted for yet */
	NFP_EVENT_STEP,	  /* a step begins, with @address under test so far */
	NFP_EVENT_WATCH,  /* its change is made; it is watched from @from_ns on */
	NFP_EVENT_AGAIN,  /* .. anew: the window begins at @from_ns or later */
	NFP_EVENT_WINDOW, /* the window of the step is [from_ns, to_ns) */
	NFP_EVENT_JUDGED, /* the ladder is over: @style is its result */

	NFP_EVENT_TRANSITION, /* @transition, to the step that is over next, is measured */
	/* A step is over: its landing is decided, or it was skipped or refused. Told as well of
	 * steps that are not begun any more. */
	NFP_EVENT_LANDING,
	NFP_EVENT_VERDICT, /* @style of a VF has its verdict, of all its ladders */

	NFP_EVENT_LOCKED,  /* the run has locked the PF; nothing was changed yet */
	NFP_EVENT_RUN,	   /* PF and VFs are known and may be probed; nothing was changed yet */
	NFP_EVENT_CHANGE,  /* a change is about to be made; @text: the equivalent command */
	NFP_EVENT_WARNING, /* @text: a sentence, also in the result */
	NFP_EVENT_END,	   /* the run has this result */
};

/* A member means something only in the events that are named beside it. Pointers are borrowed for
 * the call. */
struct nfp_event {
	enum nfp_event_what what;
	struct nfp_where where;		/* LADDER .. VERDICT; elsewhere from is NULL */
	enum nfp_step step;		/* STEP, WATCH, AGAIN, WINDOW */
	uint64_t remaining_ns;		/* STEP: of the ladder, as nfp_ladder_estimate has it */
	uint64_t from_ns, to_ns;	/* WATCH, AGAIN, WINDOW: on the wire's clock */
	uint64_t asked_ns, answered_ns; /* WATCH: as in nfp_transition, but on that clock */
	uint64_t listening_ns;	  /* WATCH: when the newest capture at the VF began; 0: none yet */
	const unsigned int *rate; /* WATCH: frames a second of each kind */
	const struct nfp_mac *address;		 /* STEP */
	const struct nfp_runner_config *config;	 /* LADDER */
	const struct nfp_step_result *landing;	 /* LANDING */
	const struct nfp_transition *transition; /* TRANSITION */
	const struct nfp_style_result *style;	 /* JUDGED, VERDICT */
	const struct nfp_result *run;		 /* LOCKED, RUN, END: so far */
	const char *text;			 /* CHANGE, WARNING */
};

/* A listener. */
struct nfp_events {
	void (*tell)(void *ctx, const struct nfp_event *event); /* NULL: nobody */
	void *ctx;
};

static inline void nfp_tell(const struct nfp_events *events, const struct nfp_event *event)
{
	if (events->tell)
		events->tell(events->ctx, event);
}

#endif
