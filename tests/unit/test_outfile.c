// SPDX-License-Identifier: GPL-2.0-or-later
/* A file that a result goes to is whole, or as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>
#include <cmocka.h>

#include "nfprobe/outfile.h"

#define NEW "the new text\n"

struct place {
	char dir[64], file[96], link[96];
};

static int make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	strcpy(p->dir, "/tmp/nfprobe-outfile-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->file, sizeof(p->file), "%s/result", p->dir);
	snprintf(p->link, sizeof(p->link), "%s/link", p->dir);
	*state = p;
	return 0;
}

static int clear_place(void **state)
{
	struct place *p = *state;

	unlink(p->file);
	unlink(p->link);
	assert_int_equal(rmdir(p->dir), 0); /* nothing else was left there */
	free(p);
	return 0;
}

static void write_old(const char *path, mode_t mode)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs("the old text, which is longer", f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void has(const char *path, const char *text)
{
	char buf[128] = "";
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	assert_true(fread(buf, 1, sizeof(buf) - 1, f) < sizeof(buf));
	fclose(f);
	assert_string_equal(buf, text);
}

static void put(const char *path)
{
	struct nfp_err err = {0};

	assert_int_equal(nfp_outfile_check(path, &err), 0);
	assert_int_equal(nfp_outfile_put(path, NEW, strlen(NEW), &err), 0);
	assert_int_equal(err.code, NFP_E_NONE);
}

static void new_file(void **state)
{
	struct place *p = *state;

	assert_int_equal(nfp_outfile_check(p->file, NULL), 0);
	assert_int_equal(access(p->file, F_OK), -1);
	put(p->file);
	has(p->file, NEW);
}

static void old_file_keeps_its_mode(void **state)
{
	struct place *p = *state;
	struct stat st;

	write_old(p->file, 0640);
	assert_int_equal(nfp_outfile_check(p->file, NULL), 0);
	has(p->file, "the old text, which is longer");
	put(p->file);
	has(p->file, NEW);
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void a_link_stays_one(void **state)
{
	struct place *p = *state;
	struct stat st;

	write_old(p->file, 0644);
	assert_int_equal(symlink("result", p->link), 0);
	put(p->link);
	has(p->file, NEW);
	assert_int_equal(lstat(p->link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

/* A disk that is full in the middle: the old text is there still, and nothing else. */
static void untouched_on_failure(void **state)
{
	struct place *p = *state;
	struct rlimit limit, small;
	struct nfp_err err = {0};

	write_old(p->file, 0644);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 4;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(nfp_outfile_put(p->file, NEW, strlen(NEW), &err), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(err.code, NFP_E_OUTPUT);
	assert_non_null(strstr(err.message, p->file));
	has(p->file, "the old text, which is longer");
}

static void special_files(void **state)
{
	(void)state;
	put("/dev/null");
	assert_int_equal(nfp_outfile_check("/dev/full", NULL), 0);
	assert_int_equal(nfp_outfile_put("/dev/full", NEW, strlen(NEW), NULL), -ENOSPC);
	assert_int_equal(nfp_outfile_check("/dev/no-such-device", NULL), -ENOENT);
}

static void places_that_are_none(void **state)
{
	struct place *p = *state;
	struct nfp_err err = {0};
	char path[128];

	assert_int_equal(nfp_outfile_check(p->dir, &err), -EISDIR);
	snprintf(path, sizeof(path), "%s/no/such", p->dir);
	assert_int_equal(nfp_outfile_check(path, &err), -ENOENT);
	assert_int_equal(nfp_outfile_put(path, NEW, 1, &err), -ENOENT);
	assert_string_not_equal(err.message, "");
	snprintf(path, sizeof(path), "%s/", p->file);
	assert_true(nfp_outfile_check(path, &err) < 0);
}

/* Names that somebody else took beside it are stepped over. */
static void names_that_are_taken(void **state)
{
	struct place *p = *state;
	char path[128];

	snprintf(path, sizeof(path), "%s.%d-0", p->file, (int)getpid());
	write_old(path, 0644);
	put(p->file);
	has(p->file, NEW);
	has(path, "the old text, which is longer");
	assert_int_equal(unlink(path), 0);
}

/* In parts it is written while the host is changed, and signals are kept waiting. */
static void pipe_that_nobody_reads(void **state)
{
	struct place *p = *state;
	struct nfp_outfile *file;
	struct nfp_err err = {0};
	char *data = calloc(1, 1 << 20);
	int reader;

	assert_non_null(data);
	assert_int_equal(mkfifo(p->file, 0600), 0);
	assert_int_equal(nfp_outfile_open(p->file, &file, &err), -ENXIO);
	assert_string_equal(err.hint, "begin what reads it first");
	reader = open(p->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_int_equal(nfp_outfile_open(p->file, &file, &err), 0);
	assert_int_equal(nfp_outfile_add(file, NEW, strlen(NEW)), 0);
	assert_int_equal(nfp_outfile_add(file, data, 1 << 20), -ETIMEDOUT);
	assert_int_equal(read(reader, data, strlen(NEW)), strlen(NEW));
	assert_memory_equal(data, NEW, strlen(NEW));
	assert_int_equal(nfp_outfile_commit(file, &err), -ETIMEDOUT);
	close(reader);
	free(data);
}

static void result_that_nobody_reads(void **state)
{
	struct place *p = *state;
	struct nfp_err err = {0};
	char *data = calloc(1, 1 << 20);
	int reader;

	assert_non_null(data);
	assert_int_equal(mkfifo(p->file, 0600), 0);
	assert_int_equal(nfp_outfile_put(p->file, NEW, strlen(NEW), &err), -ENXIO);
	assert_string_equal(err.hint, "begin what reads it first");
	reader = open(p->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_int_equal(nfp_outfile_put(p->file, NEW, strlen(NEW), &err), 0);
	assert_int_equal(read(reader, data, strlen(NEW)), strlen(NEW));
	assert_memory_equal(data, NEW, strlen(NEW));
	assert_int_equal(nfp_outfile_put(p->file, data, 1 << 20, &err), -ETIMEDOUT);
	close(reader);
	free(data);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, clear_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(new_file),
		IN_PLACE(old_file_keeps_its_mode),
		IN_PLACE(a_link_stays_one),
		IN_PLACE(untouched_on_failure),
		cmocka_unit_test(special_files),
		IN_PLACE(places_that_are_none),
		IN_PLACE(names_that_are_taken),
		IN_PLACE(pipe_that_nobody_reads),
		IN_PLACE(result_that_nobody_reads),
	};

	return cmocka_run_group_tests_name("outfile", tests, NULL, NULL);
}
