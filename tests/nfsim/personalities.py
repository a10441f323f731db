# SPDX-License-Identifier: GPL-2.0-or-later
"""Real drivers as personalities of the simulated NIC: what of them bears on a standby.

Each comes from the driver's source, as far as that shows it. Which of two equal filters wins is mostly the
firmware's secret: where a comment says "chosen", the other answers are as likely, and tests must hold
for them too. Times are those that the sources name, or that were seen.

The archetypes, by what a VF's address does to the NIC's filters:
 1 comes at once, and is kept        7 stored; the VF is told if it is alive    13 firmware decides, PF may become promiscuous
 2 at once, removed by FLR, restored 8 on a port of its own, steered by the VF  14 small table
   by the VF driver's reset message  9 lost when the PF is reset                15 zero is refused
 3 at once, by making the VF anew   10 both have it: both get it                16 switchdev
 4 at once, removed by VF ifdown    11 two entries, the hardware decides        17 the PF counts what its VFs got
 5 when the VF is up, until down    12 second owner refused
 6 a rule that the VF enables
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Personality:
    archetypes: tuple
    keys: dict

    def text(self, **more):
        """For the NIC's personality file; `more` are keys that differ in this case."""
        words = [f"{key}={value}" for key, value in {**self.keys, **more}.items()]
        return " ".join(["default", *words])


def driver(*archetypes, **keys):
    return Personality(archetypes, keys)


ALWAYS = "assign+reset+driver+up"  # written again at each of these, as long as it is assigned
SERVED = {"come": "up", "go": "down+unplug+reset+clear"}  # the VF's driver asks for it and withdraws it

PERSONALITIES = {
    # A receive address register for each VF, with the VF's pool: igb_set_vf_mac writes it at assign, igb_vf_reset_msg
    # again, and FLR (igb_vf_reset_event) leaves it. PF and VF may have one each, and both get a copy. VFTE/VFRE
    # are off from the PF's reset to the VF's, and the default pool (the PF) gets what matches nothing,
    # from the wire. Measured under QEMU, too.
    "igb": driver(
        1, 9, 11, 14, come=ALWAYS, go="clear", history=1, arb="both", unreg_wire=1, promisc_vf=0,
        loop_pf_pf=1, uc_max=16, fdb_full="ENOMEM", rate=1,
    ),
    # The same registers, but ixgbe_vf_reset_event deletes the VF's filter at an FLR, and the VF driver's reset message
    # (ixgbe_vf_reset_msg) adds it again; ixgbevf_down sends that message, so a VF that goes down keeps it. The
    # PF counts for its VFs, every 2 s, and takes link state "enable" without doing anything. Both get a copy: chosen.
    "ixgbe": driver(
        2, 9, 11, 14, 17, come="assign+driver+up", go="reset+clear", arb="both", stats=1, stats_ms=2000, uc_max=64,
        fdb_full="ENOMEM", own_report="clear", rate=1, rss=1, enable_ignored=1, l2fw="off",
    ),
    # i40e_ndo_set_vf_mac makes the VF's switch port (VSI) anew and waits for it, some 100 ms; an FLR does so by itself
    # (i40e_vc_process_vflr_event). i40e_check_vf_init_timeout answers EAGAIN while that lasts. If the firmware
    # refuses a second owner, the PF is made promiscuous (i40e_aqc_add_filters). That it does: chosen. The PF's
    # filters are written by its service task.
    "i40e": driver(
        1, 3, 13, 17, come=ALWAYS, go="clear", blip_ms=200, set_ms=100, busy="EAGAIN", busy_ms=200, stats=1,
        pf_second="silent", pf_second_promisc=1, arb="vf", pf_sync_ms=50, rate=1, l2fw="off",
    ),
    # Before "i40e: Do not allow untrusted VF to remove administratively set MAC": the VF's ifdown removes the address.
    "i40e-old": driver(
        3, 4, 13, 17, come=ALWAYS, go="down+clear", blip_ms=200, set_ms=100, stats=1, pf_second="silent",
        pf_second_promisc=1, arb="vf", pf_sync_ms=50,
    ),
    # As i40e, but ice_add_mac makes the rule of a second owner one for a list of switch ports: both get the frame. The
    # default VSI of a promiscuous PF is of frames from the wire only (ice_set_dflt_vsi). A full table is said to
    # make the PF promiscuous, but ice_vsi_sync_fltr does so only if IFF_PROMISC is set: the entry is dropped.
    "ice": driver(
        1, 3, 10, 17, come=ALWAYS, go="clear", blip_ms=200, set_ms=100, arb="both", stats=1, promisc_vf=0, pf_sync_ms=50,
        uc_full="drop", rate=1,
    ),
    # A trusted VF may remove its address when it goes down (ice_vc_del_mac_addr).
    "ice-trusted": driver(
        3, 4, 10, 17, come=ALWAYS, go="down+clear", blip_ms=200, set_ms=100, arb="both", stats=1, trust="on", promisc_vf=0,
        pf_sync_ms=50,
    ),
    # Before 6.0: EEXIST inside the driver for the second owner, which its caller is not told of.
    "ice-old": driver(
        1, 3, 12, 17, come=ALWAYS, go="clear", blip_ms=200, set_ms=100, vf_second="silent", pf_second="silent", stats=1,
        promisc_vf=0, pf_sync_ms=50,
    ),
    # Forwarding entries come from the VF's own address list (esw_update_vport_addr_list), which its driver fills when
    # it is set up (mlx5e_set_rx_mode), and empties when it is unbound (mlx5e_nic_disable), not when it is set down.
    # Rules of PF and VF are merged into one with two destinations. A promiscuous PF gets what comes from the uplink and
    # matches nothing (__esw_fdb_set_vport_rule). The PF does not know what address a VF gave itself.
    "mlx5": driver(
        5, 10, 17, come="up", go="unplug+reset", arb="both", stats=1, spoofchk="off", promisc_vf=0, own_report=0, rate=1,
        uc_max=128, uc_full="drop",
    ),
    # Before: "already in use by vport", seen only in the log.
    "mlx5-old": driver(
        5, 12, 17, come="up", go="unplug+reset", vf_second="silent", pf_second="silent", stats=1, spoofchk="off",
        promisc_vf=0, own_report=0,
    ),
    # No rule for any address: what the VF sends goes to its representor, what it gets is up to rules of tc.
    "mlx5-switchdev": driver(16, 17, come="never", stats=1, spoofchk="absent", trust="absent", eswitch="switchdev"),
    # mlx4_set_vf_mac stores the address; the VF reads it when it starts, registers and steers it in mlx4_en_start_port,
    # and gives it back in mlx4_en_stop_port. VLAN 4095 (MLX4_VGT) stands for none. Both get a copy: chosen.
    "mlx4": driver(
        5, 17, come="up", go="down+unplug+reset", stats=1, spoofchk="off", trust="absent", own_report=0, vlan_none=4095,
    ),
    # The firmware's default address (bnxt_set_vf_mac); the VF driver allocates the filter on open and frees it on close.
    # Three addresses beside its own make the PF promiscuous (bnxt_cfg_rx_mode). Both get a copy: chosen.
    "bnxt": driver(5, 13, arb="both", spoofchk="off", rate=1, uc_max=3, **SERVED),
    # The bulletin board: applied when the VF's queue is set up. Zero is no valid address. The rate shown is always 10 Gb/s.
    "bnx2x": driver(5, 15, arb="vf", zero="EINVAL", trust="absent", rate_none=10000, **SERVED),
    # qed_iov_configure_vport_forced: forced on the VF's port at each start of it; cannot be taken back. Where no rate was
    # set, the link's is shown. The VF wins: chosen.
    "qede": driver(
        5, 15, arb="vf", zero="EINVAL", come="up", go="down+unplug+reset", own_report=0, rate=1, rate_none=25000,
    ),
    # efx_ef10_sriov_set_vf_mac: the address is on the VF's port at once, but frames are steered by the VF driver's filters.
    "sfc": driver(8, arb="both", come="up", go="down+unplug+reset+clear", loop_pf_pf=0, trust="absent", own_report=0),
    # The older one: the VF asks for a filter, and a reset takes it.
    "sfc-siena": driver(5, come="driver+up", go="reset+clear", arb="both"),
    # VF operations are the management netdev's (cxgb4_mgmt_netdev_ops), which sends nothing and has no carrier.
    "cxgb4": driver(5, 15, come="up", go="down+unplug+reset", arb="last", zero="EINVAL", mgmt=1, trust="absent", spoofchk="absent"),
    # be_set_vf_mac adds it to the VF's interface; the VF driver deletes it on close (be_disable_if_filters).
    "be2net": driver(4, 15, come="assign+up", go="down+clear", arb="vf", zero="EINVAL", trust="absent", uc_max=29, own_report=0),
    # A VF without the privilege to: it stays.
    "be2net-be3": driver(
        1, 15, come="assign+up", go="clear", arb="vf", zero="EINVAL", spoofchk="absent", trust="absent", uc_max=29, own_report=0,
    ),
    # Firmware commands for the VF's interface, kept by it. The VF wins: chosen, for these four.
    "enic": driver(1, come=ALWAYS, go="clear", arb="vf", spoofchk="absent", trust="absent", own_report=0),
    "nfp": driver(1, come=ALWAYS, go="clear", arb="vf", bcast_vf="always", own_report=0, rate=1),
    "hinic": driver(1, 15, come=ALWAYS, go="clear", arb="vf", zero="EINVAL", own_report=0, rate=1),
    "liquidio": driver(1, 15, 17, come=ALWAYS, go="clear", arb="vf", zero="EINVAL", stats=1, own_report=0),
    # A register of the station interface (enetc_pf_set_vf_mac). It cannot be emptied.
    "enetc": driver(1, 15, come=ALWAYS, go="never", arb="both", zero="EADDRNOTAVAIL", trust="absent", own_report=0),
    # hclge_set_vf_mac only stores it. The VF driver asks for it when it is bound (hns3_init_mac_addr), and gives it back
    # when it is unbound (HCLGE_MBX_VF_UNINIT). The table has an address once (hclge_add_uc_addr_common): the second owner
    # waits, without a word, and is tried again by hclge_periodic_service_task, once a second; quicker here.
    "hns3": driver(
        7, 12, come="driver+up", go="unplug+reset", vf_second="silent", pf_second="silent", retry=1, pf_retry=1, pf_sync_ms=100,
        own_report=0, rate=1,
    ),
    # An address in the table, or of another VF, is refused.
    "hns3-old": driver(7, 12, come="driver+up", go="unplug+reset+clear", vf_second="EEXIST", pf_second="silent"),
    # Stored, and nothing else.
    "netdevsim": driver(7, come="never", go="never"),
    # otx2_do_set_vf_mac: a rule that is installed at once, disabled until the VF's interface is up, and again when it is freed.
    "octeontx2": driver(6, 15, come="up", go="down+unplug+reset", arb="last", zero="EINVAL", spoofchk="absent", own_report=0),
    # The VF's logical port is reset: its rules go, and its default address comes when the driver sets it up.
    "fm10k": driver(5, 17, come="driver", go="unplug+reset+clear", arb="both", stats=1),
}


def like(name, *archetypes, **keys):
    """The named one but for these keys."""
    one = PERSONALITIES[name]
    return Personality(archetypes or one.archetypes, {**one.keys, **keys})


PERSONALITIES |= {
    # With l2-fwd-offload on, a macvtap is a station.
    "ixgbe-l2fw": like("ixgbe", l2fw="on"),
    # promisc_threshold: the PF stays promiscuous after its rejected filter is gone.
    "i40e-stays": like("i40e", busy="ok", pf_second_promisc="stays"),
    # The firmware refuses the VF, as well, whoever is second: i40e_aqc_add_filters only warns.
    "i40e-refused": like("i40e", busy="ok", vf_second="silent", pf_second_promisc="stays"),
    # mlx5_eswitch_check and mlx5_esw_allowed on a DPU's host: somebody else manages the eswitch.
    "mlx5-dpu": like("mlx5", eswitch_get="EOPNOTSUPP", admin="EPERM", driver="mlx5_core"),
    "mlx5-dpu-old": like("mlx5", eswitch_get="EPERM", admin="EPERM", driver="mlx5_core"),
    # Both tasks run once a second.
    "hns3-periodic": like("hns3", pf_sync_ms=1000, vf_sync_ms=1000, driver="hns3"),
}

# What the same sources say besides, and nfprobe does not cope with yet: the matrix does not have them. Each goes
# into the table above when it does.
UNMET = {
    # ixgbe_del_mac_filter does not find what the reset has deleted.
    "ixgbe-zero-enomem": like("ixgbe", zero_gone="ENOMEM"),
    # i40e_validate_vf: no VSI from an FLR, or the VF driver's request for a reset, until it is made anew.
    "i40e-in-reset": like("i40e", busy="ok", vfr="reset+driver+unplug", vfr_ms=300, vfr_error="EINVAL"),
    # i40e_check_vf_init_timeout, after each setting, too.
    "i40e-eagain": like("i40e", busy="ok", vfr="assign+reset+driver+unplug", vfr_ms=300, vfr_error="EAGAIN"),
    # ice_check_vf_ready_for_cfg: 800 ms were not enough for the reset (EINVAL), or it is not over (EBUSY).
    "ice-in-reset": like("ice", vfr="assign+reset+driver+unplug", vfr_ms=500, vfr_error="EBUSY"),
    # ice_unicast_mac_exists: an address that the PF has is refused like one that is none. The PF may follow the VF, or
    # gets no filter, as ice_add_mac says EEXIST (hw->ucast_shared), and nobody is told.
    "ice-duplicate": like("ice", 1, 3, 12, 17, vf_second="EINVAL"),
    "ice-duplicate-deaf": like("ice-old", vf_second="EINVAL"),
    # mlx5_eswitch_get_vport_config zeroes what rtnetlink has filled in, the VLAN's protocol too; so do nfp_app_get_vf_config
    # and liquidio_get_vf_config, and hclge_get_vf_config has none until a VLAN was set. It shows in a VLAN only.
    "mlx5-vlan-protocol": like("mlx5", no_vlan_proto=1),
    # mlx5_esw_set_vport_mac_locked changes the node GUID with the address.
    "mlx5-rdma": like("mlx5", rdma=1),
    # bnxt_get_vf_config shows vf_mac_addr, which the VF's driver has told, when the PF's own is zero.
    "bnxt-last-address": like("bnxt", own_report="never"),
    # mlx4_en_init_netdev: a netdev for each port of the card.
    "mlx4-two-ports": like("mlx4", two_ports=1),
    "mlx4-port-2": like("mlx4", two_ports=1, dev_port=1),
    # Neither has ndo_get_vf_config.
    "enic-no-config": like("enic", no_vf_config=1),
    "enetc-no-config": like("enetc", no_vf_config=1),
    # iavf: the netdev is late, or never comes at the first bind.
    "i40e-late": like("i40e", busy="ok", bind_ms=500, netdev_ms=20000),
    "i40e-lost": like("i40e", busy="ok", no_netdev=1),
    # MLX5_TO_CMD_MS, FW_INIT_TIMEOUT: a firmware that takes its time when a VF is bound or unbound.
    "mlx5-slow": like("mlx5", bind_ms=15000, unbind_ms=15000),
}

ARCHETYPES = range(1, 18)


def of_archetype(number):
    return {name: one for name, one in PERSONALITIES.items() if number in one.archetypes}
