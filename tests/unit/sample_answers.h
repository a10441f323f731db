/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_answers.h - a result for each answer, made of ladders that are written as rows of letters,
 * and judged by the program's own rules.
 */
#ifndef TESTS_SAMPLE_ANSWERS_H
#define TESTS_SAMPLE_ANSWERS_H

#include <errno.h>

#include "harness.h"
#include "verdict/verdict.h"
#include "unit/sample_result.h"

/* ---- ladders as rows ---- */

/*
 * A step as a letter. Where unicast lands: P, V, B (both), - (nowhere), m (some arrive), n (nothing
 * arrives at all). A step that was not made: r (refused, since the PF has the address), e (refused
 * for another reason), l (left out, as it may be), . (skipped), s (absent).
 */
static void set_step(struct nfp_style_result *style, enum nfp_step step, char letter)
{
	static const struct {
		char letter;
		enum nfp_landing landing;
	} landings[] = {{'P', SAMPLE_P}, {'V', SAMPLE_V}, {'B', SAMPLE_B},
			{'-', SAMPLE_N}, {'n', SAMPLE_N}, {'m', NFP_LANDING_MIXED}};
	bool up = step == NFP_STEP_UP || step == NFP_STEP_ALONE || step == NFP_STEP_VF_FIRST_UP ||
		  step == NFP_STEP_VF_FIRST_REWRITTEN || step == NFP_STEP_VF_FIRST_BACK;
	enum nfp_landing broadcast = letter == 'n' ? SAMPLE_N : up ? SAMPLE_B : SAMPLE_P;
	struct nfp_step_result *s;

	if (letter == 's')
		return;
	for (size_t i = 0; i < sizeof(landings) / sizeof(landings[0]); i++) {
		if (landings[i].letter == letter) {
			sample_step(style, step, landings[i].landing, broadcast);
			return;
		}
	}
	s = &style->steps[style->num_steps++];
	*s = (struct nfp_step_result) {.step = step, .w.skip_allowed = letter == 'l'};
	if (letter == 'r' || letter == 'e') {
		s->w.status = NFP_STATUS_REFUSED;
		s->errnum = letter == 'r' ? EEXIST : EPERM;
	}
}

static struct nfp_style_result *add(struct nfp_result *result, enum nfp_style which,
				    const char *row)
{
	struct nfp_style_result *style = nfp_vf_add_style(&result->vf);

	assert_int_equal(strlen(row), row[0] ? NFP_STEP_COUNT : 0);
	*style = (struct nfp_style_result) {
		.reflections = SAMPLE_NOT_BACK,
		.style = which,
		.verdict = NFP_VERDICT_UNKNOWN,
		.from = {.known = true, .by = NFP_SOURCE_NETDEV, .name = "eth1"},
	};
	for (enum nfp_step step = 0; row[0] && step < NFP_STEP_COUNT; step++)
		set_step(style, step, row[step]);
	sample_recurs(style);
	return style;
}

static struct nfp_step_result *step_of(struct nfp_style_result *style, enum nfp_step step)
{
	return (struct nfp_step_result *)(uintptr_t)nfp_style_step(style, step);
}

static void begin(struct nfp_result *result)
{
	sample_head(result);
	result->have_vf = true;
	sample_vf(&result->vf, 3);
	result->settings.styles[NFP_STYLE_MACVTAP] = false;
	result->settings.styles[NFP_STYLE_BRIDGE] = false;
	result->have_verdict = true;
	result->duration_ns = 31 * NFP_NSEC_PER_SEC;
}

/* control standby assign attach up alone unplug detach clear vf-first -up -rewritten -unplug
 * -back -clear */
#define SAFE	"-PPPVsPPPPVVPVP"
#define BOTH	"PPPPBsPPPPBBPBP"
#define EARLY	"PP--Vs--P-VV-VP"
#define STICKY	"-PPPVs-PPPVV-VP"
#define DEAF	"-PPP-VPPPP--P-P"
#define REFUSED "-Pr..s...PVVPVP"
#define SILENT	"-n...s........."

/* ---- what may happen to them ---- */

static void is_changed(struct nfp_style_result *style)
{
	step_of(style, NFP_STEP_UNPLUG)->changed = true;
	style->stopped = true;
}

static void lost_carrier(struct nfp_style_result *style)
{
	step_of(style, NFP_STEP_UP)->carrier_lost = true;
}

static void dropped(struct nfp_style_result *style)
{
	step_of(style, NFP_STEP_UP)->drops = 3;
}

static void left_promiscuous(struct nfp_style_result *style)
{
	step_of(style, NFP_STEP_CONTROL)->promiscuous = true;
}

static void is_unsettled(struct nfp_style_result *style)
{
	step_of(style, NFP_STEP_DETACH)->unsettled = true;
}

static void group_lost(struct nfp_style_result *style)
{
	step_of(style, NFP_STEP_UNPLUG)->w.landing[NFP_KIND_MULTICAST] = SAMPLE_N;
	step_of(style, NFP_STEP_VF_FIRST_UNPLUG)->w.landing[NFP_KIND_MULTICAST] = SAMPLE_N;
}

static void group_unproven(struct nfp_style_result *style)
{
	for (size_t i = 0; i < style->num_steps; i++)
		style->steps[i].w.landing[NFP_KIND_MULTICAST] = SAMPLE_N;
}

static void vf_silent(struct nfp_style_result *style)
{
	for (size_t i = 0; i < style->num_steps; i++) {
		struct nfp_step_result *step = &style->steps[i];

		for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
			step->w.count[kind].at[NFP_AT_VF] = 0;
			if (step->w.landing[kind] == SAMPLE_B)
				step->w.landing[kind] = SAMPLE_P;
		}
	}
}

static void unspoken(struct nfp_style_result *style)
{
	style->unannounced = true;
}

static void slow(struct nfp_style_result *style, enum nfp_step to, int64_t ms)
{
	style->transitions[style->num_transitions++] = (struct nfp_transition) {
		.from = to - 1, .to = to, .unicast = {.gap = {true, 1000 * ms, 1000}}};
}

static void slow_unplug(struct nfp_style_result *style)
{
	slow(style, NFP_STEP_UNPLUG, 1200);
	slow(style, NFP_STEP_VF_FIRST, 3000); /* there is no guest yet */
	slow(style, NFP_STEP_UP, 500);	      /* not certainly */
}

/* ---- the answers ---- */

#define VIA_MACVTAP NFP_STYLE_MACVTAP
#define BRIDGE	    NFP_STYLE_BRIDGE

static void of(struct nfp_result *result, const char *macvtap, const char *bridge)
{
	add(result, VIA_MACVTAP, macvtap);
	add(result, BRIDGE, bridge);
}

#define ANSWER(name_, ...)                                                  \
	static void name_(struct nfp_result *result,                        \
			  struct nfp_vf_result *vf __attribute__((unused))) \
	{                                                                   \
		__VA_ARGS__;                                                \
	}
#define STYLE(i) (&result->vf.styles[i])

/* Asks for both styles, without --skip fix. */
static void asked(struct nfp_result *result)
{
	result->settings.styles[VIA_MACVTAP] = result->settings.styles[BRIDGE] = true;
	result->settings.try_fixes = true;
}

ANSWER(both_safe, of(result, SAFE, SAFE))
ANSWER(one_safe, of(result, SAFE, EARLY))
ANSWER(other_safe, of(result, REFUSED, SAFE))
ANSWER(one_sticky, of(result, SAFE, STICKY))
ANSWER(both_early, of(result, EARLY, EARLY))
ANSWER(two_faults, of(result, STICKY, EARLY))
ANSWER(fix, of(result, SAFE, EARLY); add(result, NFP_STYLE_BRIDGE_FDB, SAFE)->is_fix = true)
ANSWER(fix_lacks_ipv6, of(result, SAFE, EARLY); group_lost(STYLE(1));
       group_lost(add(result, NFP_STYLE_BRIDGE_FDB, SAFE)); STYLE(2)->is_fix = true)
ANSWER(fix_in_vain, of(result, SAFE, STICKY);
       add(result, NFP_STYLE_BRIDGE_FDB, STICKY)->is_fix = true)
ANSWER(fix_untried, of(result, SAFE, EARLY); asked(result))
ANSWER(fix_untried_if_hopeless, of(result, SAFE, "PP--Vs----VV-V-"); asked(result))
ANSWER(fix_untried_in_vlan, of(result, SAFE, EARLY); asked(result); result->settings.vlan.vid = 100)
ANSWER(static_untried, of(result, SAFE, EARLY); asked(result);
       add(result, NFP_STYLE_BRIDGE_FDB, EARLY)->is_fix = true)
ANSWER(fix_asked, add(result, NFP_STYLE_BRIDGE_FDB, SAFE);
       add(result, NFP_STYLE_STATIC_BRIDGE, SAFE); add(result, NFP_STYLE_VF_BRIDGE, SAFE))
ANSWER(nothing, of(result, SILENT, SILENT))
ANSWER(nothing_at_one, of(result, SAFE, SILENT))
ANSWER(deaf_standby, of(result, SAFE, "--...s........."))
ANSWER(loss, of(result, SAFE, "-PPPVsmPPPVVPVP"))
ANSWER(unsettled, of(result, SAFE, SAFE); is_unsettled(STYLE(1)))
ANSWER(carrier, of(result, SAFE, SAFE); lost_carrier(STYLE(0)); lost_carrier(STYLE(1)))
ANSWER(drops, of(result, SAFE, SAFE); dropped(STYLE(1)))
ANSWER(skipped, of(result, SAFE, "-PPPVs.PPPVVPVP"))
ANSWER(step_refused, of(result, SAFE, "-PPPVsePPPVVPVP"))
ANSWER(no_broadcast, of(result, SAFE, "-PPPVsnPPPVVPVP"))
ANSWER(silent_vf, of(result, SAFE, "-PPP--PPPP--P-P"); vf_silent(STYLE(1)))
ANSWER(nobody_spoke, of(result, SAFE, SAFE); unspoken(STYLE(1)))
ANSWER(elsewhere, of(result, SAFE, SAFE);
       STYLE(0)->address_in_use = STYLE(1)->address_in_use = true)
ANSWER(promiscuous, of(result, SAFE, SAFE); left_promiscuous(STYLE(0)))
ANSWER(paused, of(result, SAFE, "-PPPVs-PPPVVPVP"))
ANSWER(changed, of(result, "-PPPVs-........", ""); is_changed(STYLE(0)); STYLE(1)->stopped = true;
       vf->status = NFP_VF_FAILED; nfp_err_set(&vf->error, 0, NFP_E_VF_CHANGED, "VF 3 was changed");
       vf->address_after = (struct nfp_mac) {{0x52, 0x54, 0, 0xaa, 0xbb, 0x66}})
ANSWER(changed_once, of(result, "-PPPVs-........", ""); is_changed(STYLE(0));
       STYLE(1)->stopped = true;
       strcpy(STYLE(0)->steps[5].w.note, "another process has set the VLAN of VF 3");
       strcpy(STYLE(1)->reason, "not begun, because another process has changed the host");
       nfp_strv_addf(&result->changes_seen,
		     "VF 3, macvtap, unplug: another process has set the VLAN of VF 3");
       vf->address_after = vf->address)
ANSWER(changed_on, of(result, SAFE, SAFE); is_changed(STYLE(0)); is_changed(STYLE(1)))
ANSWER(failed, of(result, SAFE, ""); STYLE(1)->stopped = true; vf->status = NFP_VF_FAILED;
       nfp_err_set(&vf->error, 0, NFP_E_NO_DRIVER, "VF 3 has no driver"))
ANSWER(not_begun, of(result, SAFE, ""))
/* The frames came from inside the NIC; @named: --from said so. */
static inline void inside(struct nfp_result *result, enum nfp_source_id by, const char *name,
			  bool named)
{
	result->source = (struct nfp_ladder_source) {
		.known = true, .source = nfp_sources[by].enters, .by = by};
	strcpy(result->source.name, name);
	strcpy(result->settings.from, named ? name : "auto");
	for (size_t i = 0; i < result->vf.num_styles; i++)
		result->vf.styles[i].from = result->source;
}

ANSWER(untestable, of(result, SAFE, "--...s........."); inside(result, NFP_SOURCE_VF, "vf:1", true))
ANSWER(fallback, of(result, SAFE, SAFE); inside(result, NFP_SOURCE_VF, "vf:1", false))
ANSWER(fallback_ipv6, of(result, SAFE, SAFE); inside(result, NFP_SOURCE_VF, "vf:1", false);
       group_unproven(STYLE(0)); group_unproven(STYLE(1)))
ANSWER(fallback_early, of(result, SAFE, EARLY); inside(result, NFP_SOURCE_VF, "vf:1", false))
ANSWER(fallback_allowed, of(result, EARLY, EARLY); inside(result, NFP_SOURCE_VF, "vf:1", false);
       result->settings.allow[NFP_VERDICT_EARLY] = true)
ANSWER(from_vf, of(result, SAFE, SAFE); inside(result, NFP_SOURCE_VF, "vf:1", true))
static inline void in_lag(struct nfp_result *result, enum nfp_style style)
{
	struct nfp_style_result *added = add(result, style, "");
	struct nfp_criteria criteria;

	strcpy(result->pf.master, "bond9");
	strcpy(result->pf.master_kind, "bond");
	strcpy(result->pf.lag, "802.3ad");
	criteria = nfp_criteria_of(result, &result->vf);
	added->num_steps = 0;
	result->source.known = false;
	nfp_judge_lag(added, &criteria);
}
ANSWER(lag, in_lag(result, VIA_MACVTAP); in_lag(result, NFP_STYLE_BRIDGE))
ANSWER(lag_allowed, in_lag(result, VIA_MACVTAP);
       for (int i = 0; i <= NFP_VERDICT_SAFE; i++) result->settings.allow[i] = true)
static void not_possible(struct nfp_style_result *style, const char *why)
{
	snprintf(style->impossible_while, sizeof(style->impossible_while), "%s", why);
}

/* The PF is the active member; what stands there stands on the bond. */
static inline void in_bond(struct nfp_result *result)
{
	strcpy(result->pf.master, "bond9");
	strcpy(result->pf.master_kind, "bond");
	strcpy(result->pf.bond_mode, "active-backup");
}
ANSWER(bonded, of(result, SAFE, EARLY); in_bond(result))
static inline void in_silent_bond(struct nfp_result *result, const char *mode)
{
	in_bond(result);
	strcpy(result->pf.bond_mode, mode);
	result->pf.bond_backup = true;
	for (size_t i = 0; i < result->vf.num_styles; i++)
		result->vf.styles[i].pf_silent = true;
}
ANSWER(bonded_inactive, of(result, SAFE, EARLY); in_silent_bond(result, "active-backup"))
ANSWER(bonded_alb, of(result, SAFE, EARLY); in_silent_bond(result, "balance-alb"))
ANSWER(bonded_inside, of(result, SAFE, SAFE); inside(result, NFP_SOURCE_VF, "vf:1", false);
       in_silent_bond(result, "active-backup"))
ANSWER(bonded_unknown, of(result, "--...s.........", SAFE); in_silent_bond(result, "active-backup"))
ANSWER(bonded_port, of(result, "", SAFE); in_bond(result);
       result->pf.rx_handler.user = NFP_RX_BRIDGE; not_possible(STYLE(0), "bond9 is a port of br0");
       nfp_leave_out(STYLE(0), NFP_VERDICT_NOT_APPLICABLE, "eth0 is promiscuous already"))
ANSWER(no_wire, of(result, SAFE, SAFE); inside(result, NFP_SOURCE_VF, "vf:1", true);
       result->settings.allow_no_wire = true)
ANSWER(no_wire_early, of(result, SAFE, EARLY); inside(result, NFP_SOURCE_VF, "vf:1", true);
       result->settings.allow_no_wire = true)
ANSWER(no_cable, of(result, SAFE, SAFE); inside(result, NFP_SOURCE_VF, "vf:1", true);
       result->pf.no_carrier = true)
ANSWER(vepa_silent, of(result, SILENT, SILENT); inside(result, NFP_SOURCE_VF, "vf:1", false);
       result->pf.vepa = true)
ANSWER(no_cable_silent, of(result, SILENT, SILENT); inside(result, NFP_SOURCE_VF, "vf:1", true);
       result->pf.no_carrier = true)
ANSWER(vepa_untestable, of(result, SAFE, SILENT); inside(result, NFP_SOURCE_VF, "vf:1", true);
       result->pf.vepa = true; result->settings.allow_no_wire = true)
ANSWER(deaf_port, add(result, NFP_STYLE_VF_BRIDGE, "--...s........."))
ANSWER(from_pf, add(result, VIA_MACVTAP, SAFE); inside(result, NFP_SOURCE_PF, "pf", true))
ANSWER(by_arp, of(result, SAFE, SAFE); STYLE(0)->from.by = STYLE(1)->from.by = NFP_SOURCE_ARP)
ANSWER(no_ipv6, of(result, SAFE, SAFE); result->settings.multicast = false)
ANSWER(ipv6_unknown, of(result, SAFE, SAFE); group_unproven(STYLE(0)); group_unproven(STYLE(1)))
ANSWER(ipv6_lost, of(result, SAFE, SAFE); group_lost(STYLE(1)))
ANSWER(allowed, of(result, SAFE, EARLY); result->settings.allow[NFP_VERDICT_EARLY] = true)
ANSWER(allowed_deaf, of(result, SAFE, "PP------P-----P");
       result->settings.allow[NFP_VERDICT_EARLY] = true)
ANSWER(allowed_unknown, of(result, SAFE, "PP--ms--P-VV-VP");
       result->settings.allow[NFP_VERDICT_EARLY] = true)
ANSWER(too_slow, of(result, SAFE, SAFE); result->settings.gap_limit_ms = 500; slow_unplug(STYLE(1)))
ANSWER(unmeasured, of(result, SAFE, SAFE); result->settings.gap_limit_ms = 1200;
       slow_unplug(STYLE(1)))

/* Behind a bridge that learns, the PF gets what the VF, or the standby, broadcasts. */
static void hears(struct nfp_style_result *style, enum nfp_receiver from)
{
	style->reflections[from] = (struct nfp_reflection) {.sent = 4, .back = 4};
}

ANSWER(hears_vf, of(result, SAFE, SAFE); hears(STYLE(1), NFP_AT_VF))
ANSWER(hears_vf_over_limit, of(result, SAFE, SAFE); hears(STYLE(1), NFP_AT_VF);
       result->settings.gap_limit_ms = 1000)
ANSWER(entry_and_requirements, add(result, NFP_STYLE_BRIDGE_FDB, STICKY))
ANSWER(hears_by_two, of(result, SAFE, SAFE); hears(STYLE(1), NFP_AT_VF);
       strcpy(result->pf.inner_port, "fwpr1p0"))
ANSWER(static_by_two, add(result, NFP_STYLE_STATIC_BRIDGE, SAFE);
       strcpy(result->pf.inner_port, "fwpr1p0"))
ANSWER(snooped, of(result, SAFE, SAFE); strcpy(result->pf.snooping, "br0"))
ANSWER(hears_itself, of(result, SAFE, SAFE); hears(STYLE(1), NFP_AT_PF); asked(result);
       nfp_vf_add_pinned(result, NFP_STYLE_BRIDGE_PIN, false))

/* Tests the guest's VLAN, which a macvtap gets once it is registered, or not even then. */
static struct nfp_guest_vlan_result *in_vlan(struct nfp_result *result, enum nfp_landing registered)
{
	add(result, VIA_MACVTAP, SAFE);
	sample_guest_vlan(result, registered);
	return &STYLE(0)->guest_vlan;
}

ANSWER(vlan_cured, in_vlan(result, NFP_LANDING_PF))
ANSWER(vlan_unfiltered, in_vlan(result, NFP_LANDING_NOWHERE)->can_unfilter = true)
ANSWER(vlan_swallowed, strcpy(in_vlan(result, NFP_LANDING_NOWHERE)->vlan_netdev, "eth0.100"))
ANSWER(vlan_untested,
       strcpy(in_vlan(result, NFP_LANDING_NOWHERE)->untested, "VF 3 has a VLAN from the PF (VST)"))
ANSWER(vlan_unproven, in_vlan(result, NFP_LANDING_NOWHERE);
       for (size_t i = 0; i < STYLE(0)->num_steps;
	    i++) for (enum nfp_kind kind = NFP_KIND_VLAN_UNICAST; kind < NFP_KIND_COUNT; kind++)
	       STYLE(0)
		       ->steps[i]
		       .w.landing[kind] = SAMPLE_N)

#define PORT_OF_BR0 (strcpy(result->pf.master, "br0"), "eth0 is a port of br0")

ANSWER(port_of_bridge, of(result, "", SAFE); not_possible(STYLE(0), PORT_OF_BR0);
       nfp_leave_out(STYLE(0), NFP_VERDICT_NOT_APPLICABLE, "eth0 is promiscuous already"))
ANSWER(not_possible_safe, of(result, SAFE, SAFE); not_possible(STYLE(0), PORT_OF_BR0))
ANSWER(not_possible_early, of(result, SAFE, EARLY); not_possible(STYLE(0), PORT_OF_BR0))
ANSWER(not_possible_bridge, of(result, SAFE, EARLY);
       not_possible(STYLE(1), "macvtap0 and 2 more are on eth0"))
ANSWER(not_possible_alone, add(result, VIA_MACVTAP, SAFE); not_possible(STYLE(0), PORT_OF_BR0))
ANSWER(not_possible_unsafe, add(result, BRIDGE, EARLY);
       not_possible(STYLE(0), "ipvl0 of network namespace red is on eth0"))
ANSWER(room_unknown, of(result, SAFE, SAFE);
       strcpy(result->pf.rx_handler.note, "not all network namespaces could be read"))
ANSWER(not_possible_stopped, of(result, SAFE, EARLY); not_possible(STYLE(0), PORT_OF_BR0);
       result->exit_status = 130;
       nfp_err_set(&result->error, 0, NFP_E_INTERRUPTED, "stopped by SIGINT"))
ANSWER(promiscuous_port, of(result, "", SAFE); STYLE(0)->verdict = NFP_VERDICT_NOT_APPLICABLE)
ANSWER(no_second_vf, add(result, VIA_MACVTAP, SAFE); add(result, NFP_STYLE_VF_BRIDGE, "");
       STYLE(1)->verdict = NFP_VERDICT_NOT_APPLICABLE)
ANSWER(interrupted, of(result, SAFE, EARLY); result->exit_status = 130;
       nfp_err_set(&result->error, 0, NFP_E_INTERRUPTED, "stopped by SIGINT"))
ANSWER(terminated, of(result, SAFE, EARLY); result->exit_status = 143;
       nfp_err_set(&result->error, 0, NFP_E_INTERRUPTED, "stopped by SIGTERM"))
ANSWER(timed_out, of(result, SAFE, EARLY);
       nfp_err_set(&result->error, 0, NFP_E_TIMEOUT, "the time is over"))
ANSWER(unrestored, of(result, SAFE, SAFE); result->restored = false;
       nfp_err_set(&result->error, 0, NFP_E_RESTORE,
		   "the host could not be put back as it was: VF 3 of eth0: its address was none "
		   "and is 02:5e:31:aa:07:10"))
ANSWER(left, of(result, SAFE, SAFE);
       nfp_command_add(nfp_hints_addf(&result->left_behind, "VF 3 of eth0: its netdev enp1s16f6: "
							    "MTU was 9000, is 1500"),
		       "ip link set enp1s16f6 mtu 9000");
       for (unsigned int i = 0; i < 6; i++)(void)
	       nfp_hints_addf(&result->left_behind, "VF 3 of eth0: its setting %u is lost", i))
ANSWER(in_use, vf->status = NFP_VF_IN_USE; result->have_verdict = false;
       nfp_err_set(&vf->error, 0, NFP_E_VF_IN_USE, "VF 3 of eth0 is in use: qemu (pid 4711)");
       result->error = vf->error)
ANSWER(unreadable, result->have_vf = false; result->pf.ifname[0] = '\0';
       result->have_verdict = false;
       nfp_err_set(&result->error, 0, NFP_E_PERMISSION, "not permitted"))
ANSWER(timed_out_early, vf->status = NFP_VF_FAILED; result->changed_host = true;
       nfp_err_set(&result->error, 0, NFP_E_TIMEOUT, "the time is over"); vf->error = result->error)
ANSWER(from_nobody, result->have_verdict = false; vf->status = NFP_VF_PROBED;
       nfp_err_set(&result->error, 0, NFP_E_NO_SOURCE, "there is no source of test frames"))
ANSWER(unwritten, of(result, SAFE, EARLY);
       nfp_err_set(&result->error, 0, NFP_E_OUTPUT, "the disk is full"))
ANSWER(broken_off, of(result, SAFE, ""); result->have_verdict = false;
       nfp_err_set(&result->error, 0, NFP_E_NO_SOURCE, "eth1 is gone"))
ANSWER(long_name, of(result, SAFE, "-PPPVsmPPPVVPVP"); strcpy(result->pf.ifname, "enp129s0f0np0"))

/* In answers.txt: the whole text; that at 45 columns; that without the table, whose cells are those
 * of another or of a row of test_answer.c; or only the answer, under which others say the same. */
enum shown_as {
	WHOLE,
	NARROW,
	UNDER,
	ALONE,
};

static const struct {
	const char *name;
	void (*make)(struct nfp_result *result, struct nfp_vf_result *vf);
	enum shown_as shown_as;
} answers[] = {
	{"both safe", both_safe, ALONE},
	{"one safe", one_safe, ALONE},
	{"other safe", other_safe, WHOLE},
	{"one sticky", one_sticky, ALONE},
	{"both early", both_early, UNDER},
	{"two faults", two_faults, UNDER},
	{"fix", fix, WHOLE},
	{"fix lacks ipv6", fix_lacks_ipv6, ALONE},
	{"fix in vain", fix_in_vain, UNDER},
	{"fix untried", fix_untried, ALONE},
	{"fix untried, hopeless", fix_untried_if_hopeless, UNDER},
	{"fix untried, VLANs", fix_untried_in_vlan, UNDER},
	{"static untried", static_untried, UNDER},
	{"fix asked", fix_asked, WHOLE},
	{"static by two", static_by_two, UNDER},
	{"nothing", nothing, UNDER},
	{"nothing at one", nothing_at_one, ALONE},
	{"deaf standby", deaf_standby, UNDER},
	{"loss", loss, UNDER},
	{"unsettled", unsettled, UNDER},
	{"carrier", carrier, UNDER},
	{"drops", drops, UNDER},
	{"skipped", skipped, UNDER},
	{"step refused", step_refused, UNDER},
	{"no broadcast", no_broadcast, UNDER},
	{"silent vf", silent_vf, UNDER},
	{"an address that another station has", elsewhere, UNDER},
	{"nobody spoke", nobody_spoke, UNDER},
	{"promiscuous", promiscuous, UNDER},
	{"paused", paused, UNDER},
	{"changed", changed, NARROW},
	{"changed once", changed_once, UNDER},
	{"changed on", changed_on, ALONE},
	{"failed", failed, UNDER},
	{"not begun", not_begun, ALONE},
	{"untestable", untestable, UNDER},
	{"fallback", fallback, ALONE},
	{"fallback, ipv6", fallback_ipv6, UNDER},
	{"fallback, early", fallback_early, ALONE},
	{"fallback, allowed", fallback_allowed, ALONE},
	{"from vf", from_vf, ALONE},
	{"lag", lag, UNDER},
	{"lag, all is allowed", lag_allowed, ALONE},
	{"the active member of a bond", bonded, UNDER},
	{"the same, under a bridge", bonded_port, UNDER},
	{"an inactive member", bonded_inactive, ALONE},
	{"an inactive member of balance-alb", bonded_alb, ALONE},
	{"an inactive member, from vf", bonded_inside, UNDER},
	{"an inactive member, behind a switch that does not flood", bonded_unknown, UNDER},
	{"from vf, by --allow no-wire", no_wire, ALONE},
	{"from vf, by --allow no-wire, one is not safe", no_wire_early, ALONE},
	{"no cable", no_cable, ALONE},
	{"no cable, and nothing arrives", no_cable_silent, UNDER},
	{"nothing arrives, and the switch is in VEPA", vepa_silent, UNDER},
	{"one standby hears no sibling, and the switch is in VEPA", vepa_untestable, UNDER},
	{"a second VF as the port is deaf", deaf_port, WHOLE},
	{"from pf", from_pf, ALONE},
	{"by arp", by_arp, ALONE},
	{"no ipv6", no_ipv6, ALONE},
	{"ipv6 unknown", ipv6_unknown, ALONE},
	{"ipv6 lost", ipv6_lost, UNDER},
	{"allowed", allowed, ALONE},
	{"allowed, and deaf", allowed_deaf, UNDER},
	{"allowed, and unknown", allowed_unknown, UNDER},
	{"too slow", too_slow, WHOLE},
	{"unmeasured", unmeasured, UNDER},
	{"a bridge that learns from the VF", hears_vf, WHOLE},
	{"the same, for longer than --gap-limit", hears_vf_over_limit, ALONE},
	{"an entry, and a guest that lets go of its VF", entry_and_requirements, UNDER},
	{"two bridges that learn from the VF", hears_by_two, UNDER},
	{"a bridge that snoops", snooped, WHOLE},
	{"a bridge that hears itself, which a pin fixes", hears_itself, UNDER},
	{"a VLAN that is to be registered", vlan_cured, WHOLE},
	{"a VLAN whose filter can be turned off", vlan_unfiltered, UNDER},
	{"a VLAN that a netdev takes", vlan_swallowed, UNDER},
	{"a VLAN that was not tested", vlan_untested, UNDER},
	{"a VLAN that the network does not bring", vlan_unproven, UNDER},
	{"port of bridge", port_of_bridge, UNDER},
	{"not possible, safe", not_possible_safe, ALONE},
	{"not possible, early", not_possible_early, UNDER},
	{"not possible, bridge", not_possible_bridge, WHOLE},
	{"not possible, alone", not_possible_alone, ALONE},
	{"not possible, unsafe", not_possible_unsafe, UNDER},
	{"room not known", room_unknown, UNDER},
	{"not possible, stopped", not_possible_stopped, ALONE},
	{"promiscuous port", promiscuous_port, ALONE},
	{"no second vf", no_second_vf, ALONE},
	{"interrupted", interrupted, UNDER},
	{"terminated", terminated, ALONE},
	{"timed out", timed_out, ALONE},
	{"unrestored", unrestored, UNDER},
	{"left", left, UNDER},
	{"in use", in_use, ALONE},
	{"unreadable", unreadable, ALONE},
	{"timed out before the first style", timed_out_early, UNDER},
	{"from nobody", from_nobody, UNDER},
	{"unwritten", unwritten, ALONE},
	{"broken off", broken_off, ALONE},
	{"long name", long_name, UNDER},
};

/* Makes a result; end it with nfp_result_fini(). */
static inline void sample_answer(struct nfp_result *result, size_t i)
{
	begin(result);
	answers[i].make(result, &result->vf);
	nfp_judge_result(result);
}

#endif
