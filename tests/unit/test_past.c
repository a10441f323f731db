// SPDX-License-Identifier: GPL-2.0-or-later
/* The file that a baseline is read from: what was written is read, what is broken is refused. */
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "nfprobe/app.h"
#include "nfprobe/store.h"
#include "unit/sample_past.h"

/* All values that are compared are read back as they were written. */
TEST(what_was_written_is_read)
{
	const struct nfp_style_result *was, *is;
	struct nfp_result result, read;
	struct nfp_comparison c;
	json_t *before, *after;
	char *text;

	sample_igb(&result);
	set_gap(&result, NFP_STEP_UP, 123456, 789);
	result.vfs[0].styles[1].steps[4].status = NFP_STATUS_REFUSED;
	text = sample_json(&result);
	assert_int_equal(nfp_baseline_parse(text, strlen(text), &read, NULL), 0);
	assert_int_equal(read.num_vfs, 1);
	was = &result.vfs[0].styles[0];
	is = &read.vfs[0].styles[0];
	assert_int_equal(is->num_transitions, was->num_transitions);
	assert_memory_equal(&is->transitions[is->num_transitions - 1].count[0].gap,
			    &was->transitions[is->num_transitions - 1].count[0].gap,
			    sizeof(struct nfp_span));
	before = nfp_fields_json(&nfp_result_table, &result, NFP_IN_BASELINE);
	after = nfp_fields_json(&nfp_result_table, &read, NFP_IN_BASELINE);
	assert_true(json_equal(before, after));
	assert_int_equal(json_object_size(before), 4);
	json_decref(before);
	json_decref(after);
	nfp_compare(&read, &result, true, &c);
	assert_int_equal(c.n, 0);
	assert_int_equal(c.exit_status, 0);
	assert_string_equal(c.then.start, "2026-11-20T10:00:00.123Z");
	nfp_result_fini(&read);
	free(text);
	nfp_result_fini(&result);
}

/* @text with the first @from replaced by @to, to be freed. */
static char *replaced(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	char *copy = NULL;

	if (!at)
		fail_msg("there is no %s", from);
	assert_true(asprintf(&copy, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
	return copy;
}

TEST(what_is_broken_is_refused)
{
	static const struct {
		const char *from, *to, *words;
	} cases[] = {
		{"\"schema\": 2", "\"schema\": 1", "schema is not 2"},
		{"\"schema\": 2", "\"schema\": \"1\"", "that of a result of this nfprobe"},
		{"\"schema\": 2,", "\"schema\": 2,,", "line 2 is not JSON"},
		{"\"run\": {", "\"run\": 3, \"runs\": {", "run is not an object"},
		{"\"driver\": \"igb\"", "\"driver\": 7", "pf.driver is not a string"},
		{"\"driver\": \"igb\"", "\"drivers\": \"igb\"", "pf.driver is not a string"},
		{"\"driver\": \"igb\"", "\"driver\": \"a\", \"driver\": \"b\"", "is not JSON"},
		{"\"0x8086\"", "\"0x80868\"", "pf.vendor has the wrong form"},
		{"\"0x8086\"", "\"x\"", "pf.vendor has the wrong form"},
		{"\"source\": \"wire\"", "\"source\": \"air\"", "settings.source is not one of"},
		{"\"vf\": 3", "\"vf\": -1", "vfs[0].vf is not a number"},
		{"\"vf\": 3", "\"vf\": 4096", "vfs[0].vf is not a number"},
		{"\"vf\": 3", "\"vf\": 3.5", "vfs[0].vf is not a number"},
		{"\"status\": \"probed\"",
		 "\"status\": \"probed\", \"steps\": [], \"styles\": [1], \"style\": 1",
		 "is not JSON"},
		{"\"steps\": [", "\"steps\": [1, ", "vfs[0].styles[0].steps[0] is not an object"},
		{"\"style\": \"bridge\"", "\"style\": \"macvtap\"",
		 "vfs[0].styles[1].style appears twice"},
		{"\"verdict\": \"safe\"", "\"verdict\": \"fine\"",
		 "vfs[0].styles[0].verdict is not one of the allowed values"},
		{"\"step\": \"attach\"", "\"step\": \"up\"", "styles[0].steps[4].step is out of"},
		{"\"status\": \"done\"", "\"status\": null", "steps[0].status is not one of"},
		{"\"landing\": \"pf\"", "\"landing\": \"here\"",
		 "vfs[0].styles[0].steps[0].unicast.landing is not one of"},
		{"\"gap_us\": ", "\"gap_us\": -1", "gap_us is not a number"},
		{"\"to\": \"up\"", "\"to\": \"control\"", "].to is not after"},
	};
	struct nfp_result result;
	char *text;

	sample_igb(&result);
	text = sample_json(&result);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *broken = replaced(text, cases[i].from, cases[i].to);
		struct nfp_result past;
		struct nfp_err err = {0};

		if (nfp_baseline_parse(broken, strlen(broken), &past, &err) != -EINVAL)
			fail_msg("taken: %s", cases[i].to);
		assert_int_equal(err.code, NFP_E_BASELINE);
		if (!strstr(err.message, cases[i].words))
			fail_msg("\"%s\" lacks \"%s\"", err.message, cases[i].words);
		free(broken);
	}
	/* Cut off anywhere, it is no JSON any more; the last line end does not matter. */
	for (size_t i = 0; i + 2 < strlen(text); i += 7) {
		struct nfp_result past;

		assert_int_equal(nfp_baseline_parse(text, i, &past, NULL), -EINVAL);
	}
	free(text);
	nfp_result_fini(&result);
}

TEST(no_verdict_is_no_baseline)
{
	struct nfp_result result;
	struct nfp_err err = {0};
	struct nfp_result past;
	char *text;

	nfp_result_init(&result);
	nfp_err_set(&result.error, 0, NFP_E_PERMISSION, "not permitted");
	text = sample_json(&result);
	assert_int_equal(nfp_baseline_parse(text, strlen(text), &past, &err), -EINVAL);
	assert_non_null(strstr(err.message, "has no verdict to compare with"));
	free(text);
	nfp_result_fini(&result);
}

static int read_baseline(char *path, struct nfp_err *err)
{
	struct nfp_request request = {.baseline_file = path};
	struct nfp_inputs inputs;
	int ret = nfp_inputs_open(&request, &inputs, err);

	if (ret < 0)
		return ret;
	assert_int_equal(inputs.recording, -1);
	ret = nfp_baseline_check(&request, inputs.baseline, NULL, err);
	close(inputs.baseline);
	return ret;
}

TEST(files)
{
	char dir[] = "/tmp/nfprobe-compare-XXXXXX", device[] = "/dev/zero", path[64];
	struct nfp_result result;
	struct nfp_err err = {0};
	FILE *f;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/result.json", dir);
	assert_int_equal(read_baseline(path, &err), -ENOENT);
	assert_non_null(strstr(err.message, "cannot read the baseline /tmp/nfprobe-compare-"));
	assert_int_equal(read_baseline(dir, &err), -EISDIR);
	assert_int_equal(read_baseline(device, &err), -EINVAL);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(read_baseline(path, &err), -EINVAL);
	unlink(path);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(read_baseline(path, &err), -EINVAL);
	assert_non_null(strstr(err.message, "cannot be used: line 1 is not JSON"));
	sample_igb(&result);
	assert_int_equal(nfp_report_json(&result, f), 0);
	fclose(f);
	assert_int_equal(read_baseline(path, &err), 0);
	assert_int_equal(truncate(path, (off_t)NFP_BASELINE_BYTES + 1), 0);
	assert_int_equal(read_baseline(path, &err), -EFBIG);
	unlink(path);
	rmdir(dir);
	nfp_result_fini(&result);
}

TEST_MAIN()
