// SPDX-License-Identifier: GPL-2.0-or-later
#include "truth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/result.h"

#define PF_BIT (1U << NFP_AT_PF)
#define VF_BIT (1U << NFP_AT_VF)

struct walk {
	struct memnic *nic;
	struct nfp_host host;
	struct nfp_wire wire;
	struct nfp_frame_accounting *accounting;
	struct nfp_runner_config config;
	const struct nfp_mac *address;
	struct truth *truth;
	unsigned int unicast, broadcast; /* reach, in the step just made */
};

static void report(struct walk *w, enum nfp_receiver at)
{
	w->wire.ops->report(w->wire.ctx, at, w->address, &w->config.group, NULL);
}

static void do_action(struct walk *w, enum nfp_action action)
{
	void *ctx = w->host.ctx;
	struct nfp_netdev netdev;

	switch (action) {
	case NFP_DO_ADD_STANDBY:
		w->host.ops->add_standby(ctx, w->config.style, w->address, &w->config.group, NULL);
		break;
	case NFP_DO_REMOVE_STANDBY:
		w->host.ops->remove_standby(ctx, NULL);
		break;
	case NFP_DO_ANNOUNCE:
		report(w, NFP_AT_PF);
		break;
	case NFP_DO_NEW_ADDRESS:
		w->address = &w->config.address_first;
		break;
	case NFP_DO_ASSIGN:
		w->host.ops->assign(ctx, w->address, NULL);
		break;
	case NFP_DO_RESET:
		w->host.ops->reset(ctx, NULL);
		break;
	case NFP_DO_BIND:
		w->host.ops->bind(ctx, w->address, NULL);
		break;
	case NFP_DO_UP:
		w->host.ops->up(ctx, &w->config.group, &netdev, NULL);
		w->host.ops->carrier(ctx, NULL);
		w->wire.ops->listen_vf(w->wire.ctx, &netdev, false, NULL);
		report(w, NFP_AT_VF);
		break;
	case NFP_DO_DOWN:
		w->host.ops->down(ctx, NULL);
		break;
	case NFP_DO_UNBIND:
		w->host.ops->unbind(ctx, NULL);
		break;
	case NFP_DO_CLEAR:
		w->host.ops->clear(ctx, NULL);
		break;
	default:
		break;
	}
}

static void wait_long(struct walk *w)
{
	uint64_t until_ns = w->wire.ops->now(w->wire.ctx) + 5 * NFP_NSEC_PER_SEC;
	const struct nfp_plan plan = {.unicast = *w->address,
				      .unregistered_mac = w->config.unregistered_mac,
				      .group = w->config.group,
				      .unjoined = w->config.unjoined,
				      .rate = {1, 1, 1, 1, 1, 1}};

	w->wire.ops->plan(w->wire.ctx, &plan);
	w->wire.ops->pump(w->wire.ctx, until_ns, w->accounting, NULL);
	w->unicast = memnic_reach(w->nic, NFP_KIND_UNICAST);
	w->broadcast = memnic_reach(w->nic, NFP_KIND_BROADCAST);
}

/* Bits of nfp_receiver to the letters of memnic_row(). */
static void walk_step(struct walk *w, const struct nfp_ladder_row *row)
{
	for (size_t i = 0; i < NFP_ACTIONS_MAX && row->actions[i]; i++)
		do_action(w, row->actions[i]);
	wait_long(w);
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		w->truth->reach[row->step][kind] = memnic_reach(w->nic, (enum nfp_kind)kind);
	w->truth->row[row->step] = "-PVB"[w->unicast];
	w->truth->multicast_row[row->step] = "-PVB"[w->truth->reach[row->step][NFP_KIND_MULTICAST]];
	w->truth->made[row->step] = true;
	for (size_t i = 0; i < 2 && row->after[i]; i++)
		do_action(w, row->after[i]);
}

static bool is_made(const struct walk *w, enum nfp_step step)
{
	unsigned int vf = 1U << NFP_AT_VF, pf = 1U << NFP_AT_PF;

	if (step == NFP_STEP_ALONE)
		return !(w->unicast & w->broadcast & vf);
	if (step == NFP_STEP_REASSIGN)
		return (w->unicast & w->broadcast & pf) != 0;
	return true;
}

/* ---- the rules of nfprobe-verdicts(7), where nothing is refused and every landing is known ----
 */

static bool hears(const struct truth *t, enum nfp_step step, unsigned int receiver)
{
	return (t->reach[step][NFP_KIND_BROADCAST] & receiver) != 0;
}

static bool serves(const struct truth *t, enum nfp_step step, unsigned int receiver)
{
	return (t->reach[step][NFP_KIND_UNICAST] & receiver) && hears(t, step, receiver);
}

static bool in_group(const struct truth *t, enum nfp_step step, unsigned int receiver)
{
	return (t->reach[step][NFP_KIND_MULTICAST] & receiver) != 0;
}

/* Where the other kinds are lost as well, nothing is wrong with multicast alone. */
static bool keeps_group(const struct truth *t, enum nfp_step step, unsigned int receiver)
{
	return in_group(t, step, receiver) || !serves(t, step, receiver);
}

/* serves or keeps_group */
typedef bool receives_fn(const struct truth *t, enum nfp_step step, unsigned int receiver);

/* Does the guest lose it before it uses its VF? */
static bool is_early(const struct truth *t, receives_fn *receives)
{
	static const enum nfp_step steps[] = {NFP_STEP_ATTACH, NFP_STEP_REASSIGN,
					      NFP_STEP_VF_FIRST};
	/* Without a reset the guest boots in the state of assign. */
	enum nfp_step boots = t->made[NFP_STEP_ATTACH] ? NFP_STEP_ATTACH : NFP_STEP_ASSIGN;

	if (hears(t, boots, PF_BIT) && !receives(t, boots, PF_BIT))
		return true;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (t->made[steps[i]] && hears(t, steps[i], PF_BIT) &&
		    !receives(t, steps[i], PF_BIT))
			return true;
	}
	return false;
}

/* .. while it uses it? */
static bool is_deaf(const struct truth *t, receives_fn *receives)
{
	return !receives(t, NFP_STEP_UP, VF_BIT) || !receives(t, NFP_STEP_VF_FIRST_UP, VF_BIT);
}

static bool lacks_broadcast(const struct truth *t)
{
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		unsigned int needed = nfp_ladder[step].fit == NFP_FIT_VF ? PF_BIT | VF_BIT : PF_BIT;

		if (nfp_ladder[step].decides && t->made[step] && !hears(t, step, needed))
			return true;
	}
	return false;
}

static bool vf_heard_any(const struct truth *t)
{
	static const enum nfp_step steps[] = {NFP_STEP_UP, NFP_STEP_ALONE, NFP_STEP_VF_FIRST_UP};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
			if (t->reach[steps[i]][kind] & VF_BIT)
				return true;
		}
	}
	return false;
}

/* .. after it has given it up? */
static bool is_sticky(const struct truth *t, receives_fn *receives)
{
	static const enum nfp_step steps[] = {NFP_STEP_UNPLUG, NFP_STEP_DETACH, NFP_STEP_CLEAR,
					      NFP_STEP_VF_FIRST_UNPLUG};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (t->made[steps[i]] && !receives(t, steps[i], PF_BIT))
			return true;
	}
	return false;
}

/* Only a network that has shown multicast at the standby can tell of a NIC that loses it. */
static enum nfp_multicast multicast_of(const struct truth *t)
{
	if (!serves(t, NFP_STEP_STANDBY, PF_BIT) || !in_group(t, NFP_STEP_STANDBY, PF_BIT))
		return NFP_MULTICAST_UNPROVEN;
	if (is_early(t, keeps_group) || is_deaf(t, keeps_group) || is_sticky(t, keeps_group))
		return NFP_MULTICAST_LOST;
	return NFP_MULTICAST_OK;
}

static enum nfp_verdict verdict_of(struct truth *t, enum nfp_source source)
{
	bool lost = multicast_of(t) == NFP_MULTICAST_LOST;

	if (!serves(t, NFP_STEP_STANDBY, PF_BIT))
		return hears(t, NFP_STEP_STANDBY, PF_BIT) && source != NFP_SOURCE_WIRE
			       ? NFP_VERDICT_UNTESTABLE
			       : NFP_VERDICT_INCONCLUSIVE;
	if (is_early(t, serves) || (lost && is_early(t, keeps_group)))
		return NFP_VERDICT_EARLY;
	if (lacks_broadcast(t))
		return NFP_VERDICT_INCONCLUSIVE;
	if (is_deaf(t, serves)) {
		t->silent = !vf_heard_any(t);
		return t->silent ? NFP_VERDICT_INCONCLUSIVE : NFP_VERDICT_DEAF;
	}
	if (lost && is_deaf(t, keeps_group))
		return NFP_VERDICT_DEAF;
	return is_sticky(t, serves) || (lost && is_sticky(t, keeps_group)) ? NFP_VERDICT_STICKY
									   : NFP_VERDICT_SAFE;
}

/* ---- a whole ladder ---- */

void truth_of(const struct memnic_personality *p, const struct memnic_conditions *conditions,
	      enum nfp_style style, struct truth *ret_truth)
{
	const struct memnic_conditions quiet = {
		.source = conditions->source,
		.multicast_blocked = conditions->multicast_blocked,
		.mld_snooping = conditions->mld_snooping,
		.openvswitch = conditions->openvswitch,
	};
	struct truth truth = {0};
	struct walk w = {
		.nic = memnic_new(p, &quiet), .accounting = nfp_accounting_new(), .truth = &truth};

	if (!w.nic || !w.accounting)
		abort();
	memnic_config(w.nic, w.accounting, style, &w.config);
	w.host = w.config.host;
	w.wire = w.config.wire;
	w.address = &w.config.address;
	memset(truth.row, 's', NFP_STEP_COUNT);
	truth.row[NFP_STEP_ALONE] = 'l';
	memcpy(truth.multicast_row, truth.row, sizeof(truth.row));
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		if (is_made(&w, step))
			walk_step(&w, &nfp_ladder[step]);
		else
			truth.row[step] = truth.multicast_row[step] = 'l';
		if (step == NFP_STEP_STANDBY && !(w.unicast & PF_BIT))
			break;
	}
	truth.verdict = verdict_of(&truth, quiet.source);
	truth.multicast = multicast_of(&truth);
	nfp_accounting_free(w.accounting);
	memnic_free(w.nic);
	*ret_truth = truth;
}

static bool heard_before(const struct nfp_style_result *result)
{
	uint64_t frames = 0;

	for (size_t i = 0; i < result->num_steps; i++) {
		for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
			frames += result->steps[i].count[kind].at[NFP_AT_VF];
	}
	return frames > 0;
}

static bool is_right(const struct truth *truth, const struct nfp_style_result *result)
{
	if (truth->silent && result->verdict == NFP_VERDICT_DEAF)
		return heard_before(result);
	return result->verdict == truth->verdict;
}

struct memnic_conditions truth_noise(uint64_t seed)
{
	return (struct memnic_conditions) {
		.source = (enum nfp_source)(seed % NFP_SOURCE_COUNT),
		.seed = seed,
		.loss_permille = (unsigned int)(seed % 7 * 2),
		.duplicate_permille = (unsigned int)(seed % 5),
		.jitter_ns = seed % 11 * NFP_NSEC_PER_MSEC,
		.multicast_blocked = seed % 13 == 0,
		.mld_snooping = seed % 13 < 3,
		.openvswitch = seed % 17 == 0,
	};
}

bool truth_climb(uint64_t seed, enum nfp_style style, struct nfp_style_result *ret_result,
		 char why[TRUTH_WHY_LEN])
{
	const struct memnic_personality p = memnic_random(seed);
	const struct memnic_conditions noise = truth_noise(seed);
	char row[MEMNIC_ROW_LEN], multicast_row[MEMNIC_ROW_LEN];
	struct truth truth;
	int ret;

	truth_of(&p, &noise, style, &truth);
	ret = memnic_climb(&p, &noise, style, ret_result);
	memnic_row(ret_result, row);
	memnic_row_of(ret_result, NFP_KIND_MULTICAST, multicast_row);
	snprintf(why, TRUTH_WHY_LEN,
		 "seed %" PRIu64 " style %s source %s: %d, landings %s, expected %s; "
		 "multicast %s %s, expected %s %s; verdict %s, expected %s",
		 seed, nfp_style_name(style), nfp_source_name(noise.source), ret, row, truth.row,
		 nfp_multicast_name(ret_result->multicast), multicast_row,
		 nfp_multicast_name(truth.multicast), truth.multicast_row,
		 nfp_verdict_name(ret_result->verdict), nfp_verdict_name(truth.verdict));
	return ret == 0 && strcmp(row, truth.row) == 0 &&
	       strcmp(multicast_row, truth.multicast_row) == 0 &&
	       ret_result->multicast == truth.multicast && is_right(&truth, ret_result);
}
