// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfdrv.c - binds and unbinds the driver of a VF through sysfs, whose files may block in the kernel
 * for ever; chooses a driver to probe with.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vfdrv.h"

/* ---- files that may block ---- */

#define LOCK_POLL_MS 50

/* The child's answer, which arrives whole or not at all: it is smaller than PIPE_BUF. */
struct answer {
	int ret;
	char text[NFP_TEXT_LEN];
};

/* Writes @text to @path, or reads @path (@text NULL). 0 or -errno. */
static int transfer(const char *path, const char *text, struct answer *answer)
{
	size_t size = text ? strlen(text) : sizeof(answer->text) - 1;
	int fd = open(path, (text ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = TEMP_FAILURE_RETRY(text ? write(fd, text, size) : read(fd, answer->text, size));
	if (n < 0)
		return -errno;
	return text && (size_t)n != size ? -EIO : 0;
}

/*
 * Runs in the child of a process with threads, so it makes only async-signal-safe calls. It may
 * outlive its parent in an uninterruptible wait, so it keeps only the pipe and the lock of its
 * parent's files: neither the lock of the PF nor the reader of our standard output may have to wait
 * for it.
 */
static void __attribute__((noreturn))
child(const char *path, const char *text, int lock_fd, int result_fd)
{
	struct answer answer = {.ret = 0};
	sigset_t all;
	int kept_fd;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	/* The pipe becomes descriptor 0, and the lock 1. Move them out of each
	 * other's way first. */
	kept_fd = fcntl(lock_fd < 0 ? result_fd : lock_fd, F_DUPFD, 3);
	if (kept_fd < 0 || dup2(result_fd, 0) < 0 || dup2(kept_fd, 1) < 0)
		_exit(1);
	syscall(SYS_close_range, 2U, ~0U, 0U);
	answer.ret = transfer(path, text, &answer);
	_exit(write(0, &answer, sizeof(answer)) != (ssize_t)sizeof(answer));
}

/* Has a child make the transfer. @lock_fd: the lock that it holds until it ends, -1: none. */
static int transfer_bounded(const char *path, const char *text, int lock_fd, int deadline_ms,
			    struct answer *answer)
{
	uint64_t end_ns = nfp_clock_now() + (uint64_t)deadline_ms * NFP_NSEC_PER_MSEC;
	struct pollfd pfd = {.events = POLLIN};
	int fds[2], ready, ret;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0)
		child(path, text, lock_fd, fds[1]);
	ret = pid < 0 ? -NFP_ENOPROCESS : 0;
	close(fds[1]);
	pfd.fd = fds[0];
	if (!ret) {
		do
			ready = nfp_clock_poll(&pfd, 1, end_ns);
		while (ready == -EINTR);
		if (ready <= 0)
			ret = ready ? ready : -NFP_ENOANSWER;
		else if (read(fds[0], answer, sizeof(*answer)) != (ssize_t)sizeof(*answer))
			ret = -EIO;
		else
			ret = answer->ret;
	}
	close(fds[0]);
	/* A child in an uninterruptible wait is reaped by the process that inherits it. */
	while (pid > 0 && ret != -NFP_ENOANSWER && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return ret;
}

int nfp_writer_lock(const char *lock, int deadline_ms, int *ret_fd)
{
	uint64_t end_ns = nfp_clock_now() + (uint64_t)deadline_ms * NFP_NSEC_PER_MSEC;
	int fd = open(lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600), ret;

	if (fd < 0)
		return -errno;
	/* A blocking flock cannot be given a deadline. */
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		ret = errno == EWOULDBLOCK ? -NFP_ENOANSWER : -errno;
		if (ret != -NFP_ENOANSWER || nfp_clock_now() >= end_ns) {
			close(fd);
			return ret;
		}
		(void)poll(NULL, 0, LOCK_POLL_MS);
	}
	*ret_fd = fd;
	return 0;
}

int nfp_write_bounded(const char *path, const char *text, int lock_fd, int deadline_ms)
{
	struct answer answer;

	return transfer_bounded(path, text, lock_fd, deadline_ms, &answer);
}

int nfp_read_bounded(const char *path, char *buf, size_t size, int deadline_ms)
{
	struct answer answer;
	int ret = transfer_bounded(path, NULL, -1, deadline_ms, &answer);

	buf[0] = '\0';
	if (ret)
		return ret;
	answer.text[strcspn(answer.text, "\n")] = '\0';
	if (strlen(answer.text) >= size)
		return -EFBIG;
	memcpy(buf, answer.text, strlen(answer.text) + 1);
	return 0;
}

/* ---- drivers ---- */

/* The caller frees it, like all paths here. */
static char *dev_path(const struct nfp_busdev *dev, const char *file)
{
	return nfp_asprintf("%s/sys/bus/%s/devices/%s/%s", dev->root->prefix, dev->bus, dev->name,
			    file);
}

static bool has_file(const struct nfp_busdev *dev, const char *file)
{
	return nfp_sysfs_exists(dev->root, "/sys/bus/%s/devices/%s/%s", dev->bus, dev->name, file);
}

int nfp_vfdrv_current(const struct nfp_busdev *dev, char *buf, size_t size)
{
	int ret = nfp_sysfs_link(dev->root, buf, size, "/sys/bus/%s/devices/%s/driver", dev->bus,
				 dev->name);

	if (ret != -ENOENT)
		return ret;
	buf[0] = '\0';
	return has_file(dev, "") ? 0 : -ENODEV;
}

/* A child that writes to the device holds this file locked. */
static char *lock_path(const struct nfp_busdev *dev)
{
	return nfp_asprintf("%s/run/nfprobe/%s.writer.lock", dev->root->prefix, dev->name);
}

/* Callers know a transfer that was given up as -ETIMEDOUT. */
static int given_up(int ret)
{
	return ret == -NFP_ENOANSWER ? -ETIMEDOUT : ret;
}

int nfp_vfdrv_wait_idle(const struct nfp_busdev *dev)
{
	char *lock = lock_path(dev);
	int fd = -1, ret = 0;

	if (nfp_sysfs_exists(NULL, "%s", lock))
		ret = nfp_writer_lock(lock, NFP_VFDRV_DEADLINE_MS, &fd);
	free(lock);
	if (fd >= 0)
		close(fd);
	return given_up(ret);
}

int nfp_vfdrv_lock(const struct nfp_busdev *dev, int *ret_fd, struct nfp_err *err)
{
	char *lock = lock_path(dev);
	int ret = nfp_writer_lock(lock, NFP_VFDRV_DEADLINE_MS, ret_fd);

	free(lock);
	if (ret == -NFP_ENOANSWER)
		return nfp_err_set(err, -ETIMEDOUT, NFP_E_KERNEL,
				   "cannot write to %s: an earlier write has not ended for %d s",
				   dev->name, NFP_VFDRV_DEADLINE_MS / 1000);
	return ret ? nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot lock %s", dev->name) : 0;
}

int nfp_vfdrv_override(const struct nfp_busdev *dev, char *buf, size_t size)
{
	char *path = dev_path(dev, "driver_override");
	int ret = nfp_read_bounded(path, buf, size, NFP_VFDRV_DEADLINE_MS);

	free(path);
	if (!ret && strcmp(buf, "(null)") == 0)
		buf[0] = '\0';
	return given_up(ret);
}

/* Frees @path. Message: "cannot <what>". */
static NFP_PRINTF(5, 6) int write_device(char *path, const char *text, int lock_fd,
					 struct nfp_err *err, const char *fmt, ...)
{
	int ret = nfp_write_bounded(path, text, lock_fd, NFP_VFDRV_DEADLINE_MS);
	char what[2 * NFP_TEXT_LEN];

	free(path);
	NFP_VFORMAT(what, sizeof(what), fmt);
	if (ret == -NFP_ENOANSWER)
		return nfp_err_set(err, -ETIMEDOUT, NFP_E_KERNEL,
				   "cannot %s: the kernel has not answered for %d s", what,
				   NFP_VFDRV_DEADLINE_MS / 1000);
	if (ret)
		nfp_err_errno(err, ret, ret == -EACCES ? NFP_E_PERMISSION : NFP_E_KERNEL,
			      "cannot %s", what);
	return ret == -ETIMEDOUT ? -EIO : ret;
}

int nfp_vfdrv_bind(const struct nfp_busdev *dev, const char *driver, bool bind, int lock_fd,
		   struct nfp_err *err)
{
	const char *file = bind ? "bind" : "unbind";
	char *path = nfp_asprintf("%s/sys/bus/%s/drivers/%s/%s", dev->root->prefix, dev->bus,
				  driver, file);

	return write_device(path, dev->name, lock_fd, err, "%s %s %s %s", file, dev->name,
			    bind ? "to" : "from", driver);
}

int nfp_vfdrv_set_override(const struct nfp_busdev *dev, const char *driver, int lock_fd,
			   struct nfp_err *err)
{
	char text[NFP_TEXT_LEN + 1];

	/* An empty line clears it (driver_set_override in drivers/base/driver.c). */
	snprintf(text, sizeof(text), "%s\n", driver);
	return write_device(dev_path(dev, "driver_override"), text, lock_fd, err,
			    "set driver_override of %s", dev->name);
}

/*
 * Since Linux 5.15, reset_method has the methods that the kernel tries, in order (sysfs-bus-pci).
 * device_specific is a function-level reset with a workaround on the VFs that have it
 * (reset_intel_82599_sfp_virtfn in drivers/pci/quirks.c); pm, bus and others are not
 * function-level.
 */
bool nfp_vfdrv_has_reset(const struct nfp_busdev *dev)
{
	static const char *const function_level[] = {"flr", "af_flr", "device_specific"};
	char methods[NFP_TEXT_LEN];

	if (!has_file(dev, "reset"))
		return false;
	if (nfp_sysfs_read(dev->root, methods, sizeof(methods),
			   "/sys/bus/%s/devices/%s/reset_method", dev->bus, dev->name))
		return true; /* before Linux 5.15 the kernel does not say */
	methods[strcspn(methods, " \n")] = '\0';
	for (size_t i = 0; i < NFP_NUM(function_level); i++)
		if (strcmp(methods, function_level[i]) == 0)
			return true;
	return false;
}

bool nfp_vfdrv_has_netdev(const struct nfp_busdev *dev)
{
	return has_file(dev, "net");
}

int nfp_vfdrv_reset(const struct nfp_busdev *dev, int lock_fd, struct nfp_err *err)
{
	return write_device(dev_path(dev, "reset"), "1", lock_fd, err, "reset %s", dev->name);
}

int nfp_vfdrv_bus_master(const struct nfp_busdev *dev)
{
	char *path = nfp_asprintf("/sys/bus/%s/devices/%s", dev->bus, dev->name);
	int ret = nfp_bus_master_read(dev->root, path);

	free(path);
	return ret;
}

int nfp_vfdrv_choose(const struct nfp_busdev *dev, const struct nfp_pf *pf, unsigned int vf,
		     char *buf, size_t size, struct nfp_err *err)
{
	char driver[NFP_TEXT_LEN];
	int ret = nfp_net_driver_find(dev->root, pf, vf, dev->bus, dev->name, driver,
				      sizeof(driver));

	if (ret == 0) {
		snprintf(buf, size, "%s", driver);
		return 0;
	}
	nfp_err_set(err, ret, NFP_E_NO_DRIVER, "no driver for the VF %s is loaded", dev->name);
	if (driver[0])
		nfp_err_try(err, "modprobe %s", driver);
	else
		nfp_err_hint(err,
			     "This kernel has no module for it: install the vendor's VF driver.");
	return ret;
}
