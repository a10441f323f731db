// SPDX-License-Identifier: GPL-2.0-or-later
/* journal.c - the records of the undo journal, and the data that they add up to. Pure;
 * journal_file.c has the file. */
#include "change.h"
#include "journal.h"
#include "vf_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fields.h"

#define CRC_DIGITS 8

#define ADDRESSES_MAX (1 << 20)

/* ---- the fields of the records; what is empty, zero or false is left out ---- */

#define FIELD(type, of, key, member, ...) \
	NFP_FIELD(type, of, key, member, 1, .unknown = NFP_ABSENT, ##__VA_ARGS__)
/* A member without which the record is malformed. */
#define NEEDED(type, of, key, member, ...) NFP_FIELD(type, of, key, member, 1, ##__VA_ARGS__)
#define INT				   .max = INT32_MAX
#define VF				   .max = UINT16_MAX

static const struct nfp_field address_fields[] = {NEEDED(MAC, nfp_mac, "mac", b)};
static const struct nfp_table address_table = NFP_TABLE(nfp_mac, address_fields);

static const struct nfp_field head_fields[] = {
	FIELD(ESCAPED, nfp_journal_head, "version", version),
	FIELD(ESCAPED, nfp_journal_head, "boot", boot),
	FIELD(NAME, nfp_journal_head, "bus", bus),
	FIELD(NAME, nfp_journal_head, "parentdev", parentdev),
	FIELD(ESCAPED, nfp_journal_head, "ifname", ifname),
	FIELD(NUMBER, nfp_journal_head, "ifindex", ifindex, INT),
	NEEDED(LIST, nfp_journal_head, "addresses", addresses, .table = &address_table,
	       .max = ADDRESSES_MAX, NFP_COUNTED(nfp_journal_head, num_addresses)),
};
static const struct nfp_table head_table = NFP_TABLE(nfp_journal_head, head_fields);

static const struct nfp_field vf_fields[] = {
	NEEDED(NUMBER, nfp_journal_vf, "vf", before.vf, VF),
	FIELD(BOOL, nfp_journal_vf, "source", source),
	NEEDED(MAC, nfp_journal_vf, "parked", placeholder_mac),
	FIELD(NAME, nfp_journal_vf, "parentdev", before.parentdev),
	FIELD(NAME, nfp_journal_vf, "bus", before.bus),
	FIELD(BOOL, nfp_journal_vf, "have_mac", before.attr.have_mac),
	FIELD(MAC, nfp_journal_vf, "mac", before.attr.mac),
	FIELD(NUMBER, nfp_journal_vf, "vlan", before.attr.vlan.vid, .max = 4095),
	FIELD(NUMBER, nfp_journal_vf, "qos", before.attr.vlan.qos, .max = 7),
	FIELD(NUMBER, nfp_journal_vf, "proto", before.attr.vlan.proto),
	FIELD(MAYBE, nfp_journal_vf, "spoofchk", before.attr.spoofchk),
	FIELD(MAYBE, nfp_journal_vf, "trust", before.attr.trust),
	FIELD(SIGNED, nfp_journal_vf, "link_state", before.attr.link_state),
	FIELD(MAYBE, nfp_journal_vf, "rss_query", before.attr.rss_query),
	FIELD(NUMBER, nfp_journal_vf, "min_tx_rate", before.attr.min_tx_rate),
	FIELD(NUMBER, nfp_journal_vf, "max_tx_rate", before.attr.max_tx_rate),
	FIELD(NAME, nfp_journal_vf, "driver", before.driver),
	FIELD(BOOL, nfp_journal_vf, "have_override", before.have_override),
	FIELD(ESCAPED, nfp_journal_vf, "driver_override", before.driver_override),
	FIELD(BOOL, nfp_journal_vf, "netdev", before.have_netdev),
	FIELD(ESCAPED, nfp_journal_vf, "ifname", before.ifname),
	FIELD(MAC, nfp_journal_vf, "address", before.address),
	FIELD(NUMBER, nfp_journal_vf, "addr_assign_type", before.addr_assign_type),
	FIELD(BOOL, nfp_journal_vf, "up", before.up),
	FIELD(ESCAPED, nfp_journal_vf, "second", before.second),
	FIELD(BOOL, nfp_journal_vf, "second_up", before.second_up),
};
static const struct nfp_table vf_table = NFP_TABLE(nfp_journal_vf, vf_fields);

/* The members of a change that an undo reads. */
static const struct nfp_field change_fields[] = {
	FIELD(NUMBER, nfp_change, "seq", seq),
	FIELD(BOOL, nfp_change, "of_vf", of_vf),
	FIELD(NUMBER, nfp_change, "vf", vf, VF),
	FIELD(ESCAPED, nfp_change, "ifname", ifname),
	FIELD(NUMBER, nfp_change, "ifindex", ifindex, INT),
	FIELD(ESCAPED, nfp_change, "name", name),
	FIELD(MAC, nfp_change, "mac", mac),
	FIELD(NUMBER, nfp_change, "vlan", vlan.vid, .max = 4095),
};
static const struct nfp_table change_table = NFP_TABLE(nfp_change, change_fields);

static const struct nfp_field note_fields[] = {
	NEEDED(NUMBER, nfp_journal_note, "seq", seq),
	NEEDED(NUMBER, nfp_journal_note, "vf", vf, VF),
	NEEDED(NUMBER, nfp_journal_note, "attributes", attributes),
};
static const struct nfp_table note_table = NFP_TABLE(nfp_journal_note, note_fields);

/* ---- lines ---- */

/* CRC-32 of IEEE 802.3, reflected; bit by bit, because lines are short and few. */
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

static json_t *new_record(const char *type, const struct nfp_table *table, const void *from)
{
	json_t *record = json_pack("{s:s}", "t", type);

	nfp_fields_put(record, table, from, 1);
	return record;
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
	json_t *record = new_record("begin", &head_table, head);

	json_object_set_new(record, "format", json_integer(NFP_JOURNAL_FORMAT));
	return make_line(record);
}

static const char *const settings_keys[NFP_VF_NETDEVS] = {"settings", "second_settings"};

char *nfp_journal_line_vf(const struct nfp_journal_vf *entry)
{
	json_t *record = new_record("vf", &vf_table, entry);

	for (size_t i = 0; i < NFP_VF_NETDEVS; i++)
		if (entry->settings[i])
			json_object_set(record, settings_keys[i], entry->settings[i]);
	return make_line(record);
}

char *nfp_journal_line_change(const struct nfp_change *change)
{
	json_t *record = new_record("change", &change_table, change);

	json_object_set_new(record, "kind", json_string(nfp_change_row(change->kind)->name));
	return make_line(record);
}

char *nfp_journal_line_note(const struct nfp_journal_note *note)
{
	return make_line(new_record(note->type, &note_table, note));
}

/* ---- and back ---- */

/* -EPROTONOSUPPORT: another format; only what tells where to restore it is filled in. */
static int read_begin_record(const json_t *record, struct nfp_journal_head *head)
{
	const json_t *format = json_object_get(record, "format");
	json_int_t number = json_integer_value(format);

	if (!json_is_integer(format))
		return -EBADMSG;
	if (number != NFP_JOURNAL_FORMAT) {
		(void)nfp_json_get_escaped(record, "version", head->version, sizeof(head->version));
		(void)nfp_json_get_escaped(record, "ifname", head->ifname, sizeof(head->ifname));
		return -EPROTONOSUPPORT;
	}
	return nfp_fields_get(&head_table, record, head);
}

static int read_vf_record(const json_t *record, struct nfp_journal_data *data)
{
	struct nfp_journal_vf entry = {.done = false};
	const char *name;
	json_t *value;

	if (nfp_fields_get(&vf_table, record, &entry))
		return -EBADMSG;
	for (size_t i = 0; i < NFP_VF_NETDEVS; i++) {
		json_t *settings = json_object_get(record, settings_keys[i]);

		if (settings && !json_is_object(settings))
			return -EBADMSG;
		json_object_foreach (settings, name, value) {
			if (!json_is_string(value))
				return -EBADMSG;
		}
		entry.settings[i] = settings;
	}
	entry.before.attr.vf = entry.before.vf;
	for (size_t i = 0; i < NFP_VF_NETDEVS; i++)
		json_incref(entry.settings[i]);
	*nfp_grow(data->vfs, data->num_vfs) = entry;
	return 0;
}

static int read_change_record(const json_t *record, struct nfp_journal_data *data)
{
	const char *kind = json_string_value(json_object_get(record, "kind"));
	struct nfp_change change = {.text = ""};

	if (!kind || !nfp_change_kind_parse(kind, &change.kind) ||
	    nfp_fields_get(&change_table, record, &change))
		return -EBADMSG;
	*nfp_grow(data->changes, data->num_changes) = change;
	return 0;
}

static int apply_note(struct nfp_journal_data *data, const struct nfp_journal_note *note)
{
	bool is_void = strcmp(note->type, "void") == 0, done = strcmp(note->type, "vf-done") == 0;
	size_t kept = 0;

	if (!is_void && !done && strcmp(note->type, "foreign") != 0)
		return -EBADMSG;
	for (size_t i = 0; i < data->num_vfs && !is_void; i++) {
		if (data->vfs[i].before.vf != note->vf)
			continue;
		if (done)
			data->vfs[i].done = true;
		else
			data->vfs[i].external |= note->attributes;
	}
	/*
	 * A void change is found by its number, not as the last one, because lines may be damaged.
	 * Changes of a VF that is done are dropped, so that a run over many VFs stays small.
	 */
	nfp_for_each (c, data->changes, data->num_changes) {
		if (!(is_void && c->seq == note->seq) && !(done && c->of_vf && c->vf == note->vf))
			data->changes[kept++] = *c;
	}
	data->num_changes = kept;
	return 0;
}

static int read_record(const json_t *record, struct nfp_journal_data *data)
{
	const char *type = json_string_value(json_object_get(record, "t"));
	struct nfp_journal_note note = {.type = type};

	if (!type || data->begun == (strcmp(type, "begin") == 0))
		return -EBADMSG;
	if (!data->begun)
		return read_begin_record(record, &data->head);
	if (strcmp(type, "vf") == 0)
		return read_vf_record(record, data);
	if (strcmp(type, "change") == 0)
		return read_change_record(record, data);
	return nfp_fields_get(&note_table, record, &note) ?: apply_note(data, &note);
}

int nfp_journal_read_line(const char *line, size_t len, struct nfp_journal_data *data)
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
	ret = read_record(record, data);
	json_decref(record);
	data->begun |= !ret;
	return ret == -EBADMSG ? -EPROTO : ret;
}

int nfp_journal_parse(const char *text, size_t len, struct nfp_journal_data *ret_data,
		      size_t *ret_good, struct nfp_err *err)
{
	size_t bad = 0; /* incomplete lines since the last complete one */

	memset(ret_data, 0, sizeof(*ret_data));
	*ret_good = 0;
	for (size_t at = 0; at < len;) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t line = end ? (size_t)(end - (text + at)) : len - at;
		size_t next = at + line + (end ? 1 : 0);
		int ret = end ? nfp_journal_read_line(text + at, line, ret_data) : -EBADMSG;

		if (ret == -EPROTONOSUPPORT)
			return ret;
		if (!ret_data->begun && (next < len || ret != -EBADMSG))
			return nfp_err_set(err, -EBADMSG, NFP_E_JOURNAL,
					   "the journal's first line is damaged");
		if (ret == -EBADMSG) {
			bad++;
		} else {
			ret_data->unreadable += bad + (ret ? 1 : 0);
			bad = 0;
			*ret_good = next;
		}
		at = next;
	}
	if (!ret_data->begun)
		return -ENODATA;
	/* A crash can only have cut off the very last line. */
	ret_data->unreadable += bad > 1 ? bad - 1 : 0;
	return 0;
}

/* ---- what the records add up to ---- */

void nfp_journal_data_fini(struct nfp_journal_data *data)
{
	free((struct nfp_mac *)data->head.addresses);
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
