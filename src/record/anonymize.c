// SPDX-License-Identifier: GPL-2.0-or-later
/* anonymize.c - copies a recording block by block, with other names and addresses. */
#include "nfprobe/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if_ether.h>

#include "anonymous.h"
#include "record_priv.h"
#include "nfprobe/output.h"
#include "nfprobe/tables.h"

#define ADDRESSES_LEN (2 * NFP_MAC_LEN)
#define TAG_LEN	      4
#define SEPARATORS    " /,\t\n"

struct copy {
	struct nfp_pcapng_reader reader;
	struct anonymous anonymous;
	struct nfp_result result;
	struct facts facts;
	struct nfp_pcapng_buf out;
	bool *is_netlink; /* by interface */
	size_t num_interfaces;
	bool facts_written;
	struct nfp_err *err;
};

/* ---- comments ---- */

/* "nfprobe @word {..}"; NULL: it is not JSON. */
static json_t *object_of(const struct nfp_pcapng_option *option, const char *word)
{
	size_t len;
	const char *text = comment_rest(option, word, &len);

	return text ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
}

/* Takes @object. */
static void put_object(struct copy *copy, const char *word, json_t *object)
{
	char *json = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
	char *text = nfp_asprintf("nfprobe %s %s", word, json);

	nfp_pcapng_text(&copy->out, NFP_PCAPNG_COMMENT, text);
	free(text);
	free(json);
	json_decref(object);
}

static void put_file(struct copy *copy, json_t *file)
{
	static const char *const keys[] = {"path", "read", "write", "link"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const json_t *value = json_object_get(file, keys[i]);
		char text[4096], *other;

		if (!value || nfp_json_unescape(value, text, sizeof(text)) < 0) {
			json_object_del(file, keys[i]);
			continue;
		}
		other = anonymous_text(&copy->anonymous, text, SEPARATORS);
		json_object_set_new(file, keys[i], nfp_json_escape(other));
		free(other);
	}
	put_object(copy, "sysfs", file);
}

/* Marks are read and written as usual; their addresses are the only thing in them to replace. */
static bool put_mark(struct copy *copy, const struct nfp_pcapng_option *option)
{
	struct comment comment;
	struct nfp_runner_config *config = &comment.config;
	struct nfp_mac *const macs[] = {&comment.address,	&config->address,
					&config->address_first, &config->unregistered_mac,
					&config->group,		&config->unjoined};
	char text[COMMENT_LEN];

	comment_read(option, &comment);
	if (comment.what == COMMENT_NONE || comment.what == COMMENT_DAMAGED)
		return false;
	for (size_t i = 0; i < sizeof(macs) / sizeof(macs[0]); i++)
		*macs[i] = anonymous_mac(&copy->anonymous, macs[i]);
	comment_write(&comment, text);
	nfp_pcapng_text(&copy->out, NFP_PCAPNG_COMMENT, text);
	return true;
}

/* The facts of the run are written once, where they begin. Other comments are left out. */
static void put_comment(struct copy *copy, const struct nfp_pcapng_option *option)
{
	json_t *object;
	const char *rest;
	size_t len;

	if (put_mark(copy, option))
		return;
	if ((object = object_of(option, "sysfs")) != NULL) {
		put_file(copy, object);
	} else if ((object = object_of(option, "round")) != NULL) {
		anonymous_facts(&copy->anonymous, object);
		put_object(copy, "round", object);
	} else if ((rest = comment_rest(option, "change", &len)) != NULL) {
		char *command = nfp_asprintf("%.*s", (int)len, rest);
		char *other = anonymous_text(&copy->anonymous, command, SEPARATORS);
		char *text = nfp_asprintf("nfprobe change %s", other);

		nfp_pcapng_text(&copy->out, NFP_PCAPNG_COMMENT, text);
		free(text);
		free(other);
		free(command);
	} else if (comment_rest(option, "omitted", &len)) {
		nfp_pcapng_bytes(&copy->out, option->code, option->value, option->len);
	} else if (!copy->facts_written &&
		   (comment_rest(option, "facts", &len) || comment_rest(option, "facts+", &len))) {
		object = facts_object(&copy->result, &copy->facts.id);
		anonymous_facts(&copy->anonymous, object);
		facts_write(&copy->out, object);
		copy->facts_written = true;
	}
}

/* ---- frames ---- */

/* The test frame at @at. False: it is none of this run. */
static bool put_test_frame(struct copy *copy, uint8_t *at, size_t len)
{
	struct nfp_frame frame;
	uint8_t built[NFP_FRAME_LEN_MAX];
	size_t built_len;

	if (nfp_frame_parse(&copy->facts.id, at, len, &frame) != NFP_FRAME_OURS)
		return false;
	frame.dst = anonymous_mac(&copy->anonymous, &frame.dst);
	frame.src = anonymous_mac(&copy->anonymous, &frame.src);
	built_len = nfp_frame_build(&copy->facts.id, &frame, built);
	memset(at, 0, len);
	memcpy(at, built, built_len < len ? built_len : len);
	return true;
}

static bool put_arp(struct copy *copy, uint8_t *data, size_t len)
{
	struct anonymous *a = &copy->anonymous;
	uint8_t built[NFP_ARP_LEN_MAX];
	struct nfp_arp arp;
	size_t built_len;

	if (!nfp_arp_parse(data, len, &arp))
		return false;
	arp.dst = anonymous_mac(a, &arp.dst);
	arp.src = anonymous_mac(a, &arp.src);
	arp.sha = anonymous_mac(a, &arp.sha);
	arp.tha = anonymous_mac(a, &arp.tha);
	arp.spa = anonymous_ipv4(a, &arp.spa);
	arp.tpa = anonymous_ipv4(a, &arp.tpa);
	built_len = nfp_arp_build(&arp, built);
	memset(data, 0, len);
	memcpy(data, built, built_len < len ? built_len : len);
	return true;
}

/* @room: an advertisement without an option gets one. Returns the new length, 0: it is none. */
static size_t put_nd(struct copy *copy, uint8_t *data, size_t len)
{
	struct anonymous *a = &copy->anonymous;
	struct nfp_nd nd;

	if (!nfp_nd_parse(data, len, &nd))
		return 0;
	nd.dst = anonymous_mac(a, &nd.dst);
	nd.src = anonymous_mac(a, &nd.src);
	nd.target = anonymous_ipv6(a, &nd.target);
	memset(data, 0, len);
	return nfp_nd_build(&nd, data);
}

/* Only the header of a frame that --read does not know stays. */
static void put_header(struct copy *copy, uint8_t *data, size_t len)
{
	size_t keep = ADDRESSES_LEN + 2;

	for (size_t i = 0; i < 2 && len >= ADDRESSES_LEN; i++) {
		struct nfp_mac mac;

		memcpy(mac.b, data + i * NFP_MAC_LEN, NFP_MAC_LEN);
		mac = anonymous_mac(&copy->anonymous, &mac);
		memcpy(data + i * NFP_MAC_LEN, mac.b, NFP_MAC_LEN);
	}
	if (len < ADDRESSES_LEN)
		keep = 0;
	else if (len >= keep &&
		 ((data[12] == 0x81 && data[13] == 0) || (data[12] == 0x88 && data[13] == 0xa8)))
		keep += TAG_LEN;
	if (len > keep)
		memset(data + keep, 0, len - keep);
}

/* To a reflector: its own tag is zeroed, since its key is another's; that of the frame is new. */
static bool put_carried(struct copy *copy, uint8_t *data, size_t len)
{
	size_t inner = carried_at(data, len);
	uint8_t frame[NFP_PEER_INNER_LEN], magic[4];

	if (!inner)
		return false;
	memcpy(frame, data + inner, sizeof(frame));
	memcpy(magic, data + inner - NFP_PEER_HEADER, sizeof(magic));
	if (!put_test_frame(copy, frame, sizeof(frame)))
		return false;
	put_header(copy, data, len);
	memcpy(data + inner - NFP_PEER_HEADER, magic, sizeof(magic));
	memcpy(data + inner, frame, sizeof(frame));
	return true;
}

/* ---- blocks ---- */

/* Replaces block->data, which the caller frees. */
static void put_data(struct copy *copy, struct nfp_pcapng_block *block)
{
	size_t len = block->len, built;
	uint8_t *data = nfp_malloc(len + NFP_ND_LEN_MAX);

	memcpy(data, block->data, len);
	block->data = data;
	if (copy->is_netlink[block->interface]) {
		if (len < NFP_PCAPNG_NETLINK_HEAD)
			memset(data, 0, len);
		else
			anonymous_netlink(&copy->anonymous, data[14] << 8 | data[15],
					  data + NFP_PCAPNG_NETLINK_HEAD,
					  len - NFP_PCAPNG_NETLINK_HEAD);
		return;
	}
	if (put_test_frame(copy, data, len) || put_carried(copy, data, len) ||
	    put_arp(copy, data, len))
		return;
	built = put_nd(copy, data, len);
	if (built > len)
		block->len = (uint32_t)built;
	if (!built)
		put_header(copy, data, len);
}

static bool is_role(const struct nfp_pcapng_option *option)
{
	size_t len;

	for (size_t i = 0; i < ROLE_COUNT; i++) {
		if (comment_rest(option, role_words[i], &len))
			return true;
	}
	return false;
}

static void put_option(struct copy *copy, const struct nfp_pcapng_block *block,
		       const struct nfp_pcapng_option *option)
{
	struct nfp_pcapng_buf *out = &copy->out;
	bool keep = false;

	if (option->code == NFP_PCAPNG_COMMENT) {
		put_comment(copy, option);
	} else if (block->type == NFP_PCAPNG_SECTION) {
		if (option->code == NFP_PCAPNG_SECTION_HARDWARE)
			nfp_pcapng_text(out, option->code, "host");
		keep = option->code == NFP_PCAPNG_SECTION_OS ||
		       option->code == NFP_PCAPNG_SECTION_APPL;
	} else if (block->type == NFP_PCAPNG_INTERFACE) {
		char name[NFP_IFNAMSIZ], other[NFP_IFNAMSIZ];
		struct nfp_mac mac;

		if (option->code == NFP_PCAPNG_IF_NAME) {
			snprintf(name, sizeof(name), "%.*s", (int)option->len,
				 (const char *)option->value);
			nfp_pcapng_text(out, option->code,
					block->link_type == NFP_PCAPNG_LINK_NETLINK
						? "netlink"
						: anonymous_name(&copy->anonymous, name, other));
		} else if (option->code == NFP_PCAPNG_IF_MAC && option->len == NFP_MAC_LEN) {
			memcpy(mac.b, option->value, NFP_MAC_LEN);
			mac = anonymous_mac(&copy->anonymous, &mac);
			nfp_pcapng_bytes(out, option->code, mac.b, NFP_MAC_LEN);
		}
		keep = (option->code == NFP_PCAPNG_IF_DESCRIPTION && is_role(option)) ||
		       option->code == NFP_PCAPNG_IF_TSRESOL || option->code == NFP_PCAPNG_IF_OS;
	} else if (block->type == NFP_PCAPNG_PACKET) {
		keep = option->code == NFP_PCAPNG_PACKET_FLAGS ||
		       option->code == NFP_PCAPNG_PACKET_ID;
	} else {
		keep = option->code >= NFP_PCAPNG_STATS_START &&
		       option->code <= NFP_PCAPNG_STATS_RECEIVED;
	}
	if (keep) /* numbers, and constants of nfprobe and the kernel */
		nfp_pcapng_bytes(out, option->code, option->value, option->len);
}

static int put_block(struct copy *copy, struct nfp_pcapng_block *block)
{
	const bool is_packet = block->type == NFP_PCAPNG_PACKET;
	struct nfp_pcapng_option option;
	size_t at = 0;

	if (block->big)
		return nfp_pcapng_bad(&copy->reader, copy->err,
				      "its numbers are big-endian, and cannot be rewritten");
	if (block->type != NFP_PCAPNG_SECTION && block->type != NFP_PCAPNG_INTERFACE &&
	    block->type != NFP_PCAPNG_STATS && !is_packet)
		return 0;
	if (block->type == NFP_PCAPNG_INTERFACE) {
		copy->is_netlink = nfp_reallocarray(copy->is_netlink, copy->num_interfaces + 1,
						    sizeof(*copy->is_netlink));
		copy->is_netlink[copy->num_interfaces++] = block->link_type ==
							   NFP_PCAPNG_LINK_NETLINK;
	} else if (is_packet) {
		if (block->interface >= copy->num_interfaces)
			return nfp_pcapng_bad(&copy->reader, copy->err, "a packet of no interface");
		put_data(copy, block);
	}
	nfp_pcapng_begin(&copy->out, block);
	if (is_packet)
		free((void *)block->data);
	while (nfp_pcapng_option(block, &at, &option))
		put_option(copy, block, &option);
	nfp_pcapng_end(&copy->out);
	return 0;
}

/* All blocks, to @file (NULL: nowhere, to learn the names first). */
static int put_blocks(struct copy *copy, struct nfp_outfile *file)
{
	struct nfp_pcapng_block block;
	int ret = nfp_pcapng_rewind(&copy->reader, copy->err);

	copy->num_interfaces = 0;
	copy->facts_written = false;
	while (ret == 0 && (ret = nfp_pcapng_next(&copy->reader, &block, copy->err)) > 0) {
		ret = put_block(copy, &block);
		if (ret == 0 && file)
			ret = nfp_outfile_add(file, copy->out.data, copy->out.len);
		copy->out.len = 0;
	}
	return ret;
}

int nfp_recording_anonymize(FILE *in, const char *name, const char *path, struct nfp_err *err)
{
	struct nfp_err why = {0};
	struct copy copy = {.reader = {.in = in}, .err = &why};
	struct nfp_outfile *file = NULL;
	int ret = nfp_pcapng_rewind(&copy.reader, &why);

	nfp_result_init(&copy.result);
	ret = ret ?: facts_read(&copy.reader, &copy.result, &copy.facts, &why);
	ret = ret ?: put_blocks(&copy, NULL);
	if (ret)
		ret = nfp_err_set(err, ret, why.code, "cannot read %s: %s", name, why.message);
	else
		ret = nfp_outfile_open(path, &file, err);
	if (!ret) {
		ret = put_blocks(&copy, file);
		if (ret)
			nfp_err_errno(err, ret, NFP_E_OUTPUT, "cannot write %s", path);
	}
	if (ret && file)
		nfp_outfile_discard(file);
	else if (file)
		ret = nfp_outfile_commit(file, err);
	json_decref(copy.facts.rounds);
	nfp_result_fini(&copy.result);
	anonymous_fini(&copy.anonymous);
	free(copy.is_netlink);
	free(copy.out.data);
	free(copy.reader.data);
	return ret;
}
