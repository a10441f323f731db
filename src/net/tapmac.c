// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tapmac.c - the address of a tap's guest, from the arguments of its QEMU: if a tool other than
 * libvirt has made the tap (managed='no', as OpenStack does), the tap's own address says nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

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
	       (take_value(arg, "ifname", value, sizeof(value)) && strcmp(value, tap->ifname) == 0);
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

static bool is_named_by_libvirt(const struct nfp_facts *facts, const struct nfp_guest_tap *tap)
{
	const struct nfp_netns *netns = &facts->netns[tap->netns];

	nfp_for_each (link, netns->links, netns->num_links)
		if (strcmp(link->ifname, tap->ifname) == 0)
			return link->address.b[0] == 0xfe;
	return true;
}

void nfp_guest_macs_read(struct nfp_facts *facts, const struct nfp_sysroot *root, uint64_t until_ns)
{
	struct nfp_allowance time = {until_ns - MIN(until_ns, nfp_clock_now()), until_ns};
	char *args = NULL;
	ssize_t len = -1;
	size_t num = 0;
	char who[NFP_PROCESS_LEN];
	int pid = 0, unread = 0;

	nfp_for_each (tap, facts->taps, facts->num_taps) {
		/* A user can have any processes in their own user namespace, and make the reader of
		 * these wait. */
		if (tap->ifindex || !tap->in_netns || facts->netns[tap->netns].users ||
		    is_named_by_libvirt(facts, tap))
			continue;
		if (tap->pid != pid && num == NFP_GUEST_MACS_MAX) {
			unread = tap->pid;
			break;
		}
		args = args ?: nfp_malloc(NFP_ARGS_MAX + 1);
		if (tap->pid != pid) {
			pid = tap->pid;
			num++;
			len = nfp_args_read(root, pid, args, &time);
			args[len > 0 ? len : 0] = '\0';
			if (len < 0 && len != -ENOENT && len != -ESRCH)
				unread = pid;
		}
		if (len > 0)
			(void)nfp_guest_mac_find(args, (size_t)len, tap, &tap->mac);
	}
	free(args);
	if (!unread)
		return;
	nfp_process_name(root, unread, who);
	nfp_facts_unread(facts, "", "", "which guest has the tap of %s", who);
}
