// SPDX-License-Identifier: GPL-2.0-or-later
/* Ladders drawn on a terminal: those of the sample, and of NICs drawn by lot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../src/report/report_priv.h"
#include "memnic/memnic.h"
#include "nfprobe/report.h"
#include "unit/sample_result.h"

#define LEFT 10

/* To be freed. */
static char *draw(const struct nfp_style_result *style, unsigned int columns, bool color, bool utf8)
{
	char *text = NULL;
	size_t len = 0;
	struct nfp_page page = {.columns = columns, .color = color};

	page.out = open_memstream(&text, &len);
	assert_non_null(page.out);
	nfp_timeline_print(&page, style, utf8);
	assert_int_equal(nfp_page_end(&page), 0);
	fclose(page.out);
	return text;
}

static void is(const char *text, const char *expected)
{
	if (strcmp(text, expected) != 0)
		fail_msg("not as expected:\n%s", text);
}

static void in_ascii(void **state)
{
	struct nfp_result result;
	char *text;

	(void)state;
	sample_igb(&result);
	text = draw(&result.vfs[0].styles[1], 80, false, false);
	is(text, "  bridge\n"
		 "  PF      ==========                                  ======\n"
		 "  VF                              ======                             ======\n"
		 "  nobody            ==============#    ================    ===========    =====\n"
		 "                                  ^ 312 ms, up\n"
		 "          |0 s           |5 s           |10 s           |15 s          |20 s\n");
	free(text);
	nfp_result_fini(&result);
}

static void in_blocks(void **state)
{
	struct nfp_result result;
	char *text;

	(void)state;
	sample_igb(&result);
	result.vfs[0].styles[0].steps[9].count[NFP_KIND_UNICAST].at[NFP_AT_PF] = 500;
	text = draw(&result.vfs[0].styles[0], 60, false, true);
	is(text, "  macvtap\n"
		 "  PF      ████████████████████████████████░░░██████████████\n"
		 "  VF                       ████                     ████\n"
		 "  nobody                   ▓             ░░░░\n"
		 "                           └ 312 ms, up\n"
		 "          ╵0 s      ╵5 s       ╵10 s      ╵15 s      ╵20 s\n");
	free(text);
	nfp_result_fini(&result);
}

static void colour_only_when_asked_for(void **state)
{
	struct nfp_result result;
	char *text;

	(void)state;
	sample_igb(&result);
	text = draw(&result.vfs[0].styles[1], 80, true, false);
	assert_non_null(strstr(text, "\033[1;32m==========\033[0m"));
	assert_non_null(strstr(text, "\033[1;31m#\033[0m"));
	free(text);
	text = draw(&result.vfs[0].styles[1], 80, false, true);
	assert_null(strchr(text, '\033'));
	free(text);
	nfp_result_fini(&result);
}

/* Nothing is drawn of nothing, nor where there is no room. */
static void what_is_not_drawn(void **state)
{
	struct nfp_style_result empty = {.style = NFP_STYLE_PROMISC};
	struct nfp_result result;
	char *text;

	(void)state;
	text = draw(&empty, 80, false, false);
	is(text, "");
	free(text);
	empty.steps[empty.num_steps++].status = NFP_STATUS_REFUSED;
	text = draw(&empty, 80, false, false);
	is(text, "");
	free(text);
	sample_igb(&result);
	for (unsigned int columns = 0; columns < 51; columns++) {
		text = draw(&result.vfs[0].styles[0], columns, false, false);
		is(text, "");
		free(text);
	}
	nfp_result_fini(&result);
}

static struct nfp_transition transition(enum nfp_step from, enum nfp_step to, int64_t gap_ms,
					bool from_request)
{
	struct nfp_transition t = {.from = from, .to = to};

	t.count[NFP_KIND_UNICAST].gap = (struct nfp_span) {true, gap_ms * 1000, 1000};
	t.count[NFP_KIND_UNICAST].gap_from_request = from_request;
	return t;
}

static void add_step(struct nfp_style_result *style, enum nfp_step step, uint64_t start_s,
		     uint64_t end_s, enum nfp_landing landing)
{
	sample_step(style, step, landing, NFP_LANDING_PF);
	style->steps[style->num_steps - 1].start_ns = start_s * NFP_NSEC_PER_SEC;
	style->steps[style->num_steps - 1].duration_ns = (end_s - start_s) * NFP_NSEC_PER_SEC;
	style->steps[style->num_steps - 1].window_ns = 2 * NFP_NSEC_PER_SEC;
}

/*
 * A second is five columns. The VF hears 1.5 s after it is set up, and until then the guest hears
 * nothing, though the PF goes on; later frames are missing for a second amid a transition of two.
 */
static void to_scale(void **state)
{
	struct nfp_style_result style = {.style = NFP_STYLE_FILTER};
	struct nfp_transition *up = &style.transitions[style.num_transitions++];
	char *text;

	(void)state;
	add_step(&style, NFP_STEP_DRIVER, 10, 12, NFP_LANDING_PF);
	add_step(&style, NFP_STEP_UP, 12, 16, NFP_LANDING_VF);
	add_step(&style, NFP_STEP_DOWN, 16, 20, NFP_LANDING_PF);
	*up = transition(NFP_STEP_DRIVER, NFP_STEP_UP, 1500, true);
	up->asked_ns = UINT64_C(12000000000);
	up->answered_ns = UINT64_C(12500000000);
	up->count[NFP_KIND_UNICAST].effect = (struct nfp_span) {true, 1000000, 1000};
	style.transitions[style.num_transitions++] = transition(NFP_STEP_UP, NFP_STEP_DOWN, 1000,
								false);
	text = draw(&style, 61, false, false);
	is(text, "  macvtap\n"
		 "  PF      ==================                   =============\n"
		 "  VF                       ================\n"
		 "  nobody            ########              ######\n"
		 "                    ^ 1.50 s, up          ^ 1.00 s, down\n"
		 "          |0 s      |2 s      |4 s      |6 s      |8 s\n");
	free(text);
}

/* Words that would be written over each other take a line each. */
static void labels_make_room(void **state)
{
	struct nfp_style_result style = {.style = NFP_STYLE_FILTER};
	char *text;
	int rows = 0;

	(void)state;
	for (unsigned int i = 0; i < 6; i++) {
		add_step(&style, (enum nfp_step)(NFP_STEP_VF_FIRST_UNPLUG - 5 + i), 3 * i,
			 3 * i + 3, NFP_LANDING_PF);
		if (i)
			style.transitions[style.num_transitions++] = transition(
				style.steps[i - 1].step, style.steps[i].step, 200 * i, false);
	}
	text = draw(&style, 60, false, true);
	for (char *p = text; (p = strstr(p, " ms, ")) || (p = NULL); p++)
		rows++;
	assert_int_equal(rows, 4);
	assert_non_null(strstr(text, "1.00 s, vf-first-unplug ┘"));
	free(text);
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
static void of_any_nic(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct memnic_personality nic = memnic_random(seed);
		struct memnic_conditions conditions = {.seed = seed};
		unsigned int columns = 51 + (unsigned int)(seed * 7 % 100);
		struct nfp_style_result style;
		char lanes[3][200], *text;

		assert_int_equal(memnic_climb(&nic, &conditions,
					      seed % 2 ? NFP_STYLE_FILTER : NFP_STYLE_PROMISC,
					      &style),
				 0);
		text = draw(&style, columns, false, seed % 3 == 0);
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

/* Under the table and above the verdicts, when it is asked for. */
static void in_the_text(void **state)
{
	struct nfp_report_opts opts = {.columns = 80, .timeline = true};
	struct nfp_result result;
	char *text = NULL;
	size_t len = 0;

	(void)state;
	sample_igb(&result);
	for (int i = 0; i < 3; i++) {
		FILE *out = open_memstream(&text, &len);
		const char *lane;

		assert_non_null(out);
		opts.timeline = i > 0;
		opts.quiet = i > 1;
		assert_int_equal(nfp_report_text(&result, &opts, out), 0);
		fclose(out);
		lane = strstr(text, "\n  nobody ");
		assert_int_equal(lane != NULL, i == 1);
		if (lane) {
			assert_true(strstr(text, "vf-first-unplug") < lane);
			assert_true(strstr(text, "SAFE") > lane);
		}
		free(text);
	}
	nfp_result_fini(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_ascii),
		cmocka_unit_test(in_blocks),
		cmocka_unit_test(colour_only_when_asked_for),
		cmocka_unit_test(what_is_not_drawn),
		cmocka_unit_test(to_scale),
		cmocka_unit_test(labels_make_room),
		cmocka_unit_test(of_any_nic),
		cmocka_unit_test(in_the_text),
	};

	return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
