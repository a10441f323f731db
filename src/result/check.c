// SPDX-License-Identifier: GPL-2.0-or-later
/* check.c - whether the stored verdicts say that it is safe now. */
#include "nfprobe/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

/* ---- one entry ---- */

static void add_stale(struct nfp_check_entry *entry, const char *words)
{
	nfp_appendf(entry->stale, sizeof(entry->stale), "%s%s", entry->stale[0] ? "; " : "", words);
}

/* The identity that was tested: a run with --vlan has tested the VF in that one, whatever it had
 * before. */
static void tested_identity(const struct nfp_result *stored, const struct nfp_identity *is,
			    struct nfp_identity *ret_was)
{
	const struct nfp_vf_result *vf = &stored->vfs[0];
	char vlan[NFP_TEXT_LEN] = "";

	nfp_identity_of(&stored->pf, stored->kernel, vf, ret_was);
	if (vf->probed_vlan)
		snprintf(vlan, sizeof(vlan), "%u", vf->probed_vlan);
	if (strcmp(is->value[NFP_ID_VLAN], vlan) == 0)
		memcpy(ret_was->value[NFP_ID_VLAN], vlan, sizeof(vlan));
}

static void compare(const struct nfp_identity *was, const struct nfp_identity *is,
		    struct nfp_check_entry *entry)
{
	char words[3 * NFP_TEXT_LEN];

	for (enum nfp_identity_member m = 0; m < NFP_ID_COUNT; m++) {
		struct nfp_check_difference *d = &entry->differences[entry->num_differences];

		if (nfp_identity_same(was, is, m) != NFP_NO)
			continue;
		entry->num_differences++;
		d->what = m;
		nfp_identity_values(was, is, m, d->was, d->is);
		/* A change of the firmware implies one of its parts: the words name only the
		 * former. */
		if (m == NFP_ID_FIRMWARE_VERSIONS && d != entry->differences &&
		    d[-1].what == NFP_ID_FIRMWARE)
			continue;
		nfp_identity_words(was, is, m, words, sizeof(words));
		add_stale(entry, words);
	}
}

static void compare_age(const struct nfp_check_query *query, struct nfp_check_entry *entry)
{
	int64_t age_ms = query->now_unix_ms - entry->result->start_unix_ms;
	char words[64];

	if (!query->max_age_days)
		return;
	if (!entry->result->start_unix_ms || age_ms < 0)
		add_stale(entry, "its age is not known: the clock was set");
	else if (age_ms > query->max_age_days * DAY_MS) {
		snprintf(words, sizeof(words), "it is older than %u day%s", query->max_age_days,
			 query->max_age_days == 1 ? "" : "s");
		add_stale(entry, words);
	}
}

/* Frames from any source prove that a style is not safe; only those from the wire prove that it is.
 */
static bool is_from_wire(const struct nfp_check_entry *entry)
{
	return entry->key.have_source && entry->key.source == NFP_SOURCE_WIRE;
}

/* Does the entry prove that its style is safe now? The words say why not. */
static enum nfp_answer answer_of(const struct nfp_check_query *query, struct nfp_check_entry *entry)
{
	char *why = entry->why;
	const size_t size = sizeof(entry->why);

	if (entry->stale[0]) {
		snprintf(why, size, "%s", entry->stale);
		return NFP_UNKNOWN;
	}
	if (!entry->proof || entry->style->verdict != NFP_VERDICT_SAFE) {
		snprintf(why, size, "%s", entry->style->reason);
		return entry->proof ? NFP_NO : NFP_UNKNOWN;
	}
	if (!is_from_wire(entry))
		snprintf(why, size, "frames came from %s, not from the wire",
			 entry->style->from.name[0] ? entry->style->from.name
						    : "an unknown source");
	else if (entry->result->settings.settle_ns < query->settle_needed_ns)
		snprintf(why, size,
			 "each state was watched for only %g s, less than the driver may need",
			 (double)entry->result->settings.settle_ns / (double)NFP_NSEC_PER_SEC);
	return why[0] ? NFP_UNKNOWN : NFP_YES;
}

static struct nfp_check_entry entry_of(const struct nfp_check_query *query,
				       const struct nfp_result *stored,
				       const struct nfp_identity *now)
{
	struct nfp_check_entry entry = {
		.result = stored,
		.style = &stored->vfs[0].styles[0],
		.key = nfp_store_key_of(stored, 0, 0),
		.proof = nfp_store_proof_of(stored, 0, 0),
	};
	struct nfp_identity was;

	tested_identity(stored, now, &was);
	compare(&was, now, &entry);
	compare_age(query, &entry);
	entry.safe = answer_of(query, &entry);
	return entry;
}

/* ---- one style ---- */

/*
 * Which of two entries says more? What holds now comes first, then what says that it is not safe,
 * then the wire (what another source cannot prove is no doubt of what the wire has proved), then
 * doubt, then the stronger proof, then the newer one.
 */
static bool is_better_evidence(const struct nfp_check_entry *a, const struct nfp_check_entry *b)
{
	const struct nfp_check_entry *both[] = {a, b};
	unsigned int rank[2];

	for (size_t i = 0; i < 2; i++) {
		const struct nfp_check_entry *e = both[i];
		rank[i] = (!e->stale[0] ? 8U : 0) + (e->safe == NFP_NO ? 4U : 0) +
			  (is_from_wire(e) ? 2U : 0) + (e->safe == NFP_UNKNOWN ? 1U : 0);
	}
	if (rank[0] != rank[1])
		return rank[0] > rank[1];
	if (a->safe == NFP_NO && a->style->verdict != b->style->verdict)
		return a->style->verdict < b->style->verdict;
	if (a->proof != b->proof)
		return a->proof > b->proof;
	return a->result->start_unix_ms > b->result->start_unix_ms;
}

static bool is_asked(const struct nfp_check_query *query, const struct nfp_store_key *key)
{
	if (!query->styles[key->style] && !query->others)
		return false;
	return (query->vf < 0 || (unsigned int)query->vf == key->vf) &&
	       (query->vlan < 0 || (unsigned int)query->vlan == key->vlan);
}

static void check_style(const struct nfp_check_query *query, struct nfp_check *check,
			enum nfp_style which)
{
	const struct nfp_store *store = &check->store;
	struct nfp_check_style *style = &check->styles[check->num_styles];
	const struct nfp_check_entry *best = NULL;

	for (size_t i = 0; i < check->num_entries; i++) {
		const struct nfp_check_entry *entry = &check->entries[i];

		if (entry->key.style == which && (!best || is_better_evidence(entry, best)))
			best = entry;
	}
	if (!best && !query->styles[which])
		return;
	check->num_styles++;
	*style = (struct nfp_check_style) {
		.style = which, .counts = query->styles[which], .safe = NFP_UNKNOWN};
	if (best) {
		style->safe = best->safe;
		style->entry = best;
		style->verdict = best->style->verdict;
		memcpy(style->why, best->why, sizeof(style->why));
		return;
	}
	snprintf(style->why, sizeof(style->why), "nothing is stored");
	/* A VF may be unlike its siblings: their verdicts are not its own. */
	for (size_t i = 0; i < store->num && query->vf >= 0; i++) {
		struct nfp_store_key key = nfp_store_key_of(&store->entries[i], 0, 0);

		if (key.style == which && key.vf != (unsigned int)query->vf) {
			snprintf(style->why, sizeof(style->why),
				 "nothing is stored for VF %d, only for others, such as VF %u",
				 query->vf, key.vf);
			break;
		}
	}
}

/* ---- the limits of an answer ---- */

static void note_multicast(struct nfp_strv *notes, const struct nfp_check_style *style)
{
	const struct nfp_style_result *stored = style->entry ? style->entry->style : NULL;

	if (style->safe != NFP_YES || stored->multicast == NFP_MULTICAST_OK)
		return;
	nfp_strv_addf(notes, "%s: IPv6 was not %s%s%s", nfp_style_name(style->style),
		      stored->multicast == NFP_MULTICAST_UNPROVEN ? "proven" : "tested",
		      stored->multicast_note[0] ? ": " : "", stored->multicast_note);
}

static void note_identity(struct nfp_strv *notes, const struct nfp_result *stored,
			  const struct nfp_identity *is)
{
	struct nfp_identity was;
	char words[3 * NFP_TEXT_LEN];

	tested_identity(stored, is, &was);
	for (enum nfp_identity_member m = 0; m < NFP_ID_COUNT; m++) {
		if (nfp_identity_same(&was, is, m) != NFP_UNKNOWN)
			continue;
		nfp_identity_words(&was, is, m, words, sizeof(words));
		nfp_strv_addf(notes, "%s", words);
	}
	if (is->readable[NFP_ID_FIRMWARE] == NFP_READABLE && !is->value[NFP_ID_FIRMWARE][0])
		nfp_strv_addf(notes, "the driver reports no firmware version, so a change of the "
				     "firmware would not be noticed");
}

/* Drops the answers, but not the store. */
static void forget(struct nfp_check *check)
{
	free(check->entries);
	nfp_strv_fini(&check->notes);
	check->num_entries = check->num_styles = 0;
}

void nfp_check_store(struct nfp_check *check, const struct nfp_identity *now,
		     const struct nfp_check_query *query)
{
	const struct nfp_store *store = &check->store;
	bool unsafe = false, unknown = false;

	forget(check);
	check->entries = nfp_calloc(store->num, sizeof(*check->entries));
	for (size_t i = 0; i < store->num; i++) {
		struct nfp_store_key key = nfp_store_key_of(&store->entries[i], 0, 0);

		if (!is_asked(query, &key))
			continue;
		check->entries[check->num_entries++] = entry_of(query, &store->entries[i], &now[i]);
	}
	for (enum nfp_style which = 0; which < NFP_STYLE_COUNT; which++)
		check_style(query, check, which);
	for (size_t i = 0; i < check->num_styles; i++) {
		const struct nfp_check_entry *entry = check->styles[i].entry;

		note_multicast(&check->notes, &check->styles[i]);
		if (entry && !entry->stale[0])
			note_identity(&check->notes, entry->result,
				      &now[entry->result - store->entries]);
		if (!check->styles[i].counts)
			continue;
		unsafe = unsafe || check->styles[i].safe == NFP_NO;
		unknown = unknown || check->styles[i].safe == NFP_UNKNOWN;
	}
	check->exit_status = nfp_exit_of(unsafe, unknown);
}

void nfp_check_fini(struct nfp_check *check)
{
	forget(check);
	nfp_store_fini(&check->store);
	*check = (struct nfp_check) {.exit_status = 0};
}
