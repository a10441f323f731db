// SPDX-License-Identifier: GPL-2.0-or-later
/* list_json.c - `nfprobe --list` as JSON (nfprobe-list-1.schema.json beside this file). */
#include "nfprobe/report.h"

#include "report_priv.h"

static json_t *vf_object(struct nfp_js *js, const struct nfp_vf_info *vf)
{
	json_t *object = json_object();

	nfp_js_put(js, object, "vf", nfp_js_number(vf->vf));
	nfp_js_put(js, object, "parentdev", nfp_js_text(vf->parentdev));
	nfp_js_put(js, object, "driver", nfp_js_text(vf->driver));
	nfp_js_put(js, object, "ifname", nfp_js_text(vf->ifname));
	nfp_js_put(js, object, "address", nfp_js_mac(&vf->attr.mac));
	nfp_js_put(js, object, "vlan", nfp_js_number(vf->attr.vlan.vid));
	nfp_js_put(js, object, "trust", nfp_js_maybe(vf->attr.trust));
	nfp_js_put(js, object, "spoofchk", nfp_js_maybe(vf->attr.spoofchk));
	nfp_js_put(js, object, "use", json_string(nfp_use_name(vf->use)));
	nfp_js_put(js, object, "user", nfp_js_text(vf->user));
	return object;
}

static json_t *pf_object(struct nfp_js *js, const struct nfp_pf *pf)
{
	json_t *object = nfp_js_pf(js, &pf->info), *vfs = json_array();

	for (size_t i = 0; i < pf->num_vfs; i++)
		nfp_js_append(js, vfs, vf_object(js, &pf->vfs[i]));
	nfp_js_put(js, object, "promisc_by", nfp_js_text(pf->promisc_by));
	nfp_js_put(js, object, "vfs", vfs);
	return object;
}

int nfp_report_list_json(const struct nfp_topology *topology, const struct nfp_err *error,
			 int exit_status, FILE *out)
{
	struct nfp_js js = {0};
	json_t *root = json_object(), *pfs = json_array();

	for (size_t i = 0; i < topology->num_pfs; i++)
		nfp_js_append(&js, pfs, pf_object(&js, &topology->pfs[i]));
	nfp_js_put(&js, root, "schema", json_integer(NFP_SCHEMA));
	nfp_js_put(&js, root, "version", json_string(NFP_VERSION));
	nfp_js_put(&js, root, "pfs", pfs);
	nfp_js_put(&js, root, "shared", nfp_js_strv(&js, &topology->shared));
	nfp_js_put(&js, root, "exit", json_integer(exit_status));
	if (error && error->code != NFP_E_NONE)
		nfp_js_put(&js, root, "error", nfp_js_error(&js, error));
	return nfp_js_write(&js, root, out);
}
