/* SPDX-License-Identifier: GPL-2.0-or-later */
/* life_priv.h - a guest's life as a table: does it get its frames while it comes,
 * stays and goes? */
#ifndef NFPROBE_REPORT_LIFE_PRIV_H
#define NFPROBE_REPORT_LIFE_PRIV_H

#include "writer_priv.h"

/* The cells, worst first. */
enum nfp_life_cell {
	NFP_CELL_UNSET,
	NFP_CELL_LOST,
	NFP_CELL_REFUSED, /* the driver refuses the address, or the kernel the step */
	NFP_CELL_SLOW,	  /* deaf for longer than --gap-limit */
	NFP_CELL_UNKNOWN,
	NFP_CELL_GAP,	/* deaf until it sends, behind a bridge where it is not pinned */
	NFP_CELL_OK_IF, /* ok if a condition is met */
	NFP_CELL_OK,
	NFP_CELL_UNTESTED,
	NFP_CELL_NONE, /* IPv6 where all frames are lost: there is nothing to say of it */
	NFP_CELL_COUNT,
};
extern const struct nfp_names nfp_life_cell_names;

/* Is a standby of that style behind a bridge that snoops, as far as is known? */
bool nfp_is_snooped(const struct nfp_pf_info *pf, enum nfp_style style);

/* The name of a row: the style that the user asked for, the fix that was tried for it
 * (NFP_STYLE_COUNT: none), and the guest's VLAN (0: none). */
struct nfp_row {
	enum nfp_style style, fix;
	uint16_t vlan;
};
struct nfp_row nfp_row_of(const struct nfp_style_result *style);
/* Sets *row to that of the guest's VLAN in the style, and returns how it fares there. NONE: there
 * is no such row. */
enum nfp_check_state nfp_vlan_row_of(const struct nfp_style_result *style, struct nfp_row *ret_row);
bool nfp_row_equal(const struct nfp_row *a, const struct nfp_row *b);

/* The columns, in the order of the ladder. A cell is the worst of its steps. */
enum nfp_life_column {
	NFP_LIFE_ATTACH,   /* the guest gets the VF */
	NFP_LIFE_UP,	   /* the guest uses it */
	NFP_LIFE_UNPLUG,   /* it migrates */
	NFP_LIFE_DETACH,   /* the VF is gone */
	NFP_LIFE_CLEAR,	   /* its address is cleared */
	NFP_LIFE_VF_FIRST, /* a guest starts, or arrives */
	NFP_LIFE_IPV6,	   /* in all of these, the groups that the guest joins */
	NFP_LIFE_COUNT,
};
#define NFP_LIFE_STEPS 4
/* The columns, and the steps behind each, apart from what stands in for a reset that
 * the VF lacks. */
extern const struct nfp_life_head {
	const char *heading, *meaning;
	unsigned int width;
	enum nfp_step steps[NFP_LIFE_STEPS]; /* ended by NFP_STEP_CONTROL */
} nfp_life_columns[NFP_LIFE_COUNT];
/* Returns the column of the change to a step. A step without a column has that of the next step.
 * NFP_LIFE_COUNT: none. */
enum nfp_life_column nfp_life_column_of(enum nfp_step to);

enum nfp_outage_state { NFP_OUTAGE_UNMEASURED, NFP_OUTAGE_MEASURED, NFP_OUTAGE_ENDLESS };

/* The longest time for which a change made a guest deaf. */
struct nfp_outage {
	enum nfp_outage_state state; /* ENDLESS: deaf in the stable state as well */
	struct nfp_span span;	     /* of MEASURED */
	enum nfp_step to;	     /* NFP_STEP_COUNT: none */
	enum nfp_listens heard_by;
};

/* A row of the table: a style, a fix that was tried, or either in the guest's VLAN. */
struct nfp_life {
	struct nfp_row row;
	const struct nfp_style_result *style;
	enum nfp_verdict verdict;
	uint32_t serves; /* bits of nfp_serves_names: whom it serves in every state */
	enum nfp_life_cell cells[NFP_LIFE_COUNT];
	struct nfp_outage outage;
	struct nfp_strv conditions; /* ids; filled in for JSON */
};
#define NFP_LIFE_MAX (2 * NFP_STYLE_COUNT)
extern const struct nfp_names nfp_serves_names;

/* @gap_limit_ms: of the settings. */
void nfp_life_of(const struct nfp_style_result *style, unsigned int gap_limit_ms,
		 struct nfp_life *ret_life);
/* Lists the rows of a result. Returns their number. */
size_t nfp_life_rows(const struct nfp_result *result, struct nfp_life rows[NFP_LIFE_MAX]);
/* Prints the table, and below it what its words mean. */
void nfp_life_print(struct nfp_writer *w, const struct nfp_life rows[], size_t num);

#endif
