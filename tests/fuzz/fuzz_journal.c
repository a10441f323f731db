// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes for an undo journal. The first byte says whether the lines get the checksums that they
 * should have: a fuzzer does not guess them. A journal that can be read can be written, and is then
 * read again as it was; and undoing by it comes to an end.
 */
#include <stdio.h>
#include <string.h>
#include <errno.h>

#include "../../src/change/change.h"
#include "../../src/change/journal.h"
#include "../../src/change/undo.h"
#include "fuzz/render.h"

enum {
	HELP_SUM = 0x01, /* a right checksum in each line, put in front of it */
};

static uint32_t crc32_of(const char *data, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return ~crc;
}

/* To be freed. */
static char *with_sums(const char *text, size_t len, size_t *ret_len)
{
	char *out = NULL;
	FILE *file = open_memstream(&out, ret_len);

	require(file);
	for (size_t at = 0; at < len;) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t line = end ? (size_t)(end - text) - at : len - at;

		fprintf(file, "%08x ", crc32_of(text + at, line));
		fwrite(text + at, 1, line, file);
		if (end)
			fputc('\n', file);
		at += line + (end ? 1 : 0);
	}
	fclose(file);
	return out;
}

static void put(FILE *file, char *line)
{
	require(line);
	fputs(line, file);
	free(line);
}

static char *write_again(const struct nfp_journal_data *data, size_t *ret_len)
{
	char *out = NULL;
	FILE *file = open_memstream(&out, ret_len);

	require(file);
	put(file, nfp_journal_line_begin(&data->head));
	for (size_t i = 0; i < data->num_vfs; i++)
		put(file, nfp_journal_line_vf(&data->vfs[i]));
	for (size_t i = 0; i < data->num_changes; i++)
		put(file, nfp_journal_line_change(&data->changes[i]));
	for (size_t i = 0; i < data->num_vfs; i++)
		if (data->vfs[i].done)
			put(file, nfp_journal_line_note(&(struct nfp_journal_note) {
					  "vf-done", .vf = data->vfs[i].before.vf}));
	fclose(file);
	return out;
}

static void check_same(const struct nfp_journal_data *a, const struct nfp_journal_data *b)
{
	require(memcmp(a->head.boot, b->head.boot, sizeof(a->head.boot)) == 0 ||
		strcmp(a->head.boot, b->head.boot) == 0);
	require(strcmp(a->head.parentdev, b->head.parentdev) == 0);
	require(a->head.num_addresses == b->head.num_addresses && b->unreadable == 0);
	require(a->num_vfs >= b->num_vfs && a->num_changes >= b->num_changes);
}

static void check_undo(const struct nfp_journal_data *data)
{
	for (size_t i = 0; i < data->num_vfs; i++) {
		struct nfp_undo_state state;
		struct nfp_change c;
		int steps = 0;

		nfp_undo_state_begin(&state, data, &data->vfs[i]);
		state.source_of_attr = NFP_ATTR_READ; /* also the second pass */
		while (nfp_undo_next(&state, &c))
			require(++steps <= NFP_UNDO_STEPS_MAX);
	}
}

/* The changes as commands, for -v and --dry-run. */
static void show(const struct nfp_journal_data *data)
{
	struct nfp_outline outline = {.lines = NULL};
	struct render r;

	render_begin(&r);
	for (size_t i = 0; i < data->num_changes; i++) {
		struct nfp_commands commands;
		char *text;

		nfp_change_command(&data->changes[i], &commands);
		text = nfp_commands_text(&commands, " && ");
		require(commands.len && text[0]);
		require(nfp_report_change(text, r.out) == 0);
		nfp_outline_command(&outline, 1, text);
		free(text);
	}
	for (size_t i = 0; i < RENDER_OPTS; i++)
		require(nfp_report_outline(&outline, &render_opts[i], r.out) == 0);
	nfp_outline_fini(&outline);
	render_end(&r);
}

static void check(const char *text, size_t len)
{
	struct nfp_journal_data data, again;
	size_t good, len_again;
	struct nfp_err err = {.code = NFP_E_NONE};
	int ret = nfp_journal_parse(text, len, &data, &good, &err);

	require(good <= len);
	if (ret) {
		require(ret == -ENODATA || ret == -EPROTONOSUPPORT ||
			(ret == -EBADMSG && err.message[0]));
		if (ret == -EBADMSG)
			render_error(&err);
		nfp_journal_data_fini(&data);
		return;
	}
	char *written = write_again(&data, &len_again);

	require(nfp_journal_parse(written, len_again, &again, &good, NULL) == 0);
	require(good == len_again);
	check_same(&data, &again);
	check_undo(&data);
	show(&data);
	nfp_journal_data_fini(&again);
	nfp_journal_data_fini(&data);
	free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = size - 1;
	char *text;

	if (size < 1)
		return 0;
	if (data[0] & HELP_SUM) {
		text = with_sums((const char *)data + 1, size - 1, &len);
	} else {
		text = malloc(len ? len : 1);
		require(text);
		memcpy(text, data + 1, len);
	}
	check(text, len);
	free(text);
	return 0;
}
