// SPDX-License-Identifier: GPL-2.0-or-later
/* What a run says of restoring: of what an earlier run left, and of a VF that could be put back at
 * the second attempt. */
#include "harness.h"
#include "../../src/app/run_priv.h"
#include "said.h"

#define WHY "VF 3 of eth0: its driver was igbvf and is none"

TEST(after_all)
{
	struct nfp_result result = {.have_vf = true, .vf = {.vf = 3}, .restored = false};
	struct nfp_err err;

	nfp_err_set(&err, -EIO, NFP_E_RESTORE, "the host could not be put back as it was: " WHY);
	nfp_err_try(&err, "nfprobe --restore");
	result.vf.error = err;
	nfp_restored_after_all(&result, &err);
	assert_true(result.restored);
	assert_int_equal(err.code, NFP_E_KERNEL);
	assert_string_equal(err.message,
			    "the host was restored only at the second attempt; at the first, "
			    "the host could not be put back as it was: " WHY);
	assert_string_equal(said_hint(&err.hint), "");
	assert_string_equal(result.vf.error.message, err.message);
}

/* Nothing of another error is taken back. */
TEST(another_error_stays)
{
	struct nfp_result result = {.have_vf = true, .vf = {.vf = 3}, .restored = false};
	struct nfp_err err = {0};

	nfp_err_set(&result.vf.error, -EBUSY, NFP_E_VF_IN_USE, "VF 3: in use");
	nfp_restored_after_all(&result, &err);
	assert_string_equal(result.vf.error.message, "VF 3: in use");
}

static void count_warning(void *ctx, const struct nfp_event *event)
{
	unsigned int *num = ctx;

	*num += event->what == NFP_EVENT_WARNING;
}

static struct nfp_result note(const char *done, const char *taken)
{
	unsigned int told = 0;
	const struct nfp_run_io io = {.parent_fd = -1, .events = {count_warning, &told}};
	struct nfp_result result = {.restored = true, .pf = {.ifname = "eth0"}};
	struct nfp_run run = {.io = &io, .result = &result};
	struct nfp_restore_report report = {.found = true};

	if (done)
		nfp_strv_addf(&report.done, "%s", done);
	if (taken)
		nfp_strv_addf(&report.taken, "%s", taken);
	nfp_note_restore(&run, &report);
	assert_int_equal(run.undone, done != NULL);
	/* Whoever follows the run hears each when it comes. */
	assert_int_equal(told, result.warnings.n);
	nfp_restore_report_fini(&report);
	return result;
}

/* A run that then refuses the VF must not say "Nothing was changed." */
TEST(what_was_undone_for_an_earlier_run_is_a_change)
{
	struct nfp_result undone = note("VF 3 of eth0 is as it was", NULL);
	struct nfp_result taken = note(NULL, "VF 3 of eth0: another process has it");

	assert_true(undone.changed_host);
	assert_int_equal(undone.warnings.n, 1);
	assert_non_null(strstr(undone.warnings.v[0], "its changes were undone first"));
	assert_false(taken.changed_host);
	assert_int_equal(taken.warnings.n, 1);
	nfp_result_fini(&undone);
	nfp_result_fini(&taken);
}

TEST_MAIN()
