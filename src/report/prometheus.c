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
	const struct nfp_vf_result *vf;	      /* of one of a style; */
	const struct nfp_style_result *style; /* .. NULL: of one of the run */
	char between;			      /* what comes before the next label */
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
	const struct nfp_style_result *style = m->style;
	char number[16];

	fputs(m->name, m->out);
	m->between = '{';
	label(m, "device", m->result->pf.ifname);
	if (!style)
		return;
	snprintf(number, sizeof(number), "%u", m->vf->vf);
	label(m, "vf", number);
	label(m, "pci_address", m->vf->parentdev);
	label(m, "style", nfp_style_name(style->style));
	label(m, "from", style->from.name);
	label(m, "source", style->from.known ? nfp_source_name(style->from.source) : "");
}

static void end(struct metric *m, double value)
{
	if (isinf(value))
		fputs("} +Inf\n", m->out);
	else
		fprintf(m->out, "} %.15g\n", value);
}

/* ---- of each style of each VF ---- */

/* 1 for the value that the style has, 0 for each other below @num; nothing if it has none. */
static void write_values(struct metric *m, const char *name, const struct nfp_names *names,
			 unsigned int num, unsigned int is)
{
	for (unsigned int v = 0; v < num && names->v[is]; v++) {
		if (!names->v[v])
			continue;
		begin(m);
		label(m, name, names->v[v]);
		end(m, is == v);
	}
}

static void verdict(struct metric *m)
{
	write_values(m, "verdict", &nfp_verdict_names, NFP_VERDICT_NOT_APPLICABLE,
		     m->style->verdict);
}

static void multicast(struct metric *m)
{
	write_values(m, "state", &nfp_multicast_names, NFP_MULTICAST_COUNT, m->style->multicast);
}

static void neighbours(struct metric *m)
{
	write_values(m, "state", &nfp_near_names, NFP_NEAR_COUNT, m->style->neighbours.verdict);
}

static void outages(struct metric *m, bool error)
{
	static const char *const receivers[] = {
		[NFP_LISTENS_PF] = "standby", [NFP_LISTENS_VF] = "vf"};
	struct nfp_outage outage;

	for (enum nfp_listens l = NFP_LISTENS_PF; l <= NFP_LISTENS_VF; l++) {
		const struct nfp_span *gap;

		if (!nfp_outage_of(m->style, l, &outage) || (error && outage.endless))
			continue;
		gap = &outage.longest->count[NFP_KIND_UNICAST].gap;
		begin(m);
		label(m, "receiver", receivers[l]);
		end(m, outage.endless ? INFINITY : (double)(error ? gap->error_us : gap->us) / 1e6);
	}
}

static void outage_seconds(struct metric *m)
{
	outages(m, false);
}

static void outage_error_seconds(struct metric *m)
{
	outages(m, true);
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

static void entries_missing(struct metric *m)
{
	if (!m->result->entries_known)
		return;
	begin(m);
	end(m, m->result->entries_missing);
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
	void (*write)(struct metric *m);
	bool of_style;
} metrics[] = {
	{"nfprobe_verdict", "1 for the verdict on this VF with this kind of standby, else 0.",
	 verdict, true},
	{"nfprobe_outage_seconds", "Longest time for which the guest was deaf at a change.",
	 outage_seconds, true},
	{"nfprobe_outage_error_seconds", "Uncertainty of nfprobe_outage_seconds.",
	 outage_error_seconds, true},
	{"nfprobe_multicast", "1 for whether the guest gets the multicast that IPv6 needs, else 0.",
	 multicast, true},
	{"nfprobe_neighbours",
	 "1 for whether neighbours on the NIC reach a guest that is elsewhere, else 0.", neighbours,
	 true},
	{"nfprobe_run_timestamp_seconds", "When the run began.", run_timestamp, false},
	{"nfprobe_exit_status", "Exit status of the run.", exit_status, false},
	{"nfprobe_stale",
	 "1 if a stored verdict says nothing about now, or one is missing, else 0.", is_stale,
	 false},
	{"nfprobe_entries_missing",
	 "Guests whose address the libvirt hook had added to the PF, which has lost it.",
	 entries_missing, false},
	{"nfprobe_info", "What was probed, with which version of nfprobe.", info, false},
};

int nfp_export_prometheus(const struct nfp_result *result, FILE *out)
{
	for (size_t i = 0; i < NFP_NUM(metrics); i++) {
		struct metric m = {.out = out, .name = metrics[i].name, .result = result};

		fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", m.name, metrics[i].help, m.name);
		if (!metrics[i].of_style)
			metrics[i].write(&m);
		for (size_t j = 0; metrics[i].of_style && j < result->num_vfs; j++) {
			m.vf = &result->vfs[j];
			/* A result that does not count is no reason for an alert. */
			for (size_t k = 0; k < m.vf->num_styles; k++) {
				m.style = &m.vf->styles[k];
				if (nfp_style_counts(m.vf, m.style))
					metrics[i].write(&m);
			}
		}
	}
	return nfp_stream_status(out);
}
