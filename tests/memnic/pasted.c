// SPDX-License-Identifier: GPL-2.0-or-later
#include "pasted.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/report/summary_priv.h"
#include "truth_priv.h"

#define LEARNED_AT(port) ((port) + 1)

enum port { PORT_TAP, PORT_UPLINK, PORTS };

/* What net/bridge/br_fdb.c makes of the guest's address. */
struct bridge {
	bool is_there, managed; /* managed: libvirt keeps its table (macTableManager) */
	bool learns[PORTS], floods_to_tap;
	unsigned int at; /* 0: it has no entry, LEARNED_AT(port) */
	bool sticky;
};

struct host {
	struct truth_walk *w;
	struct truth_ladder ladder;
	struct truth truth;
	const struct core_personality *nic;
	struct bridge bridge;
	const struct nfp_advised *advised;
	struct nfp_row row;
	unsigned int rank; /* of the advice that is followed, beside what goes with any */
	bool entry, with_group, hotplug, first;
	struct pasted *to;
};

static void lose(struct host *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void lose(struct host *h, const char *fmt, ...)
{
	struct pasted *to = h->to;
	va_list ap;

	if (to->num_lost == PASTED_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(to->lost[to->num_lost++], sizeof(to->lost[0]), fmt, ap);
	va_end(ap);
}

static void act(struct host *h, truth_act *what, const char *name)
{
	int ret = what(h->w);

	if (ret)
		lose(h, "%s: %s", name, strerror(-ret));
	truth_wait(h->w);
}
#define ACT(h, name) act(h, truth_acts.name, #name)

/* ---- the bridge ---- */

/* br_fdb_update: any entry moves that is not sticky, a static one as well. */
static void hear(struct bridge *b, enum port port)
{
	if (b->is_there && b->learns[port] && !(b->at && b->sticky))
		b->at = LEARNED_AT(port);
}

static void set_entry(struct bridge *b, enum port port, bool sticky)
{
	b->at = LEARNED_AT(port);
	b->sticky = sticky;
}

static void drop_entry(struct bridge *b, enum port port)
{
	if (b->at == LEARNED_AT(port))
		b->at = b->sticky = 0;
}

/* virNetDevBridgePortSetLearning and its like, then virNetDevBridgeFDBAdd, which excludes. */
static void attach_tap(struct bridge *b)
{
	b->learns[PORT_TAP] = b->floods_to_tap = !b->managed;
	if (b->managed && !b->at)
		set_entry(b, PORT_TAP, false);
}

/* br_fdb_delete_by_port */
static void detach_tap(struct bridge *b)
{
	drop_entry(b, PORT_TAP);
}

/* ---- the standby ---- */

/* The style in which the NIC in memory has the standby, by what is there on the host. */
static enum nfp_style style_now(const struct host *h)
{
	static const enum nfp_style plain[NFP_STYLE_COUNT] = {
		[NFP_STYLE_MACVTAP] = NFP_STYLE_MACVTAP,
		[NFP_STYLE_BRIDGE] = NFP_STYLE_BRIDGE,
		[NFP_STYLE_BRIDGE_PIN] = NFP_STYLE_BRIDGE,
		[NFP_STYLE_BRIDGE_FDB] = NFP_STYLE_BRIDGE,
		[NFP_STYLE_BRIDGE_FDB_PIN] = NFP_STYLE_BRIDGE,
		[NFP_STYLE_STATIC_BRIDGE] = NFP_STYLE_STATIC_BRIDGE,
		[NFP_STYLE_VF_BRIDGE] = NFP_STYLE_VF_BRIDGE,
		[NFP_STYLE_VF_BRIDGE_PIN] = NFP_STYLE_VF_BRIDGE,
	};
	enum nfp_style style = plain[h->row.style];

	if (style == NFP_STYLE_BRIDGE && h->bridge.managed)
		style = NFP_STYLE_STATIC_BRIDGE;
	return style == NFP_STYLE_BRIDGE && h->entry ? NFP_STYLE_BRIDGE_FDB : style;
}

static void hold(struct host *h)
{
	h->ladder.style = style_now(h);
	memnic_set_style(h->w->nic, h->ladder.style);
	ACT(h, hold);
}

/* What a guest sends to everybody. */
static void talk(struct host *h, enum nfp_receiver by)
{
	memnic_send(h->w->nic, by, h->w->address);
	if (by == NFP_AT_PF)
		hear(&h->bridge, PORT_TAP);
	if (truth_uplink_hears(h->nic, h->ladder.style, by))
		hear(&h->bridge, PORT_UPLINK);
	truth_wait(h->w);
}

static void look(struct host *h, const char *state, enum nfp_receiver at)
{
	static const char *const names[] = {"unicast", "broadcast", "group"};
	static const enum nfp_kind kinds[] = {NFP_KIND_UNICAST, NFP_KIND_BROADCAST,
					      NFP_KIND_MULTICAST};
	const struct bridge *b = &h->bridge;

	h->to->states++;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if ((kinds[i] != NFP_KIND_MULTICAST || h->with_group) &&
		    !(memnic_reach(h->w->nic, kinds[i]) & 1U << at))
			lose(h, "%s: the NIC does not give the guest its %s", state, names[i]);
	}
	if (at != NFP_AT_PF || !b->is_there)
		return;
	/* A NIC in memory has each style with its entry. */
	if (nfp_style_needs_entry(h->ladder.style) && !h->entry)
		lose(h, "%s: its port's filter has no entry", state);
	if (b->at == LEARNED_AT(PORT_UPLINK))
		lose(h, "%s: the bridge has it at its uplink", state);
	else if (!b->at && !b->floods_to_tap)
		lose(h, "%s: the bridge does not have it", state);
}

/* Before and after the guest says anything there. */
static void look_twice(struct host *h, const char *state, enum nfp_receiver at)
{
	look(h, state, at);
	talk(h, at);
	look(h, state, at);
}

/* ---- what is pasted ---- */

static void plug_in(struct host *h)
{
	/* libvirt does so, each time. */
	ACT(h, assign);
	ACT(h, reset);
	ACT(h, bind);
	ACT(h, set_up);
}

static void unplug(struct host *h)
{
	if (h->w->bound)
		ACT(h, unbind);
}

static void type_bridge(struct host *h, char *const words[])
{
	struct bridge *b = &h->bridge;
	enum port port = strcmp(words[4], "dev") == 0 && strcmp(words[5], TAP) == 0 ? PORT_TAP
										    : PORT_UPLINK;

	if (strcmp(words[1], "link") == 0) {
		port = strcmp(words[4], TAP) == 0 ? PORT_TAP : PORT_UPLINK;
		b->learns[port] = strcmp(words[6], "on") == 0;
	} else if (strcmp(words[6], "self") == 0) {
		h->entry = strcmp(words[2], "add") == 0;
		if (!h->entry)
			ACT(h, release);
		hold(h);
	} else if (strcmp(words[2], "del") == 0) {
		drop_entry(b, port);
		/* br_fdb_sync_static */
		if (b->managed)
			ACT(h, release);
	} else {
		set_entry(b, port, words[7] && words[8]);
		if (b->managed)
			hold(h);
	}
}

static void type_ip(struct host *h, char *const words[])
{
	if (strcmp(words[3], MACVTAP) == 0 && strcmp(words[4], "down") == 0)
		ACT(h, release);
	else if (strcmp(words[3], MACVTAP) == 0 && strcmp(words[4], "up") == 0)
		hold(h);
	else if (strcmp(words[4], "eth0") == 0 && strcmp(words[7], "mac") == 0 &&
		 strcmp(words[8], GUEST_MAC) == 0)
		ACT(h, assign);
	else if (strcmp(words[4], "eth0") == 0 && strcmp(words[7], "mac") == 0)
		ACT(h, clear);
	else if (strcmp(words[7], "trust") != 0)
		lose(h, "nobody knows what ip does here");
}

static void type_commands(struct host *h, const struct nfp_commands *commands)
{
	struct nfp_strv words;
	const char *file;
	size_t at = 0;

	while (nfp_commands_words(commands, &at, &words, &file)) {
		nfp_strv_addf(&words, "%s", "");
		words.v[words.n - 1] = NULL;
		if (strcmp(words.v[0], "bridge") == 0 && strcmp(words.v[1], "vlan") != 0)
			type_bridge(h, words.v);
		else if (strcmp(words.v[0], "ip") == 0)
			type_ip(h, words.v);
		else if (strcmp(words.v[0], "virsh") == 0 &&
			 strcmp(words.v[1], "attach-device") == 0)
			plug_in(h);
		else if (strcmp(words.v[0], "virsh") == 0) {
			unplug(h);
			ACT(h, reset);
		} else {
			lose(h, "nobody knows what %s does here", words.v[0]);
		}
		nfp_strv_fini(&words);
	}
}

/* Does this advice, and no other, bring that about? */
static bool meets(const struct host *h, const struct nfp_advice *a, enum nfp_condition_id code)
{
	for (size_t i = 0; i < h->advised->num_conditions; i++) {
		const struct nfp_condition *c = &h->advised->conditions[i];

		for (size_t k = 0; k < c->met_by.n && c->code == code; k++) {
			if (strcmp(c->met_by.v[k], a->id) == 0)
				return true;
		}
	}
	return false;
}

static bool is_pasted(const struct host *h, const struct nfp_advice *a)
{
	const bool always = a->row.style == NFP_STYLE_COUNT;

	return (a->rank == h->rank || always) && a->what != NFP_ADVISE_PROBE;
}

static bool has(const struct host *h, enum nfp_condition_id code)
{
	for (size_t i = 0; i < h->advised->num_advice; i++) {
		const struct nfp_advice *a = &h->advised->advice[i];

		if (is_pasted(h, a) && meets(h, a, code))
			return true;
	}
	return false;
}

/* The moment's advice but for one (NFP_COND_COUNT: none), or @alone. */
static void paste(struct host *h, enum nfp_moment moment, enum nfp_condition_id one, bool alone,
		  bool undo)
{
	for (size_t i = 0; i < h->advised->num_advice; i++) {
		const struct nfp_advice *a = &h->advised->advice[i];

		if (!is_pasted(h, a) || a->moment != moment ||
		    (one != NFP_COND_COUNT && meets(h, a, one) != alone))
			continue;
		if (a->document.len && strstr(a->document.items, "macTableManager"))
			h->bridge.managed = true;
		type_commands(h, undo ? &a->undo : &a->commands);
	}
}
#define NONE NFP_COND_COUNT, false, false

/* ---- the life ---- */

/* The guest's other NIC is there, and the guest runs. */
static void start(struct host *h, bool vf_first)
{
	bool by_hand = h->first && nfp_styles[h->row.style].macvlan;

	if (h->first && !by_hand)
		paste(h, NFP_MOMENT_START, NFP_COND_FIRST, true, false);
	if (vf_first && !h->hotplug && !h->w->assigned && !by_hand)
		ACT(h, assign);
	if (h->w->assigned)
		ACT(h, reset);
	attach_tap(&h->bridge);
	hold(h);
	talk(h, NFP_AT_PF);
	/* Those of a bridge, and then the VF. */
	paste(h, NFP_MOMENT_RUNS, NFP_COND_HOTPLUG, false, false);
	if (!h->w->bound)
		look_twice(h, "started", NFP_AT_PF);
	if (by_hand)
		paste(h, NFP_MOMENT_START, NFP_COND_FIRST, true, false);
	if (h->hotplug) {
		if (!h->w->bound)
			paste(h, NFP_MOMENT_RUNS, NFP_COND_HOTPLUG, true, false);
		return;
	}
	if (by_hand)
		return;
	if (!h->w->assigned)
		ACT(h, assign);
	ACT(h, reset);
	look_twice(h, "its VF waits", NFP_AT_PF);
}

static void use_vf(struct host *h, const char *state)
{
	if (!h->w->bound)
		ACT(h, bind);
	if (!h->w->up)
		ACT(h, set_up);
	paste(h, NFP_MOMENT_VF_UP, NONE);
	look_twice(h, state, NFP_AT_VF);
}

static void leave_vf(struct host *h, const char *state)
{
	paste(h, NFP_MOMENT_MIGRATION, NONE);
	unplug(h);
	paste(h, NFP_MOMENT_VF_GONE, NONE);
	look_twice(h, state, NFP_AT_PF);
}

/* Nothing was given away: QEMU plugs the VF in as it was. */
static void return_vf(struct host *h)
{
	paste(h, NFP_MOMENT_VF_GONE, NFP_COND_COUNT, false, true);
	paste(h, NFP_MOMENT_MIGRATION, NFP_COND_COUNT, false, true);
}

static void live(struct host *h)
{
	struct bridge *b = &h->bridge;

	paste(h, NFP_MOMENT_NOW, NONE);
	paste(h, NFP_MOMENT_DEFINED, NONE);
	start(h, false);
	use_vf(h, "its VF is up");
	ACT(h, come_and_go);
	look(h, "another guest has come and gone", NFP_AT_VF);
	leave_vf(h, "it migrates");
	return_vf(h);
	use_vf(h, "the migration fails");
	leave_vf(h, "it migrates at last");
	ACT(h, reset);
	look_twice(h, "the VF is gone", NFP_AT_PF);
	ACT(h, clear);
	h->w->assigned = false;
	look_twice(h, "cleared", NFP_AT_PF);
	/* As virNetDevTapReattachBridge does. */
	detach_tap(b);
	attach_tap(b);
	paste(h, NFP_MOMENT_RUNS, NFP_COND_HOTPLUG, false, false);
	look_twice(h, "the tap was attached again", NFP_AT_PF);
	detach_tap(b);
	ACT(h, release);
	paste(h, NFP_MOMENT_ELSEWHERE, NONE);
	/* Another guest, whose VF has its address before its standby is there. */
	(void)truth_acts.take_another_address(h->w);
	b->at = b->sticky = 0;
	start(h, true);
	use_vf(h, "the VF of the next is up");
	leave_vf(h, "the next migrates");
}

/* The rank of the row that the answer names. */
static void find_rank(struct host *h, const struct nfp_summary *summary)
{
	nfp_for_each (so, summary->styles, summary->num_styles) {
		if (!so->style->is_fix && nfp_row_equal(&so->row, &h->row))
			h->rank = so->rank;
	}
}

void pasted_live(const struct core_personality *p, const struct memnic_conditions *c,
		 const struct nfp_result *result, struct pasted *ret_pasted)
{
	struct nfp_summary *summary = nfp_summary_of(result);
	struct host h = {.nic = p, .advised = &summary->advised, .to = ret_pasted};
	const struct nfp_failover failover = summary->failover;

	*ret_pasted = (struct pasted) {.promised = false};
	snprintf(ret_pasted->answer, sizeof(ret_pasted->answer), "%.511s", summary->answer.text);
	h.row = failover.row;
	if (failover.answer != NFP_FAILOVER_YES && failover.answer != NFP_FAILOVER_ONLY) {
		nfp_summary_free(summary);
		return;
	}
	find_rank(&h, summary);
	ret_pasted->promised = true;
	h.with_group = !c->multicast_blocked && failover.ipv6 == NFP_STATE_OK;
	h.hotplug = has(&h, NFP_COND_HOTPLUG);
	h.first = has(&h, NFP_COND_FIRST);
	h.bridge = (struct bridge) {.is_there = !nfp_styles[h.row.style].macvlan,
				    .managed = h.row.style == NFP_STYLE_STATIC_BRIDGE,
				    .learns = {true, true}};
	h.ladder = (struct truth_ladder) {
		.source = c->source,
		.address = {{0x02, 0, 0, 0, 0, 0x11}},
		.address_first = {{0x02, 0, 0, 0, 0, 0x22}},
		.group = {{0x33, 0x33, 0xff, 0, 0, 0x11}},
		.no_group = !h.with_group,
	};
	h.w = truth_begin(p, c);
	h.w->ladder = &h.ladder;
	h.w->truth = &h.truth;
	h.w->address = &h.ladder.address;
	memnic_set_source(h.w->nic, c->source);
	live(&h);
	truth_end(h.w);
	nfp_summary_free(summary);
}
