// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest's VLAN: its frames, and requests to register it. */
#include "memnic_priv.h"

#include <errno.h>
#include <stdio.h>

enum { GUESTS_VID = 1, FREE_VID };

/* Such a kind comes before the others in enum nfp_kind. */
enum nfp_kind nic_plain(enum nfp_kind kind)
{
	enum nfp_kind plain = 0;

	while (nfp_kinds[plain].to != nfp_kinds[kind].to)
		plain++;
	return plain;
}

bool net_carries(const struct memnic *nic, enum nfp_kind kind)
{
	if (kind == NFP_KIND_VLAN_FREE)
		return !nic->c.vlan.free_blocked;
	if (kind == NFP_KIND_VLAN_UNICAST && nic->c.vlan.suppressed) {
		for (size_t i = 0; i < nic->vlan.num_spoken; i++) {
			if (nfp_mac_equal(&nic->vlan.spoken[i], &nic->plan.unicast))
				return true;
		}
		return false;
	}
	return !nfp_kinds[kind].tagged || !nic->c.vlan.blocked;
}

void nic_vlan_speak(struct memnic *nic, enum nfp_receiver at, const struct nfp_mac *mac)
{
	bool checked = at == NFP_AT_VF && nic->p.vlan.vf_checked &&
		       !core_vids_has(nic->vlan.vf.on, GUESTS_VID);

	if (!checked && nic->vlan.num_spoken < NIC_SPOKEN_MAX)
		nic->vlan.spoken[nic->vlan.num_spoken++] = *mac;
}

unsigned int nic_in_vlan(const struct memnic *nic, enum nfp_kind kind, unsigned int to)
{
	uint16_t vid = kind == NFP_KIND_VLAN_FREE ? FREE_VID : GUESTS_VID;
	const struct core_tag tag = {
		.vid = vid,
		.unicast = kind != NFP_KIND_VLAN_BROADCAST && kind != NFP_KIND_VLAN_MULTICAST,
		.others = core_vids_has(nic->vlan.vf.on, vid) ||
			  (vid == GUESTS_VID && nic->c.vlan.sibling),
		.had = core_vids_has(nic->vlan.vf.had, vid),
		.all = nic_sees_all(nic),
	};

	if (!nfp_kinds[kind].tagged)
		return to;
	if (!core_pf_gets_vlan(&nic->p.vlan, &nic->vlan.pf, &tag))
		to &= ~NIC_TO(NFP_AT_PF);
	if (!core_vf_gets_vlan(&nic->p.vlan, &nic->vlan.vf, vid))
		to &= ~NIC_TO(NFP_AT_VF);
	return to;
}

void nic_vlan_happens(struct memnic *nic, enum nic_what what)
{
	const struct core_vlans *v = &nic->p.vlan;

	if (what == NIC_VF_VLAN_OFF) {
		core_vids_leave(&nic->vlan.vf, v);
	} else if (what == NIC_VF_VLAN_ON) {
		core_vids_set(&nic->vlan.vf, v, CORE_AT_VF, GUESTS_VID, true);
		/* Its netdev in the VLAN speaks at once, for IPv6. */
		if (core_vids_has(nic->vlan.vf.on, GUESTS_VID))
			nic_vlan_speak(nic, NFP_AT_VF, &nic->vf_mac);
	} else {
		for (uint16_t vid = GUESTS_VID; vid <= FREE_VID; vid++)
			core_vids_set(&nic->vlan.pf, v, CORE_AT_PF, vid,
				      what == NIC_PF_VLAN_ON &&
					      nic->vlan.free == (vid == FREE_VID));
	}
}

/* The VF's driver has gone, or its netdev. */
void nic_vlan_unbound(struct memnic *nic)
{
	nic_cancel(nic, NIC_VF_VLAN_ON);
	nic_schedule(nic, nic->p.vlan.after_ns, NIC_VF_VLAN_OFF);
}

int nic_op_vlan(void *ctx, enum nfp_receiver at, uint16_t vid, struct nfp_err *err)
{
	struct memnic *nic = ctx;
	const struct core_vlans *v = &nic->p.vlan;
	bool pf = at == NFP_AT_PF;
	int errnum = !vid ? 0 : pf ? v->pf_errno : v->vf_errno;

	nic_note(nic, pf ? vid ? "vlan" : "novlan" : "guestvlan");
	if (errnum)
		return nfp_err_errno(err, -errnum, NFP_E_KERNEL, "cannot create a vlan");
	if (!vid && pf && nic->c.vlan.bridge)
		return nfp_err_set(err, -EEXIST, NFP_E_UNSUPPORTED, "the bridge has it registered");
	if (pf)
		nic->vlan.free = vid == MEMNIC_FREE_VLAN;
	nic_cancel(nic, pf ? NIC_PF_VLAN_ON : NIC_VF_VLAN_ON);
	nic_cancel(nic, pf ? NIC_PF_VLAN_OFF : NIC_VF_VLAN_OFF);
	nic_schedule(nic, v->after_ns,
		     !pf   ? NIC_VF_VLAN_ON
		     : vid ? NIC_PF_VLAN_ON
			   : NIC_PF_VLAN_OFF);
	nic_advance(nic, nic->now_ns, false);
	return 0;
}

int nic_op_swallower(void *ctx, uint16_t vid, char name[NFP_TEXT_LEN], struct nfp_err *err)
{
	const struct memnic *nic = ctx;

	(void)vid;
	if (nic->c.vlan.search_errno)
		return nfp_err_errno(err, -nic->c.vlan.search_errno, NFP_E_KERNEL, "ask for VLANs");
	if (nic->c.vlan.swallowed)
		snprintf(name, NFP_TEXT_LEN, "eth0.100");
	return nic->c.vlan.swallowed;
}

struct core_vlans memnic_random_vlans(uint64_t seed)
{
	uint64_t state = seed * 2 + 1;
	struct core_vlans v;

	for (int i = 0; i < 8; i++)
		(void)nic_draw(&state);
	v = (struct core_vlans) {
		.filters = nic_draw(&state) % 4 > 0,
		.from_first = seed % 5 == 0,
		.promisc_passes = nic_draw(&state) % 2,
		.default_pool = nic_draw(&state) % 2,
		.bypasses_pools = nic_draw(&state) % 4 == 0,
		.vf_filters = nic_draw(&state) % 4 > 0,
		.vf_keeps = nic_draw(&state) % 4 == 0,
		.vf_deaf = nic_draw(&state) % 16 == 0,
		.vf_ignored = nic_draw(&state) % 16 == 0,
		.pf_ignored = nic_draw(&state) % 16 == 0,
		.stolen_by_vf = nic_draw(&state) % 8 == 0,
		.pf_errno = nic_draw(&state) % 16 ? 0 : EBUSY,
		.vf_errno = nic_draw(&state) % 16 ? 0 : EPERM,
		.after_ns = nic_draw(&state) % 3 ? 0 : 40 * NFP_NSEC_PER_MSEC,
	};
	return v;
}
