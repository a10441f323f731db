/* SPDX-License-Identifier: GPL-2.0-or-later */
/* neighbour.h - a host that answers ARP in its own manner, in a thread. */
#ifndef NFPROBE_TESTS_NEIGHBOUR_H
#define NFPROBE_TESTS_NEIGHBOUR_H

#include "traffic/sources.h"

struct neighbour;

struct neighbour_manners {
	bool silent;
	bool only_one;	       /* no answer to a probe that names a group address, as FreeBSD */
	bool to_sender;	       /* answers go to the frame's source, whatever the probe names */
	struct nfp_mac second; /* not zero: another host answers as well */
};

/* Answers for @ip on the netdev as @mac. Ends the program on failure. */
struct neighbour *neighbour_start(int ifindex, const struct nfp_mac *mac, const struct nfp_ipv4 *ip,
				  const struct neighbour_manners *manners);
void neighbour_stop(struct neighbour *neighbour); /* NULL: nothing */
/* Questions that it has heard: at least @least, unless they do not come in 30 s. */
unsigned int neighbour_asked(struct neighbour *neighbour, unsigned int least);

#endif
