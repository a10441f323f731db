// SPDX-License-Identifier: GPL-2.0-or-later
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/tables.h"

/* ---- what a judgement sets ---- */

/* Without a window the verdict is a fact, and so is its note. */
static void forget_here(struct nfp_here_result *here)
{
	if (!here->num_windows)
		return;
	here->verdict = here->entry = NFP_TRAIT_NONE;
	here->from = here->until = NFP_STEP_CONTROL;
	here->note[0] = '\0';
	for (size_t i = 0; i < here->num_windows; i++)
		here->windows[i].arrives = NFP_UNKNOWN;
}

static void forget_ladder(struct nfp_style_result *ladder)
{
	struct nfp_near_result *near = &ladder->neighbours;

	forget_here(&ladder->here);
	ladder->verdict = NFP_VERDICT_INCONCLUSIVE;
	ladder->claim = NFP_CLAIM_UNKNOWN;
	ladder->release = NFP_RELEASE_UNKNOWN;
	ladder->delivery = NFP_DELIVERY_NONE;
	ladder->requires = 0;
	ladder->allowed = false;
	ladder->reason[0] = ladder->multicast_note[0] = '\0';
	ladder->multicast = NFP_MULTICAST_NONE;
	ladder->bus_master_falls = NFP_UNKNOWN;
	ladder->filter_verdict = ladder->bridge_verdict = NFP_VERDICT_NOT_APPLICABLE;
	ladder->filter_reason[0] = '\0';
	/* Before 0.4 nobody asked what a bridge makes of a guest that talks. */
	if (!ladder->unannounced && !ladder->reflections[NFP_AT_PF].sent)
		ladder->reflections[NFP_AT_PF].shown = ladder->reflections[NFP_AT_VF].shown = 3;
	for (size_t i = 0; i < ladder->num_steps; i++)
		ladder->steps[i].fit = NFP_UNKNOWN;
	/* Without a window the verdict is a fact, and so is its note. */
	if (!near->num_windows)
		return;
	near->verdict = NFP_TRAIT_NONE;
	near->from = near->until = NFP_IDLE_CONTROL;
	near->note[0] = '\0';
	for (size_t i = 0; i < near->num_windows; i++)
		near->windows[i].leaves = NFP_UNKNOWN;
}

static void forget_sheet(struct nfp_sheet_result *sheet)
{
	for (size_t i = 0; i < sheet->num_combinations; i++) {
		struct nfp_sheet_combination *c = &sheet->combinations[i];

		c->findings = 0;
		for (size_t k = 0; k < c->num_rows; k++)
			c->rows[k].answer = NFP_UNKNOWN;
	}
}

void reader_forget(struct nfp_result *result)
{
	struct nfp_vf_result *vf = &result->vf;

	forget_sheet(&result->sheet);
	/* A style without steps says why it has none, which is a fact. */
	for (size_t i = 0; i < vf->num_styles; i++) {
		if (vf->styles[i].num_steps)
			forget_ladder(&vf->styles[i]);
	}
	vf->verdict = NFP_VERDICT_INCONCLUSIVE;
	vf->requires = 0;
	vf->num_proofs = 0;
	vf->neighbours = (struct nfp_near_result) {.verdict = NFP_TRAIT_NONE};
	vf->here = (struct nfp_here_result) {.verdict = NFP_TRAIT_NONE};
	result->verdict = NFP_VERDICT_INCONCLUSIVE;
	/* The end of a stopped run has set its status. */
	if (result->error.code != NFP_E_INTERRUPTED && result->error.code != NFP_E_TIMEOUT)
		result->exit_status = NFP_EXIT_CANNOT;
}

/* ---- reading ---- */

int reader_load(const char *text, size_t len, struct nfp_result *ret_result, struct nfp_err *err)
{
	json_error_t where;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
	int ret = -EBADMSG;

	nfp_result_init(ret_result);
	if (root)
		ret = reader_read(root, ret_result, err);
	else
		nfp_err_set(err, ret, NFP_E_INPUT, "line %d is not JSON: %s", where.line,
			    where.text);
	json_decref(root);
	if (ret)
		return ret;
	reader_forget(ret_result);
	return 0;
}

int reader_load_file(const char *path, struct nfp_result *ret_result, struct nfp_err *err)
{
	char *text = NULL;
	size_t len = 0;
	FILE *in = fopen(path, "r");
	ssize_t got = in ? getdelim(&text, &len, '\0', in) : -1;
	struct nfp_err why = {0};
	int ret;

	nfp_result_init(ret_result);
	if (got < 0) {
		ret = in && !ferror(in) ? nfp_err_set(&why, -EBADMSG, NFP_E_INPUT, "it is empty")
					: nfp_err_errno(&why, -errno, NFP_E_INPUT, "reading");
	} else {
		ret = reader_load(text, (size_t)got, ret_result, &why);
	}
	if (in)
		fclose(in);
	free(text);
	return ret ? nfp_err_set(err, ret, NFP_E_INPUT, "cannot read %s: %s", path, why.message)
		   : 0;
}
