// SPDX-License-Identifier: GPL-2.0-or-later
/* The window of a step: waits for it, notices external changes, counts its frames. */
#include <sys/param.h>

#include "runner_priv.h"

#define TICK_NS (100 * NFP_NSEC_PER_MSEC) /* look at the stream at least this often */
#define SLOW_NS (2 * NFP_NSEC_PER_SEC)	  /* added for each time that a source is slower */
#define SLOWEST 8U			  /* a source slows down by this factor at most */
/* The time that the accounting keeps for the next transition. */
#define KEEP_NS	    (250 * NFP_NSEC_PER_MSEC)
#define KEEP_FRAMES 3U
/* Steps in which a receiver has lacked the group. One that was watched on for it counts as many. */
#define LACKED_FOR_GOOD 2U

/* ---- waiting ---- */

struct watch {
	struct nfp_settle settle;
	uint64_t grace_ns;
	enum nfp_settle_state state;
	unsigned int lacks;  /* kinds, as bits, that do not land where the step demands them */
	unsigned int lacked; /* those that were announced once more */
	uint64_t again_ns;   /* .. the last of them at that time */
};

void runner_landings(const struct nfp_count count[NFP_KIND_COUNT],
		     enum nfp_landing ret_landing[NFP_KIND_COUNT])
{
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		ret_landing[kind] = nfp_landing_of(&count[kind]);
}

/* Without a reset the guest boots in the state of `assign`, which demands what `attach` does. */
static enum nfp_fit demands(const struct runner *r)
{
	return r->step->step == NFP_STEP_ASSIGN ? NFP_FIT_PF : runner_row(r)->fit;
}

/* The kinds of frames whose absence would condemn the NIC. */
static unsigned int lacks_of(const struct runner *r, const enum nfp_landing landing[NFP_KIND_COUNT])
{
	enum nfp_fit fit = demands(r);
	enum nfp_receiver at = nfp_receiver_of(fit);
	unsigned int lacks = 0;

	if (fit == NFP_FIT_RECORDED || !at_pf(landing[NFP_KIND_BROADCAST]))
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
 * Those of w->lacks that are still to be confirmed. Each step reports the group when it begins, so
 * that the steps before have confirmed what a receiver has lacked all the time.
 */
static unsigned int open_lacks(const struct runner *r, const struct watch *w)
{
	return r->group_lacked[nfp_receiver_of(demands(r))] >= LACKED_FOR_GOOD
		       ? w->lacks & ~RUNNER_KIND(NFP_KIND_MULTICAST)
		       : w->lacks;
}

/* A few frames condemn nobody: a source that is slow needs longer for enough of them. */
static unsigned int few_of(const struct nfp_count count[NFP_KIND_COUNT])
{
	unsigned int few = 0;

	for (int kind = 0; kind < NFP_KINDS_HEARD; kind++) {
		if (count[kind].sent < NFP_SETTLE_GROUP)
			few |= RUNNER_KIND(kind);
	}
	return few;
}

/* `control` changes nothing. But what the run has undone before it may still act. */
static bool may_end_early(const struct runner *r, const struct watch *w)
{
	return r->step->step == NFP_STEP_CONTROL &&
	       (!r->config->follows || w->settle.end_ns >= r->begin_ns + r->config->settle_ns);
}

/*
 * A silence that would condemn is watched for twice the settling time, since a network may pause,
 * and then for some more after it was announced again.
 */
static bool is_enough(const struct runner *r, struct watch *w)
{
	uint64_t settle_ns = r->config->settle_ns;
	enum nfp_landing landing[NFP_KIND_COUNT];
	struct nfp_count count[NFP_KIND_COUNT];
	bool early = w->state == NFP_SETTLE_CLEAR && may_end_early(r, w);

	if (w->state < NFP_SETTLE_HELD && !early)
		return false;
	nfp_accounting_sum(r->config->accounting, w->settle.from_ns, w->settle.end_ns, count);
	runner_landings(count, landing);
	w->lacks = lacks_of(r, landing);
	if (runner_now(r) >= w->settle.expire_ns)
		return true;
	/* Without this control the silence may be that of the source, or of the network. */
	if (!at_pf(landing[NFP_KIND_BROADCAST]))
		return r->step->step == NFP_STEP_CONTROL && !early;
	if (w->lacks & few_of(count))
		return false;
	if (!open_lacks(r, w))
		return true;
	if (!(open_lacks(r, w) & ~w->lacked))
		return w->settle.end_ns >= w->again_ns + settle_ns;
	return w->settle.end_ns - w->settle.from_ns >= 2 * settle_ns;
}

/* True: the step would condemn, and is watched on. */
static bool watch_on(struct runner *r, struct watch *w, int *ret)
{
	uint64_t now_ns = runner_now(r);
	unsigned int lacks = open_lacks(r, w) & ~w->lacked;

	if (r->over || !lacks || r->blinked || !r->carrier || !runner_announce_again(r, lacks, ret))
		return false;
	w->again_ns = now_ns;
	w->lacked |= lacks;
	w->settle.expire_ns = MAX(w->settle.expire_ns, now_ns + 3 * r->config->settle_ns);
	return true;
}

static void note_healed(struct runner *r, const struct watch *w)
{
	unsigned int healed = w->lacked & ~w->lacks;

	if (!healed || r->step->step == NFP_STEP_STANDBY)
		return;
	if (healed == RUNNER_KIND(NFP_KIND_MULTICAST))
		r->step->healed_group = true;
	else
		r->step->healed = true;
	runner_note(r, "%s arrived only after %s once more",
		    r->step->healed ? "frames" : "the group",
		    r->step->healed ? "the address was announced" : "it was reported");
}

static void note_group(struct runner *r, const struct watch *w)
{
	const enum nfp_landing *landing = r->step->landing;
	enum nfp_receiver at = nfp_receiver_of(demands(r));

	for (enum nfp_receiver i = 0; i < NFP_RECEIVER_COUNT; i++) {
		if (nfp_reaches(landing[NFP_KIND_MULTICAST], i) == NFP_YES)
			r->group_lacked[i] = 0;
	}
	if (demands(r) == NFP_FIT_RECORDED || w->state != NFP_SETTLE_HELD ||
	    !at_pf(landing[NFP_KIND_BROADCAST]) ||
	    nfp_reaches(landing[NFP_KIND_MULTICAST], at) != NFP_NO)
		return;
	r->group_lacked[at] += w->lacks & RUNNER_KIND(NFP_KIND_MULTICAST) ? LACKED_FOR_GOOD : 1;
}

/* The clock of the wire does not go back, so the mark is accepted. */
static uint64_t mark_now(struct runner *r)
{
	uint64_t now_ns = runner_now(r);

	(void)nfp_accounting_mark(r->config->accounting, now_ns);
	return now_ns;
}

/* A replay does the same: how slow the source was at the time is in no frame. */
void runner_settle_begin(const struct nfp_runner_config *config, struct nfp_settle *settle,
			 uint64_t now_ns, const unsigned int rate[NFP_KIND_COUNT])
{
	nfp_settle_begin(settle, now_ns, config->settle_ns, rate,
			 config->source->slows ? SLOWEST : 1);
}

/* Begins at @now_ns, a mark. From a source that has slowed down, a step has more time to settle. */
static void begin_settling(struct runner *r, struct watch *w, uint64_t now_ns)
{
	struct nfp_wire_stats stats = {0};

	runner_settle_begin(r->config, &w->settle, now_ns, r->plan.rate);
	runner_tell(r, NFP_EVENT_WATCH, now_ns, 0);
	if (!r->config->source->slows)
		return;
	r->wire.ops->stats(r->wire.ctx, &stats);
	if (stats.slowness > 1)
		w->settle.expire_ns += (stats.slowness - 1) * SLOW_NS;
}

static int wait_for_window(struct runner *r, struct watch *w)
{
	const struct nfp_runner_config *config = r->config;
	struct nfp_frame_accounting *accounting = config->accounting;

	for (;;) {
		struct nfp_wire_stats stats = {0};
		uint64_t now_ns = runner_now(r), due_ns;
		int ret;

		due_ns = nfp_settle_due(&w->settle, w->grace_ns, may_end_early(r, w));
		if (due_ns <= now_ns)
			due_ns = now_ns + NFP_ACCOUNTING_SLICE_NS;
		due_ns = MIN(due_ns, now_ns + TICK_NS);
		if (r->carrier)
			due_ns = MIN(due_ns, MAX(runner_announce_due(r), now_ns));
		if (config->deadline_ns)
			due_ns = MIN(due_ns, config->deadline_ns);
		ret = r->wire.ops->pump(r->wire.ctx, due_ns, accounting, r->err);
		/* Woken, or the carrier is awaited: the host may know why. */
		if (ret > 0 || (ret == 0 && !r->carrier))
			ret = runner_check_changes(r);
		ret = ret ?: runner_check_stop(r) ?: runner_announce(r);
		if (ret)
			return ret;
		now_ns = runner_now(r);
		/* A process that was stopped, or that a busy host forgot, did not watch meanwhile.
		 */
		if (now_ns > due_ns + w->settle.hole_ns)
			w->settle.expire_ns += now_ns - due_ns;
		w->grace_ns = nfp_settle_grace(accounting);
		w->state = nfp_settle_update(&w->settle, accounting, now_ns,
					     nfp_settle_final(accounting, now_ns, r->up));
		/* Before the window counts: was it disturbed without a wake-up? */
		ret = is_enough(r, w) ? runner_check_changes(r) : 0;
		if (ret)
			return ret;
		if (config->source->slows)
			r->wire.ops->stats(r->wire.ctx, &stats);
		/*
		 * Frames lost until the source slowed down were lost by it, not by the NIC: watch
		 * the step anew, with its whole time.
		 */
		if (config->source->slows && stats.slowed != r->slowed) {
			r->slowed = stats.slowed;
			begin_settling(r, w, mark_now(r));
			w->state = NFP_SETTLE_WAIT;
		}
		runner_look_at_bus(r);
		/* A link that stays away would hold its landing, nowhere, for ever. */
		if (r->blinked && runner_now(r) >= w->settle.expire_ns)
			w->state = NFP_SETTLE_EXPIRED;
		if (r->over || w->state == NFP_SETTLE_EXPIRED || !r->blinked) {
			bool enough = is_enough(r, w) || r->over;

			if (enough && !watch_on(r, w, &ret))
				return 0;
			if (ret)
				return ret;
		}
		if (!r->blinked || !r->carrier)
			continue;
		/* Frames lost while the link was away show nothing: the window begins anew. */
		now_ns = mark_now(r);
		nfp_settle_restart(&w->settle, now_ns);
		runner_tell(r, NFP_EVENT_AGAIN, now_ns, 0);
		r->blinked = false;
		w->lacked = 0;
		runner_announce_after_blink(r);
	}
}

/* ---- counting ---- */

void runner_count(struct runner *r, const struct nfp_settle *settle)
{
	uint64_t keep_ns = MAX(KEEP_FRAMES * NFP_NSEC_PER_SEC / r->config->rate, KEEP_NS);
	struct nfp_step_result *step = r->step;
	bool unstable = false;
	unsigned int doubted;

	step->window_ns = settle->end_ns - settle->from_ns;
	nfp_accounting_sum(r->config->accounting, settle->from_ns, settle->end_ns, step->count);
	runner_landings(step->count, step->landing);
	doubted = lacks_of(r, step->landing) & few_of(step->count);
	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		/* Whether a receiver is served must not depend on the loss of one or two frames. */
		if (kind == NFP_KIND_MULTICAST && step->count[kind].sent &&
		    step->count[kind].sent < NFP_SETTLE_FEW)
			step->landing[kind] = NFP_LANDING_MIXED;
		if (doubted & RUNNER_KIND(kind))
			step->landing[kind] = NFP_LANDING_MIXED;
		if (!nfp_settle_is_unstable(settle, kind))
			continue;
		step->landing[kind] = NFP_LANDING_MIXED;
		unstable |= kind < NFP_KINDS_DECIDE;
	}
	step->unsettled |= unstable;
	if (unstable) {
		runner_note(
			r, "the landing kept changing for %u ms",
			(unsigned int)((settle->end_ns - settle->begin_ns) / NFP_NSEC_PER_MSEC));
	} else if (nfp_settle_has_too_few(settle, r->config->accounting)) {
		/* Where frames landed shows nothing of those that were not sent. */
		for (enum nfp_kind kind = 0; kind < NFP_KINDS_HEARD; kind++) {
			if (step->landing[kind] != NFP_LANDING_NONE)
				step->landing[kind] = NFP_LANDING_MIXED;
		}
		if (!step->changed)
			runner_note(r, "too few frames were sent to tell, or none for too long");
	}
	r->group_shown |= at_pf(step->landing[NFP_KIND_MULTICAST]) ||
			  step->landing[NFP_KIND_MULTICAST] == NFP_LANDING_VF;
	runner_compare_unregistered(r);
	runner_count_transition(r, settle->from_ns);
	r->before = step;
	r->window_end_ns = settle->end_ns;
	if (settle->end_ns > keep_ns)
		nfp_accounting_forget(r->config->accounting, settle->end_ns - keep_ns);
}

int runner_watch(struct runner *r)
{
	struct watch w = {.lacks = 0};
	int ret = r->wire.ops->pump(r->wire.ctx, runner_now(r), r->config->accounting, r->err);

	if (ret >= 0)
		ret = runner_check_changes(r);
	if (ret)
		return ret;
	r->action_ns = mark_now(r);
	begin_settling(r, &w, r->action_ns);
	w.grace_ns = nfp_settle_grace(r->config->accounting);
	runner_announce_begin(r, r->step->step, r->action_ns);
	ret = wait_for_window(r, &w);
	if (ret)
		return ret;
	if (r->step->step == NFP_STEP_STANDBY &&
	    (!r->announced || !r->config->source->shows.outside))
		runner_look_for_flood(r);
	note_healed(r, &w);
	if (w.state == NFP_SETTLE_EXPIRED)
		nfp_settle_take_last(&w.settle, r->config->accounting);
	/* If the link stays away for so long, no later step can show anything. */
	if (w.state == NFP_SETTLE_EXPIRED && !r->carrier)
		r->step->carrier_lost = r->over = true;
	runner_tell(r, NFP_EVENT_WINDOW, w.settle.from_ns, w.settle.end_ns);
	runner_count(r, &w.settle);
	note_group(r, &w);
	return runner_transmit(r);
}
