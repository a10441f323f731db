// SPDX-License-Identifier: GPL-2.0-or-later
/* wrong.c - the answers to a command line that cannot be understood: what is wrong, and what was
 * probably meant. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define MAX_NAMES 64

void nfp_hint_value(struct nfp_err *err, const char *option, const char *word,
		    const char *const names[], size_t num)
{
	const char *meant = nfp_nearest(word, names, num);

	if (meant)
		nfp_err_hint(err, "Did you mean --%s %s?", option, meant);
}

/* The option whose name @word is, begins or misspells. */
static const struct nfp_opt *meant_option(const char *word)
{
	const char *names[MAX_NAMES];
	size_t num = 0;
	const char *name;

	for (size_t i = 0; i < nfp_num_options && num < MAX_NAMES; i++)
		names[num++] = nfp_options[i].name;
	for (size_t i = 0; i < nfp_num_spellings && num < MAX_NAMES; i++)
		names[num++] = nfp_spellings[i].name;
	for (size_t i = 0; i < num; i++) {
		if (strcmp(names[i], word) == 0)
			return nfp_opt_find(word);
	}
	name = nfp_nearest(word, names, num);
	return name ? nfp_opt_find(name) : NULL;
}

/* "--vf 3": what was meant by @arg, which has @dashes in front, and the argument after it. */
static void hint_option(struct nfp_err *err, const char *arg, size_t dashes, const char *next)
{
	const char *value = strchr(arg, '=');
	char word[64];
	const struct nfp_opt *opt;
	bool apart;

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(arg + dashes, "="), arg + dashes);
	opt = meant_option(word);
	if (!opt) {
		nfp_err_hint(err, "nfprobe --help lists the options.");
		return;
	}
	apart = nfp_opt_takes_value(opt) && opt->kind != NFP_OPT_OPTIONAL;
	if (value && nfp_opt_takes_value(opt))
		nfp_err_hint(err, "Did you mean --%s%s?", opt->name, value);
	else if (apart && next && next[0] != '-')
		nfp_err_hint(err, "Did you mean --%s %s?", opt->name, next);
	else
		nfp_err_hint(err, "Did you mean --%s%s%s?", opt->name, apart ? " " : "",
			     apart ? opt->metavar : "");
}

/* The first test that could be left out by @arg, which is shortened: both spellings begin alike. */
static const struct nfp_gone *begun_gone(const char *arg)
{
	size_t len = strcspn(arg, "=") - strlen("--");

	for (size_t i = 0; i < nfp_num_gone && len > strlen("no-"); i++) {
		if (strncmp(nfp_gone[i].name, "no-", strlen("no-")) == 0 &&
		    strncmp(nfp_gone[i].name, arg + strlen("--"), len) == 0)
			return &nfp_gone[i];
	}
	return NULL;
}

/* The argument in which getopt met the unknown letter: it may have gone on to the next. */
static size_t with_letter(char *const argv[], int letter)
{
	size_t at = (size_t)optind;

	while (at > 1 &&
	       !(argv[at] && argv[at][0] == '-' && argv[at][1] != '-' && strchr(argv[at], letter)))
		at--;
	return at;
}

int nfp_refuse_option(char *const argv[], int value, const struct nfp_opt *opt, struct nfp_err *err)
{
	const char *arg = argv[optind - 1];
	size_t at;

	if (opt && value == ':') {
		usage_err(err, "--%s needs a value", opt->name);
		nfp_err_hint(err, "Write --%s %s.", opt->name, opt->metavar);
		return -EINVAL;
	}
	if (opt)
		return usage_err(err, "--%s takes no value", opt->name);
	if (!optopt) {
		const struct nfp_gone *gone = begun_gone(arg);

		if (gone)
			return nfp_refuse_gone(gone, err);
		usage_err(err, "%.*s is not an option", (int)strcspn(arg, "="), arg);
		if (strncmp(arg, "--no", strlen("--no")) == 0)
			nfp_err_hint(err, "Tests are left out with --skip, such as --skip remedy.");
		else
			hint_option(err, arg, strlen("--"), argv[optind]);
		return -EINVAL;
	}
	at = with_letter(argv, optopt);
	arg = argv[at];
	if (arg[2] == '\0' || optopt == ':')
		return usage_hint(err, "nfprobe --help lists the options.", "-%c is not an option",
				  optopt);
	usage_err(err, "%.*s is not an option", (int)strcspn(arg, "="), arg);
	hint_option(err, arg, strlen("-"), argv[at + 1]);
	return -EINVAL;
}

int nfp_refuse_gone(const struct nfp_gone *gone, struct nfp_err *err)
{
	return usage_hint(err, gone->instead, "--%s is no longer an option", gone->name);
}

int nfp_refuse_stray(const struct nfp_request *request, const char *word, const char *positional,
		     struct nfp_err *err)
{
	size_t digits = strspn(word, "0123456789");

	usage_err(err, "\"%s\" is one argument too many: \"%s\" is the interface already", word,
		  positional);
	if (digits && word[digits] == '\0' && !request->have_vf && !request->any_vf)
		nfp_err_hint(err, "Did you mean --vf %s?", word);
	else if (digits)
		nfp_err_hint(err, "%s", NFP_ONE_VF_HINT);
	else
		nfp_err_hint(err, "nfprobe --help shows what it takes.");
	return -EINVAL;
}

int nfp_refuse_apart(const struct nfp_opt *opt, const char *word, struct nfp_err *err)
{
	usage_err(err, "\"%s\" after --%s is not its value, which follows after \"=\"", word,
		  opt->name);
	nfp_err_hint(err, "Did you mean --%s=%s?", opt->name, word);
	return -EINVAL;
}
