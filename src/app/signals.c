// SPDX-License-Identifier: GPL-2.0-or-later
/* signals.c - the signals that end a run, as a descriptor. */
#include "nfprobe/app.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* By nohup: a signal that is blocked arrives all the same. */
static bool is_ignored(int number)
{
	struct sigaction now;

	return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

int nfp_signals_open(struct nfp_signals *signals)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (!is_ignored(SIGHUP))
		sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	/* A reader that went away, and ulimit -f, are errors of the write, not the end of the
	 * process. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return -errno;
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	*signals = (struct nfp_signals) {.fd = fd};
	return 0;
}

void nfp_signals_close(struct nfp_signals *signals)
{
	if (signals && signals->fd >= 0) {
		close(signals->fd);
		signals->fd = -1;
	}
}

int nfp_signals_poll(struct nfp_signals *signals)
{
	struct signalfd_siginfo info;

	while (read(signals->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (signals->caught == 0)
			signals->caught = (int)info.ssi_signo;
	}
	return signals->caught;
}
