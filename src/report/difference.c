// SPDX-License-Identifier: GPL-2.0-or-later
#include "report_priv.h"

#include <stdio.h>
#include <string.h>

/* ---- words ---- */

void nfp_difference_matter(const struct nfp_difference *d, char *buf, size_t size)
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

void nfp_difference_head(const struct nfp_difference *d, char *buf, size_t size)
{
	snprintf(buf, size, "VF %u %s", d->vf, nfp_style_label(d->style));
}

void nfp_difference_words(const struct nfp_difference *d, char *buf, size_t size)
{
	char matter[64];

	nfp_difference_matter(d, matter, sizeof(matter));
	snprintf(buf, size, "%s: %s -> %s", matter, value_words(d->before), value_words(d->now));
}

enum nfp_tone nfp_difference_tone(const struct nfp_difference *d)
{
	if (d->counts)
		return NFP_RED;
	return d->trend == NFP_TREND_BETTER ? NFP_GREEN : NFP_PLAIN;
}

void nfp_comparison_then(const struct nfp_comparison *c, char *buf, size_t size)
{
	const struct {
		const char *before, *text;
	} parts[] = {
		{"", c->then.driver},	    {"version ", c->then.driver_version},
		{"Linux ", c->then.kernel}, {"firmware ", c->then.firmware},
		{"", c->then.start},
	};
	size_t used = (size_t)snprintf(buf, size, "%s", c->file);
	const char *between = ": ";

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && used < size; i++) {
		/* A driver of the kernel's own tree has the kernel's release as its version. */
		if (!parts[i].text[0] || (i == 1 && strcmp(parts[i].text, c->then.kernel) == 0))
			continue;
		used += (size_t)snprintf(buf + used, size - used, "%s%s%s", between,
					 parts[i].before, parts[i].text);
		between = ", ";
	}
}

enum nfp_tone nfp_comparison_sum(const struct nfp_comparison *c, char *buf, size_t size)
{
	size_t counting = 0;

	for (size_t i = 0; i < c->n; i++)
		counting += c->v[i].counts;
	if (c->not_compared[0]) {
		snprintf(buf, size, "not compared: %s", c->not_compared);
		return NFP_YELLOW;
	}
	if (counting) {
		snprintf(buf, size, c->same ? "not repeatable: %zu differ" : "worse: %zu of %zu",
			 counting, c->n);
		return NFP_RED;
	}
	snprintf(buf, size, "%s", c->n ? "nothing is worse" : "no difference");
	return NFP_GREEN;
}

/* ---- text ---- */

static void print_then(struct nfp_page *page, const struct nfp_comparison *c)
{
	char words[NFP_THEN_LEN];

	nfp_comparison_then(c, words, sizeof(words));
	nfp_page_put(page, NFP_BOLD, "Compared with ");
	nfp_page_wrap(page, NFP_PLAIN, 2, "%s", words);
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

static struct columns measure(const struct nfp_comparison *c)
{
	struct columns widths = {.matter = 6, .before = 6, .now = 5};

	for (size_t i = 0; i < c->n; i++) {
		char head[48], matter[64];

		nfp_difference_head(&c->v[i], head, sizeof(head));
		nfp_difference_matter(&c->v[i], matter, sizeof(matter));
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

	nfp_difference_head(d, head, sizeof(head));
	nfp_difference_matter(d, matter, sizeof(matter));
	nfp_page_pad(page, 2);
	nfp_page_put(page, NFP_PLAIN, "%s", head);
	print_cell(page, at->matter, NFP_PLAIN, matter);
	print_cell(page, at->before, NFP_PLAIN, value_words(d->before));
	print_cell(page, at->now, NFP_PLAIN, value_words(d->now));
	print_cell(page, at->trend, nfp_difference_tone(d), nfp_trend_name(d->trend));
	nfp_page_nl(page);
}

static void print_sum(struct nfp_page *page, const struct nfp_comparison *c)
{
	char words[NFP_NOTE + 32];
	enum nfp_tone tone = nfp_comparison_sum(c, words, sizeof(words));

	nfp_page_pad(page, 2);
	nfp_page_wrap(page, tone, 4, "%s", words);
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
