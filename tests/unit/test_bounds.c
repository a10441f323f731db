// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The readers of an audit have bounds, since others decide how much there is. A list that is cut
 * short is no empty one: the audit says that it was not seen, and ends with 3. test_audit_bound has
 * the bounds of what is judged, test_sysfs those of descriptors, test_facts those of time and of a
 * full namespace.
 */
#include <fcntl.h>
#include <net/if.h>
#include <unistd.h>

#include "audit/audit.h"
#include "harness.h"
#include "own_netns.h"
#include "tree.h"
#include "../../src/net/inventory_priv.h"

#define GUEST 5000001

static void make_file(const struct tree *t, const char *name, size_t size)
{
	char path[512];

	tree_file(t, name, "");
	snprintf(path, sizeof(path), "%s/%s", t->dir, name);
	assert_int_equal(truncate(path, (off_t)size), 0);
}

/* Other processes with the same files as GUEST. */
static void make_processes(const struct tree *t, unsigned int num)
{
	char name[64];

	for (unsigned int i = 1; i <= num; i++) {
		snprintf(name, sizeof(name), "proc/%u", GUEST + i);
		tree_link(t, name, "5000001");
	}
}

/* ---- each bound, once ---- */

static void nothing(const struct tree *t)
{
	(void)t;
}

static void many_groups(const struct tree *t)
{
	make_file(t, "proc/net/dev_mcast", (16U << 20) + 1);
}

static void many_taps(const struct tree *t)
{
	for (unsigned int fd = 0; fd <= NFP_PROCESS_TUNS_MAX; fd++)
		tree_fd(t, GUEST, 100 + (int)fd, "/dev/net/tun");
}

static void many_locks(const struct tree *t)
{
	tree_fd(t, GUEST, 8, "/dev/net/tun");
	make_file(t, "proc/5000001/fdinfo/8", 5000);
}

static void many_devices(const struct tree *t)
{
	const unsigned int each = 4096;
	char target[32];

	for (unsigned int fd = 0; fd < each; fd++) {
		snprintf(target, sizeof(target), "/dev/none%u", fd);
		tree_fd(t, GUEST, 100 + (int)fd, target);
	}
	make_processes(t, NFP_HOLDERS_MAX / each);
}

static void many_arguments(const struct tree *t)
{
	make_file(t, "proc/5000001/cmdline", NFP_ARGS_MAX + 1);
}

static void many_guests(const struct tree *t)
{
	make_processes(t, NFP_GUEST_MACS_MAX);
}

static void long_state(const struct tree *t)
{
	char text[5000];

	memset(text, ' ', sizeof(text));
	snprintf(text + 4200, sizeof(text) - 4200, "<domstatus state='paused' pid='5000001'>");
	tree_file(t, "run/libvirt/qemu/web1.xml", text);
}

static void many_entries(const struct tree *t)
{
	char path[512], command[640];
	FILE *batch;

	snprintf(path, sizeof(path), "%s/batch", t->dir);
	batch = fopen(path, "w");
	assert_non_null(batch);
	for (unsigned int i = 0; i <= NFP_FACTS_MAX; i++)
		fprintf(batch, "fdb add 02:00:00:%02x:%02x:%02x dev v1 master static\n", i >> 16,
			i >> 8 & 255, i & 255);
	assert_int_equal(fclose(batch), 0);
	snprintf(command, sizeof(command), "bridge -batch %s", path);
	assert_int_equal(system("ip link add br0 type bridge && ip link set v1 master br0"), 0);
	assert_int_equal(system(command), 0);
}

static const struct {
	void (*make)(const struct tree *t);
	const char *what; /* that was not seen; NULL: nothing */
} rows[] = {
	{nothing, NULL},
	{many_groups, "the groups of macvtaps: /proc/net/dev_mcast cannot be read, or is too long"},
	{many_taps, "all taps of qemu (pid 5000001): it has /dev/net/tun open too often, or all "
		    "processes together have"},
	{many_locks, "all taps of qemu (pid 5000001): what its descriptors are cannot be read"},
	{many_devices, "what each process of this host has open: there was more than could be "
		       "looked at"},
	{many_arguments, "which guest has the tap of qemu (pid 5000001)"},
	{many_guests, "which guest has the tap of qemu (pid "},
	{long_state, "the state of guest web1: its file in /run/libvirt/qemu begins with too much "
		     "else"},
	{many_entries, "the tables of this host: more than 65536 netdevs, entries or rules"},
};

TEST(test_each_is_exceeded_once)
{
	static const struct nfp_facts_rights all = {true, true, true};
	const struct nfp_strv none = {.n = 0};

	if (geteuid() != 0 || faccessat(AT_FDCWD, "/dev/net/tun", F_OK, 0) != 0)
		skip();
	assert_int_equal(own_netns(NULL), 0);
	assert_int_equal(system("ip link add v0 index 87 type veth peer name v1 index 88 && "
				"ip link add link v0 name mt0 type macvtap"),
			 0);
	for (size_t i = 0; i < NFP_NUM(rows); i++) {
		struct nfp_facts facts;
		struct nfp_audit audit;
		struct nfp_err err;
		struct tree t;

		tree_make(&t);
		tree_file(&t, "proc/net/dev_mcast", "");
		tree_process(&t, GUEST, "qemu", 7, "/dev/tap87");
		tree_link(&t, "proc/5000001/ns/net", "/proc/self/ns/net");
		tree_link(&t, "proc/self/ns/net", "/proc/self/ns/net");
		tree_file(&t, "proc/5000001/cmdline", "");
		rows[i].make(&t);
		assert_int_equal(nfp_facts_read(&t.root, &all, nfp_clock_now() + NFP_LOOK_NS * 6,
						&facts, &err),
				 0);
		nfp_audit_judge(&facts, &none, &audit);
		for (size_t k = 0; k < audit.num_unread; k++)
			print_message("%zu: %s\n", i, audit.unread[k].what);
		assert_int_equal(audit.num_unread, rows[i].what ? 1 : 0);
		assert_int_equal(audit.exit_status, rows[i].what ? 3 : 0);
		if (rows[i].what)
			assert_memory_equal(audit.unread[0].what, rows[i].what,
					    strlen(rows[i].what));
		nfp_audit_fini(&audit);
		nfp_facts_fini(&facts);
		tree_drop(&t);
	}
}

/* ---- those that take a kernel or a clock of their own ---- */

TEST(test_rules)
{
	const struct nfp_reading how = {.netns_fd = -1, .until_ns = 0};
	struct nfp_netns netns = {.num_rules = NFP_FACTS_MAX, .num_links = 1};
	struct nfp_err err;

	netns.rules = nfp_calloc(NFP_FACTS_MAX, sizeof(*netns.rules));
	netns.links = nfp_calloc(1, sizeof(*netns.links));
	netns.links[0] = (struct nfp_link) {.ifname = "v0", .ifindex = 7, .xdp = true};
	assert_int_equal(own_netns(NULL), 0);
	assert_int_equal(nfp_rules_read(&how, &netns, &err), -EFBIG);
	assert_false(netns.rules_known);
	nfp_netns_fini(&netns);
}

TEST(test_states_of_guests)
{
	struct nfp_netns own = {.num_links = 0};
	struct nfp_facts facts = {.netns = &own, .num_netns = 1, .num_taps = 1};
	struct tree t;

	tree_make(&t);
	tree_file(&t, "run/libvirt/qemu/web1.xml", "<domstatus state='paused' pid='5000001'>");
	facts.taps = nfp_calloc(1, sizeof(*facts.taps));
	facts.taps[0].pid = GUEST;
	nfp_facts_guests(&facts, &t.root, 1);
	assert_int_equal(facts.num_unread, 1);
	assert_string_equal(facts.unread[0].what,
			    "the states of all guests of libvirt: there was no time");
	free(facts.taps);
	free(facts.guests);
	free(facts.unread);
	tree_drop(&t);
}

TEST_MAIN()
