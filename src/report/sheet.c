// SPDX-License-Identifier: GPL-2.0-or-later
/* sheet.c - the sheet as a table for a person: a line for each row, a column for each combination
 * of trust and spoof checking. */
#include <inttypes.h>
#include <string.h>
#include <sys/param.h>

#include "nfprobe/sheet.h"
#include "report_priv.h"

#define ROW_AT	     2U
#define ANSWERS_AT   21U
#define ANSWER_WIDTH 8U

/* Short enough for a line of 80 columns beside four answers. */
const char *const nfp_sheet_meanings[NFP_ROW_COUNT] = {
	[NFP_ROW_FORGED] = "forged source, to the wire",
	[NFP_ROW_FORGED_SIBLING] = "forged source, to a VF",
	[NFP_ROW_UNADDRESSED] = "unasked: unicast to nobody",
	[NFP_ROW_SECOND] = "asked: a second address",
	[NFP_ROW_THIRD] = "asked: a third address",
	[NFP_ROW_GROUP] = "joined: a group",
	[NFP_ROW_ALLMULTI] = "allmulticast: any group",
	[NFP_ROW_PROMISC] = "promisc: unicast to nobody",
	[NFP_ROW_OVERHEARS] = "promisc: .. from a VF",
	[NFP_ROW_VLAN] = "registered: its VLAN",
	[NFP_ROW_FREE_VLAN] = "unregistered: the VLAN",
	[NFP_ROW_NEW] = "its new own address",
	[NFP_ROW_OLD] = ".. and the old one",
	[NFP_ROW_KEEPS_SECOND] = "next guest: second address",
	[NFP_ROW_KEEPS_NEW] = "next guest: that new one",
	[NFP_ROW_KEEPS_GROUPS] = "next guest: any group",
	[NFP_ROW_KEEPS_PROMISC] = "next guest: all unicast",
};

static const char *const finding_words[NFP_FOUND_COUNT] = {
	[NFP_FOUND_FORGED] = "a forged source leaves although spoofchk is on",
	[NFP_FOUND_UNADDRESSED] = "without trust a guest gets unicast that is not for it",
	[NFP_FOUND_KEPT] = "an address that a guest gave the VF stays when it has gone",
};
static const char *const not_safe_for[NFP_FOUND_COUNT] = {
	[NFP_FOUND_FORGED] = "untrusted guests",
	[NFP_FOUND_UNADDRESSED] = "untrusted guests",
	[NFP_FOUND_KEPT] = "the next guest",
};

static const char *on_off(int value)
{
	return value < 0 ? "?" : value ? "on" : "off";
}

/* A row that nobody asked for, such as a VLAN's, has no line. */
static bool has_line(const struct nfp_sheet_result *sheet, enum nfp_sheet_row row)
{
	nfp_for_each (c, sheet->combinations, sheet->num_combinations) {
		if (c->num_rows && c->rows[row].window.answer != NFP_UNASKED)
			return true;
	}
	return false;
}

static bool is_found(const struct nfp_sheet_combination *c, enum nfp_sheet_row row)
{
	bool forged = c->findings & 1U << NFP_FOUND_FORGED;
	bool unaddressed = c->findings & 1U << NFP_FOUND_UNADDRESSED;
	bool kept = c->findings & 1U << NFP_FOUND_KEPT;

	return c->rows[row].window.answer == NFP_YES &&
	       ((forged && row <= NFP_ROW_FORGED_SIBLING) ||
		(unaddressed && (row == NFP_ROW_UNADDRESSED || row == NFP_ROW_PROMISC)) ||
		(kept && (row == NFP_ROW_KEEPS_SECOND || row == NFP_ROW_KEEPS_NEW)));
}

static void print_answer(struct nfp_writer *w, unsigned int column,
			 const struct nfp_sheet_combination *c, enum nfp_sheet_row row)
{
	static const char *const words[] = {
		[NFP_NO] = "no", [NFP_YES] = "yes", [NFP_UNKNOWN] = "?", [NFP_UNASKED] = "?"};

	if (is_found(c, row))
		nfp_writer_at(w, column, NFP_RED, "YES");
	else
		nfp_writer_at(w, column, NFP_PLAIN, "%s",
			      words[c->num_rows ? c->rows[row].window.answer : NFP_UNKNOWN]);
}

static unsigned int column_of(size_t combination)
{
	return ANSWERS_AT + (unsigned int)combination * ANSWER_WIDTH;
}

static void print_row(struct nfp_writer *w, const struct nfp_sheet_result *sheet,
		      enum nfp_sheet_row row)
{
	nfp_writer_at(w, ROW_AT, NFP_PLAIN, "%s", nfp_sheet_row_name(row));
	for (size_t i = 0; i < sheet->num_combinations; i++)
		print_answer(w, column_of(i), &sheet->combinations[i], row);
	/* On a narrow terminal the name has to do. */
	if (column_of(sheet->num_combinations) + strlen(nfp_sheet_meanings[row]) <= w->columns)
		nfp_writer_at(w, column_of(sheet->num_combinations), NFP_PLAIN, "%s",
			      nfp_sheet_meanings[row]);
	nfp_writer_newline(w);
}

static void print_facts(struct nfp_writer *w, const struct nfp_sheet_combination *c)
{
	const char *note =
		c->unreset && !c->note[0]
			? "the VF has no reset, so an earlier guest may have ended the checks"
			: c->note;

	nfp_writer_newline(w);
	nfp_writer_line(w, NFP_BOLD, 0, 2, "trust %s, spoofchk %s%s%s", on_off(c->trust),
			on_off(c->spoofchk), note[0] ? ": " : "", note);
	nfp_for_each (fact, c->rows, c->num_rows) {
		struct nfp_words words = {0};

		if (fact->window.answer == NFP_UNASKED)
			continue;
		if (fact->window.status == NFP_STATUS_DONE)
			nfp_append(&words, "", "%" PRIu64 " of %" PRIu64,
				   fact->window.count[NFP_SLOT_ASKED].at[NFP_AT_VF],
				   fact->window.count[NFP_SLOT_ASKED].sent);
		if (fact->window.note[0] || fact->window.answer == NFP_UNKNOWN)
			nfp_append(&words, "; ", "%s", nfp_sheet_doubt(fact));
		if (fact->window.state == NFP_ROW_NEW && !nfp_mac_is_zero(&c->reported))
			nfp_append(&words, "; ", "then the PF reports %s",
				   nfp_mac_str(&c->reported).text);
		nfp_writer_at(w, ROW_AT, NFP_PLAIN, "%s", nfp_sheet_row_name(fact->window.state));
		nfp_writer_pad(w, ANSWERS_AT);
		nfp_writer_wrap(w, NFP_PLAIN, ANSWERS_AT, "%s", words.text);
		nfp_writer_newline(w);
	}
}

/* Is it known in none of the combinations? */
static bool is_dark(const struct nfp_sheet_result *sheet, enum nfp_sheet_row row)
{
	nfp_for_each (c, sheet->combinations, sheet->num_combinations) {
		if (c->num_rows && c->rows[row].window.answer < NFP_UNKNOWN)
			return false;
	}
	return true;
}

/* A row of which nothing is known has a line with -v alone. */
static bool is_in_table(const struct nfp_sheet_result *sheet, enum nfp_sheet_row row, bool verbose)
{
	return has_line(sheet, row) && (verbose || !is_dark(sheet, row));
}

/* The legend explains the words of the table in one line. Another line has the rows that the table
 * lacks. */
static void print_sheet_legend(struct nfp_writer *w, const struct nfp_sheet_result *sheet,
			       bool verbose)
{
	struct nfp_words legend = {0}, dark = {0};
	bool found = false, unknown = false;

	nfp_for_each (c, sheet->combinations, sheet->num_combinations) {
		for (enum nfp_sheet_row row = 0; row < NFP_ROW_COUNT; row++) {
			if (!is_in_table(sheet, row, verbose))
				continue;
			found |= is_found(c, row);
			unknown |= !c->num_rows || c->rows[row].window.answer >= NFP_UNKNOWN;
		}
	}
	if (found)
		nfp_append(&legend, "", "YES: a fault");
	if (unknown)
		nfp_append(&legend, "; ", "?: not known, -v says why");
	if (legend.text[0])
		nfp_writer_line(w, NFP_PLAIN, ROW_AT, ROW_AT, "%s", legend.text);
	for (enum nfp_sheet_row row = 0; row < NFP_ROW_COUNT; row++)
		if (has_line(sheet, row) && !is_in_table(sheet, row, verbose))
			nfp_append(&dark, ", ", "%s", nfp_sheet_row_name(row));
	if (dark.text[0])
		nfp_writer_line(w, NFP_PLAIN, ROW_AT, ROW_AT + 2, "Not known (-v): %s", dark.text);
}

void nfp_sheet_print(struct nfp_writer *w, const struct nfp_sheet_result *sheet, bool verbose)
{
	nfp_writer_line(w, NFP_PLAIN, ROW_AT, ROW_AT,
			"Does a guest of this VF get through with this, or get it?");
	nfp_writer_at(w, ROW_AT, NFP_BOLD, "trust/spoofchk");
	for (size_t i = 0; i < sheet->num_combinations; i++) {
		const struct nfp_sheet_combination *c = &sheet->combinations[i];

		nfp_writer_at(w, column_of(i), NFP_BOLD, "%s/%s", on_off(c->trust),
			      on_off(c->spoofchk));
	}
	nfp_writer_newline(w);
	for (enum nfp_sheet_row row = 0; row < NFP_ROW_COUNT; row++) {
		if (is_in_table(sheet, row, verbose))
			print_row(w, sheet, row);
	}
	print_sheet_legend(w, sheet, verbose);
	for (size_t i = 0; i < sheet->num_combinations && verbose; i++)
		print_facts(w, &sheet->combinations[i]);
}

/* A combination without rows: why. */
static const char *why_none(const struct nfp_sheet_result *sheet)
{
	nfp_for_each (c, sheet->combinations, sheet->num_combinations) {
		if (c->note[0])
			return c->note;
	}
	return "no row could be answered";
}

/* "NOT SAFE for untrusted guests: a forged source leaves although spoofchk is on." */
static void append_findings(struct nfp_words *line, uint32_t findings)
{
	const char *last = "";

	for (enum nfp_sheet_finding finding = 0; finding < NFP_FOUND_COUNT; finding++) {
		const char *whom = not_safe_for[finding];

		if (!(findings & 1U << (unsigned int)finding))
			continue;
		if (strcmp(whom, last) != 0)
			nfp_append(line, *last ? ". " : " ", "NOT SAFE for %s:", whom);
		nfp_append(line, strcmp(whom, last) == 0 ? "; " : " ", "%s",
			   finding_words[finding]);
		last = whom;
	}
	if (*last)
		nfp_append(line, "", ".");
}

/* The settings of the VF that let its guest do more. They are no fault of the NIC. */
static void append_as_set(struct nfp_words *line, const struct nfp_sheet_result *sheet)
{
	nfp_for_each (c, sheet->combinations, sheet->num_combinations) {
		if (c->present && c->num_rows && c->spoofchk == 0 &&
		    (c->rows[NFP_ROW_FORGED].window.answer == NFP_YES ||
		     c->rows[NFP_ROW_FORGED_SIBLING].window.answer == NFP_YES))
			nfp_append(line, " ",
				   "As set: spoofchk is off, so a guest may pose as another.");
	}
}

void nfp_sheet_answer(struct nfp_words *line, const struct nfp_result *result)
{
	const struct nfp_sheet_result *sheet = &result->sheet;
	const struct nfp_settings *s = &result->settings;
	struct nfp_words unmet = {0};
	uint32_t findings = 0;

	nfp_for_each (c, sheet->combinations, sheet->num_combinations) {
		findings |= c->findings;
		for (size_t k = 0; k < c->num_rows && c->present; k++) {
			const struct nfp_sheet_fact *fact = &c->rows[k];
			uint32_t bit = NFP_ROW_BIT(fact->window.state);

			if (((s->require_yes & bit) && fact->window.answer != NFP_YES) ||
			    ((s->require_no & bit) && fact->window.answer != NFP_NO))
				nfp_append(&unmet, ", ", "%s is %s",
					   nfp_sheet_row_name(fact->window.state),
					   nfp_name(&nfp_answer_names,
						    MIN(fact->window.answer, NFP_UNKNOWN)));
		}
	}
	append_findings(line, findings);
	if (unmet.text[0])
		nfp_append(line, " ", "REQUIRED otherwise: %s.", unmet.text);
	else if (result->exit_status == NFP_EXIT_UNKNOWN)
		nfp_append(line, " ", "UNKNOWN (%s).", why_none(sheet));
	else if (!findings) {
		nfp_append(line, " ", "Nothing found.");
		append_as_set(line, sheet);
	}
}
