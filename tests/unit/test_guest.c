// SPDX-License-Identifier: GPL-2.0-or-later
/* The VF of a guest that has not taken it yet: whose it is, by each of three signs. */
#include <fcntl.h>
#include <sys/stat.h>

#include "harness.h"
#include "../../src/net/inventory_priv.h"
#include "tree.h"

#define VF1 "sys/devices/pci0000:00/0000:01:10.1"
#define MAC                                    \
	{                                      \
		{                              \
			0x52, 0x54, 0, 0, 0, 1 \
		}                              \
	}
#define QEMU	"/usr/bin/qemu-system-x86_64"
#define STRANGE 65534 /* a user who is nobody's */

/* VF 1 is parked on vfio-pci, with the address of a guest whose standby is not there. */
struct world {
	struct tree t;
	struct nfp_link links[2];
	struct nfp_use_ctx ctx;
	struct nfp_mac mac;
};

static void setup(struct world *w)
{
	tree_make(&w->t);
	tree_nic(&w->t);
	tree_vfio_group(&w->t);
	tree_dir(&w->t, TREE_PF "/net/eth0");
	w->links[0] = (struct nfp_link) {.ifindex = 3, .ifname = "eth0", .physical = true};
	w->ctx = (struct nfp_use_ctx) {.root = &w->t.root,
				       .links = w->links,
				       .num_links = 1,
				       .extra_ns = 600 * NFP_NSEC_PER_SEC};
	w->mac = (struct nfp_mac)MAC;
}

static void teardown(struct world *w)
{
	nfp_use_ctx_fini(&w->ctx);
	tree_drop(&w->t);
}

#define CASE(name) TEST_OF(name, setup, teardown, struct world, w)

static struct nfp_vf_info look(struct world *w)
{
	struct nfp_vf_info info = {.vf = 1, .use = NFP_USE_UNKNOWN};

	nfp_use_ctx_fini(&w->ctx);
	info.attr.have_mac = true;
	info.attr.mac = w->mac;
	snprintf(info.parentdev, sizeof(info.parentdev), "0000:01:10.1");
	snprintf(info.devpath, sizeof(info.devpath), "/sys/devices/pci0000:00/0000:01:10.1");
	assert_int_equal(nfp_vf_use_find(&w->ctx, &info), 0);
	return info;
}

static void expect(struct world *w, enum nfp_use use, const char *user)
{
	struct nfp_vf_info info = look(w);

	assert_string_equal(info.user, user);
	assert_int_equal(info.use, use);
}

/* A process of that user, whose arguments are @args, with zeros for the bars. */
static void process(struct world *w, int pid, unsigned int user, const char *program,
		    const char *args)
{
	char name[128], text[256], *copy = nfp_strdup(args);

	tree_process(&w->t, pid, "qemu-system-x86", 3, "/dev/null");
	snprintf(name, sizeof(name), "proc/%d/status", pid);
	snprintf(text, sizeof(text), "Name:\tx\nUid:\t%u\t%u\t%u\t%u\nGroups:\t%*s\n", user, user,
		 user, user, 64, "");
	tree_file(&w->t, name, text);
	snprintf(name, sizeof(name), "proc/%d/exe", pid);
	tree_link(&w->t, name, program);
	snprintf(name, sizeof(name), "%s/proc/%d/cmdline", w->t.dir, pid);
	{
		int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		size_t len = strlen(args) + 1;

		for (char *c = copy; *c; c++)
			*c = *c == '|' ? '\0' : *c;
		assert_int_equal(write(fd, copy, len), len);
		close(fd);
	}
	free(copy);
}

/* Each way to name a device, and what is none. */
CASE(by_the_arguments)
{
	static const struct {
		const char *args, *user;
	} rows[] = {
		{"qemu|-name|guest=web1,debug-threads=on|-device|"
		 "vfio-pci,host=0000:01:10.1,failover_pair_id=ua-net0,id=hostdev0",
		 "guest web1 (pid 5000001), not taken yet"},
		{"qemu|-name|web,,1|-device|vfio-pci,host=01:10.1",
		 "guest web,1 (pid 5000001), not taken yet"},
		{"qemu|-device|vfio-pci,host=1:10.1",
		 "guest without a name (pid 5000001), not taken yet"},
		{"qemu|-name|guest=a|-device|{\"driver\":\"vfio-pci\",\"host\":\"0000:01:10.1\","
		 "\"id\":\"hostdev0\"}",
		 "guest a (pid 5000001), not taken yet"},
		{"qemu|-name|guest=a|-device|{\"driver\": \"vfio-pci\", \"host\" : "
		 "\"0000:01:10.1\"}",
		 "guest a (pid 5000001), not taken yet"},
		{"qemu|-name|guest=a|-device|vfio-pci,sysfsdev=/sys/bus/pci/devices/"
		 "0000:01:10.1,x=y",
		 "guest a (pid 5000001), not taken yet"},
		{"qemu|-name|guest=a|-device|vfio-pci,host=0001:01:10.1", ""},
		{"qemu|-name|guest=a|-device|vfio-pci,host=0000:01:10.2", ""},
		{"qemu|-name|guest=a|-device|vfio-pci,host=0000:01:10.10", ""},
		{"qemu|-name|guest=a|-device|vfio-pci,hosts=0000:01:10.1", ""},
		{"qemu|-name|guest=a|-netdev|x,localhost=0000:01:10.1", ""},
		{"qemu|-name|guest=a|-chardev|socket,host=127.0.0.1,port=1", ""},
		{"qemu|-name|host=0000:01:10.1", ""},
		{"qemu|-name|guest=a|-device|vfio-pci,host=", ""},
		{"", ""},
	};

	for (size_t i = 0; i < NFP_NUM(rows); i++) {
		print_message("%s\n", rows[i].args);
		process(w, 5000001, 0, QEMU, rows[i].args);
		expect(w, rows[i].user[0] ? NFP_USE_RESERVED : NFP_USE_IDLE, rows[i].user);
		assert_int_equal(look(w).user_pid, rows[i].user[0] ? 5000001 : 0);
	}
}

#define ARGS "qemu|-name|guest=web1|-device|vfio-pci,host=0000:01:10.1"
#define WEB1 "guest web1 (pid 5000001), not taken yet"

/* Anybody calls a process of his own as he likes. */
CASE(of_whom)
{
	static const struct {
		unsigned int user;
		const char *program;
		bool is_guest;
	} rows[] = {
		{0, QEMU, true},
		{0, QEMU " (deleted)", true},
		{0, "/usr/libexec/qemu-kvm", true},
		{0, "/usr/bin/kvm", true},
		{0, "/nix/store/x/bin/.qemu-system-x86_64-wrapped", true},
		{0, "/usr/bin/kvm-clock", false},
		{0, "/usr/bin/python3.11", false},
		{STRANGE, QEMU, false},
	};

	for (size_t i = 0; i < NFP_NUM(rows); i++) {
		print_message("%s of %u\n", rows[i].program, rows[i].user);
		process(w, 5000001, rows[i].user, rows[i].program, ARGS);
		expect(w, rows[i].is_guest ? NFP_USE_RESERVED : NFP_USE_IDLE,
		       rows[i].is_guest ? WEB1 : "");
	}
	/* libvirt has noted it, whoever it is, and knows its name. */
	tree_file(&w->t, "run/libvirt/qemu/other.pid", "12");
	tree_file(&w->t, "run/libvirt/qemu/db.pid", "5000001");
	expect(w, NFP_USE_RESERVED, "guest db (pid 5000001), not taken yet");
	tree_remove(&w->t, "run/libvirt/qemu/db.pid");
	expect(w, NFP_USE_IDLE, "");
}

/* Root's files promise who a process is, by its number or its state, and nothing of what it says:
 * that comes before what others say. */
CASE(whom_root_names)
{
	static const char *const files[] = {"db.pid", "db.xml"};
	static const char *const texts[] = {
		"5000002\n", "<domstatus state='paused' reason='starting up' pid='5000002'>"};
	char name[64], path[512];

	process(w, 5000001, 0, QEMU, ARGS);
	process(w, 5000002, 0, QEMU, ARGS);
	for (size_t i = 0; i < NFP_NUM(files); i++) {
		snprintf(name, sizeof(name), "run/libvirt/qemu/%s", files[i]);
		snprintf(path, sizeof(path), "%s/%s", w->t.dir, name);
		tree_file(&w->t, name, texts[i]);
		expect(w, NFP_USE_RESERVED, "guest db (pid 5000002), not taken yet");
		assert_int_equal(look(w).proof, NFP_SAID);
		/* Another may have written it. */
		assert_int_equal(chmod(path, 0666), 0);
		assert_int_equal(look(w).proof, NFP_SAID);
		assert_null(strstr(look(w).user, "guest db"));
		tree_remove(&w->t, name);
	}
}

/* The user as whom libvirt runs QEMU, and one who has been given a node of vfio. */
CASE(of_other_users)
{
	static const char *const given[] = {"/var/lib/libvirt/qemu", "/dev/vfio/12"};
	char path[512];

	if (geteuid() != 0)
		skip();
	tree_dir(&w->t, "var/lib/libvirt/qemu");
	process(w, 5000001, STRANGE, QEMU, ARGS);
	expect(w, NFP_USE_IDLE, "");
	for (size_t i = 0; i < NFP_NUM(given); i++) {
		snprintf(path, sizeof(path), "%s%s", w->t.dir, given[i]);
		assert_int_equal(chown(path, STRANGE, STRANGE), 0);
		expect(w, NFP_USE_RESERVED, WEB1);
		assert_int_equal(chown(path, 0, 0), 0);
	}
}

/* What is not read may be anything: it is longer than is read, or does not answer. */
CASE(not_read)
{
	static const char unknown[] = "qemu-system-x86 (pid 5000001) may be about to take it: its "
				      "arguments cannot be read";
	char *args = nfp_malloc(NFP_ARGS_MAX + 1), path[512];
	uint64_t began_ns;

	memset(args, 'x', NFP_ARGS_MAX);
	args[NFP_ARGS_MAX] = '\0';
	process(w, 5000001, 0, QEMU, args);
	expect(w, NFP_USE_RESERVED, unknown);
	args[NFP_ARGS_MAX - 1] = '\0';
	process(w, 5000001, 0, QEMU, args);
	expect(w, NFP_USE_IDLE, "");
	free(args);

	/* Nobody writes to it, so that its share of ten seconds is waited for. */
	w->ctx.extra_ns = 8 * NFP_NSEC_PER_SEC;
	tree_remove(&w->t, "proc/5000001/cmdline");
	snprintf(path, sizeof(path), "%s/proc/5000001/cmdline", w->t.dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	began_ns = nfp_clock_now();
	expect(w, NFP_USE_RESERVED, unknown);
	/* Not for all of them. */
	assert_true(nfp_clock_now() - began_ns < 10 * NFP_NSEC_PER_SEC);
	process(w, 5000002, 0, QEMU, ARGS);
	expect(w, NFP_USE_RESERVED, "guest web1 (pid 5000002), not taken yet");
	/* One that nobody looks at waits for nobody. */
	tree_remove(&w->t, "proc/5000001/exe");
	tree_link(&w->t, "proc/5000001/exe", "/usr/bin/python3");
	expect(w, NFP_USE_RESERVED, "guest web1 (pid 5000002), not taken yet");
}

struct taken {
	size_t num;
	ssize_t len[5];
	char first[5][32];
};

static void take(void *ctx, size_t i, const char *args, ssize_t len)
{
	struct taken *taken = ctx;

	assert_int_equal(i, taken->num++);
	taken->len[i] = len;
	if (len >= 0)
		snprintf(taken->first[i], sizeof(taken->first[i]), "%s", args);
}

/* Of many processes, one that makes its reader wait keeps no other from being read. */
CASE(the_arguments_of_many)
{
	static const pid_t pids[] = {5000001, 5000002, 5000003, 5000004, 5000005};
	struct nfp_allowance time = {8 * NFP_NSEC_PER_SEC, 0};
	struct taken taken = {.num = 0};
	char path[512], *large = nfp_calloc(NFP_ARGS_MAX + 2, 1);

	memset(large, 'x', NFP_ARGS_MAX + 1);
	process(w, 5000001, 0, QEMU, "qemu|one");
	process(w, 5000002, 0, QEMU, "qemu");
	tree_remove(&w->t, "proc/5000002/cmdline");
	snprintf(path, sizeof(path), "%s/proc/5000002/cmdline", w->t.dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	process(w, 5000004, 0, QEMU, large);
	process(w, 5000005, 0, QEMU, "kvm|five");
	nfp_args_each(&w->t.root, pids, NFP_NUM(pids), &time, take, &taken);
	assert_int_equal(taken.num, NFP_NUM(pids));
	assert_string_equal(taken.first[0], "qemu");
	assert_int_equal(taken.len[0], strlen("qemu|one") + 1);
	assert_int_equal(taken.len[1], -ETIME);
	assert_int_equal(taken.len[2], -ENOENT);
	assert_int_equal(taken.len[3], -EFBIG);
	assert_string_equal(taken.first[4], "kvm");
	assert_true(time.left_ns < 8 * NFP_NSEC_PER_SEC);
	free(large);
	/* There is no time left. */
	time.left_ns = 0;
	taken.num = 0;
	nfp_args_each(&w->t.root, pids, NFP_NUM(pids), &time, take, &taken);
	assert_int_equal(taken.num, NFP_NUM(pids));
	assert_int_equal(taken.len[0], -ETIME);
}

/* libvirt has not taken the VF back, whatever its driver is. */
CASE(by_libvirt)
{
	static const char user[] =
		"a guest of libvirt's (/run/libvirt/hostdevmgr/eth0_vf1), not taken yet";

	tree_file(&w->t, "run/libvirt/hostdevmgr/eth0_vf11", "{}");
	tree_file(&w->t, "run/libvirt/hostdevmgr/eth00_vf1", "{}");
	expect(w, NFP_USE_IDLE, "");
	tree_file(&w->t, "run/libvirt/hostdevmgr/eth0_vf1",
		  "{\"adminMac\":\"00:00:00:00:00:00\",\"vlanTag\":0}");
	expect(w, NFP_USE_RESERVED, user);
	tree_remove(&w->t, VF1 "/driver");
	expect(w, NFP_USE_RESERVED, user);
	process(w, 5000001, 0, QEMU, ARGS);
	/* What root has promised comes before what a process says. */
	expect(w, NFP_USE_RESERVED, user);
	/* Once it is taken, and once the guest has gone. */
	tree_link(&w->t, VF1 "/driver", "../../../bus/pci/drivers/vfio-pci");
	tree_process(&w->t, 5000001, "qemu-system-x86", 9, "/dev/vfio/12");
	expect(w, NFP_USE_VFIO, "qemu-system-x86 (pid 5000001) holds it through vfio (group 12)");
	tree_remove(&w->t, "proc/5000001/fd/9");
	expect(w, NFP_USE_RESERVED, user);
	tree_remove(&w->t, "proc/5000001/status");
	expect(w, NFP_USE_RESERVED, user);
	tree_remove(&w->t, "run/libvirt/hostdevmgr/eth0_vf1");
	expect(w, NFP_USE_IDLE, "");
}

CASE(by_the_address)
{
	static const struct {
		const char *kind;
		struct nfp_mac mac;
		bool is_standby;
	} rows[] = {
		{"macvtap", MAC, true},
		{"macvtap", {{0xfe, 0x54, 0, 0, 0, 1}}, false},
		{"macvtap", {{0x52, 0x54, 0, 0, 0, 2}}, false},
		{"tun", MAC, true},
		{"tun", {{0xfe, 0x54, 0, 0, 0, 1}}, true},
		{"tun", {{0xfa, 0x54, 0, 0, 0, 1}}, false},
		{"veth", MAC, false},
	};

	w->ctx.num_links = 2;
	for (size_t i = 0; i < NFP_NUM(rows); i++) {
		w->links[1] =
			(struct nfp_link) {.ifindex = 9, .ifname = "vnet7", .address = rows[i].mac};
		strcpy(w->links[1].kind, rows[i].kind);
		expect(w, rows[i].is_standby ? NFP_USE_RESERVED : NFP_USE_IDLE,
		       rows[i].is_standby ? "the guest of vnet7, not taken yet" : "");
		assert_int_equal(look(w).by_address, rows[i].is_standby);
		/* A tap's owner may set its address; a macvtap's is root's. */
		assert_int_equal(look(w).proof, !rows[i].is_standby		   ? NFP_PROOF_NONE
						: strcmp(rows[i].kind, "tun") == 0 ? NFP_SAID
										   : NFP_PROMISED);
	}
	strcpy(w->links[1].kind, "macvtap");
	/* Not of a VF that no guest can take, nor of one without an address. */
	w->mac = w->links[1].address = (struct nfp_mac) {{0}};
	expect(w, NFP_USE_IDLE, "");
	w->mac = w->links[1].address = (struct nfp_mac)MAC;
	process(w, 5000001, 0, QEMU, ARGS);
	assert_false(look(w).by_address);
	tree_remove(&w->t, "proc/5000001/status");
	tree_remove(&w->t, VF1 "/driver");
	expect(w, NFP_USE_IDLE, "");
}

/* A container shows no process of the host's. A VF without an address is no guest's to come. */
CASE(in_a_container)
{
	tree_link(&w->t, "proc/self/ns/pid", "pid:[4026532999]");
	expect(w, NFP_USE_RESERVED,
	       "a guest may be about to take it: a container sees the host's processes only with "
	       "--pid host (hostPID: true)");
	w->mac = (struct nfp_mac) {{0}};
	expect(w, NFP_USE_IDLE, "");
}

/* What root has promised, even with --force; what a process says, without it. */
TEST(is_refused)
{
	struct nfp_vf_info vf = {.vf = 1, .use = NFP_USE_RESERVED, .user = WEB1};
	struct nfp_err err;

	for (int force = 0; force <= 1; force++) {
		assert_int_equal(nfp_vf_check_use("eth0", &vf, force, &err), -EBUSY);
		assert_int_equal(err.code, NFP_E_VF_IN_USE);
		assert_string_equal(err.message, "VF 1 of eth0 is in use: " WEB1);
	}
	vf.proof = NFP_SAID;
	assert_int_equal(nfp_vf_check_use("eth0", &vf, false, &err), -EBUSY);
	assert_non_null(strstr(err.hint.text, "add --force"));
	assert_int_equal(nfp_vf_check_use("eth0", &vf, true, &err), 0);
}

/* ---- the address of a tap's guest ---- */

TEST(address_of_a_tap_by_arguments)
{
	static const struct {
		const char *netdev, *device;
		bool found;
	} rows[] = {
		{"tap,fd=33,id=hostnet0,vhost=on,vhostfd=34",
		 "virtio-net-pci,netdev=hostnet0,id=net0,mac=52:54:00:00:00:12,bus=pci.1", true},
		{"{\"type\":\"tap\",\"fd\":\"33\",\"vhostfd\":\"34\",\"id\":\"hostnet0\"}",
		 "{\"driver\":\"virtio-net-pci\",\"netdev\":\"hostnet0\",\"mac\":\"52:54:00:00:00:"
		 "12\"}",
		 true},
		{"tap,fds=32:33,id=n", "virtio-net-pci,netdev=n,mac=52:54:00:00:00:12", true},
		{"tap,ifname=tap7,id=n", "virtio-net-pci,mac=52:54:00:00:00:12,netdev=n", true},
		/* Another tap's, another netdev's, vhost's; no address, and none that is one. */
		{"tap,fd=333,id=n", "virtio-net-pci,netdev=n,mac=52:54:00:00:00:12", false},
		{"tap,fd=33,id=n", "virtio-net-pci,netdev=n2,mac=52:54:00:00:00:12", false},
		{"tap,fd=32,id=n,vhostfd=33", "virtio-net-pci,netdev=n,mac=52:54:00:00:00:12",
		 false},
		{"tap,fd=33,id=n", "virtio-net-pci,netdev=n", false},
		{"tap,fd=33,id=n", "virtio-net-pci,netdev=n,mac=52:54:00:00:00", false},
		{"", "", false},
	};
	const struct nfp_guest_tap tap = {.ifname = "tap7", .fd = 33};
	const struct nfp_mac right = {{0x52, 0x54, 0, 0, 0, 0x12}};
	const char *last = "-netdev";

	nfp_for_each (row, rows, NFP_NUM(rows)) {
		struct nfp_mac mac = {{0}};
		char args[256];
		int len = snprintf(args, sizeof(args), "qemu%c-netdev%c%s%c-device%c%s", 0, 0,
				   row->netdev, 0, 0, row->device);

		assert_int_equal(nfp_guest_mac_find(args, (size_t)len + 1, &tap, &mac), row->found);
		assert_int_equal(nfp_mac_equal(&mac, &right), row->found);
	}
	assert_false(nfp_guest_mac_find(last, strlen(last) + 1, &tap, &(struct nfp_mac) {{0}}));
}

TEST_MAIN()
