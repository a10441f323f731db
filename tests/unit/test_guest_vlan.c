// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest's VLAN: what is said of NICs that filter VLANs in any way. By lot: test_adversary.c. */
#include "harness.h"
#include "memnic/bed.h"
#include "verdict/verdict.h"

#define VID 100

static const struct nfp_mac own = {{0x02, 0, 0, 0, 0, 0x55}};

struct told {
	bool sibling; /* the run is told of a VF in use */
	const char *untested, *unregistrable;
};

static void run_ladder(const struct core_personality *p, const struct memnic_conditions *c,
		       enum nfp_style style, const struct told *told,
		       struct nfp_style_result *ret_result)
{
	struct bed bed;

	bed_open(&bed, p, c, style);
	bed.config.guest_vlan.vid = VID;
	bed.config.guest_vlan.free_vid = MEMNIC_FREE_VLAN;
	bed.config.guest_vlan.own = own;
	bed.config.guest_vlan.sibling = told->sibling;
	bed.config.guest_vlan.untested = told->untested;
	bed.config.guest_vlan.unregistrable = told->unregistrable;
	assert_int_equal(bed_run(&bed), 0);
	*ret_result = bed.result;
	bed_close(&bed);
}

/* Filters that drivers have, by the functions that program them. */
#define FILTERS .filters = true, .vf_filters = true

static const struct row {
	const char *name;
	struct core_vlans vlan;
	struct memnic_conditions network;
	struct told told;
	enum nfp_style style;
	const char *is; /* the verdict, what is said of the VLAN, and why */
	const char *note;
} rows[] = {
	{.name = "no filter", .is = "safe: ok, filters no, cured yes"},
	{.name = "a filter",
	 .vlan = {FILTERS},
	 .is = "deaf: lost in step standby, filters yes, cured yes",
	 .note = "but does once the VLAN is registered there"},
	{.name = "a filter that promiscuity switches off",
	 .vlan = {FILTERS, .promisc_passes = true},
	 .style = NFP_STYLE_BRIDGE,
	 .is = "safe: ok, filters no, cured yes"},
	{.name = "i40e: all pass until the PF has registered the first",
	 .vlan = {FILTERS, .from_first = true},
	 .is = "unknown: unproven, filters yes, cured yes",
	 .note = "only while nobody registers a VLAN"},
	{.name = "the same, and the switch brings this VLAN alone",
	 .vlan = {FILTERS, .from_first = true},
	 .network = {.vlan.free_blocked = true},
	 .is = "unknown: unproven, filters yes, cured yes",
	 .note = "only while nobody registers a VLAN"},
	{.name = "the same, and no VLAN can be registered to see that",
	 .vlan = {FILTERS, .from_first = true, .pf_errno = EBUSY},
	 .network = {.vlan.free_blocked = true},
	 .is = "unknown: unproven, filters unknown, cured unknown",
	 .note = "may sleep"},
	{.name = "no filter, and the switch brings this VLAN alone",
	 .network = {.vlan.free_blocked = true},
	 .is = "safe: ok, filters no, cured yes"},
	{.name = "the PF says yes, and its table is full",
	 .vlan = {FILTERS, .pf_ignored = true, .vf_deaf = true},
	 .is = "unknown: unproven in step standby, filters unknown, cured no",
	 .note = "whether the NIC's VLAN table is full"},
	{.name = "QEMU's igb: a registration of the PF's alone brings unicast",
	 .vlan = {FILTERS, .default_pool = true, .bypasses_pools = true},
	 .is = "deaf: lost in step standby, filters yes, cured no",
	 .note = "nor all of it"},
	{.name = "the PF's bridge has registered it",
	 .vlan = {FILTERS},
	 .network = {.vlan.bridge = true},
	 .is = "safe: ok, filters unknown, cured unknown"},
	{.name = "the same on QEMU's igb, where that is of no use",
	 .vlan = {FILTERS, .default_pool = true, .bypasses_pools = true},
	 .network = {.vlan.bridge = true},
	 .is = "deaf: lost in step standby, filters unknown, cured no",
	 .note = "nor all of it"},
	{.name = "a filter, and a network that does not bring the VLAN",
	 .vlan = {FILTERS},
	 .network = {.vlan.blocked = true},
	 .is = "unknown: unproven in step standby, filters unknown, cured no",
	 .note = "none of its frames arrives"},
	{.name = "no filter, and a network that does not bring the VLAN",
	 .network = {.vlan.blocked = true},
	 .is = "unknown: unproven in step standby, filters no, cured no"},
	{.name = "a VF in use, and it is not known whether the PF filters",
	 .network = {.vlan.free_blocked = true},
	 .told = {.sibling = true},
	 .is = "unknown: unproven, filters unknown, cured yes",
	 .note = "another VF is in use"},
	{.name = "a VF in use has registered it, which brings the PF unicast alone",
	 .vlan = {FILTERS, .default_pool = true},
	 .network = {.vlan.sibling = true},
	 .told = {.sibling = true},
	 .is = "deaf: lost in step standby, filters yes, cured yes"},
	{.name = "a VF in use beside a PF that does not filter",
	 .told = {.sibling = true},
	 .is = "safe: ok, filters no, cured yes"},
	{.name = "a netdev on the PF swallows it, whatever the PF gets",
	 .network = {.vlan.swallowed = true},
	 .is = "deaf: lost in step standby, filters no, cured yes",
	 .note = "swallowed by eth0.100"},
	{.name = "whether one does is not known",
	 .network = {.vlan.search_errno = EIO},
	 .is = "unknown: unproven, filters no, cured yes",
	 .note = "could not be found out"},
	{.name = "VST",
	 .vlan = {FILTERS},
	 .told = {.untested = "the VF has a VLAN from the PF (VST)"},
	 .is = "unknown: untested, filters unknown, cured unknown",
	 .note = "VST"},
	{.name = "guests on a PF that would prune",
	 .vlan = {.filters = true, .vf_deaf = true},
	 .told = {.unregistrable = "takes others from the guests"},
	 .is = "unknown: unproven in step standby, filters unknown, cured unknown",
	 .note = "takes others from the guests"},
	{.name = "the VF does not get it",
	 .vlan = {.vf_deaf = true},
	 .is = "deaf: lost in step up, filters no, cured yes",
	 .note = "the VF does not get it"},
	{.name = "the VF refuses it",
	 .vlan = {.vf_errno = EPERM},
	 .is = "unknown: unproven in step up, filters no, cured yes",
	 .note = "cannot create a vlan"},
	{.name = "the PF cannot register it, and it was shown by the VF",
	 .vlan = {FILTERS, .pf_errno = EBUSY},
	 .is = "deaf: lost in step standby, filters unknown, cured unknown"},
	{.name = "the VF's registration takes it from the PF for good",
	 .vlan = {.stolen_by_vf = true},
	 .is = "sticky: lost in step unplug, filters no, cured no"},
	{.name = "filters that are written late",
	 .vlan = {FILTERS, .after_ns = 200 * NFP_NSEC_PER_MSEC},
	 .is = "deaf: lost in step standby, filters yes, cured yes"},
};

TEST(each_filter_has_its_verdict)
{
	static struct nfp_style_result result;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct core_personality p = *memnic_archetype("mlx5");
		const struct nfp_guest_vlan_result *g = &result.guest_vlan;
		char is[128];

		p.vlan = row->vlan;
		run_ladder(&p, &row->network, row->style, &row->told, &result);
		snprintf(is, sizeof(is), "%s: %s%s%s, filters %s, cured %s",
			 nfp_verdict_name(result.verdict), nfp_check_state_name(g->verdict),
			 g->from == NFP_STEP_COUNT ? "" : " in step ",
			 g->from == NFP_STEP_COUNT ? "" : nfp_step_name(g->from),
			 nfp_name(&nfp_answer_names, g->filters),
			 nfp_name(&nfp_answer_names, g->works_registered));
		if (strcmp(is, row->is) != 0 || (row->note && !strstr(g->note, row->note)))
			fail_msg("%s: %s: %s", row->name, is, g->note);
		if (result.verdict == NFP_VERDICT_DEAF || result.verdict == NFP_VERDICT_STICKY)
			assert_non_null(strstr(result.reason, "deaf in VLAN 100 only"));
	}
}

/* Nothing of it is sent, registered or said. */
TEST(without_it_nothing_changes)
{
	static struct nfp_style_result result;
	struct core_personality p = *memnic_archetype("mlx5");

	p.vlan.filters = true;
	assert_int_equal(memnic_run(&p, NULL, NFP_STYLE_MACVTAP, &result), 0);
	assert_int_equal(result.verdict, NFP_VERDICT_SAFE);
	assert_int_equal(result.guest_vlan.verdict, NFP_STATE_NONE);
	for (size_t i = 0; i < result.num_steps; i++)
		for (enum nfp_kind kind = NFP_KIND_VLAN_UNICAST; kind <= NFP_KIND_VLAN_FREE; kind++)
			assert_int_equal(result.steps[i].w.count[kind].sent, 0);
}

TEST_MAIN()
