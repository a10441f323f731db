/* SPDX-License-Identifier: GPL-2.0-or-later */
/* runner_priv.h - when a landing counts; the state of a ladder under way, and the parts of the
 * runner. */
#ifndef NFPROBE_LADDER_RUNNER_PRIV_H
#define NFPROBE_LADDER_RUNNER_PRIV_H

#include "probe/probe.h"

/*
 * settle: has a landing held long enough to count? Pure: reads the frame accounting, and keeps
 * its own position in it.
 *
 * The stream since the end of a change is cut into groups of at least NFP_SETTLE_GROUP frames of
 * one kind. In each group a receiver has the kind, lacks it, or is unclear (by the thresholds of
 * nfp_landing_of). The window that counts begins with the first clear group after the last group
 * that differs from the clear one before it. Unclear groups do not restart it, so that steady loss
 * ends as a mixed landing instead of never.
 *
 * A source that stood still for a good part of the window restarts it, too: frames that were not
 * sent show nothing.
 */

#define NFP_SETTLE_GROUP 8U /* frames; 7 of 8 is "has", 0 of 8 is "lacks" */
#define NFP_SETTLE_FEW	 3U /* frames of each kind that a window has at least */
/*
 * A landing that is mixed is watched on for as many frames of the rarest kind that decides, while
 * time is left: with 10 % loss, losing more than 6 of 30 is not rare (1 in 40), but losing more
 * than 20 of 100 is (1 in 1,200).
 */
#define NFP_SETTLE_SURE 100U
/*
 * A change may come as late as the settling time is long, and must still be seen: a window is
 * longer than that by three frames of the rarest kind. A group of a kind with no more frames than
 * these takes long, so each of its newest three must agree with the landing.
 */
#define NFP_SETTLE_RARE 100U
#define NFP_SETTLE_LAST 3U

enum nfp_settle_state {
	NFP_SETTLE_WAIT,    /* not yet */
	NFP_SETTLE_CLEAR,   /* not yet, but every landing in the window is clear */
	NFP_SETTLE_HELD,    /* it has held for the settling time */
	NFP_SETTLE_EXPIRED, /* time is up; see nfp_settle_is_unstable */
};

struct nfp_settle_group {
	uint64_t from_ns;
	struct nfp_count count;
};

/* Private, except that the window from from_ns to end_ns, in slices of the accounting, and its
 * count may be read. */
struct nfp_settle {
	uint64_t settle_ns; /* how long a landing must hold */
	uint64_t expire_ns;
	uint64_t begin_ns;
	uint64_t from_ns, end_ns;
	struct nfp_count count[NFP_KIND_COUNT]; /* in the window, at the last update */
	uint64_t fed_ns;	   /* the end of the newest slice in which unicast was sent */
	uint64_t hole_ns;	   /* the longest time without any that a window may have */
	bool sent[NFP_KIND_COUNT]; /* the stream has this kind, often enough to wait for it */
	struct nfp_settle_group group[NFP_KIND_COUNT];
	enum nfp_landing last[NFP_KIND_COUNT][NFP_RECEIVER_COUNT];
	unsigned int unclear[NFP_KIND_COUNT][NFP_RECEIVER_COUNT]; /* groups in a row */
	uint64_t unclear_ns[NFP_KIND_COUNT]; /* the end of the newest unclear group */
	uint64_t changed_ns[NFP_KIND_COUNT]; /* beginning of the newest landing; 0: it never
						changed */
};

/*
 * Begins at @now_ns, at which the caller has set a mark. @rate: frames per second of each
 * kind in the stream. @slowness: the factor by which the source may slow down; 1: it does not.
 */
void nfp_settle_begin(struct nfp_settle *settle, uint64_t now_ns, uint64_t settle_ns,
		      const unsigned int rate[NFP_KIND_COUNT], unsigned int slowness);

/* Restarts the window at @now_ns (marked as well), for a reason that the accounting cannot know. */
void nfp_settle_restart(struct nfp_settle *settle, uint64_t now_ns);

/*
 * The time before which every frame sent has arrived by @now_ns or is lost: the grace period has
 * passed since, or each receiver that listens has seen frames that were sent well after it.
 */
uint64_t nfp_settle_final(const struct nfp_frame_accounting *accounting, uint64_t now_ns,
			  bool vf_listens);

/* Adds every slice that ended by @final_ns. */
enum nfp_settle_state nfp_settle_update(struct nfp_settle *settle,
					const struct nfp_frame_accounting *accounting,
					uint64_t now_ns, uint64_t final_ns);

/* The next time at which an update may find that the landing has held; @early: that it is clear. */
uint64_t nfp_settle_due(const struct nfp_settle *settle, uint64_t grace_ns, bool early);

/* After EXPIRED: moves the window to the last settling time, or longer if frames are few. */
void nfp_settle_take_last(struct nfp_settle *settle, const struct nfp_frame_accounting *accounting);

/*
 * Does the window [from_ns, end_ns) show nothing, whatever its counts are? Too few frames of a kind
 * that decides were sent in it, or no unicast for too long.
 */
bool nfp_settle_has_too_few(const struct nfp_settle *settle,
			    const struct nfp_frame_accounting *accounting);

/* Did the landing of @kind change in the window [from_ns, end_ns)? */
bool nfp_settle_is_unstable(const struct nfp_settle *settle, enum nfp_kind kind);

/* How long to wait for frames in flight, in ns, by the largest latency seen so far. */
uint64_t nfp_settle_grace(const struct nfp_frame_accounting *accounting);

/* runner: a ladder under way. */

struct runner {
	const struct nfp_runner_config *config;
	struct nfp_host host; /* of config */
	struct nfp_wire wire;
	struct nfp_style_result *result;
	struct nfp_err *err; /* never NULL */

	struct nfp_mac address;	  /* the test MAC now */
	bool pf_has_mac;	  /* the PF has the test MAC */
	bool assigned;		  /* the VF has the test MAC */
	bool bound, up;		  /* the VF's driver, its netdev */
	struct nfp_netdev netdev; /* that one, while it is up */
	bool left;		  /* its driver was unbound, and no reset followed */
	bool stuck;		  /* the VF's driver could not be unbound */
	bool no_reset;		  /* this VF has no function-level reset */
	bool carrier;		  /* the PF has it */
	struct nfp_plan plan;	  /* what the stream sends now */
	uint64_t slowed;	  /* times that the source slowed down, as last seen */
	uint64_t losses;	  /* of the PF's carrier, as last seen */
	uint64_t drops;		  /* of the captures, as last seen */
	bool over;		  /* the rest of the ladder would show nothing */
	bool slow;		  /* a landing changed late, for the settling time of this NIC */
	bool promiscuous;	  /* the PF became so in hardware during the ladder */

	uint64_t begin_ns;  /* of the ladder */
	uint64_t strangers; /* frames from the test MAC that others sent, when the ladder began */
	/* A lasting change by another process before the ladder began; empty: none. */
	char tainted[NFP_CHANGE_LEN];

	bool blinks;	  /* the driver took the carrier in a step before anything was announced */
	bool allmulti;	  /* another process has had the PF take every group */
	bool regrouped;	  /* config->unjoined is the group under test, and group the control */
	bool group_shown; /* somebody got multicast */
	unsigned int group_lacked[NFP_RECEIVER_COUNT]; /* in steps since it last had it */
	/* Silences of the address, of the group, that were watched for twice as long: bits of
	 * silence_class in step.c. */
	unsigned int doubled, doubled_group;
	bool lost;  /* `attach` lost what the network delivers */
	bool early; /* by `clear` that was confirmed: the style is EARLY whatever follows */
	bool quiet; /* the PF does not get what nobody registered, which would arrive */

	struct nfp_step_result no_step; /* what happens after the ladder is of none */

	/* the step under way */
	struct nfp_step_result *step;
	uint64_t action_ns;  /* the end of its change; 0: it is not made yet */
	uint64_t request_ns; /* its change was asked of the kernel; 0: not yet, or there is none */
	uint64_t listening_ns; /* from then on every frame at the VF is heard; its netdev is up */
	uint64_t bus_ns;       /* when bus mastering was last looked at in it; 0: not yet */
	bool announced;
	bool link_flapped; /* the PF has lost its carrier since the window began */
	/* announce.c: how many of each are still to be sent, and when the next is due */
	unsigned int announcements, unregistered, reports;
	uint64_t announce_ns, report_ns;
	uint64_t back_ns; /* the carrier came back, and no frame has arrived since; 0: one has */
	bool spoke_again; /* after a loss of carrier */

	/* the window before */
	const struct nfp_step_result *before; /* NULL: there was none */
	uint64_t window_end_ns;
};

/* The row of the step under way. */
static inline const struct nfp_ladder_row *runner_row(const struct runner *r)
{
	return &nfp_ladder[r->step->step];
}

/* Has another process the VF? */
static inline bool runner_lost_vf(const struct runner *r)
{
	return r->err->code == NFP_E_VF_TAKEN || r->err->code == NFP_E_VF_CHANGED;
}

static inline uint64_t runner_network_ns(const struct nfp_runner_config *config)
{
	return config->network_ns > config->settle_ns ? config->network_ns : config->settle_ns;
}

/* Is a landing watched for less time than the network needs? */
static inline bool runner_is_quick(const struct runner *r)
{
	return r->result->floods && !r->slow && r->config->settle_ns < runner_network_ns(r->config);
}

/* How long a landing of the ladder must hold. */
static inline uint64_t runner_stable_ns(const struct runner *r)
{
	return runner_is_quick(r) ? r->config->settle_ns : runner_network_ns(r->config);
}

/* The ladders before have shown that of the PF. NULL: nothing, or the standby is at a second VF. */
static inline struct nfp_earlier *runner_earlier(const struct runner *r)
{
	return nfp_styles[r->config->style].second_vf ? NULL : r->config->earlier;
}

/* Is the guest's VLAN tested? */
static inline bool runner_has_vlan(const struct runner *r)
{
	const struct nfp_guest_vlan_result *g = &r->result->guest_vlan;

	return g->vid && !g->untested[0];
}

/* NULL: multicast is not tested, or the source sends none. */
static inline const struct nfp_mac *runner_group(const struct runner *r)
{
	if (!r->config->multicast)
		return NULL;
	return r->regrouped ? &r->config->unjoined : &r->config->group;
}

static inline bool at_pf(enum nfp_landing landing)
{
	return landing == NFP_LANDING_PF || landing == NFP_LANDING_BOTH;
}

/* wait.c */
/*
 * Begins with @config, which lasts, on a host as it is: no step is under way. 0, or what
 * ends the run. @ret_news: what others have done to the host before.
 */
int runner_begin(struct runner *r, const struct nfp_runner_config *config,
		 struct nfp_style_result *result, struct nfp_err *err,
		 struct nfp_external_changes *ret_news);
uint64_t runner_now(const struct runner *r);
/* 0, or -EINTR or -ETIME when the run must end. */
int runner_check_stop(struct runner *r);
/* Adds to the notes of the step, unless they say it already: a replay begins with those of the run.
 */
NFP_PRINTF(2, 3) void runner_note(struct runner *r, const char *fmt, ...);
/* Tells of the ladder, or the step under way. */
void runner_emit(const struct runner *r, enum nfp_event_what what, uint64_t from_ns,
		 uint64_t to_ns);
/* Notes if another process hides what the filter of groups of the standby's port does. */
void runner_note_groups(struct runner *r, const struct nfp_external_changes *changes);
/* Asks the host for changes by other processes. */
int runner_check_changes(struct runner *r);
/* Looks whether the VF is a bus master, before and after each change and while it is watched. */
void runner_look_at_bus(struct runner *r);

void runner_landings(const struct nfp_count count[NFP_KIND_COUNT],
		     enum nfp_landing ret_landing[NFP_KIND_COUNT]);
/*
 * watch.c: a window. Frames are watched on one wire until they decide, or time is up: each wait of
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
/* Is r->err an error of the probe itself, and no refusal by the kernel? */
bool runner_is_own_error(const struct runner *r);
/* Nothing is sent until the next plan; r->plan stays. */
void runner_silence(struct runner *r);
/* wait.c: the loop of a window. 0 once it may end, or what ends the run. */
int runner_wait(struct runner *r, struct window *w);
/* Frames lost while the link was away show nothing: once it is back, the window begins anew. */
void runner_link_is_back(struct runner *r, struct window *w);
/* Takes in what has arrived by now, and what others did meanwhile. 0, or what ends the run. */
int runner_catch_up(struct runner *r);
/* Marks the time in its accounting. */
uint64_t runner_mark(const struct runner *r);
/* The window begins anew. */
void runner_restart(struct runner *r, struct window *w);

/*
 * actions.c: a row of a script, whichever it is: of the ladder (ladder.c), of the states of a VF
 * without a guest.
 */
struct script {
	/* NULL: nothing precedes an action; else 0, or what ends the run. */
	int (*before)(struct runner *r, enum nfp_action action);
	/* The host has refused it: 0, the row goes on; 1, it ends; or what ends the run. NULL: it
	 * ends, but for a reset that the VF does not have. */
	int (*refused)(struct runner *r, enum nfp_action action, int ret);
	/* NULL: nothing follows one that was made, which began at @begin_ns. */
	void (*made)(struct runner *r, enum nfp_action action, uint64_t begin_ns);
};

/* Takes one action after the other, up to NFP_DO_NOTHING. Returns 0, or what ends it, as refused
 * does. */
int runner_play(struct runner *r, const enum nfp_action actions[NFP_ACTIONS_MAX],
		const struct script *script);
/* Unicast at @unicast_rate to the test MAC, and the controls. */
void runner_send(struct runner *r, unsigned int unicast_rate);
unsigned int runner_control_rate(const struct nfp_runner_config *config);
/* To be called when the window of `control` was counted: is another group to be tested? */
void runner_draw_group(struct runner *r);
/* Closes the captures at the VF and the standby, and stops the stream. */
void runner_stop_traffic(struct runner *r);

/* announce.c */
/* Notes whether the test MAC arrives before anything has been announced. */
void runner_look_for_flood(struct runner *r);
/* Not by a PF that is to be silent. */
static inline bool runner_may_speak(const struct runner *r, enum nfp_receiver at)
{
	return at == NFP_AT_VF || !r->config->pf_silent;
}
/* A guest speaks by its VF until that is taken from it: a NIC may learn from it, and forget later.
 */
void runner_announce_last(struct runner *r);
/* Plans what is to be said in this step, which is watched from @now_ns on. */
void runner_announce_begin(struct runner *r, enum nfp_step step, uint64_t now_ns);
/* For a struct window_spec: says what is due. */
int announce_due(struct runner *r, struct window *w);
/*
 * The carrier is back: switches may have forgotten what they knew. The group is reported anew, once
 * per step. The address is not announced before it has stayed away: a NIC may learn from that.
 */
void announce_anew(struct runner *r, struct window *w);
/*
 * Counts the announcements that came back in at the standby's port: to be called when the ladder
 * begins, when a window was counted, and when the ladder is over.
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

/* learning.c: if the verdict depends on it, does the NIC learn from what a guest sends? Takes
 * another address. */
int runner_check_learning(struct runner *r);

/* step.c: waits until the landing of the step has settled, and counts. */
int runner_watch_step(struct runner *r);
/* watch.c: may the step be over as soon as it is clear that the address is lost? */
bool runner_may_cut_short(const struct runner *r);
/* unregistered.c: does the window, which was counted, show that the PF is promiscuous in hardware?
 */
void runner_compare_unregistered(struct runner *r);

/* guest_vlan.c: adds the frames of the guest's VLAN to the plan. */
void runner_plan_vlan(const struct runner *r, struct nfp_plan *plan);
/* To be called when the ladder begins; when the VF is up; when a window was counted; behind the
 * last step. */
void runner_vlan_begin(struct runner *r);
void runner_vlan_up(struct runner *r);
/* A child of the PF gets the test MAC in place of the PF: no VLAN is tested. */
void runner_vlan_child(struct runner *r);
void runner_vlan_count(struct runner *r, const struct window *w);
int runner_vlan_check(struct runner *r);

/* earlier.c: has a ladder before watched resets for long, with a standby that takes the address as
 * this one does? This one has. @alone: it would have shown however the standby takes the address.
 */
bool runner_knows_resets(const struct runner *r);
void runner_keep_resets(const struct runner *r, bool alone);

/* steps.c: makes the steps up to @last; notes for later ladders what the judged ones have shown. */
int run_steps(struct runner *r, enum nfp_step last);
void runner_keep_shown(const struct runner *r);

#endif
