// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * advice.c - what to do about a result: sentences, each with commands that can be copied. Pure.
 *
 * The VF that was probed is idle. A command that an admin keeps is for another VF and another
 * guest: it says GUEST_VF and GUEST_MAC, and the sentence says when it may be typed, since most of
 * these commands cut off a guest if they come too early.
 */
#include "report_priv.h"

#include <stdlib.h>
#include <string.h>

/* The guest's address in the PF's filter. */
static void add_entry(struct nfp_commands *to, const char *pf)
{
	nfp_command_add(to, "bridge fdb add %s dev %s self permanent", GUEST_MAC, pf);
}

/* A bridge needs more than the NIC: an entry in the PF's filter, a pin at the guest's tap. */
static void add_needs(struct nfp_commands *to, enum nfp_style style, const struct nfp_pf_info *pf)
{
	uint32_t uses = nfp_styles[style].uses;

	/* ice_fdb_del wants another word than ice_fdb_add does. */
	if (uses & NFP_REQ_BIT(NFP_REQ_ADD_FILTER_ENTRY)) {
		add_entry(to, pf->ifname);
		nfp_command_remark(to, "del%s when it leaves",
				   strcmp(pf->driver, "ice") == 0 ? " (self static)" : "");
	}
	if (uses & NFP_REQ_BIT(NFP_REQ_PIN_AT_TAP))
		nfp_command_add(to, "bridge fdb replace %s dev %s master static sticky", GUEST_MAC,
				TAP);
}

static bool is_pinned(enum nfp_style style)
{
	return nfp_styles[style].pinned;
}

/* net_failover_handle_frame in drivers/net/net_failover.c drops what comes by the standby. */
static const char price_of_pin[] =
	"while the guest uses its VF, this host and guests on the bridge do not reach it";

/* ---- the styles to use ---- */

static bool is_safe(const struct nfp_style_result *style)
{
	return style && style->verdict == NFP_VERDICT_SAFE;
}

/* Would a macvtap that is allmulticast get the guest's groups? It was seen of a PF that was. */
static bool gets_all_groups(const struct nfp_style_result *const styles[])
{
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		const struct nfp_style_result *result = styles[style];
		const struct nfp_step_result *standby =
			result ? nfp_style_step(result, NFP_STEP_STANDBY) : NULL;

		if (result && result->gets_all_groups)
			return true;
		if (standby && nfp_styles[style].all_multicast && !nfp_styles[style].promiscuous &&
		    nfp_reaches(standby->landing[NFP_KIND_UNJOINED], NFP_AT_PF) == NFP_YES)
			return true;
	}
	return false;
}

static void advise_wire(struct nfp_advice *a, const struct nfp_result *result,
			const struct nfp_vf_result *vf)
{
	nfp_append(&a->text, "",
		   "Probe from the wire: a host by ARP, a reflector, or another port");
	nfp_command_add(&a->commands, "nfprobe %s --vf %u --from arp:IP", result->pf.ifname,
			vf->vf);
}

/* @styles: those of the VF that count; NULL: it does not. */
static void advise_safe(struct nfp_advice *a, const struct nfp_style_result *const styles[],
			const struct nfp_pf_info *pf)
{
	bool ipv6 = false, trust = false, pinned = false;
	struct nfp_commands needs = {0};

	a->label = "Do";
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		if (!is_safe(styles[style]))
			continue;
		nfp_append(&a->text, " or ", "%s%s", a->text.text[0] ? "" : "Use ",
			   nfp_style_words[style].with);
		ipv6 = ipv6 || nfp_styles[style].ipv6;
		trust = trust || nfp_needs_trust(styles[style]);
		pinned = pinned || is_pinned(style);
		add_needs(&needs, style, pf);
	}
	if (pinned)
		nfp_append(&a->when, "", "%s", price_of_pin);
	if (!ipv6) {
		a->commands = needs;
		return;
	}
	nfp_append(&a->text, "", ". %sIPv6 needs this (it also lets the guest change its MAC)",
		   trust ? "* " : "");
	nfp_command_document(&a->commands,
			     "<interface type='direct' trustGuestRxFilters='yes'>\n"
			     "  <source dev='%s' mode='bridge'/>  <!-- a macvtap's mode -->",
			     pf->ifname);
	if (gets_all_groups(styles)) {
		nfp_command_add(&a->commands, "ip link set %s allmulticast on", MACVTAP);
		nfp_command_remark(&a->commands, "without libvirt");
	}
	nfp_commands_append(&a->commands, &needs);
}

/* ---- a style that is not safe ---- */

/* A remedy that this run has proved; false: it has proved none. */
static bool advise_remedy(struct nfp_advice *a, const struct nfp_vf_result *vf,
			  enum nfp_style unsafe, const struct nfp_pf_info *info)
{
	const char *pf = info->ifname;
	bool lost;
	enum nfp_style style = nfp_best_remedy(vf, unsafe, &lost);
	bool tested;

	if (style == NFP_STYLE_COUNT)
		return false;
	nfp_append(&a->text, "", "Keep %s%s", nfp_style_words[unsafe].the,
		   lost ? ", IPv4 only" : "");
	if (style == NFP_STYLE_STATIC_BRIDGE) {
		nfp_append(&a->when, "", "from the guest's next start, static (state tested)");
		nfp_command_document(&a->commands, "<bridge macTableManager='libvirt'/>");
		nfp_command_remark(&a->commands, "libvirt, in the network");
		nfp_command_add(&a->commands, "bridge link set dev %s learning off", pf);
		return true;
	}
	tested = (nfp_styles[style].uses & NFP_REQ_BIT(NFP_REQ_ADD_FILTER_ENTRY)) != 0;
	nfp_append(&a->when, "", "once the guest runs here (%s%s)", tested ? "entry tested" : "",
		   !is_pinned(style) ? ""
		   : tested	     ? ", pin by the kernel's rules"
				     : "by the kernel's rules");
	if (is_pinned(style))
		nfp_append(&a->when, "; ", "%s", price_of_pin);
	add_needs(&a->commands, style, info);
	if (!lost && nfp_styles[style].hook) {
		nfp_command_document(&a->commands, "LIBVIRT_HOOK=act");
		nfp_command_remark(&a->commands, "in nfprobe.conf: libvirt's hook then does it");
	}
	return true;
}

/* A pin that has no row, since no remedy was to be tested: the kernel's rules hold all the same. */
static void advise_pin(struct nfp_advice *a, enum nfp_style plain, const struct nfp_pf_info *pf)
{
	nfp_append(&a->text, "", "Keep %s", nfp_style_words[plain].the);
	nfp_append(&a->when, "", "once the guest runs here, pin it (by the kernel's rules); %s",
		   price_of_pin);
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		if (nfp_styles[style].pinned && nfp_styles[style].plain == plain)
			add_needs(&a->commands, style, pf);
	}
}

/* Was a remedy tried that does not help? */
static bool tried_in_vain(const struct nfp_vf_result *vf, enum nfp_style unsafe)
{
	for (size_t i = 0; i < vf->num_styles; i++) {
		if (vf->styles[i].remedy &&
		    nfp_styles[vf->styles[i].style].mends & NFP_STYLE_BIT(unsafe) &&
		    nfp_styles[vf->styles[i].style].entry)
			return true;
	}
	return false;
}

/* ---- a style of which nothing is known ---- */

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

/* The first thing to do, and the options that the next run gets besides. */
static void advise_unknown(struct nfp_advice *a, const struct nfp_result *result,
			   const struct nfp_vf_result *vf, const struct nfp_style_result *style)
{
	const struct nfp_judged j = style->judged;
	const struct nfp_step_result *step = nfp_style_step(style, j.step);
	const struct nfp_step_result *control = nfp_style_step(style, NFP_STEP_CONTROL);
	const bool gap = nfp_gap_in_doubt(style, &result->settings);
	const char *pf = result->pf.ifname;
	const char *todo = gap		      ? "Measure the outages by more frames"
			   : style->num_steps ? nfp_doubts[j.why].todo
					      : "Probe again";
	const struct nfp_option *option = &nfp_doubts[j.why].option;
	const struct nfp_vlan *vlan = &result->settings.vlan;
	bool taken = j.why == NFP_WHY_CHANGED || vf->error.code == NFP_E_VF_TAKEN ||
		     vf->error.code == NFP_E_VF_CHANGED ||
		     (!style->num_steps && result->changes_seen.n);

	/* The NIC does that, whatever the source: to take other VFs down for another answer would
	 * cut off their guests. */
	if (j.why == NFP_WHY_STANDBY_WIRE && control &&
	    control->landing[NFP_KIND_UNICAST] == NFP_LANDING_PF) {
		nfp_append(&a->text, "",
			   "Do not count on %s while another VF of %s is up. Before guests use its "
			   "VFs, a run shows what it does without them.",
			   nfp_style_words[style->style].with, pf);
		return;
	}
	if (taken)
		nfp_append(&a->text, "", "Stop whatever manages VF %u, then", vf->vf);
	else
		nfp_append(&a->text, "", "%s",
			   step && step->unsettled ? "Give it more time" : todo ?: "Fix that, then");
	nfp_command_add(&a->commands, "nfprobe %s --vf %u", pf, vf->vf);
	if (vlan->vid)
		nfp_command_more(&a->commands, "--vlan %u", vlan->vid);
	if (result->settings.guest_vlan)
		nfp_command_more(&a->commands, "--guest-vlan %u", result->settings.guest_vlan);
	if (gap)
		add_gap_options(&a->commands, style, &result->settings);
	/* The source that showed nothing is not another one. */
	else if (option->name && !taken && style->num_steps &&
		 !(strcmp(option->value, "arp") == 0 && style->from.by == NFP_BY_ARP))
		nfp_command_more(&a->commands, "--%s %s", option->name, option->value);
}

/* ---- a style that is unsafe in the guest's VLAN alone ---- */

/* A macvtap's PF takes a macvlan as well; that of a bridge does not, since it has one handler. */
static void add_registration(struct nfp_commands *to, enum nfp_style style, const char *pf,
			     unsigned int vid)
{
	if (!nfp_styles[style].macvlan) {
		nfp_command_add(to, "bridge vlan add vid %u dev %s", vid, pf);
		return;
	}
	nfp_command_add(to, "ip link add link %s name vlans0 type macvlan mode private", pf);
	nfp_command_add(to, "ip link add link vlans0 name vlans0.%u type vlan id %u", vid, vid);
}

/* Where no registration helps, or one would harm others, there is the filter itself to turn off. */
static bool must_unfilter(const struct nfp_guest_vlan_result *g)
{
	return g->can_unfilter && g->filters != NFP_NO && g->step == NFP_STEP_STANDBY &&
	       (g->cured == NFP_NO ||
		(g->registered.status == NFP_STATUS_SKIPPED && g->registered.note[0]));
}

static void advise_guest_vlan(struct nfp_advice *a, const struct nfp_result *result,
			      const struct nfp_vf_result *vf, const struct nfp_style_result *style)
{
	const struct nfp_guest_vlan_result *g = &style->guest_vlan;
	bool wakes = g->verdict == NFP_TRAIT_UNPROVEN && nfp_vlan_filter_wakes(style);
	const char *pf = result->pf.ifname;

	if (g->verdict == NFP_TRAIT_UNTESTED) {
		nfp_append(&a->text, "", "Without --guest-vlan the rest is known");
		nfp_command_add(&a->commands, "nfprobe %s --vf %u", pf, vf->vf);
	} else if (g->verdict == NFP_TRAIT_UNPROVEN && !wakes) {
		nfp_append(&a->text, "",
			   "Let the switch bring VLAN %u to the ports of %s and %s, then", g->vid,
			   style->from.name, pf);
		nfp_command_add(&a->commands, "nfprobe %s --vf %u --guest-vlan %u", pf, vf->vf,
				g->vid);
	} else if (g->swallowed_by[0]) {
		nfp_append(&a->text, "",
			   "Take %s off %s: no guest behind %s gets VLAN %u while it is there",
			   g->swallowed_by, pf, pf, g->vid);
	} else if (must_unfilter(g)) {
		nfp_append(&a->text, "", "Keep %s, and turn the VLAN filter of %s off",
			   nfp_style_words[style->style].the, pf);
		nfp_append(&a->when, "", "every VLAN then reaches all who use %s (not tested)", pf);
		nfp_command_add(&a->commands, "ethtool -K %s rx-vlan-filter off", pf);
	} else if (g->cured != NFP_NO && (wakes || g->step == NFP_STEP_STANDBY)) {
		nfp_append(&a->text, "", "Keep %s, and register VLAN %u on %s",
			   nfp_style_words[style->style].the, g->vid, pf);
		nfp_append(&a->when, "", "before %s (%s%s%s)",
			   wakes ? "another is registered there" : "the guest loses its VF",
			   g->cured == NFP_UNKNOWN	      ? "not tested"
			   : nfp_styles[style->style].macvlan ? "tested"
							      : "the registration was tested",
			   g->cured == NFP_UNKNOWN && g->registered.note[0] ? ": "
			   : g->sibling ? " beside a VF in use, which may have a part in it"
					: "",
			   g->cured == NFP_UNKNOWN ? g->registered.note : "");
		add_registration(&a->commands, style->style, pf, g->vid);
	} else {
		nfp_append(&a->text, "", "Do not use %s for guests with VLAN %u.",
			   nfp_style_words[style->style].with, g->vid);
	}
}

/* ---- one style ---- */

/* Returns how many pieces of advice there are: a second one is for -v. */
static size_t advise_unsafe(struct nfp_advice a[2], const struct nfp_result *result,
			    const struct nfp_vf_result *vf, const struct nfp_style_result *style)
{
	const char *pf = result->pf.ifname, *the = nfp_style_words[style->style].the;
	bool hopeless = style->requires & NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);

	if (nfp_is_by_neighbours(style) || nfp_is_by_here(style))
		return 0; /* another piece tells of them */
	if (nfp_is_by(style, NFP_DECIDED_BY_VLAN)) {
		advise_guest_vlan(a, result, vf, style);
		return 1;
	}
	if (style->verdict == NFP_VERDICT_INCONCLUSIVE &&
	    !(style->by_bridge && advise_remedy(a, vf, style->style, &result->pf))) {
		a->label = "Do";
		advise_unknown(a, result, vf, style);
	} else if (style->verdict == NFP_VERDICT_INCONCLUSIVE) {
		return 1;
	} else if (style->verdict == NFP_VERDICT_UNTESTABLE) {
		advise_wire(a, result, vf);
	} else if (advise_remedy(a, vf, style->style, &result->pf)) {
		a[1].label = "Or";
		a[1].more = true;
		return hopeless || !nfp_advise_duties(&a[1], vf, style, pf, false) ? 1 : 2;
	} else if (style->by_bridge && style->filter_verdict == NFP_VERDICT_SAFE) {
		advise_pin(a, style->style, &result->pf);
	} else if (hopeless) {
		nfp_append(&a->text, "",
			   "Do not use %s for failover: nothing the host can do helps.",
			   nfp_style_words[style->style].with);
	} else if (nfp_advise_duties(a, vf, style, pf, tried_in_vain(vf, style->style))) {
		return 1;
	} else if (style->verdict == NFP_VERDICT_SLOW) {
		nfp_append(&a->text, "", "Keep %s if the guest can bear that outage.", the);
	} else if (style->judged.why == NFP_WHY_DEAF_MULTICAST) {
		nfp_append(&a->text, "", "Keep %s for guests without IPv6, or trust the guest's VF",
			   the);
		nfp_append(&a->when, "", "it may then become promiscuous (not tested)");
		nfp_command_add(&a->commands, "ip link set %s vf %s trust on", pf, GUEST_VF);
	} else if (style->multicast == NFP_MULTICAST_LOST) {
		nfp_append(&a->text, "", "Keep %s for guests without IPv6.", the);
	} else {
		nfp_append(&a->text, "", "Do not use %s for failover.",
			   nfp_style_words[style->style].with);
	}
	return 1;
}

/* ---- the whole ---- */

/* The command is said already where a bridge or a macvtap needs it, too. */
static void advise_near(struct nfp_advice advice[], size_t num, const struct nfp_vf_result *vf,
			const char *pf)
{
	bool early = vf->elsewhere.from == NFP_EMPTY_RESET, said = false;
	struct nfp_advice *a = &advice[num];

	a->label = num ? "Also" : "Do";
	nfp_add_clearing(&a->commands, vf, pf);
	for (size_t i = 0; i < num; i++)
		said |= !advice[i].more && nfp_commands_have(&advice[i].commands, &a->commands);
	if (said) {
		nfp_append(&a->text, "", "%s",
			   early ? "Set it as a guest starts; clearing it lets neighbours reach a "
				   "departed one."
				 : "Clearing it also lets neighbours on this NIC reach a guest "
				   "that has left.");
		a->commands = (struct nfp_commands) {0};
	} else if (early) {
		nfp_append(&a->text, "", "Set the address when a guest starts here");
		nfp_append(&a->when, "",
			   "when the guest has left, not before, clear it, or neighbours on this "
			   "NIC cannot reach the guest");
	} else {
		nfp_append(&a->text, "",
			   "When a guest has left, not before, clear its address, or neighbours on "
			   "this NIC cannot reach the guest");
	}
}

/* Is what other VFs send lost though the style is safe otherwise, or before a VF plays a part? */
static bool is_lost_here(const struct nfp_style_result *style)
{
	return style && style->here.verdict == NFP_TRAIT_LOST &&
	       (style->here.from == NFP_STEP_STANDBY || is_safe(style) || nfp_is_by_here(style));
}

/* The first style that is lost so, and can be helped, or else the first. NULL: none is lost. */
static const struct nfp_style_result *
lost_here(const struct nfp_style_result *const styles[NFP_STYLE_COUNT])
{
	const struct nfp_style_result *first = NULL;

	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		if (!is_lost_here(styles[style]))
			continue;
		if (styles[style]->here.entry == NFP_TRAIT_OK)
			return styles[style];
		first = first ?: styles[style];
	}
	return first;
}

static void advise_here(struct nfp_advice advice[], size_t num,
			const struct nfp_style_result *style, const char *pf)
{
	const struct nfp_here_result *here = &style->here;
	struct nfp_advice *a = &advice[num];
	char span[NFP_HERE_SPAN_LEN];
	bool said = false;

	a->label = num ? "Also" : "Do";
	if (here->entry != NFP_TRAIT_OK || here->from != NFP_STEP_STANDBY) {
		nfp_append(
			&a->text, "",
			"Other VFs of %s do not reach a guest with %s, %s: nothing that was tested "
			"helps.",
			pf, nfp_style_words[style->style].with, nfp_here_span(here, span));
		return;
	}
	add_entry(&a->commands, pf);
	nfp_command_remark(&a->commands, "del when it leaves");
	for (size_t i = 0; i < num; i++)
		said |= nfp_commands_have(&advice[i].commands, &a->commands);
	if (said) {
		nfp_append(&a->text, "", "%s",
			   "Without that entry, other VFs of this NIC do not reach a guest on the "
			   "bridge.");
		a->commands = (struct nfp_commands) {0};
		return;
	}
	nfp_append(&a->text, "", "Let other VFs of this NIC reach a guest on the bridge");
	nfp_append(&a->when, "",
		   "while it has no VF (entry tested; Neutron's extension fdb adds it)");
}

static bool is_said(const struct nfp_advice advice[], size_t num, const struct nfp_advice *a)
{
	for (size_t i = 0; i < num; i++) {
		if (strcmp(advice[i].text.text, a->text.text) == 0 &&
		    nfp_commands_equal(&advice[i].commands, &a->commands))
			return true;
	}
	return false;
}

size_t nfp_advice_of(const struct nfp_result *result, const struct nfp_vf_result *vf,
		     struct nfp_advice advice[NFP_ADVICE_MAX])
{
	const struct nfp_style_result *styles[NFP_STYLE_COUNT];
	bool safe = false;
	size_t num = 0;

	memset(advice, 0, NFP_ADVICE_MAX * sizeof(*advice));
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		styles[style] = nfp_counted_style(vf, style);
		safe |= is_safe(styles[style]);
	}
	if (nfp_has_fallback(&result->settings, vf)) {
		advice[num].label = "Do";
		advise_wire(&advice[num++], result, vf);
	} else if (safe) {
		advise_safe(&advice[num++], styles, &result->pf);
	}
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		struct nfp_advice *a = &advice[num];
		size_t more;

		if (!styles[style] || is_safe(styles[style]))
			continue;
		a->label = num ? "Or" : "Do";
		more = advise_unsafe(a, result, vf, styles[style]);
		if (!more || is_said(advice, num, a))
			memset(a, 0, sizeof(*a));
		else
			num += more;
	}
	if (vf->elsewhere.verdict == NFP_TRAIT_LOST) {
		advise_near(advice, num, vf, result->pf.ifname);
		num++;
	}
	if (lost_here(styles))
		advise_here(advice, num++, lost_here(styles), result->pf.ifname);
	return num;
}
