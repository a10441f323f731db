// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The switch of the network, between the NIC's wire and its peer: what it learns at the NIC's port,
 * forgets, passes and loses. By default it passes everything.
 */

#include <net/if_inet6.h>
#include <net/ipv6.h>
#include <net/mld.h>

#include "nfsim.h"

static const struct nfsim_known *nfsim_known(const struct nfsim_table *table, const u8 *mac)
{
	unsigned int i;

	for (i = 0; i < table->count; i++)
		if (ether_addr_equal(table->known[i].mac, mac))
			return &table->known[i];
	return NULL;
}

static bool nfsim_knows(const struct nfsim_table *table, const u8 *mac)
{
	const struct nfsim_known *known = nfsim_known(table, mac);

	return known && ktime_get_ns() >= known->from_ns;
}

/* The switch knows the address after this time; a full table takes no more. */
static void nfsim_learn(struct nfsim_table *table, const u8 *mac, u32 after_ms, u32 most)
{
	struct nfsim_known *known;

	if (table->count >= (most ?: NFSIM_KNOWN) || nfsim_known(table, mac))
		return;
	known = &table->known[table->count++];
	ether_addr_copy(known->mac, mac);
	known->from_ns = ktime_get_ns() + after_ms * (u64)NSEC_PER_MSEC;
}

/* The groups that an MLDv2 report joins (RFC 3810, section 5.2), behind a Router Alert option. */
static void nfsim_snoop(struct nfsim_nic *nic, struct sk_buff *skb)
{
	const unsigned int at = ETH_HLEN + sizeof(struct ipv6hdr) + 8;
	const struct mld2_report *report;
	const struct ipv6hdr *ip;
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
			nfsim_learn(&nic->net.groups, mac, 0, 0);
	}
}

static bool nfsim_pauses(const struct nfsim_nic *nic, const u8 *dst)
{
	const struct core_keys *p = &nic->persona;
	u64 now = ktime_get_ns();
	u64 from = nic->net.begun_ns + p->net_pause_at_ms * (u64)NSEC_PER_MSEC;

	return now >= from && now < from + p->net_pause_ms * (u64)NSEC_PER_MSEC &&
	       (!p->net_pause || !is_multicast_ether_addr(dst));
}

/* Snooping switches flood all nodes (RFC 4541, section 3). */
static bool nfsim_is_snooped(const u8 *group)
{
	static const u8 all_nodes[ETH_ALEN] = {0x33, 0x33, 0, 0, 0, 1};

	return group[0] == 0x33 && group[1] == 0x33 && !ether_addr_equal(group, all_nodes);
}

bool nfsim_net_passes(struct nfsim_nic *nic, unsigned int from, struct sk_buff *skb)
{
	const struct core_keys *p = &nic->persona;
	struct nfsim_net *net = &nic->net;
	const u8 *dst = eth_hdr(skb)->h_dest;

	if (ktime_get_ns() < net->forwards_ns || nfsim_pauses(nic, dst))
		return false;
	if (from != NFSIM_WIRE) {
		if (!ether_addr_equal(eth_hdr(skb)->h_source, nic->pf_mac))
			nfsim_learn(&net->hosts, eth_hdr(skb)->h_source, p->net_learn_ms,
				    p->net_learn_max);
		nfsim_snoop(nic, skb);
		return true;
	}
	if (is_multicast_ether_addr(dst))
		return !p->net_snoop || !nfsim_is_snooped(dst) || nfsim_knows(&net->groups, dst);
	return !p->net_suppress || ether_addr_equal(dst, nic->pf_mac) ||
	       nfsim_knows(&net->hosts, dst);
}

void nfsim_net_carrier(struct nfsim_nic *nic, bool on)
{
	u64 wait_ns = nic->persona.net_forward_ms * (u64)NSEC_PER_MSEC;

	nic->net.hosts.count = nic->net.groups.count = 0;
	nic->net.forwards_ns = on ? ktime_get_ns() + wait_ns : 0;
}

void nfsim_net_reset(struct nfsim_nic *nic)
{
	nic->net.begun_ns = ktime_get_ns();
}
