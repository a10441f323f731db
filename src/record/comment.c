// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTLE_MAX  3600
#define SECONDS_MAX (INT64_C(1) << 33) /* the year 2242 */

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
	FIELD(SECONDS, comment, "from", event.from_ns, WATCH | AGAIN | WINDOW, .max = SECONDS_MAX),
	FIELD(SECONDS, comment, "to", event.to_ns, WINDOW, .max = SECONDS_MAX),
	FIELD(NUMBER, comment, "rate", rate[NFP_KIND_UNICAST], WATCH, .max = NFP_RATE_MAX),
	FIELD(NUMBER, comment, "broadcast", rate[NFP_KIND_BROADCAST], WATCH, .max = NFP_RATE_MAX),
	FIELD(NUMBER, comment, "unregistered", rate[NFP_KIND_UNREGISTERED], WATCH,
	      .max = NFP_RATE_MAX),
	/* Absent: multicast was not tested. */
	FIELD(NUMBER, comment, "multicast", rate[NFP_KIND_MULTICAST], WATCH, .max = NFP_RATE_MAX,
	      .unknown = NFP_ABSENT),
	FIELD(NUMBER, comment, "all_nodes", rate[NFP_KIND_ALL_NODES], WATCH, .max = NFP_RATE_MAX,
	      .unknown = NFP_ABSENT),
	FIELD(NUMBER, comment, "unjoined", rate[NFP_KIND_UNJOINED], WATCH, .max = NFP_RATE_MAX,
	      .unknown = NFP_ABSENT),
	FIELD(SECONDS, comment, "asked", event.asked_ns, WATCH, .max = SECONDS_MAX,
	      .unknown = NFP_ABSENT),
	FIELD(SECONDS, comment, "listening", event.listening_ns, WATCH, .max = SECONDS_MAX,
	      .unknown = NFP_ABSENT),
	FIELD(NUMBER, comment, "vf", config.vf, LADDER, .max = UINT16_MAX),
	FIELD(ENUM, comment, "style", config.style, LADDER, .names = &nfp_style_names),
	FIELD(MAC, comment, "unicast", config.address, LADDER),
	FIELD(MAC, comment, "vf_first", config.address_first, LADDER),
	FIELD(MAC, comment, "unregistered", config.unregistered_mac, LADDER),
	FIELD(MAC, comment, "group", config.group, LADDER, NFP_GIVEN(comment, config.multicast)),
	FIELD(MAC, comment, "unjoined", config.unjoined, LADDER,
	      NFP_GIVEN(comment, config.multicast)),
	FIELD(NUMBER, comment, "vlan", config.vlan.vid, LADDER, .max = 4094),
	FIELD(NUMBER, comment, "proto", config.vlan.proto, LADDER, .max = UINT16_MAX),
	FIELD(NUMBER, comment, "rate", config.rate, LADDER, .max = NFP_RATE_MAX),
	FIELD(SECONDS, comment, "settle", config.settle_ns, LADDER, .max = SETTLE_MAX),
	FIELD(SECONDS, comment, "began", config.start_ns, LADDER, .max = SECONDS_MAX),
	FIELD(TEXT, comment, "source", source, LADDER),
	FIELD(ENUM, comment, "verdict", verdict, END, .names = &nfp_verdict_names),
	FIELD(NUMBER, comment, "seq", seq, UNSENT, .max = NFP_COUNT_MAX),
	FIELD(SECONDS, comment, "offset", offset_ns, CLOCK, .max = SECONDS_MAX),
};
const struct nfp_table comment_table = NFP_TABLE(comment, fields);

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

/* ---- reading ---- */

/* Checks beyond the types. A change is requested, then watched. */
static bool is_possible(struct comment *comment)
{
	struct nfp_runner_config *config = &comment->config;
	const struct nfp_event *event = &comment->event;

	if (comment->what == NFP_EVENT_LADDER) {
		for (unsigned int i = 0; i < NFP_BY_COUNT; i++) {
			if (strcmp(nfp_source_by_name(i), comment->source) == 0)
				config->source = &nfp_sources[i];
		}
		return config->source && config->rate > 0 && config->settle_ns > 0;
	}
	return comment->what != NFP_EVENT_WATCH || event->asked_ns <= event->from_ns;
}

void comment_read(const struct nfp_pcapng_option *option, struct comment *ret_comment)
{
	struct comment *c = ret_comment;
	const char *text = NULL;
	unsigned int what = 0;
	size_t len;

	*c = (struct comment) {.what = COMMENT_NONE};
	c->event.rate = c->rate;
	c->event.address = &c->address;
	c->event.config = &c->config;
	while (option->code == NFP_PCAPNG_COMMENT && what < sizeof(words) / sizeof(words[0]) &&
	       !(text = comment_rest(option, words[what], &len)))
		what++;
	if (text) {
		struct nfp_reading reading = {.in = 1U << what, .code = NFP_E_INPUT};
		struct nfp_budget budget = {NFP_BUDGET_BYTES};
		json_t *object = nfp_json_load(text, len, &budget, NULL);

		c->what = what;
		c->event.what = (enum nfp_event_what)what;
		if (nfp_fields_get(&reading, &comment_table, object, c) != 0 || !is_possible(c))
			c->what = COMMENT_DAMAGED;
		json_decref(object);
	}
}

const char *comment_rest(const struct nfp_pcapng_option *option, const char *word, size_t *ret_len)
{
	static const char begin[] = "nfprobe ";
	const size_t head = sizeof(begin) - 1, end = head + strlen(word);
	const char *text = (const char *)option->value;

	if (option->len <= end || memcmp(text, begin, head) != 0 ||
	    memcmp(text + head, word, end - head) != 0 || text[end] != ' ')
		return NULL;
	*ret_len = option->len - end - 1;
	return text + end + 1;
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
