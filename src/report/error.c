// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/report.h"
#include "report_priv.h"

#define PREFIX "nfprobe: "

int nfp_report_error(const struct nfp_err *err, const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_page page = {.out = out, .columns = opts->columns, .color = opts->color};

	nfp_page_put(&page, NFP_RED, PREFIX);
	nfp_page_wrap(&page, NFP_PLAIN, sizeof(PREFIX) - 1, "%s",
		      err->message[0] ? err->message : nfp_errcode_name(err->code));
	nfp_page_nl(&page);
	if (err->hint[0]) {
		nfp_page_put(&page, NFP_BOLD, PREFIX);
		nfp_page_wrap(&page, NFP_PLAIN, sizeof(PREFIX) - 1, "%s", err->hint);
		nfp_page_nl(&page);
	}
	return nfp_page_end(&page);
}

int nfp_report_change(const char *command, FILE *out)
{
	struct nfp_page page = {.out = out};

	nfp_page_put(&page, NFP_PLAIN, "+ %s", command);
	nfp_page_nl(&page);
	return nfp_page_end(&page);
}

int nfp_report_warning(const char *sentence, const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_page page = {.out = out, .columns = opts->columns, .color = opts->color};

	nfp_page_put(&page, NFP_YELLOW, PREFIX "warning: ");
	nfp_page_wrap(&page, NFP_PLAIN, sizeof(PREFIX) - 1, "%s", sentence);
	nfp_page_nl(&page);
	return nfp_page_end(&page);
}
