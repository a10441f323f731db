// SPDX-License-Identifier: GPL-2.0-or-later
#include "fields_read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT_MAX  2048
#define TEXTS_MAX 10000 /* of a list */

/* On big-endian machines a member of @size bytes is the end of the number, else its beginning. */
#define AT(number, size)        \
	((uint8_t *)&(number) + \
	 (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(number) - (size) : 0))

static void store_number(uint8_t *at, size_t size, uint64_t number)
{
	memcpy(at, AT(number, size), size);
}

/* Is the member, which was read from @value, written as that? */
static bool is_written_so(const struct nfp_field *f, const void *from, const json_t *value)
{
	struct nfp_field known = *f;
	const struct nfp_table row = {.fields = &known, .num = 1};
	json_t *object;
	bool same;

	known.unknown = NFP_NEVER; /* "00..00" is as good as any */
	object = nfp_fields_json(&row, from, f->in);
	same = json_equal(json_object_get(object, f->key), value);

	json_decref(object);
	return same;
}

/* May be lenient: is_written_so has the last word. */
static void scan_word(const struct nfp_field *f, const char *text, uint8_t *at)
{
	unsigned int id = 0, ms = 0;
	struct tm tm = {0};

	if (f->type == NFP_FIELD_MAC) {
		(void)nfp_mac_parse(text, (struct nfp_mac *)at);
	} else if (f->type == NFP_FIELD_PCI_ID) {
		(void)sscanf(text, "0x%4x", &id);
		store_number(at, f->size, id);
	} else if (f->type == NFP_FIELD_TIME) {
		const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

		(void)sscanf(rest ? rest : "", ".%3uZ", &ms);
		store_number(at, f->size, (uint64_t)((int64_t)timegm(&tm) * 1000 + ms));
	} else if (strlen(text) == 2 * f->size) {
		(void)nfp_hex_parse(text, at, f->size);
	}
}

int reader_error(struct reading *r, const char *key, const char *fmt, ...)
{
	char what[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return nfp_err_set(r->err, -EBADMSG, r->code, "%s%s%s%s", r->where, key,
			   what[0] == '[' ? "" : " ", what);
}

static int read_number(struct reading *r, const struct nfp_field *f, const json_t *value,
		       uint8_t *at)
{
	int64_t number = json_integer_value(value), scale = f->scale ? (int64_t)f->scale : 1;
	int64_t max = f->max, min;

	if (!max && f->type == NFP_FIELD_SIGNED && f->size == sizeof(int32_t))
		max = INT32_MAX;
	else if (!max && f->size < sizeof(uint64_t))
		max = (INT64_C(1) << 8 * f->size) - 1;
	else if (!max) /* without a scale, what any JSON parser represents exactly */
		max = f->scale ? INT64_MAX / scale : INT64_C(1) << 53;
	min = f->type == NFP_FIELD_SIGNED ? -max : 0;
	if (!json_is_integer(value) || number < min || number > max)
		return reader_error(r, f->key, "is not a number from %" PRId64 " to %" PRId64, min,
				    max);
	store_number(at, f->size, (uint64_t)(number * scale));
	return 0;
}

/* One name, or a list of them. */
static int read_field_names(struct reading *r, const struct nfp_field *f, const json_t *value,
			    uint8_t *at)
{
	bool one = f->type == NFP_FIELD_ENUM;
	uint64_t bits = 0;

	if (!one && !json_is_array(value))
		return reader_error(r, f->key, "is not a list");
	for (size_t i = 0; i < (one ? 1 : json_array_size(value)); i++) {
		const json_t *item = one ? value : json_array_get(value, i);
		int v = nfp_name_find(f->names, json_string_value(item));

		if (v < 0 || !nfp_field_name(f, (unsigned int)v))
			return reader_error(r, f->key, "is not one of the allowed values");
		if (one)
			store_number(at, f->size, (uint64_t)v);
		bits |= UINT64_C(1) << v;
	}
	if (f->type == NFP_FIELD_BITS)
		store_number(at, f->size, bits);
	for (size_t i = 0; f->type == NFP_FIELD_NAMES && i < f->size; i++)
		at[i] = bits >> i & 1;
	return 0;
}

static int read_texts(struct reading *r, const struct nfp_field *f, const json_t *value,
		      struct nfp_strv *list)
{
	char text[TEXT_MAX];

	if (!json_is_array(value) || json_array_size(value) > TEXTS_MAX)
		return reader_error(r, f->key, "is not a list of at most %d", TEXTS_MAX);
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *item = json_string_value(json_array_get(value, i));

		if (!item)
			return reader_error(r, f->key, "[%zu] is no text", i);
		nfp_utf8_clean(text, sizeof(text), item, true);
		nfp_strv_take(list, nfp_strdup(text));
	}
	return 0;
}

/* A nested object; @name: its path from the object around it. */
static int read_object(struct reading *r, const struct nfp_field *f, const json_t *value,
		       const char *name, void *to)
{
	size_t used = strlen(r->where);
	int ret;

	if (!json_is_object(value))
		return reader_error(r, name, "is not an object");
	snprintf(r->where + used, sizeof(r->where) - used, "%s.", name);
	ret = reader_fields(r, f->table, value, to);
	if (ret == 0)
		r->where[used] = '\0';
	return ret;
}

static int read_structs(struct reading *r, const struct nfp_field *f, const json_t *value,
			uint8_t *to)
{
	bool list = f->type == NFP_FIELD_LIST;
	size_t num = json_array_size(value), max = list ? (size_t)f->max : f->size / f->table->size;
	uint8_t *at = to + f->at;
	int ret = 0;

	if (!json_is_array(value) || num > max)
		return reader_error(r, f->key, "is not a list of at most %zu", max);
	if (list) {
		uint8_t *structs;

		structs = nfp_calloc(num, f->table->size);
		memcpy(at, &structs, sizeof(structs));
		at = structs;
	}
	store_number(to + f->num_at, sizeof(size_t), num);
	for (size_t i = 0; i < num && ret == 0; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s[%zu]", f->key, i);
		ret = read_object(r, f, json_array_get(value, i), name, at + i * f->table->size);
	}
	return ret;
}

static int read_value(struct reading *r, const struct nfp_field *f, const json_t *value,
		      uint8_t *to)
{
	const char *text = json_string_value(value);
	char *at = (char *)to + f->at;

	switch (f->type) {
	case NFP_FIELD_TEXT:
		if (!text)
			return reader_error(r, f->key, "is not a string");
		nfp_utf8_clean(at, f->size, text, true);
		return 0;
	case NFP_FIELD_NUMBER:
	case NFP_FIELD_SIGNED:
		return read_number(r, f, value, to + f->at);
	case NFP_FIELD_BOOL:
	case NFP_FIELD_MAYBE:
		if (!json_is_boolean(value))
			return reader_error(r, f->key, "is neither true nor false");
		store_number(to + f->at, f->size, json_is_true(value));
		return 0;
	case NFP_FIELD_ENUM:
	case NFP_FIELD_NAMES:
	case NFP_FIELD_BITS:
		return read_field_names(r, f, value, to + f->at);
	case NFP_FIELD_TEXTS:
		return read_texts(r, f, value, (void *)at);
	case NFP_FIELD_OBJECT:
		return read_object(r, f, value, f->key, at);
	case NFP_FIELD_ARRAY:
	case NFP_FIELD_LIST:
		return read_structs(r, f, value, to);
	default:
		if (text)
			scan_word(f, text, to + f->at);
		return text && is_written_so(f, to, value)
			       ? 0
			       : reader_error(r, f->key, "has the wrong form");
	}
}

/* Results of 0.3.0 lack these. */
static bool is_new(const char *key)
{
	static const char *const keys[] = {
		"filter_verdict",  "filter_reason",	  "bridge_verdict",
		"uplink_hears_vf", "uplink_hears_itself", "reflections",
		"others_up",	   "multicast_unproven",  "number",
		"elsewhere",	   "strangers",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i], key) == 0)
			return true;
	}
	return false;
}

int reader_fields(struct reading *reading, const struct nfp_table *table, const json_t *object,
		  void *to)
{
	for (size_t i = 0; i < table->num; i++) {
		const struct nfp_field *f = &table->fields[i];
		const json_t *value = json_object_get(object, f->key);
		/* A key that is left out today may have been null in an earlier version. */
		bool is_null = (f->unknown != NFP_NEVER && json_is_null(value)) ||
			       (f->unknown == NFP_ABSENT && !value);
		int ret = 0;

		if (!value && reading->old && is_new(f->key))
			continue;
		if (!(f->in & reading->in) || f->compute || f->spread)
			continue;
		if (f->known_size == sizeof(bool))
			((bool *)to)[f->known_at] = !is_null;
		if (!is_null)
			ret = read_value(reading, f, value, to);
		else if (f->type == NFP_FIELD_MAYBE)
			store_number((uint8_t *)to + f->at, f->size, (uint64_t)-1);
		if (ret)
			return ret;
	}
	return 0;
}
