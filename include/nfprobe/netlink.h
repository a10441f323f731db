/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netlink.h - talk to the kernel: one request and its acknowledgement, dumps, notifications.
 *
 * Made with libmnl and not libnl because a driver's refusal is this program's subject: the
 * extended acknowledgement (NETLINK_EXT_ACK, Documentation/userspace-api/netlink/intro.rst) carries
 * the kernel's own sentence, which libnl drops, and libnl folds several errnos into one.
 *
 * Every failing function returns -errno, sets err->errnum, and words the message as
 * "cannot <what>: <words of errno>: <the kernel's sentence>", the last part where there is one.
 * The code is NFP_E_PERMISSION for EPERM and EACCES, NFP_E_MEMORY for ENOMEM of our own, else
 * NFP_E_KERNEL. A struct nfp_nl is used by one thread at a time.
 */
#ifndef NFPROBE_NETLINK_H
#define NFPROBE_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/netlink.h>

#include "nfprobe/error.h"

#define NFP_NL_SENTENCE	   256	 /* longest sentence of the kernel that is kept */
#define NFP_NL_DEADLINE_MS 10000 /* for an answer; the RTNL lock can be held for seconds */

struct nfp_nl;

/* A request under construction. Zeroed by nfp_nl_msg_init. */
struct nfp_nl_msg {
	union {
		struct nlmsghdr head;
		char room[2048];
	};
};

/*
 * Begins a message of @type: header, then @extra_len bytes of @extra (struct ifinfomsg, ...).
 * NLM_F_REQUEST is always set. Attributes follow by mnl_attr_put_*_check(&msg->head,
 * sizeof(msg->room), ..).
 */
void nfp_nl_msg_init(struct nfp_nl_msg *msg, uint16_t type, uint16_t flags, const void *extra,
		     size_t extra_len);

/*
 * Where answers go. message is called for each message that the kernel sent (never for others'),
 * and returns 0 or -errno, which ends the exchange and is returned. restart (may be NULL) says that
 * a dump begins anew: forget what was collected.
 */
struct nfp_nl_sink {
	int (*message)(const struct nlmsghdr *nlh, void *ctx);
	void (*restart)(void *ctx);
	void *ctx;
};

/* What an acknowledgement says. */
struct nfp_nl_ack {
	int error; /* 0 or -errno */
	char sentence[NFP_NL_SENTENCE];
};

/*
 * Opens a socket of @protocol (NETLINK_ROUTE, NETLINK_GENERIC) in the network namespace @netns_fd
 * (-1: the caller's; needs CAP_SYS_ADMIN otherwise). The calling thread's namespace is not changed.
 */
int nfp_nl_open(int protocol, int netns_fd, struct nfp_nl **ret_nl, struct nfp_err *err);
/*
 * Opens a NETLINK_ROUTE socket that receives link notifications (RTNLGRP_LINK) of @netns_fd, for
 * nfp_nl_drain.
 */
int nfp_nl_open_notify(int netns_fd, struct nfp_nl **ret_nl, struct nfp_err *err);
/* NULL is nothing. */
void nfp_nl_close(struct nfp_nl *nl);
/* Readable when a message waits. Borrowed. */
int nfp_nl_fd(const struct nfp_nl *nl);

/*
 * Sends @msg, waits for its acknowledgement; answers before it go to @sink (NULL: dropped). The
 * format says what is being done, as the end of "cannot ..". A request that changes something is
 * carried out inside the sending system call, so the deadline bounds only the answer.
 */
int nfp_nl_talk(struct nfp_nl *nl, struct nlmsghdr *msg, const struct nfp_nl_sink *sink,
		struct nfp_err *err, const char *what, ...) __attribute__((format(printf, 5, 6)));

/*
 * As nfp_nl_talk for a dump (NLM_F_DUMP is added). When what is dumped changes meanwhile
 * (NLM_F_DUMP_INTR, ENOBUFS) it begins anew, five times; then -EAGAIN.
 */
int nfp_nl_dump(struct nfp_nl *nl, struct nlmsghdr *msg, const struct nfp_nl_sink *sink,
		struct nfp_err *err, const char *what, ...) __attribute__((format(printf, 5, 6)));

/*
 * Hands every notification that waits to @sink; never blocks. 0, or 1 when notifications were lost
 * (ENOBUFS): read the state afresh. -errno of the socket or of sink->message.
 */
int nfp_nl_drain(struct nfp_nl *nl, const struct nfp_nl_sink *sink, struct nfp_err *err);

/* The sentence that came with the last acknowledgement, also of a success (a warning); or "". */
const char *nfp_nl_sentence(const struct nfp_nl *nl);

/*
 * Pure: reads an NLMSG_ERROR or NLMSG_DONE message of nlh->nlmsg_len bytes. 0, or -EBADMSG when it
 * is too short for what it must hold. Control characters in the sentence become spaces.
 */
int nfp_nl_parse_ack(const struct nlmsghdr *nlh, struct nfp_nl_ack *ret_ack);

/* Resolves a generic netlink family. -ENOENT when the kernel has none of this name. */
int nfp_nl_genl_family(struct nfp_nl *nl, const char *name, uint16_t *ret_id, struct nfp_err *err);

#endif
