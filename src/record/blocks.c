// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcapng.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

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

static int make_room(struct blocks *blocks, size_t len, struct nfp_err *err)
{
	uint8_t *more;

	if (len <= blocks->room)
		return 0;
	more = nfp_reallocarray(blocks->data, len, 1);
	if (!more)
		return nfp_err_errno(err, -ENOMEM, NFP_E_MEMORY, "block %" PRIu64, blocks->number);
	blocks->data = more;
	blocks->room = len;
	return 0;
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
	int ret;

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
	ret = make_room(blocks, len, err);
	if (ret)
		return ret;
	for (size_t i = 0; i < sizeof(head); i++)
		blocks->data[i] = head[i];
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
