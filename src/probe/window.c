// SPDX-License-Identifier: GPL-2.0-or-later
/* The window of a step: waited for, disturbed by what others do, counted. */
#include <errno.h>
#include <string.h>

#include "nfprobe/verdict.h"
#include "runner_priv.h"

#define TICK_NS	     (100 * NFP_NSEC_PER_MSEC) /* the longest that the stream is left alone */
#define OWN_BLINK_NS NFP_NSEC_PER_SEC
#define SLOW_NS	     (2 * NFP_NSEC_PER_SEC) /* more, for each time that a source is slower */
#define SLOWEST	     8U			    /* times that a source that slows down may be slower */
/* Records that the next transition begins with. */
#define KEEP_NS	    (250 * NFP_NSEC_PER_MSEC)
#define KEEP_FRAMES 3U

/* ---- news ---- */

static void carrier_went(struct runner *r)
{
	/* Until the change is made, and for a moment after it, it is the change's own doing. */
	uint64_t since_ns = r->action_ns ? runner_now(r) - r->action_ns : 0;
	const char *ifname = r->config->ifname ? r->config->ifname : "the PF";

	r->blinked = true;
	if (r->announced) {
		r->step->carrier_lost = true;
		r->over = true;
		runner_note(r,
			    "%s lost its carrier right after the address was announced: does the "
			    "switch have port security?",
			    ifname);
	} else if (since_ns > OWN_BLINK_NS) {
		r->step->carrier_lost = true;
		runner_note(r, "%s lost its carrier %u ms after the change", ifname,
			    (unsigned int)(since_ns / NFP_NSEC_PER_MSEC));
	} else {
		runner_note(r, "%s lost its carrier for a moment: its driver did that", ifname);
	}
}

static int went_away(struct runner *r, const char *what)
{
	r->over = true;
	r->step->changed = true;
	runner_note(r, "%s", what);
	return nfp_err_set(r->err, -ENODEV, NFP_E_KERNEL, "%s", what);
}

int runner_ask_news(struct runner *r)
{
	const struct nfp_host *host = &r->config->host;
	struct nfp_host_news news = {.carrier = true};
	uint64_t begin_ns = runner_now(r);
	int ret = host->ops->news(host->ctx, &news, r->err);

	r->times->kernel_ns += runner_now(r) - begin_ns;
	if (ret)
		return ret;
	if (news.gone)
		return went_away(r, news.change[0] ? news.change : "the VF or its PF went away");
	if (news.changed) {
		r->step->changed = true;
		runner_note(r, "%s", news.change);
	}
	r->over |= news.ended;
	if (news.carrier_losses > r->losses || (r->carrier && !news.carrier))
		carrier_went(r);
	r->losses = news.carrier_losses;
	r->carrier = news.carrier;
	return 0;
}

/* ---- waiting ---- */

struct watch {
	const struct nfp_ladder_row *row;
	struct nfp_settle settle;
	uint64_t grace_ns;
	enum nfp_settle_state state;
	bool again; /* it began anew, as the link had been away */
};

static bool unicast_reached_pf(const struct nfp_step_result *step)
{
	enum nfp_landing unicast = step->landing[NFP_KIND_UNICAST];

	return unicast == NFP_LANDING_PF || unicast == NFP_LANDING_BOTH;
}

static void observe(const struct runner *r, const struct watch *w, struct nfp_observation *obs)
{
	struct nfp_count count[NFP_KIND_COUNT];

	nfp_ledger_sum(r->config->ledger, w->settle.from_ns, w->settle.end_ns, count);
	*obs = (struct nfp_observation) {.status = NFP_STATUS_DONE};
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		obs->landing[kind] = nfp_landing_of(&count[kind]);
}

static bool broadcast_reached_pf(const struct nfp_observation *obs)
{
	enum nfp_landing broadcast = obs->landing[NFP_KIND_BROADCAST];

	return broadcast == NFP_LANDING_PF || broadcast == NFP_LANDING_BOTH;
}

/*
 * Is the standby served, and is that the doing of its filter? Where the PF took X without one
 * (control), the filter may still be on its way, and must not arrive in a later step.
 */
static bool standby_took_effect(const struct runner *r, const struct nfp_observation *obs)
{
	return !unicast_reached_pf(&r->result->steps[NFP_STEP_CONTROL]) &&
	       nfp_served(obs) == NFP_YES;
}

/* What undoing the last ladder does late must not arrive after the next assignment either. */
static bool undo_took_effect(const struct runner *r, const struct watch *w)
{
	return !r->config->follows || w->settle.end_ns >= r->begin_ns + r->config->settle_ns;
}

/* May it end as soon as the landing is clear? Else when it has held. */
static bool may_end_early(const struct runner *r, const struct nfp_ladder_row *row)
{
	return !r->config->in_full && (row->is_brief || row->like_last != NFP_STEP_CONTROL);
}

static bool is_enough(const struct runner *r, const struct watch *w)
{
	struct nfp_observation obs;

	if (w->state != NFP_SETTLE_CLEAR || !may_end_early(r, w->row))
		return w->state >= NFP_SETTLE_HELD;
	observe(r, w, &obs);
	/* Without the control the silence may be the source's, on a host that is slow. */
	if (!broadcast_reached_pf(&obs))
		return false;
	if (!w->row->is_brief)
		return runner_may_be_cut(r, w->row, &obs);
	return w->row->step != NFP_STEP_STANDBY ||
	       (undo_took_effect(r, w) && standby_took_effect(r, &obs));
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t next_look(const struct runner *r, const struct watch *w, uint64_t now_ns)
{
	uint64_t due_ns = nfp_settle_due(&w->settle, w->grace_ns, may_end_early(r, w->row));

	if (due_ns <= now_ns)
		due_ns = now_ns + NFP_LEDGER_SLICE_NS;
	due_ns = earliest(due_ns, now_ns + TICK_NS);
	return r->config->deadline_ns ? earliest(due_ns, r->config->deadline_ns) : due_ns;
}

static int mark_ledger(struct runner *r, uint64_t now_ns)
{
	int ret = nfp_ledger_mark(r->config->ledger, now_ns);

	if (ret)
		nfp_err_errno(r->err, ret, NFP_E_MEMORY, "the ledger");
	return ret;
}

/* Where the link was away, what was lost then says nothing: the window begins anew. */
static int begin_anew(struct runner *r, struct watch *w)
{
	uint64_t now_ns = runner_now(r);
	int ret = mark_ledger(r, now_ns);

	if (ret)
		return ret;
	nfp_settle_restart(&w->settle, now_ns);
	runner_mark(r, &(struct nfp_mark) {
			       .what = NFP_MARK_AGAIN, .step = r->step->step, .from_ns = now_ns});
	r->blinked = false;
	w->again = true;
	return 0;
}

static int pump(struct runner *r, uint64_t until_ns)
{
	const struct nfp_wire *wire = &r->config->wire;
	int ret = wire->ops->pump(wire->ctx, until_ns, r->config->ledger, r->err);

	if (ret < 0)
		return ret;
	/* Woken, or the carrier is awaited: somebody may know why. */
	if (ret > 0 || !r->carrier) {
		ret = runner_ask_news(r);
		if (ret)
			return ret;
	}
	return runner_check_stop(r);
}

/* The same when it is counted again: how slow the source was by then is in no frame. */
void runner_settle_begin(const struct nfp_runner_config *config, struct nfp_settle *settle,
			 uint64_t now_ns, const unsigned int rate[NFP_KIND_COUNT])
{
	nfp_settle_begin(settle, now_ns, config->settle_ns, rate);
	if (config->source->slows)
		nfp_settle_allow_slowness(settle, SLOWEST);
}

/* Begins at @now_ns, a mark. Where frames are rare, a step has more time to settle. */
static void begin_settling(struct runner *r, struct watch *w, uint64_t now_ns)
{
	const struct nfp_wire *wire = &r->config->wire;
	struct nfp_wire_stats stats = {0};

	runner_settle_begin(r->config, &w->settle, now_ns, r->plan.rate);
	runner_mark(r, &(struct nfp_mark) {.what = NFP_MARK_WATCH,
					   .step = r->step->step,
					   .from_ns = now_ns,
					   .asked_ns = r->asked_ns,
					   .answered_ns = r->answered_ns,
					   .listening_ns = r->listening_ns,
					   .rate = r->plan.rate});
	if (!r->config->source->slows)
		return;
	wire->ops->stats(wire->ctx, &stats);
	if (stats.slowness > 1)
		w->settle.expire_ns += (stats.slowness - 1) * SLOW_NS;
}

/*
 * What was lost until the source slowed down was its own doing, not the NIC's: the step is watched
 * anew, and has its whole time again.
 */
static int watch_slowed(struct runner *r, struct watch *w)
{
	const struct nfp_wire *wire = &r->config->wire;
	struct nfp_wire_stats stats = {0};
	uint64_t now_ns = runner_now(r);
	int ret;

	if (!r->config->source->slows)
		return 0;
	wire->ops->stats(wire->ctx, &stats);
	if (stats.slowed == r->slowed)
		return 0;
	r->slowed = stats.slowed;
	ret = mark_ledger(r, now_ns);
	if (ret)
		return ret;
	begin_settling(r, w, now_ns);
	w->state = NFP_SETTLE_WAIT;
	return 0;
}

static int look(struct runner *r, struct watch *w)
{
	const struct nfp_ledger *ledger = r->config->ledger;
	uint64_t now_ns = runner_now(r);

	w->grace_ns = nfp_settle_grace(ledger);
	w->state = nfp_settle_update(&w->settle, ledger, now_ns,
				     nfp_settle_final(ledger, now_ns, r->up));
	if (!is_enough(r, w))
		return 0;
	/* Before it counts: was it disturbed without a wake-up? */
	return runner_ask_news(r);
}

static int wait_for_window(struct runner *r, struct watch *w)
{
	for (;;) {
		int ret = pump(r, next_look(r, w, runner_now(r)));

		if (ret)
			return ret;
		ret = look(r, w);
		if (!ret)
			ret = watch_slowed(r, w);
		if (ret)
			return ret;
		runner_transmit(r, w->row, w->settle.from_ns);
		runner_counter(r, w->settle.from_ns);
		/* A link that stays away holds its landing, nowhere, for ever. */
		if (r->blinked && runner_now(r) >= w->settle.expire_ns)
			w->state = NFP_SETTLE_EXPIRED;
		if (r->over || w->state == NFP_SETTLE_EXPIRED)
			return 0;
		if (!r->blinked && is_enough(r, w))
			return 0;
		if (r->blinked && r->carrier && (ret = begin_anew(r, w)) != 0)
			return ret;
	}
}

/* ---- counting ---- */

/* What landed says nothing of what was not sent. */
static void call_hollow(struct runner *r)
{
	static const char words[] = "too few frames were sent to tell, or none for too long";
	struct nfp_step_result *step = r->step;

	for (enum nfp_kind kind = 0; kind < NFP_KIND_STRANGER; kind++) {
		if (step->landing[kind] != NFP_LANDING_NONE)
			step->landing[kind] = NFP_LANDING_MIXED;
	}
	/* Where it is counted again the run's own note has it already. */
	if (!step->changed && !strstr(step->note, words))
		runner_note(r, "%s", words);
}

static void count_window(struct runner *r, const struct nfp_settle *settle)
{
	struct nfp_step_result *step = r->step;
	bool restless = false;

	step->window_ns = settle->end_ns - settle->from_ns;
	nfp_ledger_sum(r->config->ledger, settle->from_ns, settle->end_ns, step->count);
	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		step->landing[kind] = nfp_landing_of(&step->count[kind]);
		if (!nfp_settle_is_restless(settle, kind))
			continue;
		step->landing[kind] = NFP_LANDING_MIXED;
		restless |= kind != NFP_KIND_STRANGER;
	}
	step->unsettled |= restless;
	if (restless)
		runner_note(
			r, "the landing kept changing for %u ms",
			(unsigned int)((settle->end_ns - settle->begin_ns) / NFP_NSEC_PER_MSEC));
	else if (nfp_settle_is_hollow(settle, r->config->ledger))
		call_hollow(r);
}

static void forget_the_past(struct runner *r, uint64_t end_ns)
{
	uint64_t keep_ns = KEEP_FRAMES * NFP_NSEC_PER_SEC / r->config->rate;

	if (keep_ns < KEEP_NS)
		keep_ns = KEEP_NS;
	if (end_ns > keep_ns)
		nfp_ledger_forget(r->config->ledger, end_ns - keep_ns);
}

void runner_count(struct runner *r, const struct nfp_settle *settle)
{
	count_window(r, settle);
	runner_compare_unregistered(r);
	runner_count_transition(r, settle->from_ns);
	r->times->settle_ns += r->step->window_ns;
	r->before = r->step;
	r->window_end_ns = settle->end_ns;
	forget_the_past(r, settle->end_ns);
}

static void close_window(struct runner *r, struct watch *w)
{
	if (w->state == NFP_SETTLE_EXPIRED)
		nfp_settle_take_last(&w->settle, r->config->ledger);
	/* A link that stays away for so long: no later step can show anything. */
	if (w->state == NFP_SETTLE_EXPIRED && !r->carrier)
		r->step->carrier_lost = r->over = true;
	runner_mark(r, &(struct nfp_mark) {.what = NFP_MARK_WINDOW,
					   .step = r->step->step,
					   .from_ns = w->settle.from_ns,
					   .to_ns = w->settle.end_ns});
	/* Where it was watched anew, what came before is not known. */
	r->late[r->step->step] = nfp_settle_was_late(&w->settle) ||
				 w->settle.begin_ns != r->action_ns || w->again;
	r->cut[r->step->step] = w->state == NFP_SETTLE_CLEAR && !w->row->is_brief;
	runner_count(r, &w->settle);
	runner_transmit_end(r, w->settle.from_ns);
	runner_counter_end(r, w->settle.from_ns);
}

static int begin_window(struct runner *r, struct watch *w)
{
	const struct nfp_wire *wire = &r->config->wire;
	int ret = wire->ops->pump(wire->ctx, runner_now(r), r->config->ledger, r->err);

	if (ret < 0)
		return ret;
	ret = runner_ask_news(r);
	if (ret)
		return ret;
	r->action_ns = runner_now(r);
	ret = mark_ledger(r, r->action_ns);
	if (ret)
		return ret;
	begin_settling(r, w, r->action_ns);
	w->grace_ns = nfp_settle_grace(r->config->ledger);
	runner_transmit(r, w->row, w->settle.from_ns);
	return 0;
}

int runner_watch(struct runner *r, const struct nfp_ladder_row *row)
{
	struct watch watch = {.row = row};
	int ret = begin_window(r, &watch);

	if (ret)
		return ret;
	ret = wait_for_window(r, &watch);
	if (ret)
		return ret;
	close_window(r, &watch);
	return 0;
}
