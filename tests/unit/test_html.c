// SPDX-License-Identifier: GPL-2.0-or-later
/* The page: what it says, that nothing in it is loaded or run, that words stay words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>

#include "nfprobe/report.h"
#include "unit/sample_pages.h"

static char *render(void (*sample)(struct nfp_result *))
{
	struct nfp_result result;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	sample(&result);
	assert_int_equal(nfp_report_html(&result, out), 0);
	fclose(out);
	nfp_result_fini(&result);
	return text;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" in:\n%s", part, text);
}

static size_t count_of(const char *text, const char *part)
{
	size_t num = 0;

	for (const char *p = text; (p = strstr(p, part)) != NULL; p += strlen(part))
		num++;
	return num;
}

/* Each tag is closed, in order: XML would read it. */
static void is_balanced(const char *text)
{
	char open[64][24];
	size_t depth = 0;

	for (const char *p = text; (p = strchr(p, '<')) != NULL; p++) {
		const char *end = strchr(p, '>');
		char name[24] = "";

		assert_non_null(end);
		if (p[1] == '!' || end[-1] == '/')
			continue;
		sscanf(p + (p[1] == '/' ? 2 : 1), "%23[a-z0-9]", name);
		if (p[1] != '/') {
			assert_true(depth < 64);
			memcpy(open[depth++], name, sizeof(name));
			continue;
		}
		assert_true(depth > 0);
		assert_string_equal(open[--depth], name);
	}
	assert_int_equal(depth, 0);
}

static void needs_nothing_else(void **state)
{
	void (*const samples[])(struct nfp_result *) = {
		sample_igb,	sample_brief, sample_beside, sample_compared,
		sample_hostile, sample_many,  sample_nothing};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		char *text = render(samples[i]);

		is_balanced(text);
		lacks(text, "<script");
		lacks(text, "http");
		lacks(text, "src=");
		lacks(text, "@import");
		lacks(text, "nan");
		has(text, "</html>");
		free(text);
	}
}

static void says_what_the_run_said(void **state)
{
	char *text = render(sample_brief);

	(void)state;
	has(text, "<title>nfprobe eth0: early</title>");
	has(text, "macvtap standby: <span class=\"verdict safe\">SAFE</span>");
	has(text, "bridge standby: <span class=\"verdict bad\">EARLY</span>");
	has(text, "<dd>2.1.0</dd>");
	has(text, "<dd>6.12.95</dd>");
	has(text, "Use a macvtap standby:");
	assert_int_equal(count_of(text, "<svg viewBox"), 2);
	assert_int_equal(count_of(text, "scope=\"row\">attach<"), 2 * 2);
	free(text);
}

/* What stands beside the landings has columns where there is any, and its own sentence. */
static void evidence_is_shown(void **state)
{
	char *text = render(sample_beside);

	(void)state;
	has(text, "eth0 drops what the standby sends with the address in assign, attach, driver");
	has(text,
	    "<td class=\"words bad\">dropped</td><td>0</td><td>0</td><td class=\"note\"></td>");
	has(text, "<td class=\"words\">untested</td><td>1408</td><td>7</td><td class=\"note\">the "
		  "guest boots deaf; the VF counts them</td>");
	has(text, "Not tested whether what the standby sends leaves the NIC: in step assign");
	free(text);
	text = render(sample_brief);
	lacks(text, ">sending<");
	lacks(text, ">VF counter<");
	lacks(text, "Not tested");
	free(text);
}

/* Of several ladders, what differs; and what differs from before. */
static void comparisons_are_shown(void **state)
{
	char *text = render(sample_compared);

	(void)state;
	has(text, "3 ladders: 3 safe");
	has(text, "unstable: unicast in driver lands pf 2, nowhere 1");
	has(text, "<p>a&lt;b&gt;.json: igb, Linux 6.12.95, firmware 2.1.0");
	has(text, "<p class=\"bad\">worse: ");
	has(text, "<tr><th scope=\"row\">VF 3 macvtap</th><td class=\"words plain\">driver to "
		  "up</td><td class=\"words plain\">2801.2 ms</td>");
	has(text, "<td class=\"words bad\">worse</td></tr>");
	free(text);
}

/* The share of the frames is the height of the bar, whatever the landing is called. */
static void bars_show_shares(void **state)
{
	char *text = render(sample_hostile);

	(void)state;
	has(text, "33.3 % of 1500 frames: PF");
	has(text, "66.7 % of 1500 frames: nobody");
	has(text, "driver (refused)");
	has(text, "up (skipped)");
	free(text);
}

static void gaps_are_labelled(void **state)
{
	char *text = render(sample_brief);

	(void)state;
	has(text, ">12 ms</text>");
	has(text, ">2.80 s</text>");
	free(text);
	text = render(sample_igb);
	has(text, ">312 ms</text>");
	free(text);
}

static void words_stay_words(void **state)
{
	char *text = render(sample_hostile);

	(void)state;
	has(text, "&lt;b&gt;&quot;&amp;'x");
	has(text, "&lt;/dd&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
	has(text, "a warning with &lt;angles&gt; &amp; &quot;quotes&quot;");
	free(text);
}

static void an_error_is_a_page_too(void **state)
{
	char *text = render(sample_nothing);

	(void)state;
	has(text, "there is no eth0");
	has(text, "no verdict");
	has(text, "The host is not as it was before the run.");
	free(text);
}

static void a_full_disk_is_told(void **state)
{
	struct nfp_result result;
	FILE *out = fopen("/dev/full", "w");
	int ret;

	(void)state;
	assert_non_null(out);
	sample_igb(&result);
	ret = nfp_report_html(&result, out);
	assert_true(ret == -ENOSPC || ret == -EIO);
	fclose(out);
	nfp_result_fini(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needs_nothing_else),  cmocka_unit_test(says_what_the_run_said),
		cmocka_unit_test(evidence_is_shown),   cmocka_unit_test(comparisons_are_shown),
		cmocka_unit_test(bars_show_shares),    cmocka_unit_test(gaps_are_labelled),
		cmocka_unit_test(words_stay_words),    cmocka_unit_test(an_error_is_a_page_too),
		cmocka_unit_test(a_full_disk_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
