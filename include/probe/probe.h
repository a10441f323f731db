/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe.h - runs a ladder on a host and a wire, and judges what it shows. */
#ifndef NFPROBE_PROBE_H
#define NFPROBE_PROBE_H

#include "verdict/verdict.h"

/*
 * events: what happens in a run, for the terminal, the stream of JSON, the recorder and --dry-run.
 *
 * struct nfp_tap (stream.h) stays an interface of its own: it carries each frame, thousands a
 * second, below anything that knows of ladders, and only the recorder listens.
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
	 * The frame accounting of a ladder follows from these events and the frames: whoever
	 * replays both in order counts the same.
	 */
	NFP_EVENT_LADDER, /* a ladder begins: no frame is accounted for yet */
	NFP_EVENT_STEP,	  /* a step begins; @address is the test MAC so far */
	NFP_EVENT_WATCH,  /* the change of the step is made; its window may begin at @from_ns */
	NFP_EVENT_AGAIN,  /* the window begins anew, at @from_ns or later */
	NFP_EVENT_WINDOW, /* the window of the step is [from_ns, to_ns) */
	NFP_EVENT_JUDGED, /* the ladder is over: @style is its result */

	NFP_EVENT_TRANSITION, /* @transition, to the step whose event follows, is measured */
	/* A step is over: its landing is decided, or it was skipped or refused. Steps that the
	   ladder no longer reaches have the event, too. */
	NFP_EVENT_LANDING,
	NFP_EVENT_VERDICT, /* @style of a VF has its verdict, by all ladders of the VF */

	NFP_EVENT_LOCKED,  /* the run has locked the PF, and has changed nothing yet */
	NFP_EVENT_RUN,	   /* PF and VFs are known and may be probed, before anything is changed */
	NFP_EVENT_CHANGE,  /* a change is about to be made; @text: the equivalent command */
	NFP_EVENT_WARNING, /* @text: a sentence, also in the result */
	NFP_EVENT_END,	   /* the run has this result */
};

/* The comment of a member names the events in which it is set. Pointers are borrowed
 * for the call. */
struct nfp_event {
	enum nfp_event_what what;
	struct nfp_where where; /* from LADDER to VERDICT; elsewhere where.from is NULL */
	enum nfp_step step;	/* STEP, WATCH, AGAIN, WINDOW */
	uint64_t remaining_ns; /* STEP: of the ladder, by its timetable; RUN: of the run, at most */
	uint64_t from_ns, to_ns;		 /* WATCH, AGAIN, WINDOW: on the wire's clock */
	const struct nfp_mac *address;		 /* STEP */
	const struct nfp_runner_config *config;	 /* LADDER */
	const struct nfp_step_result *landing;	 /* LANDING */
	const struct nfp_transition *transition; /* TRANSITION */
	const struct nfp_style_result *style;	 /* JUDGED, VERDICT */
	const struct nfp_result *run;		 /* LOCKED, RUN, END: the result so far */
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
 * journals each change before it is made; tests/memnic implements it in memory. An operation blocks
 * until the kernel has answered, within a deadline of its own; the stream goes on meanwhile. A
 * refusal is a negative errno with the kernel's message in @err, which may be NULL. EAGAIN and
 * EBUSY have been retried.
 */

/* Changes by other processes, and the state of the PF. */
struct nfp_external_changes {
	bool carrier;		     /* the PF has carrier now */
	uint64_t carrier_losses;     /* since the probe began */
	bool changed;		     /* another process changed the PF or the VF */
	bool lasts;		     /* the change also taints ladders that begin later */
	bool gone;		     /* the PF or the VF is no longer there */
	bool ended;		     /* another process has taken or changed a VF of this run */
	bool all_multicast;	     /* another process makes the PF take every group */
	char change[NFP_CHANGE_LEN]; /* the first change that this call found, as a sentence */
};

struct nfp_host_ops {
	/*
	 * Adds the test MAC to the PF for the standby, as @style does; removes it. The PF joins
	 * @group (NULL: none) as that style does: a macvtap adds it to the PF's multicast list, a
	 * bridge lets all multicast pass, and Open vSwitch only makes the PF promiscuous.
	 */
	int (*add_standby)(void *ctx, enum nfp_style style, const struct nfp_mac *mac,
			   const struct nfp_mac *group, struct nfp_err *err);
	int (*remove_standby)(void *ctx, struct nfp_err *err);
	/*
	 * Between add_standby and remove_standby: returns the child of the PF to which the NIC
	 * hands frames to the test MAC. -ENODEV: there is none, and the PF gets them. NULL: there
	 * never is.
	 */
	int (*standby)(void *ctx, struct nfp_netdev *ret_netdev);
	/* Adds another address to the PF, as an FDB entry does (NULL: removes it). Only between
	 * add_standby and remove_standby. */
	int (*entry)(void *ctx, const struct nfp_mac *mac, struct nfp_err *err);
	/* `ip link set PF vf N mac ADDRESS`, and the VLAN of the run if it has one. */
	int (*assign)(void *ctx, const struct nfp_mac *mac, struct nfp_err *err);
	/* Sets the VF's address to zero. 1: the driver refuses zero, so that the VF has a random
	 * address. */
	int (*clear)(void *ctx, struct nfp_err *err);
	/* Makes a function-level reset. -EOPNOTSUPP: this VF has none, and steps that need one are
	 * skipped. */
	int (*reset)(void *ctx, struct nfp_err *err);
	/*
	 * Binds the VF driver, waits for the netdev, and moves the netdev into the private
	 * namespace. -EADDRNOTAVAIL: the address was not @mac even after a second bind.
	 */
	int (*bind)(void *ctx, const struct nfp_mac *mac, struct nfp_err *err);
	/* Returns the netdev that `up` will set up, so that a capture can begin before. -ENODEV:
	 * not known. */
	int (*netdev)(void *ctx, struct nfp_netdev *ret_netdev);
	/* Sets the VF's netdev up, which joins @group (NULL: none) until it is set down.
	 * *ret_netdev is valid until down or unbind. */
	int (*up)(void *ctx, const struct nfp_mac *group, struct nfp_netdev *ret_netdev,
		  struct nfp_err *err);
	/* Waits until the netdev has carrier, after up. */
	int (*carrier)(void *ctx, struct nfp_err *err);
	int (*down)(void *ctx, struct nfp_err *err);
	int (*unbind)(void *ctx, struct nfp_err *err);
	/* Looks for changes by other processes. Cheap enough for every window. */
	int (*changes)(void *ctx, struct nfp_external_changes *ret_news, struct nfp_err *err);
	/*
	 * Returns when the kernel got the first request since the last call, on the wire's clock.
	 * 0: there was none. NULL: at the call of the operation.
	 */
	uint64_t (*asked)(void *ctx);
	/*
	 * Registers 802.1Q VLAN @vid with the NIC: by the PF (NFP_AT_PF), which takes nothing from
	 * the standby, or by the VF's netdev, which is up, as a guest's VLAN does. 0 ends it. The
	 * VF's VLAN also ends with its driver. -EEXIST: the PF's bridge has registered it, and
	 * keeps it.
	 */
	int (*vlan)(void *ctx, enum nfp_receiver at, uint16_t vid, struct nfp_err *err);
	/*
	 * Looks for a netdev for this VLAN on the PF, in any network namespace. The kernel gives it
	 * the frames before a macvtap or a bridge sees them, even while it is down. 1: its name, or
	 * what is known of it. 0: there is none. -errno: that is not known.
	 */
	int (*swallower)(void *ctx, uint16_t vid, char name[NFP_TEXT_LEN], struct nfp_err *err);
	/* Looks whether the VF is a bus master, as a guest's driver makes it. 1, 0, or -errno: not
	 * known. Takes microseconds. */
	int (*bus_master)(void *ctx);
};

struct nfp_host {
	const struct nfp_host_ops *ops;
	void *ctx;
};

/*
 * runner: runs the ladder for one VF in one style: changes the host, keeps the stream going, waits
 * for each landing to settle, and judges. It knows no netlink and no pcap.
 */

/*
 * A missing address counts as lost only if the network delivered it in another step of this
 * ladder, and the carrier stayed in between (src/verdict/cause.c). So the ladder announces, where
 * config.announce allows it and frames come from the wire (announce.c):
 *
 * - The PF announces the test MAC three times when the standby takes it. In `standby` it waits
 *   until the test MAC has arrived unannounced, which shows that the network floods, or has not
 *   for a settling time. If it has not, the PF also announces the unregistered address, last.
 * - The VF announces the test MAC when it is up, as its guest would.
 * - The test MAC is announced once more before a step would condemn, after two settling times: a
 *   network that flooded may have ceased to, and have forgotten it. It is not if the PF gets what
 *   nobody has announced. A landing that only this brings decides nothing, nor does what the PF
 *   gets from then on: a NIC may learn from it. A loss of carrier alone is no reason for it.
 * - The PF reports the group in each step under its own address, the VF under the test MAC: twice
 *   where the group was just joined, and again after a loss of carrier, once the first frame has
 *   arrived (a port may pass nothing before, in either direction). The group is reported once more
 *   before it would count as lost, unless the receiver lacked it after that in an earlier step, or
 *   in two steps, and has not had it since.
 *
 * The vf-first steps have an address that nobody had before.
 */

/*
 * Evidence of earlier ladders of the run, such as frames that the filter of a PF that was not
 * promiscuous kept from it, and so must keep from it still. All false at first; the runner sets it.
 */
struct nfp_earlier {
	bool was_reset; /* the VF has a reset, which one of them has made */
	bool slow; /* a landing changed late for the settling time of this NIC, and may again */
	/* For standbys that take the address in this way: the state after each reset was watched
	 * for the network's settling time, and nothing came late. */
	bool resets[NFP_TAKES_COUNT];
	bool left_promiscuous; /* one left the PF promiscuous in hardware */
	bool vf_alone;	       /* in `up` the VF's frames reached the VF and not the PF */
	bool kept_groups; /* in `control` a group that nobody had joined did not reach the PF */
	struct nfp_reflection reflections[NFP_RECEIVER_COUNT]; /* at the PF, of all of them */
	/* How long a step of a kind that is made once was watched where it passed. 0: it did not
	 * pass yet. */
	uint64_t passed_ns[NFP_STEP_COUNT];
};

/* Addresses to which nobody else sends. */
enum {
	NFP_SPARE_REWRITE, /* comes to the PF and goes again (actions.c) */
	NFP_SPARE_NEW,	   /* the NIC may learn it (learning.c) */
	NFP_SPARE_ADDRESSES,
};

/* The guest's VLAN. vid 0: not tested. */
struct nfp_guest_vlan_config {
	uint16_t vid, free_vid;
	bool none_free; /* every VLAN has a user, free_vid as well: the PF's bridge has registered
			   them all */
	struct nfp_mac own;	   /* the PF's own address */
	bool sibling;		   /* another VF is in use */
	bool can_unfilter;	   /* the PF's VLAN filter is on, and can be turned off */
	const char *untested;	   /* why the VLAN cannot be tested; NULL: it can */
	const char *unregistrable; /* why the PF must not register the VLAN; NULL: it may */
};

/* When each step of a ladder begins, if nothing is slow, and how long the ladder takes, in ns. */
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
	struct nfp_mac address_first; /* the test MAC of the vf-first steps; the same with --mac */
	struct nfp_mac spare[NFP_SPARE_ADDRESSES];
	struct nfp_mac unregistered_mac;
	bool multicast; /* test whether the guest gets IPv6 multicast; needs source->shows.group */
	/* Two solicited-node groups. The guest joins the first. */
	struct nfp_mac group, unjoined;
	unsigned int rate; /* unicast frames a second */
	bool on_ovs;	   /* an Open vSwitch floods all its ports with what the source sends */
	bool stations;	   /* a macvtap's address is not in the PF's list (l2-fwd-offload) */
	/* How late the NIC may act, and how late the network may, which is not shorter: a switch
	 * learns, forgets and pauses. A landing must be stable for the second time, unless the
	 * network was shown to flood. */
	uint64_t settle_ns, network_ns;
	uint64_t deadline_ns; /* on the wire's clock; 0: none */
	uint64_t start_ns;    /* start of the run on the wire's clock; results count from it */
	bool announce;
	/* Why nothing may leave by the PF, so that only the VF announces. NULL: the PF may send. */
	const char *pf_silent;
	bool follows; /* the run has undone something before, whose effects may come late */
	/* Make steps that need another step to have failed in any case: for --dry-run. */
	bool every_step;
	const struct nfp_timetable *timetable; /* for the events; NULL: not known */
	/* True as soon as the run must end (a signal); may be NULL. */
	bool (*stop)(void *ctx);
	void *stop_ctx;
	bool adds_one; /* the PF's driver is known to write one changed address, not its whole list
			*/
	const char *ifname; /* of the PF, for messages */
	unsigned int vf;    /* as in struct nfp_where, with the style */
	const char *from;
	const char *via; /* the standby's port, as in struct nfp_style_result; NULL: the PF */
	struct nfp_events events;
	struct nfp_guest_vlan_config guest_vlan;
	/*
	 * Whether the PF got unregistered unicast from this source before the run did anything that
	 * may have changed that. Unknown before the first `control`, which sets it. NULL: there is
	 * no other ladder.
	 */
	enum nfp_answer *unregistered;
	/* NULL: there is no other ladder. */
	struct nfp_earlier *earlier;
};

/*
 * Runs the ladder and fills *ret_result with steps, transitions and verdict. The VF and the PF stay
 * as the last step left them, and the caller undoes that. Returns 0 whatever the verdict (refusals
 * are results), -EINTR if stop returned true, -ETIME past the deadline, or an error of wire or host
 * that ends the run. In each case *ret_result has the steps made so far, and is unknown unless the
 * verdict was already certain.
 */
int nfp_ladder_run(const struct nfp_runner_config *config, struct nfp_style_result *ret_result,
		   struct nfp_err *err);

/*
 * Looks whether the PF gets unregistered unicast after the last ladder, when neither the PF nor the
 * VF has any address of the run. Sends to @config->unregistered_mac until that is clear. A yes must
 * last for the settling time, or for three seconds if that is longer. Unknown if it stays unclear,
 * or if another process changes the host meanwhile.
 */
enum nfp_answer nfp_hears_unregistered(const struct nfp_runner_config *config);

/*
 * Runs the ladder of @config on a host that does nothing and on a dry wire (stream.h), without the
 * steps that an earlier ladder has shown.
 */
void nfp_ladder_estimate(const struct nfp_runner_config *config, struct nfp_timetable *ret_times);

#endif
