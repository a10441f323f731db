// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = {
	[NFP_EVENT_LADDER] = "ladder", [NFP_EVENT_STEP] = "step",     [NFP_EVENT_WATCH] = "watch",
	[NFP_EVENT_AGAIN] = "again",   [NFP_EVENT_WINDOW] = "window", [NFP_EVENT_JUDGED] = "end",
	[COMMENT_UNSENT] = "unsent",   [COMMENT_CLOCK] = "clock",
};

#define LADDER (1U << NFP_EVENT_LADDER)
#define STEP   (1U << NFP_EVENT_STEP)
#define WATCH  (1U << NFP_EVENT_WATCH)
#define AGAIN  (1U << NFP_EVENT_AGAIN)
#define WINDOW (1U << NFP_EVENT_WINDOW)
#define END    (1U << NFP_EVENT_JUDGED)
#define UNSENT (1U << COMMENT_UNSENT)
#define CLOCK  (1U << COMMENT_CLOCK)

#define FIELD NFP_FIELD

static const struct nfp_field fields[] = {
	FIELD(ENUM, comment, "step", event.step, STEP | WATCH | AGAIN | WINDOW,
	      .names = &nfp_step_names),
	FIELD(MAC, comment, "address", address, STEP),
	FIELD(SECONDS, comment, "from", event.from_ns, WATCH | AGAIN | WINDOW),
	FIELD(SECONDS, comment, "to", event.to_ns, WINDOW),
	FIELD(NUMBER, comment, "rate", rate[NFP_KIND_UNICAST], WATCH),
	FIELD(NUMBER, comment, "broadcast", rate[NFP_KIND_BROADCAST], WATCH),
	FIELD(NUMBER, comment, "unregistered", rate[NFP_KIND_UNREGISTERED], WATCH),
	/* Absent: multicast was not tested. */
	FIELD(NUMBER, comment, "multicast", rate[NFP_KIND_MULTICAST], WATCH, .unknown = NFP_ABSENT),
	FIELD(NUMBER, comment, "all_nodes", rate[NFP_KIND_ALL_NODES], WATCH, .unknown = NFP_ABSENT),
	FIELD(NUMBER, comment, "unjoined", rate[NFP_KIND_UNJOINED], WATCH, .unknown = NFP_ABSENT),
	FIELD(SECONDS, comment, "asked", event.asked_ns, WATCH, .unknown = NFP_ABSENT),
	FIELD(SECONDS, comment, "listening", event.listening_ns, WATCH, .unknown = NFP_ABSENT),
	FIELD(NUMBER, comment, "vf", config.vf, LADDER),
	FIELD(ENUM, comment, "style", config.style, LADDER, .names = &nfp_style_names),
	FIELD(MAC, comment, "unicast", config.address, LADDER),
	FIELD(MAC, comment, "vf_first", config.address_first, LADDER),
	FIELD(MAC, comment, "unregistered", config.unregistered_mac, LADDER),
	FIELD(MAC, comment, "group", config.group, LADDER, NFP_GIVEN(comment, config.multicast)),
	FIELD(MAC, comment, "unjoined", config.unjoined, LADDER,
	      NFP_GIVEN(comment, config.multicast)),
	FIELD(NUMBER, comment, "vlan", config.vlan.vid, LADDER),
	FIELD(NUMBER, comment, "proto", config.vlan.proto, LADDER),
	FIELD(NUMBER, comment, "rate", config.rate, LADDER),
	FIELD(SECONDS, comment, "settle", config.settle_ns, LADDER),
	FIELD(SECONDS, comment, "began", config.start_ns, LADDER),
	FIELD(TEXT, comment, "source", source, LADDER),
	FIELD(ENUM, comment, "verdict", verdict, END, .names = &nfp_verdict_names),
	FIELD(NUMBER, comment, "seq", seq, UNSENT),
	FIELD(SECONDS, comment, "offset", offset_ns, CLOCK),
};
static const struct nfp_table comment_table = NFP_TABLE(comment, fields);

const char *const role_words[ROLE_COUNT] = {"sender:", "pf:", "vf:", "netlink:"};

void comment_plain(char *text)
{
	for (; *text; text++) {
		if (*text < 0x20 || *text > 0x7e)
			*text = '?';
	}
}

char *comment_json(const char *word, json_t *object)
{
	char *json = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
	char *text = nfp_asprintf("nfprobe %s %s", word, json);

	free(json);
	json_decref(object);
	return text;
}

char *comment_text(const struct comment *comment)
{
	return comment_json(words[comment->what],
			    nfp_fields_json(&comment_table, comment, 1U << comment->what));
}

void event_shift(struct nfp_event *event, uint64_t offset_ns)
{
	uint64_t *const times[] = {&event->from_ns, &event->to_ns, &event->asked_ns,
				   &event->listening_ns};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		if (*times[i])
			*times[i] += offset_ns;
	}
}
