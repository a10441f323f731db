// SPDX-License-Identifier: GPL-2.0-or-later
#include "told.h"

#include <string.h>

#include "truth_priv.h"

static bool is_word(const json_t *object, const char *key, const char *word)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value && strcmp(value, word) == 0;
}

static bool is_set(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_true(value) || json_integer_value(value) > 0;
}

/* ---- a step ---- */

static const char *const kind_keys[NFP_KIND_COUNT] = {
	[NFP_KIND_UNICAST] = "unicast",	    [NFP_KIND_BROADCAST] = "broadcast",
	[NFP_KIND_MULTICAST] = "multicast", [NFP_KIND_UNREGISTERED] = "unregistered",
	[NFP_KIND_ALL_NODES] = "all_nodes", [NFP_KIND_UNJOINED] = "unjoined",
};

static void read_kind(const json_t *frames, enum nfp_kind kind, struct truth_state *state)
{
	if (is_word(frames, "landing", "pf"))
		state->reach[kind] = PF_BIT;
	else if (is_word(frames, "landing", "vf"))
		state->reach[kind] = VF_BIT;
	else if (is_word(frames, "landing", "both"))
		state->reach[kind] = PF_BIT | VF_BIT;
	else if (!is_word(frames, "landing", "nowhere"))
		state->unclear |= 1U << kind;
	state->vf_heard |= is_set(frames, "vf");
}

/* A receiver that is said to lack what does not land clearly gets a part of it. */
static void read_fit(const json_t *step, enum nfp_step which, struct truth_state *state)
{
	unsigned int unicast = 1U << NFP_KIND_UNICAST;

	if (truth_life[which].decides && is_word(step, "answer", "unknown"))
		state->unclear |= unicast;
	else if (is_word(step, "answer", "no") && (state->unclear & unicast))
		state->unclear &= ~unicast;
}

static void read_step(const json_t *step, struct truth_state states[NFP_STEP_COUNT])
{
	int which = nfp_name_find(&nfp_step_names,
				  json_string_value(json_object_get(step, "state")) ?: "");
	struct truth_state *state;

	if (which < 0)
		return;
	state = &states[which];
	state->errnum = (int)json_integer_value(json_object_get(step, "errno"));
	if (is_word(step, "status", "done"))
		state->status = NFP_STATUS_DONE;
	else if (is_word(step, "status", "refused"))
		state->status = NFP_STATUS_REFUSED;
	else
		state->leave = is_set(step, "skip_allowed");
	if (state->status != NFP_STATUS_DONE)
		return;
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (kind_keys[kind])
			read_kind(json_object_get(json_object_get(step, "frames"), kind_keys[kind]),
				  (enum nfp_kind)kind, state);
	}
	read_fit(step, (enum nfp_step)which, state);
}

/* Did the standby lack unicast in a step that decides? */
static bool is_seen_again(const struct truth_state states[NFP_STEP_COUNT])
{
	for (enum nfp_step i = 0; i < NFP_STEP_COUNT; i++) {
		if (truth_life[i].decides && truth_life[i].hearer == PF_BIT &&
		    states[i].status == NFP_STATUS_DONE &&
		    !(states[i].unclear & 1U << NFP_KIND_UNICAST) &&
		    !states[i].reach[NFP_KIND_UNICAST])
			return true;
	}
	return false;
}

void told_states(const json_t *style, struct truth_state ret_states[NFP_STEP_COUNT])
{
	const json_t *step;
	size_t i;

	memset(ret_states, 0, NFP_STEP_COUNT * sizeof(*ret_states));
	json_array_foreach (json_object_get(style, "steps"), i, step)
		read_step(step, ret_states);
	/* Where nothing resets the VF, the guest boots in `assign`, which has no answer of its own:
	 * a silence in it counts where it was seen again. */
	if (ret_states[NFP_STEP_ATTACH].leave &&
	    !ret_states[NFP_STEP_ASSIGN].reach[NFP_KIND_UNICAST] && !is_seen_again(ret_states))
		ret_states[NFP_STEP_ASSIGN].unclear |= 1U << NFP_KIND_UNICAST;
}

/* ---- the answer ---- */

static json_t *word_of(const struct nfp_names *names, unsigned int value)
{
	const char *name = nfp_name(names, value);

	return name ? json_string(name) : json_null();
}

json_t *told_answer(const struct truth_answer *a)
{
	json_t *requires = json_array();

	for (unsigned int r = 0; r < NFP_REQ_COUNT; r++) {
		if (a->requires & NFP_REQ_BIT(r))
			json_array_append_new(requires, word_of(&nfp_requires_names, r));
	}
	return json_pack("{so so so so so so}", "filter_verdict",
			 word_of(&nfp_verdict_names, a->verdict), "claim",
			 word_of(&nfp_claim_names, a->claim), "release",
			 word_of(&nfp_release_names, a->release), "delivery",
			 word_of(&nfp_delivery_names, a->delivery), "requires", requires,
			 "multicast", word_of(&nfp_check_state_names, a->multicast));
}

static json_t *landing_of(const struct truth_state *state, enum nfp_kind kind)
{
	static const char *const landings[] = {"nowhere", "pf", "vf", "both"};

	return json_string(landings[state->reach[kind]]);
}

static json_t *steps_of(const struct truth *truth)
{
	json_t *steps = json_array();

	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		const struct truth_state *state = &truth->states[step];
		bool done = state->status == NFP_STATUS_DONE;

		if (step == NFP_STEP_ALONE && !done)
			continue;
		json_array_append_new(
			steps,
			json_pack("{so so so so}", "step", word_of(&nfp_step_names, step), "status",
				  word_of(&nfp_status_names, state->status), "unicast",
				  done ? landing_of(state, NFP_KIND_UNICAST) : json_null(),
				  "multicast",
				  done ? landing_of(state, NFP_KIND_MULTICAST) : json_null()));
	}
	return steps;
}

static json_t *vlan_of(const struct truth_vlan *vlan)
{
	return json_pack("{so so so so so}", "verdict",
			 word_of(&nfp_check_state_names, vlan->verdict), "step",
			 vlan->step < NFP_STEP_COUNT ? word_of(&nfp_step_names, vlan->step)
						     : json_null(),
			 "carried", word_of(&nfp_answer_names, vlan->carried), "filters",
			 word_of(&nfp_answer_names, vlan->filters), "works_registered",
			 word_of(&nfp_answer_names, vlan->works_registered));
}

json_t *told_truth(const struct truth *truth, const struct truth_ladder *ladder)
{
	json_t *object = told_answer(&truth->answer);

	json_object_set_new(object, "style", word_of(&nfp_style_names, ladder->style));
	json_object_set_new(object, "steps", steps_of(truth));
	/* The verdict where the network shows no multicast. */
	json_object_set_new(object, "of_unicast", word_of(&nfp_verdict_names, truth->of_unicast));
	if (truth->vlan.verdict)
		json_object_set_new(object, "guest_vlan", vlan_of(&truth->vlan));
	return object;
}
