// SPDX-License-Identifier: GPL-2.0-or-later
/* details.c - everything that is known of each ladder, as tables: what -v adds to a result. */
#include "summary_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

/* Adds a kind other than unicast, where the step expects it: "ok", "LOST", or "-". */
static void add_kind(struct nfp_grid *grid, const struct nfp_step_result *step, enum nfp_kind kind)
{
	static const char *const landings[NFP_LANDING_COUNT] = {"-",	 "PF",	    "VF",
								"PF VF", "nowhere", "mixed"};
	enum nfp_landing landing = step->w.landing[kind];
	enum nfp_answer there;

	if (nfp_ladder[step->step].expected == NFP_EXPECTED_RECORDED ||
	    landing == NFP_LANDING_NONE) {
		nfp_grid_cell(grid, NFP_PLAIN, "%s", landings[landing]);
		return;
	}
	there = nfp_reaches(landing, nfp_receiver_of(step->step));
	nfp_grid_cell(grid, there == NFP_NO ? NFP_RED : NFP_PLAIN, "%s",
		      there == NFP_YES	? "ok"
		      : there == NFP_NO ? "LOST"
					: "?");
}

/* Adds how long the guest was deaf on the way to the step, with the error; or "whole step". */
static void add_gap(struct nfp_grid *grid, const struct nfp_style_result *style,
		    const struct nfp_step_result *step)
{
	const struct nfp_transition *t = NULL;
	char time[32], error[32];

	nfp_for_each (one, style->transitions, style->num_transitions) {
		if (one->to == step->step)
			t = one;
	}
	if (step->w.answer == NFP_NO && !nfp_unfit_by_multicast(step)) {
		nfp_grid_cell(grid, NFP_RED, "whole step");
	} else if (!t || !t->unicast.gap.known) {
		nfp_grid_cell(grid, NFP_PLAIN, "-");
	} else {
		const struct nfp_span *gap = &t->unicast.gap;

		nfp_duration_text(gap->us, time, sizeof(time));
		nfp_duration_text((int64_t)gap->error_us, error, sizeof(error));
		if (gap->us == 0)
			nfp_grid_cell(grid, NFP_PLAIN, "under %s", error);
		else
			nfp_grid_cell(grid, NFP_PLAIN, "%s +-%s", time, error);
	}
}

enum count_column { COUNT_PF, COUNT_VF, COUNT_BOTH, COUNT_LOST, COUNT_DUPLICATES, COUNT_COLUMNS };

static uint64_t count_of(const struct nfp_step_result *step, enum count_column column)
{
	const struct nfp_count *c = &step->w.count[NFP_KIND_UNICAST];
	const uint64_t counts[COUNT_COLUMNS] = {c->at[NFP_AT_PF], c->at[NFP_AT_VF], c->both,
						nfp_count_lost(c), c->duplicates};

	return counts[column];
}

static void print_steps(struct nfp_writer *w, const struct nfp_style_result *style)
{
	static const char *const names[COUNT_COLUMNS] = {"PF", "VF", "both", "lost", "twice"};
	static const char *const wants[] = {[NFP_EXPECTED_RECORDED] = "any",
					    [NFP_EXPECTED_PF] = "PF",
					    [NFP_EXPECTED_VF] = "VF"};
	struct nfp_grid grid = {.indent = 2};
	bool used[COUNT_COLUMNS] = {[COUNT_PF] = true, [COUNT_VF] = true};

	nfp_for_each (step, style->steps, style->num_steps) {
		for (enum count_column c = 0; c < COUNT_COLUMNS; c++)
			used[c] |= count_of(step, c) != 0;
	}
	nfp_grid_column(&grid, false, "step");
	nfp_grid_column(&grid, false, "want");
	for (enum count_column c = 0; c < COUNT_COLUMNS; c++) {
		if (used[c])
			nfp_grid_column(&grid, true, names[c]);
	}
	nfp_grid_column(&grid, false, "bcast");
	nfp_grid_column(&grid, false, "group");
	nfp_grid_column(&grid, false, "outage");
	nfp_for_each (step, style->steps, style->num_steps) {
		bool done = step->w.status == NFP_STATUS_DONE;

		nfp_grid_cell(&grid, NFP_PLAIN, "%s", nfp_step_name(step->step));
		nfp_grid_cell(&grid, NFP_PLAIN, "%s",
			      done ? wants[nfp_ladder[step->step].expected]
				   : nfp_status_name(step->w.status));
		if (done) {
			for (enum count_column c = 0; c < COUNT_COLUMNS; c++)
				if (used[c])
					nfp_grid_cell(&grid, NFP_PLAIN, "%" PRIu64,
						      count_of(step, c));
			add_kind(&grid, step, NFP_KIND_BROADCAST);
			add_kind(&grid, step, NFP_KIND_MULTICAST);
			add_gap(&grid, style, step);
		}
		while (grid.num_cells % grid.num_columns)
			nfp_grid_cell(&grid, NFP_PLAIN, "%s", "");
	}
	(void)nfp_writer_grid(w, &grid);
}

/* Events in single steps. */
static void print_step_notes(struct nfp_writer *w, const struct nfp_style_result *style)
{
	const char *before = "";

	nfp_for_each (step, style->steps, style->num_steps) {
		struct nfp_words words = nfp_phrase("%s", step->w.note);

		if (step->drops)
			nfp_append(&words, "; ", "the capture lost %" PRIu64 " frames",
				   step->drops);
		if (step->carrier_lost)
			nfp_append(&words, "; ", "the carrier was lost");
		if (step->changed && !step->w.note[0])
			nfp_append(&words, "; ", "another process changed the host");
		/* Several steps that were skipped for one reason print it once. */
		if (!words.text[0] || (step->w.note[0] && strcmp(step->w.note, before) == 0))
			continue;
		before = step->w.note;
		nfp_writer_at(w, 2, NFP_PLAIN, "%s: ", nfp_step_name(step->step));
		nfp_writer_wrap(w, NFP_PLAIN, 4, "%s", words.text);
		nfp_writer_newline(w);
	}
}

/* Prints "eth0 gets what the VF sends: yes (4 of 4), what the standby sends: no (0 of 6)". */
static void print_reflections(struct nfp_writer *w, const struct nfp_result *result,
			      const struct nfp_style_result *style)
{
	static const char *const from[NFP_RECEIVER_COUNT] = {
		[NFP_AT_PF] = "what the standby sends",
		[NFP_AT_VF] = "what the VF sends",
	};
	char port[NFP_PORT_LEN];
	struct nfp_words words = nfp_phrase("%s gets ",
					    nfp_port_name(style, result->pf.ifname, port));

	for (int at = NFP_RECEIVER_COUNT; at-- > 0;)
		nfp_append(&words, at == NFP_AT_PF ? ", " : "", "%s: %s (%u of %u)", from[at],
			   nfp_name(&nfp_answer_names, style->uplink_hears[at]),
			   style->reflections[at].back, style->reflections[at].sent);
	nfp_writer_line(w, NFP_PLAIN, 2, 2, "%s", words.text);
}

static void print_details(struct nfp_writer *w, const struct nfp_result *result,
			  const struct nfp_style_result *style)
{
	struct nfp_words verdict = nfp_verdict_text(style);
	char reason[NFP_REASON_LEN];

	nfp_writer_newline(w);
	nfp_writer_text(w, NFP_BOLD, "%s: ", nfp_style_name(style->style));
	nfp_writer_text(w, verdict.colour, "%s", verdict.text);
	if (style->num_steps && !style->derived)
		nfp_writer_at(w, 38, NFP_PLAIN, "frames received");
	nfp_writer_newline(w);
	/* A pinned style shares the ladder of its plain one, which is printed there. */
	if (style->derived) {
		nfp_writer_line(w, NFP_PLAIN, 2, 2,
				"as %s, but that no frame of the guest moves it in the bridge",
				nfp_style_name(nfp_styles[style->style].plain));
		return;
	}
	if (style->num_steps)
		print_steps(w, style);
	print_step_notes(w, style);
	nfp_writer_line(w, NFP_PLAIN, 2, 2,
			"claim %s, release %s, delivery %s, bus mastering ends with the driver: %s",
			nfp_claim_name(style->claim) ?: "not known",
			nfp_release_name(style->release) ?: "not known",
			nfp_delivery_name(style->delivery) ?: "not known",
			nfp_plainly(nfp_name(&nfp_answer_names, style->bus_master_falls)));
	if (style->num_steps)
		print_reflections(w, result, style);
	nfp_whole_reason(style, reason);
	if (reason[0])
		nfp_writer_line(w, NFP_PLAIN, 2, 2, "%s",
				nfp_sentence(reason, result->pf.ifname).text);
	if (style->by_bridge)
		nfp_writer_line(w, NFP_PLAIN, 2, 2, "the NIC's filter alone: %s%s%s",
				nfp_verdict_words(style->filter_verdict, false).text,
				style->filter_reason[0] ? ": " : "", style->filter_reason);
}

/* Appends how long at least, and the source of that. */
static void append_settle(struct nfp_words *words, const struct nfp_result *result)
{
	const struct nfp_settings *settings = &result->settings;
	const struct nfp_vf_result *vf = &result->vf;

	nfp_append(words, ", ", "each state watched for %g s", nfp_seconds(settings->settle_ns));
	if (settings->settle_source == NFP_SETTLE_SOURCE_DRIVERS)
		nfp_append(words, " ", "or more (%s%s%s at once)", result->pf.driver,
			   strcmp(result->pf.driver, vf->driver) != 0 ? " and " : "",
			   strcmp(result->pf.driver, vf->driver) != 0 ? vf->driver : "");
}

/* Adds to what the line of context has; omits what is unknown. */
static struct nfp_words setup_words(const struct nfp_result *result)
{
	const struct nfp_vf_result *vf = &result->vf;
	const struct nfp_pf_info *pf = &result->pf;
	struct nfp_words words = {0};
	char time[32] = "";

	if (result->start_unix_ms)
		nfp_time_text(result->start_unix_ms, time, sizeof(time));
	nfp_append_clause(&words, "", pf->parentdev);
	nfp_append_clause(&words, "VF ", vf->parentdev);
	nfp_append_clause(&words, "", vf->driver);
	nfp_append_clause(&words, "on ", result->hostname);
	nfp_append_clause(&words, "begun ", time);
	append_settle(&words, result);
	nfp_append(&words, ", ", "%u frames a second", result->settings.rate);
	nfp_append_clause(&words, "", result->source.note);
	return words;
}

/* Prints "with macvtap, with a bridge, not seen: IPv6". */
static void print_unseen(struct nfp_writer *w, const struct nfp_advised *advised)
{
	for (enum nfp_condition_id code = NFP_COND_UNSEEN; code < NFP_COND_COUNT; code++) {
		struct nfp_words words = {0};
		const char *unseen = NULL;

		nfp_for_each (c, advised->conditions, advised->num_conditions) {
			const bool fixed = c->row.fix < NFP_STYLE_COUNT;

			if (c->code != code)
				continue;
			unseen = c->words;
			nfp_append(&words, ", ", "with %s",
				   nfp_style_words[fixed ? c->row.fix : c->row.style]);
		}
		if (unseen)
			nfp_writer_line(w, NFP_PLAIN, 0, 2, "%s, %s", words.text, unseen);
	}
}

/* The heads continue the question above the table. */
static void print_heads(struct nfp_writer *w)
{
	for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++)
		nfp_writer_line(w, NFP_PLAIN, 0, 2, "%s: %s", nfp_life_columns[c].heading,
				nfp_life_columns[c].meaning);
}

/* The text without -v names the attribute alone. */
static void print_documents(struct nfp_writer *w, const struct nfp_advised *advised)
{
	nfp_for_each (a, advised->advice, advised->num_advice) {
		bool twice = false;

		for (const struct nfp_advice *b = advised->advice; b < a; b++)
			twice |= nfp_commands_equal(&a->document, &b->document);
		if (!a->document.len || twice)
			continue;
		nfp_writer_line(w, NFP_PLAIN, 0, 2, "XML for %s:", a->label);
		nfp_writer_commands(w, 2, &a->document);
	}
}

void nfp_details_print(struct nfp_writer *w, const struct nfp_summary *summary)
{
	const struct nfp_result *result = summary->result;
	const struct nfp_vf_result *vf = &result->vf;

	nfp_writer_newline(w);
	nfp_writer_line(w, NFP_PLAIN, 0, 2, "%s", setup_words(result).text);
	print_heads(w);
	print_unseen(w, &summary->advised);
	print_documents(w, &summary->advised);
	nfp_for_each (style, vf->styles, vf->num_styles)
		print_details(w, result, style);
}
