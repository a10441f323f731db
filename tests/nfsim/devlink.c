// SPDX-License-Identifier: GPL-2.0-or-later
/* The PF in devlink: what firmware it runs, and the mode of its eswitch. */

#include <net/devlink.h>

#include "nfsim.h"

struct nfsim_devlink {
	struct nfsim_nic *nic;
};

static struct nfsim_nic *nfsim_devlink_nic(struct devlink *devlink)
{
	return ((struct nfsim_devlink *)devlink_priv(devlink))->nic;
}

static int nfsim_devlink_info(struct devlink *devlink, struct devlink_info_req *req,
			      struct netlink_ext_ack *extack)
{
	struct nfsim_nic *nic = nfsim_devlink_nic(devlink);
	char version[16];
	int err;

	if (nic->persona.fw_running) {
		snprintf(version, sizeof(version), "%u.0", nic->persona.fw_running);
		err = devlink_info_version_running_put(req, DEVLINK_INFO_VERSION_GENERIC_FW,
						       version);
		if (err)
			return err;
	}
	if (!nic->persona.fw_stored)
		return 0;
	snprintf(version, sizeof(version), "%u.0", nic->persona.fw_stored);
	return devlink_info_version_stored_put(req, DEVLINK_INFO_VERSION_GENERIC_FW, version);
}

static int nfsim_eswitch_get(struct devlink *devlink, u16 *mode)
{
	struct nfsim_nic *nic = nfsim_devlink_nic(devlink);

	if (nic->persona.eswitch_get)
		return -(int)nic->persona.eswitch_get;
	if (nic->persona.eswitch == CORE_NO_ESWITCH)
		return -EOPNOTSUPP;
	*mode = nic->switchdev ? DEVLINK_ESWITCH_MODE_SWITCHDEV : DEVLINK_ESWITCH_MODE_LEGACY;
	return 0;
}

static int nfsim_eswitch_set(struct devlink *devlink, u16 mode, struct netlink_ext_ack *extack)
{
	struct nfsim_nic *nic = nfsim_devlink_nic(devlink);

	if (nic->persona.eswitch == CORE_NO_ESWITCH)
		return -EOPNOTSUPP;
	if (mode == DEVLINK_ESWITCH_MODE_SWITCHDEV && nic->persona.eswitch == CORE_LEGACY) {
		NL_SET_ERR_MSG(extack, "nfsim: this personality knows legacy mode only");
		return -EOPNOTSUPP;
	}
	if (mode != DEVLINK_ESWITCH_MODE_SWITCHDEV && mode != DEVLINK_ESWITCH_MODE_LEGACY)
		return -EINVAL;
	spin_lock_bh(&nic->lock);
	nic->switchdev = mode == DEVLINK_ESWITCH_MODE_SWITCHDEV;
	spin_unlock_bh(&nic->lock);
	return 0;
}

static const struct devlink_ops nfsim_devlink_ops = {
	.info_get = nfsim_devlink_info,
	.eswitch_mode_get = nfsim_eswitch_get,
	.eswitch_mode_set = nfsim_eswitch_set,
};

struct devlink *nfsim_devlink_create(struct nfsim_nic *nic)
{
	struct devlink *devlink;

	devlink = devlink_alloc(&nfsim_devlink_ops, sizeof(struct nfsim_devlink), &nic->dev);
	if (!devlink)
		return NULL;
	((struct nfsim_devlink *)devlink_priv(devlink))->nic = nic;
	devlink_register(devlink);
	return devlink;
}

void nfsim_devlink_destroy(struct devlink *devlink)
{
	devlink_unregister(devlink);
	devlink_free(devlink);
}
