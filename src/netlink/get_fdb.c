// SPDX-License-Identifier: GPL-2.0-or-later
/* get_fdb.c - looks an entry up without taking it away. */
#include <sys/socket.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "nfprobe/netlink.h"

bool nfp_rt_fdb_is(const struct nlmsghdr *nlh, int ifindex, enum nfp_rt_fdb where,
		   const struct nfp_mac *mac)
{
	const struct ndmsg *nd = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	struct nfp_attrs it;
	struct nfp_mac is;

	if (nlh->nlmsg_type != RTM_NEWNEIGH || nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*nd) ||
	    nd->ndm_family != AF_BRIDGE || nd->ndm_ifindex != ifindex ||
	    !(nd->ndm_flags & NTF_SELF) != (where == NFP_RT_FDB_MASTER) ||
	    (where == NFP_RT_FDB_MASTER && !(nd->ndm_state & (NUD_NOARP | NUD_PERMANENT))))
		return false;
	it = nfp_attrs_of(nlh, sizeof(*nd));
	while ((attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) != NDA_LLADDR ||
		    mnl_attr_get_payload_len(attr) != NFP_MAC_LEN)
			continue;
		nfp_attr_copy(attr, is.b, NFP_MAC_LEN);
		return nfp_mac_equal(&is, mac);
	}
	return false;
}

struct search {
	const struct nfp_rt_dev *dev;
	enum nfp_rt_fdb where;
	const struct nfp_mac *mac;
	bool found;
};

static int message(const struct nlmsghdr *nlh, void *ctx)
{
	struct search *s = ctx;

	s->found |= nfp_rt_fdb_is(nlh, s->dev->ifindex, s->where, s->mac);
	return 0;
}

static void restart(void *ctx)
{
	struct search *s = ctx;

	s->found = false;
}

int nfp_rt_fdb_has(struct nfp_nl *nl, const struct nfp_rt_dev *dev, enum nfp_rt_fdb where,
		   const struct nfp_mac *mac, bool *ret_has, struct nfp_err *err)
{
	struct search s = {.dev = dev, .where = where, .mac = mac};
	const struct nfp_nl_sink sink = {message, restart, &s};
	const struct ndmsg nd = {.ndm_family = AF_BRIDGE};
	struct nfp_nl_msg msg;
	int r;

	/* Of all netdevs: which header names one differs from kernel to kernel. */
	nfp_nl_msg_init(&msg, RTM_GETNEIGH, 0, &nd, sizeof(nd));
	r = nfp_nl_dump(nl, &msg.head, &sink, err, "read the FDB of %s", nfp_rt_name(dev));
	if (r == 0)
		*ret_has = s.found;
	return r;
}
