/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - writes results, lists, plans, events and messages, each in its format.
 */
#ifndef NFPROBE_REPORT_H
#define NFPROBE_REPORT_H

#include <stdio.h>
#include <jansson.h>

#include "audit/audit.h"
#include "audit/watch.h"
#include "probe/probe.h"
#include "net/owner.h"
#include "cli/request.h"
#include "verdict/result.h"
#include "traffic/sources.h"
#include "change/host.h"
#include "base/fields.h"
#include "verdict/verdict.h"
#include "base/base.h"
#include "traffic/stream.h"

/*
 * tables: for each key of JSON, the member of struct nfp_result and the forms that contain it.
 * --json and --json-stream use these tables (src/report/result_fields.c), and "make schemas" makes
 * their schemas from them.
 */

/* The forms of a result. */
#define NFP_IN_JSON  0x1U  /* --json, and pieces of it in --json-stream */
#define NFP_IN_BEGIN 0x40U /* events of --json-stream: what a run is */
#define NFP_IN_END   0x80U /* events of --json-stream: how a run, a VF or a style ended */

extern const struct nfp_table nfp_result_table, nfp_run_table, nfp_pf_table, nfp_style_table,
	nfp_step_table, nfp_transition_table, nfp_error_table;

struct nfp_outline_line {
	unsigned int depth; /* 0: a heading */
	bool command;	    /* never wrapped, so that it can be copied */
	char *text;	    /* owned */
};

/* Zero is empty. */
struct nfp_outline {
	struct nfp_outline_line *lines; /* owned */
	size_t num;
};

/* Appends a line; copies @command. */
void nfp_outline_add(struct nfp_outline *outline, unsigned int depth, const char *fmt, ...)
	NFP_PRINTF(3, 4);
void nfp_outline_command(struct nfp_outline *outline, unsigned int depth, const char *command);
void nfp_outline_fini(struct nfp_outline *outline);

/* listing: what --list shows: PFs and VFs as a topology has them, with what other programs need. */

/* Why values are not known: an object with a reason for each key. */
#define NFP_NEEDS_NET_ADMIN "needs CAP_NET_ADMIN" /* the reason, if only privileges are missing */

struct nfp_listed_vf {
	const struct nfp_vf_info *vf; /* borrowed from the topology */
	struct nfp_mac address;	      /* zero: it has none, or one that a run released */
	bool have_vlan;
	unsigned int vlan;
	/* IFLA_VF_LINK_STATE_* as a name. NFP_LINK_UNKNOWN: the driver does not report it. */
	enum nfp_vf_link {
		NFP_LINK_AUTO,
		NFP_LINK_ENABLE,
		NFP_LINK_DISABLE,
		NFP_LINK_UNKNOWN
	} link;
	unsigned int mtu; /* of its netdev in our own namespace; 0: it has none */
	char driver_version[NFP_TEXT_LEN];
	/* From nfp_net_driver_find, loaded or not. */
	char net_driver[NFP_TEXT_LEN], net_driver_version[NFP_TEXT_LEN];
	bool hands_over; /* its driver gives it to a guest or a process, or keeps it from others */
	json_t *unread;	 /* NULL: everything was read; owned */
};

struct nfp_listed_pf {
	const struct nfp_pf *pf; /* borrowed from the topology */
	uint64_t settle_ns;
	struct nfp_strv not_with; /* the PFs that must not be probed at the same time */
	json_t *unread;		  /* NULL: everything was read; owned */
	struct nfp_listed_vf *vfs;
	size_t num_vfs;
};

/* A way by which frames of a netdev leave the host (struct nfp_way); the names are borrowed. */
struct nfp_listed_way {
	const char *ifname;
	bool known, have_vlans;
	struct nfp_strv vlans;
	struct nfp_listed_bridge {
		const char *ifname, *in, *out; /* in: NULL if it begins there */
	} bridges[NFP_HOPS_MAX];
	size_t num_bridges;
};

/* A netdev of our own namespace, as far as it says where a guest's frames go. */
struct nfp_listed_netdev {
	const struct nfp_link *link; /* borrowed from the topology */
	const char *lower, *master,
		*mode; /* borrowed; NULL: it has none. The mode is a macvlan's */
	bool up, carrier;
	bool elsewhere; /* the device below is in another network namespace */
	/* The VLANs of a bridge port, or of a bridge, as "7" or "100-199", and its
	 * PVID (0: none). */
	struct nfp_strv tagged, untagged;
	unsigned int pvid;
	const char *port_state; /* NULL: it is no bridge port, or that is not known */
	bool snoops;		/* groups go only where they were joined */
	bool netfilter;
	struct nfp_rx_handler rx_handler;
	struct nfp_listed_way *ways; /* borrowed from the listing */
	size_t num_ways;
};

/* The command that a list proposes next; app decides it. */
struct nfp_next {
	enum nfp_next_what {
		NFP_NEXT_NOTHING,
		NFP_NEXT_RESTORE,   /* an interrupted run has left a VF */
		NFP_NEXT_PROBE,	    /* the first idle VF of a PF that is not refused */
		NFP_NEXT_PROBE_ANY, /* the caller cannot see whether a VF is idle */
		NFP_NEXT_SET_UP,    /* a PF that is refused for nothing else */
		NFP_NEXT_CREATE,    /* VFs, since there are none */
	} what;
	const struct nfp_pf *pf;
	const struct nfp_vf_info *vf; /* NFP_NEXT_PROBE */
};

/* Zero is empty. */
struct nfp_listing {
	struct nfp_topology topology;	   /* all PFs of the host */
	struct nfp_listed_netdev *netdevs; /* owned; topology.num_links of them, in that order */
	struct nfp_listed_way *ways;	   /* owned */
	size_t num_ways;
	bool have_vlans; /* the VLANs of ports were read */
	json_t *unread;	 /* NULL: everything was read; owned */
	char kernel[NFP_TEXT_LEN];
	bool unprivileged;	   /* the caller may not probe */
	struct nfp_err no_run;	   /* why no run is possible from here; NFP_E_NONE: one is */
	struct nfp_listed_pf *pfs; /* the PFs to show */
	size_t num_pfs;
	struct nfp_next next;
	int exit_status;
};
/* Shows all PFs of the topology, which it takes over, or only number @pf if that is not below 0.
 * Sets all that the topology says; the rest is zero. */
void nfp_listing_init(struct nfp_listing *listing, const struct nfp_topology *topology, ssize_t pf);
/* Adds who takes the frames of each netdev. @uppers: of other network namespaces; NULL: these were
 * not read, so that a user may be unknown. */
void nfp_listing_handlers(struct nfp_listing *listing, const struct nfp_uppers *uppers);
/* Adds the VLANs of bridge ports. @vlans: of each port in ascending order. */
void nfp_listing_vlans(struct nfp_listing *listing, const struct nfp_port_vlan *vlans, size_t num);
/* Adds where the frames of each netdev leave the host. @own: has the VLANs, if these were added. */
void nfp_listing_ways(struct nfp_listing *listing, const struct nfp_netns *own);
void nfp_listing_fini(struct nfp_listing *listing);

/*
 * report: renders what others have decided.
 *
 * The functions flush the stream and return 0, or the negative errno of writing to it (-EIO if
 * errno was not set).
 */

struct nfp_report_opts {
	bool color;
	unsigned int columns; /* of the terminal; 0: unlimited (80 is assumed for tables) */
	bool quiet;	      /* only the lines of the verdicts */
	bool verbose;	      /* also the counts */
	bool next;	      /* end with what to do with the verdict next */
	/* The folder that keeps the result; "": the usual store; NULL: none does. */
	const char *saved;
	bool unchanged; /* an error ended a run that had changed nothing */
};

/* Is @fd a terminal that understands escape sequences? Not if TERM=dumb. */
bool nfp_report_is_terminal(int fd);
/* Derives the options from the request, the environment, and the terminal if @fd is one. */
struct nfp_report_opts nfp_report_opts_for(const struct nfp_request *request, int fd);
/* Takes over the size of the terminal @fd, which may have changed. */
void nfp_report_resize(struct nfp_report_opts *opts, int fd);

int nfp_report_text(const struct nfp_result *result, const struct nfp_report_opts *opts, FILE *out);
/* Writes a struct nfp_result. */
int nfp_report_json(const void *result, FILE *out);
/* Writes a document of --list or --audit: a json_t, which stays the caller's. */
int nfp_report_document(const void *root, FILE *out);

/* Writes an event for the user as one JSON object per line, flushed. @unix_ms: now. */
int nfp_report_event(const struct nfp_event *event, int64_t unix_ms, FILE *out);

/* Writes the changes that a run would make. */
int nfp_report_outline(const struct nfp_outline *outline, const struct nfp_report_opts *opts,
		       FILE *out);

int nfp_report_list_text(const struct nfp_listing *listing, const struct nfp_report_opts *opts,
			 FILE *out);
/* Return a document as a new reference, which is the caller's. NULL: out of memory. @error: why
 * nothing was found out; NULL or empty: something was. */
json_t *nfp_report_list_json(const struct nfp_listing *listing, const struct nfp_err *error);

int nfp_report_audit_text(const struct nfp_audit *audit, const struct nfp_report_opts *opts,
			  FILE *out);
json_t *nfp_report_audit_json(const struct nfp_audit *audit, const struct nfp_err *error);
/* --way: the guests of an audit. */
int nfp_report_way_text(const struct nfp_audit *audit, const struct nfp_report_opts *opts,
			FILE *out);
json_t *nfp_report_way_json(const struct nfp_audit *audit, const struct nfp_err *error);
/* --watch on a terminal: the counts so far, in place of the last @drawn lines. Returns how many
 * lines there are now. */
unsigned int nfp_report_watch_live(const struct nfp_watched_way *watch, unsigned int drawn,
				   uint64_t left_ns, const struct nfp_report_opts *opts, FILE *out);
void nfp_report_watch_erase(unsigned int drawn, FILE *out);
int nfp_report_watch_text(const struct nfp_watched_way *watch, const struct nfp_report_opts *opts,
			  FILE *out);
json_t *nfp_report_watch_json(const struct nfp_watched_way *watch, const struct nfp_err *error);

/* Writes "nfprobe: message\nhint\n", wrapped to the terminal, and the command to try on a line of
 * its own, which is not wrapped. */
int nfp_report_error(const struct nfp_err *err, const struct nfp_report_opts *opts, FILE *out);

/* Writes "nfprobe: warning: sentence\n", wrapped to the terminal. */
int nfp_report_warning(const char *sentence, const struct nfp_report_opts *opts, FILE *out);

/* Writes "+ command\n": a change that is about to be made. Never wrapped. */
int nfp_report_change(const char *command, FILE *out);

/* Write a reflector's plan, and the command for the other host; then its report. */
int nfp_report_reflect_start(const struct nfp_reflector_config *config,
			     const struct nfp_report_opts *opts, FILE *out);
int nfp_report_reflect_end(const struct nfp_reflector_report *report,
			   const struct nfp_report_opts *opts, FILE *out);

/* Writes what --restore did, one line per VF or change, or "nothing to undo". */
int nfp_report_restore(const struct nfp_restore_report *report, const struct nfp_report_opts *opts,
		       FILE *out);

/*
 * progress: a run while it goes on, in one line that is drawn anew whenever something happens,
 * until the result takes its place. It is cut to the terminal's @columns (0: not known).
 */
struct nfp_progress;
struct nfp_progress *nfp_progress_new(void);
void nfp_progress_free(struct nfp_progress *progress);
/* Takes an event, at @now_ns of CLOCK_MONOTONIC. Returns true if there is something to draw. */
bool nfp_progress_event(struct nfp_progress *progress, const struct nfp_event *event,
			uint64_t now_ns);
void nfp_progress_draw(struct nfp_progress *progress, unsigned int columns, uint64_t now_ns,
		       FILE *out);
/* Wipes what was drawn, if anything, from a terminal that may have another size by now. */
void nfp_progress_clear(struct nfp_progress *progress, unsigned int columns, FILE *out);
/* Writes "nfprobe: macvtap ok so far (29 s)\n", where there is no terminal. */
int nfp_progress_so_far(const struct nfp_progress *progress, const struct nfp_style_result *style,
			uint64_t now_ns, FILE *out);

/*
 * recorder: writes all frames of a run, sent and received, to a pcapng file, in the order in which
 * they were accounted for.
 *
 *   section      the program (shb_userappl), the kernel (shb_os), the host (shb_hardware), and a
 *                comment about the clock: times are CLOCK_MONOTONIC plus its difference to
 *                CLOCK_REALTIME at the start of the run
 *   interfaces   one for the sender, one for the PF, one for each netdev and address at the VF:
 *                name, address, nanoseconds
 *   packets      outbound at the sender, and at PF and VF (announcements, MLD reports); inbound at
 *                PF and VF. Those that count have their sequence number as epb_packetid
 *   statistics   one, of the first interface, at the end: for the comments after the last packet
 *
 * A comment is on the first packet after the event, or at the end on the statistics of the first
 * interface. It is a line for people: "nfprobe", a word, and what happened. Times are seconds since
 * 1970, as those of packets:
 *
 *   ladder   the VF, the style, the source, and the addresses under test
 *   step     its name, and the address before its change
 *   change   a command: "ip link set eth0 vf 3 mac 02:.."
 *   watch    the step, and since when it is watched; again: anew
 *   window   the step, and the time whose frames decide
 *   unsent   the number of a packet that was not sent after all
 *   end      the verdict
 *   omitted  at the end: how many frames that count for nothing were left out
 *
 * All functions are called by the thread that pumps the wire.
 */

struct nfp_recorder;

/* The host of the recording; borrowed for the call. */
struct nfp_recorder_host {
	const char *hostname, *kernel, *machine; /* as uname(2) has them */
	struct nfp_clock_pair clock;		 /* both clocks at the same moment */
};

/* Opens the file (output.h). 0 or -errno (NFP_E_OUTPUT). */
int nfp_recorder_open(const char *path, const struct nfp_recorder_host *host,
		      struct nfp_recorder **ret_recorder, struct nfp_err *err);

/* Notes that frames are sent from @sender and received at @pf from now on. */
struct nfp_recorder_stream {
	const char *sender, *pf; /* names of the netdevs */
	struct nfp_mac sender_mac, pf_mac;
	const char *what; /* the kind of sender, in a few words */
	unsigned int vf;
};
void nfp_recorder_stream(struct nfp_recorder *recorder, const struct nfp_recorder_stream *stream);

/* Returns the tap for struct nfp_stream_config. */
struct nfp_tap nfp_recorder_tap(struct nfp_recorder *recorder);
/* Records when which step began, and each change as a command, for struct nfp_events. @recorder may
 * be NULL. */
void nfp_recorder_event(void *recorder, const struct nfp_event *event);
/* 0, or -errno if nothing more is written; returns each failure only once. */
int nfp_recorder_failure(struct nfp_recorder *recorder);

/*
 * Puts the file in place. A run that was refused before it could send leaves none. Frees @recorder
 * (NULL is allowed). 0 or -errno (NFP_E_OUTPUT).
 */
int nfp_recorder_close(struct nfp_recorder *recorder, struct nfp_err *err);

#endif
