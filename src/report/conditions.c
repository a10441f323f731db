// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conditions.c - the table of conditions: whom each is for, what meets it, and when. Pure.
 *
 * The VF that was probed is idle. A command that an administrator keeps is for another VF and
 * another guest, whose names are to be filled in; most of these commands cut off a guest if they
 * come too early.
 */
#include "advice_priv.h"

#include <string.h>

/* ---- what brings each about ---- */

/* The words that the commands of a row are made of. */
struct of {
	const struct nfp_result *result;
	const struct nfp_style_result *style;
	const char *pf;
	const char *filter; /* the netdev that has its entry: the PF, its bond, or a second VF */
	const char *port;   /* the netdev under the standby: the same, or one of its VLAN */
	bool second_vf;
};

/* Writes the whole <interface> of libvirt for a macvtap with failover. */
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
			     of->port);
	a->fill_in = NFP_FILL(MAC);
}

static void fill_in_entry(struct nfp_advice *a, const struct of *of)
{
	a->fill_in = NFP_FILL(MAC) | (of->second_vf ? NFP_FILL(NETDEV) : 0);
}

static void add_entry(struct nfp_commands *to, const struct of *of)
{
	nfp_command_add(to, "bridge fdb add %s dev %s self permanent", GUEST_MAC, of->filter);
}

static void add_entry_gone(struct nfp_commands *to, const struct of *of)
{
	nfp_command_add(to, "bridge fdb del %s dev %s self", GUEST_MAC, of->filter);
	/* ice_fdb_del needs another word than ice_fdb_add does. */
	if (!of->second_vf && strcmp(of->result->pf.driver, "ice") == 0)
		nfp_command_more(to, "static");
}

static void make_entry(struct nfp_advice *a, const struct of *of)
{
	add_entry(&a->commands, of);
	add_entry_gone(&a->undo, of);
	fill_in_entry(a, of);
}

static void make_entry_gone(struct nfp_advice *a, const struct of *of)
{
	add_entry_gone(&a->commands, of);
	add_entry(&a->undo, of);
	fill_in_entry(a, of);
}

/* Finds the ports at which each bridge between the guest and the PF has the guest. */
static size_t find_ports(struct nfp_advice *a, const struct of *of, const char *ret_ports[2])
{
	const bool second = !of->second_vf && of->result->pf.inner_port[0];

	ret_ports[0] = TAP;
	ret_ports[1] = VETH;
	a->fill_in |= NFP_FILL(TAP) | NFP_FILL(GUEST) | (second ? NFP_FILL(VETH) : 0);
	return second ? 2 : 1;
}

/* Each of these bridges learns. */
static void make_pin(struct nfp_advice *a, const struct of *of)
{
	const char *ports[2];
	const size_t num = find_ports(a, of, ports);

	nfp_for_each (port, ports, num) {
		nfp_command_add(&a->commands, "bridge fdb replace %s dev %s master static sticky",
				GUEST_MAC, *port);
		nfp_command_add(&a->undo, "bridge fdb del %s dev %s master", GUEST_MAC, *port);
	}
	a->fill_in |= NFP_FILL(MAC);
}

/* 2: MDB_RTR_TYPE_PERM; 1 is what a new port has. */
static void make_groups(struct nfp_advice *a, const struct of *of)
{
	const char *ports[2];
	const size_t num = find_ports(a, of, ports);

	nfp_for_each (port, ports, num) {
		nfp_command_add(&a->commands, "bridge link set dev %s mcast_router 2", *port);
		nfp_command_add(&a->undo, "bridge link set dev %s mcast_router 1", *port);
	}
}

static void make_static(struct nfp_advice *a, const struct of *of)
{
	nfp_command_document(&a->document, "<bridge name='BRIDGE' macTableManager='libvirt'/>");
	nfp_command_add(&a->commands, "bridge link set dev %s learning off", of->port);
	nfp_command_add(&a->undo, "bridge link set dev %s learning on", of->port);
}

/*
 * br_del_if flushes the port's entries, and new_nbp makes a port that learns and is flooded to
 * (net/bridge/br_if.c). The entry is not sticky, as libvirt's own is not, which it adds with
 * NLM_F_EXCL (virNetDevBridgeFDBAdd) when a guest starts, on a new tap.
 */
static void make_static_tap(struct nfp_advice *a, const struct of *of)
{
	(void)of;
	nfp_command_add(&a->commands, "bridge link set dev %s learning off flood off", TAP);
	nfp_command_add(&a->commands, "bridge fdb replace %s dev %s master static", GUEST_MAC, TAP);
	nfp_command_add(&a->undo, "bridge fdb del %s dev %s master", GUEST_MAC, TAP);
	nfp_command_add(&a->undo, "bridge link set dev %s learning on flood on", TAP);
	a->fill_in = NFP_FILL(TAP) | NFP_FILL(GUEST) | NFP_FILL(MAC);
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
	(void)of;
	add_virsh(&a->commands, "detach-device");
	add_virsh(&a->undo, "attach-device");
	a->fill_in = NFP_FILL(GUEST) | NFP_FILL(XML);
}

/* A macvtap can release the address while the VF gets it, and must have it again whatever became of
 * that. */
static void make_first(struct nfp_advice *a, const struct of *of)
{
	if (!nfp_styles[of->style->style].macvlan) {
		snprintf(a->sentence, sizeof(a->sentence),
			 "Before each start or arrival of the guest, and before its standby "
			 "is there: give its VF, GUEST_VF, the address");
		nfp_command_add(&a->commands, "ip link set dev %s vf %s mac %s", of->pf, GUEST_VF,
				GUEST_MAC);
		nfp_command_add(&a->undo, "ip link set dev %s vf %s mac %s", of->pf, GUEST_VF,
				NO_MAC);
		a->fill_in = NFP_FILL(VF) | NFP_FILL(MAC);
		return;
	}
	add_macvtap(&a->commands, "down");
	add_virsh(&a->commands, "attach-device");
	nfp_command_then(&a->commands);
	add_macvtap(&a->commands, "up");
	add_virsh(&a->undo, "detach-device");
	a->fill_in = NFP_FILL(GUEST) | NFP_FILL(XML) | NFP_FILL(MACVTAP);
	a->cuts_off = "the guest, until the last command";
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
	} else if (nfp_style_needs_entry(of->style->style)) {
		add_entry_gone(&a->commands, of);
		add_entry(&a->undo, of);
		fill_in_entry(a, of);
	}
}

/* A driver that was seen to refuse zero gets another address. */
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

/* A PF with a macvtap also takes a macvlan. A PF in a bridge does not, since it has one handler. */
static void make_registration(struct nfp_advice *a, const struct of *of)
{
	unsigned int vid = a->row.vlan;

	if (!nfp_styles[of->style->style].macvlan) {
		nfp_command_add(&a->commands, "bridge vlan add vid %u dev %s", vid, of->port);
		nfp_command_add(&a->undo, "bridge vlan del vid %u dev %s", vid, of->port);
		a->lasts = NFP_LASTS_PORT;
		return;
	}
	nfp_command_add(&a->commands, "ip link add link %s name vlans0 type macvlan mode private",
			of->port);
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
#define FIND_TAP     "TAP: the bridge row of virsh domiflist GUEST"
#define FIND_MACVTAP "MACVTAP: the direct row of virsh domiflist GUEST"
#define FIND_XML     "VF_XML: a file with the VF's <interface>, and an <alias> in it"
#define FIND_VF	     "GUEST_VF: ip link show $"
/* One block has the commands of both. */
#define ONCE_IT_HAS_LEFT "Only once the guest has left (" FIND_VF ")"
#define UNSEEN(whom_, what_)                                                       \
	{                                                                          \
		.whom = whom_, .words = "not seen: " what_, .shown = NFP_SHOWN_NOT \
	}

#define HOOK "LIBVIRT_HOOK=act"

/* In a sentence, @ is the netdev under the standby, $ the PF, and % are the bridges that snoop. */
static const struct condition_row {
	enum nfp_what what;
	enum nfp_whom whom;
	const char *words; /* of the condition */
	const char *sentence;
	enum nfp_moment moment;
	bool not_before;
	const char *hook; /* the command of the libvirt hook that does it; NULL: it does not */
	const char *costs;
	enum nfp_place where;
	enum nfp_lasts lasts;
	enum nfp_shown shown;
	bool names_port;
	enum nfp_requires requires; /* the requirement whose proof counts; 0: none */
	void (*make)(struct nfp_advice *a, const struct of *of);
} conditions[NFP_COND_COUNT] = {
	/* macvlan_queue_xmit in drivers/net/macvlan.c passes nothing from the PF
	 * to its macvtaps. */
	[NFP_COND_TRUST] = {NFP_ADVISE_USE, NFP_FOR_IPV6, "IPv6: set trustGuestRxFilters",
			    "In the guest's XML, from its next start on, give its <interface "
			    "type='direct'> on @ trustGuestRxFilters='yes' (whole with -v)",
			    NFP_MOMENT_DEFINED,
			    .costs = "the guest may then change its MAC, and this host reaches it "
				     "only by a macvlan of the PF",
			    .where = NFP_IN_XML, .lasts = NFP_LASTS_GOOD,
			    .shown = NFP_SHOWN_BY_RULE, .names_port = true, .make = make_interface},
	/* br_multicast_flood in net/bridge/br_forward.c: a router's port gets every group. */
	[NFP_COND_GROUPS] = {NFP_ADVISE_FIX, NFP_FOR_IPV6, "IPv6: all groups to its tap",
			     "Once the guest runs here, for IPv6 (snooping: %)", NFP_MOMENT_RUNS,
			     .costs = "its tap gets the groups of all guests",
			     .lasts = NFP_LASTS_PORT, .shown = NFP_SHOWN_BY_RULE,
			     .make = make_groups},
	[NFP_COND_ENTRY] = {NFP_ADVISE_FIX, NFP_FOR_ALL, "an entry",
			    "After each start or arrival of the guest, and not before (others on "
			    "this NIC would not reach it); again once @ was off its bridge",
			    NFP_MOMENT_RUNS, true, HOOK, .lasts = NFP_LASTS_PORT,
			    .shown = NFP_SHOWN_TESTED, .make = make_entry},
	[NFP_COND_PIN] = {NFP_ADVISE_FIX, NFP_FOR_ALL, "a pin, while its tap is a port",
			  "After each start or arrival of the guest, before its VF is "
			  "unplugged, unless libvirt keeps the bridge's table (" FIND_TAP ")",
			  NFP_MOMENT_RUNS, .hook = HOOK " and LIBVIRT_BRIDGE_FIX=pin",
			  .costs = price_of_pin, .lasts = NFP_LASTS_PORT,
			  .shown = NFP_SHOWN_BY_RULE, .make = make_pin},
	/* new_nbp in net/bridge/br_if.c: a port learns when it comes. */
	[NFP_COND_STATIC] = {NFP_ADVISE_FIX, NFP_FOR_ALL, "static-bridge",
			     "Before a guest starts, give the <bridge> of the network's XML "
			     "macTableManager='libvirt' (whole with -v), and on this host, again "
			     "once @ was off its bridge",
			     NFP_MOMENT_NOW, .lasts = NFP_LASTS_PORT, .names_port = true,
			     .shown = NFP_SHOWN_TESTED, .make = make_static},
	[NFP_COND_STATIC_TAP] = {NFP_ADVISE_FIX, NFP_FOR_ALL, "static-bridge: its tap, too",
				 "Each time TAP was off its bridge while the guest ran (" FIND_TAP
				 ")",
				 NFP_MOMENT_TAP_BACK, .lasts = NFP_LASTS_PORT,
				 .shown = NFP_SHOWN_BY_RULE, .make = make_static_tap},
	[NFP_COND_HOTPLUG] = {NFP_ADVISE_KEEP, NFP_FOR_ALL, "the VF is plugged in later",
			      "Start or migrate the guest without its VF; once it runs here, and "
			      "not before (it would boot deaf), attach the VF (" FIND_XML ")",
			      NFP_MOMENT_RUNS, true, .lasts = NFP_LASTS_RUN,
			      .requires = NFP_REQ_ASSIGN_AT_HOTPLUG, .shown = NFP_SHOWN_TESTED,
			      .make = make_hotplug},
	[NFP_COND_FIRST] =
		{NFP_ADVISE_KEEP, NFP_FOR_ALL, "the VF has the address first",
		 "Start or migrate the guest without its VF, then attach it (" FIND_MACVTAP
		 "; " FIND_XML ")",
		 NFP_MOMENT_START, .lasts = NFP_LASTS_RUN,
		 .requires = NFP_REQ_ASSIGN_BEFORE_STANDBY, .shown = NFP_SHOWN_TESTED,
		 .make = make_first},
	[NFP_COND_RELEASE] = {NFP_ADVISE_KEEP, NFP_FOR_ALL, "the standby gives the address back",
			      "Each time the guest's VF is up, and not before (the standby would "
			      "be deaf): take the address off the standby",
			      NFP_MOMENT_VF_UP, true, .lasts = NFP_LASTS_RUN,
			      .requires = NFP_REQ_RELEASE_STANDBY_WHEN_UP,
			      .shown = NFP_SHOWN_TESTED, .make = make_release},
	[NFP_COND_DETACH] = {NFP_ADVISE_KEEP, NFP_FOR_ALL, "the VF is unplugged first",
			     "Before each migration, unplug the VF (" FIND_XML ")",
			     NFP_MOMENT_MIGRATION, .lasts = NFP_LASTS_RUN,
			     .requires = NFP_REQ_DETACH_BEFORE_MIGRATION, .shown = NFP_SHOWN_TESTED,
			     .make = make_detach},
	[NFP_COND_CLEAR] = {NFP_ADVISE_KEEP, NFP_FOR_ALL, "the VF's address is cleared",
			    "Each time the guest has let go of its VF, and not before (it would be "
			    "deaf): clear the VF's address (" FIND_VF ")",
			    NFP_MOMENT_VF_GONE, true, .lasts = NFP_LASTS_REBOOT,
			    .requires = NFP_REQ_CLEAR_AT_UNPLUG, .shown = NFP_SHOWN_TESTED,
			    .make = make_clear},
	[NFP_COND_VLAN] = {NFP_ADVISE_FIX, NFP_FOR_VLAN, "its VLAN is registered",
			   "Now, and after each reboot of this host", NFP_MOMENT_NOW,
			   .lasts = NFP_LASTS_REBOOT, .shown = NFP_SHOWN_TESTED,
			   .make = make_registration},
	[NFP_COND_UNFILTER] = {NFP_ADVISE_FIX, NFP_FOR_VLAN, "the VLAN filter is off",
			       "This may help", NFP_MOMENT_NOW,
			       .costs = "every VLAN then reaches all who use the PF",
			       .lasts = NFP_LASTS_REBOOT, .shown = NFP_SHOWN_NOT,
			       .make = make_unfilter},
	[NFP_COND_NO_VLAN_NETDEV] = {NFP_ADVISE_FIX, NFP_FOR_VLAN, "no netdev takes its VLAN",
				     "Take the VLAN's netdev off @", NFP_MOMENT_NOW,
				     .shown = NFP_SHOWN_BY_RULE},
	[NFP_COND_ENTRY_GONE] = {NFP_ADVISE_FIX, NFP_FOR_HOST,
				 "this host: the entry is removed afterwards", ONCE_IT_HAS_LEFT,
				 NFP_MOMENT_ELSEWHERE, true, .shown = NFP_SHOWN_NOT,
				 .make = make_entry_gone},
	[NFP_COND_CLEARED] = {NFP_ADVISE_SET, NFP_FOR_HOST,
			      "clear the VF's address once the guest has left", ONCE_IT_HAS_LEFT,
			      NFP_MOMENT_ELSEWHERE, true, .lasts = NFP_LASTS_REBOOT,
			      .shown = NFP_SHOWN_TESTED, .make = make_clear},
	[NFP_COND_UNSEEN_IPV6] = UNSEEN(NFP_FOR_IPV6, "IPv6"),
	[NFP_COND_UNSEEN_UNUSED_VF] = UNSEEN(NFP_FOR_ALL, "a VF that no style before has used"),
	[NFP_COND_UNSEEN_TRUSTED_VF] =
		UNSEEN(NFP_FOR_ALL, "a trusted VF that was promiscuous before the PF was"),
};

static struct nfp_condition *add_condition(struct nfp_advised *to, const struct nfp_row *row,
					   enum nfp_condition_id code, enum nfp_shown shown)
{
	struct nfp_condition *c;

	nfp_for_each (has, to->conditions, to->num_conditions) {
		if (has->code == code && nfp_row_equal(&has->row, row))
			return has;
	}
	c = nfp_grow(to->conditions, to->num_conditions);
	*c = (struct nfp_condition) {.row = *row,
				     .code = code,
				     .whom = NFP_FOR_BIT(conditions[code].whom),
				     .without = code >= NFP_COND_UNSEEN	 ? NFP_CELL_UNKNOWN
						: code == NFP_COND_FIRST ? NFP_CELL_REFUSED
									 : NFP_CELL_LOST,
				     .shown = shown};
	snprintf(c->id, sizeof(c->id), "c%zu", to->num_conditions);
	snprintf(c->words, sizeof(c->words), "%s", conditions[code].words);
	return c;
}

static void write_sentence(struct nfp_advice *a, const char *sentence, const struct of *of)
{
	const size_t before = strcspn(sentence, "@$%");
	const char mark = sentence[before];

	if (a->sentence[0])
		return;
	snprintf(a->sentence, sizeof(a->sentence), "%.*s%s%s", (int)before, sentence,
		 mark == '@'   ? of->port
		 : mark == '$' ? of->pf
		 : mark == '%' ? of->result->pf.snooping
			       : "",
		 mark ? sentence + before + 1 : "");
}

static void append_words(struct nfp_advice *a, const char *fmt, ...) NFP_PRINTF(2, 3);
static void append_words(struct nfp_advice *a, const char *fmt, ...)
{
	const size_t len = strlen(a->sentence);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(a->sentence + len, sizeof(a->sentence) - len, fmt, ap);
	va_end(ap);
}

/* A ladder takes spoof checking off the second VF, and puts it into the VLAN of the other. */
static void name_second_vf(struct nfp_advice *a, const char *pf, unsigned int vid)
{
	append_words(a, "; " VF_NETDEV " is the second VF of %s,", pf);
	if (vid)
		append_words(a, " in VLAN %u,", vid);
	append_words(a, " whose spoof checking is off");
}

/* A guest that is not pinned loses what comes until it sends. */
static void describe_gap(struct nfp_condition *c, const struct nfp_style_result *style,
			 bool two_bridges)
{
	c->without = NFP_CELL_GAP;
	snprintf(c->words, sizeof(c->words),
		 "pin its guests%s, or up to %u s are lost after unplug",
		 two_bridges ? " on each bridge" : "", style->bridge_gap_ms / 1000);
}

/* Named once in a rank: the port is usually one of many. */
static void name_veth(const struct nfp_advised *in, struct nfp_advice *a,
		      const struct nfp_pf_info *pf)
{
	nfp_for_each (other, in->advice, in->num_advice)
		if (other->rank == a->rank && other->fill_in & NFP_FILL(VETH))
			return;
	append_words(a, "; " VETH ": the port towards a second bridge, such as %s", pf->inner_port);
}

/* Advice is not given twice. Each rank is whole. */
static struct nfp_advice *find(const struct nfp_advised *in, const struct nfp_advice *a)
{
	nfp_for_each (other, in->advice, in->num_advice) {
		if (other->rank == a->rank && a->commands.len &&
		    nfp_commands_equal(&other->commands, &a->commands))
			return other;
	}
	return NULL;
}

/* Appends what else a reader must know: names, the price, and who does it. */
static void explain(struct nfp_advice *a, const struct condition_row *n, const struct of *of,
		    const struct nfp_advised *in)
{
	const struct nfp_pf_info *pf = &of->result->pf;
	const unsigned int vid = of->result->vf.probed_vlan;

	if (n == &conditions[NFP_COND_ENTRY] && of->second_vf)
		name_second_vf(a, of->pf, vid);
	if (a->fill_in & NFP_FILL(VETH))
		name_veth(in, a, pf);
	/* libvirt keeps the table only of its network's bridge: the PF stays promiscuous if another
	 * bridge is in between, whose port floods (br_manage_promisc in net/bridge/br_if.c). */
	if (n == &conditions[NFP_COND_STATIC] && pf->inner_port[0])
		append_words(a, "; a guest in a second bridge, as behind %s, is not safe by it",
			     pf->inner_port);
	if (strcmp(of->port, of->filter) != 0 && n->names_port)
		append_words(a, "; %s is the netdev of VLAN %u on %s", of->port, vid, of->filter);
	if (a->costs)
		append_words(a, "; %s", a->costs);
	if (a->cuts_off)
		append_words(a, "; this cuts off %s", a->cuts_off);
	if (a->hook)
		append_words(a, "; libvirt's hook does it with %s", n->hook);
}

struct nfp_advice *nfp_advise_condition(struct nfp_advising *m,
					const struct nfp_style_result *style,
					const struct nfp_row *row, enum nfp_condition_id code)
{
	const struct condition_row *n = &conditions[code];
	const struct nfp_pf_info *pf = &m->result->pf;
	const bool second_vf = nfp_styles[row->style].second_vf;
	const struct nfp_netdev_name port = nfp_standby_port(pf, m->result->vf.probed_vlan);
	const struct of of = {m->result,
			      style,
			      pf->ifname,
			      second_vf ? VF_NETDEV : nfp_standby_netdev(pf),
			      second_vf ? VF_NETDEV : port.text,
			      second_vf};
	struct nfp_advice draft = nfp_advice_draft(m, row), *a = &draft, *there, *added;
	struct nfp_condition *condition;

	a->what = n->what;
	a->moment = n->moment;
	a->not_before = n->not_before;
	a->costs = n->costs;
	a->where = n->where;
	a->lasts = n->lasts;
	a->shown = n->shown;
	a->hook = n->hook && row->fix < NFP_STYLE_COUNT && nfp_styles[row->fix].hook &&
		  style->verdict == NFP_VERDICT_SAFE;
	a->ipv6 = nfp_filter_lacks_only_multicast(style)   ? NFP_STATE_LOST
		  : style->multicast == NFP_STATE_UNPROVEN ? NFP_STATE_UNPROVEN
							   : NFP_STATE_OK;
	if (n->requires)
		nfp_prove(a, style, n->requires);
	else if (n->shown == NFP_SHOWN_TESTED)
		a->states = nfp_states_of(style);
	if (n->make)
		n->make(a, &of);
	write_sentence(a, n->sentence, &of);
	explain(a, n, &of, m->to);
	condition = add_condition(m->to, row, code, a->shown);
	if (code == NFP_COND_PIN && style->bridge_gap_ms)
		describe_gap(condition, style, a->fill_in & NFP_FILL(VETH));
	if (nfp_filter_lacks_only_multicast(style) && n->whom == NFP_FOR_ALL)
		condition->whom = NFP_FOR_BIT(NFP_FOR_IPV4);
	there = find(m->to, a);
	added = there ? NULL : nfp_advice_add(m, a);
	nfp_strv_addf(&condition->met_by, "%s", (there ?: added)->id);
	return added;
}

/* ---- once the guest has left ---- */

void nfp_advise_gone(struct nfp_advising *m, bool clears)
{
	const struct of of = {.result = m->result, .pf = m->result->pf.ifname};
	const struct condition_row *n = &conditions[NFP_COND_CLEARED];
	const struct nfp_vf_result *vf = &m->result->vf;
	struct nfp_advice *a;

	m->rank++;
	if (!clears) {
		a = nfp_advise_other(
			m, NFP_ADVISE_AVOID, NULL, "Gone",
			"Once the guest has left, nothing takes its address off its "
			"VF until that has a new guest: in this run, clearing did not");
		a->moment = n->moment;
		a->shown = NFP_SHOWN_TESTED;
		return;
	}
	a = nfp_advise_other(m, n->what, NULL, "Gone", "%s", "");
	a->moment = n->moment;
	a->not_before = n->not_before;
	a->lasts = n->lasts;
	make_clear(a, &of);
	write_sentence(a, n->sentence, &of);
	nfp_for_each (style, vf->styles, vf->num_styles) {
		const struct nfp_row row = nfp_row_of(style);

		const enum nfp_kept kept = nfp_keeps_address(style);

		if (nfp_is_accepted(style) && !style->is_fix && kept != NFP_KEPT_NOT)
			nfp_strv_addf(&add_condition(m->to, &row, NFP_COND_CLEARED,
						     kept == NFP_KEPT_UNKNOWN ? NFP_SHOWN_NOT
									      : NFP_SHOWN_TESTED)
					       ->met_by,
				      "%s", a->id);
	}
}

void nfp_add_unseen(struct nfp_advised *to, const struct nfp_row *row, enum nfp_condition_id code)
{
	(void)add_condition(to, row, code, conditions[code].shown);
}

void nfp_advise_star(struct nfp_advised *to, const struct nfp_row *row)
{
	const struct nfp_row whole = {row->style, row->fix, 0};
	const enum nfp_condition_id code = nfp_styles[row->style].ipv6 ? NFP_COND_TRUST
								       : NFP_COND_GROUPS;
	const struct nfp_condition *other;
	struct nfp_condition *c;

	if (nfp_condition_of(to, row, code))
		return;
	c = add_condition(to, row, code, conditions[code].shown);
	/* The advice on the row without the VLAN meets it. */
	other = nfp_condition_of(to, &whole, code);
	for (size_t i = 0; other && other != c && i < other->met_by.n; i++)
		nfp_strv_addf(&c->met_by, "%s", other->met_by.v[i]);
}
