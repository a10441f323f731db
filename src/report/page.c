// SPDX-License-Identifier: GPL-2.0-or-later
/* page.c - a result as text, part by part. */
#include "report_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_COLUMNS 80

struct page {
	struct nfp_writer w;
	const struct nfp_report_opts *opts;
};

/* @label: of a PF, a VF, a source or a style; @text: what it is. */
static void add_heading(struct page *page, const char *label, const char *text)
{
	nfp_writer_text(&page->w, NFP_BOLD, "%s  ", label);
	nfp_writer_labelled(&page->w, NFP_PLAIN, "", page->w.col, "%s", text);
}

/* @text behind a label in @colour or, without one, in that colour; nothing if it is empty. */
static void add_line(struct page *page, enum nfp_text_colour colour, const char *label,
		     const char *text)
{
	if (!text[0])
		return;
	nfp_writer_text(&page->w, colour, "%s", label);
	nfp_writer_wrap(&page->w, label[0] ? NFP_PLAIN : colour, 2, "%s", text);
	nfp_writer_newline(&page->w);
}

static void add_list(struct page *page, const char *label, const struct nfp_strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		add_line(page, NFP_YELLOW, label, list->v[i]);
}

static void add_blank(struct page *page)
{
	nfp_writer_newline(&page->w);
}

/* Frees the grid, which may be empty. */
static void add_grid(struct page *page, struct nfp_grid *grid)
{
	if (grid->num_cells)
		nfp_writer_grid(&page->w, grid);
	nfp_grid_fini(grid);
}

static void add_drawing(struct page *page, const struct nfp_layout *layout)
{
	if (page->opts->timeline)
		nfp_timeline_print(&page->w, layout, page->opts->utf8);
}

/* ---- the head ---- */

static bool any_verdict(const struct nfp_result *result)
{
	return result->vf.num_styles;
}

static void add_vf_heading(struct page *page, const struct nfp_vf_result *vf)
{
	struct nfp_words words = {0};
	char name[16];

	snprintf(name, sizeof(name), "VF %u", vf->vf);
	nfp_append_known(&words, "", vf->parentdev);
	nfp_append_known(&words, "", vf->driver);
	add_heading(page, name, words.text);
}

/* The PF, the VF if there is only one, the settings. */
static void add_head(struct page *page, const struct nfp_result *result, bool verbose)
{
	const struct nfp_pf_info *pf = &result->pf;
	struct nfp_words words = nfp_driver_words(pf->driver, pf->driver_version, result->kernel,
						  pf->firmware);
	char time[32];

	nfp_append_known(&words, "", pf->parentdev);
	add_heading(page, pf->ifname, words.text);
	add_vf_heading(page, &result->vf);
	/* If no frame was sent, there is nothing to say about frames. */
	if (result->source.known || any_verdict(result)) {
		add_line(page, NFP_PLAIN, "", nfp_settings_words(result, verbose).text);
		add_line(page, NFP_PLAIN, "", result->source.note);
	}
	if (!verbose)
		return;
	words = (struct nfp_words) {0};
	nfp_append_known(&words, "on ", result->hostname);
	nfp_append_known(&words, "begun ",
			 result->start_unix_ms
				 ? nfp_time_text(result->start_unix_ms, time, sizeof(time))
				 : "");
	add_line(page, NFP_PLAIN, "", words.text);
}

/* ---- the steps of all styles, from one source ---- */

/* The styles that have the note of the i-th; it is then taken from the others. */
static struct nfp_words styles_with(struct nfp_layout *const layouts[], size_t num, size_t i,
				    const char *notes[])
{
	struct nfp_words styles = {0};
	size_t same = 0;

	for (size_t k = i; k < num; k++) {
		if (strcmp(notes[k], notes[i]) != 0)
			continue;
		nfp_append(&styles, ", ", "%s", nfp_style_name(layouts[k]->style->style));
		notes[k] = k == i ? notes[i] : "";
		same++;
	}
	if (same < num)
		return styles;
	styles = (struct nfp_words) {0};
	nfp_append(&styles, "", "%s", num == 2 ? "both" : "all");
	return styles;
}

/* The notes of a step are joined, naming the styles unless only the last one has any. */
static struct nfp_words step_note(struct nfp_layout *const layouts[], size_t num,
				  enum nfp_step step)
{
	const char *notes[NFP_STYLE_COUNT];
	struct nfp_words note = {0};

	for (size_t i = 0; i < num; i++) {
		const struct nfp_layout_row *row = &layouts[i]->rows[step];

		notes[i] = row->same_reason ? "" : row->note.text;
		if (row->unfit)
			note.colour = NFP_RED;
	}
	for (size_t i = 0; i < num; i++) {
		bool clear = i + 1 == num && !note.text[0];
		struct nfp_words styles;

		if (!notes[i][0])
			continue;
		styles = styles_with(layouts, num, i, notes);
		nfp_append(&note, "; ", "%s%s%s%s", note.text[0] ? "" : "<- ",
			   clear ? "" : styles.text, clear ? "" : ": ", notes[i]);
	}
	return note;
}

static void add_step(struct nfp_grid *grid, struct nfp_layout *const layouts[], size_t num,
		     enum nfp_step step, bool sending)
{
	struct nfp_words note = step_note(layouts, num, step);

	nfp_grid_cell(grid, NFP_PLAIN, "%s", nfp_step_name(step));
	for (size_t i = 0; i < num; i++) {
		const struct nfp_layout_row *row = &layouts[i]->rows[step];
		bool dropped = row->step && row->step->transmit == NFP_TRANSMIT_DROPPED;

		nfp_grid_cell(grid, row->unfit ? NFP_RED : NFP_PLAIN, "%s",
			      row->step ? row->landing : "");
		if (sending)
			nfp_grid_cell(grid, dropped ? NFP_RED : NFP_PLAIN, "%s",
				      row->step ? row->sending : "");
	}
	nfp_grid_cell(grid, note.colour, "%s", note.text);
}

/* Consecutive steps that were skipped for one reason become "...". */
static void add_steps(struct page *page, struct nfp_layout *const all[], size_t num_all)
{
	struct nfp_layout *layouts[NFP_STYLE_COUNT] = {NULL};
	size_t num = 0;
	struct nfp_grid grid = {.headings = {"step"}, .align = "l", .num_columns = 1, .indent = 2};
	bool sending = false, cut = false;

	for (size_t i = 0; i < num_all; i++) {
		if (all[i]->style->num_steps)
			layouts[num++] = all[i];
	}
	for (size_t i = 0; i < num; i++)
		sending |= layouts[i]->style->transmit == NFP_TRANSMIT_DROPPED;
	for (size_t i = 0; i < num; i++) {
		nfp_grid_column(&grid, 'l', nfp_style_name(layouts[i]->style->style));
		if (sending)
			nfp_grid_column(&grid, 'l', "sending");
	}
	nfp_grid_column(&grid, 'p', "");
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		bool any = false, again = true;

		for (size_t i = 0; i < num; i++) {
			any = any || layouts[i]->rows[step].step;
			again = again && layouts[i]->rows[step].same_reason;
		}
		if (!any || (again && cut))
			continue;
		if (!again)
			add_step(&grid, layouts, num, step, sending);
		for (size_t i = 0; again && i < grid.num_columns; i++)
			nfp_grid_cell(&grid, NFP_PLAIN, "%s",
				      i + 1 < grid.num_columns ? "..." : "");
		cut = again;
	}
	if (!grid.num_cells)
		return;
	add_line(page, NFP_PLAIN, "", "Where frames land, for each style of standby:");
	add_grid(page, &grid);
	add_blank(page);
}

/* ---- the numbers of one ladder ---- */

/* Unicast has the columns of its counts; of another kind, "pf 30/30" of those that were sent. */
static void add_landing(struct nfp_grid *grid, const struct nfp_step_result *step,
			enum nfp_kind kind)
{
	const struct nfp_count *c = &step->count[kind];
	const char *landing = nfp_landing_name(step->landing[kind]);

	if (step->landing[kind] == NFP_LANDING_NONE)
		nfp_grid_cell(grid, NFP_PLAIN, "-");
	else if (kind == NFP_KIND_UNICAST)
		nfp_grid_cell(grid, NFP_PLAIN, "%s", landing);
	else if (step->landing[kind] == NFP_LANDING_MIXED)
		nfp_grid_cell(grid, NFP_PLAIN, "PF %" PRIu64 ", VF %" PRIu64 "/%" PRIu64,
			      c->at[NFP_AT_PF], c->at[NFP_AT_VF], c->sent);
	else
		nfp_grid_cell(grid, NFP_PLAIN, "%s %" PRIu64 "/%" PRIu64, landing,
			      c->sent - nfp_count_lost(c), c->sent);
}

static void add_counts(struct page *page, const struct nfp_layout *layout)
{
	struct nfp_grid grid = NFP_GRID("rlrrrrrrlllllrlp", "step", "unicast", "sent", "PF", "VF",
					"both", "lost", "duplicates", "broadcast", "multicast",
					"unregistered", "all nodes", "unjoined", "seconds",
					"sending", "note");
	const enum nfp_kind others[] = {NFP_KIND_BROADCAST, NFP_KIND_MULTICAST,
					NFP_KIND_UNREGISTERED, NFP_KIND_ALL_NODES,
					NFP_KIND_UNJOINED};

	for (size_t i = 0; i < layout->style->num_steps; i++) {
		const struct nfp_step_result *step = &layout->style->steps[i];
		const struct nfp_layout_row *row = &layout->rows[step->step];
		const struct nfp_count *c = &step->count[NFP_KIND_UNICAST];
		const uint64_t counts[] = {c->sent, c->at[NFP_AT_PF],  c->at[NFP_AT_VF],
					   c->both, nfp_count_lost(c), c->duplicates};
		bool done = step->status == NFP_STATUS_DONE;

		nfp_grid_cell(&grid, NFP_PLAIN, "%s", nfp_step_name(step->step));
		if (done) {
			add_landing(&grid, step, NFP_KIND_UNICAST);
			for (size_t j = 0; j < NFP_NUM(counts); j++)
				nfp_grid_cell(&grid, NFP_PLAIN, "%" PRIu64, counts[j]);
			for (size_t j = 0; j < NFP_NUM(others); j++)
				add_landing(&grid, step, others[j]);
			nfp_grid_cell(&grid, NFP_PLAIN, "%.2f", nfp_seconds(step->window_ns));
			nfp_grid_cell(&grid,
				      step->transmit == NFP_TRANSMIT_DROPPED ? NFP_RED : NFP_PLAIN,
				      "%s", row->sending);
		} else {
			nfp_grid_cell(&grid, NFP_PLAIN, "%s", row->landing);
		}
		while (grid.num_cells % grid.num_columns != grid.num_columns - 1)
			nfp_grid_cell(&grid, NFP_PLAIN, "-");
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", row->note.text);
	}
	if (grid.num_cells)
		add_line(page, NFP_PLAIN, "", "Frames in the window of each step:");
	add_grid(page, &grid);
}

static void add_transitions(struct page *page, const struct nfp_style_result *style)
{
	struct nfp_grid grid = NFP_GRID("rlrrr", "from", "to", "lost", "gap", "duplicates");

	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *t = &style->transitions[i];
		const struct nfp_transition_count *unicast = &t->unicast;

		nfp_grid_cell(&grid, NFP_PLAIN, "%s", nfp_step_name(t->from));
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", nfp_step_name(t->to));
		nfp_grid_cell(&grid, NFP_PLAIN, "%" PRIu64, unicast->lost);
		if (unicast->gap.known)
			nfp_grid_cell(&grid, NFP_PLAIN, "%.1f+-%.1f",
				      (double)unicast->gap.us / 1000,
				      (double)unicast->gap.error_us / 1000);
		else
			nfp_grid_cell(&grid, NFP_PLAIN, "-");
		nfp_grid_cell(&grid, NFP_PLAIN, "%" PRIu64, unicast->duplicates);
	}
	if (grid.num_cells)
		add_line(page, NFP_PLAIN, "", "Unicast between two windows, in milliseconds:");
	add_grid(page, &grid);
}

/* Frames of a neighbour on the NIC that were heard on the wire. */
static void add_near(struct page *page, const struct nfp_near_result *near)
{
	const enum nfp_kind kinds[] = {NFP_KIND_UNICAST, NFP_KIND_BROADCAST, NFP_KIND_UNREGISTERED};
	struct nfp_grid grid = NFP_GRID("rllllp", "neighbour in", "unicast", "broadcast",
					"unregistered", "leaves", "note");

	for (size_t i = 0; i < near->num_windows; i++) {
		const struct nfp_near_window *w = &near->windows[i];

		nfp_grid_cell(&grid, NFP_PLAIN, "%s", nfp_idle_name(w->idle));
		for (size_t j = 0; j < NFP_NUM(kinds); j++)
			nfp_grid_cell(&grid, NFP_PLAIN, "%" PRIu64 "/%" PRIu64, w->heard[kinds[j]],
				      w->sent[kinds[j]]);
		nfp_grid_cell(&grid, w->leaves == NFP_NO ? NFP_RED : NFP_PLAIN, "%s",
			      nfp_name(&nfp_answer_names, w->leaves));
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", w->note);
	}
	add_grid(page, &grid);
}

/* All that is known of a ladder. */
static void add_details(struct page *page, struct nfp_layout *layout)
{
	const struct nfp_style_result *style = layout->style;
	const char *transmit = nfp_transmit_name(style->transmit);
	const char *multicast = nfp_multicast_name(style->multicast);
	struct nfp_words words = {0};

	nfp_append(&words, "", "claim %s, release %s, delivery %s",
		   nfp_claim_name(style->claim) ?: "unknown",
		   nfp_release_name(style->release) ?: "unknown",
		   nfp_delivery_name(style->delivery) ?: "unknown");
	nfp_append_known(&words, "transmit ", transmit ?: "");
	if (style->transmit_note[0])
		nfp_append(&words, " ", "(%s)", style->transmit_note);
	nfp_append_known(&words, "multicast ", multicast ?: "");
	nfp_append(&words, ", ", "bus mastering falls with the driver: %s",
		   nfp_name(&nfp_answer_names, style->bus_master_falls));
	add_heading(page, nfp_style_name(style->style), words.text);
	add_near(page, &style->neighbours);
	add_drawing(page, layout);
	add_counts(page, layout);
	add_transitions(page, style);
	add_blank(page);
}

/* ---- verdicts ---- */

/* A sentence below the reason of a verdict. */
static void add_below(struct nfp_grid *grid, const struct nfp_words *words)
{
	if (!words->text[0])
		return;
	while (grid->num_cells % grid->num_columns != grid->num_columns - 1)
		nfp_grid_cell(grid, NFP_PLAIN, "%s", "");
	nfp_grid_cell(grid, words->colour, "%s", words->text);
}

/* A guest may need IPv6, which has groups: a verdict without them is not the whole answer. */
static struct nfp_words words_of(const struct nfp_style_result *style)
{
	struct nfp_words words = nfp_verdict_words(style->verdict, style->allowed);

	if (style->verdict == NFP_VERDICT_SAFE && style->multicast != NFP_MULTICAST_OK)
		snprintf(words.text, sizeof(words.text), "SAFE (IPv4)");
	return words;
}

/* With @layouts, adds how long the guest was deaf; without, names the VF in each row. */
static void add_verdicts(struct nfp_grid *grid, const struct nfp_vf_result *vf, const char *pf,
			 struct nfp_layout *const *layouts)
{
	static const struct nfp_words remedy = {"tested as a remedy: it does not count for the "
						"verdict of the VF",
						NFP_PLAIN};

	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_style_result *style = &vf->styles[i];
		struct nfp_words words = words_of(style);
		struct nfp_words mute = nfp_advice_mute(style, pf);
		struct nfp_words ipv6 = nfp_advice_ipv6(style, false);
		bool safe = style->verdict == NFP_VERDICT_SAFE && style->reason[0];

		if (!layouts)
			nfp_grid_cell(grid, NFP_BOLD, "VF %u", vf->vf);
		nfp_grid_cell(grid, NFP_BOLD, "%s", nfp_style_name(style->style));
		nfp_grid_cell(grid, words.colour, "%s", words.text);
		nfp_grid_cell(grid, NFP_PLAIN, "%s%s%s", safe ? "(" : "", style->reason,
			      safe ? ")" : "");
		if (style->remedy)
			add_below(grid, &remedy);
		for (size_t j = 0; layouts && j < layouts[i]->num_lines; j++)
			add_below(grid, &layouts[i]->lines[j]);
		if (!layouts) {
			add_below(grid, &mute);
			add_below(grid, &ipv6);
		}
	}
}

/* A VF that was not probed, or not in full. */
static void add_unfinished(struct nfp_grid *grid, const struct nfp_vf_result *vf, bool named)
{
	struct nfp_words hint = {.colour = NFP_PLAIN};

	if (vf->num_styles && vf->status == NFP_VF_PROBED)
		return;
	if (named)
		nfp_grid_cell(grid, NFP_BOLD, "VF %u", vf->vf);
	nfp_grid_cell(grid, NFP_PLAIN, "%s", "");
	nfp_grid_cell(grid, NFP_YELLOW, "%s", vf->num_styles ? "not finished" : "not probed");
	nfp_grid_cell(grid, NFP_PLAIN, "%s", vf->error.message);
	nfp_append(&hint, "", "%s", vf->error.hint);
	add_below(grid, &hint);
}

/* The steps, the ladders, the verdicts, how long the guest was deaf. */
static void add_ladders(struct page *page, const struct nfp_vf_result *vf, const char *pf,
			bool verbose)
{
	const struct nfp_style_result *styles = vf->styles;
	size_t num = vf->num_styles;
	struct nfp_layout *layouts[NFP_STYLE_COUNT] = {NULL};
	struct nfp_grid grid = NFP_GRID("ppp", NULL);

	for (size_t i = 0; i < num; i++)
		layouts[i] = nfp_layout_of(&styles[i], pf, verbose);
	add_blank(page);
	add_steps(page, layouts, num);
	add_verdicts(&grid, vf, pf, layouts);
	for (size_t i = 0; i < num; i++) {
		if (verbose)
			add_details(page, layouts[i]);
		else
			add_drawing(page, layouts[i]);
	}
	add_grid(page, &grid);
	for (size_t i = 0; i < num; i++)
		nfp_layout_free(layouts[i]);
}

/* One row for each label: what to do, and behind it the command that does it. */
static void append_piece(struct nfp_words *row, const struct nfp_advice *a)
{
	bool bare = !a->text.text[0];

	nfp_append(row, a->between, "%s", a->text.text);
	if (a->command.text[0])
		nfp_append(row, bare ? a->between : " ", "%s%s%s", bare ? "" : "(", a->command.text,
			   bare ? "" : ")");
	if (a->proof.text[0])
		nfp_append(row, " ", "%s", a->proof.text);
	if (a->see.text[0])
		nfp_append(row, " ", "(nfprobe-verdicts(7), %s)", a->see.text);
}

static void add_advice(struct page *page, const struct nfp_result *result,
		       const struct nfp_vf_result *vf)
{
	struct nfp_grid grid = {.align = "pp", .num_columns = 2};
	struct nfp_advices advice = nfp_advice_of(result, vf);
	struct nfp_words words = {0};

	if (advice.num)
		add_blank(page);
	for (size_t i = 0; i < advice.num; i++) {
		const struct nfp_advice *a = &advice.v[i];
		bool last = i + 1 == advice.num || strcmp(a[1].label.text, a->label.text) != 0;

		append_piece(&words, a);
		if (!last)
			continue;
		nfp_grid_cell(&grid, NFP_BOLD, "%s", a->label.text);
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", words.text);
		words = (struct nfp_words) {0};
	}
	free(advice.v);
	add_grid(page, &grid);
}

static void add_vf(struct page *page, const struct nfp_result *result,
		   const struct nfp_vf_result *vf, bool verbose)
{
	struct nfp_grid grid = NFP_GRID("ppp", NULL);
	struct nfp_words near;

	if (vf->num_styles)
		add_ladders(page, vf, result->pf.ifname, verbose);
	add_unfinished(&grid, vf, false);
	add_grid(page, &grid);
	near = nfp_advice_near(vf, result->pf.ifname);
	if (near.text[0])
		add_blank(page);
	add_line(page, near.colour == NFP_PLAIN ? NFP_BOLD : near.colour,
		 "Neighbours on this NIC: ", near.text);
	add_advice(page, result, vf);
}

/* ---- the whole ---- */

/* A verdict that proves nothing has its own advice. */
static void add_next(struct page *page, const struct nfp_result *result, bool saved)
{
	struct nfp_words words = {0};

	if (!result->have_verdict || result->verdict == NFP_VERDICT_INCONCLUSIVE ||
	    !result->restored || result->error.code != NFP_E_NONE)
		return;
	nfp_append(&words, "",
		   saved ? "nfprobe-check %s says whether this still holds; so does libvirt's "
			   "hook"
			 : "with --save, nfprobe-check %s and libvirt's hook know this verdict",
		   result->pf.ifname);
	add_blank(page);
	add_line(page, NFP_BOLD, "Next: ", words.text);
}

/* The state in which the run has left the host, and what else bears on the verdicts. */
static void add_state(struct page *page, const struct nfp_result *result)
{
	struct nfp_words words = {0};

	if (result->settings.settle_short && any_verdict(result)) {
		nfp_append(&words, "",
			   "each state was watched for %g s only; drivers that act later than that "
			   "are not seen (--settle)",
			   nfp_seconds(result->settings.settle_ns));
		add_line(page, NFP_YELLOW, "Settling time: ", words.text);
	}
	add_list(page, "External changes during the run: ", &result->changes_seen);
	add_list(page, "Left behind: ", &result->left_behind);
	if (result->restored)
		return;
	words = (struct nfp_words) {0};
	nfp_append(&words, "",
		   "the host is not as it was before the run; nfprobe --restore %s tries again",
		   result->pf.ifname);
	add_line(page, NFP_RED, "Not restored: ", words.text);
}

int nfp_report_text(const struct nfp_result *result, const struct nfp_report_opts *opts, FILE *out)
{
	struct page page = {.w = {.out = out, .color = opts->color}, .opts = opts};
	struct nfp_grid list = {.align = "pppp", .num_columns = 4};

	page.w.columns = opts->columns ?: DEFAULT_COLUMNS;
	/* If the run did not begin, the error says why. */
	if (!result->have_vf)
		return nfp_stream_status(out);
	if (!opts->quiet)
		add_head(&page, result, opts->verbose);
	if (opts->quiet) {
		add_verdicts(&list, &result->vf, result->pf.ifname, NULL);
		add_unfinished(&list, &result->vf, true);
		add_grid(&page, &list);
		return nfp_stream_status(out);
	}
	add_vf(&page, result, &result->vf, opts->verbose);
	add_state(&page, result);
	if (opts->next)
		add_next(&page, result, opts->saved);
	return nfp_stream_status(out);
}
