// SPDX-License-Identifier: GPL-2.0-or-later
/* ladder.c - the tables: styles, sources and steps. */
#include <sys/param.h>

#include "verdict/verdict.h"

/* A bridge makes the PF promiscuous. */
#define ON_BRIDGE .promiscuous = true, .all_multicast = true
/*
 * Documentation/networking/net_failover.rst. A driver may make a VF promiscuous only in part,
 * without saying so.
 */
#define ON_SECOND_VF   .second_vf = true, .entry = true, ON_BRIDGE
#define PINNED(plain_) .pinned = true, .plain = (plain_)

const struct nfp_style_row nfp_styles[NFP_STYLE_COUNT] = {
	/* IPv6 finds a guest behind a macvtap only if the macvtap passes the guest's groups, which
	   no test of the NIC shows. */
	[NFP_STYLE_MACVTAP] = {.usual = true,
			       .entry = true,
			       .macvlan = true,
			       .uses = NFP_REQ_BIT(NFP_REQ_USE_FILTER_STANDBY),
			       .ipv6 = true},
	[NFP_STYLE_BRIDGE] = {.usual = true,
			      ON_BRIDGE,
			      .learns = true,
			      .uses = NFP_REQ_BIT(NFP_REQ_USE_PROMISC_STANDBY)},
	[NFP_STYLE_BRIDGE_PIN] = {ON_BRIDGE, PINNED(NFP_STYLE_BRIDGE),
				  .uses = NFP_REQ_BIT(NFP_REQ_USE_PROMISC_STANDBY) |
					  NFP_REQ_BIT(NFP_REQ_PIN_AT_TAP),
				  .fixes = NFP_STYLE_BIT(NFP_STYLE_BRIDGE)},
	[NFP_STYLE_BRIDGE_FDB] = {.entry = true,
				  ON_BRIDGE,
				  .learns = true,
				  .uses = NFP_REQ_BIT(NFP_REQ_ADD_FILTER_ENTRY),
				  .fixes = NFP_STYLE_BIT(NFP_STYLE_BRIDGE) |
					   NFP_STYLE_BIT(NFP_STYLE_BRIDGE_PIN),
				  .hook = true},
	[NFP_STYLE_BRIDGE_FDB_PIN] = {.entry = true,
				      ON_BRIDGE,
				      PINNED(NFP_STYLE_BRIDGE_FDB),
				      .uses = NFP_REQ_BIT(NFP_REQ_ADD_FILTER_ENTRY) |
					      NFP_REQ_BIT(NFP_REQ_PIN_AT_TAP),
				      .fixes = NFP_STYLE_BIT(NFP_STYLE_BRIDGE) |
					       NFP_STYLE_BIT(NFP_STYLE_BRIDGE_PIN) |
					       NFP_STYLE_BIT(NFP_STYLE_BRIDGE_FDB),
				      .hook = true},
	/* br_manage_promisc in net/bridge/br_if.c, and br_fdb_sync_static. The entries are sticky,
	   or the PF's port does not learn. */
	[NFP_STYLE_STATIC_BRIDGE] = {.entry = true,
				     .all_multicast = true,
				     .uses = NFP_REQ_BIT(NFP_REQ_KEEP_BRIDGE_STATIC),
				     .fixes = NFP_STYLE_BIT(NFP_STYLE_BRIDGE) |
					      NFP_STYLE_BIT(NFP_STYLE_BRIDGE_PIN),
				     .needs_safe = NFP_STYLE_BIT(NFP_STYLE_MACVTAP)},
	[NFP_STYLE_VF_BRIDGE] = {ON_SECOND_VF, .learns = true,
				 .uses = NFP_REQ_BIT(NFP_REQ_USE_SECOND_VF)},
	[NFP_STYLE_VF_BRIDGE_PIN] = {ON_SECOND_VF, PINNED(NFP_STYLE_VF_BRIDGE),
				     .uses = NFP_REQ_BIT(NFP_REQ_USE_SECOND_VF) |
					     NFP_REQ_BIT(NFP_REQ_PIN_AT_TAP),
				     .fixes = NFP_STYLE_BIT(NFP_STYLE_VF_BRIDGE)},
};

#define SPARED_RATE 40U
#define CONTROLS(often_)                                                  \
	[NFP_KIND_BROADCAST] = (often_), [NFP_KIND_MULTICAST] = (often_), \
	[NFP_KIND_UNREGISTERED] = 20, [NFP_KIND_ALL_NODES] = 5, [NFP_KIND_UNJOINED] = 5
#define RARE [NFP_KIND_UNICAST] = 8, [NFP_KIND_BROADCAST] = 4, [NFP_KIND_UNREGISTERED] = 1

/* A row whose frames are nfprobe's own. A netdev of this host sends the rarest kind often, since a
 * window lasts for three frames of it after its time. */
#define TEST_FRAMES(often_) .rate = {NFP_RATE_DEFAULT, CONTROLS(often_)}, .rate_max = NFP_RATE_MAX

/*
 * ARP: 13 probes a second in all. Routers police ARP, and a switch with dynamic ARP inspection
 * shuts a port that sends more than 15 a second (the default of more than one vendor). No neighbour
 * can be asked to send to a group that only the receivers have joined, so there is no multicast.
 *
 * The replies of a neighbour that answers to the broadcast address reach PF and VF like any
 * broadcast from the wire. If the neighbour answers its asker alone, the VF gets only what the
 * NIC's own switch brings it, and the control at the PF is a reply to the PF's own address: it
 * shows that the PF hears the neighbour, no more.
 */
#define ARP_PROBES                                                                 \
	.enters = NFP_ENTERS_WIRE, .slows = true, .rate = {RARE}, .rate_max = 200, \
	.why_not_heard = "an ARP neighbour does not report what it hears"

const struct nfp_source_row nfp_sources[NFP_SOURCE_COUNT] = {
	[NFP_SOURCE_NETDEV] = {.meaning = "another netdev on the segment",
			       .enters = NFP_ENTERS_WIRE,
			       .tags = true,
			       .shows = {.outside = true, .vf_broadcast = true, .group = true},
			       TEST_FRAMES(100),
			       .lacks = ""},
	[NFP_SOURCE_PEER] = {.meaning = "a second host that reflects frames",
			     .enters = NFP_ENTERS_WIRE,
			     .shows = {.outside = true, .vf_broadcast = true, .group = true},
			     TEST_FRAMES(SPARED_RATE),
			     .why_not_heard = "a reflector does not report what it hears",
			     .lacks = ""},
	[NFP_SOURCE_ARP] = {.meaning =
				    "a neighbour that answers ARP, also to the broadcast address",
			    ARP_PROBES,
			    .shows = {.outside = true, .vf_broadcast = true},
			    .lacks = ""},
	[NFP_SOURCE_ARP_ALONE] =
		{.meaning = "a neighbour that answers ARP, but not to the broadcast address",
		 ARP_PROBES,
		 .shows = {.outside = true},
		 .lacks = "whether PF and VF get broadcast from the wire is not shown"},
	[NFP_SOURCE_VF] = {.meaning = "another VF, through the NIC's own switch",
			   .enters = NFP_ENTERS_VF,
			   .shows = {.vf_broadcast = true, .group = true},
			   TEST_FRAMES(SPARED_RATE),
			   .lacks = "what the wire would do is not shown"},
	[NFP_SOURCE_PF] = {.meaning = "the PF itself",
			   .enters = NFP_ENTERS_PF,
			   .shows = {.vf_broadcast = true, .group = true},
			   TEST_FRAMES(SPARED_RATE),
			   .why_not_heard = "the PF does not hear its own frames",
			   .lacks = "what the wire would do is not shown"},
};

/*
 * `control` sends to the test MAC while nobody has it. The PF has the test MAC from `standby` to
 * `clear` (`alone` removes it and adds it back). A guest with net_failover sets a VF up within
 * milliseconds of its driver's probe, so that both are one step. To unplug a VF, its driver is
 * unbound without setting the netdev down first, as happens when the device is taken away.
 *
 * A NIC may act on a change at any time up to the settling time after it. Each step is therefore
 * watched for that long: its landing is the one that lasts, and no late effect of its change is
 * taken for an effect of the next step. `control` alone may end as soon as its landing is clear, if
 * the run has undone nothing before: then no change precedes it.
 *
 * In `vf-first` the PF's address must be written before the VF is plugged in; else chance decides
 * the order of the two.
 *
 * Each step names the driver that fails in it, or for which it proves a fix, by a function of
 * Linux 6.12 where no other version is named.
 */
const struct nfp_ladder_row nfp_ladder[NFP_STEP_COUNT] = {
	/* i40e_sync_vsi_filters: I40E_VSI_OVERFLOW_PROMISC; igb_configure_vt_default_pool. */
	[NFP_STEP_CONTROL] =
		{.meaning = "nobody holds the address: does the PF take unregistered unicast?",
		 .listens = NFP_LISTENS_NOWHERE},
	/* bnx2x_set_rx_mode_inner under IFF_ALLMULTI; funeth, without ndo_set_rx_mode. */
	[NFP_STEP_STANDBY] = {.meaning = "the PF holds the address: the path and the standby work",
			      .actions = {NFP_DO_ADD_STANDBY, NFP_DO_ANNOUNCE},
			      .expected = NFP_EXPECTED_PF},
	/* This is `attach` for a VF without a reset (__liquidio_set_vf_mac). */
	[NFP_STEP_ASSIGN] = {.meaning = "the host assigns the address to the VF",
			     .actions = {NFP_DO_ASSIGN}},
	/* igb_set_vf_mac, i40e_vc_reset_vf, ice_vf_rebuild_host_mac_cfg, be_set_vf_mac. */
	[NFP_STEP_ATTACH] = {.meaning = "QEMU opens the VF, which resets it; the guest boots",
			     .actions = {NFP_DO_RESET},
			     .expected = NFP_EXPECTED_PF,
			     .decides = true,
			     .needs = NFP_NEEDS_ADDRESS},
	/* hclge_add_uc_addr_common: -EEXIST; ixgbe: on an 82599 the PF alone got both. */
	[NFP_STEP_UP] = {.meaning = "the guest's VF driver loads, and the guest uses the VF",
			 .actions = {NFP_DO_BIND, NFP_DO_UP},
			 .expected = NFP_EXPECTED_VF,
			 .decides = true,
			 .needs = NFP_NEEDS_ADDRESS,
			 .change = NFP_DO_UP,
			 .listens = NFP_LISTENS_VF},
	/* The same drivers: release-standby-when-up. */
	[NFP_STEP_ALONE] = {.meaning = "the standby lets the address go: would the VF get it then?",
			    .actions = {NFP_DO_REMOVE_STANDBY},
			    .after = NFP_DO_ADD_STANDBY,
			    .expected = NFP_EXPECTED_VF,
			    .needs = NFP_NEEDS_UP,
			    .listens = NFP_LISTENS_VF},
	/* ixgbe_vf_reset_msg, which ixgbevf_down requests, adds the address anew. */
	[NFP_STEP_UNPLUG] =
		{.meaning = "migration: QEMU unplugs the VF but keeps it open, without a reset",
		 .actions = {NFP_DO_UNBIND},
		 .expected = NFP_EXPECTED_PF,
		 .decides = true,
		 .needs = NFP_NEEDS_DRIVER},
	/* ixgbe_vf_reset_event deletes the address: detach-before-migration. */
	[NFP_STEP_DETACH] = {.meaning = "the VF is taken away from the guest, which resets it",
			     .actions = {NFP_DO_RESET},
			     .expected = NFP_EXPECTED_PF,
			     .decides = true,
			     .needs = NFP_NEEDS_ADDRESS},
	/* igb_set_vf_mac, ice_set_vf_mac, i40e_ndo_set_vf_mac: clear-at-unplug. */
	[NFP_STEP_CLEAR] = {.meaning = "the host takes the address back from the VF",
			    .actions = {NFP_DO_CLEAR},
			    .expected = NFP_EXPECTED_PF,
			    .decides = true,
			    .needs = NFP_NEEDS_ADDRESS},
	[NFP_STEP_VF_FIRST] = {.meaning = "a new address, first on the VF, then on the PF; QEMU "
					  "plugs the VF in, which resets it: a guest starts, or "
					  "arrives by migration",
			       .actions = {NFP_DO_REMOVE_STANDBY, NFP_DO_NEW_ADDRESS, NFP_DO_ASSIGN,
					   NFP_DO_RESET, NFP_DO_ADD_STANDBY, NFP_DO_ANNOUNCE,
					   NFP_DO_SETTLE, NFP_DO_RESET},
			       .expected = NFP_EXPECTED_PF,
			       .decides = true,
			       .change = NFP_DO_ADD_STANDBY},
	/* hclge_add_uc_addr_common. */
	[NFP_STEP_VF_FIRST_UP] = {.meaning = "that guest uses the VF",
				  .actions = {NFP_DO_BIND, NFP_DO_UP},
				  .expected = NFP_EXPECTED_VF,
				  .decides = true,
				  .needs = NFP_NEEDS_ADDRESS,
				  .change = NFP_DO_UP,
				  .listens = NFP_LISTENS_VF},
	/* bnxt_cfg_rx_mode, bnx2x_set_uc_list, be_set_uc_list, qede_config_rx_mode,
	 * enetc_pf_set_rx_mode. */
	[NFP_STEP_VF_FIRST_REWRITTEN] = {.meaning = "the PF's list of addresses is written anew: "
						    "another comes, and goes",
					 .actions = {NFP_DO_REWRITE},
					 .expected = NFP_EXPECTED_VF,
					 .decides = true,
					 .needs = NFP_NEEDS_UP,
					 .listens = NFP_LISTENS_VF,
					 .once = true},
	/* hclge_sync_vport_mac_list and i40e_sync_vsi_filters bring back the address that was
	   refused. */
	[NFP_STEP_VF_FIRST_UNPLUG] = {.meaning = "that guest migrates: the VF is unplugged",
				      .actions = {NFP_DO_UNBIND},
				      .expected = NFP_EXPECTED_PF,
				      .decides = true,
				      .needs = NFP_NEEDS_DRIVER},
	/* i40e_vc_del_mac_addr_msg before "i40e: Do not allow untrusted VF to remove
	 * administratively set MAC"; ice_vc_del_mac_addr of a trusted VF. */
	[NFP_STEP_VF_FIRST_BACK] = {.meaning = "its migration is cancelled: the VF is plugged in "
					       "again, without a reset",
				    .actions = {NFP_DO_BIND, NFP_DO_UP},
				    .expected = NFP_EXPECTED_VF,
				    .decides = true,
				    .needs = NFP_NEEDS_ADDRESS | NFP_NEEDS_LEFT,
				    .change = NFP_DO_UP,
				    .listens = NFP_LISTENS_VF},
	/* nfp_app_set_vf_mac, otx2_set_vf_mac and hinic_ndo_set_vf_mac want the VF's driver to be
	   loaded anew. */
	[NFP_STEP_VF_FIRST_CLEAR] = {.meaning = "that guest migrates, and the host takes the "
						"address back at once, without a reset",
				     .actions = {NFP_DO_UNBIND, NFP_DO_CLEAR},
				     .expected = NFP_EXPECTED_PF,
				     .decides = true,
				     .needs = NFP_NEEDS_ADDRESS | NFP_NEEDS_LEFT},
};

bool nfp_style_needs_entry(enum nfp_style style)
{
	const struct nfp_style_row *row = &nfp_styles[style];

	return row->entry && row->promiscuous;
}

unsigned int nfp_rate_of(const struct nfp_source_row *row, enum nfp_kind kind, bool on_ovs)
{
	bool spared = on_ovs && (kind == NFP_KIND_BROADCAST || kind == NFP_KIND_MULTICAST);

	return spared ? MIN(row->rate[kind], SPARED_RATE) : row->rate[kind];
}

bool nfp_ends_in_reset(const enum nfp_action actions[NFP_ACTIONS_MAX])
{
	bool does = false;

	for (size_t i = 0; i < NFP_ACTIONS_MAX && actions[i] != NFP_DO_NOTHING; i++)
		does = actions[i] == NFP_DO_RESET;
	return does;
}

bool nfp_row_makes(const struct nfp_ladder_row *row, enum nfp_action action)
{
	for (size_t i = 0; i < NFP_ACTIONS_MAX; i++) {
		if (row->actions[i] == action)
			return true;
	}
	return false;
}

enum nfp_receiver nfp_receiver_of(enum nfp_step step)
{
	return step < NFP_STEP_COUNT && nfp_ladder[step].expected == NFP_EXPECTED_VF ? NFP_AT_VF
										     : NFP_AT_PF;
}

enum nfp_phase nfp_phase_of(enum nfp_step step)
{
	if (nfp_receiver_of(step) == NFP_AT_VF)
		return NFP_PHASE_WITH;
	switch (step) {
	case NFP_STEP_UNPLUG:
	case NFP_STEP_DETACH:
	case NFP_STEP_CLEAR:
	case NFP_STEP_VF_FIRST_UNPLUG:
	case NFP_STEP_VF_FIRST_CLEAR:
		return NFP_PHASE_AFTER;
	default:
		return NFP_PHASE_BEFORE;
	}
}
