// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules for any report, whatever it says: no line is too long, bytes from outside become UTF-8. For
 * the wording see test_golden_*.c; a full disk: cli/errors.bats and stream.bats.
 */
#include <jansson.h>

#include "harness.h"
#include "../../src/report/summary_priv.h"
#include "report/report.h"
#include "unit/sample_answers.h"
#include "unit/sample_audit.h"
#include "unit/sample_pages.h"
#include "unit/sample_topology.h"

static void check_width(const char *text, unsigned int columns)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len > columns)
			fail_msg("%zu > %u columns: %.*s", len, columns, (int)len, text);
		if (len && text[len - 1] == ' ')
			fail_msg("blanks at the end of \"%.*s\"", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

/* Without what may be longer: commands, which are copied. */
static void check_text(const char *text, unsigned int columns)
{
	static const char *const commands[] = {"           ", "    ip ",   "    nfprobe ",
					       "  ip ",	      "      ip ", "      echo ",
					       "  undo:    "};

	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		bool command = false;

		for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
			command |= strncmp(line, commands[i], strlen(commands[i])) == 0;
		if (len > columns && !command)
			fail_msg("%zu > %u columns: %.*s", len, columns, (int)len, line);
		if (len && line[len - 1] == ' ')
			fail_msg("blanks at the end of \"%.*s\"", (int)len, line);
		line += len + (line[len] == '\n');
	}
}

static char *text_of(const struct nfp_result *result, const struct nfp_report_opts *opts)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(nfp_report_text(result, opts, out), 0);
	fclose(out);
	return text;
}

TEST(results_fit_any_terminal)
{
	void (*const samples[])(struct nfp_result *) = {sample_igb, sample_odd, sample_brief};
	const size_t num = sizeof(samples) / sizeof(samples[0]);

	for (size_t i = 0; i < num + sizeof(answers) / sizeof(answers[0]); i++) {
		struct nfp_result result;

		if (i < num)
			samples[i](&result);
		else
			sample_answer(&result, i - num);
		for (unsigned int columns = 40, step = LOT_STEP; columns <= 130; columns += step) {
			struct nfp_report_opts opts = {.columns = columns};
			char *text = text_of(&result, &opts);

			check_text(text, columns);
			free(text);
			/* Its tables are as wide as they are; 100 columns hold them all. */
			opts.verbose = true;
			text = text_of(&result, &opts);
			check_text(text, columns < 100 ? 100 : columns);
			free(text);
		}
		nfp_result_fini(&result);
	}
}

/* The lines of a screen of 80 columns. */
static size_t lines_of(const char *text)
{
	size_t lines = 0;

	for (const char *end; (end = strchr(text, '\n')); text = end + 1)
		lines += end == text ? 1 : ((size_t)(end - text) + 79) / 80;
	return lines;
}

/* The answer is on a screen of 26 lines, but for all that each guest takes where a style is not
 * safe by itself, or is one of commands. No line is broken by a screen of 80 columns. */
TEST(two_styles_and_a_fix_fit_a_screen)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct nfp_report_opts opts = {.columns = 80};
		struct nfp_result result;
		size_t lines;
		char *text;

		sample_answer(&result, i);
		text = text_of(&result, &opts);
		lines = lines_of(text);
		if (lines > (strstr(text, "by itself") || strstr(text, "commands below") ||
					     strstr(text, " VETH ")
				     ? 44
				     : 26))
			fail_msg("%s: %zu lines:\n%s", answers[i].name, lines, text);
		check_width(text, 80);
		free(text);
		nfp_result_fini(&result);
	}
}

/* The quiet text is the first line of the other. */
TEST(quiet_is_the_first_line)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct nfp_report_opts opts = {.columns = 80};
		const struct nfp_report_opts quiet = {.columns = 80, .quiet = true};
		struct nfp_result result;
		char *text, *line, *end;

		sample_answer(&result, i);
		text = text_of(&result, &opts);
		line = text_of(&result, &quiet);
		/* A screen breaks it, up to the blank line. */
		end = strstr(text, "\n\n");
		if (end)
			end[1] = '\0';
		for (char *at = text; (at = strchr(at, '\n')) && at[1];)
			*at = ' ';
		/* An error has its line from elsewhere. */
		if (result.vf.num_styles)
			assert_string_equal(text, line);
		else
			assert_string_equal("", line);
		free(text);
		free(line);
		nfp_result_fini(&result);
	}
}

TEST(audits_fit_any_terminal)
{
	struct nfp_audit audit;

	sample_audit(&audit);
	for (unsigned int columns = 40; columns < 150; columns++) {
		const struct nfp_report_opts opts = {.columns = columns};
		char *text = NULL;
		size_t len = 0;
		FILE *out = open_memstream(&text, &len);

		assert_int_equal(nfp_report_audit_text(&audit, &opts, out), 0);
		fclose(out);
		check_text(text, columns);
		free(text);
	}
	nfp_audit_fini(&audit);
}

/* Its tables are as wide as they are. 92 columns hold them. */
TEST(lists_fit_a_terminal)
{
	struct nfp_topology topology;
	struct nfp_listing listing;

	sample_topology(&topology);
	sample_listing(&listing, &topology);
	sample_next(&listing);
	for (unsigned int columns = 92; columns < 150; columns++) {
		const struct nfp_report_opts opts = {.columns = columns};
		char *text = NULL;
		size_t len = 0;
		FILE *out = open_memstream(&text, &len);

		assert_int_equal(nfp_report_list_text(&listing, &opts, out), 0);
		fclose(out);
		check_width(text, columns);
		free(text);
	}
	nfp_listing_fini(&listing);
}

/* Nothing of a result's text is a terminal's command, and a command is one that a shell takes. */
TEST(bytes_from_outside_are_text)
{
	static const char *const has[] = {
		"`id`'?;# VF 3: SAFE with macvtap",
		"Note     Line another ?]0;title?.\n",
		"ip link set dev -x alias '$(id)'\n",
		"<source dev='`id`&apos;?;#' mode='bridge'/>\n",
		"ip link set dev '`id`'\\'''$'\\x01'';#' vf GUEST_VF mac 00:00:00:00:00:00\n",
		"firmware ?[2J ?\xef\xbf\xbd?31m?, Linux",
	};
	const struct nfp_report_opts opts = {.columns = 80, .verbose = true};
	struct nfp_result result;
	char *text;

	sample_igb(&result);
	strcpy(result.pf.firmware, "\033[2J\r\x07\xff\xc2\x9b"
				   "31m\xe2\x80\xae");
	nfp_strv_addf(&result.changes_seen, "line\nanother \033]0;title\007");
	strcpy(result.pf.ifname, "`id`'\x01;#");
	nfp_command_add(nfp_hints_addf(&result.left_behind, "its name"), "ip link set %s alias %s",
			"-x", "$(id)");
	text = text_of(&result, &opts);
	for (size_t i = 0; i < NFP_NUM(has); i++)
		if (!strstr(text, has[i]))
			fail_msg("not \"%s\" in %s", has[i], text);
	for (const char *c = text; *c; c++)
		assert_true(*c == '\n' || ((unsigned char)*c >= 0x20 && *c != 0x7f));
	free(text);
	nfp_result_fini(&result);
}

/* Any bytes become valid UTF-8, cut between characters, with no control left in it. */
TEST(any_bytes_become_utf8)
{
	uint32_t seed = 1;

	for (int round = 0; round < LOT(20000); round++) {
		char src[24], dst[24];
		size_t size = 1 + (size_t)round % sizeof(dst);

		for (size_t i = 0; i < sizeof(src) - 1; i++) {
			seed = seed * 1664525 + 1013904223;
			/* Half of them are bytes that begin or continue a sequence. */
			src[i] = (char)(seed >> 31 ? 0x80 | (seed >> 24) : (seed >> 24) % 255 + 1);
		}
		src[sizeof(src) - 1] = '\0';
		memset(dst, 0x55, sizeof(dst));
		nfp_utf8_clean(dst, size, src, true);
		assert_true(strlen(dst) < size);
		for (size_t i = size; i < sizeof(dst); i++)
			assert_int_equal(dst[i], 0x55);
		for (const char *p = dst; *p; p++)
			assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
		json_t *text = json_string(dst); /* NULL for what is not UTF-8 */
		assert_non_null(text);
		json_decref(text);
	}
}

static size_t encode(uint32_t c, char buf[8])
{
	const unsigned int len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned int first[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (unsigned int i = len; i-- > 1; c >>= 6)
		buf[i] = (char)(0x80 | (c & 0x3f));
	buf[0] = (char)(first[len] | c);
	buf[len] = '\0';
	return len;
}

/* All of Unicode, against the list that the tools in Python are held to as well. */
TEST(test_unprintable_characters)
{
	static bool listed[0x110000];
	FILE *file = fopen("tests/unprintable.txt", "re");
	unsigned int from, to;
	char line[256];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%x %x", &from, &to) == 2)
			for (unsigned int c = from; c <= to; c++)
				listed[c] = true;
	fclose(file);
	for (uint32_t c = 1; c < 0x110000; c++) {
		char text[8], out[16];

		if (c >= 0xd800 && c <= 0xdfff)
			continue; /* no characters */
		encode(c, text);
		nfp_utf8_clean(out, sizeof(out), text, true);
		if (!listed[c])
			assert_string_equal(out, text);
		else
			assert_string_equal(out, c == '\n' || c == '\t' || c == '\r' ? " " : "?");
	}
}

TEST_MAIN()
