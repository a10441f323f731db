// SPDX-License-Identifier: GPL-2.0-or-later
/* read.c - a result read back by the tables: from an earlier --json, or from a recording. */
#include "nfprobe/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- what the tables do not check: the order of the elements of a list ---- */

static int check_style(struct nfp_reading *r, const struct nfp_style_result *style)
{
	for (size_t i = 1; i < style->num_steps; i++) {
		if (style->steps[i].step <= style->steps[i - 1].step)
			return nfp_fields_error(r, "steps", "[%zu].step is out of order", i);
	}
	for (size_t i = 0; i < style->num_transitions; i++) {
		if (style->transitions[i].to <= style->transitions[i].from)
			return nfp_fields_error(r, "transitions", "[%zu].to is not after from", i);
	}
	return 0;
}

static bool is_there_before(const struct nfp_vf_result *vf, size_t index)
{
	const struct nfp_style_result *style = &vf->styles[index];

	for (size_t i = 0; i < index; i++) {
		if (vf->styles[i].style == style->style &&
		    strcmp(vf->styles[i].from.name, style->from.name) == 0)
			return true;
	}
	return false;
}

static int read_result(struct nfp_reading *r, const json_t *object, struct nfp_result *result)
{
	int ret = nfp_fields_get(r, &nfp_result_table, object, result);

	for (size_t i = 0; i < result->num_vfs && ret == 0; i++) {
		struct nfp_vf_result *vf = &result->vfs[i];

		r->where[0] = '\0';
		if (i && vf->vf <= result->vfs[i - 1].vf)
			return nfp_fields_error(r, "vfs", "[%zu].vf is out of order", i);
		snprintf(r->where, sizeof(r->where), "vfs[%zu].", i);
		for (size_t j = 0; j < vf->num_styles; j++) {
			if (is_there_before(vf, j))
				return nfp_fields_error(r, "styles", "[%zu].style appears twice",
							j);
		}
		/* A VF that was left alone because it is in use cannot have been probed. */
		if (vf->status == NFP_VF_IN_USE && vf->num_styles)
			return nfp_fields_error(r, "styles", "are those of a VF that is in use");
		for (size_t j = 0; j < vf->num_styles && ret == 0; j++) {
			snprintf(r->where, sizeof(r->where), "vfs[%zu].styles[%zu].", i, j);
			ret = check_style(r, &vf->styles[j]);
		}
	}
	return ret;
}

/* ---- whole results, and ladders ---- */

int nfp_result_read(const json_t *object, unsigned int form, struct nfp_budget *budget,
		    struct nfp_result *result, struct nfp_err *err)
{
	struct nfp_reading reading = {
		.in = form, .budget = budget, .code = NFP_E_INPUT, .err = err};
	const json_t *schema = json_object_get(object, "schema");
	int ret;

	if (form != NFP_IN_RUN &&
	    (!json_is_integer(schema) || json_integer_value(schema) != NFP_SCHEMA))
		return nfp_fields_error(&reading, "schema",
					"is not %d, that of a result of this nfprobe", NFP_SCHEMA);
	ret = read_result(&reading, object, result);
	reading.where[0] = '\0';
	if (ret == 0 && form == NFP_IN_STORE &&
	    (result->num_vfs != 1 || result->vfs[0].num_styles != 1))
		ret = nfp_fields_error(&reading, "vfs", "is not one VF with one style");
	return ret;
}

int nfp_result_read_ladder(const json_t *object, struct nfp_style_result *ret_ladder,
			   struct nfp_err *err)
{
	struct nfp_reading reading = {.in = NFP_IN_LADDER, .code = NFP_E_INPUT, .err = err};
	int ret;

	*ret_ladder = (struct nfp_style_result) {.verdict = NFP_VERDICT_INCONCLUSIVE};
	ret = nfp_fields_get(&reading, &nfp_style_table, object, ret_ladder);
	return ret ?: check_style(&reading, ret_ladder);
}
