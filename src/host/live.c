// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/host.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live_priv.h"

#define REPORT_POLL_MS 50

/* Reports any error of a restore as NFP_E_RESTORE, whatever its cause. */
static int restore_error(int ret, struct nfp_err *err)
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

static int open_run(struct nfp_live *live, struct nfp_err *err)
{
	const struct nfp_live_config *config = &live->config;
	const struct nfp_pf_info *info = &config->pf->info;
	const struct nfp_rt_dev pf = {info->ifindex, info->ifname};
	const struct nfp_vlan none = {.vid = 0};
	struct nfp_hands *hands = &live->hands;
	struct nfp_journal_head head = {
		.version = NFP_VERSION,
		.pid = (int)getpid(),
		.ifindex = info->ifindex,
		.addresses = config->addresses,
		.num_addresses = config->num_addresses,
	};
	int ret = nfp_sysfs_link(live->bus, sizeof(live->bus), "%s/subsystem", config->pf->devpath);

	if (ret)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot find the bus of %s",
				     info->ifname);
	ret = nfp_hands_open(hands, &pf, &config->log, err);
	hands->dry = config->dry;
	if (!ret && !config->dry) {
		ret = nfp_hands_private(hands, err)
			      ?: nfp_nl_open_notify(-1, &live->notify, err)
			      ?: nfp_nl_open_notify(-1, &live->await, err)
			      ?: nfp_nl_open_notify(hands->netns_fd, &live->await_private, err);
		hands->notify = live->notify;
	}
	snprintf(head.bus, sizeof(head.bus), "%s", live->bus);
	snprintf(head.parentdev, sizeof(head.parentdev), "%s", info->parentdev);
	snprintf(head.ifname, sizeof(head.ifname), "%s", info->ifname);
	ret = ret ?: nfp_live_pf_read(live, &live->pf_start, err);
	ret = ret ?: nfp_boot_id(head.boot, err);
	if (!ret)
		ret = nfp_journal_create(config->dry ? -1 : config->lock->dirfd, &head,
					 &live->journal, err);
	if (ret)
		return ret;
	hands->journal = live->journal;
	/* What the run found: a PF that has become promiscuous since must not go unseen. */
	live->pf_start.promiscuity = info->promiscuity;
	live->pf_expect = live->pf_start;
	return nfp_live_enter_bridge(live, &none, err);
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
	ret = open_run(live, err);
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
		undone = restore_error(undone, &undo);
	if (err)
		*err = undo;
	return undone;
}

/* ---- one VF ---- */

int nfp_live_check_use(struct nfp_live *live, unsigned int vf, struct nfp_vf_info *ret_fresh,
		       struct nfp_err *err)
{
	const struct nfp_vf_info *info = nfp_pf_vf(live->config.pf, vf);
	const char *pf = live->hands.pf.ifname;

	if (!info)
		return nfp_err_set(err, -ENODEV, NFP_E_NO_SUCH_VF, "%s has no VF %u", pf, vf);
	*ret_fresh = *info;
	return nfp_vf_use_read(ret_fresh, err)
		       ?: nfp_vf_refuse(pf, ret_fresh, live->config.force, err);
}

/*
 * enic never reports its VFs, so the state of such a VF cannot be restored. i40e and ice leave a VF
 * out only while they reset it.
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

int nfp_live_begin(struct nfp_live *live, unsigned int vf, const struct nfp_vlan *vlan,
		   struct nfp_err *err)
{
	struct nfp_hands *hands = &live->hands;
	struct nfp_live_vf *v = &live->vf;
	struct nfp_change set_vlan;
	struct nfp_vf_info info;
	struct nfp_busdev dev = {hands->root, live->bus, info.parentdev};
	int ret;

	*v = (struct nfp_live_vf) {.vlan = *vlan};
	ret = nfp_live_check_use(live, vf, &info, err);
	ret = ret ?: await_report(live, vf, err);
	if (!ret)
		ret = nfp_vf_state_read(hands->root, hands->nl, &hands->pf, vf, live->bus,
					info.parentdev, &v->before, err);
	ret = ret ?: nfp_vfdrv_choose(&dev, live->config.pf, vf, v->driver, NFP_TEXT, err);
	if (ret)
		return ret;
	nfp_guard_begin(&v->guard, &v->before, live->config.force);
	hands->guards[0] = &v->guard;
	live->pf_expect = live->pf_start;
	ret = nfp_live_journal_vf(live, &v->before, false, err);
	if (ret)
		return ret;
	/* From here on nfp_live_end or _close has something to undo, even if this fails. */
	v->begun = true;
	ret = (v->vlan.vid ? nfp_live_enter_bridge(live, &v->vlan, err) : 0)
		      ?: nfp_live_let_vlan_in(live, err)
		      ?: nfp_live_source_in_vlan(live, &v->vlan, err)
		      ?: nfp_live_keep_unbound(live, v->before.driver, err);
	/*
	 * The VLAN is set before the first step and not with the address: the emulated igb gives
	 * the PF only VLANs that some VF is in, and a VF with a VLAN of its own has it from the
	 * beginning, too.
	 */
	set_vlan = nfp_change_of_vf(&v->before, NFP_CHANGE_VF_VLAN, NULL);
	set_vlan.vlan = v->vlan;
	if (!ret && !nfp_vlan_equal(&v->guard.attr.vlan, &v->vlan))
		ret = nfp_hands_insist(hands, &set_vlan, err);
	ret = ret ?: nfp_guard_check_attributes(hands, &v->guard, true, err);
	/* Another process took the VF first: report it as in use, as at the start of a run. */
	if (ret && err && err->code == NFP_E_VF_TAKEN && v->guard.untouched) {
		err->code = NFP_E_VF_IN_USE;
		nfp_err_hint(err, "take another VF");
	}
	return ret;
}

struct nfp_host nfp_live_host(struct nfp_live *live)
{
	return (struct nfp_host) {.ops = &nfp_live_ops, .ctx = live};
}

int nfp_live_rewind(struct nfp_live *live, struct nfp_err *err)
{
	int ret = nfp_live_release(live, err);

	/* A ladder that wrote nothing to the VF has not looked for other users of it. */
	(void)nfp_guard_check(&live->hands, &live->vf.guard, false, NULL);
	if (!ret && !nfp_live_ended(live))
		ret = nfp_live_unbind(live, err);
	if (!ret && live->vf.assigned && !nfp_live_ended(live))
		ret = nfp_live_clear(live, err);
	/*
	 * A change is reported once, but to each ladder: a PF that another process made promiscuous
	 * in the first taints the second as well.
	 */
	live->pf_expect = live->pf_start;
	return nfp_live_ended(live) ? 0 : ret;
}

bool nfp_live_ended(const struct nfp_live *live)
{
	return live->vf.guard.state != NFP_GUARD_OURS ||
	       (live->has_source && live->source_guard.state != NFP_GUARD_OURS);
}

/* ---- undo ---- */

/* Moves the notes collected so far into the caller's lists. */
static void move_notes(struct nfp_live *live, struct nfp_strv *left_behind,
		       struct nfp_strv *warnings)
{
	struct nfp_strv *const from[] = {&live->report.left_behind, &live->report.others,
					 &live->warnings};

	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		for (size_t j = 0; j < from[i]->n; j++)
			nfp_strv_addf(i ? warnings : left_behind, "%s", from[i]->v[j]);
		nfp_strv_fini(from[i]);
	}
}

/*
 * Failures of an earlier attempt have been reported already. They must not stay in the list, which
 * takes no sentence twice: the same failure again would pass for none.
 */
static struct nfp_undoer undo_context(struct nfp_live *live)
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

int nfp_live_undo_vf(struct nfp_live *live, const struct nfp_journal_vf *entry, struct nfp_err *err)
{
	struct nfp_undoer u = undo_context(live);
	unsigned int vf = entry->before.vf;
	struct nfp_guard *guard = NULL;
	int ret = 0;

	/* How a VF is restored depends on its state by then, so a dry run does not show it. */
	if (live->config.dry)
		return nfp_journal_done(live->journal, vf, err);
	if (live->vf.begun && live->vf.before.vf == vf)
		guard = &live->vf.guard;
	else if (live->has_source && live->source == vf)
		guard = &live->source_guard;
	/* A last look tells changes by other processes from those by the driver. */
	if (guard)
		(void)nfp_guard_check(&live->hands, guard, true, NULL);
	if (guard && guard->state == NFP_GUARD_TAKEN)
		nfp_journal_taken(live->journal, vf, guard->what);
	u.foreign = guard ? guard->foreign : 0;
	/* Undoing is not journalled: it must not fail where /run is full. */
	live->hands.journal = NULL;
	nfp_undo_fdb(&u, (int)vf);
	/* A VF that this run has not written to has nothing to undo, whatever state it is in. */
	if (!(guard && guard->untouched))
		ret = restore_error(nfp_undo_vf(&u, entry, err), err);
	live->hands.journal = live->journal;
	ret = ret ?: nfp_restore_failed(&live->report, 0, err);
	/* If this cannot be written down, a later restore only has more to check. */
	if (!ret)
		(void)nfp_journal_done(live->journal, vf, NULL);
	return ret;
}

int nfp_live_end(struct nfp_live *live, struct nfp_strv *left_behind, struct nfp_strv *warnings,
		 struct nfp_err *err)
{
	const struct nfp_journal_vf *entry;
	int ret;

	if (!live->vf.begun)
		return 0;
	live->hands.journal = NULL;
	ret = restore_error(nfp_live_release(live, err), err);
	live->hands.journal = live->journal;
	entry = nfp_journal_find_vf(nfp_journal_data(live->journal), live->vf.before.vf);
	if (!ret && entry)
		ret = nfp_live_undo_vf(live, entry, err);
	live->hands.guards[0] = NULL;
	memset(&live->vf, 0, sizeof(live->vf));
	move_notes(live, left_behind, warnings);
	return ret;
}

/* The PF, the source, and a VF that failed or was never ended. No failure skips the rest; the first
 * one is reported. */
static int undo_all(struct nfp_live *live, struct nfp_err *err)
{
	const struct nfp_journal_data *data = nfp_journal_data(live->journal);
	unsigned int promiscuity = live->pf_start.promiscuity;
	struct nfp_undoer u = undo_context(live);
	struct nfp_pf_now now;
	int ret, next;

	live->hands.journal = NULL;
	ret = restore_error(nfp_live_release(live, err), err);
	next = restore_error(nfp_live_drop_child(live, ret ? NULL : err), ret ? NULL : err);
	ret = ret ?: next;
	nfp_undo_fdb(&u, -1);
	live->hands.journal = live->journal;
	ret = ret ?: nfp_restore_failed(&live->report, 0, err);
	for (size_t i = data->num_vfs; i-- > 0;) {
		next = data->vfs[i].done ? 0
					 : nfp_live_undo_vf(live, &data->vfs[i], ret ? NULL : err);
		ret = ret ?: next;
	}
	/* Our part of the PF's promiscuity must be gone. */
	if (!ret && !nfp_live_pf_read(live, &now, NULL) && now.promiscuity != promiscuity)
		nfp_strv_addf(&live->warnings,
			      "the promiscuity of %s was %u and is %u: another process "
			      "has changed it",
			      live->hands.pf.ifname, promiscuity, now.promiscuity);
	return nfp_restore_put_away(live->journal, ret, err);
}

int nfp_live_close(struct nfp_live *live, struct nfp_strv *left_behind, struct nfp_strv *warnings,
		   struct nfp_err *err)
{
	int ret;

	if (!live)
		return 0;
	ret = live->journal && !live->config.dry ? undo_all(live, err) : 0;
	move_notes(live, left_behind, warnings);
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
