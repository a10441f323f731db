/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * golden.h - compares what nfprobe prints with the files in tests/golden, byte for byte. JSON fills
 * its lines there (those of an error are as printed). If a text has a table or sentence twice, its
 * first line stands for the second. "make golden" writes the files anew, but for seldom.keys;
 * review "git diff tests/golden" before you commit it. With NFPROBE_JSON_DIR set, each document in
 * JSON is kept there, whole, for tests that read it.
 */
#ifndef NFPROBE_TESTS_GOLDEN_H
#define NFPROBE_TESTS_GOLDEN_H

#include <dirent.h>
#include <jansson.h>

#include "harness.h"
#include "verdict/result.h"
#include "unit/sample_result.h"

/* In place of the one of src/base/version.c, which changes with each commit. */
const char nfp_version[] = "0.0.0";

#define GOLDEN_FOLDER "tests/golden"
#define GOLDEN_MAX    50 /* files of one program */
#define GOLDEN_WIDTH  100

/* A sample and what a report, or @tell, says of it; or what @write says. With @keys, only those
 * keys of it are compared that seldom.keys has. */
struct golden {
	const char *name;
	void (*sample)(struct nfp_result *result);
	int (*report)(const void *result, FILE *out);
	void (*tell)(struct nfp_result *result, FILE *out);
	void (*write)(FILE *out);
	bool keys;
};

/* The goldens of one program. It has each file in the folder that it owns. */
struct goldens {
	const struct golden *v;
	size_t num;
	bool (*owns)(const char *name);
};

static inline bool golden_is_text(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && strcmp(dot, ".txt") == 0;
}

static inline void golden_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Runs "diff -u", which prints what differs. */
static inline void golden_compare(const char *path, const char *text)
{
	char command[256];
	FILE *diff;

	snprintf(command, sizeof(command), "diff -u --label expected --label actual %s - >&2",
		 path);
	diff = popen(command, "w");
	assert_non_null(diff);
	fputs(text, diff);
	if (pclose(diff) != 0)
		fail_msg("%s: differs; if that is meant, make golden", path);
}

static inline void golden_check(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), GOLDEN_FOLDER "/%s", name);
	if (getenv("NFPROBE_GOLDEN_WRITE"))
		golden_write(path, text);
	else
		golden_compare(path, text);
}

static inline json_t *golden_parsed(const char *text)
{
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (!root)
		fail_msg("%s at byte %d of %s", error.text, error.position, text);
	return root;
}

/* Returns the member of @root at @path, like vf.styles[0].from; NULL: there is none. */
static inline const json_t *golden_at(const json_t *root, const char *path)
{
	while (*path && root) {
		char key[64];
		size_t len = strcspn(path, ".[");

		snprintf(key, sizeof(key), "%.*s", (int)len, path);
		root = path[0] == '[' ? json_array_get(root, strtoul(path + 1, NULL, 10))
				      : json_object_get(root, key);
		path += path[0] == '[' ? strcspn(path, "]") + 1 : len;
		path += *path == '.';
	}
	return root;
}

/* Expects the values of a line "PATH: VALUE, KEY: VALUE", whose keys are of one object. */
static inline void golden_check_line(const json_t *root, const char *line)
{
	const size_t object = strcspn(line, ":");
	char path[256];
	json_error_t end;

	snprintf(path, sizeof(path), "%.*s", (int)object, line);
	for (const char *at = line + object + 2;; at += strcspn(at, ":") + 2) {
		json_t *value = json_loads(at, JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &end);
		char *key = strrchr(path, '.');

		if (!value)
			fail_msg("%s: %s", end.text, line);
		if (!json_equal(golden_at(root, path), value))
			fail_msg("%s is otherwise than: %s", path, line);
		json_decref(value);
		at += end.position;
		if (*at != ',')
			return;
		at += 2;
		key = key ? key + 1 : path;
		snprintf(key, sizeof(path) - (size_t)(key - path), "%.*s", (int)strcspn(at, ":"),
			 at);
	}
}

/* Expects what seldom.keys has of the document @name: each key that no other document has a value
 * for.
 */
static inline void golden_check_keys(const char *name, const char *text)
{
	json_t *root = golden_parsed(text);
	FILE *file = fopen(GOLDEN_FOLDER "/seldom.keys", "r");
	char line[1024];
	bool under = false;
	size_t lines = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "==== ", 5) == 0) {
			under = strcmp(line + 5, name) == 0;
		} else if (under) {
			golden_check_line(root, line);
			lines++;
		}
	}
	fclose(file);
	json_decref(root);
	assert_true(lines > 0);
}

static inline void golden_fill(const char *key, const json_t *node, size_t depth, size_t *at,
			       bool last, FILE *out);

/* Writes on a line of its own what does not fit into one. */
static inline void golden_fill_parts(const json_t *node, size_t depth, FILE *out)
{
	size_t i, at = 0, left = json_object_size(node) ?: json_array_size(node);
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)node, key, value)
		golden_fill(key, value, depth, &at, --left == 0, out);
	for (i = 0; i < json_array_size(node); i++)
		golden_fill(NULL, json_array_get(node, i), depth, &at, --left == 0, out);
	fprintf(out, "%s%*s", at ? "\n" : "", (int)depth - 1, "");
}

/* A value, with its key if it has one, on the line that is written (@at: its length), or on one
 * that begins with @depth blanks. */
static inline void golden_fill(const char *key, const json_t *node, size_t depth, size_t *at,
			       bool last, FILE *out)
{
	char *words = json_dumps(node, JSON_ENCODE_ANY | JSON_INDENT(0));
	size_t len = strlen(words) + (key ? strlen(key) + 4 : 0) + !last;
	bool fits = depth + len <= GOLDEN_WIDTH;

	if (*at && (!fits || *at + 1 + len > GOLDEN_WIDTH)) {
		fputc('\n', out);
		*at = 0;
	}
	fprintf(out, "%*s", *at ? 1 : (int)depth, "");
	*at += *at ? 1 + len : depth + len;
	if (key)
		fprintf(out, "\"%s\": ", key);
	if (fits || !(json_object_size(node) || json_array_size(node))) {
		fputs(words, out);
	} else {
		fprintf(out, "%c\n", words[0]);
		golden_fill_parts(node, depth + 1, out);
		fputc(words[strlen(words) - 1], out);
	}
	if (!last)
		fputc(',', out);
	if (!fits) {
		fputc('\n', out);
		*at = 0;
	}
	free(words);
}

/* Checks the document @text, whose lines are filled. */
static inline void golden_check_filled(const char *name, const char *text)
{
	json_t *root = golden_parsed(text);
	char *filled = NULL;
	size_t len = 0, at = 0;
	FILE *out = open_memstream(&filled, &len);

	assert_non_null(out);
	golden_fill(NULL, root, 0, &at, true, out);
	if (at)
		fputc('\n', out);
	assert_int_equal(fclose(out), 0);
	golden_check(name, filled);
	free(filled);
	json_decref(root);
}

static inline const char *golden_next_line(const char *line)
{
	const char *end = line + strcspn(line, "\n");

	return end + (*end == '\n');
}

/* Returns the end of a block of text: a line and those below it that begin with a blank, a sentence
 * or a table. */
static inline const char *golden_behind(const char *block)
{
	const char *end = golden_next_line(block);

	while (*block != '\n' && *end == ' ')
		end = golden_next_line(end);
	return end;
}

/* Returns the heading ("==== ..") under which @text, which ends at @block, has the same; NULL:
 * none. */
static inline const char *golden_told(const char *text, const char *block, size_t size)
{
	const char *under = NULL;

	for (; text < block; text = golden_behind(text)) {
		if (strncmp(text, "==== ", 5) == 0)
			under = text + 5;
		else if ((size_t)(golden_behind(text) - text) == size &&
			 memcmp(text, block, size) == 0)
			return under;
	}
	return NULL;
}

/* Checks a text. The file has a block of two lines or more only once; the second time it has the
 * first line, and where the block is whole. */
static inline void golden_check_text(const char *name, const char *text)
{
	char *once = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&once, &len);

	assert_non_null(out);
	for (const char *block = text, *end; *block; block = end) {
		const char *second = golden_next_line(block), *under;

		end = golden_behind(block);
		under = golden_told(text, block, (size_t)(end - block));
		if (under && second < end)
			fprintf(out, "%.*s [as under: %.*s]\n", (int)(second - block) - 1, block,
				(int)strcspn(under, "\n"), under);
		else
			fprintf(out, "%.*s", (int)(end - block), block);
	}
	assert_int_equal(fclose(out), 0);
	golden_check(name, once);
	free(once);
}

static inline void golden_report(const struct golden *g, FILE *out)
{
	struct nfp_result result;

	g->sample(&result);
	if (g->tell)
		g->tell(&result, out);
	else
		assert_int_equal(g->report(&result, out), 0);
	nfp_result_fini(&result);
}

static inline void golden_test(void **state)
{
	const struct golden *g = *state;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	if (g->write)
		g->write(out);
	else
		golden_report(g, out);
	assert_int_equal(fclose(out), 0);
	if (!golden_is_text(g->name))
		sample_keep("NFPROBE_JSON_DIR", g->name, text);
	if (g->keys)
		golden_check_keys(g->name, text);
	else if (golden_is_text(g->name))
		golden_check_text(g->name, text);
	else if (strstr(g->name, "-error"))
		golden_check(g->name, text);
	else
		golden_check_filled(g->name, text);
	free(text);
}

/* A file that nothing is compared with tests nothing. */
static inline void golden_every_file_is_used(void **state)
{
	const struct goldens *g = *state;
	DIR *folder = opendir(GOLDEN_FOLDER);
	struct dirent *entry;

	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		size_t i = 0;

		while (i < g->num && (g->v[i].keys || strcmp(g->v[i].name, entry->d_name) != 0))
			i++;
		if (i == g->num && entry->d_name[0] != '.' && g->owns(entry->d_name))
			fail_msg(GOLDEN_FOLDER "/%s belongs to no test", entry->d_name);
	}
	closedir(folder);
}

static inline int golden_run(const char *name, const struct goldens *g)
{
	struct CMUnitTest tests[GOLDEN_MAX + 1] = {0};

	for (size_t i = 0; i < g->num; i++)
		tests[i] = (struct CMUnitTest) {.name = g->v[i].name,
						.test_func = golden_test,
						.initial_state = (void *)(uintptr_t)&g->v[i]};
	tests[g->num] = (struct CMUnitTest) {.name = "every_file_is_used",
					     .test_func = golden_every_file_is_used,
					     .initial_state = (void *)(uintptr_t)g};
	/* cmocka passes over the rest, which has no name. */
	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

#endif
