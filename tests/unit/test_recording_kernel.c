// SPDX-License-Identifier: GPL-2.0-or-later
/* A recording has the kernel's messages as they were, and making it has no effect on them. */
#include <fcntl.h>
#include <unistd.h>
#include <sys/stat.h>
#include <linux/netlink.h>

#include "harness.h"
#include "pcapng_read.h"
#include "recording_fixture.h"
#include "unit/sample_kernel.h"

/* The comments of a file, a line each, and its netlink packets. */
struct contents {
	char *comments;
	uint32_t kernel; /* the number of their interface */
	uint16_t link_type;
	size_t num_packets;
	struct {
		uint64_t time;
		uint8_t data[2048];
		size_t len;
	} packets[8];
};

static void take_options(struct contents *c, const struct pcapng_block *block, FILE *out)
{
	struct pcapng_option option;
	size_t at = 0;

	while (pcapng_option(block, &at, &option)) {
		if (option.code == PCAPNG_COMMENT)
			fprintf(out, "%.*s\n", (int)option.len, (const char *)option.value);
	}
	if (block->fixed.type != PCAPNG_PACKET || block->fixed.interface != c->kernel)
		return;
	if (c->num_packets < sizeof(c->packets) / sizeof(c->packets[0])) {
		c->packets[c->num_packets].time = block->fixed.time;
		c->packets[c->num_packets].len = block->fixed.len;
		memcpy(c->packets[c->num_packets].data, block->fixed.data,
		       block->fixed.len < sizeof(c->packets[0].data) ? block->fixed.len
								     : sizeof(c->packets[0].data));
	}
	c->num_packets++;
}

static struct contents contents_of(const char *path)
{
	struct contents c = {.kernel = UINT32_MAX};
	struct pcapng_block block;
	uint32_t interface = 0;
	char *file = NULL;
	size_t size = 0, len, at = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	FILE *out = open_memstream(&c.comments, &len);

	assert_int_equal(nfp_read_fd(fd, 64U << 20, &file, &size), 0);
	close(fd);
	assert_non_null(out);
	while (at < size) {
		at += pcapng_next((const uint8_t *)file + at, size - at, &block);
		if (block.fixed.type == PCAPNG_INTERFACE) {
			if (block.fixed.link_type != PCAPNG_LINK_ETHERNET) {
				c.kernel = interface;
				c.link_type = block.fixed.link_type;
			}
			interface++;
		}
		take_options(&c, &block, out);
	}
	fclose(out);
	free(file);
	return c;
}

static void climb_one(struct fixture *f)
{
	run_ladder(f, add_vf(f, 3), memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	conclude(f);
}

/* Before the first ladder and within it: the result is the same, and the messages are whole. */
TEST(messages_are_whole_and_change_nothing)
{
	/* Big-endian; the message is in the order of the host. */
	static const struct {
		uint8_t header[16];
		struct nlmsghdr nlh;
		struct ifinfomsg link;
		struct nlattr attr;
		uint32_t mask;
	} request = {
		.header = {0, 4, 3, 0x38},
		.nlh = {.nlmsg_len = 40,
			.nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
			.nlmsg_seq = 1},
		.link = {.ifi_index = 3},
		.attr = {.nla_len = 8, .nla_type = IFLA_EXT_MASK},
		.mask = RTEXT_FILTER_VF,
	};
	struct nfp_observer observer;
	struct nfp_vf_attr *attrs = NULL;
	struct contents c;
	struct fixture f;
	size_t num = 0;

	open_fixture(&f);
	observer = nfp_recorder_observer(f.recorder);
	sample_kernel(&observer);
	run_ladder(&f, add_vf(&f, 3), memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	sample_kernel(&observer);
	conclude(&f);
	c = contents_of(f.path);
	assert_int_equal(c.link_type, 253);
	assert_int_equal(c.num_packets, 6);
	assert_int_equal(c.packets[0].time, RUN_BEGAN_NS);
	assert_int_equal(c.packets[0].len, sizeof(request));
	assert_memory_equal(c.packets[0].data, &request, sizeof(request));
	assert_int_equal(c.packets[1].time, RUN_BEGAN_NS + NFP_NSEC_PER_MSEC);
	assert_int_equal(
		nfp_vfinfo_parse((const struct nlmsghdr *)(c.packets[1].data + 16), &attrs, &num),
		0);
	assert_int_equal(num, 4);
	assert_int_equal(attrs[3].mac.b[5], 3);
	free(attrs);
	free(c.comments);
	close_fixture(&f);
}

TEST(files_and_changes_are_comments)
{
	static const char *const expected[] = {
		"nfprobe read /sys/class/net/eth0/device/sriov_numvfs: \"4\" (Success), at "
		"1793868000.123456789\n",
		"nfprobe read /sys/bus/pci/devices/0000:01:10.3/driver_override: \"\" (No such "
		"file "
		"or directory), at 1793868000.123456789\n",
		"nfprobe write /sys/bus/pci/drivers/igbvf/unbind: \"0000:01:10.3\" (Success), at "
		"1793868000.123456789\n",
		"nfprobe read /sys/odd: \"?a ?%\" (Success), at ",
		"nfprobe change ip link set eth0 vf 3 mac 02:00:00:00:00:11\n",
	};
	struct nfp_observer observer;
	struct contents c;
	struct fixture f;
	const char *at;

	open_fixture(&f);
	observer = nfp_recorder_observer(f.recorder);
	sample_kernel(&observer);
	sample_file(&observer, NFP_FILE_READ, "/sys/odd", "\na \xff%", 0);
	climb_one(&f);
	c = contents_of(f.path);
	at = c.comments;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]) && at; i++) {
		at = strstr(at, expected[i]);
		if (!at)
			fail_msg("missing, or out of order: %s", expected[i]);
	}
	free(c.comments);
	close_fixture(&f);
}

/* Answers have a bound, and what is left out is told; requests and writes are always there. */
TEST(answers_are_bounded)
{
	enum { EACH = 1 << 20, FIT = 16, LEFT_OUT = 2 };
	static char large[EACH];
	char long_text[300] = ""; /* more than what is left */
	const struct nlmsghdr request = {.nlmsg_len = sizeof(request), .nlmsg_type = RTM_GETLINK};
	struct nfp_observer observer;
	struct contents c;
	struct fixture f;

	memcpy(large, &(struct nlmsghdr) {.nlmsg_len = EACH, .nlmsg_type = RTM_NEWLINK},
	       sizeof(struct nlmsghdr));
	memset(long_text, '1', sizeof(long_text) - 1);
	open_fixture(&f);
	observer = nfp_recorder_observer(f.recorder);
	for (unsigned int i = 0; i < FIT + LEFT_OUT; i++)
		sample_message(&observer, 1000 * i, false, large, EACH - 16);
	sample_message(&observer, 30000, true, &request, sizeof(request));
	sample_file(&observer, NFP_FILE_READ, "/sys/class/net/eth0/queues/rx-0/rps_cpus",
		    "a text that is too long for what is left, which is the length of sixteen "
		    "headers: 256 bytes. It is of one line, as most are, but of a CPU mask of a "
		    "large machine: ffffffff,ffffffff,ffffffff,ffffffff,ffffffff,ffffffff,"
		    "ffffffff,ffffffff,ffffffff",
		    0);
	sample_file(&observer, NFP_FILE_WRITE, "/sys/written", long_text, 0);
	climb_one(&f);
	c = contents_of(f.path);
	assert_int_equal(c.num_packets, FIT + 1);
	assert_non_null(strstr(c.comments, "/sys/written"));
	assert_null(strstr(c.comments, "CPU mask"));
	assert_non_null(strstr(c.comments, "nfprobe omitted 3 answers, reads and frames of "));
	assert_non_null(strstr(c.comments, " bytes, from 1793868016.123456789 to "));
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
	assert_in_range(st.st_size, 16 << 20, 30 << 20);
	c = contents_of(f.path);
	omitted = strstr(c.comments, "nfprobe omitted ");
	assert_non_null(omitted);
	assert_in_range(atoi(omitted + strlen("nfprobe omitted ")), 260000, 270000);
	free(c.comments);
	close_fixture(&f);
}

TEST(sockets_of_other_processes_stay_out)
{
	const struct nlmsghdr nlh = {.nlmsg_len = sizeof(nlh), .nlmsg_type = 20};
	const struct nfp_kernel_message message = {
		.ns = MEMNIC_BEGIN_NS,
		.protocol = NETLINK_SOCK_DIAG,
		.data = &nlh,
		.len = sizeof(nlh),
	};
	struct nfp_observer observer;
	struct contents c;
	struct fixture f;

	open_fixture(&f);
	observer = nfp_recorder_observer(f.recorder);
	observer.message(observer.ctx, &message);
	climb_one(&f);
	c = contents_of(f.path);
	assert_int_equal(c.num_packets, 0);
	free(c.comments);
	close_fixture(&f);
}

/* A run that was refused, as the vendor of the card reads it: the kernel's words, and the error. */
static struct nfp_recorder *open_refused(struct fixture *f)
{
	const struct nfp_recorder_host host = {.hostname = "hv3", .kernel = "6", .machine = "x"};
	struct nfp_recorder *recorder;

	*f = (struct fixture) {.unregistered = NFP_UNKNOWN};
	snprintf(f->path, sizeof(f->path), "/tmp/nfprobe-refused.%d", (int)getpid());
	nfp_result_init(&f->result);
	memcpy(f->result.id, id.run, sizeof(id.run));
	f->result.exit_status = 4;
	nfp_err_set(&f->result.error, -EBUSY, NFP_E_VF_IN_USE, "VF 3 of eth0 is in use");
	add_vf(f, 3)->status = NFP_VF_IN_USE;
	assert_int_equal(nfp_recorder_open(f->path, &host, &recorder, &f->err), 0);
	return recorder;
}

TEST(a_refused_run_leaves_what_the_kernel_said)
{
	struct nfp_recorder *recorder;
	struct nfp_observer observer;
	struct contents c;
	struct fixture f;

	recorder = open_refused(&f);
	observer = nfp_recorder_observer(recorder);
	sample_kernel(&observer);
	assert_int_equal(nfp_recorder_close(recorder, &f.err), 0);
	c = contents_of(f.path);
	assert_int_equal(c.num_packets, 3);
	assert_non_null(strstr(
		c.comments, "nfprobe write /sys/bus/pci/drivers/igbvf/unbind: \"0000:01:10.3\""));
	free(c.comments);
	close_fixture(&f);
}

TEST(a_refused_run_replaces_nothing)
{
	struct nfp_recorder *recorder;
	struct nfp_observer observer;
	struct fixture f;
	FILE *before;
	char text[16];

	recorder = open_refused(&f);
	observer = nfp_recorder_observer(recorder);
	sample_kernel(&observer);
	before = fopen(f.path, "we");
	assert_non_null(before);
	fputs("before", before);
	fclose(before);
	assert_int_equal(nfp_recorder_close(recorder, &f.err), 0);
	before = fopen(f.path, "re");
	assert_non_null(fgets(text, sizeof(text), before));
	assert_string_equal(text, "before");
	fclose(before);
	close_fixture(&f);
}

TEST(a_run_that_asked_nothing_leaves_no_file)
{
	struct nfp_recorder *recorder;
	struct fixture f;

	recorder = open_refused(&f);
	assert_int_equal(nfp_recorder_close(recorder, &f.err), 0);
	assert_int_equal(access(f.path, F_OK), -1);
	close_fixture(&f);
}

TEST_MAIN()
