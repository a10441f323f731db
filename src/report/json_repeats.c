// SPDX-License-Identifier: GPL-2.0-or-later
/* json_repeats.c - what several ladders of one style have in common, and what not. */
#include "nfprobe/result.h"

#include "report_priv.h"

static json_t *verdicts_object(struct nfp_js *js, const struct nfp_repeats *repeats)
{
	unsigned int num[NFP_VERDICT_COUNT] = {0};
	json_t *object = json_object();

	for (size_t i = 0; i < repeats->num; i++)
		num[repeats->rounds[i].verdict]++;
	for (unsigned int v = 0; v < NFP_VERDICT_COUNT; v++) {
		if (num[v])
			nfp_js_put(js, object, nfp_verdict_name((enum nfp_verdict)v),
				   nfp_js_number(num[v]));
	}
	return object;
}

static json_t *unstable_object(struct nfp_js *js, enum nfp_step step, enum nfp_kind kind,
			       const unsigned int num[NFP_LANDING_COUNT])
{
	json_t *object = json_object(), *landings = json_object();

	for (unsigned int i = 0; i < NFP_LANDING_COUNT; i++) {
		if (num[i])
			nfp_js_put(js, landings, nfp_landing_name((enum nfp_landing)i),
				   nfp_js_number(num[i]));
	}
	nfp_js_put(js, object, "step", json_string(nfp_step_name(step)));
	nfp_js_put(js, object, "kind", json_string(nfp_kind_name(kind)));
	nfp_js_put(js, object, "landings", landings);
	return object;
}

static json_t *unstable_array(struct nfp_js *js, const struct nfp_repeats *repeats)
{
	json_t *array = json_array();

	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		for (enum nfp_kind kind = 0; kind < NFP_KIND_STRANGER; kind++) {
			unsigned int num[NFP_LANDING_COUNT];

			if (nfp_repeats_landings(repeats, step, kind, num))
				nfp_js_append(js, array, unstable_object(js, step, kind, num));
		}
	}
	return array;
}

static json_t *summary_object(struct nfp_js *js, const struct nfp_summary *s)
{
	json_t *object = json_object();

	nfp_js_put(js, object, "num", nfp_js_number(s->num));
	nfp_js_put(js, object, "min", json_integer(s->min));
	nfp_js_put(js, object, "median", json_integer(s->median));
	nfp_js_put(js, object, "p95", json_integer(s->p95));
	nfp_js_put(js, object, "max", json_integer(s->max));
	return object;
}

static json_t *transition_summary(struct nfp_js *js, const struct nfp_repeats *repeats,
				  enum nfp_step to)
{
	static const char *const keys[NFP_QUANTITY_COUNT] = {
		[NFP_QUANTITY_GAP] = "gap_us", [NFP_QUANTITY_SWITCH] = "switch_us",
		[NFP_QUANTITY_ACK] = "ack_us", [NFP_QUANTITY_EFFECT] = "effect_us",
		[NFP_QUANTITY_LOST] = "lost",
	};
	json_t *object = json_object();

	nfp_js_put(js, object, "to", json_string(nfp_step_name(to)));
	for (enum nfp_quantity q = 0; q < NFP_QUANTITY_COUNT; q++) {
		struct nfp_summary s = {0};
		/* Without memory there is no JSON either, which is noticed. */
		bool any = nfp_repeats_summary(repeats, to, q, &s) == 0 && s.num > 0;

		nfp_js_put(js, object, keys[q], any ? summary_object(js, &s) : json_null());
	}
	return object;
}

static bool any_transition(const struct nfp_repeats *repeats, enum nfp_step to)
{
	for (size_t i = 0; i < repeats->num; i++) {
		if (repeats->rounds[i].step[to].have_transition)
			return true;
	}
	return false;
}

json_t *nfp_js_repeats(struct nfp_js *js, const struct nfp_repeats *repeats)
{
	json_t *object = json_object(), *transitions = json_array();

	for (enum nfp_step to = 0; to < NFP_STEP_COUNT; to++) {
		if (any_transition(repeats, to))
			nfp_js_append(js, transitions, transition_summary(js, repeats, to));
	}
	nfp_js_put(js, object, "asked", nfp_js_number(repeats->asked));
	nfp_js_put(js, object, "made", nfp_js_number(repeats->num));
	nfp_js_put(js, object, "worst", nfp_js_number(repeats->worst + 1));
	nfp_js_put(js, object, "verdicts", verdicts_object(js, repeats));
	nfp_js_put(js, object, "unstable", unstable_array(js, repeats));
	nfp_js_put(js, object, "transitions", transitions);
	return object;
}
