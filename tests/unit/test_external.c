// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes by other processes to the PF, and which of them spoil a ladder that begins afterwards. */
#include <net/if.h>

#include "harness.h"
#include "../../src/change/backend.h"

static const struct nfp_pf_now pf = {
	.link = {.address = {{2, 0, 0, 0, 0, 1}}, .flags = IFF_UP, .carrier = true}};

static void set_up(struct nfp_backend *backend)
{
	backend->apply.pf.ifname = "eth0";
	backend->standby_at.ifname = "bond0";
	backend->pf_expect = pf;
}

#define CASE(name) TEST_OF(name, set_up, unmake_nothing, struct nfp_backend, backend)

static void check_pf(const struct nfp_backend *backend, const struct nfp_pf_now *now,
		     const char *says)
{
	struct nfp_external_changes changes = {.carrier = true};

	nfp_backend_compare_pf(backend, now, &changes);
	assert_int_equal(changes.changed, says != NULL);
	/* The PF stays as it was changed. */
	assert_int_equal(changes.lasts, says != NULL);
	assert_string_equal(changes.change, says ? says : "");
}

CASE(what_became_of_the_pf_lasts)
{
	struct nfp_pf_now now = pf;

	check_pf(backend, &now, NULL);
	now.link.promiscuity = 1;
	check_pf(backend, &now, "the promiscuity of eth0 went from 0 to 1");
	now = pf;
	now.link.master = 7;
	check_pf(backend, &now, "eth0 was given another master");
	now = pf;
	now.link.xdp = true;
	check_pf(backend, &now, "an XDP program was attached to eth0");
	now = pf;
	now.link.flags = 0;
	check_pf(backend, &now, "eth0 was set down");
	now = pf;
	now.link.address.b[5] = 9;
	check_pf(backend, &now, "eth0 was given the address 02:00:00:00:00:09");
	/* A failover is named before what it changes. */
	now = pf;
	now.link.master = backend->pf_expect.link.master = 7;
	now.bond_active = 3;
	now.link.promiscuity = 1;
	check_pf(backend, &now, "bond0, of which eth0 is a member, has another active member");
	/* As is what may bring one about. */
	now = pf;
	backend->pf_expect = pf;
	now.link.master = backend->pf_expect.link.master = 7;
	backend->pf_expect.bond_carriers = 1;
	check_pf(backend, &now, "another member of bond0 than eth0 has lost its carrier");
	now.bond_carriers = 2;
	check_pf(backend, &now, NULL);
	now = pf;
	backend->pf_expect = pf;
	/* All multicast hides less than a whole ladder. */
	now = pf;
	now.link.allmulti = 1;
	check_pf(backend, &now, NULL);
	/* Carrier is told in another way. */
	now = pf;
	now.link.carrier = false;
	now.carrier_downs = 1;
	check_pf(backend, &now, NULL);
}

/* A registration that the PF's bridge has made itself is not ours to end. */
CASE(a_vlan_that_the_bridge_has_stays)
{
	struct nfp_err err = {.code = NFP_E_NONE};

	backend->registered.vid = 100;
	backend->registered_by = NFP_CHANGE_COUNT;
	assert_int_equal(nfp_backend_vlan(backend, NFP_AT_PF, 0, &err), -EEXIST);
	assert_string_equal(err.message, "the bridge of eth0 has it registered");
	/* It is said once. */
	assert_int_equal(nfp_backend_vlan(backend, NFP_AT_PF, 0, &err), 0);
}

/* Ours is known by the difference that it made. */
CASE(who_has_the_pf_take_every_group)
{
	struct nfp_external_changes changes = {.carrier = true};
	struct nfp_pf_now before = pf, after = pf;

	before.link.allmulti = 1;
	after.link.allmulti = 2;
	nfp_backend_compare_pf(backend, &before, &changes);
	assert_true(changes.all_multicast);
	nfp_backend_expect_promisc(backend, &before, &after);
	nfp_backend_compare_pf(backend, &after, &changes);
	assert_true(changes.all_multicast);
	nfp_backend_compare_pf(backend, &before, &changes);
	assert_false(changes.all_multicast);
	nfp_backend_expect_promisc(backend, &after, &before);
	nfp_backend_compare_pf(backend, &pf, &changes);
	assert_false(changes.all_multicast);
}

TEST_MAIN()
