// SPDX-License-Identifier: GPL-2.0-or-later
/* The users of a VF: netdevs, vfio, uio, RDMA, another namespace. Idle only when established. */
#include <net/if.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "harness.h"
#include "../../src/net/inventory_priv.h"
#include "tree.h"

#define VF1 "sys/devices/pci0000:00/0000:01:10.1"

/* VF 0 has igbvf and eth2, VF 1 is parked on vfio-pci in group 12; all is idle. */
struct world {
	struct tree t;
	struct nfp_link links[4];
	struct nfp_use_ctx ctx;
};

static void setup(struct world *w)
{
	tree_make(&w->t);
	tree_nic(&w->t);
	tree_vfio_group(&w->t);
	w->links[0] = (struct nfp_link) {.ifindex = 3, .ifname = "eth0", .physical = true};
	strcpy(w->links[0].parentdev, "0000:01:00.0");
	w->links[1] = (struct nfp_link) {.ifindex = 4, .ifname = "eth2", .physical = true};
	strcpy(w->links[1].parentdev, "0000:01:10.0");
	w->ctx = (struct nfp_use_ctx) {.root = &w->t.root, .links = w->links, .num_links = 2};
	w->ctx.up_uses.known = true; /* nobody has a route or a socket */
}

static void teardown(struct world *w)
{
	nfp_use_ctx_fini(&w->ctx);
	tree_drop(&w->t);
}

static struct nfp_vf_info look(struct world *w, unsigned int vf)
{
	struct nfp_vf_info info = {.vf = vf, .use = NFP_USE_UNKNOWN};

	snprintf(info.parentdev, sizeof(info.parentdev), "0000:01:10.%u", vf);
	snprintf(info.devpath, sizeof(info.devpath), "/sys/devices/pci0000:00/0000:01:10.%u", vf);
	assert_int_equal(nfp_vf_use_find(&w->ctx, &info), 0);
	return info;
}

static void expect(struct world *w, unsigned int vf, enum nfp_use use, const char *user)
{
	struct nfp_vf_info info = look(w, vf);

	assert_string_equal(info.user, user);
	assert_int_equal(info.use, use);
}

static void expect_begin(struct world *w, unsigned int vf, enum nfp_use use, const char *user)
{
	struct nfp_vf_info info = look(w, vf);

	info.user[strlen(user)] = '\0';
	assert_string_equal(info.user, user);
	assert_int_equal(info.use, use);
}

#define CASE(name) TEST_OF(name, setup, teardown, struct world, w)

CASE(test_idle)
{
	expect(w, 0, NFP_USE_IDLE, "");
	expect(w, 1, NFP_USE_IDLE, "");
	/* Without any driver and without a group, too. */
	tree_remove(&w->t, VF1 "/driver");
	tree_remove(&w->t, VF1 "/iommu_group");
	expect(w, 1, NFP_USE_IDLE, "");
}

CASE(test_netdev)
{
	struct nfp_link *eth2 = &w->links[1];

	eth2->flags = IFF_UP;
	expect(w, 0, NFP_USE_IDLE, "");
	eth2->has_address = true;
	expect(w, 0, NFP_USE_NETDEV, "eth2 has an IP address");
	eth2->flags = 0; /* an address of a netdev that is down is still somebody's plan */
	expect(w, 0, NFP_USE_NETDEV, "eth2 has an IP address");
	eth2->has_address = false;
	eth2->xdp = true;
	expect(w, 0, NFP_USE_NETDEV, "eth2 has an XDP program attached");
	eth2->xdp = false;
	eth2->promiscuity = 1;
	expect(w, 0, NFP_USE_NETDEV,
	       "eth2 is promiscuous: something is capturing or forwarding there");
}

/* Seen from another namespace, where nobody can say what goes through it, that it is up is a use,
 * and a process that holds the VF besides is not forgotten. */
CASE(test_netdev_elsewhere)
{
	struct nfp_use_ctx away = {
		.root = &w->t.root, .links = w->links, .num_links = w->ctx.num_links};
	struct nfp_vf_info vf = {.use = NFP_USE_IDLE};

	away.away = true;
	nfp_netdev_use_find(&away, &w->links[1], &vf);
	assert_int_equal(vf.use, NFP_USE_IDLE);
	w->links[1].flags = IFF_UP;
	nfp_netdev_use_find(&away, &w->links[1], &vf);
	assert_int_equal(vf.use, NFP_USE_NETDEV_UP);
	assert_string_equal(vf.user, "eth2 is up");
	w->ctx.num_links = 1;
	tree_dir(&w->t, "sys/devices/pci0000:00/0000:01:10.0/net");
	assert_true(look(w, 0).only_away);
	tree_dir(&w->t, "sys/devices/pci0000:00/0000:01:10.0/vdpa7/vhost-vdpa-0");
	expect(w, 0, NFP_USE_NAMESPACE, "its netdev is in another network namespace");
	assert_false(look(w, 0).only_away);
}

/* That it is up is no use; what goes through it is, unless it is there for each netdev. */
CASE(test_netdev_up)
{
	static const struct {
		struct nfp_up_use use;
		const char *comm, *user;
	} rows[] = {
		{{.by = NFP_UP_ROUTE}, NULL, "eth2 is up, and a route goes through it"},
		{{.by = NFP_UP_REDIRECT}, NULL, "eth2 is up, and tc sends frames to it"},
		{{.by = NFP_UP_SOCKET, .inode = 77},
		 "keepalived",
		 "eth2 is up, and keepalived (pid 5000001) has a socket on it"},
		{{.by = NFP_UP_PACKET, .protocol = 3, .inode = 77},
		 "dhclient",
		 "eth2 is up, and dhclient (pid 5000001) has a socket on it"},
		{{.by = NFP_UP_PACKET, .protocol = 3, .inode = 77}, "lldpd", ""},
		{{.by = NFP_UP_PACKET, .protocol = 3, .inode = 77}, "lldpad", ""},
		{{.by = NFP_UP_SOCKET, .inode = 77},
		 "lldpd",
		 "eth2 is up, and lldpd (pid 5000001) has a socket on it"},
		{{.by = NFP_UP_BOUND, .inode = 77}, "python3", ""},
		{{.by = NFP_UP_PACKET, .protocol = 0x88cc, .inode = 78}, NULL, ""},
		{{.by = NFP_UP_PACKET, .protocol = 3, .inode = 78},
		 NULL,
		 "eth2 is up, and a process whose files cannot be read has a socket on it"},
	};
	struct nfp_link *eth2 = &w->links[1];

	eth2->flags = IFF_UP;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_up_use use = rows[i].use;

		if (rows[i].comm)
			tree_process(&w->t, 5000001, rows[i].comm, 7, "socket:[77]");
		use.ifindex = eth2->ifindex + 1;
		w->ctx.up_uses.v = &use;
		w->ctx.up_uses.n = 1;
		expect(w, 0, NFP_USE_IDLE, "");
		use.ifindex = eth2->ifindex;
		expect(w, 0, rows[i].user[0] ? NFP_USE_NETDEV_UP : NFP_USE_IDLE, rows[i].user);
	}
	w->ctx.up_uses.v = NULL;
	w->ctx.up_uses.n = 0;
	strcpy(w->ctx.up_uses.unread, "reasons");
	expect(w, 0, NFP_USE_NETDEV_UP, "eth2 is up, and who uses it is not known: reasons");
	eth2->flags = 0;
	expect(w, 0, NFP_USE_IDLE, "");
}

CASE(test_networkmanager)
{
	struct nfp_link *eth2 = &w->links[1];

	tree_file(&w->t, "run/NetworkManager/devices/4", "[device]\nmanaged=true\n");
	eth2->flags = IFF_UP;
	expect(w, 0, NFP_USE_IDLE, "");
	tree_file(&w->t, "run/NetworkManager/devices/4",
		  "[device]\nmanaged=true\nconnection-uuid=5f1b\n");
	expect(w, 0, NFP_USE_NETDEV_UP, "NetworkManager is connecting eth2");
	assert_true(look(w, 0).by_manager);
	eth2->has_address = true;
	expect(w, 0, NFP_USE_NETDEV, "NetworkManager has connected eth2");
	/* Of a connection that was, where nobody has set it up. */
	eth2->has_address = false;
	eth2->flags = 0;
	expect(w, 0, NFP_USE_IDLE, "");
	assert_false(look(w, 0).by_manager);
}

CASE(test_stacked)
{
	w->links[2] = (struct nfp_link) {.ifindex = 7, .ifname = "br0", .kind = "bridge"};
	w->links[3] = (struct nfp_link) {.ifindex = 8, .ifname = "v7", .kind = "vlan", .link = 4};
	w->ctx.num_links = 4;
	expect(w, 0, NFP_USE_NETDEV, "v7 (vlan) is on top of eth2");
	strcpy(w->links[3].kind, "veth"); /* a peer's number, of another namespace maybe */
	expect(w, 0, NFP_USE_IDLE, "");
	w->links[1].master = 7;
	expect(w, 0, NFP_USE_NETDEV, "eth2 belongs to br0 (bridge)");
	w->links[1].master = 99;
	expect(w, 0, NFP_USE_NETDEV, "eth2 belongs to netdev 99");
}

CASE(test_vfio_group_by_path)
{
	tree_process(&w->t, 5000001, "qemu-system-x86", 7, "/dev/vfio/12");
	expect(w, 1, NFP_USE_VFIO,
	       "qemu-system-x86 (pid 5000001) holds it through vfio (group 12)");
	expect(w, 0, NFP_USE_IDLE, "");
}

/* A node that another mount namespace calls otherwise: its number is the same. */
CASE(test_vfio_group_by_number)
{
	char node[512];

	snprintf(node, sizeof(node), "%s/some-node", w->t.dir);
	if (mknod(node, S_IFCHR | 0600, makedev(243, 12)) < 0) {
		assert_int_equal(errno, EPERM); /* only root makes nodes */
		skip();
	}
	tree_process(&w->t, 5000001, "qemu", 7, node);
	expect(w, 1, NFP_USE_VFIO, "qemu (pid 5000001) holds it through vfio (group 12)");
}

/* The group of a VF without a driver, or with another, is as much in use. */
CASE(test_vfio_group_of_a_neighbour)
{
	tree_remove(&w->t, VF1 "/driver");
	tree_process(&w->t, 5000001, "qemu", 7, "/dev/vfio/12");
	expect(w, 1, NFP_USE_VFIO, "qemu (pid 5000001) holds it through vfio (group 12)");
}

CASE(test_vfio_noiommu)
{
	tree_remove(&w->t, "sys/class/vfio/12/dev");
	assert_int_equal(rmdir(strcat(strcpy((char[512]) {0}, w->t.sys), "/class/vfio/12")), 0);
	tree_file(&w->t, "sys/class/vfio/noiommu-12/dev", "243:12\n");
	tree_file(&w->t, "dev/vfio/noiommu-12", "");
	expect(w, 1, NFP_USE_IDLE, "");
	tree_process(&w->t, 5000001, "dpdk", 7, "/dev/vfio/noiommu-12");
	nfp_use_ctx_fini(&w->ctx);
	expect(w, 1, NFP_USE_VFIO, "dpdk (pid 5000001) holds it through vfio (group noiommu-12)");
}

CASE(test_vfio_cannot_open)
{
	tree_remove(&w->t, "dev/vfio/12");
	expect(w, 1, NFP_USE_UNKNOWN,
	       "a process may hold it through vfio (group 12): cannot open /dev/vfio/12: No such "
	       "file or directory (in a container: -v /dev/vfio:/dev/vfio)");
}

/* A guest that starts at that moment would find the group busy. */
CASE(test_vfio_is_not_opened_to_look)
{
	static const char unknown[] = "a process may hold it through vfio (group 12): cannot open";

	w->ctx.only_looks = true;
	tree_remove(&w->t, "dev/vfio/12");
	tree_process(&w->t, 5000001, "qemu", 7, "/dev/vfio/13");
	tree_link(&w->t, "proc/5000001/fd/8", "anon_inode:[vfio-device]");
	expect(w, 1, NFP_USE_IDLE, "");
	/* The group of that device is closed, and so may be any group's. */
	nfp_use_ctx_fini(&w->ctx);
	tree_link(&w->t, "proc/5000001/fd/7", "/dev/vfio/vfio");
	expect_begin(w, 1, NFP_USE_UNKNOWN, unknown);
	tree_remove(&w->t, "proc/5000001/fd/8");
	nfp_use_ctx_fini(&w->ctx);
	expect(w, 1, NFP_USE_IDLE, "");
	/* Not all processes are seen. */
	nfp_use_ctx_fini(&w->ctx);
	tree_link(&w->t, "proc/self/ns/pid", "pid:[4026532999]");
	expect_begin(w, 1, NFP_USE_UNKNOWN, unknown);
}

/* vfio-pci, and nothing of what it should have: no group, no cdev. */
CASE(test_vfio_unfathomable)
{
	tree_remove(&w->t, VF1 "/iommu_group");
	expect(w, 1, NFP_USE_UNKNOWN,
	       "vfio-pci is bound to it, and nfprobe cannot tell how a process would hold it");
}

static void add_cdev(struct world *w)
{
	tree_dir(&w->t, "sys/kernel/iommu_groups/12/devices");
	tree_link(&w->t, "sys/kernel/iommu_groups/12/devices/0000:01:10.1",
		  "../../../../devices/pci0000:00/0000:01:10.1");
	tree_file(&w->t, VF1 "/vfio-dev/vfio0/dev", "511:0\n");
}

CASE(test_vfio_cdev)
{
	add_cdev(w);
	expect(w, 1, NFP_USE_IDLE, "");
	nfp_use_ctx_fini(&w->ctx);
	tree_process(&w->t, 5000001, "qemu", 7, "/dev/vfio/devices/vfio0");
	expect(w, 1, NFP_USE_VFIO, "qemu (pid 5000001) holds it through /dev/vfio/devices/vfio0");
}

CASE(test_vfio_cdev_of_a_neighbour)
{
	tree_link(&w->t, "sys/kernel/iommu_groups/12/devices/0000:01:10.7",
		  "../../../../devices/pci0000:00/0000:01:10.7");
	tree_file(&w->t, "sys/devices/pci0000:00/0000:01:10.7/vfio-dev/vfio3/dev", "511:3\n");
	tree_process(&w->t, 5000001, "qemu", 7, "/dev/vfio/devices/vfio3");
	expect(w, 1, NFP_USE_VFIO,
	       "qemu (pid 5000001) holds it through vfio (0000:01:10.7 is in its IOMMU group)");
}

CASE(test_vfio_cdev_not_all_processes)
{
	add_cdev(w);
	tree_link(&w->t, "proc/self/ns/pid", "pid:[4026532999]");
	/* Its group can be opened, which it could not while the node is open. */
	expect(w, 1, NFP_USE_IDLE, "");
	tree_remove(&w->t, "sys/class/vfio/12/dev");
	assert_int_equal(rmdir(strcat(strcpy((char[512]) {0}, w->t.sys), "/class/vfio/12")), 0);
	expect(w, 1, NFP_USE_UNKNOWN,
	       "a process may hold it through /dev/vfio/devices/vfio0: a container sees the "
	       "host's processes only with --pid host (hostPID: true)");
}

/* A VF whose driver keeps it for processes, of which there is one that holds something else. */
static void kept_by(struct world *w, const char *driver)
{
	char target[64];

	snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", driver);
	tree_link(&w->t, VF1 "/driver", target);
	tree_process(&w->t, 5000001, "testpmd", 3, "/dev/shm/x");
	tree_file(&w->t, "proc/5000001/status", "Name:\ttestpmd\nUid:\t0\t0\t0\t0\n");
	tree_link(&w->t, "proc/5000001/exe", "/usr/bin/testpmd");
	tree_file(&w->t, "proc/5000001/maps", "");
}

CASE(test_uio)
{
	kept_by(w, "uio_pci_generic");
	tree_file(&w->t, VF1 "/uio/uio0/dev", "1:3\n");
	expect(w, 1, NFP_USE_IDLE, "");
	tree_process(&w->t, 5000001, "testpmd", 4, "/dev/uio0");
	nfp_use_ctx_fini(&w->ctx);
	expect(w, 1, NFP_USE_OTHER, "testpmd (pid 5000001) holds it through /dev/uio0");
}

/* The number and the inode of a file of the tree, as a line of maps has them. */
static void map_line(struct world *w, char line[256], const char *mode, const char *file,
		     const char *called)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", w->t.dir, file);
	assert_int_equal(stat(path, &st), 0);
	snprintf(line, 256, "7f00-7f01 %s 00000000 %02x:%02x %lu   %s\n", mode, major(st.st_dev),
		 minor(st.st_dev), (unsigned long)st.st_ino, called);
}

/* What it mapped it may have closed. A name decides nothing: neither another one, nor that one. */
CASE(test_mapped)
{
	static const char *const drivers[] = {"igb_uio", "pci-stub"};
	static const struct {
		const char *mode, *file, *called;
		enum nfp_use use;
	} rows[] = {
		{"rw-s", VF1 "/resource0", "/sys/devices/pci0000:00/0000:01:10.1/resource0",
		 NFP_USE_OTHER},
		{"rw-s", VF1 "/resource2_wc", "/tmp/x", NFP_USE_OTHER},
		{"r--p", VF1 "/resource0", "/sys/devices/pci0000:00/0000:01:10.1/resource0",
		 NFP_USE_IDLE},
		{"rw-s", "dev/vfio/12", "/sys/devices/pci0000:00/0000:01:10.1/resource0",
		 NFP_USE_IDLE},
		{"rw-s", "dev/vfio/12", "/memfd:x (deleted)", NFP_USE_IDLE},
	};
	char lines[512], line[256];

	tree_file(&w->t, VF1 "/resource0", "");
	tree_file(&w->t, VF1 "/resource2_wc", "");
	for (size_t d = 0; d < sizeof(drivers) / sizeof(drivers[0]); d++) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			tree_remove(&w->t, VF1 "/driver");
			kept_by(w, drivers[d]);
			map_line(w, line, rows[i].mode, rows[i].file, rows[i].called);
			snprintf(lines, sizeof(lines), "7efe-7eff rw-p 00000000 00:00 0 \n%s",
				 line);
			tree_file(&w->t, "proc/5000001/maps", lines);
			tree_file(&w->t, "proc/5000001/map_files/7f00-7f01", "");
			nfp_use_ctx_fini(&w->ctx);
			expect(w, 1, rows[i].use,
			       rows[i].use != NFP_USE_IDLE
				       ? "testpmd (pid 5000001) has its registers mapped"
				       : "");
		}
	}
}

/* Its node has any name in a container; a range that cannot be looked at may be it. */
CASE(test_mapped_node)
{
	kept_by(w, "uio_pci_generic");
	tree_file(&w->t, VF1 "/uio/uio0/dev", "1:3\n");
	tree_file(&w->t, "proc/5000001/maps", "7f00-7f01 rw-s 00000000 00:05 9   /nodes/a\n");
	tree_link(&w->t, "proc/5000001/map_files/7f00-7f01", "/dev/zero");
	expect(w, 1, NFP_USE_IDLE, "");
	tree_remove(&w->t, "proc/5000001/map_files/7f00-7f01");
	tree_link(&w->t, "proc/5000001/map_files/7f00-7f01", "/dev/null");
	nfp_use_ctx_fini(&w->ctx);
	expect(w, 1, NFP_USE_OTHER, "testpmd (pid 5000001) has its registers mapped");
	tree_remove(&w->t, "proc/5000001/map_files/7f00-7f01");
	tree_link(&w->t, "proc/5000001/map_files/7f00-7f01", "7f00-7f01");
	nfp_use_ctx_fini(&w->ctx);
	expect(w, 1, NFP_USE_UNKNOWN,
	       "testpmd (pid 5000001) may have its registers mapped: that cannot be read");
}

/* A process of a user to whom no device was given keeps nobody; one of root's is not waited for. */
CASE(test_mapped_waits_for_nobody)
{
	char path[512];

	kept_by(w, "pci-stub");
	tree_remove(&w->t, "proc/5000001/maps");
	snprintf(path, sizeof(path), "%s/proc/5000001/maps", w->t.dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	tree_file(&w->t, "proc/5000001/status", "Name:\tx\nUid:\t65534\t65534\t65534\t65534\n");
	expect(w, 1, NFP_USE_IDLE, "");
	tree_file(&w->t, "proc/5000001/status", "Name:\tx\nUid:\t65534\t65534\t0\t65534\n");
	nfp_use_ctx_fini(&w->ctx);
	expect(w, 1, NFP_USE_UNKNOWN,
	       "testpmd (pid 5000001) may have its registers mapped: that cannot be read");
	/* Whose it is cannot be read. */
	tree_remove(&w->t, "proc/5000001/status");
	tree_dir(&w->t, "proc/5000001/status");
	nfp_use_ctx_fini(&w->ctx);
	expect(w, 1, NFP_USE_UNKNOWN,
	       "testpmd (pid 5000001) may have its registers mapped: that cannot be read");
}

/* Three times what is kept of a process, of one device each. */
CASE(test_mapped_often)
{
	char *lines = NULL, line[256];
	size_t len = 0;
	FILE *f = open_memstream(&lines, &len);

	kept_by(w, "pci-stub");
	tree_file(&w->t, VF1 "/resource0", "");
	map_line(w, line, "rw-s", VF1 "/resource0", "/x");
	for (int i = 0; i < 3072; i++)
		fputs(line, f);
	fclose(f);
	tree_file(&w->t, "proc/5000001/maps", lines);
	tree_file(&w->t, "proc/5000001/map_files/7f00-7f01", "");
	free(lines);
	expect(w, 1, NFP_USE_OTHER, "testpmd (pid 5000001) has its registers mapped");
	assert_int_equal(w->ctx.mappings.n, 1);
	/* As where all together have more than are kept. */
	w->ctx.mappings.n = 0;
	w->ctx.mappings.complete = false;
	w->ctx.mappings.late = true;
	expect(w, 1, NFP_USE_UNKNOWN,
	       "a process may hold it through pci-stub: there was more than could be looked at");
}

/* A process with one device more than are kept may have the VF's, too. */
CASE(test_mapped_more_than_is_kept)
{
	static const struct {
		unsigned int devices;
		enum nfp_use use;
	} rows[] = {{1024, NFP_USE_IDLE}, {1025, NFP_USE_UNKNOWN}};

	kept_by(w, "pci-stub");
	nfp_for_each (row, rows, NFP_NUM(rows)) {
		char *lines = NULL;
		size_t len = 0;
		FILE *f = open_memstream(&lines, &len);

		for (unsigned int i = 1; i <= row->devices; i++)
			fprintf(f, "7f00-7f01 rw-s 00000000 00:05 %u   /dev/x\n", i);
		fclose(f);
		tree_file(&w->t, "proc/5000001/maps", lines);
		tree_file(&w->t, "proc/5000001/map_files/7f00-7f01", "");
		free(lines);
		nfp_use_ctx_fini(&w->ctx);
		expect(w, 1, row->use,
		       row->use == NFP_USE_IDLE ? ""
						: "testpmd (pid 5000001) may have its registers "
						  "mapped: that cannot be read");
	}
}

/* Whom Xen gives a VF, no process of this kernel shows. */
CASE(test_pciback)
{
	kept_by(w, "xen-pciback");
	expect(w, 1, NFP_USE_OTHER, "xen-pciback is bound to it, but it has no netdev");
}

CASE(test_rdma)
{
	tree_file(&w->t, "sys/devices/pci0000:00/0000:01:10.0/infiniband_verbs/uverbs2/dev",
		  "231:194\n");
	expect(w, 0, NFP_USE_IDLE, "");
	tree_process(&w->t, 5000001, "testpmd", 3, "/dev/infiniband/uverbs2");
	nfp_use_ctx_fini(&w->ctx);
	expect(w, 0, NFP_USE_OTHER,
	       "testpmd (pid 5000001) holds it through /dev/infiniband/uverbs2");
}

/* vDPA: in use even when nobody has it open, whatever it is called. */
CASE(test_vdpa)
{
	tree_file(&w->t, VF1 "/vdpa_queues", "4\n"); /* an attribute, no device */
	expect(w, 1, NFP_USE_IDLE, "");
	tree_file(&w->t, VF1 "/vdpa0/vhost-vdpa-3/dev", "238:3\n");
	expect(w, 1, NFP_USE_OTHER, "it carries the vDPA device vdpa0");
	tree_process(&w->t, 5000001, "qemu", 3, "/dev/vhost-vdpa-3");
	nfp_use_ctx_fini(&w->ctx);
	expect(w, 1, NFP_USE_OTHER,
	       "qemu (pid 5000001) holds it through /dev/vhost-vdpa-3 (vDPA device vdpa0)");
	expect(w, 0, NFP_USE_IDLE, "");
	tree_link(&w->t, "sys/devices/pci0000:00/0000:01:10.0/blue/subsystem",
		  "../../../../bus/vdpa");
	expect(w, 0, NFP_USE_OTHER, "it carries the vDPA device blue");
}

CASE(test_another_namespace)
{
	w->ctx.num_links = 1; /* eth2 is not here */
	expect(w, 0, NFP_USE_OTHER, "igbvf is bound to it, but it has no netdev");
	tree_dir(&w->t, "sys/devices/pci0000:00/0000:01:10.0/net");
	expect(w, 0, NFP_USE_NAMESPACE, "its netdev is in another network namespace");
}

CASE(test_gone)
{
	struct nfp_vf_info info = {.vf = 9, .devpath = "/sys/devices/no/such", .parentdev = "x"};
	struct nfp_err err = {0};

	assert_int_equal(nfp_vf_use_read(nfp_sysroot_default(), &info, &err), -ENODEV);
	assert_int_equal(err.code, NFP_E_NO_SUCH_VF);
	assert_string_equal(err.message, "VF 9 (x) is gone");
}

/* Only the use is filled, and that of a VF that has gone is left as it was. */
CASE(test_read_afresh)
{
	struct nfp_vf_info info = {.parentdev = "0000:01:10.0", .use = NFP_USE_UNKNOWN};

	snprintf(info.devpath, sizeof(info.devpath), "/sys/devices/pci0000:00/0000:01:10.0");
	assert_int_equal(nfp_vf_use_read(&w->t.root, &info, NULL), 0);
	assert_int_equal(info.use, NFP_USE_OTHER);
	assert_string_equal(info.user, "igbvf is bound to it, but it has no netdev");
	assert_string_equal(info.driver, "");
	info.devpath[0] = '\0';
	assert_int_equal(nfp_vf_use_read(&w->t.root, &info, NULL), -ENODEV);
	assert_int_equal(info.use, NFP_USE_OTHER);
}

/* The error names the user that is worse to disturb, whichever is found first. */
CASE(test_worst_is_named)
{
	static const enum nfp_use order[] = {NFP_USE_NETDEV_UP, NFP_USE_RESERVED,  NFP_USE_UNKNOWN,
					     NFP_USE_OTHER,	NFP_USE_NAMESPACE, NFP_USE_NETDEV,
					     NFP_USE_VFIO};
	size_t i, k;

	for (i = 0; i < NFP_NUM(order); i++) {
		for (k = 0; k < NFP_NUM(order); k++) {
			struct nfp_vf_info info = {0};

			nfp_vf_use_note(&info, order[i], "first");
			nfp_vf_use_note(&info, order[k], "second");
			assert_int_equal(info.use, order[i > k ? i : k]);
			assert_string_equal(info.user, k > i ? "second" : "first");
		}
	}
}

/* 1: it is up, -1: it is known to be at rest, 0: neither. */
static int up_of(struct world *w, unsigned int vf, const char *driver)
{
	struct nfp_vf_info info = {.vf = vf};

	snprintf(info.parentdev, sizeof(info.parentdev), "0000:01:10.%u", vf);
	snprintf(info.devpath, sizeof(info.devpath), "/sys/devices/pci0000:00/0000:01:10.%u", vf);
	strcpy(info.driver, driver);
	nfp_vf_up_find(&w->ctx, &info);
	assert_false(info.up && info.at_rest);
	return info.up ? 1 : info.at_rest ? -1 : 0;
}

/* A netdev here says it; of a VF that somebody else has, bus mastering does. */
CASE(test_up)
{
	assert_int_equal(up_of(w, 0, "igbvf"), 0);
	w->links[1].flags = IFF_UP;
	assert_int_equal(up_of(w, 0, "igbvf"), 1);
	assert_int_equal(up_of(w, 1, "vfio-pci"), 0);
	tree_file(&w->t, VF1 "/config", "\x86\x80\xca\x10\x06\x04");
	assert_int_equal(up_of(w, 1, "vfio-pci"), 1);
	assert_int_equal(up_of(w, 1, ""), 0);
	tree_file(&w->t, VF1 "/config", "\x86\x80\xca\x10\x02\x04");
	assert_int_equal(up_of(w, 1, "vfio-pci"), -1);
	/* A driver here is one all the time; its netdev is down. */
	w->links[1].flags = 0;
	tree_file(&w->t, "sys/devices/pci0000:00/0000:01:10.0/config", "\x86\x80\xca\x10\x06\x04");
	assert_int_equal(up_of(w, 0, "igbvf"), 0);
}

TEST_MAIN()
