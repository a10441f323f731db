// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The switch of the network, between the NIC's wire and its peer: what it learns at the NIC's port,
 * forgets, passes and loses. By default it passes everything.
 */

#include <net/if_inet6.h>
#include <net/ipv6.h>
#include <net/mld.h>

#include "nfsim.h"

/* The groups that an MLDv2 report joins (RFC 3810, section 5.2), behind a Router Alert option. */
static void nfsim_snoop(struct nfsim_nic *nic, struct sk_buff *skb)
{
	const unsigned int at = ETH_HLEN + sizeof(struct ipv6hdr) + 8;
	const struct mld2_report *report;
	const struct ipv6hdr *ip;
	u64 now = ktime_get_ns();
	u8 mac[ETH_ALEN];
	unsigned int i;

	if (eth_hdr(skb)->h_proto != htons(ETH_P_IPV6) || skb_linearize(skb) ||
	    skb->len < at + sizeof(*report))
		return;
	ip = (const struct ipv6hdr *)(skb->data + ETH_HLEN);
	report = (const struct mld2_report *)(skb->data + at);
	if (ip->nexthdr != NEXTHDR_HOP || skb->data[ETH_HLEN + sizeof(*ip)] != IPPROTO_ICMPV6 ||
	    report->mld2r_type != ICMPV6_MLD2_REPORT ||
	    nfsim_chance(&nic->cable, nic->persona.net_report_loss))
		return;
	for (i = 0; i < ntohs(report->mld2r_ngrec); i++) {
		const struct mld2_grec *group = &report->mld2r_grec[i];

		if ((const u8 *)(group + 1) > skb_tail_pointer(skb) || group->grec_nsrcs)
			break; /* nobody here asks for single sources */
		ipv6_eth_mc_map(&group->grec_mca, mac);
		if (group->grec_type == MLD2_MODE_IS_EXCLUDE ||
		    group->grec_type == MLD2_CHANGE_TO_EXCLUDE)
			core_net_learn(&nic->net.groups, mac, false, now, now);
	}
}

static bool nfsim_pauses(const struct nfsim_nic *nic, const u8 *dst, u64 now)
{
	const struct core_keys *p = &nic->persona;
	const struct core_outage pause = {
		.from_ns = nic->net.begun_ns + p->net_pause_at_ms * (u64)NSEC_PER_MSEC,
		.for_ns = p->net_pause_ms * (u64)NSEC_PER_MSEC,
		.unicast_alone = p->net_pause,
	};

	return core_net_pauses(&pause, !is_multicast_ether_addr(dst), now);
}

bool nfsim_net_passes(struct nfsim_nic *nic, unsigned int from, struct sk_buff *skb)
{
	const struct core_keys *p = &nic->persona;
	const u8 *dst = eth_hdr(skb)->h_dest, *src = eth_hdr(skb)->h_source;
	struct nfsim_net *net = &nic->net;
	u64 now = ktime_get_ns(), after = p->net_learn_ms * (u64)NSEC_PER_MSEC;

	if (now < net->forwards_ns || nfsim_pauses(nic, dst, now))
		return false;
	net->hosts.most = p->net_learn_max;
	if (from != NFSIM_WIRE) {
		if (!ether_addr_equal(src, nic->pf_mac))
			core_net_learn(&net->hosts, src, false, now + after, now);
		nfsim_snoop(nic, skb);
		return true;
	}
	if (is_multicast_ether_addr(dst))
		return core_net_passes_group(&net->groups, p->net_snoop, dst, now);
	return ether_addr_equal(dst, nic->pf_mac) ||
	       core_net_passes(&net->hosts, p->net_suppress, dst, false, now);
}

void nfsim_net_carrier(struct nfsim_nic *nic, bool on)
{
	u64 wait_ns = nic->persona.net_forward_ms * (u64)NSEC_PER_MSEC;

	nic->net.hosts.num = nic->net.groups.num = 0;
	nic->net.forwards_ns = on ? ktime_get_ns() + wait_ns : 0;
}

void nfsim_net_reset(struct nfsim_nic *nic)
{
	nic->net.begun_ns = ktime_get_ns();
}
