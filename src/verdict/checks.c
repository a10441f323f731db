// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * checks.c - the checks of a style, and the one function that makes the verdict from those that
 * fail.
 */
#include <string.h>

#include "checks_priv.h"
#include "judge.h"

/* The steps have their reason already; nfp_ladder names the drivers. */
static bool check_steps(const struct nfp_style_result *style, const struct nfp_criteria *criteria,
			struct nfp_failed_check *ret)
{
	(void)criteria;
	ret->verdict = style->judged.verdict;
	ret->step = style->judged.step;
	ret->requires = style->judged.requires;
	memcpy(ret->reason, style->steps_reason, sizeof(ret->reason));
	return style->judged.verdict != NFP_VERDICT_SAFE;
}

/* Frames that stay inside the NIC make nothing safe. What they show to fail does, whatever --allow
 * accepts of it: it is judged when the checks before this one were. */
static bool check_wire(const struct nfp_style_result *style, const struct nfp_criteria *criteria,
		       struct nfp_failed_check *ret)
{
	(void)criteria;
	ret->verdict = NFP_VERDICT_UNKNOWN;
	ret->firm = true;
	snprintf(ret->reason, sizeof(ret->reason), "frames came from %s, not from the wire",
		 style->from.name);
	return nfp_is_inside(style) && !style->no_wire && style->num_failed_checks == 0;
}

/* A group that is lost is worse than a limit that was not measured or a VLAN that was not shown. */
static bool is_worse_than_group(const struct nfp_style_result *style,
				const struct nfp_failed_check *failed)
{
	(void)failed;
	return style->verdict == NFP_VERDICT_SAFE || style->verdict == NFP_VERDICT_SLOW ||
	       style->verdict == NFP_VERDICT_STICKY || style->by == NFP_CHECK_VLAN ||
	       (style->verdict == NFP_VERDICT_UNKNOWN && style->by == NFP_CHECK_LIMIT);
}

static bool stands_over_all(const struct nfp_style_result *style,
			    const struct nfp_failed_check *failed)
{
	(void)style, (void)failed;
	return true;
}

/* How a reason begins, over the verdict that stands. */
enum opening {
	PLAIN,
	BUT,	   /* "early is allowed, but "; nothing if nothing is allowed */
	OTHERWISE, /* that, or "frames land where they must, but " */
};

static const struct check {
	check_fn *fails;
	/* Is the failed check worse than what stands, where both are accepted or neither is? NULL:
	 * yes, if what stands is safe. */
	bool (*is_worse)(const struct nfp_style_result *style, const struct nfp_failed_check *o);
	enum opening opening;
} checks[NFP_CHECK_COUNT] = {
	[NFP_CHECK_STEPS] = {check_steps, NULL, PLAIN},
	[NFP_CHECK_REQUIREMENTS] = {check_requirements, NULL, BUT},
	[NFP_CHECK_VLAN] = {check_vlan, NULL, BUT},
	[NFP_CHECK_LIMIT] = {check_limit, NULL, OTHERWISE},
	[NFP_CHECK_OTHERS] = {check_group, is_worse_than_group, BUT},
	[NFP_CHECK_IPV6] = {check_ipv6, NULL, OTHERWISE},
	[NFP_CHECK_BRIDGE] = {check_bridge, bridge_check_is_worse, BUT},
	[NFP_CHECK_WIRE] = {check_wire, NULL, PLAIN},
	[NFP_CHECK_HOST] = {check_possible, stands_over_all, PLAIN},
	[NFP_CHECK_LAG] = {check_lag, stands_over_all, PLAIN},
};

/* ---- the verdict ---- */

static bool may_stand(const struct nfp_style_result *style, const struct nfp_failed_check *o)
{
	const struct check *check = &checks[o->check];

	if (nfp_is_accepted(style) != o->allowed)
		return !o->allowed;
	return check->is_worse ? check->is_worse(style, o) : style->verdict == NFP_VERDICT_SAFE;
}

static void open_reason(struct nfp_style_result *style, enum opening opening)
{
	bool safe = style->verdict == NFP_VERDICT_SAFE;

	style->reason[0] = style->try[0] = '\0';
	if (opening != PLAIN && !safe && style->allowed)
		nfp_appendf(style->reason, NFP_REASON_LEN, "%s is allowed, but ",
			    nfp_verdict_name(style->verdict));
	else if (opening == OTHERWISE)
		nfp_appendf(style->reason, NFP_REASON_LEN, "frames land where they must, but ");
}

static void stand(struct nfp_style_result *style, const struct nfp_failed_check *o)
{
	const bool bridge = o->check == NFP_CHECK_BRIDGE;

	/* The reason of the filter itself. */
	if (o->check >= NFP_CHECK_BRIDGE && style->by < NFP_CHECK_BRIDGE && !style->by_bridge)
		nfp_whole_reason(style, style->filter_reason);
	open_reason(style, checks[o->check].opening);
	nfp_appendf(style->reason, NFP_REASON_LEN, "%s", o->reason);
	if (o->check == NFP_CHECK_STEPS)
		memcpy(style->try, style->steps_try, sizeof(style->try));
	if (!bridge)
		style->by = o->check;
	style->by_bridge = bridge;
	style->verdict = o->verdict;
	style->allowed = o->allowed;
	style->requires |= o->requires;
}

/* The only function that sets any of this. */
static void make_verdict(struct nfp_style_result *style, bool safe_is_allowed)
{
	style->verdict = style->filter_verdict = NFP_VERDICT_SAFE;
	style->allowed = safe_is_allowed;
	style->by = NFP_CHECK_STEPS;
	style->by_bridge = false;
	style->requires = 0;
	style->filter_reason[0] = '\0';
	memcpy(style->reason, style->steps_reason, sizeof(style->reason));
	memcpy(style->try, style->steps_try, sizeof(style->try));
	nfp_for_each (o, style->failed_checks, style->num_failed_checks) {
		if (may_stand(style, o))
			stand(style, o);
		if (o->check < NFP_CHECK_BRIDGE)
			style->filter_verdict = style->verdict;
	}
	if (style->requires)
		style->requires = nfp_with_detach(style, style->requires);
}

/* ---- the checks ---- */

static void run_check(struct nfp_style_result *style, const struct nfp_criteria *criteria,
		      enum nfp_check check)
{
	struct nfp_failed_check *o = &style->failed_checks[style->num_failed_checks];

	*o = (struct nfp_failed_check) {.check = check, .step = NFP_STEP_COUNT};
	if (!checks[check].fails(style, criteria, o))
		return;
	o->allowed = !o->firm && criteria->settings->allow[o->verdict];
	style->num_failed_checks++;
}

struct nfp_criteria nfp_criteria_of(const struct nfp_result *run, const struct nfp_vf_result *vf)
{
	return (struct nfp_criteria) {.settings = &run->settings,
				      .ifname = run->pf.ifname,
				      .vf = vf->vf,
				      .bond = run->pf.master,
				      .lag = run->pf.lag,
				      .vepa = run->pf.vepa,
				      .have_ageing = run->pf.have_ageing,
				      .ageing_ms = run->pf.ageing_ms};
}

void nfp_run_checks(struct nfp_style_result *style, const struct nfp_criteria *criteria,
		    enum nfp_check first, enum nfp_check last)
{
	size_t num = 0;

	while (num < style->num_failed_checks && style->failed_checks[num].check < first)
		num++;
	style->num_failed_checks = num;
	for (enum nfp_check check = first; check <= last; check++)
		run_check(style, criteria, check);
	make_verdict(style, criteria->settings->allow[NFP_VERDICT_SAFE]);
}

void nfp_leave_out(struct nfp_style_result *style, enum nfp_verdict verdict, const char *reason)
{
	struct nfp_failed_check *o = &style->failed_checks[0];

	*o = (struct nfp_failed_check) {
		.check = NFP_CHECK_STEPS, .verdict = verdict, .step = NFP_STEP_COUNT};
	nfp_appendf(o->reason, sizeof(o->reason), "%s", reason);
	style->judged = (struct nfp_judged) {
		.verdict = NFP_VERDICT_UNKNOWN, .why = NFP_WHY_NONE, .step = NFP_STEP_COUNT};
	style->steps_reason[0] = style->steps_try[0] = '\0';
	style->num_failed_checks = 1;
	o[1] = (struct nfp_failed_check) {.check = NFP_CHECK_HOST, .step = NFP_STEP_COUNT};
	style->num_failed_checks += check_possible(style, NULL, &o[1]);
	nfp_judge_uplink(style, NULL);
	make_verdict(style, false);
}

void nfp_judge_lag(struct nfp_style_result *style, const struct nfp_criteria *criteria)
{
	nfp_leave_out(style, NFP_VERDICT_UNKNOWN, "");
	style->num_failed_checks = 0;
	run_check(style, criteria, NFP_CHECK_LAG);
	make_verdict(style, false);
	/* No frame was sent to test the filter. */
	style->filter_verdict = NFP_VERDICT_UNKNOWN;
}

/* ---- a pin ---- */

void nfp_pin(const struct nfp_style_result *plain, enum nfp_style style,
	     const struct nfp_criteria *criteria, struct nfp_style_result *ret_pinned)
{
	*ret_pinned = *plain;
	ret_pinned->style = style;
	ret_pinned->derived = true;
	nfp_judge_uplink(ret_pinned, criteria);
	if (ret_pinned->num_steps)
		nfp_run_checks(ret_pinned, criteria, NFP_CHECK_BRIDGE, NFP_CHECK_HOST);
}

bool nfp_pin_may_help(const struct nfp_vf_result *vf, enum nfp_style style)
{
	const struct nfp_style_row *row = &nfp_styles[style];
	const struct nfp_style_result *plain = row->pinned ? nfp_vf_style(vf, row->plain) : NULL;
	const struct nfp_failed_check *failed = plain ? nfp_bridge_failed(plain) : NULL;

	return failed && nfp_is_fault(failed->verdict) && !plain->allowed &&
	       !nfp_is_impossible(plain);
}

/* Would the pin help, by the checks up to the bridge, whatever this host can build? */
static bool helps(struct nfp_style_result *pinned, const struct nfp_criteria *criteria)
{
	bool so;

	nfp_run_checks(pinned, criteria, NFP_CHECK_BRIDGE, NFP_CHECK_BRIDGE);
	so = nfp_is_accepted(pinned) || nfp_lacks_only_multicast(pinned);
	nfp_run_checks(pinned, criteria, NFP_CHECK_WIRE, NFP_CHECK_HOST);
	return so;
}

struct nfp_style_result *nfp_vf_add_pinned(struct nfp_result *run, enum nfp_style style, bool asked)
{
	struct nfp_vf_result *vf = &run->vf;
	const struct nfp_style_row *row = &nfp_styles[style];
	const struct nfp_style_result *plain = row->pinned ? nfp_vf_style(vf, row->plain) : NULL;
	const struct nfp_criteria criteria = nfp_criteria_of(run, vf);
	struct nfp_style_result *pinned;

	if (!plain || (!asked && !nfp_pin_may_help(vf, style)))
		return NULL;
	pinned = nfp_vf_add_style(vf);
	nfp_pin(plain, style, &criteria, pinned);
	pinned->is_fix = !asked;
	if (asked || helps(pinned, &criteria))
		return pinned;
	vf->num_styles--;
	return NULL;
}
