// SPDX-License-Identifier: GPL-2.0-or-later
/* The PF's addresses, and one that PF and VF both have. */
#include "core.h"

int core_pf_find(const struct core_list *pf, const uint8_t *mac)
{
	unsigned int i;

	for (i = 0; i < pf->num; i++)
		if (core_is_mac(pf->list[i].mac, mac))
			return (int)i;
	return -1;
}

uint64_t core_pf_has(const struct core_list *pf, const uint8_t *mac)
{
	int place = core_pf_find(pf, mac);

	return place >= 0 && !pf->list[place].dead ? pf->list[place].written : 0;
}

bool core_pf_is_untold(const struct core_personality *p)
{
	return p->unwritten_in & CORE_BIT(CORE_MODE_ANY);
}

bool core_pf_is_unwritten(const struct core_personality *p, bool promisc, bool allmulti)
{
	return core_pf_is_untold(p) || (promisc && p->unwritten_in & CORE_BIT(CORE_MODE_PROMISC)) ||
	       (allmulti && p->unwritten_in & CORE_BIT(CORE_MODE_ALLMULTI));
}

/* All of them, as in bnxt_set_rx_mode, when one comes or goes. */
static void rewrite(struct core_list *pf, const struct core_personality *p, uint64_t *writes)
{
	unsigned int i;

	for (i = 0; p->rewrites && i < pf->num; i++)
		pf->list[i].written = ++*writes;
}

struct core_entry *core_pf_add(struct core_list *pf, const struct core_personality *p,
			       const uint8_t *mac, bool vf_has, uint64_t *writes)
{
	struct core_entry *entry = &pf->list[pf->num++];

	memcpy(entry->mac, mac, CORE_MAC);
	entry->refused = (p->hold_ignored || p->promisc_when_refused) && vf_has;
	entry->dead = entry->refused;
	entry->written = ++*writes;
	rewrite(pf, p, writes);
	return entry;
}

void core_pf_drop(struct core_list *pf, const struct core_personality *p, const uint8_t *mac,
		  uint64_t *writes)
{
	int place = core_pf_find(pf, mac);

	if (place < 0)
		return;
	pf->list[place] = pf->list[--pf->num];
	rewrite(pf, p, writes);
}

bool core_pf_retry(struct core_entry *entry, const struct core_personality *p, bool vf_has,
		   uint64_t *writes)
{
	if (!p->pf_retries || !entry->refused || vf_has)
		return false;
	entry->refused = entry->dead = false;
	entry->written = ++*writes;
	return true;
}

bool core_pf_kill(struct core_list *pf, const uint8_t *mac)
{
	bool was_on = core_pf_has(pf, mac);

	if (was_on)
		pf->list[core_pf_find(pf, mac)].dead = true;
	return was_on;
}

static unsigned int num_refused(const struct core_list *pf)
{
	unsigned int i, num = 0;

	for (i = 0; i < pf->num; i++)
		num += pf->list[i].refused;
	return num;
}

bool core_pf_blocks_groups(const struct core_list *pf, const struct core_personality *p)
{
	return p->refused_blocks_groups && num_refused(pf);
}

bool core_pf_overflows(struct core_list *pf, const struct core_personality *p, unsigned int beside)
{
	bool refused = p->promisc_when_refused && num_refused(pf);
	unsigned int i, active = beside;

	for (i = 0; i < pf->num; i++)
		active += !pf->list[i].dead;
	if (refused && !pf->overflows)
		pf->threshold = active * 3 / 4;
	pf->overflows = refused || (pf->overflows && p->promisc_stays && active >= pf->threshold);
	return pf->overflows;
}

bool core_vf_is_refused(const struct core_personality *p, bool pf_has)
{
	return p->assign_ignored && pf_has;
}

unsigned int core_vf_retry(struct core_filter *filter, const struct core_personality *p,
			   const uint8_t *dropped, uint64_t now_ns)
{
	if (!p->retries || !filter->refused || !core_is_mac(filter->coming, dropped))
		return 0;
	return core_filter_come(filter, p, dropped, p->comes_after_ns[CORE_ON_ASSIGN], now_ns);
}
