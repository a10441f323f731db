/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch.h - where the frames of a guest stop, from the counts at each netdev of its way. Pure. */
#ifndef NFPROBE_WATCH_H
#define NFPROBE_WATCH_H

#include "net/counters.h"
#include "traffic/listen.h"

/* So many frames must have come, and none gone on, for a stop. */
#define NFP_WATCH_FRAMES 5

enum nfp_ear {
	NFP_EAR_DEAF, /* it could not be listened at, or not all the time */
	NFP_EAR_HEARS,
	NFP_EAR_DOWN, /* the netdev was down all the time, so that nothing passed it */
};

/* A netdev of the way. */
struct nfp_watched_hop {
	char ifname[NFP_IFNAMSIZ];
	char netns[NFP_TEXT_LEN];  /* "network namespace red"; empty: our own */
	char bridge[NFP_IFNAMSIZ]; /* of which it is a port; empty: of none */
	enum nfp_ear ear;
	char why[NFP_NOTE_LEN]; /* DEAF: a clause */
	/* The guest's VLAN is not known here, so that broadcasts of others count as well. */
	bool any_vlan;
	struct nfp_heard heard;
	/* The same a moment later: what was under way at the end has come. */
	struct nfp_heard late;
	bool have_dropped;
	uint64_t dropped; /* frames that the driver, such as a tap's, did not pass on */
};

/* The guest's VF, and its counters. */
struct nfp_watched_vf {
	char pf[NFP_IFNAMSIZ];
	unsigned int vf;
	bool in_use; /* the guest uses it, so that its unicast goes there */
	bool counts; /* both could be read: */
	struct nfp_vf_counters before, after;
	uint64_t pf_sent; /* frames that the host sent by the PF meanwhile */
};

/* The names are stable: nfp_watch_answer_names. */
enum nfp_watch_answer {
	NFP_WATCH_UNSET,
	NFP_WATCH_STOPS,
	NFP_WATCH_VF,	  /* the NIC gives the guest's unicast to the VF, which it does not use */
	NFP_WATCH_GROUPS, /* no group went on; a bridge that snoops, or a macvtap, may do so */
	/* Broadcast or groups did not go on, which may be another VLAN's. */
	NFP_WATCH_VLAN,
	NFP_WATCH_FEW, /* nothing of it went on, but too few came */
	NFP_WATCH_PASSES,
	NFP_WATCH_INSIDE, /* nothing came from the wire */
	NFP_WATCH_ALONE,  /* fewer than two netdevs could be listened at */
	NFP_WATCH_NOTHING,
	NFP_WATCH_ANSWERS,
};
extern const struct nfp_names nfp_watch_answer_names;

struct nfp_watch_stop {
	enum nfp_bound bound;
	bool kinds[NFP_HEARD_KINDS];
	bool all; /* no other kind of frames went all the way */
	/* The last netdev where the frames came, and the next one, where none did. */
	char after[NFP_IFNAMSIZ], before[NFP_IFNAMSIZ];
	uint64_t came;
	char what[NFP_NOTE_LEN]; /* "stops between eth0 of br0 and vnet0: 12 came, 0 went on" */
};

struct nfp_watched_way {
	struct nfp_mac guest;
	struct nfp_watched_hop *hops; /* owned: from the guest to the wire */
	size_t num_hops;
	uint64_t ns; /* how long all of them were listened at */
	bool has_vf;
	struct nfp_watched_vf vf;
	struct nfp_strv unseen; /* what of this host was not seen: the guest may be another */
	/* nfp_watch_judge fills in these: */
	enum nfp_watch_answer answer;
	char text[NFP_NOTE_LEN];      /* the answer, a clause */
	struct nfp_watch_stop *stops; /* owned: those to the guest first */
	size_t num_stops;
	struct nfp_strv notes; /* clauses: what else is to be known of the counts */
	uint64_t vf_unicast; /* frames to one station that the NIC has given to the VF, at least */
	int exit_status;
};

/*
 * Judges once. A kind of frames stops where at least NFP_WATCH_FRAMES came and none at the next
 * netdev: merged and segmented frames make other numbers differ. Unicast says nothing while the
 * guest uses its VF, and, from the guest, may be for this host or for another guest.
 */
void nfp_watch_judge(struct nfp_watched_way *watch);
void nfp_watch_fini(struct nfp_watched_way *watch);

#endif
