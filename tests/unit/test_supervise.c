// SPDX-License-Identifier: GPL-2.0-or-later
/* Two processes: what the second returns is what the first ends with, and each is told of the
 * other's death. */
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "../../src/app/supervise.h"
#include "change/host.h"
#include "failing_recvmsg.h"

#define ALL_DIED 77

/* Seen by all processes. */
struct seen {
	int works; /* processes that have begun the work */
	pid_t pid; /* of the newest */
	char how[3][64];
	bool locked; /* the process after the first got its lock */
	char parentdev[NFP_TEXT_LEN];
};

struct place {
	char folder[64];
	struct seen *seen;
	int ready[2]; /* a byte by each process that waits for a signal */
};

static struct place place;

static void begin_work(const struct nfp_child_exit *death)
{
	struct seen *seen = place.seen;

	seen->pid = getpid();
	if (death) {
		snprintf(seen->how[seen->works], sizeof(seen->how[0]), "%s", death->how);
		seen->locked = death->lock != NULL;
		if (death->lock)
			snprintf(seen->parentdev, sizeof(seen->parentdev), "%s",
				 death->lock->parentdev);
	}
	seen->works++;
}

static int returns(void *ctx, int parent_fd, const struct nfp_child_exit *death)
{
	(void)parent_fd;
	begin_work(death);
	return *(const int *)ctx;
}

/* With the lock, which nobody else must get until all is over. */
static int dies_with_lock(void *ctx, int parent_fd, const struct nfp_child_exit *death)
{
	struct nfp_lock *lock;

	begin_work(death);
	if (death)
		return nfp_lock_acquire(place.folder, "0000:01:00.0", &lock, NULL) == -EBUSY ? 5
											     : 6;
	if (nfp_lock_acquire(place.folder, "0000:01:00.0", &lock, NULL) ||
	    nfp_lock_send(lock, parent_fd))
		return 1;
	raise(*(const int *)ctx);
	return 1;
}

static int dies_always(void *ctx, int parent_fd, const struct nfp_child_exit *death)
{
	(void)parent_fd;
	begin_work(death);
	if (ctx)
		_exit(*(const int *)ctx);
	raise(SIGKILL);
	return 0;
}

static int waits(void *ctx, int parent_fd, const struct nfp_child_exit *death)
{
	sigset_t set;
	int number;

	(void)ctx;
	(void)parent_fd;
	begin_work(death);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	(void)!write(place.ready[1], "", 1);
	sigwait(&set, &number);
	return 9;
}

/* In a process of its own, since nfp_supervise returns in each. */
static pid_t start(int (*work)(void *, int, const struct nfp_child_exit *), int argument)
{
	pid_t pid;

	memset(place.seen, 0, sizeof(*place.seen));
	pid = fork();
	if (pid == 0) {
		int ret = nfp_supervise(work, argument < 0 ? NULL : &argument, NULL);

		_exit(ret == -ECHILD ? ALL_DIED : ret);
	}
	return pid;
}

static int ends(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(what_the_work_returns_is_returned)
{
	assert_int_equal(ends(start(returns, 0)), 0);
	assert_int_equal(ends(start(returns, 130)), 130);
	assert_int_equal(place.seen->works, 1);
}

/* A child whose end is not read passes for one that died. */
TEST(the_end_is_asked_for_again)
{
	failing = 2;
	assert_int_equal(ends(start(returns, 130)), 130);
	failing = 0;
	assert_int_equal(place.seen->works, 1);
}

TEST(after_a_death_another_has_the_lock)
{
	struct nfp_lock *lock;

	assert_int_equal(ends(start(dies_with_lock, SIGKILL)), 5);
	assert_int_equal(place.seen->works, 2);
	assert_string_equal(place.seen->how[1], "was killed by SIGKILL");
	assert_true(place.seen->locked);
	assert_string_equal(place.seen->parentdev, "0000:01:00.0");
	/* Free again: all have ended. */
	assert_int_equal(nfp_lock_acquire(place.folder, "0000:01:00.0", &lock, NULL), 0);
	nfp_lock_release(lock);
}

TEST(it_is_said_how_it_died)
{
	assert_int_equal(ends(start(dies_always, NFP_EXIT_CANNOT)), ALL_DIED);
	assert_string_equal(place.seen->how[1], "ran out of memory");
	assert_int_equal(ends(start(dies_always, 0)), ALL_DIED);
	assert_string_equal(place.seen->how[1], "ended with status 0 unexpectedly");
	assert_int_equal(ends(start(dies_always, -1)), ALL_DIED);
	assert_string_equal(place.seen->how[2], "was killed by SIGKILL");
	assert_false(place.seen->locked);
	assert_int_equal(place.seen->works, 3);
}

TEST(a_signal_to_the_first_reaches_the_second)
{
	pid_t pid = start(waits, 0);
	char byte;

	assert_int_equal(read(place.ready[0], &byte, 1), 1);
	kill(pid, SIGTERM);
	assert_int_equal(ends(pid), 9);
}

TEST(the_second_is_told_of_the_death_of_the_first)
{
	pid_t pid = start(waits, 0);
	char byte;

	assert_int_equal(read(place.ready[0], &byte, 1), 1);
	kill(pid, SIGKILL);
	assert_int_equal(ends(pid), -SIGKILL);
	/* It is this process's now (see setup). */
	assert_int_equal(ends(place.seen->pid), 9);
}

static int setup(void **state)
{
	(void)state;
	snprintf(place.folder, sizeof(place.folder), "/tmp/nfprobe-supervise.XXXXXX");
	place.seen = mmap(NULL, sizeof(*place.seen), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	/* Orphans become children of this process, which can wait for them then. */
	return !mkdtemp(place.folder) || place.seen == MAP_FAILED || pipe(place.ready) ||
	       prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/0000:01:00.0.lock", place.folder);
	unlink(path);
	return rmdir(place.folder);
}

int main(void)
{
	return RUN_TESTS(setup, teardown);
}
