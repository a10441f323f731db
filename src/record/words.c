// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/base.h"

#define LINE	   512 /* the longest of ours but facts */
#define TOKENS_MAX 16
#define RATE_MAX   1000000U
#define SETTLE_MAX (3600 * NFP_NSEC_PER_SEC)

const char *words_time(uint64_t ns, char buf[WORDS_TIME])
{
	snprintf(buf, WORDS_TIME, "%" PRIu64 ".%09u", ns / NFP_NSEC_PER_SEC,
		 (unsigned int)(ns % NFP_NSEC_PER_SEC));
	return buf;
}

static const char *const mark_words[] = {
	[NFP_MARK_LADDER] = "ladder", [NFP_MARK_STEP] = "step",	    [NFP_MARK_WATCH] = "watch",
	[NFP_MARK_AGAIN] = "again",   [NFP_MARK_WINDOW] = "window", [NFP_MARK_END] = "end",
};

const char *words_of_mark(enum nfp_mark_what what)
{
	return mark_words[what];
}

void words_plain(char *text)
{
	for (; *text; text++) {
		if (*text < 0x20 || *text > 0x7e)
			*text = '?';
	}
}

int words_keep(struct nfp_strv *list, const char *text)
{
	char **v = nfp_reallocarray(list->v, list->n + 1, sizeof(*v));
	char *copy;

	if (!v)
		return -ENOMEM;
	list->v = v;
	copy = nfp_strdup(text);
	if (!copy)
		return -ENOMEM;
	words_plain(copy);
	v[list->n++] = copy;
	return 0;
}

/* ---- reading ---- */

struct tokens {
	char line[LINE];
	char *token[TOKENS_MAX];
	size_t num;
};

static bool split(const char *text, size_t len, struct tokens *tokens)
{
	char *rest = tokens->line, *token;

	tokens->num = 0;
	if (len >= sizeof(tokens->line) || memchr(text, '\0', len))
		return false;
	memcpy(tokens->line, text, len);
	tokens->line[len] = '\0';
	while ((token = strsep(&rest, " ")) != NULL) {
		if (tokens->num == TOKENS_MAX)
			return false;
		tokens->token[tokens->num++] = token;
	}
	return true;
}

/* "" where there is none: no parser takes that. */
static const char *value_of(const struct tokens *tokens, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 1; i < tokens->num; i++) {
		const char *token = tokens->token[i];

		if (strncmp(token, key, len) == 0 && token[len] == '=')
			return token + len + 1;
	}
	return "";
}

static bool read_u64(const char *text, char end, uint64_t *ret, const char **ret_rest)
{
	uint64_t number = 0;
	const char *at = text;

	for (; *at >= '0' && *at <= '9'; at++) {
		unsigned int digit = (unsigned int)(*at - '0');

		if (number > (UINT64_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	if (at == text || *at != end)
		return false;
	*ret = number;
	*ret_rest = at + 1;
	return true;
}

static bool read_time(const char *text, uint64_t *ret_ns)
{
	uint64_t seconds, ns;
	const char *rest, *end;

	if (!read_u64(text, '.', &seconds, &rest) || strlen(rest) != 9 ||
	    !read_u64(rest, '\0', &ns, &end) || seconds >= UINT64_MAX / 2 / NFP_NSEC_PER_SEC)
		return false;
	*ret_ns = seconds * NFP_NSEC_PER_SEC + ns;
	return true;
}

static bool read_step(const struct tokens *tokens, enum nfp_step *ret_step)
{
	for (enum nfp_step step = 0; tokens->num > 1 && step < NFP_STEP_COUNT; step++) {
		if (strcmp(nfp_step_name(step), tokens->token[1]) == 0) {
			*ret_step = step;
			return true;
		}
	}
	return false;
}

/* "1000,20,20" */
static bool read_rates(const char *text, unsigned int rate[NFP_KIND_COUNT])
{
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		uint64_t number;

		if (!read_u64(text, kind + 1 < NFP_KIND_COUNT ? ',' : '\0', &number, &text) ||
		    number > RATE_MAX)
			return false;
		rate[kind] = (unsigned int)number;
	}
	return true;
}

/* A change was asked for before it was answered, and watched after that. */
static bool read_asked(const struct tokens *tokens, struct nfp_mark *mark)
{
	const char *asked = value_of(tokens, "asked"), *listening = value_of(tokens, "listening");

	if (listening[0] && !read_time(listening, &mark->listening_ns))
		return false;
	if (!asked[0])
		return true;
	return read_time(asked, &mark->asked_ns) &&
	       read_time(value_of(tokens, "answered"), &mark->answered_ns) &&
	       mark->asked_ns <= mark->answered_ns && mark->answered_ns <= mark->from_ns;
}

static bool read_span(const struct tokens *tokens, struct words *words)
{
	struct nfp_mark *mark = &words->mark;

	if (mark->what == NFP_MARK_END)
		return true;
	if (!read_step(tokens, &mark->step))
		return false;
	if (mark->what == NFP_MARK_STEP)
		return true;
	if (!read_time(value_of(tokens, "from"), &mark->from_ns))
		return false;
	mark->rate = words->rate;
	if (mark->what == NFP_MARK_WATCH)
		return read_rates(value_of(tokens, "rate"), words->rate) &&
		       read_asked(tokens, mark);
	return mark->what != NFP_MARK_WINDOW || read_time(value_of(tokens, "to"), &mark->to_ns);
}

static bool read_source(const char *name, const struct nfp_source_row **ret_row)
{
	for (size_t i = 0; i < NFP_BY_COUNT; i++) {
		if (strcmp(nfp_sources[i].name, name) == 0) {
			*ret_row = &nfp_sources[i];
			return true;
		}
	}
	return false;
}

static bool read_vlan(const struct tokens *tokens, struct nfp_vlan *vlan)
{
	unsigned int vid, proto;

	if (nfp_value_uint(value_of(tokens, "vlan"), 0, 4094, &vid) ||
	    nfp_value_uint(value_of(tokens, "proto"), 0, UINT16_MAX, &proto))
		return false;
	vlan->vid = (uint16_t)vid;
	vlan->proto = (uint16_t)proto;
	return true;
}

static bool read_ladder(const struct tokens *tokens, struct words *words)
{
	struct nfp_runner_config *config = &words->config;

	words->mark.config = config;
	return nfp_style_parse(value_of(tokens, "style"), &config->style) &&
	       nfp_mac_parse(value_of(tokens, "unicast"), &config->address) &&
	       nfp_mac_parse(value_of(tokens, "vf-first"), &config->address_first) &&
	       nfp_mac_parse(value_of(tokens, "stranger"), &config->stranger) &&
	       nfp_value_uint(value_of(tokens, "vf"), 0, UINT16_MAX, &config->vf) == 0 &&
	       nfp_value_uint(value_of(tokens, "rate"), 1, RATE_MAX, &config->rate) == 0 &&
	       read_time(value_of(tokens, "settle"), &config->settle_ns) && config->settle_ns > 0 &&
	       config->settle_ns <= SETTLE_MAX &&
	       read_time(value_of(tokens, "began"), &config->start_ns) &&
	       read_source(value_of(tokens, "source"), &config->source) &&
	       read_vlan(tokens, &config->vlan);
}

static enum words_what read_mark(const struct tokens *tokens, enum nfp_mark_what what,
				 struct words *words)
{
	bool good;

	words->mark.what = what;
	good = what == NFP_MARK_LADDER ? read_ladder(tokens, words) : read_span(tokens, words);
	return good ? WORDS_MARK : WORDS_DAMAGED;
}

static enum words_what read_unsent(const struct tokens *tokens, struct words *words)
{
	const char *rest;

	return read_u64(value_of(tokens, "seq"), '\0', &words->seq, &rest) ? WORDS_UNSENT
									   : WORDS_DAMAGED;
}

/* "nfprobe clock offset=1793868000.123456789: .." */
static enum words_what read_clock(const char *text, size_t len, struct words *words)
{
	char line[WORDS_TIME] = "";
	size_t i = 0;

	while (i < len && i + 1 < sizeof(line) && text[i] != ':') {
		line[i] = text[i];
		i++;
	}
	line[i] = '\0';
	return read_time(line, &words->offset_ns) ? WORDS_CLOCK : WORDS_DAMAGED;
}

static bool begins(const char *text, size_t len, const char *with, struct words *words)
{
	size_t n = strlen(with);

	if (len < n || memcmp(text, with, n) != 0)
		return false;
	words->text = text + n;
	words->len = len - n;
	return true;
}

static enum words_what read_line(const char *text, size_t len, struct words *words)
{
	struct tokens tokens;

	if (!begins(text, len, "nfprobe ", words) || begins(text, len, "nfprobe change ", words))
		return WORDS_NONE;
	if (begins(text, len, "nfprobe facts ", words))
		return WORDS_FACTS;
	if (begins(text, len, "nfprobe round ", words))
		return WORDS_ROUND;
	if (begins(text, len, "nfprobe facts+ ", words))
		return WORDS_MORE_FACTS;
	if (begins(text, len, "nfprobe clock offset=", words))
		return read_clock(words->text, words->len, words);
	(void)begins(text, len, "nfprobe ", words);
	if (!split(words->text, words->len, &tokens))
		return WORDS_DAMAGED;
	if (strcmp(tokens.token[0], "unsent") == 0)
		return read_unsent(&tokens, words);
	for (size_t i = 0; i < sizeof(mark_words) / sizeof(mark_words[0]); i++) {
		if (strcmp(tokens.token[0], mark_words[i]) == 0)
			return read_mark(&tokens, (enum nfp_mark_what)i, words);
	}
	return WORDS_NONE;
}

void words_read(const char *text, size_t len, struct words *ret_words)
{
	*ret_words = (struct words) {0};
	ret_words->what = read_line(text, len, ret_words);
}
