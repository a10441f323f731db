/* SPDX-License-Identifier: GPL-2.0-or-later */
/* enter.h - does something in another network namespace. */
#ifndef NFPROBE_WIRE_ENTER_H
#define NFPROBE_WIRE_ENTER_H

/*
 * Runs @fn in the network namespace @netns_fd, in a thread of its own so that the caller never
 * leaves its own; -1: right here. Returns what it returns, or -errno. Needs CAP_SYS_ADMIN.
 */
int nfp_enter(int netns_fd, int (*fn)(void *arg), void *arg);

#endif
