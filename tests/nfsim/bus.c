// SPDX-License-Identifier: GPL-2.0-or-later
/* The bus: which driver a device takes, and how NICs are made and removed by hand. */

#include <linux/kstrtox.h>

#include "nfsim.h"

struct device *nfsim_root;

/* Both hold a VF without making a netdev. Only driver_override makes the first one match, as
 * vfio-pci; the second matches any VF while its file new_id says so, as uio_pci_generic. */
static struct nfsim_driver nfsim_stub_driver = {.base = {.name = "nfsimstub", .bus = &nfsim_bus}};
static struct nfsim_driver nfsim_uio_driver;
static bool nfsim_uio_matches;

static struct nfsim_driver *const nfsim_drivers[] = {
	&nfsim_wire_driver, &nfsim_pf_driver,  &nfsim_vf_driver,
	&nfsim_stub_driver, &nfsim_uio_driver,
};

static const struct nfsim_driver *nfsim_driver(const struct device_driver *driver)
{
	return container_of_const(driver, struct nfsim_driver, base);
}

bool nfsim_is_overridden(struct nfsim_vf *vf)
{
	return READ_ONCE(vf->driver_override[0]);
}

static bool nfsim_override_is(struct nfsim_vf *vf, const char *name)
{
	bool same;

	spin_lock(&vf->override_lock);
	same = !strcmp(vf->driver_override, name);
	spin_unlock(&vf->override_lock);
	return same;
}

static int nfsim_bus_match(struct device *dev, nfsim_match_const struct device_driver *driver)
{
	struct nfsim_vf *vf;

	if (dev->type == &nfsim_pf_type)
		return nfsim_driver(driver) == &nfsim_pf_driver;
	if (dev->type == &nfsim_wire_type)
		return nfsim_driver(driver) == &nfsim_wire_driver;
	vf = nfsim_dev_vf(dev);
	if (!vf->ready)
		return 0;
	if (nfsim_is_overridden(vf))
		return nfsim_override_is(vf, driver->name);
	return nfsim_driver(driver) == &nfsim_vf_driver ||
	       (nfsim_driver(driver) == &nfsim_uio_driver && READ_ONCE(nfsim_uio_matches));
}

/* As PCI: with sriov_drivers_autoprobe 0, a VF takes only the driver that its override names. */
static int nfsim_bus_probe(struct device *dev)
{
	const struct nfsim_driver *driver = nfsim_driver(dev->driver);
	struct nfsim_vf *vf;

	if (dev->type == &nfsim_vf_type) {
		vf = nfsim_dev_vf(dev);
		if (!vf->nic->autoprobe && !nfsim_is_overridden(vf))
			return -ENODEV;
		nfsim_call(vf, "probe", "%s", driver->base.name);
	}
	return driver->probe ? driver->probe(dev) : 0;
}

static void nfsim_bus_remove(struct device *dev)
{
	const struct nfsim_driver *driver = nfsim_driver(dev->driver);

	if (dev->type == &nfsim_vf_type)
		nfsim_call(nfsim_dev_vf(dev), "remove", "%s", driver->base.name);
	if (driver->remove)
		driver->remove(dev);
}

static const char *nfsim_alias(const struct device *dev)
{
	if (dev->type == &nfsim_pf_type)
		return "nfsim:pf";
	return dev->type == &nfsim_vf_type ? "nfsim:vf" : "nfsim:wire";
}

static int nfsim_bus_uevent(nfsim_uevent_const struct device *dev, struct kobj_uevent_env *env)
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

/* As of PCI: what is without a driver is bound at once. */
static ssize_t new_id_store(struct device_driver *driver, const char *text, size_t count)
{
	int err;

	WRITE_ONCE(nfsim_uio_matches, true);
	err = driver_attach(driver);
	return err ? err : (ssize_t)count;
}
static DRIVER_ATTR_WO(new_id);

static ssize_t remove_id_store(struct device_driver *driver, const char *text, size_t count)
{
	WRITE_ONCE(nfsim_uio_matches, false);
	return (ssize_t)count;
}
static DRIVER_ATTR_WO(remove_id);

static struct attribute *nfsim_uio_attrs[] = {
	&driver_attr_new_id.attr,
	&driver_attr_remove_id.attr,
	NULL,
};
ATTRIBUTE_GROUPS(nfsim_uio);

static struct nfsim_driver nfsim_uio_driver = {
	.base = {.name = "nfsimuio", .bus = &nfsim_bus, .groups = nfsim_uio_groups},
};

static ssize_t nfsim_by_id(const char *text, size_t count, int (*act)(unsigned int id))
{
	unsigned int id;
	int err = kstrtouint(text, 0, &id);

	if (!err)
		err = act(id);
	return err ? err : (ssize_t)count;
}

static ssize_t new_device_store(nfsim_bus_const struct bus_type *bus, const char *text,
				size_t count)
{
	return nfsim_by_id(text, count, nfsim_nic_create);
}
static BUS_ATTR_WO(new_device);

static ssize_t del_device_store(nfsim_bus_const struct bus_type *bus, const char *text,
				size_t count)
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

nfsim_bus_const struct bus_type nfsim_bus = {
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
