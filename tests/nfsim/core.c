// SPDX-License-Identifier: GPL-2.0-or-later
/* The module, and the NICs that it has. */

#include <linux/module.h>
#include <linux/slab.h>

#include "nfsim.h"

static unsigned int nics = 1;
module_param(nics, uint, 0444);
MODULE_PARM_DESC(nics, "NICs at the start; more by writing a number to /sys/bus/nfsim/new_device");

static LIST_HEAD(nfsim_nics);
static DEFINE_MUTEX(nfsim_nics_lock);
static struct dentry *nfsim_debugfs;

static void nfsim_nic_release(struct device *dev)
{
	struct nfsim_nic *nic = nfsim_pf_nic(dev);

	nfsim_log_destroy(nic);
	kvfree(nic);
}

static void nfsim_wire_release(struct device *dev)
{
	put_device(&nfsim_wire_nic(dev)->dev);
}

const struct device_type nfsim_pf_type = {
	.name = "nfsim-pf",
	.groups = nfsim_pf_groups,
	.release = nfsim_nic_release,
};

const struct device_type nfsim_wire_type = {
	.name = "nfsim-wire",
	.release = nfsim_wire_release,
};

static void nfsim_device_init(struct device *dev, const struct device_type *type)
{
	device_initialize(dev);
	dev->bus = &nfsim_bus;
	dev->type = type;
	dev->parent = nfsim_root;
}

static struct nfsim_nic *nfsim_nic_alloc(unsigned int id)
{
	struct nfsim_nic *nic = kvzalloc(sizeof(*nic), GFP_KERNEL);

	if (!nic)
		return NULL;
	nic->id = id;
	nic->autoprobe = true;
	spin_lock_init(&nic->lock);
	core_keys_default(&nic->persona);
	core_personality_of(&nic->persona, &nic->does);
	nfsim_cable_reseed(nic);
	nfsim_device_init(&nic->dev, &nfsim_pf_type);
	return nic;
}

static bool nfsim_nic_exists(unsigned int id)
{
	struct nfsim_nic *nic;

	list_for_each_entry(nic, &nfsim_nics, list) if (nic->id == id) return true;
	return false;
}

/* The wire first: a PF without one would have no carrier, and say so. */
static int nfsim_nic_add(struct nfsim_nic *nic)
{
	int err;

	err = dev_set_name(&nic->dev, "nfsim%u", nic->id);
	if (err)
		return err;
	err = nfsim_log_create(nic, nfsim_debugfs);
	if (err)
		return err;
	nfsim_device_init(&nic->wire_dev, &nfsim_wire_type);
	get_device(&nic->dev);
	err = dev_set_name(&nic->wire_dev, "nfsim%u-wire", nic->id);
	if (!err)
		err = device_add(&nic->wire_dev);
	if (err)
		goto put_wire;
	err = device_add(&nic->dev);
	if (err)
		goto del_wire;
	return 0;

del_wire:
	device_del(&nic->wire_dev);
put_wire:
	put_device(&nic->wire_dev);
	debugfs_remove_recursive(nic->debugfs);
	return err;
}

int nfsim_nic_create(unsigned int id)
{
	struct nfsim_nic *nic;
	int err = 0;

	if (id >= NFSIM_MAX_NICS)
		return -ERANGE;
	mutex_lock(&nfsim_nics_lock);
	if (nfsim_nic_exists(id)) {
		err = -EEXIST;
		goto unlock;
	}
	nic = nfsim_nic_alloc(id);
	if (!nic) {
		err = -ENOMEM;
		goto unlock;
	}
	err = nfsim_nic_add(nic);
	if (err)
		put_device(&nic->dev);
	else
		list_add(&nic->list, &nfsim_nics);
unlock:
	mutex_unlock(&nfsim_nics_lock);
	return err;
}

/* The PF's driver takes its VFs away with it. */
static void nfsim_nic_remove(struct nfsim_nic *nic)
{
	list_del(&nic->list);
	debugfs_remove_recursive(nic->debugfs);
	device_del(&nic->dev);
	device_del(&nic->wire_dev);
	put_device(&nic->wire_dev);
	put_device(&nic->dev);
}

int nfsim_nic_destroy(unsigned int id)
{
	struct nfsim_nic *nic;
	int err = -ENOENT;

	mutex_lock(&nfsim_nics_lock);
	list_for_each_entry(nic, &nfsim_nics, list)
	{
		if (nic->id != id)
			continue;
		nfsim_nic_remove(nic);
		err = 0;
		break;
	}
	mutex_unlock(&nfsim_nics_lock);
	return err;
}

static void nfsim_nics_destroy(void)
{
	struct nfsim_nic *nic, *next;

	mutex_lock(&nfsim_nics_lock);
	list_for_each_entry_safe(nic, next, &nfsim_nics, list) nfsim_nic_remove(nic);
	mutex_unlock(&nfsim_nics_lock);
}

static int __init nfsim_init(void)
{
	unsigned int id;
	int err;

	nfsim_debugfs = debugfs_create_dir("nfsim", NULL);
	err = register_netdevice_notifier(&nfsim_vf_notifier);
	if (err)
		goto remove_debugfs;
	err = nfsim_bus_create();
	if (err)
		goto unregister_notifier;
	for (id = 0; id < nics; id++) {
		err = nfsim_nic_create(id);
		if (err)
			goto destroy_nics;
	}
	return 0;

destroy_nics:
	nfsim_nics_destroy();
	nfsim_bus_destroy();
unregister_notifier:
	unregister_netdevice_notifier(&nfsim_vf_notifier);
remove_debugfs:
	debugfs_remove_recursive(nfsim_debugfs);
	return err;
}

static void __exit nfsim_exit(void)
{
	nfsim_nics_destroy();
	nfsim_bus_destroy();
	unregister_netdevice_notifier(&nfsim_vf_notifier);
	debugfs_remove_recursive(nfsim_debugfs);
}

module_init(nfsim_init);
module_exit(nfsim_exit);
MODULE_DESCRIPTION("SR-IOV NIC of chosen behaviour, for tests");
MODULE_LICENSE("GPL");
MODULE_ALIAS("nfsim:*");
