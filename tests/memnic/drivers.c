// SPDX-License-Identifier: GPL-2.0-or-later
/* The archetypes of tests/drivers.def as personalities of the NIC in memory, which has fewer
 * traits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memnic.h"

/* So that each can be probed from each source, and groups have filters of their own. */
#define BESIDE "loop_pf_pf=1 pf_promisc_mc=0"

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

struct core_personality memnic_archetypes[NUM_ARCHETYPES];
const size_t memnic_num_archetypes = NUM_ARCHETYPES;

/* Before main: programs take them as constants. */
__attribute__((constructor)) static void read_table(void)
{
	for (size_t i = 0; i < NUM_ARCHETYPES; i++) {
		struct core_personality *p = &memnic_archetypes[i];
		char keys[400], word[MEMNIC_WORD_LEN];

		snprintf(keys, sizeof(keys), "%s %s", BESIDE, table[i].keys);
		if (memnic_read(keys, p, NULL, word) < 0)
			abort();
		p->name = table[i].name;
		p->archetype = table[i].number;
		p->second = CORE_SECOND_ENTRY;
	}
}

const struct core_personality *memnic_archetype(const char *name)
{
	for (size_t i = 0; i < NUM_ARCHETYPES; i++) {
		if (strcmp(memnic_archetypes[i].name, name) == 0)
			return &memnic_archetypes[i];
	}
	return NULL;
}
