// SPDX-License-Identifier: GPL-2.0-or-later
/* Stored results as one, for --export: what is shown, as what, and what is left out. */
#include "harness.h"
#include "nfprobe/report.h"
#include "unit/sample_store.h"

static const struct nfp_result *checked(struct sample_world *w)
{
	nfp_result_fini(&w->result);
	nfp_check_store(&w->check, w->now, &w->query);
	strcpy(w->check.ifname, "eth7");
	strcpy(w->check.parentdev, "0000:01:00.0");
	nfp_check_result(&w->check, &w->result);
	assert_int_equal(w->result.exit_status, w->check.exit_status);
	assert_string_equal(w->result.pf.ifname, "eth7");
	return &w->result;
}

/* Stores the macvtap of another run: of a VF, with a verdict, so many days after the first. */
struct other {
	unsigned int vf, vlan;
	enum nfp_source source;
	const char *from;
	enum nfp_verdict verdict;
	int days;
};

static void add(struct sample_world *w, const struct other *other)
{
	struct nfp_result result;
	struct nfp_vf_result *vf;
	struct nfp_style_result *style;

	sample_igb(&result);
	result.start_unix_ms += other->days * SAMPLE_DAY_MS;
	vf = &result.vfs[0];
	vf->vf = other->vf;
	vf->probed_vlan = (uint16_t)other->vlan;
	vf->num_styles = 1;
	style = &vf->styles[0];
	style->verdict = other->verdict;
	style->from.known = true;
	style->from.source = other->source;
	strcpy(style->from.name, other->from);
	assert_int_equal(nfp_store_merge(&w->check.store, SAMPLE_DEVICE, &result), 1);
	assert_in_range(w->check.store.num, 1, SAMPLE_ENTRIES);
	nfp_result_fini(&result);
}

static char *text_of(enum nfp_export format, const struct nfp_result *result)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(nfp_report_export(format, result, out), 0);
	fclose(out);
	return text;
}

#define CASE(name) TEST_OF(name, sample_world_setup, sample_world_teardown, struct sample_world, w)

/* A style that nobody asked for is a remedy, unless it is stale. */
CASE(other_styles)
{
	const struct nfp_result *result;

	w->query.styles[NFP_STYLE_BRIDGE] = false;
	w->query.others = true;
	result = checked(w);
	assert_int_equal(result->verdict, NFP_VERDICT_SAFE);
	assert_int_equal(result->vfs[0].num_styles, 2);
	assert_true(result->vfs[0].styles[1].remedy);
	strcpy(w->now[1].value[NFP_ID_FIRMWARE], "2.2.0");
	assert_int_equal(checked(w)->vfs[0].num_styles, 1);
}

/* No format lacks anything of what the run showed. */
CASE(as_the_run_showed_it)
{
	struct nfp_result run;

	sample_igb(&run);
	sample_evidence(&run.vfs[0].styles[1], NFP_TRANSMIT_DROPPED);
	strcpy(run.vfs[0].styles[0].steps[2].note, "a note");
	run.vfs[0].styles[0].steps[4].status = NFP_STATUS_SKIPPED;
	run.vfs[0].styles[0].transitions[3].count[NFP_KIND_UNICAST].gap_from_request = true;
	sample_store_add(&w->check.store, &run);
	checked(w);
	strcpy(run.pf.ifname, "eth7");
	for (unsigned int format = 0; format < NFP_EXPORT_JSON; format++) {
		char *then = text_of(format, &run), *now = text_of(format, &w->result);

		assert_string_equal(now, then);
		free(then);
		free(now);
	}
	nfp_result_fini(&run);
}

CASE(allowed_is_not_safe)
{
	w->check.store.entries[1].vfs[0].styles[0].allowed = true;
	checked(w);
	assert_int_equal(w->result.exit_status, 1);
	assert_false(w->result.vfs[0].styles[1].allowed);
	assert_int_equal(w->result.verdict, NFP_VERDICT_EARLY);
}

/* Each style is judged for itself. */
CASE(what_is_stale)
{
	const struct nfp_vf_result *vf;

	strcpy(w->now[1].value[NFP_ID_FIRMWARE], "2.2.0");
	vf = checked(w)->vfs;
	assert_int_equal(w->result.exit_status, 3);
	assert_int_equal(vf->num_styles, 2);
	assert_string_equal(vf->styles[0].stale, "");
	assert_string_equal(vf->styles[1].stale, "firmware was 2.1.0, is 2.2.0");
	sample_identity(&w->now[1]);
	w->query.max_age_days = 1;
	w->query.now_unix_ms += SAMPLE_DAY_MS;
	vf = checked(w)->vfs;
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(vf->styles[i].stale, "it is older than 1 day");
}

/* A safe result may not count; an inconclusive one is shown as it is. */
CASE(what_does_not_count)
{
	w->query.vf = 2;
	w->query.styles[NFP_STYLE_BRIDGE] = false;
	add(w, &(struct other) {2, 0, NFP_SOURCE_VF, "vf:1", NFP_VERDICT_SAFE, 1});
	checked(w);
	assert_int_equal(w->result.num_vfs, 1);
	assert_string_equal(w->result.vfs[0].styles[0].stale,
			    "frames came from vf:1, not from the wire");
	add(w, &(struct other) {2, 0, NFP_SOURCE_WIRE, "eth1", NFP_VERDICT_INCONCLUSIVE, 1});
	checked(w);
	assert_int_equal(w->result.exit_status, 3);
	assert_int_equal(w->result.vfs[0].num_styles, 1);
	assert_string_equal(w->result.vfs[0].styles[0].stale, "");
	assert_int_equal(w->result.vfs[0].styles[0].verdict, NFP_VERDICT_INCONCLUSIVE);
	/* Once the wire has given an answer, it is left out. */
	add(w, &(struct other) {2, 0, NFP_SOURCE_WIRE, "eth1", NFP_VERDICT_SAFE, 1});
	checked(w);
	assert_int_equal(w->result.exit_status, 0);
	assert_int_equal(w->result.vfs[0].num_styles, 1);
	assert_string_equal(w->result.vfs[0].styles[0].stale, "");
}

CASE(nothing_is_stored)
{
	w->query.vf = 2;
	checked(w);
	assert_int_equal(w->result.num_vfs, 0);
	assert_false(w->result.have_verdict);
	assert_int_equal(w->result.unstored.n, 2);
	assert_string_equal(w->result.unstored.v[0],
			    "macvtap: nothing is stored for VF 2, only for others, such as VF 3");
	/* The other style still has none. */
	add(w, &(struct other) {2, 0, NFP_SOURCE_WIRE, "eth1", NFP_VERDICT_SAFE, 1});
	checked(w);
	assert_int_equal(w->result.exit_status, 3);
	assert_int_equal(w->result.num_vfs, 1);
	assert_int_equal(w->result.unstored.n, 1);
	assert_non_null(strstr(w->result.unstored.v[0], "bridge: nothing is stored"));
}

/* Each style is of the VF that decides it; the run is that of the newest, and each has its time. */
CASE(several_vfs)
{
	int64_t first = w->check.store.entries[0].start_unix_ms;

	add(w, &(struct other) {1, 0, NFP_SOURCE_WIRE, "eth1", NFP_VERDICT_DEAF, 2});
	checked(w);
	assert_int_equal(w->result.num_vfs, 2);
	assert_int_equal(w->result.vfs[0].vf, 1);
	assert_int_equal(w->result.vfs[1].vf, 3);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(w->result.vfs[i].num_styles, 1);
	assert_int_equal(w->result.start_unix_ms, first + 2 * SAMPLE_DAY_MS);
	assert_int_equal(w->result.vfs[0].styles[0].stored_unix_ms, first + 2 * SAMPLE_DAY_MS);
	assert_int_equal(w->result.vfs[1].styles[0].stored_unix_ms, first);
	assert_int_equal(w->result.verdict, NFP_VERDICT_EARLY);
	/* A VF that is safe as well decides nothing, and newer proof takes the place of older. */
	add(w, &(struct other) {2, 0, NFP_SOURCE_WIRE, "eth1", NFP_VERDICT_SAFE, 3});
	checked(w);
	assert_int_equal(w->result.num_vfs, 2);
	assert_int_equal(w->result.vfs[0].vf, 1);
}

/* Labels expire with the oldest verdict that gives one. */
CASE(labels_expire)
{
	char *text;

	add(w, &(struct other) {1, 0, NFP_SOURCE_WIRE, "eth1", NFP_VERDICT_SAFE, 2});
	text = text_of(NFP_EXPORT_NFD, checked(w));
	assert_non_null(strstr(text, "# +expiry-time=2026-12-20T"));
	free(text);
}

/* Two series of one name would be refused. */
CASE(one_of_several_vlans)
{
	const struct nfp_vf_result *vf;

	add(w, &(struct other) {3, 100, NFP_SOURCE_WIRE, "eth1", NFP_VERDICT_SAFE, 1});
	vf = checked(w)->vfs;
	assert_int_equal(vf->num_styles, 2);
	assert_int_equal(vf->styles[0].stored_unix_ms, w->result.start_unix_ms);
	w->query.vlan = 100;
	vf = checked(w)->vfs;
	assert_int_equal(vf->num_styles, 1);
}

TEST_MAIN()
