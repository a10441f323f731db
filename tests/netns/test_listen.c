// SPDX-License-Identifier: GPL-2.0-or-later
// From when on, and until when, the stream hears a VF's netdev.
#include <unistd.h>

#include "harness.h"
#include "netns/bed.h"

#define MS   NFP_NSEC_PER_MSEC
#define RATE 1000U

TEST_OF(vf_is_heard_only_while_listening, bed_make, bed_unmake, struct bed, bed)
{
	struct nfp_count before, after;

	bed_open_usual(bed);
	bed_plan(bed, RATE);
	bed_pump_frames(bed, 100);
	assert_int_equal(bed_count(bed, NFP_KIND_UNICAST).at[NFP_AT_VF], 0);
	(void)bed->wire.ops->listen_vf(bed->wire.ctx, NULL, false, NULL);
	for (int i = 0; i < 5; i++) {
		bed_listen_vf(bed);
		bed_listen_vf(bed);
		before = bed_count(bed, NFP_KIND_UNICAST);
		bed_pump_frames(bed, 60);
		after = bed_count(bed, NFP_KIND_UNICAST);
		assert_true(after.at[NFP_AT_VF] > before.at[NFP_AT_VF]);
		(void)bed->wire.ops->listen_vf(bed->wire.ctx, NULL, false, NULL);
		(void)bed->wire.ops->listen_vf(bed->wire.ctx, NULL, false, NULL);
		bed_pump(bed, 0);
		before = bed_count(bed, NFP_KIND_UNICAST);
		bed_pump_frames(bed, 30);
		after = bed_count(bed, NFP_KIND_UNICAST);
		assert_int_equal(after.at[NFP_AT_VF], before.at[NFP_AT_VF]);
	}
	assert_int_equal(bed_stats(bed).drops, 0);
}

static bool vf_hears(struct bed *bed)
{
	const struct nfp_slice *slices;
	size_t num = nfp_accounting_slices(bed->accounting, 0, &slices);

	return num && slices[num - 1].count[NFP_KIND_UNICAST].at[NFP_AT_VF] > 0;
}

static bool vf_is_deaf(struct bed *bed)
{
	return !vf_hears(bed);
}

static void set_vf(const struct bed *bed, const char *how)
{
	net_run("nsenter --net=/proc/%d/fd/%d ip link set v0 %s", getpid(), bed->net.vf.netns_fd,
		how);
}

/* Once nothing is under way: on a busy machine the relay lags behind. The stream goes on then. */
static struct nfp_count at_rest(struct bed *bed)
{
	struct nfp_count count;

	bed_finish(bed);
	count = bed_count(bed, NFP_KIND_UNICAST);
	bed_plan(bed, RATE);
	return count;
}

/* It is down when the capture is made; what is heard in the end is one frame after the other. */
TEST_OF(vf_is_expected_while_it_is_down, bed_make, bed_unmake, struct bed, bed)
{
	const struct relay_rules all = relay_all();
	struct nfp_count before, after;
	uint64_t sent;

	bed_open_usual(bed);
	set_vf(bed, "down");
	assert_int_equal(bed->wire.ops->listen_vf(bed->wire.ctx, &bed->net.vf, true, NULL), 0);
	relay_set(bed->relay, &all);
	bed_plan(bed, RATE);
	for (int i = 0; i < 3; i++) {
		bed_pump_frames(bed, 60);
		bed_await(bed, vf_is_deaf);
		set_vf(bed, "up");
		bed_await(bed, vf_hears);
		before = at_rest(bed);
		bed_pump_frames(bed, 100);
		after = at_rest(bed);
		sent = after.sent - before.sent;
		assert_in_range(after.at[NFP_AT_VF] - before.at[NFP_AT_VF], sent - sent / 4,
				sent + sent / 4);
		set_vf(bed, "down");
	}
	assert_int_equal(bed_stats(bed).drops, 0);
}

TEST_MAIN()
