/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stream.h - the wire of a real NIC (src/traffic/stream.c): sends and captures frames. */
#ifndef NFPROBE_STREAM_H
#define NFPROBE_STREAM_H

#include "traffic/traffic.h"

struct nfp_stream;
struct nfp_codec;

enum nfp_tap_what {
	NFP_TAP_SENT,	   /* accounted for as sent; once per packet of the frame */
	NFP_TAP_UNSENT,	   /* it did not leave after all; without its bytes */
	NFP_TAP_SEEN,	   /* accounted for as seen, counted or not */
	NFP_TAP_HEARD,	   /* captured, but not accounted for; seq 0 */
	NFP_TAP_OTHER,	   /* PF or VF sent it: an announcement or MLD report; seq 0 */
	NFP_TAP_AT_SENDER, /* an announcement that was heard; seq 0 */
};

struct nfp_tap_event {
	enum nfp_tap_what what;
	uint64_t seq;
	uint64_t ns; /* when it was sent or seen, on the wire's clock */
	enum nfp_kind kind;
	enum nfp_receiver at; /* SEEN, HEARD, OTHER */
	const uint8_t *data;  /* borrowed, FCS not included */
	size_t len;
};

/*
 * Gets every frame in the order in which it is accounted for, and each netdev that becomes the VF's
 * capture. Called by pump, announce, announced, report and listen_vf. Functions may be NULL.
 */
struct nfp_tap {
	void (*frame)(void *ctx, const struct nfp_tap_event *tapped);
	void (*listens)(void *ctx, const struct nfp_netdev *vf);
	void *ctx;
};

struct nfp_stream_config {
	struct nfp_frame_id id;
	struct nfp_netdev sender; /* frames leave here, from its own address */
	struct nfp_mac sender_mac;
	struct nfp_vlan sender_vlan; /* tag of frames; vid 0: none (another VF with VST) */
	/* The standby's receiver, from which announcements leave. ifindex 0: there is none. */
	struct nfp_netdev pf;
	struct nfp_mac pf_mac; /* its own */
	/* The run's VLAN: the tag of announcements, and of the frames that count
	 * (nfp_vlan_is_heard). In both tags proto 0 is 802.1Q. */
	struct nfp_vlan pf_vlan;
	/* 802.1Q: the tag of each kind that has its own (0: none of the kind is sent), and a VLAN
	 * in which the test MAC and the group are announced as well (0: none). */
	uint16_t tag[NFP_KIND_COUNT], copy_vlan;
	/* An address of the run that another station may also have. Zero: none. */
	struct nfp_mac elsewhere;
	size_t buffer_bytes;		 /* of each capture; 0: the default 2 MB */
	struct nfp_netdev second_sender; /* for a codec that uses it; ifindex 0: none */
	const struct nfp_codec *codec;	 /* NULL: test frames. Borrowed while open */
	struct nfp_tap tap;		 /* all zero: none */
	int wake_fds[2]; /* pump returns 1 when one is readable (never read here); -1: unused */
};

/*
 * Opens the sockets, the capture at the PF, and a thread that sends (nothing until the first plan)
 * and captures, and blocks all signals. Needs CAP_NET_RAW, and CAP_SYS_ADMIN for netdevs in other
 * namespaces. 0 or -errno.
 *
 * A netdev that resets is not an error. Frames that the kernel would not send, or for which a
 * sender other than the PF had no carrier, are counted, and taken back as unsent; a capture
 * continues once the netdev is up again. A sender that falls behind sends 20 ms of frames at once
 * and no more.
 */
int nfp_stream_open(const struct nfp_stream_config *config, struct nfp_stream **ret_stream,
		    struct nfp_err *err);
void nfp_stream_close(struct nfp_stream *stream);
struct nfp_wire nfp_stream_wire(struct nfp_stream *stream);

/*
 * A dry wire, which sends nothing. Its clock, which wires share, jumps to when something is due,
 * and frames land as on a safe NIC: at the guest's VF, or else at the standby. Nobody gets what is
 * addressed to nobody. Pure.
 */
struct nfp_dry_wire;

/* @now_ns: the clock, borrowed. */
struct nfp_dry_wire *nfp_dry_wire_new(uint64_t *now_ns);
void nfp_dry_wire_free(struct nfp_dry_wire *wire);
struct nfp_wire nfp_dry_wire(struct nfp_dry_wire *wire);

/*
 * inject: sends raw frames from a netdev, many with one system call, through its queueing
 * discipline like any other frames (packet(7)). Needs CAP_NET_RAW.
 */

#define NFP_INJECT_BATCH 64
#define NFP_PACKET_MAX	 136 /* the longest frame of any source (sources.h), and its VLAN tag */

struct nfp_inject;

/* A frame ready to be sent, FCS not included. */
struct nfp_packet {
	uint8_t data[NFP_PACKET_MAX];
	size_t len;
	bool second_sender; /* a stream sends it from its second sender */
};

/* Opens the netdev. 0 or -errno. End it with nfp_inject_close. */
int nfp_inject_open(const struct nfp_netdev *netdev, struct nfp_inject **ret_inject,
		    struct nfp_err *err);
void nfp_inject_close(struct nfp_inject *inject);

/*
 * Sends @num frames, NFP_INJECT_BATCH at most, without waiting. Returns how many the kernel
 * accepted, in order, or -errno if it refused the first: -ENETDOWN while the netdev is down,
 * -EAGAIN or -ENOBUFS while its queue is full, -ENXIO if it is gone. Every error but the last may
 * be temporary.
 */
int nfp_inject_send(struct nfp_inject *inject, struct nfp_packet packets[], unsigned int num);
/*
 * announcement: broadcasts from an address that tell switches where it is, even those that learn
 * only from ARP, RARP or IPv4: a gratuitous ARP as a guest sends it, a RARP as QEMU does after a
 * migration, a UDP datagram to everybody's discard port, and a test frame, by which the run knows
 * its own. Pure.
 */

#define NFP_ANNOUNCEMENT_PACKETS 4

/*
 * codec: turns a frame (kind, sequence number) into packets, and recognises the frame of a captured
 * packet. The stream knows when a frame is due and who heard it; the codec knows the bytes.
 *
 * Several threads call its functions, but only one at a time.
 */

#define NFP_CODEC_PACKETS 3 /* for one frame at most */

struct nfp_codec_ops {
	/* Takes the plan of the frames that are sent from now on. May be NULL. */
	void (*plan)(void *ctx, const struct nfp_plan *plan);
	/*
	 * A frame of @kind is due: returns @now_ns or earlier to send it now, otherwise when to ask
	 * again. NULL: always now.
	 */
	uint64_t (*ready)(void *ctx, enum nfp_kind kind, uint64_t now_ns);
	/*
	 * Builds the packets of @frame, whose destination is the plan's, and whose source and VLAN
	 * are the stream's. Returns their number, at least 1. The frame counts as sent when the
	 * first packet is, which never leaves from the second sender.
	 */
	unsigned int (*make)(void *ctx, const struct nfp_frame *frame,
			     struct nfp_packet packets[NFP_CODEC_PACKETS]);
	/*
	 * A packet was captured at @at. On NFP_FRAME_OURS fills kind, sequence number, time sent
	 * and VLAN of *ret_frame. Ignores a kind that is not counted. @seen_ns: on CLOCK_MONOTONIC.
	 * NULL: a test frame of the run arrives as it is.
	 */
	enum nfp_frame_check (*recognise)(void *ctx, enum nfp_receiver at, const uint8_t *data,
					  size_t len, uint64_t seen_ns,
					  struct nfp_frame *ret_frame);
	/* Adds what only the codec knows. May be NULL. */
	void (*stats)(void *ctx, struct nfp_wire_stats *stats);
};

struct nfp_codec {
	const struct nfp_codec_ops *ops;
	void *ctx;	    /* borrowed */
	const char *filter; /* the filter of the captures; NULL: that of the run's id. Borrowed */
};

/*
 * capture: receives one run's frames at a netdev, by libpcap: direction in, not promiscuous, with
 * the kernel's timestamps. A filter in the kernel passes only frames with our magic and the first
 * word of the run id, after our EtherType or in a datagram, so other traffic costs nothing and
 * cannot cause drops. Captures for other frames bring their own filter.
 */

struct nfp_capture;

/* Takes a captured frame, with its VLAN tag even if the NIC removed
 * it. @real_ns: CLOCK_REALTIME. */
typedef void (*nfp_capture_fn)(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns);

/*
 * Opens a capture in the netdev's namespace, whose loopback must be up; if @netdev->netns_fd names
 * that namespace, sets the loopback up. Finds the netdev by its ifindex: its name does not matter.
 * @filter: see pcap-filter(7). @buffer_bytes: the kernel's ring, 0 for the default 2 MB.
 *
 * @early: the netdev may still be down, and is heard from the moment it is up. A capture opened
 * after that moment is deaf at first, since the kernel takes some 10 ms to set up a ring
 * (packet_set_ring() waits for an RCU grace period).
 */
int nfp_capture_open(const struct nfp_netdev *netdev, const char *filter, size_t buffer_bytes,
		     bool early, struct nfp_capture **ret_capture, struct nfp_err *err);
/* Writes the filter for a run's frames. */
#define NFP_CAPTURE_FILTER_LEN 512
void nfp_capture_filter(const struct nfp_frame_id *id, char text[NFP_CAPTURE_FILTER_LEN]);
void nfp_capture_close(struct nfp_capture *capture);

/* Returns a descriptor that is readable when frames wait, or after the netdev went down. */
int nfp_capture_fd(const struct nfp_capture *capture);

/*
 * Hands waiting frames to @fn, @max at most, without waiting for more. Returns their number, also
 * once the netdev is down or gone, or -EIO. It continues when the netdev is up again.
 */
int nfp_capture_drain(struct nfp_capture *capture, unsigned int max, nfp_capture_fn fn, void *ctx);

#endif
