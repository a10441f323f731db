// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Restoring from the journal alone: what is damaged, gone, stale or cannot be written down is said.
 */
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "restore_place.h"
#include "../../src/change/apply.h"
#include "../../src/change/backend.h"
#include "../../src/change/change.h"
#include "../../src/change/journal.h"
#include "../../src/change/undo.h"
#include "change/host.h"

/* As if the disk were full: no file can be written to. */
static void fill_disk(bool full)
{
	static const struct rlimit none = {0, RLIM_INFINITY}, all = {RLIM_INFINITY, RLIM_INFINITY};

	signal(SIGXFSZ, full ? SIG_IGN : SIG_DFL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, full ? &none : &all), 0);
}

#define CASE(name) TEST_OF(name, make_place, remove_place, struct place, p)

CASE(what_cannot_be_written_down_is_not_done)
{
	struct nfp_change c;
	int made;

	NEED_ROOT(p);
	open_hands(p);
	make_bridge();
	c = change_x(NFP_CHANGE_PORT_FDB_ADD, p);
	fill_disk(true);
	made = nfp_apply_change(&p->apply, &c, NULL);
	fill_disk(false);
	assert_int_equal(made, -EFBIG);
	assert_int_equal(p->told.n, 0);
	assert_false(has_x(p, NFP_RT_FDB_MASTER));
}

/* The way back needs no journal, so that a full /run is no reason to say that it failed. */
CASE(put_back_though_nothing_can_be_written_down)
{
	struct nfp_change c = change_x(NFP_CHANGE_PORT_FDB_ADD, p);
	struct nfp_journal_vf vf = {.before = make_vf(3)};
	struct nfp_backend *backend;
	int ret;

	NEED_ROOT(p);
	backend = open_live(p);
	make_bridge();
	backend->pf_start.link.promiscuity = 1;
	assert_int_equal(nfp_apply_change(&backend->apply, &c, NULL), 0);
	/* Gone since; that, too, cannot be written down. */
	assert_int_equal(nfp_journal_vf(backend->journal, &vf, NULL), 0);
	fill_disk(true);
	ret = close_live(p, backend);
	fill_disk(false);
	assert_int_equal(ret, 0);
	assert_int_equal(p->warnings.n, 1);
	assert_non_null(strstr(p->warnings.v[0], "VF 3 of nfpt0 is no longer there"));
	assert_false(has_x(p, NFP_RT_FDB_MASTER));
	assert_false(exists(p, PARENT ".journal"));
}

/* In place of libc's: while this is set, no name can be removed from a directory. */
static int no_unlink;

int unlinkat(int dirfd, const char *path, int flags)
{
	if (no_unlink) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_unlinkat, dirfd, path, flags);
}

/* The first change is refused, and then it cannot be undone: that is worse, and said. */
CASE(run_that_cannot_begin_and_not_be_undone)
{
	struct nfp_link port = {
		.ifindex = 1, .ifname = "lo", .master_kind = "bridge", .promiscuity = 1};
	struct nfp_topology topology = {.links = &port, .num_links = 1};
	struct nfp_pf pf = {.info = {.ifname = "lo", .parentdev = PARENT, .ifindex = 1},
			    .bus = "pci"};
	struct nfp_lock lock = {.dirfd = p->fd, .fd = -1, .parentdev = PARENT};
	struct nfp_backend_config config = {.lock = &lock,
					    .topology = &topology,
					    .pf = &pf,
					    .addresses = &X,
					    .num_addresses = 1};
	const struct nfp_journal_head *head;
	struct nfp_backend *backend;
	int ret;

	NEED_ROOT(p);
	snprintf(pf.devpath, sizeof(pf.devpath), "%s", p->dir);
	assert_true(nfp_backend_open(&config, &backend, &p->err) < 0);
	assert_int_not_equal(p->err.code, NFP_E_RESTORE);
	no_unlink = 1;
	ret = nfp_backend_open(&config, &backend, &p->err);
	no_unlink = 0;
	assert_int_equal(ret, -EIO);
	assert_int_equal(p->err.code, NFP_E_RESTORE);
	assert_non_null(strstr(p->err.message, "could not be put back as it was: cannot remove"));
	assert_hint(p, "Try: nfprobe --restore");
	/* Which finds the PF by the journal, or names the version that would. */
	assert_int_equal(nfp_journal_load(p->fd, PARENT, &p->journal, NULL), 0);
	head = &nfp_journal_data(p->journal)->head;
	assert_string_equal(head->version, nfp_version);
	assert_string_equal(head->bus, "pci");
	assert_string_equal(head->parentdev, PARENT);
	assert_string_equal(head->ifname, "lo");
	assert_int_equal(head->ifindex, 1);
	assert_true(nfp_mac_equal(&head->addresses[0], &X));
}

/* ---- whole journals, of a PF that this machine does not have ---- */

static void write_journal(const struct place *p, size_t damaged_at)
{
	struct text t = make_text();
	char path[128];
	int fd;

	if (damaged_at)
		t.buf[damaged_at] ^= 1;
	snprintf(path, sizeof(path), "%s/" PARENT ".journal", p->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, t.buf, t.len), t.len);
	close(fd);
	free(t.buf);
}

/* As of a PF named @name; NULL: of all. */
static int restore(struct place *p, const char *name)
{
	return nfp_restore(p->dir, name, NULL, &p->report, &p->err);
}

CASE(pf_that_is_gone)
{
	NEED_ROOT(p);
	write_journal(p, 0);
	assert_int_equal(restore(p, "nfpeth7"), 0);
	assert_false(p->report.found); /* not the one that was asked for */
	assert_true(exists(p, PARENT ".journal"));
	assert_int_equal(restore(p, "nfpeth0"), 0);
	assert_true(p->report.found);
	assert_int_equal(p->report.others.n, 1);
	assert_non_null(strstr(p->report.others.v[0], "is gone"));
	assert_false(exists(p, PARENT ".journal"));
}

/* A VF whose device is one that every machine has. */
static struct nfp_journal_vf vf_that_exists(unsigned int vf)
{
	struct nfp_journal_vf entry = {.before = make_vf(vf)};

	snprintf(entry.before.bus, sizeof(entry.before.bus), "cpu");
	snprintf(entry.before.parentdev, sizeof(entry.before.parentdev), "cpu0");
	return entry;
}

/* In another network namespace, say: as long as its VFs are there, there is something to undo. */
CASE(pf_that_is_elsewhere)
{
	struct nfp_journal_vf vf = vf_that_exists(3);

	NEED_ROOT(p);
	open_hands(p);
	assert_int_equal(nfp_journal_vf(p->journal, &vf, NULL), 0);
	assert_int_equal(restore(p, NULL), -EIO);
	assert_int_equal(p->err.code, NFP_E_RESTORE);
	assert_int_equal(p->report.others.n, 0);
	assert_int_equal(p->report.failed.n, 1);
	assert_non_null(strstr(p->report.failed.v[0], "its VF 3 (cpu0) still exists"));
	assert_hint(p, "Other VFs can be probed. Try: nfprobe --restore");
	assert_true(exists(p, PARENT ".journal"));
}

/* @ifindex: of the PF; 0: the PF is here, and says that it has no such VF. */
static void check_undo_fails(struct place *p, int ifindex, const char *says)
{
	struct nfp_journal_vf entry = vf_that_exists(3);
	struct nfp_undo_ctx undo;

	NEED_ROOT(p);
	open_hands(p);
	undo = undo_in(p);
	if (ifindex)
		undo.apply->pf.ifindex = ifindex;
	nfp_undo_vf(&undo, &entry);
	assert_int_equal(p->report.others.n, 0);
	assert_int_equal(p->report.failed.n, 1);
	assert_non_null(strstr(p->report.failed.v[0], says));
}

CASE(vf_that_its_pf_does_not_tell_of)
{
	check_undo_fails(p, 0, "still exists, but could not be restored");
}

/* The PF has gone to another network namespace since the run began. */
CASE(vf_whose_pf_has_left_in_mid_run)
{
	check_undo_fails(p, INT_MAX, "is not in this network namespace: restore");
}

/* In place of libc's: this many calls fail, so that nothing can look at a VF. */
static unsigned int no_pipes;

int pipe2(int fds[2], int flags)
{
	if (no_pipes) {
		no_pipes--;
		errno = EMFILE;
		return -1;
	}
	return (int)syscall(SYS_pipe2, fds, flags);
}

/* Neither one that cannot be looked at nor one that is not put back is in the way of another: each
 * gets a journal of its own, and the PF's goes. */
CASE(one_that_is_not_put_back_keeps_no_other)
{
	const struct nfp_journal_note external = {"foreign", .vf = 2, .attributes = 1};
	const struct nfp_journal_data *data;
	struct nfp_undo_ctx undo;
	struct nfp_journal *own;

	NEED_ROOT(p);
	open_hands(p);
	for (unsigned int i = 0; i < 3; i++) {
		struct nfp_change c = {.kind = NFP_CHANGE_VF_RESET, .of_vf = true, .vf = i};
		struct nfp_journal_vf vf = vf_that_exists(i);

		/* There is no VF 1. */
		if (i == 1)
			vf.before = make_vf(i);
		assert_int_equal(nfp_journal_vf(p->journal, &vf, NULL), 0);
		assert_int_equal(nfp_journal_change(p->journal, &c, NULL), 0);
	}
	assert_int_equal(nfp_journal_note(p->journal, &external, NULL), 0);
	p->apply.journal = NULL;
	undo = undo_in(p);
	/* Of the first one, which is that under test in a run. */
	no_pipes = 1;
	nfp_undo_all(&undo);
	assert_int_equal(no_pipes, 0);
	assert_int_equal(p->report.failed.n, 2);
	assert_non_null(strstr(p->report.failed.v[0], "cannot read the driver of cpu0"));
	assert_non_null(strstr(p->report.failed.v[0], "VF 0 of nfpt0"));
	assert_non_null(strstr(p->report.failed.v[1], "VF 2 of nfpt0"));
	assert_int_equal(p->report.others.n, 1);
	assert_int_equal(nfp_restore_finish(p->journal, NULL), 0);
	assert_false(exists(p, PARENT ".journal"));
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(nfp_journal_is_split(p->fd, PARENT, i), i != 1);
	assert_int_equal(nfp_journal_load(p->fd, PARENT ".vf2", &own, NULL), 0);
	data = nfp_journal_data(own);
	assert_int_equal(data->num_vfs, 1);
	assert_int_equal(data->vfs[0].before.vf, 2);
	assert_int_equal(data->vfs[0].external, 1);
	assert_int_equal(data->num_changes, 1);
	assert_int_equal(data->changes[0].vf, 2);
	nfp_journal_free(own);
}

/* Until a VF's own journal is whole, the PF's has it. */
CASE(journal_of_one_that_cannot_be_written)
{
	struct nfp_journal_vf vf = vf_that_exists(0);
	int split;

	NEED_ROOT(p);
	open_hands(p);
	assert_int_equal(nfp_journal_vf(p->journal, &vf, NULL), 0);
	fill_disk(true);
	split = nfp_journal_split(p->journal, 0, NULL);
	fill_disk(false);
	assert_int_equal(split, -EFBIG);
	assert_false(nfp_journal_is_split(p->fd, PARENT, 0));
	/* What is left of that is in nobody's way. */
	assert_int_equal(nfp_journal_split(p->journal, 0, NULL), 0);
	assert_true(nfp_journal_is_split(p->fd, PARENT, 0));
}

/* In place of libc's: this many calls fail, so that nothing can be asked of the kernel. */
static unsigned int no_sockets;

int socket(int domain, int type, int protocol)
{
	if (no_sockets) {
		no_sockets--;
		errno = EMFILE;
		return -1;
	}
	return (int)syscall(SYS_socket, domain, type, protocol);
}

/* Then nothing was undone, and the journal stays. */
CASE(nothing_to_undo_with)
{
	NEED_ROOT(p);
	write_journal(p, 0);
	no_sockets = 1;
	assert_int_equal(restore(p, NULL), -EMFILE);
	assert_true(exists(p, PARENT ".journal"));
}

/* A damaged line hides an unknown change: said, exit 5, and out of the next run's way; a run that
 * finds it ends. */
CASE(damaged_in_the_middle)
{
	struct nfp_lock lock = {.dirfd = p->fd, .parentdev = PARENT};
	struct text t = make_text();
	size_t in_second = t.end[0] + 20;

	free(t.buf);
	NEED_ROOT(p);
	write_journal(p, in_second);
	assert_int_equal(restore(p, NULL), -EIO);
	assert_int_equal(p->err.code, NFP_E_RESTORE);
	assert_int_equal(p->report.failed.n, 1);
	assert_non_null(strstr(p->report.failed.v[0], "02:01:02:03:04:05"));
	assert_hint(p, "Fix by hand whatever differs. The next run is not blocked.");
	assert_false(exists(p, PARENT ".journal"));
	assert_true(exists(p, PARENT ".journal.damaged"));
	nfp_restore_report_fini(&p->report);
	assert_int_equal(restore(p, NULL), 0);
	assert_false(p->report.found);
	write_journal(p, in_second);
	assert_int_equal(nfp_restore_locked(&lock, NULL, &p->report, &p->err), -EIO);
}

CASE(damaged_at_the_beginning)
{
	NEED_ROOT(p);
	write_journal(p, 20);
	assert_int_equal(restore(p, NULL), -EBADMSG);
	assert_int_equal(p->err.code, NFP_E_JOURNAL);
	assert_true(!nfp_hint_is_empty(&p->err.hint));
	assert_true(exists(p, PARENT ".journal"));
}

TEST_MAIN()
