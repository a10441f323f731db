// SPDX-License-Identifier: GPL-2.0-or-later
/* The NIC's tables: which address is the PF's, which is a VF's, and when that changes. */

#include "nfsim.h"

static void nfsim_filter_log(struct nfsim_vf *vf, const char *what, const u8 *mac)
{
	nfsim_note(vf->nic, vf->index, what, mac);
}

u64 nfsim_filter_pf_owns(const struct nfsim_nic *nic, const u8 *mac)
{
	return ether_addr_equal(nic->pf_mac, mac) ? nic->pf_mac_written
						  : core_pf_has(&nic->uc, mac);
}

bool nfsim_filter_vf_keeps(const struct nfsim_nic *nic, const u8 *mac)
{
	unsigned int i;

	for (i = 0; i < NFSIM_MAX_VFS; i++)
		if (nic->vfs[i] && core_filter_keeps(&nic->vfs[i]->filter, mac))
			return true;
	return false;
}

bool nfsim_filter_is_repeated(const struct nfsim_vf *vf, const u8 *mac)
{
	struct nfsim_nic *nic = vf->nic;
	unsigned int i;

	for (i = 0; i < NFSIM_MAX_VFS; i++)
		if (nic->vfs[i] && nic->vfs[i] != vf && nic->vfs[i]->mac_set &&
		    ether_addr_equal(nic->vfs[i]->mac, mac))
			return true;
	return false;
}

/* Second owners that are refused only for a while are refused where it is asked for (pfvf.c). */
static bool nfsim_filter_refuses(struct nfsim_vf *vf, const u8 *mac)
{
	struct nfsim_nic *nic = vf->nic;

	if (nic->persona.vf_repeat && nfsim_filter_is_repeated(vf, mac))
		return true;
	return core_vf_is_refused(&nic->does, nfsim_filter_pf_owns(nic, mac));
}

/* The PF's addresses that were refused because a VF had them, which it does no longer. */
static void nfsim_filter_pf_retry(struct nfsim_nic *nic)
{
	struct core_entry *entry;

	for (entry = nic->uc.list; entry < nic->uc.list + nic->uc.num; entry++)
		if (core_pf_retry(entry, &nic->does, nfsim_filter_vf_keeps(nic, entry->mac),
				  &nic->writes))
			nfsim_note(nic, NFSIM_PF, "unicast on", entry->mac);
}

static void nfsim_filter_went(struct nfsim_vf *vf)
{
	nfsim_filter_log(vf, "filter off", vf->filter.mac);
	if (!vf->nic->persona.pf_sync_ms)
		nfsim_filter_pf_retry(vf->nic);
	else if (vf->nic->does.pf_retries)
		nfsim_pf_sync_at_turn(vf->nic);
}

static void nfsim_filter_goes(struct nfsim_vf *vf)
{
	bool was_on = vf->filter.on;

	vf->filter.off_ns = 0;
	vf->filter.on = false;
	if (was_on)
		nfsim_filter_went(vf);
}

static void nfsim_filter_comes(struct nfsim_vf *vf)
{
	struct core_filter *filter = &vf->filter;

	filter->on_ns = 0;
	core_filter_comes(filter, nfsim_filter_refuses(vf, filter->coming), ++vf->nic->writes);
	nfsim_filter_log(vf, filter->refused ? "filter refused" : "filter on", filter->coming);
}

/* Lets happen what is due, and waits for what is not yet. */
static void nfsim_filter_settle(struct nfsim_vf *vf)
{
	struct core_filter *filter = &vf->filter;
	unsigned int what;
	u64 next;

	while ((what = core_filter_due(filter, ktime_get_ns())))
		what == CORE_FILTER_GOES ? nfsim_filter_goes(vf) : nfsim_filter_comes(vf);
	next = min_not_zero(filter->on_ns, filter->off_ns);
	if (next)
		hrtimer_start(&vf->timer, ns_to_ktime(next), HRTIMER_MODE_ABS_SOFT);
}

static void nfsim_filter_changed(struct nfsim_vf *vf, unsigned int changed)
{
	if (changed & CORE_FILTER_WENT)
		nfsim_filter_went(vf);
	nfsim_filter_settle(vf);
}

/* For good. */
static void nfsim_filter_drop(struct nfsim_vf *vf)
{
	vf->filter.on_ns = 0;
	nfsim_filter_goes(vf);
}

static enum hrtimer_restart nfsim_filter_timer(struct hrtimer *timer)
{
	struct nfsim_vf *vf = container_of(timer, struct nfsim_vf, timer);

	spin_lock(&vf->nic->lock);
	nfsim_filter_settle(vf);
	spin_unlock(&vf->nic->lock);
	return HRTIMER_NORESTART;
}

void nfsim_filter_reset(struct nfsim_nic *nic, bool afresh)
{
	struct nfsim_vf *vf;
	unsigned int i;

	for (i = 0; i < NFSIM_MAX_VFS; i++) {
		vf = nic->vfs[i];
		if (!vf)
			continue;
		vf->binds = 0;
		vf->binds_with_mac = 0;
		vf->busy_until = 0;
		vf->reset_until = 0;
		if (!afresh)
			continue;
		nfsim_filter_drop(vf);
		vf->filter.refused = false;
		vf->filter.owed = false;
		vf->promisc = vf->allmulti = vf->took = false;
	}
	for (i = 0; afresh && i < nic->uc.num; i++)
		nic->uc.list[i].dead = nic->uc.list[i].refused = false;
	nic->uc.overflows = nic->uc.overflows && !afresh;
	if (afresh)
		nfsim_groups_revive(nic);
}

void nfsim_filter_init(struct nfsim_vf *vf)
{
	hrtimer_setup(&vf->timer, nfsim_filter_timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
}

/* NULL if there is none, or an event does not tell the NIC one. */
static const u8 *nfsim_filter_address(struct nfsim_vf *vf, enum core_event event)
{
	switch (event) {
	case CORE_ON_ASSIGN:
	case CORE_ON_RESET:
		return vf->mac_set ? vf->mac : NULL;
	case CORE_ON_BIND:
	case CORE_ON_UP:
		if (vf->took) /* it has asked for its own itself */
			return NULL;
		return vf->netdev ? vf->netdev->dev_addr : NULL;
	default:
		return NULL;
	}
}

/* A VF that manages its own address: the filter is there while it is up. */
static unsigned int nfsim_filter_own(struct nfsim_vf *vf, enum core_event event)
{
	const struct core_personality *p = &vf->nic->does;

	if (event == CORE_ON_UP && vf->netdev)
		return core_filter_come(&vf->filter, p, vf->netdev->dev_addr, 0, ktime_get_ns());
	if (event == CORE_ON_DOWN || event == CORE_ON_UNBIND)
		return core_filter_go(&vf->filter, p, 0, ktime_get_ns());
	return 0;
}

void nfsim_filter_event(struct nfsim_vf *vf, enum core_event event)
{
	const struct core_keys *p = &vf->nic->persona;
	const u8 *mac = nfsim_filter_address(vf, event);
	unsigned int changed;

	nfsim_filter_log(vf, core_event_words[event], mac);
	if (event == CORE_ON_RESET && p->own_report == CORE_REPORT_UNTIL_RESET)
		eth_zero_addr(vf->reported);
	if (p->vfr & BIT(event))
		nfsim_vf_reset_begin(vf);
	nfsim_vf_forget(vf, event);
	nfsim_groups_event(vf, event);
	if (event != CORE_ON_CLEAR && !vf->mac_set)
		changed = nfsim_filter_own(vf, event);
	else
		changed = core_filter_event(&vf->filter, &vf->nic->does, event, mac,
					    ktime_get_ns());
	nfsim_filter_changed(vf, changed);
}

void nfsim_filter_address_set(struct nfsim_vf *vf, const u8 *mac)
{
	const struct core_personality *p = &vf->nic->does;
	bool assigned = ether_addr_equal(mac, vf->mac);
	u64 now_ns = ktime_get_ns();

	if (!vf->mac_set || (!vf->took && assigned)) {
		if (vf->up)
			nfsim_filter_event(vf, CORE_ON_UP);
		return;
	}
	vf->took = !assigned;
	nfsim_filter_changed(vf, assigned ? core_filter_come(&vf->filter, p, mac, 0, now_ns)
					  : core_filter_go(&vf->filter, p, 0, now_ns));
}

void nfsim_filter_pf_opened(struct nfsim_nic *nic)
{
	struct nfsim_vf *vf;
	unsigned int i;

	for (i = 0; nic->does.needs_reset_first && i < NFSIM_MAX_VFS; i++) {
		vf = nic->vfs[i];
		if (!vf)
			continue;
		vf->filter.owed |= (vf->mac_set && vf->filter.on) || vf->filter.on_ns;
		vf->filter.was_reset = false;
		nfsim_filter_drop(vf);
	}
}

/* VFs whose filter was refused because the PF had the address, which it has dropped now. */
static void nfsim_filter_retry(struct nfsim_nic *nic, const u8 *mac)
{
	struct nfsim_vf *vf;
	unsigned int i;

	for (i = 0; i < NFSIM_MAX_VFS; i++) {
		vf = nic->vfs[i];
		if (vf && core_vf_retry(&vf->filter, &nic->does, mac, ktime_get_ns()))
			nfsim_filter_settle(vf);
	}
}

static void nfsim_filter_pf_add(struct nfsim_nic *nic, const u8 *mac)
{
	const struct core_entry *entry = core_pf_add(&nic->uc, &nic->does, mac,
						     nfsim_filter_vf_keeps(nic, mac), &nic->writes);

	nfsim_note(nic, NFSIM_PF, entry->dead ? "unicast refused" : "unicast on", mac);
}

static void nfsim_filter_pf_drop(struct nfsim_nic *nic, const struct core_entry gone)
{
	core_pf_drop(&nic->uc, &nic->does, gone.mac, &nic->writes);
	nfsim_note(nic, NFSIM_PF, "unicast off", gone.mac);
	nfsim_filter_retry(nic, gone.mac);
}

static void nfsim_filter_promisc(struct nfsim_nic *nic, bool promisc, bool forced)
{
	if (promisc != nic->pf_promisc)
		nfsim_note(nic, NFSIM_PF, promisc ? "promisc on" : "promisc off", NULL);
	if (forced != nic->pf_forced)
		nfsim_note(nic, NFSIM_PF, forced ? "forced promisc on" : "forced promisc off",
			   NULL);
	nic->pf_promisc = promisc;
	nic->pf_forced = forced;
}

/* The netdev's list becomes the NIC's: what was there stays as it is, a dead entry dead. */
void nfsim_filter_pf_sync(struct nfsim_nic *nic, struct net_device *dev)
{
	unsigned int room = nic->persona.unicast_flt ? nic->persona.uc_max : 0;
	struct netdev_hw_addr *ha;
	bool full, forced, unwritten;
	int i;

	if (core_pf_is_untold(&nic->does))
		return;
	unwritten = core_pf_is_unwritten(&nic->does, dev->flags & IFF_PROMISC,
					 dev->flags & IFF_ALLMULTI);
	for (i = (int)nic->uc.num - 1; i >= 0 && !unwritten; i--)
		if (!nfsim_is_listed(&dev->uc, nic->uc.list[i].mac))
			nfsim_filter_pf_drop(nic, nic->uc.list[i]);
	nfsim_filter_pf_retry(nic);
	netdev_for_each_uc_addr (ha, dev)
		if (!unwritten && nic->uc.num < room && core_pf_find(&nic->uc, ha->addr) < 0)
			nfsim_filter_pf_add(nic, ha->addr);
	full = nic->persona.unicast_flt && netdev_uc_count(dev) > room &&
	       nic->does.promisc_when_full;
	if (!core_pf_blocks_groups(&nic->uc, &nic->does))
		nfsim_groups_pf_sync(nic, dev);
	forced = core_pf_overflows(&nic->uc, &nic->does, 2 + (unsigned int)netdev_mc_count(dev));
	nfsim_filter_promisc(nic, dev->flags & IFF_PROMISC, full || forced);
}
