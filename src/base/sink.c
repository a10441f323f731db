// SPDX-License-Identifier: GPL-2.0-or-later
/* sink.c - output to readers that may be slow, or gone. */
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int wait_for_reader(const struct nfp_sink *sink, uint64_t until_ns)
{
	struct pollfd fds[] = {
		{.fd = sink->fd, .events = POLLOUT},
		{.fd = sink->wake_fd, .events = POLLIN},
	};
	int ret;

	do
		ret = nfp_clock_poll(fds, 2, until_ns);
	while (ret == -EINTR);
	if (ret < 0)
		return ret;
	return fds[0].revents ? 0 : -ETIMEDOUT;
}

static uint64_t stall_ends(const struct nfp_sink *sink, uint64_t begin_ns)
{
	uint64_t stall_ns = nfp_clock_now() + sink->wait_ns;
	uint64_t last_ns = begin_ns + sink->left_ns;

	return stall_ns < last_ns ? stall_ns : last_ns;
}

int nfp_sink_write(struct nfp_sink *sink, const void *data, size_t len)
{
	uint64_t begin_ns = nfp_clock_now(), until_ns = stall_ends(sink, begin_ns), spent_ns;
	const char *at = data;

	while (len > 0 && !sink->failed) {
		ssize_t n;

		sink->failed = wait_for_reader(sink, until_ns);
		if (sink->failed)
			break;
		n = send(sink->fd, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		/*
		 * A filter of system calls refuses send(2) before it knows what @fd is. write(2)
		 * has no flags: it takes no more than there is room for, so that it does not wait,
		 * and ends a program that does not ignore SIGPIPE, as on a pipe.
		 */
		if (n < 0 && (errno == ENOTSOCK || errno == EPERM || errno == EACCES))
			n = write(sink->fd, at, MIN(len, (size_t)PIPE_BUF));
		if (n > 0) {
			at += n;
			len -= (size_t)n;
			if (sink->in_line)
				*sink->in_line = at[-1] != '\n';
			until_ns = stall_ends(sink, begin_ns);
		} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
			sink->failed = -errno;
		} else if (nfp_clock_now() >= until_ns) {
			sink->failed = -ETIMEDOUT;
		}
	}
	spent_ns = nfp_clock_now() - begin_ns;
	sink->left_ns -= spent_ns < sink->left_ns ? spent_ns : sink->left_ns;
	return sink->failed;
}

bool nfp_sink_wait_longer(struct nfp_sink *sink, int wake_fd)
{
	sink->left_ns = UINT64_MAX / 2;
	if (!sink->failed || isatty(sink->fd)) {
		sink->wait_ns = NFP_RESTORED_STALL_NS;
		sink->wake_fd = wake_fd;
	}
	return sink->failed == -ETIMEDOUT;
}

bool nfp_sink_ready(const struct nfp_sink *sink)
{
	return !sink->failed && wait_for_reader(sink, 0) == 0;
}

const char *nfp_sink_strerror(int ret)
{
	return ret == -ETIMEDOUT ? "nobody reads it" : strerror(-ret);
}

/* ---- as a stream ---- */

void nfp_sink_reserve_std(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static ssize_t write_stream(void *cookie, const char *data, size_t len)
{
	int ret = nfp_sink_write(cookie, data, len);

	errno = -ret;
	return ret < 0 ? 0 : (ssize_t)len;
}

FILE *nfp_sink_stream(struct nfp_sink *sink, int fd)
{
	int flags = fcntl(fd, F_GETFL), own = -1;
	struct stat st;
	char path[32];

	/* Do not gain write access to what was opened for reading only. */
	if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && fstat(fd, &st) == 0 &&
	    (S_ISFIFO(st.st_mode) || isatty(fd))) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	}
	/* If that fails (for another user's pipe, for example), use the inherited one. */
	*sink = (struct nfp_sink) {.fd = own < 0 ? fd : own,
				   .wait_ns = NFP_STALL_NS,
				   .left_ns = NFP_SLOW_READER_NS,
				   .wake_fd = -1};
	return fopencookie(sink, "w", (cookie_io_functions_t) {.write = write_stream});
}
