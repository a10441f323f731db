// SPDX-License-Identifier: GPL-2.0-or-later
/* Documents for programs: JSON. */
#include "report/report.h"
#include "unit/golden.h"
#include "unit/sample_pages.h"
#include "unit/sample_audit.h"
#include "unit/sample_topology.h"
#include "../../src/verdict/judge.h"

static bool is_format(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && strcmp(dot, ".json") == 0;
}

/* Leaves the first @num steps of each ladder, and the transition between two of them: igb has
 * all. */
static void cut(struct nfp_result *result, size_t num)
{
	for (size_t i = 0; i < result->vf.num_styles; i++) {
		struct nfp_style_result *style = &result->vf.styles[i];

		if (style->num_steps > num)
			style->num_steps = num;
		if (style->num_transitions > 1)
			style->num_transitions = 1;
	}
}

/* Leaves the steps of the bits in @steps. */
static void leave(struct nfp_style_result *style, unsigned int steps)
{
	size_t num = 0;

	for (size_t i = 0; i < style->num_steps; i++) {
		if (steps & 1U << i)
			style->steps[num++] = style->steps[i];
	}
	style->num_steps = num;
}

static void json_reflector(struct nfp_result *result)
{
	sample_igb(result);
	cut(result, 3);
	result->reflector = (struct nfp_mac) {{0x02, 0xab, 0, 0, 0, 1}};
	strcpy(result->settings.from, "peer:02:ab:00:00:00:01");
	strcpy(result->source.name, result->settings.from);
	result->source.by = NFP_SOURCE_PEER;
}

static void odd_guest_vlan(struct nfp_result *result)
{
	struct nfp_guest_vlan_result *g = &result->vf.styles[0].guest_vlan;

	sample_guest_vlan(result, NFP_LANDING_PF);
	g->verdict = NFP_STATE_LOST;
	g->from = NFP_STEP_STANDBY;
	g->sibling = g->unsearched = g->can_unfilter = g->registered.disturbed = true;
	g->registered.answer = NFP_UNASKED;
	strcpy(g->vlan_netdev, "eth0.100");
	strcpy(g->vf_refused, "create a vlan on nfpvf: Operation not permitted");
	strcpy(g->untested, "the VF has a VLAN from the PF (VST)");
	strcpy(g->registered.note, "create a macvlan on eth0: Device or resource busy");
	strcpy(g->unregistered.note, "remove a macvlan from eth0: Device or resource busy");
}

/* The steps were made up: their judgement is kept, and all else is as it was said to be. */
static void keep_judged(struct nfp_style_result *style)
{
	struct nfp_style_result judged = *style;
	struct nfp_judgement j;

	nfp_judge_style(&judged, &nfp_sources[style->from.by].shows, &j);
	style->judged = judged.judged;
}

/* What is seldom there: each key that another sample lacks has a value here, whatever the rules
 * would say of that. */
static void json_odd(struct nfp_result *result)
{
	struct nfp_vf_result *vf;
	struct nfp_style_result *style;
	struct nfp_step_result *step;

	sample_odd(result);
	result->restored = false;
	result->exit_status = 5;
	nfp_err_set(&result->error, 0, NFP_E_INTERRUPTED, "interrupted by SIGINT");
	nfp_err_hint(&result->error, "run it again");
	odd_guest_vlan(result);
	leave(&result->vf.styles[0], 0x12a); /* those with a status or a landing of their own */
	result->number = 12;
	result->settings.gap_limit_ms = 250;
	strcpy(result->pf.board_id, "E44739-004");
	vf = &result->vf;
	vf->status = NFP_VF_FAILED;
	nfp_err_set(&vf->error, 0, NFP_E_NO_DRIVER, "no driver");
	vf->have_others = true;
	vf->others_up = 2;
	vf->vlan.vid = vf->probed_vlan = 7;
	nfp_command_write(&result->left_behind.v[0].commands, "0000:01:10.6",
			  "/sys/bus/pci/drivers/igbvf/bind");
	vf->num_styles = 1;
	vf->num_proofs = 1;
	vf->proofs[0] = (struct nfp_requirement) {.requires = NFP_REQ_CLEAR_AT_UNPLUG,
						  .by = "vf-first",
						  .multicast_lost = true,
						  .multicast_unproven = true};
	style = &vf->styles[0];
	strcpy(result->source.note, "auto: eth0 hears eth1, so frames come from outside the NIC");
	strcpy(style->via, "vf:1");
	style->settle_ns = NFP_NSEC_PER_SEC * 3 / 2;
	style->is_fix = style->stopped = style->floods = true;
	style->unregistered_announced = true;
	style->unannounced = style->learns_nothing = style->pf_silent = true;
	style->all_multicast = style->address_in_use = true;
	style->derived = style->zero_refused = true;
	strcpy(style->filter_reason, "VF 3 keeps the address when its driver is gone");
	result->pf.rx_handler = (struct nfp_rx_handler) {NFP_RX_BRIDGE, "eth0 is a port of br0"};
	result->pf.have_ageing = true;
	result->pf.ageing_ms = style->bridge_gap_ms = 30000;
	strcpy(style->impossible_while, "eth0 is a port of br0");
	step = &style->steps[0];
	step->have_bus_master = step->bus_master = true;
	step->bus_master_change = (struct nfp_span) {.known = true, .us = 1200, .error_us = 40};
	step->carrier_lost = step->changed = step->w.skip_allowed = step->unsettled = true;
	step->link_flapped = step->after_reannounce = true;
	style->steps[1].after_rereport = step->promiscuous = true;
	step->w.count[NFP_KIND_BROADCAST] =
		(struct nfp_count) {.sent = 30, .at = {25, 24}, .both = 23, .duplicates = 2};
	step->errnum = 16;
	strcpy(step->hint, "remove the address from the other VF");
	keep_judged(style);
}

/* What was tried for a bridge that is not safe, and for a macvtap that is but in the guest's VLAN:
 * rows that have a fix, and rows that have a VLAN. */
static void json_fixes(struct nfp_result *result)
{
	struct nfp_style_result *entry;

	sample_igb(result);
	entry = nfp_vf_add_style(&result->vf);
	*entry = result->vf.styles[0];
	entry->style = NFP_STYLE_BRIDGE_FDB_PIN;
	entry->is_fix = true;
	sample_guest_vlan(result, NFP_LANDING_PF);
	cut(result, 3);
}

/* Names from the kernel are bytes; JSON is UTF-8. The PF is in a LAG. */
static void json_hostile(struct nfp_result *result)
{
	sample_head(result);
	strcpy(result->pf.ifname, "e\xff\"\\\n");
	strcpy(result->pf.firmware, "caf\xc3\xa9 \xc3");
	strcpy(result->pf.lag, "802.3ad");
	strcpy(result->pf.bond_mode, "802.3ad");
	strcpy(result->hostname, "\xed\xa0\x80");
	nfp_strv_addf(&result->warnings, "esc \033[31m \xf0\x9f\x98\x80");
}

static void write_document(json_t *root, FILE *out)
{
	assert_int_equal(nfp_report_document(root, out), 0);
	json_decref(root);
}

/* The lines are those that a run prints with -v, the first of them those without. */
static void expect_text(const struct nfp_result *result, const json_t *text)
{
	const json_t *lines = json_object_get(text, "lines");
	char *printed[2] = {NULL, NULL}, *line, *rest;
	size_t i, len = 0;

	for (i = 0; i < 2; i++) {
		const struct nfp_report_opts opts = {.columns = 80, .verbose = i};
		FILE *out = open_memstream(&printed[i], &len);

		assert_int_equal(nfp_report_text(result, &opts, out), 0);
		fclose(out);
	}
	for (i = 0, rest = printed[1]; (line = strsep(&rest, "\n")) && rest; i++)
		assert_string_equal(line, json_string_value(json_array_get(lines, i)));
	assert_int_equal(i, json_array_size(lines));
	for (i = 0, rest = printed[0]; strsep(&rest, "\n") && rest;)
		i++;
	assert_int_equal(i, json_integer_value(json_object_get(text, "short")));
	free(printed[0]);
	free(printed[1]);
}

/* The result of igb, whole but for its text and its ladders: it has two lines, and the first two
 * steps of the first ladder. */
static void json_result(FILE *out)
{
	struct nfp_result result;
	json_t *root, *lines, *style;
	char *text;
	size_t i;

	sample_igb(&result);
	text = sample_json(&result);
	root = golden_parsed(text);
	expect_text(&result, json_object_get(root, "text"));
	nfp_result_fini(&result);
	free(text);
	for (lines = json_object_get(json_object_get(root, "text"), "lines");
	     json_array_size(lines) > 2;)
		assert_int_equal(json_array_remove(lines, 2), 0);
	json_array_foreach (json_object_get(json_object_get(root, "vf"), "styles"), i, style) {
		json_t *steps = json_object_get(style, "steps");

		while (json_array_size(steps) > (i ? 0 : 2))
			assert_int_equal(json_array_remove(steps, i ? 0 : 2), 0);
	}
	write_document(root, out);
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
	strcpy(pf->info.lag, "802.3ad");
	strcpy(pf->info.bond_mode, "802.3ad");
	strcpy(pf->where, "its netdev eth0 is in network namespace node");
	pf->info.num_fw = 1;
	pf->info.fw[0] = (struct nfp_fw_version) {"fw.mgmt", "7.0.1", "7.1.0"};
	for (size_t i = 0; i < pf->num_vfs; i++) {
		pf->vfs[i].use = NFP_USE_NOT_READ;
		pf->vfs[i].user[0] = '\0';
		pf->vfs[i].attr = (struct nfp_vf_attr)NFP_VF_ATTR_UNKNOWN;
	}
	nfp_listing_init(&listing, &topology, 0);
	strcpy(listing.kernel, "6.12.95");
	listing.unread = json_pack("{s:s}", "have_vlans", "Input/output error");
	listing.pfs[0].settle_ns = 5 * NFP_NSEC_PER_SEC;
	for (size_t i = 0; i < listing.pfs[0].num_vfs; i++)
		listing.pfs[0].vfs[i].unread = json_pack(
			"{s:s, s:s, s:s, s:s, s:s}", "address", "Input/output error", "vlan",
			"Input/output error", "trust", "Input/output error", "spoofchk",
			"Input/output error", "link_state", "Input/output error");
	write_listing(&listing, NULL, out);
}

static void json_list_error(FILE *out)
{
	const struct nfp_topology topology = {.num_pfs = 0};
	struct nfp_listing listing;
	struct nfp_err err;

	nfp_err_set(&err, 0, NFP_E_NO_INTERFACE, "no interface \"eth9\"");
	nfp_err_hint(&err, "nfprobe without arguments lists the PFs of this host.");
	nfp_command_write(&err.hint.commands, "4", "/sys/class/net/eth0/device/sriov_numvfs");
	nfp_listing_init(&listing, &topology, -1);
	listing.exit_status = 4;
	write_listing(&listing, &err, out);
}

static void json_audit(FILE *out)
{
	struct nfp_audit audit;

	sample_audit(&audit);
	write_document(nfp_report_audit_json(&audit, NULL), out);
	nfp_audit_fini(&audit);
}

static void json_way(FILE *out)
{
	struct nfp_audit audit;

	sample_audit(&audit);
	write_document(nfp_report_way_json(&audit, NULL), out);
	nfp_audit_fini(&audit);
}

static void json_way_error(FILE *out)
{
	const struct nfp_audit audit = {.exit_status = 4};
	struct nfp_err err;

	nfp_err_set(&err, 0, NFP_E_NO_INTERFACE, "no guest web9 that has a VF was seen");
	write_document(nfp_report_way_json(&audit, &err), out);
}

static void json_audit_error(FILE *out)
{
	const struct nfp_audit audit = {.exit_status = 4};
	struct nfp_err err;

	nfp_err_set(&err, 0, NFP_E_NO_INTERFACE, "this host has no SR-IOV PF");
	nfp_err_hint(&err, "DIAGNOSTICS in nfprobe(8) has the usual causes.");
	write_document(nfp_report_audit_json(&audit, &err), out);
}

#define JSON(name, sample_of)                                                  \
	{                                                                      \
		name ".json", .sample = (sample_of), .report = nfp_report_json \
	}

#define KEYS(name, sample_of)                                                                \
	{                                                                                    \
		name ".json", .sample = (sample_of), .report = nfp_report_json, .keys = true \
	}

static const struct golden files[] = {
	{"result.json", .write = json_result},
	KEYS("igb", sample_igb), /* tools/igb.xml has its ladders */
	KEYS("odd", json_odd),
	KEYS("fixes", json_fixes),
	JSON("error", sample_not_begun),
	KEYS("reflector", json_reflector),
	KEYS("hostile", json_hostile),
	{"list-full.json", .write = json_list},
	{"list-one.json", .write = json_list_one, .keys = true},
	{"audit-full.json", .write = json_audit},
	{"way-full.json", .write = json_way},
	{"way-error.json", .write = json_way_error},
	{"audit-error.json", .write = json_audit_error},
	{"list-error.json", .write = json_list_error},
};

_Static_assert(sizeof(files) / sizeof(files[0]) <= GOLDEN_MAX, "golden_run() has room for them");

int main(void)
{
	const struct goldens goldens = {files, sizeof(files) / sizeof(files[0]), is_format};

	return golden_run("golden_formats", &goldens);
}
