// SPDX-License-Identifier: GPL-2.0-or-later
/* An address of a VF that a PF hears: did it come from outside? */
#include "harness.h"

#include "../../src/app/run_priv.h"

#define NUM 3

static const struct nfp_mac guest = {{0x52, 0x54, 0, 0x12, 0x34, 0x56}};

/* VF 1 is a guest's, VF 2 another's, and VF 0 nobody's. The guest is quiet, and somebody else has
 * sent three frames, one of them to a group. */
struct scene {
	struct nfp_pf pf;
	struct nfp_vf_info vfs[NUM];
	struct nfp_vf_attr before[NUM], after[NUM];
	struct nfp_ear_heard heard;
};

static void setup(struct scene *s)
{
	*s = (struct scene) {.heard = {.in = 3, .groups = 1}};
	for (unsigned int i = 0; i < NUM; i++) {
		struct nfp_vf_attr *attr = &s->before[i];

		*attr = (struct nfp_vf_attr)NFP_VF_ATTR_UNKNOWN;
		attr->vf = i;
		attr->have_mac = true;
		attr->spoofchk = 1;
		attr->trust = 0;
		attr->mac = (struct nfp_mac) {{2, 0, 0, 0, 0, (uint8_t)i}};
		if (i == 1)
			attr->mac = guest;
		if (i)
			attr->tx_packets = 100;
		s->vfs[i].vf = i;
		if (i)
			strcpy(s->vfs[i].driver, "vfio-pci");
		s->vfs[i].up = i > 0;
		s->vfs[i].attr = *attr;
		s->after[i] = *attr;
	}
	s->pf = (struct nfp_pf) {.vfs = s->vfs, .num_vfs = NUM};
}

static bool outside(const struct scene *s)
{
	struct nfp_pf pf = s->pf;

	pf.vfs = (struct nfp_vf_info *)s->vfs;
	return nfp_ear_is_outside(&pf, &guest, &s->heard, s->before, NUM, s->after, NUM);
}

TEST(test_claimed)
{
	struct scene s;

	setup(&s);
	assert_true(outside(&s));
	s.after[2].tx_packets += 1000; /* it may not send as the guest */
	assert_true(outside(&s));
	s.after[1].tx_packets += 1;
	assert_false(outside(&s));
	s.heard.groups = 2; /* one of them is not its own */
	assert_true(outside(&s));
	s.after[1].tx_packets += 1;
	assert_false(outside(&s));
}

TEST(test_not_known)
{
	struct scene s;

	setup(&s);
	s.heard.in = s.heard.groups = 0;
	assert_false(outside(&s));
	setup(&s);
	s.heard.out = 1; /* its standby's, which the NIC may give back */
	assert_false(outside(&s));
	setup(&s);
	s.before[1].tx_packets = s.after[1].tx_packets = 0; /* a driver that does not count */
	assert_false(outside(&s));
	setup(&s);
	s.after[1].tx_packets = 5; /* started anew */
	assert_false(outside(&s));
	setup(&s);
	s.after[1].have_mac = false; /* in reset */
	assert_false(outside(&s));
	setup(&s);
	assert_false(nfp_ear_is_outside(&s.pf, &guest, &s.heard, s.before, 2, s.after, NUM));
	assert_false(nfp_ear_is_outside(&s.pf, &guest, &s.heard, s.before, NUM, s.after, 0));
}

/* Another VF that may have any source, or further addresses. */
TEST(test_others)
{
	static const struct {
		int spoofchk, trust;
		bool same, claimed;
	} rows[] = {
		{1, 0, false, true},  {0, 0, false, false},  {-1, 0, false, false},
		{1, 1, false, false}, {1, -1, false, false}, {1, 0, true, false},
	};
	struct scene s;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup(&s);
		s.after[2].tx_packets += 1000;
		s.after[2].spoofchk = rows[i].spoofchk;
		s.after[2].trust = rows[i].trust;
		if (rows[i].same)
			s.after[2].mac = guest;
		assert_int_equal(outside(&s), rows[i].claimed);
		/* As it was before, too. */
		s.before[2].spoofchk = rows[i].spoofchk;
		s.before[2].trust = rows[i].trust;
		s.before[2].mac = s.after[2].mac;
		s.after[2].spoofchk = 1;
		s.after[2].trust = 0;
		assert_int_equal(outside(&s), rows[i].claimed);
	}
	/* One that comes up meanwhile. */
	setup(&s);
	s.after[0].mac = guest;
	assert_true(outside(&s));
	s.after[0].tx_packets = 2;
	assert_false(outside(&s));
}

TEST(test_who_may_send)
{
	struct nfp_vf_info vf = {.vf = 1};

	assert_false(nfp_ear_may_send(&vf)); /* no driver */
	strcpy(vf.driver, "vfio-pci");
	assert_true(nfp_ear_may_send(&vf));
	vf.at_rest = true;
	assert_false(nfp_ear_may_send(&vf));
	vf.at_rest = false;
	strcpy(vf.ifname, "eth1");
	assert_false(nfp_ear_may_send(&vf)); /* it is down */
	vf.up = true;
	assert_true(nfp_ear_may_send(&vf));
}

TEST_MAIN()
