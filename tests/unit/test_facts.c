// SPDX-License-Identifier: GPL-2.0-or-later
/* What is read of a host for an audit, and what is noted as unread. */
#include <fcntl.h>
#include <net/if.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/if_bridge.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>

#include "harness.h"
#include "net/facts.h"
#include "own_netns.h"
#include "tree.h"
#include "../../src/net/netlink_priv.h"

#define CASE(name) TEST_OF(name, tree_make, tree_drop, struct tree, t)

static const struct nfp_facts_rights all = {true, true, true};

static bool has_unread(const struct nfp_facts *facts, const char *what)
{
	for (size_t i = 0; i < facts->num_unread; i++)
		if (strncmp(facts->unread[i].what, what, strlen(what)) == 0)
			return true;
	return false;
}

/* Any user can have processes, descriptors and namespaces by the thousand. */
CASE(test_there_is_no_time)
{
	struct nfp_facts facts;
	struct nfp_err err;

	tree_process(t, 5000001, "qemu", 7, "/dev/tap8");
	tree_file(t, "proc/5000001/ns/net", "");
	assert_int_equal(nfp_facts_read(&t->root, &all, UINT64_MAX, &facts, &err), 0);
	assert_false(facts.late);
	assert_true(facts.holders_known);
	assert_int_equal(facts.num_taps, 1);
	assert_false(has_unread(&facts, "what each process"));
	assert_false(has_unread(&facts, "all network namespaces"));
	nfp_facts_fini(&facts);
	assert_int_equal(nfp_facts_read(&t->root, &all, 1, &facts, &err), 0);
	assert_true(facts.late);
	assert_false(facts.holders_known);
	assert_int_equal(facts.num_taps, 0);
	assert_true(has_unread(
		&facts,
		"what each process of this host has open: there was more than could be looked at"));
	assert_true(has_unread(&facts, "all network namespaces: there was no time"));
	for (size_t i = 0; i < facts.num_unread; i++)
		assert_string_equal(facts.unread[i].needs, "");
	nfp_facts_fini(&facts);
}

static uid_t netns_user; /* who makes it */

/* A process in a network namespace of its own, until @to is closed. @more: CLONE_*. */
static pid_t make_netns(const struct tree *t, unsigned int pid, int more, int *ret_to)
{
	char name[64], path[64], byte = 0;
	int to[2], from[2];
	pid_t child;

	assert_int_equal(pipe(to) || pipe(from), 0);
	child = fork();
	if (child == 0) {
		close(to[1]);
		_exit(seteuid(netns_user) || unshare(CLONE_NEWNET | more) ||
		      write(from[1], &byte, 1) != 1 || read(to[0], &byte, 1) < 0);
	}
	assert_int_equal(read(from[0], &byte, 1), 1);
	close(to[0]);
	close(from[0]);
	close(from[1]);
	*ret_to = to[1];
	snprintf(name, sizeof(name), "proc/%u/ns/net", pid);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)child);
	tree_link(t, name, path);
	return child;
}

static const struct nfp_link *link_named(const struct nfp_facts *facts, const char *ifname)
{
	for (size_t i = 1; i < facts->num_netns; i++)
		for (size_t k = 0; k < facts->netns[i].num_links; k++)
			if (strcmp(facts->netns[i].links[k].ifname, ifname) == 0)
				return &facts->netns[i].links[k];
	return NULL;
}

/* Whoever has a namespace chooses the number of what his netdevs are on: it is ours only if the
 * kernel says that it is in this namespace. */
CASE(test_whose_lower_netdev_it_is)
{
	static const char make[] =
		"ip link add nfpt0 type veth peer name nfpt1 &&"
		"nsenter -t %d -n ip link add tap0 index 87 type veth peer name tap88 index 88 &&"
		"ip link add ours link nfpt0 type macvlan mode bridge && ip link set ours netns %d "
		"&&"
		"nsenter -t %d -n ip link add forged index $(cat /sys/class/net/nfpt0/ifindex) "
		"type veth peer name peer && nsenter -t %d -n ip link add theirs link forged type "
		"macvlan mode bridge && nsenter -t %d -n ip link set theirs netns %d";
	struct nfp_facts facts;
	char command[1024];
	struct nfp_err err;
	int to[2], status;
	pid_t a, b;

	if (geteuid() != 0)
		skip();
	assert_int_equal(own_netns(NULL), 0);
	/* /sys shows the netdevs of the namespace in which it was mounted. */
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(system("mount --make-rprivate / && mount -t sysfs sysfs /sys"), 0);
	a = make_netns(t, 5000001, 0, &to[0]);
	/* Of its namespace, by their names there; one that came from elsewhere is in any. */
	tree_process(t, 5000001, "qemu", 7, "/dev/tap88");
	tree_process(t, 5000001, "qemu", 9, "/dev/tap89");
	tree_process(t, 5000001, "qemu", 8, "/dev/net/tun");
	tree_file(t, "proc/5000001/fdinfo/8", "pos: 0\niff:\ttap0\n");
	b = make_netns(t, 5000002, 0, &to[1]);
	snprintf(command, sizeof(command), make, (int)a, (int)a, (int)a, (int)a, (int)a, (int)b);
	assert_int_equal(system(command), 0);
	assert_int_equal(nfp_facts_read(&t->root, &all, UINT64_MAX, &facts, &err), 0);
	assert_int_equal(facts.num_netns, 3);
	assert_non_null(link_named(&facts, "ours"));
	assert_int_equal(link_named(&facts, "ours")->link_elsewhere, if_nametoindex("nfpt0"));
	assert_int_equal(facts.num_taps, 2 + (faccessat(AT_FDCWD, "/dev/net/tun", F_OK, 0) == 0));
	nfp_for_each (tap, facts.taps, facts.num_taps)
		assert_int_equal(tap->in_netns, tap->ifindex != 89);
	/* Nothing in the other namespace leads here, and it has no tap. */
	assert_null(link_named(&facts, "theirs"));
	nfp_facts_fini(&facts);
	close(to[0]);
	close(to[1]);
	assert_true(waitpid(a, &status, 0) == a && waitpid(b, &status, 0) == b);
}

/* Any user has as many namespaces as he likes: what there is no time for is his. */
CASE(test_namespaces_of_other_users_come_last)
{
	struct nfp_facts facts;
	struct nfp_err err;
	int to[2], status;
	pid_t theirs, ours;

	if (geteuid() != 0)
		skip();
	theirs = make_netns(t, 5000001, CLONE_NEWUSER, &to[0]);
	ours = make_netns(t, 5000002, 0, &to[1]);
	tree_link(t, "proc/self/ns/user", "/proc/self/ns/user");
	assert_int_equal(nfp_facts_read(&t->root, &all, UINT64_MAX, &facts, &err), 0);
	assert_int_equal(facts.num_netns, 3);
	assert_int_equal(facts.netns[1].pid, 5000002);
	assert_int_equal(facts.netns[2].pid, 5000001);
	/* A finding calls it so. */
	assert_non_null(strstr(facts.netns[2].name, "5000001"));
	nfp_facts_fini(&facts);
	close(to[0]);
	close(to[1]);
	assert_true(waitpid(theirs, &status, 0) == theirs && waitpid(ours, &status, 0) == ours);
}

/* What root has made may be a guest's other NIC; a user gives his netdevs what addresses he likes.
 */
CASE(test_whose_addresses_count)
{
	struct nfp_facts facts;
	char command[256];
	struct nfp_err err;
	int to[2], status;
	pid_t pids[2];

	if (geteuid() != 0)
		skip();
	for (int users = 0; users < 2; users++) {
		/* The one who makes it owns the user namespace. */
		netns_user = users ? 65534 : 0;
		pids[users] = make_netns(t, 5000001 + (unsigned int)users, CLONE_NEWUSER,
					 &to[users]);
		snprintf(command, sizeof(command),
			 "nsenter -t %d -n ip link add dx type veth peer name dy",
			 (int)pids[users]);
		assert_int_equal(system(command), 0);
	}
	netns_user = 0;
	tree_link(t, "proc/self/ns/user", "/proc/self/ns/user");
	assert_int_equal(nfp_facts_read(&t->root, &all, UINT64_MAX, &facts, &err), 0);
	assert_int_equal(facts.num_netns, 3);
	for (size_t i = 1; i < facts.num_netns; i++)
		assert_int_equal(facts.netns[i].users, facts.netns[i].pid == 5000002);
	assert_int_equal(facts.num_apart, 2);
	nfp_for_each (apart, facts.apart, facts.num_apart)
		assert_int_equal(facts.netns[apart->netns].pid, 5000001);
	nfp_facts_fini(&facts);
	close(to[0]);
	close(to[1]);
	for (int users = 0; users < 2; users++)
		assert_int_equal(waitpid(pids[users], &status, 0), pids[users]);
}

static const struct nfp_netns *netns_with(const struct nfp_facts *facts, int pid, const char *name)
{
	nfp_for_each (netns, facts->netns, facts->num_netns)
		if (name ? strcmp(netns->ip_name, name) == 0 : netns->pid == pid)
			return netns;
	return NULL;
}

static bool has_link(const struct nfp_netns *netns, const char *ifname)
{
	nfp_for_each (link, netns->links, netns->num_links)
		if (strcmp(link->ifname, ifname) == 0)
			return true;
	return false;
}

/* A pod whose veth has gone leads nowhere, and its guest is the one that hears nothing. Nobody is
 * in a namespace that has only a name. */
CASE(test_where_a_guest_may_be)
{
	static const struct {
		const char *make;
		const char *name; /* in `ip netns` */
		bool users, kept;
	} rows[] = {
		{"tuntap add t0 mode tap", NULL, false, true},
		{"link add d0 type veth", NULL, false, false},
		{"tuntap add t0 mode tap", NULL, true, false},
		{"link add d0 type veth", "red", false, true},
	};
	int to[NFP_NUM(rows)], status;
	pid_t pids[NFP_NUM(rows)];
	struct nfp_facts facts;
	char command[512];
	struct nfp_err err;

	if (geteuid() != 0 || faccessat(AT_FDCWD, "/dev/net/tun", F_OK, 0) != 0)
		skip();
	tree_dir(t, "run/netns");
	for (size_t i = 0; i < NFP_NUM(rows); i++) {
		netns_user = rows[i].users ? 65534 : 0;
		pids[i] = make_netns(t, 5000001 + (unsigned int)i, CLONE_NEWUSER, &to[i]);
		snprintf(
			command, sizeof(command),
			"nsenter -t %d -n ip link add br0 address 02:00:00:00:00:07 type bridge && "
			"nsenter -t %d -n ip %s",
			(int)pids[i], (int)pids[i], rows[i].make);
		assert_int_equal(system(command), 0);
		if (rows[i].name) {
			snprintf(command, sizeof(command), "/proc/%d/ns/net", (int)pids[i]);
			tree_link(t, "run/netns/red", command);
		}
	}
	netns_user = 0;
	tree_link(t, "proc/self/ns/user", "/proc/self/ns/user");
	assert_int_equal(nfp_facts_read(&t->root, &all, UINT64_MAX, &facts, &err), 0);
	assert_true(facts.netns_known);
	for (size_t i = 0; i < NFP_NUM(rows); i++) {
		const struct nfp_netns *netns = netns_with(&facts, 5000001 + (int)i, rows[i].name);
		const struct nfp_mac roots = {{2, 0, 0, 0, 0, 7}};
		size_t num_apart = 0;

		assert_non_null(netns);
		assert_true(netns->apart);
		assert_int_equal(has_link(netns, "br0"), rows[i].kept);
		/* Whether or not its netdevs are there, root's addresses are known. */
		nfp_for_each (apart, facts.apart, facts.num_apart)
			num_apart += &facts.netns[apart->netns] == netns &&
				     nfp_mac_equal(&apart->mac, &roots);
		assert_int_equal(num_apart, !rows[i].users);
	}
	nfp_facts_fini(&facts);
	/* A later child has what ends an earlier one. */
	for (size_t i = 0; i < NFP_NUM(rows); i++)
		close(to[i]);
	for (size_t i = 0; i < NFP_NUM(rows); i++)
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
}

/* Its owner fills the table of its bridge: the rest of the host is seen, and that it was cut short
 * is said. */
CASE(test_a_full_namespace)
{
	struct nfp_facts facts;
	struct nfp_err err;
	char command[512];
	int to, status;
	bool said = false;
	FILE *batch;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	assert_int_equal(own_netns(NULL), 0);
	pid = make_netns(t, 5000001, 0, &to);
	snprintf(command, sizeof(command),
		 "ip link add nfpf0 type veth peer name f0 netns %d && "
		 "nsenter -t %d -n ip link add br0 type bridge && "
		 "nsenter -t %d -n ip link set f0 master br0",
		 (int)pid, (int)pid, (int)pid);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "nsenter -t %d -n bridge -batch -", (int)pid);
	batch = popen(command, "w");
	assert_non_null(batch);
	for (unsigned int i = 0; i <= NFP_FACTS_MAX; i++)
		fprintf(batch, "fdb add 02:00:00:%02x:%02x:%02x dev f0 master static\n", i >> 16,
			i >> 8 & 0xff, i & 0xff);
	assert_int_equal(pclose(batch), 0);
	assert_int_equal(nfp_facts_read(&t->root, &all, UINT64_MAX, &facts, &err), 0);
	nfp_for_each (unread, facts.unread, facts.num_unread)
		said |= strstr(unread->what, "more than " NFP_FACTS_MAX_TEXT) != NULL;
	assert_true(said);
	assert_true(has_link(facts.netns, "nfpf0"));
	nfp_facts_fini(&facts);
	close(to);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

/* A node of a macvtap that is no more, and nodes whose macvtap may be where nobody could look. */
CASE(test_macvtaps_that_are_no_more)
{
	static const struct {
		const char *target;
		bool dead;
	} rows[] = {
		{"/dev/tap771 (deleted)", true},
		{"/dev/tap772", true},
		/* An ifindex of the namespace of the process is no proof. */
		{"/dev/tap1 (deleted)", false},
		{"/dev/tap1", false},
		{"/dev/tap773 (deleted) (deleted)", true},
	};
	struct nfp_facts facts;
	struct nfp_err err;

	assert_int_equal(own_netns(NULL), 0);
	for (size_t i = 0; i < NFP_NUM(rows); i++)
		tree_process(t, 5000001 + (int)i, "qemu", 7, rows[i].target);
	assert_int_equal(nfp_facts_read(&t->root, &all, UINT64_MAX, &facts, &err), 0);
	assert_int_equal(facts.num_taps, NFP_NUM(rows));
	nfp_for_each (tap, facts.taps, facts.num_taps)
		assert_int_equal(tap->dead, rows[tap->pid - 5000001].dead);
	nfp_facts_fini(&facts);
	/* A namespace that was not seen may have it, unless the kernel has removed its node. */
	assert_int_equal(nfp_facts_read(&t->root, &all, 1, &facts, &err), 0);
	assert_false(facts.netns_known);
	nfp_facts_fini(&facts);
}

/* The one that libvirt names, and the one that only its own arguments do. */
CASE(test_guests)
{
	static const char *const macs[] = {"52:54:00:00:00:12", "52:54:00:00:00:13"};
	const struct nfp_facts_guest *guest;
	struct nfp_facts facts;
	char args[256], path[256];
	struct nfp_err err;
	FILE *file;
	int len;

	if (geteuid() != 0)
		skip();
	assert_int_equal(own_netns(NULL), 0);
	assert_int_equal(system("ip link add v7 index 87 type veth peer name v8 index 88"), 0);
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/dev/tap%d", 87 + i);
		tree_process(t, 5000001 + i, "qemu", 33, path);
		snprintf(path, sizeof(path), "proc/%d/ns/net", 5000001 + i);
		tree_link(t, path, "/proc/self/ns/net");
		if (i == 2)
			continue;
		len = snprintf(args, sizeof(args),
			       "qemu%c-name%cguest=by,,args%d%c-netdev%ctap,fd=33,id=n%c-device%c"
			       "virtio-net-pci,netdev=n,mac=%s%c",
			       0, 0, i, 0, 0, 0, 0, macs[i], 0);
		snprintf(path, sizeof(path), "%s/proc/%d/cmdline", t->dir, 5000001 + i);
		file = fopen(path, "w");
		assert_true(file && fwrite(args, (size_t)len, 1, file) == 1 && fclose(file) == 0);
	}
	tree_link(t, "proc/self/ns/net", "/proc/self/ns/net");
	tree_file(t, "run/libvirt/qemu/web1.xml",
		  "<domstatus state='paused' reason='migration' pid='5000001'>");
	tree_file(t, "run/libvirt/qemu/db.xml", "<domstatus state='running' pid='5000003'>");
	/* No guest of this host, and no file of libvirt's. */
	tree_file(t, "run/libvirt/qemu/gone.xml", "<domstatus state='running' pid='5000009'>");
	tree_file(t, "run/libvirt/qemu/bad.pid", "5000002");
	tree_file(t, "run/libvirt/qemu/bad.xml", "<domain/>");
	assert_int_equal(nfp_facts_read(&t->root, &all, UINT64_MAX, &facts, &err), 0);
	assert_int_equal(facts.num_guests, 3);
	guest = nfp_facts_guest_of(&facts, 5000001);
	assert_non_null(guest);
	assert_string_equal(guest->name, "web1");
	assert_true(guest->by_libvirt && guest->stopped);
	guest = nfp_facts_guest_of(&facts, 5000002);
	assert_non_null(guest);
	assert_string_equal(guest->name, "by,args1");
	assert_false(guest->by_libvirt || guest->stopped);
	guest = nfp_facts_guest_of(&facts, 5000003);
	assert_non_null(guest);
	assert_string_equal(guest->name, "db");
	assert_true(guest->by_libvirt && !guest->stopped);
	assert_null(nfp_facts_guest_of(&facts, 5000009));
	nfp_for_each (tap, facts.taps, facts.num_taps) {
		assert_int_equal(tap->in_netns, tap->pid != 5000003);
		assert_int_equal(tap->mac.b[5], tap->pid == 5000001   ? 0x12
						: tap->pid == 5000002 ? 0x13
								      : 0);
	}
	nfp_facts_fini(&facts);
}

/* The address that a packet socket asks for. */
CASE(test_sockets)
{
	struct packet_mreq mreq = {.mr_type = PACKET_MR_UNICAST, .mr_alen = NFP_MAC_LEN};
	const struct nfp_reading how = {.netns_fd = -1};
	struct nfp_netns own = {.num_links = 0};
	struct nfp_err err;
	int fd, ret;

	(void)t;
	assert_int_equal(own_netns(NULL), 0);
	if (system("ip link add v0 type veth peer name v1") != 0)
		skip();
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	assert_true(fd >= 0);
	mreq.mr_ifindex = (int)if_nametoindex("v1");
	memcpy(mreq.mr_address, (const uint8_t[]) {0x52, 0x54, 0, 0, 0, 7}, NFP_MAC_LEN);
	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mreq, sizeof(mreq)), 0);
	/* A kernel may lack the module. */
	ret = nfp_netns_read(NFP_SEE_LINKS | NFP_SEE_SOCKETS, &how, &own, &err);
	assert_int_equal(ret == 0, own.memberships_known);
	assert_int_equal(own.num_memberships, own.memberships_known);
	if (own.memberships_known) {
		assert_int_equal(own.memberships[0].ifindex, mreq.mr_ifindex);
		assert_int_equal(own.memberships[0].mac.b[5], 7);
	}
	nfp_netns_fini(&own);
	close(fd);
}

/* As a driver's ndo_bridge_getlink fills it in (ndo_dflt_bridge_getlink). */
CASE(test_vepa)
{
	static const uint16_t modes[] = {BRIDGE_MODE_VEB, BRIDGE_MODE_VEPA, BRIDGE_MODE_UNDEF};

	(void)t;
	for (size_t i = 0; i < 3; i++) {
		const struct ifinfomsg ifi = {.ifi_family = AF_BRIDGE, .ifi_index = 7};
		struct nfp_nl_msg msg;
		struct nlattr *spec;

		nfp_nl_msg_init(&msg, RTM_NEWLINK, 0, &ifi, sizeof(ifi));
		spec = mnl_attr_nest_start(&msg.head, IFLA_AF_SPEC);
		mnl_attr_put_u16(&msg.head, IFLA_BRIDGE_FLAGS, BRIDGE_FLAGS_SELF);
		mnl_attr_put_u16(&msg.head, IFLA_BRIDGE_MODE, modes[i]);
		mnl_attr_nest_end(&msg.head, spec);
		assert_int_equal(nfp_vepa_parse(&msg.head), modes[i] == BRIDGE_MODE_VEPA ? 7 : 0);
	}
}

/* A dump ends at its bounds, whoever goes on filling what is dumped. */
CASE(test_bounds_of_a_dump)
{
	struct nfp_link *links;
	struct nfp_nl *nl;
	size_t num;

	(void)t;
	assert_int_equal(own_netns(NULL), 0);
	for (int late = 0; late < 2; late++) {
		assert_int_equal(nfp_nl_open(NETLINK_ROUTE, -1, &nl, NULL), 0);
		nfp_nl_bound(nl, late ? 1 : UINT64_MAX, late ? 100 : 0);
		assert_int_equal(nfp_links_read(nl, &links, &num, NULL), late ? -ETIME : -EFBIG);
		nfp_nl_close(nl);
	}
	assert_int_equal(nfp_nl_open(NETLINK_ROUTE, -1, &nl, NULL), 0);
	nfp_nl_bound(nl, UINT64_MAX, 8);
	assert_int_equal(nfp_links_read(nl, &links, &num, NULL), 0);
	free(links);
	nfp_nl_close(nl);
}

TEST_MAIN()
