/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ladder.h - the tables of styles and steps (src/verdict/ladder.c). */
#ifndef NFPROBE_LADDER_H
#define NFPROBE_LADDER_H

#include "traffic/traffic.h"

/*
 * How the standby receives frames for the address. nfp_styles says what each does. In
 * the order in which a run takes them, that of fixes with the least effort first.
 */
enum nfp_style {
	NFP_STYLE_MACVTAP,    /* it is in the PF's unicast filter, as with macvtap */
	NFP_STYLE_BRIDGE,     /* the PF is promiscuous, as a bridge port is */
	NFP_STYLE_BRIDGE_PIN, /* BRIDGE, which has the guest pinned at its tap */
	NFP_STYLE_BRIDGE_FDB, /* the PF also has the address in its filter */
	NFP_STYLE_BRIDGE_FDB_PIN,
	NFP_STYLE_STATIC_BRIDGE, /* the PF is the port of a bridge that keeps it from that */
	NFP_STYLE_VF_BRIDGE,	 /* a second VF is the port of the bridge */
	NFP_STYLE_VF_BRIDGE_PIN,
	NFP_STYLE_COUNT,
};

/* The states of the ladder, in order. */
enum nfp_step {
	NFP_STEP_CONTROL,
	NFP_STEP_STANDBY,
	NFP_STEP_ASSIGN,
	NFP_STEP_ATTACH,
	NFP_STEP_UP,
	NFP_STEP_ALONE,
	NFP_STEP_UNPLUG,
	NFP_STEP_DETACH,
	NFP_STEP_CLEAR,
	NFP_STEP_VF_FIRST,
	NFP_STEP_VF_FIRST_UP,
	NFP_STEP_VF_FIRST_REWRITTEN,
	NFP_STEP_VF_FIRST_UNPLUG,
	NFP_STEP_VF_FIRST_BACK,
	NFP_STEP_VF_FIRST_CLEAR,
	NFP_STEP_COUNT,
};

extern const struct nfp_names nfp_style_names, nfp_step_names;
/* The label of a style is its common name: macvtap, bridge. */
#define nfp_style_name(v) nfp_name(&nfp_style_names, v)
#define nfp_step_name(v)  nfp_name(&nfp_step_names, v)

/*
 * styles: how a standby receives, as a table: the only place that knows a style by its name. All
 * else asks for what a style does.
 */
struct nfp_style_row {
	bool usual;	/* probed where --style does not say which */
	bool second_vf; /* its port is a second VF, without spoof checking; else the PF */
	bool entry;	/* the test MAC is in the unicast filter of its port */
	/* Its port is promiscuous. Without this the port's filter is tested, which promiscuity
	 * would hide. */
	bool promiscuous;
	bool macvlan;	    /* its entry is a macvlan's, which l2-fwd-offload may take elsewhere */
	bool all_multicast; /* its port gets all multicast; else the groups of the guest */
	uint32_t uses;	    /* what a VF requires for which it is safe and another is not: bits */
	/* Its port is that of a bridge that learns where a guest is from what the guest sends
	 * (br_handle_frame_finish in net/bridge/br_input.c), and has the guest nowhere else. */
	bool learns;
	/* @plain, whose bridge has a sticky entry of the guest at its tap, which no frame moves
	 * (br_fdb_update in net/bridge/br_fdb.c): the ladder of @plain is its own. */
	bool pinned;
	enum nfp_style plain;
	bool ipv6; /* IPv6 needs more of the host than what was tested */
	/* A fix, if any of these is not safe, and all of those are: NFP_STYLE_BIT. */
	uint32_t fixes, needs_safe;
	bool hook; /* libvirt's hook makes it, where it is safe */
};
#define NFP_STYLE_BIT(style) (1U << (unsigned int)(style))

extern const struct nfp_style_row nfp_styles[NFP_STYLE_COUNT];
/* Must somebody add its entry, where the kernel does so for a macvlan, and for a bridge whose ports
 * are not promiscuous (br_fdb_sync_static)? */
bool nfp_style_needs_entry(enum nfp_style style);

/* How a standby at the PF takes the address. */
enum nfp_takes {
	NFP_TAKES_ALL, /* the PF is promiscuous */
	NFP_TAKES_ENTRY,
	NFP_TAKES_BOTH,
	NFP_TAKES_STATION, /* l2-fwd-offload gives a macvtap a filter of its own */
	NFP_TAKES_COUNT,
};

/*
 * ladder: the steps as a table: the actions that lead to each, what it stands for, which landing is
 * expected, whether it decides. The runner, the verdict, --dry-run and the reports read it.
 */

/* An action, in the order of a row. */
enum nfp_action {
	NFP_DO_NOTHING,
	NFP_DO_ADD_STANDBY,    /* add the test MAC to the PF, for the standby */
	NFP_DO_REMOVE_STANDBY, /* remove it */
	NFP_DO_ANNOUNCE,    /* frames with the test MAC as their source (unless --skip announce) */
	NFP_DO_NEW_ADDRESS, /* the test MAC becomes another address */
	NFP_DO_ASSIGN,
	NFP_DO_RESET,
	NFP_DO_BIND,
	NFP_DO_UP,
	NFP_DO_REWRITE, /* the PF's list of addresses is written anew: another comes and goes */
	NFP_DO_DOWN,
	NFP_DO_UNBIND,
	NFP_DO_CLEAR,
	NFP_DO_SETTLE, /* the network's time goes by; what is to be announced is */
};
#define NFP_ACTIONS_MAX 9

enum nfp_expected {
	NFP_EXPECTED_RECORDED, /* nothing is demanded */
	NFP_EXPECTED_PF,
	NFP_EXPECTED_VF,
};

/* Where a guest with net_failover listens: at the standby until its VF driver has registered a
 * netdev, then at the VF, which net_failover sets up at once (net_failover_slave_register and
 * net_failover_handle_frame in drivers/net/net_failover.c). */
enum nfp_listens {
	NFP_LISTENS_PF,
	NFP_LISTENS_VF,
	NFP_LISTENS_NOWHERE,
};

/* The state that the VF must have for a step to be made: bits. */
#define NFP_NEEDS_ADDRESS 0x1U /* the test MAC was assigned */
#define NFP_NEEDS_DRIVER  0x2U /* the driver was bound and has the test MAC */
#define NFP_NEEDS_UP	  0x4U /* the netdev was up */
#define NFP_NEEDS_LEFT	  0x8U /* the driver was unbound, and the VF not reset since */

struct nfp_ladder_row {
	const char *meaning;			  /* what it stands for, as in the manual */
	enum nfp_action actions[NFP_ACTIONS_MAX]; /* ended by NFP_DO_NOTHING */
	enum nfp_action after; /* made after the window (alone: the PF takes the test MAC back) */
	/* The action whose request begins the transition to the step; NFP_DO_NOTHING: the first. */
	enum nfp_action change;
	enum nfp_expected expected;
	enum nfp_listens listens;
	bool decides; /* a verdict needs it */
	unsigned int needs;
	/* Another ladder of the run has shown this, and it is not asked again: it is about the VF
	 * and the list of addresses, whatever else the PF gets. */
	bool once;
};

extern const struct nfp_ladder_row nfp_ladder[NFP_STEP_COUNT];
bool nfp_row_makes(const struct nfp_ladder_row *row, enum nfp_action action);
/* Is a reset of the VF the last thing that is done? */
bool nfp_ends_in_reset(const enum nfp_action actions[NFP_ACTIONS_MAX]);

#endif
