// SPDX-License-Identifier: GPL-2.0-or-later
/* text.c - a result as text: where frames land, what that means, and finally what to do. */
#include "nfprobe/report.h"

#include <string.h>

#include "report_priv.h"

#define DEFAULT_COLUMNS 80
#define LABEL_WIDTH	9 /* the longest style and a gap */

/* ---- header ---- */

static bool any_verdict(const struct nfp_result *result)
{
	for (size_t i = 0; i < result->num_vfs; i++) {
		if (result->vfs[i].num_styles)
			return true;
	}
	return false;
}

static void print_vf(struct nfp_writer *w, const struct nfp_vf_result *vf)
{
	struct nfp_words words = {0};

	nfp_append_known(&words, "", vf->parentdev);
	nfp_append_known(&words, "", vf->driver);
	nfp_writer_text(w, NFP_BOLD, "VF %u  ", vf->vf);
	nfp_writer_labelled(w, NFP_PLAIN, "", w->col, "%s", words.text);
}

/* The PF, the VF if there is only one, the settings. */
static void print_header(struct nfp_writer *w, const struct nfp_result *result, bool verbose)
{
	const struct nfp_pf_info *pf = &result->pf;
	const struct nfp_settings *s = &result->settings;
	struct nfp_words words = nfp_driver_words(pf->driver, pf->driver_version, result->kernel,
						  pf->firmware);

	nfp_append_known(&words, "", pf->parentdev);
	nfp_writer_text(w, NFP_BOLD, "%s  ", pf->ifname);
	nfp_writer_labelled(w, NFP_PLAIN, "", w->col, "%s", words.text);
	if (result->num_vfs == 1)
		print_vf(w, &result->vfs[0]);
	/* If no frame was sent, there is nothing to say about frames. */
	if (s->have_source || any_verdict(result)) {
		words = nfp_settings_words(s, verbose);
		nfp_writer_line(w, NFP_PLAIN, 0, 2, "%s", words.text);
		if (s->source_note[0] && !nfp_settings_name_sources(s))
			nfp_writer_line(w, NFP_PLAIN, 0, 2, "%s", s->source_note);
	}
}

/* ---- verdicts ---- */

/*
 * The verdicts of @num styles from number @first on. With @layouts, adds how long the guest was
 * deaf; without, names the VF, and the source if there are several, in each line.
 */
static void print_verdicts(struct nfp_writer *w, const struct nfp_vf_result *vf, size_t first,
			   size_t num, const char *pf, struct nfp_layout *const *layouts)
{
	const unsigned int indent = layouts ? 2 : 9;
	bool sources = !layouts && nfp_vf_has_sources(vf);
	size_t label_width = LABEL_WIDTH, width = 6;
	char head[16] = "", label[NFP_LADDER_LABEL_LEN];
	unsigned int at;
	struct nfp_words words;

	if (!layouts)
		snprintf(head, sizeof(head), "VF %u", vf->vf);
	for (size_t i = first; i < first + num; i++) {
		const struct nfp_style_result *style = &vf->styles[i];

		nfp_ladder_label(style->style, sources ? style->from.name : "", label);
		if (nfp_utf8_width(label) + 2 > label_width)
			label_width = nfp_utf8_width(label) + 2;
		words = nfp_verdict_words(style->verdict, style->allowed);
		if (strlen(words.text) > width)
			width = strlen(words.text);
	}
	at = indent + (unsigned int)(label_width + width) + 2;
	for (size_t i = first; i < first + num; i++) {
		const struct nfp_style_result *style = &vf->styles[i];
		bool safe = style->verdict == NFP_VERDICT_SAFE;

		words = nfp_verdict_words(style->verdict, style->allowed);
		nfp_ladder_label(style->style, sources ? style->from.name : "", label);
		nfp_writer_text(w, NFP_BOLD, "%s", head);
		nfp_writer_at(w, indent, NFP_BOLD, "%s", label);
		nfp_writer_at(w, indent + (unsigned int)label_width, words.colour, "%s",
			      words.text);
		if (style->reason[0]) {
			nfp_writer_pad(w, at);
			nfp_writer_wrap(w, NFP_PLAIN, at, "%s%s%s", safe ? "(" : "", style->reason,
					safe ? ")" : "");
		}
		nfp_writer_newline(w);
		words = nfp_advice_mute(style, pf);
		if (!layouts && words.text[0])
			nfp_writer_line(w, NFP_RED, at, at, "%s", words.text);
		words = nfp_advice_ipv6(style, false);
		if (!layouts && words.text[0])
			nfp_writer_line(w, words.colour, at, at, "%s", words.text);
		for (size_t j = 0; layouts && j < layouts[i - first]->num_lines; j++)
			nfp_writer_line(w, layouts[i - first]->lines[j].colour, at, at, "%s",
					layouts[i - first]->lines[j].text);
	}
}

/* A VF that was not probed, or not in full. */
static void print_unfinished(struct nfp_writer *w, const struct nfp_vf_result *vf, bool named)
{
	unsigned int indent = named ? 9 : 2;

	if (vf->num_styles && vf->status == NFP_VF_PROBED)
		return;
	if (named)
		nfp_writer_text(w, NFP_BOLD, "VF %u", vf->vf);
	nfp_writer_at(w, indent, NFP_YELLOW, "%s", vf->num_styles ? "not finished" : "not probed");
	nfp_writer_labelled(w, NFP_PLAIN, vf->error.message[0] ? ": " : "", indent + 4, "%s",
			    vf->error.message);
}

/* From one source: the table of the steps, the timelines, the verdicts, how long the guest was
 * deaf. */
static void print_ladders(struct nfp_writer *w, const struct nfp_vf_result *vf, size_t first,
			  size_t num, const char *pf, const struct nfp_report_opts *opts)
{
	const struct nfp_style_result *styles = &vf->styles[first];
	struct nfp_layout *layouts[NFP_STYLE_COUNT] = {NULL};

	for (size_t i = 0; i < num; i++)
		layouts[i] = nfp_layout_of(&styles[i], pf, opts->verbose);
	nfp_writer_newline(w);
	if (nfp_vf_has_sources(vf)) {
		nfp_writer_line(w, NFP_BOLD, 0, 2, "%s", nfp_source_words(&styles->from).text);
		if (styles->from.note[0])
			nfp_writer_line(w, NFP_PLAIN, 0, 2, "%s", styles->from.note);
		nfp_writer_newline(w);
	}
	nfp_steps_print(w, layouts, num, opts->verbose);
	nfp_writer_newline(w);
	for (size_t i = 0; opts->timeline && i < num; i++) {
		nfp_timeline_print(w, layouts[i], opts->utf8);
		if (styles[i].num_steps)
			nfp_writer_newline(w);
	}
	print_verdicts(w, vf, first, num, pf, layouts);
	for (size_t i = 0; i < num; i++)
		nfp_layout_free(layouts[i]);
}

static void print_comparison(struct nfp_writer *w, const struct nfp_comparison *c)
{
	struct nfp_grid grid = nfp_difference_grid(c);
	struct nfp_words words = nfp_comparison_words(c);

	nfp_writer_newline(w);
	nfp_writer_labelled(w, NFP_BOLD, "Compared with ", 2, "%s", nfp_baseline_words(c).text);
	if (c->n)
		nfp_writer_grid(w, &grid, 0);
	nfp_grid_fini(&grid);
	nfp_writer_line(w, words.colour, 2, 4, "%s", words.text);
}

/* ---- advice ---- */

static bool same_advice(const struct nfp_vf_result *a, const struct nfp_vf_result *b)
{
	if (a->num_styles != b->num_styles || a->verdict != b->verdict)
		return false;
	for (size_t i = 0; i < a->num_styles; i++) {
		if (a->styles[i].style != b->styles[i].style ||
		    a->styles[i].verdict != b->styles[i].verdict ||
		    a->styles[i].requires != b->styles[i].requires)
			return false;
	}
	return true;
}

/* The list for --vf of the VFs that share the advice of @first; "N" if it is too long. */
static struct nfp_words vf_list(const struct nfp_result *result, size_t first)
{
	const struct nfp_vf_result *vfs = result->vfs;
	struct nfp_words list = {0};

	for (size_t i = first; i < result->num_vfs; i++) {
		size_t last = i;

		if (!same_advice(&vfs[first], &vfs[i]))
			continue;
		while (last + 1 < result->num_vfs && vfs[last + 1].vf == vfs[last].vf + 1 &&
		       same_advice(&vfs[first], &vfs[last + 1]))
			last++;
		nfp_append(&list, ",", "%u", vfs[i].vf);
		if (last > i)
			nfp_append(&list, last > i + 1 ? "-" : ",", "%u", vfs[last].vf);
		i = last;
	}
	return strlen(list.text) < 256 ? list : (struct nfp_words) {.text = "N"};
}

/* Is this VF the first of those that share its advice? */
static bool leads_group(const struct nfp_result *result, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (same_advice(&result->vfs[i], &result->vfs[index]))
			return false;
	}
	return result->vfs[index].num_styles > 0;
}

static void print_advice(struct nfp_writer *w, const struct nfp_result *result)
{
	struct nfp_advice advice[NFP_ADVICE_MAX];
	size_t groups = 0;

	for (size_t i = 0; i < result->num_vfs; i++)
		groups += leads_group(result, i);
	if (groups)
		nfp_writer_newline(w);
	for (size_t i = 0; i < result->num_vfs; i++) {
		unsigned int at = 0;
		struct nfp_words vfs;
		size_t num;

		if (!leads_group(result, i))
			continue;
		vfs = vf_list(result, i);
		num = nfp_advice_of(result, &result->vfs[i], vfs.text, advice);
		for (size_t a = 0; a < num; a++) {
			if (strlen(advice[a].label.text) + 2 > at)
				at = (unsigned int)strlen(advice[a].label.text) + 2;
		}
		if (groups > 1 && num)
			nfp_writer_line(w, NFP_BOLD, 0, 0, "VF %s", vfs.text);
		for (size_t a = 0; a < num; a++) {
			nfp_writer_text(w, NFP_BOLD, "%s", advice[a].label.text);
			nfp_writer_pad(w, at);
			nfp_writer_labelled(w, NFP_PLAIN, "", at, "%s", advice[a].words.text);
		}
	}
}

/* A verdict that proves nothing has its own advice. */
static void print_next(struct nfp_writer *w, const struct nfp_result *result, bool saved)
{
	const char *pf = result->pf.ifname;

	if (!result->have_verdict || result->verdict == NFP_VERDICT_INCONCLUSIVE ||
	    !result->restored || result->error.code != NFP_E_NONE)
		return;
	nfp_writer_newline(w);
	if (saved)
		nfp_writer_labelled(w, NFP_BOLD, "Next: ", 6,
				    "nfprobe --check %s says whether this still holds; so does "
				    "libvirt's hook",
				    pf);
	else
		nfp_writer_labelled(w, NFP_BOLD, "Next: ", 6,
				    "with --save, nfprobe --check %s and libvirt's hook know "
				    "this verdict",
				    pf);
}

/* ---- the whole ---- */

int nfp_report_text(const struct nfp_result *result, const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_writer w = {.out = out, .color = opts->color};
	const char *pf = result->pf.ifname;

	w.columns = opts->columns ?: DEFAULT_COLUMNS;
	/* If the run did not begin, the error says why. */
	if (result->num_vfs == 0)
		return nfp_stream_status(out);
	if (!opts->quiet) {
		print_header(&w, result, opts->verbose);
		for (size_t i = 0; i < result->num_vfs; i++) {
			if (result->num_vfs > 1) {
				nfp_writer_newline(&w);
				print_vf(&w, &result->vfs[i]);
			}
			for (size_t first = 0, num; first < result->vfs[i].num_styles;
			     first += num) {
				num = nfp_source_group(&result->vfs[i], first);
				print_ladders(&w, &result->vfs[i], first, num, pf, opts);
			}
			print_unfinished(&w, &result->vfs[i], false);
		}
		if (result->num_vfs > 1)
			nfp_writer_newline(&w);
	}
	for (size_t i = 0; i < result->num_vfs && (opts->quiet || result->num_vfs > 1); i++) {
		print_verdicts(&w, &result->vfs[i], 0, result->vfs[i].num_styles, pf, NULL);
		print_unfinished(&w, &result->vfs[i], true);
	}
	if (result->comparison)
		print_comparison(&w, result->comparison);
	if (opts->quiet)
		return nfp_stream_status(out);
	if (result->settings.settle_short && any_verdict(result))
		nfp_writer_labelled(&w, NFP_YELLOW, "Settling time: ", 2,
				    "each state was watched for %g s only; drivers that act later "
				    "than that are not seen (--settle)",
				    nfp_seconds(result->settings.settle_ns));
	for (size_t i = 0; i < result->changes_seen.n; i++)
		nfp_writer_labelled(&w, NFP_YELLOW, "External changes during the run: ", 2, "%s",
				    result->changes_seen.v[i]);
	for (size_t i = 0; i < result->left_behind.n; i++)
		nfp_writer_labelled(&w, NFP_YELLOW, "Left behind: ", 2, "%s",
				    result->left_behind.v[i]);
	if (!result->restored)
		nfp_writer_labelled(
			&w, NFP_RED, "Not restored: ", 2,
			"the host is not as it was before the run; nfprobe --restore %s "
			"tries again",
			result->pf.ifname);
	print_advice(&w, result);
	if (opts->next)
		print_next(&w, result, opts->saved);
	return nfp_stream_status(out);
}
