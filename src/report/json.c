// SPDX-License-Identifier: GPL-2.0-or-later
/* json.c - --json, --list --json, --check --json, --all --json and --json-stream. */
#include "nfprobe/report.h"

#include "nfprobe/tables.h"
#include "report_priv.h"

static int write_json(const json_t *root, size_t form, FILE *out)
{
	(void)json_dumpf(root, out, form);
	fputc('\n', out);
	return nfp_stream_status(out);
}

int nfp_report_document(const void *root, FILE *out)
{
	return write_json(root, JSON_INDENT(2), out);
}

static json_t *new_root(void)
{
	return json_pack("{s:i, s:s}", "schema", NFP_SCHEMA, "version", NFP_VERSION);
}

/* Its last key, if there was an error. */
static json_t *end_root(json_t *root, const struct nfp_err *error)
{
	if (error && error->code != NFP_E_NONE)
		json_object_set_new(root, "error",
				    nfp_fields_json(&nfp_error_table, error, NFP_IN_JSON));
	return root;
}

int nfp_report_json(const struct nfp_result *result, FILE *out)
{
	json_t *root = new_root();
	int ret;

	nfp_fields_put(root, &nfp_result_table, result, NFP_IN_JSON);
	ret = nfp_report_document(root, out);
	json_decref(root);
	return ret;
}

/* ---- --check ---- */

json_t *nfp_report_check_json(const struct nfp_check *check, const struct nfp_err *error)
{
	json_t *root = new_root(), *entries = json_array();

	nfp_fields_put(root, &nfp_check_table, check, NFP_IN_JSON);
	for (size_t i = 0; i < check->num_entries; i++) {
		const struct nfp_check_entry *entry = &check->entries[i];
		json_t *json = json_object();

		nfp_fields_pick(json, &nfp_run_table, entry->result, NFP_IN_ENTRY, NFP_IN_JSON);
		nfp_fields_pick(json, &nfp_vf_table, &entry->result->vfs[0], NFP_IN_ENTRY,
				NFP_IN_JSON);
		nfp_fields_pick(json, &nfp_style_table, entry->style, NFP_IN_ENTRY, NFP_IN_JSON);
		nfp_fields_put(json, &nfp_entry_table, entry, NFP_IN_JSON);
		json_array_append_new(entries, json);
	}
	json_object_set_new(root, "entries", entries);
	return end_root(root, error);
}

/* ---- --list ---- */

static const struct nfp_names use_names = {(const char *const[]) {"idle", "netdev-up", "unknown",
								  "other", "namespace", "netdev",
								  "vfio"},
					   7};

static const struct nfp_field vf_fields[] = {
	NFP_FIELD(NUMBER, nfp_vf_info, "vf", vf, NFP_IN_JSON),
	NFP_FIELD(TEXT, nfp_vf_info, "parentdev", parentdev, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(TEXT, nfp_vf_info, "driver", driver, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(TEXT, nfp_vf_info, "vfio_driver", vfio_driver, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(TEXT, nfp_vf_info, "ifname", ifname, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(MAC, nfp_vf_info, "address", attr.mac, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(NUMBER, nfp_vf_info, "vlan", attr.vlan.vid, NFP_IN_JSON),
	NFP_FIELD(MAYBE, nfp_vf_info, "trust", attr.trust, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(MAYBE, nfp_vf_info, "spoofchk", attr.spoofchk, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(ENUM, nfp_vf_info, "use", use, NFP_IN_JSON, .names = &use_names),
	NFP_FIELD(TEXT, nfp_vf_info, "user", user, NFP_IN_JSON, .unknown = NFP_NULL),
};

/* In addition to nfp_pf_table. */
static const struct nfp_field pf_fields[] = {
	NFP_FIELD(TEXT, nfp_pf, "promisc_by", promisc_by, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(LIST, nfp_pf, "vfs", vfs, NFP_IN_JSON, NFP_TABLE_OF(nfp_vf_info, vf_fields),
		  NFP_COUNTED(nfp_pf, num_vfs)),
};
const struct nfp_table nfp_list_pf_table = NFP_TABLE(nfp_pf, pf_fields);

static const struct nfp_field list_fields[] = {
	NFP_FIELD(TEXTS, nfp_topology, "shared", shared, NFP_IN_JSON),
	NFP_FIELD(TEXTS, nfp_topology, "macvtaps", macvtaps, NFP_IN_JSON),
};
const struct nfp_table nfp_list_table = NFP_TABLE(nfp_topology, list_fields);

json_t *nfp_report_list_json(const struct nfp_topology *topology, const struct nfp_check *checks,
			     const struct nfp_err *error, int exit_status)
{
	json_t *root = new_root(), *pfs = json_array();

	json_object_set_new(root, "pfs", pfs);
	for (size_t i = 0; i < topology->num_pfs; i++) {
		json_t *pf = nfp_fields_json(&nfp_pf_table, &topology->pfs[i].info, NFP_IN_JSON);

		nfp_fields_put(pf, &nfp_list_pf_table, &topology->pfs[i], NFP_IN_JSON);
		nfp_fields_put(pf, &nfp_list_check_table, &checks[i], NFP_IN_JSON);
		json_array_append_new(pfs, pf);
	}
	nfp_fields_put(root, &nfp_list_table, topology, NFP_IN_JSON);
	json_object_set_new(root, "exit", json_integer(exit_status));
	return end_root(root, error);
}

/* ---- --all ---- */

static const struct nfp_field job_fields[] = {
	NFP_FIELD(TEXT, nfp_job, "ifname", pf.ifname, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(TEXT, nfp_job, "bus", bus, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(TEXT, nfp_job, "parentdev", pf.parentdev, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(TEXT, nfp_job, "vendor_name", nic.vendor_name, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(TEXT, nfp_job, "device_name", nic.device_name, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(BOOL, nfp_job, "counts", counts, NFP_IN_JSON),
	NFP_FIELD(NUMBER, nfp_job, "exit", exit_status, NFP_IN_JSON),
	NFP_FIELD(OBJECT, nfp_job, "error", error, NFP_IN_JSON, NFP_GIVEN(nfp_job, error.code),
		  .table = &nfp_error_table),
};
const struct nfp_table nfp_job_table = NFP_TABLE(nfp_job, job_fields);

json_t *nfp_report_jobs_json(const struct nfp_jobs *jobs, const struct nfp_err *error)
{
	json_t *root = new_root(), *pfs = json_array();

	for (size_t i = 0; i < jobs->num; i++) {
		json_t *pf = nfp_fields_json(&nfp_job_table, &jobs->v[i], NFP_IN_JSON);
		json_t *document = jobs->v[i].document;

		json_object_set_new(pf, "result", document ? json_incref(document) : json_null());
		json_array_append_new(pfs, pf);
	}
	json_object_set_new(root, "pfs", pfs);
	json_object_set_new(root, "exit", json_integer(jobs->exit_status));
	return end_root(root, error);
}

/* ---- --json-stream: events as they occur, one object per line ---- */

static json_t *run_members(const struct nfp_result *result)
{
	json_t *object = new_root(), *vfs = json_array();

	nfp_fields_pick(object, &nfp_run_table, result, NFP_IN_BEGIN, NFP_IN_JSON);
	json_object_set_new(object, "pf", nfp_fields_json(&nfp_pf_table, &result->pf, NFP_IN_JSON));
	for (size_t i = 0; i < result->num_vfs; i++) {
		if (result->vfs[i].status == NFP_VF_PROBED)
			json_array_append_new(vfs, json_integer(result->vfs[i].vf));
	}
	json_object_set_new(object, "vfs", vfs);
	return object;
}

static json_t *end_members(const struct nfp_result *result)
{
	json_t *object = json_object(), *vfs = json_array();

	nfp_fields_pick(object, &nfp_run_table, result, NFP_IN_END, NFP_IN_JSON);
	nfp_fields_pick(object, &nfp_settings_table, &result->settings, NFP_IN_END, NFP_IN_JSON);
	nfp_fields_pick(object, &nfp_result_table, result, NFP_IN_END, NFP_IN_JSON);
	for (size_t i = 0; i < result->num_vfs; i++) {
		json_t *vf = json_object();

		nfp_fields_pick(vf, &nfp_vf_table, &result->vfs[i], NFP_IN_END, NFP_IN_JSON);
		json_array_append_new(vfs, vf);
	}
	json_object_set_new(object, "vfs", vfs);
	return object;
}

/* The members besides name, time and place; NULL: the stream does not have this event. */
static json_t *members_of(const struct nfp_event *event)
{
	char clean[2048];
	json_t *object;

	switch (event->what) {
	case NFP_EVENT_RUN:
		return run_members(event->run);
	case NFP_EVENT_STEP:
		return json_pack("{s:s, s:I}", "step", nfp_step_name(event->step), "remaining_ms",
				 (json_int_t)((event->remaining_ns + NFP_NSEC_PER_MSEC / 2) /
					      NFP_NSEC_PER_MSEC));
	case NFP_EVENT_LANDING:
		return json_pack("{s:o}", "landing",
				 nfp_fields_json(&nfp_step_table, event->landing, NFP_IN_JSON));
	case NFP_EVENT_TRANSITION:
		return json_pack(
			"{s:o}", "transition",
			nfp_fields_json(&nfp_transition_table, event->transition, NFP_IN_JSON));
	case NFP_EVENT_VERDICT:
		object = json_object();
		nfp_fields_pick(object, &nfp_style_table, event->style, NFP_IN_END, NFP_IN_JSON);
		return object;
	case NFP_EVENT_WARNING:
		/* A recording that is read may have an empty one. */
		nfp_utf8_clean(clean, sizeof(clean), event->text[0] ? event->text : "?", false);
		return json_pack("{s:s}", "message", clean);
	case NFP_EVENT_END:
		return end_members(event->run);
	default:
		return NULL;
	}
}

int nfp_report_event(const struct nfp_event *event, int64_t unix_ms, FILE *out)
{
	static const char *const names[] = {
		[NFP_EVENT_RUN] = "run",	 [NFP_EVENT_STEP] = "step",
		[NFP_EVENT_LANDING] = "landing", [NFP_EVENT_TRANSITION] = "transition",
		[NFP_EVENT_VERDICT] = "verdict", [NFP_EVENT_WARNING] = "warning",
		[NFP_EVENT_END] = "end",
	};
	const struct nfp_where *where = &event->where;
	json_t *object, *members = members_of(event);
	char time[32];
	int ret;

	if (!members)
		return 0;
	object = json_pack("{s:s, s:s}", "event", names[event->what], "time",
			   nfp_time_text(unix_ms, time, sizeof(time)));
	if (where->from) {
		json_object_set_new(object, "vf", json_integer(where->vf));
		json_object_set_new(object, "style", json_string(nfp_style_name(where->style)));
		json_object_set_new(object, "from", json_string(where->from));
	}
	if (where->ladder)
		json_object_set_new(object, "ladder", json_integer(where->ladder));
	json_object_update(object, members);
	json_decref(members);
	ret = write_json(object, JSON_COMPACT, out);
	json_decref(object);
	return ret;
}
