// SPDX-License-Identifier: GPL-2.0-or-later
/* A driver's refusal of an address is told with what it means and what to do, whole, in the reason.
 */
#include "harness.h"
#include "net/netlink.h"
#include "verdict/verdict.h"
#include "../../src/net/netlink_priv.h"
#include "../../src/verdict/judge.h"

/* The answers of kernel drivers, and a word of the advice for each. */
static const struct {
	int error;
	const char *says;
} answers[] = {
	{EBUSY, "probe again"},	  {EAGAIN, "probe again"}, {EINVAL, "--mac"},
	{EOPNOTSUPP, "firmware"}, {ENOMEM, "fewer VFs"},   {EEXIST, "bridge fdb show"},
	{EPERM, "CAP_NET_ADMIN"}, {ENODEV, "--list"},	   {ENOSPC, "fewer VFs"},
	{EADDRNOTAVAIL, "--mac"}, {EIO, "dmesg"},	   {ETIMEDOUT, "dmesg"},
	{EACCES, "another host"},
};

TEST(every_errno_has_one)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const char *hint = nfp_rt_vf_mac_hint(-answers[i].error);

		if (!strstr(hint, answers[i].says))
			fail_msg("%s: \"%s\"", strerror(answers[i].error), hint);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(hint, nfp_rt_vf_mac_hint(-answers[j].error));
	}
	assert_string_equal(nfp_rt_vf_mac_hint(-E2BIG), "");
}

static void refuse(struct nfp_style_result *style, enum nfp_step step, int error)
{
	struct nfp_step_result *s = &style->steps[style->num_steps++];

	*s = (struct nfp_step_result) {
		.step = step, .w.status = NFP_STATUS_REFUSED, .errnum = error};
	snprintf(s->w.note, sizeof(s->w.note),
		 "cannot set the address of VF 127 of enp101s0f0np0 to 02:00:00:00:00:01: %s",
		 strerror(error));
	snprintf(s->hint, sizeof(s->hint), "%s", nfp_rt_vf_mac_hint(-error));
}

/* The reason has the whole hint, whatever the verdict makes of the error. */
TEST(reason_has_it)
{
	static const enum nfp_reason whys[] = {NFP_WHY_REFUSED, NFP_WHY_STEP_REFUSED};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		for (size_t j = 0; j < sizeof(whys) / sizeof(whys[0]); j++) {
			struct nfp_judgement judged = {.why = whys[j], .step = NFP_STEP_ASSIGN};
			struct nfp_style_result style = {.style = NFP_STYLE_MACVTAP};
			char reason[NFP_REASON_LEN];
			const char *hint = nfp_rt_vf_mac_hint(-answers[i].error), *found;

			refuse(&style, NFP_STEP_ASSIGN, answers[i].error);
			nfp_reason_text(&judged, &style, "enp101s0f0np0", 127, style.reason,
					style.try);
			found = strstr(nfp_whole_reason(&style, reason), hint);
			assert_non_null(found);
			assert_string_equal(found, hint);
			assert_non_null(strstr(reason, strerror(answers[i].error)));
		}
	}
}

TEST_MAIN()
