// SPDX-License-Identifier: GPL-2.0-or-later
/* options.c - turns argv into a const request. */
#include "table.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/verdict.h"

#define DEVICE_LEN 64  /* no name of a device is longer */
#define LONG_BASE  256 /* values of long options: beyond any letter */

struct parse {
	struct nfp_request *request;
	struct nfp_err *err;
	uint64_t given;		/* bit: index in nfp_options */
	const char *positional; /* the PF */
	const char *stray;	/* the next word; few modes take several */
	/* The option before the next word, without the value it may have. */
	const struct nfp_opt *before;
	const struct nfp_opt *apart; /* the same, before `word` */
	const char *word;
	bool done; /* --help or --version: nothing else matters */
};

/* ---- the answers to what cannot be understood ---- */

/* Returns the option whose name @word is, begins or misspells. */
static const struct nfp_opt *meant_option(const char *word)
{
	const char *names[NFP_OPTIONS_MAX];
	const char *name;
	size_t num = 0;

	for (size_t i = 0; i < nfp_num_options; i++)
		names[num++] = nfp_options[i].name;
	for (size_t i = 0; i < num; i++) {
		if (strcmp(names[i], word) == 0)
			return nfp_opt_find(word);
	}
	name = nfp_nearest(word, names, num);
	return name ? nfp_opt_find(name) : NULL;
}

/* Hints "--vf 3": what the user meant by @arg, which begins with @dashes, and the argument after
 * it. */
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
	apart = nfp_opt_takes_value(opt) && !nfp_opt_is_optional(opt);
	if (value && nfp_opt_takes_value(opt))
		nfp_err_hint(err, "Did you mean --%s%s?", opt->name, value);
	else if (apart && next && next[0] != '-')
		nfp_err_hint(err, "Did you mean --%s %s?", opt->name, next);
	else
		nfp_err_hint(err, "Did you mean --%s%s%s?", opt->name, apart ? " " : "",
			     apart ? opt->metavar : "");
}

/* Refuses @arg, which begins with @dashes, and is no option. */
static int refuse_unknown(struct parse *p, const char *arg, size_t dashes, const char *next)
{
	usage_err(p->err, "%.*s is not an option", (int)strcspn(arg, "="), arg);
	hint_option(p->err, arg, dashes, next);
	return -EINVAL;
}

/* Refuses the second word, where one is too many. */
static int refuse_stray(const struct parse *p)
{
	const char *word = p->stray;
	size_t digits = strspn(word, "0123456789");

	usage_err(p->err, "\"%s\" is one argument too many: \"%s\" is the interface already", word,
		  p->positional);
	if (digits && word[digits] == '\0' && !p->request->have_vf && !p->request->any_vf)
		nfp_err_hint(p->err, "Did you mean --vf %s?", word);
	else if (digits)
		nfp_err_hint(p->err, "%s", NFP_ONE_VF_HINT);
	else if (nfp_opt_find(word))
		hint_option(p->err, word, 0, NULL);
	else
		nfp_err_hint(p->err, "nfprobe --help shows what it takes.");
	return -EINVAL;
}

/* Refuses @word, which follows @opt after a blank, and was probably meant to be its value. */
static int refuse_apart(const struct nfp_opt *opt, const char *word, struct nfp_err *err)
{
	usage_err(err, "\"%s\" after --%s is not its value, which follows after \"=\"", word,
		  opt->name);
	nfp_err_hint(err, "Did you mean --%s=%s?", opt->name, word);
	return -EINVAL;
}

/* ---- one argument after the other ---- */

/* @value: NULL if there is none. */
static int take_option(struct parse *p, const struct nfp_opt *opt, const char *value)
{
	uint64_t bit = UINT64_C(1) << (opt - nfp_options);

	if ((p->given & bit) && nfp_opt_takes_value(opt) && !opt->again)
		return usage_hint(p->err, opt->twice ? opt->twice : "", "--%s is given twice",
				  opt->name);
	p->given |= bit;
	if (nfp_opt_is_optional(opt) && !value)
		p->before = opt;
	if (nfp_opt_takes_value(opt) && !nfp_opt_is_optional(opt) && !value[0]) {
		usage_err(p->err, "the value of --%s is empty", opt->name);
		nfp_err_hint(p->err, "Write --%s %s. Is a shell variable unset?", opt->name,
			     opt->metavar);
		return -EINVAL;
	}
	return nfp_opt_apply(opt, p->request, value, p->err);
}

/* No netdev has a name like that, so "--json eth0" may be in order. */
static bool is_file(const char *word)
{
	size_t len = strlen(word);

	return strchr(word, '/') || (len > 5 && strcmp(word + len - 5, ".json") == 0);
}

/* @before: the option before it, without the value that it may have. NULL: none. */
static void take_word(struct parse *p, const char *arg, const struct nfp_opt *before)
{
	if (before && !(p->apart && is_file(p->word))) {
		p->apart = before;
		p->word = arg;
	}
	nfp_strv_addf(&p->request->devices, "%s", arg);
	if (!p->positional)
		p->positional = arg;
	else if (!p->stray)
		p->stray = arg;
}

/* Refuses @arg[0], of which getopt_long made nothing, and for which it returned @value. */
static int refuse(struct parse *p, char *const arg[], int value)
{
	const struct nfp_opt *opt = optopt >= LONG_BASE ? &nfp_options[optopt - LONG_BASE] : NULL;

	if (opt && value == ':') {
		usage_err(p->err, "--%s needs a value", opt->name);
		nfp_err_hint(p->err, "Write --%s %s.", opt->name, opt->metavar);
		return -EINVAL;
	}
	if (opt)
		return usage_err(p->err, "--%s takes no value", opt->name);
	if (!optopt)
		return refuse_unknown(p, arg[0], strlen("--"), arg[1]);
	if (arg[0][2])
		return refuse_unknown(p, arg[0], strlen("-"), arg[1]);
	return usage_hint(p->err, "nfprobe --help lists the options.", "%s is not an option",
			  arg[0]);
}

static const struct nfp_opt *by_value(int value)
{
	if (value >= LONG_BASE)
		return &nfp_options[value - LONG_BASE];
	for (size_t i = 0; i < nfp_num_options; i++) {
		if (value == nfp_options[i].letter)
			return &nfp_options[i];
	}
	return NULL;
}

static int parse_argument(struct parse *p, char *const arg[], int value)
{
	const struct nfp_opt *before = p->before;

	p->before = NULL;
	if (value == 1) {
		take_word(p, optarg, before);
		return 0;
	}
	if (value == '?' || value == ':')
		return refuse(p, arg, value);
	p->request->brief_help |= value == 'h';
	return take_option(p, by_value(value), optarg);
}

static void list_options(char *letters, struct option *longs)
{
	for (size_t i = 0; i < nfp_num_options; i++) {
		const struct nfp_opt *opt = nfp_opt_find(nfp_options[i].name);

		longs[i] = (struct option) {
			.name = nfp_options[i].name,
			.has_arg = nfp_opt_is_optional(opt)   ? optional_argument
				   : nfp_opt_takes_value(opt) ? required_argument
							      : no_argument,
			.val = LONG_BASE + (int)(opt - nfp_options),
		};
		if (nfp_options[i].letter)
			*letters++ = nfp_options[i].letter;
	}
}

static int parse_arguments(struct parse *p, int argc, char *const argv[])
{
	/* "-": arguments in the order given, whatever POSIXLY_CORRECT says; ":": tell a missing
	 * value from an unknown option. */
	char shorts[NFP_OPTIONS_MAX + sizeof("-:")] = "-:";
	struct option longs[NFP_OPTIONS_MAX + 1] = {0};
	int ret = 0, at = 1, value;

	list_options(shorts + strlen("-:"), longs);
	optind = 0; /* glibc: start afresh */
	opterr = 0;
	while (ret == 0 && !p->done &&
	       (value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		ret = parse_argument(p, &argv[at], value);
		at = optind;
		p->done = p->request->mode == NFP_MODE_HELP || p->request->mode == NFP_MODE_VERSION;
	}
	for (; ret == 0 && !p->done && optind < argc; optind++)
		take_word(p, argv[optind], NULL);
	return ret;
}

/* ---- what belongs together ---- */

bool nfp_request_json_stdout(const struct nfp_request *request)
{
	return request->json_file && strcmp(request->json_file, "-") == 0;
}

/* Refuses two results in one place: the second would replace the first. */
static int check_outputs(const struct nfp_request *request, struct nfp_err *err)
{
	if (request->json_stream && nfp_request_json_stdout(request))
		return usage_err(err, "--json-stream and --json both write to standard output: "
				      "use --json=FILE");
	if (request->json_file && request->write_file &&
	    strcmp(request->json_file, request->write_file) == 0)
		return usage_err(err, "--json and --write name the same file, %s: name two",
				 request->json_file);
	return 0;
}

static int check_words(const struct parse *p)
{
	bool stray = p->stray && p->request->mode != NFP_MODE_AUDIT;

	if (p->apart && (stray || is_file(p->word)))
		return refuse_apart(p->apart, p->word, p->err);
	return stray ? refuse_stray(p) : 0;
}

/* Refuses options that mean nothing in this mode, or together. */
static int check_options(struct parse *p)
{
	const struct nfp_request *request = p->request;
	const struct nfp_opt *mode = NULL;

	for (size_t i = 0; i < nfp_num_options; i++) {
		if (nfp_options[i].mode == request->mode && request->mode != NFP_MODE_PROBE)
			mode = &nfp_options[i];
	}
	for (size_t i = 0; i < nfp_num_options; i++) {
		if (!(p->given & UINT64_C(1) << i) || nfp_options[i].modes & NFP_IN(request->mode))
			continue;
		usage_err(p->err, "--%s makes no sense with %s%s", nfp_options[i].name,
			  mode ? "--" : "a run", mode ? mode->name : "");
		return -EINVAL;
	}
	if (request->quiet && request->verbose)
		return usage_err(p->err, "-q and -v do not go together: use one of them");
	return check_outputs(request, p->err);
}

/* Checks netdevs, or devices such as 0000:01:10.6: names that are no paths. */
static int check_devices(struct parse *p)
{
	for (size_t i = 0; i < p->request->devices.n; i++) {
		const char *name = p->request->devices.v[i];

		if (strlen(name) >= DEVICE_LEN || strchr(name, '/') || name[0] == '.' || !name[0])
			return usage_hint(p->err, "nfprobe without arguments lists both.",
					  "\"%s\" is neither an interface name nor a PCI address",
					  name);
	}
	return 0;
}

/* A run may also name the PF by its device (nfp_names_resolve). */
static bool is_device(struct parse *p, const char *name)
{
	struct nfp_request *request = p->request;

	if ((request->mode != NFP_MODE_PROBE && request->mode != NFP_MODE_DRY_RUN) ||
	    !strchr(name, ':') || strlen(name) >= sizeof(request->pf) ||
	    strcspn(name, "/ \t\n") < strlen(name))
		return false;
	snprintf(request->pf, sizeof(request->pf), "%s", name);
	return true;
}

static int check_way(struct parse *p)
{
	if (!p->request->devices.n && p->request->watch_ns)
		return usage_hint(p->err,
				  "Name a guest, the number of its process, or its tap or macvtap; "
				  "nfprobe --way shows each guest.",
				  "--watch needs a guest: nfprobe --way GUEST --watch");
	return 0;
}

static int check_pf_option(struct parse *p)
{
	const struct nfp_request *request = p->request;

	if (request->mode == NFP_MODE_AUDIT || request->mode == NFP_MODE_LIST)
		return check_devices(p);
	if (request->mode == NFP_MODE_WAY)
		return check_way(p);
	if (p->positional && nfp_value_ifname(p->positional, p->request->pf) < 0 &&
	    !is_device(p, p->positional))
		return usage_hint(
			p->err,
			request->mode == NFP_MODE_REFLECT
				? "Name a netdev that is on the prober's segment, such as eth0."
				: "Name the PF by its netdev, such as eth0, or its device; "
				  "nfprobe without arguments lists them.",
			"\"%s\" is not an interface name", p->positional);
	if (request->mode == NFP_MODE_REFLECT && !request->pf[0])
		return usage_hint(
			p->err,
			"Name the netdev that is on the prober's segment; ip link shows them.",
			"no interface is named: nfprobe --reflect IFACE");
	return 0;
}

static int check_source(struct parse *p)
{
	const struct nfp_request *request = p->request;
	const struct nfp_from *from = &request->from;

	if (from->kind == NFP_FROM_IFACE && strcmp(from->ifname, request->pf) == 0)
		return usage_err(p->err,
				 "--from %s is the PF itself: write --from pf if that is meant",
				 request->pf);
	if (from->kind == NFP_FROM_VF && request->have_vf && request->vf == from->vf)
		return usage_err(p->err,
				 "VF %u cannot be probed and be the source (--from) as well",
				 from->vf);
	/* An id and a reflector belong together. With an id, auto looks for a reflector. */
	if (from->kind == NFP_FROM_PEER && !request->have_id)
		return usage_hint(
			p->err,
			"nfprobe --reflect IFACE on the other host prints the line to type.",
			"--from peer needs an id: --id HEX");
	return 0;
}

/* A probe needs a PF and a VF, and a source that is neither. */
static int check_probe(struct parse *p)
{
	const struct nfp_request *request = p->request;
	bool takes_id;
	int ret;

	if (!request->pf[0])
		return usage_hint(p->err,
				  "nfprobe without arguments lists the PFs and VFs of this host, "
				  "nfprobe --help "
				  "the options.",
				  "no PF is named: nfprobe PF --vf N");
	if (!request->any_vf && !request->have_vf) {
		usage_err(p->err, "no VF is named: nfprobe PF --vf N");
		nfp_err_hint(p->err, "--vf any takes an idle one.");
		nfp_err_try(p->err, "nfprobe %s", request->pf);
		return -EINVAL;
	}
	ret = check_source(p);
	if (ret < 0)
		return ret;
	takes_id = request->from.kind == NFP_FROM_PEER || request->from.kind == NFP_FROM_AUTO;
	if (request->have_id && !takes_id)
		return usage_err(p->err,
				 "--id is for a reflector: it needs --from peer:MAC or auto");
	if (request->settings.require_ipv6 && !request->settings.multicast)
		return usage_err(p->err,
				 "--require ipv6 and --skip multicast contradict each other");
	return 0;
}

/* True if there were only options that say how to print. Then the user wants to see what there is.
 */
static bool is_bare(const struct parse *p)
{
	for (size_t i = 0; i < nfp_num_options; i++) {
		bool prints = strcmp(nfp_options[i].name, "verbose") == 0 ||
			      strcmp(nfp_options[i].name, "color") == 0;

		if (p->given & UINT64_C(1) << i && !prints)
			return false;
	}
	return true;
}

/* True if @arg is the option, or the beginning of its name. */
static bool begins_option(const char *arg, const char *option)
{
	size_t len = strlen(arg);

	return len > strlen("--") && strncmp(arg, option, len) == 0;
}

/* Keeps the words of the command line, but not the value of --id, which lets
 * others forge frames. */
static void keep_command(int argc, char *const argv[], struct nfp_strv *ret_command)
{
	for (int i = 0; i < argc && argv[i]; i++) {
		size_t name = strcspn(argv[i], "="), len = strlen(argv[i]);
		bool id = name > strlen("--") && strncmp(argv[i], "--id", name) == 0;

		nfp_strv_take(ret_command, nfp_asprintf("%.*s", (int)(id ? name : len), argv[i]));
		i += id && name == len;
	}
}

int nfp_request_parse(int argc, char *const argv[], struct nfp_request *ret_request,
		      struct nfp_err *err)
{
	struct parse p = {.request = ret_request, .err = err};
	int r;

	*ret_request = (struct nfp_request) {
		.from = {.kind = NFP_FROM_AUTO, .text = "auto"},
		.settings.rate = NFP_RATE_DEFAULT,
		.settings.try_fixes = true,
		.announce = true,
		.settings.multicast = true,
	};
	keep_command(argc, argv, &ret_request->command);
	r = parse_arguments(&p, argc, argv);
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++)
		ret_request->named |= ret_request->settings.styles[style];
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT && !ret_request->named; style++)
		ret_request->settings.styles[style] = nfp_styles[style].usual;
	if (r == 0 && is_bare(&p))
		ret_request->mode = NFP_MODE_LIST;
	if (r == 0 && !p.done)
		r = check_words(&p) ?: check_options(&p) ?: check_pf_option(&p);
	if (r == 0 && !p.done && NFP_IN(ret_request->mode) & NFP_IN_PROBE)
		r = check_probe(&p);
	/* A user who asks for JSON gets it even if an argument before --json is wrong. */
	for (size_t i = 1; r < 0 && argv[i] && strcmp(argv[i], "--") != 0; i++) {
		if (!ret_request->json_file &&
		    (begins_option(argv[i], "--json") || strcmp(argv[i], "--json=-") == 0))
			ret_request->json_file = nfp_strdup("-");
	}
	return r;
}

void nfp_request_fini(struct nfp_request *request)
{
	char *const files[] = {request->write_file, request->id_file, request->save_dir,
			       request->json_file};

	for (size_t i = 0; i < NFP_NUM(files); i++)
		free(files[i]);
	nfp_strv_fini(&request->devices);
	nfp_strv_fini(&request->command);
	nfp_strv_fini(&request->accept);
	*request = (struct nfp_request) {.mode = NFP_MODE_PROBE};
}
