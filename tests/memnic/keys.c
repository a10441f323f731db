// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of a personality (nic/keys.def, which explains them), as far as a NIC in memory plays
 * them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memnic.h"
#include "nic/keys.h"

#define BIT(event) CORE_BIT(CORE_ON_##event)

/* A word without a value says 1. */
static int read_word(struct core_keys *keys, const char *text)
{
	char word[MEMNIC_WORD_LEN], *value;
	const struct core_key *key;

	snprintf(word, sizeof(word), "%s", text);
	value = strchr(word, '=');
	if (value)
		*value++ = '\0';
	key = core_key_find(word);
	if (!key || core_key_read(keys, key, value ?: "1") < 0)
		return -EINVAL;
	return key->plays == CORE_MODULE && !core_key_is_default(keys, key) ? -EOPNOTSUPP : 0;
}

/* ---- what they make of a NIC ---- */

static uint64_t ms(uint32_t number)
{
	return (uint64_t)number * NFP_NSEC_PER_MSEC;
}

static unsigned int permille(uint32_t ppm)
{
	return ppm / 1000;
}

static enum memnic_groups groups_of(uint32_t mc, bool trusted)
{
	static const enum memnic_groups groups[] = {
		[CORE_MC_FILTER] = MEMNIC_GROUPS_JOINED,
		[CORE_MC_ALL] = MEMNIC_GROUPS_ALL,
		[CORE_MC_HASH] = MEMNIC_GROUPS_HASHED,
		[CORE_MC_TRUST] = MEMNIC_GROUPS_NONE,
	};

	return mc == CORE_MC_TRUST && trusted ? MEMNIC_GROUPS_JOINED : groups[mc];
}

/* A write by the VF's task is passed on to that of the PF. */
static void set_filter(struct memnic_personality *p, const struct core_keys *k)
{
	uint64_t turns_ns = k->vf_sync_ms ? ms(k->vf_sync_ms) + ms(k->pf_sync_ms) : 0;

	p->comes_on = k->come;
	p->goes_on = k->go;
	p->blip_ns = ms(k->blip_ms);
	for (int event = 0; event < CORE_EVENTS; event++) {
		bool both = p->comes_on & p->goes_on & CORE_BIT(event);

		p->comes_after_ns[event] = ms(k->come_ms) + turns_ns;
		p->goes_after_ns[event] = both || !k->go_ms ? 0 : ms(k->go_ms) + turns_ns;
	}
	p->needs_reset_first = k->history;
	p->no_reset = k->no_reset || k->reset_method;
	p->forgets_on_down = k->forgets_on_down || (k->forget & CORE_BIT(CORE_ATTR_MAC));
	p->zero_refused = k->zero;
	p->gone_refused = k->zero_gone;
	p->clear_errno = k->never_cleared ? EINVAL : 0;
	p->wrong_once = k->wrong_mac == 1;
	p->bind_errno = k->wrong_mac > 1 ? EADDRNOTAVAIL : 0;
	p->blinks_on = k->set_reset_ms ? BIT(ASSIGN) | BIT(CLEAR) : 0;
	p->blink_for_ns = ms(k->set_reset_ms);
}

/* An address that both have. */
static void set_second(struct memnic_personality *p, const struct core_keys *k)
{
	p->winner = (enum core_arb)k->arb;
	p->assign_wipes_pf = k->wipe;
	p->assign_ignored = k->vf_second && !k->vf_second_ms;
	p->assign_errno = p->assign_ignored && k->vf_second != CORE_SILENT ? (int)k->vf_second : 0;
	p->retries = k->retry;
	p->hold_ignored = k->pf_second;
	p->pf_retries = k->pf_retry;
	p->table_full = !k->uc_max;
	p->promisc_when_refused = p->table_full ? k->uc_full == CORE_FULL_PROMISC
						: k->pf_second && k->pf_second_promisc;
	p->promisc_stays = !p->table_full && k->pf_second_promisc == CORE_STAYS;
	p->no_unicast_filter = !k->unicast_flt;
	p->hold_after_ns = ms(k->pf_sync_ms);
	p->station = k->l2fw == CORE_ON && !k->station;
	p->station_winner = (enum core_arb)k->station_arb;
}

static void set_switch(struct memnic_personality *p, const struct core_keys *k)
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
	p->second = k->trust == CORE_ON ? MEMNIC_SECOND_ALL : MEMNIC_SECOND_OWN;
	p->no_loop[NFP_SOURCE_VF][NFP_AT_PF] = !k->loop_vf_pf;
	p->returns[NFP_AT_VF] = k->loop_vf_pf && k->bcast_pf;
	p->returns[NFP_AT_PF] = k->loop_pf_pf && k->bcast_pf;
	p->no_loop[NFP_SOURCE_VF][NFP_AT_VF] = !k->loop_vf_vf;
	p->no_loop[NFP_SOURCE_PF][NFP_AT_PF] = !k->loop_pf_pf;
	p->no_loop[NFP_SOURCE_PF][NFP_AT_VF] = !k->loop_pf_vf;
	p->pf_spoof = (enum core_pf_spoof)k->pf_spoof;
}

/* In each ladder that VF has registered the VLAN before its frames can reach it. */
static void set_vlans(struct memnic_vlans *v, const struct core_keys *k)
{
	v->filters = k->pf_vlan != CORE_TAGS_ALL && k->vlan != CORE_VLAN_IGNORE;
	v->from_first = k->pf_vlan == CORE_TAGS_FIRST;
	v->promisc_passes = k->pf_vlan_promisc;
	v->default_pool = k->pf_vlan_pool;
	v->bypasses_pools = k->pf_vlan_alone;
	v->vf_filters = k->vf_vlan != CORE_TAGS_ALL && k->vlan != CORE_VLAN_IGNORE;
}

static void set_groups(struct memnic_personality *p, const struct core_keys *k)
{
	p->vf_groups = groups_of(k->mc, k->trust == CORE_ON);
	p->pf_groups = groups_of(k->pf_mc, true);
	p->join_after_ns = p->group_lost_ns = ms(k->mc_ms);
	p->vf_forgets_on = k->mc_forget_ever;
	p->pf_wiped_on = k->mc_wipe;
	p->wipes_allmulti = k->wipes_allmulti;
	p->vf_steals_group = k->mc_steal;
	p->group_back_on = k->mc_back;
	p->allmulti_ignored = k->pf_allmulti;
	p->promisc_passes_groups = k->pf_promisc_mc;
	p->refused_blocks_groups = k->uc_blocks_mc;
}

static void set_network(struct memnic_conditions *c, const struct core_keys *k)
{
	c->seed = k->seed;
	c->loss_permille = permille(k->loss);
	c->duplicate_permille = permille(k->dup);
	c->before_ns = (uint64_t)k->delay_us * NFP_NSEC_PER_USEC;
	c->before_jitter_ns = (uint64_t)k->jitter_us * NFP_NSEC_PER_USEC;
	if (k->reorder)
		c->before_jitter_ns += (uint64_t)k->reorder_us * NFP_NSEC_PER_USEC;
	c->suppress_unknown = k->net_suppress;
	c->far_knows_all = true;
	c->learn_after_ns = ms(k->net_learn_ms);
	c->learn_max = k->net_learn_max;
	c->mld_snooping = k->net_snoop;
	c->report_loss_permille = permille(k->net_report_loss);
	c->forward_after_ns = ms(k->net_forward_ms);
	c->pauses[0] = (struct memnic_pause) {
		.from_ns = MEMNIC_BEGIN_NS + ms(k->net_pause_at_ms),
		.for_ns = ms(k->net_pause_ms),
		.unicast_alone = k->net_pause,
	};
}

/* What is forgotten at another event than these two, and groups that a VF that is up forgets. */
static const char *beyond(const struct core_keys *k)
{
	if (k->forget & CORE_BIT(CORE_ATTR_MAC) && (k->forget_on & ~(BIT(DOWN) | BIT(UNBIND))))
		return "forget_on";
	return k->mc_forget & (BIT(BIND) | BIT(UP)) ? "mc_forget" : NULL;
}

int memnic_read(const char *text, struct memnic_personality *p, struct memnic_conditions *c,
		char ret_word[MEMNIC_WORD_LEN])
{
	char *words = nfp_strdup(text), *rest = NULL, *word;
	struct core_keys keys;
	int ret = 0;

	core_keys_default(&keys);
	for (word = strtok_r(words, " ", &rest); word && !ret; word = strtok_r(NULL, " ", &rest)) {
		ret = read_word(&keys, word);
		snprintf(ret_word, MEMNIC_WORD_LEN, "%s", word);
	}
	free(words);
	if (!ret && beyond(&keys)) {
		snprintf(ret_word, MEMNIC_WORD_LEN, "%s", beyond(&keys));
		ret = -EOPNOTSUPP;
	}
	if (ret)
		return ret;
	*p = (struct memnic_personality) {.name = "read"};
	set_filter(p, &keys);
	set_second(p, &keys);
	set_switch(p, &keys);
	set_vlans(&p->vlan, &keys);
	set_groups(p, &keys);
	if (c)
		set_network(c, &keys);
	return 0;
}
