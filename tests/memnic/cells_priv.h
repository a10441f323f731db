/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cells_priv.h - what the files of cells share: lots, NICs, runs. */
#ifndef NFPROBE_TESTS_CELLS_PRIV_H
#define NFPROBE_TESTS_CELLS_PRIV_H

#include "adversary.h"

#define MS	  NFP_NSEC_PER_MSEC
#define LATE	  1300U			    /* ms: the latest that a NIC acts */
#define SETTLE	  1500U			    /* ms: nfprobe's settling time */
#define NO_MS	  1			    /* ms; for what must not be 0 */
#define ALWAYS_NS (1000 * NFP_NSEC_PER_SEC) /* no ladder takes that long */

static inline uint64_t draw(uint64_t *state, uint64_t below)
{
	/* splitmix64, Steele et al. 2014 */
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

static inline bool one_in(uint64_t *state, unsigned int n)
{
	return draw(state, n) == 0;
}

static inline uint64_t draw_between(uint64_t *state, uint64_t from, uint64_t to)
{
	return from + draw(state, to - from + 1);
}

#define ON(event) CORE_BIT(CORE_ON_##event)

/* cells.c: a NIC of components; a run of one ladder, of both usual styles; filters of VLANs of any
 * sort, written up to @late_ms late. */
void cells_draw_components(struct core_personality *p, uint64_t *state);
void cells_draw_one(struct adversary_scene *scene, uint64_t *state);
void cells_draw_both(struct adversary_scene *scene, uint64_t *state);
void cells_draw_vlan(struct adversary_scene *scene, uint64_t *state, uint64_t late_ms);

/* cells_blame.c */
void cells_room(struct adversary_scene *scene, uint64_t *state);
void cells_proofs(struct adversary_scene *scene, uint64_t *state);
void cells_trips(struct adversary_scene *scene, uint64_t *state);
void cells_elsewhere(struct adversary_scene *scene, uint64_t *state);
void cells_learn_arp(struct adversary_scene *scene, uint64_t *state);
void cells_learn_ip(struct adversary_scene *scene, uint64_t *state);
void cells_learn_quiet(struct adversary_scene *scene, uint64_t *state);
void cells_learn_ages(struct adversary_scene *scene, uint64_t *state);
void cells_vlan_sleeps(struct adversary_scene *scene, uint64_t *state);
void cells_hash(struct adversary_scene *scene, uint64_t *state);
void cells_talks(struct adversary_scene *scene, uint64_t *state);

/* cells_life.c */
void cells_plugged(struct adversary_scene *scene, uint64_t *state);
void cells_returns(struct adversary_scene *scene, uint64_t *state);
void cells_rewritten(struct adversary_scene *scene, uint64_t *state);
void cells_cleared(struct adversary_scene *scene, uint64_t *state);
void cells_late_resets(struct adversary_scene *scene, uint64_t *state);
void cells_races(struct adversary_scene *scene, uint64_t *state);
void cells_bonded_learn(struct adversary_scene *scene, uint64_t *state);
void cells_bonded(struct adversary_scene *scene, uint64_t *state);

#endif
