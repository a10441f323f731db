// SPDX-License-Identifier: GPL-2.0-or-later
/* matrix_html.c - what --matrix shows, as one page without scripts. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/report.h"
#include "report_priv.h"

static const char more_style[] =
	"th,td{text-align:left}tbody th,td{vertical-align:top}table{font-size:.9rem}"
	"th.model{font-size:1rem;padding-top:1rem;white-space:normal}th.model span{font-weight:400}"
	"details ul{margin:.2rem 0;padding-left:1.2rem}details{white-space:normal;min-width:14rem}"
	"a{color:var(--pf)}\n";

/* A path as a link: whatever it is, it leads to a file, relative to the page or not. */
static void write_link(FILE *out, const char *path)
{
	char before = '\0';

	fputs("<a href=\"", out);
	for (const char *p = path; *p; before = *p++) {
		/* Two slashes would begin the name of a host. */
		if (*p == '/' && before == '/')
			continue;
		if (isalnum((unsigned char)*p) || strchr("-._~/", *p))
			putc(*p, out);
		else
			fprintf(out, "%%%02X", (unsigned char)*p);
	}
	fputs("\">", out);
}

static void write_results(FILE *out, const struct nfp_matrix_cell *cell)
{
	char time[32];

	nfp_markup(out, "<details><summary>%zu run%s, %zu host%s</summary><ul>", cell->runs,
		   cell->runs == 1 ? "" : "s", cell->hosts, cell->hosts == 1 ? "" : "s");
	for (size_t i = 0; i < cell->num_results; i++) {
		const struct nfp_matrix_result *r = &cell->results[i];

		fputs("<li>", out);
		write_link(out, r->page);
		nfp_markup(out, "%s, VF %u</a> ", r->host ? r->host : "unknown host", r->vf);
		nfp_html_verdict(out, r->verdict, false);
		nfp_markup(out, "%s%s%s%s</li>\n", r->start_unix_ms ? ", " : "",
			   r->start_unix_ms ? nfp_time_text(r->start_unix_ms, time, sizeof(time))
					    : "",
			   r->reason ? ": " : "", r->reason ? r->reason : "");
	}
	fputs("</ul></details>", out);
}

static void write_cell(FILE *out, const struct nfp_matrix_row *row,
		       const struct nfp_matrix_cell *cell)
{
	struct nfp_words words;

	if (!cell) {
		fputs("<td>-</td>", out);
		return;
	}
	words = nfp_matrix_verdict(cell);
	nfp_markup(out, "<td><span class=\"verdict %s\">%s</span>", nfp_html_class(words.colour),
		   words.text);
	if (nfp_matrix_proof(cell) != NFP_VERDICT_NOT_APPLICABLE &&
	    !nfp_store_proves(cell->verdict)) {
		fputs(", else ", out);
		nfp_html_verdict(out, nfp_matrix_proof(cell), false);
	}
	for (size_t i = 0; i < cell->num_before; i++)
		nfp_markup(out, " <b class=\"bad\">worse than with %s</b>",
			   nfp_matrix_then(row, &cell->before[i]).text);
	if (cell->conflict)
		fputs(" <b class=\"unsure\">runs disagree</b>", out);
	write_results(out, cell);
	fputs("</td>", out);
}

struct columns {
	const struct nfp_matrix_cell *v[NFP_MATRIX_COLUMNS];
	size_t num;
};

static void write_head(FILE *out, const struct columns *columns)
{
	fputs("<thead><tr><th scope=\"col\">firmware</th><th scope=\"col\">driver</th>"
	      "<th scope=\"col\">kernel</th>",
	      out);
	for (size_t c = 0; c < columns->num; c++)
		nfp_markup(out, "<th scope=\"col\">%s</th>", nfp_matrix_column(columns->v[c]).text);
	fputs("</tr></thead>\n", out);
}

static void write_model(FILE *out, const struct nfp_matrix_row *rows, size_t num,
			const struct columns *columns)
{
	nfp_markup(out,
		   "<tbody><tr><th class=\"model\" scope=\"rowgroup\" colspan=\"%zu\">%s "
		   "<span>%s</span></th></tr>\n",
		   3 + columns->num, nfp_matrix_model(rows).text, nfp_matrix_ids(rows).text);
	for (size_t i = 0; i < num; i++) {
		nfp_markup(out, "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td>",
			   rows[i].firmware ? rows[i].firmware : "unknown",
			   nfp_matrix_driver(&rows[i]).text,
			   rows[i].kernel ? rows[i].kernel : "unknown");
		for (size_t c = 0; c < columns->num; c++)
			write_cell(out, &rows[i], nfp_matrix_at(&rows[i], columns->v[c]));
		fputs("</tr>\n", out);
	}
	fputs("</tbody>\n", out);
}

static void write_note(void *ctx, const struct nfp_matrix_row *row, const struct nfp_words *words)
{
	nfp_markup(ctx, "<li>%s, <span class=\"%s\">%s</span></li>\n", nfp_matrix_model(row).text,
		   nfp_html_class(words->colour), words->text);
}

static void write_notes(FILE *out, const struct nfp_matrix *m, bool worse)
{
	if (!(worse ? m->worse : m->conflicts))
		return;
	nfp_markup(out, "<section><h2>%s</h2>\n<ul>\n", worse ? "Got worse" : "Runs disagree");
	nfp_matrix_notes(m, worse, write_note, out);
	fputs("</ul></section>\n", out);
}

int nfp_report_matrix_html(const struct nfp_matrix *matrix, FILE *out)
{
	struct columns columns;

	columns.num = nfp_matrix_columns(matrix->rows, matrix->num_rows, columns.v);
	nfp_html_begin(out, "matrix", more_style);
	nfp_markup(out, "<main><h1>NICs and failover</h1>\n<p>%s</p>\n",
		   nfp_matrix_totals(matrix).text);
	write_notes(out, matrix, true);
	write_notes(out, matrix, false);
	if (matrix->num_rows) {
		fputs("<div class=\"scroll\" tabindex=\"0\"><table>", out);
		write_head(out, &columns);
		for (size_t first = 0, num; first < matrix->num_rows; first += num) {
			num = nfp_matrix_same_model(matrix, first);
			write_model(out, &matrix->rows[first], num, &columns);
		}
		fputs("</table></div>\n", out);
	}
	for (size_t i = 0; i < matrix->num_skipped; i++)
		nfp_markup(out, "<p><b class=\"unsure\">Skipped:</b> %s: %s</p>\n",
			   matrix->skipped[i].file, matrix->skipped[i].why);
	nfp_markup(out,
		   "<p class=\"faint\">nfprobe " NFP_VERSION ", exit status %d</p>\n"
		   "</main></body></html>\n",
		   matrix->exit_status);
	return nfp_stream_status(out);
}
