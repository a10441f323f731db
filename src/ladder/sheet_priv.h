/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sheet_priv.h - a sheet under way, and its windows. */
#ifndef NFPROBE_LADDER_SHEET_PRIV_H
#define NFPROBE_LADDER_SHEET_PRIV_H

#include "nfprobe/sheet.h"
#include "runner_priv.h"

#define SHEET_HEARD_NS	 (100 * NFP_NSEC_PER_MSEC) /* a round of forged frames */
#define SHEET_VLAN_RATE	 40U
#define SHEET_CARRIED_NS (500 * NFP_NSEC_PER_MSEC) /* for what the network brings to the PF */

/* Is it shown to come to this port? */
enum sheet_carried {
	SHEET_SECOND,
	SHEET_THIRD,
	SHEET_NEXT,
	SHEET_NOBODY,
	SHEET_UNJOINED,
	SHEET_VLAN, /* the guest's address in its VLAN */
	SHEET_CARRIED_COUNT,
};

/* How long a window is, of which the second half of the settling time counts at least: what the
 * guest asked for acts by then. */
static inline uint64_t sheet_hold(uint64_t settle_ns, uint64_t vf_settle_ns)
{
	uint64_t late_ns = vf_settle_ns + settle_ns / 2;

	return late_ns > settle_ns ? late_ns : settle_ns;
}

struct sheet {
	const struct nfp_sheet_config *config;
	struct runner r;
	struct nfp_runner_config own; /* of r: without the guest's VLAN in its ladder */
	struct nfp_style_result no_result;
	struct nfp_sheet_result *result;
	struct nfp_sheet_combination *c; /* the one under way */
	bool floods;			 /* the network brings unicast that nobody has announced */
	bool carried[SHEET_CARRIED_COUNT];
	/* The present guest was seen to get it because it had asked: by the rows keeps-*, in their
	 * order. */
	bool granted[NFP_ROW_COUNT - NFP_ROW_KEEPS_SECOND];
	bool heard;	     /* the guest's own address, in the last window of the wire */
	bool still;	     /* in the one before, and the network floods */
	const char *refused; /* what it means that the host refuses what is under way */
};

/* Is the guest's VLAN tested? */
static inline bool sheet_has_vlan(const struct sheet *s)
{
	return s->config->vid && !s->config->no_vlan;
}

/* A window: its frames, and how many of them came. */
struct sheet_window {
	struct nfp_plan plan;
	bool inside; /* from another VF */
	struct window window;
};

/* Unicast to the guest and to nobody, broadcast, and multicast and unjoined to these addresses,
 * which need not be groups. */
struct nfp_plan sheet_plan(const struct sheet *s, const struct nfp_mac *a, const struct nfp_mac *b);
/* The unregistered frames are for strangers, if the network brings what nobody has announced, or no
 * network is between (@inside). */
void sheet_plan_strangers(const struct sheet *s, struct nfp_plan *plan, bool inside);
/* Watches until that has held for the settling time. 0, or what ends the run. */
int sheet_watch(struct sheet *s, struct sheet_window *w);
bool sheet_delivered(const struct sheet_window *w, enum nfp_kind kind, enum nfp_receiver at);

/* The row of the combination under way; its note; and what else is known of frames of @kind. */
struct nfp_sheet_fact *sheet_fact(struct sheet *s, enum nfp_sheet_row row);
NFP_PRINTF(3, 4) void sheet_explain(struct sheet *s, enum nfp_sheet_row row, const char *fmt, ...);
/* @why NULL: there is nothing to explain. */
void sheet_explain_both(struct sheet *s, enum nfp_sheet_row a, enum nfp_sheet_row b,
			const char *why);
struct nfp_sheet_fact *sheet_enter(struct sheet *s, enum nfp_sheet_row row,
				   const struct sheet_window *w, enum nfp_kind kind);

/* The guest sends with a forged source. */
int sheet_forge(struct sheet *s);
/* @on: it comes up, or (1) does not; a NIC may treat others differently while it is. */
int sheet_wake_sibling(struct sheet *s, bool on);
/* @ret: of its window, which is returned. */
int sheet_let_sibling_rest(struct sheet *s, int ret);

/* Before a guest comes: what does the network bring to this port? And again, when the last one has
 * gone: a switch may have forgotten meanwhile what it was told. */
int sheet_watch_port(struct sheet *s);
int sheet_watch_port_again(struct sheet *s);

#endif
