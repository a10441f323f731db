/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * personality.h - what a NIC does, as its core decides: the traits (traits.def) that the keys of a
 * personality (keys.h) give it, and those of NICs in memory that have no key.
 */
#ifndef NIC_PERSONALITY_H
#define NIC_PERSONALITY_H

#include "keys.h"

#define CORE_MS UINT64_C(1000000) /* in ns */

/* Where a frame comes from, and who may get it. */
enum core_from { CORE_FROM_WIRE, CORE_FROM_VF, CORE_FROM_PF, CORE_FROMS };
enum core_at { CORE_AT_PF, CORE_AT_VF, CORE_ATS };

/* Which frames to groups a receiver gets, beside those to all nodes. */
enum core_groups {
	CORE_GROUPS_JOINED,
	CORE_GROUPS_HASHED, /* those with the hash of a joined one, joined or not */
	CORE_GROUPS_ALL,
	CORE_GROUPS_NONE,
};

/* What a second VF gets beside what any VF gets. */
enum core_second {
	CORE_SECOND_ENTRY, /* the address that it has in its list */
	CORE_SECOND_OWN,   /* nothing */
	CORE_SECOND_ALL,   /* what is in no filter: it is trusted to be promiscuous */
};

#define CORE_MEMBER(type, name, ...) type name;
#define VLAN_TRAIT		     CORE_MEMBER
struct core_vlans {
#include "traits.def"
};

#define TRAIT CORE_MEMBER
struct core_personality {
	const char *name;
	const char *archetype; /* its number in tests/drivers.def */
#include "traits.def"
	/* How long after these events the VF's filter comes and goes. */
	uint64_t comes_after_ns[CORE_EVENTS], goes_after_ns[CORE_EVENTS];
	/* The NIC's switch gives this receiver nothing that is for it from there. */
	bool no_loop[CORE_FROMS][CORE_ATS];
	/* The PF gets back what it (NFP_AT_PF) or the VF sends to everybody. */
	bool returns[CORE_ATS];
	struct core_vlans vlan;
};

void core_personality_of(const struct core_keys *k, struct core_personality *ret_personality);

#endif
