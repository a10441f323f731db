/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record_priv.h - blocks of pcapng files. */
#ifndef NFPROBE_RECORD_RECORD_PRIV_H
#define NFPROBE_RECORD_RECORD_PRIV_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "nfprobe/fields.h"
#include "nfprobe/probe.h"
#include "nfprobe/result.h"
#include "nfprobe/sources.h"
#include "nfprobe/traffic.h"

/*
 * pcapng: blocks, formatted.
 *
 * The format is draft-ietf-opsawg-pcapng (and https://pcapng.com): every block is
 *
 *   0   4  type           8        body, padded to 32 bits; options (code, length, value) end it
 *   4   4  total length   length-4 4  the total length again
 *
 * in the byte order of the section header's magic; we write little-endian. An option has 16 bits of
 * code, 16 bits of length, and a value padded to 32 bits.
 */

enum nfp_pcapng_type {
	NFP_PCAPNG_SECTION = 0x0a0d0d0a,
	NFP_PCAPNG_INTERFACE = 1,
	NFP_PCAPNG_STATS = 5,
	NFP_PCAPNG_PACKET = 6, /* an enhanced packet block */
};

/* Codes of options; some belong to one type of block. */
enum nfp_pcapng_code {
	NFP_PCAPNG_END = 0,
	NFP_PCAPNG_COMMENT = 1, /* UTF-8; any number, in any block */
	NFP_PCAPNG_SECTION_HARDWARE = 2,
	NFP_PCAPNG_SECTION_OS = 3,
	NFP_PCAPNG_SECTION_APPL = 4,
	NFP_PCAPNG_IF_NAME = 2,
	NFP_PCAPNG_IF_DESCRIPTION = 3,
	NFP_PCAPNG_IF_MAC = 6,	   /* 6 bytes */
	NFP_PCAPNG_IF_TSRESOL = 9, /* 1 byte: a power of ten, 9 for nanoseconds */
	NFP_PCAPNG_IF_FILTER = 11, /* 1 byte 0, then the text of a libpcap filter */
	NFP_PCAPNG_IF_OS = 12,
	NFP_PCAPNG_PACKET_FLAGS = 2, /* 32 bits: 1 inbound, 2 outbound */
	NFP_PCAPNG_PACKET_ID = 5,    /* 64 bits: the same for a packet at all interfaces */
	NFP_PCAPNG_STATS_START = 2,  /* a time, high 32 bits first */
	NFP_PCAPNG_STATS_END = 3,
	NFP_PCAPNG_STATS_RECEIVED = 4, /* 64 bits */
};

#define NFP_PCAPNG_LINK_ETHERNET 1U
#define NFP_PCAPNG_LINK_NETLINK	 253U /* each packet begins with nfp_pcapng_netlink_head */
#define NFP_PCAPNG_NETLINK_HEAD	 16U
#define NFP_PCAPNG_INBOUND	 1U
#define NFP_PCAPNG_OUTBOUND	 2U
#define NFP_PCAPNG_OPTION_MAX	 65535U

/* The fixed fields of a block; those that its type does not have are 0. */
struct nfp_pcapng_block {
	uint32_t type;	     /* enum nfp_pcapng_type; others are skipped by their length */
	uint16_t link_type;  /* INTERFACE */
	uint32_t snaplen;    /* INTERFACE; 0: no limit */
	uint32_t interface;  /* PACKET, STATS: counted from 0 in the order of the blocks */
	uint64_t time;	     /* PACKET, STATS: in units of its interface, since 1970 */
	const uint8_t *data; /* PACKET, borrowed: the bytes that were captured */
	uint32_t len;
};

/* Grows; the owner frees data. All zero is empty. */
struct nfp_pcapng_buf {
	uint8_t *data;
	size_t len, room;
	size_t start; /* of the block that is open */
};

/* Begins a block with its head and fixed fields. Its options follow, then nfp_pcapng_end. */
void nfp_pcapng_begin(struct nfp_pcapng_buf *buf, const struct nfp_pcapng_block *block);
void nfp_pcapng_bytes(struct nfp_pcapng_buf *buf, uint16_t code, const void *value, size_t len);
/* Truncated at NFP_PCAPNG_OPTION_MAX; an empty text is left out. */
void nfp_pcapng_text(struct nfp_pcapng_buf *buf, uint16_t code, const char *text);
/* A number of @size bytes. */
void nfp_pcapng_number(struct nfp_pcapng_buf *buf, uint16_t code, uint64_t value, size_t size);
void nfp_pcapng_end(struct nfp_pcapng_buf *buf);

/*
 * The cooked header before a netlink message or datagram (LINKTYPE_NETLINK of pcap-linktype(7), in
 * network byte order): 0: to us, or 4: by us; ARPHRD_NETLINK; ten unused bytes; @family,
 * NETLINK_ROUTE, say. The payload is in the byte order of the host.
 */
void nfp_pcapng_netlink_head(uint16_t family, bool sent, uint8_t ret_head[NFP_PCAPNG_NETLINK_HEAD]);

/* The roles of interfaces. */
enum role {
	ROLE_SENDER,
	ROLE_PF,
	ROLE_VF,
	ROLE_KERNEL, /* its packets are netlink messages, and count for no verdict */
	ROLE_COUNT,
};
struct interface {
	enum role role;
	char name[NFP_IFNAMSIZ];
	struct nfp_mac mac;
	uint64_t packets;
};

#define INTERFACE_MAX 1024U

#endif
