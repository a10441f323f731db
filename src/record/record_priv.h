/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record_priv.h - comments and facts, which are in the packets of a recording. */
#ifndef NFPROBE_RECORD_RECORD_PRIV_H
#define NFPROBE_RECORD_RECORD_PRIV_H

#include <jansson.h>
#include <stddef.h>

#include "nfprobe/probe.h"
#include "nfprobe/result.h"
#include "nfprobe/sources.h"
#include "nfprobe/traffic.h"
#include "pcapng.h"

/* comment: an event of a ladder as text: "nfprobe window {..}", JSON by a table. Pure. */

enum comment_what {
	/* smaller values are those of enum nfp_event_what */
	COMMENT_UNSENT = NFP_EVENT_JUDGED + 1,
	COMMENT_CLOCK, /* of the section */
	COMMENT_DAMAGED,
	COMMENT_NONE, /* for people, or of another program */
};

struct comment {
	unsigned int what;	/* enum nfp_event_what or comment_what */
	struct nfp_event event; /* times since 1970; points to the members below */
	unsigned int rate[NFP_KIND_COUNT];
	struct nfp_mac address;		 /* STEP */
	struct nfp_runner_config config; /* LADDER */
	char source[16];
	enum nfp_verdict verdict; /* JUDGED */
	uint64_t seq;		  /* UNSENT */
	uint64_t offset_ns;	  /* CLOCK: of packets to CLOCK_MONOTONIC */
};

/* Replaces bytes that are not printable ASCII by question marks. */
void comment_plain(char *text);
/* "nfprobe @word {..}". Takes @object. The caller frees the text. */
char *comment_json(const char *word, json_t *object);
/* To be freed. */
char *comment_text(const struct comment *comment);
/* Other options are COMMENT_NONE. *ret_comment points into itself: do not copy it. */
void comment_read(const struct nfp_pcapng_option *option, struct comment *ret_comment);
/* The rest of a text that begins with "nfprobe @word ", and its length; else NULL. */
const char *comment_rest(const struct nfp_pcapng_option *option, const char *word, size_t *ret_len);
/* Adds to those times of the event that are known. */
void event_shift(struct nfp_event *event, uint64_t offset_ns);

/* The roles of interfaces. */
enum role {
	ROLE_SENDER,
	ROLE_PF,
	ROLE_VF,
	ROLE_KERNEL, /* its packets are netlink messages, and count for no verdict */
	ROLE_COUNT,
};
/* The second word of an interface's description. */
extern const char *const role_words[ROLE_COUNT];

struct interface {
	enum role role; /* ROLE_COUNT: another program's */
	char name[NFP_IFNAMSIZ];
	struct nfp_mac mac; /* writing only */
	uint64_t packets;
};

#define INTERFACE_MAX 1024U

/*
 * facts: what frames do not show, as JSON in comments: one per ladder, "nfprobe round {..}", and
 * one for the run at its end, in as many comments as it takes: all but the last begin with "nfprobe
 * facts+ ", the last with "nfprobe facts ". Both are forms of a result (tables.h).
 */

struct facts {
	struct nfp_frame_id id;
	json_t *rounds; /* an array; owned */
};

/* To be freed. */
char *facts_of_round(const struct nfp_style_result *round);
/* Adds those of the run as comments to the block that was begun. */
void facts_write(struct nfp_pcapng_buf *buf, const struct nfp_result *result,
		 const struct nfp_frame_id *id);

/*
 * The first pass over a file: finds the facts and fills @result. The caller frees the rounds in any
 * case. 0; -EBADMSG if there are no facts or they are damaged; or -errno of the stream.
 */
int facts_read(struct nfp_pcapng_reader *reader, struct nfp_result *result, struct facts *ret_facts,
	       struct nfp_err *err);

#endif
