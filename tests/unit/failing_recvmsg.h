/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recvmsg(2) that fails, in place of the C library's. A call that fails leaves the datagram in the
 * queue. */
#ifndef FAILING_RECVMSG_H
#define FAILING_RECVMSG_H

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int failing; /* how many of the next calls fail */
/* How many of the next datagrams of dumps say that something changed meanwhile. */
static int interrupting;
static int letting; /* how many of them pass before */

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	if (failing > 0) {
		failing--;
		errno = ENOMEM;
		return -1;
	}
	ssize_t n = syscall(SYS_recvmsg, fd, msg, flags);
	struct nlmsghdr *first = msg->msg_iov->iov_base;

	if (interrupting > 0 && n >= (ssize_t)sizeof(*first) && first->nlmsg_flags & NLM_F_MULTI &&
	    !(flags & MSG_PEEK) && letting-- <= 0) {
		interrupting--;
		first->nlmsg_flags |= NLM_F_DUMP_INTR;
	}
	return n;
}

#endif
