// SPDX-License-Identifier: GPL-2.0-or-later
#include "memnic.h"

static uint64_t draw(uint64_t *state)
{
	/* splitmix64, Steele et al. 2014 */
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static bool one_in(uint64_t *state, unsigned int n)
{
	return draw(state) % n == 0;
}

/* Up to the settling time, less the few frames in which a change shows. */
static uint64_t draw_delay(uint64_t *state)
{
	static const uint64_t ms[] = {0, 0, 0, 0, 1, 40, 200};
	uint64_t which = draw(state) % 10;

	if (which >= sizeof(ms) / sizeof(ms[0]))
		return draw(state) % 1490 * NFP_NSEC_PER_MSEC;
	return ms[which] * NFP_NSEC_PER_MSEC;
}

/* The same for multicast, of which there are fewer frames. */
static uint64_t draw_multicast_delay(uint64_t *state)
{
	uint64_t delay_ns = draw_delay(state);

	return delay_ns > 1000 * NFP_NSEC_PER_MSEC ? delay_ns / 2 : delay_ns;
}

static uint32_t draw_event(uint64_t *state)
{
	return CORE_BIT(draw(state) % CORE_EVENTS);
}

/* Three in four do what they should. */
static enum core_groups draw_groups(uint64_t *state)
{
	static const enum core_groups odd[] = {CORE_GROUPS_HASHED, CORE_GROUPS_ALL,
					       CORE_GROUPS_NONE};

	return one_in(state, 4) ? odd[draw(state) % 3] : CORE_GROUPS_JOINED;
}

/* In the same step as one of these, a group may be joined. */
#define JOINS                                                                        \
	(CORE_BIT(CORE_ON_ASSIGN) | CORE_BIT(CORE_ON_RESET) | CORE_BIT(CORE_ON_UP) | \
	 CORE_BIT(CORE_ON_DOWN))

/* A change that is reversed in one step outlasts a group of frames (src/probe/settle.h). */
static void draw_multicast(struct core_personality *p, uint64_t *state)
{
	const uint32_t bind = CORE_BIT(CORE_ON_BIND);

	p->pf_groups = draw_groups(state);
	p->vf_groups = draw_groups(state);
	p->join_after_ns = draw_multicast_delay(state);
	p->group_lost_ns = draw_multicast_delay(state);
	p->pf_wiped_on = one_in(state, 6) ? draw_event(state) : 0;
	if ((p->pf_wiped_on & JOINS) && p->group_lost_ns > p->join_after_ns &&
	    p->group_lost_ns < p->join_after_ns + 900 * NFP_NSEC_PER_MSEC)
		p->group_lost_ns = p->join_after_ns / 2;
	p->vf_steals_group = one_in(state, 3);
	p->group_back_on = draw_event(state) & ~(bind | CORE_BIT(CORE_ON_UP));
	if (p->pf_wiped_on & CORE_BIT(CORE_ON_RESET))
		p->group_back_on &= ~CORE_BIT(CORE_ON_ASSIGN);
	p->allmulti_ignored = one_in(state, 8);
	p->promisc_passes_groups = one_in(state, 2);
}

struct core_personality memnic_random(uint64_t seed)
{
	struct core_personality p = {.name = "random"};
	uint64_t s = seed;

	p.comes_on = (uint32_t)(draw(&s) & ((1U << CORE_EVENTS) - 1)) & ~CORE_BIT(CORE_ON_CLEAR);
	p.goes_on = (uint32_t)(draw(&s) & ((1U << CORE_EVENTS) - 1));
	for (int event = 0; event < CORE_EVENTS; event++) {
		p.comes_after_ns[event] = draw_delay(&s);
		p.goes_after_ns[event] = draw_delay(&s);
		/* A filter that goes and comes again is away for a while. */
		if (p.comes_on & p.goes_on & CORE_BIT(event))
			p.goes_after_ns[event] = p.comes_after_ns[event] / 2;
	}
	p.winner = (enum core_arb)(draw(&s) % 4);
	p.hold_after_ns = draw_delay(&s);
	p.release_after_ns = one_in(&s, 4) ? draw_delay(&s) : 0;
	p.needs_reset_first = one_in(&s, 4);
	p.forgets_on_down = one_in(&s, 8);
	p.clear_wipes_pf = one_in(&s, 10);
	p.assign_ignored = one_in(&s, 10);
	p.hold_ignored = one_in(&s, 10);
	p.promisc_when_refused = one_in(&s, 10);
	p.pf_default_from_wire = one_in(&s, 3);
	p.pf_default_from_inside = one_in(&s, 5);
	p.promisc_from_inside = one_in(&s, 3);
	p.promisc_sees_owned = one_in(&s, 4);
	p.vf_no_broadcast = one_in(&s, 12);
	p.vf_deaf = one_in(&s, 16);
	draw_multicast(&p, &s);
	p.rewrites = one_in(&s, 3);
	return p;
}
