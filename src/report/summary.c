// SPDX-License-Identifier: GPL-2.0-or-later
/* summary.c - everything that a person reads of a result, made once for each form in which it is
 * shown. */
#include "summary_priv.h"

#include <stdlib.h>

struct nfp_summary *nfp_summary_of(const struct nfp_result *result)
{
	struct nfp_summary *s = nfp_calloc(1, sizeof(*s));
	const struct nfp_vf_result *vf = result->have_vf ? &result->vf : NULL;

	s->result = result;
	for (size_t i = 0; vf && i < vf->num_styles && i < NFP_STYLE_COUNT; i++) {
		const struct nfp_style_result *style = &vf->styles[i];

		s->styles[s->num_styles++] =
			(struct nfp_style_outcome) {.style = style,
						    .is = nfp_outcome_of(style),
						    .row = nfp_row_of(style),
						    .ipv6 = style->multicast};
	}
	nfp_advise_all(s);
	nfp_answer(s);
	/* Nothing was seen in a LAG. */
	if (vf && !result->pf.lag[0])
		s->num_life = nfp_life_rows(result, s->life);
	nfp_for_each (life, s->life, s->num_life) {
		if (life->cells[NFP_LIFE_IPV6] == NFP_CELL_OK_IF)
			nfp_advise_star(&s->advised, &life->row);
	}
	return s;
}

void nfp_summary_free(struct nfp_summary *summary)
{
	json_decref(summary->text);
	nfp_for_each (life, summary->life, summary->num_life)
		nfp_strv_fini(&life->conditions);
	nfp_advised_fini(&summary->advised);
	free(summary);
}
