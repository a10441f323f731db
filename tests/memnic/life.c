// SPDX-License-Identifier: GPL-2.0-or-later
/* life.c - the life of a guest, act by act, and what the NIC does in each state of it. */
#include <sys/param.h>

#include "truth_priv.h"

#define VID 100

/* ---- the acts ---- */

static void wait_until(struct truth_walk *w, uint64_t until_ns)
{
	const struct nfp_plan plan = {.unicast = *w->address,
				      .unregistered_mac = {{0x02, 0, 0, 0, 0, 0x33}},
				      .group = w->ladder->group,
				      .unjoined = {{0x33, 0x33, 0xff, 0, 0, 0x22}},
				      .own = {{0x02, 0, 0, 0, 0, 0x55}},
				      .rate = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}};

	w->wire.ops->plan(w->wire.ctx, &plan);
	/* A carrier that comes or goes wakes it. */
	while (w->wire.ops->now(w->wire.ctx) < until_ns)
		w->wire.ops->pump(w->wire.ctx, until_ns, w->accounting, NULL);
}

void truth_wait(struct truth_walk *w)
{
	wait_until(w, w->wire.ops->now(w->wire.ctx) + 6 * NFP_NSEC_PER_SEC);
}

static const struct nfp_mac *group_of(const struct truth_walk *w)
{
	return w->ladder->no_group ? NULL : &w->ladder->group;
}

static int hold(struct truth_walk *w)
{
	return w->host.ops->add_standby(w->host.ctx, w->ladder->style, w->address, group_of(w),
					NULL);
}

static int release(struct truth_walk *w)
{
	return w->host.ops->remove_standby(w->host.ctx, NULL);
}

/* The standby speaks. */
static int announce(struct truth_walk *w)
{
	memnic_send(w->nic, NFP_AT_PF, w->address);
	return 0;
}

/* Whatever the NIC writes late is written. */
static int rest(struct truth_walk *w)
{
	const struct nfp_style_result *run = w->ladder->paced_by;

	if (run)
		wait_until(w, w->wire.ops->now(w->wire.ctx) + run->settle_ns);
	else
		truth_wait(w);
	return 0;
}

/* The host does so some time before the next migration. */
static int take_back(struct truth_walk *w)
{
	return hold(w) ?: rest(w);
}

static int take_another_address(struct truth_walk *w)
{
	w->assigned &= nfp_mac_equal(&w->ladder->address, &w->ladder->address_first);
	w->address = &w->ladder->address_first;
	return 0;
}

static int assign(struct truth_walk *w)
{
	int ret = w->host.ops->assign(w->host.ctx, w->address, NULL);

	w->assigned = ret == 0;
	return ret;
}

/* A VF that has no reset goes on without. */
static int reset(struct truth_walk *w)
{
	w->left &= w->no_reset;
	return w->no_reset ? 0 : w->host.ops->reset(w->host.ctx, NULL);
}

static int bind(struct truth_walk *w)
{
	int ret = w->host.ops->bind(w->host.ctx, w->address, NULL);

	w->bound = ret == 0;
	return ret;
}

/* The guest's VF has carrier, and its VLAN; the guest speaks. */
static int set_up(struct truth_walk *w)
{
	void *ctx = w->host.ctx;
	struct nfp_netdev netdev;
	int ret = w->host.ops->up(ctx, group_of(w), &netdev, NULL)
			  ?: w->host.ops->carrier(ctx, NULL);

	w->up = ret == 0;
	if (ret)
		return ret;
	w->host.ops->vlan(ctx, NFP_AT_VF, VID, NULL);
	w->wire.ops->listen_vf(w->wire.ctx, &netdev, false, NULL);
	memnic_send(w->nic, NFP_AT_VF, w->address);
	return 0;
}

/* Another guest of the host comes to the PF, and leaves. */
static int come_and_go(struct truth_walk *w)
{
	static const struct nfp_mac other = {{0x02, 0, 0, 0, 0, 0x9b}};

	return w->host.ops->entry(w->host.ctx, &other, NULL)
		       ?: w->host.ops->entry(w->host.ctx, NULL, NULL);
}

static int unbind(struct truth_walk *w)
{
	int ret;

	if (w->unlearns)
		memnic_send(w->nic, NFP_AT_VF, w->address);
	ret = w->host.ops->unbind(w->host.ctx, NULL);
	w->left |= w->bound && !ret;
	w->bound = w->up = ret != 0;
	return ret;
}

static int clear(struct truth_walk *w)
{
	return w->host.ops->clear(w->host.ctx, NULL);
}

const struct truth_acts truth_acts = {
	.hold = hold,
	.release = release,
	.take_another_address = take_another_address,
	.assign = assign,
	.reset = reset,
	.bind = bind,
	.set_up = set_up,
	.come_and_go = come_and_go,
	.unbind = unbind,
	.clear = clear,
};

/* ---- the life ---- */

static bool has_address(const struct truth_walk *w)
{
	return w->assigned;
}

static bool has_driver(const struct truth_walk *w)
{
	return w->bound;
}

/* The driver went without a reset. */
static bool has_left(const struct truth_walk *w)
{
	return w->assigned && w->left;
}

static bool is_up(const struct truth_walk *w)
{
	return w->up;
}

/* The question is whether the standby is in its way. */
static bool lacks_frames(const struct truth_walk *w)
{
	return w->up && !truth_serves(&w->truth->states[NFP_STEP_UP], VF_BIT);
}

const struct truth_row truth_life[NFP_STEP_COUNT] = {
	/* Nobody has the address; then the standby takes it, and speaks. */
	[NFP_STEP_CONTROL] = {.hearer = 0},
	[NFP_STEP_STANDBY] = {.acts = {hold, announce}, .hearer = PF_BIT},
	/* The host gives it to a VF, which QEMU opens for the guest to boot with. */
	[NFP_STEP_ASSIGN] = {.acts = {assign}},
	[NFP_STEP_ATTACH] = {.acts = {reset},
			     .hearer = PF_BIT,
			     .decides = true,
			     .after_reset = true,
			     .is_lived = has_address},
	/* The guest's driver finds the VF, and net_failover sets it up at once. */
	[NFP_STEP_UP] = {.acts = {bind, set_up},
			 .hearer = VF_BIT,
			 .decides = true,
			 .is_lived = has_address},
	[NFP_STEP_ALONE] = {.acts = {release},
			    .ends = take_back,
			    .hearer = VF_BIT,
			    .is_lived = lacks_frames},
	/* QEMU takes the VF away. */
	[NFP_STEP_UNPLUG] = {.acts = {unbind},
			     .hearer = PF_BIT,
			     .decides = true,
			     .is_lived = has_driver},
	[NFP_STEP_DETACH] = {.acts = {reset},
			     .hearer = PF_BIT,
			     .decides = true,
			     .after_reset = true,
			     .is_lived = has_address},
	[NFP_STEP_CLEAR] = {.acts = {clear},
			    .hearer = PF_BIT,
			    .decides = true,
			    .is_lived = has_address},
	/* Another guest arrives: its VF has the address before its standby has, and is plugged in
	 * once the guest's driver of the standby has asked for it. */
	[NFP_STEP_VF_FIRST] = {.acts = {release, take_another_address, assign, reset, hold,
					announce, rest, reset},
			       .hearer = PF_BIT,
			       .decides = true},
	[NFP_STEP_VF_FIRST_UP] = {.acts = {bind, set_up},
				  .hearer = VF_BIT,
				  .decides = true,
				  .is_lived = has_address},
	[NFP_STEP_VF_FIRST_REWRITTEN] = {.acts = {come_and_go},
					 .hearer = VF_BIT,
					 .decides = true,
					 .is_lived = is_up},
	[NFP_STEP_VF_FIRST_UNPLUG] = {.acts = {unbind},
				      .hearer = PF_BIT,
				      .decides = true,
				      .is_lived = has_driver},
	/* Its migration fails, and QEMU gives it back the VF as it is. */
	[NFP_STEP_VF_FIRST_BACK] = {.acts = {bind, set_up},
				    .hearer = VF_BIT,
				    .decides = true,
				    .is_lived = has_left},
	/* It leaves at last, and the host takes the address back without waiting for a reset. */
	[NFP_STEP_VF_FIRST_CLEAR] = {.acts = {unbind, clear},
				     .hearer = PF_BIT,
				     .decides = true,
				     .is_lived = has_left},
};

/* ---- a look at the NIC ---- */

/* A run waits so long for frames under way, after the window. */
#define GRACE_NS (600 * NFP_NSEC_PER_MSEC)
#define LOOK_NS	 (5 * NFP_NSEC_PER_MSEC)

/* To the end of the step in the run, and what is seen in its window. */
static void wait_as_the_run(struct truth_walk *w, const struct nfp_step_result *step)
{
	uint64_t end_ns = MEMNIC_BEGIN_NS + step->start_ns + step->duration_ns;

	wait_until(w, end_ns - MIN(step->duration_ns, step->window_ns + GRACE_NS));
	do {
		w->truth->went[step->step] |= 1U << memnic_reach(w->nic, NFP_KIND_UNICAST);
		wait_until(w, w->wire.ops->now(w->wire.ctx) + LOOK_NS);
	} while (w->wire.ops->now(w->wire.ctx) < end_ns);
}

/* How long it takes until the standby gets the address. */
static void measure_gap(struct truth_walk *w)
{
	uint64_t begin_ns = w->wire.ops->now(w->wire.ctx), now_ns = begin_ns;

	while (!(memnic_reach(w->nic, NFP_KIND_UNICAST) & PF_BIT)) {
		if (now_ns - begin_ns > 6 * NFP_NSEC_PER_SEC)
			return;
		w->wire.ops->pump(w->wire.ctx, now_ns + 5 * NFP_NSEC_PER_MSEC, w->accounting, NULL);
		now_ns = w->wire.ops->now(w->wire.ctx);
	}
	w->truth->gap_ns = now_ns - begin_ns;
}

static void look(struct truth_walk *w, struct truth_state *state)
{
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		state->reach[kind] = memnic_reach(w->nic, (enum nfp_kind)kind);
	if (w->ladder->multicast_blocked || w->ladder->no_group)
		state->reach[NFP_KIND_MULTICAST] = state->reach[NFP_KIND_ALL_NODES] =
			state->reach[NFP_KIND_UNJOINED] = 0;
}

/* ---- the guest's VLAN ---- */

/* Once the PF has registered the VLAN, or one of nobody in its place. */
static void watch_vlan(struct truth_walk *w, uint16_t vid, struct truth_state *state)
{
	if (w->host.ops->vlan(w->host.ctx, NFP_AT_PF, vid, NULL)) {
		state->status = NFP_STATUS_REFUSED;
		return;
	}
	truth_wait(w);
	state->status = NFP_STATUS_DONE;
	look(w, state);
}

static void watch_vlans(struct truth_walk *w)
{
	struct truth *t = w->truth;

	watch_vlan(w, VID, &t->registered);
	if (t->registered.status == NFP_STATUS_DONE)
		watch_vlan(w, MEMNIC_FREE_VLAN, &t->unregistered);
	w->host.ops->vlan(w->host.ctx, NFP_AT_PF, 0, NULL);
}

/* ---- the walk ---- */

/* The address did not come back when it was cleared: to assign the same one again shows nothing. */
static bool shows_nothing(const struct truth_walk *w, enum nfp_step step)
{
	const struct truth_state *cleared = &w->truth->states[NFP_STEP_CLEAR];
	bool same = nfp_mac_equal(&w->ladder->address, &w->ladder->address_first);

	return step >= NFP_STEP_VF_FIRST && same && cleared->status == NFP_STATUS_DONE &&
	       !truth_serves(cleared, PF_BIT);
}

static void live_in(struct truth_walk *w, enum nfp_step step)
{
	const struct truth_row *row = &truth_life[step];
	const struct nfp_style_result *run = w->ladder->paced_by;
	const struct nfp_step_result *paced_by = run ? nfp_style_step(run, step) : NULL;
	struct truth_state *state = &w->truth->states[step];
	int ret = 0;

	state->leave = shows_nothing(w, step) || (row->after_reset && w->no_reset) ||
		       (paced_by && paced_by->w.skip_allowed);
	if (run ? !paced_by || paced_by->w.status == NFP_STATUS_SKIPPED
		: state->leave || (row->is_lived && !row->is_lived(w)))
		return;
	if (paced_by)
		wait_until(w, MEMNIC_BEGIN_NS + paced_by->start_ns);
	for (size_t i = 0; row->acts[i] && !ret; i++)
		ret = row->acts[i](w);
	if (ret) {
		state->status = NFP_STATUS_REFUSED;
		state->errnum = -ret;
		return;
	}
	state->status = NFP_STATUS_DONE;
	if (w->unlearns && step == NFP_STEP_VF_FIRST_UNPLUG)
		measure_gap(w);
	if (paced_by)
		wait_as_the_run(w, paced_by);
	else
		truth_wait(w);
	look(w, state);
	if (row->ends)
		row->ends(w);
}

void truth_live(struct truth_walk *w)
{
	w->assigned = w->bound = w->left = w->up = w->over = false;
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++)
		w->truth->states[step].status = NFP_STATUS_SKIPPED;
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT && !w->over; step++) {
		live_in(w, step);
		w->over = step == NFP_STEP_STANDBY &&
			  !truth_serves(&w->truth->states[step], PF_BIT);
	}
	if (w->ladder->vlan && !w->over)
		watch_vlans(w);
}
