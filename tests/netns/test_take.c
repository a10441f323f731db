// SPDX-License-Identifier: GPL-2.0-or-later
/* A netdev that plays a guest takes its address, and gives it back with the socket. */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "netns/bed.h"

static const struct nfp_mac macs[] = {{{0x02, 0xab, 0xcd, 0, 0, 1}}, {{0x02, 0xab, 0xcd, 0, 0, 2}}};

/* As the kernel shows it. */
static bool has(const struct bed *bed, const struct nfp_mac *mac)
{
	char command[128];

	snprintf(command, sizeof(command), "bridge fdb show dev %s | grep -q '^%s '",
		 bed->net.pf.ifname, nfp_mac_str(mac).text);
	return system(command) == 0;
}

static bool is_promiscuous(const char *ifname)
{
	char command[128];

	snprintf(command, sizeof(command), "ip -d link show %s | grep -q ' promiscuity 0 '",
		 ifname);
	return system(command) != 0;
}

#define CASE(name) TEST_OF(name, bed_make, bed_unmake, struct bed, bed)

CASE(takes_and_gives_back)
{
	struct nfp_err err = {0};

	bed_open_usual(bed);
	assert_false(has(bed, &macs[0]));
	assert_int_equal(bed->wire.ops->take(bed->wire.ctx, macs, 2, &err), 0);
	assert_true(has(bed, &macs[0]) && has(bed, &macs[1]));
	assert_int_equal(bed->wire.ops->take(bed->wire.ctx, &macs[1], 1, &err), 0);
	assert_true(!has(bed, &macs[0]) && has(bed, &macs[1]));
	assert_int_equal(bed->wire.ops->take(bed->wire.ctx, NULL, 0, NULL), 0);
	assert_false(has(bed, &macs[1]));
}

/* The kernel makes a netdev without a filter of addresses promiscuous; a macvlan has one. */
CASE(is_not_promiscuous)
{
	struct nfp_stream_config config = bed_config(bed);
	struct nfp_err err = {0};

	net_run("ip link add link p0 name taker type macvlan && ip link set taker up");
	config.pf = bed->net.pf = net_netdev("taker");
	bed_open(bed, &config);
	assert_int_equal(bed->wire.ops->take(bed->wire.ctx, macs, 2, &err), 0);
	assert_true(has(bed, &macs[0]) && has(bed, &macs[1]));
	assert_false(is_promiscuous("taker"));
}

CASE(a_stream_that_ends_gives_back)
{
	struct nfp_err err = {0};

	bed_open_usual(bed);
	assert_int_equal(bed->wire.ops->take(bed->wire.ctx, macs, 1, &err), 0);
	assert_true(has(bed, &macs[0]));
	nfp_stream_close(bed->stream);
	bed->stream = NULL;
	assert_false(has(bed, &macs[0]));
}

TEST_MAIN()
