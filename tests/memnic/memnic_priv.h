/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_TESTS_MEMNIC_PRIV_H
#define NFPROBE_TESTS_MEMNIC_PRIV_H

#include "memnic.h"

/* What is going to happen. */
enum nic_what {
	NIC_VF_FILTER_ON,
	NIC_VF_FILTER_OFF,
	NIC_PF_FILTER_ON,
	NIC_PF_FILTER_OFF,
	NIC_PF_GROUP_ON,
	NIC_PF_GROUPS_WIPED,
	NIC_VF_GROUP_ON,
	NIC_VF_GROUPS_FORGOTTEN,
	NIC_GROUP_BACK,
	NIC_REPORT_AGED,
	NIC_CARRIER_DOWN,
	NIC_CARRIER_UP,
	NIC_CHANGE,
	NIC_GONE,
	NIC_STOP,
};

struct nic_pending {
	uint64_t at_ns;
	enum nic_what what;
};
#define NIC_PENDING_MAX 32

#define NIC_TO(receiver) (1U << (receiver))

/* A stretch of time in which every frame of a kind goes the same way. */
struct nic_stretch {
	uint64_t from_ns;
	uint64_t interval_ns[NFP_KIND_COUNT]; /* 0: none is sent */
	uint8_t reach[NFP_KIND_COUNT];	      /* NIC_TO bits */
	bool counted[NFP_KIND_COUNT];	      /* it goes to the VF, served or not */
	bool restart;			      /* the schedule begins anew here */
};

struct nic_flight {
	uint64_t seq, sent_ns, seen_ns;
	enum nfp_kind kind;
	enum nfp_receiver at;
};

struct memnic {
	struct memnic_personality p;
	struct memnic_conditions c;
	uint64_t now_ns, random;

	/* the NIC */
	struct nfp_mac pf_mac, vf_mac, filter_mac, announced_mac;
	bool pf_filter, pf_promisc, pf_carrier;
	bool pf_forced; /* promiscuous without having been told to be */
	struct nfp_mac group;
	bool pf_group, vf_group; /* it is in the filter */
	bool vf_joined, vf_forgot, group_stolen, pf_allmulti, group_reported;
	bool vf_assigned, vf_filter, vf_was_reset, vf_was_up, vf_bound, vf_running;
	bool vf_last; /* the VF's filter was programmed after the PF's */
	bool listening;
	struct nic_pending pending[NIC_PENDING_MAX];
	size_t num_pending;

	/* others */
	uint64_t carrier_losses;
	bool changed, gone;

	/* the stream */
	struct nfp_plan plan;
	struct nic_stretch *stretches; /* since the last pump */
	size_t num_stretches, room_stretches;
	uint64_t next_ns[NFP_KIND_COUNT], interval_ns[NFP_KIND_COUNT], made_ns, seq;
	struct nic_flight *flights;
	size_t num_flights, room_flights;
	uint64_t drops;

	uint64_t vf_received, vf_shown; /* counted, and as the driver shows it */
	uint64_t shown_ns;		/* when it last looked */

	struct nfp_transmit_count transmit;
	unsigned int rounds;
	struct nfp_tap tap;
	struct nfp_frame_id id; /* of the frames that the tap gets */

	unsigned int calls;
	char log[1000];
};

/* Broadcast is none of these. */
static inline bool nic_is_multicast(enum nfp_kind kind)
{
	return kind == NFP_KIND_MULTICAST || kind == NFP_KIND_ALL_NODES ||
	       kind == NFP_KIND_UNJOINED;
}

void nic_schedule(struct memnic *nic, uint64_t after_ns, enum nic_what what);
void nic_cancel(struct memnic *nic, enum nic_what what);
/* Moves the clock, lets happen what is pending. With @wakes it stops at what wakes a pump: true. */
bool nic_advance(struct memnic *nic, uint64_t until_ns, bool wakes);
/* To be called when anything that decides where frames go has changed. */
void nic_reroute(struct memnic *nic, bool restart);
void *nic_grow(void *old, size_t number, size_t size);
uint64_t nic_random(struct memnic *nic);
void nic_note(struct memnic *nic, const char *word);
/* To be called before anything is counted that is later than that. */
void nic_show_stats(struct memnic *nic, uint64_t now_ns);

#endif
