/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nfsim: an SR-IOV NIC of chosen behaviour, for the tests of programs that ask what a NIC does.
 *
 * A NIC is a PF device on the bus "nfsim", up to 256 VF devices, a wire device, and a switch
 * between them that delivers frames by its filters. Its personality (nic/keys.def) says when a VF's
 * filter comes and goes and who gets what. Everything the switch reads is guarded by the NIC's
 * lock, which is taken with softirqs off; the lock of a netdev's address lists, and RTNL, are taken
 * before it.
 */
#ifndef NFSIM_H
#define NFSIM_H

#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/etherdevice.h>
#include <linux/hrtimer.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rbtree.h>
#include <linux/seq_file.h>
#include <linux/workqueue.h>

#include "../nic/core.h"
#include "compat.h"

#define NFSIM_MAX_NICS 64
#define NFSIM_MAX_VFS  CORE_MAX_VFS
#define NFSIM_MAX_NAME 32 /* of a driver in driver_override */
#define NFSIM_STATIONS 8

/* Where a frame comes from or goes to: a VF's number, or one of these. */
enum nfsim_port {
	NFSIM_PF = NFSIM_MAX_VFS,
	NFSIM_WIRE,
	NFSIM_NOWHERE,
};

/* The ticks for work that must not come sooner: the tick that is running does not count. */
static inline unsigned long nfsim_jiffies(u32 ms)
{
	return msecs_to_jiffies(ms) + 1;
}

struct nfsim_vf {
	struct device dev;
	struct nfsim_nic *nic;
	unsigned int index;
	bool ready; /* its links in sysfs exist: it may be probed */
	spinlock_t override_lock;
	char driver_override[NFSIM_MAX_NAME]; /* empty: none */

	/* The NIC's lock guards the rest. The PF was told these: */
	u8 mac[ETH_ALEN];
	bool mac_set; /* by the PF; else it is what the VF's driver reported */
	u16 vlan;
	u8 qos;
	__be16 vlan_proto;
	bool spoofchk, trust, rss;
	int link_state, min_rate, max_rate;
	ktime_t busy_until;    /* 0: nobody has tried */
	ktime_t reset_until;   /* see "vfr" */
	u8 reported[ETH_ALEN]; /* the last address that its driver told the NIC */

	struct core_filter filter;
	struct hrtimer timer; /* for the filter, when it comes or goes next */

	struct net_device *netdev; /* NULL while no driver has made one */
	struct net_device *second; /* see "two_ports"; under the device's lock */
	bool up, carrier;
	u32 binds, binds_with_mac;
	struct ifla_vf_stats stats, stats_shown;
	u64 stats_looked; /* ns, a multiple of stats_ms */
	struct core_vids vids;
	struct core_member groups;
	bool promisc, allmulti; /* the modes of its netdev, once the NIC was told */
	bool took;		/* its netdev has another address than the PF assigned */
};

/* A macvlan of the PF for which the NIC forwards by itself; in station.c. */
struct nfsim_station {
	struct net_device *dev; /* NULL: free */
	u8 mac[ETH_ALEN];
	u64 written;
};

struct nfsim_log;

struct nfsim_nic {
	struct device dev;	/* the PF */
	struct device wire_dev; /* its driver makes the netdev at the other end of the cable */
	unsigned int id;
	struct list_head list;
	bool autoprobe;
	unsigned int num_vfs; /* under RTNL */

	spinlock_t lock; /* all below */
	struct core_keys persona;
	struct core_personality does; /* by its persona */
	struct nfsim_vf *vfs[NFSIM_MAX_VFS];
	u64 writes;

	struct net_device *pf;
	struct net_device_ops pf_ops; /* under RTNL: the personality may take some away */
	struct net_device *pf_second; /* see "two_ports"; under the device's lock */
	bool pf_up, pf_resetting, pf_promisc, pf_forced;
	bool pf_allmulti; /* as its driver has written it last */
	u8 pf_mac[ETH_ALEN];
	u64 pf_mac_written;
	struct core_list uc;
	struct core_member pf_groups;
	struct nfsim_station stations[NFSIM_STATIONS];
	struct core_vids pf_vids[2]; /* 802.1Q, and 802.1ad */
	struct delayed_work pf_restore, pf_sync;

	struct net_device *wire;
	bool wire_up, cable_cut; /* cut: carrier was taken away through the PF's netdev */
	u64 random;		 /* of the cable's losses */

	bool switchdev;
	struct nfsim_log *log;
	struct dentry *debugfs;
};

/* bus.c */
static inline bool nfsim_refuses(const struct nfsim_vf *vf, enum core_refusal what)
{
	const struct core_keys *p = &vf->nic->persona;

	return vf->index == p->refuse_vf && (p->refuse & BIT(what));
}

struct nfsim_driver {
	struct device_driver base;
	int (*probe)(struct device *dev);   /* NULL: nothing to do */
	void (*remove)(struct device *dev); /* the same */
};

extern struct nfsim_driver nfsim_pf_driver, nfsim_vf_driver, nfsim_wire_driver;
extern nfsim_bus_const struct bus_type nfsim_bus;
bool nfsim_is_overridden(struct nfsim_vf *vf);
extern const struct device_type nfsim_pf_type, nfsim_vf_type, nfsim_wire_type;
extern struct device *nfsim_root;
int nfsim_bus_create(void);
void nfsim_bus_destroy(void);

static inline struct nfsim_nic *nfsim_pf_nic(struct device *dev)
{
	return container_of(dev, struct nfsim_nic, dev);
}

static inline struct nfsim_nic *nfsim_wire_nic(struct device *dev)
{
	return container_of(dev, struct nfsim_nic, wire_dev);
}

static inline struct nfsim_vf *nfsim_dev_vf(struct device *dev)
{
	return container_of(dev, struct nfsim_vf, dev);
}

/* core.c: called by writes to /sys/bus/nfsim/{new,del}_device. */
int nfsim_nic_create(unsigned int id);
int nfsim_nic_destroy(unsigned int id);

/* sriov.c: both with the PF device's lock held. */
extern const struct attribute_group *nfsim_pf_groups[];
extern const struct attribute_group *nfsim_vf_groups[];
void nfsim_vf_release(struct device *dev);
void nfsim_vfs_destroy(struct nfsim_nic *nic);
void nfsim_vfs_show_reset(struct nfsim_nic *nic);

/* persona.c */
/* afresh: whether the word "default" was there. -EINVAL, and nothing that can be used, on a bad
 * word. */
int nfsim_persona_parse(struct core_keys *p, const char *text, bool *afresh);
ssize_t nfsim_persona_show(const struct core_keys *p, char *page);

/* filters.c: the NIC's tables. All with the NIC's lock held. */
void nfsim_filter_init(struct nfsim_vf *vf);
/* Counts and times since a personality was written begin anew; afresh: as after power-on, no VF
 * has a filter, and the PF all of its entries. */
void nfsim_filter_reset(struct nfsim_nic *nic, bool afresh);
void nfsim_filter_event(struct nfsim_vf *vf, enum core_event event);
/* The VF's netdev has this address now. */
void nfsim_filter_address_set(struct nfsim_vf *vf, const u8 *mac);
void nfsim_filter_pf_opened(struct nfsim_nic *nic);
void nfsim_filter_pf_sync(struct nfsim_nic *nic, struct net_device *dev);
bool nfsim_filter_vf_keeps(const struct nfsim_nic *nic, const u8 *mac);
/* Is a VF up that was not assigned the address? */
/* When it was written; 0: the PF does not have it. */
u64 nfsim_filter_pf_owns(const struct nfsim_nic *nic, const u8 *mac);
/* Was another VF assigned this address? */
bool nfsim_filter_is_repeated(const struct nfsim_vf *vf, const u8 *mac);

/* groups.c: the NIC's multicast filters. All with the NIC's lock held; the first two with the lock
 * of the netdev's address lists as well. */
void nfsim_groups_pf_sync(struct nfsim_nic *nic, struct net_device *dev);
void nfsim_groups_vf_sync(struct nfsim_vf *vf, struct net_device *dev);
void nfsim_groups_event(struct nfsim_vf *vf, enum core_event event);
/* As after power-on. */
void nfsim_groups_revive(struct nfsim_nic *nic);
bool nfsim_groups_pf_gets(struct nfsim_nic *nic, const u8 *group);
bool nfsim_groups_vf_gets(struct nfsim_vf *vf, const u8 *group);

/* @list is a netdev's; the caller holds its lock. */
static inline bool nfsim_is_listed(const struct netdev_hw_addr_list *list, const u8 *mac)
{
	const struct netdev_hw_addr *ha;

	netdev_hw_addr_list_for_each(ha, list) if (ether_addr_equal(ha->addr, mac)) return true;
	return false;
}

/* switch.c: with the NIC's lock held; takes the frame, which has its Ethernet header at skb->data.
 */
void nfsim_switch(struct nfsim_nic *nic, unsigned int from, struct sk_buff *skb);
/* Before statistics of a VF are counted or shown: what stats_ms shows of them. */
void nfsim_stats_look(struct nfsim_vf *vf);
/* Gives a frame to the stack of a netdev; false if that could not take it. */
bool nfsim_deliver(struct net_device *dev, struct sk_buff *skb);
/* A frame as the switch wants it: not shared, the VLAN tag in the metadata. NULL and freed if it is
 * none. */
struct sk_buff *nfsim_frame(struct sk_buff *skb);

/* vf.c */
extern struct notifier_block nfsim_vf_notifier; /* of netdevs */

struct nfsim_port_priv {
	struct nfsim_nic *nic;
	struct nfsim_vf *vf; /* NULL for PF and wire */
	struct delayed_work carrier_work, register_work, rename_work, address_work; /* VF only */
	bool registered;
};

/* ethtool.c */
extern const struct ethtool_ops nfsim_ethtool_ops;

/* netdev.c */
struct net_device *nfsim_netdev_alloc(struct nfsim_nic *nic, struct device *parent);
int nfsim_netdev_register(struct net_device *dev, const char *name);
/* A request of the PF's or a VF's. */
int nfsim_vlan_add(struct net_device *dev, __be16 proto, u16 vid);
int nfsim_vlan_del(struct net_device *dev, __be16 proto, u16 vid);
netdev_tx_t nfsim_xmit(struct nfsim_nic *nic, unsigned int from, struct sk_buff *skb,
		       struct net_device *dev);
/* Carrier of PF, wire and VFs after something it depends on has changed. With the NIC's lock held.
 */
void nfsim_carrier_update(struct nfsim_nic *nic);

/* pf.c: without locks, but for the device's. The netdev, and the NIC's table by the netdev's, after
 * the personality was changed. */
void nfsim_pf_adapt(struct nfsim_nic *nic);
/* At the next turn of the PF's task (see "pf_sync_ms"), in any context. */
void nfsim_pf_sync_at_turn(struct nfsim_nic *nic);

/* pfvf.c: what the PF's netdev can do to a VF. */
void nfsim_vf_reset_begin(struct nfsim_vf *vf); /* with the NIC's lock held */
int nfsim_set_vf_mac(struct net_device *dev, int index, u8 *mac);
int nfsim_set_vf_vlan(struct net_device *dev, int index, u16 vlan, u8 qos, __be16 proto);
int nfsim_set_vf_spoofchk(struct net_device *dev, int index, bool setting);
int nfsim_set_vf_trust(struct net_device *dev, int index, bool setting);
int nfsim_set_vf_link_state(struct net_device *dev, int index, int state);
int nfsim_get_vf_config(struct net_device *dev, int index, struct ifla_vf_info *info);
int nfsim_get_vf_stats(struct net_device *dev, int index, struct ifla_vf_stats *stats);
int nfsim_set_vf_rate(struct net_device *dev, int index, int min_rate, int max_rate);
int nfsim_set_vf_rss(struct net_device *dev, int index, bool setting);
/* A VF's driver, or the NIC, resets attributes at an event, with the NIC's lock held. */
void nfsim_vf_forget(struct nfsim_vf *vf, enum core_event event);
/* After that, with RTNL held, if the PF's driver announces it. */
void nfsim_vf_forget_notify(struct nfsim_vf *vf, enum core_event event);

/* station.c */
void *nfsim_station_add(struct net_device *pf, struct net_device *dev);
void nfsim_station_del(struct net_device *pf, void *station);
/* The rest with the NIC's lock held. NULL if there is none. */
struct nfsim_station *nfsim_station_find(struct nfsim_nic *nic, const u8 *mac);
bool nfsim_station_any(const struct nfsim_nic *nic);
bool nfsim_station_deliver(struct nfsim_station *station, struct sk_buff *skb);

/* second.c: netdevs of the other port. With the device's lock held. */
struct net_device *nfsim_second_create(struct nfsim_nic *nic, struct nfsim_vf *vf);
void nfsim_second_destroy(struct net_device *dev);
bool nfsim_is_second(const struct net_device *dev);

/* wire.c: with the NIC's lock held. From the wire to the switch, or from anywhere else to the wire.
 */
void nfsim_cable_reseed(struct nfsim_nic *nic);
void nfsim_cable_send(struct nfsim_nic *nic, unsigned int from, struct sk_buff *skb);

/* log.c. Notes and counts with the NIC's lock held. */
int nfsim_log_create(struct nfsim_nic *nic, struct dentry *root);
void nfsim_log_destroy(struct nfsim_nic *nic);
void nfsim_note(struct nfsim_nic *nic, unsigned int port, const char *what, const u8 *mac);
void nfsim_read(struct nfsim_nic *nic);
void nfsim_count(struct nfsim_nic *nic, unsigned int from, const u8 *dst, unsigned int to,
		 bool taken);
/* A request about a VF, as it reaches the driver; without the NIC's lock. */
__printf(3, 4) void nfsim_call(struct nfsim_vf *vf, const char *what, const char *format, ...);

/* devlink.c */
struct devlink *nfsim_devlink_create(struct nfsim_nic *nic);
void nfsim_devlink_destroy(struct devlink *devlink);

/* rename.c: without locks. */
int nfsim_rename(struct net_device *dev, const char *name, bool anywhere);

#endif
