/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * values.h - strict parsers for values that people type: the whole text must be the value.
 *
 * Pure. Return 0, -EINVAL (not of this form) or -ERANGE (of this form, but not allowed); the
 * output is untouched on failure.
 */
#ifndef NFPROBE_VALUES_H
#define NFPROBE_VALUES_H

#include "nfprobe/error.h"
#include "nfprobe/types.h"

/*
 * Both: 0; -EINVAL where @text is no number, -ERANGE where it is one outside of @min to @max,
 * without words: what the option takes is the caller's to say.
 */
/* Decimal digits only: no sign, no blanks, no 0x. */
int nfp_value_uint(const char *text, unsigned int min, unsigned int max, unsigned int *ret_value);

/* "2", "0.25": digits, at most nine more behind a point. In nanoseconds, min and max too. */
int nfp_value_seconds(const char *text, uint64_t min_ns, uint64_t max_ns, uint64_t *ret_ns);

/*
 * "3", "0,2-5": numbers below @limit and ascending ranges of them, in any order. *ret_list is
 * ascending without duplicates; the caller frees it. Errors are -EINVAL or -ENOMEM with @err saying
 * which part of the text is wrong (code NFP_E_USAGE or NFP_E_MEMORY); @what names the option.
 */
int nfp_value_list(const char *what, const char *text, unsigned int limit, unsigned int **ret_list,
		   size_t *ret_num, struct nfp_err *err);

/*
 * The name of a netdev as the kernel takes it (dev_valid_name() in net/core/dev.c): 1 to 15 bytes,
 * not "." or "..", no slash, colon or white space. 0 or -EINVAL, without words.
 */
int nfp_value_ifname(const char *text, char ret_name[NFP_IFNAMSIZ]);

#endif
