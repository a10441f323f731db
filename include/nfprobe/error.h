/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error.h - an error on its way up: what happened, why, what to do.
 *
 * Functions return 0 or a negative errno and fill the struct nfp_err they were given (NULL is
 * allowed everywhere and means that nobody wants the words). Nothing is printed on the way;
 * main prints it once.
 */
#ifndef NFPROBE_ERROR_H
#define NFPROBE_ERROR_H

#include <stdarg.h>

#define NFP_ERR_MSGLEN	512
#define NFP_ERR_HINTLEN 512

/* A stable word for programs: "error.code" in JSON (error.c has the names). */
enum nfp_errcode {
	NFP_E_NONE,
	NFP_E_USAGE,	       /* usage */
	NFP_E_PERMISSION,      /* permission */
	NFP_E_NO_INTERFACE,    /* no-such-interface */
	NFP_E_NOT_PF,	       /* not-a-pf */
	NFP_E_NO_VFS,	       /* no-vfs */
	NFP_E_NO_SUCH_VF,      /* no-such-vf */
	NFP_E_VF_IN_USE,       /* vf-in-use */
	NFP_E_VF_TAKEN,	       /* vf-taken: another process uses it since the run began */
	NFP_E_VF_CHANGED,      /* vf-changed: .. or changed an attribute of it */
	NFP_E_PF_DOWN,	       /* pf-down */
	NFP_E_PF_NO_CARRIER,   /* pf-no-carrier */
	NFP_E_PF_ENSLAVED,     /* pf-in-bond */
	NFP_E_XDP,	       /* xdp */
	NFP_E_SWITCHDEV,       /* switchdev */
	NFP_E_ESWITCH_UNKNOWN, /* eswitch-unknown */
	NFP_E_MAC_IN_USE,      /* mac-in-use */
	NFP_E_NO_DRIVER,       /* no-vf-driver */
	NFP_E_LOCKED,	       /* locked: another run on this PF */
	NFP_E_NO_SOURCE,       /* no-source */
	NFP_E_SOURCE_UNUSABLE, /* source-unusable */
	NFP_E_UNSUPPORTED,     /* unsupported */
	NFP_E_JOURNAL,	       /* journal */
	NFP_E_INTERRUPTED,     /* interrupted */
	NFP_E_TIMEOUT,	       /* timeout */
	NFP_E_KERNEL,	       /* kernel: a system call or request failed */
	NFP_E_MEMORY,	       /* memory */
	NFP_E_OUTPUT,	       /* output: the result could not be written */
	NFP_E_INPUT,	       /* input: a file to be read is not what it must be */
	NFP_E_RESTORE,	       /* restore: the host could not be put back */
	NFP_E_BASELINE,	       /* baseline: the earlier result cannot be compared with */
	NFP_E_COUNT,
};

struct nfp_err {
	enum nfp_errcode code;
	int errnum;		      /* positive errno behind it, 0 when there is none */
	char message[NFP_ERR_MSGLEN]; /* what and why, no full stop, no newline */
	char hint[NFP_ERR_HINTLEN];   /* what to do, may be empty */
};

const char *nfp_errcode_name(enum nfp_errcode code);

/* Sets code and message, clears hint and errnum. Returns @ret, so that a caller can `return` it. */
int nfp_err_set(struct nfp_err *err, int ret, enum nfp_errcode code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* As nfp_err_set, with ": " and the words of errno -@ret behind the message, and errnum = -@ret. */
int nfp_err_errno(struct nfp_err *err, int ret, enum nfp_errcode code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Adds or replaces the hint. */
void nfp_err_hint(struct nfp_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
