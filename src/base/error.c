// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/base.h"

#include <stdio.h>
#include <string.h>

static __attribute__((format(printf, 3, 0))) void
set_message(struct nfp_err *err, enum nfp_errcode code, const char *fmt, va_list ap)
{
	err->code = code;
	err->errnum = 0;
	err->hint[0] = '\0';
	vsnprintf(err->message, sizeof(err->message), fmt, ap);
}

int nfp_err_set(struct nfp_err *err, int ret, enum nfp_errcode code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return ret;
	va_start(ap, fmt);
	set_message(err, code, fmt, ap);
	va_end(ap);
	return ret;
}

int nfp_err_errno(struct nfp_err *err, int ret, enum nfp_errcode code, const char *fmt, ...)
{
	const char *words = strerrordesc_np(-ret);
	va_list ap;

	if (!err)
		return ret;
	va_start(ap, fmt);
	set_message(err, code, fmt, ap);
	va_end(ap);
	err->errnum = -ret;
	nfp_appendf(err->message, sizeof(err->message), ": %s", words ? words : "unknown error");
	return ret;
}

void nfp_err_try(struct nfp_err *err, const char *fmt, ...)
{
	size_t len;
	va_list ap;

	if (!err)
		return;
	nfp_appendf(err->hint, sizeof(err->hint), "%s" NFP_ERR_TRY, err->hint[0] ? " " : "");
	len = strlen(err->hint);
	va_start(ap, fmt);
	vsnprintf(err->hint + len, sizeof(err->hint) - len, fmt, ap);
	va_end(ap);
}

void nfp_err_hint(struct nfp_err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return;
	va_start(ap, fmt);
	vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
}
