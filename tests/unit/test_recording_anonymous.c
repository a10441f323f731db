// SPDX-License-Identifier: GPL-2.0-or-later
/* A recording with other names and addresses: nothing of the host in it, and the same verdict. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/devlink.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>

#include "../../src/record/anonymous.h"
#include "nfprobe/netlink.h"
#include "nfprobe/sources.h"
#include "recording_fixture.h"
#include "unit/sample_kernel.h"

static void make_anonymous(struct fixture *f)
{
	FILE *in = fopen(f->path, "re");

	assert_non_null(in);
	if (nfp_recording_anonymize(in, f->path, f->path, &f->err))
		fail_msg("%s", f->err.message);
	fclose(in);
}

static void judges_the_same(struct fixture *f)
{
	struct nfp_result again;

	if (read_back(f, &again))
		fail_msg("%s", f->err.message);
	assert_int_equal(again.verdict, f->result.verdict);
	assert_int_equal(again.exit_status, f->result.exit_status);
	assert_int_equal(again.num_vfs, f->result.num_vfs);
	for (size_t i = 0; i < again.num_vfs; i++) {
		assert_int_equal(again.vfs[i].num_styles, f->result.vfs[i].num_styles);
		for (size_t j = 0; j < again.vfs[i].num_styles; j++) {
			const struct nfp_style_result *was = &f->result.vfs[i].styles[j];
			const struct nfp_style_result *is = &again.vfs[i].styles[j];

			assert_int_equal(is->verdict, was->verdict);
			assert_int_equal(is->multicast, was->multicast);
			assert_int_equal(is->requires, was->requires);
			assert_int_equal(is->num_steps, was->num_steps);
			for (size_t k = 0; k < is->num_steps; k++) {
				assert_memory_equal(is->steps[k].landing, was->steps[k].landing,
						    sizeof(is->steps[k].landing));
				assert_memory_equal(is->steps[k].count, was->steps[k].count,
						    sizeof(is->steps[k].count));
			}
			assert_int_equal(is->num_transitions, was->num_transitions);
			assert_memory_equal(is->transitions, was->transitions,
					    is->num_transitions * sizeof(is->transitions[0]));
		}
	}
	nfp_result_fini(&again);
}

static char *bytes_of(const char *path, size_t *ret_len)
{
	FILE *in = fopen(path, "re");
	char *text;

	assert_non_null(in);
	assert_int_equal(nfp_read_fd(fileno(in), 64 << 20, &text, ret_len), 0);
	fclose(in);
	return text;
}

static void nothing_identifies_the_host(struct fixture *f)
{
	static const char *const texts[] = {"hv3",   "eth0",   "eth1",	 "odd",	       "secret",
					    "02:00", "br0 is", "guest7", "ether proto"};
	static const uint8_t last[] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x01, 0x02, 0x03};
	size_t len;
	char *bytes = bytes_of(f->path, &len);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (memmem(bytes, len, texts[i], strlen(texts[i])))
			fail_msg("the file contains %s", texts[i]);
	}
	for (size_t i = 0; i < sizeof(last); i++) {
		const uint8_t mac[] = {2, 0, 0, 0, 0, last[i]};
		const char *at = bytes;

		/* A struct ifla_vf_mac begins with the number of the VF: a 2 and zeros. */
		while ((at = memmem(at, len - (size_t)(at - bytes), mac, sizeof(mac))) != NULL) {
			if (last[i] > 3)
				fail_msg("the file contains an address ending in %02x", last[i]);
			at++;
		}
	}
	free(bytes);
}

static void every_kind_of_nic(void **state)
{
	(void)state;
	for (size_t i = 0; i < memnic_num_archetypes; i++) {
		struct nfp_observer observer;
		struct nfp_vf_result *vf;
		struct fixture f;

		open_fixture(&f);
		observer = nfp_recorder_observer(f.recorder);
		sample_kernel(&observer);
		sample_file(&observer, NFP_FILE_LINK, "/sys/class/net/secret0/device", "../secret",
			    0);
		nfp_strv_addf(&f.result.warnings, "br0 is a port of guest7");
		vf = add_vf(&f, 3);
		climb(&f, vf, &memnic_archetypes[i], NULL, NFP_STYLE_FILTER);
		climb(&f, vf, &memnic_archetypes[i], NULL, NFP_STYLE_PROMISC);
		conclude(&f);
		make_anonymous(&f);
		judges_the_same(&f);
		nothing_identifies_the_host(&f);
		close_fixture(&f);
	}
}

/* ---- frames that are not test frames ---- */

static const struct nfp_mac asker = {{0x3c, 0xfd, 0xfe, 1, 2, 3}};
static const struct nfp_mac neighbour = {{0x3c, 0xfd, 0xfe, 4, 5, 6}};
static const struct nfp_ipv4 neighbours_ip = {{192, 168, 7, 1}};
static const struct nfp_ipv6 neighbours_ipv6 = {{0xfe, 0x80, [8] = 7, [13] = 0xab, 0xcd, 0xef}};

static void tap_other(const struct nfp_tap *tap, const uint8_t *data, size_t len)
{
	tap->frame(tap->ctx, &(struct nfp_tap_event) {.what = NFP_TAP_OTHER,
						      .ns = MEMNIC_BEGIN_NS,
						      .at = NFP_AT_PF,
						      .data = data,
						      .len = len});
}

static void tap_all(const struct nfp_tap *tap)
{
	const struct nfp_arp request = {
		.dst = neighbour, .src = asker, .op = 1, .sha = asker, .tpa = neighbours_ip};
	const struct nfp_arp reply = {.dst = asker,
				      .src = neighbour,
				      .op = 2,
				      .sha = neighbour,
				      .tha = asker,
				      .spa = neighbours_ip};
	const struct nfp_nd advertisement = {.dst = nfp_mac_all_nodes,
					     .src = neighbour,
					     .vlan = {.vid = 7},
					     .advertises = true,
					     .target = neighbours_ipv6};
	const struct nfp_frame inner = {.dst = asker, .src = neighbour, .seq = 4711};
	const struct nfp_peer_id peer = {.b = "a reflector's"};
	uint8_t frame[NFP_FRAME_LEN_MAX], data[NFP_PEER_LEN_MAX];
	static const uint8_t lldp[64] = "\x01\x80\xc2\0\0\x0e\x3c\xfd\xfe\1\2\3\x88\xcc"
					"the secret switch";

	tap_other(tap, data, nfp_arp_build(&request, data));
	tap_other(tap, data, nfp_arp_build(&reply, data));
	tap_other(tap, data, nfp_nd_build(&advertisement, data));
	nfp_frame_build(&id, &inner, frame);
	tap_other(tap, data,
		  nfp_peer_build(&peer,
				 &(struct nfp_peer_frame) {.dst = neighbour,
							   .src = asker,
							   .type = NFP_PEER_CARRY,
							   .run = {1},
							   .session = 1,
							   .seq = 4711,
							   .inner = frame},
				 data));
	tap_other(tap, lldp, sizeof(lldp));
}

/* The first packets of the file: they were tapped before the ladder. */
static size_t packets_of(const char *path, uint8_t packets[8][256], size_t lens[8])
{
	struct nfp_pcapng_reader reader = {.in = fopen(path, "re")};
	struct nfp_pcapng_block block;
	size_t num = 0;

	assert_non_null(reader.in);
	while (num < 8 && nfp_pcapng_next(&reader, &block, NULL) > 0) {
		if (block.type != NFP_PCAPNG_PACKET)
			continue;
		assert_true(block.len <= 256);
		memcpy(packets[num], block.data, block.len);
		lens[num++] = block.len;
	}
	fclose(reader.in);
	free(reader.data);
	return num;
}

static void frames_are_built_anew(void **state)
{
	uint8_t packets[8][256];
	size_t lens[8], carried = 14 + NFP_PEER_HEADER;
	struct nfp_arp request, reply;
	struct nfp_frame inner;
	struct nfp_tap tap;
	struct fixture f;
	struct nfp_nd nd;

	(void)state;
	open_fixture(&f);
	tap = nfp_recorder_tap(f.recorder);
	tap_all(&tap);
	climb(&f, add_vf(&f, 3), memnic_archetype("igb"), NULL, NFP_STYLE_FILTER);
	conclude(&f);
	make_anonymous(&f);
	judges_the_same(&f);
	nothing_identifies_the_host(&f);
	assert_int_equal(packets_of(f.path, packets, lens), 8);

	assert_true(nfp_arp_parse(packets[0], lens[0], &request));
	assert_true(nfp_arp_parse(packets[1], lens[1], &reply));
	assert_int_equal(request.sha.b[0], 0x0e);
	assert_true(nfp_mac_equal(&reply.tha, &request.sha));
	assert_true(nfp_mac_equal(&reply.sha, &request.dst));
	assert_true(nfp_ipv4_equal(&reply.spa, &request.tpa));
	assert_int_equal(reply.spa.b[0], 198);
	assert_true(nfp_nd_parse(packets[2], lens[2], &nd));
	assert_true(nd.advertises);
	assert_int_equal(nd.vlan.vid, 7);
	assert_true(nfp_mac_equal(&nd.src, &reply.sha));
	assert_memory_not_equal(nd.target.b + 8, neighbours_ipv6.b + 8, 8);
	assert_int_equal(nfp_frame_parse(&id, packets[3] + carried, NFP_PEER_INNER_LEN, &inner),
			 NFP_FRAME_OURS);
	assert_int_equal(inner.seq, 4711);
	assert_true(nfp_mac_equal(&inner.dst, &request.sha));
	assert_int_equal(lens[4], 64);
	assert_int_equal(packets[4][12], 0x88);
	for (size_t i = 14; i < lens[4]; i++)
		assert_int_equal(packets[4][i], 0);
	for (size_t i = 0; i < 5; i++)
		assert_null(memmem(packets[i], lens[i], asker.b, 3));
	close_fixture(&f);
}

/* ---- what else the kernel says of a host ---- */

static const char serial[] = "SN-4711-XYZ";
static const uint8_t host_ipv4[] = {10, 77, 66, 55};
static const uint8_t host_ipv6[] = {0x20, 0x01, 0x0d, 0xb9,	   [8] = 0xde,
				    0xad, 0xbe, 0xef, [14] = 0x12, 0x34};

static void tell(const struct nfp_observer *observer, int protocol, struct nfp_nl_msg *msg)
{
	const struct nfp_kernel_message message = {
		.ns = MEMNIC_BEGIN_NS,
		.protocol = protocol,
		.data = msg,
		.len = msg->head.nlmsg_len,
	};

	observer->message(observer->ctx, &message);
}

/* Addresses, a neighbour, a port, and devlink's and the VPD's serial numbers. */
static void tell_all(const struct nfp_observer *observer)
{
	const struct genlmsghdr info = {.cmd = DEVLINK_CMD_INFO_GET};
	const struct ifaddrmsg address = {.ifa_index = 3};
	const struct ndmsg neigh = {.ndm_ifindex = 3};
	const struct ifinfomsg link = {.ifi_index = 3};
	struct nfp_nl_msg msg;

	nfp_nl_msg_init(&msg, 0x15, 0, &info, sizeof(info));
	mnl_attr_put_strz(&msg.head, DEVLINK_ATTR_INFO_SERIAL_NUMBER, serial);
	mnl_attr_put_strz(&msg.head, DEVLINK_ATTR_INFO_BOARD_SERIAL_NUMBER, serial);
	tell(observer, NETLINK_GENERIC, &msg);
	nfp_nl_msg_init(&msg, RTM_NEWADDR, 0, &address, sizeof(address));
	mnl_attr_put(&msg.head, IFA_LOCAL, sizeof(host_ipv4), host_ipv4);
	mnl_attr_put(&msg.head, IFA_ADDRESS, sizeof(host_ipv6), host_ipv6);
	mnl_attr_put_strz(&msg.head, IFA_LABEL, "eth0");
	tell(observer, NETLINK_ROUTE, &msg);
	nfp_nl_msg_init(&msg, RTM_NEWNEIGH, 0, &neigh, sizeof(neigh));
	mnl_attr_put(&msg.head, NDA_DST, sizeof(host_ipv4), host_ipv4);
	mnl_attr_put(&msg.head, NDA_LLADDR, NFP_MAC_LEN, neighbour.b);
	tell(observer, NETLINK_ROUTE, &msg);
	nfp_nl_msg_init(&msg, RTM_NEWLINK, 0, &link, sizeof(link));
	mnl_attr_put_strz(&msg.head, IFLA_IFNAME, "eth0");
	mnl_attr_put(&msg.head, IFLA_PHYS_PORT_ID, sizeof(serial), serial);
	mnl_attr_put_strz(&msg.head, IFLA_IFALIAS, serial);
	tell(observer, NETLINK_ROUTE, &msg);
	sample_file(observer, NFP_FILE_READ, "/sys/bus/pci/devices/0000:01:00.0/vpd", serial, 0);
	sample_file(observer, NFP_FILE_READ, "/sys/class/net/eth0/phys_port_id", serial, 0);
	sample_file(observer, NFP_FILE_WRITE, "/sys/class/net/eth0/ifalias", "10.77.66.55", 0);
}

static bool file_has(const char *path, const void *what, size_t size)
{
	size_t len;
	char *bytes = bytes_of(path, &len);
	bool has = memmem(bytes, len, what, size) != NULL;

	free(bytes);
	return has;
}

static void no_address_and_no_serial_number_is_in_the_bytes(void **state)
{
	const struct {
		const void *what;
		size_t size;
	} secrets[] = {
		{serial, sizeof(serial) - 1}, {host_ipv4, sizeof(host_ipv4)}, {host_ipv6, 14},
		{host_ipv6 + 8, 8},	      {neighbour.b, NFP_MAC_LEN},     {"10.77.66.55", 11},
	};
	struct nfp_observer observer;
	struct fixture f;

	(void)state;
	open_fixture(&f);
	observer = nfp_recorder_observer(f.recorder);
	tell_all(&observer);
	climb(&f, add_vf(&f, 3), memnic_archetype("igb"), NULL, NFP_STYLE_FILTER);
	conclude(&f);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		assert_true(file_has(f.path, secrets[i].what, secrets[i].size));
	make_anonymous(&f);
	judges_the_same(&f);
	nothing_identifies_the_host(&f);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		assert_false(file_has(f.path, secrets[i].what, secrets[i].size));
	close_fixture(&f);
}

static struct nfp_mac mac_of(const char *text)
{
	struct nfp_mac mac;

	assert_true(nfp_mac_parse(text, &mac));
	return mac;
}

static void addresses_keep_their_meaning(void **state)
{
	static const char *const stay[] = {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff",
					   "33:33:00:00:00:01", "01:80:c2:00:00:0e"};
	const struct nfp_ipv6 target = {{0xfe, 0x80, [8] = 2, [13] = 0xab, 0xcd, 0xef}};
	const struct nfp_mac unicast = mac_of("3c:fd:fe:12:34:56");
	struct nfp_mac group = mac_of("33:33:ff:ab:cd:ef"), other;
	struct anonymous a = {0};
	struct nfp_ipv6 ip;

	(void)state;
	for (size_t i = 0; i < sizeof(stay) / sizeof(stay[0]); i++) {
		const struct nfp_mac mac = mac_of(stay[i]);

		other = anonymous_mac(&a, &mac);
		assert_true(nfp_mac_equal(&other, &mac));
	}
	other = anonymous_mac(&a, &unicast);
	assert_true(nfp_mac_equal(&other, &(struct nfp_mac) {{0x0e, 0, 0, 0, 0, 1}}));
	other = anonymous_mac(&a, &unicast);
	assert_true(nfp_mac_equal(&other, &(struct nfp_mac) {{0x0e, 0, 0, 0, 0, 1}}));
	/* The solicited-node group of an address, before and after. */
	group = anonymous_mac(&a, &group);
	ip = anonymous_ipv6(&a, &target);
	assert_int_equal(ip.b[0], 0xfe);
	assert_int_equal(group.b[2], 0xff);
	assert_memory_equal(group.b + 3, ip.b + 13, 3);
	assert_memory_not_equal(ip.b + 13, target.b + 13, 3);
	anonymous_fini(&a);
}

static void texts_are_rewritten_word_by_word(void **state)
{
	static const struct {
		const char *text, *other;
	} rows[] = {
		{"ip link set ens1f0 vf 3 mac 3c:fd:fe:12:34:56",
		 "ip link set n0 vf 3 mac 0e:00:00:00:00:01"},
		{"/sys/class/net/ens1f0/device", "/sys/class/net/n0/device"},
		{"/sys/bus/pci/devices/0000:01:10.3/driver_override",
		 "/sys/bus/pci/devices/0000:01:10.3/driver_override"},
		{"customer-db", "n1"},
		{"192.168.7.1 lo", "198.18.0.1 lo"},
		{"0x8086", "0x8086"},
		{"", ""},
	};
	struct anonymous a = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *other = anonymous_text(&a, rows[i].text, " /");

		assert_string_equal(other, rows[i].other);
		free(other);
	}
	anonymous_fini(&a);
}

/* An attribute that is not listed, the name, the address of a VF, a sentence; the rest stays. */
static void netlink_is_rewritten_attribute_by_attribute(void **state)
{
	struct nfp_vf_attr *attrs = NULL;
	struct anonymous a = {0};
	struct nfp_link link;
	struct vfmsg m;
	size_t num = 0;

	(void)state;
	vfmsg_begin(&m, 2);
	vfmsg_attr(&m, IFLA_IFALIAS, serial, sizeof(serial));
	vfmsg_attr(&m, IFLA_MTU, &(uint32_t) {9000}, 4);
	{
		size_t list = vfmsg_nest(&m, IFLA_VFINFO_LIST);

		vfmsg_vf(&m, 0, 0);
		vfmsg_vf(&m, 1, 8);
		vfmsg_nest_end(&m, list);
	}
	vfmsg_finish(&m);
	anonymous_netlink(&a, NETLINK_ROUTE, m.buf, m.len);
	assert_null(memmem(m.buf, m.len, serial, 4));
	assert_null(memmem(m.buf, m.len, "eth0", 4));
	assert_int_equal(nfp_link_parse((struct nlmsghdr *)m.buf, &link), 0);
	assert_string_equal(link.ifname, "n0");
	assert_int_equal(link.address.b[0], 0x0e);
	assert_int_equal(link.mtu, 9000);
	assert_int_equal(nfp_vfinfo_parse((struct nlmsghdr *)m.buf, &attrs, &num), 0);
	assert_int_equal(num, 2);
	assert_int_equal(attrs[1].mac.b[0], 0x0e);
	assert_int_equal(attrs[1].vlan.vid, 1);
	assert_int_equal(attrs[1].spoofchk, 1);
	assert_int_equal(attrs[1].trust, 0);
	free(attrs);
	free(m.buf);
	anonymous_fini(&a);
}

/* Random bytes, and messages cut short: nothing beyond them is touched (under ASan). */
static void damaged_messages(void **state)
{
	struct anonymous a = {0};
	struct vfmsg m;

	(void)state;
	vfmsg_make(&m, 3, 4);
	for (size_t len = 0; len <= m.len; len++) {
		uint8_t *copy = malloc(len ? len : 1);

		assert_non_null(copy);
		memcpy(copy, m.buf, len);
		if (len >= 4)
			memcpy(copy, &(uint32_t) {(uint32_t)len}, 4);
		anonymous_netlink(&a, len % 2 ? NETLINK_ROUTE : NETLINK_GENERIC, copy, len);
		free(copy);
	}
	free(m.buf);
	anonymous_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_nic),
		cmocka_unit_test(frames_are_built_anew),
		cmocka_unit_test(no_address_and_no_serial_number_is_in_the_bytes),
		cmocka_unit_test(addresses_keep_their_meaning),
		cmocka_unit_test(texts_are_rewritten_word_by_word),
		cmocka_unit_test(netlink_is_rewritten_attribute_by_attribute),
		cmocka_unit_test(damaged_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
