// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A NIC as a table of landings: a fit one, but for the odd entries. It has no filters that could
 * explain what it does, and each landing takes effect with a delay of its own.
 */
#include "memnic_priv.h"
#include "../../src/traffic/traffic_priv.h"

#define ODDS 4 /* bits of table_odd */

enum { TABLE_UNICAST, TABLE_BROADCAST, TABLE_MULTICAST, TABLE_KINDS };

/* Where frames of one kind land while the state is as told. */
struct odd {
	enum nic_phase phase;
	unsigned int which; /* assignment: 0 any, 1 the first, 2 the later ones */
	unsigned int order; /* 0 any, 1 the PF first, 2 the VF first */
	unsigned int style; /* 0 any, 1 filter, 2 promisc */
	int kind;
	uint8_t to;
	uint64_t delay_ns;
	uint32_t until; /* it stays until one of these events; 0: as long as the state */
};

/* The @n-th number of @of, which is always the same: splitmix64 (Steele et al. 2014). */
static uint64_t number(uint64_t of, uint64_t n)
{
	uint64_t z = of * UINT64_C(0xd1342543de82ef95) + (n + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t delay_of(uint64_t drawn)
{
	switch (drawn % 4) {
	case 0:
		return drawn / 4 % 1300 * NFP_NSEC_PER_MSEC;
	case 1:
		return drawn / 4 % 100 * NFP_NSEC_PER_MSEC;
	default:
		return 0;
	}
}

static struct odd odd_of(const struct memnic *nic, unsigned int i)
{
	static const uint32_t untils[] = {
		0, 0, 0, CORE_BIT(CORE_ON_RESET), CORE_BIT(CORE_ON_CLEAR), CORE_BIT(CORE_EVENTS)};
	static const int kinds[] = {TABLE_UNICAST,   TABLE_UNICAST,   TABLE_UNICAST,  TABLE_UNICAST,
				    TABLE_MULTICAST, TABLE_MULTICAST, TABLE_BROADCAST};
	uint64_t of = number(nic->p.table, 100 + i);

	return (struct odd) {
		.phase = 1 + (enum nic_phase)(number(of, 0) % (NIC_PHASES - 1)),
		.which = (unsigned int)(number(of, 1) % 6) / 2,
		.order = (unsigned int)(number(of, 2) % 6) / 2 % 3,
		.style = number(of, 3) % 4 ? 0 : 1 + (unsigned int)(number(of, 4) % 2),
		.kind = kinds[number(of, 5) % (sizeof(kinds) / sizeof(kinds[0]))],
		.to = (uint8_t)(number(of, 6) % 4),
		.delay_ns = delay_of(number(of, 7)),
		.until = untils[number(of, 8) % (sizeof(untils) / sizeof(untils[0]))],
	};
}

static bool is_there(const struct nic_table *t, const struct odd *odd)
{
	return odd->phase == t->phase && (odd->which != 1 || t->assigned == 1) &&
	       (odd->which != 2 || t->assigned > 1) && (odd->order != 1 || !t->vf_first) &&
	       (odd->order != 2 || t->vf_first) && (odd->style != 1 || !t->promisc) &&
	       (odd->style != 2 || t->promisc);
}

static uint8_t fit(const struct memnic *nic, int kind)
{
	const struct nic_table *t = &nic->table;
	const uint8_t pf = NIC_TO(NFP_AT_PF), vf = NIC_TO(NFP_AT_VF);
	bool both = number(nic->p.table, 0) % 3 == 0;

	if (kind == TABLE_BROADCAST)
		return pf | vf;
	if (t->phase != NIC_PHASE_UP)
		return t->held ? pf : 0;
	return t->held && (both || kind == TABLE_MULTICAST) ? pf | vf : vf;
}

/* Something changed: each kind's landing is looked up, and takes effect later. */
static void look_up(struct memnic *nic)
{
	struct nic_table *t = &nic->table;
	uint8_t to[TABLE_KINDS];
	uint64_t delay_ns[TABLE_KINDS];

	for (int kind = 0; kind < TABLE_KINDS; kind++) {
		to[kind] = fit(nic, kind);
		delay_ns[kind] = delay_of(
			number(nic->p.table, 10 + 20 * (uint64_t)kind + 2 * t->phase + t->held));
	}
	for (unsigned int i = 0; i < ODDS; i++) {
		const struct odd odd = odd_of(nic, i);

		if (!(nic->p.table_odd & 1U << i))
			continue;
		if (is_there(t, &odd) && odd.until)
			t->stuck |= 1U << i;
		if (!is_there(t, &odd) && !(t->stuck & 1U << i))
			continue;
		to[odd.kind] = odd.to;
		delay_ns[odd.kind] = odd.delay_ns;
	}
	for (int kind = 0; kind < TABLE_KINDS; kind++) {
		struct nic_pending pending = {
			.what = (enum nic_what)(NIC_TABLE_UNICAST + kind),
			.to = to[kind],
		};

		nic_cancel(nic, pending.what);
		if (to[kind] != t->reach[kind])
			nic_schedule_as(nic, delay_ns[kind], pending);
	}
}

void table_held(struct memnic *nic, const struct nfp_mac *mac)
{
	struct nic_table *t = &nic->table;

	if (!nic->p.table)
		return;
	t->held = mac != NULL;
	if (mac) {
		t->vf_first = nic->vf_assigned && nfp_mac_equal(&nic->vf_mac, mac);
		t->mac = *mac;
	}
	look_up(nic);
}

void table_happened(struct memnic *nic, enum core_event event)
{
	static const enum nic_phase phase[CORE_EVENTS] = {
		[CORE_ON_ASSIGN] = NIC_PHASE_ASSIGNED, [CORE_ON_RESET] = NIC_PHASE_RESET,
		[CORE_ON_BIND] = NIC_PHASE_BOUND,      [CORE_ON_UP] = NIC_PHASE_UP,
		[CORE_ON_DOWN] = NIC_PHASE_DOWN,       [CORE_ON_UNBIND] = NIC_PHASE_UNBOUND,
		[CORE_ON_CLEAR] = NIC_PHASE_CLEARED,
	};
	struct nic_table *t = &nic->table;

	if (!nic->p.table)
		return;
	t->phase = phase[event];
	if (event == CORE_ON_RESET && t->used)
		t->phase = NIC_PHASE_RESET_USED;
	t->used |= event == CORE_ON_BIND;
	t->used &= event != CORE_ON_ASSIGN && event != CORE_ON_CLEAR;
	t->assigned += event == CORE_ON_ASSIGN;
	for (unsigned int i = 0; i < ODDS; i++) {
		if (odd_of(nic, i).until & CORE_BIT(event))
			t->stuck &= ~(1U << i);
	}
	look_up(nic);
}

unsigned int table_reach(const struct memnic *nic, enum nfp_kind kind)
{
	const struct nic_table *t = &nic->table;
	const struct nfp_mac *mac = nfp_plan_to(&nic->plan, kind);
	const unsigned int pf = NIC_TO(NFP_AT_PF), everybody = pf | NIC_TO(NFP_AT_VF);

	if (kind == NFP_KIND_BROADCAST)
		return t->phase == NIC_PHASE_NONE ? everybody : t->reach[TABLE_BROADCAST];
	if (nfp_mac_equal(mac, &nfp_mac_all_nodes))
		return everybody;
	if (nic_is_multicast(nic, kind))
		return nfp_mac_equal(mac, &nic->group) ? t->reach[TABLE_MULTICAST] : 0;
	if (nfp_mac_equal(mac, &t->mac))
		return t->reach[TABLE_UNICAST];
	return nic_sees_all(nic) && !nic_sibling_takes(nic) ? pf : 0;
}
