// SPDX-License-Identifier: GPL-2.0-or-later
/* pf.c - what follows from the facts of a PF. */
#include <string.h>

#include "net/pf.h"

const struct nfp_names nfp_rx_user_names = NFP_NAMES(NULL, "nobody", "bridge", "openvswitch",
						     "macvlan", "other");

bool nfp_is_bonded(const struct nfp_pf_info *pf)
{
	return pf->bond_mode[0] && !pf->lag[0];
}

bool nfp_has_stations(const struct nfp_pf_info *pf, uint16_t vid)
{
	return pf->l2_fwd_offload && !vid && !nfp_is_bonded(pf);
}

const char *nfp_standby_netdev(const struct nfp_pf_info *pf)
{
	return nfp_is_bonded(pf) ? pf->master : pf->ifname;
}

struct nfp_netdev_name nfp_standby_port(const struct nfp_pf_info *pf, uint16_t vid)
{
	const char *at = nfp_standby_netdev(pf);
	struct nfp_netdev_name port = {""};

	nfp_appendf(port.text, sizeof(port.text), "%s", at);
	if (vid)
		nfp_appendf(port.text, sizeof(port.text), ".%u", vid);
	return port;
}

/*
 * balance-alb tells each host the address of another member, so that none is an ordinary port. In
 * the other modes, the switch must not find the host at the port of a member that is not active.
 */
const char *nfp_why_pf_silent(const struct nfp_pf_info *pf)
{
	if (pf->no_carrier)
		return "the PF has no carrier, so that nothing leaves it";
	if (nfp_is_bonded(pf) && (pf->bond_backup || strcmp(pf->bond_mode, "balance-alb") == 0))
		return "the PF is a member of a bond by which a run sends nothing";
	return NULL;
}
