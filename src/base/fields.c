// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/fields.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT_MAX  2048
#define TEXTS_MAX 10000 /* of a list, when reading */
#define WORD_MAX  64	/* an address, an id, or a time as text */

/* ---- members ---- */

/* On big-endian machines a member of @size bytes is the end of the number, else its beginning. */
#define AT(number, size)        \
	((uint8_t *)&(number) + \
	 (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(number) - (size) : 0))

static uint64_t load_number(const uint8_t *at, size_t size)
{
	uint64_t number = 0;

	memcpy(AT(number, size), at, size);
	return number;
}

static void store_number(uint8_t *at, size_t size, uint64_t number)
{
	memcpy(at, AT(number, size), size);
}

static int64_t load_signed(const uint8_t *at, size_t size)
{
	uint64_t number = load_number(at, size);

	return size == sizeof(int32_t) ? (int32_t)number : (int64_t)number;
}

static const uint8_t *load_pointer(const uint8_t *at)
{
	const uint8_t *pointer;

	memcpy(&pointer, at, sizeof(pointer));
	return pointer;
}

const char *nfp_field_name(const struct nfp_field *field, unsigned int v)
{
	if (v >= field->names->num || (v < 32 && field->except >> v & 1))
		return NULL;
	return field->names->v[v];
}

static bool is_known_key(const struct nfp_field *f, const uint8_t *from)
{
	const uint8_t *at = from + f->at;
	size_t size = f->size;

	if (f->type == NFP_FIELD_STRING && !load_pointer(at))
		return false;
	if (f->unknown == NFP_NEVER)
		return true;
	if (f->known_size) {
		at = from + f->known_at;
		size = f->known_size;
	} else if (f->type == NFP_FIELD_ENUM) {
		return nfp_field_name(f, (unsigned int)load_number(at, size)) != NULL;
	} else if (f->type == NFP_FIELD_MAYBE || f->type == NFP_FIELD_TIME) {
		return load_signed(at, size) >= (f->type == NFP_FIELD_TIME);
	} else if (f->type <= NFP_FIELD_NAME) { /* a text */
		size = 1;
	}
	for (size_t i = 0; i < size; i++) {
		if (at[i])
			return true;
	}
	return false;
}

/* ---- values that are words in JSON ---- */

static void print_word(const struct nfp_field *f, const uint8_t *at, char text[WORD_MAX])
{
	uint64_t number = f->size <= sizeof(number) ? load_number(at, f->size) : 0;

	if (f->type == NFP_FIELD_MAC)
		nfp_mac_str((const struct nfp_mac *)at, text);
	else if (f->type == NFP_FIELD_PCI_ID)
		snprintf(text, WORD_MAX, "0x%04x", (unsigned int)number);
	else if (f->type == NFP_FIELD_TIME)
		nfp_time_text((int64_t)number, text, WORD_MAX);
	else
		nfp_hex_str(at, f->size, text);
}

/* May be lenient: read_value compares the text with how the value is printed. */
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

/* ---- writing ---- */

static json_t *text_json(const char *text)
{
	char clean[TEXT_MAX];

	nfp_utf8_clean(clean, sizeof(clean), text[0] ? text : "?", false);
	return json_string(clean);
}

/* Milliseconds are rounded, microseconds are truncated. */
static json_t *number_json(const struct nfp_field *f, const uint8_t *at)
{
	uint64_t scale = f->scale ? f->scale : 1, number;

	if (f->type == NFP_FIELD_SIGNED)
		return json_integer(load_signed(at, f->size) / (int64_t)scale);
	number = f->compute ? f->compute(at) : load_number(at, f->size);
	number = (number + (scale == NFP_NSEC_PER_MSEC ? scale / 2 : 0)) / scale;
	return json_integer((int64_t)number < f->min ? f->min : (json_int_t)number);
}

/* A list of the names that are set. */
static json_t *names_json(const struct nfp_field *f, const uint8_t *at)
{
	json_t *json = json_array();

	for (unsigned int i = 0; i < f->names->num; i++) {
		const char *name = nfp_field_name(f, i);
		bool set = f->type == NFP_FIELD_BITS ? load_number(at, f->size) >> i & 1 : at[i];

		if (set && name)
			json_array_append_new(json, json_string(name));
	}
	return json;
}

static json_t *value_json(const struct nfp_field *f, const uint8_t *from, unsigned int in)
{
	const uint8_t *at = from + f->at, *structs;
	const struct nfp_strv *list = (const void *)at;
	char word[WORD_MAX];
	json_t *json;

	in = f->as ? f->as : in;
	switch (f->type) {
	case NFP_FIELD_STRING:
		return text_json((const char *)load_pointer(at));
	case NFP_FIELD_DOCUMENT:
		memcpy(&json, at, sizeof(json));
		return json_incref(json);
	case NFP_FIELD_TEXT:
		return text_json((const char *)at);
	case NFP_FIELD_ESCAPED:
	case NFP_FIELD_NAME:
		return nfp_json_escape((const char *)at);
	case NFP_FIELD_NUMBER:
	case NFP_FIELD_SIGNED:
		return number_json(f, at);
	case NFP_FIELD_BOOL:
	case NFP_FIELD_MAYBE:
		return json_boolean(load_number(at, f->size));
	case NFP_FIELD_ENUM: {
		const char *name = nfp_field_name(f, (unsigned int)load_number(at, f->size));

		return json_string(name ? name : "?");
	}
	case NFP_FIELD_NAMES:
	case NFP_FIELD_BITS:
		return names_json(f, at);
	case NFP_FIELD_TEXTS:
		json = json_array();
		for (size_t i = 0; i < list->n; i++) {
			if (list->v[i][0])
				json_array_append_new(json, text_json(list->v[i]));
		}
		return json;
	case NFP_FIELD_OBJECT:
		return nfp_fields_json(f->table, at, in);
	case NFP_FIELD_POINTER:
		return nfp_fields_json(f->table, load_pointer(at), in);
	case NFP_FIELD_ARRAY:
	case NFP_FIELD_LIST:
		json = json_array();
		structs = f->type == NFP_FIELD_LIST ? load_pointer(at) : at;
		for (size_t i = 0; i < load_number(from + f->num_at, sizeof(size_t)); i++)
			json_array_append_new(
				json, nfp_fields_json(f->table, structs + i * f->table->size, in));
		return json;
	default:
		print_word(f, at, word);
		return json_string(word);
	}
}

void nfp_fields_put(json_t *object, const struct nfp_table *table, const void *from,
		    unsigned int in)
{
	for (size_t i = 0; i < table->num; i++) {
		const struct nfp_field *f = &table->fields[i];
		const uint8_t *at = (const uint8_t *)from + f->at;

		if (!(f->in & in))
			continue;
		if (f->spread)
			nfp_fields_put(object, f->table,
				       f->type == NFP_FIELD_POINTER ? load_pointer(at) : at, f->as);
		else if (is_known_key(f, from))
			json_object_set_new(object, f->key, value_json(f, from, in));
		else if (f->unknown == NFP_NULL)
			json_object_set_new(object, f->key, json_null());
	}
}

json_t *nfp_fields_json(const struct nfp_table *table, const void *from, unsigned int in)
{
	json_t *object = json_object();

	nfp_fields_put(object, table, from, in);
	return object;
}

/* ---- reading ---- */

int nfp_fields_error(struct nfp_reading *r, const char *key, const char *fmt, ...)
{
	char what[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return nfp_err_set(r->err, -EBADMSG, r->code, "%s%s%s%s", r->where, key,
			   what[0] == '[' ? "" : " ", what);
}

static int read_number(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
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
		return nfp_fields_error(r, f->key, "is not a number from %" PRId64 " to %" PRId64,
					min, max);
	store_number(at, f->size, (uint64_t)(number * scale));
	return 0;
}

/* One name, or a list of them. */
static int read_field_names(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
			    uint8_t *at)
{
	bool one = f->type == NFP_FIELD_ENUM;
	uint64_t bits = 0;

	if (!one && !json_is_array(value))
		return nfp_fields_error(r, f->key, "is not a list");
	for (size_t i = 0; i < (one ? 1 : json_array_size(value)); i++) {
		const json_t *item = one ? value : json_array_get(value, i);
		int v = nfp_name_find(f->names, json_string_value(item));

		if (v < 0 || !nfp_field_name(f, (unsigned int)v))
			return nfp_fields_error(r, f->key, "is not one of the allowed values");
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

static int read_texts(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
		      struct nfp_strv *list)
{
	char text[TEXT_MAX];

	if (!json_is_array(value) || json_array_size(value) > TEXTS_MAX)
		return nfp_fields_error(r, f->key, "is not a list of at most %d", TEXTS_MAX);
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *item = json_string_value(json_array_get(value, i));

		if (!item)
			return nfp_fields_error(r, f->key, "[%zu] is no text", i);
		nfp_utf8_clean(text, sizeof(text), item, true);
		nfp_strv_take(list, nfp_strdup(text));
	}
	return 0;
}

/* A nested object; @name: its path from the object around it. */
static int read_object(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
		       const char *name, void *to)
{
	size_t used = strlen(r->where);
	int ret;

	if (!json_is_object(value))
		return nfp_fields_error(r, name, "is not an object");
	snprintf(r->where + used, sizeof(r->where) - used, "%s.", name);
	ret = nfp_fields_get(r, f->table, value, to);
	if (ret == 0)
		r->where[used] = '\0';
	return ret;
}

static int read_structs(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
			uint8_t *to)
{
	bool list = f->type == NFP_FIELD_LIST;
	size_t num = json_array_size(value), max = list ? (size_t)f->max : f->size / f->table->size;
	uint8_t *at = to + f->at;
	int ret = 0;

	if (!json_is_array(value) || num > max)
		return nfp_fields_error(r, f->key, "is not a list of at most %zu", max);
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

static int read_value(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
		      uint8_t *to)
{
	const char *text = json_string_value(value);
	char *at = (char *)to + f->at, printed[WORD_MAX];

	switch (f->type) {
	case NFP_FIELD_TEXT:
		if (!text)
			return nfp_fields_error(r, f->key, "is not a string");
		nfp_utf8_clean(at, f->size, text, true);
		return 0;
	case NFP_FIELD_ESCAPED:
	case NFP_FIELD_NAME:
		if (nfp_json_unescape(value, at, f->size) ||
		    (f->type == NFP_FIELD_NAME &&
		     (strchr(at, '/') || strcmp(at, ".") == 0 || strcmp(at, "..") == 0)))
			return nfp_fields_error(r, f->key, "is not escaped text, or is a path");
		return 0;
	case NFP_FIELD_NUMBER:
	case NFP_FIELD_SIGNED:
		return read_number(r, f, value, to + f->at);
	case NFP_FIELD_BOOL:
	case NFP_FIELD_MAYBE:
		if (!json_is_boolean(value))
			return nfp_fields_error(r, f->key, "is neither true nor false");
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
	case NFP_FIELD_POINTER:
	case NFP_FIELD_STRING:
	case NFP_FIELD_DOCUMENT:
		return 0;
	default:
		if (text) {
			scan_word(f, text, to + f->at);
			print_word(f, to + f->at, printed);
		}
		return text && strcmp(text, printed) == 0
			       ? 0
			       : nfp_fields_error(r, f->key, "has the wrong form");
	}
}

int nfp_fields_get(struct nfp_reading *reading, const struct nfp_table *table, const json_t *object,
		   void *to)
{
	for (size_t i = 0; i < table->num; i++) {
		const struct nfp_field *f = &table->fields[i];
		const json_t *value = json_object_get(object, f->key);
		/* A key that is left out today may have been null in an earlier version. */
		bool is_null = (f->unknown != NFP_NEVER && json_is_null(value)) ||
			       (f->unknown == NFP_ABSENT && !value);
		int ret = 0;

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
