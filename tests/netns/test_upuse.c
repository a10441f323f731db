// SPDX-License-Identifier: GPL-2.0-or-later
// Who uses a netdev that is up: what this kernel says of its routes and its sockets.
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "../../src/net/inventory_priv.h"
#include "harness.h"
#include "netns/net.h"
#include "unit/tree.h"

static int make(void **state)
{
	(void)state;
	net_run("ip link add v0 type veth peer name v1 && ip link set v0 up");
	net_run("ip link set v1 up && ip link set lo up");
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	net_run("ip link del v0");
	return 0;
}

static struct nfp_vf_info look(void)
{
	struct nfp_use_ctx ctx = {.root = nfp_sysroot_default()};
	struct nfp_link link = {.ifindex = (int)if_nametoindex("v0"), .ifname = "v0"};
	struct nfp_vf_info vf = {.use = NFP_USE_IDLE};

	nfp_up_use_find(&ctx, &link, &vf);
	nfp_use_ctx_fini(&ctx);
	return vf;
}

/* A kernel without a module does not list the sockets of a kind, and tells of the rest. */
static struct nfp_vf_info seen(void)
{
	struct nfp_vf_info vf = look();

	if (!strstr(vf.user, "raw_diag"))
		return vf;
	vf.user[0] = '\0';
	vf.use = NFP_USE_IDLE;
	return vf;
}

static void expect(enum nfp_use use, const char *user)
{
	struct nfp_vf_info vf = seen();

	assert_string_equal(vf.user, user);
	assert_int_equal(vf.use, use);
}

static bool lists_sockets(void)
{
	return !strstr(look().user, "raw_diag");
}

static const char *socket_of(const char *name)
{
	static char text[96];

	snprintf(text, sizeof(text), "v0 is up, and %s (pid %d) has a socket on it", name,
		 (int)getpid());
	return text;
}

TEST_WITH(up_alone_is_no_use, make, unmake)
{
	/* Its link-local address and what the kernel routes by it. */
	expect(NFP_USE_IDLE, "");
}

TEST_WITH(routes, make, unmake)
{
	static const char *const rows[] = {"route add 192.0.2.0/24 dev v0",
					   "-6 route add 2001:db8::/32 dev v0",
					   "route add 192.0.2.0/24 dev v0 table 77",
					   "route add 192.0.2.0/24 nexthop dev v1 nexthop dev v0"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char command[128];

		/* IPv6 may be disabled. */
		snprintf(command, sizeof(command), "ip %s 2>/dev/null", rows[i]);
		if (system(command) != 0 && strstr(rows[i], "-6"))
			continue;
		expect(NFP_USE_NETDEV_UP, "v0 is up, and a route goes through it");
		net_run("ip link set v0 down && ip link set v0 up && ip route flush table all "
			"proto boot 2>/dev/null; true");
	}
	net_run("ip route add 192.0.2.0/24 dev v1");
	expect(NFP_USE_IDLE, "");
}

TEST_WITH(packet_sockets, make, unmake)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET};
	char name[16] = "";
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

	assert_true(fd >= 0);
	/* Of all netdevs: of none. */
	expect(NFP_USE_IDLE, "");
	prctl(PR_GET_NAME, name);
	at.sll_ifindex = (int)if_nametoindex("v0");
	at.sll_protocol = htons(ETH_P_ALL);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	expect(NFP_USE_NETDEV_UP, socket_of(name));
	/* An agent of LLDP has one on each netdev, by its name or by what it asks for. */
	prctl(PR_SET_NAME, "lldpd");
	expect(NFP_USE_IDLE, "");
	prctl(PR_SET_NAME, "NetworkManager");
	expect(NFP_USE_NETDEV_UP, socket_of("NetworkManager"));
	assert_true(look().by_manager);
	prctl(PR_SET_NAME, name);
	at.sll_protocol = htons(ETH_P_LLDP);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	expect(NFP_USE_IDLE, "");
	close(fd);
}

TEST_WITH(bound_sockets, make, unmake)
{
	/* Who has all rights may have inherited what takes none: su does, at its prompt. */
	static const struct {
		int family, type, protocol;
		bool is_use;
	} rows[] = {{AF_INET, SOCK_DGRAM, 0, false},
		    {AF_INET6, SOCK_DGRAM, 0, false},
		    {AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, true},
		    {AF_INET, SOCK_RAW, 112, true},
		    {AF_INET, SOCK_STREAM, 0, false}};
	char name[16] = "";

	prctl(PR_GET_NAME, name);
	/* What a kernel cannot list may be there. */
	if (!lists_sockets())
		assert_int_equal(look().use, NFP_USE_NETDEV_UP);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sockaddr_in any = {.sin_family = AF_INET};
		struct sockaddr_in6 any6 = {.sin6_family = AF_INET6};
		bool six = rows[i].family == AF_INET6;
		int fd = socket(rows[i].family, rows[i].type, rows[i].protocol);

		assert_true(fd >= 0);
		if (rows[i].type != SOCK_RAW)
			assert_int_equal(bind(fd, six ? (struct sockaddr *)&any6 : (void *)&any,
					      six ? sizeof(any6) : sizeof(any)),
					 0);
		if (rows[i].type == SOCK_STREAM)
			assert_int_equal(listen(fd, 1), 0);
		expect(NFP_USE_IDLE, "");
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "v1", 3), 0);
		expect(NFP_USE_IDLE, "");
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "v0", 3), 0);
		if (rows[i].is_use && lists_sockets())
			expect(NFP_USE_NETDEV_UP, socket_of(name));
		else
			expect(NFP_USE_IDLE, "");
		close(fd);
	}
}

/* Each of root's is a line. A list that is too long is no empty one. */
TEST_WITH(too_many_packet_sockets, make, unmake)
{
	struct nfp_link link = {.ifindex = (int)if_nametoindex("v0"), .ifname = "v0"};
	struct nfp_vf_info vf = {.use = NFP_USE_IDLE};
	struct nfp_use_ctx ctx = {.root = NULL};
	char path[512];
	struct tree t;

	tree_make(&t);
	ctx.root = &t.root;
	tree_file(&t, "proc/net/packet", "");
	snprintf(path, sizeof(path), "%s/proc/net/packet", t.dir);
	assert_int_equal(truncate(path, (16 << 20) + 1), 0);
	nfp_up_use_find(&ctx, &link, &vf);
	assert_int_equal(vf.use, NFP_USE_NETDEV_UP);
	/* The kernel may also lack a list. */
	assert_non_null(strstr(vf.user, "v0 is up, and who uses it is not known: /proc/net/packet "
					"cannot be read"));
	nfp_use_ctx_fini(&ctx);
	tree_drop(&t);
}

/* ---- what takes no right ---- */

#define OWN   "fe80::a"
#define OTHER "fe80::b"

static struct sockaddr_in6 at_link(const char *address, const char *netdev)
{
	struct sockaddr_in6 at = {.sin6_family = AF_INET6,
				  .sin6_port = htons(4711),
				  .sin6_scope_id = if_nametoindex(netdev)};

	inet_pton(AF_INET6, address, &at.sin6_addr);
	return at;
}

static int listen_at(const char *address, const char *netdev)
{
	const struct sockaddr_in6 at = at_link(address, netdev);
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (const void *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* Forks an ordinary user's process, which has a socket at v0, and connects it to @peer of v0. */
static pid_t user_has(int type, const char *peer)
{
	int ready[2];
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		int fd = socket(AF_INET6, type, 0);
		const struct sockaddr_in6 any = {.sin6_family = AF_INET6};
		const struct sockaddr_in6 to = at_link(peer ? peer : OTHER, "v0");
		bool made = setresgid(65534, 65534, 65534) == 0 &&
			    setresuid(65534, 65534, 65534) == 0 &&
			    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "v0", 3) == 0 &&
			    bind(fd, (const void *)&any, sizeof(any)) == 0 &&
			    (!peer || strcmp(peer, OWN) != 0 || listen_at(OWN, "v0") >= 0) &&
			    (!peer || connect(fd, (const void *)&to, sizeof(to)) == 0) &&
			    (peer || type != SOCK_STREAM || listen(fd, 1) == 0);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		byte = made ? 'x' : '!';
		while (write(ready[1], &byte, 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	assert_int_equal(byte, 'x');
	return pid;
}

/* A container sees its own processes alone. */
static bool is_idle_in_container(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (unshare(CLONE_NEWPID))
			_exit(2);
		pid = fork();
		if (pid == 0)
			_exit(seen().use != NFP_USE_IDLE);
		_exit(waitpid(pid, &status, 0) != pid || status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status == 0;
}

TEST_WITH(sockets_that_take_no_right, make, unmake)
{
	static const struct {
		const char *name;
		int type;
		const char *peer;
	} rows[] = {
		{"UDP", SOCK_DGRAM, NULL},
		{"UDP to a peer that need not be", SOCK_DGRAM, OTHER},
		{"TCP that listens", SOCK_STREAM, NULL},
		{"TCP to its own host", SOCK_STREAM, OWN},
		{"TCP to a peer that has answered", SOCK_STREAM, OTHER},
	};
	char name[16] = "", note[160];
	int other;

	if (geteuid() != 0)
		skip();
	net_run("for n in lo v0 v1; do echo 0 >/proc/sys/net/ipv6/conf/$n/disable_ipv6; done && "
		"ip -6 addr add " OWN "/64 dev v0 nodad && ip -6 addr add " OTHER
		"/64 dev v1 nodad");
	other = listen_at(OTHER, "v1");
	prctl(PR_GET_NAME, name);
	for (size_t i = 0; i < NFP_NUM(rows); i++) {
		pid_t pid = user_has(rows[i].type, rows[i].peer);
		struct nfp_vf_info vf = seen();

		print_message("%s: %s%s\n", rows[i].name, vf.user, vf.note);
		snprintf(note, sizeof(note),
			 "%s (pid %d) has a socket on v0, for which it needs no right and which is "
			 "no use of it",
			 name, (int)pid);
		assert_string_equal(vf.user, "");
		assert_int_equal(vf.use, NFP_USE_IDLE);
		assert_string_equal(vf.note, note);
		assert_true(is_idle_in_container());
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	close(other);
}

int main(void)
{
	return RUN_TESTS(NULL, NULL);
}
