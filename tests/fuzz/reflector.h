/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reflector.h - a reflector that plays a guest, and takes only addresses that may be taken. */
#ifndef NFPROBE_TESTS_FUZZ_REFLECTOR_H
#define NFPROBE_TESTS_FUZZ_REFLECTOR_H

#include "fuzz/fuzz.h"
#include "nfprobe/sources.h"

#define SESSION UINT64_C(0x0102030405060708)
#define REFLECTOR_ID                                              \
	{                                                         \
		{0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe}, \
	}
#define REFLECTOR_MAC                          \
	{                                      \
		{                              \
			0x02, 0, 0, 0, 0, 0x0b \
		}                              \
	}

static inline int reflector_take(void *ctx, const struct nfp_mac macs[], unsigned int num)
{
	(void)ctx;
	require(num <= NFP_GUEST_ADDRESSES);
	for (unsigned int i = 0; i < num; i++)
		require((macs[i].b[0] & 3) == 2);
	return 0;
}

static inline uint32_t reflector_drops(void *ctx)
{
	(void)ctx;
	return 0;
}

#endif
