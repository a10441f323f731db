/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe.h - the ladder, climbed over a host and a wire, and what it proves. */
#ifndef NFPROBE_PROBE_H
#define NFPROBE_PROBE_H

#include "nfprobe/verdict.h"

/*
 * host: what the probe may change on this machine, for one VF of one PF.
 *
 * The probe knows only struct nfp_host. src/host/ has a real one (netlink and sysfs, each
 * change journalled before it is made); tests/memnic has one in memory. Every operation blocks
 * until the kernel has answered, within its own deadline; the stream goes on meanwhile.
 * A refusal is a negative errno with the kernel's sentence in @err; EAGAIN and EBUSY have been
 * retried.
 */

/* What others did, and how the PF is. */
struct nfp_host_news {
	bool carrier;		     /* the PF has carrier now */
	uint64_t carrier_losses;     /* since the probe began */
	bool changed;		     /* somebody else changed the PF or the VF */
	bool lasts;		     /* .. in a way that spoils a ladder that begins now, too */
	bool gone;		     /* the PF or the VF is no longer there */
	bool ended;		     /* .. or no longer this run's to change: the VF was changed */
	char change[NFP_CHANGE_LEN]; /* what, in words: the first change of this call */
};

struct nfp_host_ops {
	/* The standby takes X on the PF / lets it go. @style as the ladder runs. */
	int (*hold)(void *ctx, enum nfp_style style, const struct nfp_mac *mac,
		    struct nfp_err *err);
	int (*release)(void *ctx, struct nfp_err *err);
	/*
	 * Between hold and release: the child of the PF to which the NIC itself hands what is sent
	 * to X; -ENODEV: the PF gets that. NULL: it always does.
	 */
	int (*standby)(void *ctx, struct nfp_netdev *ret_netdev);
	/* `ip link set PF vf N mac X`, and the VLAN of the run where there is one. */
	int (*assign)(void *ctx, const struct nfp_mac *mac, struct nfp_err *err);
	/* Takes the address back: 00:.., where refused 02:00:00:00:00:00 (then a left-behind note
	 * is kept). */
	int (*clear)(void *ctx, struct nfp_err *err);
	/* Function-level reset. -EOPNOTSUPP: this VF has none, steps that need one are skipped. */
	int (*reset)(void *ctx, struct nfp_err *err);
	/*
	 * Binds the VF driver and waits for the netdev, which is moved into a namespace of its own.
	 * -EADDRNOTAVAIL: its address was not @mac even after a second bind.
	 */
	int (*bind)(void *ctx, const struct nfp_mac *mac, struct nfp_err *err);
	/* The netdev that up will set up, so that it can be expected; -ENODEV: not known. */
	int (*netdev)(void *ctx, struct nfp_netdev *ret_netdev);
	/* Sets the VF netdev up. *ret_netdev is valid until down or unbind. */
	int (*up)(void *ctx, struct nfp_netdev *ret_netdev, struct nfp_err *err);
	/* Waits until it has carrier, behind up. */
	int (*carrier)(void *ctx, struct nfp_err *err);
	int (*down)(void *ctx, struct nfp_err *err);
	int (*unbind)(void *ctx, struct nfp_err *err);
	/* Reads notifications and reads back what the probe set. Cheap enough for every window. */
	int (*news)(void *ctx, struct nfp_host_news *ret_news, struct nfp_err *err);
	/*
	 * Those of the operations since the last call; @times stays as it is when they asked for
	 * nothing. NULL: an operation takes from its call to its return.
	 */
	void (*times)(void *ctx, struct nfp_host_times *times);
	/* What the VF has received since its driver, or its PF's, began to count. */
	int (*received)(void *ctx, struct nfp_vf_received *ret_received, struct nfp_err *err);
};

struct nfp_host {
	const struct nfp_host_ops *ops;
	void *ctx;
};

/*
 * runner: climbs the ladder for one VF in one style: changes the host, keeps the stream going,
 * waits for each landing to settle, judges. Knows no netlink and no pcap.
 */

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
 * the same is counted again (probe.h).
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

/*
 * recount: a ladder that was climbed before, counted and judged again from its frames and marks
 * (probe.h). Pure.
 *
 * Whoever replays enters frames into the ledger and tells of the marks, in the order in which the
 * run had them. Windows, transitions and verdict are then the runner's own arithmetic. What no
 * frame shows (what was changed and refused, carrier, drops, what others did) is in the steps that
 * the style brings along.
 */

struct nfp_recount;

/*
 * @config: style, source, addresses, rate, settle_ns, ifname, vf and the ledger, which is reset; it
 * and @style outlive the recount. Counts, landings, transitions and the verdict of @style are
 * forgotten; the rest of its steps stays. Ends with free().
 */
struct nfp_recount *nfp_recount_new(const struct nfp_runner_config *config,
				    struct nfp_style_result *style);

/*
 * LADDER, STEP and END are passed over. -EBADMSG with words for a mark that no run sets there: a
 * window of a step that was not made, two of one, or a time that goes back.
 */
int nfp_recount_mark(struct nfp_recount *recount, const struct nfp_mark *mark, struct nfp_err *err);

/*
 * Judges. -EBADMSG when a step that was made has no window; the style is then judged as one that
 * was stopped.
 */
int nfp_recount_end(struct nfp_recount *recount, struct nfp_err *err);

#endif
