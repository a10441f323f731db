// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results of every sort as JUnit's XML. With NFPROBE_JUNIT_DIR set, each document is kept there as
 * NAME.xml, for a validator of XML Schema.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>

#include "nfprobe/verdict.h"
#include "nfprobe/report.h"
#include "unit/sample_result.h"

static void keep(const char *name, const char *text)
{
	const char *dir = getenv("NFPROBE_JUNIT_DIR");
	char path[512];
	FILE *f;

	if (!dir)
		return;
	snprintf(path, sizeof(path), "%s/%s.xml", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* To be freed. */
static char *render(const char *name, const struct nfp_result *result)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(nfp_report_junit(result, out), 0);
	fclose(out);
	keep(name, text);
	return text;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("lacks: %s\nin: %s", part, text);
}

static void lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("has: %s\nin: %s", part, text);
}

static void igb(void **state)
{
	struct nfp_result result;
	char *text;

	(void)state;
	sample_igb(&result);
	text = render("igb", &result);
	/* A bridge is deaf in attach, unplug, detach, reassign and two of vf-first; and its
	 * verdict. */
	has(text, "<testsuites name=\"nfprobe\" tests=\"30\" failures=\"7\" errors=\"0\" "
		  "time=\"48.100\">");
	has(text, "<testsuite name=\"eth0 VF 3 macvtap\" tests=\"15\" failures=\"0\" errors=\"0\" "
		  "time=\"21.560\" skipped=\"0\" timestamp=\"2026-11-20T10:00:01\" "
		  "hostname=\"hv1\">");
	has(text, "<testsuite name=\"eth0 VF 3 bridge\" tests=\"15\" failures=\"7\"");
	has(text, "<property name=\"driver\" value=\"igb\"/>");
	has(text, "<property name=\"firmware\" value=\"2.1.0\"/>");
	has(text, "<property name=\"kernel\" value=\"6.12.95\"/>");
	has(text, "<property name=\"version\" value=\"" NFP_VERSION "\"/>");
	has(text, "<testcase name=\"attach\" classname=\"eth0.VF3.macvtap\" time=\"1.540\"/>");
	has(text, "<testcase name=\"attach\" classname=\"eth0.VF3.bridge\" time=\"1.540\">\n"
		  "      <failure type=\"landing\" message=\"the guest boots deaf: unicast lands "
		  "nowhere, broadcast pf\">unicast: 1500 sent, PF 0, VF 0, both 0, lost 1500, "
		  "duplicates 0\n");
	has(text, "<failure type=\"early\" message=\"early: eth0 gives the address to VF 3");
	/* What is only recorded is no test. */
	has(text, "<testcase name=\"assign\" classname=\"eth0.VF3.bridge\" time=\"1.540\"/>");
	free(text);
	nfp_result_fini(&result);
}

static void what_is_allowed_is_no_failure(void **state)
{
	struct nfp_result result;
	char *text;

	(void)state;
	sample_igb(&result);
	result.vfs[0].styles[1].allowed = true;
	text = render("allowed", &result);
	has(text, "tests=\"30\" failures=\"0\" errors=\"0\"");
	has(text, "<skipped type=\"allowed\" message=\"the guest boots deaf");
	has(text, "<skipped type=\"early\" message=\"early (allowed): ");
	free(text);
	/* --allow safe allows nothing. */
	sample_step(&result.vfs[0].styles[0], NFP_STEP_ALONE, NFP_LANDING_NOWHERE,
		    NFP_LANDING_BOTH);
	result.vfs[0].styles[0].allowed = true;
	text = render("allow-safe", &result);
	has(text, "tests=\"31\" failures=\"1\" errors=\"0\"");
	free(text);
	nfp_result_fini(&result);
}

/* What proves nothing is an error, whatever else is well. */
static void every_verdict(void **state)
{
	static const char *const elements[NFP_VERDICT_COUNT] = {
		[NFP_VERDICT_EARLY] = "<failure type=\"early\"",
		[NFP_VERDICT_REFUSED] = "<failure type=\"refused\"",
		[NFP_VERDICT_DEAF] = "<failure type=\"deaf\"",
		[NFP_VERDICT_STICKY] = "<failure type=\"sticky\"",
		[NFP_VERDICT_SLOW] = "<failure type=\"slow\"",
		[NFP_VERDICT_INCONCLUSIVE] = "<error type=\"inconclusive\"",
		[NFP_VERDICT_UNTESTABLE] = "<error type=\"untestable\"",
		[NFP_VERDICT_SAFE] = "<testcase name=\"verdict\" classname=\"eth0.VF3.macvtap\" "
				     "time=\"0.000\"/>",
		[NFP_VERDICT_NOT_APPLICABLE] = "<skipped type=\"not-applicable\"",
	};

	(void)state;
	for (unsigned int v = 0; v < NFP_VERDICT_COUNT; v++) {
		struct nfp_result result;
		char name[64], *text;

		sample_igb(&result);
		result.vfs[0].num_styles = 1;
		result.vfs[0].styles[0].verdict = (enum nfp_verdict)v;
		snprintf(name, sizeof(name), "verdict-%s", nfp_verdict_name((enum nfp_verdict)v));
		text = render(name, &result);
		has(text, elements[v]);
		free(text);
		nfp_result_fini(&result);
	}
}

static void steps_that_were_not_made(void **state)
{
	struct nfp_result result;
	struct nfp_step_result *step;
	char *text;

	(void)state;
	sample_igb(&result);
	step = result.vfs[0].styles[0].steps;
	step[2].status = NFP_STATUS_REFUSED;
	strcpy(step[2].note, "RTNETLINK answers: File exists");
	step[3].status = NFP_STATUS_SKIPPED;
	strcpy(step[3].note, "the VF does not have the address");
	step[9].status = NFP_STATUS_SKIPPED;
	step[10].landing[NFP_KIND_UNICAST] = NFP_LANDING_MIXED;
	step[11].landing[NFP_KIND_BROADCAST] = NFP_LANDING_NOWHERE;
	text = render("steps", &result);
	has(text, "<error type=\"refused\" message=\"RTNETLINK answers: File exists\"/>");
	has(text, "<skipped type=\"skipped\" message=\"the VF does not have the address\"/>");
	has(text, "<skipped type=\"skipped\" message=\"skipped\"/>");
	has(text, "<error type=\"landing\" message=\"some frames arrive, some do not: ");
	has(text, "<failure type=\"landing\" message=\"no broadcast: ");
	has(text, "errors=\"2\" time=\"21.560\" skipped=\"2\"");
	free(text);
	nfp_result_fini(&result);
}

static void vfs_without_a_verdict(void **state)
{
	struct nfp_result result;
	char *text;

	(void)state;
	sample_head(&result, 3);
	for (unsigned int i = 0; i < 3; i++)
		sample_vf(&result.vfs[i], i);
	sample_igb_vf(&result.vfs[0], 0);
	result.vfs[1].status = NFP_VF_IN_USE;
	nfp_err_set(&result.vfs[1].error, 0, NFP_E_VF_IN_USE, "VF 1 is in use by <qemu>");
	result.vfs[2].status = NFP_VF_IN_USE;
	nfp_err_set(&result.vfs[2].error, 0, NFP_E_VF_IN_USE, "VF 2 is in use");
	result.exit_status = 1;
	text = render("in-use", &result);
	has(text, "<skipped type=\"vf-in-use\" message=\"VF 1 is in use by &lt;qemu&gt;\"/>");
	free(text);
	result.vfs[2].status = NFP_VF_FAILED;
	nfp_err_set(&result.vfs[2].error, 0, NFP_E_NO_DRIVER, "no driver");
	nfp_err_hint(&result.vfs[2].error, "modprobe igbvf");
	result.error = result.vfs[2].error;
	result.exit_status = 4;
	text = render("failed", &result);
	has(text, "<testsuite name=\"eth0\" tests=\"1\" failures=\"0\" errors=\"1\"");
	has(text, "<error type=\"no-vf-driver\" message=\"no driver: modprobe igbvf\"/>");
	has(text, "<error type=\"vf-in-use\"");
	free(text);
	nfp_result_fini(&result);
}

/* A run that ended before it began, and one whose host was not put back. */
static void runs_that_failed(void **state)
{
	struct nfp_result result;
	char *text;

	(void)state;
	nfp_result_init(&result);
	nfp_err_set(&result.error, 0, NFP_E_PERMISSION, "not permitted");
	text = render("error", &result);
	has(text, "<testsuite name=\"nfprobe\" tests=\"1\" failures=\"0\" errors=\"1\"");
	has(text, "<error type=\"permission\" message=\"not permitted\"/>");
	lacks(text, "timestamp");
	free(text);
	sample_igb(&result);
	result.restored = false;
	text = render("not-restored", &result);
	has(text, "<error type=\"restore\" message=\"the host could not be put back");
	free(text);
	nfp_result_fini(&result);
}

/* No outcome depends on it, so it stands beside: what the standby sends, the counters of the VF. */
static void evidence_beside_the_landings(void **state)
{
	struct nfp_result result;
	struct nfp_style_result *style;
	char *text;

	(void)state;
	sample_igb(&result);
	style = result.vfs[0].styles;
	sample_evidence(&style[0], NFP_TRANSMIT_DROPPED);
	sample_evidence(&style[1], NFP_TRANSMIT_UNTESTED);
	strcpy(style[1].transmit_note, "--no-transmit & <why>");
	text = render("evidence", &result);
	has(text, "tests=\"30\" failures=\"7\" errors=\"0\"");
	has(text, "<property name=\"transmit\" value=\"dropped\"/>");
	has(text, "<property name=\"transmit\" value=\"untested\"/>");
	has(text, "<property name=\"transmit_note\" value=\"--no-transmit &amp; &lt;why&gt;\"/>");
	/* A case that passed, and one that did not. */
	has(text, "<testcase name=\"attach\" classname=\"eth0.VF3.macvtap\" time=\"1.540\">\n"
		  "      <system-out>what the standby sends: dropped; counted for the VF: 0 "
		  "received, 0 dropped</system-out>\n    </testcase>");
	has(text, "message=\"the guest boots deaf: unicast lands nowhere, broadcast pf; the VF "
		  "counts them\">");
	has(text, "</failure>\n      <system-out>what the standby sends: untested; counted for "
		  "the VF: 1408 received, 7 dropped</system-out>\n");
	/* The verdict is safe, and the guest is mute all the same. */
	has(text, "<testcase name=\"verdict\" classname=\"eth0.VF3.macvtap\" time=\"0.000\">\n"
		  "      <system-out>eth0 drops what the standby sends with the address in assign, "
		  "attach, ");
	free(text);
	nfp_result_fini(&result);
}

/* What was so before is no failure; what became worse is one of its own. */
static void with_a_baseline(void **state)
{
	struct nfp_difference longer = {.vf = 3,
					.style = NFP_STYLE_FILTER,
					.matter = NFP_MATTER_GAP,
					.from = NFP_STEP_DRIVER,
					.to = NFP_STEP_UP,
					.trend = NFP_TREND_WORSE,
					.counts = true,
					.before = "1.0 ms",
					.now = "900.0 ms"};
	struct nfp_comparison comparison = {.v = &longer, .n = 1, .worse = true};
	struct nfp_result result;
	char *text;

	(void)state;
	sample_igb(&result);
	result.comparison = &comparison;
	text = render("baseline", &result);
	has(text, "tests=\"32\" failures=\"1\" errors=\"0\"");
	has(text, "<failure type=\"worse\" message=\"driver to up: 1.0 ms -&gt; 900.0 ms\"/>");
	has(text, "<skipped type=\"baseline\" message=\"the guest boots deaf");
	has(text, "<skipped type=\"early\" message=\"early (baseline): eth0");
	free(text);
	/* The bridge is worse: it fails as it does without a baseline. */
	longer.style = NFP_STYLE_PROMISC;
	text = render("baseline-worse", &result);
	has(text, "tests=\"32\" failures=\"8\" errors=\"0\"");
	free(text);
	strcpy(comparison.not_compared, "frames came from another source");
	text = render("baseline-none", &result);
	has(text, "<error type=\"baseline\" message=\"not compared: frames came from another");
	free(text);
	result.comparison = NULL;
	nfp_result_fini(&result);
}

/* Names from the kernel are bytes; XML has no room for all of them. */
static void bytes(void **state)
{
	struct nfp_result result;
	char *text;

	(void)state;
	sample_igb(&result);
	strcpy(result.pf.ifname, "e<\"'&]]>");
	strcpy(result.pf.firmware, "\033[2J\x01\x1f\n\t\r\x7f \xff\xc3 caf\xc3\xa9 \xef\xbf\xbe");
	strcpy(result.hostname, "\xed\xa0\x80\xf0\x9f\x98\x80");
	text = render("bytes", &result);
	has(text, "<testsuite name=\"e&lt;&quot;'&amp;]]&gt; VF 3 macvtap\"");
	has(text, "value=\"\xef\xbf\xbd[2J\xef\xbf\xbd\xef\xbf\xbd&#10;&#9;&#13;\x7f "
		  "\xef\xbf\xbd\xef\xbf\xbd caf\xc3\xa9 \xef\xbf\xbd\"/>");
	has(text, "hostname=\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xf0\x9f\x98\x80\"");
	free(text);
	nfp_result_fini(&result);
}

static void full(void **state)
{
	struct nfp_result result;
	FILE *out = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(out);
	sample_igb(&result);
	assert_int_equal(nfp_report_junit(&result, out), -ENOSPC);
	fclose(out);
	nfp_result_fini(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(igb),
		cmocka_unit_test(what_is_allowed_is_no_failure),
		cmocka_unit_test(every_verdict),
		cmocka_unit_test(steps_that_were_not_made),
		cmocka_unit_test(vfs_without_a_verdict),
		cmocka_unit_test(runs_that_failed),
		cmocka_unit_test(evidence_beside_the_landings),
		cmocka_unit_test(with_a_baseline),
		cmocka_unit_test(bytes),
		cmocka_unit_test(full),
	};

	return cmocka_run_group_tests_name("junit", tests, NULL, NULL);
}
