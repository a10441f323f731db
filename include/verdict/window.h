/* SPDX-License-Identifier: GPL-2.0-or-later */
/* window.h - the windows of a ladder: its steps, and those in which the frames have a tag. A result
 * has what each has shown; probe.h fills them in, verdict.h judges them. */
#ifndef NFPROBE_WINDOW_H
#define NFPROBE_WINDOW_H

#include "base/output.h"
#include "verdict/words.h"

/* A state that was watched, whoever listened. */
struct nfp_window {
	enum nfp_status status;
	/* The VF has no reset; or another step stands for this one, or it would show nothing. */
	bool skip_allowed;
	/* It shows nothing, whatever was heard; the note says why. A step says so by drops,
	 * carrier_lost and changed. */
	bool disturbed;
	/* By who judges that kind of window; UNASKED: it was not to be made. */
	enum nfp_answer answer;
	/* Each at the receivers that the window is about; landings where those are PF and VF. */
	struct nfp_count count[NFP_KIND_COUNT];
	enum nfp_landing landing[NFP_KIND_COUNT];
	char note[NFP_NOTE_LEN];
};

/*
 * The guest's VLAN (--guest-vlan): a VLAN on top of its failover netdev. Its VF registers the VLAN
 * with the NIC, as the guest's driver does; at the standby nobody does.
 */
struct nfp_guest_vlan_result {
	uint16_t vid;			/* 0: not asked */
	uint16_t free_vid;		/* that of the frames in a VLAN of nobody */
	char untested[NFP_TEXT_LEN];	/* why it is not tested; empty: it is */
	char vlan_netdev[NFP_TEXT_LEN]; /* a VLAN netdev on the PF; empty: there is none */
	bool unsearched;		/* whether there is one could not be found out */
	bool sibling; /* another VF of the PF is in use, and may have the VLAN registered */
	char vf_refused[NFP_TEXT_LEN]; /* why the VF has not registered it; empty: it has */
	bool can_unfilter;	       /* the PF's feature rx-vlan-filter is on, and not fixed */
	/* While the PF has registered the VLAN, after the last step; and then free_vid in its
	 * place. Does it get the VLAN, unicast and broadcast? */
	struct nfp_window registered, unregistered;
	/* This and the rest by nfp_judge_vlan. */
	enum nfp_check_state verdict;
	enum nfp_step from;		  /* that is lost, or unproven; NFP_STEP_COUNT: none is */
	char note[NFP_NOTE_LEN];	  /* why lost, unproven or untested */
	enum nfp_answer carried;	  /* does the network bring the VLAN to this port? */
	enum nfp_answer filters;	  /* does the PF filter VLANs in this style? */
	enum nfp_answer works_registered; /* does the standby get all of it while the PF has
					     registered it? */
};

#endif
