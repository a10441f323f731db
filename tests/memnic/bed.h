/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bed.h - a NIC in memory, the frame accounting and a runner's configuration, for one ladder of a
 * test. */
#ifndef NFPROBE_TESTS_BED_H
#define NFPROBE_TESTS_BED_H

#include "memnic.h"

/* memnic_log() of a whole ladder that is served up to its end: one report in each step, two where
 * somebody joins. */
#define BED_LOG_SAFE                                                                            \
	"hold report report announce announce announce assign report reset "                    \
	"report bind up report announce report announce announce unbind "                       \
	"report reset report clear report "                                                     \
	"release assign reset hold report announce report announce announce reset report "      \
	"bind up report announce report announce entry entry report "                           \
	"announce unbind report bind up report announce report announce announce unbind clear " \
	"report "

struct bed {
	struct memnic *nic;
	struct nfp_frame_accounting *accounting;
	struct nfp_runner_config config; /* the usual one; change it before bed_run */
	struct nfp_style_result result;
	struct nfp_err err;
	char row[MEMNIC_ROW_LEN];
};

/* Aborts when out of memory. */
void bed_open(struct bed *bed, const struct core_personality *personality,
	      const struct memnic_conditions *conditions, enum nfp_style style);
void bed_close(struct bed *bed);
/* nfp_ladder_run */
int bed_run(struct bed *bed);
/* Runs another ladder, with other addresses, on the NIC as nfp_backend_reset_vf leaves it. */
int bed_run_next(struct bed *bed, enum nfp_style style, uint8_t others);
/* Returns a step. NULL: the step is absent. */
const struct nfp_step_result *bed_step(const struct bed *bed, enum nfp_step step);
uint64_t bed_now(const struct bed *bed);
/* Returns memnic_row() of the result, in bed->row. */
const char *bed_row(struct bed *bed);

#endif
