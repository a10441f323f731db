// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <sys/stat.h>

#include "harness.h"
#include "../../src/net/inventory_priv.h"
#include "nfprobe/base.h"
#include "tree.h"

#define CASE(name) TEST_OF(name, tree_setup, tree_teardown, struct tree, t)

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
	tree_process(t, 4711, "qemu-system-x86", 7, "/dev/vfio/12");
	tree_process(t, 4712, "dpdk", 3, "/dev/vfio/13 (deleted)");
	tree_file(t, "proc/self/comm", "x");
	assert_int_equal(nfp_holder_find(&ctx, 0, "/dev/vfio/12", who), 1);
	assert_true(ctx.holders.complete);
	assert_string_equal(who, "qemu-system-x86 (pid 4711)");
	assert_int_equal(nfp_holder_find(&ctx, 0, "/dev/vfio/1", who), 0);
	assert_int_equal(nfp_holder_find(&ctx, st.st_rdev, "/dev/vfio/1", who), 0);
	tree_remove(t, "proc/4712/comm"); /* it has ended since */
	assert_int_equal(nfp_holder_find(&ctx, 0, "/dev/vfio/13 (deleted)", who), 1);
	assert_string_equal(who, "a process (pid 4712)");
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

/* As each call ends: what, and how. */
static void note_file(void *ctx, const struct nfp_kernel_file *file)
{
	char *seen = ctx;
	static const char *const uses[] = {"read", "wrote", "link"};
	const char *name = strrchr(file->path, '/');

	assert_true(file->ns > 0);
	nfp_appendf(seen, 512, "%s %s %s %d; ", uses[file->use], name + 1, file->text, file->ret);
}

CASE(test_observed)
{
	char seen[512] = "", buf[32];
	const struct nfp_observer observer = {.file = note_file, .ctx = seen};
	const struct nfp_sysroot root = {t->dir, &observer};
	uint64_t value;

	tree_file(t, "sys/seven", "7\n");
	tree_file(t, "sys/w", "");
	tree_link(t, "sys/driver", "../drivers/igbvf");
	assert_int_equal(nfp_sysfs_read(&root, buf, sizeof(buf), "/sys/seven"), 0);
	assert_int_equal(nfp_sysfs_number(&root, &value, "/sys/seven"), 0);
	assert_int_equal(nfp_sysfs_read(&root, buf, sizeof(buf), "/sys/none"), -ENOENT);
	assert_int_equal(nfp_sysfs_link(&root, buf, sizeof(buf), "/sys/driver"), 0);
	assert_int_equal(nfp_sysfs_link(&root, buf, sizeof(buf), "/sys/none"), -ENOENT);
	assert_int_equal(nfp_sysfs_write(&root, "1", "/sys/w"), 0);
	assert_int_equal(nfp_sysfs_write(&root, "1", "/sys/none"), -ENOENT);
	assert_int_equal(nfp_sysfs_write(NULL, "1", "/dev/full"), -ENOSPC);
	assert_string_equal(seen, "read seven 7 0; read seven 7 0; read none  -2; "
				  "link driver ../drivers/igbvf 0; link none  -2; wrote w 1 0; "
				  "wrote none 1 -2; ");
}

/* A recording has nothing that only root may read, also not as it is put back. */
CASE(secrets_are_not_observed)
{
	char seen[512] = "", buf[32], path[512];
	const struct nfp_observer observer = {.file = note_file, .ctx = seen};
	const struct nfp_sysroot root = {t->dir, &observer};
	static const mode_t modes[] = {0600, 0400, 0200};

	for (size_t i = 0; i < 3; i++) {
		tree_file(t, "sys/stable_secret", "7\n");
		snprintf(path, sizeof(path), "%s/sys/stable_secret", t->dir);
		assert_int_equal(chmod(path, modes[i]), 0);
		(void)nfp_sysfs_read(&root, buf, sizeof(buf), "/sys/stable_secret");
		(void)nfp_sysfs_write(&root, "8", "/sys/stable_secret");
		if (i == 0)
			assert_string_equal(buf, "7");
		assert_int_equal(remove(path), 0);
	}
	/* One that nobody reads, such as "unbind", is none. */
	assert_non_null(strstr(seen, "wrote stable_secret 8 0; "));
	assert_null(strstr(strstr(seen, "wrote") + 1, "wrote"));
}

TEST_MAIN()
