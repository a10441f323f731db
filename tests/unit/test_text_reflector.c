// SPDX-License-Identifier: GPL-2.0-or-later
/* What is printed of a reflector: in the result of a run that used one, and by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nfprobe/report.h"
#include "sample_result.h"

/* Lines joined and blanks squeezed: what is said, wherever it was broken. */
static char *flat(char *text)
{
	char *w = text;

	for (const char *r = text; *r; r++) {
		char c = *r == '\n' ? ' ' : *r;

		if (c == ' ' && w > text && w[-1] == ' ')
			continue;
		*w++ = c;
	}
	*w = '\0';
	return text;
}

static char *render(const struct nfp_result *result)
{
	const struct nfp_report_opts opts = {.columns = 80};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(nfp_report_text(result, &opts, out), 0);
	fclose(out);
	return flat(text);
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

static void has_flat(const struct nfp_result *result, const char *part)
{
	char *text = render(result);

	has(text, part);
	free(text);
}

static void test_reflector(void **state)
{
	struct nfp_result result;
	char *text;

	(void)state;
	sample_igb(&result);
	result.have_reflector = true;
	strcpy(result.settings.from, "peer:02:ab:00:00:00:01");
	text = render(&result);
	has(text, "frames from peer:02:ab:00:00:00:01 (wire)");
	lacks(text, "there and back");
	free(text);
	result.reflector_clock = (struct nfp_peer_clock) {
		.samples = 40000,
		.trip_min_ns = 151000,
		.trip_max_ns = 2500000,
		.stay_min_ns = 20000,
		.stay_max_ns = 30000,
		.offset_ns = -1200900,
	};
	has_flat(&result, "there and back in 0.151 to 2.500 ms, and 0.020 to 0.030 ms in the "
			  "reflector, whose clock is 1.201 ms behind this host's");
	result.reflector_clock.offset_ns = 3600 * (int64_t)NFP_NSEC_PER_SEC;
	has_flat(&result, "whose clock is 3600000 ms ahead of this host's");
	nfp_result_fini(&result);
}

/* Where the source fell silent, nothing is said of who is deaf. */
static void test_silence(void **state)
{
	struct nfp_result result;
	char *text;

	(void)state;
	sample_igb(&result);
	for (size_t i = 0; i < result.vfs[0].styles[1].num_steps; i++) {
		struct nfp_step_result *step = &result.vfs[0].styles[1].steps[i];

		if (step->step >= NFP_STEP_UP)
			step->landing[NFP_KIND_UNICAST] = step->landing[NFP_KIND_BROADCAST] =
				NFP_LANDING_NOWHERE;
	}
	text = render(&result);
	has(text, "the guest boots deaf");
	has(text, "nor any broadcast: no answer");
	lacks(text, "deaf while migrating");
	lacks(text, "the VF gets nothing");
	free(text);
	nfp_result_fini(&result);
}

static void reflect_text(const struct nfp_reflector_report *report,
			 const struct nfp_report_opts *opts, char *buf, size_t size)
{
	FILE *out = fmemopen(buf, size, "w");

	assert_non_null(out);
	memset(buf, 0, size);
	assert_int_equal(nfp_report_reflect_end(report, opts, out), 0);
	fclose(out);
}

/* What a reflector says; the line to type is one line, on any terminal. */
static void test_reflect(void **state)
{
	struct nfp_reflect_start start = {
		.ifname = "eth1",
		.mac = {{0x02, 0xab, 0, 0, 0, 1}},
		.id = {{0xde, 0xad}},
		.rate = 1000,
		.for_ns = 600 * NFP_NSEC_PER_SEC,
	};
	struct nfp_reflector_report report = {
		.received = 1050,
		.outcome = {[NFP_REFLECT_SENT_ON] = 1040, [NFP_REFLECT_OTHER_ID] = 10},
		.began_ns = 5,
		.ended_ns = UINT64_C(2049999999),
		.stopped = true,
	};
	struct nfp_report_opts opts = {.columns = 40};
	char buf[2048] = "";
	FILE *out = fmemopen(buf, sizeof(buf), "w");

	(void)state;
	assert_non_null(out);
	assert_int_equal(nfp_report_reflect_start(&start, &opts, out), 0);
	fclose(out);
	has(buf, "\n    nfprobe PF --vf N --from peer:02:ab:00:00:00:01 --id "
		 "dead0000000000000000000000000000\n");
	start.rate = 5000;
	opts.quiet = true;
	memset(buf, 0, sizeof(buf));
	out = fmemopen(buf, sizeof(buf), "w");
	assert_int_equal(nfp_report_reflect_start(&start, &opts, out), 0);
	fclose(out);
	assert_string_equal(buf, "nfprobe PF --vf N --from peer:02:ab:00:00:00:01 --id "
				 "dead0000000000000000000000000000 --rate 5000\n");
	/* One that is in a file stays there. */
	start.id_file = "/root/nfprobe.id";
	memset(buf, 0, sizeof(buf));
	out = fmemopen(buf, sizeof(buf), "w");
	assert_int_equal(nfp_report_reflect_start(&start, &opts, out), 0);
	fclose(out);
	assert_string_equal(buf, "nfprobe PF --vf N --from peer:02:ab:00:00:00:01 --id "
				 "@/root/nfprobe.id --rate 5000\n");
	reflect_text(&report, &opts, buf, sizeof(buf));
	assert_string_equal(buf, "");
	opts.quiet = false;
	reflect_text(&report, &opts, buf, sizeof(buf));
	has(buf, "stopped after 2.0 s: 1050 received\n  1040 sent on\n");
	has(buf, "not sent on: 10 with another id, or forged\n");
	lacks(buf, "repeated");
	opts.verbose = true;
	reflect_text(&report, &opts, buf, sizeof(buf));
	has(buf, "not sent on: 0 repeated, or much too late\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reflector),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_reflect),
	};

	return cmocka_run_group_tests_name("text_reflector", tests, NULL, NULL);
}
