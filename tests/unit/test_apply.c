// SPDX-License-Identifier: GPL-2.0-or-later
/* What is changed of a PF goes again: entries that we made, and none of others'. */
#include <string.h>
#include <sys/stat.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "restore_place.h"

static struct nfp_restore_report undo_fdb(struct place *p)
{
	struct nfp_restore_report report = {.found = false};
	struct nfp_undo_ctx undo_ctx = {.apply = &p->apply,
					.data = nfp_journal_data(p->journal),
					.pf_ifname = "nfpt0",
					.report = &report};

	p->apply.journal = NULL;
	nfp_undo_fdb(&undo_ctx, -1);
	return report;
}

/* X is in the PF's filter, or in its bridge's table, and in the journal. */
static void make_entry(struct place *p, enum nfp_change_kind kind)
{
	struct nfp_change c = fdb(kind, p);

	assert_int_equal(nfp_apply_change(&p->apply, &c, NULL), 0);
}

static void entry_of_ours_goes(void **state)
{
	struct place *p = *state;
	struct nfp_restore_report report;

	NEED_ROOT(p);
	open_hands(p);
	make_entry(p, NFP_CHANGE_FDB_ADD);
	assert_int_equal(nfp_journal_data(p->journal)->num_changes, 1);
	assert_string_equal(p->told.v[0],
			    "bridge fdb add 06:00:00:00:00:01 dev nfpt0 self permanent");
	report = undo_fdb(p);
	assert_int_equal(report.failed.n, 0);
	assert_false(in_fdb(p));
	nfp_restore_report_fini(&report);
}

/* It is told, and goes on as if it had been made, but neither is it made nor is there a file. */
static void dry_run_makes_nothing(void **state)
{
	static const char *const commands[] = {
		"bridge fdb add 06:00:00:00:00:01 dev nfpt0 self permanent",
		"ip link add link nfpt0 name nfpvlan netns nfprobe type vlan proto 802.1Q id 9",
		"ip link set nfpt0 promisc on",
		"ip -n nfprobe link del nfpvlan",
	};
	struct place *p = *state;
	struct nfp_change changes[] = {
		fdb(NFP_CHANGE_FDB_ADD, p),
		{.kind = NFP_CHANGE_VLAN_ADD, .vlan = {9, 0, 0x8100}},
		{.kind = NFP_CHANGE_PROMISC_ON},
		{.kind = NFP_CHANGE_VLAN_DEL},
	};
	struct nfp_journal_head head = {.parentdev = PARENT, .ifname = "nfpt0"};
	struct nfp_rt_dev dev = {p->pf.ifindex, "nfpt0"};
	struct nfp_change_log log = {tell, &p->told};
	struct nfp_link link;

	NEED_ROOT(p);
	assert_int_equal(nfp_journal_create(-1, &head, &p->journal, NULL), 0);
	assert_int_equal(nfp_apply_open(&p->apply, nfp_sysroot_default(), &dev, &log, NULL), 0);
	p->apply.journal = p->journal;
	p->apply.dry = true;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		assert_int_equal(nfp_apply_change_retry(&p->apply, &changes[i], NULL), 0);
		assert_string_equal(p->told.v[i], commands[i]);
	}
	assert_int_equal(nfp_journal_data(p->journal)->num_changes, 1);
	assert_false(in_fdb(p));
	assert_int_equal(nfp_link_by_name(p->nl, "nfpt0", &link, NULL), 0);
	assert_int_equal(link.promiscuity, 0);
	assert_int_equal(p->apply.membership_fd[false], -1);
	assert_int_equal(rmdir(p->dir), 0);
	assert_int_equal(mkdir(p->dir, 0700), 0);
}

/* Refused because it is there already: then it is somebody else's, and stays. */
static void entry_of_others_stays(void **state)
{
	struct place *p = *state;
	struct nfp_rt_dev dev;
	struct nfp_change c;
	struct nfp_restore_report report;

	NEED_ROOT(p);
	open_hands(p);
	dev = (struct nfp_rt_dev) {p->pf.ifindex, "nfpt0"};
	assert_int_equal(nfp_rt_fdb_set(p->nl, &dev, NFP_RT_FDB_SELF, &X, true, NULL), 0);
	c = fdb(NFP_CHANGE_FDB_ADD, p);
	assert_int_equal(nfp_apply_change(&p->apply, &c, NULL), -EEXIST);
	assert_int_equal(nfp_journal_data(p->journal)->num_changes, 0);
	report = undo_fdb(p);
	assert_true(in_fdb(p));
	nfp_restore_report_fini(&report);
}

/* A guest's macvtap has come up with the same address since: it must not go deaf. */
static void address_that_somebody_shares_stays(void **state)
{
	struct place *p = *state;
	struct nfp_restore_report report;

	NEED_ROOT(p);
	open_hands(p);
	make_entry(p, NFP_CHANGE_FDB_ADD);
	assert_int_equal(run("ip link add link nfpt0 name nfpguest address 06:00:00:00:00:01 type "
			     "macvlan && ip link set nfpguest up"),
			 0);
	report = undo_fdb(p);
	assert_int_equal(report.failed.n, 0);
	assert_int_equal(report.others.n, 1);
	assert_non_null(strstr(report.others.v[0], "another process has added it as well"));
	assert_true(in_fdb(p));
	nfp_restore_report_fini(&report);
}

/* Of libmnl: the filter of a netdev gives up what is NUD_PERMANENT only (ndo_dflt_fdb_del). */
static bool keeps_entries;

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req, size_t size)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct nfp_nl_msg copy;
	struct ndmsg *nd;

	assert_true(size <= sizeof(copy));
	memcpy(&copy, req, size);
	nd = mnl_nlmsg_get_payload(&copy.head);
	if (keeps_entries && copy.head.nlmsg_type == RTM_DELNEIGH && nd->ndm_flags & NTF_SELF)
		nd->ndm_state = 0;
	return sendto(mnl_socket_get_fd(nl), &copy, size, 0, (const struct sockaddr *)&kernel,
		      sizeof(kernel));
}

/* A refusal is no sign that there is nothing left. */
static void entry_that_the_driver_keeps_is_told(void **state)
{
	struct place *p = *state;
	struct nfp_restore_report report;

	NEED_ROOT(p);
	open_hands(p);
	make_entry(p, NFP_CHANGE_FDB_ADD);
	keeps_entries = true;
	report = undo_fdb(p);
	keeps_entries = false;
	assert_int_equal(report.failed.n, 1);
	assert_non_null(strstr(report.failed.v[0], "06:00:00:00:00:01 may still be in the FDB"));
	assert_true(in_fdb(p));
	nfp_restore_report_fini(&report);
	/* Refused as well, and nothing is there. */
	keeps_entries = true;
	report = undo_fdb(p);
	keeps_entries = false;
	assert_int_equal(report.failed.n + report.others.n, 0);
	nfp_restore_report_fini(&report);
}

/* An entry of the bridge goes; what the bridge has learned is none. */
static void entry_of_the_bridge_goes(void **state)
{
	struct place *p = *state;
	struct nfp_restore_report report;

	NEED_ROOT(p);
	open_hands(p);
	assert_int_equal(run("ip link add nfpbr type bridge && ip link set nfpt0 master nfpbr && "
			     "ip link set nfpbr up"),
			 0);
	make_entry(p, NFP_CHANGE_PORT_FDB_ADD);
	assert_int_equal(run("bridge fdb show dev nfpt0 | grep -q '^06:00:00:00:00:01 master'"), 0);
	report = undo_fdb(p);
	assert_int_equal(report.failed.n + report.others.n, 0);
	assert_int_not_equal(run("bridge fdb show dev nfpt0 | grep -q ^06:00:00:00:00:01"), 0);
	nfp_restore_report_fini(&report);
}

/* The PF keeps X, but the bridge must not. */
static void bridge_is_put_back_though_the_pf_is_not(void **state)
{
	struct nfp_backend *backend;
	struct nfp_strv left = {NULL, 0}, warnings = {NULL, 0};
	struct nfp_err err = {.code = NFP_E_NONE};
	struct place *p = *state;
	struct nfp_change c;
	int ret;

	NEED_ROOT(p);
	backend = open_live(p);
	assert_int_equal(run("ip link add nfpbr type bridge && ip link set nfpt0 master nfpbr && "
			     "ip link set nfpbr up"),
			 0);
	c = fdb(NFP_CHANGE_PORT_FDB_ADD, p);
	assert_int_equal(nfp_apply_change(&backend->apply, &c, NULL), 0);
	backend->held_change = fdb(NFP_CHANGE_FDB_ADD, p);
	backend->held_change.of_vf = true;
	backend->held = true;
	assert_int_equal(nfp_apply_change(&backend->apply, &backend->held_change, NULL), 0);
	keeps_entries = true;
	ret = nfp_backend_close(backend, &left, &warnings, &err);
	keeps_entries = false;
	assert_int_equal(ret, -EINVAL);
	assert_int_equal(err.code, NFP_E_RESTORE);
	assert_int_not_equal(run("bridge fdb show dev nfpt0 | grep -q '^06:00:00:00:00:01 master'"),
			     0);
	assert_true(in_fdb(p));
	assert_int_equal(faccessat(p->fd, PARENT ".journal", F_OK, 0), 0);
	nfp_strv_fini(&left);
	nfp_strv_fini(&warnings);
}

static unsigned int promiscuity(const struct place *p)
{
	struct nfp_link link;

	assert_int_equal(nfp_link_by_ifindex(p->nl, p->pf.ifindex, &link, NULL), 0);
	return link.promiscuity;
}

static void promiscuous_as_long_as_held(void **state)
{
	struct place *p = *state;
	struct nfp_change on = {.kind = NFP_CHANGE_PROMISC_ON};
	struct nfp_change off = {.kind = NFP_CHANGE_PROMISC_OFF};

	NEED_ROOT(p);
	open_hands(p);
	assert_int_equal(promiscuity(p), 0);
	assert_int_equal(nfp_apply_change(&p->apply, &on, NULL), 0);
	assert_int_equal(promiscuity(p), 1);
	assert_int_equal(nfp_apply_change(&p->apply, &off, NULL), 0);
	assert_int_equal(promiscuity(p), 0);
	assert_int_equal(nfp_apply_change(&p->apply, &on, NULL), 0);
	nfp_apply_close(&p->apply);
	assert_int_equal(promiscuity(p), 0);
	/* It dies with us, so the journal need not know. */
	assert_int_equal(nfp_journal_data(p->journal)->num_changes, 0);
}

static void macvlan_in_the_private_namespace(void **state)
{
	struct place *p = *state;
	struct nfp_change add = {.kind = NFP_CHANGE_MACVLAN_ADD, .mac = X};
	struct nfp_change del = {.kind = NFP_CHANGE_MACVLAN_DEL};
	struct nfp_link link;

	NEED_ROOT(p);
	open_hands(p);
	assert_int_equal(nfp_apply_change(&p->apply, &add, NULL), 0);
	assert_int_equal(nfp_link_by_name(p->nl, NFP_MACVLAN_CHILD, &link, NULL), -ENODEV);
	assert_int_equal(nfp_link_by_name(p->apply.nl_private, NFP_MACVLAN_CHILD, &link, NULL), 0);
	assert_true(nfp_mac_equal(&link.address, &X));
	assert_true(link.flags & 1); /* IFF_UP */
	assert_true(in_fdb(p)); /* the PF's filter has it: here by a second, shared reference */
	assert_int_equal(nfp_apply_change(&p->apply, &del, NULL), 0);
	assert_int_equal(nfp_link_by_name(p->apply.nl_private, NFP_MACVLAN_CHILD, &link, NULL),
			 -ENODEV);
}

static void netdev_in_and_out(void **state)
{
	struct place *p = *state;
	struct nfp_change in = {.kind = NFP_CHANGE_NETNS_IN, .ifname = "nfpt0", .name = "nfpvf"};
	struct nfp_change out = {.kind = NFP_CHANGE_NETNS_OUT, .ifname = "nfpvf"};
	struct nfp_link link;

	NEED_ROOT(p);
	open_hands(p);
	in.ifindex = p->pf.ifindex;
	assert_int_equal(nfp_apply_change(&p->apply, &in, NULL), 0);
	assert_int_equal(nfp_link_by_name(p->nl, "nfpt0", &link, NULL), -ENODEV);
	assert_int_equal(nfp_link_by_name(p->apply.nl_private, "nfpvf", &link, NULL), 0);
	assert_false(link.flags & 1); /* it goes in down */
	out.ifindex = link.ifindex;
	assert_int_equal(nfp_apply_change(&p->apply, &out, NULL), 0);
	assert_int_equal(nfp_link_by_name(p->nl, "nfpvf", &link, NULL), 0);
	assert_int_equal(run("ip link set nfpvf name nfpt0"), 0);
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)
	const struct CMUnitTest tests[] = {
		IN_PLACE(dry_run_makes_nothing),
		IN_PLACE(entry_of_ours_goes),
		IN_PLACE(entry_of_others_stays),
		IN_PLACE(address_that_somebody_shares_stays),
		IN_PLACE(entry_that_the_driver_keeps_is_told),
		IN_PLACE(entry_of_the_bridge_goes),
		IN_PLACE(bridge_is_put_back_though_the_pf_is_not),
		IN_PLACE(promiscuous_as_long_as_held),
		IN_PLACE(macvlan_in_the_private_namespace),
		IN_PLACE(netdev_in_and_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
