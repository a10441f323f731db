// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * schema.c - the JSON schemas, from the tables that JSON is written by. They say of each key its
 * type, its range or words, and whether it may be null or absent; its meaning is in the manual.
 */
#include "nfprobe/report.h"

#include "nfprobe/tables.h"
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

		if (f->in & in)
			add_key(object, f->key, f->unknown != NFP_ABSENT, nfp_field_schema(f));
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

static json_t *list_schema(const struct nfp_field *f)
{
	size_t max = f->type == NFP_FIELD_ARRAY ? f->size / f->table->size : (size_t)f->max;
	json_t *schema = array_of(object_of(f->table, NFP_IN_JSON, false));

	if (max)
		json_object_set_new(schema, "maxItems", json_integer((json_int_t)max));
	return schema;
}

json_t *nfp_field_schema(const struct nfp_field *f)
{
	bool nullable = f->unknown == NFP_NULL;
	json_t *schema;

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
	case NFP_FIELD_COUNTS:
		return json_pack("{s:s, s:o, s:o}", "type", "object", "propertyNames",
				 words(f, false), "additionalProperties", integer(1, false));
	case NFP_FIELD_TEXTS:
		return array_of(text(NULL, false));
	case NFP_FIELD_ARRAY:
	case NFP_FIELD_LIST:
		return list_schema(f);
	case NFP_FIELD_OBJECT:
	case NFP_FIELD_POINTER:
		return object_of(f->table, NFP_IN_JSON, nullable);
	case NFP_FIELD_MAC:
		return text("^[0-9a-f]{2}(:[0-9a-f]{2}){5}$", nullable);
	case NFP_FIELD_PCI_ID:
		return text("^0x[0-9a-f]{4}$", nullable);
	case NFP_FIELD_BYTES:
		return bytes_schema(f, nullable);
	case NFP_FIELD_TIME:
		return text(TIME_PATTERN, nullable);
	default:
		return text(NULL, nullable);
	}
}

/* ---- documents: what they have beside the tables is said here ---- */

static void add_error(json_t *object)
{
	add_key(object, "error", false, object_of(&nfp_error_table, NFP_IN_JSON, false));
}

static json_t *whole_result(void)
{
	return json_pack("{s:s}", "$ref", RESULT_FILE);
}

static void add_version(json_t *object)
{
	add_key(object, "schema", true, json_pack("{s:i}", "const", NFP_SCHEMA));
	add_key(object, "version", true, text(NULL, false));
}

static void add_result(json_t *root)
{
	add_fields(root, &nfp_result_table, NFP_IN_JSON);
}

static void add_list(json_t *root)
{
	json_t *pf = object_of(&nfp_pf_table, NFP_IN_JSON, false);

	add_fields(pf, &nfp_list_pf_table, NFP_IN_JSON);
	add_fields(pf, &nfp_list_check_table, NFP_IN_JSON);
	add_key(root, "pfs", true, array_of(pf));
	add_fields(root, &nfp_list_table, NFP_IN_JSON);
	add_key(root, "exit", true, integer(0, false));
	add_error(root);
}

static void add_check(json_t *root)
{
	json_t *entry = object_of(&nfp_entry_table, NFP_IN_JSON, false);

	add_fields(root, &nfp_check_table, NFP_IN_JSON);
	add_fields(entry, &nfp_run_table, NFP_IN_ENTRY);
	add_fields(entry, &nfp_vf_table, NFP_IN_ENTRY);
	add_fields(entry, &nfp_style_table, NFP_IN_ENTRY);
	add_key(root, "entries", true, array_of(entry));
	add_error(root);
}

static void add_all(json_t *root)
{
	json_t *pf = object_of(&nfp_job_table, NFP_IN_JSON, false);
	json_t *result = json_pack("{s:[o, o]}", "anyOf", whole_result(), typed("null", false));

	add_key(pf, "result", true, result);
	add_key(root, "pfs", true, array_of(pf));
	add_key(root, "exit", true, integer(0, false));
	add_error(root);
}

static void add_store(json_t *root)
{
	add_key(root, "store", true, text("^[^/]+-[^/]+$", false));
	add_key(root, "entries", true, array_of(whole_result()));
}

/* ---- the stream: an object for each event ---- */

static json_t *add_event(json_t *events, const char *name)
{
	json_t *event = new_object(false);

	add_key(event, "event", true, json_pack("{s:s}", "const", name));
	add_key(event, "time", true, text(TIME_PATTERN, false));
	json_array_append_new(events, event);
	return event;
}

/* An event of a ladder; @numbered: it says which one of several (--repeat). */
static json_t *add_ladder_event(json_t *events, const char *name, bool numbered)
{
	json_t *event = add_event(events, name);

	add_key(event, "vf", true, integer(0, false));
	add_fields(event, &nfp_style_table, NFP_IN_BEGIN);
	if (numbered)
		add_key(event, "ladder", true, integer(1, false));
	return event;
}

static void add_stream(json_t *root)
{
	json_t *events = json_array(), *event = add_event(events, "run");
	json_t *vf_numbers = array_of(integer(0, false));

	add_version(event);
	add_fields(event, &nfp_run_table, NFP_IN_BEGIN);
	add_key(event, "pf", true, object_of(&nfp_pf_table, NFP_IN_JSON, false));
	json_object_set_new(vf_numbers, "uniqueItems", json_true());
	add_key(event, "vfs", true, vf_numbers);
	event = add_ladder_event(events, "step", true);
	add_fields(event, &nfp_step_table, NFP_IN_BEGIN);
	add_key(event, "remaining_ms", true, integer(0, false));
	event = add_ladder_event(events, "landing", true);
	add_key(event, "landing", true, object_of(&nfp_step_table, NFP_IN_JSON, false));
	event = add_ladder_event(events, "transition", true);
	add_key(event, "transition", true, object_of(&nfp_transition_table, NFP_IN_JSON, false));
	event = add_ladder_event(events, "verdict", false);
	add_fields(event, &nfp_style_table, NFP_IN_END);
	event = add_event(events, "warning");
	add_key(event, "message", true, text(NULL, false));
	event = add_event(events, "end");
	add_fields(event, &nfp_run_table, NFP_IN_END);
	add_fields(event, &nfp_settings_table, NFP_IN_END);
	add_fields(event, &nfp_result_table, NFP_IN_END);
	add_key(event, "vfs", true, array_of(object_of(&nfp_vf_table, NFP_IN_END, false)));
	json_object_set_new(root, "oneOf", events);
}

static const struct {
	const char *of; /* in the file's name */
	const char *title, *manual;
	void (*add)(json_t *root);
} documents[] = {
	{"", "--json", "nfprobe-output(5), JSON", add_result},
	{"list-", "--list --json", "nfprobe-output(5), JSON", add_list},
	{"check-", "--check --json", "nfprobe-output(5), STORED RESULTS", add_check},
	{"all-", "--all --json", "nfprobe(8), ALL PFS OF A HOST", add_all},
	{"store-", "--save", "nfprobe-output(5), STORED RESULTS", add_store},
	{"stream-", "--json-stream, each line", "nfprobe-output(5), JSON STREAM", add_stream},
};

json_t *nfp_report_schema(size_t i, char name[NFP_SCHEMA_NAME_LEN])
{
	bool lines = documents[i].add == add_stream;
	json_t *root = lines ? json_object() : new_object(false);

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
	if (!lines)
		add_version(root);
	documents[i].add(root);
	return root;
}
