// SPDX-License-Identifier: GPL-2.0-or-later
/* The bus: which driver a device takes, and how NICs are made and removed by hand. */

#include <linux/kstrtox.h>

#include "nfsim.h"

struct device *nfsim_root;

/* Holds a VF without making a netdev, as vfio-pci does; only driver_override makes it match. */
static struct nfsim_driver nfsim_stub_driver = {.base = {.name = "nfsimstub", .bus = &nfsim_bus}};

static struct nfsim_driver *const nfsim_drivers[] = {
	&nfsim_wire_driver,
	&nfsim_pf_driver,
	&nfsim_vf_driver,
	&nfsim_stub_driver,
};

static const struct nfsim_driver *nfsim_driver(const struct device_driver *driver)
{
	return container_of_const(driver, struct nfsim_driver, base);
}

static int nfsim_bus_match(struct device *dev, const struct device_driver *driver)
{
	const char *override;

	if (dev->type == &nfsim_pf_type)
		return nfsim_driver(driver) == &nfsim_pf_driver;
	if (dev->type == &nfsim_wire_type)
		return nfsim_driver(driver) == &nfsim_wire_driver;
	if (!nfsim_dev_vf(dev)->ready)
		return 0;
	override = READ_ONCE(nfsim_dev_vf(dev)->driver_override);
	if (override)
		return !strcmp(override, driver->name);
	return nfsim_driver(driver) == &nfsim_vf_driver;
}

/* As PCI: with sriov_drivers_autoprobe 0, a VF takes only the driver that its override names. */
static int nfsim_bus_probe(struct device *dev)
{
	const struct nfsim_driver *driver = nfsim_driver(dev->driver);
	struct nfsim_vf *vf;

	if (dev->type == &nfsim_vf_type) {
		vf = nfsim_dev_vf(dev);
		if (!vf->nic->autoprobe && !vf->driver_override)
			return -ENODEV;
	}
	return driver->probe ? driver->probe(dev) : 0;
}

static void nfsim_bus_remove(struct device *dev)
{
	const struct nfsim_driver *driver = nfsim_driver(dev->driver);

	if (driver->remove)
		driver->remove(dev);
}

static const char *nfsim_alias(const struct device *dev)
{
	if (dev->type == &nfsim_pf_type)
		return "nfsim:pf";
	return dev->type == &nfsim_vf_type ? "nfsim:vf" : "nfsim:wire";
}

static int nfsim_bus_uevent(const struct device *dev, struct kobj_uevent_env *env)
{
	return add_uevent_var(env, "MODALIAS=%s", nfsim_alias(dev));
}

/* Lets rtnetlink know of how many VFs a PF's link has to tell. */
static int nfsim_bus_num_vf(struct device *dev)
{
	return dev->type == &nfsim_pf_type ? (int)nfsim_pf_nic(dev)->num_vfs : 0;
}

static ssize_t modalias_show(struct device *dev, struct device_attribute *attr, char *page)
{
	return sysfs_emit(page, "%s\n", nfsim_alias(dev));
}
static DEVICE_ATTR_RO(modalias);

static struct attribute *nfsim_dev_attrs[] = {&dev_attr_modalias.attr, NULL};
ATTRIBUTE_GROUPS(nfsim_dev);

static ssize_t nfsim_by_id(const char *text, size_t count, int (*act)(unsigned int id))
{
	unsigned int id;
	int err = kstrtouint(text, 0, &id);

	if (!err)
		err = act(id);
	return err ? err : (ssize_t)count;
}

static ssize_t new_device_store(const struct bus_type *bus, const char *text, size_t count)
{
	return nfsim_by_id(text, count, nfsim_nic_create);
}
static BUS_ATTR_WO(new_device);

static ssize_t del_device_store(const struct bus_type *bus, const char *text, size_t count)
{
	return nfsim_by_id(text, count, nfsim_nic_destroy);
}
static BUS_ATTR_WO(del_device);

static struct attribute *nfsim_bus_attrs[] = {
	&bus_attr_new_device.attr,
	&bus_attr_del_device.attr,
	NULL,
};
ATTRIBUTE_GROUPS(nfsim_bus);

const struct bus_type nfsim_bus = {
	.name = "nfsim",
	.bus_groups = nfsim_bus_groups,
	.dev_groups = nfsim_dev_groups,
	.match = nfsim_bus_match,
	.uevent = nfsim_bus_uevent,
	.probe = nfsim_bus_probe,
	.remove = nfsim_bus_remove,
	.num_vf = nfsim_bus_num_vf,
};

int nfsim_bus_create(void)
{
	unsigned int i;
	int err;

	nfsim_root = root_device_register("nfsim");
	if (IS_ERR(nfsim_root))
		return PTR_ERR(nfsim_root);
	err = bus_register(&nfsim_bus);
	if (err)
		goto unregister_root;
	for (i = 0; i < ARRAY_SIZE(nfsim_drivers); i++) {
		err = driver_register(&nfsim_drivers[i]->base);
		if (err)
			goto unregister_drivers;
	}
	return 0;

unregister_drivers:
	while (i--)
		driver_unregister(&nfsim_drivers[i]->base);
	bus_unregister(&nfsim_bus);
unregister_root:
	root_device_unregister(nfsim_root);
	return err;
}

void nfsim_bus_destroy(void)
{
	unsigned int i = ARRAY_SIZE(nfsim_drivers);

	while (i--)
		driver_unregister(&nfsim_drivers[i]->base);
	bus_unregister(&nfsim_bus);
	root_device_unregister(nfsim_root);
}
