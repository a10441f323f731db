/* SPDX-License-Identifier: GPL-2.0-or-later */
/* result.h - the result of a run, and the words that JSON and the command line have for it. */
#ifndef NFPROBE_RESULT_H
#define NFPROBE_RESULT_H

#include "base/output.h"
#include "net/pf.h"
#include "verdict/ladder.h"
#include "traffic/sources.h"

/* Beside the verdict of a style: do the frames of this check, such as the multicast that IPv6
 * needs, reach the guest wherever they must? */
enum nfp_check_state {
	NFP_STATE_NONE,	    /* not asked of this ladder; null in JSON */
	NFP_STATE_UNTESTED, /* left out, a state was not reached, or the run cannot test it */
	NFP_STATE_UNPROVEN, /* a control is missing, or a landing is not clear */
	NFP_STATE_OK,
	NFP_STATE_LOST,
	NFP_STATE_COUNT,
};

enum nfp_status {
	NFP_STATUS_SKIPPED,
	NFP_STATUS_DONE,
	NFP_STATUS_REFUSED, /* the kernel refused the change; the note says why */
};

/* In the order of the ladder, "never" last; UNKNOWN is null in JSON. */
enum nfp_claim {
	NFP_CLAIM_UNKNOWN,
	NFP_CLAIM_ASSIGN,
	NFP_CLAIM_ASSIGN_UNTIL_RESET,
	NFP_CLAIM_UP,
	NFP_CLAIM_NEVER,
	NFP_CLAIM_COUNT,
};

enum nfp_release {
	NFP_RELEASE_UNKNOWN,
	NFP_RELEASE_UNPLUG,
	NFP_RELEASE_DETACH,
	NFP_RELEASE_CLEAR,
	NFP_RELEASE_NEVER,
	NFP_RELEASE_COUNT,
};

enum nfp_delivery {
	NFP_DELIVERY_NONE, /* null in JSON */
	NFP_DELIVERY_VF,
	NFP_DELIVERY_BOTH,
	NFP_DELIVERY_COUNT,
};

/*
 * Worst first, so that the worst of several is the smallest. NOT_APPLICABLE is ignored, unless all
 * styles that were asked for are not possible on the host: then it is the VF's. UNKNOWN has its
 * reason in `judged.why`.
 */
enum nfp_verdict {
	NFP_VERDICT_EARLY,
	NFP_VERDICT_REFUSED,
	NFP_VERDICT_DEAF,
	NFP_VERDICT_STICKY,
	NFP_VERDICT_SLOW, /* with --gap-limit only */
	NFP_VERDICT_UNKNOWN,
	NFP_VERDICT_SAFE,
	NFP_VERDICT_NOT_APPLICABLE,
	NFP_VERDICT_COUNT,
};

/* The steps that a manager must take to use the NIC nevertheless: bits, in the order of reports. */
enum nfp_requires {
	NFP_REQ_USE_FILTER_STANDBY,
	NFP_REQ_USE_PROMISC_STANDBY,
	NFP_REQ_ADD_FILTER_ENTRY,
	NFP_REQ_KEEP_BRIDGE_STATIC,
	NFP_REQ_USE_SECOND_VF,
	NFP_REQ_PIN_AT_TAP,
	NFP_REQ_ASSIGN_AT_HOTPLUG,
	NFP_REQ_ASSIGN_BEFORE_STANDBY,
	NFP_REQ_RELEASE_STANDBY_WHEN_UP,
	NFP_REQ_DETACH_BEFORE_MIGRATION,
	NFP_REQ_CLEAR_AT_UNPLUG,
	NFP_REQ_DO_NOT_USE,
	NFP_REQ_COUNT,
};
#define NFP_REQ_BIT(r) (1U << (unsigned int)(r))

/* Each enumeration has one table of names, in src/verdict/names.c, which JSON and the command line
 * use. */
extern const struct nfp_names nfp_source_names, nfp_source_by_names, nfp_landing_names,
	nfp_check_state_names, nfp_status_names, nfp_claim_names, nfp_release_names,
	nfp_delivery_names, nfp_verdict_names, nfp_requires_names, nfp_settle_source_names,
	nfp_reason_names, nfp_fix_names; /* by the style; NULL: it is no fix of another */
#define nfp_source_name(v)	nfp_name(&nfp_source_names, v)
#define nfp_landing_name(v)	nfp_name(&nfp_landing_names, v)
#define nfp_check_state_name(v) nfp_name(&nfp_check_state_names, v) /* NULL for NONE */
#define nfp_status_name(v)	nfp_name(&nfp_status_names, v)
#define nfp_claim_name(v)	nfp_name(&nfp_claim_names, v)	 /* NULL for UNKNOWN */
#define nfp_release_name(v)	nfp_name(&nfp_release_names, v)	 /* NULL for UNKNOWN */
#define nfp_delivery_name(v)	nfp_name(&nfp_delivery_names, v) /* NULL for NONE */
#define nfp_verdict_name(v)	nfp_name(&nfp_verdict_names, v)

enum nfp_answer {
	NFP_NO,
	NFP_YES,
	NFP_UNKNOWN,
	NFP_UNASKED, /* by nobody; null in JSON */
};
extern const struct nfp_names nfp_answer_names; /* no, yes, unknown */

/* Why the rules of verdict.c came to a verdict. */
enum nfp_reason {
	NFP_WHY_NONE,
	/* one for each way to a verdict (verdict.c); reason.c has a sentence for each */
	NFP_WHY_STANDBY_UNTESTABLE,
	NFP_WHY_STANDBY_NO_BROADCAST,
	NFP_WHY_STANDBY_WIRE,
	NFP_WHY_STANDBY_UNKNOWN,
	NFP_WHY_DROPS,
	NFP_WHY_CARRIER,
	NFP_WHY_CHANGED,
	NFP_WHY_ELSEWHERE, /* frames from the test MAC came that the run did not send */
	NFP_WHY_PROMISCUOUS,
	NFP_WHY_STOPPED,
	NFP_WHY_CLAIM,
	NFP_WHY_REFUSED,
	NFP_WHY_STEP_SKIPPED,
	NFP_WHY_STEP_REFUSED,
	NFP_WHY_STEP_MIXED,
	NFP_WHY_STEP_UNPROVEN,
	NFP_WHY_STEP_OUTAGE, /* the network delivers, but may have paused */
	NFP_WHY_GROUP_UNPROVEN,
	NFP_WHY_STEP_NO_BROADCAST,
	NFP_WHY_VF_BROADCAST_UNSHOWN, /* the source cannot tell whether broadcast reaches the VF */
	NFP_WHY_DEAF_WHILE_HELD,
	NFP_WHY_DEAF,
	NFP_WHY_VF_SILENT,
	NFP_WHY_STICKY,
	/* unicast and broadcast are served there, multicast is not */
	NFP_WHY_CLAIM_MULTICAST,
	NFP_WHY_DEAF_MULTICAST,
	NFP_WHY_STICKY_MULTICAST,
	NFP_WHY_UNSPOKEN, /* safe but for what a guest's frames may teach the NIC */
	NFP_WHY_SAFE,
	NFP_WHY_SAFE_BOTH, /* safe, with duplicates that the guest drops */
	NFP_WHY_COUNT,
};

/* A state that was watched, whoever listened. */
struct nfp_window {
	enum nfp_status status;
	/* The VF has no reset; or another step stands for this one, or it would show nothing. */
	bool skip_allowed;
	/* It shows nothing, whatever was heard; the note says why. A step says so by drops,
	 * carrier_lost and changed. */
	bool disturbed;
	/* By who judges that kind of window; UNASKED: it was not to be made. */
	enum nfp_answer answer;
	/* Each at the receivers that the window is about; landings where those are PF and VF. */
	struct nfp_count count[NFP_KIND_COUNT];
	enum nfp_landing landing[NFP_KIND_COUNT];
	char note[NFP_NOTE_LEN];
};

/*
 * The guest's VLAN (--guest-vlan): a VLAN on top of its failover netdev. Its VF registers the VLAN
 * with the NIC, as the guest's driver does; at the standby nobody does.
 */
struct nfp_guest_vlan_result {
	uint16_t vid;			/* 0: not asked */
	uint16_t free_vid;		/* that of the frames in a VLAN of nobody */
	char untested[NFP_TEXT_LEN];	/* why it is not tested; empty: it is */
	char vlan_netdev[NFP_TEXT_LEN]; /* a VLAN netdev on the PF; empty: there is none */
	bool unsearched;		/* whether there is one could not be found out */
	bool sibling; /* another VF of the PF is in use, and may have the VLAN registered */
	char vf_refused[NFP_TEXT_LEN]; /* why the VF has not registered it; empty: it has */
	bool can_unfilter;	       /* the PF's feature rx-vlan-filter is on, and not fixed */
	/* While the PF has registered the VLAN, after the last step; and then free_vid in its
	 * place. Does it get the VLAN, unicast and broadcast? */
	struct nfp_window registered, unregistered;
	/* This and the rest by nfp_judge_vlan. */
	enum nfp_check_state verdict;
	enum nfp_step from;		  /* that is lost, or unproven; NFP_STEP_COUNT: none is */
	char note[NFP_NOTE_LEN];	  /* why lost, unproven or untested */
	enum nfp_answer carried;	  /* does the network bring the VLAN to this port? */
	enum nfp_answer filters;	  /* does the PF filter VLANs in this style? */
	enum nfp_answer works_registered; /* does the standby get all of it while the PF has
					     registered it? */
};

/*
 * result: the result of a run, filled in by src/app and src/probe. The tables of src/report map it
 * to JSON.
 *
 * The lists own their elements, and nfp_result_fini frees them; all else is by value. An empty
 * string is null in JSON. Times are nanoseconds since the start of the run, unless the name says
 * otherwise.
 */

#define NFP_SCHEMA	 5
#define NFP_SCHEMA_MINOR 0 /* only adds keys and words */

struct nfp_step_result {
	enum nfp_step step;
	/* The answer: does the receiver that the step demands get all that it needs? By
	 * nfp_judge_style. Nobody else concludes it from the landings. Unknown, too, where nothing
	 * is demanded. */
	struct nfp_window w;
	uint64_t start_ns;	     /* the change was asked for */
	uint64_t duration_ns;	     /* until the landing was decided */
	uint64_t window_ns;	     /* the length of the window that decided */
	enum nfp_answer vlan_passed; /* the same of the guest's VLAN, by nfp_judge_vlan */
	uint64_t drops;		     /* frames that the captures lost in this step */
	/* At its end the VF was a bus master; and when that first changed, after the first request
	 * of the step. */
	bool have_bus_master, bus_master;
	struct nfp_span bus_master_change;
	bool carrier_lost;
	bool changed;	   /* another process changed the host in this step */
	bool promiscuous;  /* the PF got unregistered unicast, and did not before */
	bool unsettled;	   /* the landing kept changing until time was up: it decides nothing */
	bool link_flapped; /* the PF lost its carrier: a switch may have forgotten addresses */
	/* Unicast, multicast landed where the step demands it only after the address was announced,
	 * or the group reported, once more: it decides nothing. */
	bool after_reannounce, after_rereport;
	/* Lost, which was watched only until that was clear, since the style is EARLY already: it
	 * may have arrived later, and shows nothing of the group. */
	bool cut_short;
	int errnum;		 /* of a refusal, positive */
	char hint[NFP_NOTE_LEN]; /* of a refusal: what it means, what to do; may be empty */
};

struct nfp_transition {
	enum nfp_step from, to; /* steps that were made; refused and skipped ones lie between */
	/* When the first of its changes was requested of the kernel, by netlink or sysfs. 0: the
	 * step changes nothing. */
	uint64_t request_ns;
	struct nfp_transition_count unicast;
};

/*
 * Frames that were announced with the test MAC as their source, to everybody and by the VF to the
 * PF as well, and that came back in at the standby's port: a bridge there learns from them that the
 * guest is behind that port. Those that a netdev behind the source heard, and the standby's port
 * did not, show that they do not.
 */
struct nfp_reflection {
	unsigned int sent, back;
	unsigned int shown;			/* heard by the source, and not back */
	unsigned int back_before, shown_before; /* in earlier ladders, at the same port */
};

/* In the order in which auto tries them; PF is used only if it is named. */
enum nfp_source_id {
	NFP_SOURCE_NETDEV,
	NFP_SOURCE_PEER,
	NFP_SOURCE_ARP,
	NFP_SOURCE_ARP_ALONE, /* a neighbour, too, found by the search for NFP_SOURCE_ARP */
	NFP_SOURCE_VF,
	NFP_SOURCE_PF,
	NFP_SOURCE_COUNT,
};

/* Where the frames entered. */
struct nfp_ladder_source {
	bool known;
	enum nfp_enters source;
	enum nfp_source_id by;	 /* the row of nfp_sources (verdict.h): what it shows */
	char name[NFP_TEXT_LEN]; /* "eth1", "vf:2", "pf" */
	char note[NFP_NOTE_LEN]; /* why auto took it and what it cannot show; may be empty */
};

/* The verdict of a ladder's steps alone, by nfp_judge_style. */
struct nfp_judged {
	enum nfp_verdict verdict;
	enum nfp_reason why;
	enum nfp_step step; /* the step behind `why`, NFP_STEP_COUNT where there is none */
	uint32_t requires;  /* NFP_REQ_BIT */
};

/* The checks of a style, in their order. */
enum nfp_check {
	NFP_CHECK_STEPS,	/* or by what kept the style from having any */
	NFP_CHECK_REQUIREMENTS, /* a step that no requirement of an accepted verdict spares the
				   guest */
	NFP_CHECK_VLAN,		/* the guest's */
	NFP_CHECK_LIMIT,	/* --gap-limit */
	NFP_CHECK_OTHERS,	/* another style's, which shows that multicast is lost */
	NFP_CHECK_IPV6,		/* --require ipv6 */
	NFP_CHECK_BRIDGE,	/* at the standby's port, which learns */
	NFP_CHECK_HOST,		/* which cannot build the standby */
	NFP_CHECK_LAG,		/* in which the PF is: the switch chooses the member */
	NFP_CHECK_COUNT,
};
extern const struct nfp_names nfp_check_names;

/* A check that failed: one reason why the style is not safe. */
struct nfp_failed_check {
	enum nfp_check check;
	enum nfp_verdict verdict; /* it would be that */
	bool firm;		  /* --allow does not accept it */
	bool allowed;		  /* it is accepted */
	enum nfp_step step;	  /* in which that shows; NFP_STEP_COUNT: in none of them */
	uint32_t requires;	  /* NFP_REQ_BIT, of a style whose verdict it has been */
	char reason[NFP_REASON_LEN];
};

/* The ladder of one style. */
struct nfp_style_result {
	enum nfp_style style;
	struct nfp_ladder_source from; /* that of the run */
	char via[16];		       /* "vf:1": the standby's port; empty: the PF */
	struct nfp_mac address; /* the test MAC of the ladder; vf-first has its own unless --mac */
	uint64_t settle_ns;	/* the shortest time for which a state was watched; 0: none was */
	/* The steps' own reason, and as the end of that sentence what to try. May be empty. */
	struct nfp_judged judged;
	char steps_reason[NFP_REASON_LEN], steps_try[NFP_REASON_LEN];
	/* Why this host cannot build the standby, as a clause: "eth0 is a port of br0". Empty: it
	 * can, or that is not known. */
	char impossible_while[NFP_NOTE_LEN];
	/* In the order of the checks. */
	struct nfp_failed_check failed_checks[NFP_CHECK_COUNT];
	size_t num_failed_checks;
	/* Made of that by nfp_run_checks and nfp_leave_out (verdict.h), and by nobody else. */
	enum nfp_verdict verdict;
	enum nfp_check by; /* but for by_bridge */
	uint32_t requires; /* NFP_REQ_BIT */
	bool allowed;	   /* its verdict is one of --allow */
	bool no_wire;	   /* frames came from inside the NIC, and --allow no-wire accepts that */
	bool by_bridge;	   /* it is that of the bridge, since the filter's is better */
	/* The verdict without it, of the NIC's filter alone; with its reason if it is not that.
	 */
	enum nfp_verdict filter_verdict;
	char filter_reason[NFP_REASON_LEN];
	char reason[NFP_REASON_LEN]; /* why; may be empty when safe */
	char try[NFP_REASON_LEN];    /* what to try, as the end of that sentence; may be empty */
	enum nfp_claim claim;
	enum nfp_release release;
	enum nfp_delivery delivery;
	bool is_fix;  /* tried because another style is not safe: it counts for nothing */
	bool stopped; /* the ladder ended before its last step */
	/* Its ladder is that of its row's plain style: a second one would show no more. */
	bool derived;
	/* By who sent: the guest, at its standby (NFP_AT_PF) or by its VF. */
	struct nfp_reflection reflections[NFP_RECEIVER_COUNT];
	/* By nfp_judge_uplink: does the standby's port get what they send? */
	enum nfp_answer uplink_hears[NFP_RECEIVER_COUNT];
	/* The verdict of a bridge at that port: DEAF, UNKNOWN or SAFE; NOT_APPLICABLE: there is
	 * none that learns. */
	enum nfp_verdict bridge_verdict;
	/* It is SAFE on a condition: a guest that is not pinned at its tap may be lost, once its VF
	 * is gone, until it sends, and for so long at most. 0: there is none. */
	unsigned int bridge_gap_ms;
	/* The network delivers what nobody has announced: four fifths of the frames to the test MAC
	 * arrived before it was. */
	bool floods;
	/* The unregistered address was announced in `standby`, after the test MAC. */
	bool unregistered_announced;
	bool unannounced; /* --skip announce: no frame had the test MAC as its source */
	bool pf_silent; /* nothing left by the standby's port: the test MAC was announced by the VF
			   alone */
	bool address_in_use; /* frames from the test MAC came that the run did not send (--mac) */
	bool all_multicast;  /* another process had the PF take every group, or in `control` it got
				all that were sent, so that its filter of groups was not seen */
	/* The driver refused to clear the VF's address to zero, and it got another in its place. */
	bool zero_refused;
	bool learns_nothing; /* the NIC was shown not to learn from what a guest sends */
	struct nfp_guest_vlan_result guest_vlan;
	enum nfp_check_state multicast;
	bool lacks_group;		   /* lost, as another style shows; by nfp_compare_groups */
	char multicast_note[NFP_NOTE_LEN]; /* why unproven, or what is lost; may be empty */
	/* Does bus mastering say when the VF's driver lets go: on in `up`, off in `unplug`? */
	enum nfp_answer bus_master_falls;
	/* Steps made, skipped or refused, in order; `alone` is absent when it was not needed. */
	struct nfp_step_result steps[NFP_STEP_COUNT];
	size_t num_steps;
	struct nfp_transition transitions[NFP_STEP_COUNT];
	size_t num_transitions;
};

/* The style that was asked for: of a fix, the one that it fixes. */
enum nfp_style nfp_asked_style(enum nfp_style style, bool is_fix);

/* Why, and what to try. Returns @buf. */
const char *nfp_whole_reason(const struct nfp_style_result *style, char buf[NFP_REASON_LEN]);

/* The step of a style as it was made, skipped or refused. NULL: the ladder did not get there. */
const struct nfp_step_result *nfp_style_step(const struct nfp_style_result *style,
					     enum nfp_step step);

enum nfp_vf_status {
	NFP_VF_PROBED,
	NFP_VF_IN_USE, /* error says by whom */
	NFP_VF_FAILED,
};

extern const struct nfp_names nfp_vf_status_names;

/* A requirement, and what this run has seen of it. */
struct nfp_requirement {
	enum nfp_requires requires;
	char by[20];		 /* the style or the step that passed with it; empty: none was */
	bool multicast_lost;	 /* passed but for multicast, which is lost there */
	bool multicast_unproven; /* multicast was not seen to arrive there */
};

struct nfp_vf_result {
	unsigned int vf;
	char parentdev[NFP_TEXT_LEN]; /* "0000:01:10.6" */
	char driver[NFP_TEXT_LEN];    /* the one probed with */
	char driver_version[NFP_TEXT_LEN];
	struct nfp_mac address; /* before the run */
	/* Where others have changed the host during the run: after it. Else zero. */
	struct nfp_mac address_after;
	int trust, spoofchk; /* 0, 1, -1 unknown */
	/* So many other VFs of the PF were up before the run: some NICs do otherwise then. */
	bool have_others;
	unsigned int others_up;
	bool others_trusted;  /* one of them at least */
	struct nfp_vlan vlan; /* VST before the run */
	uint16_t probed_vlan; /* of its test frames; 0: none */
	enum nfp_vf_status status;
	struct nfp_style_result *styles; /* each at most once; NULL, or owned, with room for all */
	size_t num_styles;
	enum nfp_verdict verdict; /* worst of its styles */
	uint32_t requires;
	/* The evidence of this run for each of @requires; filled in by nfp_judge_vf. */
	struct nfp_requirement proofs[NFP_REQ_COUNT];
	size_t num_proofs;
	struct nfp_err error; /* code NFP_E_NONE: none */
};

/* Adds a style that was not tested, of which nothing is known, and returns it. It stays where it is
 * as long as the VF has it. */
struct nfp_style_result *nfp_vf_add_style(struct nfp_vf_result *vf);
/* Frees what the result owns, and leaves it without styles. */
void nfp_vf_fini(struct nfp_vf_result *vf);

enum nfp_settle_source {
	NFP_SETTLE_SOURCE_DEFAULT, /* nobody: NFP_SETTLE_DEFAULT_NS */
	NFP_SETTLE_SOURCE_OPTION,  /* --settle */
	NFP_SETTLE_SOURCE_DRIVERS, /* those of PF and VF, which wait for no timer */
	NFP_SETTLE_SOURCE_SLOW,	   /* one of them, which needs longer */
};

struct nfp_settings {
	char from[NFP_TEXT_LEN]; /* --from: what was asked for */
	struct nfp_vlan vlan;
	unsigned int guest_vlan; /* on top of the guest's failover netdev; 0: none */
	unsigned int rate;	 /* unicast frames a second, 1 to NFP_RATE_MAX ("max") */
	/* The NIC's settling time, and who says that it is so long. In a request 0 leaves it to the
	 * drivers. */
	uint64_t settle_ns;
	enum nfp_settle_source settle_source;
	bool settle_short; /* the drivers need longer */
	bool styles[NFP_STYLE_COUNT];
	bool try_fixes; /* of a style that is not safe (not --skip fix) */
	bool allow[NFP_VERDICT_COUNT];
	bool allow_no_wire; /* what only the wire could say need not be known */
	bool forced;
	bool multicast;		   /* not --skip multicast */
	unsigned int gap_limit_ms; /* how long the guest may be deaf; 0: as long as it takes */
	bool require_ipv6;	   /* a VF is safe only if IPv6 needs nothing else */
};

struct nfp_result {
	/* run */
	uint8_t id[NFP_RUN_ID_LEN];
	int64_t start_unix_ms;
	unsigned int number; /* among the results that --save keeps of the PF; 0: it is not kept */
	uint64_t start_ns;   /* on CLOCK_MONOTONIC */
	uint64_t duration_ns;
	uint64_t settle_total_ns; /* time spent in windows */
	char hostname[NFP_TEXT_LEN];
	char kernel[NFP_TEXT_LEN];
	struct nfp_strv command; /* the words of the command line, without the value of --id */

	struct nfp_pf_info pf;
	struct nfp_settings settings;
	struct nfp_ladder_source source; /* of each ladder */
	struct nfp_mac reflector;	 /* by which frames came; zero: none */
	bool have_vf;			 /* one was chosen */
	struct nfp_vf_result vf;

	bool have_verdict;
	enum nfp_verdict verdict; /* that of its VF */
	int exit_status;
	struct nfp_strv warnings, changes_seen;
	struct nfp_hints left_behind;
	bool changed_host; /* something was changed, so `restored` means something */
	bool restored;
	struct nfp_err error; /* code NFP_E_NONE: none */
};

/* Zeroed result with exit_status 4 and restored true (nothing was changed yet). */
void nfp_result_init(struct nfp_result *result);
void nfp_result_fini(struct nfp_result *result);
/* Was a change by another process seen during the run? Pure. */
bool nfp_changed_by_others(const struct nfp_result *result);
/* The user does not get all of what was asked for. The verdict stands, and so do an error and a
 * status that say more. */
void nfp_result_fail(struct nfp_result *result, const struct nfp_err *err);
/* Empties the lists of a copy, which belong to the original. */
void nfp_result_disown(struct nfp_result *result);

/* limit: on how long the guest may be deaf. Pure. */

/* Does a gap in the transition to @to hurt a guest? In standby and vf-first there is none yet. */
bool nfp_gap_hurts(enum nfp_step to);
/* Was a guest certainly deaf for longer than @limit_us in this transition, by the lower bound? */
bool nfp_gap_is_over(const struct nfp_transition *transition, uint64_t limit_us);

/* The first transition whose gap was not measured well enough to tell whether it is longer than
 * @limit_us. NULL: there is none. */
const struct nfp_transition *nfp_gap_unmeasured(const struct nfp_style_result *style,
						uint64_t limit_us);

/* "212 ms", "3.10 s", "0.5 ms"; returns @buf. */
const char *nfp_duration_text(int64_t us, char *buf, size_t size);

#endif
