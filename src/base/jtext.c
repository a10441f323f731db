// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/base.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 512

struct text {
	char *at;
	size_t len, size;
	bool failed;
};

static bool grow(struct text *text, size_t need)
{
	size_t size = text->size ? text->size : FIRST_SIZE;
	char *at;

	while (size < need)
		size *= 2;
	if (size == text->size)
		return true;
	at = nfp_reallocarray(text->at, size, 1);
	if (!at)
		return false;
	text->at = at;
	text->size = size;
	return true;
}

/* Its caller does not always look at what it returns. */
static int append(const char *part, size_t len, void *ctx)
{
	struct text *text = ctx;

	if (text->failed || !grow(text, text->len + len + 1)) {
		text->failed = true;
		return -1;
	}
	memcpy(text->at + text->len, part, len);
	text->len += len;
	text->at[text->len] = '\0';
	return 0;
}

char *nfp_json_text(const json_t *json, size_t flags)
{
	struct text text = {NULL, 0, 0, false};

	if (json_dump_callback(json, append, &text, flags) || text.failed) {
		free(text.at);
		return NULL;
	}
	return text.at;
}

static bool is_for_memory(const json_error_t *error)
{
	enum json_error_code code = json_error_code(error);

	return code == json_error_out_of_memory || code == json_error_unknown;
}

/* What is read twice in the same way was not cut short. */
int nfp_json_load(const char *text, size_t len, json_t **ret_json)
{
	json_error_t error;
	json_t *first = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	json_t *second = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	bool same = first && second && json_equal(first, second);
	bool lacks = first || second || is_for_memory(&error);

	json_decref(second);
	if (same) {
		*ret_json = first;
		return 0;
	}
	json_decref(first);
	return lacks ? -ENOMEM : -EBADMSG;
}
