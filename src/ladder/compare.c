// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct comparing {
	struct nfp_comparison *to;
	const struct nfp_vf_result *vf; /* that has @now; without, that has @then */
	const struct nfp_style_result *then, *now;
	bool sources;	/* one of the runs had several */
	bool counts;	/* differences of this style may count */
	bool unproved;	/* a style is inconclusive now */
	bool bad;	/* a style that the baseline does not have is not safe */
	bool tested;	/* multicast, in both standbys of this style */
	bool multicast; /* .. and both got it, so that the network passes it */
};

const struct nfp_names nfp_trend_names = {
	(const char *const[]) {"better", "worse", "changed", "unstable", "new", "gone"},
	NFP_TREND_COUNT};
const struct nfp_names nfp_compared_names = {(const char *const[]) {"verdict", "landing", "gap"},
					     NFP_COMPARED_COUNT};

/* ---- a difference ---- */

static struct nfp_difference *add_difference(struct comparing *c, enum nfp_compared compared,
					     enum nfp_step from, enum nfp_step to,
					     enum nfp_trend trend)
{
	struct nfp_comparison *all = c->to;
	bool is_other = trend == NFP_TREND_NEW || trend == NFP_TREND_GONE;
	const struct nfp_style_result *style = c->now ? c->now : c->then;
	struct nfp_difference *d;

	all->v = nfp_reallocarray(all->v, all->n + 1, sizeof(*all->v));
	d = &all->v[all->n++];
	if (all->same && !is_other)
		trend = NFP_TREND_UNSTABLE;
	*d = (struct nfp_difference) {
		.vf = c->vf->vf,
		.style = style->style,
		.compared = compared,
		.from = from,
		.to = to,
		.trend = trend,
		.counts = c->counts && (trend == NFP_TREND_WORSE || trend == NFP_TREND_UNSTABLE),
	};
	if (c->sources)
		d->of = style->from;
	all->worse = all->worse || d->counts;
	return d;
}

/* ---- verdicts ---- */

static bool proves_nothing(enum nfp_verdict verdict)
{
	return verdict == NFP_VERDICT_INCONCLUSIVE || verdict == NFP_VERDICT_UNTESTABLE;
}

/* ---- landings ---- */

static bool demands(const struct nfp_step_result *step)
{
	return nfp_ladder[step->step].fit != NFP_FIT_RECORDED;
}

static bool got_multicast(const struct nfp_step_result *standby)
{
	return nfp_reaches(standby->landing[NFP_KIND_MULTICAST], NFP_AT_PF) == NFP_YES;
}

static enum nfp_answer is_fit(const struct comparing *c, const struct nfp_step_result *step)
{
	return !c->multicast && nfp_unfit_by_multicast(step) ? NFP_YES : step->fit;
}

/* Mentions broadcast and multicast only where one of them alone is wrong. */
static void landing_words(const struct comparing *c, const struct nfp_step_result *step, char *buf,
			  size_t size)
{
	const char *unicast = nfp_landing_name(step->landing[NFP_KIND_UNICAST]);
	enum nfp_receiver at = nfp_receiver_of(nfp_ladder[step->step].fit);
	const struct nfp_observation obs = nfp_observe(step);

	if (step->status != NFP_STATUS_DONE) {
		snprintf(buf, size, "%s", nfp_status_name(step->status));
		return;
	}
	if (demands(step) && nfp_reaches(step->landing[NFP_KIND_UNICAST], at) == NFP_YES &&
	    nfp_reaches(step->landing[NFP_KIND_BROADCAST], at) != NFP_YES)
		snprintf(buf, size, "%s, broadcast %s", unicast,
			 nfp_landing_name(step->landing[NFP_KIND_BROADCAST]));
	else if (c->tested && demands(step) && nfp_lacks_multicast(&obs, at))
		snprintf(buf, size, "%s, multicast %s", unicast,
			 nfp_landing_name(step->landing[NFP_KIND_MULTICAST]));
	else
		snprintf(buf, size, "%s", unicast);
}

/*
 * Where nothing is demanded, ignores broadcast and multicast: they are so few frames that losing
 * one would look like a change. Multicast that only one of the standbys got may be the network's
 * doing, and is no more than a change of that step.
 */
static bool is_same(const struct comparing *c, const struct nfp_step_result *then,
		    const struct nfp_step_result *now)
{
	if (then->status != now->status)
		return false;
	if (now->status != NFP_STATUS_DONE)
		return true;
	if (then->landing[NFP_KIND_UNICAST] != now->landing[NFP_KIND_UNICAST])
		return false;
	if (c->tested && now->step == NFP_STEP_STANDBY && got_multicast(then) != got_multicast(now))
		return false;
	return !demands(now) || is_fit(c, then) == is_fit(c, now);
}

/* A step that only one of them has (alone) was not needed in the other: skip it. */
static void compare_landings(struct comparing *c)
{
	for (size_t i = 0; i < c->now->num_steps; i++) {
		const struct nfp_step_result *now = &c->now->steps[i];
		const struct nfp_step_result *then = nfp_style_step(c->then, now->step);
		enum nfp_trend trend = NFP_TREND_CHANGED;
		struct nfp_difference *d;

		if (!then || is_same(c, then, now))
			continue;
		if (demands(now) && is_fit(c, then) == NFP_YES && is_fit(c, now) == NFP_NO)
			trend = NFP_TREND_WORSE;
		else if (demands(now) && is_fit(c, then) != NFP_YES && is_fit(c, now) == NFP_YES)
			trend = NFP_TREND_BETTER;
		d = add_difference(c, NFP_COMPARED_LANDING, NFP_STEP_COUNT, now->step, trend);
		landing_words(c, then, d->before, sizeof(d->before));
		landing_words(c, now, d->now, sizeof(d->now));
	}
}

/* ---- gaps ---- */

/* How long the guest was deaf between two steps (unicast); NULL: it is not known, or the style has
 * no such transition. */
static const struct nfp_span *find_gap(const struct nfp_style_result *style, enum nfp_step from,
				       enum nfp_step to)
{
	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *t = &style->transitions[i];
		const struct nfp_span *gap = &t->count[NFP_KIND_UNICAST].gap;

		if (t->from == from && t->to == to && gap->known)
			return gap;
	}
	return NULL;
}

/* Longer, by more than the uncertainty (@error_us) and the tolerance? */
static bool is_longer(enum nfp_step to, int64_t longer_us, int64_t shorter_us, int64_t error_us)
{
	bool by_vf = nfp_ladder[to].listens == NFP_LISTENS_VF;
	int64_t more = longer_us - shorter_us;

	return more > (by_vf ? NFP_GAP_TOLERANCE_VF_US : NFP_GAP_TOLERANCE_US) &&
	       more > shorter_us / 2 && more > error_us;
}

static void gap_words(int64_t us, char *buf, size_t size)
{
	snprintf(buf, size, "%" PRId64 ".%" PRId64 " ms", us / 1000, us % 1000 / 100);
}

static void compare_gaps(struct comparing *c)
{
	for (size_t i = 0; i < c->now->num_transitions; i++) {
		enum nfp_step from = c->now->transitions[i].from, to = c->now->transitions[i].to;
		const struct nfp_span *now = find_gap(c->now, from, to);
		const struct nfp_span *then = find_gap(c->then, from, to);
		struct nfp_difference *d;
		bool longer, shorter;

		if (!now || !then)
			continue;
		longer = is_longer(to, now->us, then->us, now->error_us + then->error_us);
		shorter = is_longer(to, then->us, now->us, now->error_us + then->error_us);
		if (!longer && !shorter)
			continue;
		d = add_difference(c, NFP_COMPARED_GAP, from, to,
				   longer ? NFP_TREND_WORSE : NFP_TREND_BETTER);
		gap_words(then->us, d->before, sizeof(d->before));
		gap_words(now->us, d->now, sizeof(d->now));
	}
}

/* ---- styles ---- */

/* Any other one does where it is not known. */
static bool is_same_class(const struct nfp_style_result *a, const struct nfp_style_result *b)
{
	return a->style == b->style &&
	       (!a->from.known || !b->from.known || a->from.source == b->from.source);
}

/* The ladder of another run that @style, of @of, is compared with. */
static const struct nfp_style_result *find_style(const struct nfp_result *result,
						 const struct nfp_vf_result *of,
						 const struct nfp_style_result *style)
{
	size_t before = 0;

	for (const struct nfp_style_result *s = of->styles; s < style; s++)
		before += is_same_class(s, style);
	for (size_t i = 0; i < result->num_vfs; i++) {
		const struct nfp_vf_result *vf = &result->vfs[i];

		for (size_t j = 0; vf->vf == of->vf && j < vf->num_styles; j++) {
			if (is_same_class(&vf->styles[j], style) && before-- == 0)
				return &vf->styles[j];
		}
	}
	return NULL;
}

/* A baseline from before multicast was tested is compared without it, as is --no-multicast. */
static void compare_multicast(struct comparing *c)
{
	const struct nfp_step_result *then = nfp_style_step(c->then, NFP_STEP_STANDBY);
	const struct nfp_step_result *now = nfp_style_step(c->now, NFP_STEP_STANDBY);

	c->tested = then && now && then->landing[NFP_KIND_MULTICAST] != NFP_LANDING_NONE &&
		    now->landing[NFP_KIND_MULTICAST] != NFP_LANDING_NONE;
	c->multicast = c->tested && got_multicast(then) && got_multicast(now);
}

/* The verdict; if only one of the runs tested multicast, what it is without that. */
static enum nfp_verdict verdict_to_compare(const struct comparing *c,
					   const struct nfp_style_result *style)
{
	struct nfp_evidence evidence;
	struct nfp_judgement without;
	size_t row = 0;

	if (c->tested || style->multicast != NFP_MULTICAST_LOST)
		return style->verdict;
	while (row + 1 < NFP_BY_COUNT && nfp_sources[row].enters != style->from.source)
		row++;
	nfp_evidence_of(style, &nfp_sources[row].shows, &evidence);
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++)
		evidence.step[step].landing[NFP_KIND_MULTICAST] = NFP_LANDING_NONE;
	nfp_judge(&evidence, &without);
	/* A baseline does not have all that a judgement needs. */
	return without.verdict < style->verdict || proves_nothing(without.verdict)
		       ? style->verdict
		       : without.verdict;
}

static void compare_style(struct comparing *c)
{
	enum nfp_verdict then, now;
	enum nfp_trend trend;
	struct nfp_difference *d;
	bool allowed;

	compare_multicast(c);
	then = verdict_to_compare(c, c->then);
	now = verdict_to_compare(c, c->now);
	trend = now < then ? NFP_TREND_WORSE : NFP_TREND_BETTER;
	allowed = c->now->allowed && now != NFP_VERDICT_SAFE;
	c->to->compared++;
	c->counts = !proves_nothing(now) && (c->to->same || !allowed);
	c->unproved |= proves_nothing(now) && !allowed && nfp_style_counts(c->vf, c->now);
	/* A verdict that proves nothing is neither better nor worse than one that does. */
	if (proves_nothing(now) || (proves_nothing(then) && now == NFP_VERDICT_NOT_APPLICABLE))
		trend = NFP_TREND_CHANGED;
	if (then != now) {
		d = add_difference(c, NFP_COMPARED_VERDICT, NFP_STEP_COUNT, NFP_STEP_COUNT, trend);
		snprintf(d->before, sizeof(d->before), "%s", nfp_verdict_name(then));
		snprintf(d->now, sizeof(d->now), "%s", nfp_verdict_name(now));
	}
	compare_landings(c);
	compare_gaps(c);
}

/* Only one of the two runs has it: it cannot be worse, but a verdict of its own counts. */
static void report_unpaired(struct comparing *c)
{
	const struct nfp_style_result *one = c->now ? c->now : c->then;
	struct nfp_difference *d;

	c->counts = false;
	d = add_difference(c, NFP_COMPARED_VERDICT, NFP_STEP_COUNT, NFP_STEP_COUNT,
			   c->now ? NFP_TREND_NEW : NFP_TREND_GONE);
	snprintf(c->now ? d->now : d->before, sizeof(d->now), "%s", nfp_verdict_name(one->verdict));
	if (!c->now || c->now->allowed || one->verdict == NFP_VERDICT_NOT_APPLICABLE)
		return;
	c->unproved |= proves_nothing(one->verdict) && nfp_style_counts(c->vf, one);
	c->bad |= one->verdict < NFP_VERDICT_INCONCLUSIVE;
}

/* Was the style tested at all? A remedy may be in one run and not in the other, and says nothing of
 * either. */
static bool is_tested(const struct nfp_style_result *style)
{
	return style && !style->remedy && style->verdict != NFP_VERDICT_NOT_APPLICABLE;
}

static bool has_sources(const struct nfp_result *result)
{
	for (size_t i = 0; i < result->num_vfs; i++) {
		if (nfp_vf_has_sources(&result->vfs[i]))
			return true;
	}
	return false;
}

/* The classes of a run's sources, as bits. */
static uint32_t classes_of(const struct nfp_result *result)
{
	uint32_t classes = 0;

	for (size_t i = 0; i < result->num_vfs; i++) {
		const struct nfp_vf_result *vf = &result->vfs[i];

		for (size_t j = 0; j < vf->num_styles; j++)
			classes |= vf->styles[j].from.known ? 1U << vf->styles[j].from.source : 0;
	}
	return classes;
}

static const char *class_words(uint32_t classes, char buf[32])
{
	buf[0] = '\0';
	for (enum nfp_source source = 0; source < NFP_SOURCE_COUNT; source++) {
		if (classes & 1U << source)
			nfp_appendf(buf, 32, "%s%s", buf[0] ? " and " : "",
				    nfp_source_name(source));
	}
	return buf;
}

static void why_not(const struct nfp_result *then, const struct nfp_result *now, char *buf,
		    size_t size)
{
	const struct nfp_settings *was = &then->settings, *is = &now->settings;
	const struct nfp_pf_info *old = &then->pf, *pf = &now->pf;
	uint32_t before = classes_of(then), classes = classes_of(now);
	char from[32], from_now[32];

	if (before && classes && !(before & classes))
		snprintf(buf, size, "frames came from another source then (%s, now %s)",
			 class_words(before, from), class_words(classes, from_now));
	else if (!was->vlan.vid != !is->vlan.vid)
		snprintf(buf, size, "one run was on a VLAN, the other on none");
	else if (old->vendor && pf->vendor &&
		 (old->vendor != pf->vendor || old->device != pf->device))
		snprintf(buf, size, "the baseline is of another NIC (%04x:%04x, this is %04x:%04x)",
			 old->vendor, old->device, pf->vendor, pf->device);
}

void nfp_compare(const struct nfp_result *then, const struct nfp_result *now, bool same,
		 struct nfp_comparison *ret_comparison)
{
	struct nfp_comparison *to = ret_comparison;
	struct comparing c = {.to = to, .sources = has_sources(then) || has_sources(now)};

	*to = (struct nfp_comparison) {.same = same, .exit_status = NFP_EXIT_INCONCLUSIVE};
	if (then->start_unix_ms > 0)
		nfp_time_text(then->start_unix_ms, to->then.start, sizeof(to->then.start));
	snprintf(to->then.driver, NFP_TEXT_LEN, "%s", then->pf.driver);
	snprintf(to->then.driver_version, NFP_TEXT_LEN, "%s", then->pf.driver_version);
	snprintf(to->then.firmware, NFP_TEXT_LEN, "%s", then->pf.firmware);
	snprintf(to->then.kernel, NFP_TEXT_LEN, "%s", then->kernel);
	why_not(then, now, to->not_compared, sizeof(to->not_compared));
	if (to->not_compared[0])
		return;
	for (size_t i = 0; i < now->num_vfs; i++) {
		c.vf = &now->vfs[i];
		for (size_t j = 0; j < now->vfs[i].num_styles; j++) {
			c.now = &now->vfs[i].styles[j];
			c.then = find_style(then, c.vf, c.now);
			if (is_tested(c.then) && is_tested(c.now))
				compare_style(&c);
			else if (is_tested(c.now))
				report_unpaired(&c);
		}
	}
	c.now = NULL;
	for (size_t i = 0; i < then->num_vfs; i++) {
		c.vf = &then->vfs[i];
		for (size_t j = 0; j < then->vfs[i].num_styles; j++) {
			c.then = &then->vfs[i].styles[j];
			if (is_tested(c.then) && !is_tested(find_style(now, c.vf, c.then)))
				report_unpaired(&c);
		}
	}
	if (to->compared == 0)
		snprintf(to->not_compared, sizeof(to->not_compared),
			 "the two have no VF and style in common");
	to->exit_status = nfp_exit_of(to->worse || c.bad, c.unproved || !to->compared);
}

bool nfp_difference_is_of(const struct nfp_difference *difference, unsigned int vf,
			  const struct nfp_style_result *style)
{
	return difference->vf == vf && difference->style == style->style &&
	       (!difference->of.known || strcmp(difference->of.name, style->from.name) == 0);
}

bool nfp_comparison_excuses(const struct nfp_comparison *comparison, unsigned int vf,
			    const struct nfp_style_result *style)
{
	if (!comparison || comparison->not_compared[0] || proves_nothing(style->verdict))
		return false;
	for (size_t i = 0; i < comparison->n; i++) {
		const struct nfp_difference *d = &comparison->v[i];

		if (nfp_difference_is_of(d, vf, style) && (d->counts || d->trend == NFP_TREND_NEW))
			return false;
	}
	return true;
}
