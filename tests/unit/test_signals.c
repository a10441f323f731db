// SPDX-License-Identifier: GPL-2.0-or-later
/* Signals end a run whether or not anybody reads what it says; nohup keeps one of them away. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "nfprobe/run.h"

/* In a process of its own, whose dispositions are nobody else's: what @part returns. */
static int apart(int (*part)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		alarm(60);
		_exit(part());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* A pipe that takes no more. */
static int full_pipe(int fds[2])
{
	static const char page[4096];

	if (pipe2(fds, O_CLOEXEC) || fcntl(fds[1], F_SETFL, O_NONBLOCK))
		return -1;
	while (write(fds[1], page, sizeof(page)) > 0)
		;
	return errno == EAGAIN ? 0 : -1;
}

static int hang_up(bool ignored)
{
	struct nfp_signals signals;

	signal(SIGHUP, ignored ? SIG_IGN : SIG_DFL);
	if (nfp_signals_open(&signals))
		return 100;
	raise(SIGHUP);
	return nfp_signals_poll(&signals);
}

static int hung_up(void)
{
	return hang_up(false);
}

static int hung_up_with_nohup(void)
{
	return hang_up(true);
}

static void nohup_is_honoured(void **state)
{
	(void)state;
	assert_int_equal(apart(hung_up), SIGHUP);
	assert_int_equal(apart(hung_up_with_nohup), 0);
}

static int nobody_reads(bool caught)
{
	struct nfp_signals signals;
	int fds[2];
	char page[4096];

	if (full_pipe(fds) || nfp_signals_open(&signals))
		return 100;
	raise(SIGTERM);
	if (caught && nfp_signals_poll(&signals) != SIGTERM)
		return 101;
	if (nfp_signals_writable(&signals, fds[1]))
		return 102;
	return read(fds[0], page, sizeof(page)) == (ssize_t)sizeof(page) &&
			       nfp_signals_writable(&signals, fds[1])
		       ? 0
		       : 103;
}

static int signal_that_waits(void)
{
	return nobody_reads(false);
}

static int signal_that_was_read(void)
{
	return nobody_reads(true);
}

static void reader_that_does_not_read(void **state)
{
	(void)state;
	assert_int_equal(apart(signal_that_waits), 0);
	assert_int_equal(apart(signal_that_was_read), 0);
}

/* What may not grow is an error of the write, and no end with the host as it was changed. */
static int file_that_is_too_large(void)
{
	static const struct rlimit none = {0, RLIM_INFINITY};
	struct nfp_signals signals;
	char name[] = "/tmp/nfprobe-signals-XXXXXX";
	int fd = mkstemp(name);

	if (fd < 0 || unlink(name) || nfp_signals_open(&signals) || setrlimit(RLIMIT_FSIZE, &none))
		return 100;
	return write(fd, name, 1) < 0 && errno == EFBIG ? 0 : 101;
}

static void file_sizes_are_limited(void **state)
{
	(void)state;
	assert_int_equal(apart(file_that_is_too_large), 0);
}

/* Without signals, and of what is no descriptor: that is for the writing to find out. */
static void without_signals(void **state)
{
	const struct nfp_signals none = {.fd = -1};
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_true(nfp_signals_writable(&none, fd));
	close(fd);
	assert_true(nfp_signals_writable(&none, fd));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nohup_is_honoured),
		cmocka_unit_test(reader_that_does_not_read),
		cmocka_unit_test(file_sizes_are_limited),
		cmocka_unit_test(without_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
