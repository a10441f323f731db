// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the frames of a guest stop, by real frames on a way that is broken at each hop in turn:
 *
 *   wire === eth0, br0, fwpr === fwln, fwbr, vnet0     the latter three in another namespace
 *   wire === eth0, macvtap0
 *
 * The test sends until the first netdev of the way has counted enough.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness.h"
#include "netns/net.h"
#include "../../src/app/watching.h"

#define GUEST  "52:54:00:00:00:12"
#define ENOUGH (3 * NFP_WATCH_FRAMES)
#define LARGE  8000

static const uint8_t guest_mac[6] = {0x52, 0x54, 0, 0, 0, 0x12};
static const uint8_t all_mac[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static uint8_t group_mac[6] = {0x33, 0x33, 0xff, 0, 0, 0x12}; /* of ff02::1:ff00:12 */
static const uint8_t stp_mac[6] = {1, 0x80, 0xc2, 0, 0, 0};

static int wire, tap, inner = -1;

static int open_tap(void *arg)
{
	struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI, .ifr_name = "vnet0"};

	tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	(void)arg;
	return tap < 0 || ioctl(tap, TUNSETIFF, &ifr) ? -errno : 0;
}

static int index_of(void *name)
{
	return (int)if_nametoindex(name);
}

/* Runs a command in the namespace behind the veth. */
static void inside(const char *command)
{
	net_run("nsenter --net=/proc/%d/fd/%d sh -c '%s'", getpid(), inner, command);
}

static int make(void **state)
{
	struct nfp_err err = {0};

	(void)state;
	assert_int_equal(nfp_netns_new(&inner, &err), 0);
	net_run("ip link add wire mtu 9000 type veth peer name eth0 mtu 9000");
	net_run("ip link set wire up && ip link set eth0 up");
	net_run("ip link add fwpr mtu 9000 type veth peer name fwln mtu 9000 netns /proc/%d/fd/%d",
		getpid(), inner);
	net_run("ip link add br0 type bridge mcast_snooping 0 && ip link set br0 up");
	net_run("ip link set eth0 master br0 && ip link set fwpr master br0 up");
	assert_int_equal(nfp_netns_run(inner, open_tap, NULL), 0);
	inside("ip link add fwbr type bridge mcast_snooping 0 && ip link set fwbr up && "
	       "ip link set fwln master fwbr up && ip link set vnet0 mtu 9000 master fwbr up");
	net_await_path("wire", "br0");
	wire = net_socket(net_netdev("wire").ifindex);
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	close(wire);
	close(tap);
	net_run("ip link del wire && ip link del br0 && ip link del fwpr");
	close(inner);
	return 0;
}

/* ---- frames ---- */

struct sends {
	bool unicast, broadcast, groups; /* to the guest */
	bool from_guest, returned;	 /* broadcast */
	size_t len;			 /* 0: 60 */
};

static void send_frame(int fd, const uint8_t dst[6], const uint8_t src[6], size_t len)
{
	static uint8_t frame[LARGE] = {[12] = 0x88, 0xb5};

	memcpy(frame, dst, 6);
	memcpy(frame + 6, src, 6);
	/* A netdev that is down takes none. */
	(void)!write(fd, frame, len ?: 60);
}

static void send_each(const struct sends *sends)
{
	static const uint8_t other[6] = {2, 0, 0, 0, 0, 9};
	uint8_t drained[LARGE];

	if (sends->unicast)
		send_frame(wire, guest_mac, other, sends->len);
	if (sends->broadcast)
		send_frame(wire, all_mac, other, 0);
	if (sends->groups)
		send_frame(wire, group_mac, other, 0);
	/* No bridge forwards these. */
	send_frame(wire, stp_mac, other, 0);
	/* A NIC's switch returns what the guest has sent by its VF. */
	if (sends->returned)
		send_frame(wire, all_mac, guest_mac, 0);
	if (sends->from_guest)
		send_frame(tap, all_mac, guest_mac, 0);
	while (read(tap, drained, sizeof(drained)) > 0)
		;
}

/* ---- watching ---- */

static struct nfp_watch_place place_at(const char *ifname, const char *bridge, bool inward, int fd)
{
	struct nfp_watch_place place = {.listen = {.inward = inward, .netdev.netns_fd = fd}};

	memcpy(place.listen.guest.b, guest_mac, 6);
	snprintf(place.listen.netdev.ifname, NFP_IFNAMSIZ, "%s", ifname);
	snprintf(place.bridge, sizeof(place.bridge), "%s", bridge);
	snprintf(place.netns, sizeof(place.netns), "%s", fd >= 0 ? "inside" : "");
	place.listen.netdev.ifindex = nfp_netns_run(fd, index_of, place.listen.netdev.ifname);
	assert_true(place.listen.netdev.ifindex > 0);
	return place;
}

/* Sends until each kind has been counted often enough where it begins. */
static bool is_enough(const struct nfp_watched_way *watch, const struct sends *sends)
{
	const struct nfp_watched_hop *first = &watch->hops[watch->num_hops - 1];
	const uint64_t *to = first->heard.frames[NFP_TO_GUEST];
	const uint64_t *from = watch->hops[0].heard.frames[NFP_FROM_GUEST];

	return (!sends->unicast || to[NFP_HEARD_UNICAST] >= ENOUGH) &&
	       (!sends->broadcast || to[NFP_HEARD_BROADCAST] >= ENOUGH) &&
	       (!sends->groups || to[NFP_HEARD_GROUPS] >= ENOUGH) &&
	       (!sends->from_guest || from[NFP_HEARD_BROADCAST] >= ENOUGH);
}

static void watch_way(const struct nfp_watch_place *places, size_t num, const struct sends *sends,
		      struct nfp_watched_way *watch)
{
	uint64_t until_ns = nfp_clock_now() + NET_PATIENCE_NS;
	struct nfp_watching *watching;
	struct nfp_err err = {0};

	*watch = (struct nfp_watched_way) {.ns = 0};
	assert_int_equal(nfp_watching_open(places, num, -1, watch, &watching, &err), 0);
	do {
		assert_true(nfp_clock_now() < until_ns);
		send_each(sends);
		nfp_watching_count(watching);
	} while (!is_enough(watch, sends));
	nfp_watching_end(watching);
	nfp_watching_close(watching);
	nfp_watch_judge(watch);
}

static void expect(const struct nfp_watched_way *watch, const char *name,
		   enum nfp_watch_answer answer, const char *begins)
{
	if (watch->answer == answer && strncmp(watch->text, begins, strlen(begins)) == 0)
		return;
	for (size_t i = 0; i < watch->num_hops; i++) {
		const struct nfp_watched_hop *hop = &watch->hops[i];

		print_message("%s: ear %d %s\n", hop->ifname, (int)hop->ear, hop->why);
		for (size_t k = 0; k < 6; k++)
			print_message(" %lu", (unsigned long)hop->late.frames[k / 3][k % 3]);
		print_message("\n");
	}
	fail_msg("%s: %s: %s", name, nfp_name(&nfp_watch_answer_names, watch->answer), watch->text);
}

static void watch_bridges(const char *eth0_in, const char *vnet0_in, const struct sends *sends,
			  struct nfp_watched_way *watch)
{
	const struct nfp_watch_place places[] = {
		place_at("vnet0", vnet0_in, true, inner),
		place_at("fwln", "fwbr", false, inner),
		place_at("fwpr", "br0", true, -1),
		place_at("eth0", eth0_in, false, -1),
	};

	watch_way(places, NFP_NUM(places), sends, watch);
}

#define CASE(name) TEST_WITH(name, make, unmake)
#define ALL	   .unicast = true, .broadcast = true, .groups = true

CASE(a_well_way)
{
	const struct sends sends = {ALL, .from_guest = true};
	struct nfp_watched_way watch;

	watch_bridges("br0", "fwbr", &sends, &watch);
	expect(&watch, "a well way", NFP_WATCH_PASSES, "all that came went on");
	assert_int_equal(watch.num_stops, 0);
	/* One namespace and one offload apart, each frame was counted at each netdev once. */
	for (size_t i = 0; i < watch.num_hops; i++)
		for (enum nfp_bound bound = 0; bound < NFP_BOUND_COUNT; bound++)
			for (enum nfp_heard_kind kind = 0; kind < NFP_HEARD_KINDS; kind++) {
				uint64_t sent = bound == NFP_TO_GUEST || kind == NFP_HEARD_BROADCAST
							? ENOUGH
							: 0;

				assert_int_equal(watch.hops[i].late.frames[bound][kind], sent);
			}
	nfp_watch_fini(&watch);
}

static const struct row {
	const char *breaks, *mends; /* in this namespace */
	const char *breaks_inside, *mends_inside;
	struct sends sends;
	enum nfp_watch_answer answer;
	const char *text;
	const char *eth0_in, *vnet0_in; /* NULL: as made */
} rows[] = {
	{"bridge link set dev eth0 state 0", "bridge link set dev eth0 state 3", .sends = {ALL},
	 .text = "stops between eth0 of br0 and fwpr: 45 came, 0 went on"},
	{"bridge link set dev fwpr state 0", "bridge link set dev fwpr state 3", .sends = {ALL},
	 .text = "stops between eth0 of br0 and fwpr: 45 came, 0 went on"},
	{"ip link set br0 down", "ip link set br0 up", .sends = {ALL},
	 .text = "stops between eth0 of br0 and fwpr: 45 came"},
	{"ip link set eth0 nomaster", "ip link set eth0 master br0", .sends = {.broadcast = true},
	 .text = "stops between eth0 and fwpr of br0: 15 came", .eth0_in = ""},
	{"bridge link set dev eth0 isolated on && bridge link set dev fwpr isolated on",
	 "bridge link set dev eth0 isolated off && bridge link set dev fwpr isolated off",
	 .sends = {ALL}, .text = "stops between eth0 of br0 and fwpr: 45 came"},
	{"bridge fdb add " GUEST " dev eth0 master static",
	 "bridge fdb del " GUEST " dev eth0 master", .sends = {ALL},
	 .text = "unicast stops between eth0 of br0 and fwpr: 15 came"},
	{"bridge link set dev fwpr bcast_flood off", "bridge link set dev fwpr bcast_flood on",
	 .sends = {ALL}, .text = "broadcast stops between eth0 of br0 and fwpr: 15 came"},
	{"bridge link set dev fwpr mcast_flood off", "bridge link set dev fwpr mcast_flood on",
	 .sends = {ALL}, .answer = NFP_WATCH_GROUPS,
	 .text = "groups stop between eth0 of br0 and fwpr: 15 came"},
	{"bridge link set dev fwpr flood off", "bridge link set dev fwpr flood on", .sends = {ALL},
	 .text = "unicast stops between eth0 of br0 and fwpr: 15 came"},
	{.breaks_inside = "ip link set fwln down",
	 .mends_inside = "ip link set fwln up",
	 .sends = {ALL},
	 .text = "stops between eth0 of br0 and fwpr: 45 came"},
	{.breaks_inside = "ip link set fwbr down",
	 .mends_inside = "ip link set fwbr up",
	 .sends = {ALL},
	 .text = "stops between fwln of fwbr (inside) and vnet0: 45 came"},
	{.breaks_inside = "bridge link set dev fwln state 0",
	 .mends_inside = "bridge link set dev fwln state 3",
	 .sends = {ALL},
	 .text = "stops between fwln of fwbr (inside) and vnet0: 45 came"},
	{.breaks_inside = "ip link set vnet0 nomaster",
	 .mends_inside = "ip link set vnet0 master fwbr",
	 .sends = {ALL},
	 .text = "stops between fwln of fwbr (inside) and vnet0 (inside): 45 came",
	 .vnet0_in = ""},
	{.breaks_inside = "ip link set vnet0 down",
	 .mends_inside = "ip link set vnet0 up",
	 .sends = {ALL},
	 .text = "stops between fwln of fwbr (inside) and vnet0, which is down: 45 came, 0 went "
		 "on"},
	/* What is to be found is sent alone: large frames. */
	{.breaks_inside = "ip link set vnet0 mtu 1500",
	 .mends_inside = "ip link set vnet0 mtu 9000",
	 .sends = {.unicast = true, .len = LARGE},
	 .text = "stops between fwln of fwbr (inside) and vnet0: 15 came"},
	{.breaks_inside = "ip link set vnet0 mtu 1500",
	 .mends_inside = "ip link set vnet0 mtu 9000",
	 .sends = {.unicast = true},
	 .answer = NFP_WATCH_PASSES,
	 .text = "all that came went on"},
	{.breaks_inside = "bridge link set dev vnet0 learning off locked on",
	 .mends_inside = "bridge link set dev vnet0 learning on locked off",
	 .sends = {ALL, .from_guest = true},
	 .text = "what comes from the guest stops between vnet0 of fwbr (inside) and fwln: 15 "
		 "came"},
};

CASE(each_hop_is_named)
{
	nfp_for_each (row, rows, NFP_NUM(rows)) {
		struct nfp_watched_way watch;
		const char *what = row->breaks ?: row->breaks_inside;

		if (row->breaks)
			net_run("%s", row->breaks);
		else
			inside(row->breaks_inside);
		watch_bridges(row->eth0_in ?: "br0", row->vnet0_in ?: "fwbr", &row->sends, &watch);
		expect(&watch, what, row->answer ?: NFP_WATCH_STOPS, row->text);
		nfp_watch_fini(&watch);
		if (row->breaks)
			net_run("%s", row->mends);
		else
			inside(row->mends_inside);
		/* It was this alone. */
		watch_bridges("br0", "fwbr", &(const struct sends) {.broadcast = true}, &watch);
		expect(&watch, what, NFP_WATCH_PASSES, "all that came went on");
		nfp_watch_fini(&watch);
	}
}

static void watch_macvtap(const struct sends *sends, struct nfp_watched_way *watch)
{
	const struct nfp_watch_place places[] = {
		place_at("macvtap0", "", false, -1),
		place_at("eth0", "", false, -1),
	};

	watch_way(places, NFP_NUM(places), sends, watch);
}

CASE(a_macvtap)
{
	const struct sends all = {ALL, .returned = true}, broadcast = {.broadcast = true};
	struct nfp_watched_way watch;

	net_run("ip link set eth0 nomaster");
	net_run("ip link add link eth0 name macvtap0 address " GUEST " type macvtap mode bridge");
	watch_macvtap(&all, &watch);
	expect(&watch, "down", NFP_WATCH_STOPS,
	       "stops between eth0 and macvtap0, which is down: 45 came, 0 went on");
	nfp_watch_fini(&watch);
	net_run("ip link set macvtap0 allmulticast on up");
	watch_macvtap(&all, &watch);
	expect(&watch, "well", NFP_WATCH_PASSES, "all that came went on");
	nfp_watch_fini(&watch);
	net_run("ip link set macvtap0 allmulticast off");
	watch_macvtap(&all, &watch);
	/* It filters by a hash of 8 bits, with a salt: find a group that it has not. */
	while (watch.answer == NFP_WATCH_PASSES && ++group_mac[5]) {
		nfp_watch_fini(&watch);
		watch_macvtap(&all, &watch);
	}
	expect(&watch, "groups", NFP_WATCH_GROUPS,
	       "groups stop between eth0 and macvtap0: 15 came");
	nfp_watch_fini(&watch);
	net_run("ip link set macvtap0 address 52:54:00:00:00:77");
	watch_macvtap(&all, &watch);
	expect(&watch, "address", NFP_WATCH_STOPS,
	       "unicast and groups stop between eth0 and macvtap0: 30 came");
	nfp_watch_fini(&watch);
	watch_macvtap(&broadcast, &watch);
	expect(&watch, "broadcast", NFP_WATCH_PASSES, "all that came went on");
	nfp_watch_fini(&watch);
	net_run("ip link del macvtap0");
}

/* A netdev that goes away, or changes, tells nothing. */
CASE(a_netdev_that_goes_away)
{
	const struct nfp_watch_place places[] = {
		place_at("fwpr", "br0", true, -1),
		place_at("eth0", "br0", false, -1),
	};
	struct nfp_watching *watching;
	struct nfp_watched_way watch = {.ns = 0};
	struct nfp_err err = {0};

	assert_int_equal(nfp_watching_open(places, NFP_NUM(places), -1, &watch, &watching, &err),
			 0);
	net_run("ip link set fwpr down");
	nfp_watching_end(watching);
	nfp_watching_close(watching);
	nfp_watch_judge(&watch);
	expect(&watch, "down", NFP_WATCH_ALONE, "not known");
	assert_true(nfp_strv_has(&watch.notes, "fwpr of br0 was not listened at: it has gone down "
					       "meanwhile"));
	nfp_watch_fini(&watch);
	net_run("ip link set fwpr up");
}

/* Counts are exact where nobody could read so many frames, and no byte of one is kept. */
CASE(a_flood_is_counted_to_the_last_frame)
{
	const struct nfp_watch_place place = place_at("eth0", "br0", false, -1);
	static const uint8_t other[6] = {2, 0, 0, 0, 0, 9};
	uint64_t until_ns = nfp_clock_now() + NET_PATIENCE_NS;
	struct nfp_heard heard = {0};
	struct nfp_listener *listener;
	struct nfp_err err = {0};

	assert_int_equal(nfp_listener_open(&place.listen, &listener, &err), 0);
	for (int i = 0; i < 100000; i++)
		send_frame(wire, guest_mac, other, 0);
	while (heard.frames[NFP_TO_GUEST][NFP_HEARD_UNICAST] < 100000) {
		assert_true(nfp_clock_now() < until_ns);
		assert_int_equal(nfp_listener_read(listener, &heard), 0);
	}
	assert_int_equal(heard.frames[NFP_TO_GUEST][NFP_HEARD_UNICAST], 100000);
	nfp_listener_close(listener);
}

int main(void)
{
	return RUN_TESTS(NULL, NULL);
}
