// SPDX-License-Identifier: GPL-2.0-or-later
/* guest_vlan.c - whether and how this host can test the guest's VLAN. */
#include <stdlib.h>
#include <string.h>

#include "net/netlink.h"
#include "run_priv.h"

#define VLANS 4094U /* 0 and 4095 are no VLANs */

/* Returns why the guest's VLAN cannot be tested. NULL: it can. nfprobe has no frames with two tags,
 * and igb and ixgbe refuse a VF with VST the VLANs of its guest (igb_set_vf_vlan_msg,
 * ixgbe_set_vf_vlan_msg). */
static const char *why_no_guest_vlan(const struct nfp_run *run)
{
	if (run->vlan.vid)
		return "the VF has a VLAN from the PF (VST), and its guest's tags come beside that";
	if (run->port.ifindex)
		return "the standby's port is a second VF";
	return !run->source.row || run->source.row->tags
		       ? NULL
		       : "the source sends no frames with a tag of their own: take --from NETDEV";
}

/* True if a macvtap, macvlan or bridge is on the PF. Guests on it lose the VLANs that nobody has
 * registered. */
static bool has_guests(const struct nfp_run *run)
{
	const struct nfp_topology *t = &run->topology;
	const struct nfp_pf_info *pf = &run->pf->info;
	bool has = pf->master[0];

	nfp_for_each (link, t->links, t->num_links)
		has |= link->link == pf->ifindex &&
		       strncmp(link->kind, "macv", strlen("macv")) == 0;
	return has;
}

static const char *why_unregistrable(const struct nfp_run *run)
{
	if (nfp_is_bonded(&run->pf->info))
		return "a VLAN netdev on a member of a bond takes that VLAN from the bond";
	if (!nfp_prunes_vlans(&run->pf->info) || run->request->settings.forced || !has_guests(run))
		return NULL;
	return "with this driver, a VLAN that the PF registers takes others from the guests on "
	       "it: --force does it all the same";
}

static bool others_in_use(const struct nfp_run *run)
{
	bool in_use = false;

	nfp_for_each (vf, run->pf->vfs, run->pf->num_vfs)
		in_use |= vf->vf != run->result->vf.vf && vf->use != NFP_USE_IDLE;
	return in_use;
}

int nfp_port_vlans_read(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_link *port = nfp_topology_link(&run->topology,
							nfp_standby_netdev(&run->pf->info));
	const struct nfp_reading how = {.netns_fd = -1};
	struct nfp_netns netns = {.num_links = 0};
	int ret = nfp_netns_read(NFP_SEE_PORT_VLANS, &how, &netns, err);

	free(run->port_vlans);
	run->port_vlans = NULL;
	run->num_port_vlans = 0;
	nfp_topology_vepa(&run->topology, &netns);
	/* The VLANs decide nothing unless the user asked for one. */
	if (ret < 0 || !run->request->settings.guest_vlan) {
		nfp_netns_fini(&netns);
		return run->request->settings.guest_vlan ? ret : 0;
	}
	run->port_vlans = nfp_calloc(netns.num_port_vlans + 1, sizeof(*run->port_vlans));
	nfp_for_each (v, netns.port_vlans, netns.num_port_vlans)
		if (v->ifindex == port->ifindex)
			run->port_vlans[run->num_port_vlans++] = *v;
	nfp_netns_fini(&netns);
	return 0;
}

/* True for the guest's VLAN, that of a netdev, and one that the PF's bridge has registered with the
 * NIC. */
static bool is_vlan_of_pf(const struct nfp_run *run, unsigned int vid)
{
	const struct nfp_topology *t = &run->topology;
	bool used = vid == run->request->settings.guest_vlan;

	nfp_for_each (link, t->links, t->num_links)
		used |= strcmp(link->kind, "vlan") == 0 && link->vlan_id == vid;
	nfp_for_each (v, run->port_vlans, run->num_port_vlans)
		used |= v->vid == vid;
	return used;
}

/* Draws a VLAN that nobody is likely to have registered, the same for the whole run. A bridge may
 * have registered all, as Proxmox's does by default. */
static uint16_t free_vlan(const struct nfp_run *run, bool *ret_none)
{
	uint64_t lot = nfp_siphash(run->id.key, run->id.run, sizeof(run->id.run));
	unsigned int vid = (unsigned int)(lot % VLANS) + 1, tried = 0;

	while (is_vlan_of_pf(run, vid) && tried++ < VLANS)
		vid = vid % VLANS + 1;
	*ret_none = is_vlan_of_pf(run, vid);
	return (uint16_t)vid;
}

static struct nfp_guest_vlan_config config_of(const struct nfp_run *run)
{
	bool none;
	uint16_t free_vid = free_vlan(run, &none);

	return (struct nfp_guest_vlan_config) {
		.vid = (uint16_t)run->request->settings.guest_vlan,
		.free_vid = free_vid,
		.none_free = none,
		.own = *nfp_own_address(run),
		.sibling = others_in_use(run),
		.can_unfilter = run->request->settings.guest_vlan &&
				nfp_ethtool_feature(run->pf->info.ifname, "rx-vlan-filter", true),
		.untested = why_no_guest_vlan(run),
		.unregistrable = why_unregistrable(run),
	};
}

void nfp_tag_ladder(const struct nfp_run *run, struct nfp_runner_config *config)
{
	config->guest_vlan = config_of(run);
}

void nfp_tag_stream(const struct nfp_run *run, struct nfp_stream_config *config)
{
	const struct nfp_guest_vlan_config vlan = config_of(run);

	if (!vlan.vid || vlan.untested)
		return;
	config->copy_vlan = vlan.vid;
	for (enum nfp_kind kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (nfp_kinds[kind].tagged)
			config->tag[kind] = kind == NFP_KIND_VLAN_FREE ? vlan.free_vid : vlan.vid;
	}
}
