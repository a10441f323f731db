/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relay.h - plays the NIC: takes each test frame from the sender's veth and hands it to PF and VF
 * as its rules say: loses, doubles, delays (and so reorders) it by a generator with a seed. It
 * writes down what it did with each frame, and knows nothing of the code under test.
 */
#ifndef NFPROBE_TESTS_RELAY_H
#define NFPROBE_TESTS_RELAY_H

#include "netns/net.h"

struct relay_rules {
	uint64_t seed;
	struct {
		bool serves;			       /* frames go there at all */
		unsigned int lose, twice, delay, late; /* per thousand */
		bool untag;			       /* VLAN taken off, as VST does */
	} to[NFP_RECEIVER_COUNT];
};

/* A delayed frame is held for up to RELAY_DELAY_NS, a late one for RELAY_LATE_NS: after what the
 * accounting takes. */
#define RELAY_DELAY_NS (40 * NFP_NSEC_PER_MSEC)
#define RELAY_LATE_NS  (NFP_ACCOUNTING_LATE_NS + 300 * NFP_NSEC_PER_MSEC)

struct relay;

struct relay *relay_start(const struct net *net, const struct relay_rules *rules);
void relay_stop(struct relay *relay);
void relay_set(struct relay *relay, const struct relay_rules *rules);

/* Copies for each kind into both receivers, nothing lost. */
struct relay_rules relay_all(void);

/* Frames taken in, copies sent late, copies still held. Announcements and hellos not included. */
struct relay_totals {
	uint64_t taken, late, held;
};
struct relay_totals relay_totals(struct relay *relay);

/* The counts that the accounting must have of the frames sent since. */
void relay_count(struct relay *relay, uint64_t since_ns,
		 struct nfp_count ret_count[NFP_KIND_COUNT]);

/* The last frame it took in, to be replayed; returns its length. */
size_t relay_last(struct relay *relay, uint8_t buf[NFP_FRAME_LEN_MAX]);

/* The first time an ifindex of the relay's does not send, or 0: for messages. */
int relay_error(struct relay *relay);

#endif
