// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * answer.c - the answer of a result: its first line, with a clause for each group of styles, the
 * good ones first; and in a word whether failover works. Pure.
 */
#include "summary_priv.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

/* How much of what a style takes the line says. */
enum brevity { WHOLE, BRIEF, BRIEFEST };

/* ---- a style ---- */

/* Is more than one command to be typed for it? */
static bool has_several(const struct nfp_summary *s, unsigned int rank)
{
	struct nfp_strv words;
	const char *file;
	size_t count = 0;

	nfp_for_each (a, s->advised.advice, s->advised.num_advice) {
		for (size_t at = 0; a->rank == rank && a->moment != NFP_MOMENT_TAP_BACK &&
				    nfp_commands_words(&a->commands, &at, &words, &file);
		     count++)
			nfp_strv_fini(&words);
	}
	return count != 1;
}

static const char *below(const struct nfp_summary *s, unsigned int rank)
{
	return has_several(s, rank) ? "the commands below" : "the command below";
}

/* Says what is known of IPv6 in a row: "IPv4 only". Empty: it is known to work. */
static const char *ipv6_words(enum nfp_check_state ipv6)
{
	static const char *const words[NFP_STATE_COUNT] = {
		[NFP_STATE_NONE] = "IPv6 not tested",	 [NFP_STATE_UNTESTED] = "IPv6 not tested",
		[NFP_STATE_UNPROVEN] = "IPv6 not known", [NFP_STATE_OK] = "",
		[NFP_STATE_LOST] = "IPv4 only",
	};

	return words[ipv6];
}

static void add_condition(struct nfp_words *words, const struct nfp_summary *s,
			  const struct nfp_row *row, enum nfp_condition_id code)
{
	const struct nfp_condition *c = nfp_condition_of(&s->advised, row, code);

	if (c && !(code == NFP_COND_PIN && c->without != NFP_CELL_GAP))
		nfp_append(words, "; ", "%s", c->words);
}

/* Writes " (IPv6: set trustGuestRxFilters)". @below: the pin is one of the commands that the clause
 * names. */
static struct nfp_words conditions_of(const struct nfp_summary *s, const struct nfp_row *row,
				      enum nfp_check_state ipv6, bool below)
{
	struct nfp_words words = nfp_phrase("%s", ipv6_words(ipv6));
	const bool known = !words.text[0];

	if (!known && nfp_condition_of(&s->advised, row, NFP_COND_TRUST))
		nfp_append(&words, ", ", "and only with trustGuestRxFilters");
	if (!known && nfp_condition_of(&s->advised, row, NFP_COND_GROUPS))
		nfp_append(&words, ", ", "and only with all groups at its tap");
	if (known) {
		add_condition(&words, s, row, NFP_COND_TRUST);
		add_condition(&words, s, row, NFP_COND_GROUPS);
	}
	if (!below)
		add_condition(&words, s, row, NFP_COND_PIN);
	add_condition(&words, s, row, NFP_COND_CLEARED);
	return words.text[0] ? nfp_phrase(" (%s)", words.text) : words;
}

/* Stands for all that a style takes, in an answer that has no room for it. */
#define BELOW "as below"

/* Writes " (IPv6 not known, as below)". */
static struct nfp_words brief_of(const struct nfp_summary *s, const struct nfp_style_outcome *so,
				 enum nfp_check_state ipv6)
{
	struct nfp_words words = nfp_phrase("%s", ipv6_words(ipv6));
	bool takes = so->rank != 0;

	nfp_for_each (c, s->advised.conditions, s->advised.num_conditions)
		takes |= nfp_row_equal(&c->row, &so->row) && c->met_by.n;
	if (takes)
		nfp_append(&words, ", ", BELOW);
	return words.text[0] ? nfp_phrase(" (%s)", words.text) : words;
}

/* A style that the user asked for together with its uses needs their commands. */
static struct nfp_words uses_of(const struct nfp_summary *s, const struct nfp_style_outcome *so)
{
	const uint32_t plain = NFP_REQ_BIT(NFP_REQ_USE_FILTER_STANDBY) |
			       NFP_REQ_BIT(NFP_REQ_USE_PROMISC_STANDBY) |
			       NFP_REQ_BIT(NFP_REQ_USE_SECOND_VF);

	const enum nfp_style style = so->style->style;

	if (so->rank == 0 || !((nfp_styles[style].uses & ~plain) || nfp_style_needs_entry(style)))
		return (struct nfp_words) {0};
	return nfp_phrase(" and %s", below(s, so->rank));
}

/* Writes "but SAFE with the 2 commands below": what helps a style that is not safe. */
static struct nfp_words help_of(const struct nfp_summary *s, const struct nfp_style_outcome *so,
				enum brevity brief)
{
	const bool pin = so->row.fix < NFP_STYLE_COUNT && nfp_styles[so->row.fix].pinned &&
			 !nfp_style_needs_entry(so->row.fix) &&
			 nfp_styles[so->row.fix].plain == so->style->style;
	const struct nfp_words conditions = conditions_of(s, &so->row, NFP_STATE_OK, true);
	const char *safe = so->ipv6 == NFP_STATE_LOST	    ? "IPv4 only"
			   : so->ipv6 == NFP_STATE_UNPROVEN ? "SAFE (IPv6 not known)"
							    : "SAFE";

	if (brief)
		return nfp_phrase(", but %s " BELOW, safe);
	if (so->by_manager)
		return nfp_phrase(", but %s if each guest starts and migrates as below%s", safe,
				  conditions.text);
	if (pin)
		return nfp_phrase(", but %s once each guest is pinned%s", safe, conditions.text);
	return nfp_phrase(", but %s with %s%s", safe, below(s, so->rank), conditions.text);
}

/* The status is that of all guests, so that SAFE never stands without those in the VLAN. */
static struct nfp_words vlan_of(const struct nfp_summary *s, const struct nfp_style_outcome *so,
				enum brevity brief)
{
	struct nfp_words words = nfp_phrase(
		", but %s VLAN %u: %s", brief ? "in" : "for guests with", so->style->guest_vlan.vid,
		nfp_verdict_words(so->style->verdict, false).text);

	if (so->rank)
		nfp_append(&words, " ", "without %s", brief ? "that" : below(s, so->rank));
	return words;
}

/* Writes "VF 1", "the PF". */
static struct nfp_words sender_of(const struct nfp_style_result *style)
{
	if (style->from.source == NFP_ENTERS_VF)
		return nfp_phrase("VF %s",
				  style->from.name + strcspn(style->from.name, "0123456789"));
	return nfp_phrase("the PF");
}

/* Returns the words for a style so far, in a run that proves nothing of it. NULL: none. */
static const char *so_far(const struct nfp_style_outcome *so, struct nfp_words *buf)
{
	const struct nfp_style_result *style = so->style;

	if (style->stopped || !style->num_steps)
		return NULL;
	if (style->verdict == NFP_VERDICT_UNKNOWN && !style->by_bridge &&
	    !nfp_is_by(style, NFP_CHECK_WIRE))
		return NULL;
	if (!nfp_is_fault(style->verdict))
		return style->bridge_gap_ms ? "ok but for gaps" : "ok";
	*buf = nfp_phrase("%s%s", nfp_verdict_words(style->verdict, false).text,
			  style->allowed ? ", which --allow accepts" : "");
	return buf->text;
}

/* ---- the clauses ---- */

/* A style in the first line: "NOT SAFE by itself with", "a bridge", ": EARLY". */
struct item {
	enum nfp_outcome is;
	enum nfp_style style;
	const char *begin;
	struct nfp_words tail;
	struct nfp_words end; /* of a sentence, which may be that of several styles */
	bool helped, joined;  /* joined: the line already has it */
};

/* Writes what follows the name of a style that may be used, or of which a part may. */
static struct nfp_words tail_of_usable(const struct nfp_summary *s,
				       const struct nfp_style_outcome *so, enum brevity brief)
{
	const struct nfp_style_result *style = so->style;
	const struct nfp_words none = {.text = ""},
			       uses = so->by_manager || brief ? none : uses_of(s, so);
	const bool is_gap = style->verdict == NFP_VERDICT_SLOW && style->by_bridge;
	const bool below = so->is != NFP_OUTCOME_VLAN && (uses.text[0] || so->by_manager || is_gap);
	const enum nfp_check_state ipv6 = so->is == NFP_OUTCOME_IPV4_ONLY ? NFP_STATE_OK : so->ipv6;
	const struct nfp_words conditions = brief ? brief_of(s, so, ipv6)
						  : conditions_of(s, &so->row, ipv6, below);

	switch (so->is) {
	case NFP_OUTCOME_IPV6:
		return nfp_phrase(brief ? " (IPv6 depends on each guest)"
					: ". IPv6, which --require asks for, depends on each "
					  "guest's trustGuestRxFilters");
	case NFP_OUTCOME_VLAN:
		return nfp_phrase("%s%s", conditions.text, vlan_of(s, so, brief).text);
	case NFP_OUTCOME_ALLOWED:
		return nfp_phrase("%s%s: %s%s, %s%s", uses.text, conditions.text,
				  nfp_why_unsafe(NULL, style).text, is_gap ? " unless pinned" : "",
				  brief ? "allowed" : "which --allow accepts",
				  so->by_manager && !brief
					  ? ", if each guest starts and migrates as below"
					  : "");
	case NFP_OUTCOME_IPV4_ONLY:
		if (so->row.fix < NFP_STYLE_COUNT)
			return help_of(s, so, brief);
		/* fall through */
	default:
		return nfp_phrase("%s%s", uses.text, conditions.text);
	}
}

/* Writes what follows the name of another style. */
static struct nfp_words tail_of_other(const struct nfp_summary *s,
				      const struct nfp_style_outcome *so, enum brevity brief)
{
	const struct nfp_style_result *style = so->style;
	struct nfp_words tail = {0};

	switch (so->is) {
	case NFP_OUTCOME_FAULT:
	case NFP_OUTCOME_LAG:
		return nfp_phrase(": %s%s", nfp_why_unsafe(brief ? NULL : s->result, style).text,
				  so->rank ? help_of(s, so, brief).text : "");
	case NFP_OUTCOME_INSIDE:
		return nfp_phrase(": %s%stested from %s only, not from the wire",
				  style->allowed ? nfp_verdict_words(style->verdict, false).text
						 : "",
				  style->allowed ? ", which --allow accepts, but " : "",
				  sender_of(style).text);
	case NFP_OUTCOME_NOT_POSSIBLE:
		return nfp_phrase(" while %s", style->impossible_while);
	case NFP_OUTCOME_NOT_TESTED:
		return nfp_styles[style->style].second_vf
			       ? nfp_phrase(": no second VF is idle")
			       : nfp_phrase(": %s is promiscuous", s->result->pf.ifname);
	default:
		if (brief < BRIEFEST)
			tail = nfp_phrase(": %s", nfp_why_unknown(s->result, style).text);
		if (brief == BRIEF)
			tail.text[2 + strcspn(tail.text + 2, ":")] = '\0';
		return tail;
	}
}

static struct item item_of(const struct nfp_summary *s, const struct nfp_style_outcome *so,
			   enum brevity brief)
{
	static const char *const begins[NFP_OUTCOME_COUNT] = {
		[NFP_OUTCOME_UNSET] = "UNKNOWN with",
		[NFP_OUTCOME_SAFE] = "SAFE with",
		[NFP_OUTCOME_NO_WIRE] = "ok with",
		[NFP_OUTCOME_IPV6] = "IPv4 SAFE with",
		[NFP_OUTCOME_VLAN] = "SAFE with",
		[NFP_OUTCOME_ALLOWED] = "Not SAFE by itself with",
		[NFP_OUTCOME_IPV4_ONLY] = "IPv4 only with",
		[NFP_OUTCOME_FAULT] = "NOT SAFE with",
		[NFP_OUTCOME_LAG] = "NOT SAFE with",
		[NFP_OUTCOME_INSIDE] = "UNKNOWN with",
		[NFP_OUTCOME_UNKNOWN] = "UNKNOWN with",
		[NFP_OUTCOME_NOT_POSSIBLE] = "NOT POSSIBLE with",
		[NFP_OUTCOME_NOT_TESTED] = "NOT TESTED with",
	};
	struct item item = {
		.is = so->is,
		.style = so->style->style,
		.begin = so->is == NFP_OUTCOME_FAULT && so->rank ? "NOT SAFE by itself with"
								 : begins[so->is],
		.tail = nfp_is_usable(so->is) ? tail_of_usable(s, so, brief)
					      : tail_of_other(s, so, brief),
		.helped = so->rank != 0,
	};

	if (so->is == NFP_OUTCOME_NO_WIRE)
		item.end = nfp_phrase(" as far as %s shows, which --allow accepts",
				      sender_of(so->style).text);
	return item;
}

static bool is_same_item(const struct item *a, const struct item *b)
{
	return a->is == b->is && strcmp(a->begin, b->begin) == 0 &&
	       strcmp(a->tail.text, b->tail.text) == 0;
}

/* Appends "SAFE with macvtap or a bridge: EARLY", of the item at @first and those that say the
 * same. */
static void append_group(struct nfp_words *line, struct item *items, size_t num, size_t first,
			 bool goes_on)
{
	uint32_t styles = 0;

	for (size_t i = first; i < num; i++) {
		if (items[i].joined || !is_same_item(&items[i], &items[first]))
			continue;
		items[i].joined = true;
		styles |= NFP_STYLE_BIT(items[i].style);
	}
	nfp_append(line, goes_on ? ", and " : " ", "%s %s%s", goes_on ? "with" : items[first].begin,
		   nfp_either(styles).text, items[first].tail.text);
}

/* Appends the groups of one outcome, those first that are helped. Those that are safe share a
 * sentence. */
static void append_outcome(struct nfp_words *line, struct item *items, size_t num,
			   enum nfp_outcome is)
{
	const bool shares = is == NFP_OUTCOME_SAFE || is == NFP_OUTCOME_NO_WIRE;
	const struct item *last = NULL;

	for (int helped = 1; helped >= 0; helped--) {
		for (size_t i = 0; i < num; i++) {
			if (items[i].is != is || items[i].joined || items[i].helped < helped)
				continue;
			append_group(line, items, num, i, shares && last);
			last = &items[i];
			if (!shares)
				nfp_append(line, "", "%s.", last->end.text);
		}
	}
	if (shares && last)
		nfp_append(line, "", "%s.", last->end.text);
}

static void append_styles(struct nfp_words *line, const struct nfp_summary *s, enum brevity brief)
{
	struct item items[NFP_STYLE_COUNT];
	size_t num = 0;

	nfp_for_each (so, s->styles, s->num_styles) {
		if (!so->style->is_fix)
			items[num++] = item_of(s, so, brief);
	}
	for (enum nfp_outcome is = 0; is < NFP_OUTCOME_COUNT; is++)
		append_outcome(line, items, num, is);
}

/* Writes " (macvtap ok, a bridge EARLY so far)" of the styles that were run to their end. */
static struct nfp_words known_so_far(const struct nfp_summary *s)
{
	struct nfp_words known = {0};

	nfp_for_each (so, s->styles, s->num_styles) {
		struct nfp_words buf = {0};
		const char *words = nfp_is_counted(so->style) ? so_far(so, &buf) : NULL;

		if (words)
			nfp_append(&known, ", ", "%s %s", nfp_style_words[so->style->style], words);
	}
	return known.text[0] ? nfp_phrase(" (%s so far)", known.text) : known;
}

/* ---- the run ---- */

/*
 * Frames of a PF without carrier are lost in the host: no wire is asked, whatever the source. The
 * bond takes nothing of an inactive member, except unicast in balance-alb
 * (bond_should_deliver_exact_match in drivers/net/bonding/bond_main.c).
 */
static void append_state(struct nfp_words *line, const struct nfp_pf_info *pf)
{
	if (pf->no_carrier)
		nfp_append(line, " ", "%s has no carrier.", pf->ifname);
	if (nfp_is_bonded(pf) && pf->bond_backup)
		nfp_append(line, " ",
			   "%s is inactive: what stands on %s hears %s of it until a failover.",
			   pf->ifname, pf->master,
			   strcmp(pf->bond_mode, "balance-alb") == 0 ? "only unicast" : "nothing");
}

/* Says how the run ended before its verdict, or in mid-ladder. Empty: it did not. */
static struct nfp_words ending_of(const struct nfp_summary *s)
{
	const struct nfp_result *result = s->result;
	const double seconds = nfp_seconds(result->duration_ns);
	const int status = result->exit_status;
	const bool probed = result->have_vf && result->vf.num_styles;
	const struct nfp_err *error = probed || result->error.code ? &result->error
								   : &result->vf.error;

	if (result->error.code == NFP_E_INTERRUPTED)
		return nfp_phrase("UNKNOWN: stopped by %s after %.0f s",
				  status == 128 + SIGINT    ? "Ctrl-C"
				  : status == 128 + SIGTERM ? "SIGTERM"
				  : status == 128 + SIGHUP  ? "SIGHUP"
							    : "a signal",
				  seconds);
	if (result->error.code == NFP_E_TIMEOUT)
		return nfp_phrase("UNKNOWN: out of time after %.0f s", seconds);
	if (!probed)
		return nfp_phrase("NOT TESTED%s%s", error->message[0] ? ": " : "", error->message);
	if (result->error.code && !result->have_verdict && result->restored)
		return nfp_phrase("UNKNOWN: %s", result->error.message);
	return (struct nfp_words) {0};
}

/* Was each style that counts not begun, or is it not known because of another process? */
static bool all_changed(const struct nfp_vf_result *vf)
{
	bool any = false;

	nfp_for_each (style, vf->styles, vf->num_styles) {
		const bool changed = style->num_steps && style->judged.why == NFP_WHY_CHANGED;

		if (!nfp_is_counted(style))
			continue;
		if (nfp_outcome_of(style) != NFP_OUTCOME_UNKNOWN || (style->num_steps && !changed))
			return false;
		any |= changed;
	}
	return any;
}

/* Says a cause that all styles share. Empty: there is none. */
static struct nfp_words cause_of(const struct nfp_summary *s)
{
	const struct nfp_vf_result *vf = &s->result->vf;
	const struct nfp_style_result *silent = nfp_silent_style(vf), *inside = NULL;
	const enum nfp_errcode code = vf->error.code;

	if (vf->verdict != NFP_VERDICT_UNKNOWN)
		return (struct nfp_words) {0};
	if (code == NFP_E_VF_TAKEN || code == NFP_E_VF_CHANGED)
		return nfp_phrase("UNKNOWN: another process changed VF %u, so the run stopped",
				  vf->vf);
	if (all_changed(vf))
		return nfp_phrase("UNKNOWN: another process changed the host during the run");
	if (silent)
		return nfp_phrase("UNKNOWN: nothing from %s reached %s, not even broadcast",
				  silent->from.name, s->result->pf.ifname);
	if (vf->status == NFP_VF_FAILED && code != NFP_E_RESTORE)
		return nfp_phrase("UNKNOWN: %s%s", vf->error.message, known_so_far(s).text);
	nfp_for_each (so, s->styles, s->num_styles) {
		if (nfp_is_counted(so->style) && so->is != NFP_OUTCOME_INSIDE)
			return (struct nfp_words) {0};
		if (nfp_is_counted(so->style))
			inside = so->style;
	}
	if (!inside)
		return (struct nfp_words) {0};
	return nfp_phrase("UNKNOWN: tested from %s only, not from the wire%s",
			  sender_of(inside).text, known_so_far(s).text);
}

static struct nfp_words first_line(const struct nfp_summary *s, enum brevity brief)
{
	const struct nfp_result *result = s->result;
	struct nfp_words answer = nfp_phrase("%s", result->restored ? "" : "NOT RESTORED."), line;
	struct nfp_words end = ending_of(s);

	if (end.text[0]) {
		nfp_append(&answer, " ", "%s%s.", end.text, known_so_far(s).text);
	} else {
		end = cause_of(s);
		if (end.text[0])
			nfp_append(&answer, " ", "%s.", end.text);
		else
			append_styles(&answer, s, brief);
		append_state(&answer, &result->pf);
	}
	if (!result->pf.ifname[0])
		return answer;
	line = nfp_phrase("%s", result->pf.ifname);
	if (result->have_vf)
		nfp_append(&line, " ", "VF %u", result->vf.vf);
	nfp_append(&line, ": ", "%s", answer.text);
	return line;
}

/* ---- in a word ---- */

/* Returns the first style that may be used, or that what was shown to help serves. */
static const struct nfp_style_outcome *find_way(const struct nfp_summary *s, bool in_part)
{
	nfp_for_each (so, s->styles, s->num_styles) {
		if (!so->style->is_fix &&
		    (so->is <= NFP_OUTCOME_NO_WIRE || so->is == NFP_OUTCOME_ALLOWED))
			return so;
	}
	for (int lost = 0; lost < 2 && in_part; lost++) {
		nfp_for_each (so, s->styles, s->num_styles) {
			if (nfp_is_counted(so->style) && (nfp_is_usable(so->is) || so->rank) &&
			    (so->ipv6 == NFP_STATE_LOST) == lost)
				return so;
		}
	}
	return NULL;
}

static struct nfp_failover failover_of(const struct nfp_summary *s)
{
	struct nfp_failover f = {.answer = NFP_FAILOVER_UNKNOWN,
				 .row = {NFP_STYLE_COUNT, NFP_STYLE_COUNT, 0},
				 .ipv6 = NFP_STATE_NONE};
	const int status = s->result->exit_status;
	const struct nfp_style_outcome *way = find_way(s, status == NFP_EXIT_UNSAFE);

	if (status == NFP_EXIT_UNSAFE)
		f.answer = way ? NFP_FAILOVER_ONLY : NFP_FAILOVER_NO;
	else if (status == NFP_EXIT_SAFE && way)
		f.answer = NFP_FAILOVER_YES;
	else
		way = NULL;
	if (way) {
		f.row = way->row;
		f.ipv6 = way->ipv6;
	}
	return f;
}

/* ---- on a screen ---- */

#define LINES_MAX 3

/* Breaks between words, and with @by_clause between two clauses, if each fits in a line. */
static void write_answer(struct nfp_writer *w, const char *answer, bool by_clause)
{
	const char *end;

	for (const char *clause = answer; *clause; clause = end) {
		unsigned int width;

		end = strstr(clause, ". ");
		end = end ? end + 1 : clause + strlen(clause);
		width = (unsigned int)(end - clause);
		if (by_clause && w->col && w->col + width > w->columns && width <= w->columns) {
			nfp_writer_newline(w);
			clause += strspn(clause, " ");
		}
		nfp_writer_wrap(w, NFP_BOLD, 0, "%.*s", (int)(end - clause), clause);
	}
	nfp_writer_newline(w);
}

static bool fits(const char *answer, unsigned int columns, bool by_clause)
{
	struct nfp_writer w = {.columns = columns};
	unsigned int lines = 0;
	char *text = NULL;
	size_t len;

	w.out = open_memstream(&text, &len);
	if (!w.out)
		return true;
	write_answer(&w, answer, by_clause);
	fclose(w.out);
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	free(text);
	return lines <= LINES_MAX;
}

/* One line, however long, if a program reads it. */
void nfp_answer_print(struct nfp_writer *w, const char *answer, bool whole)
{
	const unsigned int columns = w->columns;

	w->columns = whole ? 0 : MIN(columns, NFP_TEXT_COLUMNS);
	write_answer(w, answer, !whole && fits(answer, w->columns, true));
	w->columns = columns;
}

void nfp_answer(struct nfp_summary *s)
{
	for (enum brevity brief = WHOLE; brief <= BRIEFEST; brief++) {
		s->answer = first_line(s, brief);
		if (fits(s->answer.text, NFP_TEXT_COLUMNS, false))
			break;
	}
	s->failover = failover_of(s);
}
