// SPDX-License-Identifier: GPL-2.0-or-later
/* journal.c - records of the undo journal to text and back. Pure; the file is journal_file.c. */
#include "nfprobe/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/base.h"
#include "journal_priv.h"

#define CRC_DIGITS 8

/* CRC-32 of IEEE 802.3, reflected, bit by bit: lines are short and few. */
static uint32_t crc32_of(const char *data, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return ~crc;
}

/* Takes @record (may be NULL or half built with @failed set). */
static char *make_line(json_t *record, bool failed)
{
	char *json = record && !failed ? json_dumps(record, JSON_COMPACT | JSON_PRESERVE_ORDER)
				       : NULL;
	char *line = NULL;

	json_decref(record);
	if (json && asprintf(&line, "%08" PRIx32 " %s\n", crc32_of(json, strlen(json)), json) < 0)
		line = NULL;
	free(json);
	return line;
}

static json_t *new_record(const char *type)
{
	return json_pack("{s:s}", "t", type);
}

static int put_addresses(json_t *record, const struct nfp_journal_head *head)
{
	json_t *list = json_array();
	char text[NFP_MAC_STRLEN];
	int ret = list ? 0 : -1;

	for (size_t i = 0; i < head->num_addresses && !ret; i++)
		ret = json_array_append_new(list,
					    json_string(nfp_mac_str(&head->addresses[i], text)));
	if (ret) {
		json_decref(list);
		return ret;
	}
	return json_object_set_new(record, "addresses", list);
}

char *nfp_journal_line_begin(const struct nfp_journal_head *head)
{
	json_t *r = new_record("begin");

	return make_line(r, !r || nfp_jput_int(r, "format", NFP_JOURNAL_FORMAT) ||
				    nfp_jput_text(r, "version", head->version) ||
				    nfp_jput_text(r, "boot", head->boot) ||
				    nfp_jput_int(r, "pid", head->pid) ||
				    nfp_jput_text(r, "bus", head->bus) ||
				    nfp_jput_text(r, "parentdev", head->parentdev) ||
				    nfp_jput_text(r, "ifname", head->ifname) ||
				    nfp_jput_int(r, "ifindex", head->ifindex) ||
				    put_addresses(r, head));
}

static int put_attr(json_t *r, const struct nfp_vf_attr *a)
{
	return nfp_jput_bool(r, "have_mac", a->have_mac) || nfp_jput_mac(r, "mac", &a->mac) ||
	       nfp_jput_vlan(r, "vlan", &a->vlan) ||
	       json_object_set_new(r, "spoofchk", json_integer(a->spoofchk)) ||
	       json_object_set_new(r, "trust", json_integer(a->trust)) ||
	       json_object_set_new(r, "link_state", json_integer(a->link_state)) ||
	       json_object_set_new(r, "rss_query", json_integer(a->rss_query)) ||
	       json_object_set_new(r, "min_tx_rate", json_integer(a->min_tx_rate)) ||
	       json_object_set_new(r, "max_tx_rate", json_integer(a->max_tx_rate));
}

static int put_settings(json_t *r, const struct nfp_journal_vf *entry)
{
	return (entry->settings[0] && json_object_set(r, "settings", entry->settings[0])) ||
	       (entry->settings[1] && json_object_set(r, "second_settings", entry->settings[1]));
}

char *nfp_journal_line_vf(const struct nfp_journal_vf *entry)
{
	const struct nfp_vf_state *s = &entry->before;
	json_t *r = new_record("vf");

	return make_line(
		r, !r || json_object_set_new(r, "vf", json_integer(s->vf)) ||
			   nfp_jput_bool(r, "source", entry->source) ||
			   nfp_jput_text(r, "parentdev", s->parentdev) ||
			   nfp_jput_text(r, "bus", s->bus) || put_attr(r, &s->attr) ||
			   nfp_jput_text(r, "driver", s->driver) ||
			   nfp_jput_bool(r, "have_override", s->have_override) ||
			   nfp_jput_text(r, "driver_override", s->driver_override) ||
			   nfp_jput_bool(r, "netdev", s->have_netdev) ||
			   nfp_jput_text(r, "ifname", s->ifname) ||
			   nfp_jput_int(r, "ifindex", s->ifindex) ||
			   nfp_jput_mac(r, "address", &s->address) ||
			   nfp_jput_int(r, "addr_assign_type", s->addr_assign_type) ||
			   nfp_jput_int(r, "mtu", s->mtu) || nfp_jput_bool(r, "up", s->up) ||
			   nfp_jput_text(r, "second", s->second) ||
			   nfp_jput_bool(r, "second_up", s->second_up) || put_settings(r, entry));
}

char *nfp_journal_line_change(const struct nfp_change *c)
{
	json_t *r = new_record("change");

	return make_line(
		r, !r || nfp_jput_int(r, "seq", c->seq) ||
			   nfp_jput_text(r, "kind", nfp_change_kind_name(c->kind)) ||
			   nfp_jput_bool(r, "of_vf", c->of_vf) || nfp_jput_int(r, "vf", c->vf) ||
			   nfp_jput_text(r, "ifname", c->ifname) ||
			   nfp_jput_int(r, "ifindex", c->ifindex) ||
			   nfp_jput_text(r, "parentdev", c->parentdev) ||
			   nfp_jput_text(r, "bus", c->bus) || nfp_jput_text(r, "name", c->name) ||
			   nfp_jput_mac(r, "mac", &c->mac) || nfp_jput_vlan(r, "vlan", &c->vlan) ||
			   nfp_jput_int(r, "value", c->value) ||
			   json_object_set_new(r, "min_rate", json_integer(c->rate[0])) ||
			   json_object_set_new(r, "max_rate", json_integer(c->rate[1])) ||
			   nfp_jput_bool(r, "private", c->private_netns));
}

char *nfp_journal_line_void(unsigned int seq)
{
	json_t *r = new_record("void");

	return make_line(r, !r || nfp_jput_int(r, "seq", seq));
}

char *nfp_journal_line_done(unsigned int vf)
{
	json_t *r = new_record("vf-done");

	return make_line(r, !r || json_object_set_new(r, "vf", json_integer(vf)));
}

char *nfp_journal_line_foreign(unsigned int vf, uint32_t foreign)
{
	json_t *r = new_record("foreign");

	return make_line(r, !r || json_object_set_new(r, "vf", json_integer(vf)) ||
				    nfp_jput_int(r, "attributes", foreign));
}

/* ---- and back ---- */

static int get_u32(const json_t *r, const char *key, json_int_t max, unsigned int *ret)
{
	json_int_t value;

	if (nfp_jget_int(r, key, 0, max, &value))
		return -EBADMSG;
	*ret = (unsigned int)value;
	return 0;
}

static int get_int(const json_t *r, const char *key, int min, int *ret)
{
	json_int_t value;

	if (nfp_jget_int(r, key, min, INT32_MAX, &value))
		return -EBADMSG;
	*ret = (int)value;
	return 0;
}

/* Of a bus, a device or a driver: a part of paths that are written to. */
static int get_name(const json_t *r, const char *key, char *buf, size_t size)
{
	if (nfp_jget_text(r, key, buf, size) || strchr(buf, '/') || strcmp(buf, ".") == 0 ||
	    strcmp(buf, "..") == 0)
		return -EBADMSG;
	return 0;
}

static int get_addresses(const json_t *r, struct nfp_journal_data *data)
{
	const json_t *list = json_object_get(r, "addresses");
	size_t n = json_array_size(list);

	if (!json_is_array(list))
		return -EBADMSG;
	data->addresses = nfp_calloc(n ? n : 1, sizeof(*data->addresses));
	if (!data->addresses)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text || !nfp_mac_parse(text, &data->addresses[i]))
			return -EBADMSG;
	}
	data->head.addresses = data->addresses;
	data->head.num_addresses = n;
	return 0;
}

/* -EPROTONOSUPPORT: of another format. */
static int take_begin(const json_t *r, struct nfp_journal_data *data)
{
	struct nfp_journal_head *head = &data->head;
	int format;

	if (get_int(r, "format", 0, &format))
		return -EBADMSG;
	if (nfp_jget_text(r, "version", head->version, sizeof(head->version)))
		head->version[0] = '\0';
	if (format != NFP_JOURNAL_FORMAT)
		return -EPROTONOSUPPORT;
	if (nfp_jget_text(r, "boot", head->boot, sizeof(head->boot)) ||
	    get_int(r, "pid", 0, &head->pid) || get_name(r, "bus", head->bus, sizeof(head->bus)) ||
	    get_name(r, "parentdev", head->parentdev, sizeof(head->parentdev)) ||
	    nfp_jget_text(r, "ifname", head->ifname, sizeof(head->ifname)) ||
	    get_int(r, "ifindex", 0, &head->ifindex))
		return -EBADMSG;
	return get_addresses(r, data);
}

static int get_attr(const json_t *r, struct nfp_vf_attr *a)
{
	if (nfp_jget_bool(r, "have_mac", &a->have_mac) || nfp_jget_mac(r, "mac", &a->mac) ||
	    nfp_jget_vlan(r, "vlan", &a->vlan) || get_int(r, "spoofchk", -1, &a->spoofchk) ||
	    get_int(r, "trust", -1, &a->trust) || get_int(r, "link_state", -1, &a->link_state) ||
	    get_int(r, "rss_query", -1, &a->rss_query) ||
	    get_u32(r, "min_tx_rate", UINT32_MAX, &a->min_tx_rate) ||
	    get_u32(r, "max_tx_rate", UINT32_MAX, &a->max_tx_rate))
		return -EBADMSG;
	return 0;
}

/* An object of texts, borrowed. */
static int get_settings(const json_t *r, const char *key, json_t **ret_settings)
{
	json_t *settings = json_object_get(r, key), *value;
	const char *name;

	*ret_settings = settings;
	if (settings && !json_is_object(settings))
		return -EBADMSG;
	json_object_foreach (settings, name, value) {
		if (!json_is_string(value))
			return -EBADMSG;
	}
	return 0;
}

static int take_vf(const json_t *r, struct nfp_journal_data *data)
{
	struct nfp_journal_vf entry = {.done = false};
	struct nfp_vf_state *s = &entry.before;
	unsigned int type;

	if (!json_object_get(r, "vf") || get_u32(r, "vf", UINT16_MAX, &s->vf) ||
	    nfp_jget_bool(r, "source", &entry.source) ||
	    get_name(r, "parentdev", s->parentdev, sizeof(s->parentdev)) ||
	    get_name(r, "bus", s->bus, sizeof(s->bus)) || get_attr(r, &s->attr) ||
	    get_name(r, "driver", s->driver, sizeof(s->driver)) ||
	    nfp_jget_bool(r, "have_override", &s->have_override) ||
	    nfp_jget_text(r, "driver_override", s->driver_override, sizeof(s->driver_override)) ||
	    nfp_jget_bool(r, "netdev", &s->have_netdev) ||
	    nfp_jget_text(r, "ifname", s->ifname, sizeof(s->ifname)) ||
	    get_int(r, "ifindex", 0, &s->ifindex) || nfp_jget_mac(r, "address", &s->address) ||
	    get_u32(r, "addr_assign_type", UINT8_MAX, &type) ||
	    get_u32(r, "mtu", UINT32_MAX, &s->mtu) || nfp_jget_bool(r, "up", &s->up) ||
	    nfp_jget_text(r, "second", s->second, sizeof(s->second)) ||
	    nfp_jget_bool(r, "second_up", &s->second_up) ||
	    get_settings(r, "settings", &entry.settings[0]) ||
	    get_settings(r, "second_settings", &entry.settings[1]))
		return -EBADMSG;
	s->addr_assign_type = (uint8_t)type;
	s->attr.vf = s->vf;
	return nfp_journal_data_vf(data, &entry);
}

static int take_change(const json_t *r, struct nfp_journal_data *data)
{
	struct nfp_change c = {.text = ""};
	char kind[32];

	if (nfp_jget_text(r, "kind", kind, sizeof(kind)) || !nfp_change_kind_parse(kind, &c.kind) ||
	    get_u32(r, "seq", UINT32_MAX, &c.seq) || nfp_jget_bool(r, "of_vf", &c.of_vf) ||
	    get_u32(r, "vf", UINT16_MAX, &c.vf) ||
	    nfp_jget_text(r, "ifname", c.ifname, sizeof(c.ifname)) ||
	    get_int(r, "ifindex", 0, &c.ifindex) ||
	    nfp_jget_text(r, "parentdev", c.parentdev, sizeof(c.parentdev)) ||
	    nfp_jget_text(r, "bus", c.bus, sizeof(c.bus)) ||
	    nfp_jget_text(r, "name", c.name, sizeof(c.name)) || nfp_jget_mac(r, "mac", &c.mac) ||
	    nfp_jget_vlan(r, "vlan", &c.vlan) || get_int(r, "value", INT32_MIN, &c.value) ||
	    get_u32(r, "min_rate", UINT32_MAX, &c.rate[0]) ||
	    get_u32(r, "max_rate", UINT32_MAX, &c.rate[1]) ||
	    nfp_jget_bool(r, "private", &c.private_netns))
		return -EBADMSG;
	return nfp_journal_data_change(data, &c);
}

static int take_void(const json_t *r, struct nfp_journal_data *data)
{
	unsigned int seq;

	if (get_u32(r, "seq", UINT32_MAX, &seq))
		return -EBADMSG;
	nfp_journal_data_void(data, seq);
	return 0;
}

static int take_done(const json_t *r, struct nfp_journal_data *data)
{
	unsigned int vf;

	if (!json_object_get(r, "vf") || get_u32(r, "vf", UINT16_MAX, &vf))
		return -EBADMSG;
	nfp_journal_data_done(data, vf);
	return 0;
}

static int take_foreign(const json_t *r, struct nfp_journal_data *data)
{
	unsigned int vf, foreign;

	if (!json_object_get(r, "vf") || get_u32(r, "vf", UINT16_MAX, &vf) ||
	    get_u32(r, "attributes", UINT32_MAX, &foreign))
		return -EBADMSG;
	nfp_journal_data_foreign(data, vf, foreign);
	return 0;
}

static int take_record(const json_t *r, bool first, struct nfp_journal_data *data)
{
	const char *type = json_string_value(json_object_get(r, "t"));

	if (!type)
		return -EBADMSG;
	if (first)
		return strcmp(type, "begin") == 0 ? take_begin(r, data) : -EBADMSG;
	if (strcmp(type, "vf") == 0)
		return take_vf(r, data);
	if (strcmp(type, "change") == 0)
		return take_change(r, data);
	if (strcmp(type, "foreign") == 0)
		return take_foreign(r, data);
	if (strcmp(type, "vf-done") == 0)
		return take_done(r, data);
	return strcmp(type, "void") == 0 ? take_void(r, data) : -EBADMSG;
}

/*
 * Where memory runs out, jansson 2.14 may drop bytes without a word, or call a text wrong that is
 * right: what was read is written again and compared.
 */
static int load_record(const char *json, size_t len, json_t **ret_record)
{
	json_error_t error;
	json_t *record = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error);
	char *again = record ? json_dumps(record, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	bool same = again && strlen(again) == len && memcmp(again, json, len) == 0;
	enum json_error_code code = record ? json_error_unknown : json_error_code(&error);
	bool lacks = code == json_error_unknown || code == json_error_out_of_memory;

	int ret = lacks && !again ? -ENOMEM : -EPROTO;

	free(again);
	if (same) {
		*ret_record = record;
		return 0;
	}
	json_decref(record);
	return ret;
}

/* @line without its newline. -EBADMSG: not written whole; -EPROTO: it is, and makes no sense. */
static int take_line(const char *line, size_t len, bool first, struct nfp_journal_data *data)
{
	char want[CRC_DIGITS + 1];
	json_t *record = NULL;
	int ret = -EPROTO;

	if (len < CRC_DIGITS + 2 || line[CRC_DIGITS] != ' ')
		return -EBADMSG;
	snprintf(want, sizeof(want), "%08" PRIx32,
		 crc32_of(line + CRC_DIGITS + 1, len - CRC_DIGITS - 1));
	if (memcmp(line, want, CRC_DIGITS) != 0)
		return -EBADMSG;
	for (int i = 0, tries = 2; i < tries; i++) {
		ret = load_record(line + CRC_DIGITS + 1, len - CRC_DIGITS - 1, &record);
		if (!ret)
			break;
	}
	if (ret)
		return ret;
	ret = take_record(record, first, data);
	json_decref(record);
	return ret == -EBADMSG ? -EPROTO : ret;
}

static int bad_head(int ret, const struct nfp_journal_data *data, struct nfp_err *err)
{
	if (ret == -ENOMEM)
		return nfp_err_set(err, ret, NFP_E_MEMORY, "not enough memory to read the journal");
	if (ret == -EPROTONOSUPPORT) {
		ret = nfp_err_set(err, -EBADMSG, NFP_E_JOURNAL,
				  "the journal was written by another version of nfprobe (%s)",
				  data->head.version[0] ? data->head.version : "unknown");
		nfp_err_hint(err, "run `nfprobe --restore` of that version");
		return ret;
	}
	return nfp_err_set(err, -EBADMSG, NFP_E_JOURNAL, "the journal's first line is damaged");
}

int nfp_journal_parse(const char *text, size_t len, struct nfp_journal_data *ret_data,
		      size_t *ret_good, struct nfp_err *err)
{
	size_t bad = 0; /* bad lines since the last good one */
	bool first = true;

	memset(ret_data, 0, sizeof(*ret_data));
	*ret_good = 0;
	for (size_t at = 0; at < len;) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t line = end ? (size_t)(end - (text + at)) : len - at;
		size_t next = at + line + (end ? 1 : 0);
		int ret = end ? take_line(text + at, line, first, ret_data) : -EBADMSG;

		if (ret == -ENOMEM || (ret && first && next < len) || ret == -EPROTONOSUPPORT ||
		    (ret == -EPROTO && first))
			return bad_head(ret, ret_data, err);
		if (ret == -EBADMSG) {
			bad++;
		} else {
			ret_data->unreadable += bad + (ret ? 1 : 0);
			bad = 0;
			*ret_good = next;
			first = false;
		}
		at = next;
	}
	if (first)
		return -ENODATA;
	/* Only the very last line can be one that was being written. */
	ret_data->unreadable += bad > 1 ? bad - 1 : 0;
	return 0;
}
