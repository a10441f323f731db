// SPDX-License-Identifier: GPL-2.0-or-later
/* The undo journal as a file: appended to, cut off, forged, stale, without room. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "journal_samples.h"
#include "change/host.h"
#include "said.h"

#define FILE_NAME PARENT ".journal"

struct dir {
	char path[64];
	int fd;
};

static void make_dir(struct dir *d)
{
	snprintf(d->path, sizeof(d->path), "/tmp/nfprobe-journal-XXXXXX");
	assert_non_null(mkdtemp(d->path));
	d->fd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(d->fd >= 0);
}

static void remove_dir(struct dir *d)
{
	(void)unlinkat(d->fd, FILE_NAME, 0);
	(void)unlinkat(d->fd, FILE_NAME, AT_REMOVEDIR);
	(void)unlinkat(d->fd, FILE_NAME ".damaged", 0);
	close(d->fd);
	rmdir(d->path);
}

static struct nfp_journal *create(const struct dir *d)
{
	struct nfp_journal_head head = make_head();
	struct nfp_journal *journal = NULL;

	assert_int_equal(nfp_journal_create(d->fd, &head, &journal, NULL), 0);
	return journal;
}

#define CASE(name) TEST_OF(name, make_dir, remove_dir, struct dir, d)

CASE(written_and_loaded)
{
	struct nfp_journal *journal = create(d);
	struct nfp_journal_vf vf = {.before = make_vf(3)};
	struct nfp_change a = make_change(NFP_CHANGE_VF_RESET, 0), b = a;
	struct nfp_journal_head head = make_head();
	struct stat st;

	assert_int_equal(nfp_journal_vf(journal, &vf, NULL), 0);
	assert_int_equal(nfp_journal_change(journal, &a, NULL), 0);
	assert_int_equal(nfp_journal_change(journal, &b, NULL), 0);
	assert_int_equal(a.seq, 1);
	assert_int_equal(b.seq, 2);
	assert_int_equal(
		nfp_journal_note(journal, &(struct nfp_journal_note) {"void", .seq = a.seq}, NULL),
		0);
	assert_int_equal(nfp_journal_data(journal)->num_changes, 1);
	assert_int_equal(fstatat(d->fd, FILE_NAME, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	nfp_journal_free(journal);

	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), 0);
	assert_string_equal(nfp_journal_data(journal)->head.boot, head.boot);
	assert_int_equal(nfp_journal_data(journal)->num_changes, 1);
	assert_int_equal(nfp_journal_data(journal)->changes[0].seq, b.seq);
	/* Numbers go on where they ended. */
	assert_int_equal(nfp_journal_change(journal, &a, NULL), 0);
	assert_int_equal(a.seq, 3);
	assert_int_equal(nfp_journal_done(journal, 3, NULL), 0);
	assert_int_equal(nfp_journal_remove(journal, NULL), 0);
	nfp_journal_free(journal);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), -ENOENT);
}

CASE(is_never_overwritten)
{
	struct nfp_journal_head head = make_head();
	struct nfp_journal *journal = create(d), *other;
	struct nfp_err err = {.code = NFP_E_NONE};

	nfp_journal_free(journal);
	assert_int_equal(nfp_journal_create(d->fd, &head, &other, &err), -EEXIST);
	assert_int_equal(err.code, NFP_E_JOURNAL);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), 0);
	nfp_journal_free(journal);
}

static void write_text(const struct dir *d, const char *text, size_t len, mode_t mode)
{
	int fd = openat(d->fd, FILE_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* Which file it is, and what can undo it; it stays. */
CASE(of_another_version)
{
	static const char text[] = "eed28119 {\"t\":\"begin\",\"format\":4,\"version\":\"0.0.9\","
				   "\"ifname\":\"eth9\"}\n";
	struct nfp_err err = {.code = NFP_E_NONE};
	struct nfp_journal *journal;

	write_text(d, text, strlen(text), 0600);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, &err), -EBADMSG);
	assert_int_equal(err.code, NFP_E_JOURNAL);
	assert_string_equal(err.message,
			    NFP_RUNDIR "/" FILE_NAME " was written by another version of nfprobe "
				       "(0.0.9), whose changes this one cannot undo");
	assert_string_equal(said_hint(&err.hint),
			    "Undo them with --restore of that version, or reboot.");
	assert_int_equal(faccessat(d->fd, FILE_NAME, F_OK, 0), 0);
}

/* After a crash the cut-off line goes, so that what follows begins a line. */
CASE(appends_behind_the_last_good_line)
{
	struct text t = make_text();
	struct nfp_journal *journal;
	struct nfp_change c = make_change(NFP_CHANGE_VF_RESET, 0);

	write_text(d, t.buf, t.len - 5, 0600);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), 0);
	assert_int_equal(nfp_journal_change(journal, &c, NULL), 0);
	nfp_journal_free(journal);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), 0);
	assert_int_equal(nfp_journal_data(journal)->num_changes, NFP_CHANGE_COUNT);
	assert_int_equal(nfp_journal_data(journal)->unreadable, 0);
	nfp_journal_free(journal);
	free(t.buf);
}

/* A reader is told the same after a restore that failed or was killed. */
CASE(damage_shows_every_time)
{
	struct text t = make_text();
	struct nfp_journal *journal;

	t.buf[t.end[t.lines - 3] + 2] ^= 1;
	t.buf[t.end[t.lines - 2] + 2] ^= 1;
	write_text(d, t.buf, t.len, 0600);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), 0);
		assert_int_equal(nfp_journal_data(journal)->unreadable, 1);
		nfp_journal_free(journal);
	}
	free(t.buf);
}

static void assert_not_believed(const struct dir *d)
{
	struct nfp_err err = {.code = NFP_E_NONE};
	struct nfp_journal *journal;

	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, &err), -EPERM);
	assert_int_equal(err.code, NFP_E_JOURNAL);
	assert_true(err.message[0] != '\0');
}

CASE(symbolic_link)
{
	struct nfp_journal_head head = make_head();
	struct nfp_journal *journal;

	assert_int_equal(symlinkat("/etc/hostname", d->fd, FILE_NAME), 0);
	assert_not_believed(d);
	assert_int_equal(nfp_journal_create(d->fd, &head, &journal, NULL), -EEXIST);
}

CASE(writable_by_others)
{
	struct text t = make_text();

	write_text(d, t.buf, t.len, 0620);
	assert_not_believed(d);
	write_text(d, t.buf, t.len, 0602);
	assert_not_believed(d);
	free(t.buf);
}

CASE(of_somebody_else)
{
	struct text t = make_text();

	if (geteuid() != 0) {
		free(t.buf);
		skip();
	}
	write_text(d, t.buf, t.len, 0600);
	assert_int_equal(fchownat(d->fd, FILE_NAME, 65534, 65534, 0), 0);
	assert_not_believed(d);
	free(t.buf);
}

CASE(not_a_file)
{
	struct nfp_journal *journal;

	assert_int_equal(mkdirat(d->fd, FILE_NAME, 0700), 0);
	assert_true(nfp_journal_load(d->fd, PARENT, &journal, NULL) < 0);
	assert_int_equal(unlinkat(d->fd, FILE_NAME, AT_REMOVEDIR), 0);
	/* One that nobody writes to must not be waited for. */
	assert_int_equal(mkfifoat(d->fd, FILE_NAME, 0600), 0);
	assert_not_believed(d);
}

CASE(of_another_boot)
{
	struct nfp_journal_head head = make_head();
	struct nfp_journal *journal;
	char *line;

	head.boot[0] = head.boot[0] == 'a' ? 'b' : 'a';
	line = nfp_journal_line_begin(&head);
	assert_non_null(line);
	write_text(d, line, strlen(line), 0600);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), -ESTALE);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), -ENOENT);
	/* Cut off in its first line it belongs to a run that changed nothing. */
	write_text(d, line, 20, 0600);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), -ESTALE);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), -ENOENT);
	free(line);
}

/* In place of libc's: while this is set, there is no room to reserve. */
static bool full;

int fallocate(int fd, int mode, off_t at, off_t len)
{
	if (!full)
		return (int)syscall(SYS_fallocate, fd, mode, at, len);
	errno = ENOSPC;
	return -1;
}

CASE(no_room_to_begin)
{
	struct nfp_journal_head head = make_head();
	struct nfp_err err = {.code = NFP_E_NONE};
	struct nfp_journal *journal;

	full = true;
	assert_int_equal(nfp_journal_create(d->fd, &head, &journal, &err), -ENOSPC);
	full = false;
	assert_int_equal(err.code, NFP_E_JOURNAL);
	assert_string_equal(
		said_hint(&err.hint),
		"nfprobe changes nothing without its journal: free some space in /run.");
	assert_int_equal(faccessat(d->fd, FILE_NAME, F_OK, 0), -1);
}

CASE(no_room)
{
	struct nfp_journal *journal = create(d);
	struct nfp_change c = make_change(NFP_CHANGE_VF_RESET, 0);
	struct nfp_err err = {.code = NFP_E_NONE};
	struct rlimit old, tight;
	struct stat before, after;

	assert_int_equal(nfp_journal_change(journal, &c, NULL), 0);
	assert_int_equal(fstatat(d->fd, FILE_NAME, &before, 0), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = old;
	tight.rlim_cur = (rlim_t)before.st_size + 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	assert_int_equal(nfp_journal_change(journal, &c, &err), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(err.code, NFP_E_JOURNAL);
	assert_string_equal(said_hint(&err.hint), ""); /* it is not /run that is full */
	/* The ten bytes that fitted are gone again; what was not written is not in the data. */
	assert_int_equal(fstatat(d->fd, FILE_NAME, &after, 0), 0);
	assert_int_equal(after.st_size, before.st_size);
	assert_int_equal(nfp_journal_data(journal)->num_changes, 1);
	/* The caller at least knows that the change is void. */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	c.seq = 1;
	assert_int_equal(
		nfp_journal_note(journal, &(struct nfp_journal_note) {"void", .seq = c.seq}, &err),
		-EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(nfp_journal_data(journal)->num_changes, 0);
	nfp_journal_free(journal);
}

CASE(set_aside)
{
	struct nfp_journal *journal = create(d);

	assert_int_equal(nfp_journal_set_aside(journal, NULL), 0);
	nfp_journal_free(journal);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), -ENOENT);
	assert_int_equal(faccessat(d->fd, FILE_NAME ".damaged", F_OK, 0), 0);
}

TEST_MAIN()
