// SPDX-License-Identifier: GPL-2.0-or-later
/* The switch that the NIC is connected to: what it learns, forgets, passes and loses. */
#include "memnic_priv.h"

#include <string.h>
#include <sys/param.h>

const struct nfp_mac nic_own_mac = {{0x02, 0, 0, 0, 0, 0x55}};

/* The PF's own address, which the switch has known for long: zero, or that of the controls. */
static bool is_own(const struct nfp_mac *mac)
{
	return nfp_mac_is_zero(mac) || nfp_mac_equal(mac, &nic_own_mac);
}

static bool is_known(const struct memnic *nic, const struct nfp_mac *mac)
{
	for (size_t i = 0; i < nic->num_known; i++) {
		if (nfp_mac_equal(&nic->known[i], mac))
			return true;
	}
	return false;
}

bool net_passes(const struct memnic *nic, enum nfp_kind kind)
{
	const struct memnic_conditions *c = &nic->c;
	const struct nfp_mac *mac = nfp_plan_to(&nic->plan, kind);

	if (c->source != NFP_SOURCE_WIRE)
		return true;
	if (!nic->pf_carrier || !nic->forwards)
		return false;
	if (kind == NFP_KIND_BROADCAST)
		return true;
	if (!nic_is_multicast(kind))
		return !c->suppress_unknown || is_known(nic, mac);
	/* Snooping switches flood all nodes (RFC 4541, section 3). */
	return !c->multicast_blocked &&
	       (!c->mld_snooping || nfp_mac_equal(mac, &nfp_mac_all_nodes) ||
		(nic->group_reported && nfp_mac_equal(mac, &nic->group)));
}

static void learn(struct memnic *nic, const struct nfp_mac *mac)
{
	size_t most = nic->c.learn_max ? MIN(nic->c.learn_max, NIC_KNOWN_MAX) : NIC_KNOWN_MAX;

	if (is_known(nic, mac))
		return;
	if (nic->num_known >= most && nic->c.learn_evicts)
		memmove(nic->known, nic->known + 1, --nic->num_known * sizeof(nic->known[0]));
	if (nic->num_known >= most)
		return;
	nic->known[nic->num_known++] = *mac;
}

bool net_happen(struct memnic *nic, const struct nic_pending *pending)
{
	switch (pending->what) {
	case NIC_LEARNED:
		if (nic->pf_carrier)
			learn(nic, &pending->mac);
		return true;
	case NIC_REPORTED:
		nic->group_reported |= nic->pf_carrier && nfp_mac_equal(&pending->mac, &nic->group);
		return true;
	case NIC_CARRIER_DOWN:
		nic->num_known = 0;
		nic->group_reported = nic->forwards = false;
		nic_cancel(nic, NIC_FORWARDS);
		return true;
	case NIC_CARRIER_UP:
		nic_schedule(nic, nic->c.forward_after_ns, NIC_FORWARDS);
		return true;
	case NIC_FORWARDS:
		nic->forwards = true;
		return true;
	case NIC_FLUSH:
		nic->num_known = 0;
		nic->group_reported = false;
		return true;
	default:
		return false;
	}
}

static bool is_spoofed(const struct memnic *nic, const struct nfp_mac *mac)
{
	bool filter = nic->vf_filter && nfp_mac_equal(&nic->filter_mac, mac);
	bool assigned = nic->vf_assigned && nfp_mac_equal(&nic->vf_mac, mac);

	switch (nic->p.pf_spoof) {
	case MEMNIC_SPOOF_FILTER:
		return filter;
	case MEMNIC_SPOOF_ASSIGNED:
		return filter || assigned;
	default:
		return false;
	}
}

/* The NIC's own switch sees the frame before the wire does. */
static void learn_inside(struct memnic *nic, enum nfp_receiver at, const struct nfp_mac *from)
{
	size_t i = 0;

	if (!nic->p.learns || is_own(from))
		return;
	while (i < nic->num_learned && !nfp_mac_equal(from, &nic->learned[i].mac))
		i++;
	if (i == NIC_KNOWN_MAX)
		return;
	nic->learned[i].mac = *from;
	nic->learned[i].at = at;
	nic->num_learned = MAX(nic->num_learned, i + 1);
}

void net_unlearn_vf(struct memnic *nic)
{
	size_t kept = 0;

	for (size_t i = 0; i < nic->num_learned; i++) {
		if (nic->learned[i].at != NFP_AT_VF)
			nic->learned[kept++] = nic->learned[i];
	}
	nic->num_learned = kept;
}

bool net_send(struct memnic *nic, enum nfp_receiver at, const struct nfp_mac *from, bool report)
{
	const struct memnic_conditions *c = &nic->c;
	struct nic_pending learned = {.what = NIC_LEARNED, .mac = *from};

	if (at == NFP_AT_PF ? is_spoofed(nic, from) : !nic->vf_running)
		return false;
	learn_inside(nic, at, from);
	if (!nic->pf_carrier || !nic->forwards || net_loses(nic, nic->now_ns, false))
		return false;
	if (!is_own(from))
		nic_schedule_as(nic, c->before_ns + c->learn_after_ns, learned);
	if (report && !nic_happens(nic, c->report_loss_permille)) {
		learned.what = NIC_REPORTED;
		learned.mac = nic->group;
		nic_schedule_as(nic, c->before_ns, learned);
	}
	nic_advance(nic, nic->now_ns, false);
	return true;
}

void memnic_send(struct memnic *nic, enum nfp_receiver at, const struct nfp_mac *from)
{
	(void)net_send(nic, at, from, false);
	nic_reroute(nic, false);
}
