// SPDX-License-Identifier: GPL-2.0-or-later
/* When the NIC's filter for a VF comes and goes. */
#include "core.h"

/* When a task that runs so often (0: always) runs next, from @ns on. */
static uint64_t turn(uint64_t ns, uint64_t period_ns)
{
	return period_ns ? (core_div(ns, period_ns) + 1) * period_ns : ns;
}

/* The VF's task tells the PF's, which writes. @at_once: no task is asked. */
static uint64_t due(const struct core_personality *p, uint64_t ns, bool at_once)
{
	return at_once ? ns : turn(turn(ns, p->vf_turn_ns), p->pf_turn_ns);
}

static unsigned int set(uint64_t *due_ns, uint64_t ns, unsigned int what)
{
	if (!ns && !*due_ns)
		return 0;
	*due_ns = ns;
	return what;
}

static unsigned int will_come(struct core_filter *filter, const uint8_t *mac, uint64_t ns,
			      bool back)
{
	memmove(filter->coming, mac, CORE_MAC);
	filter->back = back;
	return set(&filter->on_ns, ns, CORE_FILTER_COMES);
}

bool core_filter_keeps(const struct core_filter *filter, const uint8_t *mac)
{
	return core_filter_has(filter, mac) ||
	       (filter->on_ns && filter->back && core_is_mac(filter->coming, mac));
}

static unsigned int goes_now(struct core_filter *filter)
{
	bool was_on = filter->on;

	filter->on = false;
	return was_on ? CORE_FILTER_WENT : 0;
}

/*
 * A filter that is there at a reset goes now, and comes back: also one that was about to come,
 * which comes after that. A filter that was about to go, goes for good.
 */
static unsigned int blip(struct core_filter *filter, const struct core_personality *p,
			 uint64_t now_ns, bool *ret_is_back)
{
	const uint8_t *mac = filter->on_ns ? filter->coming : filter->mac;
	unsigned int changed = filter->off_ns ? goes_now(filter) : 0;
	bool back;

	changed |= set(&filter->off_ns, 0, CORE_FILTER_GOES);
	*ret_is_back = filter->on || filter->on_ns;
	if (!*ret_is_back)
		return changed;
	back = !filter->on_ns || filter->back;
	changed |= goes_now(filter);
	return changed | will_come(filter, mac, due(p, now_ns + p->blip_ns, true), back);
}

unsigned int core_filter_go(struct core_filter *filter, const struct core_personality *p,
			    uint64_t after_ns, uint64_t now_ns)
{
	unsigned int changed = set(&filter->on_ns, 0, CORE_FILTER_COMES);

	filter->refused = false;
	if (!after_ns)
		changed |= set(&filter->off_ns, 0, CORE_FILTER_GOES);
	if (filter->on && !filter->off_ns)
		changed |= set(&filter->off_ns, due(p, now_ns + after_ns, !after_ns),
			       CORE_FILTER_GOES);
	return changed;
}

/* A filter that is about to come already stays so. */
static unsigned int come_anew(struct core_filter *filter, const struct core_personality *p,
			      const uint8_t *mac, uint64_t after_ns, uint64_t now_ns)
{
	if (filter->on_ns && core_is_mac(filter->coming, mac))
		return 0;
	return will_come(filter, mac, due(p, now_ns + after_ns, false), false);
}

unsigned int core_filter_come(struct core_filter *filter, const struct core_personality *p,
			      const uint8_t *mac, uint64_t after_ns, uint64_t now_ns)
{
	unsigned int changed = set(&filter->off_ns, 0, CORE_FILTER_GOES);

	if (core_filter_has(filter, mac))
		return changed | set(&filter->on_ns, 0, CORE_FILTER_COMES);
	return changed | come_anew(filter, p, mac, after_ns, now_ns);
}

unsigned int core_filter_event(struct core_filter *filter, const struct core_personality *p,
			       enum core_event event, const uint8_t *told, uint64_t now_ns)
{
	bool comes = p->comes_on & CORE_BIT(event), goes = p->goes_on & CORE_BIT(event), is_back;
	unsigned int changed = 0;

	filter->was_reset |= event == CORE_ON_RESET || event == CORE_ON_BIND;
	filter->came = event != CORE_ON_RESET && (filter->came || event == CORE_ON_BIND);
	filter->left = event != CORE_ON_RESET && (filter->left || event == CORE_ON_UNBIND);
	if (event == CORE_ON_CLEAR)
		filter->owed = false;
	if (told && p->needs_reset_first && !filter->was_reset) {
		if (event == CORE_ON_ASSIGN)
			filter->owed = comes;
		return 0;
	}
	goes = goes && !(event == CORE_ON_CLEAR && p->clear_needs_reset && filter->came);
	comes = told && (comes || (filter->owed && !goes)) &&
		!(p->back_needs_reset && filter->left);
	if (told)
		filter->owed = false;
	if (event == CORE_ON_RESET && p->blip_ns) {
		changed = blip(filter, p, now_ns, &is_back);
		if (is_back)
			return changed;
	}
	if (goes)
		changed |= core_filter_go(filter, p, p->goes_after_ns[event], now_ns);
	if (comes && goes)
		changed |= come_anew(filter, p, told, p->comes_after_ns[event], now_ns);
	else if (comes)
		changed |= core_filter_come(filter, p, told, p->comes_after_ns[event], now_ns);
	return changed;
}

unsigned int core_filter_due(const struct core_filter *filter, uint64_t now_ns)
{
	uint64_t on_ns = filter->on_ns ? filter->on_ns : UINT64_MAX;
	uint64_t off_ns = filter->off_ns ? filter->off_ns : UINT64_MAX;

	if (off_ns <= now_ns && off_ns <= on_ns)
		return CORE_FILTER_GOES;
	return on_ns <= now_ns ? CORE_FILTER_COMES : 0;
}

void core_filter_comes(struct core_filter *filter, bool refused, uint64_t written)
{
	if (core_filter_has(filter, filter->coming))
		return;
	filter->refused = refused;
	filter->on = !refused;
	if (refused)
		return;
	memcpy(filter->mac, filter->coming, CORE_MAC);
	filter->written = written;
}
