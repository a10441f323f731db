// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes to a PF are undone: the entries that we made go, and nobody else's. Changes to a VF,
 * whose device is a folder here, are made or refused, and what they do may come late. */
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "said.h"
#include "vf_place.h"

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

/* A VLAN is registered by two netdevs: without the second, the first goes as well. */
CASE(registration_that_is_half_made)
{
	struct nfp_change add = {.kind = NFP_CHANGE_REGISTER, .value = 1, .vlan = {9, 0, 0x8100}};
	struct nfp_apply *h = &p->apply;
	struct nfp_link link;
	int other;

	NEED_ROOT(p);
	open_hands(p);
	/* Its name is taken. */
	assert_int_equal(nfp_rt_add_macvlan(h->nl, &h->pf, NFP_REGISTER_VLAN, NULL, h->nl_private,
					    h->netns_fd, &other, NULL),
			 0);
	assert_true(nfp_apply_change(h, &add, NULL) < 0);
	assert_int_equal(nfp_link_by_name(h->nl_private, NFP_REGISTER_CHILD, &link, NULL), -ENODEV);
	assert_int_equal(nfp_link_by_name(h->nl_private, NFP_REGISTER_VLAN, &link, NULL), 0);
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

/* ---- a VF ---- */

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

TEST_MAIN()
