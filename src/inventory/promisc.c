// SPDX-License-Identifier: GPL-2.0-or-later
/* promisc.c - finds who made a netdev promiscuous. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "inventory_priv.h"

void nfp_promisc_describe(const struct nfp_link *links, size_t num_links,
			  const struct nfp_link *link, char *words, size_t size)
{
	const struct nfp_link *master = nfp_links_by_ifindex(links, num_links, link->master);
	const char *kind = master && !link->master_kind[0] ? master->kind : link->master_kind;

	words[0] = '\0';
	if (link->promiscuity == 0)
		return;
	if (link->flags & IFF_PROMISC)
		nfp_appendf(words, size, "ip link set %s promisc on, ", link->ifname);
	if (link->master && master)
		nfp_appendf(words, size, "%s%s%s%s, ", master->ifname, kind[0] ? " (" : "", kind,
			    kind[0] ? ")" : "");
	/* A promiscuous child, most often the port of a bridge, makes its lower netdev so. */
	for (size_t i = 0; i < num_links; i++) {
		const struct nfp_link *child = &links[i];

		if (!nfp_link_is_child(child, link) || !(child->passthru || child->promiscuity > 0))
			continue;
		master = nfp_links_by_ifindex(links, num_links, child->master);
		nfp_appendf(words, size, "%s (%s%s%s%s), ", child->ifname, child->kind,
			    child->passthru ? " passthru" : "", master ? " in " : "",
			    master ? master->ifname : "");
	}
	if (words[0])
		words[strlen(words) - 2] = '\0';
	else
		snprintf(words, size, "a packet socket, most likely; ss -0p lists them");
}
