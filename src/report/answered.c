// SPDX-License-Identifier: GPL-2.0-or-later
/* answered.c - all that a person reads of a result, made once, whatever shows it. Pure. */
#include "report_priv.h"

#include <stdlib.h>

struct nfp_answered *nfp_answered_of(const struct nfp_result *result)
{
	struct nfp_answered *a = nfp_calloc(1, sizeof(*a));
	const struct nfp_vf_result *vf = result->have_vf ? &result->vf : NULL;

	a->result = result;
	nfp_advised_of(result, &a->advised);
	a->answer = nfp_answer(result, &a->advised);
	a->failover = nfp_failover_of(result, &a->advised);
	a->num_life = vf ? nfp_life_rows(result, vf, a->life) : 0;
	a->num_reach = vf ? nfp_reach_of(vf, &a->advised, a->life, a->num_life, &a->reach) : 0;
	return a;
}

void nfp_answered_free(struct nfp_answered *answered)
{
	json_decref(answered->text);
	for (size_t i = 0; i < answered->num_life; i++)
		nfp_strv_fini(&answered->life[i].conditions);
	for (size_t i = 0; i < answered->num_reach; i++)
		nfp_strv_fini(&answered->reach[i].conditions);
	free(answered->reach);
	nfp_advised_fini(&answered->advised);
	free(answered);
}
