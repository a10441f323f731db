// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The text of a personality: words "key=value". A write changes the keys that it names; the
 * word "default" sets all to their defaults, and takes the VFs' filters away. It is taken as a
 * whole or, with EINVAL and a line in the kernel's log, not at all.
 *
 * An event is one of assign, reset, driver, up, down, unplug, clear (nfsim.h); several are joined
 * by
 * "+". A delay begins at its event. A later event of the VF takes the place of one whose delay
 * still runs.
 */

#include "nfsim.h"

enum nfsim_kind {
	NFSIM_FLAG,    /* 0 or 1 */
	NFSIM_NUMBER,  /* up to limit */
	NFSIM_COUNT,   /* up to limit, or "always" */
	NFSIM_PERCENT, /* 0 to 100, with up to four decimals; kept in ppm */
	NFSIM_WORD,    /* one of words, kept as its index */
	NFSIM_SET,     /* events, or words, joined by "+", or "never"; kept as bits */
	NFSIM_ERROR,   /* "ok" or the name of an errno */
	NFSIM_REFUSAL, /* the same, or "silent" */
	NFSIM_TEXT,    /* up to NFSIM_NAME - 1 characters, or "none" */
};

struct nfsim_key {
	const char *name;
	enum nfsim_kind kind;
	size_t offset;
	u32 value; /* by default */
	u32 limit;
	const char *const *words;
};

#define NFSIM_EVENT(event) (1u << NFSIM_##event)
#define KEY(field, kind, ...)                                                            \
	{                                                                                \
#field, NFSIM_##kind, offsetof(struct nfsim_persona, field), __VA_ARGS__ \
	}
#define WORDS(...)   ((const char *const[]) {__VA_ARGS__, NULL})
#define NFSIM_MAX_MS 300000u
#define NFSIM_MAX_US 5000000u

static const struct nfsim_key nfsim_keys[] = {
	/* The events on which the NIC's filter for the VF comes, and goes. The filter is for the
	 * address that the PF was told (assign, reset), or that of the VF's netdev (driver, up).
	 * An event in both: it goes at once, and comes back after come_ms. A VF that was told no
	 * address has a filter while it is up, whatever these say. */
	KEY(come, SET,
	    NFSIM_EVENT(ASSIGN) | NFSIM_EVENT(RESET) | NFSIM_EVENT(DRIVER) | NFSIM_EVENT(UP)),
	KEY(come_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(go, SET, NFSIM_EVENT(CLEAR)),
	KEY(go_ms, NUMBER, 0, NFSIM_MAX_MS),
	/* If not 0: a filter that is there goes at a reset, and comes back so much later. */
	KEY(blip_ms, NUMBER, 0, NFSIM_MAX_MS),
	/* The filters are lost when the PF is set up, and come back only at the VF's next reset or
	 * driver, as does what is assigned meanwhile. VFs that were never reset count as such. */
	KEY(history, FLAG, 0),

	/* The receiver of a frame whose address PF and VF both have. */
	KEY(arb, WORD, NFSIM_ARB_BOTH, 0, WORDS("vf", "pf", "both", "last")),
	/* Assigning an address takes it out of the PF's table, until the PF adds it anew. */
	KEY(wipe, FLAG, 0),
	/* A VF is assigned an address that the PF has: refused, with vf_second_ms from the first
	 * try on for so long; "silent": accepted, but the VF has no filter. It also has none if
	 * the PF has the address when its filter would come (not with vf_second_ms).
	 * retry: such a filter comes when the PF drops the address. */
	KEY(vf_second, REFUSAL, 0),
	KEY(vf_second_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(retry, FLAG, 0),
	/* The PF adds an address for which a VF has a filter: not in the NIC's table. An error:
	 * what fdb_add says to that; a macvlan, or a socket, is told nothing. pf_retry: it comes
	 * when the VF's filter goes (hclge_sync_vport_mac_list). promisc: the PF is made
	 * promiscuous instead. "stays": it remains so after it has dropped the address, until fewer
	 * than three quarters of its addresses are left: its own, broadcast, unicast and multicast
	 * list (__I40E_VSI_OVERFLOW_PROMISC and promisc_threshold in i40e_sync_vsi_filters). */
	KEY(pf_second, REFUSAL, 0),
	KEY(pf_retry, FLAG, 0),
	KEY(pf_second_promisc, WORD, NFSIM_NOT, 0, WORDS("0", "1", "stays")),
	/* Any assignment is refused from the first try on for so long; the next begins anew. */
	KEY(busy, ERROR, 0),
	KEY(busy_ms, NUMBER, 0, NFSIM_MAX_MS),
	/* The answer to assigning zero.
	 * zero_gone: the same while the NIC has no filter for the VF's address, as after a reset:
	 * ixgbe_del_mac_filter says ENOMEM, because ixgbe_vf_reset_event has deleted the filter.
	 * Assigning any other address brings it back. */
	KEY(zero, ERROR, 0),
	KEY(zero_gone, ERROR, 0),
	/* A VF is assigned an address that another VF has: refused; "silent": accepted and shown,
	 * but it has no filter (qlcnic_sriov_set_vf_mac; hinic's firmware).
	 * assign_fails: what any assignment is answered with once it was made. */
	KEY(vf_repeat, REFUSAL, 0),
	KEY(assign_fails, ERROR, 0),
	/* Each of these events puts the VF in reset for vfr_ms; "assign" is here any setting of its
	 * address (zero, too), VLAN, trust, spoofchk, RSS query or link state. Meanwhile rtnetlink
	 * leaves the VF out, and settings are refused: i40e_validate_vf (EINVAL),
	 * i40e_check_vf_init_timeout (EAGAIN), ice_check_vf_ready_for_cfg (EINVAL, EBUSY).
	 * vfr_get: rtnetlink shows it; or waits for the end of the reset, with RTNL held. */
	KEY(vfr, SET, 0),
	KEY(vfr_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(vfr_error, ERROR, EINVAL),
	KEY(vfr_get, WORD, NFSIM_MISSING, 0, WORDS("missing", "shown", "waits")),

	/* The PF's table: its size, what the NIC does with more, and what fdb_add says then. */
	KEY(uc_max, NUMBER, 256, NFSIM_MAX_UC),
	KEY(uc_full, WORD, NFSIM_FULL_PROMISC, 0, WORDS("promisc", "drop")),
	KEY(fdb_full, ERROR, 0),
	/* The answer of fdb_add to anything. fdb_del: which entries fdb_del deletes; the others it
	 * refuses with EINVAL. Linux itself wants NUD_PERMANENT (ndo_dflt_fdb_del), and
	 * ice_fdb_del anything but that. */
	KEY(fdb, ERROR, 0),
	KEY(fdb_del, WORD, NFSIM_DEL_PERMANENT, 0, WORDS("permanent", "static", "any", "none")),
	/* The PF has a unicast filter (IFF_UNICAST_FLT). Else Linux makes it promiscuous while its
	 * list has an address; to be set while it has none. */
	KEY(unicast_flt, FLAG, 1),

	/* If not 0, a periodic task writes the tables. The PF's (hclge_periodic_service_task)
	 * writes the PF's addresses. A VF's (hclgevf_periodic_service_task) passes on what the VF
	 * asks for, and the PF's next turn writes it: a filter that comes, or goes with a delay. */
	KEY(pf_sync_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(vf_sync_ms, NUMBER, 0, NFSIM_MAX_MS),

	/* The PF's feature l2-fwd-offload, as ethtool finds it. While it is on, a macvlan of the PF
	 * gets a station (ixgbe_fwd_add, i40e_fwd_add), and its frames reach it and not the PF.
	 * station: what adding one is answered with; the macvlan then uses the unicast list.
	 * station_arb: who gets a frame whose address a station and a VF both have. */
	KEY(l2fw, WORD, NFSIM_ABSENT, 0, WORDS("off", "on", "absent")),
	KEY(station, ERROR, 0),
	KEY(station_arb, WORD, NFSIM_ARB_BOTH, 0, WORDS("vf", "pf", "both", "last")),

	/* Unicast for an address that nobody has: a PF that is not promiscuous takes it. */
	KEY(unreg_wire, FLAG, 0),
	KEY(unreg_vf, FLAG, 0),
	/* A promiscuous PF sees what VFs have as well (alone: and they do not any more); and what
	 * VFs send to nobody. */
	KEY(promisc_owned, WORD, NFSIM_OWNED_NOT, 0, WORDS("0", "1", "alone")),
	KEY(promisc_vf, FLAG, 1),
	/* The pairs between which the switch forwards in the NIC; else it leaves by the wire. */
	KEY(loop_vf_pf, FLAG, 1),
	KEY(loop_vf_vf, FLAG, 1),
	KEY(loop_pf_vf, FLAG, 1),
	KEY(loop_pf_pf, FLAG, 0),
	/* Broadcast. "always": a VF that is not up counts it (see stats). */
	KEY(bcast_pf, FLAG, 1),
	KEY(bcast_vf, WORD, NFSIM_BCAST_UP, 0, WORDS("no", "up", "always")),
	/* Multicast, of a VF (mc) and the PF: which groups it gets. filter: those that its netdev
	 * has joined. hash: all that share a hash with one that any of them has joined, be it the
	 * PF or a VF that is up (the MTA of igb and ixgbe; with fewer hashes, so that unlike
	 * addresses often share one). trust: those that it has joined, if it is trusted. all: every
	 * group. A VF that may be in allmulticast or promiscuous mode (vf_allmulti, vf_promisc)
	 * gets every group then, too.
	 * pf_allmulti: what allmulticast mode does for the PF; "ok": it gets every group.
	 * pf_promisc_mc: so it does in promiscuous mode alone. */
	KEY(mc, WORD, NFSIM_MC_FILTER, 0, WORDS("filter", "all", "hash", "trust")),
	KEY(pf_mc, WORD, NFSIM_MC_FILTER, 0, WORDS("filter", "all", "hash")),
	/* While an address of the PF is refused (pf_second), its groups and its allmulticast mode
	 * are not written: bnxt_cfg_rx_mode returns before it comes to them. */
	KEY(uc_blocks_mc, FLAG, 0),
	KEY(pf_allmulti, WORD, NFSIM_ALLMULTI_OK, 0, WORDS("ok", "ignored")),
	KEY(pf_promisc_mc, FLAG, 1),
	/* Events at which the NIC forgets the VF's groups, and those at which it wipes the PF's
	 * out. The drivers do not know, and write only what is new in the netdev's list: such a
	 * group comes back when the netdev has left it, and joins it anew. mc_steal: a group that a
	 * VF has joined, the PF does not get, whatever its mode, until one of the events mc_back.
	 */
	KEY(mc_forget, SET, 0),
	KEY(mc_wipe, SET, 0),
	KEY(mc_steal, FLAG, 0),
	KEY(mc_back, SET, NFSIM_EVENT(DOWN)),
	/* strict: VFs and the PF get frames of their VLANs; ignore: of all; keep: as strict, but a
	 * VF sees the tag of the VLAN that the PF set for it. */
	KEY(vlan, WORD, NFSIM_VLAN_STRICT, 0, WORDS("strict", "ignore", "keep")),
	/* The VLANs that the PF gets, whoever else has the address: those that it has registered;
	 * all until it has registered the first; or all. pf_vlan_promisc: all while it is
	 * promiscuous. pf_vlan_alone: what it gets of one that no VF has registered as well.
	 * pf_vlan_pool: it gets the unicast of one that a VF has registered, by the default pool.
	 * vf_vlan: the same of a VF without a VLAN from the PF. */
	KEY(pf_vlan, WORD, NFSIM_TAGS_REGISTERED, 0, WORDS("registered", "first", "all")),
	KEY(pf_vlan_promisc, FLAG, 1),
	KEY(pf_vlan_alone, WORD, NFSIM_ALONE_ALL, 0, WORDS("all", "unicast")),
	KEY(pf_vlan_pool, FLAG, 0),
	KEY(vf_vlan, WORD, NFSIM_TAGS_REGISTERED, 0, WORDS("registered", "first", "all")),

	/* The initial state of a new VF; "absent": it cannot be set. */
	KEY(spoofchk, WORD, NFSIM_ON, 0, WORDS("off", "on", "absent")),
	KEY(trust, WORD, NFSIM_OFF, 0, WORDS("off", "on", "absent")),
	/* The NIC drops the PF's frames that have the address of a VF, if that has a filter for
	 * it, or if it was assigned it. */
	KEY(pf_spoof, WORD, NFSIM_PF_MAY_SPOOF, 0, WORDS("ok", "filter", "assigned")),
	/* What a VF's guest may ask for: never, if the VF is trusted, or always.
	 * vf_flt: its netdev has a filter for more addresses (IFF_UNICAST_FLT, from its next bind
	 * on); else Linux makes it promiscuous for the first of them. vf_uc, vf_uc_trusted: room
	 * for so many; nobody is told of one that has none (iavf_mac_add_reject). vf_uc_blocks:
	 * and while there is such a one, the VF's modes and groups are not written
	 * (bnxt_cfg_rx_mode).
	 * vf_promisc: all unicast that nobody has, and every group. vf_overhears: also from other
	 * VFs.
	 * vf_mac: another address of its own than the PF assigned; vf_mac_error is the answer if
	 * not. vf_mac_report: the PF reports it, as if it had assigned it (ixgbe_set_vf_mac).
	 * vf_mac_keeps: what comes to the one before still reaches it.
	 * vf_keeps: what is left of all this when its driver has gone, whatever follows. */
	KEY(vf_flt, FLAG, 0),
	KEY(vf_uc, NUMBER, 0, NFSIM_GUEST_UC),
	KEY(vf_uc_trusted, NUMBER, 0, NFSIM_GUEST_UC),
	KEY(vf_uc_blocks, FLAG, 0),
	KEY(vf_allmulti, WORD, NFSIM_LETS_TRUSTED, 0, WORDS("never", "trusted", "always")),
	KEY(vf_promisc, WORD, NFSIM_LETS_TRUSTED, 0, WORDS("never", "trusted", "always")),
	KEY(vf_overhears, FLAG, 1),
	KEY(vf_mac, WORD, NFSIM_LETS_TRUSTED, 0, WORDS("never", "trusted", "always")),
	KEY(vf_mac_error, ERROR, EPERM),
	KEY(vf_mac_report, FLAG, 0),
	KEY(vf_mac_keeps, FLAG, 0),
	KEY(vf_keeps, SET, 0, 0, WORDS("uc", "mac", "allmulti", "promisc")),
	/* The effect of spoofchk. works: the VF sends under its own address alone. ignored: none.
	 * alone: it works until the guest gets a further address, and again when the PF sets
	 * spoofchk; it is shown as set meanwhile (ixgbe_set_vf_macvlan_msg). */
	KEY(antispoof, WORD, NFSIM_ANTISPOOF_WORKS, 0, WORDS("works", "ignored", "alone")),
	/* Rates can be set. rate_none: the highest rate that is shown if none was set, such as the
	 * link's (qed_get_vf_config).
	 * rss: ndo_set_vf_rss_query_en exists. */
	KEY(rate, FLAG, 0),
	KEY(rate_none, NUMBER, 0, 1000000),
	KEY(rss, FLAG, 0),
	/* Attributes of a VF that the driver sets back to a new VF's, and the events at which it
	 * does so: an address at "down" and "unplug" (i40e_vc_del_mac_addr_msg, before it asked for
	 * pf_set_mac). forget_notify: at these two, a notification about the PF follows. */
	KEY(forget, SET, 0, 0, WORDS("spoofchk", "trust", "rate", "rss", "link", "vlan", "mac")),
	KEY(forget_on, SET, 0),
	KEY(forget_notify, FLAG, 0),
	/* vlan_none: the VLAN that stands for none, both set and shown (MLX4_VGT is 4095).
	 * no_vlan_proto: a VLAN's protocol is shown as 0 (mlx5_eswitch_get_vport_config,
	 * nfp_app_get_vf_config).
	 * enable_ignored: link state "enable" is accepted and does nothing
	 * (ixgbe_ndo_set_vf_link_state). */
	KEY(vlan_none, NUMBER, 0, 4095),
	KEY(no_vlan_proto, FLAG, 0),
	KEY(enable_ignored, FLAG, 0),
	/* The answer to setting spoofchk, trust, link state, rate and a VLAN other than 0: EPERM
	 * where the PF does not manage its eswitch (mlx5_esw_allowed). */
	KEY(admin, ERROR, 0),
	/* The PF's netdev is for management only: it never has carrier (cxgb4_mgmt_open). */
	KEY(mgmt, FLAG, 0),
	/* The PF's netdev is of type InfiniBand. */
	KEY(infiniband, FLAG, 0),
	/* The PF lacks ndo_get_vf_config, so rtnetlink shows no VFs (enic_netdev_ops,
	 * enetc_ndev_ops). get_us: how long that function takes for a VF.
	 * no_vf_ops: it lacks all others for VFs, too (txgbe_netdev_ops, idpf_netdev_ops). */
	KEY(no_vf_ops, FLAG, 0),
	KEY(no_vf_config, FLAG, 0),
	KEY(get_us, NUMBER, 0, NFSIM_MAX_US),
	/* The PF makes a VF's node GUID from each address that it assigns, zero too
	 * (mlx5_esw_set_vport_mac_locked).
	 * rdma: a bound VF has an RDMA device, which shows the GUID that it had at bind.
	 * guid: rtnetlink shows it as well; in Linux, only IPoIB has ndo_get_vf_guid. */
	KEY(rdma, FLAG, 0),
	KEY(guid, FLAG, 0),
	/* Setting a VF's address or VLAN: the PF has no carrier for so long; it takes so long. */
	KEY(set_reset_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(set_ms, NUMBER, 0, NFSIM_MAX_MS),

	/* The wire, for each frame in either direction. Delay and jitter (up to so much more or
	 * less) keep the order; reorder holds a frame back so that others overtake it.
	 * seed: of all chance; it begins anew at each writing of a personality. */
	KEY(loss, PERCENT, 0),
	KEY(dup, PERCENT, 0),
	KEY(reorder, PERCENT, 0),
	KEY(reorder_us, NUMBER, 5000, NFSIM_MAX_US),
	KEY(delay_us, NUMBER, 0, NFSIM_MAX_US),
	KEY(jitter_us, NUMBER, 0, NFSIM_MAX_US),
	KEY(seed, NUMBER, 1, U32_MAX),

	/* The switch at the wire's other end. net_suppress: unicast reaches the NIC only for
	 * addresses that the switch has learned from the NIC's frames (and the PF's own), so long
	 * after the frame, and so many at most (0: all that it has room for).
	 * net_snoop: an IPv6 group only if an MLDv2 report joined it, and all nodes;
	 * net_report_loss of the reports are lost. The PF's carrier going away makes it forget all
	 * this, and the port passes nothing for net_forward_ms after it is back. */
	KEY(net_suppress, FLAG, 0),
	KEY(net_learn_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(net_learn_max, NUMBER, 0, NFSIM_KNOWN),
	KEY(net_snoop, FLAG, 0),
	KEY(net_report_loss, PERCENT, 0),
	KEY(net_forward_ms, NUMBER, 0, NFSIM_MAX_MS),
	/* The network passes nothing, or no unicast, for net_pause_ms, beginning so long after a
	 * personality was written. */
	KEY(net_pause, WORD, NFSIM_PAUSE_ALL, 0, WORDS("all", "unicast")),
	KEY(net_pause_at_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(net_pause_ms, NUMBER, 0, NFSIM_MAX_MS),

	/* The VF's driver: carrier so long after up, netdev so long after bind. */
	KEY(vf_carrier_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(netdev_ms, NUMBER, 0, NFSIM_MAX_MS),
	/* If not 0: it comes with the address zero, and gets the one that the PF assigned so much
	 * later, without a notification (qed_fill_eth_dev_info, qede_force_mac). */
	KEY(mac_late_ms, NUMBER, 0, NFSIM_MAX_MS),
	/* The netdev never comes at so many binds of a VF from now on, though the driver stays
	 * bound: iavf whose PF does not answer (__IAVF_INIT_FAILED, __IAVF_COMM_FAILED). */
	KEY(no_netdev, COUNT, 0, NFSIM_ALWAYS - 1),
	/* How long bind, unbind and reset block. */
	KEY(bind_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(unbind_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(reset_ms, NUMBER, 0, NFSIM_MAX_MS),
	/* A VF's netdev has another address than the assigned one at so many binds from now on. */
	KEY(wrong_mac, COUNT, 0, NFSIM_ALWAYS - 1),
	/*
	 * The VF's netdev gets another name so long after it came (0: never), as from udev: only
	 * in the first network namespace; or wherever it is then.
	 */
	KEY(rename_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(rename_anywhere, FLAG, 0),
	/* The VF has neither reset nor reset_method; else the latter says this. */
	KEY(no_reset, FLAG, 0),
	KEY(reset_method, WORD, NFSIM_RESET_FLR, 0, WORDS("flr", "bus")),
	/* Reading and writing driver_override waits for a bind, unbind or reset of the VF, as
	 * driver_set_override does; 0: it does not, as since "PCI: use generic driver_override
	 * infrastructure". */
	KEY(override_lock, FLAG, 1),
	/* A VF without an address reports the random one that it gave itself, and the PF shows it.
	 * 0: it does not report it. 1: the PF forgets it at a reset (igb_vf_reset_event), and at
	 * any assignment. clear: only at an assignment (ixgbe_vf_reset_event). never: it never
	 * forgets, and a bound VF reports the address that the PF assigned, too, so that this is
	 * still shown after it was cleared (vf_mac_addr in bnxt_get_vf_config). */
	KEY(own_report, WORD, NFSIM_REPORT_UNTIL_RESET, 0, WORDS("0", "1", "clear", "never")),
	/* The PF has statistics of VFs; and they count as dropped what no driver took. */
	KEY(stats, FLAG, 0),
	KEY(stats_down, FLAG, 1),
	/* If not 0: they are shown as they were when the driver looked last, every so often. */
	KEY(stats_ms, NUMBER, 0, NFSIM_MAX_MS),
	/* The eswitch mode in devlink. switchdev: it is, and can be changed.
	 * eswitch_get: the answer to asking for the mode (mlx5_eswitch_check: EOPNOTSUPP,
	 * EPERM in older drivers). */
	KEY(eswitch, WORD, NFSIM_LEGACY, 0, WORDS("legacy", "switchdev", "absent")),
	KEY(eswitch_get, ERROR, 0),
	/* The firmware that runs (this number and ".0") and the one that is stored; 0: not said.
	 * ethtool says 1.0 in any case. */
	KEY(fw_running, NUMBER, 1, 99),
	KEY(fw_stored, NUMBER, 0, 99),

	/* The name of the PF's driver that ethtool shows; none: the true one. */
	KEY(driver, TEXT),
	/* phys_port_id, phys_switch_id (this number) and phys_port_name ("p" and this number) of PF
	 * and wire; 0: it has none. */
	KEY(port_id, NUMBER, 0, 99),
	KEY(switch_id, NUMBER, 0, 99),
	KEY(port_name, NUMBER, 0, 99),
	KEY(wire_port_id, NUMBER, 0, 99),
	KEY(wire_switch_id, NUMBER, 0, 99),
	KEY(wire_port_name, NUMBER, 0, 99),
	/* The PF, and a VF from its next bind on, have a second netdev for another port, which no
	 * frame reaches (mlx4_en_init_netdev). dev_port is that of the first netdevs; the second
	 * ones have the other number. */
	KEY(two_ports, FLAG, 0),
	KEY(dev_port, NUMBER, 0, 1),

	/* The PF refuses all of these from now on, with EIO, to VF number refuse_vf: its address,
	 * its VLAN, the PF's other settings of it (setting), its driver_override, a driver, and the
	 * MTU of its netdev. */
	KEY(refuse, SET, 0, 0, WORDS("mac", "vlan", "setting", "override", "driver", "mtu")),
	KEY(refuse_vf, NUMBER, 0, NFSIM_MAX_VFS - 1),
};

static const char *const nfsim_event_words[] = {
	[NFSIM_ASSIGN] = "assign", [NFSIM_RESET] = "reset", [NFSIM_DRIVER] = "driver",
	[NFSIM_UP] = "up",	   [NFSIM_DOWN] = "down",   [NFSIM_UNPLUG] = "unplug",
	[NFSIM_CLEAR] = "clear",   [NFSIM_EVENTS] = NULL,
};

static const struct nfsim_errno {
	const char *name;
	u32 value;
} nfsim_errnos[] = {
	{"ok", 0},	    {"EPERM", EPERM},		{"EAGAIN", EAGAIN},
	{"EACCES", EACCES}, {"ENOMEM", ENOMEM},		{"EIO", EIO},
	{"EBUSY", EBUSY},   {"EEXIST", EEXIST},		{"EINVAL", EINVAL},
	{"ENOSPC", ENOSPC}, {"EOPNOTSUPP", EOPNOTSUPP}, {"EADDRNOTAVAIL", EADDRNOTAVAIL},
	{"ENODEV", ENODEV}, {"silent", NFSIM_SILENT}, /* of refusals only, and last */
};

const char *nfsim_event_name(enum nfsim_event event)
{
	return nfsim_event_words[event];
}

static void *nfsim_field(const struct nfsim_persona *p, const struct nfsim_key *key)
{
	return (char *)p + key->offset;
}

void nfsim_persona_default(struct nfsim_persona *p)
{
	unsigned int i;

	memset(p, 0, sizeof(*p));
	for (i = 0; i < ARRAY_SIZE(nfsim_keys); i++)
		if (nfsim_keys[i].kind != NFSIM_TEXT)
			*(u32 *)nfsim_field(p, &nfsim_keys[i]) = nfsim_keys[i].value;
}

static int nfsim_parse_number(const char *text, u32 limit, u32 *value)
{
	u32 number;

	if (kstrtou32(text, 10, &number) || number > limit)
		return -EINVAL;
	*value = number;
	return 0;
}

static int nfsim_parse_percent(char *text, u32 *value)
{
	u32 whole, part = 0, unit = NFSIM_PPM / 100;
	char *point = strchr(text, '.');

	if (point) {
		*point++ = '\0';
		if (!*point)
			return -EINVAL;
	}
	if (nfsim_parse_number(text, 100, &whole))
		return -EINVAL;
	for (; point && *point; point++) {
		if (!isdigit(*point) || unit < 10)
			return -EINVAL;
		unit /= 10;
		part += unit * (*point - '0');
	}
	*value = whole * (NFSIM_PPM / 100) + part;
	return *value <= NFSIM_PPM ? 0 : -EINVAL;
}

static int nfsim_parse_word(const char *text, const char *const *words, u32 *value)
{
	u32 i;

	for (i = 0; words[i]; i++) {
		if (strcmp(text, words[i]))
			continue;
		*value = i;
		return 0;
	}
	return -EINVAL;
}

static const char *const *nfsim_set_words(const struct nfsim_key *key)
{
	return key->words ? key->words : nfsim_event_words;
}

static int nfsim_parse_set(char *text, const char *const *words, u32 *value)
{
	u32 set = 0, event;
	char *word;

	if (strcmp(text, "never")) {
		while ((word = strsep(&text, "+"))) {
			if (nfsim_parse_word(word, words, &event))
				return -EINVAL;
			set |= 1u << event;
		}
	}
	*value = set;
	return 0;
}

static int nfsim_parse_errno(const char *text, bool refusal, u32 *value)
{
	unsigned int i, count = ARRAY_SIZE(nfsim_errnos) - !refusal;

	for (i = 0; i < count; i++) {
		if (strcmp(text, nfsim_errnos[i].name))
			continue;
		*value = nfsim_errnos[i].value;
		return 0;
	}
	return -EINVAL;
}

static int nfsim_parse_text(const char *text, char *value)
{
	if (!*text || strlen(text) >= NFSIM_NAME)
		return -EINVAL;
	strscpy(value, strcmp(text, "none") ? text : "", NFSIM_NAME);
	return 0;
}

static int nfsim_parse_value(const struct nfsim_key *key, char *text, void *value)
{
	switch (key->kind) {
	case NFSIM_FLAG:
		return nfsim_parse_number(text, 1, value);
	case NFSIM_COUNT:
		if (!strcmp(text, "always")) {
			*(u32 *)value = NFSIM_ALWAYS;
			return 0;
		}
		fallthrough;
	case NFSIM_NUMBER:
		return nfsim_parse_number(text, key->limit, value);
	case NFSIM_PERCENT:
		return nfsim_parse_percent(text, value);
	case NFSIM_WORD:
		return nfsim_parse_word(text, key->words, value);
	case NFSIM_SET:
		return nfsim_parse_set(text, nfsim_set_words(key), value);
	case NFSIM_ERROR:
		return nfsim_parse_errno(text, false, value);
	case NFSIM_REFUSAL:
		return nfsim_parse_errno(text, true, value);
	case NFSIM_TEXT:
		return nfsim_parse_text(text, value);
	}
	return -EINVAL;
}

static int nfsim_parse_key(struct nfsim_persona *p, char *word, bool *afresh)
{
	char *value = strchr(word, '=');
	unsigned int i;

	if (!strcmp(word, "default")) {
		nfsim_persona_default(p);
		*afresh = true;
		return 0;
	}
	if (!value)
		return -EINVAL;
	*value++ = '\0';
	for (i = 0; i < ARRAY_SIZE(nfsim_keys); i++)
		if (!strcmp(word, nfsim_keys[i].name))
			return nfsim_parse_value(&nfsim_keys[i], value,
						 nfsim_field(p, &nfsim_keys[i]));
	return -EINVAL;
}

int nfsim_persona_parse(struct nfsim_persona *p, const char *text, bool *afresh)
{
	char *copy = kstrdup(text, GFP_KERNEL), *rest = copy, *word;
	int err = 0;

	*afresh = false;
	if (!copy)
		return -ENOMEM;
	while (!err && (word = strsep(&rest, " \t\n")))
		if (*word)
			err = nfsim_parse_key(p, word, afresh);
	if (err)
		pr_warn("nfsim: personality: bad word or value at \"%s\"\n", word);
	kfree(copy);
	return err;
}

static int nfsim_show_set(u32 set, const char *const *words, char *page, int at)
{
	int start = at;
	u32 event;

	for (event = 0; words[event]; event++)
		if (set & (1u << event))
			at += sysfs_emit_at(page, at, "%s%s", at > start ? "+" : "", words[event]);
	if (at == start)
		at += sysfs_emit_at(page, at, "never");
	return at - start;
}

static const char *nfsim_errno_name(u32 value)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nfsim_errnos); i++)
		if (nfsim_errnos[i].value == value)
			return nfsim_errnos[i].name;
	return "?";
}

static int nfsim_show_value(const struct nfsim_key *key, const void *field, char *page, int at)
{
	u32 value = key->kind == NFSIM_TEXT ? 0 : *(const u32 *)field;
	const char *text = field;

	switch (key->kind) {
	case NFSIM_TEXT:
		return sysfs_emit_at(page, at, "%s", *text ? text : "none");
	case NFSIM_SET:
		return nfsim_show_set(value, nfsim_set_words(key), page, at);
	case NFSIM_WORD:
		return sysfs_emit_at(page, at, "%s", key->words[value]);
	case NFSIM_ERROR:
	case NFSIM_REFUSAL:
		return sysfs_emit_at(page, at, "%s", nfsim_errno_name(value));
	case NFSIM_PERCENT:
		return sysfs_emit_at(page, at, "%u.%04u", value / 10000, value % 10000);
	case NFSIM_COUNT:
		if (value == NFSIM_ALWAYS)
			return sysfs_emit_at(page, at, "always");
		fallthrough;
	default:
		return sysfs_emit_at(page, at, "%u", value);
	}
}

/* One key a line: it can be written back as it is. */
ssize_t nfsim_persona_show(const struct nfsim_persona *p, char *page)
{
	unsigned int i;
	int at = 0;

	for (i = 0; i < ARRAY_SIZE(nfsim_keys); i++) {
		at += sysfs_emit_at(page, at, "%s=", nfsim_keys[i].name);
		at += nfsim_show_value(&nfsim_keys[i], nfsim_field(p, &nfsim_keys[i]), page, at);
		at += sysfs_emit_at(page, at, "\n");
	}
	return at;
}
