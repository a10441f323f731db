// SPDX-License-Identifier: GPL-2.0-or-later
/* rows.c - finds a row of the table by its name, and sets values of --require. */
#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nfprobe/verdict.h"

int nfp_opt_set_reach(struct nfp_request *request, const char *word, struct nfp_err *err)
{
	const char *colon = strchr(word, ':');
	size_t len = colon ? (size_t)(colon - word) : strlen(word);
	uint32_t bits = 0;

	(void)err;
	for (unsigned int of = 0; of < nfp_reach_names.num; of++) {
		const char *name = nfp_reach_names.v[of];

		if (strncmp(name, word, len) == 0 && name[len] == ':' &&
		    (!colon || strcmp(name, word) == 0))
			bits |= 1U << of;
	}
	request->require_reach |= bits;
	return bits ? 0 : 1;
}

const struct nfp_opt *nfp_opt_find(const char *name)
{
	nfp_for_each (opt, nfp_options, nfp_num_options) {
		if (strcmp(opt->name, name) == 0)
			return opt->kind == NFP_OPT_SPELLING ? nfp_opt_find(opt->help) : opt;
	}
	return NULL;
}
