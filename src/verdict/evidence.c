// SPDX-License-Identifier: GPL-2.0-or-later
/* evidence.c - reduces the steps of a ladder to evidence, and compares the styles of a VF by it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "checks_priv.h"
#include "judge.h"

struct nfp_observation nfp_observe(const struct nfp_step_result *step)
{
	struct nfp_observation obs = {.status = NFP_STATUS_SKIPPED};

	if (!step)
		return obs;
	obs.status = step->w.status;
	obs.skip_allowed = step->w.skip_allowed;
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		obs.vf_heard |= step->w.count[kind].at[NFP_AT_VF] > 0;
	memcpy(obs.landing, step->w.landing, sizeof(obs.landing));
	obs.split = !step->unsettled && nfp_count_is_split(&step->w.count[NFP_KIND_UNICAST]);
	return obs;
}

/* EINVAL alone may mean anything. But if the VF takes the address before the PF has it, the driver
 * refused only a duplicate. */
static bool refused_duplicate(const struct nfp_style_result *style)
{
	const struct nfp_step_result *assign = nfp_style_step(style, NFP_STEP_ASSIGN);
	const struct nfp_step_result *first = nfp_style_step(style, NFP_STEP_VF_FIRST);

	if (!assign || assign->w.status != NFP_STATUS_REFUSED)
		return false;
	return assign->errnum == EEXIST ||
	       (assign->errnum == EINVAL && nfp_styles[style->style].entry && first &&
		first->w.status == NFP_STATUS_DONE);
}

/* ---- what is inconclusive ---- */

static void set_inconclusive(struct nfp_observation *obs, enum nfp_kind kind)
{
	obs->landing[kind] = NFP_LANDING_MIXED;
	if (kind == NFP_KIND_UNICAST)
		obs->unproven = true;
	else
		obs->unproven_group = true;
}

/*
 * A promiscuous standby also hears unregistered addresses. If it loses both in one step, a VF that
 * became promiscuous may be taking them, which proves nothing against the VF.
 */
static bool may_be_elsewhere(const struct nfp_style_result *style,
			     const struct nfp_step_result *step, bool outside)
{
	bool stops = outside && style->floods;

	if (!nfp_styles[style->style].promiscuous || nfp_styles[style->style].second_vf ||
	    !nfp_condemns(style, step->step) || step->w.status != NFP_STATUS_DONE ||
	    step->w.landing[NFP_KIND_UNICAST] != NFP_LANDING_NOWHERE ||
	    step->w.landing[NFP_KIND_UNREGISTERED] != NFP_LANDING_NOWHERE ||
	    step->w.landing[NFP_KIND_BROADCAST] == NFP_LANDING_NOWHERE)
		return false;
	nfp_for_each (earlier, style->steps, step - style->steps)
		stops |= nfp_lands_at(earlier->w.landing[NFP_KIND_UNREGISTERED], NFP_AT_PF);
	return stops;
}

/*
 * An address counts as lost only if the silence was shown to be the NIC's. It counts as served only
 * if the frames came without an announcement that a guest would not have made: a NIC may have
 * learned from that.
 */
static void note_inconclusive_landings(const struct nfp_style_result *style,
				       struct nfp_evidence *evidence)
{
	static const enum nfp_kind kinds[] = {NFP_KIND_UNICAST, NFP_KIND_MULTICAST};
	bool after_reannounce = false;

	nfp_for_each (step, style->steps, style->num_steps) {
		struct nfp_observation *obs = &evidence->step[step->step];
		bool taught;

		/* The VF's own frames, and another address, undo what a NIC may have learned. */
		if (step->step == NFP_STEP_VF_FIRST ||
		    (nfp_row_makes(&nfp_ladder[step->step], NFP_DO_UP) &&
		     step->w.landing[NFP_KIND_UNICAST] == NFP_LANDING_VF))
			after_reannounce = false;
		after_reannounce |= step->after_reannounce && !style->learns_nothing;
		taught = after_reannounce &&
			 (step->after_reannounce ||
			  nfp_lands_at(step->w.landing[NFP_KIND_UNICAST], NFP_AT_PF));
		if (taught)
			set_inconclusive(obs, NFP_KIND_UNICAST);
		if (step->after_rereport)
			set_inconclusive(obs, NFP_KIND_MULTICAST);
		/* `standby` is the control itself. */
		for (size_t k = 0; k < 2 && step->step > NFP_STEP_STANDBY; k++) {
			enum nfp_cause cause = NFP_CAUSE_NIC;

			if (obs->landing[kinds[k]] == NFP_LANDING_NOWHERE &&
			    evidence->shows.outside)
				cause = nfp_cause_of(style, step, kinds[k]);
			if (k == 0 && may_be_elsewhere(style, step, evidence->shows.outside))
				cause = NFP_CAUSE_UNKNOWN;
			if (cause == NFP_CAUSE_NIC ||
			    (cause == NFP_CAUSE_OUTAGE && !nfp_condemns(style, step->step)))
				continue;
			set_inconclusive(obs, kinds[k]);
			if (kinds[k] == NFP_KIND_UNICAST)
				obs->may_be_outage = cause == NFP_CAUSE_OUTAGE;
		}
	}
}

void nfp_evidence_of(const struct nfp_style_result *style, const struct nfp_shows *shows,
		     struct nfp_evidence *ret_evidence)
{
	/* A step that is absent counts as skipped without permission. */
	struct nfp_evidence evidence = {
		.shows = *shows,
		.style = style->style,
		.stopped = style->stopped,
		.address_in_use = style->address_in_use,
		.unannounced = style->unannounced,
		.all_multicast = style->all_multicast,
		.assign_refused_duplicate = refused_duplicate(style),
	};

	nfp_for_each (step, style->steps, style->num_steps) {
		evidence.step[step->step] = nfp_observe(step);
		if (step->unsettled)
			evidence.step[step->step].landing[NFP_KIND_UNICAST] = NFP_LANDING_MIXED;
		evidence.drops |= step->drops > 0;
		evidence.carrier_lost |= step->carrier_lost;
		evidence.changed |= step->changed;
		evidence.promiscuous |= step->promiscuous && step->step == NFP_STEP_CONTROL;
	}
	note_inconclusive_landings(style, &evidence);
	*ret_evidence = evidence;
}

static enum nfp_answer falls_with_driver(const struct nfp_style_result *style)
{
	const struct nfp_step_result *up = nfp_style_step(style, NFP_STEP_UP);
	const struct nfp_step_result *unplug = nfp_style_step(style, NFP_STEP_UNPLUG);

	if (!up || !up->have_bus_master || !unplug || !unplug->have_bus_master ||
	    unplug->w.status != NFP_STATUS_DONE)
		return NFP_UNKNOWN;
	return up->bus_master && !unplug->bus_master ? NFP_YES : NFP_NO;
}

void nfp_judgement_of(const struct nfp_style_result *style, const struct nfp_shows *shows,
		      struct nfp_judgement *ret_judgement)
{
	struct nfp_evidence evidence;

	nfp_evidence_of(style, shows, &evidence);
	nfp_judge(&evidence, ret_judgement);
}

void nfp_judge_style(struct nfp_style_result *style, const struct nfp_shows *shows,
		     struct nfp_judgement *ret_judgement)
{
	nfp_judgement_of(style, shows, ret_judgement);
	style->judged = (struct nfp_judged) {ret_judgement->verdict, ret_judgement->why,
					     ret_judgement->step, ret_judgement->requires};
	style->claim = ret_judgement->claim;
	style->release = ret_judgement->release;
	style->delivery = ret_judgement->delivery;
	style->multicast = ret_judgement->multicast;
	style->bus_master_falls = falls_with_driver(style);
	for (size_t i = 0; i < style->num_steps; i++)
		style->steps[i].w.answer = ret_judgement->passed[style->steps[i].step];
}

/* Does the receiver of the step get unicast and broadcast, but no multicast? */
static bool lacks_group_alone_in(const struct nfp_step_result *step)
{
	const struct nfp_observation obs = nfp_observe(step);

	return nfp_lacks_multicast(&obs, nfp_receiver_of(step->step));
}

bool nfp_unfit_by_multicast(const struct nfp_step_result *step)
{
	return step->w.answer == NFP_NO && lacks_group_alone_in(step);
}

/* ---- the styles beside each other ---- */

/* NO and YES need the other controls to show that the PF could hear. */
static enum nfp_answer gets_multicast(const struct nfp_style_result *style)
{
	const struct nfp_observation obs = nfp_observe(nfp_style_step(style, NFP_STEP_STANDBY));

	return nfp_receives(&obs, NFP_AT_PF) == NFP_YES
		       ? nfp_reaches(obs.landing[NFP_KIND_MULTICAST], NFP_AT_PF)
		       : NFP_UNKNOWN;
}

/*
 * Each ladder has a group of its own, for which a port may have no room, and whose reports may be
 * lost. So the silence of the standby is the NIC's only if the network has brought this group to
 * the VF, and the standby, served again, lacks it then as well.
 */
static bool never_gets_group(const struct nfp_style_result *style)
{
	bool brought = false, lacks = false;

	nfp_for_each (step, style->steps, style->num_steps) {
		const enum nfp_landing group = step->w.landing[NFP_KIND_MULTICAST];

		brought |= nfp_lands_at(group, NFP_AT_VF);
		if (nfp_receiver_of(step->step) != NFP_AT_PF)
			continue;
		/* While the VF is up, the PF may get what the VF has joined (filters by hash). */
		if (nfp_lands_at(group, NFP_AT_PF))
			return false;
		lacks |= brought && lacks_group_alone_in(step);
	}
	return lacks && gets_multicast(style) == NFP_NO;
}

/* Returns the style whose standby got multicast. NULL: none. */
static const struct nfp_style_result *shows_multicast(const struct nfp_vf_result *vf)
{
	const struct nfp_style_result *shown = NULL;

	nfp_for_each (style, vf->styles, vf->num_styles) {
		if (!style->derived && gets_multicast(style) == NFP_YES)
			shown = style;
	}
	return shown;
}

uint32_t nfp_compare_groups(struct nfp_vf_result *vf, const char *ifname)
{
	const struct nfp_style_result *shown = shows_multicast(vf);
	uint32_t changed = 0;

	for (size_t i = 0; i < vf->num_styles; i++) {
		struct nfp_style_result *style = &vf->styles[i];
		char port[NFP_PORT_LEN];

		style->lacks_group = shown && never_gets_group(style);
		if (!style->lacks_group)
			continue;
		changed |= 1U << i;
		style->multicast = NFP_STATE_LOST;
		snprintf(style->multicast_note, sizeof(style->multicast_note),
			 "%s does not get the group that the standby joined, although the VF does, "
			 "and it got one for a %s standby: the NIC does that, not the network",
			 nfp_port_name(style, ifname, port), nfp_style_name(shown->style));
		nfp_for_each (step, style->steps, style->num_steps) {
			if (step->w.answer == NFP_YES && lacks_group_alone_in(step))
				step->w.answer = NFP_NO;
		}
	}
	return changed;
}

/* A table of hashes that all share brings the PF the groups of others (igb_set_vf_multicasts,
 * ixgbe_set_vf_multicasts), which hides that its own are not written: bnxt_cfg_rx_mode and
 * qede_config_rx_mode return before that where an address was refused. */
bool check_group(const struct nfp_style_result *style, const struct nfp_criteria *criteria,
		 struct nfp_failed_check *ret)
{
	const bool vlan = style->guest_vlan.verdict == NFP_STATE_LOST;

	(void)criteria;
	if (!style->lacks_group)
		return false;
	ret->verdict = NFP_VERDICT_DEAF;
	snprintf(ret->reason, sizeof(ret->reason), "%s, and so IPv6 cannot find the guest; %s",
		 style->multicast_note,
		 vlan ? "its VLAN is lost as well" : "only multicast is affected");
	return true;
}

/* Multicast is lost, or arrives on a condition: macvlan_handle_frame passes a macvtap only the
 * groups that it has joined (drivers/net/macvlan.c). */
bool check_ipv6(const struct nfp_style_result *style, const struct nfp_criteria *criteria,
		struct nfp_failed_check *ret)
{
	const bool ok = style->multicast == NFP_STATE_OK, lost = style->multicast == NFP_STATE_LOST;

	if (!criteria->settings->require_ipv6 || (ok && !nfp_styles[style->style].ipv6))
		return false;
	ret->firm = true;
	ret->verdict = ok || lost ? NFP_VERDICT_DEAF : NFP_VERDICT_UNKNOWN;
	if (ok)
		snprintf(ret->reason, sizeof(ret->reason),
			 "--require ipv6: without trustGuestRxFilters a %s passes no group of the "
			 "guest, and IPv6 is lost",
			 nfp_style_name(style->style));
	else
		snprintf(ret->reason, sizeof(ret->reason), "--require ipv6: %s",
			 style->multicast_note[0] ? style->multicast_note
			 : lost			  ? "IPv6 is lost"
						  : "IPv6 was not tested");
	return true;
}
