// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/tables.h"

#define FORMAT	   2	 /* of the facts and the comments; what has another is refused */
#define PART_MAX   60000 /* bytes in one comment */
#define FACTS_MAX  (16U << 20)
#define ROUNDS_MAX 100000U
#define FORM	   (JSON_COMPACT | JSON_ENSURE_ASCII)

static const struct nfp_field id_fields[] = {
	NFP_FIELD(BYTES, nfp_frame_id, "id", run, NFP_IN_RUN),
	NFP_FIELD(BYTES, nfp_frame_id, "key", key, NFP_IN_RUN),
};
static const struct nfp_table id_table = NFP_TABLE(nfp_frame_id, id_fields);

char *facts_of_round(const struct nfp_style_result *round)
{
	json_t *object = nfp_fields_json(&nfp_style_table, round, NFP_IN_LADDER);
	char *json = json_dumps(object, FORM), *text = nfp_asprintf("nfprobe round %s", json);

	free(json);
	json_decref(object);
	return text;
}

void facts_put(struct nfp_pcapng_buf *buf, const struct nfp_result *result,
	       const struct nfp_frame_id *id)
{
	json_t *object = json_pack("{s:i}", "format", FORMAT);
	char *json, *rest;

	nfp_fields_put(object, &id_table, id, NFP_IN_RUN);
	json_object_set_new(object, "result",
			    nfp_fields_json(&nfp_result_table, result, NFP_IN_RUN));
	json = rest = json_dumps(object, FORM);
	while (rest) {
		bool more = strlen(rest) > PART_MAX;
		char *text = nfp_asprintf("nfprobe facts%s %.*s", more ? "+" : "", PART_MAX, rest);

		nfp_pcapng_text(buf, NFP_PCAPNG_COMMENT, text);
		free(text);
		rest = more ? rest + PART_MAX : NULL;
	}
	free(json);
	json_decref(object);
}

/* ---- reading ---- */

struct gathering {
	struct blocks *blocks;
	struct nfp_result *result;
	struct facts *to;
	struct nfp_err *err;
	bool have_run;
	char *text; /* the facts of the run so far */
	size_t len;
};

static int bad(struct gathering *g, const char *what)
{
	return blocks_bad(g->blocks, g->err, "%s", what);
}

static int read_run(struct gathering *g, const json_t *object)
{
	struct nfp_reading reading = {.in = NFP_IN_RUN, .code = NFP_E_INPUT, .err = g->err};
	const json_t *result = json_object_get(object, "result");
	struct nfp_err why = {0};
	int ret;

	if (json_integer_value(json_object_get(object, "format")) != FORMAT)
		return nfp_err_set(g->err, -EBADMSG, NFP_E_INPUT,
				   "the recording is of another version of nfprobe");
	ret = nfp_fields_get(&reading, &id_table, object, &g->to->id);
	if (ret == 0)
		ret = nfp_result_read_run(result, g->result, &why);
	memcpy(g->result->id, g->to->id.run, sizeof(g->result->id));
	if (why.code != NFP_E_NONE)
		nfp_err_set(g->err, ret, NFP_E_INPUT, "the facts of the run are damaged: %.300s",
			    why.message);
	return ret;
}

static int take_run(struct gathering *g, const char *text, size_t len, bool is_last)
{
	json_t *object;
	int ret;

	if (g->have_run || g->len + len > FACTS_MAX)
		return bad(g, "the facts are too many");
	g->text = nfp_reallocarray(g->text, g->len + len + 1, 1);
	memcpy(g->text + g->len, text, len);
	g->len += len;
	if (!is_last)
		return 0;
	g->have_run = true;
	object = json_loadb(g->text, g->len, JSON_REJECT_DUPLICATES, NULL);
	ret = object ? read_run(g, object) : bad(g, "the facts of the run are no JSON");
	json_decref(object);
	return ret;
}

static int take_round(struct gathering *g, const char *text, size_t len)
{
	json_t *object;

	if (json_array_size(g->to->rounds) == ROUNDS_MAX)
		return bad(g, "too many ladders");
	object = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (!object)
		return bad(g, "the facts of a ladder are no JSON");
	json_array_append_new(g->to->rounds, object);
	return 0;
}

static int read_comments(struct gathering *g, const struct nfp_pcapng_block *block)
{
	struct nfp_pcapng_option option;
	size_t at = 0, len;
	int ret = 0;

	while (ret == 0 && nfp_pcapng_option(block, &at, &option)) {
		const char *text;

		if ((text = comment_rest(&option, "facts+", &len)) != NULL)
			ret = take_run(g, text, len, false);
		else if ((text = comment_rest(&option, "facts", &len)) != NULL)
			ret = take_run(g, text, len, true);
		else if ((text = comment_rest(&option, "round", &len)) != NULL)
			ret = take_round(g, text, len);
	}
	return ret;
}

static int read_all(struct gathering *g)
{
	struct nfp_pcapng_block block;
	int ret;

	while ((ret = blocks_next(g->blocks, &block, g->err)) > 0) {
		if (block.type == NFP_PCAPNG_STATS || block.type == NFP_PCAPNG_PACKET)
			ret = read_comments(g, &block);
		if (ret < 0)
			return ret;
	}
	if (ret == 0 && !g->have_run)
		return nfp_err_set(g->err, -EBADMSG, NFP_E_INPUT,
				   "it is no recording of nfprobe --write, or the run did not end");
	return ret;
}

int facts_gather(struct blocks *blocks, struct nfp_result *result, struct facts *ret_facts,
		 struct nfp_err *err)
{
	struct gathering g = {.blocks = blocks, .result = result, .to = ret_facts, .err = err};
	int ret;

	ret_facts->rounds = json_array();
	ret = read_all(&g);
	free(g.text);
	return ret;
}

void facts_fini(struct facts *facts)
{
	json_decref(facts->rounds);
	facts->rounds = NULL;
}
