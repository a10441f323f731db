// SPDX-License-Identifier: GPL-2.0-or-later
/* An address that PF and VF both have, and a PF that gets no filter for one. */
#include "core.h"

bool core_vf_is_refused(const struct core_personality *p, bool pf_has)
{
	return p->assign_ignored && pf_has;
}

bool core_pf_is_refused(const struct core_personality *p, bool vf_has)
{
	return (p->hold_ignored || p->promisc_when_refused) && vf_has;
}

bool core_pf_overflows(struct core_overflow *overflow, const struct core_personality *p,
		       bool refused, unsigned int active)
{
	refused = refused && p->promisc_when_refused;
	if (!p->promisc_stays) {
		overflow->on = false;
		return refused;
	}
	if (refused && !overflow->on)
		overflow->threshold = active * 3 / 4;
	overflow->on = refused || (overflow->on && active >= overflow->threshold);
	return overflow->on;
}
