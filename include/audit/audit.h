/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit.h - turns the facts of a host into findings. Pure. */
#ifndef NFPROBE_AUDIT_H
#define NFPROBE_AUDIT_H

#include "net/facts.h"

/* The names are stable: nfp_finding_names. */
enum nfp_finding_code {
	NFP_FINDING_SAME_ADDRESS,     /* two functions of a PF have one address */
	NFP_FINDING_IDLE_ADDRESS,     /* the address of a VF or macvtap that nobody uses is in use
					 elsewhere */
	NFP_FINDING_BRIDGE_FILTER,    /* the PF's filter lacks guests of a bridge */
	NFP_FINDING_MACVTAP_GROUPS,   /* a macvtap does not pass the groups of its guest */
	NFP_FINDING_VLAN_NETDEV,      /* a VLAN netdev on a PF takes a VLAN of its guests */
	NFP_FINDING_INTERRUPTED_RUN,  /* a run of nfprobe left a VF in a state that must not stay */
	NFP_FINDING_BEING_PROBED,     /* a run of nfprobe is using a VF */
	NFP_FINDING_VF_ADDRESS,	      /* a VF uses another address than its PF has assigned */
	NFP_FINDING_VF_LINK,	      /* the PF keeps the link of a VF in use down */
	NFP_FINDING_FILTER_LEFT,      /* the PF's filter has an address that nobody has */
	NFP_FINDING_BRIDGE_LEARNED,   /* a bridge looks for a guest behind the PF */
	NFP_FINDING_LOCAL_ENTRY,      /* a bridge keeps frames for somebody else */
	NFP_FINDING_VF_BRIDGE_PORT,   /* a VF that may not serve a bridge or macvlans has some */
	NFP_FINDING_BOND_BACKUP,      /* an inactive member of a bond has the bond's address */
	NFP_FINDING_LEFT_SETTINGS,    /* idle VFs have settings that were made for somebody */
	NFP_FINDING_VEPA,	      /* the NIC's functions do not reach each other through it */
	NFP_FINDING_MTU,	      /* a VF takes larger frames than its PF */
	NFP_FINDING_LAG,	      /* the PF is in a LAG, whose switch chooses the member */
	NFP_FINDING_NOT_FORWARDING,   /* a port between a guest and the PF passes nothing */
	NFP_FINDING_STP_DELAY,	      /* a bridge delays the port of the next guest */
	NFP_FINDING_BRIDGE_SNOOPS,    /* a standby does not get groups that its guest has joined */
	NFP_FINDING_BRIDGE_NETFILTER, /* rules apply to a standby, and not to its VF */
	NFP_FINDING_COUNT,
};
extern const struct nfp_names nfp_finding_names;

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

struct nfp_audited {
	char ifname[NFP_IFNAMSIZ], parentdev[NFP_TEXT_LEN];
};

/* Zero is empty. */
struct nfp_audit {
	struct nfp_audited *pfs; /* owned */
	size_t num_pfs;
	struct nfp_finding *findings; /* owned */
	size_t num_findings;
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
void nfp_audit_fini(struct nfp_audit *audit);

#endif
