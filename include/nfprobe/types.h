/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * types.h - the words that every module shares: addresses, styles, steps, kinds of frame,
 * landings, verdicts. Each enumeration has one table of names in src/probe/names.c; the name
 * is what JSON carries and what the command line takes.
 */
#ifndef NFPROBE_TYPES_H
#define NFPROBE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NFP_MAC_LEN    6
#define NFP_MAC_STRLEN 18 /* "02:00:00:00:00:00" and the NUL */
#define NFP_IFNAMSIZ   16 /* IFNAMSIZ, include/uapi/linux/if.h */
#define NFP_RUN_ID_LEN 16

#define NFP_NSEC_PER_SEC  UINT64_C(1000000000)
#define NFP_NSEC_PER_MSEC UINT64_C(1000000)
#define NFP_NSEC_PER_USEC UINT64_C(1000)

/* An Ethernet address, in the order of the wire. */
struct nfp_mac {
	uint8_t b[NFP_MAC_LEN];
};

/* A VLAN tag as the field calls it. vid 0: no VLAN (qos and proto are then 0 as well). */
struct nfp_vlan {
	uint16_t vid;	/* 0 .. 4094 */
	uint8_t qos;	/* priority code point, 0 .. 7 */
	uint16_t proto; /* host byte order: ETH_P_8021Q (0x8100) or ETH_P_8021AD (0x88a8) */
};

/* How the standby holds the address on the PF. */
enum nfp_style {
	NFP_STYLE_FILTER,  /* in the PF's unicast filter, as macvtap does */
	NFP_STYLE_PROMISC, /* the PF is promiscuous, as the port of a bridge is */
	NFP_STYLE_COUNT,
};

/* Where frames enter; source.h has the sources themselves. */
enum nfp_source {
	NFP_SOURCE_WIRE, /* from outside the NIC */
	NFP_SOURCE_VF,	 /* a sibling VF, through the VEB */
	NFP_SOURCE_PF,
	NFP_SOURCE_COUNT,
};

/* The states of the ladder, in order. */
enum nfp_step {
	NFP_STEP_CONTROL,
	NFP_STEP_STANDBY,
	NFP_STEP_ASSIGN,
	NFP_STEP_ATTACH,
	NFP_STEP_DRIVER,
	NFP_STEP_UP,
	NFP_STEP_ALONE,
	NFP_STEP_DOWN,
	NFP_STEP_UNPLUG,
	NFP_STEP_DETACH,
	NFP_STEP_CLEAR,
	NFP_STEP_REASSIGN,
	NFP_STEP_VF_FIRST,
	NFP_STEP_VF_FIRST_UP,
	NFP_STEP_VF_FIRST_UNPLUG,
	NFP_STEP_COUNT,
};

enum nfp_kind {
	NFP_KIND_UNICAST,   /* to the address under test, X */
	NFP_KIND_BROADCAST, /* the control at each receiver */
	NFP_KIND_STRANGER,  /* to an address that is programmed nowhere */
	NFP_KIND_COUNT,
	NFP_KIND_ANNOUNCE = NFP_KIND_COUNT, /* X as the source, once; never counted */
	NFP_KIND_HELLO,			    /* auto's search for the wire; never counted */
	NFP_KIND_TRANSMIT,		    /* does the PF's frame leave the NIC? never counted */
	NFP_KIND_LAST = NFP_KIND_TRANSMIT,
};

enum nfp_receiver {
	NFP_AT_PF,
	NFP_AT_VF,
	NFP_RECEIVER_COUNT,
};

/* Where a kind of frame lands in a window. */
enum nfp_landing {
	NFP_LANDING_NONE, /* nothing was sent, so nothing is known */
	NFP_LANDING_PF,
	NFP_LANDING_VF,
	NFP_LANDING_BOTH,
	NFP_LANDING_NOWHERE,
	NFP_LANDING_MIXED, /* a receiver had more than 5 % and less than 80 % */
	NFP_LANDING_COUNT,
};

/* Does what the standby sends with X as its source leave the NIC while the VF has X? */
enum nfp_transmit {
	NFP_TRANSMIT_NONE, /* it was not asked; null in JSON */
	NFP_TRANSMIT_UNTESTED,
	NFP_TRANSMIT_OK,
	NFP_TRANSMIT_DROPPED,
	NFP_TRANSMIT_COUNT,
};

enum nfp_status {
	NFP_STATUS_SKIPPED,
	NFP_STATUS_DONE,
	NFP_STATUS_REFUSED, /* the kernel refused the change; the note has its sentence */
	NFP_STATUS_COUNT,
};

/* In the order of the ladder, "never" last; UNKNOWN is null in JSON. */
enum nfp_claim {
	NFP_CLAIM_UNKNOWN,
	NFP_CLAIM_ASSIGN,
	NFP_CLAIM_ASSIGN_UNTIL_RESET,
	NFP_CLAIM_DRIVER,
	NFP_CLAIM_UP,
	NFP_CLAIM_NEVER,
	NFP_CLAIM_COUNT,
};

enum nfp_release {
	NFP_RELEASE_UNKNOWN,
	NFP_RELEASE_DOWN,
	NFP_RELEASE_UNPLUG,
	NFP_RELEASE_DETACH,
	NFP_RELEASE_CLEAR,
	NFP_RELEASE_NEVER,
	NFP_RELEASE_COUNT,
};

enum nfp_delivery {
	NFP_DELIVERY_NONE, /* null in JSON */
	NFP_DELIVERY_VF,
	NFP_DELIVERY_BOTH,
	NFP_DELIVERY_COUNT,
};

/*
 * Worst first, so that the worst of several is the smallest. UNTESTABLE and NOT_APPLICABLE are
 * verdicts of a style only: the first makes the whole at best inconclusive, the second does not
 * count.
 */
enum nfp_verdict {
	NFP_VERDICT_EARLY,
	NFP_VERDICT_REFUSED,
	NFP_VERDICT_DEAF,
	NFP_VERDICT_STICKY,
	NFP_VERDICT_SLOW, /* with --gap-limit only */
	NFP_VERDICT_INCONCLUSIVE,
	NFP_VERDICT_UNTESTABLE,
	NFP_VERDICT_SAFE,
	NFP_VERDICT_NOT_APPLICABLE,
	NFP_VERDICT_COUNT,
};

/* What a manager must do to use this NIC all the same: bits of a mask, in the order of the text. */
enum nfp_requires {
	NFP_REQ_USE_FILTER_STANDBY,
	NFP_REQ_USE_PROMISC_STANDBY,
	NFP_REQ_ASSIGN_AT_HOTPLUG,
	NFP_REQ_ASSIGN_BEFORE_STANDBY,
	NFP_REQ_RELEASE_STANDBY_WHEN_UP,
	NFP_REQ_DETACH_BEFORE_MIGRATION,
	NFP_REQ_CLEAR_AT_UNPLUG,
	NFP_REQ_DO_NOT_USE,
	NFP_REQ_COUNT,
};
#define NFP_REQ_BIT(r) (1U << (unsigned int)(r))

/* A ladder of a run. */
struct nfp_where {
	unsigned int vf;
	enum nfp_style style;
	unsigned int ladder; /* of --repeat, from 1 */
};

/*
 * Names, as in JSON and on the command line; never NULL, "?" for a value out of range
 * (names.c). The label of a style is what people know it by: macvtap, bridge.
 */
const char *nfp_style_name(enum nfp_style v);
const char *nfp_style_label(enum nfp_style v);
const char *nfp_source_name(enum nfp_source v);
const char *nfp_step_name(enum nfp_step v);
const char *nfp_kind_name(enum nfp_kind v);
const char *nfp_landing_name(enum nfp_landing v);
const char *nfp_transmit_name(enum nfp_transmit v); /* NULL for NONE */
const char *nfp_status_name(enum nfp_status v);
const char *nfp_claim_name(enum nfp_claim v);	    /* NULL for UNKNOWN */
const char *nfp_release_name(enum nfp_release v);   /* NULL for UNKNOWN */
const char *nfp_delivery_name(enum nfp_delivery v); /* NULL for NONE */
const char *nfp_verdict_name(enum nfp_verdict v);
const char *nfp_requires_name(enum nfp_requires v);

/* True and *ret_verdict set when the whole of @name names a verdict; false otherwise. */
bool nfp_verdict_parse(const char *name, enum nfp_verdict *ret_verdict);
/* Takes filter, macvtap, promisc and bridge. */
bool nfp_style_parse(const char *name, enum nfp_style *ret_style);

/* Text of an address; @buf holds NFP_MAC_STRLEN. Returns @buf. */
const char *nfp_mac_str(const struct nfp_mac *mac, char buf[NFP_MAC_STRLEN]);
/* Six pairs of hex digits with colons, nothing before or after; false otherwise. */
bool nfp_mac_parse(const char *text, struct nfp_mac *ret_mac);
bool nfp_mac_equal(const struct nfp_mac *a, const struct nfp_mac *b);
bool nfp_mac_is_zero(const struct nfp_mac *mac);
bool nfp_mac_is_multicast(const struct nfp_mac *mac); /* broadcast included */

/* Bytes of texts, the NUL included; what is longer is cut off. */
#define NFP_TEXT   128
#define NFP_NOTE   256
#define NFP_REASON 400

#define NFP_VF_MAX 4096 /* more VFs than any device of today; PCIe's TotalVFs is 16 bits */

/* What options take, and what they default to. */
#define NFP_RATE_DEFAULT      1000U
#define NFP_RATE_MAX	      1000000U
#define NFP_REPEAT_MAX	      1000U
#define NFP_GAP_LIMIT_MAX     600000U /* ms */
#define NFP_SETTLE_DEFAULT_NS (1500 * NFP_NSEC_PER_MSEC)
#define NFP_REFLECT_TIME_NS   (600 * NFP_NSEC_PER_SEC) /* how long a reflector lives */

/*
 * Frames for the VF as the PF's driver counts them (IFLA_VF_STATS: rx_packets and rx_dropped). A
 * driver without such counters reports zeros, and one that has them may be seconds late.
 */
struct nfp_vf_received {
	uint64_t packets, dropped;
};

/* A change by another process, in a sentence. */
#define NFP_CHANGE_LEN 256

/* Of the changes of one operation, on the clock of the wire. */
struct nfp_host_times {
	uint64_t asked_ns;    /* the first was asked of the kernel */
	uint64_t answered_ns; /* the kernel had answered the last */
};

#endif
