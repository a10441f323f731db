// SPDX-License-Identifier: GPL-2.0-or-later
/* Which standbys a host can build, and what becomes of a verdict on one that it cannot. */
#include "harness.h"
#include "verdict/verdict.h"
#include "../../src/verdict/judge.h"

#define TAKEN(user_, note_)                    \
	(struct nfp_rx_handler)                \
	{                                      \
		.user = (user_), .note = note_ \
	}

/* y, n, ? for each style, in their order. */
static void expect(const struct nfp_rx_handler *at, size_t num, const char *answers,
		   const char *why)
{
	static const char letters[] = {[NFP_NO] = 'n', [NFP_YES] = 'y', [NFP_UNKNOWN] = '?'};

	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		char buf[NFP_NOTE_LEN] = "?";
		char letter = letters[nfp_style_is_possible(style, at, num, buf)];

		if (letter != answers[style])
			fail_msg("%s: %c, not %c", nfp_style_name(style), letter, answers[style]);
		assert_string_equal(buf, letter == 'n' ? why : "");
	}
}

/* macvtap, four of a bridge, static-bridge, two of vf-bridge. */
TEST(by_who_takes_the_frames_of_the_pf)
{
	expect(&TAKEN(NFP_RX_NOBODY, ""), 1, "yyyyyyyy", "");
	expect(&TAKEN(NFP_RX_UNKNOWN, "not read"), 1, "??????yy", "");
	expect(&TAKEN(NFP_RX_BRIDGE, "eth0 is a port of br0"), 1, "nyyyyyyy",
	       "eth0 is a port of br0");
	expect(&TAKEN(NFP_RX_OVS, "eth0 is a port of ovs-system"), 1, "nyyyynyy",
	       "eth0 is a port of ovs-system");
	expect(&TAKEN(NFP_RX_MACVLAN, "mt0 is on eth0"), 1, "ynnnnnyy", "mt0 is on eth0");
	expect(&TAKEN(NFP_RX_OTHER, "eth0 is a port of bond0"), 1, "nnnnnnyy",
	       "eth0 is a port of bond0");
}

/* For a VF in a VLAN, the netdev of the VLAN will do as well. */
TEST(or_of_its_vlan)
{
	const struct nfp_rx_handler port = TAKEN(NFP_RX_BRIDGE, "eth0 is a port of br0"),
				    tap = TAKEN(NFP_RX_MACVLAN, "mt0 is on eth0.5"),
				    bond = TAKEN(NFP_RX_OTHER, "eth0 is a port of bond0"),
				    nobody = TAKEN(NFP_RX_NOBODY, ""),
				    unread = TAKEN(NFP_RX_UNKNOWN, "not read");

	expect((const struct nfp_rx_handler[]) {port, nobody}, 2, "yyyyyyyy", "");
	expect((const struct nfp_rx_handler[]) {port, tap}, 2, "yyyyyyyy", "");
	expect((const struct nfp_rx_handler[]) {bond, tap}, 2, "ynnnnnyy",
	       "eth0 is a port of bond0, and mt0 is on eth0.5");
	expect((const struct nfp_rx_handler[]) {port, port}, 2, "nyyyyyyy",
	       "eth0 is a port of br0, and eth0 is a port of br0");
	expect((const struct nfp_rx_handler[]) {port, unread}, 2, "?yyyyyyy", "");
	expect((const struct nfp_rx_handler[]) {unread, port}, 2, "?yyyyyyy", "");
}

/* ---- what it makes of a verdict ---- */

#define NO_MACVTAP "eth0 is a port of br0"

static struct nfp_style_result result_of(enum nfp_style which, enum nfp_verdict verdict,
					 const char *impossible_while)
{
	static const struct nfp_settings settings = {.allow = {[NFP_VERDICT_SLOW] = true}};
	const struct nfp_criteria criteria = {.settings = &settings, .ifname = "eth0"};
	struct nfp_style_result style = {
		.style = which,
		.num_steps = 1,
		.judged = {.verdict = verdict, .requires = NFP_REQ_BIT(NFP_REQ_DO_NOT_USE)},
		.bridge_verdict = NFP_VERDICT_NOT_APPLICABLE,
		.steps_reason = "the NIC does that"};

	snprintf(style.impossible_while, sizeof(style.impossible_while), "%s", impossible_while);
	nfp_run_checks(&style, &criteria, NFP_CHECK_STEPS, NFP_CHECK_HOST);
	return style;
}

TEST(the_nic_does_not_matter_then)
{
	for (enum nfp_verdict v = NFP_VERDICT_EARLY; v < NFP_VERDICT_COUNT; v++) {
		struct nfp_style_result style = result_of(NFP_STYLE_MACVTAP, v, NO_MACVTAP);

		assert_int_equal(style.verdict, NFP_VERDICT_NOT_APPLICABLE);
		assert_true(nfp_is_impossible(&style));
		assert_string_equal(style.reason,
				    "not possible while eth0 is a port of br0 (EBUSY)");
		/* It is kept, and may be told. */
		assert_int_equal(style.filter_verdict, v);
		assert_string_equal(style.filter_reason, "the NIC does that");
	}
}

TEST(no_verdict_changes_where_it_is_possible)
{
	const struct nfp_style_result style = result_of(NFP_STYLE_MACVTAP, NFP_VERDICT_SAFE, "");

	assert_int_equal(style.verdict, NFP_VERDICT_SAFE);
	assert_false(nfp_is_impossible(&style));
	assert_string_equal(style.reason, "the NIC does that");
}

/* --allow has no say in it, and has accepted what the NIC does. */
TEST(it_is_not_allowed)
{
	struct nfp_style_result style = result_of(NFP_STYLE_BRIDGE, NFP_VERDICT_SLOW, "");

	assert_true(nfp_is_accepted(&style));
	style = result_of(NFP_STYLE_BRIDGE, NFP_VERDICT_SLOW, "mt0 is on eth0");
	assert_false(nfp_is_accepted(&style));
	assert_int_equal(style.verdict, NFP_VERDICT_NOT_APPLICABLE);
}

/* A style that was left out for another reason, too. */
TEST(it_was_not_tested)
{
	struct nfp_style_result style = {.style = NFP_STYLE_MACVTAP,
					 .impossible_while = NO_MACVTAP};

	nfp_leave_out(&style, NFP_VERDICT_NOT_APPLICABLE, "eth0 is promiscuous already");
	assert_true(nfp_is_impossible(&style));
	assert_string_equal(style.reason, "not possible while eth0 is a port of br0 (EBUSY)");
	style.impossible_while[0] = '\0';
	nfp_leave_out(&style, NFP_VERDICT_NOT_APPLICABLE, "eth0 is promiscuous already");
	assert_false(nfp_is_impossible(&style));
	assert_string_equal(style.reason, "eth0 is promiscuous already");
}

/* Macvtap is not possible; the verdict of the bridge, or '-': it was not asked for. */
static struct nfp_vf_result vf_of(struct nfp_style_result styles[2], enum nfp_verdict macvtap,
				  enum nfp_verdict bridge)
{
	struct nfp_vf_result vf = {.styles = styles, .num_styles = 1};

	styles[0] = result_of(NFP_STYLE_MACVTAP, macvtap, NO_MACVTAP);
	if (bridge < NFP_VERDICT_COUNT)
		styles[vf.num_styles++] = result_of(NFP_STYLE_BRIDGE, bridge, "");
	nfp_judge_vf(&vf);
	return vf;
}

TEST(it_counts_for_nothing)
{
	struct nfp_style_result styles[2];
	struct nfp_vf_result vf;

	for (enum nfp_verdict v = NFP_VERDICT_EARLY; v < NFP_VERDICT_COUNT; v++) {
		/* The status is that of the rest, whatever the NIC does with macvtap. */
		vf = vf_of(styles, v, NFP_VERDICT_SAFE);
		assert_int_equal(vf.verdict, NFP_VERDICT_SAFE);
		vf = vf_of(styles, v, NFP_VERDICT_EARLY);
		assert_int_equal(vf.verdict, NFP_VERDICT_EARLY);
		assert_null(nfp_counted_style(&vf, NFP_STYLE_MACVTAP));
		/* Nothing is safe by it. */
		vf = vf_of(styles, v, NFP_VERDICT_UNKNOWN);
		assert_int_equal(vf.verdict, NFP_VERDICT_UNKNOWN);
		/* Nobody is told to use it, nor what would help it. */
		vf = vf_of(styles, v, NFP_VERDICT_EARLY);
		assert_int_equal(vf.requires & NFP_REQ_BIT(NFP_REQ_USE_FILTER_STANDBY), 0);
		vf = vf_of(styles, v, NFP_VERDICT_COUNT);
		assert_int_equal(vf.requires, 0);
		/* Nothing that was asked for serves a guest: status 1, and not that of a doubt. */
		assert_int_equal(vf.verdict, NFP_VERDICT_NOT_APPLICABLE);
		assert_int_equal(nfp_verdict_exit(vf.verdict), 1);
	}
}

/* Another that was not tested, or a run that was cut short, leaves a doubt. */
TEST(what_else_was_asked_is_not_known)
{
	struct nfp_style_result styles[2];
	struct nfp_vf_result vf = vf_of(styles, NFP_VERDICT_SAFE, NFP_VERDICT_NOT_APPLICABLE);

	assert_int_equal(vf.verdict, NFP_VERDICT_UNKNOWN);
	vf = vf_of(styles, NFP_VERDICT_SAFE, NFP_VERDICT_COUNT);
	vf.status = NFP_VF_FAILED;
	vf.error.code = NFP_E_KERNEL;
	nfp_judge_vf(&vf);
	assert_int_equal(vf.verdict, NFP_VERDICT_UNKNOWN);
}

/* A static bridge works by the PF's filter, which was seen to work whoever has its frames. */
TEST(what_the_nic_does_still_says_which_fix_is_due)
{
	struct nfp_style_result styles[2];
	struct nfp_vf_result vf = vf_of(styles, NFP_VERDICT_SAFE, NFP_VERDICT_EARLY);

	assert_true(nfp_fix_is_due(&vf, NFP_STYLE_STATIC_BRIDGE, true));
	vf = vf_of(styles, NFP_VERDICT_EARLY, NFP_VERDICT_EARLY);
	assert_false(nfp_fix_is_due(&vf, NFP_STYLE_STATIC_BRIDGE, true));
	assert_true(nfp_fix_is_due(&vf, NFP_STYLE_BRIDGE_FDB, true));
	/* Nothing fixes what cannot be built. */
	styles[1] = result_of(NFP_STYLE_BRIDGE, NFP_VERDICT_EARLY, "mt0 is on eth0");
	assert_false(nfp_fix_is_due(&vf, NFP_STYLE_BRIDGE_FDB, true));
}

int main(void)
{
	return RUN_TESTS(NULL, NULL);
}
