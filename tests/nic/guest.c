// SPDX-License-Identifier: GPL-2.0-or-later
/* A NIC's answer to a VF's guest that asks for more than its address. */
#include "core.h"

bool core_lets(enum core_lets lets, bool trusted)
{
	return lets == CORE_LETS_ALL || (lets == CORE_LETS_TRUSTED && trusted);
}

unsigned int core_guest_room(const struct core_guest *guest, bool trusted)
{
	return trusted ? guest->trusted_addresses : guest->addresses;
}

bool core_guest_overhears(const struct core_guest *guest, bool promisc, bool inside)
{
	return inside ? promisc && guest->overhears : promisc || guest->gets_strangers;
}

bool core_guest_may_forge(const struct core_guest *guest, bool checked, bool unchecked, bool inside)
{
	return !checked || unchecked || guest->forges || (inside && guest->forges_inside);
}
