/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options.h - private to src/cli: the one table of options. */
#ifndef NFPROBE_CLI_OPTIONS_H
#define NFPROBE_CLI_OPTIONS_H

#include "nfprobe/request.h"

/* The argument of an option, and its effect on the request. */
enum nfp_opt_kind {
	NFP_OPT_ON,	  /* no value: sets the bool at `at` */
	NFP_OPT_MODE,	  /* no value: chooses `mode` */
	NFP_OPT_NUMBER,	  /* min to max, into the unsigned int at `at` */
	NFP_OPT_SECONDS,  /* min to max (in ns), into the uint64_t at `at` */
	NFP_OPT_FILE,	  /* a name of a file, into the char * at `at`; may choose `mode` */
	NFP_OPT_VALUE,	  /* whatever `set` makes of it */
	NFP_OPT_OPTIONAL, /* the same; the value comes only as --name=value, and may be absent */
};

/* In which modes an option means something: bits. */
#define NFP_IN(mode)   (1U << (unsigned int)(mode))
#define NFP_IN_RUN     NFP_IN(NFP_MODE_PROBE)
#define NFP_IN_PROBE   (NFP_IN_RUN | NFP_IN(NFP_MODE_DRY_RUN))
#define NFP_IN_LIST    NFP_IN(NFP_MODE_LIST)
#define NFP_IN_HEAR    NFP_IN(NFP_MODE_HEAR)
#define NFP_IN_RESTORE NFP_IN(NFP_MODE_RESTORE)
#define NFP_IN_REFLECT NFP_IN(NFP_MODE_REFLECT)
#define NFP_IN_ANY     (NFP_IN_PROBE | NFP_IN_LIST | NFP_IN_HEAR | NFP_IN_RESTORE | NFP_IN_REFLECT)

#define NFP_ONE_VF_HINT "A run probes one VF: call nfprobe in a loop, or nfprobe-all."

struct nfp_opt {
	const char *name;
	enum nfp_opt_kind kind;
	unsigned int modes;
	const char *help;    /* lines are broken by \n */
	const char *metavar; /* of the value */
	size_t at;	     /* offset in struct nfp_request; 0 with `set` */
	uint64_t min, max;
	enum nfp_mode mode; /* that the option chooses; PROBE: none */
	/* @value is NULL where there is none. 0, or -EINVAL with @err. */
	int (*set)(struct nfp_request *request, const char *value, struct nfp_err *err);
	const char *twice; /* what to write instead of giving it twice */
	char letter;	   /* 0: none */
	bool again;	   /* takes a value, and may be given again; `set` knows what that means */
	bool common;	   /* -h shows it, too */
	const char *group; /* the heading in --help of this option and those below it */
};

extern const struct nfp_opt nfp_options[];
extern const size_t nfp_num_options;

/* Another spelling of an option. */
struct nfp_spelling {
	const char *name, *option;
};

extern const struct nfp_spelling nfp_spellings[];
extern const size_t nfp_num_spellings;

const struct nfp_opt *nfp_opt_find(const char *name);

/* An option that there was: with or without a value, it is refused. */
struct nfp_gone {
	const char *name;
	const char *instead; /* the hint: what to do now */
};

extern const struct nfp_gone nfp_gone[];
extern const size_t nfp_num_gone;

/* Applies the option to @request. @value as for `set`. */
int nfp_opt_apply(const struct nfp_opt *opt, struct nfp_request *request, const char *value,
		  struct nfp_err *err);

static inline bool nfp_opt_takes_value(const struct nfp_opt *opt)
{
	return opt->kind >= NFP_OPT_NUMBER;
}

/* ---- the answers to what cannot be understood (wrong.c) ---- */

/* The one of @names that was probably meant by @word, as @option takes it, is the hint. */
void nfp_hint_value(struct nfp_err *err, const char *option, const char *word,
		    const char *const names[], size_t num);
/* getopt_long returned @value, which is '?', or ':' for a missing value; @opt: it knows which. */
int nfp_refuse_option(char *const argv[], int value, const struct nfp_opt *opt,
		      struct nfp_err *err);
int nfp_refuse_gone(const struct nfp_gone *gone, struct nfp_err *err);
/* @word, which is one too many beside @positional. */
int nfp_refuse_stray(const struct nfp_request *request, const char *word, const char *positional,
		     struct nfp_err *err);
/* @word follows @opt after a blank, and was probably meant to be its value. */
int nfp_refuse_apart(const struct nfp_opt *opt, const char *word, struct nfp_err *err);

#define usage_err(err, ...) nfp_err_set(err, -EINVAL, NFP_E_USAGE, __VA_ARGS__)
/* The same, with a hint. */
#define usage_hint(err, hint, ...) \
	(usage_err(err, __VA_ARGS__), nfp_err_hint(err, "%s", hint), -EINVAL)

#endif
