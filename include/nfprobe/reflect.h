/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reflect.h - the other host's end of a run: sends test frames on for a prober that has the id.
 *
 * The rules (nfp_reflect_take) are pure: one frame in, one frame out at most, and only a test
 * frame, of the prober's run, with the reflector's own address as source, to one station or, if it
 * is the broadcast control, to all; each frame once, and never more a second than was allowed. A
 * HELLO, too, is answered once (of the last 4096), so that recorded ones use up no rate.
 * The loop around them (nfp_reflector_run) needs CAP_NET_RAW and changes nothing on its host.
 */
#ifndef NFPROBE_REFLECT_H
#define NFPROBE_REFLECT_H

#include "nfprobe/clock.h"
#include "nfprobe/error.h"
#include "nfprobe/inject.h"
#include "nfprobe/peer.h"
#include "nfprobe/wire.h"

/* What became of a frame. */
enum nfp_reflect_outcome {
	NFP_REFLECT_SENT_ON,
	NFP_REFLECT_ANSWERED,	   /* a HELLO */
	NFP_REFLECT_NOT_FOR_US,	   /* another destination, or not a prober's frame */
	NFP_REFLECT_OTHER_ID,	   /* or forged */
	NFP_REFLECT_MALFORMED,	   /* truncated, or of another version */
	NFP_REFLECT_OTHER_SESSION, /* recorded before this reflector was started */
	NFP_REFLECT_REPEATED,	   /* it came before, or too late to tell */
	NFP_REFLECT_REFUSED,	   /* what it carries is nothing that a reflector sends */
	NFP_REFLECT_OVER_RATE,
	NFP_REFLECT_CROWDED, /* more runs than it keeps account of */
	NFP_REFLECT_UNSENT,  /* the kernel would not send it */
	NFP_REFLECT_OUTCOMES,
};

/* In words, for a summary: "with another id, or forged". */
const char *nfp_reflect_outcome_text(enum nfp_reflect_outcome outcome);

struct nfp_reflect_config {
	struct nfp_peer_id id;
	struct nfp_mac mac;   /* the reflector's own address */
	unsigned int rate;    /* unicast frames a second that it sends on at most */
	uint64_t session;     /* random, not 0 */
	uint64_t deadline_ns; /* on nfp_clock_now: when it stops; told to probers */
};

struct nfp_reflect;

struct nfp_reflect *nfp_reflect_new(const struct nfp_reflect_config *config); /* NULL: no memory */
void nfp_reflect_free(struct nfp_reflect *reflect);

/*
 * Frames of all kinds that it sends on in one second at most, from any second to the next: what a
 * prober with this --rate sends, and a tenth more, since clocks and schedulers differ.
 */
uint64_t nfp_reflect_cap(unsigned int rate);

/*
 * Takes in one captured frame, that the kernel received at @received_ns (CLOCK_REALTIME) and that
 * is dealt with at @now. On SENT_ON and ANSWERED *ret_packet is to be sent; else it is untouched.
 */
enum nfp_reflect_outcome nfp_reflect_take(struct nfp_reflect *reflect, const uint8_t *data,
					  size_t len, uint64_t received_ns,
					  const struct nfp_clock_pair *now,
					  struct nfp_packet *ret_packet);

/* ---- the loop (reflector.c) ---- */

struct nfp_reflector_config {
	struct nfp_netdev netdev;
	struct nfp_mac mac; /* of the netdev */
	struct nfp_peer_id id;
	unsigned int rate;
	uint64_t deadline_ns; /* on nfp_clock_now */
	int stop_fd;	      /* it ends when this is readable; never read; -1: none */
};

/* What a reflector says before it begins. */
struct nfp_reflect_start {
	char ifname[NFP_IFNAMSIZ];
	struct nfp_mac mac;
	struct nfp_peer_id id;
	const char *id_file; /* that it was read from, NULL: none; borrowed */
	unsigned int rate;
	uint64_t for_ns;
};

/* .. and what it did. */
struct nfp_reflector_report {
	uint64_t received; /* frames of probers, or that claim to be */
	uint64_t outcome[NFP_REFLECT_OUTCOMES];
	uint64_t drops;		     /* lost by the capture for want of room */
	uint64_t first_ns, last_ns;  /* CLOCK_REALTIME of the first and last sent on; 0: none */
	uint64_t began_ns, ended_ns; /* on nfp_clock_now */
	bool stopped;		     /* by stop_fd, before its time */
};

struct nfp_reflector;

/* The netdev must be up. 0, or -errno. */
int nfp_reflector_open(const struct nfp_reflector_config *config,
		       struct nfp_reflector **ret_reflector, struct nfp_err *err);
/*
 * Reflects until its time is over or it is stopped: 0 then; -ENODEV when the netdev has gone, or
 * another -errno. While the netdev is down it waits. *ret_report is filled in any case.
 */
int nfp_reflector_run(struct nfp_reflector *reflector, struct nfp_reflector_report *ret_report,
		      struct nfp_err *err);
void nfp_reflector_close(struct nfp_reflector *reflector);

#endif
