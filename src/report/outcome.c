// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * outcome.c - what a style is to a reader, found once from what made its verdict, and why, in a few
 * words. Pure.
 */
#include "summary_priv.h"

#include <ctype.h>
#include <string.h>

const char *const nfp_style_words[NFP_STYLE_COUNT] = {
	[NFP_STYLE_MACVTAP] = "macvtap",
	[NFP_STYLE_BRIDGE] = "a bridge",
	[NFP_STYLE_BRIDGE_PIN] = "bridge+pin",
	[NFP_STYLE_BRIDGE_FDB] = "bridge+fdb",
	[NFP_STYLE_BRIDGE_FDB_PIN] = "bridge+fdb+pin",
	[NFP_STYLE_STATIC_BRIDGE] = "static-bridge",
	[NFP_STYLE_VF_BRIDGE] = "vf-bridge",
	[NFP_STYLE_VF_BRIDGE_PIN] = "vf-bridge+pin",
};

struct nfp_words nfp_either(uint32_t styles)
{
	uint32_t left = styles, pins = 0;
	struct nfp_words words = {0};

	for (enum nfp_style s = 0; s < NFP_STYLE_COUNT; s++) {
		const uint32_t plain = NFP_STYLE_BIT(nfp_styles[s].plain);

		if (nfp_styles[s].pinned && left & NFP_STYLE_BIT(s) && left & plain) {
			left &= ~NFP_STYLE_BIT(s);
			pins |= plain;
		}
	}
	for (enum nfp_style s = 0; s < NFP_STYLE_COUNT; s++) {
		if (!(left & NFP_STYLE_BIT(s)))
			continue;
		left &= ~NFP_STYLE_BIT(s);
		nfp_append(&words, left ? ", " : " or ", "%s%s", nfp_style_words[s],
			   pins & NFP_STYLE_BIT(s) ? "[+pin]" : "");
	}
	return words;
}

/* ---- rows ---- */

struct nfp_row nfp_row_of(const struct nfp_style_result *style)
{
	return (struct nfp_row) {.style = nfp_asked_style(style->style, style->is_fix),
				 .fix = style->is_fix ? style->style : NFP_STYLE_COUNT};
}

bool nfp_row_equal(const struct nfp_row *a, const struct nfp_row *b)
{
	return a->style == b->style && a->fix == b->fix && a->vlan == b->vlan;
}

enum nfp_check_state nfp_vlan_row_of(const struct nfp_style_result *style, struct nfp_row *ret_row)
{
	*ret_row = nfp_row_of(style);
	ret_row->vlan = style->guest_vlan.vid;
	return ret_row->vlan ? style->guest_vlan.verdict : NFP_STATE_NONE;
}

/* ---- the outcome ---- */

bool nfp_is_counted(const struct nfp_style_result *style)
{
	return !style->is_fix && style->verdict != NFP_VERDICT_NOT_APPLICABLE;
}

bool nfp_is_usable(enum nfp_outcome outcome)
{
	return outcome != NFP_OUTCOME_UNSET && outcome < NFP_OUTCOME_FAULT;
}

/* Is nothing else wrong with it? A verdict that is allowed also has a fault of its own. */
static bool is_by_alone(const struct nfp_style_result *style, enum nfp_check by)
{
	return nfp_is_by(style, by) && style->num_failed_checks == 1;
}

/* Frames from inside the NIC cannot show the style, or show all but what its bridge does. */
static bool is_open_inside(const struct nfp_style_result *style)
{
	return nfp_is_inside(style) && !style->no_wire &&
	       (nfp_is_untestable(style) ||
		(style->by_bridge && style->filter_verdict == NFP_VERDICT_SAFE));
}

enum nfp_outcome nfp_fault_of(const struct nfp_style_result *style)
{
	if (style->verdict == NFP_VERDICT_SAFE || nfp_is_by(style, NFP_CHECK_WIRE))
		return NFP_OUTCOME_SAFE;
	if (nfp_is_by(style, NFP_CHECK_LAG))
		return NFP_OUTCOME_LAG;
	if (nfp_is_impossible(style))
		return NFP_OUTCOME_NOT_POSSIBLE;
	if (style->verdict == NFP_VERDICT_NOT_APPLICABLE)
		return NFP_OUTCOME_NOT_TESTED;
	if (style->verdict == NFP_VERDICT_UNKNOWN)
		return is_open_inside(style) ? NFP_OUTCOME_INSIDE : NFP_OUTCOME_UNKNOWN;
	/* Frames from inside the NIC make nothing safe, not even for IPv4 alone. */
	if (is_by_alone(style, NFP_CHECK_IPV6) && style->multicast == NFP_STATE_OK &&
	    (!nfp_is_inside(style) || style->no_wire))
		return NFP_OUTCOME_IPV6;
	if (is_by_alone(style, NFP_CHECK_VLAN))
		return NFP_OUTCOME_VLAN;
	if (nfp_lacks_only_multicast(style) && !nfp_is_inside(style) &&
	    !nfp_is_by(style, NFP_CHECK_REQUIREMENTS))
		return NFP_OUTCOME_IPV4_ONLY;
	return NFP_OUTCOME_FAULT;
}

enum nfp_outcome nfp_outcome_of(const struct nfp_style_result *style)
{
	const enum nfp_outcome fault = nfp_fault_of(style);

	if (nfp_lacks_wire(style))
		return NFP_OUTCOME_INSIDE;
	if (style->no_wire && fault == NFP_OUTCOME_SAFE)
		return NFP_OUTCOME_NO_WIRE;
	return fault != NFP_OUTCOME_SAFE && style->allowed ? NFP_OUTCOME_ALLOWED : fault;
}

static bool is_silent(const struct nfp_style_result *style)
{
	const struct nfp_step_result *standby = nfp_style_step(style, NFP_STEP_STANDBY);

	/* The PF has heard the source, but it is not the port of a standby on a second VF. */
	return nfp_outcome_of(style) == NFP_OUTCOME_UNKNOWN && standby &&
	       !nfp_styles[style->style].second_vf &&
	       style->judged.why == NFP_WHY_STANDBY_NO_BROADCAST &&
	       standby->w.count[NFP_KIND_UNICAST].sent &&
	       !standby->w.count[NFP_KIND_UNICAST].at[NFP_AT_PF] &&
	       !standby->w.count[NFP_KIND_BROADCAST].at[NFP_AT_PF];
}

const struct nfp_style_result *nfp_silent_style(const struct nfp_vf_result *vf)
{
	const struct nfp_style_result *first = NULL;

	nfp_for_each (style, vf->styles, vf->num_styles) {
		if (nfp_is_counted(style) && !is_silent(style))
			return NULL;
		if (nfp_is_counted(style) && !first)
			first = style;
	}
	return vf->verdict == NFP_VERDICT_UNKNOWN ? first : NULL;
}

/* ---- verdicts as words ---- */

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
	if (!nfp_is_fault(style->verdict))
		return words;
	nfp_append(&text, "", "NOT SAFE (%s%s)", nfp_why_unsafe(NULL, style).text,
		   style->allowed ? ", allowed" : "");
	return text;
}

/* ---- why it is not safe ---- */

struct nfp_words nfp_why_unsafe(const struct nfp_result *result,
				const struct nfp_style_result *style)
{
	const enum nfp_verdict steps = style->judged.verdict;
	const struct nfp_failed_check *bridge = nfp_bridge_failed(style);
	struct nfp_words words = nfp_verdict_words(style->verdict, false);

	switch (nfp_fault_of(style)) {
	case NFP_OUTCOME_LAG:
		return nfp_phrase("LAG");
	case NFP_OUTCOME_IPV4_ONLY:
		return nfp_phrase("IPv4 only");
	case NFP_OUTCOME_IPV6:
		return nfp_phrase("IPv6 has a condition");
	default:
		break;
	}
	if (nfp_is_by(style, NFP_CHECK_VLAN))
		nfp_append(&words, " ", "in VLAN %u", style->guest_vlan.vid);
	if (bridge && style->by_bridge && style->verdict == NFP_VERDICT_SLOW)
		nfp_append(&words, ", ", "up to %u s", style->bridge_gap_ms / 1000);
	/* --allow accepts what the steps show, and not what was found beyond that. */
	if (result && steps != NFP_VERDICT_SAFE && steps != NFP_VERDICT_UNKNOWN &&
	    !style->allowed && result->settings.allow[steps]) {
		const struct nfp_words own = words;

		words = nfp_phrase("%s, which --allow accepts, and %s, which it does not",
				   nfp_verdict_words(steps, false).text, own.text);
	}
	return words;
}

/* ---- why it is not known ---- */

#define FLOOD "Let the switch flood unknown unicast to its port, then"

static const struct nfp_inconclusive reasons[NFP_WHY_COUNT] = {
	[NFP_WHY_STANDBY_UNTESTABLE] = {"no frame from inside the NIC arrives even without a VF",
					.todo = "Try another source of frames",
					.option = {"from", "arp"}},
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
	[NFP_WHY_ELSEWHERE] = {"another station has the address", .disturbed = true,
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
					  .option = {"from", "PORT"}},
};

/* A function's own filter, where a control shows it, comes before the network. */
const struct nfp_inconclusive *nfp_why_inconclusive(const struct nfp_style_result *style)
{
	static const struct nfp_inconclusive
		inside = {"nothing arrives even without a VF",
			  .todo = "See whether the NIC's own switch is off (bridge link), then"},
		inside_step = {"not shown to be the NIC's doing", .in_step = true,
			       .todo = "Try another source of frames", .option = {"from", "arp"}},
		silent_port = {"the port's own VF hears nothing",
			       .todo = "See its link state and VLAN (ip link), then"},
		of_port = {"deaf even without a VF: see the port's own filter", .trusts_port = true,
			   .todo = "Trust the VF that is its port, if it may be promiscuous, then"},
		of_silent = {"deaf even without a VF, where nothing is announced", .todo = FLOOD},
		silent_step = {"not shown to be the NIC's doing", .in_step = true, .todo = FLOOD},
		bridge = {.todo = "From a netdev of this host, which hears what it sends",
			  .option = {"from", "PORT"}};
	const bool second_vf = nfp_styles[style->style].second_vf;
	const bool silent = style->pf_silent && !nfp_is_inside(style);
	const enum nfp_reason why = style->judged.why;

	if (style->by_bridge && !style->unannounced)
		return &bridge;
	if (why == NFP_WHY_STANDBY_NO_BROADCAST && nfp_is_inside(style))
		return &inside;
	if (nfp_is_inside(style) && nfp_blames_network(why))
		return &inside_step;
	if (why == NFP_WHY_STANDBY_NO_BROADCAST && second_vf)
		return &silent_port;
	if (why == NFP_WHY_STANDBY_WIRE && second_vf)
		return &of_port;
	/* The switch may withhold what is not announced, whatever the source. */
	if (why == NFP_WHY_STANDBY_WIRE && silent)
		return &of_silent;
	if (why == NFP_WHY_STEP_UNPROVEN && silent)
		return &silent_step;
	return &reasons[why];
}

const struct nfp_transition *nfp_gap_unknown(const struct nfp_style_result *style,
					     const struct nfp_settings *settings)
{
	if (style->verdict != NFP_VERDICT_UNKNOWN || !nfp_is_by(style, NFP_CHECK_LIMIT))
		return NULL;
	return nfp_gap_unmeasured(style, UINT64_C(1000) * settings->gap_limit_ms);
}

/* Returns the requirement that was not shown. NULL: the steps are not known. */
static const char *unknown_besides(const struct nfp_style_result *style, struct nfp_words *buf,
				   const struct nfp_result *result)
{
	const struct nfp_transition *gap = nfp_gap_unknown(style, &result->settings);
	char port[NFP_PORT_LEN];

	if (!style->num_steps)
		return "not begun";
	if (style->by_bridge)
		*buf = style->bridge_gap_ms
			       ? nfp_phrase("whether its bridge loses a guest for too long")
			       : nfp_phrase("whether %s hears its own broadcasts was not seen",
					    nfp_port_name(style, result->pf.ifname, port));
	else if (nfp_is_by(style, NFP_CHECK_VLAN))
		*buf = nfp_phrase("VLAN %u was %s", style->guest_vlan.vid,
				  style->guest_vlan.verdict == NFP_STATE_UNTESTED ? "not tested"
										  : "not shown");
	else if (nfp_is_by(style, NFP_CHECK_LIMIT))
		*buf = nfp_phrase("the outage %s was not measured",
				  gap ? nfp_step_place(gap->to) : "at a change");
	else if (nfp_is_by(style, NFP_CHECK_REQUIREMENTS))
		nfp_for_each (o, style->failed_checks, style->num_failed_checks) {
			if (o->check == NFP_CHECK_REQUIREMENTS)
				*buf = nfp_phrase("what the guest gets %s was not shown",
						  nfp_step_place(o->step));
		}
	else if (style->judged.verdict != NFP_VERDICT_UNKNOWN)
		return "what --require asks for was not shown";
	else
		return NULL;
	return buf->text;
}

struct nfp_words nfp_why_unknown(const struct nfp_result *result,
				 const struct nfp_style_result *style)
{
	const struct nfp_judged j = style->judged;
	const struct nfp_step_result *step = nfp_style_step(style, j.step);
	const struct nfp_inconclusive *why = nfp_why_inconclusive(style);
	struct nfp_words buf = {0};
	const char *besides = unknown_besides(style, &buf, result);
	const bool in_step = reasons[j.why].in_step;

	if (besides)
		return nfp_phrase("%s", besides);
	if (in_step && step && step->unsettled)
		return nfp_phrase("still changing %s", nfp_step_place(step->step));
	if (in_step && j.why == NFP_WHY_STANDBY_UNKNOWN && step &&
	    !step->w.count[NFP_KIND_UNICAST].sent)
		return nfp_phrase("nothing was sent");
	if (in_step)
		return nfp_phrase("%s %s", why->words, nfp_step_place(j.step));
	if (j.why == NFP_WHY_VF_BROADCAST_UNSHOWN)
		return nfp_phrase("%s shows no broadcast", style->from.name);
	return nfp_phrase("%s", why->words ?: "");
}
