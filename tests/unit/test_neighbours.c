// SPDX-License-Identifier: GPL-2.0-or-later
/* Routes and neighbour entries, as fib_dump_info() and neigh_fill_info() of Linux fill them in. */
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "harness.h"
#include "net/netlink.h"
#include "../../src/net/netlink_priv.h"

#define PF 3

static const uint8_t gateway[4] = {192, 0, 2, 1}, other[4] = {192, 0, 2, 9};
static const uint8_t mac[6] = {2, 0, 0, 0, 0, 5};

struct message {
	union {
		struct nlmsghdr head;
		char room[512];
	};
};

static void put_route(struct message *m, uint8_t dst_len)
{
	struct rtmsg *rtm;

	memset(m, 0, sizeof(*m));
	mnl_nlmsg_put_header(m->room);
	m->head.nlmsg_type = RTM_NEWROUTE;
	rtm = mnl_nlmsg_put_extra_header(&m->head, sizeof(*rtm));
	rtm->rtm_family = AF_INET;
	rtm->rtm_dst_len = dst_len;
	rtm->rtm_type = RTN_UNICAST;
}

static void put_default(struct message *m, uint32_t oif, const uint8_t via[4])
{
	put_route(m, 0);
	mnl_attr_put_u32(&m->head, RTA_OIF, oif);
	mnl_attr_put(&m->head, RTA_GATEWAY, 4, via);
}

static void put_entry(struct message *m, int ifindex, uint16_t nud, const uint8_t ip[4],
		      const uint8_t *address)
{
	struct ndmsg *ndm;

	memset(m, 0, sizeof(*m));
	mnl_nlmsg_put_header(m->room);
	m->head.nlmsg_type = RTM_NEWNEIGH;
	ndm = mnl_nlmsg_put_extra_header(&m->head, sizeof(*ndm));
	ndm->ndm_family = AF_INET;
	ndm->ndm_ifindex = ifindex;
	ndm->ndm_state = nud;
	mnl_attr_put(&m->head, NDA_DST, 4, ip);
	if (address)
		mnl_attr_put(&m->head, NDA_LLADDR, 6, address);
}

TEST(the_default_route_names_a_gateway)
{
	struct nfp_neighbours n = {.ifindex = {PF}};
	struct message m;

	put_default(&m, PF + 1, other); /* of another netdev */
	nfp_neighbours_parse(&m.head, &n);
	put_route(&m, 24); /* no default route */
	mnl_attr_put_u32(&m.head, RTA_OIF, PF);
	mnl_attr_put(&m.head, RTA_GATEWAY, 4, other);
	nfp_neighbours_parse(&m.head, &n);
	assert_int_equal(n.n, 0);
	put_default(&m, PF, gateway);
	nfp_neighbours_parse(&m.head, &n);
	nfp_neighbours_parse(&m.head, &n);
	assert_int_equal(n.n, 1);
	assert_memory_equal(n.v[0].ip.b, gateway, 4);
	assert_true(n.v[0].gateway && !n.v[0].have_mac);
}

TEST(one_of_several_next_hops)
{
	struct nfp_neighbours n = {.ifindex = {1, PF}};
	struct {
		struct rtnexthop head;
		struct nlattr attr;
		uint8_t via[4];
	} hops[2] = {0};
	struct message m;

	for (int i = 0; i < 2; i++) {
		hops[i].head.rtnh_len = sizeof(hops[i]);
		hops[i].head.rtnh_ifindex = PF + i;
		hops[i].attr = (struct nlattr) {.nla_len = 8, .nla_type = RTA_GATEWAY};
		memcpy(hops[i].via, i ? other : gateway, 4);
	}
	put_route(&m, 0);
	mnl_attr_put(&m.head, RTA_MULTIPATH, sizeof(hops), hops);
	nfp_neighbours_parse(&m.head, &n);
	assert_int_equal(n.n, 1);
	assert_memory_equal(n.v[0].ip.b, gateway, 4);
	/* Lengths that lie. */
	for (uint16_t len = 0; len < 64; len++) {
		hops[1].head.rtnh_len = len;
		put_route(&m, 0);
		mnl_attr_put(&m.head, RTA_MULTIPATH, sizeof(hops), hops);
		nfp_neighbours_parse(&m.head, &n);
	}
	assert_int_equal(n.n, 1);
}

TEST(entries_that_the_kernel_trusts)
{
	static const uint16_t bad[] = {NUD_NONE, NUD_INCOMPLETE, NUD_FAILED, NUD_NOARP};
	struct nfp_neighbours n = {.ifindex = {PF}};
	struct message m;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put_entry(&m, PF, bad[i], other, mac);
		nfp_neighbours_parse(&m.head, &n);
	}
	put_entry(&m, PF + 1, NUD_REACHABLE, other, mac);
	nfp_neighbours_parse(&m.head, &n);
	put_entry(&m, PF, NUD_REACHABLE, other, NULL);
	nfp_neighbours_parse(&m.head, &n);
	assert_int_equal(n.n, 0);
	put_default(&m, PF, gateway);
	nfp_neighbours_parse(&m.head, &n);
	put_entry(&m, PF, NUD_STALE, other, mac);
	nfp_neighbours_parse(&m.head, &n);
	put_entry(&m, PF, NUD_REACHABLE, gateway, mac);
	nfp_neighbours_parse(&m.head, &n);
	assert_int_equal(n.n, 2);
	assert_true(n.v[0].gateway && n.v[0].have_mac && !n.v[1].gateway);
	assert_memory_equal(n.v[0].mac.b, mac, 6);
}

TEST(every_truncation)
{
	struct nfp_neighbours n = {.ifindex = {PF}};
	struct message m;
	uint32_t len;

	put_default(&m, PF, gateway);
	len = m.head.nlmsg_len;
	for (uint32_t cut = NLMSG_HDRLEN; cut < len; cut++) {
		m.head.nlmsg_len = cut;
		nfp_neighbours_parse(&m.head, &n);
	}
	put_entry(&m, PF, NUD_REACHABLE, other, mac);
	len = m.head.nlmsg_len;
	for (uint32_t cut = NLMSG_HDRLEN; cut < len - 2; cut++) {
		m.head.nlmsg_len = cut;
		nfp_neighbours_parse(&m.head, &n);
	}
	assert_int_equal(n.n, 0);
}

TEST(no_more_than_there_is_room_for)
{
	struct nfp_neighbours n = {.ifindex = {PF}};
	struct message m;

	for (uint8_t i = 1; i < 100; i++) {
		const uint8_t ip[4] = {192, 0, 2, i};

		put_entry(&m, PF, NUD_REACHABLE, ip, mac);
		nfp_neighbours_parse(&m.head, &n);
	}
	assert_int_equal(n.n, NFP_NEIGHBOURS_MAX);
}

TEST_MAIN()
