// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tapmac.c - the address of a tap's guest, from the arguments of its QEMU: if a tool other than
 * libvirt has made the tap (managed='no', as OpenStack does), the tap's own address says nothing;
 * and a macvtap may have another one than its guest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_priv.h"

#define ID_LEN 64

/* Takes the value of a property in an argument, up to its end. False: it has none. */
static bool take_value(const char *arg, const char *name, char *buf, size_t size)
{
	for (const char *at = arg; (at = strstr(at, name)); at += strlen(name)) {
		const char *value = nfp_argument_value(arg, at, name);

		if (!value)
			continue;
		snprintf(buf, size, "%.*s", (int)strcspn(value, ",\""), value);
		return true;
	}
	return false;
}

/* Is the number in a list that colons separate? */
static bool has_number(const char *list, int number)
{
	for (char *end; *list; list = *end ? end + 1 : end) {
		if (strtol(list, &end, 10) == number && end != list)
			return true;
		if (end == list)
			return false;
	}
	return false;
}

/* `-netdev tap,fd=33,id=hostnet0`, or the same in JSON. */
static bool is_netdev_of(const char *arg, const struct nfp_guest_tap *tap)
{
	char value[ID_LEN];

	return (take_value(arg, "fd", value, sizeof(value)) && has_number(value, tap->fd)) ||
	       (take_value(arg, "fds", value, sizeof(value)) && has_number(value, tap->fd)) ||
	       (tap->ifname[0] && take_value(arg, "ifname", value, sizeof(value)) &&
		strcmp(value, tap->ifname) == 0);
}

bool nfp_guest_mac_find(const char *args, size_t len, const struct nfp_guest_tap *tap,
			struct nfp_mac *ret_mac)
{
	char id[ID_LEN] = "", value[ID_LEN];
	const char *before = "", *end = args + len;

	for (const char *arg = args; arg < end && !id[0]; before = arg, arg += strlen(arg) + 1)
		if (strcmp(before, "-netdev") == 0 && is_netdev_of(arg, tap))
			(void)take_value(arg, "id", id, sizeof(id));
	/* The device comes after the netdev that it names. */
	for (const char *arg = args; arg < end && id[0]; before = arg, arg += strlen(arg) + 1)
		if (strcmp(before, "-device") == 0 &&
		    take_value(arg, "netdev", value, sizeof(value)) && strcmp(value, id) == 0 &&
		    take_value(arg, "mac", value, sizeof(value)) && nfp_mac_parse(value, ret_mac))
			return true;
	return false;
}

bool nfp_guest_name_find(const char *args, size_t len, char name[NFP_TEXT_LEN])
{
	const char *before = "", *end = args + len;

	for (const char *arg = args; arg < end; before = arg, arg += strlen(arg) + 1)
		if (strcmp(before, "-name") == 0)
			return nfp_guest_name_parse(arg, name);
	return false;
}
