// SPDX-License-Identifier: GPL-2.0-or-later
/* The answers to ethtool about the netdevs. */

#include <linux/ethtool.h>

#include "nfsim.h"

#define NFSIM_VERSION "1.0"

static struct nfsim_port_priv *nfsim_ethtool_priv(struct net_device *dev)
{
	return netdev_priv(dev);
}

static void nfsim_get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	struct nfsim_port_priv *priv = nfsim_ethtool_priv(dev);
	struct device *device = dev->dev.parent;
	const char *name = device->driver ? device->driver->name : "nfsim";

	if (device == &priv->nic->dev && *priv->nic->persona.driver)
		name = priv->nic->persona.driver;
	strscpy(info->driver, name, sizeof(info->driver));
	strscpy(info->version, NFSIM_VERSION, sizeof(info->version));
	strscpy(info->fw_version, NFSIM_VERSION, sizeof(info->fw_version));
	strscpy(info->bus_info, dev_name(device), sizeof(info->bus_info));
}

const struct ethtool_ops nfsim_ethtool_ops = {
	.get_drvinfo = nfsim_get_drvinfo,
	.get_link = ethtool_op_get_link,
};
