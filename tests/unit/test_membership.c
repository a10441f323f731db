// SPDX-License-Identifier: GPL-2.0-or-later
/* How the PF and the VF's netdev get multicast, as the kernel reports it, and that this ends with
 * the process. */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/if_packet.h>

#include "harness.h"
#include "restore_place.h"

static const struct nfp_mac GROUP = {{0x33, 0x33, 0xff, 0xab, 0xcd, 0xef}};

/* The kernel's report on a netdev of this namespace. */
struct listens {
	unsigned int promisc, allmulti, group;
};

static unsigned int number_after(const char *text, const char *word)
{
	const char *at = strstr(text, word);

	assert_non_null(at);
	return (unsigned int)strtoul(at + strlen(word), NULL, 10);
}

static struct listens listens(const char *netns, const char *ifname)
{
	struct listens now = {0};
	char command[160], text[4096];
	FILE *out;

	snprintf(command, sizeof(command), "%s ip -d link show %s; %s ip maddr show %s", netns,
		 ifname, netns, ifname);
	out = popen(command, "r");
	assert_non_null(out);
	text[fread(text, 1, sizeof(text) - 1, out)] = '\0';
	assert_int_equal(pclose(out), 0);
	now.promisc = number_after(text, "promiscuity ");
	now.allmulti = number_after(text, "allmulti ");
	now.group = strstr(text, "33:33:ff:ab:cd:ef") ? 1 : 0;
	return now;
}

static void expect(struct listens now, unsigned int promisc, unsigned int allmulti,
		   unsigned int group)
{
	assert_int_equal(now.promisc, promisc);
	assert_int_equal(now.allmulti, allmulti);
	assert_int_equal(now.group, group);
}

static struct listens pf(void)
{
	return listens("", "nfpt0");
}

struct run {
	struct place place;
	struct nfp_backend *backend;
	struct nfp_pf pf;
};

/* On the PF, which is a port of @master_kind. */
static void open_run(struct run *r, const char *master_kind)
{
	r->backend = open_live(&r->place);
	if (!r->backend)
		skip(); /* without root */
	snprintf(r->pf.info.master_kind, sizeof(r->pf.info.master_kind), "%s", master_kind);
	r->backend->config.pf = &r->pf;
}

static void make_run(struct run *r)
{
	make_place(&r->place);
}

static void unmake_run(struct run *r)
{
	if (r->backend) {
		nfp_strv_fini(&r->backend->warnings);
		nfp_journal_free(r->backend->journal);
		nfp_apply_close(&r->backend->apply);
		free(r->backend);
	}
	remove_place(&r->place);
}

static void begin_to_watch(struct run *r)
{
	assert_int_equal(nfp_backend_pf_read(r->backend, &r->backend->pf_expect, NULL), 0);
}

/* The run's own change is no change by another process. */
static void expect_no_change(struct run *r)
{
	struct nfp_external_changes changes = {.changed = false};
	struct nfp_pf_now now;

	assert_int_equal(nfp_backend_pf_read(r->backend, &now, NULL), 0);
	nfp_backend_compare_pf(r->backend, &now, &changes);
	assert_false(changes.changed);
}

static void hold(struct run *r, enum nfp_style style, const struct nfp_mac *group)
{
	begin_to_watch(r);
	assert_int_equal(nfp_backend_add_standby(r->backend, style, &X, group, NULL), 0);
	expect_no_change(r);
}

#define CASE(name) TEST_OF(name, make_run, unmake_run, struct run, r)

/* A veth has no unicast filter: an address in its list makes it promiscuous, too. */
CASE(standby_of_each_style)
{
	open_run(r, "");
	hold(r, NFP_STYLE_MACVTAP, &GROUP);
	expect(pf(), 1, 0, 1);
	hold(r, NFP_STYLE_BRIDGE, &GROUP);
	expect(pf(), 1, 1, 0);
	hold(r, NFP_STYLE_MACVTAP, NULL);
	expect(pf(), 1, 0, 0);
	hold(r, NFP_STYLE_BRIDGE, NULL);
	expect(pf(), 1, 0, 0);
	assert_false(has_x(&r->place, NFP_RT_FDB_SELF));
	hold(r, NFP_STYLE_BRIDGE_FDB, &GROUP);
	expect(pf(), 2, 1, 0);
	assert_true(has_x(&r->place, NFP_RT_FDB_SELF));
	hold(r, NFP_STYLE_STATIC_BRIDGE, &GROUP);
	expect(pf(), 1, 1, 0);
	assert_true(has_x(&r->place, NFP_RT_FDB_SELF));
	assert_int_equal(nfp_backend_remove_standby(r->backend, NULL), 0);
	expect(pf(), 0, 0, 0);
}

/* A veth has no unicast filter, so that nothing would be seen of the PF's. */
CASE(another_own_address_that_hides_the_filter)
{
	struct nfp_err err = {0};

	open_run(r, "bond");
	assert_int_equal(nfp_backend_own(r->backend, true, NULL), 0); /* none */
	r->backend->config.own = X;
	assert_int_equal(nfp_backend_own(r->backend, true, &err), -EBUSY);
	assert_int_equal(err.code, NFP_E_PF_ENSLAVED);
	assert_false(has_x(&r->place, NFP_RT_FDB_SELF));
	expect(pf(), 0, 0, 0);
}

static bool has_spare(void)
{
	return run("bridge fdb show dev nfpt0 | grep -q 06:00:00:00:00:02") == 0;
}

/* An unrelated address comes and goes, as in vf-first-rewritten, beside all that a standby holds.
 */
CASE(another_address_beside_each_style)
{
	static const struct nfp_mac spare = {{0x06, 0, 0, 0, 0, 0x02}};
	const size_t room = sizeof(((struct nfp_backend *)0)->held) / sizeof(struct nfp_change);
	size_t most = 0;

	open_run(r, "");
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		size_t before;

		if (nfp_styles[style].second_vf || nfp_styles[style].pinned)
			continue;
		hold(r, style, &GROUP);
		before = r->backend->num_held;
		assert_int_equal(nfp_backend_entry(r->backend, &spare, NULL), 0);
		assert_int_equal(r->backend->num_held, before + 1);
		assert_in_range(r->backend->num_held, 1, room);
		assert_true(has_spare());
		expect_no_change(r);
		assert_int_equal(nfp_backend_entry(r->backend, NULL, NULL), 0);
		assert_int_equal(r->backend->num_held, before);
		assert_false(has_spare());
		expect_no_change(r);
		most = before + 1 > most ? before + 1 : most;
	}
	assert_int_equal(most, room);
	assert_int_equal(nfp_backend_remove_standby(r->backend, NULL), 0);
	expect(pf(), 0, 0, 0);
}

CASE(port_of_open_vswitch)
{
	open_run(r, "openvswitch");
	hold(r, NFP_STYLE_BRIDGE, &GROUP);
	expect(pf(), 1, 0, 0);
	hold(r, NFP_STYLE_MACVTAP, &GROUP);
	expect(pf(), 1, 0, 1);
	assert_int_equal(nfp_backend_remove_standby(r->backend, NULL), 0);
}

/* In place of libc's: while this is set, no group can be joined. */
static bool keeps_groups_out;

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	const struct packet_mreq *mreq = value;

	if (keeps_groups_out && level == SOL_PACKET && mreq->mr_type == PACKET_MR_MULTICAST) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_setsockopt, fd, level, name, value, len);
}

/* A guest's macvtap has come up with the same address: it must not go deaf, and the step in which
 * the PF was to be without it does not count. */
CASE(an_address_that_another_process_has_too)
{
	struct nfp_external_changes changes;

	open_run(r, "");
	for (int shared = 0; shared < 2; shared++) {
		hold(r, NFP_STYLE_MACVTAP, NULL);
		if (shared)
			assert_int_equal(run("ip link add link nfpt0 name nfpguest address "
					     "06:00:00:00:00:01 type macvlan && ip link set "
					     "nfpguest up"),
					 0);
		begin_to_watch(r);
		assert_int_equal(nfp_backend_remove_standby(r->backend, NULL), 0);
		assert_int_equal(has_x(&r->place, NFP_RT_FDB_SELF), shared);
		assert_int_equal(nfp_backend_external_changes(r->backend, &changes, NULL), 0);
		assert_int_equal(changes.changed, shared);
	}
	assert_string_equal(changes.change,
			    "another process has added 06:00:00:00:00:01 to the unicast filter of "
			    "nfpt0 as well (a macvtap, say)");
	assert_false(changes.lasts);
	assert_int_equal(nfp_backend_external_changes(r->backend, &changes, NULL), 0);
	assert_false(changes.changed);
}

/* A standby that cannot join keeps neither the address nor a membership. */
CASE(a_group_that_cannot_be_joined)
{
	struct nfp_err err = {0};

	open_run(r, "");
	begin_to_watch(r);
	/* The kernel takes no longer address than the netdev's, and refuses what is none. */
	keeps_groups_out = true;
	assert_int_equal(nfp_backend_add_standby(r->backend, NFP_STYLE_MACVTAP, &X, &GROUP, &err),
			 -EINVAL);
	keeps_groups_out = false;
	assert_string_equal(err.message,
			    "cannot join 33:33:ff:ab:cd:ef on nfpt0: Invalid argument");
	assert_int_equal(r->backend->num_held, 0);
	assert_false(has_x(&r->place, NFP_RT_FDB_SELF));
	expect_no_change(r);
}

/* It goes with the process, and the next ladder has another address. */
CASE(a_standby_that_stays_stops_no_other)
{
	struct nfp_err err = {0};
	int fd;

	open_run(r, "");
	hold(r, NFP_STYLE_MACVTAP, NULL);
	/* A closed descriptor, as after a failure of the kernel. */
	fd = r->backend->apply.membership_fd[false];
	r->backend->apply.membership_fd[false] = 1 << 20;
	assert_int_equal(nfp_backend_reset_vf(r->backend, &err), 0);
	r->backend->apply.membership_fd[false] = -1;
	assert_int_equal(r->backend->warnings.n, 2);
	assert_string_equal(r->backend->warnings.v[1],
			    "cannot remove 06:00:00:00:00:01 on nfpt0: Bad file descriptor");
	hold(r, NFP_STYLE_BRIDGE, NULL);
	close(fd);
	expect(pf(), 1, 0, 0);
}

/* nfpt1 plays the VF's netdev. */
CASE(vf_joins_before_it_is_up)
{
	const struct nfp_host_ops *ops = &nfp_backend_ops;
	struct nfp_netdev netdev;
	struct nfp_link link;
	char netns[64];

	open_run(r, "");
	snprintf(netns, sizeof(netns), "nsenter --net=/proc/%d/fd/%d", (int)getpid(),
		 r->backend->apply.netns_fd);
	assert_int_equal(nfp_link_by_name(r->place.nl, "nfpt1", &link, NULL), 0);
	r->backend->vf.bound = true;
	for (int round = 0; round < 2; round++) {
		struct nfp_change in = nfp_change_of_link(NFP_CHANGE_NETNS_IN, 0, link.ifindex,
							  "nfpt1", NFP_VF_NETDEV);
		struct nfp_change out = nfp_change_of_link(NFP_CHANGE_NETNS_OUT, 0, 0,
							   NFP_VF_NETDEV, "nfpt1");

		assert_int_equal(nfp_apply_change(&r->backend->apply, &in, NULL), 0);
		assert_int_equal(nfp_link_by_name(r->backend->apply.nl_private, NFP_VF_NETDEV,
						  &r->backend->vf.netdev, NULL),
				 0);
		assert_int_equal(ops->up(r->backend, &GROUP, &netdev, NULL), 0);
		expect(listens(netns, NFP_VF_NETDEV), 0, 0, 1);
		assert_string_equal(r->place.told.v[1], "ip -n nfprobe maddr add 33:33:ff:ab:cd:ef "
							"dev " NFP_VF_NETDEV);
		assert_string_equal(r->place.told.v[2],
				    "ip -n nfprobe link set " NFP_VF_NETDEV " up");
		/* Twice is once. */
		assert_int_equal(ops->up(r->backend, &GROUP, &netdev, NULL), 0);
		assert_int_equal(ops->down(r->backend, NULL), 0);
		expect(listens(netns, NFP_VF_NETDEV), 0, 0, 0);
		assert_int_equal(ops->up(r->backend, NULL, &netdev, NULL), 0);
		expect(listens(netns, NFP_VF_NETDEV), 0, 0, 0);
		assert_int_equal(ops->down(r->backend, NULL), 0);
		assert_int_equal(ops->up(r->backend, &GROUP, &netdev, NULL), 0);
		/* The netdev goes, as when its driver is unbound, and so does the membership. */
		out.ifindex = r->backend->vf.netdev.ifindex;
		assert_int_equal(nfp_apply_change(&r->backend->apply, &out, NULL), 0);
		expect(listens("", "nfpt1"), 0, 0, 0);
		r->backend->vf.joined = false;
	}
}

static void __attribute__((noreturn))
hold_until_killed(struct run *r, enum nfp_style style, int ready)
{
	open_run(r, "");
	if (!nfp_backend_add_standby(r->backend, style, &X, &GROUP, NULL) &&
	    write(ready, "", 1) == 1)
		for (;;)
			(void)pause();
	_exit(1);
}

CASE(ends_with_the_process)
{
	struct place *place = &r->place;

	NEED_ROOT(place);
	/* A second VF takes a backend that has one. */
	for (enum nfp_style style = 0; style < NFP_STYLE_VF_BRIDGE; style++) {
		bool macvtap = style == NFP_STYLE_MACVTAP, entry = nfp_styles[style].entry;
		bool promiscuous = nfp_styles[style].promiscuous;
		int fds[2], status;
		pid_t pid;
		char c;

		assert_int_equal(pipe(fds), 0);
		pid = fork();
		if (pid == 0)
			hold_until_killed(r, style, fds[1]);
		assert_true(pid > 0);
		close(fds[1]);
		assert_int_equal(read(fds[0], &c, 1), 1);
		close(fds[0]);
		expect(pf(), promiscuous && entry ? 2 : 1, !macvtap, macvtap);
		assert_int_equal(has_x(place, NFP_RT_FDB_SELF), entry);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		expect(pf(), 0, 0, 0);
		assert_false(has_x(place, NFP_RT_FDB_SELF));
		/* The next one makes its own. */
		assert_int_equal(unlinkat(place->fd, PARENT ".journal", 0), 0);
	}
}

TEST_MAIN()
