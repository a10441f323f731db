// SPDX-License-Identifier: GPL-2.0-or-later
#include "inventory_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nfprobe/netlink.h"

struct walk {
	const struct nfp_sysroot *root;
	int (*look)(int netns_fd, const char *where, void *ctx);
	void *ctx;
	ino_t *seen;
	size_t num_seen;
};

static bool is_seen(const struct walk *w, ino_t ino)
{
	for (size_t i = 0; i < w->num_seen; i++) {
		if (w->seen[i] == ino)
			return true;
	}
	return false;
}

static void note_seen(struct walk *w, ino_t ino)
{
	w->seen = nfp_reallocarray(w->seen, w->num_seen + 1, sizeof(*w->seen));
	w->seen[w->num_seen++] = ino;
}

static int one_namespace(struct walk *w, const char *path, const char *where)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), r = 0;
	struct stat st;

	if (fd < 0)
		return 0;
	if (fstat(fd, &st) == 0 && !is_seen(w, st.st_ino)) {
		note_seen(w, st.st_ino);
		r = w->look(fd, where, w->ctx);
	}
	close(fd);
	return r;
}

static int named(const char *name, void *ctx)
{
	struct walk *w = ctx;
	char path[512], where[NFP_TEXT];

	snprintf(path, sizeof(path), "%s/netns/%s", w->root->run, name);
	snprintf(where, sizeof(where), "network namespace %s", name);
	return one_namespace(w, path, where);
}

static int of_process(const char *name, void *ctx)
{
	struct walk *w = ctx;
	char path[512], where[NFP_TEXT], comm[NFP_COMM_LEN];
	struct stat st;

	if (name[0] < '0' || name[0] > '9')
		return 0;
	snprintf(path, sizeof(path), "%s/%s/ns/net", w->root->proc, name);
	if (stat(path, &st) < 0 || is_seen(w, st.st_ino))
		return 0;
	nfp_fdscan_comm(w->root, (pid_t)strtol(name, NULL, 10), comm);
	snprintf(where, sizeof(where), "the network namespace of %s (pid %s)", comm, name);
	return one_namespace(w, path, where);
}

int nfp_netns_each(const struct nfp_sysroot *root,
		   int (*look)(int netns_fd, const char *where, void *ctx), void *ctx)
{
	struct walk w = {.root = root, .look = look, .ctx = ctx};
	struct stat st;
	char path[512];
	int r;

	/* Our own is no other one. */
	snprintf(path, sizeof(path), "%s/self/ns/net", root->proc);
	if (stat(path, &st) == 0)
		note_seen(&w, st.st_ino);
	/* Names first: people know them. A directory that is not there names none. */
	r = nfp_sysfs_each(named, &w, "%s/netns", root->run);
	if (r <= 0)
		r = nfp_sysfs_each(of_process, &w, "%s", root->proc);
	free(w.seen);
	return r;
}

/* ---- the index ---- */

/* A namespace that cannot be looked into names nothing; what it holds is in use all the same. */
static int look_into(int netns_fd, const char *where, void *ctx)
{
	struct nfp_netnsidx *idx = ctx;
	struct nfp_link *links = NULL;
	struct nfp_nl *nl;
	size_t num = 0;

	if (nfp_nl_open(NETLINK_ROUTE, netns_fd, &nl, NULL) < 0)
		return 0;
	(void)nfp_links_read(nl, &links, &num, NULL);
	for (size_t i = 0; i < num; i++) {
		struct nfp_elsewhere *v;

		if (!links[i].parentdev[0])
			continue;
		idx->v = nfp_reallocarray(idx->v, idx->n + 1, sizeof(*v));
		v = &idx->v[idx->n++];
		snprintf(v->parentdev, sizeof(v->parentdev), "%s", links[i].parentdev);
		snprintf(v->ifname, sizeof(v->ifname), "%s", links[i].ifname);
		snprintf(v->where, sizeof(v->where), "%s", where);
	}
	free(links);
	nfp_nl_close(nl);
	return 0;
}

void nfp_netnsidx_read(const struct nfp_sysroot *root, struct nfp_netnsidx *ret_idx)
{
	*ret_idx = (struct nfp_netnsidx) {0};
	(void)nfp_netns_each(root, look_into, ret_idx);
}

void nfp_netnsidx_fini(struct nfp_netnsidx *idx)
{
	free(idx->v);
	memset(idx, 0, sizeof(*idx));
}

const struct nfp_elsewhere *nfp_netnsidx_find(const struct nfp_netnsidx *idx, const char *parentdev)
{
	size_t i;

	for (i = 0; i < idx->n; i++)
		if (strcmp(idx->v[i].parentdev, parentdev) == 0)
			return &idx->v[i];
	return NULL;
}
