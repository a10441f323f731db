// SPDX-License-Identifier: GPL-2.0-or-later
/* Which multicast groups PF and VFs get. */
#include "core.h"

#define HASHES 8

int core_joined_find(const struct core_joined *joined, const uint8_t *group)
{
	unsigned int i;

	for (i = 0; i < joined->num; i++)
		if (core_is_mac(joined->list[i].mac, group))
			return (int)i;
	return -1;
}

void core_joined_add(struct core_joined *joined, const uint8_t *group)
{
	if (joined->num == CORE_MAX_GROUPS || core_joined_find(joined, group) >= 0)
		return;
	joined->list[joined->num].dead = false;
	memcpy(joined->list[joined->num++].mac, group, CORE_MAC);
}

void core_joined_drop(struct core_joined *joined, int place)
{
	joined->list[place] = joined->list[--joined->num];
}

bool core_joined_has(const struct core_joined *joined, const uint8_t *group)
{
	int place = core_joined_find(joined, group);

	return place >= 0 && !joined->list[place].dead;
}

/* igb_hash_mc_addr with mc_filter_type 0, folded. */
uint32_t core_group_hash(const uint8_t *group)
{
	unsigned int hash = (group[4] >> 4 | group[5] << 4) & 0xfff;

	return 1u << (hash ^ hash >> 3 ^ hash >> 6 ^ hash >> 9) % HASHES;
}

uint32_t core_joined_hashes(const struct core_joined *joined)
{
	uint32_t hashes = 0;
	unsigned int i;

	for (i = 0; i < joined->num; i++)
		if (!joined->list[i].dead)
			hashes |= core_group_hash(joined->list[i].mac);
	return hashes;
}

static void kill(struct core_joined *joined, bool dead)
{
	unsigned int i;

	for (i = 0; i < joined->num; i++)
		joined->list[i].dead = dead;
}

unsigned int core_groups_event(const struct core_personality *p, enum core_event event)
{
	uint32_t bit = CORE_BIT(event);

	return (p->vf_groups_killed_on & bit ? CORE_GROUPS_KILLED : 0) |
	       (p->pf_wiped_on & bit ? CORE_GROUPS_WIPED : 0) |
	       (p->group_back_on & bit ? CORE_GROUPS_BACK : 0);
}

void core_groups_lose(unsigned int what, struct core_member *pf, struct core_member *vf)
{
	if (what & CORE_GROUPS_KILLED)
		kill(&vf->joined, true);
	if (what & CORE_GROUPS_WIPED)
		kill(&pf->joined, true);
	if (what & CORE_GROUPS_BACK)
		vf->stolen.num = 0;
}

void core_groups_revive(struct core_member *member)
{
	kill(&member->joined, false);
	member->stolen.num = 0;
}

enum core_groups core_vf_groups(const struct core_personality *p, bool trusted)
{
	return p->vf_groups_if_trusted && trusted ? CORE_GROUPS_JOINED : p->vf_groups;
}

static bool pass(enum core_groups groups, bool joined, bool hashed)
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

void core_groups_steal(const struct core_personality *p, struct core_member *vf, bool trusted)
{
	unsigned int i;

	if (!p->vf_steals_group || core_vf_groups(p, trusted) == CORE_GROUPS_NONE)
		return;
	for (i = 0; i < vf->joined.num; i++)
		if (!vf->joined.list[i].dead)
			core_joined_add(&vf->stolen, vf->joined.list[i].mac);
}

bool core_pf_gets_group(const struct core_personality *p, const struct core_member *pf,
			const struct core_group *group, bool promisc)
{
	if (group->stolen)
		return false;
	return (promisc && p->promisc_passes_groups) || (pf->all && !p->allmulti_ignored) ||
	       pass(p->pf_groups, core_joined_has(&pf->joined, group->mac), group->hashed);
}

bool core_vf_gets_group(const struct core_personality *p, const struct core_member *vf,
			const struct core_group *group, bool trusted)
{
	return pass(core_vf_groups(p, trusted), core_joined_has(&vf->joined, group->mac),
		    group->hashed);
}
