// SPDX-License-Identifier: GPL-2.0-or-later
/* events.c - a run as it goes on: one JSON object a line (nfprobe-stream-1.schema.json). */
#include "nfprobe/report.h"

#include "report_priv.h"

static json_t *event(struct nfp_js *js, const char *name, int64_t unix_ms)
{
	json_t *object = json_object();

	nfp_js_put(js, object, "event", json_string(name));
	nfp_js_put(js, object, "time", nfp_js_time(unix_ms));
	return object;
}

static json_t *event_of(struct nfp_js *js, const char *name, int64_t unix_ms, unsigned int vf,
			enum nfp_style style)
{
	json_t *object = event(js, name, unix_ms);

	nfp_js_put(js, object, "vf", nfp_js_number(vf));
	nfp_js_put(js, object, "style", json_string(nfp_style_name(style)));
	return object;
}

static json_t *event_at(struct nfp_js *js, const char *name, int64_t unix_ms,
			const struct nfp_where *where)
{
	json_t *object = event_of(js, name, unix_ms, where->vf, where->style);

	nfp_js_put(js, object, "ladder", nfp_js_number(where->ladder));
	return object;
}

int nfp_event_run(const struct nfp_result *result, int64_t unix_ms, FILE *out)
{
	struct nfp_js js = {0};
	json_t *object = event(&js, "run", unix_ms), *vfs = json_array();

	for (size_t i = 0; i < result->num_vfs; i++) {
		if (result->vfs[i].status == NFP_VF_PROBED)
			nfp_js_append(&js, vfs, nfp_js_number(result->vfs[i].vf));
	}
	nfp_js_put(&js, object, "schema", json_integer(NFP_SCHEMA));
	nfp_js_put(&js, object, "version", json_string(NFP_VERSION));
	nfp_js_put(&js, object, "id", nfp_js_run_id(result->id));
	nfp_js_put(&js, object, "host", nfp_js_text(result->hostname));
	nfp_js_put(&js, object, "kernel", nfp_js_text(result->kernel));
	nfp_js_put(&js, object, "pf", nfp_js_pf(&js, &result->pf));
	nfp_js_put(&js, object, "vfs", vfs);
	return nfp_js_write_line(&js, object, out);
}

int nfp_event_step(const struct nfp_where *where, enum nfp_step step, uint64_t remaining_ns,
		   int64_t unix_ms, FILE *out)
{
	struct nfp_js js = {0};
	json_t *object = event_at(&js, "step", unix_ms, where);

	nfp_js_put(&js, object, "step", json_string(nfp_step_name(step)));
	nfp_js_put(&js, object, "remaining_ms", nfp_js_ms(remaining_ns));
	return nfp_js_write_line(&js, object, out);
}

int nfp_event_landing(const struct nfp_where *where, const struct nfp_step_result *step,
		      int64_t unix_ms, FILE *out)
{
	struct nfp_js js = {0};
	json_t *object = event_at(&js, "landing", unix_ms, where);

	nfp_js_put(&js, object, "landing", nfp_js_step(&js, step));
	return nfp_js_write_line(&js, object, out);
}

int nfp_event_transition(const struct nfp_where *where, const struct nfp_transition *transition,
			 int64_t unix_ms, FILE *out)
{
	struct nfp_js js = {0};
	json_t *object = event_at(&js, "transition", unix_ms, where);

	nfp_js_put(&js, object, "transition", nfp_js_transition(&js, transition));
	return nfp_js_write_line(&js, object, out);
}

int nfp_event_verdict(unsigned int vf, const struct nfp_style_result *style, int64_t unix_ms,
		      FILE *out)
{
	struct nfp_js js = {0};
	json_t *object = event_of(&js, "verdict", unix_ms, vf, style->style);

	nfp_js_put(&js, object, "verdict", json_string(nfp_verdict_name(style->verdict)));
	nfp_js_put(&js, object, "allowed", json_boolean(style->allowed));
	nfp_js_put(&js, object, "claim", nfp_js_text(nfp_claim_name(style->claim)));
	nfp_js_put(&js, object, "release", nfp_js_text(nfp_release_name(style->release)));
	nfp_js_put(&js, object, "delivery", nfp_js_text(nfp_delivery_name(style->delivery)));
	nfp_js_put(&js, object, "requires", nfp_js_requires(&js, style->requires));
	nfp_js_put(&js, object, "reason", nfp_js_text(style->reason));
	return nfp_js_write_line(&js, object, out);
}

int nfp_event_warning(const char *sentence, int64_t unix_ms, FILE *out)
{
	struct nfp_js js = {0};
	json_t *object = event(&js, "warning", unix_ms);

	nfp_js_put(&js, object, "message", nfp_js_text(sentence[0] ? sentence : "?"));
	return nfp_js_write_line(&js, object, out);
}

static json_t *ended_vf(struct nfp_js *js, const struct nfp_vf_result *vf)
{
	json_t *object = json_object();

	nfp_js_put(js, object, "vf", nfp_js_number(vf->vf));
	nfp_js_put(js, object, "status", json_string(nfp_js_vf_status(vf->status)));
	nfp_js_put(js, object, "verdict",
		   vf->num_styles ? json_string(nfp_verdict_name(vf->verdict)) : json_null());
	nfp_js_put(js, object, "requires", nfp_js_requires(js, vf->num_styles ? vf->requires : 0));
	nfp_js_put(js, object, "error",
		   vf->error.code == NFP_E_NONE ? json_null() : nfp_js_error(js, &vf->error));
	return object;
}

int nfp_event_end(const struct nfp_result *result, int64_t unix_ms, FILE *out)
{
	struct nfp_js js = {0};
	json_t *object = event(&js, "end", unix_ms), *vfs = json_array();

	for (size_t i = 0; i < result->num_vfs; i++)
		nfp_js_append(&js, vfs, ended_vf(&js, &result->vfs[i]));
	nfp_js_put(&js, object, "verdict",
		   result->have_verdict ? json_string(nfp_verdict_name(result->verdict))
					: json_null());
	nfp_js_put(&js, object, "exit", json_integer(result->exit_status));
	nfp_js_put(&js, object, "duration_ms", nfp_js_ms(result->duration_ns));
	nfp_js_put(&js, object, "from", nfp_js_text(result->settings.from));
	nfp_js_put(&js, object, "source",
		   result->settings.have_source
			   ? json_string(nfp_source_name(result->settings.source))
			   : json_null());
	nfp_js_put(&js, object, "vfs", vfs);
	if (result->comparison)
		nfp_js_put(&js, object, "baseline", nfp_js_baseline(&js, result->comparison));
	nfp_js_put(&js, object, "changes_seen", nfp_js_strv(&js, &result->changes_seen));
	nfp_js_put(&js, object, "left_behind", nfp_js_strv(&js, &result->left_behind));
	nfp_js_put(&js, object, "restored", json_boolean(result->restored));
	if (result->error.code != NFP_E_NONE)
		nfp_js_put(&js, object, "error", nfp_js_error(&js, &result->error));
	return nfp_js_write_line(&js, object, out);
}
