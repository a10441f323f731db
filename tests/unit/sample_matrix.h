/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sample_matrix.h - results of several hosts, as --json writes them, and what --matrix makes of
 * them. */
#ifndef TESTS_SAMPLE_MATRIX_H
#define TESTS_SAMPLE_MATRIX_H

#include "nfprobe/matrix.h"
#include "nfprobe/report.h"
#include "unit/sample_result.h"

/* What a result has that others have not. */
struct sample_run {
	unsigned int id; /* of the run; 0: it has none */
	const char *host, *firmware;
	enum nfp_verdict macvtap, bridge;
	const char *kernel;	/* NULL: that of the sample, which is also the driver's version */
	uint16_t device;	/* 0: that of the sample */
	enum nfp_source source; /* 0: the wire */
	const char *version;	/* of the driver; NULL: the kernel's */
	unsigned int vlan;
};

#define RUN(id_, host_, firmware_, macvtap_, bridge_, ...)                                    \
	{                                                                                     \
		.id = (id_), .host = (host_), .firmware = (firmware_), .macvtap = (macvtap_), \
		.bridge = (bridge_), __VA_ARGS__                                              \
	}

static inline void sample_run(const struct sample_run *run, struct nfp_result *result)
{
	sample_igb(result);
	memset(result->id, 0, sizeof(result->id));
	memcpy(result->id, &run->id, sizeof(run->id));
	snprintf(result->hostname, sizeof(result->hostname), "%s", run->host);
	snprintf(result->pf.firmware, sizeof(result->pf.firmware), "%s", run->firmware);
	if (run->kernel) {
		snprintf(result->vfs[0].driver_version, sizeof(result->vfs[0].driver_version), "%s",
			 run->kernel);
		snprintf(result->kernel, sizeof(result->kernel), "%s", run->kernel);
		snprintf(result->pf.driver_version, sizeof(result->pf.driver_version), "%s",
			 run->kernel);
	}
	if (run->version)
		snprintf(result->pf.driver_version, sizeof(result->pf.driver_version), "%s",
			 run->version);
	result->vfs[0].probed_vlan = (uint16_t)run->vlan;
	if (run->device)
		result->pf.device = run->device;
	for (size_t i = 0; i < 2; i++) {
		result->vfs[0].styles[i].verdict = i ? run->bridge : run->macvtap;
		result->vfs[0].styles[i].from.source = run->source;
	}
}

/* As --json writes it; free it. */
static inline char *sample_text(const struct nfp_result *result)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out || nfp_report_json(result, out) || fclose(out))
		abort();
	return text;
}

static inline void sample_matrix_text(struct nfp_matrix *matrix, const char *file, char *text)
{
	struct nfp_err err = {0};

	if (nfp_matrix_add(matrix, file, file, text, strlen(text), &err) < 0) {
		fprintf(stderr, "%s: %s\n", file, err.message);
		abort();
	}
}

static inline void sample_matrix_add(struct nfp_matrix *matrix, const struct nfp_result *result,
				     const char *file)
{
	char *text = sample_text(result);

	sample_matrix_text(matrix, file, text);
	free(text);
}

static inline uint64_t sample_settle_needed(const char *driver)
{
	return strcmp(driver, "hns3") == 0 ? 3 * NFP_NSEC_PER_SEC : NFP_SETTLE_DEFAULT_NS;
}

static inline void sample_matrix_runs(struct nfp_matrix *matrix, const struct sample_run *runs,
				      size_t num)
{
	nfp_matrix_init(matrix, sample_settle_needed);
	for (size_t i = 0; i < num; i++) {
		struct nfp_result result;
		char file[32];

		snprintf(file, sizeof(file), "runs/%zu.json", i);
		sample_run(&runs[i], &result);
		sample_matrix_add(matrix, &result, file);
		nfp_result_fini(&result);
	}
}

static inline void sample_matrix_finish(struct nfp_matrix *matrix)
{
	static const struct nfp_matrix_query query = {.styles = {true, true}};

	nfp_matrix_finish(matrix, &query);
}

static const char sample_pci_ids[] = "# a comment\n"
				     "14e4  Broadcom Inc. and subsidiaries\n"
				     "\t10c9  no 82576 of Intel's\n"
				     "8086  Intel Corporation\n"
				     "\t10c8  another device\n"
				     "\t10c9  82576 Gigabit Network Connection\n"
				     "\t\t8086 a04c  Gigabit ET \033[31m<b>Dual</b>\n"
				     "\t1592  Ethernet Controller E810-C for QSFP\n"
				     "\t\t8086 a04c  no 82576\n"
				     "C 02  Network controller\n"
				     "\t10c9  no device\n";

/*
 * A fleet: an 82576 that firmware 2.10.0 made worse, about which runs disagree, with another kernel
 * on one host; an E810 that is safe, with a board and an unknown firmware, but in a VLAN not for
 * sure; files that are skipped.
 */
static inline void sample_matrix(struct nfp_matrix *matrix)
{
	static const struct sample_run runs[] = {
		RUN(1, "hv1", "2.9.1", NFP_VERDICT_SAFE, NFP_VERDICT_EARLY),
		RUN(2, "hv2", "2.9.1", NFP_VERDICT_SAFE, NFP_VERDICT_EARLY),
		RUN(3, "hv2", "2.9.1", NFP_VERDICT_INCONCLUSIVE, NFP_VERDICT_EARLY),
		RUN(4, "hv3", "2.10.0", NFP_VERDICT_STICKY, NFP_VERDICT_EARLY),
		RUN(5, "hv4", "2.10.0", NFP_VERDICT_SAFE, NFP_VERDICT_EARLY, .kernel = "6.1.0"),
		RUN(6, "hv5", "", NFP_VERDICT_SAFE, NFP_VERDICT_NOT_APPLICABLE, .device = 0x1592),
		RUN(9, "hv5", "", NFP_VERDICT_SAFE, NFP_VERDICT_UNTESTABLE, .device = 0x1592,
		    .source = NFP_SOURCE_VF, .vlan = 7),
	};
	struct nfp_result result;

	sample_matrix_runs(matrix, runs, sizeof(runs) / sizeof(runs[0]));
	/* Runs 7 and 8 disagree, as their VF drivers do. */
	sample_run(&runs[5], &result);
	result.id[0] = 7;
	strcpy(result.pf.firmware, "1.3");
	strcpy(result.pf.board_id, "<b>M&\"1");
	strcpy(result.hostname, "\"><script>alert(1)</script>\033[2J");
	sample_matrix_add(matrix, &result, "a:b/<i>\".json");
	result.id[0] = 8;
	result.pf.num_vfs = 7;
	strcpy(result.vfs[0].driver, "iavf");
	strcpy(result.vfs[0].driver_version, "4.13.3");
	result.vfs[0].styles[0].verdict = NFP_VERDICT_DEAF;
	strcpy(result.vfs[0].styles[0].reason, "</li><img src=x onerror=alert(1)>\001");
	sample_matrix_add(matrix, &result, "//hv6/8.json");
	/* A run that failed before it had an id. */
	nfp_result_fini(&result);
	nfp_err_set(&result.error, 0, NFP_E_PERMISSION, "not permitted");
	strcpy(result.hostname, "hv7");
	sample_matrix_add(matrix, &result, "failed.json");
	nfp_matrix_skip(matrix, "package.json", true, "it is foreign");
	nfp_matrix_skip(matrix, "<b>\033torn.json", false, "it is damaged");
	nfp_matrix_name(matrix, sample_pci_ids, sizeof(sample_pci_ids) - 1);
	sample_matrix_finish(matrix);
}

#endif
