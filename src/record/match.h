/* SPDX-License-Identifier: GPL-2.0-or-later */
/* match.h - what a recorded packet is in the ledger, by its bytes. Pure. */
#ifndef NFPROBE_EVIDENCE_MATCH_H
#define NFPROBE_EVIDENCE_MATCH_H

#include "nfprobe/sources.h"
#include "nfprobe/probe.h"

/* So many ARP probes can be asked in the second in which an answer counts, and more. */
#define MATCH_ASKED 1024U

struct match_asked {
	uint64_t seq;
	enum nfp_kind kind;
	struct nfp_arp probe;
};

struct match {
	const struct nfp_frame_id *id;
	const struct nfp_runner_config *config; /* of the ladder */
	struct match_asked asked[MATCH_ASKED];	/* by sequence number */
};

/* A packet that was sent as the frame @seq: its kind, or -EBADMSG when its bytes are not that. */
int match_sent(struct match *match, uint64_t seq, const uint8_t *data, size_t len,
	       enum nfp_kind *ret_kind);
/* The same of one that was seen at @at. -ENOENT: it answers a probe of before this ladder. */
int match_seen(const struct match *match, uint64_t seq, enum nfp_receiver at, const uint8_t *data,
	       size_t len, enum nfp_kind *ret_kind);

#endif
