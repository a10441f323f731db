// SPDX-License-Identifier: GPL-2.0-or-later
/* A recording tells what happened when, and does not fill the disk. */
#include <fcntl.h>
#include <unistd.h>
#include <sys/stat.h>

#include "harness.h"
#include "pcapng_read.h"
#include "recording_fixture.h"

/* What Wireshark's users read of a file. */
struct contents {
	char *comments; /* a line each */
	size_t interfaces, packets;
};

static struct contents contents_of(const char *path)
{
	struct contents c = {0};
	struct pcapng_option option;
	struct pcapng_block block;
	char *file = NULL;
	size_t size = 0, len, at = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	FILE *out = open_memstream(&c.comments, &len);

	assert_int_equal(nfp_read_fd(fd, 64U << 20, &file, &size), 0);
	close(fd);
	assert_non_null(out);
	while (at < size) {
		size_t next = 0;

		at += pcapng_next((const uint8_t *)file + at, size - at, &block);
		c.interfaces += block.fixed.type == PCAPNG_INTERFACE;
		c.packets += block.fixed.type == PCAPNG_PACKET;
		while (pcapng_option(&block, &next, &option)) {
			if (option.code == PCAPNG_COMMENT)
				fprintf(out, "%.*s\n", (int)option.len, (const char *)option.value);
		}
	}
	fclose(out);
	free(file);
	return c;
}

TEST(a_ladder_is_told_in_comments)
{
	static const char *const expected[] = {
		"nfprobe change ip link set eth0 vf 3 mac 02:00:00:00:00:11\n",
		"nfprobe change odd ?a ?%\n",
		"nfprobe ladder VF 3, macvtap, frames from ",
		"nfprobe step standby, address 02:",
		"nfprobe watch standby from 179386800",
		"nfprobe window standby from 179386800",
		"nfprobe step attach, address 02:",
		"nfprobe end ",
	};
	struct contents c;
	struct fixture f;
	struct bed bed;
	const char *at;

	open_fixture(&f);
	open_bed(&f, &bed, 3, memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	nfp_emit(&bed.config.events,
		 &(struct nfp_event) {.what = NFP_EVENT_CHANGE, .text = "odd \na \xff%"});
	assert_int_equal(bed_run(&bed), 0);
	*nfp_vf_add_style(add_vf(&f, 3)) = bed.result;
	bed_close(&bed);
	conclude(&f);
	c = contents_of(f.path);
	at = c.comments;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]) && at; i++) {
		at = strstr(at, expected[i]);
		if (!at)
			fail_msg("missing, or out of order: %s in %s", expected[i], c.comments);
	}
	/* The sender, the PF, and the VF with each of its addresses. */
	assert_in_range(c.interfaces, 3, 6);
	assert_true(c.packets > 1000);
	free(c.comments);
	close_fixture(&f);
}

/* A neighbour who sends forged frames, or one of the run's again and again, does not fill the disk.
 */
TEST(frames_that_count_for_nothing_are_bounded)
{
	static const uint8_t data[128] = {1};
	struct nfp_tap_event events[] = {
		{.what = NFP_TAP_HEARD, .at = NFP_AT_PF, .data = data, .len = sizeof(data)},
		{.what = NFP_TAP_SEEN,
		 .at = NFP_AT_VF,
		 .seq = 7,
		 .data = data,
		 .len = sizeof(data)},
	};
	struct nfp_tap tap;
	struct contents c;
	struct fixture f;
	struct stat st;
	char *omitted;

	open_fixture(&f);
	run_ladder(&f, add_vf(&f, 3), memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	tap = nfp_recorder_tap(f.recorder);
	for (unsigned int i = 0; i < 400000; i++)
		tap.frame(tap.ctx, &events[i % 2]);
	conclude(&f);
	assert_int_equal(stat(f.path, &st), 0);
	assert_in_range(st.st_size, 16 << 20, 32 << 20);
	c = contents_of(f.path);
	omitted = strstr(c.comments, "nfprobe omitted ");
	assert_non_null(omitted);
	assert_in_range(atoi(omitted + strlen("nfprobe omitted ")), 260000, 270000);
	free(c.comments);
	close_fixture(&f);
}

TEST(a_refused_run_leaves_no_file)
{
	const struct nfp_recorder_host host = {.hostname = "hv3", .kernel = "6", .machine = "x"};
	struct nfp_recorder *recorder;
	char path[64];

	snprintf(path, sizeof(path), "/tmp/nfprobe-refused.%d", (int)getpid());
	assert_int_equal(nfp_recorder_open(path, &host, &recorder, NULL), 0);
	assert_int_equal(nfp_recorder_close(recorder, NULL), 0);
	assert_int_equal(access(path, F_OK), -1);
}

TEST_MAIN()
