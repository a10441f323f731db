/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options.h - private to src/cli: the one table of options, and the setters that it names. */
#ifndef NFPROBE_CLI_OPTIONS_H
#define NFPROBE_CLI_OPTIONS_H

#include "nfprobe/request.h"

enum nfp_opt_arg {
	NFP_OPT_NONE,
	NFP_OPT_REQUIRED,
	NFP_OPT_OPTIONAL, /* only as --name=value */
};

/* In which modes an option means something: bits. */
#define NFP_IN(mode)   (1U << (unsigned int)(mode))
#define NFP_IN_PROBE   (NFP_IN(NFP_MODE_PROBE) | NFP_IN(NFP_MODE_DRY_RUN))
#define NFP_IN_LIST    NFP_IN(NFP_MODE_LIST)
#define NFP_IN_RESTORE NFP_IN(NFP_MODE_RESTORE)
#define NFP_IN_REFLECT NFP_IN(NFP_MODE_REFLECT)
#define NFP_IN_ANY \
	(NFP_IN_PROBE | NFP_IN_LIST | NFP_IN_RESTORE | NFP_IN_REFLECT | NFP_IN(NFP_MODE_READ))
#define NFP_IN_ONLY_RUN NFP_IN(NFP_MODE_PROBE)
#define NFP_IN_READ	NFP_IN(NFP_MODE_READ)
#define NFP_IN_RESULT	(NFP_IN_ONLY_RUN | NFP_IN_READ)

struct nfp_opt {
	const char *name;
	char letter; /* 0: none */
	enum nfp_opt_arg arg;
	const char *metavar;
	unsigned int modes;
	bool again; /* may be given again, the last one counts */
	/* @value is NULL where there is none. 0, or -errno with @err. */
	int (*set)(struct nfp_request *request, const char *value, struct nfp_err *err);
	const char *help; /* lines are broken by \n */
};

extern const struct nfp_opt nfp_options[];
extern const size_t nfp_num_options;

/* setters.c */
int nfp_set_vf(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_from(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_id(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_style(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_mac(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_vlan(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_rate(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_settle(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_timeout(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_json(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_json_stream(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_junit(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_write(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_read(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_html(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_baseline(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_same(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_allow(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_repeat(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_gap_limit(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_no_announce(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_no_transmit(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_force(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_quiet(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_verbose(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_color(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_list(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_restore(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_reflect(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_dry_run(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_version(struct nfp_request *request, const char *value, struct nfp_err *err);
int nfp_set_help(struct nfp_request *request, const char *value, struct nfp_err *err);

#endif
