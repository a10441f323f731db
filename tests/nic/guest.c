// SPDX-License-Identifier: GPL-2.0-or-later
/* A NIC's answer to a VF's guest that asks for more than its address. */
#include "core.h"

bool core_lets(enum core_lets lets, bool trusted)
{
	return lets == CORE_LETS_ALL || (lets == CORE_LETS_TRUSTED && trusted);
}

static bool is_allmulti(const struct core_asked *asked, const struct core_guest *guest,
			bool trusted)
{
	return asked->allmulti && core_lets(guest->allmulti, trusted);
}

static bool is_promisc(const struct core_asked *asked, const struct core_guest *guest, bool trusted)
{
	return asked->promisc && core_lets(guest->promisc, trusted);
}

int core_guest_find(const struct core_asked *asked, const uint8_t *mac)
{
	unsigned int i;

	for (i = 0; i < asked->num; i++)
		if (core_is_mac(asked->list[i].mac, mac))
			return (int)i;
	return -1;
}

/* An address that a guest has asked for counts as written before all others. */
uint64_t core_vf_has(const struct core_filter *filter, const struct core_asked *asked,
		     const uint8_t *mac)
{
	return core_filter_has(filter, mac) ? filter->written ?: 1
					    : core_guest_find(asked, mac) >= 0;
}

static void add(struct core_asked *asked, const uint8_t *mac, enum core_asked_as as)
{
	if (asked->num == CORE_GUEST_UC || core_guest_find(asked, mac) >= 0)
		return;
	asked->list[asked->num].as = as;
	memcpy(asked->list[asked->num++].mac, mac, CORE_MAC);
}

void core_guest_drop(struct core_asked *asked, int place)
{
	asked->list[place] = asked->list[--asked->num];
}

bool core_guest_ask(struct core_asked *asked, const struct core_guest *guest, const uint8_t *mac,
		    bool trusted, bool checked)
{
	if (core_guest_find(asked, mac) >= 0)
		return true;
	if (asked->num >= (trusted ? guest->trusted_addresses : guest->addresses)) {
		asked->refused++;
		return false;
	}
	add(asked, mac, CORE_ASKED_MORE);
	asked->unchecked |= checked && guest->stops_checking;
	return true;
}

/* The address that its netdev had before. */
static void leave_own(struct core_asked *asked, const struct core_guest *guest)
{
	int i;

	for (i = (int)asked->num - 1; i >= 0; i--) {
		if (asked->list[i].as != CORE_ASKED_OWN)
			continue;
		if (guest->keeps_old)
			asked->list[i].as = CORE_ASKED_OLD;
		else
			core_guest_drop(asked, i);
	}
}

unsigned int core_guest_take(struct core_asked *asked, struct core_filter *filter,
			     const struct core_personality *p, const uint8_t *mac, bool assigned,
			     uint64_t now_ns)
{
	leave_own(asked, &p->guest);
	asked->took = !assigned;
	if (assigned)
		return core_filter_come(filter, p, mac, 0, now_ns);
	add(asked, mac, CORE_ASKED_OWN);
	return p->guest.keeps_old ? 0 : core_filter_go(filter, p, 0, now_ns);
}

bool core_guest_is_blocked(const struct core_asked *asked, const struct core_guest *guest)
{
	return guest->blocks && asked->refused;
}

void core_guest_leaves(struct core_asked *asked, const struct core_guest *guest, const uint8_t *own,
		       bool trusted)
{
	int i;

	for (i = (int)asked->num - 1; i >= 0; i--) {
		enum core_asked_as *as = &asked->list[i].as;

		if (*as == CORE_ASKED_OWN || *as == CORE_ASKED_OLD || !guest->leaves_second)
			core_guest_drop(asked, i);
		else
			*as = CORE_ASKED_LEFT;
	}
	if (asked->took && guest->leaves_new)
		add(asked, own, CORE_ASKED_LEFT);
	asked->left_promisc |= guest->leaves_promisc && is_promisc(asked, guest, trusted);
	asked->left_groups |= guest->leaves_allmulti && is_allmulti(asked, guest, trusted);
	asked->promisc = asked->allmulti = asked->took = false;
	asked->refused = 0;
}

bool core_guest_gets_groups(const struct core_asked *asked, const struct core_guest *guest,
			    bool trusted)
{
	return asked->left_groups || is_allmulti(asked, guest, trusted) ||
	       is_promisc(asked, guest, trusted);
}

bool core_guest_overhears(const struct core_asked *asked, const struct core_guest *guest,
			  bool trusted, bool inside)
{
	bool all = asked->left_promisc || is_promisc(asked, guest, trusted);

	return inside ? all && guest->overhears : all || guest->gets_strangers;
}

bool core_guest_may_forge(const struct core_asked *asked, const struct core_guest *guest,
			  bool checked, bool inside)
{
	return !checked || asked->unchecked || guest->forges || (inside && guest->forges_inside);
}
