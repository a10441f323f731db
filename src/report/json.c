// SPDX-License-Identifier: GPL-2.0-or-later
/* json.c - --json, and --list --json (nfprobe-1 and nfprobe-list-1.schema.json beside this file).
 */
#include "nfprobe/report.h"

#include <errno.h>

#include "nfprobe/tables.h"
#include "report_priv.h"

int nfp_json_write(json_t *root, size_t form, FILE *out)
{
	(void)json_dumpf(root, out, form);
	fputc('\n', out);
	json_decref(root);
	return nfp_stream_status(out);
}

static json_t *new_root(void)
{
	return json_pack("{s:i, s:s}", "schema", NFP_SCHEMA, "version", NFP_VERSION);
}

int nfp_report_json(const struct nfp_result *result, FILE *out)
{
	json_t *root = new_root();

	nfp_fields_put(root, &nfp_result_table, result, NFP_IN_JSON);
	return nfp_json_write(root, JSON_INDENT(2), out);
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
	NFP_FIELD(TEXT, nfp_vf_info, "ifname", ifname, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(MAC, nfp_vf_info, "address", attr.mac, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(NUMBER, nfp_vf_info, "vlan", attr.vlan.vid, NFP_IN_JSON),
	NFP_FIELD(MAYBE, nfp_vf_info, "trust", attr.trust, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(MAYBE, nfp_vf_info, "spoofchk", attr.spoofchk, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(ENUM, nfp_vf_info, "use", use, NFP_IN_JSON, .names = &use_names),
	NFP_FIELD(TEXT, nfp_vf_info, "user", user, NFP_IN_JSON, .unknown = NFP_NULL),
};
static const struct nfp_table vf_table = NFP_TABLE(nfp_vf_info, vf_fields);

/* Beside what a result says of a PF. */
static const struct nfp_field pf_fields[] = {
	NFP_FIELD(TEXT, nfp_pf, "promisc_by", promisc_by, NFP_IN_JSON, .unknown = NFP_NULL),
	NFP_FIELD(LIST, nfp_pf, "vfs", vfs, NFP_IN_JSON, .table = &vf_table,
		  NFP_COUNTED(nfp_pf, num_vfs)),
};
const struct nfp_table nfp_list_pf_table = NFP_TABLE(nfp_pf, pf_fields);

static const struct nfp_field list_fields[] = {
	NFP_FIELD(TEXTS, nfp_topology, "shared", shared, NFP_IN_JSON),
};
const struct nfp_table nfp_list_table = NFP_TABLE(nfp_topology, list_fields);

int nfp_report_list_json(const struct nfp_topology *topology, const struct nfp_err *error,
			 int exit_status, FILE *out)
{
	json_t *root = new_root(), *pfs = json_array();

	json_object_set_new(root, "pfs", pfs);
	for (size_t i = 0; i < topology->num_pfs; i++) {
		json_t *pf = nfp_fields_json(&nfp_pf_table, &topology->pfs[i].info, NFP_IN_JSON);

		nfp_fields_put(pf, &nfp_list_pf_table, &topology->pfs[i], NFP_IN_JSON);
		json_array_append_new(pfs, pf);
	}
	nfp_fields_put(root, &nfp_list_table, topology, NFP_IN_JSON);
	json_object_set_new(root, "exit", json_integer(exit_status));
	if (error && error->code != NFP_E_NONE)
		json_object_set_new(root, "error",
				    nfp_fields_json(&nfp_error_table, error, NFP_IN_JSON));
	return nfp_json_write(root, JSON_INDENT(2), out);
}
