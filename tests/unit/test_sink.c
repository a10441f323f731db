// SPDX-License-Identifier: GPL-2.0-or-later
/* A reader that does not read holds nobody up: not by a pipe, a socket or a terminal. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "harness.h"
#include "base/output.h"

/* send(2), as a filter of system calls refuses it. */
static bool send_is_denied;

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	if (send_is_denied) {
		errno = EPERM;
		return -1;
	}
	return sendto(fd, data, len, flags, NULL, 0);
}

#define SHORT (50 * NFP_NSEC_PER_MSEC)
#define MUCH  (4U << 20) /* more than any of them holds */

/* The alarm ends a test that would block for ever. */
static int begin(void **state)
{
	(void)state;
	alarm(60);
	return 0;
}

/* A stream onto @fd whose reader has no three seconds, but less. */
static FILE *open_short(struct nfp_sink *sink, int fd)
{
	FILE *out = nfp_sink_stream(sink, fd);

	assert_non_null(out);
	assert_int_equal(sink->wait_ns, 3 * NFP_NSEC_PER_SEC);
	sink->wait_ns = SHORT;
	return out;
}

static void drop(struct nfp_sink *sink, FILE *out, int fd)
{
	if (sink->fd != fd)
		close(sink->fd);
	fclose(out);
}

/* It is written until nothing more is taken; then the reader is given up, and for good. */
static void give_up(int reader, int writer)
{
	static char much[MUCH];
	int flags = fcntl(writer, F_GETFL);
	struct nfp_sink sink;
	FILE *out = open_short(&sink, writer);

	memset(much, 'x', sizeof(much));
	assert_true(nfp_sink_ready(&sink));
	assert_int_equal(fputs("first\n", out) < 0, 0);
	assert_int_equal(fflush(out), 0);
	assert_int_equal(nfp_sink_write(&sink, much, sizeof(much)), -ETIMEDOUT);
	assert_false(nfp_sink_ready(&sink));
	assert_true(read(reader, much, 6) == 6);
	assert_memory_equal(much, "first\n", 6);
	while (read(reader, much, sizeof(much)) > 0)
		;
	errno = 0;
	assert_int_equal(fputs("never\n", out) < 0 || fflush(out) != 0, 1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_true(read(reader, much, 1) < 0);
	/* Others share what was inherited, and expect it as it was. */
	assert_int_equal(fcntl(writer, F_GETFL), flags);
	drop(&sink, out, writer);
}

TEST_WITH(pipe_or_socket_that_nobody_reads, begin, NULL)
{
	for (int i = 0; i < 4; i++) {
		bool is_socket = i & 1;
		int fds[2];

		send_is_denied = i & 2;
		assert_int_equal(is_socket ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)
					   : pipe2(fds, O_CLOEXEC),
				 0);
		assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
		give_up(fds[0], fds[1]);
		close(fds[0]);
		close(fds[1]);
	}
	send_is_denied = false;
}

/* A pager whose user reads the first page, say: nothing is held any more, and a signal ends the
 * wait. */
TEST_WITH(pipe_that_is_read_later, begin, NULL)
{
	static char much[MUCH];
	struct nfp_sink sink;
	int fds[2], wake[2];
	FILE *out;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(pipe2(wake, O_CLOEXEC), 0);
	out = open_short(&sink, fds[1]);
	assert_false(nfp_sink_wait_longer(&sink, wake[0]));
	assert_int_equal(sink.wait_ns, NFP_RESTORED_STALL_NS);
	assert_int_equal(write(wake[1], "", 1), 1);
	assert_int_equal(nfp_sink_write(&sink, much, sizeof(much)), -ETIMEDOUT);
	drop(&sink, out, fds[1]);
	for (int i = 0; i < 2; i++) {
		close(fds[i]);
		close(wake[i]);
	}
	/* One that was given up before has had its chance. */
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	out = open_short(&sink, fds[1]);
	assert_int_equal(nfp_sink_write(&sink, much, sizeof(much)), -ETIMEDOUT);
	assert_true(nfp_sink_wait_longer(&sink, -1));
	assert_int_equal(sink.wait_ns, SHORT);
	drop(&sink, out, fds[1]);
	close(fds[0]);
	close(fds[1]);
}

/* One that takes a little now and then holds a run up for a while, and not for ever. */
TEST_WITH(reader_that_trickles, begin, NULL)
{
	static char much[MUCH];
	struct nfp_sink sink;
	FILE *out;
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		close(fds[1]);
		while (read(fds[0], much, 4096) > 0)
			(void)poll(NULL, 0, 5);
		_exit(0);
	}
	close(fds[0]);
	out = nfp_sink_stream(&sink, fds[1]);
	assert_non_null(out);
	assert_int_equal(sink.left_ns, 30 * NFP_NSEC_PER_SEC);
	sink.left_ns = 4 * SHORT;
	assert_int_equal(nfp_sink_write(&sink, much, sizeof(much)), -ETIMEDOUT);
	assert_int_equal(sink.left_ns, 0);
	/* Nothing is held any more: what is left of it is waited for. */
	assert_true(nfp_sink_wait_longer(&sink, -1));
	sink.failed = 0;
	assert_int_equal(nfp_sink_write(&sink, much, MUCH / 8), 0);
	drop(&sink, out, fds[1]);
	close(fds[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Ctrl-S, while the line is on its way or before. */
TEST_WITH(terminal_that_is_stopped, begin, NULL)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave, wake[2];
	struct nfp_sink sink;
	char text[16] = "";
	FILE *out;

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	out = open_short(&sink, slave);
	assert_true(nfp_sink_ready(&sink));
	assert_int_equal(tcflow(slave, TCOOFF), 0);
	assert_false(nfp_sink_ready(&sink));
	assert_int_equal(nfp_sink_write(&sink, "a", 1), -ETIMEDOUT);
	/* It may be waited for longer, but not beyond what wakes us. */
	assert_int_equal(pipe2(wake, O_CLOEXEC), 0);
	assert_int_equal(write(wake[1], "", 1), 1);
	assert_true(nfp_sink_wait_longer(&sink, wake[0]));
	assert_int_equal(sink.wait_ns, NFP_RESTORED_STALL_NS);
	sink.failed = 0;
	assert_int_equal(nfp_sink_write(&sink, "b", 1), -ETIMEDOUT);
	assert_int_equal(tcflow(slave, TCOON), 0);
	sink.failed = 0;
	assert_int_equal(nfp_sink_write(&sink, "c", 1), 0);
	assert_int_equal(read(master, text, sizeof(text)), 1);
	assert_string_equal(text, "c");
	drop(&sink, out, slave);
	close(slave);
	close(master);
	close(wake[0]);
	close(wake[1]);
}

TEST(other_failures)
{
	int fds[2], full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct nfp_sink sink;
	FILE *out;

	out = nfp_sink_stream(&sink, full);
	assert_int_equal(nfp_sink_write(&sink, "x", 1), -ENOSPC);
	assert_int_equal(nfp_sink_write(&sink, "x", 1), -ENOSPC);
	assert_string_equal(nfp_sink_strerror(-ENOSPC), strerror(ENOSPC));
	assert_string_equal(nfp_sink_strerror(-ETIMEDOUT), "nobody reads it");
	drop(&sink, out, full);
	close(full);
	/* The reader has gone. */
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	close(fds[0]);
	out = nfp_sink_stream(&sink, fds[1]);
	assert_int_equal(nfp_sink_write(&sink, "x", 1), -EPIPE);
	drop(&sink, out, fds[1]);
	close(fds[1]);
	/* It is there to be read. */
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	out = nfp_sink_stream(&sink, fds[0]);
	assert_int_equal(sink.fd, fds[0]);
	drop(&sink, out, fds[0]);
	close(fds[0]);
	close(fds[1]);
	/* Not even a descriptor. */
	out = nfp_sink_stream(&sink, fds[1]);
	assert_int_equal(nfp_sink_write(&sink, "x", 1), -EBADF);
	drop(&sink, out, fds[1]);
}

TEST_MAIN()
