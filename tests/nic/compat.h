/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the core of a NIC needs of the kernel, or of the C library. */
#ifndef NIC_COMPAT_H
#define NIC_COMPAT_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>
#include <linux/types.h>

#define UINT64_MAX  U64_MAX
#define UINT64_C(n) n##ULL
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#endif

static inline uint64_t core_div(uint64_t number, uint64_t by)
{
#ifdef __KERNEL__
	return div64_u64(number, by);
#else
	return number / by;
#endif
}

#endif
