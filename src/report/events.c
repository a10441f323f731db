// SPDX-License-Identifier: GPL-2.0-or-later
/* events.c - a run as it goes on: one JSON object a line (nfprobe-stream-1.schema.json). */
#include "nfprobe/report.h"

#include "nfprobe/tables.h"
#include "report_priv.h"

static json_t *event(const char *name, int64_t unix_ms)
{
	char time[32];

	return json_pack("{s:s, s:s}", "event", name, "time",
			 nfp_time_text(unix_ms, time, sizeof(time)));
}

static json_t *event_of(const char *name, int64_t unix_ms, unsigned int vf, enum nfp_style style)
{
	json_t *object = event(name, unix_ms);

	json_object_set_new(object, "vf", json_integer(vf));
	json_object_set_new(object, "style", json_string(nfp_style_name(style)));
	return object;
}

static json_t *event_at(const char *name, int64_t unix_ms, const struct nfp_where *where)
{
	json_t *object = event_of(name, unix_ms, where->vf, where->style);

	json_object_set_new(object, "ladder", json_integer(where->ladder));
	return object;
}

static int write_line(json_t *object, FILE *out)
{
	return nfp_json_write(object, JSON_COMPACT, out);
}

int nfp_event_run(const struct nfp_result *result, int64_t unix_ms, FILE *out)
{
	static const char *const keys[] = {"id", "host", "kernel", NULL};
	json_t *object = event("run", unix_ms), *vfs = json_array();

	json_object_set_new(object, "schema", json_integer(NFP_SCHEMA));
	json_object_set_new(object, "version", json_string(NFP_VERSION));
	nfp_fields_pick(object, &nfp_run_table, result, NFP_IN_JSON, keys);
	json_object_set_new(object, "pf", nfp_fields_json(&nfp_pf_table, &result->pf, NFP_IN_JSON));
	for (size_t i = 0; i < result->num_vfs; i++) {
		if (result->vfs[i].status == NFP_VF_PROBED)
			json_array_append_new(vfs, json_integer(result->vfs[i].vf));
	}
	json_object_set_new(object, "vfs", vfs);
	return write_line(object, out);
}

int nfp_event_step(const struct nfp_where *where, enum nfp_step step, uint64_t remaining_ns,
		   int64_t unix_ms, FILE *out)
{
	json_t *object = event_at("step", unix_ms, where);
	uint64_t ms = (remaining_ns + NFP_NSEC_PER_MSEC / 2) / NFP_NSEC_PER_MSEC;

	json_object_set_new(object, "step", json_string(nfp_step_name(step)));
	json_object_set_new(object, "remaining_ms", json_integer((json_int_t)ms));
	return write_line(object, out);
}

int nfp_event_landing(const struct nfp_where *where, const struct nfp_step_result *step,
		      int64_t unix_ms, FILE *out)
{
	json_t *object = event_at("landing", unix_ms, where);

	json_object_set_new(object, "landing", nfp_fields_json(&nfp_step_table, step, NFP_IN_JSON));
	return write_line(object, out);
}

int nfp_event_transition(const struct nfp_where *where, const struct nfp_transition *transition,
			 int64_t unix_ms, FILE *out)
{
	json_t *object = event_at("transition", unix_ms, where);

	json_object_set_new(object, "transition",
			    nfp_fields_json(&nfp_transition_table, transition, NFP_IN_JSON));
	return write_line(object, out);
}

int nfp_event_verdict(unsigned int vf, const struct nfp_style_result *style, int64_t unix_ms,
		      FILE *out)
{
	static const char *const keys[] = {"verdict",  "allowed",  "claim",  "release",
					   "delivery", "requires", "reason", NULL};
	json_t *object = event_of("verdict", unix_ms, vf, style->style);

	nfp_fields_pick(object, &nfp_style_table, style, NFP_IN_JSON, keys);
	return write_line(object, out);
}

int nfp_event_warning(const char *sentence, int64_t unix_ms, FILE *out)
{
	json_t *object = event("warning", unix_ms);
	char clean[2048];

	nfp_utf8_clean(clean, sizeof(clean), sentence[0] ? sentence : "?", false);
	json_object_set_new(object, "message", json_string(clean));
	return write_line(object, out);
}

int nfp_event_end(const struct nfp_result *result, int64_t unix_ms, FILE *out)
{
	static const char *const verdict[] = {"verdict", "exit", NULL};
	static const char *const run[] = {"duration_ms", NULL};
	static const char *const settings[] = {"from", "source", NULL};
	static const char *const vf[] = {"vf", "status", "verdict", "requires", "error", NULL};
	static const char *const rest[] = {"baseline", "changes_seen", "left_behind",
					   "restored", "error",	       NULL};
	json_t *object = event("end", unix_ms), *vfs = json_array();

	nfp_fields_pick(object, &nfp_result_table, result, NFP_IN_JSON, verdict);
	nfp_fields_pick(object, &nfp_run_table, result, NFP_IN_JSON, run);
	nfp_fields_pick(object, &nfp_settings_table, &result->settings, NFP_IN_JSON, settings);
	for (size_t i = 0; i < result->num_vfs; i++) {
		json_array_append_new(vfs, json_object());
		nfp_fields_pick(json_array_get(vfs, i), &nfp_vf_table, &result->vfs[i], NFP_IN_JSON,
				vf);
	}
	json_object_set_new(object, "vfs", vfs);
	nfp_fields_pick(object, &nfp_result_table, result, NFP_IN_JSON, rest);
	return write_line(object, out);
}
