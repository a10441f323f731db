// SPDX-License-Identifier: GPL-2.0-or-later
/* The control of the second address: when it is made, what it shows, and how it ends. */
#include "harness.h"
#include "memnic/bed.h"

#define MS NFP_NSEC_PER_MSEC

static const struct memnic_conditions withholds = {.suppress_unknown = true};
/* The port learns X, and no other. */
static const struct memnic_conditions learns_one = {.suppress_unknown = true, .learn_max = 1};

/* The VF takes the address as soon as it is assigned, and does not get it either. */
static struct memnic_personality swallows(void)
{
	return (struct memnic_personality) {
		.name = "swallows",
		.comes_on = MEMNIC_BIT(MEMNIC_ON_ASSIGN),
		.goes_on = MEMNIC_BIT(MEMNIC_ON_CLEAR),
		.winner = MEMNIC_VF_WINS,
		.vf_deaf = true,
	};
}

static int climb(struct bed *bed, const struct memnic_personality *p,
		 const struct memnic_conditions *c)
{
	bed_open(bed, p, c, NFP_STYLE_MACVTAP);
	return bed_climb(bed);
}

static bool ends_with(const struct bed *bed, const char *end)
{
	const char *log = memnic_log(bed->nic);

	return strlen(log) >= strlen(end) && strcmp(log + strlen(log) - strlen(end), end) == 0;
}

TEST(it_comes_back_when_the_vf_is_cleared)
{
	const struct memnic_personality p = swallows();
	struct bed bed;

	assert_int_equal(climb(&bed, &p, &withholds), 0);
	assert_string_equal(bed_row(&bed) + NFP_STEP_VF_FIRST, "---");
	assert_true(bed.result.second_back);
	assert_true(ends_with(&bed, " clear "));
	bed_close(&bed);
}

/* To clear the VF takes it from the PF as well. */
TEST(it_comes_back_to_a_standby_that_is_added_again)
{
	struct memnic_personality p = swallows();
	struct bed bed;

	p.clear_wipes_pf = true;
	assert_int_equal(climb(&bed, &p, &withholds), 0);
	assert_true(bed.result.second_back);
	assert_non_null(strstr(memnic_log(bed.nic), " clear release hold "));
	/* It was announced to a network that had known it all along: once is enough. */
	assert_true(ends_with(&bed, "announce "));
	bed_close(&bed);
}

TEST(a_network_that_never_delivered_it_is_found_out)
{
	struct bed bed;

	assert_int_equal(climb(&bed, memnic_archetype("mlx5"), &learns_one), 0);
	assert_string_equal(bed_row(&bed) + NFP_STEP_VF_FIRST, "---");
	assert_false(bed.result.second_back);
	assert_non_null(strstr(memnic_log(bed.nic), " clear release hold "));
	assert_int_equal(bed.result.verdict, NFP_VERDICT_INCONCLUSIVE);
	bed_close(&bed);
}

/* As X it was shown in `standby`, unless the switch has forgotten it since. */
TEST(an_address_that_is_x_as_well_needs_none)
{
	struct memnic_personality p = swallows();
	struct bed bed;

	for (int blinks = 0; blinks < 2; blinks++) {
		p.blinks_on = blinks ? MEMNIC_BIT(MEMNIC_ON_BIND) : 0;
		p.blink_for_ns = 100 * MS;
		bed_open(&bed, &p, &withholds, NFP_STYLE_MACVTAP);
		bed.config.address_first = bed.config.address;
		assert_int_equal(bed_climb(&bed), 0);
		assert_string_equal(bed_row(&bed) + NFP_STEP_VF_FIRST, "---");
		assert_true(bed.result.second_back);
		assert_int_equal(ends_with(&bed, " clear "), blinks);
		bed_close(&bed);
	}
}

TEST(it_is_not_made_where_nothing_is_open)
{
	const struct memnic_personality p = swallows();
	struct bed bed;

	/* The network floods, and so delivers every address. */
	assert_int_equal(climb(&bed, &p, NULL), 0);
	assert_false(ends_with(&bed, " clear "));
	bed_close(&bed);
	/* Somebody got it. */
	assert_int_equal(climb(&bed, memnic_archetype("mlx5"), &withholds), 0);
	assert_false(bed.result.second_back);
	assert_null(strstr(memnic_log(bed.nic), "clear release hold"));
	bed_close(&bed);
	/* Without announcements nothing could be shown. */
	bed_open(&bed, &p, &withholds, NFP_STYLE_MACVTAP);
	bed.config.announce = false;
	assert_int_equal(bed_climb(&bed), 0);
	assert_false(ends_with(&bed, " clear "));
	bed_close(&bed);
}

TEST(a_refusal_leaves_it_open)
{
	const struct memnic_personality p = swallows();
	struct memnic_conditions c = withholds;
	struct bed bed;

	assert_int_equal(climb(&bed, &p, &c), 0);
	c.fail_call = memnic_calls(bed.nic); /* the last one is that which clears */
	c.fail_errno = EBUSY;
	c.fail_code = NFP_E_KERNEL;
	bed_close(&bed);
	assert_int_equal(climb(&bed, &p, &c), 0);
	assert_false(bed.result.second_back);
	assert_false(bed.result.stopped);
	bed_close(&bed);
}

TEST(it_ends_with_the_run)
{
	struct memnic_conditions c = learns_one;
	struct bed bed;

	assert_int_equal(climb(&bed, memnic_archetype("mlx5"), &c), 0);
	c.stop_ns = bed_now(&bed) - 500 * MS;
	bed_close(&bed);
	assert_int_equal(climb(&bed, memnic_archetype("mlx5"), &c), -EINTR);
	assert_true(bed.result.stopped);
	assert_true(bed_now(&bed) < c.stop_ns + 200 * MS);
	bed_close(&bed);
}

TEST_MAIN()
