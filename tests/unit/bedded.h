/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bedded.h - cases that run ladders in a bed, which is closed however a case ends. */
#ifndef NFPROBE_TESTS_BEDDED_H
#define NFPROBE_TESTS_BEDDED_H

#include "harness.h"
#include "memnic/bed.h"

#define BED_TEST(name) TEST_OF(name, unmake_nothing, bed_close, struct bed, bed)

/* Opens a bed that is zeroed, or open from an earlier ladder of the case. */
static inline void bed_anew(struct bed *bed, const struct core_personality *personality,
			    const struct memnic_conditions *conditions, enum nfp_style style)
{
	bed_close(bed);
	bed_open(bed, personality, conditions, style);
}

/* Runs a usual ladder to its end. */
static inline void bed_has_run(struct bed *bed, const struct core_personality *personality,
			       const struct memnic_conditions *conditions, enum nfp_style style)
{
	bed_anew(bed, personality, conditions, style);
	assert_int_equal(bed_run(bed), 0);
}

#endif
