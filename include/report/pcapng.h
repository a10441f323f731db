/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pcapng.h - recordings: a run as a pcapng file, for people and Wireshark. */
#ifndef NFPROBE_PCAPNG_H
#define NFPROBE_PCAPNG_H

#include "base/base.h"
#include "probe/probe.h"
#include "verdict/result.h"
#include "traffic/stream.h"

/*
 * recorder: writes all frames of a run, sent and received, to a pcapng file, in the order in which
 * they were accounted for.
 *
 *   section      the program (shb_userappl), the kernel (shb_os), the host (shb_hardware), and a
 *                comment about the clock: times are CLOCK_MONOTONIC plus its difference to
 *                CLOCK_REALTIME at the start of the run
 *   interfaces   one for the sender, one for the PF, one for each netdev and address at the VF:
 *                name, address, nanoseconds
 *   packets      outbound at the sender, and at PF and VF (announcements, MLD reports); inbound at
 *                PF and VF. Those that count have their sequence number as epb_packetid
 *   statistics   one, of the first interface, at the end: for the comments after the last packet
 *
 * A comment is on the first packet after the event, or at the end on the statistics of the first
 * interface. It is a line for people: "nfprobe", a word, and what happened. Times are seconds since
 * 1970, as those of packets:
 *
 *   ladder   the VF, the style, the source, and the addresses under test
 *   step     its name, and the address before its change
 *   change   a command: "ip link set eth0 vf 3 mac 02:.."
 *   watch    the step, and since when it is watched; again: anew
 *   window   the step, and the time whose frames decide
 *   unsent   the number of a packet that was not sent after all
 *   end      the verdict
 *   omitted  at the end: how many frames that count for nothing were left out
 *
 * All functions are called by the thread that pumps the wire.
 */

struct nfp_recorder;

/* Where the recording is made; borrowed for the call. */
struct nfp_recorder_host {
	const char *hostname, *kernel, *machine; /* as uname(2) has them */
	struct nfp_clock_pair clock;		 /* both clocks at the same moment */
};

/* Opens the file (output.h). 0 or -errno (NFP_E_OUTPUT). */
int nfp_recorder_open(const char *path, const struct nfp_recorder_host *host,
		      struct nfp_recorder **ret_recorder, struct nfp_err *err);

/* From now on frames are sent from @sender and received at @pf. */
struct nfp_recorder_stream {
	const char *sender, *pf; /* names of the netdevs */
	struct nfp_mac sender_mac, pf_mac;
	const char *what; /* what kind of sender it is, in a few words */
	unsigned int vf;
};
void nfp_recorder_stream(struct nfp_recorder *recorder, const struct nfp_recorder_stream *stream);

/* For struct nfp_stream_config. */
struct nfp_tap nfp_recorder_tap(struct nfp_recorder *recorder);
/* For struct nfp_events: keeps what shows when which step began, and each change as a command.
 * @recorder may be NULL. */
void nfp_recorder_event(void *recorder, const struct nfp_event *event);
/* 0, or -errno if nothing more is written; returns each failure only once. */
int nfp_recorder_failure(struct nfp_recorder *recorder);

/*
 * Puts the file in place. A run that was refused before it could send leaves none. Frees @recorder
 * (NULL is allowed). 0 or -errno (NFP_E_OUTPUT).
 */
int nfp_recorder_close(struct nfp_recorder *recorder, struct nfp_err *err);

#endif
