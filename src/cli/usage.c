// SPDX-License-Identifier: GPL-2.0-or-later
/* usage.c - the text of --help, from the option table. */
#include "options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 23

struct text {
	char *buf;
	size_t size, len; /* len: what the whole text needs, without the NUL */
};

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *fmt, ...)
{
	size_t room = t->len < t->size ? t->size - t->len : 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room ? t->buf + t->len : NULL, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len += (size_t)n;
}

static void option(struct text *t, const struct nfp_opt *opt)
{
	char head[64], letter[8] = "";
	const char *line = opt->help;
	int len;

	if (opt->letter)
		snprintf(letter, sizeof(letter), "-%c, ", opt->letter);
	len = snprintf(head, sizeof(head), "  %s--%s%s%s%s", letter, opt->name,
		       opt->arg == NFP_OPT_OPTIONAL   ? "[="
		       : opt->arg == NFP_OPT_REQUIRED ? " "
						      : "",
		       opt->metavar ? opt->metavar : "", opt->arg == NFP_OPT_OPTIONAL ? "]" : "");
	if (len >= HELP_COLUMN)
		add(t, "%s\n%*s", head, HELP_COLUMN, "");
	else
		add(t, "%-*s", HELP_COLUMN, head);
	for (;;) {
		size_t n = strcspn(line, "\n");

		add(t, "%.*s\n", (int)n, line);
		if (line[n] == '\0')
			return;
		line += n + 1;
		add(t, "%*s", HELP_COLUMN, "");
	}
}

size_t nfp_request_usage(char *buf, size_t size)
{
	struct text t = {.buf = buf, .size = size};

	add(&t, "Usage: nfprobe PF --vf N [options]    is this VF fit for failover?\n"
		"       nfprobe --list [PF]            PFs, VFs and who uses them\n"
		"       nfprobe --restore [PF]         undo what an interrupted run left\n"
		"       nfprobe --reflect IFACE        send frames on for a run on another host\n"
		"       nfprobe --read FILE            the result of a run, from its packets\n\n"
		"Options:\n");
	for (size_t i = 0; i < nfp_num_options; i++)
		option(&t, &nfp_options[i]);
	add(&t, "\nExit status: 0 safe, 1 not safe, 2 usage, 3 inconclusive, 4 cannot run,\n"
		"5 the host could not be put back as it was. See nfprobe(8).\n");
	return t.len;
}
