// SPDX-License-Identifier: GPL-2.0-or-later
/* The switch that the NIC is connected to: what it learns, forgets, passes and loses. */
#include "memnic_priv.h"
#include "../../src/traffic/traffic_priv.h"

#include <string.h>
#include <sys/param.h>

const struct nfp_mac nic_own_mac = {{0x02, 0, 0, 0, 0, 0x55}};

/* The PF's own address, which the switch has known for long: zero, or that of the controls. */
static bool is_own(const struct nfp_mac *mac)
{
	return nfp_mac_is_zero(mac) || nfp_mac_equal(mac, &nic_own_mac);
}

static const struct core_one *find_known(const struct memnic *nic, const struct nfp_mac *mac)
{
	return core_net_find(&nic->hosts, mac->b, nic->now_ns);
}

static bool passes_unicast(const struct memnic *nic, const struct nfp_mac *mac)
{
	bool suppresses = nic->c.suppress_unknown && !nic->c.flood_permille;

	return is_own(mac) || core_net_passes(&nic->hosts, suppresses, mac->b, false, nic->now_ns);
}

bool net_rations(const struct memnic *nic, enum nfp_kind kind)
{
	if (!nic->c.suppress_unknown || nic_is_multicast(nic, kind) ||
	    nic_plain(kind) == NFP_KIND_BROADCAST || nfp_kinds[kind].to == NFP_TO_PF ||
	    nic->c.source != NFP_ENTERS_WIRE)
		return false;
	return !find_known(nic, nfp_plan_to(&nic->plan, kind));
}

bool net_passes(const struct memnic *nic, enum nfp_kind kind)
{
	const struct memnic_conditions *c = &nic->c;
	const struct nfp_mac *mac = nfp_plan_to(&nic->plan, kind);

	if (!net_carries(nic, kind))
		return false;
	if (c->source != NFP_ENTERS_WIRE)
		return true;
	if (!nic->pf_carrier || !nic->forwards)
		return false;
	if (nic_plain(kind) == NFP_KIND_BROADCAST || nfp_kinds[kind].to == NFP_TO_PF)
		return true;
	if (!nic_is_multicast(nic, kind))
		return passes_unicast(nic, mac);
	return !c->multicast_blocked &&
	       core_net_passes_group(&nic->groups, c->mld_snooping, mac->b, nic->now_ns);
}

/* Entries that have aged go; the next to age is waited for. */
static void age(struct memnic *nic)
{
	nic_reschedule(nic, core_net_age(&nic->hosts, nic->now_ns), NIC_AGED);
}

static void learn(struct memnic *nic, const struct nfp_mac *mac, bool far)
{
	core_net_learn(&nic->hosts, mac->b, far, nic->now_ns, nic->now_ns);
	age(nic);
}

static void hear_report(struct memnic *nic, const struct nfp_mac *group)
{
	if (!nic->pf_carrier)
		return;
	core_net_learn(&nic->groups, group->b, false, nic->now_ns, nic->now_ns);
	if (nic->c.group_age_ns)
		nic_schedule(nic, nic->c.group_age_ns, NIC_GROUP_AGED);
}

static void forget_all(struct memnic *nic)
{
	nic->hosts.num = nic->groups.num = 0;
	nic->vlan.num_spoken = 0;
}

/* It speaks to all, as the one with that address always does. */
static void station_sends(struct memnic *nic)
{
	nic->strangers++; /* heard at the source, in any case */
	memnic_send_far(nic, &nic->c.station);
	if (nic->c.station_every_ns)
		nic_schedule(nic, nic->c.station_every_ns, NIC_STATION);
}

bool net_lets(struct memnic *nic, uint64_t ns)
{
	const struct memnic_conditions *c = &nic->c;

	if (!c->storm_frames)
		return nic_happens(nic, c->flood_permille);
	if (nic->flooded >= c->storm_frames && c->storm_ns && ns - nic->tripped_ns >= c->storm_ns)
		nic->flooded = 0;
	if (nic->flooded >= c->storm_frames)
		return false;
	nic->tripped_ns = ns;
	nic->flooded++;
	return true;
}

bool net_happen(struct memnic *nic, const struct nic_pending *pending)
{
	switch (pending->what) {
	case NIC_LEARNED:
		if (nic->pf_carrier)
			learn(nic, &pending->mac, pending->far);
		return true;
	case NIC_REPORTED:
		hear_report(nic, &pending->mac);
		return true;
	case NIC_GROUP_AGED:
		(void)core_net_age(&nic->groups, nic->now_ns);
		return true;
	case NIC_UNLEARNED:
		(void)core_net_age(&nic->learned, nic->now_ns);
		return true;
	case NIC_STATION:
		station_sends(nic);
		return true;
	case NIC_CARRIER_DOWN: /* it forgets what it is about to learn, too, as nfsim's does */
		forget_all(nic);
		nic->forwards = false;
		nic_cancel(nic, NIC_LEARNED);
		nic_cancel(nic, NIC_FORWARDS);
		return true;
	case NIC_CARRIER_UP:
		nic_schedule(nic, nic->c.forward_after_ns, NIC_FORWARDS);
		return true;
	case NIC_FORWARDS:
		nic->forwards = true;
		return true;
	case NIC_AGED:
		age(nic);
		return true;
	case NIC_FLUSH:
		forget_all(nic);
		return true;
	default:
		return false;
	}
}

/* The NIC's own switch sees the frame before the wire does. */
static void learn_inside(struct memnic *nic, unsigned int at, const struct nfp_mac *from,
			 uint32_t sorts)
{
	if (!(nic->p.learns & sorts) || is_own(from))
		return;
	core_net_learn(&nic->learned, from->b, at, nic->now_ns, nic->now_ns);
	if (nic->p.unlearns_after_ns)
		nic_schedule_as(nic, nic->p.unlearns_after_ns,
				(struct nic_pending) {.what = NIC_UNLEARNED});
}

uint64_t net_hash(const struct memnic *nic, const struct nfp_mac *mac)
{
	uint64_t state = nic->c.seed + 1;

	for (size_t i = 0; i < sizeof(mac->b); i++)
		state = nic_draw(&state) ^ mac->b[i];
	return nic_draw(&state) >> 32;
}

/* An interval after the last advertisement, where the network learns anything new. */
static uint64_t learn_after(struct memnic *nic, const struct nfp_mac *mac, bool far)
{
	const struct memnic_conditions *c = &nic->c;
	uint64_t after_ns = c->learn_after_ns;
	const struct core_one *known = find_known(nic, mac);

	if (c->learn_within_ns)
		after_ns += net_hash(nic, mac) * NFP_NSEC_PER_USEC % c->learn_within_ns;
	if (!c->advertise_ns || (known && known->port == far))
		return after_ns;
	if (nic->advertised_ns <= nic->now_ns)
		nic->advertised_ns = nic->advertised_ns ? MAX(nic->advertised_ns + c->advertise_ns,
							      nic->now_ns)
							: nic->now_ns;
	return nic->advertised_ns - nic->now_ns + after_ns;
}

/* Port security: a source for which there is no room is dropped, and learned at once if there is.
 */
static bool is_dropped(struct memnic *nic, const struct nfp_mac *from)
{
	const struct core_one *known;

	if (!nic->c.learn_drops || is_own(from))
		return false;
	learn(nic, from, false);
	known = find_known(nic, from);
	return !known || known->port;
}

bool net_send(struct memnic *nic, enum nfp_receiver at, const struct nfp_mac *from, uint32_t sorts)
{
	const struct memnic_conditions *c = &nic->c;
	struct nic_pending learned = {.what = NIC_LEARNED, .mac = *from};

	if (at == NFP_AT_VF && !nic->vf_running)
		return false;
	learn_inside(nic, at, from, sorts);
	if (!nic->pf_carrier || !nic->forwards || net_loses(nic, nic->now_ns, false) ||
	    is_dropped(nic, from))
		return false;
	if (!is_own(from))
		nic_schedule_as(nic, c->before_ns + learn_after(nic, from, false), learned);
	if (sorts == NIC_JOINS && !nic_happens(nic, c->report_loss_permille)) {
		learned.what = NIC_REPORTED;
		learned.mac = nic->group;
		nic_schedule_as(nic, c->before_ns, learned);
	}
	nic_advance(nic, nic->now_ns, false);
	return true;
}

void memnic_send(struct memnic *nic, enum nfp_receiver at, const struct nfp_mac *from)
{
	(void)net_send(nic, at, from, NIC_TALKS);
	nic_reroute(nic, false);
}

void memnic_send_far(struct memnic *nic, const struct nfp_mac *from)
{
	struct nic_pending learned = {.what = NIC_LEARNED, .mac = *from, .far = true};

	if (!net_loses(nic, nic->now_ns, false)) {
		if (nic->pf_carrier && nic->forwards)
			learn_inside(nic, NIC_UPLINK, from, NIC_TALKS);
		nic_schedule_as(nic, learn_after(nic, from, true), learned);
		nic_advance(nic, nic->now_ns, false);
	}
	nic_reroute(nic, false);
}
