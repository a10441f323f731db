// SPDX-License-Identifier: GPL-2.0-or-later
/* What a reflector prints. */
#include "harness.h"
#include "nfprobe/report.h"

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
TEST(test_reflect)
{
	struct nfp_reflector_config config = {
		.netdev = {.ifname = "eth1"},
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

	assert_non_null(out);
	assert_int_equal(nfp_report_reflect_start(&config, &opts, out), 0);
	fclose(out);
	has(buf, "\n    nfprobe PF --vf N --from peer:02:ab:00:00:00:01 --id "
		 "dead0000000000000000000000000000\n");
	config.rate = 5000;
	opts.quiet = true;
	memset(buf, 0, sizeof(buf));
	out = fmemopen(buf, sizeof(buf), "w");
	assert_int_equal(nfp_report_reflect_start(&config, &opts, out), 0);
	fclose(out);
	assert_string_equal(buf, "nfprobe PF --vf N --from peer:02:ab:00:00:00:01 --id "
				 "dead0000000000000000000000000000 --rate 5000\n");
	/* One that is in a file stays there. */
	config.id_file = "/root/nfprobe.id";
	memset(buf, 0, sizeof(buf));
	out = fmemopen(buf, sizeof(buf), "w");
	assert_int_equal(nfp_report_reflect_start(&config, &opts, out), 0);
	fclose(out);
	assert_string_equal(buf, "nfprobe PF --vf N --from peer:02:ab:00:00:00:01 --id "
				 "@/root/nfprobe.id --rate 5000\n");
	reflect_text(&report, &opts, buf, sizeof(buf));
	assert_string_equal(buf, "");
	opts.quiet = false;
	reflect_text(&report, &opts, buf, sizeof(buf));
	has(buf, "stopped after 2.0 s: 1050 received\n  1040 forwarded\n");
	has(buf, "not forwarded: 10 with another id, or forged\n");
	lacks(buf, "repeated");
	opts.verbose = true;
	reflect_text(&report, &opts, buf, sizeof(buf));
	has(buf, "not forwarded: 0 repeated, or much too late\n");
}

TEST_MAIN()
