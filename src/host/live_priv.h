/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_HOST_LIVE_PRIV_H
#define NFPROBE_HOST_LIVE_PRIV_H

#include "nfprobe/host.h"

#define NFP_CARRIER_MS 10000 /* igbvf needs 2 to 4 s */
#define NFP_NETDEV_MS  30000 /* iavf waits for its PF */
#define NFP_REPORT_MS  10000 /* i40e and ice do not report a VF while they reset it */

/* The state of the PF, as far as other processes may change it. */
struct nfp_pf_now {
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
	struct nfp_nl *notify;	      /* for the caller's poll, read by nfp_live_news */
	struct nfp_nl *await;	      /* for waits in this namespace */
	struct nfp_nl *await_private; /* .. and in the private one */
	struct nfp_restore_report report;
	struct nfp_strv warnings;
	struct nfp_pf_now pf_start;  /* at the start of the run, */
	struct nfp_pf_now pf_expect; /* .. and as last reported in this ladder */
	struct nfp_live_vf vf;
	bool held;		       /* the standby has X on the PF, */
	struct nfp_change held_change; /* .. by an FDB entry, a macvlan or promiscuity */
	struct nfp_vlan child_vlan;    /* that the PF lets in, by a child of ours or another's */
	bool has_source;
	unsigned int source;
	struct nfp_vlan source_vlan;
	struct nfp_guard source_guard;
	struct nfp_link source_netdev; /* in the private namespace */
};

extern const struct nfp_host_ops nfp_live_ops;

/* live.c */
/* Is the VF still idle? -ENODEV, or -EBUSY with what is found now in *ret_fresh: no. */
int nfp_live_check_use(struct nfp_live *live, unsigned int vf, struct nfp_vf_info *ret_fresh,
		       struct nfp_err *err);
/* Journals the state of a VF and the settings of its netdevs. -EBUSY (NFP_E_VF_IN_USE): some of
 * these would be lost, and there is no --force. */
int nfp_live_journal_vf(struct nfp_live *live, const struct nfp_vf_state *before, bool source,
			struct nfp_err *err);
/* Restores one VF of the journal, and marks it as done. -errno: what differs. */
int nfp_live_undo_vf(struct nfp_live *live, const struct nfp_journal_vf *entry,
		     struct nfp_err *err);

/* live_ops.c */
int nfp_live_unbind(void *ctx, struct nfp_err *err);
int nfp_live_clear(void *ctx, struct nfp_err *err);
/* Unbinds the VF from @driver (empty: none is bound), and keeps any driver from binding to it. */
int nfp_live_keep_unbound(struct nfp_live *live, const char *driver, struct nfp_err *err);
/* Puts the source, if it is a sibling, into the VLAN of the VF under test. */
int nfp_live_source_in_vlan(struct nfp_live *live, const struct nfp_vlan *vlan,
			    struct nfp_err *err);

/* live_hold.c */
int nfp_live_hold(void *ctx, enum nfp_style style, const struct nfp_mac *mac, struct nfp_err *err);
int nfp_live_release(void *ctx, struct nfp_err *err);
int nfp_live_standby(void *ctx, struct nfp_netdev *ret_netdev);
/* Makes the PF's VLAN filter take the VLAN of the VF under test, as it does for a standby on
 * eth0.100: by a VLAN child of ours, unless there is one. */
int nfp_live_let_vlan_in(struct nfp_live *live, struct nfp_err *err);
/* Deletes our VLAN child. */
int nfp_live_drop_child(struct nfp_live *live, struct nfp_err *err);
/*
 * If the PF is a port of a Linux bridge: adds the run's addresses to the bridge's FDB on that port,
 * so that no guest's tap gets the stream. @vlan: the port is a VLAN child of the PF; vid 0: the PF
 * itself.
 */
int nfp_live_enter_bridge(struct nfp_live *live, const struct nfp_vlan *vlan, struct nfp_err *err);

/* live_news.c */
int nfp_live_news(void *ctx, struct nfp_host_news *ret_news, struct nfp_err *err);
int nfp_live_pf_read(struct nfp_live *live, struct nfp_pf_now *ret_pf, struct nfp_err *err);
/* Adds the differences from pf_expect to @news. Pure. */
void nfp_live_compare_pf(const struct nfp_live *live, const struct nfp_pf_now *now,
			 struct nfp_host_news *news);
/* The PF before and after a change of ours: without a unicast filter in its driver, its promiscuity
 * follows. */
void nfp_live_expect_promisc(struct nfp_live *live, const struct nfp_pf_now *before,
			     const struct nfp_pf_now *after);

#endif
