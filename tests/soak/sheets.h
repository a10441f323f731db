/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sheets.h - sheets of NICs in memory by the thousand, as adversary.c has ladders. */
#ifndef NFPROBE_TESTS_SOAK_SHEETS_H
#define NFPROBE_TESTS_SOAK_SHEETS_H

#include "memnic/sheets.h"

/* Takes @num sheets of the cell, and prints how many of their answers are wrong. True: any is. */
bool soak_sheets(const struct sheet_cell *cell, uint64_t num, uint64_t seed);
/* The sheet of one seed, with each answer beside the true one. */
void soak_sheet_tell(const struct sheet_cell *cell, uint64_t seed);

#endif
