// SPDX-License-Identifier: GPL-2.0-or-later
#include "inventory_priv.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Of the initial PID namespace: PROC_PID_INIT_INO, include/linux/proc_ns.h. */
#define INITIAL_PID_NS "pid:[4026531836]"

/* linux/major.h: memory devices, terminals, pseudo terminals. Nobody is in their way. */
#define DULL_MAJOR(m) ((m) == 1 || (m) == 4 || (m) == 5 || ((m) >= 136 && (m) <= 143))

/* The files of one process; -EACCES or -EPERM where it cannot be looked into. */
static int scan_process(const struct nfp_sysroot *root, pid_t pid,
			int (*fd)(const struct nfp_fd *fd, void *ctx), void *ctx)
{
	char dir[PATH_MAX], target[PATH_MAX];
	struct dirent *d;
	DIR *fds;
	int r = 0;

	snprintf(dir, sizeof(dir), "%s/%d/fd", root->proc, (int)pid);
	fds = opendir(dir);
	if (!fds)
		return errno == ENOENT || errno == ESRCH ? 0 : -errno; /* these: it has ended */
	while (r == 0 && (d = readdir(fds))) {
		struct nfp_fd one = {.pid = pid, .target = target};
		ssize_t n = readlinkat(dirfd(fds), d->d_name, target, sizeof(target) - 1);
		struct stat st;

		if (n < 0)
			continue; /* "..", or closed meanwhile */
		target[n] = '\0';
		/* The number tells a device node whatever it is called in that process's mount
		 * namespace. */
		if (target[0] == '/' && fstatat(dirfd(fds), d->d_name, &st, 0) == 0 &&
		    S_ISCHR(st.st_mode))
			one.rdev = st.st_rdev;
		r = fd(&one, ctx);
	}
	closedir(fds);
	return r;
}

int nfp_fdscan(const struct nfp_sysroot *root, int (*fd)(const struct nfp_fd *fd, void *ctx),
	       void *ctx, bool *ret_complete)
{
	DIR *procs = opendir(root->proc);
	struct dirent *d;
	char ns[64];
	int r = 0;

	*ret_complete = false;
	if (!procs)
		return -errno;
	*ret_complete = nfp_sysfs_link(ns, sizeof(ns), "%s/self/ns/pid", root->proc) == 0 &&
			strcmp(ns, INITIAL_PID_NS) == 0;
	while (r == 0 && (d = readdir(procs))) {
		char *end;
		long pid = strtol(d->d_name, &end, 10);

		if (*end != '\0' || pid <= 0 || pid == getpid())
			continue;
		r = scan_process(root, (pid_t)pid, fd, ctx);
		if (r == -EACCES || r == -EPERM) {
			*ret_complete = false;
			r = 0;
		}
	}
	closedir(procs);
	*ret_complete = *ret_complete && r == 0;
	return r;
}

void nfp_fdscan_comm(const struct nfp_sysroot *root, pid_t pid, char comm[NFP_COMM_LEN])
{
	if (nfp_sysfs_read(comm, NFP_COMM_LEN, "%s/%d/comm", root->proc, (int)pid) < 0)
		snprintf(comm, NFP_COMM_LEN, "a process");
}

static int hold(const struct nfp_fd *fd, void *ctx)
{
	struct nfp_holders *holders = ctx;
	struct nfp_holder *v;

	/* By path as well: a node may be open whose file system is gone. */
	if (fd->rdev ? DULL_MAJOR(major(fd->rdev)) : strncmp(fd->target, "/dev/", 5) != 0)
		return 0;
	holders->v = nfp_reallocarray(holders->v, holders->n + 1, sizeof(*v));
	v = &holders->v[holders->n++];
	*v = (struct nfp_holder) {.pid = fd->pid, .rdev = fd->rdev};
	memcpy(v->target, fd->target, strnlen(fd->target, sizeof(v->target) - 1));
	return 0;
}

int nfp_holders_read(const struct nfp_sysroot *root, struct nfp_holders *ret_holders)
{
	int r;

	*ret_holders = (struct nfp_holders) {0};
	r = nfp_fdscan(root, hold, ret_holders, &ret_holders->complete);
	if (r < 0)
		nfp_holders_fini(ret_holders);
	return r;
}

void nfp_holders_fini(struct nfp_holders *holders)
{
	free(holders->v);
	memset(holders, 0, sizeof(*holders));
}

const struct nfp_holder *nfp_holders_find(const struct nfp_holders *holders, dev_t rdev,
					  const char *path)
{
	size_t i;

	for (i = 0; i < holders->n; i++) {
		const struct nfp_holder *h = &holders->v[i];

		if ((rdev && h->rdev == rdev) || strcmp(h->target, path) == 0)
			return h;
	}
	return NULL;
}
