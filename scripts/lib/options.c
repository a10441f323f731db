// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * options.c - the options of nfprobe, for completion.py and tried.py: with "table" all of each, as
 * JSON; with "commands" of each line of standard input, whose words tabs part, what is wrong with
 * it as a command line.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "../../src/cli/table.h"

static json_t *row_of(const struct nfp_opt *opt)
{
	const char letter[] = {opt->letter, '\0'};
	json_t *words = json_array();

	for (const struct nfp_word *w = opt->words; w && w->name; w++)
		json_array_append_new(words, json_string(w->name));
	return json_pack("{s:s, s:s, s:s, s:s?, s:b, s:b, s:o}", "name", opt->name, "letter",
			 letter, "help", opt->help, "metavar", opt->metavar, "optional",
			 nfp_opt_is_optional(opt), "value", nfp_opt_takes_value(opt), "words",
			 words);
}

static void print_table(void)
{
	json_t *all = json_array();

	for (size_t i = 0; i < nfp_num_options; i++) {
		const struct nfp_opt *opt = &nfp_options[i];

		if (opt->kind != NFP_OPT_SPELLING)
			json_array_append_new(all, row_of(opt));
	}
	json_dumpf(all, stdout, JSON_INDENT(1));
	json_decref(all);
}

static void try_commands(void)
{
	char line[4096], *argv[256];

	while (fgets(line, sizeof(line), stdin)) {
		struct nfp_request request;
		struct nfp_err err = {.code = NFP_E_NONE};
		char *rest = line;
		int argc = 0;

		line[strcspn(line, "\n")] = '\0';
		while (argc < 255 && (argv[argc] = strsep(&rest, "\t")))
			argc++;
		argv[argc] = NULL;
		puts(nfp_request_parse(argc, argv, &request, &err) < 0 ? err.message : "");
		nfp_request_fini(&request);
	}
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "table") == 0)
		print_table();
	else
		try_commands();
	return ferror(stdout) ? 1 : 0;
}
