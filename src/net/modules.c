// SPDX-License-Identifier: GPL-2.0-or-later
/* modules.c - what the kernel's modules tell of drivers. */
#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "inventory_priv.h"

/* Reads the version in the file of a module that is not loaded. -ENOENT: there is
 * no such module. */
static int read_module_file(const char *name, char *buf, size_t size)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	struct kmod_list *list = NULL, *item;
	struct kmod_module *mod = NULL;
	int ret = -ENOENT;

	if (ctx)
		kmod_set_log_priority(ctx, 0);
	if (ctx && kmod_module_new_from_name(ctx, name, &mod) == 0 &&
	    kmod_module_get_info(mod, &list) >= 0)
		ret = 0;
	kmod_list_foreach(item, list)
	{
		if (strcmp(kmod_module_info_get_key(item), "version") == 0)
			snprintf(buf, size, "%s", kmod_module_info_get_value(item));
	}
	kmod_module_info_free_list(list);
	kmod_module_unref(mod);
	kmod_unref(ctx);
	return ret;
}

int nfp_driver_version(const struct nfp_sysroot *root, const char *bus, const char *driver,
		       char *buf, size_t size)
{
	struct utsname uts = {.release = ""};
	int ret = 0;

	buf[0] = '\0';
	if (nfp_sysfs_exists(root, "/sys/bus/%s/drivers/%s", bus, driver))
		(void)nfp_sysfs_read(root, buf, size, "/sys/bus/%s/drivers/%s/module/version", bus,
				     driver);
	else
		ret = read_module_file(driver, buf, size);
	if (ret == 0 && !buf[0]) {
		(void)uname(&uts); /* fails only for a bad address */
		snprintf(buf, size, "%s", uts.release);
	}
	return ret;
}

bool nfp_driver_is_own(const struct nfp_sysroot *root, const char *bus, const char *driver)
{
	char taint[NFP_TEXT_LEN] = "";

	if (!driver[0] || !nfp_sysfs_exists(root, "/sys/bus/%s/drivers/%s", bus, driver))
		return false;
	/* A driver that is built in has no module. */
	if (!nfp_sysfs_exists(root, "/sys/bus/%s/drivers/%s/module/taint", bus, driver))
		return !nfp_sysfs_exists(root, "/sys/bus/%s/drivers/%s/module/initstate", bus,
					 driver);
	return nfp_sysfs_read(root, taint, sizeof(taint), "/sys/bus/%s/drivers/%s/module/taint",
			      bus, driver) >= 0 &&
	       !strchr(taint, 'O');
}

/* ---- drivers of networks ---- */

bool nfp_is_net_driver(const char *name)
{
	return name[0] && nfp_gives(name) == NFP_GIVES_NOBODY;
}

struct driver_search {
	const struct nfp_sysroot *root;
	const char *bus;
	char driver[NFP_TEXT_LEN], module[NFP_TEXT_LEN]; /* the first of either */
};

/* An entry of /sys/module/<module>/drivers is called bus:driver. */
static int note_driver(const char *name, void *ctx)
{
	struct driver_search *found = ctx;
	const char *colon = strchr(name, ':');
	size_t len = strlen(found->bus);

	if (!colon || (size_t)(colon - name) != len || memcmp(name, found->bus, len) != 0 ||
	    !nfp_is_net_driver(colon + 1))
		return 0;
	snprintf(found->driver, sizeof(found->driver), "%s", colon + 1);
	return 1;
}

/* Looks at each module of this kernel with an alias that matches, until one has such a driver. */
static void find_in_modules(const char *alias, struct driver_search *found)
{
	struct kmod_ctx *kmod = kmod_new(NULL, NULL);
	struct kmod_list *list = NULL, *item;

	if (!kmod)
		return;
	kmod_set_log_priority(kmod, 0);
	/* Without modules.alias there is no module, which is an answer as well. */
	(void)kmod_module_new_from_lookup(kmod, alias, &list);
	kmod_list_foreach(item, list)
	{
		struct kmod_module *mod = kmod_module_get_module(item);
		const char *name = kmod_module_get_name(mod);

		if (!found->module[0])
			snprintf(found->module, sizeof(found->module), "%s", name);
		/* The directory does not exist if the module is not loaded. */
		if (!found->driver[0])
			(void)nfp_sysfs_each(found->root, note_driver, found,
					     "/sys/module/%s/drivers", name);
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(list);
	kmod_unref(kmod);
}

int nfp_net_driver_find(const struct nfp_sysroot *root, const struct nfp_pf *pf, unsigned int vf,
			const char *bus, const char *name, char *buf, size_t size)
{
	const struct nfp_vf_info *info = nfp_pf_vf(pf, vf);
	const char *driver = info && nfp_is_net_driver(info->driver) ? info->driver : NULL;
	struct driver_search found = {.root = root, .bus = bus};
	char modalias[NFP_TEXT_LEN];

	for (size_t i = 0; i < pf->num_vfs && !driver; i++)
		if (pf->vfs[i].vf != vf && nfp_is_net_driver(pf->vfs[i].driver))
			driver = pf->vfs[i].driver;
	if (!driver && !nfp_sysfs_read(root, modalias, sizeof(modalias),
				       "/sys/bus/%s/devices/%s/modalias", bus, name))
		find_in_modules(modalias, &found);
	if (!driver && found.driver[0])
		driver = found.driver;
	snprintf(buf, size, "%s", driver ? driver : found.module);
	return driver ? 0 : -ENOENT;
}
