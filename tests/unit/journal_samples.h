/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal_samples.h - a journal with every kind of record, for the tests of text and file.
 */
#ifndef NFPROBE_TESTS_JOURNAL_SAMPLES_H
#define NFPROBE_TESTS_JOURNAL_SAMPLES_H

#include "harness.h"
#include "../../src/change/change.h"
#include "../../src/change/journal.h"
#include "../../src/change/vf_state.h"

#define PARENT "0000:01:00.0"

static const struct nfp_mac addresses[] = {{{2, 1, 2, 3, 4, 5}}, {{6, 0xff, 0, 0, 0, 1}}};

static inline struct nfp_journal_head make_head(void)
{
	struct nfp_journal_head head = {
		.version = "0.2.0",
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
		.name = "igbvf",
		.mac = addresses[1],
		.vlan = {.vid = 4094},
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
		.placeholder_mac = {{2, 7, 7, 7, 7, 7}},
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

#endif
