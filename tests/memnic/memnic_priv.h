/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_TESTS_MEMNIC_PRIV_H
#define NFPROBE_TESTS_MEMNIC_PRIV_H

#include "memnic.h"
#include "../../src/traffic/traffic_priv.h"

/* The changes that can be due. */
enum nic_what {
	NIC_VF_FILTER_ON,
	NIC_VF_FILTER_OFF,
	NIC_PF_FILTER_ON,
	NIC_PF_FILTER_OFF,
	NIC_PF_GROUP_ON,
	NIC_VF_GROUP_ON,
	NIC_GROUPS_LOST,
	NIC_PF_VLAN_ON,
	NIC_PF_VLAN_OFF,
	NIC_VF_VLAN_ON,
	NIC_VF_VLAN_OFF,
	NIC_LEARNED, /* by the switch */
	NIC_REPORTED,
	NIC_GROUP_AGED,
	NIC_FORWARDS, /* the switch's port */
	NIC_FLUSH,
	NIC_AGED,
	NIC_UNLEARNED, /* by the NIC */
	NIC_STATION,   /* the other one with that address sends */
	NIC_SIBLING,   /* turns promiscuous, or back */
	NIC_CARRIER_DOWN,
	NIC_CARRIER_UP,
	NIC_CHANGE,
	NIC_GONE,
	NIC_STOP,
};

struct nic_pending {
	uint64_t at_ns;
	enum nic_what what;
	struct nfp_mac mac; /* LEARNED, REPORTED */
	bool far;	    /* LEARNED at the source's port */
	unsigned int lost;  /* GROUPS_LOST: CORE_GROUPS_ bits */
};
#define NIC_PENDING_MAX 256
#define NIC_SPOKEN_MAX	16

#define NIC_TO(receiver) (1U << (receiver))
#define NIC_UPLINK	 NFP_RECEIVER_COUNT /* where the NIC's switch may learn, too */

/* A stretch of time in which every frame of a kind goes the same way. */
struct nic_stretch {
	uint64_t from_ns;
	uint64_t interval_ns[NFP_KIND_COUNT]; /* 0: none is sent */
	bool unicast[NFP_KIND_COUNT];
	bool passes[NFP_KIND_COUNT];   /* the switch */
	bool rationed[NFP_KIND_COUNT]; /* the switch does if storm control lets the frame */
	uint8_t reach[NFP_KIND_COUNT]; /* NIC_TO bits, of what meets the NIC then */
	bool restart;		       /* the schedule begins anew here */
};

struct nic_flight {
	uint64_t seq, sent_ns, seen_ns; /* before it has met the NIC, seen_ns is when it will */
	enum nfp_kind kind;
	enum nfp_receiver at;
	struct nfp_mac to; /* by ARP: who gets the answer */
	struct nfp_frame_accounting *accounting;
};

struct nic_flights {
	struct nic_flight *v;
	size_t num, room;
};

struct memnic {
	struct core_personality p;
	struct memnic_conditions c;
	uint64_t now_ns, random, random_told;

	/* the NIC */
	struct core_filter filter; /* of the VF */
	uint64_t writes;
	struct nfp_mac pf_mac, vf_mac;
	struct core_list pf;
	bool pf_listed; /* its netdev's list has pf_mac, and the NIC's will */
	bool pf_promisc, pf_carrier;
	bool pf_forced;	      /* promiscuous without having been told to be */
	enum nfp_style style; /* of the standby, once it is there */
	bool second_vf;	      /* the standby is on one: "PF" stands for that */
	struct nfp_mac group;
	struct core_member pf_groups, vf_groups; /* @group alone */
	bool vf_joins;				 /* its netdev has joined it */
	struct core_known learned; /* by the NIC's switch, at an enum nfp_receiver, or NIC_UPLINK */
	struct {
		struct core_vids pf, vf;
		struct nfp_mac spoken[NIC_SPOKEN_MAX]; /* has sent in the guest's */
		size_t num_spoken;
		bool free; /* the PF registers that of nobody */
	} vlan;
	bool vf_assigned, vf_bound, vf_running;
	bool vf_was_wrong; /* its netdev, at the first bind */
	bool pf_station;
	bool listening;
	struct nic_pending pending[NIC_PENDING_MAX];
	size_t num_pending;

	/* the switch that it is connected to */
	struct core_known hosts, groups;
	uint64_t flooded, tripped_ns; /* storm control */
	bool forwards;
	uint64_t advertised_ns; /* the last advertisement, or the next one */

	/* others */
	uint64_t carrier_losses, strangers;
	bool changed, gone;

	/* the stream */
	struct nfp_plan plan;
	struct nic_stretch *stretches; /* since the last pump */
	size_t num_stretches, room_stretches;
	uint64_t next_ns[NFP_KIND_COUNT], interval_ns[NFP_KIND_COUNT], made_ns, seq;
	int kinds[NFP_KIND_COUNT], num_kinds; /* those with an interval */
	struct nic_flights before, behind;    /* frames under way to the NIC, and from it */
	uint64_t drops;
	struct nfp_mac entry; /* that the PF's list has as well; zero: none */
	struct nfp_codec arp; /* ops NULL: frames are not answers */
	uint64_t answered_ns; /* by the neighbour, the last one */

	struct nfp_mac told; /* the address announced last; and how often, by whom */
	struct nfp_announced_count announced[NFP_RECEIVER_COUNT];
	struct nfp_tap tap;
	struct nfp_frame_id id; /* of the frames that the tap gets */

	unsigned int calls;
	char log[2000];
};

/* The core's numbers are those of the program's enumerations. */
static inline enum core_from nic_from(enum nfp_enters source)
{
	_Static_assert((int)NFP_ENTERS_WIRE == CORE_FROM_WIRE &&
			       (int)NFP_ENTERS_VF == CORE_FROM_VF &&
			       (int)NFP_ENTERS_PF == CORE_FROM_PF,
		       "from");
	return (enum core_from)source;
}

static inline enum core_at nic_at(enum nfp_receiver at)
{
	_Static_assert((int)NFP_AT_PF == CORE_AT_PF && (int)NFP_AT_VF == CORE_AT_VF, "at");
	return (enum core_at)at;
}

/* By where its frames go to: a window may send a kind to an address of its own. Broadcast is none
 * of these. */
static inline bool nic_is_multicast(const struct memnic *nic, enum nfp_kind kind)
{
	const struct nfp_mac *to = nfp_plan_to(&nic->plan, kind);

	return (to->b[0] & 1) && !nfp_mac_equal(to, &nfp_mac_broadcast);
}

/* vlan.c */
/* The kind without a tag that goes to the same address. */
enum nfp_kind nic_plain(enum nfp_kind kind);
/* Does the network bring the VLAN of the kind? */
bool net_carries(const struct memnic *nic, enum nfp_kind kind);
/* Takes from @to, NIC_TO bits, who does not get the VLAN of the kind. */
unsigned int nic_in_vlan(const struct memnic *nic, enum nfp_kind kind, unsigned int to);
void nic_vlan_happens(struct memnic *nic, enum nic_what what);
void nic_vlan_unbound(struct memnic *nic);
/* Who has this address sends in the VLAN, if the NIC lets it. */
void nic_vlan_speak(struct memnic *nic, enum nfp_receiver at, const struct nfp_mac *mac);
/* struct nfp_host_ops */
int nic_op_vlan(void *ctx, enum nfp_receiver at, uint16_t vid, struct nfp_err *err);
int nic_op_swallower(void *ctx, uint16_t vid, char name[NFP_TEXT_LEN], struct nfp_err *err);

void nic_schedule(struct memnic *nic, uint64_t after_ns, enum nic_what what);
void nic_schedule_as(struct memnic *nic, uint64_t after_ns, struct nic_pending pending);
void nic_cancel(struct memnic *nic, enum nic_what what);
/* It is due at @at_ns alone, which the core has said; 0: it is not. */
void nic_reschedule(struct memnic *nic, uint64_t at_ns, enum nic_what what);
uint64_t nic_when(const struct memnic *nic, enum nic_what what); /* it is due first; 0: it is not */
/* Moves the clock, lets happen what is pending. With @wakes it stops at what wakes a pump: true. */
bool nic_advance(struct memnic *nic, uint64_t until_ns, bool wakes);
/* To be called when anything that decides where frames go has changed. */
void nic_reroute(struct memnic *nic, bool restart);
/* Is a frame that is in no filter for another VF now? */
bool nic_sibling_takes(const struct memnic *nic);
/* Is the standby's port promiscuous, and the NIC lets it? */
bool nic_sees_all(const struct memnic *nic);
/* Waits for a change of the VF's filter; @changed: CORE_FILTER_ bits. */
void nic_vf_filter_changed(struct memnic *nic, unsigned int changed);
void *nic_grow(void *old, size_t number, size_t size);
uint64_t nic_draw(uint64_t *state);
uint64_t nic_random(struct memnic *nic);
bool nic_happens(struct memnic *nic, unsigned int permille);
void nic_note(struct memnic *nic, const char *word);

/* net.c: the switch. */
extern const struct nfp_mac nic_own_mac; /* of the PF */
/* Does it pass a frame of @kind to the NIC now? */
bool net_passes(const struct memnic *nic, enum nfp_kind kind);
/* A number that an address always has in a scene, as in the hash of a switch. */
uint64_t net_hash(const struct memnic *nic, const struct nfp_mac *mac);
/* Does storm control drop most frames of @kind, on their way out of the NIC or to it? */
bool net_rations(const struct memnic *nic, enum nfp_kind kind);
/* Is a frame sent at @sent_ns lost on the way, in either direction? */
bool net_loses(struct memnic *nic, uint64_t sent_ns, bool unicast);
/* The frames of a guest that talks, and the report of one that has joined the group. */
#define NIC_SORT(sort) CORE_BIT(CORE_SORT_##sort)
#define NIC_TALKS      (NIC_SORT(ANY) | NIC_SORT(ARP) | NIC_SORT(IPV4) | NIC_SORT(IPV6))
#define NIC_JOINS      (CORE_BIT(31) | NIC_SORT(ANY) | NIC_SORT(IPV6))
/* Frames of these sorts leave PF or VF: the NIC's switch may learn from them. Returns true if they
 * reach the network, which may learn, too. */
bool net_send(struct memnic *nic, enum nfp_receiver at, const struct nfp_mac *from, uint32_t sorts);
/* Does storm control let another frame pass at @ns? */
bool net_lets(struct memnic *nic, uint64_t ns);
/* True: it was an event of the network. */
bool net_happen(struct memnic *nic, const struct nic_pending *pending);

/* neighbour.c: a source that answers ARP. */
void neighbour_new(struct memnic *nic);
void neighbour_free(struct memnic *nic);
/* Asks, answers and lands until @until_ns, which ends @stretch. */
void neighbour_make(struct memnic *nic, struct nfp_frame_accounting *accounting,
		    const struct nic_stretch *stretch, uint64_t until_ns);

/* nic_wire.c */
void nic_put(struct nic_flights *flights, const struct nic_flight *flight);
/* A frame meets the NIC, which delivers it to @reach. */
void nic_arrive(struct memnic *nic, struct nfp_frame_accounting *accounting,
		struct nic_flight *flight, uint8_t reach);

#endif
