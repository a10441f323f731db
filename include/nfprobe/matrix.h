/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matrix.h - many results as one table: what each NIC, with its firmware, driver and kernel, was
 * found to be, and what got worse from one firmware version to the next. Pure.
 */
#ifndef NFPROBE_MATRIX_H
#define NFPROBE_MATRIX_H

#include "nfprobe/store.h"

/* One style of one VF in one run, and where it says so. Strings belong to the matrix. */
struct nfp_matrix_result {
	const char *file;
	const char *page; /* where a reader finds its ladder; never NULL */
	const char *host; /* NULL: not known */
	int64_t start_unix_ms;
	unsigned int vf;
	unsigned int vlan; /* 0: none */
	enum nfp_verdict verdict;
	const char *reason; /* NULL: it has none */
	size_t run;	    /* results of one run have the same number */
	const struct nfp_identity *identity;
};

/* What else differs between the worst result of a cell that proves something and the best. */
struct nfp_matrix_difference {
	enum nfp_identity_member what;
	char worst[NFP_TEXT_LEN], best[NFP_TEXT_LEN]; /* empty: it has none */
};

/* What a cell is worse than: the same column, with older firmware. */
struct nfp_matrix_before {
	enum nfp_verdict verdict;
	const char *firmware, *driver_version, *kernel; /* NULL: not known */
	bool same_software; /* driver version and kernel are those of the row that is worse */
};

/* A style from one class of sources. */
struct nfp_matrix_cell {
	enum nfp_style style;
	bool have_source; /* false: the results do not name it */
	enum nfp_source source;
	enum nfp_verdict verdict;		  /* the worst */
	unsigned int verdicts[NFP_VERDICT_COUNT]; /* how many results have each */
	size_t runs, hosts;			  /* hosts that are not known count as one */
	enum nfp_answer safe;
	bool conflict;				   /* results prove different things; then: */
	struct nfp_matrix_difference *differences; /* owned by the matrix */
	size_t num_differences;
	bool worse;
	struct nfp_matrix_before before;   /* if worse */
	struct nfp_matrix_result *results; /* the worst first; owned by the matrix */
	size_t num_results;
};

/* The worst verdict of a finished cell that proves something; NOT_APPLICABLE: none does. */
enum nfp_verdict nfp_matrix_proof(const struct nfp_matrix_cell *cell);

struct nfp_matrix_row {
	uint16_t vendor, device, subsystem_vendor, subsystem_device; /* PCI ids; 0: not known */
	const char *board_id;					     /* strings: NULL: not known */
	const char *vendor_name, *device_name, *subsystem_name;	     /* of pci.ids */
	const char *firmware, *driver, *driver_version, *kernel;
	struct nfp_matrix_cell *cells; /* by style and source; owned by the matrix */
	size_t num_cells;
	bool worse, model_worse; /* a cell of it, or of any row of its model */
};

/* A file that was not used. */
struct nfp_matrix_skipped {
	const char *file;
	const char *why;
	bool foreign; /* it is none of nfprobe's; else nobody knows what it would have said */
};

struct nfp_matrix {
	/* What got worse first: its models, and of a model its rows; then by PCI ids and driver,
	 * and the newest firmware first. */
	struct nfp_matrix_row *rows;
	size_t num_rows;
	struct nfp_matrix_skipped *skipped;
	size_t num_skipped;
	size_t files; /* that were used */
	size_t runs, hosts;
	size_t without;		 /* runs that found no verdict, such as those that failed */
	size_t worse, conflicts; /* cells */
	size_t unproven;	 /* styles of rows that are neither known to be safe nor not */
	size_t unread;		 /* of the skipped: those that are not foreign */
	int exit_status;
	struct nfp_matrix_index *index; /* private */
};

/*
 * No file is larger, and none has more values than this beside those of steps and transitions: a
 * NIC with 256 VFs, both styles and four sources has 50,000. An array in memory is fifty times as
 * large as its text.
 */
#define NFP_MATRIX_BYTES  (32U << 20)
#define NFP_MATRIX_VALUES 500000U

/* @settle_needed: by the PF's driver, how long a landing must be watched to prove anything. */
void nfp_matrix_init(struct nfp_matrix *matrix, uint64_t (*settle_needed)(const char *driver));
void nfp_matrix_fini(struct nfp_matrix *matrix);

/*
 * Adds a file, whole or not at all: what --json has written, or a store. It overwrites @text. 0,
 * or:
 * -ENOMSG: it is JSON, but nothing of nfprobe's that has a verdict;
 * -EBADMSG: it is damaged, or of another version; -EFBIG: more than NFP_MATRIX_VALUES
 * (all NFP_E_INPUT). What a run did not prove to its end is inconclusive, as it is to a store. A
 * result that was added before (of the same run, VF, style and class of source) counts once, by the
 * worse of its verdicts.
 */
int nfp_matrix_add(struct nfp_matrix *matrix, const char *file, const char *page, char *text,
		   size_t len, struct nfp_err *err);
void nfp_matrix_skip(struct nfp_matrix *matrix, const char *file, bool foreign, const char *why);

/* Names the rows by a file in the format of pci.ids(5). Unknown ids, and broken lines, stay
 * nameless. */
void nfp_matrix_name(struct nfp_matrix *matrix, const char *text, size_t len);

struct nfp_matrix_query {
	bool styles[NFP_STYLE_COUNT]; /* columns of others are left out */
	bool allow[NFP_VERDICT_COUNT];
};

/*
 * Fills all that depends on more than one result; call it once, after the last file.
 *
 * A cell is worse if it proves a verdict that comes earlier in the order of verdicts than what the
 * nearest older firmware of the same model and driver proved in that column, if any did. Firmware
 * versions are compared by strverscmp(3). Of the rows with that older firmware it is the one with
 * the same driver version and kernel, or else with the newest of both.
 *
 * Exit status: 4 if no file was used; 1 if a result is not safe, unless @allow has its verdict, or
 * if a cell is worse; 3 if a style of a row is unproven, because results from the wire are lacking
 * or prove nothing, if no style of a row applies, if a run has no verdict, or if a file could not
 * be read; else 0.
 */
void nfp_matrix_finish(struct nfp_matrix *matrix, const struct nfp_matrix_query *query);

#endif
