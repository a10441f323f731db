// SPDX-License-Identifier: GPL-2.0-or-later
/* What a VF lets its guest do: is each answer the NIC's? */
#include "harness.h"

#include <limits.h>
#include <sys/param.h>

#include "memnic/sheets.h"
#include "nfprobe/inventory.h"

struct bed {
	struct sheet_scene scene;
	struct nfp_result result;
	struct nfp_err err;
	int ret;
};

static void take(struct bed *bed, enum nfp_sheet_mode mode)
{
	bed->scene.mode = mode;
	bed->ret = sheet_take(&bed->scene, &bed->result, &bed->err);
	assert_in_range(bed->result.sheet.forged, 0, NFP_SHEET_FORGED_MAX);
}

static void renew(struct bed *bed)
{
	/* The VF's filter comes with its driver, and goes with it. */
	*bed = (struct bed) {.scene = {.p = {.comes_on = CORE_BIT(CORE_ON_UP),
					     .goes_on = CORE_BIT(CORE_ON_DOWN)},
				       .spoofchk = 1}};
}

#define CASE(name) TEST_OF(name, renew, unmake_nothing, struct bed, bed)

/* Has the guest what the row is about, when its driver goes? */
static bool is_granted(const struct core_personality *p, const struct nfp_sheet_combination *c,
		       enum nfp_sheet_row row)
{
	static const enum nfp_sheet_row of[] = {NFP_ROW_SECOND, NFP_ROW_NEW, NFP_ROW_ALLMULTI,
						NFP_ROW_PROMISC};
	enum nfp_sheet_row asked = of[row - NFP_ROW_KEEPS_SECOND];

	return c->rows[asked].window.status == NFP_STATUS_DONE &&
	       truth_of_row(p, &sheet_guest, c, asked) == NFP_YES &&
	       (asked == NFP_ROW_ALLMULTI || !p->guest.gets_strangers);
}

static bool may_be_unknown(const struct core_personality *p, const struct nfp_sheet_combination *c,
			   enum nfp_sheet_row row)
{
	const struct core_guest *g = &p->guest;

	/* Once they stay, they are not asked for again. */
	if (row == NFP_ROW_SECOND || row == NFP_ROW_THIRD)
		return (g->leaves_second || g->leaves_promisc) && !c->present;
	return row == NFP_ROW_VLAN || row == NFP_ROW_FREE_VLAN ||
	       (row == NFP_ROW_FORGED_SIBLING && !c->present) ||
	       /* Nothing stays of what nobody had, and what comes unasked was not left behind. */
	       (row >= NFP_ROW_KEEPS_SECOND && !is_granted(p, c, row)) ||
	       ((row == NFP_ROW_KEEPS_NEW || row == NFP_ROW_KEEPS_PROMISC) && g->hashes);
}

/* Returns how many rows have an answer. */
static unsigned int check(const struct bed *bed, bool clean, uint64_t seed)
{
	const struct core_guest *g = &bed->scene.p.guest;
	const struct nfp_sheet_result *sheet = &bed->result.sheet;
	unsigned int known = 0;

	for (size_t i = 0; i < sheet->num_combinations; i++) {
		const struct nfp_sheet_combination *c = &sheet->combinations[i];
		bool may_forge = c->spoofchk == 1 && (g->forges || g->forges_inside);
		bool may_listen = c->trust == 0 &&
				  (g->gets_strangers || g->promisc == CORE_LETS_ALL);

		for (size_t k = 0; k < c->num_rows && !c->note[0]; k++) {
			const struct nfp_sheet_fact *fact = &c->rows[k];
			enum nfp_answer is = truth_of_row(&bed->scene.p, &sheet_guest, c,
							  fact->window.state);

			known += fact->window.answer < NFP_UNKNOWN;
			if (fact->window.state >= NFP_ROW_KEEPS_SECOND &&
			    !is_granted(&bed->scene.p, c, fact->window.state))
				assert_int_not_equal(fact->window.answer, NFP_NO);
			if (fact->window.answer >= NFP_UNKNOWN &&
			    (!clean || may_be_unknown(&bed->scene.p, c, fact->window.state)))
				continue;
			/* Nothing is true, either, of a row that nobody asked for. */
			if (MIN(fact->window.answer, NFP_UNKNOWN) != is)
				fail_msg("seed %llu, trust %d, spoofchk %d, %s: %s (%llu of %llu)",
					 (unsigned long long)seed, c->trust, c->spoofchk,
					 nfp_sheet_row_name(fact->window.state),
					 nfp_name(&nfp_answer_names, fact->window.answer),
					 (unsigned long long)fact->window.count[NFP_SLOT_ASKED]
						 .at[NFP_AT_VF],
					 (unsigned long long)fact->window.count[NFP_SLOT_ASKED]
						 .sent);
		}
		if ((!may_forge && (c->findings & 1U << NFP_FOUND_FORGED)) ||
		    (!may_listen && (c->findings & 1U << NFP_FOUND_UNADDRESSED)))
			fail_msg("seed %llu: a finding that is none", (unsigned long long)seed);
		/* Where any guest gets the address, nothing shows that one was left. */
		if (c->findings & 1U << NFP_FOUND_KEPT)
			assert_true(truth_keeps_address(&bed->scene.p, c));
		else if (clean && !c->note[0] && !g->gets_strangers && !g->hashes)
			assert_false(truth_keeps_address(&bed->scene.p, c));
		if (clean && !c->note[0])
			assert_int_equal(may_listen,
					 (c->findings & 1U << NFP_FOUND_UNADDRESSED) != 0);
		if (clean && !c->note[0] && c->present)
			assert_int_equal(may_forge, (c->findings & 1U << NFP_FOUND_FORGED) != 0);
	}
	return known;
}

static void draw(struct bed *bed, uint64_t seed)
{
	renew(bed);
	bed->scene.p.guest = memnic_random_guest(seed);
	bed->scene.c.seed = seed;
	bed->scene.trust = seed & 1;
	bed->scene.spoofchk = !(seed & 2);
	/* A VF that is never trusted is not trusted now. */
	if (bed->scene.p.guest.trust_ignored)
		bed->scene.trust = 0;
}

#define NICS LOT(500)

CASE(every_answer_is_the_nics)
{
	for (uint64_t seed = 1; seed <= NICS; seed++) {
		draw(bed, seed);
		take(bed, NFP_SHEET_ALL);
		assert_int_equal(bed->ret, 0);
		assert_int_equal(bed->result.sheet.num_combinations, NFP_COMBINATIONS);
		check(bed, true, seed);
	}
}

CASE(no_network_makes_a_wrong_answer)
{
	unsigned int known = 0;

	for (uint64_t seed = 1; seed <= 4 * NICS; seed++) {
		uint64_t at_ns = MEMNIC_BEGIN_NS + seed * 7919 % 20000 * NFP_NSEC_PER_MSEC;

		draw(bed, seed);
		switch (seed % 8) {
		case 0:
			bed->scene.c.loss_permille = (unsigned int)(seed % 200);
			break;
		case 1:
			bed->scene.c.suppress_unknown = true;
			break;
		case 2:
			bed->scene.c.carrier_down_ns = at_ns;
			bed->scene.c.carrier_up_ns = at_ns + 300 * NFP_NSEC_PER_MSEC;
			break;
		case 3:
			bed->scene.c.change_ns = at_ns;
			break;
		case 4:
			bed->scene.c.suppress_unknown = bed->scene.c.mld_snooping = true;
			bed->scene.c.learn_max = 3;
			break;
		case 5:
			bed->scene.c.pauses[0] = (struct core_outage) {
				at_ns, (seed % 30) * 100 * NFP_NSEC_PER_MSEC, seed & 16};
			break;
		case 6:
			bed->scene.c.source_deaf_ns = at_ns;
			bed->scene.c.bond = (struct memnic_bond) {.members = 3, .dead = 1};
			break;
		default:
			bed->scene.c.drop_ns = at_ns;
			bed->scene.c.drop_frames = 400;
			break;
		}
		take(bed, NFP_SHEET_PRESENT);
		known += check(bed, false, seed);
	}
	/* Where it may say nothing it still says most. */
	assert_in_range(known, 4 * NICS * 7, UINT_MAX);
}

/* The stream stands still for a good part of each window: it then takes longer, and is as clear. */
CASE(a_busy_host_leaves_no_row_unknown)
{
	for (uint64_t at_ms = 0; at_ms < 1000; at_ms += 20) {
		struct core_guest *g = &bed->scene.p.guest;

		renew(bed);
		g->addresses = 2;
		g->allmulti = g->promisc = g->address = CORE_LETS_ALL;
		bed->scene.c.stall_ns = at_ms * NFP_NSEC_PER_MSEC;
		bed->scene.c.stall_for_ns = 350 * NFP_NSEC_PER_MSEC;
		bed->scene.c.stall_every_ns = 1000 * NFP_NSEC_PER_MSEC;
		bed->scene.c.stall_stops_us = true;
		take(bed, NFP_SHEET_PRESENT);
		for (int row = 0; row < NFP_ROW_COUNT; row++) {
			bool is_asked = row != NFP_ROW_VLAN && row != NFP_ROW_FREE_VLAN;

			if (is_asked && bed->result.sheet.combinations[0].rows[row].window.answer >=
						NFP_UNKNOWN)
				fail_msg("row %d, at %u ms", row, (unsigned int)at_ms);
		}
	}
}

/* ---- what it must not do, and what it says then ---- */

CASE(forged_frames_are_not_sent_where_they_do_harm)
{
	const struct nfp_sheet_fact *rows = bed->result.sheet.combinations[0].rows;

	bed->scene.no_forging = "harm";
	take(bed, NFP_SHEET_PRESENT);
	assert_int_equal(bed->result.sheet.forged, 0);
	assert_int_equal(rows[NFP_ROW_FORGED].window.answer, NFP_UNKNOWN);
	assert_string_equal(rows[NFP_ROW_FORGED].window.note, "harm");
	assert_int_equal(rows[NFP_ROW_PROMISC].window.answer, NFP_NO);
}

CASE(without_another_vf_two_rows_are_unknown)
{
	const struct nfp_sheet_fact *rows = bed->result.sheet.combinations[0].rows;

	bed->scene.no_sibling = true;
	take(bed, NFP_SHEET_PRESENT);
	assert_int_equal(rows[NFP_ROW_FORGED].window.answer, NFP_NO);
	assert_int_equal(rows[NFP_ROW_FORGED_SIBLING].window.answer, NFP_UNKNOWN);
	assert_string_equal(nfp_sheet_doubt(&rows[NFP_ROW_OVERHEARS]), "nobody");
}

CASE(a_refusal_is_no_answer)
{
	const struct nfp_sheet_combination *c = bed->result.sheet.combinations;

	bed->scene.p.guest.permit_errno = EOPNOTSUPP;
	take(bed, NFP_SHEET_ALL);
	assert_int_equal(bed->ret, 0);
	assert_string_equal(c[0].note, "");
	assert_non_null(strstr(c[1].note, "refused"));
	assert_int_equal(c[1].rows[NFP_ROW_SECOND].window.answer, NFP_UNASKED);

	renew(bed);
	bed->scene.p.bind_errno = ENODEV;
	take(bed, NFP_SHEET_PRESENT);
	assert_int_equal(bed->ret, 0);
	assert_non_null(strstr(c[0].note, "the guest does not come"));
	assert_int_equal(nfp_sheet_exit(&bed->result), NFP_EXIT_UNKNOWN);
}

CASE(what_is_required_decides_the_status)
{
	struct nfp_settings *s = &bed->result.settings;

	bed->scene.no_sibling = true;
	take(bed, NFP_SHEET_PRESENT);
	assert_int_equal(nfp_sheet_exit(&bed->result), NFP_EXIT_SAFE);
	s->require_yes = NFP_ROW_BIT(NFP_ROW_GROUP);
	s->require_no = NFP_ROW_BIT(NFP_ROW_FORGED);
	assert_int_equal(nfp_sheet_exit(&bed->result), NFP_EXIT_SAFE);
	s->require_yes |= NFP_ROW_BIT(NFP_ROW_OVERHEARS);
	assert_int_equal(nfp_sheet_exit(&bed->result), NFP_EXIT_UNKNOWN);
	s->require_yes |= NFP_ROW_BIT(NFP_ROW_SECOND);
	assert_int_equal(nfp_sheet_exit(&bed->result), NFP_EXIT_UNSAFE);
}

CASE(an_address_that_stays_is_a_finding)
{
	const struct nfp_sheet_combination *c = bed->result.sheet.combinations;

	for (int kept = 0; kept < 4; kept++) {
		struct core_guest *g = &bed->scene.p.guest;

		renew(bed);
		g->addresses = 1;
		g->address = CORE_LETS_ALL;
		g->leaves_second = kept & 1;
		g->leaves_new = kept & 2;
		take(bed, NFP_SHEET_PRESENT);
		assert_int_equal(c->findings, kept ? 1U << NFP_FOUND_KEPT : 0);
		assert_int_equal(nfp_sheet_exit(&bed->result),
				 kept ? NFP_EXIT_UNSAFE : NFP_EXIT_SAFE);
	}

	/* A VF that is still promiscuous gets each address, whether or not it has kept one. */
	renew(bed);
	bed->scene.trust = 1;
	bed->scene.p.guest.promisc = CORE_LETS_ALL;
	bed->scene.p.guest.leaves_promisc = bed->scene.p.guest.leaves_second = true;
	bed->scene.p.guest.trusted_addresses = 1;
	take(bed, NFP_SHEET_PRESENT);
	assert_int_equal(c->rows[NFP_ROW_KEEPS_SECOND].window.answer, NFP_YES);
	assert_int_equal(c->findings, 0);
}

CASE(a_finding_needs_its_conditions)
{
	const struct nfp_count all = {.sent = 75, .at[NFP_AT_VF] = 75};
	const struct nfp_sheet_combination *c = bed->result.sheet.combinations;

	bed->scene.p.guest.promisc = CORE_LETS_ALL;
	take(bed, NFP_SHEET_PRESENT);
	assert_int_equal(c->findings, 1U << NFP_FOUND_UNADDRESSED);
	assert_int_equal(nfp_sheet_exit(&bed->result), NFP_EXIT_UNSAFE);
	bed->result.vf.probed_vlan = 100;
	nfp_judge_sheet(&bed->result);
	assert_int_equal(c->findings, 0);
	bed->result.vf.probed_vlan = 0;
	bed->result.pf.promiscuity = 1;
	nfp_judge_sheet(&bed->result);
	assert_int_equal(c->findings, 0);

	/* The NIC's uplink is promiscuous: the PF gets it, too. */
	renew(bed);
	bed->scene.p.guest.promisc = CORE_LETS_ALL;
	bed->scene.p.pf_default_from_wire = true;
	take(bed, NFP_SHEET_PRESENT);
	assert_int_equal(c->findings, 0);

	/* Without a reset an earlier guest may be the reason. */
	renew(bed);
	bed->scene.p.guest.forges = bed->scene.p.no_reset = true;
	take(bed, NFP_SHEET_PRESENT);
	assert_int_equal(c->rows[NFP_ROW_FORGED].window.answer, NFP_YES);
	assert_int_equal(c->findings, 0);

	/* A hash: some strangers, not all. */
	renew(bed);
	bed->result.sheet.num_combinations = 1;
	bed->result.sheet.combinations[0].num_rows = NFP_ROW_COUNT;
	bed->result.sheet.combinations[0].rows[NFP_ROW_UNADDRESSED] =
		(struct nfp_sheet_fact) {.window = {.state = NFP_ROW_UNADDRESSED,
						    .status = NFP_STATUS_DONE,
						    .count = {[NFP_SLOT_ASKED] = all,
							      [NFP_SLOT_OWN] = all,
							      [NFP_KIND_BROADCAST] = all}},
					 .carried = NFP_YES,
					 .others = 1};
	nfp_judge_sheet(&bed->result);
	assert_int_equal(c->rows[NFP_ROW_UNADDRESSED].window.answer, NFP_UNKNOWN);
	assert_int_equal(c->findings, 0);
}

CASE(forged_frames_are_lost_only_if_no_others_are)
{
	struct nfp_sheet_fact *fact = &bed->result.sheet.combinations[0].rows[NFP_ROW_FORGED];

	bed->result.sheet.num_combinations = 1;
	bed->result.sheet.combinations[0].num_rows = NFP_ROW_COUNT;
	*fact = (struct nfp_sheet_fact) {
		.window = {.status = NFP_STATUS_DONE,
			   .count = {[NFP_SLOT_ASKED] = {.sent = 6},
				     [NFP_SLOT_OWN] = {.sent = 4, .at[NFP_AT_VF] = 4}}},
		.carried = NFP_YES};
	nfp_judge_sheet(&bed->result);
	assert_int_equal(fact->window.answer, NFP_NO);
	fact->carried = NFP_UNKNOWN;
	nfp_judge_sheet(&bed->result);
	assert_int_equal(fact->window.answer, NFP_UNKNOWN);
	fact->carried = NFP_YES;
	fact->window.count[NFP_SLOT_OWN].at[NFP_AT_VF] = 3;
	nfp_judge_sheet(&bed->result);
	assert_int_equal(fact->window.answer, NFP_UNKNOWN);
	fact->window.count[NFP_SLOT_ASKED].at[NFP_AT_VF] = 1;
	nfp_judge_sheet(&bed->result);
	assert_int_equal(fact->window.answer, NFP_YES);
}

/* iavf_watchdog_task: what is asked for may wait for 2 s. The NIC grants all of it. */
CASE(a_slow_driver_is_given_its_time)
{
	static const enum nfp_sheet_row granted[] = {NFP_ROW_SECOND, NFP_ROW_THIRD,
						     NFP_ROW_ALLMULTI, NFP_ROW_PROMISC};

	for (uint64_t seed = 0; seed < 20; seed++) {
		struct core_guest *g = &bed->scene.p.guest;

		renew(bed);
		g->addresses = 2;
		g->allmulti = g->promisc = CORE_LETS_ALL;
		g->tick_ns = 2 * NFP_NSEC_PER_SEC;
		bed->scene.c.seed = seed * 37; /* the phase of its ticks */
		bed->scene.vf_settle_ns = nfp_vf_settle_needed("iavf");
		take(bed, NFP_SHEET_PRESENT);
		for (size_t i = 0; i < sizeof(granted) / sizeof(granted[0]); i++) {
			enum nfp_sheet_row row = granted[i];

			assert_int_equal(bed->result.sheet.combinations[0].rows[row].window.answer,
					 NFP_YES);
		}
	}
}

/* The port has learned the guest's address, and keeps out every other source. */
CASE(port_security_is_no_spoof_check)
{
	const struct nfp_sheet_fact *row = &bed->result.sheet.combinations[0].rows[NFP_ROW_FORGED];

	bed->scene.p.guest.forges = true;
	bed->scene.no_sibling = true;
	bed->scene.c.learn_max = 1;
	bed->scene.c.learn_drops = true;
	take(bed, NFP_SHEET_PRESENT);
	assert_int_equal(row->window.count[NFP_SLOT_ASKED].at[NFP_AT_VF], 0);
	assert_int_equal(row->window.count[NFP_SLOT_OWN].at[NFP_AT_VF],
			 row->window.count[NFP_SLOT_OWN].sent);
	assert_int_equal(row->window.answer, NFP_UNKNOWN);
	assert_non_null(strstr(nfp_sheet_doubt(row), "the PF's frames with that source"));
	assert_int_equal(bed->result.sheet.combinations[0].findings, 0);
}

static enum nfp_answer answer(const struct bed *bed, enum nfp_sheet_row row)
{
	return bed->result.sheet.combinations[0].rows[row].window.answer;
}

CASE(one_stranger_of_64_that_comes_is_not_none)
{
	for (unsigned int hashes = 4; hashes <= 64; hashes *= 2) {
		renew(bed);
		bed->scene.p.guest.hashes = hashes;
		take(bed, NFP_SHEET_PRESENT);
		assert_int_equal(answer(bed, NFP_ROW_UNADDRESSED), NFP_UNKNOWN);
		assert_int_equal(answer(bed, NFP_ROW_PROMISC), NFP_UNKNOWN);
		assert_int_equal(bed->result.sheet.combinations[0].findings, 0);
		assert_non_null(strstr(
			nfp_sheet_doubt(
				&bed->result.sheet.combinations[0].rows[NFP_ROW_UNADDRESSED]),
			"by hash"));
	}
}

/* A switch in the NIC may flood to VFs what it has learned nowhere, and not what the PF announced.
 */
CASE(what_was_announced_is_no_stranger)
{
	const struct nfp_sheet_combination *c = bed->result.sheet.combinations;

	for (int floods = 0; floods < 2; floods++) {
		renew(bed);
		bed->scene.p.learns = bed->scene.p.guest.unlearned_alone = true;
		bed->scene.p.guest.gets_strangers = true;
		bed->scene.c.suppress_unknown = !floods;
		take(bed, NFP_SHEET_PRESENT);
		assert_int_equal(answer(bed, NFP_ROW_UNADDRESSED), floods ? NFP_YES : NFP_UNKNOWN);
		assert_int_equal(c->findings, floods ? 1U << NFP_FOUND_UNADDRESSED : 0);
	}
	assert_true(c->rows[NFP_ROW_UNADDRESSED].strangers);

	/* Nor does a NIC that gives nothing show anything by that. */
	renew(bed);
	bed->scene.c.suppress_unknown = true;
	take(bed, NFP_SHEET_PRESENT);
	assert_int_equal(answer(bed, NFP_ROW_UNADDRESSED), NFP_UNKNOWN);
	assert_int_equal(answer(bed, NFP_ROW_PROMISC), NFP_UNKNOWN);
	assert_int_equal(answer(bed, NFP_ROW_SECOND), NFP_NO);
	assert_int_equal(answer(bed, NFP_ROW_OVERHEARS), NFP_NO);
	assert_non_null(
		strstr(nfp_sheet_doubt(&c->rows[NFP_ROW_PROMISC]), "only what was announced"));

	/* What comes is found there, too. */
	renew(bed);
	bed->scene.c.suppress_unknown = true;
	bed->scene.p.guest.promisc = CORE_LETS_ALL;
	take(bed, NFP_SHEET_PRESENT);
	assert_int_equal(answer(bed, NFP_ROW_PROMISC), NFP_YES);
	assert_int_equal(c->findings, 1U << NFP_FOUND_UNADDRESSED);
}

/*
 * A guest that has registered its VLAN has spoken in it, and so the network brings it from then on;
 * a NIC that filters VLANs where a VF sends alone gives it the VLAN in any case.
 */
CASE(a_vlan_must_come_before_it_is_registered)
{
	for (int filters = 0; filters < 2; filters++) {
		renew(bed);
		bed->scene.vid = 100;
		bed->scene.p.vlan.vf_checked = true;
		bed->scene.p.vlan.filters = bed->scene.p.vlan.vf_filters = filters;
		bed->scene.c.vlan.suppressed = true;
		take(bed, NFP_SHEET_PRESENT);
		assert_int_equal(answer(bed, NFP_ROW_VLAN), NFP_YES);
		assert_int_equal(answer(bed, NFP_ROW_FREE_VLAN), filters ? NFP_NO : NFP_YES);

		/* The PF cannot show it. */
		bed->result = (struct nfp_result) {0};
		bed->scene.p.vlan.filters = true;
		bed->scene.p.vlan.pf_errno = EBUSY;
		take(bed, NFP_SHEET_PRESENT);
		assert_int_equal(answer(bed, NFP_ROW_VLAN), NFP_YES);
		assert_int_not_equal(answer(bed, NFP_ROW_FREE_VLAN), NFP_NO);
	}

	/* The network has forgotten what the PF said by the time that the guest comes. */
	renew(bed);
	bed->scene.vid = 100;
	bed->scene.p.vlan.vf_checked = bed->scene.c.vlan.suppressed = true;
	bed->scene.c.flush_ns = MEMNIC_BEGIN_NS + 2500 * NFP_NSEC_PER_MSEC;
	take(bed, NFP_SHEET_PRESENT);
	assert_int_equal(answer(bed, NFP_ROW_VLAN), NFP_YES);
	assert_int_equal(answer(bed, NFP_ROW_FREE_VLAN), NFP_UNKNOWN);
}

CASE(a_signal_ends_it)
{
	bed->scene.c.stop_ns = MEMNIC_BEGIN_NS + 5 * NFP_NSEC_PER_SEC;
	take(bed, NFP_SHEET_ALL);
	assert_int_equal(bed->ret, -EINTR);
	assert_int_equal(bed->result.sheet.num_combinations, 1);
	assert_int_equal(bed->result.sheet.combinations[0].findings, 0);
}

TEST_MAIN()
