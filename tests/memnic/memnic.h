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

#include "nfprobe/probe.h"
#include "nic/keys.h"

struct memnic;

/* What the NIC's own switch does with unicast that the PF sends. */
enum memnic_inside {
	MEMNIC_INSIDE_FILTERS, /* what is in the filter of PF or VF stays inside */
	MEMNIC_INSIDE_NONE,    /* it has no switch: everything leaves */
	MEMNIC_INSIDE_LEARNS, /* .. what it learned there stays, from what is sent; no filter counts
			       */
	MEMNIC_INSIDE_COPIES, /* it delivers, and sends out as well */
};

/* The frames to groups that a receiver gets, beside those to all nodes. */
enum memnic_groups {
	MEMNIC_GROUPS_JOINED,
	MEMNIC_GROUPS_HASHED, /* .. and those with the hash of a joined one: the unjoined, too */
	MEMNIC_GROUPS_ALL,
	MEMNIC_GROUPS_NONE, /* a VF that gets them only when it is trusted, which it never is */
};

/* What a second VF gets beside what a VF gets anyway. */
enum memnic_second {
	MEMNIC_SECOND_ENTRY, /* the address that it has in its list */
	MEMNIC_SECOND_OWN,   /* nothing */
	MEMNIC_SECOND_ALL,   /* what is in no filter: it is trusted to be promiscuous */
};

/* The receivers of a VLAN's frames. All zero: there is no filter, and every tag passes. */
struct memnic_vlans {
	bool filters;	     /* the PF gets only what it has registered .. */
	bool from_first;     /* .. once it has registered any, .. */
	bool promisc_passes; /* .. unless it is promiscuous, .. */
	bool default_pool;   /* .. and unicast that anybody has registered (QEMU's igb) */
	bool bypasses_pools; /* its own registration is for unicast alone, unless another has it */
	bool stolen_by_vf;   /* it gets no VLAN any more that the VF has registered once */
	bool vf_filters;     /* the VF gets only what it has registered */
	bool vf_keeps;	     /* .. and keeps that when its driver goes */
	bool vf_deaf;	     /* .. and gets no VLAN at all */
	bool vf_checked;     /* the VF sends only in what it has registered */
	bool vf_ignored, pf_ignored; /* they say yes and register nothing */
	int vf_errno, pf_errno;	     /* .. or say no; 0: they do not */
	uint64_t after_ns;	     /* it is written so much later */
};

/* The NIC's answers to a guest that asks for more. All zero: nothing, and the sources of what it
 * sends are checked if the host says so. */
struct memnic_guest {
	unsigned int addresses, trusted_addresses; /* so many more; 4 at most */
	enum core_lets allmulti, promisc, address;
	bool overhears;	     /* a promiscuous VF gets what siblings send to nobody, too */
	bool gets_strangers; /* it gets unicast to nobody without asking */
	/* .. and a promiscuous one, too, only where the NIC has learned the address nowhere. */
	bool unlearned_alone;
	unsigned int hashes; /* it gets one of so many addresses without asking; 0: none */
	uint64_t tick_ns;    /* its driver passes on what it asks for so often; 0: at once */
	bool keeps_old;	     /* with another address of its own it gets the old one, too */
	bool forges;	     /* a source that is not its own leaves, whatever the host says */
	bool forges_inside;  /* .. to a sibling */
	bool stops_checking; /* .. once it has another address, until the host says it again */
	bool reset_permits;  /* a reset turns trust and spoof checking off, which the PF reports */
	bool blocks;	     /* no mode is written while it asks for an address that has no room */
	/* Left behind when its driver goes. */
	bool leaves_second, leaves_new, leaves_allmulti, leaves_promisc;
	bool trust_ignored; /* the host is told that all is well, and no VF is ever trusted */
	int permit_errno;   /* the host cannot change trust and spoof checking; 0: it can */
};

struct memnic_personality {
	const char *name;
	const char *archetype; /* its number, tests/drivers.def */

	/* The VF's filter for its address comes and goes with these events (CORE_BIT), so much
	 * later. Where one event does both, it goes first. */
	uint32_t comes_on, goes_on;
	uint64_t comes_after_ns[CORE_EVENTS], goes_after_ns[CORE_EVENTS];
	uint64_t blip_ns;    /* a filter that is there at a reset goes, and is back so much later */
	bool reset_needs_up; /* at a reset its filter comes only if the VF was up before */
	bool needs_reset_first; /* no filter until the VF was reset once since the PF was set up */
	bool forgets_on_down;	/* the assigned address too */
	enum core_arb winner;
	uint64_t hold_after_ns, release_after_ns; /* the PF's filter is programmed late */

	bool assign_wipes_pf, clear_wipes_pf; /* the PF's entry of the same address */
	int assign_errno; /* assign answers so while the PF holds the address; 0: it does not */
	bool assign_ignored, hold_ignored; /* .. or they say yes and do nothing */
	bool retries, pf_retries;	   /* .. until the other has dropped the address */
	bool table_full;		   /* the PF has no room, and nobody is told */
	bool no_unicast_filter;		   /* the kernel makes the PF promiscuous instead */
	bool promisc_when_refused;	   /* a PF without its entry turns promiscuous instead */
	bool promisc_stays;		   /* .. for good, also when it has dropped the address */

	int clear_errno;   /* no address is taken any more */
	bool zero_refused; /* another takes its place */
	bool gone_refused; /* .. where the VF's filter has gone already */
	bool no_reset;	   /* no function-level reset */
	int bind_errno, up_errno, unbind_errno;
	bool wrong_once; /* at the first bind the netdev has another address: it is bound anew */

	/* Unicast that is in no filter. */
	bool pf_default_from_wire, pf_default_from_inside;
	bool promisc_from_inside; /* a promiscuous PF sees it from a sibling VF or the PF as well */
	bool promisc_sees_owned;  /* .. and what is in the VF's filter */
	bool promisc_takes_owned; /* .. which the VF does not get then */
	bool vf_deaf;		  /* the VF gets nothing ever (representors do) */
	bool pf_no_broadcast, vf_no_broadcast;
	bool vf_keeps_tag; /* a VF in a VLAN is shown its tag, and serves nobody */
	/* The NIC's switch gives this receiver nothing that is for it from there. */
	bool no_loop[NFP_SOURCE_COUNT][NFP_RECEIVER_COUNT];
	enum memnic_second second;
	/* A macvtap is a station of its own, which no refusal concerns. */
	bool station;
	enum core_arb station_winner;

	/* Multicast. */
	enum memnic_groups pf_groups, vf_groups;
	uint64_t join_after_ns; /* a group is programmed so long after it was joined */
	/* The PF's filter of groups has so many buckets, and passes all that others have joined
	 * (conditions.others_groups); 0: groups do not collide. */
	unsigned int group_buckets;
	uint32_t vf_forgets_on;	    /* the VF gets no group from then on (CORE_BIT) */
	bool vf_steals_group;	    /* the PF does not get what the VF has joined .. */
	uint32_t group_back_on;	    /* .. until then, whatever the VF has joined by then */
	uint32_t pf_wiped_on;	    /* the PF gets no group it has joined before */
	bool wipes_allmulti;	    /* .. nor all */
	uint64_t group_lost_ns;	    /* so long after these events */
	bool refused_blocks_groups; /* a PF whose address is refused gets no new group */
	bool allmulti_ignored;	    /* a PF that is to get all groups gets none for that */
	bool promisc_passes_groups; /* a promiscuous PF gets all groups, ALLMULTI or not */

	/* The driver takes the PF's carrier for a while, so long after these events. */
	uint32_t blinks_on;
	uint64_t blink_after_ns, blink_for_ns;

	/* PF and VF hear nothing for so long after these events: the driver resets the NIC. */
	uint32_t stuns_on;
	uint64_t stun_ns;
	uint64_t period_ns; /* filters are written by a task that runs so often; 0: at once */

	/* The PF gets back what itself (NFP_AT_PF) or the VF sends to everybody. */
	bool returns[NFP_RECEIVER_COUNT];

	/* The NIC's switch learns from what PF and VF send, and delivers an address that it knows
	 * there alone. It forgets what it learned at the VF with these events. */
	bool learns;
	bool learns_arp; /* .. from ARP and RARP alone */
	uint32_t unlearns_on;
	uint64_t unlearns_after_ns; /* .. and what was silent for so long; 0: never */

	/*
	 * Not 0: landings are not made of filters, but looked up in a table drawn with this number
	 * (table.c): by what happened to the VF last, whether the PF holds the address, the order
	 * of the two, how often it was assigned, the style. Odd entries beside the fit ones are
	 * those whose bits are set in table_odd.
	 */
	uint64_t table;
	uint32_t table_odd;

	enum memnic_inside inside;
	enum core_pf_spoof pf_spoof;
	struct memnic_vlans vlan;
	struct memnic_guest guest;
};

/* The network stands still. */
struct memnic_pause {
	uint64_t from_ns, for_ns;
	bool unicast_alone;
};
#define MEMNIC_PAUSES 2

/* A member of a bond upstream is dead: what its hash of the destination sends there is lost. */
struct memnic_bond {
	unsigned int members, dead; /* 0 members: there is no bond */
	uint64_t from_ns, for_ns;   /* 0: for good */
};

struct memnic_conditions {
	enum nfp_source source;
	uint64_t seed;
	unsigned int loss_permille, duplicate_permille; /* of frames */
	uint64_t latency_ns, jitter_ns;			/* 0: 50 us, none */
	/* Frames meet the NIC so long after the switch has passed them; latency_ns is behind it. */
	uint64_t before_ns, before_jitter_ns;
	struct memnic_pause pauses[MEMNIC_PAUSES];
	struct memnic_bond bond;

	/*
	 * The switch that the NIC is connected to. It learns addresses and groups from frames that
	 * reach it, and forgets them when the carrier goes.
	 */
	bool suppress_unknown;	     /* it delivers only addresses that it has learned */
	bool far_knows_all;	     /* .. but for the port of the source */
	unsigned int flood_permille; /* .. and so many of the frames to others: storm control */
	/* .. but once so many were passed, none for so long (0: for good); 0 frames: it does not */
	unsigned int storm_frames;
	uint64_t storm_ns;
	uint64_t learn_after_ns;  /* .. so long after the frame that showed them */
	uint64_t learn_within_ns; /* .. and up to so much longer, which differs by address */
	uint64_t advertise_ns;	  /* .. and at most so often, all that is new at once: EVPN */
	unsigned int learn_max; /* so many on the NIC's port, beside the PF's own; 0: any number */
	bool learn_evicts;	/* .. and the oldest makes room for a new one */
	bool learn_drops;	/* .. and it drops what comes from one that has no room */
	uint64_t flush_ns;	/* it forgets all then, with the carrier there; 0: never */
	uint64_t age_ns;	/* what was not sent from for so long is forgotten; 0: never */
	uint64_t damp_ns; /* what has moved between its ports stays for so long; 0: moves again */
	uint64_t forward_after_ns; /* the port passes nothing so long after the carrier is back */
	bool multicast_blocked;	   /* no multicast at all */
	bool tagged;		   /* the frames have the tag of the VF's VLAN */
	bool mld_snooping;	   /* only groups that were reported, and all nodes */
	unsigned int groups_max;   /* .. of which the port has room for so many; 0: for all */
	uint64_t others_groups;	   /* buckets in which others have joined a group, as bits */
	unsigned int report_loss_permille; /* of reports alone */
	/* A sibling VF is promiscuous then, and the NIC gives it what is in no filter. */
	struct {
		uint64_t from_ns, for_ns;
	} sibling;
	bool all_multicast;    /* another process has the PF take every group */
	uint64_t group_age_ns; /* a group not reported for so long is forgotten; 0: never */
	struct {
		bool blocked, free_blocked; /* the network brings no guest's VLAN, none of nobody */
		bool suppressed;  /* .. nor unicast in it to who has not sent in it from here */
		bool sibling;	  /* a sibling VF has registered the guest's VLAN, */
		bool bridge;	  /* .. the PF's bridge, for good */
		bool swallowed;	  /* a netdev on the PF has it, */
		int search_errno; /* .. or that cannot be found out */
	} vlan;
	bool openvswitch;	     /* the PF is its port: promiscuous without ALLMULTI */
	bool announce_kills_carrier; /* port security */
	bool source_deaf;	     /* nothing that the PF sends is heard at the source */
	uint64_t source_deaf_ns;     /* the same from then on; 0: never */

	/* A station on the wire has this address, too, and sends to all at station_ns (0: never),
	 * and so often from then on (0: once). */
	struct nfp_mac station;
	uint64_t station_ns, station_every_ns;

	/* Faults; 0: never. Times are on the virtual clock, which begins at MEMNIC_BEGIN_NS. */
	uint64_t carrier_down_ns, carrier_up_ns;
	uint64_t change_ns, gone_ns;
	uint64_t answer_ns;  /* without its carrier the host takes so long to say what others did */
	bool change_unheard; /* no notification tells of it */
	bool change_lasts;   /* the PF is promiscuous from then on */
	uint64_t stop_ns;    /* memnic_stop says true from then on */
	uint64_t mute_ns, mute_for_ns; /* nothing that is sent from then on arrives, for so long */
	uint64_t mute_every_ns;	       /* .. and so again and again; 0: once */
	/* The source is a neighbour that answers ARP, each frame an answer, by nfprobe's codec. */
	bool arp;
	unsigned int arp_police;	 /* it answers so many a second; 0: all */
	uint64_t arp_trip_ns;		 /* its answer is so long under way */
	uint64_t stall_ns, stall_for_ns; /* the source sends nothing from then on, for so long */
	uint64_t stall_every_ns;
	bool stall_stops_us; /* .. nor does the runner run */
	uint64_t drop_ns;
	uint64_t drop_frames;	/* the capture loses so many from drop_ns on */
	unsigned int fail_call; /* this call of a host operation (from 1) .. */
	int fail_errno;		/* .. fails */
	enum nfp_errcode fail_code;
};

#define MEMNIC_BEGIN_NS NFP_NSEC_PER_SEC

/* NULL when out of memory. */
struct memnic *memnic_new(const struct memnic_personality *personality,
			  const struct memnic_conditions *conditions);
void memnic_free(struct memnic *nic);
struct nfp_host memnic_host(struct memnic *nic);
struct nfp_wire memnic_wire(struct memnic *nic);
/* The wire of a neighbour, which is the PF itself. */
struct nfp_wire memnic_neighbour(struct memnic *nic);
/* .. which is a sibling VF that sends to a guest here. */
struct nfp_wire memnic_sibling(struct memnic *nic);
bool memnic_stop(void *nic);
/* Frames exist only here: @tap is given those that are accounted for. Copies both. */
void memnic_tap(struct memnic *nic, const struct nfp_tap *tap, const struct nfp_frame_id *id);
const struct memnic_conditions *memnic_conditions_of(const struct memnic *nic);

/* The operations so far, "hold assign reset ", as much as fits 1,000 bytes. */
const char *memnic_log(const struct memnic *nic);
unsigned int memnic_calls(const struct memnic *nic);  /* of host operations but news */
uint64_t memnic_frames(const struct memnic *nic);     /* sent so far */
unsigned int memnic_rounds(const struct memnic *nic); /* of the transmit test, so far */
/* Where a frame of @kind goes now: bits 1 << enum nfp_receiver. The truth, for tests. */
unsigned int memnic_reach(const struct memnic *nic, enum nfp_kind kind);
bool memnic_listens(const struct memnic *nic); /* somebody captures at the VF */
/* A frame from @from leaves there, for everybody, as a guest announces itself: by ARP. */
void memnic_send(struct memnic *nic, enum nfp_receiver at, const struct nfp_mac *from);
/* The same from the wire, where a guest is that has left. */
void memnic_send_far(struct memnic *nic, const struct nfp_mac *from);
/* Does what a sibling VF sends to @mac arrive there now? The truth, for tests. */
bool memnic_arrives(struct memnic *nic, enum nfp_receiver at, const struct nfp_mac *mac);
/* Does the NIC drop what the PF sends from @mac now? The truth, for tests. */
bool memnic_drops(const struct memnic *nic, const struct nfp_mac *mac);
/* Does what the PF sends to @mac leave the NIC now? The truth, for tests. */
bool memnic_leaves(const struct memnic *nic, const struct nfp_mac *mac);
/* Between two ladders, as the host does it: PF and VF without the address, the VF without driver.
 */
void memnic_undo(struct memnic *nic);
/* From now on the standby is of that style, and listens at its port. */
void memnic_set_style(struct memnic *nic, enum nfp_style style);
/* From now on frames enter there. */
void memnic_set_source(struct memnic *nic, enum nfp_source source);
/* The promiscuity that a refused address has left behind ends. */
void memnic_calm(struct memnic *nic);
/*
 * What earlier events have made last: the entries of a table NIC, and whether the VF has a filter
 * for the address. To be told, and to be made so, except that no filter comes from it.
 */
uint64_t memnic_lasting(const struct memnic *nic, const struct nfp_mac *address);
void memnic_set_lasting(struct memnic *nic, const struct nfp_mac *address, uint64_t lasting);
struct nfp_mac memnic_own_mac(void);				   /* of the PF */
const struct nfp_mac *memnic_pf_address(const struct memnic *nic); /* what it held last */

/* ---- a whole ladder ---- */

/* The usual configuration: rate 1000, 1.5 s, fresh addresses, announcements, no deadline. */
void memnic_config(struct memnic *nic, struct nfp_frame_accounting *accounting,
		   enum nfp_style style, struct nfp_runner_config *ret_config);
/* New NIC, new accounting, one ladder with the usual configuration. The return value is the
 * runner's.
 */
int memnic_climb(const struct memnic_personality *personality,
		 const struct memnic_conditions *conditions, enum nfp_style style,
		 struct nfp_style_result *ret_result);
/*
 * The landings of unicast, one letter a step in the order of the ladder: P pf, V vf, B both,
 * - nowhere, m mixed, ? none; r refused, s skipped, l skipped with leave or absent.
 */
#define MEMNIC_ROW_LEN (NFP_STEP_COUNT + 1)
const char *memnic_row(const struct nfp_style_result *result, char row[MEMNIC_ROW_LEN]);
/* The same of another kind. */
const char *memnic_row_of(const struct nfp_style_result *result, enum nfp_kind kind,
			  char row[MEMNIC_ROW_LEN]);

/* ---- the drivers of this world ---- */

/* The archetypes of tests/drivers.def. */
extern struct memnic_personality memnic_archetypes[];
extern const size_t memnic_num_archetypes;
/*
 * A NIC by words "key=value" of nic/keys.def, of which the last one of a key counts, or
 * the name of a key that is 1. Returns 0; -EOPNOTSUPP: NICs in memory do not do what
 * @ret_word says; -EINVAL: it is no such word. @c (NULL: they fit no more then) gets the keys of
 * the wire and of the network.
 */
#define MEMNIC_WORD_LEN 64
int memnic_read(const char *keys, struct memnic_personality *p, struct memnic_conditions *c,
		char ret_word[MEMNIC_WORD_LEN]);
/* A driver nobody has written, the same one for the same seed; nothing is refused by it. */
struct memnic_personality memnic_random(uint64_t seed);
/* VLAN filters nobody has built. */
struct memnic_vlans memnic_random_vlans(uint64_t seed);
/* Answers that no NIC gives. */
struct memnic_guest memnic_random_guest(uint64_t seed);
/* Is the address one of those that such a NIC gives to a VF without being asked? */
bool memnic_is_hashed(const struct memnic_guest *guest, const struct nfp_mac *mac);
/* Before the sheet is taken: as the host has the VF. */
void memnic_set_permits(struct memnic *nic, int trust, int spoofchk);
unsigned int memnic_forged(const struct memnic *nic); /* frames with a forged source, so far */
/* By name; NULL: there is none. */
const struct memnic_personality *memnic_archetype(const char *name);

#endif
