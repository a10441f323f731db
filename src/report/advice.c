// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * advice.c - which row of a result is to be used, kept with a fix, avoided or probed again, by the
 * reason of its judgement; needs.c has what each of them then needs. Pure.
 *
 * Advice of one rank belongs together, under one head. The ranks are alternatives, the best first;
 * what is said beside them has `also`.
 */
#include "report_priv.h"

#include <string.h>

/* ---- a style of which nothing is known ---- */

void nfp_advise_wire(struct nfp_advising *m, const struct nfp_style_result *style)
{
	/* Nobody is asked from a member of a bond by which nothing is sent. */
	const bool asks = m->result->pf.no_carrier || !nfp_why_pf_silent(&m->result->pf);
	struct nfp_advice *a = nfp_advise_to(
		m, NFP_ADVISE_PROBE, style,
		asks ? "probe from the wire: a host by ARP, a reflector, or another port"
		     : "probe from the wire: another port of this host");

	nfp_command_add(&a->commands, "nfprobe %s --vf %u --from %s", m->pf, m->vf->vf,
			asks ? "arp:IP" : "NETDEV");
	nfp_advise_end(m, false, "%s", "");
}

/* More frames, or those of another source, show shorter outages. */
static void add_gap_options(struct nfp_commands *to, const struct nfp_style_result *style,
			    const struct nfp_settings *settings)
{
	unsigned int rate = settings->rate, most = nfp_sources[style->from.by].rate_max;

	nfp_command_more(to, "--gap-limit %u", settings->gap_limit_ms);
	if (rate < most)
		nfp_command_more(to, "--rate %u", rate < most / 4 ? 4 * rate : most);
	else
		nfp_command_more(to, "--from NETDEV");
}

void nfp_advise_command(const struct nfp_advising *m, struct nfp_commands *to)
{
	const struct nfp_settings *settings = &m->result->settings;

	nfp_command_add(to, "nfprobe %s --vf %u", m->pf, m->vf->vf);
	if (settings->vlan.vid)
		nfp_command_more(to, "--vlan %u", settings->vlan.vid);
	if (settings->guest_vlan)
		nfp_command_more(to, "--guest-vlan %u", settings->guest_vlan);
}

/* The first thing to do, and the options that the next run gets besides. */
void nfp_advise_again(struct nfp_advising *m, const struct nfp_style_result *style)
{
	const struct nfp_settings *settings = &m->result->settings;
	const struct nfp_judged j = style->judged;
	const struct nfp_step_result *step = nfp_style_step(style, j.step);
	const struct nfp_step_result *control = nfp_style_step(style, NFP_STEP_CONTROL);
	const bool gap = nfp_gap_inconclusive(style, settings);
	const struct nfp_inconclusive *inconclusive = nfp_inconclusive_of(style);
	const bool vepa = m->result->pf.vepa && nfp_is_inside(style) &&
			  j.why == NFP_WHY_STANDBY_NO_BROADCAST;
	bool taken = j.why == NFP_WHY_CHANGED || m->vf->error.code == NFP_E_VF_TAKEN ||
		     m->vf->error.code == NFP_E_VF_CHANGED ||
		     (!style->num_steps && m->result->changes_seen.n);
	struct nfp_words todo = {0};
	struct nfp_advice *a;

	/* The NIC does that, whatever the source. */
	if (j.why == NFP_WHY_STANDBY_WIRE && control &&
	    control->w.landing[NFP_KIND_UNICAST] == NFP_LANDING_PF) {
		nfp_advise_rank(m, NFP_ADVISE_AVOID, style, true,
				"Do not count on %s while another VF of %s is up",
				nfp_words_of(style)->with, m->pf);
		return;
	}
	if (taken)
		nfp_append(&todo, "",
			   "stop whoever has changed VF %u (libvirt, NetworkManager, a CNI plugin, "
			   "an operator of a cluster, a script), then",
			   m->vf->vf);
	else
		nfp_append(&todo, "", "%s",
			   gap			     ? "measure the outages by more frames"
			   : step && step->unsettled ? "give it more time"
			   : !style->num_steps	     ? "probe again"
			   : vepa ? "let the NIC's own switch pass what its functions send each "
				    "other, then"
			   : inconclusive->todo ? inconclusive->todo
						: "remove what prevented that, then");
	a = nfp_advise_to(m, NFP_ADVISE_PROBE, style, todo.text);
	if (vepa && !taken)
		nfp_command_add(&a->commands, "bridge link set dev %s hwmode veb", m->pf);
	nfp_advise_command(m, &a->commands);
	if (gap)
		add_gap_options(&a->commands, style, settings);
	/* The source that showed nothing is not another one. */
	else if (inconclusive->option.name && !taken && style->num_steps &&
		 !(strcmp(inconclusive->option.value, "arp") == 0 &&
		   style->from.by == NFP_SOURCE_ARP))
		nfp_command_more(&a->commands, "--%s %s", inconclusive->option.name,
				 inconclusive->option.value);
	nfp_advise_end(m, false, "%s", "");
}

/* ---- a style that is unsafe in the guest's VLAN alone ---- */

/* Where no registration helps, or one would harm others, there is the filter itself to turn off. */
static bool must_unfilter(const struct nfp_guest_vlan_result *g)
{
	return g->can_unfilter && g->filters != NFP_NO && g->from == NFP_STEP_STANDBY &&
	       (g->works_registered == NFP_NO ||
		(g->registered.status == NFP_STATUS_SKIPPED && g->registered.note[0]));
}

/* Is the VLAN's registration known to help, or likely to? */
static bool may_register(const struct nfp_style_result *style)
{
	const struct nfp_guest_vlan_result *g = &style->guest_vlan;

	return g->works_registered != NFP_NO &&
	       (g->from == NFP_STEP_STANDBY || nfp_vlan_filter_wakes(style));
}

static void probe_vlan(struct nfp_advising *m, const struct nfp_style_result *style, bool with,
		       const char *text)
{
	struct nfp_advice *a = nfp_advise_to(m, NFP_ADVISE_PROBE, style, text);

	nfp_command_add(&a->commands, "nfprobe %s --vf %u", m->pf, m->vf->vf);
	if (with)
		nfp_command_more(&a->commands, "--guest-vlan %u", style->guest_vlan.vid);
	nfp_advise_end(m, false, "%s", "");
}

/* The host can do nothing for guests with that VLAN. The style serves all others as it is. */
static void without_vlan(struct nfp_advising *m, const struct nfp_style_result *style)
{
	const unsigned int vid = style->guest_vlan.vid;
	const struct nfp_row row = nfp_row_of(style);

	if (nfp_case_of(style) != NFP_CASE_VLAN || nfp_is_inside(style)) {
		nfp_advise_rank(m, NFP_ADVISE_AVOID, style, m->rank != 0,
				"Do not use %s for guests with VLAN %u", nfp_words_of(style)->with,
				vid);
		return;
	}
	nfp_advise_trust(m, style, &row);
	if (m->begin == m->to->num_advice)
		(void)nfp_advise_to(m, NFP_ADVISE_USE, style, "");
	nfp_advise_end(m, false, "Guests with VLAN %u need another NIC. Others: use %s", vid,
		       nfp_words_of(style)->with);
}

void nfp_advise_vlan(struct nfp_advising *m, const struct nfp_style_result *style)
{
	const struct nfp_guest_vlan_result *g = &style->guest_vlan;
	const char *at = nfp_standby_netdev(&m->result->pf);
	const bool wakes = nfp_vlan_filter_wakes(style);
	struct nfp_row row = nfp_row_of(style);
	struct nfp_words text = {0};
	struct nfp_advice *a;

	row.vlan = g->vid;
	if (g->verdict == NFP_STATE_UNTESTED) {
		probe_vlan(m, style, false, "without --guest-vlan the rest is known");
		return;
	}
	if (g->verdict == NFP_STATE_UNPROVEN && !wakes) {
		nfp_append(&text, "",
			   "let the switch bring VLAN %u to the ports of %s and %s, then", g->vid,
			   style->from.name, m->pf);
		probe_vlan(m, style, true, text.text);
		return;
	}
	if (g->vlan_netdev[0]) {
		a = nfp_advise_need(m, style, &row, NFP_NEED_NO_VLAN_NETDEV);
		if (a)
			snprintf(a->text, sizeof(a->text),
				 "take %.60s off %s: no guest behind %s gets VLAN %u while it is "
				 "there",
				 g->vlan_netdev, at, at, g->vid);
	} else if (must_unfilter(g)) {
		(void)nfp_advise_need(m, style, &row, NFP_NEED_UNFILTER);
	} else if (may_register(style)) {
		a = nfp_advise_need(m, style, &row, NFP_NEED_VLAN);
		if (a) {
			snprintf(
				a->text, sizeof(a->text),
				"register VLAN %u on %s, %s (not by %s.%u, which would take it for "
				"itself)",
				g->vid, at,
				wakes ? "before another is registered there"
				      : "while the guest has its VF",
				at, g->vid);
			a->shown = g->works_registered == NFP_UNKNOWN ? NFP_SHOWN_NOT
								      : NFP_SHOWN_TESTED;
			a->states = 0;
			if (g->sibling)
				a->costs = "tested beside a VF in use, which may have a part in it";
		}
	} else {
		without_vlan(m, style);
		return;
	}
	if (style->multicast == NFP_STATE_OK) {
		row.vlan = 0;
		nfp_advise_trust(m, style, &row);
	}
	nfp_advise_end(m, false, "Keep %s", nfp_words_of(style)->the);
}

/* ---- one style ---- */

static void avoid(struct nfp_advising *m, const struct nfp_style_result *style, const char *why)
{
	nfp_advise_rank(m, NFP_ADVISE_AVOID, style, m->rank != 0, "Do not use %s for failover%s",
			nfp_words_of(style)->with, why);
}

/* A user who bears the style's fault still needs what it takes. */
static void keep(struct nfp_advising *m, const struct nfp_style_result *style, const char *whom)
{
	const struct nfp_row row = nfp_row_of(style);

	nfp_advise_uses(m, style, &row, style->style);
	nfp_advise_ends(m, style, &row, style->style);
	if (m->begin == m->to->num_advice)
		(void)nfp_advise_to(m, NFP_ADVISE_KEEP, style, "");
	nfp_advise_end(m, false, "Keep %s %s", nfp_words_of(style)->the, whom);
}

static void advise_multicast(struct nfp_advising *m, const struct nfp_style_result *style)
{
	struct nfp_advice *a;

	keep(m, style, "for guests without IPv6");
	if (style->judged.why != NFP_WHY_DEAF_MULTICAST)
		return;
	a = nfp_advise_to(m, NFP_ADVISE_SET, style, "trust the guest's VF");
	a->costs = "it may then become promiscuous";
	nfp_command_add(&a->commands, "ip link set dev %s vf %s trust on", m->pf, GUEST_VF);
	a->fill_in = NFP_FILL(VF);
	nfp_advise_end(m, false, "%s", "");
}

/* The PF's, not a style's: it is said once. */
void nfp_advise_lag(struct nfp_advising *m, const struct nfp_style_result *style)
{
	const char *bond = m->result->pf.master;

	nfp_for_each (a, m->to->advice, m->to->num_advice)
		if (a->what == NFP_ADVISE_SET)
			return;
	nfp_advise_rank(m, NFP_ADVISE_SET, style, false,
			"Give guests with failover VFs of a PF that is in no such bond");
	nfp_advise_rank(m, NFP_ADVISE_SET, style, false,
			"Give a guest a VF of each member of %s, which it bonds itself, and no "
			"standby",
			bond);
	nfp_advise_rank(m, NFP_ADVISE_SET, style, false,
			"Make %s an active-backup bond, of plain ports to the switch", bond);
}

void nfp_advise_learning(struct nfp_advising *m, const struct nfp_style_result *style)
{
	if (!nfp_advise_fix(m, style))
		nfp_advise_again(m, style);
}

void nfp_advise_fault(struct nfp_advising *m, const struct nfp_style_result *style)
{
	bool hopeless = style->requires & NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);

	if (nfp_advise_fix(m, style)) {
		if (!hopeless)
			(void)nfp_advise_requirements(m, style, true);
	} else if (style->by_bridge && style->filter_verdict == NFP_VERDICT_SAFE) {
		nfp_advise_pin(m, style);
	} else if (nfp_advise_trial(m, style)) {
		if (!hopeless)
			(void)nfp_advise_requirements(m, style, true);
	} else if (hopeless) {
		avoid(m, style, ": nothing the host can do helps");
	} else if (nfp_advise_requirements(m, style, false)) {
		return;
	} else if (style->verdict == NFP_VERDICT_SLOW) {
		keep(m, style, "if the guest can bear that outage");
	} else if (style->judged.why == NFP_WHY_DEAF_MULTICAST ||
		   style->multicast == NFP_STATE_LOST) {
		advise_multicast(m, style);
	} else {
		avoid(m, style, "");
	}
}

/* ---- the whole ---- */

/* Nothing goes before what the host needs. */
static void advise_restore(struct nfp_advising *m)
{
	struct nfp_advice *a = nfp_advise_to(m, NFP_ADVISE_RESTORE, NULL,
					     "put the host back as it was");

	a->if_never = "runs on this VF are refused";
	nfp_command_add(&a->commands, "nfprobe --restore %s", m->pf);
	nfp_advise_end(m, false, "%s", "");
}

/* NULL: it was not tested, or does not count. */
static const struct nfp_said *said_of(const struct nfp_answered *a, enum nfp_style style)
{
	nfp_for_each (said, a->styles, a->num_styles) {
		if (said->style->style == style && nfp_is_counted(said->style))
			return said;
	}
	return NULL;
}

static void advise_vf(struct nfp_advising *m, const struct nfp_answered *a)
{
	bool inside = nfp_vf_lacks_wire(m->vf);

	nfp_for_each (said, a->styles, a->num_styles)
		inside |= said->is == NFP_CASE_INSIDE && nfp_is_counted(said->style);
	if (inside)
		nfp_advise_wire(m, NULL);
	for (int safe = 1; safe >= 0; safe--) {
		for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
			const struct nfp_said *said = said_of(a, style);

			if (said && (said->is == NFP_CASE_SAFE) == safe && said->row.advise)
				said->row.advise(m, said->style);
		}
	}
	if (nfp_advise_clearing(m))
		nfp_advise_end(m, true, "%s", "");
	nfp_advise_unread(m->to, m->result);
}

void nfp_advise_all(struct nfp_answered *a)
{
	struct nfp_advising m = {.result = a->result,
				 .vf = &a->result->vf,
				 .pf = a->result->pf.ifname,
				 .to = &a->advised};

	if (!a->result->restored)
		advise_restore(&m);
	if (a->result->have_vf)
		advise_vf(&m, a);
}
