// SPDX-License-Identifier: GPL-2.0-or-later
/* Signals end a run; nohup keeps one of them away. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "../../src/app/supervise.h"

/* Runs @part in a process whose dispositions are nobody else's; returns its status. */
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

TEST(nohup_is_honoured)
{
	assert_int_equal(apart(hung_up), SIGHUP);
	assert_int_equal(apart(hung_up_with_nohup), 0);
}

/* A file at its limit fails the write, and does not end the run with the host changed. */
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

TEST(file_sizes_are_limited)
{
	assert_int_equal(apart(file_that_is_too_large), 0);
}

TEST_MAIN()
