/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record_priv.h - what the files of a recording share: what no frame shows, as text and back. */
#ifndef NFPROBE_RECORD_RECORD_PRIV_H
#define NFPROBE_RECORD_RECORD_PRIV_H

#include <jansson.h>
#include <stddef.h>

#include "nfprobe/probe.h"
#include "nfprobe/result.h"
#include "nfprobe/sources.h"
#include "nfprobe/traffic.h"
#include "pcapng.h"

/* fields: members of a struct as members of a JSON object, by a table. */

enum field_type {
	FIELD_TEXT, /* char[] */
	FIELD_BOOL,
	FIELD_MAC,
	FIELD_VLAN,
	FIELD_NUMBER, /* any integer type without sign; but for values above 2^63 */
	FIELD_SIGNED,
	FIELD_BYTES, /* uint8_t[], as hex digits */
};

struct field {
	const char *key;
	enum field_type type;
	size_t at, size;
};

#define FIELD(type, of, key, member)                                                               \
	{                                                                                          \
		(key), FIELD_##type, offsetof(struct of, member), sizeof(((struct of *)0)->member) \
	}

/* Zero, false and empty are left out. 0 or -1 (memory). */
int fields_put(json_t *object, const struct field fields[], size_t num, const void *from);
/* What is absent becomes zero. 0 or -EBADMSG. */
int fields_get(const json_t *object, const struct field fields[], size_t num, void *to);

/*
 * facts: what frames do not show of a run, as lines of JSON: one a ladder, one of the run, one
 * a VF. Times are exact and texts keep every byte. Pure.
 */

/* A text that the caller frees; NULL when out of memory. */
char *facts_of_round(const struct nfp_style_result *round);
char *facts_of_run(const struct nfp_result *result, const struct nfp_frame_id *id);
char *facts_of_vf(const struct nfp_vf_result *vf);

/*
 * Fills a ladder; @result (nfp_result_init before) and the id; adds a VF. -EBADMSG with words for
 * what facts_of_* would not write; -ENOMEM. Whatever the bytes, values are in the range of their
 * types, texts end and have no control characters, and steps go up.
 */
int facts_read_round(const char *text, size_t len, struct nfp_style_result *ret_round,
		     struct nfp_err *err);
int facts_read_run(const char *text, size_t len, struct nfp_result *result,
		   struct nfp_frame_id *ret_id, struct nfp_err *err);
int facts_read_vf(const char *text, size_t len, struct nfp_result *result, struct nfp_err *err);

/* words: the comments of a recording as text, written and read. Pure. */

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

/* gather: the first pass over a recording: what no frame shows, wherever in the file it stands.
 */

struct gathered {
	struct nfp_frame_id id;
	char **rounds; /* facts of all ladders, in their order, as text; owned */
	size_t num_rounds;
};

/*
 * Fills @result with the facts of the run and its VFs. gathered_fini in any case. 0, -EBADMSG when
 * there are none or they are damaged, -ENOMEM, or -errno of the stream.
 */
int gather_facts(struct blocks *blocks, struct nfp_result *result, struct gathered *ret_gathered,
		 struct nfp_err *err);
void gathered_fini(struct gathered *gathered);

/* match: what a recorded packet is in the ledger, by its bytes. Pure. */

/* So many ARP probes can be asked in the second in which an answer counts, and more. */
#define MATCH_ASKED 1024U

struct match_asked {
	uint64_t seq;
	enum nfp_kind kind;
	struct nfp_arp probe;
};

struct match {
	const struct nfp_frame_id *id;
	const struct nfp_runner_config *config; /* of the ladder */
	struct match_asked asked[MATCH_ASKED];	/* by sequence number */
};

/* A packet that was sent as the frame @seq: its kind, or -EBADMSG when its bytes are not that. */
int match_sent(struct match *match, uint64_t seq, const uint8_t *data, size_t len,
	       enum nfp_kind *ret_kind);
/* The same of one that was seen at @at. -ENOENT: it answers a probe of before this ladder. */
int match_seen(const struct match *match, uint64_t seq, enum nfp_receiver at, const uint8_t *data,
	       size_t len, enum nfp_kind *ret_kind);

#endif
