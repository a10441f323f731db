// SPDX-License-Identifier: GPL-2.0-or-later
/* The port that PF and wire report: two NICs may pass for two PFs of one port. */

#include "nfsim.h"

struct nfsim_identity {
	u32 port, parent, name; /* 0: none */
};

static struct nfsim_identity nfsim_identity_of(struct net_device *dev)
{
	struct nfsim_nic *nic = ((struct nfsim_port_priv *)netdev_priv(dev))->nic;
	const struct core_keys *p = &nic->persona;

	if (dev->dev.parent == &nic->wire_dev)
		return (struct nfsim_identity) {p->wire_port_id, p->wire_switch_id,
						p->wire_port_name};
	return (struct nfsim_identity) {p->port_id, p->switch_id, p->port_name};
}

static int nfsim_item_id(struct netdev_phys_item_id *id, u32 number)
{
	if (!number)
		return -EOPNOTSUPP;
	id->id_len = sizeof(u64);
	put_unaligned_be64(number, id->id);
	return 0;
}

int nfsim_get_phys_port_id(struct net_device *dev, struct netdev_phys_item_id *id)
{
	return nfsim_item_id(id, nfsim_identity_of(dev).port);
}

int nfsim_get_port_parent_id(struct net_device *dev, struct netdev_phys_item_id *id)
{
	return nfsim_item_id(id, nfsim_identity_of(dev).parent);
}

int nfsim_get_phys_port_name(struct net_device *dev, char *name, size_t size)
{
	u32 number = nfsim_identity_of(dev).name;

	if (!number)
		return -EOPNOTSUPP;
	return snprintf(name, size, "p%u", number) < (int)size ? 0 : -EINVAL;
}
