// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/fields.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT_MAX  2048
#define TEXTS_MAX 10000 /* in a list that is read */
#define WORD_MAX  64	/* an address, an id, a time as text */

/* ---- members ---- */

/* A member of @size bytes is the end of a number on a big-endian machine, else its beginning. */
#define AT(number, size)        \
	((uint8_t *)&(number) + \
	 (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(number) - (size) : 0))

static uint64_t get_number(const uint8_t *at, size_t size)
{
	uint64_t number = 0;

	memcpy(AT(number, size), at, size);
	return number;
}

static void set_number(uint8_t *at, size_t size, uint64_t number)
{
	memcpy(at, AT(number, size), size);
}

static int64_t get_signed(const uint8_t *at, size_t size)
{
	uint64_t number = get_number(at, size);

	return size == sizeof(int32_t) ? (int32_t)number : (int64_t)number;
}

static const uint8_t *get_pointer(const uint8_t *at)
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

static bool any_bit(const uint8_t *at, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (at[i])
			return true;
	}
	return false;
}

static bool is_known(const struct nfp_field *f, const uint8_t *from)
{
	const uint8_t *at = from + f->at;

	if (f->unknown == NFP_NEVER)
		return true;
	if (f->known_size)
		return any_bit(from + f->known_at, f->known_size);
	switch (f->type) {
	case NFP_FIELD_TEXT:
	case NFP_FIELD_ESCAPED:
	case NFP_FIELD_NAME:
		return at[0] != '\0';
	case NFP_FIELD_ENUM:
		return nfp_field_name(f, (unsigned int)get_number(at, f->size)) != NULL;
	case NFP_FIELD_MAYBE:
		return get_signed(at, f->size) >= 0;
	case NFP_FIELD_TIME:
		return get_signed(at, f->size) > 0;
	default:
		return any_bit(at, f->size);
	}
}

/* ---- values that are words in JSON ---- */

static void print_word(const struct nfp_field *f, const uint8_t *at, char text[WORD_MAX])
{
	struct nfp_mac mac;

	text[0] = '\0';
	switch (f->type) {
	case NFP_FIELD_MAC:
		memcpy(&mac, at, sizeof(mac));
		nfp_mac_str(&mac, text);
		break;
	case NFP_FIELD_PCI_ID:
		snprintf(text, WORD_MAX, "0x%04x", (unsigned int)get_number(at, f->size));
		break;
	case NFP_FIELD_TIME:
		nfp_time_text(get_signed(at, f->size), text, WORD_MAX);
		break;
	case NFP_FIELD_SECONDS:
		snprintf(text, WORD_MAX, "%" PRIu64 ".%09u",
			 get_number(at, f->size) / NFP_NSEC_PER_SEC,
			 (unsigned int)(get_number(at, f->size) % NFP_NSEC_PER_SEC));
		break;
	default:
		for (size_t i = 0; i < f->size && 2 * i + 3 <= WORD_MAX; i++)
			snprintf(text + 2 * i, 3, "%02x", at[i]);
		break;
	}
}

/* What sscanf is too lenient about is not printed as it was read. */
static void scan_word(const struct nfp_field *f, const char *text, uint8_t *at)
{
	unsigned int id = 0, ms = 0, ns = 0;
	uint64_t seconds = 0;
	struct tm tm = {0};
	struct nfp_mac mac = {0};

	switch (f->type) {
	case NFP_FIELD_MAC:
		(void)nfp_mac_parse(text, &mac);
		memcpy(at, &mac, sizeof(mac));
		break;
	case NFP_FIELD_PCI_ID:
		(void)sscanf(text, "0x%4x", &id);
		set_number(at, f->size, id);
		break;
	case NFP_FIELD_TIME:
		(void)sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3uZ", &tm.tm_year, &tm.tm_mon,
			     &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &ms);
		tm.tm_year -= 1900;
		tm.tm_mon--;
		set_number(at, f->size, (uint64_t)((int64_t)timegm(&tm) * 1000 + ms));
		break;
	case NFP_FIELD_SECONDS:
		(void)sscanf(text, "%10" SCNu64 ".%9u", &seconds, &ns);
		if (seconds < INT64_MAX / NFP_NSEC_PER_SEC)
			set_number(at, f->size, seconds * NFP_NSEC_PER_SEC + ns);
		break;
	default:
		for (size_t i = 0; strlen(text) == 2 * f->size && i < f->size; i++) {
			(void)sscanf(text + 2 * i, "%2x", &id);
			at[i] = (uint8_t)id;
		}
		break;
	}
}

/* ---- writing ---- */

static json_t *text_json(const char *text)
{
	char clean[TEXT_MAX];

	nfp_utf8_clean(clean, sizeof(clean), text[0] ? text : "?", false);
	return json_string(clean);
}

static json_t *word_json(const struct nfp_field *f, const uint8_t *at)
{
	char text[WORD_MAX];

	print_word(f, at, text);
	return json_string(text);
}

/* Milliseconds are rounded, microseconds cut off. */
static json_t *number_json(const struct nfp_field *f, const uint8_t *at)
{
	uint64_t scale = f->scale ? f->scale : 1, number;

	if (f->type == NFP_FIELD_SIGNED)
		return json_integer(get_signed(at, f->size) / (int64_t)scale);
	number = f->compute ? f->compute(at) : get_number(at, f->size);
	number = (number + (scale == NFP_NSEC_PER_MSEC ? scale / 2 : 0)) / scale;
	return json_integer((int64_t)number < f->min ? f->min : (json_int_t)number);
}

static json_t *names_json(const struct nfp_field *f, const uint8_t *at)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < f->names->num; i++) {
		bool is_set = f->type == NFP_FIELD_BITS ? get_number(at, f->size) >> i & 1
							: at[i] != 0;

		if (is_set && nfp_field_name(f, i))
			json_array_append_new(array, json_string(nfp_field_name(f, i)));
	}
	return array;
}

static json_t *counts_json(const struct nfp_field *f, const uint8_t *at)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < f->names->num; i++) {
		uint64_t count = get_number(at + i * sizeof(unsigned int), sizeof(unsigned int));

		if (count)
			json_object_set_new(object, f->names->v[i],
					    json_integer((json_int_t)count));
	}
	return object;
}

static json_t *texts_json(const uint8_t *at)
{
	const struct nfp_strv *list = (const void *)at;
	json_t *array = json_array();

	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i][0])
			json_array_append_new(array, text_json(list->v[i]));
	}
	return array;
}

static json_t *structs_json(const struct nfp_field *f, const uint8_t *from, unsigned int in)
{
	const uint8_t *at = f->type == NFP_FIELD_LIST ? get_pointer(from + f->at) : from + f->at;
	size_t num = get_number(from + f->num_at, sizeof(size_t));
	json_t *array = json_array();

	for (size_t i = 0; i < num; i++)
		json_array_append_new(array,
				      nfp_fields_json(f->table, at + i * f->table->size, in));
	return array;
}

static json_t *view_json(const struct nfp_field *f, const void *of, unsigned int in)
{
	void *view = nfp_calloc(1, f->table->size);
	json_t *object;

	f->view(of, view);
	object = nfp_fields_json(f->table, view, in);
	free(view);
	return object;
}

static json_t *value_json(const struct nfp_field *f, const uint8_t *from, unsigned int in)
{
	const uint8_t *at = from + f->at;

	switch (f->type) {
	case NFP_FIELD_TEXT:
		return text_json((const char *)at);
	case NFP_FIELD_ESCAPED:
	case NFP_FIELD_NAME:
		return nfp_escaped((const char *)at);
	case NFP_FIELD_NUMBER:
	case NFP_FIELD_SIGNED:
		return number_json(f, at);
	case NFP_FIELD_BOOL:
		return json_boolean(*at);
	case NFP_FIELD_MAYBE:
		return json_boolean(get_signed(at, f->size));
	case NFP_FIELD_ENUM: {
		const char *name = nfp_field_name(f, (unsigned int)get_number(at, f->size));

		return json_string(name ? name : "?");
	}
	case NFP_FIELD_NAMES:
	case NFP_FIELD_BITS:
		return names_json(f, at);
	case NFP_FIELD_COUNTS:
		return counts_json(f, at);
	case NFP_FIELD_TEXTS:
		return texts_json(at);
	case NFP_FIELD_OBJECT:
		return nfp_fields_json(f->table, at, in);
	case NFP_FIELD_POINTER:
		return nfp_fields_json(f->table, get_pointer(at), in);
	case NFP_FIELD_ARRAY:
	case NFP_FIELD_LIST:
		return structs_json(f, from, in);
	case NFP_FIELD_VIEW:
		return view_json(f, get_pointer(at), in);
	default:
		return word_json(f, at);
	}
}

static void put(json_t *object, const struct nfp_field *f, const void *from, unsigned int in)
{
	if (is_known(f, from))
		json_object_set_new(object, f->key, value_json(f, from, in));
	else if (f->unknown == NFP_NULL)
		json_object_set_new(object, f->key, json_null());
}

void nfp_fields_put(json_t *object, const struct nfp_table *table, const void *from,
		    unsigned int in)
{
	for (size_t i = 0; i < table->num; i++) {
		if (table->fields[i].in & in)
			put(object, &table->fields[i], from, in);
	}
}

json_t *nfp_fields_json(const struct nfp_table *table, const void *from, unsigned int in)
{
	json_t *object = json_object();

	nfp_fields_put(object, table, from, in);
	return object;
}

void nfp_fields_pick(json_t *object, const struct nfp_table *table, const void *from,
		     unsigned int in, const char *const keys[])
{
	for (; *keys; keys++) {
		for (size_t i = 0; i < table->num; i++) {
			if ((table->fields[i].in & in) && strcmp(table->fields[i].key, *keys) == 0)
				put(object, &table->fields[i], from, in);
		}
	}
}

/* ---- reading ---- */

int nfp_fields_bad(struct nfp_reading *r, const char *key, const char *fmt, ...)
{
	char what[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return nfp_err_set(r->err, -EBADMSG, r->code, "%s%s%s%s", r->where, key,
			   what[0] == '[' ? "" : " ", what);
}

static int read_text(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
		     uint8_t *at)
{
	if (!json_is_string(value))
		return nfp_fields_bad(r, f->key, "is no text");
	nfp_utf8_clean((char *)at, f->size, json_string_value(value), true);
	return 0;
}

static int read_escaped(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
			char *at)
{
	if (nfp_unescape(value, at, f->size) ||
	    (f->type == NFP_FIELD_NAME &&
	     (strchr(at, '/') || strcmp(at, ".") == 0 || strcmp(at, "..") == 0)))
		return nfp_fields_bad(r, f->key, "is no escaped text, or a path");
	return 0;
}

static int64_t largest(const struct nfp_field *f)
{
	if (f->max)
		return f->max;
	if (f->type == NFP_FIELD_SIGNED && f->size == sizeof(int32_t))
		return INT32_MAX;
	if (f->size < sizeof(uint64_t))
		return (INT64_C(1) << 8 * f->size) - 1;
	/* What every reader of JSON holds exactly. */
	return f->scale ? INT64_MAX / (int64_t)f->scale : INT64_C(1) << 53;
}

static int read_number(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
		       uint8_t *at)
{
	int64_t max = largest(f), min = f->type == NFP_FIELD_SIGNED ? -max : 0;
	int64_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < min || number > max)
		return nfp_fields_bad(r, f->key, "is no number from %" PRId64 " to %" PRId64, min,
				      max);
	set_number(at, f->size, (uint64_t)(number * (int64_t)(f->scale ? f->scale : 1)));
	return 0;
}

static int find_name(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
		     unsigned int *ret_v)
{
	const char *text = json_string_value(value);

	for (unsigned int i = 0; text && i < f->names->num; i++) {
		const char *name = nfp_field_name(f, i);

		if (name && strcmp(name, text) == 0) {
			*ret_v = i;
			return 0;
		}
	}
	return nfp_fields_bad(r, f->key, "is none of the words that it can be");
}

static int read_enum(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
		     uint8_t *at)
{
	unsigned int v = 0;
	int ret = find_name(r, f, value, &v);

	if (ret == 0)
		set_number(at, f->size, v);
	return ret;
}

static int read_names(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
		      uint8_t *at)
{
	uint64_t bits = 0;

	if (!json_is_array(value))
		return nfp_fields_bad(r, f->key, "is no list");
	for (size_t i = 0; i < json_array_size(value); i++) {
		unsigned int v = 0;
		int ret = find_name(r, f, json_array_get(value, i), &v);

		if (ret < 0)
			return ret;
		bits |= UINT64_C(1) << v;
	}
	if (f->type == NFP_FIELD_BITS)
		set_number(at, f->size, bits);
	for (size_t i = 0; f->type == NFP_FIELD_NAMES && i < f->size; i++)
		at[i] = bits >> i & 1;
	return 0;
}

static int read_word(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
		     uint8_t *at)
{
	const char *text = json_string_value(value);
	char again[WORD_MAX] = "";

	if (text) {
		scan_word(f, text, at);
		print_word(f, at, again);
	}
	if (!text || strcmp(text, again) != 0)
		return nfp_fields_bad(r, f->key, "is not of the form that it must have");
	return 0;
}

static int read_bool(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
		     uint8_t *at)
{
	if (!json_is_boolean(value))
		return nfp_fields_bad(r, f->key, "is neither true nor false");
	set_number(at, f->size, json_is_true(value));
	return 0;
}

static int read_texts(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
		      uint8_t *at)
{
	struct nfp_strv *list = (void *)at;
	char text[TEXT_MAX];

	if (!json_is_array(value) || json_array_size(value) > TEXTS_MAX)
		return nfp_fields_bad(r, f->key, "is no list of at most %d", TEXTS_MAX);
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *item = json_string_value(json_array_get(value, i));

		if (!item)
			return nfp_fields_bad(r, f->key, "[%zu] is no text", i);
		nfp_utf8_clean(text, sizeof(text), item, true);
		nfp_strv_addf(list, "%s", text);
	}
	return 0;
}

/* An object inside: @name is the way to it from the one that has it. */
static int read_object(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
		       const char *name, void *to)
{
	size_t used = strlen(r->where);
	int ret;

	if (!json_is_object(value))
		return nfp_fields_bad(r, name, "is no object");
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
		return nfp_fields_bad(r, f->key, "is no list of at most %zu", max);
	if (list) {
		uint8_t *structs = nfp_calloc(num ? num : 1, f->table->size);

		memcpy(at, &structs, sizeof(structs));
		at = structs;
	}
	set_number(to + f->num_at, sizeof(size_t), num);
	for (size_t i = 0; i < num && ret == 0; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s[%zu]", f->key, i);
		ret = read_object(r, f, json_array_get(value, i), name, at + i * f->table->size);
	}
	return ret;
}

static int read_view(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
		     uint8_t *at)
{
	void *view = nfp_calloc(1, f->table->size);
	int ret = read_object(r, f, value, f->key, view);

	if (ret == 0)
		f->unview(view, at);
	free(view);
	return ret;
}

static int read_value(struct nfp_reading *r, const struct nfp_field *f, const json_t *value,
		      uint8_t *to)
{
	uint8_t *at = to + f->at;

	switch (f->type) {
	case NFP_FIELD_TEXT:
		return read_text(r, f, value, at);
	case NFP_FIELD_ESCAPED:
	case NFP_FIELD_NAME:
		return read_escaped(r, f, value, (char *)at);
	case NFP_FIELD_NUMBER:
	case NFP_FIELD_SIGNED:
		return read_number(r, f, value, at);
	case NFP_FIELD_BOOL:
	case NFP_FIELD_MAYBE:
		return read_bool(r, f, value, at);
	case NFP_FIELD_ENUM:
		return read_enum(r, f, value, at);
	case NFP_FIELD_NAMES:
	case NFP_FIELD_BITS:
		return read_names(r, f, value, at);
	case NFP_FIELD_TEXTS:
		return read_texts(r, f, value, at);
	case NFP_FIELD_OBJECT:
		return read_object(r, f, value, f->key, at);
	case NFP_FIELD_ARRAY:
	case NFP_FIELD_LIST:
		return read_structs(r, f, value, to);
	case NFP_FIELD_VIEW:
		return read_view(r, f, value, at);
	case NFP_FIELD_COUNTS:
	case NFP_FIELD_POINTER:
		return 0;
	default:
		return read_word(r, f, value, at);
	}
}

static int get(struct nfp_reading *r, const struct nfp_field *f, const json_t *object, uint8_t *to)
{
	const json_t *value = json_object_get(object, f->key);
	bool is_null = f->unknown == NFP_ABSENT ? !value
						: f->unknown == NFP_NULL && json_is_null(value);

	if (!value && f->later)
		return 0;
	if (f->known_size == sizeof(bool))
		to[f->known_at] = !is_null;
	if (!is_null)
		return read_value(r, f, value, to);
	if (f->type == NFP_FIELD_MAYBE)
		set_number(to + f->at, f->size, (uint64_t)-1);
	return 0;
}

int nfp_fields_get(struct nfp_reading *reading, const struct nfp_table *table, const json_t *object,
		   void *to)
{
	int ret = 0;

	for (size_t i = 0; i < table->num && ret == 0; i++) {
		if (table->fields[i].in & reading->in)
			ret = get(reading, &table->fields[i], object, to);
	}
	return ret;
}
