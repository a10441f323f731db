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
	TEXT,
	NAME, /* of a bus, a device or a driver: a part of paths, so without a slash */
	FLAG,
	MAC,
	VLAN,
	BYTE, /* from here on numbers */
	INT,
	INDEX,	/* an int, 0 or more */
	SWITCH, /* an int; -1: not known */
	UNSIGNED,
	VF, /* unsigned */
};

struct field {
	const char *key;
	enum field_type type;
	size_t offset, size;
};

#define FIELD(key, type, record, member)                                                         \
	{                                                                                        \
		key, type, offsetof(struct record, member), sizeof(((struct record *)0)->member) \
	}

static const struct field head_fields[] = {
	FIELD("version", TEXT, nfp_journal_head, version),
	FIELD("boot", TEXT, nfp_journal_head, boot),
	FIELD("pid", INDEX, nfp_journal_head, pid),
	FIELD("bus", NAME, nfp_journal_head, bus),
	FIELD("parentdev", NAME, nfp_journal_head, parentdev),
	FIELD("ifname", TEXT, nfp_journal_head, ifname),
	FIELD("ifindex", INDEX, nfp_journal_head, ifindex),
	{0},
};

static const struct field vf_fields[] = {
	FIELD("vf", VF, nfp_journal_vf, before.vf),
	FIELD("source", FLAG, nfp_journal_vf, source),
	FIELD("parentdev", NAME, nfp_journal_vf, before.parentdev),
	FIELD("bus", NAME, nfp_journal_vf, before.bus),
	FIELD("have_mac", FLAG, nfp_journal_vf, before.attr.have_mac),
	FIELD("mac", MAC, nfp_journal_vf, before.attr.mac),
	FIELD("vlan", VLAN, nfp_journal_vf, before.attr.vlan),
	FIELD("spoofchk", SWITCH, nfp_journal_vf, before.attr.spoofchk),
	FIELD("trust", SWITCH, nfp_journal_vf, before.attr.trust),
	FIELD("link_state", SWITCH, nfp_journal_vf, before.attr.link_state),
	FIELD("rss_query", SWITCH, nfp_journal_vf, before.attr.rss_query),
	FIELD("min_tx_rate", UNSIGNED, nfp_journal_vf, before.attr.min_tx_rate),
	FIELD("max_tx_rate", UNSIGNED, nfp_journal_vf, before.attr.max_tx_rate),
	FIELD("driver", NAME, nfp_journal_vf, before.driver),
	FIELD("have_override", FLAG, nfp_journal_vf, before.have_override),
	FIELD("driver_override", TEXT, nfp_journal_vf, before.driver_override),
	FIELD("netdev", FLAG, nfp_journal_vf, before.have_netdev),
	FIELD("ifname", TEXT, nfp_journal_vf, before.ifname),
	FIELD("ifindex", INDEX, nfp_journal_vf, before.ifindex),
	FIELD("address", MAC, nfp_journal_vf, before.address),
	FIELD("addr_assign_type", BYTE, nfp_journal_vf, before.addr_assign_type),
	FIELD("mtu", UNSIGNED, nfp_journal_vf, before.mtu),
	FIELD("up", FLAG, nfp_journal_vf, before.up),
	FIELD("second", TEXT, nfp_journal_vf, before.second),
	FIELD("second_up", FLAG, nfp_journal_vf, before.second_up),
	{0},
};

static const struct field change_fields[] = {
	FIELD("seq", UNSIGNED, nfp_change, seq),
	FIELD("of_vf", FLAG, nfp_change, of_vf),
	FIELD("vf", VF, nfp_change, vf),
	FIELD("ifname", TEXT, nfp_change, ifname),
	FIELD("ifindex", INDEX, nfp_change, ifindex),
	FIELD("parentdev", TEXT, nfp_change, parentdev),
	FIELD("bus", TEXT, nfp_change, bus),
	FIELD("name", TEXT, nfp_change, name),
	FIELD("mac", MAC, nfp_change, mac),
	FIELD("vlan", VLAN, nfp_change, vlan),
	FIELD("value", INT, nfp_change, value),
	FIELD("min_rate", UNSIGNED, nfp_change, rate[0]),
	FIELD("max_rate", UNSIGNED, nfp_change, rate[1]),
	FIELD("private", FLAG, nfp_change, private_netns),
	{0},
};

/* void, vf-done, foreign */
struct note {
	unsigned int seq, vf, attributes;
};

static const struct field note_fields[] = {
	FIELD("seq", UNSIGNED, note, seq),
	FIELD("vf", VF, note, vf),
	FIELD("attributes", UNSIGNED, note, attributes),
	{0},
};

/* What is empty or zero is left out. */
static void put_fields(json_t *r, const struct field *fields, const void *from)
{
	for (const struct field *f = fields; f->key; f++) {
		const void *at = (const char *)from + f->offset;

		if (f->type <= NAME)
			nfp_jput_text(r, f->key, at);
		else if (f->type == FLAG)
			nfp_jput_bool(r, f->key, *(const bool *)at);
		else if (f->type == MAC)
			nfp_jput_mac(r, f->key, at);
		else if (f->type == VLAN)
			nfp_jput_vlan(r, f->key, at);
		else if (f->type == BYTE)
			nfp_jput_int(r, f->key, *(const uint8_t *)at);
		else if (f->type >= UNSIGNED)
			nfp_jput_int(r, f->key, *(const unsigned int *)at);
		else
			nfp_jput_int(r, f->key, *(const int *)at);
	}
}

static int get_number(const json_t *r, const struct field *f, void *at)
{
	static const int64_t ranges[][2] = {
		[BYTE] = {0, UINT8_MAX},      [INT] = {INT32_MIN, INT32_MAX},
		[INDEX] = {0, INT32_MAX},     [SWITCH] = {-1, INT32_MAX},
		[UNSIGNED] = {0, UINT32_MAX}, [VF] = {0, UINT16_MAX},
	};
	json_int_t value = 0;
	int ret = nfp_jget_int(r, f->key, ranges[f->type][0], ranges[f->type][1], &value);

	if (f->type == BYTE)
		*(uint8_t *)at = (uint8_t)value;
	else if (f->type >= UNSIGNED)
		*(unsigned int *)at = (unsigned int)value;
	else
		*(int *)at = (int)value;
	return ret;
}

static bool is_path(const char *text)
{
	return strchr(text, '/') || strcmp(text, ".") == 0 || strcmp(text, "..") == 0;
}

static int get_field(const json_t *r, const struct field *f, void *at)
{
	if (f->type == FLAG)
		return nfp_jget_bool(r, f->key, at);
	if (f->type == MAC)
		return nfp_jget_mac(r, f->key, at);
	if (f->type == VLAN)
		return nfp_jget_vlan(r, f->key, at);
	if (f->type >= BYTE)
		return get_number(r, f, at);
	if (nfp_jget_text(r, f->key, at, f->size))
		return -EBADMSG;
	return f->type == NAME && is_path(at) ? -EBADMSG : 0;
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
