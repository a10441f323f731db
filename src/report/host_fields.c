// SPDX-License-Identifier: GPL-2.0-or-later
/* host_fields.c - the rows for an error, for the PF, and for the settings of a run. */
#include "fields_priv.h"

/* ---- an error ---- */

static const struct nfp_field error_fields[] = {
	FIELD(ENUM, nfp_err, "code", code, J | END, NAMES(errcode), .except = BIT(NFP_E_NONE)),
	FIELD(TEXT, nfp_err, "message", message, J | END),
	FIELD(HINT, nfp_err, "hint", hint, J | END, NULLS),
};
const struct nfp_table nfp_error_table = NFP_TABLE(nfp_err, error_fields);

/* ---- the PF ---- */

static const struct nfp_field fw_fields[] = {
	FIELD(TEXT, nfp_fw_version, "name", name, J),
	FIELD(TEXT, nfp_fw_version, "running", running, J, NULLS),
	FIELD(TEXT, nfp_fw_version, "stored", stored, J, NULLS),
};

/* A PF that was not read has no index: only its name is known. */
static const struct nfp_field pf_fields[] = {
	FIELD(TEXT, nfp_pf_info, "ifname", ifname, J, NULLS),
	FIELD(NUMBER, nfp_pf_info, "ifindex", ifindex, J, NULLS),
	FIELD(TEXT, nfp_pf_info, "parentdev", parentdev, J, NULLS),
	FIELD(TEXT, nfp_pf_info, "driver", driver, J, NULLS),
	FIELD(TEXT, nfp_pf_info, "driver_version", driver_version, J, NULLS),
	FIELD(TEXT, nfp_pf_info, "firmware", firmware, J, NULLS),
	FIELD(ARRAY, nfp_pf_info, "firmware_versions", fw, J, TABLE(nfp_fw_version, fw_fields),
	      NFP_COUNTED(nfp_pf_info, num_fw)),
	FIELD(PCI_ID, nfp_pf_info, "vendor", vendor, J, NULLS),
	FIELD(PCI_ID, nfp_pf_info, "device", device, J, NULLS),
	FIELD(PCI_ID, nfp_pf_info, "subsystem_vendor", subsystem_vendor, J, NULLS),
	FIELD(PCI_ID, nfp_pf_info, "subsystem_device", subsystem_device, J, NULLS),
	FIELD(TEXT, nfp_pf_info, "board_id", board_id, J, NULLS),
	FIELD(NUMBER, nfp_pf_info, "num_vfs", num_vfs, J, NFP_KNOWN(nfp_pf_info, ifindex)),
	FIELD(NUMBER, nfp_pf_info, "total_vfs", total_vfs, J, NFP_KNOWN(nfp_pf_info, ifindex)),
	FIELD(TEXT, nfp_pf_info, "eswitch_mode", eswitch_mode, J, NULLS),
	FIELD(BOOL, nfp_pf_info, "l2_fwd_offload", l2_fwd_offload, J,
	      NFP_KNOWN(nfp_pf_info, ifindex)),
	FIELD(NUMBER, nfp_pf_info, "promiscuity", promiscuity, J, NFP_KNOWN(nfp_pf_info, ifindex)),
	FIELD(TEXT, nfp_pf_info, "master", master, J, NULLS),
	FIELD(TEXT, nfp_pf_info, "master_kind", master_kind, J, NULLS),
	FIELD(TEXT, nfp_pf_info, "lag", lag, J, NULLS),
	FIELD(TEXT, nfp_pf_info, "bond_mode", bond_mode, J, NULLS),
	FIELD(BOOL, nfp_pf_info, "bond_backup", bond_backup, J, NFP_KNOWN(nfp_pf_info, bond_mode)),
	FIELD(NUMBER, nfp_pf_info, "bridge_ageing_ms", ageing_ms, J,
	      NFP_KNOWN(nfp_pf_info, have_ageing)),
	FIELD(ENUM, nfp_pf_info, "rx_handler", rx_handler.user, J, NULLS, NAMES(rx_user)),
	FIELD(TEXT, nfp_pf_info, "rx_handler_note", rx_handler.note, J, NULLS),
	FIELD(BOOL, nfp_pf_info, "vepa", vepa, J, NFP_KNOWN(nfp_pf_info, ifindex)),
	FIELD(NUMBER, nfp_pf_info, "mtu", mtu, J, NFP_KNOWN(nfp_pf_info, ifindex)),
	FIELD(BOOL, nfp_pf_info, "no_carrier", no_carrier, J, NFP_KNOWN(nfp_pf_info, ifindex)),
	FIELD(MAC, nfp_pf_info, "address", address, J, NULLS),
};
const struct nfp_table nfp_pf_table = NFP_TABLE(nfp_pf_info, pf_fields);

/* ---- what was asked for ---- */

static const struct nfp_field settings_fields[] = {
	FIELD(TEXT, nfp_settings, "from", from, J, NULLS),
	FIELD(NUMBER, nfp_settings, "vlan", vlan.vid, J, NULLS),
	FIELD(NUMBER, nfp_settings, "vlan_proto", vlan.proto, J, NULLS),
	FIELD(NUMBER, nfp_settings, "guest_vlan", guest_vlan, J, NULLS),
	FIELD(NUMBER, nfp_settings, "rate", rate, J, NULLS),
	FIELD(NUMBER, nfp_settings, "settle_ms", settle_ns, J, MS, NULLS),
	FIELD(ENUM, nfp_settings, "settle_source", settle_source, J, NAMES(settle_source)),
	FIELD(BOOL, nfp_settings, "settle_short", settle_short, J),
	FIELD(NAMES, nfp_settings, "styles", styles, J, NAMES(style)),
	FIELD(NAMES, nfp_settings, "allow", allow, J, NAMES(verdict),
	      .except = BIT(NFP_VERDICT_UNKNOWN) | BIT(NFP_VERDICT_NOT_APPLICABLE)),
	FIELD(BOOL, nfp_settings, "allow_no_wire", allow_no_wire, J),
	FIELD(BOOL, nfp_settings, "forced", forced, J),
	FIELD(BOOL, nfp_settings, "multicast", multicast, J),
	FIELD(NUMBER, nfp_settings, "gap_limit_ms", gap_limit_ms, J, NULLS),
	FIELD(BOOL, nfp_settings, "require_ipv6", require_ipv6, J),
};
const struct nfp_table nfp_settings_table = NFP_TABLE(nfp_settings, settings_fields);
