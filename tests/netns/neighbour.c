// SPDX-License-Identifier: GPL-2.0-or-later
#include "netns/neighbour.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netns/net.h"

#define PATIENCE_MS 30000

struct neighbour {
	struct nfp_mac mac;
	struct nfp_ipv4 ip;
	struct neighbour_manners manners;
	int fd, stop_fd;
	pthread_t thread;
	atomic_uint asked;
};

static void answer(const struct neighbour *n, const struct nfp_arp *question,
		   const struct nfp_mac *by)
{
	const struct nfp_arp answer = {
		.dst = n->manners.to_sender ? question->src : question->sha,
		.src = *by,
		.op = NFP_ARP_REPLY,
		.sha = *by,
		.spa = n->ip,
		.tha = question->sha,
		.tpa = question->spa,
	};
	uint8_t buf[NFP_ARP_LEN_MAX];
	size_t len = nfp_arp_build(&answer, buf);

	if (send(n->fd, buf, len, 0) != (ssize_t)len)
		abort();
}

static void hear(struct neighbour *n)
{
	struct nfp_arp question;
	uint8_t buf[256];
	ssize_t len = recv(n->fd, buf, sizeof(buf), 0);

	if (len <= 0 || !nfp_arp_parse(buf, (size_t)len, &question) ||
	    question.op != NFP_ARP_REQUEST || !nfp_ipv4_equal(&question.tpa, &n->ip))
		return;
	atomic_fetch_add(&n->asked, 1);
	if (n->manners.silent || (n->manners.only_one && nfp_mac_is_multicast(&question.sha)))
		return;
	answer(n, &question, &n->mac);
	if (!nfp_mac_is_zero(&n->manners.second))
		answer(n, &question, &n->manners.second);
}

static void *live(void *arg)
{
	struct neighbour *n = arg;

	for (;;) {
		struct pollfd fds[] = {{.fd = n->stop_fd, .events = POLLIN},
				       {.fd = n->fd, .events = POLLIN}};

		poll(fds, 2, -1);
		if (fds[0].revents)
			return NULL;
		if (fds[1].revents)
			hear(n);
	}
}

struct neighbour *neighbour_start(int ifindex, const struct nfp_mac *mac, const struct nfp_ipv4 *ip,
				  const struct neighbour_manners *manners)
{
	struct neighbour *n = calloc(1, sizeof(*n));

	if (!n)
		abort();
	n->mac = *mac;
	n->ip = *ip;
	n->manners = *manners;
	n->fd = net_socket(ifindex);
	n->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (n->stop_fd < 0 || pthread_create(&n->thread, NULL, live, n))
		abort();
	return n;
}

void neighbour_stop(struct neighbour *n)
{
	uint64_t one = 1;

	if (!n)
		return;
	if (write(n->stop_fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		abort();
	pthread_join(n->thread, NULL);
	close(n->stop_fd);
	close(n->fd);
	free(n);
}

unsigned int neighbour_asked(struct neighbour *n, unsigned int least)
{
	for (int waited = 0; waited < PATIENCE_MS && atomic_load(&n->asked) < least; waited += 10)
		poll(NULL, 0, 10);
	return atomic_load(&n->asked);
}
