// SPDX-License-Identifier: GPL-2.0-or-later
/* netns.c - visits the other network namespaces of this host, once each. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/nsfs.h>

#include "inventory_priv.h"

struct walk {
	const struct nfp_sysroot *root;
	nfp_netns_visit *visit;
	void *ctx;
	bool by_process; /* the entries of /proc, else of netns/ */
	bool closed;	 /* one could not be opened */
	ino_t *seen;	 /* in ascending order */
	size_t num_seen;
	ino_t own_user; /* of this user namespace; 0: not known */
	struct later {
		pid_t pid; /* of a process in it */
		ino_t ino;
	} * later; /* namespaces that belong to other user namespaces */
	size_t num_later;
};

/* Is this the first time? From now on the namespace counts as seen. Anybody may have thousands. */
static bool first_seen(struct walk *w, ino_t ino)
{
	size_t from = 0, to = w->num_seen;

	while (from < to) {
		size_t half = from + (to - from) / 2;

		if (w->seen[half] < ino)
			from = half + 1;
		else
			to = half;
	}
	if (from < w->num_seen && w->seen[from] == ino)
		return false;
	w->seen = nfp_reallocarray(w->seen, w->num_seen + 1, sizeof(*w->seen));
	memmove(&w->seen[from + 1], &w->seen[from], (w->num_seen - from) * sizeof(*w->seen));
	w->seen[from] = ino;
	w->num_seen++;
	return true;
}

/* Does it belong to another user namespace than this? Any user makes such by the thousand. */
static bool is_of_others(const struct walk *w, int fd)
{
	int user = w->own_user ? ioctl(fd, NS_GET_USERNS) : -1;
	struct stat st;
	bool is = user >= 0 && fstat(user, &st) == 0 && st.st_ino != w->own_user;

	if (user >= 0)
		close(user);
	return is;
}

static int visit_one(const char *name, void *ctx)
{
	struct walk *w = ctx;
	pid_t pid = w->by_process ? nfp_pid_of(name) : 0;
	char path[512];
	struct stat st;
	int fd, ret = 0;

	if (w->by_process && !pid)
		return 0;
	if (pid)
		snprintf(path, sizeof(path), "%s/proc/%d/ns/net", w->root->prefix, (int)pid);
	else
		snprintf(path, sizeof(path), "%s/run/netns/%s", w->root->prefix, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		w->closed |= errno == EACCES || errno == EPERM;
		return 0;
	}
	if (fstat(fd, &st) == 0 && first_seen(w, st.st_ino)) {
		if (pid && is_of_others(w, fd)) {
			*nfp_grow(w->later, w->num_later) = (struct later) {pid, st.st_ino};
		} else {
			ret = w->visit(fd, pid ? NULL : name, pid, w->ctx);
		}
	}
	close(fd);
	return ret;
}

/* Namespaces of other users come last: they cannot keep the rest from being read. */
static int visit_later(struct walk *w)
{
	int ret = 0;

	for (size_t i = 0; i < w->num_later && ret == 0; i++) {
		struct stat st;
		char path[512];
		int fd;

		snprintf(path, sizeof(path), "%s/proc/%d/ns/net", w->root->prefix,
			 (int)w->later[i].pid);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0)
			continue;
		if (fstat(fd, &st) == 0 && st.st_ino == w->later[i].ino)
			ret = w->visit(fd, NULL, w->later[i].pid, w->ctx);
		close(fd);
	}
	return ret;
}

int nfp_netns_each(const struct nfp_sysroot *root, nfp_netns_visit *visit, void *ctx,
		   bool *ret_closed)
{
	struct walk w = {.root = root, .visit = visit, .ctx = ctx};
	struct stat st;
	char path[512];
	int ret;

	/* Not our own. */
	snprintf(path, sizeof(path), "%s/proc/self/ns/net", root->prefix);
	if (stat(path, &st) == 0)
		(void)first_seen(&w, st.st_ino);
	snprintf(path, sizeof(path), "%s/proc/self/ns/user", root->prefix);
	w.own_user = stat(path, &st) == 0 ? st.st_ino : 0;
	/* Named ones first, for people know the names. */
	ret = nfp_sysfs_each(root, visit_one, &w, "/run/netns");
	w.by_process = true;
	if (ret <= 0)
		ret = nfp_sysfs_each(root, visit_one, &w, "/proc");
	if (ret <= 0)
		ret = visit_later(&w);
	free(w.later);
	free(w.seen);
	*ret_closed = w.closed;
	return ret > 0;
}
