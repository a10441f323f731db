// SPDX-License-Identifier: GPL-2.0-or-later
/* tagged.c - what the landings of the guest's VLAN mean. */
#include <stdio.h>

#include "checks_priv.h"
#include "judge.h"

/* The kinds that a guest must hear in its VLAN, and the same kinds without a tag. */
#define NUM_KINDS 3
static const enum nfp_kind tagged[NUM_KINDS] = {NFP_KIND_VLAN_UNICAST, NFP_KIND_VLAN_BROADCAST,
						NFP_KIND_VLAN_MULTICAST};
static const enum nfp_kind plain[NUM_KINDS] = {NFP_KIND_UNICAST, NFP_KIND_BROADCAST,
					       NFP_KIND_MULTICAST};
#define GROUP 2

static bool shows(const struct nfp_window *window)
{
	return window->status == NFP_STATUS_DONE && !window->disturbed;
}

/* Does the PF get unicast and broadcast of the VLAN? */
static enum nfp_answer answer_in_vlan(const struct nfp_window *window)
{
	enum nfp_answer unicast = nfp_reaches(window->landing[NFP_KIND_VLAN_UNICAST], NFP_AT_PF);
	enum nfp_answer all = nfp_reaches(window->landing[NFP_KIND_VLAN_BROADCAST], NFP_AT_PF);

	if (!shows(window))
		return NFP_UNASKED;
	return unicast == NFP_NO || all == NFP_YES ? unicast : all;
}

static bool is_at_pf_while(const struct nfp_window *window, enum nfp_kind kind)
{
	return shows(window) && nfp_lands_at(window->landing[kind], NFP_AT_PF);
}

/*
 * Was the network shown to bring the kind in this VLAN? A switch that snoops on MLD may have missed
 * a report, so the group counts only where the PF got it as soon as it had registered the VLAN.
 */
static bool kind_is_shown(const struct nfp_style_result *style, int k)
{
	bool shown = is_at_pf_while(&style->guest_vlan.registered, tagged[k]);

	nfp_for_each (step, style->steps, style->num_steps)
		shown |= k != GROUP && step->w.status == NFP_STATUS_DONE &&
			 nfp_lands(step->w.landing[tagged[k]]);
	return shown;
}

static enum nfp_answer carried(const struct nfp_style_result *style)
{
	bool shown = is_at_pf_while(&style->guest_vlan.registered, NFP_KIND_VLAN_OWN);

	for (int k = 0; k < NUM_KINDS; k++)
		shown |= kind_is_shown(style, k);
	nfp_for_each (step, style->steps, style->num_steps)
		shown |= nfp_lands(step->w.landing[NFP_KIND_VLAN_OWN]);
	return shown ? NFP_YES : NFP_UNKNOWN;
}

/* Did the PF get a VLAN that nobody registered? */
static bool gets_free(const struct nfp_style_result *style)
{
	bool free = false;

	nfp_for_each (step, style->steps, style->num_steps)
		free |= step->step >= NFP_STEP_STANDBY &&
			nfp_lands_at(step->w.landing[NFP_KIND_VLAN_FREE], NFP_AT_PF);
	return free;
}

static bool is_gone_in(const struct nfp_window *window, enum nfp_kind kind)
{
	return shows(window) && nfp_reaches(window->landing[kind], NFP_AT_PF) == NFP_NO;
}

/* Does the PF lose the kind in the guest's VLAN once another VLAN is registered instead? Where a VF
 * has the VLAN, some PFs still get its unicast. */
static bool falls(const struct nfp_guest_vlan_result *g, enum nfp_kind kind)
{
	return is_at_pf_while(&g->registered, kind) && is_gone_in(&g->unregistered, kind);
}

static bool is_kept(const struct nfp_guest_vlan_result *g)
{
	return is_at_pf_while(&g->unregistered, NFP_KIND_VLAN_OWN) &&
	       is_at_pf_while(&g->unregistered, NFP_KIND_VLAN_BROADCAST);
}

/* Does the PF filter VLANs? No, if a VLAN of nobody arrives, or if the guest's arrives while
 * another is registered and no other VF may have it. The network may cause the silence of the
 * former. */
static enum nfp_answer filters(const struct nfp_style_result *style)
{
	const struct nfp_guest_vlan_result *g = &style->guest_vlan;

	if (gets_free(style))
		return is_gone_in(&g->registered, NFP_KIND_VLAN_FREE) ? NFP_YES : NFP_NO;
	if (falls(g, NFP_KIND_VLAN_OWN) || falls(g, NFP_KIND_VLAN_BROADCAST))
		return NFP_YES;
	return is_kept(g) && !g->sibling ? NFP_NO : NFP_UNKNOWN;
}

/*
 * Does the standby get the whole VLAN while the PF has registered it? The question arises only
 * where it gets untagged frames. A registration by somebody else existed while the VLAN was lost,
 * and did not help.
 */
static enum nfp_answer works_registered(const struct nfp_style_result *style)
{
	const struct nfp_window *w = &style->guest_vlan.registered;
	enum nfp_answer answer = NFP_YES;

	if (!shows(w))
		return NFP_UNKNOWN;
	for (int k = 0; k < NUM_KINDS; k++) {
		bool rest = nfp_lands_at(w->landing[plain[k]], NFP_AT_PF);

		if (k == GROUP && (style->multicast != NFP_STATE_OK || !rest))
			continue;
		if (!rest || nfp_reaches(w->landing[tagged[k]], NFP_AT_PF) == NFP_UNKNOWN)
			return NFP_UNKNOWN;
		if (!nfp_lands_at(w->landing[tagged[k]], NFP_AT_PF))
			answer = NFP_NO;
	}
	return answer == NFP_YES && style->guest_vlan.unregistered.status == NFP_STATUS_REFUSED
		       ? NFP_UNKNOWN
		       : answer;
}

/* ---- a step ---- */

/* `assign` stands for `attach` where the VF has no reset. */
static bool is_expected_in_vlan(const struct nfp_style_result *style,
				const struct nfp_step_result *step)
{
	const struct nfp_step_result *attach = nfp_style_step(style, NFP_STEP_ATTACH);

	if (step->step == NFP_STEP_ASSIGN)
		return attach && attach->w.status == NFP_STATUS_SKIPPED && attach->w.skip_allowed;
	return nfp_ladder[step->step].expected != NFP_EXPECTED_RECORDED &&
	       !(step->w.status == NFP_STATUS_SKIPPED && step->w.skip_allowed);
}

/* Did the step pass without a VLAN, perhaps but for multicast if that loss is accepted? */
static enum nfp_answer rest_has_passed(const struct nfp_step_result *step, bool accepted)
{
	const struct nfp_observation obs = nfp_observe(step);

	if (accepted && nfp_unfit_by_multicast(step))
		return NFP_YES;
	return step->step == NFP_STEP_ASSIGN ? nfp_receives(&obs, NFP_AT_PF) : step->w.answer;
}

static enum nfp_answer passed_in_vlan(const struct nfp_style_result *style,
				      const struct nfp_step_result *step, bool accepted,
				      const bool shown[NUM_KINDS])
{
	enum nfp_receiver at = nfp_receiver_of(step->step);
	enum nfp_answer rest = rest_has_passed(step, accepted);
	bool lost = false, open = rest != NFP_YES;

	if (step->w.status != NFP_STATUS_DONE || rest == NFP_UNKNOWN)
		return NFP_UNKNOWN;
	for (int k = 0; k < NUM_KINDS; k++) {
		enum nfp_answer gets = nfp_reaches(step->w.landing[tagged[k]], at);

		if (k == GROUP && style->multicast != NFP_STATE_OK)
			continue;
		open |= gets != NFP_YES;
		if (gets != NFP_NO)
			continue;
		/* A frame that is lost without a tag is lost with one. */
		lost |= shown[k] && (rest == NFP_NO || nfp_lands_at(step->w.landing[plain[k]], at));
	}
	/* A guest whose VF refuses the VLAN does not use that VF. */
	if (at == NFP_AT_VF && style->guest_vlan.vf_refused[0])
		return NFP_UNKNOWN;
	return lost ? NFP_NO : open ? NFP_UNKNOWN : NFP_YES;
}

/* ---- the verdict ---- */

bool nfp_vlan_filter_wakes(const struct nfp_style_result *style)
{
	const struct nfp_guest_vlan_result *g = &style->guest_vlan;

	return g->verdict == NFP_STATE_UNPROVEN && g->from == NFP_STEP_COUNT &&
	       g->filters == NFP_YES;
}

/* Why is the VLAN not known though each step passed? NULL: it is. */
static const char *why_inconclusive(const struct nfp_style_result *style)
{
	const struct nfp_guest_vlan_result *g = &style->guest_vlan;

	if (nfp_vlan_filter_wakes(style))
		return "it arrives only while nobody registers a VLAN: once this run had "
		       "registered one, the others no longer came";
	if (g->unsearched)
		return "whether a VLAN netdev on the PF swallows it could not be found out";
	if (g->sibling && g->filters != NFP_NO)
		return "another VF is in use, and may have the VLAN registered: then the PF may "
		       "get it only because of that VF";
	/* The PF's bridge has registered the VLAN for good, so that no filter sleeps. */
	if (g->filters == NFP_UNKNOWN && g->unregistered.status != NFP_STATUS_REFUSED)
		return "the PF's filter may sleep until a VLAN is registered there, and this run "
		       "could not register one to see that";
	return NULL;
}

/* Why is the VLAN not known in a step? */
static const char *why_open(const struct nfp_style_result *style, bool accepted)
{
	const struct nfp_guest_vlan_result *g = &style->guest_vlan;
	const struct nfp_step_result *step = nfp_style_step(style, g->from);

	if (!step || step->w.status != NFP_STATUS_DONE)
		return "the step was not run";
	if (rest_has_passed(step, accepted) != NFP_YES)
		return "the guest does not get its frames without a tag either, or that is unknown";
	if (nfp_receiver_of(step->step) == NFP_AT_VF && g->vf_refused[0])
		return g->vf_refused;
	if (g->registered.note[0])
		return g->registered.note;
	if (g->carried == NFP_YES)
		return "not all kinds of its frames were shown to arrive";
	return shows(&g->registered) ? "none of its frames arrives, though the PF has registered "
				       "it: see whether the "
				       "switch brings this VLAN to the port, and whether the NIC's "
				       "VLAN table is full"
				     : "the network was not shown to bring this VLAN to the port";
}

/* Does the guest lose the group of its VLAN, and nothing else? */
static bool lacks_group_alone(const struct nfp_style_result *style)
{
	const struct nfp_step_result *step = nfp_style_step(style, style->guest_vlan.from);
	enum nfp_receiver at = nfp_receiver_of(style->guest_vlan.from);

	return step && nfp_lands_at(step->w.landing[NFP_KIND_VLAN_UNICAST], at) &&
	       nfp_lands_at(step->w.landing[NFP_KIND_VLAN_BROADCAST], at);
}

static void conclude_vlan(struct nfp_style_result *style, bool accepted, bool lost, bool open,
			  const char *ifname)
{
	struct nfp_guest_vlan_result *g = &style->guest_vlan;
	const char *inconclusive;
	bool at_vf = nfp_receiver_of(g->from) == NFP_AT_VF;
	bool group = lost && lacks_group_alone(style);

	g->verdict = NFP_STATE_UNPROVEN;
	inconclusive = why_inconclusive(style);
	if (lost) {
		g->verdict = NFP_STATE_LOST;
		snprintf(g->note, sizeof(g->note), "%s %s does not get %s%s%s",
			 nfp_step_place(g->from), at_vf ? "the VF" : ifname,
			 group ? "the group in it" : "it",
			 at_vf ? ""
			 : g->works_registered == NFP_YES
				 ? ", but does once the VLAN is registered there"
			 : g->works_registered == NFP_NO
				 ? ", nor all of it once the VLAN is registered there"
				 : "",
			 group ? ", and so IPv6 cannot find the guest; only multicast is affected"
			       : "");
	} else if (open) {
		nfp_appendf(g->note, sizeof(g->note), "%s: %s", nfp_step_place(g->from),
			    why_open(style, accepted));
	} else if (inconclusive) {
		snprintf(g->note, sizeof(g->note), "%s", inconclusive);
	} else {
		g->verdict = NFP_STATE_OK;
	}
}

/* Notes the first step in which the VLAN is lost, else the first in which it is not known. */
static void judge_vlan_steps(struct nfp_style_result *style, bool accepted, const char *ifname)
{
	struct nfp_guest_vlan_result *g = &style->guest_vlan;
	enum nfp_step lost = NFP_STEP_COUNT, open = NFP_STEP_COUNT;
	bool shown[NUM_KINDS];

	for (int k = 0; k < NUM_KINDS; k++)
		shown[k] = kind_is_shown(style, k);
	nfp_for_each (step, style->steps, style->num_steps) {
		if (!is_expected_in_vlan(style, step))
			continue;
		step->vlan_passed = passed_in_vlan(style, step, accepted, shown);
		/* A loss that is accepted is accepted in the VLAN as well. */
		if (accepted && rest_has_passed(step, accepted) == NFP_NO)
			continue;
		if (step->vlan_passed == NFP_NO && lost == NFP_STEP_COUNT)
			lost = step->step;
		if (step->vlan_passed == NFP_UNKNOWN && open == NFP_STEP_COUNT)
			open = step->step;
	}
	g->from = lost < NFP_STEP_COUNT ? lost : open;
	conclude_vlan(style, accepted, lost < NFP_STEP_COUNT, open < NFP_STEP_COUNT, ifname);
}

/* Some filters let a tag pass at one owner of an address and not at the other: igb_vfta_set,
 * ixgbe_vlan_rx_add_vid, ice_set_vlan_filtering_features. One sleeps until a VLAN is registered:
 * i40e_correct_mac_vlan_filters. */
bool check_vlan(const struct nfp_style_result *style, const struct nfp_criteria *criteria,
		struct nfp_failed_check *ret)
{
	const struct nfp_guest_vlan_result *g = &style->guest_vlan;
	char who[32];

	if (!g->vid || g->verdict == NFP_STATE_OK)
		return false;
	ret->step = g->from;
	ret->verdict = NFP_VERDICT_UNKNOWN;
	if (g->verdict == NFP_STATE_LOST) {
		/* Sticky: the standby got the VLAN before the VF was there. */
		ret->verdict = nfp_phase_of(g->from) == NFP_PHASE_AFTER ? NFP_VERDICT_STICKY
									: NFP_VERDICT_DEAF;
		snprintf(who, sizeof(who), "VF %u", criteria->vf);
		snprintf(ret->reason, sizeof(ret->reason), "%s is deaf in VLAN %u%s: %s",
			 nfp_receiver_of(g->from) == NFP_AT_VF ? who : "the standby", g->vid,
			 style->judged.verdict == NFP_VERDICT_SAFE ? " only" : "", g->note);
	} else {
		snprintf(ret->reason, sizeof(ret->reason), "VLAN %u is %s: %s", g->vid,
			 g->verdict == NFP_STATE_UNTESTED ? "not tested" : "not shown", g->note);
	}
	return true;
}

void nfp_judge_vlan(struct nfp_style_result *style, const bool allow[NFP_VERDICT_COUNT],
		    const char *ifname)
{
	const enum nfp_verdict rest = style->judged.verdict;
	const bool accepted = rest == NFP_VERDICT_SAFE || allow[rest];
	struct nfp_guest_vlan_result *g = &style->guest_vlan;

	for (size_t i = 0; i < style->num_steps; i++)
		style->steps[i].vlan_passed = NFP_UNKNOWN;
	if (!g->vid)
		return;
	g->note[0] = '\0';
	g->from = NFP_STEP_COUNT;
	g->registered.answer = answer_in_vlan(&g->registered);
	g->unregistered.answer = answer_in_vlan(&g->unregistered);
	g->carried = carried(style);
	g->filters = filters(style);
	g->works_registered = works_registered(style);
	if (g->untested[0]) {
		g->verdict = NFP_STATE_UNTESTED;
		snprintf(g->note, sizeof(g->note), "%s", g->untested);
	} else if (g->vlan_netdev[0]) {
		judge_vlan_steps(style, accepted, ifname);
		g->verdict = NFP_STATE_LOST;
		g->from = NFP_STEP_STANDBY;
		snprintf(g->note, sizeof(g->note), "it is swallowed by %s", g->vlan_netdev);
		nfp_for_each (step, style->steps, style->num_steps) {
			if (is_expected_in_vlan(style, step) &&
			    nfp_receiver_of(step->step) == NFP_AT_PF)
				step->vlan_passed = NFP_NO;
		}
	} else if (rest == NFP_VERDICT_UNKNOWN) {
		g->verdict = NFP_STATE_UNPROVEN;
		snprintf(g->note, sizeof(g->note), "nothing is known without a tag either");
	} else {
		judge_vlan_steps(style, accepted, ifname);
	}
}
