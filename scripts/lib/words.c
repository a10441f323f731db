// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * words.c - the words of a result, and what the tools need of steps and drivers, as the program's
 * tables have them: scripts/tools/nfprobe_tools/words.py, by "make words".
 */
#include <inttypes.h>
#include <stdio.h>

#include "../../src/report/report_priv.h"

#define WORDS(as_, of_, ...)                                          \
	{                                                             \
		.as = (as_), .names = &nfp_##of_##_names, __VA_ARGS__ \
	}

static const struct {
	const char *as;
	const struct nfp_names *names;
	unsigned int from; /* the first that JSON has */
} lists[] = {
	WORDS("ANSWERS", answer),
	WORDS("CELLS", life_cell),
	WORDS("CLAIMS", claim),
	WORDS("DELIVERIES", delivery),
	WORDS("ERRORS", errcode, .from = NFP_E_NONE + 1),
	WORDS("FINDINGS", sheet_finding),
	WORDS("IDLE", empty),
	WORDS("LANDINGS", landing, .from = NFP_LANDING_PF),
	WORDS("MULTICAST", multicast),
	WORDS("NEIGHBOURS", trait),
	WORDS("RELEASES", release),
	WORDS("REQUIRES", requires),
	WORDS("ROWS", sheet_row),
	WORDS("SHEETS", sheet_mode),
	WORDS("SOURCES", source),
	WORDS("SOURCES_BY", source_by),
	WORDS("STEPS", step),
	WORDS("STEP_STATUS", status),
	WORDS("STYLES", style),
	WORDS("TRANSMIT", transmit),
	WORDS("VERDICTS", verdict),
	WORDS("VF_STATUS", vf_status),
};

static void put(const char *word)
{
	printf("\"%s\", ", word);
}

static void print_names(const char *as, const struct nfp_names *names, unsigned int from)
{
	printf("\n%s: Words = (\n", as);
	for (unsigned int v = from; v < names->num; v++) {
		if (names->v[v])
			put(names->v[v]);
	}
	printf("\n)");
}

/* The keys of an object that are true or false whatever else is known. */
static void print_flags(const char *as, const struct nfp_table *table)
{
	printf("\n%s: Words = (\n", as);
	for (size_t i = 0; i < table->num; i++) {
		if (table->fields[i].type == NFP_FIELD_BOOL && !table->fields[i].known_size)
			put(table->fields[i].key);
	}
	printf("\n)");
}

static void print_steps(void)
{
	static const char *const demands[] = {[NFP_FIT_PF] = "pf", [NFP_FIT_VF] = "vf"};
	static const char *const listens[] = {
		[NFP_LISTENS_PF] = "pf", [NFP_LISTENS_VF] = "vf", [NFP_LISTENS_NOWHERE] = ""};

	printf("\n\n# The receiver that a step demands; the others demand nothing.\n"
	       "DEMANDS: Mapping[str, str] = {\n");
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		if (nfp_ladder[step].fit != NFP_FIT_RECORDED)
			printf("\"%s\":~\"%s\", ", nfp_step_name(step),
			       demands[nfp_ladder[step].fit]);
	}
	printf("\n}\n# Where a guest with net_failover listens in a step; empty: nowhere.\n"
	       "LISTENS: Mapping[str, str] = {\n");
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++)
		printf("\"%s\":~\"%s\", ", nfp_step_name(step), listens[nfp_ladder[step].listens]);
	printf("\n}\n# The changes to these steps hurt no guest: there is none yet.\n"
	       "HURTS_NOBODY: Words = (\n");
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		if (!nfp_gap_hurts(step))
			put(nfp_step_name(step));
	}
	printf("\n)");
}

int main(void)
{
	printf("# SPDX-License-Identifier: GPL-2.0-or-later\n"
	       "\"\"\"The words of a result, in the order of the program's tables. \"make words\" "
	       "writes this file.\"\"\"\n\n"
	       "from typing import Mapping, Tuple\n\nWords = Tuple[str, ...]\n");
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		print_names(lists[i].as, lists[i].names, lists[i].from);
	print_flags("STEP_FLAGS", &nfp_step_table);
	print_flags("STYLE_FLAGS", &nfp_style_table);
	print_steps();
	return ferror(stdout) ? 1 : 0;
}
