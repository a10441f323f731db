// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * inside.c - do frames of the NIC's other functions reach a guest that has left the NIC, or one
 * that is here? Judged from the windows of elsewhere.c and here.c.
 */
#include <stdio.h>

#include "judges_priv.h"

enum nfp_answer nfp_arrived(uint64_t sent, uint64_t heard)
{
	const struct nfp_count count = {.sent = sent, .at[NFP_AT_PF] = heard};

	return nfp_reaches(nfp_landing_of(&count), NFP_AT_PF);
}

static enum nfp_answer slot_is_heard(const struct nfp_window *w, unsigned int slot)
{
	return nfp_arrived(w->count[slot].sent, nfp_count_heard(&w->count[slot]));
}

/* @heard is the answer of a window that was to be made, was made, and has its controls. */
static enum nfp_answer answer_inside(const struct nfp_window *w, enum nfp_answer heard,
				     bool controls)
{
	if (w->skip_allowed)
		return NFP_UNASKED;
	return w->status == NFP_STATUS_DONE && !w->disturbed && controls ? heard : NFP_UNKNOWN;
}

enum nfp_answer nfp_elsewhere_leaves(const struct nfp_window *w)
{
	enum nfp_answer unicast = slot_is_heard(w, NFP_KIND_UNICAST);
	bool controls = slot_is_heard(w, NFP_KIND_BROADCAST) == NFP_YES &&
			slot_is_heard(w, NFP_KIND_UNREGISTERED) == NFP_YES;

	return answer_inside(w, unicast, unicast != NFP_NO || controls);
}

/* The reason why the window shows nothing. */
static const char *doubt_about_neighbour(const struct nfp_window *w)
{
	if (w->note[0])
		return w->note;
	if (slot_is_heard(w, NFP_KIND_BROADCAST) != NFP_YES)
		return "the sender's broadcast was not heard on the wire, or not all";
	if (slot_is_heard(w, NFP_KIND_UNREGISTERED) != NFP_YES)
		return "frames to an address that nobody registered were not "
		       "heard on the wire, or not all";
	if (w->answer == NFP_NO && w->state == NFP_EMPTY_RESET)
		return "frames to the address did not leave, nor when the VF had "
		       "been cleared: the network may keep it (a bond with a dead member)";
	if (w->answer == NFP_NO)
		return "frames to the address did not leave, nor when it was "
		       "cleared: the VF may keep it, or the network";
	return "some of the sender's frames were heard on the wire, and some were not";
}

static void set_doubt(struct nfp_aside *n, enum nfp_trait verdict, const struct nfp_window *w)
{
	n->told.verdict = verdict;
	nfp_appendf(n->told.note, sizeof(n->told.note), "%s: %s", nfp_empty_name(w->state),
		    doubt_about_neighbour(w));
}

/* The network may keep unicast that leaves neither in this window nor in any after it. */
static bool is_shown_later(const struct nfp_aside *n, size_t i)
{
	while (++i < n->num_windows) {
		if (n->windows[i].answer == NFP_YES)
			return true;
	}
	return false;
}

/*
 * Is the window's unicast lost in the NIC? `reset` has an address of its own: a later window must
 * be lost and then heard, or `reset` itself once the VF was cleared.
 */
static bool is_lost(const struct nfp_aside *n, size_t i)
{
	if (n->windows[i].answer != NFP_NO)
		return false;
	if (n->windows[i].state != NFP_EMPTY_RESET)
		return is_shown_later(n, i);
	while (++i < n->num_windows) {
		if (n->windows[i].answer == NFP_NO && is_shown_later(n, i))
			return true;
	}
	return n->reset_cleared;
}

/*
 * The controls of a window have other addresses. A network that was not heard to deliver one that
 * nobody had announced may withhold this one, and one window shows nothing.
 */
static unsigned int num_lost(const struct nfp_aside *n)
{
	unsigned int num = 0;

	for (size_t i = NFP_EMPTY_RESET; i < n->num_windows; i++)
		num += is_lost(n, i);
	return num;
}

static void answer_windows(struct nfp_aside *n)
{
	for (size_t i = 0; i < n->num_windows; i++)
		n->windows[i].answer = nfp_elsewhere_leaves(&n->windows[i]);
}

bool nfp_elsewhere_is_open(struct nfp_aside *n)
{
	answer_windows(n);
	return n->num_windows && n->windows[NFP_EMPTY_CONTROL].answer == NFP_YES &&
	       n->windows[NFP_EMPTY_RESET].answer == NFP_NO && !is_lost(n, NFP_EMPTY_RESET);
}

static bool judge_control(struct nfp_aside *n)
{
	if (n->windows[NFP_EMPTY_CONTROL].answer != NFP_NO)
		return true;
	n->told.verdict = NFP_TRAIT_UNPROVEN;
	snprintf(n->told.note, sizeof(n->told.note),
		 "frames to the address did not leave even while nobody had it");
	return false;
}

void nfp_judge_elsewhere(struct nfp_aside *n)
{
	const struct nfp_window *unclear = NULL, *missing = NULL;
	bool delivers;

	/* If no window was to be watched, the verdict and its reason are set already. */
	if (!n->num_windows)
		return;
	n->told.verdict = NFP_TRAIT_OK;
	n->told.from = n->told.until = NFP_EMPTY_CONTROL;
	n->told.note[0] = '\0';
	answer_windows(n);
	if (!judge_control(n))
		return;
	delivers = n->windows[NFP_EMPTY_CONTROL].answer == NFP_YES || num_lost(n) > 1;
	for (size_t i = NFP_EMPTY_RESET; i < n->num_windows; i++) {
		const struct nfp_window *w = &n->windows[i];
		bool lost = delivers && is_lost(n, i);

		if (lost && !n->told.from)
			n->told.from = w->state;
		else if (w->answer == NFP_YES && n->told.from && !n->told.until)
			n->told.until = w->state;
		else if (w->answer != NFP_YES && w->status == NFP_STATUS_DONE && !unclear)
			unclear = w;
		else if (w->status != NFP_STATUS_DONE && !w->skip_allowed && !missing)
			missing = w;
	}
	if (n->told.from)
		n->told.verdict = NFP_TRAIT_LOST;
	else if (unclear)
		set_doubt(n, NFP_TRAIT_UNPROVEN, unclear);
	else if (missing)
		set_doubt(n, NFP_TRAIT_UNTESTED, missing);
}

/* Early, while the VF waits for the guest; sticky, once it has left. The first ladder alone has the
 * windows, and they hold for each style: no standby is there in them. */
bool judge_elsewhere(const struct nfp_style_result *style, const struct nfp_demands *demands,
		     struct nfp_objection *ret)
{
	const struct nfp_told *told = style->elsewhere.told.verdict ? &style->elsewhere.told
								    : demands->elsewhere;
	bool before;

	if (!demands->settings->require_neighbours || !told || told->verdict == NFP_TRAIT_NONE ||
	    told->verdict == NFP_TRAIT_OK)
		return false;
	before = told->from == NFP_EMPTY_RESET;
	ret->firm = true;
	ret->verdict = NFP_VERDICT_UNKNOWN;
	if (told->verdict != NFP_TRAIT_LOST) {
		snprintf(ret->reason, sizeof(ret->reason), "--require neighbours: %s", told->note);
		return true;
	}
	ret->verdict = before ? NFP_VERDICT_EARLY : NFP_VERDICT_STICKY;
	ret->requires = (before ? NFP_REQ_BIT(NFP_REQ_ASSIGN_AT_HOTPLUG) : 0) |
			NFP_REQ_BIT(NFP_REQ_CLEAR_AT_UNPLUG);
	snprintf(ret->reason, sizeof(ret->reason),
		 "--require neighbours: from %s %s%s, what this host or another VF sends to "
		 "a guest that is elsewhere stays in the NIC",
		 nfp_empty_name(told->from), told->until ? "until " : "on",
		 told->until ? nfp_empty_name(told->until) : "");
	return true;
}

/* ---- a guest that is here ---- */

static bool has_controls(const struct nfp_window *w)
{
	return slot_is_heard(w, NFP_KIND_BROADCAST) == NFP_YES &&
	       slot_is_heard(w, NFP_SLOT_OWN) == NFP_YES;
}

/* A VF, and a port with a filter alone, hear no other address; a port that is promiscuous alone
 * hears every one. Is that so? */
static bool is_by_style(enum nfp_style style, const struct nfp_window *w)
{
	const struct nfp_style_row *row = &nfp_styles[style];
	enum nfp_answer nobody = slot_is_heard(w, NFP_KIND_UNREGISTERED);

	if (w->state == NFP_STEP_UP || !row->promiscuous)
		return nobody == NFP_NO;
	return row->entry || nobody == NFP_YES;
}

static enum nfp_answer arrives_here(enum nfp_style style, const struct nfp_window *w)
{
	enum nfp_answer guest = slot_is_heard(w, NFP_KIND_UNICAST);

	return answer_inside(w, guest,
			     (guest != NFP_YES || is_by_style(style, w)) &&
				     (guest != NFP_NO || has_controls(w)));
}

static enum nfp_trait entry_of(const struct nfp_aside *here)
{
	const struct nfp_window *w = &here->windows[0];
	enum nfp_answer heard = slot_is_heard(w, NFP_SLOT_ENTRY);

	if (nfp_styles[here->told.style].entry)
		return NFP_TRAIT_NONE;
	if (!here->num_windows || w->status != NFP_STATUS_DONE || !w->count[NFP_SLOT_ENTRY].sent)
		return NFP_TRAIT_UNTESTED;
	if (w->disturbed || heard == NFP_UNKNOWN || (heard == NFP_NO && !has_controls(w)))
		return NFP_TRAIT_UNPROVEN;
	return heard == NFP_YES ? NFP_TRAIT_OK : NFP_TRAIT_LOST;
}

/* The reason why the window shows nothing. */
static const char *doubt_here(enum nfp_style style, const struct nfp_window *w)
{
	if (w->note[0])
		return w->note;
	if (slot_is_heard(w, NFP_KIND_UNICAST) == NFP_YES) {
		if (w->state == NFP_STEP_UP)
			return "the VF also hears frames to an address that nobody has";
		return nfp_styles[style].promiscuous
			       ? "the PF hears frames to the guest, and not to an address that "
				 "nobody has: the NIC may have learned where the guest is"
			       : "the PF also hears frames to an address that nobody has: "
				 "something other than its filter may have let them pass";
	}
	if (slot_is_heard(w, NFP_KIND_BROADCAST) != NFP_YES)
		return "the PF did not hear what another VF sends to everybody, or not all";
	if (slot_is_heard(w, NFP_SLOT_OWN) != NFP_YES)
		return "the PF did not hear what another VF sends to the PF's own address, or not "
		       "all";
	return "some of the other VF's frames were heard, and some were not";
}

/* The first, but one that shows nothing says more than one that was not made. */
static bool says_more(const struct nfp_window *w, const struct nfp_window *open)
{
	return !open || (open->status != NFP_STATUS_DONE && w->status == NFP_STATUS_DONE);
}

void nfp_judge_here(struct nfp_aside *here)
{
	const struct nfp_window *open = NULL;

	/* If no window was to be watched, the verdict and its reason are set already. */
	if (!here->num_windows)
		return;
	here->told.verdict = NFP_TRAIT_OK;
	here->told.from = here->told.until = NFP_STEP_CONTROL;
	here->told.note[0] = '\0';
	for (size_t i = 0; i < here->num_windows; i++) {
		struct nfp_window *w = &here->windows[i];

		w->answer = arrives_here(here->told.style, w);
		if (w->answer == NFP_NO) {
			here->told.from = here->told.from ?: w->state;
			here->told.until = NFP_STEP_CONTROL;
		} else if (w->answer == NFP_YES && here->told.from && !here->told.until) {
			here->told.until = w->state;
		} else if (w->answer == NFP_UNKNOWN && says_more(w, open)) {
			open = w;
		}
	}
	here->told.entry = entry_of(here);
	if (here->told.from) {
		here->told.verdict = NFP_TRAIT_LOST;
	} else if (open) {
		here->told.verdict = open->status == NFP_STATUS_DONE ? NFP_TRAIT_UNPROVEN
								     : NFP_TRAIT_UNTESTED;
		nfp_appendf(here->told.note, sizeof(here->told.note), "%s: %s",
			    nfp_step_name(open->state), doubt_here(here->told.style, open));
	}
}

void nfp_judge_port(struct nfp_aside *port)
{
	for (size_t i = 0; i < port->num_windows; i++) {
		struct nfp_window *w = &port->windows[i];
		enum nfp_answer guest = slot_is_heard(w, NFP_KIND_UNICAST);
		bool proved = w->state != NFP_STEP_UP ||
			      slot_is_heard(w, NFP_KIND_BROADCAST) == NFP_YES;

		w->answer = answer_inside(w, guest, guest != NFP_NO || proved);
	}
}

static unsigned int badness(enum nfp_trait verdict)
{
	static const unsigned int order[NFP_TRAIT_COUNT] = {[NFP_TRAIT_OK] = 1,
							    [NFP_TRAIT_UNTESTED] = 2,
							    [NFP_TRAIT_UNPROVEN] = 3,
							    [NFP_TRAIT_LOST] = 4};

	return order[verdict];
}

enum nfp_trait nfp_worse_trait(enum nfp_trait a, enum nfp_trait b)
{
	return badness(b) > badness(a) ? b : a;
}

void nfp_judge_vf_here(struct nfp_vf_result *vf)
{
	vf->here = (struct nfp_told) {.verdict = NFP_TRAIT_NONE};
	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_style_result *style = &vf->styles[i];

		if (!style->remedy && !nfp_is_impossible(style) &&
		    badness(style->here.told.verdict) > badness(vf->here.verdict))
			vf->here = style->here.told;
	}
}

const char *nfp_here_span(const struct nfp_told *here, char buf[NFP_HERE_SPAN_LEN])
{
	snprintf(buf, NFP_HERE_SPAN_LEN, "from %s %s%s", nfp_step_name(here->from),
		 here->until ? "until " : "on", here->until ? nfp_step_name(here->until) : "");
	return buf;
}

/* Deaf to its neighbours, while it has not been a guest yet or uses its VF; else sticky. */
bool judge_here(const struct nfp_style_result *style, const struct nfp_demands *demands,
		struct nfp_objection *ret)
{
	const struct nfp_told *here = &style->here.told;
	char span[NFP_HERE_SPAN_LEN];

	if (!demands->settings->require_here || here->verdict == NFP_TRAIT_NONE ||
	    here->verdict == NFP_TRAIT_OK)
		return false;
	ret->firm = true;
	ret->verdict = NFP_VERDICT_UNKNOWN;
	if (here->verdict != NFP_TRAIT_LOST) {
		snprintf(ret->reason, sizeof(ret->reason), "--require here: %s", here->note);
		return true;
	}
	ret->verdict = here->from >= NFP_STEP_UNPLUG ? NFP_VERDICT_STICKY : NFP_VERDICT_DEAF;
	ret->step = here->from;
	snprintf(ret->reason, sizeof(ret->reason),
		 "--require here: %s, the guest does not get what another VF of this NIC sends",
		 nfp_here_span(here, span));
	return true;
}

/* ---- IPv6 ---- */

/* Lost, or had on a condition. */
bool judge_ipv6(const struct nfp_style_result *style, const struct nfp_demands *demands,
		struct nfp_objection *ret)
{
	const bool ok = style->multicast == NFP_TRAIT_OK, lost = style->multicast == NFP_TRAIT_LOST;

	if (!demands->settings->require_ipv6 || (ok && !nfp_styles[style->style].ipv6))
		return false;
	ret->firm = true;
	ret->verdict = ok || lost ? NFP_VERDICT_DEAF : NFP_VERDICT_UNKNOWN;
	if (ok)
		snprintf(ret->reason, sizeof(ret->reason),
			 "--require ipv6: without trustGuestRxFilters a %s passes no group of the "
			 "guest, and IPv6 is lost",
			 nfp_style_name(style->style));
	else
		snprintf(ret->reason, sizeof(ret->reason), "--require ipv6: %s",
			 style->multicast_note[0] ? style->multicast_note
			 : lost			  ? "IPv6 is lost"
						  : "IPv6 was not tested");
	return true;
}
