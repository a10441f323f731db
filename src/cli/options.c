// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * options.c - argv to a const request. getopt_long does the splitting; what it accepts beyond the
 * contract (abbreviated names) is refused here.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/base.h"

#define LONG_BASE   256 /* values of long options: beyond any letter */
#define MAX_OPTIONS 64	/* fits a 64-bit mask of what was given */

struct parse {
	struct nfp_request *request;
	struct nfp_err *err;
	uint64_t given;		/* bit: index in nfp_options */
	const char *positional; /* the PF */
	/* An option whose optional value was not given, right before the next argument .. */
	const struct nfp_opt *previous;
	/* .. and one that a positional argument followed: that was meant as its value, perhaps. */
	const struct nfp_opt *owner;
	const char *stray; /* that argument */
	bool done;	   /* --help or --version: nothing else matters */
};

static void tables(struct option longs[MAX_OPTIONS + 1], char shorts[2 * MAX_OPTIONS])
{
	char *p = shorts;

	/* "-": arguments in the order given, whatever POSIXLY_CORRECT says; ":": tell a missing
	 * value from an unknown option. */
	*p++ = '-';
	*p++ = ':';
	for (size_t i = 0; i < nfp_num_options; i++) {
		longs[i] = (struct option) {
			.name = nfp_options[i].name,
			.has_arg = nfp_options[i].arg == NFP_OPT_NONE	    ? no_argument
				   : nfp_options[i].arg == NFP_OPT_REQUIRED ? required_argument
									    : optional_argument,
			.val = LONG_BASE + (int)i,
		};
		if (nfp_options[i].letter)
			*p++ = nfp_options[i].letter;
	}
	*p = '\0';
	longs[nfp_num_options] = (struct option) {0};
}

static const struct nfp_opt *by_value(int value)
{
	for (size_t i = 0; i < nfp_num_options; i++) {
		if (value == LONG_BASE + (int)i ||
		    (nfp_options[i].letter && value == nfp_options[i].letter))
			return &nfp_options[i];
	}
	return NULL;
}

/* Is @arg, as it was typed, exactly this option, with or without a value behind "="? */
static bool spelled(const char *arg, const struct nfp_opt *opt)
{
	size_t len = strlen(opt->name);

	return strncmp(arg, "--", 2) == 0 && strncmp(arg + 2, opt->name, len) == 0 &&
	       (arg[2 + len] == '\0' || arg[2 + len] == '=');
}

/* The one option whose name begins like @arg ("--sty"), or NULL. */
static const struct nfp_opt *abbreviated(const char *arg, size_t len)
{
	const struct nfp_opt *found = NULL;

	for (size_t i = 0; len > 2 && i < nfp_num_options; i++) {
		if (strncmp(arg, "--", 2) != 0 ||
		    strncmp(arg + 2, nfp_options[i].name, len - 2) != 0)
			continue;
		if (found)
			return NULL;
		found = &nfp_options[i];
	}
	return found;
}

/* The option behind "-vf", which should have two dashes, or NULL. */
static const struct nfp_opt *one_dash(const char *arg)
{
	for (size_t i = 0; i < nfp_num_options; i++) {
		if (arg[0] == '-' && strcmp(arg + 1, nfp_options[i].name) == 0)
			return &nfp_options[i];
	}
	return NULL;
}

/* Is @typed the name but for one character: another, one more, one less, or two that changed
 * places? */
static bool is_slip(const char *typed, size_t len, const char *name)
{
	size_t rest = strlen(name), head = 0;

	while (head < len && typed[head] == name[head])
		head++;
	while (len > head && rest > head && typed[len - 1] == name[rest - 1]) {
		len--;
		rest--;
	}
	len -= head;
	rest -= head;
	return (len <= 1 && rest <= 1) || (len == 2 && rest == 2 && typed[head] == name[head + 1] &&
					   typed[head + 1] == name[head]);
}

/* The one option whose name was mistyped ("--stlye"), or NULL. */
static const struct nfp_opt *mistyped(const char *arg, size_t len)
{
	const struct nfp_opt *found = NULL;

	for (size_t i = 0; len > 3 && strncmp(arg, "--", 2) == 0 && i < nfp_num_options; i++) {
		if (!is_slip(arg + 2, len - 2, nfp_options[i].name))
			continue;
		if (found)
			return NULL;
		found = &nfp_options[i];
	}
	return found;
}

static int unknown(struct parse *p, const char *arg)
{
	size_t len = strcspn(arg, "=");
	const struct nfp_opt *opt = one_dash(arg);

	nfp_err_set(p->err, -EINVAL, NFP_E_USAGE, "%.*s is not an option", (int)len, arg);
	if (opt) {
		nfp_err_hint(p->err, "write --%s", opt->name);
		return -EINVAL;
	}
	opt = abbreviated(arg, len);
	if (opt) {
		nfp_err_hint(p->err, "options are not abbreviated: write --%s", opt->name);
		return -EINVAL;
	}
	opt = mistyped(arg, len);
	nfp_err_hint(p->err, "%s%s%snfprobe --help lists the options", opt ? "is --" : "",
		     opt ? opt->name : "", opt ? " meant? " : "");
	return -EINVAL;
}

/* getopt said '?': find the argument that it means. */
static int rejected(struct parse *p, char *const argv[])
{
	const struct nfp_opt *opt = optopt >= LONG_BASE ? by_value(optopt) : NULL;
	char letter[] = {'-', (char)optopt, '\0'};

	if (opt && spelled(argv[optind - 1], opt))
		return nfp_err_set(p->err, -EINVAL, NFP_E_USAGE, "--%s takes no value", opt->name);
	if (optopt == 0 || optopt >= LONG_BASE)
		return unknown(p, argv[optind - 1]);
	/* A letter: perhaps of a long name with one dash. getopt moves on only with the last. */
	for (int i = optind - 1; i <= optind && argv[i]; i++) {
		if (one_dash(argv[i]))
			return unknown(p, argv[i]);
	}
	return unknown(p, letter);
}

static int lacking(struct parse *p, const char *arg)
{
	const struct nfp_opt *opt = by_value(optopt);

	if (!opt || !spelled(arg, opt))
		return unknown(p, arg);
	nfp_err_set(p->err, -EINVAL, NFP_E_USAGE, "--%s needs a value", opt->name);
	nfp_err_hint(p->err, "write --%s %s", opt->name, opt->metavar);
	return -EINVAL;
}

static int apply(struct parse *p, char *const argv[], int value)
{
	const struct nfp_opt *opt = by_value(value);
	uint64_t bit = UINT64_C(1) << (opt - nfp_options);

	/* The argument is the last one consumed, or the one before it when its value stood
	 * apart. */
	if (value >= LONG_BASE) {
		const char *arg = argv[optind - 1 - (optarg && optarg == argv[optind - 1])];

		if (!spelled(arg, opt))
			return unknown(p, arg);
	}
	if ((p->given & bit) && !opt->again) {
		nfp_err_set(p->err, -EINVAL, NFP_E_USAGE, "--%s is given twice", opt->name);
		if (opt->set == nfp_set_vf)
			nfp_err_hint(p->err, "write one list: --vf 0,2-5");
		else if (opt->set == nfp_set_allow)
			nfp_err_hint(p->err, "write one list: --allow early,slow");
		else if (opt->set == nfp_set_style)
			nfp_err_hint(p->err, "without --style both are probed");
		return -EINVAL;
	}
	p->given |= bit;
	if (opt->arg == NFP_OPT_REQUIRED && (!optarg || !optarg[0])) {
		nfp_err_set(p->err, -EINVAL, NFP_E_USAGE, "the value of --%s is empty", opt->name);
		nfp_err_hint(p->err, "write --%s %s (is a variable of the shell not set?)",
			     opt->name, opt->metavar);
		return -EINVAL;
	}
	p->previous = opt->arg == NFP_OPT_OPTIONAL && !optarg ? opt : NULL;
	return opt->set(p->request, optarg, p->err);
}

/* A word that is an option without its dashes. */
static void hint_dashes(struct parse *p, const char *word)
{
	for (size_t i = 0; i < nfp_num_options; i++) {
		if (strcmp(word, nfp_options[i].name) == 0)
			nfp_err_hint(p->err, "write --%s", word);
	}
}

static int complain_stray(struct parse *p, const char *arg)
{
	if (p->owner)
		return nfp_err_set(p->err, -EINVAL, NFP_E_USAGE,
				   "--%s and %s stand apart: write --%s=%s", p->owner->name,
				   p->stray, p->owner->name, p->owner->metavar);
	nfp_err_set(p->err, -EINVAL, NFP_E_USAGE,
		    "\"%s\" is one argument too many: \"%s\" is the interface already", arg,
		    p->positional);
	if (arg[0] >= '0' && arg[0] <= '9')
		nfp_err_hint(p->err, "is a VF meant? write --vf %s", arg);
	hint_dashes(p, arg);
	return -EINVAL;
}

static int positional(struct parse *p, const char *arg)
{
	if (p->previous && !p->owner) {
		p->owner = p->previous;
		p->stray = arg;
	}
	p->previous = NULL;
	if (p->positional)
		return complain_stray(p, arg);
	p->positional = arg;
	return 0;
}

static int one(struct parse *p, char *const argv[], int value)
{
	if (value == 1)
		return positional(p, optarg);
	if (value == '?')
		return rejected(p, argv);
	if (value == ':')
		return lacking(p, argv[optind - 1]);
	return apply(p, argv, value);
}

static int split(struct parse *p, int argc, char *const argv[])
{
	struct option longs[MAX_OPTIONS + 1];
	char shorts[2 * MAX_OPTIONS];
	int value, r;

	tables(longs, shorts);
	optind = 0; /* glibc: start afresh */
	opterr = 0;
	while ((value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		r = one(p, argv, value);
		if (r < 0)
			return r;
		p->done = p->request->mode == NFP_MODE_HELP || p->request->mode == NFP_MODE_VERSION;
		if (p->done)
			return 0;
	}
	for (; optind < argc; optind++) {
		r = positional(p, argv[optind]);
		if (r < 0)
			return r;
	}
	return 0;
}

static const char *mode_option(enum nfp_mode mode)
{
	switch (mode) {
	case NFP_MODE_LIST:
		return "--list";
	case NFP_MODE_RESTORE:
		return "--restore";
	case NFP_MODE_REFLECT:
		return "--reflect";
	case NFP_MODE_DRY_RUN:
		return "--dry-run";
	case NFP_MODE_READ:
		return "--read";
	default:
		return "a run";
	}
}

/* Options that mean nothing in this mode. */
static int check_modes(struct parse *p)
{
	for (size_t i = 0; i < nfp_num_options; i++) {
		if (!(p->given & UINT64_C(1) << i) ||
		    nfp_options[i].modes & NFP_IN(p->request->mode))
			continue;
		nfp_err_set(p->err, -EINVAL, NFP_E_USAGE, "--%s makes no sense with %s",
			    nfp_options[i].name, mode_option(p->request->mode));
		if (p->request->mode == NFP_MODE_READ)
			nfp_err_hint(p->err,
				     "the run in the file is over: only how it is judged (--allow, "
				     "--gap-limit, --baseline) and shown (--json, --junit, --html) "
				     "can be asked anew");
		return -EINVAL;
	}
	if (p->request->quiet && p->request->verbose)
		return nfp_err_set(p->err, -EINVAL, NFP_E_USAGE,
				   "-q and -v do not go together: write one of them");
	if (p->request->same && !p->request->baseline_file)
		return nfp_err_set(p->err, -EINVAL, NFP_E_USAGE,
				   "--same says what a baseline is of: write --baseline FILE, too");
	if (p->request->json_stream && p->request->json && !p->request->json_file)
		return nfp_err_set(p->err, -EINVAL, NFP_E_USAGE,
				   "--json-stream and --json both write to standard output: write "
				   "--json=FILE");
	return 0;
}

static int check_pf(struct parse *p)
{
	if (!p->positional)
		return 0;
	if (p->request->mode == NFP_MODE_READ && !p->owner)
		return nfp_err_set(p->err, -EINVAL, NFP_E_USAGE,
				   "\"%s\" is one name too many: --read takes one file, and no PF",
				   p->positional);
	if (nfp_value_ifname(p->positional, p->request->pf) == 0)
		return 0;
	if (p->owner)
		return complain_stray(p, p->positional);
	nfp_err_set(p->err, -EINVAL, NFP_E_USAGE, "\"%s\" is not an interface name", p->positional);
	if (p->request->mode == NFP_MODE_REFLECT)
		nfp_err_hint(p->err, "name a netdev that is on the prober's segment, such as eth0");
	else
		nfp_err_hint(p->err,
			     "name the PF by its netdev, such as eth0; nfprobe --list shows them");
	return -EINVAL;
}

static int check_reflect(struct parse *p)
{
	if (p->request->pf[0])
		return 0;
	nfp_err_set(p->err, -EINVAL, NFP_E_USAGE, "no interface is named: nfprobe --reflect IFACE");
	nfp_err_hint(p->err, "name the netdev that is on the prober's segment; ip link shows them");
	return -EINVAL;
}

/* An id and a reflector belong together; auto looks for one when there is an id. */
static int check_peer(struct parse *p)
{
	const struct nfp_request *request = p->request;

	if (request->from == NFP_FROM_PEER && !request->have_id) {
		nfp_err_set(p->err, -EINVAL, NFP_E_USAGE, "--from peer needs an id: --id HEX");
		nfp_err_hint(p->err,
			     "nfprobe --reflect IFACE on the other host prints the line to type");
		return -EINVAL;
	}
	if (request->have_id && request->from != NFP_FROM_PEER && request->from != NFP_FROM_AUTO)
		return nfp_err_set(p->err, -EINVAL, NFP_E_USAGE,
				   "--id is a reflector's: it goes with --from peer:MAC or auto");
	return 0;
}

/* A probe needs a PF and a VF, and a source that is neither. */
static int check_probe(struct parse *p)
{
	const struct nfp_request *request = p->request;

	if (!request->pf[0]) {
		nfp_err_set(p->err, -EINVAL, NFP_E_USAGE, "no PF is named: nfprobe PF --vf N");
		nfp_err_hint(p->err, "nfprobe --list shows the PFs and VFs of this machine, "
				     "nfprobe --help the options");
		return -EINVAL;
	}
	if (!request->all_vfs && request->num_vfs == 0) {
		nfp_err_set(p->err, -EINVAL, NFP_E_USAGE, "no VF is named: nfprobe %s --vf N",
			    request->pf);
		nfp_err_hint(p->err, "nfprobe --list %s shows its VFs", request->pf);
		hint_dashes(p, request->pf);
		return -EINVAL;
	}
	if (request->from == NFP_FROM_IFACE && strcmp(request->from_ifname, request->pf) == 0)
		return nfp_err_set(p->err, -EINVAL, NFP_E_USAGE,
				   "--from %s is the PF itself: write --from pf if that is meant",
				   request->pf);
	for (size_t i = 0; request->from == NFP_FROM_VF && i < request->num_vfs; i++) {
		if (request->vfs[i] == request->from_vf)
			return nfp_err_set(p->err, -EINVAL, NFP_E_USAGE,
					   "VF %u cannot be probed and be the source (--from) as "
					   "well",
					   request->from_vf);
	}
	return check_peer(p);
}

/*
 * Two files of one name: the second would take the place of the first. Devices take both. What is
 * compared with may be replaced, since that is read before.
 */
static int check_files(struct parse *p)
{
	const struct nfp_request *request = p->request;
	const struct {
		const char *option, *file;
	} files[] = {
		{"--json", request->json_file}, {"--junit", request->junit_file},
		{"--html", request->html_file}, {"--write", request->write_file},
		{"--read", request->read_file},
	};
	const size_t num = sizeof(files) / sizeof(files[0]);

	for (size_t i = 0; i < num; i++) {
		for (size_t k = i + 1; files[i].file && k < num; k++) {
			if (!files[k].file || strcmp(files[i].file, files[k].file) != 0 ||
			    strncmp(files[i].file, "/dev/", 5) == 0)
				continue;
			return nfp_err_set(p->err, -EINVAL, NFP_E_USAGE,
					   "%s and %s name one file, %s: write two",
					   files[i].option, files[k].option, files[i].file);
		}
	}
	return 0;
}

static int parse(int argc, char *const argv[], struct nfp_request *ret_request, struct nfp_err *err)
{
	struct parse p = {.request = ret_request, .err = err};
	int r;

	*ret_request = (struct nfp_request) {
		.styles = {true, true},
		.rate = NFP_RATE_DEFAULT,
		.repeat = 1,
		.settle_ns = NFP_SETTLE_DEFAULT_NS,
		.announce = true,
		.transmit = true,
	};
	r = split(&p, argc, argv);
	if (r < 0 || p.done)
		return r;
	r = check_modes(&p);
	if (r == 0)
		r = check_files(&p);
	if (r < 0)
		return r;
	r = check_pf(&p);
	if (r < 0)
		return r;
	if (ret_request->mode == NFP_MODE_PROBE || ret_request->mode == NFP_MODE_DRY_RUN)
		return check_probe(&p);
	return ret_request->mode == NFP_MODE_REFLECT ? check_reflect(&p) : 0;
}

/* Who asks for JSON gets it also if an argument before that one is wrong. */
static void look_for_json(char *const argv[], struct nfp_request *request)
{
	for (size_t i = 1; argv[i] && strcmp(argv[i], "--") != 0; i++)
		request->json |= strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "--json=-") == 0;
}

int nfp_request_parse(int argc, char *const argv[], struct nfp_request *ret_request,
		      struct nfp_err *err)
{
	int r = parse(argc, argv, ret_request, err);

	if (r < 0)
		look_for_json(argv, ret_request);
	return r;
}

void nfp_request_fini(struct nfp_request *request)
{
	if (!request)
		return;
	free(request->vfs);
	free(request->json_file);
	free(request->junit_file);
	free(request->baseline_file);
	free(request->html_file);
	free(request->write_file);
	free(request->read_file);
	request->vfs = NULL;
	request->json_file = request->junit_file = request->html_file = request->baseline_file =
		NULL;
	free(request->id_file);
	request->write_file = request->read_file = request->id_file = NULL;
	request->num_vfs = 0;
}
