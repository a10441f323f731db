// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * words.c - words of a result, and what the tools need of steps, as the program's tables have
 * them: nfprobe_tools/words.py. With an argument: the keys of each document,
 * nfprobe_tools/keys.json, of which schemas.py makes the schemas.
 */
#include <inttypes.h>
#include <stdio.h>

#include "../../src/report/summary_priv.h"

#define WORDS(as_, of_)                                  \
	{                                                \
		.as = (as_), .names = &nfp_##of_##_names \
	}

static const struct {
	const char *as;
	const struct nfp_names *names;
} lists[] = {
	WORDS("SOURCES", source),	    WORDS("STEPS", step),	WORDS("STYLES", style),
	WORDS("CHECK_STATES", check_state), WORDS("VERDICTS", verdict),
};

static void print_names(const char *as, const struct nfp_names *names)
{
	printf("%s: Words = (\n", as);
	for (unsigned int v = 0; v < names->num; v++) {
		if (names->v[v])
			printf("    \"%s\",\n", names->v[v]);
	}
	puts(")");
}

static void print_steps(void)
{
	static const char *const expected[] = {[NFP_EXPECTED_PF] = "pf", [NFP_EXPECTED_VF] = "vf"};
	static const char *const listens[] = {
		[NFP_LISTENS_PF] = "pf", [NFP_LISTENS_VF] = "vf", [NFP_LISTENS_NOWHERE] = ""};

	puts("# The receiver that is expected in a step; none is in the others.\n"
	     "EXPECTED: Mapping[str, str] = {");
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		if (nfp_ladder[step].expected != NFP_EXPECTED_RECORDED)
			printf("    \"%s\": \"%s\",\n", nfp_step_name(step),
			       expected[nfp_ladder[step].expected]);
	}
	puts("}\n# Where a guest with net_failover listens in a step; empty: nowhere.\n"
	     "LISTENS: Mapping[str, str] = {");
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++)
		printf("    \"%s\": \"%s\",\n", nfp_step_name(step),
		       listens[nfp_ladder[step].listens]);
	puts("}\n# Where a step is in the table of a guest's life, for a sentence.\n"
	     "PLACES: Mapping[str, str] = {");
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++)
		printf("    \"%s\": '%s',\n", nfp_step_name(step), nfp_step_place(step));
	puts("}\n# The changes to these steps hurt no guest: there is none yet.\n"
	     "HURTS_NOBODY: Words = (");
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		if (!nfp_gap_hurts(step))
			printf("    \"%s\",\n", nfp_step_name(step));
	}
	puts(")");
}

static void print_shares(void)
{
	char why[NFP_NOTE_LEN];

	puts("# The users of the frames of a netdev beside which the standby of a style can be "
	     "built on it.\nSHARES: Mapping[str, Words] = {");
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		printf("    \"%s\": (", nfp_style_name(style));
		for (enum nfp_rx_user user = NFP_RX_NOBODY; user < NFP_RX_COUNT; user++) {
			const struct nfp_rx_handler at = {.user = user};

			if (nfp_style_is_possible(style, &at, 1, why) == NFP_YES)
				printf("%s\"%s\"", user == NFP_RX_NOBODY ? "" : ", ",
				       nfp_name(&nfp_rx_user_names, user));
		}
		puts("),");
	}
	puts("}");
}

static void print_life(void)
{
	puts("# The columns of a guest's life, in the order of a result's cells, and what happens "
	     "then.\nHEADS: Words = (");
	for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++)
		printf("    \"%s\",\n", nfp_life_columns[c].heading);
	puts(")\nMEANINGS: Words = (");
	for (enum nfp_life_column c = 0; c < NFP_LIFE_COUNT; c++)
		printf("    \"%s\",\n", nfp_life_columns[c].meaning);
	puts(")");
}

/* ---- the keys of each document ---- */

/* By what fields.c does with a value that is not known. */
static bool is_null_at_zero(const struct nfp_field *f)
{
	return f->unknown == NFP_NULL && !f->known_size;
}

static json_t *words_of(const struct nfp_field *f)
{
	json_t *words = json_array();

	for (unsigned int v = 0; v < f->names->num; v++) {
		if (nfp_field_name(f, v))
			json_array_append_new(words, json_string(nfp_field_name(f, v)));
	}
	return words;
}

static void add_keys(json_t *object, const struct nfp_table *table, unsigned int in);

static json_t *key_of(const struct nfp_field *f, unsigned int in)
{
	static const char *const types[] = {
		[NFP_FIELD_TEXT] = "text",	   [NFP_FIELD_STRING] = "text",
		[NFP_FIELD_LINES] = "text",	   [NFP_FIELD_NUMBER] = "number",
		[NFP_FIELD_BOOL] = "bool",	   [NFP_FIELD_MAYBE] = "bool",
		[NFP_FIELD_ENUM] = "word",	   [NFP_FIELD_NAMES] = "words",
		[NFP_FIELD_BITS] = "words",	   [NFP_FIELD_MAC] = "mac",
		[NFP_FIELD_PCI_ID] = "pci_id",	   [NFP_FIELD_BYTES] = "bytes",
		[NFP_FIELD_TIME] = "time",	   [NFP_FIELD_TEXTS] = "texts",
		[NFP_FIELD_HINT] = "hint",	   [NFP_FIELD_HINTS] = "hints",
		[NFP_FIELD_COMMANDS] = "commands", [NFP_FIELD_OBJECT] = "object",
		[NFP_FIELD_POINTER] = "object",	   [NFP_FIELD_ARRAY] = "objects",
		[NFP_FIELD_LIST] = "objects",	   [NFP_FIELD_DOCUMENT] = "document",
	};
	json_t *key = json_pack("{s:s}", "type", types[f->type]);

	if (f->unknown == NFP_NULL)
		json_object_set_new(key, "null", json_true());
	if (f->unknown == NFP_ABSENT)
		json_object_set_new(key, "absent", json_true());
	if (f->type == NFP_FIELD_NUMBER)
		json_object_set_new(key, "least",
				    json_integer(f->min ?: is_null_at_zero(f) && !f->scale));
	if (f->type == NFP_FIELD_BYTES)
		json_object_set_new(key, "size", json_integer((json_int_t)f->size));
	if (f->names)
		json_object_set_new(key, "words", words_of(f));
	if (f->table) {
		json_object_set_new(key, "keys", json_object());
		add_keys(json_object_get(key, "keys"), f->table, f->as ? f->as : in);
	}
	return key;
}

static void add_keys(json_t *object, const struct nfp_table *table, unsigned int in)
{
	for (size_t i = 0; i < table->num; i++) {
		const struct nfp_field *f = &table->fields[i];

		if (!(f->in & in))
			continue;
		if (f->spread)
			add_keys(object, f->table, f->as ? f->as : in);
		else
			json_object_set_new(object, f->key, key_of(f, in));
	}
}

static void print_keys(void)
{
	static const struct {
		const char *name;
		const struct nfp_table *table;
	} documents[] = {
		{"result", &nfp_summary_table}, {"list", &nfp_list_table},
		{"audit", &nfp_audit_table},	{"watch", &nfp_watch_table},
		{"way", &nfp_way_table},	{"error", &nfp_error_table},
	};
	json_t *all = json_pack("{s:i, s:i}", "schema", NFP_SCHEMA, "minor", NFP_SCHEMA_MINOR);
	json_t *events = json_object();

	for (size_t i = 0; i < NFP_NUM(documents); i++) {
		json_t *keys = json_object();

		add_keys(keys, documents[i].table, NFP_IN_JSON);
		json_object_set_new(all, documents[i].name, keys);
	}
	for (enum nfp_event_what what = 0; what <= NFP_EVENT_END; what++) {
		json_t *keys = json_object();

		add_keys(keys, &nfp_event_table, 1U << what);
		if (nfp_event_name(what))
			json_object_set_new(events, nfp_event_name(what), keys);
		else
			json_decref(keys);
	}
	json_object_set_new(all, "event", events);
	json_dumpf(all, stdout, JSON_COMPACT);
	json_decref(all);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		print_keys();
		return ferror(stdout) ? 1 : 0;
	}
	puts("# SPDX-License-Identifier: GPL-2.0-or-later\n"
	     "\"\"\"The words of a result, in the order of the program's tables. make writes this "
	     "file.\"\"\"\n\n"
	     "from typing import Mapping, Tuple\n\nWords = Tuple[str, ...]");
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		print_names(lists[i].as, lists[i].names);
	print_steps();
	print_shares();
	print_life();
	return ferror(stdout) ? 1 : 0;
}
