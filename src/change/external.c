// SPDX-License-Identifier: GPL-2.0-or-later
/* external.c - changes of the PF and the VF by other processes. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>

#include "backend.h"
#include "guard.h"
#include "change/host.h"

/* Reads the bond's active member, and how many members beside the PF have carrier. 0 or -errno. */
static int read_bond(struct nfp_backend *backend, struct nfp_pf_now *pf, struct nfp_err *err)
{
	const struct nfp_topology *topology = backend->config.topology;
	const int ifindex = backend->standby_at.ifindex;
	struct nfp_link link;
	int ret = nfp_link_by_ifindex(backend->apply.nl, ifindex, &link, err);

	/* The bond is gone, as the PF's master shows. */
	if (ret)
		return ret == -ENODEV ? 0 : ret;
	pf->bond_active = link.bond_active;
	nfp_for_each (member, topology->links, topology->num_links) {
		if (member->master != ifindex || member->ifindex == backend->apply.pf.ifindex)
			continue;
		ret = nfp_link_by_ifindex(backend->apply.nl, member->ifindex, &link, err);
		if (ret && ret != -ENODEV)
			return ret;
		pf->bond_carriers += !ret && link.carrier;
	}
	return 0;
}

int nfp_backend_pf_read(struct nfp_backend *backend, struct nfp_pf_now *ret_pf, struct nfp_err *err)
{
	struct nfp_pf_now pf = {.carrier_downs = 0};
	int ret = nfp_link_by_ifindex(backend->apply.nl, backend->apply.pf.ifindex, &pf.link, err);

	if (!ret && backend->standby_at.ifindex != backend->apply.pf.ifindex)
		ret = read_bond(backend, &pf, err);
	if (ret)
		return ret;
	/* Linux before 4.16 has no count: then only the current state is known. */
	(void)nfp_sysfs_number(backend->apply.root, &pf.carrier_downs,
			       "/sys/class/net/%s/carrier_down_count", pf.link.ifname);
	*ret_pf = pf;
	return 0;
}

/* Expects our own part alone: what another process did in the same moment must still show. */
void nfp_backend_expect_promisc(struct nfp_backend *backend, const struct nfp_pf_now *before,
				const struct nfp_pf_now *after)
{
	backend->pf_expect.link.promiscuity += after->link.promiscuity - before->link.promiscuity;
	backend->allmulti += after->link.allmulti - before->link.allmulti;
}

/* Only the first change of a call is reported. */
static NFP_PRINTF(2, 3) void note_change(struct nfp_external_changes *changes, const char *fmt, ...)
{
	if (changes->changed)
		return;
	changes->changed = true;
	NFP_VFORMAT(changes->change, sizeof(changes->change), fmt);
}

/* True if the bond has another active member, or fewer to choose from. */
static bool fails_over(const struct nfp_pf_now *before, const struct nfp_pf_now *now)
{
	return now->link.master == before->link.master &&
	       (now->bond_active != before->bond_active ||
		now->bond_carriers < before->bond_carriers);
}

void nfp_backend_compare_pf(const struct nfp_backend *backend, const struct nfp_pf_now *now,
			    struct nfp_external_changes *changes)
{
	const struct nfp_link *expect = &backend->pf_expect.link, *is = &now->link;
	const char *pf = backend->apply.pf.ifname;

	/* A failover comes first, since it also changes the rest. */
	if (fails_over(&backend->pf_expect, now)) {
		note_change(changes,
			    now->bond_active != backend->pf_expect.bond_active
				    ? "%s, of which %s is a member, has another active member"
				    : "another member of %s than %s has lost its carrier",
			    backend->standby_at.ifname, pf);
		changes->ended = true;
	}
	if ((expect->flags & ~is->flags) & IFF_UP)
		note_change(changes, "%s was set down", pf);
	if (is->master != expect->master)
		note_change(changes,
			    is->master ? "%s was given another master" : "%s has lost its master",
			    pf);
	if (is->promiscuity != expect->promiscuity)
		note_change(changes, "the promiscuity of %s went from %u to %u", pf,
			    expect->promiscuity, is->promiscuity);
	if (is->xdp != expect->xdp)
		note_change(changes, "an XDP program was %s %s",
			    is->xdp ? "attached to" : "detached from", pf);
	if (!nfp_mac_equal(&is->address, &expect->address))
		note_change(changes, "%s was given the address %s", pf,
			    nfp_mac_str(&is->address).text);
	changes->lasts = changes->changed;
	/* Guests come and go with their macvtaps, which costs the run only what that hides. */
	changes->all_multicast = is->allmulti > backend->allmulti;
}

/* Checks that the run still has the VF for itself. */
static int check_guarded_vf(struct nfp_backend *backend, struct nfp_guard *guard,
			    struct nfp_external_changes *changes, struct nfp_err *err)
{
	struct nfp_err lost = {.code = NFP_E_NONE};
	int ret = nfp_guard_look(&backend->apply, guard, &lost);

	changes->gone |= ret == -ENODEV;
	changes->ended |= ret != -ENODEV && guard->state != NFP_GUARD_OURS;
	if (ret == -ENODEV || guard->state != NFP_GUARD_OURS) {
		note_change(changes, "%s", ret == -ENODEV ? lost.message : guard->what);
		return 0;
	}
	if (ret && err)
		*err = lost;
	return ret;
}

int nfp_backend_external_changes(void *ctx, struct nfp_external_changes *ret_news,
				 struct nfp_err *err)
{
	struct nfp_backend *backend = ctx;
	struct nfp_external_changes changes = {.carrier = false};
	struct nfp_pf_now pf;
	int ret;

	/* Other processes cannot take from a dry run what it does not change. */
	if (backend->config.dry) {
		*ret_news = (struct nfp_external_changes) {.carrier = true};
		return 0;
	}
	ret = nfp_backend_pf_read(backend, &pf, err);
	if (ret == -ENODEV) {
		changes.gone = true;
		note_change(&changes, "%s is no longer there", backend->apply.pf.ifname);
		*ret_news = changes;
		return 0;
	}
	if (ret)
		return ret;
	/* A PF that had no carrier when the run began has lost none. */
	changes.carrier = pf.link.carrier || !backend->pf_start.link.carrier;
	changes.carrier_losses = pf.carrier_downs - backend->pf_start.carrier_downs;
	nfp_backend_compare_pf(backend, &pf, &changes);
	if (!nfp_mac_is_zero(&backend->shared))
		note_change(&changes,
			    "another process has added %s to the unicast filter of %s as well (a "
			    "macvtap, say)",
			    nfp_mac_str(&backend->shared).text, backend->apply.pf.ifname);
	backend->failed_over |= pf.bond_active != backend->pf_start.bond_active ||
				pf.bond_carriers < backend->pf_start.bond_carriers;
	/* A change is reported once: the next call compares with this state. */
	backend->pf_expect = pf;
	backend->shared = (struct nfp_mac) {{0}};
	if (backend->vf.begun)
		ret = check_guarded_vf(backend, &backend->vf.guard, &changes, err);
	for (size_t i = 0; i < NFP_SIBLINGS && !ret; i++) {
		if (backend->siblings[i].begun)
			ret = check_guarded_vf(backend, &backend->siblings[i].guard, &changes, err);
	}
	if (!ret)
		*ret_news = changes;
	return ret;
}
