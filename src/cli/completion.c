// SPDX-License-Identifier: GPL-2.0-or-later
/* completion.c - for each shell, the tables that its script in this folder completes by. */
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/base.h"

#define TEXT_MAX 1024
#define LEAD_MIN 16 /* of a help text, before a colon, to stand alone */

static bool attaches(const struct nfp_opt *opt)
{
	return opt->kind == NFP_OPT_OPTIONAL;
}

/* ---- words of the table ---- */

static void append_names(char *buf, const struct nfp_names *names, const char *after)
{
	for (unsigned int i = 0; i < names->num; i++)
		nfp_appendf(buf, TEXT_MAX, "%s%s%s", buf[0] ? " " : "", nfp_name(names, i), after);
}

/* The verdicts that --allow takes. */
static void append_verdicts(char *buf)
{
	for (unsigned int i = 0; i < NFP_VERDICT_COUNT; i++) {
		if (i != NFP_VERDICT_INCONCLUSIVE && i != NFP_VERDICT_NOT_APPLICABLE)
			nfp_appendf(buf, TEXT_MAX, "%s%s", buf[0] ? " " : "",
				    nfp_name(&nfp_verdict_names, i));
	}
}

/*
 * Splits what an option offers: @words gets the words, with blanks between; returns what the shell
 * looks up, without its brackets, or "".
 */
static const char *split_values(const struct nfp_opt *opt, char words[TEXT_MAX], char lookup[16])
{
	char *list = nfp_strdup(opt->values ?: ""), *rest = list, *one;

	words[0] = lookup[0] = '\0';
	while ((one = strsep(&rest, " "))) {
		if (strcmp(one, "<format>") == 0)
			append_names(words, &nfp_export_names, "=");
		else if (strcmp(one, "<verdict>") == 0)
			append_verdicts(words);
		else if (strchr(one, '<'))
			snprintf(lookup, 16, "%.*s%.*s", (int)strcspn(one, "<"), one,
				 (int)strcspn(strchr(one, '<') + 1, ">"), strchr(one, '<') + 1);
		else if (one[0])
			nfp_appendf(words, TEXT_MAX, "%s%s", words[0] ? " " : "", one);
	}
	free(list);
	return lookup;
}

/* Prints the beginning of the help text in one line, for within single quotes. @quote: how that
 * shell writes one there. */
static void print_help(const struct nfp_opt *opt, const char *quote, FILE *out)
{
	const char *const ends[] = {": ", ":\n", "; ", ";\n", "? ", "?\n", " (default"};
	size_t len = strlen(opt->help);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const char *end = strstr(opt->help, ends[i]);

		if (end && end - opt->help >= LEAD_MIN && (size_t)(end - opt->help) < len)
			len = (size_t)(end - opt->help);
	}
	for (const char *p = opt->help; p < opt->help + len; p++) {
		if (*p == '\'')
			fputs(quote, out);
		else if (*p == ':') /* would end the text in zsh */
			fputc(',', out);
		else
			fputc(*p == '\n' ? ' ' : *p, out);
	}
}

/* ---- bash ---- */

static void write_bash(FILE *out)
{
	char words[TEXT_MAX], lookup[16];

	fputs("# Completion of nfprobe(8) in bash.\n\n_nfprobe_words='", out);
	for (size_t i = 0; i < nfp_num_options; i++)
		fprintf(out, "%s--%s", i ? " " : "", nfp_options[i].name);
	for (size_t i = 0; i < nfp_num_options; i++) {
		if (nfp_options[i].letter)
			fprintf(out, " -%c", nfp_options[i].letter);
	}
	fputs("'\n# Their value comes only behind a \"=\".\n_nfprobe_attached='", out);
	for (size_t i = 0, num = 0; i < nfp_num_options; i++) {
		if (attaches(&nfp_options[i]))
			fprintf(out, "%s--%s", num++ ? " " : "", nfp_options[i].name);
	}
	fputs("'\n\n# The values of an option; 1 when it takes none.\n"
	      "_nfprobe_value() {\n\tlocal option=$1 cur=$2\n\tcase $option in\n",
	      out);
	for (size_t i = 0; i < nfp_num_options; i++) {
		const struct nfp_opt *opt = &nfp_options[i];

		if (!nfp_opt_takes_value(opt))
			continue;
		split_values(opt, words, lookup);
		fprintf(out, "\t--%s) ", opt->name);
		if (strcmp(lookup, "file") == 0)
			fputs("_nfprobe_reply -f -- \"$cur\" ;;\n", out);
		else if (strcmp(lookup, "dir") == 0)
			fputs("_nfprobe_reply -d -- \"$cur\" ;;\n", out);
		else if (strcmp(lookup, "@file") == 0)
			fputs("[[ $cur != @* ]] || _nfprobe_reply -P @ -f -- \"${cur#@}\" ;;\n",
			      out);
		else if (lookup[0])
			fprintf(out, "_nfprobe_reply -W \"%s $(_nfprobe_%ss)\" -- \"$cur\" ;;\n",
				words, lookup);
		else if (words[0])
			fprintf(out, "_nfprobe_offer \"$cur\" %s ;;\n", words);
		else
			fputs("COMPREPLY=() ;;\n", out);
	}
	fputs("\t", out);
	for (unsigned int i = 0; i < NFP_EXPORT_COUNT; i++)
		fprintf(out, "%s%s", i ? " | " : "", nfp_export_name(i));
	fputs(") _nfprobe_reply -f -- \"$cur\" ;; # --export FORMAT=\n"
	      "\t*) return 1 ;;\n\tesac\n}\n\n",
	      out);
}

/* ---- zsh ---- */

/* A colon would end what is to be done. */
static void escape_colons(char words[TEXT_MAX])
{
	char *list = nfp_strdup(words);

	words[0] = '\0';
	for (const char *p = list; *p; p++)
		nfp_appendf(words, TEXT_MAX, "%s%c", *p == ':' ? "\\" : "", *p);
	free(list);
}

static void write_zsh(FILE *out)
{
	char words[TEXT_MAX], lookup[16];

	fputs("#compdef nfprobe\n# Completion of nfprobe(8) in zsh.\n\n_nfprobe_options=(\n", out);
	for (size_t i = 0; i < nfp_num_options; i++) {
		const struct nfp_opt *opt = &nfp_options[i];
		const char letter[] = {'-', opt->letter, '\0'};
		bool value = nfp_opt_takes_value(opt);

		fputs("\t", out);
		if (opt->letter)
			fprintf(out, "'(%s --%s)'{%s,--%s}'", letter, opt->name, letter, opt->name);
		else
			fprintf(out, "'%s--%s", opt->again ? "*" : "", opt->name);
		/* "=-": attached; "=": attached or the next word. */
		fprintf(out, "%s[", !value ? "" : attaches(opt) ? "=-" : "=");
		print_help(opt, "'\\''", out);
		fputc(']', out);
		if (value) {
			split_values(opt, words, lookup);
			escape_colons(words);
			fprintf(out, "%s%s:", attaches(opt) ? "::" : ":", opt->name);
			if (strcmp(lookup, "file") == 0)
				fputs("_files", out);
			else if (strcmp(lookup, "dir") == 0)
				fputs("_files -/", out);
			else if (lookup[0])
				/* After a blank the words stay the only arguments. */
				fprintf(out, " _nfprobe_%ss %s",
					lookup[0] == '@' ? "at_file" : lookup, words);
			else if (strchr(words, '='))
				fprintf(out, " _nfprobe_formats %s", words);
			else if (words[0])
				fprintf(out, "(%s)", words);
		}
		fputs("'\n", out);
	}
	fputs(")\n\n", out);
}

/* ---- fish ---- */

static void write_fish(FILE *out)
{
	char words[TEXT_MAX], lookup[16];

	fputs("# Completion of nfprobe(8) in fish.\n\n", out);
	for (size_t i = 0; i < nfp_num_options; i++) {
		const struct nfp_opt *opt = &nfp_options[i];

		fprintf(out, "complete -c nfprobe -l %s", opt->name);
		if (opt->letter)
			fprintf(out, " -s %c", opt->letter);
		if (nfp_opt_takes_value(opt)) {
			bool files;

			split_values(opt, words, lookup);
			files = strcmp(lookup, "file") == 0;
			/* An optional value makes no word of its own. */
			fputs(attaches(opt) ? "" : files ? " -r -F" : " -x", out);
			if (strcmp(lookup, "dir") == 0)
				snprintf(words, sizeof(words), "(__fish_complete_directories)");
			else if (lookup[0] == '@')
				snprintf(words, sizeof(words), "(__nfprobe_at_files)");
			else if (lookup[0] && !files)
				nfp_appendf(words, sizeof(words), " (__nfprobe_%ss)", lookup);
			if (strchr(words, '='))
				snprintf(words, sizeof(words), "(__nfprobe_formats)");
			if (words[0])
				fprintf(out, " -a '%s'", words);
		}
		fputs(" -d '", out);
		print_help(opt, "\\'", out);
		fputs("'\n", out);
	}
	fputs("\nset -g __nfprobe_format_names", out);
	for (unsigned int i = 0; i < NFP_EXPORT_COUNT; i++)
		fprintf(out, " %s", nfp_export_name(i));
	fputs("\n\n", out);
}

int nfp_request_completion(const char *shell, FILE *out)
{
	static const struct {
		const char *shell;
		void (*write)(FILE *out);
	} shells[] = {{"bash", write_bash}, {"zsh", write_zsh}, {"fish", write_fish}};

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(shells[i].shell, shell) == 0) {
			shells[i].write(out);
			return 0;
		}
	}
	return -EINVAL;
}
