// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * standby.c - finds the standbys of a PF's guests. A standby is a tap or macvtap of a process that
 * also has a VF of the PF. Whether the two are one NIC is known by their address alone.
 */
#include <stdlib.h>
#include <string.h>

#include "way_priv.h"

static bool is_kind(const struct nfp_link *link, const char *kind)
{
	return strcmp(link->kind, kind) == 0;
}

/* ---- the pair ---- */

/* Compares the name of a tap, or the ifindex of a macvtap. */
static bool is_named(const struct nfp_guest_tap *tap, const struct nfp_link *link)
{
	return tap->ifindex ? tap->ifindex == link->ifindex
			    : strcmp(tap->ifname, link->ifname) == 0;
}

/*
 * Returns the process's descriptor of it, one with its guest's address if there is any. NULL: it
 * was handed over to the process, and another namespace has a netdev of that name or ifindex, too.
 */
static const struct nfp_guest_tap *tap_of(const struct nfp_facts *facts, int pid,
					  const struct nfp_placed *at)
{
	const struct nfp_guest_tap *own = NULL, *handed = NULL;
	size_t namesakes = 0;

	nfp_for_each (tap, facts->taps, facts->num_taps) {
		if (tap->pid != pid || !is_named(tap, at->link))
			continue;
		if (!tap->in_netns)
			handed = tap;
		else if (&facts->netns[tap->netns] == at->netns &&
			 (!own || !nfp_mac_is_zero(&tap->mac)))
			own = tap;
	}
	if (own)
		return own;
	nfp_for_each (netns, facts->netns, handed ? facts->num_netns : 0)
		nfp_for_each (link, netns->links, netns->num_links)
			namesakes += is_kind(link, at->link->kind) && is_named(handed, link);
	return namesakes == 1 ? handed : NULL;
}

static bool has_entry(const struct nfp_paths *paths, const struct nfp_placed *at,
		      const struct nfp_mac *mac)
{
	const struct nfp_entries entries = nfp_entries_of(paths->index, mac);

	nfp_for_each (e, entries.v, entries.n)
		if (e->netns == at->netns && e->entry->ifindex == at->link->ifindex)
			return true;
	return false;
}

/* Returns whether the process has one tap or macvtap, and one VF of this host. */
static bool has_two_halves(const struct nfp_facts *facts, int pid)
{
	size_t taps = 0, vfs = 0;

	nfp_for_each (tap, facts->taps, facts->num_taps)
		taps += tap->pid == pid;
	nfp_for_each (pf, facts->topology.pfs, facts->topology.num_pfs)
		nfp_for_each (vf, pf->vfs, pf->num_vfs)
			vfs += vf->user_pid == pid;
	return taps + vfs == 2;
}

static enum nfp_pairing pairing_of(const struct nfp_paths *paths, const struct nfp_placed *at,
				   const struct nfp_guest_tap *tap, const struct nfp_vf_info *vf)
{
	const struct nfp_mac *mac = &vf->attr.mac;
	const struct nfp_link *link = at->link;

	if (!tap)
		return NFP_PAIR_NONE;
	if (vf->attr.have_mac && !nfp_mac_is_nobodys(mac)) {
		if (!nfp_mac_is_zero(&tap->mac))
			return nfp_mac_equal(&tap->mac, mac) ? NFP_PAIR_SURE : NFP_PAIR_NONE;
		if (nfp_mac_equal(&link->address, mac) || has_entry(paths, at, mac))
			return NFP_PAIR_SURE;
		/* libvirt's tap: fe, and the rest of the guest's. */
		if (is_kind(link, "tun") && link->address.b[0] == 0xfe)
			return memcmp(&link->address.b[1], &mac->b[1], 5) == 0 ? NFP_PAIR_SURE
									       : NFP_PAIR_NONE;
	}
	return has_two_halves(paths->facts, tap->pid) ? NFP_PAIR_PRESUMED : NFP_PAIR_LOOSE;
}

/* ---- who has VFs ---- */

static int compare_holders(const void *a, const void *b)
{
	const struct nfp_holder *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid) ?: (x->vf > y->vf) - (x->vf < y->vf);
}

/* Returns the first holder of that process, or of one behind it. */
static size_t holder_at(const struct nfp_standby_search *search, int pid)
{
	size_t low = 0, high = search->num_holders;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (search->holders[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_left(struct nfp_standby_search *search, const struct nfp_vf_info *vf,
		     const struct nfp_placed *at)
{
	*nfp_grow(search->left, search->num_left) =
		(struct nfp_standby) {.at = *at, .vf = vf, .pairing = NFP_PAIR_ADDRESS};
}

/* The guest of a VF that nobody has may be on its standby. */
static void find_left(struct nfp_standby_search *search)
{
	const struct nfp_paths *paths = search->paths;

	nfp_for_each (vf, paths->pf->vfs, paths->pf->num_vfs) {
		const struct nfp_placed *tap;
		struct nfp_netdevs macvtaps;

		if (vf->use != NFP_USE_IDLE || vf->user_pid || !vf->attr.have_mac ||
		    nfp_mac_is_nobodys(&vf->attr.mac))
			continue;
		tap = nfp_tap_of(paths->index, &vf->attr.mac);
		if (tap)
			add_left(search, vf, tap);
		macvtaps = nfp_netdevs_with(paths->index, &vf->attr.mac);
		nfp_for_each (at, macvtaps.v, macvtaps.n)
			if (is_kind(at->link, "macvtap"))
				add_left(search, vf, at);
	}
}

void nfp_standbys_begin(const struct nfp_paths *paths, struct nfp_standby_search *search)
{
	const struct nfp_pf *pf = paths->pf;

	*search = (struct nfp_standby_search) {.paths = paths};
	search->walker = nfp_walker_new(paths->index, pf);
	nfp_for_each (vf, pf->vfs, pf->num_vfs)
		if (vf->user_pid)
			*nfp_grow(search->holders, search->num_holders) =
				(struct nfp_holder) {.pid = vf->user_pid, .vf = vf};
	if (search->num_holders)
		qsort(search->holders, search->num_holders, sizeof(*search->holders),
		      compare_holders);
	find_left(search);
}

void nfp_standbys_end(struct nfp_standby_search *search)
{
	nfp_walker_free(search->walker);
	free(search->holders);
	free(search->left);
	*search = (struct nfp_standby_search) {.num_holders = 0};
}

/* ---- the standbys ---- */

typedef void nfp_standby_fn(void *ctx, const struct nfp_standby *standby);

static void give(struct nfp_standby_search *search, struct nfp_standby *standby, nfp_standby_fn *fn,
		 void *ctx)
{
	nfp_steps_find(search->walker, &standby->at, &standby->steps);
	search->way_is_cut |= standby->steps.is_cut;
	fn(ctx, standby);
}

/* Returns how the two are a pair. */
static enum nfp_pairing give_pair(struct nfp_standby_search *search, const struct nfp_placed *at,
				  struct nfp_holder *holder, nfp_standby_fn *fn, void *ctx)
{
	const struct nfp_paths *paths = search->paths;
	const struct nfp_vf_info *vf = holder->vf;
	struct nfp_standby standby = {.at = *at, .vf = vf, .pid = holder->pid};

	search->is_cut |= holder->standbys == NFP_STANDBYS_MAX;
	if (holder->standbys == NFP_STANDBYS_MAX)
		return NFP_PAIR_NONE;
	standby.tap = tap_of(paths->facts, holder->pid, at);
	standby.pairing = pairing_of(paths, at, standby.tap, vf);
	if (standby.pairing == NFP_PAIR_NONE)
		return NFP_PAIR_NONE;
	holder->standbys++;
	standby.has_taken = vf->use == NFP_USE_VFIO || vf->use == NFP_USE_OTHER;
	give(search, &standby, fn, ctx);
	return standby.pairing;
}

/* Returns whether it, or its master, leads to the PF. */
static bool leads_to_pf(const struct nfp_paths *paths, const struct nfp_placed *at)
{
	const struct nfp_link *master = nfp_index_link(paths->index, at->netns, at->link->master);
	struct nfp_path path;

	return nfp_path_find(paths, at->netns, at->link, &path) ||
	       (master && nfp_path_find(paths, at->netns, master, &path));
}

static void look_at(struct nfp_standby_search *search, const struct nfp_placed *at,
		    nfp_standby_fn *fn, void *ctx)
{
	int pids[NFP_SAME_MAX];
	size_t num = nfp_tap_pids(search->paths->index, at->netns, at->link, pids);
	bool is_given = false;

	for (size_t i = 0; i < num; i++)
		/* A process may have it open several times. */
		for (size_t k = i && pids[i] == pids[i - 1] ? search->num_holders
							    : holder_at(search, pids[i]);
		     k < search->num_holders && search->holders[k].pid == pids[i]; k++)
			is_given |= give_pair(search, at, &search->holders[k], fn, ctx) !=
				    NFP_PAIR_NONE;
	nfp_for_each (left, search->left, num && !is_given ? search->num_left : 0)
		if (left->at.link == at->link && left->at.netns == at->netns) {
			is_given = true;
			left->pid = pids[0];
			give(search, left, fn, ctx);
		}
	if (num && !is_given && leads_to_pf(search->paths, at)) {
		struct nfp_standby standby = {.at = *at, .pid = pids[0]};

		give(search, &standby, fn, ctx);
	}
}

/* A macvtap that is no more has no namespace. */
static void look_at_dead(struct nfp_standby_search *search, nfp_standby_fn *fn, void *ctx)
{
	const struct nfp_facts *facts = search->paths->facts;

	nfp_for_each (tap, facts->taps, facts->num_taps) {
		size_t k = tap->dead ? holder_at(search, tap->pid) : search->num_holders;
		struct nfp_standby standby = {.tap = tap, .pid = tap->pid};

		if (k == search->num_holders || search->holders[k].pid != tap->pid ||
		    !has_two_halves(facts, tap->pid))
			continue;
		standby.vf = search->holders[k].vf;
		standby.has_taken = standby.vf->use == NFP_USE_VFIO ||
				    standby.vf->use == NFP_USE_OTHER;
		standby.pairing = NFP_PAIR_SURE;
		fn(ctx, &standby);
	}
}

void nfp_standbys_each(struct nfp_standby_search *search, nfp_standby_fn *fn, void *ctx)
{
	const struct nfp_facts *facts = search->paths->facts;

	nfp_for_each (netns, facts->netns, facts->num_netns)
		/* Only root must be able to cause a finding. */
		nfp_for_each (link, netns->links, netns->users ? 0 : netns->num_links)
			if (is_kind(link, "tun") || is_kind(link, "macvtap"))
				look_at(search, &(const struct nfp_placed) {netns, link}, fn, ctx);
	look_at_dead(search, fn, ctx);
}
