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
	bool closed; /* one could not be opened */
	int own_fd;
	ino_t *seen; /* in ascending order */
	size_t num_seen;
	ino_t own_user; /* the inode of our own user namespace; 0: not known */
	struct later {
		pid_t pid; /* of a process in it */
		ino_t ino;
	} * later; /* namespaces that belong to other user namespaces */
	size_t num_later;
};

static int compare_inodes(const void *a, const void *b)
{
	return NFP_ORDER(*(const ino_t *)a, *(const ino_t *)b);
}

/* Is this the first time? From now on the namespace counts as seen. Anybody can have thousands. */
static bool first_seen(struct walk *w, ino_t ino)
{
	size_t from = nfp_lower_bound(&ino, w->seen, w->num_seen, sizeof(ino), compare_inodes);

	if (from < w->num_seen && w->seen[from] == ino)
		return false;
	w->seen = nfp_reallocarray(w->seen, w->num_seen + 1, sizeof(*w->seen));
	memmove(&w->seen[from + 1], &w->seen[from], (w->num_seen - from) * sizeof(*w->seen));
	w->seen[from] = ino;
	w->num_seen++;
	return true;
}

/* Does it belong to a user namespace other than ours? Any user can make such by the thousand.
 * *ret_users: root has not made it, either. */
static bool is_of_others(const struct walk *w, int fd, bool *ret_users)
{
	int user = w->own_user ? ioctl(fd, NS_GET_USERNS) : -1;
	uid_t owner = 0;
	struct stat st;
	bool is = user >= 0 && fstat(user, &st) == 0 && st.st_ino != w->own_user;

	*ret_users = is && ioctl(user, NS_GET_OWNER_UID, &owner) == 0 && owner != 0;
	if (user >= 0)
		close(user);
	return is;
}

/* Opens the namespace of that process, or, with @pid 0, of that name. */
static int open_netns(const struct walk *w, pid_t pid, const char *name)
{
	char path[512];

	if (pid)
		snprintf(path, sizeof(path), "%s/proc/%d/ns/net", w->root->prefix, (int)pid);
	else
		snprintf(path, sizeof(path), "%s/run/netns/%s", w->root->prefix, name);
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

static int call_visitor(const struct walk *w, int fd, const char *name, pid_t pid, ino_t ino)
{
	struct nfp_visited visited = {fd, w->own_fd, name, pid, (unsigned long)ino, false, ""};
	char process[NFP_PROCESS_LEN];

	(void)is_of_others(w, fd, &visited.users);
	if (!name)
		nfp_process_name(w->root, pid, process);
	snprintf(visited.called, sizeof(visited.called), "%s%.80s",
		 name ? "network namespace " : "the network namespace of ", name ?: process);
	return w->visit(&visited, w->ctx);
}

/* @ino: of one that is visited later; 0: it is looked at for the first time. */
static int visit_netns(struct walk *w, pid_t pid, const char *name, ino_t ino)
{
	int fd = open_netns(w, pid, name), ret = 0;
	struct stat st;
	bool users;

	if (fd < 0) {
		w->closed |= errno == EACCES || errno == EPERM;
		return 0;
	}
	if (fstat(fd, &st) == 0 && (ino ? st.st_ino == ino : first_seen(w, st.st_ino))) {
		if (!ino && pid && is_of_others(w, fd, &users))
			*nfp_grow(w->later, w->num_later) = (struct later) {pid, st.st_ino};
		else
			ret = call_visitor(w, fd, name, pid, st.st_ino);
	}
	close(fd);
	return ret;
}

static int visit_named(const char *name, void *ctx)
{
	return visit_netns(ctx, 0, name, 0);
}

static int visit_of_process(const char *name, void *ctx)
{
	pid_t pid = nfp_pid_of(name);

	return pid ? visit_netns(ctx, pid, NULL, 0) : 0;
}

int nfp_netns_each(const struct nfp_sysroot *root, nfp_netns_visit *visit, void *ctx,
		   bool *ret_closed)
{
	struct walk w = {.root = root, .visit = visit, .ctx = ctx};
	struct stat st;
	char path[512];
	int ret;

	/* Skip our own. */
	snprintf(path, sizeof(path), "%s/proc/self/ns/net", root->prefix);
	if (stat(path, &st) == 0)
		(void)first_seen(&w, st.st_ino);
	snprintf(path, sizeof(path), "%s/proc/self/ns/user", root->prefix);
	w.own_user = stat(path, &st) == 0 ? st.st_ino : 0;
	w.own_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	/* Named ones come first, for people know the names. */
	ret = nfp_sysfs_each(root, visit_named, &w, "/run/netns");
	if (ret <= 0)
		ret = nfp_sysfs_each(root, visit_of_process, &w, "/proc");
	/* Those of other users come last: they must not keep the rest from being read. */
	for (size_t i = 0; i < w.num_later && ret <= 0; i++)
		ret = visit_netns(&w, w.later[i].pid, NULL, w.later[i].ino);
	if (w.own_fd >= 0)
		close(w.own_fd);
	free(w.later);
	free(w.seen);
	*ret_closed = w.closed;
	return ret > 0;
}
