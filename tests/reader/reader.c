// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reader FILE [OPTION]... - judges a result again, from the JSON that --json has written, and
 * prints it. The options are nfprobe's: -q, -v, --color, --json, and how a run is judged: --allow,
 * --gap-limit, --require. Its exit status is that of such a run, 2 and 4 on errors.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"
#include "nfprobe/report.h"

/* Those of a run of some VF. */
static int parse(int argc, char **argv, struct nfp_request *request, struct nfp_err *err)
{
	char name[] = "nfprobe", pf[] = "eth0", option[] = "--vf=0";
	char **args = nfp_calloc((size_t)argc + 3, sizeof(*args));
	int num = 0, ret;

	args[num++] = name;
	args[num++] = pf;
	args[num++] = option;
	for (int i = 2; i < argc; i++)
		args[num++] = argv[i];
	ret = nfp_request_parse(num, args, request, err);
	free(args);
	return ret;
}

/* What the user demands in place of what the run was asked for. */
static void demand(const struct nfp_request *request, struct nfp_settings *settings)
{
	static const bool none[NFP_VERDICT_COUNT];

	if (memcmp(request->allow, none, sizeof(none)) != 0)
		memcpy(settings->allow, request->allow, sizeof(settings->allow));
	if (request->gap_limit_ms)
		settings->gap_limit_ms = request->gap_limit_ms;
	settings->require_neighbours |= request->require_neighbours;
	settings->require_here |= request->require_here;
	settings->require_yes |= request->require_yes;
	settings->require_no |= request->require_no;
}

/* As nfprobe does: through a door, unless it is a terminal. */
static FILE *open_out(struct nfp_door *door, FILE *to, enum nfp_markup markup, bool color)
{
	return isatty(fileno(to)) ? to : nfp_door_open(door, to, markup, color) ?: to;
}

static int print(const struct nfp_request *request, const struct nfp_result *result)
{
	const struct nfp_report_opts opts = nfp_report_opts_for(request, STDOUT_FILENO);
	const struct nfp_report_opts to_err = nfp_report_opts_for(request, STDERR_FILENO);
	bool json = nfp_request_json_stdout(request);
	struct nfp_door doors[2];
	FILE *out = open_out(&doors[0], stdout, json ? NFP_MARKUP_JSON : NFP_MARKUP_NONE,
			     opts.color);
	FILE *err = open_out(&doors[1], stderr, NFP_MARKUP_NONE, to_err.color);
	int ret;

	for (size_t i = 0; i < result->warnings.n && !request->quiet; i++)
		(void)nfp_report_warning(result->warnings.v[i], &to_err, err);
	if (!json && result->error.code != NFP_E_NONE)
		(void)nfp_report_error(&result->error, &to_err, err);
	ret = json ? nfp_report_json(result, out) : nfp_report_text(result, &opts, out);
	if (out != stdout)
		fclose(out);
	if (err != stderr)
		fclose(err);
	return ret;
}

int main(int argc, char **argv)
{
	const struct nfp_report_opts plain = {.columns = 0};
	struct nfp_request request;
	struct nfp_result result;
	struct nfp_err err = {0};
	int status = NFP_EXIT_USAGE;

	if (argc < 2) {
		fputs("reader FILE [OPTION]...\n", stderr);
		return NFP_EXIT_USAGE;
	}
	nfp_result_init(&result);
	if (parse(argc, argv, &request, &err) < 0) {
		(void)nfp_report_error(&err, &plain, stderr);
	} else if (reader_load_file(argv[1], &result, &err) < 0) {
		(void)nfp_report_error(&err, &plain, stderr);
		status = NFP_EXIT_CANNOT;
	} else {
		demand(&request, &result.settings);
		nfp_judge_result(&result);
		status = print(&request, &result) < 0 ? NFP_EXIT_CANNOT : result.exit_status;
	}
	nfp_request_fini(&request);
	nfp_result_fini(&result);
	return status;
}
