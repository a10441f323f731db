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
