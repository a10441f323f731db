/* SPDX-License-Identifier: GPL-2.0-or-later */
/* told.h - the JSON of a result in the terms of the truth, and the truth in those of that JSON. */
#ifndef NFPROBE_TESTS_TOLD_H
#define NFPROBE_TESTS_TOLD_H

#include <jansson.h>

#include "truth.h"

/*
 * The states that the JSON of a style tells of. A step that it calls neither fit nor unfit where
 * something is demanded is not known, whatever landed there.
 */
void told_states(const json_t *style, struct truth_state ret_states[NFP_STEP_COUNT]);
/* The keys of a style that follow from its states, with the answer's values. */
json_t *told_answer(const struct truth_answer *answer);
/* The keys of the landings, and of the guest's VLAN. */
json_t *told_truth(const struct truth *truth, const struct truth_ladder *ladder);

#endif
