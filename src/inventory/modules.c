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
		(void)nfp_sysfs_read(buf, size, "%s/bus/%s/drivers/%s/module/version", root->sys,
				     bus, driver);
	else
		ret = read_module_file(driver, buf, size);
	if (ret == 0 && !buf[0]) {
		(void)uname(&uts); /* fails only for a bad address */
		snprintf(buf, size, "%s", uts.release);
	}
	return ret;
}
