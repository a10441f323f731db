// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * failover.c - what a result means for failover on its PF: the last line of a run. It says yes
 * where the exit status is 0, only or no where that is 1, and else that it is not known. Pure.
 */
#include "report_priv.h"

#include <string.h>

void nfp_writer_no_failover(struct nfp_writer *w, const struct nfp_report_opts *opts)
{
	if (!opts->quiet)
		nfp_writer_line(w, NFP_PLAIN, 0, 0, "This says nothing about failover.");
}

/* ---- the styles that may be used ---- */

/* "a bridge", and under which condition. */
struct way {
	const struct nfp_said *said;
	struct nfp_words needs;
};

/* Styles without a condition come first. */
static size_t find_ways(const struct nfp_answered *a, enum nfp_way way,
			struct way ways[NFP_STYLE_COUNT])
{
	size_t num = 0;

	for (int needy = 0; needy < 2; needy++) {
		for (size_t i = 0; i < a->num_styles && num < NFP_STYLE_COUNT; i++) {
			const struct nfp_said *said = &a->styles[i];

			if (said->style->is_fix || said->row.way != way)
				continue;
			ways[num] = (struct way) {.said = said};
			nfp_append_conditions(&ways[num].needs, said, true);
			num += (ways[num].needs.text[0] != '\0') == needy;
		}
	}
	return num;
}

/* "with a bridge, or with macvtap (IPv6: set trustGuestRxFilters)" */
static void append_ways(struct nfp_words *text, const struct way *ways, size_t num)
{
	for (size_t i = 0; i < num; i++) {
		bool same = i && strcmp(ways[i].needs.text, ways[i - 1].needs.text) == 0,
		     last = i + 1 == num || strcmp(ways[i].needs.text, ways[i + 1].needs.text) != 0;

		nfp_append(text,
			   !i	  ? ""
			   : same ? " or "
				  : ", or ",
			   "%s%s%s", same ? "" : "with ",
			   nfp_style_words[ways[i].said->style->style].with,
			   last ? ways[i].needs.text : "");
	}
}

/* The row of the first that is named. */
static void name(struct nfp_failover *f, struct nfp_row row)
{
	if (f->row.style == NFP_STYLE_COUNT)
		f->row = row;
}

/* "early,sticky": the verdicts that are. */
static struct nfp_words allowed_by(const struct way *ways, size_t num)
{
	struct nfp_words words = {0};
	bool is[NFP_VERDICT_COUNT] = {false};

	for (size_t i = 0; i < num; i++) {
		const enum nfp_verdict verdict = ways[i].said->style->verdict;

		if (!is[verdict])
			nfp_append(&words, ",", "%s", nfp_verdict_name(verdict));
		is[verdict] = true;
	}
	return words;
}

/* Appends the styles of one headline. */
static void add_ways(struct nfp_words *text, struct nfp_failover *f, const struct nfp_answered *a,
		     enum nfp_way way)
{
	struct way ways[NFP_STYLE_COUNT];
	struct nfp_words words = {0};
	const size_t num = find_ways(a, way, ways);

	if (!num)
		return;
	name(f, nfp_row_of(ways[0].said->style));
	if (way == NFP_WAY_BY_NO_WIRE)
		nfp_append(&words, "", "by --allow no-wire, ");
	if (way == NFP_WAY_BY_ALLOW)
		nfp_append(&words, "", "by --allow %s, ", allowed_by(ways, num).text);
	if (way == NFP_WAY_FOR_IPV4)
		nfp_append(&words, "", "for IPv4, ");
	append_ways(&words, ways, num);
	nfp_append(text, ", or ", "%s", words.text);
}

/* With a fix, where nothing does by itself. */
static void add_offer(struct nfp_words *text, struct nfp_failover *f, const struct nfp_answered *a)
{
	const struct nfp_offer *offer = nfp_has_way(a) ? NULL : nfp_best_offer(a);

	if (!offer)
		return;
	name(f, offer->advice->row);
	nfp_append(text, ", or ", "%swith %s", offer->ipv6 == NFP_STATE_LOST ? "for IPv4, " : "",
		   nfp_style_words[offer->advice->row.style].with);
	nfp_append_offer(text, offer, true);
	if (offer->ipv6 == NFP_STATE_UNPROVEN)
		nfp_append(text, "", " (IPv6 not known)");
}

/* False: there is none. */
static bool say_ways(struct nfp_failover *f, const struct nfp_answered *a, const char *begin,
		     bool in_part)
{
	struct nfp_words text = {0};

	add_ways(&text, f, a, NFP_WAY_AS_IT_IS);
	add_ways(&text, f, a, NFP_WAY_BY_NO_WIRE);
	add_ways(&text, f, a, NFP_WAY_BY_ALLOW);
	if (in_part) {
		add_offer(&text, f, a);
		add_ways(&text, f, a, NFP_WAY_BUT_VLAN);
		add_ways(&text, f, a, NFP_WAY_FOR_IPV4);
	}
	if (!text.text[0])
		return false;
	nfp_append(&f->text, "", "%s%s", begin, text.text);
	return true;
}

/* ---- what is not known ---- */

/* " with macvtap or a bridge": those that count, and are unknown, or are not. */
static struct nfp_words list_styles(const struct nfp_answered *a, bool unknown)
{
	struct nfp_strv styles = {.n = 0};
	struct nfp_words words = {0};

	nfp_for_each (said, a->styles, a->num_styles) {
		if (nfp_is_counted(said->style) && (said->row.way == NFP_WAY_UNKNOWN) == unknown)
			nfp_strv_addf(&styles, "%s", nfp_style_words[said->style->style].with);
	}
	if (styles.n)
		nfp_append(&words, "", " with %s", nfp_either(&styles).text);
	nfp_strv_fini(&styles);
	return words;
}

/* The way to know it. */
static const char *cure_of(const struct nfp_answered *a)
{
	nfp_for_each (said, a->styles, a->num_styles) {
		const enum nfp_case is = said->is;

		if (nfp_is_counted(said->style) &&
		    (is == NFP_CASE_INSIDE || is == NFP_CASE_INSIDE_ALLOWED ||
		     is == NFP_CASE_UNTESTABLE))
			return a->result->pf.no_carrier
				       ? "test from the wire, once the PF has a carrier"
			       : nfp_why_pf_silent(&a->result->pf)
				       ? "test from the wire, --from NETDEV"
				       : "test from the wire, --from arp:IP or a reflector";
	}
	return "run it again";
}

static void say_unknown(struct nfp_failover *f, const struct nfp_answered *a)
{
	const struct nfp_vf_result *vf = &a->result->vf;
	const struct nfp_words known = list_styles(a, false);

	f->answer = NFP_FAILOVER_UNKNOWN;
	nfp_append(&f->text, " ", "not known");
	if (!known.text[0] || nfp_vf_lacks_wire(vf)) {
		nfp_append(&f->text, ": ", "%s", cure_of(a));
		return;
	}
	nfp_append(&f->text, "", "%s", list_styles(a, true).text);
	if (vf->status == NFP_VF_PROBED)
		(void)say_ways(f, a, "; yes, ", false);
}

/* Where none of those that were asked for is possible. */
static const char *first_impossible(const struct nfp_answered *a)
{
	nfp_for_each (said, a->styles, a->num_styles) {
		if (said->is == NFP_CASE_NOT_POSSIBLE && !said->style->is_fix)
			return said->style->impossible_while;
	}
	return "";
}

static void say_no(struct nfp_failover *f, const struct nfp_answered *a)
{
	const struct nfp_words unknown = list_styles(a, true);
	bool untested = false;

	f->answer = NFP_FAILOVER_NO;
	if (a->result->vf.verdict == NFP_VERDICT_NOT_APPLICABLE) {
		nfp_append(&f->text, " ", "no, while %s", first_impossible(a));
		return;
	}
	nfp_append(&f->text, " ", "no%s", unknown.text[0] ? list_styles(a, false).text : "");
	nfp_for_each (offer, a->offers, a->num_offers)
		untested |= offer->serves == NFP_UNKNOWN && offer->above;
	if (untested)
		nfp_append(&f->text, ": ", "what is said above was not tested");
	if (unknown.text[0])
		nfp_append(&f->text, "; ", "not known%s: %s", unknown.text, cure_of(a));
}

/* The event that ended the run. NULL: none did. */
static const char *ending_event(const struct nfp_answered *a)
{
	const struct nfp_result *result = a->result;

	if (a->run->end)
		return a->run->end;
	if (a->run->first == nfp_first_cut_short)
		return result->vf.error.message;
	if (result->error.code != NFP_E_NONE)
		return result->error.message;
	return result->have_verdict ? NULL : "nothing was judged";
}

struct nfp_failover nfp_failover_of(const struct nfp_answered *a)
{
	const struct nfp_result *result = a->result;
	struct nfp_failover f = {.answer = NFP_FAILOVER_UNKNOWN,
				 .row = {NFP_STYLE_COUNT, NFP_STYLE_COUNT, 0}};
	const char *end = ending_event(a);

	nfp_append(&f.text, "", "Failover%s%s:", result->pf.ifname[0] ? " on " : "",
		   result->pf.ifname);
	if (!result->restored)
		nfp_append(&f.text, " ", "not known before the host is as it was");
	else if (end)
		nfp_append(&f.text, " ", "not known: %s", end);
	else if (result->exit_status == NFP_EXIT_SAFE && say_ways(&f, a, " yes, ", false))
		f.answer = NFP_FAILOVER_YES;
	else if (result->exit_status != NFP_EXIT_UNSAFE)
		say_unknown(&f, a);
	else if (say_ways(&f, a, " only ", true))
		f.answer = NFP_FAILOVER_ONLY;
	else
		say_no(&f, a);
	nfp_append(&f.text, "", ".");
	return f;
}
