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

#endif
