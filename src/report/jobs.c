// SPDX-License-Identifier: GPL-2.0-or-later
/* jobs.c - what --all prints: a table of the PFs. */
#include "report_priv.h"

#include <string.h>

/* "igb, firmware 2.1.0, PCI 8086:10c9" */
static struct nfp_words nic_words(const struct nfp_job *job)
{
	struct nfp_words words = nfp_driver_words(job->pf.driver, "", "", job->pf.firmware);

	if (job->pf.vendor)
		nfp_append(&words, ", ", "PCI %04x:%04x", job->pf.vendor, job->pf.device);
	return words;
}

/* The worst ladder of the style, from whatever source; NULL: there is none. */
static const struct nfp_style_result *worst_ladder(const struct nfp_vf_result *vf,
						   enum nfp_style style)
{
	const struct nfp_style_result *worst = NULL;

	for (size_t i = 0; vf && i < vf->num_styles; i++) {
		const struct nfp_style_result *ladder = &vf->styles[i];

		if (ladder->style == style && ladder->verdict != NFP_VERDICT_NOT_APPLICABLE &&
		    (!worst || ladder->verdict < worst->verdict))
			worst = ladder;
	}
	return worst;
}

static const struct nfp_vf_result *probed_vf(const struct nfp_job *job)
{
	return job->result.num_vfs ? &job->result.vfs[0] : NULL;
}

/* The facts that verdicts do not state. */
static struct nfp_words note_words(const struct nfp_job *job)
{
	const struct nfp_vf_result *vf = probed_vf(job);
	struct nfp_words words = {0};

	if (job->error.code != NFP_E_NONE)
		nfp_append(&words, "", "%s%s",
			   (vf && vf->num_styles) || job->error.code == NFP_E_DIED ? ""
										   : "not probed: ",
			   job->error.message);
	for (size_t i = 0; vf && i < vf->num_styles && !words.text[0]; i++) {
		if (vf->styles[i].verdict == NFP_VERDICT_INCONCLUSIVE)
			nfp_append(&words, "", "%s", vf->styles[i].reason);
	}
	return words;
}

/* The usual styles have a column, and others that any of the runs has. */
static bool has_column(const struct nfp_jobs *jobs, enum nfp_style style)
{
	bool any = nfp_styles[style].usual;

	for (size_t i = 0; i < jobs->num; i++)
		any |= worst_ladder(probed_vf(&jobs->v[i]), style) != NULL;
	return any;
}

static void add_row(struct nfp_grid *grid, const struct nfp_jobs *jobs, const struct nfp_job *job,
		    const bool *allow)
{
	const struct nfp_vf_result *vf = probed_vf(job);

	nfp_grid_cell(grid, NFP_BOLD, "%s", job->pf.ifname);
	if (vf)
		nfp_grid_cell(grid, NFP_PLAIN, "%u", vf->vf);
	else
		nfp_grid_cell(grid, NFP_PLAIN, "%s", "");
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		const struct nfp_style_result *ladder = worst_ladder(vf, style);
		struct nfp_words words = {0};

		if (!has_column(jobs, style))
			continue;
		if (ladder)
			words = nfp_verdict_words(ladder->verdict, allow[ladder->verdict]);
		nfp_grid_cell(grid, words.colour, "%s", words.text);
	}
	nfp_grid_cell(grid, NFP_PLAIN, "%s", note_words(job).text);
}

int nfp_report_jobs_text(const struct nfp_jobs *jobs, const bool allow[NFP_VERDICT_COUNT],
			 const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_writer w = {.out = out, .columns = opts->columns, .color = opts->color};

	for (size_t i = 0; i < jobs->num;) {
		struct nfp_words nic = nic_words(&jobs->v[i]);
		struct nfp_grid grid = NFP_GRID("lr", "PF", "VF");

		if (i)
			nfp_writer_newline(&w);
		nfp_writer_line(&w, NFP_BOLD, 0, 2, "%s", nic.text);
		for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++)
			if (has_column(jobs, style))
				nfp_grid_column(&grid, 'l', nfp_style_name(style));
		nfp_grid_column(&grid, 'p', "");
		do
			add_row(&grid, jobs, &jobs->v[i++], allow);
		while (i < jobs->num && strcmp(nic_words(&jobs->v[i]).text, nic.text) == 0);
		nfp_writer_grid(&w, &grid);
		nfp_grid_fini(&grid);
	}
	return nfp_stream_status(out);
}

int nfp_report_line(const char *ifname, const char *text, FILE *out)
{
	struct nfp_writer w = {.out = out};
	int named = strncmp(text, "nfprobe: ", 9) == 0 ? 9 : 0;

	nfp_writer_text(&w, NFP_PLAIN, "%.*s%s: %s", named, text, ifname, text + named);
	nfp_writer_newline(&w);
	return nfp_stream_status(out);
}
