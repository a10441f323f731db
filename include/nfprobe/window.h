/* SPDX-License-Identifier: GPL-2.0-or-later */
/* window.h - the windows inside a ladder: other functions of the NIC send, or the frames have a
 * tag. A result has what each has shown; probe.h fills them in, verdict.h judges them. */
#ifndef NFPROBE_WINDOW_H
#define NFPROBE_WINDOW_H

#include "nfprobe/output.h"
#include "nfprobe/words.h"

/* The states of a VF without a guest, in the order of the ladder: nfp_empty_rows. */
enum nfp_empty {
	NFP_EMPTY_CONTROL,
	NFP_EMPTY_RESET,
	NFP_EMPTY_UNPLUG,
	NFP_EMPTY_DETACH,
	NFP_EMPTY_CLEAR,
	NFP_EMPTY_COUNT,
};

struct nfp_empty_row {
	const char *meaning;
	enum nfp_action actions[NFP_ACTIONS_MAX]; /* from the state before */
	/* A guest was on this NIC: switches have learned X there. Before, X is an address that the
	 * ladder uses nowhere else. */
	bool moved;
};

extern const struct nfp_empty_row nfp_empty_rows[NFP_EMPTY_COUNT];

extern const struct nfp_names nfp_empty_names;
#define nfp_empty_name(v) nfp_name(&nfp_empty_names, v)

/* The most windows that an aside has, and the standby's port. */
#define NFP_ASIDE_WINDOWS 9
#define NFP_PORT_WINDOWS  2

/* The frames of a window: each kind of the ladder's stream, and these. */
enum {
	NFP_SLOT_OWN = NFP_KIND_COUNT, /* to the PF's own address, a control from another VF */
	NFP_SLOT_ENTRY,		       /* an address for which the PF has an entry, from it */
	NFP_SLOTS,
};

/* A state that was watched, whoever sent and whoever listened. */
struct nfp_window {
	/* Elsewhere: an enum nfp_empty; here, port: an enum nfp_step. A step has its own (struct
	 * nfp_step_result). */
	unsigned int state;
	enum nfp_status status;
	/* The VF has no reset; or another step stands for this one, or it would show nothing. */
	bool skip_allowed;
	/* It shows nothing, whatever was heard; the note says why. A step says so by drops,
	 * carrier_lost and changed. */
	bool disturbed;
	/* By who judges that sort of window; UNASKED: it was not to be made. */
	enum nfp_answer answer;
	/* Each at the receivers that the window is about; landings where those are PF and VF. */
	struct nfp_count count[NFP_SLOTS];
	enum nfp_landing landing[NFP_SLOTS];
	char note[NFP_NOTE_LEN];
};

/*
 * An aside: windows between the steps of a ladder, which leave no trace in it. Their common answer
 * is a struct of its own, since a VF has that of one of its styles.
 */
struct nfp_told {
	enum nfp_trait verdict;
	/* A LOST begins in the row @from, and was seen to end in @until (the first row of its kind:
	 * it was not). Rows are an enum nfp_empty of a guest elsewhere, an enum nfp_step of one
	 * here. @from of the guest's VLAN is the step that is lost, or unproven; NFP_STEP_COUNT:
	 * none is. */
	unsigned int from, until;
	char note[NFP_NOTE_LEN]; /* why unproven or untested; of the VLAN: or lost */
	bool other_vf;		 /* elsewhere: another VF sent; else the PF did */
	enum nfp_style style;	 /* here: of the ladder; of a VF: the one that the verdict is of */
	/* Here: with an entry at the PF, which has none otherwise; NONE: the style has its own. */
	enum nfp_trait entry;
};

/*
 * elsewhere: does what a neighbour on the same NIC (the host, another VF) sends to a guest that is
 * elsewhere leave the NIC, while a VF without a guest has the guest's address?
 *
 * here: does what another VF of the NIC sends to a guest reach it here, where the guest listens: at
 * the standby's port, in `up` at its VF?
 *
 * port: does what the standby's port itself sends reach the guest here: does the NIC bring it back
 * to the port, in `up` to the VF? The host, and guests behind the same port, send by it. There is
 * no control of a frame that comes back, but that the capture hears the ladder's. It has no
 * verdict.
 */
struct nfp_aside {
	struct nfp_told told;
	/* Elsewhere: no other window was lost, and the address of `reset` left once the VF was
	 * cleared. */
	bool reset_cleared;
	struct nfp_window windows[NFP_ASIDE_WINDOWS];
	size_t num_windows; /* 0: none was to be watched, and the note says why */
};

/*
 * The guest's VLAN (--guest-vlan): a VLAN on top of its failover netdev. Its VF registers the VLAN
 * with the NIC, as the guest's driver does; at the standby nobody does.
 */
struct nfp_guest_vlan_result {
	uint16_t vid;			 /* 0: not asked */
	uint16_t free_vid;		 /* that of the frames in a VLAN of nobody */
	char untested[NFP_TEXT_LEN];	 /* why it is not tested; empty: it is */
	char swallowed_by[NFP_TEXT_LEN]; /* a VLAN netdev on the PF; empty: there is none */
	bool unsearched;		 /* whether there is one could not be found out */
	bool sibling; /* another VF of the PF is in use, and may have the VLAN registered */
	char vf_refused[NFP_TEXT_LEN]; /* why the VF has not registered it; empty: it has */
	bool can_unfilter;	       /* the PF's feature rx-vlan-filter is on, and not fixed */
	/* While the PF has registered the VLAN, after the last step; and then free_vid in its
	 * place. Does it get the VLAN, unicast and broadcast? */
	struct nfp_window registered, unregistered;
	struct nfp_told told;	 /* this and the rest by nfp_judge_vlan */
	enum nfp_answer carried; /* does the network bring the VLAN to this port? */
	enum nfp_answer filters; /* does the PF filter VLANs in this style? */
	enum nfp_answer cured; /* does the standby get all of it while the PF has registered it? */
};

#endif
