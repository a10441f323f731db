// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "../../src/net/inventory_priv.h"
#include "base/base.h"
#include "tree.h"

#define CASE(name) TEST_OF(name, tree_make, tree_drop, struct tree, t)

CASE(test_read)
{
	char buf[8];

	tree_file(t, "sys/six", "sixsix\n");
	tree_file(t, "sys/seven", "sevenXY");
	tree_file(t, "sys/eight", "eightXYZ");
	tree_file(t, "sys/empty", "");
	tree_file(t, "sys/lines", "a\nb\n\n");
	assert_int_equal(nfp_sysfs_read(NULL, buf, sizeof(buf), "%s/six", t->sys), 0);
	assert_string_equal(buf, "sixsix");
	assert_int_equal(nfp_sysfs_read(NULL, buf, sizeof(buf), "%s/seven", t->sys), 0);
	assert_string_equal(buf, "sevenXY");
	assert_int_equal(nfp_sysfs_read(NULL, buf, sizeof(buf), "%s/eight", t->sys), -EFBIG);
	assert_string_equal(buf, "");
	assert_int_equal(nfp_sysfs_read(NULL, buf, sizeof(buf), "%s/empty", t->sys), 0);
	assert_string_equal(buf, "");
	assert_int_equal(nfp_sysfs_read(NULL, buf, sizeof(buf), "%s/lines", t->sys), 0);
	assert_string_equal(buf, "a\nb\n");
	assert_int_equal(nfp_sysfs_read(NULL, buf, sizeof(buf), "%s/none", t->sys), -ENOENT);
	assert_int_equal(nfp_sysfs_read(NULL, buf, sizeof(buf), "%s", t->sys), -EISDIR);
	assert_int_equal(nfp_sysfs_read(NULL, buf, sizeof(buf), "%s/%05000d", t->sys, 1),
			 -ENAMETOOLONG);
}

CASE(test_number)
{
	static const struct {
		const char *text;
		int ret;
		uint64_t value;
	} cases[] = {
		{"0\n", 0, 0},
		{"7", 0, 7},
		{"0x10c9\n", 0, 0x10c9},
		{"18446744073709551615\n", 0, UINT64_MAX},
		{"18446744073709551616\n", -EINVAL, 0},
		{"-1\n", -EINVAL, 0},
		{" 1\n", -EINVAL, 0},
		{"1 \n", -EINVAL, 0},
		{"12abc\n", -EINVAL, 0},
		{"0x\n", -EINVAL, 0},
		{"\n", -EINVAL, 0},
		{"(null)\n", -EINVAL, 0},
		{"1234567890123456789012345678901234567890", -EFBIG, 0},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = 99;

		tree_file(t, "sys/n", cases[i].text);
		assert_int_equal(nfp_sysfs_number(NULL, &value, "%s/n", t->sys), cases[i].ret);
		assert_int_equal(value, cases[i].ret == 0 ? cases[i].value : 99);
	}
}

CASE(test_links)
{
	char buf[256], small[4];

	tree_dir(t, "sys/devices/pci0/0000:01:00.0");
	tree_link(t, "sys/class/net/eth0/device", "../../../devices/pci0/0000:01:00.0");
	tree_link(t, "sys/bare", "target");
	tree_link(t, "sys/devices/up", "../devices/pci0");
	assert_int_equal(nfp_sysfs_link(NULL, buf, sizeof(buf), "%s/class/net/eth0/device", t->sys),
			 0);
	assert_string_equal(buf, "0000:01:00.0");
	assert_int_equal(nfp_sysfs_link(NULL, buf, sizeof(buf), "%s/bare", t->sys), 0);
	assert_string_equal(buf, "target");
	assert_int_equal(nfp_sysfs_link(NULL, small, sizeof(small), "%s/bare", t->sys),
			 -ENAMETOOLONG);
	assert_string_equal(small, "");
	assert_int_equal(nfp_sysfs_link(NULL, buf, sizeof(buf), "%s/devices", t->sys), -EINVAL);
	assert_int_equal(
		nfp_sysfs_resolve(&t->root, buf, sizeof(buf), "/sys/class/net/eth0/device"), 0);
	assert_string_equal(buf, "/sys/devices/pci0/0000:01:00.0");
	assert_int_equal(nfp_sysfs_link(&t->root, buf, sizeof(buf), "%s/up", "/sys/devices"), 0);
	assert_string_equal(buf, "pci0");
	assert_int_equal(nfp_sysfs_resolve(&t->root, buf, sizeof(buf), "/sys/bare"), -ENOENT);
}

/* The processes that have a device open: by its node's path, or by its number at any path. */
CASE(test_holders)
{
	struct nfp_use_ctx ctx = {.root = &t->root};
	char who[NFP_PROCESS_LEN];
	struct stat st;

	assert_int_equal(stat("/dev/full", &st), 0);
	tree_process(t, 100, "bash", 0, "/dev/null"); /* memory devices are in nobody's way */
	tree_process(t, 5000001, "qemu-system-x86", 7, "/dev/vfio/12");
	tree_process(t, 5000002, "dpdk", 3, "/dev/vfio/13 (deleted)");
	tree_file(t, "proc/self/comm", "x");
	assert_int_equal(nfp_holder_find(&ctx, 0, "/dev/vfio/12", who), 5000001);
	assert_true(ctx.holders.complete);
	assert_string_equal(who, "qemu-system-x86 (pid 5000001)");
	assert_int_equal(nfp_holder_find(&ctx, 0, "/dev/vfio/1", who), 0);
	assert_int_equal(nfp_holder_find(&ctx, st.st_rdev, "/dev/vfio/1", who), 0);
	tree_remove(t, "proc/5000002/comm"); /* it has ended since */
	assert_int_equal(nfp_holder_find(&ctx, 0, "/dev/vfio/13 (deleted)", who), 5000002);
	assert_string_equal(who, "a process (pid 5000002)");
	nfp_use_ctx_fini(&ctx);
}

/* In a mount namespace of his own, anybody calls a file, or another device, what he likes. */
CASE(test_files_called_like_devices)
{
	static const char *const targets[] = {"/dev/full", "/dev/loop-control", "/dev/shm"};
	struct nfp_use_ctx ctx = {.root = &t->root};
	char who[NFP_PROCESS_LEN];
	struct stat st;

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		tree_process(t, 5000001 + (int)i, "sleep", 7, targets[i]);
	assert_int_equal(nfp_holder_find(&ctx, 0, "/dev/shm", who), 0);
	if (stat("/dev/loop-control", &st) == 0) {
		assert_int_equal(nfp_holder_find(&ctx, st.st_rdev, "/dev/none", who), 5000002);
		assert_int_equal(nfp_holder_find(&ctx, st.st_rdev + 1, "/dev/loop-control", who),
				 0);
		assert_int_equal(nfp_holder_find(&ctx, 0, "/dev/loop-control", who), 5000002);
	}
	nfp_use_ctx_fini(&ctx);
}

/* Among many: each node has its process; duplicates are one, of several devices in turn, too. */
CASE(test_many_holders)
{
	static const char *const nodes[] = {"/dev/fuse", "/dev/loop-control"};
	struct nfp_use_ctx ctx = {.root = &t->root};
	char path[64], who[NFP_PROCESS_LEN];
	struct stat st;

	for (int i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), "/dev/vfio/%d", i * 7 % 40);
		tree_process(t, 1000 + i, "qemu", 7, path);
	}
	for (int fd = 1; fd < 6; fd++)
		tree_process(t, 2000, "sleep", fd, fd % 2 ? "/dev/vfio/x" : "/dev/vfio/y");
	tree_process(t, 2000, "sleep", 6, "/dev/net/tun");
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		tree_process(t, 3000 + (int)i, "dpdk", 7, nodes[i]);
	for (int i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), "/dev/vfio/%d", i * 7 % 40);
		assert_int_equal(nfp_holder_find(&ctx, 0, path, who), 1000 + i);
	}
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		if (stat(nodes[i], &st) == 0)
			assert_int_equal(nfp_holder_find(&ctx, st.st_rdev, "/dev/none", who),
					 3000 + i);
	assert_int_equal(ctx.holders.n, 40 + 2 + 2);
	assert_int_equal(ctx.holders.num_tuns, 0);
	nfp_use_ctx_fini(&ctx);
}

/* Anybody can open the node of taps any number of times: each descriptor counts, up to a bound, and
 * none hides the holder of a device. */
CASE(test_many_taps)
{
	struct nfp_use_ctx ctx = {.root = &t->root, .wants_taps = true};
	char name[64], who[NFP_PROCESS_LEN];
	struct stat st;

	if (stat("/dev/net/tun", &st) != 0)
		skip();
	for (unsigned int fd = 0; fd < NFP_PROCESS_TUNS_MAX; fd++)
		tree_fd(t, 1000, (int)fd, "/dev/net/tun");
	assert_int_equal(nfp_holders_read(&ctx), 0);
	assert_int_equal(ctx.holders.num_tuns, NFP_PROCESS_TUNS_MAX);
	assert_int_equal(ctx.holders.tuns_of, 0);
	nfp_use_ctx_fini(&ctx);
	tree_fd(t, 1000, NFP_PROCESS_TUNS_MAX, "/dev/net/tun");
	tree_process(t, 1001, "qemu", 7, "/dev/vfio/12");
	assert_int_equal(nfp_holder_find(&ctx, 0, "/dev/vfio/12", who), 1001);
	assert_int_equal(ctx.holders.num_tuns, NFP_PROCESS_TUNS_MAX);
	assert_int_equal(ctx.holders.tuns_of, 1000);
	assert_true(ctx.holders.complete);
	nfp_use_ctx_fini(&ctx);
	/* As many processes as all may have together. */
	for (unsigned int i = 1; i <= NFP_TUNS_MAX / NFP_PROCESS_TUNS_MAX; i++) {
		snprintf(name, sizeof(name), "proc/%u", 2000 + i);
		tree_link(t, name, "1000");
	}
	assert_int_equal(nfp_holder_find(&ctx, 0, "/dev/vfio/12", who), 1001);
	assert_int_equal(ctx.holders.num_tuns, NFP_TUNS_MAX);
	assert_true(ctx.holders.complete);
	nfp_use_ctx_fini(&ctx);
}

/* In a PID namespace, others may hold what they will. */
CASE(test_holders_incomplete)
{
	struct nfp_use_ctx ctx = {.root = &t->root};
	char who[NFP_PROCESS_LEN];

	tree_link(t, "proc/self/ns/pid", "pid:[4026532999]");
	assert_int_equal(nfp_holder_find(&ctx, 0, "/dev/vfio/12", who), 0);
	assert_false(ctx.holders.complete);
	nfp_use_ctx_fini(&ctx);
	tree_remove(t, "proc/self/ns/pid");
	assert_int_equal(nfp_holder_find(&ctx, 0, "/dev/vfio/12", who), 0);
	assert_false(ctx.holders.complete);
	nfp_use_ctx_fini(&ctx);
}

/* Without CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH lists the files of other users, and follows none. */
CASE(test_holders_that_cannot_be_followed)
{
	static const char *const folders[] = {"", "/proc", "/proc/self", "/proc/self/ns",
					      "/proc/5000001"};
	struct nfp_use_ctx ctx = {.root = &t->root};
	char who[NFP_PROCESS_LEN], path[512];
	int status;
	pid_t pid;

	tree_process(t, 5000001, "qemu", 7, "/dev/vfio/12");
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", t->dir, folders[i]);
		assert_int_equal(chmod(path, 0755), 0);
	}
	snprintf(path, sizeof(path), "%s/proc/5000001/fd", t->dir);
	assert_int_equal(chmod(path, 0444), 0);
	pid = fork();
	if (pid == 0)
		_exit((geteuid() == 0 && setresuid(65534, 65534, 65534)) ||
		      nfp_holder_find(&ctx, 0, "/dev/vfio/12", who) != 0 || ctx.holders.complete);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(status, 0);
	assert_int_equal(nfp_holder_find(&ctx, 0, "/dev/vfio/12", who), 5000001);
	assert_true(ctx.holders.complete);
	nfp_use_ctx_fini(&ctx);
}

/* As runtimes of containers mount it. The value is that of a network namespace of its own. */
static int write_to_sysctls_mounted_read_only(void)
{
	char value[8];
	int fd;

	if (unshare(CLONE_NEWNS | CLONE_NEWNET) ||
	    mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("/proc/sys", "/proc/sys", NULL, MS_BIND, NULL) ||
	    mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL))
		return 2;
	fd = open("/proc/sys/net/ipv4/ip_forward", O_WRONLY | O_CLOEXEC);
	return fd >= 0 || errno != EROFS ||
	       nfp_sysfs_write(NULL, "1", "/proc/sys/net/ipv4/%s", "ip_forward") != 0 ||
	       nfp_sysfs_read(NULL, value, sizeof(value), "/proc/sys/net/ipv4/ip_forward") != 0 ||
	       strcmp(value, "1") != 0 ||
	       nfp_sysfs_write(NULL, "1", "/proc/sys/net/ipv4/none") != -ENOENT;
}

CASE(test_write_to_sysctls_mounted_read_only)
{
	int status;
	pid_t pid;

	(void)t;
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0)
		_exit(write_to_sysctls_mounted_read_only());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

TEST_MAIN()
