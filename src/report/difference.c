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
