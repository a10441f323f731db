// SPDX-License-Identifier: GPL-2.0-or-later
/* The answers to ethtool about the netdevs, and the settings of a VF's. */

#include <linux/ethtool.h>

#include "nfsim.h"

#define NFSIM_VERSION	   "1.0"
#define NFSIM_MAX_RING	   4096
#define NFSIM_MAX_CHANNELS 16

static const char nfsim_flags[][ETH_GSTRING_LEN] = {"nfsim-flag-a", "nfsim-flag-b"};

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
	if (priv->vf)
		info->n_priv_flags = ARRAY_SIZE(nfsim_flags);
}

const struct ethtool_ops nfsim_ethtool_ops = {
	.get_drvinfo = nfsim_get_drvinfo,
	.get_link = ethtool_op_get_link,
};

void nfsim_settings_init(struct nfsim_settings *settings)
{
	*settings = (struct nfsim_settings) {
		.rx_ring = 512, .tx_ring = 512, .channels = 4, .rx_usecs = 50};
}

static void nfsim_set_noted(struct net_device *dev, const char *what)
{
	nfsim_call(nfsim_ethtool_priv(dev)->vf, "ethtool", "%s", what);
}

static void nfsim_get_ringparam(struct net_device *dev, struct ethtool_ringparam *ring,
				struct kernel_ethtool_ringparam *kernel_ring,
				struct netlink_ext_ack *extack)
{
	const struct nfsim_settings *settings = &nfsim_ethtool_priv(dev)->settings;

	ring->rx_max_pending = NFSIM_MAX_RING;
	ring->tx_max_pending = NFSIM_MAX_RING;
	ring->rx_pending = settings->rx_ring;
	ring->tx_pending = settings->tx_ring;
}

static int nfsim_set_ringparam(struct net_device *dev, struct ethtool_ringparam *ring,
			       struct kernel_ethtool_ringparam *kernel_ring,
			       struct netlink_ext_ack *extack)
{
	struct nfsim_settings *settings = &nfsim_ethtool_priv(dev)->settings;

	if (nfsim_refuses(nfsim_ethtool_priv(dev)->vf, NFSIM_NO_ETHTOOL))
		return -EIO;
	nfsim_set_noted(dev, "ring");
	settings->rx_ring = ring->rx_pending;
	settings->tx_ring = ring->tx_pending;
	return 0;
}

static void nfsim_get_channels(struct net_device *dev, struct ethtool_channels *channels)
{
	channels->max_combined = NFSIM_MAX_CHANNELS;
	channels->combined_count = nfsim_ethtool_priv(dev)->settings.channels;
}

static int nfsim_set_channels(struct net_device *dev, struct ethtool_channels *channels)
{
	nfsim_set_noted(dev, "channels");
	nfsim_ethtool_priv(dev)->settings.channels = channels->combined_count;
	return 0;
}

static int nfsim_get_coalesce(struct net_device *dev, struct ethtool_coalesce *coalesce,
			      struct kernel_ethtool_coalesce *kernel_coalesce,
			      struct netlink_ext_ack *extack)
{
	coalesce->rx_coalesce_usecs = nfsim_ethtool_priv(dev)->settings.rx_usecs;
	return 0;
}

static int nfsim_set_coalesce(struct net_device *dev, struct ethtool_coalesce *coalesce,
			      struct kernel_ethtool_coalesce *kernel_coalesce,
			      struct netlink_ext_ack *extack)
{
	nfsim_set_noted(dev, "coalesce");
	nfsim_ethtool_priv(dev)->settings.rx_usecs = coalesce->rx_coalesce_usecs;
	return 0;
}

static int nfsim_get_sset_count(struct net_device *dev, int set)
{
	return set == ETH_SS_PRIV_FLAGS ? ARRAY_SIZE(nfsim_flags) : -EOPNOTSUPP;
}

static void nfsim_get_strings(struct net_device *dev, u32 set, u8 *strings)
{
	if (set == ETH_SS_PRIV_FLAGS)
		memcpy(strings, nfsim_flags, sizeof(nfsim_flags));
}

static u32 nfsim_get_priv_flags(struct net_device *dev)
{
	return nfsim_ethtool_priv(dev)->settings.flags;
}

static int nfsim_set_priv_flags(struct net_device *dev, u32 flags)
{
	nfsim_set_noted(dev, "priv-flags");
	nfsim_ethtool_priv(dev)->settings.flags = flags;
	return 0;
}

const struct ethtool_ops nfsim_vf_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_RX_USECS,
	.get_drvinfo = nfsim_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_ringparam = nfsim_get_ringparam,
	.set_ringparam = nfsim_set_ringparam,
	.get_channels = nfsim_get_channels,
	.set_channels = nfsim_set_channels,
	.get_coalesce = nfsim_get_coalesce,
	.set_coalesce = nfsim_set_coalesce,
	.get_sset_count = nfsim_get_sset_count,
	.get_strings = nfsim_get_strings,
	.get_priv_flags = nfsim_get_priv_flags,
	.set_priv_flags = nfsim_set_priv_flags,
};
