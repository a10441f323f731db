/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matrix.h - many results as one table: what each NIC, with its firmware, driver and kernel, was
 * found to be, and what got worse when one of these was updated. Pure.
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

/* What else differs between the worst result of a cell that proves something and the best, or the
 * one from before an update. */
struct nfp_matrix_difference {
	enum nfp_identity_member what;
	char worst[NFP_TEXT_LEN], best[NFP_TEXT_LEN]; /* empty: it has none */
};

/* What a cell is worse than: the same column, with older firmware, driver or kernel. */
struct nfp_matrix_before {
	enum nfp_verdict verdict;
	const char *firmware, *driver_version, *kernel; /* NULL: not known */
	/* Bits: in which of FIRMWARE, DRIVER_VERSION and KERNEL the row that is worse differs. */
	uint32_t changed;
	struct nfp_matrix_difference *differences; /* beside the row's; owned by the matrix */
	size_t num_differences;
};
#define NFP_MATRIX_BIT(member) (1U << (unsigned int)(member))
#define NFP_MATRIX_UPDATES                                                         \
	(NFP_MATRIX_BIT(NFP_ID_FIRMWARE) | NFP_MATRIX_BIT(NFP_ID_DRIVER_VERSION) | \
	 NFP_MATRIX_BIT(NFP_ID_KERNEL))
#define NFP_MATRIX_BEFORE_MAX 3

/*
 * A style from one class of sources. With a VLAN tag and without one, frames are filtered by
 * different rules, which may fail apart: i40e, for example, has filters of an address and a VLAN,
 * or any VLAN (struct i40e_mac_filter in drivers/net/ethernet/intel/i40e/i40e.h). The rules of all
 * VLANs are alike.
 */
struct nfp_matrix_cell {
	enum nfp_style style;
	bool have_source; /* false: the results do not name it */
	enum nfp_source source;
	bool tagged;				  /* the frames were in a VLAN */
	enum nfp_verdict verdict;		  /* the worst */
	unsigned int verdicts[NFP_VERDICT_COUNT]; /* how many results have each */
	size_t runs, hosts;			  /* hosts that are not known count as one */
	enum nfp_answer safe;
	bool conflict;				   /* results prove different things; then: */
	struct nfp_matrix_difference *differences; /* owned by the matrix */
	size_t num_differences;
	struct nfp_matrix_before before[NFP_MATRIX_BEFORE_MAX]; /* it got worse if there is any */
	size_t num_before;
	bool compared;			   /* something older proves anything in its column */
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

/* The order of columns: 0 if both cells are of the same. */
int nfp_matrix_compare_columns(const struct nfp_matrix_cell *a, const struct nfp_matrix_cell *b);
/* The cell of a row in the column of another cell; NULL: it has none. */
const struct nfp_matrix_cell *nfp_matrix_at(const struct nfp_matrix_row *row,
					    const struct nfp_matrix_cell *column);

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
	/* Runs that failed, at least for one of the VFs that they were to probe. */
	size_t without;
	size_t worse, conflicts; /* cells */
	/* Styles of rows, with and without a VLAN, that are neither known to be safe nor not. */
	size_t unproven;
	size_t unread; /* of the skipped: those that are not foreign */
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
 * Adds a file, whole or not at all: what --json has written, for one PF or with --all, or a store.
 * It overwrites @text. 0, or:
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

/* How many rows are of one model, from number @first of a finished matrix on. */
size_t nfp_matrix_same_model(const struct nfp_matrix *matrix, size_t first);

/*
 * The order of versions: < 0 if @a is the older one, 0 only for the same text. Numbers in them are
 * compared as such, hexadecimal ones (0x) likewise: 2.9 is older than 2.10. A release candidate
 * (6.12-rc3, 6.12~rc3) is older than the release.
 */
int nfp_matrix_compare_versions(const char *a, const char *b);

/*
 * Fills all that depends on more than one result; call it once, after the last file.
 *
 * A cell is worse if it proves a verdict that comes earlier in the order of verdicts than what the
 * same column proved before an update. Of firmware, driver version and kernel, each is compared
 * with its nearest older version among the rows that share the model, the driver and the other two,
 * and prove something there. If there is no such row for any of them, the cell is compared with the
 * nearest one before it in the order of firmware, driver version and kernel. What is not known is
 * neither older nor newer. A driver that comes with the kernel has no version of its own, and is
 * older than one that has.
 *
 * Exit status: 4 if no file was used; 1 if a result is not safe, unless @allow has its verdict, or
 * if a cell is worse; 3 if a style of a row, with or without a VLAN, is unproven, because results
 * from the wire are lacking or prove nothing, if no style of a row applies, if a run failed, or if
 * a file could not be read; else 0.
 */
void nfp_matrix_finish(struct nfp_matrix *matrix, const struct nfp_matrix_query *query);

#endif
