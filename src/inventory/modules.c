// SPDX-License-Identifier: GPL-2.0-or-later
/* modules.c - what the kernel's modules say of drivers. */
#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "inventory_priv.h"

/* The version in the file of a module that is not loaded. -ENOENT: there is no such module. */
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
	if (nfp_sysfs_exists("%s/bus/%s/drivers/%s", root->sys, bus, driver))
		(void)nfp_sysfs_read(root->observer, buf, size,
				     "%s/bus/%s/drivers/%s/module/version", root->sys, bus, driver);
	else
		ret = read_module_file(driver, buf, size);
	if (ret == 0 && !buf[0]) {
		(void)uname(&uts); /* fails only for a bad address */
		snprintf(buf, size, "%s", uts.release);
	}
	return ret;
}

/* ---- vfio drivers ---- */

#define VFIO_PCI "vfio_pci" /* the module of vfio-pci, and what its aliases begin with */

bool nfp_vfio_alias(const char *modalias, char *buf, size_t size)
{
	bool is_pci = strncmp(modalias, "pci:", 4) == 0;

	snprintf(buf, size, VFIO_PCI ":%s", is_pci ? modalias + 4 : "");
	return is_pci;
}

static void find_vfio_driver(struct kmod_ctx *ctx, const char *modalias, char *buf, size_t size)
{
	struct kmod_list *list = NULL, *item;
	char alias[NFP_TEXT_LEN + sizeof(VFIO_PCI)];

	/* Without modules.alias no driver is known. */
	if (nfp_vfio_alias(modalias, alias, sizeof(alias)))
		(void)kmod_module_new_from_lookup(ctx, alias, &list);
	kmod_list_foreach(item, list)
	{
		struct kmod_module *mod = kmod_module_get_module(item);
		const char *name = kmod_module_get_name(mod);

		if (strcmp(name, VFIO_PCI) != 0 && !buf[0])
			snprintf(buf, size, "%s", name);
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(list);
}

void nfp_vfio_drivers_find(struct nfp_pf *pf)
{
	struct kmod_ctx *ctx = pf->num_vfs ? kmod_new(NULL, NULL) : NULL;
	char modalias[NFP_TEXT_LEN], previous[NFP_TEXT_LEN] = "";

	if (!ctx)
		return;
	kmod_set_log_priority(ctx, 0);
	for (size_t i = 0; i < pf->num_vfs; i++) {
		struct nfp_vf_info *vf = &pf->vfs[i];

		if (nfp_sysfs_read(NULL, modalias, sizeof(modalias), "%s/modalias", vf->devpath) <
		    0)
			continue;
		/* The VFs of a PF are of one kind, usually. */
		if (i && strcmp(modalias, previous) == 0)
			memcpy(vf->vfio_driver, vf[-1].vfio_driver, sizeof(vf->vfio_driver));
		else
			find_vfio_driver(ctx, modalias, vf->vfio_driver, sizeof(vf->vfio_driver));
		memcpy(previous, modalias, sizeof(previous));
	}
	kmod_unref(ctx);
}
