// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reach.c - who on this host reaches the guest, on its standby, on its VF and elsewhere: from the
 * windows of inside.c, and by the kernel's rules where no NIC has a part in it.
 */
#include <stdio.h>

#include "judges_priv.h"

/*
 * macvlan_queue_xmit in drivers/net/macvlan.c hands a frame for another macvtap of the same parent
 * in mode bridge to that one, without the NIC. net_failover_handle_frame in
 * drivers/net/net_failover.c drops what comes by the standby while the guest has its VF.
 * br_fdb_update in net/bridge/br_fdb.c moves an address to the port where it was heard last;
 * br_forward sends to that port, or floods to all.
 */
static const char macvtap[] = "macvlan_queue_xmit", dropped[] = "net_failover_handle_frame",
		  learned[] = "br_fdb_update", forwarded[] = "br_forward";

static const struct nfp_reached unasked = {.trait = NFP_TRAIT_UNTESTED};

static struct nfp_reached rule(enum nfp_trait trait, const char *function)
{
	return (struct nfp_reached) {.trait = trait, .rule = function};
}

/* Until the guest is heard again, or the bridge forgets it. */
static const struct nfp_reached for_a_while = {
	.trait = NFP_TRAIT_LOST, .until_sent = true, .rule = learned};

/* ---- windows ---- */

static enum nfp_trait trait_of(const struct nfp_window *w)
{
	static const enum nfp_trait traits[] = {[NFP_NO] = NFP_TRAIT_LOST,
						[NFP_YES] = NFP_TRAIT_OK,
						[NFP_UNKNOWN] = NFP_TRAIT_UNPROVEN,
						[NFP_UNASKED] = NFP_TRAIT_NONE};

	return w->answer == NFP_UNKNOWN && w->status != NFP_STATUS_DONE ? NFP_TRAIT_UNTESTED
									: traits[w->answer];
}

/* The worst of the windows on that side. */
static struct nfp_reached seen(const struct nfp_window *windows, size_t num, bool on_vf)
{
	struct nfp_reached worst = {.trait = NFP_TRAIT_NONE};

	nfp_for_each (w, windows, num) {
		if ((w->state == NFP_STEP_UP) == on_vf)
			worst.trait = nfp_worse_trait(worst.trait, trait_of(w));
	}
	return worst.trait == NFP_TRAIT_NONE ? unasked : worst;
}

/* ---- a bridge ---- */

/* Behind its uplink, where the bridge looks for the guest once it has heard it there. */
static struct nfp_reached by_bridge(const struct nfp_style_result *style)
{
	if (!nfp_styles[style->style].learns)
		return rule(NFP_TRAIT_OK, forwarded);
	if (style->uplink_hears[NFP_AT_PF] == NFP_YES)
		return rule(NFP_TRAIT_LOST, learned);
	if (style->uplink_hears[NFP_AT_VF] == NFP_YES)
		return for_a_while;
	if (style->uplink_hears[NFP_AT_PF] == NFP_NO && style->uplink_hears[NFP_AT_VF] == NFP_NO)
		return rule(NFP_TRAIT_OK, forwarded);
	return (struct nfp_reached) {.trait = NFP_TRAIT_UNPROVEN};
}

/* The bridge has the guest at its tap, unless its uplink was heard to have it. */
static struct nfp_reached to_vf_by_bridge(const struct nfp_style_result *style)
{
	struct nfp_reached port = seen(style->port.windows, style->port.num_windows, true);

	if (!nfp_styles[style->style].learns)
		return rule(NFP_TRAIT_LOST, dropped);
	if (port.trait == NFP_TRAIT_LOST)
		return port;
	switch (style->uplink_hears[NFP_AT_PF]) {
	case NFP_YES:
		return port;
	case NFP_NO:
		return for_a_while;
	default:
		return (struct nfp_reached) {.trait = NFP_TRAIT_UNPROVEN};
	}
}

/* ---- the senders ---- */

static struct nfp_reached to_elsewhere(const struct nfp_told *elsewhere,
				       const struct nfp_style_result *style, enum nfp_sender from)
{
	if (elsewhere->verdict == NFP_TRAIT_NONE ||
	    elsewhere->other_vf != (from == NFP_SENDER_OTHER_VF) ||
	    (from != NFP_SENDER_OTHER_VF && nfp_styles[style->style].second_vf))
		return unasked;
	return (struct nfp_reached) {.trait = elsewhere->verdict};
}

/* A bridge passes on to the guest what its uplink gets of another VF, if it looks for it there. */
static struct nfp_reached from_other_vf(const struct nfp_style_result *style, bool on_vf)
{
	struct nfp_reached nic = seen(style->here.windows, style->here.num_windows, on_vf);
	struct nfp_reached bridge;

	if (on_vf || nfp_styles[style->style].macvlan)
		return nic;
	bridge = by_bridge(style);
	if (bridge.trait == NFP_TRAIT_OK ||
	    nfp_worse_trait(nic.trait, bridge.trait) != bridge.trait)
		return nic;
	return bridge;
}

struct nfp_reached nfp_reached_by(const struct nfp_told *elsewhere,
				  const struct nfp_style_result *style, enum nfp_sender from,
				  enum nfp_guest_place place)
{
	bool on_vf = place == NFP_PLACE_ON_VF;

	if (place == NFP_PLACE_ELSEWHERE)
		return to_elsewhere(elsewhere, style, from);
	if (from == NFP_SENDER_OTHER_VF)
		return from_other_vf(style, on_vf);
	if (!nfp_styles[style->style].macvlan)
		return on_vf ? to_vf_by_bridge(style) : by_bridge(style);
	if (from == NFP_SENDER_SAME_STANDBY)
		return rule(on_vf ? NFP_TRAIT_LOST : NFP_TRAIT_OK, macvtap);
	/* The host sends by the parent, which hands nothing to its macvtaps. */
	return seen(style->port.windows, style->port.num_windows, on_vf);
}

/* ---- what is required ---- */

static const char *const place_words[NFP_PLACE_COUNT] = {
	[NFP_PLACE_ON_STANDBY] = "while it is on its standby",
	[NFP_PLACE_ON_VF] = "while it uses its VF",
	[NFP_PLACE_ELSEWHERE] = "while it is elsewhere",
};
static const char *const sender_words[NFP_SENDER_COUNT] = {
	[NFP_SENDER_OTHER_VF] = "another VF",
	[NFP_SENDER_HOST] = "this host",
	[NFP_SENDER_SAME_STANDBY] = "a guest behind the same port",
};

const char *nfp_place_words(enum nfp_guest_place place)
{
	return place_words[place];
}

const char *nfp_sender_words(enum nfp_sender sender)
{
	return sender_words[sender];
}

static enum nfp_verdict verdict_of_reach(const struct nfp_reached *r, enum nfp_guest_place place)
{
	if (r->trait != NFP_TRAIT_LOST)
		return NFP_VERDICT_UNKNOWN;
	if (r->until_sent)
		return NFP_VERDICT_SLOW;
	return place == NFP_PLACE_ELSEWHERE ? NFP_VERDICT_STICKY : NFP_VERDICT_DEAF;
}

static void explain_reach(const struct nfp_reached *r, enum nfp_sender from,
			  enum nfp_guest_place place, char reason[NFP_REASON_LEN])
{
	const char *does = r->trait == NFP_TRAIT_LOST ? "does not reach the guest"
						      : "was not shown to reach the guest";

	snprintf(reason, NFP_REASON_LEN, "--require %s:%s is not met: %s, %s %s%s%s%s",
		 nfp_sender_name(from), nfp_place_name(place), place_words[place],
		 sender_words[from], does, r->until_sent ? " until that sends again" : "",
		 r->rule ? ", by the kernel's " : "", r->rule ?: "");
}

/* The worst of those that are required. */
bool judge_reach(const struct nfp_style_result *style, const struct nfp_demands *demands,
		 struct nfp_objection *ret)
{
	static const struct nfp_told none;
	const struct nfp_told *elsewhere = &style->elsewhere.told;
	struct nfp_reached worst = {.trait = NFP_TRAIT_OK, .until_sent = false};
	enum nfp_sender from;
	enum nfp_guest_place place;

	if (!elsewhere->verdict)
		elsewhere = demands->elsewhere ?: &none;
	for (unsigned int bit = 0; bit < NFP_SENDER_COUNT * NFP_PLACE_COUNT; bit++) {
		struct nfp_reached r;

		if (!(demands->settings->require_reach & 1U << bit))
			continue;
		r = nfp_reached_by(elsewhere, style, (enum nfp_sender)(bit / NFP_PLACE_COUNT),
				   (enum nfp_guest_place)(bit % NFP_PLACE_COUNT));
		if (nfp_worse_trait(r.trait, worst.trait) != r.trait ||
		    (r.trait == worst.trait && r.until_sent >= worst.until_sent))
			continue;
		worst = r;
		ret->unmet = bit;
	}
	from = (enum nfp_sender)(ret->unmet / NFP_PLACE_COUNT);
	place = (enum nfp_guest_place)(ret->unmet % NFP_PLACE_COUNT);
	ret->verdict = verdict_of_reach(&worst, place);
	ret->firm = true;
	explain_reach(&worst, from, place, ret->reason);
	return worst.trait != NFP_TRAIT_OK;
}
