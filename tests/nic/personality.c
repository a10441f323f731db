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

static void set_filter(struct core_personality *p, const struct core_keys *k)
{
	int event;

	p->comes_on = k->come;
	p->goes_on = k->go;
	p->beside_comes_on = k->beside_come;
	p->once_comes_on = k->come_once;
	p->waits_on = k->come_waits;
	p->idle_alone = k->idle_alone;
	p->blip_ns = ms(k->blip_ms);
	for (event = 0; event < CORE_EVENTS; event++) {
		bool both = p->comes_on & p->goes_on & CORE_BIT(event);

		p->comes_after_ns[event] = ms(k->come_ms);
		p->goes_after_ns[event] = both ? 0 : ms(k->go_ms);
	}
	p->vf_turn_ns = ms(k->vf_sync_ms);
	p->pf_turn_ns = k->vf_sync_ms ? ms(k->pf_sync_ms) : 0;
	p->needs_reset_first = k->history;
	p->back_needs_reset = k->back_needs_reset;
	p->clear_needs_reset = k->clear_needs_reset;
	p->rewrites = k->rewrites;
	p->no_reset = k->no_reset || k->reset_method;
	p->forgets_on_down = k->forgets_on_down || (k->forget & CORE_BIT(CORE_ATTR_MAC) &&
						    k->forget_on & (EVENT(DOWN) | EVENT(UNBIND)));
	p->zero_refused = k->zero;
	p->clear_errno = k->never_cleared ? EINVAL : 0;
	p->wrong_once = k->wrong_mac == 1;
	p->bind_errno = k->wrong_mac > 1 ? EADDRNOTAVAIL : 0;
	p->blinks_on = k->set_reset_ms ? EVENT(ASSIGN) | EVENT(CLEAR) : 0;
	p->blink_for_ns = ms(k->set_reset_ms);
}

/* An address that both have. */
static void set_second(struct core_personality *p, const struct core_keys *k)
{
	p->winner = (enum core_arb)k->arb;
	p->inside_winner = (enum core_arb)k->inside_arb;
	p->promisc_yields = !k->beside_promisc;
	p->others_wipe_pf = k->beside_wipe;
	p->resets_wipe_pf = k->beside_reset;
	p->assign_wipes_pf = k->wipe;
	p->assign_ignored = k->vf_second && !k->vf_second_ms;
	p->assign_errno = p->assign_ignored && k->vf_second != CORE_SILENT ? (int)k->vf_second : 0;
	p->retries = k->retry;
	p->hold_ignored = k->pf_second;
	p->pf_retries = k->pf_retry;
	p->table_full = !k->uc_max;
	p->promisc_when_full = k->uc_full == CORE_FULL_PROMISC;
	p->promisc_when_refused = k->pf_second && k->pf_second_promisc;
	p->promisc_stays = k->pf_second_promisc == CORE_STAYS;
	p->no_unicast_filter = !k->unicast_flt;
	p->hold_after_ns = ms(k->pf_sync_ms);
	p->station = k->l2fw == CORE_ON && !k->station;
	p->station_winner = (enum core_arb)k->station_arb;
}

static void set_switch(struct core_personality *p, const struct core_keys *k)
{
	p->pf_default_from_wire = k->unreg_wire;
	p->pf_default_from_inside = k->unreg_vf;
	p->promisc_from_inside = k->promisc_vf;
	p->promisc_sees_owned = k->promisc_owned;
	p->promisc_takes_owned = k->promisc_owned == CORE_OWNED_ALONE;
	p->pf_no_broadcast = !k->bcast_pf;
	p->vf_no_broadcast = k->bcast_vf == CORE_BCAST_NO;
	p->vf_keeps_tag = k->vlan == CORE_VLAN_KEEP;
	p->vf_deaf = k->vf_deaf;
	p->ipv4 = (enum core_ipv4)k->ipv4;
	p->second = k->trust == CORE_ON ? CORE_SECOND_ALL : CORE_SECOND_OWN;
	p->no_loop[CORE_FROM_VF][CORE_AT_PF] = !k->loop_vf_pf;
	p->returns[CORE_AT_VF] = k->loop_vf_pf && k->bcast_pf;
	p->returns[CORE_AT_PF] = k->loop_pf_pf && k->bcast_pf;
	p->no_loop[CORE_FROM_VF][CORE_AT_VF] = !k->loop_vf_vf;
	p->no_loop[CORE_FROM_PF][CORE_AT_PF] = !k->loop_pf_pf;
	p->no_loop[CORE_FROM_PF][CORE_AT_VF] = !k->loop_pf_vf;
	p->pf_spoof = (enum core_pf_spoof)k->pf_spoof;
	p->learns = k->learns;
	p->unlearns_on = k->unlearn;
}

static void set_vlans(struct core_vlans *v, const struct core_keys *k)
{
	v->filters = k->pf_vlan != CORE_TAGS_ALL && k->vlan != CORE_VLAN_IGNORE;
	v->from_first = k->pf_vlan == CORE_TAGS_FIRST;
	v->promisc_passes = k->pf_vlan_promisc;
	v->default_pool = k->pf_vlan_pool;
	v->bypasses_pools = k->pf_vlan_alone;
	v->vf_from_first = k->vf_vlan == CORE_TAGS_FIRST;
	v->vf_filters = k->vf_vlan != CORE_TAGS_ALL && k->vlan != CORE_VLAN_IGNORE;
}

static void set_groups(struct core_personality *p, const struct core_keys *k)
{
	p->vf_groups = groups_of(k->mc);
	p->vf_groups_if_trusted = k->mc == CORE_MC_TRUST;
	p->pf_groups = groups_of(k->pf_mc);
	p->join_after_ns = p->group_lost_ns = ms(k->mc_ms);
	p->vf_groups_killed_on = k->mc_forget;
	p->vf_forgets_on = k->mc_forget_ever;
	p->pf_wiped_on = k->mc_wipe;
	p->wipes_allmulti = k->wipes_allmulti;
	p->vf_steals_group = k->mc_steal;
	p->group_back_on = k->mc_back;
	p->allmulti_ignored = k->pf_allmulti;
	p->promisc_passes_groups = k->pf_promisc_mc;
	p->refused_blocks_groups = k->uc_blocks_mc;
}

static void set_guest(struct core_guest *g, const struct core_keys *k)
{
	g->addresses = k->vf_flt ? k->vf_uc : 0;
	g->trusted_addresses = k->vf_flt ? k->vf_uc_trusted : 0;
	g->allmulti = (enum core_lets)k->vf_allmulti;
	g->promisc = (enum core_lets)k->vf_promisc;
	g->address = (enum core_lets)k->vf_mac;
	g->overhears = k->vf_overhears;
	g->keeps_old = k->vf_mac_keeps;
	g->forges = k->antispoof == CORE_ANTISPOOF_IGNORED;
	g->stops_checking = k->antispoof == CORE_ANTISPOOF_ALONE;
	g->blocks = k->vf_uc_blocks;
	g->leaves_second = k->vf_keeps & CORE_BIT(CORE_KEEPS_UC);
	g->leaves_new = k->vf_keeps & CORE_BIT(CORE_KEEPS_MAC);
	g->leaves_allmulti = k->vf_keeps & CORE_BIT(CORE_KEEPS_ALLMULTI);
	g->leaves_promisc = k->vf_keeps & CORE_BIT(CORE_KEEPS_PROMISC);
}

void core_personality_of(const struct core_keys *keys, struct core_personality *ret_personality)
{
	struct core_personality *p = ret_personality;

	memset(p, 0, sizeof(*p));
	set_filter(p, keys);
	set_second(p, keys);
	set_switch(p, keys);
	set_vlans(&p->vlan, keys);
	set_groups(p, keys);
	set_guest(&p->guest, keys);
}
