// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcapng.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC	    0x1a2b3c4dU
#define FIRST_ROOM  4096U
#define HEAD	    8U /* type and total length */
#define TAIL	    4U /* the length again */
#define OPTION_HEAD 4U

/* Lengths of the fixed fields behind the head. */
#define SECTION_FIXED	16U
#define INTERFACE_FIXED 8U
#define PACKET_FIXED	20U
#define STATS_FIXED	12U

static size_t padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

/* ---- writing ---- */

static void put(struct nfp_pcapng_buf *buf, const void *data, size_t len)
{
	while (buf->room - buf->len < len) {
		buf->room = buf->room ? 2 * buf->room : FIRST_ROOM;
		buf->data = nfp_reallocarray(buf->data, buf->room, 1);
	}
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

static void put_padded(struct nfp_pcapng_buf *buf, const void *data, size_t len)
{
	static const uint8_t zero[3];

	put(buf, data, len);
	put(buf, zero, padded(len) - len);
}

static void put16(struct nfp_pcapng_buf *buf, uint16_t value)
{
	const uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};

	put(buf, bytes, sizeof(bytes));
}

static void store32(uint8_t bytes[4], uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

static void put32(struct nfp_pcapng_buf *buf, uint32_t value)
{
	uint8_t bytes[4];

	store32(bytes, value);
	put(buf, bytes, sizeof(bytes));
}

static void put_time(struct nfp_pcapng_buf *buf, uint64_t time)
{
	put32(buf, (uint32_t)(time >> 32));
	put32(buf, (uint32_t)time);
}

static void put_section(struct nfp_pcapng_buf *buf)
{
	put32(buf, MAGIC);
	put16(buf, 1); /* version 1.0 */
	put16(buf, 0);
	/* -1: the length of the section is not known */
	put32(buf, UINT32_MAX);
	put32(buf, UINT32_MAX);
}

static void put_packet(struct nfp_pcapng_buf *buf, const struct nfp_pcapng_block *block)
{
	put32(buf, block->interface);
	put_time(buf, block->time);
	put32(buf, block->len);
	put32(buf, block->wire_len);
	put_padded(buf, block->data, block->len);
}

void nfp_pcapng_begin(struct nfp_pcapng_buf *buf, const struct nfp_pcapng_block *block)
{
	buf->start = buf->len;
	put32(buf, block->type);
	put32(buf, 0);
	switch (block->type) {
	case NFP_PCAPNG_SECTION:
		put_section(buf);
		break;
	case NFP_PCAPNG_INTERFACE:
		put16(buf, block->link_type);
		put16(buf, 0);
		put32(buf, block->snaplen);
		break;
	case NFP_PCAPNG_PACKET:
		put_packet(buf, block);
		break;
	case NFP_PCAPNG_STATS:
		put32(buf, block->interface);
		put_time(buf, block->time);
		break;
	default:
		break;
	}
}

void nfp_pcapng_bytes(struct nfp_pcapng_buf *buf, uint16_t code, const void *value, size_t len)
{
	put16(buf, code);
	put16(buf, (uint16_t)len);
	put_padded(buf, value, len);
}

void nfp_pcapng_text(struct nfp_pcapng_buf *buf, uint16_t code, const char *text)
{
	size_t len = strnlen(text, NFP_PCAPNG_OPTION_MAX);

	if (len)
		nfp_pcapng_bytes(buf, code, text, len);
}

void nfp_pcapng_u32(struct nfp_pcapng_buf *buf, uint16_t code, uint32_t value)
{
	uint8_t bytes[4];

	store32(bytes, value);
	nfp_pcapng_bytes(buf, code, bytes, sizeof(bytes));
}

void nfp_pcapng_u64(struct nfp_pcapng_buf *buf, uint16_t code, uint64_t value)
{
	uint8_t bytes[8];

	store32(bytes, (uint32_t)value);
	store32(bytes + 4, (uint32_t)(value >> 32));
	nfp_pcapng_bytes(buf, code, bytes, sizeof(bytes));
}

void nfp_pcapng_time(struct nfp_pcapng_buf *buf, uint16_t code, uint64_t value)
{
	nfp_pcapng_u64(buf, code, value << 32 | value >> 32);
}

void nfp_pcapng_end(struct nfp_pcapng_buf *buf)
{
	uint32_t len;

	put32(buf, NFP_PCAPNG_END);
	len = (uint32_t)(buf->len - buf->start + TAIL);
	put32(buf, len);
	store32(buf->data + buf->start + 4, len);
}

/* ---- reading ---- */

static uint16_t get16(const uint8_t *at, bool big)
{
	return (uint16_t)(big ? at[0] << 8 | at[1] : at[1] << 8 | at[0]);
}

static uint32_t get32(const uint8_t *at, bool big)
{
	uint32_t high = get16(big ? at : at + 2, big), low = get16(big ? at + 2 : at, big);

	return high << 16 | low;
}

static uint64_t get_time(const uint8_t *at, bool big)
{
	return (uint64_t)get32(at, big) << 32 | get32(at + 4, big);
}

size_t nfp_pcapng_length(const uint8_t head[NFP_PCAPNG_HEAD_LEN], bool *big)
{
	uint32_t len;

	/* The type of a section header reads the same in both orders. */
	if (get32(head, false) == NFP_PCAPNG_SECTION) {
		if (get32(head + 8, false) != MAGIC && get32(head + 8, true) != MAGIC)
			return 0;
		*big = get32(head + 8, true) == MAGIC;
	}
	len = get32(head + 4, *big);
	if (len < HEAD + TAIL || len % 4 != 0 || len > NFP_PCAPNG_BLOCK_MAX)
		return 0;
	return len;
}

/* The length of the fixed fields; UINT32_MAX for a type that is not known. */
static uint32_t fixed_len(uint32_t type)
{
	switch (type) {
	case NFP_PCAPNG_SECTION:
		return SECTION_FIXED;
	case NFP_PCAPNG_INTERFACE:
		return INTERFACE_FIXED;
	case NFP_PCAPNG_PACKET:
		return PACKET_FIXED;
	case NFP_PCAPNG_STATS:
		return STATS_FIXED;
	default:
		return UINT32_MAX;
	}
}

/* @at: the fixed fields, with @room bytes from there on. Returns where the options begin. */
static size_t read_fixed(const uint8_t *at, size_t room, struct nfp_pcapng_block *block)
{
	uint32_t fixed = fixed_len(block->type);

	if (block->type == NFP_PCAPNG_INTERFACE) {
		block->link_type = get16(at, block->big);
		block->snaplen = get32(at + 4, block->big);
	} else if (block->type != NFP_PCAPNG_SECTION) {
		block->interface = get32(at, block->big);
		block->time = get_time(at + 4, block->big);
	}
	if (block->type != NFP_PCAPNG_PACKET)
		return fixed;
	block->len = get32(at + 12, block->big);
	block->wire_len = get32(at + 16, block->big);
	block->data = at + fixed;
	if (block->len > room - fixed || padded(block->len) > room - fixed)
		return SIZE_MAX;
	return fixed + padded(block->len);
}

int nfp_pcapng_parse(const uint8_t *data, size_t len, bool big, struct nfp_pcapng_block *ret_block)
{
	struct nfp_pcapng_block block = {.options = data, .big = big};
	size_t room, options;

	if (len < HEAD + TAIL || get32(data + 4, big) != len ||
	    get32(data + len - TAIL, big) != len)
		return -EBADMSG;
	block.type = get32(data, big);
	room = len - HEAD - TAIL;
	if (fixed_len(block.type) != UINT32_MAX) {
		if (room < fixed_len(block.type))
			return -EBADMSG;
		options = read_fixed(data + HEAD, room, &block);
		if (options > room)
			return -EBADMSG;
		block.options = data + HEAD + options;
		block.options_len = room - options;
	}
	*ret_block = block;
	return 0;
}

bool nfp_pcapng_option(const struct nfp_pcapng_block *block, size_t *at,
		       struct nfp_pcapng_option *ret_option)
{
	size_t left = block->options_len - *at;
	const uint8_t *head = block->options + *at;
	struct nfp_pcapng_option option;

	if (left < OPTION_HEAD)
		return false;
	option.code = get16(head, block->big);
	option.len = get16(head + 2, block->big);
	option.value = head + OPTION_HEAD;
	if (option.code == NFP_PCAPNG_END || padded(option.len) > left - OPTION_HEAD)
		return false;
	*at += OPTION_HEAD + padded(option.len);
	*ret_option = option;
	return true;
}

uint64_t nfp_pcapng_option_u64(const struct nfp_pcapng_block *block,
			       const struct nfp_pcapng_option *option)
{
	const uint8_t *at = option->value;
	uint32_t first, second;

	if (option->len != 8)
		return 0;
	first = get32(at, block->big);
	second = get32(at + 4, block->big);
	return block->big ? (uint64_t)first << 32 | second : (uint64_t)second << 32 | first;
}

/* ---- the blocks of a file ---- */

int blocks_bad(const struct blocks *blocks, struct nfp_err *err, const char *fmt, ...)
{
	char text[NFP_ERR_MSGLEN / 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return nfp_err_set(err, -EBADMSG, NFP_E_INPUT, "block %" PRIu64 ": %s", blocks->number,
			   text);
}

static int no_pcapng(struct nfp_err *err)
{
	return nfp_err_set(err, -EBADMSG, NFP_E_INPUT, "it is no pcapng file");
}

static int broken_off(const struct blocks *blocks, struct nfp_err *err)
{
	if (ferror(blocks->in))
		return nfp_err_errno(err, -EIO, NFP_E_INPUT, "block %" PRIu64, blocks->number);
	if (blocks->number == 1)
		return no_pcapng(err);
	return blocks_bad(blocks, err, "the file ends in the middle of it");
}

int blocks_next(struct blocks *blocks, struct nfp_pcapng_block *ret_block, struct nfp_err *err)
{
	uint8_t head[NFP_PCAPNG_HEAD_LEN];
	size_t got = fread(head, 1, sizeof(head), blocks->in), len;

	blocks->number++;
	if (got == 0 && !ferror(blocks->in))
		return 0;
	if (got < sizeof(head))
		return broken_off(blocks, err);
	len = nfp_pcapng_length(head, &blocks->big);
	if (!len && blocks->number == 1)
		return no_pcapng(err);
	if (!len)
		return blocks_bad(blocks, err, "no block of a pcapng file");
	if (len > blocks->room) {
		blocks->data = nfp_reallocarray(blocks->data, len, 1);
		blocks->room = len;
	}
	memcpy(blocks->data, head, sizeof(head));
	if (fread(blocks->data + sizeof(head), 1, len - sizeof(head), blocks->in) !=
	    len - sizeof(head))
		return broken_off(blocks, err);
	if (nfp_pcapng_parse(blocks->data, len, blocks->big, ret_block))
		return blocks_bad(blocks, err, "its lengths do not fit into each other");
	return 1;
}

int blocks_rewind(struct blocks *blocks, struct nfp_err *err)
{
	if (fseek(blocks->in, 0, SEEK_SET) < 0)
		return nfp_err_errno(err, -errno, NFP_E_INPUT, "it is read twice");
	blocks->number = 0;
	blocks->big = false;
	return 0;
}
