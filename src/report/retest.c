// SPDX-License-Identifier: GPL-2.0-or-later
/* retest.c - the run that would tell what this one has not. Pure. */
#include "summary_priv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

/* Adds the same run, in the same VLANs. */
static void add_run(const struct nfp_advising *m, struct nfp_commands *to)
{
	const struct nfp_settings *settings = &m->result->settings;

	nfp_command_add(to, "nfprobe %s --vf %u", m->result->pf.ifname, m->result->vf.vf);
	if (settings->vlan.vid)
		nfp_command_more(to, "--vlan %u", settings->vlan.vid);
	if (settings->guest_vlan)
		nfp_command_more(to, "--guest-vlan %u", settings->guest_vlan);
}

/* Adds the styles that the user asked for, unless a run tests them anyway. */
static void add_styles(const struct nfp_advising *m, struct nfp_commands *to)
{
	const bool *asked = m->result->settings.styles;
	struct nfp_words styles = {0};
	bool all = true, more = false;

	for (enum nfp_style s = 0; s < NFP_STYLE_COUNT; s++) {
		all &= asked[s];
		more |= asked[s] && s != NFP_STYLE_MACVTAP && s != NFP_STYLE_BRIDGE;
		if (asked[s])
			nfp_append(&styles, ",", "%s", nfp_style_name(s));
	}
	if (more)
		nfp_command_more(to, "--style %s", all ? "all" : styles.text);
}

#define RETEST "Retest"

/* Begins a run that is not advised yet, as a rank of its own. */
static struct nfp_advice draft_run(struct nfp_advising *m, const struct nfp_style_result *style,
				   const char *sentence)
{
	const struct nfp_row row = nfp_row_of(style);
	struct nfp_advice run = nfp_advice_draft(m, &row);

	run.what = NFP_ADVISE_PROBE;
	run.label = RETEST;
	run.shown = NFP_SHOWN_NOT;
	run.rank = m->rank + 1;
	snprintf(run.sentence, sizeof(run.sentence), "%s", sentence);
	return run;
}

/* Advises it. A run may answer for several rows. */
static void advise_once(struct nfp_advising *m, const struct nfp_advice *run)
{
	nfp_for_each (a, m->to->advice, m->to->num_advice) {
		if (strcmp(a->sentence, run->sentence) == 0 &&
		    nfp_commands_equal(&a->commands, &run->commands))
			return;
	}
	m->rank++;
	(void)nfp_advice_add(m, run);
}

/* Returns the first fix that the run has not tried and that is worth it, since another style is
 * safe, or there was no time. NFP_STYLE_COUNT: none. */
static enum nfp_style untried(const struct nfp_advising *m, const struct nfp_style_result *unsafe)
{
	const struct nfp_settings *settings = &m->result->settings;
	const struct nfp_vf_result *vf = &m->result->vf;

	for (enum nfp_style s = 0; s < NFP_STYLE_COUNT && settings->try_fixes; s++) {
		if (nfp_styles[s].fixes & NFP_STYLE_BIT(unsafe->style) && !nfp_vf_style(vf, s) &&
		    nfp_style_may_fix(settings->styles, s) && nfp_fix_is_due(vf, s, true))
			return s;
	}
	return NFP_STYLE_COUNT;
}

/* The next run tries the fix, and names what it needs. */
void nfp_advise_trial(struct nfp_advising *m, const struct nfp_style_result *unsafe)
{
	const enum nfp_style fix = untried(m, unsafe);
	struct nfp_words styles = {0};
	struct nfp_advice run;

	if (fix == NFP_STYLE_COUNT)
		return;
	for (enum nfp_style s = 0; s < NFP_STYLE_COUNT; s++) {
		if (s == unsafe->style || nfp_styles[fix].needs_safe & NFP_STYLE_BIT(s))
			nfp_append(&styles, ",", "%s", nfp_style_name(s));
	}
	run = draft_run(m, unsafe,
			nfp_phrase("To keep %s, a run that tries what may help",
				   nfp_styles[unsafe->style].second_vf ? "it" : "the bridge")
				.text);
	add_run(m, &run.commands);
	nfp_command_more(&run.commands, "--style %s", styles.text);
	m->rank++;
	(void)nfp_advice_add(m, &run);
}

/* Nobody can be asked from a member of a bond that sends nothing. */
void nfp_advise_wire(struct nfp_advising *m, const struct nfp_style_result *style)
{
	const struct nfp_pf_info *pf = &m->result->pf;
	const bool asks = pf->no_carrier || !nfp_why_pf_silent(pf);
	struct nfp_advice run = draft_run(
		m, style,
		asks ? "From the wire, by a neighbour that answers ARP (IP: a gateway's, say; "
		       "IPv6 is not tested then), a second host (nfprobe --reflect), or "
		       "another port of this host on that network (--from PORT)"
		     : "From the wire, by another port of this host on that network");

	add_run(m, &run.commands);
	add_styles(m, &run.commands);
	nfp_command_more(&run.commands, "--from %s", asks ? "arp:IP" : "PORT");
	advise_once(m, &run);
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
		nfp_command_more(to, "--from PORT");
}

static bool is_taken(const struct nfp_result *result, const struct nfp_style_result *style)
{
	const enum nfp_errcode code = result->vf.error.code;

	return style->judged.why == NFP_WHY_CHANGED || code == NFP_E_VF_TAKEN ||
	       code == NFP_E_VF_CHANGED || (!style->num_steps && result->changes_seen.n);
}

/* Returns the words for what to do before the next run. */
static const char *todo_of(const struct nfp_advising *m, const struct nfp_style_result *style,
			   bool vepa)
{
	const struct nfp_step_result *step = nfp_style_step(style, style->judged.step);

	if (is_taken(m->result, style))
		return "Stop whoever has changed the VF (libvirt, NetworkManager, a CNI plugin, "
		       "an operator of a cluster, a script), then";
	if (nfp_gap_unknown(style, &m->result->settings))
		return "Measure the outages by more frames";
	if (step && step->unsettled)
		return "Give it more time";
	if (!style->num_steps)
		return "Test again";
	if (vepa)
		return "Let the NIC's own switch pass what its functions send each other, then";
	return nfp_why_inconclusive(style)->todo ?: "Remove what prevented that, then";
}

/* A run that already had as much gets more time, or fewer frames, or it would end like this one. */
static void add_option(struct nfp_commands *to, const struct nfp_option *option,
		       const struct nfp_settings *settings)
{
	const unsigned int longer = (unsigned int)(2 * settings->settle_ns / NFP_NSEC_PER_SEC);
	const unsigned long value = strtoul(option->value, NULL, 10);

	if (strcmp(option->name, "settle") == 0 && longer > value)
		nfp_command_more(to, "--settle %u", MIN(longer, 60U));
	else if (strcmp(option->name, "rate") == 0 && settings->rate > 1 && settings->rate <= value)
		nfp_command_more(to, "--rate %u", settings->rate / 2);
	else
		nfp_command_more(to, "--%s %s", option->name, option->value);
}

static void trust_port(struct nfp_advice *a, const struct nfp_pf_info *pf,
		       const struct nfp_style_result *style)
{
	const char *vf = style->via + strcspn(style->via, "0123456789");

	nfp_command_add(&a->commands, "ip link set dev %s vf %s trust on", pf->ifname, vf);
	nfp_command_add(&a->undo, "ip link set dev %s vf %s trust off", pf->ifname, vf);
	a->costs = "it may be promiscuous";
}

void nfp_advise_again(struct nfp_advising *m, const struct nfp_style_result *style)
{
	const struct nfp_pf_info *pf = &m->result->pf;
	const struct nfp_option *option = &nfp_why_inconclusive(style)->option;
	const struct nfp_step_result *control = nfp_style_step(style, NFP_STEP_CONTROL);
	const enum nfp_reason why = style->judged.why;
	const bool taken = is_taken(m->result, style);
	const bool vepa = pf->vepa && nfp_is_inside(style) && why == NFP_WHY_STANDBY_NO_BROADCAST;
	struct nfp_advice run;

	/* The NIC is the cause, whatever the source. */
	if (why == NFP_WHY_STANDBY_WIRE && control &&
	    control->w.landing[NFP_KIND_UNICAST] == NFP_LANDING_PF) {
		m->rank++;
		(void)nfp_advise_other(m, NFP_ADVISE_AVOID, style, nfp_style_name(style->style),
				       "Do not count on it while another VF of %s is up",
				       pf->ifname);
		return;
	}
	run = draft_run(m, style, todo_of(m, style, vepa));
	if (vepa && !taken) {
		nfp_command_add(&run.commands, "bridge link set dev %s hwmode veb", pf->ifname);
		nfp_command_add(&run.undo, "bridge link set dev %s hwmode vepa", pf->ifname);
	}
	if (nfp_why_inconclusive(style)->trusts_port && style->via[0] && !taken)
		trust_port(&run, pf, style);
	add_run(m, &run.commands);
	add_styles(m, &run.commands);
	if (nfp_gap_unknown(style, &m->result->settings))
		add_gap_options(&run.commands, style, &m->result->settings);
	/* The source that showed nothing cannot be the other one. */
	else if (option->name && !taken && style->num_steps &&
		 !(strcmp(option->value, "arp") == 0 && style->from.by == NFP_SOURCE_ARP))
		add_option(&run.commands, option, &m->result->settings);
	advise_once(m, &run);
}

/* Adds the same run, with the guest's VLAN or without it. */
void nfp_advise_vlan_run(struct nfp_advising *m, const struct nfp_style_result *style, bool with,
			 const char *sentence)
{
	struct nfp_advice run = draft_run(m, style, sentence);

	nfp_command_add(&run.commands, "nfprobe %s --vf %u", m->result->pf.ifname,
			m->result->vf.vf);
	if (with)
		nfp_command_more(&run.commands, "--guest-vlan %u", style->guest_vlan.vid);
	advise_once(m, &run);
}
