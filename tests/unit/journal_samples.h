/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal_samples.h - a journal with every kind of record, for the tests of text and file.
 */
#ifndef NFPROBE_TESTS_JOURNAL_SAMPLES_H
#define NFPROBE_TESTS_JOURNAL_SAMPLES_H

#include "harness.h"
#include "nfprobe/journal.h"

#define PARENT "0000:01:00.0"

static const struct nfp_mac addresses[] = {{{2, 1, 2, 3, 4, 5}}, {{6, 0xff, 0, 0, 0, 1}}};

static inline struct nfp_journal_head make_head(void)
{
	struct nfp_journal_head head = {
		.version = "0.1.0",
		.pid = 4711,
		.bus = "pci",
		.parentdev = PARENT,
		.ifname = "nfpeth0",
		.ifindex = 2,
		.addresses = addresses,
		.num_addresses = 2,
	};

	assert_int_equal(nfp_boot_id(head.boot, NULL), 0);
	return head;
}

static inline struct nfp_vf_state make_vf(unsigned int vf)
{
	return (struct nfp_vf_state) {
		.vf = vf,
		.parentdev = "0000:01:10.6",
		.bus = "pci",
		.attr = {.vf = vf,
			 .mac = {{2, 9, 9, 9, 9, 9}},
			 .vlan = {100, 3, 0x88a8},
			 .spoofchk = 1,
			 .trust = -1,
			 .link_state = 2,
			 .have_mac = true},
		.driver = "igbvf",
		.have_override = true,
		.driver_override = "vfio-pci",
		.have_netdev = true,
		.ifname = "eth5",
		.ifindex = 7,
		.address = {{2, 8, 8, 8, 8, 8}},
		.addr_assign_type = 3,
		.up = true,
		.second = "eth6",
		.second_up = true,
	};
}

static inline struct nfp_change make_change(enum nfp_change_kind kind, unsigned int seq)
{
	return (struct nfp_change) {
		.kind = kind,
		.ifname = "eth0",
		.ifindex = 2,
		.vf = 3,
		.parentdev = "0000:01:10.6",
		.bus = "pci",
		.name = "igbvf",
		.mac = addresses[1],
		.vlan = {4094, 7, 0x8100},
		.value = -5,
		.private_netns = true,
		.of_vf = true,
		.seq = seq,
	};
}

/* ---- text ---- */

struct text {
	char *buf;
	size_t len;
	size_t end[64]; /* of each line */
	size_t lines;
};

static inline void add(struct text *t, char *line)
{
	size_t len = strlen(line);

	assert_non_null(line);
	t->buf = realloc(t->buf, t->len + len + 1);
	assert_non_null(t->buf);
	memcpy(t->buf + t->len, line, len + 1);
	t->len += len;
	t->end[t->lines++] = t->len;
	free(line);
}

static inline void add_change(struct text *t, enum nfp_change_kind kind, unsigned int seq)
{
	struct nfp_change c = make_change(kind, seq);

	add(t, nfp_journal_line_change(&c));
}

static inline void add_vf(struct text *t, unsigned int vf, bool source)
{
	struct nfp_journal_vf entry = {
		.before = make_vf(vf),
		.source = source,
		.parked = {{2, 7, 7, 7, 7, 7}},
		.settings = {json_pack("{s:s}", "txqueuelen", "500"), json_object()}};

	add(t, nfp_journal_line_vf(&entry));
	for (size_t i = 0; i < NFP_VF_NETDEVS; i++)
		json_decref(entry.settings[i]);
}

/* begin, vf 3, then a change of each kind */
static inline struct text make_text(void)
{
	struct nfp_journal_head head = make_head();
	struct text t = {NULL, 0, {0}, 0};

	add(&t, nfp_journal_line_begin(&head));
	add_vf(&t, 3, false);
	for (unsigned int i = 0; i < NFP_CHANGE_COUNT; i++)
		add_change(&t, (enum nfp_change_kind)i, i + 1);
	return t;
}

static inline void assert_change(const struct nfp_change *a, const struct nfp_change *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_string_equal(a->ifname, b->ifname);
	assert_int_equal(a->ifindex, b->ifindex);
	assert_int_equal(a->vf, b->vf);
	assert_string_equal(a->parentdev, b->parentdev);
	assert_string_equal(a->bus, b->bus);
	assert_string_equal(a->name, b->name);
	assert_true(nfp_mac_equal(&a->mac, &b->mac));
	assert_true(nfp_vlan_equal(&a->vlan, &b->vlan));
	assert_int_equal(a->value, b->value);
	assert_int_equal(a->private_netns, b->private_netns);
	assert_int_equal(a->of_vf, b->of_vf);
	assert_int_equal(a->seq, b->seq);
}

static inline void assert_vf(const struct nfp_vf_state *a, const struct nfp_vf_state *b)
{
	assert_int_equal(a->vf, b->vf);
	assert_string_equal(a->parentdev, b->parentdev);
	assert_string_equal(a->bus, b->bus);
	assert_int_equal(a->attr.vf, b->attr.vf);
	assert_int_equal(a->attr.have_mac, b->attr.have_mac);
	assert_true(nfp_mac_equal(&a->attr.mac, &b->attr.mac));
	assert_true(nfp_vlan_equal(&a->attr.vlan, &b->attr.vlan));
	assert_int_equal(a->attr.spoofchk, b->attr.spoofchk);
	assert_int_equal(a->attr.trust, b->attr.trust);
	assert_int_equal(a->attr.link_state, b->attr.link_state);
	assert_string_equal(a->driver, b->driver);
	assert_int_equal(a->have_override, b->have_override);
	assert_string_equal(a->driver_override, b->driver_override);
	assert_int_equal(a->have_netdev, b->have_netdev);
	assert_string_equal(a->ifname, b->ifname);
	assert_int_equal(a->ifindex, b->ifindex);
	assert_true(nfp_mac_equal(&a->address, &b->address));
	assert_int_equal(a->addr_assign_type, b->addr_assign_type);
	assert_int_equal(a->up, b->up);
	assert_string_equal(a->second, b->second);
	assert_int_equal(a->second_up, b->second_up);
}

static inline void assert_head(const struct nfp_journal_head *a, const struct nfp_journal_head *b)
{
	assert_string_equal(a->version, b->version);
	assert_string_equal(a->boot, b->boot);
	assert_int_equal(a->pid, b->pid);
	assert_string_equal(a->bus, b->bus);
	assert_string_equal(a->parentdev, b->parentdev);
	assert_string_equal(a->ifname, b->ifname);
	assert_int_equal(a->ifindex, b->ifindex);
	assert_int_equal(a->num_addresses, b->num_addresses);
	for (size_t i = 0; i < a->num_addresses; i++)
		assert_true(nfp_mac_equal(&a->addresses[i], &b->addresses[i]));
}

#endif
