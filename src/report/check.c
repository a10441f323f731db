// SPDX-License-Identifier: GPL-2.0-or-later
/* check.c - what --check prints. */
#include "report_priv.h"

#include <string.h>
#include <sys/param.h>

/* ---- text ---- */

/* "VF 3, frames from eth1 (wire), no VLAN, 2026-11-20T10:00:00.123Z" */
static struct nfp_words tested_words(const struct nfp_check_entry *entry)
{
	const char *from = entry->style->from.name[0] ? entry->style->from.name
						      : "an unknown source";
	struct nfp_words words = {0};
	char time[32];

	nfp_append(&words, "", "VF %u, frames from %s", entry->key.vf, from);
	if (entry->key.have_source && strcmp(from, nfp_source_name(entry->key.source)) != 0)
		nfp_append(&words, " ", "(%s)", nfp_source_name(entry->key.source));
	if (entry->key.vlan)
		nfp_append(&words, ", ", "VLAN %u", entry->key.vlan);
	else
		nfp_append(&words, ", ", "no VLAN");
	nfp_append_known(&words, "",
			 entry->result->start_unix_ms
				 ? nfp_time_text(entry->result->start_unix_ms, time, sizeof(time))
				 : "");
	return words;
}

/* The width of the longest name. */
static unsigned int name_width(const struct nfp_check *check)
{
	size_t width = 0;

	for (size_t i = 0; i < check->num_styles; i++)
		width = MAX(width, strlen(nfp_style_name(check->styles[i].style)));
	return (unsigned int)width;
}

static void print_style(struct nfp_writer *w, const struct nfp_check_style *style,
			unsigned int width, bool quiet)
{
	struct nfp_words words = nfp_verdict_words(style->verdict, false), then = words;
	unsigned int at;

	if (style->safe == NFP_UNKNOWN)
		words = (struct nfp_words) {.text = "NOT PROVEN", .colour = NFP_YELLOW};
	nfp_writer_at(w, 2, NFP_BOLD, "%-*s  ", (int)width, nfp_style_name(style->style));
	nfp_writer_text(w, words.colour, "%s", words.text);
	at = w->col + 2;
	if (style->why[0]) {
		nfp_writer_pad(w, at);
		nfp_writer_wrap(w, NFP_PLAIN, at, "%s", style->why);
	}
	nfp_writer_newline(w);
	if (quiet || !style->entry)
		return;
	words = tested_words(style->entry);
	nfp_writer_line(w, NFP_PLAIN, width + 4, width + 4, "%s%s%s",
			style->safe == NFP_UNKNOWN ? then.text : "tested",
			style->safe == NFP_UNKNOWN ? " when tested: " : ": ", words.text);
}

/* The run that answers what is unknown, with its result in the folder that was asked. */
static void print_advice(struct nfp_writer *w, const struct nfp_check *check, const char *pf,
			 const char *vf)
{
	const char *slash = strrchr(check->file, '/');
	size_t len = slash ? (size_t)(slash - check->file) : 0;

	if (len == strlen(NFP_STORE_DIR) && strncmp(check->file, NFP_STORE_DIR, len) == 0)
		len = 0;
	nfp_writer_labelled(w, NFP_BOLD, "To find out: ", 2, "nfprobe %s --vf %s --save%s%.*s", pf,
			    vf, len ? "=" : "", (int)len, check->file);
}

int nfp_report_check_text(const struct nfp_check *check, const struct nfp_report_opts *opts,
			  FILE *out)
{
	struct nfp_writer w = {.out = out, .columns = opts->columns, .color = opts->color};
	const char *pf = check->ifname[0] ? check->ifname : "PF";
	char vf[16] = "N";
	bool unknown = false;

	if (check->have_vf)
		snprintf(vf, sizeof(vf), "%u", check->vf);
	if (!opts->quiet) {
		nfp_writer_text(&w, NFP_BOLD, "%s", pf);
		nfp_writer_labelled(&w, NFP_PLAIN, "  ", w.col + 2, "%s%s%s", check->parentdev,
				    check->have_vf ? ", VF " : "", check->have_vf ? vf : "");
	}
	for (size_t i = 0; i < check->num_styles; i++) {
		print_style(&w, &check->styles[i], name_width(check), opts->quiet);
		unknown |= check->styles[i].counts && check->styles[i].safe == NFP_UNKNOWN;
	}
	if (opts->quiet)
		return nfp_stream_status(out);
	for (size_t i = 0; i < check->notes.n; i++)
		nfp_writer_labelled(&w, NFP_YELLOW, "Note: ", 2, "%s", check->notes.v[i]);
	if (unknown)
		print_advice(&w, check, pf, vf);
	return nfp_stream_status(out);
}
