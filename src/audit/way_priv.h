/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * way_priv.h - the ways of standbys: standby.c finds a standby and the VF beside it, stops.c asks
 * each hop of its way what it drops, and way.c and guests.c tell it.
 */
#ifndef NFPROBE_AUDIT_WAY_PRIV_H
#define NFPROBE_AUDIT_WAY_PRIV_H

#include "audit_priv.h"
#include "net/steps.h"

/* A tap or macvtap that a process has open, and the VF of the same guest. */
struct nfp_standby {
	struct nfp_placed at;	      /* link NULL: a macvtap that is no more */
	const struct nfp_vf_info *vf; /* NULL: none of the PF */
	enum nfp_pairing pairing;
	const struct nfp_guest_tap *tap; /* the process's descriptor */
	int pid;
	bool has_taken; /* the process has taken the VF: its guest is not about to come */
	struct nfp_steps steps;
};

/* -- standby.c -- */

struct nfp_standby_search {
	const struct nfp_paths *paths;
	struct nfp_walker *walker;
	struct nfp_holder {
		int pid;
		const struct nfp_vf_info *vf;
		size_t standbys; /* that were looked at */
	} * holders;		 /* owned: who has a VF of the PF, sorted */
	size_t num_holders;
	/* Owned: standbys of VFs that nobody has, by their address. */
	struct nfp_standby *left;
	size_t num_left;
	/* There is more than is looked at: taps of one process, or netdevs on a way. */
	bool is_cut, way_is_cut;
};
#define NFP_STANDBYS_MAX 32U /* of one process: whoever has a VF can open any number of taps */

void nfp_standbys_begin(const struct nfp_paths *paths, struct nfp_standby_search *ret_search);
void nfp_standbys_end(struct nfp_standby_search *search);
/*
 * Calls @fn for each standby that has a VF of the PF, or leads to the PF. One whose process has
 * several VFs comes once for each.
 */
void nfp_standbys_each(struct nfp_standby_search *search,
		       void (*fn)(void *ctx, const struct nfp_standby *standby), void *ctx);

/* -- stops.c -- */

/* The rows of the table; names of the hops that lose frames, or may. */
enum nfp_stop_what {
	NFP_STOP_GONE,
	NFP_STOP_ALONE,
	NFP_STOP_DOWN,
	NFP_STOP_BRIDGE_DOWN,
	NFP_STOP_HOP_DOWN,
	NFP_STOP_NIC_DOWN,
	NFP_STOP_NO_WAY,
	NFP_STOP_ROUTED,
	NFP_STOP_NO_VLAN,
	NFP_STOP_LACKS_VLAN,
	NFP_STOP_OTHER_VLAN,
	NFP_STOP_OTHER_ADDRESS,
	NFP_STOP_HELD,
	NFP_STOP_ISOLATED,
	NFP_STOP_NO_BROADCAST,
	NFP_STOP_PROXY_ARP,
	NFP_STOP_NO_GROUPS,
	NFP_STOP_NO_FLOOD,
	NFP_STOP_AUTO_PORT,
	NFP_STOP_LOCKED,
	NFP_STOP_SMALL_MTU,
	NFP_STOP_DELAYS_PORTS,
	NFP_STOP_SNOOPED,
	NFP_STOP_MAY_SNOOP,
	NFP_STOP_FILTERED,
	NFP_STOP_RULES,
	NFP_STOP_COUNT,
};

enum nfp_stops_whom {
	NFP_STOPS_ANY,	/* any guest on a way to the PF */
	NFP_STOPS_PAIR, /* a guest that also has a VF of the PF; a remark where only its address
			 * tells */
	/* A standby that is one NIC with a VF that its guest has taken; a remark where no address
	 * tells. */
	NFP_STOPS_OWN,
};

/* A row. @what follows the name of the hop. */
struct nfp_stop_row {
	enum nfp_finding_code code;
	enum nfp_stops_whom whom;
	bool remark; /* it loses a part, or may be on purpose */
	bool up;     /* the command: the netdev is to be up */
	const char *what, *why, *after;
	const char *setting, *value; /* the command: of the port, by bridge(8); NULL: none */
};
extern const struct nfp_stop_row nfp_stop_rows[NFP_STOP_COUNT];

struct nfp_stop {
	enum nfp_stop_what what;
	size_t step;		       /* of the standby's way */
	const struct nfp_netns *netns; /* of the hop */
	const struct nfp_link *hop;    /* NULL: a macvtap that is no more */
	const struct nfp_link *bridge; /* of which the hop is a port here; NULL: of none */
	const struct nfp_link *other;  /* ISOLATED: the port towards the PF */
	/* The standby that it stops: */
	const struct nfp_link *standby; /* NULL: none in particular */
	const struct nfp_vf_info *vf;
	enum nfp_pairing pairing;
	int pid;
	/* Some rows alone have these: */
	unsigned int vlan, wire_vlan;
	bool uplink_has_vlan;
	struct nfp_mac address;
	const struct nfp_rules *rules;
};

struct nfp_stops {
	struct nfp_stop *v; /* owned */
	size_t n;
};

/* Adds the stops of one standby. */
void nfp_stops_find(const struct nfp_paths *paths, const struct nfp_standby *standby,
		    struct nfp_stops *stops);
/* Adds the bridges that delay the next guest's port. */
void nfp_stops_find_delays(const struct nfp_paths *paths, struct nfp_stops *stops);

/* -- cure.c -- */

/* Returns whether it makes a remark alone. */
bool nfp_stop_is_remark(const struct nfp_stop *stop);
/* Writes what is wrong with the hop, as "is not in VLAN 9". */
void nfp_stop_text(const struct nfp_stop *stop, const struct nfp_pf *pf, char *buf, size_t size);
/* Adds its commands. */
void nfp_stop_fix(const struct nfp_stop *stop, const struct nfp_pf *pf, struct nfp_commands *to);
/* Returns what must come first, or "". */
const char *nfp_stop_after(const struct nfp_stop *stop);

/* -- guests.c -- */

/* Adds a guest, with the stops of its way. */
void nfp_guest_add(const struct nfp_paths *paths, const struct nfp_standby *standby,
		   const struct nfp_stop *stops, size_t num, struct nfp_audit *audit);
/* Adds the guests that have taken a VF and have no standby behind @before in the audit's list. */
void nfp_guests_add_rest(const struct nfp_paths *paths, size_t before, struct nfp_audit *audit);

#endif
