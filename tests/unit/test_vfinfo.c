// SPDX-License-Identifier: GPL-2.0-or-later
/* The VF list of an RTM_NEWLINK: 1, 8 and 256 VFs, a length that wrapped, every truncation. */
#include <linux/if_bridge.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "harness.h"
#include "net/counters.h"
#include "vfmsg.h"
#include "../../src/net/netlink_priv.h"

static bool is_as_made(const struct nfp_vf_attr *a, uint32_t vf)
{
	const struct nfp_mac mac = {{2, 0, 0, 0, (uint8_t)(vf >> 8), (uint8_t)vf}};
	uint16_t vid = (uint16_t)(vf % 4095);

	return a->have_mac && a->vf == vf && nfp_mac_equal(&a->mac, &mac) && a->vlan.vid == vid &&
	       a->vlan.qos == (vid ? vf % 8 : 0) && a->vlan.proto == (vid ? 0x88a8 : 0) &&
	       a->spoofchk == (int)(vf % 2) && a->trust == (int)((vf + 1) % 2) &&
	       a->link_state == (int)(vf % 3);
}

static bool is_unknown(const struct nfp_vf_attr *a, uint32_t vf)
{
	return !a->have_mac && a->vf == vf && nfp_mac_is_zero(&a->mac) && a->spoofchk == -1 &&
	       a->trust == -1 && a->link_state == -1;
}

/* The attributes of @num VFs that @m has, to be freed. Frees @m. */
static struct nfp_vf_attr *parsed(struct vfmsg *m, size_t num)
{
	struct nfp_vf_attr *attrs = NULL;
	size_t got = 0;

	assert_int_equal(nfp_vfinfo_parse(vfmsg_finish(m), &attrs, &got), 0);
	assert_int_equal(got, num);
	free(m->buf);
	return attrs;
}

static void check_all(uint32_t num, size_t pad)
{
	struct nfp_vf_attr *attrs;
	struct vfmsg m;

	vfmsg_make(&m, num, pad);
	attrs = parsed(&m, num);
	for (uint32_t i = 0; i < num; i++)
		if (!is_as_made(&attrs[i], i))
			fail_msg("%u VFs, %zu bytes of padding: VF %u was not read", num, pad, i);
	free(attrs);
}

TEST(test_counts)
{
	check_all(0, 0);
	check_all(1, 0);
	check_all(8, 0);
	check_all(256, 0);
	check_all(256, 100); /* wrapped once */
	check_all(1000, 40); /* more than once */
	check_all(NFP_VF_MAX, 0);
}

/* Cut anywhere, what is whole is read, the rest is unknown, and nothing is read beyond (ASan). */
static void check_truncated(uint32_t num, size_t pad, size_t step)
{
	struct vfmsg m;
	size_t n;

	vfmsg_make(&m, num, pad);
	for (n = 0; n <= m.len; n += step) {
		char *cut = malloc(n < sizeof(struct nlmsghdr) ? sizeof(struct nlmsghdr) : n);
		struct nfp_vf_attr *attrs = NULL;
		size_t got = 0, i, known = 0;
		int r;

		assert_non_null(cut);
		memcpy(cut, m.buf, n < sizeof(struct nlmsghdr) ? sizeof(struct nlmsghdr) : n);
		((struct nlmsghdr *)cut)->nlmsg_len = (uint32_t)n;
		r = nfp_vfinfo_parse((struct nlmsghdr *)cut, &attrs, &got);
		if (n < NLMSG_HDRLEN + sizeof(struct ifinfomsg))
			assert_int_equal(r, -EBADMSG);
		else
			assert_int_equal(r, 0);
		for (i = 0; i < got; i++) {
			if (!attrs[i].have_mac)
				break;
			assert_int_equal(attrs[i].vf, i);
			known++;
		}
		for (; i < got; i++)
			assert_true(is_unknown(&attrs[i], (uint32_t)i));
		if (n == m.len)
			assert_int_equal(known, num);
		else
			assert_true(known <= num);
		free(attrs);
		free(cut);
	}
	free(m.buf);
}

TEST(test_truncated)
{
	check_truncated(1, 0, 1);
	check_truncated(8, 0, 1);
	check_truncated(256, 100, 251);
}

/* A driver that says nothing of a VF leaves a hole; what follows the list is no VF. */
TEST(test_holes)
{
	struct nfp_vf_attr *attrs;
	struct vfmsg m;
	size_t list;

	vfmsg_begin(&m, 5);
	list = vfmsg_nest(&m, IFLA_VFINFO_LIST);
	vfmsg_vf(&m, 1, 0);
	vfmsg_vf(&m, 3, 0);
	vfmsg_nest_end(&m, list);
	vfmsg_vf(&m, 4, 0); /* of the type of IFLA_ADDRESS, behind the list */
	attrs = parsed(&m, 5);
	assert_true(is_unknown(&attrs[0], 0));
	assert_true(is_as_made(&attrs[1], 1));
	assert_true(is_unknown(&attrs[2], 2));
	assert_true(is_as_made(&attrs[3], 3));
	assert_true(is_unknown(&attrs[4], 4));
	assert_false(attrs[4].never_reported);
	free(attrs);
}

/* A VF in reset is missing in the list; a driver that cannot report any has no list. */
TEST(test_list_without_entries)
{
	for (int with_list = 0; with_list < 2; with_list++) {
		struct nfp_vf_attr *attrs;
		struct vfmsg m;

		vfmsg_begin(&m, 2);
		if (with_list)
			vfmsg_nest_end(&m, vfmsg_nest(&m, IFLA_VFINFO_LIST));
		attrs = parsed(&m, 2);
		for (unsigned int i = 0; i < 2; i++) {
			assert_true(is_unknown(&attrs[i], i));
			assert_int_equal(attrs[i].never_reported, !with_list);
		}
		free(attrs);
	}
}

/* Numbers that fall or exceed IFLA_NUM_VF end the list: nothing is written out of bounds. */
TEST(test_liars)
{
	static const uint32_t second[] = {0, 5, 4096, UINT32_MAX};

	for (size_t i = 0; i < sizeof(second) / sizeof(second[0]); i++) {
		struct nfp_vf_attr *attrs;
		struct vfmsg m;
		size_t list;

		vfmsg_begin(&m, 5);
		list = vfmsg_nest(&m, IFLA_VFINFO_LIST);
		vfmsg_vf(&m, 0, 0);
		vfmsg_vf(&m, second[i], 0);
		vfmsg_nest_end(&m, list);
		attrs = parsed(&m, 5);
		assert_true(is_as_made(&attrs[0], 0));
		assert_true(is_unknown(&attrs[1], 1));
		free(attrs);
	}
}

TEST(test_too_many)
{
	struct nfp_vf_attr *attrs = NULL;
	struct vfmsg m;
	size_t got = 7;

	vfmsg_begin(&m, NFP_VF_MAX + 1);
	assert_int_equal(nfp_vfinfo_parse(vfmsg_finish(&m), &attrs, &got), -E2BIG);
	assert_null(attrs);
	assert_int_equal(got, 7);
	free(m.buf);
}

/* The report of a VF whose driver left its settings at -1. */
static struct nfp_vf_attr unknown_settings(bool vlans)
{
	const struct ifla_vf_mac mac = {.vf = 0, .mac = {2}};
	const struct ifla_vf_spoofchk spoofchk = {.setting = UINT32_MAX};
	struct nfp_vf_attr *attrs, attr;
	size_t list, entry;
	struct vfmsg m;

	vfmsg_begin(&m, 1);
	list = vfmsg_nest(&m, IFLA_VFINFO_LIST | NLA_F_NESTED);
	entry = vfmsg_nest(&m, IFLA_VF_INFO | NLA_F_NESTED);
	vfmsg_attr(&m, IFLA_VF_MAC, &mac, sizeof(mac));
	vfmsg_attr(&m, IFLA_VF_SPOOFCHK, &spoofchk, sizeof(spoofchk));
	vfmsg_attr(&m, IFLA_VF_TRUST, &spoofchk, 3); /* too short */
	if (vlans)
		vfmsg_nest_end(&m, vfmsg_nest(&m, IFLA_VF_VLAN_LIST | NLA_F_NESTED));
	vfmsg_nest_end(&m, entry);
	vfmsg_nest_end(&m, list);
	attrs = parsed(&m, 1);
	attr = attrs[0];
	free(attrs);
	return attr;
}

/* Also where the list's length has wrapped. */
TEST(test_counters)
{
	struct nfp_vf_counters counters = {0};
	struct vfmsg m;

	vfmsg_make(&m, 256, 100);
	assert_int_equal(nfp_vf_counters_parse((struct nlmsghdr *)m.buf, 255, &counters), 0);
	assert_int_equal(counters.rx_packets, UINT64_C(1) << 33 | 255);
	assert_int_equal(counters.rx_dropped, 2 * 255);
	assert_int_equal(counters.broadcast, 0);
	assert_int_equal(nfp_vf_counters_parse((struct nlmsghdr *)m.buf, 256, &counters), -ENODATA);
	free(m.buf);
}

TEST(test_unknown_settings)
{
	struct nfp_vf_attr attr = unknown_settings(true);

	assert_true(attr.have_mac);
	assert_int_equal(attr.vlan.vid, 0);
	assert_int_equal(attr.spoofchk, -1);
	assert_int_equal(attr.trust, -1);
}

/* An older kernel names the VLAN elsewhere. */
TEST(test_no_vlan_is_not_taken_for_none)
{
	assert_false(unknown_settings(false).have_mac);
}

TEST(test_not_a_link)
{
	struct nfp_vf_attr *attrs = NULL;
	struct nfp_link link;
	struct vfmsg m;
	size_t got = 0;

	vfmsg_make(&m, 1, 0);
	assert_int_equal(nfp_link_parse((struct nlmsghdr *)m.buf, &link), 0);
	assert_string_equal(link.ifname, "eth0");
	assert_false(link.xdp);
	((struct nlmsghdr *)m.buf)->nlmsg_type = RTM_NEWADDR;
	assert_int_equal(nfp_vfinfo_parse((struct nlmsghdr *)m.buf, &attrs, &got), -EBADMSG);
	free(m.buf);
}

/* Ranges, as the kernel makes them of a trunk; and what it would never send. */
TEST(test_ranges_of_port_vlans)
{
	enum { BEGIN = BRIDGE_VLAN_INFO_RANGE_BEGIN, END = BRIDGE_VLAN_INFO_RANGE_END };
	static const struct {
		struct bridge_vlan_info vlans[4];
		size_t num, first, last;
	} rows[] = {
		{{{BRIDGE_VLAN_INFO_PVID, 1}, {BEGIN, 2}, {END, 4094}}, 4094, 1, 4094},
		{{{BEGIN, 5}, {END, 7}, {0, 9}}, 4, 5, 9},
		{{{BEGIN, 5}, {END, 5}}, 1, 5, 5},
		{{{END, 7}}, 1, 7, 7},
		{{{BEGIN, 5}}, 0, 0, 0},
		{{{BEGIN, 7}, {END, 5}}, 0, 0, 0},
		{{{BEGIN, 4090}, {END, 65535}}, 5, 4090, 4094},
		{{{BEGIN, 1}, {END, 4094}, {BEGIN, 1}, {END, 4094}}, 4094, 1, 4094},
	};

	nfp_for_each (row, rows, NFP_NUM(rows)) {
		char buf[256];
		struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
		struct nfp_port_vlan *list = NULL;
		struct ifinfomsg *ifi;
		struct nlattr *spec;
		size_t num = 0;

		nlh->nlmsg_type = RTM_NEWLINK;
		ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
		ifi->ifi_family = AF_BRIDGE;
		spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
		nfp_for_each (vlan, row->vlans, NFP_NUM(row->vlans))
			if (vlan->vid)
				mnl_attr_put(nlh, IFLA_BRIDGE_VLAN_INFO, sizeof(*vlan), vlan);
		mnl_attr_nest_end(nlh, spec);
		nfp_port_vlans_parse(nlh, &list, &num);
		assert_int_equal(num, row->num);
		if (num) {
			assert_int_equal(list[0].vid, row->first);
			assert_int_equal(list[num - 1].vid, row->last);
			assert_int_equal(list[0].pvid,
					 row->vlans[0].flags == BRIDGE_VLAN_INFO_PVID);
		}
		free(list);
	}
}

/* The second VLAN has a tag; a third is cut short. */
TEST(test_port_vlans)
{
	static const struct bridge_vlan_info vlans[] = {
		{BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED, 1}, {0, 100}};
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfp_port_vlan *list = NULL;
	struct ifinfomsg *ifi;
	struct nlattr *spec;
	size_t num = 0;

	nlh->nlmsg_type = RTM_NEWLINK;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_family = AF_BRIDGE;
	ifi->ifi_index = 4;
	spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
	mnl_attr_put_u16(nlh, IFLA_BRIDGE_FLAGS, BRIDGE_FLAGS_MASTER);
	for (size_t i = 0; i < 2; i++)
		mnl_attr_put(nlh, IFLA_BRIDGE_VLAN_INFO, sizeof(vlans[i]), &vlans[i]);
	mnl_attr_put_u16(nlh, IFLA_BRIDGE_VLAN_INFO, 0);
	mnl_attr_nest_end(nlh, spec);
	nfp_port_vlans_parse(nlh, &list, &num);
	assert_int_equal(num, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(list[i].ifindex, 4);
		assert_int_equal(list[i].vid, vlans[i].vid);
		assert_int_equal(list[i].untagged, i == 0);
	}
	ifi->ifi_family = AF_UNSPEC;
	nfp_port_vlans_parse(nlh, &list, &num);
	assert_int_equal(num, 2);
	free(list);
}

TEST_MAIN()
