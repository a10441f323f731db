// SPDX-License-Identifier: GPL-2.0-or-later
/* What the keys of a personality make of a NIC. */
#include "personality.h"

#define EVENT(event) CORE_BIT(CORE_ON_##event)

static uint64_t ms(uint32_t number)
{
	return number * CORE_MS;
}

static enum core_groups groups_of(uint32_t mc)
{
	static const enum core_groups groups[] = {
		[CORE_MC_FILTER] = CORE_GROUPS_JOINED,
		[CORE_MC_ALL] = CORE_GROUPS_ALL,
		[CORE_MC_HASH] = CORE_GROUPS_HASHED,
		[CORE_MC_TRUST] = CORE_GROUPS_NONE,
	};

	return groups[mc];
}

/* When the VF's filter comes and goes, and whom the switch inside the NIC serves. */
static void set_tables(struct core_personality *p, const struct core_keys *k)
{
	int event;

	for (event = 0; event < CORE_EVENTS; event++) {
		bool both = p->comes_on & p->goes_on & CORE_BIT(event);

		p->comes_after_ns[event] = ms(k->come_ms);
		p->goes_after_ns[event] = both ? 0 : ms(k->go_ms);
	}
	p->no_loop[CORE_FROM_VF][CORE_AT_PF] = !k->loop_vf_pf;
	p->returns[CORE_AT_VF] = k->loop_vf_pf;
	p->returns[CORE_AT_PF] = k->loop_pf_pf;
	p->no_loop[CORE_FROM_VF][CORE_AT_VF] = !k->loop_vf_vf;
	p->no_loop[CORE_FROM_PF][CORE_AT_PF] = !k->loop_pf_pf;
	p->no_loop[CORE_FROM_PF][CORE_AT_VF] = !k->loop_pf_vf;
}

void core_personality_of(const struct core_keys *k, struct core_personality *ret_personality)
{
	struct core_personality *p = ret_personality;

	memset(p, 0, sizeof(*p));
#define TRAIT(type, name, ...)	    p->name = __VA_ARGS__;
#define VLAN_TRAIT(type, name, ...) p->vlan.name = __VA_ARGS__;
#include "traits.def"
	set_tables(p, k);
}
