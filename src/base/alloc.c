// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Neither buffers are flushed nor handlers run: both may need memory, and the parent restores. */
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

/* ---- text that grows ---- */

void nfp_strv_addf(struct nfp_strv *list, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = nfp_vasprintf(fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i], text) == 0) {
			free(text);
			return;
		}
	}
	list->v = nfp_reallocarray(list->v, list->n + 1, sizeof(*list->v));
	list->v[list->n++] = text;
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
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + len, size - len, fmt, ap);
	va_end(ap);
}
