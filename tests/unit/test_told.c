// SPDX-License-Identifier: GPL-2.0-or-later
/* What is told besides the result: errors, warnings, how far a run is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nfprobe/report.h"

static void test_errors(void **state)
{
	struct nfp_report_opts opts = {.columns = 40};
	struct nfp_err err;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	nfp_err_set(&err, 0, NFP_E_NO_VFS, "eth0 has no VFs, and a long sentence follows here\033");
	nfp_err_hint(&err, "make some");
	assert_int_equal(nfp_report_error(&err, &opts, out), 0);
	assert_int_equal(nfp_report_warning("look out", &opts, out), 0);
	opts.columns = 0;
	assert_int_equal(nfp_report_error(&err, &opts, out), 0);
	fclose(out);
	assert_string_equal(text, "nfprobe: eth0 has no VFs, and a long\n"
				  "         sentence follows here?\n"
				  "nfprobe: make some\n"
				  "nfprobe: warning: look out\n"
				  "nfprobe: eth0 has no VFs, and a long sentence follows here?\n"
				  "nfprobe: make some\n");
	free(text);
}

/* Names of netdevs may have any byte but blanks, "/" and ":". */
static void names_in_commands_cannot_drive_a_terminal(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(nfp_report_change("ip link set e\033[2J\177\302\233\377 vf 3 mac", out),
			 0);
	fclose(out);
	assert_string_equal(text, "+ ip link set e?[2J??\xef\xbf\xbd vf 3 mac\n");
	free(text);
}

static void test_progress(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	nfp_report_progress(out, 80, 3, NFP_STYLE_FILTER, NFP_STEP_ATTACH, UINT64_C(11200000000));
	nfp_report_progress(out, 20, 3, NFP_STYLE_FILTER, NFP_STEP_ATTACH, 0);
	nfp_report_progress_clear(out);
	fclose(out);
	assert_string_equal(text, "\r\033[KVF 3 macvtap: attach (4 of 15), 12 s left"
				  "\r\033[KVF 3 macvtap: attac"
				  "\r\033[K");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(names_in_commands_cannot_drive_a_terminal),
		cmocka_unit_test(test_progress),
	};

	return cmocka_run_group_tests_name("told", tests, NULL, NULL);
}
