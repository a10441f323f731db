// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes as commands, as -v and --dry-run show them. */
#include "harness.h"
#include "../../src/change/change.h"
#include "said.h"
#include "shell.h"

#define VF .bus = "pci", .parentdev = "0000:01:10.6", .vf = 3, .of_vf = true
#define X                                      \
	{                                      \
		{                              \
			0x02, 0xab, 0, 0, 0, 1 \
		}                              \
	}
#define GROUP                                     \
	{                                         \
		{                                 \
			0x33, 0x33, 0xff, 0, 0, 1 \
		}                                 \
	}

#define SETTING(name_, text_)                                                       \
	{                                                                           \
		.kind = NFP_CHANGE_LINK_SETTING, .ifname = "eth5", .name = (name_), \
		.text = (text_)                                                     \
	}

static const struct {
	struct nfp_change change;
	const char *command;
} rows[] = {
	{{.kind = NFP_CHANGE_VF_UNBIND, VF, .name = "igbvf"},
	 "echo 0000:01:10.6 > /sys/bus/pci/drivers/igbvf/unbind"},
	{{.kind = NFP_CHANGE_VF_BIND, VF, .name = "vfio-pci"},
	 "echo 0000:01:10.6 > /sys/bus/pci/drivers/vfio-pci/bind"},
	{{.kind = NFP_CHANGE_VF_OVERRIDE, VF, .name = "igbvf"},
	 "echo igbvf > /sys/bus/pci/devices/0000:01:10.6/driver_override"},
	{{.kind = NFP_CHANGE_VF_OVERRIDE, VF},
	 "echo > /sys/bus/pci/devices/0000:01:10.6/driver_override"},
	{{.kind = NFP_CHANGE_VF_RESET, VF}, "echo 1 > /sys/bus/pci/devices/0000:01:10.6/reset"},
	{{.kind = NFP_CHANGE_VF_MAC, VF, .ifname = "eth0", .mac = X},
	 "ip link set eth0 vf 3 mac 02:ab:00:00:00:01"},
	{{.kind = NFP_CHANGE_VF_VLAN, VF, .ifname = "eth0"}, "ip link set eth0 vf 3 vlan 0"},
	{{.kind = NFP_CHANGE_VF_VLAN, VF, .ifname = "eth0", .vlan = {100, 0, 0x8100}},
	 "ip link set eth0 vf 3 vlan 100"},
	{{.kind = NFP_CHANGE_VF_VLAN, VF, .ifname = "eth0", .vlan = {100, 5, 0x88a8}},
	 "ip link set eth0 vf 3 vlan 100 qos 5 proto 802.1ad"},
	{{.kind = NFP_CHANGE_VF_SPOOFCHK, VF, .ifname = "eth0", .value = 1},
	 "ip link set eth0 vf 3 spoofchk on"},
	{{.kind = NFP_CHANGE_VF_TRUST, VF, .ifname = "eth0"}, "ip link set eth0 vf 3 trust off"},
	{{.kind = NFP_CHANGE_VF_STATE, VF, .ifname = "eth0", .value = 0},
	 "ip link set eth0 vf 3 state auto"},
	{{.kind = NFP_CHANGE_VF_STATE, VF, .ifname = "eth0", .value = 2},
	 "ip link set eth0 vf 3 state disable"},
	{{.kind = NFP_CHANGE_VF_RSS_QUERY, VF, .ifname = "eth0", .value = 1},
	 "ip link set eth0 vf 3 query_rss on"},
	{{.kind = NFP_CHANGE_VF_RATE, VF, .ifname = "eth0", .rate = {10, 200}},
	 "ip link set eth0 vf 3 min_tx_rate 10 max_tx_rate 200"},
	{{.kind = NFP_CHANGE_UNICAST, .value = 1, .ifname = "eth0", .mac = X},
	 "bridge fdb add 02:ab:00:00:00:01 dev eth0 self permanent"},
	{{.kind = NFP_CHANGE_UNICAST, .ifname = "eth0", .mac = X},
	 "bridge fdb del 02:ab:00:00:00:01 dev eth0 self"},
	{{.kind = NFP_CHANGE_PORT_FDB_ADD, .ifname = "eth0.7", .mac = X},
	 "bridge fdb add 02:ab:00:00:00:01 dev eth0.7 master static"},
	{{.kind = NFP_CHANGE_PORT_FDB_DEL, .ifname = "eth0.7", .mac = X},
	 "bridge fdb del 02:ab:00:00:00:01 dev eth0.7 master"},
	{{.kind = NFP_CHANGE_MACVLAN, .value = 1, .ifname = "eth0", .mac = X},
	 "ip link add link eth0 name nfpmac address 02:ab:00:00:00:01 netns nfprobe up type "
	 "macvlan "
	 "mode private"},
	{{.kind = NFP_CHANGE_MACVLAN}, "ip -n nfprobe link del nfpmac"},
	{{.kind = NFP_CHANGE_VLAN, .value = 1, .ifname = "eth0", .vlan = {100, 0, 0x8100}},
	 "ip link add link eth0 name nfpvlan netns nfprobe type vlan proto 802.1Q id 100"},
	{{.kind = NFP_CHANGE_VLAN}, "ip -n nfprobe link del nfpvlan"},
	{{.kind = NFP_CHANGE_REGISTER, .value = 1, .ifname = "eth0", .vlan = {100, 0, 0x8100}},
	 "ip link add link eth0 name nfpreg netns nfprobe type macvlan mode private && "
	 "ip -n nfprobe link add link nfpreg name nfpregvlan type vlan id 100"},
	{{.kind = NFP_CHANGE_REGISTER}, "ip -n nfprobe link del nfpreg"},
	{{.kind = NFP_CHANGE_GUEST_VLAN,
	  .value = 1,
	  .ifname = "eth5",
	  .vlan = {100, 0, 0x8100},
	  .private_netns = true},
	 "ip -n nfprobe link add link eth5 name nfpguest type vlan id 100"},
	{{.kind = NFP_CHANGE_GUEST_VLAN}, "ip -n nfprobe link del nfpguest"},
	{{.kind = NFP_CHANGE_PROMISC, .value = 1, .ifname = "eth0"}, "ip link set eth0 promisc on"},
	{{.kind = NFP_CHANGE_PROMISC, .ifname = "eth0"}, "ip link set eth0 promisc off"},
	/* A standby on a second VF, whose netdev is in the private namespace. */
	{{.kind = NFP_CHANGE_PROMISC, .value = 1, .ifname = "eth0v1", .private_netns = true},
	 "ip -n nfprobe link set eth0v1 promisc on"},
	{{.kind = NFP_CHANGE_UNICAST, .ifname = "eth0v1", .mac = X, .private_netns = true},
	 "bridge -n nfprobe fdb del 02:ab:00:00:00:01 dev eth0v1 self"},
	{{.kind = NFP_CHANGE_ALLMULTI, .value = 1, .ifname = "eth0"},
	 "ip link set eth0 allmulticast on"},
	{{.kind = NFP_CHANGE_ALLMULTI, .ifname = "eth0"}, "ip link set eth0 allmulticast off"},
	{{.kind = NFP_CHANGE_MADDR, .value = 1, .ifname = "eth0", .mac = GROUP},
	 "ip maddr add 33:33:ff:00:00:01 dev eth0"},
	{{.kind = NFP_CHANGE_MADDR, .ifname = "eth5", .mac = GROUP, .private_netns = true},
	 "ip -n nfprobe maddr del 33:33:ff:00:00:01 dev eth5"},
	{{.kind = NFP_CHANGE_NETNS_IN, .ifname = "eth5", .name = "nfpvf"},
	 "ip link set eth5 netns nfprobe name nfpvf"},
	{{.kind = NFP_CHANGE_NETNS_OUT, .ifname = "nfpsends", .name = "eth5"},
	 "ip -n nfprobe link set nfpsends netns 1 name eth5"},
	{{.kind = NFP_CHANGE_LINK_UP, .ifname = "eth5", .private_netns = true},
	 "ip -n nfprobe link set eth5 up"},
	{{.kind = NFP_CHANGE_LINK_DOWN, .ifname = "eth5"}, "ip link set eth5 down"},
	{{.kind = NFP_CHANGE_LINK_NAME, .ifname = "dev3", .name = "eth5"},
	 "ip link set dev3 name eth5"},
	{{.kind = NFP_CHANGE_LINK_ADDRESS, .ifname = "eth5", .mac = X},
	 "ip link set eth5 address 02:ab:00:00:00:01"},
	{SETTING("txqueuelen", "500"), "ip link set dev eth5 txqueuelen 500"},
	{SETTING("altname 2", "left"), "ip link property add dev eth5 altname left"},
	{{.kind = NFP_CHANGE_LINK_SETTING,
	  .ifname = "eth5.7",
	  .name = "/proc/sys/net/ipv6/neigh/*/retrans_time_ms",
	  .text = "7"},
	 "echo 7 > /proc/sys/net/ipv6/neigh/eth5.7/retrans_time_ms"},
	{SETTING("token", "::5"), "ip token set ::5 dev eth5"},
	{SETTING("neigh 2001:db8::9", "02:ab:00:00:00:01"),
	 "ip neigh replace 2001:db8::9 lladdr 02:ab:00:00:00:01 dev eth5 nud permanent"},
	/* Only a journal that nfprobe has not written names these. */
	{SETTING("/sys/x/*/y", "7"), ""},
	{SETTING("/sys/class/net/*/device/sriov_numvfs", "0"), ""},
	{SETTING("/proc/sys/net/ipv4/conf/*/../../../../kernel/core_pattern", "|x"), ""},
	{SETTING("/proc/sys/net/ipv4/conf/all/rp_filter", "0"), ""},
	{SETTING("/proc/sys/net/ipv4/conf/*/", "0"), ""},
	{SETTING("/proc/sys/net/ipv6/conf/*/stable_secret", "set"), ""},
	{SETTING("netns", "1"), ""},
	{SETTING("ethtool -E", "1"), ""},
	{SETTING("ethtool -f x", "1"), ""},
	{SETTING("group", "4"), ""},
	{SETTING("qdisc 1:", "fq"), ""},
	{SETTING("token", "x"), ""},
	{SETTING("neigh 1", "2"), ""},
};

TEST(commands)
{
	struct nfp_commands commands;
	bool seen[NFP_CHANGE_COUNT] = {false};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		nfp_change_command(&rows[i].change, &commands);
		assert_string_equal(said(nfp_commands_text(&commands, " && ")), rows[i].command);
		seen[rows[i].change.kind] = true;
	}
	for (unsigned int i = 0; i < NFP_CHANGE_COUNT; i++)
		assert_true(seen[i]);
}

/* The longest names there are must not be cut off. */
TEST(nothing_is_cut_off)
{
	struct nfp_change c = {.kind = NFP_CHANGE_VF_UNBIND, .bus = "a-bus-of-15-chr"};
	struct nfp_commands commands;
	const char *text;

	memset(c.parentdev, 'p', sizeof(c.parentdev) - 1);
	memset(c.name, 'd', sizeof(c.name) - 1);
	nfp_change_command(&c, &commands);
	text = said_commands(&commands);
	assert_string_equal(text + strlen(text) - 7, "/unbind");
}

/* A netdev may come back from a namespace with any name, alias and alternative names. */
TEST(names_are_only_names)
{
	struct shell_batch batch = {0};

	for (size_t n = 0; n < NUM_HOSTILE_NAMES; n++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			struct nfp_change c = rows[i].change;
			struct nfp_commands commands;

			snprintf(c.ifname, sizeof(c.ifname), "%s", hostile_names[n]);
			if (c.kind == NFP_CHANGE_LINK_NAME || c.kind == NFP_CHANGE_NETNS_IN)
				snprintf(c.name, sizeof(c.name), "%s", hostile_names[n]);
			if (c.text)
				c.text = hostile_names[n];
			nfp_change_command(&c, &commands);
			if (commands.len)
				shell_add(&batch, &commands);
			if (!c.text)
				continue;
			snprintf(c.name, sizeof(c.name), "alias");
			nfp_change_command(&c, &commands);
			shell_add(&batch, &commands);
		}
	shell_try(&batch);
}

TEST(names)
{
	enum nfp_change_kind kind;

	for (unsigned int i = 0; i < NFP_CHANGE_COUNT; i++) {
		assert_true(nfp_change_kind_parse(nfp_change_row((enum nfp_change_kind)i)->name,
						  &kind));
		assert_int_equal(kind, i);
	}
	assert_false(nfp_change_kind_parse("vf", &kind));
	assert_false(nfp_change_kind_parse("", &kind));
	assert_string_equal(nfp_change_row(NFP_CHANGE_COUNT)->name, "?");
}

/* The kernel takes back, with the process, all that is in a namespace or on a socket of ours. */
TEST(what_outlives_us)
{
	assert_true(nfp_change_row(NFP_CHANGE_VF_MAC)->lasts);
	assert_true(nfp_change_row(NFP_CHANGE_PORT_FDB_ADD)->lasts);
	assert_true(nfp_change_row(NFP_CHANGE_VF_OVERRIDE)->lasts);
	assert_false(nfp_change_row(NFP_CHANGE_UNICAST)->lasts);
	assert_false(nfp_change_row(NFP_CHANGE_PROMISC)->lasts);
	assert_false(nfp_change_row(NFP_CHANGE_ALLMULTI)->lasts);
	assert_false(nfp_change_row(NFP_CHANGE_MADDR)->lasts);
	assert_false(nfp_change_row(NFP_CHANGE_VLAN)->lasts);
	assert_false(nfp_change_row(NFP_CHANGE_MACVLAN)->lasts);
}

TEST_MAIN()
