// SPDX-License-Identifier: GPL-2.0-or-later
/* The VFs that a run has, and those that an interrupted run left, as a list marks them. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal_samples.h"
#include "change/host.h"
#include "tree.h"

struct place {
	struct tree tree;
	char rundir[80];
	int dirfd;
	struct nfp_vf_info vfs[4];
	struct nfp_pf pf;
	struct nfp_topology topology;
};

static void setup(struct place *p)
{
	tree_make(&p->tree);
	snprintf(p->rundir, sizeof(p->rundir), "%s/run/nfprobe", p->tree.dir);
	assert_int_equal(mkdir(p->rundir, 0700), 0);
	p->dirfd = open(p->rundir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p->pf = (struct nfp_pf) {.vfs = p->vfs, .num_vfs = 4};
	strcpy(p->pf.info.ifname, "eth0");
	strcpy(p->pf.info.parentdev, PARENT);
	p->topology = (struct nfp_topology) {.pfs = &p->pf, .num_pfs = 1};
}

static void teardown(struct place *p)
{
	close(p->dirfd);
	tree_drop(&p->tree);
}

#define CASE(name) TEST_OF(name, setup, teardown, struct place, p)

/* A run that has begun with this VF. */
static struct nfp_journal *begin(struct place *p, unsigned int vf, bool source)
{
	struct nfp_journal_head head = make_head();
	struct nfp_journal_vf entry = {.before = make_vf(vf), .source = source};
	struct nfp_journal *journal = NULL;

	assert_int_equal(nfp_journal_create(p->dirfd, &head, &journal, NULL), 0);
	assert_int_equal(nfp_journal_vf(journal, &entry, NULL), 0);
	return journal;
}

static const struct nfp_vf_info *mark(struct place *p, unsigned int vf, enum nfp_use use)
{
	struct nfp_vf_state state = make_vf(vf);

	for (unsigned int i = 0; i < p->pf.num_vfs; i++)
		p->vfs[i] = (struct nfp_vf_info) {.vf = i};
	memcpy(p->vfs[vf].parentdev, state.parentdev, sizeof(state.parentdev));
	p->vfs[vf].use = use;
	if (use != NFP_USE_IDLE)
		strcpy(p->vfs[vf].user, "qemu (pid 7) holds it");
	assert_int_equal(nfp_runs_mark(p->rundir, &p->topology, NULL), 0);
	for (unsigned int i = 0; i < p->pf.num_vfs; i++)
		assert_true(i == vf || p->vfs[i].trace == NFP_TRACE_NONE);
	return &p->vfs[vf];
}

CASE(nothing_was_left)
{
	assert_int_equal(mark(p, 3, NFP_USE_IDLE)->trace, NFP_TRACE_NONE);
	assert_int_equal(rmdir(p->rundir), 0);
	assert_int_equal(mark(p, 3, NFP_USE_IDLE)->trace, NFP_TRACE_NONE);
}

CASE(an_interrupted_run)
{
	struct nfp_journal *journal = begin(p, 3, false);
	const struct nfp_vf_info *vf;

	nfp_journal_free(journal); /* the file stays */
	vf = mark(p, 3, NFP_USE_IDLE);
	assert_int_equal(vf->trace, NFP_TRACE_LEFT);
	assert_int_equal(vf->use, NFP_USE_OTHER);
	assert_string_equal(vf->user, "left by an interrupted run: nfprobe --restore eth0");
	/* Whoever uses it by now is named, too. */
	vf = mark(p, 3, NFP_USE_VFIO);
	assert_int_equal(vf->use, NFP_USE_VFIO);
	assert_string_equal(vf->user, "qemu (pid 7) holds it; left by an interrupted run: nfprobe "
				      "--restore eth0");
	/* Looking at it has changed nothing. */
	assert_int_equal(nfp_journal_load(p->dirfd, PARENT, &journal, NULL), 0);
	assert_int_equal(nfp_journal_data(journal)->num_vfs, 1);
	assert_int_equal(nfp_journal_done(journal, 3, NULL), 0);
	nfp_journal_free(journal);
	assert_int_equal(mark(p, 3, NFP_USE_IDLE)->trace, NFP_TRACE_NONE);
}

CASE(a_run_that_goes_on)
{
	struct nfp_journal *journal = begin(p, 3, false);
	const struct nfp_vf_info *vf;
	struct nfp_lock *lock;
	char expected[64];

	assert_int_equal(nfp_lock_acquire(p->rundir, PARENT, &lock, NULL), 0);
	vf = mark(p, 3, NFP_USE_NAMESPACE);
	assert_int_equal(vf->trace, NFP_TRACE_PROBED);
	snprintf(expected, sizeof(expected), "being probed (process %d)", (int)getpid());
	assert_string_equal(vf->user, expected);
	nfp_lock_release(lock);
	assert_int_equal(mark(p, 3, NFP_USE_IDLE)->trace, NFP_TRACE_LEFT);
	nfp_journal_free(journal);
}

CASE(a_sibling_that_sends)
{
	struct nfp_journal *journal = begin(p, 2, true);
	struct nfp_lock *lock;

	assert_int_equal(nfp_lock_acquire(p->rundir, PARENT, &lock, NULL), 0);
	assert_int_equal(strncmp(mark(p, 2, NFP_USE_IDLE)->user, "sending for a run (process ", 27),
			 0);
	nfp_lock_release(lock);
	nfp_journal_free(journal);
}

/* Another process has it; a run on another VF goes on meanwhile. */
CASE(one_that_could_not_be_restored)
{
	struct nfp_journal *journal = begin(p, 3, false);
	struct nfp_lock *lock;

	nfp_journal_mark_kept(journal, 3, "taken");
	assert_int_equal(nfp_journal_split(journal, 3, NULL), 0);
	assert_int_equal(nfp_journal_remove(journal, NULL), 0);
	nfp_journal_free(journal);
	assert_int_equal(nfp_lock_acquire(p->rundir, PARENT, &lock, NULL), 0);
	assert_int_equal(mark(p, 3, NFP_USE_OTHER)->trace, NFP_TRACE_LEFT);
	nfp_lock_release(lock);
}

CASE(of_another_boot)
{
	struct nfp_journal_head head = make_head();
	struct nfp_journal_vf entry = {.before = make_vf(3)};
	struct nfp_journal *journal = NULL;

	head.boot[0] = head.boot[0] == '0' ? '1' : '0';
	assert_int_equal(nfp_journal_create(p->dirfd, &head, &journal, NULL), 0);
	assert_int_equal(nfp_journal_vf(journal, &entry, NULL), 0);
	nfp_journal_free(journal);
	assert_int_equal(mark(p, 3, NFP_USE_IDLE)->trace, NFP_TRACE_NONE);
	/* It is --restore that removes it. */
	assert_int_equal(faccessat(p->dirfd, PARENT ".journal", F_OK, 0), 0);
}

CASE(of_another_user)
{
	nfp_journal_free(begin(p, 3, false));
	assert_int_equal(chmod(p->rundir, 0777), 0);
	assert_int_equal(nfp_runs_mark(p->rundir, &p->topology, NULL), -EPERM);
}

TEST_MAIN()
