// SPDX-License-Identifier: GPL-2.0-or-later
/* Does what the standby sends leave the NIC? Asked in a ladder, and told. */
#include "harness.h"
#include "memnic/bed.h"
#include "nfprobe/report.h"
#include "unit/sample_result.h"

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

static struct memnic_personality spoof(const char *name, enum memnic_spoof check)
{
	struct memnic_personality p = *memnic_archetype(name);

	p.pf_spoof = check;
	return p;
}

/* A ladder; its answers must be @row. control standby assign ..
 */
static void expect(const struct memnic_personality *p, const struct memnic_conditions *conditions,
		   enum nfp_style style, const char *row, struct bed *ret_bed)
{
	char got[MEMNIC_ROW_LEN];

	bed_open(ret_bed, p, conditions, style);
	assert_int_equal(bed_climb(ret_bed), 0);
	assert_string_equal(answers(&ret_bed->result, got), row);
}

TEST(ok_where_nothing_is_checked)
{
	static const enum nfp_source sources[] = {NFP_SOURCE_WIRE, NFP_SOURCE_VF};
	struct bed bed;

	for (size_t i = 0; i < 2; i++) {
		const struct memnic_conditions c = {.source = sources[i]};

		expect(memnic_archetype("igb"), &c, NFP_STYLE_MACVTAP, ".k.........k..k", &bed);
		assert_int_equal(bed.result.transmit, NFP_TRANSMIT_OK);
		assert_string_equal(bed.result.transmit_note, "");
		/* One round a step. */
		assert_int_equal(memnic_rounds(bed.nic), 3);
		bed_close(&bed);
	}
}

TEST(dropped_where_the_vf_owns_it)
{
	struct memnic_personality p = spoof("rar-vf-wins", MEMNIC_SPOOF_FILTER);
	struct bed bed;

	expect(&p, NULL, NFP_STYLE_MACVTAP, ".k.........d..d", &bed);
	assert_int_equal(bed.result.transmit, NFP_TRANSMIT_DROPPED);
	/* Beside the verdict, not part of it. */
	bed_close(&bed);
	p = spoof("mlx5", MEMNIC_SPOOF_ASSIGNED);
	expect(&p, NULL, NFP_STYLE_BRIDGE, ".k.........d..d", &bed);
	bed_close(&bed);
}

/* ---- controls ---- */

TEST(silence_of_the_control_proves_nothing)
{
	const struct memnic_conditions deaf = {.source_deaf = true};
	const struct memnic_conditions later = {.source_deaf_ns = MEMNIC_BEGIN_NS + 5000 * MS};
	struct memnic_personality p = spoof("igb", MEMNIC_SPOOF_ASSIGNED);
	struct bed bed;

	expect(&p, &deaf, NFP_STYLE_MACVTAP, ".u.........u..u", &bed);
	assert_int_equal(bed.result.transmit, NFP_TRANSMIT_UNTESTED);
	assert_non_null(strstr(bed.result.transmit_note, "before the VF had the address"));
	assert_int_equal(memnic_rounds(bed.nic), 1);
	bed_close(&bed);
	p.pf_spoof = MEMNIC_MAY_SPOOF;
	expect(&p, &later, NFP_STYLE_MACVTAP, ".k.........u..u", &bed);
	assert_int_equal(bed.result.transmit, NFP_TRANSMIT_UNTESTED);
	assert_non_null(strstr(bed.result.transmit_note, "step reassign"));
	bed_close(&bed);
}

/* A quarter of all frames is lost: whatever is missing may be so. */
TEST(loss_is_not_taken_for_dropping)
{
	struct bed bed;

	for (unsigned int seed = 0; seed < 400; seed++) {
		const struct memnic_conditions c = {.loss_permille = seed % 2 ? 50 : 250,
						    .seed = seed};

		bed_open(&bed, memnic_archetype("mlx5"), &c, NFP_STYLE_MACVTAP);
		(void)bed_climb(&bed);
		assert_int_not_equal(bed.result.transmit, NFP_TRANSMIT_DROPPED);
		bed_close(&bed);
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
	assert_string_equal(answers(&bed.result, row), ".u.........u..u");
	assert_int_equal(bed.result.transmit, NFP_TRANSMIT_UNTESTED);
	if (!strstr(bed.result.transmit_note, why))
		fail_msg("no \"%s\" in \"%s\"", why, bed.result.transmit_note);
	bed_close(&bed);
}

TEST(left_out_where_asked_or_deaf)
{
	struct nfp_runner_config c = {.announce = true, .source = &nfp_sources[NFP_BY_NETDEV]};

	left_out(&c, "--no-transmit");
	c.transmit = true;
	c.announce = false;
	left_out(&c, "--no-announce");
	c.announce = true;
	c.source = &nfp_sources[NFP_BY_ARP];
	left_out(&c, "ARP");
	c.source = &nfp_sources[NFP_BY_PEER];
	left_out(&c, "reflector");
	c.source = &nfp_sources[NFP_BY_PF];
	left_out(&c, "its own frames");
}

/* Nothing but the answers themselves depends on it. */
TEST(changes_no_landing_and_no_verdict)
{
	for (size_t i = 0; i < memnic_num_archetypes; i++) {
		for (int style = 0; style < NFP_STYLE_COUNT; style++) {
			struct memnic_personality p = memnic_archetypes[i];
			struct bed with, without;

			p.pf_spoof = MEMNIC_SPOOF_ASSIGNED;
			bed_open(&with, &p, NULL, (enum nfp_style)style);
			bed_open(&without, &p, NULL, (enum nfp_style)style);
			without.config.transmit = false;
			assert_int_equal(bed_climb(&with), bed_climb(&without));
			assert_string_equal(bed_row(&with), bed_row(&without));
			assert_int_equal(with.result.verdict, without.result.verdict);
			assert_string_equal(with.result.reason, without.result.reason);
			bed_close(&with);
			bed_close(&without);
		}
	}
}

/* ---- told ---- */

static char *render(const struct nfp_result *result, unsigned int columns, bool verbose)
{
	const struct nfp_report_opts opts = {.columns = columns, .verbose = verbose};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(nfp_report_text(result, &opts, out), 0);
	fclose(out);
	return text;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void sample(struct nfp_result *result)
{
	sample_igb(result);
	for (size_t i = 0; i < 2; i++) {
		struct nfp_style_result *style = &result->vfs[0].styles[i];

		style->transmit = NFP_TRANSMIT_OK;
		for (size_t s = 0; s < style->num_steps; s++) {
			if (style->steps[s].step >= NFP_STEP_STANDBY &&
			    style->steps[s].step <= NFP_STEP_UNPLUG)
				style->steps[s].transmit = NFP_TRANSMIT_OK;
		}
	}
}

TEST(no_column_where_nothing_is_dropped)
{
	struct nfp_result result;
	char *text;

	sample(&result);
	text = render(&result, 80, false);
	assert_null(strstr(text, "sending"));
	assert_null(strstr(text, "transmit"));
	free(text);
	result.vfs[0].styles[0].transmit = NFP_TRANSMIT_UNTESTED;
	strcpy(result.vfs[0].styles[0].transmit_note, "--no-transmit");
	text = render(&result, 80, true);
	has(text, "delivery both, transmit untested");
	has(text, "(--no-transmit)");
	has(text, "transmit ok");
	free(text);
	nfp_result_fini(&result);
}

static const char table_90[] =
	"                   macvtap             bridge\n"
	"  step             frames at  sending  frames at  sending\n"
	"  control          PF         -        PF         -\n"
	"  standby          PF         ok       PF         ok\n"
	"  assign           PF         ok       nowhere    dropped\n"
	"  attach           PF         ok       nowhere    dropped  <- the guest boots deaf\n"
	"  driver           PF         ok       nowhere    ok\n"
	"  up               PF and VF  ok       VF         ok\n";

TEST(a_column_where_something_is)
{
	struct nfp_style_result *bridge;
	struct nfp_result result;
	char *text;

	sample(&result);
	bridge = &result.vfs[0].styles[1];
	bridge->transmit = NFP_TRANSMIT_DROPPED;
	bridge->steps[NFP_STEP_ASSIGN].transmit = NFP_TRANSMIT_DROPPED;
	bridge->steps[NFP_STEP_ATTACH].transmit = NFP_TRANSMIT_DROPPED;
	text = render(&result, 90, false);
	has(text, table_90);
	has(text, "eth0 drops what the standby sends");
	has(text, "in assign, attach");
	free(text);
	/* A terminal that has no room for a column gets the sentence. */
	text = render(&result, 50, false);
	assert_null(strstr(text, "sending"));
	has(text, "drops");
	free(text);
	nfp_result_fini(&result);
}

TEST_MAIN()
