// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
