/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network namespace with a veth that plays the PF, and a folder for its journal. Tests that need
 * root are skipped without it: make_place leaves dir empty then.
 */
#ifndef NFPROBE_TESTS_RESTORE_PLACE_H
#define NFPROBE_TESTS_RESTORE_PLACE_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "../../src/change/apply.h"
#include "../../src/change/backend.h"
#include "../../src/change/change.h"
#include "../../src/change/journal.h"
#include "../../src/change/undo.h"
#include "change/host.h"
#include "journal_samples.h"
#include "net/netlink.h"

static const struct nfp_mac X = {{0x06, 0, 0, 0, 0, 1}};

struct place {
	char dir[64];
	int fd;
	struct nfp_link pf;
	struct nfp_nl *nl;
	struct nfp_apply apply;
	struct nfp_journal *journal;
	struct nfp_strv told;
	/* What the run and the undo said. */
	struct nfp_restore_report report;
	struct nfp_hints left;
	struct nfp_strv warnings;
	struct nfp_err err;
};

static inline void tell(void *ctx, const struct nfp_event *event)
{
	assert_int_equal(event->what, NFP_EVENT_CHANGE);
	nfp_strv_addf(ctx, "%s", event->text);
}

static inline int run(const char *command)
{
	return system(command);
}

/* Compares the hint of the error, with the command to try. */
static inline void assert_hint(const struct place *p, const char *want)
{
	char *text = nfp_hint_text(&p->err.hint);

	assert_string_equal(text, want);
	free(text);
}

static inline void make_place(struct place *p)
{
	if (geteuid() != 0)
		return;
	snprintf(p->dir, sizeof(p->dir), "/tmp/nfprobe-restore-XXXXXX");
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	assert_non_null(mkdtemp(p->dir));
	assert_int_equal(
		run("ip link add nfpt0 address 02:00:00:00:00:10 type veth peer name nfpt1 && "
		    "ip link set nfpt0 up && ip link set nfpt1 up"),
		0);
	p->fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(nfp_nl_open(NETLINK_ROUTE, -1, &p->nl, NULL), 0);
	assert_int_equal(nfp_link_by_name(p->nl, "nfpt0", &p->pf, NULL), 0);
}

static inline void remove_place(struct place *p)
{
	char command[128];

	if (!p->dir[0])
		return;
	nfp_journal_free(p->journal);
	nfp_apply_close(&p->apply);
	nfp_nl_close(p->nl);
	nfp_strv_fini(&p->told);
	nfp_restore_report_fini(&p->report);
	nfp_hints_fini(&p->left);
	nfp_strv_fini(&p->warnings);
	close(p->fd);
	snprintf(command, sizeof(command), "rm -rf '%s'; ip link del nfpt0", p->dir);
	assert_int_equal(run(command), 0);
}

/* Changes need the real kernel, and the right to make them. */
#define NEED_ROOT(p)              \
	do {                      \
		if (!(p)->dir[0]) \
			skip();   \
	} while (0)

static inline void open_hands(struct place *p)
{
	struct nfp_rt_dev dev = {p->pf.ifindex, "nfpt0"};
	struct nfp_events events = {tell, &p->told};
	struct nfp_journal_head head = {.version = "0",
					.bus = "pci",
					.parentdev = PARENT,
					.ifname = "nfpt0",
					.ifindex = p->pf.ifindex,
					.addresses = &X,
					.num_addresses = 1};

	assert_int_equal(nfp_boot_id(head.boot, NULL), 0);
	assert_int_equal(nfp_journal_create(p->fd, &head, &p->journal, NULL), 0);
	assert_int_equal(nfp_apply_open(&p->apply, nfp_sysroot_default(), &dev, &events, NULL), 0);
	assert_int_equal(nfp_apply_private_netns(&p->apply, NULL), 0);
	p->apply.journal = p->journal;
}

/* Returns a change of @kind to X, in the PF's unicast list or in the FDB of its bridge. */
static inline struct nfp_change change_x(enum nfp_change_kind kind, const struct place *p)
{
	struct nfp_change c = {.kind = kind, .mac = X, .value = 1, .ifindex = p->pf.ifindex};

	snprintf(c.ifname, sizeof(c.ifname), "nfpt0");
	return c;
}

static inline bool has_x(const struct place *p, enum nfp_rt_fdb where)
{
	struct nfp_rt_dev dev = {p->pf.ifindex, "nfpt0"};
	bool has = false;

	assert_int_equal(nfp_rt_fdb_has(p->nl, &dev, where, &X, &has, NULL), 0);
	return has;
}

/* Makes the PF the port of a bridge. */
static inline void make_bridge(void)
{
	assert_int_equal(run("ip link add nfpbr type bridge && ip link set nfpt0 master nfpbr && "
			     "ip link set nfpbr up"),
			 0);
}

static inline bool exists(const struct place *p, const char *name)
{
	return faccessat(p->fd, name, F_OK, 0) == 0;
}

/* Opens a run with an apply and a journal of its own; NULL without root. */
static inline struct nfp_backend *open_live(struct place *p)
{
	struct nfp_backend *backend;

	if (!p->dir[0])
		return NULL;
	backend = calloc(1, sizeof(*backend));
	assert_non_null(backend);
	open_hands(p);
	backend->apply = p->apply;
	backend->standby_at = p->apply.pf;
	backend->journal = p->journal;
	backend->config.id = "0a1b";
	p->apply = (struct nfp_apply)NFP_APPLY_INIT;
	p->journal = NULL;
	return backend;
}

static inline int close_live(struct place *p, struct nfp_backend *backend)
{
	return nfp_backend_close(backend, &p->left, &p->warnings, &p->err);
}

/* Returns what an undo with the place's apply needs. */
static inline struct nfp_undo_ctx undo_in(struct place *p)
{
	return (struct nfp_undo_ctx) {
		.apply = &p->apply, .journal = p->journal, .report = &p->report};
}

#endif
