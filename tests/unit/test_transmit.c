// SPDX-License-Identifier: GPL-2.0-or-later
/* Does what the standby sends leave the NIC? That the question changes no other answer:
 * test_adversary.c; how the answer is told: test_golden_text.c. */
#include "unit/bedded.h"

#define MS NFP_NSEC_PER_MSEC

/* The answers in the order of the ladder: k ok, d dropped, u untested, . not asked. */
static const char *answers(const struct nfp_style_result *result, char row[MEMNIC_ROW_LEN])
{
	static const char letters[NFP_TRANSMIT_COUNT + 1] = ".ukd";

	memset(row, '.', NFP_STEP_COUNT);
	row[NFP_STEP_COUNT] = '\0';
	for (size_t i = 0; i < result->num_steps; i++)
		row[result->steps[i].step] = letters[result->steps[i].transmit];
	return row;
}

static struct core_personality spoof(const char *name, enum core_pf_spoof check)
{
	struct core_personality p = *memnic_archetype(name);

	p.pf_spoof = check;
	return p;
}

/* A ladder; its answers must be @row. control standby assign ..
 */
static void expect(const struct core_personality *p, const struct memnic_conditions *conditions,
		   enum nfp_style style, const char *row, struct bed *ret_bed)
{
	char got[MEMNIC_ROW_LEN];

	bed_anew(ret_bed, p, conditions, style);
	assert_int_equal(bed_climb(ret_bed), 0);
	assert_string_equal(answers(&ret_bed->result, got), row);
}

BED_TEST(ok_where_nothing_is_checked)
{
	static const enum nfp_source sources[] = {NFP_SOURCE_WIRE, NFP_SOURCE_VF};

	for (size_t i = 0; i < 2; i++) {
		const struct memnic_conditions c = {.source = sources[i]};

		expect(memnic_archetype("igb"), &c, NFP_STYLE_MACVTAP, ".........k...k..", bed);
		assert_int_equal(bed->result.transmit, NFP_TRANSMIT_OK);
		assert_string_equal(bed->result.transmit_note, "");
		/* One round a step. */
		assert_int_equal(memnic_rounds(bed->nic), 2);
	}
}

BED_TEST(dropped_where_the_vf_owns_it)
{
	struct core_personality p = spoof("rar-vf-wins", CORE_PF_SPOOF_FILTER);

	expect(&p, NULL, NFP_STYLE_MACVTAP, ".........d...d..", bed);
	assert_int_equal(bed->result.transmit, NFP_TRANSMIT_DROPPED);
	/* Two are for the controls. */
	assert_int_equal(memnic_rounds(bed->nic), 4);
	/* Beside the verdict, not part of it. */
	p = spoof("mlx5", CORE_PF_SPOOF_ASSIGNED);
	expect(&p, NULL, NFP_STYLE_BRIDGE, ".........d...d..", bed);
}

/* ---- controls ---- */

BED_TEST(silence_of_the_control_proves_nothing)
{
	const struct memnic_conditions deaf = {.source_deaf = true};
	const struct memnic_conditions later = {.source_deaf_ns = MEMNIC_BEGIN_NS + 5000 * MS};
	struct core_personality p = spoof("igb", CORE_PF_SPOOF_ASSIGNED);

	expect(&p, &deaf, NFP_STYLE_MACVTAP, ".........u...u..", bed);
	assert_int_equal(bed->result.transmit, NFP_TRANSMIT_UNTESTED);
	assert_non_null(strstr(bed->result.transmit_note, "the control was not heard"));
	assert_int_equal(memnic_rounds(bed->nic), 2);
	p.pf_spoof = CORE_PF_MAY_SPOOF;
	expect(&p, &later, NFP_STYLE_MACVTAP, ".........u...u..", bed);
	assert_int_equal(bed->result.transmit, NFP_TRANSMIT_UNTESTED);
	assert_non_null(strstr(bed->result.transmit_note, "step reassign"));
}

/* A port that has room for so many addresses, and drops what comes from others. */
BED_TEST(port_security_is_not_taken_for_dropping)
{
	static const char *const rows[] = {".........u...u..", ".........k...u..",
					   ".........k...k.."};

	for (unsigned int room = 1; room <= 2; room++) {
		const struct memnic_conditions c = {.learn_drops = true, .learn_max = room};

		expect(memnic_archetype("mlx5"), &c, NFP_STYLE_MACVTAP, rows[room], bed);
		assert_int_equal(bed->result.transmit,
				 room < 2 ? NFP_TRANSMIT_UNTESTED : NFP_TRANSMIT_OK);
	}
}

/* Nearly a fifth of all frames is lost, which just leaves the landings clear. A silent test frame
 * may be one of them. */
BED_TEST(loss_is_not_taken_for_dropping)
{
	for (unsigned int seed = 0; seed < LOT(600); seed++) {
		const struct memnic_conditions c = {.loss_permille = seed % 4 ? 180 : 50,
						    .seed = seed};

		bed_anew(bed, memnic_archetype("mlx5"), &c, NFP_STYLE_MACVTAP);
		(void)bed_climb(bed);
		assert_int_not_equal(bed->result.transmit, NFP_TRANSMIT_DROPPED);
	}
}

/* ---- where it is left out ---- */

static void left_out(const struct nfp_runner_config *change, const char *why)
{
	char row[MEMNIC_ROW_LEN];
	struct bed bed;

	bed_open(&bed, memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	bed.config.transmit = change->transmit;
	bed.config.announce = change->announce;
	bed.config.source = change->source;
	assert_int_equal(bed_climb(&bed), 0);
	assert_int_equal(memnic_rounds(bed.nic), 0);
	assert_string_equal(answers(&bed.result, row), ".........u...u..");
	assert_int_equal(bed.result.transmit, NFP_TRANSMIT_UNTESTED);
	if (!strstr(bed.result.transmit_note, why))
		fail_msg("no \"%s\" in \"%s\"", why, bed.result.transmit_note);
	bed_close(&bed);
}

TEST(left_out_where_asked_or_deaf)
{
	struct nfp_runner_config c = {.announce = true, .source = &nfp_sources[NFP_BY_NETDEV]};

	left_out(&c, "--skip transmit");
	c.transmit = true;
	c.announce = false;
	left_out(&c, "--skip announce");
	c.announce = true;
	c.source = &nfp_sources[NFP_BY_ARP];
	left_out(&c, "ARP");
	c.source = &nfp_sources[NFP_BY_PEER];
	left_out(&c, "reflector");
	c.source = &nfp_sources[NFP_BY_PF];
	left_out(&c, "its own frames");
}

TEST_MAIN()
