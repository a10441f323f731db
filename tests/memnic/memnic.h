/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memnic.h - a NIC in memory: struct nfp_host and struct nfp_wire over one virtual clock, so that a
 * whole ladder runs in well under a millisecond.
 *
 * A personality says how NIC, firmware and driver behave. Conditions say what goes on around it:
 * where frames enter, loss, what others do to the host. Both are copied.
 */
#ifndef NFPROBE_TESTS_MEMNIC_H
#define NFPROBE_TESTS_MEMNIC_H

#include "probe/probe.h"
#include "nic/core.h"

struct memnic;

/* How often the network stands still. */
#define MEMNIC_PAUSES 2

/* A member of a bond upstream is dead, and loses what its hash of the destination sends there. */
struct memnic_bond {
	unsigned int members, dead; /* 0 members: there is no bond */
	uint64_t from_ns, for_ns;   /* 0: for good */
};

struct memnic_conditions {
	enum nfp_enters source;
	uint64_t seed;
	unsigned int loss_permille, duplicate_permille; /* of frames */
	uint64_t latency_ns, jitter_ns;			/* 0: 50 us, none */
	/* How long after the switch has passed them frames meet the NIC; latency_ns follows. */
	uint64_t before_ns, before_jitter_ns;
	struct core_outage pauses[MEMNIC_PAUSES];
	struct memnic_bond bond;

	/*
	 * The switch that the NIC is connected to. It learns addresses and groups from frames that
	 * reach it, and forgets them when the carrier goes.
	 */
	bool suppress_unknown;	     /* it delivers only addresses that it has learned */
	unsigned int flood_permille; /* how many frames to others it floods: storm control */
	/* Storm control passes so many, then none for so long (0: for good); 0 frames: any number.
	 */
	unsigned int storm_frames;
	uint64_t storm_ns;
	uint64_t learn_after_ns;  /* how long after the frame that showed them it learns */
	uint64_t learn_within_ns; /* up to so much later, depending on the address */
	uint64_t advertise_ns;	  /* how often it learns what is new, all at once: EVPN */
	unsigned int learn_max; /* how many addresses on the NIC's port, beside the PF's own; 0: any
				   number */
	bool learn_evicts;	/* the oldest makes room for a new one */
	bool learn_drops;	/* it drops frames from an address that has no room */
	uint64_t flush_ns;	/* when it forgets everything, while the carrier stays; 0: never */
	uint64_t age_ns;	/* forgets what has not sent for so long; 0: never */
	uint64_t damp_ns; /* what has moved between its ports stays for so long; 0: it may move
			     again */
	uint64_t forward_after_ns; /* how long after the carrier is back the port passes nothing */
	bool multicast_blocked;	   /* no multicast at all */
	bool mld_snooping;	   /* only groups that were reported, and all nodes */
	unsigned int groups_max;   /* how many groups the port has room for; 0: all */
	uint64_t others_groups;	   /* bits: buckets in which others have joined a group */
	unsigned int report_loss_permille; /* of reports alone */
	/* When another VF is promiscuous, so that the NIC gives it what is in no filter. */
	struct {
		uint64_t from_ns, for_ns;
	} sibling;
	bool all_multicast;    /* another process makes the PF take every group */
	uint64_t group_age_ns; /* forgets a group that was not reported for so long; 0: never */
	struct {
		bool blocked, free_blocked; /* the network carries no VLAN of a guest; none that
					       nobody uses */
		bool suppressed;  /* in the VLAN, no unicast to an address that has not sent in it
				     from here */
		bool sibling;	  /* another VF has registered the guest's VLAN */
		bool bridge;	  /* the PF's bridge has registered it, for good */
		bool swallowed;	  /* a netdev on the PF takes it */
		int search_errno; /* such a netdev cannot be searched for */
	} vlan;
	bool openvswitch;	     /* the PF is its port: promiscuous without ALLMULTI */
	bool bonded;		     /* nothing may leave by the PF, whose bond is elsewhere */
	bool announce_kills_carrier; /* port security */
	bool source_deaf;	     /* the source hears nothing that the PF sends */

	/* A station on the wire also has this address, and broadcasts at station_ns (0: never), and
	 * so often from then on (0: once). */
	struct nfp_mac station;
	uint64_t station_ns, station_every_ns;

	/* Faults; 0: never. Times are on the virtual clock, which begins at MEMNIC_BEGIN_NS. */
	uint64_t carrier_down_ns, carrier_up_ns;
	uint64_t carrier_every_ns; /* how often it goes and comes again; 0: once */
	uint64_t change_ns, gone_ns;
	uint64_t
		answer_ns; /* without its carrier, how long the host takes to say what others did */
	bool change_unheard; /* no notification announces it */
	bool change_lasts;   /* the PF is promiscuous from then on */
	uint64_t stop_ns;    /* memnic_stop says true from then on */
	uint64_t mute_ns,
		mute_for_ns;	/* from when, and for how long, nothing that is sent arrives */
	uint64_t mute_every_ns; /* how often that happens again; 0: once */
	/* The source is a neighbour that answers ARP, so that each frame is a reply, by nfprobe's
	 * codec. */
	bool arp;
	unsigned int arp_police;	 /* how many it answers a second; 0: all */
	uint64_t arp_trip_ns;		 /* how long its reply is under way */
	uint64_t stall_ns, stall_for_ns; /* from when, and for how long, the source sends nothing */
	uint64_t stall_every_ns;
	bool stall_stops_us; /* the runner stalls as well */
	uint64_t drop_ns;
	uint64_t drop_frames;	/* how many the capture loses from drop_ns on */
	unsigned int fail_call; /* the call of a host operation (from 1) that fails */
	int fail_errno;		/* how it fails */
	enum nfp_errcode fail_code;
};

#define MEMNIC_BEGIN_NS	 NFP_NSEC_PER_SEC
#define MEMNIC_FREE_VLAN 2222 /* any other is the guest's */

/* Returns a NIC. NULL when out of memory. */
struct memnic *memnic_new(const struct core_personality *personality,
			  const struct memnic_conditions *conditions);
void memnic_free(struct memnic *nic);
struct nfp_host memnic_host(struct memnic *nic);
struct nfp_wire memnic_wire(struct memnic *nic, struct nfp_frame_accounting *accounting);
bool memnic_stop(void *nic);
/* Gives @tap the frames that are accounted for, which exist only here. Copies both. */
void memnic_tap(struct memnic *nic, const struct nfp_tap *tap, const struct nfp_frame_id *id);
const struct memnic_conditions *memnic_conditions_of(const struct memnic *nic);

/* Returns the operations so far, "hold assign reset ", as much as fits 1,000 bytes. */
const char *memnic_log(const struct memnic *nic);
unsigned int memnic_calls(const struct memnic *nic); /* of host operations but news */
uint64_t memnic_frames(const struct memnic *nic);    /* sent so far */
/* Returns where a frame of @kind goes now, as bits 1 << enum nfp_receiver: the truth, for tests. */
unsigned int memnic_reach(const struct memnic *nic, enum nfp_kind kind);
bool memnic_listens(const struct memnic *nic); /* somebody captures at the VF */
/* Sends a frame from @from there, to everybody, as a guest announces itself: by ARP. */
void memnic_send(struct memnic *nic, enum nfp_receiver at, const struct nfp_mac *from);
/* Sends the same from the wire, where a guest is that has left. */
void memnic_send_far(struct memnic *nic, const struct nfp_mac *from);
/* Undoes what is between two ladders, as the host does: PF and VF without the address, the VF
 * without driver. */
void memnic_undo(struct memnic *nic);
/* Sets the style of the standby, which listens at its port from now on. */
void memnic_set_style(struct memnic *nic, enum nfp_style style);
/* Sets where frames enter from now on. */
void memnic_set_source(struct memnic *nic, enum nfp_enters source);
/* The guest that uses the VF crashes, or is reset hard: its driver is gone without a word, and the
 * VF is reset. */
void memnic_crash(struct memnic *nic);
/* Ends the promiscuity that a refused address has left behind. */
void memnic_calm(struct memnic *nic);
/*
 * Returns what earlier events have left: whether the VF has a filter for the address, and what its
 * driver did since its last reset. The other function restores it, except that no filter comes from
 * it.
 */
uint64_t memnic_lasting(const struct memnic *nic, const struct nfp_mac *address);
void memnic_set_lasting(struct memnic *nic, const struct nfp_mac *address, uint64_t lasting);
const struct nfp_mac *memnic_pf_address(const struct memnic *nic); /* what it held last */

/* ---- a whole ladder ---- */

/* Makes the usual configuration: rate 1000, 1.5 s, fresh addresses, announcements, no deadline. */
void memnic_config(struct memnic *nic, struct nfp_frame_accounting *accounting,
		   enum nfp_style style, struct nfp_runner_config *ret_config);
/* Runs one ladder with the usual configuration, on a new NIC with a new accounting. Returns what
 * the runner does. */
int memnic_run(const struct core_personality *personality,
	       const struct memnic_conditions *conditions, enum nfp_style style,
	       struct nfp_style_result *ret_result);
/*
 * Writes the landings of unicast, one letter a step in the order of the ladder: P pf, V vf, B both,
 * - nowhere, m mixed, ? none; r refused, s skipped, l skipped as allowed or absent.
 */
#define MEMNIC_ROW_LEN (NFP_STEP_COUNT + 1)
const char *memnic_row(const struct nfp_style_result *result, char row[MEMNIC_ROW_LEN]);
/* The same for another kind. */
const char *memnic_row_of(const struct nfp_style_result *result, enum nfp_kind kind,
			  char row[MEMNIC_ROW_LEN]);

/* ---- the drivers of this world ---- */

/* The archetypes of tests/drivers.def. */
extern struct core_personality memnic_archetypes[];
extern const size_t memnic_num_archetypes;
/*
 * Reads a NIC from words "key=value" of nic/keys.def, of which the last one of a key counts, or the
 * name of a key that is 1. Returns 0; -EOPNOTSUPP: NICs in memory cannot do what @ret_word says;
 * -EINVAL: it is no such word. @c (NULL: words for it are refused) gets the keys of the wire and of
 * the network.
 */
#define MEMNIC_WORD_LEN 64
int memnic_read(const char *keys, struct core_personality *p, struct memnic_conditions *c,
		char ret_word[MEMNIC_WORD_LEN]);
/* Returns a driver that nobody has written, the same one for the same seed; it refuses nothing. */
struct core_personality memnic_random(uint64_t seed);
/* Returns VLAN filters that nobody has built. */
struct core_vlans memnic_random_vlans(uint64_t seed);
/* Returns the archetype of that name; NULL: none. */
const struct core_personality *memnic_archetype(const char *name);

#endif
