// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices below a VF's: the RDMA device that its driver makes (mlx5_ib), and a vDPA device
 * (mlx5_vdpa), which somebody makes by writing to the VF's file "vdpa". Only what sysfs has of
 * them.
 */

#include <linux/slab.h>

#include "nfsim.h"

/* No driver of the machine has it: ib_core is not loaded there. */
static struct class nfsim_rdma_class = {.name = "infiniband"};

/* Read as it was when the driver made the device, as ib_device.node_guid is. */
static ssize_t node_guid_show(struct device *dev, struct device_attribute *attr, char *page)
{
	u64 guid = *(const u64 *)dev_get_drvdata(dev);

	return sysfs_emit(page, "%04x:%04x:%04x:%04x\n", (u32)(guid >> 48),
			  (u32)(guid >> 32) & 0xffff, (u32)(guid >> 16) & 0xffff,
			  (u32)guid & 0xffff);
}
static DEVICE_ATTR_RO(node_guid);

static struct attribute *nfsim_rdma_attrs[] = {&dev_attr_node_guid.attr, NULL};
ATTRIBUTE_GROUPS(nfsim_rdma);

static void nfsim_below_release(struct device *dev)
{
	kfree(dev_get_drvdata(dev));
	kfree(dev);
}

static const struct device_type nfsim_vdpa_type = {.release = nfsim_below_release};
static const struct device_type nfsim_rdma_type = {
	.release = nfsim_below_release,
	.groups = nfsim_rdma_groups,
};

static struct device *nfsim_below_alloc(struct nfsim_vf *vf, const struct device_type *type)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return NULL;
	device_initialize(dev);
	dev->parent = &vf->dev;
	dev->type = type;
	return dev;
}

static int nfsim_below_add(struct device *dev, struct device **place)
{
	int err = device_add(dev);

	if (err)
		put_device(dev);
	else
		*place = dev;
	return err;
}

void nfsim_rdma_create(struct nfsim_vf *vf)
{
	struct device *dev = nfsim_below_alloc(vf, &nfsim_rdma_type);
	u64 *guid = kmalloc(sizeof(*guid), GFP_KERNEL);

	if (!dev || !guid) {
		kfree(guid);
		put_device(dev);
		return;
	}
	spin_lock_bh(&vf->nic->lock);
	*guid = vf->guid;
	spin_unlock_bh(&vf->nic->lock);
	dev_set_drvdata(dev, guid);
	dev->class = &nfsim_rdma_class;
	if (dev_set_name(dev, "nfib%uv%u", vf->nic->id, vf->index)) {
		put_device(dev);
		return;
	}
	if (nfsim_below_add(dev, &vf->rdma))
		dev_warn(&vf->dev, "its RDMA device could not be added\n");
}

int nfsim_vdpa_create(struct nfsim_vf *vf)
{
	struct device *dev = nfsim_below_alloc(vf, &nfsim_vdpa_type);
	int err;

	if (!dev)
		return -ENOMEM;
	err = dev_set_name(dev, "vdpa%u", vf->nic->id * NFSIM_MAX_VFS + vf->index);
	if (err) {
		put_device(dev);
		return err;
	}
	return nfsim_below_add(dev, &vf->vdpa);
}

void nfsim_below_destroy(struct device **place)
{
	if (*place)
		device_unregister(*place);
	*place = NULL;
}

int nfsim_below_init(void)
{
	return class_register(&nfsim_rdma_class);
}

void nfsim_below_exit(void)
{
	class_unregister(&nfsim_rdma_class);
}
