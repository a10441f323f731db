// SPDX-License-Identifier: GPL-2.0-or-later
/* A guest that crashes: its VF's driver says nothing, and no ladder can show what the NIC does. */
#include "harness.h"
#include "memnic/memnic.h"
#include "verdict/result.h"

#define ON(event) CORE_BIT(CORE_ON_##event)
#define PF_BIT	  (1U << NFP_AT_PF)

static const struct nfp_mac address = {{0x02, 0, 0, 0, 0, 0x11}};

/* A guest uses its VF. */
static struct memnic *used(const struct core_personality *p)
{
	static const struct memnic_conditions quiet;
	struct memnic *nic = memnic_new(p, &quiet);
	struct nfp_host host = memnic_host(nic);
	struct nfp_netdev netdev;

	memnic_set_style(nic, NFP_STYLE_BRIDGE);
	assert_int_equal(host.ops->add_standby(host.ctx, NFP_STYLE_BRIDGE, &address, NULL, NULL),
			 0);
	assert_int_equal(host.ops->assign(host.ctx, &address, NULL), 0);
	assert_int_equal(host.ops->reset(host.ctx, NULL), 0);
	assert_int_equal(host.ops->bind(host.ctx, &address, NULL), 0);
	assert_int_equal(host.ops->up(host.ctx, NULL, &netdev, NULL), 0);
	assert_int_equal(host.ops->carrier(host.ctx, NULL), 0);
	return nic;
}

/* Does the standby of a bridge get the guest's frames some time from now? */
static bool is_served_by_then(struct memnic *nic)
{
	struct nfp_frame_accounting *accounting = nfp_accounting_new();
	struct nfp_wire wire = memnic_wire(nic, accounting);
	const struct nfp_plan plan = {.unicast = address, .rate = {[NFP_KIND_UNICAST] = 1}};
	uint64_t until_ns;

	wire.ops->plan(wire.ctx, &plan);
	until_ns = wire.ops->now(wire.ctx) + 6 * NFP_NSEC_PER_SEC;
	while (wire.ops->now(wire.ctx) < until_ns)
		wire.ops->pump(wire.ctx, until_ns, accounting, NULL);
	nfp_accounting_free(accounting);
	return memnic_reach(nic, NFP_KIND_UNICAST) & PF_BIT;
}

/* .. once the guest has gone? */
static bool is_served(const struct core_personality *p, bool crashes)
{
	struct memnic *nic = used(p);
	struct nfp_host host = memnic_host(nic);
	bool served;

	if (crashes)
		memnic_crash(nic);
	else
		assert_int_equal(
			host.ops->unbind(host.ctx, NULL) ?: host.ops->reset(host.ctx, NULL), 0);
	served = is_served_by_then(nic);
	memnic_free(nic);
	return served;
}

/* A run unbinds between its ladders whatever VF it finds. */
TEST(nothing_happens_to_a_vf_without_a_driver)
{
	const struct core_personality p = {
		.name = "given back by the driver",
		.comes_on = ON(ASSIGN),
		.goes_on = ON(UNBIND),
		.winner = CORE_ARB_VF,
	};
	static const struct memnic_conditions quiet;
	struct memnic *nic = memnic_new(&p, &quiet);
	struct nfp_host host = memnic_host(nic);

	memnic_set_style(nic, NFP_STYLE_BRIDGE);
	assert_int_equal(host.ops->add_standby(host.ctx, NFP_STYLE_BRIDGE, &address, NULL, NULL),
			 0);
	assert_int_equal(host.ops->assign(host.ctx, &address, NULL), 0);
	assert_int_equal(host.ops->unbind(host.ctx, NULL), 0);
	assert_false(is_served_by_then(nic));
	assert_int_equal(host.ops->bind(host.ctx, &address, NULL), 0);
	assert_int_equal(host.ops->unbind(host.ctx, NULL), 0);
	assert_true(is_served_by_then(nic));
	memnic_free(nic);
}

static enum nfp_verdict verdict_of(const struct core_personality *p)
{
	static const struct memnic_conditions quiet;
	struct nfp_style_result result;

	assert_int_equal(memnic_run(p, &quiet, NFP_STYLE_BRIDGE, &result), 0);
	return result.verdict;
}

TEST(a_goodbye_that_is_not_said)
{
	struct core_personality p = *memnic_archetype("mlx5");

	p.comes_on = ON(UP);
	p.goes_on = ON(DOWN) | ON(UNBIND) | ON(CLEAR) | ON(RESET);
	assert_int_equal(verdict_of(&p), NFP_VERDICT_SAFE);
	assert_true(is_served(&p, false));
	assert_true(is_served(&p, true));
	/* The filter goes with the driver's goodbye alone. All that a run can make is well. */
	p.goes_on = ON(DOWN) | ON(UNBIND) | ON(CLEAR);
	assert_int_equal(verdict_of(&p), NFP_VERDICT_SAFE);
	assert_true(is_served(&p, false));
	assert_false(is_served(&p, true));
}

TEST_MAIN()
