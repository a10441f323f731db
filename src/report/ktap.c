// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ktap.c - a result as KTAP, version 1 (Documentation/dev-tools/ktap.rst), with the suites of
 * cases.c as tests and their cases as subtests. TAP parsers see the tests.
 */
#include "report_priv.h"

struct ktap {
	FILE *out;
	size_t suites;
};

/* A hash sign would begin a directive, and no parser of KTAP knows a way to escape it. */
static const nfp_escapes escapes = {['#'] = "_"};

static void write_result(FILE *out, const char *indent, size_t number, const char *name,
			 const struct nfp_case *c)
{
	static const struct {
		const char *result, *directive;
	} rows[NFP_OUTCOME_COUNT] = {
		[NFP_OUTCOME_FAILED] = {"not ok", ""},	    [NFP_OUTCOME_PASSED] = {"ok", NULL},
		[NFP_OUTCOME_ERROR] = {"not ok", "ERROR "}, [NFP_OUTCOME_SKIPPED] = {"ok", "SKIP "},
		[NFP_OUTCOME_EXCUSED] = {"ok", "XFAIL "},
	};

	fprintf(out, "%s%s %zu ", indent, rows[c->outcome].result, number);
	nfp_write_escaped(out, name, escapes);
	if (rows[c->outcome].directive) {
		fprintf(out, " # %s", rows[c->outcome].directive);
		nfp_write_escaped(out, c->message.text, escapes);
	}
	putc('\n', out);
}

static void write_counts(FILE *out, const struct nfp_case *c)
{
	if ((c->outcome != NFP_OUTCOME_FAILED && c->outcome != NFP_OUTCOME_ERROR) || !c->step)
		return;
	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		const struct nfp_count *count = &c->step->count[kind];

		if (count->sent)
			fprintf(out, "  # %s: %s\n", c->name, nfp_count_words(kind, count).text);
	}
}

static void count_suite(const struct nfp_suite *suite, void *ctx)
{
	(void)suite;
	((struct ktap *)ctx)->suites++;
}

static void write_suite(const struct nfp_suite *suite, void *ctx)
{
	struct nfp_words name = nfp_suite_name(suite, false);
	struct ktap *k = ctx;

	fputs("  KTAP version 1\n  # Subtest: ", k->out);
	nfp_write_escaped(k->out, name.text, escapes);
	fprintf(k->out, "\n  1..%zu\n", suite->num);
	for (size_t i = 0; i < suite->num; i++) {
		write_counts(k->out, &suite->cases[i]);
		write_result(k->out, "  ", i + 1, suite->cases[i].name, &suite->cases[i]);
	}
	write_result(k->out, "", ++k->suites, name.text, nfp_suite_decisive(suite));
}

int nfp_export_ktap(const struct nfp_result *result, FILE *out)
{
	struct ktap k = {.out = out};

	nfp_each_suite(result, count_suite, &k);
	fprintf(out, "KTAP version 1\n1..%zu\n", k.suites);
	k.suites = 0;
	nfp_each_suite(result, write_suite, &k);
	return nfp_stream_status(out);
}
