// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/base.h"

#define FORMAT 1 /* of the facts and the comments; what has another is refused */

#define NUM(fields) (sizeof(fields) / sizeof((fields)[0]))

static const struct field run_fields[] = {
	FIELD(NUMBER, nfp_result, "start_ms", start_unix_ms),
	FIELD(NUMBER, nfp_result, "start", start_ns),
	FIELD(NUMBER, nfp_result, "duration", duration_ns),
	FIELD(NUMBER, nfp_result, "settling", settle_total_ns),
	FIELD(NUMBER, nfp_result, "waiting", kernel_total_ns),
	FIELD(TEXT, nfp_result, "host", hostname),
	FIELD(TEXT, nfp_result, "kernel", kernel),
	FIELD(BOOL, nfp_result, "reflected", have_reflector),
	FIELD(MAC, nfp_result, "reflector", reflector),
	FIELD(NUMBER, nfp_result, "samples", reflector_clock.samples),
	FIELD(NUMBER, nfp_result, "trip_min", reflector_clock.trip_min_ns),
	FIELD(NUMBER, nfp_result, "trip_max", reflector_clock.trip_max_ns),
	FIELD(NUMBER, nfp_result, "stay_min", reflector_clock.stay_min_ns),
	FIELD(NUMBER, nfp_result, "stay_max", reflector_clock.stay_max_ns),
	FIELD(SIGNED, nfp_result, "offset", reflector_clock.offset_ns),
	FIELD(BOOL, nfp_result, "judged", have_verdict),
	FIELD(SIGNED, nfp_result, "exit", exit_status),
	FIELD(BOOL, nfp_result, "changed", changed_host),
	FIELD(BOOL, nfp_result, "restored", restored),
};

static const struct field pf_fields[] = {
	FIELD(TEXT, nfp_pf_info, "ifname", ifname),
	FIELD(SIGNED, nfp_pf_info, "ifindex", ifindex),
	FIELD(TEXT, nfp_pf_info, "parentdev", parentdev),
	FIELD(TEXT, nfp_pf_info, "driver", driver),
	FIELD(TEXT, nfp_pf_info, "driver_version", driver_version),
	FIELD(TEXT, nfp_pf_info, "firmware", firmware),
	FIELD(NUMBER, nfp_pf_info, "vendor", vendor),
	FIELD(NUMBER, nfp_pf_info, "device", device),
	FIELD(NUMBER, nfp_pf_info, "num_vfs", num_vfs),
	FIELD(NUMBER, nfp_pf_info, "total_vfs", total_vfs),
	FIELD(TEXT, nfp_pf_info, "eswitch_mode", eswitch_mode),
	FIELD(NUMBER, nfp_pf_info, "promiscuity", promiscuity),
	FIELD(TEXT, nfp_pf_info, "master", master),
	FIELD(TEXT, nfp_pf_info, "master_kind", master_kind),
	FIELD(NUMBER, nfp_pf_info, "mtu", mtu),
	FIELD(MAC, nfp_pf_info, "address", address),
};

static const struct field fw_fields[] = {
	FIELD(TEXT, nfp_fw_version, "name", name),
	FIELD(TEXT, nfp_fw_version, "running", running),
	FIELD(TEXT, nfp_fw_version, "stored", stored),
};

static const struct field settings_fields[] = {
	FIELD(TEXT, nfp_settings, "from", from),
	FIELD(BOOL, nfp_settings, "have_source", have_source),
	FIELD(TEXT, nfp_settings, "source_note", source_note),
	FIELD(VLAN, nfp_settings, "vlan", vlan),
	FIELD(NUMBER, nfp_settings, "rate", rate),
	FIELD(NUMBER, nfp_settings, "settle", settle_ns),
	FIELD(BOOL, nfp_settings, "settle_short", settle_short),
	FIELD(BOOL, nfp_settings, "forced", forced),
	FIELD(NUMBER, nfp_settings, "repeat", repeat),
	FIELD(NUMBER, nfp_settings, "gap_limit", gap_limit_ms),
};

static const struct field id_fields[] = {
	FIELD(BYTES, nfp_frame_id, "id", run),
	FIELD(BYTES, nfp_frame_id, "key", key),
};

static const struct field error_fields[] = {
	FIELD(SIGNED, nfp_err, "errno", errnum),
	FIELD(TEXT, nfp_err, "message", message),
	FIELD(TEXT, nfp_err, "hint", hint),
};

static const struct field vf_fields[] = {
	FIELD(NUMBER, nfp_vf_result, "vf", vf),
	FIELD(TEXT, nfp_vf_result, "parentdev", parentdev),
	FIELD(TEXT, nfp_vf_result, "driver", driver),
	FIELD(MAC, nfp_vf_result, "address", address),
	FIELD(SIGNED, nfp_vf_result, "trust", trust),
	FIELD(SIGNED, nfp_vf_result, "spoofchk", spoofchk),
	FIELD(VLAN, nfp_vf_result, "vlan", vlan),
};

static const struct field style_fields[] = {
	FIELD(MAC, nfp_style_result, "address", address),
};

/* Of one ladder. */
static const struct field round_fields[] = {
	FIELD(BOOL, nfp_style_result, "stopped", stopped),
	FIELD(BOOL, nfp_style_result, "in_full", in_full),
	FIELD(BOOL, nfp_style_result, "early_before", early_before),
	FIELD(BOOL, nfp_style_result, "again", again),
	FIELD(TEXT, nfp_style_result, "transmit_note", transmit_note),
};

/* Of a style that was left out; of any other it is made anew. */
static const struct field reason_fields[] = {
	FIELD(TEXT, nfp_style_result, "reason", reason),
};

static const struct field step_fields[] = {
	FIELD(NUMBER, nfp_step_result, "start", start_ns),
	FIELD(NUMBER, nfp_step_result, "duration", duration_ns),
	FIELD(NUMBER, nfp_step_result, "drops", drops),
	FIELD(BOOL, nfp_step_result, "have_vf_rx", have_vf_rx),
	FIELD(NUMBER, nfp_step_result, "vf_rx_packets", vf_rx_packets),
	FIELD(NUMBER, nfp_step_result, "vf_rx_dropped", vf_rx_dropped),
	FIELD(BOOL, nfp_step_result, "vf_counted", vf_counted),
	FIELD(BOOL, nfp_step_result, "carrier_lost", carrier_lost),
	FIELD(BOOL, nfp_step_result, "changed", changed),
	FIELD(BOOL, nfp_step_result, "leave", leave),
	FIELD(BOOL, nfp_step_result, "unsettled", unsettled),
	FIELD(SIGNED, nfp_step_result, "errno", errnum),
	FIELD(TEXT, nfp_step_result, "hint", hint),
	FIELD(TEXT, nfp_step_result, "note", note),
};

/* ---- names ---- */

/* A name of an enumeration as its value, by the function that names it; -1: it has none such. */
#define VALUE_OF(name_of, type, count)                                              \
	static int value_of_##type(const json_t *object, const char *key)           \
	{                                                                           \
		const char *name = json_string_value(json_object_get(object, key)); \
                                                                                    \
		for (unsigned int i = 0; name && i < (count); i++) {                \
			if (strcmp(name_of((enum type)i), name) == 0)               \
				return (int)i;                                      \
		}                                                                   \
		return -1;                                                          \
	}

VALUE_OF(nfp_style_name, nfp_style, NFP_STYLE_COUNT)
VALUE_OF(nfp_step_name, nfp_step, NFP_STEP_COUNT)
VALUE_OF(nfp_status_name, nfp_status, NFP_STATUS_COUNT)
VALUE_OF(nfp_source_name, nfp_source, NFP_SOURCE_COUNT)
VALUE_OF(nfp_errcode_name, nfp_errcode, NFP_E_COUNT)

static const char *vf_status_name(enum nfp_vf_status status)
{
	static const char *const names[] = {"probed", "in-use", "failed"};

	return names[status];
}

VALUE_OF(vf_status_name, nfp_vf_status, NFP_VF_FAILED + 1U)

/* Its name, where it has one. */
static const char *transmit_name(enum nfp_transmit transmit)
{
	const char *name = nfp_transmit_name(transmit);

	return name ? name : "none";
}

VALUE_OF(transmit_name, nfp_transmit, NFP_TRANSMIT_COUNT)

/* ---- writing ---- */

/* Takes @value, also where there is no @object. */
static int put(json_t *object, const char *key, json_t *value)
{
	return value ? json_object_set_new(object, key, value) : -1;
}

static json_t *made(const struct field fields[], size_t num, const void *from)
{
	json_t *object = json_object();

	if (object && fields_put(object, fields, num, from)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static int put_error(json_t *object, const struct nfp_err *err)
{
	json_t *error;

	if (err->code == NFP_E_NONE)
		return 0;
	error = made(error_fields, NUM(error_fields), err);
	if (put(object, "error", error))
		return -1;
	return put(error, "code", json_string(nfp_errcode_name(err->code)));
}

static int put_list(json_t *object, const char *key, const struct nfp_strv *list)
{
	json_t *array = json_array();

	if (put(object, key, array))
		return -1;
	for (size_t i = 0; i < list->n; i++) {
		json_t *item = json_object();

		if (json_array_append_new(array, item) || nfp_jput_text(item, "text", list->v[i]))
			return -1;
	}
	return 0;
}

static int put_pf(json_t *object, const struct nfp_pf_info *pf)
{
	json_t *made_pf = made(pf_fields, NUM(pf_fields), pf), *versions = json_array();
	int ret = put(object, "pf", made_pf);

	if (put(made_pf, "fw", versions))
		ret = -1;
	for (size_t i = 0; !ret && i < pf->num_fw; i++)
		ret = json_array_append_new(versions, made(fw_fields, NUM(fw_fields), &pf->fw[i]));
	return ret;
}

static int put_names(json_t *object, const struct nfp_settings *settings)
{
	json_t *styles = json_array(), *allow = json_array();
	int ret = put(object, "styles", styles) | put(object, "allow", allow);

	for (unsigned int i = 0; !ret && i < NFP_STYLE_COUNT; i++) {
		if (settings->styles[i])
			ret = json_array_append_new(styles,
						    json_string(nfp_style_name((enum nfp_style)i)));
	}
	for (unsigned int i = 0; !ret && i < NFP_VERDICT_COUNT; i++) {
		if (settings->allow[i])
			ret = json_array_append_new(
				allow, json_string(nfp_verdict_name((enum nfp_verdict)i)));
	}
	if (!ret && settings->have_source)
		ret = put(object, "source", json_string(nfp_source_name(settings->source)));
	return ret;
}

/* Writes and frees; NULL when anything before has failed. */
static char *as_text(json_t *object, int failed)
{
	char *text = failed ? NULL : nfp_json_text(object, JSON_COMPACT | JSON_ENSURE_ASCII);

	json_decref(object);
	return text;
}

char *facts_of_run(const struct nfp_result *result, const struct nfp_frame_id *id)
{
	json_t *run = made(run_fields, NUM(run_fields), result);
	json_t *settings = made(settings_fields, NUM(settings_fields), &result->settings);
	int failed = 1;

	if (run && settings)
		failed = put(run, "format", json_integer(FORMAT)) ||
			 fields_put(run, id_fields, NUM(id_fields), id) ||
			 put_pf(run, &result->pf) || put_names(settings, &result->settings) ||
			 put_list(run, "warnings", &result->warnings) ||
			 put_list(run, "changes_seen", &result->changes_seen) ||
			 put_list(run, "left_behind", &result->left_behind) ||
			 put_error(run, &result->error) ||
			 json_object_set(run, "settings", settings);
	json_decref(settings);
	return as_text(run, failed);
}

static json_t *step_object(const struct nfp_step_result *step)
{
	json_t *object = made(step_fields, NUM(step_fields), step);

	if (object && (put(object, "step", json_string(nfp_step_name(step->step))) ||
		       put(object, "transmit", json_string(transmit_name(step->transmit))) ||
		       put(object, "status", json_string(nfp_status_name(step->status))))) {
		json_decref(object);
		return NULL;
	}
	return object;
}

char *facts_of_round(const struct nfp_style_result *round)
{
	json_t *object = made(round_fields, NUM(round_fields), round), *steps = json_array();
	int failed = put(object, "steps", steps) ||
		     put(object, "transmit", json_string(transmit_name(round->transmit)));

	for (size_t i = 0; !failed && i < round->num_steps; i++)
		failed = json_array_append_new(steps, step_object(&round->steps[i]));
	return as_text(object, failed);
}

static int put_style(json_t *array, const struct nfp_style_result *style)
{
	json_t *object = made(style_fields, NUM(style_fields), style);

	if (json_array_append_new(array, object) ||
	    put(object, "style", json_string(nfp_style_name(style->style))))
		return -1;
	if (style->verdict != NFP_VERDICT_NOT_APPLICABLE)
		return 0;
	return nfp_jput_bool(object, "not_applicable", true) ||
	       fields_put(object, reason_fields, NUM(reason_fields), style);
}

char *facts_of_vf(const struct nfp_vf_result *vf)
{
	json_t *object = made(vf_fields, NUM(vf_fields), vf), *styles = json_array();
	int failed = put(object, "styles", styles) ||
		     put(object, "status", json_string(vf_status_name(vf->status))) ||
		     put_error(object, &vf->error);

	for (size_t i = 0; !failed && i < vf->num_styles; i++)
		failed = put_style(styles, &vf->styles[i]);
	return as_text(object, failed);
}

/* ---- reading ---- */

static int bad(struct nfp_err *err, const char *what)
{
	return nfp_err_set(err, -EBADMSG, NFP_E_INPUT, "the facts of the run are damaged: %s",
			   what);
}

/* Of a part: @ret is 0, -ENOMEM, or what makes it damaged. */
static int refuse(int ret, struct nfp_err *err, const char *what)
{
	if (ret == -ENOMEM)
		return nfp_err_errno(err, ret, NFP_E_MEMORY, "the recording");
	return ret ? bad(err, what) : 0;
}

static int get_error(const json_t *object, struct nfp_err *ret_err)
{
	const json_t *error = json_object_get(object, "error");
	int code;

	*ret_err = (struct nfp_err) {0};
	if (!error)
		return 0;
	code = value_of_nfp_errcode(error, "code");
	if (code <= NFP_E_NONE || fields_get(error, error_fields, NUM(error_fields), ret_err))
		return -EBADMSG;
	ret_err->code = (enum nfp_errcode)code;
	return 0;
}

static int get_list(const json_t *object, const char *key, struct nfp_strv *list)
{
	const struct field field[] = {{"text", FIELD_TEXT, 0, NFP_ERR_MSGLEN}};
	const json_t *array = json_object_get(object, key);
	char text[NFP_ERR_MSGLEN];

	for (size_t i = 0; i < json_array_size(array); i++) {
		if (fields_get(json_array_get(array, i), field, 1, text))
			return -EBADMSG;
		nfp_strv_addf(list, "%s", text);
	}
	return 0;
}

static int get_pf(const json_t *run, struct nfp_pf_info *pf)
{
	const json_t *object = json_object_get(run, "pf");
	const json_t *versions = json_object_get(object, "fw");

	pf->num_fw = json_array_size(versions);
	if (pf->num_fw > NFP_FW_MAX || fields_get(object, pf_fields, NUM(pf_fields), pf))
		return -EBADMSG;
	for (size_t i = 0; i < pf->num_fw; i++) {
		if (fields_get(json_array_get(versions, i), fw_fields, NUM(fw_fields), &pf->fw[i]))
			return -EBADMSG;
	}
	return 0;
}

static int get_names(const json_t *object, struct nfp_settings *settings)
{
	const json_t *styles = json_object_get(object, "styles");
	const json_t *allow = json_object_get(object, "allow");
	int source = value_of_nfp_source(object, "source");

	for (size_t i = 0; i < json_array_size(styles); i++) {
		const char *name = json_string_value(json_array_get(styles, i));
		enum nfp_style style;

		if (!name || !nfp_style_parse(name, &style))
			return -EBADMSG;
		settings->styles[style] = true;
	}
	for (size_t i = 0; i < json_array_size(allow); i++) {
		const char *name = json_string_value(json_array_get(allow, i));
		enum nfp_verdict verdict;

		if (!name || !nfp_verdict_parse(name, &verdict) ||
		    verdict == NFP_VERDICT_INCONCLUSIVE)
			return -EBADMSG;
		settings->allow[verdict] = true;
	}
	if (settings->have_source && source < 0)
		return -EBADMSG;
	settings->source = settings->have_source ? (enum nfp_source)source : NFP_SOURCE_WIRE;
	return 0;
}

static int get_lists(const json_t *run, struct nfp_result *result)
{
	int ret = get_list(run, "warnings", &result->warnings);

	if (ret == 0)
		ret = get_list(run, "changes_seen", &result->changes_seen);
	if (ret == 0)
		ret = get_list(run, "left_behind", &result->left_behind);
	return ret;
}

static int get_run(const json_t *run, struct nfp_result *result, struct nfp_frame_id *ret_id,
		   struct nfp_err *err)
{
	const json_t *settings = json_object_get(run, "settings");

	if (json_integer_value(json_object_get(run, "format")) != FORMAT)
		return nfp_err_set(err, -EBADMSG, NFP_E_INPUT,
				   "the recording is of another version of nfprobe");
	if (fields_get(run, run_fields, NUM(run_fields), result) ||
	    fields_get(run, id_fields, NUM(id_fields), ret_id) || get_error(run, &result->error))
		return bad(err, "the run");
	if (get_pf(run, &result->pf))
		return bad(err, "the PF");
	if (fields_get(settings, settings_fields, NUM(settings_fields), &result->settings) ||
	    get_names(settings, &result->settings) || result->settings.repeat > NFP_REPEAT_MAX ||
	    result->settings.gap_limit_ms > NFP_GAP_LIMIT_MAX)
		return bad(err, "the settings");
	memcpy(result->id, ret_id->run, sizeof(result->id));
	return refuse(get_lists(run, result), err, "the warnings");
}

int facts_read_run(const char *text, size_t len, struct nfp_result *result,
		   struct nfp_frame_id *ret_id, struct nfp_err *err)
{
	json_t *run;
	int ret = nfp_json_load(text, len, &run);

	if (ret)
		return refuse(ret, err, "no JSON");
	ret = get_run(run, result, ret_id, err);
	json_decref(run);
	return ret;
}

static int get_step(const json_t *object, struct nfp_style_result *style)
{
	struct nfp_step_result *step = &style->steps[style->num_steps];
	int which = value_of_nfp_step(object, "step");
	int status = value_of_nfp_status(object, "status");
	int transmit = value_of_nfp_transmit(object, "transmit");

	if (which < 0 || status < 0 || transmit < 0 || style->num_steps == NFP_STEP_COUNT ||
	    fields_get(object, step_fields, NUM(step_fields), step))
		return -EBADMSG;
	if (style->num_steps > 0 && (enum nfp_step)which <= step[-1].step)
		return -EBADMSG;
	step->step = (enum nfp_step)which;
	step->status = (enum nfp_status)status;
	step->transmit = (enum nfp_transmit)transmit;
	style->num_steps++;
	return 0;
}

static int get_round(const json_t *object, struct nfp_style_result *round)
{
	const json_t *steps = json_object_get(object, "steps");
	int transmit = value_of_nfp_transmit(object, "transmit");

	if (transmit < 0 || fields_get(object, round_fields, NUM(round_fields), round))
		return -EBADMSG;
	round->transmit = (enum nfp_transmit)transmit;
	for (size_t i = 0; i < json_array_size(steps); i++) {
		if (get_step(json_array_get(steps, i), round))
			return -EBADMSG;
	}
	return 0;
}

int facts_read_round(const char *text, size_t len, struct nfp_style_result *ret_round,
		     struct nfp_err *err)
{
	json_t *object;
	int ret = nfp_json_load(text, len, &object);

	*ret_round = (struct nfp_style_result) {.verdict = NFP_VERDICT_INCONCLUSIVE};
	if (!ret) {
		ret = get_round(object, ret_round);
		json_decref(object);
	}
	return refuse(ret, err, "a ladder");
}

static int get_style(const json_t *object, struct nfp_vf_result *vf)
{
	struct nfp_style_result *style = &vf->styles[vf->num_styles];
	int which = value_of_nfp_style(object, "style");
	bool not_applicable;

	if (which < 0 || vf->num_styles == NFP_STYLE_COUNT ||
	    fields_get(object, style_fields, NUM(style_fields), style) ||
	    fields_get(object, reason_fields, NUM(reason_fields), style) ||
	    nfp_jget_bool(object, "not_applicable", &not_applicable))
		return -EBADMSG;
	style->style = (enum nfp_style)which;
	style->verdict = not_applicable ? NFP_VERDICT_NOT_APPLICABLE : NFP_VERDICT_INCONCLUSIVE;
	vf->num_styles++;
	return 0;
}

static int get_vf(const json_t *object, struct nfp_vf_result *vf)
{
	const json_t *styles = json_object_get(object, "styles");
	int status = value_of_nfp_vf_status(object, "status");

	if (status < 0 || fields_get(object, vf_fields, NUM(vf_fields), vf) ||
	    vf->vf >= NFP_VF_MAX || get_error(object, &vf->error))
		return -EBADMSG;
	vf->status = (enum nfp_vf_status)status;
	for (size_t i = 0; i < json_array_size(styles); i++) {
		if (get_style(json_array_get(styles, i), vf))
			return -EBADMSG;
	}
	/* It does not count, so it cannot have been probed. */
	return vf->status == NFP_VF_IN_USE && vf->num_styles ? -EBADMSG : 0;
}

int facts_read_vf(const char *text, size_t len, struct nfp_result *result, struct nfp_err *err)
{
	struct nfp_vf_result *vfs;
	json_t *object;
	int ret;

	if (result->num_vfs == NFP_VF_MAX)
		return bad(err, "too many VFs");
	vfs = nfp_reallocarray(result->vfs, result->num_vfs + 1, sizeof(*vfs));
	if (!vfs)
		return nfp_err_errno(err, -ENOMEM, NFP_E_MEMORY, "cannot read the recording");
	result->vfs = vfs;
	vfs += result->num_vfs;
	memset(vfs, 0, sizeof(*vfs));
	ret = nfp_json_load(text, len, &object);
	if (!ret) {
		ret = get_vf(object, vfs);
		json_decref(object);
	}
	if (ret)
		return refuse(ret, err, "a VF");
	result->num_vfs++;
	return 0;
}
