/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sight.h - observations of a step as evidence; and rows of evidence as people write them. */
#ifndef TESTS_SIGHT_H
#define TESTS_SIGHT_H

#include <string.h>

#include "harness.h"
#include "verdict/result.h"
#include "verdict/verdict.h"

struct sight {
	enum nfp_status status;
	bool skip_allowed;
	enum nfp_landing unicast, broadcast;
};

static inline void put(struct nfp_evidence *e, enum nfp_step step, const struct sight *sight)
{
	e->step[step] = (struct nfp_observation) {
		.status = sight->status,
		.skip_allowed = sight->skip_allowed,
		.landing = {[NFP_KIND_UNICAST] = sight->unicast,
			    [NFP_KIND_BROADCAST] = sight->broadcast,
			    [NFP_KIND_UNREGISTERED] = NFP_LANDING_NOWHERE},
		.vf_heard = sight->status == NFP_STATUS_DONE &&
			    (sight->unicast == NFP_LANDING_VF ||
			     sight->unicast == NFP_LANDING_BOTH ||
			     sight->broadcast == NFP_LANDING_VF ||
			     sight->broadcast == NFP_LANDING_BOTH),
	};
}

/*
 * A letter for each step. P pf, V vf, B both, - nowhere, m mixed, r refused, h refused because
 * another holds it, s skipped, l skipped as allowed. Broadcast reaches the PF, and a VF that is to
 * hear.
 *
 * control standby assign attach up alone unplug detach clear vf-first -up -rewritten -unplug -back
 * -clear
 */
static const char sight_letters[] = "?PVB-m";
#define FIT_ROW "-PPPVsPPPPVVPVP"

static inline void read_row(struct nfp_evidence *e, const char *row)
{
	assert_int_equal(strlen(row), NFP_STEP_COUNT);
	*e = (struct nfp_evidence) {.shows = nfp_sources[NFP_SOURCE_NETDEV].shows};
	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++) {
		const char *letter = strchr(sight_letters, row[s]);
		struct sight sight = {.status = NFP_STATUS_SKIPPED, .skip_allowed = row[s] == 'l'};

		if (letter)
			sight = (struct sight) {
				NFP_STATUS_DONE, false, (enum nfp_landing)(letter - sight_letters),
				nfp_ladder[s].expected == NFP_EXPECTED_VF ? NFP_LANDING_BOTH
									  : NFP_LANDING_PF};
		else if (row[s] == 'r' || row[s] == 'h')
			sight.status = NFP_STATUS_REFUSED;
		e->assign_refused_duplicate |= row[s] == 'h';
		put(e, s, &sight);
	}
}

/* Reads another kind of frame, for steps that were made. d: mixed, and nobody knows since when. */
static inline void read_kind(struct nfp_evidence *e, enum nfp_kind kind, const char *row)
{
	assert_int_equal(strlen(row), NFP_STEP_COUNT);
	for (enum nfp_step s = 0; s < NFP_STEP_COUNT; s++) {
		const char *letter = strchr(sight_letters, row[s] == 'd' ? 'm' : row[s]);

		if (letter)
			e->step[s].landing[kind] = (enum nfp_landing)(letter - sight_letters);
		e->step[s].unproven_group |= row[s] == 'd';
	}
}

/* Adds a step that was made, whose frames are where a standby has them. */
static inline void add_step(struct nfp_style_result *style, enum nfp_step step,
			    enum nfp_status status)
{
	style->steps[style->num_steps++] = (struct nfp_step_result) {
		.step = step,
		.w.status = status,
		.w.landing = {[NFP_KIND_UNICAST] = NFP_LANDING_PF,
			      [NFP_KIND_BROADCAST] = NFP_LANDING_BOTH,
			      [NFP_KIND_UNREGISTERED] = NFP_LANDING_NOWHERE},
	};
}

#endif
