// SPDX-License-Identifier: GPL-2.0-or-later
/* The NIC's tables: which address is the PF's, which is a VF's, and when that changes. */

#include "nfsim.h"

static void nfsim_filter_log(struct nfsim_vf *vf, const char *what, const u8 *mac)
{
	nfsim_note(vf->nic, vf->index, what, mac);
}

struct nfsim_pf_entry *nfsim_filter_pf_find(struct nfsim_nic *nic, const u8 *mac)
{
	unsigned int i;

	for (i = 0; i < nic->uc_count; i++)
		if (ether_addr_equal(nic->uc[i].mac, mac))
			return &nic->uc[i];
	return NULL;
}

bool nfsim_filter_pf_owns(struct nfsim_nic *nic, const u8 *mac, u64 *written)
{
	struct nfsim_pf_entry *entry;

	if (ether_addr_equal(nic->pf_mac, mac)) {
		*written = nic->pf_mac_written;
		return true;
	}
	entry = nfsim_filter_pf_find(nic, mac);
	if (!entry || entry->dead)
		return false;
	*written = entry->written;
	return true;
}

bool nfsim_filter_vf_owns(struct nfsim_nic *nic, const u8 *mac)
{
	unsigned int i;

	for (i = 0; i < NFSIM_MAX_VFS; i++)
		if (nic->vfs[i] && core_filter_has(&nic->vfs[i]->filter, mac))
			return true;
	return false;
}

bool nfsim_filter_is_up_beside(const struct nfsim_nic *nic, const u8 *mac)
{
	const struct nfsim_vf *vf;
	unsigned int i;

	for (i = 0; i < NFSIM_MAX_VFS; i++) {
		vf = nic->vfs[i];
		if (vf && vf->up && !(vf->mac_set && ether_addr_equal(vf->mac, mac)))
			return true;
	}
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
	u64 written;

	if (nic->persona.vf_repeat && nfsim_filter_is_repeated(vf, mac))
		return true;
	return core_vf_is_refused(&nic->does, nfsim_filter_pf_owns(nic, mac, &written));
}

/* The PF's addresses that were refused because a VF had them, which it does no longer. */
static void nfsim_filter_pf_retry(struct nfsim_nic *nic)
{
	struct nfsim_pf_entry *entry;
	unsigned int i;

	for (i = 0; nic->does.pf_retries && i < nic->uc_count; i++) {
		entry = &nic->uc[i];
		if (!entry->refused || nfsim_filter_vf_owns(nic, entry->mac))
			continue;
		entry->refused = false;
		entry->dead = false;
		entry->written = ++nic->writes;
		nfsim_note(nic, NFSIM_PF, "unicast on", entry->mac);
	}
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
		vf->second_until = 0;
		vf->reset_until = 0;
		if (!afresh)
			continue;
		nfsim_filter_drop(vf);
		vf->filter.refused = false;
		vf->filter.owed = false;
		vf->guest = (struct core_asked) {};
	}
	for (i = 0; afresh && i < nic->uc_count; i++) {
		nic->uc[i].dead = false;
		nic->uc[i].refused = false;
	}
	nic->overflow.on = nic->overflow.on && !afresh;
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

/* The PF's entries go when a VF is reset that does not have the address. */
static void nfsim_filter_wipe(const struct nfsim_vf *vf)
{
	struct nfsim_nic *nic = vf->nic;
	unsigned int i;

	for (i = 0; nic->does.others_wipe_pf && i < nic->uc_count; i++)
		nic->uc[i].dead |= !vf->mac_set || !ether_addr_equal(vf->mac, nic->uc[i].mac);
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
	if (event == CORE_ON_RESET)
		nfsim_filter_wipe(vf);
	vf->filter.beside = nfsim_filter_is_up_beside(vf->nic, vf->mac);
	if (event != CORE_ON_CLEAR && !vf->mac_set)
		changed = nfsim_filter_own(vf, event);
	else
		changed = core_filter_event(&vf->filter, &vf->nic->does, event, mac,
					    ktime_get_ns());
	nfsim_filter_changed(vf, changed);
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
	u64 after = nic->persona.come_ms * (u64)NSEC_PER_MSEC;
	struct nfsim_vf *vf;
	unsigned int i;

	for (i = 0; nic->does.retries && i < NFSIM_MAX_VFS; i++) {
		vf = nic->vfs[i];
		if (!vf || !vf->filter.refused || !ether_addr_equal(vf->filter.coming, mac))
			continue;
		core_filter_come(&vf->filter, &nic->does, mac, after, ktime_get_ns());
		nfsim_filter_settle(vf);
	}
}

static void nfsim_filter_pf_add(struct nfsim_nic *nic, const u8 *mac)
{
	struct nfsim_pf_entry *entry = &nic->uc[nic->uc_count++];

	ether_addr_copy(entry->mac, mac);
	entry->seen = false;
	entry->written = ++nic->writes;
	entry->refused = core_pf_is_refused(&nic->does, nfsim_filter_vf_owns(nic, mac));
	entry->dead = entry->refused;
	nfsim_note(nic, NFSIM_PF, entry->dead ? "unicast refused" : "unicast on", mac);
}

/* True: an entry has gone. */
static bool nfsim_filter_pf_sweep(struct nfsim_nic *nic)
{
	unsigned int i = 0, before = nic->uc_count;
	struct nfsim_pf_entry gone;

	while (i < nic->uc_count) {
		if (nic->uc[i].seen) {
			nic->uc[i++].seen = false;
			continue;
		}
		gone = nic->uc[i];
		nic->uc[i] = nic->uc[--nic->uc_count];
		nfsim_note(nic, NFSIM_PF, "unicast off", gone.mac);
		nfsim_filter_retry(nic, gone.mac);
	}
	return nic->uc_count != before;
}

/* All entries are written anew, as in bnxt_set_rx_mode, when one comes or goes. */
static void nfsim_filter_pf_rewrite(struct nfsim_nic *nic)
{
	unsigned int i;

	for (i = 0; nic->does.rewrites && i < nic->uc_count; i++)
		if (!nic->uc[i].dead)
			nic->uc[i].written = ++nic->writes;
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

static bool nfsim_filter_pf_refused(const struct nfsim_nic *nic)
{
	unsigned int i;

	for (i = 0; i < nic->uc_count; i++)
		if (nic->uc[i].refused)
			return true;
	return false;
}

/* Some firmware's answer to a second owner makes the driver fall back. */
static bool nfsim_filter_forced(struct nfsim_nic *nic, const struct net_device *dev)
{
	unsigned int i, failed = 0, active = 2 + (unsigned int)netdev_mc_count(dev);

	for (i = 0; i < nic->uc_count; i++) {
		failed += nic->uc[i].refused;
		active += !nic->uc[i].dead;
	}
	return core_pf_overflows(&nic->overflow, &nic->does, failed, active);
}

/* The netdev's list becomes the NIC's: what was there stays as it is, a dead entry dead. */
void nfsim_filter_pf_sync(struct nfsim_nic *nic, struct net_device *dev)
{
	unsigned int room = nic->persona.unicast_flt ? nic->persona.uc_max : 0;
	struct nfsim_pf_entry *entry;
	struct netdev_hw_addr *ha;
	bool full, changed;

	netdev_for_each_uc_addr(ha, dev)
	{
		entry = nfsim_filter_pf_find(nic, ha->addr);
		if (entry)
			entry->seen = true;
	}
	changed = nfsim_filter_pf_sweep(nic);
	nfsim_filter_pf_retry(nic);
	netdev_for_each_uc_addr(ha, dev) if (nic->uc_count < room &&
					     !nfsim_filter_pf_find(nic, ha->addr))
	{
		nfsim_filter_pf_add(nic, ha->addr);
		changed = true;
	}
	if (changed)
		nfsim_filter_pf_rewrite(nic);
	full = nic->persona.unicast_flt && netdev_uc_count(dev) > room &&
	       nic->does.promisc_when_full;
	if (!nic->does.refused_blocks_groups || !nfsim_filter_pf_refused(nic))
		nfsim_groups_pf_sync(nic, dev);
	nfsim_filter_promisc(nic, dev->flags & IFF_PROMISC, full || nfsim_filter_forced(nic, dev));
}
