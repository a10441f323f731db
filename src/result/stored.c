// SPDX-License-Identifier: GPL-2.0-or-later
/* stored.c - the answer of --check as a result, for the formats of --export. */
#include "nfprobe/store.h"

#include <string.h>

/* The VF of the entry, which is new if no style before it was of that VF. */
static struct nfp_vf_result *find_vf(struct nfp_result *result, const struct nfp_check_entry *entry)
{
	for (size_t i = 0; i < result->num_vfs; i++) {
		if (result->vfs[i].vf == entry->key.vf)
			return &result->vfs[i];
	}
	nfp_vf_copy(&entry->result->vfs[0], 0, 0, &result->vfs[result->num_vfs]);
	return &result->vfs[result->num_vfs++];
}

static void add_style(struct nfp_result *result, const struct nfp_check_entry *entry, bool counts)
{
	struct nfp_vf_result *vf = find_vf(result, entry);
	struct nfp_style_result *style = nfp_vf_add_style(vf, entry->style);

	style->allowed = false; /* --check knows no --allow */
	style->remedy = !counts;
	style->stored_unix_ms = entry->result->start_unix_ms;
	if (entry->stale[0] ||
	    (entry->safe == NFP_UNKNOWN && entry->style->verdict == NFP_VERDICT_SAFE))
		memcpy(style->stale, entry->why, sizeof(style->stale));
	nfp_judge_vf(vf);
}

void nfp_check_result(const struct nfp_check *check, struct nfp_result *ret_result)
{
	struct nfp_result *result = ret_result;

	nfp_result_init(result);
	result->vfs = nfp_calloc(NFP_STYLE_COUNT, sizeof(*result->vfs));
	for (size_t i = 0; i < check->num_styles; i++) {
		const struct nfp_check_style *style = &check->styles[i];
		const struct nfp_result *run = style->entry ? style->entry->result : NULL;

		if (!run) {
			nfp_strv_addf(&result->unstored, "%s: %s", nfp_style_name(style->style),
				      style->why);
			continue;
		}
		if (!style->counts && style->safe == NFP_UNKNOWN)
			continue;
		add_style(result, style->entry, style->counts);
		if (run->start_unix_ms < result->start_unix_ms)
			continue;
		result->start_unix_ms = run->start_unix_ms;
		result->duration_ns = run->duration_ns;
		memcpy(result->hostname, run->hostname, sizeof(result->hostname));
		memcpy(result->kernel, run->kernel, sizeof(result->kernel));
		result->pf = run->pf;
		result->settings = run->settings;
	}
	/* The PF may have another name now. */
	memcpy(result->pf.ifname, check->ifname, sizeof(result->pf.ifname));
	memcpy(result->pf.parentdev, check->parentdev, sizeof(result->pf.parentdev));
	result->have_verdict = result->num_vfs > 0;
	result->verdict = nfp_judge_run(result);
	result->exit_status = check->exit_status;
	result->entries_known = check->entries_known;
	result->entries_missing = check->entries_missing;
}
