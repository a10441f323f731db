// SPDX-License-Identifier: GPL-2.0-or-later
/* What others change on PF and VF, and what of it spoils a ladder that begins afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../src/host/live_priv.h"

static const struct nfp_pf_now pf = {
	.ifname = "eth0", .address = {{2, 0, 0, 0, 0, 1}}, .up = true, .carrier = true};

static const struct nfp_vf_attr vf = {.vf = 3,
				      .mac = {{2, 0, 0, 0, 0, 3}},
				      .vlan = {.vid = 100, .proto = 0x8100},
				      .spoofchk = 1,
				      .trust = 0,
				      .link_state = -1,
				      .have_mac = true};

static int set_up(void **state)
{
	struct nfp_live *live = test_calloc(1, sizeof(*live));

	live->hands.pf.ifname = "eth0";
	live->vf.before.vf = 3;
	live->pf_expect = pf;
	live->vf.expect = vf;
	*state = live;
	return 0;
}

static int tear_down(void **state)
{
	test_free(*state);
	return 0;
}

static void check_pf(const struct nfp_live *live, const struct nfp_pf_now *now, const char *says)
{
	struct nfp_host_news news = {.carrier = true};

	nfp_live_compare_pf(live, now, &news);
	assert_int_equal(news.changed, says != NULL);
	/* Whatever became of the PF, it stays so. */
	assert_int_equal(news.lasts, says != NULL);
	assert_string_equal(news.change, says ? says : "");
}

static void what_became_of_the_pf_lasts(void **state)
{
	struct nfp_pf_now now = pf;

	check_pf(*state, &now, NULL);
	now.promiscuity = 1;
	check_pf(*state, &now, "the promiscuity of eth0 went from 0 to 1");
	now = pf;
	now.master = 7;
	check_pf(*state, &now, "eth0 was given another master");
	now = pf;
	now.xdp = true;
	check_pf(*state, &now, "an XDP program was attached to eth0");
	now = pf;
	now.up = false;
	check_pf(*state, &now, "eth0 was set down");
	now = pf;
	now.address.b[5] = 9;
	check_pf(*state, &now, "eth0 was given the address 02:00:00:00:00:09");
	/* Carrier is told in another way. */
	now = pf;
	now.carrier = false;
	now.carrier_downs = 1;
	check_pf(*state, &now, NULL);
}

static void check_vf(const struct nfp_live *live, const struct nfp_vf_attr *now, bool lasts,
		     const char *says)
{
	struct nfp_host_news news = {.carrier = true};

	nfp_live_compare_vf(live, now, &news);
	assert_int_equal(news.changed, says != NULL);
	assert_int_equal(news.lasts, lasts);
	assert_string_equal(news.change, says ? says : "");
}

/* The ladder sets the address of the VF; the rest was set before it began, or is not its own. */
static void what_became_of_the_vf_lasts_but_for_its_address(void **state)
{
	struct nfp_vf_attr now = vf;

	check_vf(*state, &now, false, NULL);
	now.link_state = 2; /* not known before */
	check_vf(*state, &now, false, NULL);
	now.mac.b[5] = 9;
	check_vf(*state, &now, false,
		 "the address of VF 3 of eth0 went from 02:00:00:00:00:03 to 02:00:00:00:00:09");
	now = vf;
	now.trust = 1;
	check_vf(*state, &now, true, "trust of VF 3 of eth0 went from 0 to 1");
	now = vf;
	now.spoofchk = 0;
	check_vf(*state, &now, true, "spoofchk of VF 3 of eth0 went from 1 to 0");
	/* A driver that took it and reports another: frames of the VLAN show nothing then. */
	now = vf;
	now.vlan = (struct nfp_vlan) {.vid = 0};
	check_vf(*state, &now, true, "the VLAN of VF 3 of eth0 went from 100 to 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_became_of_the_pf_lasts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_became_of_the_vf_lasts_but_for_its_address,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
