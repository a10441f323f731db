/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pasted.h - a host on which somebody types what a run advises, each command at its moment, and a
 * guest there that talks: on a NIC in memory, and behind a bridge with a table.
 */
#ifndef NFPROBE_TESTS_PASTED_H
#define NFPROBE_TESTS_PASTED_H

#include "verdict/result.h"
#include "truth.h"

#define PASTED_MAX 32

struct pasted {
	char answer[512];    /* the first line */
	bool promised;	     /* it says yes, or only, of a row */
	unsigned int states; /* that were looked at */
	/* "unplug: the bridge has it at eth0": where a frame of the wire did not reach the guest */
	char lost[PASTED_MAX][120];
	size_t num_lost;
};

/* Lives the guest by the advice of the row that the answer of @result names. @p and @c: its NIC
 * and network. */
void pasted_live(const struct core_personality *p, const struct memnic_conditions *c,
		 const struct nfp_result *result, struct pasted *ret_pasted);

#endif
