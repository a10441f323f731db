// SPDX-License-Identifier: GPL-2.0-or-later
/* A file that a result goes to is whole, or as it was. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "harness.h"
#include "base/output.h"
#include "said.h"

#define NEW "the new text\n"

struct place {
	char dir[64], file[96], link[96];
};

static void make_place(struct place *p)
{
	strcpy(p->dir, "/tmp/nfprobe-outfile-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->file, sizeof(p->file), "%s/result", p->dir);
	snprintf(p->link, sizeof(p->link), "%s/link", p->dir);
}

static void clear_place(struct place *p)
{
	unlink(p->file);
	unlink(p->link);
	assert_int_equal(rmdir(p->dir), 0); /* nothing else was left there */
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

static int render(const void *what, FILE *out)
{
	return fputs(what, out) < 0 ? -EIO : 0;
}

static void put(const char *path)
{
	struct nfp_err err = {0};

	assert_int_equal(nfp_outfile_check(path, &err), 0);
	assert_int_equal(nfp_outfile_render(path, NFP_MARKUP_NONE, render, NEW, &err), 0);
	assert_int_equal(err.code, NFP_E_NONE);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode;
}

#define CASE(name) TEST_OF(name, make_place, clear_place, struct place, p)

/* A reader of all files in the folder, but for those with a dot, never sees half of one. */
CASE(an_incomplete_file_is_hidden)
{
	struct nfp_outfile *file;
	struct dirent *entry;
	DIR *dir = opendir(p->dir);
	int hidden = 0;

	assert_non_null(dir);
	assert_int_equal(nfp_outfile_open(p->file, &file, NULL), 0);
	assert_int_equal(nfp_outfile_add(file, NEW, 4), 0);
	while ((entry = readdir(dir))) {
		assert_int_equal(entry->d_name[0], '.');
		hidden += strncmp(entry->d_name, ".result.", strlen(".result.")) == 0;
	}
	assert_int_equal(hidden, 1);
	closedir(dir);
	nfp_outfile_discard(file);
	/* A name without a folder is in this one. */
	assert_int_equal(chdir(p->dir), 0);
	put("result");
	has(p->file, NEW);
	assert_int_equal(chdir("/"), 0);
}

/* umask gives the mode: bits to read and write only, and none that the old file lacked. */
CASE(modes)
{
	static const struct {
		mode_t old, mask, expected;
	} cases[] = {
		{0644, 0022, 0644}, {0640, 0022, 0640},	 {0600, 0000, 0600},
		{0666, 0077, 0600}, {06755, 0022, 0644},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		mode_t mask = umask(cases[i].mask);

		write_old(p->file, cases[i].old);
		assert_int_equal(nfp_outfile_check(p->file, NULL), 0);
		has(p->file, "the old text, which is longer");
		put(p->file);
		umask(mask);
		has(p->file, NEW);
		assert_int_equal(mode_of(p->file), S_IFREG | cases[i].expected);
	}
}

/* The result goes where it was to go when the run began. */
CASE(a_folder_that_is_renamed)
{
	char folder[80], path[96], moved[80];
	struct nfp_outfile *file;

	snprintf(folder, sizeof(folder), "%s/a", p->dir);
	snprintf(moved, sizeof(moved), "%s/b", p->dir);
	snprintf(path, sizeof(path), "%s/result", folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(nfp_outfile_open(path, &file, NULL), 0);
	assert_int_equal(rename(folder, moved), 0);
	assert_int_equal(symlink("/", folder), 0);
	assert_int_equal(nfp_outfile_add(file, NEW, strlen(NEW)), 0);
	assert_int_equal(nfp_outfile_commit(file, NULL), 0);
	snprintf(path, sizeof(path), "%s/result", moved);
	has(path, NEW);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(moved), 0);
	assert_int_equal(unlink(folder), 0);
}

/* A disk that is full in the middle: the old text is there still, and nothing else. */
CASE(untouched_on_failure)
{
	struct rlimit limit, small;
	struct nfp_err err = {0};

	write_old(p->file, 0644);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 4;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(nfp_outfile_render(p->file, NFP_MARKUP_NONE, render, NEW, &err), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(err.code, NFP_E_OUTPUT);
	assert_non_null(strstr(err.message, p->file));
	has(p->file, "the old text, which is longer");
}

static void refused(const char *path)
{
	struct nfp_err err = {0};

	assert_int_equal(nfp_outfile_check(path, &err), -ENOTSUP);
	assert_non_null(strstr(err.message, path));
	assert_non_null(strstr(err.message, "it is not a regular file"));
	assert_non_null(strstr(said_hint(&err.hint), "--json > FILE"));
	assert_int_equal(nfp_outfile_render(path, NFP_MARKUP_NONE, render, NEW, &err), -ENOTSUP);
}

/* Wherever it leads: to a file, to nothing, to itself, or to a device. */
CASE(a_link_is_left_alone)
{
	static const char *const targets[] = {"result", "nothing", "link", "/dev/full"};

	write_old(p->file, 0600);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		assert_int_equal(symlink(targets[i], p->link), 0);
		refused(p->link);
		assert_true(S_ISLNK(mode_of(p->link)));
		assert_int_equal(unlink(p->link), 0);
	}
	has(p->file, "the old text, which is longer");
	assert_int_equal(mode_of(p->file), S_IFREG | 0600);
}

/* The shell writes into a pipe or what stands for an open file, and no device is replaced. */
CASE(special_files)
{
	char path[64];
	int fd;

	assert_int_equal(mkfifo(p->file, 0600), 0);
	refused(p->file);
	assert_true(S_ISFIFO(mode_of(p->file)));
	assert_int_equal(unlink(p->file), 0);
	refused("/dev/null");
	refused("/dev/stdout");
	write_old(p->file, 0600);
	fd = open(p->file, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), i ? "/dev/fd/%d" : "/proc/self/fd/%d", fd);
		refused(path);
	}
	close(fd);
	has(p->file, "the old text, which is longer");
}

/* A file that lasts is flushed, has its mode whatever the umask, and replaces nothing. */
CASE(a_file_that_lasts)
{
	struct nfp_outfile *file;
	int dir = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mode_t mask = umask(0077);

	assert_true(dir >= 0);
	assert_int_equal(nfp_outfile_open_lasting(dir, "result", &file), 0);
	assert_int_equal(nfp_outfile_fill(file, NFP_MARKUP_NONE, render, NEW), 0);
	assert_int_equal(nfp_outfile_commit(file, NULL), 0);
	umask(mask);
	has(p->file, NEW);
	assert_int_equal(mode_of(p->file), S_IFREG | 0644);
	assert_int_equal(nfp_outfile_open_lasting(dir, "result", &file), 0);
	assert_int_equal(nfp_outfile_commit(file, NULL), -EEXIST);
	has(p->file, NEW);
	close(dir);
}

/* Who may write to the folder has made what names of this process may be guessed. */
CASE(names_that_others_have_taken)
{
	struct nfp_outfile *one, *two;

	for (unsigned int i = 0; i < 100; i++) {
		char path[160];
		FILE *f;

		snprintf(path, sizeof(path), "%s/.result.%d-%u", p->dir, (int)getpid(), i);
		f = fopen(path, "we");
		assert_non_null(f);
		fclose(f);
	}
	put(p->file);
	/* Two at once are two. */
	assert_int_equal(nfp_outfile_open(p->file, &one, NULL), 0);
	assert_int_equal(nfp_outfile_open(p->file, &two, NULL), 0);
	nfp_outfile_discard(one);
	nfp_outfile_discard(two);
	for (unsigned int i = 0; i < 100; i++) {
		char path[160];

		snprintf(path, sizeof(path), "%s/.result.%d-%u", p->dir, (int)getpid(), i);
		assert_int_equal(unlink(path), 0);
	}
}

CASE(places_that_are_none)
{
	struct nfp_err err = {0};
	char path[128];

	assert_int_equal(nfp_outfile_check(p->dir, &err), -EISDIR);
	snprintf(path, sizeof(path), "%s/no/such", p->dir);
	assert_int_equal(nfp_outfile_check(path, &err), -ENOENT);
	assert_int_equal(nfp_outfile_render(path, NFP_MARKUP_NONE, render, NEW, &err), -ENOENT);
	assert_string_not_equal(err.message, "");
	snprintf(path, sizeof(path), "%s/", p->file);
	assert_true(nfp_outfile_check(path, &err) < 0);
}

/* A file that may not be written is not replaced. */
CASE(write_protected)
{
	int status;
	pid_t pid;

	write_old(p->file, 0444);
	assert_int_equal(chmod(p->dir, 0777), 0);
	pid = fork();
	if (pid == 0)
		_exit((geteuid() == 0 && setresuid(65534, 65534, 65534) < 0) ||
		      nfp_outfile_check(p->file, NULL) != -EACCES);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	has(p->file, "the old text, which is longer");
}

TEST_MAIN()
