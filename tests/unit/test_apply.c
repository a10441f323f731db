// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes to a PF are undone: the entries that we made go, and nobody else's. Changes to a VF,
 * whose device is a folder here, are made or refused, and what they do may come late. */
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "restore_place.h"
#include "tree.h"
#include "said.h"

static struct nfp_restore_report undo_bridge(struct place *p)
{
	struct nfp_restore_report report = {.found = false};
	struct nfp_undo_ctx undo_ctx = {
		.apply = &p->apply, .journal = p->journal, .report = &report};

	p->apply.journal = NULL;
	nfp_undo_bridge(&undo_ctx);
	return report;
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
	}
	assert_int_equal(nfp_journal_data(p->journal)->num_changes, 1);
	assert_false(has_x(p, NFP_RT_FDB_SELF));
	assert_int_equal(nfp_link_by_name(p->nl, "nfpt0", &link, NULL), 0);
	assert_int_equal(link.promiscuity, 0);
	assert_int_equal(p->apply.membership_fd[false], -1);
	assert_int_equal(rmdir(p->dir), 0);
	assert_int_equal(mkdir(p->dir, 0700), 0);
}

/* Refused because it is there already: then it is somebody else's, and stays. */
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

CASE(entry_of_others_stays)
{
	struct nfp_rt_dev dev;
	struct nfp_restore_report report;

	NEED_ROOT(p);
	open_hands(p);
	make_bridge();
	dev = (struct nfp_rt_dev) {p->pf.ifindex, "nfpt0"};
	assert_int_equal(nfp_rt_port_fdb_set(p->nl, &dev, &X, true, NULL), 0);
	assert_int_equal(make_change_x(p, NFP_CHANGE_PORT_FDB_ADD), -EEXIST);
	assert_int_equal(nfp_journal_data(p->journal)->num_changes, 0);
	report = undo_bridge(p);
	assert_true(has_x(p, NFP_RT_FDB_MASTER));
	nfp_restore_report_fini(&report);
}

/* In place of libmnl's: a bridge that gives no entry up. */
static bool keeps_entries;

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req, size_t size)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct nfp_nl_msg copy;
	struct ndmsg *nd;

	assert_true(size <= sizeof(copy));
	memcpy(&copy, req, size);
	nd = mnl_nlmsg_get_payload(&copy.head);
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
	struct nfp_restore_report report;

	NEED_ROOT(p);
	open_hands(p);
	make_bridge();
	assert_int_equal(make_change_x(p, NFP_CHANGE_PORT_FDB_ADD), 0);
	keeps_entries = true;
	report = undo_bridge(p);
	keeps_entries = false;
	assert_int_equal(report.failed.n, 0);
	assert_int_equal(report.left_behind.n, 1);
	assert_string_equal(said_hint(&report.left_behind.v[0]),
			    "06:00:00:00:00:01 may still be in the FDB of the bridge of nfpt0: "
			    "cannot delete 06:00:00:00:00:01 from the FDB of the bridge of nfpt0: "
			    "Invalid argument; try: bridge fdb del 06:00:00:00:00:01 dev nfpt0 "
			    "master");
	assert_true(has_x(p, NFP_RT_FDB_MASTER));
	nfp_restore_report_fini(&report);
	/* Refused as well, but no port has entries any more. */
	assert_int_equal(run("ip link set nfpt0 nomaster"), 0);
	keeps_entries = true;
	report = undo_bridge(p);
	keeps_entries = false;
	assert_int_equal(report.failed.n + report.left_behind.n, 0);
	nfp_restore_report_fini(&report);
}

/* An entry that the bridge keeps is reported with a command, and concerns no later run. */
CASE(entry_that_is_kept_is_forgotten)
{
	struct nfp_backend *backend;
	struct nfp_hints left = {NULL, 0};
	struct nfp_strv warnings = {NULL, 0};
	struct nfp_change c;

	NEED_ROOT(p);
	backend = open_live(p);
	make_bridge();
	backend->pf_start.link.promiscuity = 1;
	c = change_x(NFP_CHANGE_PORT_FDB_ADD, p);
	assert_int_equal(nfp_apply_change(&backend->apply, &c, NULL), 0);
	keeps_entries = true;
	assert_int_equal(nfp_backend_close(backend, &left, &warnings, NULL), 0);
	keeps_entries = false;
	assert_int_equal(left.n, 1);
	assert_string_equal(said_commands(&left.v[0].commands),
			    "bridge fdb del 06:00:00:00:00:01 dev nfpt0 master");
	assert_int_equal(warnings.n, 0);
	assert_false(exists(p, PARENT ".journal"));
	nfp_hints_fini(&left);
	nfp_strv_fini(&warnings);
}

/* The PF does not let X go, which it will with this process; the bridge must. */
CASE(bridge_is_put_back_though_the_pf_is_not)
{
	struct nfp_backend *backend;
	struct nfp_hints left = {NULL, 0};
	struct nfp_strv warnings = {NULL, 0};
	struct nfp_change c;
	int fd;

	NEED_ROOT(p);
	backend = open_live(p);
	make_bridge();
	c = change_x(NFP_CHANGE_PORT_FDB_ADD, p);
	assert_int_equal(nfp_apply_change(&backend->apply, &c, NULL), 0);
	backend->held[0] = change_x(NFP_CHANGE_UNICAST, p);
	backend->num_held = 1;
	assert_int_equal(nfp_apply_change(&backend->apply, &backend->held[0], NULL), 0);
	fd = backend->apply.membership_fd[false];
	backend->apply.membership_fd[false] = 1 << 20;
	assert_int_equal(nfp_backend_close(backend, &left, &warnings, NULL), 0);
	assert_false(has_x(p, NFP_RT_FDB_MASTER));
	assert_true(has_x(p, NFP_RT_FDB_SELF));
	close(fd);
	assert_false(has_x(p, NFP_RT_FDB_SELF));
	assert_false(exists(p, PARENT ".journal"));
	nfp_hints_fini(&left);
	nfp_strv_fini(&warnings);
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
	struct nfp_restore_report report = {.found = false};
	struct nfp_undo_ctx undo_ctx = {.apply = &p->apply, .report = &report};

	NEED_ROOT(p);
	open_hands(p);
	undo_ctx.journal = p->journal;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_journal_vf entry = {
			.before = {.vf = rows[i].vf, .bus = "pci", .attr = NFP_VF_ATTR_UNKNOWN}};

		snprintf(entry.before.parentdev, NFP_TEXT_LEN, "gone%u", rows[i].vf);
		strcpy(entry.before.driver, rows[i].driver);
		assert_int_equal(nfp_journal_vf(p->journal, &entry, NULL), 0);
	}
	p->apply.journal = NULL;
	nfp_undo_all(&undo_ctx);
	assert_int_equal(report.failed.n, 0);
	assert_int_equal(report.others.n, 3);
	assert_string_equal(report.others.v[0],
			    "VF 2 of nfpt0 is no longer there: nothing is left to restore");
	assert_non_null(strstr(report.others.v[1], "VF 3 "));
	assert_non_null(strstr(report.others.v[2], "VF 1 "));
	nfp_restore_report_fini(&report);
}

/* ---- a VF: a folder is its device, a veth its netdev, and its PF does not report it ---- */

#define VF_NAME "0000:01:10.6"
#define VF_DIR	"sys/bus/pci/devices/" VF_NAME
#define DRIVER	"sys/bus/pci/drivers/nfpdrv"

static const struct nfp_mac own = {{0x02, 0, 0, 0, 0, 0x30}};

static const struct tree *unreal;	       /* where the VF is; NULL: there is none */
static void (*in_pause)(const struct tree *t); /* what a driver does while nfprobe waits */
static bool no_address;			       /* the address of every netdev is zero */

static int refused; /* what the driver answers to a bind and an unbind; 0: it takes them */
static void (*on_bind)(const struct tree *t); /* what it does then, and at an unbind */

/* In place of libc's. */
ssize_t write(int fd, const void *buf, size_t n)
{
	bool binds = n == strlen(VF_NAME) && memcmp(buf, VF_NAME, n) == 0;

	if (refused && binds) {
		errno = refused;
		return -1;
	}
	if (on_bind && binds)
		on_bind(unreal);
	return syscall(SYS_write, fd, buf, n);
}

/* In place of libc's. */
int poll(struct pollfd *fds, nfds_t num, int ms)
{
	struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
	void (*act)(const struct tree *t) = in_pause;

	if (num || !act)
		return (int)syscall(SYS_ppoll, fds, num, ms < 0 ? NULL : &pause, NULL, 0);
	in_pause = NULL;
	act(unreal);
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
		if (type == IFLA_ADDRESS && no_address)
			memset(mnl_attr_get_payload(attr), 0, NFP_MAC_LEN);
	}
}

/* In place of libc's. A netdev that is asked for alone has four VFs. */
ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n = syscall(SYS_recvmsg, fd, msg, flags);
	struct nlmsghdr *nlh = msg->msg_iov->iov_base;
	int left = (int)n;

	if (!unreal || n <= 0)
		return n;
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_type != RTM_NEWLINK)
			continue;
		disguise(nlh);
		if (nlh->nlmsg_len != (size_t)n)
			continue;
		mnl_attr_put_u32(nlh, IFLA_NUM_VF, 4);
		return (ssize_t)nlh->nlmsg_len;
	}
	return n;
}

/* Its driver is not bound, though its netdev is there; that is down. */
static struct nfp_vf_state make_unreal_vf(struct tree *t)
{
	struct nfp_vf_state vf = {.vf = 3,
				  .bus = "pci",
				  .parentdev = VF_NAME,
				  .driver = "nfpdrv",
				  .attr = NFP_VF_ATTR_UNKNOWN,
				  .have_netdev = true,
				  .ifname = "nfpvf0",
				  .address = own};

	tree_make(t);
	tree_dir(t, "run/nfprobe");
	tree_dir(t, DRIVER);
	tree_dir(t, VF_DIR "/net/nfpvf0");
	tree_link(t, "sys/class/net/nfpvf0/device", "../../../bus/pci/devices/" VF_NAME);
	assert_int_equal(
		run("ip link add nfpvf0 address 02:00:00:00:00:30 type veth peer name nfpvf1"), 0);
	unreal = t;
	return vf;
}

static void drop_unreal_vf(struct tree *t)
{
	unreal = NULL;
	tree_drop(t);
}

static struct nfp_restore_report undo_vf(struct place *p, const struct tree *t,
					 const struct nfp_journal_vf *entry)
{
	struct nfp_restore_report report = {.found = false};
	struct nfp_undo_ctx undo_ctx = {
		.apply = &p->apply, .journal = p->journal, .report = &report};

	p->apply.journal = NULL;
	p->apply.root = &t->root;
	nfp_undo_vf(&undo_ctx, entry);
	if (report.taken.n)
		fail_msg("%s", report.taken.v[0]);
	assert_true(report.left_behind.n > 0);
	assert_non_null(strstr(report.left_behind.v[0].text, "does not report it"));
	return report;
}

CASE(why_a_vf_is_not_as_it_was_is_told)
{
	struct nfp_restore_report report;
	struct nfp_journal_vf entry;
	struct tree t;

	NEED_ROOT(p);
	open_hands(p);
	entry = (struct nfp_journal_vf) {.before = make_unreal_vf(&t)};
	report = undo_vf(p, &t, &entry);
	assert_int_equal(report.failed.n, 2);
	assert_string_equal(report.failed.v[0], "VF 3 of nfpt0: its driver was nfpdrv and is none");
	assert_string_equal(report.failed.v[1],
			    "cannot bind " VF_NAME " to nfpdrv: No such file or directory");
	assert_int_equal(report.done.n, 0);
	nfp_restore_report_fini(&report);
	drop_unreal_vf(&t);
}

/* Its journal is of format 7: what that version would have put back is named, with a command. */
CASE(settings_of_an_older_format_are_named)
{
	static const char had[] = "VF 3 of nfpt0: its netdev nfpvf0 had %s before that run, which "
				  "this version of nfprobe neither compares nor puts back%s";
	static const char *const older[][4] = {
		{"ethtool -G", "256 0 0 512", "ethtool -G 256 0 0 512",
		 "; try: ethtool -G nfpvf0 rx 256 rx-mini 0 rx-jumbo 0 tx 512"},
		{"ethtool --set-priv-flags", "5", "ethtool --set-priv-flags 5", ""},
		{"group", "4", "group 4", "; try: ip link set dev nfpvf0 group 4"},
		{"/sys/class/net/*/threaded", "1", "/sys/class/net/nfpvf0/threaded 1",
		 "; try: echo 1 > /sys/class/net/nfpvf0/threaded"}};
	static const size_t num = sizeof(older) / sizeof(older[0]);
	struct nfp_restore_report report;
	struct nfp_journal_vf entry;
	struct nfp_link link;
	char text[512];
	struct tree t;

	NEED_ROOT(p);
	open_hands(p);
	entry = (struct nfp_journal_vf) {.before = make_unreal_vf(&t)};
	entry.settings[0] = json_pack("{s:s}", "mtu", "1400");
	for (size_t i = 0; i < num; i++)
		nfp_json_set_escaped(entry.settings[0], older[i][0], older[i][1]);
	tree_link(&t, VF_DIR "/driver", "../../drivers/nfpdrv");
	tree_file(&t, "sys/class/net/nfpvf0/threaded", "0\n");
	report = undo_vf(p, &t, &entry);
	assert_int_equal(report.failed.n, 0);
	assert_int_equal(report.left_behind.n, 1 + num);
	for (size_t i = 0; i < num; i++) {
		snprintf(text, sizeof(text), had, older[i][2], older[i][3]);
		assert_string_equal(said_hint(&report.left_behind.v[1 + i]), text);
	}
	assert_int_equal(nfp_link_by_name(p->apply.nl, "nfpvf0", &link, NULL), 0);
	assert_int_equal(link.mtu, 1400);
	assert_int_equal(
		nfp_sysfs_read(&t.root, text, sizeof(text), "/sys/class/net/nfpvf0/threaded"), 0);
	assert_string_equal(text, "0");
	nfp_restore_report_fini(&report);
	json_decref(entry.settings[0]);
	drop_unreal_vf(&t);
}

static int bind_vf(struct nfp_backend *backend, const struct tree *t, struct nfp_vf_state before,
		   struct nfp_err *err)
{
	backend->apply.root = &t->root;
	backend->vf.before = before;
	strcpy(backend->vf.driver, "nfpdrv");
	nfp_guard_begin(&backend->vf.guard, &before, false);
	return nfp_backend_ops.bind(backend, &own, err);
}

static void close_unreal(struct nfp_backend *backend, struct tree *t)
{
	struct nfp_hints left = {NULL, 0};
	struct nfp_strv warnings = {NULL, 0};

	backend->apply.root = nfp_sysroot_default();
	assert_int_equal(nfp_backend_close(backend, &left, &warnings, NULL), 0);
	nfp_hints_fini(&left);
	nfp_strv_fini(&warnings);
	drop_unreal_vf(t);
}

/* The netdev that is there is no sign of a driver that is bound. */
CASE(a_driver_that_cannot_be_bound)
{
	struct nfp_err err = {.code = NFP_E_NONE};
	struct nfp_backend *backend;
	struct tree t;

	NEED_ROOT(p);
	backend = open_live(p);
	assert_int_equal(bind_vf(backend, &t, make_unreal_vf(&t), &err), -ENOENT);
	assert_string_equal(err.message,
			    "cannot bind " VF_NAME " to nfpdrv: No such file or directory");
	assert_false(backend->vf.bound);
	close_unreal(backend, &t);
}

/* At once, since no more of this run may be written to the VF: its undo, that of another process,
 * and a journal of the VF alone must know. */
CASE(what_another_process_changed_is_written_down)
{
	const struct nfp_journal_vf *kept;
	struct nfp_journal_vf entry = {.done = false};
	struct nfp_backend *backend;
	struct nfp_guard *g;
	struct tree t;

	NEED_ROOT(p);
	backend = open_live(p);
	g = &backend->vf.guard;
	entry.before = make_unreal_vf(&t);
	assert_int_equal(nfp_journal_vf(backend->journal, &entry, NULL), 0);
	nfp_guard_begin(g, &entry.before, false);
	backend->apply.watch.guards[0] = g;
	g->foreign = NFP_VF_ATTR_BIT(NFP_VF_ATTR_TRUST);
	assert_int_equal(nfp_guard_check_attributes(&backend->apply, g, true, NULL), 0);
	kept = nfp_journal_find_vf(nfp_journal_data(backend->journal), 3);
	assert_non_null(kept);
	assert_int_equal(kept->foreign, g->foreign);
	backend->apply.watch.guards[0] = NULL;
	close_unreal(backend, &t);
}

/* A run whose VF has a driver that takes a bind, or answers with @refused. */
static struct nfp_backend *open_bindable(struct place *p, struct tree *t,
					 struct nfp_vf_state *ret_vf)
{
	struct nfp_backend *backend = open_live(p);

	*ret_vf = make_unreal_vf(t);
	tree_file(t, DRIVER "/bind", "");
	return backend;
}

/* mlx5: the firmware is silent: an answer, and no bind that may still take effect. */
CASE(a_driver_that_says_it_timed_out)
{
	struct nfp_err err = {.code = NFP_E_NONE};
	struct nfp_backend *backend;
	struct nfp_vf_state vf;
	struct tree t;

	NEED_ROOT(p);
	backend = open_bindable(p, &t, &vf);
	refused = ETIMEDOUT;
	assert_int_equal(bind_vf(backend, &t, vf, &err), -EIO);
	refused = 0;
	assert_string_equal(err.message, "cannot bind " VF_NAME " to nfpdrv: Connection timed out");
	assert_int_equal(err.errnum, ETIMEDOUT);
	assert_false(backend->vf.bound);
	assert_false(backend->vf.guard.driver_unsure);
	close_unreal(backend, &t);
}

/* A bind that was given up counts as made until the unbind says that there is no driver. */
CASE(a_bind_that_failed_after_it_was_given_up)
{
	struct nfp_backend *backend;
	struct nfp_vf_state vf;
	struct tree t;

	NEED_ROOT(p);
	backend = open_bindable(p, &t, &vf);
	tree_file(&t, DRIVER "/unbind", "");
	assert_int_equal(bind_vf(backend, &t, vf, NULL), 0);
	backend->apply.watch.guards[0] = NULL;
	refused = ENODEV;
	assert_int_equal(nfp_backend_unbind(backend, NULL), -ENODEV);
	assert_true(backend->vf.bound);
	backend->vf.guard.driver_unsure = true;
	assert_int_equal(nfp_backend_unbind(backend, NULL), 0);
	refused = 0;
	assert_false(backend->vf.bound);
	close_unreal(backend, &t);
}

static void give_address(const struct tree *t)
{
	(void)t;
	no_address = false;
}

/* A qede VF: the address comes in a pause, so that no pause means none. */
CASE(an_address_may_come_late)
{
	struct nfp_backend *backend;
	struct nfp_vf_state vf;
	struct tree t;

	NEED_ROOT(p);
	backend = open_bindable(p, &t, &vf);
	no_address = true;
	in_pause = give_address;
	assert_int_equal(bind_vf(backend, &t, vf, NULL), 0);
	assert_false(no_address);
	assert_true(nfp_mac_equal(&backend->vf.netdev.address, &own));
	close_unreal(backend, &t);
}

/* ---- another VF of the PF, without a driver ---- */

static void drive(const struct tree *t)
{
	char link[512];

	snprintf(link, sizeof(link), "%s/" VF_DIR "/driver", t->dir);
	if (faccessat(AT_FDCWD, link, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		tree_remove(t, VF_DIR "/driver");
		tree_remove(t, VF_DIR "/net/nfpvf0");
		tree_remove(t, VF_DIR "/net");
		(void)run("ip link del nfpvf1"); /* and with it its peer, wherever that is */
		return;
	}
	tree_link(t, VF_DIR "/driver", "../../drivers/nfpdrv");
	tree_dir(t, VF_DIR "/net/nfpvf0");
	(void)run("ip link add nfpvf0 address 02:00:00:00:00:30 type veth peer name nfpvf1 && "
		  "ip link set nfpvf1 up");
}

/* A run, and the PF's VF 3, which has no driver; VF 2 has nfpdrv. */
struct sleeper {
	struct nfp_vf_info vfs[4];
	struct nfp_pf pf;
	struct tree tree;
	struct nfp_backend *backend;
};

static void open_sleeper(struct place *p, struct sleeper *s)
{
	struct nfp_vf_state ignored;

	memset(s, 0, sizeof(*s));
	s->backend = open_bindable(p, &s->tree, &ignored);
	tree_file(&s->tree, DRIVER "/unbind", "");
	tree_remove(&s->tree, VF_DIR "/net/nfpvf0");
	tree_remove(&s->tree, VF_DIR "/net");
	assert_int_equal(run("ip link del nfpvf0"), 0);
	for (unsigned int i = 0; i < 4; i++)
		s->vfs[i].vf = i;
	strcpy(s->vfs[2].driver, "nfpdrv");
	strcpy(s->vfs[3].bus, "pci");
	strcpy(s->vfs[3].parentdev, VF_NAME);
	strcpy(s->vfs[3].devpath, "/" VF_DIR);
	s->pf = (struct nfp_pf) {.vfs = s->vfs, .num_vfs = 4};
	s->backend->config.pf = &s->pf;
	s->backend->apply.root = &s->tree.root;
}

static int prepare(struct sleeper *s, enum nfp_sibling as, struct nfp_netdev *ret_netdev,
		   struct nfp_err *err)
{
	struct nfp_mac mac;

	return nfp_backend_sibling(s->backend, as, 3, ret_netdev, &mac, err);
}

static void assert_asleep(const struct sleeper *s)
{
	const struct nfp_journal_data *data = nfp_journal_data(s->backend->journal);

	for (size_t i = 0; i < data->num_vfs; i++)
		assert_true(data->vfs[i].done);
	assert_false(nfp_sysfs_exists(&s->tree.root, "/" VF_DIR "/driver"));
	assert_null(s->backend->apply.watch.guards[1 + NFP_SIBLING_LIVES]);
}

CASE(another_vf_gets_a_driver_and_loses_it)
{
	static const char unbind[] = "echo " VF_NAME " > /sys/bus/pci/drivers/nfpdrv/unbind";
	struct nfp_err err = {.code = NFP_E_NONE};
	struct nfp_netdev netdev;
	struct sleeper s;

	NEED_ROOT(p);
	open_sleeper(p, &s);
	on_bind = drive;
	if (prepare(&s, NFP_SIBLING_LIVES, &netdev, &err))
		fail_msg("%s", err.message);
	assert_string_equal(netdev.ifname, NFP_OTHER_NETDEV);
	assert_false(nfp_journal_find_vf(nfp_journal_data(s.backend->journal), 3)->source);
	assert_int_equal(p->told.n, 3);
	assert_string_equal(p->told.v[0], "echo " VF_NAME " > /sys/bus/pci/drivers/nfpdrv/bind");
	assert_string_equal(p->told.v[1], "ip link set nfpvf0 netns nfprobe name nfpother");
	assert_string_equal(p->told.v[2], "ip -n nfprobe link set nfpother up");
	assert_int_equal(nfp_backend_release_sibling(s.backend, NFP_SIBLING_LIVES, &err), 0);
	assert_string_equal(p->told.v[p->told.n - 1], unbind);
	assert_asleep(&s);
	on_bind = NULL;
	close_unreal(s.backend, &s.tree);
}

CASE(another_vf_whose_driver_refuses_it)
{
	struct nfp_err err = {.code = NFP_E_NONE};
	struct nfp_netdev netdev;
	struct sleeper s;

	NEED_ROOT(p);
	open_sleeper(p, &s);
	refused = EIO;
	assert_int_equal(prepare(&s, NFP_SIBLING_LIVES, &netdev, &err), -EIO);
	refused = 0;
	assert_string_equal(err.message, "cannot bind " VF_NAME " to nfpdrv: Input/output error");
	assert_asleep(&s);
	/* No module fits. */
	s.vfs[2].driver[0] = '\0';
	assert_int_equal(prepare(&s, NFP_SIBLING_LIVES, &netdev, &err), -ENOENT);
	assert_string_equal(err.message, "no driver for the VF " VF_NAME " is loaded");
	assert_asleep(&s);
	close_unreal(s.backend, &s.tree);
}

CASE(another_vf_that_is_kept_for_a_tool)
{
	struct nfp_err err = {.code = NFP_E_NONE};
	struct nfp_netdev netdev;
	struct sleeper s;

	NEED_ROOT(p);
	open_sleeper(p, &s);
	/* A source and a standby's port have a driver of their own. */
	assert_int_equal(prepare(&s, NFP_SIBLING_SENDS, &netdev, &err), -ENODEV);
	assert_string_equal(err.message, "VF 3 cannot send test frames: it has no netdev (no "
					 "driver of this host is bound to it)");
	tree_file(&s.tree, VF_DIR "/driver_override", "vfio-pci\n");
	assert_int_equal(prepare(&s, NFP_SIBLING_LIVES, &netdev, &err), -ENODEV);
	assert_string_equal(err.message, "VF 3 cannot stand for another guest's VF: its "
					 "driver_override keeps it for vfio-pci");
	assert_int_equal(p->told.n, 0);
	assert_asleep(&s);
	close_unreal(s.backend, &s.tree);
}

TEST_MAIN()
