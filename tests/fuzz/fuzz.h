/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_TESTS_FUZZ_H
#define NFPROBE_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* assert() that no build leaves out. */
static inline void require(bool truth)
{
	if (!truth)
		abort();
}

#endif
