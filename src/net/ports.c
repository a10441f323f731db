// SPDX-License-Identifier: GPL-2.0-or-later
/* ports.c - what bridges do to the frames of their ports. */
#include <stddef.h>
#include <stdio.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>

#include "inventory_priv.h"
#include "net/facts.h"
#include "netlink_priv.h"

/* Headers have these since Linux 6.0 or later. An older kernel does not report them. */
#define LOCKED 38 /* IFLA_BRPORT_LOCKED, 5.18 */

/*
 * All attributes of a port, as of Linux 6.12 (net/bridge/br_netlink.c), and whether each can lose a
 * guest on its standby alone: its VF passes by the bridge. Those that can are read.
 *
 *   STATE               Yes: a port that does not forward passes nothing, to the guest or from it.
 *   UNICAST_FLOOD       Yes, off at the tap, while the bridge does not have the guest there.
 *   MCAST_FLOOD         Yes, off at the tap: groups that the guest has joined by its VF.
 *   BCAST_FLOOD         Yes, off at the tap: the ARP requests for the guest.
 *   PROXYARP            Yes, on at the tap: br_flood leaves the port out.
 *   ISOLATED            Yes, if both the tap and the port towards the PF are.
 *   LOCKED              Yes, on at the tap: frames of a guest whom the bridge does not have there.
 *   MULTICAST_ROUTER    2 at the tap: the guest gets every group, whoever snoops.
 *   LEARNING            Off loses nobody: what is not learned is flooded. On at the tap, where the
 *                       port towards the PF has it off, it makes the PF promiscuous.
 *   NEIGH_SUPPRESS, NEIGH_VLAN_SUPPRESS, PROXYARP_WIFI
 *                       No: the bridge answers for a guest whom it knows.
 *   VLAN_TUNNEL         No: of a vxlan port.
 *   BACKUP_PORT, BACKUP_NHID
 *                       No: a tap without a carrier has no guest.
 *   MCAST_N_GROUPS, MCAST_MAX_GROUPS, MCAST_EHT_HOSTS_LIMIT, MCAST_EHT_HOSTS_CNT, FAST_LEAVE,
 *   MCAST_TO_UCAST      No: of what the guest joins by the tap, where it has joined nothing.
 *   MODE (hairpin), GROUP_FWD_MASK, LEARNING_SYNC, FLUSH
 *                       No.
 *   GUARD, PROTECT, MAB, MRP_RING_OPEN, MRP_IN_OPEN, PRIORITY, COST, ROOT_ID, BRIDGE_ID,
 *   DESIGNATED_PORT, DESIGNATED_COST, ID, NO, TOPOLOGY_CHANGE_ACK, CONFIG_PENDING,
 *   MESSAGE_AGE_TIMER, FORWARD_DELAY_TIMER, HOLD_TIMER
 *                       By STATE or LOCKED alone.
 */
static const struct {
	uint16_t attr;
	bool inverse; /* a new port has it on */
	size_t offset;
} port_switches[] = {
	{IFLA_BRPORT_LEARNING, true, offsetof(struct nfp_bridge_port, no_learning)},
	{IFLA_BRPORT_UNICAST_FLOOD, true, offsetof(struct nfp_bridge_port, no_flood)},
	{IFLA_BRPORT_MCAST_FLOOD, true, offsetof(struct nfp_bridge_port, no_mcast_flood)},
	{IFLA_BRPORT_BCAST_FLOOD, true, offsetof(struct nfp_bridge_port, no_bcast_flood)},
	{IFLA_BRPORT_PROXYARP, false, offsetof(struct nfp_bridge_port, proxy_arp)},
	{IFLA_BRPORT_ISOLATED, false, offsetof(struct nfp_bridge_port, isolated)},
	{LOCKED, false, offsetof(struct nfp_bridge_port, locked)},
};

void nfp_port_parse(const struct nlattr *slave_data, struct nfp_bridge_port *ret_port)
{
	const struct nlattr *tb[LOCKED + 1];
	struct nfp_bridge_port port = {.known = false};

	nfp_attrs_table(nfp_attrs_in(slave_data), tb, LOCKED + 1);
	port.known = nfp_attr_get(tb[IFLA_BRPORT_STATE], &port.state, sizeof(port.state));
	nfp_attr_get(tb[IFLA_BRPORT_MULTICAST_ROUTER], &port.mcast_router,
		     sizeof(port.mcast_router));
	nfp_for_each (row, port_switches, NFP_NUM(port_switches)) {
		uint8_t on = row->inverse;

		nfp_attr_get(tb[row->attr], &on, sizeof(on));
		*(bool *)((char *)&port + row->offset) = (on != 0) != row->inverse;
	}
	*ret_port = port;
}

/*
 * All attributes of a bridge, likewise.
 *
 *   STP_STATE, FORWARD_DELAY
 *                       Yes: a new port forwards after twice the delay. By mstpd as well.
 *   MCAST_SNOOPING, MCAST_QUERIER_STATE
 *                       Yes, once there is a querier: groups that the guest has joined by its VF.
 *   NF_CALL_IPTABLES, NF_CALL_IP6TABLES, NF_CALL_ARPTABLES
 *                       Yes: rules of netfilter, which the VF passes by.
 *   VLAN_FILTERING, VLAN_PROTOCOL, VLAN_DEFAULT_PVID
 *                       Yes, with the VLANs of its ports (RTEXT_FILTER_BRVLAN).
 *   AGEING_TIME         Yes, as long as it has the guest where the NIC has shown it.
 *   MULTI_BOOLOPT       Yes, with MST enabled: the state is one of each VLAN, which is not read.
 *                       MCAST_VLAN_SNOOPING: the queriers are those of each VLAN, likewise.
 *   MCAST_QUERIER       By MCAST_QUERIER_STATE.
 *   TOPOLOGY_CHANGE, TOPOLOGY_CHANGE_DETECTED
 *                       No: entries age faster.
 *   FDB_N_LEARNED, FDB_MAX_LEARNED
 *                       No: what is not learned is flooded.
 *   HELLO_TIME, MAX_AGE, PRIORITY, ROOT_ID, BRIDGE_ID, ROOT_PORT, ROOT_PATH_COST, HELLO_TIMER,
 *   TCN_TIMER, TOPOLOGY_CHANGE_TIMER, GC_TIMER
 *                       By the states of ports alone.
 *   MCAST_ROUTER, MCAST_QUERY_USE_IFADDR, MCAST_HASH_ELASTICITY, MCAST_HASH_MAX,
 *   MCAST_LAST_MEMBER_CNT, MCAST_STARTUP_QUERY_CNT, MCAST_*_INTVL, MCAST_IGMP_VERSION,
 *   MCAST_MLD_VERSION, MCAST_STATS_ENABLED, VLAN_STATS_ENABLED, VLAN_STATS_PER_PORT,
 *   GROUP_FWD_MASK, GROUP_ADDR, FDB_FLUSH
 *                       No.
 */
void nfp_bridge_parse(const struct nlattr *info_data, struct nfp_bridge *ret_bridge)
{
	const struct nlattr *tb[IFLA_BR_MCAST_QUERIER_STATE + 1];
	const struct nlattr *querier[BRIDGE_QUERIER_IPV6_OTHER_TIMER + 1];
	struct nfp_bridge bridge = {.known = false};
	uint32_t stp = 0, delay = 0;
	uint8_t on = 0;

	nfp_attrs_table(nfp_attrs_in(info_data), tb, IFLA_BR_MCAST_QUERIER_STATE + 1);
	bridge.known = nfp_attr_get(tb[IFLA_BR_STP_STATE], &stp, sizeof(stp));
	nfp_attr_get(tb[IFLA_BR_FORWARD_DELAY], &delay, sizeof(delay));
	/* br_make_forwarding: it listens that long, and learns as long again. In clock_t. */
	bridge.stp = stp != 0;
	bridge.stp_delay_ms = stp ? 2 * 10 * delay : 0;
	nfp_attr_get(tb[IFLA_BR_MCAST_SNOOPING], &on, sizeof(on));
	bridge.snoops = on != 0;
	/* br_multicast_dump_querier_state leaves it out if there is none, as kernels before 5.15
	 * always do. */
	nfp_attrs_table(nfp_attrs_in(tb[IFLA_BR_MCAST_QUERIER_STATE]), querier,
			BRIDGE_QUERIER_IPV6_OTHER_TIMER + 1);
	bridge.querier_told = tb[IFLA_BR_MCAST_QUERIER_STATE] != NULL;
	bridge.has_querier = querier[BRIDGE_QUERIER_IPV6_ADDRESS] != NULL;
	for (int i = 0; i < 3; i++) {
		on = 0;
		nfp_attr_get(tb[IFLA_BR_NF_CALL_IPTABLES + i], &on, sizeof(on));
		bridge.netfilter |= on ? 1U << i : 0;
	}
	*ret_bridge = bridge;
}

bool nfp_kernel_is_before(const char *release, unsigned int major, unsigned int minor)
{
	unsigned int is[2] = {0, 0};

	/* Without a number, nothing is known to be missing. */
	if (sscanf(release, "%u.%u", &is[0], &is[1]) != 2)
		return false;
	return is[0] < major || (is[0] == major && is[1] < minor);
}

void nfp_queriers_settle(struct nfp_netns *netns, size_t num, const char *release)
{
	bool told = !nfp_kernel_is_before(release, 5, 15);

	for (size_t i = 0; i < num && !told; i++)
		nfp_for_each (link, netns[i].links, netns[i].num_links)
			told |= link->bridge.querier_told;
	for (size_t i = 0; i < num && !told; i++)
		nfp_for_each (link, netns[i].links, netns[i].num_links)
			link->bridge.querier_unknown = link->bridge.snoops;
}

int nfp_netfilter_read(const struct nfp_sysroot *root, unsigned int *ret_tables)
{
	static const char *const files[] = {"iptables", "ip6tables", "arptables"};
	uint64_t on;

	*ret_tables = 0;
	for (unsigned int i = 0; i < NFP_NUM(files); i++) {
		int r = nfp_sysfs_number(root, &on, "/proc/sys/net/bridge/bridge-nf-call-%s",
					 files[i]);

		if (r < 0 && r != -ENOENT)
			return r;
		if (r == 0 && on)
			*ret_tables |= 1U << i;
	}
	return 0;
}
