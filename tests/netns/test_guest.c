// SPDX-License-Identifier: GPL-2.0-or-later
/* A reflector that plays a guest: the addresses that it takes and gives back, and what it tells of
 * what it hears. The meaning of its reports: unit/test_guest.c. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "netns/mirror.h"
#include "nfprobe/inventory.h"

#define MS NFP_NSEC_PER_MSEC

static const struct nfp_mac macs[] = {{{0x02, 0xab, 0xcd, 0, 0, 1}}, {{0x02, 0xab, 0xcd, 0, 0, 2}}};

struct place {
	struct mirror mirror, *m;
	struct nfp_guest *guest;
};

static void make(struct place *p)
{
	p->m = &p->mirror;
	mirror_make(p->m);
	p->m->config.is_free = nfp_mac_is_free;
}

static void unmake(struct place *p)
{
	nfp_guest_close(p->guest);
	mirror_unmake(p->m);
}

#define CASE(name) TEST_OF(name, make, unmake, struct place, p)

/* A command at the reflector's host; returns its status. */
static int far(const struct mirror *m, const char *what, const char *mac)
{
	char command[256];

	snprintf(command, sizeof(command), "nsenter --net=/proc/%d/fd/%d sh -c '%s%s'", getpid(),
		 m->far.netns_fd, what, mac);
	return system(command);
}

static bool has(const struct mirror *m, const struct nfp_mac *mac)
{
	return far(m, "bridge fdb show dev r0 | grep -q ^", nfp_mac_str(mac).text) == 0;
}

static int open_guest(struct place *p, const struct nfp_vlan *vlan)
{
	struct mirror *m = p->m;
	struct nfp_stream_config config = {
		.id = m->run,
		.sender = m->pf,
		.sender_mac = m->pf_mac,
		.wake_fds = {-1, -1, -1, -1},
	};
	struct nfp_peer_frame info;
	int ret;

	if (vlan)
		config.sender_vlan = config.pf_vlan = *vlan;
	config.id.run[0] ^= 0xff;
	mirror_start(m);
	assert_int_equal(mirror_ask(m, &m->far_mac, vlan, &info), 0);
	ret = nfp_guest_open(&config, m->link, &p->guest, NULL);
	if (ret)
		return ret;
	m->bed.wire = nfp_guest_wire(p->guest);
	m->bed.start_ns = nfp_clock_now();
	assert_int_equal(nfp_accounting_mark(m->bed.accounting, m->bed.start_ns), 0);
	return 0;
}

static int take(struct place *p, const struct nfp_mac taken[], size_t num)
{
	struct nfp_wire *wire = &p->m->bed.wire;
	struct nfp_err err;

	return wire->ops->take(wire->ctx, taken, num, &err);
}

#define FRAMES 11

static bool has_sent(struct bed *bed)
{
	return bed_count(bed, NFP_KIND_UNICAST).sent >= FRAMES &&
	       bed_count(bed, NFP_KIND_BROADCAST).sent >= FRAMES &&
	       bed_count(bed, NFP_KIND_UNREGISTERED).sent >= FRAMES;
}

/* As a window of a neighbour does. */
static void send_frames(struct place *p)
{
	struct nfp_wire *wire = &p->m->bed.wire;
	struct nfp_plan plan = {.unicast = macs[0],
				.unregistered_mac = macs[1],
				.rate = {[NFP_KIND_UNICAST] = 40,
					 [NFP_KIND_BROADCAST] = 40,
					 [NFP_KIND_UNREGISTERED] = 40}};

	wire->ops->plan(wire->ctx, &plan);
	bed_await(&p->m->bed, has_sent);
	memset(plan.rate, 0, sizeof(plan.rate));
	wire->ops->plan(wire->ctx, &plan);
	bed_pump(&p->m->bed, 500 * MS);
}

/* Ask first for what is heard, which a busy machine may report late. */
static void assert_heard(const struct place *p, enum nfp_kind kind, bool heard)
{
	uint64_t deadline = nfp_clock_now() + NET_PATIENCE_NS;
	struct nfp_count count = bed_count(&p->m->bed, kind);

	while (heard && count.at[NFP_AT_PF] < count.sent && nfp_clock_now() < deadline) {
		bed_pump(&p->m->bed, 10 * MS);
		count = bed_count(&p->m->bed, kind);
	}
	assert_int_equal(count.at[NFP_AT_PF], heard ? count.sent : 0);
}

CASE(tells_what_it_hears)
{
	assert_int_equal(open_guest(p, NULL), 0);
	assert_int_equal(take(p, macs, 2), 0);
	assert_true(has(p->m, &macs[0]) && has(p->m, &macs[1]));
	send_frames(p);
	assert_heard(p, NFP_KIND_UNICAST, true);
	assert_heard(p, NFP_KIND_UNREGISTERED, true);
	assert_heard(p, NFP_KIND_BROADCAST, true);
	assert_int_equal(bed_stats(&p->m->bed).unreported, 0);
	assert_int_equal(bed_stats(&p->m->bed).foreign, 0);
	assert_int_equal(take(p, NULL, 0), 0);
	assert_false(has(p->m, &macs[0]) || has(p->m, &macs[1]));
}

CASE(in_a_vlan)
{
	const struct nfp_vlan vlan = {.vid = 100};

	assert_int_equal(open_guest(p, &vlan), 0);
	assert_int_equal(take(p, macs, 2), 0);
	send_frames(p);
	assert_heard(p, NFP_KIND_UNICAST, true);
	assert_heard(p, NFP_KIND_BROADCAST, true);
}

/* The kernel makes a netdev without a filter of addresses promiscuous; a macvlan has one. */
CASE(is_not_promiscuous)
{
	struct nfp_netdev *netdev = &p->m->config.netdev;

	p->m->far_mac = (struct nfp_mac) {{0x02, 0xab, 0xcd, 0, 0, 9}};
	p->m->config.mac = p->m->far_mac;
	netdev->ifindex = 77;
	snprintf(netdev->ifname, sizeof(netdev->ifname), "taker");
	assert_int_equal(far(p->m,
			     "ip link add link r0 name taker index 77 type macvlan mode vepa; "
			     "ip link set taker up address ",
			     "02:ab:cd:00:00:09"),
			 0);
	assert_int_equal(open_guest(p, NULL), 0);
	assert_int_equal(take(p, &macs[1], 1), 0);
	assert_int_equal(far(p->m, "ip -d link show taker | grep -q \" promiscuity 0 \"", ""), 0);
}

/* A veth hands over all that is on the wire. */
CASE(hears_nothing_that_is_for_others)
{
	assert_int_equal(open_guest(p, NULL), 0);
	assert_int_equal(take(p, &macs[1], 1), 0);
	send_frames(p);
	assert_heard(p, NFP_KIND_UNREGISTERED, true);
	assert_heard(p, NFP_KIND_BROADCAST, true);
	assert_heard(p, NFP_KIND_UNICAST, false);
}

CASE(announces_its_addresses_alone)
{
	struct nfp_wire *wire = &p->m->bed.wire;
	uint8_t buf[2048];
	unsigned int from[2] = {0};
	ssize_t len;
	int fd;

	assert_int_equal(open_guest(p, NULL), 0);
	assert_int_equal(take(p, macs, 1), 0);
	fd = net_socket(p->m->pf.ifindex);
	for (int i = 0; i < 2; i++)
		assert_int_equal(wire->ops->announce(wire->ctx, NFP_AT_PF, &macs[i], NULL), 0);
	bed_pump(&p->m->bed, 300 * MS);
	while ((len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 12) {
		for (int i = 0; i < 2; i++)
			from[i] += memcmp(buf + 6, macs[i].b, NFP_MAC_LEN) == 0;
	}
	close(fd);
	assert_int_equal(from[0], 1);
	assert_int_equal(from[1], 0);
}

CASE(takes_no_address_that_is_in_use)
{
	const struct nfp_mac vendors = {{0x00, 0xab, 0xcd, 0, 0, 1}}, group = {{0x03}};

	assert_int_equal(open_guest(p, NULL), 0);
	assert_int_equal(far(p->m, "ip link add d0 type veth peer name d1; ip link set d0 address ",
			     "02:ab:cd:00:00:01"),
			 0);
	assert_int_equal(take(p, macs, 2), -EADDRNOTAVAIL);
	/* Neither the one that nobody has. */
	assert_false(has(p->m, &macs[1]));
	assert_int_equal(far(p->m, "ip link del d0", ""), 0);
	assert_int_equal(far(p->m, "ip neigh add 192.0.2.1 dev r0 lladdr ", "02:ab:cd:00:00:01"),
			 0);
	assert_int_equal(take(p, macs, 2), -EADDRNOTAVAIL);
	assert_int_equal(far(p->m, "ip neigh del 192.0.2.1 dev r0", ""), 0);
	assert_int_equal(take(p, macs, 2), 0);
	assert_int_equal(take(p, &vendors, 1), -EADDRNOTAVAIL);
	assert_int_equal(take(p, &group, 1), -EADDRNOTAVAIL);
	assert_int_equal(take(p, &p->m->far_mac, 1), -EADDRNOTAVAIL);
	assert_false(has(p->m, &macs[0]) || has(p->m, &vendors));
}

CASE(plays_no_guest_unless_it_is_told)
{
	p->m->config.is_free = NULL;
	assert_int_equal(open_guest(p, NULL), -ENOLINK);
}

/* The kernel takes them back with its socket. */
CASE(ends_with_its_addresses)
{
	assert_int_equal(open_guest(p, NULL), 0);
	assert_int_equal(take(p, macs, 2), 0);
	mirror_stop(p->m);
	assert_false(has(p->m, &macs[0]) || has(p->m, &macs[1]));
	assert_int_equal(take(p, macs, 2), -ENOLINK);
}

/* Returns when that was. */
static uint64_t await_loss(const struct place *p)
{
	uint64_t deadline = nfp_clock_now() + NET_PATIENCE_NS;
	struct pollfd none = {.fd = -1};

	while (has(p->m, &macs[0])) {
		assert_true(nfp_clock_now() < deadline);
		poll(&none, 1, 100);
	}
	return nfp_clock_now();
}

/* The guest gives them back where its prober has died. */
CASE(gives_them_back_by_itself)
{
	uint64_t begin = nfp_clock_now();

	assert_int_equal(open_guest(p, NULL), 0);
	assert_int_equal(take(p, macs, 2), 0);
	assert_true(await_loss(p) >= begin + 10 * NFP_NSEC_PER_SEC);
	/* It has them again when it is asked to, but what it heard meanwhile is not known. */
	send_frames(p);
	assert_true(has(p->m, &macs[0]));
}

CASE(gives_them_back_at_the_end)
{
	uint64_t begin;

	assert_int_equal(open_guest(p, NULL), 0);
	begin = nfp_clock_now();
	assert_int_equal(take(p, macs, 2), 0);
	nfp_guest_close(p->guest);
	p->guest = NULL;
	assert_true(await_loss(p) < begin + 10 * NFP_NSEC_PER_SEC);
}

/* Another reflector, or the same one started anew, is in no session with this run. */
CASE(started_anew_in_mid_run)
{
	assert_int_equal(open_guest(p, NULL), 0);
	assert_int_equal(take(p, macs, 2), 0);
	mirror_stop(p->m);
	mirror_start(p->m);
	send_frames(p);
	assert_heard(p, NFP_KIND_BROADCAST, false);
	assert_heard(p, NFP_KIND_UNICAST, false);
}

TEST_MAIN()
