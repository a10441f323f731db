// SPDX-License-Identifier: GPL-2.0-or-later
/* select.c - what a run probes: the PF, its VF, the styles, and the addresses under test. */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "run_priv.h"
#include "rights.h"

#define PER_LADDER (2 + NFP_SPARE_ADDRESSES)

/* Finds the idle VFs that would lose what somebody has set: they are taken after the others. */
static void find_settings(const struct nfp_sysroot *root, struct nfp_pf *pf)
{
	nfp_for_each (vf, pf->vfs, pf->num_vfs) {
		vf->has_settings = vf->use == NFP_USE_IDLE && vf->ifindex &&
				   nfp_netdev_has_settings(root, vf->ifindex, vf->ifname);
	}
}

/* The netdev must be of this namespace. */
static struct nfp_rx_handler handler_of(const struct nfp_run *run, const struct nfp_link *link)
{
	return nfp_rx_handler_of(run->topology.links, run->topology.num_links, &run->uppers, link);
}

/* Returns the netdev on which a standby stands. */
static const struct nfp_link *standby_link(const struct nfp_run *run)
{
	return nfp_topology_link(&run->topology, nfp_standby_netdev(&run->pf->info));
}

/* Returns the VLAN of the VF in the run; 0: none. */
static unsigned int vlan_of(const struct nfp_run *run)
{
	return run->request->have_vlan ? run->request->settings.vlan.vid : run->result->vf.vlan.vid;
}

static bool is_vlan_on(const struct nfp_link *link, int ifindex, unsigned int vid)
{
	return strcmp(link->kind, "vlan") == 0 && link->link == ifindex && link->vlan_id == vid;
}

int nfp_run_read_host(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_request *request = run->request;
	int ret = nfp_topology_read(nfp_sysroot_default(), request->pf, &run->topology, err);

	if (ret < 0)
		return ret;
	/* A run undoes what another one left, and is refused while one goes on. */
	if (run->dry)
		(void)nfp_runs_mark(NFP_RUNDIR, &run->topology, NULL);
	run->pf = nfp_topology_pf(&run->topology, request->pf);
	if (!run->pf)
		return nfp_err_set(err, -ENODEV, NFP_E_NO_INTERFACE, "%s has gone", request->pf);
	find_settings(run->topology.root, &run->topology.pfs[run->pf - run->topology.pfs]);
	ret = nfp_port_vlans_read(run, err);
	if (ret < 0)
		return ret;
	nfp_uppers_fini(&run->uppers);
	nfp_uppers_read(run->topology.root, nfp_clock_now() + NFP_UPPERS_NS, &run->uppers);
	nfp_topology_place(&run->topology, &run->uppers);
	run->result->pf = run->pf->info;
	nfp_pf_find_bridges(&(const struct nfp_netns) {.links = run->topology.links,
						       .num_links = run->topology.num_links},
			    &run->result->pf);
	run->result->pf.rx_handler = handler_of(run, standby_link(run));
	return 0;
}

static void find_vf_driver(const struct nfp_run *run, char driver[NFP_TEXT_LEN])
{
	const struct nfp_pf *pf = run->pf;
	const struct nfp_vf_result *vf = &run->result->vf;

	driver[0] = '\0';
	(void)nfp_net_driver_find(run->topology.root, pf, vf->vf, pf->bus, vf->parentdev, driver,
				  NFP_TEXT_LEN);
}

static void choose_settle(struct nfp_run *run)
{
	struct nfp_settings *settings = &run->result->settings;
	uint64_t asked_ns = run->request->settings.settle_ns, needed_ns;
	char driver[NFP_TEXT_LEN];

	find_vf_driver(run, driver);
	needed_ns = nfp_settle_needed(run->topology.root, run->pf->bus, run->pf->info.driver,
				      driver);
	run->settle_ns = asked_ns ?: needed_ns;
	run->network_ns = asked_ns ?: MAX(needed_ns, NFP_SETTLE_DEFAULT_NS);
	settings->settle_ns = run->settle_ns;
	settings->settle_short = run->settle_ns < needed_ns;
	settings->settle_source = asked_ns			      ? NFP_SETTLE_SOURCE_OPTION
				  : needed_ns < NFP_SETTLE_DEFAULT_NS ? NFP_SETTLE_SOURCE_DRIVERS
				  : needed_ns > NFP_SETTLE_DEFAULT_NS ? NFP_SETTLE_SOURCE_SLOW
								      : NFP_SETTLE_SOURCE_DEFAULT;
}

/* Notes the VF in the result, and @why it cannot be probed. */
static void note_vf(struct nfp_run *run, const struct nfp_err *why)
{
	const struct nfp_vf_info *vf = run->roles.vf;
	struct nfp_vf_result *out = &run->result->vf;

	run->result->have_vf = true;
	out->vf = run->roles.number;
	out->trust = out->spoofchk = -1;
	out->verdict = NFP_VERDICT_UNKNOWN;
	out->status = run->roles.status;
	out->error = *why;
	if (!vf)
		return;
	snprintf(out->parentdev, sizeof(out->parentdev), "%s", vf->parentdev);
	snprintf(out->driver, sizeof(out->driver), "%s", vf->driver);
	out->address = vf->attr.mac;
	out->trust = vf->attr.trust;
	out->spoofchk = vf->attr.spoofchk;
	out->vlan = vf->attr.vlan;
	out->have_others = true;
	out->others_up = nfp_pf_others_up(run->pf, vf->vf);
	nfp_for_each (other, run->pf->vfs, run->pf->num_vfs)
		out->others_trusted |= other->vf != vf->vf && other->attr.trust == 1;
	choose_settle(run);
}

struct nfp_roles_input nfp_run_roles_input(const struct nfp_run *run)
{
	return (struct nfp_roles_input) {
		.request = run->request,
		.topology = &run->topology,
		.pf = run->pf,
		.net_admin = nfp_has_capability(CAP_NET_ADMIN),
		.dry = run->dry,
		.vid = run->vlan.vid,
		.found = &run->found,
	};
}

struct nfp_roles nfp_run_roles(const struct nfp_run *run, enum nfp_style style)
{
	const struct nfp_roles_input input = nfp_run_roles_input(run);
	struct nfp_roles roles = run->roles;

	nfp_roles_pick_port(&input, style, &roles);
	return roles;
}

void nfp_select_vf_again(struct nfp_run *run)
{
	const struct nfp_roles_input input = nfp_run_roles_input(run);
	struct nfp_err why;

	nfp_roles_pick_vf_again(&input, &run->roles, &why);
	note_vf(run, &why);
}

int nfp_run_select(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_roles_input input;
	struct nfp_err why = {.code = NFP_E_NONE};
	int ret = nfp_run_read_host(run, err);

	if (ret < 0)
		return ret;
	input = nfp_run_roles_input(run);
	ret = nfp_roles_pick_vf(&input, &run->roles, &why, err);
	if (run->roles.have_vf)
		note_vf(run, &why);
	return ret;
}

/* ---- styles ---- */

/* Returns the user of the frames of the VF's VLAN on the PF, which has a netdev, or can get one. */
static struct nfp_rx_handler handler_of_vlan(const struct nfp_run *run, unsigned int vid)
{
	const struct nfp_topology *t = &run->topology;
	const int on = standby_link(run)->ifindex;
	struct nfp_rx_handler handler = {.user = NFP_RX_NOBODY};

	nfp_for_each (link, t->links, t->num_links)
		if (is_vlan_on(link, on, vid))
			return handler_of(run, link);
	/* The netdev is in another namespace, whose netdevs are not known here. */
	for (size_t i = 0; i < run->uppers.n; i++)
		if (is_vlan_on(&run->uppers.v[i].link, on, vid))
			handler.user = NFP_RX_UNKNOWN;
	return handler;
}

enum nfp_answer nfp_style_can_be_built(const struct nfp_run *run, enum nfp_style style,
				       char why[NFP_NOTE_LEN])
{
	const unsigned int vid = vlan_of(run);
	struct nfp_rx_handler at[2] = {run->result->pf.rx_handler};

	if (vid)
		at[1] = handler_of_vlan(run, vid);
	return nfp_style_is_possible(style, at, vid ? 2 : 1, why);
}

/* A fix that needs another style to be safe is due only if --style has named the bridge, or if this
 * host cannot build that style: else the user has a style that is safe. */
static bool may_be_due(const struct nfp_run *run, enum nfp_style style)
{
	const uint32_t needs = nfp_styles[style].needs_safe;
	char why[NFP_NOTE_LEN];

	for (enum nfp_style s = 0; s < NFP_STYLE_COUNT && !run->request->named; s++) {
		if (needs & NFP_STYLE_BIT(s) && nfp_style_can_be_built(run, s, why) != NFP_NO)
			return false;
	}
	return true;
}

bool nfp_may_test(const struct nfp_run *run, enum nfp_style style)
{
	const struct nfp_request *request = run->request;
	char why[NFP_NOTE_LEN];

	return request->settings.styles[style] ||
	       (request->settings.try_fixes && nfp_style_may_fix(request->settings.styles, style) &&
		may_be_due(run, style) && nfp_style_can_be_built(run, style, why) != NFP_NO);
}

/* Later ladders leave out what the first has shown. */
static uint64_t ladder_ns(const struct nfp_run *run, enum nfp_style style, bool first)
{
	static const struct nfp_mac other = {{0x02}}, none;
	const struct nfp_source_row *row = run->source.row ?: &nfp_sources[NFP_SOURCE_NETDEV];
	const struct nfp_request *request = run->request;
	struct nfp_earlier shown = {.slow = run->earlier.slow};
	struct nfp_runner_config config = {
		.style = style,
		.source = row,
		.address_first = request->have_mac ? none : other,
		.multicast = request->settings.multicast && row->shows.group,
		.rate = nfp_source_rate(run, row),
		.on_ovs = nfp_source_on_ovs(run),
		.settle_ns = run->settle_ns,
		.network_ns = run->network_ns,
		.announce = request->announce,
		.pf_silent = nfp_run_why_silent(run, style),
		.earlier = &shown,
	};
	struct nfp_timetable times;

	nfp_tag_ladder(run, &config);
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT && !first; step++)
		shown.passed_ns[step] = UINT64_MAX;
	for (enum nfp_takes takes = 0; takes < NFP_TAKES_COUNT; takes++)
		shown.resets[takes] = !first;
	nfp_ladder_estimate(&config, &times);
	return times.all_ns;
}

/* True if a fix can be over before --timeout, with time for all styles that were asked for. */
static bool has_time(const struct nfp_run *run, enum nfp_style style)
{
	size_t ladders = 1;

	for (enum nfp_style s = style; s < NFP_STYLE_COUNT; s++)
		ladders += run->request->settings.styles[s];
	return !run->deadline_ns ||
	       nfp_clock_now() + ladders * ladder_ns(run, style, false) <= run->deadline_ns;
}

bool nfp_style_is_due(const struct nfp_run *run, enum nfp_style style)
{
	if (nfp_styles[style].pinned && !run->request->settings.styles[style])
		return run->request->settings.try_fixes &&
		       nfp_pin_may_help(&run->result->vf, style);
	if (run->request->settings.styles[style] || !nfp_may_test(run, style))
		return run->request->settings.styles[style];
	return nfp_fix_is_due(&run->result->vf, style, run->request->named) && has_time(run, style);
}

const struct nfp_driver *nfp_vf_driver(const struct nfp_run *run)
{
	char driver[NFP_TEXT_LEN];

	find_vf_driver(run, driver);
	return nfp_driver(driver);
}

uint64_t nfp_run_limit(uint64_t estimate_ns)
{
	/* No estimate knows that a driver may take tens of seconds to bind (MLX5_TO_CMD_MS). */
	const uint64_t least_ns = 300 * NFP_NSEC_PER_SEC, most_ns = 3600 * NFP_NSEC_PER_SEC;

	return MIN(MAX(10 * estimate_ns, least_ns), most_ns);
}

uint64_t nfp_run_estimate(const struct nfp_run *run, bool fixes)
{
	bool first = true;
	uint64_t total_ns = 0;

	if (!run->result->have_vf || run->result->vf.status != NFP_VF_PROBED)
		return 0;
	for (enum nfp_style s = 0; s < NFP_STYLE_COUNT; s++) {
		bool derived = nfp_styles[s].pinned &&
			       run->request->settings.styles[nfp_styles[s].plain];

		if (derived ||
		    !(run->request->settings.styles[s] || (fixes && nfp_may_test(run, s))))
			continue;
		total_ns += ladder_ns(run, s, first);
		first = false;
	}
	return total_ns;
}

bool nfp_style_is_redundant(const struct nfp_run *run, enum nfp_style style, char *buf, size_t size)
{
	const struct nfp_style_row *row = &nfp_styles[style];
	const struct nfp_pf *pf = run->pf;

	if (row->second_vf && !nfp_run_roles(run, style).port)
		snprintf(buf, size,
			 "it needs a second VF that is idle and has a driver of this host, and %s "
			 "has none to spare",
			 pf->info.ifname);
	else if (!row->promiscuous && pf->info.promiscuity)
		snprintf(buf, size,
			 "%s is promiscuous already (%s), so the effect of its own filter cannot "
			 "be seen",
			 pf->info.ifname,
			 pf->promisc_by[0] ? pf->promisc_by : "by whom is not known");
	else
		return false;
	return true;
}

/* ---- addresses ---- */

int nfp_check_mac(const struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_mac *mac = &run->request->mac;
	const struct nfp_vf_result *vf = &run->result->vf;
	const struct nfp_vf_info *only = NULL;
	char who[NFP_USER_LEN];
	int ret;

	if (!run->request->have_mac)
		return 0;
	if (vf->status == NFP_VF_PROBED)
		only = nfp_pf_vf(run->pf, vf->vf);
	ret = nfp_mac_owner(&run->topology, mac, only, who, err);
	if (ret <= 0)
		return ret;
	nfp_err_set(err, -EADDRINUSE, NFP_E_MAC_IN_USE, "--mac %s: %s has this address already",
		    nfp_mac_str(mac).text, who);
	nfp_err_hint(err, "Frames to it may be meant for another host or guest. Name an address "
			  "that nobody uses, or leave out --mac for random ones.");
	return -EADDRINUSE;
}

/* True if the host uses the address, or it is in the pool below @index. */
static bool is_known(const struct nfp_run *run, const struct nfp_mac *mac, size_t index)
{
	nfp_for_each (link, run->topology.links, run->topology.num_links) {
		if (nfp_mac_equal(&link->address, mac))
			return true;
	}
	for (size_t i = 0; i < index; i++) {
		if (nfp_mac_equal(&run->pool[i], mac))
			return true;
	}
	return run->request->have_mac && nfp_mac_equal(&run->request->mac, mac);
}

/* Returns how many styles before @end the run may test. */
static size_t styles_before(const struct nfp_run *run, enum nfp_style end)
{
	size_t num = 0;

	for (enum nfp_style style = 0; style < end; style++)
		num += nfp_may_test(run, style);
	return num;
}

int nfp_pool_fill(struct nfp_run *run, struct nfp_err *err)
{
	run->num_pool = 1 + styles_before(run, NFP_STYLE_COUNT) * PER_LADDER;
	/* The last is the PF's own, in case it must not have that of its bond. */
	run->pool = nfp_calloc(run->num_pool + 1, sizeof(*run->pool));
	for (size_t i = 0; i <= run->num_pool; i++) {
		struct nfp_mac *mac = &run->pool[i];

		/* The spare addresses are nobody's, whatever the user has chosen. */
		if (i > 0 && run->request->have_mac && (i - 1) % PER_LADDER < 2) {
			*mac = run->request->mac;
			continue;
		}
		do {
			int ret = nfp_mac_random(mac, err);

			if (ret)
				return ret;
		} while (is_known(run, mac, i));
	}
	return 0;
}

struct nfp_addresses nfp_pool_pick(const struct nfp_run *run, enum nfp_style style)
{
	const struct nfp_mac *at = &run->pool[1 + styles_before(run, style) * PER_LADDER];
	struct nfp_addresses addresses = {.main = at[0], .first = at[1]};

	memcpy(addresses.spare, at + 2, sizeof(addresses.spare));
	return addresses;
}
