// SPDX-License-Identifier: GPL-2.0-or-later
/* bridgeport.c - where the PF is a port of a Linux bridge: the run's addresses in its FDB. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "live_priv.h"

static bool is_port(const struct nfp_live *live, const struct nfp_link *link,
		    const struct nfp_vlan *vlan)
{
	if (strcmp(link->master_kind, "bridge") != 0)
		return false;
	if (!vlan->vid)
		return link->ifindex == live->hands.pf.ifindex;
	return link->link == live->hands.pf.ifindex && strcmp(link->kind, "vlan") == 0 &&
	       link->vlan_id == vlan->vid;
}

static const char *bridge_name(const struct nfp_live *live, const struct nfp_link *port)
{
	const struct nfp_link *bridge = nfp_topology_ifindex(live->config.topology, port->master);

	return bridge ? bridge->ifname : "the bridge";
}

/* With --mac every address of the run is one and the same, and several VFs may be in one VLAN. */
static bool is_entered(const struct nfp_live *live, const struct nfp_change *entry)
{
	const struct nfp_journal_data *data = nfp_journal_data(live->journal);

	for (size_t i = 0; i < data->num_changes; i++)
		if (data->changes[i].kind == entry->kind &&
		    data->changes[i].ifindex == entry->ifindex &&
		    nfp_mac_equal(&data->changes[i].mac, &entry->mac))
			return true;
	return false;
}

static int enter_all(struct nfp_live *live, const struct nfp_link *port, struct nfp_err *err)
{
	for (size_t i = 0; i < live->config.num_addresses; i++) {
		struct nfp_change c = {.kind = NFP_CHANGE_PORT_FDB_ADD,
				       .ifindex = port->ifindex,
				       .mac = live->config.addresses[i]};
		int ret;

		if (is_entered(live, &c))
			continue;
		snprintf(c.ifname, sizeof(c.ifname), "%s", port->ifname);
		ret = nfp_hands_insist(&live->hands, &c, err);
		if (ret == -EEXIST) {
			char mac[NFP_MAC_STRLEN];

			nfp_err_set(err, ret, NFP_E_UNSUPPORTED,
				    "%s, which %s is a port of, knows the address %s already",
				    bridge_name(live, port), port->ifname,
				    nfp_mac_str(&c.mac, mac));
			nfp_err_hint(err, "it is somebody's: take another one (--mac)");
		}
		if (ret)
			return ret;
	}
	return 0;
}

struct flooded {
	const char *self;
	char port[NFP_IFNAMSIZ];
	const struct nfp_sysroot *root;
};

static int is_flooded(const char *port, void *ctx)
{
	struct flooded *f = ctx;
	uint64_t on = 0;

	if (strcmp(port, f->self) == 0 ||
	    nfp_sysfs_number(&on, "%s/class/net/%s/brport/unicast_flood", f->root->sys, port) ||
	    !on)
		return 0;
	snprintf(f->port, sizeof(f->port), "%s", port);
	return 1;
}

/*
 * A bridge writes its static entries into the unicast filter of a port that it does not keep
 * promiscuous (fdb_add_hw_addr in net/bridge/br_fdb.c): X would be in the PF's filter by our own
 * doing, and the verdict wrong. Such a bridge floods nothing to ports with flooding off, so that
 * usually nobody gets the stream; where somebody does, it is said.
 */
static void leave_alone(struct nfp_live *live, const struct nfp_link *port)
{
	struct flooded f = {.self = port->ifname, .root = live->hands.root};
	const char *bridge = bridge_name(live, port);

	(void)nfp_sysfs_each(is_flooded, &f, "%s/class/net/%s/brif", f.root->sys, bridge);
	if (f.port[0])
		nfp_strv_addf(&live->warnings, "%s, a port of %s, gets the test frames too", f.port,
			      bridge);
}

int nfp_live_enter_bridge(struct nfp_live *live, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	const struct nfp_topology *t = live->config.topology;
	int ret = 0;

	for (size_t i = 0; i < t->num_links && !ret; i++) {
		const struct nfp_link *link = &t->links[i];

		if (!is_port(live, link, vlan))
			continue;
		if (link->promiscuity)
			ret = enter_all(live, link, err);
		else
			leave_alone(live, link);
	}
	return ret;
}
