// SPDX-License-Identifier: GPL-2.0-or-later
/* The switch of the network: what it learns at its ports, forgets and passes. */
#include "core.h"

static int find(const struct core_known *known, const uint8_t *mac)
{
	unsigned int i;

	for (i = 0; i < known->num; i++)
		if (core_is_mac(known->list[i].mac, mac))
			return (int)i;
	return -1;
}

static void forget(struct core_known *known, unsigned int i)
{
	memmove(&known->list[i], &known->list[i + 1], (--known->num - i) * sizeof(known->list[0]));
}

const struct core_one *core_net_find(const struct core_known *known, const uint8_t *mac,
				     uint64_t now_ns)
{
	int at = find(known, mac);

	return at >= 0 && known->list[at].from_ns <= now_ns ? &known->list[at] : NULL;
}

uint64_t core_net_age(struct core_known *known, uint64_t now_ns)
{
	uint64_t next_ns = 0, until_ns;
	unsigned int i;

	for (i = known->num; known->age_ns && i-- > 0;) {
		until_ns = known->list[i].seen_ns + known->age_ns;
		if (until_ns <= now_ns)
			forget(known, i);
		else if (!next_ns || until_ns < next_ns)
			next_ns = until_ns;
	}
	return next_ns;
}

void core_net_forget(struct core_known *known, unsigned int port)
{
	unsigned int i;

	for (i = known->num; i-- > 0;)
		if (known->list[i].port == port)
			forget(known, i);
}

void core_net_learn(struct core_known *known, const uint8_t *mac, unsigned int port,
		    uint64_t from_ns, uint64_t now_ns)
{
	unsigned int there = 0, oldest = 0, most = known->most ?: CORE_KNOWN, i;
	int at = find(known, mac);
	bool moves = at >= 0 && known->list[at].port != port;

	if (at >= 0 && !moves) {
		known->list[at].seen_ns = now_ns;
		return;
	}
	if (moves && known->list[at].moved_ns && now_ns - known->list[at].moved_ns < known->damp_ns)
		return;
	for (i = known->num; i-- > 0;) {
		there += known->list[i].port == port;
		oldest = known->list[i].port == port ? i : oldest;
	}
	if (there >= most && !known->evicts)
		return;
	if (there >= most)
		forget(known, oldest);
	at = find(known, mac);
	if (at >= 0)
		forget(known, (unsigned int)at);
	if (known->num == CORE_KNOWN)
		return;
	known->list[known->num] = (struct core_one) {
		.port = port,
		.from_ns = from_ns,
		.seen_ns = now_ns,
		.moved_ns = moves ? now_ns : 0,
	};
	memcpy(known->list[known->num++].mac, mac, CORE_MAC);
}

/* RFC 4541, section 3: all nodes are flooded. */
static bool is_flooded(const uint8_t *group)
{
	static const uint8_t all_nodes[CORE_MAC] = {0x33, 0x33, 0, 0, 0, 1};

	return group[0] != 0x33 || group[1] != 0x33 || core_is_mac(group, all_nodes);
}

bool core_net_passes_group(const struct core_known *groups, bool snoops, const uint8_t *group,
			   uint64_t now_ns)
{
	return !snoops || is_flooded(group) || core_net_find(groups, group, now_ns);
}

bool core_net_passes(const struct core_known *hosts, bool suppresses, const uint8_t *mac, bool far,
		     uint64_t now_ns)
{
	const struct core_one *one = core_net_find(hosts, mac, now_ns);

	return one ? one->port == far : !suppresses;
}

bool core_net_pauses(const struct core_outage *pause, bool unicast, uint64_t now_ns)
{
	return pause->for_ns && (unicast || !pause->unicast_alone) && now_ns >= pause->from_ns &&
	       now_ns - pause->from_ns < pause->for_ns;
}
