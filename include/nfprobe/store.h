/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store.h - the one description of a result, how it is read back, the results that --save keeps on
 * this host, and whether they still hold.
 */
#ifndef NFPROBE_STORE_H
#define NFPROBE_STORE_H

#include <jansson.h>

#include "nfprobe/fields.h"
#include "nfprobe/inventory.h"
#include "nfprobe/result.h"
#include "nfprobe/verdict.h"

/*
 * tables: for each key of JSON, the member of struct nfp_result and the forms that contain it.
 * --json, --json-stream, --baseline and recordings all use these tables (src/result/tables.c); the
 * schemas in scripts/schemas describe the same keys, to which tests hold every output.
 */

/* The forms of a result. */
#define NFP_IN_JSON	0x1U   /* --json, and pieces of it in --json-stream */
#define NFP_IN_BASELINE 0x2U   /* the part of it that --baseline reads and compares */
#define NFP_IN_RUN	0x4U   /* a recording: what frames do not show of the run and its VFs .. */
#define NFP_IN_LADDER	0x8U   /* .. and of one ladder, a struct nfp_style_result */
#define NFP_IN_STORE	0x10U  /* the part of --json that --check reads in what --save kept */
#define NFP_IN_VERDICTS 0x20U  /* .. that --all reads of its runs: verdicts, no steps */
#define NFP_IN_BEGIN	0x40U  /* events of --json-stream: what a run is .. */
#define NFP_IN_END	0x80U  /* .. and how a run, a VF or a style ended */
#define NFP_IN_ENTRY	0x100U /* an entry of --check --json */

extern const struct nfp_table nfp_result_table, nfp_run_table, nfp_pf_table, nfp_settings_table,
	nfp_vf_table, nfp_style_table, nfp_step_table, nfp_transition_table, nfp_error_table;

/*
 * Reads an object in the form NFP_IN_BASELINE, NFP_IN_STORE or NFP_IN_VERDICTS, which --json wrote,
 * or NFP_IN_RUN. The caller has initialized *result with nfp_result_init. 0 or -EBADMSG
 * (NFP_E_INPUT): it is not of this schema, or a value is not what the tables allow; of a store, it
 * is not one style of one VF.
 */
int nfp_result_read(const json_t *object, unsigned int form, struct nfp_budget *budget,
		    struct nfp_result *result, struct nfp_err *err);
/* Likewise, a ladder in the form NFP_IN_LADDER. */
int nfp_result_read_ladder(const json_t *object, struct nfp_style_result *ret_ladder,
			   struct nfp_err *err);
/*
 * Parses the output of --json; fills in what --baseline compares. Initializes *ret_result, which
 * the caller frees with nfp_result_fini after success. -EINVAL (NFP_E_BASELINE): the text is not
 * JSON, not of this schema, or has no verdict.
 */
int nfp_baseline_parse(const char *text, size_t len, struct nfp_result *ret_result,
		       struct nfp_err *err);

/*
 * identity: what a verdict is a verdict on. If a member has changed since, nobody knows whether the
 * verdict still holds. Pure.
 */

enum nfp_identity_member {
	NFP_ID_DEVICE,	  /* PCI vendor and device */
	NFP_ID_SUBSYSTEM, /* of PCI: a card maker may have firmware of its own */
	NFP_ID_BOARD,	  /* board.id of devlink */
	NFP_ID_FIRMWARE,
	NFP_ID_FIRMWARE_VERSIONS, /* of its parts: ethtool may not name each */
	NFP_ID_KERNEL,
	NFP_ID_DRIVER,
	NFP_ID_DRIVER_VERSION,
	NFP_ID_VF_DRIVER,
	NFP_ID_VF_DRIVER_VERSION,
	NFP_ID_ESWITCH_MODE,
	NFP_ID_NUM_VFS,
	NFP_ID_L2_FWD_OFFLOAD,
	NFP_ID_TRUST,
	NFP_ID_SPOOFCHK,
	NFP_ID_VLAN, /* VST of the VF outside of runs */
	NFP_ID_COUNT,
};
extern const struct nfp_names nfp_identity_names;  /* the keys of JSON that have them */
extern const struct nfp_names nfp_identity_labels; /* in words: "VF driver" */

enum nfp_readable {
	NFP_READABLE,
	NFP_NEEDS_PRIVILEGES, /* this process lacks them */
	NFP_UNREADABLE,
};

struct nfp_identity {
	char value[NFP_ID_COUNT][NFP_TEXT_LEN]; /* empty: there is none */
	struct nfp_fw_version fw[NFP_FW_MAX];	/* FIRMWARE_VERSIONS: those that run */
	size_t num_fw;
	enum nfp_readable readable[NFP_ID_COUNT];
};

/* A driver that comes with the kernel has no version of its own. From @vf, its driver and its
 * attributes are read. */
void nfp_identity_of(const struct nfp_pf_info *pf, const char *kernel,
		     const struct nfp_vf_result *vf, struct nfp_identity *ret_identity);

/* Is the member what it was? UNKNOWN: that takes privileges. A member that is unreadable for
 * another reason is not what it was. */
enum nfp_answer nfp_identity_same(const struct nfp_identity *was, const struct nfp_identity *is,
				  enum nfp_identity_member member);
/* The two values, as words; of several parts the first that differs. "" for none. */
void nfp_identity_values(const struct nfp_identity *was, const struct nfp_identity *is,
			 enum nfp_identity_member member, char ret_was[NFP_TEXT_LEN],
			 char ret_is[NFP_TEXT_LEN]);
/* "firmware was 2.1.0, is 2.2.0" */
void nfp_identity_words(const struct nfp_identity *was, const struct nfp_identity *is,
			enum nfp_identity_member member, char *buf, size_t size);

/*
 * store: a file for each PF, DIR/<bus>-<device>.json. Each of its entries is a result as --json
 * writes it, of one style of one VF. The file of a host is not for another host.
 */

#define NFP_STORE_DIR "/var/lib/nfprobe"
/* The list of what the libvirt hook has added to PFs, a file for each: it is described there. */
#define NFP_HOOK_LIST	"/run/nfprobe-libvirt-hook"
#define NFP_STORE_BYTES (32U << 20) /* a larger file is refused */

struct nfp_store {
	char *path;		    /* owned */
	json_t *root;		    /* owned; NULL: there is no file */
	struct nfp_result *entries; /* what --check reads of those of root, in order; owned */
	size_t num;
};

/* Entries that differ in a member do not replace each other. A key has at most one entry for each
 * enum nfp_proof. */
struct nfp_store_key {
	unsigned int vf;
	enum nfp_style style;
	bool have_source;
	enum nfp_source source;
	unsigned int vlan; /* 0: none */
};

/* The only place that knows where a result has its key. */
struct nfp_store_key nfp_store_key_of(const struct nfp_result *result, size_t vf, size_t style);

/* How much a result proves of the NIC, by what was tested; a higher one is stronger. */
enum nfp_proof {
	NFP_PROOF_NONE,	 /* a verdict on the test, or of a run that did not end as it should */
	NFP_PROOF_PART,	 /* of unicast and broadcast */
	NFP_PROOF_WHOLE, /* .. and of multicast, which was got or lost */
};
enum nfp_proof nfp_store_proof_of(const struct nfp_result *result, size_t vf, size_t style);

/*
 * Pure. Parses a file of @device ("pci-0000:01:00.0"). -EBADMSG (NFP_E_INPUT): it is damaged, of a
 * newer nfprobe, of another device, or no such file at all. Sets root, entries and num only.
 */
int nfp_store_parse(const char *text, size_t len, const char *device, struct nfp_store *ret_store,
		    struct nfp_err *err);

/*
 * Pure. Adds each style of @result. It replaces the entries of the same key, except that of the
 * same identity a weaker proof never replaces a stronger one, but stands beside it, or, if it
 * proves nothing, is dropped. Returns the number of entries that are new.
 */
size_t nfp_store_merge(struct nfp_store *store, const char *device,
		       const struct nfp_result *result);

/* The file of a PF, open. */
struct nfp_store_file {
	char *path, *device; /* owned */
	int fd;		     /* -1: there is none, and the store is empty */
	bool others;	     /* it or its folder is neither root's nor the caller's own */
};

/*
 * Opens the file of a PF in @dir. -EPERM: a user other than root, the caller and the owner of @dir
 * could have written it. -ELOOP, -EINVAL: a symbolic link, or no regular file; or another -errno
 * (all NFP_E_INPUT). End it with nfp_store_close in any case.
 */
int nfp_store_open(const char *dir, const char *bus, const char *parentdev,
		   struct nfp_store_file *ret_file, struct nfp_err *err);
void nfp_store_close(struct nfp_store_file *file);
/*
 * Reads it. Only a confined process may do that if it is others'. -EFBIG, or another -errno (all
 * NFP_E_INPUT), and as nfp_store_parse. Nothing is left to free on failure.
 */
int nfp_store_load(const struct nfp_store_file *file, struct nfp_store *ret_store,
		   struct nfp_err *err);
void nfp_store_fini(struct nfp_store *store);

/*
 * Could a result be saved? Called before a run, and reads the file in a confined process if it is
 * others'. Makes NFP_STORE_DIR if @dir is that, and no other
 * folder. A file that cannot be read is not replaced, so it is an error here. 0 or -errno.
 */
int nfp_store_check(const char *dir, const char *bus, const char *parentdev, struct nfp_err *err);

/*
 * Reads the file again, likewise, merges the result, and replaces the file, with mode 0644 whatever
 * the umask. Call it under the PF's lock. 0 or -errno (NFP_E_OUTPUT or NFP_E_INPUT).
 */
int nfp_store_save(const char *dir, const char *bus, const char *parentdev,
		   const struct nfp_result *result, struct nfp_err *err);

/*
 * check: do the stored verdicts say that it is safe now? Pure.
 */

struct nfp_check_query {
	int vf; /* -1: any of the PF */
	bool styles[NFP_STYLE_COUNT];
	bool others;		   /* .. and, without counting, any other that is stored */
	int vlan;		   /* -1: any */
	unsigned int max_age_days; /* 0: any age */
	int64_t now_unix_ms;
	uint64_t settle_needed_ns; /* by the PF's driver */
};

struct nfp_check_difference {
	enum nfp_identity_member what;
	char was[NFP_TEXT_LEN], is[NFP_TEXT_LEN];
};

/* A stored result of a style that is shown. */
struct nfp_check_entry {
	const struct nfp_result *result;      /* in the store .. */
	const struct nfp_style_result *style; /* .. with the only style of its only VF */
	struct nfp_store_key key;
	enum nfp_proof proof;
	struct nfp_check_difference differences[NFP_ID_COUNT];
	size_t num_differences;
	char stale[NFP_REASON_LEN]; /* why it says nothing about now; empty: it does */
	enum nfp_answer safe;
	char why[NFP_REASON_LEN]; /* it is not safe, or unknown */
};

struct nfp_check_style {
	enum nfp_style style;
	bool counts; /* for the exit status */
	enum nfp_answer safe;
	const struct nfp_check_entry *entry; /* on which that rests; NULL: nothing is stored */
	enum nfp_verdict verdict;	     /* that of the entry */
	char why[NFP_REASON_LEN];	     /* likewise */
};

struct nfp_check {
	char ifname[NFP_IFNAMSIZ], parentdev[NFP_TEXT_LEN];
	bool have_vf;
	unsigned int vf;
	char file[256];
	struct nfp_store store; /* owned */
	struct nfp_check_style styles[NFP_STYLE_COUNT];
	size_t num_styles;
	struct nfp_check_entry *entries; /* owned */
	size_t num_entries;
	struct nfp_strv notes;
	bool entries_known;
	unsigned int entries_missing; /* of the guests that the libvirt hook serves */
	int exit_status;	      /* 0, 1 or 3 */
};

/*
 * Fills styles, entries, notes and exit_status from the store. @now: for each entry of the store,
 * the identity of what it would be tested on now.
 */
void nfp_check_store(struct nfp_check *check, const struct nfp_identity *now,
		     const struct nfp_check_query *query);
void nfp_check_fini(struct nfp_check *check);

/*
 * The results on which the answers of a check rest, as one: each VF with its styles, of which the
 * verdict is stored, and why it is stale or does not prove that it is safe. A style that does not
 * count is in it as a remedy, if its verdict still holds. The run and the PF are those of the
 * newest. @check has ifname and parentdev. Initializes *ret_result, which the caller
 * frees with nfp_result_fini.
 */
void nfp_check_result(const struct nfp_check *check, struct nfp_result *ret_result);

#endif
