// SPDX-License-Identifier: GPL-2.0-or-later
/* supervise.c - the process that was started forks the one that works, and another if that dies. */
#include "nfprobe/app.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ATTEMPTS 3 /* the work, and twice to restore */

/* What the parent knows of its children. */
struct supervisor {
	struct nfp_death death;
	pid_t pid;
	int fd; /* what the child has sent waits here until it is dead */
	sigset_t mask;
};

/*
 * Job control works on the whole process group, and so stops and continues both processes. Every
 * other signal waits for sigwaitinfo().
 */
static void block_signals(sigset_t *ret_before)
{
	sigset_t all;

	sigfillset(&all);
	sigdelset(&all, SIGTSTP);
	sigdelset(&all, SIGTTIN);
	sigdelset(&all, SIGTTOU);
	sigprocmask(SIG_SETMASK, &all, ret_before);
}

/* The child is told to end, and undoes, if the parent is killed; one that restores goes on. */
static void follow(pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		raise(SIGTERM);
}

/* The terminal sends a signal to both processes; only one that was sent to the parent is passed on.
 */
static int wait_for_child(const struct supervisor *s)
{
	sigset_t all;
	siginfo_t info;
	int status;

	sigfillset(&all);
	while (waitpid(s->pid, &status, WNOHANG) != s->pid) {
		if (sigwaitinfo(&all, &info) > 0 && info.si_signo != SIGCHLD && info.si_code <= 0)
			kill(s->pid, info.si_signo);
	}
	return status;
}

/* What the child has sent: its lock, and at its end that this was the end. */
static bool has_ended(struct supervisor *s)
{
	bool ended = false;

	for (;;) {
		int ret = nfp_lock_receive(s->fd, &s->death.lock);

		if (ret == -ENOMSG)
			ended = true;
		else if (ret)
			return ended;
	}
}

static void describe(struct nfp_death *death, int status)
{
	if (WIFSIGNALED(status))
		snprintf(death->how, sizeof(death->how), "was killed by SIG%s",
			 sigabbrev_np(WTERMSIG(status)) ?: "?");
	else if (WEXITSTATUS(status) == NFP_EXIT_CANNOT)
		snprintf(death->how, sizeof(death->how), "ran out of memory");
	else
		snprintf(death->how, sizeof(death->how), "ended with status %d unexpectedly",
			 WEXITSTATUS(status));
	death->num++;
}

static int fork_child(struct supervisor *s, int fds[2], struct nfp_err *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return nfp_err_errno(err, -errno, NFP_E_KERNEL, "cannot make a socket");
	s->pid = fork();
	if (s->pid < 0) {
		int ret = nfp_err_errno(err, -errno, NFP_E_KERNEL, "cannot make a process");

		close(fds[0]);
		close(fds[1]);
		return ret;
	}
	close(fds[s->pid ? 1 : 0]);
	return 0;
}

static int do_work(struct supervisor *s, pid_t parent, int fd,
		   int (*work)(void *ctx, int parent_fd, const struct nfp_death *death), void *ctx)
{
	int status;

	if (!s->death.num)
		follow(parent);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
	status = work(ctx, fd, s->death.num ? &s->death : NULL);
	nfp_lock_drop(s->death.lock);
	(void)send(fd, "", 1, MSG_NOSIGNAL);
	return status;
}

int nfp_supervise(int (*work)(void *ctx, int parent_fd, const struct nfp_death *death), void *ctx,
		  struct nfp_err *err)
{
	struct supervisor s = {.death = {.num = 0}};
	pid_t parent = getpid();
	int ret = 0;

	/* A process that was started with SIGCHLD ignored could not wait for its children. */
	signal(SIGCHLD, SIG_DFL);
	block_signals(&s.mask);
	while (s.death.num < ATTEMPTS) {
		int fds[2], status;

		ret = fork_child(&s, fds, err);
		if (ret)
			break;
		if (!s.pid)
			return do_work(&s, parent, fds[1], work, ctx);
		s.fd = fds[0];
		status = wait_for_child(&s);
		ret = has_ended(&s) && WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
		close(s.fd);
		if (ret >= 0)
			break;
		describe(&s.death, status);
		nfp_err_set(err, ret, s.death.lock ? NFP_E_RESTORE : NFP_E_DIED,
			    "the process that restores %s, too: the host may not be as it was",
			    s.death.how);
		nfp_err_hint(err, "nfprobe --restore tries again");
	}
	nfp_lock_drop(s.death.lock);
	return ret;
}
