// SPDX-License-Identifier: GPL-2.0-or-later
/* text.c - a result on a terminal: its page, block by block. */
#include "report_priv.h"

#define DEFAULT_COLUMNS 80

static void print_block(struct nfp_writer *w, const struct nfp_block *block,
			const struct nfp_report_opts *opts)
{
	switch (block->kind) {
	case NFP_BLOCK_BLANK:
		nfp_writer_newline(w);
		break;
	case NFP_BLOCK_HEADING:
		nfp_writer_text(w, NFP_BOLD, "%s  ", block->label);
		nfp_writer_labelled(w, NFP_PLAIN, "", w->col, "%s", block->text);
		break;
	case NFP_BLOCK_LINE:
		nfp_writer_text(w, block->colour, "%s", block->label);
		nfp_writer_wrap(w, block->label[0] ? NFP_PLAIN : block->colour, 2, "%s",
				block->text);
		nfp_writer_newline(w);
		break;
	case NFP_BLOCK_GRID:
		if (block->grid.num_cells)
			nfp_writer_grid(w, &block->grid);
		break;
	case NFP_BLOCK_LADDER:
		if (opts->timeline)
			nfp_timeline_print(w, block->ladder, opts->utf8);
		break;
	}
}

int nfp_report_text(const struct nfp_result *result, const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_writer w = {.out = out, .color = opts->color};
	struct nfp_page page;

	w.columns = opts->columns ?: DEFAULT_COLUMNS;
	/* If the run did not begin, the error says why. */
	if (result->num_vfs == 0)
		return nfp_stream_status(out);
	nfp_page_of(result, opts, &page);
	for (size_t i = 0; i < page.num; i++)
		print_block(&w, &page.blocks[i], opts);
	nfp_page_fini(&page);
	return nfp_stream_status(out);
}
