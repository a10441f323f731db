// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The JSON schemas: what they say of a row of a table, and that they allow no key but those of the
 * tables. tests/cli/schema.bats and stream.bats hold documents against them.
 */
#include "harness.h"
#include "nfprobe/report.h"
#include "nfprobe/tables.h"
#include "../../src/report/report_priv.h"

struct sample {
	unsigned int number, list[3];
	int64_t offset;
	bool known;
	char text[8];
	uint8_t bytes[4];
	struct {
		unsigned int x;
	} parts[5];
	size_t num_parts;
};

static const struct nfp_names words = {(const char *const[]) {"one", NULL, "two", "never"}, 4};

#define FIELD(type, member, ...) NFP_FIELD(type, sample, "key", member, NFP_IN_JSON, __VA_ARGS__)
static const struct nfp_field parts[] = {
	FIELD(NUMBER, number),
	NFP_FIELD(NUMBER, sample, "absent", offset, NFP_IN_JSON, .unknown = NFP_ABSENT),
	NFP_FIELD(NUMBER, sample, "streamed", number, NFP_IN_END),
};
static const struct nfp_table table = {parts, 3, sizeof(((struct sample *)0)->parts[0])};
#define PART                                                                         \
	"'additionalProperties': false, 'required': ['key'], 'properties': {'key': " \
	"{'type': 'integer', 'minimum': 0}, 'absent': {'type': 'integer', 'minimum': 0}}"
#define WORDS .names = &words, .except = 1U << 3

TEST(rows)
{
	/* With single quotes for double ones. */
	static const struct {
		struct nfp_field field;
		const char *schema;
	} samples[] = {
		{FIELD(NUMBER, number, .max = 9),
		 "{'type': 'integer', 'minimum': 0, 'maximum': 9}"},
		{FIELD(NUMBER, number, .min = 2), "{'type': 'integer', 'minimum': 2}"},
		{FIELD(NUMBER, number, .unknown = NFP_NULL),
		 "{'type': ['integer', 'null'], 'minimum': 1}"},
		{FIELD(NUMBER, number, .unknown = NFP_NULL, .scale = 1000),
		 "{'type': ['integer', 'null'], 'minimum': 0}"},
		{FIELD(NUMBER, number, NFP_KNOWN(sample, known)),
		 "{'type': ['integer', 'null'], 'minimum': 0}"},
		{FIELD(SIGNED, offset), "{'type': 'integer'}"},
		{FIELD(BOOL, known), "{'type': 'boolean'}"},
		{FIELD(TEXT, text, .unknown = NFP_NULL),
		 "{'type': ['string', 'null'], 'minLength': 1}"},
		{FIELD(BYTES, bytes), "{'type': 'string', 'pattern': '^[0-9a-f]{8}$'}"},
		{FIELD(ENUM, number, WORDS), "{'enum': ['one', 'two']}"},
		{FIELD(ENUM, number, WORDS, .unknown = NFP_NULL), "{'enum': ['one', 'two', null]}"},
		{FIELD(BITS, number, WORDS),
		 "{'type': 'array', 'items': {'enum': ['one', 'two']}, 'uniqueItems': true}"},
		{FIELD(OBJECT, parts, .table = &table), "{'type': 'object', " PART "}"},
		{FIELD(OBJECT, parts, .table = &table, .unknown = NFP_NULL),
		 "{'type': ['object', 'null'], " PART "}"},
		{FIELD(ARRAY, parts, .table = &table, NFP_COUNTED(sample, num_parts)),
		 "{'type': 'array', 'maxItems': 5, 'items': {'type': 'object', " PART "}}"},
	};

	for (size_t i = 0; i < NFP_NUM(samples); i++) {
		json_t *schema = nfp_field_schema(&samples[i].field, NFP_IN_JSON), *expected;
		char *text = strdup(samples[i].schema);

		for (char *p = text; *p; p++)
			*p = *p == '\'' ? '"' : *p;
		expected = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(expected);
		if (!json_equal(schema, expected))
			fail_msg("%s is not %s", json_dumps(schema, 0), text);
		json_decref(schema);
		json_decref(expected);
		free(text);
	}
}

/* Returns the number of objects in @node, each of which takes no other keys. */
static unsigned int check_closed(const char *name, const json_t *node)
{
	const json_t *more = json_object_get(node, "additionalProperties");
	unsigned int num = json_object_get(node, "properties") != NULL;
	const char *key;
	json_t *value;
	size_t i;

	if (num && !json_is_false(more))
		fail_msg("%s takes any key", name);
	json_object_foreach ((json_t *)(uintptr_t)node, key, value)
		num += check_closed(key, value);
	json_array_foreach (node, i, value)
		num += check_closed(name, value);
	return num;
}

/* The members of a step do not depend on where it is. */
TEST(steps_of_events)
{
	char name[NFP_SCHEMA_NAME_LEN];
	json_t *schema = nfp_report_schema(NFP_SCHEMAS - 1, name);
	const json_t *event, *landing;
	size_t i, found = 0;

	json_array_foreach (json_object_get(schema, "oneOf"), i, event) {
		landing = json_object_get(json_object_get(event, "properties"), "landing");
		found += json_object_size(json_object_get(landing, "properties")) > 10;
	}
	assert_int_equal(found, 1);
	json_decref(schema);
}

TEST(documents)
{
	char name[NFP_SCHEMA_NAME_LEN];

	for (size_t i = 0; i < NFP_SCHEMAS; i++) {
		json_t *schema = nfp_report_schema(i, name);

		assert_true(check_closed(name, schema) > 0);
		json_decref(schema);
	}
}

/* A key that an event has is one of the result. */
TEST(what_is_streamed_is_in_the_result)
{
	const struct nfp_table *const tables[] = {
		&nfp_result_table, &nfp_run_table,   &nfp_pf_table,   &nfp_settings_table,
		&nfp_vf_table,	   &nfp_style_table, &nfp_step_table, &nfp_transition_table};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (size_t j = 0; j < tables[i]->num; j++) {
			const struct nfp_field *f = &tables[i]->fields[j];

			assert_true(f->in & NFP_IN_JSON);
			assert_true(f->at + f->size <= tables[i]->size);
		}
	}
}

TEST_MAIN()
