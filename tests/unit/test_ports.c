// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel says of bridges and their ports, byte for byte. */
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "harness.h"
#include "net/facts.h"
#include "net/inventory.h"
#include "net/netlink.h"

enum { LOCKED = 38 };

static struct nfp_nl_msg msg;
static struct nlattr *outer, *inner;

/* Begins the attributes of a bridge, or of a port of one. */
static void begin(bool is_port)
{
	const struct ifinfomsg ifi = {.ifi_index = 7};

	nfp_nl_msg_init(&msg, RTM_NEWLINK, 0, &ifi, sizeof(ifi));
	mnl_attr_put_strz(&msg.head, IFLA_IFNAME, "one");
	outer = mnl_attr_nest_start(&msg.head, IFLA_LINKINFO);
	mnl_attr_put_strz(&msg.head, IFLA_INFO_KIND, is_port ? "tun" : "bridge");
	if (is_port)
		mnl_attr_put_strz(&msg.head, IFLA_INFO_SLAVE_KIND, "bridge");
	inner = mnl_attr_nest_start(&msg.head, is_port ? IFLA_INFO_SLAVE_DATA : IFLA_INFO_DATA);
}

static struct nfp_link end(void)
{
	struct nfp_link link;

	mnl_attr_nest_end(&msg.head, inner);
	mnl_attr_nest_end(&msg.head, outer);
	assert_int_equal(nfp_link_parse(&msg.head, &link), 0);
	return link;
}

static bool is_as_new(const struct nfp_bridge_port *port)
{
	return !port->no_flood && !port->no_mcast_flood && !port->no_bcast_flood &&
	       !port->proxy_arp && !port->isolated && !port->locked;
}

TEST(new_port_has_nothing_against_a_guest)
{
	struct nfp_bridge_port port;

	begin(true);
	mnl_attr_put_u8(&msg.head, IFLA_BRPORT_STATE, BR_STATE_FORWARDING);
	mnl_attr_put_u8(&msg.head, IFLA_BRPORT_UNICAST_FLOOD, 1);
	mnl_attr_put_u8(&msg.head, IFLA_BRPORT_MCAST_FLOOD, 1);
	mnl_attr_put_u8(&msg.head, IFLA_BRPORT_BCAST_FLOOD, 1);
	mnl_attr_put_u8(&msg.head, IFLA_BRPORT_PROXYARP, 0);
	mnl_attr_put_u8(&msg.head, IFLA_BRPORT_ISOLATED, 0);
	mnl_attr_put_u8(&msg.head, IFLA_BRPORT_MULTICAST_ROUTER, 1);
	mnl_attr_put_u8(&msg.head, LOCKED, 0);
	port = end().port;
	assert_true(port.known && is_as_new(&port));
	assert_int_equal(port.state, BR_STATE_FORWARDING);
	assert_int_equal(port.mcast_router, 1);
}

TEST(each_switch_of_a_port)
{
	static const struct {
		uint16_t attr;
		uint8_t value;
		size_t offset;
	} rows[] = {
		{IFLA_BRPORT_UNICAST_FLOOD, 0, offsetof(struct nfp_bridge_port, no_flood)},
		{IFLA_BRPORT_MCAST_FLOOD, 0, offsetof(struct nfp_bridge_port, no_mcast_flood)},
		{IFLA_BRPORT_BCAST_FLOOD, 0, offsetof(struct nfp_bridge_port, no_bcast_flood)},
		{IFLA_BRPORT_PROXYARP, 1, offsetof(struct nfp_bridge_port, proxy_arp)},
		{IFLA_BRPORT_ISOLATED, 1, offsetof(struct nfp_bridge_port, isolated)},
		{LOCKED, 1, offsetof(struct nfp_bridge_port, locked)},
	};

	nfp_for_each (row, rows, NFP_NUM(rows)) {
		struct nfp_bridge_port port;
		bool *on;

		begin(true);
		mnl_attr_put_u8(&msg.head, IFLA_BRPORT_STATE, BR_STATE_LISTENING);
		mnl_attr_put_u8(&msg.head, row->attr, row->value);
		port = end().port;
		on = (bool *)((char *)&port + row->offset);
		assert_true(*on);
		*on = false;
		assert_true(is_as_new(&port));
		assert_int_equal(port.state, BR_STATE_LISTENING);
	}
}

/* An old kernel, or a port of something else, says nothing. */
TEST(port_without_a_state_is_not_known)
{
	struct nfp_bridge_port port;

	begin(true);
	mnl_attr_put_u8(&msg.head, IFLA_BRPORT_ISOLATED, 1);
	port = end().port;
	assert_false(port.known);
	begin(false);
	mnl_attr_put_u8(&msg.head, IFLA_BRPORT_STATE, BR_STATE_BLOCKING);
	assert_false(end().port.known);
}

TEST(delay_of_a_bridge_is_twice_its_forward_delay)
{
	struct nfp_bridge bridge;

	for (uint32_t stp = 0; stp <= 2; stp++) {
		begin(false);
		mnl_attr_put_u32(&msg.head, IFLA_BR_FORWARD_DELAY, 1500);
		mnl_attr_put_u32(&msg.head, IFLA_BR_STP_STATE, stp);
		bridge = end().bridge;
		assert_true(bridge.known);
		assert_int_equal(bridge.stp, stp != 0);
		assert_int_equal(bridge.stp_delay_ms, stp ? 30000 : 0);
	}
}

TEST(querier_of_a_bridge)
{
	static const uint8_t address[16] = {0xfe, 0x80};
	struct nfp_bridge bridge;
	struct nlattr *nest;

	begin(false);
	mnl_attr_put_u8(&msg.head, IFLA_BR_MCAST_SNOOPING, 1);
	bridge = end().bridge;
	assert_true(bridge.snoops && !bridge.has_querier && !bridge.querier_told);
	for (int has = 0; has <= 2; has++) {
		begin(false);
		mnl_attr_put_u8(&msg.head, IFLA_BR_MCAST_SNOOPING, 1);
		nest = mnl_attr_nest_start(&msg.head, IFLA_BR_MCAST_QUERIER_STATE);
		if (has == 1)
			mnl_attr_put(&msg.head, BRIDGE_QUERIER_IPV6_ADDRESS, 16, address);
		else if (has == 2) /* that of IPv4 asks for other groups */
			mnl_attr_put_u32(&msg.head, BRIDGE_QUERIER_IP_ADDRESS, 1);
		mnl_attr_nest_end(&msg.head, nest);
		bridge = end().bridge;
		assert_int_equal(bridge.has_querier, has == 1);
	}
}

/* That no bridge of an old kernel names a querier says nothing; of a newer one, that there is none.
 */
TEST(queriers_that_a_kernel_names)
{
	static const struct {
		const char *release;
		bool other_says, unknown;
	} rows[] = {
		{"5.10.0-30-amd64", false, true},
		{"5.14.0-503.el9.x86_64", false, true},
		{"5.14.0-503.el9.x86_64", true, false},
		{"5.15.0", false, false},
		{"6.1.0-41-amd64", false, false},
		{"4.18.0", false, true},
		{"x", false, false},
	};

	nfp_for_each (row, rows, NFP_NUM(rows)) {
		struct nfp_link links[2] = {{.ifindex = 1}, {.ifindex = 2}};
		struct nfp_netns netns[2] = {{.links = &links[0], .num_links = 1},
					     {.links = &links[1], .num_links = 1}};

		for (size_t i = 0; i < 2; i++)
			links[i].bridge = (struct nfp_bridge) {.known = true, .snoops = true};
		links[1].bridge.querier_told = row->other_says;
		nfp_queriers_settle(netns, 2, row->release);
		assert_int_equal(links[0].bridge.querier_unknown, row->unknown);
	}
}

TEST(netfilter_of_one_bridge)
{
	static const unsigned int tables[] = {NFP_NF_IPTABLES, NFP_NF_IP6TABLES, NFP_NF_ARPTABLES};

	for (uint16_t i = 0; i < 3; i++) {
		begin(false);
		for (uint16_t k = 0; k < 3; k++)
			mnl_attr_put_u8(&msg.head, IFLA_BR_NF_CALL_IPTABLES + k, k == i);
		assert_int_equal(end().bridge.netfilter, tables[i]);
	}
}

TEST_MAIN()
