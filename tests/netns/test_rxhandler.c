// SPDX-License-Identifier: GPL-2.0-or-later
// Who takes the frames of a netdev: what is read of this kernel agrees with what it refuses.
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "netns/net.h"
#include "net/facts.h"
#include "../../src/net/netlink_priv.h"

static int make(void **state)
{
	(void)state;
	net_run("ip link add v0 type veth peer name v1 && ip link set v0 up");
	net_run("ip link add br0 type bridge");
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	net_run("ip link del v0 && ip link del br0");
	return 0;
}

static struct nfp_rx_handler handler_of(const char *ifname)
{
	struct nfp_rx_handler handler;
	struct nfp_link *links, *link = NULL;
	struct nfp_uppers uppers;
	struct nfp_nl *nl;
	size_t num;

	assert_int_equal(nfp_nl_open(NETLINK_ROUTE, -1, &nl, NULL), 0);
	assert_int_equal(nfp_links_read(nl, &links, &num, NULL), 0);
	nfp_nl_close(nl);
	nfp_uppers_read(nfp_sysroot_default(), UINT64_MAX, &uppers);
	/* Containers that run these tests do not see the host's processes. */
	uppers.unread[0] = '\0';
	for (size_t i = 0; i < num; i++)
		if (strcmp(links[i].ifname, ifname) == 0)
			link = &links[i];
	assert_non_null(link);
	handler = nfp_rx_handler_of(links, num, &uppers, link);
	nfp_uppers_fini(&uppers);
	free(links);
	return handler;
}

static void expect(const char *ifname, enum nfp_rx_user user, const char *note)
{
	const struct nfp_rx_handler handler = handler_of(ifname);

	assert_string_equal(handler.note, note);
	assert_int_equal(handler.user, user);
}

/* Does the kernel make a macvtap of the netdev, and a port? It is as before afterwards. */
static bool takes_macvtap(const char *ifname)
{
	char command[128];

	snprintf(command, sizeof(command),
		 "ip link add link %s name try0 type macvtap mode bridge 2>/dev/null", ifname);
	if (system(command) != 0)
		return false;
	net_run("ip link del try0");
	return true;
}

static bool takes_bridge(const char *ifname)
{
	char command[128];

	snprintf(command, sizeof(command), "ip link set %s master br0 2>/dev/null", ifname);
	if (system(command) != 0)
		return false;
	net_run("ip link set %s nomaster", ifname);
	return true;
}

#define CASE(name) TEST_WITH(name, make, unmake)

CASE(free_takes_both)
{
	expect("v0", NFP_RX_NOBODY, "");
	assert_true(takes_macvtap("v0"));
	assert_true(takes_bridge("v0"));
}

CASE(a_port_takes_no_macvtap)
{
	net_run("ip link set v0 master br0");
	expect("v0", NFP_RX_BRIDGE, "v0 is a port of br0");
	assert_false(takes_macvtap("v0"));
	net_run("ip link set v0 nomaster");
}

CASE(with_a_macvlan_it_takes_no_bridge)
{
	net_run("ip link add link v0 name mv0 type macvlan mode bridge");
	expect("v0", NFP_RX_MACVLAN, "mv0 is on v0");
	assert_true(takes_macvtap("v0"));
	assert_false(takes_bridge("v0"));
}

CASE(in_passthru_mode_it_takes_neither)
{
	net_run("ip link add link v0 name mv0 type macvlan mode passthru");
	expect("v0", NFP_RX_OTHER, "mv0 is on v0 in passthru mode");
	assert_false(takes_macvtap("v0"));
	assert_false(takes_bridge("v0"));
}

/* A macvlan that has left for another namespace takes the frames as before. */
CASE(one_in_another_namespace_counts)
{
	struct nfp_rx_handler handler;
	int to[2], from[2], status;
	pid_t child;
	char byte = 0;

	net_run("ip link add link v0 name mv0 type macvlan mode bridge");
	assert_int_equal(pipe(to) || pipe(from), 0);
	child = fork();
	if (child == 0) {
		close(to[1]);
		_exit(unshare(CLONE_NEWNET) || write(from[1], &byte, 1) != 1 ||
		      read(to[0], &byte, 1) < 0);
	}
	assert_true(child > 0);
	assert_int_equal(read(from[0], &byte, 1), 1);
	net_run("ip link set mv0 netns %d", (int)child);
	handler = handler_of("v0");
	assert_int_equal(handler.user, NFP_RX_MACVLAN);
	assert_non_null(strstr(handler.note, "mv0 of the network namespace of "));
	assert_false(takes_bridge("v0"));
	close(to[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(to[0]);
	close(from[0]);
	close(from[1]);
}

int main(void)
{
	return RUN_TESTS(NULL, NULL);
}
