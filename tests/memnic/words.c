// SPDX-License-Identifier: GPL-2.0-or-later
/* Scenes as words, and without what does not matter. */
#include "adversary.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whole numbers of 1, 4 or 8 bytes, 0 where there is nothing of it. */
#define WORD(field)                                                  \
	{                                                            \
#field, offsetof(struct adversary_scene, field),     \
			sizeof(((struct adversary_scene *)0)->field) \
	}
#define EVENT(array, i) WORD(p.array[i])
#define DELAYS(array)                                                                        \
	EVENT(array, 0), EVENT(array, 1), EVENT(array, 2), EVENT(array, 3), EVENT(array, 4), \
		EVENT(array, 5), EVENT(array, 6)
#define LADDER(n) WORD(ladder[n].style), WORD(ladder[n].source)
#define PAUSE(n) \
	WORD(c.pauses[n].for_ns), WORD(c.pauses[n].unicast_alone), WORD(c.pauses[n].from_ns)

static const struct {
	const char *name;
	size_t offset, size;
} table[] = {
	/* In the order in which they are tried to be left out. */
	PAUSE(1),
	PAUSE(0),
	WORD(c.sibling.from_ns),
	WORD(c.sibling.for_ns),
	WORD(c.bond.members),
	WORD(c.bond.dead),
	WORD(c.bond.from_ns),
	WORD(c.bond.for_ns),
	WORD(c.loss_permille),
	WORD(c.duplicate_permille),
	WORD(c.jitter_ns),
	WORD(c.before_jitter_ns),
	WORD(c.before_ns),
	WORD(c.report_loss_permille),
	WORD(c.group_age_ns),
	WORD(c.forward_after_ns),
	WORD(c.learn_after_ns),
	WORD(c.learn_within_ns),
	WORD(c.advertise_ns),
	WORD(c.learn_max),
	WORD(c.learn_evicts),
	WORD(c.learn_drops),
	WORD(c.flush_ns),
	WORD(c.age_ns),
	WORD(c.damp_ns),
	WORD(c.flood_permille),
	WORD(c.storm_frames),
	WORD(c.storm_ns),
	WORD(c.station_ns),
	WORD(c.station_every_ns),
	WORD(c.station.b[0]),
	WORD(c.station.b[4]),
	WORD(c.station.b[5]),
	WORD(c.others_groups),
	WORD(c.groups_max),
	WORD(c.suppress_unknown),
	WORD(c.mld_snooping),
	WORD(c.arp_police),
	WORD(c.arp_trip_ns),
	WORD(c.arp),
	WORD(c.vlan.blocked),
	WORD(c.vlan.free_blocked),
	WORD(c.vlan.sibling),
	WORD(c.vlan.swallowed),
	WORD(c.vlan.search_errno),
/* What a NIC does. */
#define TRAIT(type, name, ...)	    WORD(p.name),
#define VLAN_TRAIT(type, name, ...) WORD(p.vlan.name),
#include "nic/traits.def"
	DELAYS(comes_after_ns),
	DELAYS(goes_after_ns),
	WORD(same_mac),
	WORD(quick),
	WORD(guest_vlan),
	WORD(vf_in_use),
	WORD(rate),
	WORD(c.openvswitch),
	WORD(c.bonded),
	WORD(c.source),
	WORD(c.seed),
	LADDER(0),
	LADDER(1),
	LADDER(2),
	WORD(num_ladders),
};
#define WORDS (sizeof(table) / sizeof(table[0]))

/* A number of @size bytes within one of 64 bits. */
static char *low_bytes(uint64_t *value, size_t size)
{
	return (char *)value + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(*value) - size : 0);
}

static uint64_t get(const struct adversary_scene *scene, size_t i)
{
	uint64_t value = 0;

	memcpy(low_bytes(&value, table[i].size), (const char *)scene + table[i].offset,
	       table[i].size);
	return value;
}

static void set(struct adversary_scene *scene, size_t i, uint64_t value)
{
	memcpy((char *)scene + table[i].offset, low_bytes(&value, table[i].size), table[i].size);
}

const char *adversary_words(const struct adversary_scene *scene, char buf[ADVERSARY_WORDS_LEN])
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < WORDS && used < ADVERSARY_WORDS_LEN; i++) {
		if (get(scene, i))
			used += (size_t)snprintf(buf + used, ADVERSARY_WORDS_LEN - used,
						 "%s%s=%" PRIu64, used ? " " : "", table[i].name,
						 get(scene, i));
	}
	return buf;
}

bool adversary_read(const char *words, struct adversary_scene *ret_scene)
{
	char copy[ADVERSARY_WORDS_LEN], *rest = NULL;

	*ret_scene = (struct adversary_scene) {.p.name = "words"};
	snprintf(copy, sizeof(copy), "%s", words);
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		char *value = strchr(word, '='), *end;
		uint64_t number;
		size_t i = 0;

		if (!value)
			return false;
		*value++ = '\0';
		number = strtoull(value, &end, 10);
		while (i < WORDS && strcmp(table[i].name, word) != 0)
			i++;
		if (i == WORDS || *value < '0' || *value > '9' || *end)
			return false;
		set(ret_scene, i, number);
	}
	return ret_scene->num_ladders >= 1 && ret_scene->num_ladders <= ADVERSARY_LADDERS;
}

/* ---- reducing ---- */

static bool is_same(const struct adversary_scene *scene, unsigned int n,
		    const struct adversary_outcome *as)
{
	static struct adversary_outcome outcomes[ADVERSARY_LADDERS];

	return adversary_run(scene, outcomes) > n && outcomes[n].class == as->class &&
	       outcomes[n].result.verdict == as->result.verdict &&
	       outcomes[n].truth.answer.verdict == as->truth.answer.verdict;
}

void adversary_reduce(struct adversary_scene *scene, unsigned int n)
{
	static struct adversary_outcome now[ADVERSARY_LADDERS];
	bool less = true;

	(void)adversary_run(scene, now);
	if (n + 1 < scene->num_ladders) {
		struct adversary_scene shorter = *scene;

		shorter.num_ladders = n + 1;
		if (is_same(&shorter, n, &now[n]))
			*scene = shorter;
	}
	while (less) {
		less = false;
		for (size_t i = 0; i < WORDS; i++) {
			struct adversary_scene without = *scene;
			bool vital = strcmp(table[i].name, "num_ladders") == 0 ||
				     strcmp(table[i].name, "c.seed") == 0 ||
				     strncmp(table[i].name, "ladder", 6) == 0;

			if (vital || !get(scene, i))
				continue;
			set(&without, i, 0);
			if (is_same(&without, n, &now[n])) {
				*scene = without;
				less = true;
			}
		}
	}
}
