/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sheets.h - takes the sheet of a NIC in memory, and draws NICs and networks that could make its
 * answers wrong, cell by cell of a table, as adversary.h does for verdicts.
 */
#ifndef NFPROBE_TESTS_SHEETS_H
#define NFPROBE_TESTS_SHEETS_H

#include "nfprobe/sheet.h"
#include "truth.h"

struct sheet_scene {
	struct core_personality p;
	struct memnic_conditions c;
	int trust, spoofchk; /* of the VF */
	enum nfp_sheet_mode mode;
	uint64_t vf_settle_ns; /* as of the VF's driver */
	uint16_t vid;	       /* of the guest; 0: none */
	bool no_sibling;       /* no other VF sends and listens */
	const char *no_forging;
};

extern const struct truth_guest sheet_guest; /* the addresses of the guest in each sheet */

/* What nfprobe says: the return value is that of nfp_sheet_run. Fills the sheet of *result and what
 * the rules need of the rest, and answers its rows. */
int sheet_take(const struct sheet_scene *scene, struct nfp_result *result, struct nfp_err *err);

struct sheet_cell {
	const char *name, *what;
	void (*draw)(struct sheet_scene *scene, uint64_t *state);
};
extern const struct sheet_cell sheet_cells[];
extern const size_t sheet_num_cells;
/* NULL: there is none of that name. */
const struct sheet_cell *sheet_cell(const char *name);

void sheet_draw(const struct sheet_cell *cell, uint64_t seed, struct sheet_scene *ret_scene);

#endif
