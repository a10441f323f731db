/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report_priv.h - what results are to a reader, in words: cases, advice, the two lines. */
#ifndef NFPROBE_REPORT_REPORT_PRIV_H
#define NFPROBE_REPORT_REPORT_PRIV_H

#include "verdict/verdict.h"
#include "case_priv.h"

/* The worst comes first. */
/* life: does a guest get its frames while it comes, stays and goes? */

enum nfp_life_cell {
	NFP_CELL_LOST,
	NFP_CELL_REFUSED, /* the driver refuses the address */
	NFP_CELL_SLOW,	  /* for longer than --gap-limit */
	NFP_CELL_UNKNOWN,
	NFP_CELL_GAP,	/* until the guest sends, behind a bridge where it is not pinned */
	NFP_CELL_OK_IF, /* if a condition is met */
	NFP_CELL_OK,
	NFP_CELL_UNTESTED,
	NFP_CELL_COUNT,
};
extern const struct nfp_names nfp_life_cell_names;

/*
 * advice: what follows from a result for those who run the host, made once, by the reason of each
 * judgement (needs.c, advice.c): the conditions that must be brought about, and what to do, with
 * its commands and the moment of each. The text and JSON show it.
 */

/* The name of a row: the style that was asked for, the fix that was tried for it
 * (NFP_STYLE_COUNT: none), and the guest's VLAN (0: none). */
struct nfp_row {
	enum nfp_style style, fix;
	uint16_t vlan;
};

/* The conditions, in the order of their rows. */
enum nfp_need {
	NFP_NEED_TRUST,	  /* a macvtap passes the groups that the guest joins */
	NFP_NEED_ENTRY,	  /* the PF's filter has the guest's address */
	NFP_NEED_PIN,	  /* no frame moves the guest in the bridge's table */
	NFP_NEED_STATIC,  /* the bridge learns nothing at the PF */
	NFP_NEED_HOTPLUG, /* requirements of the VF's manager: nfp_requires */
	NFP_NEED_FIRST,
	NFP_NEED_RELEASE,
	NFP_NEED_DETACH,
	NFP_NEED_CLEAR,
	NFP_NEED_VLAN,		 /* the PF has registered the guest's VLAN */
	NFP_NEED_UNFILTER,	 /* the PF filters no VLAN */
	NFP_NEED_NO_VLAN_NETDEV, /* no netdev on the PF takes the VLAN */
	NFP_NEED_ENTRY_GONE, /* the PF's filter has not the address of a guest that is elsewhere */
	/* No advice brings these about: the run has not seen what would have to be so. */
	NFP_NEED_UNSEEN,
	NFP_NEED_UNSEEN_IPV6 = NFP_NEED_UNSEEN,
	NFP_NEED_UNSEEN_UNUSED_VF,
	NFP_NEED_UNSEEN_TRUSTED_VF,
	NFP_NEED_COUNT,
};

/* The guests, or the senders, that need a condition. */
enum nfp_whom { NFP_FOR_ALL, NFP_FOR_IPV4, NFP_FOR_IPV6, NFP_FOR_VLAN, NFP_FOR_HOST };
#define NFP_FOR_BIT(whom) (1U << (unsigned int)(whom))

enum nfp_what {
	NFP_ADVISE_USE,
	NFP_ADVISE_KEEP,
	NFP_ADVISE_FIX,
	NFP_ADVISE_SET,
	NFP_ADVISE_AVOID,
	NFP_ADVISE_PROBE,
	NFP_ADVISE_RESTORE,
};

enum nfp_moment {
	NFP_MOMENT_NOW,
	NFP_MOMENT_DEFINED, /* the guest's XML is written */
	NFP_MOMENT_START,   /* the guest starts here */
	NFP_MOMENT_RUNS,    /* it has started here, or has arrived */
	NFP_MOMENT_VF_UP,
	NFP_MOMENT_VF_GONE, /* the guest has let go of its VF */
	NFP_MOMENT_MIGRATION,
	NFP_MOMENT_ELSEWHERE,
	NFP_MOMENT_COUNT,
};

enum nfp_shown { NFP_SHOWN_TESTED, NFP_SHOWN_BY_RULE, NFP_SHOWN_NOT };
enum nfp_lasts {
	NFP_LASTS_NOT,
	NFP_LASTS_RUN,
	NFP_LASTS_PORT, /* as long as the netdev is a port of its bridge */
	NFP_LASTS_REBOOT,
	NFP_LASTS_GOOD
};
enum nfp_place { NFP_ON_HOST, NFP_IN_XML };

/* Names that stand for another guest and its netdevs, which an admin puts in. */
#define GUEST	   "GUEST"
#define GUEST_VF   "GUEST_VF"
#define GUEST_MAC  "GUEST_MAC"
#define TAP	   "TAP"
#define MACVTAP	   "MACVTAP"
#define VF_XML	   "VF_XML"
#define UNUSED_MAC "UNUSED_MAC"
#define NO_MAC	   "00:00:00:00:00:00"
/* A bit of fill_in. */
enum nfp_fill {
	NFP_FILL_GUEST,
	NFP_FILL_MAC,
	NFP_FILL_VF,
	NFP_FILL_MACVTAP,
	NFP_FILL_TAP,
	NFP_FILL_XML,
	NFP_FILL_UNUSED
};
#define NFP_FILL(what) (1U << (unsigned int)NFP_FILL_##what)

#define NFP_ADVICE_LEN 256
#define NFP_ID_LEN     8

struct nfp_advice {
	char id[NFP_ID_LEN]; /* "a1" */
	enum nfp_what what;
	struct nfp_row row; /* style NFP_STYLE_COUNT: of none */
	unsigned int rank;  /* advice of one rank belongs together; the best is 1 */
	bool more;	    /* another way, which a person reads with -v only */
	bool also;	    /* beside what comes before it, not instead of it */
	/* It takes the place of this advice of its rank, where @if_so ("without libvirt"); empty,
	 * NULL: of none. */
	char instead_of[NFP_ID_LEN];
	const char *if_so;
	char head[NFP_ADVICE_LEN]; /* what all of the rank come to: "Keep the bridge, IPv4 only" */
	char text[NFP_ADVICE_LEN]; /* what to do, without a full stop; may be the head itself */
	char sentence[4 * NFP_ADVICE_LEN]; /* nfp_advice_sentence; filled in for JSON */
	enum nfp_moment moment;
	bool not_before; /* the moment is an earliest one */
	/* The consequences of each, as a clause. NULL: none is known. */
	const char *if_earlier, *if_never, *costs, *cuts_off, *again;
	enum nfp_place where;
	struct nfp_commands document, brief; /* whole, and its lines that matter; may be empty */
	struct nfp_commands commands, undo;
	uint32_t fill_in; /* bits of nfp_fill_names */
	enum nfp_lasts lasts;
	bool hook; /* libvirt's hook does it */
	enum nfp_shown shown;
	enum nfp_check_state group; /* the guest's IPv6 with it: OK, LOST, UNPROVEN */
	uint32_t states;	    /* bits of the steps that showed it */
};

struct nfp_condition {
	char id[NFP_ID_LEN]; /* "c1" */
	struct nfp_row row;
	enum nfp_need need;
	uint32_t whom;		    /* NFP_FOR_BIT */
	enum nfp_life_cell without; /* what they get otherwise */
	char words[96];
	/* Ids of advice, each of which is enough where it may be used; none: it is unseen. */
	struct nfp_strv met_by;
	enum nfp_shown shown;
};

/* All of it, in the order of importance. Zero is empty. */
struct nfp_advised {
	struct nfp_advice *advice; /* owned */
	struct nfp_condition *conditions;
	size_t num_advice, num_conditions;
};

void nfp_advised_fini(struct nfp_advised *advised);

/* "Once the guest runs here, and not before (it boots deaf): plug its VF in": whole sentences, with
 * the label and the head of the rank before the first of it. */
struct nfp_words nfp_advice_sentence(const struct nfp_advised *advised, const struct nfp_advice *a);
/* How many commands are to be typed for it, once. */
size_t nfp_advice_commands(const struct nfp_advice advice[], size_t num);
/* Prints the advice. The commands of all ways but the first are printed only if @verbose. */
void nfp_advice_print(struct nfp_writer *w, const struct nfp_advised *advised, bool verbose);
/* Prints the advice that stands in each result: that of nfp_advise_clearing. */
void nfp_advice_print_always(struct nfp_writer *w, const struct nfp_advised *advised);

struct nfp_row nfp_row_of(const struct nfp_style_result *style);
/* The row of the guest's VLAN in that style, and what the style does with it: NONE, there is none.
 */
enum nfp_check_state nfp_vlan_row_of(const struct nfp_style_result *style, struct nfp_row *ret_row);
bool nfp_row_equal(const struct nfp_row *a, const struct nfp_row *b);

/* Adds the conditions of each row that is safe that the run has left unseen. */
void nfp_advise_unread(struct nfp_advised *to, const struct nfp_result *result);
/* Adds the condition of a row whose IPv6 has a star, if it is not there: no advice may bring it
 * about, since the row is not one to use. */
void nfp_advise_star(struct nfp_advised *to, const struct nfp_row *row);
/* Adds advice that takes the place of what was added last, where @if_so. The caller fills it in. */
struct nfp_advice *nfp_advise_instead(struct nfp_advised *to, const char *if_so);
/* Advice under way: the result that it is made from, and where it is put. */
struct nfp_advising {
	const struct nfp_result *result;
	const struct nfp_vf_result *vf;
	const char *pf;
	struct nfp_advised *to;
	unsigned int rank;
	size_t begin; /* where that of this rank begins */
};

/* To the rank under way: advice on that need of the row, with the condition that it meets. NULL: it
 * is there, for the condition of another row. @style: that of the row, or the one that shows it. */
struct nfp_advice *nfp_advise_need(struct nfp_advising *m, const struct nfp_style_result *style,
				   const struct nfp_row *row, enum nfp_need need);
/* Likewise, advice that meets no condition (@style NULL: it is about none). */
struct nfp_advice *nfp_advise_to(struct nfp_advising *m, enum nfp_what what,
				 const struct nfp_style_result *style, const char *text);
/* advice.c. The run again, in the same VLANs. */
void nfp_advise_command(const struct nfp_advising *m, struct nfp_commands *to);
/* Adds, for a rank of its own in every result with a ladder, that the VF's address is cleared once
 * its guest runs elsewhere: no ladder sees all filters that are left. False: there is no ladder. */
bool nfp_advise_clearing(struct nfp_advising *m);
/* fix.c. Ends a rank: all that was added since the last has this head. */
void nfp_advise_end(struct nfp_advising *m, bool also, const char *fmt, ...) NFP_PRINTF(3, 4);
/* A rank of which the head says all. */
void nfp_advise_rank(struct nfp_advising *m, enum nfp_what what,
		     const struct nfp_style_result *style, bool also, const char *fmt, ...)
	NFP_PRINTF(5, 6);
/* The uses of a row beside its name, and the pin of a bridge that learns; the ends of these once
 * the guest has left; the trust that its IPv6 takes. */
void nfp_advise_uses(struct nfp_advising *m, const struct nfp_style_result *shown,
		     const struct nfp_row *row, enum nfp_style style);
void nfp_advise_ends(struct nfp_advising *m, const struct nfp_style_result *shown,
		     const struct nfp_row *row, enum nfp_style style);
void nfp_advise_trust(struct nfp_advising *m, const struct nfp_style_result *style,
		      const struct nfp_row *row);
/* Ranks: to use a style that is safe; to keep one with what this run has proved, with what another
 * run may prove, with its pin, or with the requirements of the host. False: nothing helps. @more:
 * it is another way than the first. */
void nfp_advise_safe(struct nfp_advising *m, const struct nfp_style_result *style);
bool nfp_advise_fix(struct nfp_advising *m, const struct nfp_style_result *unsafe);
bool nfp_advise_trial(struct nfp_advising *m, const struct nfp_style_result *unsafe);
void nfp_advise_pin(struct nfp_advising *m, const struct nfp_style_result *plain);
bool nfp_advise_requirements(struct nfp_advising *m, const struct nfp_style_result *style,
			     bool more);

extern const struct nfp_names nfp_need_names, nfp_whom_names, nfp_what_names, nfp_moment_names,
	nfp_shown_names, nfp_lasts_names, nfp_where_names, nfp_fill_names;
/* "When the guest starts here"; empty: at any time. */
extern const char *const nfp_moment_words[NFP_MOMENT_COUNT];

/* The ids of the conditions of a row. */
void nfp_condition_ids(const struct nfp_advised *advised, const struct nfp_row *row,
		       struct nfp_strv *to);
/* The conditions of a row that say whom it serves, "IPv6: set trustGuestRxFilters"; not those that
 * the name of the row says already. Empty: there are none. */
struct nfp_words nfp_condition_words(const struct nfp_advised *advised, const struct nfp_row *row);
/* The condition of IPv6 with a style that may be used although it is not safe. Empty: none. */
struct nfp_words nfp_ipv6_condition(const struct nfp_style_result *style);
/* That of its bridge, which learns the guest at its uplink. Empty: none. */
struct nfp_words nfp_pin_condition(const struct nfp_style_result *style);
/* The change whose gap made the style unknown, by --gap-limit. NULL: none did. */
const struct nfp_transition *nfp_gap_inconclusive(const struct nfp_style_result *style,
						  const struct nfp_settings *settings);

/* No style that was run has heard a frame of any kind: the first of them. NULL: one has. */
const struct nfp_style_result *nfp_silent_style(const struct nfp_vf_result *vf);

/* The names of a style in sentences. */
extern const struct nfp_style_words {
	const char *with; /* "SAFE with .." */
	const char *the;  /* "Keep .." */
} nfp_style_words[NFP_STYLE_COUNT];
static inline const struct nfp_style_words *nfp_words_of(const struct nfp_style_result *style)
{
	return &nfp_style_words[style->style];
}

/* The words about a style of which nothing is known. */
extern const struct nfp_inconclusive {
	const char *words; /* in the answer; NULL: it is conclusive */
	bool in_step;	   /* "loss at unplug" */
	bool disturbed;	   /* the ladder shows no loss: host or run were disturbed, or the VF
			    * never worked */
	const char *todo;  /* what to do; NULL: to remove what the reason names */
	struct nfp_option {
		const char *name, *value;
	} option; /* of the next run; NULL: none */
} nfp_inconclusive_words[NFP_WHY_COUNT];
/* The one of that style; never NULL. */
const struct nfp_inconclusive *nfp_inconclusive_of(const struct nfp_style_result *style);

/* In the order of the ladder. A cell is the worst of its steps. */
enum nfp_life_column {
	NFP_LIFE_ATTACH,   /* the guest gets the VF */
	NFP_LIFE_UP,	   /* it uses it */
	NFP_LIFE_UNPLUG,   /* it migrates */
	NFP_LIFE_DETACH,   /* the VF is gone */
	NFP_LIFE_CLEAR,	   /* its address is cleared */
	NFP_LIFE_VF_FIRST, /* a guest starts, or arrives */
	NFP_LIFE_IPV6,	   /* the groups that the guest joins, in all of these */
	NFP_LIFE_COUNT,
};
#define NFP_LIFE_STEPS 4
/* The columns, and the steps behind each, but for what stands in where the VF has no reset. */
extern const struct nfp_life_head {
	const char *heading, *meaning; /* a clause: when .. */
	unsigned int width;
	enum nfp_step steps[NFP_LIFE_STEPS]; /* ended by NFP_STEP_CONTROL */
} nfp_life_columns[NFP_LIFE_COUNT];

enum nfp_outage_state { NFP_OUTAGE_UNMEASURED, NFP_OUTAGE_MEASURED, NFP_OUTAGE_ENDLESS };

/* The longest time for which a guest was deaf in a change that hurts it. */
struct nfp_outage {
	enum nfp_outage_state state; /* ENDLESS: deaf in the settled state as well */
	struct nfp_span span;	     /* of MEASURED */
	enum nfp_step to;	     /* NFP_STEP_COUNT: none */
	enum nfp_listens heard_by;
};
struct nfp_outage nfp_longest_outage(const struct nfp_style_result *style);
/* Its upper bound in microseconds, to compare it; INT64_MAX: endless. -1: not measured. */
int64_t nfp_outage_us(const struct nfp_outage *outage);
/* "under 0.4 s", "the whole step"; empty if it was not measured. */
struct nfp_words nfp_outage_words(int64_t us);

/* A row of the table: a style, a fix that was tried, or either in the guest's VLAN. */
struct nfp_life {
	struct nfp_row row;
	const struct nfp_style_result *style;
	enum nfp_verdict verdict;
	uint32_t serves; /* bits of nfp_serves_names: all its life through */
	enum nfp_life_cell cells[NFP_LIFE_COUNT];
	/* Once it has crashed or was reset hard, of which its VF's driver says nothing: no host can
	 * make its own driver do so. */
	enum nfp_life_cell crash;
	struct nfp_outage outage;
	struct nfp_strv conditions; /* ids; filled in for JSON */
};
#define NFP_LIFE_MAX (2 * NFP_STYLE_COUNT)
extern const struct nfp_names nfp_serves_names;

/* failover: the answer to the question that is asked of a host, as the last line has it. */
enum nfp_failover_answer {
	NFP_FAILOVER_YES,     /* exit status 0: with each style that was asked for */
	NFP_FAILOVER_ONLY,    /* 1: with some, after commands, for guests without IPv6 or a VLAN */
	NFP_FAILOVER_NO,      /* 1 */
	NFP_FAILOVER_UNKNOWN, /* 3, or whatever ended the run */
};
struct nfp_failover {
	enum nfp_failover_answer answer;
	struct nfp_row row; /* the first that is named; style NFP_STYLE_COUNT: none */
	struct nfp_words text;
};
/* The last line of all that answers another question, but for a quiet one. */
void nfp_writer_no_failover(struct nfp_writer *w, const struct nfp_report_opts *opts);

/* The column of the change to a step. A step without a column has that of the next step.
 * NFP_LIFE_COUNT: none. */
enum nfp_life_column nfp_life_column_of(enum nfp_step to);

/* @gap_limit_ms: of the settings. */
void nfp_life_of(const struct nfp_style_result *style, unsigned int gap_limit_ms,
		 struct nfp_life *ret_life);

/* In which state of the table a step is: `at "migrates"`. */
struct nfp_words nfp_at_step(enum nfp_step step);

/* offer.c: a rank of advice by which a style may be kept. */
struct nfp_offer {
	const struct nfp_advice *advice; /* the first of the rank, and so many */
	size_t num;
	size_t commands;   /* to be typed */
	bool above;	   /* printed without -v */
	bool requirements; /* they are to be typed for each guest, as it starts and migrates */
	enum nfp_answer serves;
	enum nfp_check_state ipv6; /* LOST: it serves IPv4 alone */
};
#define NFP_OFFER_MAX (4 * NFP_STYLE_COUNT)

/* A run: what ended it, a cause that all its styles share, or what each of them is. */
enum nfp_run_case {
	NFP_RUN_BY_STYLE,
	NFP_RUN_NOT_PROBED,
	NFP_RUN_STOPPED, /* by a signal */
	NFP_RUN_TIMEOUT,
	NFP_RUN_BROKEN_OFF, /* in mid-ladder */
	NFP_RUN_FAILED,	    /* before its first */
	NFP_RUN_TAKEN,	    /* another process changed the VF */
	NFP_RUN_CHANGED,
	NFP_RUN_SILENT,
	NFP_RUN_CUT_SHORT, /* not each style that was asked for was begun */
	NFP_RUN_COUNT,
};
enum nfp_run_case nfp_run_case_of(const struct nfp_result *result);

typedef void nfp_first(struct nfp_words *line, const struct nfp_answered *a);

struct nfp_run_row {
	nfp_first *first; /* the first line, behind the names of PF and VF */
	/* Why nothing is known, in the last line. NULL: the error says it, or the styles do. */
	const char *end;
};

/* answered: all that a person reads of a result, made once, for each form in which it is shown. */
struct nfp_answered {
	const struct nfp_result *result; /* borrowed */
	const struct nfp_run_row *run;
	struct nfp_said styles[NFP_STYLE_COUNT]; /* of the VF, in its order */
	size_t num_styles;
	struct nfp_advised advised;
	struct nfp_offer offers[NFP_OFFER_MAX];
	size_t num_offers;
	struct nfp_words answer; /* the first line */
	struct nfp_failover failover;
	struct nfp_life life[NFP_LIFE_MAX];
	size_t num_life;
	json_t *text; /* the lines that are printed; NULL: those of a document alone are kept */
};
struct nfp_answered *nfp_answered_of(const struct nfp_result *result);
void nfp_answered_free(struct nfp_answered *answered);

/* Its parts, each of those before it: what to do; the first line, which is one line however long it
 * is; and the last. */
void nfp_advise_all(struct nfp_answered *a);
struct nfp_words nfp_answer(const struct nfp_answered *a);
struct nfp_failover nfp_failover_of(const struct nfp_answered *a);

void nfp_offers_of(struct nfp_answered *a);
/* The rows of the life. */
void nfp_life_rows(struct nfp_answered *a);
/* The entry of a row. NULL: none. */
const struct nfp_offer *nfp_offer_of(const struct nfp_answered *a, const struct nfp_row *row);
/* Is it known that a guest of that style is served with one of them? */
bool nfp_is_helped(const struct nfp_answered *a, const struct nfp_style_result *style);
/* The first that serves a guest, its IPv6 too if one does. NULL: none serves it. */
const struct nfp_offer *nfp_best_offer(const struct nfp_answered *a);
/* May a style that counts be used as it is, or by --allow? */
bool nfp_has_way(const struct nfp_answered *a);
/* Or for some guests. */
bool nfp_is_way(enum nfp_way way);
/* "macvtap, a bridge or bridge+fdb" */
struct nfp_words nfp_either(const struct nfp_strv *names);
/* " (IPv6: set trustGuestRxFilters)", " and 2 commands": the conditions of a style that may be
 * used; and those of an offer. @last: in the last line, which says where the commands are. */
void nfp_append_conditions(struct nfp_words *words, const struct nfp_said *said, bool last);
void nfp_append_offer(struct nfp_words *words, const struct nfp_offer *offer, bool last);

/* All of a row. */
nfp_why nfp_why_inside_allowed, nfp_why_not_tested, nfp_why_not_possible, nfp_why_verdict,
	nfp_why_vlan, nfp_why_besides, nfp_why_untestable, nfp_why_vlan_unknown, nfp_why_unmeasured,
	nfp_why_requirements_unknown, nfp_why_unknown;
nfp_advise_style nfp_advise_vlan, nfp_advise_fault, nfp_advise_wire, nfp_advise_lag,
	nfp_advise_again, nfp_advise_learning;
nfp_first nfp_first_by_style, nfp_first_not_probed, nfp_first_stopped, nfp_first_timeout,
	nfp_first_broken_off, nfp_first_failed, nfp_first_taken, nfp_first_changed,
	nfp_first_silent, nfp_first_cut_short;

/* Prints the headings and a row for each standby, or a sentence for each where the table does not
 * expected. */
void nfp_life_print(struct nfp_writer *w, const struct nfp_answered *a, bool verbose);
/* text.c: what a run prints. */
int nfp_text_print(const struct nfp_answered *answered, const struct nfp_report_opts *opts,
		   FILE *out);
/* context.c. Has somebody ended the run: a signal, or --timeout? */
bool nfp_is_stopped(const struct nfp_result *result);
/* Empty: there is something to say of the VF, and it is said elsewhere. */
struct nfp_words nfp_restored_words(const struct nfp_result *result, bool verbose);
/* Prints the VF that was probed, the source of the frames, and the status. */
void nfp_context_print(struct nfp_writer *w, const struct nfp_result *result,
		       const struct nfp_report_opts *opts);
/* Prints what -v adds to a result: steps, counts and times, and what was left unseen. */
void nfp_details_print(struct nfp_writer *w, const struct nfp_answered *answered);

/* The documents as tables: of a result, an event of --json-stream (whose forms are bits of the
 * event's number), and of --list and --audit. */
extern const struct nfp_table nfp_answered_table, nfp_event_table, nfp_list_table, nfp_audit_table;
const char *nfp_event_name(enum nfp_event_what what); /* NULL: --json-stream does not have it */

#endif
