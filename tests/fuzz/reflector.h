/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reflector.h - who the reflector of a fuzzer is. */
#ifndef NFPROBE_TESTS_FUZZ_REFLECTOR_H
#define NFPROBE_TESTS_FUZZ_REFLECTOR_H

#include "fuzz/fuzz.h"
#include "traffic/sources.h"

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

#endif
