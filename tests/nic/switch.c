// SPDX-License-Identifier: GPL-2.0-or-later
/* The switch in the NIC: who gets a frame. */
#include "core.h"

bool core_reaches(const struct core_personality *p, enum core_from from, enum core_at at)
{
	return from == CORE_FROM_WIRE || !p->no_loop[from][at];
}

bool core_gets_broadcast(const struct core_personality *p, enum core_at at)
{
	return at == CORE_AT_PF || !p->vf_no_broadcast;
}

enum core_arb core_arbitrate(const struct core_personality *p, bool station, uint64_t pf_written,
			     uint64_t vf_written)
{
	enum core_arb arb = station ? p->station_winner : p->winner;

	if (arb != CORE_ARB_LAST)
		return arb;
	return vf_written > pf_written ? CORE_ARB_VF : CORE_ARB_PF;
}

bool core_pf_overhears(const struct core_personality *p, enum core_from from, bool all, bool owned)
{
	bool wire = from == CORE_FROM_WIRE;

	if (from == CORE_FROM_PF)
		return false;
	all = all && (wire || p->promisc_from_inside);
	if (owned)
		return all && p->promisc_sees_owned;
	return all || (wire ? p->pf_default_from_wire : p->pf_default_from_inside);
}
