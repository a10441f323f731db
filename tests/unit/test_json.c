// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results of every sort as JSON. With NFPROBE_JSON_DIR set, each document is kept there as
 * NAME.json, for a validator of JSON Schema.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>
#include <jansson.h>

#include "nfprobe/verdict.h"
#include "nfprobe/result.h"
#include "nfprobe/report.h"
#include "unit/sample_result.h"
#include "unit/sample_topology.h"

static void keep(const char *name, const char *text)
{
	const char *dir = getenv("NFPROBE_JSON_DIR");
	char path[512];
	FILE *f;

	if (!dir)
		return;
	snprintf(path, sizeof(path), "%s/%s.json", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static json_t *load(const char *name, const char *text, size_t len)
{
	json_error_t error;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

	if (!root)
		fail_msg("%s: %s at byte %d of %s", name, error.text, error.position, text);
	assert_int_equal(text[len - 1], '\n');
	keep(name, text);
	return root;
}

static json_t *render(const char *name, const struct nfp_result *result)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	json_t *root;

	assert_non_null(out);
	assert_int_equal(nfp_report_json(result, out), 0);
	fclose(out);
	root = load(name, text, len);
	free(text);
	return root;
}

static const json_t *at(const json_t *root, const char *path)
{
	char copy[256], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *key = strtok_r(copy, "/", &save); key; key = strtok_r(NULL, "/", &save)) {
		if (json_is_array(root))
			root = json_array_get(root, (size_t)atoi(key));
		else
			root = json_object_get(root, key);
	}
	if (!root)
		fail_msg("no %s", path);
	return root;
}

static void is_text(const json_t *root, const char *path, const char *text)
{
	const char *found = json_string_value(at(root, path));

	if (!found || strcmp(found, text) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", path, found ? found : "(no text)", text);
}

static void is_number(const json_t *root, const char *path, long long number)
{
	assert_true(json_is_integer(at(root, path)));
	assert_int_equal(json_integer_value(at(root, path)), number);
}

static void is_null(const json_t *root, const char *path)
{
	if (!json_is_null(at(root, path)))
		fail_msg("%s is not null", path);
}

static void test_igb(void **state)
{
	struct nfp_result result;
	json_t *root;

	(void)state;
	sample_igb(&result);
	root = render("igb", &result);
	is_number(root, "schema", 1);
	is_text(root, "run/id", "00112233445566778899aabbccddeeff");
	is_text(root, "run/start", "2026-11-20T10:00:00.123Z");
	is_number(root, "run/duration_ms", 48100);
	is_text(root, "pf/ifname", "eth0");
	is_text(root, "pf/vendor", "0x8086");
	is_null(root, "pf/master");
	is_text(root, "settings/source", "wire");
	is_number(root, "settings/settle_ms", 1500);
	is_text(root, "vfs/0/status", "probed");
	is_text(root, "vfs/0/styles/0/style", "filter");
	is_text(root, "vfs/0/styles/0/verdict", "safe");
	is_text(root, "vfs/0/styles/0/delivery", "both");
	is_text(root, "vfs/0/styles/1/verdict", "early");
	is_text(root, "vfs/0/styles/1/claim", "assign");
	is_text(root, "vfs/0/styles/1/release", "clear");
	is_text(root, "vfs/0/styles/1/steps/3/step", "attach");
	is_text(root, "vfs/0/styles/1/steps/3/unicast/landing", "nowhere");
	is_number(root, "vfs/0/styles/1/steps/3/unicast/sent", 1500);
	is_number(root, "vfs/0/styles/1/steps/3/unicast/lost", 1500);
	is_number(root, "vfs/0/styles/0/steps/5/unicast/both", 1500);
	is_number(root, "vfs/0/styles/0/steps/5/unicast/lost", 0);
	is_number(root, "vfs/0/styles/1/transitions/0/gap_us", 312000);
	is_null(root, "vfs/0/styles/1/transitions/0/switch_us");
	assert_true(json_is_false(at(root, "vfs/0/trust")));
	assert_true(json_is_true(at(root, "vfs/0/spoofchk")));
	is_null(root, "vfs/0/error");
	is_text(root, "vfs/0/verdict", "early");
	is_text(root, "verdict", "early");
	is_number(root, "exit", 1);
	assert_true(json_is_true(at(root, "restored")));
	assert_null(json_object_get(root, "error"));
	json_decref(root);
	nfp_result_fini(&result);
}

static void test_reflector(void **state)
{
	struct nfp_result result;
	json_t *root;

	(void)state;
	sample_igb(&result);
	root = render("no-reflector", &result);
	assert_null(json_object_get(root, "reflector"));
	json_decref(root);
	result.have_reflector = true;
	result.reflector = (struct nfp_mac) {{0x02, 0xab, 0, 0, 0, 1}};
	strcpy(result.settings.from, "peer:02:ab:00:00:00:01");
	root = render("reflector-silent", &result);
	is_number(root, "reflector/sightings", 0);
	is_null(root, "reflector/clock_offset_us");
	is_null(root, "reflector/trip_min_us");
	json_decref(root);
	result.reflector_clock = (struct nfp_peer_clock) {
		.samples = 40000,
		.trip_min_ns = 151999,
		.trip_max_ns = 2500000,
		.stay_min_ns = 20000,
		.stay_max_ns = 30000,
		.offset_ns = -1200900,
	};
	root = render("reflector", &result);
	is_text(root, "reflector/address", "02:ab:00:00:00:01");
	is_number(root, "reflector/sightings", 40000);
	is_number(root, "reflector/clock_offset_us", -1200);
	is_number(root, "reflector/trip_min_us", 151);
	is_number(root, "reflector/trip_max_us", 2500);
	is_number(root, "reflector/stay_min_us", 20);
	is_number(root, "reflector/stay_max_us", 30);
	json_decref(root);
	nfp_result_fini(&result);
}

/* The order of the keys is part of what a reader sees. */
static void test_order(void **state)
{
	static const char *const keys[] = {
		"schema", "version",  "run",	      "pf",	     "settings", "vfs",	 "verdict",
		"exit",	  "warnings", "changes_seen", "left_behind", "restored", "error"};
	struct nfp_result result;
	json_t *root;
	size_t i = 0;

	(void)state;
	sample_igb(&result);
	nfp_err_set(&result.error, 0, NFP_E_INTERRUPTED, "interrupted by SIGINT");
	nfp_err_hint(&result.error, "run it again");
	result.exit_status = 130;
	root = render("interrupted", &result);
	for (void *it = json_object_iter(root); it; it = json_object_iter_next(root, it))
		assert_string_equal(json_object_iter_key(it), keys[i++]);
	assert_int_equal(i, sizeof(keys) / sizeof(keys[0]));
	is_text(root, "error/code", "interrupted");
	is_text(root, "error/message", "interrupted by SIGINT");
	is_text(root, "error/hint", "run it again");
	is_number(root, "exit", 130);
	json_decref(root);
	nfp_result_fini(&result);
}

static void test_every_error(void **state)
{
	(void)state;
	for (unsigned int code = NFP_E_NONE + 1; code < NFP_E_COUNT; code++) {
		struct nfp_result result;
		char name[64];
		json_t *root;

		nfp_result_init(&result);
		nfp_err_set(&result.error, 0, (enum nfp_errcode)code, "%s",
			    code % 2 ? "words" : "");
		snprintf(name, sizeof(name), "error-%s", nfp_errcode_name((enum nfp_errcode)code));
		root = render(name, &result);
		is_text(root, "error/code", nfp_errcode_name((enum nfp_errcode)code));
		is_null(root, "error/hint");
		is_null(root, "pf/ifname");
		is_null(root, "pf/num_vfs");
		is_null(root, "run/id");
		is_null(root, "run/start");
		is_null(root, "settings/rate");
		is_null(root, "settings/source");
		is_null(root, "verdict");
		is_number(root, "exit", 4);
		assert_int_equal(json_array_size(at(root, "vfs")), 0);
		json_decref(root);
		nfp_result_fini(&result);
	}
}

static void test_every_verdict(void **state)
{
	(void)state;
	for (unsigned int v = 0; v < NFP_VERDICT_COUNT; v++) {
		struct nfp_result result;
		struct nfp_style_result *style;
		char name[64];
		json_t *root;

		sample_igb(&result);
		style = &result.vfs[0].styles[1];
		style->verdict = (enum nfp_verdict)v;
		style->requires = v % 2 ? (1U << NFP_REQ_COUNT) - 1 : 0;
		style->claim = (enum nfp_claim)(v % NFP_CLAIM_COUNT);
		style->release = (enum nfp_release)(v % NFP_RELEASE_COUNT);
		style->delivery = (enum nfp_delivery)(v % NFP_DELIVERY_COUNT);
		style->allowed = v == NFP_VERDICT_EARLY;
		if (v == NFP_VERDICT_NOT_APPLICABLE)
			style->num_steps = style->num_transitions = 0;
		nfp_judge_vf(&result.vfs[0]);
		result.verdict = nfp_judge_run(&result);
		result.settings.allow[NFP_VERDICT_EARLY] = true;
		snprintf(name, sizeof(name), "verdict-%s", nfp_verdict_name((enum nfp_verdict)v));
		root = render(name, &result);
		is_text(root, "vfs/0/styles/1/verdict", nfp_verdict_name((enum nfp_verdict)v));
		assert_int_equal(json_array_size(at(root, "vfs/0/styles/1/requires")),
				 v % 2 ? NFP_REQ_COUNT : 0);
		is_text(root, "settings/allow/0", "early");
		json_decref(root);
		nfp_result_fini(&result);
	}
}

/* Steps skipped, refused, mixed; VFs in use and failed; a PF of which much is known. */
static void test_odd_ones(void **state)
{
	struct nfp_result result;
	struct nfp_step_result *step;
	json_t *root;

	(void)state;
	sample_head(&result, 3);
	sample_igb_vf(&result.vfs[0], 0);
	sample_vf(&result.vfs[1], 1);
	sample_vf(&result.vfs[2], 2);
	step = &result.vfs[0].styles[0].steps[2];
	*step = (struct nfp_step_result) {
		.step = NFP_STEP_ASSIGN, .status = NFP_STATUS_REFUSED, .errnum = EEXIST};
	strcpy(step->note, "RTNETLINK answers: File exists");
	step[1] = (struct nfp_step_result) {.step = NFP_STEP_ATTACH, .status = NFP_STATUS_SKIPPED};
	step[2].landing[NFP_KIND_UNICAST] = NFP_LANDING_MIXED;
	step[2].drops = 12;
	result.vfs[1].status = NFP_VF_IN_USE;
	result.vfs[1].trust = -1;
	nfp_err_set(&result.vfs[1].error, 0, NFP_E_VF_IN_USE, "VF 1 is in use");
	result.vfs[2].status = NFP_VF_FAILED;
	nfp_err_set(&result.vfs[2].error, 0, NFP_E_NO_DRIVER, "no driver");
	strcpy(result.pf.eswitch_mode, "legacy");
	result.pf.fw[0] = (struct nfp_fw_version) {"fw", "2.1.0", "2.2.0"};
	result.pf.fw[1] = (struct nfp_fw_version) {"fw.mgmt", "", "7"};
	result.pf.num_fw = 2;
	strcpy(result.pf.master, "br0");
	strcpy(result.pf.master_kind, "bridge");
	result.settings.have_source = false;
	result.settings.vlan.vid = 100;
	result.settings.forced = true;
	assert_int_equal(nfp_strv_addf(&result.warnings, "a warning"), 0);
	assert_int_equal(nfp_strv_addf(&result.changes_seen, "somebody changed the MTU"), 0);
	assert_int_equal(nfp_strv_addf(&result.left_behind, "the address cannot be cleared"), 0);
	result.restored = false;
	result.exit_status = 5;
	root = render("odd", &result);
	is_text(root, "vfs/0/styles/0/steps/2/status", "refused");
	is_text(root, "vfs/0/styles/0/steps/2/note", "RTNETLINK answers: File exists");
	is_null(root, "vfs/0/styles/0/steps/2/unicast/landing");
	is_text(root, "vfs/0/styles/0/steps/3/status", "skipped");
	is_text(root, "vfs/0/styles/0/steps/4/unicast/landing", "mixed");
	is_number(root, "vfs/0/styles/0/steps/4/drops", 12);
	is_text(root, "vfs/1/status", "in-use");
	is_null(root, "vfs/1/verdict");
	is_null(root, "vfs/1/trust");
	is_text(root, "vfs/1/error/code", "vf-in-use");
	is_text(root, "vfs/2/status", "failed");
	is_text(root, "pf/master_kind", "bridge");
	is_text(root, "pf/firmware_versions/0/running", "2.1.0");
	is_text(root, "pf/firmware_versions/0/stored", "2.2.0");
	is_null(root, "pf/firmware_versions/1/running");
	is_number(root, "settings/vlan", 100);
	is_text(root, "left_behind/0", "the address cannot be cleared");
	assert_true(json_is_false(at(root, "restored")));
	json_decref(root);
	nfp_result_fini(&result);
}

/* Ten ladders that differ. */
static void test_repeats(void **state)
{
	struct nfp_style_result round;
	struct nfp_result result;
	struct nfp_repeats *repeats = nfp_repeats_new(12);
	json_t *root;

	(void)state;
	sample_igb(&result);
	round = result.vfs[0].styles[1];
	result.settings.repeat = 12;
	result.settings.gap_limit_ms = 250;
	for (int i = 0; i < 10; i++) {
		round.verdict = i == 4 ? NFP_VERDICT_EARLY : NFP_VERDICT_SLOW;
		round.steps[4].landing[NFP_KIND_UNICAST] = i == 7 ? NFP_LANDING_PF
								  : NFP_LANDING_NOWHERE;
		round.transitions[0].count[NFP_KIND_UNICAST].gap.us = 1000 * i;
		round.transitions[0].count[NFP_KIND_UNICAST].effect.us = -10 * i;
		assert_int_equal(nfp_repeats_add(repeats, &round, &result.vfs[0].styles[1]), 0);
	}
	root = render("repeats", &result);
	is_number(root, "settings/repeat", 12);
	is_number(root, "settings/gap_limit_ms", 250);
	is_null(root, "vfs/0/styles/0/repeats");
	is_number(root, "vfs/0/styles/1/repeats/asked", 12);
	is_number(root, "vfs/0/styles/1/repeats/made", 10);
	is_number(root, "vfs/0/styles/1/repeats/worst", 5);
	is_number(root, "vfs/0/styles/1/repeats/verdicts/early", 1);
	is_number(root, "vfs/0/styles/1/repeats/verdicts/slow", 9);
	is_text(root, "vfs/0/styles/1/repeats/unstable/0/step", "driver");
	is_number(root, "vfs/0/styles/1/repeats/unstable/0/landings/pf", 1);
	is_text(root, "vfs/0/styles/1/repeats/transitions/0/to", "up");
	is_number(root, "vfs/0/styles/1/repeats/transitions/0/gap_us/p95", 9000);
	is_number(root, "vfs/0/styles/1/repeats/transitions/0/effect_us/median", -45);
	is_null(root, "vfs/0/styles/1/repeats/transitions/0/switch_us");
	json_decref(root);
	nfp_result_fini(&result);
}

#define NONE NFP_STEP_COUNT

static void test_baseline(void **state)
{
	struct nfp_difference differences[] = {
		{3, NFP_STYLE_FILTER, NFP_MATTER_VERDICT, NONE, NONE, NFP_TREND_WORSE, true, "safe",
		 "sticky"},
		{3, NFP_STYLE_FILTER, NFP_MATTER_LANDING, NONE, NFP_STEP_UNPLUG, NFP_TREND_CHANGED,
		 false, "pf", "nowhere"},
		{3, NFP_STYLE_FILTER, NFP_MATTER_GAP, NFP_STEP_DRIVER, NFP_STEP_UP,
		 NFP_TREND_BETTER, false, "9.0 ms", "1.0 ms"},
		{3, NFP_STYLE_PROMISC, NFP_MATTER_VERDICT, NONE, NONE, NFP_TREND_NEW, false, "",
		 "early"},
		{3, NFP_STYLE_PROMISC, NFP_MATTER_VERDICT, NONE, NONE, NFP_TREND_GONE, false,
		 "early", ""},
		{3, NFP_STYLE_PROMISC, NFP_MATTER_VERDICT, NONE, NONE, NFP_TREND_UNSTABLE, true,
		 "early", "safe"},
	};
	struct nfp_comparison comparison = {
		.then = {.start = "2026-11-20T10:00:00Z", .driver = "igb", .kernel = "6.1"},
		.file = "old.json",
		.v = differences,
		.n = sizeof(differences) / sizeof(differences[0]),
		.worse = true,
	};
	struct nfp_result result;
	json_t *root;

	(void)state;
	sample_igb(&result);
	result.comparison = &comparison;
	root = render("baseline", &result);
	is_text(root, "baseline/driver", "igb");
	is_null(root, "baseline/firmware");
	is_null(root, "baseline/not_compared");
	is_text(root, "baseline/differences/0/trend", "worse");
	is_null(root, "baseline/differences/0/to");
	is_text(root, "baseline/differences/1/to", "unplug");
	is_null(root, "baseline/differences/1/from");
	is_text(root, "baseline/differences/2/from", "driver");
	is_null(root, "baseline/differences/3/before");
	assert_true(json_is_true(at(root, "baseline/worse")));
	json_decref(root);
	comparison.n = 0;
	comparison.same = true;
	strcpy(comparison.not_compared, "the two have no VF and style in common");
	root = render("baseline-none", &result);
	is_text(root, "baseline/not_compared", comparison.not_compared);
	json_decref(root);
	result.comparison = NULL;
	nfp_result_fini(&result);
}

/* Names from the kernel are bytes; JSON is UTF-8. */
static void test_bytes(void **state)
{
	struct nfp_result result;
	json_t *root;

	(void)state;
	sample_igb(&result);
	strcpy(result.pf.ifname, "e\xff\"\\\n");
	strcpy(result.pf.firmware, "caf\xc3\xa9 \xc3");
	strcpy(result.hostname, "\xed\xa0\x80");
	assert_int_equal(nfp_strv_addf(&result.warnings, "esc \033[31m \xf0\x9f\x98\x80"), 0);
	root = render("bytes", &result);
	is_text(root, "pf/ifname", "e\xef\xbf\xbd\"\\\n");
	is_text(root, "pf/firmware", "caf\xc3\xa9 \xef\xbf\xbd");
	is_text(root, "run/host", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	is_text(root, "warnings/0", "esc \033[31m \xf0\x9f\x98\x80");
	json_decref(root);
	nfp_result_fini(&result);
}

static json_t *render_list(const char *name, const struct nfp_topology *topology,
			   const struct nfp_err *err, int status)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	json_t *root;

	assert_non_null(out);
	assert_int_equal(nfp_report_list_json(topology, err, status, out), 0);
	fclose(out);
	root = load(name, text, len);
	free(text);
	return root;
}

static void test_list(void **state)
{
	struct nfp_topology topology = {0};
	struct nfp_err err;
	json_t *root;

	(void)state;
	root = render_list("list-empty", &topology, NULL, 0);
	assert_int_equal(json_array_size(at(root, "pfs")), 0);
	assert_null(json_object_get(root, "error"));
	json_decref(root);
	nfp_err_set(&err, 0, NFP_E_NO_INTERFACE, "no interface \"eth9\"");
	root = render_list("list-error", &topology, &err, 4);
	is_text(root, "error/code", "no-such-interface");
	is_number(root, "exit", 4);
	json_decref(root);
	sample_topology(&topology);
	root = render_list("list-full", &topology, NULL, 0);
	is_text(root, "pfs/0/ifname", "eth0");
	is_text(root, "pfs/0/vfs/3/use", "vfio");
	is_text(root, "pfs/0/vfs/3/user", "qemu-system-x86 (pid 4711) through vfio");
	is_null(root, "pfs/0/vfs/0/user");
	is_number(root, "pfs/0/vfs/1/vlan", 100);
	is_text(root, "shared/0", "eth1 and macvtap0 have the address 52:54:00:00:00:01");
	json_decref(root);
	sample_topology_fini(&topology);
}

/* A stream that cannot take it says so. */
static void test_full(void **state)
{
	struct nfp_result result;
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	sample_igb(&result);
	assert_int_equal(nfp_report_json(&result, full), -ENOSPC);
	fclose(full);
	nfp_result_fini(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_igb),	      cmocka_unit_test(test_reflector),
		cmocka_unit_test(test_order),	      cmocka_unit_test(test_every_error),
		cmocka_unit_test(test_every_verdict), cmocka_unit_test(test_odd_ones),
		cmocka_unit_test(test_repeats),	      cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_baseline),      cmocka_unit_test(test_list),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
