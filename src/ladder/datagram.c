// SPDX-License-Identifier: GPL-2.0-or-later
/* datagram.c - IPv4/UDP beside the test frames: does the NIC treat a guest's frames as it does
 * those of a protocol of its own? */
#include <stdio.h>

#include "nfprobe/verdict.h"

static bool is_watched(const struct nfp_step_result *step)
{
	return step->w.status == NFP_STATUS_DONE && !step->brief && !step->unsettled;
}

static bool gets(const struct nfp_step_result *step, enum nfp_kind kind)
{
	return nfp_lands_at(step->w.landing[kind], nfp_receiver_of(step->step));
}

/* vf-first has an address of its own. */
static bool has_arrived(const struct nfp_style_result *style, enum nfp_step step)
{
	nfp_for_each (s, style->steps, style->num_steps) {
		if ((s->step < NFP_STEP_VF_FIRST) == (step < NFP_STEP_VF_FIRST) && is_watched(s) &&
		    nfp_lands(s->w.landing[NFP_KIND_UDP_UNICAST]))
			return true;
	}
	return false;
}

bool nfp_lacks_datagrams(const struct nfp_style_result *style, const struct nfp_step_result *step,
			 enum nfp_cause *ret_cause)
{
	enum nfp_landing landing = step->w.landing[NFP_KIND_UDP_UNICAST];

	if (!is_watched(step) || !nfp_condemns(style, step->step) ||
	    nfp_reaches(landing, nfp_receiver_of(step->step)) != NFP_NO ||
	    !gets(step, NFP_KIND_UNICAST) || !gets(step, NFP_KIND_BROADCAST) ||
	    !gets(step, NFP_KIND_UDP_BROADCAST) || !has_arrived(style, step->step))
		return false;
	*ret_cause = landing != NFP_LANDING_NOWHERE || nfp_is_inside(style)
			     ? NFP_CAUSE_NIC
			     : nfp_cause_of(style, step, NFP_KIND_UDP_UNICAST);
	return true;
}

static void note_step(struct nfp_style_result *style, const struct nfp_step_result *step,
		      const char *how)
{
	snprintf(style->datagrams_note, sizeof(style->datagrams_note), "in step %s %s",
		 nfp_step_name(step->step), how);
}

/* Where the NIC was seen to steer by protocol, no step is fit whose datagrams do not show it. */
static void doubt_unclear(struct nfp_style_result *style)
{
	nfp_for_each (step, style->steps, style->num_steps) {
		if (step->w.answer == NFP_YES && nfp_condemns(style, step->step) &&
		    !gets(step, NFP_KIND_UDP_UNICAST))
			step->w.answer = NFP_UNKNOWN;
	}
}

void nfp_judge_datagrams(struct nfp_style_result *style)
{
	bool sent = false, arrived = false;

	style->datagrams = style->num_steps ? NFP_TRAIT_OK : NFP_TRAIT_NONE;
	style->datagrams_note[0] = '\0';
	nfp_for_each (step, style->steps, style->num_steps) {
		bool asked = is_watched(step) && nfp_condemns(style, step->step) &&
			     step->w.answer == NFP_YES;
		enum nfp_cause cause;

		sent |= step->w.count[NFP_KIND_UDP_UNICAST].sent > 0;
		arrived |= has_arrived(style, step->step);
		step->without_datagrams = nfp_lacks_datagrams(style, step, &cause);
		if (style->datagrams == NFP_TRAIT_LOST)
			continue;
		if (step->without_datagrams) {
			style->datagrams = cause == NFP_CAUSE_NIC ? NFP_TRAIT_LOST
								  : NFP_TRAIT_UNPROVEN;
			note_step(style, step,
				  step->w.landing[NFP_KIND_UDP_UNICAST] == NFP_LANDING_NOWHERE
					  ? "IPv4/UDP to the address arrived nowhere, unlike all "
					    "other frames"
					  : "IPv4/UDP to the address landed elsewhere than all "
					    "other frames");
		} else if (asked && !gets(step, NFP_KIND_UDP_UNICAST) &&
			   style->datagrams == NFP_TRAIT_OK) {
			style->datagrams = NFP_TRAIT_UNPROVEN;
			note_step(style, step, "IPv4/UDP to the address has no clear landing");
		}
	}
	if (style->datagrams == NFP_TRAIT_LOST)
		doubt_unclear(style);
	if (!sent && style->datagrams) {
		style->datagrams = NFP_TRAIT_UNTESTED;
		snprintf(style->datagrams_note, sizeof(style->datagrams_note),
			 "the source sends no IPv4/UDP");
	} else if (!arrived && style->datagrams) {
		style->datagrams = NFP_TRAIT_UNPROVEN;
		snprintf(style->datagrams_note, sizeof(style->datagrams_note),
			 "IPv4/UDP to the address never arrived: the network, or the NIC, drops "
			 "it");
	}
}
