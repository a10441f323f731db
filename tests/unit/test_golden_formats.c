// SPDX-License-Identifier: GPL-2.0-or-later
/* Documents for programs: JSON. */
#include "nfprobe/report.h"
#include "unit/golden.h"
#include "unit/sample_pages.h"
#include "unit/sample_jobs.h"
#include "unit/sample_store.h"
#include "unit/sample_topology.h"

static bool is_format(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && strcmp(dot, ".json") == 0;
}

/* Leaves the first @num steps of each ladder, and the transition between two of them: igb.json
 * has all. */
static void cut(struct nfp_result *result, size_t num)
{
	for (size_t v = 0; v < result->num_vfs; v++) {
		for (size_t i = 0; i < result->vfs[v].num_styles; i++) {
			struct nfp_style_result *style = &result->vfs[v].styles[i];

			if (style->num_steps > num)
				style->num_steps = num;
			if (style->num_transitions > 1)
				style->num_transitions = 1;
		}
	}
}

static void json_odd(struct nfp_result *result)
{
	sample_odd(result);
	result->vfs[0].num_styles = 1;
	result->vfs[1].num_styles = 0;
	result->vfs[1].requires = 0;
	result->vfs[1].status = NFP_VF_FAILED;
	nfp_err_set(&result->vfs[1].error, 0, NFP_E_NO_DRIVER, "no driver");
	result->settings.have_source = false;
	result->restored = false;
	result->exit_status = 5;
	nfp_err_set(&result->error, 0, NFP_E_INTERRUPTED, "interrupted by SIGINT");
	nfp_err_hint(&result->error, "run it again");
}

/* Evidence beside the landings, and a reflector. */
static void json_evidence(struct nfp_result *result)
{
	sample_beside(result);
	cut(result, 3);
	result->reflector = (struct nfp_mac) {{0x02, 0xab, 0, 0, 0, 1}};
	strcpy(result->settings.from, "peer:02:ab:00:00:00:01");
}

/* Names from the kernel are bytes; JSON is UTF-8. */
static void json_hostile(struct nfp_result *result)
{
	sample_head(result, 0);
	strcpy(result->pf.ifname, "e\xff\"\\\n");
	strcpy(result->pf.firmware, "caf\xc3\xa9 \xc3");
	strcpy(result->hostname, "\xed\xa0\x80");
	nfp_strv_addf(&result->warnings, "esc \033[31m \xf0\x9f\x98\x80");
}

static void write_document(json_t *root, FILE *out)
{
	assert_int_equal(nfp_report_document(root, out), 0);
	json_decref(root);
}

static void json_list(FILE *out)
{
	struct nfp_topology topology;
	struct nfp_check checks[2];

	sample_topology(&topology);
	sample_checks(checks);
	write_document(nfp_report_list_json(&topology, checks, NULL, 0), out);
	nfp_check_fini(&checks[0]);
	nfp_check_fini(&checks[1]);
	sample_topology_fini(&topology);
}

static void json_check(FILE *out)
{
	struct nfp_check check;

	sample_check(&check);
	write_document(nfp_report_check_json(&check, NULL), out);
	nfp_check_fini(&check);
}

static void json_check_error(FILE *out)
{
	const struct nfp_check check = {.exit_status = 4};
	struct nfp_err err;

	nfp_err_set(&err, 0, NFP_E_NO_INTERFACE, "there is no interface or device eth9");
	write_document(nfp_report_check_json(&check, &err), out);
}

static void json_list_error(FILE *out)
{
	struct nfp_topology topology = {0};
	struct nfp_err err;

	nfp_err_set(&err, 0, NFP_E_NO_INTERFACE, "no interface \"eth9\"");
	write_document(nfp_report_list_json(&topology, NULL, &err, 4), out);
}

static void json_all(FILE *out)
{
	struct nfp_jobs jobs;

	sample_jobs(&jobs);
	write_document(nfp_report_jobs_json(&jobs, NULL), out);
	nfp_jobs_fini(&jobs);
}

#define JSON(name, sample)                                  \
	{                                                   \
		name ".json", sample, nfp_report_json, NULL \
	}

static const struct golden files[] = {
	{"all.json", .write = json_all},
	JSON("igb", sample_igb),
	JSON("odd", json_odd),
	JSON("error", sample_not_begun),
	JSON("evidence", json_evidence),
	JSON("neighbours", sample_lost_to_neighbours),
	JSON("hostile", json_hostile),
	{"list-full.json", .write = json_list},
	{"check-full.json", .write = json_check},
	{"check-error.json", .write = json_check_error},
	{"list-error.json", .write = json_list_error},
};

_Static_assert(sizeof(files) / sizeof(files[0]) <= GOLDEN_MAX, "golden_run() has room for them");

int main(void)
{
	const struct goldens goldens = {files, sizeof(files) / sizeof(files[0]), is_format};

	return golden_run("golden_formats", &goldens);
}
