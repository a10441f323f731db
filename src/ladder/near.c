// SPDX-License-Identifier: GPL-2.0-or-later
/* Does what a neighbour on the NIC sends reach a guest that has left the NIC? Judged from the
 * windows. */
#include <stdio.h>

#include "nfprobe/verdict.h"

static enum nfp_answer is_heard(const struct nfp_near_window *w, enum nfp_kind kind)
{
	const struct nfp_count count = {.sent = w->sent[kind], .at[NFP_AT_PF] = w->heard[kind]};

	return nfp_reaches(nfp_landing_of(&count), NFP_AT_PF);
}

enum nfp_answer nfp_near_leaves(const struct nfp_near_window *w)
{
	enum nfp_answer unicast = is_heard(w, NFP_KIND_UNICAST);
	bool controls = is_heard(w, NFP_KIND_BROADCAST) == NFP_YES &&
			is_heard(w, NFP_KIND_UNREGISTERED) == NFP_YES;

	if (w->status != NFP_STATUS_DONE || w->disturbed || (unicast == NFP_NO && !controls))
		return NFP_UNKNOWN;
	return unicast;
}

/* The reason why the window shows nothing. */
static const char *doubt_about(const struct nfp_near_window *w)
{
	if (w->note[0])
		return w->note;
	if (is_heard(w, NFP_KIND_BROADCAST) != NFP_YES)
		return "what the neighbour sends to everybody was not heard on the wire, or not "
		       "all";
	if (is_heard(w, NFP_KIND_UNREGISTERED) != NFP_YES)
		return "what the neighbour sends to an address that nobody registered was not "
		       "heard on the wire, or not all";
	if (w->leaves == NFP_NO && w->idle == NFP_IDLE_RESET)
		return "what the neighbour sends to the address did not leave, nor when the VF had "
		       "been cleared: the network may keep it (a bond with a dead member)";
	if (w->leaves == NFP_NO)
		return "what the neighbour sends to the address did not leave, nor when it was "
		       "cleared: the VF may keep it, or the network";
	return "some of the neighbour's frames were heard on the wire, and some were not";
}

static void set_doubt(struct nfp_near_result *n, enum nfp_near verdict,
		      const struct nfp_near_window *w)
{
	n->verdict = verdict;
	snprintf(n->note, sizeof(n->note), "%s: %s", nfp_idle_name(w->idle), doubt_about(w));
}

/* Unicast that does not leave in this window, nor in any after it, may be kept by the network. */
static bool is_shown_later(const struct nfp_near_result *n, size_t i)
{
	while (++i < n->num_windows) {
		if (n->windows[i].leaves == NFP_YES)
			return true;
	}
	return false;
}

/*
 * Is the window's unicast lost in the NIC? `reset` has an address of its own: a later window must
 * be lost and then heard, or `reset` itself once the VF was cleared.
 */
static bool is_lost(const struct nfp_near_result *n, size_t i)
{
	if (n->windows[i].leaves != NFP_NO)
		return false;
	if (n->windows[i].idle != NFP_IDLE_RESET)
		return is_shown_later(n, i);
	while (++i < n->num_windows) {
		if (n->windows[i].leaves == NFP_NO && is_shown_later(n, i))
			return true;
	}
	return n->reset_cleared;
}

/*
 * The controls of a window have other addresses. Where the network was not heard to deliver one
 * that nobody had announced, it may be the network that withholds, and one window shows nothing.
 */
static unsigned int num_lost(const struct nfp_near_result *n)
{
	unsigned int num = 0;

	for (size_t i = NFP_IDLE_RESET; i < n->num_windows; i++)
		num += is_lost(n, i);
	return num;
}

bool nfp_near_is_open(const struct nfp_near_result *neighbours)
{
	struct nfp_near_result n = *neighbours;

	for (size_t i = 0; i < n.num_windows; i++)
		n.windows[i].leaves = nfp_near_leaves(&n.windows[i]);
	n.reset_cleared = false;
	return n.num_windows && n.windows[NFP_IDLE_CONTROL].leaves == NFP_YES &&
	       n.windows[NFP_IDLE_RESET].leaves == NFP_NO && !is_lost(&n, NFP_IDLE_RESET);
}

static bool judge_control(struct nfp_near_result *n)
{
	if (n->windows[NFP_IDLE_CONTROL].leaves != NFP_NO)
		return true;
	n->verdict = NFP_NEAR_UNPROVEN;
	snprintf(n->note, sizeof(n->note),
		 "what the neighbour sends to the address did not leave even while nobody had it");
	return false;
}

void nfp_judge_near(struct nfp_near_result *n)
{
	const struct nfp_near_window *unclear = NULL, *missing = NULL;
	bool delivers;

	/* If no window was to be watched, the verdict and its reason are set already. */
	if (!n->num_windows)
		return;
	n->verdict = NFP_NEAR_OK;
	n->from = n->until = NFP_IDLE_CONTROL;
	n->note[0] = '\0';
	for (size_t i = 0; i < n->num_windows; i++)
		n->windows[i].leaves = nfp_near_leaves(&n->windows[i]);
	if (!judge_control(n))
		return;
	delivers = n->windows[NFP_IDLE_CONTROL].leaves == NFP_YES || num_lost(n) > 1;
	for (size_t i = NFP_IDLE_RESET; i < n->num_windows; i++) {
		const struct nfp_near_window *w = &n->windows[i];
		bool lost = delivers && is_lost(n, i);

		if (lost && !n->from)
			n->from = w->idle;
		else if (w->leaves == NFP_YES && n->from && !n->until)
			n->until = w->idle;
		else if (w->leaves != NFP_YES && w->status == NFP_STATUS_DONE && !unclear)
			unclear = w;
		else if (w->status != NFP_STATUS_DONE && !w->skip_allowed && !missing)
			missing = w;
	}
	if (n->from)
		n->verdict = NFP_NEAR_LOST;
	else if (unclear)
		set_doubt(n, NFP_NEAR_UNPROVEN, unclear);
	else if (missing)
		set_doubt(n, NFP_NEAR_UNTESTED, missing);
}

void nfp_require_near(struct nfp_style_result *style)
{
	const struct nfp_near_result *n = &style->neighbours;
	bool before = n->from == NFP_IDLE_RESET;

	if (style->verdict != NFP_VERDICT_SAFE || n->verdict == NFP_NEAR_NONE ||
	    n->verdict == NFP_NEAR_OK)
		return;
	if (n->verdict != NFP_NEAR_LOST) {
		style->verdict = NFP_VERDICT_INCONCLUSIVE;
		snprintf(style->reason, sizeof(style->reason),
			 "frames land where they must, but --require neighbours: %s", n->note);
		return;
	}
	style->verdict = before ? NFP_VERDICT_EARLY : NFP_VERDICT_STICKY;
	if (before)
		style->requires |= NFP_REQ_BIT(NFP_REQ_ASSIGN_AT_HOTPLUG);
	style->requires |= NFP_REQ_BIT(NFP_REQ_CLEAR_AT_UNPLUG);
	snprintf(style->reason, sizeof(style->reason),
		 "frames land where they must, but --require neighbours: from %s %s%s, what a "
		 "neighbour on this NIC sends to a guest that is elsewhere stays in the NIC",
		 nfp_idle_name(n->from), n->until ? "until " : "on",
		 n->until ? nfp_idle_name(n->until) : "");
}
