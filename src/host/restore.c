// SPDX-License-Identifier: GPL-2.0-or-later
/* restore.c - what an interrupted run left is undone by its journal. */
#include "restore.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lock_priv.h"
#include "nfprobe/links.h"

#define SUFFIX ".journal"

void nfp_restore_report_fini(struct nfp_restore_report *report)
{
	nfp_strv_fini(&report->done);
	nfp_strv_fini(&report->left_behind);
	nfp_strv_fini(&report->others);
	nfp_strv_fini(&report->failed);
	report->found = report->no_interface = report->unsure = false;
}

struct pf_search {
	struct nfp_nl *nl;
	const struct nfp_journal_head *head;
	struct nfp_link link;
	bool found;
};

/* A device may have several netdevs: the one of the same number is the one. */
static int match_netdev(const char *name, void *ctx)
{
	struct pf_search *s = ctx;
	struct nfp_link link;

	if (nfp_link_by_name(s->nl, name, &link, NULL) ||
	    !nfp_link_may_be_of(&link, s->head->parentdev))
		return 0;
	if (!s->found || link.ifindex == s->head->ifindex)
		s->link = link;
	s->found = true;
	return s->link.ifindex == s->head->ifindex;
}

/* By its device: udev, or somebody, may have renamed it. */
static bool find_pf(struct nfp_nl *nl, const struct nfp_journal_head *head,
		    struct nfp_link *ret_link)
{
	struct pf_search s = {.nl = nl, .head = head};

	(void)nfp_sysfs_each(match_netdev, &s, "%s/bus/%s/devices/%s/net",
			     nfp_sysroot_default()->sys, head->bus, head->parentdev);
	if (s.found)
		*ret_link = s.link;
	return s.found;
}

int nfp_undo_everything(struct nfp_undoer *undoer, struct nfp_err *err)
{
	int ret = nfp_undo_fdb(undoer, -1, err);

	for (size_t i = undoer->data->num_vfs; i-- > 0;) {
		const struct nfp_journal_vf *entry = &undoer->data->vfs[i];
		int fdb, vf;

		if (entry->done)
			continue;
		fdb = nfp_undo_fdb(undoer, (int)entry->before.vf, ret ? NULL : err);
		ret = ret ? ret : fdb;
		vf = nfp_undo_vf(undoer, entry, ret ? NULL : err);
		ret = ret ? ret : vf;
	}
	return ret;
}

/*
 * Without VFs there is nothing left to undo. With them the PF is in another network namespace, or
 * its driver is being loaded: the journal is still needed.
 */
static int pf_is_not_here(const struct nfp_journal_data *data, struct nfp_restore_report *report,
			  struct nfp_err *err)
{
	const struct nfp_journal_head *head = &data->head;
	size_t i;
	int ret;

	for (i = 0; i < data->num_vfs; i++)
		if (!data->vfs[i].done && !nfp_undo_vf_is_gone(&data->vfs[i].before))
			break;
	if (i == data->num_vfs)
		ret = nfp_strv_addf(&report->others,
				    "%s (%s) is no longer there, and with it what was changed",
				    head->ifname, head->parentdev);
	else
		ret = nfp_strv_addf(&report->failed,
				    "%s (%s) is not in this network namespace, but its VF %u (%s) "
				    "is still there: what was changed is undone where the PF is",
				    head->ifname, head->parentdev, data->vfs[i].before.vf,
				    data->vfs[i].before.parentdev);
	return ret ? nfp_err_set(err, ret, NFP_E_MEMORY, "not enough memory") : 0;
}

static int undo_journal(const struct nfp_journal_data *data, const struct nfp_change_log *log,
			struct nfp_restore_report *report, struct nfp_err *err)
{
	struct nfp_rt_dev pf = {data->head.ifindex, data->head.ifname};
	struct nfp_hands hands = NFP_HANDS_INIT;
	struct nfp_undoer u = {.hands = &hands, .data = data, .report = report};
	struct nfp_link link;
	int ret = nfp_hands_open(&hands, &pf, log, err);

	if (ret)
		return ret;
	if (find_pf(hands.nl, &data->head, &link)) {
		hands.pf = (struct nfp_rt_dev) {link.ifindex, link.ifname};
		u.pf_ifname = link.ifname;
		ret = nfp_undo_everything(&u, err);
	} else {
		ret = pf_is_not_here(data, report, err);
	}
	nfp_hands_close(&hands);
	return ret;
}

/* "02:.., 06:.." */
static void list_addresses(const struct nfp_journal_head *head, char *buf, size_t size)
{
	char mac[NFP_MAC_STRLEN];
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < head->num_addresses && used + NFP_MAC_STRLEN + 2 < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "",
					 nfp_mac_str(&head->addresses[i], mac));
}

static int say_unreadable(const struct nfp_journal_data *data, struct nfp_restore_report *report,
			  struct nfp_err *err)
{
	const struct nfp_journal_head *head = &data->head;
	char addresses[256];

	list_addresses(head, addresses, sizeof(addresses));
	if (nfp_strv_addf(
		    &report->failed,
		    "%zu line%s of the undo journal of %s cannot be read, and the changes noted "
		    "there could not be undone. The addresses of that run must be neither in "
		    "`bridge fdb show dev %s` nor in `ip link show dev %s`: %s. The journal is "
		    "kept as %s%s.damaged",
		    data->unreadable, data->unreadable == 1 ? "" : "s", head->ifname, head->ifname,
		    head->ifname, addresses, head->parentdev, SUFFIX))
		return nfp_err_set(err, -ENOMEM, NFP_E_MEMORY, "not enough memory");
	return 0;
}

/* The journal goes when it has served; one that is damaged would stop every run to come. */
static int put_away(struct nfp_journal *journal, size_t failed_before,
		    struct nfp_restore_report *report, struct nfp_err *err)
{
	const struct nfp_journal_data *data = nfp_journal_data(journal);
	int ret = nfp_restore_failed(report, failed_before, err);

	if (ret)
		return ret;
	if (!data->unreadable)
		return nfp_journal_remove(journal, err);
	ret = say_unreadable(data, report, err);
	if (!ret)
		ret = nfp_journal_set_aside(journal, err);
	if (ret)
		return ret;
	ret = nfp_restore_failed(report, failed_before, err);
	nfp_err_hint(err,
		     "put right by hand what is not; nothing stands in the way of the next run");
	return ret;
}

int nfp_restore_locked(struct nfp_lock *lock, const struct nfp_change_log *log,
		       struct nfp_restore_report *report, struct nfp_err *err)
{
	size_t failed_before = report->failed.n;
	struct nfp_journal *journal;
	int ret = nfp_journal_load(lock->dirfd, lock->parentdev, &journal, err);

	if (ret == -ENOENT)
		return 0;
	if (ret == -ESTALE) {
		ret = nfp_strv_addf(&report->done,
				    "the undo journal of %s is of an earlier boot, or of a run "
				    "that changed nothing: removed",
				    lock->parentdev);
		return ret ? nfp_err_set(err, ret, NFP_E_MEMORY, "not enough memory") : 0;
	}
	if (ret) {
		/* Whatever it says, the host may not be as it was. */
		if (err && err->code == NFP_E_JOURNAL && !err->hint[0])
			nfp_err_hint(err, "look at it; remove it when the host is as it should be");
		return ret;
	}
	report->found = true;
	ret = undo_journal(nfp_journal_data(journal), log, report, err);
	if (!ret)
		ret = put_away(journal, failed_before, report, err);
	nfp_journal_free(journal);
	return ret;
}

/* ---- all journals, or the one of a PF ---- */

/* The name of the journal's device; false for other files. */
static bool journal_device(const char *file, char *buf, size_t size)
{
	size_t len = strlen(file), suffix = strlen(SUFFIX);

	if (len <= suffix || len - suffix >= size || strcmp(file + len - suffix, SUFFIX) != 0 ||
	    file[0] == '.')
		return false;
	snprintf(buf, size, "%.*s", (int)(len - suffix), file);
	return true;
}

static int list_devices(int dirfd, struct nfp_strv *ret_devices, struct nfp_err *err)
{
	int fd = dup(dirfd), ret = 0;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	char device[NFP_TEXT];
	struct dirent *entry;

	if (!dir) {
		ret = -errno;
		if (fd >= 0)
			close(fd);
		return nfp_err_errno(err, ret, NFP_E_JOURNAL, "cannot read the run directory");
	}
	rewinddir(dir);
	while (!ret && (entry = readdir(dir)))
		if (journal_device(entry->d_name, device, sizeof(device)))
			ret = nfp_strv_addf(ret_devices, "%s", device);
	closedir(dir);
	return ret ? nfp_err_set(err, ret, NFP_E_MEMORY, "not enough memory") : 0;
}

/* Is the journal of @device that of @ifname? After a rename its own first line tells. */
static bool head_names(int dirfd, const char *device, const char *ifname)
{
	struct nfp_journal *journal;
	bool same;

	if (nfp_journal_load(dirfd, device, &journal, NULL))
		return false;
	same = strcmp(nfp_journal_data(journal)->head.ifname, ifname) == 0;
	nfp_journal_free(journal);
	return same;
}

static int restore_one(const char *rundir, const char *device, const char *ifname,
		       const struct nfp_change_log *log, struct nfp_restore_report *report,
		       struct nfp_err *err)
{
	struct nfp_lock *lock;
	char parent[NFP_TEXT];
	bool known = ifname && !nfp_sysfs_link(parent, sizeof(parent), "%s/class/net/%s/device",
					       nfp_sysroot_default()->sys, ifname);
	int ret;

	if (known && strcmp(parent, device) != 0)
		return 0;
	ret = nfp_lock_take(rundir, device, &lock, err);
	if (ret)
		return ret;
	if (!ifname || known || head_names(lock->dirfd, device, ifname))
		ret = nfp_restore_locked(lock, log, report, err);
	nfp_lock_drop(lock);
	return ret;
}

static int restore_each(const char *rundir, const char *ifname, const struct nfp_change_log *log,
			struct nfp_restore_report *report, struct nfp_err *err)
{
	struct nfp_strv devices = {NULL, 0};
	struct nfp_err each = {.code = NFP_E_NONE};
	int dirfd, ret = nfp_rundir_open(rundir, false, &dirfd, err);

	if (ret)
		return ret == -ENOENT ? 0 : ret;
	ret = list_devices(dirfd, &devices, err);
	close(dirfd);
	for (size_t i = 0; i < devices.n; i++) {
		int one = restore_one(rundir, devices.v[i], ifname, log, report, &each);

		/* One that fails must not keep the others from being put back. */
		if (one && !ret) {
			ret = one;
			if (err)
				*err = each;
		}
	}
	nfp_strv_fini(&devices);
	return ret;
}

int nfp_restore(const char *rundir, const char *ifname, const struct nfp_change_log *log,
		struct nfp_restore_report *report, struct nfp_err *err)
{
	int ret = restore_each(rundir, ifname, log, report, err);

	report->unsure = ret < 0;
	report->no_interface = ret == 0 && ifname && !report->found &&
			       !nfp_sysfs_exists("%s/class/net/%s", nfp_sysroot_default()->sys,
						 ifname);
	return ret;
}
