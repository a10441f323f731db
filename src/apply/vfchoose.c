// SPDX-License-Identifier: GPL-2.0-or-later
/* vfchoose.c - which driver to probe a VF with. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <libkmod.h>

#include "nfprobe/apply.h"

bool nfp_vfdrv_is_passthrough(const char *driver)
{
	static const char *const names[] = {"pci-stub", "uio_pci_generic", "igb_uio"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(driver, names[i]) == 0)
			return true;
	return strstr(driver, "vfio") != NULL;
}

static bool is_net_driver(const char *driver)
{
	return driver[0] && !nfp_vfdrv_is_passthrough(driver);
}

static const char *sibling_driver(const struct nfp_pf *pf, unsigned int vf)
{
	for (size_t i = 0; i < pf->num_vfs; i++)
		if (pf->vfs[i].vf != vf && is_net_driver(pf->vfs[i].driver))
			return pf->vfs[i].driver;
	return NULL;
}

struct found {
	const struct nfp_busdev *dev;
	char driver[NFP_TEXT];
};

/* An entry of /sys/module/<module>/drivers is called bus:driver. */
static int take_driver(const char *name, void *ctx)
{
	struct found *found = ctx;
	const char *colon = strchr(name, ':');
	size_t len = strlen(found->dev->bus);

	if (!colon || (size_t)(colon - name) != len || memcmp(name, found->dev->bus, len) != 0 ||
	    !is_net_driver(colon + 1))
		return 0;
	snprintf(found->driver, sizeof(found->driver), "%s", colon + 1);
	return 1;
}

/* Of the modules that @modalias names: the driver of one that is loaded, else one's name. */
static int ask_kmod(const char *modalias, struct found *found, char *module, size_t size)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	struct kmod_list *list = NULL, *item;
	int ret;

	module[0] = '\0';
	if (!ctx)
		return -ENOMEM;
	kmod_set_log_priority(ctx, 0);
	ret = kmod_module_new_from_lookup(ctx, modalias, &list);
	kmod_list_foreach(item, list)
	{
		struct kmod_module *mod = kmod_module_get_module(item);
		const char *name = kmod_module_get_name(mod);

		if (!module[0])
			snprintf(module, size, "%s", name);
		/* Absent when it is not loaded. */
		(void)nfp_sysfs_each(take_driver, found, "%s/module/%s/drivers",
				     found->dev->root->sys, name);
		kmod_module_unref(mod);
		if (found->driver[0])
			break;
	}
	kmod_module_unref_list(list);
	kmod_unref(ctx);
	return ret < 0 ? ret : 0;
}

static int no_driver(const char *module, const struct nfp_busdev *dev, struct nfp_err *err)
{
	nfp_err_set(err, -ENOENT, NFP_E_NO_DRIVER, "no driver for the VF %s is loaded", dev->name);
	if (module[0])
		nfp_err_hint(err, "modprobe %s", module);
	else
		nfp_err_hint(err,
			     "this kernel has no module for it: install the vendor's VF driver");
	return -ENOENT;
}

static int module_driver(const struct nfp_busdev *dev, char *buf, size_t size, struct nfp_err *err)
{
	struct found found = {.dev = dev};
	char modalias[NFP_TEXT], module[NFP_TEXT];

	if (nfp_sysfs_read(modalias, sizeof(modalias), "%s/bus/%s/devices/%s/modalias",
			   dev->root->sys, dev->bus, dev->name))
		return no_driver("", dev, err);
	/* A machine without modules.alias has no module to offer: that is an answer too. */
	(void)ask_kmod(modalias, &found, module, sizeof(module));
	if (!found.driver[0])
		return no_driver(module, dev, err);
	snprintf(buf, size, "%s", found.driver);
	return 0;
}

int nfp_vfdrv_choose(const struct nfp_busdev *dev, const struct nfp_pf *pf, unsigned int vf,
		     char *buf, size_t size, struct nfp_err *err)
{
	const struct nfp_vf_info *info = nfp_pf_vf(pf, vf);
	const char *driver = info && is_net_driver(info->driver) ? info->driver
								 : sibling_driver(pf, vf);

	if (!driver)
		return module_driver(dev, buf, size, err);
	snprintf(buf, size, "%s", driver);
	return 0;
}
