// SPDX-License-Identifier: GPL-2.0-or-later
/* text.c - lists of strings; UTF-8 for JSON and terminals; escaping. */
#include "base/base.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int nfp_pid_of(const char *text)
{
	char *end;
	long pid = strtol(text, &end, 10);

	return (*end == '\0' || strcmp(end, "\n") == 0) && pid > 0 && pid <= INT_MAX ? (int)pid : 0;
}

void nfp_strv_addf(struct nfp_strv *list, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = nfp_vasprintf(fmt, ap);
	va_end(ap);
	if (nfp_strv_has(list, text))
		free(text);
	else
		nfp_strv_take(list, text);
}

bool nfp_strv_has(const struct nfp_strv *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], text) == 0)
			return true;
	return false;
}

void nfp_strv_take(struct nfp_strv *list, char *text)
{
	*nfp_grow(list->v, list->n) = text;
}

void nfp_strv_fini(struct nfp_strv *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct nfp_strv) {0};
}

void nfp_appendf(char *buf, size_t size, const char *fmt, ...)
{
	size_t len = strlen(buf);

	NFP_VFORMAT(buf + len, size - len, fmt);
}

/* ---- UTF-8 ---- */

/* Returns the length and code point of the UTF-8 sequence at @s. 0: it is malformed (RFC 3629,
 * section 4). */
static size_t decode(const unsigned char *s, uint32_t *ret_point)
{
	size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t point = len > 1 ? s[0] & (0x7fU >> len) : s[0];

	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (s[i] & 0x3f);
	}
	/* Overlong forms, surrogates, and what is beyond U+10FFFF. */
	if ((len == 3 && point < 0x800) || (len == 4 && point < 0x10000) ||
	    (point >= 0xd800 && point <= 0xdfff) || point > 0x10ffff || s[0] > 0xf4)
		return 0;
	*ret_point = point;
	return len;
}

/* The categories Cc, Cf, Zl and Zp of Unicode 16.0, with the gaps in their blocks, and what XML
 * does not allow. */
static bool is_unprintable(uint32_t c)
{
	static const uint32_t ranges[][2] = {
		{0x1, 0x1f},	    {0x7f, 0x9f},	{0xad, 0xad},	    {0x600, 0x605},
		{0x61c, 0x61c},	    {0x6dd, 0x6dd},	{0x70f, 0x70f},	    {0x890, 0x891},
		{0x8e2, 0x8e2},	    {0x180e, 0x180e},	{0x200b, 0x200f},   {0x2028, 0x202e},
		{0x2060, 0x206f},   {0xfeff, 0xfeff},	{0xfff9, 0xfffb},   {0xfffe, 0xffff},
		{0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3},
		{0x1d173, 0x1d17a}, {0xe0000, 0xe007f}};

	for (size_t i = 0; i < NFP_NUM(ranges); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return false;
}

void nfp_utf8_clean(char *dst, size_t size, const char *src, bool printable)
{
	const unsigned char *s = (const unsigned char *)src;
	size_t used = 0;

	while (*s) {
		uint32_t c = 0;
		size_t len = decode(s, &c), need;
		const char *other = NULL;

		if (len == 0)
			other = "\xef\xbf\xbd";
		else if (printable && (c == '\n' || c == '\t' || c == '\r'))
			other = " ";
		else if (printable && is_unprintable(c))
			other = "?";
		need = other ? strlen(other) : len;
		if (used + need >= size)
			break;
		memcpy(dst + used, other ? other : (const char *)s, need);
		used += need;
		s += len ? len : 1;
	}
	dst[used] = '\0';
}

unsigned int nfp_utf8_width(const char *text)
{
	unsigned int width = 0;

	for (const char *p = text; *p; p++)
		width += ((unsigned char)*p & 0xc0) != 0x80;
	return width;
}

/* ---- any bytes in JSON ---- */

json_t *nfp_json_escape(const char *text)
{
	char *escaped = nfp_malloc(3 * strlen(text) + 1), *end = escaped;
	json_t *value;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c > 0x20 && c < 0x7f && c != '%')
			*end++ = (char)c;
		else
			end += snprintf(end, 4, "%%%02x", c);
	}
	*end = '\0';
	value = json_string(escaped);
	free(escaped);
	return value;
}

int nfp_json_unescape(const json_t *value, char *buf, size_t size)
{
	const char *text = json_string_value(value);
	size_t n = 0;
	json_t *again;
	int ret;

	for (; text && *text && n + 1 < size; n++, text++) {
		unsigned int c = (unsigned char)*text;

		if (c == '%' && sscanf(text, "%%%2x", &c) == 1 && c && text[2])
			text += 2;
		buf[n] = (char)c;
	}
	buf[n] = '\0';
	again = nfp_json_escape(buf);
	ret = json_equal(value, again) ? 0 : -EBADMSG;
	if (ret)
		buf[0] = '\0';
	json_decref(again);
	return ret;
}

void nfp_json_set_escaped(json_t *object, const char *key, const char *text)
{
	if (text[0])
		json_object_set_new(object, key, nfp_json_escape(text));
}

int nfp_json_get_escaped(const json_t *object, const char *key, char *buf, size_t size)
{
	const json_t *value = json_object_get(object, key);

	buf[0] = '\0';
	return value ? nfp_json_unescape(value, buf, size) : 0;
}
