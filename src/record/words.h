/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words.h - the comments of a recording as text, written and read. Pure. */
#ifndef NFPROBE_EVIDENCE_WORDS_H
#define NFPROBE_EVIDENCE_WORDS_H

#include "nfprobe/result.h"
#include "nfprobe/probe.h"

#define WORDS_TIME 32 /* "1793868000.123456789" and the NUL */

/* Seconds with nine decimals; returns @buf. */
const char *words_time(uint64_t ns, char buf[WORDS_TIME]);

/* "watch", "again", "window", "ladder", "step", "end"; never NULL. */
const char *words_of_mark(enum nfp_mark_what what);

/* Bytes that are not plain ASCII become question marks. */
void words_plain(char *text);
/* Appends a plain copy, as often as it comes (nfp_strv_addf keeps one of each). 0 or -ENOMEM. */
int words_keep(struct nfp_strv *list, const char *text);

/* A comment taken apart; it is no string, and nobody vouches for it. */
enum words_what {
	WORDS_NONE, /* no comment of ours, or one for people only */
	WORDS_MARK,
	WORDS_UNSENT,
	WORDS_FACTS,	  /* the rest is text */
	WORDS_MORE_FACTS, /* .. which goes on in the next comment */
	WORDS_ROUND,	  /* likewise, of one ladder */
	WORDS_CLOCK,
	WORDS_DAMAGED,
};

struct words {
	enum words_what what;
	struct nfp_mark mark; /* times as in the text: since 1970 */
	unsigned int rate[NFP_KIND_COUNT];
	/* LADDER */
	struct nfp_runner_config config;
	uint64_t seq;	    /* UNSENT */
	uint64_t offset_ns; /* CLOCK */
	const char *text;   /* FACTS; borrowed */
	size_t len;
};

/* *ret_words points into itself (mark.rate, mark.config): it is not to be copied. */
void words_read(const char *text, size_t len, struct words *ret_words);

#endif
