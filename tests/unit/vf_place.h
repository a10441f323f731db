/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VF in the place of restore_place.h: a folder is its device, a veth its netdev, and its PF does
 * not report it. Functions of libc are replaced by ones that play the kernel and a driver.
 */
#ifndef NFPROBE_TESTS_VF_PLACE_H
#define NFPROBE_TESTS_VF_PLACE_H

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "restore_place.h"
#include "tree.h"

#define VF_NAME "0000:01:10.6"
#define VF_DIR	"sys/bus/pci/devices/" VF_NAME
#define DRIVER	"sys/bus/pci/drivers/nfpdrv"

static const struct nfp_mac own = {{0x02, 0, 0, 0, 0, 0x30}};

/* The kernel's and a driver's part in the VF. */
static struct {
	const struct tree *tree;		/* where it is; NULL: there is none */
	void (*in_pause)(const struct tree *t); /* done while nfprobe waits */
	bool no_address;			/* the address of every netdev is zero */
	const struct nfp_mac *mac;		/* of VF 3, by its PF; NULL: it reports no VF */
	int refused; /* the answer to a bind and an unbind; 0: they are taken */
} unreal;

/* In place of libc's. */
ssize_t write(int fd, const void *buf, size_t n)
{
	bool binds = n == strlen(VF_NAME) && memcmp(buf, VF_NAME, n) == 0;

	if (unreal.refused && binds) {
		errno = unreal.refused;
		return -1;
	}
	return syscall(SYS_write, fd, buf, n);
}

/* In place of libc's. */
int poll(struct pollfd *fds, nfds_t num, int ms)
{
	struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
	void (*act)(const struct tree *t) = unreal.in_pause;

	if (num || !act)
		return (int)syscall(SYS_ppoll, fds, num, ms < 0 ? NULL : &pause, NULL, 0);
	unreal.in_pause = NULL;
	act(unreal.tree);
	return 0;
}

/* Nothing tells that it is a veth. */
static inline void disguise(struct nlmsghdr *nlh)
{
	struct nfp_attrs it = nfp_attrs_of(nlh, sizeof(struct ifinfomsg));
	struct nlattr *attr;

	while ((attr = (struct nlattr *)nfp_attrs_next(&it))) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type == IFLA_LINKINFO || type == IFLA_LINK)
			attr->nla_type = IFLA_UNSPEC;
		if (type == IFLA_ADDRESS && unreal.no_address)
			memset(mnl_attr_get_payload(attr), 0, NFP_MAC_LEN);
	}
}

static inline void put_vf(struct nlmsghdr *nlh)
{
	struct nlattr *list = mnl_attr_nest_start(nlh, IFLA_VFINFO_LIST);
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_VF_INFO);
	const struct ifla_vf_vlan_info untagged = {.vf = 3};
	struct ifla_vf_mac mac = {.vf = 3};
	struct nlattr *vlans;

	memcpy(mac.mac, unreal.mac, sizeof(*unreal.mac));
	mnl_attr_put(nlh, IFLA_VF_MAC, sizeof(mac), &mac);
	vlans = mnl_attr_nest_start(nlh, IFLA_VF_VLAN_LIST);
	mnl_attr_put(nlh, IFLA_VF_VLAN_INFO, sizeof(untagged), &untagged);
	mnl_attr_nest_end(nlh, vlans);
	mnl_attr_nest_end(nlh, info);
	mnl_attr_nest_end(nlh, list);
}

/* In place of libc's. A netdev that is asked for alone has four VFs. */
ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n = syscall(SYS_recvmsg, fd, msg, flags);
	struct nlmsghdr *nlh = msg->msg_iov->iov_base;
	int left = (int)n;

	if (!unreal.tree || n <= 0)
		return n;
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_type != RTM_NEWLINK)
			continue;
		disguise(nlh);
		if (nlh->nlmsg_len != (size_t)n)
			continue;
		mnl_attr_put_u32(nlh, IFLA_NUM_VF, 4);
		if (unreal.mac)
			put_vf(nlh);
		return (ssize_t)nlh->nlmsg_len;
	}
	return n;
}

/* A run that is open, and the VF, whose driver can be bound; without root only the place. */
struct vf_place {
	struct place place, *p;
	struct tree tree;
	struct nfp_backend *backend;
	/* It has a driver, which is not bound, and a netdev that is there all the same, down. */
	struct nfp_journal_vf entry;
	/* As the run finds it where it is a sibling. */
	struct nfp_vf_info vfs[4];
	struct nfp_pf pf;
};

static inline void make_vf_place(struct vf_place *v)
{
	v->p = &v->place;
	make_place(v->p);
	if (!v->p->dir[0])
		return;
	v->backend = open_live(v->p);
	v->entry.before = (struct nfp_vf_state) {.vf = 3,
						 .bus = "pci",
						 .parentdev = VF_NAME,
						 .driver = "nfpdrv",
						 .attr = NFP_VF_ATTR_UNKNOWN,
						 .have_netdev = true,
						 .ifname = "nfpvf0",
						 .address = own};
	tree_make(&v->tree);
	tree_dir(&v->tree, "run/nfprobe");
	tree_file(&v->tree, DRIVER "/bind", "");
	tree_file(&v->tree, DRIVER "/unbind", "");
	tree_dir(&v->tree, VF_DIR "/net/nfpvf0");
	tree_link(&v->tree, "sys/class/net/nfpvf0/device", "../../../bus/pci/devices/" VF_NAME);
	v->backend->apply.root = &v->tree.root;
	unreal.tree = &v->tree;
	assert_int_equal(
		run("ip link add nfpvf0 address 02:00:00:00:00:30 type veth peer name nfpvf1"), 0);
}

static inline void remove_vf_place(struct vf_place *v)
{
	if (v->backend) {
		memset(&unreal, 0, sizeof(unreal));
		unreal.tree = &v->tree;
		v->backend->apply.root = nfp_sysroot_default();
		assert_int_equal(close_live(v->p, v->backend), 0);
		unreal.tree = NULL;
		tree_drop(&v->tree);
	}
	remove_place(v->p);
}

#endif
