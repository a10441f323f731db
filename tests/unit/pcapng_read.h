/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pcapng_read.h - the blocks of a pcapng file that this host's nfprobe wrote. */
#ifndef TESTS_PCAPNG_READ_H
#define TESTS_PCAPNG_READ_H

#include "harness.h"

enum {
	PCAPNG_SECTION = 0x0a0d0d0a,
	PCAPNG_INTERFACE = 1,
	PCAPNG_STATS = 5,
	PCAPNG_PACKET = 6,
	PCAPNG_END = 0, /* options */
	PCAPNG_COMMENT = 1,
	PCAPNG_LINK_ETHERNET = 1,
};

struct pcapng_block {
	struct pcapng_fixed {
		uint32_t type, interface, len;
		uint16_t link_type;
		uint64_t time;
		const uint8_t *data;
	} fixed;
	const uint8_t *options;
	size_t options_len;
};

struct pcapng_option {
	uint16_t code, len;
	const uint8_t *value;
};

static inline uint32_t pcapng_u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static inline uint16_t pcapng_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

/* Reads the block at @at of @len bytes, whose length is right at both ends. Returns its size. */
static inline size_t pcapng_next(const uint8_t *at, size_t len, struct pcapng_block *ret_block)
{
	struct pcapng_fixed *fixed = &ret_block->fixed;
	uint32_t size, head = 8;

	assert_true(len >= 12);
	size = pcapng_u32(at + 4);
	assert_in_range(size, 12, len);
	assert_int_equal(pcapng_u32(at + size - 4), size);
	*ret_block = (struct pcapng_block) {.fixed = {.type = pcapng_u32(at)}};
	if (fixed->type == PCAPNG_SECTION)
		head += 16;
	if (fixed->type == PCAPNG_INTERFACE) {
		fixed->link_type = pcapng_u16(at + head);
		head += 8;
	}
	if (fixed->type == PCAPNG_PACKET || fixed->type == PCAPNG_STATS) {
		fixed->interface = pcapng_u32(at + head);
		fixed->time = (uint64_t)pcapng_u32(at + head + 4) << 32 | pcapng_u32(at + head + 8);
		head += 12;
	}
	if (fixed->type == PCAPNG_PACKET) {
		fixed->len = pcapng_u32(at + head);
		fixed->data = at + head + 8;
		head += 8 + (fixed->len + 3) / 4 * 4;
	}
	assert_true(head + 4 <= size);
	ret_block->options = at + head;
	ret_block->options_len = size - 4 - head;
	return size;
}

/* False at the end of the options. *at begins as 0. */
static inline bool pcapng_option(const struct pcapng_block *block, size_t *at,
				 struct pcapng_option *ret_option)
{
	const uint8_t *head = block->options + *at;

	if (block->options_len - *at < 4 || pcapng_u16(head) == PCAPNG_END)
		return false;
	*ret_option = (struct pcapng_option) {
		.code = pcapng_u16(head), .len = pcapng_u16(head + 2), .value = head + 4};
	*at += 4 + (ret_option->len + 3U) / 4 * 4;
	assert_true(*at <= block->options_len);
	return true;
}

#endif
