/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * golden.h - what nfprobe prints against the files in tests/golden: byte for byte. "make golden"
 * writes them anew; review what "git diff tests/golden" shows before you commit that.
 */
#ifndef NFPROBE_TESTS_GOLDEN_H
#define NFPROBE_TESTS_GOLDEN_H

#include <dirent.h>

#include "harness.h"
#include "nfprobe/result.h"

#define GOLDEN_FOLDER "tests/golden"
#define GOLDEN_MAX    50 /* files of one program */

/* A sample and what a report says of it; or what @write says. */
struct golden {
	const char *name;
	void (*sample)(struct nfp_result *result);
	int (*report)(const void *result, FILE *out);
	void (*write)(FILE *out);
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

/* "diff -u", which prints what differs. */
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

static inline void golden_report(const struct golden *g, FILE *out)
{
	struct nfp_result result;

	g->sample(&result);
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
	golden_check(g->name, text);
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

		while (i < g->num && strcmp(g->v[i].name, entry->d_name) != 0)
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
