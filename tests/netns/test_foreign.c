// SPDX-License-Identifier: GPL-2.0-or-later
// Frames that others make, forge or replay: none of them gets into the account, floods are
// reported.
#include <linux/capability.h>
#include <linux/if_ether.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"
#include "netns/bed.h"
#include "report/report.h"

#define MS   NFP_NSEC_PER_MSEC
#define RATE 1000U

/* Sends to p0, as somebody on the segment would; waits where the socket has no room. */
static void strike(int fd, const uint8_t *data, size_t len)
{
	ssize_t sent;

	do
		sent = send(fd, data, len, MSG_WAITALL);
	while (sent < 0 && (errno == EAGAIN || errno == ENOBUFS));
	assert_int_equal(sent, len);
}

static size_t make_frame(const struct nfp_frame_id *id, uint64_t seq,
			 uint8_t buf[NFP_FRAME_LEN_MAX])
{
	const struct nfp_frame frame = {
		.dst = {{0x02, 0, 0, 0, 0, 0x11}}, .src = {{0x02, 6, 6, 6, 6, 6}}, .seq = seq};

	return nfp_frame_build(id, &frame, buf);
}

static void begin(struct bed *bed)
{
	bed_open_usual(bed);
	bed_plan(bed, RATE);
	bed_pump_frames(bed, 50);
}

/* The capture reads a little later than the kernel delivers. */
static void assert_external(struct bed *bed, uint64_t num)
{
	uint64_t deadline = bed->wire.ops->now(bed->wire.ctx) + 60000 * MS;

	while (bed_stats(bed).foreign < num && bed->wire.ops->now(bed->wire.ctx) < deadline)
		bed_pump(bed, 10 * MS);
	bed_pump(bed, 20 * MS);
	assert_int_equal(bed_stats(bed).foreign, num);
}

#define CASE(name) TEST_OF(name, bed_make, bed_unmake, struct bed, bed)

CASE(other_runs_are_filtered_out)
{
	struct nfp_frame_id other = bed->net.id;
	uint8_t buf[NFP_FRAME_LEN_MAX];
	int fd = net_socket(bed->net.relay_pf);

	begin(bed);
	for (uint64_t i = 1; i <= 30000; i++) {
		other.run[i % 4] ^= (uint8_t)(1 + i % 255); /* in the first word */
		if (memcmp(other.run, bed->net.id.run, 4) != 0)
			strike(fd, buf, make_frame(&other, i, buf));
		if (i % 1000 == 0)
			bed_pump(bed, 0);
	}
	close(fd);
	bed_finish(bed);
	bed_assert_agrees(bed);
	assert_int_equal(bed_stats(bed).foreign, 0);
	assert_int_equal(bed_stats(bed).drops, 0);
}

/* The id was read off the wire. Each forgery is counted, none believed. */
CASE(forged_frames)
{
	struct nfp_frame_id forged = bed->net.id, near = bed->net.id;
	uint8_t buf[NFP_FRAME_LEN_MAX];
	int fd = net_socket(bed->net.relay_pf);
	size_t len;

	begin(bed);
	forged.key[0] ^= 1;
	near.run[15] ^= 1;
	for (uint64_t i = 1; i <= 300; i++) {
		len = make_frame(&forged, i, buf);
		strike(fd, buf, len);
		strike(fd, buf, len - 8); /* the tag is cut off */
		strike(fd, buf, make_frame(&near, i, buf));
	}
	close(fd);
	bed_finish(bed);
	bed_assert_agrees(bed);
	assert_int_equal(bed_stats(bed).drops, 0);
	assert_external(bed, 900);
}

static bool twenty_duplicates(struct bed *bed)
{
	uint64_t num = 0;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		num += bed_count(bed, (enum nfp_kind)kind).duplicates;
	return num == 20;
}

CASE(replayed_frames)
{
	uint8_t buf[NFP_FRAME_LEN_MAX];
	int fd = net_socket(bed->net.relay_pf);
	struct nfp_count before, after;
	size_t len;

	begin(bed);
	bed_plan(bed, 0);
	bed_pump(bed, 100 * MS);
	bed_assert_agrees(bed);
	before = bed_count(bed, NFP_KIND_UNICAST);
	len = relay_last(bed->relay, buf);
	for (int i = 0; i < 20; i++)
		strike(fd, buf, len);
	/* At once they are duplicates, of whichever kind the last frame was. */
	bed_await(bed, twenty_duplicates);
	after = bed_count(bed, NFP_KIND_UNICAST);
	assert_int_equal(after.at[NFP_AT_PF], before.at[NFP_AT_PF]);
	assert_int_equal(bed_stats(bed).foreign, 0);
	/* Later they are nothing. */
	bed_pump(bed, NFP_ACCOUNTING_LATE_NS);
	for (int i = 0; i < 20; i++)
		strike(fd, buf, len);
	assert_external(bed, 20);
	nfp_accounting_forget(bed->accounting, UINT64_MAX);
	for (int i = 0; i < 20; i++)
		strike(fd, buf, len);
	assert_external(bed, 40);
	close(fd);
}

/* ---- a priority tag, which the keyed checksum does not cover ---- */

static void serve_pf(struct bed *bed, bool serves)
{
	struct relay_rules rules = relay_all();

	rules.to[NFP_AT_PF].serves = serves;
	rules.to[NFP_AT_VF].serves = false;
	relay_set(bed->relay, &rules);
}

static void send_some(struct bed *bed, enum nfp_kind kind)
{
	struct nfp_plan plan = {
		.unicast = {{0x02, 0, 0, 0, 0, 0x11}},
		.unregistered_mac = {{0x02, 0, 0, 0, 0, 0x22}},
	};

	plan.rate[kind] = RATE;
	bed->wire.ops->plan(bed->wire.ctx, &plan);
	bed_pump_frames(bed, 20);
	bed_plan(bed, 0);
}

/* The last frame comes to the PF with a priority tag. */
static void retag_last(struct bed *bed, int fd)
{
	uint8_t buf[NFP_FRAME_LEN_MAX + 4];
	size_t len = relay_last(bed->relay, buf);

	memmove(buf + 16, buf + 12, len - 12);
	memcpy(buf + 12, "\x81\x00\xe0\x00", 4);
	strike(fd, buf, len + 4);
}

static bool some_at_pf(struct bed *bed)
{
	return bed_count(bed, NFP_KIND_UNICAST).at[NFP_AT_PF] > 0;
}

/* A NIC that puts such a tag on each frame without a VLAN, as enic does, is heard. */
CASE(a_nic_that_tags_each_frame)
{
	int fd = net_socket(bed->net.relay_pf);

	bed_open_usual(bed);
	serve_pf(bed, false);
	do {
		send_some(bed, NFP_KIND_UNICAST);
		retag_last(bed, fd);
	} while (!bed_pump_until(bed, 100 * MS, some_at_pf)); /* on a busy machine it is late */
	close(fd);
}

/* Where frames come without it, a neighbour that adds it moves none to the PF. */
CASE(retagged_frames)
{
	int fd = net_socket(bed->net.relay_pf);
	uint64_t before;

	bed_open_usual(bed);
	send_some(bed, NFP_KIND_UNICAST);
	bed_finish(bed);
	before = bed_count(bed, NFP_KIND_UNICAST).at[NFP_AT_PF];
	assert_true(before >= 20);
	serve_pf(bed, false);
	send_some(bed, NFP_KIND_UNICAST);
	retag_last(bed, fd);
	assert_external(bed, 1);
	/* Nor one of those that the PF gets only if all are flooded to it. */
	send_some(bed, NFP_KIND_UNREGISTERED);
	retag_last(bed, fd);
	assert_external(bed, 2);
	assert_int_equal(bed_count(bed, NFP_KIND_UNICAST).at[NFP_AT_PF], before);
	assert_int_equal(bed_count(bed, NFP_KIND_UNREGISTERED).at[NFP_AT_PF], 0);
	close(fd);
}

/* ---- a neighbour that sends as much as it can while the run is recorded ---- */

CASE(a_flood_does_not_fill_the_disk)
{
	const struct nfp_recorder_host host = {
		.hostname = "h", .kernel = "6", .machine = "m", .clock = nfp_clock_read()};
	const struct nfp_recorder_stream stream = {.sender = "s0", .pf = "p0", .what = "a sender"};
	struct nfp_stream_config config = bed_config(bed);
	struct nfp_frame_id forged = bed->net.id;
	uint8_t buf[NFP_PACKET_MAX] = {0};
	char path[] = "/tmp/nfprobe-flood-XXXXXX";
	int fd = net_socket(bed->net.relay_pf), file = mkstemp(path);
	struct nfp_recorder *recorder;
	struct nfp_result result;
	struct stat st;

	assert_true(file >= 0);
	assert_int_equal(nfp_recorder_open(path, &host, &recorder, NULL), 0);
	nfp_recorder_stream(recorder, &stream);
	config.tap = nfp_recorder_tap(recorder);
	bed_open(bed, &config);
	forged.key[0] ^= 1;
	make_frame(&forged, 1, buf);
	/* 128 bytes of each are captured: 24 MB, if all were recorded. */
	while (bed_stats(bed).foreign < 180000) {
		for (int i = 0; i < 500; i++)
			strike(fd, buf, sizeof(buf));
		bed_pump(bed, 0);
	}
	nfp_result_init(&result);
	assert_int_equal(nfp_recorder_close(recorder, NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_in_range(st.st_size, 16 << 20, 30 << 20);
	nfp_result_fini(&result);
	unlink(path);
	close(file);
	close(fd);
}

/* A ring of a few frames and a burst that the filter lets through; returns how many it lost. */
static uint64_t lost_in_a_burst(struct bed *bed, enum nfp_receiver at)
{
	struct nfp_stream_config config = bed_config(bed);
	struct nfp_frame_id forged = bed->net.id;
	uint8_t buf[NFP_FRAME_LEN_MAX];
	int fd = net_socket(at == NFP_AT_PF ? bed->net.relay_pf : bed->net.relay_vf);
	size_t len;

	config.buffer_bytes = 64 << 10;
	bed_open(bed, &config);
	if (at == NFP_AT_VF)
		assert_int_equal(bed->wire.ops->listen_vf(bed->wire.ctx, &bed->net.vf, false, NULL),
				 0);
	forged.key[0] ^= 1;
	len = make_frame(&forged, 1, buf);
	for (int i = 0; i < 20000; i++)
		strike(fd, buf, len);
	close(fd);
	bed_pump(bed, 100 * MS);
	assert_true(bed_stats(bed).drops > 0);
	return bed_stats(bed).drops;
}

CASE(drops_are_reported)
{
	uint64_t drops = lost_in_a_burst(bed, NFP_AT_PF);

	/* Each was dropped or heard; a full backlog of the kernel's may have lost others. */
	assert_in_range(drops + bed_stats(bed).foreign, 1, 20000);
}

/* The losses of its ring are still reported when nobody listens at the VF any more. */
CASE(drops_at_a_vf_outlive_its_capture)
{
	uint64_t drops = lost_in_a_burst(bed, NFP_AT_VF);

	(void)bed->wire.ops->listen_vf(bed->wire.ctx, NULL, false, NULL);
	assert_int_equal(bed_stats(bed).drops, drops);
}

/* ---- without privileges: capabilities belong to a thread ---- */

struct attempt {
	const struct bed *bed;
	struct nfp_err err;
	int ret;
};

static void *open_without_capabilities(void *arg)
{
	struct attempt *attempt = arg;
	struct nfp_stream_config config = bed_config(attempt->bed);
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};
	struct nfp_stream *stream;

	if (syscall(SYS_capset, &header, none))
		abort();
	attempt->ret = nfp_stream_open(&config, &stream, &attempt->err);
	return NULL;
}

CASE(needs_privileges)
{
	struct attempt attempt = {.bed = bed};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, open_without_capabilities, &attempt), 0);
	pthread_join(thread, NULL);
	assert_int_equal(attempt.ret, -EPERM);
	assert_int_equal(attempt.err.code, NFP_E_PERMISSION);
}

TEST_MAIN()
