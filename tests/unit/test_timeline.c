// SPDX-License-Identifier: GPL-2.0-or-later
/* Ladders of NICs drawn by lot, on terminals of any width. Those of the samples: test_golden.c. */
#include "harness.h"
#include "../../src/report/report_priv.h"
#include "memnic/memnic.h"
#include "unit/sample_result.h"

#define LEFT 10

/* To be freed. */
static char *draw(const struct nfp_style_result *style, unsigned int columns, bool utf8)
{
	char *text = NULL;
	size_t len = 0;
	struct nfp_writer w = {.columns = columns};

	w.out = open_memstream(&text, &len);
	assert_non_null(w.out);
	nfp_timeline_print(&w, style, utf8);
	assert_int_equal(nfp_stream_status(w.out), 0);
	fclose(w.out);
	return text;
}

static void is(const char *text, const char *expected)
{
	if (strcmp(text, expected) != 0)
		fail_msg("not as expected:\n%s", text);
}

/* Nothing is drawn of nothing, nor where there is no room. */
TEST(what_is_not_drawn)
{
	struct nfp_style_result empty = {.style = NFP_STYLE_BRIDGE};
	struct nfp_result result;
	char *text;

	text = draw(&empty, 80, false);
	is(text, "");
	free(text);
	empty.steps[empty.num_steps++].status = NFP_STATUS_REFUSED;
	text = draw(&empty, 80, false);
	is(text, "");
	free(text);
	sample_igb(&result);
	for (unsigned int columns = 0; columns < 51; columns++) {
		text = draw(&result.vf.styles[0], columns, false);
		is(text, "");
		free(text);
	}
	nfp_result_fini(&result);
}

static unsigned int longest_line(const char *text)
{
	unsigned int longest = 0;

	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		char copy[4096];
		size_t len = strcspn(line, "\n");

		assert_true(len < sizeof(copy));
		memcpy(copy, line, len);
		copy[len] = '\0';
		assert_true(len == 0 || copy[len - 1] != ' ');
		if (nfp_utf8_width(copy) > longest)
			longest = nfp_utf8_width(copy);
	}
	return longest;
}

/* The @number-th line, cut at its end, blanks up to @columns. */
static void line_of(const char *text, unsigned int number, char *buf, size_t columns)
{
	while (number--)
		text = strchr(text, '\n') + 1;
	memset(buf, ' ', columns);
	memcpy(buf, text, strcspn(text, "\n"));
}

/* Frames land somewhere at any time that was watched; and no line is too long. */
TEST(of_any_nic)
{
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct core_personality nic = memnic_random(seed);
		struct memnic_conditions conditions = {.seed = seed};
		unsigned int columns = 51 + (unsigned int)(seed * 7 % 100);
		struct nfp_style_result style;
		char lanes[3][200], *text;

		assert_int_equal(memnic_climb(&nic, &conditions,
					      seed % 2 ? NFP_STYLE_MACVTAP : NFP_STYLE_BRIDGE,
					      &style),
				 0);
		text = draw(&style, columns, seed % 3 == 0);
		assert_true(longest_line(text) < columns);
		if (seed % 3) {
			for (unsigned int i = 0; i < 3; i++)
				line_of(text, 1 + i, lanes[i], columns);
			for (unsigned int c = LEFT; c < columns - 1; c++)
				if (lanes[0][c] == ' ' && lanes[1][c] == ' ' && lanes[2][c] == ' ')
					fail_msg("seed %llu, column %u:\n%s",
						 (unsigned long long)seed, c, text);
		}
		free(text);
	}
}

TEST_MAIN()
