/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result.h - the result of a run: filled by src/run and src/probe, const for src/report. What no
 * packet shows of it is a fact of a recording, too (src/evidence/facts.c).
 *
 * Everything is by value but the lists, which own their elements; nfp_result_fini frees all.
 * An empty string is null in JSON. Times are relative to the start of the run, in nanoseconds,
 * unless the name says otherwise.
 */
#ifndef NFPROBE_RESULT_H
#define NFPROBE_RESULT_H

#include "nfprobe/error.h"
#include "nfprobe/ledger.h"
#include "nfprobe/peer.h"
#include "nfprobe/strv.h"
#include "nfprobe/transition.h"
#include "nfprobe/types.h"

#define NFP_SCHEMA 1
struct nfp_step_result {
	enum nfp_step step;
	enum nfp_status status;
	uint64_t start_ns;			/* the change was asked for */
	uint64_t duration_ns;			/* until the landing was decided */
	uint64_t window_ns;			/* the length of the window that decided */
	struct nfp_count count[NFP_KIND_COUNT]; /* in that window */
	enum nfp_landing landing[NFP_KIND_COUNT];
	uint64_t drops;		    /* frames that the captures lost in this step */
	enum nfp_transmit transmit; /* from standby, its control, to unplug */
	/* What the PF's driver counted for the VF in most of the window; not known of one that has
	 * never counted anything. */
	bool have_vf_rx;
	uint64_t vf_rx_packets, vf_rx_dropped;
	bool vf_counted; /* unicast landed nowhere, and the VF's counter rose with it */
	bool carrier_lost;
	bool changed; /* somebody else changed the host in this step */
	bool leave;   /* skipped with leave: another step stands for it, or it would show nothing */
	bool promiscuous;    /* the PF got frames to addresses that nobody registered, and did not
				before */
	bool unsettled;	     /* the landing still changed when time was up: it decides nothing */
	int errnum;	     /* of a refusal, positive */
	char hint[NFP_NOTE]; /* of a refusal: what it means, what to do; may be empty */
	char note[NFP_NOTE];
};

struct nfp_transition {
	enum nfp_step from, to; /* steps that were made; refused and skipped ones lie between */
	/*
	 * When the change of the step was asked of the kernel (by netlink or sysfs), and when it
	 * had answered (what is waited for behind that, such as carrier, does not count); both 0:
	 * the step changes nothing. A step of several changes: the first, and the last answer.
	 */
	uint64_t asked_ns, answered_ns;
	struct nfp_span ack; /* between them, as this process saw it */
	struct nfp_transition_count count[NFP_KIND_COUNT];
};

struct nfp_repeats;

struct nfp_style_result {
	enum nfp_style style;
	struct nfp_mac address; /* X of the ladder; vf-first has its own unless --mac */
	enum nfp_verdict verdict;
	enum nfp_claim claim;
	enum nfp_release release;
	enum nfp_delivery delivery;
	uint32_t requires;	 /* NFP_REQ_BIT */
	bool allowed;		 /* its verdict is one of --allow */
	bool stopped;		 /* the ladder ended before its last step */
	bool in_full;		 /* each step was watched for the whole settling time */
	bool early_before;	 /* the ladder that was given up before it showed EARLY */
	bool again;		 /* of a ladder that was given up, to be climbed again in full */
	char reason[NFP_REASON]; /* why, and for inconclusive what to try; may be empty when safe */
	/* Of the steps in which the VF has X: dropped in any, ok in all that were made, else
	 * untested. No verdict depends on it. */
	enum nfp_transmit transmit;
	char transmit_note[NFP_TEXT]; /* why untested */
	/* Steps made, skipped or refused, in order; `alone` is absent when it was not needed. */
	struct nfp_step_result steps[NFP_STEP_COUNT];
	size_t num_steps;
	struct nfp_transition transitions[NFP_STEP_COUNT];
	size_t num_transitions;
	/* Of all ladders of the style, of which this is the worst; owned by the result of the VF,
	 * NULL when there was one only. */
	struct nfp_repeats *repeats;
};

/* The step of a style as it was made, skipped or refused; NULL: it has not come to it. */
const struct nfp_step_result *nfp_style_step(const struct nfp_style_result *style,
					     enum nfp_step step);

enum nfp_vf_status {
	NFP_VF_PROBED,
	NFP_VF_IN_USE, /* error says by whom */
	NFP_VF_FAILED,
};

struct nfp_vf_result {
	unsigned int vf;
	char parentdev[NFP_TEXT]; /* "0000:01:10.6" */
	char driver[NFP_TEXT];	  /* the one probed with */
	struct nfp_mac address;	  /* before the run */
	int trust, spoofchk;	  /* 0, 1, -1 unknown */
	struct nfp_vlan vlan;	  /* VST before the run */
	enum nfp_vf_status status;
	struct nfp_style_result styles[NFP_STYLE_COUNT];
	size_t num_styles;
	enum nfp_verdict verdict; /* worst of its styles */
	uint32_t requires;
	struct nfp_err error; /* code NFP_E_NONE: none */
};

/* A version of one part of the firmware, as devlink names it ("fw", "fw.mgmt"). */
struct nfp_fw_version {
	char name[32];
	char running[64], stored[64]; /* empty: the driver does not say */
};
#define NFP_FW_MAX 16

struct nfp_pf_info {
	char ifname[NFP_IFNAMSIZ];
	int ifindex;
	char parentdev[NFP_TEXT];
	char driver[NFP_TEXT];
	char driver_version[NFP_TEXT];
	char firmware[NFP_TEXT]; /* the running one */
	struct nfp_fw_version fw[NFP_FW_MAX];
	size_t num_fw;
	uint16_t vendor, device; /* PCI ids; 0: not PCI */
	unsigned int num_vfs, total_vfs;
	char eswitch_mode[16];	  /* legacy, switchdev; empty: the driver has none */
	unsigned int promiscuity; /* how many want it so (IFLA_PROMISCUITY) */
	char master[NFP_IFNAMSIZ];
	char master_kind[16]; /* bridge, bond, team, openvswitch, ... */
	unsigned int mtu;     /* bytes */
	struct nfp_mac address;
};

struct nfp_settings {
	char from[NFP_TEXT]; /* where frames entered: "eth1", "vf:2", "pf" */
	enum nfp_source source;
	bool have_source;
	char source_note[NFP_NOTE]; /* why auto took it and what it cannot show */
	struct nfp_vlan vlan;
	unsigned int rate; /* unicast frames a second */
	uint64_t settle_ns;
	bool settle_short;
	bool styles[NFP_STYLE_COUNT];
	bool allow[NFP_VERDICT_COUNT];
	bool forced;
	unsigned int repeat;	   /* ladders of each style */
	unsigned int gap_limit_ms; /* 0: none */
};

struct nfp_result {
	/* run */
	uint8_t id[NFP_RUN_ID_LEN];
	int64_t start_unix_ms;
	uint64_t start_ns; /* on CLOCK_MONOTONIC */
	uint64_t duration_ns;
	uint64_t settle_total_ns; /* time spent in windows */
	uint64_t kernel_total_ns; /* time spent waiting for the kernel: bind, carrier, netlink */
	char hostname[NFP_TEXT];
	char kernel[NFP_TEXT];

	struct nfp_pf_info pf;
	struct nfp_settings settings;
	bool have_reflector; /* frames came by one; the two below are of it */
	struct nfp_mac reflector;
	struct nfp_peer_clock reflector_clock;
	struct nfp_vf_result *vfs; /* owned */
	size_t num_vfs;

	bool have_verdict;
	enum nfp_verdict verdict; /* worst of its VFs */
	int exit_status;
	struct nfp_comparison *comparison; /* with a baseline (compare.h), NULL: none; owned */
	struct nfp_strv warnings, changes_seen, left_behind;
	bool changed_host; /* something was changed, so `restored` means something */
	bool restored;
	struct nfp_err error; /* code NFP_E_NONE: none */
};

/* Zeroed result with exit_status 4 and restored true (nothing was changed yet). */
void nfp_result_init(struct nfp_result *result);
void nfp_result_fini(struct nfp_result *result);

#endif
