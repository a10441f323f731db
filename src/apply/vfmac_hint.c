// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfmac_hint.c - what a PF's driver means by its answer to "set the address of this VF", and what
 * to do. The meanings are those of the drivers in Linux (ndo_set_vf_mac): i40e and ice are busy
 * while they reset the VF; octeontx2 wants the PF up; bnx2x, cxgb4, be2net refuse what is no valid
 * address; old mlx5, ice and hns3 refuse one that is in the NIC already; mlx4 refuses zero with
 * spoofchk on; bnxt_en and nfp leave it to the firmware.
 */
#include <errno.h>
#include <stddef.h>

#include "nfprobe/netlink.h"

struct row {
	int error;
	const char *hint;
};

static const struct row rows[] = {
	{EBUSY, "the driver is busy with this VF, and was for 5 s: see that no other process "
		"sets it up or resets it, then probe again"},
	{EAGAIN, "the driver wants to be asked later, and was for 5 s: the VF or PF is in reset; "
		 "see that the PF is up, then probe again"},
	{EINVAL, "the driver takes no such address, or none for this VF: try another with --mac; "
		 "the kernel log (dmesg) may say more"},
	{EOPNOTSUPP, "this driver, firmware or mode lets nobody set a VF's address, which failover "
		     "needs: look for an update or a setting of the firmware"},
	{ENOMEM, "the NIC's table of addresses is full, or memory is: have fewer VFs, or fewer "
		 "macvlans and addresses on the PF"},
	{ENOSPC, "the NIC's table of addresses is full: have fewer VFs, or fewer macvlans and "
		 "addresses on the PF"},
	{EEXIST, "the NIC has this address for the PF or another VF, and takes it once only: look "
		 "for it in ip link show and bridge fdb show"},
	{EPERM, "the driver or firmware forbids it: try trust on and spoofchk off for the VF (ip "
		"link set), or run nfprobe with CAP_NET_ADMIN"},
	{EACCES, "the firmware forbids it: the VF's address may be fixed there, or another host "
		 "owns the NIC"},
	{ENODEV, "the VF or its PF is no longer there: another process has changed sriov_numvfs "
		 "or the driver; nfprobe --list shows what is"},
	{EADDRNOTAVAIL, "the driver takes this for no valid address: try another with --mac"},
	{EIO, "the NIC's firmware has not done it: the kernel log (dmesg) may say why"},
	{ETIMEDOUT, "the NIC's firmware has not answered: the kernel log (dmesg) may say why"},
};

const char *nfp_rt_vf_mac_hint(int ret)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].error == -ret)
			return rows[i].hint;
	}
	return "";
}
