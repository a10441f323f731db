// SPDX-License-Identifier: GPL-2.0-or-later
/* The SR-IOV files that PCI has in sysfs: sriov_*, virtfnN, physfn, reset, driver_override; and the
 * VFs. */

#include <linux/delay.h>
#include <linux/kstrtox.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "nfsim.h"

void nfsim_vf_release(struct device *dev)
{
	struct nfsim_vf *vf = nfsim_dev_vf(dev);

	put_device(&vf->nic->dev);
	kfree(vf);
}

const struct device_type nfsim_vf_type = {
	.name = "nfsim-vf",
	.groups = nfsim_vf_groups,
	.release = nfsim_vf_release,
};

static struct nfsim_vf *nfsim_vf_alloc(struct nfsim_nic *nic, unsigned int index)
{
	struct nfsim_vf *vf = kzalloc(sizeof(*vf), GFP_KERNEL);

	if (!vf)
		return NULL;
	vf->nic = nic;
	vf->index = index;
	vf->vlan_proto = htons(ETH_P_8021Q);
	vf->spoofchk = nic->persona.spoofchk == CORE_ON;
	vf->trust = nic->persona.trust == CORE_ON;
	spin_lock_init(&vf->override_lock);
	nfsim_filter_init(vf);
	device_initialize(&vf->dev);
	vf->dev.bus = &nfsim_bus;
	vf->dev.type = &nfsim_vf_type;
	vf->dev.parent = nfsim_root;
	get_device(&nic->dev);
	return vf;
}

static int nfsim_vf_links(struct nfsim_nic *nic, struct nfsim_vf *vf)
{
	char name[16];
	int err;

	snprintf(name, sizeof(name), "virtfn%u", vf->index);
	err = sysfs_create_link(&vf->dev.kobj, &nic->dev.kobj, "physfn");
	if (err)
		return err;
	err = sysfs_create_link(&nic->dev.kobj, &vf->dev.kobj, name);
	if (err)
		sysfs_remove_link(&vf->dev.kobj, "physfn");
	return err;
}

static int nfsim_vf_create(struct nfsim_nic *nic, unsigned int index)
{
	struct nfsim_vf *vf = nfsim_vf_alloc(nic, index);
	int err;

	if (!vf)
		return -ENOMEM;
	err = dev_set_name(&vf->dev, "%s-vf%u", dev_name(&nic->dev), index);
	if (err)
		goto put;
	err = device_add(&vf->dev);
	if (err)
		goto put;
	err = nfsim_vf_links(nic, vf);
	if (err)
		goto del;
	spin_lock_bh(&nic->lock);
	nic->vfs[index] = vf;
	spin_unlock_bh(&nic->lock);
	vf->ready = true;
	/* Without a driver it is a VF all the same, as on PCI. */
	if (device_attach(&vf->dev) < 0)
		dev_warn(&vf->dev, "not probed\n");
	return 0;

del:
	device_del(&vf->dev);
put:
	put_device(&vf->dev);
	return err;
}

static void nfsim_vf_destroy(struct nfsim_nic *nic, unsigned int index)
{
	struct nfsim_vf *vf = nic->vfs[index];
	char name[16];

	if (!vf)
		return;
	snprintf(name, sizeof(name), "virtfn%u", index);
	sysfs_remove_link(&nic->dev.kobj, name);
	sysfs_remove_link(&vf->dev.kobj, "physfn");
	device_lock(&vf->dev);
	vf->ready = false;
	device_unlock(&vf->dev);
	device_del(&vf->dev);
	spin_lock_bh(&nic->lock);
	nic->vfs[index] = NULL;
	spin_unlock_bh(&nic->lock);
	hrtimer_cancel(&vf->timer);
	put_device(&vf->dev);
}

/* rtnetlink sizes its answer by the number, and fills it in later: both under RTNL. */
static void nfsim_num_vfs_set(struct nfsim_nic *nic, unsigned int num)
{
	rtnl_lock();
	nic->num_vfs = num;
	rtnl_unlock();
}

void nfsim_vfs_destroy(struct nfsim_nic *nic)
{
	unsigned int i;

	nfsim_num_vfs_set(nic, 0);
	for (i = NFSIM_MAX_VFS; i--;)
		nfsim_vf_destroy(nic, i);
}

static int nfsim_vfs_create(struct nfsim_nic *nic, unsigned int num)
{
	unsigned int i;
	int err;

	for (i = 0; i < num; i++) {
		err = nfsim_vf_create(nic, i);
		if (err) {
			nfsim_vfs_destroy(nic);
			return err;
		}
	}
	nfsim_num_vfs_set(nic, num);
	return 0;
}

static ssize_t sriov_totalvfs_show(struct device *dev, struct device_attribute *attr, char *page)
{
	return sysfs_emit(page, "%u\n", NFSIM_MAX_VFS);
}
static DEVICE_ATTR_RO(sriov_totalvfs);

static ssize_t sriov_numvfs_show(struct device *dev, struct device_attribute *attr, char *page)
{
	return sysfs_emit(page, "%u\n", nfsim_pf_nic(dev)->num_vfs);
}

/* The errors are those of PCI. */
static int nfsim_numvfs_change(struct nfsim_nic *nic, unsigned int num)
{
	if (num > NFSIM_MAX_VFS)
		return -ERANGE;
	if (num == nic->num_vfs)
		return 0;
	if (!nic->dev.driver)
		return -ENOENT;
	if (num == 0)
		nfsim_vfs_destroy(nic);
	else if (nic->num_vfs)
		return -EBUSY;
	else
		return nfsim_vfs_create(nic, num);
	return 0;
}

static ssize_t sriov_numvfs_store(struct device *dev, struct device_attribute *attr,
				  const char *text, size_t count)
{
	unsigned int num;
	int err = kstrtouint(text, 0, &num);

	if (err)
		return err;
	device_lock(dev);
	err = nfsim_numvfs_change(nfsim_pf_nic(dev), num);
	device_unlock(dev);
	return err ? err : (ssize_t)count;
}
static DEVICE_ATTR_RW(sriov_numvfs);

static ssize_t sriov_drivers_autoprobe_show(struct device *dev, struct device_attribute *attr,
					    char *page)
{
	return sysfs_emit(page, "%u\n", nfsim_pf_nic(dev)->autoprobe);
}

static ssize_t sriov_drivers_autoprobe_store(struct device *dev, struct device_attribute *attr,
					     const char *text, size_t count)
{
	int err = kstrtobool(text, &nfsim_pf_nic(dev)->autoprobe);

	return err ? err : (ssize_t)count;
}
static DEVICE_ATTR_RW(sriov_drivers_autoprobe);

static ssize_t personality_show(struct device *dev, struct device_attribute *attr, char *page)
{
	struct nfsim_nic *nic = nfsim_pf_nic(dev);
	struct core_keys persona;

	spin_lock_bh(&nic->lock);
	persona = nic->persona;
	spin_unlock_bh(&nic->lock);
	return nfsim_persona_show(&persona, page);
}

/* All of what was written, or nothing; with the device locked, so that two writers do not mix. */
static ssize_t personality_store(struct device *dev, struct device_attribute *attr,
				 const char *text, size_t count)
{
	struct nfsim_nic *nic = nfsim_pf_nic(dev);
	struct core_keys persona;
	bool afresh;
	int err;

	device_lock(dev);
	persona = nic->persona;
	err = nfsim_persona_parse(&persona, text, &afresh);
	if (err)
		goto unlock;
	spin_lock_bh(&nic->lock);
	if (persona.eswitch != nic->persona.eswitch)
		nic->switchdev = persona.eswitch == CORE_SWITCHDEV;
	nic->persona = persona;
	core_personality_of(&persona, &nic->does);
	nfsim_filter_reset(nic, afresh);
	nfsim_cable_reseed(nic);
	nfsim_note(nic, NFSIM_PF, "personality", NULL);
	spin_unlock_bh(&nic->lock);
	nfsim_pf_adapt(nic);
	nfsim_vfs_show_reset(nic);
unlock:
	device_unlock(dev);
	return err ? err : (ssize_t)count;
}
static DEVICE_ATTR_RW(personality);

static struct attribute *nfsim_pf_attrs[] = {
	&dev_attr_sriov_totalvfs.attr,
	&dev_attr_sriov_numvfs.attr,
	&dev_attr_sriov_drivers_autoprobe.attr,
	&dev_attr_personality.attr,
	NULL,
};

static const struct attribute_group nfsim_pf_group = {.attrs = nfsim_pf_attrs};
const struct attribute_group *nfsim_pf_groups[] = {&nfsim_pf_group, NULL};

/* Waits for a bind, unbind or reset of the VF, as driver_set_override does. */
static ssize_t driver_override_show(struct device *dev, struct device_attribute *attr, char *page)
{
	struct nfsim_vf *vf = nfsim_dev_vf(dev);
	ssize_t length;

	device_lock(&vf->dev);
	spin_lock(&vf->override_lock);
	length = sysfs_emit(page, "%s\n", *vf->driver_override ? vf->driver_override : "(null)");
	spin_unlock(&vf->override_lock);
	device_unlock(&vf->dev);
	return length;
}

static ssize_t driver_override_store(struct device *dev, struct device_attribute *attr,
				     const char *text, size_t count)
{
	struct nfsim_vf *vf = nfsim_dev_vf(dev);
	size_t length = strcspn(text, "\n");

	if (length >= sizeof(vf->driver_override))
		return -EINVAL;
	if (nfsim_refuses(vf, CORE_NO_OVERRIDE))
		return -EIO;
	device_lock(&vf->dev);
	nfsim_call(vf, "driver_override", "%.*s", (int)length, text);
	spin_lock(&vf->override_lock);
	strscpy(vf->driver_override, text, length + 1);
	spin_unlock(&vf->override_lock);
	device_unlock(&vf->dev);
	return (ssize_t)count;
}
static DEVICE_ATTR_RW(driver_override);

static ssize_t reset_store(struct device *dev, struct device_attribute *attr, const char *text,
			   size_t count)
{
	struct nfsim_vf *vf = nfsim_dev_vf(dev);
	unsigned long value;

	if (kstrtoul(text, 0, &value) || value != 1)
		return -EINVAL;
	device_lock(dev);
	nfsim_call(vf, "reset", "%s", "");
	if (vf->nic->persona.reset_ms)
		msleep(vf->nic->persona.reset_ms);
	spin_lock_bh(&vf->nic->lock);
	nfsim_filter_event(vf, CORE_ON_RESET);
	spin_unlock_bh(&vf->nic->lock);
	device_unlock(dev);
	return (ssize_t)count;
}
static DEVICE_ATTR_WO(reset);

static ssize_t reset_method_show(struct device *dev, struct device_attribute *attr, char *page)
{
	bool flr = nfsim_dev_vf(dev)->nic->persona.reset_method == CORE_RESET_FLR;

	return sysfs_emit(page, "%s\n", flr ? "flr" : "bus");
}
static DEVICE_ATTR_RO(reset_method);

static struct attribute *nfsim_vf_attrs[] = {
	&dev_attr_driver_override.attr,
	NULL,
};
static struct attribute *nfsim_reset_attrs[] = {
	&dev_attr_reset.attr,
	&dev_attr_reset_method.attr,
	NULL,
};

static umode_t nfsim_reset_visible(struct kobject *kobj, struct attribute *attr, int index)
{
	struct nfsim_vf *vf = nfsim_dev_vf(kobj_to_dev(kobj));

	return vf->nic->persona.no_reset ? 0 : attr->mode;
}

static const struct attribute_group nfsim_vf_group = {.attrs = nfsim_vf_attrs};
static const struct attribute_group nfsim_reset_group = {
	.attrs = nfsim_reset_attrs,
	.is_visible = nfsim_reset_visible,
};
const struct attribute_group *nfsim_vf_groups[] = {&nfsim_vf_group, &nfsim_reset_group, NULL};

/* After a change of the personality; VFs come and go only with the device locked, as it is here. */
void nfsim_vfs_show_reset(struct nfsim_nic *nic)
{
	unsigned int i;

	for (i = 0; i < NFSIM_MAX_VFS; i++)
		if (nic->vfs[i] && sysfs_update_group(&nic->vfs[i]->dev.kobj, &nfsim_reset_group))
			dev_warn(&nic->vfs[i]->dev, "its reset file could not be changed\n");
}
