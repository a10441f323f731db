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
#include "nfprobe/types.h"

/* VF attributes as the PF's driver reports them (IFLA_VF_*, include/uapi/linux/if_link.h). */
struct nfp_vf_attr {
	unsigned int vf;
	struct nfp_mac mac;
	struct nfp_vlan vlan;
	int spoofchk;			 /* 0, 1, -1: the driver does not say */
	int trust;			 /* likewise */
	int link_state;			 /* IFLA_VF_LINK_STATE_*: 0 auto, 1 enable, 2 disable, -1 */
	int rss_query;			 /* may the VF query the RSS table? 0, 1, -1 */
	uint32_t min_tx_rate;		 /* Mbit/s, 0: no limit */
	uint32_t max_tx_rate;		 /* likewise */
	bool have_mac;			 /* the driver answered for this VF at all */
	struct nfp_vf_received received; /* zeros unless statistics were asked for */
};

/*
 * Pure. Reads an RTM_NEWLINK that was asked for with RTEXT_FILTER_VF into an array of IFLA_NUM_VF
 * elements, (*ret_attrs)[i] being VF i; the caller frees it (NULL for no VFs). A VF that the
 * message does not describe has have_mac false. No length in the message is trusted. -EBADMSG: no
 * link message; -E2BIG: more than NFP_VF_MAX VFs; -ENOMEM.
 */
int nfp_vfinfo_parse(const struct nlmsghdr *nlh, struct nfp_vf_attr **ret_attrs, size_t *ret_num);

#define NFP_VF_ATTR_UNKNOWN                                                    \
	{                                                                      \
		.spoofchk = -1, .trust = -1, .link_state = -1, .rss_query = -1 \
	}

/* What a VF's attributes are compared by; a set of them is a mask of 1U << id. */
enum nfp_vf_attr_id {
	NFP_VF_ATTR_MAC,
	NFP_VF_ATTR_VLAN,
	NFP_VF_ATTR_SPOOFCHK,
	NFP_VF_ATTR_TRUST,
	NFP_VF_ATTR_STATE,
	NFP_VF_ATTR_RSS_QUERY,
	NFP_VF_ATTR_RATE,
	NFP_VF_ATTR_COUNT,
};
#define NFP_VF_ATTR_BIT(id) (1U << (unsigned int)(id))
#define NFP_VF_ATTR_TEXT    48

/* "address", "VLAN", "spoofchk": what a sentence and the journal call it. */
const char *nfp_vf_attr_name(enum nfp_vf_attr_id id);
/* Its value in words ("none", "on", "VLAN 100, qos 1"); returns @buf. */
const char *nfp_vf_attr_text(const struct nfp_vf_attr *attr, enum nfp_vf_attr_id id,
			     char buf[NFP_VF_ATTR_TEXT]);
/*
 * The attributes in which two reports differ, as a mask. One that either report does not tell does
 * not differ; neither does anything where one of them says nothing of the VF (have_mac).
 */
uint32_t nfp_vf_attr_differ(const struct nfp_vf_attr *a, const struct nfp_vf_attr *b);

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
