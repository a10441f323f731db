// SPDX-License-Identifier: GPL-2.0-or-later
/* alloc.c - allocation that does not fail: it ends the process. */
#include "base/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* _exit: flushing buffers and running handlers may need memory. The parent restores the host. */
static void *checked(void *memory)
{
	static const char words[] = "nfprobe: out of memory\n";

	if (memory)
		return memory;
	(void)!write(STDERR_FILENO, words, sizeof(words) - 1);
	_exit(NFP_EXIT_CANNOT);
}

void *nfp_malloc(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *nfp_calloc(size_t num, size_t size)
{
	return checked(calloc(num ? num : 1, size));
}

void *nfp_reallocarray(void *old, size_t num, size_t size)
{
	return checked(reallocarray(old, num ? num : 1, size));
}

char *nfp_strdup(const char *text)
{
	return checked(strdup(text));
}

char *nfp_vasprintf(const char *fmt, va_list ap)
{
	char *text;

	return checked(vasprintf(&text, fmt, ap) < 0 ? NULL : text);
}

char *nfp_asprintf(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = nfp_vasprintf(fmt, ap);
	va_end(ap);
	return text;
}
