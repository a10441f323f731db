// SPDX-License-Identifier: GPL-2.0-or-later
/* answer.c - the first line of a result: may this VF be used, and with which standby? */
#include "report_priv.h"

#include <signal.h>
#include <string.h>

/* A style in the first line: "NOT SAFE by itself", "a bridge", ": EARLY". */
struct item {
	enum nfp_headline headline;
	const char *begin, *style;
	char tail[NFP_NOTE_LEN + 256];
	bool joined; /* it is in the line already */
};

static struct item item_of(const struct nfp_said *said)
{
	const struct nfp_answered *a = said->of;
	static const char *const begins[] = {
		[NFP_HEADLINE_SAFE] = "SAFE",
		[NFP_HEADLINE_IN_PART] = "SAFE",
		[NFP_HEADLINE_ALLOWED] = "NOT SAFE",
		[NFP_HEADLINE_NOT_SAFE] = "NOT SAFE",
		[NFP_HEADLINE_UNKNOWN] = "UNKNOWN",
		[NFP_HEADLINE_NOT_TESTED] = "NOT TESTED",
		[NFP_HEADLINE_NOT_POSSIBLE] = "NOT POSSIBLE",
	};
	const enum nfp_headline headline = said->row.headline;
	struct item item = {.headline = headline,
			    .begin = begins[headline],
			    .style = nfp_style_words[said->style->style].with};
	const struct nfp_offer *best = nfp_has_way(a) ? NULL : nfp_best_offer(a);
	struct nfp_words tail = {0}, why = {0};

	if (said->row.why)
		said->row.why(&why, said);
	else
		nfp_append(&why, "", "%s", said->row.words ?: "");
	/* The last line offers it, with its condition. */
	if (best && best->requirements && best->ipv6 != NFP_STATE_OK &&
	    headline == NFP_HEADLINE_NOT_SAFE && best->advice->row.style == said->style->style)
		nfp_append(&why, ", and ", "IPv6 is %s",
			   best->ipv6 == NFP_STATE_LOST ? "lost even so" : "not known");
	if (nfp_is_way(said->row.way))
		nfp_append_conditions(&tail, said, false);
	if (headline == NFP_HEADLINE_ALLOWED)
		nfp_append(&tail, "", ": %s, which --allow accepts", why.text);
	else if (headline == NFP_HEADLINE_UNKNOWN || headline == NFP_HEADLINE_NOT_TESTED ||
		 headline == NFP_HEADLINE_NOT_SAFE)
		nfp_append(&tail, "", ": %s", why.text);
	else if (headline == NFP_HEADLINE_NOT_POSSIBLE)
		nfp_append(&tail, "", " while %s%s%s", said->style->impossible_while,
			   why.text[0] ? ". " : "", why.text);
	if (said->is == NFP_CASE_IPV6)
		item.begin = "SAFE for IPv4 only";
	if (best && headline == NFP_HEADLINE_NOT_SAFE && nfp_is_helped(a, said->style))
		item.begin = "NOT SAFE by itself";
	snprintf(item.tail, sizeof(item.tail), "%.*s", (int)sizeof(item.tail) - 1, tail.text);
	return item;
}

static bool is_same_item(const struct item *a, const struct item *b)
{
	return a->headline == b->headline && strcmp(a->begin, b->begin) == 0 &&
	       strcmp(a->tail, b->tail) == 0;
}

/* "macvtap, a bridge or bridge+fdb: EARLY", of the item at @first and those that say the same. */
static void append_group(struct nfp_words *line, struct item *items, size_t num, size_t first)
{
	struct nfp_strv styles = {.n = 0};

	for (size_t i = first; i < num; i++) {
		if (items[i].joined || !is_same_item(&items[i], &items[first]))
			continue;
		items[i].joined = true;
		nfp_strv_addf(&styles, "%s", items[i].style);
	}
	nfp_append(line, "", "with %s%s", nfp_either(&styles).text, items[first].tail);
	nfp_strv_fini(&styles);
}

/* Safe styles are one sentence, and those that need nothing come first in it. */
static void append_safe(struct nfp_words *line, struct item *items, size_t num)
{
	struct nfp_words safe = {0};

	for (int needy = 0; needy < 2; needy++) {
		for (size_t i = 0; i < num; i++) {
			if (items[i].headline != NFP_HEADLINE_SAFE || items[i].joined ||
			    (items[i].tail[0] != '\0') != needy)
				continue;
			nfp_append(&safe, ", and ", "%s", "");
			append_group(&safe, items, num, i);
		}
	}
	if (safe.text[0])
		nfp_append(line, " ", "SAFE %s.", safe.text);
}

/* A fix that serves a guest, where nothing does by itself. */
static void append_fix(struct nfp_words *line, const struct nfp_answered *a)
{
	const struct nfp_offer *offer = nfp_has_way(a) ? NULL : nfp_best_offer(a);
	const char *ipv4;

	if (!offer || offer->requirements)
		return;
	ipv4 = offer->ipv6 == NFP_STATE_LOST ? "for IPv4 only " : "";
	nfp_append(line, " ", "SAFE %swith %s", ipv4,
		   nfp_style_words[offer->advice->row.style].with);
	nfp_append_offer(line, offer, false);
	nfp_append(line, "", "%s.", offer->ipv6 == NFP_STATE_UNPROVEN ? " (IPv6 not known)" : "");
}

/* Each style that counts: fixes do not. */
static size_t items_of(const struct nfp_answered *a, struct item items[NFP_STYLE_COUNT])
{
	size_t num = 0;

	nfp_for_each (said, a->styles, a->num_styles) {
		if (!said->style->is_fix)
			items[num++] = item_of(said);
	}
	return num;
}

/* ---- the run ---- */

/*
 * Frames of a PF without carrier are lost in the host: no wire is asked, whatever the source. Of
 * an inactive member the bond takes nothing; in balance-alb, unicast
 * (bond_should_deliver_exact_match in drivers/net/bonding/bond_main.c).
 */
static void append_state(struct nfp_words *line, const struct nfp_answered *a)
{
	const struct nfp_pf_info *pf = &a->result->pf;

	if (pf->no_carrier)
		nfp_append(line, " ", "%s has no carrier.", pf->ifname);
	if (nfp_is_bonded(pf) && pf->bond_backup)
		nfp_append(line, " ",
			   "%s is inactive: what stands on %s hears %s of it until a failover.",
			   pf->ifname, pf->master,
			   strcmp(pf->bond_mode, "balance-alb") == 0 ? "only unicast" : "nothing");
}

/* The styles that were run to their end: "So far: ok with macvtap." */
static void append_so_far(struct nfp_words *line, const struct nfp_answered *a)
{
	struct nfp_words so_far = {0};

	nfp_for_each (said, a->styles, a->num_styles) {
		const char *with = nfp_style_words[said->style->style].with;

		if (said->style->is_fix || said->style->stopped ||
		    said->row.way == NFP_WAY_UNKNOWN || said->row.way == NFP_WAY_NONE)
			continue;
		nfp_append(&so_far, ", ", "%s with %s",
			   said->style->verdict == NFP_VERDICT_SAFE
				   ? "ok"
				   : nfp_verdict_words(said->style->verdict, false).text,
			   with);
	}
	nfp_append(line, "", ".");
	if (so_far.text[0])
		nfp_append(line, " ", "So far: %s.", so_far.text);
}

void nfp_first_stopped(struct nfp_words *line, const struct nfp_answered *a)
{
	const int status = a->result->exit_status;

	nfp_append(line, " ", "UNKNOWN: stopped by %s after %.0f s",
		   status == 128 + SIGINT    ? "Ctrl-C"
		   : status == 128 + SIGTERM ? "SIGTERM"
		   : status == 128 + SIGHUP  ? "SIGHUP"
					     : "a signal",
		   nfp_seconds(a->result->duration_ns));
	append_so_far(line, a);
}

void nfp_first_timeout(struct nfp_words *line, const struct nfp_answered *a)
{
	nfp_append(line, " ", "UNKNOWN: stopped by --timeout after %.0f s",
		   nfp_seconds(a->result->duration_ns));
	append_so_far(line, a);
}

void nfp_first_broken_off(struct nfp_words *line, const struct nfp_answered *a)
{
	nfp_append(line, " ", "UNKNOWN: %s", a->result->error.message);
	append_so_far(line, a);
}

void nfp_first_failed(struct nfp_words *line, const struct nfp_answered *a)
{
	nfp_append(line, " ", "NOT TESTED: %s.", a->result->error.message);
}

void nfp_first_not_probed(struct nfp_words *line, const struct nfp_answered *a)
{
	const struct nfp_err *error = &a->result->vf.error;

	nfp_append(line, " ", "NOT TESTED");
	if (a->result->have_vf && error->message[0])
		nfp_append(line, ": ", "%s", error->message);
	nfp_append(line, "", ".");
}

void nfp_first_taken(struct nfp_words *line, const struct nfp_answered *a)
{
	nfp_append(line, " ", "UNKNOWN: another process changed VF %u, so the run stopped.",
		   a->result->vf.vf);
}

void nfp_first_changed(struct nfp_words *line, const struct nfp_answered *a)
{
	(void)a;
	nfp_append(line, " ", "UNKNOWN: another process changed the host during the run.");
}

void nfp_first_silent(struct nfp_words *line, const struct nfp_answered *a)
{
	nfp_append(line, " ", "UNKNOWN: nothing from %s reached %s, not even broadcast.",
		   nfp_silent_style(&a->result->vf)->from.name, a->result->pf.ifname);
	append_state(line, a);
}

void nfp_first_cut_short(struct nfp_words *line, const struct nfp_answered *a)
{
	nfp_append(line, " ", "UNKNOWN: %s", a->result->vf.error.message);
	append_so_far(line, a);
}

void nfp_first_by_style(struct nfp_words *line, const struct nfp_answered *a)
{
	struct item items[NFP_STYLE_COUNT];
	const size_t num = items_of(a, items);

	/* Styles that are not safe, for whatever reasons, share a sentence. */
	const struct item *last = NULL;
	bool joins;

	append_safe(line, items, num);
	for (enum nfp_headline headline = NFP_HEADLINE_IN_PART; headline <= NFP_HEADLINE_NOT_TESTED;
	     headline++) {
		if (headline == NFP_HEADLINE_UNKNOWN)
			append_fix(line, a);
		for (size_t i = 0; i < num; i++) {
			if (items[i].headline != headline || items[i].joined)
				continue;
			joins = last && headline == NFP_HEADLINE_NOT_SAFE &&
				last->headline == headline &&
				strcmp(last->begin, items[i].begin) == 0;
			if (joins)
				line->text[strlen(line->text) - 1] = '\0';
			nfp_append(line, joins ? ", " : " ", "%s%s", joins ? "" : items[i].begin,
				   joins ? "" : " ");
			append_group(line, items, num, i);
			nfp_append(line, "", ".");
			last = &items[i];
		}
	}
	if (a->num_styles && a->styles[0].style->no_wire)
		nfp_append(line, " ", "By --allow no-wire: from %s only.",
			   a->styles[0].style->from.name);
	append_state(line, a);
}

struct nfp_words nfp_answer(const struct nfp_answered *a)
{
	const struct nfp_result *result = a->result;
	struct nfp_words answer = nfp_phrase("%s", result->restored ? "" : "NOT RESTORED."), line;

	a->run->first(&answer, a);
	if (!result->pf.ifname[0])
		return answer;
	line = nfp_phrase("%s", result->pf.ifname);
	if (result->have_vf)
		nfp_append(&line, " ", "VF %u", result->vf.vf);
	nfp_append(&line, ": ", "%s", answer.text);
	return line;
}
