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

#include "sheet_priv.h"

/* To whom a kind of frame goes. */
enum to {
	TO_NOBODY, /* it is not sent */
	TO_GUEST,
	TO_SECOND,
	TO_THIRD,
	TO_NEXT,
	TO_GROUP,
	TO_UNJOINED,
	TO_COUNT,
};

/* A window's word on a row of the sheet. */
enum says {
	SAYS_NOTHING,
	SAYS_FACT,  /* the facts by which it is answered */
	SAYS_GRANT, /* the guest has what the row asks for, until its driver goes */
};

#define MAX_ASKS   2
#define MAX_SAYS   3
#define NUM_TO	   3
#define BIT(kind_) (1U << (unsigned int)(kind_))

static const enum nfp_kind to_kinds[NUM_TO] = {NFP_KIND_UNICAST, NFP_KIND_MULTICAST,
					       NFP_KIND_UNJOINED};

/* A guest comes or goes; or it asks for more, and a window shows what it gets. */
struct row {
	bool (*due)(struct sheet *s);  /* NULL: always */
	int (*first)(struct sheet *s); /* NULL: nothing precedes */
	enum nfp_action actions[NFP_ACTIONS_MAX];
	const char *refused; /* what it means that the host refuses one of these */
	struct {
		enum nfp_sheet_row row; /* takes a refusal */
		enum nfp_ask what;
		enum to mac; /* TO_NOBODY: nothing more is asked for */
	} asks[MAX_ASKS];
	bool speaks; /* the guest announces the address that it was given, as the first ask */

	/* The window, if the first is somebody: to whom the frames go that have the kinds of
	 * to_kinds, which need not be groups. */
	enum to to[NUM_TO];
	bool strangers; /* what goes to nobody goes to many of them */
	bool tagged;	/* the guest's own address in its VLAN as well */
	bool inside;	/* another VF sends, which comes up for that */
	bool pf_shows;	/* the control is what goes to the PF's own address, in place of nobody's */
	struct {
		enum says what;
		enum nfp_sheet_row row;
		enum nfp_kind kind;  /* of the frames that it is about */
		unsigned int others; /* bits of kinds that are counted beside them */
	} says[MAX_SAYS];
	/* NULL: that is all. @w: NULL without a window. */
	int (*then)(struct sheet *s, const struct sheet_window *w);
};

/* ---- what a guest asks for ---- */

static void note_refusal(struct sheet *s, enum nfp_sheet_row row, int ret)
{
	const char *why = s->r.err->message;

	sheet_fact(s, row)->errnum = -ret;
	sheet_explain(s, row, "%.*s", NFP_TEXT_LEN - 1, why[0] ? why : strerror(-ret));
}

/* A refusal is an answer: what is delivered says the rest. */
static int ask_for_row(struct sheet *s, enum nfp_sheet_row row, enum nfp_ask what,
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

static void stop_asking(struct sheet *s, enum nfp_ask what, const struct nfp_mac *mac)
{
	const struct nfp_host *host = &s->r.host;

	(void)host->ops->ask(host->ctx, what, mac, false, NULL);
}

static bool *granted(struct sheet *s, enum nfp_sheet_row row)
{
	return &s->granted[row - NFP_ROW_KEEPS_SECOND];
}

/* ---- a row ---- */

static const struct nfp_mac *mac_of(const struct sheet *s, enum to to)
{
	const struct nfp_mac *const macs[TO_COUNT] = {
		[TO_NOBODY] = &s->config->nobody, [TO_GUEST] = &s->own.address,
		[TO_SECOND] = &s->config->second, [TO_THIRD] = &s->config->third,
		[TO_NEXT] = &s->config->next,	  [TO_GROUP] = &s->own.group,
		[TO_UNJOINED] = &s->own.unjoined,
	};

	return macs[to];
}

static struct nfp_plan plan_of_row(const struct sheet *s, const struct row *row)
{
	struct nfp_plan plan = sheet_plan(s, mac_of(s, row->to[1]), mac_of(s, row->to[2]));

	plan.unicast = *mac_of(s, row->to[0]);
	for (size_t i = 0; i < NUM_TO; i++) {
		if (row->to[i] == TO_NOBODY || (row->to[i] >= TO_GROUP && !s->own.multicast))
			plan.rate[to_kinds[i]] = 0;
	}
	if (row->pf_shows)
		plan.unregistered_mac = s->config->pf;
	if (row->strangers)
		sheet_plan_strangers(s, &plan, row->inside);
	if (row->tagged && sheet_has_vlan(s))
		plan.rate[NFP_KIND_VLAN_UNICAST] = SHEET_VLAN_RATE;
	return plan;
}

/* A refusal ends the combination, and is its note: 1. */
static int sheet_refused(struct sheet *s, const char *what, int ret)
{
	const char *why = s->r.err->message;

	if (ret >= 0 || runner_is_own_error(&s->r))
		return ret;
	s->r.over |= runner_lost_vf(&s->r);
	snprintf(s->c->note, sizeof(s->c->note), "%s: %.*s", what, NFP_NOTE_LEN - 64,
		 why[0] ? why : strerror(-ret));
	return 1;
}

/* A VF without a reset: the checks may have ended with an earlier guest. */
static int refused_action(struct runner *r, enum nfp_action action, int ret, void *of)
{
	struct sheet *s = of;

	(void)r;
	s->c->unreset |= action == NFP_DO_RESET && ret == -EOPNOTSUPP;
	return action == NFP_DO_RESET && ret == -EOPNOTSUPP ? 0 : sheet_refused(s, s->refused, ret);
}

/* Nothing stays of what nobody had: without that control, a silence shows nothing. */
static void doubt_rest(struct sheet *s, struct nfp_sheet_fact *fact)
{
	if (*granted(s, fact->window.state) || fact->window.count[NFP_SLOT_ASKED].at[NFP_AT_VF])
		return;
	fact->carried = NFP_UNKNOWN;
	if (!fact->window.note[0])
		sheet_explain(s, fact->window.state, "the last guest was not seen to have it");
}

/* The window answers a row by these frames. Unicast to itself the guest gets anyway. */
static void enter_fact(struct sheet *s, const struct row *row, size_t i,
		       const struct sheet_window *w)
{
	const enum nfp_kind asked = row->says[i].kind;
	/* The PF hears the control of this row. */
	const bool pf = row->pf_shows;
	const struct window_slot slots[] = {
		{NFP_SLOT_ASKED, asked, NFP_RECEIVER_COUNT},
		{NFP_SLOT_OWN, pf ? NFP_KIND_UNREGISTERED : NFP_KIND_UNICAST,
		 pf ? NFP_AT_PF : NFP_AT_VF},
		{NFP_KIND_BROADCAST, NFP_KIND_BROADCAST, NFP_AT_VF},
	};
	struct nfp_sheet_fact *fact = sheet_enter(s, row->says[i].row, w, asked);

	window_keep(&w->window, WINDOW_SLOTS(slots), &fact->window);
	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (row->says[i].others & BIT(kind))
			fact->others += sheet_delivered(w, kind, NFP_AT_VF);
	}
	/* No network is between the two. */
	if (row->inside)
		fact->carried = NFP_YES;
	if (fact->window.state >= NFP_ROW_KEEPS_SECOND)
		doubt_rest(s, fact);
}

static int watch_row(struct sheet *s, const struct row *row)
{
	struct sheet_window w = {.plan = plan_of_row(s, row), .inside = row->inside};
	int ret;

	s->still = s->heard && s->floods;
	ret = sheet_watch(s, &w);
	for (size_t i = 0; i < MAX_SAYS && !ret; i++) {
		enum nfp_kind kind = row->says[i].kind;

		if (row->says[i].what == SAYS_FACT && w.plan.rate[kind])
			enter_fact(s, row, i, &w);
		if (row->says[i].what == SAYS_GRANT)
			*granted(s, row->says[i].row) = sheet_delivered(&w, kind, NFP_AT_VF);
	}
	return ret || !row->then ? ret : row->then(s, &w);
}

static int watch_inside(struct sheet *s, const struct row *row)
{
	int ret = sheet_wake_sibling(s, true);

	return ret ? MIN(ret, 0) : sheet_let_sibling_rest(s, watch_row(s, row));
}

/* 0, 1 when the combination ends with it, or what ends the run. */
static int play(struct sheet *s, const struct row *row)
{
	const struct script script = {.refused = refused_action, .of = s};
	const struct nfp_wire *wire = &s->r.wire;
	bool speaks = row->speaks && s->own.announce;
	int ret;

	if (row->due && !row->due(s))
		return 0;
	s->refused = row->refused;
	ret = (row->first ? row->first(s) : 0) ?: runner_play(&s->r, row->actions, &script);
	for (size_t i = 0; i < MAX_ASKS && row->asks[i].mac != TO_NOBODY && !ret; i++)
		ret = ask_for_row(s, row->asks[i].row, row->asks[i].what,
				  mac_of(s, row->asks[i].mac));
	/* A guest that may not have it sends no frame with that source. */
	if (!ret && speaks && !sheet_fact(s, row->asks[0].row)->errnum)
		ret = wire->ops->announce(wire->ctx, NFP_AT_VF, mac_of(s, row->asks[0].mac),
					  s->r.err);
	if (!ret && row->to[0] == TO_NOBODY)
		ret = row->then ? row->then(s, NULL) : 0;
	else if (!ret)
		ret = row->inside ? watch_inside(s, row) : watch_row(s, row);
	return ret;
}

/* ---- a guest comes and goes ---- */

/* The netdev of the guest is heard from another VF as well. */
static int listen_inside(struct sheet *s, const struct nfp_netdev *netdev)
{
	const struct nfp_wire *wire = &s->config->sibling;

	return wire->ops ? wire->ops->listen_vf(wire->ctx, netdev, false, s->r.err) : 0;
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
	bool first = sheet_fact(s, NFP_ROW_UNADDRESSED)->window.status != NFP_STATUS_DONE;
	const struct nfp_host *host = &s->r.host;

	if (host->ops->permits(host->ctx, &is, NULL) ||
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

static int greet(struct sheet *s, const struct sheet_window *w)
{
	int ret = listen_inside(s, &s->r.netdev) ?: introduce(s);

	(void)w;
	return sheet_refused(s, s->refused, ret) ?: note_permits(s);
}

static int hear_no_more(struct sheet *s)
{
	(void)listen_inside(s, NULL);
	return 0;
}

/* ---- what else a row does ---- */

static bool has_groups(struct sheet *s)
{
	return s->own.multicast;
}

static bool is_in_vlan(struct sheet *s)
{
	return sheet_has_vlan(s);
}

static bool has_sibling(struct sheet *s)
{
	return s->config->sibling.ops;
}

/* The NIC's room for addresses is shared by all of its functions. */
static bool may_ask_for_addresses(struct sheet *s)
{
	bool stays = nfp_sheet_stays(s->result);

	sheet_explain_both(s, NFP_ROW_SECOND, NFP_ROW_THIRD,
			   stays ? "not asked again, since addresses of an earlier guest stay"
				 : NULL);
	return !stays;
}

/* bnxt sets no receive mode while an address is refused (bnxt_cfg_rx_mode), so refused addresses
 * are given back. */
static int take_back_refused(struct sheet *s, const struct sheet_window *w)
{
	bool unasked = sheet_fact(s, NFP_ROW_UNADDRESSED)->others > 0;
	bool second = !unasked && sheet_delivered(w, NFP_KIND_MULTICAST, NFP_AT_VF);
	bool third = !unasked && sheet_delivered(w, NFP_KIND_UNJOINED, NFP_AT_VF);

	if (!second)
		stop_asking(s, NFP_ASK_UNICAST, &s->config->second);
	if (!third)
		stop_asking(s, NFP_ASK_UNICAST, &s->config->third);
	*granted(s, NFP_ROW_KEEPS_SECOND) = second;
	return 0;
}

static int calm_down(struct sheet *s)
{
	stop_asking(s, NFP_ASK_PROMISC, &s->own.address);
	return 0;
}

static int set_guest_vlan(struct sheet *s)
{
	const struct nfp_host *host = &s->r.host;
	int ret;

	*s->r.err = (struct nfp_err) {0};
	ret = host->ops->vlan(host->ctx, NFP_AT_VF, s->config->vid, s->r.err);
	if (ret && runner_is_own_error(&s->r))
		return ret;
	if (ret)
		note_refusal(s, NFP_ROW_VLAN, ret);
	return 0;
}

/* Only a VLAN that comes where it is registered can be kept away where it is not. */
static int doubt_free_vlan(struct sheet *s, const struct sheet_window *w)
{
	if (!sheet_delivered(w, NFP_KIND_VLAN_UNICAST, NFP_AT_VF))
		sheet_fact(s, NFP_ROW_FREE_VLAN)->carried = NFP_UNKNOWN;
	return 0;
}

static int compare_addresses(struct sheet *s, const struct sheet_window *w)
{
	const struct nfp_host *host = &s->r.host;
	struct nfp_permits permits = {0};

	/* Where the network floods, the old address still comes to this port. */
	if (s->still)
		sheet_fact(s, NFP_ROW_OLD)->carried = NFP_YES;
	/* With another address of its own it may have lost what it had. */
	if (!sheet_delivered(w, NFP_KIND_UNJOINED, NFP_AT_VF))
		*granted(s, NFP_ROW_KEEPS_SECOND) = false;
	if (!host->ops->permits(host->ctx, &permits, NULL))
		s->c->reported = permits.address;
	return 0;
}

/* The last guest had registered the VLAN, and so the network brings it now if it ever does. */
static int compare_vlan(struct sheet *s, const struct sheet_window *w)
{
	struct nfp_sheet_fact *free_vlan = sheet_fact(s, NFP_ROW_FREE_VLAN);

	if (free_vlan->window.count[NFP_SLOT_ASKED].at[NFP_AT_VF] ||
	    !w->window.count[NFP_KIND_VLAN_UNICAST].at[NFP_AT_VF])
		return 0;
	free_vlan->carried = NFP_UNKNOWN;
	sheet_explain(s, NFP_ROW_FREE_VLAN,
		      "it did not come before, and came to a guest after one that had registered "
		      "it");
	return 0;
}

/* ---- a combination ---- */

/* The VF is assigned the address and reset, and its driver comes up, in a group. */
#define GUEST_COMES                                                               \
	{                                                                         \
		.actions = {NFP_DO_ASSIGN, NFP_DO_RESET, NFP_DO_BIND, NFP_DO_UP}, \
		.refused = "the guest does not come", .then = greet               \
	}
#define GUEST_GOES                                                 \
	{                                                          \
		.first = hear_no_more, .actions = {NFP_DO_UNBIND}, \
		.refused = "the guest does not go"                 \
	}

static const struct row rows[] = {
	GUEST_COMES, /* it asks for nothing, and sends */
	{.to = {TO_GUEST, TO_SECOND, TO_THIRD},
	 .strangers = true,
	 .says = {{SAYS_FACT, NFP_ROW_UNADDRESSED, NFP_KIND_UNREGISTERED,
		   BIT(NFP_KIND_MULTICAST) | BIT(NFP_KIND_UNJOINED)}}},
	{.first = sheet_forge},
	GUEST_GOES,

	GUEST_COMES, /* it asks for more and more */
	{.to = {TO_GUEST, TO_GROUP, TO_UNJOINED},
	 .tagged = true,
	 .says = {{SAYS_FACT, NFP_ROW_GROUP, NFP_KIND_MULTICAST, BIT(NFP_KIND_UNJOINED)},
		  {SAYS_FACT, NFP_ROW_FREE_VLAN, NFP_KIND_VLAN_UNICAST, 0}}},
	{.due = may_ask_for_addresses,
	 .asks = {{NFP_ROW_SECOND, NFP_ASK_UNICAST, TO_SECOND},
		  {NFP_ROW_THIRD, NFP_ASK_UNICAST, TO_THIRD}},
	 .to = {TO_GUEST, TO_SECOND, TO_THIRD},
	 .says = {{SAYS_FACT, NFP_ROW_SECOND, NFP_KIND_MULTICAST, 0},
		  {SAYS_FACT, NFP_ROW_THIRD, NFP_KIND_UNJOINED, 0}},
	 .then = take_back_refused},
	{.due = has_groups,
	 .asks = {{NFP_ROW_ALLMULTI, NFP_ASK_ALLMULTI, TO_GUEST}},
	 .to = {TO_GUEST, TO_GROUP, TO_UNJOINED},
	 .says = {{SAYS_FACT, NFP_ROW_ALLMULTI, NFP_KIND_UNJOINED, 0},
		  {SAYS_GRANT, NFP_ROW_KEEPS_GROUPS, NFP_KIND_UNJOINED, 0}}},
	{.asks = {{NFP_ROW_PROMISC, NFP_ASK_PROMISC, TO_GUEST}},
	 .to = {TO_GUEST, TO_SECOND, TO_THIRD},
	 .strangers = true,
	 .says = {{SAYS_FACT, NFP_ROW_PROMISC, NFP_KIND_UNREGISTERED, 0}}},
	{.due = has_sibling,
	 .to = {TO_GUEST},
	 .strangers = true,
	 .inside = true,
	 .says = {{SAYS_FACT, NFP_ROW_OVERHEARS, NFP_KIND_UNREGISTERED, 0}}},
	{.first = calm_down},
	{.due = is_in_vlan,
	 .first = set_guest_vlan,
	 .to = {TO_GUEST, TO_SECOND, TO_THIRD},
	 .tagged = true,
	 .says = {{SAYS_FACT, NFP_ROW_VLAN, NFP_KIND_VLAN_UNICAST, 0}},
	 .then = doubt_free_vlan},
	{.asks = {{NFP_ROW_NEW, NFP_ASK_ADDRESS, TO_NEXT}},
	 .speaks = true,
	 .to = {TO_NEXT, TO_GUEST, TO_SECOND},
	 .pf_shows = true,
	 .says = {{SAYS_FACT, NFP_ROW_NEW, NFP_KIND_UNICAST, 0},
		  {SAYS_FACT, NFP_ROW_OLD, NFP_KIND_MULTICAST, 0},
		  {SAYS_GRANT, NFP_ROW_KEEPS_NEW, NFP_KIND_UNICAST, 0}},
	 .then = compare_addresses},
	/* It is promiscuous once more, and is seen to be so before its driver goes. */
	{.asks = {{NFP_ROW_KEEPS_PROMISC, NFP_ASK_PROMISC, TO_GUEST}},
	 .to = {TO_NEXT, TO_GUEST, TO_SECOND},
	 .strangers = true,
	 .says = {{SAYS_GRANT, NFP_ROW_KEEPS_PROMISC, NFP_KIND_UNREGISTERED, 0}}},
	GUEST_GOES,

	GUEST_COMES, /* it asks for nothing, and gets what was left */
	{.to = {TO_GUEST, TO_SECOND, TO_NEXT},
	 .strangers = true,
	 .tagged = true,
	 .says = {{SAYS_FACT, NFP_ROW_KEEPS_SECOND, NFP_KIND_MULTICAST, 0},
		  {SAYS_FACT, NFP_ROW_KEEPS_NEW, NFP_KIND_UNJOINED, 0},
		  {SAYS_FACT, NFP_ROW_KEEPS_PROMISC, NFP_KIND_UNREGISTERED, 0}},
	 .then = compare_vlan},
	{.due = has_groups,
	 .to = {TO_GUEST, TO_GROUP, TO_UNJOINED},
	 .says = {{SAYS_FACT, NFP_ROW_KEEPS_GROUPS, NFP_KIND_UNJOINED, 0}}},
	GUEST_GOES,
	{.first = sheet_watch_port_again},
};

static int take_rows(struct sheet *s)
{
	int ret = 0;

	for (size_t i = 0; i < NFP_NUM(rows) && !ret; i++)
		ret = (s->r.over ? 1 : runner_check_stop(&s->r)) ?: play(s, &rows[i]);
	return ret;
}

static int permit(struct sheet *s, int trust, int spoofchk)
{
	const struct nfp_host *host = &s->r.host;

	if (s->c->present)
		return 0;
	return sheet_refused(s, "the combination is refused",
			     host->ops->permit(host->ctx, trust, spoofchk, s->r.err));
}

static int take_combination(struct sheet *s, int trust, int spoofchk, bool present)
{
	static const struct row leave = GUEST_GOES;
	const struct nfp_sheet_config *config = s->config;
	int ret;

	s->c = &s->result->combinations[s->result->num_combinations++];
	*s->c = (struct nfp_sheet_combination) {
		.present = present, .trust = trust, .spoofchk = spoofchk};
	s->c->num_rows = NFP_ROW_COUNT;
	for (enum nfp_sheet_row row = 0; row < NFP_ROW_COUNT; row++)
		*sheet_fact(s, row) = (struct nfp_sheet_fact) {
			.window = {.state = row, .answer = NFP_UNKNOWN}, .carried = NFP_UNKNOWN};
	memset(s->granted, 0, sizeof(s->granted));
	sheet_explain_both(s, NFP_ROW_FORGED_SIBLING, NFP_ROW_OVERHEARS, config->no_sibling);
	sheet_explain_both(s, NFP_ROW_VLAN, NFP_ROW_FREE_VLAN, config->no_vlan);
	ret = permit(s, trust, spoofchk) ?: take_rows(s);
	/* A refusal may have left the guest. */
	if (s->r.bound && !s->r.over && ret >= 0)
		(void)play(s, &leave);
	return ret < 0 ? ret : 0;
}

/* ---- all of it ---- */

static int begin_sheet(struct sheet *s, struct nfp_err *err)
{
	struct nfp_external_changes before;

	s->own = *s->config->run;
	runner_ask_no_more(&s->own);
	s->result->address = s->own.address;
	s->result->vid = s->config->vid;
	nfp_accounting_reset(s->own.wire.accounting);
	if (s->config->sibling.ops)
		nfp_accounting_reset(s->config->sibling.accounting);
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
	int ret = begin_sheet(&s, err ? err : &own_err) ?: sheet_watch_port(&s);

	ret = ret ?: take_combination(&s, config->trust, config->spoofchk, true);
	for (int i = 0; i < 4 && config->mode == NFP_SHEET_ALL && !ret && !s.r.over; i++) {
		int trust = i / 2, spoofchk = !(i % 2);

		if (trust != config->trust || spoofchk != config->spoofchk)
			ret = take_combination(&s, trust, spoofchk, false);
	}
	runner_stop_traffic(&s.r);
	if (!ret)
		*s.r.err = (struct nfp_err) {0};
	return ret;
}
