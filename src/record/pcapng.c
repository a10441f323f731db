// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_priv.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <linux/if_arp.h>
#include <linux/if_packet.h>

#define MAGIC	    0x1a2b3c4dU
#define BLOCK_MAX   (16U << 20) /* as Wireshark has it */
#define FIRST_ROOM  4096U
#define HEAD	    8U /* type and total length */
#define TAIL	    4U /* the length again */
#define OPTION_HEAD 4U

static size_t padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

/* ---- writing ---- */

static void put_padded(struct nfp_pcapng_buf *buf, const void *data, size_t len)
{
	while (buf->room - buf->len < padded(len)) {
		buf->room = buf->room ? 2 * buf->room : FIRST_ROOM;
		buf->data = nfp_reallocarray(buf->data, buf->room, 1);
	}
	memset(buf->data + buf->len, 0, padded(len));
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += padded(len);
}

static void put32(struct nfp_pcapng_buf *buf, uint32_t value)
{
	uint32_t little = htole32(value);

	put_padded(buf, &little, sizeof(little));
}

void nfp_pcapng_begin(struct nfp_pcapng_buf *buf, const struct nfp_pcapng_block *block)
{
	buf->start = buf->len;
	put32(buf, block->type);
	put32(buf, 0); /* the length, filled in by nfp_pcapng_end */
	switch (block->type) {
	case NFP_PCAPNG_SECTION:
		put32(buf, MAGIC);
		put32(buf, 1); /* version 1.0 */
		/* -1: the length of the section is unknown */
		put32(buf, UINT32_MAX);
		put32(buf, UINT32_MAX);
		break;
	case NFP_PCAPNG_INTERFACE:
		put32(buf, block->link_type); /* 16 bits, and 16 reserved bits */
		put32(buf, block->snaplen);
		break;
	default: /* PACKET, STATS */
		put32(buf, block->interface);
		put32(buf, (uint32_t)(block->time >> 32));
		put32(buf, (uint32_t)block->time);
		break;
	}
	if (block->type == NFP_PCAPNG_PACKET) {
		put32(buf, block->len);
		put32(buf, block->len); /* the length on the wire: nothing was cut off */
		put_padded(buf, block->data, block->len);
	}
}

void nfp_pcapng_bytes(struct nfp_pcapng_buf *buf, uint16_t code, const void *value, size_t len)
{
	put32(buf, (uint32_t)len << 16 | code);
	put_padded(buf, value, len);
}

void nfp_pcapng_text(struct nfp_pcapng_buf *buf, uint16_t code, const char *text)
{
	size_t len = strnlen(text, NFP_PCAPNG_OPTION_MAX);

	if (len)
		nfp_pcapng_bytes(buf, code, text, len);
}

void nfp_pcapng_number(struct nfp_pcapng_buf *buf, uint16_t code, uint64_t value, size_t size)
{
	uint64_t little = htole64(value);

	nfp_pcapng_bytes(buf, code, &little, size);
}

void nfp_pcapng_end(struct nfp_pcapng_buf *buf)
{
	uint32_t len;

	put32(buf, NFP_PCAPNG_END);
	len = htole32((uint32_t)(buf->len - buf->start + TAIL));
	put_padded(buf, &len, sizeof(len));
	memcpy(buf->data + buf->start + 4, &len, sizeof(len));
}

void nfp_pcapng_netlink_head(uint16_t family, bool sent, uint8_t ret_head[NFP_PCAPNG_NETLINK_HEAD])
{
	const uint16_t fields[] = {htobe16(sent ? PACKET_OUTGOING : PACKET_HOST),
				   htobe16(ARPHRD_NETLINK)};
	const uint16_t network = htobe16(family);

	memset(ret_head, 0, NFP_PCAPNG_NETLINK_HEAD);
	memcpy(ret_head, fields, sizeof(fields));
	memcpy(ret_head + NFP_PCAPNG_NETLINK_HEAD - sizeof(network), &network, sizeof(network));
}

/* ---- reading ---- */

static uint64_t get_uint(const uint8_t *at, size_t size, bool big)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)at[i] << 8 * (big ? size - 1 - i : i);
	return value;
}

int nfp_pcapng_bad(const struct nfp_pcapng_reader *reader, struct nfp_err *err, const char *fmt,
		   ...)
{
	char text[NFP_ERR_MSGLEN / 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return nfp_err_set(err, -EBADMSG, NFP_E_INPUT, "block %" PRIu64 ": %s", reader->number,
			   text);
}

/* False if its lengths are inconsistent. */
static bool parse_block(const uint8_t *data, size_t len, bool big, struct nfp_pcapng_block *block)
{
	const uint8_t *at = data + HEAD;
	size_t room = len - HEAD - TAIL, fixed;

	*block = (struct nfp_pcapng_block) {
		.type = (uint32_t)get_uint(data, 4, big), .options = data, .big = big};
	fixed = block->type == NFP_PCAPNG_SECTION     ? 16
		: block->type == NFP_PCAPNG_INTERFACE ? 8
		: block->type == NFP_PCAPNG_PACKET    ? 20
		: block->type == NFP_PCAPNG_STATS     ? 12
						      : 0;
	if (get_uint(data + len - TAIL, 4, big) != len || room < fixed)
		return false;
	if (!fixed) /* a type that we do not know */
		return true;
	if (block->type == NFP_PCAPNG_INTERFACE) {
		block->link_type = (uint16_t)get_uint(at, 2, big);
	} else if (block->type != NFP_PCAPNG_SECTION) {
		block->interface = (uint32_t)get_uint(at, 4, big);
		block->time = get_uint(at + 4, 4, big) << 32 | get_uint(at + 8, 4, big);
	}
	if (block->type == NFP_PCAPNG_PACKET) {
		block->len = (uint32_t)get_uint(at + 12, 4, big);
		block->data = at + fixed;
		if (block->len > room - fixed || padded(block->len) > room - fixed)
			return false;
		fixed += padded(block->len);
	}
	block->options = at + fixed;
	block->options_len = room - fixed;
	return true;
}

int nfp_pcapng_next(struct nfp_pcapng_reader *reader, struct nfp_pcapng_block *ret_block,
		    struct nfp_err *err)
{
	uint8_t head[HEAD + 4]; /* and a section's magic, or the tail of an empty block */
	size_t len = sizeof(head), got = fread(head, 1, len, reader->in);
	bool good = true;

	reader->number++;
	if (got == 0 && !ferror(reader->in))
		return 0;
	if (got == len) {
		/* The type of a section is the same in both byte orders. */
		if (get_uint(head, 4, false) == NFP_PCAPNG_SECTION) {
			reader->big = get_uint(head + HEAD, 4, true) == MAGIC;
			good = get_uint(head + HEAD, 4, reader->big) == MAGIC;
		}
		len = get_uint(head + 4, 4, reader->big);
		good = good && len >= HEAD + TAIL && len % 4 == 0 && len <= BLOCK_MAX;
	}
	if (good && got == sizeof(head)) {
		reader->data = nfp_reallocarray(reader->data, len, 1);
		memcpy(reader->data, head, got);
		got += fread(reader->data + got, 1, len - got, reader->in);
	}
	if (ferror(reader->in))
		return nfp_err_errno(err, -EIO, NFP_E_INPUT, "block %" PRIu64, reader->number);
	if (reader->number == 1 && (!good || got < len))
		return nfp_err_set(err, -EBADMSG, NFP_E_INPUT, "it is not a pcapng file");
	if (!good)
		return nfp_pcapng_bad(reader, err, "not a block of a pcapng file");
	if (got < len)
		return nfp_pcapng_bad(reader, err, "the file ends in the middle of it");
	if (!parse_block(reader->data, len, reader->big, ret_block))
		return nfp_pcapng_bad(reader, err, "its lengths contradict each other");
	return 1;
}

int nfp_pcapng_rewind(struct nfp_pcapng_reader *reader, struct nfp_err *err)
{
	if (fseek(reader->in, 0, SEEK_SET) < 0)
		return nfp_err_errno(err, -errno, NFP_E_INPUT, "it is read twice");
	reader->number = 0;
	reader->big = false;
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
	option.code = (uint16_t)get_uint(head, 2, block->big);
	option.len = (uint16_t)get_uint(head + 2, 2, block->big);
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
	return option->len == 8 ? get_uint(option->value, 8, block->big) : 0;
}
