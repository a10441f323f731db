// SPDX-License-Identifier: GPL-2.0-or-later
/* failover.c - what a result means for failover on its PF: the last line of a run. Pure. */
#include "report_priv.h"

static const char not_asked[] = "This says nothing about failover.";

void nfp_writer_no_failover(struct nfp_writer *w, const struct nfp_report_opts *opts)
{
	if (!opts->quiet)
		nfp_writer_line(w, NFP_PLAIN, 0, 0, "%s", not_asked);
}

/* Where none is safe, the first that was to have no condition for IPv6: its advice meets it. */
static const struct nfp_style_result *first_safe(const struct nfp_result *result)
{
	const struct nfp_style_result *with_condition = NULL;

	for (size_t i = 0; i < result->vf.num_styles; i++) {
		const struct nfp_style_result *style = &result->vf.styles[i];

		if (style->remedy || nfp_is_fallback(&result->settings, style))
			continue;
		if (style->verdict == NFP_VERDICT_SAFE)
			return style;
		if (!with_condition && nfp_is_by_ipv6(style))
			with_condition = style;
	}
	return with_condition;
}

/* The row that an advice is of, as the run has seen it; where no fix was tried, the style's own. */
static const struct nfp_style_result *style_of(const struct nfp_result *result,
					       const struct nfp_row *row)
{
	const struct nfp_style_result *fix = row->fix < NFP_STYLE_COUNT
						     ? nfp_vf_style(&result->vf, row->fix)
						     : NULL;

	return fix ?: nfp_vf_style(&result->vf, row->style);
}

/* Does the advice of the rank at @first serve a guest? Unknown: some of it was not tested. */
static enum nfp_answer serves(const struct nfp_result *result, const struct nfp_advised *advised,
			      size_t first, enum nfp_multicast *ret_ipv6)
{
	const struct nfp_advice *a = &advised->advice[first];
	const struct nfp_style_result *style = style_of(result, &a->row);
	enum nfp_answer answer = NFP_YES;
	struct nfp_row vlan;

	*ret_ipv6 = NFP_MULTICAST_OK;
	if ((a->what != NFP_ADVISE_FIX && a->what != NFP_ADVISE_KEEP) || !style)
		return NFP_NO;
	/* No fix of the style brings back the frames of the guest's VLAN. */
	if (nfp_vlan_row_of(style, &vlan) != NFP_TRAIT_OK && vlan.vlan && !a->row.vlan)
		return NFP_NO;
	for (const unsigned int rank = a->rank;
	     a < advised->advice + advised->num_advice && a->rank == rank; a++) {
		if (!a->commands.len && !a->document.len)
			return nfp_lacks_only_multicast(style) ? NFP_YES : NFP_NO;
		if (a->shown == NFP_SHOWN_NOT)
			answer = NFP_UNKNOWN;
		if (a->group == NFP_MULTICAST_LOST || *ret_ipv6 == NFP_MULTICAST_OK)
			*ret_ipv6 = a->group;
	}
	return answer;
}

static bool has_unknown(const struct nfp_vf_result *vf)
{
	for (size_t i = 0; i < vf->num_styles; i++) {
		if (vf->styles[i].verdict == NFP_VERDICT_UNKNOWN)
			return true;
	}
	return !vf->num_styles;
}

static void say_yes(struct nfp_failover *f, const struct nfp_advised *advised,
		    const struct nfp_style_result *style)
{
	static const char *const ipv6[NFP_MULTICAST_COUNT] = {
		[NFP_MULTICAST_NONE] = "IPv6 not tested",
		[NFP_MULTICAST_UNTESTED] = "IPv6 not tested",
		[NFP_MULTICAST_UNPROVEN] = "IPv6 unknown",
		[NFP_MULTICAST_LOST] = "IPv4 only",
	};
	struct nfp_words needs = {0};
	bool after = false;

	f->row = nfp_row_of(style);
	nfp_append(&needs, "", "%s",
		   ipv6[style->multicast] ?: nfp_condition_words(advised, &f->row).text);
	for (size_t i = 0; i < advised->num_advice; i++)
		after |= nfp_row_equal(&advised->advice[i].row, &f->row) &&
			 advised->advice[i].what == NFP_ADVISE_FIX;
	f->answer = after ? NFP_FAILOVER_AFTER : NFP_FAILOVER_YES;
	nfp_append(&f->text, " ", "yes, with %s%s%s%s%s.", nfp_style_words[style->style].with,
		   after ? ", after the commands above" : "", needs.text[0] ? " (" : "", needs.text,
		   needs.text[0] ? ")" : "");
}

/* By the first advice that serves a guest. False: there is none. */
static bool say_fix(struct nfp_failover *f, const struct nfp_result *result,
		    const struct nfp_advised *advised)
{
	bool untested = false;

	for (size_t i = 0; i < advised->num_advice; i++) {
		const struct nfp_advice *a = &advised->advice[i];
		enum nfp_multicast ipv6;
		enum nfp_answer answer;

		if (i && a->rank == a[-1].rank)
			continue;
		answer = serves(result, advised, i, &ipv6);
		untested |= answer == NFP_UNKNOWN;
		if (answer != NFP_YES)
			continue;
		f->answer = ipv6 == NFP_MULTICAST_LOST || !a->commands.len ? NFP_FAILOVER_IPV4
									   : NFP_FAILOVER_AFTER;
		f->row = a->row;
		nfp_append(&f->text, " ", "%s, with %s%s%s.",
			   f->answer == NFP_FAILOVER_IPV4 ? "IPv4 only" : "yes",
			   nfp_style_words[a->row.style].with,
			   a->commands.len ? ", after the commands above" : "",
			   ipv6 == NFP_MULTICAST_UNPROVEN ? " (IPv6 unknown)" : "");
		return true;
	}
	if (untested) {
		f->answer = NFP_FAILOVER_UNKNOWN;
		nfp_append(&f->text, " ", "not known: the commands above were not tested.");
	}
	return untested;
}

struct nfp_failover nfp_failover_of(const struct nfp_result *result,
				    const struct nfp_advised *advised)
{
	struct nfp_failover f = {.row = {NFP_STYLE_COUNT, NFP_STYLE_COUNT, 0}};
	const struct nfp_style_result *safe = result->have_vf ? first_safe(result) : NULL;

	if (result->sheet.num_combinations) {
		f.answer = NFP_FAILOVER_NOT_ASKED;
		nfp_append(&f.text, "", "%s", not_asked);
		return f;
	}
	nfp_append(&f.text, "", "Failover%s%s:", result->pf.ifname[0] ? " on " : "",
		   result->pf.ifname);
	if (!result->restored) {
		f.answer = NFP_FAILOVER_UNKNOWN;
		nfp_append(&f.text, " ", "not before the host is as it was.");
	} else if (safe) {
		say_yes(&f, advised, safe);
	} else if (result->have_verdict && say_fix(&f, result, advised)) {
		return f;
	} else if (!result->have_verdict || has_unknown(&result->vf)) {
		f.answer = NFP_FAILOVER_UNKNOWN;
		nfp_append(&f.text, " ", "not known%s.",
			   result->have_verdict ? "" : ": nothing was judged");
	} else {
		f.answer = NFP_FAILOVER_NO;
		nfp_append(&f.text, " ", "no.");
	}
	return f;
}
