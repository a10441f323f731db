// SPDX-License-Identifier: GPL-2.0-or-later
/* runs.c - the VFs of this host that a run uses, or that an interrupted run left. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "journal.h"
#include "change/host.h"

struct marked {
	int dirfd;
	struct nfp_topology *topology;
};

/*
 * Returns the process that has the lock of this PF. 0: none. Locks the file only for an instant,
 * and only where there is a journal: a run that began just then would be refused.
 */
static int holder_of(int dirfd, const char *parentdev)
{
	char name[NFP_TEXT_LEN + 8], text[16] = "";
	int fd, pid = 0;

	snprintf(name, sizeof(name), "%s.lock", parentdev);
	fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK &&
	    pread(fd, text, sizeof(text) - 1, 0) >= 0)
		pid = nfp_pid_of(text) ?: -1;
	close(fd);
	return pid;
}

static void mark_probed(struct nfp_vf_info *vf, const struct nfp_journal_vf *entry, int pid)
{
	char process[32] = "";

	if (pid > 0)
		snprintf(process, sizeof(process), " (process %d)", pid);
	vf->trace = NFP_TRACE_PROBED;
	vf->use = NFP_USE_OTHER;
	vf->user_pid = 0;
	snprintf(vf->user, sizeof(vf->user), "%s%s",
		 entry->source ? "sending for a run" : "being probed", process);
}

/* A user who has come since still uses the VF. */
static void mark_left(struct nfp_vf_info *vf, const char *pf)
{
	bool is_free = vf->use == NFP_USE_IDLE || vf->use == NFP_USE_NETDEV_UP ||
		       vf->use == NFP_USE_UNKNOWN || vf->use == NFP_USE_NOT_READ ||
		       vf->proof == NFP_SAID;
	struct nfp_commands command = {0};
	char *text;

	nfp_command_add(&command, "nfprobe --restore %s", pf);
	text = nfp_commands_text(&command, "");
	vf->trace = NFP_TRACE_LEFT;
	if (is_free)
		vf->user[0] = '\0';
	if (is_free)
		vf->use = NFP_USE_OTHER;
	nfp_appendf(vf->user, sizeof(vf->user), "%sleft by an interrupted run: %s",
		    vf->user[0] ? "; " : "", text);
	free(text);
}

/* @alone: the VF has a journal of its own, since it could not be restored. */
static void mark_vf(struct nfp_pf *pf, const struct nfp_journal_vf *entry, bool alone, int pid)
{
	for (size_t i = 0; i < pf->num_vfs && !entry->done; i++) {
		struct nfp_vf_info *vf = &pf->vfs[i];

		if (strcmp(vf->parentdev, entry->before.parentdev) != 0 ||
		    vf->trace != NFP_TRACE_NONE)
			continue;
		if (pid && !alone)
			mark_probed(vf, entry, pid);
		else
			mark_left(vf, pf->info.ifname[0] ? pf->info.ifname : pf->info.parentdev);
	}
}

/* A journal of another boot, or of another user, says nothing of this host. */
static void mark_journal(const char *stem, size_t device_len, void *ctx)
{
	const struct marked *t = ctx;
	bool alone = stem[device_len] != '\0';
	struct nfp_journal *journal;
	char device[NFP_TEXT_LEN];

	snprintf(device, sizeof(device), "%.*s", (int)device_len, stem);
	if (nfp_journal_peek(t->dirfd, stem, &journal))
		return;
	nfp_for_each (pf, t->topology->pfs, t->topology->num_pfs) {
		const struct nfp_journal_data *data = nfp_journal_data(journal);
		int pid;

		if (strcmp(pf->info.parentdev, device) != 0)
			continue;
		pid = holder_of(t->dirfd, device);
		for (size_t k = 0; k < data->num_vfs; k++)
			mark_vf(pf, &data->vfs[k], alone, pid);
	}
	nfp_journal_free(journal);
}

int nfp_runs_mark(const char *rundir, struct nfp_topology *topology, struct nfp_err *err)
{
	struct marked t = {.topology = topology};
	int ret = nfp_rundir_open(rundir, false, &t.dirfd, err);

	if (ret)
		return ret == -ENOENT ? 0 : ret;
	ret = nfp_journals_each(t.dirfd, mark_journal, &t, err);
	close(t.dirfd);
	return ret;
}
