/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sample_store.h - a store with what a run on sample_igb has saved, and the host as it is then. */
#ifndef TESTS_SAMPLE_STORE_H
#define TESTS_SAMPLE_STORE_H

#include "nfprobe/store.h"
#include "unit/sample_result.h"

#define SAMPLE_DEVICE "pci-0000:01:00.0"

static inline void sample_store_add(struct nfp_store *store, const struct nfp_result *result)
{
	nfp_store_merge(store, SAMPLE_DEVICE, result);
}

/* VF 3: macvtap SAFE, bridge EARLY. */
static inline void sample_store(struct nfp_store *store)
{
	struct nfp_result result;

	*store = (struct nfp_store) {.path = strdup("/var/lib/nfprobe/" SAMPLE_DEVICE ".json")};
	sample_igb(&result);
	sample_store_add(store, &result);
	nfp_result_fini(&result);
}

static inline void sample_identity(struct nfp_identity *id)
{
	struct nfp_vf_result vf;
	struct nfp_pf_info pf;

	sample_pf(&pf);
	sample_vf(&vf, 3);
	nfp_identity_of(&pf, "6.12.95", &vf, id);
}

#define SAMPLE_DAY_MS  INT64_C(86400000)
#define SAMPLE_ENTRIES 24

/* A check of the store, the host as it is then, and both styles of any VF asked about; for cmocka.
 */
struct sample_world {
	struct nfp_identity now[SAMPLE_ENTRIES];
	struct nfp_check_query query;
	struct nfp_check check;
	struct nfp_result result;
};

static inline struct nfp_check_query sample_query(const struct nfp_store *store, int vf)
{
	return (struct nfp_check_query) {
		.vf = vf,
		.styles = {true, true},
		.vlan = -1,
		.now_unix_ms = store->entries[0].start_unix_ms + SAMPLE_DAY_MS,
		.settle_needed_ns = NFP_SETTLE_DEFAULT_NS,
	};
}

static inline int sample_world_setup(void **state)
{
	struct sample_world *w = calloc(1, sizeof(*w));

	if (!w)
		return -1;
	sample_store(&w->check.store);
	for (size_t i = 0; i < SAMPLE_ENTRIES; i++)
		sample_identity(&w->now[i]);
	w->query = sample_query(&w->check.store, -1);
	nfp_result_init(&w->result);
	*state = w;
	return 0;
}

static inline int sample_world_teardown(void **state)
{
	struct sample_world *w = *state;

	nfp_result_fini(&w->result);
	nfp_check_fini(&w->check);
	free(w);
	return 0;
}

/* The answer of --check for VF @vf on that host, as @now has it; takes over @store. */
static inline void sample_check_of(const struct nfp_store *store, const struct nfp_identity now[2],
				   int vf, struct nfp_check *check)
{
	const struct nfp_check_query query = sample_query(store, vf);

	*check = (struct nfp_check) {.ifname = "eth0",
				     .parentdev = "0000:01:00.0",
				     .have_vf = true,
				     .vf = (unsigned int)vf,
				     .store = *store};
	nfp_check_store(check, now, &query);
}

/* Macvtap proven but for IPv6, by a user without privileges; bridge not since new firmware. */
static inline void sample_check(struct nfp_check *check)
{
	struct nfp_identity now[2];
	struct nfp_store store;

	sample_store(&store);
	store.entries[0].vfs[0].styles[0].multicast = NFP_MULTICAST_UNPROVEN;
	strcpy(store.entries[0].vfs[0].styles[0].multicast_note,
	       "no multicast reached eth0 in standby");
	sample_identity(&now[0]);
	now[0].readable[NFP_ID_ESWITCH_MODE] = NFP_NEEDS_PRIVILEGES;
	sample_identity(&now[1]);
	strcpy(now[1].value[NFP_ID_FIRMWARE], "2.2.0");
	sample_check_of(&store, now, 3, check);
	strcpy(check->file, store.path);
}

/* The result that --export has for VF @vf; if @firmware is not NULL, the NIC has that now. */
static inline void sample_checked(struct nfp_result *result, int vf, const char *firmware)
{
	struct nfp_identity now[2];
	struct nfp_check check;
	struct nfp_store store;

	sample_store(&store);
	for (size_t i = 0; i < 2; i++) {
		sample_identity(&now[i]);
		if (firmware)
			strcpy(now[i].value[NFP_ID_FIRMWARE], firmware);
	}
	sample_check_of(&store, now, vf, &check);
	nfp_check_result(&check, result);
	nfp_check_fini(&check);
}

/* VF 2, which is not stored. */
static inline void sample_unstored(struct nfp_result *result)
{
	sample_checked(result, 2, NULL);
}

#endif
