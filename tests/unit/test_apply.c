// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes to a PF are undone: the entries that we made go, and nobody else's. Changes to a VF,
 * whose device is a folder here, are made or refused, and what they do may come late. */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "restore_place.h"
#include "../../src/change/klog.h"
#include "tree.h"
#include "said.h"

/* The report on it is the place's. */
static void undo_bridge(struct place *p)
{
	struct nfp_undo_ctx undo = undo_in(p);

	p->apply.journal = NULL;
	nfp_restore_report_fini(&p->report);
	nfp_undo_bridge(&undo);
}

static int make_change_x(struct place *p, enum nfp_change_kind kind)
{
	struct nfp_change c = change_x(kind, p);

	return nfp_apply_change(&p->apply, &c, NULL);
}

#define CASE(name) TEST_OF(name, make_place, remove_place, struct place, p)

/* It is told, and goes on as if it had been made, but neither is it made nor is there a file. */
CASE(dry_run_makes_nothing)
{
	static const char *const commands[] = {
		"bridge fdb add 06:00:00:00:00:01 dev nfpt0 self permanent",
		"bridge fdb add 06:00:00:00:00:01 dev nfpt0 master static",
		"ip link add link nfpt0 name nfpvlan netns nfprobe type vlan proto 802.1Q id 9",
		"ip link set nfpt0 promisc on",
		/* A change of the PF's kind, to a second VF: its standby is on that. */
		"ip -n nfprobe link set eth0v1 promisc on",
		"ip -n nfprobe link del nfpvlan",
	};
	struct nfp_change changes[] = {
		change_x(NFP_CHANGE_UNICAST, p),
		change_x(NFP_CHANGE_PORT_FDB_ADD, p),
		{.kind = NFP_CHANGE_VLAN, .value = 1, .vlan = {9, 0, 0x8100}},
		{.kind = NFP_CHANGE_PROMISC, .value = 1},
		{.kind = NFP_CHANGE_PROMISC, .value = 1, .ifname = "eth0v1", .private_netns = true},
		{.kind = NFP_CHANGE_VLAN},
	};
	struct nfp_journal_head head = {.parentdev = PARENT, .ifname = "nfpt0"};
	struct nfp_rt_dev dev = {p->pf.ifindex, "nfpt0"};
	struct nfp_events events = {tell, &p->told};
	struct nfp_link link;

	NEED_ROOT(p);
	assert_int_equal(nfp_journal_create(-1, &head, &p->journal, NULL), 0);
	assert_int_equal(nfp_apply_open(&p->apply, nfp_sysroot_default(), &dev, &events, NULL), 0);
	p->apply.journal = p->journal;
	p->apply.dry = true;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		assert_int_equal(nfp_apply_change(&p->apply, &changes[i], NULL), 0);
		assert_string_equal(p->told.v[i], commands[i]);
		assert_int_equal(p->apply.vlan_child, i >= 2 && i < 5);
	}
	assert_int_equal(nfp_journal_data(p->journal)->num_changes, 1);
	assert_false(has_x(p, NFP_RT_FDB_SELF));
	assert_int_equal(nfp_link_by_name(p->nl, "nfpt0", &link, NULL), 0);
	assert_int_equal(link.promiscuity, 0);
	assert_int_equal(p->apply.membership_fd[false], -1);
	assert_int_equal(rmdir(p->dir), 0);
	assert_int_equal(mkdir(p->dir, 0700), 0);
}

/* A macvlan that comes or goes is announced of the PF, too. */
CASE(a_child_of_ours_is_no_news)
{
	struct nfp_change c = change_x(NFP_CHANGE_MACVLAN, p);
	struct nfp_nl *notify;

	NEED_ROOT(p);
	open_hands(p);
	assert_int_equal(nfp_nl_open_notify(-1, &notify, NULL), 0);
	p->apply.watch.notify = notify;
	for (c.value = 1; c.value >= 0; c.value--) {
		int ret = nfp_apply_change(&p->apply, &c, NULL);

		if (ret == -EOPNOTSUPP) /* the kernel has no macvlan */
			break;
		assert_int_equal(ret, 0);
		assert_int_equal(p->apply.macvlan != 0, c.value);
		assert_int_equal(nfp_guard_drain(&p->apply, NULL), 0);
		assert_false(p->apply.watch.pf_notified);
	}
	p->apply.watch.notify = NULL;
	nfp_nl_close(notify);
}

CASE(all_multicast_is_counted)
{
	struct nfp_link link;

	NEED_ROOT(p);
	assert_int_equal(nfp_link_by_ifindex(p->nl, p->pf.ifindex, &link, NULL), 0);
	assert_int_equal(link.allmulti, 0);
	assert_int_equal(run("ip link set nfpt0 allmulticast on"), 0);
	assert_int_equal(nfp_link_by_ifindex(p->nl, p->pf.ifindex, &link, NULL), 0);
	assert_int_equal(link.allmulti, 1);
	assert_int_equal(link.promiscuity, 0);
}

/* Refused because it is there already: then it is somebody else's, and stays. */
CASE(entry_of_others_stays)
{
	struct nfp_rt_dev dev;

	NEED_ROOT(p);
	open_hands(p);
	make_bridge();
	dev = (struct nfp_rt_dev) {p->pf.ifindex, "nfpt0"};
	assert_int_equal(nfp_rt_port_fdb_set(p->nl, &dev, &X, true, NULL), 0);
	assert_int_equal(make_change_x(p, NFP_CHANGE_PORT_FDB_ADD), -EEXIST);
	assert_int_equal(nfp_journal_data(p->journal)->num_changes, 0);
	undo_bridge(p);
	assert_true(has_x(p, NFP_RT_FDB_MASTER));
}

/* In place of libmnl's: a bridge that gives no entry up. */
static bool keeps_entries;
static unsigned int links_set; /* how often the kernel was asked to set a link */

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req, size_t size)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct nfp_nl_msg copy;
	struct ndmsg *nd;

	assert_true(size <= sizeof(copy));
	memcpy(&copy, req, size);
	nd = mnl_nlmsg_get_payload(&copy.head);
	links_set += copy.head.nlmsg_type == RTM_SETLINK;
	/* Asked of the port itself, the kernel says EINVAL (ndo_dflt_fdb_del). */
	if (keeps_entries && copy.head.nlmsg_type == RTM_DELNEIGH) {
		nd->ndm_flags = NTF_SELF;
		nd->ndm_state = 0;
	}
	return sendto(mnl_socket_get_fd(nl), &copy, size, 0, (const struct sockaddr *)&kernel,
		      sizeof(kernel));
}

/* A refusal is no sign that there is nothing left. */
CASE(entry_that_is_kept_is_told)
{
	NEED_ROOT(p);
	open_hands(p);
	make_bridge();
	assert_int_equal(make_change_x(p, NFP_CHANGE_PORT_FDB_ADD), 0);
	keeps_entries = true;
	undo_bridge(p);
	keeps_entries = false;
	assert_int_equal(p->report.failed.n, 0);
	assert_int_equal(p->report.left_behind.n, 1);
	assert_string_equal(said_hint(&p->report.left_behind.v[0]),
			    "06:00:00:00:00:01 may still be in the FDB of the bridge of nfpt0: "
			    "cannot delete 06:00:00:00:00:01 from the FDB of the bridge of nfpt0: "
			    "Invalid argument; try: bridge fdb del 06:00:00:00:00:01 dev nfpt0 "
			    "master");
	assert_true(has_x(p, NFP_RT_FDB_MASTER));
	/* Refused as well, but no port has entries any more. */
	assert_int_equal(run("ip link set nfpt0 nomaster"), 0);
	keeps_entries = true;
	undo_bridge(p);
	keeps_entries = false;
	assert_int_equal(p->report.failed.n + p->report.left_behind.n, 0);
}

/* A run that has put X into the bridge. */
static struct nfp_backend *open_with_entry(struct place *p)
{
	struct nfp_change c = change_x(NFP_CHANGE_PORT_FDB_ADD, p);
	struct nfp_backend *backend = open_live(p);

	make_bridge();
	assert_int_equal(nfp_apply_change(&backend->apply, &c, NULL), 0);
	return backend;
}

/* An entry that the bridge keeps is reported with a command, and concerns no later run. */
CASE(entry_that_is_kept_is_forgotten)
{
	struct nfp_backend *backend;

	NEED_ROOT(p);
	backend = open_with_entry(p);
	backend->pf_start.link.promiscuity = 1;
	keeps_entries = true;
	assert_int_equal(close_live(p, backend), 0);
	keeps_entries = false;
	assert_int_equal(p->left.n, 1);
	assert_string_equal(said_commands(&p->left.v[0].commands),
			    "bridge fdb del 06:00:00:00:00:01 dev nfpt0 master");
	assert_int_equal(p->warnings.n, 0);
	assert_false(exists(p, PARENT ".journal"));
}

/* The PF does not let X go, which it will with this process; the bridge must. */
CASE(bridge_is_put_back_though_the_pf_is_not)
{
	struct nfp_backend *backend;
	int fd;

	NEED_ROOT(p);
	backend = open_with_entry(p);
	backend->held[0] = change_x(NFP_CHANGE_UNICAST, p);
	backend->num_held = 1;
	assert_int_equal(nfp_apply_change(&backend->apply, &backend->held[0], NULL), 0);
	fd = backend->apply.membership_fd[false];
	backend->apply.membership_fd[false] = 1 << 20;
	assert_int_equal(close_live(p, backend), 0);
	assert_false(has_x(p, NFP_RT_FDB_MASTER));
	assert_true(has_x(p, NFP_RT_FDB_SELF));
	close(fd);
	assert_false(has_x(p, NFP_RT_FDB_SELF));
	assert_false(exists(p, PARENT ".journal"));
}

CASE(macvlan_in_the_private_namespace)
{
	struct nfp_change add = {.kind = NFP_CHANGE_MACVLAN, .value = 1, .mac = X};
	struct nfp_change del = {.kind = NFP_CHANGE_MACVLAN};
	struct nfp_link link;

	NEED_ROOT(p);
	open_hands(p);
	assert_int_equal(nfp_apply_change(&p->apply, &add, NULL), 0);
	assert_int_equal(nfp_link_by_name(p->nl, NFP_MACVLAN_CHILD, &link, NULL), -ENODEV);
	assert_int_equal(nfp_link_by_name(p->apply.nl_private, NFP_MACVLAN_CHILD, &link, NULL), 0);
	assert_true(nfp_mac_equal(&link.address, &X));
	assert_true(link.flags & 1); /* IFF_UP */
	assert_true(has_x(p, NFP_RT_FDB_SELF));
	assert_int_equal(nfp_apply_change(&p->apply, &del, NULL), 0);
	assert_false(has_x(p, NFP_RT_FDB_SELF));
	assert_int_equal(nfp_link_by_name(p->apply.nl_private, NFP_MACVLAN_CHILD, &link, NULL),
			 -ENODEV);
}

/* A VF that had no driver may have got the name of another one's netdev. */
CASE(vfs_that_had_no_driver_are_put_back_first)
{
	static const struct {
		unsigned int vf;
		const char *driver;
	} rows[] = {{3, "igbvf"}, {1, "igbvf"}, {2, ""}};
	struct nfp_undo_ctx undo;

	NEED_ROOT(p);
	open_hands(p);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_journal_vf entry = {
			.before = {.vf = rows[i].vf, .bus = "pci", .attr = NFP_VF_ATTR_UNKNOWN}};

		snprintf(entry.before.parentdev, NFP_TEXT_LEN, "gone%u", rows[i].vf);
		strcpy(entry.before.driver, rows[i].driver);
		assert_int_equal(nfp_journal_vf(p->journal, &entry, NULL), 0);
	}
	p->apply.journal = NULL;
	undo = undo_in(p);
	nfp_undo_all(&undo);
	assert_int_equal(p->report.failed.n, 0);
	assert_int_equal(p->report.others.n, 3);
	assert_string_equal(p->report.others.v[0],
			    "VF 2 of nfpt0 is no longer there: nothing is left to restore");
	assert_non_null(strstr(p->report.others.v[1], "VF 3 "));
	assert_non_null(strstr(p->report.others.v[2], "VF 1 "));
}

/* ---- a VF: a folder is its device, a veth its netdev, and its PF does not report it ---- */

#define VF_NAME "0000:01:10.6"
#define VF_DIR	"sys/bus/pci/devices/" VF_NAME
#define DRIVER	"sys/bus/pci/drivers/nfpdrv"

static const struct nfp_mac own = {{0x02, 0, 0, 0, 0, 0x30}};

/* The kernel's and a driver's part in the VF. */
static struct {
	const struct tree *tree;		/* where it is; NULL: there is none */
	void (*in_pause)(const struct tree *t); /* done while nfprobe waits */
	bool no_address;			/* the address of every netdev is zero */
	const struct nfp_mac *mac;		/* of VF 3, by its PF; NULL: it reports no VF */
	int refused; /* the answer to a bind and an unbind; 0: they are taken */
} unreal;

/* In place of libc's. */
ssize_t write(int fd, const void *buf, size_t n)
{
	bool binds = n == strlen(VF_NAME) && memcmp(buf, VF_NAME, n) == 0;

	if (unreal.refused && binds) {
		errno = unreal.refused;
		return -1;
	}
	return syscall(SYS_write, fd, buf, n);
}

/* In place of libc's. */
int poll(struct pollfd *fds, nfds_t num, int ms)
{
	struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
	void (*act)(const struct tree *t) = unreal.in_pause;

	if (num || !act)
		return (int)syscall(SYS_ppoll, fds, num, ms < 0 ? NULL : &pause, NULL, 0);
	unreal.in_pause = NULL;
	act(unreal.tree);
	return 0;
}

/* Nothing tells that it is a veth. */
static void disguise(struct nlmsghdr *nlh)
{
	struct nfp_attrs it = nfp_attrs_of(nlh, sizeof(struct ifinfomsg));
	struct nlattr *attr;

	while ((attr = (struct nlattr *)nfp_attrs_next(&it))) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type == IFLA_LINKINFO || type == IFLA_LINK)
			attr->nla_type = IFLA_UNSPEC;
		if (type == IFLA_ADDRESS && unreal.no_address)
			memset(mnl_attr_get_payload(attr), 0, NFP_MAC_LEN);
	}
}

static void put_vf(struct nlmsghdr *nlh)
{
	struct nlattr *list = mnl_attr_nest_start(nlh, IFLA_VFINFO_LIST);
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_VF_INFO);
	const struct ifla_vf_vlan_info untagged = {.vf = 3};
	struct ifla_vf_mac mac = {.vf = 3};
	struct nlattr *vlans;

	memcpy(mac.mac, unreal.mac, sizeof(*unreal.mac));
	mnl_attr_put(nlh, IFLA_VF_MAC, sizeof(mac), &mac);
	vlans = mnl_attr_nest_start(nlh, IFLA_VF_VLAN_LIST);
	mnl_attr_put(nlh, IFLA_VF_VLAN_INFO, sizeof(untagged), &untagged);
	mnl_attr_nest_end(nlh, vlans);
	mnl_attr_nest_end(nlh, info);
	mnl_attr_nest_end(nlh, list);
}

/* In place of libc's. A netdev that is asked for alone has four VFs. */
ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n = syscall(SYS_recvmsg, fd, msg, flags);
	struct nlmsghdr *nlh = msg->msg_iov->iov_base;
	int left = (int)n;

	if (!unreal.tree || n <= 0)
		return n;
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_type != RTM_NEWLINK)
			continue;
		disguise(nlh);
		if (nlh->nlmsg_len != (size_t)n)
			continue;
		mnl_attr_put_u32(nlh, IFLA_NUM_VF, 4);
		if (unreal.mac)
			put_vf(nlh);
		return (ssize_t)nlh->nlmsg_len;
	}
	return n;
}

/* A run that is open, and the VF, whose driver can be bound; without root only the place. */
struct vf_place {
	struct place place, *p;
	struct tree tree;
	struct nfp_backend *backend;
	/* It has a driver, which is not bound, and a netdev that is there all the same, down. */
	struct nfp_journal_vf entry;
	/* As the run finds it where it is a sibling. */
	struct nfp_vf_info vfs[4];
	struct nfp_pf pf;
};

static void make_vf_place(struct vf_place *v)
{
	v->p = &v->place;
	make_place(v->p);
	if (!v->p->dir[0])
		return;
	v->backend = open_live(v->p);
	v->entry.before = (struct nfp_vf_state) {.vf = 3,
						 .bus = "pci",
						 .parentdev = VF_NAME,
						 .driver = "nfpdrv",
						 .attr = NFP_VF_ATTR_UNKNOWN,
						 .have_netdev = true,
						 .ifname = "nfpvf0",
						 .address = own};
	tree_make(&v->tree);
	tree_dir(&v->tree, "run/nfprobe");
	tree_file(&v->tree, DRIVER "/bind", "");
	tree_file(&v->tree, DRIVER "/unbind", "");
	tree_dir(&v->tree, VF_DIR "/net/nfpvf0");
	tree_link(&v->tree, "sys/class/net/nfpvf0/device", "../../../bus/pci/devices/" VF_NAME);
	v->backend->apply.root = &v->tree.root;
	unreal.tree = &v->tree;
	assert_int_equal(
		run("ip link add nfpvf0 address 02:00:00:00:00:30 type veth peer name nfpvf1"), 0);
}

static void remove_vf_place(struct vf_place *v)
{
	if (v->backend) {
		memset(&unreal, 0, sizeof(unreal));
		unreal.tree = &v->tree;
		v->backend->apply.root = nfp_sysroot_default();
		assert_int_equal(close_live(v->p, v->backend), 0);
		unreal.tree = NULL;
		tree_drop(&v->tree);
	}
	remove_place(v->p);
}

#define VF_CASE(name) TEST_OF(name, make_vf_place, remove_vf_place, struct vf_place, v)

static const struct nfp_restore_report *undo_vf(struct vf_place *v)
{
	struct nfp_restore_report *report = &v->p->report;
	struct nfp_undo_ctx undo = {
		.apply = &v->backend->apply, .journal = v->backend->journal, .report = report};

	v->backend->apply.journal = NULL;
	nfp_undo_vf(&undo, &v->entry);
	if (report->taken.n)
		fail_msg("%s", report->taken.v[0]);
	assert_true(report->left_behind.n > 0);
	assert_non_null(strstr(report->left_behind.v[0].text, "does not report it"));
	return report;
}

VF_CASE(why_a_vf_is_not_as_it_was_is_told)
{
	const struct nfp_restore_report *report;

	NEED_ROOT(v->p);
	tree_remove(&v->tree, DRIVER "/bind");
	report = undo_vf(v);
	assert_int_equal(report->failed.n, 2);
	assert_string_equal(report->failed.v[0],
			    "VF 3 of nfpt0: its driver was nfpdrv and is none");
	assert_string_equal(report->failed.v[1],
			    "cannot bind " VF_NAME " to nfpdrv: No such file or directory");
	assert_int_equal(report->done.n, 0);
}

/* Its driver is still the run's, whatever the run asks for afterwards. */
VF_CASE(unbind_that_is_refused_is_void)
{
	struct nfp_change unbind = nfp_change_of_vf(&v->entry.before, NFP_CHANGE_VF_UNBIND,
						    "nfpdrv");
	struct nfp_change override = nfp_change_of_vf(&v->entry.before, NFP_CHANGE_VF_OVERRIDE,
						      "nfpdrv");
	const struct nfp_journal_data *data;

	NEED_ROOT(v->p);
	data = nfp_journal_data(v->backend->journal);
	assert_int_equal(nfp_apply_change(&v->backend->apply, &unbind, NULL), 0);
	assert_int_equal(data->num_changes, 1);
	tree_remove(&v->tree, DRIVER "/unbind");
	assert_int_equal(nfp_apply_change(&v->backend->apply, &unbind, NULL), -ENOENT);
	assert_int_equal(data->num_changes, 1);
	/* Another refusal may have had an effect. */
	assert_int_equal(nfp_apply_change(&v->backend->apply, &override, NULL), -ENOENT);
	assert_int_equal(data->num_changes, 2);
}

static void report_x(const struct tree *t)
{
	(void)t;
	unreal.mac = &X;
}

/* The run died as it told the PF an address, which a driver sets from a work queue (qed). What the
 * kernel refuses is not asked once more. */
VF_CASE(the_pf_reports_the_runs_address_late)
{
	struct nfp_journal_vf entry = {.before = v->entry.before, .placeholder_mac = own};
	struct nfp_change assign = nfp_change_of_vf(&entry.before, NFP_CHANGE_VF_MAC, NULL);
	struct nfp_undo_ctx undo = {.apply = &v->backend->apply,
				    .journal = v->backend->journal,
				    .report = &v->p->report};
	static const struct nfp_mac none;

	NEED_ROOT(v->p);
	tree_remove(&v->tree, VF_DIR "/net/nfpvf0");
	entry.before.have_netdev = false;
	entry.before.driver[0] = '\0';
	entry.before.attr.have_mac = true;
	assign.mac = X;
	assert_int_equal(nfp_journal_change(v->backend->journal, &assign, NULL), 0);
	v->backend->apply.journal = NULL;
	unreal.mac = &none;
	unreal.in_pause = report_x;
	links_set = 0;
	nfp_undo_vf(&undo, &entry);
	assert_null(unreal.in_pause);
	assert_int_equal(links_set, 3); /* zero, the placeholder, zero */
	assert_int_equal(undo.report->failed.n, 2);
	assert_string_equal(undo.report->failed.v[0],
			    "VF 3 of nfpt0: its address was none and is 06:00:00:00:00:01");
}

static void bind_to_other(void *ctx, const struct nfp_event *event)
{
	assert_int_equal(event->what, NFP_EVENT_CHANGE);
	tree_link(ctx, VF_DIR "/driver", "../../drivers/other");
}

/* Another process is faster than the undo, which was about to bind the VF. */
VF_CASE(a_vf_that_is_taken_as_it_is_undone)
{
	struct nfp_undo_ctx undo = {.apply = &v->backend->apply,
				    .journal = v->backend->journal,
				    .report = &v->p->report};
	char text[NFP_TEXT_LEN];

	NEED_ROOT(v->p);
	v->backend->apply.journal = NULL;
	v->backend->apply.events = (struct nfp_events) {bind_to_other, &v->tree};
	nfp_undo_vf(&undo, &v->entry);
	assert_int_equal(undo.report->taken.n, 1);
	assert_string_equal(
		undo.report->taken.v[0],
		"VF 3 of nfpt0 is left as it is: another process has bound VF 3 (" VF_NAME
		") to other; its driver was nfpdrv and is other");
	assert_int_equal(undo.report->failed.n + undo.report->done.n, 0);
	assert_int_equal(nfp_restore_failed(undo.report, &v->p->err), -EBUSY);
	assert_int_equal(v->p->err.code, NFP_E_VF_TAKEN);
	assert_hint(v->p, "Once the VF is free, restore the rest. Try: nfprobe --restore");
	/* What the run saw is known at its end, whatever the VF looks like by then. */
	tree_remove(&v->tree, VF_DIR "/driver");
	nfp_restore_report_fini(undo.report);
	assert_int_equal(nfp_journal_vf(undo.journal, &v->entry, NULL), 0);
	nfp_journal_mark_kept(undo.journal, 3, "it was moved");
	nfp_undo_vf(&undo, nfp_journal_find_vf(nfp_journal_data(undo.journal), 3));
	assert_int_equal(undo.report->taken.n, 1);
	assert_string_equal(undo.report->taken.v[0],
			    "VF 3 of nfpt0 is left as it is: it was moved; its driver was nfpdrv "
			    "and is none");
	/* The rest of the test is no undo of it. */
	assert_int_equal(nfp_journal_done(undo.journal, 3, NULL), 0);
	assert_int_equal(nfp_sysfs_read(&v->tree.root, text, sizeof(text), "/" DRIVER "/bind"), 0);
	assert_string_equal(text, "");
}

/* A setting that differs is put back, or what would do it is said. */
VF_CASE(settings_are_put_back)
{
	static const char sysctl[] = "/proc/sys/net/ipv4/conf/*/rp_filter";
	const struct nfp_restore_report *report;
	struct nfp_link link;

	NEED_ROOT(v->p);
	v->entry.settings[0] = json_pack("{s:s, s:s}", "mtu", "1400", sysctl, "2");
	tree_link(&v->tree, VF_DIR "/driver", "../../drivers/nfpdrv");
	report = undo_vf(v);
	assert_int_equal(report->failed.n, 0);
	assert_int_equal(report->done.n, 1);
	assert_string_equal(report->done.v[0], "VF 3 of nfpt0 is as it was");
	assert_int_equal(report->left_behind.n, 2);
	assert_string_equal(report->left_behind.v[1].text,
			    "VF 3 of nfpt0: /proc/sys/net/ipv4/conf/nfpvf0/rp_filter was 2 and is "
			    "the default");
	assert_string_equal(said_commands(&report->left_behind.v[1].commands),
			    "echo 2 > /proc/sys/net/ipv4/conf/nfpvf0/rp_filter");
	assert_int_equal(nfp_link_by_name(v->backend->apply.nl, "nfpvf0", &link, NULL), 0);
	assert_int_equal(link.mtu, 1400);
	json_decref(v->entry.settings[0]);
}

static int bind_vf(struct vf_place *v, const struct nfp_mac *mac)
{
	struct nfp_backend *backend = v->backend;

	backend->vf.before = v->entry.before;
	strcpy(backend->vf.driver, "nfpdrv");
	nfp_guard_begin(&backend->vf.guard, &v->entry.before, false);
	backend->vf.guard.is.attr.mac = *mac; /* which the PF has given it */
	return nfp_backend_ops.bind(backend, mac, &v->p->err);
}

/* The netdev that is there is no sign of a driver that is bound. */
VF_CASE(a_driver_that_cannot_be_bound)
{
	NEED_ROOT(v->p);
	tree_remove(&v->tree, DRIVER "/bind");
	assert_int_equal(bind_vf(v, &own), -ENOENT);
	assert_string_equal(v->p->err.message,
			    "cannot bind " VF_NAME " to nfpdrv: No such file or directory");
	assert_false(v->backend->vf.bound);
}

/* At once, since no more of this run may be written to the VF: its undo, that of another process,
 * and a journal of the VF alone must know. */
VF_CASE(what_another_process_changed_is_written_down)
{
	const struct nfp_journal_vf *kept;
	struct nfp_guard *g;

	NEED_ROOT(v->p);
	g = &v->backend->vf.guard;
	assert_int_equal(nfp_journal_vf(v->backend->journal, &v->entry, NULL), 0);
	nfp_guard_begin(g, &v->entry.before, false);
	v->backend->apply.watch.guards[0] = g;
	g->external = NFP_VF_ATTR_BIT(NFP_VF_ATTR_TRUST);
	assert_int_equal(nfp_guard_check_attributes(&v->backend->apply, g, true, NULL), 0);
	kept = nfp_journal_find_vf(nfp_journal_data(v->backend->journal), 3);
	assert_non_null(kept);
	assert_int_equal(kept->external, g->external);
	v->backend->apply.watch.guards[0] = NULL;
}

/* mlx5: the firmware is silent: an answer, and no bind that may still take effect. */
VF_CASE(a_driver_that_says_it_timed_out)
{
	NEED_ROOT(v->p);
	unreal.refused = ETIMEDOUT;
	assert_int_equal(bind_vf(v, &own), -EIO);
	assert_string_equal(v->p->err.message,
			    "cannot bind " VF_NAME " to nfpdrv: Connection timed out");
	assert_int_equal(v->p->err.errnum, ETIMEDOUT);
	assert_false(v->backend->vf.bound);
	assert_false(v->backend->vf.guard.driver_unsure);
}

/* A bind that was given up counts as made until the unbind says that there is no driver. */
VF_CASE(a_bind_that_failed_after_it_was_given_up)
{
	NEED_ROOT(v->p);
	assert_int_equal(bind_vf(v, &own), 0);
	v->backend->apply.watch.guards[0] = NULL;
	unreal.refused = ENODEV;
	assert_int_equal(nfp_backend_unbind(v->backend, NULL), -ENODEV);
	assert_true(v->backend->vf.bound);
	v->backend->vf.guard.driver_unsure = true;
	assert_int_equal(nfp_backend_unbind(v->backend, NULL), 0);
	assert_false(v->backend->vf.bound);
}

static void give_address(const struct tree *t)
{
	(void)t;
	unreal.no_address = false;
}

/* A qede VF: the address comes in a pause, so that no pause means none. */
VF_CASE(an_address_may_come_late)
{
	NEED_ROOT(v->p);
	unreal.no_address = true;
	unreal.in_pause = give_address;
	assert_int_equal(bind_vf(v, &own), 0);
	assert_false(unreal.no_address);
	assert_true(nfp_mac_equal(&v->backend->vf.netdev.address, &own));
}

/* With the driver its netdev goes, and a new one comes. */
static void renew_netdev(void *ctx, const struct nfp_event *event)
{
	uint64_t *unbound_ns = ctx;

	if (!strstr(event->text, "/unbind"))
		return;
	if (!*unbound_ns)
		*unbound_ns = nfp_clock_now();
	assert_int_equal(run("ip link del nfpvf1 && ip link add nfpvf0 address 02:00:00:00:00:30 "
			     "type veth peer name nfpvf1"),
			 0);
}

/* igbvf makes up an address if its PF answers too late: the driver is bound twice. A step has been
 * asked for by the first request. */
VF_CASE(a_netdev_with_another_address)
{
	uint64_t unbound_ns = 0, asked_ns;

	NEED_ROOT(v->p);
	v->backend->apply.events = (struct nfp_events) {renew_netdev, &unbound_ns};
	assert_int_equal(bind_vf(v, &X), -EADDRNOTAVAIL);
	assert_string_equal(v->p->err.message,
			    "nfpdrv came up twice with the address 02:00:00:00:00:30 instead of "
			    "06:00:00:00:00:01");
	asked_ns = nfp_backend_ops.asked(v->backend);
	assert_in_range(asked_ns, 1, unbound_ns);
	assert_int_equal(nfp_backend_ops.asked(v->backend), 0);
}

/* ---- another VF of the PF ---- */

/* It has its driver and its netdev, as a sibling must. */
static void make_sibling(struct vf_place *v)
{
	make_vf_place(v);
	if (!v->backend)
		return;
	tree_link(&v->tree, VF_DIR "/driver", "../../drivers/nfpdrv");
	for (unsigned int i = 0; i < 4; i++)
		v->vfs[i].vf = i;
	strcpy(v->vfs[3].bus, "pci");
	strcpy(v->vfs[3].parentdev, VF_NAME);
	strcpy(v->vfs[3].devpath, "/" VF_DIR);
	v->pf = (struct nfp_pf) {.vfs = v->vfs, .num_vfs = 4};
	v->backend->config.pf = &v->pf;
	assert_int_equal(run("ip link set nfpvf1 up"), 0);
}

#define SIBLING_CASE(name) TEST_OF(name, make_sibling, remove_vf_place, struct vf_place, v)

static int prepare(struct vf_place *v, enum nfp_sibling as, struct nfp_netdev *ret_netdev)
{
	struct nfp_mac mac;

	return nfp_backend_sibling(v->backend, as, 3, ret_netdev, &mac, &v->p->err);
}

static void assert_refused(struct vf_place *v, enum nfp_sibling as, int ret, const char *says)
{
	struct nfp_netdev netdev;

	assert_int_equal(prepare(v, as, &netdev), ret);
	assert_string_equal(v->p->err.message, says);
}

static void assert_released(const struct vf_place *v)
{
	const struct nfp_journal_data *data = nfp_journal_data(v->backend->journal);

	for (size_t i = 0; i < data->num_vfs; i++)
		assert_true(data->vfs[i].done);
	assert_null(v->backend->apply.watch.guards[1 + NFP_SIBLING_SENDS]);
}

/* The changes that -v shows. */
static void assert_told(const struct vf_place *v, const char *const *told, size_t num)
{
	const struct nfp_strv *is = &v->p->told;

	assert_int_equal(is->n, num);
	for (size_t i = 0; i < num; i++)
		assert_string_equal(is->v[i], told[i]);
}

SIBLING_CASE(another_vf_keeps_its_driver)
{
	static const char *const told[] = {
		"ip link set nfpvf0 netns nfprobe name nfpsends",
		"ip -n nfprobe link set nfpsends up",
		"ip -n nfprobe link set nfpsends netns 1 name nfpvf0",
	};
	struct nfp_netdev netdev;
	struct nfp_link link;

	NEED_ROOT(v->p);
	if (prepare(v, NFP_SIBLING_SENDS, &netdev))
		fail_msg("%s", v->p->err.message);
	assert_string_equal(netdev.ifname, "nfpsends");
	assert_true(nfp_journal_find_vf(nfp_journal_data(v->backend->journal), 3)->source);
	/* It is taken once. */
	assert_int_equal(prepare(v, NFP_SIBLING_SENDS, &netdev), 0);
	assert_int_equal(nfp_journal_data(v->backend->journal)->num_vfs, 1);
	assert_int_equal(nfp_backend_release_sibling(v->backend, NFP_SIBLING_SENDS, NULL), 0);
	assert_told(v, told, NFP_NUM(told));
	assert_true(nfp_sysfs_exists(&v->tree.root, "/" VF_DIR "/driver"));
	assert_int_equal(nfp_link_by_name(v->backend->apply.nl, "nfpvf0", &link, NULL), 0);
	assert_released(v);
}

/* In the other namespace its ifindex is another netdev's. */
SIBLING_CASE(another_vf_gets_another_ifindex)
{
	struct nfp_netdev netdev;
	struct nfp_link link;
	char command[128];

	NEED_ROOT(v->p);
	assert_int_equal(nfp_link_by_name(v->backend->apply.nl, "nfpvf0", &link, NULL), 0);
	snprintf(command, sizeof(command),
		 "nsenter --net=/proc/%d/fd/%d ip link add nfpvf9 index %d type veth", getpid(),
		 v->backend->apply.netns_fd, link.ifindex);
	assert_int_equal(run(command), 0);
	assert_int_equal(prepare(v, NFP_SIBLING_SENDS, &netdev), 0);
	assert_int_not_equal(netdev.ifindex, link.ifindex);
	assert_int_equal(nfp_backend_release_sibling(v->backend, NFP_SIBLING_SENDS, NULL), 0);
	assert_int_equal(nfp_link_by_name(v->backend->apply.nl, "nfpvf0", &link, NULL), 0);
	assert_released(v);
}

/* mlx4: a netdev for each port of the card. Both go, and both come back. */
SIBLING_CASE(another_vf_with_two_netdevs)
{
	static const char *const told[] = {
		"ip link set nfpvf4 netns nfprobe name nfpsends2",
		"ip link set nfpvf0 netns nfprobe name nfpsends",
		"ip -n nfprobe link set nfpsends up",
		"ip -n nfprobe link set nfpsends netns 1 name nfpvf0",
		"ip -n nfprobe link set nfpsends2 netns 1 name nfpvf4",
	};
	struct nfp_netdev netdev;
	struct nfp_link link;

	NEED_ROOT(v->p);
	assert_int_equal(run("ip link add nfpvf4 type veth peer name nfpvf5"), 0);
	tree_file(&v->tree, VF_DIR "/net/nfpvf4/dev_port", "1");
	tree_link(&v->tree, "sys/class/net/nfpvf4/device", "../../../bus/pci/devices/" VF_NAME);
	assert_int_equal(prepare(v, NFP_SIBLING_SENDS, &netdev), 0);
	assert_string_equal(netdev.ifname, "nfpsends");
	assert_int_equal(nfp_link_by_name(v->backend->apply.nl, "nfpvf4", &link, NULL), -ENODEV);
	assert_int_equal(nfp_backend_release_sibling(v->backend, NFP_SIBLING_SENDS, NULL), 0);
	assert_int_equal(nfp_link_by_name(v->backend->apply.nl, "nfpvf4", &link, NULL), 0);
	assert_told(v, told, NFP_NUM(told));
	assert_released(v);
}

static void show_netdev_as(const struct tree *t, const char *name, const char *last)
{
	char path[NFP_TEXT_LEN];

	snprintf(path, sizeof(path), VF_DIR "/net/%s", last);
	tree_remove(t, path);
	snprintf(path, sizeof(path), VF_DIR "/net/%s", name);
	tree_dir(t, path);
}

static void free_its_name(const struct tree *t)
{
	assert_int_equal(run("ip link del nfpvf0"), 0);
	show_netdev_as(t, "nfpvf0", "nfpsends");
}

/* It comes back by another, and gets its own as that is free. */
SIBLING_CASE(another_vf_whose_name_is_taken)
{
	struct nfp_netdev netdev;
	struct nfp_link link;

	NEED_ROOT(v->p);
	assert_int_equal(prepare(v, NFP_SIBLING_SENDS, &netdev), 0);
	assert_int_equal(run("ip link add nfpvf0 type veth peer name nfpvf2"), 0);
	show_netdev_as(&v->tree, "nfpsends", "nfpvf0");
	tree_link(&v->tree, "sys/class/net/nfpsends/device", "../../../bus/pci/devices/" VF_NAME);
	unreal.in_pause = free_its_name;
	assert_int_equal(nfp_backend_release_sibling(v->backend, NFP_SIBLING_SENDS, NULL), 0);
	assert_null(unreal.in_pause);
	assert_int_equal(nfp_link_by_name(v->backend->apply.nl, "nfpvf0", &link, NULL), 0);
	assert_memory_equal(&link.address, &own, sizeof(own));
	assert_released(v);
}

/* Once for each VF and once in the end, in one write each; a dry run has none. */
SIBLING_CASE(a_run_names_itself_in_the_kernel_log)
{
	static const char is[] = "<29>nfprobe[%d]: run 0a1b on nfpt0 (" PARENT "): VF 3 (" VF_NAME
				 ") is used from now on, nfprobe %s"
				 "<29>nfprobe[%d]: run 0a1b on nfpt0 (" PARENT
				 ") is over: it used VF 3, nfprobe %s";
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char text[1024], want[1024];
	struct nfp_netdev netdev;
	int fd;

	NEED_ROOT(v->p);
	tree_file(&v->tree, "dev/kmsg", "");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(prepare(v, NFP_SIBLING_SENDS, &netdev), 0);
		assert_int_equal(nfp_backend_release_sibling(v->backend, NFP_SIBLING_SENDS, NULL),
				 0);
	}
	nfp_backend_log_end(v->backend);
	v->backend->config.dry = true;
	nfp_backend_log_end(v->backend);
	v->backend->config.dry = false;
	snprintf(want, sizeof(want), is, (int)getpid(), nfp_version, (int)getpid(), nfp_version);
	assert_int_equal(nfp_sysfs_read(&v->tree.root, text, sizeof(text), "/dev/kmsg"), 0);
	assert_string_equal(text, want);
	/* Where that is closed, syslog has it; where there is neither, nobody. */
	tree_remove(&v->tree, "dev/kmsg");
	nfp_klog(&v->tree.root, "to nobody");
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/dev/log", v->tree.dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	nfp_klog(&v->tree.root, "to %s", "syslog");
	memset(text, 0, sizeof(text));
	assert_true(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
	close(fd);
	snprintf(want, sizeof(want), "<29>nfprobe[%d]: to syslog", (int)getpid());
	assert_string_equal(text, want);
}

static const char *setting_of(const struct vf_place *v, const char *name)
{
	const struct nfp_journal_data *data = nfp_journal_data(v->backend->journal);

	return json_string_value(json_object_get(nfp_journal_find_vf(data, 3)->settings[0], name));
}

/* What a move to another network namespace would lose is refused, or is in the journal and said. */
SIBLING_CASE(another_vf_with_settings)
{
	struct nfp_netdev netdev;

	NEED_ROOT(v->p);
	v->backend->apply.events = (struct nfp_events) {NULL, NULL};
	assert_int_equal(run("tc qdisc add dev nfpvf0 root handle 1: pfifo && "
			     "ip neigh add 192.0.2.1 lladdr 02:00:00:00:00:99 dev nfpvf0 "
			     "nud permanent"),
			 0);
	assert_refused(v, NFP_SIBLING_SENDS, -EBUSY,
		       "nfpvf0, the netdev of VF 3 of nfpt0, has qdisc 1: pfifo, which would be "
		       "lost");
	assert_int_equal(v->p->err.code, NFP_E_SOURCE_UNUSABLE);
	assert_hint(v->p, "Remove it first, or accept the loss with --force.");
	v->backend->config.force = true;
	assert_int_equal(prepare(v, NFP_SIBLING_SENDS, &netdev), 0);
	assert_string_equal(setting_of(v, "qdisc 1:"), "pfifo");
	assert_string_equal(setting_of(v, "neigh 192.0.2.1"), "02:00:00:00:00:99");
	assert_int_equal(v->backend->warnings.n, 1);
	assert_string_equal(v->backend->warnings.v[0],
			    "nfpvf0, the netdev of VF 3, loses what was set: neigh 192.0.2.1 "
			    "02:00:00:00:00:99");
	assert_int_equal(nfp_backend_release_sibling(v->backend, NFP_SIBLING_SENDS, NULL), 0);
	assert_released(v);
}

/* The VFs are looked at as long as the kernel is quick, or in all for a tenth of a second. */
VF_CASE(looks_at_the_vfs_are_bounded)
{
	NEED_ROOT(v->p);
	assert_true(nfp_backend_may_look(v->backend));
	for (uint64_t ms = 0; ms < 100; ms += 25) {
		assert_true(nfp_backend_may_look(v->backend));
		nfp_backend_note_look(v->backend, 25 * NFP_NSEC_PER_MSEC + 1);
	}
	assert_false(nfp_backend_may_look(v->backend));
	nfp_backend_note_look(v->backend, NFP_CHEAP_NS);
	assert_true(nfp_backend_may_look(v->backend));
}

SIBLING_CASE(another_vf_without_a_driver)
{
	NEED_ROOT(v->p);
	tree_remove(&v->tree, VF_DIR "/driver");
	tree_remove(&v->tree, VF_DIR "/net/nfpvf0");
	tree_remove(&v->tree, VF_DIR "/net");
	assert_refused(v, NFP_SIBLING_SENDS, -ENODEV,
		       "VF 3 cannot send test frames: it has no netdev (no driver of this host is "
		       "bound to it)");
	assert_int_equal(v->p->told.n, 0);
	assert_released(v);
}

TEST_MAIN()
