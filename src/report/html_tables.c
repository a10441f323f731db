// SPDX-License-Identifier: GPL-2.0-or-later
/* html_tables.c - the raw numbers of a ladder, and what differs from a baseline, as tables. */
#include <inttypes.h>

#include "report_priv.h"

/* ---- steps ---- */

static void print_count(FILE *out, const struct nfp_count *c)
{
	fprintf(out,
		"<td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64
		"</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td>",
		c->sent, c->at[NFP_AT_PF], c->at[NFP_AT_VF], c->both, nfp_count_lost(c),
		c->duplicates);
}

static void print_landing(FILE *out, const struct nfp_step_result *step, int kind)
{
	const char *landing = nfp_landing_name(step->landing[kind]);

	fprintf(out, "<td class=\"words\">%s</td>",
		step->landing[kind] == NFP_LANDING_NONE || !landing ? "-" : landing);
}

/* Columns of evidence beside the landings; those that have nothing to say are left out. */
struct beside {
	bool sending; /* does what the standby sends leave the NIC? */
	bool counted; /* the PF's counters of the VF */
};

static struct beside beside_of(const struct nfp_style_result *style)
{
	struct beside beside = {0};

	for (size_t i = 0; i < style->num_steps; i++) {
		const struct nfp_step_result *step = &style->steps[i];

		if (step->status != NFP_STATUS_DONE)
			continue;
		/* Where nothing was tested at all, a sentence above the table says why. */
		beside.sending |= step->transmit == NFP_TRANSMIT_OK ||
				  step->transmit == NFP_TRANSMIT_DROPPED;
		beside.counted |= step->have_vf_rx;
	}
	return beside;
}

static void print_beside(FILE *out, const struct nfp_step_result *step, const struct beside *beside)
{
	const char *transmit = nfp_transmit_name(step->transmit);

	if (beside->sending)
		fprintf(out, "<td class=\"words%s\">%s</td>",
			step->transmit == NFP_TRANSMIT_DROPPED ? " bad" : "",
			transmit ? transmit : "-");
	if (!beside->counted)
		return;
	if (step->have_vf_rx)
		fprintf(out, "<td>%" PRIu64 "</td><td>%" PRIu64 "</td>", step->vf_rx_packets,
			step->vf_rx_dropped);
	else
		fputs("<td>-</td><td>-</td>", out);
}

static void print_notes(FILE *out, const struct nfp_step_result *step)
{
	const char *const notes[] = {
		nfp_advice_unfit(step),
		step->vf_counted ? "the VF counts them" : NULL,
		step->note[0] ? step->note : NULL,
	};
	const char *between = "";

	fputs("<td class=\"note\">", out);
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		if (!notes[i])
			continue;
		nfp_html_text(out, "%s%s", between, notes[i]);
		between = "; ";
	}
	fputs("</td>", out);
}

static void print_step(FILE *out, const struct nfp_step_result *step, const struct beside *beside)
{
	fprintf(out, "<tr><th scope=\"row\">%s</th>", nfp_step_name(step->step));
	if (step->status == NFP_STATUS_DONE) {
		print_landing(out, step, NFP_KIND_UNICAST);
		print_count(out, &step->count[NFP_KIND_UNICAST]);
		print_landing(out, step, NFP_KIND_BROADCAST);
		print_landing(out, step, NFP_KIND_STRANGER);
		fprintf(out, "<td>%.2f</td>", (double)step->window_ns / 1e9);
		print_beside(out, step, beside);
	} else {
		fprintf(out, "<td class=\"words\" colspan=\"%d\">%s</td>",
			10 + beside->sending + 2 * beside->counted, nfp_status_name(step->status));
	}
	print_notes(out, step);
	fputs("</tr>\n", out);
}

void nfp_html_steps(FILE *out, const struct nfp_style_result *style)
{
	const struct beside beside = beside_of(style);

	fprintf(out,
		"<div class=\"scroll\" tabindex=\"0\"><table><caption>Frames in the window of each "
		"step%s%s</caption>",
		beside.sending ? "; sending: does what the standby sends leave the NIC" : "",
		beside.counted ? "; VF counter: what the PF\342\200\231s driver counted for the VF"
			       : "");
	fputs("<thead><tr><th scope=\"col\">step</th><th scope=\"col\" class=\"words\">unicast</th>"
	      "<th scope=\"col\">sent</th><th scope=\"col\">PF</th><th scope=\"col\">VF</th>"
	      "<th scope=\"col\">both</th><th scope=\"col\">lost</th>"
	      "<th scope=\"col\">duplicates</th><th scope=\"col\" class=\"words\">broadcast</th>"
	      "<th scope=\"col\" class=\"words\">stranger</th><th scope=\"col\">seconds</th>",
	      out);
	if (beside.sending)
		fputs("<th scope=\"col\" class=\"words\">sending</th>", out);
	if (beside.counted)
		fputs("<th scope=\"col\">VF counter</th><th scope=\"col\">its drops</th>", out);
	fputs("<th scope=\"col\" class=\"note\">note</th></tr></thead><tbody>\n", out);
	for (size_t i = 0; i < style->num_steps; i++)
		print_step(out, &style->steps[i], &beside);
	fputs("</tbody></table></div>\n", out);
}

/* ---- transitions ---- */

static void print_span(FILE *out, const struct nfp_span *span)
{
	if (!span->known)
		fputs("<td>-</td>", out);
	else
		fprintf(out, "<td>%.1f \302\261 %.1f</td>", (double)span->us / 1000,
			(double)span->error_us / 1000);
}

void nfp_html_transitions(FILE *out, const struct nfp_style_result *style)
{
	if (style->num_transitions == 0)
		return;
	fputs("<div class=\"scroll\" tabindex=\"0\"><table><caption>Unicast between two windows, "
	      "in "
	      "milliseconds</caption><thead><tr><th scope=\"col\">from</th>"
	      "<th scope=\"col\" class=\"words\">to</th><th scope=\"col\">lost</th><th "
	      "scope=\"col\">gap</th>"
	      "<th scope=\"col\">switched in</th><th scope=\"col\">answered after</th>"
	      "<th scope=\"col\">effect after that</th><th "
	      "scope=\"col\">duplicates</th></tr></thead>"
	      "<tbody>\n",
	      out);
	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *t = &style->transitions[i];
		const struct nfp_transition_count *unicast = &t->count[NFP_KIND_UNICAST];

		fprintf(out,
			"<tr><th scope=\"row\">%s</th><td class=\"words\">%s</td><td>%" PRIu64
			"</td>",
			nfp_step_name(t->from), nfp_step_name(t->to), unicast->lost);
		print_span(out, &unicast->gap);
		print_span(out, &unicast->switched);
		print_span(out, &t->ack);
		print_span(out, &unicast->effect);
		fprintf(out, "<td>%" PRIu64 "</td></tr>\n", unicast->duplicates);
	}
	fputs("</tbody></table></div>\n", out);
}

/* ---- a baseline ---- */

static const char *class_of(enum nfp_tone tone)
{
	switch (tone) {
	case NFP_RED:
		return "bad";
	case NFP_GREEN:
		return "safe";
	case NFP_YELLOW:
		return "unsure";
	default:
		return "plain";
	}
}

static void print_cell(FILE *out, const char *class, const char *text)
{
	fprintf(out, "<td class=\"words %s\">", class);
	nfp_html_text(out, "%s", text[0] ? text : "-");
	fputs("</td>", out);
}

static void print_difference(FILE *out, const struct nfp_difference *d)
{
	char head[48], matter[64];

	nfp_difference_head(d, head, sizeof(head));
	nfp_difference_matter(d, matter, sizeof(matter));
	fprintf(out, "<tr><th scope=\"row\">%s</th>", head);
	print_cell(out, "plain", matter);
	print_cell(out, "plain", d->before);
	print_cell(out, "plain", d->now);
	print_cell(out, class_of(nfp_difference_tone(d)), nfp_trend_name(d->trend));
	fputs("</tr>\n", out);
}

void nfp_html_differences(FILE *out, const struct nfp_comparison *c)
{
	char then[NFP_THEN_LEN], sum[NFP_NOTE + 32];

	nfp_comparison_then(c, then, sizeof(then));
	fputs("<section><h2>Compared with a baseline</h2>\n<p>", out);
	nfp_html_text(out, "%s", then);
	fprintf(out, "</p>\n<p class=\"%s\">", class_of(nfp_comparison_sum(c, sum, sizeof(sum))));
	nfp_html_text(out, "%s", sum);
	fputs("</p>\n", out);
	if (c->n)
		fputs("<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>"
		      "<th scope=\"col\">of</th><th scope=\"col\" class=\"words\">what</th>"
		      "<th scope=\"col\" class=\"words\">then</th>"
		      "<th scope=\"col\" class=\"words\">now</th>"
		      "<th scope=\"col\" class=\"words\">trend</th></tr></thead><tbody>\n",
		      out);
	for (size_t i = 0; i < c->n; i++)
		print_difference(out, &c->v[i]);
	fputs(c->n ? "</tbody></table></div></section>\n" : "</section>\n", out);
}
