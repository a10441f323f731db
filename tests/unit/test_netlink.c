// SPDX-License-Identifier: GPL-2.0-or-later
/* Netlink exchanges with this kernel, in a network namespace of the test's own; acknowledgements.
 */
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>
#include <libmnl/libmnl.h>
#include <linux/if_bonding.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>

#include "harness.h"
#include "own_netns.h"
#include "../../src/change/settings.h"
#include "../../src/change/vf_state.h"
#include "../../src/change/vfdrv.h"
#include "base/base.h"
#include "net/netlink.h"
#include "failing_recvmsg.h"
#include "tree.h"
#include "../../src/net/inventory_priv.h"
#include "../../src/net/netlink_priv.h"

static const struct nfp_mac mac_a = {{0x02, 0, 0, 0, 0, 0x0a}};
static const struct nfp_mac mac_b = {{0x02, 0, 0, 0, 0, 0x0b}};

static int set_mtu(struct nfp_nl *nl, const struct nfp_rt_dev *dev, unsigned int mtu,
		   struct nfp_err *err)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", mtu);
	return nfp_setting_set(nl, dev, "mtu", text, err);
}

static struct nfp_nl *open_route(int netns)
{
	struct nfp_nl *nl = NULL;
	struct nfp_err err;

	assert_int_equal(nfp_nl_open(NETLINK_ROUTE, netns, &nl, &err), 0);
	return nl;
}

/* `ip link add NAME type KIND`, which the library itself never does. */
static int make(struct nfp_nl *nl, const char *name, const char *kind)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC};
	struct nfp_nl_msg msg;
	struct nlattr *info;

	nfp_nl_msg_init(&msg, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi, sizeof(ifi));
	mnl_attr_put_strz(&msg.head, IFLA_IFNAME, name);
	info = mnl_attr_nest_start(&msg.head, IFLA_LINKINFO);
	mnl_attr_put_strz(&msg.head, IFLA_INFO_KIND, kind);
	mnl_attr_nest_end(&msg.head, info);
	return nfp_nl_talk(nl, &msg.head, NULL, "make %s", name);
}

static struct nfp_rt_dev dev(const char *name)
{
	return (struct nfp_rt_dev) {.ifindex = (int)if_nametoindex(name), .ifname = name};
}

static struct nfp_link look(struct nfp_nl *nl, const char *name)
{
	struct nfp_link link = {0};

	assert_int_equal(nfp_link_by_name(nl, name, &link, NULL), 0);
	return link;
}

static void remove_link(struct nfp_nl *nl, const char *name)
{
	struct nfp_rt_dev d = dev(name);

	assert_int_equal(nfp_rt_link_delete(nl, &d, NULL), 0);
}

/* The kernel has made the change; ENOMEM of our socket must not look like its refusal. */
TEST(test_answer_is_asked_for_again)
{
	struct nfp_nl *nl = open_route(-1);
	struct nfp_err err = {0};
	struct nfp_rt_dev d;

	assert_int_equal(make(nl, "veth7", "veth"), 0);
	d = dev("veth7");
	failing = 2;
	assert_int_equal(set_mtu(nl, &d, 1400, &err), 0);
	assert_int_equal(failing, 0);
	failing = 100;
	assert_int_equal(set_mtu(nl, &d, 1300, &err), -NFP_ENOANSWER);
	failing = 0;
	assert_int_equal(err.errnum, NFP_ENOANSWER);
	assert_string_equal(err.message, "cannot set mtu of veth7 to 1300: the kernel's answer "
					 "could not be received");
	assert_int_equal(look(nl, "veth7").mtu, 1300);
	remove_link(nl, "veth7");
	nfp_nl_close(nl);
}

/* A list that something has changed meanwhile is read again, and is no list where that goes on. */
TEST(test_interrupted_dump)
{
	struct nfp_nl *nl = open_route(-1);
	struct nfp_err err = {0};
	struct nfp_link *links = NULL;
	size_t num = 0;

	interrupting = 1;
	assert_int_equal(nfp_links_read(nl, &links, &num, &err), 0);
	assert_true(num > 0);
	free(links);
	interrupting = 1000;
	assert_int_equal(nfp_links_read(nl, &links, &num, &err), -EAGAIN);
	interrupting = 0;
	assert_int_equal(err.errnum, EAGAIN);
	nfp_nl_close(nl);
}

/* Who uses a netdev that is up is not known, whichever of the lists is interrupted for good. */
TEST(test_interrupted_lists_of_users)
{
	const struct nfp_link link = {.ifindex = 1, .ifname = "lo"};
	char well[NFP_USER_LEN] = "";
	int lists = 0;

	/* The first round is that of a host that stands still: its kernel may lack some lists. */
	for (bool interrupted = true; interrupted; lists++) {
		struct nfp_use_ctx ctx = {.root = nfp_sysroot_default()};
		struct nfp_vf_info vf = {.use = NFP_USE_IDLE};

		letting = lists - 1;
		interrupting = lists ? 1000 : 0;
		nfp_up_use_find(&ctx, &link, &vf);
		interrupted = !lists || interrupting < 1000;
		interrupting = letting = 0;
		if (!lists)
			memcpy(well, vf.user, sizeof(well));
		else
			assert_int_equal(strcmp(vf.user, well) != 0, interrupted);
		free(ctx.up_uses.v);
	}
	/* Sockets of three protocols, routes, next hops, and actions. */
	assert_true(lists > 6);
}

TEST(test_errors_have_words)
{
	struct nfp_nl *nl = open_route(-1);
	struct nfp_rt_dev none = {.ifindex = 4711, .ifname = "eth7"};
	struct nfp_rt_dev lo = dev("lo");
	struct nfp_err err = {0};

	assert_int_equal(nfp_rt_link_set_up(nl, &none, true, &err), -ENODEV);
	assert_int_equal(err.errnum, ENODEV);
	assert_int_equal(err.code, NFP_E_KERNEL);
	assert_ptr_equal(strstr(err.message, "cannot set eth7 up: No such device"), err.message);

	/* The kernel has a sentence for this one (net/core/dev.c, dev_validate_mtu). */
	assert_int_equal(make(nl, "veth7", "veth"), 0);
	none = dev("veth7");
	assert_int_equal(set_mtu(nl, &none, 7, &err), -EINVAL);
	assert_string_equal(err.message, "cannot set mtu of veth7 to 7: Invalid argument: "
					 "mtu less than device minimum");
	assert_int_equal(set_mtu(nl, &none, 1400, &err), 0);
	assert_int_equal(look(nl, "veth7").mtu, 1400);

	assert_int_equal(nfp_rt_vf_set(nl, &lo, &(struct nfp_vf_attr) {.vf = 3, .mac = mac_a},
				       NFP_VF_ATTR_MAC, &err),
			 -EOPNOTSUPP);
	assert_non_null(strstr(err.message, "cannot set the address of VF 3 of lo to "
					    "02:00:00:00:00:0a: "));
	assert_null(strstr(err.message, "mtu")); /* each answer has its own sentence */
	remove_link(nl, "veth7");
	assert_int_equal(nfp_link_by_name(nl, "veth7", &(struct nfp_link) {0}, &err), -ENODEV);
	nfp_nl_close(nl);
}

TEST(test_link_setters)
{
	struct nfp_nl *nl = open_route(-1);
	struct nfp_link link;
	struct nfp_rt_dev d;

	assert_int_equal(make(nl, "veth7", "veth"), 0);
	d = dev("veth7");
	assert_int_equal(nfp_rt_link_address(nl, &d, &mac_a, NULL), 0);
	link = look(nl, "veth7");
	assert_true(nfp_mac_equal(&link.address, &mac_a));
	assert_int_equal(nfp_rt_link_rename(nl, &d, "veth8", NULL), 0);
	d = dev("veth8");
	assert_true(d.ifindex > 0);
	assert_int_equal(nfp_rt_link_rename(nl, &d, "a-name-of-sixteen", NULL), -EINVAL);
	assert_int_equal(nfp_rt_link_set_up(nl, &d, true, NULL), 0);
	assert_int_equal(look(nl, "veth8").flags & IFF_UP, IFF_UP);
	assert_int_equal(nfp_rt_link_set_up(nl, &d, false, NULL), 0);
	assert_int_equal(look(nl, "veth8").flags & IFF_UP, 0);
	remove_link(nl, "veth8");
	nfp_nl_close(nl);
}

/* A device that has taken the name of a VF's netdev must not be taken for it. */
TEST(test_whose_it_is)
{
	struct nfp_link link = {.ifname = "eth0"};

	assert_true(nfp_link_may_be_of(&link, "0000:01:10.6")); /* the kernel does not say */
	snprintf(link.parentdev, sizeof(link.parentdev), "0000:01:10.6");
	assert_true(nfp_link_may_be_of(&link, "0000:01:10.6"));
	assert_false(nfp_link_may_be_of(&link, "0000:01:10.4"));
}

static int not_taken(const char *name, const char *was, const char *is, void *ctx)
{
	(void)ctx;
	fail_msg("%s was set to %s and is %s", name, was, is);
	return 0;
}

/* A setting is read back as it was set. */
TEST(test_settings)
{
	static const char *const rows[][2] = {{"txqueuelen", "500"},
					      {"alias", "to the left"},
					      {"altname 0", "left-veth7"},
					      {"mtu", "1400"}};
	struct nfp_nl *nl = open_route(-1);
	json_t *want = json_object(), *now;
	struct nfp_rt_dev dev = {0, "veth7"};

	assert_int_equal(make(nl, "veth7", "veth"), 0);
	dev.ifindex = (int)if_nametoindex("veth7");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(nfp_setting_set(nl, &dev, rows[i][0], rows[i][1], NULL), 0);
		nfp_json_set_escaped(want, rows[i][0], rows[i][1]);
	}
	assert_int_equal(nfp_settings_read(nfp_sysroot_default(), nl, &dev, NULL, &now, NULL), 0);
	assert_int_equal(nfp_settings_compare(want, now, not_taken, NULL), 0);
	json_decref(want);
	json_decref(now);
	remove_link(nl, "veth7");
	nfp_nl_close(nl);
}

/* In this namespace, or none; what cannot be looked up is neither. */
TEST(test_netdev_of_device)
{
	struct rlimit old, none = {0, 0};
	struct nfp_err err = {.code = NFP_E_NONE};
	struct nfp_nl *nl = open_route(-1);
	struct nfp_rt_dev pf = {1, "veth0"};
	struct nfp_link link, second;
	struct tree t;
	struct nfp_busdev dev = {&t.root, "pci", "0000:01:10.6"};
	int ret;

	tree_make(&t);
	assert_int_equal(make(nl, "veth7", "veth"), 0);
	assert_int_equal(nfp_netdev_of(nl, &pf, &dev, &link, &second, &err), -ENOENT);
	tree_dir(&t, "sys/bus/pci/devices/0000:01:10.6/net/veth7");
	assert_int_equal(nfp_netdev_of(nl, &pf, &dev, &link, &second, &err), 0);
	assert_string_equal(link.ifname, "veth7");
	assert_int_equal(second.ifindex, 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	ret = nfp_netdev_of(nl, &pf, &dev, &link, &second, &err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(ret, -EMFILE);
	assert_non_null(strstr(err.message, "cannot read the netdevs of 0000:01:10.6"));
	/* A VF that has one port only may count it otherwise than its PF. */
	tree_file(&t, "sys/class/net/veth0/dev_port", "1\n");
	tree_file(&t, "sys/bus/pci/devices/0000:01:10.6/net/veth7/dev_port", "0\n");
	assert_int_equal(nfp_netdev_of(nl, &pf, &dev, &link, &second, &err), 0);
	assert_string_equal(link.ifname, "veth7");
	tree_file(&t, "sys/bus/pci/devices/0000:01:10.6/net/lo/dev_port", "1\n");
	assert_int_equal(nfp_netdev_of(nl, &pf, &dev, &link, &second, &err), 0);
	assert_string_equal(link.ifname, "lo");
	assert_string_equal(second.ifname, "veth7");
	remove_link(nl, "veth7");
	assert_int_equal(nfp_netdev_of(nl, &pf, &dev, &link, &second, &err), -ENOENT);
	tree_drop(&t);
	nfp_nl_close(nl);
}

static int other_netns(void)
{
	int mine = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), other;

	assert_true(mine >= 0);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	other = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	assert_true(other >= 0);
	assert_int_equal(setns(mine, CLONE_NEWNET), 0);
	close(mine);
	return other;
}

TEST(test_macvlan_in_another_netns)
{
	struct nfp_nl *nl = open_route(-1), *there;
	int netns = other_netns(), ifindex = 0;
	struct nfp_rt_dev d;
	struct nfp_link link;
	struct nfp_err err;

	there = open_route(netns);
	assert_int_equal(make(nl, "veth7", "veth"), 0);
	d = dev("veth7");
	assert_int_equal(nfp_rt_add_macvlan(nl, &d, "probe0", &mac_b, there, netns, &ifindex, &err),
			 0);
	assert_int_equal(nfp_link_by_ifindex(there, ifindex, &link, NULL), 0);
	assert_string_equal(link.ifname, "probe0");
	assert_string_equal(link.kind, "macvlan");
	assert_true(nfp_mac_equal(&link.address, &mac_b));
	assert_int_equal(link.flags & IFF_UP, 0);
	assert_int_equal(link.link, 0); /* its lower device is not one of that namespace */
	assert_false(link.passthru);
	assert_int_equal(if_nametoindex("probe0"), 0);
	assert_int_equal(nfp_rt_add_macvlan(nl, &d, "probe0", &mac_b, there, netns, &ifindex, &err),
			 -EEXIST);
	assert_non_null(strstr(err.message, "cannot create a macvlan on veth7: File exists"));
	remove_link(nl, "veth7");
	nfp_nl_close(there);
	nfp_nl_close(nl);
	close(netns);
}

/* As bond_fill_info in drivers/net/bonding/bond_netlink.c says it. */
TEST(test_bonds)
{
	static const struct {
		uint8_t mode;
		uint32_t interval, validates;
		const char *name, *lag;
		bool any_frame_lives[2], takes_all;
	} cases[] = {
		{BOND_MODE_ACTIVEBACKUP, 0, 0, "active-backup", "", {false, false}, false},
		{BOND_MODE_ACTIVEBACKUP, 100, 0, "active-backup", "", {true, true}, false},
		{BOND_MODE_ACTIVEBACKUP, 100, 1, "active-backup", "", {false, true}, false},
		{BOND_MODE_ACTIVEBACKUP, 100, 2, "active-backup", "", {true, false}, false},
		{BOND_MODE_ACTIVEBACKUP, 100, 3, "active-backup", "", {false, false}, false},
		{BOND_MODE_ACTIVEBACKUP,
		 100,
		 4,
		 "active-backup",
		 "",
		 {true, true},
		 false}, /* filter
			  */
		{BOND_MODE_ACTIVEBACKUP, 0, 0, "active-backup", "", {false, false}, true},
		{BOND_MODE_TLB, 0, 0, "balance-tlb", "", {false, false}, false},
		{BOND_MODE_ALB, 0, 0, "balance-alb", "", {false, false}, false},
		{BOND_MODE_8023AD, 0, 0, "802.3ad", "802.3ad", {false, false}, false},
		{BOND_MODE_XOR, 0, 0, "balance-xor", "balance-xor", {false, false}, false},
		{77, 0, 0, "", "", {false, false}, false},
	};
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = 9};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nlattr *info, *data;
		struct nfp_nl_msg msg;
		struct nfp_link link;

		nfp_nl_msg_init(&msg, RTM_NEWLINK, 0, &ifi, sizeof(ifi));
		mnl_attr_put_strz(&msg.head, IFLA_IFNAME, "bond0");
		info = mnl_attr_nest_start(&msg.head, IFLA_LINKINFO);
		mnl_attr_put_strz(&msg.head, IFLA_INFO_KIND, "bond");
		data = mnl_attr_nest_start(&msg.head, IFLA_INFO_DATA);
		mnl_attr_put_u8(&msg.head, IFLA_BOND_MODE, cases[i].mode);
		mnl_attr_put_u32(&msg.head, IFLA_BOND_ACTIVE_SLAVE, 3);
		mnl_attr_put_u32(&msg.head, IFLA_BOND_ARP_INTERVAL, cases[i].interval);
		mnl_attr_put_u32(&msg.head, IFLA_BOND_ARP_VALIDATE, cases[i].validates);
		mnl_attr_put_u8(&msg.head, IFLA_BOND_ALL_SLAVES_ACTIVE, cases[i].takes_all);
		mnl_attr_nest_end(&msg.head, data);
		mnl_attr_nest_end(&msg.head, info);
		assert_int_equal(nfp_link_parse(&msg.head, &link), 0);
		assert_string_equal(link.bond_mode, cases[i].name);
		assert_string_equal(link.lag, cases[i].lag);
		assert_int_equal(link.bond_active, 3);
		assert_memory_equal(link.any_frame_lives, cases[i].any_frame_lives,
				    sizeof(link.any_frame_lives));
		assert_int_equal(link.bond_takes_all, cases[i].takes_all);
	}
}

struct seen {
	int links;
	char name[NFP_IFNAMSIZ];
};

/* 0; 1: notifications were lost. */
static int hear(struct nfp_nl *news, struct seen *seen)
{
	const struct nlmsghdr *nlh = NULL;
	struct nfp_link link;
	int ret = nfp_nl_drain(news, NULL);

	while ((nlh = nfp_nl_next(news, nlh, 0))) {
		assert_int_equal(nfp_link_parse(nlh, &link), 0);
		seen->links++;
		memcpy(seen->name, link.ifname, sizeof(seen->name));
	}
	return ret;
}

/* A notification buffer that overflows says so, once. */
TEST(test_notifications_lost)
{
	struct seen seen = {0};
	struct nfp_nl *nl = open_route(-1), *news;
	int small = 1, i, r = 0;
	struct nfp_rt_dev d;

	assert_int_equal(make(nl, "veth7", "veth"), 0);
	d = dev("veth7");
	assert_int_equal(nfp_nl_open_notify(-1, &news, NULL), 0);
	assert_int_equal(
		setsockopt(nfp_nl_fd(news), SOL_SOCKET, SO_RCVBUFFORCE, &small, sizeof(small)), 0);
	for (i = 0; i < 100; i++)
		assert_int_equal(set_mtu(nl, &d, 1400U + (unsigned int)i, NULL), 0);
	r = hear(news, &seen);
	assert_int_equal(r, 1);
	assert_int_equal(hear(news, &seen), 0);
	assert_int_equal(set_mtu(nl, &d, 1000, NULL), 0);
	seen.links = 0;
	assert_int_equal(hear(news, &seen), 0);
	assert_true(seen.links >= 1);
	assert_int_equal(hear(news, &seen), 0);
	assert_null(nfp_nl_next(news, NULL, 0));
	remove_link(nl, "veth7");
	nfp_nl_close(news);
	nfp_nl_close(nl);
}

/* Messages of another process are not heard. */
TEST(test_forged_message_is_dropped)
{
	struct seen seen = {0};
	struct sockaddr_nl to = {.nl_family = AF_NETLINK};
	struct nfp_nl *news;
	struct mnl_socket *liar = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct ifinfomsg ifi = {.ifi_index = 7};
	struct nfp_nl_msg msg;
	socklen_t len = sizeof(to);

	assert_int_equal(nfp_nl_open_notify(-1, &news, NULL), 0);
	assert_int_equal(getsockname(nfp_nl_fd(news), (struct sockaddr *)&to, &len), 0);
	to.nl_groups = 0;
	nfp_nl_msg_init(&msg, RTM_NEWLINK, 0, &ifi, sizeof(ifi));
	mnl_attr_put_strz(&msg.head, IFLA_IFNAME, "liar0");
	assert_int_equal(sendto(mnl_socket_get_fd(liar), &msg, msg.head.nlmsg_len, 0,
				(struct sockaddr *)&to, sizeof(to)),
			 (int)msg.head.nlmsg_len);
	assert_int_equal(hear(news, &seen), 0);
	assert_int_equal(seen.links, 0);
	mnl_socket_close(liar);
	nfp_nl_close(news);
}

TEST(test_genl)
{
	struct nfp_nl *nl = NULL;
	struct nfp_err err = {0};
	uint16_t id = 0;

	assert_int_equal(nfp_nl_open(NETLINK_GENERIC, -1, &nl, &err), 0);
	assert_int_equal(nfp_nl_genl_family(nl, "nlctrl", &id, &err), 0);
	assert_int_equal(id, GENL_ID_CTRL);
	assert_int_equal(nfp_nl_genl_family(nl, "no-such-one", &id, &err), -ENOENT);
	nfp_nl_close(nl);
	nfp_nl_close(NULL);
}

TEST(test_no_such_netns)
{
	struct nfp_nl *nl = NULL;
	struct nfp_err err = {0};
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_int_equal(nfp_nl_open(NETLINK_ROUTE, fd, &nl, &err), -EINVAL);
	assert_null(nl);
	assert_string_equal(err.message, "cannot open a netlink socket: Invalid argument");
	close(fd);
}

/* A netdev without VFs: nothing to list, and no VF 0. */
TEST(test_no_vfs)
{
	struct nfp_nl *nl = open_route(-1);
	struct nfp_rt_dev lo = dev("lo");
	struct nfp_vf_attr *attrs = NULL, one;
	struct nfp_err err;
	size_t num = 7;

	assert_int_equal(nfp_vf_attrs_read(nl, &lo, &attrs, &num, &err), 0);
	assert_int_equal(num, 0);
	assert_null(attrs);
	assert_int_equal(nfp_vf_attr_read(nl, &lo, 0, &one, &err), -ENODEV);
	assert_string_equal(err.message, "lo has no VF 0: it has 0 VFs");
	nfp_nl_close(nl);
}

/* -- acknowledgements, byte by byte -- */

static size_t put_ack(char *buf, int error, bool capped, const char *sentence)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlmsgerr *e = mnl_nlmsg_put_extra_header(nlh, sizeof(*e));

	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_flags = (uint16_t)(NLM_F_ACK_TLVS | (capped ? NLM_F_CAPPED : 0));
	e->error = error;
	e->msg.nlmsg_len = capped ? 4711 : sizeof(e->msg) + 8;
	if (!capped)
		memset(mnl_nlmsg_put_extra_header(nlh, 8), 0xff, 8);
	mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, sentence);
	return nlh->nlmsg_len;
}

TEST(test_ack_forms)
{
	_Alignas(8) char buf[512];
	struct nfp_nl_ack ack;

	put_ack(buf, -EBUSY, true, "it is\nbusy");
	assert_int_equal(nfp_nl_parse_ack((struct nlmsghdr *)buf, &ack), 0);
	assert_int_equal(ack.error, -EBUSY);
	assert_string_equal(ack.sentence, "it is busy");
	put_ack(buf, -EBUSY, false, "with the request");
	assert_int_equal(nfp_nl_parse_ack((struct nlmsghdr *)buf, &ack), 0);
	assert_string_equal(ack.sentence, "with the request");
	put_ack(buf, 5, true, "positive");
	assert_int_equal(nfp_nl_parse_ack((struct nlmsghdr *)buf, &ack), -EBADMSG);
}

/* Cut anywhere, the message is refused or read as far as it goes, never beyond (ASan). */
TEST(test_ack_truncated)
{
	_Alignas(8) char buf[512];
	size_t len = put_ack(buf, -EBUSY, true, "a sentence of this kernel's"), n;

	for (n = 0; n <= len; n++) {
		char *cut = malloc(n + sizeof(struct nlmsghdr));
		struct nfp_nl_ack ack = {.error = 1};
		struct nlmsghdr *nlh = (struct nlmsghdr *)cut;
		int r;

		assert_non_null(cut);
		memcpy(cut, buf, n < sizeof(*nlh) ? sizeof(*nlh) : n);
		nlh->nlmsg_len = (uint32_t)n;
		r = nfp_nl_parse_ack(nlh, &ack);
		if (n < NLMSG_HDRLEN + sizeof(struct nlmsgerr)) {
			assert_int_equal(r, -EBADMSG);
			assert_int_equal(ack.error, 1);
		} else {
			assert_int_equal(r, 0);
			assert_int_equal(ack.error, -EBUSY);
			assert_string_equal(ack.sentence,
					    n == len ? "a sentence of this kernel's" : "");
		}
		free(cut);
	}
}

int main(void)
{
	return RUN_TESTS(own_netns, NULL);
}
