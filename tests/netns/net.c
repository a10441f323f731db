// SPDX-License-Identifier: GPL-2.0-or-later
#include "netns/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"

#define RECEIVE_BUFFER (16 << 20)

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void no_ipv6(const char *which)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", which);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) /* a kernel without IPv6 */
		return;
	if (write(fd, "1", 1) != 1)
		die(path);
	close(fd);
}

/* A constructor, so that no test can forget it. */
static void __attribute__((constructor)) enter(void)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS))
		die("unshare (these tests need root)");
	/* /sys shows the netdevs of the namespace in which it was mounted. */
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("nfprobe-test", "/sys", "sysfs", 0, NULL))
		die("mount /sys");
	if (system("ip link set lo up")) /* a capture begins there */
		die("ip link set lo up");
	no_ipv6("default");
	no_ipv6("all");
}

void net_run(const char *fmt, ...)
{
	char command[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	errno = 0;
	if (system(command) != 0)
		die(command);
}

struct nfp_netdev net_netdev(const char *ifname)
{
	struct nfp_netdev netdev = {.netns_fd = -1};

	snprintf(netdev.ifname, sizeof(netdev.ifname), "%s", ifname);
	netdev.ifindex = (int)if_nametoindex(ifname);
	if (!netdev.ifindex)
		die(ifname);
	return netdev;
}

struct nfp_mac net_mac(const char *ifname)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {0};
	struct nfp_mac mac;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", ifname);
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request))
		die("SIOCGIFHWADDR");
	memcpy(mac.b, request.ifr_hwaddr.sa_data, NFP_MAC_LEN);
	close(fd);
	return mac;
}

/*
 * A netdev whose peer comes up after it may still drop what it sends, without a word, until the
 * kernel's link watch has run, up to a second later (net/core/link_watch.c).
 */
void net_await_path(const char *from, const char *to)
{
	static const uint8_t probe[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,
					  0,	0,    0,    0,	  1,	0x88, 0xb6};
	int out = net_socket(net_netdev(from).ifindex), in = net_socket(net_netdev(to).ifindex);
	struct pollfd fd = {.fd = in, .events = POLLIN};

	for (int tries = 0; tries < 1000; tries++) {
		if (send(out, probe, sizeof(probe), 0) < 0)
			die(from);
		if (poll(&fd, 1, 10) > 0)
			break;
	}
	if (!fd.revents)
		die("no frame gets through");
	close(out);
	close(in);
}

static void make_pair(const char *first_up, const char *second_up)
{
	net_run("ip link add %s type veth peer name %s", first_up, second_up);
	net_run("ip link set %s up && ip link set %s up", first_up, second_up);
}

/* Never up before it is moved, and up before its peer is: then v1 sends at once. */
static void make_vf(struct net *net)
{
	struct nfp_err err = {0};

	if (nfp_netns_new(&net->vf.netns_fd, &err))
		die(err.message);
	net_run("ip link set v0 netns /proc/%d/fd/%d", getpid(), net->vf.netns_fd);
	net_run("nsenter --net=/proc/%d/fd/%d ip link set v0 up", getpid(), net->vf.netns_fd);
	net_run("ip link set v1 up");
}

void net_make(struct net *net)
{
	memset(net, 0, sizeof(*net));
	make_pair("s1", "s0");
	make_pair("p0", "p1");
	net_run("ip link add v0 type veth peer name v1");
	net->sender = net_netdev("s0");
	net->sender_mac = net_mac("s0");
	net->pf = net_netdev("p0");
	net->vf = net_netdev("v0");
	net->relay_in = net_netdev("s1").ifindex;
	net->relay_pf = net_netdev("p1").ifindex;
	net->relay_vf = net_netdev("v1").ifindex;
	make_vf(net);
	net_await_path("s0", "s1");
	net_await_path("p1", "p0");
	net_await_path("p0", "p1");
	if (getrandom(&net->id, sizeof(net->id), 0) != (ssize_t)sizeof(net->id))
		die("getrandom");
}

void net_unmake(struct net *net)
{
	net_run("ip link del s1 && ip link del p1 && ip link del v1");
	close(net->vf.netns_fd);
}

int net_socket(int ifindex)
{
	int size = RECEIVE_BUFFER, one = 1;
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = ifindex};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)))
		die("packet socket");
	return fd;
}
