// SPDX-License-Identifier: GPL-2.0-or-later
/* The first line of a result, and what a guest gets in each part of its life. */
#include <errno.h>

#include "harness.h"
#include "../../src/report/report_priv.h"
#include "nfprobe/verdict.h"
#include "unit/sample_result.h"

/* ---- ladders as rows ---- */

/*
 * A step as a letter. Where unicast lands: P, V, B (both), - (nowhere), m (some arrive), n (nothing
 * arrives at all). Of a step that was not made: r (refused, since the PF has the address), e
 * (refused for another reason), l (left out, as it may be), . (skipped), s (absent).
 */
static void set_step(struct nfp_style_result *style, enum nfp_step step, char letter)
{
	static const struct {
		char letter;
		enum nfp_landing landing;
	} landings[] = {{'P', SAMPLE_P}, {'V', SAMPLE_V}, {'B', SAMPLE_B},
			{'-', SAMPLE_N}, {'n', SAMPLE_N}, {'m', NFP_LANDING_MIXED}};
	bool up = step == NFP_STEP_UP || step == NFP_STEP_ALONE || step == NFP_STEP_VF_FIRST_UP;
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
	*s = (struct nfp_step_result) {.step = step, .skip_allowed = letter == 'l'};
	if (letter == 'r' || letter == 'e') {
		s->status = NFP_STATUS_REFUSED;
		s->errnum = letter == 'r' ? EEXIST : EPERM;
	}
}

static struct nfp_style_result *add(struct nfp_result *result, enum nfp_style which,
				    const char *row)
{
	struct nfp_style_result *style = nfp_vf_add_style(&result->vf, NULL);

	assert_int_equal(strlen(row), row[0] ? NFP_STEP_COUNT : 0);
	*style = (struct nfp_style_result) {
		.style = which,
		.verdict = NFP_VERDICT_INCONCLUSIVE,
		.from = {.known = true, .by = NFP_BY_NETDEV, .name = "eth1"},
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

/* control standby assign attach driver up alone down unplug detach clear reassign vf-first -up
 * -unplug */
#define SAFE	"-PPPPVsPPPPPPVP"
#define BOTH	"PPPPPBsPPPPPPBP"
#define EARLY	"PP---Vs---P--V-"
#define STICKY	"-PPPPVs--PPPPVP"
#define DEAF	"-PPPP-VPPPPPPVP"
#define REFUSED "-Pr...s.....PVP"
#define SILENT	"-n....s........"

/* ---- life ---- */

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

static void stopped(struct nfp_style_result *style)
{
	style->stopped = true;
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
	step_of(style, NFP_STEP_UNPLUG)->landing[NFP_KIND_MULTICAST] = SAMPLE_N;
	step_of(style, NFP_STEP_VF_FIRST_UNPLUG)->landing[NFP_KIND_MULTICAST] = SAMPLE_N;
}

static void group_unproven(struct nfp_style_result *style)
{
	for (size_t i = 0; i < style->num_steps; i++)
		style->steps[i].landing[NFP_KIND_MULTICAST] = SAMPLE_N;
}

static void vf_silent(struct nfp_style_result *style)
{
	for (size_t i = 0; i < style->num_steps; i++) {
		struct nfp_step_result *step = &style->steps[i];

		for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
			step->count[kind].at[NFP_AT_VF] = 0;
			if (step->landing[kind] == SAMPLE_B)
				step->landing[kind] = SAMPLE_P;
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

static void slow_down(struct nfp_style_result *style)
{
	slow(style, NFP_STEP_DOWN, 700);
	slow(style, NFP_STEP_DRIVER, 600);
	slow(style, NFP_STEP_ASSIGN, 600);
}

/* Cells: l lost, r refused, s slow, ? unknown, o ok, - untested; the last is IPv6. */
static const struct {
	const char *name, *row, *cells;
	void (*with)(struct nfp_style_result *style);
	bool no_multicast;
} lives[] = {
	{"safe", SAFE, "oooooooo", NULL, false},
	{"both get frames", BOTH, "oooooooo", NULL, false},
	{"early", EARLY, "lollollo", NULL, false},
	{"sticky", STICKY, "oolooooo", NULL, false},
	{"sticky at the second address alone", "-PPPPVsPPPPPPV-", "oolooooo", NULL, false},
	{"deaf", DEAF, "oloooooo", NULL, false},
	{"deaf at the second address alone", "-PPPPVsPPPPPP-P", "oloooooo", NULL, false},
	{"cleared in vain", "-PPPPVs----llll", "oolll--o", NULL, false},
	{"no reset: assign stands for attach", "-P-l-Vs--lP--V-", "lollollo", NULL, false},
	{"no reset: unplug stands for detach", "-PPlPVsP-lPPPVP", "oolloooo", NULL, false},
	{"no reset, and no loss", "-PPlPVsPPlPPPVP", "oooooooo", NULL, false},
	{"a refused duplicate counts as attach", REFUSED, "roo---o?", NULL, false},
	{"another refusal of assign", "-Pe...s.....PVP", "?oo---o?", NULL, false},
	{"a refused step", "-PPPPVsPPPe.PVP", "oooor-o?", NULL, false},
	{"a mixed step", "-PPPPVsPmPPPPVP", "oo?oooo?", NULL, false},
	{"a step that never settled", SAFE, "ooo?ooo?", is_unsettled, false},
	{"no broadcast", "-PPPPVsPnPPPPVP", "oo?oooo?", NULL, false},
	{"the standby is not served", "--....s........", "????????", NULL, false},
	{"nothing arrives", SILENT, "????????", NULL, false},
	{"the standby was refused", "-e....s........", "????????", NULL, false},
	{"stopped before the standby", "-.....s........", "-------?", stopped, false},
	{"changed by another process", "-PPPPVsP-......", "oo?----?", is_changed, false},
	{"lost carrier", STICKY, "oo?oooo?", lost_carrier, false},
	{"drops", STICKY, "oo?oooo?", dropped, false},
	{"stopped", "-PPPPVsP-......", "oo?----?", stopped, false},
	{"left promiscuous", STICKY, "oo?oooo?", left_promiscuous, false},
	{"the VF is silent", "-PPPP--PPPPPP-P", "o?ooooo?", vf_silent, false},
	{"nobody spoke", "-PPPP--PPPPPP-P", "o?ooooo?", unspoken, false},
	{"groups are ignored, but for IPv6", SAFE, "oooooool", group_lost, false},
	{"IPv6 is unproven", SAFE, "ooooooo?", group_unproven, false},
	{"IPv6 was not tested", SAFE, "ooooooo-", NULL, true},
	{"slow", SAFE, "oosooooo", slow_unplug, false},
	{"slow in a step without a column", SAFE, "sssooooo", slow_down, false},
	{"not slow, since it is sticky", STICKY, "oolooooo", slow_down, false},
	{"not begun", "", "--------", NULL, false},
};

TEST(a_row_for_each_style)
{
	static const char letters[] = "lrs?o-";
	unsigned int wrong = 0;

	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		char cells[NFP_LIFE_COUNT + 1] = "";
		struct nfp_result result;
		struct nfp_life life;
		struct nfp_style_result *style;

		begin(&result);
		result.settings.gap_limit_ms = 500;
		result.settings.multicast = !lives[i].no_multicast;
		style = add(&result, NFP_STYLE_MACVTAP, lives[i].row);
		if (lives[i].with)
			lives[i].with(style);
		nfp_judge_result(&result);
		nfp_life_of(&result.vf.styles[0], 500, &life);
		for (size_t c = 0; c < NFP_LIFE_COUNT; c++)
			cells[c] = letters[life.cells[c]];
		if (strcmp(cells, lives[i].cells) != 0 && ++wrong)
			print_error("%s: %s, not %s (%s: %s)\n", lives[i].name, cells,
				    lives[i].cells, nfp_verdict_name(result.vf.styles[0].verdict),
				    result.vf.styles[0].reason);
		nfp_result_fini(&result);
	}
	assert_int_equal(wrong, 0);
}

TEST(every_cell_has_a_word)
{
	for (unsigned int cell = 0; cell < NFP_CELL_COUNT; cell++)
		assert_non_null(nfp_life_cell_names.v[cell]);
	assert_int_equal(nfp_life_cell_names.num, NFP_CELL_COUNT);
}

/* ---- the answer ---- */

#define MACVTAP NFP_STYLE_MACVTAP
#define BRIDGE	NFP_STYLE_BRIDGE

static void of(struct nfp_result *result, const char *macvtap, const char *bridge)
{
	add(result, MACVTAP, macvtap);
	add(result, BRIDGE, bridge);
}

#define ANSWER(name_, ...)                                                  \
	static void name_(struct nfp_result *result,                        \
			  struct nfp_vf_result *vf __attribute__((unused))) \
	{                                                                   \
		__VA_ARGS__;                                                \
	}
#define STYLE(i) (&result->vf.styles[i])

ANSWER(both_safe, of(result, SAFE, SAFE))
ANSWER(one_safe, of(result, SAFE, EARLY))
ANSWER(other_safe, of(result, REFUSED, SAFE))
ANSWER(one_sticky, of(result, SAFE, STICKY))
ANSWER(both_early, of(result, EARLY, EARLY))
ANSWER(two_faults, of(result, STICKY, EARLY))
ANSWER(remedy, of(result, SAFE, EARLY); add(result, NFP_STYLE_BRIDGE_FDB, SAFE)->remedy = true)
ANSWER(remedy_asked, add(result, NFP_STYLE_BRIDGE_FDB, SAFE);
       add(result, NFP_STYLE_STATIC_BRIDGE, SAFE); add(result, NFP_STYLE_VF_BRIDGE, SAFE))
ANSWER(nothing, of(result, SILENT, SILENT))
ANSWER(nothing_at_one, of(result, SAFE, SILENT))
ANSWER(deaf_standby, of(result, SAFE, "--....s........"))
ANSWER(loss, of(result, SAFE, "-PPPPVsPmPPPPVP"))
ANSWER(unsettled, of(result, SAFE, SAFE); is_unsettled(STYLE(1)))
ANSWER(carrier, of(result, SAFE, SAFE); lost_carrier(STYLE(0)); lost_carrier(STYLE(1)))
ANSWER(drops, of(result, SAFE, SAFE); dropped(STYLE(1)))
ANSWER(skipped, of(result, SAFE, "-PPPPVsP.PPPPVP"))
ANSWER(step_refused, of(result, SAFE, "-PPPPVsPePPPPVP"))
ANSWER(no_broadcast, of(result, SAFE, "-PPPPVsPnPPPPVP"))
ANSWER(silent_vf, of(result, SAFE, "-PPPP--PPPPPP-P"); vf_silent(STYLE(1)))
ANSWER(nobody_spoke, of(result, SAFE, SAFE); unspoken(STYLE(1)))
ANSWER(promiscuous, of(result, SAFE, SAFE); left_promiscuous(STYLE(0)))
ANSWER(paused, of(result, SAFE, "-PPPPVsP-PPPPVP");
       for (size_t i = 0; i < STYLE(1)->num_steps; i++) STYLE(1)->steps[i].repeated = false)
ANSWER(changed, of(result, "-PPPPVsP-......", ""); is_changed(STYLE(0)); STYLE(1)->stopped = true;
       vf->status = NFP_VF_FAILED; nfp_err_set(&vf->error, 0, NFP_E_VF_CHANGED, "VF 3 was changed"))
ANSWER(changed_on, of(result, SAFE, SAFE); is_changed(STYLE(0)); is_changed(STYLE(1)))
ANSWER(failed, of(result, SAFE, ""); STYLE(1)->stopped = true; vf->status = NFP_VF_FAILED;
       nfp_err_set(&vf->error, 0, NFP_E_NO_DRIVER, "VF 3 has no driver"))
ANSWER(not_begun, of(result, SAFE, ""))
ANSWER(
	untestable, of(result, SAFE, "--....s........"); for (size_t i = 0; i < 2; i++) {
		STYLE(i)->from = (struct nfp_ladder_source) {
			.known = true, .source = NFP_SOURCE_VF, .by = NFP_BY_VF, .name = "vf:1"};
	})
ANSWER(from_pf, add(result, MACVTAP, SAFE)->from = (struct nfp_ladder_source) {
			.known = true, .source = NFP_SOURCE_PF, .by = NFP_BY_PF, .name = "pf"})
ANSWER(by_arp, of(result, SAFE, SAFE); STYLE(0)->from.by = STYLE(1)->from.by = NFP_BY_ARP)
ANSWER(no_ipv6, of(result, SAFE, SAFE); result->settings.multicast = false)
ANSWER(ipv6_unknown, of(result, SAFE, SAFE); group_unproven(STYLE(0)); group_unproven(STYLE(1)))
ANSWER(ipv6_lost, of(result, SAFE, SAFE); group_lost(STYLE(1)))
ANSWER(mute, of(result, SAFE, EARLY); STYLE(0)->transmit = NFP_TRANSMIT_DROPPED)
ANSWER(allowed, of(result, SAFE, EARLY); result->settings.allow[NFP_VERDICT_EARLY] = true)
ANSWER(too_slow, of(result, SAFE, SAFE); result->settings.gap_limit_ms = 500; slow_unplug(STYLE(1)))
ANSWER(port_of_bridge, of(result, "", SAFE); STYLE(0)->verdict = NFP_VERDICT_NOT_APPLICABLE;
       strcpy(result->pf.master, "br0"))
ANSWER(promiscuous_port, of(result, "", SAFE); STYLE(0)->verdict = NFP_VERDICT_NOT_APPLICABLE)
ANSWER(no_second_vf, add(result, MACVTAP, SAFE); add(result, NFP_STYLE_VF_BRIDGE, "");
       STYLE(1)->verdict = NFP_VERDICT_NOT_APPLICABLE)
ANSWER(interrupted, of(result, SAFE, EARLY); result->exit_status = 130;
       nfp_err_set(&result->error, 0, NFP_E_INTERRUPTED, "stopped by SIGINT"))
ANSWER(terminated, of(result, SAFE, EARLY); result->exit_status = 143;
       nfp_err_set(&result->error, 0, NFP_E_INTERRUPTED, "stopped by SIGTERM"))
ANSWER(timed_out, of(result, SAFE, EARLY);
       nfp_err_set(&result->error, 0, NFP_E_TIMEOUT, "the time is over"))
ANSWER(unrestored, of(result, SAFE, SAFE); result->restored = false;
       nfp_err_set(&result->error, 0, NFP_E_RESTORE, "VF 3 has another address"))
ANSWER(in_use, vf->status = NFP_VF_IN_USE; result->have_verdict = false;
       nfp_err_set(&vf->error, 0, NFP_E_VF_IN_USE, "VF 3 of eth0 is in use: qemu (pid 4711)");
       result->error = vf->error)
ANSWER(unreadable, result->have_vf = false; result->pf.ifname[0] = '\0';
       result->have_verdict = false;
       nfp_err_set(&result->error, 0, NFP_E_PERMISSION, "not permitted"))
ANSWER(unwritten, of(result, SAFE, EARLY);
       nfp_err_set(&result->error, 0, NFP_E_OUTPUT, "the disk is full"))
ANSWER(broken_off, of(result, SAFE, ""); result->have_verdict = false;
       nfp_err_set(&result->error, 0, NFP_E_NO_SOURCE, "eth1 is gone"))
ANSWER(long_name, of(result, SAFE, "-PPPPVsPmPPPPVP"); strcpy(result->pf.ifname, "enp129s0f0np0"))

static void with_neighbours(struct nfp_result *result, enum nfp_idle from, enum nfp_idle until)
{
	sample_neighbours(result, from, until);
	for (size_t i = 1; i < result->vf.num_styles; i++)
		STYLE(i)->neighbours = STYLE(0)->neighbours;
	result->settings.require_neighbours = true;
}

ANSWER(neighbours, of(result, SAFE, SAFE); with_neighbours(result, NFP_IDLE_RESET, NFP_IDLE_CLEAR))
ANSWER(some_neighbours, of(result, SAFE, EARLY);
       with_neighbours(result, NFP_IDLE_UNPLUG, NFP_IDLE_CLEAR))
ANSWER(neighbours_unknown, of(result, SAFE, SAFE);
       with_neighbours(result, NFP_IDLE_RESET, NFP_IDLE_CLEAR);
       STYLE(1)->neighbours = (struct nfp_near_result) {.verdict = NFP_NEAR_UNTESTED,
							.note = "not asked"})
ANSWER(not_required, of(result, SAFE, SAFE);
       with_neighbours(result, NFP_IDLE_RESET, NFP_IDLE_CLEAR);
       result->settings.require_neighbours = false)

static const struct {
	void (*make)(struct nfp_result *result, struct nfp_vf_result *vf);
	const char *answer;
} answers[] = {
	{both_safe, "eth0 VF 3 (igb): SAFE with macvtap and with a bridge."},
	{one_safe, "eth0 VF 3 (igb): SAFE with macvtap, NOT SAFE with a bridge (EARLY)."},
	{other_safe, "eth0 VF 3 (igb): SAFE with a bridge, NOT SAFE with macvtap (REFUSED)."},
	{one_sticky, "eth0 VF 3 (igb): SAFE with macvtap, NOT SAFE with a bridge (STICKY)."},
	{both_early, "eth0 VF 3 (igb): NOT SAFE with macvtap and with a bridge (EARLY)."},
	{two_faults,
	 "eth0 VF 3 (igb): NOT SAFE with macvtap (STICKY), NOT SAFE with a bridge (EARLY)."},
	{remedy, "eth0 VF 3 (igb): SAFE with macvtap, NOT SAFE with a bridge (EARLY)."},
	{remedy_asked, "eth0 VF 3: SAFE with bridge+fdb, with a static bridge and with a bridge on "
		       "a second VF."},
	{nothing, "eth0 VF 3 (igb): UNKNOWN. Nothing from eth1 reached eth0, not even broadcast."},
	{nothing_at_one,
	 "eth0 VF 3: SAFE with macvtap, UNKNOWN with a bridge (nothing arrives even "
	 "without a VF)."},
	{deaf_standby, "eth0 VF 3: SAFE with macvtap, UNKNOWN with a bridge (deaf even without a "
		       "VF)."},
	{loss, "eth0 VF 3 (igb): SAFE with macvtap, UNKNOWN with a bridge (loss at unplug)."},
	{unsettled, "eth0 VF 3: SAFE with macvtap, UNKNOWN with a bridge (still changing at "
		    "detach)."},
	{carrier, "eth0 VF 3 (igb): UNKNOWN with macvtap and with a bridge (lost carrier)."},
	{drops, "eth0 VF 3: SAFE with macvtap, UNKNOWN with a bridge (the host dropped frames)."},
	{skipped, "eth0 VF 3 (igb): SAFE with macvtap, UNKNOWN with a bridge (skipped at unplug)."},
	{step_refused,
	 "eth0 VF 3 (igb): SAFE with macvtap, UNKNOWN with a bridge (refused at unplug)."},
	{no_broadcast, "eth0 VF 3: SAFE with macvtap, UNKNOWN with a bridge (no broadcast at "
		       "unplug)."},
	{silent_vf, "eth0 VF 3: SAFE with macvtap, UNKNOWN with a bridge (the VF gets nothing at "
		    "up)."},
	{nobody_spoke, "eth0 VF 3: SAFE with macvtap, UNKNOWN with a bridge (nothing was "
		       "announced)."},
	{promiscuous, "eth0 VF 3: SAFE with a bridge, UNKNOWN with macvtap (the PF is "
		      "promiscuous)."},
	{paused, "eth0 VF 3: SAFE with macvtap, UNKNOWN with a bridge (perhaps a pause of the "
		 "network at unplug)."},
	{changed, "eth0 VF 3 (igb): UNKNOWN. Another process changed VF 3, so the run stopped."},
	{changed_on, "eth0 VF 3 (igb): UNKNOWN. Another process changed the host during the run."},
	{failed, "eth0 VF 3 (igb): UNKNOWN (VF 3 has no driver)."},
	{not_begun, "eth0 VF 3 (igb): SAFE with macvtap, UNKNOWN with a bridge (not begun)."},
	{untestable, "eth0 VF 3: SAFE with macvtap, from VF 1 only, not the wire, UNKNOWN with a "
		     "bridge (vf:1 cannot show it)."},
	{from_pf, "eth0 VF 3 (igb): SAFE with macvtap, from the PF only, not the wire."},
	{by_arp, "eth0 VF 3 (igb): SAFE with macvtap and with a bridge, IPv6 not tested (ARP)."},
	{no_ipv6, "eth0 VF 3 (igb): SAFE with macvtap and with a bridge, IPv6 not tested."},
	{ipv6_unknown, "eth0 VF 3 (igb): SAFE with macvtap and with a bridge (IPv6 unknown)."},
	{ipv6_lost, "eth0 VF 3 (igb): SAFE with macvtap, NOT SAFE with a bridge (STICKY)."},
	{mute, "eth0 VF 3 (igb): SAFE with macvtap, but MUTE, NOT SAFE with a bridge (EARLY)."},
	{allowed, "eth0 VF 3 (igb): SAFE with macvtap, NOT SAFE with a bridge (EARLY, allowed)."},
	{too_slow, "eth0 VF 3: SAFE with macvtap, NOT SAFE with a bridge (SLOW: 1.20 s at unplug, "
		   "limit 500 ms)."},
	{port_of_bridge,
	 "eth0 VF 3 (igb): SAFE with a bridge, macvtap not tested (eth0 is a port of "
	 "br0)."},
	{promiscuous_port, "eth0 VF 3 (igb): SAFE with a bridge, macvtap not tested (eth0 is "
			   "promiscuous)."},
	{no_second_vf,
	 "eth0 VF 3: SAFE with macvtap, a bridge on a second VF not tested (no second "
	 "VF is idle)."},
	{interrupted, "eth0 VF 3 (igb): UNKNOWN. Stopped by Ctrl-C after 31 s."},
	{terminated, "eth0 VF 3 (igb): UNKNOWN. Stopped by SIGTERM after 31 s."},
	{timed_out, "eth0 VF 3 (igb): UNKNOWN. Stopped by --timeout after 31 s."},
	{unrestored, "eth0 VF 3 (igb): NOT RESTORED. SAFE with macvtap and with a bridge."},
	{in_use, "eth0 VF 3 (igb): NOT PROBED (VF 3 of eth0 is in use: qemu (pid 4711))."},
	{unreadable, "NOT PROBED (not permitted)."},
	{unwritten, "eth0 VF 3 (igb): SAFE with macvtap, NOT SAFE with a bridge (EARLY)."},
	{broken_off, "eth0 VF 3 (igb): UNKNOWN (eth1 is gone)."},
	{long_name, "enp129s0f0np0 VF 3: SAFE with macvtap, UNKNOWN with a bridge (loss at "
		    "unplug)."},
	{neighbours,
	 "eth0 VF 3 (igb): NOT SAFE. Neighbours cannot reach a departed guest (EARLY)."},
	{some_neighbours, "eth0 VF 3: NOT SAFE with macvtap (STICKY, neighbours), NOT SAFE with a "
			  "bridge (EARLY)."},
	{neighbours_unknown, "eth0 VF 3: NOT SAFE with macvtap (EARLY, neighbours), UNKNOWN with a "
			     "bridge (neighbours not shown)."},
	{not_required, "eth0 VF 3 (igb): SAFE with macvtap and with a bridge."},
};

TEST(one_line_for_each_result)
{
	unsigned int wrong = 0;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct nfp_result result;
		struct nfp_words answer;

		begin(&result);
		answers[i].make(&result, &result.vf);
		nfp_judge_result(&result);
		answer = nfp_answer(&result);
		if (strcmp(answer.text, answers[i].answer) != 0) {
			print_error("\"%s\"\nnot \"%s\"\n", answer.text, answers[i].answer);
			wrong++;
		}
		assert_null(strchr(answer.text, '\n'));
		nfp_result_fini(&result);
	}
	assert_int_equal(wrong, 0);
}

TEST_MAIN()
