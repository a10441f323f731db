/* SPDX-License-Identifier: GPL-2.0-or-later */
/* search.h - the queries by which a run finds its source. All need CAP_NET_RAW. */
#ifndef NFPROBE_SEARCH_H
#define NFPROBE_SEARCH_H

#include "traffic/sources.h"

/*
 * Finds the wire: sends one broadcast HELLO from each of @senders, and sets ret_heard[i] if the PF
 * heard sender i. The PF does not hear itself. Waits until it heard all, or 300 ms; while it heard
 * nobody, up to six more rounds follow, each as long.
 */
int nfp_hello(const struct nfp_frame_id *id, const struct nfp_vlan *vlan,
	      const struct nfp_netdev *pf, const struct nfp_netdev senders[],
	      const struct nfp_mac macs[], size_t num, bool ret_heard[], struct nfp_err *err);

struct nfp_arp_query {
	struct nfp_netdev pf;
	struct nfp_mac pf_mac;
	struct nfp_vlan vlan; /* vid 0: none */
	struct nfp_ipv4 ip;
	bool alone; /* ask only @neighbour, not everybody */
	struct nfp_mac neighbour;
	bool broadcast_reply; /* ask for a reply to the broadcast address, not to the PF */
};

struct nfp_arp_answers {
	struct nfp_mac macs[2]; /* hardware addresses that answer for the IP address */
	size_t num;		/* 0: nobody answers */
	/* This neighbour replies to the PF's own address though a broadcast reply was asked for: it
	 * never replies to the address that a probe names. */
	bool to_sender;
};

/*
 * Sends a probe until somebody answers, up to three times within a second. If everybody is asked,
 * waits a tenth of a second for a second answer. 0 or -errno.
 */
int nfp_arp_ask(const struct nfp_arp_query *query, struct nfp_arp_answers *ret_answers,
		struct nfp_err *err);

/*
 * Greets the reflector of @link up to seven times, and waits 300 ms for an answer, *ret_welcome.
 * -ENOLINK: nobody answered; -ESTALE: another run has taken the reflector since the last call, or
 * it was started anew; in both cases @err is not set. -EINTR; or another -errno. Must not be called
 * while a stream uses the link's codec.
 */
int nfp_peer_ask(struct nfp_peer_link *link, struct nfp_peer_frame *ret_welcome,
		 struct nfp_err *err);

#endif
