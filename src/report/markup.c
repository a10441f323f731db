// SPDX-License-Identifier: GPL-2.0-or-later
/* markup.c - HTML and XML, in which no text from outside can be markup. */
#include "report_priv.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

char *nfp_utf8_printable(const char *text)
{
	size_t size = 3 * strlen(text) + 1; /* a byte becomes three at most */
	char *clean = nfp_malloc(size);

	nfp_utf8_clean(clean, size, text, true);
	return clean;
}

void nfp_write_escaped(FILE *out, const char *text, const nfp_escapes escapes)
{
	char *clean = nfp_utf8_printable(text);

	for (const char *p = clean; *p; p++) {
		const char *escape = escapes ? escapes[(unsigned char)*p] : NULL;

		if (escape)
			fputs(escape, out);
		else
			putc(*p, out);
	}
	free(clean);
}

void nfp_markup(FILE *out, const char *fmt, ...)
{
	static const nfp_escapes entities = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;"};
	va_list ap;

	va_start(ap, fmt);
	while (*fmt) {
		size_t literal = strcspn(fmt, "%");
		int precision = 0, longs = 0;

		fwrite(fmt, 1, literal, out);
		fmt += literal;
		if (!*fmt++)
			break;
		if (*fmt == '.') {
			precision = fmt[1] - '0';
			fmt += 2;
		}
		for (; *fmt == 'l' || *fmt == 'z'; fmt++)
			longs++;
		switch (*fmt++) {
		case 's':
			nfp_write_escaped(out, va_arg(ap, const char *), entities);
			break;
		case 'd':
			fprintf(out, "%d", va_arg(ap, int));
			break;
		case 'u':
			fprintf(out, "%llu",
				longs > 1   ? va_arg(ap, unsigned long long)
				: longs > 0 ? va_arg(ap, unsigned long)
					    : va_arg(ap, unsigned int));
			break;
		case 'f':
			fprintf(out, "%.*f", precision, va_arg(ap, double));
			break;
		case 'g':
			fprintf(out, "%g", va_arg(ap, double));
			break;
		case '%':
			putc('%', out);
			break;
		default: /* a format of this program's own that this function does not know */
			abort();
		}
	}
	va_end(ap);
}
