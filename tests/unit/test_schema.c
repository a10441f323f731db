// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The schemas that are shipped, against the tables that JSON is written by: every key, its type,
 * whether it may be null or absent, and the words that it can be, both ways.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nfprobe/report.h"
#include "nfprobe/tables.h"
#include "unit/sample_result.h"
#include "../../src/report/report_priv.h"

#define FOLDER "src/report/"

struct schema {
	const char *name;
	json_t *root;
	char at[512]; /* the way to what is looked at */
};

static json_t *load(const char *name)
{
	char path[128];
	json_error_t error;
	json_t *root;

	snprintf(path, sizeof(path), FOLDER "%s.schema.json", name);
	root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	return root;
}

#define WRONG(s, ...)                                        \
	do {                                                 \
		print_error("%s: %s: ", (s)->name, (s)->at); \
		fail_msg(__VA_ARGS__);                       \
	} while (0)

/* What a "$ref" of this document leads to, or the node itself. */
static const json_t *follow(const struct schema *s, const json_t *node)
{
	const char *ref = json_string_value(json_object_get(node, "$ref"));
	char copy[128], *save = NULL;

	if (!ref)
		return node;
	assert_memory_equal(ref, "#/", 2);
	snprintf(copy, sizeof(copy), "%s", ref + 2);
	node = s->root;
	for (char *key = strtok_r(copy, "/", &save); key; key = strtok_r(NULL, "/", &save))
		node = json_object_get(node, key);
	if (!node)
		fail_msg("%s: %s leads nowhere", s->name, ref);
	return node;
}

static bool has(const json_t *array, const char *word)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *item = json_array_get(array, i);

		if (word ? json_is_string(item) && strcmp(json_string_value(item), word) == 0
			 : json_is_null(item))
			return true;
	}
	return false;
}

/* The words of a field, with null where it may be that, are those of @words. */
static void check_words(const struct schema *s, const struct nfp_field *f, const json_t *words,
			bool nullable)
{
	size_t num = nullable;

	if (nullable && !has(words, NULL))
		WRONG(s, "null is not among the words");
	for (unsigned int i = 0; i < f->names->num; i++) {
		const char *name = nfp_field_name(f, i);

		num += name != NULL;
		if (name && !has(words, name))
			WRONG(s, "\"%s\" is not among the words", name);
	}
	if (json_array_size(words) != num)
		WRONG(s, "has %zu words, not %zu", json_array_size(words), num);
}

static void check_type(const struct schema *s, const json_t *node, const char *type, bool nullable)
{
	const json_t *types = json_object_get(node, "type");
	size_t num = json_is_array(types) ? json_array_size(types) : 1;
	bool is_it = json_is_array(types)
			     ? has(types, type)
			     : json_is_string(types) && strcmp(json_string_value(types), type) == 0;

	if (!is_it || num != (nullable ? 2 : 1) || (nullable && !has(types, "null")))
		WRONG(s, "is not %s%s", type, nullable ? " or null" : "");
}

static void check_object(struct schema *s, const json_t *node, const struct nfp_table *tables[],
			 const char *const more[]);

/* {"anyOf": [it, {"type": "null"}]} */
static const json_t *or_null(const struct schema *s, const json_t *node)
{
	const json_t *any = json_object_get(node, "anyOf");

	if (json_array_size(any) != 2)
		WRONG(s, "cannot be null");
	check_type(s, json_array_get(any, 1), "null", false);
	return follow(s, json_array_get(any, 0));
}

static void check_counts(const struct schema *s, const json_t *node, const struct nfp_field *f)
{
	check_type(s, node, "object", false);
	check_type(s, json_object_get(node, "additionalProperties"), "integer", false);
	check_words(s, f, json_object_get(json_object_get(node, "propertyNames"), "enum"), false);
}

static void check_field(struct schema *s, const json_t *node, const struct nfp_field *f)
{
	const struct nfp_table *tables[] = {f->table, NULL};
	bool nullable = f->unknown == NFP_NULL;
	const json_t *items;

	node = follow(s, node);
	items = follow(s, json_object_get(node, "items"));
	switch (f->type) {
	case NFP_FIELD_NUMBER:
	case NFP_FIELD_SIGNED:
		check_type(s, node, "integer", nullable);
		if (f->type == NFP_FIELD_NUMBER && !json_object_get(node, "anyOf"))
			assert_true(json_integer_value(json_object_get(node, "minimum")) >= 0 &&
				    json_object_get(node, "minimum"));
		break;
	case NFP_FIELD_BOOL:
	case NFP_FIELD_MAYBE:
		check_type(s, node, "boolean", nullable);
		break;
	case NFP_FIELD_ENUM:
		check_words(s, f, json_object_get(node, "enum"), nullable);
		break;
	case NFP_FIELD_NAMES:
	case NFP_FIELD_BITS:
		check_type(s, node, "array", false);
		check_words(s, f, json_object_get(items, "enum"), false);
		break;
	case NFP_FIELD_COUNTS:
		check_counts(s, node, f);
		break;
	case NFP_FIELD_TEXTS:
		check_type(s, node, "array", false);
		check_type(s, items, "string", false);
		break;
	case NFP_FIELD_ARRAY:
	case NFP_FIELD_LIST:
		check_type(s, node, "array", false);
		check_object(s, items, tables, NULL);
		break;
	case NFP_FIELD_OBJECT:
	case NFP_FIELD_POINTER:
	case NFP_FIELD_VIEW:
		check_object(s, nullable ? or_null(s, node) : node, tables, NULL);
		break;
	default:
		check_type(s, node, "string", nullable);
		break;
	}
}

/*
 * An object that has the keys of @tables, and @more (those that may be absent begin with '?'), and
 * no others.
 */
static void check_object(struct schema *s, const json_t *node, const struct nfp_table *tables[],
			 const char *const more[])
{
	const json_t *keys = json_object_get(node, "properties");
	const json_t *required = json_object_get(node, "required");
	size_t num = 0, num_required = 0, used = strlen(s->at);

	check_type(s, node, "object", false);
	if (!json_is_false(json_object_get(node, "additionalProperties")))
		WRONG(s, "takes any key");
	for (; *tables; tables++) {
		for (size_t i = 0; i < (*tables)->num; i++) {
			const struct nfp_field *f = &(*tables)->fields[i];
			const json_t *value = json_object_get(keys, f->key);
			bool needed = f->unknown != NFP_ABSENT;

			if (!(f->in & NFP_IN_JSON))
				continue;
			snprintf(s->at + used, sizeof(s->at) - used, ".%s", f->key);
			if (!value)
				WRONG(s, "is not in the schema");
			if (has(required, f->key) != needed)
				WRONG(s, "is %srequired", needed ? "not " : "");
			check_field(s, value, f);
			num++;
			num_required += needed;
		}
	}
	s->at[used] = '\0';
	for (; more && *more; more++) {
		bool needed = (*more)[0] != '?';

		if (!json_object_get(keys, *more + !needed) ||
		    has(required, *more + !needed) != needed)
			WRONG(s, "%s is not as it is written", *more);
		num++;
		num_required += needed;
	}
	if (json_object_size(keys) != num || json_array_size(required) != num_required)
		WRONG(s, "has %zu keys, not %zu", json_object_size(keys), num);
}

static void result(void **state)
{
	static const char *const more[] = {"schema", "version", NULL};
	const struct nfp_table *tables[] = {&nfp_result_table, NULL};
	struct schema s = {.name = "nfprobe-2"};

	(void)state;
	s.root = load(s.name);
	check_object(&s, s.root, tables, more);
	json_decref(s.root);
}

static void list(void **state)
{
	static const char *const more[] = {"schema", "version", "pfs", "exit", "?error", NULL};
	const struct nfp_table *root[] = {&nfp_list_table, NULL};
	const struct nfp_table *pf[] = {&nfp_pf_table, &nfp_list_pf_table, &nfp_list_check_table,
					NULL};
	const struct nfp_table *error[] = {&nfp_error_table, NULL};
	struct schema s = {.name = "nfprobe-list-2"};
	const json_t *defs;

	(void)state;
	s.root = load(s.name);
	defs = json_object_get(s.root, "$defs");
	check_object(&s, s.root, root, more);
	check_object(&s, json_object_get(defs, "pf"), pf, NULL);
	check_object(&s, json_object_get(defs, "error"), error, NULL);
	json_decref(s.root);
}

static void check(void **state)
{
	static const char *const more[] = {"schema", "version", "?error", NULL};
	const struct nfp_table *root[] = {&nfp_check_table, NULL};
	const struct nfp_table *error[] = {&nfp_error_table, NULL};
	struct schema s = {.name = "nfprobe-check-2"};

	(void)state;
	s.root = load(s.name);
	check_object(&s, s.root, root, more);
	check_object(&s, json_object_get(json_object_get(s.root, "$defs"), "error"), error, NULL);
	json_decref(s.root);
}

static void all(void **state)
{
	static const char *const more[] = {"schema", "version", "pfs", "exit", "?error", NULL};
	static const char *const of_pf[] = {"result", NULL};
	const struct nfp_table *none[] = {NULL};
	const struct nfp_table *pf[] = {&nfp_job_table, NULL};
	const struct nfp_table *error[] = {&nfp_error_table, NULL};
	struct schema s = {.name = "nfprobe-all-2"};
	const json_t *defs;

	(void)state;
	s.root = load(s.name);
	defs = json_object_get(s.root, "$defs");
	check_object(&s, s.root, none, more);
	check_object(&s, json_object_get(defs, "pf"), pf, of_pf);
	check_object(&s, json_object_get(defs, "error"), error, NULL);
	json_decref(s.root);
}

/* ---- the stream: what its events have, and what is said of each key elsewhere ---- */

static json_t *line_of(char *text)
{
	json_t *event = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(event);
	free(text);
	return event;
}

/* The same piece of the same schema, or a type that the event's value has. */
static void check_event_value(const struct schema *s, const json_t *rule, const json_t *value)
{
	const char *ref = json_string_value(json_object_get(rule, "$ref"));
	const json_t *type = json_object_get(rule, "type");
	const char *is = json_is_integer(value)	  ? "integer"
			 : json_is_string(value)  ? "string"
			 : json_is_array(value)	  ? "array"
			 : json_is_boolean(value) ? "boolean"
						  : "null";

	if (ref && ref[0] == '#') {
		check_event_value(s, follow(s, rule), value);
	} else if (ref) {
		assert_memory_equal(ref, "nfprobe-2.schema.json#/", 23);
	} else if (json_object_get(rule, "const")) {
		assert_true(json_equal(json_object_get(rule, "const"), value));
	} else if (json_is_array(type) ? !has(type, is)
				       : strcmp(json_string_value(type), is) != 0) {
		WRONG(s, "is %s", is);
	}
}

/* Keys in the order of nothing: each is in the other, or may be absent. */
static void check_event(struct schema *s, json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "event")), *key;
	const json_t *def = json_object_get(json_object_get(s->root, "$defs"), name);
	const json_t *keys = json_object_get(def, "properties");
	const json_t *required = json_object_get(def, "required");
	json_t *value;

	assert_non_null(keys);
	assert_true(json_is_false(json_object_get(def, "additionalProperties")));
	json_object_foreach (event, key, value) {
		snprintf(s->at, sizeof(s->at), "%s.%s", name, key);
		if (!json_object_get(keys, key))
			WRONG(s, "is not in the schema");
		check_event_value(s, json_object_get(keys, key), value);
	}
	for (size_t i = 0; i < json_array_size(required); i++) {
		key = json_string_value(json_array_get(required, i));
		snprintf(s->at, sizeof(s->at), "%s.%s", name, key);
		if (!json_object_get(event, key))
			WRONG(s, "is required");
	}
	json_decref(event);
}

#define EVENT(s, call)                                   \
	do {                                             \
		char *text = NULL;                       \
		size_t len;                              \
		FILE *out = open_memstream(&text, &len); \
                                                         \
		assert_non_null(out);                    \
		assert_int_equal(call, 0);               \
		fclose(out);                             \
		check_event(s, line_of(text));           \
	} while (0)

static void stream(void **state)
{
	const struct nfp_where where = {3, NFP_STYLE_MACVTAP, 1, "eth1"};
	struct nfp_comparison comparison = {.file = "old.json"};
	const struct nfp_style_result *style;
	struct schema s = {.name = "nfprobe-stream-2"};
	struct nfp_result run;

	(void)state;
	s.root = load(s.name);
	sample_igb(&run);
	style = &run.vfs[0].styles[0];
	EVENT(&s, nfp_event_run(&run, 1, out));
	EVENT(&s, nfp_event_step(&where, NFP_STEP_UP, 1, 1, out));
	EVENT(&s, nfp_event_landing(&where, &style->steps[0], 1, out));
	EVENT(&s, nfp_event_transition(&where, &style->transitions[0], 1, out));
	EVENT(&s, nfp_event_verdict(3, style, 1, out));
	EVENT(&s, nfp_event_warning("a warning", 1, out));
	EVENT(&s, nfp_event_end(&run, 1, out));
	run.comparison = &comparison;
	nfp_err_set(&run.error, 0, NFP_E_TIMEOUT, "the time is over");
	EVENT(&s, nfp_event_end(&run, 1, out));
	run.comparison = NULL;
	assert_int_equal(json_array_size(json_object_get(s.root, "oneOf")), 7);
	nfp_result_fini(&run);
	json_decref(s.root);
}

/* A key that --baseline or a recording reads is one that was written. */
static void what_is_read_is_written(void **state)
{
	const struct nfp_table *const tables[] = {
		&nfp_result_table, &nfp_run_table,   &nfp_pf_table,   &nfp_settings_table,
		&nfp_vf_table,	   &nfp_style_table, &nfp_step_table, &nfp_transition_table};

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (size_t j = 0; j < tables[i]->num; j++) {
			const struct nfp_field *f = &tables[i]->fields[j];

			assert_true(f->in & (NFP_IN_JSON | NFP_IN_RUN | NFP_IN_LADDER));
			assert_true(!(f->in & NFP_IN_BASELINE) || (f->in & NFP_IN_JSON));
			assert_true(f->at + f->size <= tables[i]->size);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(result), cmocka_unit_test(list),
		cmocka_unit_test(check),  cmocka_unit_test(all),
		cmocka_unit_test(stream), cmocka_unit_test(what_is_read_is_written),
	};

	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
