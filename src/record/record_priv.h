/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record_priv.h - what the files of a recording share: its comments, its facts, its packets. */
#ifndef NFPROBE_RECORD_RECORD_PRIV_H
#define NFPROBE_RECORD_RECORD_PRIV_H

#include <jansson.h>
#include <stddef.h>

#include "nfprobe/probe.h"
#include "nfprobe/result.h"
#include "nfprobe/sources.h"
#include "nfprobe/traffic.h"
#include "pcapng.h"

/* comment: one line of what a ladder did, as text: "nfprobe window attach from=.. to=..". Pure. */

enum comment_what {
	/* those before it are enum nfp_mark_what */
	COMMENT_UNSENT = NFP_MARK_END + 1,
	COMMENT_CLOCK, /* of the section */
	COMMENT_DAMAGED,
	COMMENT_NONE, /* for people only, or of another program */
};

struct comment {
	unsigned int what;    /* enum nfp_mark_what or comment_what */
	struct nfp_mark mark; /* times since 1970; its pointers lead to the members below */
	unsigned int rate[NFP_KIND_COUNT];
	struct nfp_mac address;		 /* STEP */
	struct nfp_runner_config config; /* LADDER */
	char source[16];
	enum nfp_verdict verdict; /* END */
	uint64_t seq;		  /* UNSENT */
	uint64_t offset_ns;	  /* CLOCK: of the packets to CLOCK_MONOTONIC */
};

#define COMMENT_LEN 512

/* Bytes that are not plain ASCII become question marks. */
void comment_plain(char *text);
void comment_write(const struct comment *comment, char buf[COMMENT_LEN]);
/* COMMENT_NONE for any other option. *ret_comment points into itself: not to be copied. */
void comment_read(const struct nfp_pcapng_option *option, struct comment *ret_comment);
/* The rest of a text that begins with "nfprobe " and @word, with its length; NULL: another. */
const char *comment_rest(const struct nfp_pcapng_option *option, const char *word, size_t *ret_len);
/* Adds to the times of the mark that are known. */
void mark_shift(struct nfp_mark *mark, uint64_t offset_ns);

/* The interfaces of a file; others are those of another program. */
enum role {
	ROLE_SENDER,
	ROLE_PF,
	ROLE_VF,
	ROLE_COUNT,
};
/* The second word of an interface's description. */
extern const char *const role_words[ROLE_COUNT];

struct interface {
	enum role role; /* ROLE_COUNT: none of ours */
	char name[NFP_IFNAMSIZ];
	struct nfp_mac mac; /* writing only */
	uint64_t packets;
};

#define INTERFACE_MAX 1024U

/*
 * facts: what no frame shows, as JSON in comments: one a ladder, "nfprobe round {..}", and one of
 * the run, at its end, in as many comments as it takes: "nfprobe facts+ " and at last
 * "nfprobe facts ". Both are a result in another form (tables.h).
 */

struct facts {
	struct nfp_frame_id id;
	json_t *rounds; /* an array; owned */
};

/* To be freed. */
char *facts_of_round(const struct nfp_style_result *round);
/* Adds comments to a block that is open. */
void facts_write(struct nfp_pcapng_buf *buf, const struct nfp_result *result,
		 const struct nfp_frame_id *id);

/*
 * The first pass over a file: fills @result, wherever in the file the facts stand. The rounds are
 * the caller's in any case. 0, -EBADMSG when there are none or they are damaged, or -errno of the
 * stream.
 */
int facts_read(struct nfp_pcapng_reader *reader, struct nfp_result *result, struct facts *ret_facts,
	       struct nfp_err *err);

#endif
