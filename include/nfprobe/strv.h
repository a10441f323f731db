/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_STRV_H
#define NFPROBE_STRV_H

#include <stddef.h>

/* A growing list of strings that it owns. Zero is empty. */
struct nfp_strv {
	char **v;
	size_t n;
};
/* Appends; 0 or -ENOMEM. A text that is there already is not added again. */
int nfp_strv_addf(struct nfp_strv *list, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void nfp_strv_fini(struct nfp_strv *list);

#endif
