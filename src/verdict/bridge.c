// SPDX-License-Identifier: GPL-2.0-or-later
/* bridge.c - a standby behind a bridge that learns: what the bridge makes of a guest that talks. */
#include <stdio.h>

#include "checks_priv.h"

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

/* The bridge learns, and that has consequences. */
static void explain_bridge(const struct nfp_style_result *style, const char *ifname,
			   char reason[NFP_REASON_LEN])
{
	char port[NFP_PORT_LEN];
	const char *uplink = nfp_port_name(style, ifname, port);
	const bool vf = style->uplink_hears[NFP_AT_PF] != NFP_UNKNOWN;

	if (style->bridge_verdict == NFP_VERDICT_DEAF)
		snprintf(reason, NFP_REASON_LEN,
			 "the bridge learns the guest at %s, which gets its own broadcasts back: "
			 "the standby is deaf as soon as the guest has sent one by it",
			 uplink);
	else if (style->bridge_verdict == NFP_VERDICT_SLOW)
		snprintf(reason, NFP_REASON_LEN,
			 "the bridge learns the guest at %s, which gets what the guest sends by "
			 "its VF: from unplug on the standby is deaf until the guest sends again, "
			 "at most for the bridge's ageing time (300 s)",
			 uplink);
	else if (style->unannounced)
		snprintf(reason, NFP_REASON_LEN,
			 "whether the bridge learns the guest at %s is not known, since nothing "
			 "was announced; let the address be announced",
			 uplink);
	else
		snprintf(reason, NFP_REASON_LEN,
			 "whether the bridge learns the guest at %s is not known: no source heard "
			 "enough of what %s to tell that %s does not get it back; try a netdev as "
			 "the source",
			 uplink, vf ? "the VF sends" : "the standby sends", uplink);
}

void nfp_judge_uplink(struct nfp_style_result *style)
{
	for (int from = 0; from < NFP_RECEIVER_COUNT; from++)
		style->uplink_hears[from] = nfp_uplink_hears(&style->reflections[from]);
	style->bridge_verdict = nfp_styles[style->style].learns && style->num_steps
					? judge_uplink(style->uplink_hears)
					: NFP_VERDICT_NOT_APPLICABLE;
}

/* ---- failed checks ---- */

/* A filter of which nothing is known may be as bad as any: only what is lost for good is worse. A
 * guest that is lost by a filter for multicast alone has the rest. */
bool bridge_check_is_worse(const struct nfp_style_result *style,
			   const struct nfp_failed_check *failed)
{
	const bool deaf = failed->verdict == NFP_VERDICT_DEAF;

	if (nfp_is_untestable(style) || style->verdict == NFP_VERDICT_NOT_APPLICABLE)
		return false;
	if (style->verdict == NFP_VERDICT_UNKNOWN)
		return deaf;
	return failed->verdict < style->verdict || (deaf && nfp_filter_lacks_only_multicast(style));
}

/* kubevirt#1620 and harvester#9735 report guests that a bridge looks for behind its uplink, as the
 * switch of nearly every NIC brings the PF what a VF broadcasts; QEMU's igb brings it its own as
 * well. A bridge that may be worse than SLOW is not allowed as SLOW. */
bool check_bridge(const struct nfp_style_result *style, const struct nfp_criteria *criteria,
		  struct nfp_failed_check *ret)
{
	ret->verdict = style->bridge_verdict;
	if (!nfp_needs_pin(style))
		return false;
	ret->firm = ret->verdict == NFP_VERDICT_SLOW && style->uplink_hears[NFP_AT_PF] != NFP_NO;
	explain_bridge(style, criteria->ifname, ret->reason);
	return true;
}

/* By a VF that was unplugged the guest has talked for certain, by a standby before as well. */
bool nfp_bridge_loses(const struct nfp_style_result *style, enum nfp_step step)
{
	if (nfp_ladder[step].expected != NFP_EXPECTED_PF)
		return false;
	return style->bridge_verdict == NFP_VERDICT_DEAF ||
	       (style->bridge_verdict == NFP_VERDICT_SLOW && nfp_phase_of(step) == NFP_PHASE_AFTER);
}
