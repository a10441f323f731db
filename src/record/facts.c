// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/store.h"

#define FORMAT	    3	  /* of facts and comments; others are refused */
#define PART_MAX    60000 /* bytes in one comment */
#define FACTS_MAX   (16U << 20)
#define ROUNDS_MAX  100000U
#define ROUND_BYTES 32U /* memory for a ladder besides its text */

static const struct nfp_field id_fields[] = {
	NFP_FIELD(BYTES, nfp_frame_id, "id", run, NFP_IN_RUN),
	NFP_FIELD(BYTES, nfp_frame_id, "key", key, NFP_IN_RUN),
};
static const struct nfp_table id_table = NFP_TABLE(nfp_frame_id, id_fields);

char *facts_of_round(const struct nfp_style_result *round)
{
	return comment_json("round", nfp_fields_json(&nfp_style_table, round, NFP_IN_LADDER));
}

void facts_write(struct nfp_pcapng_buf *buf, const struct nfp_result *result,
		 const struct nfp_frame_id *id)
{
	json_t *object = json_pack("{s:i}", "format", FORMAT);
	char *json, *rest;

	nfp_fields_put(object, &id_table, id, NFP_IN_RUN);
	json_object_set_new(object, "result",
			    nfp_fields_json(&nfp_result_table, result, NFP_IN_RUN));
	json = rest = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
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

/* The facts of the run, joined from several comments. */
struct facts_text {
	char *text;
	size_t len;
	bool complete;
	struct nfp_budget budget;
};

static int gather_comment(const struct nfp_pcapng_reader *reader,
			  const struct nfp_pcapng_option *option, struct facts_text *run,
			  struct nfp_strv *rounds, struct nfp_err *err)
{
	const char *text;
	size_t len;
	bool more;

	if (option->code != NFP_PCAPNG_COMMENT)
		return 0;
	if ((text = comment_rest(option, "round", &len)) != NULL) {
		if (rounds->n == ROUNDS_MAX || nfp_budget_charge(&run->budget, len + ROUND_BYTES))
			return nfp_pcapng_bad(reader, err, "too many ladders");
		nfp_strv_take(rounds, nfp_asprintf("%.*s", (int)len, text));
		return 0;
	}
	text = comment_rest(option, "facts+", &len);
	more = text != NULL;
	if (!more)
		text = comment_rest(option, "facts", &len);
	if (!text)
		return 0;
	if (run->complete || run->len + len > FACTS_MAX)
		return nfp_pcapng_bad(reader, err, "the facts are too many");
	run->text = nfp_reallocarray(run->text, run->len + len, 1);
	memcpy(run->text + run->len, text, len);
	run->len += len;
	run->complete = !more;
	return 0;
}

static int read_run(const json_t *object, struct nfp_budget *budget, struct nfp_result *result,
		    struct facts *facts, struct nfp_err *err)
{
	struct nfp_reading reading = {.in = NFP_IN_RUN, .code = NFP_E_INPUT, .err = err};
	struct nfp_err why = {0};
	int ret;

	if (json_integer_value(json_object_get(object, "format")) != FORMAT)
		return nfp_err_set(err, -EBADMSG, NFP_E_INPUT,
				   "the recording is of another version of nfprobe");
	ret = nfp_fields_get(&reading, &id_table, object, &facts->id);
	if (ret)
		return ret;
	ret = nfp_result_read(json_object_get(object, "result"), NFP_IN_RUN, budget, result, &why);
	memcpy(result->id, facts->id.run, sizeof(result->id));
	if (ret)
		nfp_err_set(err, ret, NFP_E_INPUT, "the facts of the run are damaged: %.300s",
			    why.message);
	return ret;
}

int facts_read(struct nfp_pcapng_reader *reader, struct nfp_result *result, struct facts *ret_facts,
	       struct nfp_err *err)
{
	struct facts_text run = {.budget = {NFP_BUDGET_BYTES}};
	struct nfp_pcapng_block block;
	struct nfp_err why = {0};
	int ret;

	while ((ret = nfp_pcapng_next(reader, &block, err)) > 0) {
		struct nfp_pcapng_option option;
		size_t at = 0;

		if (block.type != NFP_PCAPNG_STATS && block.type != NFP_PCAPNG_PACKET)
			continue;
		while (ret >= 0 && nfp_pcapng_option(&block, &at, &option))
			ret = gather_comment(reader, &option, &run, &ret_facts->rounds, err);
		if (ret < 0)
			break;
	}
	if (ret == 0 && !run.complete)
		ret = nfp_err_set(
			err, -EBADMSG, NFP_E_INPUT,
			"it is not a recording of nfprobe --write, or the run did not end");
	if (ret == 0) {
		json_t *object = nfp_json_load(run.text, run.len, &run.budget, &why);

		ret = object ? read_run(object, &run.budget, result, ret_facts, err)
			     : nfp_err_set(err, -EBADMSG, NFP_E_INPUT, "the facts of the run: %s",
					   why.message);
		json_decref(object);
	}
	free(run.text);
	return ret;
}
