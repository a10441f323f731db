// SPDX-License-Identifier: GPL-2.0-or-later
/* bridge.c - a standby behind a bridge that learns: what the bridge makes of a guest that talks;
 * and what another VF that is up makes of any standby. */
#include <stdio.h>
#include <string.h>

#include "nfprobe/verdict.h"

/* Broadcasts of one ladder that only the source heard. */
#define SHOWN_ENOUGH 3U

enum nfp_answer nfp_uplink_hears(const struct nfp_reflection *reflection)
{
	if (reflection->back)
		return NFP_YES;
	if (reflection->shown >= SHOWN_ENOUGH)
		return NFP_NO;
	if (reflection->back_before)
		return NFP_YES;
	return reflection->shown && reflection->shown_before ? NFP_NO : NFP_UNKNOWN;
}

static enum nfp_verdict judge_uplink(const enum nfp_answer hears[NFP_RECEIVER_COUNT])
{
	if (hears[NFP_AT_PF] == NFP_YES)
		return NFP_VERDICT_DEAF;
	if (hears[NFP_AT_VF] == NFP_YES)
		return NFP_VERDICT_SLOW;
	return hears[NFP_AT_PF] == NFP_NO && hears[NFP_AT_VF] == NFP_NO ? NFP_VERDICT_SAFE
									: NFP_VERDICT_UNKNOWN;
}

/* Why the verdict is that of the bridge. */
static void explain(struct nfp_style_result *style, const char *but, const char *ifname)
{
	char port[NFP_PORT_LEN], *reason = style->reason;
	const char *uplink = nfp_port_name(style, ifname, port);
	const bool vf = style->uplink_hears[NFP_AT_PF] != NFP_UNKNOWN;

	if (style->bridge_verdict == NFP_VERDICT_DEAF)
		snprintf(reason, sizeof(style->reason),
			 "%sthe bridge learns the guest at %s, which gets its own broadcasts back: "
			 "the standby is deaf as soon as the guest has sent one by it",
			 but, uplink);
	else if (style->bridge_verdict == NFP_VERDICT_SLOW)
		snprintf(reason, sizeof(style->reason),
			 "%sthe bridge learns the guest at %s, which gets what the guest sends by "
			 "its VF: from unplug on the standby is deaf until the guest sends again, "
			 "at most for the bridge's ageing time (300 s)",
			 but, uplink);
	else if (style->unannounced)
		snprintf(reason, sizeof(style->reason),
			 "%swhether the bridge learns the guest at %s is not known, since nothing "
			 "was announced; let the address be announced",
			 but, uplink);
	else
		snprintf(
			reason, sizeof(style->reason),
			"%swhether the bridge learns the guest at %s is not known: no source heard "
			"enough of what %s to tell that %s does not get it back; try a netdev as "
			"the source",
			but, uplink, vf ? "the VF sends" : "the standby sends", uplink);
}

/* A filter of which nothing is known may be as bad as any: only what is lost for good is worse. A
 * guest that is lost by a filter for multicast alone has the rest. */
static bool is_worse(enum nfp_verdict bridge, const struct nfp_style_result *filter)
{
	if (nfp_is_untestable(filter) || filter->verdict == NFP_VERDICT_NOT_APPLICABLE)
		return false;
	if (filter->verdict == NFP_VERDICT_UNKNOWN)
		return bridge == NFP_VERDICT_DEAF;
	return bridge < filter->verdict ||
	       (bridge == NFP_VERDICT_DEAF && nfp_filter_lacks_only_multicast(filter));
}

/* A VF of another guest may come up at any time. */
static void judge_company(struct nfp_style_result *style, const bool allow[NFP_VERDICT_COUNT])
{
	char but[NFP_BUT_LEN];

	if (style->beside.told.verdict != NFP_TRAIT_LOST ||
	    !nfp_may_object(style, allow[NFP_VERDICT_DEAF], is_worse(NFP_VERDICT_DEAF, style)))
		return;
	nfp_but_allowed(style, but);
	nfp_overrule(style, NFP_VERDICT_DEAF);
	style->allowed = allow[NFP_VERDICT_DEAF];
	style->by_beside = true;
	snprintf(
		style->reason, sizeof(style->reason),
		"%sframes to the standby's address no longer reached it when VF %s came up, twice, "
		"and reached it again when that VF went down: the NIC does that",
		but, style->beside.told.vf + strcspn(style->beside.told.vf, "0123456789"));
}

void nfp_judge_bridge(struct nfp_style_result *style, const char *ifname,
		      const bool allow[NFP_VERDICT_COUNT])
{
	char but[NFP_BUT_LEN];
	bool allowed;

	style->filter_verdict = style->verdict;
	style->filter_reason[0] = '\0';
	style->by_bridge = style->by_beside = false;
	judge_company(style, allow);
	style->bridge_verdict = NFP_VERDICT_NOT_APPLICABLE;
	for (int from = 0; from < NFP_RECEIVER_COUNT; from++)
		style->uplink_hears[from] = nfp_uplink_hears(&style->reflections[from]);
	if (!nfp_styles[style->style].learns || !style->num_steps)
		return;
	style->bridge_verdict = judge_uplink(style->uplink_hears);
	if (style->bridge_verdict == NFP_VERDICT_SAFE)
		return;
	allowed = allow[style->bridge_verdict] && (style->bridge_verdict != NFP_VERDICT_SLOW ||
						   style->uplink_hears[NFP_AT_PF] == NFP_NO);
	if (!nfp_may_object(style, allowed, is_worse(style->bridge_verdict, style)))
		return;
	nfp_but_allowed(style, but);
	nfp_overrule(style, style->bridge_verdict);
	style->allowed = allowed;
	style->by_bridge = true;
	style->by_beside = false;
	explain(style, but, ifname);
}

/* By a VF that was unplugged the guest has talked for certain, by a standby before as well. */
bool nfp_bridge_loses(const struct nfp_style_result *style, enum nfp_step step)
{
	bool behind_vf = step == NFP_STEP_UNPLUG || step == NFP_STEP_DETACH ||
			 step == NFP_STEP_CLEAR || step == NFP_STEP_VF_FIRST_UNPLUG ||
			 step == NFP_STEP_VF_FIRST_CLEAR;

	if (nfp_ladder[step].fit != NFP_FIT_PF)
		return false;
	return style->bridge_verdict == NFP_VERDICT_DEAF ||
	       (style->bridge_verdict == NFP_VERDICT_SLOW && behind_vf);
}

/* ---- pinned ---- */

/* A requirement that is not met is never allowed. */
static bool is_by_requirement(const struct nfp_style_result *style)
{
	return style->by == NFP_DECIDED_BY_ELSEWHERE || style->by == NFP_DECIDED_BY_HERE ||
	       style->by == NFP_DECIDED_BY_IPV6;
}

bool nfp_pin_is_due(const struct nfp_vf_result *vf, enum nfp_style style,
		    const bool allow[NFP_VERDICT_COUNT])
{
	const struct nfp_style_row *row = &nfp_styles[style];
	const struct nfp_style_result *plain = row->pinned ? nfp_vf_style(vf, row->plain) : NULL;
	struct nfp_style_result pinned;

	if (!plain || !plain->num_steps || !nfp_needs_pin(plain) || plain->allowed)
		return false;
	nfp_pin(plain, style, allow, &pinned);
	return nfp_is_accepted(&pinned) || pinned.verdict == NFP_VERDICT_SLOW ||
	       nfp_lacks_only_multicast(&pinned);
}

void nfp_pin(const struct nfp_style_result *plain, enum nfp_style style,
	     const bool allow[NFP_VERDICT_COUNT], struct nfp_style_result *ret_pinned)
{
	struct nfp_style_result pinned = *plain;

	pinned.style = style;
	pinned.derived = true;
	pinned.bridge_verdict = NFP_VERDICT_NOT_APPLICABLE;
	if (plain->by == NFP_DECIDED_BY_REACH)
		pinned.by = NFP_DECIDED_BY_STEPS;
	if (plain->by_bridge || plain->by_beside || plain->by == NFP_DECIDED_BY_REACH) {
		snprintf(pinned.reason, sizeof(pinned.reason), "%s", plain->filter_reason);
		pinned.verdict = plain->filter_verdict;
		pinned.by_bridge = pinned.by_beside = false;
		pinned.filter_reason[0] = '\0';
		pinned.allowed = allow[pinned.verdict] && !is_by_requirement(&pinned);
	}
	/* A pin moves nothing that the NIC does not bring. */
	judge_company(&pinned, allow);
	*ret_pinned = pinned;
}
