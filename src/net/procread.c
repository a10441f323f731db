// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * procread.c - reads what other processes keep from being read.
 *
 * Some files of /proc/PID wait for the mmap lock of the process: cmdline, environ, maps, map_files
 * and smaps. The owner of the process can keep that lock for any time: mmap(2) of a FUSE file first
 * has its server write pages back (fuse_file_mmap). nfprobe_tools/proc.py has the same rules:
 *
 * - Such a file is read only of a process that can be a guest's, by what does not wait: its users,
 *   its program, and the pid files of libvirt.
 * - A child reads it, which is killed when its share of the time is over.
 * - No more than so many bytes are read: NFP_ARGS_MAX of cmdline.
 * - A process that was not read may be anything, and the answer says so.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inventory_priv.h"

#define SHARES	  4 /* parts of the remaining time, one for each process */
#define REAPED_MS 100

/* A child that does not end keeps nothing of this process alive. */
static _Noreturn void read_in_child(int to, int (*fn)(int to, void *arg), void *arg)
{
	(void)prctl(PR_SET_PDEATHSIG, (int)SIGKILL, 0, 0, 0);
	if (dup2(to, STDIN_FILENO) < 0)
		_exit(EIO);
	syscall(SYS_close_range, 1U, ~0U, 0U);
	_exit(-fn(STDIN_FILENO, arg) & 0xff);
}

/* Reads @fd to its end. -ETIME; -EFBIG: more than @size. */
static ssize_t take_all(int fd, char *buf, size_t size, uint64_t until_ns)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	size_t have = 0;
	char more;

	for (;;) {
		int ready = nfp_clock_poll(&pfd, 1, until_ns);
		ssize_t n;

		if (ready == -EINTR)
			continue;
		if (ready <= 0)
			return ready ? ready : -ETIME;
		n = have < size ? read(fd, buf + have, size - have) : read(fd, &more, 1);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return (ssize_t)have;
		if (n > 0 && have == size)
			return -EFBIG;
		have += n > 0 ? (size_t)n : 0;
	}
}

/* Returns the status of a child that has closed its end. Kills another one, which then closes it,
 * if the kernel lets it. Whoever inherits a child in an uninterruptible wait reaps it. */
static int reap(pid_t pid, int fd, bool ended)
{
	struct pollfd pfd = {.fd = fd};
	int status = 0;

	if (!ended) {
		(void)kill(pid, SIGKILL);
		(void)nfp_clock_poll(&pfd, 1,
				     nfp_clock_now() + REAPED_MS * (uint64_t)NFP_NSEC_PER_MSEC);
		if (!(pfd.revents & POLLHUP))
			return -ETIME;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

/* Returns until when those reads may take that begin now. */
static uint64_t end_of(const struct nfp_allowance *time, uint64_t now_ns)
{
	const uint64_t end_ns = now_ns + MIN(time->left_ns, UINT64_MAX - now_ns);

	return time->until_ns ? MIN(end_ns, time->until_ns) : end_ns;
}

/* Begins a child that calls @fn. Returns what it writes, as a descriptor, or -errno. */
static int begin_child(int (*fn)(int to, void *arg), void *arg, pid_t *ret_pid)
{
	int fds[2], ret;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0)
		read_in_child(fds[1], fn, arg);
	ret = pid < 0 ? -errno : fds[0];
	close(fds[1]);
	if (pid < 0)
		close(fds[0]);
	*ret_pid = pid;
	return ret;
}

ssize_t nfp_read_by_child(int (*fn)(int to, void *arg), void *arg, char *buf, size_t size,
			  struct nfp_allowance *time)
{
	const uint64_t now_ns = nfp_clock_now();
	const uint64_t until_ns = end_of(time, now_ns);
	ssize_t have;
	pid_t pid;
	int fd, ret;

	if (now_ns >= until_ns)
		return -ETIME;
	fd = begin_child(fn, arg, &pid);
	if (fd < 0)
		return fd;
	have = take_all(fd, buf, size, now_ns + (until_ns - now_ns) / SHARES);
	ret = reap(pid, fd, have >= 0);
	close(fd);
	time->left_ns -= MIN(time->left_ns, nfp_clock_now() - now_ns);
	return have < 0 ? have : ret ?: have;
}

/* ---- the arguments of many processes ---- */

/* The child writes this of each process, and then the arguments. */
struct args_head {
	int32_t len; /* or -errno */
};

struct args_job {
	const struct nfp_sysroot *root;
	const pid_t *pids;
	size_t from, num;
};

static bool write_all(int to, const void *data, size_t len)
{
	for (const char *at = data; len;) {
		ssize_t n = TEMP_FAILURE_RETRY(write(to, at, len));

		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static int write_args(int to, void *arg)
{
	const struct args_job *job = arg;
	char *args = nfp_malloc(NFP_ARGS_MAX + 1), path[512];

	for (size_t i = job->from; i < job->num; i++) {
		struct args_head head = {0};
		size_t have = 0;
		ssize_t n = 1;
		int fd;

		snprintf(path, sizeof(path), "%s/proc/%d/cmdline", job->root->prefix,
			 (int)job->pids[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		while (fd >= 0 && n > 0 && have <= NFP_ARGS_MAX) {
			n = TEMP_FAILURE_RETRY(read(fd, args + have, NFP_ARGS_MAX + 1 - have));
			have += n > 0 ? (size_t)n : 0;
		}
		head.len = fd < 0 || n < 0 ? -errno : have > NFP_ARGS_MAX ? -EFBIG : (int32_t)have;
		if (fd >= 0)
			close(fd);
		if (!write_all(to, &head, sizeof(head)) ||
		    !write_all(to, args, head.len > 0 ? (size_t)head.len : 0))
			return -EPIPE;
	}
	return 0;
}

/* Reads exactly so many bytes. 0, -ETIME, or another -errno. */
static int take_exactly(int fd, void *buf, size_t size, uint64_t until_ns)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	for (char *at = buf; size;) {
		int ready = nfp_clock_poll(&pfd, 1, until_ns);
		ssize_t n;

		if (ready == -EINTR)
			continue;
		if (ready <= 0)
			return ready ? ready : -ETIME;
		n = TEMP_FAILURE_RETRY(read(fd, at, size));
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Takes what one child reads, up to the process that makes it wait. Returns that process. */
static size_t take_from_child(int fd, size_t i, size_t num, char *args, uint64_t until_ns,
			      nfp_args_take *take, void *ctx)
{
	for (; i < num; i++) {
		uint64_t now_ns = nfp_clock_now();
		uint64_t share_ns = now_ns + (until_ns - MIN(until_ns, now_ns)) / SHARES;
		struct args_head head = {0};
		int ret = take_exactly(fd, &head, sizeof(head), share_ns);

		if (ret == 0 && head.len > 0)
			ret = take_exactly(fd, args, (size_t)head.len, share_ns);
		if (ret < 0) {
			take(ctx, i, args, ret);
			return i + 1;
		}
		args[head.len > 0 ? head.len : 0] = '\0';
		take(ctx, i, args, head.len);
	}
	return num;
}

void nfp_args_each(const struct nfp_sysroot *root, const pid_t *pids, size_t num,
		   struct nfp_allowance *time, nfp_args_take *take, void *ctx)
{
	struct args_job job = {root, pids, 0, num};
	const uint64_t begin_ns = nfp_clock_now();
	const uint64_t until_ns = end_of(time, begin_ns);
	char *args = nfp_malloc(NFP_ARGS_MAX + 1);

	while (job.from < num && nfp_clock_now() < until_ns) {
		pid_t pid;
		int fd = begin_child(write_args, &job, &pid);

		if (fd < 0) {
			take(ctx, job.from++, args, fd);
			continue;
		}
		job.from = take_from_child(fd, job.from, num, args, until_ns, take, ctx);
		(void)reap(pid, fd, false);
		close(fd);
	}
	for (; job.from < num; job.from++)
		take(ctx, job.from, args, -ETIME);
	free(args);
	time->left_ns -= MIN(time->left_ns, nfp_clock_now() - begin_ns);
}

/* ---- whose a process is, by files that do not wait ---- */

#define LIBVIRT_HOME "/var/lib/libvirt/qemu" /* of the user who runs QEMU for libvirt */

/* Reads its users: real, effective, saved, of file systems. 0 or -errno. */
static int read_users(const struct nfp_sysroot *root, pid_t pid, unsigned int uids[4])
{
	static const char uid[] = "\nUid:";
	char path[512], status[512];
	const char *at;
	ssize_t n;
	int fd;

	/* A process with many groups has a long file, in which these come first. */
	snprintf(path, sizeof(path), "%s/proc/%d/status", root->prefix, (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	n = fd < 0 ? -1 : TEMP_FAILURE_RETRY(read(fd, status, sizeof(status) - 1));
	n = n < 0 ? -errno : n;
	if (fd >= 0)
		close(fd);
	status[n > 0 ? n : 0] = '\0';
	at = strstr(status, uid);
	if (!at ||
	    sscanf(at + strlen(uid), "%u %u %u %u", &uids[0], &uids[1], &uids[2], &uids[3]) != 4)
		return n < 0 ? (int)n : -EINVAL;
	return 0;
}

static void add_user(struct nfp_users *users, uid_t user)
{
	nfp_for_each (known, users->v, users->n)
		if (*known == user)
			return;
	*nfp_grow(users->v, users->n) = user;
}

static void add_owner(struct nfp_use_ctx *ctx, const char *folder, const char *name)
{
	char *path = nfp_asprintf("%s%s%s", ctx->root->prefix, folder, name);
	struct stat st;

	if (lstat(path, &st) == 0) {
		add_user(&ctx->users, st.st_uid);
		/* A group of users, or all users, may write it. */
		ctx->users.anybody |= S_ISCHR(st.st_mode) && (st.st_mode & 022) != 0;
	}
	free(path);
}

/* The node of containers alone gives nobody a device. */
static int add_vfio(const char *name, void *ctx)
{
	if (strcmp(name, "vfio") != 0)
		add_owner(ctx, "/dev/vfio/", name);
	return 0;
}

static int add_uio(const char *name, void *ctx)
{
	if (strncmp(name, "uio", strlen("uio")) == 0)
		add_owner(ctx, "/dev/", name);
	return 0;
}

bool nfp_may_have_device(struct nfp_use_ctx *ctx, pid_t pid)
{
	struct nfp_users *users = &ctx->users;
	unsigned int uids[4];
	int ret;

	if (!users->known) {
		add_user(users, 0);
		add_owner(ctx, LIBVIRT_HOME, "");
		(void)nfp_sysfs_each(ctx->root, add_vfio, ctx, "/dev/vfio");
		(void)nfp_sysfs_each(ctx->root, add_uio, ctx, "/dev");
		users->known = true;
	}
	ret = read_users(ctx->root, pid, uids);
	if (ret)
		return ret != -ENOENT && ret != -ESRCH; /* these: it has ended */
	for (size_t i = 0; i < NFP_NUM(uids); i++)
		nfp_for_each (user, users->v, users->n)
			if (*user == uids[i])
				return true;
	return users->anybody;
}
