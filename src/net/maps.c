// SPDX-License-Identifier: GPL-2.0-or-later
/* maps.c - finds the devices that other processes have mapped: a process may have closed the node
 * that it mapped. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "inventory_priv.h"

struct map_scan {
	const struct nfp_use_ctx *ctx;
	struct nfp_mappings *to;
	pid_t pid;
};

/* "/sys/devices/pci0000:00/0000:01:10.1/resource0", or "resource0_wc": not its folder, so that it
 * is found wherever sysfs is mounted. False: it is none. */
static bool device_of(const char *path, char device[NFP_TEXT_LEN])
{
	const char *last = strrchr(path, '/'), *begin = last;

	if (!last || strncmp(last, "/resource", strlen("/resource")) != 0)
		return false;
	while (begin > path && begin[-1] != '/')
		begin--;
	snprintf(device, NFP_TEXT_LEN, "%.*s", (int)(last - begin), begin);
	return true;
}

/* The number of a node that is mapped at @range. 0: it is none, or has ended. */
static dev_t node_of(struct map_scan *s, const char *range)
{
	char path[512];
	struct statx st;

	snprintf(path, sizeof(path), "%s/proc/%d/map_files/%s", s->ctx->root->prefix, (int)s->pid,
		 range);
	/* A server of files is not asked, as for descriptors. */
	if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_TYPE, &st) == 0)
		return S_ISCHR(st.stx_mode) ? makedev(st.stx_rdev_major, st.stx_rdev_minor) : 0;
	s->to->complete &= errno == ENOENT || errno == ESRCH;
	return 0;
}

/* "7f12a000-7f12b000 rw-s 00000000 00:05 123    /dev/uio0": registers are mapped as shared. */
static void take_line(struct map_scan *s, const char *line)
{
	struct nfp_mapping m = {.pid = s->pid};
	char range[64], mode[8];
	int at = 0;

	if (sscanf(line, "%63s %7s %*s %*s %*s %n", range, mode, &at) < 2 || !at ||
	    line[at] != '/' || mode[3] != 's')
		return;
	if (!device_of(line + at, m.device))
		m.rdev = node_of(s, range);
	if (!m.device[0] && !m.rdev)
		return;
	*nfp_grow(s->to->v, s->to->n) = m;
}

static int scan_maps(const char *name, void *ctx)
{
	struct map_scan *s = ctx;
	char path[512], *line = NULL;
	size_t size = 0;
	FILE *f;

	s->pid = nfp_pid_of(name);
	if (s->pid == 0 || s->pid == getpid())
		return 0;
	if (s->ctx->until_ns && nfp_clock_now() >= s->ctx->until_ns) {
		s->to->complete = false;
		return 1;
	}
	snprintf(path, sizeof(path), "%s/proc/%d/maps", s->ctx->root->prefix, (int)s->pid);
	f = fopen(path, "re");
	if (!f) {
		s->to->complete &= errno == ENOENT || errno == ESRCH;
		return 0;
	}
	while (getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		take_line(s, line);
	}
	/* A process that has ended has no mappings. */
	s->to->complete &= !ferror(f) || errno == ESRCH;
	free(line);
	fclose(f);
	return 0;
}

static int read_mappings(struct nfp_use_ctx *ctx)
{
	struct map_scan s = {.ctx = ctx, .to = &ctx->mappings};
	/* Says whether this namespace has all processes. */
	int ret = nfp_holders_read(ctx);

	if (ret < 0 || ctx->mappings.known)
		return ret;
	ctx->mappings.complete = !ctx->holders.elsewhere;
	ret = nfp_sysfs_each(ctx->root, scan_maps, &s, "/proc");
	ctx->mappings.known = ret >= 0;
	return MIN(ret, 0);
}

int nfp_mapping_find(struct nfp_use_ctx *ctx, dev_t rdev, const char *parentdev,
		     char who[NFP_PROCESS_LEN])
{
	const struct nfp_mappings *mappings = &ctx->mappings;
	int ret = read_mappings(ctx);

	for (size_t i = 0; i < mappings->n && !ret; i++) {
		const struct nfp_mapping *m = &mappings->v[i];

		if ((!rdev || m->rdev != rdev) && strcmp(m->device, parentdev) != 0)
			continue;
		nfp_process_name(ctx->root, m->pid, who);
		return m->pid;
	}
	return ret;
}
