// SPDX-License-Identifier: GPL-2.0-or-later
/* A member that nobody has set claims nothing: 0 of each enumeration of claims has no name, serves
 * nobody, and is no fault and no use. */
#include "audit/watch.h"
#include "harness.h"
#include "../../src/change/guard.h"
#include "../../src/change/undo.h"
#include "net/inventory.h"
#include "../../src/report/summary_priv.h"
#include "verdict/verdict.h"
#include "../../src/verdict/judge.h"

/* Each enumeration of claims: the name of 0, and that of 1. */
TEST(zero_has_no_name)
{
	static const struct {
		const struct nfp_names *names;
		unsigned int first;
		const char *name;
	} rows[] = {
		{&nfp_verdict_names, NFP_VERDICT_EARLY, "early"},
		{&nfp_answer_names, NFP_NO, "no"},
		{&nfp_vf_status_names, NFP_VF_PROBED, "probed"},
		{&nfp_check_names, NFP_CHECK_STEPS, "steps"},
		{&nfp_check_state_names, NFP_STATE_UNTESTED, "untested"},
		{&nfp_claim_names, NFP_CLAIM_ASSIGN, "assign"},
		{&nfp_release_names, NFP_RELEASE_UNPLUG, "unplug"},
		{&nfp_delivery_names, NFP_DELIVERY_VF, "vf"},
		{&nfp_life_cell_names, NFP_CELL_LOST, "lost"},
		{&nfp_shown_names, NFP_SHOWN_TESTED, "tested"},
		{&nfp_rx_user_names, NFP_RX_NOBODY, "nobody"},
		{&nfp_watch_answer_names, NFP_WATCH_STOPS, "stops"},
	};

	nfp_for_each (row, rows, NFP_NUM(rows)) {
		assert_null(nfp_name(row->names, 0));
		assert_int_equal(row->first, 1);
		assert_string_equal(nfp_name(row->names, row->first), row->name);
	}
	assert_int_equal(NFP_LANDING_NONE, 0);
	assert_int_equal(NFP_TRACE_NONE, 0);
	assert_int_not_equal(NFP_USE_IDLE, 0);
	assert_int_not_equal(NFP_GUARD_OURS, 0);
	assert_int_not_equal(NFP_EAR_HEARS, 0);
	assert_int_not_equal(NFP_WHOSE_BEFORE, 0);
	assert_int_not_equal(NFP_GIVES_NOBODY, 0);
	assert_int_not_equal(NFP_OUTCOME_SAFE, 0);
	assert_int_not_equal(NFP_FAILOVER_YES, 0);
}

TEST(an_unset_verdict_is_not_known)
{
	struct nfp_style_result style = {.allowed = true};
	struct nfp_vf_result vf = {.styles = &style, .num_styles = 1, .status = NFP_VF_PROBED};

	assert_false(nfp_is_fault(NFP_VERDICT_UNSET));
	assert_int_equal(nfp_verdict_exit(NFP_VERDICT_UNSET), NFP_EXIT_UNKNOWN);
	nfp_judge_vf(&vf);
	assert_int_equal(vf.verdict, NFP_VERDICT_UNKNOWN);
}

TEST(an_unset_outcome_serves_nobody)
{
	assert_false(nfp_is_usable(NFP_OUTCOME_UNSET));
	assert_true(nfp_is_usable(NFP_OUTCOME_SAFE));
}

/* A VF whose user nobody looked for is not free. */
TEST(an_unset_use_is_no_idle_vf)
{
	const struct nfp_vf_info vf = {.vf = 3};
	struct nfp_err err = {0};

	assert_int_equal(nfp_vf_check_use("eth0", &vf, true, &err), -EBUSY);
	assert_int_equal(err.code, NFP_E_VF_IN_USE);
}

/* Each driver gives its device to somebody, or to nobody. */
TEST(who_gets_a_device_is_known)
{
	static const char *const names[] = {"", "igbvf", "mlx5_core", "pci-stub", "vfio-pci"};

	nfp_for_each (name, names, NFP_NUM(names))
		assert_int_not_equal(nfp_gives(*name), NFP_GIVES_UNSET);
}

/* A document has "?" for it, which is no word of its schema. */
TEST(no_document_has_it)
{
	const struct nfp_field field = {.key = "verdict",
					.type = NFP_FIELD_ENUM,
					.in = 1,
					.size = sizeof(enum nfp_verdict),
					.names = &nfp_verdict_names};
	const struct nfp_table table = {&field, 1, sizeof(enum nfp_verdict)};
	const enum nfp_verdict unset = NFP_VERDICT_UNSET;
	json_t *json = nfp_fields_json(&table, &unset, 1);

	assert_string_equal(json_string_value(json_object_get(json, "verdict")), "?");
	json_decref(json);
}

TEST_MAIN()
