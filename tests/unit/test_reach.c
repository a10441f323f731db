// SPDX-License-Identifier: GPL-2.0-or-later
/* Senders on this host that reach the guest: by windows and by the kernel's rules; --require
 * SENDER:PLACE.
 */
#include "harness.h"
#include "memnic/ask.h"
#include "nfprobe/verdict.h"

/* y arrives, n is lost, ? shows nothing, - was not made. */
static struct nfp_window window(enum nfp_step step, char letter)
{
	return (struct nfp_window) {
		.state = step,
		.status = letter == '-' ? NFP_STATUS_SKIPPED : NFP_STATUS_DONE,
		.answer = letter == 'y'	  ? NFP_YES
			  : letter == 'n' ? NFP_NO
					  : NFP_UNKNOWN,
	};
}

/* Does the uplink get back what the guest sends there? */
static struct nfp_reflection reflection(char letter)
{
	return (struct nfp_reflection) {
		.sent = 6, .back = letter == 'y' ? 6 : 0, .shown = letter == 'n' ? 6 : 0};
}

/* @port: standby, up; @other: standby, up, unplug, detach; @back: of the PF's and the VF's. */
static struct nfp_style_result ladder(enum nfp_style style, const char *port, const char *other,
				      const char *back)
{
	static const enum nfp_step steps[] = {NFP_STEP_STANDBY, NFP_STEP_UP, NFP_STEP_UNPLUG,
					      NFP_STEP_DETACH};
	struct nfp_style_result of = {
		.style = style, .judged = {.verdict = NFP_VERDICT_SAFE}, .num_steps = 1};

	for (; port[of.port.num_windows]; of.port.num_windows++)
		of.port.windows[of.port.num_windows] = window(steps[of.port.num_windows],
							      port[of.port.num_windows]);
	for (; other[of.here.num_windows]; of.here.num_windows++)
		of.here.windows[of.here.num_windows] = window(steps[of.here.num_windows],
							      other[of.here.num_windows]);
	of.reflections[NFP_AT_PF] = reflection(back[0]);
	of.reflections[NFP_AT_VF] = reflection(back[1]);
	for (int from = 0; from < NFP_RECEIVER_COUNT; from++)
		of.uplink_hears[from] = nfp_uplink_hears(&of.reflections[from]);
	return of;
}

/* o ok, L lost, s lost until it sends, u unproven, - untested; in capitals by a rule. */
static char letter_of(const struct nfp_reached *r)
{
	static const char letters[NFP_TRAIT_COUNT] = {
		[NFP_TRAIT_UNTESTED] = '-',
		[NFP_TRAIT_UNPROVEN] = 'u',
		[NFP_TRAIT_OK] = 'o',
		[NFP_TRAIT_LOST] = 'l',
	};
	char letter = r->until_sent ? 's' : letters[r->trait];

	return r->rule ? (char)(letter - 'a' + 'A') : letter;
}

/*
 * The rows that a real guest of net_failover behind an igb in QEMU has shown: of 20 frames of each
 * sender, in each state, it heard all where a letter is o, and none where it is l or s.
 */
TEST(rows)
{
	static const struct {
		const char *name;
		enum nfp_style style;
		const char *port, *other, *back, *reached; /* another VF, this host, beside it */
	} rows[] = {
		{"igb's macvtap", NFP_STYLE_MACVTAP, "yy", "yyyy", "yy", "oo-oo-OL-"},
		{"most NICs' macvtap", NFP_STYLE_MACVTAP, "ny", "yyyy", "nn", "oo-lo-OL-"},
		{"no switch inside", NFP_STYLE_MACVTAP, "n?", "????", "nn", "uu-lu-OL-"},
		{"igb's bridge+fdb", NFP_STYLE_BRIDGE_FDB, "yy", "yyyy", "yy", "Lo-Lo-Lo-"},
		{".. pinned", NFP_STYLE_BRIDGE_FDB_PIN, "yy", "yyyy", "yy", "oo-OL-OL-"},
		{".. static", NFP_STYLE_STATIC_BRIDGE, "yy", "yyyy", "yy", "oo-OL-OL-"},
		{"the VF's frames come back", NFP_STYLE_BRIDGE_FDB, "ny", "yyyy", "ny",
		 "So-SS-SS-"},
		{"nothing comes back", NFP_STYLE_BRIDGE_FDB, "ny", "yyyy", "nn", "oo-OS-OS-"},
		{"that is not known", NFP_STYLE_BRIDGE_FDB, "ny", "yyyy", "??", "uo-uu-uu-"},
		{"the NIC gives the VF nothing of the PF's", NFP_STYLE_BRIDGE, "nn", "nyyy", "nn",
		 "lo-Ol-Ol-"},
		{"lost at unplug, without a reset", NFP_STYLE_MACVTAP, "ny", "yyn-", "nn",
		 "lo-lo-OL-"},
		{"nothing was asked", NFP_STYLE_MACVTAP, "", "", "nn", "------OL-"},
	};
	const struct nfp_told nobody = {.verdict = NFP_TRAIT_NONE};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct nfp_style_result of = ladder(rows[i].style, rows[i].port,
							  rows[i].other, rows[i].back);
		char letters[NFP_SENDER_COUNT * NFP_PLACE_COUNT + 1] = {0};

		for (unsigned int k = 0; k < sizeof(letters) - 1; k++) {
			const struct nfp_reached r =
				nfp_reached_by(&nobody, &of, (enum nfp_sender)(k / NFP_PLACE_COUNT),
					       (enum nfp_guest_place)(k % NFP_PLACE_COUNT));

			letters[k] = letter_of(&r);
		}
		if (strcmp(letters, rows[i].reached) != 0)
			fail_msg("%s: %s, not %s", rows[i].name, letters, rows[i].reached);
	}
}

/* A window of the PF's says nothing of another VF, nor the other way round. */
TEST(who_was_asked_of_a_guest_elsewhere)
{
	const struct nfp_style_result of = ladder(NFP_STYLE_MACVTAP, "ny", "yyyy", "nn");
	const struct nfp_style_result on_vf = ladder(NFP_STYLE_VF_BRIDGE, "", "", "nn");

	for (int vf = 0; vf < 2; vf++) {
		const struct nfp_told lost = {.verdict = NFP_TRAIT_LOST, .other_vf = vf};

		for (enum nfp_sender s = 0; s < NFP_SENDER_COUNT; s++) {
			bool asked = (s == NFP_SENDER_OTHER_VF) == vf;

			assert_int_equal(nfp_reached_by(&lost, &of, s, NFP_PLACE_ELSEWHERE).trait,
					 asked ? NFP_TRAIT_LOST : NFP_TRAIT_UNTESTED);
			assert_int_equal(
				nfp_reached_by(&lost, &on_vf, s, NFP_PLACE_ELSEWHERE).trait,
				asked && vf ? NFP_TRAIT_LOST : NFP_TRAIT_UNTESTED);
		}
	}
}

#define HOST_ALL                                                     \
	(1U << NFP_REACH_OF(NFP_SENDER_HOST, NFP_PLACE_ON_STANDBY) | \
	 1U << NFP_REACH_OF(NFP_SENDER_HOST, NFP_PLACE_ON_VF))
#define BESIDE_ON_VF (1U << NFP_REACH_OF(NFP_SENDER_SAME_STANDBY, NFP_PLACE_ON_VF))
#define FAR	     (1U << NFP_REACH_OF(NFP_SENDER_HOST, NFP_PLACE_ELSEWHERE))

TEST(what_is_required)
{
	static const struct {
		enum nfp_style style;
		const char *port, *back;
		enum nfp_trait elsewhere;
		uint32_t require;
		enum nfp_verdict verdict;
		const char *says;
	} rows[] = {
		{NFP_STYLE_MACVTAP, "ny", "nn", NFP_TRAIT_OK, 0, NFP_VERDICT_SAFE, ""},
		{NFP_STYLE_MACVTAP, "yy", "nn", NFP_TRAIT_OK, HOST_ALL | FAR, NFP_VERDICT_SAFE, ""},
		{NFP_STYLE_MACVTAP, "ny", "nn", NFP_TRAIT_OK, HOST_ALL, NFP_VERDICT_DEAF,
		 "--require host:on-standby is not met: while it is on its standby, this host "
		 "does not reach the guest"},
		{NFP_STYLE_MACVTAP, "?y", "nn", NFP_TRAIT_OK, HOST_ALL, NFP_VERDICT_UNKNOWN,
		 "was not shown"},
		{NFP_STYLE_MACVTAP, "yy", "nn", NFP_TRAIT_OK, BESIDE_ON_VF, NFP_VERDICT_DEAF,
		 "by the kernel's macvlan_queue_xmit"},
		{NFP_STYLE_BRIDGE_FDB, "ny", "nn", NFP_TRAIT_OK, HOST_ALL, NFP_VERDICT_SLOW,
		 "until that sends again"},
		{NFP_STYLE_BRIDGE_FDB_PIN, "ny", "nn", NFP_TRAIT_OK, HOST_ALL, NFP_VERDICT_DEAF,
		 "net_failover_handle_frame"},
		/* The worst counts. */
		{NFP_STYLE_MACVTAP, "?n", "nn", NFP_TRAIT_OK, HOST_ALL, NFP_VERDICT_DEAF,
		 "host:on-vf"},
		{NFP_STYLE_MACVTAP, "yy", "nn", NFP_TRAIT_LOST, HOST_ALL | FAR, NFP_VERDICT_STICKY,
		 "host:elsewhere"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_settings settings = {.require_reach = rows[i].require};
		struct nfp_style_result of = ladder(rows[i].style, rows[i].port, "yyyy",
						    rows[i].back);

		of.elsewhere.told.verdict = rows[i].elsewhere;
		/* Whatever its bridge makes of it. */
		ask_for(&of, &settings, NFP_DECIDED_BY_STEPS, NFP_DECIDED_BY_IPV6);
		ask_for(&of, &settings, NFP_DECIDED_BY_REACH, NFP_DECIDED_BY_REACH);
		if (of.verdict != rows[i].verdict || !strstr(of.reason, rows[i].says))
			fail_msg("%zu: %s: %s", i, nfp_verdict_name(of.verdict), of.reason);
		assert_int_equal(of.by == NFP_DECIDED_BY_REACH,
				 rows[i].verdict != NFP_VERDICT_SAFE);
		assert_false(of.allowed);
	}
}

/* A verdict by a requirement is not allowed, and a style that is not safe has no more to meet. */
TEST(an_allowed_verdict_must_meet_it_too)
{
	struct nfp_settings settings = {.require_reach = HOST_ALL};
	struct nfp_style_result of = ladder(NFP_STYLE_MACVTAP, "ny", "yyyy", "nn");

	of.judged.verdict = NFP_VERDICT_EARLY;
	ask_for(&of, &settings, NFP_DECIDED_BY_STEPS, NFP_DECIDED_BY_REACH);
	assert_int_equal(of.verdict, NFP_VERDICT_EARLY);
	settings.allow[NFP_VERDICT_EARLY] = true;
	ask_for(&of, &settings, NFP_DECIDED_BY_STEPS, NFP_DECIDED_BY_REACH);
	assert_int_equal(of.verdict, NFP_VERDICT_DEAF);
	assert_false(of.allowed);
}

TEST(the_reason_of_the_filter_stays)
{
	struct nfp_settings settings = {.require_reach = HOST_ALL};
	struct nfp_style_result of = ladder(NFP_STYLE_MACVTAP, "ny", "yyyy", "nn");

	settings.allow[NFP_VERDICT_DEAF] = true;
	strcpy(of.steps_reason, "the filter's");
	of.reflections[NFP_AT_PF].back = 3;
	of.style = NFP_STYLE_BRIDGE;
	nfp_judge_uplink(&of);
	ask_for(&of, &settings, NFP_DECIDED_BY_STEPS, NFP_DECIDED_BY_BRIDGE);
	assert_true(of.by_bridge);
	assert_true(of.allowed);
	assert_string_equal(of.filter_reason, "the filter's");
	ask_for(&of, &settings, NFP_DECIDED_BY_REACH, NFP_DECIDED_BY_REACH);
	assert_int_equal(of.by, NFP_DECIDED_BY_REACH);
	assert_string_equal(of.filter_reason, "the filter's");
}

/* The plain style's own fault is not that of the pinned one. */
TEST(a_pinned_style_has_its_own)
{
	const struct nfp_settings settings = {.require_reach = HOST_ALL};
	struct nfp_style_result plain = ladder(NFP_STYLE_BRIDGE_FDB, "ny", "yyyy", "nn"), pinned;
	const struct nfp_demands none = {.settings = &no_settings, .ifname = "eth0"};
	const struct nfp_demands demands = {.settings = &settings, .ifname = "eth0"};

	nfp_judge_uplink(&plain);
	ask_for(&plain, &settings, NFP_DECIDED_BY_STEPS, NFP_DECIDED_BY_REACH);
	assert_int_equal(plain.verdict, NFP_VERDICT_SLOW);
	nfp_pin(&plain, NFP_STYLE_BRIDGE_FDB_PIN, &none, &pinned);
	assert_int_equal(pinned.verdict, NFP_VERDICT_SAFE);
	assert_int_equal(pinned.by, NFP_DECIDED_BY_STEPS);
	assert_string_equal(pinned.reason, "");
	nfp_pin(&plain, NFP_STYLE_BRIDGE_FDB_PIN, &demands, &pinned);
	assert_int_equal(pinned.verdict, NFP_VERDICT_DEAF);
}

TEST_MAIN()
