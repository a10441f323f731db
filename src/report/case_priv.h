/* SPDX-License-Identifier: GPL-2.0-or-later */
/* case_priv.h - what a style is to a reader, and how it is spoken of. */
#ifndef NFPROBE_REPORT_CASE_PRIV_H
#define NFPROBE_REPORT_CASE_PRIV_H

#include "writer_priv.h"

/*
 * case: what a result is to a reader (case.c), found once. cases.c has a row for each: what the
 * first line, the advice and the last line make of it.
 */
enum nfp_case {
	NFP_CASE_SAFE,
	NFP_CASE_ALLOWED,	 /* not safe, which --allow accepts */
	NFP_CASE_INSIDE,	 /* safe, as far as frames show that did not come from the wire */
	NFP_CASE_NO_WIRE,	 /* the same, which --allow no-wire accepts */
	NFP_CASE_INSIDE_ALLOWED, /* and allowed, as far as these show */
	NFP_CASE_NOT_TESTED,	 /* its port is taken, or there is none */
	NFP_CASE_NOT_POSSIBLE,	 /* this host cannot build it, whatever the NIC does */
	/* Not safe, by what was required. */
	NFP_CASE_IPV6, /* by --require ipv6 alone: IPv6 has a condition */
	/* Not safe, by what was seen. */
	NFP_CASE_VLAN,	       /* in the guest's VLAN alone */
	NFP_CASE_FAULT_VLAN,   /* there, beside what is allowed */
	NFP_CASE_LEARNS,       /* by its bridge, which learns */
	NFP_CASE_LIMIT,	       /* by --gap-limit */
	NFP_CASE_REQUIREMENTS, /* in steps that --allow does not excuse, beside those it does */
	NFP_CASE_IPV4_ONLY,    /* by multicast alone */
	NFP_CASE_LAG,	       /* the switch chooses the member of the PF's bond */
	NFP_CASE_FAULT,	       /* by the steps of its ladder */
	/* Not known. */
	NFP_CASE_UNTESTABLE, /* frames that did not come from the wire show nothing of it */
	NFP_CASE_NOT_BEGUN,
	NFP_CASE_LEARNS_UNKNOWN,
	NFP_CASE_VLAN_UNKNOWN,
	NFP_CASE_LIMIT_UNKNOWN,
	NFP_CASE_REQUIREMENTS_UNKNOWN,
	NFP_CASE_CRITERIA_UNKNOWN, /* --require */
	NFP_CASE_CHANGED,	   /* another process changed the host */
	NFP_CASE_SILENT,	   /* no frame of any kind was heard */
	NFP_CASE_UNKNOWN,	   /* by the steps of its ladder */
	NFP_CASE_COUNT,
};
enum nfp_case nfp_case_of(const struct nfp_style_result *style);
/* The case as if nothing was allowed, and as if the frames had come from the wire. */
enum nfp_case nfp_fault_of(const struct nfp_style_result *style);
/* Does it count: it is no fix, and was to be tested? */
bool nfp_is_counted(const struct nfp_style_result *style);

/* How the first line speaks of a style, in its order. */
enum nfp_headline {
	NFP_HEADLINE_SAFE,
	NFP_HEADLINE_IN_PART, /* safe for some guests */
	NFP_HEADLINE_ALLOWED,
	NFP_HEADLINE_NOT_SAFE,
	NFP_HEADLINE_UNKNOWN,
	NFP_HEADLINE_NOT_POSSIBLE,
	NFP_HEADLINE_NOT_TESTED,
};

/* The use that the last line finds for a style. */
enum nfp_way {
	NFP_WAY_NONE, /* it does not count */
	NFP_WAY_AS_IT_IS,
	NFP_WAY_BY_ALLOW,
	NFP_WAY_BY_NO_WIRE, /* by --allow no-wire */
	NFP_WAY_FOR_IPV4,
	NFP_WAY_BUT_VLAN, /* for guests without that VLAN */
	NFP_WAY_NO,	  /* but for what advice brings about */
	NFP_WAY_UNKNOWN,
};

struct nfp_answered;
struct nfp_said;
struct nfp_advising;
/* Appends why, in two or three words: what stands behind a style in the first line. */
typedef void nfp_why(struct nfp_words *words, const struct nfp_said *said);
typedef void nfp_advise_style(struct nfp_advising *m, const struct nfp_style_result *style);

struct nfp_case_row {
	enum nfp_headline headline;
	nfp_why *why;		  /* NULL: @words say it, or there is nothing to say */
	nfp_advise_style *advise; /* NULL: it needs none of its own */
	enum nfp_way way;
	const char *words;
};

struct nfp_said {
	const struct nfp_answered *of; /* which has it */
	const struct nfp_style_result *style;
	enum nfp_case is, fault;
	struct nfp_case_row row; /* of what it is */
};

#endif
