// SPDX-License-Identifier: GPL-2.0-or-later
/* names.c - other names of a netdev: the altnames that udev gives it and managers print, and the
 * device of a PF. */
#include <stdlib.h>
#include <string.h>

#include "run_priv.h"

/* True if the name is an altname. Writes the netdev's own name. */
static bool names_altname(const char *name, char ifname[NFP_IFNAMSIZ])
{
	struct nfp_link link;
	struct nfp_nl *nl;
	bool found = false;

	/* The device of a PF or VF has a colon in its name, and is no altname. */
	if (!name[0] || strchr(name, ':') ||
	    nfp_sysfs_exists(nfp_sysroot_default(), "/sys/class/net/%s", name) ||
	    nfp_nl_open(NETLINK_ROUTE, -1, &nl, NULL) < 0)
		return false;
	if (nfp_link_by_altname(nl, name, &link, NULL) == 0) {
		memcpy(ifname, link.ifname, NFP_IFNAMSIZ);
		found = true;
	}
	nfp_nl_close(nl);
	return found;
}

void nfp_names_resolve(struct nfp_request *request)
{
	char ifname[NFP_IFNAMSIZ];

	if (names_altname(request->pf, ifname) ||
	    (strchr(request->pf, ':') &&
	     nfp_netdev_of_pf(nfp_sysroot_default(), request->pf, ifname)))
		memcpy(request->pf, ifname, sizeof(request->pf));
	if (request->from.kind == NFP_FROM_IFACE && names_altname(request->from.ifname, ifname))
		memcpy(request->from.ifname, ifname, sizeof(request->from.ifname));
	for (size_t i = 0; i < request->devices.n; i++) {
		if (!names_altname(request->devices.v[i], ifname))
			continue;
		free(request->devices.v[i]);
		request->devices.v[i] = nfp_strdup(ifname);
	}
}
