// SPDX-License-Identifier: GPL-2.0-or-later
/* Which multicast groups PF and VFs get. */
#include "core.h"

unsigned int core_groups_event(const struct core_personality *p, enum core_event event)
{
	uint32_t bit = CORE_BIT(event);

	return (p->vf_groups_killed_on & bit ? CORE_GROUPS_KILLED : 0) |
	       (p->vf_forgets_on & bit ? CORE_GROUPS_FORGOTTEN : 0) |
	       (p->pf_wiped_on & bit ? CORE_GROUPS_WIPED : 0) |
	       (p->group_back_on & bit ? CORE_GROUPS_BACK : 0);
}

enum core_groups core_vf_groups(const struct core_personality *p, bool trusted)
{
	return p->vf_groups_if_trusted && trusted ? CORE_GROUPS_JOINED : p->vf_groups;
}

bool core_groups_pass(enum core_groups groups, bool joined, bool hashed)
{
	switch (groups) {
	case CORE_GROUPS_JOINED:
		return joined;
	case CORE_GROUPS_HASHED:
		return hashed;
	case CORE_GROUPS_ALL:
		return true;
	default:
		return false;
	}
}

bool core_pf_gets_group(const struct core_personality *p, const struct core_group *group)
{
	if (group->stolen)
		return false;
	return (group->promisc && p->promisc_passes_groups) ||
	       (group->all && !p->allmulti_ignored) ||
	       core_groups_pass(p->pf_groups, group->joined, group->hashed);
}
