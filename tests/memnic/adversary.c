// SPDX-License-Identifier: GPL-2.0-or-later
/* Climbs the ladders of a scene, and holds them against the truth. */
#include "adversary.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "ask.h"
#include "../../src/verdict/judge.h"

const char *const adversary_class_name[ADVERSARY_CLASSES] = {
	"right",
	"wrong safe",
	"wrong multicast ok",
	"safe condemned",
	"wrong sort of unsafe",
	"wrong multicast lost",
	"wrong VLAN ok",
	"wrong VLAN lost",
	"wrong proof",
	"wrong gap",
	"safe unclear",
	"unsafe unclear",
	"multicast unproven",
	"VLAN unproven",
};

bool adversary_is_wrong(enum adversary_class class)
{
	return class >= ADVERSARY_WRONG_SAFE && class <= ADVERSARY_WRONG_GAP;
}

static bool is_unclear(enum nfp_verdict verdict)
{
	return verdict == NFP_VERDICT_UNKNOWN;
}

/* Proofs are told of each requirement by itself. */
static void count_proofs(struct adversary_outcome *outcome)
{
	const struct nfp_style_result *result = &outcome->result;

	outcome->proofs = outcome->wrong_proofs = 0;
	for (enum nfp_requires r = 0; r < NFP_REQ_COUNT; r++) {
		enum nfp_check_state group;

		if (!(result->requires & NFP_REQ_BIT(r)) ||
		    nfp_proved_by(result, r, &group) == NFP_STEP_COUNT)
			continue;
		outcome->proofs++;
		outcome->wrong_proofs += !truth_proves(
			&outcome->truth, r,
			group == NFP_STATE_OK && result->multicast != NFP_STATE_UNTESTED);
	}
}

static bool is_gap_short(const struct truth *truth, const struct nfp_style_result *result)
{
	for (size_t i = 0; i < result->num_transitions; i++) {
		const struct nfp_transition *t = &result->transitions[i];
		const struct nfp_span *gap = &t->unicast.gap;

		if (t->to == NFP_STEP_VF_FIRST_UNPLUG && gap->known &&
		    (uint64_t)(gap->us + gap->error_us) * NFP_NSEC_PER_USEC +
				    100 * NFP_NSEC_PER_MSEC <
			    truth->gap_ns)
			return true;
	}
	return false;
}

/* Beside the verdict: RIGHT, or what else is wrong. */
static enum adversary_class beside(const struct adversary_outcome *outcome)
{
	if (outcome->wrong_proofs)
		return ADVERSARY_WRONG_PROOF;
	return is_gap_short(&outcome->truth, &outcome->result) ? ADVERSARY_WRONG_GAP
							       : ADVERSARY_RIGHT;
}

static enum adversary_class class_of(const struct truth *truth,
				     const struct nfp_style_result *result)
{
	bool right = truth_agrees(truth, result);
	bool unproven = result->multicast == NFP_STATE_UNPROVEN;

	if (result->verdict == NFP_VERDICT_SAFE && !right)
		return ADVERSARY_WRONG_SAFE;
	if (result->multicast == NFP_STATE_OK && truth->answer.multicast != NFP_STATE_OK)
		return ADVERSARY_WRONG_OK;
	if (!right && is_unclear(result->verdict))
		return truth->answer.verdict == NFP_VERDICT_SAFE ? ADVERSARY_SAFE_UNCLEAR
								 : ADVERSARY_UNSAFE_UNCLEAR;
	if (!right)
		return truth->answer.verdict == NFP_VERDICT_SAFE ? ADVERSARY_CONDEMNED
								 : ADVERSARY_WRONG_SORT;
	if (result->multicast == NFP_STATE_LOST && truth->answer.multicast == NFP_STATE_OK)
		return ADVERSARY_WRONG_LOST;
	return unproven && truth->answer.multicast != NFP_STATE_UNPROVEN &&
			       !is_unclear(result->verdict)
		       ? ADVERSARY_UNPROVEN
		       : ADVERSARY_RIGHT;
}

/* Would the guest lose its VLAN once the host registers another? */
static bool sleeps_in_vlan(const struct adversary_scene *scene,
			   const struct nfp_style_result *result)
{
	const struct core_vlans *v = &scene->p.vlan;
	const struct nfp_style_row *row = &nfp_styles[result->style];

	bool all = row->promiscuous || (row->entry && scene->p.no_unicast_filter);

	return v->filters && v->from_first && !v->pf_ignored && !v->pf_errno &&
	       !(v->promisc_passes && all && !row->second_vf) && !scene->c.vlan.bridge;
}

/* The verdict in the guest's VLAN; that of the style follows from it. */
static enum adversary_class vlan_of(const struct adversary_scene *scene, const struct truth *truth,
				    const struct nfp_style_result *result)
{
	const struct nfp_guest_vlan_result *g = &result->guest_vlan;
	bool misses = scene->c.vlan.swallowed || truth_misses_vlan(truth, result) ||
		      sleeps_in_vlan(scene, result);

	if (result->verdict == NFP_VERDICT_SAFE && g->verdict != NFP_STATE_OK)
		return ADVERSARY_WRONG_SAFE;
	if (g->verdict == NFP_STATE_OK)
		return misses ? ADVERSARY_WRONG_VLAN_OK : ADVERSARY_RIGHT;
	if (g->verdict == NFP_STATE_LOST)
		return misses ? ADVERSARY_RIGHT : ADVERSARY_WRONG_VLAN_LOST;
	return ADVERSARY_VLAN_UNPROVEN;
}

static enum adversary_class class_in_vlan(const struct adversary_scene *scene,
					  struct adversary_outcome *outcome)
{
	enum nfp_verdict said = outcome->result.verdict;
	enum adversary_class vlan = vlan_of(scene, &outcome->truth, &outcome->result), class;

	if (nfp_is_by(&outcome->result, NFP_CHECK_VLAN))
		outcome->result.verdict = NFP_VERDICT_SAFE;
	class = class_of(&outcome->truth, &outcome->result);
	outcome->result.verdict = said;
	return adversary_is_wrong(vlan) || class == ADVERSARY_RIGHT ? vlan : class;
}

/* ---- both styles of a VF ---- */

static void judge_across(struct adversary_outcome *outcomes, unsigned int num)
{
	struct nfp_vf_result vf = {.vf = 0};

	for (unsigned int i = 0; i < num; i++)
		*nfp_vf_add_style(&vf) = outcomes[i].result;
	(void)nfp_compare_groups(&vf, "eth0");
	for (unsigned int i = 0; i < num; i++) {
		ask(&vf.styles[i], NULL, NFP_CHECK_OTHERS, NFP_CHECK_OTHERS);
		outcomes[i].result = vf.styles[i];
	}
	nfp_vf_fini(&vf);
}

void adversary_judge(const struct adversary_scene *scene, struct adversary_outcome *outcome)
{
	enum adversary_class also;

	count_proofs(outcome);
	also = beside(outcome);
	outcome->class = scene->guest_vlan ? class_in_vlan(scene, outcome)
					   : class_of(&outcome->truth, &outcome->result);
	if (!adversary_is_wrong(outcome->class) && also)
		outcome->class = also;
}

/* ---- a scene ---- */

static struct truth_ladder ladder_of(const struct adversary_scene *scene, unsigned int n)
{
	uint8_t number = scene->same_mac ? 0 : (uint8_t)(2 * n);

	return (struct truth_ladder) {
		.style = scene->ladder[n].style,
		.source = scene->ladder[n].source,
		.address = {{0x02, 0, 0, 0, 1, number}},
		.address_first = {{0x02, 0, 0, 0, 1, (uint8_t)(number + !scene->same_mac)}},
		.group = {{0x33, 0x33, 0xff, 0, 1, (uint8_t)n}},
	};
}

static struct nfp_guest_vlan_config vlan_config(const struct adversary_scene *scene, unsigned int n)
{
	if (!scene->guest_vlan)
		return (struct nfp_guest_vlan_config) {.vid = 0};
	return (struct nfp_guest_vlan_config) {
		.vid = 100,
		.free_vid = MEMNIC_FREE_VLAN,
		.own = {{0x02, 0, 0, 0, 0, 0x55}},
		.sibling = scene->vf_in_use,
		.untested = scene->ladder[n].source == NFP_ENTERS_WIRE ? NULL : "no tags",
	};
}

static void run_ladder(const struct adversary_scene *scene, struct memnic *nic,
		       struct nfp_frame_accounting *accounting, struct adversary_outcome *outcomes)
{
	enum nfp_answer unregistered = NFP_UNKNOWN;
	struct nfp_runner_config config;
	struct nfp_earlier earlier = {.left_promiscuous = false};

	for (unsigned int n = 0; n < scene->num_ladders; n++) {
		const struct truth_ladder ladder = ladder_of(scene, n);

		if (n)
			memnic_undo(nic);
		outcomes[n].lasting = memnic_lasting(nic, &ladder.address);
		memnic_set_source(nic, ladder.source);
		memnic_config(nic, accounting, ladder.style, &config);
		config.address = ladder.address;
		config.address_first = ladder.address_first;
		config.group = ladder.group;
		config.unregistered = &unregistered;
		config.earlier = &earlier;
		config.follows = n > 0;
		if (scene->rate)
			config.rate = scene->rate;
		config.stations = scene->p.station;
		config.network_ns = config.settle_ns;
		if (scene->quick)
			config.settle_ns = NFP_SETTLE_QUICK_NS;
		config.events = scene->events;
		config.guest_vlan = vlan_config(scene, n);
		if (nfp_ladder_run(&config, &outcomes[n].result, NULL))
			outcomes[n].result.verdict = NFP_VERDICT_UNKNOWN;
	}
}

unsigned int adversary_run(const struct adversary_scene *scene,
			   struct adversary_outcome outcomes[ADVERSARY_LADDERS])
{
	static const struct nfp_frame_id id;
	struct nfp_frame_accounting *accounting = nfp_accounting_new();
	struct truth_walk *walk = truth_begin(&scene->p, &scene->c);
	struct memnic *nic = memnic_new(&scene->p, &scene->c);
	struct truth *truths[ADVERSARY_LADDERS];

	if (!nic)
		abort();
	memnic_tap(nic, &scene->tap, &id);
	run_ladder(scene, nic, accounting, outcomes);
	for (unsigned int n = 0; n < scene->num_ladders; n++) {
		struct truth_ladder ladder = ladder_of(scene, n);

		ladder.lasting = outcomes[n].lasting;
		truth_walk(walk, &ladder, &outcomes[n].truth);
		truths[n] = &outcomes[n].truth;
	}
	if (scene->num_ladders > 1) {
		truth_across(truths, scene->num_ladders);
		judge_across(outcomes, scene->num_ladders);
	}
	for (unsigned int n = 0; n < scene->num_ladders; n++)
		adversary_judge(scene, &outcomes[n]);
	memnic_free(nic);
	truth_end(walk);
	nfp_accounting_free(accounting);
	return scene->num_ladders;
}
