/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * siphash.h - SipHash-2-4, a keyed hash for short messages (J.-P. Aumasson, D. J. Bernstein:
 * "SipHash: a fast short-input PRF", 2012). Pure.
 */
#ifndef NFPROBE_SIPHASH_H
#define NFPROBE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define NFP_SIPHASH_KEY_LEN 16

/* @data may be NULL when @len is 0. The paper writes the result out as 8 bytes, lowest first. */
uint64_t nfp_siphash(const uint8_t key[NFP_SIPHASH_KEY_LEN], const uint8_t *data, size_t len);

#endif
