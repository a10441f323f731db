// SPDX-License-Identifier: GPL-2.0-or-later
/* values.c - numbers, times and names of netdevs, parsed from text. */
#include "base/base.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Parses decimal digits and moves *text past them. A number that is too large is UINT64_MAX. */
static bool parse_digits(const char **text, uint64_t *ret_value)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	*ret_value = strtoull(*text, &end, 10);
	*text = end;
	return true;
}

int nfp_value_uint(const char *text, unsigned int min, unsigned int max, unsigned int *ret_value)
{
	uint64_t value;

	if (!parse_digits(&text, &value) || *text != '\0')
		return -EINVAL;
	if (value < min || value > max)
		return -ERANGE;
	*ret_value = (unsigned int)value;
	return 0;
}

int nfp_value_seconds(const char *text, uint64_t min_ns, uint64_t max_ns, uint64_t *ret_ns)
{
	uint64_t whole, part = 0;

	if (!parse_digits(&text, &whole))
		return -EINVAL;
	if (*text == '.') {
		const char *begin = ++text;

		if (!parse_digits(&text, &part) || text - begin > 9)
			return -EINVAL;
		for (ptrdiff_t n = text - begin; n < 9; n++)
			part *= 10;
	}
	if (*text != '\0')
		return -EINVAL;
	if (whole > max_ns / NFP_NSEC_PER_SEC)
		return -ERANGE;
	whole = whole * NFP_NSEC_PER_SEC + part;
	if (whole < min_ns || whole > max_ns)
		return -ERANGE;
	*ret_ns = whole;
	return 0;
}

int nfp_value_ifname(const char *text, char ret_name[NFP_IFNAMSIZ])
{
	size_t len = strlen(text);

	if (len == 0 || len >= NFP_IFNAMSIZ || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return -EINVAL;
	for (const char *p = text; *p; p++) {
		if (*p == '/' || *p == ':' || isspace((unsigned char)*p))
			return -EINVAL;
	}
	memcpy(ret_name, text, len + 1);
	return 0;
}
