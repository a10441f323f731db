// SPDX-License-Identifier: GPL-2.0-or-later
/* fix.c - what helps where a style is not safe, and what a run has shown of that. */
#include <stdio.h>

#include "checks_priv.h"
#include "judge.h"

bool nfp_style_may_fix(const bool asked[NFP_STYLE_COUNT], enum nfp_style style)
{
	const struct nfp_style_row *row = &nfp_styles[style];
	uint32_t bits = 0;

	/* No ladder shows a pin: nfp_pin_may_help. */
	if (row->pinned)
		return false;
	for (enum nfp_style s = 0; s < NFP_STYLE_COUNT; s++)
		bits |= asked[s] ? NFP_STYLE_BIT(s) : 0;
	return !asked[style] && (row->fixes & bits) && (row->needs_safe & ~bits) == 0;
}

static bool counts(const struct nfp_style_result *style)
{
	return !style->is_fix && style->verdict != NFP_VERDICT_NOT_APPLICABLE;
}

/* Is there a standby that a guest can use as it is? */
static bool has_passed(const struct nfp_vf_result *vf)
{
	nfp_for_each (style, vf->styles, vf->num_styles) {
		if (counts(style) && nfp_is_accepted(style) && !nfp_lacks_wire(style))
			return true;
	}
	return false;
}

/* Is it safe, as far as the frames of its run show? */
static bool shows_safe(const struct nfp_style_result *style)
{
	return style->verdict == NFP_VERDICT_SAFE || nfp_is_by(style, NFP_CHECK_WIRE);
}

bool nfp_fix_is_due(const struct nfp_vf_result *vf, enum nfp_style style, bool named)
{
	const struct nfp_style_row *row = &nfp_styles[style];
	uint32_t unsafe = 0, safe = 0;

	if (!named && has_passed(vf))
		return false;
	nfp_for_each (other, vf->styles, vf->num_styles) {
		/* The NIC may serve a style that this host cannot build. */
		bool does = nfp_is_impossible(other) ? other->filter_verdict == NFP_VERDICT_SAFE
						     : shows_safe(other);

		if (shows_safe(other) && nfp_styles[other->style].fixes & row->fixes)
			return false;
		if (does)
			safe |= NFP_STYLE_BIT(other->style);
		else if (nfp_is_fault(other->verdict) && !other->allowed &&
			 !nfp_is_by(other, NFP_CHECK_VLAN))
			unsafe |= NFP_STYLE_BIT(other->style);
	}
	return (row->fixes & unsafe) && (row->needs_safe & safe) == row->needs_safe;
}

/* How much a guest hears. */
enum hears {
	HEARS_NOTHING,
	HEARS_ALL_BUT_MULTICAST, /* multicast is lost */
	HEARS_ALL,
};

static enum hears hears_in(const struct nfp_step_result *step)
{
	if (step->w.answer == NFP_YES)
		return HEARS_ALL;
	return nfp_unfit_by_multicast(step) ? HEARS_ALL_BUT_MULTICAST : HEARS_NOTHING;
}

bool nfp_filter_lacks_only_multicast(const struct nfp_style_result *style)
{
	bool but_multicast = nfp_is_fault(style->verdict) &&
			     style->verdict != NFP_VERDICT_REFUSED &&
			     style->verdict != NFP_VERDICT_SLOW &&
			     style->multicast == NFP_STATE_LOST && !style->by_bridge;

	for (size_t i = 0; but_multicast && i < style->num_steps; i++)
		but_multicast &= style->steps[i].w.answer != NFP_NO || hears_in(&style->steps[i]);
	return but_multicast;
}

/* A fix shortens no outage of a change. */
static bool is_too_slow(const struct nfp_style_result *style)
{
	nfp_for_each (o, style->failed_checks, style->num_failed_checks) {
		if (o->check == NFP_CHECK_LIMIT && !o->allowed)
			return true;
	}
	return false;
}

bool nfp_lacks_only_multicast(const struct nfp_style_result *style)
{
	return nfp_filter_lacks_only_multicast(style) && !nfp_bridge_failed(style) &&
	       !is_too_slow(style);
}

/* NULL: nothing. */
static enum hears hears_with(const struct nfp_style_result *style)
{
	if (style && shows_safe(style))
		return HEARS_ALL;
	return style && nfp_lacks_only_multicast(style) ? HEARS_ALL_BUT_MULTICAST : HEARS_NOTHING;
}

enum nfp_style nfp_best_fix(const struct nfp_vf_result *vf, enum nfp_style unsafe,
			    bool *ret_multicast_lost)
{
	enum nfp_style best = NFP_STYLE_COUNT;
	enum hears most = hears_with(nfp_vf_style(vf, unsafe));

	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		enum hears its = hears_with(nfp_vf_style(vf, style));

		if (!(nfp_styles[style].fixes & NFP_STYLE_BIT(unsafe)) || its <= most)
			continue;
		best = style;
		most = its;
	}
	*ret_multicast_lost = most == HEARS_ALL_BUT_MULTICAST;
	return best;
}

/* Was the group sent, and is it unknown whether a guest that is served hears it? */
static bool is_group_open(const struct nfp_step_result *step)
{
	enum nfp_landing landing = step->w.landing[NFP_KIND_MULTICAST];

	return landing != NFP_LANDING_NONE &&
	       (step->after_rereport || !nfp_lands_at(landing, nfp_receiver_of(step->step)));
}

enum nfp_step nfp_proved_by(const struct nfp_style_result *style, enum nfp_requires requires,
			    enum nfp_check_state *ret_multicast)
{
	/* The states that a requirement leads to. */
	static const struct {
		enum nfp_requires requires;
		enum nfp_step step;
	} states[] = {
		{NFP_REQ_ASSIGN_AT_HOTPLUG, NFP_STEP_UP},
		{NFP_REQ_ASSIGN_BEFORE_STANDBY, NFP_STEP_VF_FIRST_UNPLUG},
		{NFP_REQ_ASSIGN_BEFORE_STANDBY, NFP_STEP_VF_FIRST_UP},
		{NFP_REQ_ASSIGN_BEFORE_STANDBY, NFP_STEP_VF_FIRST},
		{NFP_REQ_RELEASE_STANDBY_WHEN_UP, NFP_STEP_ALONE},
		{NFP_REQ_DETACH_BEFORE_MIGRATION, NFP_STEP_DETACH},
		{NFP_REQ_CLEAR_AT_UNPLUG, NFP_STEP_VF_FIRST_CLEAR},
	};
	enum nfp_step by = NFP_STEP_COUNT;

	*ret_multicast = NFP_STATE_OK;
	nfp_for_each (s, states, NFP_NUM(states)) {
		const struct nfp_step_result *step = nfp_style_step(style, s->step);
		enum hears hears = step ? hears_in(step) : HEARS_NOTHING;

		if (s->requires != requires)
			continue;
		if (hears == HEARS_NOTHING)
			return NFP_STEP_COUNT;
		if (hears == HEARS_ALL_BUT_MULTICAST)
			*ret_multicast = NFP_STATE_LOST;
		else if (*ret_multicast == NFP_STATE_OK && is_group_open(step))
			*ret_multicast = NFP_STATE_UNPROVEN;
		by = s->step;
	}
	return by;
}

/* The states that a guest does not meet, or not for long, if the host meets the requirement. */
static uint32_t spared_by(uint32_t requires)
{
#define STATE(step) (1U << NFP_STEP_##step)
	static const uint32_t spared[NFP_REQ_COUNT] = {
		[NFP_REQ_ASSIGN_AT_HOTPLUG] = STATE(ATTACH) | STATE(VF_FIRST),
		/* These are the states in which the standby had the address first. */
		[NFP_REQ_ASSIGN_BEFORE_STANDBY] = STATE(ATTACH) | STATE(UP) | STATE(UNPLUG) |
						  STATE(DETACH) | STATE(CLEAR),
		[NFP_REQ_RELEASE_STANDBY_WHEN_UP] = STATE(UP) | STATE(VF_FIRST_UP) |
						    STATE(VF_FIRST_REWRITTEN) |
						    STATE(VF_FIRST_BACK),
		[NFP_REQ_DETACH_BEFORE_MIGRATION] = STATE(UNPLUG) | STATE(VF_FIRST_UNPLUG) |
						    STATE(VF_FIRST_BACK) | STATE(VF_FIRST_CLEAR),
		/* If a migration is cancelled, the VF gets the address again as it is. */
		[NFP_REQ_CLEAR_AT_UNPLUG] = STATE(UNPLUG) | STATE(DETACH) | STATE(VF_FIRST_UNPLUG),
	};
#undef STATE
	uint32_t steps = 0;

	for (enum nfp_requires r = 0; r < NFP_REQ_COUNT; r++)
		steps |= requires & NFP_REQ_BIT(r) ? spared[r] : 0;
	return steps;
}

static bool is_spared(const struct nfp_step_result *step, uint32_t spared)
{
	return spared & 1U << step->step || step->w.skip_allowed ||
	       nfp_ladder[step->step].expected == NFP_EXPECTED_RECORDED;
}

static enum nfp_answer serve(const struct nfp_style_result *style, uint32_t requires)
{
	const uint32_t spared = spared_by(requires);
	enum nfp_answer answer = NFP_YES;

	nfp_for_each (step, style->steps, style->num_steps) {
		if (is_spared(step, spared) || nfp_unfit_by_multicast(step))
			continue;
		if (step->w.answer == NFP_NO || step->w.status == NFP_STATUS_REFUSED)
			return NFP_NO;
		if (step->w.answer == NFP_UNKNOWN)
			answer = NFP_UNKNOWN;
	}
	return answer;
}

uint32_t nfp_with_detach(const struct nfp_style_result *style, uint32_t requires)
{
	const uint32_t detach = NFP_REQ_BIT(NFP_REQ_DETACH_BEFORE_MIGRATION);
	enum nfp_check_state group;

	/* A VF that comes back as it was may be deaf; one that is attached anew is not. */
	if (serve(style, requires) == NFP_NO && serve(style, requires | detach) != NFP_NO &&
	    nfp_proved_by(style, NFP_REQ_DETACH_BEFORE_MIGRATION, &group) != NFP_STEP_COUNT)
		return requires | detach;
	return requires;
}

enum nfp_answer nfp_requirements_serve(const struct nfp_style_result *style)
{
	return serve(style, style->requires);
}

enum nfp_check_state nfp_requirements_leave_group(const struct nfp_style_result *style)
{
	const uint32_t spared = spared_by(style->requires);
	enum nfp_check_state group = NFP_STATE_OK;

	nfp_for_each (step, style->steps, style->num_steps) {
		if (is_spared(step, spared))
			continue;
		if (nfp_unfit_by_multicast(step))
			return NFP_STATE_LOST;
		if (step->w.answer == NFP_YES && is_group_open(step))
			group = NFP_STATE_UNPROVEN;
	}
	return group;
}

/* Returns the verdict of a guest that is lost in this step alone. */
static enum nfp_verdict fault_in(enum nfp_step step)
{
	static const enum nfp_verdict faults[NFP_PHASE_COUNT] = {
		[NFP_PHASE_BEFORE] = NFP_VERDICT_EARLY,
		[NFP_PHASE_WITH] = NFP_VERDICT_DEAF,
		[NFP_PHASE_AFTER] = NFP_VERDICT_STICKY,
	};

	return faults[nfp_phase_of(step)];
}

/* Returns the worst loss, or else the first step of which nothing is known, that neither a
 * requirement nor --allow excuses. NULL: none. A user who accepts the loss of IPv6 accepts it in
 * each step. */
static const struct nfp_step_result *find_unexcused(const struct nfp_style_result *style,
						    const bool allow[NFP_VERDICT_COUNT])
{
	const struct nfp_judged *judged = &style->judged;
	const struct nfp_step_result *by = nfp_style_step(style, judged->step), *found = NULL;
	const uint32_t spared = spared_by(nfp_with_detach(style, judged->requires));
	const bool without_ipv6 = by && nfp_unfit_by_multicast(by);

	nfp_for_each (step, style->steps, style->num_steps) {
		if (is_spared(step, spared) || step->w.answer == NFP_YES ||
		    allow[fault_in(step->step)] || (without_ipv6 && nfp_unfit_by_multicast(step)))
			continue;
		if (!found ||
		    (step->w.answer == NFP_NO &&
		     (found->w.answer != NFP_NO || fault_in(step->step) < fault_in(found->step))))
			found = step;
	}
	return found;
}

/* Finds a step that --allow covers and no requirement avoids: a VF that comes back deaf where the
 * firmware refuses a second owner (hclge_add_uc_addr_common), after a migration that was cancelled.
 */
bool check_requirements(const struct nfp_style_result *style, const struct nfp_criteria *criteria,
			struct nfp_failed_check *ret)
{
	const bool *allow = criteria->settings->allow;
	const enum nfp_verdict verdict = style->judged.verdict;
	const struct nfp_step_result *step;
	char who[32] = "the standby";
	bool group;

	if (verdict == NFP_VERDICT_SAFE || !allow[verdict])
		return false;
	step = find_unexcused(style, allow);
	if (!step)
		return false;
	group = nfp_unfit_by_multicast(step);
	if (nfp_receiver_of(step->step) == NFP_AT_VF)
		snprintf(who, sizeof(who), "VF %u", criteria->vf);
	ret->step = step->step;
	ret->verdict = step->w.answer == NFP_NO ? fault_in(step->step) : NFP_VERDICT_UNKNOWN;
	if (step->w.answer == NFP_NO)
		snprintf(ret->reason, sizeof(ret->reason),
			 "%s does not get the guest's %s %s, and nothing that the host does "
			 "spares the guest that%s",
			 who, group ? "group" : "frames", nfp_step_place(step->step),
			 group ? "; only multicast is affected" : "");
	else
		snprintf(ret->reason, sizeof(ret->reason),
			 "whether %s gets the guest's frames %s is not known", who,
			 nfp_step_place(step->step));
	return true;
}

/* Do the requirements of the style matter? */
static bool asks(const struct nfp_style_result *style)
{
	return !style->is_fix && !nfp_is_impossible(style);
}

const struct nfp_style_result *nfp_counted_style(const struct nfp_vf_result *vf,
						 enum nfp_style style)
{
	const struct nfp_style_result *result = nfp_vf_style(vf, style);

	return result && counts(result) ? result : NULL;
}

/* A requirement is proved if each ladder that has it has shown it. */
static struct nfp_requirement prove(const struct nfp_vf_result *vf, enum nfp_requires requires)
{
	struct nfp_requirement proof = {.requires = requires};
	enum hears most = HEARS_NOTHING;
	const char *by = "";

	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		const struct nfp_style_result *used = nfp_vf_style(vf, style);
		enum hears its = hears_with(used);

		if (!(nfp_styles[style].uses & NFP_REQ_BIT(requires)) || its <= most)
			continue;
		most = its;
		by = nfp_style_name(style);
		proof.multicast_lost = its == HEARS_ALL_BUT_MULTICAST;
		proof.multicast_unproven = used && used->multicast == NFP_STATE_UNPROVEN;
	}
	nfp_for_each (style, vf->styles, vf->num_styles) {
		enum nfp_check_state group;
		enum nfp_step step;

		if (!asks(style) || !(style->requires & NFP_REQ_BIT(requires)))
			continue;
		step = nfp_proved_by(style, requires, &group);
		if (step == NFP_STEP_COUNT)
			return (struct nfp_requirement) {.requires = requires};
		by = nfp_step_name(step);
		proof.multicast_lost |= group == NFP_STATE_LOST;
		proof.multicast_unproven |= group == NFP_STATE_UNPROVEN;
	}
	proof.multicast_unproven &= !proof.multicast_lost;
	snprintf(proof.by, sizeof(proof.by), "%s", by);
	return proof;
}

/* A pin that only closes a gap of a plain style which is safe is a condition of that style. */
static uint32_t uses_of(const struct nfp_vf_result *vf, enum nfp_style style)
{
	const struct nfp_style_row *row = &nfp_styles[style];
	const struct nfp_style_result *plain = row->pinned ? nfp_vf_style(vf, row->plain) : NULL;
	const bool gap = plain && plain->verdict == NFP_VERDICT_SAFE;

	return row->uses & ~(gap ? NFP_REQ_BIT(NFP_REQ_PIN_AT_TAP) : 0);
}

/* A safe standby is the best advice where another is not safe; so is a fix. */
static uint32_t advised_styles(const struct nfp_vf_result *vf)
{
	uint32_t safe = 0, fixes = 0;
	bool unsafe = false;

	nfp_for_each (style, vf->styles, vf->num_styles) {
		enum nfp_style fix;
		bool lost;

		if (!counts(style))
			continue;
		if (style->verdict == NFP_VERDICT_SAFE)
			safe |= uses_of(vf, style->style);
		else
			unsafe = true;
		if (!nfp_is_fault(style->verdict) && !style->by_bridge)
			continue;
		fix = nfp_best_fix(vf, style->style, &lost);
		if (fix < NFP_STYLE_COUNT)
			fixes |= uses_of(vf, fix);
	}
	return unsafe ? safe | fixes : 0;
}

void nfp_advise(struct nfp_vf_result *vf)
{
	vf->requires = advised_styles(vf);
	nfp_for_each (style, vf->styles, vf->num_styles) {
		if (asks(style))
			vf->requires |= style->requires;
	}
	vf->num_proofs = 0;
	for (enum nfp_requires r = 0; r < NFP_REQ_COUNT; r++) {
		if (vf->requires & NFP_REQ_BIT(r))
			vf->proofs[vf->num_proofs++] = prove(vf, r);
	}
}
