/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verdict.h - from results to verdicts. */
#ifndef NFPROBE_VERDICT_H
#define NFPROBE_VERDICT_H

#include "verdict/result.h"

/*
 * source: the sources of test frames as a table: what each can and cannot show, and how often it
 * may send. Code asks for a property, never for the name.
 *
 * src/app/roles.c decides which source a run takes, and src/app/source.c opens it.
 */

/* The meaning of landings under a source: the part of a row that the verdict needs. */
struct nfp_shows {
	bool outside;	   /* unicast enters from the wire */
	bool vf_broadcast; /* a VF that gets no broadcast is to blame; else the source may be */
	bool group;	   /* it sends multicast to a group that only the receivers have joined */
};

struct nfp_source_row {
	const char *meaning;	/* "another netdev on the segment" */
	enum nfp_enters enters; /* the class in JSON's source.kind */
	bool slows; /* it lowers its rate by itself when it is too fast (stats.slowed) */
	bool tags;  /* its frames can carry the guest's VLAN */
	struct nfp_shows shows;
	unsigned int rate[NFP_KIND_COUNT]; /* frames a second; --rate changes unicast only */
	unsigned int rate_max;		   /* of unicast */
	/* Why frames from the PF to the source are not heard. NULL: the source's
	 * netdev hears them. */
	const char *why_not_heard;
	const char *lacks; /* what it cannot show, as the end of a sentence; "": it shows all */
};

extern const struct nfp_source_row nfp_sources[NFP_SOURCE_COUNT];
/* Returns the rate of a kind other than unicast. @on_ovs: as in struct nfp_runner_config. */
unsigned int nfp_rate_of(const struct nfp_source_row *row, enum nfp_kind kind, bool on_ovs);

/*
 * verdict: what the observations mean. Pure and total: every combination of landings and statuses
 * has exactly one verdict.
 *
 * S(step): unicast and broadcast reach the PF. V(step): both reach the VF. Each is yes, no, or
 * unknown (a landing is mixed or none, or the step was not made).
 */

struct nfp_observation {
	enum nfp_status status;
	bool skip_allowed; /* the step may be missing: the VF has no reset, another ladder has shown
			      it, or `clear` did not bring the test MAC back */
	enum nfp_landing landing[NFP_KIND_COUNT];
	/* Unicast (multicast) is MIXED, since the silence was not shown to be the NIC's. */
	bool unproven, unproven_group;
	bool may_be_outage; /* the network may have paused, though it was shown to deliver unicast
			     */
	bool split;	    /* unicast is MIXED, since the NIC shares it out between PF and VF */
	bool vf_heard;	    /* at least one frame of any kind reached the VF */
};

struct nfp_evidence {
	struct nfp_observation step[NFP_STEP_COUNT];
	bool with_multicast;	/* a receiver must also get multicast; set by nfp_judge */
	struct nfp_shows shows; /* what the source can show */
	enum nfp_style style;
	/* `assign` was refused because the PF had the test MAC: with EEXIST, or as ice did before
	 * Linux 6.0 (ice_unicast_mac_exists), with an EINVAL that vf-first did not meet */
	bool assign_refused_duplicate;
	bool drops, carrier_lost, changed,
		stopped;     /* stopped: the ladder ended before its last step */
	bool address_in_use; /* another station has the test MAC */
	bool unannounced;    /* nobody sent from the test MAC; the NIC may learn from what a guest
				sends */
	bool all_multicast;  /* the PF gets every group, whatever its filter does */
	bool promiscuous;    /* an earlier ladder left the PF promiscuous, which hides its filter */
};

struct nfp_judgement {
	enum nfp_verdict verdict;
	enum nfp_claim claim;
	enum nfp_release release;
	enum nfp_delivery delivery;
	uint32_t requires;
	enum nfp_reason why;
	enum nfp_step step; /* the step behind `why`, NFP_STEP_COUNT where there is none */
	/* UNPROVEN, OK or LOST; and the first step that lacks multicast (LOST) or does not show it
	 * (UNPROVEN), NFP_STEP_COUNT where there is none. */
	enum nfp_check_state multicast;
	enum nfp_step multicast_step;
	enum nfp_answer passed[NFP_STEP_COUNT];
	bool vepa; /* mode of the NIC's switch (struct nfp_pf_info); set by who asks for the reason
		    */
};

/* Observes a step. NULL: it was not made. */
struct nfp_observation nfp_observe(const struct nfp_step_result *step);

/* Does a kind of frame with this landing reach the receiver? Unknown: the landing is
 * mixed or none. */
enum nfp_answer nfp_reaches(enum nfp_landing landing, enum nfp_receiver at);
/* Does it certainly reach this receiver; any receiver? */
bool nfp_lands_at(enum nfp_landing landing, enum nfp_receiver at);
bool nfp_lands(enum nfp_landing landing);
/* Returns the receiver that the step expects; the PF where it expects none,
 * and for NFP_STEP_COUNT. */
enum nfp_receiver nfp_receiver_of(enum nfp_step step);
/* Do unicast and broadcast reach the receiver? S at the PF, V at the VF. */
enum nfp_answer nfp_receives(const struct nfp_observation *obs, enum nfp_receiver at);

#define NFP_AGEING_MS 300000U /* BR_DEFAULT_AGEING_TIME in include/linux/if_bridge.h */

/*
 * The checks of a style, and its verdict. A check goes by facts alone, and no check depends on
 * another. One function makes the verdict, and all that JSON has of it, from the checks that
 * failed; judging twice gives the same. --allow covers one failed check, and all others still
 * count. A failed check that --allow does not cover wins over one that it covers. Otherwise the
 * worse one wins; on a tie, the later.
 */
struct nfp_criteria {
	const struct nfp_settings *settings; /* what the user expects and allows */
	const char *ifname;		     /* the PF */
	unsigned int vf;
	const char *bond, *lag; /* the PF's bond, and its mode as a LAG; empty: none */
	bool vepa;		/* mode of the NIC's switch */
	/* The ageing time of the PF's bridge; NFP_AGEING_MS if it is not known. */
	bool have_ageing;
	unsigned int ageing_ms;
};

/* Gives a style without a ladder its verdict, unknown or not applicable, and the reason. */
void nfp_leave_out(struct nfp_style_result *style, enum nfp_verdict verdict, const char *reason);
/* Judges a style that was not tested because the PF is in a LAG, which needs no frame. */
void nfp_judge_lag(struct nfp_style_result *style, const struct nfp_criteria *criteria);
bool nfp_is_accepted(const struct nfp_style_result *style); /* Is it safe, or allowed? */

/*
 * bridge: a bridge that learns moves a guest behind its uplink, the standby's port, as soon as a
 * frame with the guest's address comes in there, and then drops what comes from the wire for the
 * guest (should_deliver in net/bridge/br_forward.c).
 *
 * The port gets what the standby itself broadcasts: DEAF. The guest is lost for good once it has
 * talked.
 *
 * The port gets what the guest sends by its VF, or that is not known: SAFE with a gap. The guest
 * may be lost from unplug until it sends again or the entry ages; a pin closes the gap, and
 * --gap-limit counts it.
 *
 * It is not known whether the port gets what the standby broadcasts: UNKNOWN.
 */

/* Returns the verdict of the bridge in this step, for a guest that has talked: SLOW is a gap. */
enum nfp_verdict nfp_bridge_in(const struct nfp_style_result *style, enum nfp_step step);
/* Would a pin help: does the bridge lose a guest that talks, for a time or for good, or is that not
 * known? */
bool nfp_needs_pin(const struct nfp_style_result *style);
/* Returns the failed check of the bridge. NULL: it passed. */
const struct nfp_failed_check *nfp_bridge_failed(const struct nfp_style_result *style);
/* Could @style, which is pinned, serve a guest that its plain style loses by the bridge? */
bool nfp_pin_may_help(const struct nfp_vf_result *vf, enum nfp_style style);
/* Adds @style, which is pinned, from the ladder of its plain style. NULL: there is no such ladder;
 * or nobody has @asked for it, and it would not help. */
struct nfp_style_result *nfp_vf_add_pinned(struct nfp_result *run, enum nfp_style style,
					   bool asked);

/*
 * possible: can this host, as it is, build the standby of a style? @at: the users of the frames of
 * each netdev on which it may be built: the PF, and the netdev of the VF's VLAN. NO: each of these
 * has a known user that does not share its frames with such a standby; *why is what to say after
 * "while".
 */
enum nfp_answer nfp_style_is_possible(enum nfp_style style, const struct nfp_rx_handler *at,
				      size_t num, char why[NFP_NOTE_LEN]);
/* Is it impossible on this host? Then it is not applicable, whatever the NIC does, and does not
 * count. */
bool nfp_is_impossible(const struct nfp_style_result *style);

/* The phases of a guest's life. One fault of a NIC shows in the steps of one phase: before the
 * guest has its VF, while it uses the VF, after. */
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
/* Judges the steps so far, and changes none of them. */
void nfp_judgement_of(const struct nfp_style_result *style, const struct nfp_shows *shows,
		      struct nfp_judgement *ret_judgement);
/* Did the step fail by multicast alone? */
bool nfp_unfit_by_multicast(const struct nfp_step_result *step);

/* Is the VLAN unproven although each step passed, because the PF drops it once another VLAN is
 * registered? Some filters sleep until then (i40e). */
bool nfp_vlan_filter_wakes(const struct nfp_style_result *style);
/* Did this check make the verdict, and not the bridge? */
bool nfp_is_by(const struct nfp_style_result *style, enum nfp_check by);

/* Does the advice of this reason concern cables and switches? They have no part in frames that stay
 * inside the NIC. */
bool nfp_blames_network(enum nfp_reason why);

/* May a run of the @asked styles test this one as a fix? */
bool nfp_style_may_fix(const bool asked[NFP_STYLE_COUNT], enum nfp_style style);
/* Is a standby with the verdict DEAF served but for multicast? The first function asks the NIC's
 * filter alone, the second the bridge and --gap-limit as well. */
bool nfp_filter_lacks_only_multicast(const struct nfp_style_result *style);
bool nfp_lacks_only_multicast(const struct nfp_style_result *style);
/*
 * Is @style a fix that is worth a ladder, after the styles of @vf so far? It must fix a style that
 * is neither safe nor allowed, and that no fix has made safe yet. Unless the user has @named the
 * style that it fixes, one style that serves a guest is enough.
 */
bool nfp_fix_is_due(const struct nfp_vf_result *vf, enum nfp_style style, bool named);
/*
 * Returns the fix that was seen to serve the guest better than @unsafe does: the best of them, and
 * of equals the one of least effort. It was safe, perhaps but for multicast (*ret_multicast_lost).
 * NFP_STYLE_COUNT: none.
 */
enum nfp_style nfp_best_fix(const struct nfp_vf_result *vf, enum nfp_style unsafe,
			    bool *ret_multicast_lost);
/*
 * Returns the step of the ladder which shows that a requirement helps, at least but for multicast;
 * NFP_STEP_COUNT: none did. *ret_multicast: LOST; UNPROVEN, where the group was sent and not seen
 * to arrive in a state that the requirement leads to; else OK.
 */
enum nfp_step nfp_proved_by(const struct nfp_style_result *style, enum nfp_requires requires,
			    enum nfp_check_state *ret_multicast);
/* Is the guest served in each state that it still meets if the host meets all requirements, apart
 * from the bridge? Unknown: it is lost in none, and one is not known. */
enum nfp_answer nfp_requirements_serve(const struct nfp_style_result *style);
/* Does the guest get its group in each of these states in which it gets its other frames? */
enum nfp_check_state nfp_requirements_leave_group(const struct nfp_style_result *style);

/* NULL: the VF has none. */
const struct nfp_style_result *nfp_vf_style(const struct nfp_vf_result *vf, enum nfp_style style);

/* Writes where the standby of the style listens, for a sentence: the PF @ifname, or
 * its second VF. */
#define NFP_PORT_LEN 48
const char *nfp_port_name(const struct nfp_style_result *style, const char *ifname,
			  char buf[NFP_PORT_LEN]);

/* Did the frames of the ladder enter inside the NIC, from another VF or the PF? They show what the
 * NIC's own switch does, and prove nothing about the wire. */
bool nfp_is_inside(const struct nfp_style_result *style);
/* Is it UNKNOWN because such frames cannot show its standby? */
bool nfp_is_untestable(const struct nfp_style_result *style);
/* Does the style count as safe by such frames only? The run is unknown at best then. */
bool nfp_lacks_wire(const struct nfp_style_result *style);

/*
 * judge: a whole result from its facts. The facts are what nothing below sets: for each ladder the
 * landings and counts of its steps, the transitions, the windows between the steps, and the source;
 * for the VF its status and error; the settings; whether the run got as far as a verdict, whether
 * the host was restored, and an error. JSON has all of them. Pure; judging twice gives the same.
 */

/* Judges a ladder by itself: sets the facts that all checks use, and its verdict by its steps and
 * the guest's VLAN. @multicast: not skipped. */
void nfp_judge_ladder(struct nfp_style_result *ladder, const struct nfp_shows *shows,
		      bool multicast, const struct nfp_criteria *criteria);
/* Judges a style of @run alone, before the other styles are known. */
void nfp_judge_alone(const struct nfp_result *run, struct nfp_style_result *style);
/* Returns the criteria of @run for @vf. */
struct nfp_criteria nfp_criteria_of(const struct nfp_result *run, const struct nfp_vf_result *vf);

/*
 * Judges the styles of a VF, each alone and then against each other, and the VF. A style without
 * steps (not begun, not applicable) stays as it is. Returns what nfp_compare_groups does.
 */
uint32_t nfp_judge_vf_of(const struct nfp_result *run, struct nfp_vf_result *vf);

/*
 * Judges the VF and sets the verdict of the run and the exit status: 5 if the host was not
 * restored; else that of what stopped the run (a signal, --timeout); else 4 if there is an error or
 * no verdict; else that of the verdict. A run that was stopped is unknown.
 */
void nfp_judge_result(struct nfp_result *result);

#endif
