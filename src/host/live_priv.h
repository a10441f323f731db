/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_HOST_LIVE_PRIV_H
#define NFPROBE_HOST_LIVE_PRIV_H

#include "nfprobe/netlink.h"
#include "nfprobe/host.h"
#include "nfprobe/undo.h"

#define NFP_CARRIER_MS 10000 /* igbvf needs 2 to 4 s */
#define NFP_NETDEV_MS  30000 /* iavf waits for its PF */
/* How long a VF may be missing in its PF's report: i40e and ice leave it out while they reset it.
 */
#define NFP_REPORT_MS 10000

/* How the PF is, as far as others may change it. */
struct nfp_pf_now {
	char ifname[NFP_IFNAMSIZ];
	struct nfp_mac address;
	bool up, carrier, xdp;
	int master;
	unsigned int promiscuity;
	uint64_t carrier_downs;
};

/* The VF under test. */
struct nfp_live_vf {
	bool begun;
	struct nfp_vf_state before;
	char driver[NFP_TEXT];
	struct nfp_vlan vlan; /* the run's */
	struct nfp_guard guard;
	bool assigned;
	bool bound;
	struct nfp_link netdev; /* while bound: in the private namespace */
};

struct nfp_live {
	struct nfp_live_config config;
	struct nfp_hands hands;
	struct nfp_journal *journal;
	char bus[16];
	struct nfp_nl *notify;	      /* for the caller's poll, read by news */
	struct nfp_nl *await;	      /* for waiting here */
	struct nfp_nl *await_private; /* and there */
	struct nfp_restore_report report;
	struct nfp_strv warnings;
	struct nfp_pf_now pf_start, pf_expect;
	struct nfp_live_vf vf;
	bool held;
	struct nfp_change held_change; /* the FDB entry, or the macvlan */
	struct nfp_vlan child_vlan;    /* that the PF lets in: by a child of ours or another's */
	bool has_source;
	unsigned int source;
	struct nfp_vlan source_vlan;
	struct nfp_guard source_guard;
	struct nfp_link source_netdev; /* in the private namespace */
};

extern const struct nfp_host_ops nfp_live_ops;

/* What differs from what is expected (live_news.c); @news is added to. Pure. */
void nfp_live_compare_pf(const struct nfp_live *live, const struct nfp_pf_now *now,
			 struct nfp_host_news *news);

/* hold, release and the VLAN child (live_hold.c) */
int nfp_live_hold(void *ctx, enum nfp_style style, const struct nfp_mac *mac, struct nfp_err *err);
int nfp_live_release(void *ctx, struct nfp_err *err);
int nfp_live_standby(void *ctx, struct nfp_netdev *ret_netdev);
/* So that the PF's VLAN filter takes the VLAN of the VF under test, as it does for a standby on
 * eth0.100: a child of ours, or one that is there. */
int nfp_live_let_vlan_in(struct nfp_live *live, struct nfp_err *err);
/* Takes our child away. */
int nfp_live_drop_child(struct nfp_live *live, struct nfp_err *err);

/* live_ops.c */
int nfp_live_unbind(void *ctx, struct nfp_err *err);
int nfp_live_clear(void *ctx, struct nfp_err *err);
/* Takes the VF from @driver (empty: none is bound), and keeps any driver from binding to it. */
int nfp_live_keep_unbound(struct nfp_live *live, const char *driver, struct nfp_err *err);
/* Which address the VF reports that has none of ours is its driver's business, and may have changed
 * by what we did. */
int nfp_live_learn_vf(struct nfp_live *live, struct nfp_err *err);
/*
 * Gives the VF under test the run's VLAN, before the first step and not with the address: the
 * emulated igb lets the PF have only VLANs that some VF is in, and a VF that has its own VLAN has
 * it from the beginning, too.
 */
int nfp_live_set_vlan(struct nfp_live *live, struct nfp_err *err);
/* Writes down what the VF was and how its netdevs are set. -EBUSY (NFP_E_VF_IN_USE): these have
 * settings that would be lost, and no --force. */
int nfp_live_journal_vf(struct nfp_live *live, const struct nfp_vf_state *before, bool source,
			struct nfp_err *err);
/* live.c: is it idle still? -EBUSY, with what is found now in *ret_fresh. */
int nfp_live_check_use(struct nfp_live *live, const struct nfp_vf_info *info,
		       struct nfp_vf_info *ret_fresh, struct nfp_err *err);
/* live.c: one VF of the journal as it was; 0 and noted as done, or what differs. */
int nfp_live_undo_vf(struct nfp_live *live, const struct nfp_journal_vf *entry,
		     struct nfp_err *err);

/* The source must send in the VLAN of the VF under test. */
int nfp_live_source_in_vlan(struct nfp_live *live, const struct nfp_vlan *vlan,
			    struct nfp_err *err);

/* news (live_news.c) */
int nfp_live_news(void *ctx, struct nfp_host_news *ret_news, struct nfp_err *err);
int nfp_live_pf_read(struct nfp_live *live, struct nfp_pf_now *ret_pf, struct nfp_err *err);
/* The PF before and after a change of ours: its promiscuity may follow (a driver without a unicast
 * filter). */
void nfp_live_expect_promisc(struct nfp_live *live, const struct nfp_pf_now *before,
			     const struct nfp_pf_now *after);
/* A new ladder begins, with the PF as it was at the start of the run. */
void nfp_live_expect_afresh(struct nfp_live *live);

/*
 * On a port of a Linux bridge the run's addresses are entered in the bridge's FDB on
 * that very port, so that no guest's tap sees the stream. @vlan: ports that are VLAN children of
 * the PF count for their VLAN; vid 0: the PF itself.
 */
int nfp_live_enter_bridge(struct nfp_live *live, const struct nfp_vlan *vlan, struct nfp_err *err);

#endif
