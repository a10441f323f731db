// SPDX-License-Identifier: GPL-2.0-or-later
/* Results as pages and for programs: HTML, JUnit and JSON. */
#include "nfprobe/report.h"
#include "unit/golden.h"
#include "unit/sample_pages.h"
#include "unit/sample_jobs.h"
#include "unit/sample_store.h"
#include "unit/sample_topology.h"

static bool is_format(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot &&
	       (strcmp(dot, ".html") == 0 || strcmp(dot, ".xml") == 0 || strcmp(dot, ".json") == 0);
}

/* Leaves the first @num steps of each ladder, and the transition between two of them: igb.json and
 * igb.xml have all. */
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

/* ---- JUnit ---- */

static int junit(const struct nfp_result *result, FILE *out)
{
	return nfp_report_export(NFP_EXPORT_JUNIT, result, out);
}

/* A verdict that is allowed is no failure; but --allow safe allows nothing. */
static void junit_allowed(struct nfp_result *result)
{
	sample_igb(result);
	result->vfs[0].styles[1].allowed = true;
	sample_step(&result->vfs[0].styles[0], NFP_STEP_ALONE, NFP_LANDING_NOWHERE,
		    NFP_LANDING_BOTH);
	sample_fit(&result->vfs[0].styles[0]);
	result->vfs[0].styles[0].allowed = true;
}

/* A VF for each verdict. A verdict that proves nothing is an error, whatever else is well. */
static void junit_verdicts(struct nfp_result *result)
{
	sample_head(result, NFP_VERDICT_COUNT);
	for (unsigned int v = 0; v < NFP_VERDICT_COUNT; v++) {
		struct nfp_vf_result *vf = &result->vfs[v];

		sample_igb_vf(vf, v);
		vf->num_styles = 1;
		vf->styles[0].num_steps = 6;
		vf->styles[0].steps[5].landing[NFP_KIND_BROADCAST] = NFP_LANDING_PF;
		sample_fit(&vf->styles[0]);
		vf->styles[0].verdict = (enum nfp_verdict)v;
	}
}

static void junit_odd(struct nfp_result *result)
{
	struct nfp_step_result *step;

	sample_odd(result);
	step = result->vfs[0].styles[0].steps;
	step[9].status = NFP_STATUS_SKIPPED;
	step[11].landing[NFP_KIND_BROADCAST] = NFP_LANDING_NOWHERE;
	sample_fit(&result->vfs[0].styles[0]);
	result->exit_status = 1;
	nfp_err_set(&result->vfs[2].error, 0, NFP_E_VF_IN_USE, "VF 5 is in use by <qemu>");
}

/* No outcome depends on it, so it stands beside: what the standby sends, the counters of the VF. */
static void junit_evidence(struct nfp_result *result)
{
	struct nfp_style_result *style;

	sample_igb(result);
	style = result->vfs[0].styles;
	sample_evidence(&style[0], NFP_TRANSMIT_DROPPED);
	sample_evidence(&style[1], NFP_TRANSMIT_UNTESTED);
	strcpy(style[1].transmit_note, "--no-transmit & <why>");
	result->restored = false;
	cut(result, 4);
}

/* A known fault is no failure; a result that became worse is one of its own. */
static void junit_against(const char *not_compared, FILE *out)
{
	struct nfp_difference longer = {.vf = 3,
					.style = NFP_STYLE_MACVTAP,
					.compared = NFP_COMPARED_GAP,
					.from = NFP_STEP_DRIVER,
					.to = NFP_STEP_UP,
					.trend = NFP_TREND_WORSE,
					.counts = true,
					.before = "1.0 ms",
					.now = "900.0 ms"};
	struct nfp_comparison comparison = {.v = &longer, .n = 1, .worse = true};
	struct nfp_result result;

	strcpy(comparison.not_compared, not_compared);
	sample_igb(&result);
	cut(&result, 4);
	result.comparison = &comparison;
	assert_int_equal(nfp_report_export(NFP_EXPORT_JUNIT, &result, out), 0);
	result.comparison = NULL;
	nfp_result_fini(&result);
}

static void junit_baseline(FILE *out)
{
	junit_against("", out);
}

static void junit_not_compared(FILE *out)
{
	junit_against("frames came from another source", out);
}

/* Names from the kernel are bytes; XML has no room for all of them. */
static void junit_hostile(struct nfp_result *result)
{
	sample_igb(result);
	strcpy(result->pf.ifname, "e<\"'&]]>");
	strcpy(result->pf.firmware, "\033[2J\x01\x1f\n\t\r\x7f \xff\xc3 caf\xc3\xa9 \xef\xbf\xbe");
	strcpy(result->hostname, "\xed\xa0\x80\xf0\x9f\x98\x80");
	result->vfs[0].num_styles = 1;
}

/* ---- JSON ---- */

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

/* Ten ladders that differ, of twelve that were asked for. */
static void json_repeats(struct nfp_result *result)
{
	struct nfp_repeats *repeats = nfp_repeats_new(12);
	struct nfp_style_result round;

	sample_igb(result);
	cut(result, 5);
	round = result->vfs[0].styles[1];
	result->vfs[0].num_styles = 1;
	result->settings.repeat = 12;
	result->settings.gap_limit_ms = 250;
	result->settings.allow[NFP_VERDICT_EARLY] = true;
	for (int i = 0; i < 10; i++) {
		round.verdict = i == 4 ? NFP_VERDICT_EARLY : NFP_VERDICT_SLOW;
		round.steps[4].landing[NFP_KIND_UNICAST] = i == 7 ? NFP_LANDING_PF
								  : NFP_LANDING_NOWHERE;
		round.transitions[0].count[NFP_KIND_UNICAST].gap.us = 1000 * i;
		round.transitions[0].count[NFP_KIND_UNICAST].effect.us = -10 * i;
		nfp_repeats_add(repeats, &round, &result->vfs[0].styles[0]);
	}
}

/* What is seldom there: each key that another sample lacks has a value here, whatever the rules
 * would say of that. */
static void json_seldom(struct nfp_result *result)
{
	struct nfp_vf_result *vf;
	struct nfp_style_result *style;
	struct nfp_step_result *step;
	struct nfp_near_result *near;

	sample_beside(result);
	cut(result, 3);
	result->settings.require_neighbours = true;
	strcpy(result->pf.board_id, "E44739-004");
	vf = &result->vfs[0];
	vf->num_styles = 1;
	vf->num_proofs = 1;
	vf->proofs[0] = (struct nfp_requirement) {
		.requires = NFP_REQ_CLEAR_AT_UNPLUG, .by = "vf-first", .multicast_lost = true};
	vf->neighbours = (struct nfp_near_result) {.verdict = NFP_NEAR_LOST,
						   .from = NFP_IDLE_RESET,
						   .until = NFP_IDLE_CLEAR,
						   .note = "VF 1 was not heard"};
	style = &vf->styles[0];
	strcpy(style->from.note, "auto: eth0 hears eth1, so frames come from outside the NIC");
	strcpy(style->via, "vf:1");
	style->remedy = style->stopped = style->floods = style->unregistered_announced = true;
	style->second_back = style->unannounced = style->learns_nothing = true;
	near = &style->neighbours;
	*near = vf->neighbours;
	near->num_windows = 1;
	near->windows[0] = (struct nfp_near_window) {.idle = NFP_IDLE_RESET,
						     .status = NFP_STATUS_DONE,
						     .skip_allowed = true,
						     .disturbed = true,
						     .note = "the PF lost its carrier"};
	step = &style->steps[0];
	step->have_bus_master = step->bus_master = true;
	step->bus_master_change = (struct nfp_span) {.known = true, .us = 1200, .error_us = 40};
	step->carrier_lost = step->changed = step->skip_allowed = step->unsettled = true;
	step->blinked = step->healed = step->healed_group = step->repeated = true;
	step->repeated_group = step->promiscuous = true;
	step->errnum = 16;
	strcpy(step->hint, "remove the address from the other VF");
}

static void json_baseline(FILE *out)
{
	const enum nfp_step none = NFP_STEP_COUNT;
	const struct nfp_ladder_source one = {.known = false}, of_vf = {.known = true,
									.source = NFP_SOURCE_VF,
									.name = "vf:1"};
	struct nfp_difference differences[] = {
		{3, NFP_STYLE_MACVTAP, one, NFP_COMPARED_VERDICT, none, none, NFP_TREND_WORSE, true,
		 "safe", "sticky"},
		{3, NFP_STYLE_MACVTAP, one, NFP_COMPARED_LANDING, none, NFP_STEP_UNPLUG,
		 NFP_TREND_CHANGED, false, "pf", "nowhere"},
		{3, NFP_STYLE_MACVTAP, one, NFP_COMPARED_GAP, NFP_STEP_DRIVER, NFP_STEP_UP,
		 NFP_TREND_BETTER, false, "9.0 ms", "1.0 ms"},
		{3, NFP_STYLE_BRIDGE, one, NFP_COMPARED_VERDICT, none, none, NFP_TREND_NEW, false,
		 "", "early"},
		{3, NFP_STYLE_BRIDGE, one, NFP_COMPARED_VERDICT, none, none, NFP_TREND_GONE, false,
		 "early", ""},
		{3, NFP_STYLE_BRIDGE, of_vf, NFP_COMPARED_VERDICT, none, none, NFP_TREND_UNSTABLE,
		 true, "early", "safe"},
	};
	struct nfp_comparison comparison = {
		.then = {.start = "2026-11-20T10:00:00Z", .driver = "igb", .kernel = "6.1"},
		.file = "old.json",
		.not_compared = "the two have no VF and style in common",
		.v = differences,
		.n = sizeof(differences) / sizeof(differences[0]),
		.worse = true,
	};
	struct nfp_result result;

	sample_head(&result, 0);
	result.comparison = &comparison;
	assert_int_equal(nfp_report_json(&result, out), 0);
	result.comparison = NULL;
	nfp_result_fini(&result);
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

static void write_listing(struct nfp_listing *listing, const struct nfp_err *err, FILE *out)
{
	write_document(nfp_report_list_json(listing, err), out);
	nfp_listing_fini(listing);
}

static void json_list(FILE *out)
{
	struct nfp_topology topology;
	struct nfp_listing listing;

	sample_topology(&topology);
	sample_listing(&listing, &topology);
	write_listing(&listing, NULL, out);
}

/* One PF, with -q; its VFs could not be read. */
static void json_list_one(FILE *out)
{
	struct nfp_topology topology;
	struct nfp_listing listing;
	struct nfp_pf *pf;

	sample_topology(&topology);
	pf = &topology.pfs[0];
	pf->attrs_errno = EIO;
	strcpy(pf->info.eswitch_mode, "legacy");
	pf->info.num_fw = 1;
	pf->info.fw[0] = (struct nfp_fw_version) {"fw.mgmt", "7.0.1", "7.1.0"};
	for (size_t i = 0; i < pf->num_vfs; i++) {
		pf->vfs[i].use = NFP_USE_NOT_READ;
		pf->vfs[i].user[0] = '\0';
		pf->vfs[i].attr = (struct nfp_vf_attr)NFP_VF_ATTR_UNKNOWN;
	}
	nfp_listing_init(&listing, &topology, 0);
	strcpy(listing.kernel, "6.12.95");
	listing.pfs[0].settle_ns = 5 * NFP_NSEC_PER_SEC;
	for (size_t i = 0; i < listing.pfs[0].num_vfs; i++)
		listing.pfs[0].vfs[i].unread =
			json_pack("{s:s, s:s, s:s, s:s}", "address", "Input/output error", "vlan",
				  "Input/output error", "trust", "Input/output error", "spoofchk",
				  "Input/output error");
	write_listing(&listing, NULL, out);
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
	const struct nfp_topology topology = {.num_pfs = 0};
	struct nfp_listing listing;
	struct nfp_err err;

	nfp_err_set(&err, 0, NFP_E_NO_INTERFACE, "no interface \"eth9\"");
	nfp_err_hint(&err, "nfprobe --list shows the SR-IOV PFs of this host");
	nfp_listing_init(&listing, &topology, -1);
	listing.exit_status = 4;
	write_listing(&listing, &err, out);
}

static void json_hearing(FILE *out)
{
	struct nfp_hearing hearing;

	sample_hearing(&hearing);
	write_document(nfp_report_hearing_json(&hearing, NULL), out);
	nfp_hearing_fini(&hearing);
}

static void json_hearing_error(FILE *out)
{
	const struct nfp_hearing hearing = {.exit_status = 4};
	struct nfp_err err;

	nfp_err_set(&err, 0, NFP_E_PERMISSION,
		    "nfprobe may not send or hear frames: it lacks CAP_NET_RAW");
	nfp_err_hint(&err, "run it as root (sudo nfprobe ..)");
	write_document(nfp_report_hearing_json(&hearing, &err), out);
}

static void json_all(FILE *out)
{
	struct nfp_jobs jobs;

	sample_jobs(&jobs);
	write_document(nfp_report_jobs_json(&jobs, NULL), out);
	nfp_jobs_fini(&jobs);
}

#define HTML(name, sample)                                  \
	{                                                   \
		name ".html", sample, nfp_report_html, NULL \
	}
#define JUNIT(name, sample)                      \
	{                                        \
		name ".xml", sample, junit, NULL \
	}
#define JSON(name, sample)                                  \
	{                                                   \
		name ".json", sample, nfp_report_json, NULL \
	}

static const struct golden files[] = {
	HTML("compared", sample_compared),
	HTML("hostile", sample_hostile),
	HTML("many", sample_many),
	HTML("sources", sample_sources),
	HTML("error", sample_nothing),
	HTML("neighbours", sample_lost_to_neighbours),
	{"all.json", .write = json_all},
	JUNIT("igb", sample_igb),
	JUNIT("allowed", junit_allowed),
	JUNIT("verdicts", junit_verdicts),
	JUNIT("odd", junit_odd),
	JUNIT("error", sample_not_begun),
	JUNIT("evidence", junit_evidence),
	{"baseline.xml", .write = junit_baseline},
	JUNIT("sources", sample_sources),
	{"not-compared.xml", .write = junit_not_compared},
	JUNIT("hostile", junit_hostile),
	JSON("igb", sample_igb),
	JSON("odd", json_odd),
	JSON("error", sample_not_begun),
	JSON("evidence", json_evidence),
	JSON("neighbours", sample_lost_to_neighbours),
	JSON("repeats", json_repeats),
	{"baseline.json", .write = json_baseline},
	JSON("hostile", json_hostile),
	JSON("seldom", json_seldom),
	{"list-full.json", .write = json_list},
	{"list-one.json", .write = json_list_one},
	{"check-full.json", .write = json_check},
	{"check-error.json", .write = json_check_error},
	{"hear-full.json", .write = json_hearing},
	{"hear-error.json", .write = json_hearing_error},
	{"list-error.json", .write = json_list_error},
};

_Static_assert(sizeof(files) / sizeof(files[0]) <= GOLDEN_MAX, "golden_run() has room for them");

int main(void)
{
	const struct goldens goldens = {files, sizeof(files) / sizeof(files[0]), is_format};

	return golden_run("golden_formats", &goldens);
}
