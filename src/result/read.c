// SPDX-License-Identifier: GPL-2.0-or-later
/* read.c - a result read back by the tables: from an earlier --json, or from a recording. */
#include "nfprobe/tables.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- what no table says: the order of what is in a list ---- */

static int check_style(struct nfp_reading *r, const struct nfp_style_result *style)
{
	for (size_t i = 1; i < style->num_steps; i++) {
		if (style->steps[i].step <= style->steps[i - 1].step)
			return nfp_fields_bad(r, "steps", "[%zu].step is out of order", i);
	}
	for (size_t i = 0; i < style->num_transitions; i++) {
		if (style->transitions[i].to <= style->transitions[i].from)
			return nfp_fields_bad(r, "transitions", "[%zu].to is not after from", i);
	}
	return 0;
}

static int check_vf(struct nfp_reading *r, const struct nfp_vf_result *vf)
{
	const struct nfp_style_result *styles = vf->styles;
	size_t used = strlen(r->where);

	if (vf->num_styles == 2 && styles[0].style == styles[1].style)
		return nfp_fields_bad(r, "styles", "[1].style is there twice");
	/* One that does not count because somebody uses it cannot have been probed. */
	if (vf->status == NFP_VF_IN_USE && vf->num_styles)
		return nfp_fields_bad(r, "styles", "are those of a VF that is in use");
	for (size_t i = 0; i < vf->num_styles; i++) {
		int ret;

		snprintf(r->where + used, sizeof(r->where) - used, "styles[%zu].", i);
		ret = check_style(r, &styles[i]);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int read_result(struct nfp_reading *r, const json_t *object, struct nfp_result *result)
{
	int ret = nfp_fields_get(r, &nfp_result_table, object, result);

	for (size_t i = 0; i < result->num_vfs && ret == 0; i++) {
		r->where[0] = '\0';
		if (i && result->vfs[i].vf <= result->vfs[i - 1].vf)
			return nfp_fields_bad(r, "vfs", "[%zu].vf is out of order", i);
		snprintf(r->where, sizeof(r->where), "vfs[%zu].", i);
		ret = check_vf(r, &result->vfs[i]);
	}
	return ret;
}

/* ---- a baseline ---- */

static int read_baseline(const json_t *root, struct nfp_result *result, struct nfp_err *err)
{
	struct nfp_reading reading = {.in = NFP_IN_BASELINE, .code = NFP_E_BASELINE, .err = err};
	const json_t *schema = json_object_get(root, "schema");
	int ret;

	if (!json_is_integer(schema))
		return nfp_fields_bad(&reading, "it", "is no result of nfprobe --json");
	if (json_integer_value(schema) != NFP_SCHEMA)
		return nfp_fields_bad(&reading, "schema",
				      "is not %d: another version of nfprobe wrote it", NFP_SCHEMA);
	ret = read_result(&reading, root, result);
	for (size_t i = 0; i < result->num_vfs && ret == 0; i++) {
		if (result->vfs[i].num_styles)
			return 0;
	}
	reading.where[0] = '\0';
	return ret ? ret : nfp_fields_bad(&reading, "vfs", "has no verdict to compare with");
}

int nfp_baseline_parse(const char *text, size_t len, struct nfp_result *ret_result,
		       struct nfp_err *err)
{
	json_error_t error;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	int ret;

	if (!root)
		return nfp_err_set(err, -EINVAL, NFP_E_BASELINE, "line %d is no JSON: %s",
				   error.line, error.text);
	nfp_result_init(ret_result);
	ret = read_baseline(root, ret_result, err);
	json_decref(root);
	if (ret == 0)
		return 0;
	nfp_result_fini(ret_result);
	return -EINVAL;
}

/* ---- a recording ---- */

int nfp_result_read_run(const json_t *object, struct nfp_result *result, struct nfp_err *err)
{
	struct nfp_reading reading = {.in = NFP_IN_RUN, .code = NFP_E_INPUT, .err = err};
	int ret = read_result(&reading, object, result);

	/* Verdicts come from the frames, but that of a style that was left out. */
	for (size_t i = 0; i < result->num_vfs; i++) {
		for (size_t j = 0; j < result->vfs[i].num_styles; j++) {
			struct nfp_style_result *style = &result->vfs[i].styles[j];

			if (style->verdict == NFP_VERDICT_NOT_APPLICABLE)
				continue;
			style->verdict = NFP_VERDICT_INCONCLUSIVE;
			style->reason[0] = '\0';
		}
	}
	return ret;
}

int nfp_result_read_ladder(const json_t *object, struct nfp_style_result *ret_ladder,
			   struct nfp_err *err)
{
	struct nfp_reading reading = {.in = NFP_IN_LADDER, .code = NFP_E_INPUT, .err = err};
	int ret;

	*ret_ladder = (struct nfp_style_result) {.verdict = NFP_VERDICT_INCONCLUSIVE};
	ret = nfp_fields_get(&reading, &nfp_style_table, object, ret_ladder);
	return ret ? ret : check_style(&reading, ret_ladder);
}
