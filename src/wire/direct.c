// SPDX-License-Identifier: GPL-2.0-or-later
#include "direct.h"

#include <errno.h>
#include <linux/if_xdp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "enter.h"

#ifndef AF_XDP
#define AF_XDP 44
#endif
#ifndef SOL_XDP
#define SOL_XDP 283
#endif
#ifndef XDP_MAX_TX_SKB_BUDGET
#define XDP_MAX_TX_SKB_BUDGET 9
#endif

/* The smallest that the kernel takes, one frame each; a NIC may keep some for a while. */
#define SLOT_LEN 2048U
#define SLOTS	 512U
#define TX_MASK	 (NFP_INJECT_BATCH - 1U)
#define CQ_MASK	 (SLOTS - 1U)
/* Nothing is received, but the kernel wants the ring. */
#define FILL_LEN 2U
/* As inject.c: room for a burst, a frame counts as about 800 bytes. */
#define SEND_BUFFER (1 << 20)
/* An address outside of the memory: the kernel passes over it. */
#define BLANK UINT64_MAX

_Static_assert((NFP_INJECT_BATCH & TX_MASK) == 0 && NFP_INJECT_BATCH >= 32,
	       "a ring is a power of two, and the kernel's budget 32 at least");
_Static_assert(NFP_PACKET_MAX <= SLOT_LEN, "a slot holds a frame");

struct nfp_direct {
	int fd;
	uint8_t *slots;
	void *tx_map, *cq_map;
	size_t tx_len, cq_len;
	/* In tx_map and cq_map; the kernel writes the consumer of tx and the producer of cq. */
	uint32_t *tx_producer, *tx_consumer, *cq_producer, *cq_consumer;
	struct xdp_desc *tx;
	const uint64_t *cq;
	uint32_t produced; /* *tx_producer */
	bool blanks;	   /* .. are in the ring, for the kernel to pass over */
	unsigned int num_free;
	uint16_t free[SLOTS]; /* the last one in is the warmest */
};

struct opening {
	struct nfp_direct *direct;
	int ifindex;
};

static int set(int fd, int option, const void *value, socklen_t len)
{
	return setsockopt(fd, SOL_XDP, option, value, len) ? -errno : 0;
}

static int set_number(int fd, int option, unsigned int number)
{
	return set(fd, option, &number, sizeof(number));
}

static int map_slots(struct nfp_direct *direct)
{
	struct xdp_umem_reg reg = {.len = SLOTS * SLOT_LEN, .chunk_size = SLOT_LEN};
	void *slots = mmap(NULL, reg.len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);

	if (slots == MAP_FAILED)
		return -errno;
	direct->slots = slots;
	reg.addr = (uintptr_t)slots;
	for (unsigned int i = 0; i < SLOTS; i++)
		direct->free[direct->num_free++] = (uint16_t)i;
	return set(direct->fd, XDP_UMEM_REG, &reg, sizeof(reg));
}

/* The budget may be set since the kernel says, after an error too, how far it came. */
static int make_rings(struct nfp_direct *direct)
{
	int ret = set_number(direct->fd, XDP_UMEM_FILL_RING, FILL_LEN);

	if (!ret)
		ret = set_number(direct->fd, XDP_UMEM_COMPLETION_RING, SLOTS);
	if (!ret)
		ret = set_number(direct->fd, XDP_TX_RING, NFP_INJECT_BATCH);
	if (!ret)
		ret = set_number(direct->fd, XDP_MAX_TX_SKB_BUDGET, NFP_INJECT_BATCH);
	return ret;
}

static int map_ring(int fd, size_t len, uint64_t offset, void **ret_map)
{
	void *map;

	/* Where off_t has 32 bits the offset of another ring would be left. */
	if ((uint64_t)(off_t)offset != offset)
		return -EOVERFLOW;
	map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
	if (map == MAP_FAILED)
		return -errno;
	*ret_map = map;
	return 0;
}

static void *at(void *map, uint64_t offset)
{
	return (uint8_t *)map + offset;
}

static int map_rings(struct nfp_direct *direct)
{
	struct xdp_mmap_offsets offsets;
	socklen_t len = sizeof(offsets);
	int ret;

	if (getsockopt(direct->fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &len))
		return -errno;
	if (len != sizeof(offsets))
		return -EOPNOTSUPP;
	direct->tx_len = offsets.tx.desc + NFP_INJECT_BATCH * sizeof(struct xdp_desc);
	direct->cq_len = offsets.cr.desc + SLOTS * sizeof(uint64_t);
	ret = map_ring(direct->fd, direct->tx_len, XDP_PGOFF_TX_RING, &direct->tx_map);
	if (!ret)
		ret = map_ring(direct->fd, direct->cq_len, XDP_UMEM_PGOFF_COMPLETION_RING,
			       &direct->cq_map);
	if (ret)
		return ret;
	direct->tx_producer = at(direct->tx_map, offsets.tx.producer);
	direct->tx_consumer = at(direct->tx_map, offsets.tx.consumer);
	direct->tx = at(direct->tx_map, offsets.tx.desc);
	direct->cq_producer = at(direct->cq_map, offsets.cr.producer);
	direct->cq_consumer = at(direct->cq_map, offsets.cr.consumer);
	direct->cq = at(direct->cq_map, offsets.cr.desc);
	return 0;
}

/* Copying, so that no driver changes its rings; the first queue is there in any netdev. */
static int open_socket(void *arg)
{
	struct opening *opening = arg;
	struct nfp_direct *direct = opening->direct;
	const struct sockaddr_xdp to = {.sxdp_family = AF_XDP,
					.sxdp_flags = XDP_COPY,
					.sxdp_ifindex = (uint32_t)opening->ifindex};
	const int size = SEND_BUFFER;
	int ret;

	direct->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (direct->fd < 0)
		return -errno;
	/* Without CAP_NET_ADMIN the default has to do. */
	(void)setsockopt(direct->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	ret = map_slots(direct);
	if (!ret)
		ret = make_rings(direct);
	if (!ret)
		ret = map_rings(direct);
	if (!ret && bind(direct->fd, (const struct sockaddr *)&to, sizeof(to)))
		ret = -errno;
	return ret;
}

int nfp_direct_open(const struct nfp_netdev *netdev, struct nfp_direct **ret_direct)
{
	struct opening opening = {.ifindex = netdev->ifindex};
	int ret;

	opening.direct = calloc(1, sizeof(*opening.direct));
	if (!opening.direct)
		return -ENOMEM;
	opening.direct->fd = -1;
	ret = nfp_enter(netdev->netns_fd, open_socket, &opening);
	if (ret) {
		nfp_direct_close(opening.direct);
		return ret;
	}
	*ret_direct = opening.direct;
	return 0;
}

void nfp_direct_close(struct nfp_direct *direct)
{
	if (!direct)
		return;
	if (direct->tx_map)
		munmap(direct->tx_map, direct->tx_len);
	if (direct->cq_map)
		munmap(direct->cq_map, direct->cq_len);
	if (direct->fd >= 0)
		close(direct->fd);
	if (direct->slots)
		munmap(direct->slots, SLOTS * SLOT_LEN);
	free(direct);
}

static uint32_t load(const uint32_t *index)
{
	return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *index, uint32_t value)
{
	__atomic_store_n(index, value, __ATOMIC_RELEASE);
}

static void free_slot(struct nfp_direct *direct, uint64_t addr)
{
	direct->free[direct->num_free++] = (uint16_t)(addr / SLOT_LEN);
}

/* The slots of frames that the driver is done with; some kernels give blanks back as well. */
static void reclaim(struct nfp_direct *direct)
{
	uint32_t end = load(direct->cq_producer), i = *direct->cq_consumer;

	for (; i != end; i++) {
		if (direct->cq[i & CQ_MASK] != BLANK)
			free_slot(direct, direct->cq[i & CQ_MASK]);
	}
	store(direct->cq_consumer, i);
}

static int kick(const struct nfp_direct *direct)
{
	return sendto(direct->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 ? -errno : 0;
}

/*
 * What the kernel has seen in the ring cannot be taken back, only made invalid; it passes over one
 * of those in each call, and says so in the call after the last. While the netdev is down it looks
 * at none.
 */
static int pass_blanks(struct nfp_direct *direct)
{
	for (unsigned int i = 0; i < NFP_INJECT_BATCH + 2; i++) {
		int ret;

		if (load(direct->tx_consumer) == direct->produced) {
			direct->blanks = false;
			return 0;
		}
		ret = kick(direct);
		if (ret)
			return ret;
	}
	return -EAGAIN;
}

static void take_back(struct nfp_direct *direct, uint32_t from)
{
	for (uint32_t i = from; i != direct->produced; i++) {
		struct xdp_desc *desc = &direct->tx[i & TX_MASK];

		free_slot(direct, desc->addr);
		desc->addr = BLANK;
	}
	direct->blanks = true;
	(void)pass_blanks(direct);
}

/*
 * net/xdp/xsk.c, __xsk_generic_xmit: frames go one by one; what the driver would not have, for now,
 * stays in the ring (-EAGAIN), what it dropped does not (-EBUSY), and either is the last of the
 * call. The consumer is made known if at least one was sent.
 */
struct nfp_direct_fate nfp_direct_fate(unsigned int num, unsigned int taken, int ret)
{
	struct nfp_direct_fate fate = {.sent = taken, .gone = taken};

	if (ret == -EBUSY && taken == 0)
		fate.gone = 1;
	else if (ret == -EBUSY)
		fate.sent--;
	if (fate.sent == num)
		return fate;
	/* As a packet socket has it, when the netdev drops a frame; 0: it has no queue any more. */
	fate.why = ret == -EBUSY ? -ENOBUFS : ret ? ret : -ENETDOWN;
	return fate;
}

static void put_frames(struct nfp_direct *direct, const struct nfp_packet packets[],
		       unsigned int num)
{
	for (unsigned int i = 0; i < num; i++) {
		uint32_t slot = direct->free[--direct->num_free];

		memcpy(direct->slots + (size_t)slot * SLOT_LEN, packets[i].data, packets[i].len);
		direct->tx[direct->produced++ & TX_MASK] = (struct xdp_desc) {
			.addr = (uint64_t)slot * SLOT_LEN,
			.len = (uint32_t)packets[i].len,
		};
	}
	store(direct->tx_producer, direct->produced);
}

int nfp_direct_send(struct nfp_direct *direct, const struct nfp_packet packets[], unsigned int num)
{
	uint32_t begin = direct->produced;
	struct nfp_direct_fate fate;
	int ret = direct->blanks ? pass_blanks(direct) : 0;

	if (ret)
		return ret;
	reclaim(direct);
	if (num > direct->num_free)
		num = direct->num_free;
	if (num == 0)
		return -EAGAIN;
	put_frames(direct, packets, num);
	ret = kick(direct);
	fate = nfp_direct_fate(num, load(direct->tx_consumer) - begin, ret);
	if (load(direct->tx_consumer) != direct->produced)
		take_back(direct, begin + fate.gone);
	return fate.sent ? (int)fate.sent : fate.why;
}
