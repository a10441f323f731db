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
	struct nfp_pf_info pf;

	sample_pf(&pf);
	nfp_identity_of(&pf, "6.12.95", "igbvf", "6.12.95", id);
}

/* What --check says of VF @vf on that host, as @now has it. */
static inline void sample_check_of(const struct nfp_store *store, const struct nfp_identity now[2],
				   unsigned int vf, struct nfp_check *check)
{
	const struct nfp_check_query query = {
		.vf = (int)vf,
		.styles = {true, true},
		.vlan = -1,
		.now_unix_ms = INT64_C(1795168800123),
		.settle_needed_ns = NFP_SETTLE_DEFAULT_NS,
	};

	*check = (struct nfp_check) {
		.ifname = "eth0", .parentdev = "0000:01:00.0", .have_vf = true, .vf = vf};
	nfp_check_store(store, now, &query, check);
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
	nfp_store_fini(&store);
}

/* What --export makes of the store for VF @vf; if @firmware is not NULL, the NIC has that now. */
static inline void sample_checked(struct nfp_result *result, unsigned int vf, const char *firmware)
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
	nfp_check_result(&store, &check, result);
	nfp_check_fini(&check);
	nfp_store_fini(&store);
}

/* VF 3, which is stored, and VF 2, which is not. */
static inline void sample_stored(struct nfp_result *result)
{
	sample_checked(result, 3, NULL);
}

static inline void sample_unstored(struct nfp_result *result)
{
	sample_checked(result, 2, NULL);
}

/* Of the PFs of sample_topology.h: what is above, and a file that cannot be used. */
static inline void sample_checks(struct nfp_check checks[2])
{
	sample_check(&checks[0]);
	checks[1] = (struct nfp_check) {.exit_status = 3};
	nfp_strv_addf(&checks[1].notes, "cannot use /var/lib/nfprobe/pci-0000:02:00.0.json: it is "
					"damaged: line 2 is not JSON: string or '}' expected");
}

#endif
