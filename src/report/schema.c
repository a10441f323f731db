// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * schema.c - the JSON schemas, from the tables that JSON is written by. They say of each key its
 * type, its range or words, and whether it may be null or absent; its meaning is in the manual.
 */
#include "report_priv.h"

#define TO_STRING(number) #number
#define NUMBER_OF(macro)  TO_STRING(macro)
#define RESULT_FILE	  "nfprobe-" NUMBER_OF(NFP_SCHEMA) ".schema.json"
#define TIME_PATTERN	  "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"

static json_t *typed(const char *type, bool nullable)
{
	return nullable ? json_pack("{s:[s, s]}", "type", type, "null")
			: json_pack("{s:s}", "type", type);
}

static json_t *integer(json_int_t min, bool nullable)
{
	json_t *schema = typed("integer", nullable);

	json_object_set_new(schema, "minimum", json_integer(min));
	return schema;
}

static json_t *text(const char *pattern, bool nullable)
{
	json_t *schema = typed("string", nullable);

	if (pattern)
		json_object_set_new(schema, "pattern", json_string(pattern));
	else
		json_object_set_new(schema, "minLength", json_integer(1));
	return schema;
}

static json_t *array_of(json_t *items)
{
	return json_pack("{s:s, s:o}", "type", "array", "items", items);
}

static json_t *words(const struct nfp_field *f, bool nullable)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < f->names->num; i++) {
		const char *name = nfp_field_name(f, i);

		if (name)
			json_array_append_new(list, json_string(name));
	}
	if (nullable)
		json_array_append_new(list, json_null());
	return json_pack("{s:o}", "enum", list);
}

/* ---- objects: keys are added one by one ---- */

static json_t *new_object(bool nullable)
{
	json_t *schema = typed("object", nullable);

	json_object_set_new(schema, "additionalProperties", json_false());
	json_object_set_new(schema, "required", json_array());
	json_object_set_new(schema, "properties", json_object());
	return schema;
}

static void add_key(json_t *object, const char *key, bool required, json_t *schema)
{
	if (required)
		json_array_append_new(json_object_get(object, "required"), json_string(key));
	json_object_set_new(json_object_get(object, "properties"), key, schema);
}

static void add_fields(json_t *object, const struct nfp_table *table, unsigned int in)
{
	for (size_t i = 0; i < table->num; i++) {
		const struct nfp_field *f = &table->fields[i];

		if (!(f->in & in))
			continue;
		if (f->spread)
			add_fields(object, f->table, f->as);
		else
			add_key(object, f->key, f->unknown != NFP_ABSENT, nfp_field_schema(f, in));
	}
}

static json_t *object_of(const struct nfp_table *table, unsigned int in, bool nullable)
{
	json_t *schema = new_object(nullable);

	add_fields(schema, table, in);
	return schema;
}

/* ---- the value of a key ---- */

static json_t *number_schema(const struct nfp_field *f, bool nullable)
{
	/* 0 is null, unless another member tells whether it is known, or the unit is a larger one.
	 */
	json_int_t min = nullable && !f->known_size && !f->scale ? 1 : f->min;
	json_t *schema = f->type == NFP_FIELD_SIGNED ? typed("integer", nullable)
						     : integer(min, nullable);

	if (f->max)
		json_object_set_new(schema, "maximum", json_integer(f->max));
	return schema;
}

static json_t *bytes_schema(const struct nfp_field *f, bool nullable)
{
	char pattern[32];

	snprintf(pattern, sizeof(pattern), "^[0-9a-f]{%zu}$", 2 * f->size);
	return text(pattern, nullable);
}

static json_t *list_schema(const struct nfp_field *f, unsigned int in)
{
	size_t max = f->type == NFP_FIELD_ARRAY ? f->size / f->table->size : (size_t)f->max;
	json_t *schema = array_of(object_of(f->table, in, false));

	if (max)
		json_object_set_new(schema, "maxItems", json_integer((json_int_t)max));
	return schema;
}

static json_t *whole_result(void)
{
	return json_pack("{s:s}", "$ref", RESULT_FILE);
}

json_t *nfp_field_schema(const struct nfp_field *f, unsigned int in)
{
	bool nullable = f->unknown == NFP_NULL;
	json_t *schema;

	in = f->as ? f->as : in;
	switch (f->type) {
	case NFP_FIELD_NUMBER:
	case NFP_FIELD_SIGNED:
		return number_schema(f, nullable);
	case NFP_FIELD_BOOL:
	case NFP_FIELD_MAYBE:
		return typed("boolean", nullable);
	case NFP_FIELD_ENUM:
		return words(f, nullable);
	case NFP_FIELD_NAMES:
	case NFP_FIELD_BITS:
		schema = array_of(words(f, false));
		json_object_set_new(schema, "uniqueItems", json_true());
		return schema;
	case NFP_FIELD_TEXTS:
		return array_of(text(NULL, false));
	case NFP_FIELD_ARRAY:
	case NFP_FIELD_LIST:
		return list_schema(f, in);
	case NFP_FIELD_OBJECT:
	case NFP_FIELD_POINTER:
		return object_of(f->table, in, nullable);
	case NFP_FIELD_MAC:
		return text("^[0-9a-f]{2}(:[0-9a-f]{2}){5}$", nullable);
	case NFP_FIELD_PCI_ID:
		return text("^0x[0-9a-f]{4}$", nullable);
	case NFP_FIELD_BYTES:
		return bytes_schema(f, nullable);
	case NFP_FIELD_TIME:
		return text(TIME_PATTERN, nullable);
	case NFP_FIELD_DOCUMENT:
		return json_pack("{s:[o, o]}", "anyOf", whole_result(), typed("null", false));
	default:
		return text(NULL, nullable);
	}
}

/* ---- documents: what they have beside their tables is said here ---- */

static void add_version(json_t *object)
{
	add_key(object, "schema", true, json_pack("{s:i}", "const", NFP_SCHEMA));
	add_key(object, "version", true, text(NULL, false));
}

static json_t *event_schema(enum nfp_event_what what)
{
	json_t *event = new_object(false), *vfs = array_of(integer(0, false));

	add_key(event, "event", true, json_pack("{s:s}", "const", nfp_event_name(what)));
	add_key(event, "time", true, text(TIME_PATTERN, false));
	add_fields(event, &nfp_event_table, 1U << what);
	if (what == NFP_EVENT_RUN) {
		add_version(event);
		json_object_set_new(vfs, "uniqueItems", json_true());
		add_key(event, "vfs", true, json_incref(vfs));
	}
	if (what == NFP_EVENT_END)
		add_key(event, "result", true, whole_result());
	json_decref(vfs);
	return event;
}

static const struct {
	const char *of; /* in the file's name */
	const char *title, *manual;
	const struct nfp_table *table;
} documents[] = {
	{"", "--json", "nfprobe-output(5), JSON", &nfp_document_table},
	{"list-", "--list --json", "nfprobe-output(5), JSON", &nfp_list_table},
	{"stream-", "--json-stream, each line", "nfprobe-output(5), JSON STREAM", &nfp_event_table},
};

static json_t *schema_of(const struct nfp_table *table)
{
	json_t *root, *events;

	if (table != &nfp_event_table) {
		root = new_object(false);
		add_version(root);
		add_fields(root, table, NFP_IN_JSON);
		/* A result has its own. */
		if (table != &nfp_document_table)
			add_key(root, "error", false,
				object_of(&nfp_error_table, NFP_IN_JSON, false));
		return root;
	}
	events = json_array();
	for (enum nfp_event_what what = 0; what <= NFP_EVENT_END; what++) {
		if (nfp_event_name(what))
			json_array_append_new(events, event_schema(what));
	}
	return json_pack("{s:o}", "oneOf", events);
}

json_t *nfp_report_schema(size_t i, char name[NFP_SCHEMA_NAME_LEN])
{
	json_t *root = schema_of(documents[i].table);

	snprintf(name, NFP_SCHEMA_NAME_LEN, "nfprobe-%s%d.schema.json", documents[i].of,
		 NFP_SCHEMA);
	json_object_set_new(root, "$schema",
			    json_string("https://json-schema.org/draft/2020-12/schema"));
	json_object_set_new(root, "title",
			    json_sprintf("nfprobe %s, schema %d", documents[i].title, NFP_SCHEMA));
	json_object_set_new(root, "description",
			    json_sprintf("What each key means is said in %s. null: not known, or "
					 "nothing there.",
					 documents[i].manual));
	return root;
}
