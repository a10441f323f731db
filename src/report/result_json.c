// SPDX-License-Identifier: GPL-2.0-or-later
/* result_json.c - the document of --json: what a person reads of a result, and the result. */
#include "report_priv.h"

#include <stdlib.h>
#include <string.h>

#define J     NFP_IN_JSON
#define FIELD NFP_FIELD

/* ---- what a person reads: formats lay it out, and write no sentences of their own ---- */

struct document {
	const struct nfp_result *result;
	struct nfp_words answer;
	struct nfp_life *life; /* owned */
	size_t num_life;
	struct nfp_advice *advice; /* owned */
	size_t num_advice;
};

#define CELL(key_, column_) \
	FIELD(ENUM, nfp_life, key_, cells[column_], J, .names = &nfp_life_cell_names)
static const struct nfp_field cell_fields[] = {
	CELL("attach", NFP_LIFE_ATTACH),     CELL("up", NFP_LIFE_UP),
	CELL("unplug", NFP_LIFE_UNPLUG),     CELL("detach", NFP_LIFE_DETACH),
	CELL("clear", NFP_LIFE_CLEAR),	     CELL("reassign", NFP_LIFE_REASSIGN),
	CELL("vf_first", NFP_LIFE_VF_FIRST), CELL("ipv6", NFP_LIFE_IPV6),
};

static const struct nfp_field life_fields[] = {
	FIELD(ENUM, nfp_life, "style", style, J, .names = &nfp_style_names),
	NFP_PART("cells", J, NFP_TABLE_OF(nfp_life, cell_fields)),
};

static const struct nfp_field advice_fields[] = {
	FIELD(TEXT, nfp_advice, "text", text.text, J),
	FIELD(TEXT, nfp_advice, "command", command.text, J, .unknown = NFP_NULL),
	FIELD(TEXT, nfp_advice, "when", when.text, J, .unknown = NFP_NULL),
};

static const struct nfp_field document_fields[] = {
	FIELD(TEXT, document, "answer", answer.text, J),
	NFP_SPREAD(document, result, J, &nfp_result_table, J),
	FIELD(LIST, document, "life", life, J, NFP_TABLE_OF(nfp_life, life_fields),
	      NFP_COUNTED(document, num_life)),
	FIELD(LIST, document, "advice", advice, J, NFP_TABLE_OF(nfp_advice, advice_fields),
	      NFP_COUNTED(document, num_advice)),
};
static const struct nfp_table document_table = NFP_TABLE(document, document_fields);

static void add_life(struct document *document, const struct nfp_vf_result *vf)
{
	size_t num = document->num_life + vf->num_styles;

	document->life = nfp_reallocarray(document->life, num, sizeof(*document->life));
	for (size_t i = 0; i < vf->num_styles; i++)
		nfp_life_of(&vf->styles[i], document->result->settings.gap_limit_ms,
			    &document->life[document->num_life++]);
}

static void add_advice(struct document *document, const struct nfp_vf_result *vf)
{
	const size_t num = document->num_advice;

	document->advice = nfp_reallocarray(document->advice, num + NFP_ADVICE_MAX,
					    sizeof(*document->advice));
	document->num_advice += nfp_advice_of(document->result, vf, document->advice + num);
}

json_t *nfp_report_result_json(const struct nfp_result *result)
{
	json_t *root = json_pack("{s:i, s:s}", "schema", NFP_SCHEMA, "version", NFP_VERSION);
	struct document document = {.result = result, .answer = nfp_answer(result)};

	if (result->have_vf) {
		add_life(&document, &result->vf);
		add_advice(&document, &result->vf);
	}
	nfp_fields_put(root, &document_table, &document, J);
	free(document.life);
	free(document.advice);
	return root;
}

int nfp_report_json(const struct nfp_result *result, FILE *out)
{
	json_t *root = nfp_report_result_json(result);
	int ret = nfp_report_document(root, out);

	json_decref(root);
	return ret;
}
