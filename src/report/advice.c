// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * advice.c - what to do, by the outcome of each style: use one that serves a guest, make one serve
 * it by what this run has shown to help, and test what the run has not. Pure.
 *
 * Advice of one rank belongs together: only all of it helps.
 */
#include "summary_priv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

/* ---- a row, with all that it takes ---- */

/* Advises a style's own uses, the pin of a bridge that learns, and the end of these once the guest
 * has left. @style: the row's; @shown: the ladder that shows it. */
static void advise_uses(struct nfp_advising *m, const struct nfp_style_result *shown,
			const struct nfp_row *row, enum nfp_style style)
{
	const uint32_t uses = nfp_styles[style].uses;

	if (nfp_style_needs_entry(style))
		(void)nfp_advise_condition(m, shown, row, NFP_COND_ENTRY);
	if (uses & NFP_REQ_BIT(NFP_REQ_PIN_AT_TAP) || (shown->num_steps && nfp_needs_pin(shown)))
		(void)nfp_advise_condition(m, shown, row, NFP_COND_PIN);
	if (uses & NFP_REQ_BIT(NFP_REQ_KEEP_BRIDGE_STATIC))
		(void)nfp_advise_condition(m, shown, row, NFP_COND_STATIC);
	if (uses & NFP_REQ_BIT(NFP_REQ_KEEP_BRIDGE_STATIC))
		(void)nfp_advise_condition(m, shown, row, NFP_COND_STATIC_TAP);
}

static void advise_ends(struct nfp_advising *m, const struct nfp_style_result *shown,
			const struct nfp_row *row, enum nfp_style style)
{
	const char *keeps = nfp_driver(m->result->vf.driver)->keeps_entries;
	struct nfp_advice *a;

	if (!nfp_style_needs_entry(style))
		return;
	if (!nfp_styles[style].second_vf || !keeps) {
		(void)nfp_advise_condition(m, shown, row, NFP_COND_ENTRY_GONE);
		return;
	}
	a = nfp_advise_other(m, NFP_ADVISE_AVOID, shown, nfp_style_name(row->style),
			     "Once the guest has left, nothing takes its addresses off " VF_NETDEV
			     ": %s",
			     keeps);
	a->moment = NFP_MOMENT_ELSEWHERE;
	a->shown = NFP_SHOWN_BY_RULE;
}

/* IPv6 works in a guest behind a macvtap only if the host lets the guest say what it needs, and
 * behind a bridge that snoops only if its tap gets what the guest has joined by its VF. */
static void advise_ipv6(struct nfp_advising *m, const struct nfp_style_result *style,
			const struct nfp_row *row)
{
	if (style->multicast == NFP_STATE_LOST)
		return;
	if (nfp_styles[style->style].ipv6)
		(void)nfp_advise_condition(m, style, row, NFP_COND_TRUST);
	else if (nfp_is_snooped(&m->result->pf, style->style))
		(void)nfp_advise_condition(m, style, row, NFP_COND_GROUPS);
}

/* Returns the rank. */
static unsigned int advise_row(struct nfp_advising *m, const struct nfp_style_result *shown,
			       const struct nfp_row *row, enum nfp_style style)
{
	m->rank++;
	advise_ipv6(m, shown, row);
	advise_uses(m, shown, row, style);
	advise_ends(m, shown, row, style);
	return m->rank;
}

/* ---- what helps a style that is not safe ---- */

/* Does a check fail that no command can meet? No pin, entry or requirement shortens the outage of a
 * change. */
static bool lacks_required(const struct nfp_style_result *style)
{
	nfp_for_each (o, style->failed_checks, style->num_failed_checks) {
		if (o->check == NFP_CHECK_LIMIT
			    ? !o->allowed
			    : o->firm && !o->requires && o->check != NFP_CHECK_BRIDGE)
			return true;
	}
	return false;
}

/* Are the frames of the guest's VLAN lost whatever is done? */
static bool lacks_vlan(const struct nfp_style_result *style)
{
	struct nfp_row row;
	const enum nfp_check_state vlan = nfp_vlan_row_of(style, &row);

	return row.vlan && vlan != NFP_STATE_OK;
}

static bool may_help(const struct nfp_style_result *shown)
{
	return !nfp_is_inside(shown) && !lacks_required(shown) && !lacks_vlan(shown);
}

static enum nfp_check_state ipv6_of(const struct nfp_style_result *style)
{
	return nfp_filter_lacks_only_multicast(style) ? NFP_STATE_LOST
	       : style->multicast == NFP_STATE_NONE   ? NFP_STATE_UNTESTED
						      : style->multicast;
}

/* Returns a fix that this run has shown to serve the guest. NFP_STYLE_COUNT: none. */
static enum nfp_style proven_fix(const struct nfp_vf_result *vf,
				 const struct nfp_style_result *unsafe)
{
	bool lost;
	const enum nfp_style fix = nfp_best_fix(vf, unsafe->style, &lost);

	return fix < NFP_STYLE_COUNT && may_help(nfp_vf_style(vf, fix)) ? fix : NFP_STYLE_COUNT;
}

/* Returns a pin without a row, since no fix was to be tested: the kernel's rules hold nevertheless.
 * It has the name that its row would have. */
static enum nfp_style pin_of(const struct nfp_style_result *plain)
{
	const struct nfp_failed_check *failed = nfp_bridge_failed(plain);

	if (!failed || !nfp_is_fault(failed->verdict) || !plain->by_bridge ||
	    plain->filter_verdict != NFP_VERDICT_SAFE || !may_help(plain))
		return NFP_STYLE_COUNT;
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		if (nfp_styles[style].pinned && nfp_styles[style].plain == plain->style)
			return style;
	}
	return NFP_STYLE_COUNT;
}

static const enum nfp_condition_id condition_for[NFP_REQ_COUNT] = {
	[NFP_REQ_ASSIGN_AT_HOTPLUG] = NFP_COND_HOTPLUG,
	[NFP_REQ_ASSIGN_BEFORE_STANDBY] = NFP_COND_FIRST,
	[NFP_REQ_RELEASE_STANDBY_WHEN_UP] = NFP_COND_RELEASE,
	[NFP_REQ_DETACH_BEFORE_MIGRATION] = NFP_COND_DETACH,
	[NFP_REQ_CLEAR_AT_UNPLUG] = NFP_COND_CLEAR,
};

/* Returns the same ladder with the pin that its bridge needs, if that has a row. */
static const struct nfp_style_result *pinned_of(const struct nfp_vf_result *vf,
						const struct nfp_style_result *style)
{
	nfp_for_each (other, vf->styles, vf->num_styles) {
		if (nfp_styles[other->style].pinned &&
		    nfp_styles[other->style].plain == style->style && nfp_needs_pin(style))
			return other;
	}
	return style;
}

/* Do the requirements of the VF's manager serve a guest, and did a step show each? */
static bool requirements_help(const struct nfp_vf_result *vf, const struct nfp_style_result *style,
			      enum nfp_check_state *ret_ipv6)
{
	const uint32_t requires = style->requires;
	enum nfp_check_state group;
	unsigned int num = 0;

	*ret_ipv6 = nfp_requirements_leave_group(style);
	for (enum nfp_requires r = 0; r < NFP_REQ_COUNT; r++) {
		if (!condition_for[r] || !(requires & NFP_REQ_BIT(r)))
			continue;
		if (nfp_proved_by(style, r, &group) == NFP_STEP_COUNT)
			return false;
		if (group == NFP_STATE_LOST || *ret_ipv6 == NFP_STATE_OK)
			*ret_ipv6 = group;
		num++;
	}
	return num && !(requires & NFP_REQ_BIT(NFP_REQ_DO_NOT_USE)) &&
	       nfp_requirements_serve(style) == NFP_YES && may_help(pinned_of(vf, style));
}

/* The PF has the address again before the guest needs it. */
static void advise_back(struct nfp_advising *m, const struct nfp_style_result *style)
{
	const struct nfp_advice taken = m->to->advice[m->to->num_advice - 1];
	struct nfp_advice *a;

	if (!taken.undo.len)
		return;
	a = nfp_advise_other(m, NFP_ADVISE_KEEP, style, taken.label,
			     "Before each migration, or the standby is deaf: give it its address "
			     "again");
	a->moment = NFP_MOMENT_MIGRATION;
	a->commands = taken.undo;
	a->shown = taken.shown;
	a->ipv6 = taken.ipv6;
	a->fill_in = taken.fill_in;
	a->lasts = NFP_LASTS_RUN;
}

/* The requirements help only together, and with what the bridge takes. Returns the rank. */
static unsigned int advise_requirements(struct nfp_advising *m,
					const struct nfp_style_result *style)
{
	const struct nfp_row row = nfp_row_of(style);
	const uint32_t requires = style->requires;

	m->rank++;
	advise_ipv6(m, style, &row);
	advise_uses(m, style, &row, style->style);
	for (enum nfp_requires r = 0; r < NFP_REQ_COUNT; r++) {
		if (!condition_for[r] || !(requires & NFP_REQ_BIT(r)))
			continue;
		(void)nfp_advise_condition(m, style, &row, condition_for[r]);
		if (r == NFP_REQ_RELEASE_STANDBY_WHEN_UP)
			advise_back(m, style);
	}
	advise_ends(m, style, &row, style->style);
	return m->rank;
}

/* ---- a style that is unsafe in the guest's VLAN alone ---- */

/* If no registration helps, or one would harm others, the filter itself can be turned off. */
static bool must_unfilter(const struct nfp_guest_vlan_result *g)
{
	return g->can_unfilter && g->filters != NFP_NO && g->from == NFP_STEP_STANDBY &&
	       (g->works_registered == NFP_NO ||
		(g->registered.status == NFP_STATUS_SKIPPED && g->registered.note[0]));
}

/* Is registering the VLAN known to help, or likely to? */
static bool may_register(const struct nfp_style_result *style)
{
	const struct nfp_guest_vlan_result *g = &style->guest_vlan;

	return g->works_registered != NFP_NO &&
	       (g->from == NFP_STEP_STANDBY || nfp_vlan_filter_wakes(style));
}

static void advise_registration(struct nfp_advising *m, const struct nfp_style_result *style,
				const struct nfp_row *row)
{
	const struct nfp_guest_vlan_result *g = &style->guest_vlan;
	const char *at = nfp_standby_netdev(&m->result->pf);
	struct nfp_advice *a = nfp_advise_condition(m, style, row, NFP_COND_VLAN);
	struct nfp_words when = {0};

	if (!a)
		return;
	if (g->sibling)
		a->costs = "tested beside a VF in use, which may have a part in it";
	a->shown = g->works_registered == NFP_UNKNOWN ? NFP_SHOWN_NOT : NFP_SHOWN_TESTED;
	a->states = 0;
	nfp_append(&when, "", "Now and after each reboot of this host");
	if (a->lasts == NFP_LASTS_PORT)
		nfp_append(&when, ", ", "and each time %s was off its bridge", at);
	snprintf(a->sentence, sizeof(a->sentence),
		 "%.100s, register VLAN %u on %s%s (not by %s.%u, which would take it for "
		 "itself%s%s)",
		 when.text, g->vid, at,
		 nfp_vlan_filter_wakes(style) ? " before another is registered there" : "", at,
		 g->vid, a->costs ? "; " : "", a->costs ?: "");
}

/* Returns the rank of what was shown to serve guests with the VLAN; 0: nothing was. */
static unsigned int advise_vlan(struct nfp_advising *m, const struct nfp_style_result *style)
{
	const struct nfp_guest_vlan_result *g = &style->guest_vlan;
	const char *at = nfp_standby_netdev(&m->result->pf);
	struct nfp_row row = nfp_row_of(style);
	struct nfp_advice *a;

	row.vlan = g->vid;
	if (g->verdict == NFP_STATE_UNTESTED) {
		nfp_advise_vlan_run(m, style, false, "Without --guest-vlan the rest is known");
		return 0;
	}
	if (g->verdict == NFP_STATE_UNPROVEN && !nfp_vlan_filter_wakes(style)) {
		nfp_advise_vlan_run(
			m, style, true,
			nfp_phrase("Let the switch bring VLAN %u to the ports of %s and "
				   "%s, then",
				   g->vid, style->from.name, m->result->pf.ifname)
				.text);
		return 0;
	}
	m->rank++;
	if (g->vlan_netdev[0]) {
		a = nfp_advise_condition(m, style, &row, NFP_COND_NO_VLAN_NETDEV);
		if (a)
			snprintf(a->sentence, sizeof(a->sentence),
				 "Take %.60s off %s: no guest behind %s gets VLAN %u while it is "
				 "there",
				 g->vlan_netdev, at, at, g->vid);
		return 0;
	}
	if (must_unfilter(g)) {
		(void)nfp_advise_condition(m, style, &row, NFP_COND_UNFILTER);
		return 0;
	}
	if (!may_register(style)) {
		m->rank--;
		return 0;
	}
	advise_registration(m, style, &row);
	return g->works_registered == NFP_YES ? m->rank : 0;
}

/* ---- a style ---- */

/* This advice is about the PF, not a style: it is given once. */
static void advise_lag(struct nfp_advising *m)
{
	if (m->to->num_advice)
		return;
	m->rank++;
	(void)nfp_advise_other(m, NFP_ADVISE_SET, NULL, "Instead",
			       "Give guests with failover VFs of a PF that is in no such bond, or "
			       "a VF of each member of %s, which the guest bonds itself, without a "
			       "standby; or make %s an active-backup bond, of plain ports to the "
			       "switch",
			       m->result->pf.master, m->result->pf.master);
}

/* Finds the fix or the requirements that this run has shown to help. False: none. */
static bool find_help(const struct nfp_vf_result *vf, struct nfp_style_outcome *so,
		      enum nfp_style *ret_fix)
{
	const struct nfp_style_result *style = so->style;

	*ret_fix = proven_fix(vf, style);
	if (*ret_fix < NFP_STYLE_COUNT) {
		so->ipv6 = ipv6_of(nfp_vf_style(vf, *ret_fix));
		return true;
	}
	*ret_fix = pin_of(style);
	so->ipv6 = ipv6_of(style);
	if (*ret_fix < NFP_STYLE_COUNT)
		return true;
	so->by_manager = requirements_help(vf, style, &so->ipv6);
	return so->by_manager;
}

/* Returns the rank of the advice on a row, which may help several styles. 0: there is none yet. */
static unsigned int rank_of(const struct nfp_advised *advised, const struct nfp_row *row)
{
	nfp_for_each (a, advised->advice, advised->num_advice) {
		if (nfp_row_equal(&a->row, row))
			return a->rank;
	}
	return 0;
}

static void advise_help(struct nfp_advising *m, struct nfp_style_outcome *so)
{
	const struct nfp_vf_result *vf = &m->result->vf;
	enum nfp_style fix;

	if (!find_help(vf, so, &fix))
		return;
	if (fix < NFP_STYLE_COUNT) {
		const struct nfp_style_result *shown = nfp_vf_style(vf, fix) ?: so->style;

		so->row = (struct nfp_row) {.style = nfp_asked_style(fix, true), .fix = fix};
		so->rank = rank_of(m->to, &so->row) ?: advise_row(m, shown, &so->row, fix);
	} else {
		so->row = nfp_row_of(so->style);
		so->rank = advise_requirements(m, so->style);
	}
}

/* May a guest use a style that counts as it is, or because --allow covers it? */
static bool has_usable(const struct nfp_summary *s)
{
	nfp_for_each (so, s->styles, s->num_styles) {
		if (!so->style->is_fix &&
		    (so->is == NFP_OUTCOME_SAFE || so->is == NFP_OUTCOME_NO_WIRE ||
		     so->is == NFP_OUTCOME_ALLOWED))
			return true;
	}
	return false;
}

/* Returns the style that is helped best, by the least: with IPv6, by a fix, in the
 * order of styles. */
static struct nfp_style_outcome *best_helped(struct nfp_summary *s)
{
	struct nfp_style_outcome *best = NULL;

	nfp_for_each (so, s->styles, s->num_styles) {
		enum nfp_style fix;

		if (!nfp_is_counted(so->style) || so->is != NFP_OUTCOME_FAULT ||
		    !find_help(&s->result->vf, so, &fix))
			continue;
		if (!best || (best->ipv6 == NFP_STATE_LOST && so->ipv6 != NFP_STATE_LOST) ||
		    (best->by_manager && !so->by_manager && so->ipv6 != NFP_STATE_LOST))
			best = so;
	}
	return best;
}

static bool helps_by_fix(const struct nfp_advising *m, struct nfp_style_outcome *so)
{
	enum nfp_style fix;

	return find_help(&m->result->vf, so, &fix) && !so->by_manager;
}

/* Advises what a style needs that may be used. */
static void advise_usable(struct nfp_advising *m, struct nfp_style_outcome *so)
{
	const struct nfp_style_result *style = so->style;
	const struct nfp_row row = nfp_row_of(style);
	enum nfp_check_state ipv6;

	so->row = row;
	so->ipv6 = ipv6_of(style);
	if (so->is == NFP_OUTCOME_IPV4_ONLY && helps_by_fix(m, so) && so->ipv6 != NFP_STATE_LOST) {
		advise_help(m, so);
		return;
	}
	so->by_manager = false;
	so->ipv6 = ipv6_of(style);
	/* A user who accepts the fault of a style still needs its requirements. */
	if (so->is == NFP_OUTCOME_ALLOWED && requirements_help(&m->result->vf, style, &ipv6)) {
		so->ipv6 = ipv6 == NFP_STATE_LOST ? ipv6 : so->ipv6;
		so->rank = advise_requirements(m, style);
	} else {
		so->rank = advise_row(m, style, &row, style->style);
	}
	if (so->is == NFP_OUTCOME_VLAN)
		so->rank = advise_vlan(m, style);
}

static void advise_one(struct nfp_advising *m, struct nfp_style_outcome *so, bool usable,
		       const struct nfp_style_outcome *best)
{
	switch (so->is) {
	case NFP_OUTCOME_FAULT:
		/* If another style is usable, nobody need meet requirements for each guest. */
		if (nfp_is_by(so->style, NFP_CHECK_VLAN))
			(void)advise_vlan(m, so->style);
		else if (so == best || (usable && helps_by_fix(m, so)))
			advise_help(m, so);
		else if (!best)
			nfp_advise_trial(m, so->style);
		break;
	case NFP_OUTCOME_LAG:
		advise_lag(m);
		break;
	case NFP_OUTCOME_INSIDE:
		nfp_advise_wire(m, so->style);
		break;
	case NFP_OUTCOME_UNKNOWN:
		if (nfp_is_by(so->style, NFP_CHECK_VLAN))
			(void)advise_vlan(m, so->style);
		else
			nfp_advise_again(m, so->style);
		break;
	default:
		break;
	}
}

/* Returns the longest outage that a change may have made, in ms. */
static unsigned int longest_gap_ms(const struct nfp_style_result *style)
{
	int64_t most_us = 0;

	nfp_for_each (t, style->transitions, style->num_transitions) {
		if (nfp_gap_hurts(t->to) && t->unicast.gap.known)
			most_us = MAX(most_us,
				      t->unicast.gap.us + (int64_t)t->unicast.gap.error_us);
	}
	return (unsigned int)(most_us / 1000 + 1);
}

/* A reader who finds nothing to type learns that there is nothing, and what else there is. */
static void advise_nothing(struct nfp_advising *m, const struct nfp_summary *s)
{
	bool unsafe = false, untried = false, slow = true;
	struct nfp_words instead = nfp_phrase("No command is known to help here: take");
	unsigned int ms = 0;

	nfp_for_each (so, s->styles, s->num_styles) {
		if (!nfp_is_counted(so->style) || so->is != NFP_OUTCOME_FAULT)
			continue;
		unsafe = true;
		slow &= so->style->filter_verdict == NFP_VERDICT_SLOW;
		ms = MAX(ms, longest_gap_ms(so->style));
	}
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++)
		untried |= !nfp_vf_style(&s->result->vf, style);
	if (!unsafe)
		return;
	m->rank++;
	if (slow)
		instead = nfp_phrase("No command shortens what the NIC takes: accept it "
				     "(--gap-limit %u), take",
				     ms);
	(void)nfp_advise_other(m, NFP_ADVISE_AVOID, NULL, "Instead",
			       "%s %sanother NIC, or ask the driver's maintainer (REPORTING A "
			       "CARD in nfprobe-recipes(7))",
			       instead.text,
			       untried ? "another style (--style all tests each), " : "");
}

/* Has it something to do that a run could have tested? */
static bool is_testable(const struct nfp_advice *a)
{
	return a->what != NFP_ADVISE_PROBE && (a->commands.len || a->document.len);
}

/* Returns the one before which it is of no use, since only all of a rank helps. NULL: none. */
static const struct nfp_advice *needed_before(const struct nfp_advised *advised,
					      const struct nfp_advice *a)
{
	for (const struct nfp_advice *b = advised->advice; b < a; b++) {
		if (b->rank == a->rank && b->moment != NFP_MOMENT_ELSEWHERE)
			return b;
	}
	return NULL;
}

/* Says of each whether this run has tested it, and whether it helps by itself. */
static void say_what_was_shown(struct nfp_advised *advised)
{
	static const char *const words[] = {
		[NFP_SHOWN_UNSET] = "not tested",
		[NFP_SHOWN_TESTED] = "tested",
		[NFP_SHOWN_BY_RULE] = "by the kernel's rules",
		[NFP_SHOWN_NOT] = "not tested",
	};

	nfp_for_each (a, advised->advice, advised->num_advice) {
		const size_t len = strlen(a->sentence);
		const bool more = a->moment != NFP_MOMENT_ELSEWHERE && needed_before(advised, a);

		if (is_testable(a))
			snprintf(a->sentence + len, sizeof(a->sentence) - len, "; %s%s",
				 words[a->shown], more ? ", and only with the above" : "");
	}
}

/* Commands for the time after the guest has left are at the end, wherever they are shown. */
static void put_gone_last(struct nfp_advised *advised)
{
	struct nfp_advice *sorted = nfp_calloc(advised->num_advice + 1, sizeof(*sorted));
	size_t num = 0;

	for (int gone = 0; gone <= 1; gone++)
		nfp_for_each (a, advised->advice, advised->num_advice)
			if ((a->moment == NFP_MOMENT_ELSEWHERE) == gone)
				sorted[num++] = *a;
	if (num)
		memcpy(advised->advice, sorted, num * sizeof(*sorted));
	free(sorted);
}

void nfp_advise_all(struct nfp_summary *s)
{
	struct nfp_advising m = {.result = s->result, .to = &s->advised};
	const bool usable = has_usable(s);
	struct nfp_style_outcome *best;
	bool served = false, clears = false;

	if (!s->result->have_vf)
		return;
	nfp_for_each (so, s->styles, s->num_styles) {
		if (nfp_is_counted(so->style) && nfp_is_usable(so->is))
			advise_usable(&m, so);
	}
	best = usable ? NULL : best_helped(s);
	nfp_for_each (so, s->styles, s->num_styles) {
		if (nfp_is_counted(so->style) && !nfp_is_usable(so->is))
			advise_one(&m, so, usable, best);
	}
	nfp_for_each (so, s->styles, s->num_styles) {
		const struct nfp_style_result *used = nfp_vf_style(&s->result->vf, so->row.fix);

		if (!nfp_is_counted(so->style) || !(nfp_is_usable(so->is) || so->rank))
			continue;
		served = true;
		clears |= nfp_keeps_address(used ?: so->style) != NFP_KEPT_FOR_GOOD;
	}
	if (served)
		nfp_advise_gone(&m, clears);
	if (!s->advised.num_advice)
		advise_nothing(&m, s);
	put_gone_last(&s->advised);
	say_what_was_shown(&s->advised);
	nfp_advise_unseen(&m);
}
