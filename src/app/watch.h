/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch.h - --watch: shows where the frames of a guest stop. */
#ifndef NFPROBE_APP_WATCH_H
#define NFPROBE_APP_WATCH_H

#include "app/app.h"
#include "net/facts.h"
#include "watching.h"

/*
 * Listens at @places (nfp_watching_open) until request.watch_ns is over or a signal comes, shows
 * the counts on a terminal meanwhile, and judges *watch. 0 or -errno.
 */
int nfp_watch_places(struct nfp_program *p, const struct nfp_watch_place *places, size_t num,
		     int pf, struct nfp_watched_way *watch, struct nfp_err *err);

/* The netdevs of a guest's way, from the guest to the wire. */
struct nfp_watch_found {
	struct nfp_watch_place *places; /* owned, with their namespaces */
	size_t num;
	int pf; /* the ifindex of the PF of the guest's VF; -1: it has none */
};
/*
 * Finds the guest by its name, by the number of its process, or by its tap or macvtap, and its
 * address and VF, which *watch gets. 0; -ENOENT: it was not seen; -EINVAL: it has several taps;
 * -ENODATA: its address is not known.
 */
int nfp_watch_find(const struct nfp_facts *facts, const char *name, struct nfp_watched_way *watch,
		   struct nfp_watch_found *ret_found, struct nfp_err *err);
void nfp_watch_found_fini(struct nfp_watch_found *found);

/* --way without --watch: prints the ways of guests (audit.c). Returns the exit status. */
int nfp_ways_main(struct nfp_program *p);

#endif
