// SPDX-License-Identifier: GPL-2.0-or-later
/* reflect.c - what a reflector says before and after. */
#include <inttypes.h>

#include "nfprobe/report.h"
#include "nfprobe/base.h"
#include "report_priv.h"

/* The line to type stays one line, however long: it is there to be copied. */
int nfp_report_reflect_start(const struct nfp_reflector_config *config,
			     const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_page page = {.out = out, .columns = opts->columns, .color = opts->color};
	const char *file = config->id_file;
	char mac[NFP_MAC_STRLEN], id[NFP_PEER_ID_STRLEN];

	if (!opts->quiet) {
		nfp_page_wrap(&page, NFP_PLAIN, 0,
			      "%s sends test frames on for %g s, at most %u unicast frames a "
			      "second. On the other host type, with its PF and VF%s:",
			      config->netdev.ifname,
			      (double)config->for_ns / (double)NFP_NSEC_PER_SEC, config->rate,
			      file ? ", and a file there with the same id" : "");
		nfp_page_nl(&page);
		nfp_page_nl(&page);
		nfp_page_put(&page, NFP_PLAIN, "    ");
	}
	nfp_page_put(&page, NFP_BOLD, "nfprobe PF --vf N --from peer:%s --id %s%s",
		     nfp_mac_str(&config->mac, mac), file ? "@" : "",
		     file ? file : nfp_peer_id_str(&config->id, id));
	if (config->rate != NFP_RATE_DEFAULT)
		nfp_page_put(&page, NFP_BOLD, " --rate %u", config->rate);
	nfp_page_nl(&page);
	if (!opts->quiet)
		nfp_page_nl(&page);
	return nfp_stream_status(out);
}

static void put_outcome(struct nfp_page *page, const struct nfp_reflector_report *report,
			enum nfp_reflect_outcome outcome, const char *before)
{
	nfp_page_put(page, NFP_PLAIN, "  %s%" PRIu64 " %s", before, report->outcome[outcome],
		     nfp_reflect_outcome_text(outcome));
	nfp_page_nl(page);
}

int nfp_report_reflect_end(const struct nfp_reflector_report *report,
			   const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_page page = {.out = out, .columns = opts->columns, .color = opts->color};
	double took = (double)(report->ended_ns - report->began_ns) / (double)NFP_NSEC_PER_SEC;

	if (opts->quiet)
		return nfp_stream_status(out);
	nfp_page_put(&page, NFP_PLAIN, "%s after %.1f s: %" PRIu64 " received",
		     report->stopped ? "stopped" : "time is over", took, report->received);
	nfp_page_nl(&page);
	put_outcome(&page, report, NFP_REFLECT_SENT_ON, "");
	for (int i = NFP_REFLECT_ANSWERED; i < NFP_REFLECT_OUTCOMES; i++) {
		if (report->outcome[i] || opts->verbose)
			put_outcome(&page, report, (enum nfp_reflect_outcome)i,
				    i == NFP_REFLECT_ANSWERED ? "" : "not sent on: ");
	}
	if (report->drops || opts->verbose) {
		nfp_page_put(&page, NFP_PLAIN, "  lost by the capture: %" PRIu64, report->drops);
		nfp_page_nl(&page);
	}
	return nfp_stream_status(out);
}
