// SPDX-License-Identifier: GPL-2.0-or-later
/* undo_run.c - carries out what undo.c plans, and reads back. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "nfprobe/base.h"
#include "undo_priv.h"
#include "nfprobe/netlink.h"
#include "nfprobe/undo.h"
#include "nfprobe/apply.h"

#define LEAVE_MS       3000  /* VFs are removed one after the other, each with its driver */
#define NETDEV_MS      30000 /* iavf registers its netdev seconds after it was bound */
#define RETURN_MS      5000  /* the kernel's return of a netdev from a namespace that died */
#define REPORT_MS      10000 /* i40e and ice do not report a VF while they reset it */
#define REPORT_POLL_MS 50
#define SETTING_MS     2000

struct undo_vf {
	struct nfp_undoer *u;
	const struct nfp_journal_vf *entry;
	const struct nfp_vf_state *before; /* the entry's */
	struct nfp_undo_state state;
	struct nfp_nl *notify;
	struct nfp_strv troubles; /* refusals on the way: told when something differs in the end */
	char taker[NFP_REASON];	  /* what another process did that has taken the VF; empty: none has
				   */
};

static struct nfp_busdev busdev(const struct undo_vf *v)
{
	return (struct nfp_busdev) {v->u->hands->root, v->before->bus, v->before->parentdev};
}

/* A report without the VF says nothing: it is waited for. */
static int read_now(struct undo_vf *v, struct nfp_err *err)
{
	uint64_t end_ns = nfp_clock_now() + REPORT_MS * NFP_NSEC_PER_MSEC;
	struct nfp_hands *h = v->u->hands;
	int ret;

	for (;;) {
		ret = nfp_vf_state_read(h->root, h->nl, &h->pf, v->before->vf, v->before->bus,
					v->before->parentdev, &v->state.now, err);
		if (ret || v->state.now.attr.have_mac || !v->before->attr.have_mac ||
		    nfp_clock_now() >= end_ns)
			return ret;
		(void)poll(NULL, 0, REPORT_POLL_MS);
	}
}

/* A netdev that does not come is for the comparison to say. */
static void await_netdev(struct undo_vf *v, int deadline_ms)
{
	struct nfp_busdev dev = busdev(v);
	struct nfp_link link;

	(void)nfp_wait_netdev(v->notify, v->u->hands->nl, &v->u->hands->pf, &dev, deadline_ms,
			      &link, NULL);
}

/* Its driver has made a netdev, which is neither here nor in the private namespace of this run. */
static bool is_elsewhere(const struct undo_vf *v)
{
	struct nfp_busdev dev = busdev(v);

	return v->u->hands->netns_fd < 0 && v->state.now.driver[0] && !v->state.now.have_netdev &&
	       nfp_vfdrv_has_netdev(&dev);
}

/* After a crash the kernel gives the netdev back, in its own time. */
static int read_first(struct undo_vf *v, struct nfp_err *err)
{
	int ret = read_now(v, err);
	bool lacks = v->before->have_netdev && !v->state.now.have_netdev &&
		     v->u->hands->netns_fd < 0 && v->state.now.driver[0] &&
		     strcmp(v->state.now.driver, v->before->driver) == 0;

	if (ret || (!lacks && !is_elsewhere(v)))
		return ret;
	await_netdev(v, RETURN_MS);
	return read_now(v, err);
}

/* Binding is tried once more where no netdev has appeared, as of an iavf whose PF did not answer.
 */
static int bind_again(struct undo_vf *v, const struct nfp_change *bind, struct nfp_err *err)
{
	struct nfp_busdev dev = busdev(v);
	struct nfp_change unbind = *bind;
	int ret = nfp_hands_bind(v->u->hands, v->before, bind->name, err);

	for (int i = 0; i < 2 && bind->value && !ret; i++) {
		await_netdev(v, NETDEV_MS);
		if (i || nfp_vfdrv_has_netdev(&dev))
			break;
		unbind.kind = NFP_CHANGE_VF_UNBIND;
		ret = nfp_hands_make(v->u->hands, &unbind, err);
		if (!ret)
			ret = nfp_hands_bind(v->u->hands, v->before, bind->name, err);
	}
	return ret;
}

/* Its second netdev as well, which was moved in under its own name. */
static int move_back(struct undo_vf *v, struct nfp_change *c, struct nfp_err *err)
{
	struct nfp_hands *h = v->u->hands;
	struct nfp_link second;
	int ret;

	c->ifindex = v->u->private_ifindex;
	ret = nfp_hands_make(h, c, err);
	if (!ret && v->before->second[0] &&
	    !nfp_link_by_name(h->nl_private, v->before->second, &second, NULL)) {
		c->ifindex = second.ifindex;
		snprintf(c->ifname, sizeof(c->ifname), "%s", second.ifname);
		ret = nfp_hands_make(h, c, err);
	}
	if (!ret)
		await_netdev(v, RETURN_MS);
	return ret;
}

static int make(struct undo_vf *v, struct nfp_change *c, struct nfp_err *err)
{
	struct nfp_hands *h = v->u->hands;
	int ret;

	switch (c->kind) {
	case NFP_CHANGE_VF_BIND:
		return bind_again(v, c, err);
	case NFP_CHANGE_NETNS_OUT:
		return move_back(v, c, err);
	case NFP_CHANGE_VF_MAC:
		if (!nfp_mac_is_zero(&c->mac))
			return nfp_hands_insist(h, c, err);
		ret = nfp_hands_clear(h, c, err);
		v->state.zero_refused = ret == NFP_PARKED;
		return ret < 0 ? ret : 0;
	default:
		return nfp_hands_insist(h, c, err);
	}
}

/*
 * The VF as it was just found. A netdev of a run that goes on is in the private namespace, and one
 * that our own bind has brought back may be taken up at once by what configures this host.
 */
static struct nfp_guard guard_now(const struct undo_vf *v)
{
	struct nfp_busdev dev = busdev(v);
	struct nfp_guard guard;

	nfp_guard_begin(&guard, &v->state.now, true);
	if (v->state.in_private && !v->state.now.have_netdev)
		guard.ifindex = v->u->private_ifindex;
	if ((v->u->hands->netns_fd >= 0 && !v->state.now.have_netdev) ||
	    (v->state.tried & NFP_TRY_BIND))
		guard.untouched = false;
	/* The run that was killed had bound a driver whose netdev has not come. */
	if (v->state.was_bound && v->state.now.driver[0] && !nfp_vfdrv_has_netdev(&dev) &&
	    (v->before->have_netdev || strcmp(v->state.now.driver, v->before->driver) != 0))
		guard.untouched = false;
	return guard;
}

static void note_trouble(struct undo_vf *v, const struct nfp_change *c, int ret,
			 const struct nfp_err *trouble)
{
	if (c->kind == NFP_CHANGE_LINK_SETTING)
		return;
	if (c->kind == NFP_CHANGE_LINK_NAME && ret == -EEXIST)
		v->state.name_taken = true;
	else if (ret && trouble->code != NFP_E_VF_CHANGED)
		nfp_strv_addf(&v->troubles, "%s", trouble->message);
}

static void make_guarded(struct undo_vf *v, struct nfp_change *c)
{
	struct nfp_guard guard = guard_now(v), *guards[NFP_GUARDS];
	struct nfp_hands *h = v->u->hands;
	struct nfp_nl *notify = h->notify;
	struct nfp_err trouble = {.code = NFP_E_NONE};
	int ret;

	/* Its attributes were read just now, and are again afterwards. */
	memcpy(guards, h->guards, sizeof(guards));
	memset(h->guards, 0, sizeof(h->guards));
	h->guards[0] = &guard;
	h->notify = NULL;
	ret = make(v, c, &trouble);
	h->notify = notify;
	memcpy(h->guards, guards, sizeof(guards));
	if (guard.state == NFP_GUARD_TAKEN)
		snprintf(v->taker, sizeof(v->taker), "%s", guard.what);
	else
		note_trouble(v, c, ret, &trouble);
}

/* ---- the settings of its netdevs ---- */

enum purpose {
	PUT,   /* put what differs back; 1 once the VF is taken */
	AWAIT, /* -EAGAIN if something differs that can be put back */
	TELL,  /* report what differs as left behind */
};

struct netdev_settings {
	struct undo_vf *v;
	struct nfp_rt_dev netdev;
	enum purpose purpose;
};

static int differs(const char *name, const char *was, const char *is, void *ctx)
{
	const struct netdev_settings *s = ctx;
	struct undo_vf *v = s->v;
	struct nfp_change c = nfp_change_of_link(NFP_CHANGE_LINK_SETTING, v->before->vf,
						 s->netdev.ifindex, s->netdev.ifname, name);
	char words[NFP_REASON];

	if (s->purpose == AWAIT)
		return nfp_setting_can_be_put(name) ? -EAGAIN : 0;
	if (s->purpose == TELL) {
		nfp_setting_words(name, s->netdev.ifname, was, is, words, sizeof(words));
		nfp_strv_addf(&v->u->report->left_behind, "VF %u of %s: %s", v->before->vf,
			      v->u->pf_ifname, words);
		return 0;
	}
	c.text = was;
	if (nfp_setting_can_be_put(name))
		make_guarded(v, &c);
	return v->taker[0] != '\0';
}

/* 0, what `differs` returned, or -EIO: a netdev's settings could not be read. */
static int compare_settings(struct undo_vf *v, enum purpose purpose, struct nfp_err *err)
{
	struct nfp_vf_state *now = &v->state.now;
	struct nfp_rt_dev netdevs[NFP_VF_NETDEVS] = {{now->ifindex, now->ifname},
						     {now->second_ifindex, now->second}};
	struct nfp_busdev dev = busdev(v);
	int ret = 0;

	for (size_t i = 0; i < NFP_VF_NETDEVS && !ret; i++) {
		const json_t *before = v->entry->settings[i];
		struct netdev_settings s = {v, netdevs[i], purpose};
		json_t *is = NULL;

		/* That one is not there is told otherwise. */
		if (!before || (!s.netdev.ifindex && (i || v->before->have_netdev)))
			continue;
		ret = nfp_settings_read(v->u->hands->root, v->u->hands->nl, &s.netdev,
					i ? NULL : &dev, &is, err);
		ret = ret ? -EIO : nfp_settings_compare(before, is, differs, &s);
		json_decref(is);
	}
	return ret;
}

static void tell_settings(struct undo_vf *v)
{
	uint64_t end_ns = nfp_clock_now() + SETTING_MS * NFP_NSEC_PER_MSEC;
	struct nfp_err err = {.code = NFP_E_NONE};

	/* Some drivers do in a work queue what they were asked to do (iavf_set_channels). */
	while (compare_settings(v, AWAIT, NULL) == -EAGAIN && nfp_clock_now() < end_ns)
		(void)poll(NULL, 0, REPORT_POLL_MS);
	/* A restore may read it. */
	if (compare_settings(v, TELL, &err) == -EIO)
		nfp_strv_addf(&v->u->report->failed, "VF %u of %s: %s", v->before->vf,
			      v->u->pf_ifname, err.message);
}

/* What keeps it from taking an address by itself, say, must be set before it is set up. */
static int step(struct undo_vf *v, bool *ret_more, struct nfp_err *err)
{
	struct nfp_change c;

	*ret_more = nfp_undo_next(&v->state, &c);
	if (*ret_more && c.kind == NFP_CHANGE_LINK_UP)
		(void)compare_settings(v, PUT, NULL);
	if (!*ret_more || v->taker[0])
		return 0;
	make_guarded(v, &c);
	return read_now(v, err);
}

static void compare(struct undo_vf *v)
{
	struct nfp_restore_report *r = v->u->report;
	struct nfp_undo_verdict to = {&r->left_behind, &r->others, &r->failed};
	size_t had = r->failed.n;

	nfp_undo_compare(&v->state, v->u->pf_ifname, &to);
	tell_settings(v);
	if (r->failed.n == had)
		nfp_strv_addf(&r->done, "VF %u of %s is as it was", v->before->vf, v->u->pf_ifname);
	for (size_t i = 0; i < v->troubles.n && r->failed.n > had; i++)
		nfp_strv_addf(&r->failed, "%s", v->troubles.v[i]);
}

/* From now on nothing of it is changed, by this process at least. */
static void leave_alone(struct undo_vf *v)
{
	char remains[NFP_REASON];

	nfp_undo_remains(&v->state, remains, sizeof(remains));
	if (v->u->journal)
		nfp_journal_taken(v->u->journal, v->before->vf, v->taker);
	nfp_strv_addf(&v->u->report->taken, "VF %u of %s is left as it is: %s%s%s", v->before->vf,
		      v->u->pf_ifname, v->taker, remains[0] ? "; " : "", remains);
}

static int climb_down(struct undo_vf *v, struct nfp_err *err)
{
	bool more = true;
	int ret = read_first(v, err);

	for (int i = 0; i < NFP_UNDO_STEPS_MAX && more && !ret; i++) {
		if (v->taker[0] || nfp_undo_taken(&v->state, v->taker)) {
			leave_alone(v);
			return 0;
		}
		ret = step(v, &more, err);
	}
	if (ret)
		return ret;
	(void)compare_settings(v, PUT, NULL);
	if (v->taker[0])
		leave_alone(v);
	else
		compare(v);
	return 0;
}

bool nfp_undo_vf_is_gone(const struct nfp_vf_state *vf)
{
	struct nfp_busdev dev = {nfp_sysroot_default(), vf->bus, vf->parentdev};

	return nfp_wait_device_gone(&dev, LEAVE_MS);
}

/* Somebody took the VFs away, and what they were went with them; or only the PF is out of reach. */
static void no_longer_there(const struct undo_vf *v, const struct nfp_err *lost)
{
	struct nfp_restore_report *r = v->u->report;

	if (nfp_undo_vf_is_gone(v->before))
		nfp_strv_addf(&r->others,
			      "VF %u of %s is no longer there: nothing is left to put back",
			      v->before->vf, v->u->pf_ifname);
	else
		nfp_strv_addf(&r->failed, "VF %u of %s (%s) is still there, but not put back: %s",
			      v->before->vf, v->u->pf_ifname, v->before->parentdev, lost->message);
}

int nfp_undo_vf(struct nfp_undoer *undoer, const struct nfp_journal_vf *entry, struct nfp_err *err)
{
	struct undo_vf v = {.u = undoer, .entry = entry, .before = &entry->before};
	struct nfp_busdev dev = busdev(&v);
	struct nfp_err lost = {.code = NFP_E_NONE};
	int ret;

	nfp_undo_state_begin(&v.state, undoer->data, entry);
	v.state.foreign |= undoer->foreign;
	snprintf(v.taker, sizeof(v.taker), "%s", entry->taker);
	v.state.can_reset = nfp_vfdrv_has_reset(&dev);
	v.state.in_private = entry->source && undoer->private_ifindex > 0;
	ret = nfp_nl_open_notify(-1, &v.notify, err);
	if (ret)
		return ret;
	ret = climb_down(&v, &lost);
	if (ret == -ENODEV) {
		no_longer_there(&v, &lost);
		ret = 0;
	} else if (ret && err) {
		*err = lost;
	}
	nfp_strv_fini(&v.troubles);
	nfp_nl_close(v.notify);
	return ret;
}

/* ---- FDB ---- */

static bool is_first(const struct nfp_journal_data *data, size_t index)
{
	const struct nfp_change *c = &data->changes[index];

	for (size_t i = 0; i < index; i++)
		if (data->changes[i].kind == c->kind && data->changes[i].ifindex == c->ifindex &&
		    nfp_mac_equal(&data->changes[i].mac, &c->mac))
			return false;
	return true;
}

/* Not there, or the netdev it was on is no longer there. */
static bool is_gone(int ret)
{
	return ret == -ENOENT || ret == -ENODEV;
}

/* No port any more; or a driver that keeps it. Only a look tells. */
static bool is_refused(int ret)
{
	return ret == -EINVAL || ret == -EOPNOTSUPP;
}

/*
 * Once ours is taken out, what is there is somebody else's: the kernel counts who holds an address,
 * and lets in none that is there already. So it must not be taken out a second time to see.
 */
static void del_entry(struct nfp_undoer *u, const struct nfp_change *added)
{
	bool port = added->kind == NFP_CHANGE_PORT_FDB_ADD, has = false;
	enum nfp_rt_fdb where = port ? NFP_RT_FDB_MASTER : NFP_RT_FDB_SELF;
	struct nfp_rt_dev dev = {added->ifindex, added->ifname};
	struct nfp_change c = *added;
	struct nfp_err trouble = {.code = NFP_E_NONE};
	char mac[NFP_MAC_STRLEN];
	int ret, seen;

	c.kind = port ? NFP_CHANGE_PORT_FDB_DEL : NFP_CHANGE_FDB_DEL;
	ret = nfp_hands_insist(u->hands, &c, &trouble);
	if (is_gone(ret))
		return;
	if (!ret || is_refused(ret)) {
		seen = nfp_rt_fdb_has(u->hands->nl, &dev, where, &c.mac, &has,
				      ret ? NULL : &trouble);
		if (!seen && !has)
			return;
		ret = ret ? ret : seen;
	}
	nfp_mac_str(&c.mac, mac);
	if (ret)
		nfp_strv_addf(&u->report->failed, "%s may still be in the FDB of %s: %s", mac,
			      c.ifname, trouble.message);
	else
		nfp_strv_addf(&u->report->others,
			      "%s is in the FDB of %s still, now that it was taken out: somebody "
			      "else has entered it, too (a macvtap, say)",
			      mac, c.ifname);
}

void nfp_undo_fdb(struct nfp_undoer *undoer, int vf)
{
	const struct nfp_journal_data *data = undoer->data;

	for (size_t i = 0; i < data->num_changes; i++) {
		const struct nfp_change *c = &data->changes[i];

		if (c->kind != NFP_CHANGE_FDB_ADD && c->kind != NFP_CHANGE_PORT_FDB_ADD)
			continue;
		if (vf >= 0 ? !c->of_vf || c->vf != (unsigned int)vf : c->of_vf)
			continue;
		/* A PF of another number is another netdev: its driver was loaded anew. */
		if (c->kind == NFP_CHANGE_FDB_ADD && c->ifindex != undoer->hands->pf.ifindex)
			continue;
		if (is_first(data, i))
			del_entry(undoer, c);
	}
}

int nfp_restore_failed(const struct nfp_restore_report *report, size_t from, struct nfp_err *err)
{
	if (report->failed.n > from) {
		nfp_err_set(err, -EIO, NFP_E_RESTORE,
			    "the host could not be put back as it was: %s", report->failed.v[from]);
		nfp_err_hint(err, "nfprobe --restore tries again");
		return -EIO;
	}
	if (!report->taken.n)
		return 0;
	nfp_err_set(err, -EBUSY, NFP_E_VF_TAKEN, "%s", report->taken.v[0]);
	nfp_err_hint(err, "once the VF is free, nfprobe --restore puts back what is left");
	return -EBUSY;
}
