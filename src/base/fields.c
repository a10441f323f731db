// SPDX-License-Identifier: GPL-2.0-or-later
/* fields.c - structs to JSON and back, by tables of their members. */
#include "base/fields.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 64 /* an address, an id, or a time as text */

/* ---- members ---- */

/* A member of @size bytes is the end of the number on big-endian machines, else its beginning. */
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

static uint64_t load_member(const struct nfp_field *f, const uint8_t *at)
{
	return f->compute ? f->compute(at) : load_number(at, f->size);
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
		return nfp_field_name(f, (unsigned int)load_member(f, at)) != NULL;
	} else if (f->type == NFP_FIELD_MAYBE || f->type == NFP_FIELD_TIME) {
		return load_signed(at, size) >= (f->type == NFP_FIELD_TIME);
	} else if (f->type == NFP_FIELD_HINT) {
		return !nfp_hint_is_empty((const void *)at);
	} else if (f->type == NFP_FIELD_LINES) {
		return ((const struct nfp_commands *)at)->len != 0;
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
		snprintf(text, WORD_MAX, "%s", nfp_mac_str((const struct nfp_mac *)at).text);
	else if (f->type == NFP_FIELD_PCI_ID)
		snprintf(text, WORD_MAX, "0x%04x", (unsigned int)number);
	else if (f->type == NFP_FIELD_TIME)
		nfp_time_text((int64_t)number, text, WORD_MAX);
	else
		nfp_hex_str(at, f->size, text);
}

/* ---- writing ---- */

/* Takes the whole text, however long: the beginning of a command is another command. */
static json_t *text_json(const char *text)
{
	size_t size = 3 * strlen(text) + 2; /* a byte becomes three at most */
	char *clean = nfp_malloc(size);
	json_t *json;

	nfp_utf8_clean(clean, size, text[0] ? text : "?", false);
	json = json_string(clean);
	free(clean);
	return json;
}

/* Milliseconds are rounded, microseconds are truncated. */
static json_t *number_json(const struct nfp_field *f, const uint8_t *at)
{
	uint64_t scale = f->scale ? f->scale : 1, number;

	if (f->type == NFP_FIELD_SIGNED)
		return json_integer(load_signed(at, f->size) / (int64_t)scale);
	number = load_member(f, at);
	number = (number + (scale == NFP_NSEC_PER_MSEC ? scale / 2 : 0)) / scale;
	return json_integer((int64_t)number < f->min ? f->min : (json_int_t)number);
}

/* Returns a list of the names that are set. */
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

/* Takes @text over. */
static json_t *owned_json(char *text)
{
	json_t *json = text_json(text);

	free(text);
	return json;
}

/* Takes no more than the member has room for. */
static json_t *joined_json(const struct nfp_field *f, const uint8_t *from, const uint8_t *at)
{
	char *text = nfp_malloc(f->size);

	snprintf(text, f->size, "%s%s", (const char *)at, (const char *)from + f->more_at);
	return owned_json(text);
}

/* Returns each command as its words, or as a value and the file that it is written to. */
static json_t *commands_json(const struct nfp_commands *commands)
{
	json_t *json = json_array();
	struct nfp_strv words;
	const char *file;

	for (size_t at = 0; nfp_commands_words(commands, &at, &words, &file);) {
		json_t *list = json_array(), *write;

		for (size_t i = 0; i < words.n; i++)
			json_array_append_new(list, text_json(words.v[i]));
		write = file ? json_pack("{s:O, s:o}", "write", json_array_get(list, 0), "to",
					 text_json(file))
			     : json_incref(list);
		json_array_append_new(json, write);
		json_decref(list);
		nfp_strv_fini(&words);
	}
	return json;
}

static json_t *hint_json(const struct nfp_hint *hint)
{
	return json_pack("{s:o, s:o}", "text", hint->text[0] ? text_json(hint->text) : json_null(),
			 "commands", commands_json(&hint->commands));
}

static json_t *lists_json(const struct nfp_field *f, const void *at)
{
	const struct nfp_strv *texts = at;
	const struct nfp_hints *hints = at;
	json_t *json = json_array();

	if (f->type == NFP_FIELD_HINTS)
		for (size_t i = 0; i < hints->n; i++)
			json_array_append_new(json, hint_json(&hints->v[i]));
	else
		for (size_t i = 0; i < texts->n; i++)
			if (texts->v[i][0])
				json_array_append_new(json, text_json(texts->v[i]));
	return json;
}

static json_t *value_json(const struct nfp_field *f, const uint8_t *from, unsigned int in)
{
	const uint8_t *at = from + f->at, *structs;
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
		return f->more_at ? joined_json(f, from, at) : text_json((const char *)at);
	case NFP_FIELD_ESCAPED:
	case NFP_FIELD_NAME:
		return nfp_json_escape((const char *)at);
	case NFP_FIELD_NUMBER:
	case NFP_FIELD_SIGNED:
		return number_json(f, at);
	case NFP_FIELD_BOOL:
	case NFP_FIELD_MAYBE:
		return json_boolean(load_member(f, at));
	case NFP_FIELD_ENUM: {
		const char *name = nfp_field_name(f, (unsigned int)load_member(f, at));

		return json_string(name ? name : "?");
	}
	case NFP_FIELD_NAMES:
	case NFP_FIELD_BITS:
		return names_json(f, at);
	case NFP_FIELD_HINT:
		return hint_json((const void *)at);
	case NFP_FIELD_COMMANDS:
		return commands_json((const void *)at);
	case NFP_FIELD_LINES:
		return owned_json(nfp_commands_text((const void *)at, "\n"));
	case NFP_FIELD_TEXTS:
	case NFP_FIELD_HINTS:
		return lists_json(f, at);
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
	nfp_for_each (f, table->fields, table->num) {
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

static bool read_number(const struct nfp_field *f, const json_t *value, uint8_t *at)
{
	int64_t number = json_integer_value(value);
	int64_t max = f->max ? f->max
			     : INT64_C(1) << 53; /* every JSON parser represents this exactly */
	int64_t min = 0;

	if (f->type == NFP_FIELD_SIGNED)
		min = -(max = INT32_MAX);
	else if (!f->max && f->size < sizeof(uint64_t))
		max = (INT64_C(1) << 8 * f->size) - 1;
	if (!json_is_integer(value) || number < min || number > max)
		return false;
	store_number(at, f->size, (uint64_t)number);
	return true;
}

static bool read_list(const struct nfp_field *f, const json_t *value, uint8_t *target)
{
	size_t num = json_array_size(value);
	uint8_t *structs;

	if (!json_is_array(value) || num > (size_t)f->max)
		return false;
	structs = nfp_calloc(num, f->table->size);
	memcpy(target + f->at, &structs, sizeof(structs));
	store_number(target + f->num_at, sizeof(size_t), num);
	for (size_t i = 0; i < num; i++) {
		if (nfp_fields_get(f->table, json_array_get(value, i),
				   structs + i * f->table->size) < 0)
			return false;
	}
	return true;
}

static bool read_value(const struct nfp_field *f, const json_t *value, uint8_t *target)
{
	char *at = (char *)target + f->at;
	const char *text = json_string_value(value);

	switch (f->type) {
	case NFP_FIELD_ESCAPED:
	case NFP_FIELD_NAME:
		return nfp_json_unescape(value, at, f->size) == 0 &&
		       (f->type == NFP_FIELD_ESCAPED ||
			(!strchr(at, '/') && strcmp(at, ".") != 0 && strcmp(at, "..") != 0));
	case NFP_FIELD_NUMBER:
	case NFP_FIELD_SIGNED:
		return read_number(f, value, target + f->at);
	case NFP_FIELD_BOOL:
	case NFP_FIELD_MAYBE:
		store_number(target + f->at, f->size, json_is_true(value));
		return json_is_boolean(value);
	case NFP_FIELD_MAC:
		/* The text must have the form in which it is written, and no other. */
		return text && nfp_mac_parse(text, (struct nfp_mac *)at) &&
		       strcmp(nfp_mac_str((struct nfp_mac *)at).text, text) == 0;
	case NFP_FIELD_LIST:
		return read_list(f, value, target);
	default:
		return false;
	}
}

int nfp_fields_get(const struct nfp_table *table, const json_t *object, void *target)
{
	nfp_for_each (f, table->fields, table->num) {
		const json_t *value = json_object_get(object, f->key);

		if (f->unknown == NFP_ABSENT && (!value || json_is_null(value))) {
			if (f->type == NFP_FIELD_MAYBE)
				store_number((uint8_t *)target + f->at, f->size, (uint64_t)-1);
		} else if (!read_value(f, value, target)) {
			return -EBADMSG;
		}
	}
	return 0;
}
