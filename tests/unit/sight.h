/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sight.h - what was seen in a step, as evidence. */
#ifndef TESTS_SIGHT_H
#define TESTS_SIGHT_H

#include "nfprobe/verdict.h"

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

#endif
