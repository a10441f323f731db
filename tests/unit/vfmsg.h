/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfmsg.h - RTM_NEWLINK messages as rtnl_fill_vf() of net/core/rtnetlink.c makes them, wrapped
 * length included, for tests of their parser.
 */
#ifndef NFPROBE_TESTS_VFMSG_H
#define NFPROBE_TESTS_VFMSG_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

struct vfmsg {
	char *buf;
	size_t len, room;
};

static inline void vfmsg_bytes(struct vfmsg *m, const void *data, size_t len)
{
	size_t padded = (len + 3) & ~(size_t)3;

	if (m->len + padded > m->room) {
		m->room = 2 * (m->len + padded);
		m->buf = realloc(m->buf, m->room);
		if (!m->buf)
			abort();
	}
	memset(m->buf + m->len, 0, padded);
	if (len)
		memcpy(m->buf + m->len, data, len);
	m->len += padded;
}

static inline void vfmsg_attr(struct vfmsg *m, unsigned int type, const void *data, size_t len)
{
	struct nlattr a = {.nla_len = (uint16_t)(sizeof(a) + len), .nla_type = (uint16_t)type};

	vfmsg_bytes(m, &a, sizeof(a));
	vfmsg_bytes(m, data, len);
}

static inline size_t vfmsg_nest(struct vfmsg *m, unsigned int type)
{
	vfmsg_attr(m, type, NULL, 0);
	return m->len - sizeof(struct nlattr);
}

/* Ends a nest as nla_nest_end() does without a check: the length is what fits in 16 bits. */
static inline void vfmsg_nest_end(struct vfmsg *m, size_t at)
{
	uint16_t len = (uint16_t)(m->len - at);

	memcpy(m->buf + at, &len, sizeof(len));
}

/* Adds one VF, with every value derived from its number. @pad: bytes of an unknown attribute. */
static inline void vfmsg_vf(struct vfmsg *m, uint32_t vf, size_t pad)
{
	struct ifla_vf_mac mac = {.vf = vf, .mac = {2, 0, 0, 0, (uint8_t)(vf >> 8), (uint8_t)vf}};
	struct ifla_vf_vlan vlan = {.vf = vf, .vlan = vf % 4095, .qos = vf % 8};
	struct ifla_vf_vlan_info info = {
		.vf = vf, .vlan = vf % 4095, .qos = vf % 8, .vlan_proto = htons(0x88a8)};
	struct ifla_vf_spoofchk spoofchk = {.vf = vf, .setting = vf % 2};
	struct ifla_vf_trust trust = {.vf = vf, .setting = (vf + 1) % 2};
	struct ifla_vf_link_state state = {.vf = vf, .link_state = vf % 3};
	const uint64_t packets = UINT64_C(1) << 33 | vf, dropped = 2 * vf, other = 4711;
	static const char zeros[256];
	size_t entry = vfmsg_nest(m, IFLA_VF_INFO), list;

	vfmsg_attr(m, IFLA_VF_MAC, &mac, sizeof(mac));
	vfmsg_attr(m, IFLA_VF_VLAN, &vlan, sizeof(vlan));
	vfmsg_attr(m, IFLA_VF_SPOOFCHK, &spoofchk, sizeof(spoofchk));
	vfmsg_attr(m, IFLA_VF_LINK_STATE, &state, sizeof(state));
	vfmsg_attr(m, IFLA_VF_TRUST, &trust, sizeof(trust));
	if (pad)
		vfmsg_attr(m, 4711, zeros, pad);
	list = vfmsg_nest(m, IFLA_VF_VLAN_LIST);
	vfmsg_attr(m, IFLA_VF_VLAN_INFO, &info, sizeof(info));
	vfmsg_nest_end(m, list);
	list = vfmsg_nest(m, IFLA_VF_STATS);
	vfmsg_attr(m, IFLA_VF_STATS_RX_PACKETS, &packets, sizeof(packets));
	vfmsg_attr(m, IFLA_VF_STATS_TX_PACKETS, &other, sizeof(other));
	vfmsg_attr(m, IFLA_VF_STATS_PAD, NULL, 0);
	vfmsg_attr(m, IFLA_VF_STATS_RX_DROPPED, &dropped, sizeof(dropped));
	vfmsg_nest_end(m, list);
	vfmsg_nest_end(m, entry);
}

static inline struct nlmsghdr *vfmsg_finish(struct vfmsg *m)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)m->buf;

	nlh->nlmsg_len = (uint32_t)m->len;
	return nlh;
}

static inline void vfmsg_begin(struct vfmsg *m, uint32_t num_vf)
{
	const struct nlmsghdr nlh = {.nlmsg_type = RTM_NEWLINK};
	const struct ifinfomsg ifi = {.ifi_index = 3};

	*m = (struct vfmsg) {0};
	vfmsg_bytes(m, &nlh, sizeof(nlh));
	vfmsg_bytes(m, &ifi, sizeof(ifi));
	vfmsg_attr(m, IFLA_IFNAME, "eth0", 5);
	vfmsg_attr(m, IFLA_ADDRESS, "\2\0\0\0\0\1", 6);
	vfmsg_attr(m, IFLA_NUM_VF, &num_vf, sizeof(num_vf));
}

/* Makes a whole message about @num VFs, with what follows the list in a real one. */
static inline void vfmsg_make(struct vfmsg *m, uint32_t num, size_t pad)
{
	static const uint8_t attached;
	size_t list, xdp;
	uint32_t vf;

	vfmsg_begin(m, num);
	list = vfmsg_nest(m, IFLA_VFINFO_LIST);
	for (vf = 0; vf < num; vf++)
		vfmsg_vf(m, vf, pad);
	vfmsg_nest_end(m, list);
	xdp = vfmsg_nest(m, IFLA_XDP);
	vfmsg_attr(m, IFLA_XDP_ATTACHED, &attached, 1);
	vfmsg_nest_end(m, xdp);
	vfmsg_finish(m);
}

#endif
