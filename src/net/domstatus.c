// SPDX-License-Identifier: GPL-2.0-or-later
/* domstatus.c - reads the first element of the files in which libvirt keeps the state of guests. */
#include "net/domstatus.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the text ---- */

struct text {
	const char *at, *end;
};

static bool take(struct text *t, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(t->end - t->at) < len || memcmp(t->at, word, len) != 0)
		return false;
	t->at += len;
	return true;
}

/* Skips white space. False: there is none. */
static bool skip_space(struct text *t)
{
	const char *from = t->at;

	while (t->at < t->end && *t->at && strchr(" \t\r\n", *t->at))
		t->at++;
	return t->at > from;
}

/* Skips the comment of which it has begun. False: it has no end. */
static bool skip_comment(struct text *t)
{
	for (; t->at < t->end; t->at++)
		if (take(t, "-->"))
			return true;
	return false;
}

/* libvirt's names and words for states have nothing that XML escapes. */
static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7f && !strchr("<>&'\"", c);
}

/* Takes characters up to @stop. False: others than plain ones come first, or @size and more. */
static bool take_until(struct text *t, char stop, char *buf, size_t size)
{
	size_t len = 0;

	while (t->at < t->end && *t->at != stop && is_plain(*t->at) && len < size - 1)
		buf[len++] = *t->at++;
	buf[len] = '\0';
	return t->at < t->end && *t->at == stop;
}

/* Takes one attribute, name='value'. An attribute of a name that is none of these is skipped. */
static bool take_attribute(struct text *t, struct nfp_domstatus *status)
{
	char name[NFP_DOMSTATUS_LEN], value[NFP_DOMSTATUS_LEN], quote;

	if (!take_until(t, '=', name, sizeof(name)) || ++t->at >= t->end)
		return false;
	quote = *t->at++;
	if ((quote != '\'' && quote != '"') || !take_until(t, quote, value, sizeof(value)))
		return false;
	t->at++;
	if (strcmp(name, "state") == 0)
		memcpy(status->state, value, sizeof(value));
	else if (strcmp(name, "reason") == 0)
		memcpy(status->reason, value, sizeof(value));
	else if (strcmp(name, "pid") == 0)
		status->pid = nfp_pid_of(value);
	return true;
}

bool nfp_domstatus_parse(const char *text, size_t len, struct nfp_domstatus *ret_status)
{
	struct text t = {text, text + len};
	struct nfp_domstatus status = {.pid = 0};

	do
		(void)skip_space(&t);
	while (take(&t, "<!--") && skip_comment(&t));
	if (!take(&t, "<domstatus"))
		return false;
	while (skip_space(&t) && !take(&t, ">"))
		if (!take_attribute(&t, &status))
			return false;
	if (t.at[-1] != '>' && !take(&t, ">"))
		return false;
	if (!status.state[0])
		return false;
	*ret_status = status;
	return true;
}

bool nfp_domstatus_runs(const struct nfp_domstatus *status)
{
	return strcmp(status->state, "running") == 0 || strcmp(status->state, "blocked") == 0;
}

/* ---- the file ---- */

/* Can root alone have written there? */
static bool is_roots(int fd, mode_t kind)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == kind && st.st_uid == 0 &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static int open_at(int dir, const char *path, int flags)
{
	int fd = (int)TEMP_FAILURE_RETRY(
		openat(dir, path, flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY));

	return fd < 0 ? -errno : fd;
}

/* Reads the head of the file. Returns its length or -errno. */
static ssize_t read_head(int dir, const char *file, char *head, size_t size)
{
	int fd = open_at(dir, file, O_NONBLOCK);
	ssize_t n = -EPERM;
	size_t have = 0;

	if (fd < 0)
		return fd == -ELOOP ? -EPERM : fd;
	if (is_roots(fd, S_IFREG)) {
		do {
			n = TEMP_FAILURE_RETRY(read(fd, head + have, size - have));
			have += n > 0 ? (size_t)n : 0;
		} while (n > 0 && have < size);
		n = n < 0 ? -errno : (ssize_t)have;
	}
	close(fd);
	return n;
}

/* Reads the head of NAME.SUFFIX in the folder. Returns its length or -errno. */
static ssize_t read_named(const struct nfp_sysroot *root, const char *name, const char *suffix,
			  char *head, size_t size)
{
	char *folder = nfp_asprintf("%s" NFP_DOMSTATUS_DIR, root->prefix);
	int dir = open_at(AT_FDCWD, folder, O_DIRECTORY);
	char file[NAME_MAX + 1];
	ssize_t len = -EINVAL;

	free(folder);
	if (dir < 0)
		return dir == -ENOTDIR || dir == -ELOOP ? -EPERM : dir;
	if (name[0] && name[0] != '.' && !strchr(name, '/') &&
	    snprintf(file, sizeof(file), "%s%s", name, suffix) < (int)sizeof(file))
		len = is_roots(dir, S_IFDIR) ? read_head(dir, file, head, size) : -EPERM;
	close(dir);
	return len;
}

int nfp_domstatus_read(const struct nfp_sysroot *root, const char *name,
		       struct nfp_domstatus *ret_status)
{
	char head[NFP_DOMSTATUS_MAX];
	ssize_t len = read_named(root, name, ".xml", head, sizeof(head));

	if (len < 0)
		return (int)len;
	if (nfp_domstatus_parse(head, (size_t)len, ret_status))
		return 0;
	return len == (ssize_t)sizeof(head) ? -EFBIG : -EBADMSG;
}

pid_t nfp_domstatus_pid(const struct nfp_sysroot *root, const char *file, char name[NFP_TEXT_LEN])
{
	const char *suffix = strrchr(file, '.');
	struct nfp_domstatus status = {.pid = 0};
	char whole[NAME_MAX + 1], text[32];
	ssize_t len;

	if (!suffix || (size_t)(suffix - file) >= sizeof(whole))
		return 0;
	snprintf(whole, sizeof(whole), "%.*s", (int)(suffix - file), file);
	snprintf(name, NFP_TEXT_LEN, "%.127s", whole);
	if (strcmp(suffix, ".xml") == 0)
		return nfp_domstatus_read(root, whole, &status) == 0 ? status.pid : 0;
	if (strcmp(suffix, ".pid") != 0)
		return 0;
	len = read_named(root, whole, suffix, text, sizeof(text) - 1);
	text[len > 0 ? len : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return nfp_pid_of(text);
}
