// SPDX-License-Identifier: GPL-2.0-or-later
/* read.c - a result read back by the tables that --json is written by. */
#include "fields_read.h"
#include "load.h"
#include "nfprobe/tables.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- what the tables do not check: the order of the elements of a list ---- */

static int check_style(struct reading *r, const struct nfp_style_result *style)
{
	for (size_t i = 1; i < style->num_steps; i++) {
		if (style->steps[i].step <= style->steps[i - 1].step)
			return reader_error(r, "steps", "[%zu].step is out of order", i);
	}
	for (size_t i = 0; i < style->num_transitions; i++) {
		if (style->transitions[i].to <= style->transitions[i].from)
			return reader_error(r, "transitions", "[%zu].to is not after from", i);
	}
	return 0;
}

static bool is_there_before(const struct nfp_vf_result *vf, size_t index)
{
	const struct nfp_style_result *style = &vf->styles[index];

	for (size_t i = 0; i < index; i++) {
		if (vf->styles[i].style == style->style)
			return true;
	}
	return false;
}

/* The judge finds each row in its place. */
static int check_sheet(struct reading *r, const struct nfp_sheet_result *sheet)
{
	snprintf(r->where, sizeof(r->where), "sheet.");
	for (size_t i = 0; i < sheet->num_combinations; i++) {
		const struct nfp_sheet_combination *c = &sheet->combinations[i];

		if (c->num_rows && c->num_rows != NFP_ROW_COUNT)
			return reader_error(r, "combinations", "[%zu].rows lack some", i);
		for (size_t k = 0; k < c->num_rows; k++) {
			if (c->rows[k].row != k)
				return reader_error(r, "combinations",
						    "[%zu].rows[%zu].row is out of order", i, k);
		}
	}
	return 0;
}

/* Each style of a result says since 0.4 what the NIC's filter alone does. */
static bool is_old(const json_t *object)
{
	const json_t *styles = json_object_get(json_object_get(object, "vf"), "styles");

	for (size_t i = 0; i < json_array_size(styles); i++) {
		if (json_object_get(json_array_get(styles, i), "filter_verdict"))
			return false;
	}
	return true;
}

static int read_result(struct reading *r, const json_t *object, struct nfp_result *result)
{
	struct nfp_vf_result *vf = &result->vf;
	int ret;

	r->old = is_old(object);
	ret = reader_fields(r, &nfp_result_table, object, result);
	if (ret)
		return ret;
	snprintf(r->where, sizeof(r->where), "vf.");
	for (size_t i = 0; i < vf->num_styles; i++) {
		if (is_there_before(vf, i))
			return reader_error(r, "styles", "[%zu].style appears twice", i);
		/* Each ladder is climbed from the source of the run. */
		vf->styles[i].from = result->source;
	}
	/* A VF that was left alone because it is in use cannot have been probed. */
	if (vf->status == NFP_VF_IN_USE && vf->num_styles)
		return reader_error(r, "styles", "are those of a VF that is in use");
	for (size_t i = 0; i < vf->num_styles && ret == 0; i++) {
		snprintf(r->where, sizeof(r->where), "vf.styles[%zu].", i);
		ret = check_style(r, &vf->styles[i]);
	}
	return ret ?: check_sheet(r, &result->sheet);
}

/* ---- a whole result ---- */

int reader_read(const json_t *object, struct nfp_result *result, struct nfp_err *err)
{
	struct reading reading = {.in = NFP_IN_JSON, .code = NFP_E_INPUT, .err = err};
	const json_t *schema = json_object_get(object, "schema");

	if (!json_is_integer(schema) || json_integer_value(schema) != NFP_SCHEMA)
		return reader_error(&reading, "schema",
				    "is not %d, that of a result of this nfprobe", NFP_SCHEMA);
	return read_result(&reading, object, result);
}
