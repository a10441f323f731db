// SPDX-License-Identifier: GPL-2.0-or-later
/* answer.c - the first line of a result: may this VF be used, and with which standby? */
#include "report_priv.h"

#include <ctype.h>
#include <signal.h>
#include <string.h>

#define LINE_COLUMNS 80

/* How an answer speaks of a style, in the order of the line. */
enum sort {
	SORT_SAFE,
	SORT_NOT_SAFE,
	SORT_UNKNOWN,
	SORT_NOT_TESTED,
};

/* One style: "SAFE", "with macvtap", " (IPv6 unknown), but MUTE". */
struct item {
	enum sort sort;
	const char *style;
	char tail[256];
	bool joined; /* it is in the line already */
};

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
	if (style->verdict == NFP_VERDICT_SAFE || style->verdict == NFP_VERDICT_NOT_APPLICABLE)
		return words;
	if (style->verdict == NFP_VERDICT_UNKNOWN)
		nfp_append(&text, "", "UNKNOWN");
	else if (nfp_is_by_ipv6(style))
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

static void explain_unknown(const struct nfp_style_result *style,
			    const struct nfp_settings *settings, struct nfp_words *words)
{
	const struct nfp_transition *gap = nfp_gap_in_doubt(style, settings);
	const struct nfp_judged j = style->judged;
	const struct nfp_step_result *step = nfp_style_step(style, j.step);
	const char *doubt = nfp_doubts[j.why].words;
	bool in_step = nfp_doubts[j.why].in_step;
	struct nfp_row vlan;
	enum nfp_trait in_vlan = nfp_vlan_row_of(style, &vlan);

	/* The verdict is that of the neighbours, or the ladder was not begun. */
	if (!style->num_steps)
		nfp_append(words, "", "not begun");
	else if (style->by_bridge)
		nfp_append(words, "", "does the bridge learn the guest at its uplink?");
	else if (nfp_is_by(style, NFP_DECIDED_BY_VLAN))
		nfp_append(words, "", "VLAN %u %s", vlan.vlan,
			   in_vlan == NFP_TRAIT_UNTESTED ? "untested" : "not shown");
	else if (gap)
		nfp_append(words, "", "outage at %s not measured", nfp_step_name(gap->to));
	else if (nfp_is_by(style, NFP_DECIDED_BY_REACH))
		nfp_append(words, "", "%s not shown", nfp_reach_names.v[style->unmet]);
	else if (j.verdict != NFP_VERDICT_UNKNOWN)
		nfp_append(words, "", "neighbours not shown");
	else if (in_step && step && step->unsettled)
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

/* ---- one style ---- */

/* A verdict that is allowed has a fault of its own beside. */
static bool is_by_alone(const struct nfp_style_result *style, enum nfp_decider by)
{
	return style->verdict != NFP_VERDICT_UNKNOWN && nfp_is_by(style, by) &&
	       style->judged.verdict == NFP_VERDICT_SAFE;
}

bool nfp_is_by_neighbours(const struct nfp_style_result *style)
{
	return is_by_alone(style, NFP_DECIDED_BY_ELSEWHERE);
}

const struct nfp_transition *nfp_gap_in_doubt(const struct nfp_style_result *style,
					      const struct nfp_settings *settings)
{
	if (style->verdict != NFP_VERDICT_UNKNOWN || style->by != NFP_DECIDED_BY_LIMIT)
		return NULL;
	return nfp_gap_unmeasured(style, UINT64_C(1000) * settings->gap_limit_ms);
}

bool nfp_is_by_here(const struct nfp_style_result *style)
{
	return is_by_alone(style, NFP_DECIDED_BY_HERE);
}

bool nfp_is_by_ipv6(const struct nfp_style_result *style)
{
	return is_by_alone(style, NFP_DECIDED_BY_IPV6) && style->multicast == NFP_MULTICAST_OK;
}

bool nfp_is_by_vlan(const struct nfp_style_result *style)
{
	return is_by_alone(style, NFP_DECIDED_BY_VLAN);
}

/* It may be used all the same: then its IPv6 matters. */
static void explain_use(const struct nfp_style_result *style, struct nfp_words *words)
{
	const struct nfp_words ipv6 = nfp_ipv6_condition(style);

	if (style->allowed)
		nfp_append(words, ", ", "allowed");
	if (ipv6.text[0] && (style->allowed || nfp_is_by_vlan(style)))
		nfp_append(words, ", ", "%s", ipv6.text);
}

static void explain_unsafe(const struct nfp_style_result *style, unsigned int limit_ms,
			   struct nfp_words *words)
{
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
	if (style->beside.verdict == NFP_TRAIT_LOST)
		nfp_append(words, ", ", "and deaf while another VF is up");
	if (nfp_is_by_neighbours(style) || nfp_is_by_here(style))
		nfp_append(words, ", ", "neighbours");
	if (nfp_is_by(style, NFP_DECIDED_BY_REACH))
		nfp_append(words, ": ", "%s", nfp_reach_names.v[style->unmet]);
	if (nfp_is_by(style, NFP_DECIDED_BY_VLAN))
		nfp_append(words, " ", "in VLAN %u%s", vlan.vlan,
			   nfp_is_by_vlan(style) ? " only" : "");
	explain_use(style, words);
}

/* Why a style was left out: its port is taken, or there is none. */
static void explain_not_tested(const struct nfp_style_result *style, const struct nfp_pf_info *pf,
			       struct nfp_words *words)
{
	if (nfp_styles[style->style].second_vf)
		nfp_append(words, "", "no second VF is idle");
	else if (pf->master[0])
		nfp_append(words, "", "%s is a port of %s", pf->ifname, pf->master);
	else
		nfp_append(words, "", "%s is promiscuous", pf->ifname);
}

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

static struct item item_of(const struct nfp_result *result, const struct nfp_style_result *style,
			   const struct nfp_advised *advised)
{
	struct nfp_words words = {0};
	struct item item = {.sort = SORT_NOT_SAFE, .style = nfp_style_words[style->style].with};
	const struct nfp_row row = nfp_row_of(style);
	const char *mute = "", *when = "";

	if (style->verdict == NFP_VERDICT_SAFE) {
		bool fallback = nfp_lacks_wire(style);

		item.sort = fallback ? SORT_UNKNOWN : SORT_SAFE;
		if (fallback) {
			nfp_append(&words, "", "SAFE");
			append_inside(&words, " ", style);
		}
		if (style->multicast == NFP_MULTICAST_UNPROVEN)
			nfp_append(&words, ", ", "IPv6 unknown");
		else if (!fallback && style->multicast == NFP_MULTICAST_OK)
			nfp_append(&words, ", ", "%s", nfp_condition_words(advised, &row).text);
		mute = style->transmit == NFP_TRANSMIT_DROPPED ? ", but MUTE" : "";
	} else if (nfp_is_untestable(style)) {
		item.sort = SORT_UNKNOWN;
		nfp_append(&words, "", "%s cannot show it", style->from.name);
	} else if (style->verdict == NFP_VERDICT_UNKNOWN) {
		item.sort = SORT_UNKNOWN;
		explain_unknown(style, &result->settings, &words);
	} else if (style->verdict == NFP_VERDICT_NOT_APPLICABLE) {
		item.sort = SORT_NOT_TESTED;
		explain_not_tested(style, &result->pf, &words);
	} else if (style->by_beside) {
		explain_use(style, &words);
		append_fix(&words, style, advised);
		when = " while another VF is up";
	} else if (nfp_is_by_ipv6(style)) {
		nfp_append(&words, "", "%s, required", nfp_condition_words(advised, &row).text);
	} else {
		explain_unsafe(style, result->settings.gap_limit_ms, &words);
		append_fix(&words, style, advised);
		append_doubt(&words, style, advised);
	}
	snprintf(item.tail, sizeof(item.tail), "%s%s%.200s%s%s", when, words.text[0] ? " (" : "",
		 words.text, words.text[0] ? ")" : "", mute);
	return item;
}

/* ---- all styles ---- */

static void append_safe_limits(struct nfp_words *line, const struct nfp_vf_result *vf)
{
	const struct nfp_style_result *safe = NULL;
	bool tested = false;

	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_style_result *style = &vf->styles[i];

		if (style->verdict != NFP_VERDICT_SAFE || style->remedy || nfp_lacks_wire(style))
			continue;
		safe = style;
		tested |= style->multicast != NFP_MULTICAST_UNTESTED &&
			  style->multicast != NFP_MULTICAST_NONE;
	}
	if (!safe)
		return;
	if (!tested)
		nfp_append(line, ", ", "IPv6 not tested%s",
			   nfp_sources[safe->from.by].shows.group ? "" : " (ARP)");
}

/* "SAFE with macvtap and with a bridge", of the item at @first and those that say the same. */
static void append_group(struct nfp_words *line, struct item *items, size_t num, size_t first)
{
	static const char *const sorts[] = {
		[SORT_SAFE] = "SAFE", [SORT_NOT_SAFE] = "NOT SAFE", [SORT_UNKNOWN] = "UNKNOWN"};
	const struct item *head = &items[first];
	const char *last = NULL;
	struct nfp_words styles = {0};

	for (size_t i = first; i < num; i++) {
		if (items[i].sort != head->sort || strcmp(items[i].tail, head->tail) != 0)
			continue;
		items[i].joined = true;
		if (last)
			nfp_append(&styles, ", ", "%s%s",
				   head->sort == SORT_NOT_TESTED ? "" : "with ", last);
		last = items[i].style;
	}
	if (head->sort == SORT_NOT_TESTED) {
		nfp_append(&styles, " and ", "%s", last);
		nfp_append(line, ", ", "%s not tested%s", styles.text, head->tail);
		return;
	}
	nfp_append(&styles, " and ", "with %s", last);
	nfp_append(line, ", ", "%s %s%s", sorts[head->sort], styles.text, head->tail);
}

/* Covers each style that counts: remedies do not. */
static void append_styles(struct nfp_words *line, const struct nfp_result *result,
			  const struct nfp_vf_result *vf, const struct nfp_advised *advised)
{
	struct item items[NFP_STYLE_COUNT];
	size_t num = 0;

	for (size_t i = 0; i < vf->num_styles && num < NFP_STYLE_COUNT; i++) {
		if (!vf->styles[i].remedy)
			items[num++] = item_of(result, &vf->styles[i], advised);
	}
	for (enum sort sort = SORT_SAFE; sort <= SORT_NOT_TESTED; sort++) {
		for (size_t i = 0; i < num; i++) {
			if (items[i].sort == sort && !items[i].joined)
				append_group(line, items, num, i);
		}
		if (sort == SORT_SAFE)
			append_safe_limits(line, vf);
	}
}

/* Are all styles that were run such? Returns the first of them; NULL: not all are. */
static const struct nfp_style_result *all_are(const struct nfp_vf_result *vf,
					      bool (*is)(const struct nfp_style_result *style))
{
	const struct nfp_style_result *first = NULL;

	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_style_result *style = &vf->styles[i];

		if (style->remedy || style->verdict == NFP_VERDICT_NOT_APPLICABLE)
			continue;
		if (!is(style))
			return NULL;
		first = first ?: style;
	}
	return first;
}

static bool nothing_arrives(const struct nfp_style_result *style)
{
	const struct nfp_step_result *standby = nfp_style_step(style, NFP_STEP_STANDBY);

	return style->verdict == NFP_VERDICT_UNKNOWN && standby &&
	       style->judged.why == NFP_WHY_STANDBY_NO_BROADCAST &&
	       standby->count[NFP_KIND_UNICAST].sent &&
	       !standby->count[NFP_KIND_UNICAST].at[NFP_AT_PF] &&
	       !standby->count[NFP_KIND_BROADCAST].at[NFP_AT_PF];
}

const struct nfp_style_result *nfp_silent_style(const struct nfp_vf_result *vf)
{
	return vf->verdict == NFP_VERDICT_UNKNOWN ? all_are(vf, nothing_arrives) : NULL;
}

static bool is_changed(const struct nfp_style_result *style)
{
	return style->verdict == NFP_VERDICT_UNKNOWN &&
	       (!style->num_steps || style->judged.why == NFP_WHY_CHANGED);
}

/* A cause that all styles share has a sentence of its own. False: there is none. */
static bool append_cause(struct nfp_words *line, const struct nfp_result *result,
			 const struct nfp_vf_result *vf)
{
	const struct nfp_style_result *silent = nfp_silent_style(vf);
	enum nfp_errcode code = vf->error.code;

	if (all_are(vf, nfp_is_by_neighbours)) {
		nfp_append(line, " ", "NOT SAFE. Neighbours cannot reach a departed guest (%s).",
			   nfp_verdict_words(vf->verdict, false).text);
		return true;
	}
	if (all_are(vf, nfp_is_by_here)) {
		nfp_append(line, " ", "NOT SAFE. Other VFs cannot reach a guest here (%s).",
			   nfp_verdict_words(vf->verdict, false).text);
		return true;
	}
	if (vf->verdict != NFP_VERDICT_UNKNOWN)
		return false;
	if (code == NFP_E_VF_TAKEN || code == NFP_E_VF_CHANGED)
		nfp_append(line, " ", "UNKNOWN. Another process changed VF %u, so the run stopped.",
			   vf->vf);
	else if (all_are(vf, is_changed))
		nfp_append(line, " ", "UNKNOWN. Another process changed the host during the run.");
	else if (silent)
		nfp_append(line, " ", "UNKNOWN. Nothing from %s reached %s, not even broadcast.",
			   silent->from.name, result->pf.ifname);
	else if (vf->status == NFP_VF_FAILED && code != NFP_E_RESTORE)
		nfp_append(line, " ", "UNKNOWN (%s).", vf->error.message);
	else
		return false;
	return true;
}

/* ---- the run ---- */

/* Says what ended the run before its verdict, or in mid-ladder. False: nothing did. */
static bool append_end(struct nfp_words *line, const struct nfp_result *result, bool probed)
{
	int status = result->exit_status;

	switch (result->error.code) {
	case NFP_E_INTERRUPTED:
		nfp_append(line, " ", "UNKNOWN. Stopped by %s after %.0f s.",
			   status == 128 + SIGINT    ? "Ctrl-C"
			   : status == 128 + SIGTERM ? "SIGTERM"
			   : status == 128 + SIGHUP  ? "SIGHUP"
						     : "a signal",
			   nfp_seconds(result->duration_ns));
		return true;
	case NFP_E_TIMEOUT:
		nfp_append(line, " ", "UNKNOWN. Stopped by --timeout after %.0f s.",
			   nfp_seconds(result->duration_ns));
		return true;
	case NFP_E_NONE:
		break;
	default:
		if (result->have_verdict || (probed && !result->restored))
			break;
		nfp_append(line, " ", "%s (%s).", probed ? "UNKNOWN" : "NOT PROBED",
			   result->error.message);
		return true;
	}
	return false;
}

static void append_answer(struct nfp_words *line, const struct nfp_result *result,
			  const struct nfp_vf_result *vf, const struct nfp_advised *advised)
{
	bool sheet = result->sheet.num_combinations > 0;
	bool probed = vf && (vf->num_styles || sheet);
	struct nfp_words styles = {0};

	if (!result->restored)
		nfp_append(line, " ", "NOT RESTORED.");
	if (append_end(line, result, probed))
		return;
	if (sheet) {
		nfp_sheet_answer(line, result);
		return;
	}
	if (probed && append_cause(line, result, vf))
		return;
	if (!probed) {
		nfp_append(line, " ", "NOT PROBED");
		if (vf && vf->error.message[0])
			nfp_append(line, " ", "(%s)", vf->error.message);
		nfp_append(line, "", ".");
		return;
	}
	append_styles(&styles, result, vf, advised);
	nfp_append(line, " ", "%s.", styles.text);
	if (nfp_vf_lacks_wire(vf))
		nfp_append(line, " ", "To ask the wire: --from arp:IP, or a reflector.");
}

struct nfp_words nfp_answer(const struct nfp_result *result, const struct nfp_advised *advised)
{
	const struct nfp_vf_result *vf = result->have_vf ? &result->vf : NULL;
	struct nfp_words answer = {0}, head = {0}, line = {0};
	const char *driver = result->pf.driver;

	append_answer(&answer, result, vf, advised);
	if (!result->pf.ifname[0])
		return answer;
	nfp_append(&head, "", "%s", result->pf.ifname);
	if (vf)
		nfp_append(&head, " ", "VF %u", vf->vf);
	nfp_append(&line, "", "%s", head.text);
	/* Behind a long answer there is no room for it. */
	if (vf && driver[0] &&
	    nfp_utf8_width(head.text) + nfp_utf8_width(driver) + nfp_utf8_width(answer.text) +
			    strlen(" (): ") <=
		    LINE_COLUMNS)
		nfp_append(&line, " ", "(%s)", driver);
	nfp_append(&line, ": ", "%s", answer.text);
	return line;
}
