// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ways in which SR-IOV drivers of Linux treat a VF's address, as their sources tell. The
 * numbers are those of the archetypes; where sources do not settle who wins when both own an
 * address, each possible answer has a personality.
 */
#include <errno.h>
#include <string.h>

#include "memnic.h"

#define ON(event)    MEMNIC_BIT(MEMNIC_ON_##event)
#define MS	     NFP_NSEC_PER_MSEC
#define EVERY_WAY_UP (ON(ASSIGN) | ON(RESET) | ON(BIND) | ON(UP))

const struct memnic_personality memnic_archetypes[] = {
	{
		.name = "igb",
		.why = "1: one RAR a VF, written by ndo_set_vf_mac; VF reset rewrites it; only "
		       "the zero address takes it away. Measured: both get the frame",
		.comes_on = EVERY_WAY_UP,
		.goes_on = ON(CLEAR),
		.winner = MEMNIC_BOTH,
		.pf_default_from_wire = true,
	},
	{
		.name = "ixgbe",
		.why = "2: RSTI/FLR deletes the filter, the VF driver's reset message brings it "
		       "back. Measured on 82599: the PF alone gets what both own",
		.comes_on = ON(ASSIGN) | ON(BIND) | ON(UP) | ON(DOWN) | ON(UNBIND),
		.goes_on = ON(RESET) | ON(CLEAR),
		.winner = MEMNIC_PF_WINS,
		.stats = MEMNIC_STATS_LATE,
	},
	{
		.name = "ice-promisc-gap",
		.why = "3: each change and each reset makes the VF anew: its filter is away for "
		       "200 ms and comes back",
		.comes_on = EVERY_WAY_UP,
		.goes_on = ON(ASSIGN) | ON(RESET) | ON(CLEAR),
		.comes_after_ns = {[MEMNIC_ON_ASSIGN] = 200 * MS, [MEMNIC_ON_RESET] = 200 * MS},
		.winner = MEMNIC_VF_WINS,
		.stats = MEMNIC_STATS_LIVE,
	},
	{
		.name = "i40e-old",
		.why = "4: the VF's ifdown deletes the filter and zeroes the address that the PF "
		       "set. Measured on X710: both get the frame",
		.comes_on = EVERY_WAY_UP,
		.goes_on = ON(DOWN) | ON(CLEAR),
		.forgets_on_down = true,
		.winner = MEMNIC_BOTH,
		.stats = MEMNIC_STATS_LIVE,
	},
	{
		.name = "mlx5",
		.why = "5: only a vport context until the VF's netdev is up; its address list goes "
		       "with ifdown. Two destinations in one rule",
		.comes_on = ON(UP),
		.goes_on = ON(DOWN) | ON(CLEAR),
		.winner = MEMNIC_BOTH,
		.promisc_from_inside = true,
		.stats = MEMNIC_STATS_LIVE,
	},
	{
		.name = "octeontx2",
		.why = "6: the rule is there but off until the VF initialises, and off again at "
		       "close; the zero address is refused",
		.comes_on = ON(UP),
		.goes_on = ON(DOWN) | ON(CLEAR),
		.winner = MEMNIC_VF_WINS,
		.zero_refused = true,
	},
	{
		.name = "hns3",
		.why = "7: stored; a service task that runs once a second programs it",
		.comes_on = ON(UP),
		.goes_on = ON(DOWN) | ON(CLEAR),
		.comes_after_ns = {[MEMNIC_ON_UP] = 900 * MS},
		.goes_after_ns = {[MEMNIC_ON_DOWN] = 900 * MS},
		.hold_after_ns = 700 * MS,
		.winner = MEMNIC_BOTH,
	},
	{
		.name = "sfc",
		.why = "8: the address sits on a v-port; the VF driver's filters steer to it from "
		       "its probe to its removal",
		.comes_on = ON(BIND),
		.goes_on = ON(UNBIND) | ON(CLEAR),
		.winner = MEMNIC_VF_WINS,
	},
	{
		.name = "igb-fresh-pf",
		.why = "9: a PF that was set down and up has lost the VFs' RARs until each VF is "
		       "reset",
		.comes_on = EVERY_WAY_UP,
		.goes_on = ON(CLEAR),
		.needs_reset_first = true,
		.winner = MEMNIC_BOTH,
		.pf_default_from_wire = true,
	},
	{
		.name = "ice",
		.why = "10: a second owner turns the rule into a list of VSIs: both get the frame",
		.comes_on = EVERY_WAY_UP,
		.goes_on = ON(ASSIGN) | ON(RESET) | ON(CLEAR),
		.comes_after_ns = {[MEMNIC_ON_ASSIGN] = 200 * MS, [MEMNIC_ON_RESET] = 200 * MS},
		.winner = MEMNIC_BOTH,
		.stats = MEMNIC_STATS_LIVE,
	},
	{
		.name = "rar-vf-wins",
		.why = "11: two equal entries, the VF's pool is the one that gets the frame",
		.comes_on = EVERY_WAY_UP,
		.goes_on = ON(CLEAR),
		.winner = MEMNIC_VF_WINS,
	},
	{
		.name = "rar-last-wins",
		.why = "11: two equal entries, the one written last gets the frame",
		.comes_on = ON(ASSIGN),
		.goes_on = ON(CLEAR),
		.winner = MEMNIC_LAST_WINS,
	},
	{
		.name = "hns3-old",
		.why = "12: set_vf_mac looks for the address in the table: EEXIST while the PF "
		       "holds it",
		.comes_on = ON(UP),
		.goes_on = ON(DOWN) | ON(CLEAR),
		.winner = MEMNIC_BOTH,
		.assign_errno = EEXIST,
	},
	{
		.name = "ice-old",
		.why = "12: a second owner is refused in set_rx_mode or in the VF's rebuild, where "
		       "nobody sees it",
		.comes_on = EVERY_WAY_UP,
		.goes_on = ON(RESET) | ON(CLEAR),
		.comes_after_ns = {[MEMNIC_ON_RESET] = 200 * MS},
		.assign_ignored = true,
		.hold_ignored = true,
		.stats = MEMNIC_STATS_LIVE,
	},
	{
		.name = "i40e-refused",
		.why = "13: firmware refuses the second owner, then the PF's VSI is made "
		       "promiscuous, which does not see what a VF owns",
		.comes_on = EVERY_WAY_UP,
		.goes_on = ON(ASSIGN) | ON(RESET) | ON(CLEAR),
		.comes_after_ns = {[MEMNIC_ON_ASSIGN] = 200 * MS, [MEMNIC_ON_RESET] = 200 * MS},
		.winner = MEMNIC_BOTH,
		.promisc_when_refused = true,
		.stats = MEMNIC_STATS_LIVE,
	},
	{
		.name = "table-full",
		.why = "14: no free RAR for the PF: ndo_fdb_add says ENOMEM",
		.comes_on = EVERY_WAY_UP,
		.goes_on = ON(CLEAR),
		.winner = MEMNIC_BOTH,
		.table_full_errno = ENOMEM,
	},
	{
		.name = "table-full-promisc",
		.why = "14: no free RAR and a macvlan child: the PF turns promiscuous and says "
		       "nothing",
		.comes_on = EVERY_WAY_UP,
		.goes_on = ON(CLEAR),
		.table_full_errno = ENOMEM,
		.promisc_when_refused = true,
	},
	{
		.name = "enetc",
		.why = "15: a register for each station interface; the zero address is refused, "
		       "02:00:00:00:00:00 takes its place",
		.comes_on = ON(ASSIGN),
		.goes_on = ON(CLEAR),
		.winner = MEMNIC_BOTH,
		.zero_refused = true,
	},
	{
		.name = "forced",
		.why = "15: an address that was forced once cannot be taken back at all",
		.comes_on = ON(UP) | ON(RESET),
		.goes_on = 0,
		.winner = MEMNIC_VF_WINS,
		.clear_errno = EINVAL,
	},
	{
		.name = "switchdev",
		.why = "16: the address is only an identity, frames follow rules: the uplink gets "
		       "them, the VF nothing",
		.pf_default_from_wire = true,
		.pf_default_from_inside = true,
		.vf_deaf = true,
	},
	{
		.name = "liquidio",
		.why = "17: set at once by a firmware command; has VF counters, which say nothing "
		       "about a VF without driver. No reset to be had",
		.comes_on = ON(ASSIGN) | ON(UP),
		.goes_on = ON(CLEAR),
		.winner = MEMNIC_BOTH,
		.zero_refused = true,
		.no_reset = true,
		.stats = MEMNIC_STATS_LIVE,
	},
};
const size_t memnic_num_archetypes = sizeof(memnic_archetypes) / sizeof(memnic_archetypes[0]);

const struct memnic_personality *memnic_archetype(const char *name)
{
	for (size_t i = 0; i < memnic_num_archetypes; i++) {
		if (strcmp(memnic_archetypes[i].name, name) == 0)
			return &memnic_archetypes[i];
	}
	return NULL;
}
