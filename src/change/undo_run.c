// SPDX-License-Identifier: GPL-2.0-or-later
/* undo_run.c - makes the changes that undo.c plans, and reads the VF again after each. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "apply.h"
#include "change.h"
#include "guard.h"
#include "journal.h"
#include "settings.h"
#include "undo.h"
#include "vf_state.h"
#include "vfdrv.h"
#include "change/host.h"

#define LEAVE_MS 3000 /* the kernel removes VFs one by one, each after its driver */
#define LATE_MS	 1000 /* a driver may set an address late, from a work queue */
/* The kernel may take so long to return the netdev of a namespace that has died. */
#define RETURN_MS 5000

struct undo_vf {
	struct nfp_undo_ctx *u;
	const struct nfp_journal_vf *entry;
	const struct nfp_vf_state *before; /* the entry's */
	struct nfp_undo_state state;
	struct nfp_strv refusals;   /* reported only if something still differs at the end */
	char who[NFP_TEXT_LEN];	    /* "VF 3 of eth0" */
	char taker[NFP_REASON_LEN]; /* who has taken the VF; empty: nobody */
	uint64_t searched_ns;	    /* as in struct nfp_guard */
};

static struct nfp_busdev busdev(const struct undo_vf *v)
{
	return (struct nfp_busdev) {v->u->apply->root, v->before->bus, v->before->parentdev};
}

/* Reads the VF's device and its netdev, and its attributes unless @attr has them. */
static int read_with(struct undo_vf *v, const struct nfp_vf_attr *attr, struct nfp_err *err)
{
	return nfp_vf_state_read(v->u->apply, v->before->vf, v->before->bus, v->before->parentdev,
				 attr, !attr && v->before->attr.have_mac, &v->state.now, err);
}

static int read_state(struct undo_vf *v, struct nfp_err *err)
{
	int ret = read_with(v, NULL, err);

	v->state.source_of_attr = NFP_ATTR_READ;
	return ret;
}

/* If the netdev does not appear, the comparison at the end reports it. */
static void await_netdev(struct undo_vf *v, int deadline_ms)
{
	struct nfp_busdev dev = busdev(v);
	struct nfp_link link;

	(void)nfp_wait_netdev(v->u->apply, &dev, deadline_ms, &link, NULL);
}

/* After a crash the kernel returns the netdev to this namespace, but not at once. Some drivers of a
 * PF report late what they were last told. */
static int read_first(struct undo_vf *v, struct nfp_err *err)
{
	uint64_t end_ns = nfp_clock_now() + LATE_MS * NFP_NSEC_PER_MSEC;
	const struct nfp_vf_state *now = &v->state.now;
	struct nfp_busdev dev = busdev(v);
	int ret = v->u->attr ? read_with(v, v->u->attr, err) : read_state(v, err);

	if (v->u->attr)
		nfp_undo_expect_attrs(&v->state);
	while (!ret && nfp_undo_may_await_mac(&v->state) && nfp_clock_now() < end_ns) {
		uint64_t begin_ns = nfp_clock_now();

		ret = read_state(v, err);
		nfp_vf_look_pause(nfp_clock_now() - begin_ns);
	}
	if (ret || v->u->apply->netns_fd >= 0 || !now->driver[0] || now->have_netdev)
		return ret;
	if (!nfp_vfdrv_has_netdev(&dev) &&
	    !(v->before->have_netdev && strcmp(now->driver, v->before->driver) == 0))
		return 0;
	await_netdev(v, RETURN_MS);
	return read_state(v, err);
}

/* Tries a second time if no netdev has appeared: the PF of an iavf may not have answered. */
static int rebind_driver(struct undo_vf *v, struct nfp_guard *guard, const struct nfp_change *bind,
			 struct nfp_err *err)
{
	struct nfp_apply *h = v->u->apply;
	struct nfp_busdev dev = busdev(v);
	struct nfp_change unbind = *bind;
	int ret = nfp_apply_bind(h, guard, v->before, bind->name, err);

	if (ret || !bind->value)
		return ret;
	await_netdev(v, NFP_NETDEV_MS);
	if (nfp_vfdrv_has_netdev(&dev))
		return 0;
	unbind.kind = NFP_CHANGE_VF_UNBIND;
	ret = nfp_apply_guarded(h, guard, &unbind, err)
		      ?: nfp_apply_bind(h, guard, v->before, bind->name, err);
	if (!ret)
		await_netdev(v, NFP_NETDEV_MS);
	return ret;
}

/* If the name is taken, the netdev has moved all the same: its name is a row of its own. */
static int move_netdev_back(struct undo_vf *v, struct nfp_guard *guard, struct nfp_change *c,
			    struct nfp_err *err)
{
	int ret = nfp_apply_guarded(v->u->apply, guard, c, err);

	return ret == -EEXIST ? 0 : ret;
}

/* Moves a second netdev back as well. */
static int move_back(struct undo_vf *v, struct nfp_guard *guard, struct nfp_change *c,
		     struct nfp_err *err)
{
	const struct nfp_rt_dev *away = &v->u->away;
	struct nfp_link second;
	int ret;

	c->ifindex = away->ifindex;
	snprintf(c->ifname, sizeof(c->ifname), "%s", away->ifname);
	ret = move_netdev_back(v, guard, c, err);
	nfp_appendf(c->ifname, sizeof(c->ifname), NFP_SECOND_OF);
	if (!ret && v->before->second[0] &&
	    !nfp_link_by_name(v->u->apply->nl_private, c->ifname, &second, NULL)) {
		c->ifindex = second.ifindex;
		snprintf(c->name, sizeof(c->name), "%s", v->before->second);
		ret = move_netdev_back(v, guard, c, err);
	}
	if (!ret)
		await_netdev(v, RETURN_MS);
	return ret;
}

static int undo_change(struct undo_vf *v, struct nfp_guard *guard, struct nfp_change *c,
		       struct nfp_err *err)
{
	if (c->kind == NFP_CHANGE_VF_BIND)
		return rebind_driver(v, guard, c, err);
	if (c->kind == NFP_CHANGE_NETNS_OUT)
		return move_back(v, guard, c, err);
	return nfp_apply_guarded(v->u->apply, guard, c, err);
}

/* Guards the VF as it was just read. */
static void make_guarded(struct undo_vf *v, struct nfp_change *c)
{
	const struct nfp_undo_state *s = &v->state;
	struct nfp_guard guard;
	struct nfp_apply *h = v->u->apply;
	struct nfp_err refusal = {.code = NFP_E_NONE};
	struct nfp_busdev dev = busdev(v);
	int ret;

	nfp_guard_begin(&guard, &s->now, true);
	guard.undoes = true;
	guard.searched_ns = v->searched_ns;
	/* In a run that goes on, the netdev is in the private namespace. The tools that configure
	 * this host may at once use a netdev that our own bind has brought back. */
	if (s->in_private && !s->now.have_netdev)
		guard.ifindex = v->u->away.ifindex;
	if ((h->netns_fd >= 0 && !s->now.have_netdev) || s->bound || c->kind == NFP_CHANGE_VF_BIND)
		guard.untouched = false;
	/* A run that was killed had bound a driver whose netdev has not appeared. */
	if (s->was_bound && s->now.driver[0] && !nfp_vfdrv_has_netdev(&dev) &&
	    (v->before->have_netdev || strcmp(s->now.driver, v->before->driver) != 0))
		guard.untouched = false;
	/* The notifications so far were looked at when this change was planned. */
	guard.attributes_known = true;
	ret = undo_change(v, &guard, c, &refusal);
	v->searched_ns = guard.searched_ns;
	nfp_undo_note_outcome(&v->state, c, ret);
	if (guard.state == NFP_GUARD_TAKEN)
		snprintf(v->taker, sizeof(v->taker), "%s", guard.what);
	else if (c->kind == NFP_CHANGE_LINK_NAME && ret == -EEXIST)
		v->state.name_taken = true;
	else if (ret < 0 && c->kind != NFP_CHANGE_LINK_SETTING && refusal.code != NFP_E_VF_CHANGED)
		nfp_strv_addf(&v->refusals, "%s", refusal.message);
}

/* ---- the settings of its netdevs ---- */

struct netdev_settings {
	struct undo_vf *v;
	struct nfp_rt_dev netdev;
	bool report; /* report settings that differ as left behind; else restore them */
};

static int setting_differs(const char *name, const char *was, const char *current, void *ctx)
{
	const struct netdev_settings *s = ctx;
	struct undo_vf *v = s->v;
	struct nfp_change c = nfp_change_of_link(NFP_CHANGE_LINK_SETTING, v->before->vf,
						 s->netdev.ifindex, s->netdev.ifname, name);
	char text[NFP_REASON_LEN];
	struct nfp_commands *commands;

	c.text = was;
	if (s->report) {
		nfp_setting_describe(name, s->netdev.ifname, was, current, text, sizeof(text));
		commands = nfp_hints_addf(&v->u->report->left_behind, "%s: %s", v->who, text);
		nfp_change_command(&c, commands);
		return 0;
	}
	if (nfp_setting_can_set(name))
		make_guarded(v, &c);
	return v->taker[0] != '\0';
}

/* 0; 1: the VF was taken meanwhile; -EIO: the settings of a netdev could not be read. */
static int compare_settings(struct undo_vf *v, bool report, struct nfp_err *err)
{
	struct nfp_vf_state *now = &v->state.now;
	struct nfp_rt_dev netdevs[NFP_VF_NETDEVS] = {{now->ifindex, now->ifname},
						     {now->second_ifindex, now->second}};
	struct nfp_busdev dev = busdev(v);
	int ret = 0;

	for (size_t i = 0; i < NFP_VF_NETDEVS && !ret; i++) {
		const json_t *before = v->entry->settings[i];
		struct netdev_settings s = {v, netdevs[i], report};
		json_t *current = NULL;

		/* A missing netdev is reported elsewhere. */
		if (!before || (!s.netdev.ifindex && (i || v->before->have_netdev)))
			continue;
		ret = nfp_settings_read(v->u->apply->root, v->u->apply->nl, &s.netdev,
					i ? NULL : &dev, &current, err);
		ret = ret ? -EIO : nfp_settings_compare(before, current, setting_differs, &s);
		json_decref(current);
	}
	return ret;
}

static void report_differences(struct undo_vf *v)
{
	struct nfp_restore_report *r = v->u->report;
	struct nfp_err err = {.code = NFP_E_NONE};
	bool failed;

	nfp_undo_compare(&v->state, v->u->apply->pf.ifname, r);
	/* A later restore may be able to read them. */
	if (compare_settings(v, true, &err) == -EIO)
		nfp_strv_addf(&r->failed, "%s: %s", v->who, err.message);
	failed = r->failed.n > 0;
	if (!failed)
		nfp_strv_addf(&r->done, "%s is as it was", v->who);
	for (size_t i = 0; i < v->refusals.n; i++) {
		if (failed)
			nfp_strv_addf(&r->failed, "%s", v->refusals.v[i]);
		else if (r->left_behind.n)
			(void)nfp_hints_addf(&r->left_behind, "%s", v->refusals.v[i]);
	}
}

/*
 * Plans the next change, by attributes that are certain enough for it. Asks the PF if they are not,
 * or if another process may have changed the VF. 1, 0 (there is none) or -errno.
 */
static int plan_next(struct undo_vf *v, struct nfp_change *ret_change, struct nfp_err *err)
{
	struct nfp_apply *h = v->u->apply;

	for (bool asked = false;; asked = true) {
		struct nfp_undo_state last = v->state;
		bool found = nfp_undo_next(&v->state, ret_change), earlier = h->watch.pf_notified;
		bool news;
		int ret;

		h->watch.pf_notified = false;
		ret = nfp_guard_drain(h, NULL);
		news = h->watch.pf_notified;
		h->watch.pf_notified |= earlier;
		if (asked || (!ret && !h->watch.pf_notified &&
			      nfp_undo_has_attrs(&v->state, found ? ret_change : NULL)))
			return found;
		v->state = last;
		ret = read_state(v, err);
		if (ret)
			return ret;
		if (news)
			nfp_undo_note_external(&v->state, &last.now.attr);
	}
}

static int restore_vf(struct undo_vf *v, struct nfp_err *err)
{
	char remains[2 * NFP_REASON_LEN];
	struct nfp_vf_attr attr;
	struct nfp_change c;
	int ret = read_first(v, err), found = 0;

	for (int i = 0; i < NFP_UNDO_STEPS_MAX && !ret && !v->taker[0]; i++) {
		found = plan_next(v, &c, err);
		if (found != 1)
			break;
		/* A change for each; what the plan goes by stays as it was read. */
		if (c.kind == NFP_CHANGE_LINK_SETTING) {
			(void)compare_settings(v, false, NULL);
			continue;
		}
		make_guarded(v, &c);
		/* A restore after a crash hears no notifications, and asks the PF each time. */
		attr = v->state.now.attr;
		ret = v->u->apply->watch.notify ? read_with(v, &attr, err) : read_state(v, err);
	}
	ret = ret ?: found < 0 ? found : 0;
	/* The VF was taken, or there was more to do than expected. */
	if (!ret && !nfp_undo_has_attrs(&v->state, NULL))
		ret = read_state(v, err);
	if (ret)
		return ret;
	if (!v->taker[0] && !nfp_undo_is_taken(&v->state, v->taker)) {
		report_differences(v);
		return 0;
	}
	/* From now on this process changes nothing of the VF. */
	nfp_undo_remains(&v->state, remains, sizeof(remains));
	nfp_strv_addf(&v->u->report->taken, "%s is left as it is: %s%s%s", v->who, v->taker,
		      remains[0] ? "; " : "", remains);
	return 0;
}

bool nfp_undo_vf_is_gone(const struct nfp_vf_state *vf)
{
	struct nfp_busdev dev = {nfp_sysroot_default(), vf->bus, vf->parentdev};

	return nfp_wait_device_gone(&dev, LEAVE_MS);
}

void nfp_undo_vf(struct nfp_undo_ctx *undo_ctx, const struct nfp_journal_vf *entry)
{
	/* The report covers this VF alone: it is kept if it holds anything. */
	struct nfp_restore_report report = {.found = false}, *r = &report;
	struct nfp_undo_ctx own = *undo_ctx;
	struct undo_vf v = {.u = &own, .entry = entry, .before = &entry->before};
	struct nfp_busdev dev = busdev(&v);
	struct nfp_err lost = {.code = NFP_E_NONE};
	struct nfp_link pf;
	int ret;

	own.report = r;
	nfp_undo_state_begin(&v.state, nfp_journal_data(undo_ctx->journal), entry);
	v.state.external |= undo_ctx->external;
	snprintf(v.who, sizeof(v.who), "VF %u of %s", v.before->vf, undo_ctx->apply->pf.ifname);
	snprintf(v.taker, sizeof(v.taker), "%s", entry->taker);
	v.state.can_reset = nfp_vfdrv_has_reset(&dev);
	v.state.in_private = entry->source && undo_ctx->away.ifindex > 0;
	ret = restore_vf(&v, &lost);
	/* The VF was removed and its state with it; or it, or the PF, cannot be reached. */
	if (ret == -ENODEV && nfp_undo_vf_is_gone(v.before))
		nfp_strv_addf(&r->others, "%s is no longer there: nothing is left to restore",
			      v.who);
	else if (ret == -ENODEV &&
		 nfp_link_by_ifindex(own.apply->nl, own.apply->pf.ifindex, &pf, NULL) == -ENODEV)
		nfp_strv_addf(&r->failed,
			      "%s (%s) still exists, and %s is not in this network namespace: "
			      "restore from the one that it is in",
			      v.who, v.before->parentdev, own.apply->pf.ifname);
	else if (ret)
		nfp_strv_addf(&r->failed, "%s (%s) still exists, but could not be restored: %s",
			      v.who, v.before->parentdev, lost.message);
	if (r->failed.n + r->taken.n)
		nfp_journal_mark_kept(undo_ctx->journal, v.before->vf, v.taker[0] ? v.taker : NULL);
	nfp_strv_fini(&v.refusals);
	nfp_restore_report_add(undo_ctx->report, r);
}

/* ---- the FDB of a bridge ---- */

static void delete_entry(struct nfp_undo_ctx *u, const struct nfp_change *added)
{
	struct nfp_rt_dev port = {added->ifindex, added->ifname};
	struct nfp_err trouble = {.code = NFP_E_NONE};
	struct nfp_change c = *added;
	bool has = false;
	int ret, seen;

	c.kind = NFP_CHANGE_PORT_FDB_DEL;
	ret = nfp_apply_change(u->apply, &c, &trouble);
	/* The entry is gone, or its netdev. */
	if (ret == -ENOENT || ret == -ENODEV)
		return;
	/* If the netdev is no longer a port, its entries went with it. */
	seen = nfp_rt_fdb_has(u->apply->nl, &port, NFP_RT_FDB_MASTER, &c.mac, &has,
			      ret ? NULL : &trouble);
	if (seen || has)
		nfp_change_command(
			&c, nfp_hints_addf(&u->report->left_behind,
					   "%s may still be in the FDB of the bridge of %s%s%s",
					   nfp_mac_str(&c.mac).text, c.ifname,
					   trouble.message[0] ? ": " : "", trouble.message));
}

void nfp_undo_bridge(struct nfp_undo_ctx *undo_ctx)
{
	const struct nfp_journal_data *data = nfp_journal_data(undo_ctx->journal);

	nfp_for_each (c, data->changes, data->num_changes)
		if (c->kind == NFP_CHANGE_PORT_FDB_ADD)
			delete_entry(undo_ctx, c);
}
