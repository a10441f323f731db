/* SPDX-License-Identifier: GPL-2.0-or-later */
/* render.h - whatever was read, each output shows it, through the CI filter. */
#ifndef TESTS_FUZZ_RENDER_H
#define TESTS_FUZZ_RENDER_H

#include <stdio.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "base/output.h"
#include "report/report.h"

/* Three widths, and each way to show more or less. */
static const struct nfp_report_opts render_opts[] = {
	{.verbose = true, .next = true},
	{.quiet = true, .columns = 20},
	{.verbose = true, .color = true, .columns = 80},
};
#define RENDER_OPTS (sizeof(render_opts) / sizeof(render_opts[0]))

struct render {
	struct nfp_ci_filter ci_filter;
	FILE *to, *out;
	char *text;
	size_t len;
};

static inline void render_begin(struct render *r)
{
	*r = (struct render) {.text = NULL};
	r->to = open_memstream(&r->text, &r->len);
	require(r->to != NULL);
	r->out = nfp_ci_filter_open(&r->ci_filter, r->to, NFP_MARKUP_NONE, false);
	require(r->out != NULL);
}

/* Nothing in it is a command. */
static inline void render_end(struct render *r)
{
	require(fclose(r->out) == 0 && fclose(r->to) == 0);
	require(!memmem(r->text, r->len, "##[", 3) && !memmem(r->text, r->len, "##vso[", 6));
	require(!memmem(r->text, r->len, "\n::", 3) && !memchr(r->text, '\033', r->len));
	free(r->text);
}

static inline void render_document(struct render *r, json_t *root)
{
	require(nfp_report_document(root, r->out) == 0);
	json_decref(root);
}

/* Why something was refused. */
static inline void render_error(const struct nfp_err *err)
{
	struct render r;

	render_begin(&r);
	for (size_t i = 0; i < RENDER_OPTS; i++)
		require(nfp_report_error(err, &render_opts[i], r.out) == 0);
	render_end(&r);
}

#endif
