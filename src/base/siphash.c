// SPDX-License-Identifier: GPL-2.0-or-later
/* siphash.c - SipHash, the keyed checksum of a test frame. */
#include "base/base.h"

#include <endian.h>
#include <string.h>

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotl(uint64_t x, unsigned int n)
{
	return (x << n) | (x >> (64 - n));
}

static void rounds(struct state *s, unsigned int n)
{
	while (n--) {
		s->v0 += s->v1;
		s->v1 = rotl(s->v1, 13) ^ s->v0;
		s->v0 = rotl(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = rotl(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = rotl(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = rotl(s->v1, 17) ^ s->v2;
		s->v2 = rotl(s->v2, 32);
	}
}

/* Up to 8 bytes; 8 bytes are a single load on little-endian machines. */
static inline uint64_t read_word(const uint8_t *data, size_t len)
{
	uint64_t x = 0;

	if (len)
		memcpy(&x, data, len);
	return le64toh(x);
}

static void compress(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	rounds(s, 2);
	s->v0 ^= word;
}

uint64_t nfp_siphash(const uint8_t key[NFP_SIPHASH_KEY_LEN], const uint8_t *data, size_t len)
{
	uint64_t k0 = read_word(key, 8), k1 = read_word(key + 8, 8);
	/* The constants are "somepseudorandomlygeneratedbytes", see the paper. */
	struct state s = {
		.v0 = k0 ^ UINT64_C(0x736f6d6570736575),
		.v1 = k1 ^ UINT64_C(0x646f72616e646f6d),
		.v2 = k0 ^ UINT64_C(0x6c7967656e657261),
		.v3 = k1 ^ UINT64_C(0x7465646279746573),
	};
	size_t at = 0;

	for (; len - at >= 8; at += 8)
		compress(&s, read_word(data + at, 8));
	compress(&s,
		 read_word(len > at ? data + at : NULL, len - at) | ((uint64_t)(len & 0xff) << 56));
	s.v2 ^= 0xff;
	rounds(&s, 4);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
