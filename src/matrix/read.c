// SPDX-License-Identifier: GPL-2.0-or-later
/* read.c - a file of results, read without what makes up most of it. */
#include "matrix_priv.h"

#include <errno.h>
#include <string.h>

#include "nfprobe/tables.h"

/* ---- before it is parsed ---- */

/* Text as JSON, read and written in place. */
struct scan {
	const char *at, *end;
	char *to;
	size_t values; /* commas and brackets in what was copied: as many or more */
};

/* Behind the string that begins at @at, or @end. */
static const char *string_end(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		at += *at == '\\' && at + 1 < end;
	return at < end ? at + 1 : end;
}

static const char *blanks_end(const char *at, const char *end)
{
	while (at < end && strchr(" \t\r\n", *at) && *at)
		at++;
	return at;
}

/* Behind the array that begins at @at; NULL: it has no end, or not one of its own. */
static const char *array_end(const char *at, const char *end)
{
	size_t depth = 0;

	while (at < end) {
		if (*at == '"') {
			at = string_end(at, end);
			continue;
		}
		if (*at == '[' || *at == '{')
			depth++;
		else if ((*at == ']' || *at == '}') && --depth == 0)
			return *at == ']' ? at + 1 : NULL;
		at++;
	}
	return NULL;
}

static void copy(struct scan *s, const char *until)
{
	size_t len = (size_t)(until - s->at);

	for (const char *p = s->at; p < until; p++)
		s->values += *p == ',' || *p == '[' || *p == '{';
	memmove(s->to, s->at, len);
	s->to += len;
	s->at = until;
}

/* A key whose value is an array that no verdict needs: goes to that array. */
static bool is_dropped(const char *key, const char *key_end, const char *end,
		       const char **ret_array)
{
	static const char *const dropped[] = {"\"steps\"", "\"transitions\""};
	size_t len = (size_t)(key_end - key);
	const char *at = blanks_end(key_end, end);

	for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++) {
		if (len != strlen(dropped[i]) || memcmp(key, dropped[i], len) != 0)
			continue;
		*ret_array = at < end && *at == ':' ? blanks_end(at + 1, end) : end;
		return *ret_array < end && **ret_array == '[';
	}
	return false;
}

/*
 * Empties each array of steps and transitions, which nobody checks then. What is no JSON elsewhere
 * stays none. False: it is none, since such an array has no end.
 */
static bool drop_ladders(char *text, size_t *len, size_t *ret_values)
{
	struct scan s = {.at = text, .end = text + *len, .to = text};
	const char *array;

	while (s.at < s.end) {
		const char *quote = memchr(s.at, '"', (size_t)(s.end - s.at)), *behind;

		if (!quote)
			break;
		copy(&s, quote);
		behind = string_end(quote, s.end);
		if (is_dropped(quote, behind, s.end, &array)) {
			copy(&s, array + 1);
			behind = array_end(array, s.end);
			if (!behind)
				return false;
			s.at = behind - 1;
		} else {
			copy(&s, behind);
		}
	}
	copy(&s, s.end);
	*len = (size_t)(s.to - text);
	*ret_values = s.values;
	return true;
}

/* ---- what it is ---- */

static int refuse(struct nfp_err *err, int ret, const char *why)
{
	return nfp_err_set(err, ret, NFP_E_INPUT, "%s", why);
}

/* What nfprobe writes that has verdicts. */
enum form {
	FOREIGN, /* it has not the outlines of any of these */
	RESULT,	 /* of a run */
	STORE,
	ALL, /* the results of --all */
};

static enum form form_of(const json_t *root)
{
	if (!json_is_integer(json_object_get(root, "schema")))
		return FOREIGN;
	if (json_object_get(root, "run") && json_object_get(root, "vfs"))
		return RESULT;
	if (json_object_get(root, "entries") && json_is_string(json_object_get(root, "store")))
		return STORE;
	/* That of --list has PFs and what they share, but no verdicts. */
	return json_object_get(root, "pfs") && json_object_get(root, "exit") &&
			       !json_object_get(root, "shared")
		       ? ALL
		       : FOREIGN;
}

static int read_one(struct nfp_matrix *m, const char *file, const char *page, size_t where,
		    const json_t *object, bool add, struct nfp_err *err)
{
	struct nfp_result result;
	int ret;

	nfp_result_init(&result);
	ret = nfp_result_read_verdicts(object, &result, err);
	if (ret == 0 && add)
		nfp_matrix_add_result(m, file, page, where, &result);
	nfp_result_fini(&result);
	return ret;
}

/* A PF of --all. One that counts and has no result is a run of which nothing is known. */
static int read_pf(struct nfp_matrix *m, const char *file, const char *page, size_t where,
		   const json_t *pf, bool add, struct nfp_err *err)
{
	const json_t *result = json_object_get(pf, "result"),
		     *counts = json_object_get(pf, "counts");

	if (!result || !json_is_boolean(counts))
		return refuse(err, -EBADMSG, "a PF has no result");
	if (!json_is_null(result))
		return read_one(m, file, page, where, result, add, err);
	if (add && json_is_true(counts))
		nfp_matrix_add_nothing(m, file, where);
	return 0;
}

static int read_all(struct nfp_matrix *m, const char *file, const char *page, enum form form,
		    const json_t *root, bool add, struct nfp_err *err)
{
	const json_t *list = json_object_get(root, form == ALL ? "pfs" : "entries");
	int ret = 0;

	if (form == RESULT)
		return read_one(m, file, page, 0, root, add, err);
	if (!json_is_array(list))
		return refuse(err, -EBADMSG, "its results are not a list");
	/* There was no PF to probe, or no right to. */
	if (form == ALL && json_object_get(root, "error") && add)
		nfp_matrix_add_nothing(m, file, 0);
	for (size_t i = 0; i < json_array_size(list) && ret == 0; i++) {
		const json_t *element = json_array_get(list, i);

		ret = (form == ALL ? read_pf : read_one)(m, file, page, i, element, add, err);
	}
	return ret;
}

static int read_root(struct nfp_matrix *m, const char *file, const char *page, const json_t *root,
		     struct nfp_err *err)
{
	const enum form form = form_of(root);
	struct nfp_err inner = {0};

	if (form == FOREIGN)
		return refuse(err, -ENOMSG,
			      "it is neither a result of --json nor a file of --save");
	if (json_integer_value(json_object_get(root, "schema")) != NFP_SCHEMA)
		return refuse(err, -EBADMSG, "another version of nfprobe wrote it");
	if (read_all(m, file, page, form, root, false, &inner) < 0)
		return nfp_err_set(err, -EBADMSG, NFP_E_INPUT, "it is damaged: %s", inner.message);
	(void)read_all(m, nfp_matrix_text(m, file), nfp_matrix_text(m, page), form, root, true,
		       NULL);
	m->files++;
	return 0;
}

int nfp_matrix_add(struct nfp_matrix *matrix, const char *file, const char *page, char *text,
		   size_t len, struct nfp_err *err)
{
	size_t values;
	json_t *root = NULL;
	int ret;

	if (drop_ladders(text, &len, &values)) {
		if (values > NFP_MATRIX_VALUES)
			return nfp_err_set(err, -EFBIG, NFP_E_INPUT, "it has more than %u values",
					   NFP_MATRIX_VALUES);
		root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	}
	ret = root ? read_root(matrix, file, page, root, err)
		   : refuse(err, -EBADMSG, "it is damaged, or not JSON");
	json_decref(root);
	return ret;
}
