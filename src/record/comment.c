// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/fields.h"

#define RATE_MAX   1000000U
#define SETTLE_MAX (3600 * NFP_NSEC_PER_SEC)
#define DIGITS_MAX 18

static const char *const words[] = {
	[NFP_MARK_LADDER] = "ladder", [NFP_MARK_STEP] = "step",	    [NFP_MARK_WATCH] = "watch",
	[NFP_MARK_AGAIN] = "again",   [NFP_MARK_WINDOW] = "window", [NFP_MARK_END] = "end",
	[COMMENT_UNSENT] = "unsent",  [COMMENT_CLOCK] = "clock",
};

#define LADDER (1U << NFP_MARK_LADDER)
#define STEP   (1U << NFP_MARK_STEP)
#define WATCH  (1U << NFP_MARK_WATCH)
#define AGAIN  (1U << NFP_MARK_AGAIN)
#define WINDOW (1U << NFP_MARK_WINDOW)
#define END    (1U << NFP_MARK_END)
#define UNSENT (1U << COMMENT_UNSENT)
#define CLOCK  (1U << COMMENT_CLOCK)

#define FIELD NFP_FIELD

static const struct nfp_field fields[] = {
	/* Without its key, right behind the word. */
	FIELD(ENUM, comment, "step", mark.step, STEP | WATCH | AGAIN | WINDOW,
	      .names = &nfp_step_names),
	FIELD(MAC, comment, "address", address, STEP),
	FIELD(SECONDS, comment, "from", mark.from_ns, WATCH | AGAIN | WINDOW),
	FIELD(SECONDS, comment, "to", mark.to_ns, WINDOW),
	FIELD(NUMBER, comment, "rate", rate[NFP_KIND_UNICAST], WATCH, .max = RATE_MAX),
	FIELD(NUMBER, comment, "broadcasts", rate[NFP_KIND_BROADCAST], WATCH, .max = RATE_MAX),
	FIELD(NUMBER, comment, "strangers", rate[NFP_KIND_STRANGER], WATCH, .max = RATE_MAX),
	FIELD(SECONDS, comment, "asked", mark.asked_ns, WATCH, .unknown = NFP_ABSENT),
	FIELD(SECONDS, comment, "answered", mark.answered_ns, WATCH, .unknown = NFP_ABSENT),
	FIELD(SECONDS, comment, "listening", mark.listening_ns, WATCH, .unknown = NFP_ABSENT),
	FIELD(NUMBER, comment, "vf", config.vf, LADDER, .max = UINT16_MAX),
	FIELD(ENUM, comment, "style", config.style, LADDER, .names = &nfp_style_names),
	FIELD(MAC, comment, "unicast", config.address, LADDER),
	FIELD(MAC, comment, "vf-first", config.address_first, LADDER),
	FIELD(MAC, comment, "stranger", config.stranger, LADDER),
	FIELD(NUMBER, comment, "vlan", config.vlan.vid, LADDER, .max = 4094),
	FIELD(NUMBER, comment, "proto", config.vlan.proto, LADDER),
	FIELD(NUMBER, comment, "rate", config.rate, LADDER, .max = RATE_MAX),
	FIELD(SECONDS, comment, "settle", config.settle_ns, LADDER),
	FIELD(SECONDS, comment, "began", config.start_ns, LADDER),
	FIELD(TEXT, comment, "source", source, LADDER),
	FIELD(ENUM, comment, "verdict", verdict, END, .names = &nfp_verdict_names),
	FIELD(NUMBER, comment, "seq", seq, UNSENT),
	FIELD(SECONDS, comment, "offset", offset_ns, CLOCK),
};
static const struct nfp_table table = NFP_TABLE(comment, fields);

void comment_plain(char *text)
{
	for (; *text; text++) {
		if (*text < 0x20 || *text > 0x7e)
			*text = '?';
	}
}

void comment_write(const struct comment *comment, char buf[COMMENT_LEN])
{
	json_t *object = nfp_fields_json(&table, comment, 1U << comment->what), *value;
	size_t used = (size_t)snprintf(buf, COMMENT_LEN, "nfprobe %s", words[comment->what]);
	const char *key;

	json_object_foreach (object, key, value) {
		bool bare = strcmp(key, "step") == 0;

		if (used >= COMMENT_LEN)
			break;
		used += (size_t)snprintf(buf + used, COMMENT_LEN - used, " %s%s", bare ? "" : key,
					 bare ? "" : "=");
		if (used < COMMENT_LEN && json_is_string(value))
			used += (size_t)snprintf(buf + used, COMMENT_LEN - used, "%s",
						 json_string_value(value));
		else if (used < COMMENT_LEN)
			used += (size_t)snprintf(buf + used, COMMENT_LEN - used, "%lld",
						 (long long)json_integer_value(value));
	}
	json_decref(object);
}

/* ---- reading ---- */

static void take_token(json_t *object, char *token)
{
	char *value = strchr(token, '=');
	const char *key = value ? token : "step";

	if (value)
		*value++ = '\0';
	else
		value = token;
	if (value[0] && strlen(value) <= DIGITS_MAX && strspn(value, "0123456789") == strlen(value))
		json_object_set_new(object, key, json_integer(strtoll(value, NULL, 10)));
	else
		json_object_set_new(object, key, json_string(value));
}

static bool find_source(struct comment *comment)
{
	for (size_t i = 0; i < NFP_BY_COUNT; i++) {
		if (strcmp(nfp_sources[i].name, comment->source) == 0) {
			comment->config.source = &nfp_sources[i];
			return true;
		}
	}
	return false;
}

/* What the types do not say. A change was asked for before it was answered, and watched then. */
static bool is_possible(struct comment *comment)
{
	const struct nfp_runner_config *config = &comment->config;
	const struct nfp_mark *mark = &comment->mark;

	if (comment->what == NFP_MARK_LADDER)
		return config->rate > 0 && config->settle_ns > 0 &&
		       config->settle_ns <= SETTLE_MAX && find_source(comment);
	if (comment->what == NFP_MARK_WATCH && (mark->asked_ns || mark->answered_ns))
		return mark->asked_ns && mark->asked_ns <= mark->answered_ns &&
		       mark->answered_ns <= mark->from_ns;
	return true;
}

static bool read_fields(char *rest, struct comment *comment)
{
	struct nfp_reading reading = {.in = 1U << comment->what, .code = NFP_E_INPUT};
	json_t *object = json_object();
	char *token;
	bool good;

	while ((token = strsep(&rest, " ")) != NULL)
		take_token(object, token);
	good = nfp_fields_get(&reading, &table, object, comment) == 0 && is_possible(comment);
	json_decref(object);
	return good;
}

void comment_read(const char *text, size_t len, struct comment *ret_comment)
{
	char line[COMMENT_LEN], *rest = line, *word;
	struct comment *c = ret_comment;

	*c = (struct comment) {.what = COMMENT_NONE};
	c->mark.rate = c->rate;
	c->mark.address = &c->address;
	c->mark.config = &c->config;
	if (len >= sizeof(line) || memchr(text, '\0', len))
		return;
	memcpy(line, text, len);
	line[len] = '\0';
	word = strsep(&rest, " ");
	if (strcmp(word, "nfprobe") != 0 || !rest)
		return;
	word = strsep(&rest, " ");
	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) != 0)
			continue;
		c->what = i;
		if (i <= NFP_MARK_END)
			c->mark.what = (enum nfp_mark_what)i;
		if (!read_fields(rest, c))
			c->what = COMMENT_DAMAGED;
	}
}

const char *comment_rest(const struct nfp_pcapng_option *option, const char *word, size_t *ret_len)
{
	char begin[32];
	size_t len = (size_t)snprintf(begin, sizeof(begin), "nfprobe %s ", word);

	if (option->code != NFP_PCAPNG_COMMENT || option->len < len ||
	    memcmp(option->value, begin, len) != 0)
		return NULL;
	*ret_len = option->len - len;
	return (const char *)option->value + len;
}
