// SPDX-License-Identifier: GPL-2.0-or-later
/* past.c - an earlier result, read back from the text that --json wrote: bytes from outside. */
#include "nfprobe/verdict.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/base.h"

#define WHERE_LEN  96
#define MAX_GAP_US INT64_C(86400000000) /* a day */

struct reader {
	struct nfp_err *err;
	char where[WHERE_LEN]; /* the object that is read: "vfs[0].styles[1]." */
};

static int wrong(struct reader *r, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int wrong(struct reader *r, const char *key, const char *fmt, ...)
{
	char what[96];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return nfp_err_set(r->err, -EINVAL, NFP_E_BASELINE, "%s%s %s", r->where, key, what);
}

/* ---- values; what is not there is an error, unless it says otherwise ---- */

/* null is empty. */
static int get_text(struct reader *r, const json_t *object, const char *key, char *buf, size_t size)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	buf[0] = '\0';
	if (json_is_null(value))
		return 0;
	if (!text)
		return wrong(r, key, "is no text");
	if (json_string_length(value) != strlen(text) || strlen(text) >= size)
		return wrong(r, key, "is no text of less than %zu bytes", size);
	memcpy(buf, text, strlen(text) + 1);
	return 0;
}

static int get_number(struct reader *r, const json_t *object, const char *key, int64_t max,
		      int64_t *ret_number)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > max)
		return wrong(r, key, "is no number from 0 to %lld", (long long)max);
	*ret_number = json_integer_value(value);
	return 0;
}

/* One of @num words; @none: the value of null, -1: it must be a word. */
static int get_word(struct reader *r, const json_t *object, const char *key,
		    const char *(*name)(unsigned int v), unsigned int num, int none,
		    unsigned int *ret_value)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	if (json_is_null(value) && none >= 0) {
		*ret_value = (unsigned int)none;
		return 0;
	}
	for (unsigned int i = 0; text && i < num; i++) {
		if ((int)i != none && strcmp(name(i), text) == 0) {
			*ret_value = i;
			return 0;
		}
	}
	return wrong(r, key, "is none of the words that it can be");
}

static const char *step_word(unsigned int v)
{
	return nfp_step_name((enum nfp_step)v);
}

static const char *style_word(unsigned int v)
{
	return nfp_style_name((enum nfp_style)v);
}

static const char *verdict_word(unsigned int v)
{
	return nfp_verdict_name((enum nfp_verdict)v);
}

static const char *landing_word(unsigned int v)
{
	return nfp_landing_name((enum nfp_landing)v);
}

static const char *status_word(unsigned int v)
{
	return nfp_status_name((enum nfp_status)v);
}

static const char *source_word(unsigned int v)
{
	return nfp_source_name((enum nfp_source)v);
}

static int get_step(struct reader *r, const json_t *object, const char *key,
		    enum nfp_step *ret_step)
{
	unsigned int word = 0;
	int ret = get_word(r, object, key, step_word, NFP_STEP_COUNT, -1, &word);

	*ret_step = (enum nfp_step)word;
	return ret;
}

static int get_object(struct reader *r, const json_t *object, const char *key,
		      const json_t **ret_value)
{
	*ret_value = json_object_get(object, key);
	return json_is_object(*ret_value) ? 0 : wrong(r, key, "is no object");
}

/*
 * Reads each object of an array of at most @max with @one, r->where being the way to it. *ret_num
 * goes on from what it is.
 */
typedef int (*element_fn)(struct reader *r, const json_t *element, void *ctx);

static int each(struct reader *r, const json_t *object, const char *key, size_t max, element_fn one,
		void *ctx)
{
	const json_t *array = json_object_get(object, key);
	char where[WHERE_LEN];
	int ret = 0;

	if (!json_is_array(array) || json_array_size(array) > max)
		return wrong(r, key, "is no list of at most %zu", max);
	memcpy(where, r->where, sizeof(where));
	for (size_t i = 0; i < json_array_size(array) && ret == 0; i++) {
		const json_t *element = json_array_get(array, i);

		memcpy(r->where, where, sizeof(where));
		if (!json_is_object(element))
			return wrong(r, key, "[%zu] is no object", i);
		snprintf(r->where + strlen(where), sizeof(where) - strlen(where), "%s[%zu].", key,
			 i);
		ret = one(r, element, ctx);
	}
	if (ret == 0)
		memcpy(r->where, where, sizeof(where));
	return ret;
}

/* ---- a style ---- */

static int read_landing(struct reader *r, const json_t *step, enum nfp_kind kind,
			enum nfp_landing *ret_landing)
{
	unsigned int word = 0;
	const json_t *object;
	int ret = get_object(r, step, nfp_kind_name(kind), &object);

	if (ret == 0)
		ret = get_word(r, object, "landing", landing_word, NFP_LANDING_COUNT,
			       NFP_LANDING_NONE, &word);
	*ret_landing = (enum nfp_landing)word;
	return ret;
}

static int read_step(struct reader *r, const json_t *element, void *ctx)
{
	struct nfp_past_style *style = ctx;
	struct nfp_past_step step = {0};
	unsigned int status = 0;
	int ret = get_step(r, element, "step", &step.step);

	if (ret == 0 && style->num_steps && step.step <= style->steps[style->num_steps - 1].step)
		ret = wrong(r, "step", "is out of order");
	if (ret == 0)
		ret = get_word(r, element, "status", status_word, NFP_STATUS_COUNT, -1, &status);
	for (unsigned int kind = 0; kind < NFP_KIND_COUNT && ret == 0; kind++)
		ret = read_landing(r, element, (enum nfp_kind)kind, &step.landing[kind]);
	if (ret < 0)
		return ret;
	step.status = (enum nfp_status)status;
	style->steps[style->num_steps++] = step;
	return 0;
}

/* gap_error_us came later than gap_us. */
static int read_transition(struct reader *r, const json_t *element, void *ctx)
{
	struct nfp_past_style *style = ctx;
	struct nfp_past_gap gap = {0};
	int ret = get_step(r, element, "from", &gap.from);

	if (ret == 0)
		ret = get_step(r, element, "to", &gap.to);
	if (ret == 0 && gap.to <= gap.from)
		ret = wrong(r, "to", "is not after from");
	if (ret < 0 || json_is_null(json_object_get(element, "gap_us")))
		return ret;
	ret = get_number(r, element, "gap_us", MAX_GAP_US, &gap.us);
	if (ret == 0 && json_object_get(element, "gap_error_us"))
		ret = get_number(r, element, "gap_error_us", MAX_GAP_US, &gap.error_us);
	if (ret < 0)
		return ret;
	gap.min_us = gap.max_us = gap.us;
	style->gaps[style->num_gaps++] = gap;
	return 0;
}

/* The spread of a gap over all ladders, of which the transitions are those of the worst. */
static int read_spread(struct reader *r, const json_t *element, void *ctx)
{
	struct nfp_past_style *style = ctx;
	const json_t *spread = json_object_get(element, "gap_us");
	struct nfp_past_gap gap = {0};
	int ret = get_step(r, element, "to", &gap.to);

	if (ret < 0 || json_is_null(spread))
		return ret;
	if (!json_is_object(spread))
		return wrong(r, "gap_us", "is no object");
	ret = get_number(r, spread, "median", MAX_GAP_US, &gap.us);
	if (ret == 0)
		ret = get_number(r, spread, "min", gap.us, &gap.min_us);
	if (ret == 0)
		ret = get_number(r, spread, "max", MAX_GAP_US, &gap.max_us);
	if (ret == 0 && gap.max_us < gap.us)
		ret = wrong(r, "max", "is less than the median");
	for (size_t i = 0; i < style->num_gaps && ret == 0; i++) {
		if (style->gaps[i].to != gap.to)
			continue;
		style->gaps[i].us = gap.us;
		style->gaps[i].min_us = gap.min_us;
		style->gaps[i].max_us = gap.max_us;
	}
	return ret;
}

/* Only a style of several ladders has them. */
static int read_repeats(struct reader *r, const json_t *element, struct nfp_past_style *style)
{
	const json_t *repeats = json_object_get(element, "repeats");
	size_t used = strlen(r->where);
	int ret;

	if (!repeats || json_is_null(repeats))
		return 0;
	if (!json_is_object(repeats))
		return wrong(r, "repeats", "is no object");
	snprintf(r->where + used, sizeof(r->where) - used, "repeats.");
	ret = each(r, repeats, "transitions", NFP_STEP_COUNT, read_spread, style);
	if (ret == 0)
		r->where[used] = '\0';
	return ret;
}

static int read_style(struct reader *r, const json_t *element, void *ctx)
{
	struct nfp_past_vf *vf = ctx;
	struct nfp_past_style *style = &vf->styles[vf->num_styles];
	unsigned int name = 0, verdict = 0;
	int ret = get_word(r, element, "style", style_word, NFP_STYLE_COUNT, -1, &name);

	style->style = (enum nfp_style)name;
	for (size_t i = 0; i < vf->num_styles && ret == 0; i++) {
		if (vf->styles[i].style == style->style)
			ret = wrong(r, "style", "is there twice");
	}
	if (ret == 0)
		ret = get_word(r, element, "verdict", verdict_word, NFP_VERDICT_COUNT, -1,
			       &verdict);
	style->verdict = (enum nfp_verdict)verdict;
	style->allowed = json_is_true(json_object_get(element, "allowed"));
	if (ret == 0)
		ret = each(r, element, "steps", NFP_STEP_COUNT, read_step, style);
	if (ret == 0)
		ret = each(r, element, "transitions", NFP_STEP_COUNT, read_transition, style);
	if (ret == 0)
		ret = read_repeats(r, element, style);
	vf->num_styles++;
	return ret;
}

/* ---- the whole ---- */

static int read_vf(struct reader *r, const json_t *element, void *ctx)
{
	struct nfp_past *past = ctx;
	struct nfp_past_vf *vf = &past->vfs[past->num_vfs];
	int64_t number;
	int ret = get_number(r, element, "vf", NFP_VF_MAX - 1, &number);

	if (ret < 0)
		return ret;
	vf->vf = (unsigned int)number;
	if (past->num_vfs && vf->vf <= past->vfs[past->num_vfs - 1].vf)
		return wrong(r, "vf", "is out of order");
	past->num_vfs++;
	return each(r, element, "styles", NFP_STYLE_COUNT, read_style, vf);
}

static int read_vfs(struct reader *r, const json_t *root, struct nfp_past *past)
{
	size_t num = json_array_size(json_object_get(root, "vfs"));

	if (num > NFP_VF_MAX)
		return wrong(r, "vfs", "is no list of at most %d", NFP_VF_MAX);
	past->vfs = nfp_calloc(num ? num : 1, sizeof(*past->vfs));
	if (!past->vfs)
		return nfp_err_set(r->err, -ENOMEM, NFP_E_MEMORY, "out of memory");
	return each(r, root, "vfs", NFP_VF_MAX, read_vf, past);
}

/* "0x8086"; null is 0. */
static int get_pci_id(struct reader *r, const json_t *object, const char *key, uint16_t *ret_id)
{
	char text[8], digits[8];
	unsigned int id = 0;
	int ret = get_text(r, object, key, text, sizeof(text));

	*ret_id = 0;
	if (ret < 0 || !text[0])
		return ret;
	if (sscanf(text, "0x%4[0-9a-f]", digits) != 1 || strlen(digits) != 4 || strlen(text) != 6)
		return wrong(r, key, "is no PCI id");
	sscanf(digits, "%x", &id);
	*ret_id = (uint16_t)id;
	return 0;
}

static int read_pf(struct reader *r, const json_t *root, struct nfp_past *past)
{
	const json_t *pf;
	int ret = get_object(r, root, "pf", &pf);

	if (ret < 0)
		return ret;
	snprintf(r->where, sizeof(r->where), "pf.");
	ret = get_text(r, pf, "driver", past->driver, sizeof(past->driver));
	if (ret == 0)
		ret = get_text(r, pf, "driver_version", past->driver_version,
			       sizeof(past->driver_version));
	if (ret == 0)
		ret = get_text(r, pf, "firmware", past->firmware, sizeof(past->firmware));
	if (ret == 0)
		ret = get_pci_id(r, pf, "vendor", &past->vendor);
	if (ret == 0)
		ret = get_pci_id(r, pf, "device", &past->device);
	return ret;
}

static int read_run(struct reader *r, const json_t *root, struct nfp_past *past)
{
	const json_t *run;
	int ret = get_object(r, root, "run", &run);

	if (ret < 0)
		return ret;
	snprintf(r->where, sizeof(r->where), "run.");
	ret = get_text(r, run, "start", past->start, sizeof(past->start));
	return ret < 0 ? ret : get_text(r, run, "kernel", past->kernel, sizeof(past->kernel));
}

static int read_settings(struct reader *r, const json_t *root, struct nfp_past *past)
{
	unsigned int source = NFP_SOURCE_COUNT;
	const json_t *settings;
	int64_t vlan = 0;
	int ret = get_object(r, root, "settings", &settings);

	if (ret < 0)
		return ret;
	snprintf(r->where, sizeof(r->where), "settings.");
	ret = get_word(r, settings, "source", source_word, NFP_SOURCE_COUNT, NFP_SOURCE_COUNT,
		       &source);
	if (ret == 0)
		ret = get_number(r, settings, "vlan", 4095, &vlan);
	past->have_source = source != NFP_SOURCE_COUNT;
	past->source = past->have_source ? (enum nfp_source)source : NFP_SOURCE_WIRE;
	past->vlan = (unsigned int)vlan;
	return ret;
}

static bool has_verdict(const struct nfp_past *past)
{
	for (size_t i = 0; i < past->num_vfs; i++) {
		if (past->vfs[i].num_styles)
			return true;
	}
	return false;
}

static int read_root(struct reader *r, const json_t *root, struct nfp_past *past)
{
	const json_t *schema = json_object_get(root, "schema");
	int (*const parts[])(struct reader *, const json_t *,
			     struct nfp_past *) = {read_run, read_pf, read_settings, read_vfs};
	int ret = 0;

	if (!json_is_object(root) || !json_is_integer(schema))
		return wrong(r, "it", "is no result of nfprobe --json");
	if (json_integer_value(schema) != NFP_SCHEMA)
		return wrong(r, "schema", "is not %d: another version of nfprobe wrote it",
			     NFP_SCHEMA);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && ret == 0; i++) {
		r->where[0] = '\0';
		ret = parts[i](r, root, past);
	}
	if (ret == 0 && !has_verdict(past))
		ret = wrong(r, "vfs", "has no verdict to compare with");
	return ret;
}

int nfp_past_parse(const char *text, size_t len, struct nfp_past *ret_past, struct nfp_err *err)
{
	struct reader reader = {.err = err};
	struct nfp_past past = {0};
	json_error_t error;
	json_t *root;
	int ret;

	errno = 0;
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	/* The library calls some of the places where memory runs out a token that is invalid. */
	if (!root && errno == ENOMEM)
		return nfp_err_set(err, -ENOMEM, NFP_E_MEMORY, "out of memory");
	if (!root)
		return nfp_err_set(err, -EINVAL, NFP_E_BASELINE, "line %d is no JSON: %s",
				   error.line, error.text);
	ret = read_root(&reader, root, &past);
	json_decref(root);
	if (ret < 0)
		nfp_past_fini(&past);
	else
		*ret_past = past;
	return ret;
}
