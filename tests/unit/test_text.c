// SPDX-License-Identifier: GPL-2.0-or-later
/* What a person reads: the table, verdicts, advice, on wide and narrow terminals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>
#include <jansson.h>

#include "../../src/report/report_priv.h"
#include "nfprobe/result.h"
#include "nfprobe/report.h"
#include "unit/sample_result.h"

static char *render(const struct nfp_result *result, const struct nfp_report_opts *opts)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(nfp_report_text(result, opts, out), 0);
	fclose(out);
	return text;
}

static char *render_at(const struct nfp_result *result, unsigned int columns)
{
	const struct nfp_report_opts opts = {.columns = columns};

	return render(result, &opts);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" in:\n%s", part, text);
}

/* Lines joined and blanks squeezed: what is said, wherever it was broken. */
static char *flat(char *text)
{
	char *w = text;

	for (const char *r = text; *r; r++) {
		char c = *r == '\n' ? ' ' : *r;

		if (c == ' ' && w > text && w[-1] == ' ')
			continue;
		*w++ = c;
	}
	*w = '\0';
	return text;
}

static void has_flat(const struct nfp_result *result, const char *part)
{
	char *text = flat(render_at(result, 80));

	has(text, part);
	free(text);
}

static const char igb_80[] =
	"eth0  igb, Linux 6.12.95, firmware 2.1.0, 0000:01:00.0\n"
	"VF 3  0000:01:10.6, igbvf\n"
	"frames from eth1 (wire), no VLAN, each state watched for 1.5 s\n"
	"\n"
	"                   macvtap         bridge\n"
	"  step             frames land on  frames land on\n"
	"  control          PF              PF\n"
	"  standby          PF              PF\n"
	"  assign           PF              nowhere\n"
	"  attach           PF              nowhere     <- the guest boots deaf\n"
	"  driver           PF              nowhere\n"
	"  up               PF and VF       VF\n"
	"  down             PF              nowhere\n"
	"  unplug           PF              nowhere     <- deaf while migrating\n"
	"  detach           PF              nowhere     <- deaf without the VF\n"
	"  clear            PF              PF\n"
	"  reassign         PF              nowhere     <- the next guest boots deaf\n"
	"  vf-first         PF              nowhere     <- the migrated guest boots deaf\n"
	"  vf-first-up      PF and VF       VF\n"
	"  vf-first-unplug  PF              nowhere     <- deaf at the next migration\n"
	"\n"
	"  macvtap  SAFE    (while the VF is up the standby gets a copy of every frame;\n"
	"                   the guest drops it)\n"
	"                   longest outage: standby none above 1.1 ms, VF 312 ms (+-1.0\n"
	"                   ms) from up\n"
	"  bridge   EARLY   eth0 gives the address to VF 3 as soon as it is assigned, and\n"
	"                   keeps it until it is cleared\n"
	"                   longest outage: VF 312 ms (+-1.0 ms) from up\n"
	"\n"
	"Use a macvtap standby:   nfprobe eth0 --vf 3 --style macvtap   exits 0\n"
	"If it must be a bridge:  attach the VF to the running guest (virsh attach-device\n"
	"                         --live); clear its address at unplug (ip link set eth0\n"
	"                         vf 3 mac 00:00:00:00:00:00) (nfprobe-verdicts(7),\n"
	"                         EARLY)\n";

static void test_igb(void **state)
{
	struct nfp_result result;
	char *text;

	(void)state;
	sample_igb(&result);
	text = render_at(&result, 80);
	assert_string_equal(text, igb_80);
	free(text);
	text = render_at(&result, 0); /* not a terminal */
	assert_string_equal(text, igb_80);
	free(text);
	text = render_at(&result, 120);
	has(text, "0000:01:00.0     VF 3  0000:01:10.6, igbvf\n");
	free(text);
	nfp_result_fini(&result);
}

static void check_width(const char *text, unsigned int columns)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len > columns)
			fail_msg("%zu > %u columns: %.*s", len, columns, (int)len, text);
		if (len && text[len - 1] == ' ')
			fail_msg("blanks at the end of \"%.*s\"", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void make_odd(struct nfp_result *result)
{
	struct nfp_style_result *filter;

	sample_head(result, 3);
	sample_igb_vf(&result->vfs[0], 0);
	sample_igb_vf(&result->vfs[1], 2);
	sample_vf(&result->vfs[2], 5);
	filter = &result->vfs[0].styles[0];
	filter->steps[3] = (struct nfp_step_result) {.step = NFP_STEP_ATTACH,
						     .status = NFP_STATUS_SKIPPED,
						     .leave = true,
						     .note = "this VF has no function-level reset"};
	filter->steps[10] = (struct nfp_step_result) {
		.step = NFP_STEP_REASSIGN,
		.status = NFP_STATUS_REFUSED,
		.note = "cannot set the address: Device or resource busy: VF is resetting"};
	filter->steps[7].landing[NFP_KIND_UNICAST] = NFP_LANDING_MIXED;
	filter->steps[8].landing[NFP_KIND_BROADCAST] = NFP_LANDING_NOWHERE;
	filter->steps[1].drops = 7;
	sample_judge(filter, NFP_BY_NETDEV, 0);
	nfp_judge_vf(&result->vfs[0]);
	result->vfs[2].status = NFP_VF_IN_USE;
	nfp_err_set(&result->vfs[2].error, 0, NFP_E_VF_IN_USE,
		    "VF 5 of eth0 is in use: qemu-system-x86 (pid 4711) through vfio");
	nfp_strv_addf(&result->changes_seen, "somebody set the MTU of eth0 to 9000");
	nfp_strv_addf(&result->left_behind, "VF 3 keeps igb's flag \"administratively set\"");
	result->settings.settle_ns = NFP_NSEC_PER_SEC / 2;
	result->settings.settle_short = true;
	result->settings.rate = 50;
	result->settings.vlan = (struct nfp_vlan) {.vid = 100, .proto = 0x88a8};
	strcpy(result->settings.source_note, "eth1 is on the same segment");
}

static void test_narrow(void **state)
{
	struct nfp_result result;
	unsigned int from = 40;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		if (i)
			make_odd(&result);
		else
			sample_igb(&result);
		for (unsigned int columns = from; columns <= 130; columns++) {
			for (int verbose = 0; verbose < 2; verbose++) {
				struct nfp_report_opts opts = {.columns = columns,
							       .verbose = verbose};
				char *text = render(&result, &opts);

				check_width(text, columns);
				has(text, "SAFE");
				free(text);
			}
		}
		nfp_result_fini(&result);
	}
}

static void test_odd(void **state)
{
	struct nfp_result result;
	char *text;

	(void)state;
	make_odd(&result);
	text = flat(render_at(&result, 80));
	has(text, "frames from eth1 (wire), VLAN 100 (802.1ad), each state watched for 0.5 s, 50 a "
		  "second eth1 is on the same segment");
	has(text, "attach skipped nowhere <- macvtap: this VF has no function-level reset; bridge: "
		  "the guest boots deaf");
	has(text, "reassign refused nowhere <- macvtap: cannot set the address: Device or resource "
		  "busy: VF is resetting; bridge: the next guest boots deaf");
	has(text, "<- macvtap: the capture lost 7 frames");
	has(text, "unplug mixed nowhere <- macvtap: some frames arrive, some do not; bridge: deaf "
		  "while migrating");
	has(text, "detach PF nowhere <- macvtap: no broadcast; bridge: deaf without the VF");
	has(text, "macvtap INCONCLUSIVE ");
	has(text,
	    "VF 5 0000:01:10.10, igbvf not probed: VF 5 of eth0 is in use: qemu-system-x86 (pid "
	    "4711) through vfio");
	has(text, "Settling time: each state was watched for 0.5 s only");
	has(text, "Changed by others during the run: somebody set the MTU of eth0 to 9000");
	has(text, "Left behind: VF 3 keeps igb's flag");
	has(text, "VF 0 No verdict on macvtap: do what its line above says, then probe again "
		  "(nfprobe-verdicts(7), INCONCLUSIVE) With a bridge standby: attach");
	has(text, "VF 2 Use a macvtap standby: nfprobe eth0 --vf 2 --style macvtap tests it "
		  "alone");
	free(text);
	nfp_result_fini(&result);
}

/* The advice comes last, and once for VFs that need the same. */
static void test_groups(void **state)
{
	struct nfp_result result;
	char *text;

	(void)state;
	sample_head(&result, 5);
	for (unsigned int i = 0; i < 5; i++)
		sample_igb_vf(&result.vfs[i], i < 3 ? i : i + 1);
	text = render_at(&result, 80);
	has(text, "\n\nUse a macvtap standby:   nfprobe eth0 --vf 0-2,4,5 --style macvtap   exits "
		  "0\nIf it must be");
	has(text, "(ip link set eth0\n                         vf N mac ");
	has(text, "\nVF 0     macvtap  SAFE ");
	has(text, "\nVF 5     bridge   EARLY ");
	free(text);
	nfp_result_fini(&result);
}

static void test_quiet(void **state)
{
	const struct nfp_report_opts opts = {.columns = 200, .quiet = true};
	struct nfp_result result;
	char *text;

	(void)state;
	sample_igb(&result);
	text = render(&result, &opts);
	assert_string_equal(text,
			    "VF 3     macvtap  SAFE    (while the VF is up the standby gets a "
			    "copy of every frame; the guest drops it)\n"
			    "VF 3     bridge   EARLY   eth0 gives the address to VF 3 as soon "
			    "as it is assigned, and keeps it until it is cleared\n");
	free(text);
	nfp_result_fini(&result);
}

static void test_verbose(void **state)
{
	const struct nfp_report_opts opts = {.columns = 100, .verbose = true};
	struct nfp_result result;
	char *text;

	(void)state;
	sample_igb(&result);
	text = render(&result, &opts);
	has(text, "      bridge unicast: 1500 sent, PF 0, VF 0, both 0, lost 1500, duplicates 0\n");
	has(text, "      macvtap broadcast: 30 sent, PF 30, VF 0, both 0, lost 0, duplicates 0\n");
	has(text, "  bridge driver to up: 312 lost, deaf for 312.0 ms (+-1.0), answered");
	has(text, "longest outage: VF 312 ms (+-1.0 ms) from up\n");
	has(text, "  bridge: claim assign, release clear, delivery vf\n");
	has(text, "1000 a second");
	free(text);
	nfp_result_fini(&result);
}

/* Several ladders, too slow in one. */
static void test_repeats(void **state)
{
	struct nfp_repeats *repeats = nfp_repeats_new(3);
	struct nfp_style_result round;
	struct nfp_result result;
	enum nfp_step step;

	(void)state;
	sample_igb(&result);
	round = result.vfs[0].styles[0];
	for (int i = 0; i < 3; i++) {
		struct nfp_style_result one = round;

		if (i == 1)
			nfp_gap_limit(&one, 300000, &step);
		if (i == 2)
			one.steps[4].landing[NFP_KIND_UNICAST] = NFP_LANDING_NOWHERE;
		assert_int_equal(nfp_repeats_add(repeats, &one, &result.vfs[0].styles[0]), 0);
	}
	has_flat(&result, "macvtap SLOW frames land where they must, but the guest is deaf for "
			  "312 ms (+-1.0 ms) in the change to up, and --gap-limit is 300 ms");
	has_flat(&result, "3 ladders: 2 safe, 1 slow unstable: unicast in driver lands pf 2, "
			  "nowhere 1 deaf at up: median 312 ms, 95 % within 312 ms, 312 ms to "
			  "312 ms");
	has_flat(&result, "safe but for the time that a change takes (nfprobe-verdicts(7), SLOW)");
	nfp_result_fini(&result);
}

/* Colour adds nothing but colour. */
static void test_color(void **state)
{
	const struct nfp_report_opts opts = {.columns = 80, .color = true};
	struct nfp_result result;
	char *text, *w;

	(void)state;
	sample_igb(&result);
	text = render(&result, &opts);
	has(text, "\033[1;32mSAFE\033[0m");
	has(text, "\033[1;31mEARLY\033[0m");
	has(text, "\033[1;31mthe guest boots deaf\033[0m");
	w = text;
	for (const char *r = text; *r;) {
		if (*r == '\033')
			r += strcspn(r, "m") + 1;
		else
			*w++ = *r++;
	}
	*w = '\0';
	assert_string_equal(text, igb_80);
	free(text);
	nfp_result_fini(&result);
}

static void one_style(struct nfp_result *result, enum nfp_style style)
{
	sample_igb(result);
	result->vfs[0].styles[0] = result->vfs[0].styles[style];
	result->vfs[0].num_styles = 1;
	nfp_judge_vf(&result->vfs[0]);
}

static void test_advice(void **state)
{
	struct nfp_result result;
	struct nfp_style_result *style;

	(void)state;
	one_style(&result, NFP_STYLE_FILTER);
	has_flat(&result,
		 "Fit for failover: with a macvtap standby; a bridge standby was not tested");
	nfp_result_fini(&result);

	one_style(&result, NFP_STYLE_PROMISC);
	has_flat(&result, "With a bridge standby: attach the VF to the running guest");
	style = &result.vfs[0].styles[0];
	style->requires |= NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
	has_flat(&result,
		 "With a bridge standby: do not use it for failover: nothing that the host "
		 "does helps (nfprobe-verdicts(7), EARLY)");
	style->verdict = NFP_VERDICT_DEAF;
	style->requires = NFP_REQ_BIT(NFP_REQ_RELEASE_STANDBY_WHEN_UP);
	has_flat(&result,
		 "take the address off eth0 once the guest's VF is up, and give it back "
		 "before the VF is unplugged; libvirt does neither (nfprobe-verdicts(7), DEAF)");
	style->verdict = NFP_VERDICT_REFUSED;
	style->requires = NFP_REQ_BIT(NFP_REQ_ASSIGN_BEFORE_STANDBY);
	has_flat(&result,
		 "give the VF its address before the standby takes it (ip link set eth0 vf "
		 "3 mac MAC, then the standby) (nfprobe-verdicts(7), REFUSED)");
	style->verdict = NFP_VERDICT_STICKY;
	style->requires = NFP_REQ_BIT(NFP_REQ_DETACH_BEFORE_MIGRATION);
	has_flat(&result, "take the VF away whole before migrating (virsh detach-device), not by "
			  "QEMU's unplug (nfprobe-verdicts(7), STICKY)");
	style->verdict = NFP_VERDICT_UNTESTABLE;
	style->requires = 0;
	has_flat(&result, "bridge UNTESTABLE ");
	has_flat(&result, "No verdict on bridge: do what its line above says, then probe again "
			  "(nfprobe-verdicts(7), UNTESTABLE)");
	nfp_result_fini(&result);

	sample_igb(&result);
	style = &result.vfs[0].styles[1];
	style->verdict = NFP_VERDICT_SAFE;
	style->requires = 0;
	nfp_judge_vf(&result.vfs[0]);
	has_flat(&result, "Fit for failover: with a macvtap standby and with a bridge standby");
	style->verdict = NFP_VERDICT_NOT_APPLICABLE;
	style->num_steps = 0;
	strcpy(style->reason, "eth0 is a port of br0");
	nfp_judge_vf(&result.vfs[0]);
	has_flat(&result, "bridge NOT APPLICABLE eth0 is a port of br0");
	has_flat(&result, "Fit for failover: with a macvtap standby");
	style->verdict = NFP_VERDICT_EARLY;
	style->allowed = true;
	has_flat(&result, "bridge EARLY (allowed) eth0");
	nfp_result_fini(&result);
}

static void test_sources(void **state)
{
	struct nfp_result result;

	(void)state;
	sample_igb(&result);
	result.settings.source = NFP_SOURCE_VF;
	strcpy(result.settings.from, "vf:2");
	has_flat(&result, "frames from vf:2 (a sibling VF), no VLAN");
	result.settings.source = NFP_SOURCE_PF;
	has_flat(&result, "frames from the PF itself, no VLAN");
	result.settings.have_source = false;
	has_flat(&result, "no source of frames");
	strcpy(result.pf.driver_version, "5.18.3");
	has_flat(&result, "eth0 igb, version 5.18.3, Linux 6.12.95, firmware");
	result.restored = false;
	has_flat(&result,
		 "Not put back: the host is not as it was before the run; nfprobe --restore "
		 "eth0 tries again");
	nfp_result_fini(&result);
}

/* What comes from outside cannot move the cursor, or reorder the line. */
static void test_hostile(void **state)
{
	struct nfp_result result;
	char *text;

	(void)state;
	sample_igb(&result);
	strcpy(result.pf.firmware, "\033[2J\r\x07\xff\xc2\x9b"
				   "31m\xe2\x80\xae");
	nfp_strv_addf(&result.changes_seen, "line\nanother \033]0;title\007");
	text = render_at(&result, 80);
	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p < 0x20 && *p != '\n')
			fail_msg("control character %d", *p);
	}
	lacks(text, "\xc2\x9b");
	lacks(text, "\xe2\x80\xae");
	has(text, "firmware ?[2J ?\xef\xbf\xbd?31m?");
	has(text, "line another ?]0;title?");
	free(text);
	nfp_result_fini(&result);
}

/* Any bytes become valid UTF-8, cut between characters, with no control left in it. */
static void test_bytes(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char src[24], dst[24];
		size_t size = 1 + (size_t)round % sizeof(dst);

		for (size_t i = 0; i < sizeof(src) - 1; i++) {
			seed = seed * 1664525 + 1013904223;
			/* Half of them are bytes that begin or continue a sequence. */
			src[i] = (char)(seed >> 31 ? 0x80 | (seed >> 24) : (seed >> 24) % 255 + 1);
		}
		src[sizeof(src) - 1] = '\0';
		memset(dst, 0x55, sizeof(dst));
		nfp_utf8_clean(dst, size, src, true);
		assert_true(strlen(dst) < size);
		for (size_t i = size; i < sizeof(dst); i++)
			assert_int_equal(dst[i], 0x55);
		for (const char *p = dst; *p; p++)
			assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
		json_t *text = json_string(dst); /* NULL for what is not UTF-8 */
		assert_non_null(text);
		json_decref(text);
	}
}

/* A run that was stopped is not told fifteen times. */
static void test_stopped(void **state)
{
	struct nfp_result result;
	struct nfp_style_result *style;
	char *text;

	(void)state;
	one_style(&result, NFP_STYLE_FILTER);
	style = &result.vfs[0].styles[0];
	for (size_t i = 2; i < style->num_steps; i++) {
		style->steps[i] = (struct nfp_step_result) {.step = style->steps[i].step,
							    .note = "the run ended"};
	}
	strcpy(style->steps[2].note, "the run ended in this step");
	text = render_at(&result, 80);
	has(text, "  standby          PF\n"
		  "  assign           skipped     <- the run ended in this step\n"
		  "  attach           skipped     <- the run ended\n"
		  "  ...\n"
		  "\n");
	free(text);
	/* In one of two columns the reason is given once. */
	sample_igb_vf(&result.vfs[0], 3);
	result.vfs[0].styles[1] = *style;
	for (size_t i = 2; i < style->num_steps; i++)
		result.vfs[0].styles[1].steps[i] = (struct nfp_step_result) {
			.step = style->steps[i].step, .note = "not served"};
	text = render_at(&result, 80);
	has(text, "  assign           PF              skipped     <- not served\n"
		  "  attach           PF              skipped\n"
		  "  driver           PF              skipped\n");
	free(text);
	result.vfs[0].num_styles = 0;
	result.vfs[0].status = NFP_VF_IN_USE;
	result.settings.have_source = false;
	nfp_err_set(&result.vfs[0].error, 0, NFP_E_VF_IN_USE, "eth5 is up");
	text = render_at(&result, 80);
	assert_string_equal(text, "eth0  igb, Linux 6.12.95, firmware 2.1.0, 0000:01:00.0\n"
				  "VF 3  0000:01:10.6, igbvf\n"
				  "  not probed: eth5 is up\n");
	free(text);
	nfp_result_fini(&result);
}

static void test_nothing(void **state)
{
	struct nfp_result result;
	char *text;

	(void)state;
	nfp_result_init(&result);
	text = render_at(&result, 80);
	assert_string_equal(text, "");
	free(text);
	nfp_result_fini(&result);
}

static void test_full(void **state)
{
	const struct nfp_report_opts opts = {0};
	struct nfp_result result;
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	sample_igb(&result);
	assert_int_equal(nfp_report_text(&result, &opts, full), -ENOSPC);
	fclose(full);
	nfp_result_fini(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_igb),	cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_odd),	cmocka_unit_test(test_groups),
		cmocka_unit_test(test_quiet),	cmocka_unit_test(test_verbose),
		cmocka_unit_test(test_color),	cmocka_unit_test(test_repeats),
		cmocka_unit_test(test_advice),	cmocka_unit_test(test_sources),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_stopped), cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
