/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change.h - a change of the host as a value.
 *
 * apply.c makes the changes. -v and --dry-run show each as the equivalent command.
 */
#ifndef NFPROBE_CHANGE_CHANGE_H
#define NFPROBE_CHANGE_CHANGE_H

#include "vf_state.h"

/* The network namespace that ends with the process, as commands name it. */
#define NFP_NETNS_NAME "nfprobe"
/* The children of the PF in that namespace. */
#define NFP_VLAN_CHILD	  "nfpvlan"
#define NFP_MACVLAN_CHILD "nfpmac"
/* A macvlan of the PF and the VLAN netdev on it, by which the PF registers a guest's VLAN. */
#define NFP_REGISTER_CHILD "nfpreg"
#define NFP_REGISTER_VLAN  "nfpregvlan"
/* The guest's VLAN on the netdev of the VF under test. */
#define NFP_GUEST_CHILD "nfpguest"
/*
 * The netdevs of VFs in that namespace: of the VF under test, of one that sends, and of one that is
 * the standby's port. The names differ, and nobody else chose them. The second netdev of a VF has a
 * suffix.
 */
#define NFP_VF_NETDEV	 "nfpvf"
#define NFP_SENDS_NETDEV "nfpsends"
#define NFP_HEARS_NETDEV "nfphears"
#define NFP_SECOND_OF	 "2"

/* The kinds of changes, and the members of struct nfp_change that each uses. */
enum nfp_change_kind {
	NFP_CHANGE_VF_UNBIND,	/* parentdev, bus, name (driver) */
	NFP_CHANGE_VF_BIND,	/* parentdev, bus, name (driver) */
	NFP_CHANGE_VF_OVERRIDE, /* parentdev, bus, name (driver_override; empty: none) */
	NFP_CHANGE_VF_RESET,	/* parentdev, bus */
	/* In the order of enum nfp_vf_attr_id. */
	NFP_CHANGE_VF_MAC,	 /* ifname (PF), vf, mac */
	NFP_CHANGE_VF_VLAN,	 /* ifname (PF), vf, vlan */
	NFP_CHANGE_VF_SPOOFCHK,	 /* ifname (PF), vf, value 0, 1 */
	NFP_CHANGE_VF_TRUST,	 /* ifname (PF), vf, value 0, 1 */
	NFP_CHANGE_VF_STATE,	 /* ifname (PF), vf, value IFLA_VF_LINK_STATE_* */
	NFP_CHANGE_VF_RSS_QUERY, /* ifname (PF), vf, value 0, 1 */
	NFP_CHANGE_VF_RATE,	 /* ifname (PF), vf, rate */
	NFP_CHANGE_PORT_FDB_ADD, /* ifname (a bridge port), mac: the bridge's FDB */
	NFP_CHANGE_PORT_FDB_DEL, /* likewise */
	/* These end with the process; value 1: made, 0: taken back. */
	NFP_CHANGE_MACVLAN,	 /* ifname (PF), mac: child in the private namespace, up */
	NFP_CHANGE_VLAN,	 /* ifname (PF), vlan: child in the private namespace, down */
	NFP_CHANGE_REGISTER,	 /* ifname (PF), vlan: by children in the private namespace, down */
	NFP_CHANGE_GUEST_VLAN,	 /* ifname, private, vlan: a child, down; ends with the netdev */
	NFP_CHANGE_UNICAST,	 /* ifname (PF), private, mac: its unicast filter */
	NFP_CHANGE_PROMISC,	 /* ifname (PF), private */
	NFP_CHANGE_ALLMULTI,	 /* ifname (PF), private */
	NFP_CHANGE_MADDR,	 /* ifname, private, mac: a multicast group that it joins */
	NFP_CHANGE_NETNS_IN,	 /* ifname: into the private namespace, as name */
	NFP_CHANGE_NETNS_OUT,	 /* ifname: back into our namespace, as name */
	NFP_CHANGE_LINK_UP,	 /* ifname, private */
	NFP_CHANGE_LINK_DOWN,	 /* ifname, private */
	NFP_CHANGE_LINK_NAME,	 /* ifname (old), name (new) */
	NFP_CHANGE_LINK_ADDRESS, /* ifname, mac */
	NFP_CHANGE_LINK_SETTING, /* ifname, name (settings.h), text; only to undo */
	NFP_CHANGE_COUNT,
};

/* Converts between an attribute of a VF and the change that sets it. */
#define NFP_CHANGE_OF_ATTR(id) ((enum nfp_change_kind)(NFP_CHANGE_VF_MAC + (int)(id)))
#define NFP_CHANGED_ATTR(kind) ((enum nfp_vf_attr_id)((kind)-NFP_CHANGE_VF_MAC))
_Static_assert(NFP_CHANGE_OF_ATTR(NFP_VF_ATTR_SPOOFCHK) == NFP_CHANGE_VF_SPOOFCHK &&
		       NFP_CHANGE_OF_ATTR(NFP_VF_ATTR_RATE) == NFP_CHANGE_VF_RATE,
	       "the two are in one order");

struct nfp_change {
	enum nfp_change_kind kind;
	char ifname[NFP_IFNAMSIZ];
	int ifindex; /* of the netdev; ifname is only for messages; 0: not known yet */
	unsigned int vf;
	char parentdev[NFP_TEXT_LEN]; /* the device's name on its bus: 0000:01:10.6 */
	char bus[16];		      /* pci */
	char name[NFP_TEXT_LEN];
	const char *text; /* borrowed; not in the journal */
	struct nfp_mac mac;
	/* The address to set where the driver refuses zero. NULL: none. Borrowed; not in the
	 * journal. */
	const struct nfp_mac *placeholder_mac;
	struct nfp_vlan vlan;
	int value;
	uint32_t rate[2];   /* minimum and maximum, Mbit/s; 0: no limit */
	bool private_netns; /* ifname is in the private namespace */
	bool of_vf;	    /* vf is valid: this change is made for that VF (always for VF_*) */
	unsigned int seq;   /* number in the journal, from 1; 0: not in the journal */
};

/* Writes the change as commands of ip and bridge and as writes to files, most often one. */
void nfp_change_command(const struct nfp_change *change, struct nfp_commands *ret_commands);

/* The properties of a kind of change. */
struct nfp_change_row {
	const char *name; /* in the journal: "vf-mac" */
	bool lasts;	  /* outlives the process, so it must be in the journal */
	bool of_pf;	  /* ifname and ifindex are the PF's, unless private */
	bool to_vf;	  /* made to the VF or its netdev, not to the PF's filter */
	bool is_attr; /* an attribute of a VF: the PF's driver sets it, and rtnetlink notifies */
	bool timed;   /* a step is about this change, and not merely in need of it */
	/* A refusal may pass, so that the change is tried again for some seconds. A bind has a
	 * deadline of its own. */
	bool insists;
};
/* Returns the row, never NULL: an unknown kind has the name "?". */
const struct nfp_change_row *nfp_change_row(enum nfp_change_kind kind);
bool nfp_change_kind_parse(const char *name, enum nfp_change_kind *ret_kind);

/* Sets the attribute of @attr that the change sets (NFP_CHANGE_VF_MAC to _RATE). */
void nfp_change_to_attr(const struct nfp_change *change, struct nfp_vf_attr *attr);
/* Sets in @change what @attr has. */
void nfp_change_from_attr(struct nfp_change *change, const struct nfp_vf_attr *attr);

/* Returns a change of the VF's device; @name: of a driver, an override, or NULL. */
struct nfp_change nfp_change_of_vf(const struct nfp_vf_state *vf, enum nfp_change_kind kind,
				   const char *name);
/* Returns a change of a netdev of VF @vf; @name: its new name, or NULL. */
struct nfp_change nfp_change_of_link(enum nfp_change_kind kind, unsigned int vf, int ifindex,
				     const char *ifname, const char *name);

#endif
