// SPDX-License-Identifier: GPL-2.0-or-later
// A prober and a reflector at two ends of a cable: what comes back, and what does not. Each reason
// for which the reflector does not send a frame on: unit/test_reflect.c.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "netns/mirror.h"
#include "../../src/traffic/traffic_priv.h"

#define MS NFP_NSEC_PER_MSEC

static void link_up(struct mirror *m, const struct nfp_vlan *vlan)
{
	struct nfp_peer_frame info;

	mirror_start(m);
	assert_int_equal(mirror_ask(m, &m->far_mac, vlan, &info), 0);
	mirror_open(m, vlan);
}

/* Each frame of each kind came to the PF once. */
static uint64_t assert_all_came(const struct mirror *m)
{
	uint64_t all = 0;

	for (int kind = 0; kind <= NFP_KIND_UNJOINED; kind++) {
		struct nfp_count count = bed_count(&m->bed, (enum nfp_kind)kind);

		assert_true(count.sent > 0);
		assert_int_equal(count.at[NFP_AT_PF], count.sent);
		assert_int_equal(count.duplicates, 0);
		all += count.sent;
	}
	return all;
}

static struct nfp_wire_stats stats_of(const struct mirror *m)
{
	struct nfp_wire_stats stats;

	m->bed.wire.ops->stats(m->bed.wire.ctx, &stats);
	return stats;
}

#define CASE(name) TEST_OF(name, mirror_make, mirror_unmake, struct mirror, m)

CASE(every_kind_comes_back)
{
	uint64_t all;

	link_up(m, NULL);
	mirror_send(m, 1000, 500);
	all = assert_all_came(m);
	assert_int_equal(stats_of(m).foreign, 0);
	mirror_stop(m);
	assert_int_equal(m->ret, 0);
	assert_true(m->report.stopped);
	assert_int_equal(m->report.outcome[NFP_REFLECT_SENT_ON], all);
	assert_int_equal(m->report.outcome[NFP_REFLECT_ANSWERED], 1);
	assert_int_equal(m->report.received, all + 1);
}

/* The tag with which frames come is the tag with which they go back. */
CASE(in_a_vlan)
{
	const struct nfp_vlan vlan = {.vid = 100};

	link_up(m, &vlan);
	mirror_send(m, 1000, 300);
	assert_all_came(m);
	assert_int_equal(stats_of(m).foreign, 0);
}

CASE(is_found_by_its_id)
{
	struct nfp_peer_frame info = {0};

	m->config.rate = 77;
	mirror_start(m);
	assert_int_equal(mirror_ask(m, NULL, NULL, &info), 0);
	assert_true(nfp_mac_equal(&info.src, &m->far_mac));
	assert_int_equal(info.rate, 77);
	assert_in_range(info.left_s, 30, 60);
	/* From then on it is this one, and still there. */
	assert_int_equal(mirror_ask(m, NULL, NULL, &info), 0);
	mirror_stop(m);
	assert_int_equal(mirror_ask(m, NULL, NULL, &info), -ENOLINK);
}

/* Frames of before are nothing to the one that takes its place, until somebody asks again. */
CASE(started_anew_in_mid_run)
{
	struct nfp_count before;
	struct nfp_peer_frame info;

	link_up(m, NULL);
	mirror_send(m, 1000, 100);
	before = bed_count(&m->bed, NFP_KIND_UNICAST);
	mirror_stop(m);
	mirror_start(m);
	mirror_send(m, 1000, 100);
	assert_int_equal(bed_count(&m->bed, NFP_KIND_UNICAST).at[NFP_AT_PF], before.at[NFP_AT_PF]);
	assert_int_equal(mirror_ask(m, NULL, NULL, &info), -ESTALE);
	before = bed_count(&m->bed, NFP_KIND_UNICAST);
	mirror_send(m, 1000, 100);
	assert_true(bed_count(&m->bed, NFP_KIND_UNICAST).at[NFP_AT_PF] >=
		    before.at[NFP_AT_PF] + 80);
	mirror_stop(m);
	assert_true(m->report.outcome[NFP_REFLECT_OTHER_SESSION] >= 100);
}

CASE(ends_when_its_netdev_has_gone)
{
	mirror_start(m);
	net_run("ip link del p0");
	mirror_join(m);
	assert_int_equal(m->ret, -ENODEV);
}

CASE(stops_by_itself)
{
	m->config.deadline_ns = nfp_clock_now() + 300 * MS;
	mirror_start(m);
	mirror_join(m);
	assert_int_equal(m->ret, 0);
	assert_false(m->report.stopped);
	assert_true(nfp_clock_now() >= m->config.deadline_ns);
}

/* ---- a flood ---- */

/* Frames that came out of the reflector's end since the socket was opened. */
static unsigned int came_out(int fd)
{
	uint8_t buf[2048];
	unsigned int num = 0;

	while (recv(fd, buf, sizeof(buf), 0) > 0)
		num++;
	return num;
}

/* A frame of the prober, as somebody in between could record it. */
static size_t recorded(struct mirror *m, struct nfp_packet *packet)
{
	const struct nfp_frame frame = {
		.dst = {{0x02, 0, 0, 0, 0, 0x11}},
		.src = m->pf_mac,
		.kind = NFP_KIND_UNICAST,
		.seq = 1,
		.sent_ns = 1,
	};
	struct nfp_codec codec = nfp_peer_link_codec(m->link);
	struct nfp_packet packets[NFP_CODEC_PACKETS];

	assert_int_equal(codec.ops->make(codec.ctx, &frame, packets), 1);
	*packet = packets[0];
	return packet->len;
}

/* In portions that the other side can read on a busy machine: frames that its ring lost prove
 * nothing. */
enum { PORTION = 500 };

static void send_all(struct mirror *m, struct nfp_inject *inject, struct nfp_packet *packet,
		     unsigned int num, void (*change)(struct nfp_packet *packet, unsigned int i))
{
	struct nfp_packet copy;

	for (unsigned int i = 0; i < num; i++) {
		struct pollfd none = {.fd = -1};

		if (i % PORTION == PORTION - 1)
			bed_pump(&m->bed, 20 * MS);
		copy = *packet;
		change(&copy, i);
		while (nfp_inject_send(inject, &copy, 1) == -ENOBUFS)
			poll(&none, 1, 1);
	}
}

static void forge(struct nfp_packet *packet, unsigned int i)
{
	memcpy(packet->data + packet->len - 4, &i, sizeof(i));
	packet->data[packet->len - 8] ^= 0x5a;
}

static void repeat(struct nfp_packet *packet, unsigned int i)
{
	(void)packet;
	(void)i;
}

static void to_everybody(struct nfp_packet *packet, unsigned int i)
{
	(void)i;
	memset(packet->data, 0xff, NFP_MAC_LEN);
}

static void cut(struct nfp_packet *packet, unsigned int i)
{
	packet->len = 14 + i % (packet->len - 14);
}

/* Nothing of it comes out, and a run goes on as before. */
CASE(flood)
{
	struct nfp_inject *inject;
	struct nfp_packet packet;
	unsigned int each = 3000;
	int fd;

	link_up(m, NULL);
	recorded(m, &packet);
	assert_int_equal(nfp_inject_open(&m->pf, &inject, NULL), 0);
	assert_int_equal(nfp_inject_send(inject, &packet, 1), 1);
	mirror_send(m, 1000, 50);
	fd = net_socket(m->pf.ifindex);
	send_all(m, inject, &packet, each, forge);
	send_all(m, inject, &packet, each, repeat);
	send_all(m, inject, &packet, each, to_everybody);
	send_all(m, inject, &packet, each, cut);
	bed_pump(&m->bed, 300 * MS);
	assert_int_equal(came_out(fd), 0);
	close(fd);
	nfp_inject_close(inject);
	nfp_accounting_reset(m->bed.accounting);
	m->bed.start_ns = nfp_clock_now();
	assert_int_equal(nfp_accounting_mark(m->bed.accounting, m->bed.start_ns), 0);
	mirror_send(m, 1000, 200);
	assert_all_came(m);
	mirror_stop(m);
	assert_true(m->report.outcome[NFP_REFLECT_OTHER_ID] >= each);
	assert_true(m->report.outcome[NFP_REFLECT_REPEATED] >= each);
	assert_int_equal(m->report.outcome[NFP_REFLECT_REFUSED], 0);
	assert_int_equal(m->report.drops, 0);
}

TEST_MAIN()
