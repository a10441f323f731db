// SPDX-License-Identifier: GPL-2.0-or-later
/* standby.c - the standby's side: the test MAC on the PF, the VLAN child, and a bridge that has the
 * PF as a port. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/if_ether.h>

#include "apply.h"
#include "backend.h"
#include "change.h"
#include "journal.h"
#include "change/host.h"

int nfp_backend_delete_vlan_child(struct nfp_backend *backend, struct nfp_err *err)
{
	struct nfp_change c = {.kind = NFP_CHANGE_VLAN};

	backend->child_vlan.vid = 0;
	return backend->apply.vlan_child ? nfp_apply_change(&backend->apply, &c, err) : 0;
}

static bool is_vlan_child(const struct nfp_backend *backend, const struct nfp_link *link,
			  unsigned int vid)
{
	return link->link == backend->standby_at.ifindex && strcmp(link->kind, "vlan") == 0 &&
	       link->vlan_id == vid;
}

int nfp_backend_add_vlan_child(struct nfp_backend *backend, struct nfp_err *err)
{
	struct nfp_change c = {.kind = NFP_CHANGE_VLAN, .value = 1, .vlan = backend->vf.vlan};
	const struct nfp_topology *t = backend->config.topology;
	bool exists = false;
	int ret;

	if (nfp_vlan_equal(&backend->child_vlan, &c.vlan) ||
	    (!c.vlan.vid && !backend->child_vlan.vid))
		return 0;
	ret = nfp_backend_delete_vlan_child(backend, err);
	if (ret || !c.vlan.vid)
		return ret;
	for (size_t i = 0; i < t->num_links; i++)
		exists |= is_vlan_child(backend, &t->links[i], c.vlan.vid) &&
			  c.vlan.proto != ETH_P_8021AD;
	ret = exists ? 0 : nfp_apply_change(&backend->apply, &c, err);
	if (ret == -EOPNOTSUPP)
		nfp_err_try(err, "modprobe 8021q");
	/* A netdev that exists in another network namespace is as good. */
	if (ret && ret != -EEXIST)
		return ret;
	backend->child_vlan = c.vlan;
	return 0;
}

/* A driver without IFF_UNICAST_FLT makes the PF promiscuous for a second address (__dev_set_rx_mode
 * in net/core/dev.c), which hides what the PF's filter does. */
int nfp_backend_own(struct nfp_backend *backend, bool has, struct nfp_err *err)
{
	struct nfp_change c = {
		.kind = NFP_CHANGE_UNICAST, .value = has, .mac = backend->config.own};
	struct nfp_pf_now before, after;
	int ret;

	if (nfp_mac_is_zero(&c.mac))
		return 0;
	ret = nfp_backend_pf_read(backend, &before, err)
		      ?: nfp_apply_change(&backend->apply, &c, err)
		      ?: nfp_backend_pf_read(backend, &after, err);
	if (ret || !has || after.link.promiscuity <= before.link.promiscuity)
		return ret;
	c.value = 0;
	(void)nfp_apply_change(&backend->apply, &c, NULL);
	return nfp_err_set(err, -EBUSY, NFP_E_PF_ENSLAVED,
			   "%s is a member of a bond, so that a run gives it another address, by "
			   "which it becomes promiscuous: then nothing shows what its filter does",
			   backend->apply.pf.ifname);
}

/* ---- the guest's VLAN ---- */

/*
 * The port of a bridge takes no macvlan. A VLAN netdev right on the PF makes the same request of
 * its driver as `bridge vlan add` (vlan_vid_add, by register_vlan_dev and __vlan_vid_add), but the
 * kernel hands it the frames. It takes them from nobody only while the bridge drops them, since it
 * filters VLANs and does not have this one on the port (__allowed_ingress). Unlike an entry of the
 * bridge it lets nothing in, and ends with the process.
 */
static int find_way(struct nfp_backend *backend, uint16_t vid, enum nfp_change_kind *ret_kind,
		    struct nfp_err *err)
{
	struct nfp_nl *nl = backend->apply.nl;
	struct nfp_link pf, bridge;
	int ret = nfp_link_by_ifindex(nl, backend->apply.pf.ifindex, &pf, err);

	*ret_kind = NFP_CHANGE_REGISTER;
	if (ret || strcmp(pf.master_kind, "bridge") != 0)
		return ret;
	ret = nfp_link_by_ifindex(nl, pf.master, &bridge, err)
		      ?: nfp_rt_port_has_vlan(nl, pf.ifindex, vid, err);
	if (ret < 0)
		return ret;
	*ret_kind = ret ? NFP_CHANGE_COUNT : NFP_CHANGE_VLAN;
	if (bridge.vlan_proto == ETH_P_8021Q && (ret || bridge.vlan_filtering))
		return 0;
	return nfp_err_set(err, -EBUSY, NFP_E_UNSUPPORTED,
			   "%s does not filter 802.1Q VLANs, and would lose this one meanwhile",
			   bridge.ifname);
}

static int register_at_pf(struct nfp_backend *backend, uint16_t vid, struct nfp_err *err)
{
	struct nfp_change c = {
		.kind = backend->registered_by, .value = vid != 0, .vlan = backend->registered};
	int ret = 0;

	if (!vid && !c.vlan.vid)
		return 0;
	if (vid) {
		c.vlan = (struct nfp_vlan) {.vid = vid, .proto = ETH_P_8021Q};
		ret = find_way(backend, vid, &c.kind, err);
	}
	if (!ret && c.kind != NFP_CHANGE_COUNT)
		ret = nfp_apply_change(&backend->apply, &c, err);
	if (ret)
		return ret;
	c.vlan.vid = vid;
	backend->registered = c.vlan;
	backend->registered_by = c.kind;
	if (vid || c.kind != NFP_CHANGE_COUNT)
		return 0;
	return nfp_err_set(err, -EEXIST, NFP_E_UNSUPPORTED, "the bridge of %s has it registered",
			   backend->apply.pf.ifname);
}

int nfp_backend_vlan(void *ctx, enum nfp_receiver at, uint16_t vid, struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	struct nfp_backend_vf *vf = &backend->vf;
	struct nfp_change c = nfp_backend_change(vf, NFP_CHANGE_GUEST_VLAN);
	int ret;

	if (at == NFP_AT_PF)
		return register_at_pf(backend, vid, err);
	if (vf->tagged || !vid)
		return 0;
	c.value = 1;
	c.vlan = (struct nfp_vlan) {.vid = vid, .proto = ETH_P_8021Q};
	ret = nfp_apply_change(&backend->apply, &c, err);
	vf->tagged = ret == 0;
	return ret;
}

/* The kernel knows of netdevs in other namespaces, but not their names. */
int nfp_backend_swallower(void *ctx, uint16_t vid, char name[NFP_TEXT_LEN], struct nfp_err *err)
{
	const struct nfp_backend *backend = ctx;
	const struct nfp_topology *t = backend->config.topology;
	int ret = backend->apply.dry
			  ? 0
			  : nfp_rt_has_vlan(backend->apply.nl, &backend->standby_at, vid, err);

	if (ret <= 0)
		return ret;
	snprintf(name, NFP_TEXT_LEN, "a VLAN netdev on %s that is not in this network namespace",
		 backend->standby_at.ifname);
	nfp_for_each (link, t->links, t->num_links) {
		if (is_vlan_child(backend, link, vid) && link->vlan_proto != ETH_P_8021AD)
			snprintf(name, NFP_TEXT_LEN, "%s", link->ifname);
	}
	return 1;
}

/*
 * True if the standby's port joins multicast groups. A macvtap adds its guest's groups to the lower
 * device's list (macvlan_set_mac_lists; in a VLAN, vlan_dev_set_rx_mode adds them to the PF's). A
 * Linux bridge makes its ports receive all multicast (br_add_if); Open vSwitch does not
 * (ovs_netdev_link in net/openvswitch/vport-netdev.c).
 */
static bool joins(const struct nfp_backend *backend, const struct nfp_style_row *row)
{
	return row->second_vf || strcmp(backend->config.pf->info.master_kind, "openvswitch") != 0;
}

static int hold(struct nfp_backend *backend, const struct nfp_style_row *row,
		enum nfp_change_kind kind, const struct nfp_mac *mac, struct nfp_err *err)
{
	const struct nfp_link *vf = &backend->siblings[NFP_SIBLING_HEARS].netdev;
	struct nfp_change *c = &backend->held[backend->num_held];
	int ret;

	*c = (struct nfp_change) {
		.kind = kind,
		.value = 1,
		.ifindex = row->second_vf ? vf->ifindex : backend->apply.pf.ifindex,
		.private_netns = row->second_vf,
		.mac = *mac,
	};
	snprintf(c->ifname, sizeof(c->ifname), "%s",
		 row->second_vf ? vf->ifname : backend->apply.pf.ifname);
	ret = nfp_apply_change(&backend->apply, c, err);
	backend->num_held += ret == 0;
	return ret;
}

/* The newest. */
static int let_go(struct nfp_backend *backend, struct nfp_err *err)
{
	struct nfp_change c = backend->held[backend->num_held - 1];
	int ret;

	c.value = 0;
	ret = nfp_apply_change(&backend->apply, &c, err);
	backend->num_held -= ret == 0;
	return ret;
}

/* Adds in the order of a real standby: a port joins the bridge before it gets an entry, and a
 * macvtap is up before it joins a group. */
static int hold_all(struct nfp_backend *backend, const struct nfp_style_row *row,
		    const struct nfp_mac *mac, const struct nfp_mac *group, struct nfp_err *err)
{
	bool offloaded = row->macvlan &&
			 nfp_has_stations(&backend->config.pf->info, backend->vf.vlan.vid);
	int ret = 0;

	if (row->promiscuous)
		ret = hold(backend, row, NFP_CHANGE_PROMISC, mac, err);
	if (!ret && group && row->all_multicast && joins(backend, row))
		ret = hold(backend, row, NFP_CHANGE_ALLMULTI, group, err);
	if (!ret && row->entry)
		ret = hold(backend, row, offloaded ? NFP_CHANGE_MACVLAN : NFP_CHANGE_UNICAST, mac,
			   err);
	if (!ret && group && !row->all_multicast)
		ret = hold(backend, row, NFP_CHANGE_MADDR, group, err);
	return ret;
}

int nfp_backend_add_standby(void *ctx, enum nfp_style style, const struct nfp_mac *mac,
			    const struct nfp_mac *group, struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	const struct nfp_style_row *row = &nfp_styles[style];
	struct nfp_pf_now before, after;
	int unread;
	int ret = nfp_backend_remove_standby(backend, err)
			  ?: nfp_backend_pf_read(backend, &before, err);

	if (ret)
		return ret;
	ret = hold_all(backend, row, mac, group, err);
	unread = nfp_backend_pf_read(backend, &after, ret ? NULL : err);
	if (!unread)
		nfp_backend_expect_promisc(backend, &before, &after);
	ret = ret ?: unread;
	if (ret) {
		(void)nfp_backend_remove_standby(backend, NULL);
		return ret;
	}
	/*
	 * A PF without IFF_UNICAST_FLT becomes promiscuous without a notification
	 * (__dev_set_rx_mode in net/core/dev.c). The list takes a sentence only once.
	 */
	if (!row->promiscuous && after.link.promiscuity > before.link.promiscuity)
		nfp_strv_addf(
			&backend->warnings,
			"%s became promiscuous when the standby's address was added to it, as "
			"it does for a %s",
			backend->apply.pf.ifname, nfp_style_name(style));
	return 0;
}

int nfp_backend_entry(void *ctx, const struct nfp_mac *mac, struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	struct nfp_pf_now before, after;
	int ret = nfp_backend_pf_read(backend, &before, err), unread;

	if (ret)
		return ret;
	if (mac) {
		ret = hold(backend, &nfp_styles[NFP_STYLE_MACVTAP], NFP_CHANGE_UNICAST, mac, err);
	} else if (backend->num_held &&
		   backend->held[backend->num_held - 1].kind == NFP_CHANGE_UNICAST) {
		ret = let_go(backend, err);
	}
	/* A PF without IFF_UNICAST_FLT counts this as one more reason to be promiscuous. */
	unread = nfp_backend_pf_read(backend, &after, ret ? NULL : err);
	if (!unread)
		nfp_backend_expect_promisc(backend, &before, &after);
	return ret ?: unread;
}

static const struct nfp_change *held_as(const struct nfp_backend *backend,
					enum nfp_change_kind kind)
{
	nfp_for_each (c, backend->held, backend->num_held) {
		if (c->kind == kind)
			return c;
	}
	return NULL;
}

int nfp_backend_standby(void *ctx, struct nfp_netdev *ret_netdev)
{
	const struct nfp_backend *backend = ctx;

	if (!held_as(backend, NFP_CHANGE_MACVLAN))
		return -ENODEV;
	*ret_netdev = (struct nfp_netdev) {
		.ifname = NFP_MACVLAN_CHILD,
		.ifindex = backend->apply.macvlan,
		.netns_fd = backend->apply.netns_fd,
	};
	return 0;
}

/*
 * An address that stays in the PF's list after we removed it is also another process's: the kernel
 * counts the users of each (dev_uc_add). A step that needs the PF without the address shows nothing
 * then.
 */
static int find_other_user(struct nfp_backend *backend, const struct nfp_mac *mac,
			   struct nfp_err *err)
{
	bool has = false;
	int ret;

	if (backend->apply.dry)
		return 0;
	ret = nfp_rt_fdb_has(backend->apply.nl, &backend->apply.pf, NFP_RT_FDB_SELF, mac, &has,
			     err);
	if (has)
		backend->shared = *mac;
	return ret;
}

int nfp_backend_remove_standby(void *ctx, struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	const struct nfp_change *entry = held_as(backend, NFP_CHANGE_UNICAST)
						 ?: held_as(backend, NFP_CHANGE_MACVLAN);
	bool of_pf = entry && !entry->private_netns;
	const struct nfp_mac mac = entry ? entry->mac : (struct nfp_mac) {{0}};
	struct nfp_pf_now before, after;
	int unread;

	if (!backend->num_held)
		return 0;
	/* A PF that is gone, or cannot be read, must not keep the standby's filter in place. */
	unread = nfp_backend_pf_read(backend, &before, NULL);
	while (backend->num_held) {
		int ret = let_go(backend, err);

		if (ret)
			return ret;
	}
	if (!unread && !nfp_backend_pf_read(backend, &after, NULL))
		nfp_backend_expect_promisc(backend, &before, &after);
	return unread || !of_pf ? 0 : find_other_user(backend, &mac, err);
}

/* ---- the run's addresses in the FDB of a bridge ---- */

static const char *bridge_name(const struct nfp_backend *backend, const struct nfp_link *port)
{
	const struct nfp_link *bridge = nfp_topology_ifindex(backend->config.topology,
							     port->master);

	return bridge ? bridge->ifname : "the bridge";
}

static int add_port_entries(struct nfp_backend *backend, const struct nfp_link *port,
			    struct nfp_err *err)
{
	const struct nfp_journal_data *data = nfp_journal_data(backend->journal);

	for (size_t i = 0; i < backend->config.num_addresses; i++) {
		struct nfp_change c = {.kind = NFP_CHANGE_PORT_FDB_ADD,
				       .ifindex = port->ifindex,
				       .mac = backend->config.addresses[i]};
		bool exists = false;
		int ret;

		/* With --mac all addresses are the same, and several VFs may be in one VLAN. */
		nfp_for_each (made, data->changes, data->num_changes)
			exists |= made->kind == c.kind && made->ifindex == c.ifindex &&
				  nfp_mac_equal(&made->mac, &c.mac);
		if (exists)
			continue;
		snprintf(c.ifname, sizeof(c.ifname), "%s", port->ifname);
		ret = nfp_apply_change(&backend->apply, &c, err);
		if (ret == -EEXIST) {
			nfp_err_set(err, ret, NFP_E_UNSUPPORTED,
				    "%s, which %s is a port of, already knows the address %s",
				    bridge_name(backend, port), port->ifname,
				    nfp_mac_str(&c.mac).text);
			nfp_err_hint(err, "Another process or host uses it: choose another address "
					  "with --mac.");
		}
		if (ret)
			return ret;
	}
	return 0;
}

struct flooded_port {
	const char *self;
	char name[NFP_IFNAMSIZ];
	const struct nfp_sysroot *root;
};

static int find_flooded_port(const char *name, void *ctx)
{
	struct flooded_port *f = ctx;
	uint64_t on = 0;

	if (strcmp(name, f->self) == 0 ||
	    nfp_sysfs_number(f->root, &on, "/sys/class/net/%s/brport/unicast_flood", name) || !on)
		return 0;
	snprintf(f->name, sizeof(f->name), "%s", name);
	return 1;
}

int nfp_backend_add_bridge_entries(struct nfp_backend *backend, const struct nfp_vlan *vlan,
				   struct nfp_err *err)
{
	const struct nfp_topology *t = backend->config.topology;
	int ret = 0;

	for (size_t i = 0; i < t->num_links && !ret; i++) {
		const struct nfp_link *link = &t->links[i];
		struct flooded_port f = {.self = link->ifname, .root = backend->apply.root};

		if (strcmp(link->master_kind, "bridge") != 0 ||
		    !(vlan->vid ? is_vlan_child(backend, link, vlan->vid)
				: link->ifindex == backend->standby_at.ifindex))
			continue;
		if (link->promiscuity) {
			ret = add_port_entries(backend, link, err);
			continue;
		}
		/*
		 * A bridge writes its static entries into the unicast filter of a port that it does
		 * not keep promiscuous (fdb_add_hw_addr in net/bridge/br_fdb.c). That would put the
		 * test MAC into the PF's filter, and make the verdict wrong. Such a bridge does not
		 * flood to ports with flooding off, so usually no port gets the stream; warn if one
		 * does.
		 */
		(void)nfp_sysfs_each(f.root, find_flooded_port, &f, "/sys/class/net/%s/brif",
				     bridge_name(backend, link));
		if (f.name[0])
			nfp_strv_addf(&backend->warnings,
				      "%s, a port of %s, also receives the test frames", f.name,
				      bridge_name(backend, link));
	}
	return ret;
}
