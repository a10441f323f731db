/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run_priv.h - what the files of src/app share. */
#ifndef NFPROBE_RUN_PRIV_H
#define NFPROBE_RUN_PRIV_H

#include "nfprobe/sources.h"
#include "nfprobe/traffic.h"
#include "nfprobe/netlink.h"
#include "nfprobe/record.h"
#include "nfprobe/app.h"
#include "nfprobe/verdict.h"

/* Where frames of this run enter. */
struct nfp_origin {
	const struct nfp_source_row *row;
	struct nfp_netdev sender;
	struct nfp_mac mac;
	char name[NFP_TEXT]; /* for the report: "eth1", "vf:2", "pf" */
	char note[NFP_NOTE];
	struct nfp_codec codec;		 /* ops NULL: test frames as they are */
	struct nfp_peer_link *peer;	 /* to a reflector; NULL: none */
	bool lost;			 /* it did not answer any more after the last VF */
	struct nfp_netdev second_sender; /* a sibling that sends broadcast, too; ifindex 0: none */
};

/* X of the two ladders of one style. */
struct nfp_addresses {
	struct nfp_mac main, first;
};

struct nfp_run {
	const struct nfp_request *request;
	const struct nfp_run_io *io;
	struct nfp_result *result;
	struct nfp_topology topology;
	const struct nfp_pf *pf;
	struct nfp_frame_id id;
	struct nfp_lock *lock;
	struct nfp_live *live;
	struct nfp_ledger *ledger;
	struct nfp_mac *pool; /* every address that the run uses; the first is the stranger */
	size_t num_pool;
	struct nfp_origin origin;
	bool have_origin;
	struct nfp_recorder *recorder; /* NULL: nothing is written down */
	uint64_t start_ns, deadline_ns;
	enum nfp_answer unregistered; /* for nfp_runner_config */
	uint64_t settle_ns; /* how long a landing must hold: --settle, or what the PF's driver needs
			     */
};

/*
 * The rest of the block asks the kernel for something: how long it waits for that is added to the
 * result. What the thread itself computes meanwhile in user space is not waiting.
 */
struct nfp_lap {
	struct nfp_result *result;
	uint64_t wall_ns, user_ns;
};
struct nfp_lap nfp_lap_begin(struct nfp_result *result);
void nfp_lap_end(struct nfp_lap *lap);
#define NFP_COUNT_WAITING(result) \
	__attribute__((unused, cleanup(nfp_lap_end))) struct nfp_lap lap_ = nfp_lap_begin(result)

bool nfp_run_stop(void *run); /* struct nfp_run *: a signal has come */
void nfp_run_warn(struct nfp_run *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * A VF whose restore failed was restored in the final pass: corrects the errors already recorded,
 * @err and those of VFs. Pure.
 */
void nfp_restored_after_all(struct nfp_result *result, struct nfp_err *err);

/* -- baseline.c: nothing without a baseline -- */
/* May this host be compared with it? -EINVAL (NFP_E_BASELINE). */
int nfp_baseline_check(const struct nfp_run *run, struct nfp_err *err);
/* Makes result->comparison of a result that is complete; its exit status becomes the run's. */
void nfp_baseline_compare(struct nfp_run *run);

/* -- slow.c -- */
/* How long a landing must hold so that nothing of this driver is missed. */
uint64_t nfp_settle_needed(const char *driver);
void nfp_warn_of_settle(struct nfp_run *run);

/* -- select.c: which VFs -- */
/* May the PF be probed, as far as this process is told? As nfp_pf_check. */
int nfp_check_pf(const struct nfp_pf *pf, struct nfp_err *err);
/* Fills result->vfs: those named, or all; each with what the topology says of it. */
int nfp_select_vfs(struct nfp_run *run, struct nfp_err *err);

/* -- port.c -- */
enum nfp_port {
	NFP_PORT_OTHER,
	NFP_PORT_SAME,
	NFP_PORT_UNKNOWN, /* the kernel does not tell, and it may well be */
};
/* Does @link, a netdev of hardware, have the port of the NIC that the PF has? Pure. */
enum nfp_port nfp_port_shared(const struct nfp_topology *topology, const struct nfp_pf *pf,
			      const struct nfp_link *link);

/* -- origin.c: where frames enter -- */
/*
 * Why this netdev cannot be a source on the wire of @pf: 0 when it can, -EXDEV when nothing is
 * against it but that it shares the PF's port of the NIC. Pure.
 */
int nfp_origin_refuse(const struct nfp_topology *topology, const struct nfp_pf *pf,
		      const struct nfp_link *link, struct nfp_err *err);
/* Can --from IFACE be the source, as far as that is known before anything is sent? */
int nfp_origin_check(const struct nfp_run *run, struct nfp_err *err);
/*
 * -ENOLINK when one that answers, as @name and from @mac, is a VF of the PF (a guest has it, say):
 * it would pass for the wire. Pure.
 */
int nfp_origin_refuse_inside(const struct nfp_topology *topology, const struct nfp_pf *pf,
			     const char *name, const struct nfp_mac *mac, struct nfp_err *err);
/* The netdevs that auto asks for a hello, in order; returns how many (@max at most). Pure. */
size_t nfp_origin_candidates(const struct nfp_topology *topology, const struct nfp_pf *pf,
			     const struct nfp_link *ret_links[], size_t max);
/* A sibling that can send: idle, with a host driver, not probed itself. NULL: none. */
const struct nfp_vf_info *nfp_origin_sibling(const struct nfp_pf *pf,
					     const struct nfp_result *result);
/*
 * Decides run->origin, once a run: asks the wire, prepares a sibling. @vlan: of the first VF. auto
 * walks the table of sources and takes the first that there is.
 */
int nfp_origin_find(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err);
struct nfp_netdev nfp_origin_pf(const struct nfp_run *run);

/* -- origin_arp.c -- */
/* --from arp[:IP] */
int nfp_origin_arp(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err);
/* auto: a gateway or another neighbour that answers; -ENOLINK: there is none. */
int nfp_origin_arp_look(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err);
/* Which neighbours on the PF's segment would be asked, gateways first. */
int nfp_origin_neighbours(const struct nfp_run *run, const struct nfp_vlan *vlan,
			  struct nfp_neighbours *ret_neighbours, struct nfp_err *err);

#define NFP_CANDIDATES_MAX   64
#define NFP_NEIGHBOURS_ASKED 3 /* by auto; a silent one takes a second */

/* -- origin_peer.c: a reflector on another host -- */
/* Asks for it and makes it the origin. -ENOLINK (NFP_E_NO_SOURCE): nobody answers. */
int nfp_origin_peer(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err);
/* For the next VF, where it was lost: as nfp_origin_peer, but this very reflector. */
int nfp_origin_peer_again(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err);
/* After a VF: is it still there? Warns when it is not, and keeps what is known of its clock. */
void nfp_origin_peer_after(struct nfp_run *run);

/* -- addresses.c -- */
/*
 * Refuses --mac with an address that somebody on this host has (NFP_E_MAC_IN_USE). A VF that is
 * probed alone may have it: it is taken away before the first step, and put back.
 */
int nfp_check_mac(const struct nfp_run *run, struct nfp_err *err);
/* Random, locally administered, unicast; none that a netdev of the topology has. */
int nfp_pool_fill(struct nfp_run *run, struct nfp_err *err);
/*
 * The addresses of the style of the n-th VF of the result, in the n-th ladder of --repeat, or
 * where that is climbed again in full; after 16 they begin anew.
 */
struct nfp_addresses nfp_pool_pick(const struct nfp_run *run, size_t vf_index, enum nfp_style style,
				   unsigned int round, bool in_full);

/* -- vf.c -- */
/* Unicast frames a second that a run sends from this source. */
unsigned int nfp_rate_from(const struct nfp_run *run, const struct nfp_source_row *row);

/* -- record.c: --write; without it these do nothing -- */
int nfp_record_open(struct nfp_run *run, struct nfp_err *err);
/* Has the stream that is about to be opened written down. */
void nfp_record_stream(struct nfp_run *run, struct nfp_stream_config *config, unsigned int vf);
/* Warns when the file cannot be written any more. */
void nfp_record_check(struct nfp_run *run);
/* When the result is complete; a failure becomes part of it. */
void nfp_record_finish(struct nfp_run *run);

/* Probes one VF in every style asked for; the VF is as before when this returns. */
int nfp_probe_vf(struct nfp_run *run, size_t index, struct nfp_err *err);

#endif
