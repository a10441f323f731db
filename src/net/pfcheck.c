// SPDX-License-Identifier: GPL-2.0-or-later
/* pfcheck.c - refuses PFs that cannot be probed, each with a hint. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "net/inventory.h"

/* ---- a bond takes the PF's frames behind packet sockets ---- */

static bool is_in_lag(const struct nfp_pf *pf)
{
	return pf->info.lag[0];
}

static bool is_in_unknown(const struct nfp_pf *pf)
{
	return !pf->info.bond_mode[0];
}

static bool is_nested(const struct nfp_pf *pf)
{
	return pf->bond_port_of[0] && strcmp(pf->bond_port_of, "bridge") != 0;
}

/* A promiscuous PF would hand its bond, and the bridges on that, what the switch floods. */
static bool is_heard_twice(const struct nfp_pf *pf)
{
	return pf->info.bond_backup && pf->bond_takes_all;
}

static bool is_kept_alive(const struct nfp_pf *pf)
{
	return pf->any_frame_lives;
}

#define OTHER_CARD "probe a card of the same model and firmware that is in no bond."

static const struct bond_row {
	bool (*refuses)(const struct nfp_pf *pf);
	const char *why;
	bool forced; /* --force probes it nevertheless; without it, people may think of leaving the
			bond */
} bond_rows[] = {
	{.refuses = is_in_lag,
	 .why = "The switch chooses the member for each frame, so that a guest on its VF loses "
		"what comes by another one: a run says so without a frame."},
	{.refuses = is_in_unknown,
	 .why = "What a run sends may move addresses of its master at the switch, and "
		"frames may come by another member: " OTHER_CARD},
	{.refuses = is_nested,
	 .why = "What its bond is itself a port of is no bridge: " OTHER_CARD},
	{.refuses = is_heard_twice,
	 .why = "It is inactive, and the bond takes what comes to it all the same "
		"(all_slaves_active), so that what a run has flooded reaches the bond "
		"twice: probe the active member."},
	{.refuses = is_kept_alive,
	 .why = "Its ARP monitor validates nothing (arp_validate), so that the frames of a run "
		"would keep it up though its way were dead. --force probes it all the same.",
	 .forced = true},
};

/* Finds the first row that refuses it. Leaving the bond sets the PF down: nobody is told to do that
 * while it is in service. */
static int check_bond(const struct nfp_pf *pf, bool force, struct nfp_err *err)
{
	const struct nfp_pf_info *info = &pf->info;
	const char *kind = info->master_kind, *mode = info->bond_mode;

	nfp_for_each (row, bond_rows, NFP_NUM(bond_rows)) {
		if (!row->refuses(pf) || (row->forced && force))
			continue;
		nfp_err_set(err, -EBUSY, NFP_E_PF_ENSLAVED, "%s is a member of %s%s%s%s%s%s",
			    info->ifname, info->master, kind[0] ? " (" : "", kind,
			    mode[0] ? ", " : "", mode, kind[0] ? ")" : "");
		if (row->forced)
			nfp_err_hint(err, "%s", row->why);
		else
			nfp_err_hint(err,
				     "%s To leave %s sets %s down, and cuts off what no other "
				     "member carries.",
				     row->why, info->master, info->ifname);
		return -EBUSY;
	}
	return 0;
}

/* Open vSwitch bonds its ports by itself, which the kernel does not show. */
static int check_ovs(const struct nfp_pf *pf, bool force, struct nfp_err *err)
{
	if (!pf->on_ovs_with[0] || force)
		return 0;
	nfp_err_set(err, -EBUSY, NFP_E_PF_ENSLAVED,
		    "%s and %s are ports of Open vSwitch (%s), which may bond them",
		    pf->info.ifname, pf->on_ovs_with, pf->info.master);
	nfp_err_hint(err, "In such a bond a guest on its VF may lose what comes by the other one, "
			  "and the kernel does not show it. If none is listed, --force probes it.");
	nfp_err_try(err, "ovs-appctl bond/list");
	return -EBUSY;
}

/* Frames must reach the PF through its own port, and pass no XDP program. */
static int check_frames(const struct nfp_pf *pf, const struct nfp_pf_terms *terms,
			struct nfp_err *err)
{
	const char *ifname = pf->info.ifname, *kind = pf->info.master_kind;
	int ret = 0;

	if (pf->info.master[0] &&
	    (strcmp(kind, "bond") == 0 || strcmp(kind, "team") == 0 || kind[0] == '\0'))
		ret = check_bond(pf, terms->force, err);
	ret = ret ?: check_ovs(pf, terms->force, err);
	if (ret)
		return ret;
	if (!(pf->flags & IFF_UP)) {
		nfp_err_set(err, -ENETDOWN, NFP_E_PF_DOWN, "%s is down", ifname);
		nfp_err_hint(err,
			     "nfprobe does not set a PF up itself, because that has side effects.");
		nfp_err_try(err, "ip link set %s up", ifname);
		return -ENETDOWN;
	}
	if (!pf->carrier && !terms->inside) {
		nfp_err_set(err, -ENETDOWN, NFP_E_PF_NO_CARRIER, "%s has no carrier", ifname);
		nfp_err_hint(
			err,
			"Connect it to a switch, or name another VF as the source (--from vf:M): "
			"some NICs pass frames between their functions without a cable, where the "
			"link state of the VFs is enable. That says nothing of the wire.");
		return -ENETDOWN;
	}
	if (pf->xdp) {
		nfp_err_set(err, -EBUSY, NFP_E_XDP,
			    "%s has an XDP program attached, which takes frames before nfprobe can "
			    "see them",
			    ifname);
		nfp_err_hint(err, "What it does ends if it is detached, and guests may live by it: "
				  "leave that to whoever attached it, who can attach it again.");
		return -EBUSY;
	}
	return 0;
}

int nfp_pf_check(const struct nfp_pf *pf, const struct nfp_pf_terms *terms, struct nfp_err *err)
{
	unsigned int total = pf->info.total_vfs;
	/* With CAP_NET_ADMIN, only a driver that has modes answers EPERM. */
	bool unknown = pf->eswitch_errno == EPERM ||
		       (pf->eswitch_errno == EOPNOTSUPP && nfp_driver(pf->info.driver)->has_modes);
	char number[16];
	int r;

	if (pf->info.num_vfs == 0) {
		nfp_err_set(err, -ENODEV, NFP_E_NO_VFS, "%s has no VFs", pf->info.ifname);
		if (total == 0)
			nfp_err_hint(err, "Its device offers none: check that SR-IOV is enabled in "
					  "the firmware and the BIOS.");
		else
			nfp_err_hint(err, "It supports up to %u.", total);
		snprintf(number, sizeof(number), "%u", MIN(total, 4U));
		if (total && err)
			nfp_command_write(&err->hint.commands, number,
					  "/sys/class/net/%s/device/sriov_numvfs", pf->info.ifname);
		return -ENODEV;
	}
	if (pf->info.eswitch_mode[0] && strcmp(pf->info.eswitch_mode, "legacy") != 0) {
		nfp_err_set(err, -EOPNOTSUPP, NFP_E_SWITCHDEV,
			    "%s is in eswitch mode %s, where rules and representors decide where "
			    "frames land, not the addresses of VFs",
			    pf->info.ifname, pf->info.eswitch_mode);
		nfp_err_hint(err, "nfprobe tests only legacy mode. To change the mode removes all "
				  "representors, and cuts off the guests behind them: only on a "
				  "NIC that nobody uses, where devlink can set it back later.");
		return -EOPNOTSUPP;
	}
	r = check_frames(pf, terms, err);
	if (r < 0 || !unknown)
		return r;
	nfp_err_set(err, -pf->eswitch_errno, NFP_E_ESWITCH_UNKNOWN,
		    "the eswitch mode of %s is unknown: its driver, %s, does not report it (%s)",
		    pf->info.ifname, pf->info.driver, strerrordesc_np(pf->eswitch_errno));
	nfp_err_hint(err, "Another system may manage this NIC's eswitch, as on a DPU: probe from "
			  "that system. nfprobe tests only legacy mode.");
	return -pf->eswitch_errno;
}
