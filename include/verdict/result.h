/* SPDX-License-Identifier: GPL-2.0-or-later */
/* result.h - the result of a run, and the words that JSON and the command line have for it. */
#ifndef NFPROBE_RESULT_H
#define NFPROBE_RESULT_H

#include "base/output.h"
#include "net/pf.h"
#include "verdict/ladder.h"
#include "traffic/sources.h"

/* The answer of a check beside the verdict of a style: do its frames, such as the multicast that
 * IPv6 needs, reach the guest in every state? */
enum nfp_check_state {
	NFP_STATE_NONE,	    /* this ladder did not test it; null in JSON */
	NFP_STATE_UNTESTED, /* it was left out, a state was not reached, or the run cannot test it
			     */
	NFP_STATE_UNPROVEN, /* a control is missing, or a landing is inconclusive */
	NFP_STATE_OK,
	NFP_STATE_LOST,
	NFP_STATE_COUNT,
};

enum nfp_status {
	NFP_STATUS_SKIPPED,
	NFP_STATUS_DONE,
	NFP_STATUS_REFUSED, /* the kernel refused the change; the note has its reason */
};

/* The claims in the order of the ladder, "never" last; UNKNOWN is null in JSON. */
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
 * In each enumeration of values that claim something of a host or a NIC, 0 claims nothing: a member
 * that nobody has set is none of the others. No judge returns it, and no document has it.
 *
 * The verdicts, worst first, so that the worst of several is the smallest. NOT_APPLICABLE is
 * ignored, unless this host can build none of the styles that were asked for: then the VF has it.
 * `judged.why` explains UNKNOWN.
 */
enum nfp_verdict {
	NFP_VERDICT_UNSET, /* nobody has judged */
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
/* Is it one of those by which a guest loses frames? */
static inline bool nfp_is_fault(enum nfp_verdict verdict)
{
	return verdict >= NFP_VERDICT_EARLY && verdict <= NFP_VERDICT_SLOW;
}

/* Bits: what a manager must do to use the NIC nevertheless, in the order of reports. */
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

/* Each enumeration has one table of names, in src/verdict/names.c, for JSON and
 * the command line. */
extern const struct nfp_names nfp_source_names, nfp_source_by_names, nfp_landing_names,
	nfp_check_state_names, nfp_status_names, nfp_claim_names, nfp_release_names,
	nfp_delivery_names, nfp_verdict_names, nfp_requires_names, nfp_settle_source_names,
	nfp_reason_names, nfp_fix_names; /* by style; NULL: this style fixes no other */
#define nfp_source_name(v)	nfp_name(&nfp_source_names, v)
#define nfp_landing_name(v)	nfp_name(&nfp_landing_names, v)
#define nfp_check_state_name(v) nfp_name(&nfp_check_state_names, v) /* NULL for NONE */
#define nfp_status_name(v)	nfp_name(&nfp_status_names, v)
#define nfp_claim_name(v)	nfp_name(&nfp_claim_names, v)	 /* NULL for UNKNOWN */
#define nfp_release_name(v)	nfp_name(&nfp_release_names, v)	 /* NULL for UNKNOWN */
#define nfp_delivery_name(v)	nfp_name(&nfp_delivery_names, v) /* NULL for NONE */
#define nfp_verdict_name(v)	nfp_name(&nfp_verdict_names, v)

enum nfp_answer {
	NFP_UNASKED, /* nobody asked; null in JSON */
	NFP_NO,
	NFP_YES,
	NFP_UNKNOWN,
};
extern const struct nfp_names nfp_answer_names; /* no, yes, unknown */

/* Why the rules of verdict.c came to a verdict: one value for each way; reason.c has a sentence for
 * each. */
enum nfp_reason {
	NFP_WHY_NONE,
	NFP_WHY_STANDBY_UNTESTABLE,
	NFP_WHY_STANDBY_NO_BROADCAST,
	NFP_WHY_STANDBY_WIRE,
	NFP_WHY_STANDBY_UNKNOWN,
	NFP_WHY_DROPS,
	NFP_WHY_CARRIER,
	NFP_WHY_CHANGED,
	NFP_WHY_ELSEWHERE, /* frames from the test MAC arrived that this run did not send */
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
	/* unicast and broadcast arrive there, multicast does not */
	NFP_WHY_CLAIM_MULTICAST,
	NFP_WHY_DEAF_MULTICAST,
	NFP_WHY_STICKY_MULTICAST,
	NFP_WHY_UNSPOKEN, /* safe, unless the NIC learns from a guest's frames */
	NFP_WHY_SAFE,
	NFP_WHY_SAFE_BOTH, /* safe, with duplicates that the guest drops */
	NFP_WHY_COUNT,
};

/* A state that was watched, whoever was to receive. */
struct nfp_window {
	enum nfp_status status;
	/* The step may be missing: the VF has no reset, another step stands for it, or it would
	 * show nothing. */
	bool skip_allowed;
	/* The window shows nothing, whatever arrived; the note says why. A step has drops,
	 * carrier_lost and changed for that. */
	bool disturbed;
	/* set by whoever judges this kind of window; UNASKED: it was not to be made */
	enum nfp_answer answer;
	/* Counts at the receivers of this window; landings only where these are PF and VF. */
	struct nfp_count count[NFP_KIND_COUNT];
	enum nfp_landing landing[NFP_KIND_COUNT];
	char note[NFP_NOTE_LEN];
};

/*
 * The guest's VLAN (--guest-vlan): a VLAN on top of its failover netdev. The VF registers the VLAN
 * with the NIC, as the guest's driver does; at the standby nobody does.
 */
struct nfp_guest_vlan_result {
	uint16_t vid;			/* 0: not tested */
	uint16_t free_vid;		/* a VLAN that nobody uses, for a control */
	char untested[NFP_TEXT_LEN];	/* why it was not tested; empty: it was */
	char vlan_netdev[NFP_TEXT_LEN]; /* a VLAN netdev on the PF that takes these frames; empty:
					   there is none */
	bool unsearched;		/* nobody could tell whether there is one */
	bool sibling; /* another VF of the PF is in use, and may have the VLAN registered */
	char vf_refused[NFP_TEXT_LEN]; /* why the VF did not register it; empty: it did */
	bool can_unfilter;	       /* the PF's feature rx-vlan-filter is on, and not fixed */
	/* Two windows after the last step: the PF has registered the VLAN; then free_vid in its
	 * place. Did it get unicast and broadcast of the VLAN? */
	struct nfp_window registered, unregistered;
	/* nfp_judge_vlan sets this and what follows. */
	enum nfp_check_state verdict;
	/* The first step in which it is lost, or unproven; NFP_STEP_COUNT: none. */
	enum nfp_step from;
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
 * The lists own their elements, and nfp_result_fini frees them; everything else is a value. An
 * empty string is null in JSON. Times are nanoseconds since the start of the run, unless the name
 * says otherwise.
 */

#define NFP_SCHEMA	 5
#define NFP_SCHEMA_MINOR 0 /* a new minor version only adds keys and words */

struct nfp_step_result {
	enum nfp_step step;
	/* Did the expected receiver get all that it needs? nfp_judge_style says so in w.answer, and
	 * nobody else concludes it from the landings. It is unknown where no receiver is expected.
	 */
	struct nfp_window w;
	uint64_t start_ns;	     /* when the change was requested */
	uint64_t duration_ns;	     /* until the landing was decided */
	uint64_t window_ns;	     /* the length of the window that decided */
	enum nfp_answer vlan_passed; /* the same for the guest's VLAN, by nfp_judge_vlan */
	uint64_t drops;		     /* frames that the captures lost in this step */
	/* Was the VF a bus master at the end of the step; and when did that first change, after the
	 * first request of the step? */
	bool have_bus_master, bus_master;
	struct nfp_span bus_master_change;
	bool carrier_lost;
	bool changed;	   /* another process changed the host in this step */
	bool promiscuous;  /* the PF got unregistered unicast, and had not got it before */
	bool unsettled;	   /* the landing changed until the time was up, and decides nothing */
	bool link_flapped; /* the PF lost its carrier, so a switch may have forgotten addresses */
	/* Unicast (the group) reached the expected receiver only after the address was announced
	 * (the group was reported) once more. That decides nothing. */
	bool after_reannounce, after_rereport;
	/* The step was cut short once the loss was clear, because the style is EARLY anyway. It
	 * says nothing about late frames or multicast. */
	bool cut_short;
	int errnum;		 /* errno of a refusal, positive */
	char hint[NFP_NOTE_LEN]; /* what the refusal means, and what to do; may be empty */
};

struct nfp_transition {
	enum nfp_step from, to; /* steps that were made; refused and skipped ones may lie between */
	/* When the kernel got the first request of the step, by netlink or sysfs. 0: the step
	 * changes nothing. */
	uint64_t request_ns;
	struct nfp_transition_count unicast;
};

/*
 * Broadcast from the test MAC, and unicast from the VF to the PF, that came back in at the
 * standby's port: a bridge there learns from it that the guest is behind that port. A frame that a
 * netdev behind the source heard and the port did not is evidence against that.
 */
struct nfp_reflection {
	unsigned int sent, back;
	unsigned int shown;			/* heard by the source, and not back at the port */
	unsigned int back_before, shown_before; /* the same, in earlier ladders at the same port */
};

/* auto tries them in this order; PF is used only if the user names it. */
enum nfp_source_id {
	NFP_SOURCE_NETDEV,
	NFP_SOURCE_PEER,
	NFP_SOURCE_ARP,
	NFP_SOURCE_ARP_ALONE, /* a neighbour that answers its asker alone */
	NFP_SOURCE_VF,
	NFP_SOURCE_PF,
	NFP_SOURCE_COUNT,
};

/* The source of the frames of a ladder. */
struct nfp_ladder_source {
	bool known;
	enum nfp_enters source;
	enum nfp_source_id by;	 /* the row of nfp_sources (verdict.h), which says what it shows */
	char name[NFP_TEXT_LEN]; /* "eth1", "vf:2", "pf" */
	char note[NFP_NOTE_LEN]; /* why auto took it, and what it cannot show; may be empty */
};

/* The verdict of a ladder's steps alone, set by nfp_judge_style. */
struct nfp_judged {
	enum nfp_verdict verdict;
	enum nfp_reason why;
	enum nfp_step step; /* the step behind `why`, NFP_STEP_COUNT where there is none */
	uint32_t requires;  /* NFP_REQ_BIT */
};

/* The checks of a style, in their order. */
enum nfp_check {
	NFP_CHECK_NONE,
	NFP_CHECK_STEPS,	/* the steps, or what kept the style from having any */
	NFP_CHECK_REQUIREMENTS, /* a step from which no requirement of an accepted verdict saves the
				   guest */
	NFP_CHECK_VLAN,		/* the guest's */
	NFP_CHECK_LIMIT,	/* --gap-limit */
	NFP_CHECK_OTHERS,	/* another style of the VF shows that this one loses multicast */
	NFP_CHECK_IPV6,		/* --require ipv6 */
	NFP_CHECK_BRIDGE,	/* the bridge at the standby's port, which learns */
	NFP_CHECK_WIRE,		/* nothing else fails, and no frame came from the wire */
	NFP_CHECK_HOST,		/* this host cannot build the standby */
	NFP_CHECK_LAG,		/* the PF is in a LAG, whose switch chooses the member */
	NFP_CHECK_COUNT,
};
extern const struct nfp_names nfp_check_names;

/* A check that failed: one reason why the style is not safe. */
struct nfp_failed_check {
	enum nfp_check check;
	enum nfp_verdict verdict; /* the verdict that it would give the style */
	bool firm;		  /* --allow cannot cover it */
	bool allowed;		  /* --allow covers it */
	enum nfp_step step;	  /* the step that shows it; NFP_STEP_COUNT: none does */
	uint32_t requires;	  /* bits (NFP_REQ_BIT): what it requires, if it made the verdict */
	char reason[NFP_REASON_LEN];
};

/* The ladder of one style. */
struct nfp_style_result {
	enum nfp_style style;
	struct nfp_ladder_source from; /* the source of the run */
	char via[16];		       /* the standby's port, "vf:1"; empty: the PF */
	/* The test MAC; the vf-first steps have another unless --mac names one. */
	struct nfp_mac address;
	uint64_t settle_ns; /* the shortest time for which a state was watched; 0: none was */
	/* The reason of the steps, and what to try, as the end of that sentence. May be empty. */
	struct nfp_judged judged;
	char steps_reason[NFP_REASON_LEN], steps_try[NFP_REASON_LEN];
	/* Why this host cannot build the standby, as a clause: "eth0 is a port of br0". Empty: it
	 * can, or that is not known. */
	char impossible_while[NFP_NOTE_LEN];
	/* In the order of the checks. */
	struct nfp_failed_check failed_checks[NFP_CHECK_COUNT];
	size_t num_failed_checks;
	/* nfp_run_checks and nfp_leave_out (verdict.h) set this, and nobody else. */
	enum nfp_verdict verdict;
	enum nfp_check by; /* the check that made the verdict; see by_bridge */
	uint32_t requires; /* NFP_REQ_BIT */
	bool allowed;	   /* --allow covers the verdict */
	bool no_wire;	   /* frames came from inside the NIC, and --allow no-wire accepts that */
	bool by_bridge; /* the bridge made the verdict, since that of the NIC's filter is better */
	/* The verdict of the NIC's filter alone, and its reason where that is another. */
	enum nfp_verdict filter_verdict;
	char filter_reason[NFP_REASON_LEN];
	char reason[NFP_REASON_LEN]; /* may be empty if safe */
	char try[NFP_REASON_LEN];    /* what to try, as the end of that sentence; may be empty */
	enum nfp_claim claim;
	enum nfp_release release;
	enum nfp_delivery delivery;
	bool is_fix;  /* the run tried it because another style is not safe; it does not count */
	bool stopped; /* the ladder ended before its last step */
	/* The style shares the ladder of its plain style: its own would show no more. */
	bool derived;
	/* Frames that the guest sends by its standby (NFP_AT_PF) and by its VF. */
	struct nfp_reflection reflections[NFP_RECEIVER_COUNT];
	/* Does the standby's port get it? Set by nfp_judge_uplink. */
	enum nfp_answer uplink_hears[NFP_RECEIVER_COUNT];
	/* The verdict of a bridge at that port: DEAF, UNKNOWN or SAFE. NOT_APPLICABLE: no bridge
	 * there learns. */
	enum nfp_verdict bridge_verdict;
	/* How long a guest that is not pinned at its tap may be lost once its VF is gone, at most,
	 * unless it sends. 0: no gap. */
	unsigned int bridge_gap_ms;
	/* The network floods: four fifths of the frames to the test MAC arrived before anybody had
	 * announced it. */
	bool floods;
	/* `standby` announced the unregistered address, after the test MAC. */
	bool unregistered_announced;
	bool unannounced; /* --skip announce: no frame came from the test MAC */
	bool pf_silent;	  /* the standby's port sends nothing: only the VF announced the test MAC */
	bool address_in_use; /* frames from the test MAC came that the run did not send (--mac) */
	bool all_multicast;  /* another process made the PF take every group, or the PF got all
				groups in `control`, so its multicast filter was not tested */
	/* The driver refused to clear the VF's address; the VF got a placeholder instead. */
	bool zero_refused;
	bool learns_nothing; /* the NIC was shown not to learn from what a guest sends */
	struct nfp_guest_vlan_result guest_vlan;
	enum nfp_check_state multicast;
	bool lacks_group; /* multicast is lost, as another style shows; set by nfp_compare_groups */
	char multicast_note[NFP_NOTE_LEN]; /* why unproven, or what is lost; may be empty */
	/* Does bus mastering say when the VF's driver lets go: on in `up`, off in `unplug`? */
	enum nfp_answer bus_master_falls;
	/* The steps in order, made, skipped or refused. `alone` is absent where it
	 * was not needed. */
	struct nfp_step_result steps[NFP_STEP_COUNT];
	size_t num_steps;
	struct nfp_transition transitions[NFP_STEP_COUNT];
	size_t num_transitions;
};

/* The style that the user asked for. For a fix this is the style that it fixes. */
enum nfp_style nfp_asked_style(enum nfp_style style, bool is_fix);

/* Writes the reason and what to try. Returns @buf. */
const char *nfp_whole_reason(const struct nfp_style_result *style, char buf[NFP_REASON_LEN]);

/* Returns the step, made, skipped or refused. NULL: the ladder did not get there. */
const struct nfp_step_result *nfp_style_step(const struct nfp_style_result *style,
					     enum nfp_step step);

enum nfp_vf_status {
	NFP_VF_UNSET,
	NFP_VF_PROBED,
	NFP_VF_IN_USE, /* another process uses it; the error says which */
	NFP_VF_FAILED,
};

extern const struct nfp_names nfp_vf_status_names;

/* A requirement, and what this run has seen of it. */
struct nfp_requirement {
	enum nfp_requires requires;
	char by[20];		 /* the style or the step that passed with it; empty: none did */
	bool multicast_lost;	 /* it passed without multicast, which is lost there */
	bool multicast_unproven; /* multicast was not seen to arrive there */
};

struct nfp_vf_result {
	unsigned int vf;
	char parentdev[NFP_TEXT_LEN]; /* "0000:01:10.6" */
	char driver[NFP_TEXT_LEN];    /* the driver of the run */
	char driver_version[NFP_TEXT_LEN];
	struct nfp_mac address; /* before the run */
	/* The address after a run in which others changed the host; else zero. */
	struct nfp_mac address_after;
	int trust, spoofchk; /* 0, 1, -1 unknown */
	/* Other VFs of the PF were up before the run: some NICs behave differently then. */
	bool have_others;
	unsigned int others_up;
	bool others_trusted;  /* at least one of them is trusted */
	struct nfp_vlan vlan; /* VST before the run */
	uint16_t probed_vlan; /* VLAN of the run's frames; 0: none */
	enum nfp_vf_status status;
	/* Owned, with room for all; each style at most once; NULL: none. */
	struct nfp_style_result *styles;
	size_t num_styles;
	enum nfp_verdict verdict; /* worst of its styles */
	uint32_t requires;
	/* The evidence of this run for each of @requires, set by nfp_judge_vf. */
	struct nfp_requirement proofs[NFP_REQ_COUNT];
	size_t num_proofs;
	struct nfp_err error; /* code NFP_E_NONE: none */
};

/* Adds a style that was not tested, of which nothing is known, and returns it. The pointer stays
 * valid as long as the VF. */
struct nfp_style_result *nfp_vf_add_style(struct nfp_vf_result *vf);
/* Frees what the result owns, and leaves it without styles. */
void nfp_vf_fini(struct nfp_vf_result *vf);

enum nfp_settle_source {
	NFP_SETTLE_SOURCE_DEFAULT, /* nobody: NFP_SETTLE_DEFAULT_NS */
	NFP_SETTLE_SOURCE_OPTION,  /* --settle */
	NFP_SETTLE_SOURCE_DRIVERS, /* the drivers of PF and VF wait for no timer */
	NFP_SETTLE_SOURCE_SLOW,	   /* one of the drivers needs longer */
};

struct nfp_settings {
	char from[NFP_TEXT_LEN]; /* --from, as the user gave it */
	struct nfp_vlan vlan;
	unsigned int guest_vlan; /* the VLAN on top of the guest's failover netdev; 0: none */
	unsigned int rate;	 /* unicast frames a second, 1 to NFP_RATE_MAX ("max") */
	/* The NIC's settling time, and its source. In a request 0 leaves it to the drivers. */
	uint64_t settle_ns;
	enum nfp_settle_source settle_source;
	bool settle_short; /* the drivers need longer */
	bool styles[NFP_STYLE_COUNT];
	bool try_fixes; /* test fixes of a style that is not safe (not --skip fix) */
	bool allow[NFP_VERDICT_COUNT];
	bool allow_no_wire; /* accept that what only the wire could show is not known */
	bool forced;
	bool multicast;		   /* not --skip multicast */
	unsigned int gap_limit_ms; /* how long the guest may be deaf; 0: no limit */
	bool require_ipv6;	   /* a VF is safe only if IPv6 needs nothing more */
};

struct nfp_result {
	/* run */
	uint8_t id[NFP_RUN_ID_LEN];
	int64_t start_unix_ms;
	unsigned int
		number;	   /* of this result among those that --save keeps of the PF; 0: not kept */
	uint64_t start_ns; /* on CLOCK_MONOTONIC */
	uint64_t duration_ns;
	uint64_t settle_total_ns; /* time spent in windows */
	char hostname[NFP_TEXT_LEN];
	char kernel[NFP_TEXT_LEN];
	struct nfp_strv command; /* the words of the command line, without the value of --id */

	struct nfp_pf_info pf;
	struct nfp_settings settings;
	struct nfp_ladder_source source; /* of all ladders */
	struct nfp_mac reflector;	 /* the reflector that sent the frames; zero: none */
	bool have_vf;			 /* a VF was chosen */
	struct nfp_vf_result vf;

	bool have_verdict;
	enum nfp_verdict verdict; /* the verdict of its VF */
	int exit_status;
	struct nfp_strv warnings, changes_seen;
	struct nfp_hints left_behind;
	bool changed_host; /* something was changed, so that `restored` means something */
	bool restored;
	struct nfp_err error; /* code NFP_E_NONE: none */
};

/* Zeroed result with exit_status 4 and restored true (nothing was changed yet). */
void nfp_result_init(struct nfp_result *result);
void nfp_result_fini(struct nfp_result *result);
/* Did another process change anything during the run? Pure. */
bool nfp_changed_by_others(const struct nfp_result *result);
/* Notes that the user does not get all of what was asked for. The verdict stands; so do an error
 * and a status that say more. */
void nfp_result_fail(struct nfp_result *result, const struct nfp_err *err);
/* Empties the lists of a copy, which the original owns. */
void nfp_result_disown(struct nfp_result *result);

/* limit: how long a guest may be deaf. Pure. */

/* Does a gap in the transition to @to affect a guest? Before `standby` and `vf-first` there is no
 * guest yet. */
bool nfp_gap_hurts(enum nfp_step to);
/* Was a guest deaf for longer than @limit_us in this transition for certain, by the lower bound of
 * the gap? */
bool nfp_gap_is_over(const struct nfp_transition *transition, uint64_t limit_us);

/* Returns the first transition whose gap was not measured well enough to compare it with @limit_us.
 * NULL: none. */
const struct nfp_transition *nfp_gap_unmeasured(const struct nfp_style_result *style,
						uint64_t limit_us);

/* Writes a duration like "212 ms", "3.10 s", "0.5 ms". Returns @buf. */
const char *nfp_duration_text(int64_t us, char *buf, size_t size);

#endif
