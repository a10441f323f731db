// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prometheus.c - a result in Prometheus' text format, version 0.0.4, for the textfile collector of
 * node_exporter, which takes no timestamps.
 */
#include "report_priv.h"

#include <math.h>

/* A metric that is being written. */
struct metric {
	FILE *out;
	const char *name;
	const struct nfp_result *result;
	char between; /* what comes before the next label */
};

static void label(struct metric *m, const char *name, const char *value)
{
	static const nfp_escapes escapes = {['"'] = "\\\"", ['\\'] = "\\\\"};

	fprintf(m->out, "%c%s=\"", m->between, name);
	nfp_write_escaped(m->out, value, escapes);
	putc('"', m->out);
	m->between = ',';
}

static void begin(struct metric *m)
{
	fputs(m->name, m->out);
	m->between = '{';
	label(m, "device", m->result->pf.ifname);
}

static void end(struct metric *m, double value)
{
	if (isinf(value))
		fputs("} +Inf\n", m->out);
	else
		fprintf(m->out, "} %.15g\n", value);
}

static void begin_style(struct metric *m, const struct nfp_vf_result *vf,
			const struct nfp_style_result *style)
{
	const struct nfp_ladder_source *from = &style->from;
	char number[16];

	snprintf(number, sizeof(number), "%u", vf->vf);
	begin(m);
	label(m, "vf", number);
	label(m, "pci_address", vf->parentdev);
	label(m, "style", nfp_style_name(style->style));
	label(m, "from", from->name);
	label(m, "source", from->known ? nfp_source_name(from->source) : "");
}

/* ---- of each style of each VF ---- */

static void verdict(struct metric *m, const struct nfp_vf_result *vf,
		    const struct nfp_style_result *style)
{
	for (unsigned int v = 0; v < NFP_VERDICT_COUNT; v++) {
		if (v == NFP_VERDICT_NOT_APPLICABLE)
			continue;
		begin_style(m, vf, style);
		label(m, "verdict", nfp_verdict_name(v));
		end(m, style->verdict == v);
	}
}

static void multicast(struct metric *m, const struct nfp_vf_result *vf,
		      const struct nfp_style_result *style)
{
	for (unsigned int state = 0; state < NFP_MULTICAST_COUNT; state++) {
		if (state == NFP_MULTICAST_NONE || style->multicast == NFP_MULTICAST_NONE)
			continue;
		begin_style(m, vf, style);
		label(m, "state", nfp_multicast_name(state));
		end(m, style->multicast == state);
	}
}

static void outages(struct metric *m, const struct nfp_vf_result *vf,
		    const struct nfp_style_result *style, bool error)
{
	static const char *const receivers[] = {
		[NFP_LISTENS_PF] = "standby", [NFP_LISTENS_VF] = "vf"};
	struct nfp_outage outage;

	for (enum nfp_listens l = NFP_LISTENS_PF; l <= NFP_LISTENS_VF; l++) {
		const struct nfp_span *gap;

		if (!nfp_outage_of(style, l, &outage) || (error && outage.endless))
			continue;
		gap = &outage.longest->count[NFP_KIND_UNICAST].gap;
		begin_style(m, vf, style);
		label(m, "receiver", receivers[l]);
		end(m, outage.endless ? INFINITY : (double)(error ? gap->error_us : gap->us) / 1e6);
	}
}

static void outage_seconds(struct metric *m, const struct nfp_vf_result *vf,
			   const struct nfp_style_result *style)
{
	outages(m, vf, style, false);
}

static void outage_error_seconds(struct metric *m, const struct nfp_vf_result *vf,
				 const struct nfp_style_result *style)
{
	outages(m, vf, style, true);
}

/* ---- of the run ---- */

static void run_timestamp(struct metric *m)
{
	if (m->result->start_unix_ms <= 0)
		return;
	begin(m);
	end(m, (double)m->result->start_unix_ms / 1000);
}

static void exit_status(struct metric *m)
{
	begin(m);
	end(m, m->result->exit_status);
}

static void is_stale(struct metric *m)
{
	const struct nfp_result *result = m->result;
	bool stale = result->unstored.n;

	for (size_t i = 0; i < result->num_vfs; i++) {
		for (size_t j = 0; j < result->vfs[i].num_styles; j++)
			stale = stale || result->vfs[i].styles[j].stale[0];
	}
	begin(m);
	end(m, stale);
}

static void info(struct metric *m)
{
	const struct nfp_pf_info *pf = &m->result->pf;

	begin(m);
	label(m, "pci_address", pf->parentdev);
	label(m, "driver", pf->driver);
	label(m, "driver_version", pf->driver_version);
	label(m, "firmware", pf->firmware);
	label(m, "kernel", m->result->kernel);
	label(m, "version", NFP_VERSION);
	end(m, 1);
}

static const struct {
	const char *name, *help;
	void (*run)(struct metric *m); /* or: */
	void (*style)(struct metric *m, const struct nfp_vf_result *vf,
		      const struct nfp_style_result *style);
} metrics[] = {
	{"nfprobe_verdict", "1 for the verdict on this VF with this kind of standby, else 0.",
	 .style = verdict},
	{"nfprobe_outage_seconds", "Longest time for which the guest was deaf at a change.",
	 .style = outage_seconds},
	{"nfprobe_outage_error_seconds", "Uncertainty of nfprobe_outage_seconds.",
	 .style = outage_error_seconds},
	{"nfprobe_multicast", "1 for whether the guest gets the multicast that IPv6 needs, else 0.",
	 .style = multicast},
	{"nfprobe_run_timestamp_seconds", "When the run began.", .run = run_timestamp},
	{"nfprobe_exit_status", "Exit status of the run.", .run = exit_status},
	{"nfprobe_stale",
	 "1 if a stored verdict says nothing about now, or one is missing, else 0.",
	 .run = is_stale},
	{"nfprobe_info", "What was probed, with which version of nfprobe.", .run = info},
};

int nfp_export_prometheus(const struct nfp_result *result, FILE *out)
{
	struct metric m = {.out = out, .result = result};

	for (size_t i = 0; i < NFP_NUM(metrics); i++) {
		m.name = metrics[i].name;
		fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", m.name, metrics[i].help, m.name);
		if (metrics[i].run)
			metrics[i].run(&m);
		for (size_t j = 0; !metrics[i].run && j < result->num_vfs; j++) {
			const struct nfp_vf_result *vf = &result->vfs[j];

			/* A result that does not count is no reason for an alert. */
			for (size_t k = 0; k < vf->num_styles; k++) {
				if (nfp_style_counts(vf, &vf->styles[k]))
					metrics[i].style(&m, vf, &vf->styles[k]);
			}
		}
	}
	return nfp_stream_status(out);
}
