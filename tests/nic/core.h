/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * core.h - a NIC's decisions, for the module in the kernel (tests/nfsim) and for the NIC in memory
 * (tests/memnic): functions of its personality, of a state, and of the time. The caller has the
 * time, locks, netdevs and frames. An effect has the time at which it is due, and the caller makes
 * it happen then. Addresses are CORE_MAC bytes.
 */
#ifndef NIC_CORE_H
#define NIC_CORE_H

#include "personality.h"

#define CORE_MAC 6

static inline bool core_is_mac(const uint8_t *a, const uint8_t *b)
{
	return !memcmp(a, b, CORE_MAC);
}

/* ---- filter.c: a VF's filter ---- */

/* The NIC's filter for a VF: one address. All zero: none. */
struct core_filter {
	bool on;
	uint8_t mac[CORE_MAC];
	uint64_t written;	  /* its number among all writes to the NIC's tables */
	uint64_t on_ns, off_ns;	  /* when it comes, and goes; 0: it does not */
	uint8_t coming[CORE_MAC]; /* the address that comes then, or was refused */
	bool was_reset;		  /* the VF was reset since the PF was set up; see "history" */
	bool came, left;	  /* since the VF's last reset, a driver came (left) */
	bool owed;		  /* an address was assigned before the VF was reset */
	bool refused;		  /* it would have come, but another has the address */
	bool back;		  /* what comes then was there before a reset; see "blip_ms" */
};

/* Bits: what has changed. */
#define CORE_FILTER_GOES  1u /* off_ns */
#define CORE_FILTER_COMES 2u /* on_ns */
#define CORE_FILTER_WENT  4u /* the filter was on, and no longer is */

static inline bool core_filter_has(const struct core_filter *filter, const uint8_t *mac)
{
	return filter->on && core_is_mac(filter->mac, mac);
}

/* Returns when it was written; 0: it does not have the address. */
static inline uint64_t core_filter_written(const struct core_filter *filter, const uint8_t *mac)
{
	return core_filter_has(filter, mac) ? filter->written ?: 1 : 0;
}

/* Does it have the address, or will it again after a reset? Drivers write the PF's addresses once a
 * reset is over: one task does both (ice_service_task, i40e_service_task). */
bool core_filter_keeps(const struct core_filter *filter, const uint8_t *mac);
/* An event happens to the VF, which tells the NIC the address @told; NULL: none. */
unsigned int core_filter_event(struct core_filter *filter, const struct core_personality *p,
			       enum core_event event, const uint8_t *told, uint64_t now_ns);
unsigned int core_filter_come(struct core_filter *filter, const struct core_personality *p,
			      const uint8_t *mac, uint64_t after_ns, uint64_t now_ns);
unsigned int core_filter_go(struct core_filter *filter, const struct core_personality *p,
			    uint64_t after_ns, uint64_t now_ns);
/* Returns CORE_FILTER_GOES or CORE_FILTER_COMES if the next change is due; else 0. */
unsigned int core_filter_due(const struct core_filter *filter, uint64_t now_ns);
/* Called at on_ns. @refused: another has the address. */
void core_filter_comes(struct core_filter *filter, bool refused, uint64_t written);

/* ---- switch.c: who gets a frame ---- */

/* May a source address that a VF has, or was assigned, leave by the PF? */
/* Does the switch forward to @at what is for it? */
bool core_reaches(const struct core_personality *p, enum core_from from, enum core_at at);
bool core_gets_broadcast(const struct core_personality *p, enum core_at at);
/* Returns the function that gets a frame whose address both have, written at these times; never
 * CORE_ARB_LAST. @station: the PF's is a station of its own. */
enum core_arb core_arbitrate(const struct core_personality *p, bool station, uint64_t pf_written,
			     uint64_t vf_written);
/* Does the PF see unicast that is not for it? @all: it is promiscuous; @owned: a VF has the
 * address. The NIC gives nobody its own frames back. */
bool core_pf_overhears(const struct core_personality *p, enum core_from from, bool all, bool owned);

/* ---- vlans.c ---- */

/* The VLANs that the PF, or a VF, has registered. All zero: none. */
struct core_vids {
	uint64_t on[CORE_VIDS / 64], had[CORE_VIDS / 64]; /* bits: now, and ever */
	unsigned int num;				  /* now, without VLAN 0 */
};

static inline bool core_vids_has(const uint64_t *bits, uint16_t vid)
{
	return bits[vid / 64] >> vid % 64 & 1;
}

/* Writes a request. */
void core_vids_set(struct core_vids *vids, const struct core_vlans *vlans, enum core_at at,
		   uint16_t vid, bool on);
/* A VF's driver is gone. */
void core_vids_leave(struct core_vids *vids, const struct core_vlans *vlans);

/* The VLAN of a frame. */
struct core_tag {
	uint16_t vid;
	bool unicast;
	bool others, had; /* a VF has registered it; has ever done so */
	bool all;	  /* the PF is promiscuous */
};
bool core_pf_gets_vlan(const struct core_vlans *vlans, const struct core_vids *pf,
		       const struct core_tag *tag);
bool core_vf_gets_vlan(const struct core_vlans *vlans, const struct core_vids *vf, uint16_t vid);

/* ---- owners.c: the PF's addresses beside its own, and one that a VF has as well ---- */

/* The PF's list, as the NIC has it. All zero: it is empty. */
struct core_list {
	unsigned int num;
	struct core_entry {
		uint8_t mac[CORE_MAC];
		bool dead;    /* wiped or refused, while the kernel believes that it is there */
		bool refused; /* refused when it was added: a VF had the address */
		uint64_t written;
	} list[CORE_MAX_UC];
	bool overflows;		/* a refusal made the PF promiscuous, and it still is */
	unsigned int threshold; /* until it has fewer addresses than that */
};

/* Does the NIC learn nothing of what the PF's netdev wants? */
bool core_pf_is_untold(const struct core_personality *p);
/* Does it learn nothing of its list, in these modes? */
bool core_pf_is_unwritten(const struct core_personality *p, bool promisc, bool allmulti);
/* Returns the place of an address in the list; -1: it is not there. */
int core_pf_find(const struct core_list *pf, const uint8_t *mac);
/* Returns when it was written; 0: it is not there, or dead. */
uint64_t core_pf_has(const struct core_list *pf, const uint8_t *mac);
/* The driver writes an address, for which there is room. @vf_has: a VF has it. @writes: to the
 * NIC's tables, so far. */
struct core_entry *core_pf_add(struct core_list *pf, const struct core_personality *p,
			       const uint8_t *mac, bool vf_has, uint64_t *writes);
void core_pf_drop(struct core_list *pf, const struct core_personality *p, const uint8_t *mac,
		  uint64_t *writes);
/* Does the entry, which was refused, come after all? */
bool core_pf_retry(struct core_entry *entry, const struct core_personality *p, bool vf_has,
		   uint64_t *writes);
/* The NIC takes the entry away. Was it there? */
bool core_pf_kill(struct core_list *pf, const uint8_t *mac);
bool core_pf_blocks_groups(const struct core_list *pf, const struct core_personality *p);
/* Is the PF promiscuous because an address is refused? @beside: how many addresses it has beside
 * the list. */
bool core_pf_overflows(struct core_list *pf, const struct core_personality *p, unsigned int beside);

/* Does the VF's filter, which comes, have no effect? @pf_has: the PF has the address. */
bool core_vf_is_refused(const struct core_personality *p, bool pf_has);
/* The PF has dropped an address, for which the filter may have been refused. Returns what has
 * changed. */
unsigned int core_vf_retry(struct core_filter *filter, const struct core_personality *p,
			   const uint8_t *dropped, uint64_t now_ns);

/* ---- groups.c ---- */

/* Groups. */
struct core_joined {
	unsigned int num;
	struct {
		uint8_t mac[CORE_MAC];
		bool dead; /* wiped or forgotten, while the driver believes that it is there */
	} list[CORE_MAX_GROUPS];
};

/* The PF, or a VF, and its groups. All zero: none. */
struct core_member {
	struct core_joined joined;
	struct core_joined stolen; /* stolen by a VF: the PF does not get these; see "mc_steal" */
	bool all;		   /* the PF's allmulticast mode is written */
};

/* Returns the place of a group in the list; -1: it is not there. */
int core_joined_find(const struct core_joined *joined, const uint8_t *group);
/* Adds a group. One that is there already, even dead, is not written again. */
void core_joined_add(struct core_joined *joined, const uint8_t *group);
void core_joined_drop(struct core_joined *joined, int place);
/* Is it there, and not dead? */
bool core_joined_has(const struct core_joined *joined, const uint8_t *group);
/* Returns the hashes of those that are not dead, as bits. */
uint32_t core_joined_hashes(const struct core_joined *joined);
uint32_t core_group_hash(const uint8_t *group);

/* Bits: the events that do something to groups. */
#define CORE_GROUPS_KILLED 1u /* the VF's die, until they are joined anew */
#define CORE_GROUPS_WIPED  2u /* the PF's are wiped */
#define CORE_GROUPS_BACK   4u /* what the VF has stolen comes back */
unsigned int core_groups_event(const struct core_personality *p, enum core_event event);
/* Loses these groups, once they are due. */
void core_groups_lose(unsigned int what, struct core_member *pf, struct core_member *vf);
/* As after power-on: the NIC has what the drivers believe that it has. */
void core_groups_revive(struct core_member *member);
/* The VF has joined some, which the PF may lose. */
void core_groups_steal(const struct core_personality *p, struct core_member *vf, bool trusted);

/* Returns which groups a VF gets. */
enum core_groups core_vf_groups(const struct core_personality *p, bool trusted);

/* A frame to a group. */
struct core_group {
	const uint8_t *mac;
	bool stolen; /* a VF has stolen it */
	bool hashed; /* the receiver has joined any, and the table has its hash */
};
/* @promisc: the PF is in that mode. */
bool core_pf_gets_group(const struct core_personality *p, const struct core_member *pf,
			const struct core_group *group, bool promisc);
bool core_vf_gets_group(const struct core_personality *p, const struct core_member *vf,
			const struct core_group *group, bool trusted);

/* ---- net.c: the switch of the network, and what any switch learns ---- */

/* The addresses, or the groups, that a switch has learned, oldest first. All zero: none, there is
 * room for CORE_KNOWN, and nothing is forgotten. */
struct core_known {
	unsigned int most; /* at one port; 0: CORE_KNOWN */
	bool evicts;	   /* the oldest makes room */
	uint64_t age_ns;   /* forgets what was not seen for so long; 0: never */
	uint64_t damp_ns;  /* what has moved stays for so long */
	unsigned int num;
	struct core_one {
		uint8_t mac[CORE_MAC];
		unsigned int port; /* a port of the network: 0 is the NIC's, 1 the source's */
		uint64_t from_ns;  /* used from then on */
		uint64_t seen_ns;
		uint64_t moved_ns; /* 0: it has never moved */
	} list[CORE_KNOWN];
};

/* Returns what is known. NULL: nothing yet. */
const struct core_one *core_net_find(const struct core_known *known, const uint8_t *mac,
				     uint64_t now_ns);
void core_net_learn(struct core_known *known, const uint8_t *mac, unsigned int port,
		    uint64_t from_ns, uint64_t now_ns);
void core_net_forget(struct core_known *known, unsigned int port);
/* Forgets those that have aged. Returns when the next one will; 0: none. */
uint64_t core_net_age(struct core_known *known, uint64_t now_ns);
/* Does the switch pass unicast to the NIC's port, or (@far) to the source's? */
bool core_net_passes(const struct core_known *hosts, bool suppresses, const uint8_t *mac, bool far,
		     uint64_t now_ns);
bool core_net_passes_group(const struct core_known *groups, bool snoops, const uint8_t *group,
			   uint64_t now_ns);

struct core_outage {
	uint64_t from_ns, for_ns; /* for 0: there is none */
	bool unicast_alone;
};
bool core_net_pauses(const struct core_outage *pause, bool unicast, uint64_t now_ns);

#endif
