// SPDX-License-Identifier: GPL-2.0-or-later
// Looking for the wire: which netdevs does the PF hear?
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>

#include "harness.h"
#include "netns/bed.h"
#include "../../src/app/search.h"

#define MS NFP_NSEC_PER_MSEC

/* s0 reaches the PF by the relay, q0 ends nowhere, d0 is down. */
static const char *const names[] = {"q0", "s0", "d0"};
enum { NUM = 3, CONNECTED = 1 };

struct senders {
	struct nfp_netdev netdev[NUM];
	struct nfp_mac mac[NUM];
	bool heard[NUM];
};

static void make(struct bed *bed)
{
	bed_make(bed);
	net_run("ip link add q0 type veth peer name q1");
	net_run("ip link set q0 up && ip link set q1 up");
	net_run("ip link add d0 type veth peer name d1");
}

static void unmake(struct bed *bed)
{
	net_run("ip link del q0 && ip link del d0");
	bed_unmake(bed);
}

static struct senders senders(void)
{
	struct senders senders;

	for (size_t i = 0; i < NUM; i++) {
		senders.netdev[i] = net_netdev(names[i]);
		senders.mac[i] = net_mac(names[i]);
		senders.heard[i] = true;
	}
	return senders;
}

static int hello(const struct bed *bed, const struct nfp_vlan *vlan, struct senders *s,
		 struct nfp_err *err)
{
	return nfp_hello(&bed->net.id, vlan, &bed->net.pf, s->netdev, s->mac, NUM, s->heard, err);
}

#define CASE(name) TEST_OF(name, make, unmake, struct bed, bed)

CASE(hears_the_one_on_the_wire)
{
	struct senders s = senders();

	assert_int_equal(hello(bed, NULL, &s, NULL), 0);
	for (size_t i = 0; i < NUM; i++)
		assert_int_equal(s.heard[i], i == CONNECTED);
}

CASE(hears_through_a_vlan)
{
	const struct nfp_vlan vlan = {.vid = 100};
	struct relay_rules rules = relay_all();
	struct senders s = senders();

	assert_int_equal(hello(bed, &vlan, &s, NULL), 0);
	assert_true(s.heard[CONNECTED]);
	/* The tag is lost on the way: the VLAN does not reach the PF. */
	rules.to[NFP_AT_PF].untag = true;
	relay_set(bed->relay, &rules);
	assert_int_equal(hello(bed, &vlan, &s, NULL), 0);
	assert_false(s.heard[CONNECTED]);
}

static void count_one(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	(void)data;
	(void)len;
	(void)real_ns;
	++*(unsigned int *)ctx;
}

/* q1 hears each hello of q0: one if the PF heard somebody, seven if it heard nobody. */
CASE(asks_until_somebody_is_heard)
{
	const struct relay_rules silent = {.seed = 1};
	const struct nfp_netdev beside = net_netdev("q1");
	char filter[NFP_CAPTURE_FILTER_LEN];
	struct senders s = senders();
	struct nfp_capture *capture;
	unsigned int num = 0;

	nfp_capture_filter(&bed->net.id, filter);
	assert_int_equal(nfp_capture_open(&beside, filter, 0, false, &capture, NULL), 0);
	assert_int_equal(hello(bed, NULL, &s, NULL), 0);
	nfp_capture_drain(capture, 64, count_one, &num);
	assert_int_equal(num, 1);
	relay_set(bed->relay, &silent);
	assert_int_equal(hello(bed, NULL, &s, NULL), 0);
	nfp_capture_drain(capture, 64, count_one, &num);
	assert_int_equal(num, 1 + 7);
	nfp_capture_close(capture);
}

static uint64_t sent_by(const char *ifname)
{
	FILE *file = fopen("/proc/self/net/dev", "re");
	uint64_t sent = UINT64_MAX;
	char line[512], name[16];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		uint64_t packets;

		if (sscanf(line, " %15[^:]: %*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64, name,
			   &packets) == 2 &&
		    strcmp(name, ifname) == 0)
			sent = packets;
	}
	fclose(file);
	assert_true(sent != UINT64_MAX);
	return sent;
}

/* Only it could say hello, and it does not hear itself. */
CASE(a_pf_that_is_alone_says_nothing)
{
	const struct nfp_netdev alone = net_netdev("q1");
	const struct nfp_mac mac = net_mac("q1");
	uint64_t sent = sent_by("q1");
	bool heard = true;

	assert_int_equal(nfp_hello(&bed->net.id, NULL, &alone, &alone, &mac, 1, &heard, NULL), 0);
	assert_false(heard);
	assert_int_equal(sent_by("q1"), sent);
}

CASE(hears_nobody)
{
	const struct relay_rules silent = {.seed = 1};
	struct senders s = senders();

	relay_set(bed->relay, &silent);
	assert_int_equal(hello(bed, NULL, &s, NULL), 0);
	for (size_t i = 0; i < NUM; i++)
		assert_false(s.heard[i]);
	assert_int_equal(
		nfp_hello(&bed->net.id, NULL, &bed->net.pf, s.netdev, s.mac, 0, s.heard, NULL), 0);
}

/* A netdev that says hello with an address that is not the one it was asked by. */
CASE(address_must_agree)
{
	struct senders s = senders();
	struct nfp_frame_id other = bed->net.id;

	/* Frames of the stream and of another run are no hellos. */
	bed_open_usual(bed);
	bed_plan(bed, 1000);
	other.run[15] ^= 1;
	s.mac[CONNECTED].b[5] ^= 1;
	assert_int_equal(nfp_hello(&other, NULL, &bed->net.pf, s.netdev, s.mac, 1, s.heard, NULL),
			 0);
	assert_false(s.heard[0]);
	/* The PF hears the stream, but q0's hello goes nowhere. */
	assert_int_equal(
		nfp_hello(&bed->net.id, NULL, &bed->net.pf, s.netdev, s.mac, 1, s.heard, NULL), 0);
	assert_false(s.heard[0]);
	bed_finish(bed);
	bed_assert_agrees(bed);
	assert_int_equal(bed_stats(bed).foreign, 0);
}

struct other_search {
	const struct bed *bed;
	atomic_bool ends;
};

static void *search_all(void *arg)
{
	struct other_search *other = arg;

	while (!other->ends) {
		struct senders s = senders();

		assert_int_equal(hello(other->bed, NULL, &s, NULL), 0);
	}
	return NULL;
}

/* The hellos that the PF hears are by a sender that this search does not have. */
CASE(senders_of_another_search_do_not_count)
{
	struct other_search other = {.bed = bed};
	struct senders s = senders();
	pthread_t thread;

	s.heard[CONNECTED] = false;
	assert_int_equal(pthread_create(&thread, NULL, search_all, &other), 0);
	assert_int_equal(
		nfp_hello(&bed->net.id, NULL, &bed->net.pf, s.netdev, s.mac, 1, s.heard, NULL), 0);
	other.ends = true;
	pthread_join(thread, NULL);
	assert_false(s.heard[CONNECTED]);
}

CASE(the_only_sender_is_heard)
{
	struct senders s = senders();

	s.heard[CONNECTED] = false;
	assert_int_equal(nfp_hello(&bed->net.id, NULL, &bed->net.pf, &s.netdev[CONNECTED],
				   &s.mac[CONNECTED], 1, &s.heard[CONNECTED], NULL),
			 0);
	assert_true(s.heard[CONNECTED]);
}

CASE(pf_must_be_up)
{
	struct senders s = senders();
	struct nfp_err err = {0};

	net_run("ip link set p0 down");
	assert_int_equal(hello(bed, NULL, &s, &err), -ENETDOWN);
	assert_non_null(strstr(err.message, "p0"));
	net_run("ip link set p0 up");
}

TEST_MAIN()
