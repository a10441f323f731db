// SPDX-License-Identifier: GPL-2.0-or-later
/* stored.c - what --check rests on, as one result, for the formats of --export. */
#include "nfprobe/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An entry that proves nothing now is left out where other entries of the style answer. */
static bool is_shown(const struct nfp_check *check, const struct nfp_check_entry *entry)
{
	if (entry->outdone)
		return false;
	for (size_t i = 0; i < check->num_styles; i++) {
		const struct nfp_check_style *style = &check->styles[i];

		if (style->style == entry->key.style)
			return style->safe == NFP_UNKNOWN || entry->safe != NFP_UNKNOWN;
	}
	return false;
}

static bool answers(const struct nfp_check *check, const struct nfp_check_entry *entry)
{
	for (size_t i = 0; i < check->num_styles; i++) {
		if (check->styles[i].entry == entry)
			return true;
	}
	return false;
}

/* VF by VF, and source by source as in a run. */
static int compare_places(const void *a, const void *b)
{
	const struct nfp_store_key *x = &(*(const struct nfp_check_entry *const *)a)->key;
	const struct nfp_store_key *y = &(*(const struct nfp_check_entry *const *)b)->key;
	const unsigned int ranks[][2] = {
		{x->vf, y->vf},		{x->have_source, y->have_source},
		{x->source, y->source}, {x->vlan, y->vlan},
		{x->style, y->style},
	};

	for (size_t i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++) {
		if (ranks[i][0] != ranks[i][1])
			return ranks[i][0] < ranks[i][1] ? -1 : 1;
	}
	return 0;
}

/* Drops the oldest of the @num entries of a VF on which no answer rests. */
static void drop_oldest(const struct nfp_check *check, const struct nfp_check_entry **entries,
			size_t num)
{
	size_t oldest = num;

	for (size_t i = 0; i < num; i++) {
		if (!answers(check, entries[i]) &&
		    (oldest == num ||
		     entries[i]->result->start_unix_ms < entries[oldest]->result->start_unix_ms))
			oldest = i;
	}
	memmove(&entries[oldest], &entries[oldest + 1], (num - oldest - 1) * sizeof(entries[0]));
}

/* Does only the VLAN tell @entry from another one? */
static bool needs_vlan(const struct nfp_check_entry *entry,
		       const struct nfp_check_entry *const *entries, size_t num)
{
	for (size_t i = 0; i < num && entry->key.vlan; i++) {
		if (entries[i]->key.vlan != entry->key.vlan &&
		    entries[i]->key.style == entry->key.style &&
		    strcmp(entries[i]->style->from.name, entry->style->from.name) == 0)
			return true;
	}
	return false;
}

static struct nfp_style_result *add_style(struct nfp_vf_result *vf,
					  const struct nfp_check_entry *entry)
{
	struct nfp_style_result *style = nfp_vf_add_style(vf, entry->style);

	style->allowed = false; /* --check knows no --allow */
	style->stored_unix_ms = entry->result->start_unix_ms;
	if (entry->stale[0] ||
	    (entry->safe == NFP_UNKNOWN && entry->style->verdict == NFP_VERDICT_SAFE))
		memcpy(style->stale, entry->why, sizeof(style->stale));
	return style;
}

static void add_source(struct nfp_settings *settings, const char *name)
{
	char list[NFP_FROM_LEN + 2], item[NFP_TEXT_LEN + 2];

	snprintf(list, sizeof(list), ",%s,", settings->from);
	snprintf(item, sizeof(item), ",%s,", name);
	if (name[0] && !strstr(list, item))
		nfp_appendf(settings->from, sizeof(settings->from), "%s%s",
			    settings->from[0] ? "," : "", name);
}

/* The VF of the first of @entries, which are all of it; returns their number. */
static size_t add_vf(const struct nfp_check *check, const struct nfp_check_entry **entries,
		     size_t num, struct nfp_result *result)
{
	struct nfp_vf_result *vf = &result->vfs[result->num_vfs++];
	size_t same = 1, shown;

	while (same < num && entries[same]->key.vf == entries[0]->key.vf)
		same++;
	nfp_vf_copy(&entries[0]->result->vfs[0], 0, 0, vf);
	for (shown = same; shown > NFP_STYLES_MAX; shown--)
		drop_oldest(check, entries, shown);
	if (shown < same)
		nfp_strv_addf(&result->warnings,
			      "VF %u: %zu stored results are left out, the oldest", vf->vf,
			      same - shown);
	for (size_t i = 0; i < shown; i++) {
		struct nfp_style_result *style = add_style(vf, entries[i]);

		add_source(&result->settings, style->from.name);
		if (needs_vlan(entries[i], entries, shown))
			nfp_appendf(style->from.name, sizeof(style->from.name), " VLAN %u",
				    entries[i]->key.vlan);
	}
	nfp_judge_vf(vf);
	return same;
}

/* The facts of the run of the newest entry. */
static void set_run(const struct nfp_check_entry *const *entries, size_t num,
		    struct nfp_result *result)
{
	const struct nfp_result *run = entries[0]->result;

	for (size_t i = 1; i < num; i++) {
		if (entries[i]->result->start_unix_ms > run->start_unix_ms)
			run = entries[i]->result;
	}
	result->start_unix_ms = run->start_unix_ms;
	result->duration_ns = run->duration_ns;
	memcpy(result->hostname, run->hostname, sizeof(result->hostname));
	memcpy(result->kernel, run->kernel, sizeof(result->kernel));
	result->pf = run->pf;
	result->settings = run->settings;
	result->settings.from[0] = '\0'; /* the sources of all of them are to be there */
}

void nfp_check_result(const struct nfp_check *check, struct nfp_result *ret_result)
{
	const struct nfp_check_entry **entries = nfp_calloc(check->num_entries, sizeof(*entries));
	struct nfp_result *result = ret_result;
	size_t num = 0;

	nfp_result_init(result);
	for (size_t i = 0; i < check->num_entries; i++) {
		if (is_shown(check, &check->entries[i]))
			entries[num++] = &check->entries[i];
	}
	if (num) {
		qsort(entries, num, sizeof(*entries), compare_places);
		set_run(entries, num, result);
	}
	result->vfs = nfp_calloc(num, sizeof(*result->vfs));
	for (size_t i = 0; i < num;)
		i += add_vf(check, &entries[i], num - i, result);
	free(entries);
	for (size_t i = 0; i < check->num_styles; i++) {
		const struct nfp_check_style *style = &check->styles[i];

		if (!style->entry)
			nfp_strv_addf(&result->unstored, "%s: %s", nfp_style_name(style->style),
				      style->why);
	}
	/* The PF may have another name now. */
	memcpy(result->pf.ifname, check->ifname, sizeof(result->pf.ifname));
	memcpy(result->pf.parentdev, check->parentdev, sizeof(result->pf.parentdev));
	result->have_verdict = result->num_vfs > 0;
	result->verdict = nfp_judge_run(result);
	result->exit_status = check->exit_status;
}
