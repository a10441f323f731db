// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * maps.c - finds the devices that other processes have mapped, and may have closed. A register is
 * known by its device and inode, since anybody can choose the name of a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "inventory_priv.h"

#define MAPS_NS	   (5 * NFP_NSEC_PER_SEC) /* for all processes */
#define MAPPED_MAX ((size_t)1024)	  /* devices of one process */
#define ALL_MAX	   ((size_t)1 << 17)	  /* of all */

struct map_scan {
	struct nfp_use_ctx *ctx;
	struct nfp_allowance allowance;
	pid_t pid;
	struct nfp_mapping found[MAPPED_MAX]; /* of that process */
	size_t n;
};

/* "/sys/devices/pci0000:00/0000:01:10.1/resource0", "resource0_wc", wherever sysfs is mounted. */
static bool is_called_resource(const char *path)
{
	const char *last = strrchr(path, '/');

	return last && strncmp(last, "/resource", strlen("/resource")) == 0;
}

/* Fills in what is mapped at @range: a node, or a file whose name is @path. 0; 1: neither is of a
 * device; -errno. */
static int look_at_file(const struct map_scan *s, const char *range, const char *path,
			struct nfp_mapping *m)
{
	struct statfs fs;
	char file[512];
	struct statx st;

	snprintf(file, sizeof(file), "%s/proc/%d/map_files/%s", s->ctx->root->prefix, (int)s->pid,
		 range);
	/* A file server is not asked, as for descriptors. */
	if (statx(AT_FDCWD, file, AT_STATX_DONT_SYNC, STATX_TYPE, &st) < 0)
		return errno == ENOENT || errno == ESRCH ? 1 : -errno;
	if (S_ISCHR(st.stx_mode)) {
		m->rdev = makedev(st.stx_rdev_major, st.stx_rdev_minor);
		return 0;
	}
	/* Each network namespace has a sysfs of its own. The name only saves a look. */
	if (is_called_resource(path) && statfs(file, &fs) == 0)
		m->in_sysfs = fs.f_type == SYSFS_MAGIC;
	return 0;
}

/* "7f12a000-7f12b000 rw-s 00000000 00:05 123    /dev/uio0": registers are mapped as shared. Each
 * device is kept once. */
static int take_line(struct map_scan *s, const char *line)
{
	struct nfp_mapping m = {.pid = s->pid};
	unsigned int major, minor;
	unsigned long inode;
	char range[64], mode[8];
	int at = 0, ret;

	if (sscanf(line, "%63s %7s %*s %x:%x %lu %n", range, mode, &major, &minor, &inode, &at) <
		    5 ||
	    !at || line[at] != '/' || mode[3] != 's')
		return 0;
	m.dev = makedev(major, minor);
	m.ino = inode;
	nfp_for_each (known, s->found, s->n)
		if (known->dev == m.dev && known->ino == m.ino)
			return 0;
	if (s->n == MAPPED_MAX)
		return -EFBIG;
	ret = look_at_file(s, range, line + at, &m);
	if (ret == 0)
		s->found[s->n++] = m;
	return MIN(ret, 0);
}

/* Runs in a child. */
static int list_mapped(int to, void *arg)
{
	struct map_scan *s = arg;
	char path[512], *line = NULL;
	size_t size = 0, len;
	int ret = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/%d/maps", s->ctx->root->prefix, (int)s->pid);
	f = fopen(path, "re");
	if (!f)
		return errno == ENOENT || errno == ESRCH ? 0 : -errno;
	s->n = 0;
	while (!ret && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		ret = take_line(s, line);
	}
	/* A process that has ended has no mappings. */
	if (!ret && ferror(f) && errno != ESRCH)
		ret = -errno;
	free(line);
	fclose(f);
	len = s->n * sizeof(*s->found);
	return ret ?: TEMP_FAILURE_RETRY(write(to, s->found, len)) == (ssize_t)len ? 0 : -EIO;
}

static int scan_maps(const char *name, void *ctx)
{
	struct map_scan *s = ctx;
	struct nfp_mappings *to = &s->ctx->mappings;
	char exe[NFP_TEXT_LEN];
	ssize_t len;

	s->pid = nfp_pid_of(name);
	/* A thread of the kernel has no program; neither does a process that has ended. */
	if (s->pid == 0 || s->pid == getpid() || !nfp_may_have_device(s->ctx, s->pid) ||
	    nfp_sysfs_link(s->ctx->root, exe, sizeof(exe), "/proc/%d/exe", (int)s->pid) == -ENOENT)
		return 0;
	len = nfp_read_by_child(list_mapped, s, (char *)s->found, sizeof(s->found), &s->allowance);
	if (len < 0) {
		to->complete = false;
		to->unread = len == -EACCES || len == -EPERM ? to->unread : s->pid;
	}
	for (size_t i = 0; len > 0 && i < (size_t)len / sizeof(*s->found); i++) {
		if (to->n == ALL_MAX) {
			to->complete = false;
			to->late = true;
			return 1;
		}
		*nfp_grow(to->v, to->n) = s->found[i];
	}
	return 0;
}

static int read_mappings(struct nfp_use_ctx *ctx)
{
	struct map_scan *s;
	/* Tells whether this namespace has all processes. */
	int ret = nfp_holders_read(ctx);

	if (ret < 0 || ctx->mappings.known)
		return ret;
	ctx->mappings.complete = !ctx->holders.elsewhere;
	s = nfp_calloc(1, sizeof(*s));
	s->ctx = ctx;
	s->allowance = (struct nfp_allowance) {MAPS_NS + ctx->extra_ns, ctx->until_ns};
	ret = nfp_sysfs_each(ctx->root, scan_maps, s, "/proc");
	free(s);
	ctx->mappings.known = ret >= 0;
	return MIN(ret, 0);
}

struct resource_search {
	const struct nfp_use_ctx *ctx;
	const char *devpath;
	const struct nfp_mapping *found;
};

static int find_resource(const char *name, void *arg)
{
	struct resource_search *s = arg;
	const struct nfp_mappings *mappings = &s->ctx->mappings;
	char path[1024];
	struct stat st;

	if (strncmp(name, "resource", strlen("resource")) != 0)
		return 0;
	snprintf(path, sizeof(path), "%s%s/%s", s->ctx->root->prefix, s->devpath, name);
	if (stat(path, &st) < 0)
		return 0;
	nfp_for_each (m, mappings->v, mappings->n)
		if (!m->rdev && m->ino == st.st_ino && (m->in_sysfs || m->dev == st.st_dev))
			s->found = m;
	return s->found != NULL;
}

int nfp_mapping_find(struct nfp_use_ctx *ctx, dev_t rdev, const char *devpath,
		     char who[NFP_PROCESS_LEN])
{
	struct resource_search s = {.ctx = ctx, .devpath = devpath};
	int ret = read_mappings(ctx);

	if (ret < 0)
		return ret;
	nfp_for_each (m, ctx->mappings.v, ctx->mappings.n)
		if (rdev && m->rdev == rdev)
			s.found = s.found ?: m;
	if (!s.found)
		(void)nfp_sysfs_each(ctx->root, find_resource, &s, "%s", devpath);
	if (!s.found)
		return 0;
	nfp_process_name(ctx->root, s.found->pid, who);
	return s.found->pid;
}
