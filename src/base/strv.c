// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/base.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has(const struct nfp_strv *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i], text) == 0)
			return true;
	}
	return false;
}

int nfp_strv_addf(struct nfp_strv *list, const char *fmt, ...)
{
	va_list ap;
	char *text, **v;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		return -ENOMEM;
	if (has(list, text)) {
		free(text);
		return 0;
	}
	v = reallocarray(list->v, list->n + 1, sizeof(*v));
	if (!v) {
		free(text);
		return -ENOMEM;
	}
	v[list->n++] = text;
	list->v = v;
	return 0;
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
