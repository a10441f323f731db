// SPDX-License-Identifier: GPL-2.0-or-later
#include "netns/stack.h"

#include <stddef.h>

#if __has_include(<lwip/tcpip.h>)

/* lwIP's own names of what <sys/socket.h> has, too: neither header is included beside it. */
#include <lwip/etharp.h>
#include <lwip/netif.h>
#include <lwip/tcpip.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define FRAME_MAX 2048

struct stack {
	struct netif netif;
	int fd, stop_fd;
	pthread_t thread;
};

static err_t send_frame(struct netif *netif, struct pbuf *pbuf)
{
	const struct stack *stack = netif->state;
	uint8_t frame[FRAME_MAX];
	u16_t len = pbuf_copy_partial(pbuf, frame, sizeof(frame), 0);

	return write(stack->fd, frame, len) == (ssize_t)len ? ERR_OK : ERR_IF;
}

static err_t set_up(struct netif *netif)
{
	netif->output = etharp_output;
	netif->linkoutput = send_frame;
	netif->mtu = 1500;
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_LINK_UP;
	return ERR_OK;
}

static void hear(struct stack *stack)
{
	uint8_t frame[FRAME_MAX];
	ssize_t len = read(stack->fd, frame, sizeof(frame));
	struct pbuf *pbuf;

	if (len <= 0)
		return;
	pbuf = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL);
	if (!pbuf)
		return;
	pbuf_take(pbuf, frame, (u16_t)len);
	if (stack->netif.input(pbuf, &stack->netif) != ERR_OK)
		pbuf_free(pbuf);
}

static void *live(void *arg)
{
	struct stack *stack = arg;

	for (;;) {
		struct pollfd fds[] = {{.fd = stack->stop_fd, .events = POLLIN},
				       {.fd = stack->fd, .events = POLLIN}};

		poll(fds, 2, -1);
		if (fds[0].revents)
			return NULL;
		if (fds[1].revents)
			hear(stack);
	}
}

struct stack *stack_start(int fd, const uint8_t mac[6], const uint8_t ip[4])
{
	struct stack *stack = calloc(1, sizeof(*stack));
	ip4_addr_t address, mask, none = {0};

	if (!stack)
		abort();
	stack->fd = fd;
	stack->stop_fd = eventfd(0, EFD_CLOEXEC);
	IP4_ADDR(&address, ip[0], ip[1], ip[2], ip[3]);
	IP4_ADDR(&mask, 255, 255, 255, 0);
	memcpy(stack->netif.hwaddr, mac, sizeof(stack->netif.hwaddr));
	stack->netif.hwaddr_len = sizeof(stack->netif.hwaddr);
	tcpip_init(NULL, NULL);
	LOCK_TCPIP_CORE();
	if (!netif_add(&stack->netif, &address, &mask, &none, stack, set_up, tcpip_input))
		abort();
	netif_set_up(&stack->netif);
	UNLOCK_TCPIP_CORE();
	if (stack->stop_fd < 0 || pthread_create(&stack->thread, NULL, live, stack))
		abort();
	return stack;
}

unsigned int stack_learned(struct stack *stack)
{
	unsigned int learned = 0;

	(void)stack;
	LOCK_TCPIP_CORE();
	for (size_t i = 0; i < ARP_TABLE_SIZE; i++) {
		struct eth_addr *mac;
		struct netif *netif;
		ip4_addr_t *ip;

		learned += etharp_get_entry(i, &ip, &netif, &mac) != 0;
	}
	UNLOCK_TCPIP_CORE();
	return learned;
}

void stack_stop(struct stack *stack)
{
	uint64_t one = 1;

	if (!stack)
		return;
	if (write(stack->stop_fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		abort();
	pthread_join(stack->thread, NULL);
	LOCK_TCPIP_CORE();
	netif_remove(&stack->netif);
	UNLOCK_TCPIP_CORE();
	close(stack->stop_fd);
	close(stack->fd);
	free(stack);
}

#else

struct stack *stack_start(int fd, const uint8_t mac[6], const uint8_t ip[4])
{
	(void)fd;
	(void)mac;
	(void)ip;
	return NULL;
}

unsigned int stack_learned(struct stack *stack)
{
	(void)stack;
	return 0;
}

void stack_stop(struct stack *stack)
{
	(void)stack;
}

#endif
