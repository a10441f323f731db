// SPDX-License-Identifier: GPL-2.0-or-later
/* procs.c - finds the devices that other processes have open. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <linux/major.h>

#include "net/facts.h"

#include "inventory_priv.h"

#define TUN_MINOR 200 /* include/linux/miscdevice.h */
#define TUN_DEV	  makedev(MISC_MAJOR, TUN_MINOR)

/* The inode of the initial PID namespace: PROC_PID_INIT_INO, include/linux/proc_ns.h. */
#define INITIAL_PID_NS "pid:[4026531836]"

#define SAME_LOOKS 64U /* so many of a process are compared with its next one */

/* linux/major.h: memory devices, terminals and pseudo terminals do not matter. */
#define DULL_MAJOR(m) ((m) == 1 || (m) == 4 || (m) == 5 || ((m) >= 136 && (m) <= 143))

void nfp_use_ctx_fini(struct nfp_use_ctx *ctx)
{
	free(ctx->nodes);
	ctx->nodes = NULL;
	ctx->num_nodes = 0;
	free(ctx->holders.v);
	free(ctx->holders.tuns);
	free(ctx->holders.by_rdev);
	free(ctx->holders.by_target);
	free(ctx->mappings.v);
	free(ctx->up_uses.v);
	free(ctx->users.v);
	free(ctx->guests.v);
	free(ctx->guests.hosts);
	ctx->guests = (struct nfp_guests) {.n = 0};
	ctx->users = (struct nfp_users) {.n = 0};
	memset(&ctx->holders, 0, sizeof(ctx->holders));
	memset(&ctx->mappings, 0, sizeof(ctx->mappings));
	memset(&ctx->up_uses, 0, sizeof(ctx->up_uses));
}

static bool takes_use(struct nfp_vf_info *vf, enum nfp_use use, enum nfp_proof proof)
{
	if (use < vf->use || (use == vf->use && proof <= vf->proof))
		return false;
	vf->use = use;
	vf->proof = proof;
	return true;
}

void nfp_vf_use_note(struct nfp_vf_info *vf, enum nfp_use use, const char *fmt, ...)
{
	if (takes_use(vf, use, NFP_HELD))
		NFP_VFORMAT(vf->user, sizeof(vf->user), fmt);
}

void nfp_vf_use_note_by(struct nfp_vf_info *vf, enum nfp_use use, enum nfp_proof proof,
			const char *fmt, ...)
{
	if (takes_use(vf, use, proof))
		NFP_VFORMAT(vf->user, sizeof(vf->user), fmt);
}

void nfp_process_name(const struct nfp_sysroot *root, pid_t pid, char who[NFP_PROCESS_LEN])
{
	char comm[32];

	if (nfp_sysfs_read(NULL, comm, sizeof(comm), "%s/proc/%d/comm", root->prefix, (int)pid) < 0)
		snprintf(comm, sizeof(comm), "a process");
	snprintf(who, NFP_PROCESS_LEN, "%s (pid %d)", comm, (int)pid);
}

/* ---- open files ---- */

struct holder_scan {
	const struct nfp_use_ctx *ctx;
	const struct nfp_sysroot *root;
	struct nfp_holders *holders;
	uint64_t until_ns;
	pid_t pid;
	int dir;		    /* /proc/<pid>/fd */
	size_t num_tuns;	    /* of that process */
	bool has_device, has_group; /* of vfio */
};

/* A process can have any number of files open. */
static bool is_late(const struct holder_scan *s)
{
	if (s->holders->n == NFP_HOLDERS_MAX || (s->until_ns && nfp_clock_now() >= s->until_ns)) {
		s->holders->late = true;
		s->holders->complete = false;
	}
	return s->holders->late;
}

static bool matters(const struct nfp_use_ctx *ctx, const struct nfp_holder *h)
{
	nfp_for_each (node, ctx->nodes, ctx->num_nodes)
		if (node->rdev && h->rdev ? node->rdev == h->rdev
					  : strcmp(node->path, h->target) == 0)
			return true;
	return !ctx->num_nodes;
}

/* Each descriptor of a tap counts by itself: the arguments of QEMU name one. */
static void keep_tun(struct holder_scan *s, int fd)
{
	struct nfp_holders *holders = s->holders;

	if (!s->ctx->wants_taps)
		return;
	if (s->num_tuns++ < NFP_PROCESS_TUNS_MAX && holders->num_tuns < NFP_TUNS_MAX)
		*nfp_grow(holders->tuns, holders->num_tuns) = (struct nfp_tun) {s->pid, fd};
	else
		holders->tuns_of = s->pid;
}

/* A process may have hundreds of thousands of duplicates, of several devices in turn. */
static void keep_holder(struct holder_scan *s, const struct nfp_holder *h)
{
	struct nfp_holders *holders = s->holders;

	for (size_t i = holders->n; i-- > 0 && holders->n - i <= SAME_LOOKS;) {
		const struct nfp_holder *before = &holders->v[i];

		if (before->pid != h->pid)
			break;
		if (before->rdev == h->rdev && strcmp(before->target, h->target) == 0)
			return;
	}
	*nfp_grow(holders->v, holders->n) = *h;
}

static int scan_file(const char *name, void *ctx)
{
	struct holder_scan *s = ctx;
	struct nfp_holder h = {.pid = s->pid, .fd = atoi(name)};
	struct statx st;
	int ret;

	if (is_late(s))
		return 1;
	/*
	 * The number identifies a device node whatever its name in that mount namespace. A file
	 * server is not asked: it may not answer, and nothing could end the wait.
	 */
	ret = statx(s->dir, name, AT_STATX_DONT_SYNC, STATX_TYPE, &st) == 0 ? 0 : -errno;
	if (!ret && S_ISCHR(st.stx_mode))
		h.rdev = makedev(st.stx_rdev_major, st.stx_rdev_minor);
	if (h.rdev == TUN_DEV)
		keep_tun(s, h.fd);
	if (h.rdev == TUN_DEV || (h.rdev && DULL_MAJOR(major(h.rdev))) ||
	    (!ret && (S_ISSOCK(st.stx_mode) || S_ISFIFO(st.stx_mode) || S_ISDIR(st.stx_mode))))
		return 0;
	if (readlinkat(s->dir, name, h.target, sizeof(h.target) - 1) < 0) {
		/* They may be listed, and not followed. Else it was closed meanwhile. */
		s->holders->complete &= errno != EACCES && errno != EPERM;
		return 0;
	}
	s->has_device |= strcmp(h.target, "anon_inode:[vfio-device]") == 0;
	s->has_group |= strncmp(h.target, "/dev/vfio/", strlen("/dev/vfio/")) == 0 &&
			strcmp(h.target, "/dev/vfio/vfio") != 0;
	/* The path counts where the number is not known. In their own mount namespace, anybody can
	 * call a file /dev/vfio/12, even one of a file server that tells root nothing. */
	if (!h.rdev && (ret != -ENOENT || strncmp(h.target, "/dev/", 5) != 0))
		return 0;
	if (matters(s->ctx, &h))
		keep_holder(s, &h);
	return 0;
}

static int scan_process(const char *name, void *ctx)
{
	struct holder_scan *s = ctx;
	char path[512];
	int r;

	s->pid = nfp_pid_of(name);
	if (s->pid == 0 || s->pid == getpid())
		return 0;
	if (is_late(s))
		return 1;
	s->has_device = s->has_group = false;
	s->num_tuns = 0;
	snprintf(path, sizeof(path), "%s/proc/%d/fd", s->root->prefix, (int)s->pid);
	s->dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = s->dir < 0 ? -errno : nfp_sysfs_each(s->root, scan_file, s, "/proc/%s/fd", name);
	if (s->dir >= 0)
		close(s->dir);
	s->holders->groupless |= s->has_device && !s->has_group;
	if (r == -EACCES || r == -EPERM)
		s->holders->complete = false;
	else if (r != -ENOENT && r != -ESRCH) /* these: it has ended */
		return r;
	return 0;
}

static int compare_rdev(const void *a, const void *b, void *holders)
{
	const struct nfp_holder *v = holders;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return NFP_ORDER(v[x].rdev, v[y].rdev) ?: NFP_ORDER(x, y);
}

static int compare_target(const void *a, const void *b, void *holders)
{
	const struct nfp_holder *v = holders;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return strcmp(v[x].target, v[y].target) ?: compare_rdev(a, b, holders);
}

static size_t *sorted(const struct nfp_holders *holders,
		      int (*compare)(const void *, const void *, void *))
{
	size_t *numbers = nfp_calloc(holders->n + 1, sizeof(*numbers));

	for (size_t i = 0; i < holders->n; i++)
		numbers[i] = i;
	qsort_r(numbers, holders->n, sizeof(*numbers), compare, holders->v);
	return numbers;
}

/* Returns the major number of macvtap nodes, which tap_create_cdev allocates. 0: there is none, -1:
 * not known. */
static int macvtap_major(const struct nfp_sysroot *root)
{
	char *text = nfp_proc_text(root, "/proc/devices"), *line, *save = NULL;
	char name[16];
	int major, found = text ? 0 : -1;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line && found <= 0;
	     line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "%d %15s", &major, name) == 2 && strcmp(name, "macvtap") == 0)
			found = major;
	free(text);
	return found;
}

unsigned long nfp_netns_inode(const struct nfp_sysroot *root, const char *process)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/proc/%s/ns/net", root->prefix, process);
	return stat(path, &st) == 0 ? (unsigned long)st.st_ino : 0;
}

bool nfp_sees_all_processes(const struct nfp_sysroot *root)
{
	char ns[64];

	return nfp_sysfs_link(root, ns, sizeof(ns), "/proc/self/ns/pid") == 0 &&
	       strcmp(ns, INITIAL_PID_NS) == 0;
}

int nfp_holders_read(struct nfp_use_ctx *ctx)
{
	struct nfp_holders *holders = &ctx->holders;
	struct holder_scan s = {
		.ctx = ctx, .root = ctx->root, .holders = holders, .until_ns = ctx->until_ns};
	char ns[64];
	int r;

	if (holders->known)
		return 0;
	r = nfp_sysfs_link(ctx->root, ns, sizeof(ns), "/proc/self/ns/pid");
	holders->elsewhere = r == 0 && strcmp(ns, INITIAL_PID_NS) != 0;
	holders->complete = r == 0 && !holders->elsewhere;
	r = nfp_sysfs_each(ctx->root, scan_process, &s, "/proc");
	if (r < 0) {
		nfp_use_ctx_fini(ctx);
		return r;
	}
	holders->macvtap_major = macvtap_major(ctx->root);
	/* Each VF is looked up among the holders of all processes. */
	holders->by_rdev = sorted(holders, compare_rdev);
	holders->by_target = sorted(holders, compare_target);
	holders->known = true;
	return 0;
}

/* Returns the first that was read with that device or (@path) that target; holders->n: none. */
static size_t first_holder(const struct nfp_holders *holders, dev_t rdev, const char *path)
{
	const size_t *numbers = path ? holders->by_target : holders->by_rdev;
	size_t from = 0, to = holders->n;
	const struct nfp_holder *h;

	while (from < to) {
		size_t half = from + (to - from) / 2;

		h = &holders->v[numbers[half]];
		if (path ? strcmp(h->target, path) < 0 : h->rdev < rdev)
			from = half + 1;
		else
			to = half;
	}
	if (from == holders->n)
		return from;
	h = &holders->v[numbers[from]];
	return (path ? strcmp(h->target, path) == 0 : h->rdev == rdev) ? numbers[from] : holders->n;
}

int nfp_holder_find(struct nfp_use_ctx *ctx, dev_t rdev, const char *path,
		    char who[NFP_PROCESS_LEN])
{
	const struct nfp_holders *holders = &ctx->holders;
	size_t by_rdev, at;
	int r;

	if (ctx->lists_nodes) {
		struct nfp_vf_node node = {.rdev = rdev};

		snprintf(node.path, sizeof(node.path), "%s", path);
		*nfp_grow(ctx->nodes, ctx->num_nodes) = node;
		return 0;
	}
	r = nfp_holders_read(ctx);

	if (r < 0 || !holders->n)
		return r;
	at = first_holder(holders, 0, path);
	by_rdev = rdev ? first_holder(holders, rdev, NULL) : holders->n;
	/* A path is a name in some mount namespace: a node with another number
	 * is another device. */
	at = rdev && at < holders->n && holders->v[at].rdev ? holders->n : at;
	at = by_rdev < at ? by_rdev : at;
	if (at == holders->n)
		return 0;
	nfp_process_name(ctx->root, holders->v[at].pid, who);
	return holders->v[at].pid;
}

/* ---- the taps of guests ---- */

bool nfp_holder_macvtap(const struct nfp_use_ctx *ctx, const struct nfp_holder *holder,
			struct nfp_guest_tap *ret_tap)
{
	/* The node of a macvtap has its ifindex in its name (macvtap_device_event). The kernel adds
	 * a word to the name of a file that is gone (d_path). */
	const char *at = strrchr(holder->target, ' ');

	*ret_tap = (struct nfp_guest_tap) {.pid = holder->pid, .fd = holder->fd};
	ret_tap->dead = at && strcmp(at, " (deleted)") == 0;
	return (!holder->rdev || ctx->holders.macvtap_major < 0 ||
		major(holder->rdev) == (unsigned int)ctx->holders.macvtap_major) &&
	       sscanf(holder->target, "/dev/tap%d", &ret_tap->ifindex) == 1;
}

int nfp_tun_tap(const struct nfp_sysroot *root, const struct nfp_tun *tun,
		struct nfp_guest_tap *ret_tap)
{
	/* A process can have any number of locks on it, which come before. */
	char text[4096];
	int ret = nfp_sysfs_read(root, text, sizeof(text), "/proc/%d/fdinfo/%d", (int)tun->pid,
				 tun->fd);
	const char *at = strstr(text, "iff:");

	*ret_tap = (struct nfp_guest_tap) {.pid = tun->pid, .fd = tun->fd};
	if (ret < 0)
		return ret == -ESRCH ? -ENOENT : ret;
	return at && sscanf(at, "iff: %15s", ret_tap->ifname) == 1 ? 0 : -ENOENT;
}
