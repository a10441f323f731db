/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listen.h - counts the frames of one guest that pass a netdev, and reads none of them.
 *
 * A listener is a fanout group of packet sockets at one netdev (PACKET_FANOUT_CBPF, packet(7)): the
 * kernel asks one program of classic BPF which socket a frame belongs to, and each socket counts
 * one kind. The program is made by libpcap from the guest's address. Nobody reads the sockets:
 * tp_packets of PACKET_STATISTICS also counts what finds their small buffers full (packet_rcv,
 * net/packet/af_packet.c), so that the counts are exact at any rate. The netdev does not become
 * promiscuous, and nothing is sent.
 *
 * The kernel shows a frame to packet sockets, at RX, after XDP and before tc, nftables (netdev),
 * VLANs and the bridge (__netif_receive_skb_core); at TX after tc and the queueing discipline, and
 * before the driver (xmit_one). So XDP and what a driver or a NIC drops is not seen.
 */
#ifndef NFPROBE_LISTEN_H
#define NFPROBE_LISTEN_H

#include "traffic/stream.h"

enum nfp_bound {
	NFP_TO_GUEST,
	NFP_FROM_GUEST,
	NFP_BOUND_COUNT,
};

enum nfp_heard_kind {
	NFP_HEARD_UNICAST,
	NFP_HEARD_BROADCAST,
	/* Frames to groups that bridges forward: not those of IEEE Std 802.1Q, 8.6.3, such as STP
	 * and LLDP, which no bridge does. */
	NFP_HEARD_GROUPS,
	NFP_HEARD_KINDS,
};

struct nfp_heard {
	uint64_t frames[NFP_BOUND_COUNT][NFP_HEARD_KINDS];
};

/* Returns "to", "from"; "unicast", "broadcast", "groups". */
extern const struct nfp_names nfp_bound_names, nfp_heard_kind_names;

struct nfp_listen {
	struct nfp_netdev netdev;
	/*
	 * The guest is behind the netdev, as behind a tap or a port of a bridge towards it: what
	 * this host sends there is bound for the guest. Else the wire is, as behind a NIC, a VLAN
	 * netdev, or a macvtap, which gets what its NIC receives.
	 */
	bool inward;
	struct nfp_mac guest;
	/* Counts frames whose outermost tag is this VLAN's; 0: that have none, or a priority tag.
	 * False: with any tag, or none. */
	bool has_vid;
	uint16_t vid;
};

struct nfp_listener;

/*
 * Begins to count. Frames that the guest itself has sent do not count as bound for it: a NIC's own
 * switch returns a VF's broadcasts to the PF. 0; -ENETDOWN: the netdev is down; -ENODEV; -EPERM:
 * CAP_NET_RAW is missing, or, for another network namespace, CAP_SYS_ADMIN; or another -errno.
 */
int nfp_listener_open(const struct nfp_listen *listen, struct nfp_listener **ret_listener,
		      struct nfp_err *err);
/* Adds what was counted since the last call, or since the opening. 0 or -errno. */
int nfp_listener_read(struct nfp_listener *listener, struct nfp_heard *heard);
void nfp_listener_close(struct nfp_listener *listener);

#endif
