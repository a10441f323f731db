// SPDX-License-Identifier: GPL-2.0-or-later
/* The control of the second address: when it is made, what it shows, and how it ends. */
#include "unit/bedded.h"
#include "unit/scene.h"

static const struct memnic_conditions withholds = {.suppress_unknown = true};
/* The port learns X, and no other. */
static const struct memnic_conditions learns_one = {.suppress_unknown = true, .learn_max = 1};

/* The VF takes the address as soon as it is assigned, and does not get it either. */
static struct core_personality swallows(void)
{
	return (struct core_personality) {
		.name = "swallows",
		.comes_on = CORE_BIT(CORE_ON_ASSIGN),
		.goes_on = CORE_BIT(CORE_ON_CLEAR),
		.winner = CORE_ARB_VF,
		.vf_deaf = true,
	};
}

static int run_ladder(struct bed *bed, const struct core_personality *p,
		      const struct memnic_conditions *c)
{
	bed_anew(bed, p, c, NFP_STYLE_MACVTAP);
	return bed_run(bed);
}

NIC_AS(swallowing, *p = swallows())
NIC_AS(wiping, *p = swallows(); p->clear_wipes_pf = true)
/* A safe NIC whose driver takes the carrier for a moment with each address of a VF. */
NIC_AS(blinking_anew, p->blinks_on = CORE_BIT(CORE_ON_ASSIGN) | CORE_BIT(CORE_ON_CLEAR);
       p->blink_for_ns = 100 * MS)
NIC_AS(blinking, *p = swallows(); p->blinks_on = CORE_BIT(CORE_ON_BIND); p->blink_for_ns = 100 * MS)
/* Once the PF has the address the NIC says yes to the VF and does nothing. A VF that has it keeps
 * it until its driver goes. */
NIC_AS(keeping, *p = swallows(); p->vf_deaf = false; p->assign_ignored = true;
       p->goes_on = CORE_BIT(CORE_ON_DOWN) | CORE_BIT(CORE_ON_UNBIND))
NIC_AS(refusing, keeping(p); p->assign_ignored = false; p->assign_errno = EPERM)
NIC_AS(keeping_deaf, keeping(p); p->vf_deaf = true)
NIC_AS(keeping_blinking, keeping(p); p->blinks_on = CORE_BIT(CORE_ON_BIND);
       p->blink_for_ns = 100 * MS)
/* The last to be written gets the frames, and a reset writes the VF. */
NIC_AS(plugged, p->comes_on = CORE_BIT(CORE_ON_RESET) | CORE_BIT(CORE_ON_UP);
       p->goes_on = CORE_BIT(CORE_ON_RESET) | CORE_BIT(CORE_ON_UNBIND) | CORE_BIT(CORE_ON_CLEAR);
       p->winner = CORE_ARB_LAST)

#define USED "release assign bind up unbind clear hold "

TEST(scenes)
{
	static const struct scene rows[] = {
		{"it comes back when the VF is cleared", "mlx5", swallowing,
		 .network = {.suppress_unknown = true}, .verdict = NFP_VERDICT_EARLY,
		 RESULT_IS(second_back), .log_end = " clear "},
		/* To clear the VF takes it from the PF as well. */
		{"it comes back to a standby that is added again", "mlx5", wiping,
		 .network = {.suppress_unknown = true}, .verdict = NFP_VERDICT_EARLY,
		 .log = " clear release hold ", RESULT_IS(second_back), .log_end = " hold "},
		{"a network that never delivered it is found out", "mlx5",
		 .network = {.suppress_unknown = true, .learn_max = 1},
		 .verdict = NFP_VERDICT_UNKNOWN, .log = " clear release hold ",
		 RESULT_IS_NOT(second_back)},
		{"or to the guest alone, where the NIC keeps it from the PF", "mlx5", keeping,
		 .network = {.suppress_unknown = true}, .verdict = NFP_VERDICT_EARLY,
		 .log_end = USED, RESULT_IS(second_back)},
		{"which has it though the NIC refuses a VF what the PF has", "mlx5", refusing,
		 .network = {.suppress_unknown = true}, .verdict = NFP_VERDICT_EARLY,
		 .log_end = USED, RESULT_IS(second_back)},
		{"it is away again only behind the reset of QEMU's plug", "mlx5", plugged,
		 .network = {.suppress_unknown = true}, .verdict = NFP_VERDICT_EARLY,
		 .log = " release assign reset hold reset ", RESULT_IS(second_back)},
		{"a guest that hears nothing shows nothing", "mlx5", keeping_deaf,
		 .network = {.suppress_unknown = true}, .verdict = NFP_VERDICT_UNKNOWN,
		 .log_end = USED, RESULT_IS_NOT(second_back)},
		{"nor one that has announced it, since the carrier blinked", "mlx5",
		 keeping_blinking, .network = {.suppress_unknown = true},
		 .verdict = NFP_VERDICT_UNKNOWN,
		 .log_end = " up report announce report announce unbind clear hold ",
		 RESULT_IS_NOT(second_back)},
		/* As X it was shown in `standby`, which says nothing of an outage in `vf-first`. */
		{"an address that is X as well", "mlx5", swallowing,
		 .network = {.suppress_unknown = true}, .run = scene_one_address,
		 .verdict = NFP_VERDICT_EARLY, RESULT_IS(second_back), .log_end = " clear "},
		{"and where the carrier blinked", "mlx5", blinking,
		 .network = {.suppress_unknown = true}, .run = scene_one_address,
		 .verdict = NFP_VERDICT_EARLY, RESULT_IS(second_back), .log_end = " clear "},
		/* The switch has forgotten it with the carrier, and nobody tells it anew. */
		{"a silence behind a carrier that blinked shows nothing", "mlx5", blinking_anew,
		 .network = {.suppress_unknown = true,
			     .pauses = {{.from_ns = 29500 * MS,
					 .for_ns = 5000 * MS,
					 .unicast_alone = true}}},
		 .verdict = NFP_VERDICT_UNKNOWN, RESULT_IS_NOT(second_back)},
		/* It is not made where nothing is open. */
		{"a network that floods delivers every address", "mlx5", swallowing,
		 .verdict = NFP_VERDICT_EARLY, .log_not_end = " clear "},
		{"somebody got it", "mlx5", .network = {.suppress_unknown = true},
		 .verdict = NFP_VERDICT_SAFE, .lacks = "clear release hold",
		 RESULT_IS_NOT(second_back)},
		{"without announcements nothing could be shown", "mlx5", swallowing,
		 .network = {.suppress_unknown = true}, .run = scene_no_announce,
		 .verdict = NFP_VERDICT_UNKNOWN, .log_not_end = " clear "},
	};

	CHECK_SCENES(rows);
}

/* The last call is that which clears, or adds the standby again once the guest had the address. */
BED_TEST(a_refusal_leaves_it_open)
{
	void (*const nics[])(struct core_personality *) = {swallowing, keeping};

	for (size_t i = 0; i < sizeof(nics) / sizeof(nics[0]); i++) {
		struct memnic_conditions c = withholds;
		struct core_personality p;

		nics[i](&p);
		assert_int_equal(run_ladder(bed, &p, &c), 0);
		assert_true(bed->result.second_back);
		c.fail_call = memnic_calls(bed->nic);
		c.fail_errno = EBUSY;
		c.fail_code = NFP_E_KERNEL;
		assert_int_equal(run_ladder(bed, &p, &c), 0);
		assert_false(bed->result.second_back);
		assert_false(bed->result.stopped);
	}
}

BED_TEST(it_ends_with_the_run)
{
	struct memnic_conditions c = learns_one;

	assert_int_equal(run_ladder(bed, memnic_archetype("mlx5"), &c), 0);
	c.stop_ns = bed_now(bed) - 500 * MS;
	assert_int_equal(run_ladder(bed, memnic_archetype("mlx5"), &c), -EINTR);
	assert_true(bed->result.stopped);
	assert_true(bed_now(bed) < c.stop_ns + 200 * MS);
}

TEST_MAIN()
