// SPDX-License-Identifier: GPL-2.0-or-later
/* git bisect run takes each exit status as good, bad, skip, or the end of the bisection. */
#include "harness.h"
#include "nfprobe/app.h"

/* git-bisect(1), BISECT RUN */
static const char *git_says(int status)
{
	if (status == 0)
		return "good";
	if (status == 125)
		return "skip";
	return status < 128 ? "bad" : "abort";
}

TEST(every_status)
{
	assert_string_equal(git_says(nfp_bisect_exit(0)), "good");
	assert_string_equal(git_says(nfp_bisect_exit(1)), "bad");
	assert_string_equal(git_says(nfp_bisect_exit(NFP_EXIT_INCONCLUSIVE)), "skip");
	assert_string_equal(git_says(nfp_bisect_exit(NFP_EXIT_CANNOT)), "skip");
	assert_string_equal(git_says(nfp_bisect_exit(NFP_EXIT_USAGE)), "abort");
	assert_string_equal(git_says(nfp_bisect_exit(NFP_EXIT_NOT_RESTORED)), "abort");
	for (int status = 0; status < 256; status++) {
		int exit = nfp_bisect_exit(status);

		/* A signal stays one, and a status that both processes of a run map stays too. */
		if (status > 128)
			assert_int_equal(exit, status);
		assert_in_range(exit, 0, 255);
		assert_int_equal(nfp_bisect_exit(exit), exit);
	}
}

TEST_MAIN()
