// SPDX-License-Identifier: GPL-2.0-or-later
/* step.c - the window of a step: what it waits for, when a silence is announced again, and its
 * counts. */
#include <string.h>
#include <sys/param.h>

#include "announce.h"
#include "runner.h"
#include "settle.h"
#include "window.h"

#define SLOW_NS (2 * NFP_NSEC_PER_SEC) /* added each time a source slows down */
/* The accounting keeps so much for the next transition. */
#define KEEP_NS	    (250 * NFP_NSEC_PER_MSEC)
#define KEEP_FRAMES 3U
/* A receiver that has lacked the group in so many steps is believed. A step that was watched for
 * longer because of the group counts as all of them. */
#define LACKED_FOR_GOOD 2U
/* A step announces once more so often at most: a carrier that flaps makes each silence a new one.
 */
#define AGAIN_MOST 4U
/* A carrier that came back so often in a step whose time is up does not stay. */
#define FLAPS_MOST 3U

/* ---- waiting ---- */

/* The window under way. */
struct watched {
	unsigned int lacked; /* bits: kinds that were announced once more */
	uint64_t again_ns;   /* when the last of them was */
	unsigned int again;  /* how often that gave the window more time */
	unsigned int lacks;  /* bits: kinds that the receiver lacks at the end */
};

/* A VF that has a reset is reset before its guest boots, so `assign` lasts for milliseconds. */
static bool is_passed(const struct runner *r)
{
	const struct nfp_earlier *earlier = r->config->earlier;

	return r->step->step == NFP_STEP_ASSIGN && earlier && earlier->was_reset;
}

/* A guest whose VF has no reset boots in the state of `assign`, which then expects what `attach`
 * does. */
static bool expects(const struct runner *r)
{
	return runner_row(r)->expected != NFP_EXPECTED_RECORDED ||
	       (r->step->step == NFP_STEP_ASSIGN && !is_passed(r));
}

/* Returns the kinds, as bits, that the expected receiver lacks. 0 while broadcast does not arrive
 * either. */
static unsigned int lacks_of(const struct runner *r, const enum nfp_landing landing[NFP_KIND_COUNT])
{
	enum nfp_receiver at = nfp_receiver_of(r->step->step);
	unsigned int lacks = 0;

	if (!expects(r) || !nfp_lands_at(landing[NFP_KIND_BROADCAST], NFP_AT_PF))
		return 0;
	for (enum nfp_kind kind = 0; kind < NFP_KINDS_DECIDE; kind++) {
		if (nfp_reaches(landing[kind], at) == NFP_NO)
			lacks |= RUNNER_KIND(kind);
	}
	if (!lacks && r->group_shown && nfp_reaches(landing[NFP_KIND_MULTICAST], at) == NFP_NO)
		lacks = RUNNER_KIND(NFP_KIND_MULTICAST);
	return lacks;
}

/*
 * Returns the lacks that are still to be confirmed. Each step reports the group when it begins, so
 * the steps before have confirmed what a receiver has lacked all the time.
 */
static unsigned int open_lacks(const struct runner *r, unsigned int lacks)
{
	return r->group_lacked[nfp_receiver_of(r->step->step)] >= LACKED_FOR_GOOD
		       ? lacks & ~RUNNER_KIND(NFP_KIND_MULTICAST)
		       : lacks;
}

/* A few frames condemn nobody: enough of them take longer from a slow source. */
static unsigned int few_of(const struct nfp_count count[NFP_KIND_COUNT])
{
	unsigned int few = 0;

	for (int kind = 0; kind < NFP_KINDS_HEARD; kind++) {
		if (count[kind].sent < NFP_SETTLE_GROUP)
			few |= RUNNER_KIND(kind);
	}
	return few;
}

/* `control` changes nothing, and may end early. It may not if what the run has undone before could
 * still act, or if a group arrives that nobody has joined: then its control, which is rare, must
 * show whether others do. */
static bool may_end_early(const struct runner *r, const struct nfp_settle *settle)
{
	const struct nfp_count *count = settle->count;
	bool open = count[NFP_KIND_MULTICAST].at[NFP_AT_PF] &&
		    count[NFP_KIND_UNJOINED].sent < NFP_SETTLE_LAST;

	return r->step->step == NFP_STEP_CONTROL && !open &&
	       (!r->config->follows || settle->end_ns >= r->begin_ns + r->config->settle_ns);
}

/* Silences of one class have one cause: a NIC repeats what it did with the same address. */
static unsigned int silence_class(enum nfp_step step)
{
	return 1U << ((unsigned int)nfp_phase_of(step) +
		      (step >= NFP_STEP_VF_FIRST ? NFP_PHASE_COUNT : 0));
}

/* Returns the lacks by the counts of the window so far. */
static unsigned int lacks_now(const struct runner *r, const struct window *w)
{
	enum nfp_landing landing[NFP_KIND_COUNT];
	struct nfp_count count[NFP_KIND_COUNT];

	window_count(r, w, count);
	runner_landings(count, landing);
	return lacks_of(r, landing);
}

/* The network now delivers what nobody has announced, and so also what somebody has. */
static bool floods_now(const struct runner *r, const struct window *w)
{
	enum nfp_landing landing[NFP_KIND_COUNT];
	struct nfp_count count[NFP_KIND_COUNT];

	window_count(r, w, count);
	runner_landings(count, landing);
	return r->result->floods && nfp_lands_at(landing[NFP_KIND_UNREGISTERED], NFP_AT_PF);
}

/*
 * A silence that would condemn is watched for twice the settling time, since a network may pause,
 * and then again after another announcement. The next silence of its class needs one settling time.
 */
static bool step_is_enough(const struct runner *r, const struct window *w)
{
	const struct watched *watched = w->spec->data;
	const struct nfp_settle *settle = &w->settle;
	uint64_t network_ns = r->network_ns;
	bool early = w->state == NFP_SETTLE_CLEAR && may_end_early(r, settle);
	enum nfp_landing landing[NFP_KIND_COUNT];
	unsigned int lacks, doubled, times;

	if (runner_may_cut_short(r) && window_is_lost(w))
		return true;
	if (w->state < NFP_SETTLE_HELD && !early)
		return false;
	if (runner_now(r) >= settle->expire_ns)
		return true;
	runner_landings(settle->count, landing);
	/* Without broadcast the silence may be that of the source or the network. */
	if (!nfp_lands_at(landing[NFP_KIND_BROADCAST], NFP_AT_PF))
		return r->step->step == NFP_STEP_CONTROL && !early;
	lacks = lacks_of(r, landing);
	if (lacks & few_of(settle->count))
		return false;
	lacks = open_lacks(r, lacks);
	/* A network may pause, whatever a silence shows. */
	if (!lacks)
		return early || is_passed(r) || landing[NFP_KIND_UNICAST] != NFP_LANDING_NOWHERE ||
		       settle->end_ns - settle->from_ns >= network_ns;
	if (!(lacks & ~watched->lacked))
		return settle->end_ns >= watched->again_ns + network_ns;
	doubled = lacks == RUNNER_KIND(NFP_KIND_MULTICAST) ? r->doubled_group : r->doubled;
	times = doubled & silence_class(r->step->step) ? 1 : 2;
	return settle->end_ns - settle->from_ns >= times * network_ns;
}

static void note_reannounced(struct runner *r, unsigned int kinds)
{
	if (!kinds || r->step->step == NFP_STEP_STANDBY)
		return;
	if (kinds == RUNNER_KIND(NFP_KIND_MULTICAST))
		r->step->after_rereport = true;
	else
		r->step->after_reannounce = true;
	runner_note(r, "%s arrived only after %s once more",
		    r->step->after_reannounce ? "frames" : "the group",
		    r->step->after_reannounce ? "the address was announced" : "it was reported");
}

static void note_group(struct runner *r, bool stable, unsigned int lacks)
{
	const enum nfp_landing *landing = r->step->w.landing;
	enum nfp_receiver at = nfp_receiver_of(r->step->step);

	for (enum nfp_receiver i = 0; i < NFP_RECEIVER_COUNT; i++) {
		if (nfp_lands_at(landing[NFP_KIND_MULTICAST], i))
			r->group_lacked[i] = 0;
	}
	if (!expects(r) || !stable || !nfp_lands_at(landing[NFP_KIND_BROADCAST], NFP_AT_PF) ||
	    nfp_reaches(landing[NFP_KIND_MULTICAST], at) != NFP_NO)
		return;
	r->group_lacked[at] += lacks & RUNNER_KIND(NFP_KIND_MULTICAST) ? LACKED_FOR_GOOD : 1;
}

/* A source that has slowed down gives the step more time. */
static void begin_watching(struct runner *r, struct window *w)
{
	struct nfp_wire_stats stats = {0};

	runner_emit(r, NFP_EVENT_WATCH, w->settle.begin_ns, 0);
	if (!r->config->source->slows)
		return;
	r->wire.ops->stats(r->wire.ctx, &stats);
	if (stats.slowness > 1)
		w->settle.expire_ns += (stats.slowness - 1) * SLOW_NS;
}

/*
 * The source, not the NIC, lost the frames until it slowed down: gives the step its whole time
 * again.
 */
static bool slowed_down(struct runner *r, struct window *w)
{
	struct nfp_wire_stats stats = {0};

	if (r->over || !r->config->source->slows)
		return false;
	r->wire.ops->stats(r->wire.ctx, &stats);
	if (stats.slowed == r->slowed)
		return false;
	r->slowed = stats.slowed;
	window_begin(r, w);
	begin_watching(r, w);
	return true;
}

/* Announces once more before the step condemns, and gives that time to help. 1: the window goes on;
 * 0, or what ends the run. */
static int watch_on(struct runner *r, struct window *w)
{
	struct watched *watched = w->spec->data;
	uint64_t now_ns = runner_now(r);
	unsigned int lacks = open_lacks(r, lacks_now(r, w)) & ~watched->lacked;
	int ret = 0;

	if (floods_now(r, w))
		lacks &= RUNNER_KIND(NFP_KIND_MULTICAST);

	if (slowed_down(r, w))
		return 1;
	if (r->over || !lacks || r->link_flapped || !r->carrier || w->starved ||
	    watched->again == AGAIN_MOST || !runner_announce_again(r, lacks, &ret))
		return 0;
	watched->again_ns = now_ns;
	watched->again++;
	watched->lacked |= lacks;
	w->settle.expire_ns = MAX(w->settle.expire_ns, now_ns + 3 * r->network_ns);
	return ret ?: 1;
}

static int say_in_step(struct runner *r, struct window *w)
{
	int ret;

	runner_look_at_bus(r);
	ret = announce_due(r, w);
	w->early = may_end_early(r, &w->settle) || runner_may_cut_short(r);
	return ret;
}

static void again_in_step(struct runner *r, struct window *w)
{
	runner_emit(r, NFP_EVENT_AGAIN, w->settle.from_ns, 0);
	((struct watched *)w->spec->data)->lacked = 0;
	announce_anew(r, w);
}

/* A landing that is not stable by now is counted over the last settling time. */
static void end_watching(struct runner *r, struct window *w)
{
	struct watched *watched = w->spec->data;

	if (r->step->step == NFP_STEP_STANDBY &&
	    (!r->announced || !r->config->source->shows.outside))
		runner_look_for_flood(r);
	watched->lacks = lacks_now(r, w);
	note_reannounced(r, watched->lacked & ~watched->lacks);
	if (w->state != NFP_SETTLE_EXPIRED)
		return;
	nfp_settle_take_last(&w->settle, r->wire.accounting);
	/* If the link stays away for so long, or flaps, no later step can show anything. */
	if (!r->carrier || w->flaps >= FLAPS_MOST)
		r->step->carrier_lost = r->over = true;
	r->over |= w->starved;
}

/* ---- the transition from the window before ---- */

/* Bits: the receivers that frames of a landing reach. */
#define BIT(receiver) (1U << (unsigned int)(receiver))

static const unsigned int reach_of[NFP_LANDING_COUNT] = {
	[NFP_LANDING_PF] = BIT(NFP_AT_PF),
	[NFP_LANDING_VF] = BIT(NFP_AT_VF),
	[NFP_LANDING_BOTH] = BIT(NFP_AT_PF) | BIT(NFP_AT_VF),
};

/* net_failover hears the standby while there is no VF driver, and the VF alone once
 * there is one. */
static int guest_hears_in(const struct nfp_step_result *step)
{
	enum nfp_listens listens = nfp_ladder[step->step].listens;
	int at = listens == NFP_LISTENS_PF ? NFP_AT_PF : NFP_AT_VF;

	return listens != NFP_LISTENS_NOWHERE &&
			       reach_of[step->w.landing[NFP_KIND_UNICAST]] & BIT(at)
		       ? at
		       : -1;
}

/* Adds the frames that the guest should have heard in a stable state and did not. */
static void add_loss(const struct nfp_step_result *step, struct nfp_transition_query *ask, int at)
{
	const struct nfp_count *count = &step->w.count[NFP_KIND_UNICAST];

	if (at < 0)
		return;
	ask->sent += count->sent;
	ask->lost += count->sent - count->at[at];
}

static void count_transition(struct runner *r, uint64_t to_ns)
{
	const struct nfp_step_result *before = r->before, *after = r->step;
	struct nfp_style_result *result = r->result;
	struct nfp_transition *t;
	unsigned int rate = r->plan.rate[NFP_KIND_UNICAST];
	struct nfp_transition_query ask = {
		.from_ns = r->window_end_ns,
		.to_ns = to_ns,
		.request_ns = r->request_ns,
		.vf_since_ns = r->listening_ns,
		.interval_ns = rate ? NFP_NSEC_PER_SEC / rate : 0,
	};

	if (!before)
		return;
	t = &result->transitions[result->num_transitions++];
	*t = (struct nfp_transition) {.from = before->step, .to = after->step};
	/* A new address belongs to another guest. */
	ask.before = t->to == NFP_STEP_VF_FIRST ? -1 : guest_hears_in(before);
	ask.after = guest_hears_in(after);
	add_loss(before, &ask, ask.before);
	add_loss(after, &ask, ask.after);
	nfp_transition_measure(r->wire.accounting, &ask, &t->unicast);
	if (r->request_ns)
		t->request_ns = r->request_ns - MIN(r->request_ns, r->config->start_ns);
}

/* ---- counting ---- */

/* Notes the silence of a stable window. */
static void note_silence(struct runner *r, unsigned int lacks)
{
	enum nfp_step step = r->step->step;

	if (lacks == RUNNER_KIND(NFP_KIND_MULTICAST))
		r->doubled_group |= silence_class(step);
	else if (lacks)
		r->doubled |= silence_class(step);
	r->lost |= step == NFP_STEP_ATTACH && r->result->floods &&
		   lacks & RUNNER_KIND(NFP_KIND_UNICAST);
}

/*
 * By their source, the drivers of this NIC act at once. If a landing changes in the second half of
 * the settling time, or later, the next may change after its window: from then on each state is
 * watched for the network's settling time.
 */
static void look_for_late(struct runner *r, const struct window *w)
{
	uint64_t late_ns = w->settle.begin_ns + r->config->settle_ns / 2;
	uint64_t changed_ns = 0;

	if (!runner_is_quick(r))
		return;
	for (enum nfp_kind kind = 0; kind < NFP_KINDS_HEARD; kind++)
		changed_ns = MAX(changed_ns, w->settle.changed_ns[kind]);
	if (changed_ns < late_ns)
		return;
	r->slow = true;
	if (r->config->earlier)
		r->config->earlier->slow = true;
	runner_note(r, "a landing changed %u ms after the change, which is late for these drivers",
		    (unsigned int)((changed_ns - w->settle.begin_ns) / NFP_NSEC_PER_MSEC));
}

/* The landing of the frames that were sent says nothing of those that were not. */
static void mix_landings(struct nfp_step_result *step)
{
	for (enum nfp_kind kind = 0; kind < NFP_KINDS_HEARD; kind++) {
		if (step->w.landing[kind] != NFP_LANDING_NONE)
			step->w.landing[kind] = NFP_LANDING_MIXED;
	}
}

/* Counts the window, and the transition to it. */
static void count_step(struct runner *r, const struct window *w)
{
	const struct nfp_settle *settle = &w->settle;
	uint64_t keep_ns = MAX(KEEP_FRAMES * NFP_NSEC_PER_SEC / r->config->rate, KEEP_NS);
	struct nfp_step_result *step = r->step;
	bool unstable = false;
	unsigned int few;

	step->window_ns = settle->end_ns - settle->from_ns;
	if (!r->result->settle_ns || r->result->settle_ns > w->spec->stable_ns)
		r->result->settle_ns = w->spec->stable_ns;
	memcpy(step->w.count, w->count, sizeof(w->count));
	memcpy(step->w.landing, w->landing, sizeof(w->landing));
	few = lacks_of(r, step->w.landing) & few_of(step->w.count);
	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		/* The loss of one or two frames must not decide whether a receiver is served. */
		if (kind == NFP_KIND_MULTICAST && step->w.count[kind].sent &&
		    step->w.count[kind].sent < NFP_SETTLE_FEW)
			step->w.landing[kind] = NFP_LANDING_MIXED;
		if (few & RUNNER_KIND(kind))
			step->w.landing[kind] = NFP_LANDING_MIXED;
		if (!nfp_settle_is_unstable(settle, kind))
			continue;
		step->w.landing[kind] = NFP_LANDING_MIXED;
		unstable |= kind < NFP_KINDS_DECIDE;
	}
	step->unsettled |= unstable;
	look_for_late(r, w);
	if (w->starved) {
		mix_landings(step);
		runner_note(
			r,
			"this host did not let nfprobe run: it held it up again and again, for %u "
			"ms in all",
			(unsigned int)(w->given_ns / NFP_NSEC_PER_MSEC));
	} else if (unstable) {
		runner_note(
			r, "the landing kept changing for %u ms",
			(unsigned int)((settle->end_ns - settle->begin_ns) / NFP_NSEC_PER_MSEC));
	} else if (nfp_settle_has_too_few(settle, r->wire.accounting)) {
		mix_landings(step);
		if (!step->changed)
			runner_note(r, "too few frames were sent to tell, or none for too long");
	}
	step->cut_short = w->state == NFP_SETTLE_CLEAR && runner_may_cut_short(r);
	if (step->cut_short && step->w.landing[NFP_KIND_MULTICAST] != NFP_LANDING_NONE)
		step->w.landing[NFP_KIND_MULTICAST] = NFP_LANDING_MIXED;
	runner_vlan_count(r, w);
	r->group_shown |= nfp_lands(step->w.landing[NFP_KIND_MULTICAST]);
	runner_compare_unregistered(r);
	count_transition(r, settle->from_ns);
	r->before = step;
	r->window_end_ns = settle->end_ns;
	if (settle->end_ns > keep_ns)
		nfp_accounting_forget(r->wire.accounting, settle->end_ns - keep_ns);
}

/*
 * The NIC's firmware carries out a reset, whatever the drivers' source says. A late effect would
 * fall into the next step, where the guest's own request hides it.
 */
static uint64_t stable_behind(const struct runner *r)
{
	return nfp_ends_in_reset(runner_row(r)->actions) && !r->no_reset && !runner_knows_resets(r)
		       ? r->network_ns
		       : runner_stable_ns(r);
}

int runner_watch_step(struct runner *r)
{
	struct watched watched = {0};
	const struct window_spec spec = {
		.stable_ns = stable_behind(r),
		.keeps = true,
		.announce = say_in_step,
		.enough = step_is_enough,
		.again = again_in_step,
		.data = &watched,
	};
	struct window w;
	int ret = runner_catch_up(r);

	if (ret)
		return ret;
	runner_announce_begin(r, r->step->step, runner_now(r));
	window_open(r, &spec, &w);
	begin_watching(r, &w);
	while (!(ret = runner_wait(r, &w)) && (ret = watch_on(r, &w)) > 0)
		runner_link_is_back(r, &w);
	if (ret)
		return ret;
	end_watching(r, &w);
	window_close(r, &w);
	runner_emit(r, NFP_EVENT_WINDOW, w.settle.from_ns, w.settle.end_ns);
	count_step(r, &w);
	runner_reflections_count(r);
	note_group(r, w.state == NFP_SETTLE_HELD, watched.lacks);
	if (w.state == NFP_SETTLE_HELD)
		note_silence(r, watched.lacks);
	return 0;
}
