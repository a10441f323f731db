/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_HOST_UNDO_PRIV_H
#define NFPROBE_HOST_UNDO_PRIV_H

#include "nfprobe/undo.h"

/* Is what the VF has now neither what it had before nor anything of ours? */
bool nfp_undo_mac_foreign(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			  const struct nfp_vf_touch *touch);
bool nfp_undo_vlan_foreign(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			   const struct nfp_vf_touch *touch);
bool nfp_undo_driver_foreign(const struct nfp_vf_state *before, const struct nfp_vf_state *now,
			     const struct nfp_vf_touch *touch);

#endif
