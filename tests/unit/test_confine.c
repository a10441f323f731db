// SPDX-License-Identifier: GPL-2.0-or-later
/* From inside a confined process: what it tries fails, and what it has open works. */
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "nfprobe/confine.h"
#include "trespass.h"

struct tries {
	int status_fd; /* /proc/self/status of the child, opened after the fork */
	char dir[64];  /* anybody may write there */
	char secret[96];
};

/* "Uid:", "CapEff:" and the like of the process whose status is open. */
static long status_of(int fd, const char *name)
{
	char text[4096] = "", *at;

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return -1;
	at = strstr(text, name);
	return at ? strtol(at + strlen(name), NULL, strncmp(name, "Cap", 3) ? 10 : 16) : -1;
}

static int try_confined(struct tries *t)
{
	bool landlock = false, root = geteuid() == 0;
	int number;

	t->status_fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	if (t->status_fd < 0 || nfp_confine(&landlock, NULL))
		return 20;
	number = trespass(t->dir, t->secret);
	if (number)
		return number;
	if (status_of(t->status_fd, "Seccomp:") != 2 || status_of(t->status_fd, "CapEff:") != 0 ||
	    status_of(t->status_fd, "NoNewPrivs:") != 1)
		return 21;
	return root && status_of(t->status_fd, "Uid:") == 0 ? 22 : 0;
}

static int make_tries(void **state)
{
	struct tries *t = calloc(1, sizeof(*t));
	int fd;

	*state = t;
	snprintf(t->dir, sizeof(t->dir), "/tmp/nfprobe-confine-XXXXXX");
	if (!mkdtemp(t->dir) || chmod(t->dir, 0777))
		return -1;
	snprintf(t->secret, sizeof(t->secret), "%s/secret", t->dir);
	fd = open(t->secret, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	return fd < 0 || close(fd) ? -1 : 0;
}

static int remove_tries(void **state)
{
	struct tries *t = *state;

	(void)unlink(t->secret);
	(void)rmdir(t->dir);
	free(t);
	return 0;
}

static void in_child(int (*work)(struct tries *t), struct tries *t)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(work(t));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define CASE(name) TEST_OF(name, make_tries, remove_tries, struct tries, t)

CASE(nothing_can_be_opened_made_or_executed)
{
	in_child(try_confined, t);
}

/* A kernel before 5.13, or one that was booted without it. */
static int try_without_landlock(struct tries *t)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool landlock = true;

	if (!filter ||
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset),
			     0) ||
	    seccomp_load(filter))
		return 30;
	seccomp_release(filter);
	if (nfp_confine(&landlock, NULL) || landlock)
		return 31;
	return trespass(t->dir, t->secret);
}

CASE(the_rest_holds_without_landlock)
{
	in_child(try_without_landlock, t);
}

/* ---- a process of its own ---- */

struct parts {
	int kept, other;
};

static int write_and_look(void *ctx, bool landlock, struct nfp_err *err)
{
	const struct parts *p = ctx;

	(void)landlock;
	nfp_err_set(err, -EINVAL, NFP_E_INPUT, "told");

	return write(p->kept, "x", 1) == 1 && write(p->other, "x", 1) < 0 && errno == EBADF ? 42
											    : 1;
}

TEST(it_has_what_it_was_given)
{
	struct nfp_err err = {.code = NFP_E_NONE};
	struct parts p;
	int a[2], b[2];
	char c = 0;

	assert_int_equal(pipe(a), 0);
	assert_int_equal(pipe(b), 0);
	p = (struct parts) {.kept = a[1], .other = b[1]};
	assert_int_equal(nfp_run_confined(write_and_look, &p, &p.kept, 1, &err), 42);
	assert_string_equal(err.message, "told");
	assert_int_equal(read(a[0], &c, 1), 1);
	assert_int_equal(c, 'x');
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

static int die(void *ctx, bool landlock, struct nfp_err *err)
{
	(void)ctx;
	(void)landlock;
	(void)err;
	return raise(SIGKILL);
}

TEST(a_reader_that_is_killed_is_told)
{
	struct nfp_err err = {.code = NFP_E_NONE};

	assert_int_equal(nfp_run_confined(die, NULL, NULL, 0, &err), -ECHILD);
	assert_int_equal(err.code, NFP_E_DIED);
	assert_non_null(strstr(err.message, "was killed by SIGKILL"));
}

TEST_MAIN()
