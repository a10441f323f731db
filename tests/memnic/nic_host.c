// SPDX-License-Identifier: GPL-2.0-or-later
/* The host side: what the kernel would do with each request, and how long it would take. */
#include "memnic_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MS    NFP_NSEC_PER_MSEC
#define UP_NS MS /* to set the VF's netdev up, without carrier */

/* Counts the call, lets its time pass, and fails it when it is the one to fail. */
static int begin_call(struct memnic *nic, const char *word, uint64_t takes_ns, struct nfp_err *err)
{
	nic_note(nic, word);
	nic_advance(nic, nic->now_ns + takes_ns, false);
	if (++nic->calls == nic->c.fail_call)
		return nfp_err_errno(err, -nic->c.fail_errno, nic->c.fail_code, "%s failed", word);
	if (nic->gone)
		return nfp_err_set(err, -ENODEV, NFP_E_KERNEL, "%s: no such device", word);
	return 0;
}

static int refuse(int errnum, const char *word, struct nfp_err *err)
{
	return nfp_err_errno(err, -errnum, NFP_E_KERNEL, "%s", word);
}

static void happened_to_groups(struct memnic *nic, enum core_event event)
{
	const struct core_personality *p = &nic->p;
	/* The VF of a ladder joins after all events that could kill its groups. */
	unsigned int lost = core_groups_event(p, event) & ~CORE_GROUPS_KILLED;

	if (event == CORE_ON_DOWN) {
		nic_cancel(nic, NIC_VF_GROUP_ON);
		nic->vf_joins = false;
		nic->vf_groups.joined.num = 0;
	}
	if (lost)
		nic_schedule_as(nic, p->group_lost_ns,
				(struct nic_pending) {.what = NIC_GROUPS_LOST, .lost = lost});
	if (event == CORE_ON_UP && nic->vf_joins)
		nic_schedule(nic, p->join_after_ns, NIC_VF_GROUP_ON);
}

static bool vf_owns(const struct memnic *nic, const struct nfp_mac *mac)
{
	return nic->vf_assigned && nfp_mac_equal(&nic->vf_mac, mac);
}

static void happened(struct memnic *nic, enum core_event event)
{
	const struct core_personality *p = &nic->p;
	const uint8_t *told = nic->vf_assigned ? nic->vf_mac.b : NULL;

	nic_vf_filter_changed(nic, core_filter_event(&nic->filter, p, event, told, nic->now_ns));
	happened_to_groups(nic, event);
	if (p->unlearns_on & CORE_BIT(event))
		core_net_forget(&nic->learned, NFP_AT_VF);
	if (p->blinks_on & CORE_BIT(event)) {
		nic_schedule(nic, p->blink_after_ns, NIC_CARRIER_DOWN);
		nic_schedule(nic, p->blink_after_ns + p->blink_for_ns, NIC_CARRIER_UP);
	}
	nic_advance(nic, nic->now_ns, false);
	nic_reroute(nic, false);
}

/* ---- the PF ---- */

/* The state that a standby takes of its port, from real setups, not from nfprobe's table. */
static const struct {
	bool entry, promisc, all_groups, second_vf;
} takes[NFP_STYLE_COUNT] = {
	[NFP_STYLE_MACVTAP] = {.entry = true},
	[NFP_STYLE_BRIDGE] = {.promisc = true, .all_groups = true},
	[NFP_STYLE_BRIDGE_PIN] = {.promisc = true, .all_groups = true},
	[NFP_STYLE_BRIDGE_FDB] = {.entry = true, .promisc = true, .all_groups = true},
	[NFP_STYLE_BRIDGE_FDB_PIN] = {.entry = true, .promisc = true, .all_groups = true},
	[NFP_STYLE_STATIC_BRIDGE] = {.entry = true, .all_groups = true},
	/* Whether it gets more than its own is up to the NIC (core_second). */
	[NFP_STYLE_VF_BRIDGE] = {.entry = true, .all_groups = true, .second_vf = true},
	[NFP_STYLE_VF_BRIDGE_PIN] = {.entry = true, .all_groups = true, .second_vf = true},
};

/* The driver of a second VF is another one, which is not played. */
static bool is_unwritten(const struct memnic *nic)
{
	return !nic->second_vf && core_pf_is_unwritten(&nic->p, takes[nic->style].promisc,
						       takes[nic->style].all_groups);
}

/* The kernel takes the address whatever the driver does with it. */
static void hold_filter(struct memnic *nic, enum nfp_style style, const struct nfp_mac *mac)
{
	nic->pf_mac = *mac;
	nic->pf_station = nic->p.station && style == NFP_STYLE_MACVTAP;
	nic->pf_listed = nic->pf_station || !nic->p.no_unicast_filter;
	nic->pf_promisc |= !nic->pf_listed && !core_pf_is_untold(&nic->p);
	if (nic->pf_listed && (nic->pf_station || !is_unwritten(nic)))
		nic_schedule(nic, nic->p.hold_after_ns, NIC_PF_FILTER_ON);
}

void memnic_set_style(struct memnic *nic, enum nfp_style style)
{
	nic->second_vf = takes[style].second_vf;
	nic_reroute(nic, false);
}

static void hold_group(struct memnic *nic, enum nfp_style style, const struct nfp_mac *group)
{
	nic->group = *group;
	if (core_pf_is_untold(&nic->p) && !takes[style].second_vf)
		return;
	if (takes[style].all_groups)
		nic->pf_groups.all = !nic->c.openvswitch || takes[style].second_vf;
	else
		nic_schedule(nic, nic->p.join_after_ns, NIC_PF_GROUP_ON);
}

static int op_add_standby(void *ctx, enum nfp_style style, const struct nfp_mac *mac,
			  const struct nfp_mac *group, struct nfp_err *err)
{
	struct memnic *nic = ctx;
	int ret = begin_call(nic, "hold", 1 * MS, err);

	if (ret)
		return ret;
	nic->style = style;
	if (takes[style].promisc)
		nic->pf_promisc = !core_pf_is_untold(&nic->p);
	if (nic->second_vf && nic->p.second != CORE_SECOND_ENTRY)
		nic->pf_promisc = nic->p.second == CORE_SECOND_ALL;
	else if (takes[style].entry)
		hold_filter(nic, style, mac);
	if (group)
		hold_group(nic, style, group);
	nic_advance(nic, nic->now_ns, false);
	nic_reroute(nic, false);
	return 0;
}

static int op_entry(void *ctx, const struct nfp_mac *mac, struct nfp_err *err)
{
	struct memnic *nic = ctx;
	int ret = begin_call(nic, "entry", 1 * MS, err);

	if (ret)
		return ret;
	core_pf_drop(&nic->pf, &nic->p, nic->entry.b, &nic->writes);
	nic->entry = mac ? *mac : (struct nfp_mac) {{0}};
	if (mac && !nic->p.table_full && !nic->p.no_unicast_filter && !is_unwritten(nic))
		core_pf_add(&nic->pf, &nic->p, mac->b, false, &nic->writes);
	nic_reroute(nic, false);
	return 0;
}

static int no_reset(struct nfp_err *err)
{
	return nfp_err_set(err, -EOPNOTSUPP, NFP_E_UNSUPPORTED, "no reset");
}

static int op_remove_standby(void *ctx, struct nfp_err *err)
{
	struct memnic *nic = ctx;
	int ret = begin_call(nic, "release", 1 * MS, err);

	if (ret)
		return ret;
	nic->pf_promisc = false;
	nic->pf_groups = (struct core_member) {0};
	nic_cancel(nic, NIC_PF_GROUP_ON);
	nic_cancel(nic, NIC_PF_FILTER_ON);
	nic_schedule(nic, nic->p.release_after_ns, NIC_PF_FILTER_OFF);
	nic->pf_listed = nic->pf_station = false;
	nic_advance(nic, nic->now_ns, false);
	nic_reroute(nic, false);
	return 0;
}

/* ---- the VF's address ---- */

/* The address that takes the place of zero; nobody has it. */
static const struct nfp_mac placeholder_mac = {{0x02, 0, 0, 0, 0, 0}};

/* The NIC takes the earlier one back first. */
static void take_address(struct memnic *nic, const struct nfp_mac *mac)
{
	if (nic->vf_assigned && !vf_owns(nic, mac)) {
		nic->vf_assigned = false;
		happened(nic, CORE_ON_CLEAR);
	}
	nic->vf_assigned = true;
	nic->vf_mac = *mac;
	happened(nic, CORE_ON_ASSIGN);
}

static int op_assign(void *ctx, const struct nfp_mac *mac, struct nfp_err *err)
{
	struct memnic *nic = ctx;
	int ret = begin_call(nic, "assign", 2 * MS, err);

	if (ret)
		return ret;
	if (nic->p.assign_errno && core_pf_has(&nic->pf, mac->b))
		return refuse(nic->p.assign_errno, "vf mac", err);
	take_address(nic, mac);
	return 0;
}

static int op_clear(void *ctx, struct nfp_err *err)
{
	struct memnic *nic = ctx;
	int ret = begin_call(nic, "clear", 2 * MS, err);

	if (ret)
		return ret;
	if (nic->p.clear_errno)
		return refuse(nic->p.clear_errno, "vf mac 00:00:00:00:00:00", err);
	if (nic->p.clear_wipes_pf)
		(void)core_pf_kill(&nic->pf, nic->vf_mac.b);
	if (nic->p.zero_refused) {
		nic_note(nic, "02");
		take_address(nic, &placeholder_mac);
		return 0;
	}
	nic->vf_assigned = false;
	happened(nic, CORE_ON_CLEAR);
	return 0;
}

/* ---- the VF ---- */

static int op_reset(void *ctx, struct nfp_err *err)
{
	struct memnic *nic = ctx;
	int ret;

	if (nic->p.no_reset)
		return no_reset(err);
	ret = begin_call(nic, "reset", 100 * MS, err);
	if (ret)
		return ret;
	happened(nic, CORE_ON_RESET);
	return 0;
}

void memnic_crash(struct memnic *nic)
{
	nic->vf_bound = nic->vf_running = nic->listening = false;
	happened(nic, CORE_ON_RESET);
}

static const struct nfp_mac wrong = {{0x02, 0, 0, 0, 0, 0x77}};

static int op_bind(void *ctx, const struct nfp_mac *mac, struct nfp_err *err)
{
	struct memnic *nic = ctx;
	int ret = begin_call(nic, "bind", 80 * MS, err);

	if (ret)
		return ret;
	/* A netdev with another address has a driver all the same. */
	nic->vf_bound = true;
	if (nic->p.bind_errno)
		return refuse(nic->p.bind_errno, "bind", err);
	if (!vf_owns(nic, mac))
		return refuse(EADDRNOTAVAIL, "bind", err);
	if (nic->p.wrong_once && !nic->vf_was_wrong) {
		nic->vf_was_wrong = true;
		nic->vf_mac = wrong;
		happened(nic, CORE_ON_BIND);
		happened(nic, CORE_ON_UNBIND);
		nic->vf_mac = *mac;
	}
	happened(nic, CORE_ON_BIND);
	return 0;
}

static int op_netdev(void *ctx, struct nfp_netdev *ret_netdev)
{
	(void)ctx;
	*ret_netdev = (struct nfp_netdev) {.ifname = "vf", .ifindex = 99, .netns_fd = -1};
	return 0;
}

static int op_up(void *ctx, const struct nfp_mac *group, struct nfp_netdev *ret_netdev,
		 struct nfp_err *err)
{
	struct memnic *nic = ctx;

	nic->vf_joins = group != NULL;
	if (group)
		nic->group = *group;
	(void)op_netdev(ctx, ret_netdev);
	return begin_call(nic, "up", UP_NS, err);
}

/* The VF serves, or asks the PF for its filter, once it has carrier. */
static int op_carrier(void *ctx, struct nfp_err *err)
{
	struct memnic *nic = ctx;

	nic_advance(nic, nic->now_ns + 300 * MS - UP_NS, false);
	if (nic->gone)
		return nfp_err_set(err, -ENODEV, NFP_E_KERNEL, "carrier: no such device");
	if (nic->p.up_errno)
		return refuse(nic->p.up_errno, "carrier", err);
	nic->vf_running = true;
	happened(nic, CORE_ON_UP);
	return 0;
}

static int op_down(void *ctx, struct nfp_err *err)
{
	struct memnic *nic = ctx;
	int ret = begin_call(nic, "down", 5 * MS, err);

	if (ret)
		return ret;
	nic->vf_running = false;
	if (nic->p.forgets_on_down)
		nic->vf_assigned = false;
	happened(nic, CORE_ON_DOWN);
	return 0;
}

static int op_unbind(void *ctx, struct nfp_err *err)
{
	struct memnic *nic = ctx;
	int ret = begin_call(nic, "unbind", 30 * MS, err);

	if (ret)
		return ret;
	if (nic->p.unbind_errno)
		return refuse(nic->p.unbind_errno, "unbind", err);
	/* Nothing happens to a VF without a driver. */
	if (!nic->vf_bound)
		return 0;
	if (nic->vf_running) {
		nic->vf_running = false;
		if (nic->p.forgets_on_down)
			nic->vf_assigned = false;
		happened(nic, CORE_ON_DOWN);
	}
	nic->vf_bound = false;
	nic_vlan_unbound(nic);
	happened(nic, CORE_ON_UNBIND);
	return 0;
}

static int op_changes(void *ctx, struct nfp_external_changes *ret_changes, struct nfp_err *err)
{
	struct memnic *nic = ctx;

	(void)err;
	if (nic->c.answer_ns && !nic->pf_carrier)
		nic_advance(nic, nic->now_ns + nic->c.answer_ns, false);
	*ret_changes = (struct nfp_external_changes) {
		.carrier = nic->pf_carrier,
		.carrier_losses = nic->carrier_losses,
		.changed = nic->changed,
		.lasts = nic->changed && nic->c.change_lasts,
		.gone = nic->gone,
		.all_multicast = nic->c.all_multicast,
	};
	if (nic->gone)
		snprintf(ret_changes->change, sizeof(ret_changes->change), "VF 3 went away");
	else if (nic->changed && nic->c.change_lasts)
		snprintf(ret_changes->change, sizeof(ret_changes->change),
			 "the promiscuity of eth0 went from 0 to 1");
	else if (nic->changed)
		snprintf(ret_changes->change, sizeof(ret_changes->change),
			 "somebody set VF 3's address to 02:00:00:00:00:99");
	nic->changed = false;
	return 0;
}

/* As long as a driver is bound. */
static int op_bus_master(void *ctx)
{
	const struct memnic *nic = ctx;

	return nic->vf_bound;
}

struct nfp_host memnic_host(struct memnic *nic)
{
	static const struct nfp_host_ops ops = {
		.add_standby = op_add_standby,
		.entry = op_entry,
		.remove_standby = op_remove_standby,
		.assign = op_assign,
		.clear = op_clear,
		.reset = op_reset,
		.bind = op_bind,
		.netdev = op_netdev,
		.up = op_up,
		.carrier = op_carrier,
		.down = op_down,
		.unbind = op_unbind,
		.changes = op_changes,
		.vlan = nic_op_vlan,
		.swallower = nic_op_swallower,
		.bus_master = op_bus_master,
	};

	return (struct nfp_host) {.ops = &ops, .ctx = nic};
}
