/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bed.h - the test bed of a stream: network, relay, stream and accounting, for cmocka's fixtures.
 */
#ifndef NFPROBE_TESTS_BED_H
#define NFPROBE_TESTS_BED_H

#include "netns/relay.h"

struct bed {
	struct net net;
	struct relay *relay;
	uint64_t errors; /* of the sender, that a test knows of */
	struct nfp_stream *stream;
	struct nfp_wire wire;
	struct nfp_frame_accounting *accounting;
	uint64_t start_ns;
};

/* Network, relay (it passes everything on to the PF) and accounting. */
void bed_make(struct bed *bed);
void bed_unmake(struct bed *bed);

/* A stream as it is without VLANs, for bed_open or to be changed first. */
struct nfp_stream_config bed_config(const struct bed *bed);
void bed_open(struct bed *bed, const struct nfp_stream_config *config);
/* With nothing changed. */
void bed_open_usual(struct bed *bed);

/* The usual plan: @rate unicast, 20 of each other kind a second. 0: pause. */
void bed_plan(struct bed *bed, unsigned int rate);
/* From now on the relay passes everything on to PF and VF. */
void bed_listen_vf(struct bed *bed);
void bed_pump(struct bed *bed, uint64_t for_ns);

/* Pumps until the relay has taken in so many frames more; then all of them are accounted for. */
void bed_pump_frames(struct bed *bed, uint64_t num);

/* Everything since bed_open. */
struct nfp_count bed_count(const struct bed *bed, enum nfp_kind kind);
struct nfp_wire_stats bed_stats(const struct bed *bed);

/* Pumps until @done, at most for @for_ns; returns whether it was. */
bool bed_pump_until(struct bed *bed, uint64_t for_ns, bool (*done)(struct bed *bed));
/* Pumps until @done, which must come. */
void bed_await(struct bed *bed, bool (*done)(struct bed *bed));

/* Pauses the stream and waits until all that was sent has arrived or been held up to its end. */
void bed_finish(struct bed *bed);

/* Fails the test unless the accounting says what the relay did, frame by frame and kind by kind. */
void bed_assert_agrees(struct bed *bed);

#endif
