// SPDX-License-Identifier: GPL-2.0-or-later
/* The archetypes of tests/drivers.def as personalities of the NIC in memory, which has fewer
 * traits. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memnic.h"

#define ARCHETYPE(name, number, keys) {#name, number, keys},
#define DRIVER(name, archetypes, keys)
#define LIKE(name, driver, keys)
#define SLOW(name, driver, keys)
#define SOURCE(name, places, facts, functions)
#define GONE(names)
static const struct {
	const char *name, *number, *keys;
} table[] = {
#include "drivers.def"
};
#define NUM_ARCHETYPES (sizeof(table) / sizeof(table[0]))

struct memnic_personality memnic_archetypes[NUM_ARCHETYPES];
const size_t memnic_num_archetypes = NUM_ARCHETYPES;

static const char *const events[MEMNIC_EVENTS] = {
	"assign", "reset", "driver", "up", "down", "unplug", "clear",
};

static const struct {
	const char *key;
	size_t offset;
} flags[] = {
	{"history", offsetof(struct memnic_personality, needs_reset_first)},
	{"no_reset", offsetof(struct memnic_personality, no_reset)},
	{"pf_second_promisc", offsetof(struct memnic_personality, promisc_when_refused)},
	{"promisc_vf", offsetof(struct memnic_personality, promisc_from_inside)},
	{"unreg_vf", offsetof(struct memnic_personality, pf_default_from_inside)},
	{"unreg_wire", offsetof(struct memnic_personality, pf_default_from_wire)},
	{"pf_promisc_mc", offsetof(struct memnic_personality, promisc_passes_groups)},
	/* The NIC in memory's own. */
	{"forgets_on_down", offsetof(struct memnic_personality, forgets_on_down)},
	{"wipes_allmulti", offsetof(struct memnic_personality, wipes_allmulti)},
	{"vf_deaf", offsetof(struct memnic_personality, vf_deaf)},
};

/* One of the names, joined by "+", or "never". */
static uint32_t event_bits(const char *value)
{
	uint32_t bits = 0;

	for (int event = 0; event < MEMNIC_EVENTS; event++) {
		const char *at = strstr(value, events[event]);

		if (at && (at == value || at[-1] == '+'))
			bits |= MEMNIC_BIT(event);
	}
	return bits;
}

static void delay(uint64_t after_ns[MEMNIC_EVENTS], uint32_t on, const char *ms)
{
	for (int event = 0; event < MEMNIC_EVENTS; event++) {
		if (on & MEMNIC_BIT(event))
			after_ns[event] = strtoull(ms, NULL, 10) * NFP_NSEC_PER_MSEC;
	}
}

static enum memnic_groups groups_of(const char *value)
{
	return strcmp(value, "all") == 0     ? MEMNIC_GROUPS_ALL
	       : strcmp(value, "hash") == 0  ? MEMNIC_GROUPS_HASHED
	       : strcmp(value, "trust") == 0 ? MEMNIC_GROUPS_NONE
					     : MEMNIC_GROUPS_JOINED;
}

/* mc_ms and mc_forget_ever are the NIC in memory's own: nfsim's mc_forget lasts until the next
 * join. Here pf_promisc_mc is 0 unless set. */
static bool set_multicast(struct memnic_personality *p, const char *key, const char *value)
{
	if (strcmp(key, "mc") == 0) {
		p->vf_groups = groups_of(value);
	} else if (strcmp(key, "pf_mc") == 0) {
		p->pf_groups = groups_of(value);
	} else if (strcmp(key, "mc_ms") == 0) {
		p->join_after_ns = p->group_lost_ns = strtoull(value, NULL, 10) * NFP_NSEC_PER_MSEC;
	} else if (strcmp(key, "mc_forget_ever") == 0) {
		p->vf_forgets_on = event_bits(value);
	} else if (strcmp(key, "mc_steal") == 0) {
		p->vf_steals_group = true;
		p->group_back_on = MEMNIC_BIT(MEMNIC_ON_DOWN);
	} else if (strcmp(key, "mc_back") == 0) {
		p->group_back_on = event_bits(value);
	} else if (strcmp(key, "mc_wipe") == 0) {
		p->pf_wiped_on = event_bits(value);
	} else if (strcmp(key, "pf_allmulti") == 0) {
		p->allmulti_ignored = strcmp(value, "ignored") == 0;
	} else {
		return false;
	}
	return true;
}

static bool set_flag(struct memnic_personality *p, const char *key, const char *value)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcmp(flags[i].key, key) == 0) {
			*(bool *)((char *)p + flags[i].offset) = strcmp(value, "0") != 0;
			return true;
		}
	}
	return false;
}

static void set(struct memnic_personality *p, const char *key, const char *value)
{
	if (set_flag(p, key, value) || set_multicast(p, key, value))
		return;
	if (strcmp(key, "come") == 0) {
		p->comes_on = event_bits(value);
	} else if (strcmp(key, "go") == 0) {
		p->goes_on = event_bits(value);
	} else if (strcmp(key, "come_ms") == 0) {
		delay(p->comes_after_ns, p->comes_on, value);
	} else if (strcmp(key, "go_ms") == 0) {
		delay(p->goes_after_ns, p->goes_on, value);
	} else if (strcmp(key, "blip_ms") == 0) {
		/* As all that does both: it goes, and is back so much later. */
		p->goes_on |= MEMNIC_BIT(MEMNIC_ON_RESET);
		delay(p->comes_after_ns, p->comes_on & p->goes_on, value);
	} else if (strcmp(key, "pf_sync_ms") == 0) {
		p->hold_after_ns = strtoull(value, NULL, 10) * NFP_NSEC_PER_MSEC;
	} else if (strcmp(key, "arb") == 0) {
		p->winner = strcmp(value, "vf") == 0	 ? MEMNIC_VF_WINS
			    : strcmp(value, "pf") == 0	 ? MEMNIC_PF_WINS
			    : strcmp(value, "last") == 0 ? MEMNIC_LAST_WINS
							 : MEMNIC_BOTH;
	} else if (strcmp(key, "zero") == 0) {
		p->zero_refused = true;
	} else if (strcmp(key, "never_cleared") == 0) {
		p->clear_errno = EINVAL;
	} else if (strcmp(key, "vf_second") == 0) {
		p->assign_ignored = strcmp(value, "silent") == 0;
		p->assign_errno = p->assign_ignored ? 0 : EEXIST;
	} else if (strcmp(key, "pf_second") == 0) {
		p->hold_ignored = true;
	} else if (strcmp(key, "unicast_flt") == 0) {
		p->no_unicast_filter = strcmp(value, "0") == 0;
	} else if (strcmp(key, "uc_max") == 0) {
		p->table_full = strcmp(value, "0") == 0;
	} else if (strcmp(key, "uc_full") == 0) {
		p->promisc_when_refused = strcmp(value, "promisc") == 0;
	} else if (strcmp(key, "stats") != 0 && strcmp(key, "stats_ms") != 0) {
		abort(); /* a key that the NIC in memory does not have */
	}
}

void memnic_set(struct memnic_personality *p, const char *keys)
{
	char words[200], *rest = NULL, *word;

	snprintf(words, sizeof(words), "%s", keys);
	for (word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		char *value = strchr(word, '=');

		if (value)
			*value++ = '\0';
		set(p, word, value ? value : "1");
	}
}

/* Before main: programs take them as constants. */
__attribute__((constructor)) static void read_table(void)
{
	for (size_t i = 0; i < NUM_ARCHETYPES; i++) {
		struct memnic_personality *p = &memnic_archetypes[i];

		*p = (struct memnic_personality) {.name = table[i].name,
						  .archetype = table[i].number,
						  .promisc_from_inside = true};
		memnic_set(p, table[i].keys);
	}
}

const struct memnic_personality *memnic_archetype(const char *name)
{
	for (size_t i = 0; i < NUM_ARCHETYPES; i++) {
		if (strcmp(memnic_archetypes[i].name, name) == 0)
			return &memnic_archetypes[i];
	}
	return NULL;
}
