// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * live TOLD GO STYLE/STEP... - a run on a NIC in memory, as a person sees it on a terminal. Where a
 * named step begins, the program waits until the terminal shows all of it, writes a line to the
 * FIFO TOLD, and goes on when there is one in the FIFO GO.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "memnic/memnic.h"
#include "report/report.h"
#include "verdict/verdict.h"

#define STEP_NS (2 * NFP_NSEC_PER_SEC)

struct play {
	struct nfp_progress *live;
	struct nfp_report_opts opts;
	uint64_t now_ns;
	FILE *told, *go;
	char **moments;
};

static void tell(struct play *p, const struct nfp_event *event)
{
	bool shows = nfp_progress_event(p->live, event, p->now_ns);

	nfp_report_resize(&p->opts, STDERR_FILENO);
	if (shows)
		nfp_progress_draw(p->live, p->opts.columns, p->now_ns, stderr);
}

/* A terminal answers where its cursor is when it has shown what came before the question. */
static void wait_for_terminal(void)
{
	struct termios before, raw;
	char byte = 0;

	tcgetattr(STDIN_FILENO, &before);
	raw = before;
	cfmakeraw(&raw);
	raw.c_oflag = before.c_oflag;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	fputs("\033[6n", stderr);
	while (byte != 'R' && read(STDIN_FILENO, &byte, 1) == 1)
		;
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static void pause_at(struct play *p, const char *moment)
{
	char line[64];

	wait_for_terminal();
	fprintf(p->told, "%s\n", moment);
	fflush(p->told);
	if (!fgets(line, sizeof(line), p->go))
		exit(1);
}

static bool is_named(const struct play *p, const char *moment)
{
	for (char **m = p->moments; *m; m++) {
		if (strcmp(*m, moment) == 0)
			return true;
	}
	return false;
}

static void run_ladder(struct play *p, const struct nfp_result *result,
		       const struct nfp_style_result *style)
{
	struct nfp_event event = {.where = {result->vf.vf, style->style, style->from.name}};
	char moment[64];

	for (size_t i = 0; i < style->num_steps; i++) {
		event.what = NFP_EVENT_STEP;
		event.step = style->steps[i].step;
		event.remaining_ns = (style->num_steps - i) * STEP_NS;
		tell(p, &event);
		snprintf(moment, sizeof(moment), "%s/%s", nfp_style_name(style->style),
			 nfp_step_name(event.step));
		if (is_named(p, moment))
			pause_at(p, moment);
		p->now_ns += STEP_NS;
		event.what = NFP_EVENT_LANDING;
		tell(p, &event);
	}
	event.what = NFP_EVENT_VERDICT;
	event.style = style;
	tell(p, &event);
}

/* A run of igb as it is in memory: a macvtap, a bridge, and the bridge's fix. */
static void probe(struct nfp_result *result)
{
	static const enum nfp_style styles[] = {NFP_STYLE_MACVTAP, NFP_STYLE_BRIDGE,
						NFP_STYLE_BRIDGE_FDB};
	const struct memnic_conditions wire = {.source = NFP_ENTERS_WIRE};

	nfp_result_init(result);
	result->have_vf = result->have_verdict = result->settings.multicast = true;
	result->vf.vf = 3;
	snprintf(result->pf.ifname, sizeof(result->pf.ifname), "eth0");
	result->source = (struct nfp_ladder_source) {
		.known = true, .source = NFP_ENTERS_WIRE, .name = "eth1"};
	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
		struct nfp_style_result *style = nfp_vf_add_style(&result->vf);

		(void)memnic_run(memnic_archetype("igb"), &wire, styles[i], style);
		style->from = result->source;
		style->is_fix = nfp_styles[styles[i]].fixes != 0;
		result->settings.styles[styles[i]] = !style->is_fix;
	}
	nfp_judge_result(result);
}

int main(int argc, char **argv)
{
	struct nfp_request request = {.mode = NFP_MODE_PROBE, .settings.try_fixes = true};
	struct play p = {.now_ns = 100 * NFP_NSEC_PER_SEC};
	uint64_t estimate_ns = 0;
	struct nfp_result result;

	if (argc < 3) {
		fputs("live TOLD GO STYLE/STEP...\n", stderr);
		return 2;
	}
	probe(&result);
	p.told = fopen(argv[1], "we");
	p.go = fopen(argv[2], "re");
	if (!p.told || !p.go) {
		perror("live");
		return 2;
	}
	p.moments = &argv[3];
	memcpy(request.settings.styles, result.settings.styles, sizeof(request.settings.styles));
	p.opts = nfp_report_opts_for(&request, STDERR_FILENO);
	p.live = nfp_progress_new();
	for (size_t i = 0; i < result.vf.num_styles; i++)
		estimate_ns += result.vf.styles[i].num_steps * STEP_NS;
	tell(&p, &(struct nfp_event) {
			 .what = NFP_EVENT_RUN, .run = &result, .remaining_ns = estimate_ns});
	for (size_t i = 0; i < result.vf.num_styles; i++)
		run_ladder(&p, &result, &result.vf.styles[i]);
	nfp_report_resize(&p.opts, STDERR_FILENO);
	nfp_progress_clear(p.live, p.opts.columns, stderr);
	(void)nfp_report_text(&result, &p.opts, stdout);
	fflush(stdout);
	pause_at(&p, "end");
	nfp_progress_free(p.live);
	nfp_result_fini(&result);
	return 0;
}
