/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peerlink.h - a prober's side of a reflector (peer.h): asks for it, carries test frames to it,
 * and compares the two clocks on what comes back.
 */
#ifndef NFPROBE_PEERLINK_H
#define NFPROBE_PEERLINK_H

#include "nfprobe/codec.h"
#include "nfprobe/peer.h"

struct nfp_peer_link_config {
	struct nfp_frame_id run;
	struct nfp_peer_id id;
	struct nfp_netdev pf; /* frames to the reflector leave here */
	struct nfp_mac pf_mac;
	struct nfp_vlan vlan; /* the run's; vid 0: none */
	struct nfp_mac mac;   /* the reflector's; zero: whoever answers */
};

struct nfp_peer_link;

/* NULL when out of memory. */
struct nfp_peer_link *nfp_peer_link_new(const struct nfp_peer_link_config *config);
void nfp_peer_link_free(struct nfp_peer_link *link);

/* A reflector that answered. */
struct nfp_peer_info {
	struct nfp_mac mac;
	uint32_t rate;	 /* unicast frames a second that it sends on at most */
	uint32_t left_s; /* until it stops by itself */
};

/*
 * Says hello, a few times, and waits 300 ms for each answer. -ENOLINK: nobody answered, without
 * words in @err; -EINTR; or another -errno with words. The first answer decides which
 * reflector this link is to. Not while a stream uses the codec. Needs CAP_NET_RAW.
 */
int nfp_peer_link_ask(struct nfp_peer_link *link, struct nfp_peer_info *ret_info,
		      struct nfp_err *err);

/*
 * For nfp_stream_open, whose sender is then the PF with its own address and the run's VLAN. Valid
 * as long as the link; to be used by one stream at a time, after somebody answered.
 */
struct nfp_codec nfp_peer_link_codec(struct nfp_peer_link *link);

/* Of all frames that came back so far. */
void nfp_peer_link_clock(struct nfp_peer_link *link, struct nfp_peer_clock *ret_clock);

#endif
