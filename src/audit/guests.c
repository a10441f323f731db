// SPDX-License-Identifier: GPL-2.0-or-later
/* guests.c - the guests of a PF: each with its VF, its standby, and the way of that to the wire. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "way_priv.h"

const struct nfp_names nfp_stop_weight_names = NFP_NAMES(NULL, "stops", "loses", "may");
const struct nfp_names nfp_way_end_names = NFP_NAMES(NULL, "none", "pf", "nic", "switch", "host",
						     "nowhere", "other", "unseen");
const struct nfp_names nfp_pairing_names = NFP_NAMES(NULL, NULL, "address", "presumed", "sure");

static bool is_kind(const struct nfp_link *link, const char *kind)
{
	return strcmp(link->kind, kind) == 0;
}

/* ---- the way ---- */

static enum nfp_way_end end_of_link(const struct nfp_step_at *last)
{
	const struct nfp_link *link = last->at.link, *bridge = last->bridge;

	if (last->inward && bridge)
		return bridge->has_address ? NFP_END_HOST : NFP_END_NOWHERE;
	if (is_kind(link, "tun") || is_kind(link, "bond") || is_kind(link, "team"))
		return link->has_address ? NFP_END_HOST : NFP_END_NOWHERE;
	return NFP_END_OTHER;
}

static enum nfp_way_end end_of(const struct nfp_paths *paths, const struct nfp_standby *standby)
{
	const struct nfp_steps *steps = &standby->steps;
	const struct nfp_step_at *last;

	if (steps->is_cut)
		return NFP_END_UNSEEN;
	if (!steps->n)
		return NFP_END_NONE;
	last = &steps->v[steps->n - 1];
	nfp_for_each (step, steps->v, steps->n)
		if (step->bridge && is_kind(step->bridge, "openvswitch"))
			return NFP_END_SWITCH;
	if (!steps->reaches)
		return end_of_link(last);
	return last->at.netns == paths->facts->netns &&
			       last->at.link->ifindex == paths->pf->info.ifindex
		       ? NFP_END_PF
		       : NFP_END_NIC;
}

static enum nfp_stop_weight weight_of(const struct nfp_stop *stop)
{
	if (nfp_stop_is_remark(stop))
		return NFP_WEIGHT_MAY;
	return nfp_stop_rows[stop->what].whom == NFP_STOPS_PAIR ? NFP_WEIGHT_LOSES
								: NFP_WEIGHT_STOPS;
}

static void add_stop(struct nfp_guest_hop *hop, const struct nfp_stop *stop,
		     const struct nfp_pf *pf)
{
	struct nfp_guest_stop *told = nfp_grow(hop->stops, hop->num_stops);

	*told = (struct nfp_guest_stop) {.code = nfp_stop_rows[stop->what].code,
					 .weight = weight_of(stop)};
	memcpy(told->ifname, stop->hop->ifname, sizeof(told->ifname));
	nfp_stop_text(stop, pf, told->what, sizeof(told->what));
	snprintf(told->after, sizeof(told->after), "%s", nfp_stop_after(stop));
	nfp_stop_fix(stop, pf, &told->commands);
}

static void add_hop(struct nfp_guest_way *guest, const struct nfp_step_at *step)
{
	struct nfp_guest_hop *hop = nfp_grow(guest->hops, guest->num_hops);

	*hop = (struct nfp_guest_hop) {.inward = step->inward && step->bridge,
				       .has_vlan = step->has_vid && !step->any_vlan,
				       .vlan = step->vid};
	memcpy(hop->ifname, step->at.link->ifname, sizeof(hop->ifname));
	memcpy(hop->kind, step->at.link->kind, sizeof(hop->kind));
	snprintf(hop->netns, sizeof(hop->netns), "%s", step->at.netns->name);
	if (step->bridge)
		memcpy(hop->bridge, step->bridge->ifname, sizeof(hop->bridge));
}

/* ---- the guests ---- */

static struct nfp_guest_way *add_guest(const struct nfp_paths *paths, const struct nfp_vf_info *vf,
				       int pid, struct nfp_audit *audit)
{
	const struct nfp_facts_guest *known = nfp_facts_guest_of(paths->facts, pid);
	struct nfp_guest_way *guest = nfp_grow(audit->guests, audit->num_guests);

	*guest = (struct nfp_guest_way) {.pid = pid,
					 .vf = vf->vf,
					 .at_rest = vf->at_rest,
					 .is_left = !vf->user_pid,
					 .end = NFP_END_NONE};
	memcpy(guest->pf, paths->pf->info.ifname, sizeof(guest->pf));
	if (known)
		memcpy(guest->name, known->name, sizeof(guest->name));
	if (vf->attr.have_mac) {
		guest->address = vf->attr.mac;
		guest->vlan = vf->attr.vlan.vid;
	}
	return guest;
}

void nfp_guest_add(const struct nfp_paths *paths, const struct nfp_standby *standby,
		   const struct nfp_stop *stops, size_t num, struct nfp_audit *audit)
{
	struct nfp_guest_way *guest = add_guest(paths, standby->vf, standby->pid, audit);
	const struct nfp_steps *steps = &standby->steps;

	guest->pairing = standby->pairing;
	guest->end = end_of(paths, standby);
	guest->has_standby = true;
	if (standby->at.link) {
		memcpy(guest->standby, standby->at.link->ifname, sizeof(guest->standby));
		guest->standby_address = standby->at.link->address;
	}
	for (size_t i = 0; i < steps->n; i++) {
		add_hop(guest, &steps->v[i]);
		nfp_for_each (stop, stops, num)
			if (stop->step == i)
				add_stop(&guest->hops[i], stop, paths->pf);
	}
}

void nfp_guests_add_rest(const struct nfp_paths *paths, size_t before, struct nfp_audit *audit)
{
	const size_t end = audit->num_guests;

	nfp_for_each (vf, paths->pf->vfs, paths->pf->num_vfs) {
		bool found = !vf->user_pid || vf->proof == NFP_SAID || vf->use != NFP_USE_VFIO;

		for (size_t i = before; i < end && !found; i++)
			found = audit->guests[i].vf == vf->vf;
		if (!found)
			(void)add_guest(paths, vf, vf->user_pid, audit);
	}
}

const struct nfp_guest_hop *nfp_guest_stops_at(const struct nfp_guest_way *guest)
{
	nfp_for_each (hop, guest->hops, guest->num_hops)
		nfp_for_each (stop, hop->stops, hop->num_stops)
			if (stop->weight == NFP_WEIGHT_STOPS)
				return hop;
	return NULL;
}

bool nfp_guest_is_cut_off(const struct nfp_guest_way *guest)
{
	return nfp_guest_stops_at(guest) || (guest->has_standby && guest->end == NFP_END_NONE);
}

static void free_hops(struct nfp_guest_way *guest)
{
	nfp_for_each (hop, guest->hops, guest->num_hops)
		free(hop->stops);
	free(guest->hops);
}

void nfp_audit_keep_guests(struct nfp_audit *audit, const char *name)
{
	size_t kept = 0;

	nfp_for_each (guest, audit->guests, name ? audit->num_guests : 0) {
		char pid[16];

		snprintf(pid, sizeof(pid), "%d", guest->pid);
		if (strcmp(guest->name, name) == 0 || strcmp(pid, name) == 0 ||
		    strcmp(guest->standby, name) == 0)
			audit->guests[kept++] = *guest;
		else
			free_hops(guest);
	}
	if (name)
		audit->num_guests = kept;
}

void nfp_guests_free(struct nfp_guest_way *guests, size_t num)
{
	nfp_for_each (guest, guests, num)
		free_hops(guest);
	free(guests);
}
