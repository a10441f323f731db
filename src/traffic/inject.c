// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/traffic.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nfprobe/base.h"

/* Room for a burst after the netdev's queue was stopped: a frame counts as about 800 bytes. */
#define SEND_BUFFER (1 << 20)

struct nfp_inject {
	int fd;
	struct sockaddr_ll to;
	struct mmsghdr messages[NFP_INJECT_BATCH];
	struct iovec iov[NFP_INJECT_BATCH];
};

/* Protocol 0: the socket receives nothing. */
static int open_socket(void *arg)
{
	int size = SEND_BUFFER;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	/* Without CAP_NET_ADMIN the default has to do. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	*(int *)arg = fd;
	return 0;
}

int nfp_inject_open(const struct nfp_netdev *netdev, struct nfp_inject **ret_inject,
		    struct nfp_err *err)
{
	struct nfp_inject *inject;
	int fd = -1, ret = nfp_enter(netdev->netns_fd, open_socket, &fd);

	if (ret)
		return nfp_err_errno(err, ret, ret == -EPERM ? NFP_E_PERMISSION : NFP_E_KERNEL,
				     "cannot open a packet socket to send from %s", netdev->ifname);
	inject = nfp_calloc(1, sizeof(*inject));
	inject->fd = fd;
	inject->to = (struct sockaddr_ll) {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(NFP_ETHERTYPE),
		.sll_ifindex = netdev->ifindex,
		.sll_halen = ETH_ALEN,
	};
	for (unsigned int i = 0; i < NFP_INJECT_BATCH; i++)
		inject->messages[i].msg_hdr = (struct msghdr) {
			.msg_name = &inject->to,
			.msg_namelen = sizeof(inject->to),
			.msg_iov = &inject->iov[i],
			.msg_iovlen = 1,
		};
	*ret_inject = inject;
	return 0;
}

void nfp_inject_close(struct nfp_inject *inject)
{
	if (!inject)
		return;
	close(inject->fd);
	free(inject);
}

int nfp_inject_send(struct nfp_inject *inject, struct nfp_packet packets[], unsigned int num)
{
	int sent;

	if (num > NFP_INJECT_BATCH)
		num = NFP_INJECT_BATCH;
	for (unsigned int i = 0; i < num; i++)
		inject->iov[i] = (struct iovec) {packets[i].data, packets[i].len};
	do
		sent = sendmmsg(inject->fd, inject->messages, num, 0);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

unsigned int nfp_inject_all(struct nfp_inject *inject, struct nfp_packet packets[],
			    unsigned int num)
{
	unsigned int sent = 0;
	int ret;

	while (sent < num && (ret = nfp_inject_send(inject, packets + sent, num - sent)) > 0)
		sent += (unsigned int)ret;
	return sent;
}
