// SPDX-License-Identifier: GPL-2.0-or-later
/* --save: a new file for each run, whole or not at all, in a folder that only its owner can write.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../src/app/run_priv.h"
#include "harness.h"
#include "unit/sample_result.h"
#include "said.h"

#define DEVICE "pci-0000:01:00.0"

struct place {
	char dir[64], folder[96];
	struct nfp_save save;
	struct nfp_result result;
	struct nfp_err err;
};

static void make_place(struct place *p)
{
	snprintf(p->dir, sizeof(p->dir), "/tmp/nfprobe-save-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	assert_int_equal(chmod(p->dir, 0755), 0);
	snprintf(p->folder, sizeof(p->folder), "%s/" DEVICE, p->dir);
	p->save.folder = -1;
	sample_igb(&p->result);
}

static void remove_place(struct place *p)
{
	char command[128];

	nfp_save_close(&p->save);
	nfp_result_fini(&p->result);
	snprintf(command, sizeof(command), "rm -rf %s", p->dir);
	assert_int_equal(system(command), 0);
}

#define CASE(name) TEST_OF(name, make_place, remove_place, struct place, p)

static int open_there(struct place *p)
{
	return nfp_save_open(p->dir, "pci", "0000:01:00.0", &p->save, &p->err);
}

/* How many files are in the folder of the device; the name of the last. */
static size_t num_files(const struct place *p, char name[256])
{
	DIR *dir = opendir(p->folder);
	const struct dirent *d;
	size_t num = 0;

	assert_non_null(dir);
	while ((d = readdir(dir))) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		snprintf(name, 256, "%s", d->d_name);
		num++;
	}
	closedir(dir);
	return num;
}

/* What standard output gets of --json when it is no terminal. */
static char *printed(const struct nfp_result *result)
{
	struct nfp_ci_filter ci_filter;
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len), *out;

	assert_non_null(to);
	out = nfp_ci_filter_open(&ci_filter, to, NFP_MARKUP_JSON, false);
	assert_non_null(out);
	assert_int_equal(nfp_report_json(result, out), 0);
	fclose(out);
	fclose(to);
	return text;
}

CASE(the_bytes_that_json_has)
{
	char name[256], path[512], *expected, *text;
	size_t len;
	struct stat st;
	int fd;

	/* A command of a CI system must not be in the file either. */
	strcpy(p->result.pf.firmware, "##[command]");
	umask(0077);
	assert_int_equal(open_there(p), 0);
	assert_int_equal(num_files(p, name), 0); /* nothing is left of the attempt */
	assert_int_equal(nfp_save_write(&p->save, &p->result, &p->err), 0);
	umask(0022);
	assert_int_equal(num_files(p, name), 1);
	assert_string_equal(name, "20261120T100000.123Z-00112233445566778899aabbccddeeff-1.json");
	snprintf(path, sizeof(path), "%s/%s", p->folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(nfp_read_fd(fd, 1 << 20, &text, &len), 0);
	close(fd);
	assert_int_equal(stat(p->folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	expected = printed(&p->result);
	assert_string_equal(text, expected);
	free(expected);
	free(text);
}

CASE(a_folder_that_is_not_there_is_made)
{
	struct stat st;

	assert_int_equal(rmdir(p->dir), 0);
	umask(0077);
	assert_int_equal(open_there(p), 0);
	umask(0022);
	assert_int_equal(stat(p->dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

CASE(but_not_the_one_above_it)
{
	char dir[96];

	snprintf(dir, sizeof(dir), "%s/no/such", p->dir);
	assert_int_equal(nfp_save_open(dir, "pci", "x", &p->save, &p->err), -ENOENT);
	assert_int_equal(p->err.code, NFP_E_OUTPUT);
	assert_non_null(strstr(p->err.message, dir));
	assert_non_null(strstr(said_hint(&p->err.hint), "Make the folder above it"));
}

CASE(a_file_in_its_place)
{
	int fd;

	assert_int_equal(rmdir(p->dir), 0);
	fd = open(p->dir, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(open_there(p), -ENOTDIR);
	assert_int_equal(p->err.code, NFP_E_OUTPUT);
}

/* The link of somebody who may write above would lead elsewhere. */
CASE(a_symbolic_link)
{
	assert_int_equal(symlink("/tmp", p->folder), 0);
	assert_int_equal(open_there(p), -ELOOP);
	assert_non_null(strstr(p->err.message, "symbolic link"));
	assert_non_null(strstr(said_hint(&p->err.hint), "--save=DIR"));
	assert_int_equal(unlink(p->folder), 0);
}

CASE(a_folder_that_others_can_write)
{
	struct place *device = p;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(p->dir, 0777), 0);
	assert_int_equal(open_there(p), -EPERM);
	assert_non_null(strstr(p->err.message, "another user than root can write to it"));
	assert_non_null(strstr(said_hint(&p->err.hint), "chmod go-w"));
	assert_int_equal(chmod(p->dir, 0775), 0);
	assert_int_equal(open_there(p), -EPERM);
	assert_int_equal(chmod(p->dir, 0755) ?: chown(p->dir, 65534, 0), 0);
	assert_int_equal(open_there(p), -EPERM);
	/* The folder of the device likewise. */
	assert_int_equal(chown(p->dir, 0, 0), 0);
	assert_int_equal(mkdir(device->folder, 0755) ?: chmod(device->folder, 0777), 0);
	assert_int_equal(open_there(p), -EPERM);
	assert_int_equal(chmod(device->folder, 0755), 0);
	assert_int_equal(open_there(p), 0);
}

static void make_file(const struct place *p, const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", p->folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
}

#define NAME "20261120T100000.123Z-00112233445566778899aabbccddeeff"

/* By the names alone, whatever is in the files; those that are no names of results do not count. */
CASE(results_are_numbered)
{
	static const struct {
		const char *name;
		unsigned int next;
	} rows[] = {
		{NAME ".json", 1}, /* put there by hand */
		{NAME "-7.json", 8},
		{"20000101T000030.000Z-ffffffffffffffffffffffffffffffff-3.json", 8},
		{"20000101T000030.000Z-ffffffffffffffffffffffffffffffff-41.json", 42},
		{"20000101T000030.000Z-ffffffffffffffffffffffffffffffff-50.json.old", 42},
		{"20000101T000030.000Z-ffffffffffffffffffffffffffffffff-51x.json", 42},
		{"20000101T000030.000Z-fffffffffffffffffffffffffffffff-52.json", 42},
		{"." NAME "-53.json", 42},
		{"eth0-54.json", 42},
		{NAME "-1000000000.json", 42},
		{NAME "-99999999999999999999.json", 42},
		{NAME "-999999998.json", 999999999},
	};
	unsigned int number;
	char path[512], name[256];

	assert_int_equal(open_there(p), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make_file(p, rows[i].name);
		assert_int_equal(nfp_save_write(&p->save, &p->result, &p->err), 0);
		assert_int_equal(p->result.number, rows[i].next);
		snprintf(path, sizeof(path), "%s/" NAME "-%u.json", p->folder, rows[i].next);
		assert_int_equal(unlink(path), 0);
	}
	/* Two in a row. */
	for (number = 0; number < 2; number++)
		assert_int_equal(nfp_save_write(&p->save, &p->result, &p->err),
				 number ? -EEXIST : 0);
	assert_int_equal(p->result.number, 0);
	assert_int_equal(p->err.code, NFP_E_OUTPUT);
	assert_int_equal(num_files(p, name), sizeof(rows) / sizeof(rows[0]) + 1);
}

CASE(what_is_there_is_not_replaced)
{
	char name[256], path[512];
	struct stat st;

	assert_int_equal(open_there(p), 0);
	make_file(p, NAME ".json");
	assert_int_equal(nfp_save_write(&p->save, &p->result, &p->err), 0);
	assert_int_equal(nfp_save_write(&p->save, &p->result, &p->err), 0);
	assert_int_equal(p->result.number, 2);
	snprintf(path, sizeof(path), "%s/" NAME ".json", p->folder);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(num_files(p, name), 3);
}

static void add_files(const struct place *p, const char *begin, const char *end, unsigned int from,
		      unsigned int to)
{
	char path[192];

	for (unsigned int i = from; i < to; i++) {
		int fd;

		snprintf(path, sizeof(path), "%s/%s%04u%s", p->folder, begin, i, end);
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		assert_true(fd >= 0);
		close(fd);
	}
}

/* Before nfprobe-check leaves any of them out. Hidden files and others are no results. */
CASE(that_nobody_prunes_is_told_in_time)
{
	assert_int_equal(open_there(p), 0);
	assert_null(p->save.crowded);
	add_files(p, "20261120T100000.123Z-", ".json", 0, 899);
	add_files(p, ".", ".json", 0, 10);
	add_files(p, "", ".json.old", 0, 10);
	nfp_save_close(&p->save);
	assert_int_equal(open_there(p), 0);
	assert_null(p->save.crowded);
	nfp_save_close(&p->save);
	add_files(p, "20261120T100000.123Z-", ".json", 899, 900);
	assert_int_equal(open_there(p), 0);
	assert_non_null(strstr(p->save.crowded, "has 900 results"));
	assert_non_null(strstr(p->save.crowded, "nfprobe-check --prune"));
	/* The folder itself is as it was. */
	assert_int_equal(nfp_save_write(&p->save, &p->result, &p->err), 0);
}

/* In a mount namespace of its own, where the folder is a file system of this sort. */
static void on_tmpfs(struct place *p, const char *options, bool (*check)(struct place *p))
{
	pid_t pid;
	int status;

	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mount("none", p->dir, "tmpfs", 0, options))
			_exit(2);
		_exit(check(p) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static bool no_space(struct place *p)
{
	char name[256];

	return open_there(p) == 0 && nfp_save_write(&p->save, &p->result, &p->err) == -ENOSPC &&
	       p->err.code == NFP_E_OUTPUT && strstr(said_hint(&p->err.hint), "Make room there") &&
	       num_files(p, name) == 0;
}

/* Half a result is none. */
CASE(no_space_for_the_result)
{
	on_tmpfs(p, "mode=755,size=4k", no_space);
}

static bool no_inode(struct place *p)
{
	return open_there(p) == -ENOSPC && strstr(said_hint(&p->err.hint), "Make room there");
}

CASE(no_room_for_a_name_is_known_before)
{
	on_tmpfs(p, "mode=755,nr_inodes=2", no_inode);
}

static bool read_only(struct place *p)
{
	int before, after;

	before = open_there(p); /* makes the folder of the device */
	nfp_save_close(&p->save);
	if (mount(NULL, p->dir, NULL, MS_REMOUNT | MS_RDONLY, "mode=755"))
		return false;
	after = open_there(p);
	return before == 0 && after == -EROFS && p->err.code == NFP_E_OUTPUT &&
	       strstr(said_hint(&p->err.hint), "that can be written");
}

CASE(read_only_is_known_before)
{
	on_tmpfs(p, "mode=755", read_only);
}

TEST_MAIN()
