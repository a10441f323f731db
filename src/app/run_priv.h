/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run_priv.h - what the files of src/app share. */
#ifndef NFPROBE_RUN_PRIV_H
#define NFPROBE_RUN_PRIV_H

#include "report/report.h"
#include "probe/probe.h"
#include "run.h"
#include "roles.h"
#include "search.h"

/* The source of this run's frames. */
struct nfp_run_source {
	const struct nfp_source_row *row; /* NULL: not found yet */
	struct nfp_netdev sender;
	struct nfp_mac mac;
	struct nfp_ladder_source from;	 /* as the result has it */
	struct nfp_codec codec;		 /* ops NULL: test frames as they are */
	struct nfp_peer_link *peer;	 /* to a reflector; NULL: none */
	struct nfp_peer_frame welcome;	 /* the frame by which the reflector welcomed the run */
	struct nfp_netdev second_sender; /* another VF that also sends broadcast; ifindex 0: none */
	/* For nfp_runner_config. A NIC may treat such a frame differently, depending on where it
	 * enters. */
	enum nfp_answer unregistered;
	/* The wire to the standby and the VF: one of the two, while it is open. */
	struct nfp_stream *stream;
	struct nfp_dry_wire *dry_wire;
	/* Owned, from the first time that the wire is open. */
	struct nfp_frame_accounting *accounting;
};

/* The addresses of a ladder, as in nfp_runner_config. */
struct nfp_addresses {
	struct nfp_mac main, first, spare[NFP_SPARE_ADDRESSES];
};

#define NFP_STORE_DIR	  "/var/lib/nfprobe" /* --save without =DIR */
#define NFP_SAVE_NAME_LEN 160		     /* length of a file or folder name in it */

/* The place at which the result of a run is saved. */
struct nfp_save {
	int folder;    /* the folder of the device, open; -1: none */
	char *path;    /* owned */
	char *crowded; /* why somebody should prune it; NULL: there is no need; owned */
};

/* A dry run, and what it has written so far. */
struct nfp_dry {
	struct nfp_outline *out;
	const struct nfp_run *run;
	const struct nfp_runner_config *ladder;
	uint64_t now_ns;     /* the clock of its wires */
	unsigned int depth;  /* of the next command */
	const char *heading; /* of the next command; NULL: it is written */
};

struct nfp_run {
	const struct nfp_request *request;
	const struct nfp_run_io *io;
	struct nfp_dry *dry; /* --dry-run: change and send nothing; NULL: a run */
	struct nfp_result *result;
	struct nfp_err err; /* why the run ends */
	struct nfp_topology topology;
	const struct nfp_pf *pf;
	struct nfp_found found;	  /* what the wire and the host have shown about the roles */
	struct nfp_roles roles;	  /* who plays them */
	struct nfp_uppers uppers; /* netdevs of other network namespaces; owned */
	/* VLANs of the PF's bridge port, with --guest-vlan; owned. */
	struct nfp_port_vlan *port_vlans;
	size_t num_port_vlans;
	struct nfp_frame_id id;
	char id_text[2 * NFP_RUN_ID_LEN + 1]; /* the run's id in hexadecimal */
	struct nfp_lock *lock;
	struct nfp_lock **locks; /* locks beside that of the PF (journal.h); owned */
	size_t num_locks;
	struct nfp_backend *backend;
	bool begun;	      /* the VF was prepared, so that its result is kept */
	struct nfp_vlan vlan; /* the VF's VLAN in the run */
	struct nfp_run_source source;
	struct nfp_mac *pool; /* every address that the run uses; the first stays unregistered */
	size_t num_pool;
	uint64_t num_groups; /* multicast groups drawn so far */

	struct nfp_style_result *style; /* the style under test */
	struct nfp_netdev port;		/* the standby's port, a second VF; ifindex 0: the PF */
	struct nfp_mac port_mac;
	char via[16]; /* the name of @port, "vf:1" */

	struct nfp_save save;
	struct nfp_recorder *recorder; /* NULL: the run is not recorded */
	uint64_t start_ns, deadline_ns;
	uint64_t settle_ns;	    /* what --settle says, the drivers need, or the NIC took */
	uint64_t network_ns;	    /* the same for the network; not shorter */
	bool undone;		    /* something was already undone on this PF */
	struct nfp_earlier earlier; /* for nfp_runner_config */
};

/* -- run_util.c -- */
struct nfp_netdev nfp_netdev_named(int ifindex, const char *ifname);
struct nfp_netdev nfp_source_pf(const struct nfp_run *run);
/*
 * Returns the address from which the PF sends, and at which it receives what is sent to it alone.
 * On a member of a bond the run has an address of its own: the other members have the PF's, and a
 * frame from it would move the host's address at the switch once another member is active.
 */
const struct nfp_mac *nfp_own_address(const struct nfp_run *run);
/* Returns why nothing leaves by the standby's port in a ladder of this style. NULL: frames do
 * leave. */
const char *nfp_run_why_silent(const struct nfp_run *run, enum nfp_style style);
bool nfp_run_stop(void *run); /* True once a signal has arrived. @run: struct nfp_run * */
/* Emits an event to the recorder and the user. @run: struct nfp_run * */
void nfp_run_emit(void *run, const struct nfp_event *event);
void nfp_run_warn(struct nfp_run *run, const char *fmt, ...) NFP_PRINTF(2, 3);
/* Takes a lock, @shared or not, and keeps it until the run is over. Never waits for a lock, so that
 * two runs cannot block each other. */
int nfp_run_lock(struct nfp_run *run, const char *what, bool shared, struct nfp_err *err);
/* Draws @len random bytes. 0 or -EIO. */
int nfp_draw_id(void *ret_id, size_t len, struct nfp_err *err);

/* -- run.c -- */
/* Notes in the result what was undone of an earlier run. */
void nfp_note_restore(struct nfp_run *run, const struct nfp_restore_report *report);
/*
 * Corrects the errors recorded so far, @err and that of the VF, when a VF whose restore failed was
 * restored in the final pass. Pure.
 */
void nfp_restored_after_all(struct nfp_result *result, struct nfp_err *err);

/* -- dry.c -- */
/* Listens, as in struct nfp_events. @dry: struct nfp_dry * */
void nfp_dry_event(void *dry, const struct nfp_event *event);
void nfp_dry_source(const struct nfp_run *run);
void nfp_dry_style(const struct nfp_run *run, enum nfp_style style);
/* Ends the outline. @result: of the run, and of a VF that cannot be probed. */
void nfp_dry_end(struct nfp_dry *dry, const struct nfp_result *result);

/* -- save.c -- */
/*
 * Opens DIR/BUS-DEVICE, and makes both folders if they do not exist. Call it before anything is
 * changed, since it finds out whether a file can be made there. As root, refuses a folder that
 * another user can write to. 0 or -errno (NFP_E_OUTPUT); end it with nfp_save_close in any case.
 */
int nfp_save_open(const char *dir, const char *bus, const char *parentdev,
		  struct nfp_save *ret_save, struct nfp_err *err);
#define NFP_SAVE_NUMBER_MAX 999999999U
/* Numbers the result, and writes it to a new file as --json does, whole or not at all. 0 or -errno
 * (NFP_E_OUTPUT): it then has no number. -EEXIST: a file has this name, and stays. */
int nfp_save_write(const struct nfp_save *save, struct nfp_result *result, struct nfp_err *err);
void nfp_save_close(struct nfp_save *save);

/* -- select.c: what is probed, in which styles, with which addresses -- */
/* Reads the topology and the VLANs of the PF's port, and finds the PF in it. */
int nfp_run_read_host(struct nfp_run *run, struct nfp_err *err);
/* Reads the host and selects the VF; refuses a PF or a source that cannot be used. */
int nfp_run_select(struct nfp_run *run, struct nfp_err *err);
/* Selects the same VF once more, by what the topology says now. */
void nfp_select_vf_again(struct nfp_run *run);
/* Returns what the roles of this run follow from, valid as long as the run. */
struct nfp_roles_input nfp_run_roles_input(const struct nfp_run *run);
/* Returns the roles in a ladder of this style. */
struct nfp_roles nfp_run_roles(const struct nfp_run *run, enum nfp_style style);
/* Looks whether this host, as it is, can build the standby of the style for the VF. As
 * nfp_style_is_possible. */
enum nfp_answer nfp_style_can_be_built(const struct nfp_run *run, enum nfp_style style,
				       char why[NFP_NOTE_LEN]);
/* True if the user asked for the style, or it may be tested as a fix. */
bool nfp_may_test(const struct nfp_run *run, enum nfp_style style);
/* True if a ladder of the style is due now. A fix is, if it is worth it and there is time. */
bool nfp_style_is_due(const struct nfp_run *run, enum nfp_style style);
/* True if the style cannot be probed on this PF. Writes why to @buf. */
bool nfp_style_is_redundant(const struct nfp_run *run, enum nfp_style style, char *buf,
			    size_t size);
/* Returns the row of the driver that a run binds to its VF. */
const struct nfp_driver *nfp_vf_driver(const struct nfp_run *run);
/* Estimates how long all ladders take if nothing is slow, in ns; with all @fixes at most. The
 * source may not be known yet. */
uint64_t nfp_run_estimate(const struct nfp_run *run, bool fixes);
/* Returns the time after which a run without --timeout ends, by its estimate with all fixes. */
uint64_t nfp_run_limit(uint64_t estimate_ns);
/*
 * Refuses --mac with an address that is in use on this host (NFP_E_MAC_IN_USE). The VF may have
 * it: the run clears it before the first step, and restores it.
 */
int nfp_check_mac(const struct nfp_run *run, struct nfp_err *err);
/* Draws the addresses: random, locally administered, unicast, and of no netdev of the topology. */
int nfp_pool_fill(struct nfp_run *run, struct nfp_err *err);
/* Picks the addresses of the ladder in this style. */
struct nfp_addresses nfp_pool_pick(const struct nfp_run *run, enum nfp_style style);

/* -- source.c: where frames enter -- */
/*
 * Finds run->source, and adds it to the result's settings: sends hellos, asks neighbours and
 * reflectors. auto takes the first source of the table that is available.
 */
int nfp_source_find(struct nfp_run *run, struct nfp_err *err);
/* Prepares another VF that sends. Call it before the ladders. */
int nfp_source_begin(struct nfp_run *run, struct nfp_err *err);
/* Opens the wire of the source, to the port where the standby is now. 0 or -errno. */
int nfp_source_open(struct nfp_run *run, struct nfp_err *err);
void nfp_source_close(struct nfp_run *run);
struct nfp_wire nfp_source_wire(const struct nfp_run *run);
/* Warns if a reflector no longer answers. Call it after the ladders. */
void nfp_source_end(struct nfp_run *run);
/* Returns the unicast frames per second that a run sends from this source. */
unsigned int nfp_source_rate(const struct nfp_run *run, const struct nfp_source_row *row);
/* For nfp_runner_config. */
bool nfp_source_on_ovs(const struct nfp_run *run);

/* -- source_arp.c -- */
/* Asks the neighbour of the roles, and notes its reply. 0 or -errno. */
int nfp_arp_question(struct nfp_run *run, struct nfp_err *err);
/* Takes the neighbour of the roles as the source. 0 or -errno. */
int nfp_source_arp(struct nfp_run *run, struct nfp_err *err);
/* Lists the neighbours on the PF's segment that would be asked, gateways first. */
int nfp_source_neighbours(const struct nfp_run *run, struct nfp_neighbours *ret_neighbours,
			  struct nfp_err *err);

/* -- guest_vlan.c -- */
/* Reads the VLANs of the PF as a port of a bridge, with --guest-vlan. 0 or -errno. */
int nfp_port_vlans_read(struct nfp_run *run, struct nfp_err *err);
/* Set how a ladder and the stream test --guest-vlan, and what hinders that, as far as the source is
 * known. */
void nfp_tag_ladder(const struct nfp_run *run, struct nfp_runner_config *config);
void nfp_tag_stream(const struct nfp_run *run, struct nfp_stream_config *config);

/* -- style.c: the ladders -- */
/* Prepares another VF that sends, and opens the stream. */
int nfp_styles_begin(struct nfp_run *run);
/* Tests the style, and resets the host. A failure that ends the run is in run->err; so is a signal
 * or --timeout. */
int nfp_style_test(struct nfp_run *run, enum nfp_style style);
/* Looks for what the ladders have left in hardware, and closes the stream. Returns @ret, that of
 * the ladders. */
int nfp_styles_end(struct nfp_run *run, int ret);
void nfp_emit_verdict(struct nfp_run *run, const struct nfp_style_result *style);

#endif
