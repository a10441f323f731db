// SPDX-License-Identifier: GPL-2.0-or-later
/* steps.c - the steps of a ladder: which are made, and what each does. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "announce.h"
#include "runner.h"

/* ---- which steps are made ---- */

static enum nfp_answer step_serves(const struct runner *r, enum nfp_step step, enum nfp_receiver at)
{
	const struct nfp_observation obs = nfp_observe(nfp_style_step(r->result, step));

	return nfp_receives(&obs, at);
}

/* True if the guest was seen to get everything by its VF while the standby has the test MAC. */
static bool up_has_passed(const struct runner *r)
{
	return step_serves(r, NFP_STEP_UP, NFP_AT_VF) == NFP_YES;
}

/* If `clear` did not bring the test MAC back, assigning the same test MAC again shows nothing. */
static bool shows_nothing(const struct runner *r, enum nfp_step step)
{
	bool same = nfp_mac_equal(&r->config->address, &r->config->address_first);

	return step >= NFP_STEP_VF_FIRST && same &&
	       step_serves(r, NFP_STEP_CLEAR, NFP_AT_PF) == NFP_NO;
}

static void skip(struct runner *r, bool skip_allowed, const char *why)
{
	r->step->w.status = NFP_STATUS_SKIPPED;
	r->step->w.skip_allowed = skip_allowed;
	runner_note(r, "%s", why);
}

/* An earlier ladder shows the step for this one if it watched for as long. A VLAN must pass in each
 * step. */
static bool is_shown_before(const struct runner *r)
{
	const struct nfp_earlier *earlier = runner_earlier(r);

	return earlier && !r->config->every_step && !runner_has_vlan(r) && runner_row(r)->once &&
	       earlier->passed_ns[r->step->step] >= runner_stable_ns(r);
}

static bool is_skipped(struct runner *r)
{
	unsigned int needs = runner_row(r)->needs;

	if (shows_nothing(r, r->step->step))
		skip(r, true, "clear did not bring the address back to the PF");
	else if (r->stuck)
		skip(r, false, "the VF driver could not be unbound");
	else if ((needs & NFP_NEEDS_ADDRESS) && !r->assigned)
		skip(r, false, "the VF does not have the address");
	else if ((needs & NFP_NEEDS_DRIVER) && !r->bound)
		skip(r, false, "the VF driver is not bound");
	else if ((needs & NFP_NEEDS_UP) && !r->up)
		skip(r, false, "the VF is not up");
	else if ((needs & NFP_NEEDS_LEFT) && !r->left)
		skip(r, false, "no VF driver was unbound since the VF was reset");
	else if (is_shown_before(r))
		skip(r, true, "an earlier ladder has shown that the VF keeps its frames");
	else
		return false;
	return true;
}

/* ---- what a step does ---- */

/* The guest sends by its VF until that is taken from it. */
static int speak_last(struct runner *r, enum nfp_action action)
{
	if (action == NFP_DO_DOWN || action == NFP_DO_UNBIND)
		runner_announce_last(r);
	return 0;
}

/* Notes why the step is not made, and returns 1; 0 if it goes on; or what ends the run. */
static int end_step(struct runner *r, enum nfp_action action, int ret)
{
	struct nfp_step_result *step = r->step;

	/* A capture that cannot be opened on a netdev that is up is an error of the probe, not a
	 * refusal. */
	if (action == NFP_DO_NEW_ADDRESS || (action == NFP_DO_UP && r->up) ||
	    runner_is_own_error(r))
		return ret;
	if (runner_lost_vf(r)) {
		/* Another process has the VF, which ends the ladder: nothing was refused. */
		r->over = step->changed = true;
		runner_note(r, "%s", r->err->message);
		return 1;
	}
	if (action == NFP_DO_RESET && ret == -EOPNOTSUPP) {
		if (runner_row(r)->actions[0] != NFP_DO_RESET)
			return 0;
		step->w.skip_allowed = true;
		runner_note(r, "this VF has no function-level reset");
		return 1;
	}
	step->w.status = NFP_STATUS_REFUSED;
	step->errnum = -ret;
	snprintf(step->hint, sizeof(step->hint), "%.*s", (int)sizeof(step->hint) - 1,
		 r->err->hint.text);
	runner_note(r, "%s", r->err->message[0] ? r->err->message : strerror(-ret));
	return 1;
}

/* Notes when the kernel was asked for the change that begins the transition. */
static void note_change(struct runner *r, enum nfp_action action, uint64_t begin_ns)
{
	const struct nfp_ladder_row *row = runner_row(r);
	enum nfp_action counts = row->change != NFP_DO_NOTHING ? row->change : row->actions[0];
	uint64_t request_ns = r->host.ops->asked ? r->host.ops->asked(r->host.ctx) : begin_ns;

	if (!request_ns || action == NFP_DO_NEW_ADDRESS || action == NFP_DO_ANNOUNCE ||
	    action == NFP_DO_SETTLE)
		return;
	if (action == counts)
		r->request_ns = request_ns;
}

static void made(struct runner *r, enum nfp_action action, uint64_t begin_ns)
{
	note_change(r, action, begin_ns);
	runner_look_at_bus(r);
}

/* Returns 0, 1 when the step is not made (its status and note say why), or the error that ends the
 * run. */
static int do_actions(struct runner *r)
{
	static const struct script ladder = {
		.before = speak_last, .refused = end_step, .made = made};
	static const struct script again = {.refused = end_step};
	static const enum nfp_action hold[NFP_ACTIONS_MAX] = {NFP_DO_ADD_STANDBY};
	enum nfp_step step = r->step->step;
	int ret;

	runner_look_at_bus(r);
	ret = runner_play(r, runner_row(r)->actions, &ladder);
	/* The PF takes the test MAC back after `alone`. If that was refused, each later step tries
	 * again. */
	if (!ret && !r->pf_has_mac && step > NFP_STEP_STANDBY && step != NFP_STEP_ALONE)
		ret = runner_play(r, hold, &again);
	if (ret)
		return ret;
	runner_send(r, step == NFP_STEP_CONTROL ? runner_control_rate(r->config) : r->config->rate);
	return 0;
}

/* A late write must not land after the next step's change: a host takes the address back some time
 * before. */
static int do_after(struct runner *r)
{
	static const struct script plain = {.refused = NULL};
	const enum nfp_action actions[NFP_ACTIONS_MAX] = {runner_row(r)->after, NFP_DO_SETTLE};
	int ret = runner_play(r, actions, &plain);

	if (ret > 0)
		runner_note(r, "the standby could not take the address back: %s", r->err->message);
	return MIN(ret, 0);
}

/* ---- a step ---- */

static void open_step(struct runner *r, enum nfp_step step)
{
	r->step = &r->result->steps[r->result->num_steps++];
	*r->step = (struct nfp_step_result) {
		.step = step,
		.w.status = NFP_STATUS_SKIPPED,
		.w.answer = NFP_UNKNOWN,
		.start_ns = runner_now(r) - r->config->start_ns,
	};
	r->announced = r->spoke_again = false;
	/* The driver may have taken the carrier in an earlier step, or as another ladder ended. */
	r->link_flapped = !r->carrier;
	r->action_ns = 0;
	r->request_ns = r->bus_ns = 0;
}

static void emit_landing(const struct runner *r)
{
	const struct nfp_style_result *result = r->result;

	if (r->step->w.status == NFP_STATUS_DONE && result->num_transitions &&
	    result->transitions[result->num_transitions - 1].to == r->step->step)
		runner_emit(r, NFP_EVENT_TRANSITION, 0, 0);
	runner_emit(r, NFP_EVENT_LANDING, 0, 0);
}

/* True if the style is EARLY by the steps made so far. */
static bool is_early_by_now(const struct runner *r)
{
	struct nfp_judgement so_far;

	nfp_judgement_of(r->result, &r->config->source->shows, &so_far);
	return so_far.verdict == NFP_VERDICT_EARLY;
}

/* Changes the host, watches, and takes back what the row says, unless the step is skipped. */
static int make_step(struct runner *r)
{
	enum nfp_step step = r->step->step;
	int ret;

	runner_emit(r, NFP_EVENT_STEP, 0, 0);
	/* The first step that is made carries the note, which applies to all. */
	if (r->tainted[0]) {
		r->step->changed = true;
		runner_note(r, "%s", r->tainted);
		r->tainted[0] = '\0';
	}
	if (is_skipped(r))
		return 0;
	ret = do_actions(r) ?: runner_watch_step(r);
	if (ret)
		return ret;
	r->step->w.status = NFP_STATUS_DONE;
	if (step == NFP_STEP_CONTROL)
		runner_draw_group(r);
	if (step == NFP_STEP_CLEAR)
		r->early = r->lost && is_early_by_now(r);
	return do_after(r);
}

static void close_step(struct runner *r)
{
	struct nfp_wire_stats stats = {0};

	r->wire.ops->stats(r->wire.ctx, &stats);
	r->step->drops = stats.drops - r->drops;
	r->drops = stats.drops;
	r->step->duration_ns = runner_now(r) - r->config->start_ns - r->step->start_ns;
}

static int run_step(struct runner *r, enum nfp_step step)
{
	int ret = runner_check_stop(r);

	open_step(r, step);
	ret = ret ?: make_step(r);
	close_step(r);
	if (ret > 0)
		return 0;
	if (ret && r->step->w.status == NFP_STATUS_SKIPPED && !r->step->w.note[0])
		runner_note(r, "the run ended in this step");
	return ret;
}

static bool standby_is_served(const struct runner *r)
{
	return step_serves(r, NFP_STEP_STANDBY, NFP_AT_PF) == NFP_YES;
}

/* `alone` is made only where the VF gets nothing while the standby has the test MAC. */
static bool needs_alone(const struct runner *r)
{
	return r->up && (r->config->every_step || !up_has_passed(r));
}

static void leave_step_out(struct runner *r, enum nfp_step step, bool run_ended)
{
	const char *why = "the run of this style ended before this step";

	open_step(r, step);
	if (run_ended)
		why = "the run ended before this step";
	else if (!standby_is_served(r))
		why = "the standby is not served, so this would show nothing";
	skip(r, false, why);
}

int run_steps(struct runner *r, enum nfp_step last)
{
	int ret = 0;

	for (enum nfp_step step = 0; step <= last; step++) {
		bool over = ret || r->over;

		if (step == NFP_STEP_ALONE && (over || !needs_alone(r)))
			continue;
		if (over)
			leave_step_out(r, step, ret);
		else
			ret = run_step(r, step);
		/* If the standby is not served, no other step shows anything. */
		if (step == NFP_STEP_STANDBY && !standby_is_served(r))
			r->over = true;
		emit_landing(r);
	}
	return ret;
}

/* ---- what a ladder shows for later ones ---- */

/* A NIC may treat standbys differently if they take the address in different ways. */
static enum nfp_takes takes_of(const struct nfp_runner_config *config)
{
	const struct nfp_style_row *style = &nfp_styles[config->style];

	if (style->macvlan && config->stations)
		return NFP_TAKES_STATION;
	if (!style->entry)
		return NFP_TAKES_ALL;
	return style->promiscuous ? NFP_TAKES_BOTH : NFP_TAKES_ENTRY;
}

bool runner_knows_resets(const struct runner *r)
{
	const struct nfp_earlier *earlier = runner_earlier(r);

	return earlier && earlier->resets[takes_of(r->config)];
}

/* True if the state after each reset was watched for the network's settling time, and nothing came
 * late. */
static bool shows_resets(const struct runner *r)
{
	for (enum nfp_step i = 0; i < NFP_STEP_COUNT; i++) {
		const struct nfp_step_result *step = nfp_style_step(r->result, i);

		if (nfp_ends_in_reset(nfp_ladder[i].actions) &&
		    (!step || step->w.status != NFP_STATUS_DONE || step->changed ||
		     step->window_ns < r->network_ns))
			return false;
	}
	return !r->slow;
}

/*
 * A ladder shows the resets of standbys that take the address as its own does. Where the VF alone
 * gets its frames, a late filter of the VF shows with any standby, but for a macvtap's own filter,
 * which says nothing of the PF's. A promiscuous PF hides that its entry is lost; and it may have
 * none, since some drivers write no list in that mode (bnx2x_set_rx_mode_inner, be_set_uc_list).
 */
static void keep_resets(const struct runner *r, struct nfp_earlier *earlier)
{
	const enum nfp_takes takes = takes_of(r->config);
	const struct nfp_step_result *up = nfp_style_step(r->result, NFP_STEP_UP);
	bool alone = up && up->w.landing[NFP_KIND_UNICAST] == NFP_LANDING_VF;

	if (!shows_resets(r))
		return;
	earlier->resets[takes] = true;
	for (enum nfp_takes other = 0; other < NFP_TAKES_STATION; other++)
		earlier->resets[other] |= alone && takes != NFP_TAKES_STATION;
}

static bool shows_all(const struct nfp_step_result *step)
{
	enum nfp_landing group = step->w.landing[NFP_KIND_MULTICAST];

	return step->w.answer == NFP_YES && !step->changed && !step->carrier_lost &&
	       (group == NFP_LANDING_NONE || nfp_lands_at(group, nfp_receiver_of(step->step)));
}

void runner_keep_shown(const struct runner *r)
{
	const struct nfp_style_row *style = &nfp_styles[r->config->style];
	struct nfp_earlier *earlier = runner_earlier(r);

	if (!earlier)
		return;
	keep_resets(r, earlier);
	/* The driver writes the address anew beside the VF's only if it is in the PF's list. */
	if (!style->entry || (style->macvlan && r->config->stations))
		return;
	nfp_for_each (step, r->result->steps, r->result->num_steps) {
		if (nfp_ladder[step->step].once && shows_all(step))
			earlier->passed_ns[step->step] = step->window_ns;
	}
}
