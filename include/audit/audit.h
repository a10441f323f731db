/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit.h - turns the facts of a host into findings. Pure. */
#ifndef NFPROBE_AUDIT_H
#define NFPROBE_AUDIT_H

#include "net/facts.h"

/* The names are stable: nfp_finding_names. Each code has a public report, or the kernel's function
 * that makes it so. */
enum nfp_finding_code {
	/* Two functions of a PF have one address: sriov-network-device-plugin#685,
	 * kubemacpool#16. */
	NFP_FINDING_SAME_ADDRESS,
	/* The address of a VF or macvtap that nobody uses is in use elsewhere: kubevirt#5912,
	 * sriov-cni#417, spidernet-io/cni-plugins#144. */
	NFP_FINDING_IDLE_ADDRESS,
	/* The PF's filter lacks guests of a bridge: hotsos#365. */
	NFP_FINDING_BRIDGE_FILTER,
	/* A macvtap does not pass the groups of its guest: kubevirt#9464, microvm.nix#97. */
	NFP_FINDING_MACVTAP_GROUPS,
	/* A VLAN netdev on a PF takes a VLAN of its guests: harvester#4800, vlan_do_receive. */
	NFP_FINDING_VLAN_NETDEV,
	/* A run of nfprobe left a VF in a state that must not stay. */
	NFP_FINDING_INTERRUPTED_RUN,
	/* A run of nfprobe is using a VF. */
	NFP_FINDING_BEING_PROBED,
	/* A VF uses another address than its PF has assigned: sriov-cni#219, #232,
	 * kata-containers/agent#414. */
	NFP_FINDING_VF_ADDRESS,
	/* The PF keeps the link of a VF in use down: sriov-network-device-plugin#204. */
	NFP_FINDING_VF_LINK,
	/* The PF's filter has an address that nobody has: pve-hookscript-sriov, Neutron's
	 * fdb_population. */
	NFP_FINDING_FILTER_LEFT,
	/* A bridge looks for a guest behind the PF: rtedpro-cpu/dockermox#18, harvester#9735,
	 * calico#13129. */
	NFP_FINDING_BRIDGE_LEARNED,
	/* A bridge keeps frames for somebody else: systemd#37776, hypeman#476. */
	NFP_FINDING_LOCAL_ENTRY,
	/* A VF that may not serve a bridge or macvlans has some: pipework#258, dpu-operator#564,
	 * doca-platform#50; or its filter lacks what is behind it: grout#653, incus#2864. */
	NFP_FINDING_VF_BRIDGE_PORT,
	/* An inactive member of a bond has the bond's address: bond-cni#11. */
	NFP_FINDING_BOND_BACKUP,
	/* Idle VFs have settings that were made for somebody: sriov-cni#113, #119, xenopsd#482. */
	NFP_FINDING_LEFT_SETTINGS,
	/* The NIC's functions do not reach each other through it: openwrt#11471, kube-ovn#5058. */
	NFP_FINDING_VEPA,
	/* A VF takes larger frames than its PF: hotsos#430, OpenNebula#7926. */
	NFP_FINDING_MTU,
	/* The PF is in a LAG, whose switch chooses the member: bond-cni#22, xcp#544. */
	NFP_FINDING_LAG,
	/* A port between a guest and the PF passes nothing: OpenNebula/one-deploy#290,
	 * xcp-networkd#46; or not all: should_deliver, br_flood, br_handle_frame_finish. The way of
	 * a standby stops: stops.c has a report for each row. */
	NFP_FINDING_NOT_FORWARDING,
	/* A bridge delays the port of the next guest: yast-network#457. */
	NFP_FINDING_STP_DELAY,
	/* A standby does not get groups that its guest has joined: incus#3294, opnsense/src#242. */
	NFP_FINDING_BRIDGE_SNOOPS,
	/* Rules apply to a standby, and not to its VF: seapath/ansible#909,
	 * docker/for-linux#949. */
	NFP_FINDING_BRIDGE_NETFILTER,
	NFP_FINDING_COUNT,
};
extern const struct nfp_names nfp_finding_names;

/* How a standby and a VF are one guest's NIC. */
enum nfp_pairing {
	NFP_PAIR_NONE,
	NFP_PAIR_LOOSE,	   /* their process has more NICs, and no address tells */
	NFP_PAIR_ADDRESS,  /* by their address; nobody has the VF now */
	NFP_PAIR_PRESUMED, /* their process has these two, and no address tells otherwise */
	NFP_PAIR_SURE,	   /* one process, and one address */
	NFP_PAIR_COUNT,
};

/* A function that a finding names: the PF, a VF, or a macvtap on the PF. */
struct nfp_named {
	bool is_vf, is_pf;
	unsigned int vf;
	char ifname[NFP_IFNAMSIZ]; /* its netdev; empty: none was seen */
	char netns[NFP_TEXT_LEN];  /* the netdev's namespace; empty: our own */
	char user[NFP_USER_LEN];   /* a VF's user; empty: it is idle */
};

struct nfp_finding {
	enum nfp_finding_code code;
	bool remark;   /* never counts for the exit status */
	bool accepted; /* the user has accepted it, so that it does not count */
	char pf[NFP_IFNAMSIZ], parentdev[NFP_TEXT_LEN];
	struct nfp_named *functions; /* owned */
	size_t num_functions;
	struct nfp_mac address;	   /* zero: several, or none */
	unsigned int vlan;	   /* the VLAN of this; 0: untagged */
	int bridge;		   /* the bridge of these guests; 0: none; not in JSON */
	char what[NFP_REASON_LEN]; /* clauses */
	char why[NFP_REASON_LEN];
	bool in_doubt;		      /* idle as far as could be seen, but not everything could */
	struct nfp_commands commands; /* these fix it, in this order */
	char after[NFP_NOTE_LEN];     /* a clause: what must come first; empty: nothing */
};

/* A hop does this to the frames of a guest. */
enum nfp_stop_weight {
	NFP_WEIGHT_UNSET,
	NFP_WEIGHT_STOPS, /* nothing passes */
	NFP_WEIGHT_LOSES, /* a kind of frames does not */
	NFP_WEIGHT_MAY,	  /* a remark: it may be on purpose, or cost nothing */
	NFP_WEIGHT_COUNT,
};
extern const struct nfp_names nfp_stop_weight_names;

struct nfp_guest_stop {
	enum nfp_finding_code code;
	enum nfp_stop_weight weight;
	char ifname[NFP_IFNAMSIZ];    /* the hop, or the bridge of which it is a port */
	char what[NFP_NOTE_LEN];      /* what follows that name: "is not in VLAN 9" */
	char after[NFP_NOTE_LEN];     /* as in a finding */
	struct nfp_commands commands; /* as in a finding */
};

/* A netdev on the way of a guest's standby. */
struct nfp_guest_hop {
	char ifname[NFP_IFNAMSIZ], kind[16]; /* kind: of ip-link(8); empty: a NIC */
	char netns[NFP_TEXT_LEN];	     /* "the network namespace red"; empty: our own */
	char bridge[NFP_IFNAMSIZ];	     /* of which it is a port here; empty: of none */
	bool inward;			     /* that port is the one towards the guest */
	bool has_vlan;			     /* it is known in which VLAN its frames are: */
	unsigned int vlan;		     /* the outermost tag; 0: none */
	struct nfp_guest_stop *stops;	     /* owned */
	size_t num_stops;
};

enum nfp_way_end {
	NFP_END_UNSET,
	NFP_END_NONE,	/* there is no standby, or its netdev is no more */
	NFP_END_PF,	/* of the guest's VF */
	NFP_END_NIC,	/* another NIC */
	NFP_END_SWITCH, /* Open vSwitch, whose tables are not read */
	NFP_END_HOST,	/* a bridge or a tap that has an address: this host routes */
	NFP_END_NOWHERE,
	NFP_END_OTHER,	/* a netdev into which nobody here can look, as a tunnel */
	NFP_END_UNSEEN, /* it has more netdevs than are looked at */
	NFP_END_COUNT,
};
extern const struct nfp_names nfp_way_end_names, nfp_pairing_names;

/* A guest's VF and its standby. */
struct nfp_guest_way {
	char name[NFP_TEXT_LEN]; /* empty: none is known */
	int pid;
	char pf[NFP_IFNAMSIZ];
	unsigned int vf, vlan; /* vlan: 0: none */
	bool at_rest;	       /* its process has the VF, and no driver of the guest uses it */
	bool is_left;	       /* nobody has the VF now */
	struct nfp_mac address;
	bool has_standby;
	char standby[NFP_IFNAMSIZ];
	struct nfp_mac standby_address;
	enum nfp_pairing pairing;
	enum nfp_way_end end;
	struct nfp_guest_hop *hops; /* owned, from the standby to the wire */
	size_t num_hops;
};

struct nfp_audited {
	char ifname[NFP_IFNAMSIZ], parentdev[NFP_TEXT_LEN];
};

/* Zero is empty. */
struct nfp_audit {
	struct nfp_audited *pfs; /* owned */
	size_t num_pfs;
	struct nfp_finding *findings; /* owned */
	size_t num_findings;
	struct nfp_guest_way *guests; /* owned */
	size_t num_guests;
	struct nfp_unread *unread; /* owned */
	size_t num_unread;
	struct nfp_strv unasked; /* what an audit never asks, which does not count */
	int exit_status;
};

/* Judges the PFs with these netdevs; none: all PFs. */
void nfp_audit_judge(const struct nfp_facts *facts, const struct nfp_strv *pfs,
		     struct nfp_audit *ret_audit);
/*
 * Marks the findings that are accepted, each as CODE or CODE:PLACE, where a place is the PF, or a
 * netdev, a VF (vf:3) or an address that the finding names; and sets the exit status again. -EINVAL
 * (NFP_E_USAGE): there is no such code.
 */
int nfp_audit_accept(struct nfp_audit *audit, const struct nfp_strv *accepted, struct nfp_err *err);
/* Returns the first hop where nothing of the guest's passes. NULL: none is known. */
const struct nfp_guest_hop *nfp_guest_stops_at(const struct nfp_guest_way *guest);
/* Returns whether a hop stops all frames of its standby, or that is a macvtap that is no more. */
bool nfp_guest_is_cut_off(const struct nfp_guest_way *guest);
/* Leaves the guests with that name, process or standby. NULL: all. */
void nfp_audit_keep_guests(struct nfp_audit *audit, const char *name);
void nfp_audit_fini(struct nfp_audit *audit);

#endif
