// SPDX-License-Identifier: GPL-2.0-or-later
/* watching.c - listens at the netdevs of a guest's way, all of them in one interval. */
#include "watching.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Frames that are under way at the end need less, from one netdev to the next. */
#define UNDER_WAY_NS (100 * NFP_NSEC_PER_MSEC)

struct ear {
	struct nfp_rt_dev dev;
	char ifname[NFP_IFNAMSIZ];
	struct nfp_nl *nl; /* in the netdev's namespace; NULL: it is not looked at */
	struct nfp_listener *listener;
	bool counts;
	struct nfp_link_counters before;
};

struct nfp_watching {
	struct nfp_watched_way *watch;
	struct ear *ears; /* one for each hop */
	struct nfp_nl *nl;
	struct nfp_rt_dev pf;
	bool vf_counts, pf_counts;
	struct nfp_link_counters pf_before;
	uint64_t begin_ns;
};

/* ---- one netdev ---- */

static void make_deaf(struct nfp_watched_hop *hop, const char *why)
{
	hop->ear = NFP_EAR_DEAF;
	nfp_utf8_clean(hop->why, sizeof(hop->why), why, true);
}

/* 0, or -EPERM: a right is missing. */
static int open_ear(struct ear *ear, const struct nfp_watch_place *place,
		    struct nfp_watched_hop *hop, struct nfp_err *err)
{
	const struct nfp_netdev *netdev = &place->listen.netdev;
	struct nfp_link link = {0};
	int ret;

	*hop = (struct nfp_watched_hop) {.any_vlan = place->any_vlan};
	memcpy(hop->ifname, netdev->ifname, sizeof(hop->ifname));
	memcpy(hop->netns, place->netns, sizeof(hop->netns));
	memcpy(hop->bridge, place->bridge, sizeof(hop->bridge));
	memcpy(ear->ifname, netdev->ifname, sizeof(ear->ifname));
	ear->dev = (struct nfp_rt_dev) {netdev->ifindex, ear->ifname};
	if (place->why[0]) {
		make_deaf(hop, place->why);
		return 0;
	}
	ret = nfp_nl_open(NETLINK_ROUTE, netdev->netns_fd, &ear->nl, err)
		      ?: nfp_link_by_ifindex(ear->nl, netdev->ifindex, &link, err);
	if (ret == 0 && !(link.flags & IFF_UP)) {
		hop->ear = NFP_EAR_DOWN;
		return 0;
	}
	ret = ret ?: nfp_listener_open(&place->listen, &ear->listener, err);
	if (ret < 0)
		make_deaf(hop, err->message);
	else
		hop->ear = NFP_EAR_HEARS;
	return ret == -EPERM ? ret : 0;
}

/* Was the netdev as it was when the interval began? */
static void check_ear(struct ear *ear, struct nfp_watched_hop *hop)
{
	struct nfp_link_counters after;
	struct nfp_link link = {0};
	int ret = hop->ear == NFP_EAR_DEAF
			  ? 0
			  : nfp_link_by_ifindex(ear->nl, ear->dev.ifindex, &link, NULL);

	if (hop->ear == NFP_EAR_DEAF)
		return;
	if (ret < 0)
		make_deaf(hop, "it has gone meanwhile");
	else if (hop->ear == NFP_EAR_DOWN && (link.flags & IFF_UP))
		make_deaf(hop, "it was down at first");
	else if (hop->ear == NFP_EAR_HEARS && !(link.flags & IFF_UP))
		make_deaf(hop, "it has gone down meanwhile");
	if (ear->counts && nfp_link_counters_read(ear->nl, &ear->dev, &after, NULL) == 0 &&
	    after.tx_dropped >= ear->before.tx_dropped) {
		hop->have_dropped = true;
		hop->dropped = after.tx_dropped - ear->before.tx_dropped;
	}
}

static void read_ear(struct ear *ear, struct nfp_watched_hop *hop, struct nfp_heard *heard)
{
	int ret = hop->ear == NFP_EAR_HEARS ? nfp_listener_read(ear->listener, heard) : 0;

	if (ret < 0)
		make_deaf(hop, strerrordesc_np(-ret));
}

/* ---- all of them ---- */

int nfp_watching_open(const struct nfp_watch_place *places, size_t num, int pf,
		      struct nfp_watched_way *watch, struct nfp_watching **ret_watching,
		      struct nfp_err *err)
{
	struct nfp_watching *w = nfp_calloc(1, sizeof(*w));
	int ret = 0;

	w->watch = watch;
	w->ears = nfp_calloc(num, sizeof(*w->ears));
	w->pf = (struct nfp_rt_dev) {pf, watch->vf.pf};
	watch->hops = nfp_calloc(num, sizeof(*watch->hops));
	for (; watch->num_hops < num && ret == 0; watch->num_hops++) {
		struct ear *ear = &w->ears[watch->num_hops];

		ret = open_ear(ear, &places[watch->num_hops], &watch->hops[watch->num_hops], err);
		ear->counts = ear->nl && ret == 0 &&
			      nfp_link_counters_read(ear->nl, &ear->dev, &ear->before, NULL) == 0;
	}
	if (ret < 0) {
		nfp_watching_close(w);
		return ret;
	}
	/* The interval of the PF's counter is longer, and that of the VF's shorter, than the one in
	 * which frames are heard. */
	w->pf_counts = watch->has_vf && pf >= 0 &&
		       nfp_nl_open(NETLINK_ROUTE, -1, &w->nl, NULL) == 0 &&
		       nfp_link_counters_read(w->nl, &w->pf, &w->pf_before, NULL) == 0;
	/*
	 * The netdev that is opened last is the first to which frames for the guest come: none that
	 * it has counted was too early for another. Those from the guest begin anew.
	 */
	for (size_t i = 0; i < num; i++) {
		struct nfp_heard *heard = &watch->hops[i].heard;

		read_ear(&w->ears[i], &watch->hops[i], heard);
		memset(heard->frames[NFP_FROM_GUEST], 0, sizeof(heard->frames[NFP_FROM_GUEST]));
	}
	w->begin_ns = nfp_clock_now();
	w->vf_counts = w->pf_counts && nfp_vf_counters_read(w->nl, &w->pf, watch->vf.vf,
							    &watch->vf.before, NULL) == 0;
	*ret_watching = w;
	return 0;
}

void nfp_watching_count(struct nfp_watching *w)
{
	for (size_t i = 0; i < w->watch->num_hops; i++)
		read_ear(&w->ears[i], &w->watch->hops[i], &w->watch->hops[i].heard);
}

void nfp_watching_end(struct nfp_watching *w)
{
	struct nfp_watched_way *watch = w->watch;
	struct nfp_link_counters sent;

	watch->vf.counts = w->vf_counts && nfp_vf_counters_read(w->nl, &w->pf, watch->vf.vf,
								&watch->vf.after, NULL) == 0;
	nfp_watching_count(w);
	watch->ns = nfp_clock_now() - w->begin_ns;
	(void)nfp_clock_poll(NULL, 0, nfp_clock_now() + UNDER_WAY_NS);
	for (size_t i = 0; i < watch->num_hops; i++) {
		struct nfp_watched_hop *hop = &watch->hops[i];

		hop->late = hop->heard;
		read_ear(&w->ears[i], hop, &hop->late);
		check_ear(&w->ears[i], hop);
	}
	if (w->pf_counts && nfp_link_counters_read(w->nl, &w->pf, &sent, NULL) == 0 &&
	    sent.tx_packets >= w->pf_before.tx_packets)
		watch->vf.pf_sent = sent.tx_packets - w->pf_before.tx_packets;
	else
		watch->vf.counts = false;
}

void nfp_watching_close(struct nfp_watching *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->watch->num_hops; i++) {
		nfp_listener_close(w->ears[i].listener);
		nfp_nl_close(w->ears[i].nl);
	}
	nfp_nl_close(w->nl);
	free(w->ears);
	free(w);
}
