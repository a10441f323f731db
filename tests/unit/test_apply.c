// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes to a PF are undone: the entries that we made go, and nobody else's. */
#include <string.h>
#include <sys/stat.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "restore_place.h"

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
		"ip -n nfprobe link del nfpvlan",
	};
	struct nfp_change changes[] = {
		change_x(NFP_CHANGE_UNICAST, p),
		change_x(NFP_CHANGE_PORT_FDB_ADD, p),
		{.kind = NFP_CHANGE_VLAN, .value = 1, .vlan = {9, 0, 0x8100}},
		{.kind = NFP_CHANGE_PROMISC, .value = 1},
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
	assert_string_equal(report.left_behind.v[0],
			    "06:00:00:00:00:01 may still be in the FDB of the bridge of nfpt0: "
			    "cannot delete 06:00:00:00:00:01 from the FDB of the bridge of nfpt0: "
			    "Invalid argument; try `bridge fdb del 06:00:00:00:00:01 dev nfpt0 "
			    "master`");
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
	struct nfp_strv left = {NULL, 0}, warnings = {NULL, 0};
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
	assert_non_null(
		strstr(left.v[0], "; try `bridge fdb del 06:00:00:00:00:01 dev nfpt0 master`"));
	assert_int_equal(warnings.n, 0);
	assert_false(exists(p, PARENT ".journal"));
	nfp_strv_fini(&left);
	nfp_strv_fini(&warnings);
}

/* The PF does not let X go, which it will with this process; the bridge must. */
CASE(bridge_is_put_back_though_the_pf_is_not)
{
	struct nfp_backend *backend;
	struct nfp_strv left = {NULL, 0}, warnings = {NULL, 0};
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
	nfp_strv_fini(&left);
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

TEST_MAIN()
