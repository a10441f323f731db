// SPDX-License-Identifier: GPL-2.0-or-later
#include "netns/neighbour.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "netns/net.h"
#include "nfprobe/base.h"

#define WAITING_MAX 64
#define BUCKET	    2 /* answers at once when policed */

struct waiting {
	uint64_t due_ns;
	struct nfp_arp answer;
};

struct neighbour {
	struct nfp_mac mac;
	struct nfp_ipv4 ip;
	struct neighbour_manners manners;
	int fd, stop_fd;
	pthread_t thread;
	atomic_uint asked;
	struct waiting waiting[WAITING_MAX]; /* in order of time */
	unsigned int num;
	double tokens;
	uint64_t filled_ns;
};

static void say(const struct neighbour *n, const struct nfp_arp *answer)
{
	uint8_t buf[NFP_ARP_LEN_MAX];
	size_t len = nfp_arp_build(answer, buf);

	if (send(n->fd, buf, len, 0) != (ssize_t)len)
		abort();
}

void neighbour_answer(struct neighbour *n, const struct nfp_mac *to, const struct nfp_mac *by)
{
	const struct nfp_arp answer = {
		.dst = *to, .src = *by, .op = NFP_ARP_REPLY, .sha = *by, .spa = n->ip, .tha = *to};

	say(n, &answer);
}

static bool has_token(struct neighbour *n, uint64_t now)
{
	if (!n->manners.police)
		return true;
	n->tokens += (double)(now - n->filled_ns) * n->manners.police / (double)NFP_NSEC_PER_SEC;
	n->filled_ns = now;
	if (n->tokens > BUCKET)
		n->tokens = BUCKET;
	if (n->tokens < 1)
		return false;
	n->tokens -= 1;
	return true;
}

static void put(struct neighbour *n, const struct nfp_arp *question, const struct nfp_mac *by,
		uint64_t now)
{
	if (n->num == WAITING_MAX)
		abort();
	n->waiting[n->num++] = (struct waiting) {
		.due_ns = now + n->manners.after_ns,
		.answer = {.dst = n->manners.to_sender ? question->src : question->sha,
			   .src = *by,
			   .op = NFP_ARP_REPLY,
			   .sha = *by,
			   .spa = n->ip,
			   .tha = question->sha,
			   .tpa = question->spa},
	};
}

static void hear(struct neighbour *n)
{
	uint64_t now = nfp_clock_now();
	struct nfp_arp question;
	uint8_t buf[256];
	ssize_t len = recv(n->fd, buf, sizeof(buf), 0);

	if (len <= 0 || !nfp_arp_parse(buf, (size_t)len, &question) ||
	    question.op != NFP_ARP_REQUEST || !nfp_ipv4_equal(&question.tpa, &n->ip))
		return;
	atomic_fetch_add(&n->asked, 1);
	if (n->manners.only_one && nfp_mac_is_multicast(&question.sha))
		return;
	if (n->manners.silent || !has_token(n, now))
		return;
	for (unsigned int i = 0; i < (n->manners.times ? n->manners.times : 1); i++)
		put(n, &question, &n->mac, now);
	if (!nfp_mac_is_zero(&n->manners.second))
		put(n, &question, &n->manners.second, now);
}

static void answer_due(struct neighbour *n)
{
	uint64_t now = nfp_clock_now();
	unsigned int done = 0;

	while (done < n->num && n->waiting[done].due_ns <= now)
		say(n, &n->waiting[done++].answer);
	for (unsigned int i = done; i < n->num; i++)
		n->waiting[i - done] = n->waiting[i];
	n->num -= done;
}

static void *live(void *arg)
{
	struct neighbour *n = arg;

	for (;;) {
		struct pollfd fds[] = {{.fd = n->stop_fd, .events = POLLIN},
				       {.fd = n->fd, .events = POLLIN}};
		uint64_t now = nfp_clock_now(), due = n->num ? n->waiting[0].due_ns : UINT64_MAX;
		struct timespec left = {0};

		if (n->num && due > now) {
			left.tv_sec = (time_t)((due - now) / NFP_NSEC_PER_SEC);
			left.tv_nsec = (long)((due - now) % NFP_NSEC_PER_SEC);
		}
		ppoll(fds, 2, n->num ? &left : NULL, NULL);
		if (fds[0].revents)
			return NULL;
		if (fds[1].revents)
			hear(n);
		answer_due(n);
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
	n->tokens = BUCKET;
	n->filled_ns = nfp_clock_now();
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

unsigned int neighbour_asked(struct neighbour *n)
{
	return atomic_load(&n->asked);
}
