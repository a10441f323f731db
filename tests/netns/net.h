/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net.h - a network of veth pairs that dies with the process:
 *
 *   s0 === s1   (relay)   p1 === p0        s0: the sender, p0: the PF
 *                         v1 === v0        v0: the VF, in a network namespace of its own
 *
 * A program that is linked with this is in an empty network namespace without IPv6 before main().
 */
#ifndef NFPROBE_TESTS_NET_H
#define NFPROBE_TESTS_NET_H

#include "traffic/stream.h"

/* Only a machine that is starved of processor time makes anything take this long. */
#define NET_PATIENCE_NS (60 * NFP_NSEC_PER_SEC)

struct net {
	struct nfp_netdev sender, pf, vf;
	struct nfp_mac sender_mac;
	int relay_in, relay_pf, relay_vf; /* ifindex of s1, p1, v1 */
	struct nfp_frame_id id;
};

/* All pairs made and up. Fails the program when that does not work. */
void net_make(struct net *net);
void net_unmake(struct net *net);

/* Runs a command, "ip ..." mostly; fails the program when it fails. */
void net_run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A netdev of this namespace. */
struct nfp_netdev net_netdev(const char *ifname);
struct nfp_mac net_mac(const char *ifname);

/* Waits until frames get from one netdev of this namespace to another; fails the program after 10
 * s. */
void net_await_path(const char *from, const char *to);

/* A raw socket that receives and sends on one netdev, with a large buffer. */
int net_socket(int ifindex);

#endif
