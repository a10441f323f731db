// SPDX-License-Identifier: GPL-2.0-or-later
/* tables.c - the rows for each key of a result. */
#include "nfprobe/store.h"

#define DAY_US	  INT64_C(86400000000)
#define VLAN_MAX  4095
#define ERRNO_MAX 4095 /* MAX_ERRNO of the kernel */
#define RUN_MS	  (366 * DAY_US / 1000)
#define CLOCK_US  (100 * 366 * DAY_US) /* CLOCK_MONOTONIC */

#define J	   NFP_IN_JSON
#define B	   NFP_IN_BASELINE
#define R	   NFP_IN_RUN
#define L	   NFP_IN_LADDER
#define S	   NFP_IN_STORE
#define M	   NFP_IN_VERDICTS
#define BEGIN	   NFP_IN_BEGIN
#define END	   NFP_IN_END
#define ENTRY	   NFP_IN_ENTRY
#define BIT(v)	   (1U << (unsigned int)(v))
#define MS	   .scale = NFP_NSEC_PER_MSEC
#define US	   .scale = NFP_NSEC_PER_USEC
#define NULLS	   .unknown = NFP_NULL
#define FIELD	   NFP_FIELD
#define TABLE	   NFP_TABLE_OF
#define NAMES(of_) .names = &nfp_##of_##_names

/* ---- an error ---- */

static const struct nfp_field error_fields[] = {
	FIELD(ENUM, nfp_err, "code", code, J | R | M | END, NAMES(errcode),
	      .except = BIT(NFP_E_NONE)),
	FIELD(TEXT, nfp_err, "message", message, J | R | M | END),
	FIELD(TEXT, nfp_err, "hint", hint, J | R | END, NULLS),
	FIELD(NUMBER, nfp_err, "errno", errnum, R, .max = ERRNO_MAX),
};
const struct nfp_table nfp_error_table = NFP_TABLE(nfp_err, error_fields);

/* ---- the PF ---- */

static const struct nfp_field fw_fields[] = {
	FIELD(TEXT, nfp_fw_version, "name", name, J | R | S | M),
	FIELD(TEXT, nfp_fw_version, "running", running, J | R | S | M, NULLS),
	FIELD(TEXT, nfp_fw_version, "stored", stored, J | R, NULLS),
};

/* One that was not read has no index: only its name is known. */
static const struct nfp_field pf_fields[] = {
	FIELD(TEXT, nfp_pf_info, "ifname", ifname, J | R, NULLS),
	FIELD(NUMBER, nfp_pf_info, "ifindex", ifindex, J | R, NULLS, .max = INT32_MAX),
	FIELD(TEXT, nfp_pf_info, "parentdev", parentdev, J | R, NULLS),
	FIELD(TEXT, nfp_pf_info, "driver", driver, J | B | R | S | M, NULLS),
	FIELD(TEXT, nfp_pf_info, "driver_version", driver_version, J | B | R | S | M, NULLS),
	FIELD(TEXT, nfp_pf_info, "firmware", firmware, J | B | R | S | M, NULLS),
	FIELD(ARRAY, nfp_pf_info, "firmware_versions", fw, J | R | S | M,
	      TABLE(nfp_fw_version, fw_fields), NFP_COUNTED(nfp_pf_info, num_fw)),
	FIELD(PCI_ID, nfp_pf_info, "vendor", vendor, J | B | R | S | M, NULLS),
	FIELD(PCI_ID, nfp_pf_info, "device", device, J | B | R | S | M, NULLS),
	FIELD(PCI_ID, nfp_pf_info, "subsystem_vendor", subsystem_vendor, J | R | S | M, NULLS),
	FIELD(PCI_ID, nfp_pf_info, "subsystem_device", subsystem_device, J | R | S | M, NULLS),
	FIELD(TEXT, nfp_pf_info, "board_id", board_id, J | R | S | M, NULLS),
	FIELD(NUMBER, nfp_pf_info, "num_vfs", num_vfs, J | R | S | M,
	      NFP_KNOWN(nfp_pf_info, ifindex), .max = NFP_VF_MAX),
	FIELD(NUMBER, nfp_pf_info, "total_vfs", total_vfs, J | R, NFP_KNOWN(nfp_pf_info, ifindex),
	      .max = UINT16_MAX),
	FIELD(TEXT, nfp_pf_info, "eswitch_mode", eswitch_mode, J | R | S | M, NULLS),
	FIELD(BOOL, nfp_pf_info, "l2_fwd_offload", l2_fwd_offload, J | R | S | M,
	      NFP_KNOWN(nfp_pf_info, ifindex)),
	FIELD(NUMBER, nfp_pf_info, "promiscuity", promiscuity, J | R,
	      NFP_KNOWN(nfp_pf_info, ifindex), .max = INT32_MAX),
	FIELD(TEXT, nfp_pf_info, "master", master, J | R, NULLS),
	FIELD(TEXT, nfp_pf_info, "master_kind", master_kind, J | R, NULLS),
	FIELD(NUMBER, nfp_pf_info, "mtu", mtu, J | R, NFP_KNOWN(nfp_pf_info, ifindex),
	      .max = INT32_MAX),
	FIELD(MAC, nfp_pf_info, "address", address, J | R, NULLS),
};
const struct nfp_table nfp_pf_table = NFP_TABLE(nfp_pf_info, pf_fields);

/* ---- a step ---- */

static uint64_t lost(const void *count)
{
	return nfp_count_lost(count);
}

/* One kind of frame, of a struct nfp_step_result. */
#define KIND_FIELDS(k)                                                                        \
	FIELD(ENUM, nfp_step_result, "landing", landing[k], J | B | S, NULLS, NAMES(landing), \
	      .except = BIT(NFP_LANDING_NONE)),                                               \
		FIELD(NUMBER, nfp_step_result, "sent", count[k].sent, J | S,                  \
		      .max = NFP_COUNT_MAX),                                                  \
		FIELD(NUMBER, nfp_step_result, "pf", count[k].at[NFP_AT_PF], J | S,           \
		      .max = NFP_COUNT_MAX),                                                  \
		FIELD(NUMBER, nfp_step_result, "vf", count[k].at[NFP_AT_VF], J | S,           \
		      .max = NFP_COUNT_MAX),                                                  \
		FIELD(NUMBER, nfp_step_result, "both", count[k].both, J | S,                  \
		      .max = NFP_COUNT_MAX),                                                  \
		FIELD(NUMBER, nfp_step_result, "lost", count[k], J, .compute = lost),         \
		FIELD(NUMBER, nfp_step_result, "duplicates", count[k].duplicates, J | S,      \
		      .max = NFP_COUNT_MAX)
static const struct nfp_field unicast_fields[] = {KIND_FIELDS(NFP_KIND_UNICAST)};
static const struct nfp_field broadcast_fields[] = {KIND_FIELDS(NFP_KIND_BROADCAST)};
static const struct nfp_field multicast_fields[] = {KIND_FIELDS(NFP_KIND_MULTICAST)};
static const struct nfp_field unregistered_fields[] = {KIND_FIELDS(NFP_KIND_UNREGISTERED)};
static const struct nfp_field all_nodes_fields[] = {KIND_FIELDS(NFP_KIND_ALL_NODES)};
static const struct nfp_field unjoined_fields[] = {KIND_FIELDS(NFP_KIND_UNJOINED)};

static const struct nfp_field step_fields[] = {
	FIELD(ENUM, nfp_step_result, "step", step, J | B | L | S, NAMES(step)),
	FIELD(ENUM, nfp_step_result, "status", status, J | B | L | S, NAMES(status)),
	FIELD(ENUM, nfp_step_result, "fit", fit, J | B | S, NAMES(answer)),
	FIELD(NUMBER, nfp_step_result, "start_ms", start_ns, J | L | S, MS, .max = CLOCK_US / 1000),
	FIELD(NUMBER, nfp_step_result, "duration_ms", duration_ns, J | L | S, MS, .max = RUN_MS),
	FIELD(NUMBER, nfp_step_result, "window_ms", window_ns, J | S, MS, .max = RUN_MS),
	NFP_PART("unicast", J | B | S, TABLE(nfp_step_result, unicast_fields)),
	NFP_PART("broadcast", J | B | S, TABLE(nfp_step_result, broadcast_fields)),
	NFP_PART("multicast", J | B | S, TABLE(nfp_step_result, multicast_fields)),
	NFP_PART("unregistered", J | B | S, TABLE(nfp_step_result, unregistered_fields)),
	NFP_PART("all_nodes", J | S, TABLE(nfp_step_result, all_nodes_fields)),
	NFP_PART("unjoined", J | S, TABLE(nfp_step_result, unjoined_fields)),
	FIELD(NUMBER, nfp_step_result, "drops", drops, J | L, .max = NFP_COUNT_MAX),
	FIELD(ENUM, nfp_step_result, "transmit", transmit, J | L | S, NULLS, NAMES(transmit)),
	FIELD(NUMBER, nfp_step_result, "vf_rx_packets", vf_rx_packets, J | L | S,
	      NFP_KNOWN(nfp_step_result, have_vf_rx), .max = NFP_COUNT_MAX),
	FIELD(NUMBER, nfp_step_result, "vf_rx_dropped", vf_rx_dropped, J | L | S,
	      NFP_KNOWN(nfp_step_result, have_vf_rx), .max = NFP_COUNT_MAX),
	FIELD(BOOL, nfp_step_result, "bus_master", bus_master, J | L | S,
	      NFP_GIVEN(nfp_step_result, have_bus_master)),
	FIELD(NUMBER, nfp_step_result, "bus_master_us", bus_master_change.us, J | L | S,
	      .max = DAY_US, NFP_GIVEN(nfp_step_result, bus_master_change.known)),
	FIELD(NUMBER, nfp_step_result, "bus_master_error_us", bus_master_change.error_us, J | L | S,
	      .max = DAY_US, NFP_GIVEN(nfp_step_result, bus_master_change.known)),
	FIELD(TEXT, nfp_step_result, "note", note, J | L | S, NULLS),
	/* Only a judgement needs these; they are absent when false. */
	FIELD(BOOL, nfp_step_result, "carrier_lost", carrier_lost, J | L | S,
	      NFP_GIVEN(nfp_step_result, carrier_lost)),
	FIELD(BOOL, nfp_step_result, "changed", changed, J | L | S,
	      NFP_GIVEN(nfp_step_result, changed)),
	FIELD(BOOL, nfp_step_result, "leave", skip_allowed, J | L | S,
	      NFP_GIVEN(nfp_step_result, skip_allowed)),
	FIELD(BOOL, nfp_step_result, "unsettled", unsettled, J | L | S,
	      NFP_GIVEN(nfp_step_result, unsettled)),
	FIELD(BOOL, nfp_step_result, "blinked", blinked, J | L | S,
	      NFP_GIVEN(nfp_step_result, blinked)),
	FIELD(BOOL, nfp_step_result, "healed", healed, J | L | S,
	      NFP_GIVEN(nfp_step_result, healed)),
	FIELD(BOOL, nfp_step_result, "healed_group", healed_group, J | L | S,
	      NFP_GIVEN(nfp_step_result, healed_group)),
	FIELD(BOOL, nfp_step_result, "repeated", repeated, J | L | S,
	      NFP_GIVEN(nfp_step_result, repeated)),
	FIELD(BOOL, nfp_step_result, "repeated_group", repeated_group, J | L | S,
	      NFP_GIVEN(nfp_step_result, repeated_group)),
	FIELD(BOOL, nfp_step_result, "promiscuous", promiscuous, J | L | S,
	      NFP_GIVEN(nfp_step_result, promiscuous)),
	FIELD(NUMBER, nfp_step_result, "errno", errnum, J | L | S, .max = INT32_MAX,
	      NFP_GIVEN(nfp_step_result, errnum)),
	FIELD(TEXT, nfp_step_result, "hint", hint, J | L | S, .unknown = NFP_ABSENT),
};
const struct nfp_table nfp_step_table = NFP_TABLE(nfp_step_result, step_fields);

/* ---- a transition ---- */

static const struct nfp_names gap_from_names = {(const char *const[]) {"frame", "request"}, 2};

/* How long, and how wrong that may be; @type: SIGNED where it may be negative. */
#define SPAN_FIELDS(type_, key_, member_, in_)                                         \
	FIELD(type_, nfp_transition, key_ "_us", member_.us, in_, .max = DAY_US,       \
	      NFP_KNOWN(nfp_transition, member_.known)),                               \
		FIELD(NUMBER, nfp_transition, key_ "_error_us", member_.error_us, in_, \
		      .max = DAY_US, NFP_KNOWN(nfp_transition, member_.known))

#define KIND_TRANSITION_FIELDS(k, in_gap, in_times)                                             \
	FIELD(NUMBER, nfp_transition, "lost", count[k].lost, J),                                \
		SPAN_FIELDS(NUMBER, "gap", count[k].gap, in_gap),                               \
		FIELD(ENUM, nfp_transition, "gap_from", count[k].gap_from_request, in_times,    \
		      NFP_KNOWN(nfp_transition, count[k].gap.known), .names = &gap_from_names), \
		SPAN_FIELDS(SIGNED, "effect", count[k].effect, in_times),                       \
		FIELD(NUMBER, nfp_transition, "duplicates", count[k].duplicates, J,             \
		      .max = NFP_COUNT_MAX)

static const struct nfp_field broadcast_times[] = {
	KIND_TRANSITION_FIELDS(NFP_KIND_BROADCAST, J, J),
};
static const struct nfp_field multicast_times[] = {
	KIND_TRANSITION_FIELDS(NFP_KIND_MULTICAST, J, J),
};

static const struct nfp_field transition_fields[] = {
	FIELD(ENUM, nfp_transition, "from", from, J | B | S, NAMES(step)),
	FIELD(ENUM, nfp_transition, "to", to, J | B | S, NAMES(step)),
	FIELD(NUMBER, nfp_transition, "asked_us", asked_ns, J | S, US, NULLS, .max = CLOCK_US),
	FIELD(NUMBER, nfp_transition, "answered_us", answered_ns, J | S, US, NULLS,
	      .max = CLOCK_US),
	SPAN_FIELDS(NUMBER, "ack", ack, J),
	KIND_TRANSITION_FIELDS(NFP_KIND_UNICAST, J | B | S, J | S),
	NFP_PART("broadcast", J, TABLE(nfp_transition, broadcast_times)),
	NFP_PART("multicast", J, TABLE(nfp_transition, multicast_times)),
};
const struct nfp_table nfp_transition_table = NFP_TABLE(nfp_transition, transition_fields);

/* ---- several ladders of a style ---- */

static const struct nfp_field unstable_fields[] = {
	FIELD(ENUM, nfp_unstable, "step", step, J, NAMES(step)),
	FIELD(ENUM, nfp_unstable, "kind", kind, J, NAMES(kind),
	      .except = ~(BIT(NFP_KINDS_HEARD) - 1)),
	FIELD(COUNTS, nfp_unstable, "landings", landings, J, NAMES(landing)),
};

#define SUMMARY_FIELDS(type_)                                                      \
	FIELD(NUMBER, nfp_summary, "num", num, J | B, .max = NFP_REPEAT_MAX),      \
		FIELD(type_, nfp_summary, "min", min, J | B, .max = DAY_US),       \
		FIELD(type_, nfp_summary, "median", median, J | B, .max = DAY_US), \
		FIELD(type_, nfp_summary, "p95", p95, J | B, .max = DAY_US),       \
		FIELD(type_, nfp_summary, "max", max, J | B, .max = DAY_US)
static const struct nfp_field summary_fields[] = {SUMMARY_FIELDS(SIGNED)};
static const struct nfp_field length_summary_fields[] = {SUMMARY_FIELDS(NUMBER)};

#define SUMMARY(key_, q_, in_, fields_)                                           \
	FIELD(OBJECT, nfp_spread, key_, of[q_], in_, TABLE(nfp_summary, fields_), \
	      NFP_KNOWN(nfp_spread, of[q_].num))
static const struct nfp_field spread_times[] = {
	FIELD(ENUM, nfp_spread, "to", to, J | B, NAMES(step)),
	SUMMARY("gap_us", NFP_QUANTITY_GAP, J | B, length_summary_fields),
	SUMMARY("ack_us", NFP_QUANTITY_ACK, J, length_summary_fields),
	SUMMARY("effect_us", NFP_QUANTITY_EFFECT, J, summary_fields),
	SUMMARY("lost", NFP_QUANTITY_LOST, J, length_summary_fields),
};

static const struct nfp_field repeats_fields[] = {
	FIELD(NUMBER, nfp_repeats, "asked", asked, J),
	FIELD(NUMBER, nfp_repeats, "made", made, J),
	FIELD(NUMBER, nfp_repeats, "worst", worst, J),
	FIELD(COUNTS, nfp_repeats, "verdicts", verdicts, J, NAMES(verdict)),
	FIELD(ARRAY, nfp_repeats, "unstable", unstable, J, TABLE(nfp_unstable, unstable_fields),
	      NFP_COUNTED(nfp_repeats, num_unstable)),
	FIELD(ARRAY, nfp_repeats, "transitions", transitions, J | B,
	      TABLE(nfp_spread, spread_times), NFP_COUNTED(nfp_repeats, num_transitions)),
};

/* ---- neighbours on the NIC ---- */

#define HEARD_FIELDS(key_, k)                                                                   \
	FIELD(NUMBER, nfp_near_window, key_ "_sent", sent[k], J | L | S, .max = NFP_COUNT_MAX), \
		FIELD(NUMBER, nfp_near_window, key_ "_heard", heard[k], J | L | S,              \
		      .max = NFP_COUNT_MAX)
static const struct nfp_field near_window_fields[] = {
	FIELD(ENUM, nfp_near_window, "state", idle, J | L | S, NAMES(idle)),
	FIELD(ENUM, nfp_near_window, "status", status, J | L | S, NAMES(status)),
	FIELD(ENUM, nfp_near_window, "leaves", leaves, J | S, NAMES(answer)),
	HEARD_FIELDS("unicast", NFP_KIND_UNICAST),
	HEARD_FIELDS("broadcast", NFP_KIND_BROADCAST),
	HEARD_FIELDS("unregistered", NFP_KIND_UNREGISTERED),
	FIELD(TEXT, nfp_near_window, "note", note, J | L | S, NULLS),
	/* Only a judgement needs these; they are absent when false. */
	FIELD(BOOL, nfp_near_window, "leave", skip_allowed, J | L | S,
	      NFP_GIVEN(nfp_near_window, skip_allowed)),
	FIELD(BOOL, nfp_near_window, "disturbed", disturbed, J | L | S,
	      NFP_GIVEN(nfp_near_window, disturbed)),
};

#define NEAR_FIELDS(in_)                                                              \
	FIELD(ENUM, nfp_near_result, "verdict", verdict, in_, NULLS, NAMES(near)),    \
		FIELD(ENUM, nfp_near_result, "from", from, in_, NULLS, NAMES(idle),   \
		      .except = BIT(NFP_IDLE_CONTROL)),                               \
		FIELD(ENUM, nfp_near_result, "until", until, in_, NULLS, NAMES(idle), \
		      .except = BIT(NFP_IDLE_CONTROL)),                               \
		FIELD(TEXT, nfp_near_result, "note", note, in_, NULLS)
static const struct nfp_field near_fields[] = {
	NEAR_FIELDS(J | L | S),
	FIELD(BOOL, nfp_near_result, "reset_cleared", reset_cleared, J | L | S,
	      NFP_GIVEN(nfp_near_result, reset_cleared)),
	FIELD(ARRAY, nfp_near_result, "windows", windows, J | L | S,
	      TABLE(nfp_near_window, near_window_fields),
	      NFP_COUNTED(nfp_near_result, num_windows)),
};
static const struct nfp_field vf_near_fields[] = {NEAR_FIELDS(J | END)};

/* ---- a style ---- */

static const struct nfp_field style_fields[] = {
	FIELD(ENUM, nfp_style_result, "style", style, J | B | R | S | M | ENTRY, NAMES(style)),
	FIELD(TEXT, nfp_style_result, "from", from.name, J | B | R | S | M | ENTRY, NULLS),
	FIELD(ENUM, nfp_style_result, "source", from.source, J | B | R | S | M | ENTRY,
	      NFP_KNOWN(nfp_style_result, from.known), NAMES(source)),
	FIELD(ENUM, nfp_style_result, "source_by", from.by, J,
	      NFP_KNOWN(nfp_style_result, from.known), NAMES(source_by)),
	FIELD(TEXT, nfp_style_result, "source_note", from.note, J | R, NULLS),
	FIELD(TEXT, nfp_style_result, "via", via, J | R | S, .unknown = NFP_ABSENT),
	FIELD(MAC, nfp_style_result, "address", address, J | R, NULLS),
	FIELD(ENUM, nfp_style_result, "verdict", verdict, J | B | R | S | M | END | ENTRY,
	      NAMES(verdict)),
	FIELD(BOOL, nfp_style_result, "allowed", allowed, J | B | S | END | ENTRY),
	FIELD(BOOL, nfp_style_result, "remedy", remedy, J | B | R | END,
	      NFP_GIVEN(nfp_style_result, remedy)),
	FIELD(ENUM, nfp_style_result, "claim", claim, J | S | END, NULLS, NAMES(claim)),
	FIELD(ENUM, nfp_style_result, "release", release, J | S | END, NULLS, NAMES(release)),
	FIELD(ENUM, nfp_style_result, "delivery", delivery, J | S | END, NULLS, NAMES(delivery)),
	FIELD(BITS, nfp_style_result, "requires", requires, J | S | END, NAMES(requires)),
	FIELD(TEXT, nfp_style_result, "reason", reason, J | R | S | M | END | ENTRY, NULLS),
	FIELD(ENUM, nfp_style_result, "transmit", transmit, J | L | S, NULLS, NAMES(transmit)),
	FIELD(TEXT, nfp_style_result, "transmit_note", transmit_note, J | L | S, NULLS),
	FIELD(ENUM, nfp_style_result, "multicast", multicast, J | B | L | S | END | ENTRY, NULLS,
	      NAMES(multicast)),
	FIELD(TEXT, nfp_style_result, "multicast_note", multicast_note, J | L | S | END, NULLS),
	FIELD(OBJECT, nfp_style_result, "neighbours", neighbours, J | L | S,
	      NFP_GIVEN(nfp_style_result, neighbours.verdict), TABLE(nfp_near_result, near_fields)),
	FIELD(ENUM, nfp_style_result, "bus_master_falls", bus_master_falls, J, NAMES(answer)),
	FIELD(ARRAY, nfp_style_result, "steps", steps, J | B | L | S, .table = &nfp_step_table,
	      NFP_COUNTED(nfp_style_result, num_steps)),
	FIELD(ARRAY, nfp_style_result, "transitions", transitions, J | B | S,
	      .table = &nfp_transition_table, NFP_COUNTED(nfp_style_result, num_transitions)),
	FIELD(POINTER, nfp_style_result, "repeats", repeats, J | B, NULLS,
	      TABLE(nfp_repeats, repeats_fields)),
	/* Only a judgement needs these; they are absent when false. */
	FIELD(BOOL, nfp_style_result, "stopped", stopped, J | L | S,
	      NFP_GIVEN(nfp_style_result, stopped)),
	FIELD(BOOL, nfp_style_result, "floods", floods, J | L | S,
	      NFP_GIVEN(nfp_style_result, floods)),
	FIELD(BOOL, nfp_style_result, "unregistered_announced", unregistered_announced, J | L | S,
	      NFP_GIVEN(nfp_style_result, unregistered_announced)),
	FIELD(BOOL, nfp_style_result, "second_back", second_back, J | L | S,
	      NFP_GIVEN(nfp_style_result, second_back)),
	FIELD(BOOL, nfp_style_result, "unannounced", unannounced, J | L | S,
	      NFP_GIVEN(nfp_style_result, unannounced)),
	FIELD(BOOL, nfp_style_result, "learns_nothing", learns_nothing, J | L | S,
	      NFP_GIVEN(nfp_style_result, learns_nothing)),
};
const struct nfp_table nfp_style_table = NFP_TABLE(nfp_style_result, style_fields);

/* ---- a VF ---- */

static const struct nfp_field proof_fields[] = {
	FIELD(ENUM, nfp_requirement, "requires", requires, J | END, NAMES(requires)),
	FIELD(TEXT, nfp_requirement, "proved_by", by, J | END, NULLS),
	FIELD(BOOL, nfp_requirement, "multicast_lost", multicast_lost, J | END,
	      NFP_GIVEN(nfp_requirement, multicast_lost)),
};

/* Verdicts of a style only. */
#define NOT_OF_A_VF (BIT(NFP_VERDICT_UNTESTABLE) | BIT(NFP_VERDICT_NOT_APPLICABLE))

static const struct nfp_field vf_fields[] = {
	FIELD(NUMBER, nfp_vf_result, "vf", vf, J | B | R | S | M | END, .max = NFP_VF_MAX - 1),
	FIELD(TEXT, nfp_vf_result, "parentdev", parentdev, J | R | S, NULLS),
	FIELD(TEXT, nfp_vf_result, "driver", driver, J | R | S | M, NULLS),
	FIELD(TEXT, nfp_vf_result, "driver_version", driver_version, J | R | S | M, NULLS),
	FIELD(MAC, nfp_vf_result, "address", address, J | R, NULLS),
	FIELD(NUMBER, nfp_vf_result, "vlan", vlan.vid, J | R | S | M, .max = VLAN_MAX),
	FIELD(NUMBER, nfp_vf_result, "probed_vlan", probed_vlan, J | R | S | M, .max = VLAN_MAX),
	FIELD(MAYBE, nfp_vf_result, "trust", trust, J | R | S | M, NULLS),
	FIELD(MAYBE, nfp_vf_result, "spoofchk", spoofchk, J | R | S | M, NULLS),
	FIELD(ENUM, nfp_vf_result, "status", status, J | R | M | END, NAMES(vf_status)),
	FIELD(LIST, nfp_vf_result, "styles", styles, J | B | R | S | M, .table = &nfp_style_table,
	      .max = NFP_STYLES_MAX, NFP_COUNTED(nfp_vf_result, num_styles)),
	FIELD(ENUM, nfp_vf_result, "verdict", verdict, J | END,
	      NFP_KNOWN(nfp_vf_result, num_styles), NAMES(verdict), .except = NOT_OF_A_VF),
	FIELD(BITS, nfp_vf_result, "requires", requires, J | END, NAMES(requires)),
	FIELD(ARRAY, nfp_vf_result, "proofs", proofs, J | END, TABLE(nfp_requirement, proof_fields),
	      NFP_COUNTED(nfp_vf_result, num_proofs)),
	FIELD(OBJECT, nfp_vf_result, "neighbours", neighbours, J | END,
	      NFP_GIVEN(nfp_vf_result, neighbours.verdict), TABLE(nfp_near_result, vf_near_fields)),
	FIELD(OBJECT, nfp_vf_result, "error", error, J | R | M | END,
	      NFP_KNOWN(nfp_vf_result, error.code), .table = &nfp_error_table),
};
const struct nfp_table nfp_vf_table = NFP_TABLE(nfp_vf_result, vf_fields);

/* ---- the run ---- */

static const struct nfp_field run_fields[] = {
	FIELD(BYTES, nfp_result, "id", id, J | R | M | BEGIN, NULLS),
	FIELD(TIME, nfp_result, "start", start_unix_ms, J | B | R | S | M | ENTRY, NULLS),
	FIELD(NUMBER, nfp_result, "monotonic_us", start_ns, J | R, US, .max = CLOCK_US),
	FIELD(NUMBER, nfp_result, "duration_ms", duration_ns, J | R | S | END, MS, .max = RUN_MS),
	FIELD(NUMBER, nfp_result, "settle_ms", settle_total_ns, J | R, MS, .max = RUN_MS),
	FIELD(TEXT, nfp_result, "host", hostname, J | R | S | M | BEGIN, NULLS),
	FIELD(TEXT, nfp_result, "kernel", kernel, J | B | R | S | M | BEGIN, NULLS),
};
const struct nfp_table nfp_run_table = NFP_TABLE(nfp_result, run_fields);

static const struct nfp_field settings_fields[] = {
	FIELD(TEXT, nfp_settings, "from", from, J | R | S | M | END, NULLS),
	FIELD(ENUM, nfp_settings, "source", source, J | B | R | S | M | END,
	      NFP_KNOWN(nfp_settings, have_source), NAMES(source)),
	FIELD(TEXT, nfp_settings, "source_note", source_note, J | R, NULLS),
	FIELD(NUMBER, nfp_settings, "vlan", vlan.vid, J | B | R | S | M, .max = VLAN_MAX),
	FIELD(NUMBER, nfp_settings, "vlan_proto", vlan.proto, R, .max = UINT16_MAX),
	FIELD(NUMBER, nfp_settings, "rate", rate, J | R | S, NULLS, .max = NFP_RATE_MAX),
	FIELD(NUMBER, nfp_settings, "settle_ms", settle_ns, J | R | S | M, MS, NULLS,
	      .max = RUN_MS),
	FIELD(BOOL, nfp_settings, "settle_short", settle_short, R),
	FIELD(NAMES, nfp_settings, "styles", styles, J | R, NAMES(style)),
	FIELD(NAMES, nfp_settings, "allow", allow, J | R, NAMES(verdict),
	      .except = BIT(NFP_VERDICT_INCONCLUSIVE) | BIT(NFP_VERDICT_NOT_APPLICABLE)),
	FIELD(BOOL, nfp_settings, "forced", forced, J | R),
	FIELD(BOOL, nfp_settings, "multicast", multicast, J | R),
	FIELD(NUMBER, nfp_settings, "repeat", repeat, J | R, .min = 1, .max = NFP_REPEAT_MAX),
	FIELD(NUMBER, nfp_settings, "gap_limit_ms", gap_limit_ms, J | R, NULLS,
	      .max = NFP_GAP_LIMIT_MAX),
	FIELD(BOOL, nfp_settings, "require_neighbours", require_neighbours, J | R,
	      NFP_GIVEN(nfp_settings, require_neighbours)),
};
const struct nfp_table nfp_settings_table = NFP_TABLE(nfp_settings, settings_fields);

static const struct nfp_field reflector_fields[] = {
	FIELD(MAC, nfp_result, "address", reflector, J | R),
};

/* ---- the comparison with a baseline ---- */

static const struct nfp_field difference_fields[] = {
	FIELD(NUMBER, nfp_difference, "vf", vf, J),
	FIELD(ENUM, nfp_difference, "style", style, J, NAMES(style)),
	FIELD(ENUM, nfp_difference, "source", of.source, J, NFP_KNOWN(nfp_difference, of.known),
	      NAMES(source)),
	FIELD(ENUM, nfp_difference, "compared", compared, J, NAMES(compared)),
	FIELD(ENUM, nfp_difference, "from", from, J, NULLS, NAMES(step)),
	FIELD(ENUM, nfp_difference, "to", to, J, NULLS, NAMES(step)),
	FIELD(TEXT, nfp_difference, "before", before, J, NULLS),
	FIELD(TEXT, nfp_difference, "now", now, J, NULLS),
	FIELD(ENUM, nfp_difference, "trend", trend, J, NAMES(trend)),
	FIELD(BOOL, nfp_difference, "counts", counts, J),
};

static const struct nfp_field baseline_fields[] = {
	FIELD(TEXT, nfp_comparison, "file", file, J, NULLS),
	FIELD(TEXT, nfp_comparison, "start", then.start, J, NULLS),
	FIELD(TEXT, nfp_comparison, "driver", then.driver, J, NULLS),
	FIELD(TEXT, nfp_comparison, "driver_version", then.driver_version, J, NULLS),
	FIELD(TEXT, nfp_comparison, "firmware", then.firmware, J, NULLS),
	FIELD(TEXT, nfp_comparison, "kernel", then.kernel, J, NULLS),
	FIELD(BOOL, nfp_comparison, "same", same, J),
	FIELD(TEXT, nfp_comparison, "not_compared", not_compared, J, NULLS),
	FIELD(BOOL, nfp_comparison, "worse", worse, J),
	FIELD(LIST, nfp_comparison, "differences", v, J, TABLE(nfp_difference, difference_fields),
	      NFP_COUNTED(nfp_comparison, n)),
};

/* ---- the whole ---- */

static const struct nfp_field result_fields[] = {
	NFP_PART("run", J | B | R | S | M, .table = &nfp_run_table),
	FIELD(OBJECT, nfp_result, "pf", pf, J | B | R | S | M, .table = &nfp_pf_table),
	FIELD(OBJECT, nfp_result, "settings", settings, J | B | R | S | M,
	      .table = &nfp_settings_table),
	NFP_PART("reflector", J | R, NFP_GIVEN(nfp_result, reflector),
		 TABLE(nfp_result, reflector_fields)),
	FIELD(LIST, nfp_result, "vfs", vfs, J | B | R | S | M | END, .table = &nfp_vf_table,
	      .max = NFP_VF_MAX, NFP_COUNTED(nfp_result, num_vfs)),
	FIELD(POINTER, nfp_result, "baseline", comparison, J | END, .unknown = NFP_ABSENT,
	      TABLE(nfp_comparison, baseline_fields), .as = J),
	FIELD(ENUM, nfp_result, "verdict", verdict, J | R | END,
	      NFP_KNOWN(nfp_result, have_verdict), NAMES(verdict), .except = NOT_OF_A_VF),
	FIELD(NUMBER, nfp_result, "exit", exit_status, J | R | END, .max = UINT8_MAX),
	FIELD(TEXTS, nfp_result, "warnings", warnings, J | R),
	FIELD(TEXTS, nfp_result, "changes_seen", changes_seen, J | R | END),
	FIELD(TEXTS, nfp_result, "left_behind", left_behind, J | R | END),
	FIELD(BOOL, nfp_result, "restored", restored, J | R | M | END),
	FIELD(BOOL, nfp_result, "changed_host", changed_host, R),
	FIELD(OBJECT, nfp_result, "error", error, J | R | M | END,
	      NFP_GIVEN(nfp_result, error.code), .table = &nfp_error_table),
};
const struct nfp_table nfp_result_table = NFP_TABLE(nfp_result, result_fields);
