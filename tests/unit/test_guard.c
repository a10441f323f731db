// SPDX-License-Identifier: GPL-2.0-or-later
/* Is a VF still as the run left it? On a tree that looks like sysfs, and by reports of its PF. */
#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <linux/if.h>
#include <sys/file.h>
#include <sys/inotify.h>

#include "harness.h"
#include "../../src/change/apply.h"
#include "../../src/change/change.h"
#include "../../src/change/guard.h"
#include "../../src/change/vf_state.h"
#include "../../src/change/vfdrv.h"
#include "../../src/net/inventory_priv.h"
#include "tree.h"
#include "vfmsg.h"

#define NAME   "0000:01:10.6"
#define DEVICE "sys/bus/pci/devices/" NAME

struct place {
	struct tree tree;
	struct nfp_apply apply;
	struct nfp_guard guard;
};

static const struct nfp_vf_state before = {
	.vf = 3,
	.bus = "pci",
	.parentdev = NAME,
	.driver = "igbvf",
	.have_override = true,
	.attr = {.vf = 3,
		 .mac = {{2, 0, 0, 0, 0, 3}},
		 .vlan = {.vid = 100, .proto = 0x8100},
		 .spoofchk = 1,
		 .trust = 0,
		 .link_state = 0,
		 .rss_query = -1,
		 .have_mac = true},
};

/* The VF has no driver, and nfprobe keeps it so. */
static void setup_guard(struct place *p)
{
	nfp_guard_begin(&p->guard, &before, false);
	p->guard.untouched = false;
	p->guard.is.driver[0] = '\0';
	snprintf(p->guard.is.driver_override, sizeof(p->guard.is.driver_override),
		 NFP_VFDRV_NO_DRIVER);
}

static void setup(struct place *p)
{
	tree_make(&p->tree);
	tree_dir(&p->tree, DEVICE);
	tree_file(&p->tree, DEVICE "/driver_override", NFP_VFDRV_NO_DRIVER "\n");
	p->apply = (struct nfp_apply)NFP_APPLY_INIT;
	p->apply.root = &p->tree.root;
	p->apply.pf.ifname = "eth0";
	setup_guard(p);
}

static void teardown(struct place *p)
{
	tree_drop(&p->tree);
}

static void check(struct place *p, enum nfp_guard_state expected, const char *says)
{
	struct nfp_err err = {.code = NFP_E_NONE};
	int ret = nfp_guard_check(&p->apply, &p->guard, &err);

	assert_int_equal(p->guard.state, expected);
	assert_int_equal(ret, expected == NFP_GUARD_OURS ? 0 : -EBUSY);
	assert_string_equal(p->guard.what, says);
	assert_string_equal(err.message, says);
	if (expected != NFP_GUARD_OURS)
		assert_int_equal(err.code,
				 expected == NFP_GUARD_TAKEN ? NFP_E_VF_TAKEN : NFP_E_VF_CHANGED);
}

#define CASE(name) TEST_OF(name, setup, teardown, struct place, p)

CASE(bound)
{
	tree_link(&p->tree, DEVICE "/driver", "../../../../bus/pci/drivers/vfio-pci");
	check(p, NFP_GUARD_TAKEN, "another process has bound VF 3 (" NAME ") to vfio-pci");
	/* Once taken, it stays so: whoever had it may have done anything to it. */
	tree_remove(&p->tree, DEVICE "/driver");
	check(p, NFP_GUARD_TAKEN, "another process has bound VF 3 (" NAME ") to vfio-pci");
}

CASE(overridden)
{
	tree_file(&p->tree, DEVICE "/driver_override", "vfio-pci\n");
	check(p, NFP_GUARD_TAKEN,
	      "another process has set driver_override of VF 3 (" NAME ") to vfio-pci");
}

CASE(override_emptied)
{
	tree_file(&p->tree, DEVICE "/driver_override", "(null)\n");
	check(p, NFP_GUARD_CHANGED,
	      "another process has cleared driver_override of VF 3 (" NAME ")");
}

CASE(unbound)
{
	snprintf(p->guard.is.driver, sizeof(p->guard.is.driver), "igbvf");
	check(p, NFP_GUARD_CHANGED, "another process has unbound VF 3 (" NAME ") from igbvf");
}

/* An override that was refused is expected to be as before; another, as it was set. */
CASE(override_of_ours)
{
	const struct nfp_change set = {
		.kind = NFP_CHANGE_VF_OVERRIDE, .of_vf = true, .vf = 3, .name = "igbvf"};

	nfp_guard_note(&p->apply, &p->guard, &set, -EIO);
	check(p, NFP_GUARD_OURS, "");
	nfp_guard_note(&p->apply, &p->guard, &set, 0);
	tree_file(&p->tree, DEVICE "/driver_override", "igbvf\n");
	check(p, NFP_GUARD_OURS, "");
}

/* A bind that was given up may have taken effect since, and is not another process's. */
CASE(late_driver_is_ours)
{
	const struct nfp_change bind = {
		.kind = NFP_CHANGE_VF_BIND, .of_vf = true, .vf = 3, .name = "igbvf"};

	nfp_guard_note(&p->apply, &p->guard, &bind, -ETIMEDOUT);
	check(p, NFP_GUARD_OURS, "");
	tree_link(&p->tree, DEVICE "/driver", "../../../../bus/pci/drivers/igbvf");
	check(p, NFP_GUARD_OURS, "");
	assert_string_equal(p->guard.is.driver, "igbvf");
	tree_link(&p->tree, DEVICE "/driver", "../../../../bus/pci/drivers/uio_pci_generic");
	check(p, NFP_GUARD_TAKEN, "another process has bound VF 3 (" NAME ") to uio_pci_generic");
}

/* A VF that cannot be looked at must not be written to either; no other process is to blame. */
static void check_unsure(struct place *p, int expected, enum nfp_errcode code, const char *says)
{
	struct nfp_err err = {.code = NFP_E_NONE};

	assert_int_equal(nfp_guard_check(&p->apply, &p->guard, &err), expected);
	assert_int_equal(p->guard.state, NFP_GUARD_OURS);
	assert_int_equal(err.code, code);
	assert_string_equal(err.message, says);
}

CASE(override_that_cannot_be_read)
{
	tree_remove(&p->tree, DEVICE "/driver_override");
	tree_dir(&p->tree, DEVICE "/driver_override");
	check_unsure(p, -EISDIR, NFP_E_KERNEL,
		     "cannot read the driver of VF 3 (" NAME "): Is a directory");
}

static bool no_process;

pid_t fork(void)
{
	pid_t (*real)(void) = (pid_t(*)(void))dlsym(RTLD_NEXT, "fork");

	errno = EAGAIN;
	return no_process ? -1 : real();
}

/* It is no other process's doing, and ends the run as an error of its own. */
CASE(no_process_can_be_started)
{
	no_process = true;
	check_unsure(p, -NFP_ENOPROCESS, NFP_E_KERNEL,
		     "cannot read the driver of VF 3 (" NAME "): no process can be started "
		     "(pids.max, ulimit -u)");
	no_process = false;
	check(p, NFP_GUARD_OURS, "");
}

CASE(removed)
{
	tree_remove(&p->tree, DEVICE "/driver_override");
	tree_remove(&p->tree, DEVICE);
	check_unsure(p, -ENODEV, NFP_E_NO_SUCH_VF, "VF 3 (" NAME ") is no longer there");
}

CASE(users_of_a_character_device)
{
	tree_dir(&p->tree, DEVICE "/uio");
	check(p, NFP_GUARD_OURS, "");
	tree_remove(&p->tree, DEVICE "/uio");
	tree_file(&p->tree, DEVICE "/uio", "");
	check_unsure(p, -ENOTDIR, NFP_E_KERNEL,
		     "cannot find out who uses VF 3 (" NAME "): Not a directory");
}

/* ---- the search for users takes its time ---- */

/* Another process takes the VF of this tree as soon as the search has begun. */
static const struct tree *taken_in;

struct dirent *readdir(DIR *dir)
{
	struct dirent *(*real)(DIR *) = (struct dirent * (*)(DIR *)) dlsym(RTLD_NEXT, "readdir");
	char fd[32], path[256] = "";
	int saved = errno;

	snprintf(fd, sizeof(fd), "/proc/self/fd/%d", dirfd(dir));
	if (taken_in && readlink(fd, path, sizeof(path) - 1) > 0 &&
	    strstr(path, "/proc/5000001/fd")) {
		tree_link(taken_in, DEVICE "/driver", "../../../../bus/pci/drivers/vfio-pci");
		taken_in = NULL;
	}
	errno = saved;
	return real(dir);
}

CASE(taken_while_users_are_searched)
{
	tree_file(&p->tree, DEVICE "/infiniband_verbs/uverbs2/dev", "231:194\n");
	tree_process(&p->tree, 5000001, "idler", 0, "/dev/null");
	check(p, NFP_GUARD_OURS, "");
	p->guard.searched_ns = 0;
	taken_in = &p->tree;
	check(p, NFP_GUARD_TAKEN, "another process has bound VF 3 (" NAME ") to vfio-pci");
	assert_null(taken_in);
}

/* ---- a write to the device waits for an earlier one ---- */

/* Another process takes the VF of this tree while its lock is waited for. */
static const struct tree *taken_before_lock;

int flock(int fd, int operation)
{
	int (*real)(int, int) = (int (*)(int, int))dlsym(RTLD_NEXT, "flock");

	if (taken_before_lock && operation & LOCK_EX)
		tree_link(taken_before_lock, DEVICE "/driver",
			  "../../../../bus/pci/drivers/vfio-pci");
	taken_before_lock = NULL;
	return real(fd, operation);
}

CASE(taken_while_a_lock_is_waited_for)
{
	static const struct {
		enum nfp_change_kind kind;
		const char *name, *file, *text; /* which it would have written */
	} rows[] = {
		{NFP_CHANGE_VF_RESET, "", DEVICE "/reset", ""},
		{NFP_CHANGE_VF_BIND, "igbvf", "sys/bus/pci/drivers/igbvf/bind", ""},
		{NFP_CHANGE_VF_UNBIND, "igbvf", "sys/bus/pci/drivers/igbvf/unbind", ""},
		{NFP_CHANGE_VF_OVERRIDE, "igbvf", DEVICE "/driver_override", NFP_VFDRV_NO_DRIVER},
	};
	const struct nfp_guard begun = p->guard;

	tree_dir(&p->tree, "run/nfprobe");
	for (size_t i = 0; i < NFP_NUM(rows); i++) {
		struct nfp_change c = {
			.kind = rows[i].kind, .bus = "pci", .parentdev = NAME, .vf = 3};
		struct nfp_err err = {.code = NFP_E_NONE};
		char text[NFP_TEXT_LEN] = "";

		print_message("%s\n", rows[i].file);
		snprintf(c.name, sizeof(c.name), "%s", rows[i].name);
		tree_file(&p->tree, rows[i].file, rows[i].text);
		p->guard = begun;
		taken_before_lock = &p->tree;
		assert_int_equal(nfp_apply_guarded(&p->apply, &p->guard, &c, &err), -EBUSY);
		assert_null(taken_before_lock);
		assert_string_equal(err.message,
				    "another process has bound VF 3 (" NAME ") to vfio-pci");
		(void)nfp_sysfs_read(&p->tree.root, text, sizeof(text), "/%s", rows[i].file);
		assert_string_equal(text, rows[i].text);
		tree_remove(&p->tree, DEVICE "/driver");
		/* Nobody is in the way, and it is written. */
		p->guard = begun;
		assert_int_equal(nfp_apply_guarded(&p->apply, &p->guard, &c, &err), 0);
		(void)nfp_sysfs_read(&p->tree.root, text, sizeof(text), "/%s", rows[i].file);
		assert_string_not_equal(text, rows[i].text);
	}
}

/* How often the descriptors of the process were listed since the last call. */
static unsigned int searches(int inotify)
{
	char events[64 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
	ssize_t len = read(inotify, events, sizeof(events));
	unsigned int num = 0;

	for (ssize_t at = 0; at < len; num++) {
		const struct inotify_event *event = (const void *)(events + at);

		at += (ssize_t)(sizeof(*event) + event->len);
	}
	return num;
}

/* A step writes several times, and looks as it ends: that searches, and the writes need not. */
CASE(users_are_searched_once_a_step)
{
	struct nfp_err err = {.code = NFP_E_NONE};
	char path[256];
	int inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	tree_file(&p->tree, DEVICE "/infiniband_verbs/uverbs2/dev", "231:194\n");
	tree_process(&p->tree, 5000001, "idler", 0, "/dev/null");
	snprintf(path, sizeof(path), "%s/proc/5000001/fd", p->tree.dir);
	assert_true(inotify_add_watch(inotify, path, IN_OPEN | IN_ONLYDIR) >= 0);
	check(p, NFP_GUARD_OURS, "");
	assert_int_equal(searches(inotify), 1);
	for (unsigned int step = 0; step < 3; step++) {
		for (unsigned int i = 0; i < 10; i++)
			check(p, NFP_GUARD_OURS, "");
		assert_int_equal(searches(inotify), 0);
		/* The window has taken a second. */
		p->guard.searched_ns -= NFP_NSEC_PER_SEC;
		for (unsigned int i = 0; i < 5; i++)
			assert_int_equal(nfp_guard_look(&p->apply, &p->guard, &err), 0);
		assert_int_equal(searches(inotify), 1);
	}
	/* Who has come in the window is found as it ends, and no write follows. */
	tree_process(&p->tree, 5000002, "rdma", 3, "/dev/infiniband/uverbs2");
	p->guard.searched_ns -= NFP_NSEC_PER_SEC;
	assert_int_equal(nfp_guard_look(&p->apply, &p->guard, &err), -EBUSY);
	assert_int_equal(p->guard.state, NFP_GUARD_TAKEN);
	assert_non_null(strstr(p->guard.what, "rdma (pid 5000002)"));
	check(p, NFP_GUARD_TAKEN, p->guard.what);
	close(inotify);
}

/* A look that cannot be completed is a doubt: the run ends, and its undo goes ahead, unless a
 * process may hold the VF by a node of vfio that nothing else would show. */
CASE(doubt_while_the_run_goes_on)
{
	tree_file(&p->tree, DEVICE "/infiniband_verbs/uverbs2/dev", "231:194\n");
	tree_link(&p->tree, "proc/self/ns/pid", "pid:[4026532999]");
	check(p, NFP_GUARD_UNSEEN,
	      "cannot tell whether VF 3 (" NAME ") is still free: a process may hold it through "
	      "RDMA: a container sees the host's processes only with --pid host (hostPID: true)");
	/* The guard of an undo is one of its own. */
	setup_guard(p);
	p->guard.undoes = true;
	check(p, NFP_GUARD_OURS, "");
	tree_remove(&p->tree, DEVICE "/infiniband_verbs/uverbs2/dev");
	tree_remove(&p->tree, DEVICE "/infiniband_verbs/uverbs2");
	tree_remove(&p->tree, DEVICE "/infiniband_verbs");
	tree_link(&p->tree, DEVICE "/driver", "../../../../bus/pci/drivers/vfio-pci");
	snprintf(p->guard.is.driver, sizeof(p->guard.is.driver), "vfio-pci");
	tree_dir(&p->tree, DEVICE "/vfio-dev");
	p->guard.searched_ns = 0;
	check(p, NFP_GUARD_TAKEN,
	      "VF 3 (" NAME ") may be in use now: vfio-pci is bound to it, and nfprobe cannot tell "
	      "how a process would hold it");
}

/* A search for the holders of a VF keeps its nodes alone, so that no other descriptor fills it. */
CASE(other_devices_are_not_kept)
{
	struct nfp_use_ctx ctx = {.root = &p->tree.root};
	struct nfp_vf_node node = {.path = "/dev/infiniband/uverbs2"};

	tree_process(&p->tree, 5000001, "flood", 0, "/dev/net/tun");
	tree_process(&p->tree, 5000001, "flood", 1, "/dev/kvm");
	tree_process(&p->tree, 5000001, "flood", 2, "/dev/net/tun");
	tree_process(&p->tree, 5000002, "rdma", 3, node.path);
	*nfp_grow(ctx.nodes, ctx.num_nodes) = node;
	assert_int_equal(nfp_holders_read(&ctx), 0);
	assert_int_equal(ctx.holders.n, 1);
	assert_int_equal(ctx.holders.v[0].pid, 5000002);
	nfp_use_ctx_fini(&ctx);
}

CASE(netdev_that_has_left)
{
	assert_int_equal(nfp_nl_open(NETLINK_ROUTE, -1, &p->apply.nl_private, NULL), 0);
	p->guard.ifindex = INT_MAX;
	check(p, NFP_GUARD_CHANGED, "the netdev of VF 3 (" NAME ") is no longer there");
	tree_dir(&p->tree, DEVICE "/net");
	check(p, NFP_GUARD_TAKEN,
	      "another process has moved the netdev of VF 3 (" NAME ") to another network "
	      "namespace");
	nfp_nl_close(p->apply.nl_private);
}

/* ---- attributes ---- */

static void compare(struct nfp_guard *g, const struct nfp_vf_attr *now, bool notified,
		    const char *says)
{
	nfp_guard_compare(g, now, notified, "eth0");
	assert_string_equal(g->what, says);
	assert_int_equal(g->state, says[0] ? NFP_GUARD_CHANGED : NFP_GUARD_OURS);
}

CASE(external_vlan)
{
	struct nfp_vf_attr now = before.attr;

	now.vlan = (struct nfp_vlan) {.vid = 7, .qos = 2, .proto = 0x8100};
	compare(&p->guard, &now, true,
		"another process has changed the VLAN of VF 3 of eth0 from 100, qos 0 to 7, qos 2");
}

/* A driver that takes it and reports another: frames of the VLAN show nothing then. */
CASE(vlan_without_effect)
{
	struct nfp_vf_attr now = before.attr;

	now.vlan.vid = 0;
	compare(&p->guard, &now, false,
		"the driver of eth0 reports none as the VLAN of VF 3, which was set to 100, qos 0");
}

CASE(settings)
{
	struct nfp_guard *g = &p->guard;
	struct nfp_vf_attr now = before.attr;

	/* Nobody has asked for it: the driver did it. */
	now.spoofchk = 0;
	compare(g, &now, false, "");
	assert_int_equal(g->external, 0);
	/* An attribute that is not reported does not differ. */
	now.trust = -1;
	now.rss_query = 1;
	compare(g, &now, true, "");
	now.link_state = 2;
	compare(g, &now, true,
		"another process has changed the link state of VF 3 of eth0 from auto to disable");
	assert_int_equal(g->external, NFP_VF_ATTR_BIT(NFP_VF_ATTR_STATE));
}

/* ---- its address: what nfprobe did, and what the PF reports ---- */

#define OWN    "02:00:00:00:00:03" /* as it was before */
#define X      "06:00:00:00:00:01"
#define Z      "06:00:00:00:00:09"
#define NONE   "none"
#define UNSAID NULL /* the report has no such VF */

/* The outcome of a report: the sentence, whether ours is awaited, and why it may be gone. */
#define QUIET	  "", false, NULL
#define AWAITED	  "", true, NULL
#define LOST(why) "", false, why
#define OTHERS(from, to) \
	"another process has changed the address of VF 3 of eth0 from " from " to " to, false, NULL
#define DRIVER(is, set)                                                                           \
	"the driver of eth0 reports " is " as the address of VF 3, which was set to " set, false, \
		NULL

enum act {
	END,
	ASSIGN,
	REFUSED,  /* an address that the PF says it did not take */
	NOANSWER, /* an address of which it did not say anything */
	RESET,
	DOWN,
	UNBIND,
	SEE,  /* a report that was asked for */
	HEAR, /* a report after a notification */
};

static const struct history {
	const char *name;
	struct {
		enum act act;
		const char *mac;
		const char *says;
		bool pending;	  /* ours is awaited still */
		const char *lost; /* why ours may be gone */
	} step[5];
} histories[] = {
	{"own address comes late, and is then not what it was again",
	 {{ASSIGN, X, QUIET}, {SEE, OWN, AWAITED}, {SEE, X, QUIET}, {SEE, OWN, DRIVER(OWN, X)}}},
	/* It may have been made or not. */
	{"address without an answer",
	 {{NOANSWER, X, QUIET}, {HEAR, OWN, AWAITED}, {HEAR, X, QUIET}, {HEAR, Z, OTHERS(X, Z)}}},
	/* The restore must not take the run's own address for another process's. */
	{"address that was refused and stored",
	 {{REFUSED, X, QUIET}, {HEAR, OWN, QUIET}, {HEAR, X, QUIET}}},
	{"foreign address while ours is awaited", {{ASSIGN, X, QUIET}, {HEAR, Z, OTHERS(X, Z)}}},
	/* As when its driver goes: it reports an address of its own, unasked. */
	{"address that nobody assigned", {{SEE, Z, QUIET}, {HEAR, X, OTHERS(Z, X)}}},
	/* While i40e resets a VF, its PF says nothing of it. */
	{"report without the VF says nothing",
	 {{ASSIGN, X, QUIET}, {HEAR, UNSAID, AWAITED}, {HEAR, Z, OTHERS(X, Z)}}},
	/* A reset has changed what the PF reports, and nobody has read that when an address is set.
	 * Once read it may stay, but not become a third one. */
	{"late address after an unread change",
	 {{RESET, NULL, QUIET},
	  {ASSIGN, X, QUIET},
	  {SEE, Z, AWAITED},
	  {SEE, Z, AWAITED},
	  {SEE, OWN, DRIVER(OWN, X)}}},
	/* igb: the VF forgets an address that no administrator set. */
	{"address that a reset took",
	 {{RESET, NULL, QUIET}, {HEAR, NONE, QUIET}, {HEAR, Z, OTHERS(NONE, Z)}}},
	{"foreign address after a reset", {{RESET, NULL, QUIET}, {HEAR, Z, OTHERS(OWN, Z)}}},
	{"zero that others set in place of ours",
	 {{ASSIGN, X, QUIET},
	  {SEE, X, QUIET},
	  {RESET, NULL, QUIET},
	  {HEAR, NONE, OTHERS(X, NONE)}}},
	/* i40e before it looked at who had set it: the VF's driver takes it back at its own end. An
	 * address that nobody here has set is not the driver's doing. */
	{"gone with its link",
	 {{ASSIGN, X, QUIET},
	  {DOWN, NULL, QUIET},
	  {HEAR, X, QUIET},
	  {SEE, NONE, LOST("its netdev was set down")},
	  {HEAR, Z, OTHERS(NONE, Z)}}},
	{"gone with its driver, and the next one took an address of its own",
	 {{ASSIGN, X, QUIET},
	  {SEE, X, QUIET},
	  {UNBIND, NULL, QUIET},
	  {SEE, Z, LOST("its driver was unbound")},
	  {HEAR, OWN, OTHERS(Z, OWN)}}},
	{"gone with its driver, by notification",
	 {{ASSIGN, X, QUIET},
	  {UNBIND, NULL, QUIET},
	  {HEAR, X, QUIET},
	  {HEAR, NONE, LOST("its driver was unbound")},
	  {HEAR, Z, OTHERS(NONE, Z)}}},
};

static struct nfp_mac address(const char *text)
{
	struct nfp_mac mac = {{0}};

	if (strcmp(text, NONE) != 0)
		assert_true(nfp_mac_parse(text, &mac));
	return mac;
}

static void report(struct nfp_guard *g, const char *mac, bool notified)
{
	struct nfp_vf_attr now = NFP_VF_ATTR_UNKNOWN;

	if (mac) {
		now = before.attr;
		now.mac = address(mac);
	}
	nfp_guard_compare(g, &now, notified, "eth0");
}

/* Returns whether that was a report. */
static bool act(struct place *p, enum act act, const char *mac)
{
	static const enum nfp_change_kind kinds[] = {[RESET] = NFP_CHANGE_VF_RESET,
						     [DOWN] = NFP_CHANGE_LINK_DOWN,
						     [UNBIND] = NFP_CHANGE_VF_UNBIND};
	struct nfp_change c = {.of_vf = true, .vf = 3};

	if (act == SEE || act == HEAR) {
		report(&p->guard, mac, act == HEAR);
		return true;
	}
	c.kind = act < RESET ? NFP_CHANGE_VF_MAC : kinds[act];
	if (mac)
		c.mac = address(mac);
	nfp_guard_note(&p->apply, &p->guard, &c,
		       act == REFUSED	 ? -EIO
		       : act == NOANSWER ? -NFP_ENOANSWER
					 : 0);
	return false;
}

TEST(known_histories)
{
	for (size_t i = 0; i < sizeof(histories) / sizeof(histories[0]); i++) {
		const struct history *h = &histories[i];
		struct place place = {.tree = {.dir = ""}}, *p = &place;

		setup(p);
		for (size_t n = 0; n < 5 && h->step[n].act; n++) {
			const char *says = h->step[n].says;
			const char *lost = h->step[n].lost ? h->step[n].lost : "";

			if (!act(p, h->step[n].act, h->step[n].mac))
				continue;
			if (strcmp(p->guard.what, says) != 0)
				fail_msg("%s: step %zu says: %s", h->name, n + 1, p->guard.what);
			if (p->guard.external != (says[0] ? NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC) : 0))
				fail_msg("%s: step %zu: foreign, or not", h->name, n + 1);
			if (!says[0] && p->guard.mac_pending != h->step[n].pending)
				fail_msg("%s: step %zu: awaited, or not", h->name, n + 1);
			if (!says[0] &&
			    strcmp(p->guard.mac_lost ? p->guard.mac_lost : "", lost) != 0)
				fail_msg("%s: step %zu: lost, or not", h->name, n + 1);
		}
		teardown(p);
	}
}

static bool is_news(uint16_t type, int ifindex, unsigned int change)
{
	struct nlmsghdr head = {.nlmsg_type = type};
	struct ifinfomsg ifi = {.ifi_index = ifindex, .ifi_change = change};
	struct vfmsg m = {NULL, 0, 0};
	bool news;

	vfmsg_bytes(&m, &head, sizeof(head));
	vfmsg_bytes(&m, &ifi, sizeof(ifi));
	vfmsg_attr(&m, IFLA_IFNAME, "eth0", 5);
	((struct nlmsghdr *)m.buf)->nlmsg_len = (uint32_t)m.len;
	news = nfp_guard_is_news((struct nlmsghdr *)m.buf, 2);
	free(m.buf);
	return news;
}

CASE(notifications)
{
	struct nlmsghdr cut = {.nlmsg_type = RTM_NEWLINK, .nlmsg_len = sizeof(cut)};

	assert_true(is_news(RTM_NEWLINK, 2, 0));
	assert_true(is_news(RTM_NEWLINK, 2, ~0U));
	assert_true(is_news(RTM_DELLINK, 2, ~0U));
	assert_true(nfp_guard_is_news(&cut, 2)); /* nobody knows what it was about */
	assert_false(is_news(RTM_NEWLINK, 2, IFF_PROMISC));
	assert_false(is_news(RTM_NEWLINK, 3, 0));
}

TEST_MAIN()
