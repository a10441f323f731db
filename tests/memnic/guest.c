// SPDX-License-Identifier: GPL-2.0-or-later
/* A guest asks its VF for more, and the NIC gives it some of that. */
#include <errno.h>
#include <stdlib.h>

#include "memnic_priv.h"

static bool is_trusted(const struct memnic *nic)
{
	return nic->guest.trust > 0;
}

static bool lets(const struct memnic *nic, enum core_lets lets)
{
	return core_lets(lets, is_trusted(nic));
}

bool memnic_is_hashed(const struct core_guest *guest, const struct nfp_mac *mac)
{
	uint64_t state = 1;

	for (size_t i = 0; i < sizeof(mac->b) && guest->hashes; i++)
		state = nic_draw(&state) ^ mac->b[i];
	return guest->hashes && (nic_draw(&state) >> 32) % guest->hashes == 0;
}

/* It stands for many addresses, each of which has a hash of its own. */
static bool is_for_strangers(const struct memnic *nic, const struct nfp_mac *mac)
{
	return nic->plan.strangers && nfp_mac_equal(mac, &nic->plan.unregistered_mac);
}

bool guest_gets(const struct memnic *nic, const struct nfp_mac *mac, bool inside)
{
	const struct core_guest *g = &nic->p.guest;

	if (!inside && memnic_is_hashed(g, mac) && !is_for_strangers(nic, mac))
		return true;
	if (g->unlearned_alone && core_net_find(&nic->learned, mac->b, nic->now_ns) &&
	    !is_for_strangers(nic, mac))
		return false;
	return core_guest_overhears(&nic->guest.asked, g, is_trusted(nic), inside);
}

bool guest_gets_group(const struct memnic *nic)
{
	return core_guest_gets_groups(&nic->guest.asked, &nic->p.guest, is_trusted(nic));
}

/* A NIC that was told to check, and does. */
bool guest_may_forge(const struct memnic *nic, bool inside)
{
	return core_guest_may_forge(&nic->guest.asked, &nic->p.guest, nic->guest.spoofchk > 0,
				    inside);
}

static void take_back(struct core_asked *asked, const struct nfp_mac *mac)
{
	int place = core_guest_find(asked, mac->b);

	if (place >= 0 && asked->list[place].as == CORE_ASKED_MORE)
		core_guest_drop(asked, place);
	else if (place < 0 && asked->refused)
		asked->refused--;
}

static void pass_on(struct memnic *nic, enum nfp_ask what, const struct nfp_mac *mac, bool on)
{
	const struct core_guest *g = &nic->p.guest;
	struct core_asked *asked = &nic->guest.asked;

	if (what == NFP_ASK_UNICAST && !on) {
		take_back(asked, mac);
	} else if (what == NFP_ASK_UNICAST) {
		(void)core_guest_ask(asked, g, mac->b, is_trusted(nic), nic->guest.spoofchk > 0);
	} else if (what == NFP_ASK_ADDRESS) {
		nic->guest.own = *mac;
		nic_vf_filter_changed(nic, core_guest_take(asked, &nic->filter, &nic->p, mac->b,
							   nfp_mac_equal(mac, &nic->vf_mac),
							   nic->now_ns));
		nic_advance(nic, nic->now_ns, false);
	} else if (!core_guest_is_blocked(asked, g)) {
		*(what == NFP_ASK_PROMISC ? &asked->promisc : &asked->allmulti) = on;
	}
}

/* A tick of its driver. */
void guest_happens(struct memnic *nic)
{
	for (size_t i = 0; i < nic->guest.num_waiting; i++) {
		const struct nic_asked *one = &nic->guest.waiting[i];

		pass_on(nic, one->what, &one->mac, one->on);
	}
	nic->guest.num_waiting = 0;
}

/* Its driver passes on what it asks for at the next tick, and waits for the answer to an address.
 */
int guest_ask(void *ctx, enum nfp_ask what, const struct nfp_mac *mac, bool on, struct nfp_err *err)
{
	struct memnic *nic = ctx;
	const struct core_guest *g = &nic->p.guest;
	uint64_t tick_ns = g->tick_ns;

	nic_note(nic, "ask");
	if (what == NFP_ASK_ADDRESS && !lets(nic, g->address))
		return nfp_err_errno(err, -EPERM, NFP_E_KERNEL, "address");
	if (!tick_ns || what == NFP_ASK_ADDRESS) {
		pass_on(nic, what, mac, on);
	} else {
		if (nic->guest.num_waiting == NIC_ASKED_MAX)
			abort();
		nic->guest.waiting[nic->guest.num_waiting++] = (struct nic_asked) {what, *mac, on};
		nic_cancel(nic, NIC_ASKED);
		nic_schedule(nic,
			     tick_ns - (nic->now_ns + nic->c.seed * 7919 * NFP_NSEC_PER_MSEC) %
					       tick_ns,
			     NIC_ASKED);
	}
	nic_reroute(nic, false);
	return 0;
}

void guest_leaves(struct memnic *nic)
{
	core_guest_leaves(&nic->guest.asked, &nic->p.guest, nic->guest.own.b, is_trusted(nic));
	nic->guest.num_waiting = 0;
}

/* A NIC that is told to trust the VF or not resets it. */
int guest_permit(void *ctx, int trust, int spoofchk, struct nfp_err *err)
{
	struct memnic *nic = ctx;

	if (nic->p.guest.permit_errno)
		return nfp_err_errno(err, -nic->p.guest.permit_errno, NFP_E_KERNEL, "permit");
	nic->guest.trust = nic->p.guest.trust_ignored ? 0 : trust;
	nic->guest.spoofchk = spoofchk;
	nic->guest.asked = (struct core_asked) {.took = nic->guest.asked.took,
						.refused = nic->guest.asked.refused};
	return 0;
}

int guest_permits(void *ctx, struct nfp_permits *ret_permits, struct nfp_err *err)
{
	const struct memnic *nic = ctx;

	(void)err;
	*ret_permits = (struct nfp_permits) {
		.trust = nic->guest.trust,
		.spoofchk = nic->guest.spoofchk,
		.address = nic->guest.asked.took && is_trusted(nic) ? nic->guest.own : nic->vf_mac,
	};
	return 0;
}

void memnic_set_permits(struct memnic *nic, int trust, int spoofchk)
{
	nic->guest.trust = trust;
	nic->guest.spoofchk = spoofchk;
}

unsigned int memnic_forged(const struct memnic *nic)
{
	return nic->guest.forged;
}

struct core_guest memnic_random_guest(uint64_t seed)
{
	uint64_t state = seed * 2 + 1, bits;
	struct core_guest g = {0};

	(void)nic_draw(&state);
	bits = nic_draw(&state);
	g.addresses = (unsigned int)(bits & 3);
	g.trusted_addresses = g.addresses + (unsigned int)(bits >> 2 & 1);
	g.allmulti = (enum core_lets)(bits >> 4 & 0xff) % 3;
	g.promisc = (enum core_lets)(bits >> 12 & 0xff) % 3;
	g.address = (enum core_lets)(bits >> 20 & 0xff) % 3;
	g.overhears = bits >> 28 & 1;
	g.keeps_old = bits >> 29 & 1;
	g.stops_checking = bits >> 30 & 1;
	/* Each of these is rare. */
	g.forges = !(bits >> 32 & 7);
	g.forges_inside = !(bits >> 35 & 7);
	g.gets_strangers = !(bits >> 38 & 7);
	g.hashes = bits >> 41 & 7 ? 0 : 16;
	g.leaves_second = !(bits >> 44 & 3);
	g.leaves_new = !(bits >> 46 & 3);
	g.leaves_allmulti = !(bits >> 48 & 3);
	g.leaves_promisc = !(bits >> 50 & 3);
	g.trust_ignored = !(bits >> 52 & 7);
	g.blocks = !(bits >> 55 & 3);
	g.reset_permits = !(bits >> 57 & 7);
	return g;
}
