// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of a personality (nfsim/persona.c, which explains them), as far as a NIC in memory plays
 * them. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memnic.h"

enum kind {
	NUMBER,	 /* and flags */
	PERCENT, /* kept in permille */
	WORD,	 /* one of words, kept as its index */
	SET,	 /* events, or words, joined by "+", or "never"; kept as bits */
	ERROR,	 /* "ok", "silent" (-1), or the name of an errno */
};

/* As they are written. */
struct keys {
	int come, go, come_ms, go_ms, blip_ms, pf_sync_ms, vf_sync_ms;
	int arb, history, wipe, retry, pf_retry, wrong_mac, no_reset, reset_method;
	int vf_second, vf_second_ms, pf_second, pf_second_promisc, zero, zero_gone;
	int uc_max, uc_full, unicast_flt, l2fw, station, station_arb;
	int unreg_wire, unreg_vf, promisc_owned, promisc_vf, bcast_pf, bcast_vf, vlan, trust;
	int pf_vlan, pf_vlan_promisc, pf_vlan_alone, pf_vlan_pool, vf_vlan;
	int loop_vf_pf, loop_vf_vf, loop_pf_vf, loop_pf_pf, pf_spoof;
	int mc, pf_mc, mc_forget, mc_wipe, mc_steal, mc_back, pf_allmulti, pf_promisc_mc;
	int uc_blocks_mc, forget, forget_on, set_reset_ms;
	int loss, dup, reorder, reorder_us, delay_us, jitter_us, seed;
	int net_suppress, net_learn_ms, net_learn_max, net_snoop, net_report_loss, net_forward_ms;
	int net_pause, net_pause_at_ms, net_pause_ms;
	/* The NIC in memory's own: nfsim's mc_forget lasts until the next join. */
	int mc_ms, mc_forget_ever, forgets_on_down, wipes_allmulti, vf_deaf, never_cleared;
};

#define FORGET_MAC 1
#define BIT(event) MEMNIC_BIT(MEMNIC_ON_##event)
#define WORDS(...) ((const char *const[]) {__VA_ARGS__, NULL})
#define KEY(member, of, ...)                                                                      \
	{                                                                                         \
		.name = #member, .kind = of, .offset = offsetof(struct keys, member), __VA_ARGS__ \
	}

enum { PF_SPOOF_OK, PF_SPOOF_FILTER, PF_SPOOF_ASSIGNED };
enum { L2FW_OFF, L2FW_ON };
enum { BCAST_NO, BCAST_UP };
enum { MC_FILTER, MC_ALL, MC_HASH, MC_TRUST };
enum { VLAN_STRICT, VLAN_IGNORE, VLAN_KEEP };
enum { TAGS_REGISTERED, TAGS_FIRST, TAGS_ALL };

static const char *const events[] = {
	"assign", "reset", "driver", "up", "down", "unplug", "clear", NULL,
};

static const struct key {
	const char *name;
	enum kind kind;
	size_t offset;
	int value; /* by default */
	const char *const *words;
} table[] = {
	KEY(come, SET, .value = BIT(ASSIGN) | BIT(RESET) | BIT(BIND) | BIT(UP)),
	KEY(go, SET, .value = BIT(CLEAR)),
	KEY(come_ms, NUMBER),
	KEY(go_ms, NUMBER),
	KEY(blip_ms, NUMBER),
	KEY(pf_sync_ms, NUMBER),
	KEY(vf_sync_ms, NUMBER),
	KEY(history, NUMBER),
	KEY(arb, WORD, .value = MEMNIC_BOTH, .words = WORDS("both", "vf", "pf", "last")),
	KEY(wipe, NUMBER),
	KEY(vf_second, ERROR),
	KEY(vf_second_ms, NUMBER),
	KEY(retry, NUMBER),
	KEY(pf_second, ERROR),
	KEY(pf_retry, NUMBER),
	KEY(pf_second_promisc, WORD, .words = WORDS("0", "1", "stays")),
	KEY(zero, ERROR),
	KEY(zero_gone, ERROR),
	KEY(uc_max, NUMBER, .value = 256),
	KEY(uc_full, WORD, .words = WORDS("promisc", "drop")),
	KEY(unicast_flt, NUMBER, .value = 1),
	KEY(l2fw, WORD, .value = L2FW_OFF, .words = WORDS("off", "on", "absent")),
	KEY(station, ERROR),
	KEY(station_arb, WORD, .value = MEMNIC_BOTH, .words = WORDS("both", "vf", "pf", "last")),
	KEY(unreg_wire, NUMBER),
	KEY(unreg_vf, NUMBER),
	KEY(promisc_owned, WORD, .words = WORDS("0", "1", "alone")),
	KEY(promisc_vf, NUMBER, .value = 1),
	KEY(loop_vf_pf, NUMBER, .value = 1),
	KEY(loop_vf_vf, NUMBER, .value = 1),
	KEY(loop_pf_vf, NUMBER, .value = 1),
	KEY(loop_pf_pf, NUMBER),
	KEY(pf_spoof, WORD, .value = PF_SPOOF_OK, .words = WORDS("ok", "filter", "assigned")),
	KEY(bcast_pf, NUMBER, .value = 1),
	KEY(bcast_vf, WORD, .value = BCAST_UP, .words = WORDS("no", "up", "always")),
	KEY(vlan, WORD, .words = WORDS("strict", "ignore", "keep")),
	KEY(pf_vlan, WORD, .words = WORDS("registered", "first", "all")),
	KEY(pf_vlan_promisc, NUMBER, .value = 1),
	KEY(pf_vlan_alone, WORD, .words = WORDS("all", "unicast")),
	KEY(pf_vlan_pool, NUMBER),
	KEY(vf_vlan, WORD, .words = WORDS("registered", "first", "all")),
	KEY(trust, WORD, .words = WORDS("off", "on", "absent")),
	KEY(no_reset, NUMBER),
	KEY(reset_method, WORD, .words = WORDS("flr", "bus")),
	KEY(wrong_mac, NUMBER),
	KEY(forget, SET, .words = WORDS("mac", "spoofchk", "trust", "rate", "rss", "link", "vlan")),
	KEY(forget_on, SET),
	KEY(set_reset_ms, NUMBER),
	KEY(mc, WORD, .value = MC_FILTER, .words = WORDS("filter", "all", "hash", "trust")),
	KEY(pf_mc, WORD, .value = MC_FILTER, .words = WORDS("filter", "all", "hash")),
	KEY(uc_blocks_mc, NUMBER),
	KEY(pf_allmulti, WORD, .words = WORDS("ok", "ignored")),
	KEY(pf_promisc_mc, NUMBER, .value = 1),
	KEY(mc_forget, SET),
	KEY(mc_wipe, SET),
	KEY(mc_steal, NUMBER),
	KEY(mc_back, SET, .value = BIT(DOWN)),
	KEY(loss, PERCENT),
	KEY(dup, PERCENT),
	KEY(reorder, PERCENT),
	KEY(reorder_us, NUMBER, .value = 5000),
	KEY(delay_us, NUMBER),
	KEY(jitter_us, NUMBER),
	KEY(seed, NUMBER, .value = 1),
	KEY(net_suppress, NUMBER),
	KEY(net_learn_ms, NUMBER),
	KEY(net_learn_max, NUMBER),
	KEY(net_snoop, NUMBER),
	KEY(net_report_loss, PERCENT),
	KEY(net_forward_ms, NUMBER),
	KEY(net_pause, WORD, .words = WORDS("all", "unicast")),
	KEY(net_pause_at_ms, NUMBER),
	KEY(net_pause_ms, NUMBER),

	KEY(mc_ms, NUMBER),
	KEY(mc_forget_ever, SET),
	KEY(forgets_on_down, NUMBER),
	KEY(wipes_allmulti, NUMBER),
	KEY(vf_deaf, NUMBER),
	KEY(never_cleared, NUMBER),
};
#define NUM_KEYS (sizeof(table) / sizeof(table[0]))

/*
 * The host's: how the kernel shows and takes settings, how long it needs, what it refuses for a
 * while or has another way for. No landing depends on them.
 */
static const char *const hosts[] = {
	"busy",
	"busy_ms",
	"vfr",
	"vfr_ms",
	"vfr_error",
	"vfr_get",
	"fdb",
	"fdb_del",
	"fdb_full",
	"spoofchk",
	"rate",
	"rate_none",
	"rss",
	"forget_notify",
	"vlan_none",
	"no_vlan_proto",
	"enable_ignored",
	"get_us",
	"rdma",
	"guid",
	"set_ms",
	"vf_carrier_ms",
	"netdev_ms",
	"mac_late_ms",
	"bind_ms",
	"unbind_ms",
	"reset_ms",
	"rename_ms",
	"rename_anywhere",
	"override_lock",
	"own_report",
	"stats",
	"stats_down",
	"stats_ms",
	"fw_running",
	"fw_stored",
	"driver",
	"port_id",
	"switch_id",
	"port_name",
	"wire_port_id",
	"wire_switch_id",
	"wire_port_name",
	"two_ports",
	"dev_port",
	"admin",
};

/* With these nothing is probed, or no host does what the runner is told. */
static const char *const unplayed[] = {
	"vf_repeat", "assign_fails", "mgmt",	    "infiniband", "no_vf_ops", "no_vf_config",
	"no_netdev", "eswitch",	     "eswitch_get", "refuse",	  "refuse_vf",
};

static const char *const defaults[] = {"0", "ok", "never", "legacy", NULL}; /* .. but for these */

static bool is_among(const char *const names[], size_t num, const char *name)
{
	for (size_t i = 0; i < num; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

static int find_word(const char *const words[], const char *text, size_t len)
{
	for (int i = 0; words[i]; i++) {
		if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
			return i;
	}
	return -1;
}

static bool read_set(const char *const words[], const char *text, int *ret_bits)
{
	*ret_bits = 0;
	if (strcmp(text, "never") == 0)
		return true;
	for (;; text++) {
		size_t len = strcspn(text, "+");
		int word = find_word(words, text, len);

		if (word < 0)
			return false;
		*ret_bits |= 1 << word;
		text += len;
		if (!*text)
			return true;
	}
}

static bool read_error(const char *text, int *ret_errno)
{
	*ret_errno = strcmp(text, "silent") == 0 ? -1 : 0;
	if (*ret_errno || strcmp(text, "ok") == 0)
		return true;
	for (int number = 1; number < 256; number++) {
		const char *name = strerrorname_np(number);

		if (!name || strcmp(name, text) != 0)
			continue;
		*ret_errno = number;
		return true;
	}
	return false;
}

static bool read_value(const struct key *key, const char *text, int *ret_value)
{
	char *end;

	switch (key->kind) {
	case NUMBER:
		*ret_value = (int)strtol(text, &end, 10);
		return *text && !*end;
	case PERCENT:
		*ret_value = (int)(strtod(text, &end) * 10);
		return *text && !*end;
	case WORD:
		*ret_value = find_word(key->words, text, strlen(text));
		return *ret_value >= 0;
	case SET:
		return read_set(key->words ?: events, text, ret_value);
	default:
		return read_error(text, ret_value);
	}
}

static int read_key(struct keys *keys, const char *name, const char *value)
{
	for (size_t i = 0; i < NUM_KEYS; i++) {
		if (strcmp(table[i].name, name) == 0)
			return read_value(&table[i], value,
					  (int *)(void *)((char *)keys + table[i].offset))
				       ? 0
				       : -EINVAL;
	}
	if (is_among(hosts, sizeof(hosts) / sizeof(hosts[0]), name))
		return 0;
	if (!is_among(unplayed, sizeof(unplayed) / sizeof(unplayed[0]), name))
		return -EINVAL;
	return find_word(defaults, value, strlen(value)) < 0 ? -EOPNOTSUPP : 0;
}

static int read_word(struct keys *keys, const char *text)
{
	char word[MEMNIC_WORD_LEN], *value;

	snprintf(word, sizeof(word), "%s", text);
	value = strchr(word, '=');
	if (value)
		*value++ = '\0';
	return read_key(keys, word, value ?: "1");
}

/* ---- what they make of a NIC ---- */

static uint64_t ms(int number)
{
	return (uint64_t)number * NFP_NSEC_PER_MSEC;
}

static enum memnic_groups groups_of(int mc, bool trusted)
{
	static const enum memnic_groups groups[] = {
		[MC_FILTER] = MEMNIC_GROUPS_JOINED,
		[MC_ALL] = MEMNIC_GROUPS_ALL,
		[MC_HASH] = MEMNIC_GROUPS_HASHED,
		[MC_TRUST] = MEMNIC_GROUPS_NONE,
	};

	return mc == MC_TRUST && trusted ? MEMNIC_GROUPS_JOINED : groups[mc];
}

/* A write by the VF's task is passed on to that of the PF. */
static void set_filter(struct memnic_personality *p, const struct keys *k)
{
	uint64_t turns_ns = k->vf_sync_ms ? ms(k->vf_sync_ms) + ms(k->pf_sync_ms) : 0;

	p->comes_on = (uint32_t)k->come;
	p->goes_on = (uint32_t)k->go;
	p->blip_ns = ms(k->blip_ms);
	for (int event = 0; event < MEMNIC_EVENTS; event++) {
		bool both = p->comes_on & p->goes_on & MEMNIC_BIT(event);

		p->comes_after_ns[event] = ms(k->come_ms) + turns_ns;
		p->goes_after_ns[event] = both || !k->go_ms ? 0 : ms(k->go_ms) + turns_ns;
	}
	p->needs_reset_first = k->history;
	p->no_reset = k->no_reset || k->reset_method;
	p->forgets_on_down = k->forgets_on_down || (k->forget & FORGET_MAC);
	p->zero_refused = k->zero;
	p->gone_refused = k->zero_gone;
	p->clear_errno = k->never_cleared ? EINVAL : 0;
	p->wrong_once = k->wrong_mac == 1;
	p->bind_errno = k->wrong_mac > 1 ? EADDRNOTAVAIL : 0;
	p->blinks_on = k->set_reset_ms ? BIT(ASSIGN) | BIT(CLEAR) : 0;
	p->blink_for_ns = ms(k->set_reset_ms);
}

/* An address that both have. */
static void set_second(struct memnic_personality *p, const struct keys *k)
{
	p->winner = (enum memnic_winner)k->arb;
	p->assign_wipes_pf = k->wipe;
	p->assign_ignored = k->vf_second && !k->vf_second_ms;
	p->assign_errno = p->assign_ignored && k->vf_second > 0 ? k->vf_second : 0;
	p->retries = k->retry;
	p->hold_ignored = k->pf_second;
	p->pf_retries = k->pf_retry;
	p->table_full = k->uc_max <= 0;
	p->promisc_when_refused = p->table_full ? k->uc_full == 0
						: k->pf_second && k->pf_second_promisc;
	p->promisc_stays = !p->table_full && k->pf_second_promisc == 2;
	p->no_unicast_filter = !k->unicast_flt;
	p->hold_after_ns = ms(k->pf_sync_ms);
	p->station = k->l2fw == L2FW_ON && !k->station;
	p->station_winner = (enum memnic_winner)k->station_arb;
}

static void set_switch(struct memnic_personality *p, const struct keys *k)
{
	p->pf_default_from_wire = k->unreg_wire;
	p->pf_default_from_inside = k->unreg_vf;
	p->promisc_from_inside = k->promisc_vf;
	p->promisc_sees_owned = k->promisc_owned;
	p->promisc_takes_owned = k->promisc_owned == 2;
	p->pf_no_broadcast = !k->bcast_pf;
	p->vf_no_broadcast = k->bcast_vf == BCAST_NO;
	p->vf_keeps_tag = k->vlan == VLAN_KEEP;
	p->vf_deaf = k->vf_deaf;
	p->second = k->trust == 1 ? MEMNIC_SECOND_ALL : MEMNIC_SECOND_OWN;
	p->no_loop[NFP_SOURCE_VF][NFP_AT_PF] = !k->loop_vf_pf;
	p->returns[NFP_AT_VF] = k->loop_vf_pf && k->bcast_pf;
	p->returns[NFP_AT_PF] = k->loop_pf_pf && k->bcast_pf;
	p->no_loop[NFP_SOURCE_VF][NFP_AT_VF] = !k->loop_vf_vf;
	p->no_loop[NFP_SOURCE_PF][NFP_AT_PF] = !k->loop_pf_pf;
	p->no_loop[NFP_SOURCE_PF][NFP_AT_VF] = !k->loop_pf_vf;
	p->pf_spoof = (enum memnic_spoof)k->pf_spoof;
}

/* In each ladder that VF has registered the VLAN before its frames can reach it. */
static void set_vlans(struct memnic_vlans *v, const struct keys *k)
{
	v->filters = k->pf_vlan != TAGS_ALL && k->vlan != VLAN_IGNORE;
	v->from_first = k->pf_vlan == TAGS_FIRST;
	v->promisc_passes = k->pf_vlan_promisc;
	v->default_pool = k->pf_vlan_pool;
	v->bypasses_pools = k->pf_vlan_alone;
	v->vf_filters = k->vf_vlan != TAGS_ALL && k->vlan != VLAN_IGNORE;
}

static void set_groups(struct memnic_personality *p, const struct keys *k)
{
	p->vf_groups = groups_of(k->mc, k->trust == 1);
	p->pf_groups = groups_of(k->pf_mc, true);
	p->join_after_ns = p->group_lost_ns = ms(k->mc_ms);
	p->vf_forgets_on = (uint32_t)k->mc_forget_ever;
	p->pf_wiped_on = (uint32_t)k->mc_wipe;
	p->wipes_allmulti = k->wipes_allmulti;
	p->vf_steals_group = k->mc_steal;
	p->group_back_on = (uint32_t)k->mc_back;
	p->allmulti_ignored = k->pf_allmulti;
	p->promisc_passes_groups = k->pf_promisc_mc;
	p->refused_blocks_groups = k->uc_blocks_mc;
}

static void set_network(struct memnic_conditions *c, const struct keys *k)
{
	c->seed = (uint64_t)k->seed;
	c->loss_permille = (unsigned int)k->loss;
	c->duplicate_permille = (unsigned int)k->dup;
	c->before_ns = (uint64_t)k->delay_us * NFP_NSEC_PER_USEC;
	c->before_jitter_ns = (uint64_t)k->jitter_us * NFP_NSEC_PER_USEC;
	if (k->reorder)
		c->before_jitter_ns += (uint64_t)k->reorder_us * NFP_NSEC_PER_USEC;
	c->suppress_unknown = k->net_suppress;
	c->far_knows_all = true;
	c->learn_after_ns = ms(k->net_learn_ms);
	c->learn_max = (unsigned int)k->net_learn_max;
	c->mld_snooping = k->net_snoop;
	c->report_loss_permille = (unsigned int)k->net_report_loss;
	c->forward_after_ns = ms(k->net_forward_ms);
	c->pauses[0] = (struct memnic_pause) {
		.from_ns = MEMNIC_BEGIN_NS + ms(k->net_pause_at_ms),
		.for_ns = ms(k->net_pause_ms),
		.unicast_alone = k->net_pause,
	};
}

/* What is forgotten at another event than these two, and groups that a VF that is up forgets. */
static const char *beyond(const struct keys *k)
{
	if (k->forget & FORGET_MAC && ((uint32_t)k->forget_on & ~(BIT(DOWN) | BIT(UNBIND))))
		return "forget_on";
	return (uint32_t)k->mc_forget & (BIT(BIND) | BIT(UP)) ? "mc_forget" : NULL;
}

int memnic_read(const char *text, struct memnic_personality *p, struct memnic_conditions *c,
		char ret_word[MEMNIC_WORD_LEN])
{
	char *words = nfp_strdup(text), *rest = NULL, *word;
	struct keys keys;
	int ret = 0;

	for (size_t i = 0; i < NUM_KEYS; i++)
		*(int *)(void *)((char *)&keys + table[i].offset) = table[i].value;
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
