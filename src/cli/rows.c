// SPDX-License-Identifier: GPL-2.0-or-later
/* rows.c - finds a row of the table by its name, and sets the values of --sheet and of
 * --require. */
#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nfprobe/verdict.h"

int nfp_opt_set_sheet(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	int mode = nfp_name_find(&nfp_sheet_mode_names, value ?: "present");

	if (mode < 0)
		return usage_err(err, "--sheet=%s: it takes all, or nothing", value);
	request->sheet = (enum nfp_sheet_mode)mode;
	return 0;
}

/* "host", or "host:on-vf"; false: neither. */
static bool set_reach(struct nfp_request *request, const char *word)
{
	const char *colon = strchr(word, ':');
	size_t len = colon ? (size_t)(colon - word) : strlen(word);
	uint32_t bits = 0;

	for (unsigned int of = 0; of < nfp_reach_names.num; of++) {
		const char *name = nfp_reach_names.v[of];

		if (strncmp(name, word, len) == 0 && name[len] == ':' &&
		    (!colon || strcmp(name, word) == 0))
			bits |= 1U << of;
	}
	request->require_reach |= bits;
	return bits;
}

int nfp_opt_set_row(struct nfp_request *request, const char *word, struct nfp_err *err)
{
	char name[32];
	const char *value = strchr(word, '='), *meant;
	int row, yes = value ? nfp_name_find(&nfp_answer_names, value + 1) : NFP_YES;

	if (set_reach(request, word))
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)(value ? (size_t)(value - word) : strlen(word)),
		 word);
	row = nfp_name_find(&nfp_sheet_row_names, name);
	meant = nfp_nearest(name, nfp_sheet_row_names.v, nfp_sheet_row_names.num);
	if (row < 0 && meant) {
		usage_err(err, "--require %s names no row of --sheet", word);
		nfp_err_hint(err, "Did you mean --require %s%s?", meant, value ?: "");
		return -EINVAL;
	}
	if (row < 0)
		return 1;
	if (yes != NFP_YES && yes != NFP_NO)
		return usage_err(err, "--require %s: write %s, %s=yes or %s=no", word, name, name,
				 name);
	*(yes == NFP_YES ? &request->require_yes : &request->require_no) |= NFP_ROW_BIT(row);
	return 0;
}

const struct nfp_opt *nfp_opt_find(const char *name)
{
	nfp_for_each (opt, nfp_options, nfp_num_options) {
		if (strcmp(opt->name, name) == 0)
			return opt->kind == NFP_OPT_SPELLING ? nfp_opt_find(opt->help) : opt;
	}
	return NULL;
}
