/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rights.h - what this process may do, what a mode needs, and what it gives up. */
#ifndef NFPROBE_RIGHTS_H
#define NFPROBE_RIGHTS_H

#include "app/app.h"

/* Capabilities belong to a thread: call these in the main thread, before it starts others. */

/* Checks that the capabilities that a probe needs are effective. 0 or -EPERM (NFP_E_PERMISSION,
 * naming those that are missing). */
int nfp_need_capabilities(struct nfp_err *err);

/* True if @cap, a CAP_*, is effective. */
bool nfp_has_capability(unsigned int cap);

/*
 * Checks that this is the network namespace where a netdev appears when its driver is bound
 * (init_net, see alloc_netdev). 0, also if that cannot be determined; or -EXDEV
 * (NFP_E_UNSUPPORTED): a VF's netdev would appear elsewhere, and could not be restored here.
 */
int nfp_need_namespace(const struct nfp_sysroot *root, struct nfp_err *err);

/*
 * Checks that this process sees the same folder @path as process 1. A container that sees the
 * host's processes could have a folder of its own, which ends with it. If the folder does not
 * exist, the nearest one above it counts. 0, also if that cannot be determined; or -EXDEV (@code).
 */
int nfp_need_host_folder(const struct nfp_sysroot *root, const char *path, enum nfp_errcode code,
			 struct nfp_err *err);

/*
 * Checks that this process may write the files of sysfs that probing @vf writes. 0, or -EACCES
 * (NFP_E_PERMISSION) naming the first that it may not. Files that do not exist now do not count.
 */
int nfp_need_files(const struct nfp_vf_info *vf, struct nfp_err *err);

/* Gives up every capability that does not concern files: only the result is left to write. */
int nfp_rights_finish(void);

/* For --reflect, once its sockets are open: root becomes nobody, if it may, and no capability is
 * left. 0 or -errno. */
int nfp_rights_drop_root(struct nfp_err *err);

#endif
