/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change.h - one change of the host as a value: carried out by src/host/hands.c, journalled by
 * journal.c, shown by -v and --dry-run as the command that would do the same. Pure.
 */
#ifndef NFPROBE_CHANGE_H
#define NFPROBE_CHANGE_H

#include "nfprobe/types.h"

/* The network namespace that dies with the process, as commands name it. */
#define NFP_NETNS_NAME "nfprobe"
/* The children of the PF in that namespace. */
#define NFP_VLAN_CHILD	  "nfpvlan"
#define NFP_MACVLAN_CHILD "nfpmac"
/* And the netdev of the VF under test: the name it comes with may be taken there, by a source. */
#define NFP_VF_NETDEV "nfpvf"
/* And its other one, where it has two. */
#define NFP_VF_SECOND "nfpvf2"

/* What is changed; behind each the fields of struct nfp_change that it needs. */
enum nfp_change_kind {
	NFP_CHANGE_VF_UNBIND,	 /* parentdev, bus, name (driver) */
	NFP_CHANGE_VF_BIND,	 /* parentdev, bus, name (driver) */
	NFP_CHANGE_VF_OVERRIDE,	 /* parentdev, bus, name (driver_override; empty: none) */
	NFP_CHANGE_VF_RESET,	 /* parentdev, bus */
	NFP_CHANGE_VF_MAC,	 /* ifname (PF), vf, mac */
	NFP_CHANGE_VF_VLAN,	 /* ifname (PF), vf, vlan */
	NFP_CHANGE_VF_SPOOFCHK,	 /* ifname (PF), vf, value 0, 1 */
	NFP_CHANGE_VF_TRUST,	 /* ifname (PF), vf, value 0, 1 */
	NFP_CHANGE_VF_STATE,	 /* ifname (PF), vf, value IFLA_VF_LINK_STATE_* */
	NFP_CHANGE_VF_RSS_QUERY, /* ifname (PF), vf, value 0, 1 */
	NFP_CHANGE_VF_RATE,	 /* ifname (PF), vf, rate */
	NFP_CHANGE_FDB_ADD,	 /* ifname (PF), mac: the PF's own unicast filter */
	NFP_CHANGE_FDB_DEL,	 /* likewise */
	NFP_CHANGE_PORT_FDB_ADD, /* ifname (a bridge port), mac: the bridge's FDB */
	NFP_CHANGE_PORT_FDB_DEL, /* likewise */
	NFP_CHANGE_MACVLAN_ADD,	 /* ifname (PF), mac: child in the private namespace, up */
	NFP_CHANGE_MACVLAN_DEL,	 /* nothing */
	NFP_CHANGE_VLAN_ADD,	 /* ifname (PF), vlan: child in the private namespace, down */
	NFP_CHANGE_VLAN_DEL,	 /* nothing */
	NFP_CHANGE_PROMISC_ON,	 /* ifname (PF) */
	NFP_CHANGE_PROMISC_OFF,	 /* ifname (PF) */
	NFP_CHANGE_NETNS_IN,	 /* ifname: into the private namespace, as name (empty: as it is) */
	NFP_CHANGE_NETNS_OUT,	 /* ifname: back into ours */
	NFP_CHANGE_LINK_UP,	 /* ifname, private */
	NFP_CHANGE_LINK_DOWN,	 /* ifname, private */
	NFP_CHANGE_LINK_NAME,	 /* ifname (now), name (then) */
	NFP_CHANGE_LINK_MTU,	 /* ifname, value */
	NFP_CHANGE_LINK_ADDRESS, /* ifname, mac */
	NFP_CHANGE_LINK_SETTING, /* ifname, name (src/host/settings.h), text; only to undo */
	NFP_CHANGE_COUNT,
};

struct nfp_change {
	enum nfp_change_kind kind;
	char ifname[NFP_IFNAMSIZ];
	int ifindex; /* of ifname, which is only for people; 0: not known yet */
	unsigned int vf;
	char parentdev[NFP_TEXT]; /* name of the device on its bus: 0000:01:10.6 */
	char bus[16];		  /* pci */
	char name[NFP_TEXT];
	const char *text; /* borrowed; not in the journal */
	struct nfp_mac mac;
	struct nfp_vlan vlan;
	int value;
	uint32_t rate[2];   /* least and most, Mbit/s; 0: no limit */
	bool private_netns; /* ifname is in the private namespace */
	bool of_vf;	    /* vf says for which VF this is done (always so for VF_*) */
	unsigned int seq;   /* number in the journal, from 1; 0: not journalled */
};

#define NFP_COMMAND_LEN 700 /* a setting may have 512 bytes */

/* The equivalent ip, bridge or echo command in one line; returns @buf. */
const char *nfp_change_command(const struct nfp_change *change, char buf[NFP_COMMAND_LEN]);

/* As the journal spells it ("vf-mac"); never NULL. */
const char *nfp_change_kind_name(enum nfp_change_kind kind);
bool nfp_change_kind_parse(const char *name, enum nfp_change_kind *ret_kind);

/* Does it outlive the process? Then it must be in the journal. */
bool nfp_change_lasts(enum nfp_change_kind kind);

bool nfp_vlan_equal(const struct nfp_vlan *a, const struct nfp_vlan *b);

/* Told about each change as it is made, as the ip or bridge command that would do the same. */
struct nfp_change_log {
	void (*change)(void *ctx, const char *command);
	void *ctx;
};

/* The address that takes the place of zero where a driver refuses it, as libvirt has it. */
extern const struct nfp_mac nfp_mac_parked;

#endif
