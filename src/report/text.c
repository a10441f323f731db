// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text.c - a result for a person: the answer, one table of a guest's life, why, what to do, and one
 * line of context. Counts, steps and times come with -v, as tables.
 */
#include "report_priv.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>
#include <sys/param.h>

#define DEFAULT_COLUMNS 80
#define VLAN_8021AD	0x88a8
#define TEXT_COLUMNS	80 /* sentences wrap here on wider terminals, too */
#define LABEL_WIDTH	5  /* "Why  " */
#define COMMAND_AT	7
#define VERDICT_WIDTH	14
#define LIFE_NAME_WIDTH 14 /* "static-bridge" */

/* ---- sentences behind a label, and commands ---- */

static void sentence(struct nfp_writer *w, const char *label, const char *text)
{
	const unsigned int columns = w->columns;

	w->columns = MIN(columns, TEXT_COLUMNS);
	nfp_writer_text(w, NFP_BOLD, "%s", label);
	nfp_writer_pad(w, LABEL_WIDTH);
	nfp_writer_wrap(w, NFP_PLAIN, LABEL_WIDTH, "%s", text);
	nfp_writer_newline(w);
	w->columns = columns;
}

/* Never wrapped, so that they can be copied. */
static void commands(struct nfp_writer *w, const char *lines)
{
	while (*lines) {
		size_t len = strcspn(lines, "\n");

		nfp_writer_at(w, COMMAND_AT, NFP_BOLD, "%.*s", (int)len, lines);
		nfp_writer_newline(w);
		lines += len + (lines[len] == '\n');
	}
}

/* ---- the table of a guest's life ---- */

static const struct {
	const char *heading;
	unsigned int width;
} columns[NFP_LIFE_COUNT] = {
	[NFP_LIFE_ATTACH] = {"gets VF", 9},   [NFP_LIFE_UP] = {"VF up", 7},
	[NFP_LIFE_UNPLUG] = {"migrates", 10}, [NFP_LIFE_DETACH] = {"VF gone", 9},
	[NFP_LIFE_CLEAR] = {"cleared", 9},    [NFP_LIFE_REASSIGN] = {"next", 7},
	[NFP_LIFE_VF_FIRST] = {"starts", 8},  [NFP_LIFE_IPV6] = {"IPv6", 6},
};

static const struct {
	const char *word;
	enum nfp_text_colour colour;
} cells[NFP_CELL_COUNT] = {
	[NFP_CELL_LOST] = {"LOST", NFP_RED}, [NFP_CELL_REFUSED] = {"REFUSED", NFP_RED},
	[NFP_CELL_SLOW] = {"SLOW", NFP_RED}, [NFP_CELL_UNKNOWN] = {"?", NFP_YELLOW},
	[NFP_CELL_OK] = {"ok", NFP_GREEN},   [NFP_CELL_UNTESTED] = {"-", NFP_PLAIN},
};

/* A remedy is named by what it adds; "fix" if it serves the guest better than what it is for. */
static struct nfp_words row_name(const struct nfp_vf_result *vf,
				 const struct nfp_style_result *style)
{
	static const char *const brief[NFP_STYLE_COUNT] = {
		[NFP_STYLE_BRIDGE_FDB] = "+fdb",
		[NFP_STYLE_STATIC_BRIDGE] = "static",
	};
	struct nfp_words name = {0};
	bool helps = false, lost;

	if (!style->remedy || !brief[style->style]) {
		nfp_append(&name, "", "%s", nfp_style_name(style->style));
		return name;
	}
	for (enum nfp_style s = 0; s < NFP_STYLE_COUNT; s++)
		helps |= nfp_styles[style->style].mends & NFP_STYLE_BIT(s) &&
			 nfp_best_remedy(vf, s, &lost) == style->style;
	nfp_append(&name, "", "%s (%s)", brief[style->style], helps ? "fix" : "no");
	return name;
}

/* The longest time for which the guest was deaf in a change, in microseconds; -1: not measured;
 * INT64_MAX: in a settled state as well. */
static int64_t longest_outage_us(const struct nfp_style_result *style)
{
	struct nfp_outage outage;
	int64_t us = -1;

	for (enum nfp_listens l = NFP_LISTENS_PF; l <= NFP_LISTENS_VF; l++) {
		const struct nfp_span *gap;

		if (!nfp_outage_of(style, l, &outage))
			continue;
		if (outage.endless)
			return INT64_MAX;
		gap = &outage.longest->unicast.gap;
		us = MAX(us, gap->us + (int64_t)gap->error_us);
	}
	return us;
}

static struct nfp_words outage_words(int64_t us)
{
	struct nfp_words words = {0};

	if (us == INT64_MAX)
		nfp_append(&words, "", "the whole step");
	else if (us >= 0) /* to tenths of a second, rounded up */
		nfp_append(&words, "", "under %.1f s", (double)(us / 100000 + 1) / 10);
	return words;
}

static unsigned int table_width(void)
{
	unsigned int width = 2 + LIFE_NAME_WIDTH;

	for (size_t c = 0; c < NFP_LIFE_COUNT; c++)
		width += columns[c].width;
	return width;
}

/* "bridge: LOST gets VF, migrates", for a terminal that is too narrow for the table. */
static void print_row_in_words(struct nfp_writer *w, const struct nfp_life *life, const char *name)
{
	struct nfp_words words = {0};

	for (enum nfp_life_cell cell = 0; cell < NFP_CELL_OK; cell++) {
		const char *between = "; ";

		for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++) {
			if (life->cells[c] != cell)
				continue;
			nfp_append(&words, between, "%s%s%s",
				   between[0] == ';' ? cells[cell].word : "",
				   between[0] == ';' ? " " : "", columns[c].heading);
			between = ", ";
		}
	}
	nfp_writer_at(w, 2, NFP_BOLD, "%s: ", name);
	nfp_writer_wrap(w, words.text[0] ? NFP_RED : NFP_GREEN, 4, "%s",
			words.text[0] ? words.text : "ok");
	nfp_writer_newline(w);
}

static void print_row(struct nfp_writer *w, const struct nfp_style_result *style,
		      const struct nfp_life *life, const char *name, bool wide)
{
	unsigned int at = 2 + LIFE_NAME_WIDTH;

	nfp_writer_at(w, 2, NFP_BOLD, "%s", name);
	for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++) {
		bool needs = c == NFP_LIFE_IPV6 && life->cells[c] == NFP_CELL_OK &&
			     nfp_styles[style->style].ipv6;

		nfp_writer_at(w, at, cells[life->cells[c]].colour, "%s%s",
			      cells[life->cells[c]].word, needs ? "*" : "");
		at += columns[c].width;
	}
	if (wide) {
		struct nfp_words words = nfp_verdict_text(style);

		nfp_writer_at(w, at, words.colour, "%s", words.text);
		nfp_writer_at(w, at + VERDICT_WIDTH, NFP_PLAIN, "%s",
			      outage_words(longest_outage_us(style)).text);
	}
	nfp_writer_newline(w);
}

static bool all_ok(const struct nfp_vf_result *vf)
{
	for (size_t i = 0; i < vf->num_styles; i++) {
		if (vf->styles[i].verdict != NFP_VERDICT_SAFE)
			return false;
	}
	return true;
}

static void print_table(struct nfp_writer *w, const struct nfp_result *result,
			const struct nfp_vf_result *vf)
{
	const unsigned int width = table_width();
	bool narrow = w->columns < width - 2, wide = w->columns >= width + VERDICT_WIDTH + 16;
	unsigned int at = 2 + LIFE_NAME_WIDTH;

	nfp_writer_newline(w);
	if (!all_ok(vf))
		nfp_writer_line(w, NFP_PLAIN, 2, 2, "Does a guest get its frames while it ...");
	if (!narrow) {
		nfp_writer_at(w, 2, NFP_BOLD, "standby");
		for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++) {
			nfp_writer_at(w, at, NFP_BOLD, "%s", columns[c].heading);
			at += columns[c].width;
		}
		if (wide) {
			nfp_writer_at(w, at, NFP_BOLD, "verdict");
			nfp_writer_at(w, at + VERDICT_WIDTH, NFP_BOLD, "longest outage");
		}
		nfp_writer_newline(w);
	}
	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_style_result *style = &vf->styles[i];
		struct nfp_words name = row_name(vf, style);
		struct nfp_life life;

		if (style->verdict == NFP_VERDICT_NOT_APPLICABLE)
			continue;
		nfp_life_of(style, result->settings.gap_limit_ms, &life);
		if (narrow)
			print_row_in_words(w, &life, name.text);
		else
			print_row(w, style, &life, name.text, wide);
	}
}

/* ---- why ---- */

/* What the NIC's neighbours lose, and until when. */
static struct nfp_words near_words(const struct nfp_result *result, const struct nfp_vf_result *vf)
{
	static const char *const from[NFP_IDLE_COUNT] = {
		[NFP_IDLE_RESET] = "From the assignment",
		[NFP_IDLE_UNPLUG] = "Once its driver is gone",
		[NFP_IDLE_DETACH] = "Once it is removed",
		[NFP_IDLE_CLEAR] = "Even cleared",
	};
	static const char *const until[NFP_IDLE_COUNT] = {
		[NFP_IDLE_CONTROL] = "",
		[NFP_IDLE_UNPLUG] = ", until its driver is gone",
		[NFP_IDLE_DETACH] = ", until it is reset",
		[NFP_IDLE_CLEAR] = ", until it is cleared",
	};
	const struct nfp_near_result *n = &vf->neighbours;
	struct nfp_words words = {0};

	nfp_append(&words, "",
		   "%s%s, VF %u swallows what %s and other VFs send to a guest elsewhere.",
		   from[n->from] ?: "Idle", until[n->until] ?: "", vf->vf, result->pf.ifname);
	return words;
}

/* The columns of the steps in which the NIC drops what the standby sends. */
static struct nfp_words mute_words(const struct nfp_style_result *style)
{
	struct nfp_words words = {0}, where = {0};

	if (style->transmit != NFP_TRANSMIT_DROPPED)
		return words;
	for (size_t i = 0; i < style->num_steps; i++) {
		if (style->steps[i].transmit == NFP_TRANSMIT_DROPPED)
			nfp_append(&where, ", ", "%s", nfp_step_name(style->steps[i].step));
	}
	nfp_append(&words, "", "The NIC drops what the %s standby sends (%s).",
		   nfp_style_name(style->style), where.text);
	return words;
}

/* Why a safe standby's IPv6 is not known, or is lost. */
static struct nfp_words ipv6_words(const struct nfp_style_result *style)
{
	struct nfp_words words = {0};

	if (style->verdict != NFP_VERDICT_SAFE || !style->multicast_note[0] ||
	    (style->multicast != NFP_MULTICAST_UNPROVEN && style->multicast != NFP_MULTICAST_LOST))
		return words;
	nfp_append(&words, "", "IPv6 with %s: %s.", nfp_style_name(style->style),
		   style->multicast_note);
	return words;
}

/* The reasons of what is not safe, each once; with the style before it if there are several. */
static void print_why(struct nfp_writer *w, const struct nfp_vf_result *vf,
		      const struct nfp_result *result)
{
	const char *label = "Why";
	size_t num = 0;

	for (size_t i = 0; i < vf->num_styles; i++)
		num += vf->styles[i].verdict != NFP_VERDICT_SAFE && !vf->styles[i].remedy;
	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_style_result *style = &vf->styles[i];
		struct nfp_words words = {0};
		bool said = false;

		if (style->verdict == NFP_VERDICT_SAFE || style->remedy || !style->reason[0])
			continue;
		for (size_t k = 0; k < i; k++)
			said |= !vf->styles[k].remedy &&
				strcmp(vf->styles[k].reason, style->reason) == 0;
		if (said)
			continue;
		if (num > 1)
			nfp_append(&words, "", "%s: %s.", nfp_style_name(style->style),
				   style->reason);
		else
			words = nfp_sentence(style->reason, result->pf.ifname);
		sentence(w, label, words.text);
		label = "";
	}
	if (vf->neighbours.verdict == NFP_NEAR_LOST) {
		struct nfp_words words = near_words(result, vf);

		sentence(w, label, words.text);
	}
}

/* ---- notes: what neither table nor reasons say ---- */

/* Deaf for a moment in a step that has no column; nothing to fear, but to be known. */
static void note_moments(struct nfp_writer *w, const struct nfp_vf_result *vf)
{
	bool assign = false, driver = false;
	struct nfp_words words = {0};

	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_style_result *style = &vf->styles[i];

		if (style->verdict != NFP_VERDICT_SAFE)
			continue;
		assign |= style->claim == NFP_CLAIM_ASSIGN_UNTIL_RESET;
		driver |= style->claim == NFP_CLAIM_DRIVER;
	}
	if (assign)
		nfp_append(&words, "", "Deaf until VF %u is reset.", vf->vf);
	if (driver)
		nfp_append(&words, " ", "Deaf while its driver loads.");
	if (words.text[0])
		sentence(w, "Note", words.text);
}

/* Both get the frames: a guest drops those of the standby, until its VF has been removed. */
static bool is_copied(const struct nfp_vf_result *vf)
{
	for (size_t i = 0; i < vf->num_styles; i++) {
		if (vf->styles[i].verdict == NFP_VERDICT_SAFE &&
		    vf->styles[i].delivery == NFP_DELIVERY_BOTH)
			return true;
	}
	return false;
}

/* Where all is safe: how long a change may deafen the guest, and what IPv6 needs. */
static void print_outages(struct nfp_writer *w, const struct nfp_vf_result *vf)
{
	struct nfp_words words = {0};
	int64_t us = -1;
	bool ipv6 = false;

	for (size_t i = 0; i < vf->num_styles; i++) {
		us = MAX(us, longest_outage_us(&vf->styles[i]));
		ipv6 = ipv6 || (nfp_styles[vf->styles[i].style].ipv6 &&
				vf->styles[i].multicast == NFP_MULTICAST_OK);
	}
	if (us >= 0)
		nfp_append(&words, "", "Longest outage: %s.", outage_words(us).text);
	if (ipv6)
		nfp_append(&words, "   ", "* needs trustGuestRxFilters='yes' in libvirt.");
	if (words.text[0])
		nfp_writer_line(w, NFP_PLAIN, 0, 0, "%s", words.text);
}

static void print_changes(struct nfp_writer *w, const struct nfp_result *result)
{
	for (size_t i = 0; i < result->changes_seen.n; i++) {
		struct nfp_words words = nfp_sentence(result->changes_seen.v[i], result->pf.ifname);

		sentence(w, "Note", words.text);
	}
}

static void print_notes(struct nfp_writer *w, const struct nfp_result *result,
			const struct nfp_vf_result *vf)
{
	struct nfp_words words = {0};

	note_moments(w, vf);
	if (all_ok(vf) && is_copied(vf))
		sentence(w, "Note",
			 "At unplug a guest also loses what arrives until its VF is removed.");
	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_style_result *style = &vf->styles[i];
		struct nfp_words mute = mute_words(style);
		struct nfp_words ipv6 = ipv6_words(style);

		if (mute.text[0])
			sentence(w, "Note", mute.text);
		if (ipv6.text[0])
			sentence(w, "Note", ipv6.text);
	}
	if (result->settings.settle_short) {
		nfp_append(&words, "",
			   "Watched for %g s only; slower drivers go unseen (--settle).",
			   nfp_seconds(result->settings.settle_ns));
		sentence(w, "Note", words.text);
	}
	print_changes(w, result);
}

/* ---- what to do ---- */

static void print_advice(struct nfp_writer *w, const struct nfp_result *result,
			 const struct nfp_vf_result *vf)
{
	struct nfp_advice advice[NFP_ADVICE_MAX];
	size_t num = nfp_advice_of(result, vf, advice);

	for (size_t i = 0; i < num; i++) {
		struct nfp_words words = advice[i].text;

		if (advice[i].when.text[0])
			nfp_append(&words, "; ", "%s", advice[i].when.text);
		if (advice[i].command.text[0])
			nfp_append(&words, "", ":");
		sentence(w, advice[i].label, words.text);
		commands(w, advice[i].command.text);
	}
}

/* No frame of any kind came: the picture says it faster than a sentence. */
static bool print_silence(struct nfp_writer *w, const struct nfp_result *result,
			  const struct nfp_vf_result *vf)
{
	const struct nfp_step_result *standby =
		vf->num_styles ? nfp_style_step(&vf->styles[0], NFP_STEP_STANDBY) : NULL;
	const char *pf = result->pf.ifname, *from = vf->num_styles ? vf->styles[0].from.name : "";
	char command[NFP_IFNAMSIZ + 64];

	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_step_result *step = nfp_style_step(&vf->styles[i],
								    NFP_STEP_STANDBY);

		if (!step || step->count[NFP_KIND_UNICAST].at[NFP_AT_PF] ||
		    step->count[NFP_KIND_BROADCAST].at[NFP_AT_PF] ||
		    vf->styles[i].verdict != NFP_VERDICT_INCONCLUSIVE)
			return false;
	}
	if (!standby || !standby->count[NFP_KIND_UNICAST].sent)
		return false;
	nfp_writer_newline(w);
	nfp_writer_at(w, 2, NFP_BOLD, "%s", from);
	nfp_writer_text(w, NFP_PLAIN,
			"  -- %" PRIu64 " unicast, %" PRIu64 " broadcast -->  X  0 received  ",
			standby->count[NFP_KIND_UNICAST].sent,
			standby->count[NFP_KIND_BROADCAST].sent);
	nfp_writer_text(w, NFP_BOLD, "%s", pf);
	nfp_writer_newline(w);
	nfp_writer_newline(w);
	nfp_writer_line(w, NFP_PLAIN, 0, 0,
			"This says nothing about the NIC. Check cable, switch ports and VLAN:");
	snprintf(command, sizeof(command), "ip -s link show %s", pf);
	commands(w, command);
	snprintf(command, sizeof(command), "nfprobe %s --vf %u --from arp    # another source", pf,
		 vf->vf);
	commands(w, command);
	return true;
}

/* The state in which the run has left the host, before anything else that is to be done. */
static void print_state(struct nfp_writer *w, const struct nfp_result *result)
{
	struct nfp_words words = {0};
	char command[NFP_IFNAMSIZ + 64];

	if (!result->restored) {
		nfp_append(&words, "", "%s; runs on this VF are refused until this succeeds:",
			   result->error.message[0] ? result->error.message
						    : "The host is not as it was");
		words.text[0] = (char)toupper((unsigned char)words.text[0]);
		sentence(w, "Fix", words.text);
		snprintf(command, sizeof(command), "nfprobe --restore %s", result->pf.ifname);
		commands(w, command);
	}
	for (size_t i = 0; i < result->left_behind.n; i++) {
		words = nfp_sentence(result->left_behind.v[i], result->pf.ifname);
		sentence(w, "Left", words.text);
	}
}

/* "Frames eth1 -> eth0 over the wire, no VLAN, 92 s. Exit 1. More: -v" */
static void print_context(struct nfp_writer *w, const struct nfp_result *result,
			  const struct nfp_report_opts *opts)
{
	static const char *const over[] = {[NFP_SOURCE_WIRE] = "over the wire",
					   [NFP_SOURCE_VF] = "inside the NIC",
					   [NFP_SOURCE_PF] = "inside the NIC"};
	const struct nfp_settings *s = &result->settings;
	struct nfp_words words = {0};

	if (s->have_source)
		nfp_append(&words, "", "Frames %s -> %s %s", s->from, result->pf.ifname,
			   over[s->source]);
	if (s->have_source && s->vlan.vid)
		nfp_append(&words, ", ", "VLAN %u%s", s->vlan.vid,
			   s->vlan.proto == VLAN_8021AD ? " (802.1ad)" : "");
	else if (s->have_source)
		nfp_append(&words, ", ", "no VLAN");
	if (result->duration_ns)
		nfp_append(&words, ", ", "%.0f s", nfp_seconds(result->duration_ns));
	nfp_append(&words, ". ", "Exit %d.", result->exit_status);
	if (!opts->verbose)
		nfp_append(&words, " ", "More: -v");
	if (opts->next && !opts->saved && result->have_verdict)
		nfp_append(&words, ", ", "keep it: --save");
	nfp_writer_line(w, NFP_PLAIN, 0, 0, "%s", words.text);
}

/* ---- the whole ---- */

static void print_judged(struct nfp_writer *w, const struct nfp_result *result,
			 const struct nfp_vf_result *vf, const struct nfp_report_opts *opts)
{
	bool safe = all_ok(vf);

	print_table(w, result, vf);
	nfp_writer_newline(w);
	print_why(w, vf, result);
	print_notes(w, result, vf);
	print_state(w, result);
	if (safe && result->restored)
		print_outages(w, vf);
	else
		print_advice(w, result, vf);
	if (opts->verbose)
		nfp_details_print(w, result, vf, opts);
}

int nfp_report_text(const struct nfp_result *result, const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_writer w = {.out = out, .color = opts->color};
	const struct nfp_vf_result *vf = result->vfs;

	w.columns = opts->columns ?: DEFAULT_COLUMNS;
	if (!result->num_vfs)
		return nfp_stream_status(out);
	/* Where nothing was probed, the error says why; the host may have been touched all the
	 * same. */
	if (!vf->num_styles) {
		print_changes(&w, result);
		print_state(&w, result);
		return nfp_stream_status(out);
	}
	nfp_writer_text(&w, NFP_BOLD, "%s", nfp_answer(result).text);
	nfp_writer_newline(&w);
	if (opts->quiet)
		return nfp_stream_status(out);
	if (!print_silence(&w, result, vf)) {
		print_judged(&w, result, vf, opts);
		nfp_writer_newline(&w);
	}
	print_context(&w, result, opts);
	return nfp_stream_status(out);
}
