/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * personality.h - what a NIC does, as its core decides by it: the keys of a personality (keys.h),
 * and the traits of NICs in memory that have no key. Errors are positive errno values.
 */
#ifndef NIC_PERSONALITY_H
#define NIC_PERSONALITY_H

#include "keys.h"

#define CORE_MS UINT64_C(1000000) /* in ns */

/* Where a frame comes from, and who may get it. */
enum core_from { CORE_FROM_WIRE, CORE_FROM_VF, CORE_FROM_PF, CORE_FROMS };
enum core_at { CORE_AT_PF, CORE_AT_VF, CORE_ATS };

/* What the NIC's own switch does with unicast that the PF sends. */
enum core_inside {
	CORE_INSIDE_FILTERS, /* what is in the filter of PF or VF stays inside */
	CORE_INSIDE_NONE,    /* it has no switch: everything leaves */
	CORE_INSIDE_LEARNS, /* frames to what it learned there stay, as it learns from what is sent;
			     * no filter counts
			     */
	CORE_INSIDE_COPIES, /* it delivers, and sends out as well */
};

/* The frames to groups that a receiver gets, beside those to all nodes. */
enum core_groups {
	CORE_GROUPS_JOINED,
	CORE_GROUPS_HASHED, /* those with the hash of a joined one: the unjoined, too */
	CORE_GROUPS_ALL,
	CORE_GROUPS_NONE,
};

/* What a second VF gets beside what a VF gets anyway. */
enum core_second {
	CORE_SECOND_ENTRY, /* the address that it has in its list */
	CORE_SECOND_OWN,   /* nothing */
	CORE_SECOND_ALL,   /* what is in no filter: it is trusted to be promiscuous */
};

/* The receivers of a VLAN's frames. All zero: there is no filter, and every tag passes. */
struct core_vlans {
	bool filters;	     /* the PF gets only what it has registered */
	bool from_first;     /* it filters once the PF has registered any */
	bool promisc_passes; /* a promiscuous PF gets all */
	bool default_pool;   /* it gets unicast that anybody has registered (QEMU's igb) */
	bool bypasses_pools; /* its own registration is for unicast alone, unless another has it */
	bool stolen_by_vf;   /* it gets no VLAN any more that the VF has registered once */
	bool vf_filters;     /* the VF gets only what it has registered */
	bool vf_from_first;  /* it filters once the VF has registered any */
	bool vf_keeps;	     /* the VF keeps its VLANs when its driver goes */
	bool vf_deaf;	     /* the VF gets no VLAN at all */
	bool vf_checked;     /* the VF sends only in what it has registered */
	bool vf_ignored, pf_ignored; /* they say yes and register nothing */
	int vf_errno, pf_errno;	     /* they say no so; 0: they do not */
	uint64_t after_ns;	     /* it is written so much later */
};

/* The NIC's answers to a guest that asks for more. All zero: nothing, and the sources of what it
 * sends are checked if the host says so. */
struct core_guest {
	unsigned int addresses, trusted_addresses; /* so many more; 4 at most */
	enum core_lets allmulti, promisc, address;
	bool overhears;	     /* a promiscuous VF gets what siblings send to nobody, too */
	bool gets_strangers; /* it gets unicast to nobody without asking */
	/* A promiscuous VF, too, gets it only where the NIC has learned the address nowhere. */
	bool unlearned_alone;
	unsigned int hashes; /* it gets one of so many addresses without asking; 0: none */
	uint64_t tick_ns;    /* its driver passes on what it asks for so often; 0: at once */
	bool keeps_old;	     /* with another address of its own it gets the old one, too */
	bool forges;	     /* a source that is not its own leaves, whatever the host says */
	bool forges_inside;  /* such a source reaches a sibling */
	bool stops_checking; /* unchecked once it has another address, until the host says it again
			      */
	bool reset_permits;  /* a reset turns trust and spoof checking off, which the PF reports */
	bool blocks;	     /* no mode is written while it asks for an address that has no room */
	/* Left behind when its driver goes. */
	bool leaves_second, leaves_new, leaves_allmulti, leaves_promisc;
	bool trust_ignored; /* the host is told that all is well, and no VF is ever trusted */
	int permit_errno;   /* the host cannot change trust and spoof checking; 0: it can */
};

enum core_ipv4 {
	CORE_IPV4_SAME, /* as other frames */
	CORE_IPV4_VF,
	CORE_IPV4_ASSIGNED, /* the VF while it is assigned the address; else as other frames */
	CORE_IPV4_PF,
	CORE_IPV4_DROP,
};

struct core_personality {
	const char *name;
	const char *archetype; /* its number, tests/drivers.def */

	/* The VF's filter for its address comes and goes with these events (CORE_BIT), so much
	 * later. Where one event does both, it goes first. */
	uint32_t comes_on, goes_on;
	uint32_t beside_comes_on; /* and, beside another VF that is up, with these */
	uint32_t once_comes_on;	  /* of comes_on: only until the VF was up */
	uint32_t waits_on;	  /* of comes_on: it waits until another VF is set up */
	bool idle_alone;	  /* it counts, while the VF is not up, only beside none that is */
	uint64_t comes_after_ns[CORE_EVENTS], goes_after_ns[CORE_EVENTS];
	uint64_t blip_ns;    /* a filter that is there at a reset goes, and is back so much later */
	bool reset_needs_up; /* at a reset its filter comes only if the VF was up before */
	bool needs_reset_first; /* no filter until the VF was reset once since the PF was set up */
	bool back_needs_reset;	/* no filter once its driver has gone, until the next reset */
	bool clear_needs_reset; /* clearing does nothing from when a driver comes until then */
	bool forgets_on_down;	/* the assigned address too */
	bool rewrites;		/* the PF's own filters are written anew when one comes or goes */
	enum core_arb winner, inside_winner;	  /* inside: BOTH is as from the wire */
	uint64_t hold_after_ns, release_after_ns; /* the PF's filter is programmed late */

	bool promisc_yields;		      /* to another VF that is up: it sees nothing more */
	bool others_wipe_pf;		      /* its entries, at an ifup or reset of another VF */
	bool resets_wipe_pf;		      /* at a reset alone */
	bool assign_wipes_pf, clear_wipes_pf; /* the PF's entry of the same address */
	int assign_errno; /* assign answers so while the PF holds the address; 0: it does not */
	bool assign_ignored, hold_ignored; /* they say yes and do nothing */
	bool retries, pf_retries;  /* they try again until the other has dropped the address */
	bool table_full;	   /* the PF has no room, and nobody is told */
	bool no_unicast_filter;	   /* the kernel makes the PF promiscuous instead */
	bool promisc_when_full;	   /* a PF without room turns promiscuous instead */
	bool promisc_when_refused; /* a PF whose entry is refused turns promiscuous instead */
	bool promisc_stays;	   /* until it has dropped a quarter of its addresses as well */

	int clear_errno;   /* no address is taken any more */
	bool zero_refused; /* another takes its place */
	bool no_reset;	   /* no function-level reset */
	int bind_errno, up_errno, unbind_errno;
	bool wrong_once; /* at the first bind the netdev has another address: it is bound anew */

	/* Unicast that is in no filter. */
	bool pf_default_from_wire, pf_default_from_inside;
	bool promisc_from_inside; /* a promiscuous PF sees it from another VF or the PF as well */
	bool promisc_sees_owned;  /* it sees what is in the VF's filter, too */
	bool promisc_takes_owned; /* it takes that from the VF */
	bool vf_deaf;		  /* the VF gets nothing ever (representors do) */
	enum core_ipv4 ipv4;	  /* the receiver of IPv4 to the guest's address */
	bool pf_no_broadcast, vf_no_broadcast;
	bool vf_keeps_tag; /* a VF in a VLAN is shown its tag, and serves nobody */
	/* The NIC's switch gives this receiver nothing that is for it from there. */
	bool no_loop[CORE_FROMS][CORE_ATS];
	enum core_second second;
	/* A macvtap is a station of its own, which no refusal concerns. */
	bool station;
	enum core_arb station_winner;

	/* Multicast. */
	enum core_groups pf_groups, vf_groups;
	uint64_t join_after_ns; /* a group is programmed so long after it was joined */
	/* The PF's filter of groups has so many buckets, and passes all that others have joined
	 * (conditions.others_groups); 0: groups do not collide. */
	unsigned int group_buckets;
	bool vf_groups_if_trusted;    /* a VF that is trusted gets what it has joined */
	uint32_t vf_groups_killed_on; /* the VF loses those that it has joined (CORE_BIT) */
	uint32_t vf_forgets_on;	      /* the VF loses them and gets none any more */
	bool vf_steals_group;	      /* the PF does not get what the VF has joined */
	uint32_t group_back_on; /* the PF gets it again then, whatever the VF has joined by then */
	uint32_t pf_wiped_on;	/* the PF gets no group it has joined before */
	bool wipes_allmulti;	/* the PF does not get all groups either */
	uint64_t group_lost_ns; /* so long after these events */
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
	/* A VF's filter is passed on by the VF's task, which runs so often, to the PF's. */
	uint64_t vf_turn_ns, pf_turn_ns;

	/* The PF gets back what itself (NFP_AT_PF) or the VF sends to everybody. */
	bool returns[CORE_ATS];

	/* The NIC's switch learns from what PF and VF send, and delivers an address that it knows
	 * there alone. It forgets what it learned at the VF with these events. */
	uint32_t learns; /* from these sorts of frames, bits of enum core_sort; 0: it does not */
	uint32_t unlearns_on;
	uint64_t unlearns_after_ns; /* it forgets what was silent for so long; 0: never */

	/*
	 * Not 0: landings are not made of filters, but looked up in a table drawn with this number
	 * (memnic/table.c): by what happened to the VF last, whether the PF holds the address, the
	 * order of the two, how often it was assigned, the style. Odd entries beside the fit ones
	 * are those whose bits are set in table_odd.
	 */
	uint64_t table;
	uint32_t table_odd;

	enum core_inside inside;
	enum core_pf_spoof pf_spoof;
	struct core_vlans vlan;
	struct core_guest guest;
};

void core_personality_of(const struct core_keys *keys, struct core_personality *ret_personality);

#endif
