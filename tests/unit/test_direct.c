// SPDX-License-Identifier: GPL-2.0-or-later
/* What became of a batch, by what the kernel says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "../../src/wire/direct.h"

struct row {
	unsigned int num, taken;
	int ret;
	struct nfp_direct_fate fate;
};

static void is_known(void **state)
{
	static const struct row rows[] = {
		/* All of it. */
		{64, 64, 0, {64, 64, 0}},
		{1, 1, 0, {1, 1, 0}},
		/* Refused before any was looked at. */
		{64, 0, -ENETDOWN, {0, 0, -ENETDOWN}},
		{64, 0, -ENXIO, {0, 0, -ENXIO}},
		{64, 0, 0, {0, 0, -ENETDOWN}},
		/* Not now: what is left is still in the ring. */
		{64, 10, -EAGAIN, {10, 10, -EAGAIN}},
		{64, 0, -EAGAIN, {0, 0, -EAGAIN}},
		{64, 63, -ENOBUFS, {63, 63, -ENOBUFS}},
		/* The last one taken was dropped. */
		{64, 10, -EBUSY, {9, 10, -ENOBUFS}},
		{64, 64, -EBUSY, {63, 64, -ENOBUFS}},
		/* .. the first, which is made known by some kernels and not by others. */
		{64, 0, -EBUSY, {0, 1, -ENOBUFS}},
		{64, 1, -EBUSY, {0, 1, -ENOBUFS}},
		{1, 0, -EBUSY, {0, 1, -ENOBUFS}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct nfp_direct_fate fate = nfp_direct_fate(row->num, row->taken, row->ret);

		assert_int_equal(fate.sent, row->fate.sent);
		assert_int_equal(fate.gone, row->fate.gone);
		assert_int_equal(fate.why, row->fate.why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(is_known)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
