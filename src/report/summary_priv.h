/* SPDX-License-Identifier: GPL-2.0-or-later */
/* summary_priv.h - everything that a person reads of a result, made once: what each style is to a
 * reader, the answer, what to do, and the table. */
#ifndef NFPROBE_REPORT_SUMMARY_PRIV_H
#define NFPROBE_REPORT_SUMMARY_PRIV_H

#include "advice_priv.h"

/* The outcome of a style for a reader, in the order of the first line. */
enum nfp_outcome {
	NFP_OUTCOME_UNSET,
	NFP_OUTCOME_SAFE,
	NFP_OUTCOME_NO_WIRE, /* safe by frames from inside the NIC, which --allow no-wire accepts */
	NFP_OUTCOME_IPV6,    /* not safe only because of --require ipv6: IPv6 has a condition */
	NFP_OUTCOME_VLAN,    /* not safe only in the guest's VLAN */
	NFP_OUTCOME_ALLOWED, /* not safe, which --allow accepts */
	NFP_OUTCOME_IPV4_ONLY, /* not safe only because of multicast */
	NFP_OUTCOME_FAULT,     /* not safe */
	NFP_OUTCOME_LAG,       /* the switch chooses the member of the PF's bond */
	NFP_OUTCOME_INSIDE,    /* not lost, as far as frames from inside the NIC show */
	NFP_OUTCOME_UNKNOWN,
	NFP_OUTCOME_NOT_POSSIBLE, /* this host cannot build it, whatever the NIC does */
	NFP_OUTCOME_NOT_TESTED,	  /* the port is taken, or there is none */
	NFP_OUTCOME_COUNT,
};
enum nfp_outcome nfp_outcome_of(const struct nfp_style_result *style);
/* Returns the outcome if nothing were allowed, and the frames had come from the wire. */
enum nfp_outcome nfp_fault_of(const struct nfp_style_result *style);
/* Does it count: is it no fix, and was it to be tested? */
bool nfp_is_counted(const struct nfp_style_result *style);
/* May a guest use it, or some guests? */
bool nfp_is_usable(enum nfp_outcome outcome);
/* Returns the first style that was run, if none has heard a frame of any kind. NULL: one has. */
const struct nfp_style_result *nfp_silent_style(const struct nfp_vf_result *vf);

/* The style in a sentence: "SAFE with ..". */
extern const char *const nfp_style_words[NFP_STYLE_COUNT];
/* Writes "macvtap, a bridge[+pin] or bridge+fdb", of bits of styles. */
struct nfp_words nfp_either(uint32_t styles);

/* How to say that nothing is known of a style. */
struct nfp_inconclusive {
	const char *words; /* in the first line; NULL: nothing to say */
	bool in_step;	   /* followed by the step: "loss at unplug" */
	bool disturbed;	   /* the ladder shows no loss: host or run were disturbed, or the VF never
			      worked */
	bool trusts_port; /* what to do begins with a command: the VF that is its port is trusted */
	const char *todo; /* what to do; NULL: remove what the reason names */
	struct nfp_option {
		const char *name, *value;
	} option; /* of the next run; NULL: none */
};
/* Returns the words for that style; never NULL. */
const struct nfp_inconclusive *nfp_why_inconclusive(const struct nfp_style_result *style);
/* Says in a few words why it is not known. */
struct nfp_words nfp_why_unknown(const struct nfp_result *result,
				 const struct nfp_style_result *style);
/* Says why it is not safe: "EARLY". */
struct nfp_words nfp_why_unsafe(const struct nfp_result *result,
				const struct nfp_style_result *style);
/* Returns the change whose gap made the style unknown, by --gap-limit. NULL: none did. */
const struct nfp_transition *nfp_gap_unknown(const struct nfp_style_result *style,
					     const struct nfp_settings *settings);

/* A style, and what makes it serve a guest. */
struct nfp_style_outcome {
	const struct nfp_style_result *style;
	enum nfp_outcome is;
	/* The rank of the advice that makes it safe, at least for IPv4 (ipv6: LOST); 0: none was
	 * shown to. */
	unsigned int rank;
	enum nfp_check_state ipv6;
	struct nfp_row row; /* of that advice */
	bool by_manager;    /* each guest meets a part of it as it starts or migrates */
};

enum nfp_failover_answer {
	NFP_FAILOVER_UNSET,
	NFP_FAILOVER_YES,     /* exit status 0: with each style that the user asked for */
	NFP_FAILOVER_ONLY,    /* 1: with some, after commands, for guests without IPv6 or a VLAN */
	NFP_FAILOVER_NO,      /* 1 */
	NFP_FAILOVER_UNKNOWN, /* 3, or whatever ended the run */
};
struct nfp_failover {
	enum nfp_failover_answer answer;
	struct nfp_row row;	   /* the first row that may be used; style NFP_STYLE_COUNT: none */
	enum nfp_check_state ipv6; /* of that row */
};

struct nfp_summary {
	const struct nfp_result *result;		  /* borrowed */
	struct nfp_style_outcome styles[NFP_STYLE_COUNT]; /* of the VF, in its order */
	size_t num_styles;
	struct nfp_advised advised;
	struct nfp_words answer; /* the first line, which is one line however long it is */
	struct nfp_failover failover;
	struct nfp_life life[NFP_LIFE_MAX];
	size_t num_life;
	json_t *text; /* the lines that are printed; NULL: only the document's are kept */
};
struct nfp_summary *nfp_summary_of(const struct nfp_result *result);
void nfp_summary_free(struct nfp_summary *summary);

/* The parts, each of which uses those before it. */
void nfp_advise_all(struct nfp_summary *s);
void nfp_answer(struct nfp_summary *s);

/* text.c: prints a run. Returns 0 or -errno. @ret_short: how many bytes come before what only -v
 * prints; NULL: nobody asks. */
int nfp_text_print(const struct nfp_summary *summary, const struct nfp_report_opts *opts, FILE *out,
		   size_t *ret_short);
void nfp_advice_print(struct nfp_writer *w, const struct nfp_advised *advised);
/* Did a signal, or --timeout, end the run? */
bool nfp_is_stopped(const struct nfp_result *result);
/* Says whether the VF was restored. Empty: that is said elsewhere. */
struct nfp_words nfp_restored_words(const struct nfp_result *result);
/* Append ", firmware 1.63", if there is a text. */
void nfp_append_clause(struct nfp_words *words, const char *before, const char *text);
/* Prints the first line. @whole: on one line, however long, as a program reads it. */
void nfp_answer_print(struct nfp_writer *w, const char *answer, bool whole);
/* Prints the NIC, the source of the frames, the VF, and the status. */
void nfp_context_print(struct nfp_writer *w, const struct nfp_summary *summary,
		       const struct nfp_report_opts *opts);
/* Prints what -v adds: steps, counts and times, and what the run has not seen. */
void nfp_details_print(struct nfp_writer *w, const struct nfp_summary *summary);

extern const struct nfp_table nfp_summary_table;

#endif
