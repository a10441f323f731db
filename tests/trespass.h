/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trespass.h - tries from inside a process what one that is confined may not do. */
#ifndef NFPROBE_TESTS_TRESPASS_H
#define NFPROBE_TESTS_TRESPASS_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true /* which leaves out what a sanitizer needs itself */
#else
#define SANITIZED false
#endif

static inline bool refused(long ret)
{
	return ret == -1 && (errno == EPERM || errno == EACCES);
}

static int open_and_close(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

/*
 * The number of the try that was not refused; 0: none. @dir: where anybody may write; @secret: a
 * file in it that only its owner, root, may read.
 */
static int trespass(const char *dir, const char *secret)
{
	char name[] = "true", *const argv[] = {name, NULL};
	char path[128];

	snprintf(path, sizeof(path), "%s/new", dir);
	if (!refused(open_and_close(secret, O_RDONLY)) ||
	    !refused(open_and_close(secret, O_WRONLY)))
		return 1;
	if (!SANITIZED && (!refused(open_and_close("/etc/passwd", O_RDONLY)) ||
			   !refused(open_and_close(path, O_WRONLY | O_CREAT))))
		return 2;
	if (!refused(execv("/bin/true", argv)))
		return 3;
	if (!refused(socket(AF_INET, SOCK_DGRAM, 0)) || !refused(socket(AF_NETLINK, SOCK_RAW, 0)))
		return 4;
	if (!SANITIZED && (!refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL)) || !refused(fork())))
		return 5;
	if (!refused(kill(getppid(), 0)) || !refused(tgkill(getppid(), getppid(), 0)) ||
	    !refused(ioctl(STDERR_FILENO, TIOCSTI, "x")) ||
	    !refused(ioctl(STDERR_FILENO, 1UL << 32 | TIOCSTI, "x")))
		return 6;
	if (!refused(mount("none", dir, "tmpfs", 0, NULL)) || !refused(mkdir(path, 0700)) ||
	    !refused(unlink(secret)) || !refused(rename(secret, path)))
		return 7;
	if (getuid() != 0 && !refused(setuid(0)))
		return 8;
	return 0;
}

#endif
