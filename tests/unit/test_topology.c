// SPDX-License-Identifier: GPL-2.0-or-later
/* PFs and VFs from sysfs; who made a PF promiscuous; addresses that two have; what forbids a PF. */
#include <endian.h>
#include <net/if.h>
#include <sched.h>
#include <sys/utsname.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "harness.h"
#include "net/facts.h"
#include "net/netlink.h"
#include "../../src/net/inventory_priv.h"
#include "audit_host.h"
#include "tree.h"
#include "said.h"
#include "../../src/net/netlink_priv.h"

static void setup(struct tree *t)
{
	tree_make(t);
	tree_nic(t);
}

static struct nfp_link netdev(int ifindex, const char *ifname)
{
	struct nfp_link link = {
		.ifindex = ifindex, .flags = IFF_UP, .type = ARPHRD_ETHER, .carrier = true};

	snprintf(link.ifname, sizeof(link.ifname), "%s", ifname);
	return link;
}

/* -- from sysfs -- */

#define CASE(name) TEST_OF(name, setup, tree_drop, struct tree, t)

CASE(test_fill_pf)
{
	struct nfp_link links[3] = {netdev(3, "eth0"), netdev(4, "eth2"), netdev(7, "br0")};
	struct nfp_pf pf;

	tree_link(t, "sys/class/net/eth2/device", "../../../devices/pci0000:00/0000:01:10.0");
	tree_file(t, "sys/devices/pci0000:00/0000:01:10.1/driver_override", "vfio-pci\n");
	/* There are eleven VFs, and those between 1 and 10 are just being removed. */
	tree_file(t, TREE_PF "/sriov_numvfs", "11\n");
	tree_vf(t, 10, NULL);
	strcpy(links[2].kind, "bridge");
	links[2].have_ageing = true;
	links[2].ageing_ms = 15000;
	links[0].master = 7;
	nfp_links_sysfs(&t->root, links, 3);
	assert_true(links[1].physical);
	assert_false(links[2].physical);
	assert_string_equal(links[1].parentdev, "0000:01:10.0");
	assert_string_equal(links[1].physfn, "0000:01:00.0");
	assert_true(nfp_topo_is_pf(&t->root, &links[0]));
	assert_false(nfp_topo_is_pf(&t->root, &links[1]));

	assert_int_equal(nfp_topo_fill_pf(&t->root, links, 3, &links[0], &pf), 0);
	assert_string_equal(pf.info.ifname, "eth0");
	assert_string_equal(pf.info.parentdev, "0000:01:00.0");
	assert_string_equal(pf.info.driver, "igb");
	assert_string_equal(pf.bus, "pci");
	assert_int_equal(pf.info.vendor, 0x8086);
	assert_int_equal(pf.info.device, 0x10c9);
	assert_int_equal(pf.info.subsystem_vendor, 0x8086);
	assert_int_equal(pf.info.subsystem_device, 0xa04c);
	assert_int_equal(pf.info.total_vfs, 7);
	assert_int_equal(pf.info.num_vfs, 11);
	assert_string_equal(pf.info.master, "br0");
	assert_string_equal(pf.info.master_kind, "bridge");
	assert_true(pf.info.have_ageing);
	assert_int_equal(pf.info.ageing_ms, 15000);
	assert_int_equal(pf.num_vfs, 3);
	assert_string_equal(pf.vfs[0].driver, "igbvf");
	assert_string_equal(pf.vfs[0].ifname, "eth2");
	assert_int_equal(pf.vfs[0].ifindex, 4);
	assert_string_equal(pf.vfs[0].driver_override, "");
	assert_string_equal(pf.vfs[1].driver, "vfio-pci");
	assert_string_equal(pf.vfs[1].driver_override, "vfio-pci");
	assert_string_equal(pf.vfs[1].ifname, "");
	assert_int_equal(pf.vfs[2].vf, 10);
	assert_string_equal(pf.vfs[2].parentdev, "0000:01:10.10");
	assert_string_equal(pf.vfs[2].driver, "");
	/* Nobody has looked who uses them: that is not idle. */
	assert_int_equal(pf.vfs[0].use, NFP_USE_UNKNOWN);
	assert_int_equal(pf.vfs[0].attr.trust, -1);
	assert_string_equal(pf.on_ovs_with, "");
	free(pf.vfs);
}

struct kind_nests {
	struct nlattr *info, *data;
};

/* Begins RTM_NEWLINK of a netdev of that kind, up to the attributes of the kind. */
static struct kind_nests begin_kind(struct nfp_nl_msg *msg, const char *name, const char *kind)
{
	const struct ifinfomsg ifi = {.ifi_index = 7};
	struct kind_nests nests;

	nfp_nl_msg_init(msg, RTM_NEWLINK, 0, &ifi, sizeof(ifi));
	mnl_attr_put_strz(&msg->head, IFLA_IFNAME, name);
	nests.info = mnl_attr_nest_start(&msg->head, IFLA_LINKINFO);
	mnl_attr_put_strz(&msg->head, IFLA_INFO_KIND, kind);
	nests.data = mnl_attr_nest_start(&msg->head, IFLA_INFO_DATA);
	return nests;
}

static void end_kind(struct nfp_nl_msg *msg, struct kind_nests nests)
{
	mnl_attr_nest_end(&msg->head, nests.data);
	mnl_attr_nest_end(&msg->head, nests.info);
}

/* As vlan_fill_info puts it in: a netdev of 802.1ad takes no frame of 802.1Q with its number. */
CASE(test_protocol_of_a_vlan)
{
	static const uint16_t protos[] = {ETH_P_8021Q, ETH_P_8021AD};

	(void)t;
	nfp_for_each (proto, protos, NFP_NUM(protos)) {
		struct nfp_nl_msg msg;
		struct nfp_link link;
		struct kind_nests nests = begin_kind(&msg, "eth0.100", "vlan");

		mnl_attr_put_u16(&msg.head, IFLA_VLAN_ID, 100);
		mnl_attr_put_u16(&msg.head, IFLA_VLAN_PROTOCOL, htobe16(*proto));
		end_kind(&msg, nests);
		assert_int_equal(nfp_link_parse(&msg.head, &link), 0);
		assert_int_equal(link.vlan_id, 100);
		assert_int_equal(link.vlan_proto, *proto);
	}
}

/* As br_fill_info puts it in, in clock_t; a bond stands between the PF and its bridge. */
CASE(test_ageing_of_the_bridge)
{
	struct nfp_link links[3] = {netdev(3, "eth0"), netdev(5, "bond0")};
	struct nfp_nl_msg msg;
	struct kind_nests nests = begin_kind(&msg, "br0", "bridge");
	struct nfp_pf pf;

	mnl_attr_put_u32(&msg.head, IFLA_BR_AGEING_TIME, 1500);
	end_kind(&msg, nests);
	assert_int_equal(nfp_link_parse(&msg.head, &links[2]), 0);
	assert_true(links[2].have_ageing);
	assert_int_equal(links[2].ageing_ms, 15000);

	strcpy(links[0].master_kind, "bond");
	links[0].master = 5;
	strcpy(links[1].kind, "bond");
	strcpy(links[1].bond_mode, "active-backup");
	assert_int_equal(nfp_topo_fill_pf(&t->root, links, 3, &links[0], &pf), 0);
	assert_false(pf.info.have_ageing);
	free(pf.vfs);
	links[1].master = 7;
	assert_int_equal(nfp_topo_fill_pf(&t->root, links, 3, &links[0], &pf), 0);
	assert_int_equal(pf.info.ageing_ms, 15000);
	free(pf.vfs);
}

/* A VF, or a tap, that is a port as well makes no bond of it. */
CASE(test_ports_of_ovs)
{
	struct nfp_link links[4] = {netdev(3, "eth0"), netdev(4, "eth2"), netdev(5, "eth1"),
				    netdev(7, "ovs-system")};
	struct nfp_pf pf;

	tree_link(t, "sys/class/net/eth2/device", "../../../devices/pci0000:00/0000:01:10.0");
	nfp_links_sysfs(&t->root, links, 4);
	links[2].physical = true;
	strcpy(links[3].kind, "openvswitch");
	links[0].master = links[1].master = 7;
	assert_int_equal(nfp_topo_fill_pf(&t->root, links, 4, &links[0], &pf), 0);
	assert_string_equal(pf.on_ovs_with, "");
	free(pf.vfs);
	links[2].master = 7;
	assert_int_equal(nfp_topo_fill_pf(&t->root, links, 4, &links[0], &pf), 0);
	assert_string_equal(pf.on_ovs_with, "eth1");
	free(pf.vfs);
	strcpy(links[3].kind, "bridge");
	assert_int_equal(nfp_topo_fill_pf(&t->root, links, 4, &links[0], &pf), 0);
	assert_string_equal(pf.on_ovs_with, "");
	free(pf.vfs);
}

/* A PF by its netdev and its device, a VF by those of its own; and what is neither. */
CASE(test_find_device)
{
	static const struct {
		const char *name;
		int vf;
	} names[] = {{"eth0", -1}, {"0000:01:00.0", -1}, {"0000:01:10.1", 1}, {"eth2", 0}};
	struct nfp_device device;
	struct nfp_err err = {0};

	tree_link(t, "sys/bus/pci/devices/0000:01:00.0",
		  "../../../devices/pci0000:00/0000:01:00.0");
	tree_link(t, "sys/bus/pci/devices/0000:01:10.1",
		  "../../../devices/pci0000:00/0000:01:10.1");
	tree_link(t, "sys/bus/pci/devices/0000:02:00.0",
		  "../../../devices/pci0000:00/0000:02:00.0");
	tree_dir(t, "sys/devices/pci0000:00/0000:02:00.0");
	tree_dir(t, "sys/class/net/lo");
	tree_link(t, "sys/class/net/eth2/device", "../../../devices/pci0000:00/0000:01:10.0");
	/* A representor is beside the PF's netdev. */
	tree_dir(t, TREE_PF "/net/eth0");
	tree_dir(t, TREE_PF "/net/aa0");
	tree_link(t, "sys/class/net/aa0/device", "../../../devices/pci0000:00/0000:01:00.0");
	tree_file(t, "sys/class/net/aa0/phys_port_name", "pf0vf3\n");
	tree_file(t, "sys/class/net/aa0/type", "1\n");
	tree_file(t, "sys/class/net/eth0/type", "1\n");
	/* So is the netdev of a port that is in InfiniBand mode. */
	tree_dir(t, TREE_PF "/net/aib0");
	tree_link(t, "sys/class/net/aib0/device", "../../../devices/pci0000:00/0000:01:00.0");
	tree_file(t, "sys/class/net/aib0/type", "32\n");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(nfp_device_find(&t->root, names[i].name, &device, &err), 0);
		assert_int_equal(device.vf, names[i].vf);
		assert_string_equal(device.ifname, "eth0");
		assert_string_equal(strrchr(device.devpath, '/'), "/0000:01:00.0");
	}
	assert_int_equal(nfp_device_find(&t->root, "0000:03:00.0", &device, &err), -ENODEV);
	assert_string_equal(err.message, "there is no interface or device 0000:03:00.0");
	assert_int_equal(nfp_device_find(&t->root, "0000:02:00.0", &device, &err), -ENOTSUP);
	assert_int_equal(nfp_device_find(&t->root, "lo", &device, &err), -ENOTSUP);
	assert_string_equal(err.message, "lo is neither an SR-IOV PF nor a VF");
	/* The PF's netdev is in another namespace: sysfs does not show it. */
	tree_remove(t, TREE_PF "/net/eth0");
	assert_int_equal(nfp_device_find(&t->root, "0000:01:10.1", &device, &err), 0);
	assert_string_equal(device.ifname, "");
}

/* Of the devices that can have VFs: Ethernet on another driver, and with its netdev in another
 * namespace, on a bus without classes; not NVMe, nor what its driver of networks has no netdev for,
 * nor one whose netdev is here. */
CASE(test_devices_without)
{
	static const char *const devices[][4] = {
		/* name, class, driver, net/ */
		{"pci0000:00/0000:02:00.0", "0x010802", "nvme", NULL},
		{"pci0000:00/0000:03:00.1", "0x020000", "vfio-pci", NULL},
		{"pci0000:00/0000:04:00.0", "0x020000", "cxgb4", NULL},
		{"sim/sim0", NULL, "sim", "net"},
	};
	struct nfp_link links[1] = {netdev(3, "eth0")};
	struct nfp_strv found = {.n = 0};
	struct nfp_pf pf = {.away = false};
	char path[256], target[256];

	tree_link(t, "sys/bus/pci/devices/0000:01:00.0",
		  "../../../devices/pci0000:00/0000:01:00.0");
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		const char *name = strchr(devices[i][0], '/') + 1;

		snprintf(path, sizeof(path), "sys/devices/%s/sriov_totalvfs", devices[i][0]);
		tree_file(t, path, "8\n");
		snprintf(path, sizeof(path), "sys/devices/%s/class", devices[i][0]);
		if (devices[i][1])
			tree_file(t, path, devices[i][1]);
		snprintf(path, sizeof(path), "sys/devices/%s/net", devices[i][0]);
		if (devices[i][3])
			tree_dir(t, path);
		snprintf(path, sizeof(path), "sys/bus/%s/devices/%s", i < 3 ? "pci" : "sim", name);
		snprintf(target, sizeof(target), "../../../devices/%s", devices[i][0]);
		tree_link(t, path, target);
		snprintf(path, sizeof(path), "sys/devices/%s/driver", devices[i][0]);
		snprintf(target, sizeof(target), "../../../bus/any/drivers/%s", devices[i][2]);
		tree_link(t, path, target);
	}
	nfp_links_sysfs(&t->root, links, 1);
	nfp_devices_without(&t->root, links, 1, &found);
	assert_int_equal(found.n, 2);
	assert_string_equal(found.v[0], "/sys/devices/pci0000:00/0000:03:00.1");
	assert_string_equal(found.v[1], "/sys/devices/sim/sim0");
	strcpy(pf.devpath, found.v[0]);
	strcpy(pf.info.driver, "vfio-pci");
	nfp_pf_describe_where(&t->root, &pf);
	assert_string_equal(pf.where, "vfio-pci is bound to it, but it has no netdev");
	assert_false(pf.away);
	strcpy(pf.devpath, found.v[1]);
	nfp_pf_describe_where(&t->root, &pf);
	assert_string_equal(pf.where, "its netdev is in another network namespace");
	assert_true(pf.away);
	nfp_strv_fini(&found);
}

/* Where a netdev is, is not who uses it: a VF whose netdev nobody took is idle from wherever. */
TEST(test_place)
{
	static const struct {
		struct nfp_away away;
		bool only_away;
		enum nfp_use use;
		const char *user;
	} rows[] = {
		{{.in = "network namespace a"},
		 true,
		 NFP_USE_NAMESPACE,
		 "its netdev net1 is in network namespace a"},
		{{.in = "the first network namespace", .in_first = true, .use = NFP_USE_IDLE},
		 true,
		 NFP_USE_IDLE,
		 ""},
		{{.in = "the first network namespace",
		  .in_first = true,
		  .use = NFP_USE_NETDEV,
		  .user = "net1 has an IP address"},
		 true,
		 NFP_USE_NETDEV,
		 "net1 has an IP address, in the first network namespace"},
		/* A process holds it by RDMA. */
		{{.in = "the first network namespace", .in_first = true, .use = NFP_USE_IDLE},
		 false,
		 NFP_USE_NAMESPACE,
		 "its netdev net1 is in the first network namespace"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_vf_info vf = {.parentdev = "0000:01:10.0",
					 .use = NFP_USE_NAMESPACE,
					 .only_away = rows[i].only_away};
		struct nfp_pf pf = {.info.parentdev = "0000:01:00.0",
				    .where = "its netdev is in another network namespace",
				    .away = true,
				    .vfs = &vf,
				    .num_vfs = 1};
		struct nfp_away away[2] = {rows[i].away, {.in = "network namespace node"}};
		struct nfp_topology topology = {.pfs = &pf, .num_pfs = 1};

		strcpy(away[0].link.parentdev, "0000:01:10.0");
		strcpy(away[0].link.ifname, "net1");
		strcpy(away[1].link.parentdev, "0000:01:00.0");
		strcpy(away[1].link.ifname, "eth0");
		nfp_topology_place(&topology,
				   &(const struct nfp_uppers) {.away = away, .num_away = 2});
		assert_int_equal(vf.use, rows[i].use);
		assert_string_equal(vf.user, rows[i].user);
		assert_string_equal(pf.where, "its netdev eth0 is in network namespace node");
	}
}

/* A module that has a version, a driver that comes with the kernel, one that this host lacks. */
CASE(test_driver_version)
{
	struct utsname uts;
	char version[64];

	assert_int_equal(uname(&uts), 0);
	tree_file(t, "sys/bus/pci/drivers/iavf/module/version", "4.9.1\n");
	tree_dir(t, "sys/bus/pci/drivers/igbvf");
	assert_int_equal(nfp_driver_version(&t->root, "pci", "iavf", version, 64), 0);
	assert_string_equal(version, "4.9.1");
	assert_int_equal(nfp_driver_version(&t->root, "pci", "igbvf", version, 64), 0);
	assert_string_equal(version, uts.release);
	assert_int_equal(nfp_driver_version(&t->root, "pci", "no-such-driver", version, 64),
			 -ENOENT);
	assert_string_equal(version, "");
}

CASE(test_representor_is_no_pf)
{
	struct nfp_link rep = netdev(9, "eth0_3"), uplink = netdev(3, "eth0");

	tree_link(t, "sys/class/net/eth0_3/device", "../../../devices/pci0000:00/0000:01:00.0");
	tree_file(t, "sys/class/net/eth0_3/phys_port_name", "pf0vf3\n");
	tree_file(t, "sys/class/net/eth0/phys_port_name", "p0\n");
	assert_false(nfp_topo_is_pf(&t->root, &rep));
	assert_true(nfp_topo_is_pf(&t->root, &uplink));
	uplink.type = ARPHRD_INFINIBAND;
	assert_false(nfp_topo_is_pf(&t->root, &uplink));
}

/* As rtnl_phys_port_id_fill() and the like put them in. */
TEST(test_port_ids)
{
	const struct ifinfomsg ifi = {.ifi_index = 3};
	const uint8_t id[40] = {0xde, 0xad, [31] = 0xbe, [39] = 0xef};
	struct nfp_nl_msg msg;
	struct nfp_link link;

	nfp_nl_msg_init(&msg, RTM_NEWLINK, 0, &ifi, sizeof(ifi));
	mnl_attr_put_strz(&msg.head, IFLA_IFNAME, "eth0");
	assert_int_equal(nfp_link_parse(&msg.head, &link), 0);
	assert_int_equal(link.phys_port_id.len, 0);
	assert_int_equal(link.phys_switch_id.len, 0);
	assert_string_equal(link.phys_port_name, "");
	mnl_attr_put(&msg.head, IFLA_PHYS_PORT_ID, 6, id);
	mnl_attr_put(&msg.head, IFLA_PHYS_SWITCH_ID, sizeof(id), id); /* longer than ids are */
	mnl_attr_put_strz(&msg.head, IFLA_PHYS_PORT_NAME, "p0s1");
	assert_int_equal(nfp_link_parse(&msg.head, &link), 0);
	assert_int_equal(link.phys_port_id.len, 6);
	assert_memory_equal(link.phys_port_id.b, id, 6);
	assert_int_equal(link.phys_port_id.b[31], 0);
	assert_int_equal(link.phys_switch_id.len, NFP_PHYS_ID_LEN);
	assert_memory_equal(link.phys_switch_id.b, id, NFP_PHYS_ID_LEN);
	assert_string_equal(link.phys_port_name, "p0s1");
}

/* -- promiscuity, and addresses that two have -- */

TEST(test_promisc_words)
{
	static const struct {
		const char *host, *words;
	} rows[] = {
		/* a port of a bridge that turned learning off */
		{"br0 bridge; eth0 in=br0", ""},
		{"br0 bridge; eth0 in=br0 promiscuous", "br0 (bridge)"},
		{"eth0 promiscuous", "a packet socket, most likely; ss -0p lists them"},
		{"eth0 promiscuous; eth0.7 vlan on=eth0 promiscuous", "eth0.7 (vlan)"},
		{"br0 bridge; eth0 promiscuous; eth0.7 vlan on=eth0 promiscuous in=br0",
		 "eth0.7 (vlan in br0)"},
		{"eth0 promiscuous; macvtap0 macvtap on=eth0 passthru",
		 "macvtap0 (macvtap passthru)"},
		{"eth0 promiscuous promisc; macvtap0 macvtap on=eth0", "`promisc on`"},
	};

	nfp_for_each (row, rows, NFP_NUM(rows)) {
		char words[NFP_USER_LEN] = "?";
		struct host h;

		make_empty(&h);
		make_line(&h, row->host);
		nfp_promisc_describe(h.links[0], h.netns[0].num_links, h.links[0], words,
				     sizeof(words));
		assert_string_equal(words, row->words);
	}
}

/* A group of the kernel's own is not the guest's; one that was added is. */
TEST(test_macvtaps)
{
	static const char groups[] = "2    eth0            1     0     333300000001\n"
				     "4    macvtap0        1     0     3333ff000001\n"
				     "5    macvtap1        1     1     3333ff000002\n"
				     "6    macvtap2        1     1     01005e000001\n"
				     "8    macvtap3        1     1\n";
	static const struct {
		const char *host, *deaf;
	} rows[] = {
		{"macvtap0 macvtap ifindex=4; macvtap1 macvtap ifindex=5; macvtap2 macvtap "
		 "ifindex=6; macvtap3 macvtap ifindex=8",
		 "macvtap0 macvtap2 macvtap3 "},
		{"macvtap0 macvtap ifindex=4 allmulti; macvtap2 macvtap ifindex=6 promisc; veth0 "
		 "veth ifindex=8",
		 ""},
	};

	nfp_for_each (row, rows, NFP_NUM(rows)) {
		char deaf[64] = "";
		struct host h;

		make_empty(&h);
		make_line(&h, row->host);
		assert_int_equal(nfp_macvtaps_find(h.links[0], h.netns[0].num_links, groups),
				 row->deaf[0] != '\0');
		nfp_for_each (link, h.links[0], h.netns[0].num_links)
			if (link->deaf)
				nfp_appendf(deaf, sizeof(deaf), "%s ", link->ifname);
		assert_string_equal(deaf, row->deaf);
		/* Without the list, nothing is known of them. */
		assert_int_equal(nfp_macvtaps_find(h.links[0], h.netns[0].num_links, NULL),
				 row->deaf[0] != '\0');
		nfp_for_each (link, h.links[0], h.netns[0].num_links)
			assert_false(link->deaf);
	}
}

/* -- what forbids a PF -- */

static const struct nfp_pf good = {
	.info = {.ifname = "eth0", .parentdev = "0000:01:00.0", .num_vfs = 4, .total_vfs = 7},
	.bus = "pci",
	.flags = IFF_UP,
	.carrier = true,
};

static const struct nfp_pf_terms plain, from_vf = {.inside = true}, by_force = {.force = true};

static void check_refused(const struct nfp_pf *pf, int ret, enum nfp_errcode code,
			  const char *message, const char *hint)
{
	struct nfp_err err = {0};

	assert_int_equal(nfp_pf_check(pf, &plain, &err), ret);
	assert_int_equal(err.code, code);
	assert_non_null(strstr(err.message, message));
	assert_non_null(strstr(said_hint(&err.hint), hint));
	assert_int_equal(nfp_pf_check(pf, &plain, NULL), ret);
}

/* What would fix it cuts off whoever uses the PF: the hint says so, and has no command. */
static void check_cuts_off(const struct nfp_pf *pf, int ret, enum nfp_errcode code,
			   const char *message, const char *hint)
{
	struct nfp_err err = {0};

	check_refused(pf, ret, code, message, hint);
	(void)nfp_pf_check(pf, &plain, &err);
	assert_non_null(strstr(err.hint.text, "cuts off") ?: strstr(err.hint.text, "live by it"));
	assert_int_equal(err.hint.commands.len, 0);
}

TEST(test_pf_check)
{
	struct nfp_pf pf = good;

	assert_int_equal(nfp_pf_check(&pf, &plain, NULL), 0);
	/* From another VF frames may come without a cable. */
	pf.carrier = false;
	check_refused(&pf, -ENETDOWN, NFP_E_PF_NO_CARRIER, "eth0 has no carrier", "--from vf:M");
	assert_int_equal(nfp_pf_check(&pf, &from_vf, NULL), 0);
	pf.carrier = true;
	strcpy(pf.info.master, "br0");
	strcpy(pf.info.master_kind, "bridge");
	strcpy(pf.info.eswitch_mode, "legacy");
	assert_int_equal(nfp_pf_check(&pf, &plain, NULL), 0);
	pf.info.num_vfs = 0;
	check_refused(&pf, -ENODEV, NFP_E_NO_VFS, "eth0 has no VFs",
		      "It supports up to 7. Try: echo 4 > /sys/class/net/eth0/device/sriov_numvfs");
	pf.info.total_vfs = 2;
	check_refused(&pf, -ENODEV, NFP_E_NO_VFS, "eth0 has no VFs", "echo 2 > /sys");
	pf.info.total_vfs = 0;
	check_refused(&pf, -ENODEV, NFP_E_NO_VFS, "eth0 has no VFs", "firmware");
	pf = good;
	pf.flags = 0;
	pf.carrier = false;
	check_refused(&pf, -ENETDOWN, NFP_E_PF_DOWN, "eth0 is down", "Try: ip link set eth0 up");
	pf.flags = IFF_UP;
	check_refused(&pf, -ENETDOWN, NFP_E_PF_NO_CARRIER, "eth0 has no carrier", "Connect it");
	pf = good;
	pf.xdp = XDP_ATTACHED_DRV;
	check_cuts_off(&pf, -EBUSY, NFP_E_XDP, "XDP program", "can attach it again");
	pf = good;
	strcpy(pf.info.eswitch_mode, "switchdev");
	check_cuts_off(&pf, -EOPNOTSUPP, NFP_E_SWITCHDEV, "eth0 is in eswitch mode switchdev",
		       "only on a NIC that nobody uses");
	strcpy(pf.info.eswitch_mode, "mode 7");
	check_refused(&pf, -EOPNOTSUPP, NFP_E_SWITCHDEV, "eswitch mode mode 7", "devlink");
}

/* An error that only a driver with eswitch modes can have given is not taken for legacy mode. */
TEST(test_pf_check_eswitch_unknown)
{
	static const char *const with[] = {"mlx5_core", "ice", "bnxt_en", "liquidio"};
	static const char *const without[] = {"igb", "i40e", "nfp"};
	struct nfp_pf pf = good;

	for (size_t i = 0; i < 4; i++) {
		strcpy(pf.info.driver, with[i]);
		pf.eswitch_errno = EOPNOTSUPP;
		check_refused(&pf, -EOPNOTSUPP, NFP_E_ESWITCH_UNKNOWN,
			      "the eswitch mode of eth0 is unknown", "DPU");
		pf.eswitch_errno = EIO;
		assert_int_equal(nfp_pf_check(&pf, &plain, NULL), 0);
	}
	for (size_t i = 0; i < 3; i++) {
		strcpy(pf.info.driver, without[i]);
		pf.eswitch_errno = EOPNOTSUPP;
		assert_int_equal(nfp_pf_check(&pf, &plain, NULL), 0);
		pf.eswitch_errno = EPERM;
		check_refused(&pf, -EPERM, NFP_E_ESWITCH_UNKNOWN, without[i], "DPU");
	}
	/* The other refusals go first: a caller who may not ask devlink passes over this one. */
	pf.carrier = false;
	check_refused(&pf, -ENETDOWN, NFP_E_PF_NO_CARRIER, "eth0 has no carrier", "Connect it");
}

TEST(test_pf_check_enslaved)
{
	static const char *const kinds[] = {"bond", "team", ""};
	struct nfp_pf pf = good;
	size_t i;

	strcpy(pf.info.master, "agg0");
	for (i = 0; i < 3; i++) {
		strcpy(pf.info.master_kind, kinds[i]);
		check_cuts_off(&pf, -EBUSY, NFP_E_PF_ENSLAVED, "eth0 is a member of agg0",
			       "is in no bond");
	}
	strcpy(pf.info.lag, "802.3ad");
	strcpy(pf.info.bond_mode, "802.3ad");
	check_cuts_off(&pf, -EBUSY, NFP_E_PF_ENSLAVED, "eth0 is a member of agg0",
		       "The switch chooses the member for each frame");
}

/* A bond of Open vSwitch is known to nobody but that. */
TEST(test_pf_check_ovs)
{
	struct nfp_pf pf = good;

	strcpy(pf.info.master, "ovs-system");
	strcpy(pf.info.master_kind, "openvswitch");
	assert_int_equal(nfp_pf_check(&pf, &plain, NULL), 0);
	strcpy(pf.on_ovs_with, "eth1");
	check_refused(&pf, -EBUSY, NFP_E_PF_ENSLAVED,
		      "eth0 and eth1 are ports of Open vSwitch (ovs-system), which may bond them",
		      "--force probes it. Try: ovs-appctl bond/list");
	assert_int_equal(nfp_pf_check(&pf, &by_force, NULL), 0);
}

/* Members that are plain ports to the switch. */
TEST(test_pf_check_bonded)
{
	static const struct {
		const char *mode, *port_of;
		bool backup, takes_all, any_frame_lives;
		const char *hint; /* NULL: it is probed */
		bool forced;
	} cases[] = {
		{.mode = "active-backup"},
		{.mode = "active-backup", .port_of = "bridge"},
		{.mode = "active-backup", .backup = true},
		{.mode = "active-backup", .backup = true, .port_of = "bridge"},
		{.mode = "active-backup", .takes_all = true},
		{.mode = "active-backup",
		 .backup = true,
		 .takes_all = true,
		 .hint = "all_slaves_active"},
		{.mode = "balance-tlb"},
		{.mode = "balance-tlb", .backup = true},
		{.mode = "balance-alb"},
		{.mode = "balance-alb", .backup = true},
		{.mode = "active-backup", .port_of = "openvswitch", .hint = "is no bridge"},
		{.mode = "active-backup", .port_of = "bond", .hint = "is no bridge"},
		{.mode = "active-backup",
		 .any_frame_lives = true,
		 .hint = "arp_validate",
		 .forced = true},
		{.mode = "active-backup",
		 .backup = true,
		 .any_frame_lives = true,
		 .hint = "arp_validate",
		 .forced = true},
	};
	struct nfp_pf pf = good;

	strcpy(pf.info.master, "bond0");
	strcpy(pf.info.master_kind, "bond");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		strcpy(pf.info.bond_mode, cases[i].mode);
		strcpy(pf.bond_port_of, cases[i].port_of ?: "");
		pf.info.bond_backup = cases[i].backup;
		pf.bond_takes_all = cases[i].takes_all;
		pf.any_frame_lives = cases[i].any_frame_lives;
		if (!cases[i].hint)
			assert_int_equal(nfp_pf_check(&pf, &plain, NULL), 0);
		else if (cases[i].forced)
			check_refused(&pf, -EBUSY, NFP_E_PF_ENSLAVED, "eth0 is a member of bond0 (",
				      cases[i].hint);
		else
			check_cuts_off(&pf, -EBUSY, NFP_E_PF_ENSLAVED,
				       "eth0 is a member of bond0 (", cases[i].hint);
		/* --force is about the monitor alone. */
		assert_int_equal(nfp_pf_check(&pf, &by_force, NULL),
				 cases[i].hint && !cases[i].forced ? -EBUSY : 0);
		assert_string_equal(nfp_standby_netdev(&pf.info), "bond0");
	}
}

/* Nothing is sent by a member that is not the host's own port. */
TEST(test_silent_pfs)
{
	static const struct {
		const char *mode;
		bool backup, no_carrier, silent;
	} cases[] = {
		{"", false, false, false},
		{"", false, true, true},
		{"active-backup", false, false, false},
		{"active-backup", true, false, true},
		{"balance-tlb", false, false, false},
		{"balance-tlb", true, false, true},
		{"balance-alb", false, false, true},
		{"balance-alb", true, false, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nfp_pf_info pf = good.info;

		strcpy(pf.bond_mode, cases[i].mode);
		pf.bond_backup = cases[i].backup;
		pf.no_carrier = cases[i].no_carrier;
		assert_int_equal(nfp_why_pf_silent(&pf) != NULL, cases[i].silent);
	}
}

/* lo is in every namespace; by this tree it is the netdev of VF 1. */
CASE(test_a_vf_is_no_pf)
{
	struct nfp_topology topology = {0};
	struct nfp_err err = {0};

	tree_link(t, "sys/class/net/lo/device", "../../../devices/pci0000:00/0000:01:10.1");
	tree_dir(t, TREE_PF "/net/eth0");
	tree_file(t, "sys/class/net/eth0/type", "1\n");
	assert_int_equal(nfp_topology_read(&t->root, "lo", &topology, &err), -ENOTSUP);
	assert_int_equal(err.code, NFP_E_NOT_PF);
	assert_string_equal(err.message, "lo is VF 1 of eth0, not a PF");
	assert_string_equal(said_hint(&err.hint), "Try: nfprobe eth0 --vf 1");
}

/* -- this machine, in a namespace that holds nothing but lo -- */

TEST(test_read_errors)
{
	struct nfp_topology t = {0};
	struct nfp_err err = {0};

	assert_true(unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0);
	/* Each lo has one feature on, and none of the others. */
	assert_true(nfp_ethtool_feature("lo", "loopback", false));
	assert_false(nfp_ethtool_feature("lo", "loopback", true));
	assert_true(nfp_ethtool_feature("lo", "tx-tcp-segmentation", true));
	assert_false(nfp_ethtool_feature("lo", "l2-fwd-offload", false));
	assert_false(nfp_ethtool_feature("lo", "no-such-feature", false));
	assert_false(nfp_ethtool_feature("no-such0", "loopback", false));
	assert_int_equal(nfp_topology_read(nfp_sysroot_default(), "no-such0", &t, &err), -ENODEV);
	assert_int_equal(err.code, NFP_E_NO_INTERFACE);
	assert_string_equal(err.message, "there is no interface no-such0");
	assert_string_equal(
		said_hint(&err.hint),
		"nfprobe without arguments lists the PFs of this host. A container sees "
		"them only with --network host (hostNetwork: true).");
	assert_int_equal(nfp_topology_read(nfp_sysroot_default(), "lo", &t, &err), -ENOTSUP);
	assert_int_equal(err.code, NFP_E_NOT_PF);
	assert_string_equal(err.message, "lo is not an SR-IOV PF: there is no device behind it");
	assert_null(t.links);
	assert_int_equal(nfp_topology_read(nfp_sysroot_default(), NULL, &t, &err), 0);
	assert_int_equal(t.num_pfs, 0);
	assert_true(t.num_links >= 1);
	assert_non_null(nfp_topology_link(&t, "lo"));
	assert_ptr_equal(nfp_topology_ifindex(&t, 1), nfp_topology_link(&t, "lo"));
	assert_null(nfp_topology_pf(&t, "lo"));
	nfp_topology_fini(&t);
	nfp_topology_fini(&t);
}

TEST_MAIN()
