/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vf_state.h - everything that is restored of a VF: how it is read and compared, and
 * waits for it. */
#ifndef NFPROBE_CHANGE_VF_STATE_H
#define NFPROBE_CHANGE_VF_STATE_H

#include "net/inventory.h"
#include "vfdrv.h"

struct nfp_apply;

/* The state of a VF and its netdev that is restored. */
struct nfp_vf_state {
	unsigned int vf;
	char parentdev[NFP_TEXT_LEN];
	char bus[16];
	struct nfp_vf_attr attr;
	char driver[NFP_TEXT_LEN]; /* empty: none bound */
	bool have_override;	   /* the bus supports driver_override */
	char driver_override[NFP_TEXT_LEN];
	bool have_netdev; /* it has a netdev in this network namespace; else the members below are
			     not set */
	char ifname[NFP_IFNAMSIZ];
	int ifindex;
	struct nfp_mac address;	  /* the netdev's */
	uint8_t addr_assign_type; /* NET_ADDR_*, include/uapi/linux/netdevice.h */
	bool up;
	/* The netdev of the other port, if the device has two (mlx4), or empty. */
	char second[NFP_IFNAMSIZ];
	int second_ifindex; /* not in the journal */
	bool second_up;
};

/* Settings are kept for the netdev and for the second one, as objects of texts, or NULL. */
#define NFP_VF_NETDEVS 2

/*
 * Bits: the differences of two states of a VF, attributes as in nfp_vf_attr_differ, and these. A
 * part that one state lacks or does not know is no difference, except a netdev that is gone.
 */
enum nfp_vf_part {
	NFP_PART_ATTRS = (1U << NFP_VF_ATTR_COUNT) - 1,
	NFP_PART_DRIVER = 1U << NFP_VF_ATTR_COUNT,
	NFP_PART_OVERRIDE = NFP_PART_DRIVER << 1,
	NFP_PART_NETDEV = NFP_PART_DRIVER << 2,	 /* it had a netdev, and has none */
	NFP_PART_ADDRESS = NFP_PART_DRIVER << 3, /* the address of its netdev */
	NFP_PART_NAME = NFP_PART_DRIVER << 4,
	NFP_PART_DOWN = NFP_PART_DRIVER << 5, /* it was up, and is down */
	NFP_PART_SECOND = NFP_PART_DRIVER << 6,
	NFP_PART_SECOND_NAME = NFP_PART_DRIVER << 7,
	NFP_PART_SECOND_DOWN = NFP_PART_DRIVER << 8,
};
/* Compares only the parts in @mask, so that a caller who has read a few can compare these. Pure. */
uint32_t nfp_vf_state_differ(const struct nfp_vf_state *was, const struct nfp_vf_state *now,
			     uint32_t mask);
/*
 * Calls @done now and after each change of a link in @netns_fd (-1: ours), until it returns other
 * than 0. 0 (@done returned 1), -ETIMEDOUT, or what else @done returned.
 */
int nfp_wait_links(int netns_fd, int deadline_ms, int (*done)(void *ctx), void *ctx,
		   struct nfp_err *err);
/* True if the device has left its bus, or leaves within the deadline. */
bool nfp_wait_device_gone(const struct nfp_busdev *dev, int deadline_ms);
/* Waits for the netdev of VF @dev to appear in this namespace, and reads it. -ETIMEDOUT. */
int nfp_wait_netdev(const struct nfp_apply *apply, const struct nfp_busdev *dev, int deadline_ms,
		    struct nfp_link *ret_link, struct nfp_err *err);

/*
 * Reads the netdev of VF @dev in this namespace. -ENOENT, with @err unset: there is none. mlx4 has
 * one for each port of the card: *ret_link is that of the port of @pf (dev_port), the other is
 * *ret_second (may be NULL), whose ifindex is 0 if there is none.
 */
int nfp_netdev_of(struct nfp_nl *nl, const struct nfp_rt_dev *pf, const struct nfp_busdev *dev,
		  struct nfp_link *ret_link, struct nfp_link *ret_second, struct nfp_err *err);
/*
 * Reads a VF as it is now. -ENODEV: it was removed. @attr: its attributes, if they are known. NULL:
 * reads them, and with them those of all VFs of the PF. @await_report: reads again for some seconds
 * while the report lacks the VF, as it does while i40e and ice reset it, unless the driver reports
 * none of its VFs.
 */
int nfp_vf_state_read(const struct nfp_apply *apply, unsigned int vf, const char *bus,
		      const char *parentdev, const struct nfp_vf_attr *attr, bool await_report,
		      struct nfp_vf_state *ret_state, struct nfp_err *err);
/*
 * Waits before the next read of the VFs of the PF, since no event tells when a driver has acted. A
 * read holds the RTNL lock of the whole host: if one takes long (@took_ns), reads take at most a
 * fifth of the time.
 */
void nfp_vf_look_pause(uint64_t took_ns);

#endif
