/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pf.h - what a host knows of a PF: driver, firmware, PCI ids, bond, rx handler. */
#ifndef NFPROBE_PF_H
#define NFPROBE_PF_H

#include "base/base.h"

/* The version of one part of the firmware, as devlink names it ("fw", "fw.mgmt"). */
struct nfp_fw_version {
	char name[32];
	char running[64], stored[64]; /* empty: the driver does not say */
};
#define NFP_FW_MAX 16

/*
 * The user of the frames that come in at a netdev. The kernel gives them to one user
 * (netdev_rx_handler_register in net/core/dev.c); a second one gets EBUSY.
 */
enum nfp_rx_user {
	NFP_RX_UNKNOWN, /* null in JSON */
	NFP_RX_NOBODY,
	NFP_RX_BRIDGE,
	NFP_RX_OVS,
	NFP_RX_MACVLAN, /* macvlans and macvtaps, which share it */
	NFP_RX_OTHER,	/* a user that shares it with nobody, such as a bond or an ipvlan */
	NFP_RX_COUNT,
};

struct nfp_rx_handler {
	enum nfp_rx_user user;
	char note[NFP_NOTE_LEN]; /* "eth0 is a port of br0"; unknown: why; NOBODY: empty */
};

struct nfp_pf_info {
	char ifname[NFP_IFNAMSIZ];
	int ifindex;
	char parentdev[NFP_TEXT_LEN];
	char driver[NFP_TEXT_LEN];
	char driver_version[NFP_TEXT_LEN];
	char firmware[NFP_TEXT_LEN]; /* the version that runs */
	struct nfp_fw_version fw[NFP_FW_MAX];
	size_t num_fw;
	uint16_t vendor, device; /* PCI ids. 0: not PCI */
	/* PCI ids of the card, whose maker may give it firmware of its own. 0: not PCI. */
	uint16_t subsystem_vendor, subsystem_device;
	char board_id[64]; /* "board.id" of devlink; empty: the driver does not say */
	unsigned int num_vfs, total_vfs;
	char eswitch_mode[16];	  /* legacy, switchdev; empty: the driver has none */
	unsigned int promiscuity; /* how many users want it so (IFLA_PROMISCUITY) */
	bool l2_fwd_offload;	  /* macvlans on it get queues of their own */
	char master[NFP_IFNAMSIZ];
	/* The mode of its bond, if the switch chooses the member (struct nfp_link). */
	char lag[16];
	char bond_mode[16]; /* the mode of any bond; empty: it is in none */
	bool bond_backup;   /* the bond, and what stands on it, hears nothing by this member until a
			       failover */
	char master_kind[16]; /* bridge, bond, team, openvswitch, ... */
	/* How long the bridge that has it, or its bond, as a port remembers a silent station. */
	bool have_ageing;
	unsigned int ageing_ms;
	/* The bridges by which standbys reach it that snoop on MLD and know a querier, like "br0,
	 * br1", and whose ports lead to it or to another one. Empty: none. */
	char snooping[64];
	char inner_port[NFP_IFNAMSIZ];
	struct nfp_rx_handler rx_handler;
	unsigned int mtu; /* bytes */
	bool vepa; /* its switch passes what its functions send to the wire only, as far as known */
	/* Nothing leaves it: what it sends is lost in the host, though send() succeeds. */
	bool no_carrier;
	struct nfp_mac address;
};

/* Is it a member of a bond, and a plain port to the switch? */
bool nfp_is_bonded(const struct nfp_pf_info *pf);
/* Does a macvtap on it, or on its VLAN @vid (0: none), get queues and a filter of its own
 * (ndo_dfwd_add_station, as called by macvlan_open)? */
bool nfp_has_stations(const struct nfp_pf_info *pf, uint16_t vid);
/* Returns the netdev under a standby: the PF's, or that of its bond, which takes its frames. */
const char *nfp_standby_netdev(const struct nfp_pf_info *pf);
/* Returns the usual name of a netdev of VLAN @vid on it (0: none), under a standby in that VLAN. */
struct nfp_netdev_name {
	char text[NFP_IFNAMSIZ];
};
struct nfp_netdev_name nfp_standby_port(const struct nfp_pf_info *pf, uint16_t vid);
/*
 * Why does a run send nothing by the PF? The end of a sentence; NULL: it does send. Its VFs send,
 * under addresses of the run.
 */
const char *nfp_why_pf_silent(const struct nfp_pf_info *pf);

extern const struct nfp_names nfp_rx_user_names;

#endif
