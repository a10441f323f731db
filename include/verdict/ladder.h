/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ladder.h - the tables of styles and steps (src/verdict/ladder.c). */
#ifndef NFPROBE_LADDER_H
#define NFPROBE_LADDER_H

#include "traffic/traffic.h"

/*
 * How the standby receives frames for the address; nfp_styles says what each style does. A run
 * takes them in this order, in which fixes of less effort come before those of more.
 */
enum nfp_style {
	NFP_STYLE_MACVTAP,    /* the PF has the address in its unicast filter, as under a macvtap */
	NFP_STYLE_BRIDGE,     /* the PF is promiscuous, as a bridge port is */
	NFP_STYLE_BRIDGE_PIN, /* BRIDGE with the guest pinned at its tap */
	NFP_STYLE_BRIDGE_FDB, /* BRIDGE, and the PF also has the address in its filter */
	NFP_STYLE_BRIDGE_FDB_PIN,
	NFP_STYLE_STATIC_BRIDGE, /* the PF is the port of a bridge that does not make it promiscuous
				  */
	NFP_STYLE_VF_BRIDGE,	 /* a second VF is the port of the bridge */
	NFP_STYLE_VF_BRIDGE_PIN,
	NFP_STYLE_COUNT,
};

/* The steps of the ladder, in order. */
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
/* A style's label is its common name: macvtap, bridge. */
#define nfp_style_name(v) nfp_name(&nfp_style_names, v)
/* Returns where a step is in the table of a guest's life, for a sentence: `at "boots"`. */
const char *nfp_step_place(enum nfp_step step);
#define nfp_step_name(v) nfp_name(&nfp_step_names, v)

/*
 * styles: how a standby receives, as a table. Only this table knows a style by its name; other code
 * asks what the style does.
 */
struct nfp_style_row {
	bool usual;	/* a run tests it unless --style says otherwise */
	bool second_vf; /* the standby's port is a second VF, without spoof checking; else the PF */
	bool entry;	/* the port has the test MAC in its unicast filter */
	/* The port is promiscuous. A style without this tests the port's filter, which promiscuity
	 * would hide. */
	bool promiscuous;
	bool macvlan; /* the entry is a macvlan's, which l2-fwd-offload may give a filter of its own
		       */
	bool all_multicast; /* the port gets all multicast; else the groups of the guest */
	uint32_t uses;	    /* bits: what a VF requires if this style is safe and another is not */
	/* The port is that of a bridge that learns where a guest is from what the guest sends
	 * (br_handle_frame_finish in net/bridge/br_input.c), and has no other entry for the guest.
	 */
	bool learns;
	/* The bridge has a sticky entry of the guest at its tap, which no frame moves
	 * (br_fdb_update in net/bridge/br_fdb.c). The style shares the ladder of @plain, which has
	 * no such entry. */
	bool pinned;
	enum nfp_style plain;
	bool ipv6; /* IPv6 needs more of the host than a run tests */
	/* Bits (NFP_STYLE_BIT). The style is a fix if a style of @fixes is not safe and all of
	 * @needs_safe are. */
	uint32_t fixes, needs_safe;
	bool hook; /* the libvirt hook applies it where it is safe */
};
#define NFP_STYLE_BIT(style) (1U << (unsigned int)(style))

extern const struct nfp_style_row nfp_styles[NFP_STYLE_COUNT];
/* Must an administrator add the entry? The kernel adds that of a macvlan, and of a bridge whose
 * ports are not promiscuous (br_fdb_sync_static). */
bool nfp_style_needs_entry(enum nfp_style style);

/* How a standby on the PF takes the address. */
enum nfp_takes {
	NFP_TAKES_ALL, /* the PF is promiscuous */
	NFP_TAKES_ENTRY,
	NFP_TAKES_BOTH,
	NFP_TAKES_STATION, /* l2-fwd-offload gives a macvtap a filter of its own */
	NFP_TAKES_COUNT,
};

/*
 * ladder: the steps as a table: the actions of each, what it stands for, which landing is expected,
 * whether it decides. The runner, the verdict, --dry-run and the reports read it.
 */

/* The actions, in the order in which a row makes them. */
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
	NFP_DO_REWRITE, /* another address comes and goes, so that the driver writes the PF's list
			   anew */
	NFP_DO_DOWN,
	NFP_DO_UNBIND,
	NFP_DO_CLEAR,
	NFP_DO_SETTLE, /* wait for the network's settling time, and send what is due to be announced
			*/
};
#define NFP_ACTIONS_MAX 9

enum nfp_expected {
	NFP_EXPECTED_RECORDED, /* no receiver is expected */
	NFP_EXPECTED_PF,
	NFP_EXPECTED_VF,
};

/* The place at which a guest with net_failover listens: the standby until its VF driver has
 * registered a netdev, then the VF, which net_failover sets up at once (net_failover_slave_register
 * and net_failover_handle_frame in drivers/net/net_failover.c). */
enum nfp_listens {
	NFP_LISTENS_PF,
	NFP_LISTENS_VF,
	NFP_LISTENS_NOWHERE,
};

/* Bits: the state that the VF must have for a step to be made. */
#define NFP_NEEDS_ADDRESS 0x1U /* the test MAC was assigned */
#define NFP_NEEDS_DRIVER  0x2U /* the driver was bound and has the test MAC */
#define NFP_NEEDS_UP	  0x4U /* the netdev was up */
#define NFP_NEEDS_LEFT	  0x8U /* the driver was unbound, and the VF was not reset since */

struct nfp_ladder_row {
	const char *meaning;			  /* what the step stands for, as in the manual */
	enum nfp_action actions[NFP_ACTIONS_MAX]; /* ended by NFP_DO_NOTHING */
	enum nfp_action after; /* made after the window (`alone`: the PF takes the test MAC back) */
	/* The action whose request begins the transition to the step. NFP_DO_NOTHING: the first. */
	enum nfp_action change;
	enum nfp_expected expected;
	enum nfp_listens listens;
	bool decides; /* the verdict depends on it */
	unsigned int needs;
	/* One ladder of a run is enough to show this step, since it depends on the VF and on the
	 * PF's list of addresses, not on what else the PF receives. */
	bool once;
};

extern const struct nfp_ladder_row nfp_ladder[NFP_STEP_COUNT];
bool nfp_row_makes(const struct nfp_ladder_row *row, enum nfp_action action);
/* Do the actions end with a reset of the VF? */
bool nfp_ends_in_reset(const enum nfp_action actions[NFP_ACTIONS_MAX]);

#endif
