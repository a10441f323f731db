/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table.h - private to src/cli: the one table of options. */
#ifndef NFPROBE_CLI_TABLE_H
#define NFPROBE_CLI_TABLE_H

#include "cli/request.h"

/* The kind of an option: its argument, and its effect on the request. */
enum nfp_opt_kind {
	NFP_OPT_ON,	  /* no value: sets the bool at `at` */
	NFP_OPT_MODE,	  /* no value: chooses `mode` */
	NFP_OPT_NUMBER,	  /* min to max, into the unsigned int at `at` */
	NFP_OPT_SECONDS,  /* min to max (in ns), into the uint64_t at `at` */
	NFP_OPT_FILE,	  /* a name of a file, into the char * at `at` */
	NFP_OPT_WORDS,	  /* a list of `words`; `set` takes others, and returns 1 for none */
	NFP_OPT_VALUE,	  /* whatever `set` makes of it */
	NFP_OPT_OPTIONAL, /* the same; the value comes only as --name=value, and may be absent */
	NFP_OPT_COLOR,	  /* likewise: --color */
	NFP_OPT_SPELLING, /* another name of the option `help` */
};

/* Bits: the modes in which an option means something. */
#define NFP_IN(mode)   (1U << (unsigned int)(mode))
#define NFP_IN_RUN     NFP_IN(NFP_MODE_PROBE)
#define NFP_IN_PROBE   (NFP_IN_RUN | NFP_IN(NFP_MODE_DRY_RUN))
#define NFP_IN_LIST    NFP_IN(NFP_MODE_LIST)
#define NFP_IN_AUDIT   NFP_IN(NFP_MODE_AUDIT)
#define NFP_IN_WAY     NFP_IN(NFP_MODE_WAY)
#define NFP_IN_RESTORE NFP_IN(NFP_MODE_RESTORE)
#define NFP_IN_REFLECT NFP_IN(NFP_MODE_REFLECT)
#define NFP_IN_ANY \
	(NFP_IN_PROBE | NFP_IN_LIST | NFP_IN_AUDIT | NFP_IN_WAY | NFP_IN_RESTORE | NFP_IN_REFLECT)

#define NFP_ONE_VF_HINT "A run probes one VF: call nfprobe in a loop, or nfprobe-all."

/* A word, and the bools of struct nfp_request that it sets or clears. */
struct nfp_word {
	const char *name; /* NULL: the end */
	size_t at, size;
	bool to;
};
#define NFP_WORDS_MAX 16

struct nfp_opt {
	const char *name;
	enum nfp_opt_kind kind;
	unsigned int modes;
	const char *help;    /* lines are broken by \n */
	const char *metavar; /* of the value */
	size_t at;	     /* offset in struct nfp_request; 0 with `set` */
	uint64_t min, max;
	const struct nfp_word *words;
	const char *takes;  /* beside `words`, for a user who wrote something else; NULL: nothing */
	enum nfp_mode mode; /* the mode that the option chooses; PROBE: none */
	/* @value is NULL if there is none. 0, or -EINVAL with @err. */
	int (*set)(struct nfp_request *request, const char *value, struct nfp_err *err);
	const char *twice; /* what to write instead of giving it twice */
	char letter;	   /* 0: none */
	bool again;	   /* takes a value, and may be given again; `set` knows what that means */
	bool common;	   /* -h also shows it */
	const char *group; /* the heading in --help of this option and those after it */
};

#define NFP_OPTIONS_MAX 64

extern const struct nfp_opt nfp_options[];
extern const size_t nfp_num_options;

/* Returns the option of that name, whichever spelling. NULL: none. */
const struct nfp_opt *nfp_opt_find(const char *name);

/* Applies the option to @request. @value as for `set`. */
int nfp_opt_apply(const struct nfp_opt *opt, struct nfp_request *request, const char *value,
		  struct nfp_err *err);

static inline bool nfp_opt_takes_value(const struct nfp_opt *opt)
{
	return opt->kind >= NFP_OPT_NUMBER && opt->kind <= NFP_OPT_COLOR;
}

/* It takes its value only as --name=value. */
static inline bool nfp_opt_is_optional(const struct nfp_opt *opt)
{
	return opt->kind == NFP_OPT_OPTIONAL || opt->kind == NFP_OPT_COLOR;
}

#define usage_err(err, ...) nfp_err_set(err, -EINVAL, NFP_E_USAGE, __VA_ARGS__)
/* Reports a usage error with a hint. */
#define usage_hint(err, hint, ...) \
	(usage_err(err, __VA_ARGS__), nfp_err_hint(err, "%s", hint), -EINVAL)

#endif
