/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_HOST_UNDO_PRIV_H
#define NFPROBE_HOST_UNDO_PRIV_H

#include "undo_plan.h"

/* Is it an address of the run? */
bool nfp_undo_mac_ours(const struct nfp_vf_touch *touch, const struct nfp_mac *mac);
/* Did another process give the VF the address, the VLAN that it has now? */
bool nfp_undo_mac_foreign(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			  const struct nfp_vf_touch *touch);
bool nfp_undo_vlan_foreign(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			   const struct nfp_vf_touch *touch);

#endif
