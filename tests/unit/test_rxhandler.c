// SPDX-License-Identifier: GPL-2.0-or-later
/* Who takes the frames of a netdev, as the links of a host say it. */
#include "harness.h"
#include "net/facts.h"

enum { ETH0 = 3, MASTER = 7, OTHER = 8 };

static struct nfp_link netdev(int ifindex, const char *ifname, const char *kind, int lower)
{
	struct nfp_link link = {.ifindex = ifindex, .link = lower};

	snprintf(link.ifname, sizeof(link.ifname), "%s", ifname);
	snprintf(link.kind, sizeof(link.kind), "%s", kind);
	return link;
}

static void expect(struct nfp_rx_handler handler, enum nfp_rx_user user, const char *note)
{
	assert_string_equal(handler.note, note);
	assert_int_equal(handler.user, user);
}

static const struct nfp_uppers none;

TEST(test_of_a_master)
{
	static const struct {
		const char *master, *kind; /* the master's, as its port reports it */
		const char *own;	   /* as its own link has it */
		enum nfp_rx_user user;
		const char *note;
	} rows[] = {
		{"br0", "bridge", "bridge", NFP_RX_BRIDGE, "eth0 is a port of br0"},
		{"br0", "", "bridge", NFP_RX_BRIDGE, "eth0 is a port of br0"},
		{"ovs-system", "openvswitch", "", NFP_RX_OVS, "eth0 is a port of ovs-system"},
		{"bond0", "bond", "bond", NFP_RX_OTHER, "eth0 is a port of bond0"},
		{"team0", "team", "team", NFP_RX_OTHER, "eth0 is a port of team0"},
		{"ens3", "", "", NFP_RX_OTHER, "eth0 is a port of ens3"}, /* net_failover */
		{"blue", "vrf", "vrf", NFP_RX_NOBODY, ""},
		{"bat0", "batadv", "batadv", NFP_RX_NOBODY, ""},
		{"new0", "new", "new", NFP_RX_UNKNOWN,
		 "eth0 is a port of new0, of the unknown kind new"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_link links[] = {netdev(ETH0, "eth0", "", 0),
					   netdev(MASTER, rows[i].master, rows[i].own, 0)};

		links[0].master = MASTER;
		snprintf(links[0].master_kind, sizeof(links[0].master_kind), "%s", rows[i].kind);
		expect(nfp_rx_handler_of(links, 2, &none, &links[0]), rows[i].user, rows[i].note);
	}
}

/* A master that no dump has, nor its kind, takes them for all that is known. */
TEST(test_of_a_master_that_has_gone)
{
	struct nfp_link link = netdev(ETH0, "eth0", "", 0);

	link.master = MASTER;
	expect(nfp_rx_handler_of(&link, 1, &none, &link), NFP_RX_OTHER,
	       "eth0 is a port of netdev 7");
}

TEST(test_of_uppers)
{
	static const struct {
		const char *name, *kind;
		bool passthru;
		enum nfp_rx_user user;
		const char *note;
	} rows[] = {
		{"mv0", "macvlan", false, NFP_RX_MACVLAN, "mv0 is on eth0"},
		{"mt0", "macvtap", false, NFP_RX_MACVLAN, "mt0 is on eth0"},
		{"mt0", "macvtap", true, NFP_RX_OTHER, "mt0 is on eth0 in passthru mode"},
		{"iv0", "ipvlan", false, NFP_RX_OTHER, "iv0 is on eth0"},
		{"it0", "ipvtap", false, NFP_RX_OTHER, "it0 is on eth0"},
		{"ms0", "macsec", false, NFP_RX_OTHER, "ms0 is on eth0"},
		{"eth0.5", "vlan", false, NFP_RX_NOBODY, ""},
		{"veth0", "veth", false, NFP_RX_NOBODY, ""},
		{"vx0", "vxlan", false, NFP_RX_NOBODY, ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_link links[] = {netdev(ETH0, "eth0", "", 0),
					   netdev(OTHER, rows[i].name, rows[i].kind, ETH0)};

		links[1].passthru = rows[i].passthru;
		expect(nfp_rx_handler_of(links, 2, &none, &links[0]), rows[i].user, rows[i].note);
	}
}

/* A VLAN of the PF has frames of its own, and so has what is on it. */
TEST(test_a_vlan_is_apart)
{
	struct nfp_link links[] = {netdev(ETH0, "eth0", "", 0), netdev(MASTER, "br0", "bridge", 0),
				   netdev(OTHER, "eth0.5", "vlan", ETH0),
				   netdev(9, "mt0", "macvtap", OTHER)};

	links[0].master = MASTER;
	expect(nfp_rx_handler_of(links, 4, &none, &links[0]), NFP_RX_BRIDGE,
	       "eth0 is a port of br0");
	expect(nfp_rx_handler_of(links, 4, &none, &links[2]), NFP_RX_MACVLAN, "mt0 is on eth0.5");
	links[0].master = 0;
	expect(nfp_rx_handler_of(links, 4, &none, &links[0]), NFP_RX_NOBODY, "");
}

TEST(test_of_other_namespaces)
{
	struct nfp_link links[] = {netdev(ETH0, "eth0", "", 0),
				   netdev(OTHER, "mt0", "macvtap", ETH0)};
	struct nfp_upper upper = {.link = netdev(ETH0, "mv0", "macvlan", ETH0),
				  .in = "network namespace red"};
	struct nfp_uppers uppers = {.v = &upper, .n = 1};

	/* It has the same ifindex, there. */
	expect(nfp_rx_handler_of(links, 1, &uppers, &links[0]), NFP_RX_MACVLAN,
	       "mv0 of network namespace red is on eth0");
	expect(nfp_rx_handler_of(links, 2, &uppers, &links[0]), NFP_RX_MACVLAN,
	       "mt0 and 1 more are on eth0");
	upper.link.link = OTHER;
	expect(nfp_rx_handler_of(links, 1, &uppers, &links[0]), NFP_RX_NOBODY, "");
}

/* What is seen decides; where nothing is seen, something may still be there. */
TEST(test_what_was_not_read_is_not_known)
{
	struct nfp_link links[] = {netdev(ETH0, "eth0", "", 0),
				   netdev(OTHER, "mt0", "macvtap", ETH0)};
	const struct nfp_uppers uppers = {.unread = "not all was read"};

	expect(nfp_rx_handler_of(links, 1, &uppers, &links[0]), NFP_RX_UNKNOWN, "not all was read");
	expect(nfp_rx_handler_of(links, 1, NULL, &links[0]), NFP_RX_UNKNOWN,
	       "other network namespaces were not read");
	expect(nfp_rx_handler_of(links, 2, &uppers, &links[0]), NFP_RX_MACVLAN, "mt0 is on eth0");
}

int main(void)
{
	return RUN_TESTS(NULL, NULL);
}
