/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rights.h - what this process may do: what a mode needs and lacks, what it gives up, and files of
 * the caller's that are opened with the caller's rights only. Capabilities belong to a thread:
 * all of this is for the main thread, before it makes others.
 */
#ifndef NFPROBE_RIGHTS_H
#define NFPROBE_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "nfprobe/error.h"
#include "nfprobe/request.h"
#include "nfprobe/sysfs.h"
#include "nfprobe/topology.h"

/* Effective capabilities that a probe needs: 0 or -EPERM (NFP_E_PERMISSION, naming what lacks). */
int nfp_need_capabilities(struct nfp_err *err);

/* Is this one of them, CAP_*, effective? */
bool nfp_has_capability(unsigned int cap);

/*
 * Is this the network namespace where netdevs come to life when their driver is bound (init_net, as
 * alloc_netdev has it)? 0, also where that cannot be told, or -EXDEV (NFP_E_UNSUPPORTED): a VF's
 * netdev would come up elsewhere, and could not be put back here.
 */
int nfp_need_namespace(const struct nfp_sysroot *root, struct nfp_err *err);

/*
 * The files of sysfs that probing this VF writes: 0, or -EACCES (NFP_E_PERMISSION) naming the first
 * that this process may not write. What is not there now is not asked for.
 */
int nfp_need_files(const struct nfp_vf_info *vf, struct nfp_err *err);

/*
 * Gives up every capability that the mode has no use for, and for good: also what a program that
 * is executed would get (no_new_privs). Of NFP_MODE_READ none is left: what it reads is open by
 * then. Never fails for want of a capability. 0 or -errno.
 */
int nfp_rights_limit(enum nfp_mode mode);
/* Gives up all that is left. */
int nfp_rights_drop(void);

/* More rights than the caller has: a program that is setuid, setgid or has file capabilities. */
bool nfp_rights_raised(void);

struct nfp_rights {
	bool lowered;
	uint64_t effective;
};
/*
 * Until nfp_rights_raise: files are opened with the rights that the caller has without this
 * program, so that neither a name nor a symbolic link there reaches what the caller cannot.
 * Without @raised (nfp_rights_raised) nothing changes: all rights are the caller's. 0 or -errno.
 */
int nfp_rights_lower(bool raised, struct nfp_rights *ret_saved);
void nfp_rights_raise(const struct nfp_rights *saved);
/*
 * Nothing remains but to write the result: for good what nfp_rights_lower does for a while, and
 * every capability that is not about files is given up.
 */
int nfp_rights_finish(bool raised);

#endif
