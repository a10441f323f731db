// SPDX-License-Identifier: GPL-2.0-or-later
/* store.c - the file of a PF: what is in it, and what a result adds. */
#include "nfprobe/store.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

struct nfp_store_key nfp_store_key_of(const struct nfp_result *result, size_t vf, size_t style)
{
	const struct nfp_vf_result *v = &result->vfs[vf];
	const struct nfp_style_result *s = &v->styles[style];

	return (struct nfp_store_key) {
		.vf = v->vf,
		.style = s->style,
		.have_source = s->from.known,
		.source = s->from.source,
		.vlan = v->probed_vlan,
	};
}

/* Is @key that of this style of the result? */
static bool has_key(const struct nfp_result *result, size_t vf, size_t style,
		    const struct nfp_store_key *key)
{
	const struct nfp_store_key own = nfp_store_key_of(result, vf, style);

	return own.vf == key->vf && own.style == key->style &&
	       own.have_source == key->have_source && own.source == key->source &&
	       own.vlan == key->vlan;
}

/* Why nothing that was found of this VF counts, such as a signal that ended the run; NULL: it does.
 */
static const char *unusable_reason(const struct nfp_result *result, size_t vf)
{
	const struct nfp_vf_result *v = &result->vfs[vf];
	enum nfp_errcode code = result->error.code;

	if (!result->restored)
		return "the host could not be restored";
	if (code == NFP_E_INTERRUPTED || code == NFP_E_TIMEOUT || code == NFP_E_DIED)
		return result->error.message;
	return v->status != NFP_VF_PROBED || v->error.code != NFP_E_NONE ? v->error.message : NULL;
}

enum nfp_proof nfp_store_proof_of(const struct nfp_result *result, size_t vf, size_t style)
{
	const struct nfp_style_result *s = &result->vfs[vf].styles[style];

	if (unusable_reason(result, vf) || s->verdict == NFP_VERDICT_INCONCLUSIVE ||
	    s->verdict == NFP_VERDICT_UNTESTABLE || s->verdict == NFP_VERDICT_NOT_APPLICABLE)
		return NFP_PROOF_NONE;
	return s->multicast == NFP_MULTICAST_OK || s->multicast == NFP_MULTICAST_LOST
		       ? NFP_PROOF_WHOLE
		       : NFP_PROOF_PART;
}

/* ---- reading ---- */

#define ENTRIES_MAX 10000U

#define CANNOT_USE(err, ...) nfp_err_set(err, -EBADMSG, NFP_E_INPUT, __VA_ARGS__)

static void free_entries(struct nfp_store *store)
{
	for (size_t i = 0; i < store->num; i++)
		nfp_result_fini(&store->entries[i]);
	free(store->entries);
	store->entries = NULL;
	store->num = 0;
}

static int parse_entries(struct nfp_store *store, const json_t *entries, struct nfp_budget *budget,
			 struct nfp_err *err)
{
	struct nfp_err inner = {0};
	size_t num = json_array_size(entries);

	/* More than any PF has; each is compared with those before it. */
	if (num > ENTRIES_MAX || nfp_budget_charge(budget, num * sizeof(*store->entries)) < 0)
		return CANNOT_USE(err, "it has more entries than nfprobe reads");
	store->entries = nfp_calloc(num, sizeof(*store->entries));
	for (size_t i = 0; i < num; i++) {
		struct nfp_result *entry = &store->entries[store->num++];
		struct nfp_store_key key;

		nfp_result_init(entry);
		if (nfp_result_read(json_array_get(entries, i), NFP_IN_STORE, budget, entry,
				    &inner) < 0)
			return CANNOT_USE(err, "it is damaged: entries[%zu].%s", i, inner.message);
		key = nfp_store_key_of(entry, 0, 0);
		for (size_t k = 0; k < i; k++) {
			if (has_key(&store->entries[k], 0, 0, &key) &&
			    nfp_store_proof_of(entry, 0, 0) ==
				    nfp_store_proof_of(&store->entries[k], 0, 0))
				return CANNOT_USE(err, "it is damaged: entries[%zu] appears twice",
						  i);
		}
	}
	return 0;
}

int nfp_store_parse(const char *text, size_t len, const char *device, struct nfp_store *ret_store,
		    struct nfp_err *err)
{
	struct nfp_store store = {.path = ret_store->path};
	struct nfp_budget budget = {NFP_BUDGET_BYTES};
	struct nfp_err why = {0};
	json_t *root = nfp_json_load(text, len, &budget, &why);
	const json_t *schema = json_object_get(root, "schema");
	const json_t *entries = json_object_get(root, "entries");
	const char *name = json_string_value(json_object_get(root, "store"));
	int ret;

	if (!root)
		ret = CANNOT_USE(err, "it is damaged: %s", why.message);
	else if (!name || !json_is_integer(schema) || !json_is_array(entries))
		ret = CANNOT_USE(err, "nfprobe --save did not write it");
	else if (json_integer_value(schema) != NFP_SCHEMA)
		ret = CANNOT_USE(err, "another version of nfprobe wrote it (schema %lld, not %d)",
				 (long long)json_integer_value(schema), NFP_SCHEMA);
	else if (strcmp(name, device) != 0)
		ret = CANNOT_USE(err, "it belongs to another device");
	else
		ret = parse_entries(&store, entries, &budget, err);
	if (ret < 0) {
		free_entries(&store);
		json_decref(root);
		return ret;
	}
	store.root = root;
	*ret_store = store;
	return 0;
}

void nfp_store_fini(struct nfp_store *store)
{
	free_entries(store);
	json_decref(store->root);
	free(store->path);
	*store = (struct nfp_store) {.path = NULL};
}

/* ---- adding a result ---- */

/*
 * A run may have tested a style from two sources of one kind, which have one key. The one that
 * proves something counts, and then the worse verdict, unless one proves more than the other.
 */
static bool is_superseded(const struct nfp_result *result, size_t vf, size_t style)
{
	const struct nfp_vf_result *v = &result->vfs[vf];
	struct nfp_store_key key = nfp_store_key_of(result, vf, style);
	enum nfp_proof proof = nfp_store_proof_of(result, vf, style);

	for (size_t i = 0; i < v->num_styles; i++) {
		enum nfp_verdict its = v->styles[i].verdict, own = v->styles[style].verdict;
		enum nfp_proof its_proof = nfp_store_proof_of(result, vf, i);

		if (i == style || !has_key(result, vf, i, &key))
			continue;
		if (proof == its_proof ? its < own || (its == own && i < style)
				       : proof == NFP_PROOF_NONE)
			return true;
	}
	return false;
}

/* The document that --json would write for a run that probed only this. */
static json_t *entry_json(const struct nfp_result *result, size_t vf, size_t style)
{
	json_t *entry = json_pack("{s:i, s:s}", "schema", NFP_SCHEMA, "version", NFP_VERSION);
	const char *why = unusable_reason(result, vf);
	struct nfp_result one = *result;
	struct nfp_style_result *its;
	struct nfp_vf_result only;

	nfp_vf_copy(&result->vfs[vf], style, 1, &only);
	its = only.styles;
	if (its->from.known) {
		one.settings.source = its->from.source;
		memcpy(one.settings.from, its->from.name, sizeof(its->from.name));
		memcpy(one.settings.source_note, its->from.note, sizeof(its->from.note));
	}
	one.vfs = &only;
	one.num_vfs = 1;
	one.have_verdict = true;
	if (why) {
		its->verdict = NFP_VERDICT_INCONCLUSIVE;
		its->allowed = false;
		its->reason[0] = '\0';
		nfp_appendf(its->reason, sizeof(its->reason), "%s", why);
	} else {
		/* An error was that of another VF. */
		one.error = (struct nfp_err) {.code = NFP_E_NONE};
	}
	nfp_judge_vf(&only);
	one.verdict = nfp_judge_run(&one);
	if (!why)
		one.exit_status = nfp_verdict_exit(one.verdict);
	nfp_fields_put(entry, &nfp_result_table, &one, NFP_IN_JSON);
	nfp_vf_fini(&only);
	return entry;
}

static bool same_identity(const struct nfp_result *stored, const struct nfp_result *result,
			  size_t vf)
{
	const struct nfp_vf_result *then = &stored->vfs[0], *now = &result->vfs[vf];
	struct nfp_identity was, is;

	nfp_identity_of(&stored->pf, stored->kernel, then, &was);
	nfp_identity_of(&result->pf, result->kernel, now, &is);
	for (enum nfp_identity_member m = 0; m < NFP_ID_COUNT; m++) {
		if (nfp_identity_same(&was, &is, m) != NFP_YES)
			return false;
	}
	return true;
}

/*
 * Does a new result take the place of @stored, which has its key? Not if it proves less of the same
 * hardware. Within one run, what proves more takes nothing from what another source has shown.
 */
static bool replaces(const struct nfp_result *stored, const struct nfp_result *result, size_t vf,
		     size_t style)
{
	enum nfp_proof was = nfp_store_proof_of(stored, 0, 0);
	enum nfp_proof is = nfp_store_proof_of(result, vf, style);

	if (is == was || !same_identity(stored, result, vf))
		return true;
	return is > was &&
	       (was == NFP_PROOF_NONE || stored->start_unix_ms != result->start_unix_ms);
}

static void remove_entry(struct nfp_store *store, size_t at)
{
	nfp_result_fini(&store->entries[at]);
	memmove(&store->entries[at], &store->entries[at + 1],
		(--store->num - at) * sizeof(*store->entries));
	json_array_remove(json_object_get(store->root, "entries"), at);
}

/* Puts the entry in place of those that it replaces, or at the end. False: a stored one proves
 * more. */
static bool add_entry(struct nfp_store *store, const struct nfp_result *result, size_t vf,
		      size_t style)
{
	json_t *entries = json_object_get(store->root, "entries");
	struct nfp_store_key key = nfp_store_key_of(result, vf, style);
	struct nfp_budget budget = {NFP_BUDGET_BYTES};
	size_t at = SIZE_MAX;

	for (size_t i = store->num; i-- > 0;) {
		const struct nfp_result *stored = &store->entries[i];

		if (!has_key(stored, 0, 0, &key))
			continue;
		if (!replaces(stored, result, vf, style)) {
			if (nfp_store_proof_of(result, vf, style) == NFP_PROOF_NONE)
				return false;
			continue;
		}
		remove_entry(store, i);
		at = i;
	}
	at = MIN(at, store->num);
	store->entries = nfp_reallocarray(store->entries, ++store->num, sizeof(*store->entries));
	memmove(&store->entries[at + 1], &store->entries[at],
		(store->num - 1 - at) * sizeof(*store->entries));
	nfp_result_init(&store->entries[at]);
	json_array_insert_new(entries, at, entry_json(result, vf, style));
	(void)nfp_result_read(json_array_get(entries, at), NFP_IN_STORE, &budget,
			      &store->entries[at], NULL);
	return true;
}

size_t nfp_store_merge(struct nfp_store *store, const char *device, const struct nfp_result *result)
{
	size_t num = 0;

	if (!store->root)
		store->root = json_pack("{s:i, s:s, s:s, s:[]}", "schema", NFP_SCHEMA, "version",
					NFP_VERSION, "store", device, "entries");
	json_object_set_new(store->root, "version", json_string(NFP_VERSION));
	for (size_t v = 0; v < result->num_vfs; v++) {
		for (size_t s = 0; s < result->vfs[v].num_styles; s++) {
			if (!is_superseded(result, v, s) && add_entry(store, result, v, s))
				num++;
		}
	}
	return num;
}
