/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domstatus.h - what libvirt's daemon says of a guest's life, in the file that it keeps for itself.
 *
 * qemuDomainSaveStatus (src/qemu/qemu_domain.c) writes /run/libvirt/qemu/NAME.xml at each change,
 * by a rename. The file begins with a comment, and then (virDomainObjFormat,
 * src/conf/domain_conf.c)
 *
 *     <domstatus state='running' reason='booted' pid='8611'>
 *
 * whose three words are libvirt's own. What follows has words of users (a title, metadata), and is
 * not read.
 */
#ifndef NFPROBE_DOMSTATUS_H
#define NFPROBE_DOMSTATUS_H

#include <sys/types.h>

#include "base/base.h"

#define NFP_DOMSTATUS_DIR "/run/libvirt/qemu"
/* At most so many bytes are read of a file: its comment has the guest's name, of at most 255. */
#define NFP_DOMSTATUS_MAX ((size_t)4096)
#define NFP_DOMSTATUS_LEN 32

struct nfp_domstatus {
	char state[NFP_DOMSTATUS_LEN];	/* of virDomainState: "running", "paused", "shutdown" */
	char reason[NFP_DOMSTATUS_LEN]; /* "booted", "migration", "starting up"; or empty */
	pid_t pid;			/* of its QEMU; 0: it has none */
};

/* Parses the head of such a file, of @len bytes, which need not be terminated. False: its first
 * element is no whole <domstatus> with a state. Pure. */
bool nfp_domstatus_parse(const char *text, size_t len, struct nfp_domstatus *ret_status);

/*
 * Reads that of the guest @name. Trusts only what root alone can have put there: a regular file of
 * root's that nobody else may write, in such a folder, and no link. -ENOENT: there is none; -EPERM:
 * it may be another's; -EINVAL: the name is no file's; -EFBIG: its element does not end within the
 * bound; -EBADMSG: it has none, as nfp_domstatus_parse; or another -errno.
 */
int nfp_domstatus_read(const struct nfp_sysroot *root, const char *name,
		       struct nfp_domstatus *ret_status);

/* Returns the process that NAME.pid or NAME.xml, of that folder and trusted alike, says is the
 * guest NAME; 0: neither does. */
pid_t nfp_domstatus_pid(const struct nfp_sysroot *root, const char *file, char name[NFP_TEXT_LEN]);

/*
 * Do its processors run? libvirt sets its taps and macvtaps up right before they do
 * (qemuProcessStartCPUs), and its macvtaps down whenever they stop (qemuInterfaceStopDevices): at
 * its start, while it comes in from another host ("paused", "migration"), and in each pause. Pure.
 */
bool nfp_domstatus_runs(const struct nfp_domstatus *status);

#endif
