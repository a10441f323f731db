// SPDX-License-Identifier: GPL-2.0-or-later
/* names.c - a table of names for each enumeration of a result. */
#include "verdict/result.h"

const struct nfp_names nfp_style_names = NFP_NAMES("macvtap", "bridge", "bridge+pin", "bridge+fdb",
						   "bridge+fdb+pin", "static-bridge", "vf-bridge",
						   "vf-bridge+pin");
const struct nfp_names nfp_source_names = NFP_NAMES("wire", "vf", "pf");
const struct nfp_names nfp_source_by_names = NFP_NAMES("netdev", "peer", "arp", "arp-alone", "vf",
						       "pf");
const struct nfp_names nfp_step_names =
	NFP_NAMES("control", "standby", "assign", "attach", "up", "alone", "unplug", "detach",
		  "clear", "vf-first", "vf-first-up", "vf-first-rewritten", "vf-first-unplug",
		  "vf-first-back", "vf-first-clear");

/* The columns' headings are those of nfp_life_columns. */
const char *nfp_step_place(enum nfp_step step)
{
	static const char boots[] = "at \"boots\"", up[] = "at \"VF up\"",
			  unplug[] = "at \"unplug\"", clear[] = "at \"clear\"";
	static const char *const places[NFP_STEP_COUNT] = {
		[NFP_STEP_CONTROL] = "before the standby is there",
		[NFP_STEP_STANDBY] = "before it gets a VF",
		[NFP_STEP_ASSIGN] = boots,
		[NFP_STEP_ATTACH] = boots,
		[NFP_STEP_UP] = up,
		[NFP_STEP_ALONE] = up,
		[NFP_STEP_UNPLUG] = unplug,
		[NFP_STEP_DETACH] = "at \"reset\"",
		[NFP_STEP_CLEAR] = clear,
		[NFP_STEP_VF_FIRST] = "at \"reboot\"",
		[NFP_STEP_VF_FIRST_UP] = up,
		[NFP_STEP_VF_FIRST_REWRITTEN] = up,
		[NFP_STEP_VF_FIRST_UNPLUG] = unplug,
		[NFP_STEP_VF_FIRST_BACK] = up,
		[NFP_STEP_VF_FIRST_CLEAR] = clear,
	};

	return step < NFP_STEP_COUNT ? places[step] : "";
}

const struct nfp_names nfp_landing_names = NFP_NAMES("none", "pf", "vf", "both", "nowhere",
						     "mixed");
const struct nfp_names nfp_check_state_names = NFP_NAMES(NULL, "untested", "unproven", "ok",
							 "lost");
const struct nfp_names nfp_status_names = NFP_NAMES("skipped", "done", "refused");
const struct nfp_names nfp_claim_names = NFP_NAMES(NULL, "assign", "assign-until-reset", "up",
						   "never");
const struct nfp_names nfp_release_names = NFP_NAMES(NULL, "unplug", "detach", "clear", "never");
const struct nfp_names nfp_delivery_names = NFP_NAMES(NULL, "vf", "both");
const struct nfp_names nfp_verdict_names = NFP_NAMES(NULL, "early", "refused", "deaf", "sticky",
						     "slow", "unknown", "safe", "not-applicable");
const struct nfp_names nfp_requires_names = NFP_NAMES(
	"use-macvtap-standby", "use-bridge-standby", "add-filter-entry", "keep-bridge-static",
	"use-second-vf", "pin-at-tap", "assign-at-hotplug", "assign-before-standby",
	"release-standby-when-up", "detach-before-migration", "clear-at-unplug", "do-not-use");

const struct nfp_names nfp_settle_source_names = NFP_NAMES("default", "option", "drivers", "slow");

const struct nfp_names nfp_answer_names = NFP_NAMES(NULL, "no", "yes", "unknown");
const struct nfp_names nfp_vf_status_names = NFP_NAMES(NULL, "probed", "in-use", "failed");
const struct nfp_names nfp_check_names = NFP_NAMES(NULL, "steps", "requirements", "vlan", "limit",
						   "others", "ipv6", "bridge", "wire", "host",
						   "lag");
const struct nfp_names nfp_fix_names = NFP_NAMES(NULL, NULL, "pin", "fdb", "fdb+pin", "static",
						 NULL, "pin");
/* In the order of enum nfp_reason. */
const struct nfp_names nfp_reason_names = NFP_NAMES(
	NULL, "standby-untestable", "standby-no-broadcast", "standby-deaf", "standby-mixed",
	"drops", "carrier-lost", "changed", "address-elsewhere", "promiscuous", "stopped",
	"claimed", "address-refused", "step-skipped", "step-refused", "step-mixed", "step-unproven",
	"step-outage", "group-unproven", "step-no-broadcast", "vf-broadcast-unshown",
	"deaf-while-held", "deaf", "vf-silent", "sticky", "claimed-multicast", "deaf-multicast",
	"sticky-multicast", "unspoken", "safe", "safe-both");
