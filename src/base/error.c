// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/base.h"

#include <stdio.h>
#include <string.h>

static const char *const names[NFP_E_COUNT] = {
	[NFP_E_NONE] = "none",
	[NFP_E_USAGE] = "usage",
	[NFP_E_PERMISSION] = "permission",
	[NFP_E_NO_INTERFACE] = "no-such-interface",
	[NFP_E_NOT_PF] = "not-a-pf",
	[NFP_E_NO_VFS] = "no-vfs",
	[NFP_E_NO_SUCH_VF] = "no-such-vf",
	[NFP_E_VF_IN_USE] = "vf-in-use",
	[NFP_E_VF_TAKEN] = "vf-taken",
	[NFP_E_VF_CHANGED] = "vf-changed",
	[NFP_E_PF_DOWN] = "pf-down",
	[NFP_E_PF_NO_CARRIER] = "pf-no-carrier",
	[NFP_E_PF_ENSLAVED] = "pf-in-bond",
	[NFP_E_XDP] = "xdp",
	[NFP_E_SWITCHDEV] = "switchdev",
	[NFP_E_ESWITCH_UNKNOWN] = "eswitch-unknown",
	[NFP_E_MAC_IN_USE] = "mac-in-use",
	[NFP_E_NO_DRIVER] = "no-vf-driver",
	[NFP_E_LOCKED] = "locked",
	[NFP_E_NO_SOURCE] = "no-source",
	[NFP_E_SOURCE_UNUSABLE] = "source-unusable",
	[NFP_E_UNSUPPORTED] = "unsupported",
	[NFP_E_JOURNAL] = "journal",
	[NFP_E_INTERRUPTED] = "interrupted",
	[NFP_E_TIMEOUT] = "timeout",
	[NFP_E_KERNEL] = "kernel",
	[NFP_E_MEMORY] = "memory",
	[NFP_E_OUTPUT] = "output",
	[NFP_E_INPUT] = "input",
	[NFP_E_RESTORE] = "restore",
	[NFP_E_DIED] = "died",
	[NFP_E_BASELINE] = "baseline",
};

const struct nfp_names nfp_errcode_names = {names, NFP_E_COUNT};

static __attribute__((format(printf, 3, 0))) void fill(struct nfp_err *err, enum nfp_errcode code,
						       const char *fmt, va_list ap)
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
	fill(err, code, fmt, ap);
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
	fill(err, code, fmt, ap);
	va_end(ap);
	err->errnum = -ret;
	nfp_appendf(err->message, sizeof(err->message), ": %s", words ? words : "unknown error");
	return ret;
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
