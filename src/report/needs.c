// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * needs.c - the table of conditions: whom each is for, what brings it about, at which moment, and
 * what happens otherwise. Pure.
 *
 * The VF that was probed is idle. A command that an admin keeps is for another VF and another
 * guest, whose names are to be filled in; most of these commands cut off a guest if they come too
 * early.
 */
#include "report_priv.h"

#include <stdlib.h>
#include <string.h>

const struct nfp_names nfp_need_names =
	NFP_NAMES("trust-guest-rx-filters", "filter-entry", "pinned-at-tap", "static-bridge",
		  "assign-at-hotplug", "assign-before-standby", "release-standby-when-up",
		  "detach-before-migration", "clear-at-unplug", "vlan-registered",
		  "vlan-filter-off", "vlan-netdev-removed", "entry-removed", "ipv6-unseen",
		  "unused-vf-unseen", "trusted-vf-unseen");
const struct nfp_names nfp_whom_names = NFP_NAMES("all", "ipv4", "ipv6", "vlan", "host");
const struct nfp_names nfp_what_names = NFP_NAMES("use", "keep", "fix", "set", "avoid", "probe",
						  "restore");
const struct nfp_names nfp_moment_names = NFP_NAMES("now", "guest-defined", "guest-starts-here",
						    "guest-runs-here", "vf-up", "vf-gone",
						    "before-migration", "guest-elsewhere");
const struct nfp_names nfp_shown_names = NFP_NAMES("tested", "kernel-rule", "untested");
const struct nfp_names nfp_lasts_names = NFP_NAMES(NULL, "run", "while-port", "until-reboot",
						   "for-good");
const struct nfp_names nfp_where_names = NFP_NAMES("host", "libvirt-xml");

const struct nfp_names nfp_fill_names = NFP_NAMES(GUEST, GUEST_MAC, GUEST_VF, MACVTAP, TAP, VF_XML,
						  UNUSED_MAC);

const struct nfp_style_words nfp_style_words[NFP_STYLE_COUNT] = {
	[NFP_STYLE_MACVTAP] = {"macvtap", "macvtap"},
	[NFP_STYLE_BRIDGE] = {"a bridge", "the bridge"},
	[NFP_STYLE_BRIDGE_PIN] = {"bridge+pin", "bridge+pin"},
	[NFP_STYLE_BRIDGE_FDB] = {"bridge+fdb", "bridge+fdb"},
	[NFP_STYLE_BRIDGE_FDB_PIN] = {"bridge+fdb+pin", "bridge+fdb+pin"},
	[NFP_STYLE_STATIC_BRIDGE] = {"static-bridge", "static-bridge"},
	[NFP_STYLE_VF_BRIDGE] = {"vf-bridge", "vf-bridge"},
	[NFP_STYLE_VF_BRIDGE_PIN] = {"vf-bridge+pin", "vf-bridge+pin"},
};

const char *const nfp_moment_words[NFP_MOMENT_COUNT] = {
	[NFP_MOMENT_NOW] = "",
	[NFP_MOMENT_DEFINED] = "In the guest's XML",
	[NFP_MOMENT_START] = "When the guest starts here",
	[NFP_MOMENT_RUNS] = "Once the guest runs here",
	[NFP_MOMENT_VF_UP] = "When the guest's VF is up",
	[NFP_MOMENT_VF_GONE] = "When the guest has let go of its VF",
	[NFP_MOMENT_MIGRATION] = "Before each migration",
	[NFP_MOMENT_ELSEWHERE] = "When the guest runs elsewhere",
};

/* ---- what brings each about ---- */

/* The commands of a row are made of these. */
struct of {
	const struct nfp_result *result;
	const struct nfp_style_result *style;
	const char *pf, *at; /* at: where standbys stand: the PF, or its bond */
};

/* The whole <interface> of a macvtap with failover, of libvirt. */
static void make_interface(struct nfp_advice *a, const struct of *of)
{
	nfp_command_document(&a->document,
			     "<interface type='direct' trustGuestRxFilters='yes'>\n"
			     "  <mac address='" GUEST_MAC "'/>\n"
			     "  <source dev='%s' mode='bridge'/>\n"
			     "  <model type='virtio'/>\n"
			     "  <teaming type='persistent'/>\n"
			     "  <alias name='ua-standby'/>\n"
			     "</interface>",
			     of->at);
	nfp_command_document(&a->brief,
			     "<interface type='direct' trustGuestRxFilters='yes'>\n"
			     "  <source dev='%s' mode='bridge'/>",
			     of->at);
	a->fill_in = NFP_FILL(MAC);
}

static void make_entry(struct nfp_advice *a, const struct of *of)
{
	nfp_command_add(&a->commands, "bridge fdb add %s dev %s self permanent", GUEST_MAC, of->at);
	a->fill_in = NFP_FILL(MAC);
}

static void make_entry_gone(struct nfp_advice *a, const struct of *of)
{
	nfp_command_add(&a->commands, "bridge fdb del %s dev %s self", GUEST_MAC, of->at);
	/* ice_fdb_del wants another word than ice_fdb_add does. */
	if (strcmp(of->result->pf.driver, "ice") == 0)
		nfp_command_more(&a->commands, "static");
	a->fill_in = NFP_FILL(MAC);
}

static void make_pin(struct nfp_advice *a, const struct of *of)
{
	(void)of;
	nfp_command_add(&a->commands, "bridge fdb replace %s dev %s master static sticky",
			GUEST_MAC, TAP);
	nfp_command_add(&a->undo, "bridge fdb del %s dev %s master", GUEST_MAC, TAP);
	a->fill_in = NFP_FILL(MAC) | NFP_FILL(TAP);
}

static void make_static(struct nfp_advice *a, const struct of *of)
{
	nfp_command_document(&a->document, "<bridge macTableManager='libvirt'/>");
	a->brief = a->document;
	nfp_command_add(&a->commands, "bridge link set dev %s learning off", of->at);
	nfp_command_add(&a->undo, "bridge link set dev %s learning on", of->at);
}

static void add_virsh(struct nfp_commands *to, const char *what)
{
	nfp_command_add(to, "virsh %s %s %s --live", what, GUEST, VF_XML);
}

static void add_macvtap(struct nfp_commands *to, const char *state)
{
	nfp_command_add(to, "ip link set %s %s", MACVTAP, state);
}

static void make_hotplug(struct nfp_advice *a, const struct of *of)
{
	(void)of;
	add_virsh(&a->commands, "attach-device");
	add_virsh(&a->undo, "detach-device");
	a->fill_in = NFP_FILL(GUEST) | NFP_FILL(XML);
}

static void make_detach(struct nfp_advice *a, const struct of *of)
{
	make_hotplug(a, of);
	a->undo = a->commands;
	a->commands = (struct nfp_commands) {0};
	add_virsh(&a->commands, "detach-device");
}

/* A macvtap can give the address back while the VF gets it. */
static void make_first(struct nfp_advice *a, const struct of *of)
{
	if (!nfp_styles[of->style->style].macvlan) {
		nfp_command_add(&a->commands, "ip link set dev %s vf %s mac %s", of->pf, GUEST_VF,
				GUEST_MAC);
		a->fill_in = NFP_FILL(VF) | NFP_FILL(MAC);
		return;
	}
	add_macvtap(&a->commands, "down");
	add_virsh(&a->commands, "attach-device");
	add_macvtap(&a->commands, "up");
	a->fill_in = NFP_FILL(GUEST) | NFP_FILL(XML) | NFP_FILL(MACVTAP);
	a->cuts_off = "the guest, until the last of these; type it even if the second fails";
}

static void make_release(struct nfp_advice *a, const struct of *of)
{
	if (nfp_styles[of->style->style].macvlan) {
		add_macvtap(&a->commands, "down");
		add_macvtap(&a->undo, "up");
		a->fill_in = NFP_FILL(MACVTAP);
	} else if (nfp_styles[of->style->style].uses & NFP_REQ_BIT(NFP_REQ_KEEP_BRIDGE_STATIC)) {
		nfp_command_add(&a->commands, "bridge fdb del %s dev %s master", GUEST_MAC, TAP);
		nfp_command_add(&a->undo, "bridge fdb replace %s dev %s master static", GUEST_MAC,
				TAP);
		a->fill_in = NFP_FILL(MAC) | NFP_FILL(TAP);
	}
}

/* A driver that was seen to refuse zero is given another address. */
static void make_clear(struct nfp_advice *a, const struct of *of)
{
	const struct nfp_vf_result *vf = &of->result->vf;
	bool refused = false;

	nfp_for_each (style, vf->styles, vf->num_styles)
		refused |= style->zero_refused;
	nfp_command_add(&a->commands, "ip link set dev %s vf %s mac %s", of->pf, GUEST_VF,
			refused ? UNUSED_MAC : NO_MAC);
	nfp_command_add(&a->undo, "ip link set dev %s vf %s mac %s", of->pf, GUEST_VF, GUEST_MAC);
	a->fill_in = NFP_FILL(VF) | NFP_FILL(MAC) | (refused ? NFP_FILL(UNUSED) : 0);
}

/* A PF with a macvtap takes a macvlan as well. A PF in a bridge does not, since it has one
 * handler. */
static void make_registration(struct nfp_advice *a, const struct of *of)
{
	unsigned int vid = a->row.vlan;

	if (!nfp_styles[of->style->style].macvlan) {
		nfp_command_add(&a->commands, "bridge vlan add vid %u dev %s", vid, of->at);
		nfp_command_add(&a->undo, "bridge vlan del vid %u dev %s", vid, of->at);
		return;
	}
	nfp_command_add(&a->commands, "ip link add link %s name vlans0 type macvlan mode private",
			of->at);
	nfp_command_add(&a->commands, "ip link add link vlans0 name vlans0.%u type vlan id %u", vid,
			vid);
	nfp_command_add(&a->undo, "ip link del vlans0");
}

static void make_unfilter(struct nfp_advice *a, const struct of *of)
{
	nfp_command_add(&a->commands, "ethtool -K %s rx-vlan-filter off", of->pf);
	nfp_command_add(&a->undo, "ethtool -K %s rx-vlan-filter on", of->pf);
}

/* ---- the table ---- */

/* net_failover_handle_frame in drivers/net/net_failover.c drops what comes by the standby. */
static const char price_of_pin[] = "while it uses its VF, this host and guests on the bridge do "
				   "not reach it";
static const char typed_again[] = "again after its tap has left the bridge or changed its VLANs, "
				  "and after bridge fdb flush";
#define UNSEEN(whom_, what_)                                                                      \
	{                                                                                         \
		.whom = whom_, .words = "not seen: " what_, .named = true, .shown = NFP_SHOWN_NOT \
	}
static const char deaf_vf[] = "its VF would be deaf", deaf[] = "the standby is deaf";

static const struct need_row {
	enum nfp_what what;
	enum nfp_whom whom;
	const char *words; /* of the condition */
	bool named;	   /* a row with that fix says it by its name */
	const char *text;
	enum nfp_moment moment;
	bool not_before;
	const char *if_earlier, *if_never, *costs;
	enum nfp_place where;
	enum nfp_lasts lasts;
	enum nfp_shown shown;
	enum nfp_requires requirement; /* whose proof is asked for; 0: none */
	const char *again;	       /* when to do it once more; NULL: at no time */
	void (*make)(struct nfp_advice *a, const struct of *of);
} needs[NFP_NEED_COUNT] = {
	[NFP_NEED_TRUST] = {NFP_ADVISE_USE, NFP_FOR_IPV6, "IPv6: set trustGuestRxFilters", false,
			    "set trustGuestRxFilters", NFP_MOMENT_DEFINED, false, NULL,
			    "IPv6 is lost", "the guest may then change its MAC", NFP_IN_XML,
			    NFP_LASTS_GOOD, NFP_SHOWN_BY_RULE, .make = make_interface},
	[NFP_NEED_ENTRY] = {NFP_ADVISE_FIX, NFP_FOR_ALL, "an entry", true,
			    "add its address to the PF's filter", NFP_MOMENT_RUNS, true,
			    "others lose it", deaf, .lasts = NFP_LASTS_REBOOT, .make = make_entry},
	[NFP_NEED_PIN] = {NFP_ADVISE_FIX, NFP_FOR_ALL, "a pin, while its tap is a port", true,
			  "pin its address at its tap, unless libvirt keeps the bridge's table",
			  NFP_MOMENT_RUNS, false, NULL, deaf, price_of_pin, .lasts = NFP_LASTS_PORT,
			  .again = typed_again, .shown = NFP_SHOWN_BY_RULE, .make = make_pin},
	[NFP_NEED_STATIC] = {NFP_ADVISE_FIX, NFP_FOR_ALL, "static-bridge", true,
			     "let libvirt manage the bridge's table, in the network's XML, and "
			     "have the PF learn nothing",
			     NFP_MOMENT_NOW, false, NULL, deaf, .lasts = NFP_LASTS_PORT,
			     .make = make_static},
	[NFP_NEED_HOTPLUG] = {NFP_ADVISE_KEEP, NFP_FOR_ALL, "the VF is plugged in later", false,
			      "plug its VF in, with an <alias> in VF_XML", NFP_MOMENT_RUNS, true,
			      "it boots deaf", NULL, .lasts = NFP_LASTS_RUN,
			      .requirement = NFP_REQ_ASSIGN_AT_HOTPLUG, .make = make_hotplug},
	[NFP_NEED_FIRST] = {NFP_ADVISE_KEEP, NFP_FOR_ALL, "the VF has the address first", false,
			    "give the address to the VF before the standby has it",
			    NFP_MOMENT_START, false, NULL, "the driver refuses it",
			    .lasts = NFP_LASTS_RUN, .requirement = NFP_REQ_ASSIGN_BEFORE_STANDBY,
			    .make = make_first},
	[NFP_NEED_RELEASE] = {NFP_ADVISE_KEEP, NFP_FOR_ALL, "the standby gives the address back",
			      false, "take the guest's address off the PF (libvirt does not)",
			      NFP_MOMENT_VF_UP, true, deaf, "the guest's VF is deaf",
			      .lasts = NFP_LASTS_RUN,
			      .requirement = NFP_REQ_RELEASE_STANDBY_WHEN_UP, .make = make_release},
	[NFP_NEED_DETACH] = {NFP_ADVISE_KEEP, NFP_FOR_ALL, "the VF is unplugged first", false,
			     "unplug its VF, with its <alias> in VF_XML", NFP_MOMENT_MIGRATION,
			     false, NULL, deaf, .lasts = NFP_LASTS_RUN,
			     .requirement = NFP_REQ_DETACH_BEFORE_MIGRATION, .make = make_detach},
	[NFP_NEED_CLEAR] = {NFP_ADVISE_KEEP, NFP_FOR_ALL, "the VF's address is cleared", false,
			    "clear its address", NFP_MOMENT_VF_GONE, true, deaf_vf, deaf,
			    .lasts = NFP_LASTS_REBOOT, .requirement = NFP_REQ_CLEAR_AT_UNPLUG,
			    .make = make_clear},
	[NFP_NEED_VLAN] = {NFP_ADVISE_FIX, NFP_FOR_VLAN, "its VLAN is registered", false,
			   "register its VLAN on the PF", NFP_MOMENT_NOW, false, NULL,
			   "the guest is deaf in its VLAN", .lasts = NFP_LASTS_REBOOT,
			   .make = make_registration},
	[NFP_NEED_UNFILTER] = {NFP_ADVISE_FIX, NFP_FOR_VLAN, "the VLAN filter is off", false,
			       "turn the VLAN filter of the PF off", NFP_MOMENT_NOW, false, NULL,
			       "the guest is deaf in its VLAN",
			       "every VLAN then reaches all who use the PF",
			       .lasts = NFP_LASTS_REBOOT, .shown = NFP_SHOWN_NOT,
			       .make = make_unfilter},
	[NFP_NEED_NO_VLAN_NETDEV] = {NFP_ADVISE_FIX, NFP_FOR_VLAN, "no netdev takes its VLAN",
				     false, "take the VLAN's netdev off the PF", NFP_MOMENT_NOW,
				     false, NULL, "the guest is deaf in its VLAN",
				     .shown = NFP_SHOWN_BY_RULE},
	[NFP_NEED_ENTRY_GONE] = {NFP_ADVISE_FIX, NFP_FOR_HOST,
				 "this host: the entry is removed afterwards", false,
				 "take it off the PF's filter", NFP_MOMENT_ELSEWHERE, true, deaf,
				 "others lose it", .shown = NFP_SHOWN_NOT, .make = make_entry_gone},
	[NFP_NEED_UNSEEN_IPV6] = UNSEEN(NFP_FOR_IPV6, "IPv6"),
	[NFP_NEED_UNSEEN_UNUSED_VF] = UNSEEN(NFP_FOR_ALL, "a VF that no style before has used"),
	[NFP_NEED_UNSEEN_TRUSTED_VF] =
		UNSEEN(NFP_FOR_ALL, "a trusted VF that was promiscuous before the PF was"),
};

/* ---- of a result ---- */

static void prove(struct nfp_advice *a, const struct nfp_style_result *style,
		  enum nfp_requires what)
{
	enum nfp_step step = nfp_proved_by(style, what, &a->group);

	a->shown = step == NFP_STEP_COUNT ? NFP_SHOWN_NOT : NFP_SHOWN_TESTED;
	a->states = step == NFP_STEP_COUNT ? 0 : 1U << step;
}

/* The steps of a ladder that was run with it, and demand something. */
static uint32_t states_of(const struct nfp_style_result *style)
{
	uint32_t states = 0;

	nfp_for_each (step, style->steps, style->num_steps) {
		if (step->w.answer == NFP_YES)
			states |= 1U << step->step;
	}
	return states;
}

/* Advice is not said twice in a rank. Each rank is whole. */
static struct nfp_advice *find(struct nfp_advised *in, const struct nfp_advice *a)
{
	for (struct nfp_advice *other = in->advice; other < a; other++) {
		if (!other->rank && !other->more && a->commands.len &&
		    nfp_commands_equal(&other->commands, &a->commands))
			return other;
	}
	return NULL;
}

static struct nfp_condition *add_condition(struct nfp_advised *to, const struct nfp_row *row,
					   enum nfp_need need, enum nfp_shown shown)
{
	struct nfp_condition *c;

	nfp_for_each (has, to->conditions, to->num_conditions) {
		if (has->need == need && nfp_row_equal(&has->row, row))
			return has;
	}
	c = nfp_grow(to->conditions, to->num_conditions);
	*c = (struct nfp_condition) {.row = *row,
				     .need = need,
				     .whom = NFP_FOR_BIT(needs[need].whom),
				     .without = need >= NFP_NEED_UNSEEN	 ? NFP_CELL_UNKNOWN
						: need == NFP_NEED_FIRST ? NFP_CELL_REFUSED
									 : NFP_CELL_LOST,
				     .shown = shown};
	snprintf(c->id, sizeof(c->id), "c%zu", to->num_conditions);
	snprintf(c->words, sizeof(c->words), "%s", needs[need].words);
	return c;
}

/* It is void when another is added. */
static struct nfp_advice *add_advice(struct nfp_advised *to)
{
	struct nfp_advice *last;

	last = nfp_grow(to->advice, to->num_advice);
	*last = (struct nfp_advice) {0};
	snprintf(last->id, sizeof(last->id), "a%zu", to->num_advice);
	return last;
}

/* The row of a need. */
static void describe_need(struct nfp_advice *a, const struct need_row *n)
{
	a->what = n->what;
	a->moment = n->moment;
	a->not_before = n->not_before;
	a->if_earlier = n->if_earlier;
	a->if_never = n->if_never;
	a->costs = n->costs;
	a->again = n->again;
	a->where = n->where;
	a->lasts = n->lasts;
	a->shown = n->shown;
	snprintf(a->text, sizeof(a->text), "%s", n->text);
}

struct nfp_words nfp_pin_condition(const struct nfp_style_result *style)
{
	struct nfp_words words = {0};

	if (style->bridge_gap_ms)
		nfp_append(&words, "", "pin its guests, or up to %u s are lost after unplug",
			   style->bridge_gap_ms / 1000);
	return words;
}

/* A guest that is not pinned loses what comes until it sends. */
static void describe_gap(struct nfp_condition *c, const struct nfp_style_result *style)
{
	c->without = NFP_CELL_GAP;
	snprintf(c->words, sizeof(c->words), "%.*s", (int)sizeof(c->words) - 1,
		 nfp_pin_condition(style).text);
}

struct nfp_advice *nfp_advise_need(struct nfp_advising *m, const struct nfp_style_result *style,
				   const struct nfp_row *row, enum nfp_need need)
{
	const struct need_row *n = &needs[need];
	const struct of of = {m->result, style, m->pf, nfp_standby_netdev(&m->result->pf)};
	struct nfp_advice *a = add_advice(m->to), *there;
	struct nfp_condition *condition;

	describe_need(a, n);
	a->row = *row;
	a->hook = n->named && row->fix < NFP_STYLE_COUNT && nfp_styles[row->fix].hook &&
		  style->verdict == NFP_VERDICT_SAFE;
	a->group = nfp_filter_lacks_only_multicast(style)   ? NFP_STATE_LOST
		   : style->multicast == NFP_STATE_UNPROVEN ? NFP_STATE_UNPROVEN
							    : NFP_STATE_OK;
	if (n->requirement)
		prove(a, style, n->requirement);
	else if (n->shown == NFP_SHOWN_TESTED)
		a->states = states_of(style);
	if (n->make)
		n->make(a, &of);
	condition = add_condition(m->to, row, need, a->shown);
	if (need == NFP_NEED_PIN && style->bridge_gap_ms)
		describe_gap(condition, style);
	if (nfp_filter_lacks_only_multicast(style) && n->whom == NFP_FOR_ALL)
		condition->whom = NFP_FOR_BIT(NFP_FOR_IPV4);
	there = find(m->to, a);
	m->to->num_advice -= there != NULL;
	nfp_strv_addf(&condition->met_by, "%s", (there ?: a)->id);
	return there ? NULL : a;
}

/* Had an earlier ladder of this run used the VF? A pin is derived from that of its plain style. */
static bool is_used(const struct nfp_vf_result *vf, const struct nfp_style_result *style)
{
	const struct nfp_style_result *first = vf->styles;

	while (first < style && (first->derived || !first->num_steps))
		first++;
	return first < style && !(style->derived && nfp_styles[style->style].plain == first->style);
}

/*
 * ice_vsi_sync_fltr of drivers/net/ethernet/intel/ice/ice_main.c sets no rule for a PF, nor any of
 * its groups, and no error, where a VF is the default VSI already (ice_is_dflt_vsi_in_use), which a
 * trusted one can be.
 */
static bool may_be_outrun(const struct nfp_result *result, const struct nfp_style_result *style)
{
	return strcmp(result->pf.driver, "ice") == 0 && nfp_styles[style->style].promiscuous &&
	       (result->vf.trust == 1 || result->vf.others_trusted);
}

void nfp_advise_unread(struct nfp_advised *to, const struct nfp_result *result)
{
	const struct nfp_vf_result *vf = &result->vf;

	nfp_for_each (style, vf->styles, vf->num_styles) {
		const struct nfp_row row = nfp_row_of(style);
		const bool unseen[NFP_NEED_COUNT] = {
			[NFP_NEED_UNSEEN_IPV6] = style->multicast == NFP_STATE_UNTESTED,
			[NFP_NEED_UNSEEN_UNUSED_VF] = is_used(vf, style),
			[NFP_NEED_UNSEEN_TRUSTED_VF] = may_be_outrun(result, style),
		};

		for (enum nfp_need n = NFP_NEED_UNSEEN; n < NFP_NEED_COUNT; n++) {
			if (unseen[n] && style->verdict == NFP_VERDICT_SAFE)
				(void)add_condition(to, &row, n, needs[n].shown);
		}
	}
}

void nfp_advise_star(struct nfp_advised *to, const struct nfp_row *row)
{
	const struct nfp_row whole = {row->style, row->fix, 0};
	const size_t had = to->num_conditions;
	struct nfp_condition *c = add_condition(to, row, NFP_NEED_TRUST,
						needs[NFP_NEED_TRUST].shown);

	/* The advice on the row without the VLAN brings it about. */
	for (size_t i = 0; i < had && to->num_conditions > had; i++) {
		const struct nfp_condition *other = &to->conditions[i];

		if (other->need != NFP_NEED_TRUST || !nfp_row_equal(&other->row, &whole))
			continue;
		for (size_t k = 0; k < other->met_by.n; k++)
			nfp_strv_addf(&c->met_by, "%s", other->met_by.v[k]);
	}
}

struct nfp_advice *nfp_advise_instead(struct nfp_advised *to, const char *if_so)
{
	struct nfp_advice *a = add_advice(to);

	a->more = true;
	a->if_so = if_so;
	snprintf(a->instead_of, sizeof(a->instead_of), "%s", a[-1].id);
	nfp_for_each (c, to->conditions, to->num_conditions) {
		struct nfp_strv *met_by = &c->met_by;

		if (met_by->n && strcmp(met_by->v[met_by->n - 1], a->instead_of) == 0)
			nfp_strv_addf(met_by, "%s", a->id);
	}
	return a;
}

struct nfp_advice *nfp_advise_to(struct nfp_advising *m, enum nfp_what what,
				 const struct nfp_style_result *style, const char *text)
{
	static const struct nfp_row none = {NFP_STYLE_COUNT, NFP_STYLE_COUNT, 0};
	struct nfp_advice *a = add_advice(m->to);

	a->what = what;
	a->row = style ? nfp_row_of(style) : none;
	a->shown = NFP_SHOWN_NOT;
	snprintf(a->text, sizeof(a->text), "%s", text);
	return a;
}

bool nfp_advise_clearing(struct nfp_advising *m)
{
	const struct of of = {m->result, NULL, m->pf, nfp_standby_netdev(&m->result->pf)};
	struct nfp_advice *a;
	bool has_run = false;

	nfp_for_each (style, m->vf->styles, m->vf->num_styles)
		has_run |= style->num_steps > 0;
	if (!has_run)
		return false;
	a = nfp_advise_to(m, NFP_ADVISE_SET, NULL, "clear its VF's address");
	a->moment = NFP_MOMENT_ELSEWHERE;
	a->not_before = true;
	a->if_earlier = deaf_vf;
	a->if_never = "this host and other VFs may lose it";
	a->lasts = NFP_LASTS_REBOOT;
	make_clear(a, &of);
	return true;
}

void nfp_advised_fini(struct nfp_advised *advised)
{
	nfp_for_each (c, advised->conditions, advised->num_conditions)
		nfp_strv_fini(&c->met_by);
	free(advised->conditions);
	free(advised->advice);
	*advised = (struct nfp_advised) {0};
}

void nfp_condition_ids(const struct nfp_advised *advised, const struct nfp_row *row,
		       struct nfp_strv *to)
{
	nfp_for_each (c, advised->conditions, advised->num_conditions) {
		if (nfp_row_equal(&c->row, row))
			nfp_strv_addf(to, "%s", c->id);
	}
}

struct nfp_words nfp_ipv6_condition(const struct nfp_style_result *style)
{
	return nfp_phrase("%s", nfp_styles[style->style].ipv6 ? needs[NFP_NEED_TRUST].words : "");
}

struct nfp_words nfp_condition_words(const struct nfp_advised *advised, const struct nfp_row *row)
{
	struct nfp_words words = {0};

	nfp_for_each (c, advised->conditions, advised->num_conditions) {
		const struct need_row *n = &needs[c->need];

		if (nfp_row_equal(&c->row, row) && !n->named && n->whom != NFP_FOR_HOST &&
		    !n->requirement)
			nfp_append(&words, ", ", "%s", c->words);
	}
	return words;
}
