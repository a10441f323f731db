// SPDX-License-Identifier: GPL-2.0-or-later
/* bounded.c - reads and writes of sysfs files that may block in the kernel for ever, given up after
 * a time. */
#include "nfprobe/apply.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nfprobe/base.h"

/* One write or read of a file; bytes or -errno. */
static ssize_t transfer(const char *path, const char *text, char *buf, size_t size)
{
	int fd = open(path, (text ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = text ? write(fd, text, size) : read(fd, buf, size);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* What the child answers; smaller than PIPE_BUF, so it arrives whole or not at all. */
struct answer {
	int ret;
	char text[NFP_TEXT];
};

/* What the child does: write @text to @path, read it (@text NULL), or wait for the lock (@path
 * NULL). */
struct job {
	const char *path, *text;
	int lock_fd; /* the lock that the child keeps until it ends, -1: none */
};

/* flock(2) belongs to the open file, which parent and child share: the parent then has the lock,
 * too. */
static int do_job(const struct job *job, struct answer *answer)
{
	size_t len = job->text ? strlen(job->text) : sizeof(answer->text) - 1;
	ssize_t n;

	if (!job->path)
		return flock(job->lock_fd, LOCK_EX) ? -errno : 0;
	n = transfer(job->path, job->text, answer->text, len);
	return n < 0 ? (int)n : job->text && (size_t)n != len ? -EIO : 0;
}

/*
 * The child of a process with threads: only async-signal-safe calls. It may outlive its parent in
 * an uninterruptible wait, so of its parent's files it keeps only the pipe and the lock: neither
 * the lock of the PF nor the reader of our standard output may have to wait for it.
 */
static void __attribute__((noreturn)) child(const struct job *job, int result_fd)
{
	struct answer answer = {.ret = 0};
	struct job own = *job;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	own.lock_fd = job->lock_fd < 0 ? -1 : fcntl(job->lock_fd, F_DUPFD, 3);
	if ((job->lock_fd >= 0 && own.lock_fd < 0) || (result_fd != 0 && dup2(result_fd, 0) < 0))
		_exit(1);
	if (own.lock_fd >= 0) {
		if (dup2(own.lock_fd, 1) < 0)
			_exit(1);
		own.lock_fd = 1;
	}
	syscall(SYS_close_range, own.lock_fd < 0 ? 1U : 2U, ~0U, 0U);
	answer.ret = do_job(&own, &answer);
	if (write(0, &answer, sizeof(answer)) != (ssize_t)sizeof(answer))
		_exit(1);
	_exit(0);
}

static int wait_answer(int fd, uint64_t end_ns, struct answer *answer)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	int ready;

	do
		ready = nfp_clock_poll(&pfd, 1, end_ns);
	while (ready == -EINTR);
	if (ready <= 0)
		return ready ? ready : -ETIMEDOUT;
	return read(fd, answer, sizeof(*answer)) == (ssize_t)sizeof(*answer) ? answer->ret : -EIO;
}

static int ask(const struct job *job, int deadline_ms, struct answer *answer)
{
	uint64_t end_ns = nfp_clock_now() + (uint64_t)deadline_ms * NFP_NSEC_PER_MSEC;
	int fds[2], ret;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0)
		child(job, fds[1]);
	ret = pid < 0 ? -errno : 0;
	close(fds[1]);
	if (!ret)
		ret = wait_answer(fds[0], end_ns, answer);
	close(fds[0]);
	/* A child in an uninterruptible wait is left to whoever inherits it; one that waits for the
	 * lock must not get it later. */
	if (pid > 0 && ret == -ETIMEDOUT && !job->path)
		kill(pid, SIGKILL);
	while (pid > 0 && (ret != -ETIMEDOUT || !job->path) && waitpid(pid, NULL, 0) < 0 &&
	       errno == EINTR)
		;
	return ret;
}

static int take_lock(const char *path, int deadline_ms, int *ret_fd)
{
	struct job job = {.lock_fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)};
	struct answer answer;
	int ret = 0;

	if (job.lock_fd < 0)
		return -errno;
	if (flock(job.lock_fd, LOCK_EX | LOCK_NB))
		ret = errno == EWOULDBLOCK ? ask(&job, deadline_ms, &answer) : -errno;
	if (ret)
		close(job.lock_fd);
	else
		*ret_fd = job.lock_fd;
	return ret;
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
	struct job job = {.path = path, .text = text, .lock_fd = -1};
	struct answer answer;
	int ret = lock ? take_lock(lock, deadline_ms, &job.lock_fd) : 0;

	if (ret)
		return ret;
	ret = ask(&job, deadline_ms, &answer);
	if (job.lock_fd >= 0)
		close(job.lock_fd);
	return ret;
}

int nfp_read_bounded(const char *path, char *buf, size_t size, int deadline_ms)
{
	struct job job = {.path = path, .lock_fd = -1};
	struct answer answer;
	int ret = ask(&job, deadline_ms, &answer);

	buf[0] = '\0';
	if (ret)
		return ret;
	answer.text[strcspn(answer.text, "\n")] = '\0';
	if (strlen(answer.text) >= size)
		return -EFBIG;
	memcpy(buf, answer.text, strlen(answer.text) + 1);
	return 0;
}
