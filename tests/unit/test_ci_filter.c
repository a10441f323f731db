// SPDX-License-Identifier: GPL-2.0-or-later
/* The CI filter keeps back what a CI system would execute, and passes all else as it is. */
#include "harness.h"
#include "base/output.h"

/* The output for @in, written in pieces of @piece bytes. To be freed. */
static char *through(const char *in, size_t piece, enum nfp_markup markup, bool colour)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	struct nfp_ci_filter ci_filter;
	FILE *out = nfp_ci_filter_open(&ci_filter, to, markup, colour);

	assert_non_null(out);
	for (size_t at = 0, n; at < strlen(in); at += n) {
		n = strlen(in) - at < piece ? strlen(in) - at : piece;
		assert_int_equal(fwrite(in + at, 1, n, out), n);
		assert_int_equal(fflush(out), 0);
	}
	assert_int_equal(fclose(out), 0);
	assert_int_equal(fclose(to), 0);
	return text;
}

static void expect(const char *in, enum nfp_markup markup, const char *expected)
{
	for (size_t piece = 1; piece < 100; piece += 33) {
		char *text = through(in, piece, markup, false);

		assert_string_equal(text, expected);
		free(text);
	}
}

TEST(commands_are_broken)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"##[set-output name=x]y", "##?set-output name=x]y"},
		{"firmware ##[group]", "firmware ##?group]"},
		{"###[", "###?"},
		{"##vso[task.setvariable]x", "##vso?task.setvariable]x"},
		{"a ##VSO[x", "a ##VSO?x"},
		{"::error::x", ":?error::x"},
		{"ok\n  \t::set-output name=a::b", "ok\n  \t:?set-output name=a::b"},
		{"\xc2\xa0::add-mask::x", "\xc2\xa0:?add-mask::x"},
		{"section_start:1:x\r\033[0K", "section_start?1:x??[0K"},
		{"x section_end:1:x", "x section_end?1:x"},
		{"\033[2J", "?[2J"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(rows[i].in, NFP_MARKUP_NONE, rows[i].out);
}

TEST(all_else_is_as_it_was)
{
	static const char *const texts[] = {
		"#[x] # #[ ##x[ ##vs[ ##vsox[ [##]",
		"fe80::1 and a::b\n : : x\n:\n:x",
		"section_start section: start:",
		"{\"a\": [\"b\"]}\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		expect(texts[i], NFP_MARKUP_NONE, texts[i]);
		expect(texts[i], NFP_MARKUP_JSON, texts[i]);
	}
}

/* The value that a program reads there is the one that was written. */
TEST(where_there_are_escapes_nothing_is_lost)
{
	expect("{\"firmware\": \"##[x] section_end:1\"}", NFP_MARKUP_JSON,
	       "{\"firmware\": \"##\\u005bx] section_end\\u003a1\"}");
}

TEST(colours_stay_if_they_were_asked_for)
{
	char *text = through("\033[1mx\033[0m ##[", 5, NFP_MARKUP_NONE, true);

	assert_string_equal(text, "\033[1mx\033[0m ##?");
	free(text);
}

TEST_MAIN()
