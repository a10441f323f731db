// SPDX-License-Identifier: GPL-2.0-or-later
/* offer.c - what the advice of a rank brings about: is a guest served with it, and how much of it
 * is to be typed? Pure. */
#include "report_priv.h"

/* The row that an advice is about, as the run has seen it. Where no fix was tried: the row of the
 * style itself. */
static const struct nfp_style_result *style_of(const struct nfp_result *result,
					       const struct nfp_row *row)
{
	const struct nfp_style_result *fix = row->fix < NFP_STYLE_COUNT
						     ? nfp_vf_style(&result->vf, row->fix)
						     : NULL;

	return fix ?: nfp_vf_style(&result->vf, row->style);
}

/* A bridge that learns also needs a pin. */
static bool may_be_served(const struct nfp_advised *advised, const struct nfp_style_result *style,
			  const struct nfp_row *row)
{
	bool pinned = !nfp_needs_pin(style);

	nfp_for_each (c, advised->conditions, advised->num_conditions) {
		pinned |= (c->need == NFP_NEED_PIN || c->need == NFP_NEED_STATIC) &&
			  c->row.style == row->style && c->row.fix == row->fix;
	}
	return pinned;
}

/* The row with the pin that a bridge which learns needs. Where none was judged: @style. */
static const struct nfp_style_result *pinned_of(const struct nfp_result *result,
						const struct nfp_style_result *style)
{
	for (size_t i = 0; i < result->vf.num_styles && nfp_needs_pin(style); i++) {
		const struct nfp_style_row *row = &nfp_styles[result->vf.styles[i].style];

		if (row->pinned && row->plain == style->style)
			return &result->vf.styles[i];
	}
	return style;
}

/* A requirement that no requirement of the host brings about is met by no command. */
static bool lacks_required(const struct nfp_style_result *style)
{
	nfp_for_each (o, style->failed_checks, style->num_failed_checks) {
		if (o->firm && !o->requires && o->check != NFP_CHECK_BRIDGE)
			return true;
	}
	return false;
}

/* Does it serve a guest? Unknown: some of it was not tested. */
static enum nfp_answer serves(const struct nfp_answered *a, const struct nfp_offer *offer)
{
	const struct nfp_row *row = &offer->advice->row;
	const struct nfp_style_result *style = style_of(a->result, row);
	enum nfp_answer answer;
	struct nfp_row vlan;

	if (!style || nfp_is_inside(style) || !may_be_served(&a->advised, style, row) ||
	    lacks_required(pinned_of(a->result, style)))
		return NFP_NO;
	/* No fix of the style brings back the frames of the guest's VLAN. */
	if (nfp_vlan_row_of(style, &vlan) != NFP_STATE_OK && vlan.vlan && !row->vlan)
		return NFP_NO;
	answer = nfp_requirements_serve(style);
	for (size_t i = 0; i < offer->num && answer != NFP_NO; i++) {
		const struct nfp_advice *one = &offer->advice[i];

		if (!one->commands.len && !one->document.len)
			return nfp_lacks_only_multicast(style) ? NFP_YES : NFP_NO;
		/* Once it has left, it is others that lose it. */
		if (one->shown == NFP_SHOWN_NOT && one->moment != NFP_MOMENT_ELSEWHERE)
			answer = NFP_UNKNOWN;
	}
	return answer;
}

static struct nfp_offer offer_at(const struct nfp_answered *a, size_t first)
{
	const struct nfp_advice *advice = &a->advised.advice[first];
	struct nfp_offer offer = {
		.advice = advice,
		.above = advice->rank == a->advised.advice->rank,
		.ipv6 = NFP_STATE_OK,
	};

	for (size_t i = first;
	     i < a->advised.num_advice && a->advised.advice[i].rank == advice->rank; i++) {
		const struct nfp_advice *one = &a->advised.advice[i];

		offer.num++;
		offer.requirements |= one->what == NFP_ADVISE_KEEP && one->commands.len;
		if (one->group == NFP_STATE_LOST || offer.ipv6 == NFP_STATE_OK)
			offer.ipv6 = one->group;
	}
	offer.commands = nfp_advice_commands(advice, offer.num);
	if (!advice->commands.len)
		offer.ipv6 = NFP_STATE_LOST;
	offer.serves = serves(a, &offer);
	if (offer.requirements && offer.serves != NFP_NO) {
		enum nfp_check_state group =
			nfp_requirements_leave_group(style_of(a->result, &advice->row));

		if (group == NFP_STATE_LOST || offer.ipv6 == NFP_STATE_OK)
			offer.ipv6 = group;
	}
	return offer;
}

void nfp_offers_of(struct nfp_answered *a)
{
	for (size_t i = 0; i < a->advised.num_advice && a->num_offers < NFP_OFFER_MAX; i++) {
		const struct nfp_advice *advice = &a->advised.advice[i];

		if ((i && advice->rank == advice[-1].rank) || advice->also ||
		    (advice->what != NFP_ADVISE_FIX && advice->what != NFP_ADVISE_KEEP))
			continue;
		a->offers[a->num_offers++] = offer_at(a, i);
	}
}

const struct nfp_offer *nfp_offer_of(const struct nfp_answered *a, const struct nfp_row *row)
{
	nfp_for_each (offer, a->offers, a->num_offers) {
		if (nfp_row_equal(&offer->advice->row, row))
			return offer;
	}
	return NULL;
}

bool nfp_is_helped(const struct nfp_answered *a, const struct nfp_style_result *style)
{
	nfp_for_each (offer, a->offers, a->num_offers) {
		const struct nfp_row *row = &offer->advice->row;

		if (row->style == style->style && !row->vlan && offer->serves == NFP_YES)
			return true;
	}
	return false;
}

const struct nfp_offer *nfp_best_offer(const struct nfp_answered *a)
{
	const struct nfp_offer *ipv4 = NULL;

	nfp_for_each (offer, a->offers, a->num_offers) {
		/* A VLAN's offer is beside a style that serves all others. */
		if (offer->serves != NFP_YES || offer->advice->row.vlan)
			continue;
		if (offer->ipv6 != NFP_STATE_LOST)
			return offer;
		ipv4 = ipv4 ?: offer;
	}
	return ipv4;
}

bool nfp_is_way(enum nfp_way way)
{
	return way == NFP_WAY_AS_IT_IS || way == NFP_WAY_BY_NO_WIRE || way == NFP_WAY_BY_ALLOW ||
	       way == NFP_WAY_FOR_IPV4 || way == NFP_WAY_BUT_VLAN;
}

bool nfp_has_way(const struct nfp_answered *a)
{
	nfp_for_each (said, a->styles, a->num_styles) {
		const enum nfp_way way = said->row.way;

		if (!said->style->is_fix && (way == NFP_WAY_AS_IT_IS || way == NFP_WAY_BY_NO_WIRE ||
					     way == NFP_WAY_BY_ALLOW))
			return true;
	}
	return false;
}

/* ---- in words ---- */

struct nfp_words nfp_either(const struct nfp_strv *names)
{
	struct nfp_words words = {0};

	for (size_t i = 0; i < names->n; i++)
		nfp_append(&words, i + 1 < names->n ? ", " : " or ", "%s", names->v[i]);
	return words;
}

static struct nfp_words commands_of(const struct nfp_offer *offer, bool last)
{
	struct nfp_words words = {0};

	nfp_append(&words, "", "%s", last ? "the " : "");
	if (!last || offer->commands > 1)
		nfp_append(&words, "", "%zu ", offer->commands);
	nfp_append(&words, "", "command%s%s", offer->commands == 1 ? "" : "s",
		   !last	  ? ""
		   : offer->above ? " above"
				  : " of -v");
	return words;
}

void nfp_append_offer(struct nfp_words *words, const struct nfp_offer *offer, bool last)
{
	if (offer->requirements && last)
		nfp_append(words, "", ", if each guest starts and migrates as %s",
			   offer->above ? "above" : "-v has it");
	else if (!offer->requirements && offer->commands)
		nfp_append(words, "", " and %s", commands_of(offer, last).text);
}

/* Is a guest with the VLAN of --guest-vlan served with that of the VLAN's row? */
static bool is_vlan_cured(const struct nfp_said *said)
{
	struct nfp_row row = nfp_row_of(said->style);
	const struct nfp_offer *offer;

	row.vlan = said->style->guest_vlan.vid;
	offer = row.vlan ? nfp_offer_of(said->of, &row) : NULL;
	return offer && offer->serves == NFP_YES && offer->commands;
}

static bool is_safe(enum nfp_case is)
{
	return is == NFP_CASE_SAFE || is == NFP_CASE_NO_WIRE || is == NFP_CASE_IPV6;
}

/* The pin of a bridge is its condition, which the line has. */
static bool is_counted(const struct nfp_said *said, const struct nfp_offer *offer)
{
	return !is_safe(said->is) ||
	       offer->commands > (nfp_pin_condition(said->style).text[0] ? 1 : 0);
}

static struct nfp_words condition_of(const struct nfp_said *said)
{
	static const char *const ipv6[NFP_STATE_COUNT] = {
		[NFP_STATE_NONE] = "IPv6 not tested",
		[NFP_STATE_UNTESTED] = "IPv6 not tested",
		[NFP_STATE_UNPROVEN] = "IPv6 not known",
		[NFP_STATE_LOST] = "IPv4 only",
	};
	const struct nfp_style_result *style = said->style;
	const struct nfp_row row = nfp_row_of(style);
	struct nfp_words words = {0};

	if (ipv6[style->multicast])
		nfp_append(&words, "", "%s", ipv6[style->multicast]);
	else if (said->is != NFP_CASE_SAFE)
		words = nfp_ipv6_condition(style);
	else
		words = nfp_condition_words(&said->of->advised, &row);
	if (nfp_pin_condition(style).text[0] && is_safe(said->is))
		nfp_append(&words, "; ", "%s", nfp_pin_condition(style).text);
	if (said->is == NFP_CASE_IPV6)
		nfp_append(&words, ", ", "which no run sees");
	return words;
}

void nfp_append_conditions(struct nfp_words *words, const struct nfp_said *said, bool last)
{
	const struct nfp_words condition = condition_of(said);
	struct nfp_row row = nfp_row_of(said->style);
	const struct nfp_offer *offer = nfp_offer_of(said->of, &row);

	if (condition.text[0])
		nfp_append(words, "", " (%s)", condition.text);
	/* No command makes safe what --allow accepts. */
	if (offer && (last || said->is != NFP_CASE_ALLOWED) && is_counted(said, offer))
		nfp_append_offer(words, offer, last);
	if (said->is != NFP_CASE_VLAN)
		return;
	row.vlan = said->style->guest_vlan.vid;
	if (is_vlan_cured(said))
		nfp_append(words, "", ", and with %s for guests with VLAN %u",
			   commands_of(nfp_offer_of(said->of, &row), last).text, row.vlan);
	else
		nfp_append(words, "", ", but not for guests with VLAN %u", row.vlan);
}
