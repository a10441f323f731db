// SPDX-License-Identifier: GPL-2.0-or-later
#include "sheets.h"

#include <inttypes.h>
#include <stdio.h>

#define EXAMPLES 3U

/* Of one row, in all sheets of a cell. */
struct tally {
	uint64_t yes, no, unknown;    /* answers */
	uint64_t wrong_yes, wrong_no; /* answers that are wrong */
	uint64_t is_yes;	      /* NICs of which yes is true */
	uint64_t example[EXAMPLES];   /* seeds of wrong answers */
};

static void count(struct tally *tally, enum nfp_answer answer, enum nfp_answer truth, uint64_t seed)
{
	uint64_t nth = tally->wrong_yes + tally->wrong_no;

	tally->yes += answer == NFP_YES;
	tally->no += answer == NFP_NO;
	tally->unknown += answer >= NFP_UNKNOWN;
	tally->is_yes += truth == NFP_YES;
	if (answer >= NFP_UNKNOWN || answer == truth)
		return;
	tally->wrong_yes += answer == NFP_YES;
	tally->wrong_no += answer == NFP_NO;
	if (nth < EXAMPLES)
		tally->example[nth] = seed;
}

static bool tell(const struct sheet_cell *cell, enum nfp_sheet_row row, const struct tally *tally)
{
	uint64_t wrong = tally->wrong_yes + tally->wrong_no;

	printf("           %-17s %8" PRIu64 " %7" PRIu64 " %6" PRIu64 " %7" PRIu64 " %6" PRIu64
	       " %7" PRIu64,
	       nfp_sheet_row_name(row), tally->is_yes, tally->yes, tally->wrong_yes, tally->no,
	       tally->wrong_no, tally->unknown);
	for (uint64_t i = 0; i < wrong && i < EXAMPLES; i++)
		printf(" %s:%" PRIu64, cell->name, tally->example[i]);
	printf("\n");
	return wrong > 0;
}

bool soak_sheets(const struct sheet_cell *cell, uint64_t num, uint64_t seed)
{
	static struct nfp_result result;
	struct tally tallies[NFP_ROW_COUNT] = {{0}};
	bool wrong = false;

	for (uint64_t n = 0; n < num; n++) {
		const struct nfp_sheet_combination *c = result.sheet.combinations;
		struct sheet_scene scene;
		struct nfp_err err;

		sheet_draw(cell, seed + n, &scene);
		result = (struct nfp_result) {0};
		(void)sheet_take(&scene, &result, &err);
		for (size_t i = 0; i < c->num_rows; i++)
			count(&tallies[i], c->rows[i].window.answer,
			      truth_of_row(&scene.p, &sheet_guest, c, c->rows[i].window.state),
			      seed + n);
	}
	printf("%-10s row               true yes     yes  wrong      no  wrong unknown\n",
	       cell->name);
	for (enum nfp_sheet_row row = 0; row < NFP_ROW_COUNT; row++)
		wrong |= tell(cell, row, &tallies[row]);
	fflush(stdout);
	return wrong;
}

void soak_sheet_tell(const struct sheet_cell *cell, uint64_t seed)
{
	static struct nfp_result result;
	const struct nfp_sheet_combination *c = result.sheet.combinations;
	struct sheet_scene scene;
	struct nfp_err err;

	sheet_draw(cell, seed, &scene);
	result = (struct nfp_result) {0};
	(void)sheet_take(&scene, &result, &err);
	printf("%s: trust %d, spoofchk %d%s%s\n", cell->name, c->trust, c->spoofchk,
	       c->note[0] ? ": " : "", c->note);
	for (size_t i = 0; i < c->num_rows; i++) {
		const struct nfp_sheet_fact *fact = &c->rows[i];
		enum nfp_answer truth = truth_of_row(&scene.p, &sheet_guest, c, fact->window.state);

		printf("  %-17s %-7s truth %-7s %" PRIu64 " of %" PRIu64 "%s%s\n",
		       nfp_sheet_row_name(fact->window.state),
		       nfp_name(&nfp_answer_names, fact->window.answer),
		       nfp_name(&nfp_answer_names, truth),
		       fact->window.count[NFP_SLOT_ASKED].at[NFP_AT_VF],
		       fact->window.count[NFP_SLOT_ASKED].sent,
		       fact->window.answer >= NFP_UNKNOWN ? ": " : "",
		       fact->window.answer >= NFP_UNKNOWN ? nfp_sheet_doubt(fact) : "");
	}
}
