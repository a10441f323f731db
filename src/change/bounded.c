// SPDX-License-Identifier: GPL-2.0-or-later
/* bounded.c - reads and writes of sysfs files that may block in the kernel forever. */
#include "change_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOCK_POLL_MS 50

/* The child's answer. It is smaller than PIPE_BUF, so it arrives whole or not at all. */
struct answer {
	int ret;
	char text[NFP_TEXT_LEN];
};

/* Writes @text to @path, or reads @path (@text NULL). 0 or -errno. */
static int transfer(const char *path, const char *text, struct answer *answer)
{
	size_t size = text ? strlen(text) : sizeof(answer->text) - 1;
	int fd = open(path, (text ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = TEMP_FAILURE_RETRY(text ? write(fd, text, size) : read(fd, answer->text, size));
	if (n < 0)
		return -errno;
	return text && (size_t)n != size ? -EIO : 0;
}

/*
 * The child of a process with threads: only async-signal-safe calls. It may outlive its parent in
 * an uninterruptible wait, so it keeps only the pipe and the lock of its parent's files: neither
 * the lock of the PF nor the reader of our standard output may have to wait for it.
 */
static void __attribute__((noreturn))
child(const char *path, const char *text, int lock_fd, int result_fd)
{
	struct answer answer = {.ret = 0};
	sigset_t all;
	int kept_fd;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	/* The pipe becomes descriptor 0, and the lock 1: first out of each other's way. */
	kept_fd = fcntl(lock_fd < 0 ? result_fd : lock_fd, F_DUPFD, 3);
	if (kept_fd < 0 || dup2(result_fd, 0) < 0 || dup2(kept_fd, 1) < 0)
		_exit(1);
	syscall(SYS_close_range, 2U, ~0U, 0U);
	answer.ret = transfer(path, text, &answer);
	_exit(write(0, &answer, sizeof(answer)) != (ssize_t)sizeof(answer));
}

/* Has a child do it. @lock_fd: the lock that the child holds until it ends, -1: none. */
static int transfer_bounded(const char *path, const char *text, int lock_fd, int deadline_ms,
			    struct answer *answer)
{
	uint64_t end_ns = nfp_clock_now() + (uint64_t)deadline_ms * NFP_NSEC_PER_MSEC;
	struct pollfd pfd = {.events = POLLIN};
	int fds[2], ready, ret;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0)
		child(path, text, lock_fd, fds[1]);
	ret = pid < 0 ? -errno : 0;
	close(fds[1]);
	pfd.fd = fds[0];
	if (!ret) {
		do
			ready = nfp_clock_poll(&pfd, 1, end_ns);
		while (ready == -EINTR);
		if (ready <= 0)
			ret = ready ? ready : -NFP_ENOANSWER;
		else if (read(fds[0], answer, sizeof(*answer)) != (ssize_t)sizeof(*answer))
			ret = -EIO;
		else
			ret = answer->ret;
	}
	close(fds[0]);
	/* A child in an uninterruptible wait is left to whoever inherits it. */
	while (pid > 0 && ret != -NFP_ENOANSWER && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return ret;
}

/* flock(2) belongs to the open file: a child that inherits *ret_fd holds the lock until it ends. */
static int take_lock(const char *path, int deadline_ms, int *ret_fd)
{
	uint64_t end_ns = nfp_clock_now() + (uint64_t)deadline_ms * NFP_NSEC_PER_MSEC;
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600), ret;

	if (fd < 0)
		return -errno;
	/* A blocking flock cannot be given a deadline. */
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		ret = errno == EWOULDBLOCK ? -NFP_ENOANSWER : -errno;
		if (ret != -NFP_ENOANSWER || nfp_clock_now() >= end_ns) {
			close(fd);
			return ret;
		}
		(void)poll(NULL, 0, LOCK_POLL_MS);
	}
	*ret_fd = fd;
	return 0;
}

int nfp_wait_writer(const char *lock, int deadline_ms)
{
	int fd, ret = take_lock(lock, deadline_ms, &fd);

	if (!ret)
		close(fd);
	return ret;
}

int nfp_write_bounded(const char *path, const char *text, const char *lock, int deadline_ms)
{
	struct answer answer;
	int fd = -1, ret = lock ? take_lock(lock, deadline_ms, &fd) : 0;

	if (ret)
		return ret;
	ret = transfer_bounded(path, text, fd, deadline_ms, &answer);
	if (fd >= 0)
		close(fd);
	return ret;
}

int nfp_read_bounded(const char *path, char *buf, size_t size, int deadline_ms)
{
	struct answer answer;
	int ret = transfer_bounded(path, NULL, -1, deadline_ms, &answer);

	buf[0] = '\0';
	if (ret)
		return ret;
	answer.text[strcspn(answer.text, "\n")] = '\0';
	if (strlen(answer.text) >= size)
		return -EFBIG;
	memcpy(buf, answer.text, strlen(answer.text) + 1);
	return 0;
}
