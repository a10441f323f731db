/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend.h - the real host, as the probe sees it. */
#ifndef NFPROBE_CHANGE_BACKEND_H
#define NFPROBE_CHANGE_BACKEND_H

#include "undo.h"

/*
 * A ladder reads the address of a VF some forty times, and each time the kernel asks the driver
 * about all VFs of the PF, under the RTNL lock. All reads together may hold the lock for half a
 * second. A single slow read may have waited for another process, so that it takes several to call
 * a driver slow.
 */
#define NFP_CHEAP_NS	  (12 * NFP_NSEC_PER_MSEC)
#define VF_DUMP_BUDGET_NS (100 * NFP_NSEC_PER_MSEC)

/* The state of the PF, as far as other processes may change it. */
struct nfp_pf_now {
	struct nfp_link link;
	int bond_active; /* the active member of its bond, as in struct nfp_link; 0: none, or there
			    is no bond */
	unsigned int bond_carriers; /* how many other members of the bond have carrier */
	uint64_t carrier_downs;	    /* 0: not known */
};

/* A VF that the run uses: the one under test, or another idle one. */
struct nfp_backend_vf {
	/* The VF under test: there is something to undo. Another VF: the members below are set. */
	bool begun;
	struct nfp_vf_state before;
	char driver[NFP_TEXT_LEN]; /* the driver that the run binds; empty: it binds none, and the
				      VF keeps its own */
	bool bound;		   /* the driver is bound */
	struct nfp_guard guard;	   /* knows the VF's number and VLAN */
	struct nfp_link netdev;	   /* its netdev in the private namespace, while bound */
	/* For the VF under test only. */
	struct nfp_vlan vlan; /* the run's */
	bool assigned;
	bool joined; /* its netdev has joined @group */
	struct nfp_mac group;
	bool tagged; /* its netdev has the guest's VLAN */
};

struct nfp_backend {
	struct nfp_backend_config config;
	struct nfp_apply apply;
	struct nfp_journal *journal;
	struct nfp_restore_report report;
	struct nfp_strv warnings;
	struct nfp_pf_now pf_start;   /* at the start of the run */
	struct nfp_pf_now pf_expect;  /* as last reported to this ladder */
	struct nfp_rt_dev standby_at; /* the netdev under a standby: the PF, or its bond */
	bool failed_over; /* the bond has failed over, or another member has lost its carrier */
	unsigned int allmulti; /* our part of the PF's count */
	struct nfp_backend_vf vf;
	/* The standby's changes to its port: promiscuity, an entry in the filter, groups (three
	 * for bridge+fdb), and the address of the entry operation. */
	struct nfp_change held[4];
	size_t num_held;
	/* A test MAC that another process has also added there; zero: none. */
	struct nfp_mac shared;
	struct nfp_vlan registered; /* the guest's VLAN, at the PF; vid 0: none */
	/* Our child that registers it; NFP_CHANGE_COUNT: the bridge does. */
	enum nfp_change_kind registered_by;
	/* The VLAN that the PF receives by a child, ours or another's. */
	struct nfp_vlan child_vlan;
	struct nfp_backend_vf siblings[NFP_SIBLINGS];
	bool cheap;	  /* a read of the VFs took less than NFP_CHEAP_NS */
	uint64_t dear_ns; /* how long the slower reads took */
};

extern const struct nfp_host_ops nfp_backend_ops;

/* backend_vf.c */
/* Checks that the VF is still idle. If not: -ENODEV, or -EBUSY with what is found now in
 * *ret_fresh. */
int nfp_backend_check_use(struct nfp_backend *backend, unsigned int vf,
			  struct nfp_vf_info *ret_fresh, struct nfp_err *err);
/* Returns a change of the VF's netdev, which is in the private namespace. */
struct nfp_change nfp_backend_change(const struct nfp_backend_vf *vf, enum nfp_change_kind kind);
/* Journals the state of a VF and the settings of its netdevs. -EBUSY (NFP_E_VF_IN_USE): some
 * settings would be lost, and there is no --force. */
int nfp_backend_journal_vf(struct nfp_backend *backend, const struct nfp_vf_state *before,
			   bool source, struct nfp_err *err);
/* Notes in the kernel log that the run is over, with its VFs. */
void nfp_backend_log_end(const struct nfp_backend *backend);
/* Returns the placeholder of a VF that is in the journal. */
const struct nfp_mac *nfp_backend_placeholder_mac(const struct nfp_backend *backend,
						  unsigned int vf);
/* Returns what an undo in this run needs. */
struct nfp_undo_ctx nfp_backend_undo_ctx(struct nfp_backend *backend);
/* Restores one VF of the journal, and marks it as done. -errno: what differs. */
int nfp_backend_undo_vf(struct nfp_backend *backend, const struct nfp_journal_vf *entry,
			struct nfp_err *err);

/* Notes how long a read of the VFs took, which bounds how often they are read. */
void nfp_backend_note_look(struct nfp_backend *backend, uint64_t took_ns);
/* True if a read is worth it where no verdict depends on it. */
bool nfp_backend_may_look(const struct nfp_backend *backend);

/* backend_ops.c */
int nfp_backend_unbind(void *ctx, struct nfp_err *err);
int nfp_backend_clear(void *ctx, struct nfp_err *err);
/* Unbinds the VF of @guard from @driver (empty: none is bound), and keeps any driver from binding
 * to it. */
int nfp_backend_keep_unbound(struct nfp_backend *backend, const struct nfp_guard *guard,
			     const char *driver, struct nfp_err *err);
/* Moves the netdev of a VF from this namespace into the private one, where it is called @name, and
 * its second one. */
int nfp_backend_move_in(struct nfp_backend *backend, const struct nfp_vf_state *vf,
			const char *name, struct nfp_link *ret_link, struct nfp_err *err);
/* The VF's netdev is in the private namespace: these set it up or down, wait for its carrier, and
 * say where to listen. */
int nfp_backend_set_link(struct nfp_backend *backend, const struct nfp_backend_vf *vf, bool up,
			 struct nfp_err *err);
int nfp_backend_await_carrier(struct nfp_backend *backend, const struct nfp_backend_vf *vf,
			      struct nfp_err *err);
struct nfp_netdev nfp_backend_netdev(const struct nfp_backend *backend,
				     const struct nfp_backend_vf *vf);

/* sibling.c. */
/* Puts the other VFs that are ready into the VLAN of the VF under test. */
int nfp_backend_siblings_in_vlan(struct nfp_backend *backend, const struct nfp_vlan *vlan,
				 struct nfp_err *err);

/* standby.c */
int nfp_backend_entry(void *ctx, const struct nfp_mac *mac, struct nfp_err *err);
int nfp_backend_add_standby(void *ctx, enum nfp_style style, const struct nfp_mac *mac,
			    const struct nfp_mac *group, struct nfp_err *err);
int nfp_backend_remove_standby(void *ctx, struct nfp_err *err);
int nfp_backend_standby(void *ctx, struct nfp_netdev *ret_netdev);
/* Adds the run's own address to the PF, or removes it. */
int nfp_backend_own(struct nfp_backend *backend, bool has, struct nfp_err *err);
/* Makes the PF's VLAN filter pass the VLAN of the VF under test, as a standby on eth0.100 does, by
 * a VLAN child of ours unless there is one. */
int nfp_backend_add_vlan_child(struct nfp_backend *backend, struct nfp_err *err);
/* struct nfp_host_ops. */
int nfp_backend_vlan(void *ctx, enum nfp_receiver at, uint16_t vid, struct nfp_err *err);
int nfp_backend_swallower(void *ctx, uint16_t vid, char name[NFP_TEXT_LEN], struct nfp_err *err);
/* Deletes our VLAN child. */
int nfp_backend_delete_vlan_child(struct nfp_backend *backend, struct nfp_err *err);
/*
 * If the PF is a port of a Linux bridge, adds the run's addresses to the bridge's FDB on that port,
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
/* Updates what is expected after a change of ours, from the PF before and after it: a driver
 * without a unicast filter becomes promiscuous. */
void nfp_backend_expect_promisc(struct nfp_backend *backend, const struct nfp_pf_now *before,
				const struct nfp_pf_now *after);

#endif
