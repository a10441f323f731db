/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * anonymous.h - other names and addresses for those of a host: the same for the same, throughout a
 * file. Pure.
 */
#ifndef NFPROBE_RECORD_ANONYMOUS_H
#define NFPROBE_RECORD_ANONYMOUS_H

#include <jansson.h>

#include "nfprobe/base.h"
#include "nfprobe/sources.h"

/* What has been seen; the n-th of a kind gets the number n. All zero is empty. */
struct anonymous {
	struct nfp_strv addresses;	/* unicast MAC addresses, .. */
	struct nfp_strv tails;		/* the last 24 bits of groups and of IPv6 addresses, .. */
	struct nfp_strv ipv4, prefixes; /* prefixes: the first 104 bits of IPv6 addresses */
	struct nfp_strv names;
};

void anonymous_fini(struct anonymous *a);

/*
 * Addresses that mean the same everywhere stay: zero, broadcast, all nodes, well-known groups, the
 * IPv6 prefix fe80::/64. Unicast becomes 0e:00:00:.., and a group remains a group: that of the
 * solicited node belongs to the new address as it did to the old one.
 */
struct nfp_mac anonymous_mac(struct anonymous *a, const struct nfp_mac *mac);
struct nfp_ipv4 anonymous_ipv4(struct anonymous *a, const struct nfp_ipv4 *ip);
struct nfp_ipv6 anonymous_ipv6(struct anonymous *a, const struct nfp_ipv6 *ip);
/* "n0", "n1", ..; "lo" stays. Valid until @a is freed or the next call. */
const char *anonymous_name(struct anonymous *a, const char *name, char buf[NFP_IFNAMSIZ]);
/* Is it the name of something that was seen? */
bool anonymous_knows(const struct anonymous *a, const char *name);

/*
 * A text of words between @separators: numbers, PCI addresses and listed words stay, an address
 * gets its replacement, any other word its replacement as a name. The caller frees it.
 */
char *anonymous_text(struct anonymous *a, const char *text, const char *separators);
/* The facts of a run or a ladder, in place: by their keys. */
void anonymous_facts(struct anonymous *a, json_t *facts);

/*
 * One datagram of @len bytes, in place: every attribute that is not on the list is zeroed.
 * @family: NETLINK_ROUTE or NETLINK_GENERIC; others become all zero.
 */
void anonymous_netlink(struct anonymous *a, int family, void *data, size_t len);

#endif
