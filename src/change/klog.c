// SPDX-License-Identifier: GPL-2.0-or-later
/* klog.c - names the run in the kernel log, beside the lines that drivers write because of it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "klog.h"

/* One write(2) makes one line (devkmsg_write in kernel/printk/printk.c), or one datagram. */
static bool write_klog(int fd, const char *line)
{
	bool written = fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line);

	if (fd >= 0)
		close(fd);
	return written;
}

static int connect_syslog(const struct nfp_sysroot *root)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int len = snprintf(address.sun_path, sizeof(address.sun_path), "%s/dev/log", root->prefix);
	int fd = len < (int)sizeof(address.sun_path)
			 ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
			 : -1;

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void nfp_klog(const struct nfp_sysroot *root, const char *fmt, ...)
{
	char path[NFP_TEXT_LEN], line[NFP_REASON_LEN];

	snprintf(line, sizeof(line), "<%d>nfprobe[%d]: ", LOG_DAEMON | LOG_NOTICE, (int)getpid());
	NFP_VFORMAT(line + strlen(line), sizeof(line) - strlen(line), fmt);
	snprintf(path, sizeof(path), "%s/dev/kmsg", root->prefix);
	if (!write_klog(open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), line))
		(void)write_klog(connect_syslog(root), line);
}
