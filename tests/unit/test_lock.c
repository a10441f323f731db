// SPDX-License-Identifier: GPL-2.0-or-later
/* One run a PF: the second is told who the first is. The run directory is root's own or refused. */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "change/host.h"

#define PARENT "0000:01:00.0"

static int make_dir(void **state)
{
	char *path = strdup("/tmp/nfprobe-lock-XXXXXX");

	*state = path;
	return !path || !mkdtemp(path);
}

static int remove_dir(void **state)
{
	char command[128];
	int ret;

	snprintf(command, sizeof(command), "rm -rf '%s'", (char *)*state);
	ret = system(command);
	free(*state);
	return ret;
}

static char *inside(const char *dir, const char *name, char buf[128])
{
	snprintf(buf, 128, "%s/%s", dir, name);
	return buf;
}

/* At the limit of descriptors a message has fewer than were sent. */
TEST_WITH(half_a_lock_is_none, make_dir, remove_dir)
{
	struct nfp_lock *lock, *received;
	struct rlimit limit, few;
	int fds[2], last;

	assert_int_equal(nfp_lock_acquire(*state, PARENT, &lock, NULL), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	last = dup(fds[0]);
	close(last);
	few = limit;
	few.rlim_cur = (rlim_t)last + 1;
	assert_int_equal(nfp_lock_send(lock, fds[0]), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(nfp_lock_receive(fds[1], &received), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	close(last);
	assert_int_equal(nfp_lock_send(lock, fds[0]), 0);
	assert_int_equal(nfp_lock_receive(fds[1], &received), 0);
	nfp_lock_release(received);
	nfp_lock_release(lock);
	close(fds[0]);
	close(fds[1]);
}

TEST_WITH(second_run_is_refused, make_dir, remove_dir)
{
	struct nfp_lock *first, *second, *other;
	struct nfp_err err = {.code = NFP_E_NONE};
	char pid[16];

	assert_int_equal(nfp_lock_acquire(*state, PARENT, &first, &err), 0);
	assert_int_equal(nfp_lock_acquire(*state, PARENT, &second, &err), -EBUSY);
	assert_int_equal(err.code, NFP_E_LOCKED);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	assert_non_null(strstr(err.message, pid));
	assert_string_equal(err.hint.text, "Wait until it has finished.");
	/* Another PF is nobody's yet. */
	assert_int_equal(nfp_lock_acquire(*state, "0000:02:00.0", &other, &err), 0);
	nfp_lock_release(other);
	nfp_lock_release(first);
	assert_int_equal(nfp_lock_acquire(*state, PARENT, &second, &err), 0);
	nfp_lock_release(second);
	nfp_lock_release(NULL);
}

/* A PF is probed, or sends for any number of runs. */
TEST_WITH(sources_share_it, make_dir, remove_dir)
{
	struct nfp_lock *probe, *first, *second;
	struct nfp_err err = {.code = NFP_E_NONE};

	assert_int_equal(nfp_lock_acquire(*state, PARENT, &probe, &err), 0);
	assert_int_equal(nfp_lock_share(*state, PARENT, &first, &err), -EBUSY);
	assert_int_equal(err.code, NFP_E_LOCKED);
	assert_non_null(
		strstr(err.message, "another run of nfprobe is using " PARENT ": process "));
	nfp_lock_release(probe);
	assert_int_equal(nfp_lock_share(*state, PARENT, &first, &err), 0);
	assert_int_equal(nfp_lock_share(*state, PARENT, &second, &err), 0);
	nfp_lock_release(first);
	/* The one that is left counts, and the pid in the file is not its. */
	assert_int_equal(nfp_lock_acquire(*state, PARENT, &probe, &err), -EBUSY);
	assert_int_equal(err.code, NFP_E_LOCKED);
	assert_string_equal(err.message,
			    "another run of nfprobe is sending its test frames through " PARENT);
	nfp_lock_release(second);
	assert_int_equal(nfp_lock_acquire(*state, PARENT, &probe, &err), 0);
	nfp_lock_release(probe);
}

TEST_WITH(makes_the_directory, make_dir, remove_dir)
{
	char path[128];
	struct nfp_lock *lock;
	struct stat st;

	assert_int_equal(nfp_lock_acquire(inside(*state, "run", path), PARENT, &lock, NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	nfp_lock_release(lock);
}

static void assert_refused(const char *rundir)
{
	struct nfp_err err = {.code = NFP_E_NONE};
	struct nfp_restore_report report = {.found = false};
	struct nfp_lock *lock;

	assert_true(nfp_lock_acquire(rundir, PARENT, &lock, &err) < 0);
	assert_int_equal(err.code, NFP_E_JOURNAL);
	assert_true(nfp_restore(rundir, NULL, NULL, &report, &err) < 0);
	nfp_restore_report_fini(&report);
}

TEST_WITH(directory_of_somebody_else, make_dir, remove_dir)
{
	char path[128], link[128];

	assert_int_equal(mkdir(inside(*state, "dir", path), 0700), 0);
	assert_int_equal(symlink(path, inside(*state, "link", link)), 0);
	assert_refused(link);
	assert_int_equal(chmod(path, 0770), 0);
	assert_refused(path);
	assert_int_equal(chmod(path, 0700), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_refused(path);
	}
}

TEST_WITH(names_that_are_paths, make_dir, remove_dir)
{
	struct nfp_lock *lock;

	assert_int_equal(nfp_lock_acquire(*state, "", &lock, NULL), -EINVAL);
	assert_int_equal(nfp_lock_acquire(*state, "..", &lock, NULL), -EINVAL);
	assert_int_equal(nfp_lock_acquire(*state, "a/b", &lock, NULL), -EINVAL);
}

TEST_WITH(lock_file_that_is_a_link, make_dir, remove_dir)
{
	char path[128], target[128];
	struct nfp_lock *lock;

	inside(*state, "target", target);
	assert_int_equal(symlink(target, inside(*state, PARENT ".lock", path)), 0);
	assert_true(nfp_lock_acquire(*state, PARENT, &lock, NULL) < 0);
	assert_int_equal(access(target, F_OK), -1);
}

/* Nothing was ever begun: nothing is made either. */
TEST_WITH(restore_of_nothing, make_dir, remove_dir)
{
	struct nfp_restore_report report = {.found = false};
	char path[128];

	assert_int_equal(nfp_restore(inside(*state, "none", path), NULL, NULL, &report, NULL), 0);
	assert_int_equal(nfp_restore(path, "eth0", NULL, &report, NULL), 0);
	assert_false(report.found);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(nfp_restore(*state, NULL, NULL, &report, NULL), 0);
	assert_false(report.found);
	nfp_restore_report_fini(&report);
}

TEST_WITH(restore_beside_a_run, make_dir, remove_dir)
{
	struct nfp_restore_report report = {.found = false};
	struct nfp_err err = {.code = NFP_E_NONE};
	struct nfp_lock *lock;
	char path[128];
	int fd;

	fd = open(inside(*state, PARENT ".journal", path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(nfp_lock_acquire(*state, PARENT, &lock, NULL), 0);
	assert_int_equal(nfp_restore(*state, NULL, NULL, &report, &err), -EBUSY);
	assert_int_equal(err.code, NFP_E_LOCKED);
	nfp_lock_release(lock);
	/* An empty journal is of a run that changed nothing. */
	assert_int_equal(nfp_restore(*state, NULL, NULL, &report, &err), 0);
	assert_int_equal(access(path, F_OK), -1);
	nfp_restore_report_fini(&report);
}

TEST_MAIN()
