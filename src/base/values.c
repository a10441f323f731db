// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/base.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Digits at *text, and moves it behind them. 18 digits always fit. */
static int digits(const char **text, size_t max_digits, uint64_t *ret_value, size_t *ret_num)
{
	uint64_t value = 0;
	const char *p = *text;

	for (; *p >= '0' && *p <= '9'; p++) {
		if ((size_t)(p - *text) >= max_digits)
			return -ERANGE;
		value = value * 10 + (uint64_t)(*p - '0');
	}
	if (p == *text)
		return -EINVAL;
	*ret_num = (size_t)(p - *text);
	*ret_value = value;
	*text = p;
	return 0;
}

/* Too many digits are out of range only when nothing but digits is there. */
static int only_digits(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0' ? -ERANGE : -EINVAL;
}

int nfp_value_uint(const char *text, unsigned int min, unsigned int max, unsigned int *ret_value)
{
	const char *p = text;
	uint64_t value;
	size_t num;
	int r;

	r = digits(&p, 18, &value, &num);
	if (r == -ERANGE)
		return only_digits(text);
	if (r < 0 || *p != '\0')
		return -EINVAL;
	if (value < min || value > max)
		return -ERANGE;
	*ret_value = (unsigned int)value;
	return 0;
}

int nfp_value_seconds(const char *text, uint64_t min_ns, uint64_t max_ns, uint64_t *ret_ns)
{
	uint64_t whole, part = 0;
	const char *p = text;
	size_t num;
	int r;

	r = digits(&p, 9, &whole, &num);
	if (r == -ERANGE)
		return only_digits(text);
	if (r < 0)
		return r;
	if (*p == '.') {
		p++;
		if (digits(&p, 9, &part, &num) < 0)
			return -EINVAL;
		for (; num < 9; num++)
			part *= 10;
	}
	if (*p != '\0')
		return -EINVAL;
	whole = whole * NFP_NSEC_PER_SEC + part;
	if (whole < min_ns || whole > max_ns)
		return -ERANGE;
	*ret_ns = whole;
	return 0;
}

/* One element, "3" or "2-5", of @len bytes. */
static int element(const char *text, size_t len, unsigned int limit, unsigned int *ret_first,
		   unsigned int *ret_last)
{
	const char *p = text;
	uint64_t first, last;
	size_t num;
	int r;

	r = digits(&p, 9, &first, &num);
	if (r < 0)
		return r;
	last = first;
	if (*p == '-') {
		p++;
		r = digits(&p, 9, &last, &num);
		if (r < 0)
			return r;
	}
	if (p != text + len)
		return -EINVAL;
	if (first >= limit || last >= limit)
		return -ERANGE;
	*ret_first = (unsigned int)first;
	*ret_last = (unsigned int)last;
	return 0;
}

static int complain(const char *what, const char *text, size_t len, unsigned int limit, int r,
		    struct nfp_err *err)
{
	int n = (int)(len < 64 ? len : 64);

	if (r == -ERANGE)
		return nfp_err_set(err, -EINVAL, NFP_E_USAGE,
				   "%s %.*s is out of range: it takes 0 to %u", what, n, text,
				   limit - 1);
	if (len == 0)
		return nfp_err_set(err, -EINVAL, NFP_E_USAGE,
				   "%s: the list has an empty place: write it as 0,2-5", what);
	return nfp_err_set(err, -EINVAL, NFP_E_USAGE, "%s %.*s is not a number or a range of them",
			   what, n, text);
}

static int mark(const char *what, const char *text, unsigned int limit, bool *set,
		struct nfp_err *err)
{
	for (const char *p = text;; p++) {
		size_t len = strcspn(p, ",");
		unsigned int first, last;
		int r = element(p, len, limit, &first, &last);

		if (r < 0)
			return complain(what, p, len, limit, r, err);
		if (last < first)
			return nfp_err_set(err, -EINVAL, NFP_E_USAGE,
					   "%s %u-%u runs backwards: write %u-%u", what, first,
					   last, last, first);
		memset(set + first, 1, last - first + 1);
		p += len;
		if (*p == '\0')
			return 0;
	}
}

int nfp_value_list(const char *what, const char *text, unsigned int limit, unsigned int **ret_list,
		   size_t *ret_num, struct nfp_err *err)
{
	bool *set = nfp_calloc(limit, sizeof(*set));
	unsigned int *list;
	size_t num = 0;
	int r = mark(what, text, limit, set, err);

	if (r == 0) {
		list = nfp_calloc(limit, sizeof(*list));
		for (unsigned int i = 0; i < limit; i++) {
			if (set[i])
				list[num++] = i;
		}
		*ret_list = list;
		*ret_num = num;
	}
	free(set);
	return r;
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

const struct nfp_mac nfp_mac_broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

/* -1 for another character. */
static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool nfp_hex_parse(const char *text, uint8_t *bytes, size_t num)
{
	for (size_t i = 0; i < num; i++) {
		int high = hex_digit(text[2 * i]);
		int low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);

		if (low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

const char *nfp_hex_str(const uint8_t *bytes, size_t num, char *buf)
{
	buf[0] = '\0';
	for (size_t i = 0; i < num; i++)
		snprintf(buf + 2 * i, 3, "%02x", bytes[i]);
	return buf;
}
