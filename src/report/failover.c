// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * failover.c - what a result means for failover on its PF: the last line of a run. It says yes
 * where the exit status is 0, only or no where that is 1, and else that it is not known. Pure.
 */
#include "report_priv.h"

#include <string.h>

static const char not_asked[] = "This says nothing about failover.";

void nfp_writer_no_failover(struct nfp_writer *w, const struct nfp_report_opts *opts)
{
	if (!opts->quiet)
		nfp_writer_line(w, NFP_PLAIN, 0, 0, "%s", not_asked);
}

/* ---- the styles that may be used as they are ---- */

/* "a bridge", and under which condition. */
struct way {
	const struct nfp_style_result *style;
	struct nfp_words needs;
};

/* A style that is printed first has its commands above; those of others are counted there. */
static const char *place_of(const struct nfp_advised *advised, const struct nfp_advice *a)
{
	return a->rank == advised->advice->rank ? "above" : "of -v";
}

static const struct nfp_advice *find(const struct nfp_advised *advised, const struct nfp_row *row,
				     enum nfp_what what)
{
	for (size_t i = 0; i < advised->num_advice; i++) {
		const struct nfp_advice *a = &advised->advice[i];

		if (nfp_row_equal(&a->row, row) && a->what == what && !a->also && a->commands.len)
			return a;
	}
	return NULL;
}

/* The same words as the first line has. */
static struct nfp_words needs_of(const struct nfp_advised *advised,
				 const struct nfp_style_result *style)
{
	static const char *const ipv6[NFP_MULTICAST_COUNT] = {
		[NFP_MULTICAST_NONE] = "IPv6 not tested",
		[NFP_MULTICAST_UNTESTED] = "IPv6 not tested",
		[NFP_MULTICAST_UNPROVEN] = "IPv6 unknown",
		[NFP_MULTICAST_LOST] = "IPv4 only",
	};
	const struct nfp_row row = nfp_row_of(style);
	const struct nfp_advice *fix = find(advised, &row, NFP_ADVISE_FIX),
				*keep = find(advised, &row, NFP_ADVISE_KEEP);
	struct nfp_words needs = {0}, words = {0};

	if (style->verdict != NFP_VERDICT_SAFE)
		words = nfp_ipv6_condition(style);
	else if (ipv6[style->multicast])
		nfp_append(&words, "", "%s", ipv6[style->multicast]);
	else
		words = nfp_condition_words(advised, &row);
	if (words.text[0])
		nfp_append(&needs, "", " (%s)", words.text);
	if (fix)
		nfp_append(&needs, "", ", after the commands %s", place_of(advised, fix));
	else if (keep)
		nfp_append(&needs, "", ", if each guest is started and migrated as %s",
			   keep->rank == advised->advice->rank ? "above" : "-v has it");
	return needs;
}

/* Those that need nothing come first. */
static size_t find_ways(const struct nfp_answered *a, enum nfp_way way,
			struct way ways[NFP_STYLE_COUNT])
{
	size_t num = 0;

	for (int needy = 0; needy < 2; needy++) {
		for (size_t i = 0; i < a->num_styles && num < NFP_STYLE_COUNT; i++) {
			const struct nfp_style_result *style = a->styles[i].style;

			if (style->remedy || a->styles[i].row.way != way)
				continue;
			ways[num] = (struct way) {style, needs_of(&a->advised, style)};
			num += (ways[num].needs.text[0] != '\0') == needy;
		}
	}
	return num;
}

/* "with a bridge, or with macvtap (IPv6: trustGuestRxFilters)" */
static void append_ways(struct nfp_words *text, const struct way *ways, size_t num)
{
	for (size_t i = 0; i < num; i++) {
		bool same = i && strcmp(ways[i].needs.text, ways[i - 1].needs.text) == 0,
		     last = i + 1 == num || strcmp(ways[i].needs.text, ways[i + 1].needs.text) != 0;

		nfp_append(text, "", "%s%s%s",
			   !i	  ? "with "
			   : same ? " or "
				  : ", or with ",
			   nfp_style_words[ways[i].style->style].with,
			   last ? ways[i].needs.text : "");
	}
}

/* False: there is none. */
static bool say_ways(struct nfp_failover *f, const struct nfp_answered *a, const char *begin)
{
	struct way safe[NFP_STYLE_COUNT], allowed[NFP_STYLE_COUNT];
	size_t num = find_ways(a, NFP_WAY_AS_IT_IS, safe),
	       num_allowed = find_ways(a, NFP_WAY_BY_ALLOW, allowed);
	struct nfp_words text = {0};

	if (!num && !num_allowed)
		return false;
	f->row = nfp_row_of(num ? safe[0].style : allowed[0].style);
	append_ways(&text, safe, num);
	if (num_allowed)
		nfp_append(&text, ", or ", "by --allow, ");
	append_ways(&text, allowed, num_allowed);
	nfp_append(&f->text, "", "%s%s", begin, text.text);
	return true;
}

/* ---- the styles that may be used with a fix ---- */

/* The row that an advice is of, as the run has seen it; where no fix was tried, the style's own. */
static const struct nfp_style_result *style_of(const struct nfp_result *result,
					       const struct nfp_row *row)
{
	const struct nfp_style_result *fix = row->fix < NFP_STYLE_COUNT
						     ? nfp_vf_style(&result->vf, row->fix)
						     : NULL;

	return fix ?: nfp_vf_style(&result->vf, row->style);
}

/* Nothing that is typed helps beside another VF; and a bridge that learns takes a pin as well. */
static bool may_be_served(const struct nfp_advised *advised, const struct nfp_style_result *style,
			  const struct nfp_advice *a)
{
	bool pinned = !nfp_needs_pin(style);

	for (size_t i = 0; i < advised->num_conditions; i++) {
		const struct nfp_condition *c = &advised->conditions[i];

		pinned |= (c->need == NFP_NEED_PIN || c->need == NFP_NEED_STATIC) &&
			  c->row.style == a->row.style && c->row.fix == a->row.fix;
	}
	return pinned && style->beside.told.verdict != NFP_TRAIT_LOST;
}

/* Does the advice of the rank at @first serve a guest? Unknown: some of it was not tested. */
static enum nfp_answer serves(const struct nfp_result *result, const struct nfp_advised *advised,
			      size_t first, enum nfp_multicast *ret_ipv6)
{
	const struct nfp_advice *a = &advised->advice[first];
	const struct nfp_style_result *style = style_of(result, &a->row);
	enum nfp_answer answer;
	struct nfp_row vlan;

	*ret_ipv6 = NFP_MULTICAST_OK;
	if ((a->what != NFP_ADVISE_FIX && a->what != NFP_ADVISE_KEEP) || !style ||
	    nfp_is_inside(style) || !may_be_served(advised, style, a))
		return NFP_NO;
	/* No fix of the style brings back the frames of the guest's VLAN. */
	if (nfp_vlan_row_of(style, &vlan) != NFP_TRAIT_OK && vlan.vlan && !a->row.vlan)
		return NFP_NO;
	answer = nfp_duties_serve(style);
	if (answer == NFP_NO)
		return NFP_NO;
	for (const unsigned int rank = a->rank;
	     a < advised->advice + advised->num_advice && a->rank == rank; a++) {
		if (!a->commands.len && !a->document.len)
			return nfp_lacks_only_multicast(style) ? NFP_YES : NFP_NO;
		/* Once it has left, it is others that lose it. */
		if (a->shown == NFP_SHOWN_NOT && a->moment != NFP_AT_ELSEWHERE)
			answer = NFP_UNKNOWN;
		if (a->group == NFP_MULTICAST_LOST || *ret_ipv6 == NFP_MULTICAST_OK)
			*ret_ipv6 = a->group;
	}
	return answer;
}

/* By the first advice that serves a guest, its IPv6 too or not. False: there is none. */
static bool say_fix(struct nfp_failover *f, const struct nfp_result *result,
		    const struct nfp_advised *advised, bool with_ipv6, bool *ret_untested)
{
	for (size_t i = 0; i < advised->num_advice; i++) {
		const struct nfp_advice *a = &advised->advice[i];
		enum nfp_multicast ipv6;
		enum nfp_answer answer;
		bool ipv4;

		if (i && a->rank == a[-1].rank)
			continue;
		answer = serves(result, advised, i, &ipv6);
		*ret_untested |= answer == NFP_UNKNOWN;
		if (answer != NFP_YES)
			continue;
		ipv4 = ipv6 == NFP_MULTICAST_LOST || !a->commands.len;
		if (ipv4 && with_ipv6)
			continue;
		f->row = a->row;
		nfp_append(&f->text, " ", "only %swith %s%s%s%s", ipv4 ? "IPv4, " : "",
			   nfp_style_words[a->row.style].with,
			   a->commands.len ? ", after the commands " : "",
			   a->commands.len ? place_of(advised, a) : "",
			   ipv6 == NFP_MULTICAST_UNPROVEN ? " (IPv6 unknown)" : "");
		return true;
	}
	return false;
}

/* A style that would do but for a guest's VLAN, or for IPv6 that has a condition. */
static bool say_part(struct nfp_failover *f, const struct nfp_answered *a)
{
	for (size_t i = 0; i < a->num_styles; i++) {
		const struct nfp_style_result *style = a->styles[i].style;
		const bool vlan = a->styles[i].row.way == NFP_WAY_BUT_VLAN;
		const char *with = nfp_style_words[style->style].with;
		const struct nfp_words ipv6 = nfp_ipv6_condition(style);

		if (style->remedy || nfp_is_inside(style) ||
		    (!vlan && a->styles[i].row.way != NFP_WAY_FOR_IPV4))
			continue;
		f->row = nfp_row_of(style);
		nfp_append(&f->text, " ", "only %swith %s%s%s%s", vlan ? "" : "IPv4, ", with,
			   ipv6.text[0] ? " (" : "", ipv6.text, ipv6.text[0] ? ")" : "");
		if (vlan)
			nfp_append(&f->text, ", ", "and not for guests with VLAN %u",
				   style->guest_vlan.vid);
		return true;
	}
	return false;
}

/* ---- what is not known ---- */

/* "with macvtap or a bridge, ": those that counted and are unknown; or not. */
static struct nfp_words list_styles(const struct nfp_answered *a, bool unknown)
{
	struct nfp_words words = {0};

	for (size_t i = 0; i < a->num_styles; i++) {
		const struct nfp_said *said = &a->styles[i];

		if (nfp_is_counted(said->style) && (said->row.way == NFP_WAY_UNKNOWN) == unknown)
			nfp_append(&words, " or ", "%s%s", words.text[0] ? "" : " with ",
				   nfp_style_words[said->style->style].with);
	}
	return words;
}

static void say_unknown(struct nfp_failover *f, const struct nfp_answered *a)
{
	const struct nfp_vf_result *vf = &a->result->vf;
	const struct nfp_words unknown = list_styles(a, true);
	const bool inside = nfp_vf_lacks_wire(vf);

	f->answer = NFP_FAILOVER_UNKNOWN;
	if (inside)
		nfp_append(&f->text, " ", "not known: test from the wire");
	else if (!unknown.text[0])
		nfp_append(&f->text, " ", "not known");
	else
		nfp_append(&f->text, " ", "not known%s",
			   list_styles(a, false).text[0] ? unknown.text : "");
	/* A cause that all share says nothing of each. */
	if (!inside && vf->status == NFP_VF_PROBED)
		(void)say_ways(f, a, "; yes, ");
}

/* Where none of those that were asked for is possible. */
static const char *first_impossible(const struct nfp_answered *a)
{
	for (size_t i = 0; i < a->num_styles; i++) {
		if (a->styles[i].is == NFP_CASE_NOT_POSSIBLE && !a->styles[i].style->remedy)
			return a->styles[i].style->impossible_while;
	}
	return "";
}

static void say_no(struct nfp_failover *f, const struct nfp_answered *a, bool untested)
{
	const struct nfp_words unknown = list_styles(a, true);

	f->answer = NFP_FAILOVER_NO;
	if (a->result->vf.verdict == NFP_VERDICT_NOT_APPLICABLE)
		nfp_append(&f->text, " ", "no, while %s", first_impossible(a));
	else if (untested)
		nfp_append(&f->text, " ", "no: the commands above were not tested");
	else if (!unknown.text[0])
		nfp_append(&f->text, " ", "no");
	else
		nfp_append(&f->text, " ", "no%s; not known%s%s", list_styles(a, false).text,
			   unknown.text,
			   nfp_vf_lacks_wire(&a->result->vf) ? ": test from the wire" : "");
}

/* The event that ended the run. NULL: none did. */
static const char *end_of(const struct nfp_answered *a)
{
	const struct nfp_result *result = a->result;

	if (a->run->end)
		return a->run->end;
	if (result->error.code != NFP_E_NONE)
		return result->error.message;
	return result->have_verdict ? NULL : "nothing was judged";
}

struct nfp_failover nfp_failover_of(const struct nfp_answered *a)
{
	const struct nfp_result *result = a->result;
	const struct nfp_advised *advised = &a->advised;
	struct nfp_failover f = {.answer = NFP_FAILOVER_UNKNOWN,
				 .row = {NFP_STYLE_COUNT, NFP_STYLE_COUNT, 0}};
	const char *end = end_of(a);
	bool untested = false;

	if (result->sheet.num_combinations) {
		f.answer = NFP_FAILOVER_NOT_ASKED;
		nfp_append(&f.text, "", "%s", not_asked);
		return f;
	}
	nfp_append(&f.text, "", "Failover%s%s:", result->pf.ifname[0] ? " on " : "",
		   result->pf.ifname);
	if (!result->restored)
		nfp_append(&f.text, " ", "not known before the host is as it was");
	else if (end)
		nfp_append(&f.text, " ", "not known: %s", end);
	else if (result->exit_status == NFP_EXIT_SAFE && say_ways(&f, a, " yes, "))
		f.answer = NFP_FAILOVER_YES;
	else if (result->exit_status != NFP_EXIT_UNSAFE)
		say_unknown(&f, a);
	else if (say_ways(&f, a, " only ") || say_fix(&f, result, advised, true, &untested) ||
		 say_fix(&f, result, advised, false, &untested) || say_part(&f, a))
		f.answer = NFP_FAILOVER_ONLY;
	else
		say_no(&f, a, untested);
	nfp_append(&f.text, "", ".");
	return f;
}
