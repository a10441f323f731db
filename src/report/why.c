// SPDX-License-Identifier: GPL-2.0-or-later
/* why.c - why a style is not safe, or not known, or on which condition it is safe: in two or three
 * words, for each case. Pure. */
#include "report_priv.h"

#include <ctype.h>
#include <string.h>

struct nfp_words nfp_verdict_words(enum nfp_verdict verdict, bool allowed)
{
	struct nfp_words words = {.colour = NFP_RED};

	nfp_append(&words, "", "%s", nfp_verdict_name(verdict));
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
	else if (nfp_lacks_only_multicast(style))
		nfp_append(&text, "", "NOT SAFE (IPv4 only%s)", style->allowed ? ", allowed" : "");
	else
		nfp_append(&text, "", "NOT SAFE (%s%s)",
			   nfp_verdict_words(style->verdict, false).text,
			   style->allowed ? ", allowed" : "");
	return text;
}

/* ---- why it is not known ---- */

const struct nfp_doubt nfp_doubts[NFP_WHY_COUNT] = {
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
	[NFP_WHY_STEP_SKIPPED] = {"skipped", .in_step = true},
	[NFP_WHY_STEP_REFUSED] = {"refused", .in_step = true},
	[NFP_WHY_STEP_MIXED] = {"loss", .in_step = true, .todo = "Look for loss (ip -s link), then",
				.option = {"settle", "3"}},
	[NFP_WHY_STEP_UNPROVEN] = {"not shown to be the NIC's doing", .in_step = true,
				   .todo = "Look at the switch, or try another source",
				   .option = {"from", "arp"}},
	[NFP_WHY_STEP_OUTAGE] = {"perhaps a pause of the network", .in_step = true,
				 .todo = "Outlast pauses of the network",
				 .option = {"settle", "5"}},
	[NFP_WHY_GROUP_UNPROVEN] = {"IPv6 unknown", .in_step = true,
				    .todo = "Look at the switch (MLD snooping), then"},
	[NFP_WHY_STEP_NO_BROADCAST] = {"no broadcast", .in_step = true,
				       .todo = "Check the switch's storm control, then"},
	[NFP_WHY_VF_SILENT] = {"the VF gets nothing", .in_step = true, .disturbed = true,
			       .todo = "Check its link, VLAN and driver (dmesg), then"},
	[NFP_WHY_VF_BROADCAST_UNSHOWN] = {.todo = "Send from a netdev, or a peer, on that segment",
					  .option = {"from", "NETDEV"}},
};

void nfp_why_not_begun(struct nfp_words *words, const struct nfp_answered *a,
		       const struct nfp_said *said)
{
	(void)a, (void)said;
	nfp_append(words, "", "not begun");
}

void nfp_why_learning(struct nfp_words *words, const struct nfp_answered *a,
		      const struct nfp_said *said)
{
	(void)a, (void)said;
	nfp_append(words, "", "does the bridge learn the guest at its uplink?");
}

void nfp_why_vlan_unknown(struct nfp_words *words, const struct nfp_answered *a,
			  const struct nfp_said *said)
{
	const struct nfp_guest_vlan_result *vlan = &said->style->guest_vlan;

	(void)a;
	nfp_append(words, "", "VLAN %u %s", vlan->vid,
		   vlan->verdict == NFP_TRAIT_UNTESTED ? "untested" : "not shown");
}

const struct nfp_transition *nfp_gap_in_doubt(const struct nfp_style_result *style,
					      const struct nfp_settings *settings)
{
	if (nfp_fault_of(style) != NFP_CASE_LIMIT_UNKNOWN)
		return NULL;
	return nfp_gap_unmeasured(style, UINT64_C(1000) * settings->gap_limit_ms);
}

void nfp_why_unmeasured(struct nfp_words *words, const struct nfp_answered *a,
			const struct nfp_said *said)
{
	const struct nfp_transition *gap = nfp_gap_in_doubt(said->style, &a->result->settings);

	nfp_append(words, "", "outage at %s not measured", gap ? nfp_step_name(gap->to) : "a step");
}

void nfp_why_reach_unknown(struct nfp_words *words, const struct nfp_answered *a,
			   const struct nfp_said *said)
{
	(void)a;
	nfp_append(words, "", "%s not shown", nfp_reach_names.v[said->style->unmet]);
}

void nfp_why_demand_unknown(struct nfp_words *words, const struct nfp_answered *a,
			    const struct nfp_said *said)
{
	(void)a, (void)said;
	nfp_append(words, "", "neighbours not shown");
}

void nfp_why_untestable(struct nfp_words *words, const struct nfp_answered *a,
			const struct nfp_said *said)
{
	(void)a;
	nfp_append(words, "", "%s cannot show it", said->style->from.name);
}

/* What a control shows of a function's own filter comes before the network. */
const struct nfp_doubt *nfp_doubt_of(const struct nfp_style_result *style)
{
	static const struct nfp_doubt
		inside = {"nothing arrives even without a VF",
			  .todo = "See whether the NIC's own switch is off (bridge link), then"},
		of_port = {"deaf even without a VF: see the port's own filter",
			   .todo = "Trust the VF that is its port, if it may be promiscuous, then"};

	if (style->judged.why == NFP_WHY_STANDBY_NO_BROADCAST && nfp_is_inside(style))
		return &inside;
	if (style->judged.why == NFP_WHY_STANDBY_WIRE && nfp_styles[style->style].second_vf)
		return &of_port;
	return &nfp_doubts[style->judged.why];
}

/* By the steps of its ladder. */
void nfp_why_unknown(struct nfp_words *words, const struct nfp_answered *a,
		     const struct nfp_said *said)
{
	const struct nfp_style_result *style = said->style;
	const struct nfp_judged j = style->judged;
	const struct nfp_step_result *step = nfp_style_step(style, j.step);
	const char *doubt = nfp_doubt_of(style)->words;
	bool in_step = nfp_doubts[j.why].in_step;

	(void)a;
	if (in_step && step && step->unsettled)
		nfp_append(words, "", "still changing at %s", nfp_step_name(step->step));
	else if (in_step && j.why == NFP_WHY_STANDBY_UNKNOWN && step &&
		 !step->count[NFP_KIND_UNICAST].sent)
		nfp_append(words, "", "nothing was sent");
	else if (in_step)
		nfp_append(words, "", "%s at %s", doubt, nfp_step_name(j.step));
	else if (j.why == NFP_WHY_VF_BROADCAST_UNSHOWN)
		nfp_append(words, "", "%s shows no broadcast", style->from.name);
	else
		nfp_append(words, "", "%s", doubt ?: "");
}

/* ---- a style that is safe ---- */

/* "from VF 1 only, not the wire" */
static void append_inside(struct nfp_words *words, const char *between,
			  const struct nfp_style_result *style)
{
	if (style->from.source == NFP_SOURCE_VF)
		nfp_append(words, between, "from VF %s only, not the wire",
			   style->from.name + strcspn(style->from.name, "0123456789"));
	else
		nfp_append(words, between, "from the PF only, not the wire");
}

void nfp_why_safe(struct nfp_words *words, const struct nfp_answered *a,
		  const struct nfp_said *said)
{
	const struct nfp_style_result *style = said->style;
	const struct nfp_row row = nfp_row_of(style);

	if (style->multicast == NFP_MULTICAST_UNPROVEN)
		nfp_append(words, ", ", "IPv6 unknown");
	else if (style->multicast == NFP_MULTICAST_OK)
		nfp_append(words, ", ", "%s", nfp_condition_words(&a->advised, &row).text);
}

void nfp_why_inside(struct nfp_words *words, const struct nfp_answered *a,
		    const struct nfp_said *said)
{
	(void)a;
	nfp_append(words, "", "SAFE");
	append_inside(words, " ", said->style);
	if (said->style->multicast == NFP_MULTICAST_UNPROVEN)
		nfp_append(words, ", ", "IPv6 unknown");
}

/* ---- a style that is not ---- */

/* Why a style was left out: its port is taken, or there is none. */
void nfp_why_not_tested(struct nfp_words *words, const struct nfp_answered *a,
			const struct nfp_said *said)
{
	const struct nfp_pf_info *pf = &a->result->pf;

	if (nfp_styles[said->style->style].second_vf)
		nfp_append(words, "", "no second VF is idle");
	else
		nfp_append(words, "", "%s is promiscuous", pf->ifname);
}

/* What keeps it from being built stands before that. Where nothing else was asked, it matters what
 * the NIC does. */
void nfp_why_not_possible(struct nfp_words *words, const struct nfp_answered *a,
			  const struct nfp_said *said)
{
	for (size_t i = 0; i < a->num_styles; i++) {
		if (nfp_is_counted(a->styles[i].style))
			return;
	}
	if (nfp_nic_would_do(said->style))
		nfp_append(words, "", "the NIC itself would do");
}

/* A cure that was seen to help: "IPv4 only with fdb+pin", "SAFE once its VLAN is registered". */
static void append_fix(struct nfp_words *words, const struct nfp_style_result *style,
		       const struct nfp_advised *advised)
{
	const struct nfp_row its = nfp_row_of(style);

	for (size_t i = 0; i < advised->num_advice; i++) {
		const struct nfp_advice *a = &advised->advice[i];
		const char *fix = a->row.fix < NFP_STYLE_COUNT
					  ? nfp_name(&nfp_fix_names, a->row.fix)
					  : NULL;

		if (a->row.style != its.style || a->what != NFP_ADVISE_FIX ||
		    a->shown == NFP_SHOWN_NOT || !a->commands.len)
			continue;
		if (fix)
			nfp_append(words, "; ", "%s with %s",
				   a->group == NFP_MULTICAST_LOST ? "IPv4 only" : "SAFE", fix);
		else if (a->row.vlan)
			nfp_append(words, "; ", "SAFE once %s",
				   nfp_condition_words(advised, &a->row).text);
		return;
	}
}

/* The ways to keep it were seen to serve a guest, but for groups that were not seen to arrive. */
static void append_doubt(struct nfp_words *words, const struct nfp_style_result *style,
			 const struct nfp_advised *advised)
{
	bool open = false;

	for (size_t i = 0; i < advised->num_advice; i++) {
		const struct nfp_advice *a = &advised->advice[i];

		open |= a->row.style == nfp_row_of(style).style && !a->also && a->commands.len &&
			(a->what == NFP_ADVISE_FIX || a->what == NFP_ADVISE_KEEP) &&
			a->group == NFP_MULTICAST_UNPROVEN && a->shown != NFP_SHOWN_NOT;
	}
	if (open && !style->allowed)
		nfp_append(words, ", ", "IPv6 unknown");
}

/* It may be used all the same: then its IPv6 matters. */
static void explain_use(const struct nfp_style_result *style, enum nfp_case fault,
			struct nfp_words *words)
{
	const struct nfp_words ipv6 = nfp_ipv6_condition(style);

	if (style->allowed)
		nfp_append(words, ", ", "allowed");
	if (ipv6.text[0] && (style->allowed || fault == NFP_CASE_VLAN))
		nfp_append(words, ", ", "%s", ipv6.text);
}

void nfp_why_beside(struct nfp_words *words, const struct nfp_answered *a,
		    const struct nfp_said *said)
{
	explain_use(said->style, said->fault, words);
	append_fix(words, said->style, &a->advised);
}

void nfp_why_ipv6(struct nfp_words *words, const struct nfp_answered *a,
		  const struct nfp_said *said)
{
	const struct nfp_row row = nfp_row_of(said->style);

	nfp_append(words, "", "%s, required", nfp_condition_words(&a->advised, &row).text);
}

void nfp_why_fault(struct nfp_words *words, const struct nfp_answered *a,
		   const struct nfp_said *said)
{
	const struct nfp_style_result *style = said->style;
	const unsigned int limit_ms = a->result->settings.gap_limit_ms;
	const struct nfp_transition *longest =
		style->verdict == NFP_VERDICT_SLOW && nfp_is_by(style, NFP_DECIDED_BY_LIMIT)
			? nfp_gap_longest_over(style, UINT64_C(1000) * limit_ms)
			: NULL;
	char time[32], limit[32];
	struct nfp_row vlan;

	(void)nfp_vlan_row_of(style, &vlan);
	nfp_append(words, "", "%s",
		   nfp_lacks_only_multicast(style) && !nfp_is_by(style, NFP_DECIDED_BY_VLAN)
			   ? "IPv4 only"
			   : nfp_verdict_words(style->verdict, false).text);
	if (longest)
		nfp_append(words, ": ", "%s at %s, limit %s",
			   nfp_duration_text(longest->unicast.gap.us, time, sizeof(time)),
			   nfp_step_name(longest->to),
			   nfp_duration_text(INT64_C(1000) * limit_ms, limit, sizeof(limit)));
	if (style->by_bridge)
		nfp_append(words, ": ", "it learns the guest at its uplink");
	if (style->beside.told.verdict == NFP_TRAIT_LOST)
		nfp_append(words, ", ", "and deaf while another VF is up");
	if (said->fault == NFP_CASE_NEIGHBOURS || said->fault == NFP_CASE_HERE)
		nfp_append(words, ", ", "neighbours");
	if (nfp_is_by(style, NFP_DECIDED_BY_REACH))
		nfp_append(words, ": ", "%s", nfp_reach_names.v[style->unmet]);
	if (nfp_is_by(style, NFP_DECIDED_BY_VLAN))
		nfp_append(words, " ", "in VLAN %u%s", vlan.vlan,
			   said->fault == NFP_CASE_VLAN ? " only" : "");
	explain_use(style, said->fault, words);
	append_fix(words, style, &a->advised);
	append_doubt(words, style, &a->advised);
}
