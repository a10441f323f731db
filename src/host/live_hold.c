// SPDX-License-Identifier: GPL-2.0-or-later
/* live_hold.c - the standby's side: how the PF takes X and lets it go; a bridge that the PF is a
 * port of. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/if_ether.h>

#include "live_priv.h"

/* A VLAN that has a child of the PF in this namespace is let in already. */
static bool has_child(const struct nfp_live *live, const struct nfp_vlan *vlan)
{
	const struct nfp_topology *t = live->config.topology;

	for (size_t i = 0; i < t->num_links; i++)
		if (t->links[i].link == live->hands.pf.ifindex &&
		    strcmp(t->links[i].kind, "vlan") == 0 && t->links[i].vlan_id == vlan->vid &&
		    vlan->proto != ETH_P_8021AD)
			return true;
	return false;
}

int nfp_live_drop_child(struct nfp_live *live, struct nfp_err *err)
{
	struct nfp_change c = {.kind = NFP_CHANGE_VLAN_DEL};

	live->child_vlan.vid = 0;
	return live->hands.vlan_child ? nfp_hands_make(&live->hands, &c, err) : 0;
}

/* So that the PF's VLAN filter takes the run's VLAN, as it does for a standby on eth0.100. */
int nfp_live_let_vlan_in(struct nfp_live *live, struct nfp_err *err)
{
	struct nfp_change c = {.kind = NFP_CHANGE_VLAN_ADD, .vlan = live->vf.vlan};
	int ret = 0;

	if (nfp_vlan_equal(&live->child_vlan, &c.vlan) || (!c.vlan.vid && !live->child_vlan.vid))
		return 0;
	ret = nfp_live_drop_child(live, err);
	if (ret || !c.vlan.vid)
		return ret;
	if (!has_child(live, &c.vlan)) {
		ret = nfp_hands_make(&live->hands, &c, err);
		/* Somebody has one in another namespace: as good. */
		if (ret == -EEXIST)
			ret = 0;
		if (ret == -EOPNOTSUPP)
			nfp_err_hint(err, "modprobe 8021q");
	}
	if (!ret)
		live->child_vlan = c.vlan;
	return ret;
}

static int hold_by(struct nfp_live *live, enum nfp_change_kind kind, const struct nfp_mac *mac,
		   struct nfp_err *err)
{
	live->held_change = (struct nfp_change) {.kind = kind, .mac = *mac};
	return nfp_hands_make(&live->hands, &live->held_change, err);
}

/*
 * With l2-fwd-offload a macvtap does not touch the PF's filter: the driver gives it queues and a
 * filter of its own (ndo_dfwd_add_station, as called by macvlan_open). One on a VLAN of the PF gets
 * none.
 */
static bool is_offloaded(const struct nfp_live *live)
{
	return live->config.pf->l2_fwd_offload && !live->vf.vlan.vid;
}

/*
 * What drivers say of an entry that they do not take: i40e takes one only while it has VFs, and
 * ixgbe none when its table is full (ENOMEM). A macvtap, whose address takes another way into that
 * table, does without.
 */
static bool takes_no_entry(int ret)
{
	return ret == -EOPNOTSUPP || ret == -EINVAL || ret == -ENOMEM;
}

static int hold_filter(struct nfp_live *live, const struct nfp_mac *mac, struct nfp_err *err)
{
	int ret;

	if (is_offloaded(live))
		return hold_by(live, NFP_CHANGE_MACVLAN_ADD, mac, err);
	live->held_change = (struct nfp_change) {
		.kind = NFP_CHANGE_FDB_ADD, .of_vf = true, .vf = live->vf.before.vf, .mac = *mac};
	ret = nfp_hands_insist(&live->hands, &live->held_change, err);
	if (!takes_no_entry(ret))
		return ret;
	(void)nfp_journal_void(live->journal, &live->held_change, NULL);
	return hold_by(live, NFP_CHANGE_MACVLAN_ADD, mac, err);
}

static int take(struct nfp_live *live, enum nfp_style style, const struct nfp_mac *mac,
		struct nfp_err *err)
{
	struct nfp_pf_now before, after;
	int ret = nfp_live_pf_read(live, &before, err);

	if (!ret)
		ret = style == NFP_STYLE_FILTER ? hold_filter(live, mac, err)
						: hold_by(live, NFP_CHANGE_PROMISC_ON, mac, err);
	if (ret)
		return ret;
	live->held = true;
	ret = nfp_live_pf_read(live, &after, err);
	if (ret)
		return ret;
	nfp_live_expect_promisc(live, &before, &after);
	if (style != NFP_STYLE_FILTER || after.promiscuity <= before.promiscuity)
		return 0;
	/* Told once: the list takes no sentence twice. */
	nfp_strv_addf(&live->warnings,
		      "%s became promiscuous when the standby's address was added to it, as it "
		      "does for a macvtap",
		      live->hands.pf.ifname);
	return 0;
}

int nfp_live_standby(void *ctx, struct nfp_netdev *ret_netdev)
{
	const struct nfp_live *live = ctx;

	if (!live->held || live->held_change.kind != NFP_CHANGE_MACVLAN_ADD || !is_offloaded(live))
		return -ENODEV;
	*ret_netdev = (struct nfp_netdev) {
		.ifname = NFP_MACVLAN_CHILD,
		.ifindex = live->hands.macvlan,
		.netns_fd = live->hands.netns_fd,
	};
	return 0;
}

int nfp_live_hold(void *ctx, enum nfp_style style, const struct nfp_mac *mac, struct nfp_err *err)
{
	struct nfp_live *live = ctx;
	int ret = live->held ? nfp_live_release(live, err) : 0;

	return ret ? ret : take(live, style, mac, err);
}

static int release_fdb(struct nfp_live *live, struct nfp_err *err)
{
	struct nfp_change c = live->held_change;
	int ret;

	c.kind = NFP_CHANGE_FDB_DEL;
	c.seq = 0;
	ret = nfp_hands_insist(&live->hands, &c, err);
	if (ret && ret != -ENOENT && ret != -ENODEV)
		return ret;
	/* Whoever enters this address from now on is another process: nothing is left to undo. */
	(void)nfp_journal_void(live->journal, &live->held_change, NULL);
	if (c.seq)
		(void)nfp_journal_void(live->journal, &c, NULL);
	return 0;
}

static int let_go(struct nfp_live *live, struct nfp_err *err)
{
	struct nfp_change c = {.kind = NFP_CHANGE_MACVLAN_DEL};

	if (live->held_change.kind == NFP_CHANGE_FDB_ADD)
		return release_fdb(live, err);
	if (live->held_change.kind == NFP_CHANGE_PROMISC_ON)
		c.kind = NFP_CHANGE_PROMISC_OFF;
	return nfp_hands_make(&live->hands, &c, err);
}

int nfp_live_release(void *ctx, struct nfp_err *err)
{
	struct nfp_live *live = ctx;
	struct nfp_pf_now before, after;
	int ret, seen;

	if (!live->held)
		return 0;
	/* A PF that is gone, or cannot be read, holds nothing back: letting go comes first. */
	seen = nfp_live_pf_read(live, &before, NULL);
	ret = let_go(live, err);
	if (ret)
		return ret;
	live->held = false;
	if (!seen && !nfp_live_pf_read(live, &after, NULL))
		nfp_live_expect_promisc(live, &before, &after);
	return 0;
}

/* ---- the run's addresses in the FDB of a bridge ---- */

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
