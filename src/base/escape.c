// SPDX-License-Identifier: GPL-2.0-or-later
/* escape.c - texts of any bytes in JSON. */
#include "nfprobe/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *nfp_escaped(const char *text)
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

int nfp_unescape(const json_t *value, char *buf, size_t size)
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
	again = nfp_escaped(buf);
	ret = json_equal(value, again) ? 0 : -EBADMSG;
	if (ret)
		buf[0] = '\0';
	json_decref(again);
	return ret;
}

void nfp_jput_text(json_t *object, const char *key, const char *text)
{
	if (text[0])
		json_object_set_new(object, key, nfp_escaped(text));
}

int nfp_jget_text(const json_t *object, const char *key, char *buf, size_t size)
{
	const json_t *value = json_object_get(object, key);

	buf[0] = '\0';
	return value ? nfp_unescape(value, buf, size) : 0;
}
