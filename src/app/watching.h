/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watching.h - listens at the netdevs of a guest's way, all of them in one interval. */
#ifndef NFPROBE_WATCHING_H
#define NFPROBE_WATCHING_H

#include "audit/watch.h"

/* A netdev to listen at. Its namespace need be open only during nfp_watching_open. */
struct nfp_watch_place {
	struct nfp_listen listen;
	char netns[NFP_TEXT_LEN];  /* as in struct nfp_watched_hop */
	char bridge[NFP_IFNAMSIZ]; /* of which it is a port; empty: of none */
	bool any_vlan;
	char why[NFP_NOTE_LEN]; /* a clause: why it cannot be listened at; empty: it can */
};

struct nfp_watching;

/*
 * Begins to listen at @places, from the guest to the wire, and fills in the hops of *watch, which
 * must stay where it is. @pf: of watch->vf, if that has one; -1: its counters are not asked for. A
 * place that cannot be listened at is NFP_EAR_DEAF. 0; -EPERM, where a right is missing: then
 * nothing is open. Changes nothing and sends nothing.
 */
int nfp_watching_open(const struct nfp_watch_place *places, size_t num, int pf,
		      struct nfp_watched_way *watch, struct nfp_watching **ret_watching,
		      struct nfp_err *err);
/* Adds what has come since, to be shown. */
void nfp_watching_count(struct nfp_watching *watching);
/* Ends the interval, waits a moment for what is under way, and fills in the rest of *watch. */
void nfp_watching_end(struct nfp_watching *watching);
void nfp_watching_close(struct nfp_watching *watching);

#endif
