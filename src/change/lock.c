// SPDX-License-Identifier: GPL-2.0-or-later
/* lock.c - the locks of a run; the directory of locks and journals. */
#include "journal.h"
#include "change/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PID_LEN 16
#define OWN_DIRECTORY                                                                             \
	"It must be a directory that belongs to root and has mode 0700. Inspect it, then remove " \
	"it."

bool nfp_is_own(int fd, mode_t type)
{
	struct stat st;

	return !fstat(fd, &st) && (st.st_mode & S_IFMT) == type && st.st_uid == geteuid() &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

int nfp_rundir_open(const char *rundir, bool create, int *ret_fd, struct nfp_err *err)
{
	int fd, ret;

	if (create && mkdir(rundir, 0700) && errno != EEXIST) {
		ret = nfp_err_errno(err, -errno, NFP_E_JOURNAL, "cannot create %s", rundir);
		if (ret == -EACCES)
			nfp_err_hint(err,
				     "Run nfprobe as root, or create this directory beforehand, "
				     "with mode 0700 and owned by the user who runs nfprobe.");
		return ret;
	}
	fd = open(rundir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	/* O_DIRECTORY turns a symbolic link into ENOTDIR, not ELOOP. */
	if (fd < 0) {
		ret = nfp_err_errno(
			err, -errno, NFP_E_JOURNAL,
			"cannot open the directory %s (symbolic links are not followed)", rundir);
		if (ret == -ENOTDIR)
			nfp_err_hint(err, OWN_DIRECTORY);
		return ret;
	}
	if (nfp_is_own(fd, S_IFDIR)) {
		*ret_fd = fd;
		return 0;
	}
	close(fd);
	nfp_err_set(err, -EPERM, NFP_E_JOURNAL,
		    "%s belongs to another user, or other users can write to it", rundir);
	nfp_err_hint(err, OWN_DIRECTORY);
	return -EPERM;
}

/*
 * Reports who keeps the lock. A process that has it alone has written its pid to the file. Where
 * others share the lock, the pid there is that of an earlier process.
 */
static int report_conflict(int fd, const char *parentdev, int how, struct nfp_err *err)
{
	char pid[PID_LEN] = "";

	(void)!pread(fd, pid, sizeof(pid) - 1, 0);
	pid[strspn(pid, "0123456789")] = '\0';
	if (how == LOCK_EX && !flock(fd, LOCK_SH | LOCK_NB))
		nfp_err_set(err, -EBUSY, NFP_E_LOCKED,
			    "another run of nfprobe is sending its test frames through %s",
			    parentdev);
	else
		nfp_err_set(err, -EBUSY, NFP_E_LOCKED,
			    "another run of nfprobe is using %s: process %s", parentdev,
			    pid[0] ? pid : "unknown");
	nfp_err_hint(err, "Wait until it has finished.");
	return -EBUSY;
}

/* @how: LOCK_EX or LOCK_SH. */
static int take_lock(const char *rundir, const char *parentdev, int how, struct nfp_lock **ret_lock,
		     struct nfp_err *err)
{
	char name[NFP_TEXT_LEN + 8];
	struct nfp_lock *lock;
	int dirfd = -1, ret;

	if (!parentdev[0] || parentdev[0] == '.' || strchr(parentdev, '/') ||
	    strlen(parentdev) >= NFP_TEXT_LEN)
		return nfp_err_set(err, -EINVAL, NFP_E_JOURNAL, "'%s' is not a valid device name",
				   parentdev);
	ret = nfp_rundir_open(rundir, true, &dirfd, err);
	if (ret)
		return ret;
	lock = nfp_calloc(1, sizeof(*lock));
	lock->dirfd = dirfd;
	snprintf(lock->parentdev, sizeof(lock->parentdev), "%s", parentdev);
	snprintf(name, sizeof(name), "%s.lock", parentdev);
	lock->fd = openat(dirfd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (lock->fd < 0)
		ret = nfp_err_errno(err, -errno, NFP_E_JOURNAL, "cannot open the lock file %s",
				    name);
	else if (TEMP_FAILURE_RETRY(flock(lock->fd, how | LOCK_NB)))
		ret = errno != EWOULDBLOCK
			      ? nfp_err_errno(err, -errno, NFP_E_JOURNAL, "cannot lock %s", name)
			      : report_conflict(lock->fd, parentdev, how, err);
	if (ret)
		nfp_lock_release(lock);
	else
		*ret_lock = lock;
	return ret;
}

int nfp_lock_share(const char *rundir, const char *parentdev, struct nfp_lock **ret_lock,
		   struct nfp_err *err)
{
	return take_lock(rundir, parentdev, LOCK_SH, ret_lock, err);
}

int nfp_lock_acquire(const char *rundir, const char *parentdev, struct nfp_lock **ret_lock,
		     struct nfp_err *err)
{
	int len, ret = take_lock(rundir, parentdev, LOCK_EX, ret_lock, err);
	const struct nfp_lock *lock;
	char pid[PID_LEN];

	if (ret)
		return ret;
	lock = *ret_lock;
	/* The pid is only for report_conflict. A full /run must not prevent a restore, so errors
	 * are ignored. */
	len = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (!ftruncate(lock->fd, 0) && pwrite(lock->fd, pid, (size_t)len, 0) != len)
		(void)!ftruncate(lock->fd, 0);
	return 0;
}

/* ---- passed to another process ---- */

/* A message has the name of the device, and the descriptors of directory and file. */
union lock_descriptors {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(2 * sizeof(int))];
};

int nfp_lock_send(const struct nfp_lock *lock, int fd)
{
	const int fds[] = {lock->dirfd, lock->fd};
	struct iovec name = {(char *)lock->parentdev, strlen(lock->parentdev)};
	union lock_descriptors control = {.header = {.cmsg_level = SOL_SOCKET,
						     .cmsg_type = SCM_RIGHTS,
						     .cmsg_len = CMSG_LEN(sizeof(fds))}};
	const struct msghdr message = {.msg_iov = &name,
				       .msg_iovlen = 1,
				       .msg_control = &control,
				       .msg_controllen = sizeof(control)};

	memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
	return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int nfp_lock_receive(int fd, struct nfp_lock **ret_lock)
{
	struct nfp_lock lock = {.fd = -1};
	struct iovec name = {lock.parentdev, sizeof(lock.parentdev) - 1};
	union lock_descriptors control;
	struct msghdr message = {.msg_iov = &name,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fds[2];

	if (n < 0)
		return -errno;
	if (!CMSG_FIRSTHDR(&message))
		return n ? -ENOMSG : -ENOTCONN;
	/* Not all descriptors had room, as at the limit of open files. */
	if (CMSG_FIRSTHDR(&message)->cmsg_len != CMSG_LEN(sizeof(fds)))
		return -EMFILE;
	memcpy(fds, CMSG_DATA(&control.header), sizeof(fds));
	lock.dirfd = fds[0];
	lock.fd = fds[1];
	*ret_lock = nfp_malloc(sizeof(lock));
	**ret_lock = lock;
	return 0;
}

/* The file stays: if it were removed, two runs could lock two files of the same name. */
void nfp_lock_release(struct nfp_lock *lock)
{
	if (!lock)
		return;
	if (lock->fd >= 0)
		close(lock->fd);
	if (lock->dirfd >= 0)
		close(lock->dirfd);
	free(lock);
}
