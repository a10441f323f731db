// SPDX-License-Identifier: GPL-2.0-or-later
/* bridge.c - a standby behind a bridge that learns: what the bridge does to a guest that talks. */
#include <stdio.h>

#include "checks_priv.h"
#include "judge.h"

/* So many broadcasts of one ladder that only the source heard are proof. */
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

void nfp_judge_uplink(struct nfp_style_result *style, const struct nfp_criteria *criteria)
{
	static const enum nfp_verdict verdicts[] = {
		[NFP_NO] = NFP_VERDICT_SAFE,
		[NFP_YES] = NFP_VERDICT_DEAF,
		[NFP_UNKNOWN] = NFP_VERDICT_UNKNOWN,
	};

	for (int from = 0; from < NFP_RECEIVER_COUNT; from++)
		style->uplink_hears[from] = nfp_uplink_hears(&style->reflections[from]);
	style->bridge_verdict = nfp_styles[style->style].learns && style->num_steps
					? verdicts[style->uplink_hears[NFP_AT_PF]]
					: NFP_VERDICT_NOT_APPLICABLE;
	style->bridge_gap_ms = 0;
	/* A second VF is in no bridge yet, whose ageing time could be read. */
	if (style->bridge_verdict == NFP_VERDICT_SAFE && style->uplink_hears[NFP_AT_VF] != NFP_NO)
		style->bridge_gap_ms = criteria && criteria->have_ageing &&
						       !nfp_styles[style->style].second_vf
					       ? criteria->ageing_ms
					       : NFP_AGEING_MS;
}

/* ---- the check ---- */

/* A filter of which nothing is known may be as bad as any, so that only a loss for good is worse. A
 * guest that a filter deprives of multicast alone still has the rest to lose. */
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

static void explain_unknown(const struct nfp_style_result *style, const char *uplink,
			    char reason[NFP_REASON_LEN])
{
	if (style->bridge_verdict == NFP_VERDICT_DEAF)
		snprintf(reason, NFP_REASON_LEN,
			 "%s gets its own broadcasts back, by which the guest is learned "
			 "there, but no frame came from the wire",
			 uplink);
	else if (style->unannounced)
		snprintf(reason, NFP_REASON_LEN,
			 "whether %s gets its own broadcasts back, by which the "
			 "guest is learned there, is not known, since nothing was announced; let "
			 "the address "
			 "be announced",
			 uplink);
	else
		snprintf(reason, NFP_REASON_LEN,
			 "whether %s gets its own broadcasts back, by which the "
			 "guest is learned there, was not seen: no source heard enough of them; "
			 "try a netdev "
			 "as the source",
			 uplink);
}

/* Does --gap-limit count the gap of this bridge? */
static bool is_gap_over(const struct nfp_style_result *style, const struct nfp_criteria *criteria)
{
	const unsigned int limit_ms = criteria->settings->gap_limit_ms;

	return limit_ms && style->bridge_gap_ms > limit_ms;
}

/* Frames that stay inside the NIC say nothing about what a bridge does with frames
 * from the wire. */
static enum nfp_verdict verdict_of(const struct nfp_style_result *style, bool gap)
{
	const bool known = !nfp_is_inside(style) || style->no_wire;

	if (gap)
		return known && style->uplink_hears[NFP_AT_VF] == NFP_YES ? NFP_VERDICT_SLOW
									  : NFP_VERDICT_UNKNOWN;
	return known || style->bridge_verdict == NFP_VERDICT_SAFE ? style->bridge_verdict
								  : NFP_VERDICT_UNKNOWN;
}

/* kubevirt#1620 and harvester#9735 report guests that a bridge looks for behind its uplink, because
 * the switch of nearly every NIC brings the PF what a VF broadcasts: that makes a gap. QEMU's igb
 * also brings the PF its own broadcasts: that makes a fault of the NIC. */
bool check_bridge(const struct nfp_style_result *style, const struct nfp_criteria *criteria,
		  struct nfp_failed_check *ret)
{
	const bool gap = is_gap_over(style, criteria);
	char port[NFP_PORT_LEN];
	const char *uplink = nfp_port_name(style, criteria->ifname, port);

	if (!gap && style->bridge_verdict != NFP_VERDICT_DEAF &&
	    style->bridge_verdict != NFP_VERDICT_UNKNOWN)
		return false;
	ret->verdict = verdict_of(style, gap);
	if (gap)
		snprintf(
			ret->reason, sizeof(ret->reason),
			"the guest %s learned at %s, by what it sends by its VF: from unplug on it "
			"is lost until it sends, for up to %u s, and --gap-limit is %g s",
			ret->verdict == NFP_VERDICT_SLOW ? "is" : "may be", uplink,
			style->bridge_gap_ms / 1000, criteria->settings->gap_limit_ms / 1000.0);
	else if (ret->verdict == NFP_VERDICT_DEAF)
		snprintf(ret->reason, sizeof(ret->reason),
			 "%s gets its own broadcasts back: the standby is deaf once the guest "
			 "has sent one",
			 uplink);
	else
		explain_unknown(style, uplink, ret->reason);
	return true;
}

const struct nfp_failed_check *nfp_bridge_failed(const struct nfp_style_result *style)
{
	nfp_for_each (o, style->failed_checks, style->num_failed_checks) {
		if (o->check == NFP_CHECK_BRIDGE)
			return o;
	}
	return NULL;
}

bool nfp_needs_pin(const struct nfp_style_result *style)
{
	return style->bridge_verdict == NFP_VERDICT_DEAF ||
	       style->bridge_verdict == NFP_VERDICT_UNKNOWN || style->bridge_gap_ms;
}

/* A guest whose VF was unplugged has certainly talked by it; by a standby it has talked before as
 * well. */
enum nfp_verdict nfp_bridge_in(const struct nfp_style_result *style, enum nfp_step step)
{
	if (nfp_ladder[step].expected != NFP_EXPECTED_PF)
		return NFP_VERDICT_SAFE;
	if (style->bridge_gap_ms && nfp_phase_of(step) == NFP_PHASE_AFTER)
		return NFP_VERDICT_SLOW;
	if (style->bridge_verdict == NFP_VERDICT_NOT_APPLICABLE)
		return NFP_VERDICT_SAFE;
	return verdict_of(style, false);
}
