// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * This version reads the journal of each earlier one of tests/releases that has the same format,
 * and refuses every other (COMPATIBILITY in nfprobe-result(5)). tests/releases/make has this one
 * write the same, into NFPROBE_RELEASE_DIR.
 */
#include <dirent.h>

#include "harness.h"
#include "unit/journal_samples.h"

#define RELEASES "tests/releases"

/* ---- what this version writes ---- */

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

TEST(samples_of_this_version)
{
	const char *dir = getenv("NFPROBE_RELEASE_DIR");
	struct text journal = make_text();

	if (dir)
		write_file(dir, "journal", journal.buf);
	free(journal.buf);
}

/* ---- what earlier ones wrote ---- */

static char *read_text(const char *release, const char *name)
{
	char path[512], *text = calloc(1, 1 << 20);
	FILE *f;

	snprintf(path, sizeof(path), RELEASES "/%s/%s", release, name);
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	assert_non_null(text);
	assert_in_range(fread(text, 1, (1 << 20) - 1, f), 1, (1 << 20) - 2);
	fclose(f);
	return text;
}

/* Each record, written again, is as it was, so that nothing of it was lost. */
static void judge_journal(const char *release)
{
	char *text = read_text(release, "journal"), *line = strchr(text, '\n') + 1;
	struct nfp_journal_data data;
	struct nfp_err err = {0};
	size_t good;

	if (nfp_journal_parse(text, strlen(text), &data, &good, &err))
		fail_msg("%s: %s", release, err.message);
	assert_int_equal(data.unreadable, 0);
	assert_int_equal(good, strlen(text));
	assert_string_equal(data.head.parentdev, PARENT);
	assert_string_equal(data.head.ifname, "nfpeth0");
	assert_int_equal(data.head.num_addresses, 2);
	assert_int_equal(data.num_vfs, 1);
	assert_true(data.num_changes > 0);
	for (size_t i = 0; i <= data.num_changes; i++) {
		char *again = i == 0 ? nfp_journal_line_vf(&data.vfs[0])
				     : nfp_journal_line_change(&data.changes[i - 1]);

		if (strncmp(line, again, strlen(again)) != 0)
			fail_msg("%s: %.*s is now %s", release, (int)strcspn(line, "\n"), line,
				 again);
		line += strlen(again);
		free(again);
	}
	assert_string_equal(line, "");
	nfp_journal_data_fini(&data);
	free(text);
}

/* Only the version to ask for, and the PF, are read of it. */
static void judge_refused(const char *release)
{
	char *text = read_text(release, "journal");
	struct nfp_journal_data data;
	struct nfp_err err = {0};
	size_t good;

	assert_int_equal(nfp_journal_parse(text, strlen(text), &data, &good, &err),
			 -EPROTONOSUPPORT);
	assert_string_equal(data.head.version, "0.2.0");
	assert_string_equal(data.head.ifname, "nfpeth0");
	assert_int_equal(data.num_vfs, 0);
	nfp_journal_data_fini(&data);
	free(text);
}

static void judge_release(const char *release)
{
	char *text = read_text(release, "journal"), *format = strstr(text, "\"format\":");

	assert_non_null(format);
	if (atoi(format + strlen("\"format\":")) == NFP_JOURNAL_FORMAT)
		judge_journal(release);
	else
		judge_refused(release);
	free(text);
}

static void judge_each(void (*judge)(const char *release))
{
	DIR *dir = opendir(RELEASES);
	const struct dirent *d;
	size_t num = 0;

	assert_non_null(dir);
	while ((d = readdir(dir))) {
		if (d->d_name[0] < '0' || d->d_name[0] > '9')
			continue;
		judge(d->d_name);
		num++;
	}
	closedir(dir);
	assert_true(num > 0);
}

TEST(journals_are_restored_or_refused)
{
	judge_each(judge_release);
}

TEST_MAIN()
