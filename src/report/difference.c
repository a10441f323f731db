// SPDX-License-Identifier: GPL-2.0-or-later
/* difference.c - what has changed since the baseline, for every format. */
#include "report_priv.h"

#include <stdio.h>
#include <string.h>

/* "verdict", "attach", "driver to up" */
static void compared_item_words(const struct nfp_difference *d, char *buf, size_t size)
{
	if (d->matter == NFP_MATTER_VERDICT)
		snprintf(buf, size, "verdict");
	else if (d->matter == NFP_MATTER_LANDING)
		snprintf(buf, size, "%s", nfp_step_name(d->to));
	else
		snprintf(buf, size, "%s to %s", nfp_step_name(d->from), nfp_step_name(d->to));
}

void nfp_difference_words(const struct nfp_difference *d, char *buf, size_t size)
{
	char item[64];

	compared_item_words(d, item, sizeof(item));
	snprintf(buf, size, "%s: %s -> %s", item, d->before[0] ? d->before : "-",
		 d->now[0] ? d->now : "-");
}

void nfp_difference_grid(const struct nfp_comparison *c, struct nfp_grid *grid)
{
	static const struct nfp_column columns[] = {{"of", NFP_COLUMN_WORDS},
						    {"what", NFP_COLUMN_WORDS},
						    {"then", NFP_COLUMN_WORDS},
						    {"now", NFP_COLUMN_WORDS},
						    {"trend", NFP_COLUMN_WORDS}};

	*grid = (struct nfp_grid) {.columns = columns, .num_columns = NFP_NUM(columns)};
	for (size_t i = 0; i < c->n; i++) {
		const struct nfp_difference *d = &c->v[i];
		bool better = d->trend == NFP_TREND_BETTER;
		char item[64];

		compared_item_words(d, item, sizeof(item));
		nfp_grid_cell(grid, NFP_PLAIN, "VF %u %s", d->vf, nfp_style_label(d->style));
		nfp_grid_cell(grid, NFP_PLAIN, "%s", item);
		nfp_grid_cell(grid, NFP_PLAIN, "%s", d->before);
		nfp_grid_cell(grid, NFP_PLAIN, "%s", d->now);
		nfp_grid_cell(grid,
			      d->counts ? NFP_RED
			      : better	? NFP_GREEN
					: NFP_PLAIN,
			      "%s", nfp_trend_name(d->trend));
	}
}

void nfp_comparison_then(const struct nfp_comparison *c, char *buf, size_t size)
{
	char words[NFP_THEN_LEN];

	nfp_driver_words(c->then.driver, c->then.driver_version, c->then.kernel, c->then.firmware,
			 words, sizeof(words));
	nfp_append_known(words, sizeof(words), "", c->then.start);
	snprintf(buf, size, "%s%s%s", c->file, words[0] ? ": " : "", words);
}

enum nfp_text_colour nfp_comparison_sum(const struct nfp_comparison *c, char *buf, size_t size)
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
