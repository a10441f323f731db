// SPDX-License-Identifier: GPL-2.0-or-later
/* help.c - the text of --help and -h, from the table of options. */
#include "table.h"

#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 23

static const char usage[] = "Usage: nfprobe [PF]                   PFs, VFs and who uses them\n"
			    "       nfprobe PF --vf N [options]    is this VF fit for failover?\n";

static const char other_modes[] =
	"       nfprobe --audit [PF..]         addresses that make guests lose frames\n"
	"       nfprobe --way [GUEST]          how guests' standbys lead to the wire\n"
	"       nfprobe --way GUEST --watch    where a guest's frames stop\n"
	"       nfprobe --restore [PF]         undo what an interrupted run left\n"
	"       nfprobe --reflect IFACE        forward frames for a run on another host\n";

static void append_option(const struct nfp_opt *opt, char *buf, size_t size)
{
	const char letter[] = {'-', opt->letter, ',', ' ', '\0'};
	bool optional = nfp_opt_is_optional(opt);
	char head[64];
	int n = snprintf(head, sizeof(head), "  %s--%s%s%s%s", opt->letter ? letter : "", opt->name,
			 optional	? "[="
			 : opt->metavar ? " "
					: "",
			 opt->metavar ? opt->metavar : "", optional ? "]" : "");

	nfp_appendf(buf, size, "%s%s%*s", head, n < HELP_COLUMN ? "" : "\n",
		    n < HELP_COLUMN ? HELP_COLUMN - n : HELP_COLUMN, "");
	for (const char *line = opt->help;; line++) {
		size_t end = strcspn(line, "\n");

		nfp_appendf(buf, size, "%.*s\n", (int)end, line);
		line += end;
		if (*line == '\0')
			break;
		nfp_appendf(buf, size, "%*s", HELP_COLUMN, "");
	}
}

void nfp_request_usage(bool brief, char *buf, size_t size)
{
	buf[0] = '\0';
	nfp_appendf(buf, size, "%s%s", usage, brief ? "\n" : other_modes);
	nfp_for_each (opt, nfp_options, nfp_num_options) {
		if (!brief && opt->group)
			nfp_appendf(buf, size, "\n%s:\n", opt->group);
		if (opt->modes && (!brief || opt->common))
			append_option(opt, buf, size);
	}
	nfp_appendf(buf, size,
		    "\nExit status: 0 safe, 1 not safe, 2 usage, 3 unknown, 4 cannot run,\n"
		    "5 the host could not be restored. See nfprobe(8).\n");
}
