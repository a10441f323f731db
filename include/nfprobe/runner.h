/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * runner.h - climbs the ladder for one VF in one style: changes the host, keeps the stream going,
 * waits for each landing to settle, judges. Knows no netlink and no pcap.
 */
#ifndef NFPROBE_RUNNER_H
#define NFPROBE_RUNNER_H

#include "nfprobe/host.h"
#include "nfprobe/result.h"
#include "nfprobe/source.h"
#include "nfprobe/verdict.h"
#include "nfprobe/wire.h"

/* Called as the run goes on; each function may be NULL. */
struct nfp_progress {
	/* A step begins. */
	void (*step)(void *ctx, enum nfp_style style, enum nfp_step step, uint64_t remaining_ns);
	void *ctx;
	/*
	 * A step is over: its landing is decided, or it was skipped or refused; steps that are not
	 * begun any more are told of as well. @transition leads to it; NULL where there is none.
	 */
	void (*done)(void *ctx, enum nfp_style style, const struct nfp_step_result *step,
		     const struct nfp_transition *transition);
};

/*
 * What a ladder does with the ledger beside the frames: with these and the frames, in their order,
 * the same is counted again (recount.h).
 */
enum nfp_mark_what {
	NFP_MARK_LADDER, /* a ladder begins: the ledger is empty */
	NFP_MARK_STEP,	 /* a step begins, with @address under test so far */
	NFP_MARK_WATCH,	 /* its change is made, and watched from @from_ns on */
	NFP_MARK_AGAIN,	 /* .. anew: the window begins at @from_ns or later */
	NFP_MARK_WINDOW, /* the window of the step is [from_ns, to_ns), by what is in the ledger */
	NFP_MARK_END,	 /* the ladder is over, and judged */
};

struct nfp_runner_config;

struct nfp_mark {
	enum nfp_mark_what what;
	enum nfp_step step;		/* but of LADDER and END */
	uint64_t from_ns, to_ns;	/* on the wire's clock */
	uint64_t asked_ns, answered_ns; /* WATCH: as in nfp_transition, but on that clock */
	uint64_t listening_ns; /* WATCH: since when at the VF, of the newest capture; 0: none yet */
	const unsigned int *rate;		/* WATCH: frames a second of each kind */
	const struct nfp_mac *address;		/* STEP */
	const struct nfp_runner_config *config; /* borrowed, as all here */
	const struct nfp_style_result *result;	/* so far */
};

struct nfp_marks {
	void (*mark)(void *ctx, const struct nfp_mark *mark); /* NULL: nobody wants to know */
	void *ctx;
};

struct nfp_runner_config {
	struct nfp_host host;
	struct nfp_wire wire;
	struct nfp_ledger *ledger; /* borrowed; reset by the run */
	enum nfp_style style;
	const struct nfp_source_row *source;
	struct nfp_mac address;	      /* X */
	struct nfp_mac address_first; /* X of the vf-first steps; equal to address with --mac */
	struct nfp_mac stranger;
	unsigned int rate; /* unicast frames a second */
	uint64_t settle_ns;
	uint64_t deadline_ns; /* on the wire's clock; 0: none */
	uint64_t start_ns;    /* start of the run on the wire's clock: results count from here */
	bool announce;
	bool transmit;	   /* does what the standby sends leave the NIC? Not without announce */
	bool in_full;	   /* no step ends before the settling time is over */
	bool early_before; /* the ladder that was given up before this one showed EARLY */
	bool follows;	   /* another ladder of this VF was undone just before */
	/* True as soon as the run must end (a signal); may be NULL. */
	bool (*stop)(void *ctx);
	void *stop_ctx;
	const char *ifname; /* of the PF, for words */
	unsigned int vf;
	struct nfp_progress progress;
	struct nfp_marks marks;
	struct nfp_vlan vlan; /* of the standby, for the marks */
	/*
	 * What the first control of this PF in this run showed: does the PF get frames to an
	 * address that nobody registered? Unknown before, and set by the runner. NULL: there is no
	 * other ladder.
	 */
	enum nfp_answer *unregistered;
};

/* Time that went into waiting, for the report. Added to, not set. */
struct nfp_runner_times {
	uint64_t settle_ns, kernel_ns;
};

/*
 * Runs the ladder and fills *ret_result with steps, transitions and verdict. Where
 * ret_result->again is true it says nothing: the ladder was given up, and is to be climbed again in
 * full, on a host that is as it was before. Leaves VF and PF as the last step left them: the caller
 * undoes. Returns 0 (whatever the verdict: refusals are results), -EINTR when stop said so, -ETIME
 * past the deadline, or an error of wire or host that ends everything; *ret_result is filled as far
 * as it got in each case, and judged inconclusive unless the verdict was already certain.
 */
int nfp_ladder_run(const struct nfp_runner_config *config, struct nfp_style_result *ret_result,
		   struct nfp_runner_times *times, struct nfp_err *err);

/*
 * After the last ladder, when neither the PF nor the VF has any address of the run: does the PF
 * still get frames to an address that nobody registered? Sends to @config->stranger until that is
 * clear; a yes must hold for the settling time, but no longer than three seconds. Unknown when it
 * stays unclear, or when others change the host meanwhile.
 */
enum nfp_answer nfp_hears_unregistered(const struct nfp_runner_config *config);

/* How long a ladder takes where nothing is slow and no step shows EARLY, from step @from to its
 * end, ns: for the progress line and --dry-run. */
uint64_t nfp_ladder_estimate(uint64_t settle_ns, enum nfp_step from, bool in_full);

#endif
