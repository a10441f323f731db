// SPDX-License-Identifier: GPL-2.0-or-later
/* version.c - which of two versions is the older one, whoever makes them. */
#include "nfprobe/matrix.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* A number, without the zeros that it begins with. */
struct number {
	bool hex;
	const char *digits;
	size_t len;
};

static struct number take_number(const char **at)
{
	const char *p = *at;
	struct number n = {
		.hex = p[0] == '0' && (p[1] == 'x' || p[1] == 'X') && isxdigit((unsigned char)p[2]),
	};

	p += n.hex ? 2 : 0;
	p += strspn(p, "0");
	n.digits = p;
	n.len = strspn(p, n.hex ? "0123456789abcdefABCDEF" : "0123456789");
	*at = p + n.len;
	return n;
}

static int compare_numbers(const struct number *a, const struct number *b)
{
	if (a->hex != b->hex)
		return a->hex ? 1 : -1;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return strncasecmp(a->digits, b->digits, a->len);
}

/* What follows is older than the version that ends here: "6.12-rc3", and "6.12~rc3" of Debian. */
static bool is_candidate(const char *at)
{
	return *at == '~' || (strncmp(at, "-rc", 3) == 0 && isdigit((unsigned char)at[3]));
}

/* The end is older than text ("2.1", "2.1b"), and that than a number, as rpm(8) has it: el9 of
 * "427.el9" than 13 of "427.13.1.el9". */
static int rank(const char *at)
{
	return is_candidate(at) ? 0 : !*at ? 1 : !isdigit((unsigned char)*at) ? 2 : 3;
}

int nfp_matrix_compare_versions(const char *a, const char *b)
{
	const char *x = a, *y = b;
	int ret;

	while (*x || *y) {
		if (rank(x) != rank(y))
			return rank(x) - rank(y);
		if (is_candidate(x)) {
			x++, y++;
			continue;
		}
		if (isdigit((unsigned char)*x)) {
			const struct number of_x = take_number(&x), of_y = take_number(&y);

			ret = compare_numbers(&of_x, &of_y);
		} else {
			ret = (unsigned char)*x++ - (unsigned char)*y++;
		}
		if (ret)
			return ret;
	}
	/* 1.01 and 1.1: somehow, but always alike. */
	return strcmp(a, b);
}
