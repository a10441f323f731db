// SPDX-License-Identifier: GPL-2.0-or-later
/* A VF that could be put back at the second attempt is put back: neither error nor status says no.
 */
#include "harness.h"
#include "../../src/app/run_priv.h"

#define WHY "VF 3 of eth0: its driver was igbvf and is none"

TEST(after_all)
{
	struct nfp_vf_result vfs[2] = {{.vf = 2}, {.vf = 3}};
	struct nfp_result result = {.vfs = vfs, .num_vfs = 2, .restored = false};
	struct nfp_err err;

	nfp_err_set(&vfs[0].error, -EBUSY, NFP_E_VF_IN_USE, "VF 2: in use");
	nfp_err_set(&err, -EIO, NFP_E_RESTORE, "the host could not be put back as it was: " WHY);
	nfp_err_try(&err, "nfprobe --restore");
	vfs[1].error = err;
	nfp_restored_after_all(&result, &err);
	assert_true(result.restored);
	assert_int_equal(err.code, NFP_E_KERNEL);
	assert_string_equal(err.message,
			    "the host was restored only at the second attempt; at the first, "
			    "the host could not be put back as it was: " WHY);
	assert_string_equal(err.hint, "");
	assert_string_equal(vfs[1].error.message, err.message);
	assert_string_equal(vfs[0].error.message, "VF 2: in use");
}

TEST_MAIN()
