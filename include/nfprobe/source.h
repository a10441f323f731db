/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source.h - the sources of test frames as a table: what each can show, how often it may send, and
 * what it cannot show. Whoever must know asks for the property, never for the name.
 *
 * How a source is looked for and started is in src/run/origin.c, by the same index.
 */
#ifndef NFPROBE_SOURCE_H
#define NFPROBE_SOURCE_H

#include "nfprobe/types.h"

/* In the order in which auto walks them; PF is taken only when it is named. */
enum nfp_source_id {
	NFP_BY_NETDEV,
	NFP_BY_PEER,
	NFP_BY_ARP,
	NFP_BY_ARP_ALONE, /* a neighbour, too: found by the search of NFP_BY_ARP */
	NFP_BY_VF,
	NFP_BY_PF,
	NFP_BY_COUNT,
};

/* What a receiver's broadcast control says under a source. */
enum nfp_proof {
	NFP_PROOF_NONE,	    /* never arrives by the nature of the source */
	NFP_PROOF_PRESENCE, /* broadcast that arrives is shown; its absence may be the source's */
	NFP_PROOF_FULL,	    /* arriving and not arriving are both shown */
};

/* What the landings under a source mean: the part of a row that the verdict needs. */
struct nfp_shows {
	bool outside; /* unicast enters from the wire */
	enum nfp_proof broadcast[NFP_RECEIVER_COUNT];
};

struct nfp_source_row {
	const char *name;	/* "netdev" */
	const char *meaning;	/* "another netdev on the segment" */
	enum nfp_source enters; /* the class that JSON's settings.source carries */
	bool slows;  /* it lowers its rate by itself when it asks for too much (stats.slowed) */
	bool has_id; /* frames carry the run's id, so nobody else's can be taken for them */
	struct nfp_shows shows;
	unsigned int rate[NFP_KIND_COUNT]; /* frames a second unless --rate says otherwise; it
					      changes unicast only */
	unsigned int rate_max;		   /* of unicast */
	/* Why nobody here hears what the PF sends to where frames enter; NULL: their netdev does.
	 */
	const char *deaf;
	const char *lacks; /* what it cannot show: the end of a sentence, "" for nothing */
};

extern const struct nfp_source_row nfp_sources[NFP_BY_COUNT];

#endif
