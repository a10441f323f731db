// SPDX-License-Identifier: GPL-2.0-or-later
/* Which driver a VF is probed with, whether it can be reset, and writes that never return. */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "../../src/change/vfdrv.h"
#include "tree.h"

#define DEVICE "sys/bus/pci/devices/0000:01:10.6"

static void setup(struct tree *t)
{
	tree_make(t);
	tree_dir(t, DEVICE);
	tree_dir(t, "run/nfprobe");
}

static struct nfp_busdev busdev(const struct tree *t)
{
	return (struct nfp_busdev) {&t->root, "pci", "0000:01:10.6"};
}

#define CASE(name) TEST_OF(name, setup, tree_drop, struct tree, t)

/* Bit 2 of the command register, after the ids of vendor and device. */
CASE(bus_master)
{
	struct nfp_busdev dev = busdev(t);

	assert_int_equal(nfp_vfdrv_bus_master(&dev), -ENODATA);
	tree_file(t, DEVICE "/config", "\x86\x80\xca\x10");
	assert_int_equal(nfp_vfdrv_bus_master(&dev), -ENODATA);
	tree_file(t, DEVICE "/config", "\x86\x80\xca\x10\x06\x04");
	assert_int_equal(nfp_vfdrv_bus_master(&dev), 1);
	tree_file(t, DEVICE "/config", "\x86\x80\xca\x10\x02\x04");
	assert_int_equal(nfp_vfdrv_bus_master(&dev), 0);
}

CASE(function_level_reset)
{
	static const struct {
		const char *methods;
		bool has;
	} rows[] = {
		{"flr\n", true},     {"flr pm bus\n", true},
		{"af_flr\n", true},  {"device_specific bus\n", true},
		{"pm\n", false},     {"bus\n", false},
		{"pm flr\n", false}, /* the kernel takes the first one */
		{"flrx\n", false},   {"\n", false},
	};
	struct nfp_busdev dev = busdev(t);
	char buf[NFP_TEXT_LEN];

	assert_false(nfp_vfdrv_has_reset(&dev));
	tree_file(t, DEVICE "/reset", "");
	assert_true(nfp_vfdrv_has_reset(&dev)); /* before Linux 5.15 */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tree_file(t, DEVICE "/reset_method", rows[i].methods);
		assert_int_equal(nfp_vfdrv_has_reset(&dev), rows[i].has);
	}
	assert_int_equal(nfp_vfdrv_reset(&dev, -1, NULL), 0);
	assert_int_equal(nfp_sysfs_read(NULL, buf, sizeof(buf), "%s/" DEVICE "/reset", t->dir), 0);
	assert_string_equal(buf, "1");
}

CASE(bind_and_unbind)
{
	struct nfp_busdev dev = busdev(t);
	struct nfp_err err = {.code = NFP_E_NONE};
	char buf[NFP_TEXT_LEN];

	tree_file(t, "sys/bus/pci/drivers/igbvf/bind", "");
	tree_file(t, "sys/bus/pci/drivers/igbvf/unbind", "");
	tree_file(t, DEVICE "/driver_override", "(null)\n");
	assert_int_equal(nfp_vfdrv_bind(&dev, "igbvf", true, -1, &err), 0);
	assert_int_equal(
		nfp_sysfs_read(NULL, buf, sizeof(buf), "%s/sys/bus/pci/drivers/igbvf/bind", t->dir),
		0);
	assert_string_equal(buf, "0000:01:10.6");
	assert_int_equal(nfp_vfdrv_bind(&dev, "igbvf", false, -1, &err), 0);
	assert_int_equal(nfp_vfdrv_set_override(&dev, "igbvf", -1, &err), 0);
	assert_int_equal(nfp_vfdrv_bind(&dev, "other", true, -1, &err), -ENOENT);
	assert_int_equal(err.errnum, ENOENT);
	assert_non_null(strstr(err.message, "0000:01:10.6"));
	assert_non_null(strstr(err.message, "other"));
}

CASE(choice)
{
	struct nfp_busdev dev = busdev(t);
	struct nfp_vf_info vfs[2] = {{.vf = 0, .driver = "igbvf"}, {.vf = 1, .driver = "vfio-pci"}};
	struct nfp_pf pf = {.vfs = vfs, .num_vfs = 2};
	struct nfp_err err = {.code = NFP_E_NONE};
	char buf[NFP_TEXT_LEN];

	assert_int_equal(nfp_vfdrv_choose(&dev, &pf, 0, buf, sizeof(buf), &err), 0);
	assert_string_equal(buf, "igbvf");
	/* Parked on vfio-pci, or bound to nothing: as its sibling. */
	assert_int_equal(nfp_vfdrv_choose(&dev, &pf, 1, buf, sizeof(buf), &err), 0);
	assert_string_equal(buf, "igbvf");
	vfs[0].driver[0] = '\0';
	assert_int_equal(nfp_vfdrv_choose(&dev, &pf, 1, buf, sizeof(buf), &err), -ENOENT);
	assert_int_equal(err.code, NFP_E_NO_DRIVER);
	assert_true(!nfp_hint_is_empty(&err.hint));
	/* A module of which nobody has heard. */
	tree_file(t, DEVICE "/modalias", "pci:v0000FFFEd0000FFFE\n");
	assert_int_equal(nfp_vfdrv_choose(&dev, &pf, 1, buf, sizeof(buf), &err), -ENOENT);
	assert_int_equal(err.code, NFP_E_NO_DRIVER);
}

/* ---- writes with a deadline ---- */

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

TEST(write_keeps_the_errno)
{
	assert_int_equal(nfp_write_bounded("/dev/null", "x", -1, 20000), 0);
	assert_int_equal(nfp_write_bounded("/dev/full", "x", -1, 20000), -ENOSPC);
	assert_int_equal(nfp_write_bounded("/nonexistent/file", "x", -1, 20000), -ENOENT);
	assert_int_equal(nfp_write_bounded("/tmp", "x", -1, 20000), -EISDIR);
	/* No process of ours is left. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

CASE(read_keeps_the_errno_and_the_bounds)
{
	char path[128], buf[8];

	snprintf(path, sizeof(path), "%s/line", t->dir);
	tree_file(t, "line", "vfio-pc\nmore\n");
	assert_int_equal(nfp_read_bounded(path, buf, sizeof(buf), 20000), 0);
	assert_string_equal(buf, "vfio-pc");
	tree_file(t, "line", "vfio-pci\n");
	assert_int_equal(nfp_read_bounded(path, buf, sizeof(buf), 20000), -EFBIG);
	assert_string_equal(buf, "");
	assert_int_equal(nfp_read_bounded("/dev/null", buf, sizeof(buf), 20000), 0);
	assert_int_equal(nfp_read_bounded("/nonexistent/file", buf, sizeof(buf), 20000), -ENOENT);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	/* Nobody writes, so opening it blocks. */
	snprintf(path, sizeof(path), "%s/silent", t->dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(nfp_read_bounded(path, buf, sizeof(buf), 200), -NFP_ENOANSWER);
	assert_int_equal(close(open(path, O_WRONLY | O_CLOEXEC)), 0);
	assert_true(waitpid(-1, NULL, 0) > 0);
}

CASE(write_that_blocks_is_given_up)
{
	int64_t begin = now_ms();
	int fds[2], fifo;
	char path[128], child[32], byte;

	snprintf(path, sizeof(path), "%s/fifo", t->dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(nfp_write_bounded(path, "x", -1, 200), -NFP_ENOANSWER);
	assert_true(now_ms() - begin >= 200);
	assert_true(now_ms() - begin < 5000);
	/* A write that is given up keeps nothing of ours open: our readers see the end. */
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 0);
	close(fds[0]);
	/* What ends the run does not end it in the middle. */
	assert_int_equal(nfp_sysfs_read(NULL, child, sizeof(child), "/proc/thread-self/children"),
			 0);
	assert_int_equal(kill(atoi(child), SIGTERM), 0);
	/* Let it go on, and end. */
	fifo = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fifo >= 0);
	assert_int_equal(read(fifo, &byte, 1), 1);
	close(fifo);
	assert_true(waitpid(-1, NULL, 0) > 0);
}

/* The next writer, in this process or another, waits for the end of a write given up. */
CASE(write_given_up_is_waited_for)
{
	char path[128], lock[128], byte;
	int64_t begin;
	int fifo, fd;

	snprintf(path, sizeof(path), "%s/fifo", t->dir);
	snprintf(lock, sizeof(lock), "%s/lock", t->dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(nfp_writer_lock(lock, 200, &fd), 0);
	assert_int_equal(nfp_write_bounded(path, "x", fd, 200), -NFP_ENOANSWER);
	close(fd);
	begin = now_ms();
	assert_int_equal(nfp_writer_lock(lock, 200, &fd), -NFP_ENOANSWER);
	assert_true(now_ms() - begin >= 200);
	/* Only the writer is left of our children, not those that waited for it. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
	fifo = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fifo, &byte, 1), 1);
	close(fifo);
	assert_int_equal(nfp_writer_lock(lock, 20000, &fd), 0);
	assert_int_equal(nfp_write_bounded("/dev/null", "y", fd, 20000), 0);
	close(fd);
	assert_true(waitpid(-1, NULL, 0) > 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

TEST_MAIN()
