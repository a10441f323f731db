/* SPDX-License-Identifier: GPL-2.0-or-later */
/* runner.h - the state of a ladder under way, and the parts of the runner. */
#ifndef NFPROBE_PROBE_RUNNER_H
#define NFPROBE_PROBE_RUNNER_H

#include "probe/probe.h"

struct window;

struct runner {
	const struct nfp_runner_config *config;
	struct nfp_host host; /* of config */
	struct nfp_wire wire;
	struct nfp_style_result *result;
	struct nfp_err *err; /* never NULL */

	struct nfp_mac address;	  /* the test MAC of the step under way */
	bool pf_has_mac;	  /* the PF has the test MAC */
	bool assigned;		  /* the VF has the test MAC */
	bool bound, up;		  /* the VF's driver, its netdev */
	struct nfp_netdev netdev; /* the VF's netdev, while it is up */
	bool left;		  /* the VF's driver was unbound, and no reset followed */
	bool stuck;		  /* the VF's driver could not be unbound */
	bool no_reset;		  /* this VF has no function-level reset */
	bool carrier;		  /* the PF has carrier */
	struct nfp_plan plan;	  /* what the stream sends now */
	uint64_t slowed;	  /* how often the source had slowed down, as last seen */
	uint64_t losses;	  /* how often the PF had lost its carrier, as last seen */
	uint64_t drops;		  /* frames that the captures had lost, as last seen */
	bool over;		  /* the rest of the ladder would show nothing */
	bool slow;		  /* a landing changed late for the settling time of this NIC */
	bool promiscuous;	  /* the PF became promiscuous in hardware during the ladder */

	uint64_t begin_ns;   /* of the ladder */
	uint64_t network_ns; /* the settling time of the NIC and the network */
	uint64_t strangers;  /* frames from the test MAC that others sent, when the ladder began */
	/* A lasting change that another process made before the ladder began; empty: none. */
	char tainted[NFP_CHANGE_LEN];

	bool blinks; /* the driver takes the carrier in a step: it did before anything was announced
		      */
	bool allmulti;	  /* another process has made the PF take every group */
	bool regrouped;	  /* config->unjoined is the group under test, and config->group the control
			   */
	bool group_shown; /* some receiver got multicast */
	unsigned int
		group_lacked[NFP_RECEIVER_COUNT]; /* steps since the receiver last had the group */
	/* Bits of silence_class (step.c): silences of the address (of the group) that were watched
	 * for twice the settling time. */
	unsigned int doubled, doubled_group;
	bool lost;  /* `attach` lost what the network delivers */
	bool early; /* `clear` has confirmed that the style is EARLY, whatever follows */
	bool quiet; /* unregistered unicast does not reach the PF, though the network would bring it
		     */

	struct nfp_step_result no_step; /* what happens after the ladder belongs to no step */

	/* the step under way */
	struct nfp_step_result *step;
	uint64_t action_ns;    /* when the change of the step was made; 0: it was not yet */
	uint64_t request_ns;   /* when the kernel was asked for it; 0: it was not yet, or there is
				  none */
	uint64_t listening_ns; /* when the capture at the VF was complete, with its netdev up */
	uint64_t bus_ns;       /* when bus mastering was last read in this step; 0: not yet */
	bool announced;
	bool link_flapped; /* the PF has lost its carrier since the window began */
	/* announce.c: how many of each are still to be sent, and when the next is due. */
	unsigned int announcements, unregistered, reports;
	uint64_t announce_ns, report_ns;
	uint64_t back_ns; /* when the carrier came back; 0: a frame has arrived since */
	bool spoke_again; /* the group was reported again after a loss of carrier */

	/* the window before; NULL: there was none */
	const struct nfp_step_result *before;
	uint64_t window_end_ns;
};

/* Returns the row of the step under way. */
static inline const struct nfp_ladder_row *runner_row(const struct runner *r)
{
	return &nfp_ladder[r->step->step];
}

/* True if another process changed or took the VF. */
static inline bool runner_lost_vf(const struct runner *r)
{
	return r->err->code == NFP_E_VF_TAKEN || r->err->code == NFP_E_VF_CHANGED;
}

/* True if a landing may count sooner than the network's settling time. */
static inline bool runner_is_quick(const struct runner *r)
{
	return r->result->floods && !r->slow && r->config->settle_ns < r->network_ns;
}

/* Returns how long a landing of the ladder must be stable. */
static inline uint64_t runner_stable_ns(const struct runner *r)
{
	return runner_is_quick(r) ? r->config->settle_ns : r->network_ns;
}

/* Returns what earlier ladders have shown of the PF. NULL: nothing, or the standby is at a second
 * VF. */
static inline struct nfp_earlier *runner_earlier(const struct runner *r)
{
	return nfp_styles[r->config->style].second_vf ? NULL : r->config->earlier;
}

/* True if the guest's VLAN is tested. */
static inline bool runner_has_vlan(const struct runner *r)
{
	const struct nfp_guest_vlan_result *g = &r->result->guest_vlan;

	return g->vid && !g->untested[0];
}

/* Returns the group under test. NULL: multicast is not tested, or the source sends none. */
static inline const struct nfp_mac *runner_group(const struct runner *r)
{
	if (!r->config->multicast)
		return NULL;
	return r->regrouped ? &r->config->unjoined : &r->config->group;
}

/*
 * Begins with @config, which must stay valid, on the host as it is, before the first step. 0, or
 * what ends the run. @ret_news: what others have done to the host before.
 */
int runner_begin(struct runner *r, const struct nfp_runner_config *config,
		 struct nfp_style_result *result, struct nfp_err *err,
		 struct nfp_external_changes *ret_news);
uint64_t runner_now(const struct runner *r);
/* Returns 0, or -EINTR or -ETIME when the run must end. */
int runner_check_stop(struct runner *r);
/* Adds to the notes of the step, unless they say it already: a replay begins with those
 * of the run. */
NFP_PRINTF(2, 3) void runner_note(struct runner *r, const char *fmt, ...);
/* Emits an event of the ladder, or of the step under way. */
void runner_emit(const struct runner *r, enum nfp_event_what what, uint64_t from_ns,
		 uint64_t to_ns);
/* Notes if another process hides the multicast filter of the standby's port. */
void runner_note_groups(struct runner *r, const struct nfp_external_changes *changes);
/* Asks the host for changes by other processes. */
int runner_check_changes(struct runner *r);
/* Reads whether the VF is a bus master: before and after each change, and in each window. */
void runner_look_at_bus(struct runner *r);

void runner_landings(const struct nfp_count count[NFP_KIND_COUNT],
		     enum nfp_landing ret_landing[NFP_KIND_COUNT]);
/* True if r->err is an error of the probe itself, and no refusal by the kernel. */
bool runner_is_own_error(const struct runner *r);
/* Sends nothing until the next plan; r->plan stays. */
void runner_silence(struct runner *r);

/*
 * actions.c: what goes with the actions of a row, of the ladder (ladder.c) or of the states of a VF
 * without a guest (learning.c).
 */
struct script {
	/* Called before an action. 0, or what ends the run. NULL: nothing to do. */
	int (*before)(struct runner *r, enum nfp_action action);
	/* Called when the host has refused an action. 0: the row goes on; 1: it ends; or what ends
	 * the run. NULL: the row ends, unless the VF has no reset. */
	int (*refused)(struct runner *r, enum nfp_action action, int ret);
	/* Called after an action, which began at @begin_ns. NULL: nothing to do. */
	void (*made)(struct runner *r, enum nfp_action action, uint64_t begin_ns);
};

/* Makes the actions of a row, up to NFP_DO_NOTHING. Returns 0, or what ends it, as refused does. */
int runner_play(struct runner *r, const enum nfp_action actions[NFP_ACTIONS_MAX],
		const struct script *script);
/* Sends unicast at @unicast_rate to the test MAC, and the controls. */
void runner_send(struct runner *r, unsigned int unicast_rate);
unsigned int runner_control_rate(const struct nfp_runner_config *config);
/* Decides whether to test another group. Called when the window of `control` was counted. */
void runner_draw_group(struct runner *r);
/* Closes the captures at the VF and the standby, and stops the stream. */
void runner_stop_traffic(struct runner *r);

/* learning.c: finds out with another address whether the NIC learns from what a guest sends, if the
 * verdict depends on it. */
int runner_check_learning(struct runner *r);

/* step.c: waits until the landing of the step has settled, and counts. */
int runner_watch_step(struct runner *r);
/* unregistered.c: notes if the window, which was counted, shows that the PF is promiscuous in
 * hardware. */
void runner_compare_unregistered(struct runner *r);

/* guest_vlan.c: adds the frames of the guest's VLAN to the plan. */
void runner_plan_vlan(const struct runner *r, struct nfp_plan *plan);
/* Called when the ladder begins; when the VF is up; when a window was counted; after
 * the last step. */
void runner_vlan_begin(struct runner *r);
void runner_vlan_up(struct runner *r);
/* Gives up the VLAN: a child of the PF gets the test MAC in place of the PF. */
void runner_vlan_child(struct runner *r);
void runner_vlan_count(struct runner *r, const struct window *w);
int runner_vlan_check(struct runner *r);

/* steps.c: true if an earlier ladder has watched resets for the network's settling time, with a
 * standby that takes the address as this one does. */
bool runner_knows_resets(const struct runner *r);
/* Makes the steps up to @last; notes for later ladders what they have shown. */
int run_steps(struct runner *r, enum nfp_step last);
void runner_keep_shown(const struct runner *r);

#endif
