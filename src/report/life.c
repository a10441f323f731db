// SPDX-License-Identifier: GPL-2.0-or-later
/* life.c - does a guest get its frames while it comes, stays and goes? Makes a cell for each state,
 * and the table of them, with a row for each standby. */
#include "summary_priv.h"

#include <stdint.h>
#include <string.h>
#include <sys/param.h>

const struct nfp_names nfp_life_cell_names = NFP_NAMES(NULL, "lost", "refused", "slow", "unknown",
						       "gap", "ok-if", "ok", "untested", NULL);
const struct nfp_names nfp_serves_names = NFP_NAMES("ipv4", "ipv6");

#define NAME_WIDTH 11

/* The heads continue the question above the table. */
const struct nfp_life_head nfp_life_columns[NFP_LIFE_COUNT] = {
	[NFP_LIFE_ATTACH] = {"boots", "its VF has the address, and no driver yet", 7,
			     .steps = {NFP_STEP_ATTACH}},
	[NFP_LIFE_UP] = {"VF up", "it uses its VF", 7,
			 .steps = {NFP_STEP_UP, NFP_STEP_VF_FIRST_UP, NFP_STEP_VF_FIRST_REWRITTEN,
				   NFP_STEP_VF_FIRST_BACK}},
	[NFP_LIFE_UNPLUG] = {"unplug", "its VF is taken away, to migrate", 8,
			     .steps = {NFP_STEP_UNPLUG, NFP_STEP_VF_FIRST_UNPLUG}},
	[NFP_LIFE_DETACH] = {"reset", "that VF is reset, and back with the host", 7,
			     .steps = {NFP_STEP_DETACH}},
	[NFP_LIFE_CLEAR] = {"clear", "the host clears that VF's address", 7,
			    .steps = {NFP_STEP_CLEAR, NFP_STEP_VF_FIRST_CLEAR}},
	[NFP_LIFE_VF_FIRST] = {"reboot",
			       "it starts with a VF that has the address before its standby does",
			       8, .steps = {NFP_STEP_VF_FIRST}},
	[NFP_LIFE_IPV6] = {"IPv6", "it has joined groups, in each of these", 6,
			   .steps = {NFP_STEP_CONTROL}},
};

static const struct {
	const char *word; /* "LOST" */
	enum nfp_text_colour colour;
} cell_words[NFP_CELL_COUNT] = {
	[NFP_CELL_LOST] = {"LOST", NFP_ALARM}, [NFP_CELL_REFUSED] = {"no VF", NFP_ALARM},
	[NFP_CELL_SLOW] = {"SLOW", NFP_ALARM}, [NFP_CELL_UNKNOWN] = {"?", NFP_YELLOW},
	[NFP_CELL_GAP] = {"gap", NFP_YELLOW},  [NFP_CELL_OK_IF] = {"ok*", NFP_GREEN},
	[NFP_CELL_OK] = {"ok", NFP_GREEN},     [NFP_CELL_UNTESTED] = {"-", NFP_PLAIN},
	[NFP_CELL_NONE] = {" ", NFP_PLAIN},
};

/* ---- the cells ---- */

static enum nfp_life_cell cell_of(enum nfp_answer passed)
{
	static const enum nfp_life_cell cells[] = {
		[NFP_UNASKED] = NFP_CELL_UNKNOWN,
		[NFP_NO] = NFP_CELL_LOST,
		[NFP_YES] = NFP_CELL_OK,
		[NFP_UNKNOWN] = NFP_CELL_UNKNOWN,
	};

	return cells[passed];
}

static bool is_left_out(const struct nfp_style_result *style, enum nfp_step which)
{
	const struct nfp_step_result *step = nfp_style_step(style, which);

	return step && step->w.status == NFP_STATUS_SKIPPED && step->w.skip_allowed;
}

/* Nothing is expected in `assign`, so it does not pass or fail: the PF decides, if broadcast shows
 * that it could hear. */
static enum nfp_life_cell cell_of_assign(const struct nfp_evidence *e)
{
	const struct nfp_observation *obs = &e->step[NFP_STEP_ASSIGN];
	enum nfp_answer receives = nfp_receives(obs, NFP_AT_PF);

	if (receives == NFP_NO &&
	    nfp_reaches(obs->landing[NFP_KIND_BROADCAST], NFP_AT_PF) != NFP_YES)
		return NFP_CELL_UNKNOWN;
	return cell_of(receives);
}

static enum nfp_life_cell cell_of_step(const struct nfp_style_result *style,
				       const struct nfp_evidence *e, enum nfp_step which)
{
	const struct nfp_step_result *step = nfp_style_step(style, which);
	const struct nfp_step_result *assign = nfp_style_step(style, NFP_STEP_ASSIGN);

	if (which == NFP_STEP_ATTACH && assign && assign->w.status == NFP_STATUS_REFUSED)
		return e->assign_refused_duplicate ? NFP_CELL_REFUSED : NFP_CELL_UNKNOWN;
	if (which == NFP_STEP_ATTACH && is_left_out(style, which) && assign &&
	    assign->w.status == NFP_STATUS_DONE)
		return cell_of_assign(e);
	if (which == NFP_STEP_DETACH && is_left_out(style, which))
		return cell_of_step(style, e, NFP_STEP_UNPLUG);
	if (!step || step->w.status == NFP_STATUS_SKIPPED)
		return NFP_CELL_UNTESTED;
	if (step->w.status == NFP_STATUS_REFUSED)
		return NFP_CELL_REFUSED;
	return nfp_unfit_by_multicast(step) ? NFP_CELL_OK : cell_of(step->w.answer);
}

/* Was the standby itself tested, and is not served, so that no other step shows anything? */
static bool is_standby_unserved(const struct nfp_style_result *style, const struct nfp_judged *j)
{
	const struct nfp_step_result *standby = nfp_style_step(style, NFP_STEP_STANDBY);

	return j->step == NFP_STEP_STANDBY && !nfp_is_fault(j->verdict) && standby &&
	       standby->w.status != NFP_STATUS_SKIPPED;
}

static enum nfp_life_cell cell_of_state(enum nfp_check_state state)
{
	static const enum nfp_life_cell cells[NFP_STATE_COUNT] = {
		[NFP_STATE_NONE] = NFP_CELL_UNTESTED,	 [NFP_STATE_UNTESTED] = NFP_CELL_UNTESTED,
		[NFP_STATE_UNPROVEN] = NFP_CELL_UNKNOWN, [NFP_STATE_OK] = NFP_CELL_OK,
		[NFP_STATE_LOST] = NFP_CELL_LOST,
	};

	return cells[state];
}

enum nfp_life_column nfp_life_column_of(enum nfp_step to)
{
	switch (to) {
	case NFP_STEP_ASSIGN:
		return NFP_LIFE_ATTACH;
	case NFP_STEP_ALONE:
		return NFP_LIFE_UP;
	default:
		break;
	}
	for (enum nfp_life_column c = 0; c < NFP_LIFE_IPV6; c++) {
		for (size_t i = 0; i < NFP_LIFE_STEPS && nfp_life_columns[c].steps[i]; i++) {
			if (nfp_life_columns[c].steps[i] == to)
				return c;
		}
	}
	return NFP_LIFE_COUNT;
}

/* A bridge that learns may drop frames that the filter delivers. */
static void mark_place(const struct nfp_style_result *style, struct nfp_life *life)
{
	const struct nfp_failed_check *failed = nfp_bridge_failed(style);
	const enum nfp_life_cell cells[NFP_VERDICT_COUNT] = {
		[NFP_VERDICT_DEAF] = NFP_CELL_LOST,
		[NFP_VERDICT_SLOW] = !failed				   ? NFP_CELL_GAP
				     : failed->verdict == NFP_VERDICT_SLOW ? NFP_CELL_SLOW
									   : NFP_CELL_UNKNOWN,
	};

	nfp_for_each (step, style->steps, style->num_steps) {
		const enum nfp_life_column c = nfp_life_column_of(step->step);
		const enum nfp_verdict verdict = nfp_bridge_in(style, step->step);

		if (c < NFP_LIFE_COUNT && verdict != NFP_VERDICT_SAFE &&
		    life->cells[c] != NFP_CELL_UNTESTED)
			life->cells[c] = MIN(life->cells[c], cells[verdict] ?: NFP_CELL_UNKNOWN);
	}
}

/* IPv6 of a guest that is lost is lost with the rest. */
static void mark_ipv6(struct nfp_life *life)
{
	for (enum nfp_life_column c = 0; c < NFP_LIFE_IPV6; c++) {
		if (life->cells[c] == NFP_CELL_LOST)
			life->cells[NFP_LIFE_IPV6] = NFP_CELL_NONE;
	}
}

static void mark_slow(const struct nfp_style_result *style, unsigned int limit_ms,
		      struct nfp_life *life)
{
	nfp_for_each (t, style->transitions, style->num_transitions) {
		enum nfp_life_column c = nfp_life_column_of(t->to);

		if (c < NFP_LIFE_COUNT && nfp_gap_is_over(t, UINT64_C(1000) * limit_ms))
			life->cells[c] = MIN(life->cells[c], NFP_CELL_SLOW);
	}
}

/* The groups of a macvtap's guest pass only if the host lets them. */
static enum nfp_life_cell if_trusted(const struct nfp_style_result *style, enum nfp_life_cell cell)
{
	return cell == NFP_CELL_OK && nfp_styles[style->style].ipv6 ? NFP_CELL_OK_IF : cell;
}

/* ---- how long the guest was deaf ---- */

/* Is the guest deaf in this state however long it lasts; or, behind a bridge, for a time that
 * nobody has measured? */
static enum nfp_outage_state state_in(const struct nfp_style_result *style,
				      const struct nfp_step_result *step)
{
	if (step->w.answer == NFP_NO && !nfp_unfit_by_multicast(step))
		return step->cut_short ? NFP_OUTAGE_UNMEASURED : NFP_OUTAGE_ENDLESS;
	switch (nfp_bridge_in(style, step->step)) {
	case NFP_VERDICT_SAFE:
		return NFP_OUTAGE_MEASURED;
	case NFP_VERDICT_DEAF:
		return NFP_OUTAGE_ENDLESS;
	default:
		return NFP_OUTAGE_UNMEASURED;
	}
}

static const struct nfp_span *gap_to(const struct nfp_style_result *style, enum nfp_step to)
{
	nfp_for_each (t, style->transitions, style->num_transitions) {
		if (t->to == to && t->unicast.gap.known)
			return &t->unicast.gap;
	}
	return NULL;
}

/* Returns the upper bound, for comparisons. -1: not measured. */
static int64_t outage_us(const struct nfp_outage *outage)
{
	if (outage->state == NFP_OUTAGE_ENDLESS)
		return INT64_MAX;
	if (outage->state == NFP_OUTAGE_UNMEASURED)
		return -1;
	return outage->span.us + (int64_t)outage->span.error_us;
}

static struct nfp_outage longest_outage(const struct nfp_style_result *style)
{
	struct nfp_outage longest = {.to = NFP_STEP_COUNT, .heard_by = NFP_LISTENS_NOWHERE};
	struct nfp_outage open = longest;

	nfp_for_each (step, style->steps, style->num_steps) {
		const struct nfp_span *gap = gap_to(style, step->step);
		struct nfp_outage outage = {.state = state_in(style, step),
					    .to = step->step,
					    .heard_by = nfp_ladder[step->step].listens};

		if (step->w.status != NFP_STATUS_DONE || outage.heard_by == NFP_LISTENS_NOWHERE)
			continue;
		if (outage.state == NFP_OUTAGE_UNMEASURED)
			open = outage;
		if (outage.state == NFP_OUTAGE_MEASURED && (!gap || !nfp_gap_hurts(step->step)))
			continue;
		if (outage.state == NFP_OUTAGE_MEASURED)
			outage.span = *gap;
		if (outage_us(&outage) > outage_us(&longest))
			longest = outage;
	}
	return open.to < NFP_STEP_COUNT && longest.state != NFP_OUTAGE_ENDLESS ? open : longest;
}

/* ---- a row ---- */

static uint32_t row_serves(const struct nfp_style_result *style)
{
	bool safe = style->verdict == NFP_VERDICT_SAFE || nfp_fault_of(style) == NFP_OUTCOME_IPV6;

	const bool open = nfp_is_inside(style) && !style->no_wire;

	return (safe || (nfp_lacks_only_multicast(style) && !open) ? 1U : 0) |
	       (safe && style->multicast == NFP_STATE_OK ? 2U : 0);
}

void nfp_life_of(const struct nfp_style_result *style, unsigned int gap_limit_ms,
		 struct nfp_life *ret_life)
{
	struct nfp_life life = {.row = nfp_row_of(style),
				.style = style,
				.verdict = style->verdict,
				.serves = row_serves(style),
				.outage = longest_outage(style)};
	const struct nfp_judged j = style->judged;
	struct nfp_evidence evidence;
	bool disturbed;

	disturbed = style->verdict == NFP_VERDICT_UNKNOWN && nfp_why_inconclusive(style)->disturbed;
	nfp_evidence_of(style, &nfp_sources[style->from.by].shows, &evidence);
	for (enum nfp_life_column c = 0; c < NFP_LIFE_IPV6; c++) {
		life.cells[c] = NFP_CELL_UNTESTED;
		for (size_t i = 0; i < NFP_LIFE_STEPS && nfp_life_columns[c].steps[i]; i++)
			life.cells[c] =
				MIN(life.cells[c],
				    cell_of_step(style, &evidence, nfp_life_columns[c].steps[i]));
		if (is_standby_unserved(style, &j))
			life.cells[c] = NFP_CELL_UNKNOWN;
	}
	life.cells[NFP_LIFE_IPV6] = if_trusted(style, cell_of_state(style->multicast));
	if (style->verdict == NFP_VERDICT_SLOW && !style->by_bridge)
		mark_slow(style, gap_limit_ms, &life);
	for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++) {
		if (life.cells[c] == NFP_CELL_LOST && disturbed)
			life.cells[c] = NFP_CELL_UNKNOWN;
	}
	mark_place(style, &life);
	mark_ipv6(&life);
	*ret_life = life;
}

/* ---- the guest's VLAN ---- */

static enum nfp_life_cell vlan_cell_of(const struct nfp_style_result *style, enum nfp_step which)
{
	const struct nfp_step_result *step = nfp_style_step(style, which);

	if (is_left_out(style, which) && which == NFP_STEP_ATTACH)
		step = nfp_style_step(style, NFP_STEP_ASSIGN);
	if (is_left_out(style, which) && which == NFP_STEP_DETACH)
		step = nfp_style_step(style, NFP_STEP_UNPLUG);
	if (!step || step->w.status != NFP_STATUS_DONE)
		return NFP_CELL_UNTESTED;
	return cell_of(step->vlan_passed);
}

/* Each cell includes IPv6, if the standby has it at all. */
static void vlan_life_of(const struct nfp_style_result *style, struct nfp_life *ret_life)
{
	static const enum nfp_verdict verdicts[NFP_STATE_COUNT] = {
		[NFP_STATE_NONE] = NFP_VERDICT_UNKNOWN,
		[NFP_STATE_UNTESTED] = NFP_VERDICT_UNKNOWN,
		[NFP_STATE_UNPROVEN] = NFP_VERDICT_UNKNOWN,
		[NFP_STATE_OK] = NFP_VERDICT_SAFE,
		[NFP_STATE_LOST] = NFP_VERDICT_DEAF,
	};
	struct nfp_row row;
	const enum nfp_check_state in_vlan = nfp_vlan_row_of(style, &row);
	struct nfp_life life = {.row = row,
				.style = style,
				.verdict = verdicts[in_vlan],
				.outage.to = NFP_STEP_COUNT,
				.outage.heard_by = NFP_LISTENS_NOWHERE};
	enum nfp_life_cell worst = NFP_CELL_UNTESTED;

	for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++)
		life.cells[c] = NFP_CELL_UNTESTED;
	for (enum nfp_life_column c = 0; c < NFP_LIFE_IPV6; c++) {
		if (in_vlan == NFP_STATE_UNTESTED)
			break;
		for (size_t i = 0; i < NFP_LIFE_STEPS && nfp_life_columns[c].steps[i]; i++)
			life.cells[c] = MIN(life.cells[c],
					    vlan_cell_of(style, nfp_life_columns[c].steps[i]));
		/* A part is not known where the whole is not. */
		if (life.cells[c] == NFP_CELL_OK && in_vlan == NFP_STATE_UNPROVEN)
			life.cells[c] = NFP_CELL_UNKNOWN;
		worst = MIN(worst, life.cells[c]);
	}
	if (style->multicast == NFP_STATE_OK)
		life.cells[NFP_LIFE_IPV6] = if_trusted(style, worst);
	mark_place(style, &life);
	mark_ipv6(&life);
	/* A VLAN is served if the style is that carries it. */
	if (life.verdict == NFP_VERDICT_SAFE)
		life.verdict = style->verdict;
	life.serves = life.verdict == NFP_VERDICT_SAFE ? row_serves(style) : 0;
	*ret_life = life;
}

/* ---- the table ---- */

static struct nfp_words row_name(const struct nfp_life *row)
{
	if (row->row.vlan)
		return nfp_phrase("  VLAN %u", row->row.vlan);
	return nfp_phrase("%s", nfp_style_name(row->style->style));
}

/* Prints "bridge: LOST boots, unplug; ? IPv6", for a terminal that is too narrow for the table. */
static void print_row_in_words(struct nfp_writer *w, const struct nfp_life *row)
{
	const char *between = ": ";

	nfp_writer_at(w, 2, NFP_BOLD, "%s", row_name(row).text);
	for (enum nfp_life_cell cell = NFP_CELL_LOST; cell < NFP_CELL_NONE; cell++) {
		struct nfp_words in = {0};

		for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++) {
			if (row->cells[c] == cell)
				nfp_append(&in, ", ", "%s", nfp_life_columns[c].heading);
		}
		if (!in.text[0])
			continue;
		nfp_writer_wrap(w, NFP_PLAIN, 4, "%s", between);
		nfp_writer_wrap(w, cell_words[cell].colour, 4, "%s", cell_words[cell].word);
		nfp_writer_wrap(w, NFP_PLAIN, 4, " %s", in.text);
		between = "; ";
	}
	nfp_writer_newline(w);
}

static void add_row(struct nfp_grid *grid, const struct nfp_life *row)
{
	nfp_grid_cell(grid, NFP_BOLD, "%s", row_name(row).text);
	for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++)
		nfp_grid_cell(grid, cell_words[row->cells[c]].colour, "%s",
			      cell_words[row->cells[c]].word);
}

/* A fix whose bridge also needs a pin has only the pinned row. */
static bool is_superseded(const struct nfp_vf_result *vf, const struct nfp_style_result *style)
{
	for (size_t i = 0; style->is_fix && i < vf->num_styles; i++) {
		const struct nfp_style_row *row = &nfp_styles[vf->styles[i].style];

		if (row->pinned && row->plain == style->style)
			return true;
	}
	return false;
}

bool nfp_is_snooped(const struct nfp_pf_info *pf, enum nfp_style style)
{
	return pf->snooping[0] && !nfp_styles[style].ipv6 && !nfp_styles[style].second_vf;
}

size_t nfp_life_rows(const struct nfp_result *result, struct nfp_life rows[NFP_LIFE_MAX])
{
	const struct nfp_vf_result *vf = &result->vf;
	size_t num = 0;

	nfp_for_each (style, vf->styles, vf->num_styles) {
		struct nfp_row vlan;

		if (style->verdict == NFP_VERDICT_NOT_APPLICABLE || is_superseded(vf, style))
			continue;
		nfp_life_of(style, result->settings.gap_limit_ms, &rows[num++]);
		(void)nfp_vlan_row_of(style, &vlan);
		if (vlan.vlan)
			vlan_life_of(style, &rows[num++]);
	}
	for (size_t i = 0; i < num; i++)
		if (rows[i].cells[NFP_LIFE_IPV6] == NFP_CELL_OK &&
		    nfp_is_snooped(&result->pf, rows[i].row.style))
			rows[i].cells[NFP_LIFE_IPV6] = NFP_CELL_OK_IF;
	return num;
}

static bool occurs(const struct nfp_life rows[], size_t num, enum nfp_life_cell cell)
{
	for (size_t i = 0; i < num; i++)
		for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++)
			if (rows[i].cells[c] == cell)
				return true;
	return false;
}

/* Returns the longest time for which a bridge may lose a guest. */
static unsigned int gap_s(const struct nfp_life rows[], size_t num)
{
	unsigned int most = 0;

	for (size_t i = 0; i < num; i++)
		most = MAX(most, rows[i].style->bridge_gap_ms / 1000);
	return most;
}

/* Returns the condition of a cell with a star. */
static const char *star_words(const struct nfp_life rows[], size_t num)
{
	bool trust = false, groups = false;

	for (size_t i = 0; i < num; i++) {
		bool star = rows[i].cells[NFP_LIFE_IPV6] == NFP_CELL_OK_IF;

		trust |= star && nfp_styles[rows[i].row.style].ipv6;
		groups |= star && !nfp_styles[rows[i].row.style].ipv6;
	}
	return trust && groups ? "if the condition of IPv6 is met"
	       : groups	       ? "with all groups at its tap"
			       : "with trustGuestRxFilters";
}

/* Prints the meaning of each word of the table that does not explain itself. */
static void print_legend(struct nfp_writer *w, const struct nfp_life rows[], size_t num)
{
	static const char *const meanings[NFP_CELL_COUNT] = {
		[NFP_CELL_LOST] = "LOST: nothing arrives",
		[NFP_CELL_REFUSED] = "no VF: the kernel refuses it",
		[NFP_CELL_SLOW] = "SLOW: lost for longer than --gap-limit",
		[NFP_CELL_UNKNOWN] = "?: not known",
		[NFP_CELL_UNTESTED] = "-: not tested",
	};
	struct nfp_words legend = {0}, fixes = {0};

	for (enum nfp_life_cell cell = 0; cell < NFP_CELL_COUNT; cell++) {
		if (!occurs(rows, num, cell))
			continue;
		if (cell == NFP_CELL_GAP)
			nfp_append(
				&legend, "; ",
				"gap: unless pinned, lost until it sends, %u s at most (a bridge's "
				"ageing time, not measured; --gap-limit counts it)",
				gap_s(rows, num));
		else if (cell == NFP_CELL_OK_IF)
			nfp_append(&legend, "; ", "*: %s", star_words(rows, num));
		else if (meanings[cell])
			nfp_append(&legend, "; ", "%s", meanings[cell]);
	}
	for (size_t i = 0; i < num; i++) {
		if (rows[i].row.fix < NFP_STYLE_COUNT && !rows[i].row.vlan)
			nfp_append(&fixes, ", ", "%s", row_name(&rows[i]).text);
	}
	if (fixes.text[0])
		nfp_append(&legend, "; ", "%s: %s, tested", fixes.text,
			   strchr(fixes.text, ',') ? "fixes" : "a fix");
	if (legend.text[0])
		nfp_writer_paragraph(w, 2, nfp_phrase("  %s", legend.text).text);
}

/* Prints what was asked for, and each fix that serves a guest. */
void nfp_life_print(struct nfp_writer *w, const struct nfp_life all[], size_t num_all)
{
	struct nfp_life rows[NFP_LIFE_MAX];
	bool is_shown = false;
	size_t num = 0;
	struct nfp_grid grid = {.indent = 2};

	nfp_grid_column(&grid, false, "standby");
	grid.widths[0] = NAME_WIDTH;
	for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++) {
		nfp_grid_column(&grid, false, nfp_life_columns[c].heading);
		grid.widths[grid.num_columns - 1] = nfp_life_columns[c].width;
	}
	for (size_t i = 0; i < num_all; i++) {
		/* A row of a VLAN belongs to the row before it. */
		if (!all[i].row.vlan)
			is_shown = all[i].row.fix == NFP_STYLE_COUNT || all[i].serves;
		if (is_shown)
			rows[num++] = all[i];
	}
	for (size_t i = 0; i < num; i++)
		add_row(&grid, &rows[i]);
	grid.columns = w->columns;
	if (!nfp_writer_grid(w, &grid)) {
		for (size_t i = 0; i < num; i++)
			print_row_in_words(w, &rows[i]);
	}
	print_legend(w, rows, num);
}
