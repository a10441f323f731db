/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record.h - a run as a file of packets, written and read. */
#ifndef NFPROBE_RECORD_H
#define NFPROBE_RECORD_H

#include <stdio.h>

#include "nfprobe/base.h"
#include "nfprobe/probe.h"
#include "nfprobe/result.h"
#include "nfprobe/traffic.h"

/*
 * recorder: writes a run down as a pcapng file: frames as sent and as received, in the order in
 * which they entered the ledger, so that record.h can count and judge again.
 *
 *   section      the program (shb_userappl), the kernel (shb_os), the host (shb_hardware), and a
 *                comment on the clock: times are CLOCK_MONOTONIC, plus its difference to
 *                CLOCK_REALTIME when the run began
 *   interfaces   one for the sender, one for the PF, one for each netdev and address at the VF:
 *                name, address, filter, nanoseconds
 *   packets      outbound at the sender and (announcements) at the PF, inbound at PF and VF; what
 *                entered the ledger carries its sequence number as epb_packetid
 *   statistics   one for each interface, at the end
 *
 * A comment stands on the first packet after what it tells of, or at the end on the statistics of
 * the first interface. Each is a word and fields, times in seconds since 1970 as the packets' own:
 *
 *   nfprobe ladder vf=3 style=filter unicast=02:.. vf-first=02:.. stranger=02:.. vlan=0 proto=0
 *           rate=1000 settle=1.500000000 began=.. source=netdev
 *   nfprobe step attach address=02:..
 *   nfprobe change ip link set eth0 vf 3 mac 02:..        (free text to the end)
 *   nfprobe watch attach from=1793868000.123456789 rate=1000 broadcasts=20 strangers=20
 *           asked=.. answered=.. listening=..
 *   nfprobe again attach from=..
 *   nfprobe window attach from=.. to=..
 *   nfprobe unsent seq=4711                              (this packet did not leave after all)
 *   nfprobe end verdict=early
 *   nfprobe round {..}                                   (what frames do not show of that ladder)
 *   nfprobe facts {..}                                   (statistics: what frames do not show of
 *                                                         the run; "facts+" where it goes on in the
 *                                                         next comment)
 *
 * What is in braces is JSON, by the tables of tables.h.
 *
 * Everything is called by the thread that pumps the wire.
 */

struct nfp_recorder;

/* What the section says of where it was made; borrowed for the call. */
struct nfp_recorder_host {
	const char *hostname, *kernel, *machine; /* as uname(2) has them */
	struct nfp_clock_pair clock;		 /* both clocks at one moment */
};

/* Opens the file (output.h). 0 or -errno (NFP_E_OUTPUT). */
int nfp_recorder_open(const char *path, const struct nfp_recorder_host *host,
		      struct nfp_recorder **ret_recorder, struct nfp_err *err);

/* Frames are sent from @sender and received at @pf from now on; @filter of the captures. */
struct nfp_recorder_stream {
	const char *sender, *pf; /* names of the netdevs */
	struct nfp_mac sender_mac, pf_mac;
	const char *filter;
	const char *what; /* of the sender, a few words */
	unsigned int vf;
};
void nfp_recorder_stream(struct nfp_recorder *recorder, const struct nfp_recorder_stream *stream);

/* For struct nfp_stream_config and nfp_runner_config. */
struct nfp_tap nfp_recorder_tap(struct nfp_recorder *recorder);
struct nfp_marks nfp_recorder_marks(struct nfp_recorder *recorder);
/* A change of the host, as a command. NULL is passed over. */
void nfp_recorder_change(struct nfp_recorder *recorder, const char *command);

/* 0, or why nothing more is written; the first time that it is asked after the failure only. */
int nfp_recorder_failure(struct nfp_recorder *recorder);

/*
 * Adds what no frame shows and puts the file in its place. A run that sent nothing leaves no file.
 * @id: published with it, now that nobody can be deceived by frames of the run any more. Frees
 * @recorder (NULL is allowed). 0 or -errno (NFP_E_OUTPUT).
 */
int nfp_recorder_close(struct nfp_recorder *recorder, const struct nfp_result *result,
		       const struct nfp_frame_id *id, struct nfp_err *err);

/*
 * recording: reads what recorder.h wrote, and counts and judges the run again.
 *
 * Landings, transitions, verdicts and what they require come from the packets; from the facts comes
 * what no packet shows. Nobody vouches for the file: each test frame's tag is checked against the
 * run's key, an ARP reply against the probe that it answers, the packets received against the
 * statistics. Whoever made the file can make up packets too: it is evidence, not proof.
 */

/* What is asked of the verdicts; what is not given is as the run had it. */
struct nfp_criteria {
	const bool *allow;	   /* NFP_VERDICT_COUNT of them, NULL: not given */
	unsigned int gap_limit_ms; /* 0: not given */
};

/*
 * Reads @in, which must be seekable, twice. *result (nfp_result_init before) is then as the run's,
 * as far as that is not what the packets say: verdict, exit_status and what both follow from. 0, or
 * -EBADMSG (NFP_E_INPUT) for what is not a whole recording, or -errno of the stream; @name is the
 * file's, for words.
 */
int nfp_recording_read(FILE *in, const char *name, const struct nfp_criteria *criteria,
		       struct nfp_result *result, struct nfp_err *err);

#endif
