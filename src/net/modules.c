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

void nfp_modules_each(const char *alias, int (*module)(const char *name, void *ctx), void *ctx)
{
	struct kmod_ctx *kmod = kmod_new(NULL, NULL);
	struct kmod_list *list = NULL, *item;
	int done = 0;

	if (!kmod)
		return;
	kmod_set_log_priority(kmod, 0);
	/* Without modules.alias there is no module, which is an answer as well. */
	(void)kmod_module_new_from_lookup(kmod, alias, &list);
	kmod_list_foreach(item, list)
	{
		struct kmod_module *mod = kmod_module_get_module(item);

		done = done ?: module(kmod_module_get_name(mod), ctx);
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(list);
	kmod_unref(kmod);
}

/* ---- vfio drivers ---- */

#define VFIO_PCI "vfio_pci" /* the module of vfio-pci, and what its aliases begin with */

bool nfp_vfio_alias(const char *modalias, char *buf, size_t size)
{
	bool is_pci = strncmp(modalias, "pci:", 4) == 0;

	snprintf(buf, size, VFIO_PCI ":%s", is_pci ? modalias + 4 : "");
	return is_pci;
}

static int note_vfio_driver(const char *module, void *ctx)
{
	struct nfp_vf_info *vf = ctx;

	if (strcmp(module, VFIO_PCI) == 0)
		return 0;
	snprintf(vf->vfio_driver, sizeof(vf->vfio_driver), "%s", module);
	return 1;
}

void nfp_vfio_drivers_find(const struct nfp_sysroot *root, struct nfp_pf *pf)
{
	char modalias[NFP_TEXT_LEN], previous[NFP_TEXT_LEN] = "";
	char alias[NFP_TEXT_LEN + sizeof(VFIO_PCI)];

	for (size_t i = 0; i < pf->num_vfs; i++) {
		struct nfp_vf_info *vf = &pf->vfs[i];

		if (nfp_sysfs_read(root, modalias, sizeof(modalias), "%s/modalias", vf->devpath) <
		    0)
			continue;
		/* The VFs of a PF are of one kind, usually. */
		if (i && strcmp(modalias, previous) == 0)
			memcpy(vf->vfio_driver, vf[-1].vfio_driver, sizeof(vf->vfio_driver));
		else if (nfp_vfio_alias(modalias, alias, sizeof(alias)))
			nfp_modules_each(alias, note_vfio_driver, vf);
		memcpy(previous, modalias, sizeof(previous));
	}
}
