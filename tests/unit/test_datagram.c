// SPDX-License-Identifier: GPL-2.0-or-later
/* NICs and networks that do otherwise to IPv4/UDP than to a protocol that nobody knows. */
#include "nfprobe/verdict.h"
#include "unit/scene.h"

#define ROW "-PPPBlPPPPPBBPBP" /* of all other frames */

NIC_AS(to_the_assigned, p->ipv4 = CORE_IPV4_ASSIGNED)
NIC_AS(to_the_vf, p->ipv4 = CORE_IPV4_VF)
NIC_AS(to_the_pf, p->ipv4 = CORE_IPV4_PF)
NIC_AS(dropped, p->ipv4 = CORE_IPV4_DROP)

static void says(const struct bed *bed, enum nfp_trait verdict, const char *note)
{
	assert_int_equal(bed->result.datagrams, verdict);
	assert_true(note ? strstr(bed->result.datagrams_note, note) != NULL
			 : !bed->result.datagrams_note[0]);
}

static void are_ok(struct bed *bed)
{
	says(bed, NFP_TRAIT_OK, NULL);
}

static void are_lost(struct bed *bed)
{
	says(bed, NFP_TRAIT_LOST, "in step ");
}

static void never_arrived(struct bed *bed)
{
	says(bed, NFP_TRAIT_UNPROVEN, "never arrived");
}

static void are_open(struct bed *bed)
{
	assert_true(bed->result.datagrams >= NFP_TRAIT_UNPROVEN);
}

static const struct scene rows[] = {
	{"a NIC that steers nothing", "mlx5", .verdict = NFP_VERDICT_SAFE, .row = ROW,
	 .also = are_ok},
	{"losses show nothing", "mlx5", .network = {.loss_permille = 60},
	 .verdict = NFP_VERDICT_SAFE, .row = ROW, .also = are_open},
	{"a VF that takes IPv4 once it is assigned the address", "mlx5", to_the_assigned,
	 .verdict = NFP_VERDICT_EARLY, .row = ROW,
	 .reason = "that is so of IPv4/UDP alone, which in step attach arrived nowhere",
	 .also = are_lost},
	{"a PF that takes it even where the VF is up", "mlx5", to_the_pf,
	 .verdict = NFP_VERDICT_DEAF, .row = "-PPPBVPPPPPBBPBP",
	 .reason = "does not receive frames to its address while the standby has it; that is so "
		   "of IPv4/UDP alone, which in step up landed elsewhere",
	 .also = are_lost},
	/* Whether the network brings it shows only once the VF is up. */
	{"a VF that takes it always", "mlx5", to_the_vf, .verdict = NFP_VERDICT_UNKNOWN, .row = ROW,
	 .reason = "in step standby IPv4/UDP to the address did not reach its receiver",
	 .also = are_lost},
	{"nobody has seen it", "mlx5", dropped, .verdict = NFP_VERDICT_SAFE, .row = ROW,
	 .also = never_arrived},
};

TEST(scenes)
{
	CHECK_SCENES(rows);
}

/* Steps from `standby` on; each letter is where datagrams land: P, V, B, m mixed, - nowhere. All
 * else reaches whom the step demands, and a datagram's control everybody but in steps that are
 * @deaf. */
static struct nfp_style_result style_of(const char *row, bool deaf)
{
	static const enum nfp_landing letters['z'] = {['P'] = NFP_LANDING_PF,
						      ['V'] = NFP_LANDING_VF,
						      ['B'] = NFP_LANDING_BOTH,
						      ['m'] = NFP_LANDING_MIXED,
						      ['-'] = NFP_LANDING_NOWHERE};
	struct nfp_style_result style = {.from.by = NFP_BY_NETDEV};

	for (size_t i = 0; row[i]; i++) {
		enum nfp_step step = NFP_STEP_STANDBY + (enum nfp_step)i;
		enum nfp_landing fit = nfp_receiver_of(step) == NFP_AT_VF ? NFP_LANDING_VF
									  : NFP_LANDING_PF;

		style.steps[style.num_steps++] = (struct nfp_step_result) {
			.step = step,
			.w.status = NFP_STATUS_DONE,
			.w.count[NFP_KIND_UDP_UNICAST].sent = 30,
			.w.landing = {[NFP_KIND_UNICAST] = fit,
				      [NFP_KIND_BROADCAST] = NFP_LANDING_BOTH,
				      [NFP_KIND_UDP_UNICAST] = letters[(unsigned char)row[i]],
				      [NFP_KIND_UDP_BROADCAST] = deaf ? NFP_LANDING_NOWHERE
								      : NFP_LANDING_BOTH},
		};
	}
	return style;
}

/* standby, assign, attach, up, alone, unplug, detach, clear, reassign: what that makes of attach.
 */
TEST(a_silence_of_datagrams_alone)
{
	static const struct {
		const char *row;
		bool deaf;
		bool lacks;
		enum nfp_cause cause;
	} cases[] = {
		{"PPPVVPPPP", false, false, 0},
		/* It came again, as it does of a NIC. */
		{"PP-VVPPP-", false, true, NFP_CAUSE_NIC},
		/* It did not: an outage of that sort of frames. */
		{"PP-VVPPPP", false, true, NFP_CAUSE_OUTAGE},
		{"---VV----", false, true, NFP_CAUSE_UNKNOWN},
		/* The network never brought any. */
		{"---------", false, false, 0},
		/* They landed elsewhere: no network does that. */
		{"PPVVVPPPP", false, true, NFP_CAUSE_NIC},
		{"PPmVVPPPP", false, false, 0},
		/* No datagram at all reached the PF. */
		{"PP-VVPPP-", true, false, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nfp_style_result style = style_of(cases[i].row, cases[i].deaf);
		enum nfp_cause cause = 0;

		print_message("%s\n", cases[i].row);
		assert_int_equal(nfp_lacks_datagrams(&style, &style.steps[2], &cause),
				 cases[i].lacks);
		assert_int_equal(cause, cases[i].cause);
		/* A step in which all else is lost as well is judged by that. */
		style.steps[2].w.landing[NFP_KIND_UNICAST] = NFP_LANDING_NOWHERE;
		assert_false(nfp_lacks_datagrams(&style, &style.steps[2], &cause));
	}
}

/* A frame that the NIC gives the guest does not make up for others that it does not. */
TEST(datagrams_make_no_step_better)
{
	for (unsigned int n = 0; n < 5 * 5 * 5; n++) {
		const char row[] = {'P',
				    'P',
				    "PVBm-"[n % 5],
				    "PVBm-"[n / 5 % 5],
				    "PVBm-"[n / 25],
				    'P',
				    'P',
				    'P',
				    'P',
				    0};
		struct nfp_style_result with = style_of(row, false);
		struct nfp_style_result without = style_of(row, true);
		struct nfp_judgement judged, plain;

		for (int lost = 0; lost < 2; lost++) {
			if (lost)
				with.steps[2].w.landing[NFP_KIND_UNICAST] =
					without.steps[2].w.landing[NFP_KIND_UNICAST] =
						NFP_LANDING_NOWHERE;
			nfp_judge_style(&with, &nfp_sources[NFP_BY_NETDEV].shows, &judged);
			nfp_judge_style(&without, &nfp_sources[NFP_BY_NETDEV].shows, &plain);
			for (size_t i = 0; i < with.num_steps; i++)
				assert_true(without.steps[i].w.answer == NFP_YES ||
					    with.steps[i].w.answer != NFP_YES);
		}
	}
}

TEST_MAIN()
