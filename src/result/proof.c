// SPDX-License-Identifier: GPL-2.0-or-later
/* proof.c - how much a result proves of a NIC: the one place that says so. */
#include "nfprobe/store.h"

bool nfp_store_proves(enum nfp_verdict verdict)
{
	return verdict != NFP_VERDICT_INCONCLUSIVE && verdict != NFP_VERDICT_UNTESTABLE &&
	       verdict != NFP_VERDICT_NOT_APPLICABLE;
}

bool nfp_store_can_prove_safe(bool have_source, enum nfp_source source)
{
	return have_source && source == NFP_SOURCE_WIRE;
}

enum nfp_proof nfp_store_proof_of(const struct nfp_result *result, size_t vf, size_t style)
{
	enum nfp_multicast multicast = result->vfs[vf].styles[style].multicast;

	if (!nfp_store_is_conclusive(result, vf, style))
		return NFP_PROOF_NONE;
	return multicast == NFP_MULTICAST_OK || multicast == NFP_MULTICAST_LOST ? NFP_PROOF_WHOLE
										: NFP_PROOF_PART;
}
