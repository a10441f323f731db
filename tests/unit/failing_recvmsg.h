/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recvmsg(2) that fails, in place of the C library's. A call that fails leaves the datagram in the
 * queue. */
#ifndef FAILING_RECVMSG_H
#define FAILING_RECVMSG_H

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int failing; /* that many calls from now on */

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	if (failing > 0) {
		failing--;
		errno = ENOMEM;
		return -1;
	}
	return syscall(SYS_recvmsg, fd, msg, flags);
}

#endif
