// SPDX-License-Identifier: GPL-2.0-or-later
#include "report_priv.h"

#include <errno.h>
#include <stdlib.h>

#include "nfprobe/base.h"

#define TEXT_MAX 2048

void nfp_js_put(struct nfp_js *js, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		js->failed = true;
}

void nfp_js_append(struct nfp_js *js, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		js->failed = true;
}

json_t *nfp_js_text(const char *text)
{
	char clean[TEXT_MAX];

	if (!text || !text[0])
		return json_null();
	nfp_utf8_clean(clean, sizeof(clean), text, false);
	return json_string(clean);
}

json_t *nfp_js_number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

json_t *nfp_js_ms(uint64_t ns)
{
	return nfp_js_number((ns + NFP_NSEC_PER_MSEC / 2) / NFP_NSEC_PER_MSEC);
}

json_t *nfp_js_maybe(int value)
{
	return value == 0 || value == 1 ? json_boolean(value) : json_null();
}

json_t *nfp_js_mac(const struct nfp_mac *mac)
{
	char text[NFP_MAC_STRLEN];

	return nfp_mac_is_zero(mac) ? json_null() : json_string(nfp_mac_str(mac, text));
}

json_t *nfp_js_strv(struct nfp_js *js, const struct nfp_strv *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i][0])
			nfp_js_append(js, array, nfp_js_text(list->v[i]));
	}
	return array;
}

json_t *nfp_js_error(struct nfp_js *js, const struct nfp_err *err)
{
	json_t *object = json_object();

	nfp_js_put(js, object, "code", json_string(nfp_errcode_name(err->code)));
	nfp_js_put(js, object, "message",
		   nfp_js_text(err->message[0] ? err->message : nfp_errcode_name(err->code)));
	nfp_js_put(js, object, "hint", nfp_js_text(err->hint));
	return object;
}

json_t *nfp_js_pci_id(uint16_t id)
{
	return id ? json_sprintf("0x%04x", id) : json_null();
}

static json_t *fw_versions(struct nfp_js *js, const struct nfp_pf_info *pf)
{
	json_t *array = json_array();

	for (size_t i = 0; i < pf->num_fw; i++) {
		json_t *object = json_object();

		nfp_js_put(js, object, "name", nfp_js_text(pf->fw[i].name));
		nfp_js_put(js, object, "running", nfp_js_text(pf->fw[i].running));
		nfp_js_put(js, object, "stored", nfp_js_text(pf->fw[i].stored));
		nfp_js_append(js, array, object);
	}
	return array;
}

json_t *nfp_js_pf(struct nfp_js *js, const struct nfp_pf_info *pf)
{
	json_t *object = json_object();
	bool known = pf->ifindex > 0; /* it was read; else only its name is known */

	nfp_js_put(js, object, "ifname", nfp_js_text(pf->ifname));
	nfp_js_put(js, object, "ifindex", known ? json_integer(pf->ifindex) : json_null());
	nfp_js_put(js, object, "parentdev", nfp_js_text(pf->parentdev));
	nfp_js_put(js, object, "driver", nfp_js_text(pf->driver));
	nfp_js_put(js, object, "driver_version", nfp_js_text(pf->driver_version));
	nfp_js_put(js, object, "firmware", nfp_js_text(pf->firmware));
	nfp_js_put(js, object, "firmware_versions", fw_versions(js, pf));
	nfp_js_put(js, object, "vendor", nfp_js_pci_id(pf->vendor));
	nfp_js_put(js, object, "device", nfp_js_pci_id(pf->device));
	nfp_js_put(js, object, "num_vfs", known ? nfp_js_number(pf->num_vfs) : json_null());
	nfp_js_put(js, object, "total_vfs", known ? nfp_js_number(pf->total_vfs) : json_null());
	nfp_js_put(js, object, "eswitch_mode", nfp_js_text(pf->eswitch_mode));
	nfp_js_put(js, object, "promiscuity", known ? nfp_js_number(pf->promiscuity) : json_null());
	nfp_js_put(js, object, "master", nfp_js_text(pf->master));
	nfp_js_put(js, object, "master_kind", nfp_js_text(pf->master_kind));
	nfp_js_put(js, object, "mtu", known ? nfp_js_number(pf->mtu) : json_null());
	nfp_js_put(js, object, "address", nfp_js_mac(&pf->address));
	return object;
}

static int write_as(struct nfp_js *js, json_t *root, size_t form, FILE *out)
{
	char *text = NULL;
	int ret = -ENOMEM;

	/* As one text first: half a document is worse than none. */
	if (root && !js->failed)
		text = nfp_json_text(root, form | JSON_PRESERVE_ORDER);
	if (text) {
		fputs(text, out);
		fputc('\n', out);
		ret = nfp_stream_status(out);
	}
	free(text);
	json_decref(root);
	return ret;
}

int nfp_js_write(struct nfp_js *js, json_t *root, FILE *out)
{
	return write_as(js, root, JSON_INDENT(2), out);
}

int nfp_js_write_line(struct nfp_js *js, json_t *root, FILE *out)
{
	return write_as(js, root, JSON_COMPACT, out);
}
