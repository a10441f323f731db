// SPDX-License-Identifier: GPL-2.0-or-later
/* text.c - a result for a person: where frames land, what that means, and last what to do. */
#include "nfprobe/report.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "report_priv.h"

#define DEFAULT_COLUMNS 80
#define LABEL_WIDTH	9 /* the longest style and a gap */
#define VLAN_8021AD	0x88a8

struct text {
	struct nfp_page page;
	const struct nfp_result *result;
	bool quiet, verbose, timeline, utf8;
};

static double seconds(uint64_t ns)
{
	return (double)ns / (double)NFP_NSEC_PER_SEC;
}

/* ---- header ---- */

static bool any_verdict(const struct nfp_result *result)
{
	for (size_t i = 0; i < result->num_vfs; i++) {
		if (result->vfs[i].num_styles)
			return true;
	}
	return false;
}

static void add(char *buf, size_t size, const char *before, const char *text)
{
	size_t used = strlen(buf);

	if (text[0])
		snprintf(buf + used, size - used, "%s%s%s", used ? ", " : "", before, text);
}

static void print_pf(struct text *t)
{
	const struct nfp_pf_info *pf = &t->result->pf;
	const char *kernel = t->result->kernel;
	char words[512] = "";

	add(words, sizeof(words), "", pf->driver);
	/* A driver of the kernel's own tree has the kernel's release as its version. */
	if (strcmp(pf->driver_version, kernel) != 0)
		add(words, sizeof(words), "version ", pf->driver_version);
	add(words, sizeof(words), "Linux ", kernel);
	add(words, sizeof(words), "firmware ", pf->firmware);
	add(words, sizeof(words), "", pf->parentdev);
	nfp_page_put(&t->page, NFP_BOLD, "%s  ", pf->ifname);
	nfp_page_wrap(&t->page, NFP_PLAIN, t->page.col, "%s", words);
}

static void print_vf(struct text *t, const struct nfp_vf_result *vf)
{
	char head[32], words[2 * NFP_TEXT + 64] = "";

	snprintf(head, sizeof(head), "VF %u  ", vf->vf);
	add(words, sizeof(words), "", vf->parentdev);
	add(words, sizeof(words), "", vf->driver);
	if (t->page.col) {
		unsigned int need = 5 + nfp_utf8_width(head) + nfp_utf8_width(words);

		if (nfp_page_fits(&t->page, need))
			nfp_page_pad(&t->page, t->page.col + 5);
		else
			nfp_page_nl(&t->page);
	}
	nfp_page_put(&t->page, NFP_BOLD, "%s", head);
	nfp_page_wrap(&t->page, NFP_PLAIN, (unsigned int)strlen(head), "%s", words);
	nfp_page_nl(&t->page);
}

static void source_words(const struct nfp_settings *s, char *buf, size_t size)
{
	if (!s->have_source)
		snprintf(buf, size, "no source of frames");
	else if (s->source == NFP_SOURCE_PF)
		snprintf(buf, size, "frames from the PF itself");
	else if (s->source == NFP_SOURCE_VF)
		snprintf(buf, size, "frames from %s (a sibling VF)", s->from);
	else
		snprintf(buf, size, "frames from %s (wire)", s->from);
}

static void print_settings(struct text *t)
{
	const struct nfp_settings *s = &t->result->settings;
	char source[NFP_TEXT + 64], vlan[64] = "no VLAN", rate[64] = "";

	/* No frame was sent: there is nothing to say about them. */
	if (!s->have_source && !any_verdict(t->result))
		return;
	source_words(s, source, sizeof(source));
	if (s->vlan.vid)
		snprintf(vlan, sizeof(vlan), "VLAN %u%s", s->vlan.vid,
			 s->vlan.proto == VLAN_8021AD ? " (802.1ad)" : "");
	if (t->verbose || s->rate != 1000)
		snprintf(rate, sizeof(rate), ", %u a second", s->rate);
	nfp_page_wrap(&t->page, NFP_PLAIN, 2, "%s, %s, each state watched for %g s%s", source, vlan,
		      seconds(s->settle_ns), rate);
	nfp_page_nl(&t->page);
	if (s->source_note[0]) {
		nfp_page_wrap(&t->page, NFP_PLAIN, 2, "%s", s->source_note);
		nfp_page_nl(&t->page);
	}
}

static const char *offset_words(int64_t offset_ns, char *buf, size_t size)
{
	double ms = (double)(offset_ns < 0 ? -offset_ns : offset_ns) / 1e6;

	snprintf(buf, size, ms < 1000 ? "%.3f ms %s" : "%.0f ms %s", ms,
		 offset_ns < 0 ? "behind" : "ahead of");
	return buf;
}

/* Without a frame that came back there is nothing to compare clocks by. */
static void print_reflector(struct text *t)
{
	const struct nfp_peer_clock *clock = &t->result->reflector_clock;
	char offset[64];

	if (!t->result->have_reflector || !clock->samples)
		return;
	nfp_page_wrap(&t->page, NFP_PLAIN, 2,
		      "there and back in %.3f to %.3f ms, and %.3f to %.3f ms in the reflector, "
		      "whose clock is %s this host's",
		      (double)clock->trip_min_ns / 1e6, (double)clock->trip_max_ns / 1e6,
		      (double)clock->stay_min_ns / 1e6, (double)clock->stay_max_ns / 1e6,
		      offset_words(clock->offset_ns, offset, sizeof(offset)));
	nfp_page_nl(&t->page);
}

/* ---- verdicts ---- */

static enum nfp_tone tone_of(enum nfp_verdict verdict, bool allowed)
{
	if (verdict == NFP_VERDICT_SAFE)
		return NFP_GREEN;
	if (allowed || verdict == NFP_VERDICT_INCONCLUSIVE || verdict == NFP_VERDICT_UNTESTABLE)
		return NFP_YELLOW;
	return verdict == NFP_VERDICT_NOT_APPLICABLE ? NFP_BOLD : NFP_RED;
}

static void verdict_words(const struct nfp_style_result *style, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s", nfp_verdict_name(style->verdict),
		 style->allowed && style->verdict != NFP_VERDICT_SAFE ? " (allowed)" : "");
	for (char *p = buf; *p && *p != ' '; p++)
		*p = (char)(*p == '-' ? ' ' : toupper((unsigned char)*p));
}

static unsigned int verdict_width(const struct nfp_vf_result *vf)
{
	unsigned int width = 6;

	for (size_t i = 0; i < vf->num_styles; i++) {
		char words[48];

		verdict_words(&vf->styles[i], words, sizeof(words));
		if (strlen(words) > width)
			width = (unsigned int)strlen(words);
	}
	return width + 2;
}

static void print_mute(struct text *t, const struct nfp_style_result *style, unsigned int at)
{
	char mute[NFP_MUTE_LEN];

	if (!nfp_advice_mute(style, t->result->pf.ifname, mute)[0])
		return;
	nfp_page_pad(&t->page, nfp_page_hang(&t->page, at));
	nfp_page_wrap(&t->page, NFP_PLAIN, at, "%s", mute);
	nfp_page_nl(&t->page);
}

static void print_verdict(struct text *t, const struct nfp_style_result *style, unsigned int indent,
			  unsigned int width)
{
	unsigned int at = indent + LABEL_WIDTH + width;
	bool safe = style->verdict == NFP_VERDICT_SAFE;
	char words[48];

	verdict_words(style, words, sizeof(words));
	nfp_page_pad(&t->page, indent);
	nfp_page_put(&t->page, NFP_BOLD, "%s", nfp_style_label(style->style));
	nfp_page_pad(&t->page, indent + LABEL_WIDTH);
	nfp_page_put(&t->page, tone_of(style->verdict, style->allowed), "%s", words);
	if (style->reason[0]) {
		nfp_page_pad(&t->page, at);
		nfp_page_wrap(&t->page, NFP_PLAIN, at, "%s%s%s", safe ? "(" : "", style->reason,
			      safe ? ")" : "");
	}
	nfp_page_nl(&t->page);
	print_mute(t, style, at);
}

static void print_line(struct text *t, enum nfp_tone tone, unsigned int at, const char *words)
{
	if (!words[0])
		return;
	nfp_page_pad(&t->page, nfp_page_hang(&t->page, at));
	nfp_page_wrap(&t->page, tone, at, "%s", words);
	nfp_page_nl(&t->page);
}

static void print_outage(struct text *t, const struct nfp_style_result *style, unsigned int at)
{
	char words[256];

	nfp_outage_words(style, words, sizeof(words));
	print_line(t, NFP_PLAIN, at, words);
	if (!style->repeats)
		return;
	nfp_repeats_words(style->repeats, words, sizeof(words));
	print_line(t, NFP_PLAIN, at, words);
	for (size_t i = 0; nfp_unstable_words(style->repeats, i, words, sizeof(words)); i++)
		print_line(t, NFP_YELLOW, at, words);
	for (size_t i = 0; nfp_gap_words(style->repeats, i, words, sizeof(words)); i++)
		print_line(t, NFP_PLAIN, at, words);
}

/* A VF that has no verdict: who uses it, or what failed. */
static void print_no_verdict(struct text *t, const struct nfp_vf_result *vf, unsigned int indent)
{
	nfp_page_pad(&t->page, indent);
	nfp_page_put(&t->page, NFP_YELLOW, "%s", vf->num_styles ? "not finished" : "not probed");
	if (vf->error.message[0]) {
		nfp_page_put(&t->page, NFP_PLAIN, ": ");
		nfp_page_wrap(&t->page, NFP_PLAIN, indent + 4, "%s", vf->error.message);
	}
	nfp_page_nl(&t->page);
}

static void print_verdicts(struct text *t, const struct nfp_vf_result *vf, unsigned int indent)
{
	unsigned int width = verdict_width(vf);

	for (size_t i = 0; i < vf->num_styles; i++) {
		print_verdict(t, &vf->styles[i], indent, width);
		print_outage(t, &vf->styles[i], indent + LABEL_WIDTH + width);
	}
	if (vf->num_styles == 0 || vf->status != NFP_VF_PROBED)
		print_no_verdict(t, vf, indent);
}

static void print_short_verdicts(struct text *t, const struct nfp_vf_result *vf)
{
	for (size_t i = 0; i < vf->num_styles; i++) {
		nfp_page_put(&t->page, NFP_BOLD, "VF %u", vf->vf);
		print_verdict(t, &vf->styles[i], 9, verdict_width(vf));
	}
	if (vf->num_styles == 0 || vf->status != NFP_VF_PROBED) {
		nfp_page_put(&t->page, NFP_BOLD, "VF %u", vf->vf);
		print_no_verdict(t, vf, 9);
	}
}

/* ---- what else is to be known ---- */

static void print_list(struct text *t, const char *label, const struct nfp_strv *list)
{
	for (size_t i = 0; i < list->n; i++) {
		nfp_page_put(&t->page, NFP_YELLOW, "%s ", label);
		nfp_page_wrap(&t->page, NFP_PLAIN, 2, "%s", list->v[i]);
		nfp_page_nl(&t->page);
	}
}

static void print_settle(struct text *t)
{
	const struct nfp_settings *s = &t->result->settings;

	if (!s->settle_short || !any_verdict(t->result))
		return;
	nfp_page_put(&t->page, NFP_YELLOW, "Settling time:  ");
	nfp_page_wrap(&t->page, NFP_PLAIN, 2,
		      "each state was watched for %g s only; drivers that act later than that are "
		      "not seen (--settle)",
		      seconds(s->settle_ns));
	nfp_page_nl(&t->page);
}

static void print_notes(struct text *t)
{
	print_settle(t);
	print_list(t, "Changed by others during the run: ", &t->result->changes_seen);
	print_list(t, "Left behind: ", &t->result->left_behind);
	if (!t->result->restored) {
		nfp_page_put(&t->page, NFP_RED, "Not put back: ");
		nfp_page_wrap(
			&t->page, NFP_PLAIN, 2,
			"the host is not as it was before the run; nfprobe --restore %s tries "
			"again",
			t->result->pf.ifname);
		nfp_page_nl(&t->page);
	}
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

/* The VFs from @first on that share its advice, as --vf takes them; "N" when they are too many. */
static void vf_list(const struct nfp_result *result, size_t first, char *buf, size_t size)
{
	const struct nfp_vf_result *vfs = result->vfs;
	size_t used = 0;

	for (size_t i = first; i < result->num_vfs; i++) {
		size_t last = i;

		if (!same_advice(&vfs[first], &vfs[i]))
			continue;
		while (last + 1 < result->num_vfs && vfs[last + 1].vf == vfs[last].vf + 1 &&
		       same_advice(&vfs[first], &vfs[last + 1]))
			last++;
		if (used + 24 > size) {
			snprintf(buf, size, "N");
			return;
		}
		used += (size_t)snprintf(buf + used, size - used, "%s%u", used ? "," : "",
					 vfs[i].vf);
		if (last > i)
			used += (size_t)snprintf(buf + used, size - used, "%s%u",
						 last > i + 1 ? "-" : ",", vfs[last].vf);
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
	if (grouped && num) {
		nfp_page_put(&t->page, NFP_BOLD, "VF %s", vfs);
		nfp_page_nl(&t->page);
	}
	for (size_t i = 0; i < num; i++) {
		nfp_page_put(&t->page, NFP_BOLD, "%s", advice[i].label);
		nfp_page_pad(&t->page, at);
		nfp_page_wrap(&t->page, NFP_PLAIN, at, "%s", advice[i].text);
		nfp_page_nl(&t->page);
	}
}

/* Is this VF the first of those that share its advice? */
static bool leads(const struct nfp_result *result, size_t index)
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
		groups += leads(t->result, i);
	if (groups == 0)
		return;
	nfp_page_nl(&t->page);
	for (size_t i = 0; i < t->result->num_vfs; i++) {
		if (leads(t->result, i))
			print_advice_of(t, i, groups > 1);
	}
}

/* ---- the whole ---- */

static void print_block(struct text *t, const struct nfp_vf_result *vf)
{
	if (vf->num_styles) {
		nfp_page_nl(&t->page);
		nfp_steps_table(&t->page, vf, t->verbose);
		nfp_page_nl(&t->page);
	}
	for (size_t i = 0; t->timeline && i < vf->num_styles; i++) {
		nfp_timeline_print(&t->page, &vf->styles[i], t->utf8);
		if (vf->styles[i].num_steps)
			nfp_page_nl(&t->page);
	}
	print_verdicts(t, vf, 2);
}

static void print_long(struct text *t)
{
	const struct nfp_result *result = t->result;

	print_pf(t);
	if (result->num_vfs == 1)
		print_vf(t, &result->vfs[0]);
	else
		nfp_page_nl(&t->page);
	print_settings(t);
	print_reflector(t);
	for (size_t i = 0; i < result->num_vfs; i++) {
		if (result->num_vfs > 1) {
			nfp_page_nl(&t->page);
			print_vf(t, &result->vfs[i]);
		}
		print_block(t, &result->vfs[i]);
	}
	if (result->num_vfs > 1) {
		nfp_page_nl(&t->page);
		for (size_t i = 0; i < result->num_vfs; i++)
			print_short_verdicts(t, &result->vfs[i]);
	}
	if (result->comparison)
		nfp_differences_print(&t->page, result->comparison);
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
		.quiet = opts->quiet,
		.verbose = opts->verbose,
		.timeline = opts->timeline,
		.utf8 = opts->utf8,
	};

	/* Nothing was begun: the error says it all. */
	if (result->num_vfs == 0)
		return nfp_page_end(&t.page);
	if (t.quiet) {
		for (size_t i = 0; i < result->num_vfs; i++)
			print_short_verdicts(&t, &result->vfs[i]);
		if (result->comparison)
			nfp_differences_print(&t.page, result->comparison);
	} else {
		print_long(&t);
	}
	return nfp_page_end(&t.page);
}
