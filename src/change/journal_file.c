// SPDX-License-Identifier: GPL-2.0-or-later
/* journal_file.c - the file of a journal: created, appended to, loaded, split, removed. */
#include "change.h"
#include "journal.h"
#include "change/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <unistd.h>

/* Enough for two ladders, so that a full /run prevents a run instead of ending it halfway. */
#define RESERVE (256 << 10)

struct nfp_journal {
	int dirfd; /* borrowed */
	int fd;
	char name[NFP_TEXT_LEN + 32];
	unsigned int last_seq;
	struct nfp_journal_data data;
};

static int journal_error(struct nfp_err *err, int ret, const char *what,
			 const struct nfp_journal *journal)
{
	nfp_err_errno(err, ret, NFP_E_JOURNAL, "cannot %s the undo journal %s", what,
		      journal->name);
	if (ret == -ENOSPC)
		nfp_err_hint(
			err,
			"nfprobe changes nothing without its journal: free some space in /run.");
	return ret;
}

static struct nfp_journal *new_journal(int dirfd, const char *stem)
{
	struct nfp_journal *journal = nfp_calloc(1, sizeof(*journal));

	journal->dirfd = dirfd;
	journal->fd = -1;
	snprintf(journal->name, sizeof(journal->name), "%s.journal", stem);
	return journal;
}

/* Truncates the file again if @line is written only in part, so that the next record
 * begins a line. */
static int write_line(struct nfp_journal *journal, const char *line, struct nfp_err *err)
{
	bool in_memory = journal->dirfd < 0;
	off_t end = in_memory ? 0 : lseek(journal->fd, 0, SEEK_END);
	int ret = end < 0 ? -errno : 0;

	for (size_t at = 0, len = strlen(line); !in_memory && !ret && at < len;) {
		ssize_t n = TEMP_FAILURE_RETRY(write(journal->fd, line + at, len - at));

		if (n <= 0)
			ret = n < 0 ? -errno : -EIO;
		else
			at += (size_t)n;
	}
	if (!ret)
		return 0;
	if (end >= 0 && ftruncate(journal->fd, end))
		ret = -EIO;
	return journal_error(err, ret, "write", journal);
}

/* Keeps the data as a restore would read it from the file. */
static int read_back(struct nfp_journal *journal, const char *line)
{
	return nfp_journal_read_line(line, strlen(line) - 1, &journal->data);
}

/* Frees @line. */
static int append_line(struct nfp_journal *journal, char *line, struct nfp_err *err)
{
	int ret = write_line(journal, line, err), unread = ret ? 0 : read_back(journal, line);

	free(line);
	return unread ? journal_error(err, unread, "read back", journal) : ret;
}

static int create_file(struct nfp_journal *journal, struct nfp_err *err)
{
	journal->fd = openat(journal->dirfd, journal->name,
			     O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (journal->fd < 0)
		return journal_error(err, -errno, "create", journal);
	/* If the file system cannot reserve space, writing the first line still shows that it is
	 * full. */
	if (fallocate(journal->fd, FALLOC_FL_KEEP_SIZE, 0, RESERVE) && errno == ENOSPC)
		return journal_error(err, -ENOSPC, "create", journal);
	return 0;
}

int nfp_journal_create(int dirfd, const struct nfp_journal_head *head,
		       struct nfp_journal **ret_journal, struct nfp_err *err)
{
	struct nfp_journal *journal = new_journal(dirfd, head->parentdev);
	int ret = (dirfd < 0 ? 0 : create_file(journal, err))
			  ?: append_line(journal, nfp_journal_line_begin(head), err);

	if (!ret) {
		*ret_journal = journal;
		return 0;
	}
	if (journal->fd >= 0)
		(void)unlinkat(dirfd, journal->name, 0);
	nfp_journal_free(journal);
	return ret;
}

/* @access: O_RDWR or O_RDONLY. */
static int open_journal(struct nfp_journal *journal, int access, struct nfp_err *err)
{
	journal->fd = openat(journal->dirfd, journal->name,
			     access | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (journal->fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (journal->fd < 0 && errno == ELOOP)
		return nfp_err_set(
			err, -EPERM, NFP_E_JOURNAL,
			"the undo journal %s is a symbolic link, so it cannot be trusted",
			journal->name);
	if (journal->fd < 0)
		return journal_error(err, -errno, "open", journal);
	/* A user who can write this file can make root write to the host. */
	if (nfp_is_own(journal->fd, S_IFREG))
		return 0;
	nfp_err_set(err, -EPERM, NFP_E_JOURNAL,
		    "the undo journal %s is not a regular file that belongs to %s and that nobody "
		    "else can write to",
		    journal->name, geteuid() == 0 ? "root" : "this user");
	nfp_err_hint(
		err,
		"It cannot be trusted, so nothing was undone. Inspect it, then remove it by hand.");
	return -EPERM;
}

static int other_format(const struct nfp_journal *journal, struct nfp_err *err)
{
	const struct nfp_journal_head *head = &journal->data.head;

	nfp_err_set(err, -EBADMSG, NFP_E_JOURNAL,
		    NFP_RUNDIR "/%s was written by another version of nfprobe (%s), whose changes "
			       "this one cannot undo",
		    journal->name, head->version[0] ? head->version : "unknown");
	nfp_err_hint(err, "Undo them with --restore of that version, or reboot.");
	return -EBADMSG;
}

/* -ESTALE: it is from another boot, or nothing was changed. */
static int read_data(struct nfp_journal *journal, size_t *ret_good, struct nfp_err *err)
{
	char boot[NFP_BOOT_ID_LEN];
	char *text = NULL;
	size_t len = 0;
	int ret;

	ret = nfp_read_fd(journal->fd, NFP_JOURNAL_MAX, &text, &len);
	if (ret)
		return journal_error(err, ret, "read", journal);
	ret = nfp_journal_parse(text, len, &journal->data, ret_good, err);
	free(text);
	/* Without a complete first line nothing was changed, as in a journal of another boot. */
	if (ret == -ENODATA)
		return -ESTALE;
	if (ret == -EPROTONOSUPPORT)
		return other_format(journal, err);
	if (!ret)
		ret = nfp_boot_id(boot, err);
	if (ret)
		return ret;
	return strcmp(boot, journal->data.head.boot) == 0 ? 0 : -ESTALE;
}

static int load_data(struct nfp_journal *journal, struct nfp_err *err)
{
	size_t good = 0;
	int ret = read_data(journal, &good, err);

	if (ret)
		return ret;
	for (size_t i = 0; i < journal->data.num_changes; i++)
		journal->last_seq = MAX(journal->last_seq, journal->data.changes[i].seq);
	/* Remove only a line cut off by a crash; other damage must stay visible. */
	if (!journal->data.unreadable && ftruncate(journal->fd, (off_t)good))
		return journal_error(err, -errno, "write", journal);
	return 0;
}

int nfp_journal_load(int dirfd, const char *stem, struct nfp_journal **ret_journal,
		     struct nfp_err *err)
{
	struct nfp_journal *journal = new_journal(dirfd, stem);
	int ret = open_journal(journal, O_RDWR, err) ?: load_data(journal, err);

	if (ret == -ESTALE)
		ret = nfp_journal_remove(journal, err) ?: -ESTALE;
	if (ret) {
		nfp_journal_free(journal);
		return ret;
	}
	*ret_journal = journal;
	return 0;
}

int nfp_journal_peek(int dirfd, const char *stem, struct nfp_journal **ret_journal)
{
	struct nfp_journal *journal = new_journal(dirfd, stem);
	size_t good;
	int ret = open_journal(journal, O_RDONLY, NULL) ?: read_data(journal, &good, NULL);

	if (ret)
		nfp_journal_free(journal);
	else
		*ret_journal = journal;
	return ret;
}

const struct nfp_journal_data *nfp_journal_data(const struct nfp_journal *journal)
{
	return &journal->data;
}

int nfp_journal_vf(struct nfp_journal *journal, const struct nfp_journal_vf *entry,
		   struct nfp_err *err)
{
	return append_line(journal, nfp_journal_line_vf(entry), err);
}

int nfp_journal_change(struct nfp_journal *journal, struct nfp_change *change, struct nfp_err *err)
{
	change->seq = ++journal->last_seq;
	return append_line(journal, nfp_journal_line_change(change), err);
}

int nfp_journal_note(struct nfp_journal *journal, const struct nfp_journal_note *note,
		     struct nfp_err *err)
{
	char *line = nfp_journal_line_note(note);
	int ret;

	(void)read_back(journal, line);
	ret = write_line(journal, line, err);
	free(line);
	return ret;
}

int nfp_journal_done(struct nfp_journal *journal, unsigned int vf, struct nfp_err *err)
{
	return nfp_journal_note(journal, &(struct nfp_journal_note) {"vf-done", .vf = vf}, err);
}

void nfp_journal_mark_kept(struct nfp_journal *journal, unsigned int vf, const char *taker)
{
	nfp_for_each (entry, journal->data.vfs, journal->data.num_vfs) {
		if (entry->before.vf != vf || entry->done)
			continue;
		entry->kept = true;
		if (taker)
			snprintf(entry->taker, sizeof(entry->taker), "%s", taker);
	}
}

int nfp_journal_split(struct nfp_journal *journal, unsigned int vf, struct nfp_err *err)
{
	const struct nfp_journal_data *data = &journal->data;
	const struct nfp_journal_vf *entry = nfp_journal_find_vf(data, vf);
	struct nfp_journal_note external = {"foreign", .vf = vf};
	struct nfp_journal *own;
	char stem[NFP_TEXT_LEN + 16], name[sizeof(own->name)];
	int ret;

	if (!entry)
		return 0;
	snprintf(stem, sizeof(stem), "%s.vf%u", data->head.parentdev, vf);
	own = new_journal(journal->dirfd, stem);
	/* The file does not have the name of a journal until it is complete. */
	memcpy(name, own->name, sizeof(name));
	snprintf(own->name, sizeof(own->name), "%s.new", stem);
	(void)unlinkat(journal->dirfd, own->name, 0);
	ret = create_file(own, err) ?: append_line(own, nfp_journal_line_begin(&data->head), err)
				    ?: append_line(own, nfp_journal_line_vf(entry), err);
	external.attributes = entry->external;
	if (!ret && entry->external)
		ret = append_line(own, nfp_journal_line_note(&external), err);
	for (size_t i = 0; i < data->num_changes && !ret; i++) {
		const struct nfp_change *c = &data->changes[i];

		if (c->of_vf && c->vf == vf)
			ret = append_line(own, nfp_journal_line_change(c), err);
	}
	if (!ret && renameat(journal->dirfd, own->name, journal->dirfd, name))
		ret = journal_error(err, -errno, "rename", own);
	if (!ret)
		ret = nfp_journal_done(journal, vf, err);
	nfp_journal_free(own);
	return ret;
}

bool nfp_journal_is_split(int dirfd, const char *parentdev, unsigned int vf)
{
	char name[NFP_TEXT_LEN + 32];

	snprintf(name, sizeof(name), "%s.vf%u.journal", parentdev, vf);
	return !faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW);
}

int nfp_journal_remove(struct nfp_journal *journal, struct nfp_err *err)
{
	if (unlinkat(journal->dirfd, journal->name, 0) && errno != ENOENT)
		return journal_error(err, -errno, "remove", journal);
	return 0;
}

int nfp_journal_set_aside(struct nfp_journal *journal, struct nfp_err *err)
{
	char aside[sizeof(journal->name) + 16];

	snprintf(aside, sizeof(aside), "%s.damaged", journal->name);
	if (renameat(journal->dirfd, journal->name, journal->dirfd, aside))
		return journal_error(err, -errno, "rename", journal);
	return 0;
}

void nfp_journal_free(struct nfp_journal *journal)
{
	if (!journal)
		return;
	if (journal->fd >= 0)
		close(journal->fd);
	nfp_journal_data_fini(&journal->data);
	free(journal);
}

int nfp_boot_id(char buf[NFP_BOOT_ID_LEN], struct nfp_err *err)
{
	char text[NFP_BOOT_ID_LEN + 8]; /* the id and its newline */
	int ret = nfp_sysfs_read(NULL, text, sizeof(text), "/proc/sys/kernel/random/boot_id");

	if (!ret && strlen(text) >= NFP_BOOT_ID_LEN)
		ret = -EINVAL;
	if (ret)
		return nfp_err_errno(err, ret, NFP_E_JOURNAL, "cannot read the boot ID");
	memcpy(buf, text, strlen(text) + 1);
	return 0;
}
