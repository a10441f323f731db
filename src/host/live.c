// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/host.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live_priv.h"
#include "nfprobe/journal.h"
#include "nfprobe/base.h"
#include "nfprobe/netlink.h"
#include "nfprobe/apply.h"

#define REPORT_POLL_MS 50

/* An error on the way back is one of restoring, whatever it is made of. */
static int cannot_restore(int ret, struct nfp_err *err)
{
	char words[NFP_ERR_MSGLEN / 2];

	if (!ret || !err)
		return ret;
	snprintf(words, sizeof(words), "%.*s", (int)sizeof(words) - 1, err->message);
	nfp_err_set(err, ret, NFP_E_RESTORE, "the host could not be put back as it was: %s", words);
	nfp_err_hint(err, "nfprobe --restore tries again");
	return ret;
}

/* ---- open ---- */

static int open_sockets(struct nfp_live *live, struct nfp_err *err)
{
	struct nfp_rt_dev pf = {live->config.pf->info.ifindex, live->config.pf->info.ifname};
	int ret = nfp_hands_open(&live->hands, &pf, &live->config.log, err);

	live->hands.dry = live->config.dry;
	if (ret || live->config.dry)
		return ret;
	ret = nfp_hands_private(&live->hands, err);
	if (!ret)
		ret = nfp_nl_open_notify(-1, &live->notify, err);
	live->hands.notify = live->notify;
	if (!ret)
		ret = nfp_nl_open_notify(-1, &live->await, err);
	if (!ret)
		ret = nfp_nl_open_notify(live->hands.netns_fd, &live->await_private, err);
	return ret;
}

static int create_journal(struct nfp_live *live, struct nfp_err *err)
{
	const struct nfp_pf_info *info = &live->config.pf->info;
	struct nfp_journal_head head = {
		.version = NFP_VERSION,
		.pid = (int)getpid(),
		.ifindex = info->ifindex,
		.addresses = live->config.addresses,
		.num_addresses = live->config.num_addresses,
	};
	int ret = nfp_boot_id(head.boot, err);

	if (ret)
		return ret;
	snprintf(head.bus, sizeof(head.bus), "%s", live->bus);
	snprintf(head.parentdev, sizeof(head.parentdev), "%s", info->parentdev);
	snprintf(head.ifname, sizeof(head.ifname), "%s", info->ifname);
	ret = nfp_journal_create(live->config.dry ? -1 : live->config.lock->dirfd, &head,
				 &live->journal, err);
	live->hands.journal = ret ? NULL : live->journal;
	return ret;
}

static int prepare(struct nfp_live *live, struct nfp_err *err)
{
	const struct nfp_vlan none = {.vid = 0};
	int ret = nfp_sysfs_link(live->bus, sizeof(live->bus), "%s/subsystem",
				 live->config.pf->devpath);

	if (ret)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot find the bus of %s",
				     live->config.pf->info.ifname);
	ret = open_sockets(live, err);
	if (!ret)
		ret = nfp_live_pf_read(live, &live->pf_start, err);
	if (!ret)
		ret = create_journal(live, err);
	if (!ret)
		ret = nfp_live_enter_bridge(live, &none, err);
	/* As the run knows it: what has become promiscuous since must not go unseen. */
	live->pf_start.promiscuity = live->config.pf->info.promiscuity;
	live->pf_expect = live->pf_start;
	return ret;
}

int nfp_live_open(const struct nfp_live_config *config, struct nfp_live **ret_live,
		  struct nfp_err *err)
{
	struct nfp_strv left = {NULL, 0}, warnings = {NULL, 0};
	struct nfp_live *live = nfp_calloc(1, sizeof(*live));
	struct nfp_err undo = {.code = NFP_E_NONE};
	int ret, undone;

	live->config = *config;
	live->hands = (struct nfp_hands)NFP_HANDS_INIT;
	ret = prepare(live, err);
	if (!ret) {
		*ret_live = live;
		return 0;
	}
	undone = nfp_live_close(live, &left, &warnings, &undo);
	nfp_strv_fini(&left);
	nfp_strv_fini(&warnings);
	if (!undone)
		return ret;
	if (undo.code != NFP_E_RESTORE)
		undone = cannot_restore(undone, &undo);
	if (err)
		*err = undo;
	return undone;
}

/* ---- one VF ---- */

int nfp_live_check_use(struct nfp_live *live, const struct nfp_vf_info *info,
		       struct nfp_vf_info *ret_fresh, struct nfp_err *err)
{
	int ret;

	*ret_fresh = *info;
	ret = nfp_vf_use_read(ret_fresh, err);
	return ret ? ret : nfp_vf_refuse(live->hands.pf.ifname, ret_fresh, live->config.force, err);
}

/*
 * enic never reports its VFs: what such a VF was cannot be put back. i40e and ice leave a VF out
 * while they reset it, which passes.
 */
static int await_report(struct nfp_live *live, unsigned int vf, struct nfp_err *err)
{
	uint64_t end_ns = nfp_clock_now() + NFP_REPORT_MS * NFP_NSEC_PER_MSEC;
	struct nfp_vf_attr attr;
	int ret;

	for (;;) {
		ret = nfp_vf_attr_read(live->hands.nl, &live->hands.pf, vf, &attr, err);
		if (ret != -ENODATA || nfp_clock_now() >= end_ns)
			break;
		/* No event tells when the reset is over. */
		(void)poll(NULL, 0, REPORT_POLL_MS);
	}
	if (ret != -ENODATA || live->config.force)
		return ret == -ENODATA ? 0 : ret;
	nfp_err_set(err, ret, NFP_E_UNSUPPORTED,
		    "the driver of %s does not report the address and VLAN of VF %u, so they could "
		    "not be put back after the run",
		    live->hands.pf.ifname, vf);
	nfp_err_hint(err, "if this VF may lose them, probe it with --force");
	return ret;
}

static int examine(struct nfp_live *live, const struct nfp_vf_info *info, struct nfp_err *err)
{
	struct nfp_hands *h = &live->hands;
	struct nfp_live_vf *vf = &live->vf;
	struct nfp_busdev dev = {h->root, live->bus, info->parentdev};
	int ret = await_report(live, info->vf, err);

	if (!ret)
		ret = nfp_vf_state_read(h->root, h->nl, &h->pf, info->vf, live->bus,
					info->parentdev, &vf->before, err);
	if (!ret)
		ret = nfp_vfdrv_choose(&dev, live->config.pf, info->vf, vf->driver,
				       sizeof(vf->driver), err);
	if (ret)
		return ret;
	nfp_guard_begin(&vf->guard, &vf->before, live->config.force);
	live->hands.guards[0] = &vf->guard;
	nfp_live_expect_afresh(live);
	return 0;
}

int nfp_live_journal_vf(struct nfp_live *live, const struct nfp_vf_state *before, bool source,
			struct nfp_err *err)
{
	struct nfp_journal_vf entry = {.before = *before, .source = source};
	struct nfp_busdev dev = {live->hands.root, before->bus, before->parentdev};
	const struct nfp_rt_dev netdevs[NFP_VF_NETDEVS] = {
		{before->ifindex, before->ifname}, {before->second_ifindex, before->second}};
	char lost[NFP_REASON];
	int ret = 0;

	for (size_t i = 0; i < NFP_VF_NETDEVS && !ret && !live->config.dry; i++) {
		if (i && !netdevs[i].ifindex)
			break;
		ret = nfp_settings_read(dev.root, live->hands.nl, &netdevs[i], i ? NULL : &dev,
					&entry.settings[i], err);
		if (ret || live->config.force ||
		    !nfp_settings_lost(entry.settings[i], lost, sizeof(lost)))
			continue;
		ret = nfp_err_set(err, -EBUSY, NFP_E_VF_IN_USE,
				  "%s, the netdev of VF %u of %s, has %s, which would be lost",
				  netdevs[i].ifname, before->vf, live->hands.pf.ifname, lost);
		nfp_err_hint(err, "take it away, or give it up with --force");
	}
	if (!ret)
		ret = nfp_journal_vf(live->journal, &entry, err);
	for (size_t i = 0; i < NFP_VF_NETDEVS; i++)
		json_decref(entry.settings[i]);
	return ret;
}

/* From here on there is something to undo. */
static int make_ready(struct nfp_live *live, struct nfp_err *err)
{
	struct nfp_live_vf *vf = &live->vf;
	int ret = nfp_live_journal_vf(live, &vf->before, false, err);

	if (ret)
		return ret;
	vf->begun = true;
	if (vf->vlan.vid)
		ret = nfp_live_enter_bridge(live, &vf->vlan, err);
	if (!ret)
		ret = nfp_live_let_vlan_in(live, err);
	if (!ret)
		ret = nfp_live_source_in_vlan(live, &vf->vlan, err);
	if (!ret)
		ret = nfp_live_keep_unbound(live, vf->before.driver, err);
	if (!ret)
		ret = nfp_live_set_vlan(live, err);
	return ret ? ret : nfp_live_learn_vf(live, err);
}

int nfp_live_begin(struct nfp_live *live, unsigned int vf, const struct nfp_vlan *vlan,
		   struct nfp_err *err)
{
	const struct nfp_vf_info *info = nfp_pf_vf(live->config.pf, vf);
	struct nfp_vf_info fresh;
	int ret;

	if (!info)
		return nfp_err_set(err, -ENODEV, NFP_E_NO_SUCH_VF, "%s has no VF %u",
				   live->hands.pf.ifname, vf);
	memset(&live->vf, 0, sizeof(live->vf));
	live->vf.vlan = *vlan;
	ret = nfp_live_check_use(live, info, &fresh, err);
	if (!ret)
		ret = examine(live, info, err);
	if (!ret)
		ret = make_ready(live, err);
	/* Another process came first: as if the VF had been in use from the beginning. */
	if (ret && err && err->code == NFP_E_VF_TAKEN && live->vf.guard.untouched) {
		err->code = NFP_E_VF_IN_USE;
		nfp_err_hint(err, "take another VF");
	}
	/* A VF that cannot be probed is put back by nfp_live_end or _close, as any other. */
	return ret;
}

struct nfp_host nfp_live_host(struct nfp_live *live)
{
	return (struct nfp_host) {.ops = &nfp_live_ops, .ctx = live};
}

int nfp_live_rewind(struct nfp_live *live, struct nfp_err *err)
{
	int ret = nfp_live_release(live, err);

	/* A ladder without a standby has written nothing to the VF, and so looked for nobody. */
	(void)nfp_guard_check(&live->hands, &live->vf.guard, false, NULL);
	if (!ret && !nfp_live_ended(live))
		ret = nfp_live_unbind(live, err);
	if (!ret && live->vf.assigned && !nfp_live_ended(live))
		ret = nfp_live_clear(live, err);
	nfp_live_expect_afresh(live);
	return nfp_live_ended(live) ? 0 : ret;
}

bool nfp_live_ended(const struct nfp_live *live)
{
	return live->vf.guard.state != NFP_GUARD_OURS ||
	       (live->has_source && live->source_guard.state != NFP_GUARD_OURS);
}

/* ---- back ---- */

static void move_all(struct nfp_strv *from, struct nfp_strv *to)
{
	for (size_t i = 0; i < from->n; i++)
		nfp_strv_addf(to, "%s", from->v[i]);
	nfp_strv_fini(from);
}

/* What was collected goes to the caller's lists. */
static void tell(struct nfp_live *live, struct nfp_strv *left_behind, struct nfp_strv *warnings)
{
	move_all(&live->report.left_behind, left_behind);
	move_all(&live->report.others, warnings);
	move_all(&live->warnings, warnings);
}

/*
 * What failed in an earlier attempt is told already. It must not be in the list, which takes no
 * sentence twice: the same failure again would pass for none.
 */
static struct nfp_undoer undoer_of(struct nfp_live *live)
{
	nfp_strv_fini(&live->report.failed);
	nfp_strv_fini(&live->report.taken);
	return (struct nfp_undoer) {
		.hands = &live->hands,
		.data = nfp_journal_data(live->journal),
		.pf_ifname = live->hands.pf.ifname,
		.report = &live->report,
		.private_ifindex = live->has_source ? live->source_netdev.ifindex : 0,
	};
}

/* The guard of a VF whose undoing begins; NULL: it has none, as a VF that was never begun. */
static struct nfp_guard *guard_of(struct nfp_live *live, unsigned int vf)
{
	if (live->vf.begun && live->vf.before.vf == vf)
		return &live->vf.guard;
	return live->has_source && live->source == vf ? &live->source_guard : NULL;
}

int nfp_live_undo_vf(struct nfp_live *live, const struct nfp_journal_vf *entry, struct nfp_err *err)
{
	struct nfp_guard *guard = guard_of(live, entry->before.vf);
	struct nfp_undoer u = undoer_of(live);
	unsigned int vf = entry->before.vf;
	int ret = 0;

	/* How a VF is put back depends on how it is by then. */
	if (live->config.dry)
		return nfp_journal_done(live->journal, vf, err);
	/* A last look tells what another process has changed from what the driver has. */
	if (guard)
		(void)nfp_guard_check(&live->hands, guard, true, NULL);
	if (guard && guard->state == NFP_GUARD_TAKEN)
		nfp_journal_taken(live->journal, vf, guard->what);
	u.foreign = guard ? guard->foreign : 0;
	live->hands.journal = NULL;
	nfp_undo_fdb(&u, (int)vf);
	/* Whatever has become of a VF that nothing was done to is not ours to undo. */
	if (!(guard && guard->untouched))
		ret = cannot_restore(nfp_undo_vf(&u, entry, err), err);
	live->hands.journal = live->journal;
	if (!ret)
		ret = nfp_restore_failed(&live->report, 0, err);
	/* Where it cannot be written down, a restore has more to look at, no more. */
	if (!ret)
		(void)nfp_journal_done(live->journal, vf, NULL);
	return ret;
}

/* The way back needs no journal, and must not fail where /run is full. */
static int release_for_good(struct nfp_live *live, struct nfp_err *err)
{
	int ret;

	live->hands.journal = NULL;
	ret = cannot_restore(nfp_live_release(live, err), err);
	live->hands.journal = live->journal;
	return ret;
}

int nfp_live_end(struct nfp_live *live, struct nfp_strv *left_behind, struct nfp_strv *warnings,
		 struct nfp_err *err)
{
	const struct nfp_journal_vf *entry;
	int ret;

	if (!live->vf.begun)
		return 0;
	ret = release_for_good(live, err);
	entry = nfp_journal_find_vf(nfp_journal_data(live->journal), live->vf.before.vf);
	if (!ret && entry)
		ret = nfp_live_undo_vf(live, entry, err);
	live->hands.guards[0] = NULL;
	memset(&live->vf, 0, sizeof(live->vf));
	tell(live, left_behind, warnings);
	return ret;
}

/* Whatever of the VFs is not as it was yet: the source, and one that failed or was never ended. */
static int undo_rest(struct nfp_live *live, struct nfp_err *err)
{
	const struct nfp_journal_data *data = nfp_journal_data(live->journal);
	int ret = 0;

	for (size_t i = data->num_vfs; i-- > 0;) {
		int one = data->vfs[i].done
				  ? 0
				  : nfp_live_undo_vf(live, &data->vfs[i], ret ? NULL : err);

		ret = ret ? ret : one;
	}
	return ret;
}

/* As of the VFs: what cannot be undone keeps nothing else from it. */
static int undo_pf(struct nfp_live *live, struct nfp_err *err)
{
	struct nfp_undoer u = undoer_of(live);
	int ret = release_for_good(live, err), child;

	child = cannot_restore(nfp_live_drop_child(live, ret ? NULL : err), ret ? NULL : err);
	ret = ret ? ret : child;
	live->hands.journal = NULL;
	nfp_undo_fdb(&u, -1);
	live->hands.journal = live->journal;
	return ret ? ret : nfp_restore_failed(&live->report, 0, err);
}

/* The PF is compared with what it was: our part of its promiscuity must be gone. */
static void verify_pf(struct nfp_live *live)
{
	struct nfp_pf_now now;

	if (!nfp_live_pf_read(live, &now, NULL) && now.promiscuity != live->pf_start.promiscuity)
		nfp_strv_addf(&live->warnings,
			      "the promiscuity of %s was %u and is %u: somebody else "
			      "has changed it",
			      live->hands.pf.ifname, live->pf_start.promiscuity, now.promiscuity);
}

static int undo_all(struct nfp_live *live, struct nfp_err *err)
{
	int ret = undo_pf(live, err);
	int rest = undo_rest(live, ret ? NULL : err);

	ret = ret ? ret : rest;
	if (!ret)
		verify_pf(live);
	return nfp_restore_put_away(live->journal, ret, err);
}

int nfp_live_close(struct nfp_live *live, struct nfp_strv *left_behind, struct nfp_strv *warnings,
		   struct nfp_err *err)
{
	int ret;

	if (!live)
		return 0;
	ret = live->journal && !live->config.dry ? undo_all(live, err) : 0;
	tell(live, left_behind, warnings);
	nfp_restore_report_fini(&live->report);
	nfp_journal_free(live->journal);
	nfp_nl_close(live->notify);
	nfp_nl_close(live->await);
	nfp_nl_close(live->await_private);
	nfp_hands_close(&live->hands);
	free(live);
	return ret;
}

int nfp_live_notify_fd(const struct nfp_live *live)
{
	return nfp_nl_fd(live->notify);
}

const char *nfp_live_driver(const struct nfp_live *live)
{
	return live->vf.driver;
}
