// SPDX-License-Identifier: GPL-2.0-or-later
/* matrix.c - what --matrix prints: its phrases, text, and JSON (nfprobe-matrix-1.schema.json beside
 * this file). */
#include "nfprobe/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "nfprobe/report.h"
#include "nfprobe/tables.h"
#include "report_priv.h"

#define FIXED_COLUMNS 3 /* firmware, driver, kernel */

/* ---- phrases ---- */

static const char *known(const char *text)
{
	return text ? text : "unknown";
}

struct nfp_words nfp_matrix_model(const struct nfp_matrix_row *row)
{
	return nfp_model_words(row->vendor, row->device, row->vendor_name ?: "",
			       row->device_name ?: "");
}

struct nfp_words nfp_matrix_ids(const struct nfp_matrix_row *row)
{
	struct nfp_words words = {0};

	if (row->device_name)
		nfp_append(&words, "", "%04x:%04x", row->vendor, row->device);
	if (row->subsystem_vendor)
		nfp_append(&words, ", ", "subsystem %04x:%04x", row->subsystem_vendor,
			   row->subsystem_device);
	if (row->subsystem_name)
		nfp_append(&words, " ", "(%s)", row->subsystem_name);
	if (row->board_id)
		nfp_append(&words, ", ", "board %s", row->board_id);
	return words;
}

struct nfp_words nfp_matrix_driver(const struct nfp_matrix_row *row)
{
	struct nfp_words words = {0};

	nfp_append(&words, "", "%s", known(row->driver));
	/* In-tree drivers report the kernel release as their version. */
	if (row->driver_version && (!row->kernel || strcmp(row->driver_version, row->kernel) != 0))
		nfp_append(&words, " ", "%s", row->driver_version);
	return words;
}

struct nfp_words nfp_matrix_column(const struct nfp_matrix_cell *cell)
{
	struct nfp_words words = {0};

	nfp_append(&words, "", "%s, %s%s", nfp_style_label(cell->style),
		   cell->have_source ? nfp_source_name(cell->source) : "unknown source",
		   cell->tagged ? ", VLAN" : "");
	return words;
}

size_t nfp_matrix_columns(const struct nfp_matrix_row *rows, size_t num,
			  const struct nfp_matrix_cell *columns[NFP_MATRIX_COLUMNS])
{
	size_t found = 0;

	for (size_t i = 0; i < num; i++) {
		for (size_t k = 0; k < rows[i].num_cells; k++) {
			const struct nfp_matrix_cell *cell = &rows[i].cells[k];
			size_t at = 0;

			while (at < found && nfp_matrix_compare_columns(columns[at], cell) < 0)
				at++;
			if (at < found && nfp_matrix_compare_columns(columns[at], cell) == 0)
				continue;
			memmove(&columns[at + 1], &columns[at], (found - at) * sizeof(*columns));
			columns[at] = cell;
			found++;
		}
	}
	return found;
}

struct nfp_words nfp_matrix_verdict(const struct nfp_matrix_cell *cell)
{
	bool allowed = nfp_store_proves(cell->verdict) ? cell->safe != NFP_NO
						       : cell->safe == NFP_YES;
	struct nfp_words words = nfp_verdict_words(
		cell->verdict, allowed && cell->verdict != NFP_VERDICT_NOT_APPLICABLE);

	if (cell->verdict == NFP_VERDICT_SAFE && cell->safe != NFP_YES) {
		nfp_append(&words, " ", "(not proven)");
		words.colour = NFP_YELLOW;
	}
	return words;
}

static void append_count(struct nfp_words *words, const char *between, size_t num, const char *what)
{
	nfp_append(words, between, "%zu %s%s", num, what, num == 1 ? "" : "s");
}

/* Appends those that are one of @which, each with a comma. */
static void append_versions(struct nfp_words *words, const struct nfp_matrix_row *row,
			    uint32_t which)
{
	if (which & NFP_MATRIX_BIT(NFP_ID_FIRMWARE))
		nfp_append(words, "", "firmware %s, ", known(row->firmware));
	if (which & NFP_MATRIX_BIT(NFP_ID_DRIVER_VERSION))
		nfp_append(words, "", "%s, ", nfp_matrix_driver(row).text);
	if (which & NFP_MATRIX_BIT(NFP_ID_KERNEL))
		nfp_append(words, "", "Linux %s, ", known(row->kernel));
}

/* .. without the comma at the end. */
static struct nfp_words versions(const struct nfp_matrix_row *row, uint32_t which)
{
	struct nfp_words words = {0};

	append_versions(&words, row, which);
	words.text[strlen(words.text) - 2] = '\0';
	return words;
}

struct nfp_words nfp_matrix_then(const struct nfp_matrix_row *row,
				 const struct nfp_matrix_before *before)
{
	struct nfp_matrix_row then = *row;

	then.firmware = before->firmware;
	then.driver_version = before->driver_version;
	then.kernel = before->kernel;
	return versions(&then, before->changed);
}

/* ", which has number of VFs 7 (the best: 4)" */
static void append_differences(struct nfp_words *words, const struct nfp_matrix_difference *d,
			       size_t num, const char *before, const char *other)
{
	for (size_t i = 0; i < num; i++)
		nfp_append(words, i ? ", " : before, "%s %s (%s %s)",
			   nfp_name(&nfp_identity_labels, d[i].what),
			   d[i].worst[0] ? d[i].worst : "none", other,
			   d[i].best[0] ? d[i].best : "none");
}

/* "igb, Linux 6.1.0, macvtap, wire: SAFE with firmware 2.1.0, EARLY with firmware 2.2.0: .." */
static struct nfp_words worse_words(const struct nfp_matrix_row *row,
				    const struct nfp_matrix_cell *cell,
				    const struct nfp_matrix_before *before)
{
	struct nfp_words words = {.colour = NFP_RED};

	append_versions(&words, row, NFP_MATRIX_UPDATES & ~before->changed);
	nfp_append(&words, "", "%s: %s with %s, %s with %s", nfp_matrix_column(cell).text,
		   nfp_verdict_words(before->verdict, false).text,
		   nfp_matrix_then(row, before).text, nfp_verdict_words(cell->verdict, false).text,
		   versions(row, before->changed).text);
	append_differences(&words, before->differences, before->num_differences, ", ", "then");
	if (cell->results[0].reason)
		nfp_append(&words, ": ", "%s", cell->results[0].reason);
	return words;
}

/* "firmware 2.1.0, igb, Linux 6.1.0, macvtap, wire: 1 EARLY, 11 SAFE; .." */
static struct nfp_words conflict_words(const struct nfp_matrix_row *row,
				       const struct nfp_matrix_cell *cell)
{
	struct nfp_words words = {.colour = NFP_YELLOW};
	const char *between = ": ";

	append_versions(&words, row, NFP_MATRIX_UPDATES);
	nfp_append(&words, "", "%s", nfp_matrix_column(cell).text);
	for (enum nfp_verdict v = 0; v < NFP_VERDICT_COUNT; v++) {
		if (!cell->verdicts[v])
			continue;
		nfp_append(&words, between, "%u %s", cell->verdicts[v],
			   nfp_verdict_words(v, false).text);
		between = ", ";
	}
	nfp_append(&words, "; ", "the worst is VF %u of %s, %s", cell->results[0].vf,
		   cell->results[0].host ? cell->results[0].host : "an unknown host",
		   cell->results[0].file);
	append_differences(&words, cell->differences, cell->num_differences, ", which has ",
			   "the best:");
	return words;
}

void nfp_matrix_notes(const struct nfp_matrix *matrix, bool worse,
		      void (*note)(void *ctx, const struct nfp_matrix_row *row,
				   const struct nfp_words *words),
		      void *ctx)
{
	for (size_t i = 0; i < matrix->num_rows; i++) {
		const struct nfp_matrix_row *row = &matrix->rows[i];

		for (size_t k = 0; k < row->num_cells; k++) {
			const struct nfp_matrix_cell *cell = &row->cells[k];
			struct nfp_words words;

			for (size_t b = 0; b < cell->num_before && worse; b++) {
				words = worse_words(row, cell, &cell->before[b]);
				note(ctx, row, &words);
			}
			if (cell->conflict && !worse) {
				words = conflict_words(row, cell);
				note(ctx, row, &words);
			}
		}
	}
}

struct nfp_words nfp_matrix_totals(const struct nfp_matrix *matrix)
{
	struct nfp_words words = {0};

	append_count(&words, "", matrix->runs, "run");
	append_count(&words, " on ", matrix->hosts, "host");
	if (matrix->without)
		nfp_append(&words, ", ", "%zu without a verdict", matrix->without);
	if (matrix->unproven) {
		append_count(&words, ", ", matrix->unproven, "style");
		nfp_append(&words, "", " not proven");
	}
	if (matrix->num_skipped) {
		append_count(&words, ", ", matrix->num_skipped, "file");
		nfp_append(&words, "", " skipped");
	}
	return words;
}

/* ---- text ---- */

static void print_note(void *ctx, const struct nfp_matrix_row *row, const struct nfp_words *words)
{
	nfp_writer_line(ctx, NFP_PLAIN, 2, 4, "%s, %s", nfp_matrix_model(row).text, words->text);
}

static void print_notes(struct nfp_writer *w, const struct nfp_matrix *m, bool worse)
{
	if (!(worse ? m->worse : m->conflicts))
		return;
	nfp_writer_line(w, worse ? NFP_RED : NFP_YELLOW, 0, 2,
			"%s:", worse ? "Got worse" : "Runs disagree");
	nfp_matrix_notes(m, worse, print_note, w);
	nfp_writer_newline(w);
}

/* "EARLY (allowed) 12/3, worse" */
static struct nfp_words cell_words(const struct nfp_matrix_cell *cell)
{
	struct nfp_words words = nfp_matrix_verdict(cell);

	nfp_append(&words, "", " %zu/%zu", cell->runs, cell->hosts);
	/* What others of its runs proved. */
	if (nfp_matrix_proof(cell) != NFP_VERDICT_NOT_APPLICABLE &&
	    !nfp_store_proves(cell->verdict))
		nfp_append(&words, ", ", "else %s",
			   nfp_verdict_words(nfp_matrix_proof(cell), false).text);
	nfp_append(&words, "", "%s%s", cell->num_before ? ", worse" : "",
		   cell->conflict ? ", disagree" : "");
	return words;
}

static unsigned int width_of_last_column(const struct nfp_grid *grid)
{
	unsigned int width = nfp_utf8_width(grid->headings[grid->num_columns - 1]);

	for (size_t i = grid->num_columns - 1; i < grid->num_cells; i += grid->num_columns) {
		if (nfp_utf8_width(grid->cells[i].text) > width)
			width = nfp_utf8_width(grid->cells[i].text);
	}
	return width;
}

/* A row for which the terminal is too narrow: no verdict may stand below another heading. */
static void print_row(struct nfp_writer *w, const struct nfp_matrix_row *row)
{
	nfp_writer_line(w, NFP_PLAIN, 2, 4, "%s", versions(row, NFP_MATRIX_UPDATES).text);
	for (size_t k = 0; k < row->num_cells; k++) {
		struct nfp_words words = cell_words(&row->cells[k]);

		nfp_writer_text(w, NFP_PLAIN, "    %s: ", nfp_matrix_column(&row->cells[k]).text);
		nfp_writer_text(w, words.colour, "%s", words.text);
		nfp_writer_newline(w);
	}
}

/* The rows of a model, with the columns that any of them has. */
static void print_model(struct nfp_writer *w, const struct nfp_matrix_row *rows, size_t num)
{
	const struct nfp_matrix_cell *columns[NFP_MATRIX_COLUMNS];
	const size_t num_columns = nfp_matrix_columns(rows, num, columns);
	struct nfp_words words[NFP_MATRIX_COLUMNS];
	const char *headings[FIXED_COLUMNS + NFP_MATRIX_COLUMNS] = {"firmware", "driver", "kernel"};
	struct nfp_grid grid = {headings, "lllllllllllllllllll", FIXED_COLUMNS + num_columns, NULL,
				0};

	_Static_assert(FIXED_COLUMNS + NFP_MATRIX_COLUMNS <= NFP_GRID_COLUMNS, "all fit");
	for (size_t c = 0; c < num_columns; c++) {
		words[c] = nfp_matrix_column(columns[c]);
		headings[FIXED_COLUMNS + c] = words[c].text;
	}
	for (size_t i = 0; i < num; i++) {
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", known(rows[i].firmware));
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", nfp_matrix_driver(&rows[i]).text);
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", known(rows[i].kernel));
		for (size_t c = 0; c < num_columns; c++) {
			const struct nfp_matrix_cell *cell = nfp_matrix_at(&rows[i], columns[c]);
			struct nfp_words of_cell = {.text = "-"};

			if (cell)
				of_cell = cell_words(cell);
			nfp_grid_cell(&grid, of_cell.colour, "%s", of_cell.text);
		}
	}
	if (!nfp_writer_grid(w, &grid, width_of_last_column(&grid))) {
		for (size_t i = 0; i < num; i++)
			print_row(w, &rows[i]);
	}
	nfp_grid_fini(&grid);
}

static void print_results(struct nfp_writer *w, const struct nfp_matrix_row *row)
{
	char time[32];

	for (size_t k = 0; k < row->num_cells; k++) {
		const struct nfp_matrix_cell *cell = &row->cells[k];

		for (size_t i = 0; i < cell->num_results; i++) {
			const struct nfp_matrix_result *r = &cell->results[i];

			nfp_writer_line(w, NFP_PLAIN, 4, 6, "%s, %s: %s, %s VF %u, %s, %s",
					known(row->firmware), nfp_matrix_column(cell).text,
					nfp_verdict_words(r->verdict, false).text, known(r->host),
					r->vf,
					r->start_unix_ms ? nfp_time_text(r->start_unix_ms, time,
									 sizeof(time))
							 : "unknown time",
					r->file);
		}
	}
}

int nfp_report_matrix_text(const struct nfp_matrix *matrix, const struct nfp_report_opts *opts,
			   FILE *out)
{
	struct nfp_writer w = {.out = out, .columns = opts->columns, .color = opts->color};

	print_notes(&w, matrix, true);
	if (!opts->quiet)
		print_notes(&w, matrix, false);
	for (size_t first = 0, num; first < matrix->num_rows; first += num) {
		struct nfp_words ids = nfp_matrix_ids(&matrix->rows[first]);

		num = nfp_matrix_same_model(matrix, first);
		nfp_writer_text(&w, NFP_BOLD, "%s", nfp_matrix_model(&matrix->rows[first]).text);
		nfp_writer_labelled(&w, NFP_PLAIN, ids.text[0] ? "  " : "", 2, "%s", ids.text);
		print_model(&w, &matrix->rows[first], num);
		for (size_t i = first; i < first + num && opts->verbose; i++)
			print_results(&w, &matrix->rows[i]);
		nfp_writer_newline(&w);
	}
	if (!opts->quiet)
		nfp_writer_line(&w, NFP_PLAIN, 0, 0, "%s; in the table: runs/hosts",
				nfp_matrix_totals(matrix).text);
	return nfp_stream_status(out);
}

/* ---- JSON ---- */

#define J     NFP_IN_JSON
#define NULLS .unknown = NFP_NULL

/* The table of a struct, for a list or an object. */
#define TABLE(of_, fields_) .table = &(const struct nfp_table)NFP_TABLE(of_, fields_)

static const struct nfp_field result_fields[] = {
	NFP_FIELD(STRING, nfp_matrix_result, "file", file, J),
	NFP_FIELD(STRING, nfp_matrix_result, "host", host, J, NULLS),
	NFP_FIELD(TIME, nfp_matrix_result, "start", start_unix_ms, J, NULLS),
	NFP_FIELD(NUMBER, nfp_matrix_result, "vf", vf, J),
	NFP_FIELD(NUMBER, nfp_matrix_result, "vlan", vlan, J),
	NFP_FIELD(ENUM, nfp_matrix_result, "verdict", verdict, J, .names = &nfp_verdict_names),
	NFP_FIELD(STRING, nfp_matrix_result, "reason", reason, J, NULLS),
};

static const struct nfp_field difference_fields[] = {
	NFP_FIELD(ENUM, nfp_matrix_difference, "what", what, J, .names = &nfp_identity_names),
	NFP_FIELD(TEXT, nfp_matrix_difference, "worst", worst, J, NULLS),
	NFP_FIELD(TEXT, nfp_matrix_difference, "best", best, J, NULLS),
};

static const struct nfp_field before_fields[] = {
	NFP_FIELD(ENUM, nfp_matrix_before, "verdict", verdict, J, .names = &nfp_verdict_names),
	NFP_FIELD(STRING, nfp_matrix_before, "firmware", firmware, J, NULLS),
	NFP_FIELD(STRING, nfp_matrix_before, "driver_version", driver_version, J, NULLS),
	NFP_FIELD(STRING, nfp_matrix_before, "kernel", kernel, J, NULLS),
	NFP_FIELD(BITS, nfp_matrix_before, "changed", changed, J, .names = &nfp_identity_names,
		  .except = ~NFP_MATRIX_UPDATES),
	NFP_FIELD(LIST, nfp_matrix_before, "differences", differences, J,
		  TABLE(nfp_matrix_difference, difference_fields),
		  NFP_COUNTED(nfp_matrix_before, num_differences)),
};

static const struct nfp_field cell_fields[] = {
	NFP_FIELD(ENUM, nfp_matrix_cell, "style", style, J, .names = &nfp_style_names),
	NFP_FIELD(ENUM, nfp_matrix_cell, "source", source, J, .names = &nfp_source_names,
		  NFP_KNOWN(nfp_matrix_cell, have_source)),
	NFP_FIELD(BOOL, nfp_matrix_cell, "tagged", tagged, J),
	NFP_FIELD(ENUM, nfp_matrix_cell, "verdict", verdict, J, .names = &nfp_verdict_names),
	NFP_FIELD(ENUM, nfp_matrix_cell, "safe", safe, J, .names = &nfp_answer_names),
	NFP_FIELD(NUMBER, nfp_matrix_cell, "runs", runs, J),
	NFP_FIELD(NUMBER, nfp_matrix_cell, "hosts", hosts, J),
	NFP_FIELD(COUNTS, nfp_matrix_cell, "verdicts", verdicts, J, .names = &nfp_verdict_names),
	NFP_FIELD(BOOL, nfp_matrix_cell, "conflict", conflict, J),
	NFP_FIELD(LIST, nfp_matrix_cell, "differences", differences, J,
		  TABLE(nfp_matrix_difference, difference_fields),
		  NFP_COUNTED(nfp_matrix_cell, num_differences)),
	NFP_FIELD(ARRAY, nfp_matrix_cell, "worse_than", before, J,
		  TABLE(nfp_matrix_before, before_fields),
		  NFP_COUNTED(nfp_matrix_cell, num_before)),
	NFP_FIELD(LIST, nfp_matrix_cell, "results", results, J,
		  TABLE(nfp_matrix_result, result_fields),
		  NFP_COUNTED(nfp_matrix_cell, num_results)),
};

static const struct nfp_field row_fields[] = {
	NFP_FIELD(PCI_ID, nfp_matrix_row, "vendor", vendor, J, NULLS),
	NFP_FIELD(PCI_ID, nfp_matrix_row, "device", device, J, NULLS),
	NFP_FIELD(PCI_ID, nfp_matrix_row, "subsystem_vendor", subsystem_vendor, J, NULLS),
	NFP_FIELD(PCI_ID, nfp_matrix_row, "subsystem_device", subsystem_device, J, NULLS),
	NFP_FIELD(STRING, nfp_matrix_row, "board_id", board_id, J, NULLS),
	NFP_FIELD(STRING, nfp_matrix_row, "vendor_name", vendor_name, J, NULLS),
	NFP_FIELD(STRING, nfp_matrix_row, "device_name", device_name, J, NULLS),
	NFP_FIELD(STRING, nfp_matrix_row, "subsystem_name", subsystem_name, J, NULLS),
	NFP_FIELD(STRING, nfp_matrix_row, "firmware", firmware, J, NULLS),
	NFP_FIELD(STRING, nfp_matrix_row, "driver", driver, J, NULLS),
	NFP_FIELD(STRING, nfp_matrix_row, "driver_version", driver_version, J, NULLS),
	NFP_FIELD(STRING, nfp_matrix_row, "kernel", kernel, J, NULLS),
	NFP_FIELD(LIST, nfp_matrix_row, "cells", cells, J, TABLE(nfp_matrix_cell, cell_fields),
		  NFP_COUNTED(nfp_matrix_row, num_cells)),
};

static const struct nfp_field skipped_fields[] = {
	NFP_FIELD(STRING, nfp_matrix_skipped, "file", file, J),
	NFP_FIELD(STRING, nfp_matrix_skipped, "why", why, J),
	NFP_FIELD(BOOL, nfp_matrix_skipped, "foreign", foreign, J),
};

static const struct nfp_field matrix_fields[] = {
	NFP_FIELD(LIST, nfp_matrix, "rows", rows, J, TABLE(nfp_matrix_row, row_fields),
		  NFP_COUNTED(nfp_matrix, num_rows)),
	NFP_FIELD(LIST, nfp_matrix, "skipped", skipped, J,
		  TABLE(nfp_matrix_skipped, skipped_fields), NFP_COUNTED(nfp_matrix, num_skipped)),
	NFP_FIELD(NUMBER, nfp_matrix, "files", files, J),
	NFP_FIELD(NUMBER, nfp_matrix, "runs", runs, J),
	NFP_FIELD(NUMBER, nfp_matrix, "hosts", hosts, J),
	NFP_FIELD(NUMBER, nfp_matrix, "without_verdict", without, J),
	NFP_FIELD(NUMBER, nfp_matrix, "worse", worse, J),
	NFP_FIELD(NUMBER, nfp_matrix, "conflicts", conflicts, J),
	NFP_FIELD(NUMBER, nfp_matrix, "unproven", unproven, J),
	NFP_FIELD(NUMBER, nfp_matrix, "exit", exit_status, J),
};
const struct nfp_table nfp_matrix_table = NFP_TABLE(nfp_matrix, matrix_fields);

int nfp_report_matrix_json(const struct nfp_matrix *matrix, const struct nfp_err *error, FILE *out)
{
	json_t *root = json_pack("{s:i, s:s}", "schema", NFP_SCHEMA, "version", NFP_VERSION);

	nfp_fields_put(root, &nfp_matrix_table, matrix, J);
	if (error && error->code != NFP_E_NONE)
		json_object_set_new(root, "error", nfp_fields_json(&nfp_error_table, error, J));
	(void)json_dumpf(root, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(root);
	return nfp_stream_status(out);
}
