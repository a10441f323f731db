// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Undoing, against a VF in memory: from every state a VF may have been in, with every kind of
 * driver, broken off after every change of a ladder, and again after every change of the undoing.
 */
#include "undo_world.h"

/* The run dies; and once more: nothing is left to do. */
TEST(ends_as_it_began)
{
	unsigned int tried = 0;

	for (unsigned int kill = 0; kill < KILLS; kill++) {
		struct world w;

		if (!begin_killed(&w, kill, 0))
			continue;
		assert_undone(&w, false);
		assert_undone(&w, false);
		tried++;
	}
	assert_true(tried > 10000);
}

/*
 * A run that ends alive: its netdev is still in the private namespace. The PF is asked only where
 * that matters, and all is left as by one that asks each time.
 */
TEST(alive_at_the_end)
{
	unsigned int seldom = 0, tried = 0;

	for (unsigned int n = 0; n < NICS * (RUNGS + 1); n++) {
		struct world w, other;

		if (!begin(&w, n / (RUNGS + 1), n % (RUNGS + 1), false))
			continue;
		begin(&other, n / (RUNGS + 1), n % (RUNGS + 1), false);
		assert_undone(&w, true);
		assert_undone(&other, false);
		assert_int_equal(w.nic.admin, other.nic.admin);
		assert_in_range(w.asked, 1, 5);
		assert_true(w.told <= other.told);
		seldom += w.asked < 3;
		tried++;
	}
	assert_true(seldom > tried * 2 / 3);
}

/* Whatever the PF reports late, by up to four changes. */
TEST(late_address)
{
	for (unsigned int kill = 0, step = LOT_STEP; kill < KILLS; kill += step) {
		for (unsigned int late = 1; late < 5; late++) {
			struct world w;

			if (!begin_killed(&w, kill, late))
				break;
			undo_begin(&w);
			undo(&w, false, SIZE_MAX);
			w.nic.late = 0;
			compare(&w);
			assert_as_before(&w);
			finish(&w);
		}
	}
}

/* The restore dies as well, after each of its changes, and another one does the rest. */
TEST(restore_that_dies)
{
	for (unsigned int kill = 0, step = LOT_STEP; kill < KILLS; kill += step) {
		for (size_t stop = 0; stop < NFP_UNDO_STEPS_MAX; stop++) {
			struct world w;

			if (!begin_killed(&w, kill, 0))
				break;
			undo_begin(&w);
			if (undo(&w, false, stop) < stop)
				break;
			assert_undone(&w, false);
		}
	}
}

/* ---- a sibling that sends ---- */

/* False: there is no such NIC. */
static bool begin_source(struct world *w, unsigned int n)
{
	static const enum nfp_change_kind kinds[] = {NFP_CHANGE_VF_VLAN, NFP_CHANGE_NETNS_IN,
						     NFP_CHANGE_LINK_UP};

	if (!begin(w, n / 2, 0, false) || !w->nic.vf.have_netdev)
		return false;
	w->vf.source = true;
	for (size_t i = 0; i < 3; i++) {
		struct nfp_change c = {
			.kind = kinds[i], .of_vf = true, .vf = 3, .vlan = {200, 0, 0x8100}};

		snprintf(c.name, sizeof(c.name), NFP_SENDS_NETDEV);

		note(w, &c);
		assert_int_equal(nic_carry_out(&w->nic, &c), 0);
	}
	if (n & 1)
		die(w);
	/* This alone would have the undo unbind a VF that is no source. */
	if (!w->nic.admin)
		assert_int_equal(nic_address(&w->nic, &X), 0);
	return true;
}

TEST(source_keeps_its_driver)
{
	for (unsigned int n = 0; n < 2 * NICS; n++) {
		struct world w;

		if (!begin_source(&w, n))
			continue;
		assert_undone(&w, false);
		assert_int_equal(w.nic.unbound, 0);
		/* Somebody unbinds it. */
		assert_true(begin_source(&w, n));
		assert_int_equal(nic_unbind(&w.nic), 0);
		undo_begin(&w);
		undo(&w, false, SIZE_MAX);
		assert_string_equal(w.nic.vf.driver, "");
	}
}

/* ---- a device with two ports ---- */

static void begin_second(struct world *w)
{
	struct nfp_vf_state *vf = &w->nic.vf;

	assert_true(make_nic(NETDEV, &w->nic));
	snprintf(vf->second, sizeof(vf->second), "eth10");
	vf->second_ifindex = 8;
	vf->second_up = true;
	journal_open(w);
	snprintf(vf->second, sizeof(vf->second), NFP_VF_NETDEV NFP_SECOND_OF);
	vf->second_up = false;
}

TEST(second_netdev)
{
	struct world w = {.asked = 0};
	struct nfp_vf_state *vf = &w.nic.vf;
	struct nfp_change c;

	begin_second(&w);
	undo_begin(&w);
	assert_true(nfp_undo_next(look(&w), &c));
	assert_int_equal(c.kind, NFP_CHANGE_LINK_NAME);
	assert_int_equal(c.ifindex, 8);
	assert_string_equal(c.ifname, NFP_VF_NETDEV NFP_SECOND_OF);
	assert_string_equal(c.name, "eth10");
	/* A driver may restart a netdev that is up as its MTU changes. */
	assert_true(nfp_undo_next(look(&w), &c));
	assert_int_equal(c.kind, NFP_CHANGE_LINK_SETTING);
	assert_true(nfp_undo_next(look(&w), &c));
	assert_int_equal(c.kind, NFP_CHANGE_LINK_UP);
	assert_int_equal(c.ifindex, 8);
	assert_false(nfp_undo_next(look(&w), &c));
	compare(&w);
	assert_int_equal(w.report.failed.n, 0);
	assert_int_equal(w.report.left_behind.n, 2);
	assert_string_equal(said_commands(&w.report.left_behind.v[0].commands),
			    "ip link set " NFP_VF_NETDEV NFP_SECOND_OF " name eth10");
	assert_string_equal(said_commands(&w.report.left_behind.v[1].commands),
			    "ip link set " NFP_VF_NETDEV NFP_SECOND_OF " up");
	vf->second[0] = '\0';
	compare(&w);
	assert_says("second", &w.report.failed, "second netdev eth10 has not come back");
	vf->have_netdev = false;
	compare(&w);
	assert_says("first", &w.report.failed,
		    "VF 3 of eth0: its netdev enp1s16f6 has not come back");
	finish(&w);
}

/* ---- the list ---- */

static const char *undone_without(struct world *w, unsigned int row)
{
	const char *differs;

	undo_begin(w);
	w->undo.made = w->undo.refused = 1U << row;
	undo(w, false, SIZE_MAX);
	compare(w);
	differs = difference(w) ?: w->report.failed.n ? w->report.failed.v[0] : NULL;
	finish(w);
	return differs;
}

/* Is there a VF that is not as it was if the undo lacks this row? */
static bool is_missed(unsigned int row)
{
	struct world w = {.asked = 0};

	begin_second(&w);
	if (undone_without(&w, row))
		return true;
	for (unsigned int n = 0; n < 2 * NICS; n++)
		if (begin_source(&w, n) && undone_without(&w, row))
			return true;
	for (unsigned int kill = 0; kill < KILLS; kill++)
		if (begin_killed(&w, kill, 0) && undone_without(&w, row))
			return true;
	return false;
}

TEST(no_row_can_be_left_out)
{
	assert_false(is_missed(NFP_UNDO_ROWS));
	for (unsigned int row = 0; row < NFP_UNDO_ROWS; row++)
		if (!is_missed(row))
			fail_msg("row %u of the list is missed by no VF", row);
}

TEST_MAIN()
