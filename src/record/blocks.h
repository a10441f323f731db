/* SPDX-License-Identifier: GPL-2.0-or-later */
/* blocks.h - the blocks of a file, one after the other, in a buffer of their own. */
#ifndef NFPROBE_EVIDENCE_BLOCKS_H
#define NFPROBE_EVIDENCE_BLOCKS_H

#include <stdio.h>

#include "nfprobe/base.h"
#include "pcapng.h"

/* All zero but for @in. The owner frees data. */
struct blocks {
	FILE *in;
	uint8_t *data;
	size_t room;
	bool big;
	uint64_t number; /* of the block that was read, from 1 */
};

/* 1 with *ret_block, valid until the next; 0 at the end; -EBADMSG, -ENOMEM or -errno. */
int blocks_next(struct blocks *blocks, struct nfp_pcapng_block *ret_block, struct nfp_err *err);
/* From the start again. 0 or -errno. */
int blocks_rewind(struct blocks *blocks, struct nfp_err *err);
/* -EBADMSG, naming the block. */
__attribute__((format(printf, 3, 4))) int blocks_bad(const struct blocks *blocks,
						     struct nfp_err *err, const char *fmt, ...);

#endif
