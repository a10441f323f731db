// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sheet.c - takes the sheet of what a VF lets its guest do. For each combination of trust and spoof
 * checking a guest comes twice: a fresh one that sends with a forged source, since a NIC may stop
 * checking at the first address that a guest asks for (ixgbe_set_vf_macvlan), and one that asks for
 * more and more. Then its driver goes, the VF is reset, and the next guest asks for nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "nfprobe/sheet.h"
#include "runner_priv.h"

#define RATE	    100U /* frames a second of each kind */
#define VLAN_RATE   40U
#define CARRIED_NS  (500 * NFP_NSEC_PER_MSEC) /* for what comes at all */
#define HEARD_NS    (100 * NFP_NSEC_PER_MSEC)
#define ATTACH_NS   (2 * NFP_NSEC_PER_SEC) /* a guest comes: reset, driver, carrier */
#define WINDOWS	    9U			   /* of a combination */
#define GUESTS	    3U			   /* .. and those that come in it */
#define WIRE_ROUNDS 2U /* with a forged source, in the present combination; else one */

struct sheet {
	const struct nfp_sheet_config *config;
	struct runner r;
	struct nfp_runner_config own; /* of r: without the guest's VLAN in its ladder */
	struct nfp_style_result no_result;
	struct nfp_sheet_result *result;
	struct nfp_sheet_combination *c; /* the one under way */
	bool stays;	 /* what a guest asked for stays in the NIC when it has gone */
	bool floods;	 /* the network brings unicast that nobody has announced */
	bool carried[5]; /* .. and these, to the PF at least */
	bool heard;	 /* the guest's own address, in the last window */
};

enum { SECOND, THIRD, NEXT, NOBODY, UNJOINED };
#define NUM_UNICAST UNJOINED

/* The address that a row's silence is about, of those. */
static const struct {
	enum nfp_sheet_row row;
	int what;
} addressed[] = {
	{NFP_ROW_UNADDRESSED, NOBODY}, {NFP_ROW_SECOND, SECOND},
	{NFP_ROW_THIRD, THIRD},	       {NFP_ROW_PROMISC, NOBODY},
	{NFP_ROW_NEW, NEXT},	       {NFP_ROW_KEEPS_SECOND, SECOND},
	{NFP_ROW_KEEPS_NEW, NEXT},     {NFP_ROW_KEEPS_PROMISC, NOBODY},
	{NFP_ROW_ALLMULTI, UNJOINED},  {NFP_ROW_KEEPS_GROUPS, UNJOINED},
};

/* What is sent in a window, and to which row it belongs. */
struct window {
	struct nfp_plan plan;
	bool inside; /* from another VF */
	struct nfp_count count[NFP_KIND_COUNT];
	bool disturbed;
};

/* ---- a window ---- */

static struct nfp_plan plan_of(const struct sheet *s, const struct nfp_mac *a,
			       const struct nfp_mac *b)
{
	struct nfp_plan plan = {
		.unicast = s->own.address,
		.unregistered_mac = s->config->nobody,
		.group = *a,
		.unjoined = *b,
	};

	plan.rate[NFP_KIND_UNICAST] = plan.rate[NFP_KIND_BROADCAST] =
		plan.rate[NFP_KIND_UNREGISTERED] = plan.rate[NFP_KIND_MULTICAST] =
			plan.rate[NFP_KIND_UNJOINED] = RATE;
	return plan;
}

static bool has_held(const struct runner *r, const struct runner_watch *watch)
{
	(void)r;
	return watch->state >= NFP_SETTLE_HELD;
}

/* Over the second half of a window: a filter may be written a moment after the request. */
static void count(const struct nfp_settle *settle, const struct nfp_frame_accounting *accounting,
		  struct nfp_count ret_count[NFP_KIND_COUNT])
{
	nfp_accounting_sum(accounting, settle->from_ns + (settle->end_ns - settle->from_ns) / 2,
			   settle->end_ns, ret_count);
}

static bool delivered(const struct window *w, enum nfp_kind kind, enum nfp_receiver at)
{
	return nfp_reaches(nfp_landing_of(&w->count[kind]), at) == NFP_YES;
}

static int watch_for(struct sheet *s, struct window *w, uint64_t hold_ns)
{
	static const struct runner_watch_ops ops = {.is_enough = has_held};
	struct runner *r = &s->r;
	const struct nfp_wire *wire = w->inside ? &s->config->sibling : &r->wire;
	struct runner_watch watch = {
		.ops = &ops,
		.wire = wire,
		.accounting = w->inside ? s->config->sibling_accounting : s->own.accounting,
	};
	struct nfp_wire_stats before = {0}, after = {0};
	struct nfp_plan silent = w->plan;
	uint64_t begin_ns;
	int ret = runner_check_stop(r);

	if (ret || s->config->rehearsal)
		return ret;
	memset(silent.rate, 0, sizeof(silent.rate));
	r->step->changed = false;
	r->blinked = !r->carrier;
	wire->ops->stats(wire->ctx, &before);
	wire->ops->plan(wire->ctx, &w->plan);
	begin_ns = r->action_ns = runner_mark(r, watch.accounting);
	nfp_settle_begin(&watch.settle, begin_ns, hold_ns, w->plan.rate, 1);
	watch.settle.expire_ns = begin_ns + 2 * hold_ns + NFP_NSEC_PER_SEC;
	ret = runner_wait(r, &watch);
	wire->ops->plan(wire->ctx, &silent);
	ret = ret ?: runner_catch_up(r, wire, watch.accounting);
	if (ret)
		return ret;
	wire->ops->stats(wire->ctx, &after);
	w->disturbed = !has_held(r, &watch) || watch.state == NFP_SETTLE_EXPIRED || r->blinked ||
		       r->step->changed || after.drops != before.drops ||
		       nfp_settle_has_too_few(&watch.settle, watch.accounting);
	count(&watch.settle, watch.accounting, w->count);
	if (!w->inside)
		s->heard = !w->disturbed && delivered(w, NFP_KIND_UNICAST, NFP_AT_VF);
	nfp_accounting_forget(watch.accounting, watch.settle.end_ns);
	return 0;
}

static int watch(struct sheet *s, struct window *w)
{
	return watch_for(s, w, s->own.settle_ns);
}

/* ---- its rows ---- */

static struct nfp_sheet_fact *fact_of(struct sheet *s, enum nfp_sheet_row row)
{
	return &s->c->rows[row];
}

static void __attribute__((format(printf, 3, 4)))
explain(struct sheet *s, enum nfp_sheet_row row, const char *fmt, ...)
{
	struct nfp_sheet_fact *fact = fact_of(s, row);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fact->note, sizeof(fact->note), fmt, ap);
	va_end(ap);
}

/* The window answers @row by the frames of @kind; @own: the kind that the guest gets anyway. */
static struct nfp_sheet_fact *enter(struct sheet *s, enum nfp_sheet_row row, const struct window *w,
				    enum nfp_kind kind, enum nfp_kind own)
{
	const struct nfp_count *all = &w->count[NFP_KIND_BROADCAST];
	struct nfp_sheet_fact *fact = fact_of(s, row);

	fact->made = !s->config->rehearsal;
	fact->disturbed = w->disturbed;
	fact->sent = w->count[kind].sent;
	fact->heard = w->count[kind].at[NFP_AT_VF];
	fact->at_pf = w->count[kind].at[NFP_AT_PF];
	fact->own_sent = w->count[own].sent;
	fact->own_heard = w->count[own].at[NFP_AT_VF];
	fact->all_sent = all->sent;
	fact->all_heard = all->at[NFP_AT_VF];
	fact->carried = NFP_UNKNOWN;
	for (size_t i = 0; i < sizeof(addressed) / sizeof(addressed[0]); i++) {
		if (addressed[i].row == row && s->carried[addressed[i].what])
			fact->carried = NFP_YES;
	}
	return fact;
}

static void note_refusal(struct sheet *s, enum nfp_sheet_row row, int ret)
{
	const char *why = s->r.err->message;

	fact_of(s, row)->errnum = -ret;
	explain(s, row, "%.*s", NFP_TEXT_LEN - 1, why[0] ? why : strerror(-ret));
}

/* A guest asks for more. A refusal is an answer: what is delivered says the rest. */
static int ask(struct sheet *s, enum nfp_sheet_row row, enum nfp_ask what,
	       const struct nfp_mac *mac)
{
	const struct nfp_host *host = &s->r.host;
	int ret = runner_check_stop(&s->r);

	*s->r.err = (struct nfp_err) {0};
	if (!ret && !host->ops->ask)
		ret = nfp_err_set(s->r.err, -EOPNOTSUPP, NFP_E_UNSUPPORTED, "it cannot be asked");
	else if (!ret)
		ret = host->ops->ask(host->ctx, what, mac, true, s->r.err);
	if (!ret || runner_is_own_error(&s->r))
		return ret;
	s->r.over |= s->r.err->code == NFP_E_VF_TAKEN || s->r.err->code == NFP_E_VF_CHANGED;
	note_refusal(s, row, ret);
	return 0;
}

static void stop_asking(struct sheet *s, enum nfp_ask what, const struct nfp_mac *mac)
{
	const struct nfp_host *host = &s->r.host;
	struct nfp_err ignored;

	if (host->ops->ask)
		(void)host->ops->ask(host->ctx, what, mac, false, &ignored);
}

/* ---- guests ---- */

/* A refusal ends the combination, and is its note: 1. */
static int refused(struct sheet *s, const char *what, int ret)
{
	const char *why = s->r.err->message;

	if (ret >= 0 || runner_is_own_error(&s->r))
		return ret;
	s->r.over |= s->r.err->code == NFP_E_VF_TAKEN || s->r.err->code == NFP_E_VF_CHANGED;
	snprintf(s->c->note, sizeof(s->c->note), "%s: %.*s", what, NFP_NOTE_LEN - 64,
		 why[0] ? why : strerror(-ret));
	return 1;
}

static int listen(struct sheet *s, bool on)
{
	const struct nfp_wire *wires[] = {&s->r.wire, &s->config->sibling};
	int ret = 0;

	for (size_t i = 0; i < 2 && !ret && !s->config->rehearsal; i++) {
		if (wires[i]->ops)
			ret = wires[i]->ops->listen_vf(wires[i]->ctx, on ? &s->r.netdev : NULL,
						       false, s->r.err);
	}
	return ret;
}

static int introduce(struct sheet *s)
{
	const struct nfp_runner_config *config = &s->own;
	const struct nfp_wire *wire = &s->r.wire;
	int ret = 0;

	if (!config->announce || s->config->rehearsal)
		return 0;
	ret = wire->ops->announce(wire->ctx, NFP_AT_VF, &config->address, false, s->r.err);
	for (int i = 0; i < 2 && !ret && wire->ops->report && config->multicast; i++)
		ret = wire->ops->report(wire->ctx, NFP_AT_VF, &config->address,
					i ? &config->unjoined : &config->group, s->r.err);
	return ret;
}

/* The VF is assigned the address and reset, and its driver comes up, in a group. */
static int attach(struct sheet *s)
{
	struct runner *r = &s->r;
	const struct nfp_host_ops *host = r->host.ops;
	void *ctx = r->host.ctx;
	int ret = runner_check_stop(r);

	ret = ret ?: host->assign(ctx, &s->own.address, r->err);
	if (!ret)
		ret = host->reset(ctx, r->err);
	if (ret == -EOPNOTSUPP) {
		s->c->unreset = true;
		ret = 0;
	}
	ret = ret ?: host->bind(ctx, &s->own.address, r->err);
	r->bound = !ret;
	ret = ret ?: host->up(ctx, runner_group(r), &r->netdev, r->err);
	ret = ret ?: host->carrier(ctx, r->err);
	r->up = !ret;
	return refused(s, "the guest does not come", ret ?: listen(s, true) ?: introduce(s));
}

static int detach(struct sheet *s)
{
	struct runner *r = &s->r;
	int ret;

	(void)listen(s, false);
	r->up = false;
	ret = r->host.ops->unbind(r->host.ctx, r->err);
	r->bound = ret != 0;
	return refused(s, "the guest does not go", ret);
}

/* ---- the first guest: it asks for nothing, and sends ---- */

static int watch_unaddressed(struct sheet *s)
{
	struct window w = {.plan = plan_of(s, &s->config->second, &s->config->third)};
	struct nfp_sheet_fact *fact;
	int ret = watch(s, &w);

	if (ret)
		return ret;
	fact = enter(s, NFP_ROW_UNADDRESSED, &w, NFP_KIND_UNREGISTERED, NFP_KIND_UNICAST);
	fact->others = delivered(&w, NFP_KIND_MULTICAST, NFP_AT_VF) +
		       delivered(&w, NFP_KIND_UNJOINED, NFP_AT_VF);
	return 0;
}

/* A round of frames from the VF with a forged source, to the netdev behind the wire's source. */
static int forge(struct sheet *s, enum nfp_sheet_row row, const struct nfp_wire *wire,
		 struct nfp_frame_accounting *accounting)
{
	struct nfp_sheet_fact *fact = fact_of(s, row);
	struct nfp_transmit_count sent = {0};
	struct runner *r = &s->r;
	int ret = runner_check_stop(r);

	if (ret || s->config->rehearsal ||
	    s->result->forged + NFP_TRANSMIT_TESTS > NFP_SHEET_FORGED_MAX)
		return ret;
	wire->ops->transmit(wire->ctx, NFP_AT_VF, &s->config->forged, &s->own.address);
	ret = wire->ops->pump(wire->ctx, runner_now(r) + HEARD_NS, accounting, r->err);
	ret = ret < 0 ? ret : runner_check_changes(r);
	wire->ops->transmitted(wire->ctx, &sent);
	s->result->forged += sent.tests;
	fact->made = true;
	fact->disturbed |= sent.drops || r->blinked || r->step->changed;
	fact->sent += sent.tests;
	fact->heard += sent.heard_tests;
	fact->own_sent += sent.controls;
	fact->own_heard += sent.heard_controls;
	fact->carried = NFP_YES;
	return ret;
}

/* @on: it comes up, or (1) does not; a NIC may treat others differently while it is. */
static int wake_sibling(struct sheet *s, bool on)
{
	struct runner *r = &s->r;
	int ret = r->host.ops->sender(r->host.ctx, on, r->err);

	if (!ret || runner_is_own_error(r))
		return ret;
	for (size_t i = 0; i < 2 && on; i++)
		explain(s, i ? NFP_ROW_OVERHEARS : NFP_ROW_FORGED_SIBLING,
			"the other VF does not come up");
	return 1;
}

/* @ret: of its window, which is returned. */
static int let_sibling_rest(struct sheet *s, int ret)
{
	int rests = wake_sibling(s, false);

	return ret || rests > 0 ? ret : rests;
}

static int forge_all(struct sheet *s)
{
	const struct nfp_sheet_config *config = s->config;
	int ret = 0;

	if (config->no_forging) {
		explain(s, NFP_ROW_FORGED, "%s", config->no_forging);
		explain(s, NFP_ROW_FORGED_SIBLING, "%s", config->no_forging);
		return 0;
	}
	for (unsigned int i = 0; i < (s->c->present ? WIRE_ROUNDS : 1) && !ret; i++)
		ret = forge(s, NFP_ROW_FORGED, &s->r.wire, s->own.accounting);
	if (ret || !config->sibling.ops)
		return ret;
	if (!s->c->present) {
		explain(s, NFP_ROW_FORGED_SIBLING, "only tried in the VF's own combination");
		return 0;
	}
	ret = wake_sibling(s, true);
	if (ret)
		return ret < 0 ? ret : 0;
	ret = forge(s, NFP_ROW_FORGED_SIBLING, &config->sibling, config->sibling_accounting);
	return let_sibling_rest(s, ret);
}

/* ---- the second guest: it asks for more and more ---- */

static void tag(const struct sheet *s, struct window *w)
{
	if (s->config->vid && !s->config->no_vlan)
		w->plan.rate[NFP_KIND_VLAN_UNICAST] = VLAN_RATE;
}

static int watch_groups(struct sheet *s)
{
	struct window w = {.plan = plan_of(s, &s->own.group, &s->own.unjoined)};
	int ret;

	if (!s->own.multicast)
		w.plan.rate[NFP_KIND_MULTICAST] = w.plan.rate[NFP_KIND_UNJOINED] = 0;
	tag(s, &w);
	ret = watch(s, &w);
	if (ret)
		return ret;
	if (s->own.multicast)
		enter(s, NFP_ROW_GROUP, &w, NFP_KIND_MULTICAST, NFP_KIND_UNICAST)->others =
			delivered(&w, NFP_KIND_UNJOINED, NFP_AT_VF);
	if (w.plan.rate[NFP_KIND_VLAN_UNICAST])
		enter(s, NFP_ROW_FREE_VLAN, &w, NFP_KIND_VLAN_UNICAST, NFP_KIND_UNICAST);
	return 0;
}

/* bnxt_cfg_rx_mode writes no mode while an address is refused. One that may have been taken shows
 * nothing of what stays when it is taken back. */
static void take_back_refused(struct sheet *s, const struct window *w)
{
	const struct nfp_sheet_fact *fresh = fact_of(s, NFP_ROW_UNADDRESSED);
	bool unasked = fresh->heard || fresh->others;
	bool second = !unasked && delivered(w, NFP_KIND_MULTICAST, NFP_AT_VF);
	bool third = !unasked && delivered(w, NFP_KIND_UNJOINED, NFP_AT_VF);
	uint64_t heard = w->count[NFP_KIND_MULTICAST].at[NFP_AT_VF];

	if (!second)
		stop_asking(s, NFP_ASK_UNICAST, &s->config->second);
	if (!third)
		stop_asking(s, NFP_ASK_UNICAST, &s->config->third);
	if (!second && !(s->heard && !heard && s->carried[SECOND]))
		explain(s, NFP_ROW_KEEPS_SECOND, "it was not shown whether the guest had it");
}

static int watch_addresses(struct sheet *s)
{
	static const char stays[] = "not asked again, since addresses of an earlier guest stay";
	struct window w = {.plan = plan_of(s, &s->config->second, &s->config->third)};
	int ret;

	/* The NIC's room for addresses is shared by all of its functions. */
	if (s->stays) {
		explain(s, NFP_ROW_SECOND, "%s", stays);
		explain(s, NFP_ROW_THIRD, "%s", stays);
		return 0;
	}
	ret = ask(s, NFP_ROW_SECOND, NFP_ASK_UNICAST, &s->config->second)
			  ?: ask(s, NFP_ROW_THIRD, NFP_ASK_UNICAST, &s->config->third)
			  ?: watch(s, &w);

	if (ret)
		return ret;
	enter(s, NFP_ROW_SECOND, &w, NFP_KIND_MULTICAST, NFP_KIND_UNICAST);
	enter(s, NFP_ROW_THIRD, &w, NFP_KIND_UNJOINED, NFP_KIND_UNICAST);
	take_back_refused(s, &w);
	return 0;
}

static int watch_allmulti(struct sheet *s)
{
	struct window w = {.plan = plan_of(s, &s->own.group, &s->own.unjoined)};
	int ret;

	if (!s->own.multicast)
		return 0;
	ret = ask(s, NFP_ROW_ALLMULTI, NFP_ASK_ALLMULTI, &s->own.address) ?: watch(s, &w);
	if (ret)
		return ret;
	enter(s, NFP_ROW_ALLMULTI, &w, NFP_KIND_UNJOINED, NFP_KIND_UNICAST);
	return 0;
}

static int overhear(struct sheet *s)
{
	struct window w = {.plan = plan_of(s, &s->own.group, &s->own.unjoined), .inside = true};
	int ret;

	if (!s->config->sibling.ops)
		return 0;
	w.plan.rate[NFP_KIND_MULTICAST] = w.plan.rate[NFP_KIND_UNJOINED] = 0;
	ret = wake_sibling(s, true);
	if (ret)
		return ret < 0 ? ret : 0;
	ret = watch(s, &w);
	if (!ret)
		enter(s, NFP_ROW_OVERHEARS, &w, NFP_KIND_UNREGISTERED, NFP_KIND_UNICAST)->carried =
			NFP_YES;
	return let_sibling_rest(s, ret);
}

static int watch_promisc(struct sheet *s)
{
	struct window w = {.plan = plan_of(s, &s->config->second, &s->config->third)};
	int ret = ask(s, NFP_ROW_PROMISC, NFP_ASK_PROMISC, &s->own.address) ?: watch(s, &w);

	if (ret)
		return ret;
	enter(s, NFP_ROW_PROMISC, &w, NFP_KIND_UNREGISTERED, NFP_KIND_UNICAST);
	ret = overhear(s);
	stop_asking(s, NFP_ASK_PROMISC, &s->own.address);
	return ret;
}

/* Only a VLAN that comes where it is registered was shown to be kept away where it is not. */
static int watch_vlan(struct sheet *s)
{
	struct window w = {.plan = plan_of(s, &s->config->second, &s->config->third)};
	const struct nfp_host *host = &s->r.host;
	struct nfp_sheet_fact *free_vlan = fact_of(s, NFP_ROW_FREE_VLAN);
	int ret;

	if (!s->config->vid || s->config->no_vlan || !host->ops->vlan)
		return 0;
	tag(s, &w);
	*s->r.err = (struct nfp_err) {0};
	ret = host->ops->vlan(host->ctx, NFP_AT_VF, s->config->vid, s->r.err);
	if (ret && runner_is_own_error(&s->r))
		return ret;
	if (ret)
		note_refusal(s, NFP_ROW_VLAN, ret);
	ret = watch(s, &w);
	if (ret)
		return ret;
	enter(s, NFP_ROW_VLAN, &w, NFP_KIND_VLAN_UNICAST, NFP_KIND_UNICAST);
	if (delivered(&w, NFP_KIND_VLAN_UNICAST, NFP_AT_VF))
		free_vlan->carried = NFP_YES;
	return 0;
}

static void note_report(struct sheet *s)
{
	const struct nfp_host *host = &s->r.host;
	struct nfp_permits permits = {0};
	struct nfp_err ignored;

	if (host->ops->report && !host->ops->report(host->ctx, &permits, &ignored))
		s->c->reported = permits.address;
}

/* Which of the two comes is the question, so the control is unicast to the PF's own address. */
static void enter_own(struct sheet *s, enum nfp_sheet_row row, const struct window *w,
		      enum nfp_kind kind, bool carried)
{
	const struct nfp_count *pf = &w->count[NFP_KIND_UNREGISTERED];
	struct nfp_sheet_fact *fact = enter(s, row, w, kind, NFP_KIND_BROADCAST);

	fact->own_sent = pf->sent;
	fact->own_heard = pf->at[NFP_AT_PF];
	if (carried)
		fact->carried = NFP_YES;
}

/* Where the network floods, the old address still comes to this port. */
static int watch_address(struct sheet *s)
{
	struct window w = {.plan = plan_of(s, &s->own.address, &s->config->second)};
	const struct nfp_wire *wire = &s->r.wire;
	bool still = s->heard && s->floods;
	int ret = ask(s, NFP_ROW_NEW, NFP_ASK_ADDRESS, &s->config->next);

	w.plan.unicast = s->config->next;
	w.plan.unregistered_mac = s->config->pf;
	if (!ret && s->own.announce && !s->config->rehearsal)
		ret = wire->ops->announce(wire->ctx, NFP_AT_VF, &s->config->next, false, s->r.err);
	ret = ret ?: watch(s, &w);
	if (ret)
		return ret;
	enter_own(s, NFP_ROW_NEW, &w, NFP_KIND_UNICAST, false);
	enter_own(s, NFP_ROW_OLD, &w, NFP_KIND_MULTICAST, still);
	note_report(s);
	return 0;
}

/* ---- the third guest: it asks for nothing, and gets what was left ---- */

static int watch_rest(struct sheet *s)
{
	struct window a = {.plan = plan_of(s, &s->config->second, &s->config->next)};
	struct window b = {.plan = plan_of(s, &s->own.group, &s->own.unjoined)};
	int ret = watch(s, &a);

	if (ret)
		return ret;
	if (!fact_of(s, NFP_ROW_KEEPS_SECOND)->note[0])
		enter(s, NFP_ROW_KEEPS_SECOND, &a, NFP_KIND_MULTICAST, NFP_KIND_UNICAST);
	enter(s, NFP_ROW_KEEPS_NEW, &a, NFP_KIND_UNJOINED, NFP_KIND_UNICAST);
	enter(s, NFP_ROW_KEEPS_PROMISC, &a, NFP_KIND_UNREGISTERED, NFP_KIND_UNICAST);
	s->stays |= delivered(&a, NFP_KIND_MULTICAST, NFP_AT_VF) &&
		    !fact_of(s, NFP_ROW_UNADDRESSED)->others;
	ret = s->own.multicast ? watch(s, &b) : 0;
	if (ret || !s->own.multicast)
		return ret;
	enter(s, NFP_ROW_KEEPS_GROUPS, &b, NFP_KIND_UNJOINED, NFP_KIND_UNICAST);
	return 0;
}

/* ---- the network ---- */

/* The PF takes what is sent, until that has been heard for a while: its driver may write its
 * filter a moment later (i40e_sync_filters_subtask). */
static int hear_at_pf(struct sheet *s, struct window *w, const struct nfp_mac macs[], size_t num)
{
	const struct nfp_wire *wire = &s->r.wire;
	int ret = wire->ops->take(wire->ctx, macs, num, s->r.err) ?: watch_for(s, w, CARRIED_NS);

	(void)wire->ops->take(wire->ctx, NULL, 0, NULL);
	return ret;
}

/* Does the network bring these addresses to this port? A switch may not bring what it does not
 * know. */
static int watch_unicast(struct sheet *s, bool announce, bool ret_carried[NUM_UNICAST])
{
	static const enum nfp_kind kinds[NUM_UNICAST] = {
		[SECOND] = NFP_KIND_MULTICAST,
		[THIRD] = NFP_KIND_UNJOINED,
		[NEXT] = NFP_KIND_UNICAST,
		[NOBODY] = NFP_KIND_UNREGISTERED,
	};
	const struct nfp_mac macs[NUM_UNICAST] = {s->config->second, s->config->third,
						  s->config->next, s->config->nobody};
	struct window w = {.plan = plan_of(s, &macs[SECOND], &macs[THIRD])};
	const struct nfp_wire *wire = &s->r.wire;
	int ret = 0;

	w.plan.unicast = macs[NEXT];
	for (size_t i = 0; i < NUM_UNICAST && announce && !ret; i++)
		ret = wire->ops->announce(wire->ctx, NFP_AT_PF, &macs[i], false, s->r.err);
	ret = ret ?: hear_at_pf(s, &w, macs, NUM_UNICAST);
	for (size_t i = 0; i < NUM_UNICAST; i++)
		ret_carried[i] = !ret && !w.disturbed && delivered(&w, kinds[i], NFP_AT_PF);
	return ret;
}

static bool are_all(const bool carried[NUM_UNICAST])
{
	return carried[SECOND] && carried[THIRD] && carried[NEXT] && carried[NOBODY];
}

static int watch_port(struct sheet *s)
{
	const struct nfp_mac groups[] = {s->own.group, s->own.unjoined};
	struct window w = {.plan = plan_of(s, &groups[0], &groups[1])};
	int ret;

	if (s->config->rehearsal || !s->r.wire.ops->take)
		return 0;
	ret = watch_unicast(s, false, s->carried);
	s->floods = are_all(s->carried);
	if (!ret && !s->floods && s->own.announce)
		ret = watch_unicast(s, true, s->carried);
	if (ret || !s->own.multicast)
		return ret;
	w.plan.unicast = s->config->nobody;
	ret = hear_at_pf(s, &w, groups, 2);
	s->carried[UNJOINED] = !ret && !w.disturbed && delivered(&w, NFP_KIND_UNJOINED, NFP_AT_PF);
	return ret;
}

/* A switch may have forgotten meanwhile what it was told. */
static int watch_port_again(struct sheet *s)
{
	bool still[NUM_UNICAST];
	int ret;

	if (s->config->rehearsal || s->floods || !s->r.wire.ops->take)
		return 0;
	ret = watch_unicast(s, false, still);
	for (size_t i = 0; i < sizeof(addressed) / sizeof(addressed[0]); i++) {
		if (addressed[i].what < NUM_UNICAST && !still[addressed[i].what])
			fact_of(s, addressed[i].row)->carried = NFP_UNKNOWN;
	}
	return ret;
}

/* ---- a combination ---- */

static int ask_all(struct sheet *s)
{
	return ask(s, NFP_ROW_KEEPS_PROMISC, NFP_ASK_PROMISC, &s->own.address);
}

static int go_on(struct sheet *s)
{
	return s->r.over ? 1 : runner_check_stop(&s->r);
}

static int take_rows(struct sheet *s)
{
	static int (*const parts[])(struct sheet * s) = {
		attach,	       watch_unaddressed, forge_all,	  detach,	 attach,
		watch_groups,  watch_addresses,	  watch_allmulti, watch_promisc, watch_vlan,
		watch_address, ask_all,		  detach,	  attach,	 watch_rest,
		detach,	       watch_port_again,
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !ret; i++)
		ret = go_on(s) ?: parts[i](s);
	return ret < 0 ? ret : 0;
}

/* As the PF reports it: a driver may say yes, and do nothing. */
static int permit(struct sheet *s, int trust, int spoofchk)
{
	const struct nfp_host *host = &s->r.host;
	struct nfp_permits is = {.trust = -1, .spoofchk = -1};
	struct nfp_err ignored;
	int ret = 0;

	if (!s->c->present && !host->ops->permit)
		ret = -EOPNOTSUPP;
	else if (!s->c->present)
		ret = host->ops->permit(host->ctx, trust, spoofchk, s->r.err);
	ret = refused(s, "the combination is refused", ret);
	if (ret)
		return ret;
	if (s->config->rehearsal || !host->ops->report ||
	    host->ops->report(host->ctx, &is, &ignored))
		is = (struct nfp_permits) {.trust = trust, .spoofchk = spoofchk};
	s->c->trust = is.trust;
	s->c->spoofchk = is.spoofchk;
	if (s->c->present || (is.trust == trust && is.spoofchk == spoofchk))
		return 0;
	snprintf(s->c->note, sizeof(s->c->note),
		 "the driver was asked for it, and reports another one");
	return 1;
}

static int take(struct sheet *s, int trust, int spoofchk, bool present)
{
	const struct nfp_sheet_config *config = s->config;
	int ret;

	s->c = &s->result->combinations[s->result->num_combinations++];
	*s->c = (struct nfp_sheet_combination) {
		.present = present, .trust = trust, .spoofchk = spoofchk};
	s->c->num_rows = NFP_ROW_COUNT;
	for (enum nfp_sheet_row row = 0; row < NFP_ROW_COUNT; row++)
		*fact_of(s, row) = (struct nfp_sheet_fact) {
			.row = row, .carried = NFP_UNKNOWN, .answer = NFP_UNKNOWN};
	if (config->no_sibling) {
		explain(s, NFP_ROW_FORGED_SIBLING, "%s", config->no_sibling);
		explain(s, NFP_ROW_OVERHEARS, "%s", config->no_sibling);
	}
	if (config->no_vlan) {
		explain(s, NFP_ROW_VLAN, "%s", config->no_vlan);
		explain(s, NFP_ROW_FREE_VLAN, "%s", config->no_vlan);
	}
	ret = permit(s, trust, spoofchk) ?: take_rows(s);
	/* A refusal may have left the guest. */
	if (s->r.bound && !s->r.over && ret >= 0)
		(void)detach(s);
	return ret < 0 ? ret : 0;
}

/* ---- all of it ---- */

static int begin(struct sheet *s)
{
	struct nfp_external_changes before = {.carrier = true};
	struct runner *r = &s->r;
	int ret;

	s->own = *s->config->run;
	s->own.guest_vlan.vid = 0;
	s->result->address = s->own.address;
	s->result->vid = s->config->vid;
	r->step = &r->no_step;
	if (s->config->rehearsal)
		return 0;
	nfp_accounting_reset(s->own.accounting);
	if (s->config->sibling.ops)
		nfp_accounting_reset(s->config->sibling_accounting);
	ret = r->host.ops->changes(r->host.ctx, &before, r->err);
	r->losses = before.carrier_losses;
	r->carrier = before.carrier;
	return ret;
}

int nfp_sheet_run(const struct nfp_sheet_config *config, struct nfp_sheet_result *ret_sheet,
		  struct nfp_err *err)
{
	struct nfp_err own_err = {0};
	struct sheet s = {
		.config = config,
		.result = ret_sheet,
		.r = {.config = &s.own,
		      .host = config->run->host,
		      .wire = config->run->wire,
		      .result = &s.no_result,
		      .err = err ? err : &own_err},
	};
	int ret = begin(&s) ?: watch_port(&s);

	ret = ret ?: take(&s, config->trust, config->spoofchk, true);
	for (int i = 0; i < 4 && config->mode == NFP_SHEET_ALL && !ret && !s.r.over; i++) {
		int trust = i / 2, spoofchk = !(i % 2);

		if (trust != config->trust || spoofchk != config->spoofchk)
			ret = take(&s, trust, spoofchk, false);
	}
	if (!config->rehearsal)
		runner_stop_traffic(&s.r);
	if (!ret)
		*s.r.err = (struct nfp_err) {0};
	return ret;
}

uint64_t nfp_sheet_estimate(uint64_t settle_ns, enum nfp_sheet_mode mode)
{
	unsigned int combinations = mode == NFP_SHEET_ALL ? NFP_COMBINATIONS : 1;

	return 2 * CARRIED_NS + combinations * (WINDOWS * settle_ns + GUESTS * ATTACH_NS);
}
