// SPDX-License-Identifier: GPL-2.0-or-later
/* result_fields.c - the rows for each key of a result. */
#include "fields_priv.h"

/* ---- a step ---- */

static const struct nfp_names receiver_names = NFP_NAMES("pf", "vf", NULL);

static const struct nfp_ladder_row *row_of(const void *step)
{
	return &nfp_ladder[*(const enum nfp_step *)step];
}

static uint64_t expected(const void *step)
{
	enum nfp_expected expected = row_of(step)->expected;

	return expected == NFP_EXPECTED_PF ? 0 : expected == NFP_EXPECTED_VF ? 1 : 2;
}

static uint64_t listens(const void *step)
{
	return row_of(step)->listens;
}

static const struct nfp_field step_fields[] = {
	FIELD(ENUM, nfp_step_result, "state", step, J, NAMES(step)),
	FIELD(OBJECT, nfp_step_result, NULL, w, J, .table = &nfp_window_table, .as = STEP,
	      .spread = true),
	FIELD(ENUM, nfp_step_result, "expected", step, J, NULLS, .names = &receiver_names,
	      .compute = expected),
	FIELD(ENUM, nfp_step_result, "listens", step, J, NULLS, .names = &receiver_names,
	      .compute = listens),
	FIELD(ENUM, nfp_step_result, "vlan_answer", vlan_passed, J,
	      NFP_KNOWN(nfp_step_result, w.count[NFP_KIND_VLAN_UNICAST].sent), NAMES(answer)),
	FIELD(NUMBER, nfp_step_result, "start_ms", start_ns, J, MS),
	FIELD(NUMBER, nfp_step_result, "duration_ms", duration_ns, J, MS),
	FIELD(NUMBER, nfp_step_result, "window_ms", window_ns, J, MS),
	FIELD(NUMBER, nfp_step_result, "drops", drops, J),
	FIELD(BOOL, nfp_step_result, "bus_master", bus_master, J,
	      NFP_KNOWN(nfp_step_result, have_bus_master)),
	FIELD(NUMBER, nfp_step_result, "bus_master_us", bus_master_change.us, J,
	      NFP_KNOWN(nfp_step_result, bus_master_change.known)),
	FIELD(NUMBER, nfp_step_result, "bus_master_error_us", bus_master_change.error_us, J,
	      NFP_KNOWN(nfp_step_result, bus_master_change.known)),
	FIELD(BOOL, nfp_step_result, "carrier_lost", carrier_lost, J),
	FIELD(BOOL, nfp_step_result, "changed", changed, J),
	FIELD(BOOL, nfp_step_result, "unsettled", unsettled, J),
	FIELD(BOOL, nfp_step_result, "link_flapped", link_flapped, J),
	FIELD(BOOL, nfp_step_result, "after_reannounce", after_reannounce, J),
	FIELD(BOOL, nfp_step_result, "after_rereport", after_rereport, J),
	FIELD(BOOL, nfp_step_result, "cut_short", cut_short, J),
	FIELD(BOOL, nfp_step_result, "promiscuous", promiscuous, J),
	FIELD(NUMBER, nfp_step_result, "errno", errnum, J, NULLS),
	FIELD(TEXT, nfp_step_result, "hint", hint, J, NULLS),
};
const struct nfp_table nfp_step_table = NFP_TABLE(nfp_step_result, step_fields);

/* ---- a transition ---- */

static const struct nfp_names gap_from_names = NFP_NAMES("frame", "request");

static uint64_t affects_guest(const void *to)
{
	return nfp_gap_hurts(*(const enum nfp_step *)to);
}

static const struct nfp_field transition_fields[] = {
	FIELD(ENUM, nfp_transition, "from", from, J, NAMES(step)),
	FIELD(ENUM, nfp_transition, "to", to, J, NAMES(step)),
	FIELD(ENUM, nfp_transition, "listens", to, J, NULLS, .names = &receiver_names,
	      .compute = listens),
	FIELD(BOOL, nfp_transition, "affects_guest", to, J, .compute = affects_guest),
	FIELD(NUMBER, nfp_transition, "request_us", request_ns, J, US, NULLS),
	FIELD(NUMBER, nfp_transition, "lost", unicast.lost, J),
	FIELD(NUMBER, nfp_transition, "gap_us", unicast.gap.us, J,
	      NFP_KNOWN(nfp_transition, unicast.gap.known)),
	FIELD(NUMBER, nfp_transition, "gap_error_us", unicast.gap.error_us, J,
	      NFP_KNOWN(nfp_transition, unicast.gap.known)),
	FIELD(ENUM, nfp_transition, "gap_from", unicast.gap_from_request, J,
	      NFP_KNOWN(nfp_transition, unicast.gap.known), .names = &gap_from_names),
	FIELD(NUMBER, nfp_transition, "duplicates", unicast.duplicates, J),
};
const struct nfp_table nfp_transition_table = NFP_TABLE(nfp_transition, transition_fields);

/* ---- the guest's VLAN ---- */

static const struct nfp_field guest_vlan_fields[] = {
	FIELD(NUMBER, nfp_guest_vlan_result, "vlan", vid, J),
	FIELD(NUMBER, nfp_guest_vlan_result, "free_vlan", free_vid, J),
	FIELD(ENUM, nfp_guest_vlan_result, "verdict", verdict, J, NULLS, NAMES(check_state)),
	FIELD(ENUM, nfp_guest_vlan_result, "step", from, J, NULLS, NAMES(step),
	      .except = BIT(NFP_STEP_COUNT)),
	FIELD(TEXT, nfp_guest_vlan_result, "note", note, J, NULLS),
	FIELD(ENUM, nfp_guest_vlan_result, "carried", carried, J, NAMES(answer)),
	FIELD(ENUM, nfp_guest_vlan_result, "filters", filters, J, NAMES(answer)),
	FIELD(ENUM, nfp_guest_vlan_result, "works_registered", works_registered, J, NAMES(answer)),
	FIELD(BOOL, nfp_guest_vlan_result, "sibling_in_use", sibling, J),
	FIELD(TEXT, nfp_guest_vlan_result, "vlan_netdev", vlan_netdev, J, NULLS),
	FIELD(TEXT, nfp_guest_vlan_result, "vf_refused", vf_refused, J, NULLS),
	FIELD(TEXT, nfp_guest_vlan_result, "untested", untested, J, NULLS),
	FIELD(BOOL, nfp_guest_vlan_result, "unsearched", unsearched, J),
	FIELD(BOOL, nfp_guest_vlan_result, "filter_can_be_off", can_unfilter, J),
	FIELD(OBJECT, nfp_guest_vlan_result, "registered", registered, J,
	      .table = &nfp_window_table, .as = REGISTERED),
	FIELD(OBJECT, nfp_guest_vlan_result, "unregistered", unregistered, J,
	      .table = &nfp_window_table, .as = UNREGISTERED),
};

/* ---- a style ---- */

#define REFLECTION_FIELDS(at_)                                                                   \
	FIELD(NUMBER, nfp_style_result, "sent", reflections[at_].sent, J),                       \
		FIELD(NUMBER, nfp_style_result, "back", reflections[at_].back, J),               \
		FIELD(NUMBER, nfp_style_result, "shown", reflections[at_].shown, J),             \
		FIELD(NUMBER, nfp_style_result, "back_before", reflections[at_].back_before, J), \
		FIELD(NUMBER, nfp_style_result, "shown_before", reflections[at_].shown_before, J)
#define REFLECTION(key_, at_) \
	NFP_PART(key_, J,     \
		 TABLE(nfp_style_result, ((const struct nfp_field[]) {REFLECTION_FIELDS(at_)})))

static const struct nfp_field reflections_fields[] = {
	REFLECTION("standby", NFP_AT_PF),
	REFLECTION("vf", NFP_AT_VF),
};

static uint64_t asked(const void *style)
{
	const struct nfp_style_result *result = style;

	return nfp_asked_style(result->style, result->is_fix);
}

static uint64_t fix(const void *style)
{
	const struct nfp_style_result *result = style;

	return result->is_fix ? result->style : NFP_STYLE_COUNT;
}

static uint64_t why_step(const void *at)
{
	const struct nfp_judged *judged = at;

	return judged->why ? judged->step : NFP_STEP_COUNT;
}

/* The name of a row: the style that the user asked for, and the fix that was tried for it. */
static const struct nfp_field row_fields[] = {
	FIELD(ENUM, nfp_style_result, "style", style, J | END, NAMES(style), .compute = asked),
	FIELD(ENUM, nfp_style_result, "fix", style, J | END, NULLS, NAMES(fix), .compute = fix),
};
static const struct nfp_table row_table = NFP_TABLE(nfp_style_result, row_fields);

static const struct nfp_field failed_check_fields[] = {
	FIELD(ENUM, nfp_failed_check, "check", check, J, NAMES(check)),
	FIELD(ENUM, nfp_failed_check, "verdict", verdict, J, NAMES(verdict),
	      .except = BIT(NFP_VERDICT_SAFE)),
	FIELD(BOOL, nfp_failed_check, "allowed", allowed, J),
	FIELD(ENUM, nfp_failed_check, "step", step, J, NULLS, NAMES(step)),
	FIELD(TEXT, nfp_failed_check, "reason", reason, J, NULLS),
};

static const struct nfp_field style_fields[] = {
	NFP_SPREAD_PART(J | END, &row_table, J),
	FIELD(TEXT, nfp_style_result, "via", via, J, NULLS),
	FIELD(MAC, nfp_style_result, "address", address, J, NULLS),
	FIELD(NUMBER, nfp_style_result, "settle_ms", settle_ns, J, MS, NULLS),
	FIELD(ENUM, nfp_style_result, "verdict", verdict, J | END, NAMES(verdict)),
	FIELD(BOOL, nfp_style_result, "allowed", allowed, J | END),
	FIELD(BOOL, nfp_style_result, "no_wire", no_wire, J),
	FIELD(TEXT, nfp_style_result, "impossible_while", impossible_while, J | END, NULLS),
	FIELD(ENUM, nfp_style_result, "why", judged.why, J | END, NULLS, NAMES(reason)),
	FIELD(ENUM, nfp_style_result, "why_step", judged, J | END, NULLS, NAMES(step),
	      .compute = why_step),
	FIELD(ENUM, nfp_style_result, "decided_by", by, J | END, NAMES(check),
	      .except = BIT(NFP_CHECK_BRIDGE)),
	FIELD(BOOL, nfp_style_result, "by_bridge", by_bridge, J | END),
	FIELD(ARRAY, nfp_style_result, "failed_checks", failed_checks, J,
	      TABLE(nfp_failed_check, failed_check_fields),
	      NFP_COUNTED(nfp_style_result, num_failed_checks)),
	FIELD(BOOL, nfp_style_result, "derived", derived, J),
	FIELD(ENUM, nfp_style_result, "claim", claim, J | END, NULLS, NAMES(claim)),
	FIELD(ENUM, nfp_style_result, "release", release, J | END, NULLS, NAMES(release)),
	FIELD(ENUM, nfp_style_result, "delivery", delivery, J | END, NULLS, NAMES(delivery)),
	FIELD(BITS, nfp_style_result, "requires", requires, J | END, NAMES(requires)),
	FIELD(TEXT, nfp_style_result, "reason", reason, J | END, NULLS,
	      NFP_ENDED(nfp_style_result, try)),
	FIELD(ENUM, nfp_style_result, "filter_verdict", filter_verdict, J | END, NAMES(verdict)),
	FIELD(TEXT, nfp_style_result, "filter_reason", filter_reason, J, NULLS),
	FIELD(ENUM, nfp_style_result, "bridge_verdict", bridge_verdict, J | END, NULLS,
	      NAMES(verdict),
	      .except = BIT(NFP_VERDICT_NOT_APPLICABLE) | BIT(NFP_VERDICT_EARLY) |
			BIT(NFP_VERDICT_REFUSED) | BIT(NFP_VERDICT_STICKY) | BIT(NFP_VERDICT_SLOW)),
	FIELD(NUMBER, nfp_style_result, "bridge_gap_ms", bridge_gap_ms, J | END, NULLS),
	FIELD(ENUM, nfp_style_result, "uplink_hears_vf", uplink_hears[NFP_AT_VF], J | END,
	      NAMES(answer)),
	FIELD(ENUM, nfp_style_result, "uplink_hears_itself", uplink_hears[NFP_AT_PF], J | END,
	      NAMES(answer)),
	NFP_PART("reflections", J, TABLE(nfp_style_result, reflections_fields)),
	FIELD(ENUM, nfp_style_result, "multicast", multicast, J | END, NULLS, NAMES(check_state)),
	FIELD(TEXT, nfp_style_result, "multicast_note", multicast_note, J | END, NULLS),
	FIELD(OBJECT, nfp_style_result, "guest_vlan", guest_vlan, J,
	      NFP_KNOWN(nfp_style_result, guest_vlan.vid),
	      TABLE(nfp_guest_vlan_result, guest_vlan_fields)),
	FIELD(ENUM, nfp_style_result, "bus_master_falls", bus_master_falls, J, NAMES(answer)),
	FIELD(ARRAY, nfp_style_result, "steps", steps, J, .table = &nfp_step_table,
	      NFP_COUNTED(nfp_style_result, num_steps)),
	FIELD(ARRAY, nfp_style_result, "transitions", transitions, J,
	      .table = &nfp_transition_table, NFP_COUNTED(nfp_style_result, num_transitions)),
	FIELD(BOOL, nfp_style_result, "stopped", stopped, J),
	FIELD(BOOL, nfp_style_result, "floods", floods, J),
	FIELD(BOOL, nfp_style_result, "unregistered_announced", unregistered_announced, J),
	FIELD(BOOL, nfp_style_result, "unannounced", unannounced, J),
	FIELD(BOOL, nfp_style_result, "pf_silent", pf_silent, J),
	FIELD(BOOL, nfp_style_result, "address_in_use", address_in_use, J),
	FIELD(BOOL, nfp_style_result, "all_multicast", all_multicast, J),
	FIELD(BOOL, nfp_style_result, "learns_nothing", learns_nothing, J),
	FIELD(BOOL, nfp_style_result, "zero_refused", zero_refused, J),
};
const struct nfp_table nfp_style_table = NFP_TABLE(nfp_style_result, style_fields);

/* ---- a VF ---- */

static const struct nfp_field proof_fields[] = {
	FIELD(ENUM, nfp_requirement, "requires", requires, J | END, NAMES(requires)),
	FIELD(TEXT, nfp_requirement, "proved_by", by, J | END, NULLS),
	FIELD(BOOL, nfp_requirement, "multicast_lost", multicast_lost, J | END),
	FIELD(BOOL, nfp_requirement, "multicast_unproven", multicast_unproven, J | END),
};

static const struct nfp_field vf_fields[] = {
	FIELD(NUMBER, nfp_vf_result, "vf", vf, J | END),
	FIELD(TEXT, nfp_vf_result, "parentdev", parentdev, J, NULLS),
	FIELD(TEXT, nfp_vf_result, "driver", driver, J, NULLS),
	FIELD(TEXT, nfp_vf_result, "driver_version", driver_version, J, NULLS),
	FIELD(MAC, nfp_vf_result, "address", address, J, NULLS),
	FIELD(MAC, nfp_vf_result, "address_after", address_after, J, NULLS),
	FIELD(NUMBER, nfp_vf_result, "vlan", vlan.vid, J, NULLS),
	FIELD(NUMBER, nfp_vf_result, "probed_vlan", probed_vlan, J, NULLS),
	FIELD(MAYBE, nfp_vf_result, "trust", trust, J, NULLS),
	FIELD(MAYBE, nfp_vf_result, "spoofchk", spoofchk, J, NULLS),
	FIELD(NUMBER, nfp_vf_result, "others_up", others_up, J,
	      NFP_KNOWN(nfp_vf_result, have_others)),
	FIELD(ENUM, nfp_vf_result, "status", status, J | END, NAMES(vf_status)),
	FIELD(LIST, nfp_vf_result, "styles", styles, J, .table = &nfp_style_table,
	      NFP_COUNTED(nfp_vf_result, num_styles)),
	FIELD(ENUM, nfp_vf_result, "verdict", verdict, J | END,
	      NFP_KNOWN(nfp_vf_result, num_styles), NAMES(verdict)),
	FIELD(BITS, nfp_vf_result, "requires", requires, J | END, NAMES(requires)),
	FIELD(ARRAY, nfp_vf_result, "proofs", proofs, J | END, TABLE(nfp_requirement, proof_fields),
	      NFP_COUNTED(nfp_vf_result, num_proofs)),
	FIELD(OBJECT, nfp_vf_result, "error", error, J | END, NFP_KNOWN(nfp_vf_result, error.code),
	      .table = &nfp_error_table),
};
static const struct nfp_table vf_table = NFP_TABLE(nfp_vf_result, vf_fields);

/* ---- the run ---- */

static const struct nfp_field run_fields[] = {
	FIELD(BYTES, nfp_result, "id", id, J | BEGIN, NULLS),
	FIELD(TEXTS, nfp_result, "command", command, J | BEGIN),
	FIELD(TIME, nfp_result, "start", start_unix_ms, J, NULLS),
	FIELD(NUMBER, nfp_result, "number", number, J, NULLS),
	FIELD(NUMBER, nfp_result, "monotonic_us", start_ns, J, US),
	FIELD(NUMBER, nfp_result, "duration_ms", duration_ns, J | END, MS),
	FIELD(NUMBER, nfp_result, "measured_ms", settle_total_ns, J, MS),
	FIELD(TEXT, nfp_result, "host", hostname, J | BEGIN, NULLS),
	FIELD(TEXT, nfp_result, "kernel", kernel, J | BEGIN, NULLS),
};
const struct nfp_table nfp_run_table = NFP_TABLE(nfp_result, run_fields);

static const struct nfp_field source_fields[] = {
	FIELD(TEXT, nfp_ladder_source, "from", name, J | END),
	FIELD(ENUM, nfp_ladder_source, "kind", source, J | END, NAMES(source)),
	FIELD(ENUM, nfp_ladder_source, "by", by, J | END, NAMES(source_by)),
	FIELD(TEXT, nfp_ladder_source, "note", note, J, NULLS),
};

static const struct nfp_field reflector_fields[] = {
	FIELD(MAC, nfp_result, "address", reflector, J),
};

/* ---- the whole ---- */

static const struct nfp_field result_fields[] = {
	NFP_PART("run", J, .table = &nfp_run_table),
	FIELD(OBJECT, nfp_result, "pf", pf, J, .table = &nfp_pf_table),
	FIELD(OBJECT, nfp_result, "settings", settings, J, .table = &nfp_settings_table),
	FIELD(OBJECT, nfp_result, "source", source, J | END, NFP_KNOWN(nfp_result, source.known),
	      TABLE(nfp_ladder_source, source_fields)),
	NFP_PART("reflector", J, NFP_KNOWN(nfp_result, reflector),
		 TABLE(nfp_result, reflector_fields)),
	FIELD(OBJECT, nfp_result, "vf", vf, J | END, NFP_KNOWN(nfp_result, have_vf),
	      .table = &vf_table),
	FIELD(ENUM, nfp_result, "verdict", verdict, J | END, NFP_KNOWN(nfp_result, have_verdict),
	      NAMES(verdict)),
	FIELD(NUMBER, nfp_result, "exit", exit_status, J | END),
	FIELD(TEXTS, nfp_result, "warnings", warnings, J),
	FIELD(TEXTS, nfp_result, "changes_seen", changes_seen, J | END),
	FIELD(HINTS, nfp_result, "left_behind", left_behind, J | END),
	FIELD(BOOL, nfp_result, "restored", restored, J | END),
	FIELD(OBJECT, nfp_result, "error", error, J | END, NFP_KNOWN(nfp_result, error.code),
	      .table = &nfp_error_table),
};
const struct nfp_table nfp_result_table = NFP_TABLE(nfp_result, result_fields);
