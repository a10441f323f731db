/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.h - a directory that looks like /sys, /proc, /dev and /run, for tests of their readers.
 */
#ifndef NFPROBE_TESTS_TREE_H
#define NFPROBE_TESTS_TREE_H

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"

struct tree {
	char dir[64], sys[80];
	struct nfp_sysroot root;
};

static inline void tree_die(const char *what)
{
	perror(what);
	abort();
}

/* Makes the directories above the last component. */
static inline void tree_above(const char *path)
{
	char copy[512];
	char *slash;

	snprintf(copy, sizeof(copy), "%s", path);
	for (slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			tree_die(copy);
		*slash = '/';
	}
}

static inline void tree_file(const struct tree *t, const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", t->dir, name);
	tree_above(path);
	f = fopen(path, "w");
	if (!f || fchmod(fileno(f), 0644) < 0 || fputs(text, f) < 0 || fclose(f) != 0)
		tree_die(path);
}

static inline void tree_dir(const struct tree *t, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/", t->dir, name);
	tree_above(path);
}

/* Links to @target as it stands: relative to the link, as in sysfs, or in another tree. */
static inline void tree_link(const struct tree *t, const char *name, const char *target)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", t->dir, name);
	if (symlink(target, path) == 0)
		return;
	tree_above(path);
	unlink(path);
	if (symlink(target, path) < 0)
		tree_die(path);
}

static inline void tree_remove(const struct tree *t, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", t->dir, name);
	if (remove(path) < 0)
		tree_die(path);
}

static inline void tree_make(struct tree *t)
{
	/* A disk takes a millisecond for each file. */
	snprintf(t->dir, sizeof(t->dir), "%s/nfprobe-test-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(t->dir))
		tree_die(t->dir);
	snprintf(t->sys, sizeof(t->sys), "%s/sys", t->dir);
	t->root = (struct nfp_sysroot) {.prefix = t->dir};
	tree_dir(t, "sys");
	tree_dir(t, "proc");
	tree_dir(t, "dev");
	tree_dir(t, "run");
	/* In the initial PID namespace all processes are seen. */
	tree_link(t, "proc/self/ns/pid", "pid:[4026531836]");
}

static inline int tree_unlink(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void tree_drop(struct tree *t)
{
	nftw(t->dir, tree_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void tree_fd(const struct tree *t, int pid, int fd, const char *target)
{
	char name[128];

	snprintf(name, sizeof(name), "proc/%d/fd/%d", pid, fd);
	tree_link(t, name, target);
}

/* A process with one open file. */
static inline void tree_process(const struct tree *t, int pid, const char *comm, int fd,
				const char *target)
{
	char name[128], text[64];

	snprintf(name, sizeof(name), "proc/%d/comm", pid);
	snprintf(text, sizeof(text), "%s\n", comm);
	tree_file(t, name, text);
	tree_fd(t, pid, fd, target);
}

/* -- an SR-IOV NIC at 0000:01:00.0, its PF eth0, its VFs at 0000:01:10.N -- */

#define TREE_PF "sys/devices/pci0000:00/0000:01:00.0"

static inline void tree_vf(const struct tree *t, unsigned int vf, const char *driver)
{
	char name[160], text[160];

	snprintf(name, sizeof(name), "sys/devices/pci0000:00/0000:01:10.%u/driver_override", vf);
	tree_file(t, name, "(null)\n");
	snprintf(name, sizeof(name), TREE_PF "/virtfn%u", vf);
	snprintf(text, sizeof(text), "../0000:01:10.%u", vf);
	tree_link(t, name, text);
	snprintf(name, sizeof(name), "sys/devices/pci0000:00/0000:01:10.%u/physfn", vf);
	tree_link(t, name, "../0000:01:00.0");
	snprintf(name, sizeof(name), "sys/devices/pci0000:00/0000:01:10.%u/subsystem", vf);
	tree_link(t, name, "../../../bus/pci");
	if (!driver)
		return;
	snprintf(name, sizeof(name), "sys/devices/pci0000:00/0000:01:10.%u/driver", vf);
	snprintf(text, sizeof(text), "../../../bus/pci/drivers/%s", driver);
	tree_link(t, name, text);
}

static inline void tree_nic(const struct tree *t)
{
	tree_file(t, TREE_PF "/sriov_totalvfs", "7\n");
	tree_file(t, TREE_PF "/sriov_numvfs", "2\n");
	tree_file(t, TREE_PF "/vendor", "0x8086\n");
	tree_file(t, TREE_PF "/device", "0x10c9\n");
	tree_file(t, TREE_PF "/subsystem_vendor", "0x8086\n");
	tree_file(t, TREE_PF "/subsystem_device", "0xa04c\n");
	tree_dir(t, "sys/bus/pci");
	tree_link(t, TREE_PF "/subsystem", "../../../bus/pci");
	tree_link(t, TREE_PF "/driver", "../../../bus/pci/drivers/igb");
	tree_link(t, "sys/class/net/eth0/device", "../../../devices/pci0000:00/0000:01:00.0");
	tree_file(t, "sys/class/net/eth0/addr_assign_type", "0\n");
	tree_vf(t, 0, "igbvf");
	tree_vf(t, 1, "vfio-pci");
}

/* Adds the IOMMU group of VF 1 (tree_nic), and the device that vfio makes of it. */
static inline void tree_vfio_group(const struct tree *t)
{
	tree_link(t, "sys/devices/pci0000:00/0000:01:10.1/iommu_group",
		  "../../../kernel/iommu_groups/12");
	tree_dir(t, "sys/kernel/iommu_groups/12/devices");
	tree_file(t, "sys/class/vfio/12/dev", "243:12\n");
	tree_file(t, "dev/vfio/12", "");
}

#endif
