// SPDX-License-Identifier: GPL-2.0-or-later
/* The users of an address: by netdevs, and by messages as br_fdb.c, rtnetlink.c
 * (ndo_dflt_fdb_dump) and neighbour.c of Linux fill them in. */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "harness.h"
#include "../../src/net/inventory_priv.h"

static const struct nfp_mac mac_x = {{0x52, 0x54, 0, 0, 0, 1}};
static const struct nfp_mac mac_y = {{0x52, 0x54, 0, 0, 0, 2}};

enum { ETH0 = 2, TAP0, BR0, VXLAN0, VFDEV, NUM = 5 };

static struct nfp_link links[NUM] = {
	{.ifindex = ETH0, .ifname = "eth0", .parentdev = "0000:01:00.0"},
	{.ifindex = TAP0, .ifname = "tap0", .kind = "tun"},
	{.ifindex = BR0, .ifname = "br0", .kind = "bridge"},
	{.ifindex = VXLAN0, .ifname = "vxlan0", .kind = "vxlan"},
	{.ifindex = VFDEV, .ifname = "eth2", .parentdev = "0000:01:10.6"},
};

static struct nfp_nl_msg entry_of(uint8_t family, int ifindex, uint8_t flags,
				  const struct nfp_mac *mac)
{
	const struct ndmsg nd = {.ndm_family = family, .ndm_ifindex = ifindex, .ndm_flags = flags};
	struct nfp_nl_msg msg;

	nfp_nl_msg_init(&msg, RTM_NEWNEIGH, 0, &nd, sizeof(nd));
	if (mac)
		mnl_attr_put(&msg.head, NDA_LLADDR, NFP_MAC_LEN, mac->b);
	return msg;
}

/* As a dump has it. */
static void expect(const struct nfp_nl_msg *msg, const char *who)
{
	struct nfp_neigh entry;
	struct nfp_netns netns = {
		.links = links,
		.num_links = NUM,
		.entries = &entry,
		.num_entries = nfp_neigh_parse(&msg->head, &entry) && entry.have_mac,
	};
	char found[NFP_USER_LEN] = "";

	assert_int_equal(nfp_netns_owner(&netns, &mac_x, "0000:01:10.6", found), who != NULL);
	assert_string_equal(found, who ? who : "");
}

TEST(test_netdevs)
{
	struct nfp_link here[NUM];
	const struct nfp_netns netns = {.links = here, .num_links = NUM};
	char who[NFP_USER_LEN] = "";

	memcpy(here, links, sizeof(here));
	assert_false(nfp_netns_owner(&netns, &mac_x, NULL, who));
	here[4].address = mac_x;
	assert_true(nfp_netns_owner(&netns, &mac_x, NULL, who));
	assert_string_equal(who, "eth2");
	/* The VF under test may have it; netdevs without a device are not its own. */
	assert_false(nfp_netns_owner(&netns, &mac_x, "0000:01:10.6", who));
	here[1].address = mac_x;
	assert_true(nfp_netns_owner(&netns, &mac_x, "0000:01:10.6", who));
	assert_string_equal(who, "tap0");
}

TEST(test_fdb)
{
	struct nfp_nl_msg msg = entry_of(AF_BRIDGE, TAP0, 0, &mac_x);

	mnl_attr_put_u32(&msg.head, NDA_MASTER, BR0);
	expect(&msg, "the FDB of br0 on port tap0");
	msg = entry_of(AF_BRIDGE, BR0, 0, &mac_x);
	mnl_attr_put_u32(&msg.head, NDA_MASTER, BR0);
	expect(&msg, "the FDB of br0");
	msg = entry_of(AF_BRIDGE, ETH0, NTF_SELF, &mac_x);
	expect(&msg, "the filter of eth0");
	msg = entry_of(AF_BRIDGE, VXLAN0, NTF_SELF, &mac_x);
	mnl_attr_put_u32(&msg.head, NDA_DST, htonl(0xc0000207));
	expect(&msg, "the FDB of vxlan0");
	msg = entry_of(AF_BRIDGE, VFDEV, NTF_SELF, &mac_x);
	expect(&msg, NULL);
	msg = entry_of(AF_BRIDGE, ETH0, NTF_SELF, &mac_y);
	expect(&msg, NULL);
	msg = entry_of(AF_BRIDGE, 99, 0, &mac_x);
	mnl_attr_put_u32(&msg.head, NDA_MASTER, 98);
	expect(&msg, "the FDB of netdev 98 on port netdev 99");
}

TEST(test_neighbours)
{
	struct nfp_nl_msg msg = entry_of(AF_INET, BR0, 0, &mac_x);
	struct in6_addr ip6 = {{{0x20, 0x01, 0x0d, 0xb8, [15] = 7}}};

	mnl_attr_put_u32(&msg.head, NDA_DST, htonl(0xc0000207));
	expect(&msg, "the neighbour 192.0.2.7 on br0");
	msg = entry_of(AF_INET6, BR0, 0, &mac_x);
	mnl_attr_put(&msg.head, NDA_DST, sizeof(ip6), &ip6);
	expect(&msg, "the neighbour 2001:db8::7 on br0");
	/* One that has not answered, or whose address is none of Ethernet. */
	msg = entry_of(AF_INET, BR0, 0, NULL);
	mnl_attr_put_u32(&msg.head, NDA_DST, htonl(0xc0000207));
	expect(&msg, NULL);
	mnl_attr_put(&msg.head, NDA_LLADDR, 4, mac_x.b);
	expect(&msg, NULL);
	msg.head.nlmsg_type = RTM_DELNEIGH;
	expect(&msg, NULL);
}

TEST_MAIN()
