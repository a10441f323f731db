/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare.h - the result of this run beside that of an earlier one, of other firmware, another
 * driver or another kernel: what changed, for the better or the worse. Pure.
 */
#ifndef NFPROBE_COMPARE_H
#define NFPROBE_COMPARE_H

#include "nfprobe/result.h"

#define NFP_PAST_TEXT 400

/* ---- what of a result can be compared ---- */

struct nfp_past_step {
	enum nfp_step step;
	enum nfp_status status;
	enum nfp_landing landing[NFP_KIND_COUNT];
};

/*
 * How long the guest was deaf between two steps (unicast). Of several ladders: the median, the
 * shortest and the longest; of one the same thrice.
 */
struct nfp_past_gap {
	enum nfp_step from, to;
	int64_t us, error_us;
	int64_t min_us, max_us;
};

struct nfp_past_style {
	enum nfp_style style;
	enum nfp_verdict verdict;
	bool allowed;
	struct nfp_past_step steps[NFP_STEP_COUNT];
	size_t num_steps;
	struct nfp_past_gap gaps[NFP_STEP_COUNT]; /* those that are known */
	size_t num_gaps;
};

struct nfp_past_vf {
	unsigned int vf;
	struct nfp_past_style styles[NFP_STYLE_COUNT]; /* those that have a verdict */
	size_t num_styles;
};

/* Texts are empty where they are not known. */
struct nfp_past {
	char start[NFP_PAST_TEXT]; /* of the run, as JSON has it */
	char driver[NFP_PAST_TEXT], driver_version[NFP_PAST_TEXT];
	char firmware[NFP_PAST_TEXT], kernel[NFP_PAST_TEXT];
	uint16_t vendor, device; /* PCI ids; 0: not PCI */
	bool have_source;
	enum nfp_source source;
	unsigned int vlan;
	struct nfp_past_vf *vfs; /* owned */
	size_t num_vfs;
};

/* 0 or -ENOMEM. */
int nfp_past_of(const struct nfp_result *result, struct nfp_past *ret_past);
void nfp_past_fini(struct nfp_past *past);

/*
 * Reads what --json wrote (src/evidence/past.c). Strict: what is there must be of the type and
 * among the words of the schema, keys that this version does not know are passed over. -EINVAL
 * (NFP_E_BASELINE, the sentence says where), -ENOMEM. Nothing is left to free on failure.
 */
int nfp_past_parse(const char *text, size_t len, struct nfp_past *ret_past, struct nfp_err *err);

/* Driver, its version, firmware and kernel are all equal. */
bool nfp_past_is_alike(const struct nfp_past *a, const struct nfp_past *b);

/* ---- what changed ---- */

enum nfp_trend {
	NFP_TREND_BETTER,
	NFP_TREND_WORSE,
	NFP_TREND_CHANGED,  /* neither: nothing is demanded there, or nothing is known of one */
	NFP_TREND_UNSTABLE, /* differs though nothing else did (--same) */
	NFP_TREND_NEW,	    /* the baseline does not have it */
	NFP_TREND_GONE,	    /* this run does not have it */
	NFP_TREND_COUNT,
};
const char *nfp_trend_name(enum nfp_trend trend);

enum nfp_matter {
	NFP_MATTER_VERDICT,
	NFP_MATTER_LANDING, /* of step `to` */
	NFP_MATTER_GAP,	    /* between the steps `from` and `to` */
};
const char *nfp_matter_name(enum nfp_matter matter);

struct nfp_difference {
	unsigned int vf;
	enum nfp_style style;
	enum nfp_matter matter;
	enum nfp_step from, to;
	enum nfp_trend trend;
	bool counts;		  /* makes the run fail */
	char before[48], now[48]; /* words; empty: there is none */
};

struct nfp_comparison {
	struct nfp_past then; /* without its VFs */
	char file[NFP_NOTE];
	bool same;		     /* nothing but time has changed: a test of repeatability */
	char not_compared[NFP_NOTE]; /* why the two cannot be compared; empty: they were */
	struct nfp_difference *v;    /* owned */
	size_t n;
	size_t compared; /* styles that both have */
	bool worse;	 /* a difference counts */
	int exit_status; /* 0, 1 or 3 */
};

/*
 * A gap counts as longer when it is by more than this, and by more than half of what it was, and by
 * more than both uncertainties; shorter likewise. That of a guest that waits for its VF is as long
 * as driver and carrier like, which is never twice the same. Of several ladders the median is held
 * against the longest that the baseline had (for shorter, the shortest).
 */
#define NFP_GAP_TOLERANCE_US	100000 /* while the guest listens to the standby */
#define NFP_GAP_TOLERANCE_VF_US 500000 /* until it hears by the VF */

/*
 * What is worse, and counts: a verdict that comes earlier in the order of the verdicts; a step that
 * was fit and is not; a gap that is longer. Nothing counts of a style whose verdict is allowed, or
 * is inconclusive or untestable now. @same: any difference counts, allowed or not.
 * Exit status: 1 when something counts; else 3 when a style is inconclusive or untestable now, or
 * nothing was compared; styles that the baseline does not have count by their verdict alone.
 * 0 or -ENOMEM.
 */
int nfp_compare(const struct nfp_past *then, const struct nfp_past *now, bool same,
		struct nfp_comparison *ret_comparison);
void nfp_comparison_free(struct nfp_comparison *comparison);

/* The style was compared, proves something, and is not worse: what is wrong with it was before. */
bool nfp_comparison_excuses(const struct nfp_comparison *comparison, unsigned int vf,
			    const struct nfp_style_result *style);

#endif
