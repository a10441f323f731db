// SPDX-License-Identifier: GPL-2.0-or-later
/* A store read from any bytes: refused, or something that can be checked, merged and read again. */
#include <string.h>

#include "fuzz/render.h"

#define DEVICE "pci-0000:01:00.0"

/* Each output shows any store that is read; what it shows as good, the check calls good too. */
static void show(const struct nfp_check *check)
{
	struct render r;
	struct nfp_result result;
	bool sound = true;

	nfp_check_result(check, &result);
	for (size_t i = 0; i < result.num_vfs; i++) {
		const struct nfp_vf_result *vf = &result.vfs[i];

		require(vf->num_styles > 0);
		for (size_t j = 0; j < vf->num_styles; j++)
			sound = sound && vf->styles[j].verdict == NFP_VERDICT_SAFE &&
				!vf->styles[j].stale[0];
	}
	require((check->exit_status == 0) == (sound && !result.unstored.n));
	render_begin(&r);
	render_result(&r, &result);
	for (size_t i = 0; i < RENDER_OPTS; i++)
		require(nfp_report_check_text(check, &render_opts[i], r.out) == 0);
	render_document(&r, nfp_report_check_json(check, NULL));
	render_end(&r);
	nfp_result_fini(&result);
}

static void check(const struct nfp_store *store, const struct nfp_identity *now, int vf)
{
	struct nfp_check_query query = {
		.vf = vf,
		.vlan = -1,
		.max_age_days = 1,
		.now_unix_ms = INT64_C(1795168800123),
	};
	struct nfp_check c = {.exit_status = -1, .store = *store};

	for (size_t i = 0; i < NFP_STYLE_COUNT; i++)
		query.styles[i] = true;
	nfp_check_store(&c, now, &query);
	require(c.num_styles == NFP_STYLE_COUNT && c.num_entries <= store->num);
	for (size_t i = 0; i < c.num_styles; i++) {
		const struct nfp_check_style *style = &c.styles[i];
		const struct nfp_check_entry *entry = style->entry;

		require(style->safe == NFP_YES ? !style->why[0] : c.exit_status != 0);
		require(style->safe != NFP_YES ||
			(entry->style->verdict == NFP_VERDICT_SAFE && !entry->num_differences &&
			 entry->key.source == NFP_SOURCE_WIRE));
	}
	require(c.exit_status == 0 || c.exit_status == 1 || c.exit_status == 3);
	show(&c);
	c.store = (struct nfp_store) {.path = NULL}; /* the caller's */
	nfp_check_fini(&c);
}

/* The result of a merge can be read again, and merging the same twice changes nothing. */
static void merge(struct nfp_store *store)
{
	static struct nfp_style_result safe = {.verdict = NFP_VERDICT_SAFE};
	static struct nfp_vf_result vf = {.vf = 3, .styles = &safe, .num_styles = 1};
	struct nfp_result result = {.restored = true, .vfs = &vf, .num_vfs = 1};
	struct nfp_store again = {.path = NULL};
	size_t num;
	char *text;

	require(nfp_store_merge(store, DEVICE, &result) == 1);
	num = store->num;
	require(nfp_store_merge(store, DEVICE, &result) == 1 && store->num == num);
	text = json_dumps(store->root, JSON_COMPACT);
	require(nfp_store_parse(text, strlen(text), DEVICE, &again, NULL) == 0);
	require(again.num == num);
	nfp_store_fini(&again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nfp_store store = {.path = NULL};
	struct nfp_identity *now;
	struct nfp_err err = {0};

	if (nfp_store_parse((const char *)data, size, DEVICE, &store, &err) < 0) {
		require(err.code == NFP_E_INPUT && err.message[0] && !store.root);
		render_error(&err);
		return 0;
	}
	/* On the host of the first entry, some may be as they were. */
	now = nfp_calloc(store.num, sizeof(*now));
	for (size_t i = 0; i < store.num; i++) {
		const struct nfp_result *first = &store.entries[0];

		require(store.entries[i].num_vfs == 1 && store.entries[i].vfs[0].num_styles == 1);
		nfp_identity_of(&first->pf, first->kernel, &first->vfs[0], &now[i]);
	}
	check(&store, now, -1);
	check(&store, now, 3);
	free(now);
	merge(&store);
	nfp_store_fini(&store);
	return 0;
}
