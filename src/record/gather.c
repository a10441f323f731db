// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FACTS_MAX  (16U << 20)
#define ROUNDS_MAX 100000U

struct gathering {
	struct blocks *blocks;
	struct nfp_result *result;
	struct gathered *to;
	struct nfp_err *err;
	bool have_run; /* the facts of the run were read */
	char *text;    /* that goes on in the next comment */
	size_t len;
};

static int bad(struct gathering *g, const char *what)
{
	return blocks_bad(g->blocks, g->err, "%s", what);
}

static int no_memory(struct gathering *g)
{
	return nfp_err_errno(g->err, -ENOMEM, NFP_E_MEMORY, "the recording");
}

static int keep_facts(struct gathering *g, const struct words *words)
{
	char *more;

	if (g->len + words->len > FACTS_MAX)
		return bad(g, "the facts are too many");
	more = nfp_reallocarray(g->text, g->len + words->len + 1, 1);
	if (!more)
		return no_memory(g);
	memcpy(more + g->len, words->text, words->len);
	g->text = more;
	g->len += words->len;
	return 0;
}

/* The first are the run's, the others the VFs'. */
static int take_facts(struct gathering *g, const struct words *words)
{
	struct nfp_result *result = g->result;
	int ret = keep_facts(g, words);

	if (ret || words->what == WORDS_MORE_FACTS)
		return ret;
	if (g->have_run)
		ret = facts_read_vf(g->text, g->len, result, g->err);
	else
		ret = facts_read_run(g->text, g->len, result, &g->to->id, g->err);
	g->have_run = true;
	g->len = 0;
	return ret;
}

static int keep_round(struct gathering *g, const struct words *words)
{
	char **more;

	if (g->to->num_rounds == ROUNDS_MAX)
		return bad(g, "too many ladders");
	more = nfp_reallocarray(g->to->rounds, g->to->num_rounds + 1, sizeof(*more));
	if (!more)
		return no_memory(g);
	g->to->rounds = more;
	more[g->to->num_rounds] = strndup(words->text, words->len);
	if (!more[g->to->num_rounds])
		return no_memory(g);
	g->to->num_rounds++;
	return 0;
}

static int read_comments(struct gathering *g, const struct nfp_pcapng_block *block)
{
	struct nfp_pcapng_option option;
	struct words words;
	size_t at = 0;

	while (nfp_pcapng_option(block, &at, &option)) {
		int ret = 0;

		if (option.code != NFP_PCAPNG_COMMENT)
			continue;
		words_read((const char *)option.value, option.len, &words);
		if (words.what == WORDS_FACTS || words.what == WORDS_MORE_FACTS)
			ret = take_facts(g, &words);
		else if (words.what == WORDS_ROUND)
			ret = keep_round(g, &words);
		if (ret)
			return ret;
	}
	return 0;
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

int gather_facts(struct blocks *blocks, struct nfp_result *result, struct gathered *ret_gathered,
		 struct nfp_err *err)
{
	struct gathering g = {.blocks = blocks, .result = result, .to = ret_gathered, .err = err};
	int ret = read_all(&g);

	free(g.text);
	return ret;
}

void gathered_fini(struct gathered *gathered)
{
	for (size_t i = 0; i < gathered->num_rounds; i++)
		free(gathered->rounds[i]);
	free(gathered->rounds);
	*gathered = (struct gathered) {0};
}
