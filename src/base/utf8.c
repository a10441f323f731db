// SPDX-License-Identifier: GPL-2.0-or-later
/* utf8.c - text from outside made fit for JSON and for terminals. */
#include "nfprobe/base.h"

#include <stdint.h>
#include <string.h>

/* Bytes of the well-formed sequence at @s (RFC 3629, section 4), 0: it is none. */
static size_t sequence(const unsigned char *s)
{
	size_t len;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		len = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		len = 4;
	else
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	/* Overlong forms, surrogates, beyond U+10FFFF. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

/* What stands for the sequence @s of @len bytes. */
static const char *substitute(const unsigned char *s, size_t len, bool printable)
{
	if (len == 0)
		return "\xef\xbf\xbd";
	if (!printable)
		return NULL;
	if (s[0] == '\n' || s[0] == '\t' || s[0] == '\r')
		return " ";
	/* C0, DEL, C1; and the marks that reorder text (U+202A..E, U+2066..9). */
	if (s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0))
		return "?";
	if (s[0] == 0xe2 && ((s[1] == 0x80 && s[2] >= 0xaa && s[2] <= 0xae) ||
			     (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9)))
		return "?";
	/* U+FFFE and U+FFFF, which XML has no room for. */
	if (s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe)
		return "?";
	return NULL;
}

void nfp_utf8_clean(char *dst, size_t size, const char *src, bool printable)
{
	const unsigned char *s = (const unsigned char *)src;
	size_t used = 0;

	while (*s) {
		size_t len = sequence(s);
		const char *other = substitute(s, len, printable);
		size_t need = other ? strlen(other) : len;

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
