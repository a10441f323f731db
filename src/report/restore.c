// SPDX-License-Identifier: GPL-2.0-or-later
/* restore.c - what --restore did, one line each. What differs still is an error, and not said here.
 */
#include "nfprobe/report.h"

#include "report_priv.h"

static void lines(const struct nfp_strv *list, const char *head, FILE *out)
{
	char text[1024];

	for (size_t i = 0; i < list->n; i++) {
		nfp_utf8_clean(text, sizeof(text), list->v[i], true);
		fprintf(out, "%s%s\n", head, text);
	}
}

int nfp_report_restore(const struct nfp_restore_report *report, const struct nfp_report_opts *opts,
		       FILE *out)
{
	if (!opts->quiet) {
		lines(&report->done, "", out);
		if (report->no_interface)
			fputs("nothing to undo: there is no interface of that name, and no run on "
			      "one of that name left anything; nfprobe --restore, without a name, "
			      "undoes what any run left\n",
			      out);
		else if (!report->found && !report->unsure)
			fputs("nothing to undo\n", out);
	}
	lines(&report->others, "left as it is: ", out);
	lines(&report->left_behind, "left behind: ", out);
	lines(&report->taken, "not restored yet: ", out);
	lines(&report->failed, "not restored: ", out);
	return nfp_stream_status(out);
}
