// SPDX-License-Identifier: GPL-2.0-or-later
/* export.c - the formats of a result for others, each in a file of its own. */
#include "report_priv.h"

int nfp_report_export(enum nfp_export format, const struct nfp_result *result, FILE *out)
{
	static int (*const exports[NFP_EXPORT_COUNT])(const struct nfp_result *result,
						      FILE *out) = {
		[NFP_EXPORT_JUNIT] = nfp_export_junit,
		[NFP_EXPORT_KTAP] = nfp_export_ktap,
		[NFP_EXPORT_NFD] = nfp_export_nfd,
		[NFP_EXPORT_PROMETHEUS] = nfp_export_prometheus,
		[NFP_EXPORT_JSON] = nfp_report_json,
		[NFP_EXPORT_HTML] = nfp_report_html,
	};

	return exports[format](result, out);
}
