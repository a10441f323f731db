/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mirror.h - a prober and a reflector, each in a network namespace of its own, at the two ends of
 * one cable: p0, the PF, and r0. The reflector is a thread that has CAP_NET_RAW and nothing else.
 */
#ifndef NFPROBE_TESTS_MIRROR_H
#define NFPROBE_TESTS_MIRROR_H

#include <pthread.h>

#include "netns/bed.h"
#include "traffic/sources.h"

struct mirror {
	struct nfp_netdev pf, far; /* p0 and r0 */
	struct nfp_mac pf_mac, far_mac;
	struct nfp_frame_id run;
	struct nfp_peer_id id;
	/* The reflector. */
	struct nfp_reflector_config config;
	pthread_t thread;
	bool running;
	int ready_fd, stop_fd; /* eventfds */
	int ret;	       /* of nfp_reflector_run */
	struct nfp_reflector_report report;
	/* The prober. */
	struct nfp_peer_link *link;
	struct nfp_codec codec;
	struct bed bed; /* its stream and accounting; there is no relay */
};

void mirror_make(struct mirror *m);
void mirror_unmake(struct mirror *m);

/* The reflector, as config says; returns when it listens. */
void mirror_start(struct mirror *m);
/* Ends it, however it is; then ret and report are there. */
void mirror_stop(struct mirror *m);
/* Waits until it has ended by itself. */
void mirror_join(struct mirror *m);

/* The prober's link, to @mac or, when it is NULL, to whoever answers. Returns as ask does. */
int mirror_ask(struct mirror *m, const struct nfp_mac *mac, const struct nfp_vlan *vlan,
	       struct nfp_peer_frame *ret_info);

/* A stream by the link, idle. */
void mirror_open(struct mirror *m, const struct nfp_vlan *vlan);
/* Sends so many frames of all kinds, and waits until those that come back have come. */
void mirror_send(struct mirror *m, unsigned int rate, uint64_t num);

#endif
