// SPDX-License-Identifier: GPL-2.0-or-later
#include "truth_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/result.h"

/* ---- a whole ladder ---- */

struct truth_walk *truth_begin(const struct core_personality *p,
			       const struct memnic_conditions *conditions)
{
	const struct memnic_conditions quiet = {.openvswitch = conditions->openvswitch};
	struct truth_walk *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->nic = memnic_new(p, &quiet);
	w->accounting = nfp_accounting_new();
	if (!w->nic || !w->accounting)
		abort();
	w->host = memnic_host(w->nic);
	w->wire = memnic_wire(w->nic, w->accounting);
	w->no_reset = p->no_reset;
	w->unlearns = p->unlearns_after_ns > 0;
	return w;
}

void truth_end(struct truth_walk *w)
{
	nfp_accounting_free(w->accounting);
	memnic_free(w->nic);
	free(w);
}

/* A state as a letter of memnic_row(). */
static char letter_of(const struct truth *truth, enum nfp_step step, enum nfp_kind kind)
{
	const struct truth_state *state = &truth->states[step];

	switch (state->status) {
	case NFP_STATUS_DONE:
		return "-PVB"[state->reach[kind]];
	case NFP_STATUS_REFUSED:
		return 'r';
	default:
		return state->leave || step == NFP_STEP_ALONE ? 'l' : 's';
	}
}

static bool shows_group(const struct truth *truth)
{
	for (enum nfp_step step = NFP_STEP_STANDBY; step < NFP_STEP_COUNT; step++) {
		if (truth_has_group(&truth->states[step], PF_BIT))
			return true;
	}
	return false;
}

void truth_walk(struct truth_walk *w, const struct truth_ladder *ladder, struct truth *ret_truth)
{
	struct truth truth = {0};

	w->ladder = ladder;
	w->truth = &truth;
	w->address = &ladder->address;
	if (w->used) {
		memnic_undo(w->nic);
		truth_wait(w);
		memnic_calm(w->nic);
	}
	/* A look by nfprobe after a ladder may have ended what the ladder made last. */
	memnic_set_lasting(w->nic, &ladder->address, ladder->lasting);
	w->used = true;
	memnic_set_source(w->nic, ladder->source);
	memnic_set_style(w->nic, ladder->style);
	truth_live(w);
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		truth.row[step] = letter_of(&truth, step, NFP_KIND_UNICAST);
		truth.multicast_row[step] = letter_of(&truth, step, NFP_KIND_MULTICAST);
	}
	truth_judge(truth.states, &truth.answer);
	truth.of_unicast = truth_verdict(truth.states, false);
	truth.shown_late = truth_verdict(truth.states, shows_group(&truth));
	if (ladder->vlan)
		truth_judge_vlan(&truth);
	*ret_truth = truth;
}

void truth_of(const struct core_personality *p, const struct memnic_conditions *conditions,
	      enum nfp_style style, struct truth *ret_truth)
{
	const struct truth_ladder ladder = {
		.style = style,
		.source = conditions->source,
		.address = {{0x02, 0, 0, 0, 0, 0x11}},
		.address_first = {{0x02, 0, 0, 0, 0, 0x22}},
		.group = {{0x33, 0x33, 0xff, 0, 0, 0x11}},
		.multicast_blocked = conditions->multicast_blocked &&
				     conditions->source == NFP_ENTERS_WIRE,
	};
	struct truth_walk *w = truth_begin(p, conditions);

	truth_walk(w, &ladder, ret_truth);
	truth_end(w);
}

/* Does the network bring the group of this ladder to anybody, and the standby gets none ever? */
static bool never_has_group(const struct truth *truth)
{
	bool brought = false, has = false;

	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		const struct truth_state *state = &truth->states[step];

		brought |= truth_has_group(state, VF_BIT);
		has |= truth_life[step].hearer != VF_BIT && truth_has_group(state, PF_BIT);
	}
	return truth_serves(&truth->states[NFP_STEP_STANDBY], PF_BIT) && brought && !has;
}

void truth_across(struct truth *const truths[], unsigned int num)
{
	bool shown = false;

	for (unsigned int i = 0; i < num; i++) {
		const struct truth_state *standby = &truths[i]->states[NFP_STEP_STANDBY];

		shown |= truth_serves(standby, PF_BIT) && truth_has_group(standby, PF_BIT);
	}
	for (unsigned int i = 0; i < num && shown; i++) {
		struct truth_answer *answer = &truths[i]->answer;

		if (!never_has_group(truths[i]))
			continue;
		answer->multicast = NFP_STATE_LOST;
		if (answer->verdict == NFP_VERDICT_SAFE || answer->verdict == NFP_VERDICT_STICKY)
			answer->verdict = NFP_VERDICT_DEAF;
	}
}

bool truth_proves(const struct truth *truth, enum nfp_requires requires, bool with_group)
{
	static const struct {
		enum nfp_requires requires;
		enum nfp_step step;
	} states[] = {
		{NFP_REQ_ASSIGN_AT_HOTPLUG, NFP_STEP_UP},
		{NFP_REQ_ASSIGN_BEFORE_STANDBY, NFP_STEP_VF_FIRST},
		{NFP_REQ_ASSIGN_BEFORE_STANDBY, NFP_STEP_VF_FIRST_UP},
		{NFP_REQ_ASSIGN_BEFORE_STANDBY, NFP_STEP_VF_FIRST_UNPLUG},
		{NFP_REQ_RELEASE_STANDBY_WHEN_UP, NFP_STEP_ALONE},
		{NFP_REQ_DETACH_BEFORE_MIGRATION, NFP_STEP_DETACH},
		{NFP_REQ_CLEAR_AT_UNPLUG, NFP_STEP_VF_FIRST_CLEAR},
	};
	bool had = truth_has_group(&truth->states[NFP_STEP_STANDBY], PF_BIT);

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		const struct truth_state *state = &truth->states[states[i].step];
		unsigned int bit = truth_life[states[i].step].hearer;

		if (states[i].requires == requires &&
		    (!truth_serves(state, bit) ||
		     (with_group && had && !truth_has_group(state, bit))))
			return false;
	}
	return true;
}

static bool heard_before(const struct nfp_style_result *result)
{
	uint64_t frames = 0;

	for (size_t i = 0; i < result->num_steps; i++) {
		for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
			frames += result->steps[i].w.count[kind].at[NFP_AT_VF];
	}
	return frames > 0;
}

bool truth_agrees(const struct truth *truth, const struct nfp_style_result *result)
{
	enum nfp_check_state multicast = result->multicast;
	bool unjudged = multicast != NFP_STATE_OK && multicast != NFP_STATE_LOST;

	if (truth->answer.silent && result->verdict == NFP_VERDICT_DEAF)
		return heard_before(result);
	return result->verdict == truth->answer.verdict ||
	       (truth->answer.multicast != NFP_STATE_OK && result->verdict == truth->shown_late) ||
	       (unjudged && result->verdict == truth->of_unicast);
}

enum nfp_verdict truth_in_vlan(const struct truth *truth)
{
	static const bool leaves[NFP_STEP_COUNT] = {
		[NFP_STEP_UNPLUG] = true,	  [NFP_STEP_DETACH] = true,
		[NFP_STEP_CLEAR] = true,	  [NFP_STEP_VF_FIRST_UNPLUG] = true,
		[NFP_STEP_VF_FIRST_CLEAR] = true,
	};
	enum nfp_verdict verdict = truth->answer.verdict;

	if (verdict != NFP_VERDICT_SAFE || truth->vlan.verdict == NFP_STATE_OK)
		return verdict;
	if (truth->vlan.verdict != NFP_STATE_LOST)
		return NFP_VERDICT_UNKNOWN;
	return leaves[truth->vlan.step] ? NFP_VERDICT_STICKY : NFP_VERDICT_DEAF;
}

bool truth_uplink_hears(const struct core_personality *p, enum nfp_style style,
			enum nfp_receiver from)
{
	bool promiscuous = style >= NFP_STYLE_BRIDGE && style <= NFP_STYLE_BRIDGE_FDB_PIN;

	if (p->returns[from])
		return true;
	return from == NFP_AT_VF &&
	       (!p->no_loop[NFP_ENTERS_VF][NFP_AT_PF] || (p->promisc_from_inside && promiscuous));
}

bool truth_explains(const struct truth *truth, const struct nfp_style_result *result)
{
	static const unsigned int reach[NFP_LANDING_COUNT] = {
		[NFP_LANDING_PF] = PF_BIT,
		[NFP_LANDING_VF] = VF_BIT,
		[NFP_LANDING_BOTH] = PF_BIT | VF_BIT,
	};

	for (size_t i = 0; i < result->num_steps; i++) {
		const struct nfp_step_result *step = &result->steps[i];
		enum nfp_landing landing = step->w.landing[NFP_KIND_UNICAST];

		if (step->w.status == NFP_STATUS_DONE && landing != NFP_LANDING_NONE &&
		    landing != NFP_LANDING_MIXED &&
		    !(truth->went[step->step] & 1U << reach[landing]))
			return false;
	}
	return true;
}

bool truth_misses_vlan(const struct truth *truth, const struct nfp_style_result *result)
{
	bool group = result->multicast == NFP_STATE_OK;

	for (size_t i = 0; i < result->num_steps; i++) {
		const struct nfp_step_result *step = &result->steps[i];
		const unsigned int *reach = truth->states[step->step].reach;
		unsigned int bit = truth_life[step->step].hearer;

		if (bit && step->w.status == NFP_STATUS_DONE &&
		    !(reach[NFP_KIND_VLAN_UNICAST] & reach[NFP_KIND_VLAN_BROADCAST] &
		      (group ? reach[NFP_KIND_VLAN_MULTICAST] : ~0U) & bit))
			return true;
	}
	return false;
}

/* Source, loss, duplicates, jitter, and the network's effect on multicast. */
static struct memnic_conditions noise_of(uint64_t seed)
{
	return (struct memnic_conditions) {
		.source = (enum nfp_enters)(seed % NFP_ENTERS_COUNT),
		.seed = seed,
		.loss_permille = (unsigned int)(seed % 7 * 2),
		.duplicate_permille = (unsigned int)(seed % 5),
		.jitter_ns = seed % 11 * NFP_NSEC_PER_MSEC,
		.multicast_blocked = seed % 13 == 0,
		.mld_snooping = seed % 13 < 3,
		.openvswitch = seed % 17 == 0,
	};
}

bool truth_run(uint64_t seed, enum nfp_style style, struct nfp_style_result *ret_result,
	       char why[TRUTH_WHY_LEN])
{
	const struct core_personality p = memnic_random(seed);
	const struct memnic_conditions noise = noise_of(seed);
	char row[MEMNIC_ROW_LEN], multicast_row[MEMNIC_ROW_LEN];
	struct truth truth;
	int ret;

	truth_of(&p, &noise, style, &truth);
	ret = memnic_run(&p, &noise, style, ret_result);
	memnic_row(ret_result, row);
	memnic_row_of(ret_result, NFP_KIND_MULTICAST, multicast_row);
	snprintf(why, TRUTH_WHY_LEN,
		 "seed %" PRIu64 " style %s source %s: %d, landings %s, expected %s; "
		 "multicast %s %s, expected %s %s; verdict %s, expected %s",
		 seed, nfp_style_name(style), nfp_source_name(noise.source), ret, row, truth.row,
		 nfp_check_state_name(ret_result->multicast), multicast_row,
		 nfp_check_state_name(truth.answer.multicast), truth.multicast_row,
		 nfp_verdict_name(ret_result->verdict), nfp_verdict_name(truth.answer.verdict));
	return ret == 0 && strcmp(row, truth.row) == 0 &&
	       /* In control nobody has reported the group yet. */
	       strcmp(multicast_row + 1, truth.multicast_row + 1) == 0 &&
	       (ret_result->multicast == truth.answer.multicast ||
		/* It got groups before one was joined: its filter was not asked. */
		(ret_result->all_multicast && ret_result->multicast == NFP_STATE_UNPROVEN)) &&
	       truth_agrees(&truth, ret_result);
}
