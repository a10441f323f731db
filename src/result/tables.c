// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/tables.h"

#define DAY_US	 INT64_C(86400000000)
#define VLAN_MAX 4095

#define J      NFP_IN_JSON
#define B      NFP_IN_BASELINE
#define R      NFP_IN_RUN
#define L      NFP_IN_LADDER
#define BIT(v) (1U << (unsigned int)(v))
#define MS     .scale = NFP_NSEC_PER_MSEC
#define US     .scale = NFP_NSEC_PER_USEC
#define NULLS  .unknown = NFP_NULL

/* ---- an error ---- */

static const struct nfp_field error_fields[] = {
	{NFP_FIELD(ENUM, nfp_err, "code", code), .in = J | R, .names = &nfp_errcode_names,
	 .except = BIT(NFP_E_NONE)},
	{NFP_FIELD(TEXT, nfp_err, "message", message), .in = J | R},
	{NFP_FIELD(TEXT, nfp_err, "hint", hint), .in = J | R, NULLS},
	{NFP_FIELD(NUMBER, nfp_err, "errno", errnum), .in = R},
};
const struct nfp_table nfp_error_table = NFP_TABLE(nfp_err, error_fields);

/* ---- the PF ---- */

static const struct nfp_field fw_fields[] = {
	{NFP_FIELD(TEXT, nfp_fw_version, "name", name), .in = J | R},
	{NFP_FIELD(TEXT, nfp_fw_version, "running", running), .in = J | R, NULLS},
	{NFP_FIELD(TEXT, nfp_fw_version, "stored", stored), .in = J | R, NULLS},
};
static const struct nfp_table fw_table = NFP_TABLE(nfp_fw_version, fw_fields);

/* One that was not read has no index: only its name is known. */
static const struct nfp_field pf_fields[] = {
	{NFP_FIELD(TEXT, nfp_pf_info, "ifname", ifname), .in = J | R, NULLS},
	{NFP_FIELD(NUMBER, nfp_pf_info, "ifindex", ifindex), .in = J | R, NULLS, .max = INT32_MAX},
	{NFP_FIELD(TEXT, nfp_pf_info, "parentdev", parentdev), .in = J | R, NULLS},
	{NFP_FIELD(TEXT, nfp_pf_info, "driver", driver), .in = J | B | R, NULLS},
	{NFP_FIELD(TEXT, nfp_pf_info, "driver_version", driver_version), .in = J | B | R, NULLS},
	{NFP_FIELD(TEXT, nfp_pf_info, "firmware", firmware), .in = J | B | R, NULLS},
	{NFP_FIELD(ARRAY, nfp_pf_info, "firmware_versions", fw), .in = J | R, .table = &fw_table,
	 NFP_COUNTED(nfp_pf_info, num_fw)},
	{NFP_FIELD(PCI_ID, nfp_pf_info, "vendor", vendor), .in = J | B | R, NULLS},
	{NFP_FIELD(PCI_ID, nfp_pf_info, "device", device), .in = J | B | R, NULLS},
	{NFP_FIELD(NUMBER, nfp_pf_info, "num_vfs", num_vfs), .in = J | R,
	 NFP_KNOWN(nfp_pf_info, ifindex)},
	{NFP_FIELD(NUMBER, nfp_pf_info, "total_vfs", total_vfs), .in = J | R,
	 NFP_KNOWN(nfp_pf_info, ifindex)},
	{NFP_FIELD(TEXT, nfp_pf_info, "eswitch_mode", eswitch_mode), .in = J | R, NULLS},
	{NFP_FIELD(NUMBER, nfp_pf_info, "promiscuity", promiscuity), .in = J | R,
	 NFP_KNOWN(nfp_pf_info, ifindex)},
	{NFP_FIELD(TEXT, nfp_pf_info, "master", master), .in = J | R, NULLS},
	{NFP_FIELD(TEXT, nfp_pf_info, "master_kind", master_kind), .in = J | R, NULLS},
	{NFP_FIELD(NUMBER, nfp_pf_info, "mtu", mtu), .in = J | R, NFP_KNOWN(nfp_pf_info, ifindex)},
	{NFP_FIELD(MAC, nfp_pf_info, "address", address), .in = J | R, NULLS},
};
const struct nfp_table nfp_pf_table = NFP_TABLE(nfp_pf_info, pf_fields);

/* ---- a step ---- */

static uint64_t lost(const void *count)
{
	return nfp_count_lost(count);
}

/* One kind of frame, of a struct nfp_step_result. */
#define KIND_FIELDS(k)                                                                          \
	{                                                                                       \
		{NFP_FIELD(ENUM, nfp_step_result, "landing", landing[k]), .in = J | B, NULLS,   \
		 .names = &nfp_landing_names, .except = BIT(NFP_LANDING_NONE)},                 \
			{NFP_FIELD(NUMBER, nfp_step_result, "sent", count[k].sent), .in = J},   \
			{NFP_FIELD(NUMBER, nfp_step_result, "pf", count[k].at[NFP_AT_PF]),      \
			 .in = J},                                                              \
			{NFP_FIELD(NUMBER, nfp_step_result, "vf", count[k].at[NFP_AT_VF]),      \
			 .in = J},                                                              \
			{NFP_FIELD(NUMBER, nfp_step_result, "both", count[k].both), .in = J},   \
			{NFP_FIELD(NUMBER, nfp_step_result, "lost", count[k]), .in = J,         \
			 .compute = lost},                                                      \
			{NFP_FIELD(NUMBER, nfp_step_result, "duplicates", count[k].duplicates), \
			 .in = J},                                                              \
	}
static const struct nfp_field unicast_fields[] = KIND_FIELDS(NFP_KIND_UNICAST);
static const struct nfp_field broadcast_fields[] = KIND_FIELDS(NFP_KIND_BROADCAST);
static const struct nfp_field stranger_fields[] = KIND_FIELDS(NFP_KIND_STRANGER);
static const struct nfp_table unicast_table = NFP_TABLE(nfp_step_result, unicast_fields);
static const struct nfp_table broadcast_table = NFP_TABLE(nfp_step_result, broadcast_fields);
static const struct nfp_table stranger_table = NFP_TABLE(nfp_step_result, stranger_fields);

static const struct nfp_field step_fields[] = {
	{NFP_FIELD(ENUM, nfp_step_result, "step", step), .in = J | B | L, .names = &nfp_step_names},
	{NFP_FIELD(ENUM, nfp_step_result, "status", status), .in = J | B | L,
	 .names = &nfp_status_names},
	{NFP_FIELD(NUMBER, nfp_step_result, "start_ms", start_ns), .in = J | L, MS},
	{NFP_FIELD(NUMBER, nfp_step_result, "duration_ms", duration_ns), .in = J | L, MS},
	{NFP_FIELD(NUMBER, nfp_step_result, "window_ms", window_ns), .in = J, MS},
	{.key = "unicast", .type = NFP_FIELD_OBJECT, .in = J | B, .table = &unicast_table},
	{.key = "broadcast", .type = NFP_FIELD_OBJECT, .in = J | B, .table = &broadcast_table},
	{.key = "stranger", .type = NFP_FIELD_OBJECT, .in = J | B, .table = &stranger_table},
	{NFP_FIELD(NUMBER, nfp_step_result, "drops", drops), .in = J | L},
	{NFP_FIELD(ENUM, nfp_step_result, "transmit", transmit), .in = J | L, NULLS,
	 .names = &nfp_transmit_names},
	{NFP_FIELD(NUMBER, nfp_step_result, "vf_rx_packets", vf_rx_packets), .in = J | L,
	 NFP_KNOWN(nfp_step_result, have_vf_rx)},
	{NFP_FIELD(NUMBER, nfp_step_result, "vf_rx_dropped", vf_rx_dropped), .in = J | L,
	 NFP_KNOWN(nfp_step_result, have_vf_rx)},
	{NFP_FIELD(BOOL, nfp_step_result, "vf_counted", vf_counted), .in = J | L},
	{NFP_FIELD(TEXT, nfp_step_result, "note", note), .in = J | L, NULLS},
	/* What only a judgement needs. */
	{NFP_FIELD(BOOL, nfp_step_result, "carrier_lost", carrier_lost), .in = L},
	{NFP_FIELD(BOOL, nfp_step_result, "changed", changed), .in = L},
	{NFP_FIELD(BOOL, nfp_step_result, "leave", leave), .in = L},
	{NFP_FIELD(BOOL, nfp_step_result, "unsettled", unsettled), .in = L},
	{NFP_FIELD(NUMBER, nfp_step_result, "errno", errnum), .in = L, .max = INT32_MAX},
	{NFP_FIELD(TEXT, nfp_step_result, "hint", hint), .in = L, NULLS},
};
const struct nfp_table nfp_step_table = NFP_TABLE(nfp_step_result, step_fields);

/* ---- a transition ---- */

static const struct nfp_names gap_from_names = {(const char *const[]) {"frame", "request"}, 2};

/* How long, and how wrong that may be; @type: SIGNED where it may be negative. */
#define SPAN_FIELDS(type_, key_, member_, in_)                                                 \
	{NFP_FIELD(type_, nfp_transition, key_ "_us", member_.us), .in = (in_), .max = DAY_US, \
	 NFP_KNOWN(nfp_transition, member_.known)},                                            \
	{                                                                                      \
		NFP_FIELD(NUMBER, nfp_transition, key_ "_error_us", member_.error_us),         \
			.in = (in_), .max = DAY_US, NFP_KNOWN(nfp_transition, member_.known),  \
			.later = true                                                          \
	}

#define KIND_TRANSITION_FIELDS(k, in_gap)                                                         \
	{NFP_FIELD(NUMBER, nfp_transition, "lost", count[k].lost), .in = J},                      \
		SPAN_FIELDS(NUMBER, "gap", count[k].gap, in_gap),                                 \
		{NFP_FIELD(ENUM, nfp_transition, "gap_from", count[k].gap_from_request), .in = J, \
		 NFP_KNOWN(nfp_transition, count[k].gap.known), .names = &gap_from_names},        \
		SPAN_FIELDS(NUMBER, "switch", count[k].switched, J),                              \
		SPAN_FIELDS(SIGNED, "effect", count[k].effect, J),                                \
	{                                                                                         \
		NFP_FIELD(NUMBER, nfp_transition, "duplicates", count[k].duplicates), .in = J     \
	}

static const struct nfp_field broadcast_transition_fields[] = {
	KIND_TRANSITION_FIELDS(NFP_KIND_BROADCAST, J),
};
static const struct nfp_table broadcast_transition_table = NFP_TABLE(nfp_transition,
								     broadcast_transition_fields);

static const struct nfp_field transition_fields[] = {
	{NFP_FIELD(ENUM, nfp_transition, "from", from), .in = J | B, .names = &nfp_step_names},
	{NFP_FIELD(ENUM, nfp_transition, "to", to), .in = J | B, .names = &nfp_step_names},
	{NFP_FIELD(NUMBER, nfp_transition, "asked_us", asked_ns), .in = J, US, NULLS},
	{NFP_FIELD(NUMBER, nfp_transition, "answered_us", answered_ns), .in = J, US, NULLS},
	SPAN_FIELDS(NUMBER, "ack", ack, J),
	KIND_TRANSITION_FIELDS(NFP_KIND_UNICAST, J | B),
	{.key = "broadcast",
	 .type = NFP_FIELD_OBJECT,
	 .in = J,
	 .table = &broadcast_transition_table},
};
const struct nfp_table nfp_transition_table = NFP_TABLE(nfp_transition, transition_fields);

/* ---- several ladders of a style ---- */

static const struct nfp_field unstable_fields[] = {
	{NFP_FIELD(ENUM, nfp_spread_unstable, "step", step), .in = J, .names = &nfp_step_names},
	{NFP_FIELD(ENUM, nfp_spread_unstable, "kind", kind), .in = J, .names = &nfp_kind_names,
	 .except = ~(BIT(NFP_KIND_UNICAST) | BIT(NFP_KIND_BROADCAST))},
	{NFP_FIELD(COUNTS, nfp_spread_unstable, "landings", landings), .in = J,
	 .names = &nfp_landing_names},
};
static const struct nfp_table unstable_table = NFP_TABLE(nfp_spread_unstable, unstable_fields);

#define SUMMARY_FIELDS(type_)                                                                    \
	{                                                                                        \
		{NFP_FIELD(NUMBER, nfp_summary, "num", num), .in = J | B},                       \
			{NFP_FIELD(type_, nfp_summary, "min", min), .in = J | B, .max = DAY_US}, \
			{NFP_FIELD(type_, nfp_summary, "median", median), .in = J | B,           \
			 .max = DAY_US},                                                         \
			{NFP_FIELD(type_, nfp_summary, "p95", p95), .in = J | B, .max = DAY_US}, \
			{NFP_FIELD(type_, nfp_summary, "max", max), .in = J | B, .max = DAY_US}, \
	}
static const struct nfp_field summary_fields[] = SUMMARY_FIELDS(SIGNED);
static const struct nfp_field length_summary_fields[] = SUMMARY_FIELDS(NUMBER);
static const struct nfp_table summary_table = NFP_TABLE(nfp_summary, summary_fields);
static const struct nfp_table length_summary_table = NFP_TABLE(nfp_summary, length_summary_fields);

#define SUMMARY(key_, q_, in_, table_)                                             \
	{                                                                          \
		NFP_FIELD(OBJECT, nfp_spread_transition, key_, of[q_]),            \
			.in = (in_), NFP_KNOWN(nfp_spread_transition, of[q_].num), \
			.table = &(table_)                                         \
	}
static const struct nfp_field spread_transition_fields[] = {
	{NFP_FIELD(ENUM, nfp_spread_transition, "to", to), .in = J | B, .names = &nfp_step_names},
	SUMMARY("gap_us", NFP_QUANTITY_GAP, J | B, length_summary_table),
	SUMMARY("switch_us", NFP_QUANTITY_SWITCH, J, length_summary_table),
	SUMMARY("ack_us", NFP_QUANTITY_ACK, J, length_summary_table),
	SUMMARY("effect_us", NFP_QUANTITY_EFFECT, J, summary_table),
	SUMMARY("lost", NFP_QUANTITY_LOST, J, length_summary_table),
};
static const struct nfp_table spread_transition_table = NFP_TABLE(nfp_spread_transition,
								  spread_transition_fields);

static const struct nfp_field spread_fields[] = {
	{NFP_FIELD(NUMBER, nfp_spread, "asked", asked), .in = J},
	{NFP_FIELD(NUMBER, nfp_spread, "made", made), .in = J},
	{NFP_FIELD(NUMBER, nfp_spread, "worst", worst), .in = J},
	{NFP_FIELD(COUNTS, nfp_spread, "verdicts", verdicts), .in = J, .names = &nfp_verdict_names},
	{NFP_FIELD(ARRAY, nfp_spread, "unstable", unstable), .in = J, .table = &unstable_table,
	 NFP_COUNTED(nfp_spread, num_unstable)},
	{NFP_FIELD(ARRAY, nfp_spread, "transitions", transitions), .in = J | B,
	 .table = &spread_transition_table, NFP_COUNTED(nfp_spread, num_transitions)},
};
static const struct nfp_table spread_table = NFP_TABLE(nfp_spread, spread_fields);

static void view_spread(const void *repeats, void *ret_spread)
{
	nfp_repeats_spread(repeats, ret_spread);
}

static void unview_spread(const void *spread, void *ret_repeats)
{
	struct nfp_repeats **repeats = ret_repeats;

	*repeats = nfp_repeats_like(spread);
}

/* ---- a style ---- */

static const struct nfp_field style_fields[] = {
	{NFP_FIELD(ENUM, nfp_style_result, "style", style), .in = J | B | R,
	 .names = &nfp_style_names},
	{NFP_FIELD(MAC, nfp_style_result, "address", address), .in = J | R, NULLS},
	{NFP_FIELD(ENUM, nfp_style_result, "verdict", verdict), .in = J | B | R,
	 .names = &nfp_verdict_names},
	{NFP_FIELD(BOOL, nfp_style_result, "allowed", allowed), .in = J | B},
	{NFP_FIELD(ENUM, nfp_style_result, "claim", claim), .in = J, NULLS,
	 .names = &nfp_claim_names},
	{NFP_FIELD(ENUM, nfp_style_result, "release", release), .in = J, NULLS,
	 .names = &nfp_release_names},
	{NFP_FIELD(ENUM, nfp_style_result, "delivery", delivery), .in = J, NULLS,
	 .names = &nfp_delivery_names},
	{NFP_FIELD(BITS, nfp_style_result, "requires", requires), .in = J,
	 .names = &nfp_requires_names},
	{NFP_FIELD(TEXT, nfp_style_result, "reason", reason), .in = J | R, NULLS},
	{NFP_FIELD(BOOL, nfp_style_result, "in_full", in_full), .in = J | L},
	{NFP_FIELD(ENUM, nfp_style_result, "transmit", transmit), .in = J | L, NULLS,
	 .names = &nfp_transmit_names},
	{NFP_FIELD(TEXT, nfp_style_result, "transmit_note", transmit_note), .in = J | L, NULLS},
	{NFP_FIELD(ARRAY, nfp_style_result, "steps", steps), .in = J | B | L,
	 .table = &nfp_step_table, NFP_COUNTED(nfp_style_result, num_steps)},
	{NFP_FIELD(ARRAY, nfp_style_result, "transitions", transitions), .in = J | B,
	 .table = &nfp_transition_table, NFP_COUNTED(nfp_style_result, num_transitions)},
	{NFP_FIELD(VIEW, nfp_style_result, "repeats", repeats), .in = J | B, NULLS,
	 .table = &spread_table, .view = view_spread, .unview = unview_spread, .later = true},
	/* What only a judgement needs. */
	{NFP_FIELD(BOOL, nfp_style_result, "stopped", stopped), .in = L},
	{NFP_FIELD(BOOL, nfp_style_result, "early_before", early_before), .in = L},
	{NFP_FIELD(BOOL, nfp_style_result, "again", again), .in = L},
};
const struct nfp_table nfp_style_table = NFP_TABLE(nfp_style_result, style_fields);

/* ---- a VF ---- */

/* Verdicts of a style only. */
#define NOT_OF_A_VF (BIT(NFP_VERDICT_UNTESTABLE) | BIT(NFP_VERDICT_NOT_APPLICABLE))

static const struct nfp_field vf_fields[] = {
	{NFP_FIELD(NUMBER, nfp_vf_result, "vf", vf), .in = J | B | R, .max = NFP_VF_MAX - 1},
	{NFP_FIELD(TEXT, nfp_vf_result, "parentdev", parentdev), .in = J | R, NULLS},
	{NFP_FIELD(TEXT, nfp_vf_result, "driver", driver), .in = J | R, NULLS},
	{NFP_FIELD(MAC, nfp_vf_result, "address", address), .in = J | R, NULLS},
	{NFP_FIELD(NUMBER, nfp_vf_result, "vlan", vlan.vid), .in = J | R, .max = VLAN_MAX},
	{NFP_FIELD(MAYBE, nfp_vf_result, "trust", trust), .in = J | R, NULLS},
	{NFP_FIELD(MAYBE, nfp_vf_result, "spoofchk", spoofchk), .in = J | R, NULLS},
	{NFP_FIELD(ENUM, nfp_vf_result, "status", status), .in = J | R,
	 .names = &nfp_vf_status_names},
	{NFP_FIELD(ARRAY, nfp_vf_result, "styles", styles), .in = J | B | R,
	 .table = &nfp_style_table, NFP_COUNTED(nfp_vf_result, num_styles)},
	{NFP_FIELD(ENUM, nfp_vf_result, "verdict", verdict), .in = J,
	 NFP_KNOWN(nfp_vf_result, num_styles), .names = &nfp_verdict_names, .except = NOT_OF_A_VF},
	{NFP_FIELD(BITS, nfp_vf_result, "requires", requires), .in = J,
	 .names = &nfp_requires_names},
	{NFP_FIELD(OBJECT, nfp_vf_result, "error", error), .in = J | R,
	 NFP_KNOWN(nfp_vf_result, error.code), .table = &nfp_error_table},
};
const struct nfp_table nfp_vf_table = NFP_TABLE(nfp_vf_result, vf_fields);

/* ---- the run ---- */

static const struct nfp_field run_fields[] = {
	{NFP_FIELD(BYTES, nfp_result, "id", id), .in = J | R, NULLS},
	{NFP_FIELD(TIME, nfp_result, "start", start_unix_ms), .in = J | B | R, NULLS},
	{NFP_FIELD(NUMBER, nfp_result, "monotonic_us", start_ns), .in = J | R, US},
	{NFP_FIELD(NUMBER, nfp_result, "duration_ms", duration_ns), .in = J | R, MS},
	{NFP_FIELD(NUMBER, nfp_result, "settle_ms", settle_total_ns), .in = J | R, MS},
	{NFP_FIELD(NUMBER, nfp_result, "kernel_ms", kernel_total_ns), .in = J | R, MS},
	{NFP_FIELD(TEXT, nfp_result, "host", hostname), .in = J | R, NULLS},
	{NFP_FIELD(TEXT, nfp_result, "kernel", kernel), .in = J | B | R, NULLS},
};
const struct nfp_table nfp_run_table = NFP_TABLE(nfp_result, run_fields);

static const struct nfp_field settings_fields[] = {
	{NFP_FIELD(TEXT, nfp_settings, "from", from), .in = J | R, NULLS},
	{NFP_FIELD(ENUM, nfp_settings, "source", source), .in = J | B | R,
	 NFP_KNOWN(nfp_settings, have_source), .names = &nfp_source_names},
	{NFP_FIELD(TEXT, nfp_settings, "source_note", source_note), .in = J | R, NULLS},
	{NFP_FIELD(NUMBER, nfp_settings, "vlan", vlan.vid), .in = J | B | R, .max = VLAN_MAX},
	{NFP_FIELD(NUMBER, nfp_settings, "vlan_proto", vlan.proto), .in = R},
	{NFP_FIELD(NUMBER, nfp_settings, "rate", rate), .in = J | R, NULLS, .max = NFP_RATE_MAX},
	{NFP_FIELD(NUMBER, nfp_settings, "settle_ms", settle_ns), .in = J | R, MS, NULLS},
	{NFP_FIELD(BOOL, nfp_settings, "settle_short", settle_short), .in = R},
	{NFP_FIELD(NAMES, nfp_settings, "styles", styles), .in = J | R, .names = &nfp_style_names},
	{NFP_FIELD(NAMES, nfp_settings, "allow", allow), .in = J | R, .names = &nfp_verdict_names,
	 .except = BIT(NFP_VERDICT_INCONCLUSIVE) | BIT(NFP_VERDICT_NOT_APPLICABLE)},
	{NFP_FIELD(BOOL, nfp_settings, "forced", forced), .in = J | R},
	{NFP_FIELD(NUMBER, nfp_settings, "repeat", repeat), .in = J | R, .min = 1,
	 .max = NFP_REPEAT_MAX},
	{NFP_FIELD(NUMBER, nfp_settings, "gap_limit_ms", gap_limit_ms), .in = J | R, NULLS,
	 .max = NFP_GAP_LIMIT_MAX},
};
const struct nfp_table nfp_settings_table = NFP_TABLE(nfp_settings, settings_fields);

/* With no frame of it nothing is known of its clock. */
#define REFLECTOR_TIME(type_, key_, member_)                                            \
	{                                                                               \
		NFP_FIELD(type_, nfp_result, key_, reflector_clock.member_),            \
			.in = J | R, US, NFP_KNOWN(nfp_result, reflector_clock.samples) \
	}
static const struct nfp_field reflector_fields[] = {
	{NFP_FIELD(MAC, nfp_result, "address", reflector), .in = J | R},
	{NFP_FIELD(NUMBER, nfp_result, "sightings", reflector_clock.samples), .in = J | R},
	REFLECTOR_TIME(SIGNED, "clock_offset_us", offset_ns),
	REFLECTOR_TIME(NUMBER, "trip_min_us", trip_min_ns),
	REFLECTOR_TIME(NUMBER, "trip_max_us", trip_max_ns),
	REFLECTOR_TIME(NUMBER, "stay_min_us", stay_min_ns),
	REFLECTOR_TIME(NUMBER, "stay_max_us", stay_max_ns),
};
static const struct nfp_table reflector_table = NFP_TABLE(nfp_result, reflector_fields);

/* ---- the comparison with a baseline ---- */

static const struct nfp_field difference_fields[] = {
	{NFP_FIELD(NUMBER, nfp_difference, "vf", vf), .in = J},
	{NFP_FIELD(ENUM, nfp_difference, "style", style), .in = J, .names = &nfp_style_names},
	{NFP_FIELD(ENUM, nfp_difference, "matter", matter), .in = J, .names = &nfp_matter_names},
	{NFP_FIELD(ENUM, nfp_difference, "from", from), .in = J, NULLS, .names = &nfp_step_names},
	{NFP_FIELD(ENUM, nfp_difference, "to", to), .in = J, NULLS, .names = &nfp_step_names},
	{NFP_FIELD(TEXT, nfp_difference, "before", before), .in = J, NULLS},
	{NFP_FIELD(TEXT, nfp_difference, "now", now), .in = J, NULLS},
	{NFP_FIELD(ENUM, nfp_difference, "trend", trend), .in = J, .names = &nfp_trend_names},
	{NFP_FIELD(BOOL, nfp_difference, "counts", counts), .in = J},
};
static const struct nfp_table difference_table = NFP_TABLE(nfp_difference, difference_fields);

static const struct nfp_field baseline_fields[] = {
	{NFP_FIELD(TEXT, nfp_comparison, "file", file), .in = J, NULLS},
	{NFP_FIELD(TEXT, nfp_comparison, "start", then.start), .in = J, NULLS},
	{NFP_FIELD(TEXT, nfp_comparison, "driver", then.driver), .in = J, NULLS},
	{NFP_FIELD(TEXT, nfp_comparison, "driver_version", then.driver_version), .in = J, NULLS},
	{NFP_FIELD(TEXT, nfp_comparison, "firmware", then.firmware), .in = J, NULLS},
	{NFP_FIELD(TEXT, nfp_comparison, "kernel", then.kernel), .in = J, NULLS},
	{NFP_FIELD(BOOL, nfp_comparison, "same", same), .in = J},
	{NFP_FIELD(TEXT, nfp_comparison, "not_compared", not_compared), .in = J, NULLS},
	{NFP_FIELD(BOOL, nfp_comparison, "worse", worse), .in = J},
	{NFP_FIELD(LIST, nfp_comparison, "differences", v), .in = J, .table = &difference_table,
	 NFP_COUNTED(nfp_comparison, n)},
};
static const struct nfp_table baseline_table = NFP_TABLE(nfp_comparison, baseline_fields);

/* ---- the whole ---- */

static const struct nfp_field result_fields[] = {
	{.key = "run", .type = NFP_FIELD_OBJECT, .in = J | B | R, .table = &nfp_run_table},
	{NFP_FIELD(OBJECT, nfp_result, "pf", pf), .in = J | B | R, .table = &nfp_pf_table},
	{NFP_FIELD(OBJECT, nfp_result, "settings", settings), .in = J | B | R,
	 .table = &nfp_settings_table},
	{.key = "reflector",
	 .type = NFP_FIELD_OBJECT,
	 .in = J | R,
	 NFP_GIVEN(nfp_result, have_reflector),
	 .table = &reflector_table},
	{NFP_FIELD(LIST, nfp_result, "vfs", vfs), .in = J | B | R, .table = &nfp_vf_table,
	 .max = NFP_VF_MAX, NFP_COUNTED(nfp_result, num_vfs)},
	{NFP_FIELD(POINTER, nfp_result, "baseline", comparison), .in = J, .unknown = NFP_ABSENT,
	 .table = &baseline_table},
	{NFP_FIELD(ENUM, nfp_result, "verdict", verdict), .in = J | R,
	 NFP_KNOWN(nfp_result, have_verdict), .names = &nfp_verdict_names, .except = NOT_OF_A_VF},
	{NFP_FIELD(NUMBER, nfp_result, "exit", exit_status), .in = J | R, .max = INT32_MAX},
	{NFP_FIELD(TEXTS, nfp_result, "warnings", warnings), .in = J | R},
	{NFP_FIELD(TEXTS, nfp_result, "changes_seen", changes_seen), .in = J | R},
	{NFP_FIELD(TEXTS, nfp_result, "left_behind", left_behind), .in = J | R},
	{NFP_FIELD(BOOL, nfp_result, "restored", restored), .in = J | R},
	{NFP_FIELD(BOOL, nfp_result, "changed_host", changed_host), .in = R},
	{NFP_FIELD(OBJECT, nfp_result, "error", error), .in = J | R,
	 NFP_GIVEN(nfp_result, error.code), .table = &nfp_error_table},
};
const struct nfp_table nfp_result_table = NFP_TABLE(nfp_result, result_fields);
