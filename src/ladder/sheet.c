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

#include "sheet_priv.h"

static void note_refusal(struct sheet *s, enum nfp_sheet_row row, int ret)
{
	const char *why = s->r.err->message;

	sheet_fact(s, row)->errnum = -ret;
	sheet_explain(s, row, "%.*s", NFP_TEXT_LEN - 1, why[0] ? why : strerror(-ret));
}

/* A guest asks for more. A refusal is an answer: what is delivered says the rest. */
static int ask(struct sheet *s, enum nfp_sheet_row row, enum nfp_ask what,
	       const struct nfp_mac *mac)
{
	const struct nfp_host *host = &s->r.host;
	int ret = runner_check_stop(&s->r);

	*s->r.err = (struct nfp_err) {0};
	if (!ret)
		ret = host->ops->ask(host->ctx, what, mac, true, s->r.err);
	if (!ret || runner_is_own_error(&s->r))
		return ret;
	s->r.over |= runner_lost_vf(&s->r);
	note_refusal(s, row, ret);
	return 0;
}

/* Until its driver goes, the guest has what @row asks for, if the window has shown that. */
static void note_granted(struct sheet *s, enum nfp_sheet_row row, bool granted)
{
	s->granted[row - NFP_ROW_KEEPS_SECOND] = granted;
}

static bool is_granted(const struct sheet *s, enum nfp_sheet_row row)
{
	return s->granted[row - NFP_ROW_KEEPS_SECOND];
}

static void stop_asking(struct sheet *s, enum nfp_ask what, const struct nfp_mac *mac)
{
	const struct nfp_host *host = &s->r.host;
	struct nfp_err ignored;

	(void)host->ops->ask(host->ctx, what, mac, false, &ignored);
}

/* ---- guests ---- */

/* A refusal ends the combination, and is its note: 1. */
static int refused(struct sheet *s, const char *what, int ret)
{
	const char *why = s->r.err->message;

	if (ret >= 0 || runner_is_own_error(&s->r))
		return ret;
	s->r.over |= runner_lost_vf(&s->r);
	snprintf(s->c->note, sizeof(s->c->note), "%s: %.*s", what, NFP_NOTE_LEN - 64,
		 why[0] ? why : strerror(-ret));
	return 1;
}

static int listen(struct sheet *s, bool on)
{
	const struct nfp_wire *wires[] = {&s->r.wire, &s->config->sibling};
	int ret = 0;

	for (size_t i = 0; i < 2 && !ret; i++) {
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

	if (!config->announce)
		return 0;
	ret = wire->ops->announce(wire->ctx, NFP_AT_VF, &config->address, s->r.err);
	for (int i = 0; i < 2 && !ret && wire->ops->report && config->multicast; i++)
		ret = wire->ops->report(wire->ctx, NFP_AT_VF, &config->address,
					i ? &config->unjoined : &config->group, s->r.err);
	return ret;
}

/*
 * As the PF reports it to be for this guest: a driver may say yes and do nothing, and may change
 * what was set when it resets the VF.
 */
static int note_permits(struct sheet *s)
{
	struct nfp_permits is = {.trust = s->c->trust, .spoofchk = s->c->spoofchk};
	bool first = !sheet_fact(s, NFP_ROW_UNADDRESSED)->made;
	const struct nfp_host *host = &s->r.host;
	struct nfp_err ignored;

	if (host->ops->permits(host->ctx, &is, &ignored) ||
	    (is.trust == s->c->trust && is.spoofchk == s->c->spoofchk))
		return 0;
	s->c->trust = is.trust;
	s->c->spoofchk = is.spoofchk;
	if (s->c->present && first)
		return 0;
	snprintf(s->c->note, sizeof(s->c->note),
		 "the PF reports another one once a guest is there");
	return 1;
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
	ret = refused(s, "the guest does not come", ret ?: listen(s, true) ?: introduce(s));
	return ret ?: note_permits(s);
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
	struct sheet_window w = {.plan = sheet_plan(s, &s->config->second, &s->config->third)};
	struct nfp_sheet_fact *fact;
	int ret;

	sheet_plan_strangers(s, &w.plan, false);
	ret = sheet_watch(s, &w);
	if (ret)
		return ret;
	fact = sheet_enter(s, NFP_ROW_UNADDRESSED, &w, NFP_KIND_UNREGISTERED, NFP_KIND_UNICAST);
	fact->others = sheet_delivered(&w, NFP_KIND_MULTICAST, NFP_AT_VF) +
		       sheet_delivered(&w, NFP_KIND_UNJOINED, NFP_AT_VF);
	return 0;
}

/* ---- the second guest: it asks for more and more ---- */

static void tag(const struct sheet *s, struct sheet_window *w)
{
	if (sheet_has_vlan(s))
		w->plan.rate[NFP_KIND_VLAN_UNICAST] = SHEET_VLAN_RATE;
}

static int watch_groups(struct sheet *s)
{
	struct sheet_window w = {.plan = sheet_plan(s, &s->own.group, &s->own.unjoined)};
	int ret;

	if (!s->own.multicast)
		w.plan.rate[NFP_KIND_MULTICAST] = w.plan.rate[NFP_KIND_UNJOINED] = 0;
	tag(s, &w);
	ret = sheet_watch(s, &w);
	if (ret)
		return ret;
	if (s->own.multicast)
		sheet_enter(s, NFP_ROW_GROUP, &w, NFP_KIND_MULTICAST, NFP_KIND_UNICAST)->others =
			sheet_delivered(&w, NFP_KIND_UNJOINED, NFP_AT_VF);
	if (w.plan.rate[NFP_KIND_VLAN_UNICAST])
		sheet_enter(s, NFP_ROW_FREE_VLAN, &w, NFP_KIND_VLAN_UNICAST, NFP_KIND_UNICAST);
	return 0;
}

/* bnxt_cfg_rx_mode writes no mode while an address is refused. */
static void take_back_refused(struct sheet *s, const struct sheet_window *w)
{
	bool unasked = sheet_fact(s, NFP_ROW_UNADDRESSED)->others > 0;
	bool second = !unasked && sheet_delivered(w, NFP_KIND_MULTICAST, NFP_AT_VF);
	bool third = !unasked && sheet_delivered(w, NFP_KIND_UNJOINED, NFP_AT_VF);

	if (!second)
		stop_asking(s, NFP_ASK_UNICAST, &s->config->second);
	if (!third)
		stop_asking(s, NFP_ASK_UNICAST, &s->config->third);
	note_granted(s, NFP_ROW_KEEPS_SECOND, second);
}

static int watch_addresses(struct sheet *s)
{
	struct sheet_window w = {.plan = sheet_plan(s, &s->config->second, &s->config->third)};
	int ret;

	/* The NIC's room for addresses is shared by all of its functions. */
	if (nfp_sheet_stays(s->result)) {
		sheet_explain_both(s, NFP_ROW_SECOND, NFP_ROW_THIRD,
				   "not asked again, since addresses of an earlier guest stay");
		return 0;
	}
	ret = ask(s, NFP_ROW_SECOND, NFP_ASK_UNICAST, &s->config->second)
			  ?: ask(s, NFP_ROW_THIRD, NFP_ASK_UNICAST, &s->config->third)
			  ?: sheet_watch(s, &w);

	if (ret)
		return ret;
	sheet_enter(s, NFP_ROW_SECOND, &w, NFP_KIND_MULTICAST, NFP_KIND_UNICAST);
	sheet_enter(s, NFP_ROW_THIRD, &w, NFP_KIND_UNJOINED, NFP_KIND_UNICAST);
	take_back_refused(s, &w);
	return 0;
}

static int watch_allmulti(struct sheet *s)
{
	struct sheet_window w = {.plan = sheet_plan(s, &s->own.group, &s->own.unjoined)};
	int ret;

	if (!s->own.multicast)
		return 0;
	ret = ask(s, NFP_ROW_ALLMULTI, NFP_ASK_ALLMULTI, &s->own.address) ?: sheet_watch(s, &w);
	if (ret)
		return ret;
	sheet_enter(s, NFP_ROW_ALLMULTI, &w, NFP_KIND_UNJOINED, NFP_KIND_UNICAST);
	note_granted(s, NFP_ROW_KEEPS_GROUPS, sheet_delivered(&w, NFP_KIND_UNJOINED, NFP_AT_VF));
	return 0;
}

static int overhear(struct sheet *s)
{
	struct sheet_window w = {.plan = sheet_plan(s, &s->own.group, &s->own.unjoined),
				 .inside = true};
	int ret;

	if (!s->config->sibling.ops)
		return 0;
	w.plan.rate[NFP_KIND_MULTICAST] = w.plan.rate[NFP_KIND_UNJOINED] = 0;
	sheet_plan_strangers(s, &w.plan, true);
	ret = sheet_wake_sibling(s, true);
	if (ret)
		return ret < 0 ? ret : 0;
	ret = sheet_watch(s, &w);
	if (!ret)
		sheet_enter(s, NFP_ROW_OVERHEARS, &w, NFP_KIND_UNREGISTERED, NFP_KIND_UNICAST)
			->carried = NFP_YES;
	return sheet_let_sibling_rest(s, ret);
}

static int watch_promisc(struct sheet *s)
{
	struct sheet_window w = {.plan = sheet_plan(s, &s->config->second, &s->config->third)};
	int ret = ask(s, NFP_ROW_PROMISC, NFP_ASK_PROMISC, &s->own.address);

	sheet_plan_strangers(s, &w.plan, false);
	ret = ret ?: sheet_watch(s, &w);
	if (ret)
		return ret;
	sheet_enter(s, NFP_ROW_PROMISC, &w, NFP_KIND_UNREGISTERED, NFP_KIND_UNICAST);
	ret = overhear(s);
	stop_asking(s, NFP_ASK_PROMISC, &s->own.address);
	return ret;
}

/* Only a VLAN that comes where it is registered can be kept away where it is not. */
static int watch_vlan(struct sheet *s)
{
	struct sheet_window w = {.plan = sheet_plan(s, &s->config->second, &s->config->third)};
	const struct nfp_host *host = &s->r.host;
	struct nfp_sheet_fact *free_vlan = sheet_fact(s, NFP_ROW_FREE_VLAN);
	int ret;

	if (!sheet_has_vlan(s))
		return 0;
	tag(s, &w);
	*s->r.err = (struct nfp_err) {0};
	ret = host->ops->vlan(host->ctx, NFP_AT_VF, s->config->vid, s->r.err);
	if (ret && runner_is_own_error(&s->r))
		return ret;
	if (ret)
		note_refusal(s, NFP_ROW_VLAN, ret);
	ret = sheet_watch(s, &w);
	if (ret)
		return ret;
	sheet_enter(s, NFP_ROW_VLAN, &w, NFP_KIND_VLAN_UNICAST, NFP_KIND_UNICAST);
	if (!sheet_delivered(&w, NFP_KIND_VLAN_UNICAST, NFP_AT_VF))
		free_vlan->carried = NFP_UNKNOWN;
	return 0;
}

static void note_report(struct sheet *s)
{
	const struct nfp_host *host = &s->r.host;
	struct nfp_permits permits = {0};
	struct nfp_err ignored;

	if (!host->ops->permits(host->ctx, &permits, &ignored))
		s->c->reported = permits.address;
}

/* Which of the two comes is the question, so the control is unicast to the PF's own address. */
static void enter_own(struct sheet *s, enum nfp_sheet_row row, const struct sheet_window *w,
		      enum nfp_kind kind, bool carried)
{
	const struct nfp_count *pf = &w->count[NFP_KIND_UNREGISTERED];
	struct nfp_sheet_fact *fact = sheet_enter(s, row, w, kind, NFP_KIND_BROADCAST);

	fact->own_sent = pf->sent;
	fact->own_heard = pf->at[NFP_AT_PF];
	if (carried)
		fact->carried = NFP_YES;
}

/* Where the network floods, the old address still comes to this port. */
static int watch_address(struct sheet *s)
{
	struct sheet_window w = {.plan = sheet_plan(s, &s->own.address, &s->config->second)};
	const struct nfp_wire *wire = &s->r.wire;
	bool still = s->heard && s->floods;
	int ret = ask(s, NFP_ROW_NEW, NFP_ASK_ADDRESS, &s->config->next);

	w.plan.unicast = s->config->next;
	w.plan.unregistered_mac = s->config->pf;
	/* A guest that may not have it sends no frame with that source. */
	if (!ret && s->own.announce && !sheet_fact(s, NFP_ROW_NEW)->errnum)
		ret = wire->ops->announce(wire->ctx, NFP_AT_VF, &s->config->next, s->r.err);
	ret = ret ?: sheet_watch(s, &w);
	if (ret)
		return ret;
	enter_own(s, NFP_ROW_NEW, &w, NFP_KIND_UNICAST, false);
	enter_own(s, NFP_ROW_OLD, &w, NFP_KIND_MULTICAST, still);
	note_granted(s, NFP_ROW_KEEPS_NEW, sheet_delivered(&w, NFP_KIND_UNICAST, NFP_AT_VF));
	/* With another address of its own it may have lost what it had. */
	if (!sheet_delivered(&w, NFP_KIND_UNJOINED, NFP_AT_VF))
		note_granted(s, NFP_ROW_KEEPS_SECOND, false);
	note_report(s);
	return 0;
}

/* It is promiscuous once more, and is seen to be so before its driver goes. */
static int watch_again(struct sheet *s)
{
	struct sheet_window w = {.plan = sheet_plan(s, &s->own.address, &s->config->second)};
	int ret = ask(s, NFP_ROW_KEEPS_PROMISC, NFP_ASK_PROMISC, &s->own.address);

	w.plan.unicast = s->config->next;
	sheet_plan_strangers(s, &w.plan, false);
	ret = ret ?: sheet_watch(s, &w);
	if (!ret)
		note_granted(s, NFP_ROW_KEEPS_PROMISC,
			     sheet_delivered(&w, NFP_KIND_UNREGISTERED, NFP_AT_VF));
	return ret;
}

/* ---- the third guest: it asks for nothing, and gets what was left ---- */

/* Nothing stays of what nobody had: without that control, a silence shows nothing. */
static void enter_rest(struct sheet *s, enum nfp_sheet_row row, const struct sheet_window *w,
		       enum nfp_kind kind)
{
	struct nfp_sheet_fact *fact = sheet_enter(s, row, w, kind, NFP_KIND_UNICAST);

	if (is_granted(s, row) || fact->heard)
		return;
	fact->carried = NFP_UNKNOWN;
	if (!fact->note[0])
		sheet_explain(s, row, "the last guest was not seen to have it");
}

/* The last guest had registered the VLAN, and so the network brings it now if it ever does. */
static void compare_vlan(struct sheet *s, const struct sheet_window *w)
{
	struct nfp_sheet_fact *free_vlan = sheet_fact(s, NFP_ROW_FREE_VLAN);

	if (free_vlan->heard || !w->count[NFP_KIND_VLAN_UNICAST].at[NFP_AT_VF])
		return;
	free_vlan->carried = NFP_UNKNOWN;
	sheet_explain(s, NFP_ROW_FREE_VLAN,
		      "it did not come before, and came to a guest after one that had registered "
		      "it");
}

static int watch_rest(struct sheet *s)
{
	struct sheet_window a = {.plan = sheet_plan(s, &s->config->second, &s->config->next)};
	struct sheet_window b = {.plan = sheet_plan(s, &s->own.group, &s->own.unjoined)};
	int ret;

	sheet_plan_strangers(s, &a.plan, false);
	tag(s, &a);
	ret = sheet_watch(s, &a);
	if (ret)
		return ret;
	compare_vlan(s, &a);
	enter_rest(s, NFP_ROW_KEEPS_SECOND, &a, NFP_KIND_MULTICAST);
	enter_rest(s, NFP_ROW_KEEPS_NEW, &a, NFP_KIND_UNJOINED);
	enter_rest(s, NFP_ROW_KEEPS_PROMISC, &a, NFP_KIND_UNREGISTERED);
	ret = s->own.multicast ? sheet_watch(s, &b) : 0;
	if (ret || !s->own.multicast)
		return ret;
	enter_rest(s, NFP_ROW_KEEPS_GROUPS, &b, NFP_KIND_UNJOINED);
	return 0;
}

/* ---- a combination ---- */

static int take_rows(struct sheet *s)
{
	static int (*const parts[])(struct sheet * s) = {
		attach,
		watch_unaddressed,
		sheet_forge,
		detach,
		attach,
		watch_groups,
		watch_addresses,
		watch_allmulti,
		watch_promisc,
		watch_vlan,
		watch_address,
		watch_again,
		detach,
		attach,
		watch_rest,
		detach,
		sheet_watch_port_again,
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !ret; i++)
		ret = (s->r.over ? 1 : runner_check_stop(&s->r)) ?: parts[i](s);
	return ret < 0 ? ret : 0;
}

static int permit(struct sheet *s, int trust, int spoofchk)
{
	const struct nfp_host *host = &s->r.host;

	if (s->c->present)
		return 0;
	return refused(s, "the combination is refused",
		       host->ops->permit(host->ctx, trust, spoofchk, s->r.err));
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
		*sheet_fact(s, row) = (struct nfp_sheet_fact) {
			.row = row, .carried = NFP_UNKNOWN, .answer = NFP_UNKNOWN};
	memset(s->granted, 0, sizeof(s->granted));
	sheet_explain_both(s, NFP_ROW_FORGED_SIBLING, NFP_ROW_OVERHEARS, config->no_sibling);
	sheet_explain_both(s, NFP_ROW_VLAN, NFP_ROW_FREE_VLAN, config->no_vlan);
	ret = permit(s, trust, spoofchk) ?: take_rows(s);
	/* A refusal may have left the guest. */
	if (s->r.bound && !s->r.over && ret >= 0)
		(void)detach(s);
	return ret < 0 ? ret : 0;
}

/* ---- all of it ---- */

static int begin(struct sheet *s, struct nfp_err *err)
{
	struct nfp_external_changes before;

	s->own = *s->config->run;
	s->own.guest_vlan.vid = 0;
	s->result->address = s->own.address;
	s->result->vid = s->config->vid;
	nfp_accounting_reset(s->own.accounting);
	if (s->config->sibling.ops)
		nfp_accounting_reset(s->config->sibling_accounting);
	return runner_begin(&s->r, &s->own, &s->no_result, err, &before);
}

int nfp_sheet_run(const struct nfp_sheet_config *config, struct nfp_sheet_result *ret_sheet,
		  struct nfp_err *err)
{
	struct nfp_err own_err = {0};
	struct sheet s = {
		.config = config,
		.result = ret_sheet,
	};
	int ret = begin(&s, err ? err : &own_err) ?: sheet_watch_port(&s);

	ret = ret ?: take(&s, config->trust, config->spoofchk, true);
	for (int i = 0; i < 4 && config->mode == NFP_SHEET_ALL && !ret && !s.r.over; i++) {
		int trust = i / 2, spoofchk = !(i % 2);

		if (trust != config->trust || spoofchk != config->spoofchk)
			ret = take(&s, trust, spoofchk, false);
	}
	runner_stop_traffic(&s.r);
	if (!ret)
		*s.r.err = (struct nfp_err) {0};
	return ret;
}
