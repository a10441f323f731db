// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules for any report, whatever it says: no line is too long, bytes from outside become UTF-8, no
 * page loads anything, a full disk is an error. For the wording see test_golden_*.c.
 */
#include <jansson.h>

#include "harness.h"
#include "../../src/report/report_priv.h"
#include "nfprobe/report.h"
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

TEST(results_fit_any_terminal)
{
	void (*const samples[])(struct nfp_result *) = {sample_igb, sample_odd, sample_beside};

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct nfp_result result;

		samples[i](&result);
		for (unsigned int columns = 40; columns <= 130; columns++) {
			for (int verbose = 0; verbose < 2; verbose++) {
				struct nfp_report_opts opts = {
					.columns = columns, .verbose = verbose, .timeline = true};
				char *text = NULL;
				size_t len = 0;
				FILE *out = open_memstream(&text, &len);

				assert_int_equal(nfp_report_text(&result, &opts, out), 0);
				fclose(out);
				check_width(text, columns);
				assert_non_null(strstr(text, "EARLY"));
				free(text);
			}
		}
		nfp_result_fini(&result);
	}
}

TEST(lists_fit_any_terminal)
{
	struct nfp_topology topology;
	struct nfp_listing listing;

	sample_topology(&topology);
	sample_listing(&listing, &topology);
	for (unsigned int columns = 41; columns < 150; columns++) {
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

/* Any bytes become valid UTF-8, cut between characters, with no control left in it. */
TEST(any_bytes_become_utf8)
{
	uint32_t seed = 1;

	for (int round = 0; round < 20000; round++) {
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

TEST(a_full_disk_is_an_error)
{
	const struct nfp_report_opts opts = {0};
	const struct nfp_listing listing = {.num_pfs = 0};
	struct nfp_result result;
	const struct nfp_event end = {.what = NFP_EVENT_END, .run = &result};

	sample_igb(&result);
	for (int format = 0; format < 4; format++) {
		FILE *full = fopen("/dev/full", "w");
		int ret = format == 0	? nfp_report_text(&result, &opts, full)
			  : format == 1 ? nfp_report_json(&result, full)
			  : format == 2 ? nfp_report_event(&end, 0, full)
					: nfp_report_list_text(&listing, &opts, full);

		/* A buffer that did not hold it all has failed before, and errno was that one's. */
		assert_true(ret == -ENOSPC || ret == -EIO);
		fclose(full);
	}
	nfp_result_fini(&result);
}

TEST_MAIN()
