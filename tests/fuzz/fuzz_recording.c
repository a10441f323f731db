// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes given to --read. A recording that can be read gives a result that can be reported, and
 * one that is refused has a reason. The first byte says whether lengths are helped: block lengths
 * that do not fit end everything at once.
 */
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "../../src/record/record_priv.h"
#include "nfprobe/record.h"
#include "fuzz/render.h"

/* Every option that a block says it has lies inside it. */
static void look_at_options(const struct nfp_pcapng_block *block, const uint8_t *begin, size_t len)
{
	struct nfp_pcapng_option option;
	size_t at = 0, sum = 0;

	while (nfp_pcapng_option(block, &at, &option)) {
		require(option.value >= begin && option.value + option.len <= begin + len);
		for (size_t i = 0; i < option.len; i++)
			sum += option.value[i];
		(void)nfp_pcapng_option_u64(block, &option);
	}
	require(at <= block->options_len && sum < SIZE_MAX);
}

static void look_at_blocks(FILE *in)
{
	struct nfp_pcapng_reader reader = {.in = in};
	struct nfp_pcapng_block block;

	while (nfp_pcapng_next(&reader, &block, NULL) > 0) {
		uint32_t len;

		memcpy(&len, reader.data + 4, sizeof(len));
		len = reader.big ? be32toh(len) : le32toh(len);
		if (block.type == NFP_PCAPNG_PACKET)
			require(block.data >= reader.data &&
				block.data + block.len <= reader.data + len);
		look_at_options(&block, reader.data, len);
	}
	free(reader.data);
	rewind(in);
}

/* Writes the length of each block at its end as well; in the byte order of the file's first. */
static void help(uint8_t *data, size_t size)
{
	bool big = size >= 12 && data[8] == 0x1a;

	for (size_t at = 0; size - at >= 12;) {
		uint32_t len;

		memcpy(&len, data + at + 4, sizeof(len));
		len = big ? be32toh(len) : le32toh(len);
		if (len < 12 || len % 4 || len > size - at)
			return;
		memcpy(data + at + len - 4, data + at + 4, 4);
		at += len;
	}
}

static void read_it(uint8_t *data, size_t size)
{
	const struct nfp_criteria criteria = {.gap_limit_ms = size % 2 ? 1 : 0};
	FILE *in = fmemopen(data, size, "r");
	struct nfp_result result;
	struct nfp_err err = {0};
	int ret;

	require(in != NULL);
	look_at_blocks(in);
	nfp_result_init(&result);
	ret = nfp_recording_read(in, "it", &criteria, &result, &err);
	if (ret == 0) {
		require(result.exit_status >= 0 && result.exit_status <= 255);
		render_all(&result);
	} else {
		require(ret < 0 && err.code != NFP_E_NONE && err.message[0]);
		render_error(&err);
	}
	nfp_result_fini(&result);
	fclose(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	if (size < 2)
		return 0;
	copy = malloc(size - 1);
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	if (data[0] & 1)
		help(copy, size - 1);
	read_it(copy, size - 1);
	free(copy);
	return 0;
}
