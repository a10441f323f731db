// SPDX-License-Identifier: GPL-2.0-or-later
/* restore.c - undoes what an interrupted run left behind, from its journals. */
#include "apply.h"
#include "journal.h"
#include "klog.h"
#include "undo.h"
#include "change/host.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX ".journal"

void nfp_undo_all(struct nfp_undo_ctx *undo_ctx)
{
	const struct nfp_journal_data *data = nfp_journal_data(undo_ctx->journal);

	nfp_undo_bridge(undo_ctx);
	/*
	 * VFs that had no driver come first: their netdevs, which go, may have the names of others.
	 * The VF under test follows, as at the end of a run: bound in the run, it may have the name
	 * of another VF's netdev, which was away.
	 */
	for (int had_driver = 0; had_driver < 2; had_driver++) {
		nfp_for_each (entry, data->vfs, data->num_vfs) {
			if (!entry->done && (entry->before.driver[0] != '\0') == had_driver)
				nfp_undo_vf(undo_ctx, entry);
		}
	}
}

struct pf_search {
	struct nfp_nl *nl;
	const struct nfp_journal_head *head;
	struct nfp_link link; /* ifindex 0: not found yet */
};

/* If the device has several netdevs, the PF's is the one with the ifindex of the journal. */
static int match_netdev(const char *name, void *ctx)
{
	struct pf_search *s = ctx;
	struct nfp_link link;

	if (nfp_link_by_name(s->nl, name, &link, NULL) ||
	    !nfp_link_may_be_of(&link, s->head->parentdev))
		return 0;
	if (!s->link.ifindex || link.ifindex == s->head->ifindex)
		s->link = link;
	return s->link.ifindex == s->head->ifindex;
}

/* 0; 1: the PF is not here, so the journal is still needed; or -errno. */
static int undo_journal(struct nfp_journal *journal, const struct nfp_events *events,
			struct nfp_restore_report *report, struct nfp_err *err)
{
	const struct nfp_journal_data *data = nfp_journal_data(journal);
	const struct nfp_journal_head *head = &data->head;
	struct nfp_rt_dev pf = {head->ifindex, head->ifname};
	struct nfp_apply apply = NFP_APPLY_INIT;
	struct nfp_undo_ctx u = {.apply = &apply, .journal = journal, .report = report};
	struct pf_search search = {.head = head};
	size_t i = 0;
	int ret = nfp_apply_open(&apply, nfp_sysroot_default(), &pf, events, err);

	if (ret)
		return ret;
	/* Find the PF by its device: its netdev may have been renamed. */
	search.nl = apply.nl;
	(void)nfp_sysfs_each(NULL, match_netdev, &search, "/sys/bus/%s/devices/%s/net", head->bus,
			     head->parentdev);
	if (search.link.ifindex) {
		apply.pf = (struct nfp_rt_dev) {search.link.ifindex, search.link.ifname};
		nfp_klog(apply.root, "%s (%s): what an interrupted run left is undone, nfprobe %s",
			 apply.pf.ifname, head->parentdev, nfp_version);
		nfp_undo_all(&u);
		nfp_apply_close(&apply);
		return 0;
	}
	nfp_apply_close(&apply);
	/* If the VFs are gone as well, nothing is left to undo. Else the PF is in another network
	 * namespace, or its driver is being loaded, and the journal is still needed. */
	while (i < data->num_vfs &&
	       (data->vfs[i].done || nfp_undo_vf_is_gone(&data->vfs[i].before)))
		i++;
	if (i == data->num_vfs) {
		nfp_strv_addf(&report->others,
			      "%s (%s) is gone, and so is everything that was changed there",
			      head->ifname, head->parentdev);
		return 0;
	}
	nfp_strv_addf(&report->failed,
		      "%s (%s) is not in this network namespace, but its VF %u (%s) still exists: "
		      "restore from the network namespace that the PF is in",
		      head->ifname, head->parentdev, data->vfs[i].before.vf,
		      data->vfs[i].before.parentdev);
	return 1;
}

/*
 * Returns the length of the device in @stem. A journal's stem is its file name without the suffix:
 * the device of the PF, followed by ".vf<N>" in a journal of that VF alone.
 */
static size_t device_len(const char *stem)
{
	const char *vf = strrchr(stem, '.');
	const char *number = vf && strncmp(vf, ".vf", 3) == 0 ? vf + 3 : "";

	return *number && strspn(number, "0123456789") == strlen(number) ? (size_t)(vf - stem)
									 : strlen(stem);
}

static bool is_of_device(const char *stem, const char *device)
{
	size_t len = device_len(stem);

	return strlen(device) == len && memcmp(stem, device, len) == 0;
}

static int add_stem(const char *name, void *ctx)
{
	size_t len = strlen(name), suffix = strlen(SUFFIX);

	if (len > suffix && len - suffix < NFP_TEXT_LEN && name[0] != '.' &&
	    strcmp(name + len - suffix, SUFFIX) == 0)
		nfp_strv_addf(ctx, "%.*s", (int)(len - suffix), name);
	return 0;
}

/* Lists the stems of the journals in the run directory. */
static int list_stems(int dirfd, struct nfp_strv *ret_stems, struct nfp_err *err)
{
	int ret = nfp_sysfs_each(NULL, add_stem, ret_stems, "/proc/thread-self/fd/%d", dirfd);

	return ret ? nfp_err_errno(err, ret, NFP_E_JOURNAL, "cannot read the run directory") : 0;
}

int nfp_journals_each(int dirfd, void (*journal)(const char *stem, size_t device_len, void *ctx),
		      void *ctx, struct nfp_err *err)
{
	struct nfp_strv stems = {NULL, 0};
	int ret = list_stems(dirfd, &stems, err);

	for (size_t i = 0; i < stems.n; i++)
		journal(stems.v[i], device_len(stems.v[i]), ctx);
	nfp_strv_fini(&stems);
	return ret;
}

static int say_failed(const struct nfp_restore_report *report, struct nfp_err *err)
{
	return nfp_err_set(err, -EIO, NFP_E_RESTORE, "the host could not be put back as it was: %s",
			   report->failed.v[0]);
}

int nfp_restore_failed(const struct nfp_restore_report *report, struct nfp_err *err)
{
	if (report->failed.n) {
		say_failed(report, err);
		nfp_err_hint(err, "Other VFs can be probed.");
		nfp_err_try(err, "nfprobe --restore");
		return -EIO;
	}
	if (!report->taken.n)
		return 0;
	nfp_err_set(err, -EBUSY, NFP_E_VF_TAKEN, "%s", report->taken.v[0]);
	nfp_err_hint(err, "Once the VF is free, restore the rest.");
	nfp_err_try(err, "nfprobe --restore");
	return -EBUSY;
}

int nfp_restore_finish(struct nfp_journal *journal, struct nfp_err *err)
{
	const struct nfp_journal_data *data = nfp_journal_data(journal);
	int ret = 0;

	for (size_t i = 0; i < data->num_vfs && !ret; i++)
		if (!data->vfs[i].done && data->vfs[i].kept)
			ret = nfp_journal_split(journal, data->vfs[i].before.vf, err);
	if (ret)
		return ret;
	return data->unreadable ? nfp_journal_set_aside(journal, err)
				: nfp_journal_remove(journal, err);
}

/* Closes a journal that is undone as far as possible. Damaged lines are reported once, and stop
 * this run. */
static int close_journal(struct nfp_journal *journal, struct nfp_restore_report *report,
			 struct nfp_err *err)
{
	const struct nfp_journal_data *data = nfp_journal_data(journal);
	const struct nfp_journal_head *head = &data->head;
	char addresses[256] = "";
	int ret = nfp_restore_finish(journal, err);

	if (ret || !data->unreadable)
		return ret;
	for (size_t i = 0; i < head->num_addresses && i < sizeof(addresses) / 19; i++)
		nfp_appendf(addresses, sizeof(addresses), "%s%s", i ? ", " : "",
			    nfp_mac_str(&head->addresses[i]).text);
	nfp_strv_addf(&report->failed,
		      "%zu line%s of the undo journal of %s cannot be read, so the changes "
		      "recorded there were not undone. Check that neither its VFs (ip-link(8)) nor "
		      "its FDB (bridge(8)) have an address of that run: %s. The journal is kept as "
		      "%s%s.damaged",
		      data->unreadable, data->unreadable == 1 ? "" : "s", head->ifname, addresses,
		      head->parentdev, SUFFIX);
	ret = say_failed(report, err);
	nfp_err_hint(err, "Fix by hand whatever differs. The next run is not blocked.");
	return ret;
}

/* @stem: as nfp_journal_load takes it. */
static int restore_stem(struct nfp_lock *lock, const char *stem, const struct nfp_events *events,
			struct nfp_restore_report *report, struct nfp_err *err)
{
	size_t kept_before = report->failed.n + report->taken.n;
	bool of_vf = strcmp(stem, lock->parentdev) != 0;
	struct nfp_journal *journal;
	int ret = nfp_journal_load(lock->dirfd, stem, &journal, err);

	if (ret == -ENOENT)
		return 0;
	if (ret == -ESTALE) {
		nfp_strv_addf(&report->done,
			      "the undo journal of %s was from an earlier boot, or from a run that "
			      "changed nothing: removed",
			      lock->parentdev);
		return 0;
	}
	if (ret) {
		/* The host may not be as it was, whatever is wrong with the journal. */
		if (err && err->code == NFP_E_JOURNAL && nfp_hint_is_empty(&err->hint))
			nfp_err_hint(err,
				     "Inspect it, and remove it once the host is as it should be.");
		return ret;
	}
	report->found = true;
	ret = undo_journal(journal, events, report, err);
	/* The journal of a single VF stays until that VF is as it was. */
	if (!ret && !(of_vf && report->failed.n + report->taken.n > kept_before))
		ret = close_journal(journal, report, err);
	nfp_journal_free(journal);
	return ret < 0 ? ret : 0;
}

/* Keeps the first error, so that a journal that fails does not stop the restore of the others. */
static void keep_first(int *ret, struct nfp_err *err, int one, const struct nfp_err *each)
{
	if (one && !*ret && err)
		*err = *each;
	*ret = *ret ? *ret : one;
}

int nfp_restore_locked(struct nfp_lock *lock, const struct nfp_events *events,
		       struct nfp_restore_report *report, struct nfp_err *err)
{
	struct nfp_strv stems = {NULL, 0};
	struct nfp_err each = {.code = NFP_E_NONE};
	int ret;

	/* The PF's journal comes before those of single VFs. The list has each text only once. */
	nfp_strv_addf(&stems, "%s", lock->parentdev);
	ret = list_stems(lock->dirfd, &stems, err);
	nfp_for_each (stem, stems.v, stems.n)
		if (is_of_device(*stem, lock->parentdev))
			keep_first(&ret, err, restore_stem(lock, *stem, events, report, &each),
				   &each);
	nfp_strv_fini(&stems);
	return ret;
}

/* ---- all journals, or the one of a PF ---- */

/* True if the first line of @device's journal names @ifname. The netdev may have been renamed. */
static bool head_names(int dirfd, const char *device, const char *ifname)
{
	struct nfp_strv stems = {NULL, 0};
	struct nfp_journal *journal;
	bool same = false;

	(void)list_stems(dirfd, &stems, NULL);
	for (size_t i = 0; i < stems.n && !same; i++) {
		if (!is_of_device(stems.v[i], device) ||
		    nfp_journal_load(dirfd, stems.v[i], &journal, NULL))
			continue;
		same = strcmp(nfp_journal_data(journal)->head.ifname, ifname) == 0;
		nfp_journal_free(journal);
	}
	nfp_strv_fini(&stems);
	return same;
}

static int restore_one(const char *rundir, const char *device, const char *ifname,
		       const struct nfp_events *events, struct nfp_restore_report *report,
		       struct nfp_err *err)
{
	struct nfp_lock *lock;
	char parent[NFP_TEXT_LEN];
	bool known = ifname && !nfp_sysfs_link(NULL, parent, sizeof(parent),
					       "/sys/class/net/%s/device", ifname);
	int ret;

	if (known && strcmp(parent, device) != 0)
		return 0;
	ret = nfp_lock_acquire(rundir, device, &lock, err);
	if (ret)
		return ret;
	if (!ifname || known || head_names(lock->dirfd, device, ifname))
		ret = nfp_restore_locked(lock, events, report, err);
	nfp_lock_release(lock);
	return ret;
}

int nfp_restore(const char *rundir, const char *ifname, const struct nfp_events *events,
		struct nfp_restore_report *report, struct nfp_err *err)
{
	struct nfp_strv stems = {NULL, 0}, devices = {NULL, 0};
	struct nfp_err each = {.code = NFP_E_NONE};
	int dirfd, ret = nfp_rundir_open(rundir, false, &dirfd, err);

	if (!ret) {
		ret = list_stems(dirfd, &stems, err);
		close(dirfd);
	} else if (ret == -ENOENT) {
		ret = 0;
	}
	for (size_t i = 0; i < stems.n; i++)
		nfp_strv_addf(&devices, "%.*s", (int)device_len(stems.v[i]), stems.v[i]);
	for (size_t i = 0; i < devices.n; i++)
		keep_first(&ret, err,
			   restore_one(rundir, devices.v[i], ifname, events, report, &each), &each);
	nfp_strv_fini(&stems);
	nfp_strv_fini(&devices);
	if (!ret)
		ret = nfp_restore_failed(report, err);
	report->unsure = ret < 0;
	report->no_interface = ret == 0 && ifname && !report->found &&
			       !nfp_sysfs_exists(NULL, "/sys/class/net/%s", ifname);
	return ret;
}
