/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run_priv.h - what the files of src/app share. */
#ifndef NFPROBE_RUN_PRIV_H
#define NFPROBE_RUN_PRIV_H

#include "nfprobe/record.h"
#include "nfprobe/app.h"

/* The source of this run's frames. */
struct nfp_run_source {
	const struct nfp_source_row *row; /* NULL: not found yet */
	struct nfp_netdev sender;
	struct nfp_mac mac;
	struct nfp_ladder_source from;	 /* for the result */
	struct nfp_codec codec;		 /* ops NULL: test frames as they are */
	struct nfp_peer_link *peer;	 /* to a reflector; NULL: none */
	struct nfp_netdev second_sender; /* a sibling that also sends broadcast; ifindex 0: none */
	const struct nfp_vf_info *sibling; /* sender, or second sender; NULL: neither is one */
	/* For nfp_runner_config. How a NIC treats such a frame may depend on where it enters. */
	enum nfp_answer unregistered;
};

/* For a ladder, as in nfp_runner_config. */
struct nfp_addresses {
	struct nfp_mac main, first, spare[NFP_SPARE_ADDRESSES];
};

#define NFP_STORE_DIR	  "/var/lib/nfprobe" /* --save without =DIR */
#define NFP_SAVE_NAME_LEN 160		     /* of a file or folder in it */

/* Where the result of a run goes; a zero folder is none. */
struct nfp_save {
	int folder; /* of the device, open; -1: none */
	char *path; /* owned */
};

struct nfp_run {
	const struct nfp_request *request;
	const struct nfp_run_io *io;
	struct nfp_result *result;
	struct nfp_topology topology;
	const struct nfp_pf *pf;
	struct nfp_frame_id id;
	struct nfp_lock *lock;
	struct nfp_lock **held; /* of VFs, and of --mac; owned */
	size_t num_held;
	struct nfp_backend *backend;
	struct nfp_frame_accounting *accounting;
	struct nfp_stream *near; /* of a neighbour on the NIC; NULL: not open */
	struct nfp_frame_accounting *near_accounting;
	bool near_sibling;    /* it is prepared */
	struct nfp_mac *pool; /* every address that the run uses; the first stays unregistered */
	size_t num_pool;
	uint64_t num_groups; /* drawn so far */
	struct nfp_run_source source;
	struct nfp_save save;
	struct nfp_recorder *recorder; /* NULL: the run is not recorded */
	struct nfp_sysroot root;       /* this host's */
	uint64_t start_ns, deadline_ns;
	uint64_t settle_ns;	    /* --settle, or what the PF's driver needs */
	bool undone;		    /* something was undone on this PF already */
	bool begun;		    /* the VF was prepared: its result is kept */
	struct nfp_earlier earlier; /* for nfp_runner_config */
};

/* -- run.c -- */
struct nfp_netdev nfp_netdev_named(int ifindex, const char *ifname);
struct nfp_netdev nfp_source_pf(const struct nfp_run *run);
bool nfp_run_stop(void *run); /* struct nfp_run *: has a signal arrived? */
/* Tells the recorder, and whoever runs it. @run: struct nfp_run * */
void nfp_run_tell(void *run, const struct nfp_event *event);
void nfp_run_warn(struct nfp_run *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * A VF whose restore failed was restored in the final pass: corrects the errors already recorded,
 * @err and those of VFs. Pure.
 */
void nfp_restored_after_all(struct nfp_result *result, struct nfp_err *err);

/* -- save.c -- */
/*
 * Opens DIR/BUS-DEVICE, and makes both folders if they are not there. To be called before anything
 * is changed, since it finds out whether a file can be made there. As root, refuses a folder that
 * another user can write to. 0 or -errno (NFP_E_OUTPUT); end it with nfp_save_close in any case.
 */
int nfp_save_open(const char *dir, const char *bus, const char *parentdev,
		  struct nfp_save *ret_save, struct nfp_err *err);
/* Writes the result there as --json does, to a new file, whole or not at all. 0 or -errno
 * (NFP_E_OUTPUT); -EEXIST: there is one of this name, which stays. */
int nfp_save_write(const struct nfp_save *save, const struct nfp_result *result,
		   struct nfp_err *err);
void nfp_save_close(struct nfp_save *save);

/* Why a style cannot be probed on this PF; false: it can. @size bytes in @buf. */
bool nfp_style_is_redundant(const struct nfp_run *run, enum nfp_style style, char *buf,
			    size_t size);

/* -- select.c: what is probed, with which addresses -- */
/* Reads the topology, finds the PF in it, and decides run->settle_ns. */
int nfp_run_read_host(struct nfp_run *run, struct nfp_err *err);
/* Reads the host and selects the VF; refuses a PF or a source that cannot be used. */
int nfp_run_select(struct nfp_run *run, struct nfp_err *err);
/* Fills result->vf with the one that is named, or an idle one, and with what the topology says of
 * it. -EBUSY with NFP_E_VF_IN_USE: any was asked for, and none is idle. */
int nfp_select_vf(struct nfp_run *run, struct nfp_err *err);
/*
 * Refuses --mac with an address that is in use on this host (NFP_E_MAC_IN_USE). The VF may have
 * it: the run clears it before the first step, and restores it.
 */
int nfp_check_mac(const struct nfp_run *run, struct nfp_err *err);
/* Random, locally administered, unicast; none that a netdev of the topology has. */
int nfp_pool_fill(struct nfp_run *run, struct nfp_err *err);
/* The last addresses of the pool are those of the windows of a neighbour. */
#define NFP_NEAR_ADDRESSES 3U
/* The addresses of the ladder in this style. */
struct nfp_addresses nfp_pool_pick(const struct nfp_run *run, enum nfp_style style);

/* -- candidate.c -- */
enum nfp_port {
	NFP_PORT_OTHER,
	NFP_PORT_SAME,
	NFP_PORT_UNKNOWN, /* possibly the same; the kernel does not say */
};
/* Does @link, a netdev of hardware, use the same port of the NIC as the PF? Pure. */
enum nfp_port nfp_port_shared(const struct nfp_topology *topology, const struct nfp_pf *pf,
			      const struct nfp_link *link);
/*
 * Two PFs with the same number must not be probed at the same time: they share a port, or may, and
 * one that is promiscuous could take what is meant for the other; or they are of one device, which
 * has one lock. @ret_ports: one for each PF of the topology. Pure.
 */
void nfp_ports_find(const struct nfp_topology *topology, size_t ret_ports[]);

/* Does @link send through @lower, itself included, as a VLAN, macvlan or bridge does? Pure. */
bool nfp_sends_through(const struct nfp_topology *topology, const struct nfp_link *link,
		       const struct nfp_link *lower);
#define NFP_CANDIDATES_MAX 64
/*
 * Refuses a netdev that is down, without carrier, or a port of a master. @verb: what it cannot do,
 * "send"; @instead: what the user can do, "name another". Pure.
 */
int nfp_link_refuse(const struct nfp_link *link, const char *verb, const char *instead,
		    struct nfp_err *err);
/*
 * Why this netdev cannot be a source on the wire of @pf: 0 when it can, -EXDEV when the only
 * objection is that it shares the PF's port of the NIC. Pure.
 */
int nfp_source_refuse(const struct nfp_topology *topology, const struct nfp_pf *pf,
		      const struct nfp_link *link, struct nfp_err *err);
/*
 * -ENOLINK when @mac, which answered as @name, belongs to a VF of the PF (in a guest, say): its
 * frames would pass for frames from the wire. Pure.
 */
int nfp_source_refuse_inside(const struct nfp_topology *topology, const struct nfp_pf *pf,
			     const char *name, const struct nfp_mac *mac, struct nfp_err *err);
/* The netdevs that auto has send a hello, in order; returns how many (@max at most). Pure. */
size_t nfp_source_candidates(const struct nfp_topology *topology, const struct nfp_pf *pf,
			     const struct nfp_link *ret_links[], size_t max);
/* The first netdev that @link sends through and that possibly shares the PF's port; NULL: none.
 * Pure. */
const struct nfp_link *nfp_source_maybe_inside(const struct nfp_topology *topology,
					       const struct nfp_pf *pf,
					       const struct nfp_link *link);
bool nfp_is_probed(const struct nfp_result *result, unsigned int vf);
/* A sibling that can send: idle, with a host driver, not probed itself, nor M of vf-bridge:M. NULL:
 * none. */
const struct nfp_vf_info *nfp_source_sibling(const struct nfp_run *run);
/* The VF of this PF that @from names by its number or netdev; NULL: none. */
const struct nfp_vf_info *nfp_source_named_vf(const struct nfp_run *run,
					      const struct nfp_from *from);
/* Does a source send from this VF, as far as is known? */
bool nfp_is_source(const struct nfp_run *run, const struct nfp_vf_info *vf);
/* The VF for a standby that is on a second VF: M of vf-bridge:M, or the first that is idle, has a
 * host driver, is not probed, and sends for no source so far. NULL: none. */
const struct nfp_vf_info *nfp_via(const struct nfp_run *run);

/*
 * -- hold.c: the locks that a run has beside that of its PF, until nfp_hold_end. Nobody waits for
 * one, so two runs cannot block each other. --
 */
/*
 * The VFs that are to be probed, and --mac. A VF through which another run sends is in use. -EBUSY
 * (NFP_E_LOCKED): another run tests with this address.
 */
int nfp_hold_tested(struct nfp_run *run, struct nfp_err *err);
/* Each VF that @link sends through. -EBUSY (NFP_E_LOCKED): another run probes one of them. */
int nfp_hold_source(struct nfp_run *run, const struct nfp_link *link, struct nfp_err *err);
void nfp_hold_end(struct nfp_run *run);

/* -- source.c: where frames enter -- */
/* Can netdevs and VFs that --from and --style name be what they are to be, as far as is known
 * before anything is sent or changed? */
int nfp_source_check(const struct nfp_run *run, struct nfp_err *err);
/* As nfp_hello: which of them does the PF hear? @num: NFP_CANDIDATES_MAX at most. */
int nfp_source_hello(const struct nfp_frame_id *id, const struct nfp_vlan *vlan,
		     const struct nfp_pf *pf, const struct nfp_link *const links[], size_t num,
		     bool ret_heard[NFP_CANDIDATES_MAX], struct nfp_err *err);
/*
 * Finds run->source, and adds it to the result's settings: sends hellos, asks neighbours and
 * reflectors. auto takes the first source of the table that is available. @vlan: of the VF.
 */
int nfp_source_find(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err);
/* Before the ladders: prepares a sibling. */
int nfp_source_begin(struct nfp_run *run, struct nfp_err *err);
/* Unicast frames per second that a run sends from this source. */
unsigned int nfp_source_rate(const struct nfp_run *run, const struct nfp_source_row *row);

/* -- near.c: the wire of a neighbour on the NIC -- */
/* Can the source play the guest that is elsewhere, as far as is known? A netdev can; auto counts as
 * one, since it looks for one first. False: there will be no windows. */
bool nfp_near_possible(const struct nfp_run *run);
/*
 * Opens it for a ladder, and fills *ret_test. Where there can be
 * none it says why; that is no failure. A sibling is prepared first.
 */
int nfp_near_begin(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_near_test *ret_test,
		   struct nfp_err *err);
/* Closes it, also after a failure; ret: of the ladder, which takes precedence. */
int nfp_near_end(struct nfp_run *run, int ret, struct nfp_err *err);

/* -- source_arp.c -- */
#define NFP_NEIGHBOURS_ASKED 3 /* by auto; a silent one takes a second */
/* --from arp[:IP] */
int nfp_source_arp(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err);
/* auto: a gateway or another neighbour that answers; -ENOLINK: there is none. */
int nfp_source_arp_auto(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err);
/* The neighbours on the PF's segment that would be asked, gateways first. */
int nfp_source_neighbours(const struct nfp_run *run, const struct nfp_vlan *vlan,
			  struct nfp_neighbours *ret_neighbours, struct nfp_err *err);

/* -- source_peer.c: a reflector on another host -- */
/* Asks for it and makes it the source. -ENOLINK (NFP_E_NO_SOURCE): none answers. */
int nfp_source_peer(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err);
/* After the ladders: does it still answer? Warns if not. */
void nfp_source_peer_after(struct nfp_run *run);

/* -- vf.c -- */
/*
 * Prepares the VF for the first step: driver unbound, and without --mac's address if it had it.
 * *ret_vlan: the VLAN of its ladders.
 */
int nfp_begin_vf(const struct nfp_run *run, const struct nfp_vf_result *vf,
		 struct nfp_vlan *ret_vlan, struct nfp_err *err);
/* Probes the VF of the result, which is restored when this returns. A failure that does not concern
 * the VF alone is returned, as a signal or --timeout is. */
int nfp_probe_vf(struct nfp_run *run, struct nfp_err *err);

/* -- walk.c: the styles of a run, one after the other -- */
/* Is the style asked for, or may it be tested as a remedy? */
bool nfp_may_test(const struct nfp_run *run, enum nfp_style style);
/* .. and is a ladder of it due now? A remedy is, if it is worth it and there is time. */
bool nfp_style_is_due(const struct nfp_run *run, enum nfp_style style);
/* How long all ladders take where nothing is slow, and with all @remedies at most, ns. */
uint64_t nfp_run_estimate(const struct nfp_run *run, bool remedies);

#endif
