// SPDX-License-Identifier: GPL-2.0-or-later
/* why.c - why a style is not safe, or not known, or on which condition it is safe: in two or three
 * words, for each case. Pure. */
#include "report_priv.h"

#include <ctype.h>
#include <string.h>

struct nfp_words nfp_verdict_words(enum nfp_verdict verdict, bool allowed)
{
	struct nfp_words words = nfp_phrase("%s", nfp_verdict_name(verdict));

	words.colour = NFP_RED;
	for (char *p = words.text; *p; p++)
		*p = (char)(*p == '-' ? ' ' : toupper((unsigned char)*p));
	if (allowed && verdict != NFP_VERDICT_SAFE)
		nfp_append(&words, " ", "(allowed)");
	if (verdict == NFP_VERDICT_SAFE)
		words.colour = NFP_GREEN;
	else if (allowed || verdict == NFP_VERDICT_UNKNOWN)
		words.colour = NFP_YELLOW;
	else if (verdict == NFP_VERDICT_NOT_APPLICABLE)
		words.colour = NFP_BOLD;
	return words;
}

const char *nfp_plainly(const char *word)
{
	if (word && (strcmp(word, "unknown") == 0 || strcmp(word, "unproven") == 0))
		return "not known";
	return word && strcmp(word, "untested") == 0 ? "not tested" : word;
}

struct nfp_words nfp_verdict_text(const struct nfp_style_result *style)
{
	struct nfp_words words = nfp_verdict_words(style->verdict, style->allowed), text = words;

	if (style->verdict == NFP_VERDICT_SAFE && nfp_is_inside(style)) {
		nfp_append(&words, " ", "(not the wire)");
		words.colour = NFP_YELLOW;
	}
	text.text[0] = '\0';
	if (nfp_is_impossible(style)) {
		text.colour = NFP_BOLD;
		nfp_append(&text, "", "NOT POSSIBLE");
		return text;
	}
	if (style->verdict == NFP_VERDICT_SAFE || style->verdict == NFP_VERDICT_NOT_APPLICABLE)
		return words;
	if (style->verdict == NFP_VERDICT_UNKNOWN)
		nfp_append(&text, "", "UNKNOWN");
	else if (nfp_fault_of(style) == NFP_CASE_IPV6)
		nfp_append(&text, "", "NOT SAFE (a condition for IPv6)");
	else if (nfp_fault_of(style) == NFP_CASE_LAG)
		nfp_append(&text, "", "NOT SAFE (LAG)");
	else if (nfp_lacks_only_multicast(style))
		nfp_append(&text, "", "NOT SAFE (IPv4 only%s)", style->allowed ? ", allowed" : "");
	else
		nfp_append(&text, "", "NOT SAFE (%s%s)",
			   nfp_verdict_words(style->verdict, false).text,
			   style->allowed ? ", allowed" : "");
	return text;
}

/* ---- why it is not known ---- */

const struct nfp_inconclusive nfp_inconclusive_words[NFP_WHY_COUNT] = {
	[NFP_WHY_STANDBY_NO_BROADCAST] = {"nothing arrives even without a VF",
					  .todo = "Check cable, switch ports and VLAN, then"},
	[NFP_WHY_STANDBY_WIRE] = {"deaf even without a VF", .todo = "Try another source of frames",
				  .option = {"from", "arp"}},
	[NFP_WHY_STANDBY_UNKNOWN] = {"loss", .in_step = true,
				     .todo = "Look for loss (ip -s link), then",
				     .option = {"settle", "3"}},
	[NFP_WHY_DROPS] = {"the host dropped frames", .disturbed = true,
			   .todo = "Make the host less busy, then", .option = {"rate", "500"}},
	[NFP_WHY_CARRIER] = {"lost carrier", .disturbed = true, .todo = "Check the link, then"},
	[NFP_WHY_CHANGED] = {"changed by another process", .disturbed = true},
	[NFP_WHY_ELSEWHERE] = {"the address is in use elsewhere", .disturbed = true,
			       .todo = "Leave --mac out, or take an address that nobody uses"},
	[NFP_WHY_PROMISCUOUS] = {"the PF is promiscuous", .disturbed = true,
				 .todo = "Undo what was left behind, then",
				 .option = {"style", "macvtap"}},
	[NFP_WHY_STOPPED] = {"stopped", .disturbed = true, .todo = "Let it finish"},
	[NFP_WHY_UNSPOKEN] = {"nothing was announced", .disturbed = true,
			      .todo = "Let the address be announced"},
	[NFP_WHY_STEP_SKIPPED] = {"skipped", .in_step = true,
				  .todo = "Find the cause in the kernel log (dmesg), then"},
	[NFP_WHY_STEP_REFUSED] = {"refused", .in_step = true,
				  .todo = "Find the cause in the kernel log (dmesg), then"},
	[NFP_WHY_STEP_MIXED] = {"loss", .in_step = true, .todo = "Look for loss (ip -s link), then",
				.option = {"settle", "3"}},
	[NFP_WHY_STEP_UNPROVEN] = {"not shown to be the NIC's doing", .in_step = true,
				   .todo = "Look at the switch, or try another source",
				   .option = {"from", "arp"}},
	[NFP_WHY_STEP_OUTAGE] = {"perhaps a pause of the network", .in_step = true,
				 .todo = "Outlast pauses of the network",
				 .option = {"settle", "5"}},
	[NFP_WHY_GROUP_UNPROVEN] = {"IPv6 not known", .in_step = true,
				    .todo = "Look at the switch (MLD snooping), then"},
	[NFP_WHY_STEP_NO_BROADCAST] = {"no broadcast", .in_step = true,
				       .todo = "Check the switch's storm control, then"},
	[NFP_WHY_VF_SILENT] = {"the VF gets nothing", .in_step = true, .disturbed = true,
			       .todo = "Check its link, VLAN and driver (dmesg), then"},
	[NFP_WHY_VF_BROADCAST_UNSHOWN] = {.todo = "Send from a netdev, or a peer, on that segment",
					  .option = {"from", "NETDEV"}},
};

void nfp_why_vlan_unknown(struct nfp_words *words, const struct nfp_said *said)
{
	const struct nfp_guest_vlan_result *vlan = &said->style->guest_vlan;

	nfp_append(words, "", "VLAN %u was %s", vlan->vid,
		   vlan->verdict == NFP_STATE_UNTESTED ? "not tested" : "not shown");
}

const struct nfp_transition *nfp_gap_inconclusive(const struct nfp_style_result *style,
						  const struct nfp_settings *settings)
{
	if (nfp_fault_of(style) != NFP_CASE_LIMIT_UNKNOWN)
		return NULL;
	return nfp_gap_unmeasured(style, UINT64_C(1000) * settings->gap_limit_ms);
}

void nfp_why_unmeasured(struct nfp_words *words, const struct nfp_said *said)
{
	const struct nfp_transition *gap = nfp_gap_inconclusive(said->style,
								&said->of->result->settings);

	nfp_append(words, "", "the outage %s was not measured",
		   gap ? nfp_at_step(gap->to).text : "at a change");
}

/* Beside a verdict that --allow accepts. */
void nfp_why_requirements_unknown(struct nfp_words *words, const struct nfp_said *said)
{
	const struct nfp_style_result *style = said->style;

	nfp_for_each (o, style->failed_checks, style->num_failed_checks) {
		if (o->check == NFP_CHECK_REQUIREMENTS)
			nfp_append(words, "", "what the guest gets %s was not shown",
				   nfp_at_step(o->step).text);
	}
}

#define FLOOD "Let the switch flood unknown unicast to its port, then"

/* A function's own filter, where a control shows it, comes before the network. */
const struct nfp_inconclusive *nfp_inconclusive_of(const struct nfp_style_result *style)
{
	static const struct nfp_inconclusive
		inside = {"nothing arrives even without a VF",
			  .todo = "See whether the NIC's own switch is off (bridge link), then"},
		inside_step = {"not shown to be the NIC's doing", .in_step = true,
			       .todo = "Try another source of frames", .option = {"from", "arp"}},
		silent_port = {"the port's own VF hears nothing",
			       .todo = "See its link state and VLAN (ip link), then"},
		of_port = {"deaf even without a VF: see the port's own filter",
			   .todo = "Trust the VF that is its port, if it may be promiscuous, then"},
		of_silent = {"deaf even without a VF, where nothing is announced", .todo = FLOOD},
		silent_step = {"not shown to be the NIC's doing", .in_step = true, .todo = FLOOD};
	const bool silent = style->pf_silent && !nfp_is_inside(style);

	if (style->judged.why == NFP_WHY_STANDBY_NO_BROADCAST && nfp_is_inside(style))
		return &inside;
	if (nfp_is_inside(style) && nfp_blames_network(style->judged.why))
		return &inside_step;
	if (style->judged.why == NFP_WHY_STANDBY_NO_BROADCAST && nfp_styles[style->style].second_vf)
		return &silent_port;
	if (style->judged.why == NFP_WHY_STANDBY_WIRE && nfp_styles[style->style].second_vf)
		return &of_port;
	/* Whatever the source, the switch may withhold what is not announced. */
	if (style->judged.why == NFP_WHY_STANDBY_WIRE && silent)
		return &of_silent;
	if (style->judged.why == NFP_WHY_STEP_UNPROVEN && silent)
		return &silent_step;
	return &nfp_inconclusive_words[style->judged.why];
}

/* By the steps of its ladder. */
void nfp_why_unknown(struct nfp_words *words, const struct nfp_said *said)
{
	const struct nfp_style_result *style = said->style;
	const struct nfp_judged j = style->judged;
	const struct nfp_step_result *step = nfp_style_step(style, j.step);
	const char *inconclusive = nfp_inconclusive_of(style)->words;
	bool in_step = nfp_inconclusive_words[j.why].in_step;

	if (in_step && step && step->unsettled)
		nfp_append(words, "", "still changing %s", nfp_at_step(step->step).text);
	else if (in_step && j.why == NFP_WHY_STANDBY_UNKNOWN && step &&
		 !step->w.count[NFP_KIND_UNICAST].sent)
		nfp_append(words, "", "nothing was sent");
	else if (in_step)
		nfp_append(words, "", "%s %s", inconclusive, nfp_at_step(j.step).text);
	else if (j.why == NFP_WHY_VF_BROADCAST_UNSHOWN)
		nfp_append(words, "", "%s shows no broadcast", style->from.name);
	else
		nfp_append(words, "", "%s", inconclusive ?: "");
}

/* ---- frames that did not come from the wire ---- */

/* "VF 1", "the PF" */
static struct nfp_words sender_of(const struct nfp_style_result *style)
{
	if (style->from.source == NFP_ENTERS_VF)
		return nfp_phrase("VF %s",
				  style->from.name + strcspn(style->from.name, "0123456789"));
	return nfp_phrase("the PF");
}

void nfp_why_untestable(struct nfp_words *words, const struct nfp_said *said)
{
	nfp_append(words, "", "frames from %s cannot show it", sender_of(said->style).text);
}

void nfp_why_inside_allowed(struct nfp_words *words, const struct nfp_said *said)
{
	nfp_append(words, "", "%s, which --allow accepts, but no frame came from the wire",
		   nfp_verdict_words(said->style->verdict, false).text);
}

/* ---- a style that is not safe ---- */

/* Why a style was left out: its port is taken, or there is none. */
void nfp_why_not_tested(struct nfp_words *words, const struct nfp_said *said)
{
	const struct nfp_pf_info *pf = &said->of->result->pf;

	if (nfp_styles[said->style->style].second_vf)
		nfp_append(words, "", "no second VF is idle");
	else
		nfp_append(words, "", "%s is promiscuous", pf->ifname);
}

/* The line has the obstacle already. Where nothing else was asked, the NIC's own verdict
 * matters. */
void nfp_why_not_possible(struct nfp_words *words, const struct nfp_said *said)
{
	nfp_for_each (other, said->of->styles, said->of->num_styles) {
		if (nfp_is_counted(other->style))
			return;
	}
	if (nfp_nic_would_do(said->style))
		nfp_append(words, "", "The NIC itself would do");
}

/* Does --allow accept what the steps show, and not what was found besides? */
static void append_uncovered(struct nfp_words *words, const struct nfp_said *said)
{
	const enum nfp_verdict steps = said->style->judged.verdict;

	if (steps != NFP_VERDICT_SAFE && steps != NFP_VERDICT_UNKNOWN && !said->style->allowed &&
	    said->of->result->settings.allow[steps])
		nfp_append(words, ", ", "which --allow %s does not cover", nfp_verdict_name(steps));
}

void nfp_why_verdict(struct nfp_words *words, const struct nfp_said *said)
{
	nfp_append(words, "", "%s", nfp_verdict_words(said->style->verdict, false).text);
}

void nfp_why_vlan(struct nfp_words *words, const struct nfp_said *said)
{
	nfp_why_verdict(words, said);
	nfp_append(words, " ", "in VLAN %u", said->style->guest_vlan.vid);
	append_uncovered(words, said);
}

/* By what was found besides the steps: its bridge, which learns, or --gap-limit. */
void nfp_why_besides(struct nfp_words *words, const struct nfp_said *said)
{
	nfp_why_verdict(words, said);
	append_uncovered(words, said);
}
