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
#include <linux/rtnetlink.h>

#include "../../src/record/anonymous.h"
#include "nfprobe/netlink.h"
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
	static const char *const texts[] = {"hv3",   "eth0", "eth1",   "odd",	     "secret",
					    "02:00", "br0",  "guest7", "ether proto"};
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
	static const char serial[] = "SN123456";
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
		cmocka_unit_test(addresses_keep_their_meaning),
		cmocka_unit_test(texts_are_rewritten_word_by_word),
		cmocka_unit_test(netlink_is_rewritten_attribute_by_attribute),
		cmocka_unit_test(damaged_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
