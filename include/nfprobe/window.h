/* SPDX-License-Identifier: GPL-2.0-or-later */
/* window.h - the windows inside a ladder: other functions of the NIC send, or live, or the frames
 * have a tag. A result has what each has shown; probe.h fills them in, verdict.h judges them. */
#ifndef NFPROBE_WINDOW_H
#define NFPROBE_WINDOW_H

#include "nfprobe/output.h"
#include "nfprobe/words.h"

/* Beside the verdict of a style: do the frames of this trait reach the guest wherever they must? */
enum nfp_trait {
	NFP_TRAIT_NONE,	    /* not asked of this ladder; null in JSON */
	NFP_TRAIT_UNTESTED, /* a state was not reached, or the run cannot test it */
	NFP_TRAIT_UNPROVEN, /* a control is missing, or a landing is not clear */
	NFP_TRAIT_OK,
	NFP_TRAIT_LOST,
	NFP_TRAIT_COUNT,
};
extern const struct nfp_names nfp_trait_names;
#define nfp_trait_name(v) nfp_name(&nfp_trait_names, v) /* NULL for NONE */

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

/* The addressees of a neighbour's frames; the neighbour is on the NIC: the host, or another VF. */
enum nfp_slot {
	NFP_SLOT_GUEST,	    /* the address under test */
	NFP_SLOT_BROADCAST, /* the control to everybody */
	NFP_SLOT_OWN,	    /* the control to the PF itself; none while the guest is elsewhere */
	NFP_SLOT_NOBODY,    /* an address that nobody has, or registered */
	NFP_SLOT_ENTRY,	    /* another, for which the PF has an entry */
	NFP_SLOTS,
};

/* The states of another VF of the NIC, behind `standby`: all but the first two only where the
 * standby loses the address in the second. */
enum nfp_beside {
	NFP_BESIDE_BEFORE, /* it is down */
	NFP_BESIDE_UP,
	NFP_BESIDE_RESTS, /* down again */
	NFP_BESIDE_UP_AGAIN,
	NFP_BESIDE_RESTS_AGAIN,
	NFP_BESIDE_COUNT,
};
extern const struct nfp_names nfp_beside_names;
#define nfp_beside_name(v) nfp_name(&nfp_beside_names, v)

/* A neighbour's frames in one state of the guest, as sent and as heard: on the wire while the guest
 * is elsewhere; else where it listens, and the controls and the entry at the PF. */
struct nfp_inside_window {
	union {
		enum nfp_empty empty;	/* elsewhere */
		enum nfp_step step;	/* here: standby, up, unplug, detach */
		enum nfp_beside beside; /* another VF, that lives or rests */
	};
	enum nfp_status status;
	bool skip_allowed; /* the VF has no reset */
	bool disturbed;	   /* it shows nothing, whatever was heard; the note says why */
	uint64_t sent[NFP_SLOTS], heard[NFP_SLOTS];
	enum nfp_answer arrives; /* does the guest's? by nfp_judge_elsewhere, nfp_judge_here */
	char note[NFP_TEXT_LEN];
};

/*
 * Does what a neighbour on the same NIC (the host, another VF) sends to a guest that is elsewhere
 * leave the NIC, while a VF without a guest has the guest's address?
 */
struct nfp_elsewhere_result {
	enum nfp_trait verdict;
	bool other_vf;		    /* another VF sent; else the PF did */
	enum nfp_empty from, until; /* of LOST; until CONTROL: no later state was seen to end it */
	char note[NFP_NOTE_LEN];    /* why unproven or untested */
	/* No other window was lost, and the address of `reset` left once the VF was cleared. */
	bool reset_cleared;
	struct nfp_inside_window windows[NFP_EMPTY_COUNT];
	size_t num_windows; /* 0: none was to be watched, and the note says why */
};

/* Does the standby keep the address when another VF comes up? Of the frames of the ladder. */
struct nfp_beside_result {
	enum nfp_trait verdict;
	char vf[16];		 /* "vf:4"; empty: there is none */
	char note[NFP_NOTE_LEN]; /* why unproven or untested */
	struct nfp_inside_window windows[NFP_BESIDE_COUNT];
	size_t num_windows; /* those that were begun */
};

/* A state that was watched. */
struct nfp_window {
	enum nfp_status status;
	bool skip_allowed;
	bool disturbed;		/* it shows nothing, whatever was heard */
	enum nfp_answer answer; /* by who judges that sort of window */
	struct nfp_count count[NFP_KIND_COUNT];
	enum nfp_landing landing[NFP_KIND_COUNT];
	char note[NFP_NOTE_LEN]; /* why it was not made, or is disturbed */
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
	/* While the PF has registered the VLAN, after the last step; and then no more. Does it get
	 * the VLAN, unicast and broadcast? */
	struct nfp_window registered, unregistered;
	/* By nfp_judge_vlan. */
	enum nfp_trait verdict;
	enum nfp_answer carried; /* does the network bring the VLAN to this port? */
	enum nfp_answer filters; /* does the PF filter VLANs in this style? */
	enum nfp_answer cured; /* does the standby get all of it while the PF has registered it? */
	enum nfp_step step;    /* of LOST and UNPROVEN; NFP_STEP_COUNT: none */
	char note[NFP_NOTE_LEN]; /* why it is lost, unproven or untested */
};

/*
 * Does what another VF of the NIC sends to a guest reach it here, where the guest listens: at the
 * standby's port, in `up` at its VF?
 */
#define NFP_HERE_WINDOWS 4

struct nfp_here_result {
	enum nfp_trait verdict;
	enum nfp_style style;	   /* of the ladder; of a VF: the one that the verdict is of */
	enum nfp_step from, until; /* of LOST; until CONTROL: no later state was seen to end it */
	char note[NFP_NOTE_LEN];   /* why unproven or untested */
	/* With an entry at the PF, which has none otherwise; NONE: the style has its own. */
	enum nfp_trait entry;
	struct nfp_inside_window windows[NFP_HERE_WINDOWS];
	size_t num_windows; /* 0: none was to be watched, and the note says why */
};

/*
 * Does what the standby's port itself sends reach the guest here: does the NIC bring it back to the
 * port, in `up` to the VF? The host, and guests behind the same port, send by it. There is no
 * control of a frame that comes back, but that the capture hears the ladder's.
 */
#define NFP_PORT_WINDOWS 2

struct nfp_port_result {
	struct nfp_inside_window windows[NFP_PORT_WINDOWS];
	size_t num_windows; /* 0: none was to be watched */
};

#endif
