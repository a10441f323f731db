// SPDX-License-Identifier: GPL-2.0-or-later
/* The plan of a run, as lines: kept in order, printed so that commands can be copied. */
#include "harness.h"
#include "report/report.h"

static char *render(const struct nfp_outline *outline, unsigned int columns)
{
	const struct nfp_report_opts opts = {.columns = columns};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(nfp_report_outline(outline, &opts, out), 0);
	fclose(out);
	return text;
}

TEST(depth_is_indent)
{
	struct nfp_outline outline = {0};
	char *text;

	nfp_outline_add(&outline, 0, "VF %u", 3U);
	nfp_outline_add(&outline, 1, "assign");
	nfp_outline_command(&outline, 2, "ip link set eth0 vf 3 mac 02:00:00:00:00:01");
	nfp_outline_add(&outline, 0, "VF 4");
	text = render(&outline, 0);
	assert_string_equal(text, "VF 3\n  assign\n    ip link set eth0 vf 3 mac "
				  "02:00:00:00:00:01\n\nVF 4\n");
	free(text);
	nfp_outline_fini(&outline);
}

TEST(sentences_are_broken_and_commands_are_not)
{
	struct nfp_outline outline = {0};
	char *text;

	nfp_outline_add(&outline, 1, "one two three four five six seven eight");
	nfp_outline_command(&outline, 1, "one two three four five six seven eight");
	text = render(&outline, 34);
	assert_string_equal(text, "  one two three four five six\n    seven eight\n"
				  "  one two three four five six seven eight\n");
	free(text);
	nfp_outline_fini(&outline);
}

TEST(names_in_commands_cannot_drive_a_terminal)
{
	struct nfp_outline outline = {0};
	char *text;

	nfp_outline_command(&outline, 0, "ip link set e\033[2J\377 up");
	text = render(&outline, 0);
	assert_string_equal(text, "ip link set e?[2J\xef\xbf\xbd up\n");
	free(text);
	nfp_outline_fini(&outline);
}

TEST_MAIN()
