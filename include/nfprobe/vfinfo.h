/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfinfo.h - VF attributes as the PF's driver reports them (IFLA_VFINFO_LIST).
 *
 * net/core/rtnetlink.c nests one IFLA_VF_INFO a VF in IFLA_VFINFO_LIST, whose length has 16 bits.
 * With more than about 220 VFs it wraps, while all entries are in the message (seen with Linux
 * 6.12); later kernels may answer EMSGSIZE instead.
 */
#ifndef NFPROBE_VFINFO_H
#define NFPROBE_VFINFO_H

#include "nfprobe/error.h"
#include "nfprobe/netlink.h"
#include "nfprobe/rtset.h"
#include "nfprobe/topology.h"

/*
 * Pure. Reads an RTM_NEWLINK that was asked for with RTEXT_FILTER_VF into an array of IFLA_NUM_VF
 * elements, (*ret_attrs)[i] being VF i; the caller frees it (NULL for no VFs). A VF that the
 * message does not describe has have_mac false. No length in the message is trusted. -EBADMSG: no
 * link message; -E2BIG: more than NFP_VF_MAX VFs; -ENOMEM.
 */
int nfp_vfinfo_parse(const struct nlmsghdr *nlh, struct nfp_vf_attr **ret_attrs, size_t *ret_num);

/* All VFs of one PF, without their statistics. -EMSGSIZE: the kernel cannot list so many. */
int nfp_vf_attrs_read(struct nfp_nl *nl, const struct nfp_rt_dev *pf,
		      struct nfp_vf_attr **ret_attrs, size_t *ret_num, struct nfp_err *err);

/*
 * What one VF received, the statistics asked for as well: of all VFs, for the kernel knows no less,
 * and a driver may ask its firmware about each. Zeros where the driver does not count.
 */
int nfp_vf_received_read(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
			 struct nfp_vf_received *ret_received, struct nfp_err *err);

/* One VF, afresh. -ENODEV: the PF has no such VF now; -ENODATA: its driver says nothing of it. */
int nfp_vf_attr_read(struct nfp_nl *nl, const struct nfp_rt_dev *pf, unsigned int vf,
		     struct nfp_vf_attr *ret_attr, struct nfp_err *err);

#endif
