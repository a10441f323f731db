// SPDX-License-Identifier: GPL-2.0-or-later
/* supervise.c - the signals that end a run, and the parent that watches the process that works. */
#include "supervise.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ATTEMPTS 3 /* one to work, and two to restore */
/* Tries to read what the child has sent: a failed recvmsg leaves it in the queue. */
#define RECEIVE_TRIES 3

int nfp_signals_open(struct nfp_signals *signals)
{
	struct sigaction now;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	/* nohup ignores SIGHUP. A signal that is blocked would arrive even if it is ignored. */
	if (sigaction(SIGHUP, NULL, &now) < 0 || now.sa_handler != SIG_IGN)
		sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	/* A reader that went away, or ulimit -f, makes the write fail; the process lives on. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return -errno;
	*signals = (struct nfp_signals) {.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)};
	return signals->fd < 0 ? -errno : 0;
}

int nfp_signals_poll(struct nfp_signals *signals)
{
	struct signalfd_siginfo info;

	while (read(signals->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (signals->caught)
			continue;
		signals->caught = (int)info.ssi_signo;
		signals->code = info.ssi_code;
	}
	return signals->caught;
}

/* ---- two processes ---- */

/*
 * Waits for the child, passing signals on to it. Returns its exit status, or -ECHILD if it died.
 * The child sends its lock through @fd, and a byte at its end that says so.
 */
static int wait_for_child(pid_t pid, int fd, struct nfp_child_exit *child_exit)
{
	int status, ret = 0, failures = 0;
	bool ended = false;
	sigset_t all;
	siginfo_t info;

	sigfillset(&all);
	/* The terminal signals both processes: pass on only what this one got alone. */
	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (sigwaitinfo(&all, &info) > 0 && info.si_signo != SIGCHLD && info.si_code <= 0)
			kill(pid, info.si_signo);
	}
	while (ret != -ENOTCONN && failures < RECEIVE_TRIES) {
		ret = nfp_lock_receive(fd, &child_exit->lock);
		ended |= ret == -ENOMSG;
		failures += ret && ret != -ENOMSG;
	}
	if (ended && WIFEXITED(status))
		return WEXITSTATUS(status);
	if (WIFSIGNALED(status))
		snprintf(child_exit->how, sizeof(child_exit->how), "was killed by SIG%s",
			 sigabbrev_np(WTERMSIG(status)) ?: "?");
	else if (WEXITSTATUS(status) == NFP_EXIT_CANNOT)
		snprintf(child_exit->how, sizeof(child_exit->how), "ran out of memory");
	else
		snprintf(child_exit->how, sizeof(child_exit->how),
			 "ended with status %d unexpectedly", WEXITSTATUS(status));
	child_exit->num++;
	return -ECHILD;
}

int nfp_supervise(int (*work)(void *ctx, int parent_fd, const struct nfp_child_exit *child_exit),
		  void *ctx, struct nfp_err *err)
{
	struct nfp_child_exit child_exit = {.num = 0};
	pid_t parent = getpid();
	sigset_t all, before;
	int ret = 0;

	/* A process that was started with SIGCHLD ignored could not wait for its children. */
	signal(SIGCHLD, SIG_DFL);
	/* Job control works on the whole process group. Everything else waits for sigwaitinfo. */
	sigfillset(&all);
	sigdelset(&all, SIGTSTP);
	sigdelset(&all, SIGTTIN);
	sigdelset(&all, SIGTTOU);
	sigprocmask(SIG_SETMASK, &all, &before);
	while (child_exit.num < ATTEMPTS) {
		int fds[2];
		pid_t pid;

		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)) {
			ret = nfp_err_errno(err, -errno, NFP_E_KERNEL, "cannot make a socket");
			break;
		}
		pid = fork();
		if (pid == 0) {
			close(fds[0]);
			/* If the parent is killed, a run ends and undoes; a restore goes on. */
			if (!child_exit.num) {
				(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
				if (getppid() != parent)
					raise(SIGTERM);
			}
			sigprocmask(SIG_SETMASK, &before, NULL);
			ret = work(ctx, fds[1], child_exit.num ? &child_exit : NULL);
			nfp_lock_release(child_exit.lock);
			(void)send(fds[1], "", 1, MSG_NOSIGNAL);
			return ret;
		}
		ret = pid < 0 ? nfp_err_errno(err, -errno, NFP_E_KERNEL, "cannot make a process")
			      : 0;
		close(fds[1]);
		if (ret == 0)
			ret = wait_for_child(pid, fds[0], &child_exit);
		close(fds[0]);
		if (ret != -ECHILD)
			break;
		nfp_err_set(err, ret, child_exit.lock ? NFP_E_RESTORE : NFP_E_DIED,
			    "the process that restores %s, too: the host may not be as it was",
			    child_exit.how);
		nfp_err_try(err, "nfprobe --restore");
	}
	nfp_lock_release(child_exit.lock);
	return ret;
}
