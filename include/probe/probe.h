/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe.h - runs the ladder on a host and a wire, and judges what it shows. */
#ifndef NFPROBE_PROBE_H
#define NFPROBE_PROBE_H

#include "verdict/verdict.h"

/*
 * events: what happens in a run, for whoever watches it: the terminal, the stream of JSON, the
 * recorder, --dry-run.
 *
 * One more interface watches a run, and stays its own: struct nfp_tap (stream.h) has every frame,
 * thousands a second. It lies below anything that knows of ladders, and only the recorder listens.
 */

struct nfp_runner_config;

/* Identifies a ladder of a run. */
struct nfp_where {
	unsigned int vf;
	enum nfp_style style;
	const char *from; /* the source of the frames: "eth1" */
};

enum nfp_event_what {
	/*
	 * The calls of a ladder to the frame accounting besides entering frames: a replay of these
	 * and of the frames, in their order, counts the same.
	 */
	NFP_EVENT_LADDER, /* a ladder begins: no frame is accounted for yet */
	NFP_EVENT_STEP,	  /* a step begins, with @address under test so far */
	NFP_EVENT_WATCH,  /* its change is made; it is watched from @from_ns on */
	NFP_EVENT_AGAIN,  /* it is watched anew: the window begins at @from_ns or later */
	NFP_EVENT_WINDOW, /* the window of the step is [from_ns, to_ns) */
	NFP_EVENT_JUDGED, /* the ladder is over: @style is its result */

	NFP_EVENT_TRANSITION, /* @transition, to the step that is over next, is measured */
	/* A step is over: its landing is decided, or it was skipped or refused. Told as well of
	 * steps that are not begun any more. */
	NFP_EVENT_LANDING,
	NFP_EVENT_VERDICT, /* @style of a VF has its verdict, of all its ladders */

	NFP_EVENT_LOCKED,  /* the run has locked the PF; nothing was changed yet */
	NFP_EVENT_RUN,	   /* PF and VFs are known and may be probed, before anything is changed */
	NFP_EVENT_CHANGE,  /* a change is about to be made; @text: the equivalent command */
	NFP_EVENT_WARNING, /* @text: a sentence, also in the result */
	NFP_EVENT_END,	   /* the run has this result */
};

/* A member means something only in the events that are named beside it. Pointers are borrowed for
 * the call. */
struct nfp_event {
	enum nfp_event_what what;
	struct nfp_where where; /* from LADDER to VERDICT. In other events from is NULL */
	enum nfp_step step;	/* STEP, WATCH, AGAIN, WINDOW */
	uint64_t remaining_ns; /* STEP: of the ladder, by its timetable; RUN: of the run, at most */
	uint64_t from_ns, to_ns;		 /* WATCH, AGAIN, WINDOW: on the wire's clock */
	const struct nfp_mac *address;		 /* STEP */
	const struct nfp_runner_config *config;	 /* LADDER */
	const struct nfp_step_result *landing;	 /* LANDING */
	const struct nfp_transition *transition; /* TRANSITION */
	const struct nfp_style_result *style;	 /* JUDGED, VERDICT */
	const struct nfp_result *run;		 /* LOCKED, RUN, END: so far */
	const char *text;			 /* CHANGE, WARNING */
};

/* A listener. */
struct nfp_events {
	void (*emit)(void *ctx, const struct nfp_event *event); /* NULL: nobody */
	void *ctx;
};

static inline void nfp_emit(const struct nfp_events *events, const struct nfp_event *event)
{
	if (events->emit)
		events->emit(events->ctx, event);
}

/*
 * host: what the probe may change on this machine, for one VF of one PF.
 *
 * The probe knows only struct nfp_host. src/change/ implements it with netlink and sysfs, and
 * journals each change before it is made; tests/memnic implements it in memory. Each operation
 * blocks until the kernel has answered, within its own deadline; the stream goes on meanwhile.
 * A refusal is a negative errno with the kernel's message in @err, which may be NULL; EAGAIN and
 * EBUSY have been retried.
 */

/* Changes by other processes, and the state of the PF. */
struct nfp_external_changes {
	bool carrier;		     /* the PF has carrier now */
	uint64_t carrier_losses;     /* since the probe began */
	bool changed;		     /* another process changed the PF or the VF */
	bool lasts;		     /* @changed taints ladders that begin later, too */
	bool gone;		     /* the PF or the VF is no longer there */
	bool ended;		     /* another process has taken or changed a VF of this run */
	bool all_multicast;	     /* another process has the PF take every group */
	char change[NFP_CHANGE_LEN]; /* the first change found by this call, as a sentence */
};

struct nfp_host_ops {
	/*
	 * Adds the test MAC to the PF for the standby, as @style does, and removes it. The PF joins
	 * @group (NULL: none) as that style does: a macvtap adds it to the PF's multicast list, a
	 * bridge lets all multicast pass, and Open vSwitch only makes the PF promiscuous.
	 */
	int (*add_standby)(void *ctx, enum nfp_style style, const struct nfp_mac *mac,
			   const struct nfp_mac *group, struct nfp_err *err);
	int (*remove_standby)(void *ctx, struct nfp_err *err);
	/*
	 * Between add_standby and remove_standby: the child of the PF to which the NIC hands frames
	 * to the test MAC. -ENODEV: there is none, the PF gets them. NULL: there never is.
	 */
	int (*standby)(void *ctx, struct nfp_netdev *ret_netdev);
	/* The PF takes another address as well (NULL: no more, after it did), as by an entry. Only
	 * between add_standby and remove_standby. */
	int (*entry)(void *ctx, const struct nfp_mac *mac, struct nfp_err *err);
	/* `ip link set PF vf N mac the test MAC`, and the VLAN of the run where there is one. */
	int (*assign)(void *ctx, const struct nfp_mac *mac, struct nfp_err *err);
	/* Sets the VF's address to 00:.., or if that is refused to a random one: 1. */
	int (*clear)(void *ctx, struct nfp_err *err);
	/* Function-level reset. -EOPNOTSUPP: this VF has none. Steps that need one are skipped. */
	int (*reset)(void *ctx, struct nfp_err *err);
	/*
	 * Binds the VF driver, waits for the netdev, and moves that into the private namespace.
	 * -EADDRNOTAVAIL: its address was not @mac even after a second bind.
	 */
	int (*bind)(void *ctx, const struct nfp_mac *mac, struct nfp_err *err);
	/* The netdev that `up` will set up, to listen to it before; -ENODEV: not known. */
	int (*netdev)(void *ctx, struct nfp_netdev *ret_netdev);
	/* Sets the VF netdev up, which joins @group (NULL: none) until it is set down. *ret_netdev
	 * is valid until down or unbind. */
	int (*up)(void *ctx, const struct nfp_mac *group, struct nfp_netdev *ret_netdev,
		  struct nfp_err *err);
	/* Waits until it has carrier, after up. */
	int (*carrier)(void *ctx, struct nfp_err *err);
	int (*down)(void *ctx, struct nfp_err *err);
	int (*unbind)(void *ctx, struct nfp_err *err);
	/* Looks for changes by other processes. Cheap enough for every window. */
	int (*changes)(void *ctx, struct nfp_external_changes *ret_news, struct nfp_err *err);
	/*
	 * When the first of the operations since the last call was requested of the kernel, on the
	 * wire's clock. 0: there were none. NULL: at its call.
	 */
	uint64_t (*asked)(void *ctx);
	/*
	 * The PF (NFP_AT_PF) registers 802.1Q VLAN @vid with the NIC and takes nothing from the
	 * standby, or the VF's netdev, which is up, does as a guest's VLAN makes it. 0: no longer.
	 * The VF's ends with its driver, too; -EEXIST: the PF's bridge has registered it, and
	 * keeps it.
	 */
	int (*vlan)(void *ctx, enum nfp_receiver at, uint16_t vid, struct nfp_err *err);
	/*
	 * Is there a netdev for this VLAN on the PF, in any network namespace? The kernel gives it
	 * the frames before a macvtap or a bridge sees them, while it is down, too. 1: its name, or
	 * what is known of it. 0: there is none; -errno: that is not known.
	 */
	int (*swallower)(void *ctx, uint16_t vid, char name[NFP_TEXT_LEN], struct nfp_err *err);
	/* Is the VF a bus master, as a guest's driver makes it? 1, 0, -errno: not known.
	 * Takes microseconds. */
	int (*bus_master)(void *ctx);
};

struct nfp_host {
	const struct nfp_host_ops *ops;
	void *ctx;
};

/*
 * runner: runs the ladder for one VF in one style: changes the host, keeps the stream going, waits
 * for each landing to settle, and judges. Knows no netlink and no pcap.
 */

/*
 * Every landing has its own control. An address that arrives nowhere counts as lost only if the
 * network was shown to deliver that address in the same ladder: before, with no loss of carrier
 * since, or after, with none between (src/verdict/cause.c). So the ladder tells the network
 * (announce.c), where config.announce allows it and frames come from the wire:
 *
 * - the test MAC when the standby takes it, three times, from the PF. In `standby` only once the
 * test MAC has arrived unasked, which shows that the network floods what it does not know, or has
 * not for a settling time. Where it did not, the unregistered address is announced, too, last.
 * - the test MAC from the VF when that is up, as its guest would.
 * - the test MAC once more before a step would condemn, when it has been watched for two settling
 * times: a network that flooded may have ceased to, and have forgotten it. Not while the PF gets
 * what nobody has announced. A landing that only this heals decides nothing, nor does what the PF
 * gets from then on: a NIC may learn from it. So a loss of carrier alone has the test MAC not
 * announced.
 * - The group in each step, twice where it was just joined and after a loss of carrier (from when
 *   the first frame has arrived on: a port may pass nothing before, in either direction), and once
 *   more before it would count as lost, unless the receiver lacked it after that in an earlier
 *   step, or in two steps, and has not had it since: by the PF under its own address, by the VF
 * under the test MAC.
 *
 * vf-first has an address that nobody had before.
 */

/*
 * Earlier ladders of the run: what the filter of a PF that was not promiscuous has kept from it,
 * and so must keep from it still. All false at first; the runner sets it.
 */
struct nfp_earlier {
	bool was_reset; /* the VF has a reset: one of them has made it */
	bool slow; /* a landing changed late, for the settling time of this NIC: it may again */
	/* For standbys that take the address in this way: the states behind each reset were watched
	 * for as long as the network is, and nothing came late. */
	bool resets[NFP_TAKES_COUNT];
	bool left_promiscuous; /* one left the PF promiscuous in hardware */
	bool vf_alone;	       /* in `up` the VF's frames reached the VF and not the PF */
	bool kept_groups; /* in `control` a group that nobody had joined did not reach the PF */
	struct nfp_reflection reflections[NFP_RECEIVER_COUNT]; /* at the PF, of all of them */
	/* How long each state was watched in which a step that is made once passed. 0: in none. */
	uint64_t passed_ns[NFP_STEP_COUNT];
};

/* Nobody else sends to them. */
enum {
	NFP_SPARE_REWRITE, /* comes to the PF and goes (actions.c) */
	NFP_SPARE_NEW,	   /* the NIC may learn it (learning.c) */
	NFP_SPARE_ADDRESSES,
};

/* The guest's VLAN; vid 0: none. */
struct nfp_guest_vlan_config {
	uint16_t vid, free_vid;
	bool none_free;		   /* free_vid is no VLAN of nobody: the PF's bridge has them all */
	struct nfp_mac own;	   /* the PF's own address */
	bool sibling;		   /* another VF is in use */
	bool can_unfilter;	   /* the PF's VLAN filter is on, and can be turned off */
	const char *untested;	   /* why it cannot be tested; NULL: it is */
	const char *unregistrable; /* why the PF must not register it; NULL: it may */
};

/* When a ladder on which nothing is slow begins each step, and how long it takes, ns. */
struct nfp_timetable {
	uint64_t begins_ns[NFP_STEP_COUNT];
	uint64_t all_ns;
};

struct nfp_runner_config {
	struct nfp_host host;
	struct nfp_wire wire;
	enum nfp_style style;
	const struct nfp_source_row *source;
	struct nfp_mac address;	      /* the test MAC */
	struct nfp_mac address_first; /* that of the vf-first steps; the same with --mac */
	struct nfp_mac spare[NFP_SPARE_ADDRESSES];
	struct nfp_mac unregistered_mac;
	bool multicast; /* test whether the guest gets IPv6 multicast; needs source->shows.group */
	/* Two solicited-node groups. The guest joins the first. */
	struct nfp_mac group, unjoined;
	unsigned int rate; /* unicast frames a second */
	bool on_ovs;	   /* an Open vSwitch floods what the source sends to all its ports */
	bool stations;	   /* a macvtap's address is not in the PF's list (l2-fwd-offload) */
	/* How late an effect of the NIC's may be, and how late one of the network's, where that is
	 * longer: of a switch that learns, forgets or pauses. A landing holds for the second where
	 * the network has not shown that it floods. */
	uint64_t settle_ns, network_ns;
	uint64_t deadline_ns; /* on the wire's clock; 0: none */
	uint64_t start_ns;    /* start of the run on the wire's clock: results count from here */
	bool announce;
	/* Why nothing is to leave by the PF, so that its VF alone speaks; NULL: it does. */
	const char *pf_silent;
	bool follows; /* the run has undone something before, which may act late */
	/* Steps that are made only where another has failed are made in any case: for --dry-run. */
	bool every_step;
	const struct nfp_timetable *timetable; /* for the events; NULL: not known */
	/* True as soon as the run must end (a signal); may be NULL. */
	bool (*stop)(void *ctx);
	void *stop_ctx;
	bool adds_one;	    /* the PF's driver is known not to write its whole list */
	const char *ifname; /* of the PF, for messages */
	unsigned int vf;    /* as in struct nfp_where, with the style */
	const char *from;
	const char *via; /* the standby's port, as in struct nfp_style_result; NULL: the PF */
	struct nfp_events events;
	struct nfp_guest_vlan_config guest_vlan;
	/*
	 * Whether the PF got unregistered unicast from this source before the run had done anything
	 * that may have changed it: unknown before the first control, which sets it. NULL: there is
	 * no other ladder.
	 */
	enum nfp_answer *unregistered;
	/* NULL: there is no other ladder. */
	struct nfp_earlier *earlier;
};

/*
 * Runs the ladder and fills *ret_result with steps, transitions and verdict. The VF and the PF stay
 * as the last step left them: the caller undoes. Returns 0 whatever the verdict (refusals are
 * results), -EINTR if stop returned true, -ETIME past the deadline, or an error of wire or host
 * that ends the run. In each case *ret_result has the steps made so far, and is unknown unless
 * the verdict was already certain.
 */
int nfp_ladder_run(const struct nfp_runner_config *config, struct nfp_style_result *ret_result,
		   struct nfp_err *err);

/*
 * Does the PF get unregistered unicast after the last ladder, when neither the PF nor the VF has
 * any address of the run? Sends to @config->unregistered_mac until that is clear. A yes must hold
 * for the settling time, or for three seconds if that is longer. Unknown if it stays unclear, or if
 * another process changes the host meanwhile.
 */
enum nfp_answer nfp_hears_unregistered(const struct nfp_runner_config *config);

/*
 * Runs the ladder of @config on a host that does nothing and a dry wire (stream.h), without the
 * steps that an earlier ladder has shown.
 */
void nfp_ladder_estimate(const struct nfp_runner_config *config, struct nfp_timetable *ret_times);

#endif
