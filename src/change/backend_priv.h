/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_HOST_LIVE_PRIV_H
#define NFPROBE_HOST_LIVE_PRIV_H

#include "nfprobe/host.h"

/*
 * A ladder reads the counter of a VF some forty times, and each time the kernel asks the driver
 * about all VFs of the PF, under the RTNL lock. In all, that may hold the lock for half a second. A
 * look that takes longer may have waited for another process, so it takes some to know.
 */
#define NFP_CHEAP_NS	  (12 * NFP_NSEC_PER_MSEC)
#define VF_DUMP_BUDGET_NS (100 * NFP_NSEC_PER_MSEC)

/* The state of the PF, as far as other processes may change it. */
struct nfp_pf_now {
	struct nfp_link link;
	uint64_t carrier_downs; /* 0: not known */
};

/* The VF under test. */
struct nfp_backend_vf {
	bool begun;
	struct nfp_vf_state before;
	char driver[NFP_TEXT_LEN];
	struct nfp_vlan vlan; /* the run's */
	struct nfp_guard guard;
	bool assigned;
	bool bound;
	struct nfp_link netdev; /* while bound: in the private namespace */
	bool joined;		/* it has joined a group, */
	struct nfp_mac group;	/* .. this one */
};

struct nfp_backend {
	struct nfp_backend_config config;
	struct nfp_apply apply;
	struct nfp_journal *journal;
	struct nfp_restore_report report;
	struct nfp_strv warnings;
	struct nfp_pf_now pf_start;  /* at the start of the run, */
	struct nfp_pf_now pf_expect; /* .. and as last reported in this ladder */
	struct nfp_backend_vf vf;
	bool held;		       /* the standby has X on the PF, */
	struct nfp_change held_change; /* .. in its filter, by a macvlan or by promiscuity */
	struct nfp_mac shared;	       /* another process has this X there, too; zero: none */
	bool joined;		       /* the PF gets multicast for the standby, */
	struct nfp_change join_change; /* .. by joining the group, or all of them */
	struct nfp_vlan child_vlan;    /* that the PF lets in, by a child of ours or another's */
	bool has_source;
	unsigned int source;
	struct nfp_vlan source_vlan;
	struct nfp_guard source_guard;
	struct nfp_link source_netdev; /* in the private namespace */
	bool cheap;		       /* a look at the VFs took less than NFP_CHEAP_NS; */
	uint64_t dear_ns;	       /* what those took that did not */
};

extern const struct nfp_host_ops nfp_backend_ops;

/* backend.c */
/* Is the VF still idle? -ENODEV, or -EBUSY with what is found now in *ret_fresh: no. */
int nfp_backend_check_use(struct nfp_backend *backend, unsigned int vf,
			  struct nfp_vf_info *ret_fresh, struct nfp_err *err);
/* Journals the state of a VF and the settings of its netdevs. -EBUSY (NFP_E_VF_IN_USE): some of
 * these would be lost, and there is no --force. */
int nfp_backend_journal_vf(struct nfp_backend *backend, const struct nfp_vf_state *before,
			   bool source, struct nfp_err *err);
/* Stands for no address of a VF that is in the journal. */
const struct nfp_mac *nfp_backend_parked(const struct nfp_backend *backend, unsigned int vf);
/* Restores one VF of the journal, and marks it as done. -errno: what differs. */
int nfp_backend_undo_vf(struct nfp_backend *backend, const struct nfp_journal_vf *entry,
			struct nfp_err *err);

/* Notes how long a look at the VFs took, which bounds how often they are looked at. */
void nfp_backend_note_look(struct nfp_backend *backend, uint64_t took_ns);
/* Is that worth it, where no verdict depends on what is seen? */
bool nfp_backend_may_look(const struct nfp_backend *backend);

/* backend_ops.c */
int nfp_backend_unbind(void *ctx, struct nfp_err *err);
int nfp_backend_clear(void *ctx, struct nfp_err *err);
/* Unbinds the VF from @driver (empty: none is bound), and keeps any driver from binding to it. */
int nfp_backend_keep_unbound(struct nfp_backend *backend, const char *driver, struct nfp_err *err);
/* Puts the source, if it is a sibling, into the VLAN of the VF under test. */
int nfp_backend_source_in_vlan(struct nfp_backend *backend, const struct nfp_vlan *vlan,
			       struct nfp_err *err);

/* standby.c */
int nfp_backend_add_standby(void *ctx, enum nfp_style style, const struct nfp_mac *mac,
			    const struct nfp_mac *group, struct nfp_err *err);
int nfp_backend_remove_standby(void *ctx, struct nfp_err *err);
int nfp_backend_standby(void *ctx, struct nfp_netdev *ret_netdev);
/* Makes the PF's VLAN filter take the VLAN of the VF under test, as it does for a standby on
 * eth0.100: by a VLAN child of ours, unless there is one. */
int nfp_backend_add_vlan_child(struct nfp_backend *backend, struct nfp_err *err);
/* Deletes our VLAN child. */
int nfp_backend_delete_vlan_child(struct nfp_backend *backend, struct nfp_err *err);
/*
 * If the PF is a port of a Linux bridge: adds the run's addresses to the bridge's FDB on that port,
 * so that no guest's tap gets the stream. @vlan: the port is a VLAN child of the PF; vid 0: the PF
 * itself.
 */
int nfp_backend_add_bridge_entries(struct nfp_backend *backend, const struct nfp_vlan *vlan,
				   struct nfp_err *err);

/* external.c */
int nfp_backend_external_changes(void *ctx, struct nfp_external_changes *ret_news,
				 struct nfp_err *err);
int nfp_backend_pf_read(struct nfp_backend *backend, struct nfp_pf_now *ret_pf,
			struct nfp_err *err);
/* Adds the differences from pf_expect to @changes. Pure. */
void nfp_backend_compare_pf(const struct nfp_backend *backend, const struct nfp_pf_now *now,
			    struct nfp_external_changes *changes);
/* The PF before and after a change of ours: without a unicast filter in its driver, its promiscuity
 * follows. */
void nfp_backend_expect_promisc(struct nfp_backend *backend, const struct nfp_pf_now *before,
				const struct nfp_pf_now *after);

#endif
