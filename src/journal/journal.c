// SPDX-License-Identifier: GPL-2.0-or-later
/* journal.c - the records of the undo journal, and what they add up to. Pure; the file is
 * journal_file.c. */
#include "nfprobe/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal_priv.h"

#define CRC_DIGITS 8

/* ---- the fields of the records, by which they are written and read ---- */

enum field_type {
	END,
	TEXT,
	NAME, /* of a bus, a device or a driver: a part of paths, so without a slash */
	INT,
	UNSIGNED,
	BYTE,
	FLAG,
	MAC,
	VLAN,
};

struct field {
	const char *key;
	enum field_type type;
	size_t offset, size; /* where in the struct; bytes of a text */
	int64_t min, max;    /* of a number */
};

#define FIELD_SIZE(type, member) sizeof(((const type *)0)->member)
#define TEXT_FIELD(key, kind, type, member)                                       \
	{                                                                         \
		key, kind, offsetof(type, member), FIELD_SIZE(type, member), 0, 0 \
	}
#define NUMBER_FIELD(key, kind, type, member, min, max)        \
	{                                                      \
		key, kind, offsetof(type, member), 0, min, max \
	}
#define PLAIN_FIELD(key, kind, type, member)               \
	{                                                  \
		key, kind, offsetof(type, member), 0, 0, 0 \
	}

static const struct field head_fields[] = {
	TEXT_FIELD("version", TEXT, struct nfp_journal_head, version),
	TEXT_FIELD("boot", TEXT, struct nfp_journal_head, boot),
	NUMBER_FIELD("pid", INT, struct nfp_journal_head, pid, 0, INT32_MAX),
	TEXT_FIELD("bus", NAME, struct nfp_journal_head, bus),
	TEXT_FIELD("parentdev", NAME, struct nfp_journal_head, parentdev),
	TEXT_FIELD("ifname", TEXT, struct nfp_journal_head, ifname),
	NUMBER_FIELD("ifindex", INT, struct nfp_journal_head, ifindex, 0, INT32_MAX),
	{0},
};

static const struct field vf_fields[] = {
	NUMBER_FIELD("vf", UNSIGNED, struct nfp_journal_vf, before.vf, 0, UINT16_MAX),
	PLAIN_FIELD("source", FLAG, struct nfp_journal_vf, source),
	TEXT_FIELD("parentdev", NAME, struct nfp_journal_vf, before.parentdev),
	TEXT_FIELD("bus", NAME, struct nfp_journal_vf, before.bus),
	PLAIN_FIELD("have_mac", FLAG, struct nfp_journal_vf, before.attr.have_mac),
	PLAIN_FIELD("mac", MAC, struct nfp_journal_vf, before.attr.mac),
	PLAIN_FIELD("vlan", VLAN, struct nfp_journal_vf, before.attr.vlan),
	NUMBER_FIELD("spoofchk", INT, struct nfp_journal_vf, before.attr.spoofchk, -1, INT32_MAX),
	NUMBER_FIELD("trust", INT, struct nfp_journal_vf, before.attr.trust, -1, INT32_MAX),
	NUMBER_FIELD("link_state", INT, struct nfp_journal_vf, before.attr.link_state, -1,
		     INT32_MAX),
	NUMBER_FIELD("rss_query", INT, struct nfp_journal_vf, before.attr.rss_query, -1, INT32_MAX),
	NUMBER_FIELD("min_tx_rate", UNSIGNED, struct nfp_journal_vf, before.attr.min_tx_rate, 0,
		     UINT32_MAX),
	NUMBER_FIELD("max_tx_rate", UNSIGNED, struct nfp_journal_vf, before.attr.max_tx_rate, 0,
		     UINT32_MAX),
	TEXT_FIELD("driver", NAME, struct nfp_journal_vf, before.driver),
	PLAIN_FIELD("have_override", FLAG, struct nfp_journal_vf, before.have_override),
	TEXT_FIELD("driver_override", TEXT, struct nfp_journal_vf, before.driver_override),
	PLAIN_FIELD("netdev", FLAG, struct nfp_journal_vf, before.have_netdev),
	TEXT_FIELD("ifname", TEXT, struct nfp_journal_vf, before.ifname),
	NUMBER_FIELD("ifindex", INT, struct nfp_journal_vf, before.ifindex, 0, INT32_MAX),
	PLAIN_FIELD("address", MAC, struct nfp_journal_vf, before.address),
	NUMBER_FIELD("addr_assign_type", BYTE, struct nfp_journal_vf, before.addr_assign_type, 0,
		     UINT8_MAX),
	NUMBER_FIELD("mtu", UNSIGNED, struct nfp_journal_vf, before.mtu, 0, UINT32_MAX),
	PLAIN_FIELD("up", FLAG, struct nfp_journal_vf, before.up),
	TEXT_FIELD("second", TEXT, struct nfp_journal_vf, before.second),
	PLAIN_FIELD("second_up", FLAG, struct nfp_journal_vf, before.second_up),
	{0},
};

static const struct field change_fields[] = {
	NUMBER_FIELD("seq", UNSIGNED, struct nfp_change, seq, 0, UINT32_MAX),
	PLAIN_FIELD("of_vf", FLAG, struct nfp_change, of_vf),
	NUMBER_FIELD("vf", UNSIGNED, struct nfp_change, vf, 0, UINT16_MAX),
	TEXT_FIELD("ifname", TEXT, struct nfp_change, ifname),
	NUMBER_FIELD("ifindex", INT, struct nfp_change, ifindex, 0, INT32_MAX),
	TEXT_FIELD("parentdev", TEXT, struct nfp_change, parentdev),
	TEXT_FIELD("bus", TEXT, struct nfp_change, bus),
	TEXT_FIELD("name", TEXT, struct nfp_change, name),
	PLAIN_FIELD("mac", MAC, struct nfp_change, mac),
	PLAIN_FIELD("vlan", VLAN, struct nfp_change, vlan),
	NUMBER_FIELD("value", INT, struct nfp_change, value, INT32_MIN, INT32_MAX),
	NUMBER_FIELD("min_rate", UNSIGNED, struct nfp_change, rate[0], 0, UINT32_MAX),
	NUMBER_FIELD("max_rate", UNSIGNED, struct nfp_change, rate[1], 0, UINT32_MAX),
	PLAIN_FIELD("private", FLAG, struct nfp_change, private_netns),
	{0},
};

/* void, vf-done, foreign */
struct note {
	unsigned int seq, vf, attributes;
};

static const struct field note_fields[] = {
	NUMBER_FIELD("seq", UNSIGNED, struct note, seq, 0, UINT32_MAX),
	NUMBER_FIELD("vf", UNSIGNED, struct note, vf, 0, UINT16_MAX),
	NUMBER_FIELD("attributes", UNSIGNED, struct note, attributes, 0, UINT32_MAX),
	{0},
};

/* What is empty or zero is left out. */
static void put_fields(json_t *r, const struct field *fields, const void *from)
{
	for (const struct field *f = fields; f->key; f++) {
		const void *at = (const char *)from + f->offset;

		switch (f->type) {
		case TEXT:
		case NAME:
			nfp_jput_text(r, f->key, at);
			break;
		case INT:
			nfp_jput_int(r, f->key, *(const int *)at);
			break;
		case UNSIGNED:
			nfp_jput_int(r, f->key, *(const unsigned int *)at);
			break;
		case BYTE:
			nfp_jput_int(r, f->key, *(const uint8_t *)at);
			break;
		case FLAG:
			nfp_jput_bool(r, f->key, *(const bool *)at);
			break;
		case MAC:
			nfp_jput_mac(r, f->key, at);
			break;
		case VLAN:
			nfp_jput_vlan(r, f->key, at);
			break;
		case END:
		default:
			break;
		}
	}
}

static bool is_path(const char *text)
{
	return strchr(text, '/') || strcmp(text, ".") == 0 || strcmp(text, "..") == 0;
}

static int get_field(const json_t *r, const struct field *f, void *at)
{
	json_int_t value = 0;
	int ret;

	switch (f->type) {
	case TEXT:
		return nfp_jget_text(r, f->key, at, f->size);
	case NAME:
		ret = nfp_jget_text(r, f->key, at, f->size);
		return ret ? ret : is_path(at) ? -EBADMSG : 0;
	case FLAG:
		return nfp_jget_bool(r, f->key, at);
	case MAC:
		return nfp_jget_mac(r, f->key, at);
	case VLAN:
		return nfp_jget_vlan(r, f->key, at);
	case INT:
	case UNSIGNED:
	case BYTE:
	case END:
	default:
		ret = nfp_jget_int(r, f->key, f->min, f->max, &value);
		if (f->type == INT)
			*(int *)at = (int)value;
		else if (f->type == UNSIGNED)
			*(unsigned int *)at = (unsigned int)value;
		else
			*(uint8_t *)at = (uint8_t)value;
		return ret;
	}
}

static int get_fields(const json_t *r, const struct field *fields, void *to)
{
	for (const struct field *f = fields; f->key; f++)
		if (get_field(r, f, (char *)to + f->offset))
			return -EBADMSG;
	return 0;
}

/* ---- lines ---- */

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

static json_t *new_record(const char *type, const struct field *fields, const void *from)
{
	json_t *r = json_pack("{s:s}", "t", type);

	put_fields(r, fields, from);
	return r;
}

/* Takes @record. */
static char *make_line(json_t *record)
{
	char *json = json_dumps(record, JSON_COMPACT | JSON_PRESERVE_ORDER);
	char *line = nfp_asprintf("%08" PRIx32 " %s\n", crc32_of(json, strlen(json)), json);

	json_decref(record);
	free(json);
	return line;
}

char *nfp_journal_line_begin(const struct nfp_journal_head *head)
{
	json_t *r = new_record("begin", head_fields, head), *list = json_array();
	char text[NFP_MAC_STRLEN];

	for (size_t i = 0; i < head->num_addresses; i++)
		json_array_append_new(list, json_string(nfp_mac_str(&head->addresses[i], text)));
	json_object_set_new(r, "addresses", list);
	json_object_set_new(r, "format", json_integer(NFP_JOURNAL_FORMAT));
	return make_line(r);
}

static const char *const settings_keys[NFP_VF_NETDEVS] = {"settings", "second_settings"};

char *nfp_journal_line_vf(const struct nfp_journal_vf *entry)
{
	json_t *r = new_record("vf", vf_fields, entry);

	/* It must be there, also for VF 0. */
	json_object_set_new(r, "vf", json_integer(entry->before.vf));
	for (size_t i = 0; i < NFP_VF_NETDEVS; i++)
		if (entry->settings[i])
			json_object_set(r, settings_keys[i], entry->settings[i]);
	return make_line(r);
}

char *nfp_journal_line_change(const struct nfp_change *change)
{
	json_t *r = new_record("change", change_fields, change);

	json_object_set_new(r, "kind", json_string(nfp_change_kind_name(change->kind)));
	return make_line(r);
}

char *nfp_journal_line_void(unsigned int seq)
{
	return make_line(new_record("void", note_fields, &(struct note) {.seq = seq}));
}

static char *make_note_of_vf(const char *type, unsigned int vf, uint32_t attributes)
{
	struct note note = {.vf = vf, .attributes = attributes};
	json_t *r = new_record(type, note_fields, &note);

	json_object_set_new(r, "vf", json_integer(vf));
	return make_line(r);
}

char *nfp_journal_line_done(unsigned int vf)
{
	return make_note_of_vf("vf-done", vf, 0);
}

char *nfp_journal_line_foreign(unsigned int vf, uint32_t foreign)
{
	return make_note_of_vf("foreign", vf, foreign);
}

/* ---- and back ---- */

static int get_addresses(const json_t *r, struct nfp_journal_data *data)
{
	const json_t *list = json_object_get(r, "addresses");
	size_t n = json_array_size(list);

	if (!json_is_array(list))
		return -EBADMSG;
	data->addresses = nfp_calloc(n ? n : 1, sizeof(*data->addresses));
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text || !nfp_mac_parse(text, &data->addresses[i]))
			return -EBADMSG;
	}
	data->head.addresses = data->addresses;
	data->head.num_addresses = n;
	return 0;
}

/* -EPROTONOSUPPORT: of another format, of which only the version is known. */
static int take_begin(const json_t *r, struct nfp_journal_data *data)
{
	json_int_t format;

	if (nfp_jget_int(r, "format", 0, INT32_MAX, &format))
		return -EBADMSG;
	if (format != NFP_JOURNAL_FORMAT) {
		(void)nfp_jget_text(r, "version", data->head.version, sizeof(data->head.version));
		return -EPROTONOSUPPORT;
	}
	return get_fields(r, head_fields, &data->head) ? -EBADMSG : get_addresses(r, data);
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

	if (!json_object_get(r, "vf") || get_fields(r, vf_fields, &entry))
		return -EBADMSG;
	for (size_t i = 0; i < NFP_VF_NETDEVS; i++)
		if (get_settings(r, settings_keys[i], &entry.settings[i]))
			return -EBADMSG;
	entry.before.attr.vf = entry.before.vf;
	nfp_journal_data_vf(data, &entry);
	return 0;
}

static int take_change(const json_t *r, struct nfp_journal_data *data)
{
	struct nfp_change c = {.text = ""};
	char kind[32];

	if (nfp_jget_text(r, "kind", kind, sizeof(kind)) || !nfp_change_kind_parse(kind, &c.kind) ||
	    get_fields(r, change_fields, &c))
		return -EBADMSG;
	nfp_journal_data_change(data, &c);
	return 0;
}

static int take_note(const json_t *r, const char *type, struct nfp_journal_data *data)
{
	struct note note;

	if (get_fields(r, note_fields, &note))
		return -EBADMSG;
	if (strcmp(type, "void") == 0)
		nfp_journal_data_void(data, note.seq);
	else if (!json_object_get(r, "vf"))
		return -EBADMSG;
	else if (strcmp(type, "foreign") == 0)
		nfp_journal_data_foreign(data, note.vf, note.attributes);
	else if (strcmp(type, "vf-done") == 0)
		nfp_journal_data_done(data, note.vf);
	else
		return -EBADMSG;
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
	return take_note(r, type, data);
}

/* @line without its newline. -EBADMSG: not written whole; -EPROTO: it is, and makes no sense. */
static int take_line(const char *line, size_t len, bool first, struct nfp_journal_data *data)
{
	char want[CRC_DIGITS + 1];
	json_t *record;
	int ret;

	if (len < CRC_DIGITS + 2 || line[CRC_DIGITS] != ' ')
		return -EBADMSG;
	snprintf(want, sizeof(want), "%08" PRIx32,
		 crc32_of(line + CRC_DIGITS + 1, len - CRC_DIGITS - 1));
	if (memcmp(line, want, CRC_DIGITS) != 0)
		return -EBADMSG;
	record = json_loadb(line + CRC_DIGITS + 1, len - CRC_DIGITS - 1, JSON_REJECT_DUPLICATES,
			    NULL);
	if (!record)
		return -EPROTO;
	ret = take_record(record, first, data);
	json_decref(record);
	return ret == -EBADMSG ? -EPROTO : ret;
}

static int bad_head(int ret, const struct nfp_journal_data *data, struct nfp_err *err)
{
	if (ret != -EPROTONOSUPPORT)
		return nfp_err_set(err, -EBADMSG, NFP_E_JOURNAL,
				   "the journal's first line is damaged");
	nfp_err_set(err, -EBADMSG, NFP_E_JOURNAL,
		    "the journal was written by another version of nfprobe (%s)",
		    data->head.version[0] ? data->head.version : "unknown");
	nfp_err_hint(err, "run `nfprobe --restore` of that version");
	return -EBADMSG;
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

		if (first && ret && (next < len || ret != -EBADMSG))
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

/* ---- what the records add up to ---- */

void nfp_journal_data_fini(struct nfp_journal_data *data)
{
	if (!data)
		return;
	free(data->addresses);
	for (size_t i = 0; i < data->num_vfs; i++)
		for (size_t k = 0; k < NFP_VF_NETDEVS; k++)
			json_decref(data->vfs[i].settings[k]);
	free(data->vfs);
	free(data->changes);
	memset(data, 0, sizeof(*data));
}

const struct nfp_journal_vf *nfp_journal_find_vf(const struct nfp_journal_data *data,
						 unsigned int vf)
{
	for (size_t i = data->num_vfs; i-- > 0;)
		if (data->vfs[i].before.vf == vf && !data->vfs[i].done)
			return &data->vfs[i];
	return NULL;
}

void nfp_journal_data_vf(struct nfp_journal_data *data, const struct nfp_journal_vf *entry)
{
	data->vfs = nfp_reallocarray(data->vfs, data->num_vfs + 1, sizeof(*data->vfs));
	data->vfs[data->num_vfs++] = *entry;
	for (size_t k = 0; k < NFP_VF_NETDEVS; k++)
		json_incref(entry->settings[k]);
}

void nfp_journal_data_change(struct nfp_journal_data *data, const struct nfp_change *change)
{
	data->changes = nfp_reallocarray(data->changes, data->num_changes + 1,
					 sizeof(*data->changes));
	data->changes[data->num_changes++] = *change;
}

/* By number and not "the last one": the line before may be among the damaged. */
void nfp_journal_data_void(struct nfp_journal_data *data, unsigned int seq)
{
	for (size_t i = data->num_changes; i-- > 0;) {
		if (data->changes[i].seq != seq)
			continue;
		memmove(&data->changes[i], &data->changes[i + 1],
			(data->num_changes - i - 1) * sizeof(data->changes[0]));
		data->num_changes--;
		return;
	}
}

void nfp_journal_data_foreign(struct nfp_journal_data *data, unsigned int vf, uint32_t foreign)
{
	for (size_t i = 0; i < data->num_vfs; i++)
		if (data->vfs[i].before.vf == vf)
			data->vfs[i].foreign |= foreign;
}

void nfp_journal_data_done(struct nfp_journal_data *data, unsigned int vf)
{
	size_t kept = 0;

	for (size_t i = 0; i < data->num_vfs; i++)
		if (data->vfs[i].before.vf == vf)
			data->vfs[i].done = true;
	/* What is undone need not be remembered: a run over many VFs stays small. */
	for (size_t i = 0; i < data->num_changes; i++)
		if (!data->changes[i].of_vf || data->changes[i].vf != vf)
			data->changes[kept++] = data->changes[i];
	data->num_changes = kept;
}
