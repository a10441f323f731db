// SPDX-License-Identifier: GPL-2.0-or-later
/* json.c - a result as JSON, schema 1 (nfprobe-1.schema.json beside this file says it formally). */
#include "nfprobe/report.h"

#include <stdio.h>
#include <time.h>

#include "report_priv.h"

json_t *nfp_js_run_id(const uint8_t id[NFP_RUN_ID_LEN])
{
	char text[2 * NFP_RUN_ID_LEN + 1];
	unsigned int any = 0;

	for (size_t i = 0; i < NFP_RUN_ID_LEN; i++) {
		snprintf(text + 2 * i, 3, "%02x", id[i]);
		any |= id[i];
	}
	return any ? json_string(text) : json_null();
}

/* RFC 3339, in UTC. */
json_t *nfp_js_time(int64_t unix_ms)
{
	time_t seconds = (time_t)(unix_ms / 1000);
	char text[32];
	struct tm tm;

	if (unix_ms <= 0 || !gmtime_r(&seconds, &tm) ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return json_null();
	return json_sprintf("%s.%03dZ", text, (int)(unix_ms % 1000));
}

static json_t *run_object(struct nfp_js *js, const struct nfp_result *result)
{
	json_t *run = json_object();

	nfp_js_put(js, run, "id", nfp_js_run_id(result->id));
	nfp_js_put(js, run, "start", nfp_js_time(result->start_unix_ms));
	nfp_js_put(js, run, "monotonic_us", nfp_js_number(result->start_ns / NFP_NSEC_PER_USEC));
	nfp_js_put(js, run, "duration_ms", nfp_js_ms(result->duration_ns));
	nfp_js_put(js, run, "settle_ms", nfp_js_ms(result->settle_total_ns));
	nfp_js_put(js, run, "kernel_ms", nfp_js_ms(result->kernel_total_ns));
	nfp_js_put(js, run, "host", nfp_js_text(result->hostname));
	nfp_js_put(js, run, "kernel", nfp_js_text(result->kernel));
	return run;
}

static json_t *style_names(struct nfp_js *js, const bool styles[NFP_STYLE_COUNT])
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < NFP_STYLE_COUNT; i++) {
		if (styles[i])
			nfp_js_append(js, array, json_string(nfp_style_name((enum nfp_style)i)));
	}
	return array;
}

static json_t *verdict_names(struct nfp_js *js, const bool verdicts[NFP_VERDICT_COUNT])
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < NFP_VERDICT_COUNT; i++) {
		if (verdicts[i])
			nfp_js_append(js, array,
				      json_string(nfp_verdict_name((enum nfp_verdict)i)));
	}
	return array;
}

static json_t *settings_object(struct nfp_js *js, const struct nfp_settings *settings)
{
	json_t *object = json_object();

	nfp_js_put(js, object, "from", nfp_js_text(settings->from));
	nfp_js_put(js, object, "source",
		   settings->have_source ? json_string(nfp_source_name(settings->source))
					 : json_null());
	nfp_js_put(js, object, "source_note", nfp_js_text(settings->source_note));
	nfp_js_put(js, object, "vlan", nfp_js_number(settings->vlan.vid));
	nfp_js_put(js, object, "rate",
		   settings->rate ? nfp_js_number(settings->rate) : json_null());
	nfp_js_put(js, object, "settle_ms",
		   settings->settle_ns ? nfp_js_ms(settings->settle_ns) : json_null());
	nfp_js_put(js, object, "styles", style_names(js, settings->styles));
	nfp_js_put(js, object, "allow", verdict_names(js, settings->allow));
	nfp_js_put(js, object, "forced", json_boolean(settings->forced));
	nfp_js_put(js, object, "repeat", nfp_js_number(settings->repeat ? settings->repeat : 1));
	nfp_js_put(js, object, "gap_limit_ms",
		   settings->gap_limit_ms ? nfp_js_number(settings->gap_limit_ms) : json_null());
	return object;
}

/* Of the frames that a reflector sent on; with none nothing is known of its clock. */
static json_t *reflector_object(struct nfp_js *js, const struct nfp_result *result)
{
	const struct nfp_peer_clock *clock = &result->reflector_clock;
	const struct {
		const char *key;
		uint64_t ns;
	} times[] = {
		{"trip_min_us", clock->trip_min_ns},
		{"trip_max_us", clock->trip_max_ns},
		{"stay_min_us", clock->stay_min_ns},
		{"stay_max_us", clock->stay_max_ns},
	};
	json_t *object = json_object();

	nfp_js_put(js, object, "address", nfp_js_mac(&result->reflector));
	nfp_js_put(js, object, "sightings", nfp_js_number(clock->samples));
	nfp_js_put(js, object, "clock_offset_us",
		   clock->samples ? json_integer(clock->offset_ns / 1000) : json_null());
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		nfp_js_put(js, object, times[i].key,
			   clock->samples ? nfp_js_number(times[i].ns / NFP_NSEC_PER_USEC)
					  : json_null());
	return object;
}

static json_t *landing_name(enum nfp_landing landing)
{
	return landing == NFP_LANDING_NONE ? json_null() : json_string(nfp_landing_name(landing));
}

static json_t *kind_object(struct nfp_js *js, const struct nfp_step_result *step,
			   enum nfp_kind kind)
{
	const struct nfp_count *count = &step->count[kind];
	json_t *object = json_object();

	nfp_js_put(js, object, "landing", landing_name(step->landing[kind]));
	nfp_js_put(js, object, "sent", nfp_js_number(count->sent));
	nfp_js_put(js, object, "pf", nfp_js_number(count->at[NFP_AT_PF]));
	nfp_js_put(js, object, "vf", nfp_js_number(count->at[NFP_AT_VF]));
	nfp_js_put(js, object, "both", nfp_js_number(count->both));
	nfp_js_put(js, object, "lost", nfp_js_number(nfp_count_lost(count)));
	nfp_js_put(js, object, "duplicates", nfp_js_number(count->duplicates));
	return object;
}

static json_t *counted(const struct nfp_step_result *step, uint64_t frames)
{
	return step->have_vf_rx ? nfp_js_number(frames) : json_null();
}

json_t *nfp_js_step(struct nfp_js *js, const struct nfp_step_result *step)
{
	json_t *object = json_object();

	nfp_js_put(js, object, "step", json_string(nfp_step_name(step->step)));
	nfp_js_put(js, object, "status", json_string(nfp_status_name(step->status)));
	nfp_js_put(js, object, "start_ms", nfp_js_ms(step->start_ns));
	nfp_js_put(js, object, "duration_ms", nfp_js_ms(step->duration_ns));
	nfp_js_put(js, object, "window_ms", nfp_js_ms(step->window_ns));
	for (unsigned int i = 0; i < NFP_KIND_COUNT; i++)
		nfp_js_put(js, object, nfp_kind_name((enum nfp_kind)i),
			   kind_object(js, step, (enum nfp_kind)i));
	nfp_js_put(js, object, "drops", nfp_js_number(step->drops));
	nfp_js_put(js, object, "transmit", nfp_js_text(nfp_transmit_name(step->transmit)));
	nfp_js_put(js, object, "vf_rx_packets", counted(step, step->vf_rx_packets));
	nfp_js_put(js, object, "vf_rx_dropped", counted(step, step->vf_rx_dropped));
	nfp_js_put(js, object, "vf_counted", json_boolean(step->vf_counted));
	nfp_js_put(js, object, "note", nfp_js_text(step->note));
	return object;
}

static void put_span(struct nfp_js *js, json_t *object, const char *name,
		     const struct nfp_span *span)
{
	char key[32];

	snprintf(key, sizeof(key), "%s_us", name);
	nfp_js_put(js, object, key, span->known ? json_integer(span->us) : json_null());
	snprintf(key, sizeof(key), "%s_error_us", name);
	nfp_js_put(js, object, key, span->known ? json_integer(span->error_us) : json_null());
}

static void put_counts(struct nfp_js *js, json_t *object, const struct nfp_transition_count *count)
{
	const char *from = count->gap_from_request ? "request" : "frame";

	nfp_js_put(js, object, "lost", nfp_js_number(count->lost));
	put_span(js, object, "gap", &count->gap);
	nfp_js_put(js, object, "gap_from", count->gap.known ? json_string(from) : json_null());
	put_span(js, object, "switch", &count->switched);
	put_span(js, object, "effect", &count->effect);
	nfp_js_put(js, object, "duplicates", nfp_js_number(count->duplicates));
}

/* Of a moment since the start of the run. */
static json_t *moment(uint64_t ns)
{
	return ns ? nfp_js_number(ns / NFP_NSEC_PER_USEC) : json_null();
}

json_t *nfp_js_transition(struct nfp_js *js, const struct nfp_transition *transition)
{
	json_t *object = json_object(), *broadcast = json_object();

	nfp_js_put(js, object, "from", json_string(nfp_step_name(transition->from)));
	nfp_js_put(js, object, "to", json_string(nfp_step_name(transition->to)));
	nfp_js_put(js, object, "asked_us", moment(transition->asked_ns));
	nfp_js_put(js, object, "answered_us", moment(transition->answered_ns));
	put_span(js, object, "ack", &transition->ack);
	put_counts(js, object, &transition->count[NFP_KIND_UNICAST]);
	put_counts(js, broadcast, &transition->count[NFP_KIND_BROADCAST]);
	nfp_js_put(js, object, "broadcast", broadcast);
	return object;
}

json_t *nfp_js_requires(struct nfp_js *js, uint32_t requires)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < NFP_REQ_COUNT; i++) {
		if (requires & NFP_REQ_BIT(i))
			nfp_js_append(js, array,
				      json_string(nfp_requires_name((enum nfp_requires)i)));
	}
	return array;
}

static json_t *style_object(struct nfp_js *js, const struct nfp_style_result *style)
{
	json_t *object = json_object(), *steps = json_array(), *transitions = json_array();

	for (size_t i = 0; i < style->num_steps; i++)
		nfp_js_append(js, steps, nfp_js_step(js, &style->steps[i]));
	for (size_t i = 0; i < style->num_transitions; i++)
		nfp_js_append(js, transitions, nfp_js_transition(js, &style->transitions[i]));
	nfp_js_put(js, object, "style", json_string(nfp_style_name(style->style)));
	nfp_js_put(js, object, "address", nfp_js_mac(&style->address));
	nfp_js_put(js, object, "verdict", json_string(nfp_verdict_name(style->verdict)));
	nfp_js_put(js, object, "allowed", json_boolean(style->allowed));
	nfp_js_put(js, object, "claim", nfp_js_text(nfp_claim_name(style->claim)));
	nfp_js_put(js, object, "release", nfp_js_text(nfp_release_name(style->release)));
	nfp_js_put(js, object, "delivery", nfp_js_text(nfp_delivery_name(style->delivery)));
	nfp_js_put(js, object, "requires", nfp_js_requires(js, style->requires));
	nfp_js_put(js, object, "reason", nfp_js_text(style->reason));
	nfp_js_put(js, object, "in_full", json_boolean(style->in_full));
	nfp_js_put(js, object, "transmit", nfp_js_text(nfp_transmit_name(style->transmit)));
	nfp_js_put(js, object, "transmit_note", nfp_js_text(style->transmit_note));
	nfp_js_put(js, object, "steps", steps);
	nfp_js_put(js, object, "transitions", transitions);
	nfp_js_put(js, object, "repeats",
		   style->repeats ? nfp_js_repeats(js, style->repeats) : json_null());
	return object;
}

const char *nfp_js_vf_status(enum nfp_vf_status status)
{
	switch (status) {
	case NFP_VF_PROBED:
		return "probed";
	case NFP_VF_IN_USE:
		return "in-use";
	case NFP_VF_FAILED:
	default:
		return "failed";
	}
}

static json_t *vf_object(struct nfp_js *js, const struct nfp_vf_result *vf)
{
	bool judged = vf->num_styles > 0;
	json_t *object = json_object(), *styles = json_array();

	for (size_t i = 0; i < vf->num_styles; i++)
		nfp_js_append(js, styles, style_object(js, &vf->styles[i]));
	nfp_js_put(js, object, "vf", nfp_js_number(vf->vf));
	nfp_js_put(js, object, "parentdev", nfp_js_text(vf->parentdev));
	nfp_js_put(js, object, "driver", nfp_js_text(vf->driver));
	nfp_js_put(js, object, "address", nfp_js_mac(&vf->address));
	nfp_js_put(js, object, "vlan", nfp_js_number(vf->vlan.vid));
	nfp_js_put(js, object, "trust", nfp_js_maybe(vf->trust));
	nfp_js_put(js, object, "spoofchk", nfp_js_maybe(vf->spoofchk));
	nfp_js_put(js, object, "status", json_string(nfp_js_vf_status(vf->status)));
	nfp_js_put(js, object, "styles", styles);
	nfp_js_put(js, object, "verdict",
		   judged ? json_string(nfp_verdict_name(vf->verdict)) : json_null());
	nfp_js_put(js, object, "requires", nfp_js_requires(js, judged ? vf->requires : 0));
	nfp_js_put(js, object, "error",
		   vf->error.code == NFP_E_NONE ? json_null() : nfp_js_error(js, &vf->error));
	return object;
}

int nfp_report_json(const struct nfp_result *result, FILE *out)
{
	struct nfp_js js = {0};
	json_t *root = json_object(), *vfs = json_array();

	for (size_t i = 0; i < result->num_vfs; i++)
		nfp_js_append(&js, vfs, vf_object(&js, &result->vfs[i]));
	nfp_js_put(&js, root, "schema", json_integer(NFP_SCHEMA));
	nfp_js_put(&js, root, "version", json_string(NFP_VERSION));
	nfp_js_put(&js, root, "run", run_object(&js, result));
	nfp_js_put(&js, root, "pf", nfp_js_pf(&js, &result->pf));
	nfp_js_put(&js, root, "settings", settings_object(&js, &result->settings));
	if (result->have_reflector)
		nfp_js_put(&js, root, "reflector", reflector_object(&js, result));
	nfp_js_put(&js, root, "vfs", vfs);
	if (result->comparison)
		nfp_js_put(&js, root, "baseline", nfp_js_baseline(&js, result->comparison));
	nfp_js_put(&js, root, "verdict",
		   result->have_verdict ? json_string(nfp_verdict_name(result->verdict))
					: json_null());
	nfp_js_put(&js, root, "exit", json_integer(result->exit_status));
	nfp_js_put(&js, root, "warnings", nfp_js_strv(&js, &result->warnings));
	nfp_js_put(&js, root, "changes_seen", nfp_js_strv(&js, &result->changes_seen));
	nfp_js_put(&js, root, "left_behind", nfp_js_strv(&js, &result->left_behind));
	nfp_js_put(&js, root, "restored", json_boolean(result->restored));
	if (result->error.code != NFP_E_NONE)
		nfp_js_put(&js, root, "error", nfp_js_error(&js, &result->error));
	return nfp_js_write(&js, root, out);
}
