// SPDX-License-Identifier: GPL-2.0-or-later
#include "difference.h"

#include <stdio.h>
#include <string.h>

/* ---- words ---- */

static void matter_words(const struct nfp_difference *d, char *buf, size_t size)
{
	switch (d->matter) {
	case NFP_MATTER_VERDICT:
		snprintf(buf, size, "verdict");
		break;
	case NFP_MATTER_LANDING:
		snprintf(buf, size, "%s", nfp_step_name(d->to));
		break;
	case NFP_MATTER_GAP:
	default:
		snprintf(buf, size, "%s to %s", nfp_step_name(d->from), nfp_step_name(d->to));
		break;
	}
}

static const char *value_words(const char *value)
{
	return value[0] ? value : "-";
}

void nfp_difference_words(const struct nfp_difference *d, char *buf, size_t size)
{
	char matter[64];

	matter_words(d, matter, sizeof(matter));
	snprintf(buf, size, "%s: %s -> %s", matter, value_words(d->before), value_words(d->now));
}

/* ---- text ---- */

static enum nfp_tone tone_of(const struct nfp_difference *d)
{
	if (d->counts)
		return NFP_RED;
	return d->trend == NFP_TREND_BETTER ? NFP_GREEN : NFP_PLAIN;
}

static void print_then(struct nfp_page *page, const struct nfp_comparison *c)
{
	char words[4 * NFP_PAST_TEXT] = "";
	const struct {
		const char *before, *text;
	} parts[] = {
		{"", c->then.driver},	    {"version ", c->then.driver_version},
		{"Linux ", c->then.kernel}, {"firmware ", c->then.firmware},
		{"", c->then.start},
	};
	size_t used = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && used < sizeof(words); i++) {
		/* A driver of the kernel's own tree has the kernel's release as its version. */
		if (!parts[i].text[0] || (i == 1 && strcmp(parts[i].text, c->then.kernel) == 0))
			continue;
		used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%s%s",
					 used ? ", " : "", parts[i].before, parts[i].text);
	}
	nfp_page_put(page, NFP_BOLD, "Compared with ");
	nfp_page_wrap(page, NFP_PLAIN, 2, "%s%s%s", c->file, words[0] ? ": " : "", words);
	nfp_page_nl(page);
}

struct columns {
	unsigned int matter, before, now, trend;
};

static unsigned int wider(unsigned int width, const char *text)
{
	unsigned int needed = nfp_utf8_width(text) + 2;

	return needed > width ? needed : width;
}

static void head_words(const struct nfp_difference *d, char *buf, size_t size)
{
	snprintf(buf, size, "VF %u %s", d->vf, nfp_style_label(d->style));
}

static struct columns measure(const struct nfp_comparison *c)
{
	struct columns widths = {.matter = 6, .before = 6, .now = 5};

	for (size_t i = 0; i < c->n; i++) {
		char head[48], matter[64];

		head_words(&c->v[i], head, sizeof(head));
		matter_words(&c->v[i], matter, sizeof(matter));
		widths.matter = wider(widths.matter, head);
		widths.before = wider(widths.before, matter);
		widths.now = wider(widths.now, value_words(c->v[i].before));
		widths.trend = wider(widths.trend, value_words(c->v[i].now));
	}
	/* From widths to where the columns begin. */
	widths.matter += 2;
	widths.before += widths.matter;
	widths.now += widths.before;
	widths.trend += widths.now;
	return widths;
}

/* What does not fit in a line begins another. */
static void print_cell(struct nfp_page *page, unsigned int column, enum nfp_tone tone,
		       const char *text)
{
	if (page->columns && column + nfp_utf8_width(text) > page->columns) {
		nfp_page_nl(page);
		column = 6;
	}
	nfp_page_pad(page, column);
	nfp_page_put(page, tone, "%s", text);
}

static void print_difference(struct nfp_page *page, const struct columns *at,
			     const struct nfp_difference *d)
{
	char head[48], matter[64];

	head_words(d, head, sizeof(head));
	matter_words(d, matter, sizeof(matter));
	nfp_page_pad(page, 2);
	nfp_page_put(page, NFP_PLAIN, "%s", head);
	print_cell(page, at->matter, NFP_PLAIN, matter);
	print_cell(page, at->before, NFP_PLAIN, value_words(d->before));
	print_cell(page, at->now, NFP_PLAIN, value_words(d->now));
	print_cell(page, at->trend, tone_of(d), nfp_trend_name(d->trend));
	nfp_page_nl(page);
}

static void print_sum(struct nfp_page *page, const struct nfp_comparison *c)
{
	size_t counting = 0;

	for (size_t i = 0; i < c->n; i++)
		counting += c->v[i].counts;
	nfp_page_pad(page, 2);
	if (c->not_compared[0])
		nfp_page_wrap(page, NFP_YELLOW, 4, "not compared: %s", c->not_compared);
	else if (counting)
		nfp_page_put(page, NFP_RED,
			     c->same ? "not repeatable: %zu differ" : "worse: %zu of %zu", counting,
			     c->n);
	else if (c->n == 0)
		nfp_page_put(page, NFP_GREEN, "no difference");
	else
		nfp_page_put(page, NFP_GREEN, "nothing is worse");
	nfp_page_nl(page);
}

void nfp_differences_print(struct nfp_page *page, const struct nfp_comparison *comparison)
{
	struct columns at = measure(comparison);

	nfp_page_nl(page);
	print_then(page, comparison);
	if (comparison->n) {
		nfp_page_pad(page, at.before);
		nfp_page_put(page, NFP_PLAIN, "then");
		nfp_page_pad(page, at.now);
		nfp_page_put(page, NFP_PLAIN, "now");
		nfp_page_nl(page);
	}
	for (size_t i = 0; i < comparison->n; i++)
		print_difference(page, &at, &comparison->v[i]);
	print_sum(page, comparison);
}

/* ---- JSON ---- */

static json_t *difference_object(struct nfp_js *js, const struct nfp_difference *d)
{
	bool gap = d->matter == NFP_MATTER_GAP, verdict = d->matter == NFP_MATTER_VERDICT;
	json_t *object = json_object();

	nfp_js_put(js, object, "vf", nfp_js_number(d->vf));
	nfp_js_put(js, object, "style", json_string(nfp_style_name(d->style)));
	nfp_js_put(js, object, "matter", json_string(nfp_matter_name(d->matter)));
	nfp_js_put(js, object, "from", gap ? json_string(nfp_step_name(d->from)) : json_null());
	nfp_js_put(js, object, "to", verdict ? json_null() : json_string(nfp_step_name(d->to)));
	nfp_js_put(js, object, "before", nfp_js_text(d->before));
	nfp_js_put(js, object, "now", nfp_js_text(d->now));
	nfp_js_put(js, object, "trend", json_string(nfp_trend_name(d->trend)));
	nfp_js_put(js, object, "counts", json_boolean(d->counts));
	return object;
}

json_t *nfp_js_baseline(struct nfp_js *js, const struct nfp_comparison *c)
{
	json_t *object = json_object(), *differences = json_array();

	for (size_t i = 0; i < c->n; i++)
		nfp_js_append(js, differences, difference_object(js, &c->v[i]));
	nfp_js_put(js, object, "file", nfp_js_text(c->file));
	nfp_js_put(js, object, "start", nfp_js_text(c->then.start));
	nfp_js_put(js, object, "driver", nfp_js_text(c->then.driver));
	nfp_js_put(js, object, "driver_version", nfp_js_text(c->then.driver_version));
	nfp_js_put(js, object, "firmware", nfp_js_text(c->then.firmware));
	nfp_js_put(js, object, "kernel", nfp_js_text(c->then.kernel));
	nfp_js_put(js, object, "same", json_boolean(c->same));
	nfp_js_put(js, object, "not_compared", nfp_js_text(c->not_compared));
	nfp_js_put(js, object, "worse", json_boolean(c->worse));
	nfp_js_put(js, object, "differences", differences);
	return object;
}
