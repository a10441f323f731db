/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few things that the core of a NIC needs of the kernel, or of the C library. */
#ifndef NIC_COMPAT_H
#define NIC_COMPAT_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#endif

#endif
