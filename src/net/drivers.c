// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drivers.c - facts about drivers that nfprobe needs and cannot ask the kernel for. inventory.h
 * says what each member means.
 *
 * The rows say when a driver writes a changed filter, as read in Linux 6.12, for those that have
 * ndo_set_vf_mac and their VFs; scripts/lib/drivers.py holds each row to the function that it
 * names. mlx4 writes in work that it queues at once (mlx4_en_do_set_rx_mode), but its netdevs and
 * its device have drivers of different names, so its row does not say so. sfc replaces each filter
 * that stays (efx_mcdi_filter_insert_locked): neither rewrites nor adds_one. NFP_WRITES_TIMED is
 * within some 1.25 s, since timers of a second are rounded.
 *
 * The VF drivers of Intel check every 2 s whether the PF was reset (ixgbevf_service_timer,
 * igbvf_watchdog_task, iavf_watchdog_task), and then request their filters anew; no step of a run
 * resets a PF, or a VF that has a driver. A VF's driver passes on at once what its guest asks for
 * while it is up, except iavf: iavf_set_rx_mode and iavf_add_vlan only note it for
 * iavf_watchdog_task (aq_required), which runs every 2 s.
 *
 * A quirk that the kernel shows (an errno, a VF that is not reported) needs no row: the program
 * deals with it whichever driver has it.
 */
#include <stdio.h>
#include <string.h>

#include "net/inventory.h"
#include "inventory_priv.h"

static const struct nfp_driver drivers[] = {
	{
		.name = "hns3",
		/*
		 * hclge_periodic_service_task and hclgevf_periodic_service_task run once in
		 * round_jiffies_relative(HZ). They call hclge_sync_mac_table and
		 * hclge_sync_promisc_mode of the PF, hclgevf_sync_mac_table and
		 * hclgevf_sync_promisc_mode of the VF
		 * (hisilicon/hns3/hns3{pf,vf}/hclge{,vf}_main.c).
		 */
		.settle_ns = 3 * NFP_NSEC_PER_SEC,
		.adds_one = "hns3_nic_uc_sync",
		.slow = "the PF and the VF each write their filters to the NIC once a second",
	},
	{
		.name = "i40e",
		.resets_vf = "i40e_vc_reset_vf",
		.new_spoofchk = 1,
		.promisc_needs_trust = "i40e_vc_config_promiscuous_mode_msg",
		.filter_needs_trust = "i40e_check_vf_permission",
		/* It tries a filter again that was refused. */
		.writes = {NFP_WRITES_TIMED, "i40e_sync_filters_subtask"},
		.adds_one = "i40e_addr_sync",
		.port_name_of_function = true, /* i40e_devlink_create_port */
		/* i40e_add_vsi, in a reset, clears it; setting the PF down and up does not. */
		.ends_promiscuity = "its driver ends that when it resets the NIC, for example when "
				    "its VFs are recreated (sriov_numvfs)",
		/* I40E_VLAN_ANY becomes 0 for each address (i40e_main.c). */
		.prunes_vlans = "i40e_correct_mac_vlan_filters",
	},
	{
		.name = "igb",
		.new_spoofchk = 1,
		/* It knows only E1000_VF_SET_PROMISC_MULTICAST. */
		.promisc_needs_trust = "igb_set_vf_promisc",
		.filter_needs_trust = "igb_set_vf_mac_filter",
		.promisc_never = true,
		.own_port = true,
		.writes = {NFP_WRITES_AT_ONCE, "igb_set_rx_mode"},
		.vf_follows_pf = "igb_set_vf_mac",
		.adds_one = "igb_uc_sync",
	},
	{
		.name = "igbvf",
		.writes = {NFP_WRITES_AT_ONCE, "igbvf_set_rx_mode"},
		/*
		 * igbvf_set_uni clears with an address of zero, which igb_set_vf_mac_filter refuses
		 * before it looks at the request (igb_main.c, Linux 5.16 and later); igb_reset
		 * flushes the table, and igb_disable_sriov frees the list.
		 */
		.keeps_entries =
			"igb refuses the request with which igbvf clears its filter; they stay in "
			"the NIC until the PF is set down and up, and take up room that all VFs "
			"share until the VFs are recreated (sriov_numvfs)",
	},
	{
		.name = "ixgbe",
		.resets_vf = "ixgbe_ndo_set_vf_trust",
		.new_spoofchk = 1,
		.promisc_needs_trust = "ixgbe_update_vf_xcast_mode",
		.filter_needs_trust = "ixgbe_set_vf_macvlan_msg",
		.own_port = true,
		.writes = {NFP_WRITES_AT_ONCE, "ixgbe_set_rx_mode"},
		.vf_follows_pf = "ixgbe_set_vf_mac",
		.adds_one = "ixgbe_uc_sync",
	},
	{.name = "ixgbevf", .writes = {NFP_WRITES_AT_ONCE, "ixgbevf_set_rx_mode"}},
	{
		.name = "cxgb4",
		.writes = {NFP_WRITES_ANSWERED, "cxgb_set_rxmode"},
		.adds_one = "cxgb4_mac_sync",
	},
	{.name = "cxgb4vf", .writes = {NFP_WRITES_ANSWERED, "cxgb4vf_set_rxmode"}},
	{
		.name = "be2net",
		.writes = {NFP_WRITES_ANSWERED, "be_work_set_rx_mode"},
		.rewrites = "be_set_uc_list",
	},
	{.name = "sfc", .writes = {NFP_WRITES_ANSWERED, "efx_mac_work"}},
	{
		.name = "rvu_nicpf",
		.writes = {NFP_WRITES_ANSWERED, "otx2_rx_mode_wrk_handler"},
		.adds_one = "otx2_add_macfilter",
	},
	{.name = "rvu_nicvf", .writes = {NFP_WRITES_ANSWERED, "otx2vf_do_set_rx_mode"}},
	/* The VFs of both read the address that they are told. */
	{
		.name = "qede",
		.writes = {NFP_WRITES_TIMED, "qed_iov_vf_task"},
		.rewrites = "qede_config_rx_mode",
	},
	{
		.name = "bnx2x",
		.writes = {NFP_WRITES_TIMED, "bnx2x_timer"},
		.rewrites = "bnx2x_set_uc_list",
	},
	/* One address has an exact filter; more share a hash. */
	{.name = "fsl_enetc", .own_port = true, .rewrites = "enetc_pf_set_rx_mode"},
	{
		.name = "fm10k",
		/*
		 * fm10k_lport_map keeps the link down for 2 s when the switch maps the port anew;
		 * fm10k_watchdog_update_host_state checks for the end of that every 2 s
		 * (fm10k_service_timer, intel/fm10k/fm10k_pci.c).
		 */
		.settle_ns = 5 * NFP_NSEC_PER_SEC,
		.adds_one = "fm10k_uc_sync",
		.slow = "a port that was set up anew is down for 2 s, and the driver checks every "
			"2 s whether it is ready",
	},
	{
		.name = "ice",
		.resets_vf = "ice_reset_vf",
		.new_spoofchk = 1,
		.promisc_needs_trust = "ice_vc_cfg_promiscuous_mode_msg",
		.filter_needs_trust = "ice_can_vf_change_mac",
		.own_port = true,
		.writes = {NFP_WRITES_TIMED, "ice_sync_fltr_subtask"},
		.adds_one = "ice_add_mac_to_sync_list",
		.has_modes = true, /* intel/ice/ice_eswitch.c */
		/*
		 * It turned pruning on. Newer versions have it on from the beginning
		 * (ice_set_vlan_filtering_features in ice_main.c).
		 */
		.prunes_vlans = "ice_vlan_rx_add_vid",
		.prunes_until = {5, 18},
	},
	{
		.name = "ionic",
		/*
		 * ionic_lif_filter_add leaves a filter that the firmware did not take to
		 * ionic_watchdog_cb, every IONIC_WATCHDOG_SECS (pensando/ionic/ionic_rx_filter.c,
		 * ionic_dev.c).
		 */
		.settle_ns = 6 * NFP_NSEC_PER_SEC,
		.adds_one = "ionic_addr_add",
		.slow = "a filter that its firmware did not accept is tried again after 5 s",
	},
	{
		.name = "mlx5_core",
		.new_spoofchk = -1,
		.promisc_needs_trust = "esw_update_vport_rx_mode",
		/* Its one rule lets pass what comes from the assigned address, which is zero. */
		.spoofchk_needs_mac = "esw_acl_ingress_lgcy_setup",
		.has_modes = true, /* mellanox/mlx5/core/eswitch_offloads.c */
		.writes = {NFP_WRITES_ANSWERED, "esw_vport_change_handler"},
		/* The list is sent whole (mlx5e_vport_context_update_addr_list). */
		.adds_one = "esw_update_vport_addr_list",
	},
	{
		.name = "bnxt_en",
		.has_modes = true, /* broadcom/bnxt/bnxt_vfr.c */
		.writes = {NFP_WRITES_TIMED, "bnxt_timer"},
		.rewrites = "bnxt_cfg_rx_mode",
	},
	{.name = "mlx4_en", .adds_one = "mlx4_en_do_uc_filter"},
	{.name = "enic", .adds_one = "enic_uc_sync"},
	{.name = "hinic", .adds_one = "add_mac_addr"},
	{.name = "qlcnic", .adds_one = "qlcnic_nic_add_mac"},
	{.name = "liquidio", .has_modes = true}, /* cavium/liquidio/lio_main.c */
	{
		.name = "nfp",
		/*
		 * nfp_net_set_rx_mode posts its change; one that is posted after another waits for
		 * nfp_net_reconfig_timer, NFP_NET_POLL_TIMEOUT seconds after the first
		 * (netronome/nfp/nfp_net_common.c). No has_modes: with firmware without modes nfp
		 * answers EOPNOTSUPP (nfp_app_eswitch_mode_get), as devlink itself once did for
		 * drivers without modes.
		 */
		.settle_ns = 6 * NFP_NSEC_PER_SEC,
		.slow = "a change of its filter modes right after another one waits for up to 5 s",
	},
	{.name = "pci-stub", .gives = NFP_GIVES_STUB},
};

/* Families of drivers that have the word in their names: vfio-pci, mlx5_vfio_pci, igb_uio. */
static const struct nfp_driver families[] = {
	{.name = "vfio", .gives = NFP_GIVES_VFIO},
	{.name = "uio", .gives = NFP_GIVES_UIO},
};

const struct nfp_driver *nfp_driver(const char *name)
{
	static const struct nfp_driver usual = {.name = ""};

	nfp_for_each (driver, drivers, NFP_NUM(drivers))
		if (strcmp(driver->name, name) == 0)
			return driver;
	nfp_for_each (family, families, NFP_NUM(families))
		if (strstr(name, family->name))
			return family;
	return &usual;
}

enum nfp_gives nfp_gives(const char *name)
{
	enum nfp_gives gives = nfp_driver(name)->gives;

	return gives == NFP_GIVES_UNSET ? NFP_GIVES_NOBODY : gives;
}

bool nfp_prunes_vlans(const struct nfp_pf_info *pf)
{
	const struct nfp_driver *driver = nfp_driver(pf->driver);
	const unsigned int *until = driver->prunes_until;
	unsigned int major = 0, minor = 0;

	(void)sscanf(pf->driver_version, "%u.%u", &major, &minor);
	return driver->prunes_vlans &&
	       (!until[0] || major < until[0] || (major == until[0] && minor < until[1]));
}

static bool is_quick(const struct nfp_driver *driver)
{
	return driver->writes.when == NFP_WRITES_AT_ONCE ||
	       driver->writes.when == NFP_WRITES_ANSWERED;
}

uint64_t nfp_settle_of(const struct nfp_driver *driver, bool own)
{
	if (driver->settle_ns)
		return driver->settle_ns;
	return own && is_quick(driver) ? NFP_SETTLE_QUICK_NS : NFP_SETTLE_DEFAULT_NS;
}

uint64_t nfp_settle_needed(const struct nfp_sysroot *root, const char *bus, const char *pf_driver,
			   const char *vf_driver)
{
	uint64_t pf_ns = nfp_settle_of(nfp_driver(pf_driver),
				       nfp_driver_is_own(root, bus, pf_driver));
	uint64_t vf_ns = nfp_settle_of(nfp_driver(vf_driver),
				       nfp_driver_is_own(root, bus, vf_driver));

	return pf_ns > vf_ns ? pf_ns : vf_ns;
}
