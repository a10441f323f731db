// SPDX-License-Identifier: GPL-2.0-or-later
/* A VF that could be put back at the second attempt is put back: neither error nor status says no.
 */
#include "harness.h"
#include "../../src/app/run_priv.h"

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
	assert_string_equal(err.hint, "");
	assert_string_equal(result.vf.error.message, err.message);
}

/* Of another error nothing is taken back. */
TEST(another_error_stays)
{
	struct nfp_result result = {.have_vf = true, .vf = {.vf = 3}, .restored = false};
	struct nfp_err err = {0};

	nfp_err_set(&result.vf.error, -EBUSY, NFP_E_VF_IN_USE, "VF 3: in use");
	nfp_restored_after_all(&result, &err);
	assert_string_equal(result.vf.error.message, "VF 3: in use");
}

TEST_MAIN()
