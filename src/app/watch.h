/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch.h - --watch: shows where the frames of a guest stop. */
#ifndef NFPROBE_APP_WATCH_H
#define NFPROBE_APP_WATCH_H

#include "app/app.h"
#include "watching.h"

/*
 * Listens at @places (nfp_watching_open) until request.watch_ns is over or a signal comes, shows
 * the counts on a terminal meanwhile, and judges *watch. 0 or -errno.
 */
int nfp_watch_places(struct nfp_program *p, const struct nfp_watch_place *places, size_t num,
		     int pf, struct nfp_watched_way *watch, struct nfp_err *err);

#endif
