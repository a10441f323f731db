// SPDX-License-Identifier: GPL-2.0-or-later
/* Climbs the ladders of a scene, and holds them against the truth. */
#include "adversary.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "ask.h"

const char *const adversary_class_name[ADVERSARY_CLASSES] = {
	"right",
	"wrong safe",
	"wrong multicast ok",
	"safe condemned",
	"wrong sort of unsafe",
	"wrong multicast lost",
	"wrong neighbours ok",
	"wrong neighbours lost",
	"wrong VLAN ok",
	"wrong VLAN lost",
	"wrong here ok",
	"wrong here lost",
	"wrong proof",
	"wrong gap",
	"safe unclear",
	"unsafe unclear",
	"multicast unproven",
	"neighbours unproven",
	"VLAN unproven",
	"here unproven",
};

bool adversary_is_wrong(enum adversary_class class)
{
	return class >= ADVERSARY_WRONG_SAFE && class <= ADVERSARY_WRONG_GAP;
}

static bool is_unclear(enum nfp_verdict verdict)
{
	return verdict == NFP_VERDICT_UNKNOWN;
}

/* RIGHT, or what is wrong with it. */
static enum adversary_class neighbours_of(const struct truth *truth, const struct nfp_aside *n)
{
	/* The walk ends where a clear does not bring the address back at once. */
	if (truth->neighbours == NFP_TRAIT_NONE)
		return ADVERSARY_RIGHT;
	if (n->told.verdict == NFP_TRAIT_OK && truth->neighbours != NFP_TRAIT_OK)
		return ADVERSARY_WRONG_NEIGHBOURS_OK;
	/* A window before, or behind, may have shown nothing. */
	if (n->told.verdict == NFP_TRAIT_LOST &&
	    (truth->neighbours != NFP_TRAIT_LOST || truth->leaves[n->told.from] ||
	     (n->told.until && !truth->leaves[n->told.until])))
		return ADVERSARY_WRONG_NEIGHBOURS;
	if (n->told.verdict == NFP_TRAIT_LOST &&
	    (n->told.from != truth->from || n->told.until != truth->until))
		return ADVERSARY_NEIGHBOURS_UNPROVEN;
	return n->told.verdict < NFP_TRAIT_OK ? ADVERSARY_NEIGHBOURS_UNPROVEN : ADVERSARY_RIGHT;
}

/* The standby's port sends: a window of that which is wrong. */
static enum adversary_class port_of(const struct truth *truth, const struct nfp_aside *port)
{
	for (size_t i = 0; i < port->num_windows; i++) {
		const struct nfp_window *w = &port->windows[i];

		if (w->answer != NFP_UNKNOWN && (w->answer == NFP_YES) != truth->port[w->state])
			return w->answer == NFP_YES ? ADVERSARY_WRONG_HERE_OK
						    : ADVERSARY_WRONG_HERE;
	}
	return ADVERSARY_RIGHT;
}

/* @takes: another sibling takes what is in no filter, for a while that the truth does not know. */
static enum adversary_class here_of(const struct truth *truth, const struct nfp_aside *here,
				    bool takes)
{
	if (truth->here == NFP_TRAIT_NONE)
		return ADVERSARY_RIGHT;
	if ((here->told.verdict == NFP_TRAIT_OK && truth->here != NFP_TRAIT_OK) ||
	    (here->told.entry == NFP_TRAIT_OK && truth->entry != NFP_TRAIT_OK))
		return ADVERSARY_WRONG_HERE_OK;
	if (!takes && ((here->told.verdict == NFP_TRAIT_LOST &&
			(truth->arrives[here->told.from] ||
			 (here->told.until && !truth->arrives[here->told.until]))) ||
		       (here->told.entry == NFP_TRAIT_LOST && truth->entry != NFP_TRAIT_LOST)))
		return ADVERSARY_WRONG_HERE;
	return here->told.verdict < NFP_TRAIT_OK ? ADVERSARY_HERE_UNPROVEN : ADVERSARY_RIGHT;
}

/* Proofs are told of each requirement by itself. */
static void count_proofs(struct adversary_outcome *outcome)
{
	const struct nfp_style_result *result = &outcome->result;

	outcome->proofs = outcome->wrong_proofs = 0;
	for (enum nfp_requires r = 0; r < NFP_REQ_COUNT; r++) {
		enum nfp_trait group;

		if (!(result->requires & NFP_REQ_BIT(r)) ||
		    nfp_proved_by(result, r, &group) == NFP_STEP_COUNT)
			continue;
		outcome->proofs++;
		outcome->wrong_proofs += !truth_proves(
			&outcome->truth, r,
			group == NFP_TRAIT_OK && result->multicast != NFP_TRAIT_UNTESTED);
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

static enum adversary_class class_of(const struct adversary_scene *scene, const struct truth *truth,
				     const struct nfp_style_result *result)
{
	bool right = truth_agrees(truth, result);
	bool unproven = result->multicast == NFP_TRAIT_UNPROVEN;
	enum adversary_class neighbours = neighbours_of(truth, &result->elsewhere);
	enum adversary_class here = port_of(truth, &result->port)
					    ?: here_of(truth, &result->here,
						       scene->c.sibling.for_ns > 0);

	if (result->verdict == NFP_VERDICT_SAFE && !right)
		return ADVERSARY_WRONG_SAFE;
	if (result->multicast == NFP_TRAIT_OK && truth->answer.multicast != NFP_TRAIT_OK)
		return ADVERSARY_WRONG_OK;
	if (adversary_is_wrong(neighbours))
		return neighbours;
	if (adversary_is_wrong(here))
		return here;
	if (!right && is_unclear(result->verdict))
		return truth->answer.verdict == NFP_VERDICT_SAFE ? ADVERSARY_SAFE_UNCLEAR
								 : ADVERSARY_UNSAFE_UNCLEAR;
	if (!right)
		return truth->answer.verdict == NFP_VERDICT_SAFE ? ADVERSARY_CONDEMNED
								 : ADVERSARY_WRONG_SORT;
	if (result->multicast == NFP_TRAIT_LOST && truth->answer.multicast == NFP_TRAIT_OK)
		return ADVERSARY_WRONG_LOST;
	return unproven && truth->answer.multicast != NFP_TRAIT_UNPROVEN &&
			       !is_unclear(result->verdict)
		       ? ADVERSARY_UNPROVEN
		       : neighbours ?: here;
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

	if (result->verdict == NFP_VERDICT_SAFE && g->told.verdict != NFP_TRAIT_OK)
		return ADVERSARY_WRONG_SAFE;
	if (g->told.verdict == NFP_TRAIT_OK)
		return misses ? ADVERSARY_WRONG_VLAN_OK : ADVERSARY_RIGHT;
	if (g->told.verdict == NFP_TRAIT_LOST)
		return misses ? ADVERSARY_RIGHT : ADVERSARY_WRONG_VLAN_LOST;
	return ADVERSARY_VLAN_UNPROVEN;
}

static enum adversary_class class_in_vlan(const struct adversary_scene *scene,
					  struct adversary_outcome *outcome)
{
	enum nfp_verdict said = outcome->result.verdict;
	enum adversary_class vlan = vlan_of(scene, &outcome->truth, &outcome->result), class;

	if (nfp_is_by(&outcome->result, NFP_DECIDED_BY_VLAN))
		outcome->result.verdict = NFP_VERDICT_SAFE;
	class = class_of(scene, &outcome->truth, &outcome->result);
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
		ask(&vf.styles[i], NULL, NFP_DECIDED_BY_OTHERS, NFP_DECIDED_BY_OTHERS);
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
					   : class_of(scene, &outcome->truth, &outcome->result);
	if (!adversary_is_wrong(outcome->class) && also)
		outcome->class = also;
}

/* ---- a guest that talks ---- */

/* Does the port of its bridge get what the guest, or its standby, sends? As the bridge sees it. */
static bool is_taught(const struct adversary_scene *scene, enum nfp_style style)
{
	return truth_uplink_hears(&scene->p, style, NFP_AT_PF) ||
	       truth_uplink_hears(&scene->p, style, NFP_AT_VF);
}

static enum adversary_class class_behind_bridge(const struct adversary_scene *scene,
						struct adversary_outcome *outcome)
{
	struct nfp_style_result *result = &outcome->result;
	bool learns = result->style == NFP_STYLE_BRIDGE || result->style == NFP_STYLE_BRIDGE_FDB ||
		      result->style == NFP_STYLE_VF_BRIDGE;

	ask_behind(result, NULL);
	if (learns && result->verdict == NFP_VERDICT_SAFE && is_taught(scene, result->style))
		return ADVERSARY_WRONG_SAFE;
	if (!result->by_bridge)
		return outcome->class;
	if (result->verdict == NFP_VERDICT_UNKNOWN)
		return ADVERSARY_SAFE_UNCLEAR;
	return is_taught(scene, result->style) ? outcome->class : ADVERSARY_CONDEMNED;
}

/* ---- a scene ---- */

static struct truth_ladder ladder_of(const struct adversary_scene *scene, unsigned int n)
{
	uint8_t number = scene->same_mac ? 0 : (uint8_t)(2 * n);

	return (struct truth_ladder) {
		.style = scene->ladder[n].style,
		.source = scene->ladder[n].source,
		.neighbour = n == 0 && scene->ladder[n].source == NFP_SOURCE_WIRE &&
			     !scene->c.arp && !scene->c.bonded && !scene->no_neighbour,
		.here = scene->here && !nfp_styles[scene->ladder[n].style].second_vf,
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
		.untested = scene->ladder[n].source == NFP_SOURCE_WIRE ? NULL : "no tags",
	};
}

static void run_ladder(const struct adversary_scene *scene, struct memnic *nic,
		       struct nfp_frame_accounting *accounting, struct adversary_outcome *outcomes)
{
	enum nfp_answer unregistered = NFP_UNKNOWN;
	struct nfp_runner_config config;
	struct nfp_earlier earlier = {.left_promiscuous = false};
	struct nfp_frame_accounting *of_neighbour = nfp_accounting_new();
	struct nfp_frame_accounting *of_sibling = nfp_accounting_new();
	struct nfp_frame_accounting *of_port = nfp_accounting_new();
	uint64_t spent_ns = 0;
	const struct nfp_elsewhere_test neighbour = {
		.wire = memnic_neighbour(nic, of_neighbour),
		.address = {{0x02, 0, 0, 0, 0, 0x88}},
		.unregistered = {{{0x02, 0, 0, 0, 0, 0x66}}, {{0x02, 0, 0, 0, 0, 0x77}}},
	};
	struct nfp_here_test here = {
		.wire = memnic_sibling(nic, of_sibling),
		.own = {{0x02, 0, 0, 0, 0, 0x55}},
		.nobody = {{0x02, 0, 0, 0, 0, 0x99}},
		.entry = {{0x02, 0, 0, 0, 0, 0x9a}},
		.spent_ns = &spent_ns,
		.port = memnic_port(nic, of_port),
	};

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
		config.announce = !scene->no_announce;
		config.multicast &= !scene->no_multicast;
		if (scene->rate)
			config.rate = scene->rate;
		config.stations = scene->p.station;
		config.network_ns = config.settle_ns;
		if (scene->quick)
			config.settle_ns = NFP_SETTLE_QUICK_NS;
		config.events = scene->events;
		config.elsewhere = ladder.neighbour ? &neighbour : NULL;
		config.guest_vlan = vlan_config(scene, n);
		if (scene->c.bonded)
			here.port.ops = NULL;
		config.here = ladder.here ? &here : NULL;
		if (nfp_ladder_run(&config, &outcomes[n].result, NULL))
			outcomes[n].result.verdict = NFP_VERDICT_UNKNOWN;
	}
	nfp_accounting_free(of_port);
	nfp_accounting_free(of_sibling);
	nfp_accounting_free(of_neighbour);
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
	for (unsigned int n = 0; n < scene->num_ladders; n++) {
		adversary_judge(scene, &outcomes[n]);
		if (scene->talks && !adversary_is_wrong(outcomes[n].class))
			outcomes[n].class = class_behind_bridge(scene, &outcomes[n]);
	}
	memnic_free(nic);
	truth_end(walk);
	nfp_accounting_free(accounting);
	return scene->num_ladders;
}
