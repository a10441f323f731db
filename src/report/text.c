// SPDX-License-Identifier: GPL-2.0-or-later
/* text.c - a result as text: where frames land, what that means, and finally what to do. */
#include "nfprobe/report.h"

#include <stdlib.h>
#include <string.h>

#include "report_priv.h"

#define DEFAULT_COLUMNS 80
#define LABEL_WIDTH	9 /* the longest style and a gap */

struct text {
	struct nfp_page page;
	const struct nfp_result *result;
	const struct nfp_report_opts *opts;
};

/* ---- header ---- */

static bool any_verdict(const struct nfp_result *result)
{
	for (size_t i = 0; i < result->num_vfs; i++) {
		if (result->vfs[i].num_styles)
			return true;
	}
	return false;
}

static void print_pf(struct text *t)
{
	const struct nfp_pf_info *pf = &t->result->pf;
	char words[512];

	nfp_driver_words(pf->driver, pf->driver_version, t->result->kernel, pf->firmware, words,
			 sizeof(words));
	nfp_append_known(words, sizeof(words), "", pf->parentdev);
	nfp_page_put(&t->page, NFP_BOLD, "%s  ", pf->ifname);
	nfp_page_labelled(&t->page, NFP_PLAIN, "", t->page.col, "%s", words);
}

static void print_vf(struct text *t, const struct nfp_vf_result *vf)
{
	char words[2 * NFP_TEXT + 64] = "";

	nfp_append_known(words, sizeof(words), "", vf->parentdev);
	nfp_append_known(words, sizeof(words), "", vf->driver);
	nfp_page_put(&t->page, NFP_BOLD, "VF %u  ", vf->vf);
	nfp_page_labelled(&t->page, NFP_PLAIN, "", t->page.col, "%s", words);
}

static void print_settings(struct text *t)
{
	const struct nfp_settings *s = &t->result->settings;
	char words[2 * NFP_TEXT];

	/* No frame was sent, so there is nothing to say about frames. */
	if (!s->have_source && !any_verdict(t->result))
		return;
	nfp_settings_words(s, t->opts->verbose, words, sizeof(words));
	nfp_page_line(&t->page, NFP_PLAIN, 0, 2, "%s", words);
	if (s->source_note[0])
		nfp_page_line(&t->page, NFP_PLAIN, 0, 2, "%s", s->source_note);
}

/* The clocks can be compared only if a frame came back. */
static void print_reflector(struct text *t)
{
	const struct nfp_peer_clock *clock = &t->result->reflector_clock;
	double ahead_ms = (double)clock->offset_ns / 1e6;
	double apart_ms = ahead_ms < 0 ? -ahead_ms : ahead_ms;

	if (!t->result->have_reflector || !clock->samples)
		return;
	nfp_page_line(&t->page, NFP_PLAIN, 0, 2,
		      "there and back in %.3f to %.3f ms, and %.3f to %.3f ms in the reflector, "
		      "whose clock is %.*f ms %s this host's",
		      (double)clock->trip_min_ns / 1e6, (double)clock->trip_max_ns / 1e6,
		      (double)clock->stay_min_ns / 1e6, (double)clock->stay_max_ns / 1e6,
		      apart_ms < 1000 ? 3 : 0, apart_ms, ahead_ms < 0 ? "behind" : "ahead of");
}

/* ---- verdicts ---- */

static unsigned int verdict_width(const struct nfp_vf_result *vf)
{
	size_t width = 6;

	for (size_t i = 0; i < vf->num_styles; i++) {
		char words[48];

		nfp_verdict_words(vf->styles[i].verdict, vf->styles[i].allowed, words,
				  sizeof(words));
		if (strlen(words) > width)
			width = strlen(words);
	}
	return (unsigned int)width + 2;
}

static void print_verdict(struct text *t, const struct nfp_style_result *style, unsigned int indent,
			  unsigned int width)
{
	unsigned int at = indent + LABEL_WIDTH + width;
	bool safe = style->verdict == NFP_VERDICT_SAFE;
	enum nfp_text_colour colour;
	char words[48];

	colour = nfp_verdict_words(style->verdict, style->allowed, words, sizeof(words));
	nfp_page_at(&t->page, indent, NFP_BOLD, "%s", nfp_style_label(style->style));
	nfp_page_at(&t->page, indent + LABEL_WIDTH, colour, "%s", words);
	if (style->reason[0]) {
		nfp_page_pad(&t->page, at);
		nfp_page_wrap(&t->page, NFP_PLAIN, at, "%s%s%s", safe ? "(" : "", style->reason,
			      safe ? ")" : "");
	}
	nfp_page_nl(&t->page);
}

/* With @layouts: and how long the guest was deaf. Without: each line names the VF. */
static void print_verdicts(struct text *t, const struct nfp_vf_result *vf,
			   struct nfp_layout *const *layouts)
{
	const unsigned int indent = layouts ? 2 : 9, width = verdict_width(vf);
	const unsigned int at = indent + LABEL_WIDTH + width;
	char head[16] = "", mute[NFP_MUTE_LEN];

	if (!layouts)
		snprintf(head, sizeof(head), "VF %u", vf->vf);
	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_style_result *style = &vf->styles[i];

		nfp_page_put(&t->page, NFP_BOLD, "%s", head);
		print_verdict(t, style, indent, width);
		if (!layouts && nfp_advice_mute(style, t->result->pf.ifname, mute)[0])
			nfp_page_line(&t->page, NFP_RED, at, at, "%s", mute);
		for (size_t j = 0; layouts && j < layouts[i]->num_lines; j++)
			nfp_page_line(&t->page, layouts[i]->lines[j].colour, at, at, "%s",
				      layouts[i]->lines[j].text);
	}
	if (vf->num_styles == 0 || vf->status != NFP_VF_PROBED) {
		nfp_page_put(&t->page, NFP_BOLD, "%s", head);
		nfp_page_at(&t->page, indent, NFP_YELLOW, "%s",
			    vf->num_styles ? "not finished" : "not probed");
		nfp_page_labelled(&t->page, NFP_PLAIN, vf->error.message[0] ? ": " : "", indent + 4,
				  "%s", vf->error.message);
	}
}

/* The table of the steps, the timelines, the verdicts and how long the guest was deaf. */
static void print_ladders(struct text *t, const struct nfp_vf_result *vf)
{
	struct nfp_layout *layouts[NFP_STYLE_COUNT] = {NULL};

	for (size_t i = 0; i < vf->num_styles; i++)
		layouts[i] = nfp_layout_of(&vf->styles[i], t->result->pf.ifname, t->opts->verbose);
	if (vf->num_styles) {
		nfp_page_nl(&t->page);
		nfp_steps_print(&t->page, layouts, vf->num_styles, t->opts->verbose);
		nfp_page_nl(&t->page);
	}
	for (size_t i = 0; t->opts->timeline && i < vf->num_styles; i++) {
		nfp_timeline_print(&t->page, layouts[i], t->opts->utf8);
		if (vf->styles[i].num_steps)
			nfp_page_nl(&t->page);
	}
	print_verdicts(t, vf, layouts);
	for (size_t i = 0; i < vf->num_styles; i++)
		nfp_layout_free(layouts[i]);
}

/* ---- notes ---- */

static void print_labelled_list(struct text *t, const char *label, const struct nfp_strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		nfp_page_labelled(&t->page, NFP_YELLOW, label, 2, "%s", list->v[i]);
}

static void print_comparison(struct text *t, const struct nfp_comparison *c)
{
	char words[NFP_THEN_LEN];
	struct nfp_grid grid;
	enum nfp_text_colour colour;

	nfp_comparison_then(c, words, sizeof(words));
	nfp_page_nl(&t->page);
	nfp_page_labelled(&t->page, NFP_BOLD, "Compared with ", 2, "%s", words);
	nfp_difference_grid(c, &grid);
	if (c->n)
		nfp_page_grid(&t->page, &grid, 0);
	nfp_grid_fini(&grid);
	colour = nfp_comparison_sum(c, words, sizeof(words));
	nfp_page_line(&t->page, colour, 2, 4, "%s", words);
}

static void print_notes(struct text *t)
{
	const struct nfp_settings *s = &t->result->settings;

	if (s->settle_short && any_verdict(t->result))
		nfp_page_labelled(&t->page, NFP_YELLOW, "Settling time: ", 2,
				  "each state was watched for %g s only; drivers that act later "
				  "than that are not seen (--settle)",
				  nfp_seconds(s->settle_ns));
	print_labelled_list(t, "Changed by others during the run: ", &t->result->changes_seen);
	print_labelled_list(t, "Left behind: ", &t->result->left_behind);
	if (!t->result->restored)
		nfp_page_labelled(&t->page, NFP_RED, "Not put back: ", 2,
				  "the host is not as it was before the run; nfprobe --restore %s "
				  "tries again",
				  t->result->pf.ifname);
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
static void vf_list(const struct nfp_result *result, size_t first, char *buf, size_t size)
{
	const struct nfp_vf_result *vfs = result->vfs;

	for (size_t i = first; i < result->num_vfs; i++) {
		size_t last = i;

		if (!same_advice(&vfs[first], &vfs[i]))
			continue;
		while (last + 1 < result->num_vfs && vfs[last + 1].vf == vfs[last].vf + 1 &&
		       same_advice(&vfs[first], &vfs[last + 1]))
			last++;
		if (strlen(buf) + 24 > size) {
			snprintf(buf, size, "N");
			return;
		}
		nfp_append(buf, size, ",", "%u", vfs[i].vf);
		if (last > i)
			nfp_append(buf, size, last > i + 1 ? "-" : ",", "%u", vfs[last].vf);
		i = last;
	}
}

static void print_advice_of(struct text *t, size_t first, bool grouped)
{
	struct nfp_advice advice[NFP_ADVICE_MAX];
	unsigned int at = 0;
	char vfs[256] = "";
	size_t num;

	vf_list(t->result, first, vfs, sizeof(vfs));
	num = nfp_advice_of(t->result, &t->result->vfs[first], vfs, advice);
	for (size_t i = 0; i < num; i++) {
		if (strlen(advice[i].label) + 2 > at)
			at = (unsigned int)strlen(advice[i].label) + 2;
	}
	if (grouped && num)
		nfp_page_line(&t->page, NFP_BOLD, 0, 0, "VF %s", vfs);
	for (size_t i = 0; i < num; i++) {
		nfp_page_put(&t->page, NFP_BOLD, "%s", advice[i].label);
		nfp_page_pad(&t->page, at);
		nfp_page_labelled(&t->page, NFP_PLAIN, "", at, "%s", advice[i].text);
	}
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

static void print_advice(struct text *t)
{
	size_t groups = 0;

	for (size_t i = 0; i < t->result->num_vfs; i++)
		groups += leads_group(t->result, i);
	if (groups == 0)
		return;
	nfp_page_nl(&t->page);
	for (size_t i = 0; i < t->result->num_vfs; i++) {
		if (leads_group(t->result, i))
			print_advice_of(t, i, groups > 1);
	}
}

/* ---- the whole ---- */

static void print_long(struct text *t)
{
	const struct nfp_result *result = t->result;

	print_pf(t);
	if (result->num_vfs == 1)
		print_vf(t, &result->vfs[0]);
	print_settings(t);
	print_reflector(t);
	for (size_t i = 0; i < result->num_vfs; i++) {
		if (result->num_vfs > 1) {
			nfp_page_nl(&t->page);
			print_vf(t, &result->vfs[i]);
		}
		print_ladders(t, &result->vfs[i]);
	}
	if (result->num_vfs > 1) {
		nfp_page_nl(&t->page);
		for (size_t i = 0; i < result->num_vfs; i++)
			print_verdicts(t, &result->vfs[i], NULL);
	}
	if (result->comparison)
		print_comparison(t, result->comparison);
	print_notes(t);
	print_advice(t);
}

int nfp_report_text(const struct nfp_result *result, const struct nfp_report_opts *opts, FILE *out)
{
	struct text t = {
		.page =
			{
				.out = out,
				.columns = opts->columns ? opts->columns : DEFAULT_COLUMNS,
				.color = opts->color,
			},
		.result = result,
		.opts = opts,
	};

	/* The run did not begin; the error says why. */
	if (result->num_vfs == 0)
		return nfp_stream_status(out);
	if (opts->quiet) {
		for (size_t i = 0; i < result->num_vfs; i++)
			print_verdicts(&t, &result->vfs[i], NULL);
		if (result->comparison)
			print_comparison(&t, result->comparison);
	} else {
		print_long(&t);
	}
	return nfp_stream_status(out);
}
