// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Restoring from the journal alone, in a network namespace with a veth that plays the PF: entries
 * that we made go, others stay; what is damaged, gone or stale is said.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "../../src/host/hands.h"
#include "../../src/host/live_priv.h"
#include "../../src/host/lock_priv.h"
#include "../../src/host/restore.h"
#include "journal_samples.h"
#include "nfprobe/links.h"

static const struct nfp_mac X = {{0x06, 0, 0, 0, 0, 1}};

struct place {
	char dir[64];
	int fd;
	struct nfp_link pf;
	struct nfp_nl *nl;
	struct nfp_hands hands;
	struct nfp_journal *journal;
	struct nfp_strv told;
};

static void tell(void *ctx, const char *command)
{
	assert_int_equal(nfp_strv_addf(ctx, "%s", command), 0);
}

static int run(const char *command)
{
	return system(command);
}

static int make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	*state = p;
	if (!p || geteuid() != 0)
		return p ? 0 : -1;
	snprintf(p->dir, sizeof(p->dir), "/tmp/nfprobe-restore-XXXXXX");
	if (unshare(CLONE_NEWNET) || !mkdtemp(p->dir) ||
	    run("ip link add nfpt0 address 02:00:00:00:00:10 type veth peer name nfpt1 && "
		"ip link set nfpt0 up && ip link set nfpt1 up"))
		return -1;
	p->fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return nfp_nl_open(NETLINK_ROUTE, -1, &p->nl, NULL) ||
	       nfp_link_by_name(p->nl, "nfpt0", &p->pf, NULL);
}

static int remove_place(void **state)
{
	struct place *p = *state;
	char command[128];
	int ret = 0;

	if (p->dir[0]) {
		nfp_journal_free(p->journal);
		nfp_hands_close(&p->hands);
		nfp_nl_close(p->nl);
		nfp_strv_fini(&p->told);
		close(p->fd);
		snprintf(command, sizeof(command), "rm -rf '%s'; ip link del nfpt0", p->dir);
		ret = run(command);
	}
	free(p);
	return ret;
}

/* Changes need the real kernel, and the right to make them. */
#define NEED_ROOT(p)              \
	do {                      \
		if (!(p)->dir[0]) \
			skip();   \
	} while (0)

static void open_hands(struct place *p)
{
	struct nfp_rt_dev dev = {p->pf.ifindex, "nfpt0"};
	struct nfp_change_log log = {tell, &p->told};
	struct nfp_journal_head head = {.version = "0",
					.pid = 1,
					.bus = "pci",
					.parentdev = PARENT,
					.ifname = "nfpt0",
					.ifindex = p->pf.ifindex,
					.addresses = &X,
					.num_addresses = 1};

	assert_int_equal(nfp_boot_id(head.boot, NULL), 0);
	assert_int_equal(nfp_journal_create(p->fd, &head, &p->journal, NULL), 0);
	assert_int_equal(nfp_hands_open(&p->hands, &dev, &log, NULL), 0);
	assert_int_equal(nfp_hands_private(&p->hands, NULL), 0);
	p->hands.journal = p->journal;
}

static struct nfp_change fdb(enum nfp_change_kind kind, const struct place *p)
{
	struct nfp_change c = {.kind = kind, .mac = X, .ifindex = p->pf.ifindex};

	snprintf(c.ifname, sizeof(c.ifname), "nfpt0");
	return c;
}

static struct nfp_restore_report undo_fdb(struct place *p)
{
	struct nfp_restore_report report = {.found = false};
	struct nfp_undoer undoer = {.hands = &p->hands,
				    .data = nfp_journal_data(p->journal),
				    .pf_ifname = "nfpt0",
				    .report = &report};

	p->hands.journal = NULL;
	assert_int_equal(nfp_undo_fdb(&undoer, -1, NULL), 0);
	return report;
}

static bool in_fdb(const struct place *p)
{
	struct nfp_rt_dev dev = {p->pf.ifindex, "nfpt0"};
	int ret = nfp_rt_fdb_del(p->nl, &dev, NFP_RT_FDB_SELF, &X, NULL);

	assert_true(ret == 0 || ret == -ENOENT);
	return ret == 0;
}

/* As if the disk were full: no file can be written to. */
static void fill_disk(bool full)
{
	static const struct rlimit none = {0, RLIM_INFINITY}, all = {RLIM_INFINITY, RLIM_INFINITY};

	signal(SIGXFSZ, full ? SIG_IGN : SIG_DFL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, full ? &none : &all), 0);
}

static void what_cannot_be_written_down_is_not_done(void **state)
{
	struct place *p = *state;
	struct nfp_change c;
	int made, insisted;

	NEED_ROOT(p);
	open_hands(p);
	c = fdb(NFP_CHANGE_FDB_ADD, p);
	fill_disk(true);
	made = nfp_hands_make(&p->hands, &c, NULL);
	insisted = nfp_hands_insist(&p->hands, &c, NULL);
	fill_disk(false);
	assert_int_equal(made, -EFBIG);
	assert_int_equal(insisted, -EFBIG);
	assert_int_equal(p->told.n, 0);
	assert_false(in_fdb(p));
}

/* The way back needs no journal, so that a full /run is no reason to say that it failed. */
static void put_back_though_nothing_can_be_written_down(void **state)
{
	struct nfp_live *live = calloc(1, sizeof(*live));
	struct nfp_strv left = {NULL, 0}, warnings = {NULL, 0};
	struct place *p = *state;
	struct nfp_vf_state vf = make_vf(3);
	int ret;

	if (!p->dir[0])
		free(live);
	NEED_ROOT(p);
	assert_non_null(live);
	open_hands(p);
	live->hands = p->hands;
	live->journal = p->journal;
	p->hands = (struct nfp_hands)NFP_HANDS_INIT;
	p->journal = NULL;
	live->held_change = fdb(NFP_CHANGE_FDB_ADD, p);
	live->held = true;
	assert_int_equal(nfp_hands_make(&live->hands, &live->held_change, NULL), 0);
	/* Gone since; that, too, cannot be written down. */
	assert_int_equal(nfp_journal_vf(live->journal, &vf, false, NULL), 0);
	fill_disk(true);
	ret = nfp_live_close(live, &left, &warnings, NULL);
	fill_disk(false);
	assert_int_equal(ret, 0);
	assert_int_equal(warnings.n, 1);
	assert_non_null(strstr(warnings.v[0], "VF 3 of nfpt0 is no longer there"));
	assert_false(in_fdb(p));
	assert_int_equal(faccessat(p->fd, PARENT ".journal", F_OK, 0), -1);
	nfp_strv_fini(&left);
	nfp_strv_fini(&warnings);
}

/* Of libc's: a directory that no name is taken from, while it is asked for. */
static int no_unlink;

int unlinkat(int dirfd, const char *path, int flags)
{
	if (no_unlink) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_unlinkat, dirfd, path, flags);
}

/* The first change is refused, and then it cannot be undone: that is worse, and said. */
static void run_that_cannot_begin_and_not_be_undone(void **state)
{
	struct place *p = *state;
	struct nfp_link port = {
		.ifindex = 1, .ifname = "lo", .master_kind = "bridge", .promiscuity = 1};
	struct nfp_topology topology = {.links = &port, .num_links = 1};
	struct nfp_pf pf = {.info = {.ifname = "lo", .parentdev = PARENT, .ifindex = 1}};
	struct nfp_lock lock = {.dirfd = p->fd, .fd = -1, .parentdev = PARENT};
	struct nfp_live_config config = {.lock = &lock,
					 .topology = &topology,
					 .pf = &pf,
					 .addresses = &X,
					 .num_addresses = 1};
	struct nfp_err err = {.code = NFP_E_NONE};
	struct nfp_live *live;
	int ret;

	NEED_ROOT(p);
	assert_int_equal(symlinkat("../pci", p->fd, "subsystem"), 0);
	snprintf(pf.devpath, sizeof(pf.devpath), "%s", p->dir);
	assert_true(nfp_live_open(&config, &live, &err) < 0);
	assert_int_not_equal(err.code, NFP_E_RESTORE);
	no_unlink = 1;
	ret = nfp_live_open(&config, &live, &err);
	no_unlink = 0;
	assert_int_equal(ret, -EIO);
	assert_int_equal(err.code, NFP_E_RESTORE);
	assert_non_null(strstr(err.message, "could not be put back as it was: cannot remove"));
}

static void entry_of_ours_goes(void **state)
{
	struct place *p = *state;
	struct nfp_change c;
	struct nfp_restore_report report;

	NEED_ROOT(p);
	open_hands(p);
	c = fdb(NFP_CHANGE_FDB_ADD, p);
	assert_int_equal(nfp_hands_make(&p->hands, &c, NULL), 0);
	assert_int_equal(nfp_journal_data(p->journal)->num_changes, 1);
	assert_string_equal(p->told.v[0],
			    "bridge fdb add 06:00:00:00:00:01 dev nfpt0 self permanent");
	report = undo_fdb(p);
	assert_int_equal(report.failed.n, 0);
	assert_false(in_fdb(p));
	nfp_restore_report_fini(&report);
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
	assert_int_equal(nfp_rt_fdb_add(p->nl, &dev, NFP_RT_FDB_SELF, &X, NULL), 0);
	c = fdb(NFP_CHANGE_FDB_ADD, p);
	assert_int_equal(nfp_hands_make(&p->hands, &c, NULL), -EEXIST);
	assert_int_equal(nfp_journal_data(p->journal)->num_changes, 0);
	report = undo_fdb(p);
	assert_true(in_fdb(p));
	nfp_restore_report_fini(&report);
}

/* A guest's macvtap has come up with the same address since: it must not go deaf. */
static void address_that_somebody_shares_stays(void **state)
{
	struct place *p = *state;
	struct nfp_change c;
	struct nfp_restore_report report;

	NEED_ROOT(p);
	open_hands(p);
	c = fdb(NFP_CHANGE_FDB_ADD, p);
	assert_int_equal(nfp_hands_make(&p->hands, &c, NULL), 0);
	assert_int_equal(run("ip link add link nfpt0 name nfpguest address 06:00:00:00:00:01 type "
			     "macvlan && ip link set nfpguest up"),
			 0);
	report = undo_fdb(p);
	assert_int_equal(report.failed.n, 0);
	assert_int_equal(report.others.n, 1);
	assert_non_null(strstr(report.others.v[0], "somebody else has entered it, too"));
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
	struct nfp_change c;
	struct nfp_restore_report report;

	NEED_ROOT(p);
	open_hands(p);
	c = fdb(NFP_CHANGE_FDB_ADD, p);
	assert_int_equal(nfp_hands_make(&p->hands, &c, NULL), 0);
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
	struct nfp_change c;
	struct nfp_restore_report report;

	NEED_ROOT(p);
	open_hands(p);
	assert_int_equal(run("ip link add nfpbr type bridge && ip link set nfpt0 master nfpbr && "
			     "ip link set nfpbr up"),
			 0);
	c = fdb(NFP_CHANGE_PORT_FDB_ADD, p);
	assert_int_equal(nfp_hands_make(&p->hands, &c, NULL), 0);
	assert_int_equal(run("bridge fdb show dev nfpt0 | grep -q '^06:00:00:00:00:01 master'"), 0);
	report = undo_fdb(p);
	assert_int_equal(report.failed.n + report.others.n, 0);
	assert_int_not_equal(run("bridge fdb show dev nfpt0 | grep -q ^06:00:00:00:00:01"), 0);
	nfp_restore_report_fini(&report);
}

/* The PF keeps X, but the bridge must not. */
static void bridge_is_put_back_though_the_pf_is_not(void **state)
{
	struct nfp_live *live = calloc(1, sizeof(*live));
	struct nfp_strv left = {NULL, 0}, warnings = {NULL, 0};
	struct nfp_err err = {.code = NFP_E_NONE};
	struct place *p = *state;
	struct nfp_change c;
	int ret;

	if (!p->dir[0])
		free(live);
	NEED_ROOT(p);
	assert_non_null(live);
	open_hands(p);
	live->hands = p->hands;
	live->journal = p->journal;
	p->hands = (struct nfp_hands)NFP_HANDS_INIT;
	p->journal = NULL;
	assert_int_equal(run("ip link add nfpbr type bridge && ip link set nfpt0 master nfpbr && "
			     "ip link set nfpbr up"),
			 0);
	c = fdb(NFP_CHANGE_PORT_FDB_ADD, p);
	assert_int_equal(nfp_hands_make(&live->hands, &c, NULL), 0);
	live->held_change = fdb(NFP_CHANGE_FDB_ADD, p);
	live->held_change.of_vf = true;
	live->held = true;
	assert_int_equal(nfp_hands_make(&live->hands, &live->held_change, NULL), 0);
	keeps_entries = true;
	ret = nfp_live_close(live, &left, &warnings, &err);
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
	assert_int_equal(nfp_hands_make(&p->hands, &on, NULL), 0);
	assert_int_equal(promiscuity(p), 1);
	assert_int_equal(nfp_hands_make(&p->hands, &off, NULL), 0);
	assert_int_equal(promiscuity(p), 0);
	assert_int_equal(nfp_hands_make(&p->hands, &on, NULL), 0);
	nfp_hands_close(&p->hands);
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
	assert_int_equal(nfp_hands_make(&p->hands, &add, NULL), 0);
	assert_int_equal(nfp_link_by_name(p->nl, NFP_MACVLAN_CHILD, &link, NULL), -ENODEV);
	assert_int_equal(nfp_link_by_name(p->hands.nl_private, NFP_MACVLAN_CHILD, &link, NULL), 0);
	assert_true(nfp_mac_equal(&link.address, &X));
	assert_true(link.flags & 1); /* IFF_UP */
	assert_true(in_fdb(p)); /* the PF's filter has it: here by a second, shared reference */
	assert_int_equal(nfp_hands_make(&p->hands, &del, NULL), 0);
	assert_int_equal(nfp_link_by_name(p->hands.nl_private, NFP_MACVLAN_CHILD, &link, NULL),
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
	assert_int_equal(nfp_hands_make(&p->hands, &in, NULL), 0);
	assert_int_equal(nfp_link_by_name(p->nl, "nfpt0", &link, NULL), -ENODEV);
	assert_int_equal(nfp_link_by_name(p->hands.nl_private, "nfpvf", &link, NULL), 0);
	assert_false(link.flags & 1); /* it goes in down */
	out.ifindex = link.ifindex;
	assert_int_equal(nfp_hands_make(&p->hands, &out, NULL), 0);
	assert_int_equal(nfp_link_by_name(p->nl, "nfpvf", &link, NULL), 0);
	assert_int_equal(run("ip link set nfpvf name nfpt0"), 0);
}

/* ---- whole journals, of a PF that this machine does not have ---- */

static void write_journal(const struct place *p, size_t damaged_at)
{
	struct text t = make_text();
	char path[128];
	int fd;

	if (damaged_at)
		t.buf[damaged_at] ^= 1;
	snprintf(path, sizeof(path), "%s/" PARENT ".journal", p->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, t.buf, t.len), t.len);
	close(fd);
	free(t.buf);
}

static bool exists(const struct place *p, const char *name)
{
	return faccessat(p->fd, name, F_OK, 0) == 0;
}

static void pf_that_is_gone(void **state)
{
	struct nfp_restore_report report = {.found = false};
	struct place *p = *state;

	NEED_ROOT(p);
	write_journal(p, 0);
	assert_int_equal(nfp_restore(p->dir, "nfpeth7", NULL, &report, NULL), 0);
	assert_false(report.found); /* not the one that was asked for */
	assert_true(exists(p, PARENT ".journal"));
	assert_int_equal(nfp_restore(p->dir, "nfpeth0", NULL, &report, NULL), 0);
	assert_true(report.found);
	assert_int_equal(report.others.n, 1);
	assert_non_null(strstr(report.others.v[0], "no longer there"));
	assert_false(exists(p, PARENT ".journal"));
	nfp_restore_report_fini(&report);
}

/* In another network namespace, say: as long as its VFs are there, there is something to undo. */
static void pf_that_is_elsewhere(void **state)
{
	struct nfp_restore_report report = {.found = false};
	struct nfp_err err = {.code = NFP_E_NONE};
	struct nfp_vf_state vf = make_vf(3);
	struct place *p = *state;

	NEED_ROOT(p);
	open_hands(p);
	/* A device that every machine has. */
	snprintf(vf.bus, sizeof(vf.bus), "cpu");
	snprintf(vf.parentdev, sizeof(vf.parentdev), "cpu0");
	assert_int_equal(nfp_journal_vf(p->journal, &vf, false, NULL), 0);
	assert_int_equal(nfp_restore(p->dir, NULL, NULL, &report, &err), -EIO);
	assert_int_equal(err.code, NFP_E_RESTORE);
	assert_int_equal(report.others.n, 0);
	assert_int_equal(report.failed.n, 1);
	assert_non_null(strstr(report.failed.v[0], "its VF 3 (cpu0) is still there"));
	assert_true(exists(p, PARENT ".journal"));
	nfp_restore_report_fini(&report);
}

/* The same of a PF that is here and says that it has no such VF. */
static void vf_that_its_pf_does_not_tell_of(void **state)
{
	struct nfp_restore_report report = {.found = false};
	struct nfp_journal_vf entry = {.before = make_vf(3)};
	struct nfp_undoer u = {.pf_ifname = "nfpt0", .report = &report};
	struct place *p = *state;

	NEED_ROOT(p);
	open_hands(p);
	u.hands = &p->hands;
	u.data = nfp_journal_data(p->journal);
	snprintf(entry.before.bus, sizeof(entry.before.bus), "cpu");
	snprintf(entry.before.parentdev, sizeof(entry.before.parentdev), "cpu0");
	assert_int_equal(nfp_undo_vf(&u, &entry, NULL), 0);
	assert_int_equal(report.others.n, 0);
	assert_int_equal(report.failed.n, 1);
	assert_non_null(strstr(report.failed.v[0], "is still there, but not put back"));
	nfp_restore_report_fini(&report);
}

/* Of libc's: so many times there is no descriptor, with which a VF could be looked at. */
static unsigned int no_pipes;

int pipe2(int fds[2], int flags)
{
	if (no_pipes) {
		no_pipes--;
		errno = EMFILE;
		return -1;
	}
	return (int)syscall(SYS_pipe2, fds, flags);
}

/* One of which nothing can be known is an error, and keeps no other from being put back. */
static void one_that_cannot_be_looked_at_keeps_no_other(void **state)
{
	struct nfp_restore_report report = {.found = false};
	struct nfp_undoer u = {.pf_ifname = "nfpt0", .report = &report};
	struct nfp_err err = {.code = NFP_E_NONE};
	struct place *p = *state;

	NEED_ROOT(p);
	open_hands(p);
	for (unsigned int i = 0; i < 2; i++) {
		struct nfp_vf_state vf = make_vf(i);

		snprintf(vf.bus, sizeof(vf.bus), "cpu");
		snprintf(vf.parentdev, sizeof(vf.parentdev), "cpu0");
		assert_int_equal(nfp_journal_vf(p->journal, &vf, false, NULL), 0);
	}
	p->hands.journal = NULL;
	u.hands = &p->hands;
	u.data = nfp_journal_data(p->journal);
	/* The last one is the first. */
	no_pipes = 1;
	assert_int_equal(nfp_undo_everything(&u, &err), -EMFILE);
	assert_int_equal(no_pipes, 0);
	assert_non_null(strstr(err.message, "cannot read the driver of cpu0"));
	assert_int_equal(report.failed.n, 1);
	assert_non_null(strstr(report.failed.v[0], "VF 0 of nfpt0"));
	nfp_restore_report_fini(&report);
}

/* What a damaged line hid cannot be known: said, exit 5, and out of the next run's way. */
static void damaged_in_the_middle(void **state)
{
	struct nfp_restore_report report = {.found = false};
	struct nfp_err err = {.code = NFP_E_NONE};
	struct text t = make_text();
	struct place *p = *state;
	size_t in_second = t.end[0] + 20;

	free(t.buf);
	NEED_ROOT(p);
	write_journal(p, in_second);
	assert_int_equal(nfp_restore(p->dir, NULL, NULL, &report, &err), -EIO);
	assert_int_equal(err.code, NFP_E_RESTORE);
	assert_int_equal(report.failed.n, 1);
	assert_non_null(strstr(report.failed.v[0], "02:01:02:03:04:05"));
	assert_false(exists(p, PARENT ".journal"));
	assert_true(exists(p, PARENT ".journal.damaged"));
	nfp_restore_report_fini(&report);
	assert_int_equal(nfp_restore(p->dir, NULL, NULL, &report, &err), 0);
	assert_false(report.found);
	nfp_restore_report_fini(&report);
}

static void damaged_at_the_beginning(void **state)
{
	struct nfp_restore_report report = {.found = false};
	struct nfp_err err = {.code = NFP_E_NONE};
	struct place *p = *state;

	NEED_ROOT(p);
	write_journal(p, 20);
	assert_int_equal(nfp_restore(p->dir, NULL, NULL, &report, &err), -EBADMSG);
	assert_int_equal(err.code, NFP_E_JOURNAL);
	assert_true(err.hint[0] != '\0');
	assert_true(exists(p, PARENT ".journal"));
	nfp_restore_report_fini(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_cannot_be_written_down_is_not_done, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(put_back_though_nothing_can_be_written_down,
						make_place, remove_place),
		cmocka_unit_test_setup_teardown(run_that_cannot_begin_and_not_be_undone, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(entry_of_ours_goes, make_place, remove_place),
		cmocka_unit_test_setup_teardown(entry_of_others_stays, make_place, remove_place),
		cmocka_unit_test_setup_teardown(address_that_somebody_shares_stays, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(entry_that_the_driver_keeps_is_told, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(entry_of_the_bridge_goes, make_place, remove_place),
		cmocka_unit_test_setup_teardown(bridge_is_put_back_though_the_pf_is_not, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(promiscuous_as_long_as_held, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(macvlan_in_the_private_namespace, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(netdev_in_and_out, make_place, remove_place),
		cmocka_unit_test_setup_teardown(pf_that_is_gone, make_place, remove_place),
		cmocka_unit_test_setup_teardown(pf_that_is_elsewhere, make_place, remove_place),
		cmocka_unit_test_setup_teardown(vf_that_its_pf_does_not_tell_of, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(one_that_cannot_be_looked_at_keeps_no_other,
						make_place, remove_place),
		cmocka_unit_test_setup_teardown(damaged_in_the_middle, make_place, remove_place),
		cmocka_unit_test_setup_teardown(damaged_at_the_beginning, make_place, remove_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
