/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verdict.h - from results to verdicts. */
#ifndef NFPROBE_VERDICT_H
#define NFPROBE_VERDICT_H

#include "verdict/result.h"

/*
 * source: the sources of test frames as a table: what each can show, how often it may send, and
 * what it cannot show. Code that must know asks for the property, never for the name.
 *
 * src/app/roles.c has which source a run takes, src/app/source.c how it is asked and started.
 */

/* The meaning of the landings under a source: the part of a row that the verdict needs. */
struct nfp_shows {
	bool outside;	   /* unicast enters from the wire */
	bool vf_broadcast; /* broadcast that does not reach the VF is the VF's doing; else it may be
			      missing because of the source */
	bool group;	   /* it sends multicast, to a group that only the receivers have joined */
};

struct nfp_source_row {
	const char *meaning;	/* "another netdev on the segment" */
	enum nfp_enters enters; /* the class that JSON's source.kind carries */
	bool slows; /* lowers its rate by itself when it asks for too much (stats.slowed) */
	bool tags;  /* its frames can have the guest's VLAN */
	struct nfp_shows shows;
	unsigned int rate[NFP_KIND_COUNT]; /* frames a second unless --rate says otherwise; it
					      changes unicast only */
	unsigned int rate_max;		   /* of unicast */
	/* Why frames that the PF sends to the source are not heard. NULL: its netdev hears them. */
	const char *why_not_heard;
	const char *lacks; /* what it cannot show, as the end of a sentence; "": nothing */
};

extern const struct nfp_source_row nfp_sources[NFP_SOURCE_COUNT];
/* Frames of a kind other than unicast. @on_ovs: as in struct nfp_runner_config. */
unsigned int nfp_rate_of(const struct nfp_source_row *row, enum nfp_kind kind, bool on_ovs);

/*
 * verdict: what the observations mean. Pure, total: every combination of landings and statuses has
 * exactly one verdict.
 *
 * S(step): unicast and broadcast reach the PF. V(step): both reach the VF. Each is yes, no, or
 * unknown (a landing is mixed or none, or the step was not made).
 */

struct nfp_observation {
	enum nfp_status status;
	bool skip_allowed; /* it was allowed to skip the step: the VF has no reset, another ladder
		       has shown it, or `clear` did not bring the test MAC back */
	enum nfp_landing landing[NFP_KIND_COUNT];
	/* Unicast, multicast is MIXED, since its silence was not shown to be the NIC's. */
	bool unproven, unproven_group;
	bool may_be_outage; /* though the network was shown to deliver unicast */
	bool split;	    /* unicast is MIXED, since the NIC shares it out between PF and VF */
	bool vf_heard;	    /* at least one frame of any kind reached the VF */
};

struct nfp_evidence {
	struct nfp_observation step[NFP_STEP_COUNT];
	bool with_multicast;	/* to be served takes multicast, too; nfp_judge sets it */
	struct nfp_shows shows; /* what the source can show */
	enum nfp_style style;
	/* assign was refused because the PF held the test MAC: with EEXIST, or as ice did before
	 * Linux 6.0 (ice_unicast_mac_exists), with an EINVAL that vf-first did not meet */
	bool assign_refused_duplicate;
	bool drops, carrier_lost, changed,
		stopped;     /* stopped: the ladder ended before its last step */
	bool address_in_use; /* another station has the test MAC */
	bool unannounced;    /* nobody spoke under the test MAC: the NIC may learn from what a guest
				sends */
	bool all_multicast;  /* the PF gets every group, whatever its filter does */
	bool promiscuous; /* an earlier ladder left the PF so, which hides what its filter does */
};

struct nfp_judgement {
	enum nfp_verdict verdict;
	enum nfp_claim claim;
	enum nfp_release release;
	enum nfp_delivery delivery;
	uint32_t requires;
	enum nfp_reason why;
	enum nfp_step step; /* the step behind `why`, NFP_STEP_COUNT where there is none */
	/* UNPROVEN, OK or LOST; the first step that lacks multicast (LOST) or does not show it
	 * (UNPROVEN), NFP_STEP_COUNT where there is none. */
	enum nfp_check_state multicast;
	enum nfp_step multicast_step;
	enum nfp_answer passed[NFP_STEP_COUNT];
	bool vepa; /* of the NIC's switch (struct nfp_pf_info); set by who asks for the reason */
};

/* NULL: a step that was not made. */
struct nfp_observation nfp_observe(const struct nfp_step_result *step);

/* Does a kind with this landing reach the receiver? Unknown: the landing is mixed or none. */
enum nfp_answer nfp_reaches(enum nfp_landing landing, enum nfp_receiver at);
/* Does it certainly reach that receiver; any of them? */
bool nfp_lands_at(enum nfp_landing landing, enum nfp_receiver at);
bool nfp_lands(enum nfp_landing landing);
/* The receiver that the step demands. The PF where it demands none, and of NFP_STEP_COUNT. */
enum nfp_receiver nfp_receiver_of(enum nfp_step step);
/* Do unicast and broadcast reach the receiver? S at the PF, V at the VF. */
enum nfp_answer nfp_receives(const struct nfp_observation *obs, enum nfp_receiver at);

#define NFP_AGEING_MS 300000U /* BR_DEFAULT_AGEING_TIME in include/linux/if_bridge.h */

/*
 * The checks of a style, and its verdict. Each check goes by facts alone, whatever the others say.
 * One function makes the verdict, and all that JSON has of it, of the checks that failed, in their
 * order; a style that is judged twice is the same. --allow accepts one failed check: all others
 * still count. A failed check that --allow does not cover wins over one that it covers. Otherwise
 * the worse one wins; on a tie, the later.
 */
struct nfp_criteria {
	const struct nfp_settings *settings; /* what is demanded, and what is allowed */
	const char *ifname;		     /* the PF */
	unsigned int vf;
	const char *bond, *lag; /* that it is in, and its mode; empty: none */
	bool vepa;		/* of its switch */
	/* The ageing time of its bridge; NFP_AGEING_MS if none is known. */
	bool have_ageing;
	unsigned int ageing_ms;
};

/* A style of which there is no ladder, and why: unknown, or not applicable. */
void nfp_leave_out(struct nfp_style_result *style, enum nfp_verdict verdict, const char *reason);
/* A style that was not tested since the PF is in a LAG, which is known without a frame. */
void nfp_judge_lag(struct nfp_style_result *style, const struct nfp_criteria *criteria);
bool nfp_is_accepted(const struct nfp_style_result *style); /* it is safe, or allowed */

/*
 * bridge: a bridge that learns takes a guest for one behind its uplink, the standby's port, as soon
 * as a frame with the guest's address comes in there, and drops what comes from the wire for it
 * (should_deliver in net/bridge/br_forward.c). Where the port gets what the standby itself sends to
 * everybody, the guest is lost for good once it has talked: DEAF. Where it gets what the guest
 * sends by its VF, or that is not known, the guest may be lost from unplug until it sends again, or
 * the entry ages: SAFE with a gap, which a pin closes, and which --gap-limit counts. Where it is
 * not known whether the port gets what the standby itself sends, nothing is promised: UNKNOWN.
 */

/* The verdict of the bridge in this step, for a guest that has talked: SLOW is a gap. */
enum nfp_verdict nfp_bridge_in(const struct nfp_style_result *style, enum nfp_step step);
/* Does its bridge lose a guest that talks, for a time or for good, or is that not known? A pin
 * helps, whatever else the host has to do. */
bool nfp_needs_pin(const struct nfp_style_result *style);
/* The failed check of its bridge. NULL: it has not failed. */
const struct nfp_failed_check *nfp_bridge_failed(const struct nfp_style_result *style);
/* May @style, pinned, give back what its plain style has lost by its bridge? */
bool nfp_pin_may_help(const struct nfp_vf_result *vf, enum nfp_style style);
/* Adds @style, pinned, by the ladder of its plain style. NULL: there is no such ladder; or nobody
 * has @asked for it, and it is not worth a row. */
struct nfp_style_result *nfp_vf_add_pinned(struct nfp_result *run, enum nfp_style style,
					   bool asked);

/*
 * possible: can this host, as it is, build the standby of a style? @at: the users of the frames of
 * each netdev on which it may be built, the PF and that of the VF's VLAN. Known users of all of
 * them that share their frames with none of its kind: NO, and *why is what to say after "while".
 */
enum nfp_answer nfp_style_is_possible(enum nfp_style style, const struct nfp_rx_handler *at,
				      size_t num, char why[NFP_NOTE_LEN]);
/* A style that is not possible is not applicable, whatever the NIC does, and counts for nothing. */
bool nfp_is_impossible(const struct nfp_style_result *style);

/* Steps in which one fault of a NIC shows: before the guest has its VF, while it uses it, after. */
enum nfp_phase {
	NFP_PHASE_BEFORE,
	NFP_PHASE_WITH,
	NFP_PHASE_AFTER,
	NFP_PHASE_COUNT,
};
enum nfp_phase nfp_phase_of(enum nfp_step step);

/* Reduces the steps of a result to evidence, for nfp_judge. */
void nfp_evidence_of(const struct nfp_style_result *style, const struct nfp_shows *shows,
		     struct nfp_evidence *ret_evidence);
/* The judgement on the steps so far, which changes none of them. */
void nfp_judgement_of(const struct nfp_style_result *style, const struct nfp_shows *shows,
		      struct nfp_judgement *ret_judgement);
/* Is a step unfit for want of multicast alone? */
bool nfp_unfit_by_multicast(const struct nfp_step_result *step);

/* Is it unproven since each step passed, though the PF drops it once another VLAN is registered?
 * Some filters sleep until then (i40e). */
bool nfp_vlan_filter_wakes(const struct nfp_style_result *style);
/* The maker of the verdict, that of the bridge aside. */
bool nfp_is_by(const struct nfp_style_result *style, enum nfp_check by);

/* Is what that reason has to try about cables and switches? They have no part in frames that stay
 * inside the NIC. */
bool nfp_blames_network(enum nfp_reason why);

/* May a run that was @asked for these styles test this one as a fix? */
bool nfp_style_may_fix(const bool asked[NFP_STYLE_COUNT], enum nfp_style style);
/* Is a standby that the verdict calls deaf served but for multicast, which is lost: by the NIC's
 * filter, and by its bridge as well? */
bool nfp_filter_lacks_only_multicast(const struct nfp_style_result *style);
bool nfp_lacks_only_multicast(const struct nfp_style_result *style);
/*
 * Is @style a fix that is worth a ladder, after the styles of @vf so far? It fixes one that is
 * not safe, nor allowed, and no other fix for that is safe yet. Unless the user has @named the
 * style that it fixes, one that serves a guest is enough.
 */
bool nfp_fix_is_due(const struct nfp_vf_result *vf, enum nfp_style style, bool named);
/*
 * The fix that was seen to serve the guest better than @unsafe does, the best of them, and of
 * equals that of the least effort: it was safe, or so but for multicast (*ret_multicast_lost).
 * NFP_STYLE_COUNT: none.
 */
enum nfp_style nfp_best_fix(const struct nfp_vf_result *vf, enum nfp_style unsafe,
			    bool *ret_multicast_lost);
/*
 * The step of the ladder that shows that a requirement of it helps, at least but for multicast;
 * NFP_STEP_COUNT: none did. *ret_multicast: LOST; UNPROVEN, where the group was sent and not
 * seen to arrive in a state that the requirement leads to; else OK.
 */
enum nfp_step nfp_proved_by(const struct nfp_style_result *style, enum nfp_requires requires,
			    enum nfp_check_state *ret_multicast);
/* Is the guest served in each state of the ladder that it still meets where the host does all
 * that? Unknown: in none it is lost, and one is not known. Its bridge aside. */
enum nfp_answer nfp_requirements_serve(const struct nfp_style_result *style);
/* Does it get its group in each of these states in which it gets its other frames? */
enum nfp_check_state nfp_requirements_leave_group(const struct nfp_style_result *style);

/* NULL: the VF has none. */
const struct nfp_style_result *nfp_vf_style(const struct nfp_vf_result *vf, enum nfp_style style);

/* Where the standby of the style listens, for a sentence: the PF @ifname, or its second VF. */
#define NFP_PORT_LEN 48
const char *nfp_port_name(const struct nfp_style_result *style, const char *ifname,
			  char buf[NFP_PORT_LEN]);

/* Did the frames of its ladder enter inside the NIC, from another VF or the PF? They show what
 * the NIC's own switch does, and prove nothing about the wire. */
bool nfp_is_inside(const struct nfp_style_result *style);
/* Is its verdict UNKNOWN because such frames cannot show its standby? */
bool nfp_is_untestable(const struct nfp_style_result *style);
/* Does the style count as safe by such frames? The run is unknown at best. */
bool nfp_lacks_wire(const struct nfp_style_result *style);

/*
 * judge: a whole result from its facts, which are all that nothing below sets: of each ladder the
 * landings and the counts of its steps, what else is known of them, the transitions, the windows
 * between the steps, and the source; of the VF its status and error; the settings; whether the run
 * got as far as a verdict, whether the host was restored, and an error. JSON has all of them. Pure,
 * and the same again if it is called again.
 */

/* A ladder by itself: the facts that all judges go by, and its verdict by its steps and the guest's
 * VLAN, whatever else is demanded. @multicast: not skipped. */
void nfp_judge_ladder(struct nfp_style_result *ladder, const struct nfp_shows *shows,
		      bool multicast, const struct nfp_criteria *criteria);
/* A style of @run alone, as it is known before the other styles are. */
void nfp_judge_alone(const struct nfp_result *run, struct nfp_style_result *style);
/* The criteria of @run on a style. */
struct nfp_criteria nfp_criteria_of(const struct nfp_result *run, const struct nfp_vf_result *vf);

/*
 * The styles of a VF, each and beside each other, and the VF. One without steps (not begun, not
 * applicable) stays as it is. Returns what nfp_compare_groups does.
 */
uint32_t nfp_judge_vf_of(const struct nfp_result *run, struct nfp_vf_result *vf);

/*
 * The VF, the verdict of the run and the exit status: 5 if the host was not restored; else that of
 * what stopped the run (a signal, --timeout), which stays; else 4 if there is an error or no
 * verdict; else that of the verdict. A run that was stopped is unknown.
 */
void nfp_judge_result(struct nfp_result *result);

#endif
