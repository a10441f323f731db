// SPDX-License-Identifier: GPL-2.0-or-later
/* bounded.c - a file of sysfs whose writing or reading may block in the kernel for ever, given up
 * after a time. */
#include "nfprobe/vfdrv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nfprobe/types.h"

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(text);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = write(fd, text, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

static int read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, buf, size - 1);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return 0;
}

/* What the child tells; smaller than PIPE_BUF, so it arrives whole or not at all. */
struct answer {
	int ret;
	char text[NFP_TEXT];
};

/*
 * The child of a process with threads: only async-signal-safe calls. It may outlive its parent in
 * an uninterruptible wait, so it keeps nothing of it open: neither the lock nor the reader of our
 * standard output may have to wait for it. @text: what to write; NULL: read.
 */
static void __attribute__((noreturn)) child(const char *path, const char *text, int result_fd)
{
	struct answer answer = {.ret = 0};
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (result_fd != 0 && dup2(result_fd, 0) < 0)
		_exit(1);
	syscall(SYS_close_range, 1U, ~0U, 0U);
	answer.ret = text ? write_file(path, text)
			  : read_file(path, answer.text, sizeof(answer.text));
	if (write(0, &answer, sizeof(answer)) != (ssize_t)sizeof(answer))
		_exit(1);
	_exit(0);
}

static int wait_answer(int fd, int deadline_ms, struct answer *answer)
{
	int64_t end = now_ms() + deadline_ms;

	for (;;) {
		struct pollfd pfd = {.fd = fd, .events = POLLIN};
		int64_t left = end - now_ms();
		int ready = poll(&pfd, 1, left > 0 ? (int)left : 0);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready < 0)
			return -errno;
		if (!ready)
			return -ETIMEDOUT;
		if (read(fd, answer, sizeof(*answer)) != (ssize_t)sizeof(*answer))
			return -EIO;
		return answer->ret;
	}
}

static int ask(const char *path, const char *text, int deadline_ms, struct answer *answer)
{
	int fds[2], ret;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0)
		child(path, text, fds[1]);
	ret = pid < 0 ? -errno : 0;
	close(fds[1]);
	if (!ret)
		ret = wait_answer(fds[0], deadline_ms, answer);
	close(fds[0]);
	/* One that is given up is left to whoever inherits it. */
	while (pid > 0 && ret != -ETIMEDOUT && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return ret;
}

int nfp_write_bounded(const char *path, const char *text, int deadline_ms)
{
	struct answer answer;

	return ask(path, text, deadline_ms, &answer);
}

int nfp_read_bounded(const char *path, char *buf, size_t size, int deadline_ms)
{
	struct answer answer;
	int ret = ask(path, NULL, deadline_ms, &answer);

	buf[0] = '\0';
	if (ret)
		return ret;
	answer.text[strcspn(answer.text, "\n")] = '\0';
	if (strlen(answer.text) >= size)
		return -EFBIG;
	memcpy(buf, answer.text, strlen(answer.text) + 1);
	return 0;
}
