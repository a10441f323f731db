// SPDX-License-Identifier: GPL-2.0-or-later
/* possible.c - which standbys a host can build, depending on who takes the frames of the netdev
 * below. */
#include <stdio.h>

#include "checks_priv.h"

/* A macvtap shares them with other macvlans, a bridge with its other guests. Open vSwitch keeps
 * each port promiscuous (ovs_netdev_link in net/openvswitch/vport-netdev.c). */
static bool shares(const struct nfp_style_row *row, enum nfp_rx_user user)
{
	switch (user) {
	case NFP_RX_NOBODY:
		return true;
	case NFP_RX_BRIDGE:
		return !row->macvlan;
	case NFP_RX_OVS:
		return !row->macvlan && row->promiscuous;
	case NFP_RX_MACVLAN:
		return row->macvlan;
	default:
		return false;
	}
}

enum nfp_answer nfp_style_is_possible(enum nfp_style style, const struct nfp_rx_handler *at,
				      size_t num, char why[NFP_NOTE_LEN])
{
	enum nfp_answer answer = NFP_NO;

	why[0] = '\0';
	for (size_t i = 0; i < num && !nfp_styles[style].second_vf; i++) {
		if (at[i].user == NFP_RX_UNKNOWN)
			answer = answer == NFP_YES ? NFP_YES : NFP_UNKNOWN;
		else if (shares(&nfp_styles[style], at[i].user))
			answer = NFP_YES;
		else
			nfp_appendf(why, NFP_NOTE_LEN, "%s%s", why[0] ? ", and " : "", at[i].note);
	}
	if (nfp_styles[style].second_vf)
		answer = NFP_YES;
	if (answer != NFP_NO)
		why[0] = '\0';
	return answer;
}

/* netdev_rx_handler_register refuses a second user of a netdev's frames (net/core/dev.c). This
 * check comes last and wins: whatever the NIC does and --allow covers, the host cannot build the
 * standby. */
bool check_possible(const struct nfp_style_result *style, const struct nfp_criteria *criteria,
		    struct nfp_failed_check *ret)
{
	(void)criteria;
	ret->verdict = NFP_VERDICT_NOT_APPLICABLE;
	ret->firm = true;
	snprintf(ret->reason, sizeof(ret->reason), "not possible while %s (EBUSY)",
		 style->impossible_while);
	return style->impossible_while[0];
}

bool nfp_is_impossible(const struct nfp_style_result *style)
{
	return style->by == NFP_CHECK_HOST;
}

/*
 * The switch brings a guest on its VF only the frames for this member. Frames for another member
 * come in at the bond, where the standby is, and net_failover_handle_frame drops them there while
 * the guest has its VF (drivers/net/net_failover.c).
 */
bool check_lag(const struct nfp_style_result *style, const struct nfp_criteria *criteria,
	       struct nfp_failed_check *ret)
{
	if (!criteria->lag || !criteria->lag[0])
		return false;
	ret->verdict = NFP_VERDICT_DEAF;
	ret->firm = true;
	snprintf(ret->reason, sizeof(ret->reason),
		 "%s is a member of %s (%s), so the switch chooses the member for each frame: what "
		 "comes by another one ",
		 criteria->ifname, criteria->bond, criteria->lag);
	if (nfp_styles[style->style].second_vf)
		nfp_appendf(ret->reason, sizeof(ret->reason),
			    "reaches neither the guest's VF nor its standby");
	else
		nfp_appendf(ret->reason, sizeof(ret->reason),
			    "reaches %s and the standby, and is lost to a guest that uses its VF",
			    criteria->bond);
	return true;
}
